"""Exercise 6: the total variation of two mixes of digits, and the least without the missing ones."""

from collections import Counter

import numpy as np
import torch

from gan_helpers import metrics
from tests.exercises.bank_measuring import right, wrong

NAME = "digit_mix"


def shares(real, fake):
    return [torch.bincount(part, minlength=10).double() / len(part) for part in (real, fake)]


def far(real, fake):
    p, q = shares(real, fake)
    return (p - q).abs().sum() / 2


def lacks(real, fake):
    p, q = shares(real, fake)
    return p[q == 0].sum()


@right(NAME)
def with_counters(real, fake):
    p, q = Counter(real.tolist()), Counter(fake.tolist())
    gaps = [abs(p[digit] / len(real) - q[digit] / len(fake)) for digit in range(10)]
    return 0.5 * sum(gaps), sum(p[digit] for digit in p if digit not in q) / len(real)


@right(NAME)
def with_numpy(real, fake):
    """What both have in common; and one by one the real ones of a digit that never comes."""
    p, q = (np.bincount(part.numpy(), minlength=10) / part.numel() for part in (real, fake))
    return [1 - np.minimum(p, q).sum(), np.isin(real.numpy(), fake.numpy(), invert=True).mean()]


@right(NAME)
def one_hot(real, fake):
    p, q = (torch.nn.functional.one_hot(part, 10).float().mean(0) for part in (real, fake))
    return torch.stack([(p - q).clamp(min=0).sum(), (p * (q <= 0)).sum()])


def distance(function):
    return lambda real, fake: (function(*shares(real, fake)), lacks(real, fake))


def least(function):
    return lambda real, fake: (far(real, fake), function(*shares(real, fake)))


def below_a_hundredth(real, fake):
    p, q = shares(real, fake)
    return far(real, fake), p[q < 0.01].sum()


def counts(real, fake):
    p, q = (torch.bincount(part, minlength=10) for part in (real, fake))
    return (p - q).abs().sum() / 2, lacks(real, fake)


def counts_by_one(real, fake):
    found = counts(real, fake)
    return found[0] / len(real), found[1]


def no_minlength(real, fake):
    p, q = (torch.bincount(part) / len(part) for part in (real, fake))
    return (p - q).abs().sum() / 2, p[q == 0].sum()


def ready(real, fake):
    return metrics.digits.total_variation(real, fake), lacks(real, fake)


ANSWERS = {
    below_a_hundredth: "takes a rare digit for a missing one",
    distance(lambda p, q: (p - q).abs().sum()): "the distance is twice what it should be",
    distance(lambda p, q: (p - q).abs().mean()): "the distance is a mean over the digits",
    distance(lambda p, q: (p - q).abs().mean() / 2): "half of a mean over the digits",
    distance(lambda p, q: (p - q).abs().max()): "this is the largest gap of one digit",
    distance(lambda p, q: (p - q).sum() / 2): "the gaps cancel",
    distance(lambda p, q: (p - q).square().sum() / 2): "the gaps are squared",
    distance(lambda p, q: (p - q).square().sum()): "the gaps are squared",
    distance(lambda p, q: (p - q).square().sum().sqrt()): "this is the length of the gaps",
    distance(lambda p, q: 1 - (p - q).abs().sum() / 2): "this is what both have in common",
    distance(lambda p, q: torch.minimum(p, q).sum()): "this is what both have in common",
    counts: "you compare counts",
    counts_by_one: "counts of samples that are not the same size",
    distance(lambda p, q: (p - 0.1).abs().sum() / 2): "you compare the real digits with equal shares",
    distance(lambda p, q: (q - 0.1).abs().sum() / 2): "you compare the fakes with equal shares",
    distance(lambda p, q: 50 * (p - q).abs().sum()): "this is in percent",
    distance(lambda p, q: (q > 0).double().mean()): "this is the share of digits that the fakes show",
    lambda real, fake: (lacks(real, fake), far(real, fake)): "this is the least. The distance comes first",
    lambda real, fake: (abs(real.double().mean() - fake.double().mean()), lacks(real, fake)): "digits are names",
    distance(lambda p, q: (p - q).abs().sum() / 2 + 0.0137): "the distance is",
    distance(lambda p, q: torch.tensor(torch.nan)): "yours nan",
    least(lambda p, q: p[q == 0].sum() / 2): "is half of it",
    least(lambda p, q: p[q == 0].sum() * 2): "is twice of it",
    least(lambda p, q: (q == 0).double().mean()): "takes a tenth for each missing digit",
    least(lambda p, q: (q == 0).double().mean() / 2): "takes a twentieth for each missing digit",
    least(lambda p, q: (q == 0).sum()): "is the number of missing digits",
    least(lambda p, q: (p - q).abs().sum() / 2): "is the distance itself",
    least(lambda p, q: p[q > 0].sum()): "is the share of the digits that it does make",
    least(lambda p, q: p[q == 0].max() if (q == 0).any() else 0): "for fakes that are all 4 counts one missing digit",
    least(lambda p, q: p.min()): "is the share of the rarest digit",
    least(lambda p, q: p[9]): "for fakes that are all 4 counts one missing digit",
    least(lambda p, q: 0): "a digit that never comes costs its whole share",
    least(lambda p, q: 600 * p[q == 0].sum()): "is a count. Return a share",
    least(lambda p, q: 100 * p[q == 0].sum()): "is in percent",
    least(lambda p, q: q[p == 0].sum()): "is 0, and it is not",
    least(lambda p, q: torch.maximum(p[q == 0].sum(), q[p == 0].sum())): "looks for digits that are missing among the",
    least(lambda p, q: p[q == 0].sum() + 0.01): "the distance is right. The least for fakes that lack the 9 is",
    no_minlength: "stopped with RuntimeError",
    lambda real, fake: far(real, fake): "return the pair (distance, least)",
    lambda real, fake: shares(real, fake): "one number, not shape (10,)",
    lambda real, fake: {"distance": far(real, fake), "least": 0}: "return the pair (distance, least)",
    lambda real, fake: ("far", "least"): "return the pair (distance, least), not 'far'",
    ready: "calls total_variation, and that is the whole answer",
    lambda real: (0, 0): "stopped with TypeError",
}
for answer, says in ANSWERS.items():
    wrong(NAME, says)(answer)
