"""The networks of the digits have the layers, the sizes and the first weights that their chapters name."""

import functools

import pytest
import torch
from torch import nn

from gan_helpers import discriminators, generators


def weights(network):
    return sum(p.numel() for p in network.parameters())


def kinds(network):
    return [type(layer).__name__ for layer in network]


def test_two_layers_against_two_layers():
    g, d = generators.two_layer_generator(), discriminators.two_layer_discriminator()
    assert kinds(g) == ["Linear", "ReLU", "Linear", "Sigmoid"] and kinds(d) == ["Linear", "ReLU", "Linear"]
    assert weights(g) == 100 * 392 + 392 + 392 * 784 + 784 and weights(d) == 784 * 128 + 128 + 128 + 1
    assert g(torch.randn(5, 100)).shape == (5, 784) and d(torch.rand(5, 784)).shape == (5, 1)


@pytest.mark.parametrize("make", [generators.two_layer_generator, discriminators.two_layer_discriminator])
def test_first_weights_are_normal_with_variance_two_over_inputs_and_biases_are_zero(make):
    torch.manual_seed(0)
    for layer in make():
        if isinstance(layer, nn.Linear):
            count, std = layer.weight.numel(), (2 / layer.in_features) ** 0.5
            assert abs(layer.weight.std().item() / std - 1) < 4 / (2 * count) ** 0.5  # four standard errors
            assert abs(layer.weight.mean().item()) < 4 * std / count**0.5
            kurtosis = (layer.weight / layer.weight.std()).pow(4).mean().item()
            assert kurtosis > 2.2  # a uniform distribution has 1.8, a normal one 3
            assert not layer.bias.any()


def test_the_deep_pair_of_the_article():
    g, d = generators.deep_generator(), discriminators.deep_discriminator()
    assert [layer.out_features for layer in g if isinstance(layer, nn.Linear)] == [256, 512, 1024, 784]
    assert [layer.out_features for layer in d if isinstance(layer, nn.Linear)] == [1024, 512, 256, 1]
    assert kinds(g) == ["Linear", "LeakyReLU"] * 3 + ["Linear", "Tanh"]
    assert kinds(d) == ["Linear", "LeakyReLU", "Dropout"] * 3 + ["Linear"]
    assert {layer.negative_slope for layer in (*g, *d) if isinstance(layer, nn.LeakyReLU)} == {0.2}
    assert {layer.p for layer in d if isinstance(layer, nn.Dropout)} == {0.3}
    made = g(torch.randn(5, 100))
    assert made.shape == (5, 784) and made.abs().max() <= 1 and d(made).shape == (5, 1)


def test_norm_comes_before_the_activation_and_takes_what_it_is_given():
    g = generators.deep_generator(widths=(8, 16), norm=functools.partial(nn.BatchNorm1d, eps=0.8), activation=nn.ReLU)
    assert kinds(g) == ["Linear", "BatchNorm1d", "ReLU"] * 2 + ["Linear", "Tanh"]
    norms = [layer for layer in g if isinstance(layer, nn.BatchNorm1d)]
    assert [(layer.num_features, layer.eps) for layer in norms] == [(8, 0.8), (16, 0.8)]
    assert "Dropout" not in kinds(discriminators.deep_discriminator((8,), dropout=0.0))


@pytest.mark.parametrize("call", [
    lambda: generators.deep_generator(inputs=0),
    lambda: generators.deep_generator(widths=(8, -1)),
    lambda: discriminators.deep_discriminator(widths=(2.5,)),
    lambda: discriminators.deep_discriminator(dropout=1.0),
])
def test_sizes_and_shares_that_cannot_be_are_refused(call):
    with pytest.raises((ValueError, TypeError), match=r"inputs|widths|dropout"):
        call()
