"""Exercise 1: the squared Frechet distance of two normal distributions."""

import numpy as np
import scipy.linalg
import torch

from gan_helpers import metrics
from tests.exercises.bank_measuring import right, wrong

NAME = "frechet"


def root(matrix):
    values, vectors = torch.linalg.eigh(matrix)
    return vectors @ values.clamp(min=0).sqrt().diag() @ vectors.T


def shared(c1, c2):
    return torch.linalg.eigvals(c1 @ c2).real.clamp(min=0).sqrt().sum()


def gap(m1, m2):
    return (m1 - m2).square().sum()


@right(NAME)
def with_scipy(m1, c1, m2, c2):
    m1, c1, m2, c2 = (part.numpy() for part in (m1, c1, m2, c2))
    middle = scipy.linalg.sqrtm(c1 @ c2).real
    return np.sum((m1 - m2) ** 2) + np.trace(c1 + c2 - 2 * middle)


@right(NAME)
def symmetric(m1, c1, m2, c2):
    a = root(c1)
    return (gap(m1, m2) + (c1 + c2 - 2 * root(a @ c2 @ a)).trace()).item()


@right(NAME)
def nuclear(m1, c1, m2, c2):
    """The sum of the singular values of A B, with A A = C1 and B B = C2."""
    values = torch.linalg.svdvals(root(c1) @ root(c2))
    return torch.stack([gap(m1, m2), c1.trace(), c2.trace(), -2 * values.sum()]).sum().reshape(1)


def other(function):
    """What another last trace makes: function(c1, c2)."""
    return lambda m1, c1, m2, c2: gap(m1, m2) + c1.trace() + c2.trace() - 2 * function(c1, c2)


def means(function):
    return lambda m1, c1, m2, c2: function(m1, m2) + c1.trace() + c2.trace() - 2 * shared(c1, c2)


def whole(m1, c1, m2, c2):
    return gap(m1, m2) + c1.trace() + c2.trace() - 2 * shared(c1, c2)


def std(c):
    return c.diagonal().sqrt()


ANSWERS = {
    lambda *given: whole(*given).sqrt(): "you take the root at the end",
    lambda m1, c1, m2, c2: whole(m1, c1, m2, c2) + shared(c1, c2): "the 2 before the last trace is missing",
    lambda m1, c1, m2, c2: whole(m1, c1, m2, c2) + 4 * shared(c1, c2): "the last trace is added",
    other(lambda c1, c2: 0): "the trace of the root is missing",
    lambda m1, c1, m2, c2: gap(m1, m2): "this is the gap of the means",
    lambda m1, c1, m2, c2: c1.trace() + c2.trace() - 2 * shared(c1, c2): "the means have no part in it",
    means(lambda m1, m2: (m1 - m2).norm()): "the distance of the means is not squared",
    means(lambda m1, m2: (m1 - m2).abs().sum()): "are to be squared, then summed",
    means(lambda m1, m2: (m1 - m2).square().mean()): "not their mean",
    other(lambda c1, c2: (root(c1) @ root(c2)).trace()): "the root of a product is not the product of the roots",
    other(lambda c1, c2: (std(c1) * std(c2)).sum()): "only the diagonals count here",
    lambda m1, c1, m2, c2: gap(m1, m2) + (std(c1) - std(c2)).square().sum(): "only the diagonals count here",
    other(lambda c1, c2: (c1 @ c2).clamp(min=0).sqrt().trace()): "you take the root of each entry",
    other(lambda c1, c2: (c1 @ c2).sqrt().trace()): "you take the root of each entry",
    other(lambda c1, c2: torch.linalg.eigvals(c1 * c2).real.clamp(min=0).sqrt().sum()): "* multiplies entry by entry",
    other(lambda c1, c2: torch.linalg.eigvals(c1 @ c2).real.sqrt().sum()): "5 samples of 16 features each you get NaN",
    other(lambda c1, c2: torch.linalg.eigvals(c1 @ c2).real.clamp(min=1e-2).sqrt().sum()): "Many eigenvalues of C1 C2",
    other(lambda c1, c2: (c1 @ c2).trace()): "the root is missing in the last trace",
    other(lambda c1, c2: (c1 @ c2).trace().sqrt()): "the root is taken of the trace",
    other(lambda c1, c2: (torch.linalg.cholesky(c1) @ torch.linalg.cholesky(c2)).trace()): "Cholesky's triangle",
    other(lambda c1, c2: torch.linalg.eigvalsh(c1 @ c2).clamp(min=0).sqrt().sum()): "eigvalsh looks at one half",
    other(lambda c1, c2: torch.linalg.eigvalsh(c1 @ c2).sqrt().sum()): "for two of 4 features you get NaN",
    other(lambda c1, c2: torch.linalg.svdvals(c1 @ c2).sqrt().sum()): "singular values of C1 C2",
    lambda m1, c1, m2, c2: gap(m1, m2) + (c1 - c2).square().sum(): "this compares the covariances entry by entry",
    lambda m1, c1, m2, c2: gap(m1, m2) + (root(c1) - root(c2)).square().sum(): "root of a product",
    lambda m1, c1, m2, c2: gap(m1, m2) + (c1 + c2).sum() - 2 * shared(c1, c2): "a trace is the sum of the diagonal",
    lambda m1, c1, m2, c2: gap(m1, m2) + c1.trace() * c2.trace() - 2 * shared(c1, c2): "the two traces are multiplied",
    lambda *given: -whole(*given): "the sign is turned",
    lambda *given: whole(*given) / len(given[0]): "this is divided by the number of features",
    lambda *given: whole(*given) + 0.1: "yours",
    lambda *given: round(whole(*given).item(), 3): "yours",
    lambda *given: float(whole(*(part.half().float() for part in given))): "yours",
    lambda *given: float("nan"): "you get NaN",
    lambda *given: 4.0: "yours 4.",
    lambda *given: "far": "return one number, not 'far'",
    lambda m1, c1, m2, c2: c1 + c2 - 2 * root(c1 @ c2): "one number, not shape (4, 4)",
    lambda m1, c1, m2, c2: (m1 - m2).square() + (c1 + c2).trace(): "one number, not shape (4,)",
    lambda m1, c1, m2, c2: whole(m1, c1, m2, c2) + 0j: "Yours are complex",
    lambda *given: metrics.clouds.frechet_gaussians(*given): "calls frechet_gaussians, and that is the whole answer",
    lambda real, fake: 0: "stopped with TypeError",
    lambda m1, c1, m2, c2: np.linalg.sqrtm(c1 @ c2): "stopped with AttributeError",
}
for answer, says in ANSWERS.items():
    wrong(NAME, says)(answer)
