"""Exercise 1: the density of tanh(w z + b)."""

import math

import numpy as np
import torch
from scipy import stats
from torch import atanh, tanh
from torch.distributions import Normal, TransformedDistribution
from torch.distributions.transforms import TanhTransform

from tests.exercises.bank_gray_pixel import right, wrong

NAME = "generated_density"


def p_z(z):
    return torch.exp(-z.square() / 2) / math.sqrt(2 * math.pi)


@right(NAME)
def with_scipy(x, w, b):
    return stats.norm.pdf(np.arctanh(x.numpy()), b, abs(w)) / (1 - x.numpy() ** 2)


@right(NAME)
def with_torch_distributions(x, w, b):
    return TransformedDistribution(Normal(b, abs(w)), TanhTransform()).log_prob(x).exp()


@right(NAME)
def in_float32(x, w, b):
    x = x.float()
    return p_z((atanh(x) - b) / w) / (abs(w) * (1 - x**2))


@right(NAME)
def point_by_point(x, w, b):
    found = []
    for value in x.tolist():
        z = (math.log((1 + value) / (1 - value)) / 2 - b) / w
        found.append(math.exp(-0.5 * z * z) / (2 * math.pi) ** 0.5 / abs(w * (1 - value**2)))
    return found


@right(NAME)
def slope_by_autograd(x, w, b):
    z = ((atanh(x) - b) / w).requires_grad_()
    (slope,) = torch.autograd.grad(tanh(w * z + b).sum(), z, create_graph=True)
    return p_z(z) / slope.abs()


@right(NAME)
def in_place(x, w, b):
    slope = 1 - x**2
    return x.atanh_().sub_(b).div_(w).pow_(2).div_(-2).exp_().div_(slope).div_(abs(w) * math.sqrt(2 * math.pi))


@right(NAME)
def slope_of_the_inverse(x, w, b):
    return Normal(0.0, 1.0).log_prob((atanh(x) - b) / w).exp() * torch.abs(1 / (w * (1 + x) * (1 - x)))


def back(x, w, b):
    return (atanh(x) - b) / w


def slope(x, w):
    return abs(w) * (1 - x**2)


def a_histogram(x, w, b):
    made = tanh(w * torch.randn(100_000, dtype=torch.float64) + b)
    edges = torch.linspace(-1, 1, 101, dtype=torch.float64)
    counts = torch.histogram(made, edges).hist
    return counts[((x + 1) * 50).long()] / 2000


def made_to_integrate_to_1(x, w, b):
    values = p_z(back(x, w, b)) / (1 - x**2)
    return values / torch.trapezoid(values, x)


WHERE, LOST = "p_z is asked at the wrong z", "What did the change of variables lose?"
DENSITIES = {  # what the answer returns: what the check has to say
    lambda x, w, b: p_z(back(x, w, b)): "not yet divided by the slope of G",
    lambda x, w, b: p_z(back(x, w, b)) / abs(w): "the slope of tanh is missing",
    lambda x, w, b: p_z(back(x, w, b)) / (1 - x**2): "the slope of G also has the factor |w|",
    lambda x, w, b: p_z(back(x, w, b)) * slope(x, w): "you multiply by the slope",
    lambda x, w, b: p_z(back(x, w, b)) / (w * (1 - x**2)): "w = -0.4, b = -0.2 your density is negative",
    lambda x, w, b: p_z(back(x, w, b)) / (w**2 * (1 - x**2)): "the factor |w| of the slope is there twice",
    lambda x, w, b: stats.norm.pdf(x, b, abs(w)): "this is the density of w z + b. The tanh is missing",
    lambda x, w, b: p_z((x - b) / w) / slope(x, w): f"{WHERE}. Solve x = tanh(w z + b) for z: the tanh is still",
    lambda x, w, b: p_z(atanh(x) / w) / slope(x, w): f"{WHERE}. Solve x = tanh(w z + b) for z: b is missing",
    lambda x, w, b: p_z(atanh(x) / w - b) / slope(x, w): "subtract b before you divide by w",
    lambda x, w, b: p_z((atanh(x) + b) / w) / slope(x, w): "b enters with a minus",
    lambda x, w, b: p_z(atanh(x) - b) / slope(x, w): f"{WHERE}. Solve x = tanh(w z + b) for z: w is missing",
    lambda x, w, b: p_z(atanh(x)) / slope(x, w): "w and b are missing",
    lambda x, w, b: p_z(x) / slope(x, w): "you ask p_z at x. Ask it at the z that makes x",
    lambda x, w, b: p_z(tanh(w * x + b)) / slope(x, w): "you apply G to x",
    lambda x, w, b: p_z(back(x, w, b)) / (abs(w) * (1 - back(x, w, b) ** 2)): "tanh is x here, not z",
    lambda x, w, b: p_z(back(x, w, b)) / (abs(w) * (1 - tanh(x) ** 2)): "x is the tanh already",
    lambda x, w, b: p_z(back(x, w, b)) / (abs(w) * (1 - tanh(back(x, w, b)) ** 2)): "taken at z, not at w z + b",
    lambda x, w, b: torch.exp(-back(x, w, b) ** 2 / 2) / slope(x, w): "the factor 1 / √(2π) of p_z is missing",
    lambda x, w, b: torch.exp(-back(x, w, b) ** 2) / math.sqrt(2 * math.pi) / slope(x, w): "Is the 2 missing?",
    lambda x, w, b: Normal(0.0, 1.0).log_prob(back(x, w, b)) - slope(x, w).log(): "the logarithm of the density",
    lambda x, w, b: p_z(atanh((x - b) / w)) / slope(x, w): "some values are NaN",
    lambda x, w, b: p_z(back(x, w, b)) / (abs(w) * torch.sqrt(1 - x**2)): LOST,
    lambda x, w, b: p_z(back(x, w, b)) / (abs(w) * (1 - x)): LOST,
    lambda x, w, b: 2 * p_z(back(x, w, b)) / slope(x, w): "integrates to 2.000 from -0.9995 to 0.9995, not to 1.000",
    lambda x, w, b: p_z(back(x, w, b)) / slope(x, w) / 100: "integrates to 0.010",
    lambda x, w, b: p_z((torch.atan(x) - b) / w) / slope(x, w): LOST,
    lambda x, w, b: (p_z(back(x, w, b)) / slope(x, w)).sum(): "is ()",
    lambda x, w, b: (p_z(back(x, w, b)) / slope(x, w)).unsqueeze(-1): "(4001, 1)",
    lambda x, w, b: math.exp(-x): "stopped with",
    lambda x, w, b: (x, p_z(back(x, w, b)) / slope(x, w)): "return a tensor of shape (4001,), not (tensor(",
    lambda x, w, b: p_z((atanh(x) - 2 * b) / w) / slope(x, w): "the integral is right, but at x = ",
    a_histogram: "draw no samples",
    made_to_integrate_to_1: "divide by no sum over the points",
}
for density, says in DENSITIES.items():
    wrong(NAME, says)(density)
