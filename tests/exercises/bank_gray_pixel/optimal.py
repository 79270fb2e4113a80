"""Exercise 2: the best possible D."""

import numpy as np
import torch
from scipy.special import expit

from tests.exercises.bank_gray_pixel import right, wrong

NAME = "optimal_d"


def bayes(p, q):
    return torch.where(p + q > 0, p / (p + q), 0.5)


@right(NAME)
def nan_is_a_half(p, q):
    return (p / (p + q)).nan_to_num(0.5)


@right(NAME)
def sigmoid_of_the_log_ratio(p, q):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((p + q) > 0, expit(np.log(p.numpy()) - np.log(q.numpy())), 0.5)


@right(NAME)
def point_by_point(p, q):
    return [a / (a + b) if a + b > 0 else 0.5 for a, b in zip(p.tolist(), q.tolist(), strict=True)]


@right(NAME)
def in_place_and_float32(p, q):
    q += p
    p /= q
    p[q == 0] = 0.5
    return p.float().requires_grad_()


@right(NAME)
def with_a_mask(p, q):
    d = torch.full_like(p, 0.5)
    there = torch.logical_or(p > 0, q > 0)
    d[there] = 1 / (1 + q[there] / p[there])
    return d


@right(NAME)
def a_tiny_number_against_zero(p, q, tiny=1e-12):
    return (p + tiny) / (p + q + 2 * tiny)


EMPTY, SMALL = "where both are 0, say 0.5: yours is ", "is there a small number that you add or compare with?"
CURVES = {  # what the answer returns: what the check has to say
    lambda p, q: p / (p + q): f"{EMPTY}nan",
    lambda p, q: (p / (p + q)).nan_to_num(): f"{EMPTY}0 there",
    lambda p, q: p / (p + q).clamp(min=1e-12): f"{EMPTY}0 there",
    lambda p, q: torch.where(q > 0, bayes(p, q), 1.0): f"{EMPTY}1 there",
    lambda p, q: torch.where(p > 0, bayes(p, q), 0.5): "where p_data is 0 and p_g is 0.39, you say 0.5000",
    lambda p, q: (p / q) / (1 + p / q): "and p_g is 0 you get NaN",
    lambda p, q: bayes(q, p): "this is the chance that the sample is a fake",
    lambda p, q: p / q: "this is the ratio p_data / p_g",
    lambda p, q: q / p: "this is the ratio p_g / p_data",
    lambda p, q: p.log() - q.log(): "Pass it through a sigmoid",
    lambda p, q: bayes(p, q).logit(): "Pass it through a sigmoid",
    lambda p, q: bayes(p, q).sigmoid(): "Leave the sigmoid out",
    lambda p, q: (p - q).sigmoid(): "sigmoid takes the difference of the logs",
    lambda p, q: torch.softmax(torch.stack([p, q]), 0)[0]: "sigmoid takes the difference of the logs",
    lambda p, q: (p / q).sigmoid(): "sigmoid takes the log of the ratio",
    lambda p, q: bayes(p, q).log(): "this is the log of D*",
    lambda p, q: 2 * bayes(p, q): "this is twice D*",
    lambda p, q: (p > q).float(): "this is a hard yes or no",
    lambda p, q: p + q: "this is the sum of the two densities",
    lambda p, q: (p + q) / 2: "this is the mean of the two densities",
    lambda p, q: p / (p + q).sum(): "you divide by the sum over all points",
    lambda p, q: p - q: "this is the difference of the densities",
    lambda p, q: p: "this is p_data alone",
    lambda p, q: q: "this is p_g alone",
    lambda p, q: torch.full_like(p, 0.5): "one half everywhere",
    lambda p, q: p * 0.5 / (p + q): "where p_data is 3.3e-05 and p_g is 0, you say 0.5000, and it is 1.0000",
    lambda p, q: p / p.max(): "you say",
    lambda p, q: p / (p * q): "you get NaN",
    lambda p, q: p**2 / (p**2 + q**2): "you say",
    lambda p, q: bayes(p, q) - 0.5: "D states a probability, from 0 to 1. Yours goes from -0.5 to 0.5",
    lambda p, q: 2 * bayes(p, q) - 1: "Yours goes from -1 to 1",
    lambda p, q: (p + 1e-3) / (p + q + 2e-3): SMALL,
    lambda p, q: (p + 1e-8) / (p + q + 2e-8): SMALL,
    lambda p, q: torch.where(p + q > 0, p / (p + q + 1e-6), 0.5): SMALL,
    lambda p, q: torch.where(p + q > 0, p / (p + q).clamp(min=1e-3), 0.5): SMALL,
    lambda p, q: torch.where(p + q > 1e-3, p / (p + q), 0.5): SMALL,
    lambda p, q: bayes(p, q).round(): "this is a hard yes or no",
    lambda p, q: bayes(p, q).round(decimals=5): "you say",
    lambda p, q: bayes(p, q).mean(): "yours is ()",
    lambda p, q: bayes(p, q)[p + q > 0]: "for 2401 points return shape (2401,)",
    lambda p, q: p / (p + q) if p + q > 0 else 0.5: "stopped with RuntimeError: Boolean value of Tensor",
}
for curve, says in CURVES.items():
    wrong(NAME, says)(curve)
