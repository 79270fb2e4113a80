"""Exercise 5: an nn.Linear(1, 1) from N(0, 1) to N(4, 1.25)."""

import math

import numpy as np
import torch
from torch import nn

from tests.exercises.bank_gaussian import right, wrong

NAME = "normal_generator"


def linear(w, b=4.0):
    """nn.Linear(1, 1) with this weight and bias."""
    layer = nn.Linear(1, 1)
    with torch.no_grad():
        layer.weight.fill_(w)
        layer.bias.fill_(b)
    return layer


@right(NAME)
def mirrored():
    return linear(-1.25)


@right(NAME)
def parameters():
    layer = nn.Linear(1, 1)
    layer.weight = nn.Parameter(torch.tensor([[1.25]]))
    layer.bias = nn.Parameter(torch.tensor([4.0]))
    return layer


@right(NAME)
def data():
    layer = nn.Linear(in_features=1, out_features=1, bias=True)
    layer.weight.data = torch.full((1, 1), 1.25)
    layer.bias.data[:] = 4
    return layer


@right(NAME)
def a_bias_of_no_dimension():
    layer = linear(1.25)
    layer.bias.data = torch.tensor(4.0)
    return layer


@right(NAME)
def gradients_turned_off():
    return linear(1.25).requires_grad_(False)


@right(NAME)
def state_dict():
    layer = nn.Linear(1, 1)
    layer.load_state_dict({"weight": torch.tensor([[1.25]]), "bias": torch.tensor([4.0])})
    return layer


@right(NAME)
def from_the_variance():
    return linear(math.sqrt(1.5625))


@right(NAME)
def fitted():
    """Least squares with the quantiles of both bells."""
    z = torch.special.ndtri((torch.arange(99) + 1.0) / 100).unsqueeze(1)
    found = np.polyfit(z.flatten(), 4 + 1.25 * z.flatten(), 1)
    return linear(*found)


def with_data(weight=None, bias=None):
    layer = linear(1.25)
    if weight is not None:
        layer.weight.data = weight
    if bias is not None:
        layer.bias.data = bias
    return layer


def assigns_a_number():
    layer = nn.Linear(1, 1)
    layer.weight = 1.25
    return layer


def fills_a_leaf():
    layer = nn.Linear(1, 1)
    layer.weight.fill_(1.25)
    return layer


def sets_only(name, number):
    layer = nn.Linear(1, 1)
    nn.init.constant_(getattr(layer, name), number)
    return layer


ONE, SHAPES = "one input and one output: nn.Linear(1, 1), not", "keep the shapes of weight and bias"
FLOAT = "keep weight and bias in float32, as the noise is"
ROOT, RANDOM = "A length is stretched by its root", "and something else the next time"
LAYERS = {  # what the answer returns: what the check has to say
    lambda: linear(4, 1.25): "your G is 4 z + 1.25: mean and standard deviation are swapped",
    lambda: linear(-4, 1.25): "mean and standard deviation are swapped",
    lambda: linear(1.5625): ROOT,
    lambda: linear(-(1.25**2)): ROOT,
    lambda: linear(1.25**2, 0): ROOT,
    lambda: linear(1.25**0.5): "That is the root of 1.25, which is the standard deviation already",
    lambda: linear(0.8): "The weight is 1 / 1.25",
    lambda: linear(0.8, -3.2): "That goes from N(4, 1.25) to N(0, 1). Turn it round",
    lambda: linear(0.8, 3.2): "Turn it round, and mind the sign",
    lambda: linear(1.25, 5): "The mean is not stretched along",
    lambda: linear(1.25, 3.2): "You divide the mean by 1.25",
    lambda: linear(1.25, -4): "The sign of the bias is turned",
    lambda: linear(1.25, 0): "the bell is around 0. Set the bias too",
    lambda: linear(1): "the standard deviation is still 1. Set the weight",
    lambda: linear(0): "the noise is lost, every output is the same",
    lambda: linear(0, 0): "the noise is lost",
    lambda: linear(1, 0): "its outputs have mean 0, not 4",
    lambda: linear(1.25, 400): "its outputs have mean 400, not 4",
    lambda: linear(1.25, 1.25): "its outputs have mean 1.25, not 4",
    lambda: linear(1.2): "its outputs have standard deviation 1.2, not 1.25",
    lambda: linear(1.25 / math.sqrt(12)): "its outputs have standard deviation 0.3608",
    lambda: linear(1.25 * math.sqrt(12), 4): "its outputs have standard deviation 4.33",  # for uniform noise
    lambda: linear(1.25 * math.sqrt(12), 4 - 1.25 * math.sqrt(3)): "its outputs have mean 1.835",
    lambda: linear(1.2498, 4.0004): "its outputs have mean 4",
    lambda: linear(math.nan): "not finite",
    lambda: linear(1.25, math.inf): "not finite",
    lambda: nn.Linear(1, 1): RANDOM,
    lambda: sets_only("bias", 4.0): RANDOM,
    lambda: sets_only("weight", 1.25): "its outputs have mean",
    lambda: nn.Linear(1, 1, bias=False): "without a bias it cannot shift",
    lambda: nn.Linear(2, 1): ONE,
    lambda: nn.Linear(1, 64): ONE,
    lambda: nn.Linear(4, 1.25): "stopped with TypeError",
    lambda: nn.LazyLinear(1): ONE,
    lambda: nn.Linear: "return a layer, nn.Linear(1, 1), not the class",
    lambda: nn.Sequential(linear(1.25)): "return an nn.Linear(1, 1), not Sequential",
    lambda: lambda z: 4 + 1.25 * z: "return an nn.Linear(1, 1), not function",
    lambda: (linear(1.25), 4): "return an nn.Linear(1, 1), not tuple",
    lambda: linear(1.25)(torch.randn(500, 1)): "return an nn.Linear(1, 1), not Tensor",
    lambda: torch.distributions.Normal(4, 1.25): "return an nn.Linear(1, 1), not Normal",
    lambda: "nn.Linear(1, 1)": "not str",
    lambda: linear(1.25).double(): FLOAT,
    lambda: with_data(bias=torch.tensor([4]).half()): "Yours: torch.float32 and torch.float16",
    lambda: with_data(weight=torch.from_numpy(np.array([[1.25]]))): FLOAT,
    lambda: with_data(weight=torch.tensor([1.25])): SHAPES,
    lambda: with_data(weight=torch.tensor(1.25)): SHAPES,
    lambda: with_data(bias=torch.tensor([4.0, 4.0])): SHAPES,
    lambda: with_data(bias=torch.tensor([[4.0]])): SHAPES,
    assigns_a_number: "stopped with TypeError",
    fills_a_leaf: "stopped with RuntimeError: a leaf Variable",
}
for layer, says in LAYERS.items():
    wrong(NAME, says)(layer)
