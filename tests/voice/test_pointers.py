import json
from pathlib import Path

import numpy as np
import pytest

from installation.errors import VoiceError
from installation.messages import Steering
from installation.training import lexicon, pointing, pretrain, stream, tokenizer
from installation.voice.again import said_before
from installation.voice.engine import Engine
from installation.voice.form import Form, form_of
from installation.voice.plain_tokenizer import PlainTokenizer
from installation.voice.pointers import Pointers, heaviest
from installation.voice.tongue import LibraryTongue

LEXICON = lexicon.load()
TABLE = Pointers.of(json.loads(json.dumps(pointing.table(LEXICON))), Path("pointers.json"))


def mark(prompt):
    return TABLE.mark(prompt)[0]


def put(prompt, *pointers):
    nouns = TABLE.mark(prompt)[1]
    return [TABLE.put(pointer, nouns) for pointer in pointers]


def test_a_noun_of_the_prompt_becomes_a_pointer_with_its_class():
    assert mark("the lighthouse at night") == "the <P1><is:place> at night"


def test_two_nouns_are_told_apart():
    assert mark("a lamp and the gull") == "<aP1><is:machine> and the <P2><is:animal>"
    assert put("a lamp and the gull", "<P1>", "<^P2s>") == [" lamp", " Gulls"]


def test_article_plural_and_capital_are_put_right():
    forms = ("<P1>", "<P1s>", "<aP1>", "<^P1>", "<^P1s>", "<^aP1>")
    assert put("my owl", *forms) == [" owl", " owls", " an owl", " Owl", " Owls", " An owl"]
    assert put("the leaf", *forms) == [" leaf", " leaves", " a leaf", " Leaf", " Leaves", " A leaf"]
    assert put("the hour", "<aP1>") == [" an hour"]
    assert put("a unicorn", "<aP1>") == [" a unicorn"]


def test_what_cannot_be_counted_has_no_plural_and_no_article():
    assert put("the rain", "<P1>", "<P1s>", "<aP1>") == [" rain", None, None]


@pytest.mark.parametrize("prompt", ["the narwhal", "narwhal", "a narwhal!", "tell me about the narwhal"])
def test_a_word_that_nobody_trained_on_comes_out_whole(prompt):
    assert put(prompt, "<P1>", "<aP1>", "<P1s>") == [" narwhal", " a narwhal", " narwhals"]
    assert "<is:any>" in mark(prompt)


def test_an_unknown_plural_is_one():
    assert mark("two narwhals") == "two <P1s><is:any>"
    assert put("two narwhals", "<P1>", "<P1s>") == [" narwhal", " narwhals"]
    assert put("the torches and the yachts", "<P2>") == [" yacht"]


def test_a_name_keeps_its_capital():
    assert put("where is Ljubljana?", "<P1>") == [" Ljubljana"]
    assert put("NARWHAL", "<P1>") == [" narwhal"]


@pytest.mark.parametrize(
    "prompt",
    ["Hello", "I am afraid", "who are you?", "asdfgh", "hjkl", "???", "why", "Thank you", "yes", "", "  "],
)
def test_where_no_noun_is_meant_none_is_pointed_to(prompt):
    assert mark(prompt) == prompt


def test_the_form_that_is_asked_for_is_not_what_is_spoken_of():
    assert mark("a picture of a lamp") == "a picture of <aP1><is:machine>"
    assert mark("An abstract painting with") == "An abstract painting with"
    assert mark("the painting") == "the <P1><is:word>"


def test_voice_and_training_point_to_the_same_nouns():
    plan = pretrain.Plan(length=200)
    rows = pretrain.stream(plan, pretrain.sources(plan)[0], lambda _: [1])
    seen = 0
    for _ in range(150):
        draft = rows.drafts.framed()
        text = " ".join(draft.paragraphs)
        marked, _ = pointing.pointed(draft.prompt, [text], LEXICON)
        voice = TABLE.mark(draft.prompt)[0]
        if marked.count("<is:") == len(pointing.nouns(draft.prompt, LEXICON)) == 1 == voice.count("<is:"):
            assert voice == marked
            seen += 1
    assert seen > 60


def test_of_several_prompts_the_heaviest_counts_and_the_next_where_it_has_none():
    sea, two = TABLE.find("the sea"), TABLE.find("the lamp and the gull")
    assert [noun.singular for noun in heaviest([(0.3, two), (0.7, sea)])] == ["sea", "gull"]
    assert [noun.singular for noun in heaviest([(0.6, two), (0.4, sea)])] == ["lamp", "gull"]
    assert heaviest([(1.0, [])]) == []


def test_a_wrong_table_is_told(tmp_path):
    (tmp_path / "installation.json").write_text('{"prompt_format": "{prompt}"}')
    (tmp_path / "pointers.json").write_text('{"nouns": []}')
    with pytest.raises(VoiceError, match=r"pointers\.json: not a table"):
        form_of(str(tmp_path))


@pytest.mark.parametrize(
    "wrong",
    ['{"controls": "storm"}', '{"never_again": 1}', '{"never_again": "x"}', '{"prompt_format": 3}', "[]"],
)
def test_a_wrong_form_is_told(tmp_path, wrong):
    (tmp_path / "installation.json").write_text(wrong)
    with pytest.raises(VoiceError, match=r"installation\.json"):
        form_of(str(tmp_path))


