"""Exercise 4: the Jensen-Shannon divergence."""

import math

import numpy as np
import torch
from scipy.integrate import trapezoid
from scipy.spatial.distance import jensenshannon
from scipy.special import rel_entr
from torch import xlogy
from torch.nn.functional import kl_div

from tests.exercises.bank_gray_pixel import right, wrong

NAME = "jensen_shannon"
LOG2 = math.log(2)


def d_star(p, q):
    return torch.where(p + q > 0, p / (p + q), 0.5)


def value(p, q, grid, log=xlogy):
    d = d_star(p, q)
    return torch.trapezoid(log(p, d) + log(q, d_star(q, p)), grid)


def kl(p, q, grid):
    return torch.trapezoid(xlogy(p, p) - xlogy(p, q), grid)


@right(NAME)
def mean_of_two_divergences(p, q, grid):
    m = (p + q) / 2
    return (kl(p, m, grid) + kl(q, m, grid)) / 2


@right(NAME)
def scipy_squared(p, q, grid):
    return np.nan_to_num(jensenshannon(p, q)) ** 2


@right(NAME)
def relative_entropies(p, q, grid):
    p, q = p.numpy(), q.numpy()
    return float(trapezoid(rel_entr(p, (p + q) / 2) + rel_entr(q, (p + q) / 2), grid.numpy())) / 2


@right(NAME)
def a_sum_times_the_step(p, q, grid):
    d = d_star(p, q)
    return ((xlogy(p, d) + xlogy(q, d_star(q, p))).sum() * (grid[1] - grid[0]) / 2 + LOG2).item()


@right(NAME)
def float32_with_a_gradient(p, q, grid):
    p = p.float().requires_grad_()
    return (value(p, q.float(), grid.float()) / 2 + LOG2).reshape(1)


@right(NAME)
def in_place(p, q, grid):
    both = p + q
    p.copy_(xlogy(p, p / both).nan_to_num_(0)).add_(xlogy(q, q / both).nan_to_num_(0))
    return torch.trapezoid(p, grid) / 2 + math.log(2)


@right(NAME)
def where_both_logs_are_finite(p, q, grid):
    d = d_star(p, q).clamp(1e-12, 1 - 1e-12)
    return torch.trapezoid(p * d.log() + q * (1 - d).log(), grid) / 2 + LOG2


@right(NAME)
def entropy_of_the_mean(p, q, grid):
    return torch.trapezoid((xlogy(p, p) + xlogy(q, q)) / 2 - xlogy((p + q) / 2, (p + q) / 2), grid)


def only(p, q, grid, of_p=True):
    m = (p + q) / 2
    return kl(p if of_p else q, m, grid)


def plain_log(p, d):
    return p * d.log()


