"""The exercises of chapter 3, in their order."""

import math
from types import SimpleNamespace

import numpy as np
import torch
from scipy import stats
from torch import nn
from torch.special import ndtr, ndtri

from gan_helpers.exercises import require
from gan_helpers.exercises.engine import Case, Exercise, ask
from gan_helpers.exercises.readers import number, numbers, parts, tensor


def _each(of, mistakes: dict) -> dict:
    """The mistakes as answers: `of` makes one of each function."""
    return {words: tuple(map(of, f if isinstance(f, tuple) else (f,))) for words, f in mistakes.items()}


def _four(result, arguments: dict) -> dict:
    values = tensor(lambda batch: (4,), what="four numbers", loose=True)(result, arguments)[""]
    return dict(zip(("mean", "standard deviation", "skewness", "kurtosis minus 3"), values, strict=True))


def _moments(*changes):
    """The four moments, with changes (place, function): x, d = x - mean, mean, std, less with n - 1, m(k) of d."""
    def answer(batch):
        x = batch.double()
        d, std = x - x.mean(), x.std(correction=0)
        v = SimpleNamespace(x=x, d=d, mean=x.mean(), std=std, less=x.std(), m=lambda k: (d**k).mean())
        v.skewness, v.kurtosis = v.m(3) / std**3, v.m(4) / std**4 - 3
        four = [v.mean, std, v.skewness, v.kurtosis]
        for place, f in changes:
            four[place] = torch.as_tensor(f(v), dtype=torch.float64).reshape(())
        return torch.stack(four)

    return answer


def _at(place: int, mistakes: dict) -> dict:
    which = ("first", "second", "third", "fourth")[place]
    return _each(lambda f: _moments((place, f)), {f"the {which} {words}": f for words, f in mistakes.items()})


def _standardized(k: int) -> dict:
    """The mistakes that the third and the fourth moment share."""
    power, off, ready = ("³", 0, stats.skew) if k == 3 else ("⁴", 3, stats.kurtosis)
    return _at(k - 1, {
        f"is not divided by std{power}.": lambda v: v.m(k) - off,
        **{f"is divided by std{p}. Divide by std{power}: then it has no unit.": lambda v, j=j: v.m(k) / v.std**j - off
           for j, p in ((1, ""), (2, "²"), (3, "³")) if j < k},
        f"is divided by the variance{power}. Divide by std{power}.": lambda v: v.m(k) / v.std ** (2 * k) - off,
        "is divided by a std with n - 1 in it. Divide by n.": lambda v: v.m(k) / v.less**k - off,
        f"takes x{power}. Take the mean away first.": lambda v: (v.x**k).mean() / v.std**k - off,
        f"is a sum. Take the mean of d{power}.": lambda v: (v.d**k).sum() / v.std**k - off,
        f"takes the mean of d before d{power}. Deviations cancel.": lambda v: v.m(1) ** k / v.std**k - off,
        "is corrected for the size of the batch. Plain means, please.": lambda v: ready(v.x.ravel(), bias=False),
    })


def _batch(told: str, draw):
    return Case(lambda rng: (draw(rng).unsqueeze(1),), told)


def _bell(mean, std, *shape, dtype=torch.float32):
    return lambda rng: mean + std * torch.randn(*shape, generator=rng, dtype=dtype)


def _lopsided(rng):
    return 2 * torch.empty(40).exponential_(generator=rng)


