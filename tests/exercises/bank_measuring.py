"""Answers to the exercises of chapter 7: right ones, and wrong ones, beside the mistakes, with what is said."""

import math

import numpy as np
import scipy.linalg
import torch
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist
from scipy.stats import linregress

from gan_helpers import data, metrics
from gan_helpers.exercises import measuring
from gan_helpers.exercises.measuring import (
    _GOOD,
    _away,
    _far,
    _fit,
    _gaps,
    _interval,
    _jittered,
    _lacks,
    _made,
    _mixes,
    _noises,
    _resampled,
    _ring_gan,
    _ring_network,
    _root,
)

memorizer, precision_recall = measuring.memorizer, measuring.precision_recall


def by_scipy(m1, c1, m2, c2):
    m1, c1, m2, c2 = (part.numpy() for part in (m1, c1, m2, c2))
    return np.sum((m1 - m2) ** 2) + np.trace(c1 + c2 - 2 * scipy.linalg.sqrtm(c1 @ c2).real)


def symmetric(m1, c1, m2, c2):
    a = _root(c1)
    return ((m1 - m2).square().sum() + (c1 + c2 - 2 * _root(a @ c2 @ a)).trace()).item()


def last(function):
    """Frechet's distance with another last trace."""
    return lambda m1, c1, m2, c2: (m1 - m2).square().sum() + (c1 + c2).trace() - 2 * function(c1, c2)


def loops(real, fake, k):
    """As one says it, sample by sample."""
    def share(centres, points):
        away = cdist(centres, centres)
        radii = [sorted(away[i][j] for j in range(len(centres)) if j != i)[k - 1] for i in range(len(centres))]
        return sum(any(math.dist(p, c) < r for c, r in zip(centres, radii, strict=True)) for p in points) / len(points)

    return share(real.tolist(), fake.tolist()), share(fake.tolist(), real.tolist())


def trees(real, fake, k):
    found = [(cdist(b, a) < cKDTree(a).query(a, k + 1)[0][:, -1]).any(1).mean()
             for a, b in ((real.numpy(), fake.numpy()), (fake.numpy(), real.numpy()))]
    return np.array(found)


def ready(real, fake, k):
    found = metrics.clouds.prdc(real, fake, k)
    return found["precision"].mean(), found["recall"].mean()


def by_multinomial(train, n, rng):
    index = torch.ones(len(train)).multinomial(n, replacement=True, generator=rng)
    return torch.normal(train[index], 0.01, generator=rng)


def one_by_one(train, n, rng):
    fakes = 0.01 * torch.randn(n, train.shape[1], generator=rng, dtype=torch.float64)
    for fake in fakes:
        fake += train[int(torch.rand(1, generator=rng) * len(train))]
    return fakes


def by_numpy(train, n, rng):
    dice = np.random.default_rng(int(torch.randint(2**31, (1,), generator=rng)))
    fakes = train.numpy()[dice.integers(0, len(train), n)] + dice.normal(0, 0.01, (n, train.shape[1]))
    return torch.from_numpy(fakes.astype(np.float32)).requires_grad_()


def noise(train, n, rng):
    return 0.01 * torch.randn(n, train.shape[1], generator=rng)


def copies(change):
    """A right memorizer, then this."""
    return lambda train, n, rng: change(memorizer.solution(train, n, rng), train, n)


def point_by_point(train, test, fake):
    def mean(points):
        return sum((train - point).square().sum(1).min().sqrt().item() for point in points) / len(points)

    return mean(fake) / mean(test)


def single_precision(train, test, fake):
    train, test, fake = (part.float() for part in (train, test, fake))
    return [_away(train, fake, compute_mode="donot_use_mm_for_euclid_dist").mean() / _away(train, test).mean()]


def choices(first, second, rng):
    dice, first, second = np.random.default_rng(rng.initial_seed()), first.numpy(), second.numpy()
    found = np.subtract(*(dice.choice(part, (2000, len(part))).mean(1) for part in (first, second)))
    low, high = np.percentile(found, [2.5, 97.5])
    return low, high, low * high > 0


