"""Exercise 5: the distance at infinitely many samples."""

import numpy as np
import torch
from scipy.stats import linregress

from tests.exercises.bank_measuring import right, wrong

NAME = "extrapolate"


@right(NAME)
def by_hand(sizes, distances):
    x = [1 / n for n in sizes]
    mx, my = sum(x) / len(x), sum(distances) / len(x)
    slope = sum((a - mx) * (b - my) for a, b in zip(x, distances, strict=True)) / sum((a - mx) ** 2 for a in x)
    return my - slope * mx


@right(NAME)
def with_scipy(sizes, distances):
    return linregress([1 / n for n in sizes], distances).intercept


@right(NAME)
def with_lstsq(sizes, distances):
    n = torch.tensor(sizes).double()
    matrix = torch.stack([torch.ones_like(n), 1000 / n], 1)
    return torch.linalg.lstsq(matrix, torch.tensor(distances).double().unsqueeze(1)).solution[0]


def fit(x, y, power=1, weights=None):
    return np.polyfit(np.array(x, float), np.array(y, float), power, w=weights)


def inverse(sizes):
    return 1 / np.array(sizes, float)


def through(indices):
    def answer(sizes, distances):
        order = np.argsort(sizes)[list(indices)]
        return fit(inverse(sizes)[order], np.array(distances)[order])[1]

    return answer


def through_zero(n, y):
    x = inverse(n)
    return (x * y).sum() / (x * x).sum()


ANSWERS = {
    lambda n, y: fit(inverse(n), y)[0]: "this is the slope",
    lambda n, y: y[np.argmax(n)]: "this is the distance at the largest n",
    lambda n, y: y[-1]: "this is the last distance",
    lambda n, y: max(0, fit(inverse(n), y)[1]): "the line ends below 0 here. Return that, uncut",
    lambda n, y: fit(inverse(n)[-2:], y[-2:])[1]: "this is the line through the last two points",
    lambda n, y: min(y): "distance at the largest n",
    lambda n, y: sum(y) / len(y): "this is the mean of the distances",
    lambda n, y: fit(n, y)[1]: "your line is in n, and this is where it meets n = 0",
    lambda n, y: fit(n, y)[0]: "this is the slope of a line in n",
    lambda n, y: fit(np.log(n), y)[1]: "your line is in log n",
    lambda n, y: fit(inverse(n) ** 0.5, y)[1]: "your line is in 1/√n",
    lambda n, y: fit(inverse(n) ** 2, y)[1]: "your line is in 1/n²",
    lambda n, y: fit(y, inverse(n))[1]: "x and y of the fit are swapped",
    lambda n, y: -fit(y, inverse(n))[1] / fit(y, inverse(n))[0]: "x and y of the fit are swapped",
    lambda n, y: sum(fit(inverse(n), y)): "this is the line at 1/n = 1",
    lambda n, y: np.polyval(fit(inverse(n), y), 1 / 10_000): "this is the line at n = 10,000",
    lambda n, y: np.polyval(fit(inverse(n), y), 1 / 50_000): "this is the line at n = 50,000",
    lambda n, y: np.polyval(fit(inverse(n), y), 1e-6): "this is the line at a million samples",
    through((0, -1)): "this is the line through the least and the largest n",
    through((-2, -1)): "this is the line through the two largest n",
    through_zero: "your line goes through 0",
    lambda n, y: fit(inverse(n), y, 2)[2]: "this is a curve through the points",
    lambda n, y: fit(inverse(n), y, len(n) - 1)[-1]: "this is a curve through the points",
    lambda n, y: fit(inverse(n), y, 1, np.array(n))[1]: "your fit weighs the points",
    lambda n, y: -fit(inverse(n), y)[1]: "the sign is turned",
    lambda n, y: round(fit(inverse(n), y)[1], 1): "Close: is something rounded?",
    lambda n, y: 3.0: "yours 3.",
    lambda n, y: float("nan"): "you get nan",
    lambda n, y: fit(inverse(n), y): "one number, not shape (2,)",
    lambda n, y: tuple(fit(inverse(n), y)): "one number, not shape (2,)",
    lambda n, y: np.polyval(fit(inverse(n), y), inverse(n)): "one number, not shape (4,)",
    lambda n, y: linregress(inverse(n), y): "return one number",
    lambda n, y: "0": "return one number, not '0'",
    lambda n, y: 1j * fit(inverse(n), y)[1]: "Yours are complex",
    lambda n, y: np.polyfit(1 / n, y, 1)[1]: "stopped with TypeError",
    lambda n: 0: "stopped with TypeError",
}
for answer, says in ANSWERS.items():
    wrong(NAME, says)(answer)
