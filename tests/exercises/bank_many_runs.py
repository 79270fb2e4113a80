"""Answers to the exercises of chapter 4: right ones, and wrong ones, beside the mistakes, with what is said."""

import math
from itertools import accumulate

import numpy as np
import torch
from scipy.signal import lfilter
from scipy.stats import binomtest

from gan_helpers.exercises.many_runs import _at_once, _average, _in_turn

Z, WORDS = 1.959964, ("collapsed", "elsewhere", "wrong width", "wrong shape", "good")


def autograd(turns):
    """Both at once, or one after the other."""
    def step(x, y, eta):
        point = torch.tensor([x, y], requires_grad=True)
        for signs in turns:
            (slope,) = torch.autograd.grad(point.prod(), point)
            point = point + eta * torch.tensor(signs) * slope
        return point

    return step


def interval(good, runs, z=Z, root=math.sqrt, other=lambda p: 1 - p):
    p, n = good / runs, runs
    centre, reach = p + z**2 / (2 * n), z * root(p * other(p) / n + z**2 / (4 * n**2))
    return (centre - reach) / (1 + z**2 / n), (centre + reach) / (1 + z**2 / n)


def one_tensor(good, runs):
    rate, z2 = torch.tensor(good / runs), torch.tensor(Z**2 / runs, requires_grad=True)
    reach = torch.sqrt(z2 * rate * (1 - rate) + z2**2 / 4) * torch.tensor([-1.0, 1.0])
    return (rate + z2 / 2 + reach) / (1 + z2)


def d(p, q, a):
    return a * p / (p + q)


def one_expression(mean, std, distance):
    return ("collapsed" if std < 0.3 else "elsewhere" if not 3.5 < mean < 4.5 else
            "wrong width" if not 0.9 < std < 1.6 else "wrong shape" if distance >= 0.25 else "good")  # fmt: skip


def in_single_precision(mean, std, distance):
    mean, std, distance = torch.tensor([mean, std, distance])
    fits = torch.stack([std < 0.3, (mean - 4) ** 2 >= 0.25, (std - 1.25) ** 2 >= 0.1225, distance >= 0.25])
    return np.array(WORDS)[int((~fits).cumprod(0).sum())]


def rules(place, test):
    """The right rules, but for the one at `place`."""
    def answer(m, s, d):
        fits = [s < 0.3, abs(m - 4) >= 0.5, abs(s - 1.25) >= 0.35, d >= 0.25, True]
        fits[place] = test(m, s, d)
        return WORDS[fits.index(True)]

    return answer


def renamed(change):
    return lambda mean, std, distance: change(one_expression(mean, std, distance))


def in_place(values, keep):
    for i in range(1, len(values)):
        values[i] = keep * values[i - 1] + (1 - keep) * values[i]
    return tuple(values)


def with_gradients(values, keep):
    averages = [torch.tensor(values[0], requires_grad=True)]
    for value in values[1:]:
        averages.append(torch.lerp(averages[-1], torch.tensor(value), 1 - keep))
    return averages


def whole(values, keep):
    return _average(values, keep, 1 - keep)


