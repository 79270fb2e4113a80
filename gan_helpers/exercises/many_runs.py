"""The exercises of chapter 4, in their order."""

import copy
import functools
import math
import weakref
from itertools import accumulate, count, pairwise

import numpy as np
import torch
from scipy.stats import beta, binomtest, norm
from torch import nn

from gan_helpers import discriminators, generators
from gan_helpers.exercises import kinds, require
from gan_helpers.exercises.engine import Case, Exercise
from gan_helpers.exercises.kinds import Together
from gan_helpers.exercises.readers import number, of_kind, one_number, parts, several, tensor
from gan_helpers.gan import GAN
from gan_helpers.losses import critic_generator_loss, critic_loss
from gan_helpers.training import train_many, unstack


def _given(*rows, **more) -> list[Case]:
    """Cases of plain values."""
    return [Case(lambda rng, row=row: copy.deepcopy(row), **more) for row in rows]


def _each(of, mistakes: dict) -> dict:
    """The mistakes as answers: `of` makes one of each function."""
    return {words: tuple(map(of, f if isinstance(f, tuple) else (f,))) for words, f in mistakes.items()}


def _at_once(x, y, eta, c, xx=0, xy=-1, yx=1, yy=-1):
    """x moves by eta (xx c x + xy y), y by eta (yx x + yy c y); both look at where they stand now."""
    return x + eta * (xx * c * x + xy * y), y + eta * (yx * x + yy * c * y)


def _in_turn(x, y, eta, c, xx=0, xy=-1, yx=1, yy=-1):
    """The same, but y looks at the new x."""
    new = x + eta * (xx * c * x + xy * y)
    return new, y + eta * (yx * new + yy * c * y)


def _y_first(x, y, eta, c):
    new = y + eta * (x - c * y)
    return x - eta * new, new


def _step(step, other, mistakes) -> Exercise:
    """Exercise 1: one of the two steps."""
    return Exercise(
        solution=lambda x, y, eta, penalty: step(x, y, eta, penalty),
        cases=_given((1.0, 0.5, 0.1, 1.0), (-0.3, 2.0, 0.5, 0.3), (0.7, -1.2, 0.25, 2.0), (-3.0, -0.8, 1.0, 0.5),
                     (0.4, 1.5, 0.1, 0.0), (2.5, 0.3, 0.02, 5.0), (40.0, -7.0, 2.5, 0.1)),
        gives=several("x", "y"),
        mistakes=mistakes | {says: tuple(lambda x, y, eta, c, by=by, turn=turn: turn(x, y, eta, c, *by)
                                         for turn in (step, other)) for says, by in {
            "nobody moved.": (0, 0, 0, 0),
            "y did not move.": (0, -1, 0, 0),
            "x did not move.": (0, 0, 1, -1),
            "y does not pay its penalty.": (0, -1, 1, 0),
            "y is paid for being large. The penalty pulls it toward 0.": (0, -1, 1, 1),
            "the slope of c y²/2 is c y. Yours is twice that.": (0, -1, 1, -2),
            "the slope of c y²/2 is c y. Yours is half of that.": (0, -1, 1, -0.5),
            "x pays as well. The penalty is y's alone.": (-1, -1, 1, -1),
            "x pays in place of y.": (-1, -1, 1, 0),
            "both signs are turned. x goes downhill, y uphill.": (0, 1, -1, 1),
            "x goes uphill. It wants V small.": (0, 1, 1, -1),
            "y goes downhill. It wants V large.": (0, -1, -1, 1),
            "y goes downhill in xy, and pays. It wants V large.": (0, -1, -1, -1),
        }.items()} | {
            "the slope of c y²/2 in y is c y, not c y²/2.": tuple(
                lambda x, y, eta, c, turn=turn: np.subtract(turn(x, y, eta, 0), (0, eta * c * y**2 / 2))
                for turn in (step, other)),
            "the penalty is not multiplied by eta.": tuple(
                lambda x, y, eta, c, turn=turn: np.subtract(turn(x, y, eta, 0), (0, c * y)) for turn in (step, other)),
            "the penalty has weight 1 here, whatever it is.": lambda x, y, eta, c: step(x, y, eta, 1),
            "the step size is missing.": lambda x, y, eta, c: step(x, y, 1, c),
            "you step with 0.1 whatever eta is.": lambda x, y, eta, c: step(x, y, 0.1, c),
            "these are two steps. Take one.": lambda x, y, eta, c: step(*step(x, y, eta, c), eta, c),
            "x and y are swapped in what you return.": lambda *at: step(*at)[::-1],
            "this is how far they move. Return where they are then.": lambda *at: np.subtract(step(*at), at[:2]),
            "these are the slopes. Return where x and y are after the step.": lambda x, y, eta, c: (y, x - c * y),
        },
        takeaway="",
    )


