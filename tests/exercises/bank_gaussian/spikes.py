"""Exercise 3: spikes with the four moments of N(0, 1)."""

import math

import numpy as np
import torch

from tests.exercises.bank_gaussian import right, wrong

NAME = "spikes"
ROOT3 = math.sqrt(3)
FIVE, FIVES = [-2.0, -1.0, 0.0, 1.0, 2.0], [1 / 12, 1 / 6, 1 / 2, 1 / 6, 1 / 12]


def pairs(b2):
    """Two mirrored pairs, the inner one at the root of b2."""
    a2 = (3 - b2) / (1 - b2)
    a, b, p = a2**0.5, b2**0.5, (1 - b2) / (a2 - b2)
    return [-a, -b, b, a], [p / 2, (1 - p) / 2, (1 - p) / 2, p / 2]


def solved(x):
    """The probabilities for five numbers, from the five equations."""
    return list(x), np.linalg.solve(np.vander(x, 5, increasing=True).T, [1, 0, 1, 0, 3])


@right(NAME)
def five_numbers():
    return FIVE, FIVES


@right(NAME)
def unsorted_tuples():
    return (2, 0, -1, 1, -2), (1 / 12, 1 / 2, 1 / 6, 1 / 6, 1 / 12)


@right(NAME)
def one_number_twice():
    return [-2, -1, 0, 0, 1, 2], [1 / 12, 1 / 6, 1 / 4, 1 / 4, 1 / 6, 1 / 12]


@right(NAME)
def a_probability_of_0():
    x, p = pairs(0.5)
    return [7, *x, -7, 9], [0, *p, -1e-17, 0.0]


@right(NAME)
def not_mirrored():
    return solved([-2.2, -1.1, 0.2, 1.3, 2.1])


@right(NAME)
def five_equations():
    return solved([-2, -1, 0, 1, 3])


@right(NAME)
def far_out():
    return pairs(0.9999)


@right(NAME)
def the_inner_pair_is_the_outer_one():
    return pairs(4)


@right(NAME)
def float64_array():
    return np.array(pairs(0.3))


@right(NAME)
def float32_with_a_gradient():
    x, p = pairs(0.2)
    return torch.tensor(x, requires_grad=True), torch.tensor(p, requires_grad=True)


@right(NAME)
def one_tensor():
    return torch.tensor([FIVE, FIVES])


@right(NAME)
def scalars_of_torch():
    b = torch.tensor(0.5).sqrt()
    a = torch.tensor(5.0).sqrt()
    return [-a, -b, b, a], [torch.tensor(1 / 18), 4 / 9, 4 / 9, 1 / 18]


@right(NAME)
def six_decimals():
    return [-2.236068, -0.707107, 0.707107, 2.236068], [0.055556, 0.444444, 0.444444, 0.055556]


@right(NAME)
def quantiles_of_hermite_with_five_nodes():
    x, p = np.polynomial.hermite_e.hermegauss(5)
    return x, p / p.sum()


