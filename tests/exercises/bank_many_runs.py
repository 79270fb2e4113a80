"""Answers to the exercises of chapter 4: right ones, and wrong ones, beside the mistakes, with what is said."""

import copy
import math
from itertools import accumulate

import numpy as np
import torch
from scipy.signal import lfilter
from scipy.stats import binomtest
from torch import nn

from gan_helpers.exercises import many_runs
from gan_helpers.exercises.many_runs import _at_once, _at_once_for, _average, _in_turn, _in_turn_for

WORDS = ("never", "passed by", "stayed", "came back")


def autograd(turns):
    """Both at once, or one after the other."""
    def step(x, y, eta, penalty):
        point = torch.tensor([x, y], requires_grad=True)
        for signs in turns:
            (slope,) = torch.autograd.grad(point.prod() - penalty * point[1] ** 2 / 2, point)
            point = point + eta * torch.tensor(signs) * slope
        return point

    return step


def by_halves(least, failures):
    low, high = failures, 100_000
    while high - low > 1:
        middle = (low + high) // 2
        enough = binomtest(middle - failures, middle).proportion_ci(method="wilson").low >= least
        low, high = (low, middle) if enough else (middle, high)
    return high


def by_the_formula(least, failures):
    runs = np.arange(failures + 1, 5000)
    rate, z2 = 1 - failures / runs, 1.959964**2
    low = (rate + z2 / 2 / runs - np.sqrt(z2 * rate * (1 - rate) / runs + z2**2 / 4 / runs**2)) / (1 + z2 / runs)
    return runs[low >= least][0]


def in_strings(distances):
    looks = "".join("c" if distance < 0.25 else "-" for distance in distances)
    if "c" not in looks:
        return "never"
    return "passed by" if looks.endswith("-") else "came back" if "-" in looks.lstrip("-") else "stayed"


def counted(distances):
    close = np.array(distances) < 0.25
    if not close[-1]:
        return WORDS[int(close.any())]
    return WORDS[2 + int((np.diff(close.astype(int)) == -1).any())]


def bounded(bound):
    """Close below another bound."""
    return lambda distances: in_strings([distance + 0.25 - bound for distance in distances])


def said(change):
    return lambda distances: change(in_strings(distances))


def penalized(penalty, loss=lambda real, fake, paid: fake.mean() - real.mean() + 10 * paid):
    """A critic's step with a penalty and a loss."""
    def step(critic, optimizer, real, fake, share):
        paid = penalty(critic, share * real + (1 - share) * fake)
        optimizer.zero_grad(set_to_none=True)
        loss(critic(real), critic(fake), paid).backward()
        optimizer.step()
        return paid.detach()

    return step


def minimal_mend(critic, points):
    points.requires_grad_()
    (slope,) = torch.autograd.grad(critic(points).sum(), points, create_graph=True)
    return (slope.norm(dim=1) - 1).clamp(min=0).square().mean()


def by_rows(critic, points):
    slope = torch.func.vmap(torch.func.grad(lambda point: critic(point).squeeze()))(points)
    return torch.relu((slope**2).sum(1).sqrt() - 1).pow(2).mean()


def negative_momentum(x, y, slopes, eta=0.3, keep=-0.4):
    move_x = move_y = 0
    for _ in range(490):
        move_x = keep * move_x - eta * slopes(x, y)[0]
        x += move_x
        move_y = keep * move_y + eta * slopes(x, y)[1]
        y += move_y
    return [x, y]


def play_for_ever(x, y, slopes):
    while True:
        x, y = x - slopes(x, y)[0], y


def optimistic(x, y, slopes):
    before = slopes(x, y)
    for _ in range(900):
        now = slopes(x, y)
        x, y = x - 0.2 * (2 * now[0] - before[0]), y + 0.2 * (2 * now[1] - before[1])
        before = now
    return torch.tensor([x, y])


class Wrapped(nn.Module):
    """The trained network, within another."""

    def __init__(self, seed, falling=False):
        super().__init__()
        self.network, self.falling = many_runs.trained.solution(seed), falling

    def forward(self, u):
        return self.network(1 - u if self.falling else u)


