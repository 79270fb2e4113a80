"""Networks stacked and taken out again; a stacked D judges as each D alone does."""

import dataclasses

import pytest
import torch
from torch import nn

from gan_helpers import layers
from gan_helpers.discriminators import (
    elu_discriminator,
    hidden_discriminator,
    linear_discriminator,
    moments_discriminator,
    spectral_discriminator,
)
from gan_helpers.generators import bit_generator, number_generator
from gan_helpers.training import stack, unstack
from gan_helpers.training.stacking import logits_of_both
from tests.training.shared import ARTICLE, many, quiet, weights


@pytest.mark.parametrize("make", [
    bit_generator, linear_discriminator, hidden_discriminator, lambda: nn.Linear(7, 3), lambda: number_generator(5, 7),
    lambda: nn.Sequential(nn.Linear(7, 3), nn.Tanh()), lambda: spectral_discriminator(7),
    lambda: nn.Sequential(nn.Linear(7, 1), layers.BatchFeatures(layers.batch_moments), nn.Linear(4, 2)),
])  # fmt: skip
def test_unstack_undoes_stack(make):
    # in double precision: the kurtosis of five numbers that are nearly alike is mostly rounding
    networks, x = [make().double() for _ in range(4)], torch.rand(5, 7).double()
    stacked = stack(networks)
    outputs = stacked(x.expand(4, 5, 7))
    if not any(isinstance(layer, layers.BatchFeatures) for layer in networks[0].modules()):
        assert torch.equal(outputs, stacked(x))
    outputs.square().sum().backward()
    for i, network in enumerate(networks):
        picked = unstack(stacked, i)
        assert str(picked) == str(network)
        assert all(torch.equal(a, b) for a, b in zip(picked.parameters(), network.parameters(), strict=True))
        assert torch.allclose(outputs[i], network(x), atol=1e-6)
        network(x).square().sum().backward()
        for together, alone in zip(stacked.parameters(), network.parameters(), strict=True):
            assert torch.allclose(together.grad[i].reshape(alone.shape), alone.grad, rtol=1e-4, atol=1e-5)
    again = stack([unstack(stacked, i) for i in range(4)])
    assert torch.equal(weights(again), weights(stacked))


def test_stack_and_unstack_keep_the_type_of_the_weights_and_the_mode():
    for network in (nn.Linear(2, 1), nn.Sequential(nn.Sequential(nn.Linear(2, 1), nn.Tanh()), nn.ReLU())):
        stacked = stack([network.double().eval()])
        picked = unstack(stacked, 0)
        assert all(p.dtype == torch.float64 for p in picked.parameters())
        assert not any(layer.training for layer in (*stacked.modules(), *picked.modules()))


def test_stacking_copies_and_draws_nothing():
    networks = [nn.Linear(2, 1), nn.Linear(2, 1)]
    state = torch.get_rng_state()
    stacked = stack(networks)
    picked = unstack(stacked, 0)
    assert torch.equal(torch.get_rng_state(), state)
    with torch.no_grad():
        networks[0].weight.zero_()
        picked.weight.fill_(9)
    assert stacked.weight.abs().sum() > 0
    assert not (stacked.weight == 9).any()


class Shifted(nn.Module):
    """A layer with a weight of its own."""

    def __init__(self):
        super().__init__()
        self.layer, self.shift = nn.Linear(7, 7), nn.Parameter(torch.zeros(7))

    def forward(self, x):
        return self.layer(x) + self.shift


@pytest.mark.parametrize(("layer", "name"), [
    (lambda: nn.BatchNorm1d(7), "BatchNorm1d"), (lambda: nn.BatchNorm1d(7, affine=False), "BatchNorm1d"),
    (lambda: nn.LayerNorm(7), "LayerNorm"), (nn.Dropout, "Dropout"), (nn.PReLU, "PReLU"),
    (lambda: nn.Bilinear(7, 7, 1), "Bilinear"), (Shifted, "Shifted"),
])  # fmt: skip
def test_layers_that_cannot_be_stacked_are_refused(layer, name):
    with pytest.raises(TypeError, match=f"cannot stack {name}: use nn.Linear, and activations without weights"):
        stack([nn.Sequential(nn.Linear(7, 7), layer()) for _ in range(2)])


