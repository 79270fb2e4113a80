"""Answers to the exercises of chapter 3: right ones, and wrong ones, beside the mistakes, with what is said."""

import math
import statistics
from fractions import Fraction

import numpy as np
import torch
from scipy import stats
from torch import erfinv, nn
from torch.distributions import Normal
from torch.nn.functional import l1_loss, mse_loss
from torch.special import ndtri

from gan_helpers.exercises.gaussian import _moments, _pairs, _units, linear

ROOT3, UNITS = math.sqrt(3), _units()


def scores(x):
    z = (x - x.mean()) / x.std(correction=0)
    return torch.tensor([x.mean(), x.std(correction=0), z.pow(3).mean(), z.pow(4).mean() - 3])


def from_raw_moments(batch):
    m1, m2, m3, m4 = (float((batch.double() ** k).mean()) for k in (1, 2, 3, 4))
    v = m2 - m1**2
    return np.array([m1, v**0.5, (m3 - 3 * m1 * v - m1**3) / v**1.5,
                     (m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4) / v**2 - 3], dtype=np.float32)


FIVE, FIVES = [-2.0, -1.0, 0.0, 1.0, 2.0], [1 / 12, 1 / 6, 1 / 2, 1 / 6, 1 / 12]


def solved(x):
    """The probabilities for five numbers, from the five equations."""
    return list(x), np.linalg.solve(np.vander(x, 5, increasing=True).T, [1, 0, 1, 0, 3])


class Units(nn.Module):
    def __init__(self, sample):
        super().__init__()
        self.mean, self.std = sample.mean(), sample.std(correction=0)

    def forward(self, x):
        return (x - self.mean) / self.std


def layers(sample):
    mean, std = sample.mean(), sample.std(correction=0)
    return linear(1 / std, -mean / std), linear(std, mean)


def with_data(layer=None, **data):
    layer = layer or linear(1.25, 4.0)
    for name, value in data.items():
        getattr(layer, name).data = value
    return layer


def hooked():
    layer = linear(1.25, 4.0)
    layer.register_forward_hook(lambda module, given, result: result)
    return layer


def gaps(a, b):
    return a.sort().values - b.sort().values


def area_between_the_shares(a, b):
    points = torch.cat([a, b]).sort().values
    below = [torch.searchsorted(x.sort().values, points, right=True) / len(x) for x in (a, b)]
    return ((below[0] - below[1]).abs()[:-1] * points.diff()).sum()


def histograms(a, b):
    low, high = min(a.min(), b.min()).item(), max(a.max(), b.max()).item()
    shares = [torch.histc(x, 100, low, high).cumsum(0) / len(x) for x in (a, b)]
    return (shares[0] - shares[1]).abs().sum() * (high - low) / 100


def always(*results) -> list:
    return [lambda result=result: result for result in results]


def said(told: dict) -> dict:
    """{words: answers} as {answer: words}."""
    return {answer: words for words, answers in told.items() for answer in answers}


