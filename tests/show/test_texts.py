import pytest

from installation.show import texts
from installation.show.texts import fault, find, read


def put(folder, name, data=b"The tide."):
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def test_the_texts_of_a_folder_stand_in_order_and_what_is_no_text_is_named(tmp_path):
    for name in (
        "mine/b.md",
        "mine/a.TXT",
        "mine/year/1.txt",
        "mine/x.pdf",
        "mine/.hidden.txt",
        "mine/.git/c.txt",
    ):
        put(tmp_path, name)
    found = find("mine", tmp_path)
    assert [file.relative_to(tmp_path).as_posix() for file in found.files] == [
        "mine/a.TXT",
        "mine/b.md",
        "mine/year/1.txt",
    ]
    assert found.others == ("x.pdf",)
    assert find("mine/b.md", tmp_path).files == (tmp_path / "mine" / "b.md",)


@pytest.mark.parametrize(
    ("named", "what", "right"),
    [
        ("nowhere", "there is no folder or file nowhere", "look at its name"),
        ("empty", "there is no text in empty", "put .txt or .md files there"),
        ("x.pdf", "x.pdf is no text", "save it as .txt or .md"),
        (
            "../outside.txt",
            "../outside.txt is not in the show's folder",
            "put the texts beside the show file",
        ),
        ("latin.txt", "latin.txt:2: this line is not UTF-8", "save the file as UTF-8"),
        ("binary.txt", "binary.txt is no text, whatever its name says", "save it as text, in UTF-8"),
        ("blank.txt", "not a word stands in blank.txt", "write something there"),
    ],
)
def test_what_is_wrong_is_a_sentence_and_so_is_what_would_be_right(named, what, right, tmp_path):
    show = tmp_path / "show"
    put(show, "x.pdf")
    put(show, "empty/.keep")
    put(show, "latin.txt", "one\ncafé".encode("latin-1"))
    put(show, "binary.txt", b"a\0b")
    put(show, "blank.txt", b"\xef\xbb\xbf \r\n\n")
    put(tmp_path, "outside.txt")
    assert fault(named, show) == (what, right)


def test_too_much_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(texts, "LARGEST", 1_000_000)
    put(tmp_path, "long.txt", b"tide " * 300_000)
    what = "long.txt holds 2 MB of text"
    assert fault("long.txt", tmp_path) == (what, "at most 1 are read")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_lines_however_they_end(end, tmp_path):
    file = put(tmp_path, "a.txt", f"\ufeffone\u2028half{end}{end}naïve".encode())
    assert read(file) == ["one\u2028half", "", "naïve"]
