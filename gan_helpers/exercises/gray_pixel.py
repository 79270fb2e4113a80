"""The exercises of chapter 2, in their order."""

import math
from types import SimpleNamespace

import torch
from scipy.spatial.distance import jensenshannon
from torch.nn.functional import binary_cross_entropy as bce
from torch.nn.functional import softplus

from gan_helpers.exercises import require
from gan_helpers.exercises.engine import Case, Exercise
from gan_helpers.exercises.readers import number, numbers, several, tensor

LOG2 = math.log(2)


def _each(of, mistakes: dict) -> dict:
    """The mistakes as answers: `of` makes one of each function."""
    return {words: tuple(map(of, f if isinstance(f, tuple) else (f,))) for words, f in mistakes.items()}


def _bell(x, mean=0.0, std=1.0):
    return torch.exp(-((x - mean) / std) ** 2 / 2) / (std * math.sqrt(2 * math.pi))


def _squashed(top: int) -> Exercise:
    """Exercise 1: the density of G(z) = top * tanh(w z + b), for standard normal z."""
    x, square = ("x", "x²") if top == 1 else (f"x / {top}", f"(x / {top})²")

    def of(f):
        """The answer that makes f of x, t = x / top, y = atanh(t), z, p_z there, the slope of G, and G(x)."""
        def answer(x, w, b):
            x, t, y = x.double(), x.double() / top, (x.double() / top).atanh()
            return f(SimpleNamespace(x=x, w=w, b=b, t=t, y=y, z=(y - b) / w, p=_bell((y - b) / w),
                                     slope=top * abs(w) * (1 - t**2), made=top * torch.tanh(w * x + b)))

        return answer

    def with_slope(f):
        return lambda v: v.p / (top * abs(v.w) * (1 - f(v)))

    there = f"p_z is asked at the wrong z. Solve {x} = tanh(w z + b) for z: "
    return Exercise(
        solution=of(lambda v: v.p / v.slope),
        text=f"$G(z) = {top} \\tanh(w z + b)$ makes numbers between −{top} and {top}. The noise is standard normal. "
             "Write $p_g(x)$ by change of variables.",
        cases=[Case(lambda rng, w=w, b=b, draw=draw: (top * draw(rng), w, b), f"{told}, w = {w:g}, b = {b:g}",
                    hint="Whatever w and b are, the area under the density is 1.") for w, b, told, draw in (
            (0.6, 0.3, "99 values of x in order", lambda rng: torch.linspace(-0.98, 0.98, 99)),
            (-0.4, -0.2, "60 in order, in float64", lambda rng: torch.linspace(-0.95, 0.99, 60).double()),
            (1.5, 0.1, "31 in any order", lambda rng: 1.998 * torch.rand(31, generator=rng) - 0.999),
            (2, -1, "one x", lambda rng: torch.tensor([0.5])),
            (-1.2, 0.7, "every second of a tensor", lambda rng: torch.rand(9, 2, generator=rng)[:, 0]),
            (3.0, -0.5, "values near the ends", lambda rng: torch.tensor([0.999, -0.999, 0.0])))],
        gives=tensor("like x", loose=True), near=5e-4,
        unfit="atanh takes numbers between -1 and 1, log and sqrt take no negative ones.",
        mistakes=_each(of, {
            "this is p_z at the right z, but it is not yet divided by the slope of G.": lambda v: v.p,
            f"the slope of tanh is missing: it is 1 - {square}.": lambda v: v.p / top / abs(v.w),
            "the slope of G also has the factor |w|.": lambda v: v.p / v.slope * abs(v.w),
            "the factor |w| of the slope is there twice.": lambda v: v.p / v.slope / abs(v.w),
            "you multiply by the slope. Where G is steep the noise is spread thin: divide.": lambda v: v.p * v.slope,
            "for negative w your density is negative. Divide by |w|.": lambda v: v.p / v.slope * abs(v.w) / v.w,
            "this is the density of w z + b. Undo the tanh with atanh.": lambda v: _bell((v.x - v.b) / v.w) / abs(v.w),
            f"{there}the tanh is still to be undone, with atanh.": lambda v: _bell((v.t - v.b) / v.w) / v.slope,
            f"{there}b is missing.": lambda v: _bell(v.y / v.w) / v.slope,
            f"{there}subtract b before you divide by w.": lambda v: _bell(v.y / v.w - v.b) / v.slope,
            f"{there}b enters with a minus.": lambda v: _bell((v.y + v.b) / v.w) / v.slope,
            f"{there}w is missing.": lambda v: _bell(v.y - v.b) / v.slope,
            f"{there}w and b are missing.": lambda v: _bell(v.y) / v.slope,
            "you ask p_z at x. Ask it at the z that makes x.": lambda v: _bell(v.x) / v.slope,
            "you apply G to x. x is what G made: go back to its z.": lambda v: _bell(v.made) / v.slope,
            f"the slope of tanh is 1 - tanh², and tanh is {x} here, not z.": with_slope(lambda v: v.z**2),
            f"{x} is the tanh already: its slope is 1 - {square}.": with_slope(lambda v: v.t.tanh() ** 2),
            f"the slope of tanh is 1 - {square}, not the one at z.": with_slope(lambda v: v.z.tanh() ** 2),
            "the factor 1 / √(2π) of p_z is missing.": lambda v: torch.exp(-(v.z**2) / 2) / v.slope,
            "the exponent of p_z is -z²/2. Is the 2 missing?": lambda v: v.p * torch.exp(-(v.z**2) / 2) / v.slope,
            "this is the logarithm of the density.": lambda v: (v.p / v.slope).log(),
            "each x has a density of its own: divide by no sum over the x that are asked for.":
                (lambda v: v.p / v.slope / torch.trapezoid(v.p / v.slope, v.x),
                 lambda v: v.p / v.slope / (v.p / v.slope).sum()),
        } | ({f"the factor {top} of the slope is missing.": lambda v: top * v.p / v.slope} if top > 1 else {})),
        takeaway="It integrates to 1 for every w and b, and with w = 1.5 it has two peaks: two weights can do that.",
    )


