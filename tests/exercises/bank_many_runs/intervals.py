"""Exercise 2: Wilson's interval."""

import math

import numpy as np
import torch
from scipy.optimize import brentq
from scipy.stats import binomtest, norm

from tests.exercises.bank_many_runs import right, wrong

NAME, Z = "wilson", 1.959964


@right(NAME)
def with_scipy(good, runs):
    return binomtest(good, runs).proportion_ci(method="wilson")


@right(NAME)
def with_counts(good, runs):
    z = norm.ppf(0.975)
    half = z * np.sqrt(good * (runs - good) / runs + z**2 / 4)
    return [float(good + z**2 / 2 + sign * half) / (runs + z**2) for sign in (-1, 1)]


@right(NAME)
def roots_of_the_quadratic(good, runs):
    return np.sort(np.roots([1 + Z**2 / runs, -2 * good / runs - Z**2 / runs, (good / runs) ** 2]))


@right(NAME)
def one_tensor(good, runs):
    rate, z2 = torch.tensor(good / runs), torch.tensor(Z**2 / runs, requires_grad=True)
    reach = torch.sqrt(z2 * rate * (1 - rate) + z2**2 / 4) * torch.tensor([-1.0, 1.0])
    return (rate + z2 / 2 + reach) / (1 + z2)


@right(NAME)
def rates_that_just_fit(good, runs):
    """Wilson's ends are the rates from which the one seen is z standard errors away."""
    rate = good / runs

    def miss(p):
        return (rate - p) ** 2 - Z**2 * p * (1 - p) / runs

    return (brentq(miss, 0, rate - 1e-9) if good else 0), (brentq(miss, rate + 1e-9, 1) if good < runs else 1)


def interval(good, runs, z=Z):
    p, n = good / runs, runs
    centre, reach = p + z**2 / (2 * n), z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return (centre - reach) / (1 + z**2 / n), (centre + reach) / (1 + z**2 / n)


@right(NAME)
def z_of_the_tables(good, runs):
    return interval(good, runs, 1.96)


@right(NAME)
def clipped_and_in_numpy(good, runs):
    return tuple(np.clip(np.float64(interval(good, runs)), 0, 1))


def formula(middle, reach, scale=lambda p, n: 1 + Z**2 / n):
    """An answer made of its three parts, each a function of p and n."""

    def answer(good, runs):
        p, n = good / runs, runs
        return tuple((middle(p, n) + sign * reach(p, n)) / scale(p, n) for sign in (-1, 1))

    return answer


def m(p, n):
    return p + Z**2 / (2 * n)


def r(p, n):
    return Z * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))


def plain(p, n):
    return Z * math.sqrt(p * (1 - p) / n)


def rate(p, n):
    return p


def one(p, n):
    return 1


def s(n):
    return 1 + Z**2 / n


ANSWERS = {
    formula(rate, plain, one): "this is the plain interval",
    lambda g, n: (max(0, g / n - plain(g / n, n)), min(1, g / n + plain(g / n, n))): "Cutting it off at 0 and 1",
    formula(m, r, one): "the division by 1 + z²/n is missing",
    lambda g, n: (m(g / n, n) - r(g / n, n) / s(n), m(g / n, n) + r(g / n, n) / s(n)): "only the root is divided",
    lambda g, n: (m(g / n, n) / s(n) - r(g / n, n), m(g / n, n) / s(n) + r(g / n, n)): "only the first part is divided",
    formula(m, lambda p, n: r(p, n) / Z): "the z before the root is missing",
    formula(m, lambda p, n: Z * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n))): "z² is over 4 n², not 4 n",
    formula(m, plain): "the second term under the root, z²/4n², is missing",
    formula(rate, r): "the middle lacks z²/2n",
    formula(lambda p, n: p + Z**2 / 2 * n, r): "z / 2 * n multiplies by n",
    formula(lambda p, n: p + Z / (2 * n), r, lambda p, n: 1 + Z / n): "z is not squared outside the root",
    formula(m, lambda p, n: r(p, n) ** 2 / Z): "the root is missing",
    lambda g, n: interval(g, n)[::-1]: "the two ends are swapped",
    lambda g, n: (m(g / n, n) / s(n), r(g / n, n) / s(n)): "this is the middle and the half width",
    lambda g, n: [100 * end for end in interval(g, n)]: "this is in percent",
    lambda g, n: np.array(interval(g, n)) * n: "these are numbers of runs",
    lambda g, n: interval(g, n, 2): "your z seems to be 2. For 95 % it is 1.959964",
    lambda g, n: interval(g, n, norm.ppf(0.95)): "your z seems to be 1.645",
    lambda g, n: interval(g, n, 1.645): "your z seems to be 1.645",
    lambda g, n: interval(g, n, 2.576): "your z seems to be 2.576",
    lambda g, n: binomtest(g, n).proportion_ci(): "exact interval of Clopper and Pearson",
    lambda g, n: binomtest(g, n).proportion_ci(method="wilsoncc"): "a continuity correction",
    lambda g, n: interval(g // n * n, n): "your rate is 0: // rounds down",
    lambda g, n: tuple(round(end, 2) for end in interval(g, n)): "Close: is something rounded?",
    lambda g, n: interval(g, 10): "stopped with ValueError: math domain error",
    lambda g, n: interval(n, g): "stopped with ValueError: math domain error",
    lambda g, n: (0.49016, 0.94332): "for 10 of 10 it is 0.7225 to 1.0000, yours 0.4902 to 0.9433",
    lambda g, n: tuple(complex(0.5, 1) ** sign for sign in (1, 2)): "Yours are complex",
    formula(m, lambda p, n: Z * (p * (p - 1) / n + Z**2 / (4 * n**2)) ** 0.5): "Yours are complex",
    formula(m, lambda p, n: Z * np.sqrt(np.float64(p * (p - 1) / n) + Z**2 / (4 * n**2))): "you get NaN",
    lambda g, n: interval(g, n)[0]: "return the pair (low, high)",
    lambda g, n: (*interval(g, n), g / n): "return the pair (low, high)",
    lambda g, n: f"{interval(g, n)}": "return the pair (low, high)",
    lambda g, n: ("low", "high"): "return the pair (low, high), not 'low'",
}
for answer, says in ANSWERS.items():
    wrong(NAME, says)(answer)
