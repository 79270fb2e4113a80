"""Exercise 2: precision and recall by balls around samples."""

import numpy as np
import torch
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from gan_helpers import metrics
from tests.exercises.bank_measuring import right, wrong

NAME = "precision_recall"


@right(NAME)
def with_loops(real, fake, k):
    """As one says it, sample by sample."""
    def share(centres, points):
        centres, points = centres.tolist(), points.tolist()

        def away(a, b):
            return sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5

        radii = [sorted(away(a, b) for j, b in enumerate(centres) if j != i)[k - 1] for i, a in enumerate(centres)]
        found = [any(away(p, c) < r for c, r in zip(centres, radii, strict=True)) for p in points]
        return sum(found) / len(found)

    return share(real, fake), share(fake, real)


@right(NAME)
def with_scipy(real, fake, k):
    def share(centres, points):
        radius = cKDTree(centres).query(centres, k + 1)[0][:, -1]
        return (cdist(points, centres) < radius).any(1).mean()

    real, fake = real.numpy(), fake.numpy()
    return np.array([share(real, fake), share(fake, real)])


@right(NAME)
def with_topk(real, fake, k):
    between = torch.cdist(real, fake)
    inner = [torch.cdist(cloud, cloud).topk(k + 1, largest=False).values[:, k] for cloud in (real, fake)]
    return [(between < inner[0][:, None]).any(0).float().mean(), (between <= inner[1]).sum(1).gt(0).double().mean()]


def share(centres, points, k, others=None):
    """The share of points in a ball; the balls reach to neighbour k of `others`, counted from 0."""
    radius = torch.cdist(centres, centres if others is None else others).sort(1).values[:, k]
    return (torch.cdist(points, centres) < radius).any(1).double().mean().item()


def whole(real, fake, k):
    return share(real, fake, k), share(fake, real, k)


def ready(real, fake, k):
    found = metrics.clouds.prdc(real, fake, k)
    return found["precision"].mean(), found["recall"].mean()


def density(real, fake, k):
    radius = torch.cdist(real, real).sort(1).values[:, k]
    return (torch.cdist(fake, real) < radius).double().sum(1).mean() / k


def coverage(real, fake, k):
    radius = torch.cdist(real, real).sort(1).values[:, k]
    return (torch.cdist(real, fake).min(1).values < radius).double().mean()


def one_radius(reduce):
    def answer(real, fake, k):
        between = torch.cdist(real, fake)
        r, f = (reduce(torch.cdist(cloud, cloud).sort(1).values[:, k]) for cloud in (real, fake))
        return (between.min(0).values < r).double().mean(), (between.min(1).values < f).double().mean()

    return answer


def nearest_only(real, fake, k):
    between = torch.cdist(real, fake)
    r, f = (torch.cdist(cloud, cloud).sort(1).values[:, k] for cloud in (real, fake))
    first, second = between.min(0), between.min(1)
    return (first.values < r[first.indices]).double().mean(), (second.values < f[second.indices]).double().mean()


def own_balls(real, fake, k):
    between = torch.cdist(real, fake)
    r, f = (torch.cdist(cloud, cloud).sort(1).values[:, k] for cloud in (real, fake))
    return (between.min(0).values < f).double().mean(), (between.min(1).values < r).double().mean()


def mean_of_balls(real, fake, k):
    between = torch.cdist(real, fake)
    r, f = (torch.cdist(cloud, cloud).sort(1).values[:, k] for cloud in (real, fake))
    return (between < r[:, None]).double().mean(), (between < f).double().mean()


ANSWERS = {
    lambda r, f, k: (share(r, f, k, f), share(f, r, k, r)): "the balls reach to a neighbour in the other cloud",
    lambda r, f, k: whole(r, f, k)[::-1]: "the two are swapped",
    lambda r, f, k: (whole(r, f, k)[0], coverage(r, f, k)): "the second is coverage",
    lambda r, f, k: (density(r, f, k), whole(r, f, k)[1]): "the first is density",
    lambda r, f, k: (density(r, f, k), coverage(r, f, k)): "these are density and coverage",
    lambda r, f, k: (share(r, f, k), share(r, f, k)): "recall repeats precision",
    lambda r, f, k: (share(r, f, k), 1 - share(f, r, k)): "recall is what it lacks to 1",
    lambda r, f, k: (1 - share(r, f, k), 1 - share(f, r, k)): "these are the shares outside",
    lambda r, f, k: (100 * share(r, f, k), 100 * share(f, r, k)): "these are percent",
    lambda r, f, k: (share(r, f, k) * len(f), share(f, r, k) * len(r)): "these are counts",
    lambda r, f, k: (share(r, f, k) * len(f) / len(r), share(f, r, k) * len(r) / len(f)): "the size of the other",
    lambda r, f, k: (share(r, f, k - 1), share(f, r, k - 1)): "the point itself is counted as its first neighbour",
    lambda r, f, k: (share(r, f, k + 1), share(f, r, k + 1)): "your balls reach one neighbour too far",
    lambda r, f, k: (share(r, f, 5), share(f, r, 5)): "you take k = 5 always",
    lambda r, f, k: (share(r, f, 3), share(f, r, 3)): "you take k = 3 always",
    lambda r, f, k: whole(r, f, k) if k > 1 else (0.0, 0.0): "your balls have radius 0",
    lambda r, f, k: (share(r, f, k - 1, f), share(f, r, k - 1, r)): "in the other cloud. Take its own",
    one_radius(torch.mean): "one radius for all",
    one_radius(torch.max): "one radius for all",
    own_balls: "you look whether a real sample lies in the fake's ball",
    nearest_only: "you look at the ball of the nearest one only",
    mean_of_balls: "you average over all balls",
    lambda r, f, k: (share(r, f, k), 0.5): "precision is right, recall is",
    lambda r, f, k: (0.5, share(f, r, k)): "precision is",
    lambda r, f, k: (float("nan"), float("nan")): "yours nan",
    lambda r, f, k: (1.0, 1.0): "yours 1.",
    lambda r, f, k: share(r, f, k): "return the pair (precision, recall)",
    lambda r, f, k: {"precision": share(r, f, k), "recall": share(f, r, k)}: "return the pair (precision, recall)",
    lambda r, f, k: (torch.ones(len(f)), torch.ones(len(r))): "one number, not shape (45,)",
    lambda r, f, k: ("high", "low"): "return the pair (precision, recall), not 'high'",
    lambda r, f, k: (1j, 0): "Yours are complex",
    ready: "calls prdc, and that is the whole answer",
    lambda r, f, k: ((torch.cdist(f, r) < torch.cdist(r, r)[k]).any(1), 0): "one number, not shape",
    lambda r, f: whole(r, f, 5): "stopped with TypeError",
    lambda r, f, k: (r - f, 0): "stopped with RuntimeError",
}
for answer, says in ANSWERS.items():
    wrong(NAME, says)(answer)
