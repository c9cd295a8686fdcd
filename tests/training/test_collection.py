import json
import random
import unicodedata

import pytest

from installation.errors import CorpusError
from installation.training import markdown
from installation.training.cleaning import clean
from installation.training.collection import collect
from installation.training.duplicates import doubles

TIDE = (
    "The tide came up the street and asked for my grandmother by her first name, twice, and nobody answered."
)


def folder(place, **files):
    for name, text in files.items():
        path = place / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            path.write_bytes(text)
        else:
            path.write_text(text, encoding="utf-8")
    return place


def test_a_folder_is_read_with_the_folders_in_it_and_hidden_ones_not(tmp_path):
    folder(
        tmp_path,
        **{
            "b.txt": "Harbour\n\nThe boats sleep.",
            "poems__a.md": "# Ebb\n\nIt *goes* out  \nand [comes](http://x.y) back.",
            ".git__c.txt": "nobody reads this",
            "picture.png": b"\x89PNG\0",
        },
    )
    found = collect(tmp_path)
    assert [(w.place, w.prompt, w.text) for w in found.texts] == [
        ("b.txt", "Harbour", "The boats sleep."),
        ("poems/a.md", "Ebb", "It goes out\nand comes back."),
    ]
    assert found.told == ("picture.png is no text and was passed over",)
    assert found.words == 9


def test_a_line_of_json_is_a_text_with_its_prompt(tmp_path):
    lines = [
        {"text": "Salt.", "prompt": "the sea", "style": "label", "licence": "CC0"},
        {"text": "A lamp is on.", "topic": "lamp"},
    ]
    file = tmp_path / "all.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)) + "\n\n", encoding="utf-8")
    one, other = collect(file).texts
    assert (one.prompt, one.style, one.licence, one.place) == ("the sea", "label", "CC0", "all.jsonl:1")
    assert (other.prompt, other.text) == ("lamp", "A lamp is on.")


def test_a_licence_holds_in_its_folder_and_in_those_in_it(tmp_path):
    folder(
        tmp_path,
        LICENSE="Creative Commons Legal Code\n\nCC0 1.0 Universal\n…",
        **{
            "a.txt": "One sentence here.",
            "mine__licence.txt": "all rights with the estate of A. B.\n",
            "mine__b.txt": "Another one, over there.",
            "mine__c.md": "---\nlicense: CC BY-SA 4.0\nsource: notebook 3\n---\nAnd a third thing entirely.",
        },
    )
    found = {work.place: work for work in collect(tmp_path).texts}
    assert {place: work.licence for place, work in found.items()} == {
        "a.txt": "CC0 1.0",
        "mine/b.txt": "all rights with the estate of A. B.",
        "mine/c.md": "CC BY-SA 4.0",
    }
    assert found["mine/c.md"].source == "notebook 3"
    assert found["mine/c.md"].text == "And a third thing entirely."


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.txt", b"", r"not a word stands in .*; write something"),
        ("a.pdf", b"%PDF", r"there is no text in .*; put \.txt, \.md or \.jsonl"),
        ("a.txt", b"\x89PNG\0\0", r"a\.txt is no text, whatever its name says"),
        ("a.txt", "grün".encode("utf-16"), r"a\.txt is in UTF-16; save the file as UTF-8"),
        ("a.txt", b"one\ntwo\ngr\xfcn", r"a\.txt:3: this line is not UTF-8"),
        (
            "a.jsonl",
            b'{"text": "x"}\n{"text": ',
            r"a\.jsonl:2: this line is no JSON .*; write one object a line",
        ),
        ("a.jsonl", b'["x"]', r'a\.jsonl:1: this line is no object with a "text"'),
        ("a.jsonl", b'{"text": "x", "prompt": 3}', r'a\.jsonl:1: "prompt" is no text'),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path, name, data, said):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(CorpusError, match=said):
        collect(tmp_path)


def test_what_is_not_there_or_no_text_is_told(tmp_path):
    with pytest.raises(CorpusError, match=r"there is no folder or file .*nowhere"):
        collect(tmp_path / "nowhere")
    (tmp_path / "song.mp3").write_bytes(b"ID3")
    with pytest.raises(CorpusError, match=r"save it as \.txt, \.md or \.jsonl"):
        collect(tmp_path / "song.mp3")


def test_a_text_is_cleaned():
    assert clean("\ufeffun cafe\u0301\r\n\r\n\r\n\r\n  it\u00a0is\x07 \t here \u200b\x0cnew") == (
        "un café\n\nit is here\n\nnew"
    )
    assert unicodedata.is_normalized("NFC", clean("e\u0301"))
    assert clean("👩\u200d🎨") == "👩\u200d🎨"


def test_markdown_becomes_what_is_read_aloud():
    text = """<!-- not this -->
Setext
------
A **bold _and_ soft** line that
flows on, 2 \\* 3, `code`, snake_case_name, a [link](http://x.y "z"), ![a gull](g.png).

- first
- second [^1]

> quoted **here**

| a | b |
|---|---|
| c | d |

***
[^1]: a note
[ref]: http://nowhere
"""
    assert clean(markdown.plain(text)) == (
        "Setext\n\nA bold and soft line that flows on, 2 * 3, code, snake_case_name, a link, a gull.\n\n"
        "first\nsecond\n\nquoted here\n\na b\n\nc d\n\na note"
    )


def test_a_text_counts_once_also_where_it_is_nearly_the_same(tmp_path):
    long = " ".join(f"{TIDE} It was the {n}th time." for n in ("four", "five", "six", "seven"))
    folder(tmp_path, **{"a.txt": long, "b.txt": long.replace("six", "nine"), "c.txt": long, "d.txt": TIDE})
    found = collect(tmp_path)
    assert [work.place for work in found.texts] == ["a.txt", "d.txt"]
    assert found.told == (
        "c.txt stands twice and was taken once",
        "b.txt is nearly another text and was dropped",
    )


def test_what_is_alike_is_found_as_by_comparing_all():
    rng = random.Random(3)
    words = [f"w{n}" for n in range(60)]
    texts = [" ".join(rng.choices(words, k=rng.randrange(1, 40))) for _ in range(60)]
    for text in texts[:40]:
        said = text.split()
        said[rng.randrange(len(said))] = "else"
        texts.append(" ".join(said))
    shingles = [{tuple(t.split()[i : i + 3]) for i in range(max(1, len(t.split()) - 2))} for t in texts]
    kept, expected = [], {}
    for n, mine in enumerate(shingles):
        same = next((k for k in kept if len(mine & shingles[k]) >= 0.8 * len(mine | shingles[k])), None)
        if same is None:
            kept.append(n)
        else:
            expected[n] = same
    assert expected
    assert doubles(texts) == expected