generated_density = _squashed(1)
generated_density.variant = lambda rng: _squashed(rng.choice([2, 3, 5]))


def _densities(first, second, dtype=torch.float64):
    return lambda rng: tuple(torch.tensor(values, dtype=dtype) for values in (first, second))


def _cut_off(rng):
    """Two bell curves; each is alone somewhere, and small there, and beyond they are both 0."""
    x = torch.linspace(-3, 3, 241, dtype=torch.float64)
    return _bell(x, 0, 0.35) * ((x > -1.6) & (x < 1)), _bell(x, 0.4, 0.5) * ((x > -1) & (x < 2))


def _share(a, b):
    return torch.where(a + b > 0, a / (a + b), 0.5)


def _best(odds: int) -> Exercise:
    """Exercise 2: the best possible D, if it is shown `odds` real samples for each fake."""
    real = "p_data" if odds == 1 else f"{odds} p_data"

    def of(f):
        """The answer that makes f of the two densities, the first times `odds`."""
        return lambda p_data, p_g: f(odds * p_data.double(), p_g.double())

    return Exercise(
        solution=of(_share),
        text=f"D is shown {odds} real samples for each fake. Given $p_{{data}}$ and $p_g$ at some points, what does "
             "the best possible D say there? Where both are 0, say one half.",
        cases=[_densities([0.5, 1, 2], [1.5, 1, 0.25]), _densities([0.3], [1.2]),
               Case(_cut_off, "two bell curves that are cut off", hint="Where are both 0 there, and where both small?"),
               _densities([0, 0, 2, 0], [0, 3, 0, 0]), _densities([0, 0, 0.5], [0, 0.5, 0.5], torch.float32),
               Case(lambda rng: (1e-5 + 1e-4 * torch.rand(2, 7, generator=rng, dtype=torch.float64)).unbind(),
                    "densities from 0.00001 to 0.0001", hint="Is there a small number that you add or compare with?"),
               Case(lambda rng: (50 * torch.rand(2, 9, generator=rng)).unbind(), "densities up to 50, in float32"),
               Case(lambda rng: (torch.rand(6, 2, generator=rng)[:, 0],) * 2, "two densities that are equal")],
        gives=tensor("like p_data", loose=True), near=1e-6,
        mistakes=_each(of, {
            "where both are 0, say 0.5. 0 / 0 by itself is NaN.":
                (lambda a, b: a / (a + b), lambda a, b: (a / (a + b)).nan_to_num(),
                 lambda a, b: torch.where(b > 0, _share(a, b), 1.0)),
            "where p_data alone is 0, D says 0, not 0.5.": lambda a, b: torch.where(a > 0, _share(a, b), 0.5),
            "where p_g is 0 the ratio p_data / p_g is infinite: divide by the sum.": lambda a, b: (a / b) / (1 + a / b),
            "this is the chance that the sample is a fake. D states how sure it is of real.": lambda a, b: _share(b, a),
            f"this is the ratio {real} / p_g. D states a probability: divide by the sum.": lambda a, b: a / b,
            f"this is the ratio p_g / {real}. D states a probability of real: {real} over the sum.": lambda a, b: b / a,
            "this is the logit of D*. Pass it through a sigmoid.":
                (lambda a, b: a.log() - b.log(), lambda a, b: _share(a, b).logit()),
            f"{real} over the sum is a probability: leave the sigmoid out.": lambda a, b: _share(a, b).sigmoid(),
            f"sigmoid takes the difference of the logs, log({real}) - log(p_g).": lambda a, b: (a - b).sigmoid(),
            f"sigmoid takes the log of the ratio {real} / p_g.": lambda a, b: (a / b).sigmoid(),
            "this is the log of D*.": lambda a, b: _share(a, b).log(),
            "this is twice D*. Divide by the sum of the densities, not by their mean.": lambda a, b: 2 * _share(a, b),
            "this is a hard yes or no. D states a probability.":
                (lambda a, b: (a > b).double(), lambda a, b: _share(a, b).round()),
            "this is the sum of the two densities. It belongs under the fraction.": lambda a, b: a + b,
            f"this is the mean of the two densities. D* compares them: {real} over the sum.": lambda a, b: (a + b) / 2,
            "you divide by the sum over all points. Divide by the sum at each.": lambda a, b: a / (a + b).sum(),
            f"this is the difference of the densities. Divide {real} by the sum.": lambda a, b: a - b,
            f"this is {real} alone. What D should say depends on p_g too.": lambda a, b: a,
            "this is p_g alone. What D should say depends on p_data too.": lambda a, b: b,
            "one half everywhere is D* only if the two densities are equal.": lambda a, b: torch.full_like(a, 0.5),
            "D states a probability, from 0 to 1. Yours goes below 0.":
                (lambda a, b: _share(a, b) - 0.5, lambda a, b: 2 * _share(a, b) - 1),
            "a small number that you add or compare with spoils D* where both densities are small. Ask whether their "
            "sum is above 0.":
                (*(lambda a, b, e=e: (a + e) / (a + b + 2 * e) for e in (1e-3, 1e-6, 1e-8)),
                 lambda a, b: torch.where(a + b > 0, a / (a + b + 1e-6), 0.5),
                 lambda a, b: torch.where(a + b > 0, a / (a + b).clamp(min=1e-3), 0.5),
                 lambda a, b: torch.where(a + b > 1e-3, _share(a, b), 0.5)),
        } | ({"D is not shown as many fakes as real samples: count that in.": lambda a, b: _share(a / odds, b)}
             if odds > 1 else {})),
        takeaway="It is Bayes' rule for a sample that comes from either side half of the time." if odds == 1 else
                 f"It is Bayes' rule for a sample that is real in {odds} of {odds + 1} cases.",
    )


