"""The discriminators have the layers and the sizes that their docstrings and chapters name."""

import functools

import pytest
import torch
from torch import nn

from gan_helpers import discriminators, layers
from tests.helpers import weights

MADE = {  # activation, inputs and outputs of the lines, shape of a batch, how many logits it gets
    "linear_discriminator": (None, [(7, 1)], (5, 7), 5),
    "hidden_discriminator": (nn.LeakyReLU, [(7, 32), (32, 32), (32, 1)], (5, 7), 5),
    "elu_discriminator": (nn.ELU, [(200, 50), (50, 50), (50, 1)], (100, 1), 1),
    "moments_discriminator": (nn.Sigmoid, [(4, 10), (10, 10), (10, 1)], (500, 1), 1),
    "spectral_discriminator": (nn.LeakyReLU, [(1, 32), (32, 32), (32, 1)], (5, 1), 5),
    "two_layer_discriminator": (nn.ReLU, [(784, 128), (128, 1)], (5, 784), 5),
    "deep_discriminator": (nn.LeakyReLU, [(784, 1024), (1024, 512), (512, 256), (256, 1)], (5, 784), 5),
}


def leaves(network):
    return [m for m in network.modules() if not any(m.children())]


@pytest.mark.parametrize("name", MADE)
def test_layers_and_sizes_are_those_of_the_docstrings(name):
    activation, sizes, batch, logits = MADE[name]
    network = getattr(discriminators, name)()
    lines = [m for m in leaves(network) if isinstance(m, nn.Linear)]
    assert [(m.in_features, m.out_features) for m in lines] == sizes
    others = {type(m) for m in leaves(network) if not isinstance(m, nn.Linear | layers.BatchFeatures | nn.Dropout)}
    assert others == ({activation} if activation else set())
    assert network(torch.randn(*batch)).shape == (logits, 1)
    assert weights(network) == sum((ins + 1) * outs for ins, outs in sizes)
    assert {m.negative_slope for m in leaves(network) if isinstance(m, nn.LeakyReLU)} <= {0.2}


def test_those_that_see_whole_batches_begin_with_what_they_see():
    seen = {"elu_discriminator": layers.squared_differences, "moments_discriminator": layers.batch_moments}
    for name in MADE:
        first = leaves(getattr(discriminators, name)())[0]
        assert getattr(first, "features", None) is seen.get(name)
    whole = discriminators.elu_discriminator(layers.whole_batch, inputs=100)
    assert whole(torch.randn(100, 1)).shape == (1, 1)
    assert discriminators.elu_discriminator(None, inputs=1)(torch.randn(9, 1)).shape == (9, 1)


def test_the_order_of_the_layers():
    two, deep = discriminators.two_layer_discriminator(), discriminators.deep_discriminator()
    assert [type(layer).__name__ for layer in two] == ["Linear", "ReLU", "Linear"]
    assert [type(layer).__name__ for layer in deep] == ["Linear", "LeakyReLU", "Dropout"] * 3 + ["Linear"]
    assert {m.p for m in deep if isinstance(m, nn.Dropout)} == {0.3}
    assert not any(isinstance(m, nn.Dropout) for m in leaves(discriminators.deep_discriminator((8,), dropout=0.0)))
    assert {type(m) for m in leaves(discriminators.spectral_discriminator())} == {layers.SpectralLinear, nn.LeakyReLU}


@pytest.mark.parametrize("seed", range(3))
def test_no_logit_of_the_spectral_discriminator_changes_faster_than_its_input(seed):
    torch.manual_seed(seed)
    network = discriminators.spectral_discriminator(3, 16)
    for p in network.parameters():
        p.data.mul_(50)
    a, b = torch.randn(500, 3), torch.randn(500, 3)
    ratio = (network(a) - network(b)).norm(dim=1) / (a - b).norm(dim=1)
    assert ratio.max() <= 1 + 1e-4


WITH_HIDDEN = ["hidden_discriminator", "elu_discriminator", "moments_discriminator", "spectral_discriminator"]


@pytest.mark.parametrize(("call", "error", "says"), [
    *[(functools.partial(getattr(discriminators, name), hidden=wrong), error, rf"hidden must be {says}")
      for name in WITH_HIDDEN for wrong, error, says in ((0, ValueError, r"at least 1, got 0\. Pass a larger"),
                                                         (2.5, TypeError, r"a whole number, got 2\.5"))],
    (lambda: discriminators.linear_discriminator(0), ValueError, "width must be at least 1, got 0"),
    (lambda: discriminators.hidden_discriminator(0), ValueError, r"width must be at least 1, got 0\. Pass a larger"),
    (lambda: discriminators.spectral_discriminator(0), ValueError, r"width must be at least 1, got 0\. Pass a larger"),
    (lambda: discriminators.elu_discriminator(inputs=0), ValueError, "inputs must be at least 1, got 0"),
    (lambda: discriminators.elu_discriminator("moments"), TypeError, "features must be a function .*got 'moments'"),
    (lambda: discriminators.deep_discriminator(widths=(2.5,)), TypeError, "each of widths must be a whole number"),
    (lambda: discriminators.deep_discriminator(dropout=1.0), ValueError, "0 or more and below 1, got 1"),
])  # fmt: skip
def test_sizes_and_shares_that_cannot_be_are_refused(call, error, says):
    with pytest.raises(error, match=says):
        call()
