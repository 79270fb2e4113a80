"""Exercise 3, second part: the memorisation ratio."""

import torch
from scipy.spatial import cKDTree
from torch import cdist

from gan_helpers import metrics
from tests.exercises.bank_measuring import right, wrong

NAME = "memorisation"


def away(train, points):
    """The distance of each point to its nearest training sample."""
    return cdist(points, train).min(1).values


@right(NAME)
def with_trees(train, test, fake):
    tree = cKDTree(train)
    return tree.query(fake)[0].mean() / tree.query(test)[0].mean()


@right(NAME)
def point_by_point(train, test, fake):
    def mean(points):
        return sum((train - point).square().sum(1).min().sqrt().item() for point in points) / len(points)

    return mean(fake) / mean(test)


@right(NAME)
def in_single_precision(train, test, fake):
    train, test, fake = (part.float() for part in (train, test, fake))
    return [cdist(fake, train, compute_mode="donot_use_mm_for_euclid_dist").min(1).values.mean()
            / cdist(test, train).min(1).values.mean()]


def mean_of_ratios(train, test, fake):
    n = min(len(test), len(fake))
    return (away(train, fake)[:n] / away(train, test)[:n]).mean()


def among_themselves(train):
    return cdist(train, train).sort(1).values[:, 1]


ANSWERS = {
    lambda a, b, f: cdist(f, a).sort(1).values[:, 1].mean() / cdist(b, a).sort(1).values[:, 1].mean():
        "you take the second nearest",
    lambda a, b, f: cdist(f, a).min(0).values.mean() / away(a, b).mean(): "above you look for the nearest fake of each",
    lambda a, b, f: away(a, b).mean() / away(a, f).mean(): "it is upside down",
    lambda a, b, f: away(a, f).mean(): "this is the mean distance of the fakes",
    lambda a, b, f: away(a, b).mean(): "this is the mean distance of the test samples",
    lambda a, b, f: away(a, f).mean() - away(a, b).mean(): "this is a difference",
    lambda a, b, f: away(a, f).sum() / away(a, b).sum(): "you divide sums",
    lambda a, b, f: away(a, f).median() / away(a, b).median(): "these are medians",
    lambda a, b, f: away(a, f).min() / away(a, b).min(): "only the nearest of all counts",
    lambda a, b, f: away(a, f).square().mean() / away(a, b).square().mean(): "the distances are squared",
    lambda a, b, f: (away(a, f).square().mean() / away(a, b).square().mean()).sqrt(): "squared before the mean",
    lambda a, b, f: cdist(f, a).mean() / cdist(b, a).mean(): "you average over all pairs",
    lambda a, b, f: away(f, a).mean() / away(b, a).mean(): "you look for the nearest fake of each training sample",
    lambda a, b, f: cdist(f, a).max(1).values.mean() / cdist(b, a).max(1).values.mean(): "you take the farthest",
    lambda a, b, f: away(b, f).mean() / away(a, b).mean(): "the fakes are compared with the test samples",
    lambda a, b, f: away(a, f).mean() / away(f, b).mean(): "below, too, it is the distance to the training samples",
    lambda a, b, f: away(a, f).mean() / among_themselves(a).mean(): "how far training samples are from each other",
    lambda a, b, f: away(a, f).mean() / away(b, f).mean(): "below stands how far the fakes are from test samples",
    lambda a, b, f: cdist(f, a, p=1).min(1).values.mean() / cdist(b, a, p=1).min(1).values.mean(): "absolute",
    lambda a, b, f: 1 - away(a, f).mean() / away(a, b).mean(): "this is 1 minus the ratio",
    lambda a, b, f: 100 * away(a, f).mean() / away(a, b).mean(): "this is in percent",
    mean_of_ratios: "you take the mean of ratios",
    lambda a, b, f: (away(a, f) < away(a, b).mean()).double().mean(): "this is a share of fakes",
    lambda a, b, f: metrics.clouds.memorization_ratio(a, b, f):
        "calls memorization_ratio, and that is the whole answer",
    lambda a, b, f: metrics.clouds.nearest(a, f)[0].mean() / metrics.clouds.nearest(a, b)[0].mean(): "calls nearest",
    lambda a, b, f: away(a, f).mean() / away(a, b).mean() + 1e-3: "for fakes drawn anew it is",
    lambda a, b, f: 1.0: "yours 1.",
    lambda a, b, f: 0.0: "yours 0.",
    lambda a, b, f: torch.tensor(0.0) / 0: "you get NaN",
    lambda a, b, f: away(a, f): "one number, not shape (50,)",
    lambda a, b, f: (away(a, f).mean(), away(a, b).mean()): "one number, not shape (2,)",
    lambda a, b, f: "copied": "return one number, not 'copied'",
    lambda a, b, f: away(a, f) / away(a, b): "stopped with RuntimeError",
    lambda a, f: away(a, f).mean(): "stopped with TypeError",
}
for answer, says in ANSWERS.items():
    wrong(NAME, says)(answer)