cycling = Together(("simultaneous", "alternating"), (
    _step(_at_once, _in_turn, {"y answers the x that has already moved. Both look at where they stand now.": _in_turn,
                               "x answers the y that has already moved. Both look at where they stand now.": _y_first}),
    _step(_in_turn, _at_once, {"y still answers the old x. Move x first, then y.": _at_once,
                               "y moves first here. Let x begin.": _y_first}),
), "Without the penalty one runs away and the other goes round for ever. With it both can arrive.")


def _low(good, runs, z, sign=-1):
    """The lower end of Wilson's interval; the upper one for sign=1, the middle for 0."""
    rate, square = good / runs, z**2 / runs
    return (rate + square / 2 + sign * z * math.sqrt(rate * (1 - rate) / runs + square / 4 / runs)) / (1 + square)


def _needed(level: float) -> Exercise:
    """Exercise 2: how many runs make an interval that begins at `least` or above."""
    def quantile(share):
        return float(norm.ppf((1 + share) / 2))

    def smallest(end):
        """The answer that takes the smallest number of runs at which end(good, runs) reaches `least`."""
        def answer(least, failures):
            return next(n for n in count(failures + 1) if end(n - failures, n) >= least)

        return answer

    def plain(good, n):
        return good / n - z * math.sqrt(good / n * (1 - good / n) / n)

    z, share = quantile(level), f"{100 * level:.0f} %"
    right = smallest(lambda good, n: _low(good, n, z))
    first = right(0.9, 0)
    others = {f"this is for {100 * q:.0f} % intervals. Take {share}.": smallest(
        lambda good, n, q=q: _low(good, n, quantile(q))) for q in (0.9, 0.95, 0.99, 2 * level - 1)
        if abs(q - level) > 1e-6}
    return Exercise(
        solution=lambda least, failures: right(least, failures),
        text=f"How many runs are needed until the {share} Wilson interval of the success rate begins at `least` or "
             "above, if `failures` of them fail? Take the smallest number.",
        cases=_given((0.9, 0), (0.8, 2), (0.9, 3), (0.5, 0), (0.7, 6), (0.95, 1), (0.3, 4), (0.04, 0), (0.62, 1),
                     (0.98, 1)),
        gives=number("a number of runs"),
        mistakes={
            "this is where the rate itself reaches it. Ask the low end of the interval.": (
                smallest(lambda good, n: good / n), lambda least, failures: math.ceil(failures / (1 - least) - 1e-9)),
            "this is where the high end of the interval reaches it. The claim is about the low end.": smallest(
                lambda good, n: _low(good, n, z, 1)),
            "this is where the middle of the interval reaches it. Ask the low end.": smallest(
                lambda good, n: _low(good, n, z, 0)),
            "this is the plain interval, rate ± z root(p(1-p)/n): it is sure of everything if no run fails.":
                smallest(plain),
            "this is for the exact interval of Clopper and Pearson, not Wilson's.": smallest(
                lambda good, n: float(beta.ppf((1 - level) / 2, good, n - good + 1))),
            "this has a continuity correction. Leave it out.": smallest(
                lambda good, n: binomtest(good, n).proportion_ci(level, "wilsoncc").low),
            "one run too few: there the low end is still below.": lambda least, failures: right(least, failures) - 1,
            "one run too many: the low end is there one run earlier.": lambda least, failures: right(least, failures)
            + 1,
            "this is the number of good runs. Count the failed ones too.": lambda least, failures: right(
                least, failures) - failures,
            "the failures are not counted. The same number of runs with none failed is too few.":
                lambda least, failures: right(least, 0),
            "the failures are added at the end. They widen the interval as well.": lambda least, failures: right(
                least, 0) + failures,
        } | others,
        takeaway=f"{first} runs without a failure, to say 90 %. Ten runs say very little.",
    )


