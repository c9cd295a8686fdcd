import pytest
import tiny_models
from hypothesis import given, settings
from hypothesis import strategies as st

from installation.voice.detokenise import LONGEST, UNFINISHED, Held, after, detokeniser, specials

MAKERS = {
    "byte level": tiny_models.byte_level, "metaspace": tiny_models.metaspace, "word piece": tiny_models.word_piece
}  # fmt: skip
LETTERS = "ab éß 東京の夜 Приветши 😀👩‍👩‍👧🇫🇷 नमस्ते שלום \n.,!?'"
texts = st.one_of(st.text(max_size=80), st.text(LETTERS, max_size=200))


@pytest.fixture(scope="module", params=MAKERS)
def tokenizer(request):
    return tiny_models.fast(MAKERS[request.param]())


def read(reader, ids):
    held, pieces = Held(), []
    for token in ids:
        held, piece = reader.step(held, token)
        assert len(held.tokens) <= LONGEST + 1
        assert len(held.bytes) < 4
        pieces.append(piece)
    return pieces


def whole(tokenizer, ids):
    special = specials(tokenizer)
    return tokenizer.decode([i for i in ids if i not in special], clean_up_tokenization_spaces=False)


@settings(max_examples=120, deadline=None)
@given(texts)
def test_the_pieces_are_the_whole(tokenizer, text):
    ids = tokenizer.encode(text, add_special_tokens=False)
    pieces = read(detokeniser(tokenizer), ids)
    assert "".join(pieces) == whole(tokenizer, ids)
    if UNFINISHED not in text:
        assert not any(UNFINISHED in piece for piece in pieces)


@pytest.mark.parametrize("maker", [tiny_models.byte_level, tiny_models.metaspace])
@settings(max_examples=60, deadline=None)
@given(text=texts)
def test_what_was_written_is_read(maker, text):
    made = tiny_models.fast(maker())
    text = " ".join(text.split()).replace(tiny_models.END, "")
    ids = made.encode(text, add_special_tokens=False)
    if made.unk_token_id not in ids:
        assert "".join(read(detokeniser(made), ids)) == whole(made, ids)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 399), max_size=120))
def test_any_bytes_at_all_read_as_they_decode(ids):
    made = tiny_models.fast(tiny_models.byte_level())
    ids.append(made.convert_tokens_to_ids("a"))  # ends what hangs in the air
    assert "".join(read(detokeniser(made), ids)) == whole(made, ids)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 290), max_size=200))
def test_any_tokens_at_all_are_bounded_work(tokenizer, ids):
    ids = [i % len(tokenizer) for i in ids]
    assert "".join(read(detokeniser(tokenizer), ids)) is not None


def test_a_character_of_many_tokens_comes_at_its_last(tokenizer):
    ids = tokenizer.encode("a 夜", add_special_tokens=False)
    pieces = read(detokeniser(tokenizer), ids)
    assert not any("夜" in piece for piece in pieces[:-1])
    assert pieces[-1].endswith("夜") or tokenizer.unk_token_id in ids


def test_the_state_of_a_past_token_can_be_gone_back_to(tokenizer):
    reader = detokeniser(tokenizer)
    ids = tokenizer.encode("The tide comes in, naïve café. " * 4, add_special_tokens=False)
    pieces = read(reader, ids)
    for at in (1, len(ids) // 2, len(ids) - 1):
        assert reader.step(after(reader, ids[:at]), ids[at])[1] == pieces[at]
