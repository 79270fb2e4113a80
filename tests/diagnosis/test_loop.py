import pytest
import torch

from gan_helpers.diagnosis import loop as loops
from tests.diagnosis.shared import Own, same, state
from tests.helpers import rng


def watched(own):
    return loops.Loop(own.step, own.generator, own.discriminator)


@pytest.mark.parametrize("optimizer", [torch.optim.Adam, torch.optim.SGD, torch.optim.RMSprop])
def test_everything_is_as_before(optimizer):
    own = Own(optimizer=optimizer)
    for _ in range(3):
        own.step()
    own.generator.eval()
    before = state(own)
    with watched(own) as loop:
        loops.updates(loop)
        loops.leftovers(loop)
        loops.directions(loop, own.real(600, rng()), own.noise(600, rng()), 64)
        loops.output_gradients(loop)
        loops.ahead(loop, own.generator, own.real(600, rng()), own.noise(600, rng()), 16, 4)
    assert same(state(own), before)
    own.step()  # seen by no hook any more
    assert not loop.before_step and not loop.after_step
    assert not own.generator._forward_hooks and not own.discriminator._forward_hooks


def test_everything_is_as_before_if_a_step_stops():
    own = Own()
    own.step()
    before, calls = state(own), []

    def step():
        calls.append(own.step())
        if len(calls) == 3:
            raise RuntimeError("out of data")

    with pytest.raises(RuntimeError, match="out of data"), loops.Loop(step, own.generator, own.discriminator) as loop:
        loops.updates(loop)
    assert same(state(own), before)


def test_updates_are_those_that_a_step_makes():
    own, other = Own(optimizer=torch.optim.SGD), Own(optimizer=torch.optim.SGD)
    with watched(own) as loop:
        found = loops.updates(loop, steps=1)
    old = {player: loops.flat(getattr(other, player).parameters()) for player in ("generator", "discriminator")}
    other.step()
    for player, before in old.items():
        after = loops.flat(getattr(other, player).parameters())
        expected = ((after - before).norm() / before.norm()).item()
        assert found[f"{player[0]}_update"] == pytest.approx(expected, rel=1e-4)
        largest = max(p.grad.abs().max().item() for p in getattr(other, player).parameters())
        assert player[0] == "d" or found["g_grad"] == pytest.approx(largest, rel=1e-4)


@pytest.mark.parametrize(("slip", "expected"), [
    ("", {"g_held": 1, "d_held": 1, "shared": 0}), ("no step", {"g_held": 0, "d_held": 1, "shared": 0}),
    ("D twice", {"g_held": 0, "d_held": 1, "shared": 1}), ("cut", {"g_held": 1, "g_grad": 0}),
])  # fmt: skip
def test_who_holds_what(slip, expected):
    with watched(Own(slip)) as loop:
        found = loops.updates(loop)
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("slip", ["", "nothing cleared"])
def test_leftovers(slip):
    with watched(Own(slip)) as loop:
        assert loops.leftovers(loop) == dict.fromkeys(("g_leftover", "d_leftover"), float(slip != ""))


def test_gradients_cleared_at_the_end_of_a_step_are_no_leftovers():
    own = Own("nothing cleared")

    def step():
        own.step()
        for optimizer in own.optimizers.values():
            optimizer.zero_grad()

    with loops.Loop(step, own.generator, own.discriminator) as loop:
        assert loops.leftovers(loop) == {"g_leftover": 0, "d_leftover": 0}


@pytest.mark.parametrize(("slip", "sign"), [("", 1), ("swapped", -1), ("cut", 0), ("no step", 0)])
def test_the_players_pull_against_each_other(slip, sign):
    own = Own(slip)
    with watched(own) as loop:
        found = loops.directions(loop, own.real(600, rng()), own.noise(600, rng()), 64)
    assert found["g_direction"] == 0 if sign == 0 else found["g_direction"] > 1e-3
    assert (found["d_direction"] > 0) == (sign >= 0)


@pytest.mark.parametrize("seed", range(8))
def test_a_d_that_tells_them_apart_from_the_start_still_goes_the_right_way(seed):
    own = Own()
    torch.manual_seed(seed)  # of the fresh weights

    def real(n, generator):
        return own.__class__.real(own, n, generator) + 20  # far from all fakes

    own.real = real
    with watched(own) as loop:
        found = loops.directions(loop, own.real(600, rng()), own.noise(600, rng()), 64)
    assert found["d_direction"] > 0 and found["g_direction"] > 0


@pytest.mark.parametrize(("slip", "sigmoid", "kind"), [
    ("", False, "as_logits"), ("", True, "as_logits"), ("probabilities", True, "as_probabilities"),
])  # fmt: skip
def test_the_gradient_at_ds_output_tells_what_the_loss_takes_it_for(slip, sigmoid, kind):
    with watched(Own(slip, sigmoid=sigmoid)) as loop:
        found = loops.output_gradients(loop)
    other = "as_probabilities" if kind == "as_logits" else "as_logits"
    assert found[kind] < 1e-4 and not found[other] < 10 * found[kind]


def test_ahead_stands_still_where_a_step_does_nothing():
    own = Own(lr=1e-30)
    with watched(own) as loop:
        found = loops.ahead(loop, own.generator, own.real(600, rng()), own.noise(600, rng()), 8, 4)
    assert found["path"] == found["way"] == 0 and found["distance_now"] == found["distance_ahead"]


def test_the_pace_grows_with_the_rate_and_is_the_step_of_adam():
    paces = []
    for lr in (1e-3, 1e-2):
        own = Own(lr=lr)
        with watched(own) as loop:
            loops.updates(loop, 1)
            found = loops.directions(loop, own.real(600, rng()), own.noise(600, rng()), 64)
        paces.append(found["d_pace"])
    size = loops.flat(Own().discriminator.parameters()).square().mean().sqrt().item()
    assert 0.2 < paces[0] / (1e-3 / size) < 2  # one step of Adam moves a weight by about its rate
    assert 5 < paces[1] / paces[0] < 20