runs_needed = _needed(0.95)
runs_needed.variant = lambda rng: _needed(rng.choice([0.8, 0.9, 0.98, 0.99]))


def _answers(n: int, a: float, b: float, dtype=torch.float64, spread: float = 1.0, label: str = "") -> Case:
    """n answers of the best D for labels a and b, at densities that are drawn."""
    def make(rng):
        p, q = (spread * torch.randn(n, 2, generator=rng, dtype=torch.float64)).exp().unbind(1)
        return ((a * p + b * q) / (p + q)).to(dtype), a

    return Case(make, label or f"{n} answers and a = {a}")


def _ratio(b: float) -> Exercise:
    """Exercise 3: p_data / p_g, from the answers of a D with the label a for real samples and b for fakes."""
    def ratio(d, a, b=b):
        return (d - b) / (a - d)

    def of(f):
        return lambda d, a: f(d.double(), a)

    return Exercise(
        solution=of(ratio),
        text=f"Both labels are smoothed now: real samples get a, and fakes {b} instead of 0. How many times as dense "
             "are real samples as fakes, where a perfect D says d?",
        cases=[_answers(4, 0.9, b), _answers(5, 0.7, b), _answers(1, 0.6, b), _answers(4, 1.0, b),
               _answers(6, 0.55, b, torch.float32, label="6 answers in float32 and a = 0.55"),
               _answers(7, 0.8, b, spread=2.0)],
        gives=tensor("like d", what="a tensor (n,)", loose=True), near=1e-4,
        unfit="Where D says a, there are no fakes at all; no answer here is as large as that.",
        mistakes=_each(of, {
            "this is the ratio for a D without smoothed labels.": lambda d, a: d / (1 - d),
            "this is turned over: p_g over p_data.": lambda d, a: 1 / ratio(d, a),
            "this is the share of real samples among both. Divide it by that of the fakes.": lambda d, a: ratio(
                d, a) / (1 + ratio(d, a)),
            "this is the share of fakes among both.": lambda d, a: 1 / (1 + ratio(d, a)),
            "you smooth with 0.9 whatever a is.": lambda d, a: ratio(d, 0.9),
            **({f"the fakes' label is {b}, not 0.": lambda d, a: ratio(d, a, 0)} if b else {}),
            f"the fakes' label is not 1 - a. Theirs is {b}.": lambda d, a: ratio(d, a, 1 - a),
            "this is the logarithm of the ratio.": lambda d, a: ratio(d, a).log(),
            "a and d are swapped under the fraction: the sign is turned.": lambda d, a: -ratio(d, a),
            "the share of fakes is 1 - d / a, not 1 - d.": lambda d, a: (d / a) / (1 - d),
            "d / a is the share of real samples; a d is not.": lambda d, a: a * d / (1 - a * d),
            "under the fraction d is taken from a, not added.": lambda d, a: (d - b) / (a + d),
            "the ratio is rounded. Return it as it is.": tuple(
                lambda d, a, digits=digits: ratio(d, a).round(decimals=digits) for digits in (1, 2, 3)),
        }),
        takeaway="With a = 1 these are plain odds. With a below 1, D near a means: all real.",
    )


density_ratio = _ratio(0)
density_ratio.variant = lambda rng: _ratio(rng.choice([0.05, 0.15, 0.2, 0.25, 0.3]))

