"""Exercise 2: how many weights and biases."""

import math
from itertools import combinations, pairwise

import torch
from torch import nn

from tests.exercises.bank_mnist_two_layers import right, wrong

NAME = "count_parameters"


@right(NAME)
def built(widths):
    """Builds the network and counts."""
    return sum(p.numel() for a, b in pairwise(widths) for p in nn.Linear(a, b).parameters())


@right(NAME)
def recursive(widths):
    first, second, *rest = widths
    return (first + 1) * second + (recursive((second, *rest)) if rest else 0)


@right(NAME)
def a_tensor(widths):
    widths = torch.tensor(widths)
    return (widths[:-1] * widths[1:]).sum() + widths.sum() - widths[0]


def products(widths):
    return sum(a * b for a, b in pairwise(widths))


def whole(widths):
    return products(widths) + sum(widths[1:])


ANSWERS = {
    lambda w: products(w): "these are the weights. Each unit has a bias, too",
    lambda w: sum(w[1:]): "these are the biases",
    lambda w: products(w) + sum(w): "the inputs get biases too",
    lambda w: products(w) + len(w) - 1: "each layer gets one bias",
    lambda w: products(w) + 1: "there is one bias in all",
    lambda w: products(w) + sum(w[:-1]): "not for each it comes from",
    lambda w: products(w) + sum(w[1:-1]): "the biases of the last layer are missing",
    lambda w: products(w) + w[-1]: "only the last layer has biases",
    lambda w: products(w) + 2 * sum(w[1:]): "the biases are counted twice",
    lambda w: 2 * whole(w): "everything is counted twice",
    lambda w: sum((a + 1) * (b + 1) for a, b in pairwise(w)): "(a + 1)(b + 1) is one too many",
    lambda w: math.prod(w): "the widths are multiplied with each other. Layers add up",
    lambda w: math.prod(w) + sum(w[1:]): "Weights of layers add up",
    lambda w: sum(w): "these are the units",
    lambda w: (w[0] + 1) * w[1]: "this is the first layer alone",
    lambda w: (w[-2] + 1) * w[-1]: "this is the last layer alone",
    lambda w: sum(a * b for a, b in combinations(w, 2)) + sum(w[1:]): "every layer is connected with every other",
    lambda w: 348490: "this is for 786 pixels",
    lambda w: whole([786 if width == 784 else width for width in w]): "this is for 786 pixels",
    lambda w: 347704: "for (784, 128, 1) there are 100,609, you count 347,704",
    lambda w: (w[0] + 1) * w[1] + (w[1] + 1) * w[2]: "tuple index out of range, for widths (2, 1)",
    lambda w: (w[0] + 1) * w[1] + (w[-2] + 1) * w[-1]: "for (2, 1) everything is counted twice",
    lambda w: whole(w) + 0.2: "close, but a count is a whole number",
    lambda w: whole(w) / 1000: "you count 347.704",
    lambda w: -whole(w): "you count -347,704",
    lambda w: [whole(pair) for pair in pairwise(w)]: "return one number: the sum over all layers",
    lambda w: (products(w), sum(w[1:])): "return one number: the sum over all layers",
    lambda w: torch.tensor(w): "one number, not shape (3,)",
    lambda w: f"{whole(w):,}": "return one whole number, not '347,704'",
    lambda w: nn.Linear(w[0], w[1]): "return one whole number, not Linear",
    lambda a, b, c: (a + 1) * b + (b + 1) * c: "stopped with TypeError",
    lambda w: float("nan"): "you count nan",
}
for answer, says in ANSWERS.items():
    wrong(NAME, says)(answer)
