"""What D is shown of a batch, spectral normalization and initial weights, against scipy, numpy and torch's own."""

import functools

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from gan_helpers import layers
from gan_helpers.discriminators import two_layer_discriminator
from gan_helpers.generators import two_layer_generator
from gan_helpers.layers import BatchFeatures, SpectralLinear
from tests.helpers import rng

FEATURES = {"whole_batch": 9, "squared_differences": 18, "batch_moments": 4}  # numbers shown of a batch of 9


def batch(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=rng(seed))


def test_a_batch_of_three_by_hand():
    assert layers.whole_batch(torch.tensor([[3.0], [1.0], [2.0]])).tolist() == [[3.0, 1.0, 2.0]]
    assert layers.squared_differences(torch.tensor([[1.0], [2.0], [6.0]])).tolist() == [[1, 2, 6, 4, 1, 9]]
    assert layers.batch_moments(torch.full((4, 1), 2.0)).isnan().tolist() == [[False, False, True, True]]  # 0 / 0


@pytest.mark.parametrize("numbers", [batch(9, 1), batch(500, 1) ** 3 + 4, batch(2, 1), 1e3 + batch(40, 1).exp(),
                                     -batch(30, 1).exp(), (batch(1000, 1) > 1).double()])
def test_moments_are_those_of_scipy(numbers):
    x = numbers.flatten().numpy()
    oracle = [np.mean(x), np.std(x), stats.skew(x), stats.kurtosis(x)]
    assert layers.batch_moments(numbers).flatten().tolist() == pytest.approx(oracle, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("name", FEATURES)
def test_many_batches_are_shown_like_each_alone_in_its_type(name):
    show, batches = getattr(layers, name), batch(3, 2, 9, 1)
    together, before = show(batches), batches.clone()
    assert together.shape == (3, 2, 1, FEATURES[name])
    for i in range(3):
        for j in range(2):
            assert torch.allclose(together[i, j], show(batches[i, j]), rtol=1e-12, atol=1e-12)
    assert torch.equal(batches, before)
    assert show(batches.float()).dtype == torch.float32


def test_no_gradient_of_the_squared_differences_flows_through_the_mean():
    numbers, pull = batch(5, 1).requires_grad_(), batch(10, seed=1)
    (slope,) = torch.autograd.grad(layers.squared_differences(numbers).flatten() @ pull, numbers)
    x = numbers.detach().flatten()
    assert torch.allclose(slope.flatten(), pull[:5] + pull[5:] * 2 * (x - x.mean()))


@pytest.mark.parametrize("name", ["whole_batch", "batch_moments"])
def test_gradients_are_those_of_finite_differences(name):
    assert torch.autograd.gradcheck(getattr(layers, name), batch(6, 1).requires_grad_())
    assert torch.autograd.gradcheck(getattr(layers, name), batch(2, 3, 6, 1).requires_grad_())
    assert torch.autograd.gradgradcheck(getattr(layers, name), batch(2, 6, 1).requires_grad_())


@pytest.mark.parametrize("name", FEATURES)
@pytest.mark.parametrize(("bad", "error", "says"), [
    (torch.arange(6).unsqueeze(-1), TypeError, "takes a tensor of floats, got tensor.*Make one"),
    ([[1.0], [2.0]], TypeError, r"takes a tensor of floats, got \[\[1\.0\], \[2\.0\]\]"),
    (torch.zeros(5), ValueError, r"takes a column of numbers, .*got \(5,\)\. Add the last axis with \.unsqueeze\(-1\)"),
    (torch.zeros(5, 2), ValueError, r"takes a column of numbers, .*got \(5, 2\)"),
    (torch.zeros(0, 1), ValueError, r"needs at least \d numbers, got 0\. Draw a larger batch"),
])  # fmt: skip
def test_bad_batches_are_refused(name, bad, error, says):
    with pytest.raises(error, match=f"(?s)^{name} {says}"):
        getattr(layers, name)(bad)


@pytest.mark.parametrize("name", ["squared_differences", "batch_moments"])
def test_one_number_has_no_spread(name):
    with pytest.raises(ValueError, match=f"^{name} needs at least 2 numbers, got 1"):
        getattr(layers, name)(torch.zeros(1, 1))
    assert layers.whole_batch(torch.zeros(1, 1)).shape == (1, 1)


@pytest.mark.parametrize("name", FEATURES)
def test_batch_features_is_the_function_as_a_layer(name):
    layer, numbers = BatchFeatures(getattr(layers, name)), batch(9, 1)
    assert torch.equal(layer(numbers), getattr(layers, name)(numbers))
    assert not list(layer.parameters()) and str(layer) == f"BatchFeatures({name})"


def test_batch_features_takes_functions_of_ones_own_and_nothing_else():
    largest = BatchFeatures(lambda batch: batch.amax(-2, keepdim=True))
    assert largest(torch.tensor([[1.0], [5.0], [2.0]])).item() == 5
    assert str(largest) == "BatchFeatures(<lambda>)"
    assert str(BatchFeatures(functools.partial(torch.amax, dim=-2))) == "BatchFeatures(partial)"
    for wrong in ("batch_moments", None, torch.zeros(9, 1)):
        with pytest.raises(TypeError, match="features must be a function of a batch, such as batch_moments, got"):
            BatchFeatures(wrong)


def line(ins, outs, kind=SpectralLinear):
    torch.manual_seed(0)
    return kind(ins, outs).double()


SIZES = [(1, 5), (5, 1), (4, 6), (3, 3), (1, 1)]


@pytest.mark.parametrize(("ins", "outs"), SIZES)
def test_a_spectral_layer_uses_its_weight_over_the_largest_singular_value(ins, outs):
    spectral = line(ins, outs)
    x = torch.randn(7, ins, dtype=torch.float64)
    weight = spectral.weight.detach().numpy()
    largest = np.linalg.svd(weight, compute_uv=False).max()
    oracle = x.numpy() @ (weight / largest).T + spectral.bias.detach().numpy()
    assert spectral(x).detach().numpy() == pytest.approx(oracle, abs=1e-12)
    used = layers.spectrally_normalized(spectral.weight.detach())
    assert np.linalg.svd(used, compute_uv=False).max() == pytest.approx(1)
    assert torch.equal(spectral.weight, line(ins, outs, nn.Linear).weight), "it starts from plain weights"


@pytest.mark.parametrize(("ins", "outs"), SIZES[:4])
def test_outputs_and_gradients_are_those_of_torchs_spectral_norm(ins, outs):
    mine = line(ins, outs)
    theirs = spectral_norm(line(ins, outs, nn.Linear), n_power_iterations=300)
    x, pull = torch.randn(7, ins, dtype=torch.float64), torch.randn(7, outs, dtype=torch.float64)
    out = mine(x)
    assert torch.allclose(out, theirs(x), atol=1e-9)
    (slope,) = torch.autograd.grad((out * pull).sum(), mine.weight)
    (oracle,) = torch.autograd.grad((theirs(x) * pull).sum(), theirs.parametrizations.weight.original)
    assert torch.allclose(slope, oracle, atol=1e-9)


def test_the_leaky_relu_of_gans():
    assert layers.leaky_relu()(torch.tensor([-5.0, 0.0, 3.0])).tolist() == [-1.0, 0.0, 3.0]


@pytest.mark.parametrize("make", [two_layer_generator, two_layer_discriminator,
                                  lambda: layers.he_normal(nn.Sequential(nn.ReLU(), nn.Linear(300, 200)))])
def test_he_normal_weights_are_normal_with_variance_two_over_inputs_and_biases_are_zero(make):
    torch.manual_seed(0)
    for layer in make():
        if isinstance(layer, nn.Linear):
            count, std = layer.weight.numel(), (2 / layer.in_features) ** 0.5
            assert abs(layer.weight.std().item() / std - 1) < 4 / (2 * count) ** 0.5  # four standard errors
            assert abs(layer.weight.mean().item()) < 4 * std / count**0.5
            kurtosis = (layer.weight / layer.weight.std()).pow(4).mean().item()
            assert kurtosis > 2.2  # a uniform distribution has 1.8, a normal one 3
            assert not layer.bias.any()
