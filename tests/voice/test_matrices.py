import pytest

from installation.voice import matrices
from installation.voice.families import Matrix

TOLERANCES = {"Full": 1e-5, "Half": 1e-3, "Split8": 2e-2, "Packed8": 3e-2}


def matrix(coming, going, bias):
    import torch

    numbers = torch.Generator().manual_seed(coming)
    weight = torch.randn(coming, going, generator=numbers) * 0.1
    return Matrix(weight, torch.randn(going, generator=numbers) if bias else None)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("shape", [(64, 200), (192, 64), (96, 1000), (72, 72)])
@pytest.mark.parametrize("kind", TOLERANCES)
def test_every_form_multiplies(kind, shape, bias):
    import torch

    given = matrix(*shape, bias)
    made = matrices.tried(given, getattr(matrices, kind), 1.0)
    if made is None:
        pytest.skip(f"this machine has no kernel for {kind}")
    for count in (1, 2, 7):
        x = torch.randn(count, shape[0], generator=torch.Generator().manual_seed(count))
        want = x @ given.weight + (given.bias if bias else 0)
        most = TOLERANCES[kind] * float(want.abs().max())
        out = torch.empty(1, shape[1])
        made.into(x[:1], out)
        assert float((made(x) - want).abs().max()) < most
        assert float((out - want[:1]).abs().max()) < most


def test_the_inputs_of_split8_are_not_rounded_to_bytes():
    """Against the same int8 weights in float32, what is left is a hundredth of a byte's step."""
    import torch

    given = matrix(256, 300, bias=False)
    scale = given.weight.abs().amax(0) / 127
    given.weight = (given.weight / scale).round() * scale
    made = matrices.tried(given, matrices.Split8, 1.0)
    if made is None:
        pytest.skip("this machine has no such kernel")
    x = torch.randn(3, 256, generator=torch.Generator().manual_seed(5))
    x[1, 7] = 60.0  # an outlier takes most of the range
    want = x @ given.weight
    assert float((made(x) - want).abs().max()) < 2e-3 * float(want.abs().max())
    assert torch.equal(made(torch.zeros(1, 256)), torch.zeros(1, 300))


def test_far_logits_keep_their_differences():
    """Logits near -100, whose bfloat16 steps are a half, are told apart to a few hundredths."""
    import torch

    given = matrix(64, 500, bias=False)
    direction = torch.randn(64, generator=torch.Generator().manual_seed(9))
    given.weight -= direction[:, None]
    x = direction[None] * (100 / float(direction.dot(direction)))
    want = x @ given.weight
    try:
        made = matrices.Packed8(given, centre=True)
    except RuntimeError:
        pytest.skip("this machine has no such kernel")
    assert float(want.mean()) < -90
    assert float((made(x) - want).abs().max()) < 0.05


def test_a_kernel_that_is_missing_or_wrong_is_not_taken():
    given = matrix(64, 200, bias=True)

    class Wrong(matrices.Full):
        def __call__(self, x):
            return super().__call__(x) + 1

    def missing(_):
        raise RuntimeError("no such kernel")

    assert matrices.tried(given, Wrong, 1e-3) is None
    assert matrices.tried(given, missing, 1e-3) is None
    assert isinstance(matrices.tried(given, matrices.Full, 1e-5), matrices.Full)


def test_form_follows_size(monkeypatch):
    for name in ("Half", "Split8"):
        monkeypatch.setattr(matrices, name, type(name, (matrices.Full,), {}))
    packed = type(
        "Packed8",
        (matrices.Full,),
        {"__init__": lambda self, given, **_: super(packed, self).__init__(given)},
    )
    monkeypatch.setattr(matrices, "Packed8", packed)
    both = type("Both", (matrices.Both,), {"__init__": lambda self, *forms: setattr(self, "forms", forms)})
    monkeypatch.setattr(matrices, "Both", both)
    monkeypatch.setattr(matrices, "TINY", 500)
    monkeypatch.setattr(matrices, "SMALL", 1000)
    monkeypatch.setattr(matrices, "MEDIUM", 3000)
    for form, wanted in (
        ("float32", ["Full", "Full", "Full", "Full"]),
        ("float16", ["Full", "Full", "Half", "Half"]),
        ("auto", ["Full", "Packed8 Full", "Half Split8", "Split8"]),
        ("int8", ["Split8", "Split8", "Split8", "Split8"]),
    ):
        made = [matrices.matrix_of(matrix(20, going, bias=True), form) for going in (20, 50, 100, 200)]
        found = [" ".join(type(each).__name__ for each in getattr(one, "forms", (one,))) for one in made]
        assert found == wanted, form


def test_many_rows_may_take_another_form():
    import torch

    given = matrix(20, 50, bias=True)
    one, many = matrices.Full(given), matrices.Full(matrix(20, 50, bias=False))
    both = matrices.Both(one, many)
    x, out = torch.randn(matrices.MANY, 20), torch.empty(1, 50)
    assert torch.equal(both(x), many(x))
    assert torch.equal(both(x[:3]), one(x[:3]))
    both.into(x[:1], out)
    assert torch.allclose(out, one(x[:1]), atol=1e-5)