moments = Exercise(
    solution=_moments(),
    cases=[_batch("lopsided numbers", _lopsided), _batch("50 numbers of a bell curve", _bell(4, 1.25, 50)),
           _batch("two peaks", lambda rng: torch.cat([_bell(-3, 0.5, 15)(rng), _bell(2, 0.4, 15)(rng)])),
           _batch("numbers that lean to the other side", lambda rng: 3 - _lopsided(rng)),
           lambda rng: (torch.tensor([[1.0], [4.0]]),), lambda rng: (torch.tensor([[2.0], [2.0], [-1.0]]),),
           _batch("9 numbers around -100, in float64", _bell(-100, 20, 9, dtype=torch.float64)),
           Case(lambda rng: (_bell(0.5, 0.3, 7, 3)(rng)[:, 1:2],), "a column of a table")],
    gives=_four, near=1e-3,
    unfit="Is it the root of a negative number, or a division by 0?",
    mistakes={
        "the mean comes first, then the standard deviation.": _moments((0, lambda v: v.std), (1, lambda v: v.mean)),
        "skewness comes before kurtosis.": _moments((2, lambda v: v.kurtosis), (3, lambda v: v.skewness)),
    } | _at(0, {
        "is the median. Take the mean.": (lambda v: v.x.median(), lambda v: v.x.quantile(0.5)),
        "is the sum. Take the mean.": lambda v: v.x.sum(),
    }) | _at(1, {
        "is the variance. Take its square root.": lambda v: v.std**2,
        "divides by n - 1. Divide by n: std(correction=0).": lambda v: v.less,
        "is the variance, divided by n - 1. Take the root, and divide by n.": lambda v: v.less**2,
        "squares x. Take the mean away first.": lambda v: v.x.square().mean().sqrt(),
        "is the root of the sum of squares. Take the root of their mean.": lambda v: v.d.square().sum().sqrt(),
        "is the mean distance from the mean. Square, take the mean, then the root.": lambda v: v.d.abs().mean(),
    }) | _standardized(3) | _at(2, {
        "cubes x. Take the mean away first, and divide by std³.": lambda v: (v.x**3).mean(),
        "loses the sign.": lambda v: (v.d.abs() ** 3).mean() / v.std**3,
        "has the wrong sign: take the mean from x, not x from the mean, and keep the sign.":
            (lambda v: -v.skewness, lambda v: v.skewness.abs()),
        "is 1: the mean square divided by the variance. Cube the deviations.": lambda v: v.m(2) / v.std**2,
        "compares mean and median. Take the mean of cubes.": lambda v: 3 * (v.mean - np.median(v.x)) / v.std,
    }) | _standardized(4) | _at(3, {
        "is the plain kurtosis. Take 3 away.": lambda v: v.kurtosis + 3,
        "takes 3 away twice.": lambda v: v.kurtosis - 3,
        "is not divided by std⁴, and 3 is to be taken away then.": lambda v: v.m(4),
        "takes 3 away too early. Divide by std⁴ first.": lambda v: (v.m(4) - 3) / v.std**4,
        "is the skewness again.": lambda v: v.skewness,
    }),
    takeaway="Lopsided, round or with two peaks: four numbers each. What else could a batch be that has the same four?",
)


