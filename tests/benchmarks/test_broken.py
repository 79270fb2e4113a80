"""The bank of broken GANs: its slips do what their names say, and no run both chooses and judges."""

import dataclasses

import matplotlib.pyplot as plt
import pytest
import torch

from benchmarks import broken, diagnosis
from tests.helpers import rng

PLAIN = dataclasses.replace(broken.SETS["bell curve"], steps=3, batch=16)


def moved(slip: str, steps: int = 1, **changes) -> dict[str, bool]:
    """Whether each player's weights differ after these steps."""
    setting = dataclasses.replace(PLAIN, slip=slip, **changes)
    torch.manual_seed(0)
    networks = setting.generator(), setting.discriminator()
    before = [[p.detach().clone() for p in network.parameters()] for network in networks]
    loop = broken.Loop(setting, networks, [setting.real], [rng()], False)
    for _ in range(steps):
        loop.step()
    return {player: any(not torch.equal(old, new) for old, new in zip(kept, network.parameters(), strict=True))
            for player, kept, network in zip("gd", before, networks, strict=True)}


@pytest.mark.parametrize(("slip", "g", "d"), [
    ("", True, True), ("detach", False, True), ("no_grad", False, True), ("item", False, True),
    ("no optimizer of G", False, True), ("no optimizer of D", True, False), ("optimizer of D twice", False, True),
    ("optimizer of G twice", True, False), ("labels of D", True, True), ("label of G", True, True),
    ("probability", True, True), ("nothing cleared", True, True),
])  # fmt: skip
def test_who_moves(slip, g, d):
    assert moved(slip, r1=0.0) == {"g": g, "d": d}


def test_stacked_runs_are_those_trained_alone():
    together, curves = broken.train_all(PLAIN, [3, 4])
    (alone,), curve = broken.train_all(PLAIN, [4])
    assert torch.allclose(curves[1], curve[0], atol=1e-5)
    z = torch.randn(20, 1, generator=rng())
    with torch.no_grad():
        assert torch.allclose(together[1].generator(z), alone.generator(z), atol=1e-5)
    steps = [loop.step() for loop in (together[1], alone)]  # with the optimizers' state
    assert torch.allclose(torch.stack(steps[0]), torch.stack(steps[1]), atol=1e-5)
    with torch.no_grad():
        assert torch.allclose(together[1].generator(z), alone.generator(z), atol=1e-4)


def test_no_run_both_chooses_and_judges():
    choose, judge = (set((run["data"], run["condition"], run["seed"]) for run in runs) for runs in diagnosis.split())
    assert choose and judge and not choose & judge
    assert broken.HELD_OUT not in {data for data, *_ in choose}
    assert len({condition for _, condition, _ in judge}) == len(broken.conditions("bits")) >= 16


@pytest.mark.parametrize("name", broken.SETS)
def test_no_condition_is_told_by_its_length(name):
    steps = {condition: {setting.steps for setting in variants} for condition, variants in
             broken.conditions(name).items()}
    assert max(steps.pop("unfinished")) < min(steps["healthy"])
    assert set().union(*steps.values()) == steps["healthy"] == {broken.SETS[name].steps}


def test_the_confusion_table_counts_each_condition_by_itself():
    fig = diagnosis.figure(["healthy", "healthy", "range", "range"], ["healthy", "range", "range", "range"])
    (ax,) = fig.axes
    assert {(*map(int, text.get_position()), text.get_text()) for text in ax.texts} == {
        (0, 0, "50"), (1, 0, "50"), (1, 1, "100")}
    plt.close(fig)


def test_a_part_is_half_of_the_data():
    part = broken.Part(PLAIN.real)(500, rng())
    assert part.shape == (500, 1) and part.min() > 3.8  # the median of N(4, 1.25)
    held = broken.Holes(PLAIN.real, 0.5)(1000, rng())
    assert 0.4 < held.isnan().double().mean() < 0.6
