import torch

from installation.training.muon import Muon, orthogonal


def test_singular_values_come_near_one():
    torch.manual_seed(0)
    for shape in ((32, 96), (96, 32), (3, 32, 32)):
        values = torch.linalg.svdvals(orthogonal(torch.randn(shape), steps=5))
        assert values.max() < 1.3
        assert values.median() > 0.6


def test_it_finds_the_least_squares():
    torch.manual_seed(1)
    weight = torch.nn.Parameter(torch.zeros(8, 16))
    goal = torch.randn(8, 16)
    muon = Muon([weight])
    for step in range(200):
        weight.grad = None
        loss = ((weight - goal) ** 2).mean()
        loss.backward()
        muon.step(rate=0.1 * (1 - step / 200))
    assert loss < 0.01


def test_it_goes_on_from_a_kept_state():
    first = torch.nn.Parameter(torch.ones(4, 12))
    first.grad = torch.randn(4, 12)
    muon = Muon([first])
    muon.step(0.1)
    other = Muon([torch.nn.Parameter(torch.ones(4, 12))])
    other.restore(muon.state())
    assert torch.equal(other.state()[0], muon.state()[0])