_PATHS = {  # distances at the looks; the first two of each are recorded runs of the plain GAN, with their seeds
    "stayed": ([0.987, 0.315, 0.433, 1.294, 1.07, 0.195], [0.933, 0.303, 1.62, 0.921, 0.489, 0.22],  # 5, 6
               [0.9, 0.24, 0.2, 0.05], [0.1], [0.2, 0.2], [0.25, 0.249]),
    "came back": ([0.886, 0.381, 0.21, 0.218, 0.405, 0.225], [0.848, 0.227, 0.529, 0.753, 0.156, 0.217],  # 22, 33
                  [0.2, 0.9, 0.05], [0.1, 0.25, 0.1, 0.1], [0.2, 0.3, 0.2, 0.3, 0.2]),
    "passed by": ([0.95, 0.26, 1.099, 0.244, 0.883, 0.688], [1.011, 0.353, 1.152, 0.802, 0.214, 0.628],  # 0, 3
                  [0.2, 0.26], [0.1, 0.1, 0.1, 0.9], [0.2, 0.7, 0.2, 0.7], [0.24, 0.25],
                  [0.1, 0.6, 0.2, 0.3]),
    "never": ([1.154, 0.638, 1.843, 0.714, 0.471, 0.691], [1.026, 0.32, 0.458, 1.521, 1.354, 0.953],  # 1, 2
              [0.25], [0.9, 0.25, 0.3], [0.3, 0.28, 0.26]),
}


def _word(result, arguments: dict) -> dict:
    """One of the words, exactly."""
    result = result.item() if isinstance(result, np.ndarray) and result.ndim == 0 else result  # from np.select
    of_kind(result, str, "one of the words")
    plain = " ".join(result.lower().replace("_", " ").replace("-", " ").strip(" .!").split())
    require(result in _PATHS or plain not in _PATHS, f"write {plain!r} exactly so, not {result!r:.40}.")
    require(result in _PATHS, f"{result!r:.40} is none of the words: {', '.join(_PATHS)}.")
    return {"": str(result)}


def _path(bound: float) -> Exercise:
    """Exercise 4: what a run did, from its distances at several looks; close is below `bound`."""
    def told(distances, close=lambda d: d < bound) -> str:
        near = [close(d) for d in distances]
        if not any(near):
            return "never"
        if not near[-1]:
            return "passed by"
        return "stayed" if all(near[near.index(True):]) else "came back"

    def instead(**words):
        return lambda distances: words.get(told(distances).replace(" ", "_"), told(distances))

    need = {"never": "no look that is close", "passed by": "a close look, but not at the end",
            "stayed": "a close last look, and no look that is not close after the first that is",
            "came back": "a close last look, and one that is not close after the first that is"}
    scale = bound / 0.25
    return Exercise(
        solution=lambda distances: told(distances),
        text=f"Say what a run did, from its distances at several looks, one after the other. A look is close if the "
             f"distance is below {bound:g}. " + "; ".join(f'"{k}": {v}' for k, v in need.items()) + ".",
        cases=[case for kind, paths in _PATHS.items() for case in _given(*(([
            round(scale * d, 6) for d in path],) for path in paths), hint=f"{kind.capitalize()} means {need[kind]}.")],
        gives=_word,
        mistakes={
            f"a distance of exactly {bound:g} is taken for close. Close is below it.": lambda distances: told(
                distances, lambda d: d <= bound),
            "close is below the bound, not above.": lambda distances: told(distances, lambda d: d >= bound),
            "you ask the last look alone. What came before decides between two words each.": (
                instead(came_back="stayed", passed_by="never"), instead(came_back="stayed", never="passed by"),
                instead(stayed="came back", passed_by="never"), instead(stayed="came back", never="passed by")),
            "a run that was away in between has come back; yours stayed.": instead(came_back="stayed"),
            "a run that was close from some look to the end stayed; yours came back.": instead(stayed="came back"),
            "a run that was close at some look has passed by, if it is not at the end; yours never was.": instead(
                passed_by="never"),
            "never and passed by are swapped.": instead(never="passed by", passed_by="never"),
            "stayed and came back are swapped.": instead(stayed="came back", came_back="stayed"),
            "stayed does not ask for the first look. All do from the first close one on.": lambda distances: "came back"
            if told(distances) == "stayed" and distances[0] >= bound else told(distances),
            "close once and close at the end is not all: was it away in between?": lambda distances: "stayed" if told(
                distances) == "came back" and distances[-2] < bound else told(distances),
            "a run that left, and is away at the end, has not come back, though it was back in between.":
                lambda distances: "came back" if told(distances) == "passed by" and told(distances[:-1]) == "came back"
                else told(distances),
        },
        takeaway="Two runs that are both close at the end: one stayed, one was caught on its way round.",
    )