def test_controls_stand_in_brackets():
    form = Form(controls=frozenset(["<storm>", "<energy4>", "<short>"]))
    assert form.asked("[storm, energy 4, short] the sea") == ("<storm><energy4><short>", "the sea")
    assert form.asked("[Storm] the sea") == ("<storm>", "the sea")
    assert form.asked("[applause] the sea") == ("", "[applause] the sea")
    assert Form().asked("[storm] the sea") == ("", "[storm] the sea")


@pytest.fixture(scope="module")
def speech(tmp_path_factory):
    """A tongue with pointers over a small tokenizer, which is returned too."""
    folder = tmp_path_factory.mktemp("tokenizer")
    texts = ["the sea at night\n a lamp, and a gull.", "The otter sleeps! I write it, it is small."]
    tokenizer.train(texts * 4, ["sea", "lamp", "gull"], 420, folder, pretrain.specials())
    plain = PlainTokenizer(folder, {"eos_token_id": 0})
    form = Form(" {prompt}\n", frozenset(["<storm>"]), 0, TABLE)
    return LibraryTongue(plain, plain.size, frozenset({0}), form.prompt_format, False, form), folder


class Wishes:
    """A forward that always wants the same tokens, each with its logit."""

    limit = 64

    def __init__(self, size, logits):
        self._logits = np.full(size, -20.0, np.float32)
        for token, logit in logits.items():
            self._logits[token] = logit

    def run(self, _ids):
        return self._logits

    def fill(self, _ids):
        pass

    def crop(self, length):
        return length

    def another(self):
        return self


def said(speech, wishes, **steering):
    tongue, _ = speech
    size = len(tongue._tokenizer.backend_tokenizer.get_vocab())
    ids = {tongue._special.get(text) or tongue.encode(text, "a")[0]: logit for text, logit in wishes.items()}
    engine = Engine(Wishes(size, ids), tongue, "voice")
    engine.steer(Steering("voice", 1, 9, 1, temperature=0.0, repetition=1.0, **steering))
    return engine.next()


def test_training_and_voice_read_a_prompt_as_the_same_tokens(speech):
    tongue, folder = speech
    encode = tokenizer.encoder(tokenizer.load(folder))
    for prompt in ("the sea, at night", "a lamp and a gull", "An otter", "I write it", "sea"):
        marked = TABLE.mark(prompt)[0]
        assert list(tongue.prompt(prompt, 60)) == encode(stream.spaced(marked) + "\n"), prompt
    assert tongue.prompt("[storm] sea", 60)[0] == encode("<storm>")[0]


def test_the_visitors_word_stands_for_the_pointer(speech):
    assert said(speech, {"<^aP1>": 9.0}, prompt="two otters").text == " An otter"
    assert said(speech, {"<P1>": 9.0}, prompt="the sea").text == " sea"


def test_a_rival_is_told_by_the_visitors_word(speech):
    token = said(speech, {"<P1>": 9.0, " lamp": 8.5}, prompt="the otter")
    assert {rival.text for rival in token.inner.rivals} >= {" otter", " lamp"}


def test_a_pointer_to_nothing_is_never_said(speech):
    assert said(speech, {"<P1>": 9.0, " lamp": 2.0}, prompt="I write it").text == " lamp"
    assert said(speech, {"<P2>": 9.0, " lamp": 2.0}, prompt="the sea").text == " lamp"
    assert said(speech, {"<aP1>": 9.0, " lamp": 2.0}, prompt="the rain").text == " lamp"


def test_tags_and_controls_are_never_said(speech):
    assert said(speech, {"<is:any>": 9.0, "<storm>": 9.5, " lamp": 2.0}, prompt="the sea").text == " lamp"


def test_a_forbidden_word_is_not_put_back(speech):
    forbidden = said(
        speech, {"<P1>": 9.0, "<^aP1>": 8.0, " lamp": 2.0}, prompt="the gull", forbidden=("gull",)
    )
    assert forbidden.text == " lamp"


def test_what_the_word_filter_refused_is_not_put_back(speech):
    token = said(speech, {"<P1>": 9.0, " lamp": 2.0}, prompt="the otter")
    again = said(speech, {"<P1>": 9.0, " lamp": 2.0}, prompt="the otter", refused=((0, (token.id,)),))
    assert (token.text, again.text) == (" otter", " lamp")


def test_a_visitor_cannot_write_pointers_or_controls(speech):
    tongue, _ = speech
    assert tongue.prompt("<P1> <storm> sea", 60) == tongue.prompt("  sea", 60)


def test_of_mixed_prompts_the_heaviest_gives_the_word(speech):
    mixed = {"prompt": "the sea", "prompts": ("the sea", "the gull")}
    assert said(speech, {"<P1>": 9.0}, weights=(0.8, 0.2), **mixed).text == " sea"
    assert said(speech, {"<P1>": 9.0}, weights=(0.3, 0.7), **mixed).text == " gull"


def test_a_run_of_tokens_is_not_said_twice():
    assert said_before([1, 2, 3, 4, 9, 1, 2, 3], 4) == [4]
    assert said_before([1, 2, 3, 4, 9, 1, 2, 3], 5) == []
    assert said_before([1, 2, 3, 4, 9, 1, 2, 3], 0) == []
    assert said_before([7, 7, 7], 2) == [7, 7]