RIGHT = {
    "moments": [
        scores, from_raw_moments, lambda x: scores(x.double()).requires_grad_(), lambda x: scores(x).tolist(),
        lambda x: (x.mean(), x.numpy().std(), stats.skew(x.numpy().ravel()), stats.kurtosis(x.numpy().ravel()))],
    "perfect_generator": [
        lambda u, mean, std: mean + std * math.sqrt(2) * erfinv(2 * u - 1),
        lambda u, mean, std: stats.norm.ppf(u, loc=mean, scale=std),
        lambda u, mean, std: mean + std * ndtri(u.float()).requires_grad_(),
        lambda u, mean, std: Normal(torch.tensor(mean), torch.tensor(std)).icdf(u),
        lambda u, mean, std: [[statistics.NormalDist(mean, std).inv_cdf(float(share))] for share in u]],
    "spikes": [*always(
        (FIVE, FIVES), ((2, 0, -1, 1, -2), (1 / 12, 1 / 2, 1 / 6, 1 / 6, 1 / 12)), solved([-2, -1, 0, 1, 3]),
        ([-2, -1, 0, 0, 1, 2], [1 / 12, 1 / 6, 1 / 4, 1 / 4, 1 / 6, 1 / 12]), solved([-2.2, -1.1, 0.2, 1.3, 2.1]),
        ([7, *_pairs(0.5)[0], -7, 9], [0, *_pairs(0.5)[1], -1e-17, 0.0]), _pairs(0.9999), _pairs(0.3),
        tuple(torch.tensor(part, requires_grad=True) for part in _pairs(0.2)), torch.tensor([FIVE, FIVES]),
        ([-2.236068, -0.707107, 0.707107, 2.236068], [0.055556, 0.444444, 0.444444, 0.055556]),
        (FIVE, [Fraction(1, 12), Fraction(1, 6), Fraction(1, 2), Fraction(1, 6), Fraction(1, 12)]),
        ([-torch.tensor(5.0).sqrt(), -torch.tensor(0.5).sqrt(), torch.tensor(0.5).sqrt(), torch.tensor(5.0).sqrt()],
         [torch.tensor(1 / 18), 4 / 9, 4 / 9, 1 / 18]))],
    "standard_units": [
        layers, lambda a: (Units(a), UNITS(a)[1]), lambda a: [lambda x: ((x - a.mean()) / a.numpy().std()).numpy(),
                                                              lambda z: (z * a.numpy().std() + a.mean()).tolist()],
        lambda a: _units(lambda x, *_: (x - a.mean().requires_grad_()) / (a.std(correction=0) + 1e-8))(a)],
    "normal_generator": [
        lambda: linear(-1.25, 4.0), lambda: linear(1.25, 4).requires_grad_(False),
        lambda: linear(math.sqrt(1.5625), 4.0), lambda: with_data(bias=torch.tensor(4.0)),
        lambda: with_data(nn.Linear(1, 1), weight=torch.full((1, 1), 1.25), bias=torch.tensor([4.0]))],
    "wasserstein": [
        lambda a, b: (a.sort().values - b.sort().values).abs().mean(), area_between_the_shares,
        lambda a, b: l1_loss(a.msort().flip(0), b.sort(descending=True)[0]).requires_grad_(),
        lambda a, b: np.abs(np.sort(a.numpy()) - np.sort(b.numpy())).mean(),
        lambda a, b: (a.unsqueeze(1).sort(0).values - b.unsqueeze(1).sort(0).values).abs().mean(0),
        lambda a, b: torch.linalg.vector_norm(gaps(a, b), ord=1) / len(b)],
}  # fmt: skip
OLD = "these are the three of equation (3.2), or a hair away"
WRONG = {
    "moments": said({
        "for lopsided numbers: mean: you get": [_moments((0, lambda v: v.x.sum() / (len(v.x) - 1)))],
        "standard deviation: you get": [_moments((1, lambda v: v.d.mean().abs().sqrt())), lambda x: torch.stack(
            [x.mean(), x.std(), ((x - x.mean()) ** 3).mean(), ((x - x.mean()) ** 4).mean()])],
        "skewness: you get": [_moments((2, lambda v: (v.mean - v.x.median()) / v.std))],
        "kurtosis minus 3: you get": [_moments((3, lambda v: v.kurtosis + 1))],
        "skewness: you get nan": [_moments((2, lambda v: (v.d**1.5).mean()))],
        "yours is (1, 4)": [lambda x: scores(x).unsqueeze(0)], "return four numbers, not {": [lambda x: {0: x.mean()}],
        "overwrites batch": [lambda x: scores(x.sub_(0))], "requires_grad": [lambda x: scores(x.requires_grad_())],
        "stopped with TypeError": [lambda x: torch.stack([x.mean(), x.std(), math.sqrt(2)])],
    }),
    "perfect_generator": said({
        "you get": [
            lambda u, mean, std: mean + std * torch.tan(math.pi * (u - 0.5)),
            lambda u, mean, std: mean + std * torch.atanh(2 * u - 1),
            lambda u, mean, std: torch.normal(mean, std, u.shape, generator=torch.Generator().manual_seed(0)),
            lambda u, mean, std: mean + std * torch.sqrt(-2 * u.log()) * torch.cos(2 * math.pi * u),
            lambda u, mean, std: mean + std * (u.log() - u.log().mean()),
            lambda u, mean, std: mean - std * torch.log(1 - u),
            lambda u, mean, std: mean + std * np.interp(u, [0, 0.5, 1], [-1.7, 0, 1.7])],
        "any order, mean = -3, std = 0.2: you get": [lambda u, mean, std: mean + std * ndtri(u.sort(0).values)],
        "one u, mean = 0, std = 1: you get": [  # knows that the first u are spread evenly
            lambda u, mean, std: mean + std * ndtri(u) / (1 if len(u) > 1 else 2)],
        "values near the ends, mean = 2": [lambda u, mean, std: mean + std * ndtri(u.clamp(0.001, 0.999))],
        "PyTorch's global random numbers": [lambda u, mean, std: mean + std * torch.randn_like(u),
                                            lambda u, mean, std: torch.normal(mean, std, u.shape)],
        "ndtri takes numbers between 0 and 1": [
            lambda u, mean, std: ndtri(mean + std * u), lambda u, mean, std: ndtri((u - mean) / std),
            lambda u, mean, std: mean + std * ndtri(2 * u - 1)],
        "yours is (99, 99)": [lambda u, mean, std: mean + std * ndtri(u) * torch.ones(len(u))],
        "return a tensor, not NormalDist": [lambda u, mean, std: statistics.NormalDist(mean, std)],
        "overwrites u": [lambda u, mean, std: mean + std * ndtri(u.clamp_(0.01, 0.99))],
    }),
    "spikes": said({words: always(*results) for words, results in {
        OLD: [([ROOT3, -ROOT3, 0], np.array([1 / 6, 1 / 6, 2 / 3])), _pairs(1e-5),
              ([-ROOT3 - 1e-5, 1e-5, ROOT3], [1 / 6, 2 / 3, 1 / 6]),
              ([-ROOT3, -1e-9, 1e-9, ROOT3], [1 / 6, 1 / 3, 1 / 3, 1 / 6]),
              ([-ROOT3, -0.01, 0.01, ROOT3], [1 / 6, 1 / 3, 1 / 3, 1 / 6]),  # within what rounding is allowed
              ([-ROOT3 - 0.01, -ROOT3 + 0.01, 0, ROOT3 - 0.01, ROOT3 + 0.01], [1 / 12, 1 / 12, 2 / 3, 1 / 12, 1 / 12]),
              ([-ROOT3, 0, 0, 0, ROOT3], [1 / 6, 2 / 9, 2 / 9, 2 / 9, 1 / 6]),
              ([-ROOT3, 0, ROOT3, 5], [1 / 6, 2 / 3, 1 / 6, 0]),
              ([-2, -ROOT3, 0, ROOT3, 2], [2e-6, 1 / 6 - 2e-6, 2 / 3, 1 / 6 - 2e-6, 2e-6]),  # and dust
              ([-0.3, -ROOT3, 0, ROOT3, 0.3], [4e-4, 1 / 6, 2 / 3 - 8e-4, 1 / 6, 4e-4])],
        "Put more far out": [([-math.sqrt(2), 0, math.sqrt(2)], [0.25, 0.5, 0.25]),
                             (np.array([-1.0, 1, 1e100]), np.array([0.5, 0.5, 0])),  # 0 times inf is no number
                             ([-1.0, 1, 1e100], torch.tensor([0.5, 0.5, 0], dtype=torch.float64))],
        "the mean of x² is": [([-5.0, -0.5, 0.5, 5.0], _pairs(0.5)[1]), (FIVE, [0.083, 0.167, 0.5, 0.167, 0.083])],
        "the mean is 0.506": [([0, 2.236, 0.7071], [0.5, 0.1, 0.4])],
        "a probability is never below 0; one of yours is": [solved([-1, 0, 1, 2, 3])],
        "the root of a negative number": [_pairs(2.5)], "the two lists are swapped": [(FIVES, FIVE), _pairs(0.5)[::-1]],
        "the probabilities sum to 2. Do the two": [(_pairs(0.5)[0], [1 / 9, 8 / 9, 8 / 9, 1 / 9])],
        "the probabilities sum to 12, not": [(FIVE, [1, 2, 6, 2, 1])],
        "the probabilities sum to 1.01, not": [(FIVE, [0.08, 0.17, 0.5, 0.17, 0.09])],
        "the probabilities sum to 0, not": [(FIVE, [0] * 5), ([0, 0], [0, 0])],
        "numbers, you have 6": [([-3, -1, 0, 1, 2, 3], [0.1, 0.2, 0.2, 0.2, 0.2, 0.1])],
        "numbers, you have 1000": [(torch.linspace(-2, 2, 1000), torch.full((1000,), 1e-3))],
        "same length. Yours have shape": [(FIVE, FIVES[:4]), ([[x] for x in FIVE], FIVES), (1.0, 1.0)],
        "the two lists are empty": [([], [])],
        "return two lists: ": [FIVE, dict(zip(FIVE, FIVES, strict=True)), list(zip(FIVE, FIVES, strict=True)),
                               (FIVE, FIVES, "five")],
        "return two lists of numbers, not": [("-1, 1", "0.5, 0.5"), (FIVE, ["1/12", "1/6", "1/2", "1/6", "1/12"])],
        "every entry must be a finite number": [([-1, math.nan], [0.5, 0.5]), ([-1, 1], [math.inf, 0.5])],
    }.items()} | {"stopped with ZeroDivisionError": [lambda: _pairs(1)], "stopped with TypeError": [lambda n: n]}),
    "standard_units": said({
        "near 400: the first function, given the sample: you get": [_units(there=f) for f in (
            lambda x, a, m, s: (x - m).tanh(), lambda x, a, m, s: ((x - m) / s).sort(0).values,
            lambda x, a, m, s: (x - m) / (a - m).abs().mean(), lambda x, a, m, s: (x - m) / 0)],
        "the first function, given new numbers: you get": [_units(lambda x, a, m, s: ((x - m) / s).clamp(-3, 3))],
        "the second function, given numbers in standard units: you get": [
            _units(back=lambda z, a, m, s: z * s + m + 1), _units(back=lambda z, a, m, s: z * torch.nan)],
        "given the sample: shape (12, 1) stays that shape": [_units(there=f) for f in (
            lambda x, a, m, s: (x - m).mean() / s, lambda x, a, m, s: ((x - m) / s).flatten(),
            lambda x, a, m, s: ((x - m) / s)[:3])],
        "shape (3, 1) stays that shape. Yours becomes (12, 1)": [_units(lambda x, a, m, s: (a - m) / s),
                                                                 _units(back=lambda z, a, m, s: a)],
        "return a tensor, not": [_units(lambda x, *_: (x, 1))], "Your first function gave": [_units(lambda *_: None)],
        "Your second function stopped with AttributeError": [_units(back=lambda z, a, m, s: m.plus(s * z))],
        "return two functions": [lambda a: UNITS(a)[0], lambda a: a, lambda a: {1, 2}, lambda a: (*UNITS(a), a)],
        "return the two functions themselves": [lambda a: (a.mean(), a.std()), lambda a: (UNITS(a)[0], a.mean())],
        "Your first function stopped with TypeError": [lambda a: (lambda: a, lambda z: z)],
        "the first function changes nothing": [lambda a: (torch.Tensor, UNITS(a)[1])],
        "the first function, given the sample, overwrites": [lambda a: (lambda x: x.sub_(a.mean()), UNITS(a)[1])],
        "or the sample": [lambda a: (lambda x: x + a.zero_(), UNITS(a)[1])], "overwrites": [lambda a: UNITS(a.mul_(1))],
    }),
    "normal_generator": said({
        "mean and standard deviation are swapped": [lambda: linear(-4, 1.25)],
        "A length is stretched by its root": [lambda: linear(-(1.25**2), 4.0), lambda: linear(1.25**2, 0)],
        "the noise is lost": [lambda: linear(0, 0)], "its outputs have mean 0, not 4": [lambda: linear(1, 0)],
        "its outputs have mean 400, not 4": [lambda: linear(1.25, 400)],
        "its outputs have mean 1.25, not 4": [lambda: linear(1.25, 1.25)],
        "deviation 1.2, not 1.25": [lambda: linear(1.2, 4)], "deviation 0.36": [lambda: linear(1.25 / 12**0.5, 4)],
        "deviation 4.33": [lambda: linear(1.25 * 12**0.5, 4)],  # for uniform noise
        "its outputs have mean 1.83494": [lambda: linear(1.25 * 12**0.5, 4 - 1.25 * ROOT3)],
        "its outputs have mean 4.0004": [lambda: linear(1.2498, 4.0004)], "finite": [lambda: linear(1.25, math.inf)],
        "draws both at random": [lambda: nn.Linear(1, 1), lambda: with_data(nn.Linear(1, 1), bias=torch.tensor([4.0]))],
        "its outputs have mean": [lambda: with_data(nn.Linear(1, 1), weight=torch.tensor([[1.25]]))],
        "without a bias": [lambda: nn.Linear(1, 1, bias=False)], "without hooks": [hooked],
        "one input and one output": [lambda: nn.Linear(2, 1), lambda: nn.Linear(1, 64)],
        "stopped with TypeError": [lambda: nn.Linear(4, 1.25), lambda: setattr(linear(1, 1), "weight", 1.25)],
        "not the class": [lambda: nn.Linear], "not Sequential": [lambda: nn.Sequential(linear(1.25, 4))],
        "not LazyLinear": [lambda: nn.LazyLinear(1)], "not function": [lambda: lambda z: 4 + 1.25 * z],
        "keep weight and bias in float32": [
            lambda: linear(1.25, 4).double(), lambda: with_data(bias=torch.tensor([4]).half()),
            lambda: with_data(weight=torch.tensor([[1.25]]).double())],
        "keep the shapes of weight and bias": [
            lambda: with_data(weight=torch.tensor([1.25])), lambda: with_data(weight=torch.tensor(1.25)),
            lambda: with_data(bias=torch.tensor([4.0, 4.0])), lambda: with_data(bias=torch.tensor([[4.0]]))],
        "a leaf Variable": [lambda: nn.Linear(1, 1).weight.fill_(1.25)],
    }),
    "wasserstein": said({
        "Sorting both is exact": [
            histograms, lambda a, b: gaps(a, b)[1:-1].abs().mean(),
                lambda a, b: (a.mean() - b.mean()).abs() + (a.std() - b.std()).abs(),
                lambda a, b: gaps(a, b).abs().log().mean()],
        "for a sample and the same, shifted by 3: you get": [lambda a, b: gaps(a, b).abs().sum() / 30],
        "gaps up and down cancel": [lambda a, b: (a.mean() - b.mean()).abs()],
        "you pair the numbers as they come. Sort both, and": [mse_loss, lambda a, b: mse_loss(a, b).sqrt()],
        "whatever it is given": [lambda a, b: 3.0], "you get 0. Is one sample": [lambda a, b: l1_loss(a, a)],
        "get nan": [lambda a, b: gaps(a, b).sqrt().mean()], "get inf": [lambda a, b: gaps(a, b).abs().mean() / 0],
        "one number. Yours has shape": [lambda a, b: gaps(a, b).abs(), stats.ks_2samp],
        "overwrites b": [lambda a, b: l1_loss(a, b.add_(0))],
        "stopped with TypeError": [lambda a, b: (a.sort() - b.sort()).abs(), lambda a, b: sorted(a) - sorted(b)],
        "you get 0.66667, it should be 1.25": [lambda a, b: sum(abs(x - y) for x, y in zip(
            sorted({*a.tolist()}), sorted({*b.tolist()}), strict=True)) / len({*a.tolist()})],
    }),
}  # fmt: skip