def _quantiles(top: int) -> Exercise:
    """Exercise 2: a perfect G for a bell curve, from noise u that is uniform between 0 and `top`."""
    share, twice = ("u", "2u - 1") if top == 1 else (f"u / {top}", f"2u / {top} - 1")

    def of(f):
        """The answer that makes f of the share of noise below u, the mean and the std."""
        return lambda u, mean, std: f(u.double() / top, mean, std)

    return Exercise(
        solution=of(lambda u, mean, std: mean + std * ndtri(u)),
        text=f"The noise $u$ is uniform between 0 and {top}. Write $G^*$ of equation (3.1) for a bell curve with any "
             "mean and standard deviation, as a function of a tensor `u` of shape (n, 1).",
        cases=[Case(lambda rng, mean=mean, std=std, draw=draw: (top * draw(rng), mean, std),
                    f"{told}, mean = {mean:g}, std = {std:g}") for mean, std, told, draw in (
            (4.0, 1.25, "99 values of u in order", lambda rng: torch.linspace(0.01, 0.99, 99).unsqueeze(1)),
            (-3.0, 0.2, "20 in any order", lambda rng: 0.005 + 0.99 * torch.rand(20, 1, generator=rng)),
            (0.0, 1.0, "one u", lambda rng: torch.tensor([[0.3]])),
            (1.5, 3.0, "every second of a tensor", lambda rng: 0.01 + 0.98 * torch.rand(7, 2, generator=rng)[:, :1]),
            (100.0, 15.0, "9 in any order, in float64", lambda rng: torch.rand(9, 1, generator=rng).double()),
            (2.0, 0.5, "values near the ends", lambda rng: torch.tensor([[1e-6], [0.9999], [0.5]]).double()))],
        gives=tensor("like u", loose=True), near=1e-4,
        unfit="ndtri takes numbers between 0 and 1.",
        mistakes=_each(of, {
            "you make N(4, 1.25). Use the mean and std that are given.": lambda u, m, s: 4 + 1.25 * ndtri(u),
            "you make N(0, 1). Stretch by std, then shift by mean.": lambda u, m, s: ndtri(u),
            "you make a bell of width 1. Stretch by std.": lambda u, m, s: m + ndtri(u),
            "your bell is around 0. Shift by mean.": lambda u, m, s: s * ndtri(u),
            "the spread is std². Multiply by std itself.": lambda u, m, s: m + s**2 * ndtri(u),
            "the spread is the root of std. Multiply by std itself.": lambda u, m, s: m + s**0.5 * ndtri(u),
            "you divide by std. Multiply: a wide bell stretches.": lambda u, m, s: m + ndtri(u) / s,
            "you shift, then stretch, and that moves the mean. Stretch first.": lambda u, m, s: s * (ndtri(u) + m),
            "mean and std are swapped.": lambda u, m, s: s + m * ndtri(u),
            "mean and std are swapped, and a bell has no negative width.": lambda u, m, s: stats.norm.ppf(u, s, m),
            "you go into standard units. Multiply by std, then add mean.": lambda u, m, s: (ndtri(u) - m) / s,
            "the bell is right, but G falls: large noise should give large numbers.": lambda u, m, s: m - s * ndtri(u),
            "ndtr goes from numbers to shares. You need the way back: ndtri.": lambda u, m, s: m + s * ndtr(u),
            f"you say what share lies below {share}. You need the way back: ndtri.": lambda u, m, s: ndtr((u - m) / s),
            f"you give the height of the bell at {share}, not the quantile.": lambda u, m, s: stats.norm.pdf(u, m, s),
            "the bell is too narrow: erfinv needs a factor √2.": lambda u, m, s: m + s * torch.erfinv(2 * u - 1),
            f"you make half a bell. erfinv takes {twice}.": lambda u, m, s: m + s * 2**0.5 * torch.erfinv(u),
            f"you make half a bell. Use ndtri, or √2 erfinv({twice}).": lambda u, m, s: m + s * torch.erfinv(u),
            "a straight line makes a box of width std, not a bell.":
                (lambda u, m, s: m + s * u, lambda u, m, s: m + s * (u - 0.5)),
            "a straight line makes a box, not a bell. Bend it: ndtri.": lambda u, m, s: m + s * (2 * u - 1),
            "mean and std are right, and it is a box. Bend it: ndtri.": lambda u, m, s: m + s * 12**0.5 * (u - 0.5),
            "logit belongs to another bell, with heavier tails.": lambda u, m, s: m + s * u.logit(),
            "logit belongs to another bell of this mean and std.": lambda u, m, s: m + s * 3**0.5 / math.pi * u.logit(),
            "every output is the same. Use u.": (lambda u, m, s: 0 * u + m, lambda u, m, s: 0 * u + m + s),
        } | ({f"u goes from 0 to {top}, and ndtri takes shares: u / {top}.": lambda u, m, s: m + s * ndtri(top * u)}
             if top > 1 else {})),
        takeaway=f"A tenth of its outputs lie above G*({0.9 * top:g}), as it should be, for every bell curve.",
    )


perfect_generator = _quantiles(1)
perfect_generator.variant = lambda rng: _quantiles(rng.choice([2, 5, 10]))


def _lists(result, arguments: dict) -> dict:
    x, p = (numbers(part, "two lists of numbers") for part in parts(result, 2, "two lists: the numbers and their "
                                                                                "probabilities"))
    require(x.dim() == 1 and x.shape == p.shape, "return two flat lists of the same length. Yours have shape "
            f"{tuple(x.shape)} and {tuple(p.shape)}.")
    require(len(x), "the two lists are empty.")
    require(torch.isfinite(x).all() and torch.isfinite(p).all(), "every entry must be a finite number.")
    return {"": (x, p)}


