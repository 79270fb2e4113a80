"""Checks of chapter 4, in the order of its exercises. Each takes the learner's function, the first a pair of them."""

import math
from itertools import pairwise

import numpy as np
import torch
from scipy.stats import binomtest

from gan_helpers.exercises import as_tensor, ask, check, require, right


def _numbers(value, what: str) -> torch.Tensor:
    """`value` as a tensor of real numbers; NotYet, naming `what` it should be, if it holds anything else."""
    if isinstance(value, np.ndarray):
        value = value.copy()  # torch refuses an array that was turned round
    numbers = as_tensor(value, what)
    require(not torch.as_tensor(value).is_complex(), f"return {what}. Yours are complex: the root of a negative "
            "number, or a .real and .imag that are missing?")
    return numbers


def _pair(value, what: str) -> list[float]:
    """The two numbers in `value`: a tuple, a list, an array or a tensor."""
    rows = isinstance(value, tuple | list | np.ndarray | torch.Tensor) and getattr(value, "ndim", 1) > 0
    require(rows and len(value) == 2, f"return {what}.")
    numbers = [_numbers(part, what) for part in value]
    require(all(number.numel() == 1 for number in numbers), f"return {what}: two numbers.")
    return [number.item() for number in numbers]


def _near(first, second, tolerance=1e-5) -> bool:
    return all(abs(a - b) < tolerance for a, b in zip(first, second, strict=True))


def _step(x, y, eta, in_turn, xx=0, xy=-1, yx=1, yy=0) -> tuple[float, float]:
    """x moves by eta (xx x + xy y), y by eta (yx x + yy y): `in_turn` with the new x, else with the old one."""
    new = x + eta * (xx * x + xy * y)
    return new, y + eta * (yx * (new if in_turn else x) + yy * y)


MOVES = {  # what _step was made with
    (0, 0, 0, 0): "nobody moved.",
    (0, -1, 0, 0): "y did not move.",
    (0, 0, 1, 0): "x did not move.",
    (0, 1, -1, 0): "both signs are turned. x goes downhill, y uphill.",
    (0, 1, 1, 0): "x goes uphill. It wants V small.",
    (0, -1, -1, 0): "y goes downhill. It wants V large.",
    (-1, 0, 0, 1): "the slope of xy in x is y, not x.",
}


@check
def cycling(answers) -> None:
    """Exercise 1: (simultaneous, alternating) steps of V = xy."""
    require(isinstance(answers, tuple | list) and len(answers) == 2, "give the check both functions: (simultaneous, "
            "alternating).")
    for answer, kind in zip(answers, ("simultaneous", "alternating"), strict=True):
        for x, y, eta in ((1.0, 0.5, 0.1), (-0.3, 2.0, 0.5), (0.7, -1.2, 0.25)):
            there = f"{kind}, from ({x:g}, {y:g}) with eta = {eta:g}"
            new = _pair(ask(answer, x, y, eta), f"the pair (x, y) from {kind}")
            in_turn = kind == "alternating"
            expected, other = _step(x, y, eta, in_turn), _step(x, y, eta, not in_turn)
            if _near(new, expected):
                continue
            y_first = x - eta * (y + eta * x), y + eta * x
            if in_turn:
                require(not _near(new, other), f"{there}: y still answers the old x. Move x first, then y.")
                require(not _near(new, y_first), f"{there}: y moves first here. Let x begin.")
            else:
                require(not _near(new, other), f"{there}: y answers the x that has already moved. Both look at where "
                        "they stand now.")
                require(not _near(new, y_first), f"{there}: x answers the y that has already moved.")
            for move, says in MOVES.items():
                for turn in (in_turn, not in_turn):
                    require(not _near(new, _step(x, y, eta, turn, *move)), f"{there}: {says}")
            require(not _near(new, _step(x, y, 1, in_turn)), f"{there}: the step size is missing.")
            require(not _near(new, _step(x, y, 0.1, in_turn)), f"{there}: you step with 0.1 whatever eta is.")
            require(not _near(new, _step(*expected, eta, in_turn)), f"{there}: these are two steps. Take one.")
            require(not _near(new, expected[::-1]), f"{there}: x and y are swapped in what you return.")
            moved = expected[0] - x, expected[1] - y
            require(not _near(new, moved), f"{there}: this is how far they move. Return where they are then.")
            require(not _near(new, (y, x)), f"{there}: these are the slopes. Return where x and y are after the step.")
            require(False, f"{there}: it should be ({expected[0]:.4f}, {expected[1]:.4f}), yours is ({new[0]:.4f}, "
                    f"{new[1]:.4f}).")
    right("The first runs away by a factor of sqrt(1 + eta²) a step, the second goes round for ever.")


