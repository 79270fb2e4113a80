"""Exercise 6, first part: what each state counts in the average."""

import numpy as np
import torch

from tests.exercises.bank_mnist_deeper import right, wrong

NAME = "shares"


@right(NAME)
def step_by_step(keep, steps):
    """Follows the shares themselves: all shrink, a new one comes in front."""
    counts = [1.0]
    for _ in range(steps):
        counts = [1 - keep, *(keep * count for count in counts)]
    return counts


@right(NAME)
def with_numpy(keep, steps):
    counts = (1 - keep) * keep ** np.arange(steps + 1)
    counts[steps] /= 1 - keep
    return counts


@right(NAME)
def what_is_left(keep, steps):
    recent = (1 - keep) * keep ** torch.arange(steps).double()
    return torch.cat([recent, 1 - recent.sum(0, keepdim=True)])


@right(NAME)
def in_single_precision(keep, steps):
    ago = torch.arange(steps + 1.0)
    return torch.where(ago < steps, (1 - keep) * keep**ago, keep**ago)


@right(NAME)
def by_averaging(keep, steps):
    """Averages a state that is 1 once and else 0."""
    counts = []
    for ago in range(steps + 1):
        average = 1.0 if ago == steps else 0.0
        for step in range(1, steps + 1):
            average = keep * average + (1 - keep) * (step == steps - ago)
        counts.append(average)
    return tuple(counts)


def whole(keep, steps):
    return np.array([(1 - keep) * keep**ago for ago in range(steps)] + [keep**steps])


def ago(steps):
    return np.arange(steps + 1.0)


ANSWERS = {
    lambda k, n: whole(k, n)[::-1]: "in reverse order",
    lambda k, n: (1 - k) * k ** ago(n): "the start counts as one state among others",
    lambda k, n: (1 - k) * k ** ago(n) / ((1 - k) * k ** ago(n)).sum(): "you scale them so that they sum to 1",
    lambda k, n: k ** ago(n): "the newest counts 1, and nothing sums to 1",
    lambda k, n: k ** (ago(n) + 1): "a state enters with the share 1 - keep, and is then",
    lambda k, n: [*((1 - k) * k ** (a + 1) for a in range(n)), k**n]: "the newest counts 1 - keep",
    lambda k, n: (1 - k) * k ** (ago(n) + 1): "each has been multiplied by keep once too often",
    lambda k, n: np.full(n + 1, 1 / (n + 1)): "all count the same",
    lambda k, n: k * (1 - k) ** ago(n): "keep and 1 - keep are swapped",
    lambda k, n: whole(k, n).cumsum(): "these are running sums",
    lambda k, n: [1, *whole(k, n)[:-1]]: "they are one place too late",
    lambda k, n: (1 - k) * (1 - (1 - k) * ago(n)): "a share is multiplied by keep at each step",
    lambda k, n: 100 * whole(k, n): "these are percent",
    lambda k, n: whole(k, n).round(2): "Close: is something rounded?",
    lambda k, n: [(1 - k) * k**a for a in range(n)] + [k ** (n + 1)]: "the state 4 steps ago counts 0.65610, yours",
    lambda k, n: [(1 - k) ** a * k for a in range(n)] + [(1 - k) ** n]: "keep and 1 - keep are swapped",
    lambda k, n: [(1 - k) ** a * k for a in range(n)] + [k**n]: "yours",
    lambda k, n: whole(0.9, n): "for keep = 0.998 and 500 steps the state 500 steps ago counts 0.36751",
    lambda k, n: [k] * (n + 1): "yours",
    lambda k, n: [0.0] * n + [1.0]: "yours",
    lambda k, n: np.full(n + 1, np.nan): "yours nan",
    lambda k, n: [(1 - k) * k**a for a in range(n)]: "the start and one after each step. You have 4",
    lambda k, n: [*whole(k, n), 0]: "You have 6 shares",
    lambda k, n: []: "You have 0 shares",
    lambda k, n: (1 - k) * k**n: "return a list, one share for each state, not shape ()",
    lambda k, n: {a: (1 - k) * k**a for a in range(n + 1)}: "return a list of numbers, not {0:",
    lambda k, n: ((1 - k) * k**a for a in range(n + 1)): "return a list of numbers, not <generator",
    lambda k, n: [f"{share:.1%}" for share in whole(k, n)]: "return a list of numbers, not ['10.0%'",
    lambda k, n: [whole(k, n)]: "not shape (1, 5)",
    lambda k, n: whole(k, n) + 0j: "Yours are complex",
    lambda k, n: (1 - k) * k ** range(n): "stopped with TypeError",
    lambda k: k: "stopped with TypeError",
}
for answer, says in ANSWERS.items():
    wrong(NAME, says)(answer)
