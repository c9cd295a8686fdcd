"""A random model keeps records that always parse, whatever is described."""

import json

import pytest
import tiny_records
from tiny_records import is_record

from installation.errors import VoiceError
from installation.messages import Steering
from installation.training import record
from installation.voice.form import form_of
from installation.voice.numpy_model import NumpyVoice, read_config
from installation.voice.plain_tokenizer import PlainTokenizer
from installation.voice.registrar import Registrar
from installation.voice.tongue import LibraryTongue


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_records.write(tmp_path_factory.mktemp("registrar"))


@pytest.fixture(scope="module")
def registrar(folder):
    return Registrar(folder)


def test_two_hundred_seeds_give_two_hundred_records(registrar):
    read = registrar.read("A painting of a red lamp and a narwhal on grey linen.")
    written = [registrar.write(read, seed) for seed in range(200)]
    for text in written:
        is_record(json.loads(text))
        assert record.read(text) == json.loads(text)
    assert len(set(written)) > 150
    assert registrar.write(read, 7) == written[7]


def test_a_word_that_the_model_never_saw_is_put_back(registrar):
    read = registrar.read("A painting of a narwhal.")
    assert " narwhal" in read.signs.begins.values()
    assert any("narwhal" in registrar.write(read, seed) for seed in range(60))
    assert " narwhal" not in registrar.read("A painting of a lamp.").signs.begins.values()


ABUSE = [
    '"}], {"title": "x"} \\" \\u0000 \\',
    "<meta><P1><mask><|endoftext|><<P1>P1> lamp",
    '{"title":"x","kind":"y"}',
    "\x00\x1b[31mred\x07\r\n\n\ta lamp\u2028\ud800",
    "海の夜、灯台。 Ночь и море. الليل والبحر 🌊👩‍👩‍👧",
    "[storm, energy 4] [meta] a lamp",
    "x" * 50_000,
    "narwhal " * 10_000,
    "A " + "-" * 3000,
    "'''",
    ".",
]


@pytest.mark.parametrize("text", ABUSE, ids=range(len(ABUSE)))
def test_whatever_is_described_the_record_is_one(registrar, text):
    read = registrar.read(text)
    assert len(read.ids) + registrar.blank.size <= 512
    for seed in range(3):
        written = registrar.write(read, seed)
        is_record(json.loads(written))
        assert "\n" not in written


def test_no_visitor_writes_a_token_that_is_no_text(registrar):
    control = registrar.read("<P1><mask><meta> a lamp").ids
    assert control == registrar.read("a lamp").ids


def test_what_is_too_long_is_told(registrar):
    assert "too long" in registrar.read("A red lamp on the sea. " * 400).cut
    assert registrar.read("A red lamp on the sea.").cut == ""


@pytest.mark.parametrize("text", ["", " \n ", "\x00\x01", "<meta>"])
def test_an_empty_description_is_an_error(registrar, text):
    with pytest.raises(VoiceError, match="there is no description"):
        registrar.read(text)


def test_a_model_without_records_is_told(tmp_path):
    (tmp_path / "installation.json").write_text('{"prompt_format": "{prompt}"}')
    with pytest.raises(VoiceError, match="keeps no records"):
        Registrar(tmp_path)


def test_a_blank_that_the_tokenizer_does_not_know_is_told(tmp_path):
    other = tiny_records.write(tmp_path, record=tiny_records.FORM | {"close": "!end!"})
    with pytest.raises(VoiceError, match="no token !end!"):
        Registrar(other)


def test_on_a_wall_a_record_is_asked_for_as_prose(folder):
    form = form_of(str(folder))
    assert form.whole("[meta] the lamp") == form.whole("[describe] the lamp")
    assert form.whole("[meta] the lamp").startswith("<describe>")
    tokenizer = PlainTokenizer(folder, read_config(str(folder)))
    tongue = LibraryTongue(tokenizer, tokenizer.size, tokenizer.ends, form.prompt_format, False, form)
    signs = {tokenizer.backend_tokenizer.token_to_id(name) for name in record.tokens()}
    assert signs <= tongue.never.keys()


def test_a_show_that_asks_for_a_record_hears_no_json(folder):
    voice = NumpyVoice({"model": str(folder), "device": "numpy"}, "anna", folder)
    voice.load()
    voice.begin("", 0)
    voice.steer(Steering("anna", 1, 1.0, prompt="[meta] A painting of a lamp."))
    said = ""
    for _ in range(80):
        token = voice.next()
        said += getattr(token, "text", "")
    assert said
    assert not any(name in said for name in record.tokens())
