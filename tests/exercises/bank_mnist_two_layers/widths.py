"""Exercise 6: how wide is what comes before the last sigmoid."""

import math

import numpy as np
import torch

from tests.exercises.bank_mnist_two_layers import right, wrong

NAME = "logit_std"


@right(NAME)
def layer_by_layer(std, widths, weights):
    """In standard deviations, as one writes it down."""
    for i, w in enumerate(weights):
        root = std if i == 0 else std / 2**0.5  # the root of the mean square of what goes in
        std = root * w * widths[i] ** 0.5
    return std


@right(NAME)
def in_one_line(std, widths, weights):
    return std * np.prod(np.sqrt(widths[:-1]) * np.array(weights)) * 2 ** (-(len(weights) - 1) / 2)


@right(NAME)
def a_tensor(std, widths, weights):
    squares = torch.tensor(weights).double().square() * torch.tensor(widths[:-1])
    return (std**2 * 2 * (squares / 2).prod()).sqrt()


def mean_square(std, widths, weights, relu=0.5, power=2):
    square = std**2
    for i, w in enumerate(weights):
        square *= widths[i] * w**power * (relu if i else 1)
    return square


def whole(std, widths, weights):
    return math.sqrt(mean_square(std, widths, weights))


def before_the_last_relu(std, widths, weights):
    return whole(std, widths[:-1], weights[:-1]) if len(weights) > 1 else std


ANSWERS = {
    lambda s, n, w: mean_square(s, n, w): "you give the variance. Take its root",
    lambda s, n, w: math.sqrt(mean_square(s, n, w, relu=1)): "the ReLUs have no effect",
    lambda s, n, w: math.sqrt(mean_square(s, n, w) / 2): "there is one ReLU too many",
    lambda s, n, w: math.sqrt(mean_square(s, n, w, relu=(1 - 1 / math.pi) / 2)): "after a ReLU you take the variance",
    lambda s, n, w: math.sqrt(mean_square(s, n, w, relu=0.25)): "each ReLU halves the standard deviation",
    lambda s, n, w: whole(s, n[1:], w): "you count the units a layer leads to",
    lambda s, n, w: math.sqrt(mean_square(s, n, w, power=1)): "the weights' std is not squared",
    lambda s, n, w: whole(s**0.5, n, w): "and weights of std (0.1, 0.3, 0.2) the noise's std is not squared",
    lambda s, n, w: whole(1, n, w): "the noise's std has no effect",
    lambda s, n, w: math.sqrt(s**2 * math.prod(x * x for x in w) / 2 ** (len(w) - 1)): "how many inputs a unit adds up",
    lambda s, n, w: s * math.prod(a * b for a, b in zip(n, w, strict=False)) / 2 ** (len(w) - 1): "n w², not n w",
    lambda s, n, w: s * math.prod(a * b for a, b in zip(n, w, strict=False)) / 2 ** ((len(w) - 1) / 2): "n w², not n w",
    lambda s, n, w: whole(s, n, w) * 2 ** ((len(w) - 2) / 2): "only one ReLU counts",
    lambda s, n, w: 1.004 * whole(s, n, w): "Close: compute it instead of drawing",
    lambda s, n, w: math.sqrt(2) * s: "holds for weights of std √(2/n) only",
    lambda s, n, w: s: "this is the noise's std. It changes on its way",
    lambda s, n, w: s * math.sqrt(n[-2]) * w[-1]: "straight into the last layer",
    lambda s, n, w: before_the_last_relu(s, n, w): "this is before the last ReLU",
    lambda s, n, w: before_the_last_relu(s, n, w) / 2**0.5: "last ReLU. One layer",
    lambda s, n, w: whole(s, n, w) / 4: "this is after the sigmoid, more or less",
    lambda s, n, w: whole(s, n, w) * math.sqrt(n[-1]): "this is the length of all outputs together",
    lambda s, n, w: whole(s, n, w) + 0.1: "it is 3.6000, yours 3.7.",
    lambda s, n, w: 3.6: "(0.141, 0.071) it is 1.4142, yours 3.6.",
    lambda s, n, w: round(whole(s, n, w), 2): "for noise of std 1, widths",
    lambda s, n, w: float("inf"): "you get inf",
    lambda s, n, w: float("nan"): "you get nan",
    lambda s, n, w: (whole(s, n, w), 0.8): "one number, not shape (2,)",
    lambda s, n, w: complex(whole(s, n, w)): "Yours are complex",
    lambda s, n, w: "sqrt(2) s": "return one number, not 'sqrt(2) s'",
    lambda s, n, w: math.sqrt(2 / n) * s: "stopped with TypeError",
    lambda s, n, w: math.sqrt(sum(a * b**2 for a, b in zip(n, w, strict=True))): "stopped with ValueError",
    lambda s, n: math.sqrt(2) * s: "stopped with TypeError",
    lambda s, n, w: math.sqrt(sum(a * b**2 for a, b in zip(n, w, strict=False))) * s: "yours",
}
for answer, says in ANSWERS.items():
    wrong(NAME, says)(answer)