name_path = _path(0.25)
name_path.variant = lambda rng: _path(rng.choice([0.1, 0.15, 0.2, 0.3, 0.5]))


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

best_of_ten = kinds.predict((6.9, 7.9), "It is 7.4 of 10, for a remedy that does nothing. The best of many is chosen "
                            "for its luck as well, so try it again, on fresh seeds, before you tell anyone. That is "
                            "what Holm's adjustment in the chapter allows for.", {
    "5 is what each of them shows on average. You report the best of ten.": 5,
    "one of them would have to pass ten times out of ten, 1 in 1,024 each. Rare even for the best of ten.": 10,
    "6 is ordinary luck for a single one. The best of ten does better than that.": 6,
})


def _critics(optimizer, features=2, batch=16, scale=2.0, leftover=True):
    """A case of exercise 7: a critic, its optimizer, real and fake samples, and the share of each real one."""
    def make(rng):
        critic = nn.Sequential(nn.Linear(features, 5), nn.Tanh(), nn.Linear(5, 1))
        for p in critic.parameters():
            p.data = scale * torch.randn(p.shape, generator=rng)
            if leftover:
                p.grad = torch.randn(p.shape, generator=rng)
        real, fake = torch.randn(2, batch, features, generator=rng)
        return critic, optimizer(critic.parameters()), real, 1 + fake, torch.rand(batch, 1, generator=rng)

    return make


def _critic_step(penalty=lambda slope: (slope.norm(dim=1) - 1).clamp(min=0).square().mean(), weight=10, sign=1,
                 at=lambda real, fake, share: share * real + (1 - share) * fake, felt=True, clear=True, of=torch.sum,
                 told=lambda paid, loss: paid):
    """A critic's step with a penalty of the slopes at these points. felt: whether the penalty's slope is computed; of:
    what of the scores the slopes are; told: what is returned of the penalty and the whole loss."""
    def step(critic, optimizer, real, fake, share):
        between = at(real, fake, share).detach().requires_grad_()
        (slope,) = torch.autograd.grad(of(critic(between)), between, create_graph=felt)
        paid = penalty(slope)
        if clear:
            optimizer.zero_grad()
        loss = sign * (critic(fake).mean() - critic(real).mean()) + weight * paid
        loss.backward()
        optimizer.step()
        return told(paid, loss).item()

    return step


def _sgd(weights, **more):
    return torch.optim.SGD(weights, 0.01, **more)


critic_step = kinds.bug(
    _critic_step(felt=False), "the critic moves as if there were no penalty: no gradient flows from the penalty into "
    "it.",
    solution=_critic_step(),
    cases=[Case(_critics(_sgd), "gradient descent"), Case(_critics(_sgd, leftover=False), "gradients that are None"),
           Case(_critics(lambda w: _sgd(w, momentum=0.9), features=1), "momentum", calls=3),
           Case(_critics(lambda w: torch.optim.Adam(w, 0.01, betas=(0.0, 0.9))), "Adam", calls=3),
           Case(_critics(_sgd, features=3, batch=5), "5 samples of 3 features"),
           Case(_critics(_sgd, batch=1), "a single sample")],
    gives=number("the penalty"), near=1e-4,
    changes=("critic.weights",), free=("critic.grad", "optimizer.state"),
    words={"critic.weights": "the critic did not move. Does optimizer.step() come after backward()?"},
    mistakes={
        "the gradients of an earlier step are still there. zero_grad comes before backward.": _critic_step(clear=False),
        "the sign is turned: the critic should score real samples higher.": _critic_step(sign=-1),
        "the penalty is weighted with 1, not with 10.": _critic_step(weight=1),
        "the critic is paid for steep slopes: the sign of the penalty is turned.": _critic_step(weight=-10),
        "this charges slopes below 1 as well. (4.3) is one-sided.": _critic_step(
            lambda slope: (slope.norm(dim=1) - 1).square().mean()),
        "this charges every slope, as R1 does. (4.3) leaves those up to 1 free.": _critic_step(
            lambda slope: slope.square().sum(1).mean()),
        "the slope is the length of a vector, for each sample: norm(dim=1).": (
            _critic_step(lambda slope: (slope.norm() - 1).clamp(min=0).square()),
            _critic_step(lambda slope: (slope.abs() - 1).clamp(min=0).square().mean())),
        "the slope is squared before 1 is taken away. Take its length.": _critic_step(
            lambda slope: (slope.square().sum(1) - 1).clamp(min=0).square().mean()),
        "the mean of the scores has slopes that are divided by the batch's size. Take those of the sum.": _critic_step(
            of=torch.mean),
        "the penalty is the mean over the samples, not the sum.": _critic_step(
            lambda slope: (slope.norm(dim=1) - 1).clamp(min=0).square().sum()),
        "you return the penalty ten times over. Return it without its weight.": _critic_step(
            told=lambda paid, loss: 10 * paid),
        "you return the whole loss. Return the penalty.": _critic_step(told=lambda paid, loss: loss),
        "the penalty is not squared.": _critic_step(lambda slope: (slope.norm(dim=1) - 1).clamp(min=0).mean()),
        "the penalty is asked for at real samples. It belongs between.": _critic_step(at=lambda r, f, s: r),
        "the penalty is asked for at fakes. It belongs between.": _critic_step(at=lambda r, f, s: f),
        "share belongs to the real samples, 1 - share to the fakes.": _critic_step(
            at=lambda r, f, s: s * f + (1 - s) * r),
    },
    takeaway="A penalty that is a number and no more is a report. create_graph=True makes it a force.",
)