optimal_d = _best(1)
optimal_d.variant = lambda rng: _best(rng.choice([3, 4, 9]))


def _pixels(result, arguments: dict) -> dict:
    fakes = numbers(result, "a list of pixels, such as [-0.1, 0.3]")
    require(fakes.dim() == 1 and len(fakes) >= 2, "return a flat list of at least two pixels, such as [-0.1, 0.3].")
    require(len(fakes) <= 1000, f"{len(fakes)} pixels are more than needed. A handful will do.")
    require(torch.isfinite(fakes).all(), "every pixel must be a finite number.")
    return {"": fakes}


def _unseen(low: float, high: float) -> Exercise:
    """Exercise 3: fakes that no linear D tells from the pixels `low` and `high`."""
    center = (low + high) / 2

    def judge(fakes) -> str:
        near = torch.minimum((fakes - low).abs(), (fakes - high).abs())
        if fakes.abs().max() > 1:
            return f"{fakes[fakes.abs().argmax()]:.7g} is no pixel: they lie between -1 and 1."
        if near.min() < 0.2 - 1e-6:
            return f"{fakes[near.argmin()]:.4g} is only {near.min():.3g} away from a real pixel. Keep 0.2 or more."
        return "" if abs(fakes.mean() - center) < 1e-6 else f"their mean is {fakes.mean():.3g}, that of the real " \
            f"pixels is {center:.3g}. A linear D sees that: which way would its line tilt?"

    return Exercise(
        solution=lambda: [center, center],
        text=f"The real pixels are {low:g} or {high:g}, each half of the time. Return a list of at least two pixels "
             "between −1 and 1, none within 0.2 of a real one, that leaves the best linear D at 2 log 2.",
        cases=[lambda rng: ()], gives=_pixels, judge=judge,
        mistakes={f"{low:.4g} is only 0 away from a real pixel": lambda: [low, high],
                  f"{low + 0.15:.4g} is only 0.15 away": lambda: [low + 0.15] * 2,
                  f"their mean is {high + 0.2:.3g},": lambda: [high + 0.2] * 2,
                  f"their mean is {center + 0.0005:.3g},": lambda: [center, center + 1e-3],
                  "255 is no pixel": lambda: [0, 255], "finite number": lambda: [center, math.nan]},
        takeaway="Every line stays at 2 log 2, and not one of the fakes is near a real pixel.",
    )


