import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent))
import learning

from installation.cli import main
from installation.training.progress import Progress

FAST = ["--threads", "1", "--device", "cpu", "--seed", "3"]
CHILD = """
import sys
from installation.cli import main
from installation.training import run
run.KEPT = 0.0
sys.exit(main(sys.argv[1:]))
"""
"""The command, with a state kept after every step."""


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    return str(learning.write(tmp_path_factory.mktemp("texts") / "texts.jsonl"))


@pytest.fixture(scope="module")
def whole(texts, tmp_path_factory):
    """The folder of a run of eight steps, and its state."""
    folder = tmp_path_factory.mktemp("whole")
    state = str(folder / "state")
    assert main(["train", texts, "--out", str(folder / "out"), "--state", state, "--steps", "8", *FAST]) == 0
    return folder


def weights(folder):
    from safetensors.torch import load_file

    return load_file(folder / "model.safetensors")


def test_what_is_written_loads_as_anybody_would_load_it_and_as_a_voice(whole):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from installation.voice.form import form_of

    out = whole / "out"
    model = AutoModelForCausalLM.from_pretrained(out, dtype=torch.float32)
    words = AutoTokenizer.from_pretrained(out)
    tokens = words(form_of(str(out)).whole("the sea"), return_tensors="pt")
    said = model.generate(**{k: tokens[k] for k in ("input_ids", "attention_mask")}, max_new_tokens=8)
    assert said.shape[1] > tokens["input_ids"].shape[1]
    told = json.loads((out / "training.json").read_text())
    assert told["steps_done"] == 8
    assert told["seed"] == 3
    assert "CC0: 40 texts" in (out / "README.md").read_text()
    assert "</svg>" in (out / "loss.svg").read_text()


def test_a_run_that_is_killed_goes_on_and_comes_to_the_same_weights(texts, whole, tmp_path):
    asked = [
        "train",
        texts,
        "--out",
        str(tmp_path / "out"),
        "--state",
        str(tmp_path / "state"),
        "--steps",
        "8",
        *FAST,
    ]
    log = tmp_path / "state" / "loss.jsonl"
    child = subprocess.Popen([sys.executable, "-c", CHILD, *asked], stderr=subprocess.DEVNULL)
    while not (log.exists() and log.read_text().count("held") >= 2) and child.poll() is None:
        time.sleep(0.005)
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    assert not (tmp_path / "out").exists()
    assert main(asked) == 0
    one, other = weights(whole / "out"), weights(tmp_path / "out")
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_full_disk_is_told_and_leaves_the_state_and_the_model_whole(texts, whole, capsys):
    state, out = whole / "state", whole / "out"
    asked = ["train", texts, "--out", str(out), "--state", str(state), *FAST]
    before = {path: path.read_bytes() for path in (state / "state.pt", out / "model.safetensors")}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
    try:
        assert main([*asked, "--now"]) == 1
        told = capsys.readouterr().err
        from dataclasses import replace

        from installation.training import pretrain
        from installation.training.collection import collect
        from installation.training.own import Own, sized
        from installation.training.run import Run, TrainingError

        collection = collect(Path(texts))
        plan = replace(sized(collection)[0], seed=3, steps=8)
        run = Run(plan, state, Own(plan, collection, state), pretrain.OBJECTIVES[plan.objective]())
        with pytest.raises(TrainingError, match="full; make room and give the same command again"):
            run.save()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "is full; make room and give the same command again: what was kept is whole" in told
    assert all(path.read_bytes() == data for path, data in before.items())
    assert not (state / "state.tmp").exists()
    assert not (out / ".new").exists()


def test_ctrl_c_keeps_what_was_learnt_and_says_how_to_go_on(texts, tmp_path, capsys, monkeypatch):
    from installation.training.run import Run

    once = Run.once

    def pressed(self):
        loss = once(self)
        if self.step == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return loss

    monkeypatch.setattr(Run, "once", pressed)
    state, out = tmp_path / "state", tmp_path / "out"
    asked = ["train", texts, "--out", str(out), "--state", str(state), "--steps", "50", *FAST]
    assert main(asked) == 130
    assert "stopped after step 2, which is kept" in capsys.readouterr().err
    assert not out.exists()
    assert main([*asked, "--now"]) == 0
    assert json.loads((out / "training.json").read_text())["steps_done"] == 2


@pytest.mark.parametrize(
    ("write", "sentence"),
    [
        (lambda file: file.unlink(missing_ok=True), "there is no folder or file"),
        (lambda file: file.write_bytes(b"\0\1\2"), "is no text, whatever its name says"),
        (lambda file: file.write_bytes(b"sea\n\xff\xfe"), "texts.txt:2: this line is not UTF-8"),
        (lambda file: file.write_text(" \n"), "not a word stands in"),
        (lambda file: file.write_text("The sea waits. " * 5), "one batch takes"),
    ],
)
def test_what_cannot_be_learnt_is_told_in_a_sentence(write, sentence, tmp_path, capsys):
    write(tmp_path / "texts.txt")
    asked = [
        "train",
        str(tmp_path / "texts.txt"),
        "--out",
        str(tmp_path / "out"),
        "--state",
        str(tmp_path / "state"),
    ]
    assert main([*asked, *FAST]) == 1
    told = capsys.readouterr().err
    assert sentence in told
    assert "Traceback" not in told
    assert not (tmp_path / "out").exists()


def test_a_state_of_other_texts_and_none_at_all_are_refused(whole, texts, tmp_path, capsys):
    other = str(learning.write(tmp_path / "other.jsonl", seed=2))
    out = ["--out", str(tmp_path / "out")]
    assert main(["train", other, *out, "--state", str(whole / "state"), *FAST]) == 1
    assert "other texts" in capsys.readouterr().err
    assert main(["train", texts, *out, "--state", str(tmp_path / "none"), "--now", *FAST]) == 1
    assert "nothing was kept" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert (
        main(["train", texts, "--out", str(tmp_path / "file"), "--state", str(whole / "state"), *FAST]) == 1
    )
    assert "is a file; name a folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong", [["--steps", "0"], ["--minutes", "-1"], ["--objective", "both"], ["--minutes", "x"]]
)
def test_a_wrong_call_ends_with_two(wrong, texts, tmp_path):
    with pytest.raises(SystemExit) as end:
        main(["train", texts, "--out", str(tmp_path), *wrong])
    assert end.value.code == 2


def test_where_nobody_looks_on_progress_is_a_line_now_and_then(capsys):
    progress = Progress()
    for step in range(1, 5):
        progress.show(step, 4, 3.2, 1000.0, step / 4, 60.0)
    progress.end()
    assert capsys.readouterr().err == "step 1/4  loss 3.200  1000 tokens/s  25 %, 1.0 min left\n"