SUMS, BOTH, NAN = "you sum over the grid", "Compare each with the mean of both", "you get NaN: 0 log 0, or 0 / 0"
ONE, TURNED = "return one number, not one for each of the 2401 points", "V enters with the wrong sign"
NUMBERS = {  # what the answer returns: what the check has to say
    lambda p, q, grid: value(p, q, grid): "this is the value V of the game",
    lambda p, q, grid: value(p, q, grid) + 2 * LOG2: "this is twice the divergence",
    lambda p, q, grid: value(p, q, grid) / 2 + 2 * LOG2: "2 log 2 is to be halved as well",
    lambda p, q, grid: value(p, q, grid) + LOG2: "V is to be halved as well",
    lambda p, q, grid: value(p, q, grid) / 2: "log 2 is missing",
    lambda p, q, grid: value(p, q, grid) / 2 - LOG2: "log 2 has the wrong sign",
    lambda p, q, grid: LOG2 - value(p, q, grid) / 2: TURNED,
    lambda p, q, grid: (
        torch.trapezoid(grid, xlogy(p, d_star(p, q)) + xlogy(q, d_star(q, p))) / 2 + LOG2
    ): TURNED,
    lambda p, q, grid: -(value(p, q, grid) / 2 + LOG2): "the sign is turned",
    lambda p, q, grid: value(p, q, grid) / 4 + LOG2 / 2: "this is half the divergence",
    lambda p, q, grid: (value(p, q, grid) / 2 + LOG2) / LOG2: "this is in bits",
    lambda p, q, grid: jensenshannon(p, q, base=2) ** 2: "this is in bits",
    lambda p, q, grid: value(p, q, grid, lambda a, b: xlogy(a, b) / LOG2) / 2 + LOG2: "V is in bits",
    lambda p, q, grid: jensenshannon(p, q): "this is the square root",
    lambda p, q, grid: kl(p, q, grid): "this is the Kullback-Leibler divergence, which compares with p_g",
    lambda p, q, grid: kl_div(p.log(), q, reduction="sum") * 0.0025: "the Kullback-Leibler divergence of p_g",
    lambda p, q, grid: (kl(p, q, grid) + kl(q, p, grid)) / 2: BOTH,
    lambda p, q, grid: kl(p, q, grid) + kl(q, p, grid): BOTH,
    lambda p, q, grid: only(p, q, grid): "this is the half of it that p_data gives",
    lambda p, q, grid: only(p, q, grid) / 2: "the term for p_g is missing",
    lambda p, q, grid: only(p, q, grid, of_p=False) / 2: "the term for p_data is missing",
    lambda p, q, grid: torch.trapezoid(xlogy(p, d_star(p, q)), grid) / 2 + LOG2: "That of the fakes is missing",
    lambda p, q, grid: torch.trapezoid(xlogy(p + q, d_star(p, q)), grid) / 2 + LOG2: "both terms of V have log D*",
    lambda p, q, grid: (
        torch.trapezoid(xlogy(p, d_star(q, p)) + xlogy(q, d_star(p, q)), grid) / 2 + LOG2
    ): "D* and 1 - D* are the wrong way round",
    lambda p, q, grid: (p - q).abs().sum() * 0.0025 / 2: "this is the total variation distance",
    lambda p, q, grid: torch.trapezoid(xlogy(p, d_star(p, q)) + xlogy(q, d_star(q, p))) / 2 + LOG2: SUMS,
    lambda p, q, grid: (xlogy(p, d_star(p, q)) + xlogy(q, d_star(q, p))).sum() / 2 + LOG2: SUMS,
    lambda p, q, grid: rel_entr([*p, *q], [*(p + q) / 2, *(p + q) / 2]).sum() / 2: SUMS,
    lambda p, q, grid: (xlogy(p, d_star(p, q)) + xlogy(q, d_star(q, p))).mean() / 2 + LOG2: "you average over the grid",
    lambda p, q, grid: (xlogy(p, d_star(p, q)) + xlogy(q, d_star(q, p))).mean() * 3 + LOG2: "it is 0.11680, yours",
    lambda p, q, grid: xlogy(p, d_star(p, q)) + xlogy(q, d_star(q, p)): ONE,
    lambda p, q, grid: torch.cumulative_trapezoid(p, grid): "return one number, not shape (2400,)",
    lambda p, q, grid: (kl(p, q, grid), kl(q, p, grid)): "return one number, not shape (2,)",
    lambda p, q, grid: value(p, q, grid, plain_log) / 2 + LOG2: f"for densities that never meet {NAN}",
    lambda p, q, grid: (
        torch.trapezoid(xlogy(p, p / (p + q)) + xlogy(q, q / (p + q)), grid) / 2 + LOG2
    ): f"for densities that never meet {NAN}",
    lambda p, q, grid: torch.trapezoid(p * (p / q).log(), grid): "Kullback-Leibler",
    lambda p, q, grid: (
        (xlogy(p, d_star(p, q)) + xlogy(q, d_star(q, p))).sum() * 0.0025 / 2 + LOG2
    ): "for equal densities it is 0.00000, yours",  # knows the step of the first grid by heart
    lambda p, q, grid: 0.0: "for two bell curves it is 0.1",
    lambda p, q, grid: LOG2: "for two bell curves it is 0.1",
    lambda p, q, grid: value(p, p, grid) / 2 + LOG2: "for two bell curves it is 0.1",
    lambda p, q, grid: torch.trapezoid((p - q) ** 2, grid): "for two bell curves it is 0.1",
    lambda p, q, grid: value(p, q, grid, lambda a, b: a * (b + 1e-3).log()) / 2 + LOG2: "it is",
    lambda p, q, grid: math.log(p): "stopped with",
    lambda p, q, grid: (
        torch.trapezoid(xlogy(p, d_star(p, q)) + xlogy(q, 1 - d_star(p, q)), grid) / 2 + LOG2
    ): "1 - D* is rounded to 0, and its log is infinite",
}
for number, says in NUMBERS.items():
    wrong(NAME, says)(number)