unseen_fakes = _unseen(-0.5, 0.5)
unseen_fakes.variant = lambda rng: _unseen(*rng.choice([(-0.6, 0.2), (-0.2, 0.6), (-0.1, 0.7), (-0.7, 0.1)]))


def _on_grid(told, grid, first, second, meet=True, hint=""):
    """A case: two bell curves (mean, std) on a grid, or the left of the one and the right of the other."""
    def make(rng):
        x = grid(rng).double()
        p, q = _bell(x, *first) * (meet | (x < -0.2)), _bell(x, *second) * (meet | (x > 0.2))
        return p / torch.trapezoid(p, x), q / torch.trapezoid(q, x), x

    return Case(make, told, hint=hint)


def _even(n, width=3.0):
    return lambda rng: torch.linspace(-width, width, n)


def _jsd(f):
    """The answer that makes f of p, q, their mean m, grid, V, its terms, and D* as d and 1 - D* as e."""
    def answer(p_data, p_g, grid):
        d, e = _share(p_data, p_g), _share(p_g, p_data)
        terms = torch.xlogy(p_data, d) + torch.xlogy(p_g, e)
        return f(SimpleNamespace(p=p_data, q=p_g, m=(p_data + p_g) / 2, grid=grid, d=d, e=e, terms=terms,
                                 v=torch.trapezoid(terms, grid)))

    return answer


def _kl(v, p, q):
    return torch.trapezoid(torch.xlogy(p, p) - torch.xlogy(p, q), v.grid)


def _solved(terms):
    """V has these terms, and is solved for the divergence."""
    return lambda v: torch.trapezoid(terms(v), v.grid) / 2 + LOG2