OLD, FLAT, TWO = "these are the three of equation (3.2)", "return two flat lists of the same length", "return two lists"
SPLIT = [-ROOT3, -1e-9, 1e-9, ROOT3]
SIXTHS = [1 / 6, 1 / 3, 1 / 3, 1 / 6]
SPIKES = [
    (([-ROOT3, 0, ROOT3], [1 / 6, 2 / 3, 1 / 6]), OLD),
    (([ROOT3, -ROOT3, 0], np.array([1 / 6, 1 / 6, 2 / 3])), OLD),
    (([-ROOT3 - 1e-5, 1e-5, ROOT3], [1 / 6, 2 / 3, 1 / 6]), OLD),
    ((SPLIT, SIXTHS), OLD),
    (([-ROOT3, -0.01, 0.01, ROOT3], SIXTHS), f"{OLD}, or a hair away"),  # within what rounding is allowed
    (([-ROOT3 - 0.01, -ROOT3 + 0.01, 0, ROOT3 - 0.01, ROOT3 + 0.01], [1 / 12, 1 / 12, 2 / 3, 1 / 12, 1 / 12]), OLD),
    (([-ROOT3, 0, 0, 0, ROOT3], [1 / 6, 2 / 9, 2 / 9, 2 / 9, 1 / 6]), OLD),
    (([-ROOT3, 0, ROOT3, 5], [1 / 6, 2 / 3, 1 / 6, 0]), OLD),
    (([-2, -ROOT3, 0, ROOT3, 2], [2e-6, 1 / 6 - 2e-6, 2 / 3, 1 / 6 - 2e-6, 2e-6]), OLD),  # and dust
    (([-0.3, -ROOT3, 0, ROOT3, 0.3], [4e-4, 1 / 6, 2 / 3 - 8e-4, 1 / 6, 4e-4]), OLD),
    (pairs(1e-5), OLD),
    (([-1, 1], [0.5, 0.5]), "The mean of x⁴ is 1.0000, it should be 3: the kurtosis is -2.0000. Put more far out"),
    (([-math.sqrt(2), 0, math.sqrt(2)], [0.25, 0.5, 0.25]), "Put more far out"),
    (([-2, 0, 2], [1 / 8, 3 / 4, 1 / 8]), "The mean of x⁴ is 4.0000, it should be 3: the kurtosis is 1.0000. Put less"),
    (([-1.0, 1.0, 1e100], torch.tensor([0.5, 0.5, 0], dtype=torch.float64)), "finite number"),  # in float32
    ((torch.tensor([-1.0, 1, 1e100]).double(), torch.tensor([0.5, 0.5, 0])), "finite number"),
    ((np.array([-1.0, 1, 1e100]), np.array([0.5, 0.5, 0])), "Put more far out"),  # 0 times inf is no number
    (([-2, -1, 0, 1, 2], [0.2] * 5), "the mean of x² is 2.0000, it should be 1"),
    (([-5.0, -0.5, 0.5, 5.0], pairs(0.5)[1]), "the mean of x² is"),
    (([-3, 0, 3], [1 / 6, 2 / 3, 1 / 6]), "Are these the squares of your numbers?"),
    (([-1, 0, 2], [1 / 3, 1 / 3, 1 / 3]), "the mean is 0.3333, it should be 0"),
    (([0, 2.236, 0.7071], [0.5, 0.1, 0.4]), "the mean is 0.506"),
    (([-0.5, 2], [0.8, 0.2]), "the skewness is 1.5000, it should be 0"),
    (solved([-1, 0, 1, 2, 3]), "a probability is never below 0; one of yours is"),
    (pairs(2.5), "Do you take the root of a negative number?"),
    (([-2, 0, 2], [-0.1, 1.2, -0.1]), "a probability is never below 0; one of yours is -0.1"),
    ((FIVES, FIVE), "the two lists are swapped"),
    ((pairs(0.5)[1], pairs(0.5)[0]), "the two lists are swapped"),
    ((pairs(0.5)[0], [1 / 9, 8 / 9, 8 / 9, 1 / 9]), "the probabilities sum to 2. Do the two of a mirrored pair share"),
    ((FIVE, [1, 2, 6, 2, 1]), "the probabilities sum to 12.0000, not to 1"),
    ((FIVE, [0.08, 0.17, 0.5, 0.17, 0.09]), "the probabilities sum to 1.0100, not to 1"),
    ((FIVE, [0.083, 0.167, 0.5, 0.167, 0.083]), "the mean of x² is 0.9980"),
    ((FIVE, [0, 0, 0, 0, 0]), "the probabilities sum to 0.0000"),
    (([-3, -1, 0, 1, 2, 3], [0.1, 0.2, 0.2, 0.2, 0.2, 0.1]), "at most five different numbers, you have 6"),
    ((torch.randn(1000), torch.full((1000,), 1e-3)), "at most five different numbers, you have 1000"),
    ((list(range(-5, 6)), [1 / 11] * 11), "at most five different numbers, you have 11"),
    ((FIVE, FIVES[:4]), f"{FLAT}. Yours have shape (5,) and (4,)"),
    (([[x] for x in FIVE], FIVES), FLAT),
    ((1.0, 1.0), FLAT),
    (([], []), "the two lists are empty"),
    (([0, 0], [0, 0]), "the probabilities sum to 0.0000"),
    (FIVE, TWO),
    (dict(zip(FIVE, FIVES, strict=True)), TWO),
    (list(zip(FIVE, FIVES, strict=True)), TWO),
    ((FIVE, FIVES, "five"), TWO),
    (("-1, 1", "0.5, 0.5"), "return two lists of numbers, not '-1, 1'"),
    ((FIVE, ["1/12", "1/6", "1/2", "1/6", "1/12"]), "return two lists of numbers, not ['1/12'"),
    (([-1, math.nan], [0.5, 0.5]), "every entry must be a finite number"),
    (([-1, 1], [math.inf, 0.5]), "every entry must be a finite number"),
]  # fmt: skip
for result, says in SPIKES:
    wrong(NAME, says)(lambda result=result: result)


@wrong(NAME, "stopped with ZeroDivisionError")
def inner_pair_at_1():
    return pairs(1)


@wrong(NAME, "stopped with TypeError: spikes_of_n() missing")
def spikes_of_n(n):
    return [0.0] * n, [1 / n] * n