def _pairs(b2: float) -> tuple[list, list]:
    """Two mirrored pairs with the four moments of N(0, 1), the inner one at the root of b2."""
    a2 = (3 - b2) / (1 - b2)
    p = (1 - b2) / (a2 - b2)
    return [-(a2**0.5), -(b2**0.5), b2**0.5, a2**0.5], [p / 2, (1 - p) / 2, (1 - p) / 2, p / 2]


def _spikes(mean: float, std: float) -> Exercise:
    """Exercise 3: at most five numbers with the four moments of a bell curve."""
    unit = "x" if (mean, std) == (0, 1) else f"((x {-mean:+g}) / {std:g})"

    def judge(found) -> str:
        x, p = found
        if (p < 0).any() and (x >= 0).all() and abs(x.sum() - 1) < 1e-6:
            return "the two lists are swapped: the numbers come first, then the probabilities."
        if p.min() < -1e-9:
            return f"a probability is never below 0; one of yours is {p.min():.3g}."
        x, p, total = (x[p > 0] - mean) / std, p[p > 0], p[p > 0].sum()
        first, second, third, fourth = ((p * x**k).sum() for k in (1, 2, 3, 4))
        old = torch.tensor([-(3**0.5), 0, 3**0.5], dtype=torch.float64)
        wrong = {
            f"at most five different numbers, you have {len(x.unique())}.": len(x.unique()) > 5,
            "the probabilities sum to 2. Do the two of a pair share theirs? Halve it.": abs(total - 2) < 1e-6,
            f"the probabilities sum to {total:.7g}, not to 1.": abs(total - 1) > 1e-6,
            f"the mean is {mean + std * first:.7g}, it should be {mean:g}. Mirrored pairs have it.": abs(first) > 1e-4,
            f"the mean of {unit}² is 3. Are these the squares of your numbers? Take their roots.":
                abs(second - 3) < 1e-4 and abs((p * x.abs()).sum() - 1) < 1e-4,
            f"the mean of {unit}² is {second:.7g}, it should be 1.": abs(second - 1) > 1e-4,
            f"the skewness is {third:.7g}, it should be 0. Mirrored pairs have it for free.": abs(third) > 1e-3,
            f"mean, spread and skewness are right. The mean of {unit}⁴ is {fourth:.7g}, it should be 3: the "
            f"kurtosis is {fourth - 3:.7g}. Put {'more' if fourth < 3 else 'less'} far out.": abs(fourth - 3) > 1e-3,
            "these are the three of equation (3.2), or a hair away from them. Find others: try two mirrored pairs, or "
            "a pair more.":  # a split, shifted or dusted copy is near too
                len(x) > 0 and (p * (x.unsqueeze(1) - old).abs().min(1).values).sum() <= 0.01,
        }
        return next((words for words, is_so in wrong.items() if is_so), "")

    def of(x, p):
        return lambda: ([mean + std * number for number in x], p)

    return Exercise(
        solution=of(*_pairs(0.5)),
        text=f"Find numbers and probabilities with mean {mean:g}, standard deviation {std:g}, skewness 0 and kurtosis "
             "0, as a bell curve has them, with at most five different numbers, and none of them the three of equation "
             f"(3.2), stretched by {std:g} and shifted by {mean:g}.",
        cases=[lambda rng: ()], gives=_lists, judge=judge,
        mistakes={
            "these are the three of equation (3.2)": of([-(3**0.5), 0, 3**0.5], [1 / 6, 2 / 3, 1 / 6]),
            "is 1, it should be 3: the kurtosis is -2. Put more far out": of([-1, 1], [0.5, 0.5]),
            "is 4, it should be 3: the kurtosis is 1. Put less far out": of([-2, 0, 2], [1 / 8, 3 / 4, 1 / 8]),
            "is 2, it should be 1": of([-2, -1, 0, 1, 2], [0.2] * 5),
            "Are these the squares of your numbers?": of([-3, 0, 3], [1 / 6, 2 / 3, 1 / 6]),
            f"the mean is {mean + std / 3:.7g}, it should be {mean:g}": of([-1, 0, 2], [1 / 3] * 3),
            "the skewness is 1.5, it should be 0": of([-0.5, 2], [0.8, 0.2]),
            "one of yours is -0.1": of([-2, 0, 2], [-0.1, 1.2, -0.1]),
            "the probabilities sum to 2": of([-2, -1, 1, 2], [0.5] * 4),
            "at most five different numbers, you have 11": of(range(-5, 6), [1 / 11] * 11),
        },
        takeaway=lambda found: f"{len(found[0][found[1] > 0].unique())} numbers with the four moments of a bell curve: "
                               "on average, D is shown the same.",
    )