jensen_shannon = Exercise(
    solution=_jsd(lambda v: v.v / 2 + LOG2),
    cases=[_on_grid("two bell curves", _even(241), (0, 0.35), (0.4, 0.5)),
           _on_grid("equal densities", _even(101, 2.5), (0, 0.5), (0, 0.5)),
           _on_grid("densities that never meet", _even(201), (-1.2, 0.2), (1.2, 0.2), False),
           _on_grid("narrow bell curves far apart", _even(301), (0, 0.35), (1.5, 0.1), hint="Where p_g is tiny beside "
                    "p_data, is 1 - D* rounded to 0? p_g / (p_data + p_g) is not."),
           _on_grid("wide bell curves", _even(150, 40.0), (-4, 6), (3, 4)),
           _on_grid("two bell curves on a grid that is finer in the middle",
                    lambda rng: 3 * torch.linspace(-1, 1, 201) ** 3, (-0.4, 0.3), (0.5, 0.4)),
           _on_grid("two bell curves on a grid with steps of all sizes", lambda rng: (
               0.004 + 0.05 * torch.rand(220, generator=rng)).cumsum(0) - 3.2, (0.2, 0.5), (-0.6, 0.4))],
    gives=number("the divergence, an integral over the grid"), near=1e-4,
    unfit="0 * log 0 and 0 / 0 are NaN, a log of 0 is infinite. torch.xlogy(0, 0) is 0, and p_g / (p_data + p_g) is "
          "not rounded to 0, as 1 - D* is.",
    uses={"optimal_d": optimal_d},
    mistakes=_each(_jsd, {
        "this is the value V of the game. Solve (2.5) for the divergence.": lambda v: v.v,
        "this is twice the divergence.": lambda v: v.v + 2 * LOG2,
        "2 log 2 is to be halved as well.": lambda v: v.v / 2 + 2 * LOG2,
        "V is to be halved as well.": lambda v: v.v + LOG2,
        "log 2 is missing: V = -2 log 2 + 2 JSD.": lambda v: v.v / 2,
        "log 2 has the wrong sign: V = -2 log 2 + 2 JSD, so it goes to the other side.": lambda v: v.v / 2 - LOG2,
        "V enters with the wrong sign. Or is the grid the first argument of trapezoid?": lambda v: LOG2 - v.v / 2,
        "this is half the divergence.": lambda v: v.v / 4 + LOG2 / 2,
        "this is in bits. Take log, not log2.":
            (lambda v: v.v / 2 / LOG2 + 1, lambda v: jensenshannon(v.p, v.q, base=2) ** 2),
        "V is in bits and log 2 in nats. Take log, not log2.": lambda v: v.v / 2 / LOG2 + LOG2,
        "this is the square root, the distance that scipy gives. Square it.":
            (lambda v: (v.v / 2 + LOG2).clamp(0).sqrt(), lambda v: jensenshannon(v.p, v.q)),
        "the sign is turned: a divergence is 0 or more.": lambda v: -(v.v / 2 + LOG2),
        "this is the Kullback-Leibler divergence from p_g. Compare with the mean of both.": lambda v: _kl(v, v.p, v.q),
        "this is the Kullback-Leibler divergence of p_g. Compare with the mean of both.": lambda v: _kl(v, v.q, v.p),
        "this compares p_data and p_g with each other. Compare each with the mean of both.":
            tuple(lambda v, k=k: k * (_kl(v, v.p, v.q) + _kl(v, v.q, v.p)) for k in (0.5, 1)),
        "this is the half of it that p_data gives. Add that of p_g, and take the mean.": lambda v: _kl(v, v.p, v.m),
        "this is the half of it that p_g gives. Add that of p_data, and take the mean.": lambda v: _kl(v, v.q, v.m),
        "the term for p_g is missing.": lambda v: _kl(v, v.p, v.m) / 2,
        "the term for p_data is missing.": lambda v: _kl(v, v.q, v.m) / 2,
        "V has two terms. That of the fakes is missing: p_g log(1 - D*).": _solved(lambda v: torch.xlogy(v.p, v.d)),
        "both terms of V have log D*. The fakes have log(1 - D*).": _solved(lambda v: torch.xlogy(v.p + v.q, v.d)),
        "D* and 1 - D* are swapped in V.": _solved(lambda v: torch.xlogy(v.p, v.e) + torch.xlogy(v.q, v.d)),
        "this is the total variation distance.": lambda v: torch.trapezoid((v.p - v.q).abs(), v.grid) / 2,
        "you sum over the grid. Integrate: torch.trapezoid(values, grid).":
            (lambda v: v.terms.sum() / 2 + LOG2, lambda v: (v.terms + (v.p + v.q) * LOG2).sum() / 2),
        "you average over the grid. Integrate: torch.trapezoid(values, grid).": lambda v: v.terms.mean() / 2 + LOG2,
        "this holds on grids of one step only. Where the steps differ torch.trapezoid(values, grid) weighs each point.":
            (lambda v: v.terms.sum() * (v.grid[1] - v.grid[0]) / 2 + LOG2, lambda v: jensenshannon(v.p, v.q) ** 2),
        "1 - D* is rounded to 0 where p_g is tiny beside p_data, and its log is infinite. p_g / (p_data + p_g) is not "
        "rounded.": _solved(lambda v: torch.xlogy(v.p, v.d) + torch.xlogy(v.q, 1 - v.d)),
    }),
    takeaway="0 for equal densities, log 2 for densities that never meet, and the value of the game in between.",
)


def _averaged(f):
    return lambda fake_logits: tuple(loss.mean() for loss in f(fake_logits))


def _logs(d):
    return torch.log(1 - d), -torch.log(d)


def _pair(x):
    return -softplus(x), softplus(-x)


