"""A tiny model learns to prefer one word to another, and is held back."""

import json

import pytest
from preferring import lessons, ordinary, tiny

from installation.errors import TrainingError
from installation.show.adapters import lora
from installation.training import preference_card
from installation.training.adapter import dressed, equipped
from installation.training.pairs import Pair
from installation.training.preference import NEEDED, Course, Limits, Measured, PreferenceError
from installation.voice.lora import read_adapter

QUICK = {"rate": 1e-3, "steps": 12, "look": 4, "rank": 4, "batch": 4, "drift": 5.0, "rise": 5.0}


def course(folder, tell=lambda _: None, **changes):
    model, tokenizer = tiny(folder)
    limits = Limits(**(QUICK | changes))
    worn = dressed(model, limits.seed, limits.rank, 2 * limits.rank)
    return Course(worn, tokenizer, lessons(tokenizer, 3, 1), ordinary(tokenizer), limits, tell), tokenizer


def test_the_margin_on_held_out_pairs_grows_and_the_adapter_is_one_that_a_show_reads(tmp_path):
    looks = []
    run, tokenizer = course(tmp_path / "model", looks.append)
    learnt = run.run(lessons(tokenizer, 8, 2))
    assert learnt.before.margin == 0
    assert learnt.before.accuracy == 0.5
    assert learnt.before.loss == pytest.approx(0.6931, abs=1e-4)
    assert [look.step for look in looks] == [4, 8, 12]
    assert learnt.kept == looks[-1]
    assert learnt.kept.margin > looks[0].margin > 0
    assert learnt.kept.accuracy == 1.0
    assert learnt.kept.drift > 0
    pair = Pair("a", "b", "c")
    told = preference_card.Run("tiny", "abc", "installation prefer", run.limits, [pair], [], [pair], learnt)
    preference_card.save(run.model, told, tmp_path / "adapter")
    assert lora(tmp_path / "adapter").rank == 4
    adapter = read_adapter(tmp_path / "adapter")
    assert {name.rpartition(".")[2] for name in adapter.factors} == {"c_attn", "c_fc", "c_proj"}
    assert any(factors.delta().abs().max() > 0 for factors in adapter.factors.values())
    config = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "tiny"
    card = (tmp_path / "adapter" / "README.md").read_text()
    assert "adapter: FOLDER" in card
    assert f"| {learnt.kept.margin:.3f} |" in card
    assert not (tmp_path / "adapter.new").exists()


def test_the_same_seed_learns_the_same(tmp_path):
    kept = []
    for _ in range(2):
        run, tokenizer = course(tmp_path / "model", steps=4)
        kept.append(run.run(lessons(tokenizer, 8, 2)).kept)
    assert kept[0] == kept[1]


def test_a_state_that_drifts_too_far_is_not_kept(tmp_path):
    run, tokenizer = course(tmp_path / "model", drift=1e-5)
    before = run.model.state_dict()
    before = {name: part.clone() for name, part in before.items()}
    learnt = run.run(lessons(tokenizer, 8, 2))
    assert learnt.kept is learnt.before
    assert "it drifted by" in learnt.ended
    assert all((part == before[name]).all() for name, part in run.model.state_dict().items())


def test_ordinary_texts_may_not_suffer(tmp_path):
    run, tokenizer = course(tmp_path / "model", rise=-0.9)
    learnt = run.run(lessons(tokenizer, 8, 2))
    assert learnt.kept is learnt.before
    assert "the loss on ordinary texts rose" in learnt.ended


def test_it_ends_when_the_held_out_pairs_get_no_better(tmp_path):
    run, tokenizer = course(tmp_path / "model", steps=40, look=1, patience=2)
    opposite = [type(one)(one.prompt, one.rejected, one.chosen) for one in lessons(tokenizer, 8, 2)]
    learnt = run.run(opposite)
    assert "had not been better for 2 looks" in learnt.ended
    assert len(learnt.looks) == 2
    assert learnt.kept is learnt.before


def test_an_interrupted_run_keeps_the_best_so_far(tmp_path):
    def tell(look):
        if look.step == 8:
            raise KeyboardInterrupt

    run, tokenizer = course(tmp_path / "model", tell)
    learnt = run.run(lessons(tokenizer, 8, 2))
    assert learnt.ended == "it was interrupted"
    assert learnt.kept.step == 4


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"beta": 0.1}, "beta 0.1 is too small"),
        ({"beta": float("nan")}, "is too small"),
        ({"rate": 0.1}, "rate 0.1 is not above 0 and up to 0.001"),
        ({"steps": 0}, "whole numbers from 1 on"),
    ],
)
def test_limits_that_hold_nothing_back_are_refused(changes, sentence):
    with pytest.raises(PreferenceError, match=sentence):
        Limits(**changes).check()


def test_a_fault_names_the_limit():
    before = Measured(0, 0.69, 0.5, 0.0, 0.5, 0.0, 4.0)
    limits = Limits()
    assert not Measured(5, 0.5, 1.0, 1.0, 1.0, 0.2, 4.05).fault(limits, before)
    assert "rose by 2.5%" in Measured(5, 0.5, 1.0, 1.0, 1.0, 0.2, 4.1).fault(limits, before)
    assert "0.300 nats" in Measured(5, 0.5, 1.0, 1.0, 1.0, 0.3, 4.0).fault(limits, before)


def test_what_is_missing_is_told_with_the_command(monkeypatch):
    equipped("learning", NEEDED)
    monkeypatch.setattr("installation.training.adapter.find_spec", lambda _: None)
    with pytest.raises(TrainingError, match=r"learning needs trl.*pip install 'installation\[train\]'"):
        equipped("learning", NEEDED)


def test_a_folder_with_something_else_is_not_written_over(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("dear")
    with pytest.raises(PreferenceError, match="something else than an adapter"):
        preference_card.may_hold(tmp_path / "letters")
    preference_card.may_hold(tmp_path / "nothing")