spikes = _spikes(0, 1)
spikes.variant = lambda rng: _spikes(rng.choice([-4, 3, 10]), rng.choice([0.5, 2, 3]))


def _two_functions(result, arguments: dict) -> dict:
    """What the two functions make of the sample, of new numbers, and of numbers in standard units."""
    told = isinstance(result, tuple | list) and len(result) == 2
    require(told, "return two functions: into standard units, and back.")
    require(all(map(callable, result)), "return the two functions themselves, without calling them.")
    sample = arguments["sample"].detach().clone()
    z = torch.tensor([[0.0], [1.0], [-5.0]])
    found = {}
    for place, which, told, given in (
            (0, "first", "the sample", sample), (0, "first", "new numbers", sample.mean() + sample.std() * (z + 0.8)),
            (1, "second", "numbers in standard units", z), (1, "second", "one number", z[1:2])):
        def named(x, place=place):
            return result[place](x)

        named.__name__, here, kept = f"{which} function", f"the {which} function, given {told}", given.clone()
        values = numbers(ask(named, given), "a tensor")
        untouched = torch.equal(given, kept) and torch.equal(arguments["sample"], sample)
        require(untouched, f"{here}, overwrites what it is given, or the sample. Make new numbers: (x - mean) / std.")
        require(values.shape == given.shape, f"{here}: shape {tuple(given.shape)} stays that shape. Yours becomes "
                f"{tuple(values.shape)}.")
        found[here] = values.clone()
    return found


def _units(there=lambda x, a, m, s: (x - m) / s, back=lambda z, a, m, s: m + s * z, turned=False):
    """The two functions: of what comes in, the sample a, its mean m and standard deviation s."""
    def answer(sample):
        a = sample.double()
        pair = [lambda x, f=f: f(x.double(), a, a.mean(), a.std(correction=0)) for f in (there, back)]
        return pair[::-1] if turned else pair

    return answer


def _width(a):
    return a.max() - a.min()