def _logits(label, *values, dtype=torch.float32):
    """A case; at a logit of 0 alone right formulas may have a kink, such as max(x, 0) + log(1 + exp(-|x|))."""
    return Case(lambda rng: (torch.tensor(values, dtype=dtype).unsqueeze(1),), label or f"logits {values}",
                hint=label and "Is something clipped, or rounded to 0 or 1? Stay with logits: softplus.",
                slopes=0.0 not in values)


generator_losses = Exercise(
    solution=_averaged(_pair),
    cases=[_logits("", -2.0, 0.5, 1.0, 3.0), _logits("", 0.0), _logits("", -0.7, 1.9, 0.2, dtype=torch.float64),
           Case(lambda rng: (4 * torch.randn(7, 1, generator=rng),), "7 logits from -10 to 10"),
           Case(lambda rng: (torch.randn(9, 2, generator=rng)[:, :1],), "every second number of a tensor"),
           _logits("logits of 200 and -200", 200.0, -200.0), _logits("a logit of 200", 200.0),
           _logits("a logit of -200", -200.0), _logits("logits from -88 to 104", 37.0, -51.0, 104.0, 17.5, -88.0),
           _logits("a logit of 1000", 1000.0), _logits("logits of -30,000 and 2", -3e4, 2.0)],
    gives=several("minimax", "non-saturating"), slopes=("fake_logits",),
    unfit="A logit is no probability, so it has no log; and exp(200) is infinite in float32, as is the log of a "
          "probability that was rounded to 0. Stay with logits: softplus.",
    mistakes=_each(_averaged, {
        "the two are the wrong way round: minimax first.": lambda x: _pair(x)[::-1],
        "these are sums over the batch. Take the mean.": lambda x: (-softplus(x).sum(), softplus(-x).sum()),
        "minimax has the sign turned: log(1 - D) is negative.": lambda x: (softplus(x), softplus(-x)),
        "non-saturating has the sign turned: -log D is positive.": lambda x: (-softplus(x), -softplus(-x)),
        "both signs are turned.": lambda x: (softplus(x), -softplus(-x)),
        "both are -log D. The minimax loss looks at 1 - D.": lambda x: (softplus(-x), softplus(-x)),
        "both are log(1 - D). The non-saturating loss looks at D.": lambda x: (-softplus(x), -softplus(x)),
        "both look at 1 - D. The non-saturating loss is -log D.": lambda x: (-softplus(x), softplus(x)),
        "minimax is log(1 - D), not log D.": lambda x: (-softplus(-x), softplus(-x)),
        "D is sigmoid(logit), not sigmoid(-logit).": lambda x: _pair(-x),
        "these are in bits. Take log, not log2.": lambda x: [loss / LOG2 for loss in _pair(x)],
        "the sigmoid is applied twice.": lambda x: _pair(x.sigmoid()),
        "you average before the log. Take the mean of the logs.": lambda x: _logs(x.sigmoid().mean()),
        "you average the logits. Take the mean of the losses.": lambda x: _pair(x.mean()),
        "the logs are missing.": lambda x: (1 - x.sigmoid(), -x.sigmoid()),
        "these are 1 - D and D. The losses are log(1 - D) and -log D.": lambda x: (1 - x.sigmoid(), x.sigmoid()),
        "these are the slopes. Return the losses themselves.": lambda x: (-x.sigmoid(), x.sigmoid() - 1),
        "exp(200) is infinite in float32, and a probability is rounded to 0 or 1 before the log. Stay with logits: "
        "softplus.":
            (lambda x: _logs(x.sigmoid()), lambda x: (-torch.log(1 + x.exp()), torch.log(1 + (-x).exp())),
             lambda x: (-x - torch.log(1 + (-x).exp()), torch.log(1 + (-x).exp()))),
        "BCE from probabilities is cut off at 100, where the log would be infinite. Stay with logits: softplus.":
            lambda x: (-bce(x.sigmoid(), torch.zeros_like(x)), bce(x.sigmoid(), torch.ones_like(x))),
        "a small number keeps the log from being infinite, and cuts the losses off. Stay with logits: softplus.":
            (lambda x: _logs(x.sigmoid().clamp(1e-7, 1 - 1e-7)),
             lambda x: (torch.log(1 - x.sigmoid() + 1e-8), -torch.log(x.sigmoid() + 1e-8))),
    }),
    takeaway="Both push every logit up. At D = 0.01 the first pushes with 0.01, the second with 0.99.",
)
