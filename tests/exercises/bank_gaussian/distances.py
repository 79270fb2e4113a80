"""Exercise 6: the Wasserstein-1 distance of two samples."""

import numpy as np
import torch
from scipy import stats
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from torch.nn.functional import l1_loss, mse_loss

from tests.exercises.bank_gaussian import right, wrong

NAME = "wasserstein"


def gaps(a, b):
    return a.sort().values - b.sort().values


@right(NAME)
def with_scipy(a, b):
    return stats.wasserstein_distance(a.numpy(), b.numpy())


@right(NAME)
def from_largest_to_smallest(a, b):
    return l1_loss(a.msort().flip(0), b.sort(descending=True)[0])


@right(NAME)
def in_place(a, b):
    a, b = a.numpy(), b.numpy()
    a.sort()
    b.sort()
    return np.abs(b - a).mean()


@right(NAME)
def python_loop(a, b):
    return sum(abs(x - y) for x, y in zip(sorted(a.tolist()), sorted(b.tolist()), strict=True)) / len(a)


@right(NAME)
def float32_with_a_gradient(a, b):
    a = a.float().requires_grad_()
    return (torch.sort(a).values - torch.sort(b.float()).values).abs().mean()


@right(NAME)
def one_column(a, b):
    return (a.unsqueeze(1).sort(0).values - b.unsqueeze(1).sort(0).values).abs().mean(0)


@right(NAME)
def cheapest_pairs(a, b):
    cost = cdist(a.unsqueeze(1), b.unsqueeze(1))
    return cost[linear_sum_assignment(cost)].mean()


@right(NAME)
def area_between_the_shares(a, b):
    points = torch.cat([a, b]).sort().values
    below = [torch.searchsorted(x.sort().values, points, right=True) / len(x) for x in (a, b)]
    return ((below[0] - below[1]).abs()[:-1] * points.diff()).sum()


@right(NAME)
def norm_of_the_gaps(a, b):
    return torch.linalg.vector_norm(gaps(a, b), ord=1) / len(b)


def histograms(a, b):
    low, high = min(a.min(), b.min()).item(), max(a.max(), b.max()).item()
    shares = [torch.histc(x, 100, low, high).cumsum(0) / len(x) for x in (a, b)]
    return (shares[0] - shares[1]).abs().sum() * (high - low) / 100


AS_THEY_COME, ONE = "you pair the numbers as they come", "return one number, not"
CANCEL = "gaps up and down cancel. Take the absolute value of each gap"
NEAREST, SQUARES = "you look for the nearest number, and one can be taken twice", "this squares the gaps"
DISTANCES = {  # what the answer returns: what the check has to say
    lambda a, b: (a - b).abs().mean(): f"{AS_THEY_COME}. Sort both first",
    lambda a, b: l1_loss(a, b): f"{AS_THEY_COME}. Sort both first",
    lambda a, b: mse_loss(a, b): AS_THEY_COME,
    lambda a, b: mse_loss(a, b).sqrt(): AS_THEY_COME,
    lambda a, b: (a.sort().values - b).abs().mean(): "only the first sample is sorted",
    lambda a, b: (a - b.sort().values).abs().mean(): "only the second sample is sorted",
    lambda a, b: (a.sort().indices - b.sort().indices).abs().float().mean(): "the positions that sort gives",
    lambda a, b: (a.argsort() - b.argsort()).abs().double().mean(): "the positions that sort gives",
    lambda a, b: (a.sort().values - b.sort(descending=True).values).abs().mean(): "you pair smallest with largest",
    lambda a, b: (a[:, None] - b[None]).abs().mean(): "you compare every number with every other",
    lambda a, b: (a[:, None] - b).abs().min(1).values.mean(): NEAREST,
    lambda a, b: (a[:, None] - b).abs().amin(0).mean(): NEAREST,
    lambda a, b: gaps(a, b).abs().sum(): "this is the sum. Take the mean",
    lambda a, b: gaps(a, b).abs().max(): "this is the largest gap",
    lambda a, b: gaps(a, b).abs().median(): "this is the median gap",
    lambda a, b: gaps(a, b).mean(): CANCEL,
    lambda a, b: gaps(b, a).mean(): CANCEL,
    lambda a, b: (a.mean() - b.mean()).abs(): CANCEL,
    lambda a, b: gaps(a, b).mean().abs(): CANCEL,
    lambda a, b: gaps(a, b).sum().abs(): CANCEL,
    lambda a, b: gaps(a, b).square().mean(): SQUARES,
    lambda a, b: gaps(a, b).square().mean().sqrt(): f"{SQUARES}: Wasserstein-2",
    lambda a, b: gaps(a, b).norm(): "this is the length of the vector of gaps",
    lambda a, b: -gaps(a, b).abs().mean(): "the sign is turned",
    lambda a, b: gaps(a, b).abs().mean() / 2: "this is half the distance",
    lambda a, b: gaps(a, b).abs().mean() * 2: "this is twice the distance",
    lambda a, b: gaps(a, b).abs().sum() / (len(a) - 1): "you divide by n - 1",
    lambda a, b: gaps(a, b).abs().sum() / 200: "for a narrow and a wide bell the distance is",
    lambda a, b: stats.ks_2samp(a, b).statistic: "this is the KS distance",
    lambda a, b: stats.energy_distance(a, b): "this is the energy distance",
    lambda a, b: (a.std() - b.std()).abs(): "this compares the standard deviations only",
    lambda a, b: (a.median() - b.median()).abs(): "this compares the medians only",
    lambda a, b: (a.mean() - b.mean()).abs() + (a.std() - b.std()).abs(): "the distance is",
    lambda a, b: gaps(a, a).abs().mean(): "you get 0. Is one sample compared with itself?",
    lambda a, b: 3.0: "for two samples of one bell curve the distance is",
    lambda a, b: histograms(a, b): "Close: is there a grid, a histogram or something left out?",
    lambda a, b: gaps(a, b)[1:-1].abs().mean(): "the distance is",
    lambda a, b: gaps(a, b).abs().log().mean(): "the distance is",
    lambda a, b: gaps(a, b).sqrt().mean(): "you get NaN",
    lambda a, b: gaps(a, b).abs().mean() / 0: "yours inf",
    lambda a, b: gaps(a, b).abs(): f"{ONE} shape (200,)",
    lambda a, b: cdist(a[:, None], b[:, None]): f"{ONE} shape (200, 200)",
    lambda a, b: (a.mean(), b.mean()): f"{ONE} shape (2,)",
    lambda a, b: stats.ks_2samp(a, b): ONE,
    lambda a, b: "0.3": "return one number, not '0.3'",
    lambda a, b: (a.sort() - b.sort()).abs().mean(): "stopped with TypeError",
    lambda a, b: sorted(a) - sorted(b): "stopped with TypeError",
}
for distance, says in DISTANCES.items():
    wrong(NAME, says)(distance)