_OWN = "function takes the mean or std of what comes in. Keep those of the first look."
standard_units = Exercise(
    solution=_units(),
    cases=[Case(lambda rng: (_bell(400, 1.25, 12, 1)(rng),), "12 numbers near 400"),
           Case(lambda rng: (_bell(-3, 0.2, 7, 1)(rng),), "7 numbers near -3"),
           lambda rng: (torch.tensor([[1.0], [6.0]]),), _batch("lopsided numbers", _lopsided),
           Case(lambda rng: (_bell(20, 9, 30, 2)(rng)[:, 1:],), "a column of a table")],
    gives=_two_functions, near=1e-4, free=("random",),
    mistakes={"the two functions are the wrong way round.": _units(turned=True)} | _each(lambda f: _units(there=f), {
        "the first function changes nothing.": lambda x, a, m, s: x,
        "both functions go back. The first should go into standard units.": lambda x, a, m, s: m + s * x,
        "the spread is still that of the sample. Divide by the standard deviation.": lambda x, a, m, s: x - m,
        "the mean is not 0. Take it away before you divide.": lambda x, a, m, s: x / s,
        "you divide first, then take the mean away. Turn it round.": lambda x, a, m, s: x / s - m,
        "brackets are missing: (x - mean) / std.": lambda x, a, m, s: x - m / s,
        "the first divides by the variance. Divide by its square root.": lambda x, a, m, s: (x - m) / s**2,
        "the first divides by n - 1 in the std. Divide by n: std(correction=0).": lambda x, a, m, s: (x - m) / a.std(),
        "the first multiplies by the standard deviation. Divide.": lambda x, a, m, s: (x - m) * s,
        "the first adds the mean. Take it away.": lambda x, a, m, s: (x + m) / s,
        "in the first the sign is turned: x - mean, so that large stays large.": lambda x, a, m, s: (m - x) / s,
        "the first takes 400 and 1.25. Take the mean and std of the sample.": lambda x, a, m, s: (x - 400) / 1.25,
        "the first takes 4 and 1.25. Take the mean and std of the sample.": lambda x, a, m, s: (x - 4) / 1.25,
        "the first takes the median away. Take the mean.": lambda x, a, m, s: (x - a.median()) / s,
        "you squeeze the sample between 0 and 1. Use its mean and std.": lambda x, a, m, s: (x - a.min()) / _width(a),
        "you squeeze the sample between -1 and 1. Use its mean and std.":
            lambda x, a, m, s: 2 * (x - a.min()) / _width(a) - 1,
        "the first divides by the width of the sample. Divide by its std.": lambda x, a, m, s: (x - m) / _width(a),
        "the first divides by the mean. Take it away, then divide by the std.": lambda x, a, m, s: x / m,
        "the first divides by the mean. Divide by the standard deviation.": lambda x, a, m, s: (x - m) / m,
        f"the first {_OWN}": (lambda x, a, m, s: (x - x.mean()) / x.std(correction=0),
                              lambda x, a, m, s: (x - x.mean()) / x.std(), lambda x, a, m, s: (x - x.mean()) / s,
                              lambda x, a, m, s: (x - m) / x.std(correction=0)),
    }) | _each(lambda f: _units(back=f), {
        "the second function changes nothing.": lambda z, a, m, s: z,
        "both functions go into standard units.": lambda z, a, m, s: (z - m) / s,
        "in the second stretch first, then shift.": lambda z, a, m, s: (z + m) * s,
        "in the second stretch by std, then shift by mean. You shift, then divide.": lambda z, a, m, s: (z + m) / s,
        "in the second the mean is missing. Shift by it after stretching.": lambda z, a, m, s: s * z,
        "in the second stretch by the standard deviation before you shift.": lambda z, a, m, s: m + z,
        "in the second add the mean, do not take it away.": lambda z, a, m, s: s * z - m,
        "in the second the sign is turned: large should stay large.": lambda z, a, m, s: m - s * z,
        "the second divides by the standard deviation. Multiply.": lambda z, a, m, s: m + z / s,
        "the second multiplies by the variance. Multiply by its square root.": lambda z, a, m, s: m + s**2 * z,
        "the second divides by n - 1 in the std. Divide by n: std(correction=0).": lambda z, a, m, s: m + a.std() * z,
        "in the second mean and standard deviation are swapped.": lambda z, a, m, s: s + m * z,
        "the second takes 400 and 1.25. Take the mean and std of the sample.": lambda z, a, m, s: 400 + 1.25 * z,
        f"the second {_OWN}": (lambda z, a, m, s: z.mean() + z.std(correction=0) * z,
                               lambda z, a, m, s: z.mean() + z.std() * z),
    }),
    takeaway="A mean of 4 or of 400: in standard units it is the same data, and the same recipe trains on it.",
)


def _layer(result, arguments: dict) -> dict:
    require(not isinstance(result, type), "return a layer, nn.Linear(1, 1), not the class.")
    require(type(result) is nn.Linear, f"return an nn.Linear(1, 1), not {type(result).__name__}.")
    require((result.in_features, result.out_features) == (1, 1), f"one input and one output: nn.Linear(1, 1), not "
            f"{result}.")
    require(result.bias is not None, "without a bias it cannot shift. Leave bias=True.")
    both = result.weight, result.bias
    dtypes, shapes = [p.dtype for p in both], [tuple(p.shape) for p in both]
    require(set(dtypes) == {torch.float32}, "keep weight and bias in float32, as the noise is. Yours: "
            f"{dtypes[0]} and {dtypes[1]}.")
    require(shapes[0] == (1, 1) and shapes[1] in ((1,), ()), "keep the shapes of weight and bias, (1, 1) and (1,). "
            f"Yours: {shapes[0]} and {shapes[1]}.")
    hooked = result._forward_hooks or result._forward_pre_hooks or "forward" in vars(result)
    require(not hooked, "leave the forward of the layer as it is, without hooks: set its weights.")
    return {"": (result.weight.item(), result.bias.item())}


