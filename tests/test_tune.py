"""An artist's texts and tiny models, from the command to the show that wears what was learnt."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tuning import chatty, figures, model, tiny_models, tune, written

from installation.training import adapter, tuning_state

QUICK = ("--batch", 4, "--length", 96, "--rate", 5e-3)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def texts(tmp_path):
    return written(tmp_path / "texts")


def said(folder, **settings):
    made = tiny_models.voice(folder, **settings)
    made.steer(tiny_models.steering(prompt="The fog", adapter=settings.get("adapter", "")))
    return tiny_models.text_of(tiny_models.speak(made, 30))


@pytest.mark.parametrize("family", ["gpt2", "llama"])
def test_an_adapter_is_learnt_and_the_show_wears_it_and_takes_it_off(family, tmp_path, texts, capsys):
    model(tmp_path / "model", family)
    assert tune("model", texts, "--out", "mine", *QUICK, "--steps", 24) == 0
    told = capsys.readouterr()
    found = figures(told.out)
    assert found["held_after"] < found["held_before"] - 0.3
    assert "voice: {model: model, adapter: mine}" in told.out
    plain, worn = said(tmp_path / "model"), said(tmp_path / "model", adapter=str(tmp_path / "mine"))
    assert plain != worn
    config = json.loads((tmp_path / "mine" / "adapter_config.json").read_text())
    assert (config["r"], config["lora_alpha"], config["base_model_name_or_path"]) == (16, 32.0, "model")
    card = (tmp_path / "mine" / "README.md").read_text()
    for part in (
        "base_model: model",
        "CC0",
        "00.md",
        "held-out loss before",
        "hash ",
        "seed | 0.005, 4, 96, 7",
    ):
        assert part in card


def test_a_chat_model_learns_in_its_own_form(tmp_path, texts):
    from installation import tutor
    from installation.training.collection import collect
    from installation.training.tuning_plan import Tuning

    place = str(chatty(tmp_path / "model"))
    library, words = tutor.fetched(place, "cpu", full=False)
    material, learnt, _ = tutor.material_of(place, library, words, collect(texts), Tuning(length=200))
    rows = [material.rows(20)[n] for n in range(20)]
    whole = [words.decode(row["input_ids"]) for row in rows]
    assert sum(text.startswith("<|im_start|>user\nThe ") for text in whole) > 14
    assert any("<|im_end|>\n<|im_start|>assistant\n" in text for text in whole)
    heard = words.decode([t for t in rows[0]["labels"] if t >= 0])
    assert "im_start" not in heard
    assert heard.endswith("<|im_end|>")
    assert learnt[0].prompt.startswith("The ")


def test_all_weights_become_a_model_that_a_show_speaks_with(tmp_path, texts, capsys):
    model(tmp_path / "model", "gpt2")
    (tmp_path / "model" / "installation.json").write_text('{"prompt_format": "{prompt}\\n"}')
    assert tune("model", texts, "--out", "whole", "--full", *QUICK, "--steps", 12) == 0
    found = figures(capsys.readouterr().out)
    assert found["held_after"] < found["held_before"]
    assert (tmp_path / "whole" / "installation.json").is_file()
    assert said(tmp_path / "whole") != said(tmp_path / "model")
    assert (tmp_path / "whole" / "tokenizer.json").is_file()


def test_the_held_out_loss_rises_and_the_best_is_kept(tmp_path, capsys):
    written(tmp_path / "few", 10)
    model(tmp_path / "model", "gpt2")
    code = tune(
        "model",
        "few",
        "--out",
        "mine",
        "--batch",
        4,
        "--length",
        96,
        "--rate",
        0.05,
        "--epochs",
        60,
        "--full",
    )
    told = capsys.readouterr().out
    assert code == 0
    assert "the held-out loss rose, so it ended at step" in told
    progress = json.loads(max((tmp_path / "mine/state").glob("checkpoint-*/trainer_state.json")).read_text())
    assert figures(told)["held_after"] == pytest.approx(progress["best_metric"], abs=1e-4)


def test_a_run_that_goes_on_is_as_one_that_was_never_broken_off(tmp_path, texts, capsys):
    model(tmp_path / "model", "gpt2")
    tune("model", texts, "--out", "whole", *QUICK, "--steps", 12)
    tune("model", texts, "--out", "parts", *QUICK, "--steps", 6)
    assert tune("model", texts, "--out", "parts", *QUICK, "--steps", 12, "--resume") == 0
    one, other = ((tmp_path / n / "adapter_model.safetensors").read_bytes() for n in ("whole", "parts"))
    assert one == other
    capsys.readouterr()
    assert tune("model", texts, "--out", "parts", *QUICK, "--steps", 12) == 1
    assert "go on with it with --resume" in capsys.readouterr().err
    assert tune("model", texts, "--out", "parts", *QUICK, "--rank", 4, "--resume") == 1
    assert "holds a run with rank 16, not 4" in capsys.readouterr().err
    (texts / "new.txt").write_text("Something else altogether.")
    assert tune("model", texts, "--out", "parts", *QUICK, "--resume") == 1
    assert "learnt from other texts" in capsys.readouterr().err


def program(*arguments):
    command = [sys.executable, "-m", "installation", "tune", *map(str, arguments)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def until(process, sign):
    for line in process.stderr:
        if sign in line:
            return
    process.kill()
    process.communicate()
    pytest.fail(f"it ended before it said {sign}")


def test_ctrl_c_keeps_what_was_learnt_and_a_shot_loses_nothing_that_was_kept(tmp_path, texts):
    model(tmp_path / "model", "gpt2")
    given = ("model", texts, "--out", "mine", "--batch", 4, "--length", 96)
    process = program(*given, "--steps", 100_000, "--rate", 1e-4)
    until(process, "step 44/")
    process.kill()  # no time for anything
    process.communicate()
    kept = tuning_state.latest(tmp_path / "mine" / "state")
    assert kept is not None
    process = program(*given, "--steps", 100_000, "--rate", 1e-4, "--resume")
    until(process, "step ")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 130, err
    assert "what was learnt is kept" in err
    assert "--resume goes on" in out
    assert said(tmp_path / "model", adapter=str(tmp_path / "mine")) is not None
    done = tuning_state.steps_done(tuning_state.latest(tmp_path / "mine" / "state"))
    assert done > tuning_state.steps_done(kept)


def test_a_checkpoint_that_broke_off_is_passed_over_and_a_moved_folder_finds_its_best(tmp_path, texts):
    model(tmp_path / "model", "gpt2")
    tune("model", texts, "--out", "mine", *QUICK, "--steps", 10)
    state = tmp_path / "mine" / "state"
    last = tuning_state.latest(state)
    shutil.copytree(last, state / "checkpoint-900")
    (state / "checkpoint-900" / "adapter_model.safetensors").write_bytes(b"half")
    shutil.copytree(last, state / "checkpoint-901")
    (state / "checkpoint-901" / "trainer_state.json").write_text('{"best')
    assert tuning_state.latest(state) == last
    (tmp_path / "mine").rename(tmp_path / "moved")
    moved = tuning_state.latest(tmp_path / "moved" / "state")
    best = json.loads((moved / "trainer_state.json").read_text())["best_model_checkpoint"]
    assert Path(best).is_dir()


def wrong(capsys, *arguments):
    assert tune(*arguments) == 1
    return capsys.readouterr().err


def test_what_cannot_be_tuned_is_told_with_what_would_be_right(tmp_path, texts, capsys):
    model(tmp_path / "model", "gpt2")
    (tmp_path / "empty").mkdir()
    assert "there is no text in empty" in wrong(capsys, "model", "empty", "--out", "mine")
    (tmp_path / "one.txt").write_text("The tide comes in.")
    told = wrong(capsys, "model", "one.txt", "--out", "mine")
    assert "the texts make 1 passage, one of them is held out, and a batch takes 8; add texts" in told
    assert "neither a folder nor a Hugging Face id" in wrong(capsys, "no where", texts, "--out", "mine")
    (tmp_path / "a.txt").write_text("a b")
    assert "a scripted voice cannot be tuned" in wrong(capsys, "script:a.txt", texts, "--out", "mine")
    model(tmp_path / "flat", "gpt2", n_layer=0)
    assert "no linear modules in its layers" in wrong(capsys, "flat", texts, "--out", "mine", *QUICK)
    (tmp_path / "file").write_text("")
    assert "cannot be written" in wrong(capsys, "model", texts, "--out", "file/mine", *QUICK)
    assert "holds no run to go on with" in wrong(capsys, "model", texts, "--out", "none", "--resume", *QUICK)


def test_a_missing_library_is_named_with_the_command_that_installs_it(monkeypatch, capsys, texts):
    monkeypatch.setattr(adapter, "find_spec", lambda name: None if name == "peft" else name)
    assert wrong(capsys, "house", texts, "--out", "mine").strip() == (
        "tuning needs peft: pip install 'installation[train]'"
    )


def test_a_full_disk_is_told_and_what_was_kept_is_whole(tmp_path, texts):
    """No file may grow beyond a few hundred kilobytes: the adapter fits, what its optimiser holds does not."""
    model(tmp_path / "model", "gpt2")
    tune("model", texts, "--out", "mine", *QUICK, "--steps", 5)
    size = max(path.stat().st_size for path in (tmp_path / "mine/state").glob("*/*"))
    code = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size - 1000}, {size - 1000}))\n"
    code += "from installation import cli; import sys; sys.exit(cli.main(sys.argv[1:]))"
    command = [
        sys.executable,
        "-c",
        code,
        "tune",
        "model",
        str(texts),
        "--out",
        "mine",
        "--resume",
        "--steps",
        "20",
    ]
    done = subprocess.run([*command, *map(str, QUICK)], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "is full; make room and go on with --resume" in done.stderr
    assert tuning_state.steps_done(tuning_state.latest(tmp_path / "mine/state")) == 5
    assert tune("model", texts, "--out", "mine", *QUICK, "--steps", 10, "--resume") == 0
