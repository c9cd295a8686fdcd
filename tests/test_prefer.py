"""From an evening that was really played to an adapter that the show wears."""

import json

import pytest
from evening import Program, tell, write_show
from preferring import texts, tiny
from tiny_models import speak, steering, text_of, voice

from installation import cli, prefer
from installation.archive.recording import Recorder
from installation.messages import Adopt
from installation.training import pairs
from installation.training.pairs import Pair


def run(*arguments):
    return cli.main(["prefer", *map(str, arguments)])


def test_an_audience_claps_over_osc_and_the_pairs_are_there_to_be_edited(tmp_path, capsys):
    port = write_show(tmp_path / "show", ("pace: 12", "pace: 20"))
    liked = "Walking up the sand and back, only the sound stays out tonight."
    words = "The sea at night puts away its colours and nobody looks.\n\n" + liked + "\n\n"
    (tmp_path / "show" / "texts" / "a.txt").write_text(words)
    with Program(tmp_path, "rehearse", "show", "--headless", "--record", "tapes") as program:
        program.until("tonight.")
        tell(port, "/installation/applause")
        program.until("tonight.*tonight.")
        assert program.end() == 0
    (tape,) = (tmp_path / "tapes").iterdir()
    assert run("--pairs-only", tape, "--out", tmp_path / "pairs.jsonl", "--clear", 0.01) == 0
    told = capsys.readouterr().err
    assert "1 applause, 0 keep, 0 skip" in told
    found = pairs.read(tmp_path / "pairs.jsonl")
    assert found
    for pair in found:
        assert pair.prompt == "hello"
        assert {pair.chosen, pair.rejected} <= {liked, words.split("\n\n")[0]}
        assert pair.points[0] > pair.points[1]
        assert tape.name in pair.places[0]


def taught(folder, count=10):
    """A file of pairs in which one way of going on is always liked."""
    found = [Pair("The tide", yes, no, hash="another") for yes, no in texts(count, 5)]
    pairs.write(folder / "pairs.jsonl", found)
    return folder / "pairs.jsonl"


def said(folder, **settings):
    made = voice(folder, **settings)
    made.steer(steering(adapter=settings.get("adapter", "")))
    return text_of(speak(made, 12))


def test_pairs_become_an_adapter_and_the_show_wears_it_and_takes_it_off(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiny(tmp_path / "model")
    assert run("model", taught(tmp_path), "--out", "liked", "--steps", 10, "--rate", 3e-4) == 0
    told = capsys.readouterr().err
    assert "these words are another model's" in told
    assert "8 pairs to learn from, 0 old ones with them, 2 held out" in told
    assert "wear it with adapter: liked" in told
    card = (tmp_path / "liked" / "README.md").read_text()
    assert "installation prefer model" in card
    assert "seed 7" in card
    assert len(pairs.read(tmp_path / "liked" / "pairs.jsonl")) == 10
    plain = said(tmp_path / "model")
    worn = voice(tmp_path / "model", adapter="../liked", adapters=("../liked",))
    worn.steer(steering(adapter="../liked"))
    assert text_of(speak(worn, 12)) != plain
    assert len(pairs.read(tmp_path / "state" / "preferences" / "model.jsonl")) == 10
    new = [Pair("The tide", yes, no) for yes, no in texts(6, 9)]
    pairs.write(tmp_path / "new.jsonl", new)
    assert run("model", "new.jsonl", "--out", "liked", "--steps", 4, "--rate", 3e-4) == 0
    assert "5 pairs to learn from, 6 old ones with them, 1 held out" in capsys.readouterr().err
    assert len(pairs.read(tmp_path / "state" / "preferences" / "model.jsonl")) == 16


def test_where_nothing_is_kept_the_earlier_adapter_stays(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiny(tmp_path / "model")
    (tmp_path / "liked").mkdir()
    (tmp_path / "liked" / "adapter_config.json").write_text("{}")
    monkeypatch.setattr(prefer, "Limits", lambda *a, **k: LIMITS(*a, **k, drift=1e-9))
    assert run("model", taught(tmp_path), "--out", "liked", "--steps", 4) == 1
    assert "nothing was learnt, the earlier adapter stays" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "liked").iterdir()] == ["adapter_config.json"]
    assert not (tmp_path / "state").exists()


LIMITS = prefer.Limits


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["house", "pairs.jsonl"], "say where the adapter shall be: --out"),
        (["house", "pairs.jsonl", "--out", "x", "--beta", "0.1"], "beta 0.1 is too small"),
        (["pairs.jsonl", "--out", "x"], "pairs.jsonl is no model; name one first"),
        (["house", "--out", "x"], "house is neither a recording nor a file of pairs"),
        (["house", "nowhere", "--out", "x"], "nowhere is not a recording"),
        (["house", "few.jsonl", "--out", "x"], "1 pairs are too few"),
        (["house", "pairs.jsonl", "--out", "letters"], "something else than an adapter"),
        (["house", "empty.jsonl", "--out", "x"], "no pair is clear enough"),
        (["openai:gpt", "pairs.jsonl", "--out", "x"], "only the weights of house, a folder"),
        (["silent", "--pairs-only"], "nobody clapped and nothing was marked"),
    ],
)
def test_what_cannot_be_learnt_is_a_sentence(arguments, sentence, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    taught(tmp_path)
    pairs.write(tmp_path / "few.jsonl", [Pair("a", "b", "c")])
    (tmp_path / "empty.jsonl").touch()
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").touch()
    write_show(tmp_path / "show")
    from installation.catalogue import CATALOGUE
    from installation.show.check import read

    recorder = Recorder(tmp_path / "silent", {"title": "Small"})
    show = read(tmp_path / "show", CATALOGUE)
    recorder.write(0.0, Adopt(show.hash, show.text, str(tmp_path), 7))
    recorder.close()
    assert run(*arguments) == 1
    assert sentence in capsys.readouterr().err


def test_without_the_extra_pairs_are_still_written(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("installation.training.adapter.find_spec", lambda _: None)
    assert run("--pairs-only", taught(tmp_path)) == 0
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 10
    assert json.loads(printed[0])["prompt"] == "The tide"
    assert run("house", "pairs.jsonl", "--out", "x") == 1
    assert "pip install 'installation[train]'" in capsys.readouterr().err