def hooked():
    layer = nn.Linear(7, 1)
    layer.register_forward_hook(lambda module, inputs, output: 2 * output)
    return layer


@pytest.mark.parametrize(("modules", "error", "says"), [
    ([], ValueError, "there is nothing to stack"), ([nn.Linear(2, 1), nn.Linear(3, 1)], ValueError, "0 and 1 differ"),
    ([nn.Linear(2, 1), layers.SpectralLinear(2, 1)], ValueError, "networks 0 and 1 differ"),
    ([hooked(), hooked()], TypeError, "Linear with hooks: remove them"),
])  # fmt: skip
def test_what_cannot_be_stacked_is_refused(modules, error, says):
    with pytest.raises(error, match=says):
        stack(modules)


def one_linear_layer_twice():
    layer = nn.Linear(7, 7)
    return nn.Sequential(layer, nn.Tanh(), layer, nn.Sigmoid())


@pytest.mark.parametrize(("make", "says"), [(one_linear_layer_twice, "one layer twice"),
                                            (lambda: nn.Linear(7, 1, bias=False), "without a bias")])
def test_layers_used_twice_or_without_bias_are_stacked_or_refused_in_words(make, says):
    networks, x = [make() for _ in range(3)], torch.rand(5, 7)
    try:
        outputs = stack(networks)(x)
    except TypeError as refusal:
        assert says in str(refusal)
        return
    assert torch.allclose(outputs, torch.stack([network(x) for network in networks]), atol=1e-6)


class Centered(nn.Module):
    """A layer of one's own that compares the samples of a batch."""

    def forward(self, x):
        return x - x.mean(-2, keepdim=True)


class OwnNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(1, 1)

    def forward(self, x):
        return self.layer((x - x.mean(-2, keepdim=True)).square())


def whole(batch):
    return layers.BatchFeatures(layers.whole_batch), nn.Linear(batch, 1)


DISCRIMINATORS = {
    "each sample": lambda: hidden_discriminator(1), "spectral": spectral_discriminator,
    "moments": moments_discriminator,
    "squared differences": lambda: elu_discriminator(inputs=12), "own layer": lambda: nn.Sequential(
        Centered(), nn.Linear(1, 1)), "own network": OwnNetwork,
    "features after a layer": lambda: nn.Sequential(nn.Linear(1, 1), *whole(6)),
    "features twice": lambda: nn.Sequential(layers.BatchFeatures(layers.batch_moments), nn.Linear(4, 1),
                                            layers.BatchFeatures(layers.whole_batch), nn.Linear(1, 1)),
    "features within": lambda: nn.Sequential(nn.Sequential(*whole(6)), nn.Tanh()),
}


@pytest.mark.parametrize("make", DISCRIMINATORS.values(), ids=DISCRIMINATORS)
def test_a_stacked_d_gives_the_logits_of_each_alone(make):
    """Also where samples are compared: the real ones with each other, not with the fakes."""
    networks, (real, fake) = [make() for _ in range(3)], torch.randn(2, 3, 6, 1)
    for both, batch in zip(logits_of_both(stack(networks), real, fake), (real, fake), strict=True):
        assert torch.allclose(both, torch.stack([network(x) for network, x in zip(networks, batch, strict=True)]),
                              atol=1e-5)


@pytest.mark.parametrize("make", [lambda: nn.Sequential(Centered(), nn.Linear(7, 1)),
                                  lambda: nn.Sequential(nn.Linear(7, 1), *whole(16))])
def test_a_d_that_compares_samples_trains_stacked_as_alone(make):
    gan = dataclasses.replace(ARTICLE, discriminator=make)
    run = many(gan)
    for seed in range(3):
        one = quiet(gan, seed=seed)
        assert torch.allclose(weights(unstack(run.generator, seed)), weights(one.generator), atol=1e-4)
