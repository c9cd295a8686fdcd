import json

import pytest
import tiny_models
from tiny_models import END, byte_level, fast, metaspace, steering, voice

from installation.voice.form import Form
from installation.voice.tongue import LibraryTongue


def tongue(tokenizer, prompt_format=None, chat=False):
    return LibraryTongue(tokenizer, len(tokenizer), frozenset({0}), prompt_format, chat)


def context(made):
    """The ids that the voice has read so far."""
    return list(next(iter(made._engine._blend._memories.values())).read)


def test_a_prompt_format_and_a_template_are_obeyed(tmp_path):
    folder = tiny_models.save(tmp_path / "house", "gpt2")
    (folder / "installation.json").write_text(json.dumps({"prompt_format": " {prompt}\n"}))
    made = voice(folder)
    made.steer(steering(prompt="A lamp<|endoftext|>"))
    made.next()
    tokenizer = tiny_models.fast(tiny_models.byte_level())
    assert context(made) == tokenizer.encode(" A lamp\n")

    folder = tiny_models.save(tmp_path / "chat", "llama")
    (folder / "chat_template.jinja").write_text("{% for m in messages %}[{{ m.content }}]{% endfor %}>")
    made = voice(folder)
    made.steer(steering(prompt="A lamp"))
    made.next()
    assert context(made) == tokenizer.encode("[A lamp]>")
    made = voice(folder, chat="off")
    made.steer(steering(prompt="A lamp"))
    made.next()
    assert context(made) == tokenizer.encode("A lamp\n\n")


def test_text_is_encoded_as_it_follows():
    made, tokenizer = tongue(fast(byte_level())), fast(byte_level())
    assert made.encode(" tide", "a") == tuple(tokenizer.encode(" tide"))
    made = tongue(fast(metaspace()))
    assert "".join(map(made.piece, made.encode(" tide", "a"))) == " tide"


def test_what_a_visitor_wrote_is_no_special_token():
    made = tongue(fast(byte_level()))
    for text in (END, "<|end" + END + "oftext|>", "a" + END):
        assert 0 not in made.prompt(text, 50)[1:]
        assert 0 not in made.encode(text, "")


@pytest.mark.parametrize("prompt_format", [None, " {prompt}\n"])
@pytest.mark.parametrize("prompt", ["", "The tide", "The tide comes in. " * 99, "夜" * 200])
def test_a_prompt_is_never_empty_and_never_too_long(prompt_format, prompt):
    made = tongue(fast(byte_level()), prompt_format)
    ids = made.prompt(prompt, 40)
    assert 0 < len(ids) <= 40
    if prompt_format:
        assert made.piece(ids[-1]).endswith("\n")


def test_pieces_and_stops():
    made, tokenizer = tongue(fast(byte_level())), fast(byte_level())
    (dot,) = tokenizer.encode(".")
    (letter,) = tokenizer.encode("b")
    half = tokenizer.encode("夜")[0]
    assert made.stops(dot)
    assert not made.stops(letter)
    assert made.piece(half) == ""
    assert made.piece(0) == ""


@pytest.mark.parametrize(
    ("prompt_format", "template", "as_read"),
    [
        (None, "", "\n\nA bell.\n\n"),
        (" {prompt}\n", "", "\n A bell.\n"),
        (None, "{% for m in messages %}[{{ m.role }} {{ m.content }}]{% endfor %}>", "][user A bell.]>"),
        (None, "{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}", "\n\nA bell.\n\n"),
    ],
    ids=["raw", "format", "chat", "a template that hides its own turn"],
)  # fmt: skip
def test_what_others_said_has_the_form_that_the_model_knows(prompt_format, template, as_read):
    tokenizer = fast(byte_level())
    tokenizer.chat_template = template or None
    made = tongue(tokenizer, prompt_format, chat=bool(template))
    for heard in ("A bell.", f"A {END}bell."):
        ids = made.heard(heard, "sea.")
        assert tokenizer.decode(ids) == as_read
        assert 0 not in ids


def test_signs_that_a_model_never_says_are_in_no_token_of_its():
    tokenizer = fast(byte_level())
    form = Form("{prompt}\n", never_said=("!", ";"))
    made = LibraryTongue(tokenizer, len(tokenizer), frozenset({0}), "{prompt}\n", chat=False, form=form)
    spelled = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    assert set(made.never) == {at for at, text in enumerate(spelled) if "!" in text or ";" in text}
    assert made.never
