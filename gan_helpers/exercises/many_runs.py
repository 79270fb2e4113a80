"""The exercises of chapter 4, in their order."""

import copy
import math
from itertools import accumulate, combinations, pairwise

import numpy as np
import torch
from scipy.stats import binomtest, norm

from gan_helpers.exercises import require
from gan_helpers.exercises.engine import Case, Exercise
from gan_helpers.exercises.kinds import Together
from gan_helpers.exercises.readers import of_kind, several, tensor


def _given(*rows, **more) -> list[Case]:
    """Cases of plain values."""
    return [Case(lambda rng, row=row: copy.deepcopy(row), **more) for row in rows]


def _at_once(x, y, eta, xx=0, xy=-1, yx=1, yy=0):
    """x moves by eta (xx x + xy y), y by eta (yx x + yy y); both look at where they stand now."""
    return x + eta * (xx * x + xy * y), y + eta * (yx * x + yy * y)


def _in_turn(x, y, eta, xx=0, xy=-1, yx=1, yy=0):
    """The same, but y looks at the new x."""
    new = x + eta * (xx * x + xy * y)
    return new, y + eta * (yx * new + yy * y)


def _y_first(x, y, eta):
    return x - eta * (y + eta * x), y + eta * x


def _step(step, other, mistakes) -> Exercise:
    """Exercise 1: one of the two steps."""
    return Exercise(
        solution=lambda x, y, eta: step(x, y, eta),
        cases=_given((1.0, 0.5, 0.1), (-0.3, 2.0, 0.5), (0.7, -1.2, 0.25), (-3.0, -0.8, 1.0), (0.0, 1.5, 0.1),
                     (2.5, 0.0, 0.02), (40.0, -7.0, 2.5)),
        gives=several("x", "y"),
        mistakes=mistakes | {says: tuple(lambda x, y, eta, by=by, turn=turn: turn(x, y, eta, *by)
                                         for turn in (step, other)) for says, by in {
            "nobody moved.": (0, 0, 0, 0),
            "y did not move.": (0, -1, 0, 0),
            "x did not move.": (0, 0, 1, 0),
            "both signs are turned. x goes downhill, y uphill.": (0, 1, -1, 0),
            "x goes uphill. It wants V small.": (0, 1, 1, 0),
            "y goes downhill. It wants V large.": (0, -1, -1, 0),
            "the slope of xy in x is y, not x.": (-1, 0, 0, 1),
        }.items()} | {
            "the step size is missing.": lambda x, y, eta: step(x, y, 1),
            "you step with 0.1 whatever eta is.": lambda x, y, eta: step(x, y, 0.1),
            "these are two steps. Take one.": lambda x, y, eta: step(*step(x, y, eta), eta),
            "x and y are swapped in what you return.": lambda x, y, eta: step(x, y, eta)[::-1],
            "this is how far they move. Return where they are then.": lambda *at: np.subtract(step(*at), at[:2]),
            "these are the slopes. Return where x and y are after the step.": lambda x, y, eta: (y, x),
        },
        takeaway="",
    )


cycling = Together(("simultaneous", "alternating"), (
    _step(_at_once, _in_turn, {f"{who} answers the {whose} that has already moved. Both look at where they stand now.":
                               step for who, whose, step in (("y", "x", _in_turn), ("x", "y", _y_first))}),
    _step(_in_turn, _at_once, {"y still answers the old x. Move x first, then y.": _at_once,
                               "y moves first here. Let x begin.": _y_first}),
), "The first runs away by a factor of sqrt(1 + eta²) a step, the second goes round for ever.")