RIGHT = {
    "simultaneous": [lambda x, y, eta: ((z := complex(x, y) * (1 + 1j * eta)).real, z.imag), autograd([(-1.0, 1.0)]),
                     lambda x, y, eta: np.array([y + eta * x, x - eta * y])[::-1]],
    "alternating": [autograd([(-1.0, 0.0), (0.0, 1.0)]), lambda x, y, eta: _in_turn(*map(np.float32, (x, y, eta))),
                    lambda x, y, eta: np.array([[1, 0], [eta, 1]]) @ np.array([[1, -eta], [0, 1]]) @ [[x], [y]]],
    "wilson": [one_tensor, lambda g, n: interval(g, n, 1.96),
               lambda g, n: np.sort(np.roots([1 + Z**2 / n, -2 * g / n - Z**2 / n, (g / n) ** 2]))],
    "smoothed_d": [lambda p, q, a: torch.sigmoid(torch.log(a * p) - torch.log((1 - a) * p + q)),
                   lambda p, q, a: [d(*pair, a) for pair in zip(p.tolist(), q.tolist(), strict=True)],
                   lambda p, q, a: a / (1 + q.numpy().astype(np.float32) / p.numpy().astype(np.float32)),
                   lambda p, q, a: np.array([d(*pair, a) for pair in zip(p.flip(0), q.flip(0), strict=True)])[::-1]],
    "name_failure": [one_expression, in_single_precision, lambda m, s, d: np.select(
        [s < 0.3, abs(m - 4) >= 0.5, abs(s - 1.25) >= 0.35, d >= 0.25], WORDS[:4], WORDS[4])],
    "moving_average": [with_gradients, lambda values, keep: tuple(accumulate(
        values, lambda average, value: keep * average + (1 - keep) * value)), lambda values, keep: lfilter(
        [1 - keep], [1, -keep], values, zi=[keep * values[0]])[0], lambda values, keep: np.array(
        whole(values, keep)[::-1], dtype=np.float32)[::-1]],
}  # fmt: skip
TWO, SAME, COMPLEX, ENDS = "return 2 numbers: x, y", "whatever it is given", "Yours are complex", "2 numbers: low, high"
OVER, FOUR, LIST, NARROW = "your function overwrites", "shape (4,)", "return a list of numbers", "std = 1.59, distance"
WRONG = {
    "simultaneous": {
        lambda x, y, eta: (x - eta**2 * y, y + eta**2 * x): "x = 1, y = 0.5, eta = 0.1: x: you get 0.995, it should be",
        lambda x, y, eta: x - eta * y: TWO, lambda x, y, eta: (*_at_once(x, y, eta), eta): TWO,
        lambda x, y, eta: dict(zip("xy", _at_once(x, y, eta), strict=True)): TWO,
        lambda x, y, eta: complex(x, y) * (1 + 1j * eta): TWO, lambda x, y, eta: (complex(x, y), eta): COMPLEX,
        lambda x, y, eta: ([x, x - eta * y], [y, y + eta * x]): "One of yours has the shape (2,)",
        lambda x, y, eta: (f"{x - eta * y:.3f}", f"{y + eta * x:.3f}"): "not '0.950'",
        lambda x, y: (x - 0.1 * y, y + 0.1 * x): "stopped with TypeError",
        lambda x, y, eta: _at_once(x, y, 0.1 if eta > 0.3 else eta): "eta = 0.5: x: you get -0.5, it should be -1.3",
    },
    "alternating": {lambda x, y, eta: (x, y + eta * (x - eta * y)): "x = 1, y = 0.5, eta = 0.1: x: you get 1,"},
    "wilson": {
        lambda g, n: interval(g, 10): "for good = 170, runs = 200: your function stopped with ValueError",
        lambda g, n: interval(n, g): "stopped with ValueError", lambda g, n: (0.49016, 0.94332): SAME,
        lambda g, n: interval(g, n, Z, lambda x: x**0.5, lambda p: p - 1): COMPLEX,
        lambda g, n: interval(g, n, Z, np.sqrt, lambda p: p - 1): "root of a negative number",
        lambda g, n: tuple(complex(0.5, 1) ** sign for sign in (1, 2)): COMPLEX,
        lambda g, n: interval(g, n)[0]: ENDS, lambda g, n: (*interval(g, n), g / n): ENDS,
        lambda g, n: f"{interval(g, n)}": ENDS, lambda g, n: ("low", "high"): f"{ENDS}, not 'low'",
        lambda g, n: interval(g, n - 1) if g < n else interval(g, n): "low: you get 0.5",
        lambda g, n: binomtest(g, n).proportion_ci() if n < 10 else interval(g, n): "for good = 1, runs = 1: low",
    },
    "smoothed_d": {
        lambda p, q, a: p.mul_(a) / (p + q): OVER, lambda p, q, a: d(p, q.mul_(2).div_(2), a): OVER,
        lambda p, q, a: d(p, q, a).clamp(0.01, 0.3): "it should be",
        lambda p, q, a: a * p / p + q: "it should be", lambda p, q, a: a * p / (p + q) ** 2: "it should be",
        lambda p, q, a: torch.tensor([0.18, 0.45, 0.857143, 0.081818]): "it should be",
        lambda p, q, a: torch.full_like(p, torch.nan): "you get nan", lambda p, q, a: d(p, q, a).mean(): FOUR,
        lambda p, q, a: d(p, q, a).unsqueeze(1): FOUR, lambda p, q, a: a * p / (p + q[:, None]): FOUR,
        lambda p, q, a: (d(p, q, a), 1 - d(p, q, a)): FOUR, lambda p, q, a: torch.stack([d(p, q, a)] * 2): FOUR,
        lambda p, q, a: d(p, q, a).to(torch.cfloat): COMPLEX, lambda p, q, a: "a p / (p + q)": "not 'a p / (p + q)'",
        lambda p, q, a: a * p.log_softmax() / q: "stopped with", lambda p, q: d(p, q, 0.9): "stopped with TypeError",
    },
    "name_failure": {
        rules(0, lambda m, s, d: s < 0.5): "should be 'elsewhere'", rules(0, lambda m, s, d: s**2 < 0.3): "'elsewhere'",
        rules(0, lambda m, s, d: s < 0.1): "should be 'collapsed'. Collapsed takes a standard deviation below 0.3",
        rules(1, lambda m, s, d: abs(m - 4) >= 0.4): "'elsewhere', it should be 'wrong shape'",
        rules(1, lambda m, s, d: abs(m) >= 0.5): "be 'good'. No", rules(1, lambda m, s, d: d >= 0.5): "'elsewhere'",
        rules(2, lambda m, s, d: abs(s - 1) >= 0.35): NARROW, rules(2, lambda m, s, d: abs(s - 1.25) >= 0.3): NARROW,
        rules(2, lambda m, s, d: abs(s**2 - 1.25) >= 0.35): NARROW, rules(3, lambda m, s, d: d >= 0.2): "'wrong shape'",
        rules(2, lambda m, s, d: abs(s - 1.25) >= 0.35 and d >= 0.25): "'good', it should be 'wrong width'. Wrong",
        lambda std, mean, distance: one_expression(mean, std, distance): SAME, lambda mean, std, distance: "good": SAME,
        lambda mean, std, distance: "good" if distance < 0.25 else "wrong shape": "should be 'elsewhere'",
        renamed(lambda word: word if "e" in word else None): "gave back None. Does it end with a return?",
        **{renamed(change): "exactly so, not" for change in (
            str.title, str.upper, lambda w: w + " ", lambda w: w.replace(" ", "_"), lambda w: w.replace(" ", "-"),
            lambda w: w.replace(" ", "  "))},
        renamed(lambda word: word.replace("collapsed", "collapse")): "'collapse' is none of the words: good",
        renamed(lambda word: word.replace("wrong shape", "shape")): "'shape' is none of the words",
        renamed(WORDS.index): "one of the words, not a int: 4", renamed(lambda word: [word]): "not a list: ['good']",
        renamed(lambda word: word == "good"): "not a bool: True", renamed(str.encode): "not a bytes: b'good'",
    },
    "moving_average": {
        in_place: f"{OVER} values", lambda v, keep: whole([v.pop(0) for _ in range(len(v))], keep): f"{OVER} values",
        lambda v, keep: _average([*map(int, v)], keep, 1 - keep, 1): "keep = 0.5: you get 0.5 at [0]",
        lambda v, keep: [sum(v) / len(v)] * len(v): "you get 1.8 at [0], it should be 1.",
        lambda v, keep: np.convolve(v, [1 - keep, keep], "same"): "it should be",
        lambda v, keep: torch.full((len(v),), torch.nan): "you get nan at [0]",
        lambda v, keep: whole(v, keep)[-1]: "return shape (5,); yours is ()", lambda v, keep: []: "yours is (0,)",
        lambda v, keep: [whole(v, keep)]: "yours is (1, 5)", lambda v, keep: whole(v, keep)[1:]: "yours is (4,)",
        lambda v, keep: whole([v[0], *v], keep): "yours is (6,)", lambda v, keep: accumulate(v): f"{LIST}, not <iterto",
        lambda v, keep: [str(average) for average in whole(v, keep)]: f"{LIST}, not ['1.0'",
        lambda v, keep: dict(enumerate(whole(v, keep))): f"{LIST}, not {{0: 1.0",
        lambda v, keep: [average + 0j for average in whole(v, keep)]: COMPLEX,
        lambda v, keep: keep * v + (1 - keep) * v: "stopped with TypeError", lambda v: whole(v, 0.99): "TypeError",
        lambda v, keep: [keep * v[i] + (1 - keep) * v[i + 1] for i in range(len(v))]: "stopped with IndexError",
        lambda v, keep: whole(v, keep)[:100] + [v[-1]] * (len(v) - 100): "for 300 values and",
    },
}  # fmt: skip
