"""The generators have the layers and the sizes that their docstrings and chapters name."""

import functools
import itertools

import pytest
import torch
from torch import nn

from gan_helpers import generators
from tests.helpers import weights

MADE = {  # layers, from the noise to the fakes the sizes between them, interval of the fakes
    "bit_generator": ("Linear Sigmoid", [7, 7], (0, 1)),
    "elu_generator": ("Linear ELU Linear Sigmoid Linear", [1, 50, 50, 1], None),
    "number_generator": ("Linear Tanh Linear Tanh Linear", [1, 16, 16, 1], None),
    "two_layer_generator": ("Linear ReLU Linear Sigmoid", [100, 392, 784], (0, 1)),
    "deep_generator": ("Linear LeakyReLU Linear LeakyReLU Linear LeakyReLU Linear Tanh", [100, 256, 512, 1024, 784],
                       (-1, 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", MADE)
def test_layers_and_sizes_are_those_of_the_docstrings(name):
    kinds, sizes, limits = MADE[name]
    network = getattr(generators, name)()
    assert [type(layer).__name__ for layer in network] == kinds.split()
    made = network(10 * torch.randn(5, sizes[0]))
    assert made.shape == (5, sizes[-1])
    assert weights(network) == sum((ins + 1) * outs for ins, outs in itertools.pairwise(sizes))
    assert [layer.out_features for layer in network if isinstance(layer, nn.Linear)] == sizes[1:]
    assert {layer.negative_slope for layer in network if isinstance(layer, nn.LeakyReLU)} <= {0.2}
    assert limits is None or limits[0] <= made.min() <= made.max() <= limits[1]


def test_a_seed_decides_the_initial_weights_and_every_call_builds_a_new_network():
    for name in MADE:
        first, again = (torch.manual_seed(3) and getattr(generators, name)() for _ in range(2))
        assert first is not again
        assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))


def test_sizes_can_be_chosen():
    assert weights(generators.bit_generator(3)) == 12
    assert generators.number_generator(5, 2, 4)(torch.zeros(6, 2)).shape == (6, 4)
    assert [layer.out_features for layer in generators.elu_generator(9) if isinstance(layer, nn.Linear)] == [9, 9, 1]


def test_norm_comes_before_the_activation_and_takes_what_it_is_given():
    g = generators.deep_generator(widths=(8, 16), norm=functools.partial(nn.BatchNorm1d, eps=0.8), activation=nn.ReLU)
    assert [type(layer).__name__ for layer in g] == ["Linear", "BatchNorm1d", "ReLU"] * 2 + ["Linear", "Tanh"]
    norms = [layer for layer in g if isinstance(layer, nn.BatchNorm1d)]
    assert [(layer.num_features, layer.eps) for layer in norms] == [(8, 0.8), (16, 0.8)]
    assert isinstance(generators.deep_generator(last=nn.Sigmoid)[-1], nn.Sigmoid)


@pytest.mark.parametrize(("call", "error", "says"), [
    (lambda: generators.bit_generator(0), ValueError, "width must be at least 1, got 0"),
    (lambda: generators.elu_generator(2.5), TypeError, r"hidden must be a whole number, got 2\.5"),
    (lambda: generators.number_generator(inputs=0), ValueError, "inputs must be at least 1, got 0"),
    (lambda: generators.number_generator(outputs=True), TypeError, "outputs must be a whole number, got True"),
    (lambda: generators.deep_generator(inputs=0), ValueError, "inputs must be at least 1, got 0"),
    (lambda: generators.deep_generator(widths=(8, -1)), ValueError, "each of widths must be at least 1, got -1"),
])  # fmt: skip
def test_sizes_that_cannot_be_are_refused(call, error, says):
    with pytest.raises(error, match=says):
        call()