def _wilson(level: float) -> Exercise:
    """Exercise 2: Wilson's interval."""
    def quantile(share):
        return float(norm.ppf((1 + share) / 2))

    def ends(make, z):
        """make: rate, runs, Wilson's numerator m ± h, the plain half width p, the denominator s -> middle, reach."""
        def interval(good, runs):
            r, square = good / runs, z**2 / runs
            inside = r * (1 - r) / runs
            middle, reach = make(r, runs, r + square / 2, z * math.sqrt(inside + square / 4 / runs),
                                 z * math.sqrt(inside), 1 + square)
            return middle - reach, middle + reach

        return interval

    def changed(change):
        return lambda good, runs: tuple(change(end, runs) for end in right(good, runs))

    def right(good, runs, method="wilson"):
        return binomtest(good, runs).proportion_ci(level, method)

    z, share = quantile(level), f"{100 * level:.0f} %"
    others = {q: (quantile(q), round(quantile(q), 3)) for q in (0.9, 0.95, 0.99, 2 * level - 1)
              if abs(q - level) > 1e-6}
    others[float(2 * norm.cdf(2) - 1)] = (2,)
    low, high = right(8, 10)
    cut, plain = ends(lambda r, n, m, h, p, s: (r, p), z), "this is the plain interval, rate ± z root(p(1-p)/n). "
    return Exercise(
        solution=lambda good, runs: right(good, runs),
        text=f"Write the {share} Wilson interval of the true rate, for z = {z:.6f}, in place of that for 95 %.",
        cases=_given((8, 10), (10, 10), (0, 10), (170, 200), (998, 1000), (1, 1), (3, 7), (1, 40), (5200, 20000)),
        gives=several("low", "high"),
        mistakes={words: ends(make, z) for words, make in {
            "the two ends are swapped. First the low one, then the high one.": lambda r, n, m, h, p, s: (m / s, -h / s),
            f"{plain}Wilson's has three more terms.": lambda r, n, m, h, p, s: (r, p),
            "the division by 1 + z²/n is missing.": lambda r, n, m, h, p, s: (m, h),
            "only the root is divided by 1 + z²/n. Brackets, please.": lambda r, n, m, h, p, s: (m, h / s),
            "only the first part is divided by 1 + z²/n.": lambda r, n, m, h, p, s: (m / s, h),
            "the z before the root is missing.": lambda r, n, m, h, p, s: (m / s, h / z / s),
            "z² is over 4 n², not 4 n.": lambda r, n, m, h, p, s: (m / s, math.sqrt(p**2 + z**4 / 4 / n) / s),
            "the second term under the root, z²/4n², is missing.": lambda r, n, m, h, p, s: (m / s, p / s),
            "the middle lacks z²/2n.": lambda r, n, m, h, p, s: (r / s, h / s),
            "z / 2 * n multiplies by n. Put brackets: z**2 / (2 * n).":
                lambda r, n, m, h, p, s: ((r + z**2 / 2 * n) / s, h / s),
            "z is not squared outside the root.":
                lambda r, n, m, h, p, s: ((r + z / 2 / n) / (1 + z / n), h / (1 + z / n)),
            "the root is missing.": lambda r, n, m, h, p, s: (m / s, h**2 / z / s),
            "this is the middle and the half width. Return middle - half and middle + half.":
                lambda r, n, m, h, p, s: ((m + h) / s / 2, (h - m) / s / 2),
        }.items()} | {
            f"your z is {values[-1]:.4g}, which makes an interval of {q:.1%}. For {share} it is {z:.6f}.":
                tuple(ends(lambda r, n, m, h, p, s: (m / s, h / s), value) for value in values)
            for q, values in others.items()
        } | {
            f"{plain}Cutting it off at 0 and 1 does not mend it.": lambda g, n: np.clip(cut(g, n), 0, 1),
            "this is the exact interval of Clopper and Pearson, not Wilson's.": lambda g, n: right(g, n, "exact"),
            "this has a continuity correction. Leave it out.": lambda g, n: right(g, n, "wilsoncc"),
            "// rounds the rate down to 0 or 1. Divide with /.": lambda g, n: right(g // n * n, n),
            "this is in percent. Return shares of 1.": changed(lambda end, n: 100 * end),
            "these are numbers of runs. Return shares of 1.": changed(lambda end, n: n * end),
            "the ends are rounded. Return them as they are.":
                tuple(changed(lambda end, n, digits=digits: round(end, digits)) for digits in (2, 3, 4)),
        },
        unfit="Is there a root of a negative number, or a division by 0?",
        takeaway=f"Eight of ten: anything from {100 * low:.0f} to {100 * high:.0f} %. Ten runs say very little.",
    )


wilson = _wilson(0.95)
wilson.variant = lambda rng: _wilson(rng.choice([0.8, 0.9, 0.98, 0.99]))


def _densities(n: int, a: float, dtype=torch.float64, spread: float = 1.0, label: str = "") -> Case:
    return Case(lambda rng: (*(spread * torch.randn(n, 2, generator=rng, dtype=dtype)).exp().unbind(1), a),
                label or f"{n} points and a = {a}")


def _smoothed(b: float) -> Exercise:
    """Exercise 3: D* if real samples get the label a and fakes the label b."""
    def best(p, q, a):
        return (a * p + b * q) / (p + q)

    return Exercise(
        solution=lambda p_data, p_g, a: best(p_data, p_g, a),
        text=f"Both labels are smoothed now: real samples get a, and fakes {b} instead of 0. What is the best D?",
        cases=[
            _densities(4, 0.9), _densities(5, 0.7, torch.float32, label="5 points in float32 and a = 0.7"),
            Case(lambda rng: (torch.tensor([0.5]), torch.tensor([2.0]), 0.6)), _densities(4, 1.0), _densities(6, 0.55),
            _densities(7, 0.8, spread=5.0, label="densities from 1e-5 to 1e5 and a = 0.8"),
            Case(lambda rng: (torch.full((3,), 0.25), torch.full((3,), 0.25), 0.9))],
        gives=tensor("like p_data", what="a tensor (n,)", loose=True),
        mistakes={
            "this is D* without smoothing.": lambda p, q, a: p / (p + q),
            "you smooth with 0.9 whatever a is.": lambda p, q, a: best(p, q, 0.9),
            **({f"the fakes' label is {b}, not 0.": lambda p, q, a: a * p / (p + q)} if b else {}),
            f"the fakes' label is not 1 - a. Theirs is {b}.": lambda p, q, a: (a * p + (1 - a) * q) / (p + q),
            "a and 1 - a are swapped.": lambda p, q, a: best(p, q, 1 - a),
            "(1 - a) p_data is missing under the fraction. Real samples also pay for the label 0.":
                lambda p, q, a: (a * p + b * q) / (a * p + q),
            "this is the chance of a fake. D states how sure it is of real.": lambda p, q, a: 1 - best(p, q, a),
            "p_data and p_g are swapped.": lambda p, q, a: best(q, p, a),
            "the a belongs above the fraction.": lambda p, q, a: (p + b * q) / (a * p + q),
            "a belongs to the real samples, and here it weighs p_g.": lambda p, q, a: (p + b * q) / (p + a * q),
            "a weighs p_g under the fraction. Under it stand p_data and p_g as they are.":
                lambda p, q, a: (a * p + b * q) / (p + a * q),
            "a is a label, not the share of real samples. p_g is not multiplied by 1 - a.":
                lambda p, q, a: a * p / (a * p + (1 - a) * q),
            "D* is not cut off at a. It is an average of labels.": lambda p, q, a: (p / (p + q)).clamp(max=a),
            "D* is not moved down by 1 - a. It is an average of labels.": lambda p, q, a: p / (p + q) - (1 - a),
            "D* is not divided by a. A smoothed D is less sure, not surer.": lambda p, q, a: p / (p + q) / a,
            "this divides by p_g alone, like odds. D is a number below 1.": lambda p, q, a: (a * p + b * q) / q,
            "this is the logit. Return D itself, after the sigmoid.": lambda p, q, a: best(p, q, a).logit(),
            "D* is rounded. Return it as it is.": tuple(
                lambda p, q, a, digits=digits: best(p, q, a).round(decimals=digits) for digits in (2, 3, 4)),
        },
        takeaway=f"D stays between {b} and a: an average of the two labels, weighed by the densities." if b else
                 "The old D*, scaled: D is never surer than a.",
    )


smoothed_d = _smoothed(0)
smoothed_d.variant = lambda rng: _smoothed(rng.choice([0.05, 0.15, 0.2, 0.25, 0.3]))

_RUNS = {  # what a run is: its mean, standard deviation and distance; the seeds' are recorded: gaussian, tanh/sigmoid
    "good": ((3.998, 1.246, 0.2489),  # seed 13
             (4.0, 1.25, 0.02), (4.2, 1.1, 0.24), (3.9, 1.59, 0.24), (4.0, 0.91, 0.24), (4.125, 1.0, 0.2)),
    "wrong shape": ((3.558, 1.307, 0.5475), (4.0, 1.3, 0.25), (4.1, 1.2, 0.25),  # the first: seed 150
                    (4.49, 1.2, 0.5), (3.51, 1.3, 0.5), (4.0, 1.59, 0.3), (4.0, 0.91, 0.3)),
    "elsewhere": ((8.637, 0.453, 4.6373), (6.788, 2.369, 2.7884),  # seeds 5 and 27; their width is wrong, too
                  (4.5, 1.25, 0.5), (3.5, 1.25, 0.5), (3.4, 1.25, 0.6), (4.6, 0.3, 1.0), (2.5, 1.3, 1.5)),
    "collapsed": ((4.19, 0.093, 0.929), (0.923, 0.026, 3.0826), (4.0, 0.295, 0.77), (5.25, 0.25, 1.5)),  # 14 and 91
    "wrong width": ((4.1, 0.6, 0.55), (4.0, 1.85, 0.5), (4.0, 0.89, 0.24), (4.0, 1.61, 0.24), (4.0, 0.3, 0.76)),
}


def _word(result, arguments: dict) -> dict:
    """One of the words, exactly."""
    result = result.item() if isinstance(result, np.ndarray) and result.ndim == 0 else result  # from np.select
    of_kind(result, str, "one of the words")
    plain = " ".join(result.lower().replace("_", " ").replace("-", " ").strip(" .!").split())
    require(result in _RUNS or plain not in _RUNS, f"write {plain!r} exactly so, not {result!r:.40}.")
    require(result in _RUNS, f"{result!r:.40} is none of the words: {', '.join(_RUNS)}.")
    return {"": str(result)}


def _namer(center: float) -> Exercise:
    """Exercise 4: the kinds of failure of runs that should have the mean `center`."""
    rules = {"collapsed": lambda m, s, d: s < 0.3, "elsewhere": lambda m, s, d: abs(m - center) >= 0.5,
             "wrong width": lambda m, s, d: abs(s - 1.25) >= 0.35, "wrong shape": lambda m, s, d: d >= 0.25}
    need = dict(zip(rules, ("a standard deviation below 0.3", f"a mean 0.5 or more off {center}", "a standard "
                            "deviation 0.35 or more off 1.25", "a distance of 0.25 or more"), strict=True))

    def named(rules):
        return lambda mean, std, distance: next((k for k, fits in rules.items() if fits(mean, std, distance)), "good")

    def order(late, early):
        """`late` is asked just before `early`."""
        left = [k for k in rules if k != late]
        left.insert(left.index(early), late)
        return named({k: rules[k] for k in left})

    def other(kind, fits):
        return named(rules | {kind: fits})

    def runs(kind):
        hint = f"{kind.capitalize()} takes {need[kind]}, and no earlier rule." if kind in need else "No rule fits it."
        return _given(*((round(mean + center - 4, 4), *rest) for mean, *rest in _RUNS[kind]), hint=hint)

    return Exercise(
        solution=lambda mean, std, distance: named(rules)(mean, std, distance),
        text=f"The data have mean {center} now, and standard deviation 1.25 as before. Sort runs by how they failed. "
             "First match wins: " + "; ".join(f'"{k}": {v}' for k, v in need.items()) + '; otherwise "good".',
        cases=[case for kind in _RUNS for case in runs(kind)],
        gives=_word,
        mistakes={
            **{f"{late} is asked before {early}. First match wins, in the order of the text.": order(late, early)
               for early, late in combinations(rules, 2)},
            **{f"no run is {kind!r} by your rules. It takes {need[kind]}.":
               named({k: fits for k, fits in rules.items() if k != kind}) for kind in rules},
            **{f"{what} the bound itself is taken for {word}. Read: {need[kind]}.": other(kind, fits)
               for what, kind, word, fits in (
                   ("a standard deviation at", "collapsed", "collapsed", lambda m, s, d: s <= 0.3),
                   ("a mean at", "elsewhere", "near enough", lambda m, s, d: abs(m - center) > 0.5),
                   ("a distance at", "wrong shape", "good", lambda m, s, d: d > 0.25))},
            **{f"{kind} is so on both sides: {need[kind]}. Take abs(). Yours looks {side} only.": other(kind, fits)
               for kind, side, fits in (
                   ("elsewhere", "above", lambda m, s, d: m - center >= 0.5),
                   ("elsewhere", "below", lambda m, s, d: center - m >= 0.5),
                   ("wrong width", "above", lambda m, s, d: s - 1.25 >= 0.35),
                   ("wrong width", "below", lambda m, s, d: 1.25 - s >= 0.35))},
            **{f"the sign of {kind}'s rule is turned. It takes {need[kind]}.": other(kind, fits) for kind, fits in (
                ("collapsed", lambda m, s, d: s > 0.3), ("wrong shape", lambda m, s, d: d < 0.25))},
        },
        takeaway="Names by rule: the same for every run, before anybody looks at a picture.",
    )


name_failure = _namer(4)
name_failure.variant = lambda rng: _namer(rng.choice([2, 3, 5, 6, 7]))


def _average(values, old, new, start=None):
    """`old` times the last average and `new` times the value, from `start` or from the first value."""
    first = values[0] if start is None else old * start + new * values[0]
    return list(accumulate(values[1:], lambda average, value: old * average + new * value, initial=first))


moving_average = Exercise(
    solution=lambda values, keep: _average(values, keep, 1 - keep),
    cases=[
        *_given(([1.0, 2.0, 4.0, -3.0, 5.0], 0.9), ([0.0, 1.0, 1.0, 1.0], 0.5), ([2.0], 0.99), ([-1.5, 6.0], 0.25),
                ([3.0, 3.0, 3.0, 8.0, 8.0, 3.0], 0.8), ([1000.0, 0.5, -1000.0], 0.125)),
        Case(lambda rng: (torch.randn(300, generator=rng).tolist(), 0.99), "300 values and keep = 0.99"),
        Case(lambda rng: (torch.rand(17, generator=rng).tolist(), 0.7), "17 values and keep = 0.7")],
    gives=tensor(lambda values, keep: (len(values),), what="a list of numbers", loose=True),
    mistakes={
        "it is the other way round: keep of the average, 1 - keep of the new value.":
            lambda values, keep: _average(values, 1 - keep, keep),
        "it starts at the first value, not at 0.": lambda values, keep: _average(values, keep, 1 - keep, 0.0),
        "it starts at 0 and is corrected for that, as in Adam. Start it at the first value.": lambda values, keep: [
            v / (1 - keep ** (i + 1)) for i, v in enumerate(_average(values, keep, 1 - keep, 0.0))],
        "these are the values themselves. Average them.": lambda values, keep: values,
        "this is the plain mean of all values so far. It never forgets.":
            lambda values, keep: np.cumsum(values) / np.arange(1, len(values) + 1),
        "these are running sums. Average them.": lambda values, keep: np.cumsum(values),
        "the averages are one step late: each takes in its own value.":
            lambda values, keep: [values[0], *_average(values, keep, 1 - keep)[:-1]],
        "it mixes each value with the value before. Mix it with the average before.":
            lambda values, keep: [values[0], *(keep * a + (1 - keep) * b for a, b in pairwise(values))],
        "the new value counts 1 - keep, not 1.": lambda values, keep: _average(values, keep, 1),
        "keep * average + 1 - keep * value lacks brackets round 1 - keep.":
            lambda values, keep: list(accumulate(values, lambda average, v: keep * average + 1 - keep * v)),
        "the average never moves.": lambda values, keep: values[:1] * len(values),
        "the averages are in reverse order.": lambda values, keep: _average(values, keep, 1 - keep)[::-1],
        "you keep 0.9 whatever keep is.": lambda values, keep: _average(values, 0.9, 0.1),
        "you keep 0.99 whatever keep is.": lambda values, keep: _average(values, 0.99, 0.01),
        "the averages are rounded. Return them as they are.": tuple(lambda values, keep, digits=digits: [
            round(v, digits) for v in _average(values, keep, 1 - keep)] for digits in (1, 2, 3)),
    },
    takeaway="With keep = 0.99 it remembers about the last hundred values.",
)
