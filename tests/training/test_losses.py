from installation.training.losses import Losses


def test_half_a_line_is_passed_over_and_what_comes_again_is_forgotten(tmp_path):
    losses = Losses(tmp_path)
    losses.add(step=20, loss=3.5, tokens=100)
    losses.add(step=25, held=float("nan"))
    losses.add(step=40, loss=3.1)
    with (tmp_path / "loss.jsonl").open("a") as file:
        file.write('{"step": 60, "lo')
    assert [line["step"] for line in losses.read()] == [20, 25, 40]
    losses.forget(30)
    assert losses.text() == '{"step": 20, "loss": 3.5, "tokens": 100}\n{"step": 25}\n'


def test_the_plot_has_a_curve_for_what_was_logged(tmp_path):
    losses = Losses(tmp_path)
    assert "</svg>" in losses.plot("nothing yet")
    for step in (20, 40, 60):
        losses.add(step=step, loss=4 - step / 40)
    plot = losses.plot("60 steps")
    assert plot.count("<polyline") == 1
    assert ">training<" in plot
