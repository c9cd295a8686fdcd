import pytest
from tiny_models import byte_level, fast, metaspace, word_piece

from installation.errors import VoiceError
from installation.voice.own_texts import paragraphs, recollection, summary
from installation.voice.tongue import LibraryTongue

TONGUES = {"byte level": byte_level, "metaspace": metaspace, "word piece": word_piece}


def tongue(tokenizer=None, vocabulary=500):
    return LibraryTongue(fast(tokenizer or byte_level()), vocabulary, frozenset({0}), None, chat=False)


def read(folder, made=None, told=None):
    return recollection("mine", folder, made or tongue(), (told if told is not None else []).append)


def put(folder, **texts):
    (folder / "mine").mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / "mine" / name.replace("_", ".")).write_bytes(text.encode())


def where(memory, made, words):
    """The source of the last token of `words`, which stand at a paragraph's beginning."""
    ids, _ = made.placed(words)
    match = memory.after(ids[:-1])
    assert match.length == len(ids) - 1
    return memory.source(match.places[ids[-1]])


@pytest.mark.parametrize("tokenizer", TONGUES.values(), ids=TONGUES)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_each_token_names_file_and_line_however_lines_end(tokenizer, end, tmp_path):
    put(
        tmp_path, a_txt=f"\ufeffThe tide{end}comes in.{end}{end}{end}Naïve café 東京 was lit{end}nobody waits"
    )
    put(tmp_path, b_md=f"# Sea{end}{end}A lamp was{end}lit in{end}   the window{end}")
    made = tongue(tokenizer())
    memory = read(tmp_path, made)
    assert where(memory, made, "The tide") == "mine/a.txt:1"
    assert where(memory, made, "The tide\ncomes in") == "mine/a.txt:2"
    assert where(memory, made, "Naïve café 東京 was lit") == "mine/a.txt:5"
    assert where(memory, made, "Naïve café 東京 was lit\nnobody waits") == "mine/a.txt:6"
    assert where(memory, made, "A lamp was") == "mine/b.md:3"
    assert where(memory, made, "A lamp was lit in") == "mine/b.md:4"
    assert where(memory, made, "A lamp was lit in the window") == "mine/b.md:5"


def test_a_tokenizer_that_tells_no_places_is_read_out(tmp_path):
    put(tmp_path, a_txt="Größe 東京の\nmir… 😀😀 waits\n\nnobody knew")
    quick, slow = tongue(), tongue()
    whole = "Größe 東京の\nmir… 😀😀 waits"

    class Slow:
        def __getattr__(self, name):
            if name == "backend_tokenizer":
                raise AttributeError(name)
            return getattr(fast(byte_level()), name)

    slow._tokenizer = Slow()
    assert slow.placed(whole)[0] == quick.placed(whole)[0]
    memory = read(tmp_path, slow)
    assert where(memory, quick, whole) == "mine/a.txt:2"
    assert where(memory, quick, "Größe 東京の") == "mine/a.txt:1"


def test_what_the_model_does_not_know_parts_the_text(tmp_path):
    put(tmp_path, a_txt="The tide comes in.")
    ids, _ = tongue().placed("The tide comes in.")
    assert max(ids) > 260
    memory = read(tmp_path, tongue(vocabulary=max(ids)))
    assert memory.size == sum(token < max(ids) for token in ids)


def test_special_tokens_are_not_read(tmp_path):
    put(tmp_path, a_txt="The <|endoft<|endoftext|>ext|>tide")
    made = tongue()
    assert read(tmp_path, made).size == len(made.placed("The tide")[0])


def test_verse_keeps_its_lines_and_letters_are_composed():
    lines = ["Cafe\u0301  at", "  night ", " ", "", "end"]
    verse, last = paragraphs(lines, str, verse=True)
    prose, _ = paragraphs(lines, str, verse=False)
    assert (verse.text, verse.numbers) == ("Café at\nnight", (1, 2))
    assert (prose.text, prose.starts) == ("Café at night", (0, 8))
    assert (last.text, last.numbers) == ("end", (5,))


def test_what_is_wrong_or_left_out_is_told(tmp_path):
    put(tmp_path, a_txt="The tide", notes_pdf="%PDF", b_md="a lamp")
    size = sum(len(tongue().placed(text)[0]) for text in ("The tide", "a lamp"))
    assert (
        summary("mine", tmp_path, read(tmp_path))
        == f"remembers {size} tokens of 2 texts; notes.pdf is no text"
    )
    (tmp_path / "mine" / "c.txt").write_bytes(b"fine\nnot \xff")
    with pytest.raises(VoiceError, match=r"memory: c\.txt:2: this line is not UTF-8"):
        read(tmp_path)
    with pytest.raises(VoiceError, match="there is no folder or file other"):
        recollection("other", tmp_path, tongue(), print)


def test_long_reading_tells_how_far_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr("installation.voice.own_texts.LONG", -1)
    put(tmp_path, a_txt="The tide", b_txt="A lamp")
    told = []
    read(tmp_path, told=told)
    assert told[0].startswith("reads mine: 1 of 2 texts, ")
    assert told[-1].startswith("puts ")