def linear(w: float, b: float) -> nn.Linear:
    """nn.Linear(1, 1) with this weight and bias."""
    layer = nn.Linear(1, 1)
    nn.init.constant_(layer.weight, w)
    nn.init.constant_(layer.bias, b)
    return layer


def _line(w: float, b: float) -> str:
    return f"{w:.6g} z {'-' if b < 0 else '+'} {abs(b):.6g}"


def _normal(mean: float, std: float) -> Exercise:
    """Exercise 5: nn.Linear(1, 1) from N(0, 1) to N(mean, std)."""
    told = {  # (weight, bias), None for any: what is said
        (mean, std): ": mean and standard deviation are swapped.",
        (1 / std, -mean / std): f". That goes from N({mean:g}, {std:g}) to N(0, 1). Turn it round.",
        (1 / std, mean / std): f". That goes from N({-mean:g}, {std:g}) to N(0, 1). Turn it round, and mind the sign.",
        (std**2, None): f". That weight is the variance, {std**2:g}. A length is stretched by its root.",
        (std**0.5, None): f". That weight is the root of {std:g}, which is the standard deviation already.",
        (1 / std, None): f". The weight is 1 / {std:g}. Stretch: a larger weight makes a wider bell.",
        (0, None): ": the noise is lost, every output is the same.",
        (std, mean * std): ". The mean is not stretched along: G stretches z, then adds the bias.",
        (std, mean / std): f". You divide the mean by {std:g}. G stretches z, then adds the bias as it is.",
        (std, -mean): ". The sign of the bias is turned.",
        (std, 0): ": the bell is around 0. Set the bias too.",
        (1, mean): ": the standard deviation is still 1. Set the weight.",
    }

    def judge(found) -> str:
        w, b = found
        here = f"your G is {_line(w, b)}"
        if not (math.isfinite(w) and math.isfinite(b)):
            return f"{here}: not finite."
        if abs(abs(w) - std) < 1e-4 and abs(b - mean) < 1e-4:
            return ""
        for (weight, bias), words in told.items():
            if abs(abs(w) - abs(weight)) < 1e-4 and (bias is None or abs(b - bias) < 1e-4):
                return f"{here}{words}"
        drawn = " nn.Linear draws both at random: set both yourself." * (max(abs(w), abs(b)) < 1 or b == mean)
        return f"{here}: its outputs have mean {b:.6g}, not {mean:g}. Which of the two numbers shifts?{drawn}" if \
            abs(b - mean) > 1e-4 else f"{here}: its outputs have standard deviation {abs(w):.6g}, not {std:g}.{drawn}"

    return Exercise(
        solution=lambda: linear(std, mean),
        text=f"With noise from N(0, 1), two weights are enough for a perfect G. Build an nn.Linear(1, 1) whose weights "
             f"are set so that it makes a bell curve with mean {mean:g} and standard deviation {std:g}.",
        cases=[lambda rng: ()], gives=_layer, judge=judge, free=("random",),
        mistakes={words: lambda w=w, b=b: linear(w, mean if b is None else b) for (w, b), words in told.items()}
        | {f"its outputs have mean {mean + 7:g}": lambda: linear(std, mean + 7), "finite": lambda: linear(math.nan, 0),
           f"its outputs have standard deviation {std + 0.1:g}": lambda: linear(std + 0.1, mean)},
        takeaway=lambda found: f"G(z) = {_line(*found)}, and nothing is left to learn.",
    )


normal_generator = _normal(4, 1.25)
normal_generator.variant = lambda rng: _normal(*rng.choice([(3, 0.5), (-2, 2.5), (10, 0.4)]))


def _shuffled(draw, shift=0.0):
    def make(rng):
        a = draw(rng)
        return a, a[torch.randperm(len(a), generator=rng)] + shift

    return make


def _of_gaps(f):
    """The answer that makes f of the gaps between the sorted samples."""
    return lambda a, b: f(a.double().sort().values - b.double().sort().values)


def _every(a, b):
    return (a.unsqueeze(1) - b).abs()


