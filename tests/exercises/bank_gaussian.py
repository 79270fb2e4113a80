"""Answers to the exercises of chapter 3: right ones, and wrong ones, beside the mistakes, with what is said."""

import copy
import itertools
import math
from fractions import Fraction

import numpy as np
import torch
from scipy import stats
from torch import nn
from torch.distributions import Exponential, Normal
from torch.nn.functional import mse_loss
from torch.special import log_ndtr, ndtr, ndtri

from gan_helpers.exercises import gaussian
from gan_helpers.exercises.gaussian import _moments, _pairs, _units, linear

ROOT3, UNITS = math.sqrt(3), _units()


def scores(x, p):
    mean = (p * x).sum()
    std = (p * (x - mean).square()).sum().sqrt()
    z = (x - mean) / std
    return torch.stack([mean, std, (p * z.pow(3)).sum(), (p * z.pow(4)).sum() - 3])


def from_raw_moments(numbers, shares):
    m1, m2, m3, m4 = (float((shares.double() * numbers.double() ** k).sum()) for k in (1, 2, 3, 4))
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


def written_down(a, b):
    """Both with as many numbers, each as often as the other sample has numbers."""
    return a.repeat_interleave(len(b)).sort().values, b.repeat(len(a)).sort().values


def rectangles(a, b):
    points = sorted([*a.tolist(), *b.tolist()])
    return sum(abs(float((a <= x).double().mean() - (b <= x).double().mean())) * (y - x)
               for x, y in itertools.pairwise(points))


def between_quantiles(a, b, n=200):
    share = (torch.arange(n, dtype=a.dtype) + 0.5) / n
    return (a.quantile(share) - b.quantile(share)).abs().mean()


def histograms(a, b):
    low, high = min(a.min(), b.min()).item(), max(a.max(), b.max()).item()
    shares = [torch.histc(x, 100, low, high).cumsum(0) / len(x) for x in (a, b)]
    return (shares[0] - shares[1]).abs().sum() * (high - low) / 100


def step_of_d(loss):
    """A step of D with this loss of its two scores."""
    def step(generator, discriminator, optimizer, real, noise):
        with torch.no_grad():
            fake = generator(noise)
        optimizer.zero_grad(set_to_none=False)
        value = loss(discriminator(real), discriminator(fake))
        value.backward()
        optimizer.step()
        return value

    return step


def halves(r, f):
    return mse_loss(r, torch.ones(1, 1)) / 2 + mse_loss(f, torch.zeros(1, 1)) / 2


def undetached(generator, discriminator, optimizer, real, noise):
    optimizer.zero_grad()
    loss = halves(discriminator(real), discriminator(generator(noise)))
    loss.backward()
    optimizer.step()
    return loss.item()


def two_backwards(generator, discriminator, optimizer, real, noise):
    optimizer.zero_grad()
    losses = [0.5 * (discriminator(batch) - label).square().sum() for batch, label in (
        (real, 1), (generator(noise).detach(), 0))]
    for loss in losses:
        loss.backward()
    optimizer.step()
    return torch.stack(losses).sum().item()


def minimal_mend(generator, discriminator, optimizer, real, noise):
    fake = generator(noise).detach()
    scores = torch.cat([discriminator(real), discriminator(fake)])
    labels = torch.cat([torch.ones(1, 1), torch.zeros(1, 1)])
    loss = (scores - labels).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def standard(batch):
    return (batch - batch.mean()) / batch.std()


class Wrapped(nn.Module):
    """The trained network, within another."""

    def __init__(self, seed, falling=False):
        super().__init__()
        self.network, self.falling = gaussian.trained.solution(seed), falling

    def forward(self, u):
        return self.network(1 - u if self.falling else u)


def units_in_the_last_layer(seed):
    into, network, back = copy.deepcopy(gaussian.trained.solution(seed))
    with torch.no_grad():
        network[-1].weight.mul_(back.weight.item())
        network[-1].bias.mul_(back.weight.item()).add_(back.bias.item())
    return nn.Sequential(into, *network)


def sorted_pairs(seed):
    """Regression of sorted numbers on sorted noise: a good fit, without a D."""
    rng = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(network.parameters(), 0.03)
    for _ in range(1000):
        u, x = torch.rand(500, 1, generator=rng).sort(0).values, 4 + 1.25 * torch.randn(500, 1, generator=rng)
        optimizer.zero_grad()
        mse_loss(network(u), x.sort(0).values).backward()
        optimizer.step()
    return network


def always(*results) -> list:
    return [lambda result=result: result for result in results]


def said(told: dict) -> dict:
    """{words: answers} as {answer: words}."""
    return {answer: words for words, answers in told.items() for answer in answers}


