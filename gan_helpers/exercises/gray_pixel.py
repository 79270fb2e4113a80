"""The exercises of chapter 2, in their order."""

import dataclasses
import functools
import math
from types import SimpleNamespace

import torch
from scipy.spatial.distance import jensenshannon
from torch import nn
from torch.nn.functional import binary_cross_entropy as bce
from torch.nn.functional import binary_cross_entropy_with_logits as bce_with_logits
from torch.nn.functional import softplus

from gan_helpers import data, losses, noise
from gan_helpers.discriminators import hidden_discriminator
from gan_helpers.exercises import require
from gan_helpers.exercises.engine import Case, Exercise
from gan_helpers.exercises.kinds import bug, predict, take_step
from gan_helpers.exercises.readers import number, numbers, of_kind, several, tensor
from gan_helpers.gan import GAN
from gan_helpers.metrics import densities
from gan_helpers.training import train_many
from gan_helpers.training.evaluation import judged

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
            f"{there}the inverse of tanh is atanh, not 1 / tanh.":
                lambda v: _bell((1 / v.t.tanh() - v.b) / v.w) / v.slope,
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
            "the factor of p_z is 1 / √(2π). Is the root missing?": lambda v: v.p / math.sqrt(2 * math.pi) / v.slope,
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
    real = f"{odds} p_data"

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
            f"the real ones count {odds} times above the fraction bar and once below it.":
                (lambda a, b: torch.where(a + b > 0, a / (a / odds + b), 0.5), lambda a, b: a / (a / odds + b)),
            f"the real ones count once above the fraction bar and {odds} times below it.":
                (lambda a, b: torch.where(a + b > 0, a / odds / (a + b), 0.5), lambda a, b: a / odds / (a + b)),
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
            "one half everywhere? What D should say depends on both densities.": lambda a, b: torch.full_like(a, 0.5),
            f"one sample in {odds + 1} is a fake. That is right where the densities are equal, and nowhere else.":
                lambda a, b: torch.full_like(a, odds / (odds + 1)),
            "this is the best D if it is shown as many fakes as real samples. Count in how many there are of each.":
                lambda a, b: _share(a / odds, b),
            "the odds are the wrong way round: there are more real samples than fakes.":
                lambda a, b: _share(a / odds, odds * b),
            "D states a probability, from 0 to 1. Yours goes below 0.":
                (lambda a, b: _share(a, b) - 0.5, lambda a, b: 2 * _share(a, b) - 1),
            "a small number that you add or compare with spoils D* where both densities are small. Ask whether their "
            "sum is above 0.":
                (*(lambda a, b, e=e: (a + e) / (a + b + 2 * e) for e in (1e-3, 1e-6, 1e-8)),
                 lambda a, b: torch.where(a + b > 0, a / (a + b + 1e-6), 0.5),
                 lambda a, b: torch.where(a + b > 0, a / (a + b).clamp(min=1e-3), 0.5),
                 lambda a, b: torch.where(a + b > 1e-3, _share(a, b), 0.5)),
        }),
        takeaway=f"It is Bayes' rule for a sample that is real in {odds} of {odds + 1} cases.",
    )