_hidden = weakref.WeakKeyDictionary()  # slopes -> (a, c), and how often they were looked at


class _Slopes:
    """The slopes of V = c (x - a) y in x and in y, to be looked at a thousand times; a and c cannot be seen in it."""

    def __init__(self, a: float, c: float):
        _hidden[self] = [a, c, 0]

    def __call__(self, x, y) -> tuple:
        a, c, looks = _hidden[self]
        _hidden[self][2] += 1
        require(looks < 1000, "you have looked at the slopes 1,000 times, and more is not allowed.")
        return c * y, c * (x - a)

    def __deepcopy__(self, memo) -> "_Slopes":
        return _Slopes(*_hidden[self][:2])


def _game(rng) -> tuple:
    """A start on a circle of radius 1 to 3 around the resting point (a, 0), and the slopes."""
    a, c, radius, turn = torch.rand(4, generator=rng, dtype=torch.float64).tolist()
    a, radius = 10 * a - 5, 1 + 2 * radius
    return a + radius * math.cos(7 * turn), radius * math.sin(7 * turn), _Slopes(a, 0.7 + 0.8 * c)


def _where(result, arguments: dict) -> dict:
    where = "where x and y are in the end: two numbers"
    return {"": tuple(one_number(part, where) for part in parts(result, 2, where))}


def share_left(end, x, y, slopes) -> float:
    """How far from the resting point the players end, as a share of how far they began."""
    rest = _hidden[slopes][0], 0
    return math.dist(end, rest) / math.dist((x, y), rest)


def _near_the_rest(end, x, y, slopes) -> str:
    left, looks = share_left(end, x, y, slopes), _hidden[slopes][2]
    if looks == 0:
        return "you never ask for the slopes, and nothing else tells where the players rest."
    says = "They ran away." if not left <= 2 else "They have not moved." if end == (x, y) else \
        "That is hardly nearer: do they still go round?" if left > 0.7 else \
        "That is nearer, and not near enough: do they come to rest, and in the right place?"
    return "" if left <= 0.1 else f"from x = {x:.3g}, y = {y:.3g} the players end {left:.3g} times as far from the " \
        f"resting point as they began, and 0.1 is asked for. {says}"


def _in_turn_for(eta=0.2, pays=0.0, averaged=False, steps=400):
    """Players in turn, with a penalty for y or the mean of the path."""
    def play(x, y, slopes):
        path = []
        for _ in range(steps):
            x = x - eta * slopes(x, y)[0]
            y = y + eta * (slopes(x, y)[1] - pays * y)
            path.append((x, y))
        return tuple(np.mean(path, 0)) if averaged else (x, y)

    return play


