import copy

import pytest
import torch
from torch import nn

from gan_helpers import layers
from gan_helpers.diagnosis import networks
from tests.helpers import rng


def test_outputs_of_a_d_that_judges_batches_are_one_a_batch():
    d = nn.Sequential(layers.BatchFeatures(layers.batch_moments), nn.Linear(4, 1))
    assert networks.judged(d, torch.randn(70, 1), 20).shape == (3,)
    assert networks.judged(nn.Linear(1, 1), torch.randn(70, 1), 20).shape == (60,)


def test_a_fresh_copy_has_new_weights_and_leaves_the_old_alone():
    network = nn.Sequential(nn.Linear(3, 40), nn.ReLU(), nn.Linear(40, 1))
    before = copy.deepcopy(network.state_dict())
    other = networks.fresh(network)
    assert all(torch.equal(before[key], value) for key, value in network.state_dict().items())
    assert all(not torch.equal(before[key], value) for key, value in other.state_dict().items())


def test_slope_is_the_gradient_by_finite_differences():
    torch.manual_seed(0)
    d = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1)).double()
    x = torch.randn(33, 1, generator=rng(0)).double()
    with torch.no_grad():
        expected = ((d(x + 1e-5) - d(x - 1e-5)) / 2e-5).abs().median().item()
    assert networks.slope(d, x, scale=3.0, batch_size=11) == pytest.approx(3 * expected, rel=1e-6)


def test_sleeping_counts_units_that_never_change():
    network = nn.Sequential(nn.Linear(1, 4), nn.ReLU(), nn.Linear(4, 1))
    with torch.no_grad():
        network[0].bias.copy_(torch.tensor([-100.0, -100.0, 0.0, 100.0]))
        network[0].weight.fill_(1)
    assert networks.sleeping(network, torch.randn(50, 1, generator=rng(0))) == 0.5  # the two that are always 0
    assert not any(layer._forward_hooks for layer in network.modules())


@pytest.mark.parametrize(("shift", "low", "high"), [(0.0, 0.35, 0.65), (5.0, 0.98, 1.0)])
def test_a_d_tells_apart_what_differs(shift, low, high):
    torch.manual_seed(0)
    real, fake = torch.randn(600, 2, generator=rng(0)), torch.randn(600, 2, generator=rng(1)) + shift
    assert low <= networks.told_apart(networks.larger(real), real, fake, 64, 60, rng(2)) <= high


def test_a_linear_d_cannot_tell_a_cloud_from_its_mean_and_a_larger_one_can():
    torch.manual_seed(0)
    real, fake = torch.randn(900, 2, generator=rng(0)), 0.1 * torch.randn(900, 2, generator=rng(1))
    assert networks.told_apart(nn.Linear(2, 1), real, fake, 64, 80, rng(2)) < 0.65
    assert networks.told_apart(networks.larger(real), real, fake, 64, 80, rng(2)) > 0.9


@pytest.mark.parametrize("training", [True, False])
def test_a_fake_depends_on_its_batch_in_training_mode_only(training):
    torch.manual_seed(0)
    g = nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1)).train(training)
    with torch.no_grad():
        found = networks.batch_dependence(g, torch.randn(320, 2, generator=rng(0)), 1.0)
    assert (found > 1e-3) == training
    assert networks.has_batch_norm(g) and not networks.has_batch_norm(nn.Linear(1, 1))