optimal_d = _best(3)
optimal_d.variant = lambda rng: _best(rng.choice([2, 4, 9]))


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
        if not near.min():
            return f"{fakes[near.argmin()]:.4g} is a real pixel. Keep 0.2 or more away from both."
        if near.min() < 0.2 - 1e-6:
            return f"{fakes[near.argmin()]:.4g} is only {near.min():.3g} away from a real pixel. Keep 0.2 or more."
        return "" if abs(fakes.mean() - center) < 1e-6 else f"their mean is {fakes.mean():.3g}, that of the real " \
            f"pixels is {center:.3g}. A linear D sees that: which way would its line tilt?"

    return Exercise(
        solution=lambda: [center, center],
        text=f"The real pixels are {low:g} or {high:g}, each half of the time. Return a list of at least two pixels "
             "between −1 and 1, each at least 0.2 away from both, that leaves the best linear D at 2 log 2.",
        cases=[lambda rng: ()], gives=_pixels, judge=judge,
        mistakes={f"{low:.4g} is a real pixel": lambda: [low, high],
                  f"{low + 0.15:.4g} is only 0.15 away": lambda: [low + 0.15] * 2,
                  f"their mean is {high + 0.2:.3g},": lambda: [high + 0.2] * 2,
                  f"their mean is {center + 0.0005:.3g},": lambda: [center, center + 1e-3],
                  "255 is no pixel": lambda: [0, 255], "finite number": lambda: [center, math.nan]},
        takeaway="Every line stays at 2 log 2, and not one of the fakes is near a real pixel.",
    )


unseen_fakes = _unseen(-0.5, 0.5)
unseen_fakes.variant = lambda rng: _unseen(*rng.choice([(-0.6, 0.2), (-0.2, 0.6), (-0.1, 0.7), (-0.7, 0.1)]))


def _on_grid(told, grid, first, second, logits, meet=True, hint=""):
    """A case: D's logits as `logits` makes them of (x, p, q), and two bell curves (mean, std) on a grid, or the left of
    the one and the right of the other."""
    def make(rng):
        x = grid(rng).double()
        p, q = _bell(x, *first) * (meet | (x < -0.2)), _bell(x, *second) * (meet | (x > 0.2))
        p, q = p / torch.trapezoid(p, x), q / torch.trapezoid(q, x)
        return logits(x, p, q), p, q, x

    return Case(make, told, hint=hint)


def _even(n, width=3.0):
    return lambda rng: torch.linspace(-width, width, n)


def _best_logit(x, p, q):
    return p.log() - q.log()


def _report(f):
    """The answer that makes f of D's logits, d = D and e = 1 - D, p, q, grid, the terms of V, and V."""
    def answer(logits, p_data, p_g, grid):
        terms = -p_data * softplus(-logits) - p_g * softplus(logits)
        return f(SimpleNamespace(l=logits, d=logits.sigmoid(), e=(-logits).sigmoid(), p=p_data, q=p_g, grid=grid,
                                 terms=terms, v=torch.trapezoid(terms, grid)))

    return answer


def _solved(terms):
    """V has these terms, and is solved for the divergence."""
    return lambda v: torch.trapezoid(terms(v), v.grid) / 2 + LOG2