def weights(first, second, rng):
    """How often each value is drawn, instead of the values."""
    drawn = []
    for sample in (first, second):
        n = len(sample)
        index = torch.ones(3000, n).multinomial(n, replacement=True, generator=rng)
        drawn.append(torch.zeros(3000, n).scatter_add_(1, index, torch.ones(3000, n)).double() @ sample / n)
    low, high = torch.quantile(drawn[0] - drawn[1], torch.tensor([0.025, 0.975]).double())
    return [low, high, (low > 0) | (high < 0)]


def then(change):
    """A right interval, then this."""
    return lambda first, second, rng: change(*_interval()(first, second, rng))


def normal(first, second, rng):
    gap = (first.mean() - second.mean()).item()
    se = (first.var() / len(first) + second.var() / len(second)).sqrt().item()
    return gap - 1.96 * se, gap + 1.96 * se, abs(gap) > 1.96 * se


def shuffles(first, second, rng):
    drawn = [part[torch.randperm(len(part), generator=rng)].mean().round(decimals=9) for part in (first, second)]
    return drawn[0] - drawn[1], drawn[0] - drawn[1], True


def by_hand(sizes, distances):
    x = [1 / n for n in sizes]
    mx, my = sum(x) / len(x), sum(distances) / len(x)
    slope = sum((a - mx) * (b - my) for a, b in zip(x, distances, strict=True)) / sum((a - mx) ** 2 for a in x)
    return my - slope * mx


def by_lstsq(sizes, distances):
    n = torch.tensor(sizes).double()
    return torch.linalg.lstsq(torch.stack([n**0, 1000 / n], 1), torch.tensor(distances).double()[:, None]).solution[0]


