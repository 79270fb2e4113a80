"""G: what turns noise into fakes. Each function builds a new network from torch's global random state."""

import itertools

from torch import nn

from gan_helpers import _validate
from gan_helpers.layers import he_normal, leaky_relu


def bit_generator(width: int = 7) -> nn.Module:
    """One linear layer and a sigmoid: (n, width) noise to (n, width) numbers between 0 and 1 (chapter 1).

    For width 7 that is 7 * 7 + 7 = 56 weights. Rounding an output at 0.5 gives the bits of a number.
    """
    width = _validate.count(width, "width")
    return nn.Sequential(nn.Linear(width, width), nn.Sigmoid())


def elu_generator(hidden: int = 50) -> nn.Module:
    """The ELU version's G: ELU, then sigmoid, then a line: (n, 1) noise to (n, 1) numbers (chapter 3)."""
    hidden = _validate.count(hidden, "hidden")
    return nn.Sequential(nn.Linear(1, hidden), nn.ELU(), nn.Linear(hidden, hidden), nn.Sigmoid(), nn.Linear(hidden, 1))


def number_generator(hidden: int = 16, inputs: int = 1, outputs: int = 1) -> nn.Module:
    """Two hidden layers with tanh: (n, inputs) noise to (n, outputs) numbers of any size (chapter 3)."""
    hidden, inputs, outputs = (_validate.count(value, name) for value, name in
                               ((hidden, "hidden"), (inputs, "inputs"), (outputs, "outputs")))
    return nn.Sequential(
        nn.Linear(inputs, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh(), nn.Linear(hidden, outputs)
    )


def two_layer_generator() -> nn.Module:
    """100-392-784 with ReLU and a sigmoid: (n, 100) noise to (n, 784) pixels in [0, 1], 347,704 weights (chapter 5)."""
    return he_normal(nn.Sequential(nn.Linear(100, 392), nn.ReLU(), nn.Linear(392, 784), nn.Sigmoid()))


def deep_generator(inputs: int = 100, widths: tuple[int, ...] = (256, 512, 1024), activation=leaky_relu, norm=None,
                   last=nn.Tanh) -> nn.Module:
    """Hidden layers of these widths: (n, inputs) noise to (n, 784) pixels in [-1, 1] (chapter 6).

    activation, last: functions that build a layer; norm: a function of the width, such as nn.BatchNorm1d, or None.
    """
    layers = []
    for ins, outs in itertools.pairwise((_validate.count(inputs, "inputs"), *widths)):
        layers += [nn.Linear(ins, _validate.count(outs, "each of widths"))]
        layers += [norm(outs), activation()] if norm else [activation()]
    return nn.Sequential(*layers, nn.Linear(widths[-1], 784), last())