def without_a_first_layer(seed):
    into, network, back = copy.deepcopy(many_runs.trained.solution(seed))
    with torch.no_grad():
        network[0].bias.add_(network[0].weight.flatten() * into.bias.item())
        network[0].weight.mul_(into.weight.item())
    return nn.Sequential(*network, back)


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
    "simultaneous": [autograd([(-1.0, 1.0)]), lambda x, y, eta, c: np.array([y + eta * (x - c * y), x - eta * y])[::-1],
                     lambda x, y, eta, c: np.array([[1, -eta], [eta, 1 - eta * c]]) @ [x, y]],
    "alternating": [autograd([(-1.0, 0.0), (0.0, 1.0)]), lambda *given: _in_turn(*map(np.float32, given)),
                    lambda x, y, eta, c: np.array([[1, 0], [eta, 1 - eta * c]]) @ np.array([[1, -eta], [0, 1]]) @ [
                        [x], [y]]],
    "runs_needed": [by_halves, by_the_formula, lambda least, failures: torch.tensor(float(by_halves(least, failures)))],
    "density_ratio": [lambda d, a: 1 / (a / d - 1), lambda d, a: torch.exp(torch.logit(d / a)),
                      lambda d, a: [float(x) / (a - float(x)) for x in d], lambda d, a: d.numpy() / (a - d.numpy())],
    "name_path": [in_strings, counted, lambda distances: np.array(counted(distances))],
    "moving_average": [with_gradients, lambda values, keep: tuple(accumulate(
        values, lambda average, value: keep * average + (1 - keep) * value)), lambda values, keep: lfilter(
        [1 - keep], [1, -keep], values, zi=[keep * values[0]])[0], lambda values, keep: np.array(
        whole(values, keep)[::-1], dtype=np.float32)[::-1]],
    "best_of_ten": [lambda value=value: value for value in (6.9, 7, 7.4, torch.tensor(7.5), 7.38, 7.85)],
    "critic_step": [penalized(minimal_mend), penalized(by_rows), penalized(minimal_mend, lambda real, fake, paid: -(
        real - fake).mean() + paid * 10)],
    "play": [_in_turn_for(averaged=True), _at_once_for(ahead=True), optimistic, negative_momentum,
             _in_turn_for(pays=0.3, averaged=True)],
    "trained": [Wrapped, lambda seed: Wrapped(seed, falling=True), without_a_first_layer],
}  # fmt: skip
TWO, SAME, COMPLEX = "return 2 numbers: x, y", "whatever it is given", "Yours are complex"
NEVER = "you never ask for the slopes"
OVER, FOUR, LIST = "your function overwrites", "shape (4,)", "return a list of numbers"
WRONG = {
    "simultaneous": {
        lambda x, y, eta, c: (x - eta**2 * y, y + eta**2 * (x - c * y)): "x = 1, y = 0.5, eta = 0.1, penalty = 1: x",
        lambda x, y, eta, c: x - eta * y: TWO, lambda x, y, eta, c: (*_at_once(x, y, eta, c), eta): TWO,
        lambda x, y, eta, c: dict(zip("xy", _at_once(x, y, eta, c), strict=True)): TWO,
        lambda x, y, eta, c: (complex(x, y), eta): COMPLEX,
        lambda x, y, eta, c: ([x, x - eta * y], [y, y + eta * x]): "One of yours has the shape (2,)",
        lambda x, y, eta, c: (f"{x - eta * y:.3f}", f"{y + eta * x:.3f}"): "not '0.950'",
        lambda x, y, eta: (x - eta * y, y + eta * x): "stopped with TypeError",
        lambda x, y, eta, c: _at_once(x, y, 0.1 if eta > 0.3 else eta, c): "eta = 0.5, penalty = 0.3: x: you get -0.5",
    },
    "alternating": {lambda x, y, eta, c: (x, y + eta * (x - eta * y)): "y = 0.5, eta = 0.1, penalty = 1: x: you"},
    "runs_needed": {
        lambda least, failures: 35: SAME, lambda least, failures: 35 + failures * 20: "it should be",
        lambda least, failures: by_halves(least, failures) if least < 0.95 else 99: "least = 0.95, failures = 1: you",
        lambda least, failures: (by_halves(least, failures), 1): "a number of runs: one number",
        lambda least, failures: str(by_halves(least, failures)): "return a number of runs",
        lambda least, failures: binomtest(failures, 0): "stopped with ValueError",
    },
    "density_ratio": {
        lambda d, a: d.div_(a - d): OVER, lambda d, a: 1 / (a / d.mul_(1) - 1): OVER,
        lambda d, a: (d / (a - d)).clamp(0.1, 3): "it should be", lambda d, a: d / a - d: "it should be",
        lambda d, a: torch.full_like(d, torch.nan): "you get nan", lambda d, a: (d / (a - d)).mean(): FOUR,
        lambda d, a: (d / (a - d)).unsqueeze(1): FOUR, lambda d, a: torch.stack([d, d]): FOUR,
        lambda d, a: (d / (a - d)).to(torch.cfloat): COMPLEX, lambda d, a: "d / (a - d)": "not 'd / (a - d)'",
        lambda d: d / (0.9 - d): "stopped with TypeError",
    },
    "name_path": {
        lambda distances: in_strings(distances[1:]) if len(distances) > 1 else in_strings(distances): "it should be",
        lambda distances: in_strings([d + 0.02 for d in distances]): "it should be 'stayed'. Stayed means",
        lambda distances: in_strings(sorted(distances)): "it should be",
        lambda distances: "never": SAME, lambda distances: in_strings(distances[::-1]): "it should be",
        bounded(0.1): "it should be", bounded(0.2): "it should be", bounded(0.3): "it should be",
        said(lambda word: word if "y" in word else None): "gave back None. Does it end with a return?",
        **{said(change): "exactly so, not" for change in (
            str.title, str.upper, lambda w: w + " ", lambda w: w.replace("ed", "ed ") if w == "stayed" else w)},
        said(lambda word: word.replace("stayed", "stays")): "'stays' is none of the words: stayed",
        said(WORDS.index): "one of the words, not an int: 2", said(lambda word: [word]): "not a list: ['stayed']",
        lambda distances: in_strings([distances.pop() for _ in distances[:1]]): f"{OVER} distances",
    },
    "best_of_ten": {(lambda value=value: value): says for value, says in (
        (5.5, "5.5 is too small"), (6.8, "6.8 is too small"), (8, "8 is too large"), (9, "9 is too large"),
        (74, "74 is too large"), ("seven", "return your guess"))},
    "critic_step": {
        penalized(lambda critic, points: minimal_mend(critic, points).detach()): "no gradient flows from the penalty",
        penalized(minimal_mend, lambda real, fake, paid: fake.mean() - real.mean() + 3 * paid):
            "in nearly the right direction",
        penalized(minimal_mend, lambda real, fake, paid: 2 * (fake.mean() - real.mean() + 10 * paid)):
            "right direction, 2 times as far",
        penalized(minimal_mend, lambda real, fake, paid: real.mean() - fake.mean() - 10 * paid): "opposite direction",
        lambda *given: 0.5: "the critic did not move", lambda *given: penalized(minimal_mend)(*given) + 1: "you get",
        lambda critic, optimizer, real, fake, share: penalized(minimal_mend)(
            critic, optimizer, real, fake.mul_(1), share): f"{OVER} fake",
        penalized(lambda critic, points: torch.autograd.grad(critic(points).sum(), points)[0].mean()):
            "stopped with RuntimeError",
    },
    "play": {
        lambda x, y, slopes: (0, 0): NEVER, lambda x, y, slopes: (x, y): NEVER, lambda x, y, slopes: (slopes.a, 0.0):
            "stopped with AttributeError",
        lambda x, y, slopes: slopes(x, y) and (x, y): "They have not moved",
        lambda x, y, slopes: x: "where x and y are in the end",
        lambda x, y, slopes: (slopes(x, y)[0] * math.nan, y): "They ran away",
        lambda x, y, slopes: ("x", "y"): "where x and y are",
        lambda x, y, slopes: play_for_ever(x, y, slopes): "1,000 times, and more is not allowed",
        lambda x, y, slopes: _in_turn_for()(x, y, lambda x, y: (x, y)): NEVER,
    },
    "trained": {
        lambda seed: [nn.Linear(1, 1)]: "return the trained network, not a list",
        lambda seed: nn.Linear(7, 7): "cannot be measured: RuntimeError",
        lambda seed: many_runs._line(math.nan, 0): "the distance to the two heaps is nan",
        lambda seed: 1 / 0: "stopped with ZeroDivisionError",
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