RIGHT = {
    "frechet": [by_scipy, symmetric, lambda m1, c1, m2, c2: torch.stack([
        (m1 - m2).square().sum(), (c1 + c2).trace(), -2 * torch.linalg.svdvals(_root(c1) @ _root(c2)).sum()]).sum()],
    "precision_recall": [loops, trees],
    "memorizer": [by_multinomial, one_by_one, by_numpy],
    "memorization": [point_by_point, single_precision,
                     lambda a, b, f: cKDTree(a).query(f)[0].mean() / cKDTree(a).query(b)[0].mean()],
    "difference_interval": [choices, weights],
    "extrapolate": [by_hand, by_lstsq, lambda n, y: linregress([1 / x for x in n], y).intercept],
    "digit_mix": [lambda r, f: [1 - torch.minimum(*_mixes(r, f)).sum(), np.isin(r, f, invert=True).mean()],
                  lambda r, f: torch.stack([(_mixes(r, f)[0] - _mixes(r, f)[1]).clamp(min=0).sum(), (
                      _mixes(r, f)[0] * (_mixes(r, f)[1] <= 0)).sum()])],
}  # fmt: skip
SAME, DIFFERS, WHOLE, TWO = "whatever it is given", "it should be", "that is the whole answer", "return 2 numbers: "
GLOBAL, SEEDED, FLOATS = "global random numbers", "two seeds gave the same: nothing is drawn", "must be finite floats"
WRONG = {
    "frechet": {
        last(lambda a, b: torch.linalg.eigvals(a @ b).real.sqrt().sum()): "Clamp the eigenvalues",
        last(lambda a, b: torch.linalg.eigvals(a @ b).real.clamp(min=1e-2).sqrt().sum()): "Many eigenvalues of C1 C2",
        last(lambda a, b: torch.linalg.eigvalsh(a @ b).sqrt().sum()): DIFFERS, lambda *given: 4.0: SAME,
        lambda *given: round(measuring.frechet.solution(*given).item(), 3): DIFFERS, lambda *given: "far": "not 'far'",
        lambda *given: measuring.frechet.solution(*(part.half().double() for part in given)): DIFFERS,
        lambda m1, c1, m2, c2: c1 + c2: "Yours has shape (4, 4)", lambda m1, c1, m2, c2: c1[0, 0] + 0j: "complex",
        lambda *given: metrics.clouds.frechet_gaussians(*given): WHOLE,
        lambda m1, c1, m2, c2: c1.mul_(2).sum(): "overwrites cov_1",
    },
    "precision_recall": {
        lambda r, f, k: precision_recall.solution(r, f, k) if k > 1 else (0.0, 0.0): DIFFERS, ready: WHOLE,
        lambda r, f, k: (precision_recall.solution(r, f, k)[0], 0.5): "recall: you get 0.5",
        lambda r, f, k: (0.5, precision_recall.solution(r, f, k)[1]): "precision: you get 0.5",
        lambda r, f, k: (1.0, 1.0): SAME, lambda r, f, k: 0.5: f"{TWO}precision, recall",
        lambda r, f, k: (f[:, 0], r[:, 0]): "has the shape (45,)", lambda r, f, k: ("high", "low"): "not 'high'",
        lambda r, f, k: (1j, 0): "Yours are complex", lambda r, f, k: (r.sort(0, out=(r, r.long())), 0): "stopped with",
    },
    "memorizer": {
        noise: "away from the nearest training sample", lambda train, n, rng: memorizer.solution(
            train, n, torch.Generator().manual_seed(0)): SEEDED,
        lambda train, n, rng: memorizer.solution(train, n, rng.manual_seed(0)): "your function seeds rng",
        lambda train, n, rng: memorizer.solution(train, n, torch.default_generator): GLOBAL,
        lambda train, n, rng: memorizer.solution(train, n, rng.clone_state()): "drawn twice from one rng",
        copies(lambda x, train, n: x + 0.01 * torch.randn(x.shape)): GLOBAL, copies(lambda x, train, n: x / 0): FLOATS,
        copies(lambda x, train, n: train.add_(0) if n else x): "overwrites train",
        lambda train, n, rng: memorizer.solution(train, len(train), rng): "yours is (400, 6). Draw with replacement",
        copies(lambda x, train, n: x[:, :5]): "yours is (1000, 5)", copies(lambda x, train, n: x.flatten()): "(6000,)",
        lambda train, n, rng: memorizer.solution(train, 1000, rng): "4000 fakes of 3 features need shape (4000, 3)",
        copies(lambda x, train, n: x.long()): FLOATS, copies(lambda x, train, n: x.numpy()): "a tensor, not an ndarray",
        copies(lambda x, train, n: (x, n)): "not a tuple", copies(lambda x, train, n: list(x)): "not a list",
        lambda train, n, rng: train[torch.randint(n, (n,), generator=rng)]: "stopped with IndexError",
    },
    "memorization": {
        lambda a, b, f: metrics.clouds.memorization_ratio(a, b, f): WHOLE, lambda a, b, f: 1.0: SAME,
        lambda a, b, f: metrics.clouds.nearest(a, f)[0].mean() / _away(a, b).mean(): "calls nearest",
        lambda a, b, f: _away(a, f).mean() / _away(a, b).mean() + 1e-3: "for fakes drawn anew: you get",
        lambda a, b, f: _away(a, f): "Yours has shape (50,)", lambda a, b, f: "copied": "not 'copied'",
        lambda a, b, f: _away(a, f) / _away(a, b): "RuntimeError", lambda a, b, f: f.abs_().sum(): "overwrites",
    },
    "difference_interval": {
        shuffles: "low and high are the same. Draw with replacement", normal: SEEDED,
        lambda a, b, rng: (0 * torch.rand(9, generator=rng).sum(), 1, False): "makes no difference to the result",
        _interval(low=0, high=0.95): "your low end lies too far out",
        _interval(low=0, high=1): "as the least and the largest",
        _interval(high=1): "your high end lies too far out", _interval(low=0.35, high=0.65): DIFFERS,
        _interval(low=0.04, high=0.96): "your low end is",
        _interval(high=0.95): "your high end is", _interval(low=0.05): "your low end is",
        lambda a, b, rng: _interval()(a[::4], b[::4], rng): DIFFERS,
        _interval(lambda a, b, rng: _resampled(a, rng, times=99) - _resampled(b, rng, times=99)): "Resample more often",
        then(lambda low, high, shows: (high, low, True)): "low is above high",
        then(lambda low, high, shows: (low, high, not shows)): "It does if 0 lies outside",
        then(lambda low, high, shows: (low, high, False)): "and you say that it does not show a difference",
        then(lambda low, high, shows: (low, high, low > 0)): "It does if 0 lies outside",
        lambda a, b, rng: _interval()(a, b, torch.Generator().manual_seed(1)): SEEDED,
        lambda a, b, rng: _interval()(a, b, None): GLOBAL, lambda a, b, rng: (math.nan, math.nan, True): "not finite",
        lambda a, b, rng: (100, 101, True): SEEDED, then(lambda low, high, shows: (low, high, "yes")): "not 'yes'",
        then(lambda low, high, shows: (low, high, 1)): "True or False, not 1",
        then(lambda low, high, shows: (low, high)): "return three things: (low, high, shows)",
        lambda a, b, rng: (_gaps(a, b, rng), 1, True): "one number, not shape (2000,)",
        lambda a, b, rng: metrics.statistics.bootstrap(lambda a, b: float(a.mean() - b.mean()), a, b, rng=rng): WHOLE,
        lambda a, b, rng: _interval()(a.mul_(2), b, rng): "overwrites first",
    },
    "extrapolate": {
        lambda n, y: 3.0: SAME, lambda n, y: _fit(1 / np.array(n), y): "Yours has shape (2,)",
        lambda n, y: linregress(1 / np.array(n), y): "return the distance", lambda n, y: "0": "not '0'",
        lambda n, y: 1j * y[0]: "Yours are complex", lambda n, y: np.polyfit(1 / n, y, 1)[1]: "stopped with TypeError",
        lambda n, y: n.pop(0) / y.pop(0): "overwrites sizes",
    },
    "digit_mix": {
        lambda r, f: (_far(*_mixes(r, f)) + 0.0137, 0): "distance: you get", lambda r, f: 0.3: f"{TWO}distance, least",
        lambda r, f: (_far(*_mixes(r, f)), _mixes(r, f)[0][9]): "least: you get",
        lambda r, f: (_far(*_mixes(r, f)), _lacks(*_mixes(r, f)) + 0.01): "least: you get",
        lambda r, f: ((r.bincount() / len(r) - f.bincount() / len(f)).abs().sum() / 2, 0): "stopped with RuntimeError",
        _mixes: "has the shape (10,)", lambda r, f: {"distance": 1, "least": 0}: f"{TWO}distance, least",
        lambda r, f: ("far", "least"): "not 'far'", lambda r, f: measuring.digit_mix.solution(r.sub_(1), f): "stopped",
        lambda r, f: (metrics.digits.total_variation(r, f), 0): "total_variation, and that is half of the answer",
    },
}  # fmt: skip