wasserstein = Exercise(
    solution=lambda a, b: stats.wasserstein_distance(a, b),
    cases=[Case(lambda rng: (_bell(0, 1, 30)(rng), _bell(0, 1, 30)(rng)), "two samples of one bell curve",
                hint="Sorting both is exact: no histogram, no grid."),
           Case(_shuffled(_bell(0, 1, 20), 3.0), "a sample and the same, shifted by 3"),
           Case(lambda rng: (_bell(0, 0.3, 17)(rng), _bell(1, 2.5, 17)(rng)), "a narrow and a wide bell"),
           lambda rng: (torch.tensor([2.0, 2.0, 1.0, 5.0]), torch.tensor([1.0, 5.0, 5.0, 0.0])),
           lambda rng: (torch.tensor([1.5]), torch.tensor([-0.5])),
           Case(_shuffled(_bell(4, 1.25, 9)), "a sample and the same in another order"),
           Case(lambda rng: _bell(500, 80, 2, 11, dtype=torch.float64)(rng).unbind(), "large numbers, in float64"),
           Case(lambda rng: _bell(0, 1, 2, 8, 2)(rng)[..., 0].unbind(), "every second of a tensor")],
    gives=number("the distance"),
    unfit="Is it the root or the log of something that can be negative or 0, or a division by 0?",
    mistakes={
        "you pair the numbers as they come. Sort both first.": lambda a, b: (a - b).abs().mean(),
        "you pair the numbers as they come. Sort both, and take absolute values.":
            (lambda a, b: (a - b).square().mean(), lambda a, b: (a - b).square().mean().sqrt()),
        "only the first sample is sorted. Sort both.": lambda a, b: (a.sort().values - b).abs().mean(),
        "only the second sample is sorted. Sort both.": lambda a, b: (a - b.sort().values).abs().mean(),
        "you compare positions. Take the values.": lambda a, b: (a.argsort() - b.argsort()).abs().double().mean(),
        "you pair smallest with largest.": lambda a, b: (a.sort().values + (-b).sort().values).abs().mean(),
        "you compare every number with every other. Sort both and pair them.": lambda a, b: _every(a, b).mean(),
        "you look for the nearest number, and one can be taken twice. Sort both and pair them.":
            (lambda a, b: _every(a, b).amin(1).mean(), lambda a, b: _every(a, b).amin(0).mean()),
        "this is the KS distance.": lambda a, b: stats.ks_2samp(a, b).statistic,
        "this is the energy distance.": lambda a, b: stats.energy_distance(a, b),
        "this compares the standard deviations only.": lambda a, b: (a.std() - b.std()).abs(),
        "this compares the medians only.": lambda a, b: (a.median() - b.median()).abs(),
        "you get 0. Is one sample compared with itself?": lambda a, b: 0.0,
    } | _each(_of_gaps, {
        "this is the sum. Take the mean.": lambda gaps: gaps.abs().sum(),
        "this is the largest gap. Take the mean.": lambda gaps: gaps.abs().max(),
        "this is the median gap. Take the mean.": lambda gaps: gaps.abs().median(),
        "gaps up and down cancel. Take the absolute value of each gap, then the mean.":
            (torch.sum, torch.mean, lambda gaps: -gaps.sum(), lambda gaps: -gaps.mean(),
             lambda gaps: gaps.sum().abs(), lambda gaps: gaps.mean().abs()),
        "this squares the gaps: Wasserstein-2. Take their absolute values.": lambda gaps: gaps.square().mean().sqrt(),
        "this squares the gaps. Take their absolute values.": lambda gaps: gaps.square().mean(),
        "this is the length of the vector of gaps. Take the mean of absolute values.": torch.norm,
        "the sign is turned. A distance is never negative.": lambda gaps: -gaps.abs().mean(),
        "this is half the distance.": lambda gaps: gaps.abs().mean() / 2,
        "this is twice the distance.": lambda gaps: gaps.abs().mean() * 2,
        "you divide by n - 1. There are n gaps.": lambda gaps: gaps.abs().sum() / (len(gaps) - 1),
    }),
    takeaway="Shifted by 3, the distance is 3. No histogram, no bins, no taste.",
)