def _intervals(rate, n, z=1.959964) -> dict:
    """Intervals that are not Wilson's: what the check says to each, and its two ends."""
    square = z**2 / n
    scale, shift, inside = 1 + square, square / 2, rate * (1 - rate) / n
    middle, half, plain = rate + shift, z * math.sqrt(inside + square / 4 / n), z * math.sqrt(inside)
    say_plain = "this is the plain interval, rate ± z root(p(1-p)/n). Wilson's has three more terms."

    def around(centre, reach):
        return centre - reach, centre + reach

    return {
        "the two ends are swapped. First the low one, then the high one.": around(middle / scale, -half / scale),
        say_plain: around(rate, plain),
        say_plain + " Cutting it off at 0 and 1 does not mend it.": (max(0, rate - plain), min(1, rate + plain)),
        "the division by 1 + z²/n is missing.": around(middle, half),
        "only the root is divided by 1 + z²/n. Put brackets round the numerator.": around(middle, half / scale),
        "only the first part is divided by 1 + z²/n.": around(middle / scale, half),
        "the z before the root is missing.": around(middle / scale, half / z / scale),
        "z² is over 4 n², not 4 n.": around(middle / scale, z * math.sqrt(inside + square / 4) / scale),
        "the second term under the root, z²/4n², is missing.": around(middle / scale, plain / scale),
        "the middle lacks z²/2n.": around(rate / scale, half / scale),
        "z / 2 * n multiplies by n. Put brackets: z**2 / (2 * n).":
            around((rate + z**2 / 2 * n) / scale, half / scale),
        "z is not squared outside the root.":
            around((rate + z / 2 / n) / (1 + z / n), z * math.sqrt(inside + square / 4 / n) / (1 + z / n)),
        "the root is missing.": around(middle / scale, z * (inside + square / 4 / n) / scale),
        "this is the middle and the half width. Return middle - half and middle + half.":
            (middle / scale, half / scale),
    }