def first_all_noise(generator, n, rng):
    z = torch.randn(n, 100, generator=rng)
    return torch.cat([generator(part).detach() for part in z.split(100)])


def one_graph_at_a_time(generator, n, rng):
    fakes = []
    for start in range(0, n, 100):
        part = generator(torch.randn(min(100, n - start), 100, generator=rng))
        fakes.append(part.detach())
    return torch.cat(fakes)


def one_by_one(generator, n, rng):
    made = []
    with torch.inference_mode():
        while len(made) < n:
            made.append(generator(torch.randn(1, 100, generator=rng))[0])
    return torch.stack(made)


def filled_in(generator, n, rng):
    fakes = torch.empty(n, generator[0].out_features)
    for start in range(0, n, 64):
        with torch.no_grad():
            fakes[start:start + 64] = generator(torch.randn(min(64, n - start), 100, generator=rng))
    return fakes


def moved(shift):
    """Training samples, each moved by shift(n, rng)."""
    return lambda train, n, rng: train[torch.randint(len(train), (n,), generator=rng)] + shift(n, rng)


def tried_first(train, n, rng):
    """Tries jitters with the judges that the text offers, until none objects."""
    for sigma in (0.01, 0.03, 0.045):
        fakes = _jittered(sigma)(train, n, rng)
        if 0.9 < measuring.judged(train, fakes, 0)[0] < 1.2:
            break
    return fakes


def difference_of_two(train, n, rng):
    near = torch.cdist(train, train).topk(101, largest=False).indices
    i, (j, k) = torch.randint(len(train), (n,), generator=rng), torch.randint(101, (2, n), generator=rng)
    return train[i] + 0.35 * (train[near[i, j]] - train[near[i, k]])


