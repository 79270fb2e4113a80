"""Exercise 2: the perfect generator, the quantile function of a bell curve."""

import math
import statistics

import numpy as np
import torch
from scipy import special, stats
from torch.distributions import Normal

from tests.exercises.bank_gaussian import right, wrong

NAME = "perfect_generator"
ndtri, ndtr, erfinv = torch.special.ndtri, torch.special.ndtr, torch.erfinv


@right(NAME)
def with_erfinv(u, mean, std):
    return mean + std * math.sqrt(2) * erfinv(2 * u - 1)


@right(NAME)
def with_scipy(u, mean, std):
    return stats.norm.ppf(u, loc=mean, scale=std)


@right(NAME)
def float32_with_a_gradient(u, mean, std):
    u = u.float().requires_grad_()
    return mean + std * ndtri(u)


@right(NAME)
def with_icdf(u, mean, std):
    return Normal(torch.tensor(mean), torch.tensor(std)).icdf(u)


@right(NAME)
def python_loop(u, mean, std):
    bell = statistics.NormalDist(mean, std)
    return [[bell.inv_cdf(float(share))] for share in u]


@right(NAME)
def in_place(u, mean, std):
    return u.copy_(torch.from_numpy(special.ndtri(u.numpy()))).mul_(std).add_(mean)


@right(NAME)
def bisection(u, mean, std):
    low, high = torch.full_like(u, mean - 6 * std), torch.full_like(u, mean + 6 * std)
    for _ in range(60):
        middle = (low + high) / 2
        below = ndtr((middle - mean) / std) < u
        low, high = torch.where(below, middle, low), torch.where(below, high, middle)
    return high


NORMAL, HALF, WAY_BACK = "you make N(0, 1)", "you make half a bell", "You need the way back: ndtri"
DRAWS, HEAVY = "Does it draw numbers of its own?", "logit belongs to another bell"
SHAPE, FINITE = "noise of shape (2000, 1) makes outputs of the same shape", "Is ndtri given numbers outside 0 to 1?"
AT_09 = "the mean is right, but for u = 0.9002 the output should be 5.604; yours is"
OUTPUTS = {  # what the answer returns: what the check has to say
    lambda u, mean, std: ndtri(u): NORMAL,
    lambda u, mean, std: mean + ndtri(u): "you make a bell of width 1",
    lambda u, mean, std: std * ndtri(u): "your bell is around 0",
    lambda u, mean, std: 4 + 1.25 * ndtri(u): "for mean 0 and std 1 you make N(4, 1.25)",
    lambda u, mean, std: mean + std**2 * ndtri(u): "the spread is std². Multiply by std itself",
    lambda u, mean, std: mean + std**0.5 * ndtri(u): "the spread is the root of std",
    lambda u, mean, std: mean + ndtri(u) / std: "you divide by std",
    lambda u, mean, std: std * (mean + ndtri(u)): "you shift, then stretch",
    lambda u, mean, std: std + mean * ndtri(u): "mean and std are swapped",
    lambda u, mean, std: stats.norm.ppf(u, std, mean): "mean and std are swapped",
    lambda u, mean, std: (ndtri(u) - mean) / std: "you go into standard units",
    lambda u, mean, std: mean - std * ndtri(u): "but G falls",
    lambda u, mean, std: mean + std * ndtri(1 - u): "but G falls",
    lambda u, mean, std: mean + std * ndtr(u): f"ndtr goes from numbers to shares. {WAY_BACK}",
    lambda u, mean, std: ndtr((u - mean) / std): f"you say what share lies below u. {WAY_BACK}",
    lambda u, mean, std: stats.norm.cdf(u, mean, std): WAY_BACK,
    lambda u, mean, std: stats.norm.pdf(u, mean, std): "you give the height of the bell at u",
    lambda u, mean, std: mean + std * erfinv(2 * u - 1): "erfinv needs a factor √2",
    lambda u, mean, std: mean + std * math.sqrt(2) * erfinv(u): f"{HALF}. erfinv takes 2u - 1",
    lambda u, mean, std: mean + std * erfinv(u): HALF,
    lambda u, mean, std: mean + std * u: "a box of width std, not a bell",
    lambda u, mean, std: mean + std * (u - 0.5): "a box of width std, not a bell",
    lambda u, mean, std: mean + std * (2 * u - 1): "a straight line makes a box",
    lambda u, mean, std: mean + std * 12**0.5 * (u - 0.5): "mean and std are right, and it is a box",
    lambda u, mean, std: mean + std * u.logit(): HEAVY,
    lambda u, mean, std: mean + std * (u / (1 - u)).log(): HEAVY,
    lambda u, mean, std: mean + std * 3**0.5 / math.pi * u.logit(): f"mean and std are right, but {HEAVY}",
    lambda u, mean, std: mean + std * torch.tan(math.pi * (u - 0.5)): AT_09,  # Cauchy
    lambda u, mean, std: mean + std * torch.atanh(2 * u - 1): AT_09,
    lambda u, mean, std: torch.full_like(u, mean): "every output is 4. It has to depend on u",
    lambda u, mean, std: u * 0 + mean + std: "every output is 5.25",
    lambda u, mean, std: mean + std * torch.randn_like(u): DRAWS,
    lambda u, mean, std: torch.normal(mean, std, u.shape): DRAWS,
    lambda u, mean, std: torch.normal(mean, std, u.shape, generator=torch.Generator().manual_seed(0)): DRAWS,
    lambda u, mean, std: mean + std * torch.sqrt(-2 * u.log()) * torch.cos(2 * math.pi * u): DRAWS,  # Box-Muller, half
    lambda u, mean, std: mean + std * (u.log() - u.log().mean()): AT_09,
    lambda u, mean, std: mean + std * -torch.log(1 - u): "the mean of your outputs is 5.25",
    lambda u, mean, std: mean + std * ndtri(u.clamp(0.01, 0.99)): "u = 0.9998 the output should be 8.351; yours is",
    lambda u, mean, std: ndtri(mean + std * u): FINITE,
    lambda u, mean, std: ndtri((u - mean) / std): FINITE,
    lambda u, mean, std: mean + std * ndtri(2 * u - 1): FINITE,
    lambda u, mean, std: mean + std * ndtri(u).flatten(): f"{SHAPE}. Yours is (2000,)",
    lambda u, mean, std: mean + std * ndtri(u) * torch.ones(len(u)): f"{SHAPE}. Yours is (2000, 2000)",
    lambda u, mean, std: mean + std * ndtri(u).mean(): f"{SHAPE}. Yours is ()",
    lambda u, mean, std: statistics.NormalDist(mean, std): "return a tensor of shape (n, 1), not NormalDist",
    lambda u, mean, std: statistics.NormalDist(mean, std).inv_cdf(u): "stopped with",
    lambda u, mean, std: mean + std * np.interp(u, [0, 0.5, 1], [-1.7, 0, 1.7]): AT_09,
}  # fmt: skip
for outputs, says in OUTPUTS.items():
    wrong(NAME, says)(outputs)


@wrong(NAME, "stopped with TypeError: generator_of_noise() takes 1 positional argument")
def generator_of_noise(u):
    return ndtri(u)