@check
def wilson(answer) -> None:
    """Exercise 2: the 95 % Wilson interval."""
    for good, runs in ((8, 10), (10, 10), (0, 10), (170, 200), (998, 1000)):
        found = _pair(ask(answer, good, runs), "the pair (low, high)")
        test, here = binomtest(good, runs), f"for {good} of {runs}"
        low, high = ends = tuple(test.proportion_ci(method="wilson"))
        if _near(found, ends):
            continue
        require(not any(map(math.isnan, found)), f"{here} you get NaN. Is there a root of a negative number?")
        for says, pair in _intervals(good / runs, runs).items():
            require(not _near(found, pair), f"{here} {says}")
        for z in (2, 1.645, 2.576):
            scale = 1 + z**2 / runs
            pair = _intervals(good / runs, runs, z)["the division by 1 + z²/n is missing."]
            require(not _near(found, (pair[0] / scale, pair[1] / scale), 1e-4), f"{here} your z seems to be {z}. For "
                    "95 % it is 1.959964.")
        require(not _near(found, test.proportion_ci()), f"{here} this is the exact interval of Clopper and Pearson. "
                "Wilson's is narrower.")
        require(not _near(found, test.proportion_ci(method="wilsoncc")), f"{here} this has a continuity correction. "
                "Leave it out.")
        whole = binomtest(good // runs * runs, runs).proportion_ci(method="wilson")
        require(not _near(found, whole), f"{here} your rate is {good // runs}: // rounds down. Divide with /.")
        require(not _near(found, (100 * low, 100 * high), 1e-3), f"{here} this is in percent. Return shares of 1.")
        require(not _near(found, (runs * low, runs * high), 1e-3), f"{here} these are numbers of runs. Return shares "
                "of 1.")
        yours = f"{here} it is {low:.4f} to {high:.4f}, yours {found[0]:.4f} to {found[1]:.4f}."
        require(not _near(found, ends, 0.0051), f"{yours} Close: is something rounded?")
        require(False, yours)
    right("Eight of ten: anything from 49 to 94 %. Ten runs say very little.")


@check
def smoothed_d(answer) -> None:
    """Exercise 3: D* under one-sided label smoothing."""
    p, q = (torch.tensor(part, dtype=torch.float64) for part in ([0.1, 0.5, 2.0, 0.3], [0.4, 0.5, 0.1, 3.0]))
    for a in (0.9, 0.7, 1.0):
        values = _numbers(ask(answer, p.clone(), q.clone(), a), "a tensor (n,)")
        require(values.shape == p.shape, f"for 4 points return shape (4,), yours is {tuple(values.shape)}.")
        expected, plain, here = a * p / (p + q), p / (p + q), f"for a = {a}"
        if torch.allclose(values, expected, atol=1e-6):
            continue
        for says, other in {
            "this is D* without smoothing.": plain,
            "you smooth with 0.9 whatever a is.": 0.9 * plain,
            "the fakes' label is smoothed too. Theirs stays 0.": (a * p + (1 - a) * q) / (p + q),
            "(1 - a) p_data is missing under the fraction. Real samples also pay for the label 0.": a * p / (a * p + q),
            "this is the chance of a fake. D states how sure it is of real.": 1 - expected,
            "p_data and p_g are swapped.": a * q / (p + q),
            "a and 1 - a are swapped.": (1 - a) * plain,
            "the a belongs above the fraction.": p / (a * p + q),
            "a belongs to the real samples, and here it weighs p_g.": p / (p + a * q),
            "a weighs p_g under the fraction. Under it stand p_data and p_g as they are.": a * p / (p + a * q),
            "a is a label, not the share of real samples. p_g is not multiplied by 1 - a.":
                a * p / (a * p + (1 - a) * q),
            "D* is not cut off at a, all of it is scaled.": plain.clamp(max=a),
            "D* is not moved down by 1 - a, it is scaled.": plain - (1 - a),
            "D* is not divided by a. A smoothed D is less sure, not surer.": plain / a,
            "this is p_data over p_g, an odds. D is a number below 1.": a * p / q,
            "this is the logit. Return D itself, after the sigmoid.": expected.logit(),
        }.items():
            require(not torch.allclose(values, other, atol=1e-6), f"{here} {says}")
        i = (values - expected).abs().nan_to_num(nan=torch.inf).argmax()
        yours = f"{here}, p_data = {p[i]:.1f} and p_g = {q[i]:.1f} it is {expected[i]:.4f}, yours {values[i]:.4f}."
        require(not torch.allclose(values, expected, rtol=0, atol=0.006), f"{yours} Close: is something rounded?")
        require(False, yours)
    right("The old D*, scaled: D is never surer than a.")


RULES = {  # word: what it needs, the first that fits wins
    "collapsed": ("a standard deviation below 0.3", lambda mean, std, distance: std < 0.3),
    "elsewhere": ("a mean 0.5 or more off 4", lambda mean, std, distance: abs(mean - 4) >= 0.5),
    "wrong width": ("a standard deviation 0.35 or more off 1.25", lambda mean, std, distance: abs(std - 1.25) >= 0.35),
    "wrong shape": ("a distance of 0.25 or more", lambda mean, std, distance: distance >= 0.25),
    "good": ("that no rule fits", lambda mean, std, distance: True),
}

RUNS = (  # mean, standard deviation, distance, what it is; the first six are recorded: gaussian, tanh/sigmoid
    (3.998, 1.246, 0.2489, "good"),  # seed 13
    (3.558, 1.307, 0.5475, "wrong shape"),  # seed 150
    (8.637, 0.453, 4.6373, "elsewhere"),  # seed 5, and its width is wrong
    (6.788, 2.369, 2.7884, "elsewhere"),  # seed 27, and its width is wrong
    (4.19, 0.093, 0.929, "collapsed"),  # seed 14, and its width is wrong
    (0.923, 0.026, 3.0826, "collapsed"),  # seed 91, and elsewhere
    # made up, near the bounds (no recorded run has the wrong width only; a distance is at least the mean's error)
    (4.0, 1.25, 0.02, "good"), (4.2, 1.1, 0.24, "good"), (3.9, 1.58, 0.24, "good"), (4.0, 0.92, 0.24, "good"),
    (4.0, 1.3, 0.25, "wrong shape"), (4.49, 1.2, 0.5, "wrong shape"), (3.51, 1.3, 0.5, "wrong shape"),
    (4.0, 1.58, 0.3, "wrong shape"), (4.0, 0.92, 0.3, "wrong shape"), (4.1, 0.6, 0.55, "wrong width"),
    (4.0, 1.85, 0.5, "wrong width"), (4.0, 0.9, 0.24, "wrong width"), (4.0, 1.62, 0.24, "wrong width"),
    (4.0, 0.3, 0.76, "wrong width"), (4.5, 1.25, 0.5, "elsewhere"), (3.5, 1.25, 0.5, "elsewhere"),
    (3.4, 1.25, 0.6, "elsewhere"), (4.6, 0.31, 0.9, "elsewhere"), (4.0, 0.29, 0.77, "collapsed"),
)


@check
def name_failure(answer) -> None:
    """Exercise 4: the kinds of failure."""
    said = []
    for *run, _ in RUNS:
        word = ask(answer, *run)
        word = word.item() if isinstance(word, np.ndarray) and word.ndim == 0 else word  # from np.select
        require(isinstance(word, str), f"return one of the words, not {word!r:.40}.")
        plain = " ".join(word.lower().replace("_", " ").replace("-", " ").strip(" .!").split())
        require(word in RULES or plain not in RULES, f"write {plain!r} exactly so, not {word!r:.40}.")
        require(word in RULES, f"{word!r:.40} is none of the words: {', '.join(RULES)}.")
        said.append(word)
    require(len(set(said)) > 1, f"you call every run {said[0]!r}.")
    for (*run, kind), word in zip(RUNS, said, strict=True):
        if RULES[word][1](*run):  # it fits, but so does an earlier rule; "good" always fits
            why = f"{kind.capitalize()} takes {RULES[kind][0]}" + (", and comes first." if word != "good" else ".")
        else:
            why = f"{word.capitalize()} would take {RULES[word][0]}."
        require(word == kind, f"a run with mean {run[0]}, standard deviation {run[1]} and distance {run[2]} is "
                f"{kind!r}, you say {word!r}. {why}")
    right("Names by rule: the same for every run, before anybody looks at a picture.")


@check
def moving_average(answer) -> None:
    """Exercise 5: the average that forgets."""
    for values, keep in (([1.0, 2.0, 4.0, -3.0, 5.0], 0.9), ([0.0, 1.0, 1.0, 1.0], 0.5), ([2.0], 0.99)):
        found = _numbers(ask(answer, list(values), keep), "a list of numbers")
        require(found.dim() == 1, f"return a list with one average for each value, not shape {tuple(found.shape)}.")
        require(len(found) == len(values), f"for {len(values)} values return as many averages, yours are {len(found)}.")

        def average(old, new, start=None, values=values) -> list[float]:
            """`old` times the last average and `new` times the value, from `start` or from the first value."""
            averages = [values[0] if start is None else old * start + new * values[0]]
            for value in values[1:]:
                averages.append(old * averages[-1] + new * value)
            return averages

        expected, zero = average(keep, 1 - keep), average(keep, 1 - keep, start=0.0)
        counts = range(1, len(values) + 1)
        brackets = [values[0]]
        for value in values[1:]:
            brackets.append(keep * brackets[-1] + 1 - keep * value)
        mixed = [values[0], *(keep * before + (1 - keep) * value for before, value in pairwise(values))]
        late = [values[0], *expected[:-1]]
        running = [sum(values[:n]) / n for n in counts]
        corrected = [average / (1 - keep**n) for average, n in zip(zero, counts, strict=True)]

        def says(other, found=found) -> bool:
            return torch.allclose(found, torch.tensor(other).double(), atol=1e-6)

        if says(expected):
            continue
        for words, other in {
            f"with keep = {keep} it is the other way round: keep of the average, 1 - keep of the new value.":
                average(1 - keep, keep),
            "it starts at the first value, not at 0.": zero,
            "it starts at 0 and is corrected for that, as in Adam. Start it at the first value.": corrected,
            "these are the values themselves. Average them.": values,
            "this is the plain mean of all values so far. It never forgets.": running,
            "these are running sums. Average them.": average(1, 1),
            "the averages are one step late: each takes in its own value.": late,
            "it mixes each value with the value before. Mix it with the average before.": mixed,
            "the new value counts 1 - keep, not 1.": average(keep, 1),
            "keep * average + 1 - keep * value lacks brackets round 1 - keep.": brackets,
            "the average never moves.": [values[0]] * len(values),
            "the averages are in reverse order.": expected[::-1],
            "you keep 0.9 whatever keep is.": average(0.9, 0.1),
            "you keep 0.99 whatever keep is.": average(0.99, 0.01),
        }.items():
            require(not says(other), words)
        yours = (f"for {values} and keep = {keep} it is {[round(v, 3) for v in expected]}, yours "
                 f"{[float(f'{v:.4g}') for v in found.tolist()]}.")
        require((found - torch.tensor(expected)).abs().max() > 0.051, f"{yours} Close: is something rounded?")
        require(False, yours)
    right("With keep = 0.99 it remembers about the last hundred values.")
