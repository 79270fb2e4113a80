"""Exercise 3: find eps, and what it takes of a unit's spread."""

import math

import torch

from tests.exercises.bank_mnist_deeper import right, wrong

NAME = "find_eps"


def eps_of(x, y):
    v = x.var(0, correction=0)
    return (v / y.var(0, correction=0) - v).mean().item()


def lost_at(variance, eps):
    return 1 - math.sqrt(variance / (variance + eps))


@right(NAME)
def one_unit(x, y, variance):
    """The slope of y against x is 1 / sqrt(var + eps)."""
    slope = (y[1, 0] - y[0, 0]) / (x[1, 0] - x[0, 0])
    eps = 1 / slope**2 - x[:, 0].var(correction=0)
    return torch.stack([eps, 1 - (variance / (variance + eps)).sqrt()])


@right(NAME)
def with_numpy(x, y, variance):
    x, y = x.numpy(), y.numpy()
    eps = x.var(0).max() * (1 / y.var(0).max() - 1)
    kept = variance**0.5 / (variance + eps) ** 0.5
    return [eps, 1 - kept]


@right(NAME)
def with_means_of_squares(x, y, variance):
    v = ((x - x.mean(0)) ** 2).mean(0)
    eps = ((v - v * y.square().mean(0)) / y.square().mean(0)).median()
    return eps, (math.sqrt(variance + eps) - math.sqrt(variance)) / math.sqrt(variance + eps)


def eps(function):
    return lambda x, y, variance: (function(x, y), lost_at(variance, eps_of(x, y)))


def lost(function):
    return lambda x, y, variance: (eps_of(x, y), function(variance, eps_of(x, y)))


def v(x):
    return x.var(0, correction=0)


ANSWERS = {
    eps(lambda x, y: 0.8): "you say 0.8. Recover it from x and y",
    eps(lambda x, y: (x.var(0) / y.var(0) - x.var(0)).mean()): "you divide by n - 1 in the variances",
    eps(lambda x, y: (x.var(0) / v(y) - x.var(0)).mean()): "you divide by n - 1 in the variance of x",
    eps(lambda x, y: (v(x) / y.var(0) - v(x))[0]): "you divide by n - 1 in the variance of y",
    eps(lambda x, y: (v(x) / v(y)).mean()): "this is var + eps. Take var away",
    eps(lambda x, y: (v(x) / v(y))[0] - 1): "you take 1 away",
    eps(lambda x, y: (v(x) - v(x) / v(y)).mean()): "the sign is turned",
    eps(lambda x, y: (1 / v(y) - 1).mean()): "this is eps / var. Multiply by var",
    eps(lambda x, y: ((v(x) / v(y)).sqrt() - v(x).sqrt()).mean()): "if eps were added to the standard deviation",
    eps(lambda x, y: ((v(x) / v(y)).sqrt() - v(x)).mean()): "Stay with variances",
    eps(lambda x, y: (v(y) - v(x)).mean()): "the difference of the variances",
    eps(lambda x, y: (v(x) - v(y))[0]): "the difference of the variances",
    eps(lambda x, y: (1 - v(y)).mean()): "this is the share of the variance that is lost",
    eps(lambda x, y: (v(x) * v(y) - v(x)).mean()): "y's variance belongs below",
    eps(lambda x, y: 1e-5): "1e-5 is the eps of a layer that is told nothing else",
    eps(lambda x, y: v(x).mean() / v(y).mean() - v(x).mean()): "you average the variances of units before you solve",
    eps(lambda x, y: x.var() / y.var() - x.var()): "you take one variance of all units",
    eps(lambda x, y: v(x) / v(y) - v(x)): "your eps has one number for each unit",
    eps(lambda x, y: 0.1): "for eps = 0.8 you find 0.1",
    eps(lambda x, y: float("nan")): "you find nan",
    eps(lambda x, y: round(eps_of(x, y), 2)): "for eps = 0.001 you find 0",
    lost(lambda s, e: 1 - lost_at(s, e)): "this is the share that is left",
    lost(lambda s, e: e / (s + e)): "this is lost of the variance",
    lost(lambda s, e: s / (s + e)): "this is left of the variance",
    lost(lambda s, e: math.sqrt(e / (s + e))): "you take the root of what is lost",
    lost(lambda s, e: 100 * lost_at(s, e)): "this is in percent",
    lost(lambda s, e: 1 - math.sqrt(s) / (math.sqrt(s) + e)): "eps is added to the variance, under the root",
    lost(lambda s, e: 1 - s / math.sqrt(s + e)): "the variance above is to be a standard deviation",
    lost(lambda s, e: lost_at(0.2, e)): "Lost at variance 0.4: you take 0.2 whatever the variance is",
    lost(lambda s, e: lost_at(s, 0.8)): "you take eps = 0.8 always",
    lost(lambda s, e: lost_at(s * s, e)): "the variance is squared",
    lost(lambda s, e: 1 - s / (s + math.sqrt(e))): "there is no root of eps",
    lost(lambda s, e: 1 - 1 / math.sqrt(s + e)): "this compares the output with the input",
    lost(lambda s, e: 1 - 1 / (s + e)): "this compares the variance of the output with that of the input",
    lost(lambda s, e: math.sqrt(s) - math.sqrt(s / (s + e))): "this is the input's width minus the output's",
    lambda x, y, variance: (eps_of(x, y), 1 - (v(x) / (v(x) + eps_of(x, y))).sqrt().mean()): "for the units of x",
    lost(lambda s, e: -lost_at(s, e)): "it should be 0.4226, yours is -0.4226",
    lost(lambda s, e: 0.5527864045000421): "you take 0.2 whatever the variance is",
    lambda x, y, variance: eps_of(x, y): "return the pair (eps, lost)",
    lambda x, y, variance: lost_at(variance, eps_of(x, y)): "return the pair (eps, lost)",
    lambda x, y, variance: (lost_at(variance, eps_of(x, y)), eps_of(x, y)): "for eps = 0.8 you find 0.42265",
    lambda x, y, variance: ("eps", "momentum"): "return the pair (eps, lost), not 'eps'",
    lambda x, y, variance: x.var(0) / y.var(1): "stopped with RuntimeError",
    lambda x, y: (0.8, 0.55): "stopped with TypeError",
}
for answer, says in ANSWERS.items():
    wrong(NAME, says)(answer)
