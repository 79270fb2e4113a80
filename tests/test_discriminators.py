"""The discriminators' sizes, and spectral normalisation against numpy's singular values and torch's own."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from gan_helpers import discriminators, layers
from gan_helpers.discriminators import SpectralLinear, spectral_discriminator
from gan_helpers.training import stack, unstack


def layer(ins, outs, seed=0, kind=SpectralLinear):
    torch.manual_seed(seed)
    return kind(ins, outs).double()


@pytest.mark.parametrize(("ins", "outs"), [(1, 5), (5, 1), (4, 6), (3, 3), (1, 1)])
def test_a_spectral_layer_uses_its_weight_over_the_largest_singular_value(ins, outs):
    spectral = layer(ins, outs)
    x = torch.randn(7, ins, dtype=torch.float64)
    weight = spectral.weight.detach().numpy()
    largest = np.linalg.svd(weight, compute_uv=False).max()
    oracle = x.numpy() @ (weight / largest).T + spectral.bias.detach().numpy()
    assert spectral(x).detach().numpy() == pytest.approx(oracle, abs=1e-12)
    used = layers.spectrally_normalized(spectral.weight.detach())
    assert np.linalg.svd(used, compute_uv=False).max() == pytest.approx(1)


@pytest.mark.parametrize(("ins", "outs"), [(1, 5), (5, 1), (4, 6), (3, 3)])
def test_outputs_and_gradients_are_those_of_torchs_spectral_norm(ins, outs):
    mine = layer(ins, outs)
    theirs = spectral_norm(layer(ins, outs, kind=nn.Linear), n_power_iterations=300)
    x, pull = torch.randn(7, ins, dtype=torch.float64), torch.randn(7, outs, dtype=torch.float64)
    out = mine(x)
    assert torch.allclose(out, theirs(x), atol=1e-9)
    (slope,) = torch.autograd.grad((out * pull).sum(), mine.weight)
    (oracle,) = torch.autograd.grad((theirs(x) * pull).sum(), theirs.parametrizations.weight.original)
    assert torch.allclose(slope, oracle, atol=1e-9)


def test_a_spectral_layer_starts_from_the_weights_of_a_plain_one():
    assert torch.equal(layer(4, 6).weight, layer(4, 6, kind=nn.Linear).weight)


@pytest.mark.parametrize("seed", range(3))
def test_no_logit_of_the_spectral_discriminator_changes_faster_than_its_input(seed):
    torch.manual_seed(seed)
    network = spectral_discriminator(3, 16)
    for p in network.parameters():
        p.data.mul_(50)
    a, b = torch.randn(500, 3), torch.randn(500, 3)
    ratio = (network(a) - network(b)).norm(dim=1) / (a - b).norm(dim=1)
    assert ratio.max() <= 1 + 1e-4


def test_spectral_networks_stack_and_come_back():
    networks, x = [spectral_discriminator(2, 8) for _ in range(3)], torch.randn(5, 2)
    stacked = stack(networks)
    outputs = stacked(x)
    for i, network in enumerate(networks):
        picked = unstack(stacked, i)
        assert str(picked) == str(network)
        assert torch.allclose(outputs[i], network(x), atol=1e-6)
        assert torch.allclose(picked(x), network(x), atol=1e-6)


def test_stacked_spectral_gradients_are_those_of_each_alone():
    networks, x = [spectral_discriminator(2, 8) for _ in range(3)], torch.randn(5, 2)
    stacked = stack(networks)
    stacked(x).square().sum().backward()
    for i, network in enumerate(networks):
        network(x).square().sum().backward()
        assert torch.allclose(stacked[2].weight.grad[i], network[2].weight.grad, atol=1e-5)


def test_a_plain_and_a_spectral_layer_do_not_stack_together():
    with pytest.raises(ValueError, match="networks 0 and 1 differ"):
        stack([nn.Linear(2, 1), SpectralLinear(2, 1)])


@pytest.mark.parametrize(("make", "sizes", "activation"), [
    (discriminators.linear_discriminator, [(7, 1)], None),
    (discriminators.hidden_discriminator, [(7, 32), (32, 32), (32, 1)], nn.LeakyReLU),
    (discriminators.squared_discriminator, [(200, 50), (50, 50), (50, 1)], nn.ELU),
    (discriminators.moments_discriminator, [(4, 10), (10, 10), (10, 1)], nn.Sigmoid),
    (spectral_discriminator, [(1, 32), (32, 32), (32, 1)], nn.LeakyReLU),
])  # fmt: skip
def test_layers_have_the_sizes_of_the_docstrings(make, sizes, activation):
    layers = [m for m in make().modules() if not any(m.children())]
    lines = [m for m in layers if isinstance(m, nn.Linear)]
    assert [(m.in_features, m.out_features) for m in lines] == sizes
    assert {type(m) for m in layers if m not in lines} == ({activation} if activation else set())


@pytest.mark.parametrize("make", [discriminators.hidden_discriminator, discriminators.squared_discriminator,
                                  discriminators.moments_discriminator, spectral_discriminator])
def test_widths_are_whole_numbers_from_1(make):
    with pytest.raises(ValueError, match=r"must be at least 1, got 0\. Pass a larger"):
        make(0)
    with pytest.raises(TypeError, match=r"hidden must be a whole number, got 2\.5"):
        make(hidden=2.5)