def from_the_spots(train, n, rng):
    """Uses no training sample."""
    centers = data.ring_centres()
    return centers[torch.randint(8, (n,), generator=rng)] + 0.1 * torch.randn(n, 2, generator=rng)


def on_a_circle(n, rng):
    angle = 2 * torch.pi * torch.rand(n, generator=rng)
    return 0.06 * torch.stack([angle.cos(), angle.sin()], 1)


class Answers(torch.nn.Module):
    """No generator, but a function with a weight that plays no part."""

    def __init__(self, function):
        super().__init__()
        self.function, self.weight = function, torch.nn.Parameter(torch.rand(1))

    def forward(self, z):
        return self.function(z) + 0 * self.weight


RIGHT |= {
    "hundred_photos": [lambda: 20, lambda: torch.tensor(55.0), 12.5],
    "draw_fakes": [first_all_noise, one_by_one, filled_in, one_graph_at_a_time],
    "forger": [tried_first, difference_of_two, moved(on_a_circle),
               moved(lambda n, rng: 0.05 * torch.randn(n, 2, generator=rng)),
               moved(lambda n, rng: 0.16 * (torch.rand(n, 2, generator=rng) - 0.5))],
    "ring_gan": [_ring_gan(250, **_GOOD), _ring_gan(**_GOOD | {"r1": 0.3}),
                 _ring_gan(**_GOOD | {"lr": 7e-3})],
}  # fmt: skip
WRONG |= {
    "hundred_photos": {lambda: 500: "500 is too large", lambda: 2: "2 is too small", lambda: "large": "not 'large'",
                       lambda: (20, 30): "your guess: one number"},
    "draw_fakes": {
        lambda generator, n, rng: _made(_noises)(generator, n, rng).repeat(2, 1)[::2]: "fakes only 500 are different",
        lambda generator, n, rng: torch.cat([generator(z) for z in torch.randn(n, 100, generator=rng).split(
            100)]).detach(): "until you detach them",
        lambda generator, n, rng: _made(lambda part, _: torch.randn(len(part), 100))(generator, n, rng): GLOBAL,
        lambda generator, n, rng: first_all_noise(generator.requires_grad_(False), n, rng): "changes requires_grad",
        lambda generator, n, rng: generator(torch.randn(100, 100, generator=rng)): "yours is (100, 6)",
        lambda generator, n, rng: torch.cat([generator(z) for z in torch.randn(n, 100, generator=rng).split(100)]):
            "under torch.no_grad()",
        lambda generator, n, rng: _made(_noises)(generator, n, rng.clone_state()): "do not copy it",
        lambda generator, n, rng: first_all_noise(generator, n, rng).numpy(): "the fakes, a tensor, not an ndarray",
        lambda generator, n: generator(torch.zeros(n, 100)): "stopped with TypeError",
    },
    "forger": {
        lambda train, n, rng: train.clone(): SEEDED, _jittered(0.001): "The copy ratio objects",
        _jittered(0): "Copy ratio 0.000", from_the_spots: "Precision objects",
        lambda train, n, rng: data.ring(n, rng): "calls ring, and those are new samples",
        moved(lambda n, rng: 0.3 * torch.randn(n, 2, generator=rng)): "Precision objects",
        moved(lambda n, rng: 0.045 * torch.randn(n, 2)): GLOBAL,
        lambda train, n, rng: _jittered(0.045)(train, n // 2, rng): "1000 fakes of 2 features need shape",
    },
    "ring_gan": {
        _ring_gan(20, **_GOOD): "with seed 11 the share of the ring that is missed",
        lambda seed: _ring_gan(1)(seed).forward: "return the trained network, not a method",
        lambda seed: _ring_network(2, 2): "share of the ring that is missed is",
        lambda seed: Answers(lambda z: data.ring(len(z), torch.Generator().manual_seed(1))): "not on its place",
        lambda seed: Answers(lambda z: z + torch.rand(2)): "or on random numbers",
        lambda seed: Answers(lambda z: 2 * z / z.norm(dim=1, keepdim=True)): "whatever its weights are",
    },
}  # fmt: skip
