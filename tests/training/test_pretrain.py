import pytest
import torch

from installation.training import pretrain
from installation.training.ship import ship
from installation.training.stream import FIRST

TINY = {"batch": 2, "length": 64, "width": 32, "layers": 1, "vocabulary": 700, "held": 1}


@pytest.fixture(scope="module")
def tokenizer_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("state")
    pretrain.Run(pretrain.Plan(steps=6, **TINY), folder)
    return folder / "tokenizer"


def begin(folder, tokenizer_folder, **changes):
    folder.mkdir(exist_ok=True)
    if not (folder / "tokenizer").exists():
        (folder / "tokenizer").symlink_to(tokenizer_folder)
    return pretrain.Run(pretrain.Plan(**{"steps": 6, **TINY, **changes}), folder)


def test_the_same_seed_and_steps_give_the_same_weights_also_after_an_interruption(tmp_path, tokenizer_folder):
    whole = begin(tmp_path / "whole", tokenizer_folder)
    whole.train()
    first = begin(tmp_path / "parts", tokenizer_folder)
    for _ in range(3):
        first.once()
    first.save()
    second = begin(tmp_path / "parts", tokenizer_folder)
    assert second.step == 3
    second.train()
    for one, other in zip(whole.model.parameters(), second.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_it_learns(tmp_path, tokenizer_folder):
    run = begin(tmp_path / "run", tokenizer_folder, steps=25)
    before = run.held_loss()
    run.train()
    assert run.held_loss() < before
    assert (tmp_path / "run" / "loss.jsonl").read_text().count("\n") >= 2


def test_a_state_of_another_run_is_refused(tmp_path, tokenizer_folder):
    begin(tmp_path / "run", tokenizer_folder).save()
    with pytest.raises(pretrain.OtherRun, match="another width"):
        begin(tmp_path / "run", tokenizer_folder, width=64)


def test_what_is_shipped_loads_as_anybody_would_load_it(tmp_path, tokenizer_folder):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    run = begin(tmp_path / "run", tokenizer_folder)
    ship(run.model, run.tokenizer, tmp_path / "out")
    model = AutoModelForCausalLM.from_pretrained(str(tmp_path / "out"))
    words = AutoTokenizer.from_pretrained(str(tmp_path / "out"))
    assert model.config.model_type == "gpt2"
    assert words.decode(words.encode(" the sea\n A door")) == " the sea\n A door"


def test_a_noun_counts_more_only_when_it_comes_again():
    assert pretrain.named_again([5, 1, 5, 1, 2, 2], frozenset({5, 2})) == [
        False,
        False,
        True,
        False,
        False,
        True,
    ]


def test_only_weighted_tokens_are_learnt(tmp_path, tokenizer_folder):
    run = begin(tmp_path / "run", tokenizer_folder)
    tokens, weight = run.batch()
    assert set(weight.unique().tolist()) <= {0.0, 1.0, *weight[weight > 1].tolist()}
    assert weight.max() <= run.plan.emphasis * FIRST
    alone = torch.zeros_like(weight)
    alone[0, 20] = 3.0
    other = alone.clone()
    other[0, 20] = 1.0
    with torch.no_grad():
        one, two = (pretrain.loss_of(run.model, tokens, w).item() for w in (alone, other))
    assert one == pytest.approx(two)