def _at_once_for(ahead: bool, eta=0.2, steps=400):
    """Players at once, who look at the slopes where they stand or where a first step would lead."""
    def play(x, y, slopes):
        for _ in range(steps):
            down, up = slopes(x, y)
            if ahead:
                down, up = slopes(x - eta * down, y + eta * up)
            x, y = x - eta * down, y + eta * up
        return x, y

    return play


# Of 2,000 games, those that end at a tenth of the distance or nearer: in turn 0, at a tenth of the rate 0, at once 0;
# with the penalty 1 or 0.1, with the mean of the path, and with a look ahead 2,000 each.
play = Exercise(
    solution=_in_turn_for(pays=1.0),
    cases=[Case(_game, f"game {k}") for k in range(12)], gives=_where, judge=_near_the_rest,
    mistakes={
        "do they still go round?": (_in_turn_for(), _in_turn_for(eta=0.02), _in_turn_for(steps=100)),
        "They ran away.": _at_once_for(ahead=False),
        "They have not moved.": lambda x, y, slopes: (slopes(x, y), (x, y))[1],
        "you have looked at the slopes 1,000 times": _in_turn_for(eta=0.02, pays=1.0, steps=600),
        "That is nearer, and not near enough": _in_turn_for(pays=0.02),
    },
    takeaway="They arrive, wherever the data lie.",
)

_EVEN = ((torch.arange(1000) + 0.5) / 1000).unsqueeze(1)  # noise


def _heaps(p):
    """The quantiles of two heaps: two thirds N(20, 2), a third N(40, 2)."""
    at = np.linspace(0, 60, 60_001)
    return torch.from_numpy(np.interp(p, (2 * norm.cdf(at, 20, 2) + norm.cdf(at, 40, 2)) / 3, at))


def _distance(network: nn.Module) -> tuple[float, str]:
    """The Wasserstein-1 distance between what a network makes of uniform noise and the two heaps, and what it makes."""
    made = network.eval()(_EVEN)
    require(made.shape == _EVEN.shape, f"your network should make one number of each u: {tuple(_EVEN.shape)} to the "
            f"same shape. It makes {tuple(made.shape)}.")
    exact = _heaps(_EVEN.flatten().numpy())
    far = (made.double().flatten().sort().values - exact).abs().mean().item()
    return far, f"The fakes have mean {made.mean():.3g} and standard deviation {made.std():.3g}; the data " \
        f"{exact.mean():.3g} and {exact.std():.3g}."


def _line(weight: float, bias: float) -> nn.Linear:
    layer = nn.Linear(1, 1)
    nn.init.constant_(layer.weight, weight)
    nn.init.constant_(layer.bias, bias)
    return layer


@kinds.once
def _with_a_critic(rounds: int = 250) -> dict:
    """The chapter's last recipe on smaller batches, of the check's seeds, stacked: seed -> network."""
    mean, std = 80 / 3, math.sqrt(4 + 800 / 9)
    into, back = _line(math.sqrt(12), -math.sqrt(3)), _line(std, mean)

    def real(n, rng):
        far = torch.rand(n, 1, generator=rng) < 1 / 3
        return (20 + 20 * far + 2 * torch.randn(n, 1, generator=rng) - mean) / std

    gan = GAN(real, lambda n, rng: into(torch.rand(n, 1, generator=rng)).detach(), generators.number_generator,
              functools.partial(discriminators.hidden_discriminator, width=1), critic_generator_loss, critic_loss,
              gp=10.0, d_steps=5, batch_size=64, lr=0.01, decay=True, betas=(0.0, 0.9), ema=0.98)
    run = train_many(gan, rounds, kinds.SEEDS, progress=False)
    return {seed: nn.Sequential(into, unstack(run.ema_generator, i), back) for i, seed in enumerate(run.seeds)}


# How far other settings come in 1,500 steps: python -m benchmarks.solutions 4.9
trained = kinds.train(
    lambda seed: _with_a_critic()[seed], _distance, 1.5, 1500, "distance to the two heaps",
    "Two heaps, on seeds that you did not choose.",
    {"the distance to the two heaps is": (lambda seed: _with_a_critic(10)[seed], lambda seed: _line(25, 15)),
     "you took 1501 optimizer steps, and 1500 are allowed": kinds.busy(1501),
     "your network should make one number of each u": lambda seed: nn.Linear(1, 2)})
