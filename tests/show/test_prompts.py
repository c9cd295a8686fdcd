import pytest

from installation.errors import ShowErrors
from installation.show.load import load, loads


@pytest.fixture
def written(tmp_path):
    """A show whose one scene has this prompt."""

    def write(prompt):
        (tmp_path / "texts").mkdir(exist_ok=True)
        (tmp_path / "texts" / "ebb.txt").write_text("The tide is out.\n\nStones.\n")
        (tmp_path / "texts" / "flood.txt").write_text("Water.\n")
        signals = "signals: {tide: {from: osc /tide}, say: {from: keys, kind: text}}"
        text = f"title: T\n{signals}\nscenes:\n  a:\n    prompt: {prompt}\n"
        (tmp_path / "show.yaml").write_text(text)
        return load(tmp_path)

    return write


def shares(show):
    return [(share.text, share.weight.text) for share in show.scenes["a"].prompts["voice"]]


MIXED = "{texts/ebb.txt: 1 - tide, texts/flood.txt: tide, the lamp at night: 0.5}"


def test_files_and_texts_are_mixed_by_live_and_constant_weights(written):
    show = written(MIXED)
    told = [("The tide is out.\n\nStones.", "1 - tide"), ("Water.", "tide"), ("the lamp at night", "0.5")]
    assert shares(show) == told
    assert {file.name for file in show.files} == {"show.yaml", "ebb.txt", "flood.txt"}
    listed = "[{prompt: texts/ebb.txt, weight: 1 - tide}, {prompt: texts/flood.txt}]"
    assert shares(written(listed)) == [told[0], ("Water.", "1.0")]


def test_the_text_of_the_show_holds_them_in_full(written, tmp_path):
    show = written(MIXED)
    again = loads(show.text, tmp_path / "elsewhere")
    assert again.scenes["a"].prompts == show.scenes["a"].prompts
    assert (again.text, again.hash) == (show.text, show.hash)


def test_one_alone_is_a_prompt_like_any_other(written):
    assert written("{texts/flood.txt: tide}").scenes["a"].prompts == {"voice": "Water."}
    assert written("{voice: {sea: 1, sand: 2}}").scenes["a"].prompts["voice"][1].text == "sand"


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("{sea: tid, sand: 1}", "prompt.sea: nothing is called tid; did you mean tide?"),
        ("{sea: -1, sand: 1}", "prompt.sea: -1 is out of range; a weight is 0 or more"),
        ("{sea: 0, sand: 1 - 1}", "prompt: every weight is 0, so there is nothing to read"),
        ("{texts/flood.txt: 1, Water.: 1}", "prompt.Water.: this text is mixed with itself"),
        ("{texts/no.txt: 1, sand: 1}", "prompt.texts/no.txt: there is no file texts/no.txt"),
        ("{sea: , sand: 1}", "prompt.sea: nothing stands here"),
        ("{sea: say, sand: 1}", "prompt.sea: say is a text and has no number"),
        ("{sea: [1], sand: 1}", "prompt.sea: a text belongs here"),
        ("{}", "prompt: no prompt stands here"),
        ("[{weight: 1}, {prompt: sea}]", "prompt[1]: the prompt is missing"),
        ("[a, b, c]", "prompt[1]: a map belongs here"),
        ("{a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1}", "prompt: 9 prompts are too many"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(written, prompt, told):
    with pytest.raises(ShowErrors) as wrong:
        written(prompt)
    assert f"show.yaml:5: scenes.a.{told}" in str(wrong.value)


def test_a_wrong_weight_has_no_echo(written):
    with pytest.raises(ShowErrors) as wrong:
        written("{sea: 2 +, sand: 0}")
    assert len(str(wrong.value).splitlines()) == 1