RIGHT = {
    "moments": [
        scores, from_raw_moments, lambda x, p: scores(x.double(), p.double()).requires_grad_(),
        lambda x, p: scores(x, p).tolist()],
    "perfect_generator": [
        lambda z, scale: -scale * log_ndtr(-z), lambda z, scale: stats.expon.isf(stats.norm.sf(z), scale=scale),
        lambda z, scale: (scale * -torch.log(torch.erfc(z / 2**0.5) / 2)).requires_grad_(),
        lambda z, scale: -scale * torch.log1p(-ndtr(z.double())).where(z < 3, log_ndtr(-z.double())),
        lambda z, scale: [[-scale * math.log(math.erfc(float(x) / 2**0.5) / 2)] for x in z]],
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
        lambda a, b: (written_down(a, b)[0] - written_down(a, b)[1]).abs().mean(),
        lambda a, b: np.abs(np.subtract(*(x.numpy() for x in written_down(a, b)))).mean(),
        lambda a, b: torch.dist(*written_down(a, b), p=1) / (len(a) * len(b)), rectangles],
    "kurtosis_of_ten": always(-0.5, -0.55, torch.tensor(-0.6), -6 / 11),
    "d_step": [minimal_mend, two_backwards, step_of_d(halves), step_of_d(lambda r, f: (r.squeeze() - 1) ** 2 / 2 + (
        f.squeeze() ** 2) / 2)],
    "view": [
        lambda batch: standard(batch).abs().mean(), lambda batch: torch.exp(-2 * standard(batch) ** 2).mean(),
        lambda batch: torch.stack([batch.min(), batch.max()]),
        lambda batch: batch.flatten().sort().values, lambda batch: batch.flatten().quantile(torch.arange(0.1, 1, 0.1)),
        lambda batch: torch.stack([standard(batch).pow(k).mean() for k in (2, 4, 6)]).unsqueeze(0)],
    "trained": [Wrapped, lambda seed: Wrapped(seed, falling=True), units_in_the_last_layer],
}  # fmt: skip
OLD = "these are the three of equation (3.2), or a hair away"
WRONG = {
    "moments": said({
        "mean: you get": [_moments((0, lambda v: v.mean + 1))], "whatever it is": [lambda x, p: [1, 2, 3, 4]],
        "standard deviation: you get": [_moments((1, lambda v: v.std * 2))],
        "skewness: you get": [_moments((2, lambda v: v.skewness / 2))],
        "kurtosis minus 3: you get": [_moments((3, lambda v: v.kurtosis + 1))],
        "skewness: you get nan": [_moments((2, lambda v: (v.p * v.d**1.5).sum()))],
        "yours is (1, 4)": [lambda x, p: scores(x, p).unsqueeze(0)],
        "return four numbers, not {": [lambda x, p: {0: x.mean()}],
        "overwrites numbers": [lambda x, p: scores(x.sub_(0), p)],
        "overwrites shares": [lambda x, p: scores(x, p.mul_(1))],
        "requires_grad": [lambda x, p: scores(x.requires_grad_(), p)],
        "stopped with TypeError": [lambda x, p: torch.stack([x.mean(), x.std(), math.sqrt(2)]), lambda x: x],
    }),
    "perfect_generator": said({
        "you get": [
            lambda z, scale: scale * torch.relu(z), lambda z, scale: scale * z**2,
            lambda z, scale: scale * (1 + z.clamp(-1, 1)), lambda z, scale: scale * (1 + z.tanh())],
        "any order, scale = 0.5: you get": [lambda z, scale: -scale * log_ndtr(-z.sort(0).values)],
        "z = 0, scale = 8: you get": [lambda z, scale: -scale * log_ndtr(-z) / (1 if len(z) > 1 else 2)],
        "z = -10, 6 and 10, scale = 1.5: you get inf": [lambda z, scale: -scale * (1 - ndtr(z)).log(),
                                                        lambda z, scale: Exponential(1 / scale).icdf(ndtr(z))],
        "z = -10, 6 and 10, scale = 1.5: you get": [lambda z, scale: -scale * log_ndtr(-z.clamp(-3, 3))],
        "PyTorch's global random numbers": [lambda z, scale: -scale * torch.rand_like(z).log()],
        "you get nan": [lambda z, scale: -scale * ndtri(z).log()],
        "z = -10, 6 and 10, scale = 1.5: you get inf at [2": [lambda z, scale: -scale * ndtr(-z.double()).log()],
        "yours is (61, 61)": [lambda z, scale: -scale * log_ndtr(-z) * torch.ones(len(z))],
        "return a tensor, not Normal": [lambda z, scale: Normal(0.0, scale)],
        "overwrites z": [lambda z, scale: -scale * log_ndtr(z.neg_())],
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
        "Put more weight far out": [([-math.sqrt(2), 0, math.sqrt(2)], [0.25, 0.5, 0.25]),
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
        "not the class": [lambda: nn.Linear], "not a Sequential": [lambda: nn.Sequential(linear(1.25, 4))],
        "not a LazyLinear": [lambda: nn.LazyLinear(1)], "not a function": [lambda: lambda z: 4 + 1.25 * z],
        "keep weight and bias in float32": [
            lambda: linear(1.25, 4).double(), lambda: with_data(bias=torch.tensor([4]).half()),
            lambda: with_data(weight=torch.tensor([[1.25]]).double())],
        "keep the shapes of weight and bias": [
            lambda: with_data(weight=torch.tensor([1.25])), lambda: with_data(weight=torch.tensor(1.25)),
            lambda: with_data(bias=torch.tensor([4.0, 4.0])), lambda: with_data(bias=torch.tensor([[4.0]]))],
        "a leaf Variable": [lambda: nn.Linear(1, 1).weight.fill_(1.25)],
    }),
    "wasserstein": said({
        "it can be had exactly": [histograms, between_quantiles,
                                  lambda a, b: (a.mean() - b.mean()).abs() + (a.std() - b.std()).abs()],
        "whatever it is given": [lambda a, b: 3.0],
        "get nan": [lambda a, b: (written_down(a, b)[0] - written_down(a, b)[1]).sqrt().mean()],
        "calls wasserstein_distance": [stats.wasserstein_distance, lambda a, b: stats.wasserstein_distance(b, a)],
        "one number. Yours has shape": [lambda a, b: (written_down(a, b)[0] - written_down(a, b)[1]).abs()],
        "overwrites b": [lambda a, b: (a - b.add_(0).mean()).abs().mean()],
        "The two samples have different sizes, 30 and 20": [
            lambda a, b: (a.sort().values - b.sort().values).abs().mean(),
            lambda a, b: np.abs(np.sort(a.numpy()) - np.sort(b.numpy())).mean()],
    }),
    "kurtosis_of_ten": said({"is too small": always(-1, -2.0), "is too large": always(-0.1, 1.0),
                             "return your guess": always("flat"), "one number": always([-0.5, -0.6])}),
    "d_step": said({
        "leaves gradients in G": [undetached],
        "right direction, 3 times as far": [step_of_d(lambda r, f: 3 * halves(r, f))],
        "opposite direction": [step_of_d(lambda r, f: -halves(r, f))],
        "you get 5.8": [lambda *given: 1 + minimal_mend(*given)],
        "D did not move": [lambda *given: 0.5], "in nearly the right direction, but not each": [step_of_d(
            lambda r, f: ((r - 0.9) ** 2 / 2 + f**2 / 2).sum())],
        "stopped with ValueError": [lambda g, d, optimizer, real, noise: minimal_mend(g, d, optimizer, real.mT, noise)],
        "moved in another direction": [step_of_d(lambda r, f: ((r - 1) ** 4 / 2 + f**4 / 2).sum())],
    }),
    "view": said({
        "better than a coin: by such numbers": [lambda batch: batch[:20].flatten()],
        "not a float: 1.0": [lambda batch: 1.0],
        "count of numbers for every batch": [lambda batch: batch[: len(batch.unique())]],
        "between 1 and 200 numbers": [lambda batch: (batch - batch.mT).flatten(), lambda batch: []],
        "holds nan": [lambda batch: (batch - batch).mean() / 0], "holds inf": [lambda batch: 1 / (batch.mean() * 0)],
        "overwrites batch": [lambda batch: batch.sub_(batch.mean()).abs().mean()],
        "Counting, comparing": [lambda batch: (standard(batch).abs() < 0.6).float().mean(),
                                lambda batch: (standard(batch).abs() < 0.6).float().mean() + 1e-9 * batch.mean()],
        "Left out: 1 of your 2 numbers": [lambda batch: torch.stack([
            ((batch - 4).abs() < 0.05).float().mean(), batch.mean()])],
        "return a tensor, not a list": [lambda batch: [batch.min(), batch.max()]],
        "better than a coin: by such": [lambda batch: torch.cat([gaussian._with_moments()(batch), torch.tensor([
            float(len(batch.unique()))])])],
        "return a few numbers": [lambda batch: "abs"],
    }),
    "trained": said({
        "return the trained network, not a list": [lambda seed: [linear(1, 0)]],
        "cannot be measured: RuntimeError": [lambda seed: nn.Linear(7, 7)],
        "no optimizer took a step. In each call both": [lambda seed: linear(1.25 * 12**0.5, 4 - 1.25 * ROOT3)],
        "at most 0.2. The fakes have mean 4.5 and standard deviation 0.289": [lambda seed: linear(1, 4)],
        "an optimizer each that takes 10 steps or more": [sorted_pairs],
        "seeds 11 and 23 you return the same network": [
            lambda seed: gaussian._in_units()[11],
            lambda seed: nn.Sequential(gaussian._in_units()[11], linear(1 + 1e-6 * seed, 0))],
        "the distance to the bell curve is nan": [lambda seed: linear(math.nan, 0)],
        "stopped with ZeroDivisionError": [lambda seed: linear(1 / 0, 0)],
    }),
}  # fmt: skip
