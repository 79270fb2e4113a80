import math

import torch
from torch import nn

from gan_helpers.diagnosis import measure
from gan_helpers.diagnosis.parts import of_loop
from tests.diagnosis.shared import Own
from tests.helpers import rng


def parts(own=None, **changes):
    own = own or Own()
    return of_loop(**own.parts(**changes))


def test_all_measurements_are_numbers_and_the_same_for_the_same_seed():
    first, again = (measure.measure(parts(held_out=Own().real), 3) for _ in range(2))
    assert first == again or {k for k in first if first[k] != again[k]} <= {k for k in first if math.isnan(first[k])}
    assert all(isinstance(value, float) for value in first.values())


def test_networks_that_are_nan_and_data_that_are_nan_are_told_apart():
    own = Own()
    with torch.no_grad():
        own.generator[0].weight.fill_(torch.nan)
    found = measure.measure(parts(own))
    assert found["g_finite"] == 0 and found["d_finite"] == 1 and found["nan_share"] == 0
    found = measure.measure(parts(real=lambda n, rng: torch.full((n, 1), torch.nan)))
    assert found["nan_share"] == 1


def test_the_range_of_g_is_held_against_the_data():
    squashed = nn.Sequential(nn.Linear(1, 1), nn.Tanh())
    d, z = nn.Linear(1, 1), torch.randn(64, 1, generator=rng())
    assert measure.of_range(squashed, d, torch.full((100, 1), 3.0), z)["outside"] == 1
    assert measure.of_range(squashed, d, torch.zeros(100, 1), z)["outside"] == 0
    assert measure.of_range(nn.Linear(1, 1), d, torch.full((100, 1), 3.0), z)["outside"] == 0
    assert measure.of_range(nn.Linear(1, 1), nn.Sequential(d, nn.Sigmoid()), torch.zeros(100, 1), z)["d_bounded"] == 1


def test_a_set_of_few_samples_is_noticed_and_copies_of_it():
    items = torch.randn(12, 1, generator=rng(5))

    class Copies(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(1))

        def forward(self, z):
            return items[(z[:, 0].abs() * 1e4).long() % 12] + 0 * self.weight

    own = Own()
    found = measure.measure(parts(own, real=items, held_out=own.real, generator=Copies(), step=None))
    assert found["repeated"] > 0.99 and found["copying"] < 0.01 and found["known"] == 0


def test_the_least_losses():
    found = measure.of_losses(torch.tensor([0.5, math.nan]), torch.tensor([2.0, 1.0]))
    assert found == {"g_loss_least": 0.5, "losses_finite": 1.0, "d_loss_least": 1.0}