SURE = "Is something clipped, or rounded to 0 or 1? Stay with logits: softplus."
reported_divergence = Exercise(
    solution=_report(lambda v: v.v / 2 + LOG2),
    cases=[_on_grid("two bell curves and a D with the logit 1 - 2 x", _even(241), (0, 0.35), (0.4, 0.5),
                    lambda x, p, q: 1 - 2 * x),
           _on_grid("two bell curves and a D that says one half", _even(101, 2.5), (0, 0.5), (0.4, 0.3),
                    lambda x, p, q: 0 * x),
           _on_grid("densities that never meet and a D that is right, with logits of 200", _even(201), (-1.2, 0.2),
                    (1.2, 0.2), lambda x, p, q: -200 * x.sign(), False, SURE),
           _on_grid("densities that never meet and a D that is wrong, with logits of 200", _even(201), (-1.2, 0.2),
                    (1.2, 0.2), lambda x, p, q: 200 * x.sign(), False, SURE),
           _on_grid("wide bell curves and the best D", _even(150, 40.0), (-4, 6), (3, 4), _best_logit),
           _on_grid("two bell curves on a grid that is finer in the middle, and a D with the logit 2 x - 1",
                    lambda rng: 3 * torch.linspace(-1, 1, 201) ** 3, (-0.4, 0.3), (0.5, 0.4),
                    lambda x, p, q: 2 * x - 1),
           _on_grid("two bell curves on a grid with steps of all sizes, and the best D", lambda rng: (
               0.004 + 0.05 * torch.rand(220, generator=rng)).cumsum(0) - 3.2, (0.2, 0.5), (-0.6, 0.4), _best_logit)],
    gives=number("the divergence, an integral over the grid"), near=1e-4,
    unfit="1 - D is rounded to 0 where D is sure, and its log is infinite. Stay with logits: softplus.",
    mistakes=_each(_report, {
        "this is the value V of the game. Solve (2.5) for the divergence.": lambda v: v.v,
        "this is D's loss, -V. Solve (2.5) for the divergence.": lambda v: -v.v,
        "this is twice the divergence.": lambda v: v.v + 2 * LOG2,
        "2 log 2 is to be halved as well.": lambda v: v.v / 2 + 2 * LOG2,
        "there is a 2 before log 2: V = -2 log 2 + 2 JSD.": lambda v: v.v / 2 + LOG2 / 2,
        "V is to be halved as well.": lambda v: v.v + LOG2,
        "log 2 is missing: V = -2 log 2 + 2 JSD.": lambda v: v.v / 2,
        "log 2 has the wrong sign: V = -2 log 2 + 2 JSD, so it goes to the other side.": lambda v: v.v / 2 - LOG2,
        "V enters with the wrong sign. Or is the grid the first argument of trapezoid?": lambda v: LOG2 - v.v / 2,
        "this is half the divergence.": lambda v: v.v / 4 + LOG2 / 2,
        "this is in bits. Take log, not log2.": lambda v: v.v / 2 / LOG2 + 1,
        "V is in bits and log 2 in nats. Take log, not log2.": lambda v: v.v / 2 / LOG2 + LOG2,
        "the sign is turned. The best D reports the divergence, which is 0 or more.": lambda v: -(v.v / 2 + LOG2),
        "this is the divergence itself, as the best D would report it. What does the D report that is given?":
            (_solved(lambda v: torch.xlogy(v.p, _share(v.p, v.q)) + torch.xlogy(v.q, _share(v.q, v.p))),
             lambda v: jensenshannon(v.p, v.q) ** 2),
        "it cannot be below 0? A D that is worse than guessing reports a negative number. Leave it so.":
            (lambda v: (v.v / 2 + LOG2).clamp(min=0), lambda v: (v.v / 2 + LOG2).abs()),
        "V has two terms. That of the fakes is missing: p_g log(1 - D).": _solved(lambda v: -v.p * softplus(-v.l)),
        "V has two terms. That of the real pixels is missing: p_data log D.": _solved(lambda v: -v.q * softplus(v.l)),
        "both terms of V have log D. The fakes have log(1 - D).": _solved(lambda v: -(v.p + v.q) * softplus(-v.l)),
        "D and 1 - D are swapped in V.": _solved(lambda v: -v.p * softplus(v.l) - v.q * softplus(-v.l)),
        "the logs are not yet weighed with the densities.": _solved(lambda v: -softplus(-v.l) - softplus(v.l)),
        "the logs are missing: V holds log D and log(1 - D).": _solved(lambda v: v.p * v.d + v.q * v.e),
        "the sigmoid is applied twice: log D = -softplus(-logit).":
            _solved(lambda v: -v.p * softplus(-v.d) - v.q * softplus(v.d)),
        "you sum over the grid. Integrate: torch.trapezoid(values, grid).":
            (lambda v: v.terms.sum() / 2 + LOG2, lambda v: (v.terms + (v.p + v.q) * LOG2).sum() / 2),
        "you average over the grid. Integrate: torch.trapezoid(values, grid).": lambda v: v.terms.mean() / 2 + LOG2,
        "this holds on grids of one step only. Where the steps differ torch.trapezoid(values, grid) weighs each point.":
            lambda v: v.terms.sum() * (v.grid[1] - v.grid[0]) / 2 + LOG2,
        "1 - D is rounded to 0 where D is sure, and its log is infinite. Stay with logits: softplus.":
            (_solved(lambda v: torch.xlogy(v.p, v.d) + torch.xlogy(v.q, 1 - v.d)),
             _solved(lambda v: v.p * v.d.log() + v.q * (1 - v.d).log())),
        "a logit is no probability, so it has no log: log D = -softplus(-logit).":
            _solved(lambda v: v.p * v.l.log() + v.q * (1 - v.l).log()),
    }),
    takeaway="No D reports more than the divergence, and only D* reports all of it: what you see is a lower bound.",
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


loss_on_twelve = predict(
    (0.05, 0.68),
    "0.38 in the median of 100 seeds, far below 2 log 2, though nothing tells real from fake. D learned the twelve by "
    "heart: on fresh pixels the same D pays 11.7. D* belongs to the distribution, and D saw a handful of draws.",
    {"at one half everywhere D pays 2 log 2, and no D does better on the distributions. Does D see these, or twelve "
     "pixels?": 2 * LOG2,
     "log 2 is one of the two terms at one half. But what keeps D at one half on twelve pixels?": LOG2,
     "how far can a flexible curve follow twelve points?": (0.685, 1.44),
     "D can do worse on pixels that it has not seen. These are the twelve that it is trained on.": (1.45, 100),
     "that would be every pixel by heart. Where a real pixel and a fake lie close together, D would have to be very "
     "steep between them.": (0, 0.049),
     "a cross-entropy adds up -log of probabilities, and none of these is below 0.": (-100, -0.001)},
)


def broken_step(discriminator, optimizer, real, fake):
    """Exercise 7 as it is given: D ends in a sigmoid, and the cross-entropy takes logits."""
    of_real, of_fake = discriminator(real), discriminator(fake)
    loss = bce_with_logits(of_real, torch.ones_like(of_real)) + bce_with_logits(of_fake, torch.zeros_like(of_fake))
    return take_step(optimizer, loss)


def _sigmoid_d(optimizer, n: int, fakes: int, leftovers: float | None = 1.0, hidden: int = 6):
    """The arguments of D's step: a D that ends in a sigmoid, its optimizer, real pixels and fakes."""
    def make(rng):
        discriminator = nn.Sequential(nn.Linear(1, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, 1), nn.Sigmoid())
        for p in discriminator.parameters():
            p.data = 0.7 * torch.randn(p.shape, generator=rng)
            p.grad = None if leftovers is None else leftovers * torch.randn(p.shape, generator=rng)
        real, fake = 0.35 * torch.randn(n, 1, generator=rng), 1 + 0.3 * torch.randn(fakes, 1, generator=rng)
        return discriminator, optimizer(discriminator.parameters()), real, fake

    return make


def _sgd(weights):
    return torch.optim.SGD(weights, 0.5)


def _from(loss, clear=True):
    """The step with a loss of D's probabilities for the real pixels and for the fakes."""
    return lambda d, optimizer, real, fake: take_step(optimizer, loss(d(real), d(fake)), clear)


def _terms(a, b):
    return bce(a, torch.ones_like(a)), bce(b, torch.zeros_like(b))


def _two_steps(d, optimizer, real, fake):
    of_real = take_step(optimizer, -d(real).log().mean())
    return of_real + take_step(optimizer, -(1 - d(fake)).log().mean())


mended_step = bug(
    broken_step,
    "as it was given: what D returns goes through a sigmoid once more, and can no longer come near 0.",
    solution=lambda discriminator, optimizer, real, fake: take_step(
        optimizer, sum(_terms(discriminator(real), discriminator(fake)))),
    cases=[Case(_sigmoid_d(_sgd, 32, 32), "32 of each and SGD, with gradients left from an earlier step"),
           Case(_sigmoid_d(_sgd, 5, 5, None), "5 of each and no gradients yet"),
           Case(_sigmoid_d(_sgd, 1, 1), "one pixel of each"),
           Case(_sigmoid_d(_sgd, 9, 4, 0.5), "9 real pixels and 4 fakes"),
           Case(_sigmoid_d(_sgd, 3, 8, None), "3 real pixels and 8 fakes"),
           Case(_sigmoid_d(lambda weights: torch.optim.Adam(weights, 0.02), 7, 7, None), "Adam", 3),
           Case(_sigmoid_d(_sgd, 16, 16, 0.3, 3), "a smaller D", 2)],
    gives=number("the loss", name="the loss that you return"), near=1e-4,
    changes=("discriminator.weights",), free=("discriminator.grad", "optimizer.state"),
    words={"discriminator.weights": "D got no gradient. Is there a backward(), then a step(), and no zero_grad() "
                                    "between?",
           **dict.fromkeys(("discriminator.parts", "discriminator.forward"), "your function takes D apart or patches "
                           "it. Others use this D as it is: mend the step.")},
    mistakes={
        "your labels are swapped: 1 is real.": _from(lambda a, b: sum(_terms(1 - a, 1 - b))),
        "the gradients of an earlier step were added to yours. That line was right: optimizer.zero_grad().":
            _from(lambda a, b: sum(_terms(a, b)), False),
        "this is half of it: add the two terms, as it was given.": _from(lambda a, b: sum(_terms(a, b)) / 2),
        "the fakes cost nothing in your loss.": _from(lambda a, b: _terms(a, b)[0]),
        "the real pixels cost nothing in your loss.": _from(lambda a, b: _terms(a, b)[1]),
        "this is the sum over the batch. Take the mean.":
            _from(lambda a, b: -a.log().sum() - (1 - b).log().sum()),
        "the logs are missing: this adds up probabilities.": _from(lambda a, b: (1 - a).mean() + b.mean()),
        "both terms call the pixels real. The label of a fake is 0.":
            _from(lambda a, b: -a.log().mean() - b.log().mean()),
        "D made two steps, one for each half of its loss. Add the halves, and step once.": _two_steps,
        "this weighs each pixel alike. Take the mean over the real pixels and the mean over the fakes, and add them: "
        "there need not be as many of one as of the other.":
            _from(lambda a, b: 2 * torch.cat([-a.log(), -(1 - b).log()]).mean()),
        "what D returns is a probability: softplus and logsigmoid take logits, and have a sigmoid inside.":
            _from(lambda a, b: -a.mean() + b.mean() + 2 * LOG2),
    },
    takeaway="A sigmoid of a probability lies between 0.5 and 0.73, so D could never call a fake a fake.",
)


FAR = GAN(
    data.gray_pixels, noise.normal, lambda: _far_away(), lambda: hidden_discriminator(width=1, hidden=32),
    generator_loss=losses.minimax, momentum=0.0, lr=0.1, d_steps=5, batch_size=64,
)  # the chapter's race: plain gradient descent and the minimax loss, from b = 3
SETTINGS = {"d_lr": (0, 10), "d_steps": (0, 20), "batch_size": (1, 256), "decay": (False, True), "r1": (0, 100),
            "gp": (0, 100), "clip": (0, 100), "ema": (0, 0.999)}
THERE = 0.05  # the divergence that the median of ten runs has to reach


def _far_away():
    generator = nn.Linear(1, 1)
    nn.init.constant_(generator.weight, 0.35)
    nn.init.constant_(generator.bias, 3.0)
    return generator


def ends(settings: dict, seeds) -> dict[str, torch.Tensor]:
    """What 200 rounds of FAR with these settings end in, for each seed: the JSD to the data, G's w and b, and what D
    makes of a fake at b: its chance of being real, and the slope of the logit."""
    grid = torch.linspace(-4, 5, 901)
    run = train_many(dataclasses.replace(FAR, **settings), 200, seeds, progress=False)
    made = densities.generated(judged(run), grid)
    made = made / torch.trapezoid(made, grid).clamp(min=1e-12).unsqueeze(-1)
    jsd = densities.jensen_shannon(densities.gray_pixels(grid), made, grid).nan_to_num(LOG2)
    b = run.generator(torch.zeros(1, 1)).detach().requires_grad_()  # (runs, 1, 1)
    logits = run.discriminator(b)
    (slope,) = torch.autograd.grad(logits.sum(), b)
    w = run.generator(torch.ones(1, 1)) - b
    return {"jsd": jsd} | {name: x.detach().flatten() for name, x in
                           (("w", w), ("b", b), ("chance", logits.sigmoid()), ("slope", slope))}


@functools.cache
def _medians(settings: tuple) -> dict[str, float]:
    """The same settings give the same runs, so each is trained once."""
    return {name: x.median().item() for name, x in ends(dict(settings), range(1000, 1010)).items()}


def _settings(result, arguments: dict) -> dict:
    of_kind(result, dict, "a dict of settings, such as {'decay': True}")
    chosen = {}
    for name, value in result.items():
        require(name in SETTINGS, f"{name!r} is not to be changed: G's loss, steps and rate, gradient descent and the "
                f"start stay. You may set {', '.join(SETTINGS)}.")
        kind, (low, high) = type(getattr(FAR, name)), SETTINGS[name]
        if name == "d_lr" and value is None:  # as it is
            continue
        held = value.item() if getattr(value, "shape", None) == () else value  # NumPy's numbers, tensors
        fits = isinstance(held, int | float) and isinstance(held, bool) == (kind is bool)
        require(fits, f"{name} = {value!r:.30} is not {'True or False' if kind is bool else 'a number'}.")
        require(low <= held <= high, f"{name} = {held!r:.30} is not between {low} and {high}.")
        require(kind is not int or held == int(held), f"{name} = {held} is not a whole number.")
        chosen[name] = kind(held) if kind is int else held
    return {"": {name: value for name, value in sorted(chosen.items()) if value != getattr(FAR, name)}}


def _arrives(settings: dict) -> str:
    try:
        median = _medians(tuple(settings.items()))
    except (TypeError, ValueError, RuntimeError) as error:
        return f"with {settings} training stopped with {type(error).__name__}: {error!s:.100}"
    if median["jsd"] <= THERE:
        return ""
    told = f"the median divergence of ten runs is {median['jsd']:.3f}, and it should be at most {THERE}. "
    if math.isnan(median["chance"]):
        return f"{told}In most of them D's weights ended as NaN: its steps were too large."
    if abs(median["b"]) < 0.3:  # the data have a mean of 0
        return f"{told}In the median G has come as far as the data, to b = {median['b']:.2f}, but with w = " \
            f"{median['w']:.2g}, where 0.35 is right. Does D keep up with it?"
    return f"{told}In the median G ends at b = {median['b']:.2f}. D gives a fake there a chance of " \
        f"{median['chance']:.1g}, and its logit has the slope {median['slope']:.1g}: G is pushed with their product."


# Where other settings lead, against THERE: python -m benchmarks.solutions 2.8
rescued_race = Exercise(
    solution=lambda: {"r1": 0.1}, cases=[lambda rng: ()], gives=_settings, judge=_arrives,
    mistakes={
        "and it should be at most 0.05.": dict,
        "the median divergence of ten runs is 0.": lambda: {"d_steps": 1},
        "'lr' is not to be changed": lambda: {"lr": 0.2},
        "'g_steps' is not to be changed": lambda: {"g_steps": 20},
        "'generator_loss' is not to be changed": lambda: {"generator_loss": losses.non_saturating},
        "'momentum' is not to be changed": lambda: {"momentum": None},
        "r1 = -1 is not between 0 and 100": lambda: {"r1": -1},
        "decay = 1 is not True or False": lambda: {"decay": 1},
    },
    takeaway="Same loss, gradient descent as before, same start. So it was not the loss alone: what saturates is the "
             "pair of a loss and a D.",
)
