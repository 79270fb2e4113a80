"""The exercises of chapter 6, in their order."""

import copy
import functools
import math

import torch
from torch import nn
from torch.nn.functional import cosine_similarity, softplus

from gan_helpers import mnist, noise, recipes, recorded
from gan_helpers.exercises import NotYet, guard, require
from gan_helpers.exercises.engine import Case, Exercise
from gan_helpers.exercises.kinds import bug, each, predict, train
from gan_helpers.exercises.readers import numbers, parts, several, tensor
from gan_helpers.exercises.telling import a_kind
from gan_helpers.metrics import clouds, digits
from gan_helpers.training.steps import update_ema


def _named(what: str, **shapes: str):
    """Reads several arrays, each of the shape of an argument: name of the part=name of the argument."""
    def read(result, arguments: dict) -> dict:
        found = dict(zip(shapes, parts(result, len(shapes), what), strict=True))
        for name, part in found.items():
            shape, found[name] = tuple(arguments[shapes[name]].shape), numbers(part, what).clone()
            require(found[name].shape == shape, f"{name} has the shape {shape}, yours {tuple(found[name].shape)}.")
        return found

    return read


def _image(levels):
    """Gray levels as images; uint8 cuts off, and starts again at 256."""
    return levels.remainder(256).to(torch.uint8).reshape(-1, 28, 28)


def _grays(scale: float) -> Exercise:
    """Exercise 1: pixels in [-scale, scale] back to gray levels."""
    def levels(function):
        return lambda pixels: _image(function(pixels / scale))

    def after(function):
        return lambda pixels: function(_image(((pixels / scale + 1) * 127.5).round()))

    def between(n: int, low: int = 5):
        def make(rng):
            level = torch.randint(low, 250, (n, 784), generator=rng) + 0.9 * torch.rand(n, 784, generator=rng) - 0.45
            return (scale * (level / 127.5 - 1),)

        return make

    def there(rng):
        level = torch.arange(1568).remainder(256)[torch.randperm(1568, generator=rng)].reshape(2, 784)
        return (scale * (level / 127.5 - 1),)

    return Exercise(
        solution=lambda pixels: _image(((pixels / scale + 1) * 127.5).round()),
        text=f"G ends in {scale:g} * tanh now: level x became {scale:g} * (x / 127.5 - 1), up to {scale:g}. "
             "Write the way back, to the nearest level from 0 to 255.",
        cases=[Case(there, "all 256 levels, there and back"), Case(between(1), "a single image"),
               Case(between(3), "pixels between two levels", hint="Take the nearest level."),
               Case(between(2, 180), "light images, without any black"),
               Case(lambda rng: (there(rng)[0].T.contiguous().T,), "all 256 levels, stored by columns")],
        gives=tensor(lambda pixels: (len(pixels), 28, 28), torch.uint8, shapes={
            2: "Each image has two axes, 28 by 28."}, dtypes={torch.float32: "Round, then .to(torch.uint8)."}),
        mistakes=each(levels, {
            "some pixels come back one level too dark: .to(torch.uint8) cuts off, and 6.9999 becomes 6. Round first.":
                (lambda x: (x + 1) * 127.5, lambda x: x * 127.5 + 127.5, lambda x: (x + 1) / 2 * 255),
            "some pixels come back one level too light: you round up.": lambda x: ((x + 1) * 127.5).ceil(),
            "256 boxes of the same width, and here a level is a point. Take the nearest one.":
                lambda x: ((x.double() + 1) * 128).floor().clamp(max=255),
            "you multiply by 128: white becomes 256, and in uint8 that is 0. Half of 255 is 127.5.":
                (lambda x: ((x + 1) * 128).round(), lambda x: (x + 1) * 128),
            "you multiply by 128. Half of 255 is 127.5.": lambda x: ((x + 1) * 128).round().clamp(max=255),
            "you multiply by 127. Half of 255 is 127.5.": lambda x: ((x + 1) * 127).round(),
            "this is black and white as 0 and 1. Multiply by 255.": lambda x: ((x + 1) / 2).round(),
            "pixels in [0, 1] became 0 when they were cut off. Multiply by 255 first.": lambda x: (x + 1) / 2,
            "black and white are swapped.": lambda x: ((1 - x) * 127.5).round(),
            "add 1 before you multiply: the lower end is black, level 0.": lambda x: (x * 127.5).round(),
            "you treat them as pixels in [0, 1]. Add 1 and halve first.": lambda x: (x * 255).round(),
            "all below 0 became black. Add 1 and halve first.": lambda x: (x * 255).round().clamp(0, 255),
            f"the darkest pixel becomes black and the lightest white, whatever they are. Black is -{scale:g}, white "
            f"{scale:g}.":
                lambda x: ((x - x.min()) / (x.max() - x.min()) * 255).round(),
        }) | each(after, {
            "rows and columns of each image are swapped.": lambda image: image.transpose(1, 2),
            "the images stand on their heads.": lambda image: image.flip(1),
            "the images are in reverse order.": lambda image: image.flip(0),
        }),
        takeaway="Every one of the 256 levels comes back. Cut off instead of rounded, a quarter of them may be lost.",
    )


to_gray = _grays(1)
to_gray.variant = lambda rng: _grays(rng.choice([2, 3, 4, 5]))


def _batch(n: int, units: int, training: bool, label: str = "", dtype=torch.float64, dead: bool = False):
    def make(rng):
        spread = torch.tensor([1.0, 3.0, 0.02, 0.5], dtype=dtype)[:units]
        x = torch.randn(n, units, generator=rng, dtype=dtype) * spread + torch.arange(2, 2 - units, -1)
        if dead:
            x[:, 0] = 1.75
        weight, bias, mean = (torch.randn(units, generator=rng, dtype=dtype) + 0.5 for _ in range(3))
        return x, weight, bias, mean, (torch.rand(units, generator=rng, dtype=dtype) + 0.05) * spread**2, training

    return Case(make, f"{label or f'a batch of {n} with {units} units'}, in {'training' * training or 'evaluation'}",
                hint="Its variance is 0, and eps keeps the division finite." * dead)


def _norm(x, w, b, m, v, eps=1e-5):
    return (x - m) / (v + eps).sqrt() * w + b


def _tenth(old, new):
    return 0.9 * old + 0.1 * new


def _normed(train=_norm, evaluate=_norm, use=("batch", "old"), mean=_tenth, var=_tenth, biased=False, always=False):
    """Batch norm with parts exchanged: the output, whose mean and variance it uses, how the estimates move.

    train, evaluate: (x, weight, bias, mean, var) -> output. use: in training and in evaluation. mean, var: (old,
    the batch's) -> new. biased: the batch's variance is divided by n. always: in evaluation, too.
    """
    def batch_norm(x, weight, bias, running_mean, running_var, training):
        def moved():
            return mean(running_mean, x.mean(0)), var(running_var, x.var(0, correction=0 if biased else 1))

        which = {"batch": lambda: (x.mean(0), x.var(0, correction=0)), "n - 1": lambda: (x.mean(0), x.var(0)),
                 "old": lambda: (running_mean, running_var), "new": moved}
        output = (train if training else evaluate)(x, weight, bias, *which[use[not training]]())
        return output, *(moved() if training or always else (running_mean, running_var))

    return batch_norm


def _output(function):
    """Wrong outputs: in both modes, or in one of them."""
    return _normed(function, function), _normed(function), _normed(evaluate=function)


def _estimates(function):
    """Running estimates that move wrongly: both, or one of them."""
    return (*(_normed(mean=function, var=function, biased=biased) for biased in (False, True)),
            _normed(mean=function), *(_normed(var=function, biased=biased) for biased in (False, True)))


def _with_eps(eps):
    return lambda x, w, b, m, v: _norm(x, w, b, m, v, eps)


MOVES = "the output is right. The running estimates, or one of them,"
batch_norm = Exercise(
    solution=_normed(),
    cases=[_batch(12, 4, True), _batch(12, 4, False), _batch(2, 3, True), _batch(1, 4, False), _batch(7, 1, True),
           _batch(5, 3, False), _batch(20, 2, True, "a batch of 20 in float32", torch.float32),
           _batch(6, 4, True, "a unit that gives the same for the whole batch", dead=True)],
    gives=_named("three tensors: (output, running_mean, running_var)", output="x", running_mean="bias",
                 running_var="bias"),
    forbidden=(nn.functional.batch_norm, torch.batch_norm, torch.native_batch_norm, nn.BatchNorm1d.forward),
    mistakes={
        "in training the output uses the running estimates. There it is the batch.": _normed(use=("old", "old")),
        "in training the output uses the new running estimates. There it is the batch.": _normed(use=("new", "old")),
        "in evaluation the output uses the batch. The running estimates take its place there, so that an image does "
        "not depend on its neighbors.": (_normed(use=("batch", "batch")), _normed(use=("batch", "n - 1"))),
        "the output divides by n - 1 in the variance. There it is n: correction=0.": _normed(use=("n - 1", "old")),
        "the output is right. The running estimates are swapped: the mean comes first.":
            lambda *given: (lambda output, mean, var: (output, var, mean))(*_normed()(*given)),
        "the output is right, but the running estimates move in evaluation, too.": _normed(always=True),
        "the output is right. running_var takes the variance divided by n. Here it is n - 1.": _normed(biased=True),
        "the output is right. running_var is moved towards the standard deviation. Keep variances.":
            _normed(var=lambda old, new: _tenth(old, new.sqrt())),
    } | each(_output, {
        "the output lacks eps. For a unit that hardly varies it counts.": _with_eps(0),
        "the output takes the momentum for eps.": _with_eps(0.1),
        "the output has 0.8 for eps, the slip of this chapter.": _with_eps(0.8),
        "the output has Keras's eps, 0.001. PyTorch's is 0.00001.": _with_eps(1e-3),
        "the output adds eps to the standard deviation. It belongs under the root, to the variance.":
            lambda x, w, b, m, v: (x - m) / (v.sqrt() + 1e-5) * w + b,
        "the output is divided by the variance, not its root.": lambda x, w, b, m, v: (x - m) / (v + 1e-5) * w + b,
        "the output is not divided by the standard deviation.": lambda x, w, b, m, v: (x - m) * w + b,
        "the output lacks weight and bias.": lambda x, w, b, m, v: _norm(x, 1, 0, m, v),
        "the output lacks the bias.": lambda x, w, b, m, v: _norm(x, w, 0, m, v),
        "the output lacks the weight.": lambda x, w, b, m, v: _norm(x, 1, b, m, v),
        "the output has weight and bias swapped.": lambda x, w, b, m, v: _norm(x, b, w, m, v),
        "the output is shifted, then scaled. Scale first.": lambda x, w, b, m, v: (_norm(x, 1, 0, m, v) + b) * w,
        "the output does not take the mean away.": lambda x, w, b, m, v: _norm(x, w, b, 0, v),
        "the output adds the mean. Take it away.": lambda x, w, b, m, v: _norm(x, w, b, -m, v),
        "the output is normalized along each row. Batch norm takes each column, over the batch.":
            lambda x, w, b, m, v: _norm(x, w, b, x.mean(1, True), x.var(1, correction=0, keepdim=True)),
        "the output is normalized by one mean and variance for all units. Each column has its own.":
            lambda x, w, b, m, v: _norm(x, w, b, x.mean(), x.var(correction=0)),
        "the output is x itself, at least in one of the two modes.": lambda x, w, b, m, v: x,
    }) | each(_estimates, {
        f"{MOVES} did not move. In training they go a tenth of the way to the batch.": lambda old, new: old,
        f"{MOVES} became those of the batch. They only go a tenth of the way.": lambda old, new: new,
        f"{MOVES} keep a tenth. PyTorch's momentum is the share of the new.": lambda old, new: 0.1 * old + 0.9 * new,
        f"{MOVES} grow: the new is added and nothing of the old is given up.": lambda old, new: old + 0.1 * new,
        f"{MOVES} go half of the way. The momentum is 0.1.": lambda old, new: (old + new) / 2,
        f"{MOVES} have a momentum of 0.8. Here it is 0.1, the share of the new.":
            (lambda old, new: 0.2 * old + 0.8 * new, lambda old, new: 0.8 * old + 0.2 * new),
        f"{MOVES} have a sign turned.": lambda old, new: 0.9 * old - 0.1 * new,
        f"{MOVES} moved twice.": lambda old, new: _tenth(_tenth(old, new), new),
    }),
    takeaway="The same function of the batch in training, and of each image alone in evaluation. Two variances, one "
             "divided by n and one by n - 1.",
)


def _var(x):
    return x.var(0, correction=0)


def _lost(variance, eps):
    return 1 - math.sqrt(variance / (variance + eps))


def _slip(weight: float) -> Exercise:
    """Exercise 3: eps of a layer with this weight in each unit, and what it takes of a unit's spread."""
    def layer(n: int, units: int, eps: float, variance: float) -> Case:
        def make(rng):
            spread = torch.tensor([0.3, 2.0, 0.5, 1, 0.8])[:units]
            x = torch.randn(n, units, generator=rng, dtype=torch.float64) * spread
            return x + 1, weight * (x - x.mean(0)) / (_var(x) + eps).sqrt(), variance

        return Case(make, f"a layer with eps = {eps:g}, variance = {variance:g}")

    def found(x, y):
        return (_var(x) / _var(y / weight) - _var(x)).mean().item()

    def wrong_eps(function):
        """With another eps, of x and y: the mean over the units, or that of the first."""
        return tuple(lambda x, y, variance, pick=pick: (pick(function(x, y / weight)), _lost(variance, found(x, y)))
                     for pick in (torch.mean, lambda units: units.flatten()[0]))

    def wrong_lost(function):
        return lambda x, y, variance: (found(x, y), function(variance, found(x, y)))

    return Exercise(
        solution=lambda x, y, variance: (found(x, y), _lost(variance, found(x, y))),
        text=f"This layer has the weight {weight:g} in each unit, and bias 0. Find its eps from inputs and outputs, "
             "made in training. Then say, for a unit of a given variance, which share of the usual width is missing: "
             f"with eps = 0 its output would have standard deviation {weight:g}.",
        cases=[layer(30, 5, 0.8, 0.4), layer(30, 5, 0.1, 1.5), layer(12, 3, 0.001, 0.01), layer(2, 4, 0.3, 10.0),
               layer(9, 1, 3.0, 0.7), layer(7, 2, 1e-5, 1e-4)],
        gives=several("eps", "lost"), near=1e-6,
        mistakes=each(wrong_eps, {
            "you say that eps is 0.8. Recover it from x and y.": lambda x, y: torch.tensor(0.8),
            "1e-5 is the eps of a layer that is told nothing else. These were told.": lambda x, y: torch.tensor(1e-5),
            "you divide by n - 1 in the variances. Take n in both.": lambda x, y: x.var(0) / y.var(0) - x.var(0),
            "you divide by n - 1 in the variance of x. Take n in both.": lambda x, y: x.var(0) / _var(y) - x.var(0),
            "you divide by n - 1 in the variance of y. Take n in both.": lambda x, y: _var(x) / y.var(0) - _var(x),
            "this eps is var + eps. Take var away.": lambda x, y: _var(x) / _var(y),
            "for eps you take 1 away. var / var_out is var + eps: take var away.": lambda x, y: _var(x) / _var(y) - 1,
            "the sign of eps is turned.": lambda x, y: _var(x) - _var(x) / _var(y),
            "this eps is eps / var. Multiply by var.": lambda x, y: 1 / _var(y) - 1,
            "for eps you divide two deviations. Divide variances.": lambda x, y: (_var(x) / _var(y)).sqrt() - _var(x),
            "this would be right if eps were added to the standard deviation. It is added to the variance.":
                lambda x, y: (_var(x) / _var(y)).sqrt() - _var(x).sqrt(),
            "this eps is the difference of the variances. Solve var_out = var / (var + eps) for eps.":
                (lambda x, y: _var(y) - _var(x), lambda x, y: _var(x) - _var(y)),
            "this eps is the share of the variance that is lost, eps / (var + eps).": lambda x, y: 1 - _var(y),
            "for eps y's variance belongs below: var / var_out - var.": lambda x, y: _var(x) * _var(y) - _var(x),
            "for eps you average the variances of units before you solve. Solve for each unit.":
                lambda x, y: _var(x).mean() / _var(y).mean() - _var(x).mean(),
            "for eps you take one variance of all units. Each column has its own.":
                (lambda x, y: x.var(correction=0) / y.var(correction=0) - x.var(correction=0),
                 lambda x, y: x.var() / y.var() - x.var()),
        }) | {
            "the two are swapped: eps first.": lambda x, y, variance: (_lost(variance, e := found(x, y)), e),
            "eps is right. Lost is for the units of x. Use the variance that is given.":
                lambda x, y, variance: (found(x, y), 1 - (_var(x) / (_var(x) + found(x, y))).sqrt().mean()),
        } | each(wrong_lost, {
            "eps is right. What you call lost is the share that is left.": lambda s, e: 1 - _lost(s, e),
            "eps is right. This is lost of the variance. The width is its root.": lambda s, e: e / (s + e),
            "eps is right. This is left of the variance. What is lost of the width?": lambda s, e: s / (s + e),
            "eps is right. For lost you take the root of what is lost. Take the root of what is left, and see what "
            "that lacks to 1.": lambda s, e: math.sqrt(e / (s + e)),
            "eps is right. Lost is in percent. Return a share of 1.": lambda s, e: 100 * _lost(s, e),
            "eps is right. The sign of lost is turned.": lambda s, e: -_lost(s, e),
            "eps is right. In lost the variance above lacks a root.": lambda s, e: 1 - s / math.sqrt(s + e),
            "eps is right. In lost it belongs under the root.": lambda s, e: 1 - math.sqrt(s) / (math.sqrt(s) + e),
            "eps is right. In lost there is no root of eps: it is a variance.": lambda s, e: 1 - s / (s + math.sqrt(e)),
            "eps is right. Lost compares the output with the input. Compare it with the output at eps = 0.":
                (lambda s, e: 1 - 1 / math.sqrt(s + e), lambda s, e: 1 - 1 / (s + e),
                 lambda s, e: math.sqrt(s) - math.sqrt(s / (s + e))),
            "eps is right. For lost you take a variance of 0.2, whatever it is.": lambda s, e: _lost(0.2, e),
            "eps is right. For lost you take eps = 0.8 always.": lambda s, e: _lost(s, 0.8),
            "eps is right. In lost the variance is squared. It is a square already.": lambda s, e: _lost(s * s, e),
        }),
        takeaway="The second argument is eps, not the momentum. With 0.8, a unit of variance 0.2 comes out less than "
                 "half as wide as it should, and one of variance 10 nearly as it should.",
    )


find_eps = _slip(1)
find_eps.variant = lambda rng: _slip(rng.choice([0.5, 2, 3, 5]))


def _masked(shape: tuple, p: float, training: bool, label: str = "", kept: bool | None = None) -> Case:
    def make(rng):
        mask = torch.rand(shape, generator=rng) >= p if kept is None else torch.full(shape, kept)
        return torch.randn(shape, generator=rng), mask, p, training

    return Case(make, label or f"p = {p:g} in {'training' if training else 'evaluation'}, shape {shape}")


def _dropout(fill: float) -> Exercise:
    """Exercise 4: dropout with a given mask that puts `fill` where a number is dropped, and keeps the expectation."""
    def put(x, kept, p):
        return torch.where(kept, x, fill) - p * fill  # has the expectation (1 - p) x

    def right(x, kept, p):
        return put(x, kept, p) / (1 - p)

    def answer(train=right, evaluate=lambda x, kept, p: x):
        return lambda x, kept, p, training: (train if training else evaluate)(x, kept, p)

    return Exercise(
        solution=answer(),
        text=f"This dropout does not set a number to zero but to {fill:g}, with probability p, and then makes up for "
             "it in all numbers, by a shift and a factor, so that the expectation of each is x and in evaluation "
             "nothing is left to do. Write it for a mask that is given.",
        cases=[_masked((6, 10), 0.3, True), _masked((6, 10), 0.3, False), _masked((6, 10), 0.5, True),
               _masked((6, 4), 0.0, True), _masked((9,), 0.6, True), _masked((2, 3, 4), 0.9, True),
               _masked((2, 3, 4), 0.6, False), _masked((3, 5), 0.25, True, "a mask that keeps all, p = 0.25", True),
               _masked((2, 2), 0.4, True, "a mask that drops all, p = 0.4", False)],
        gives=tensor("like x", what="a tensor like x", loose=True),
        words={"random": "your function draws random numbers, or seeds them. The mask is given: take it."},
        mistakes={
            "you drop in evaluation, too.": (answer(right, right), answer(put, put), answer(right, put)),
            "you scale by 1 - p in evaluation, as the first dropout did. Divide by 1 - p in training, and that is all.":
                tuple(answer(train, lambda x, kept, p: x * (1 - p)) for train in (put, right)),
            "in evaluation everything is scaled up.": answer(evaluate=lambda x, kept, p: x / (1 - p)),
        } | each(answer, {
            "nothing is dropped in training.": lambda x, kept, p: x,
            "you drop, but the rest is not scaled up. Divide by 1 - p.": put,
            "everything is scaled up in training, and nothing is dropped.": lambda x, kept, p: x / (1 - p),
            "you drop what the mask keeps.": lambda x, kept, p: right(x, ~kept, p),
            "you drop what the mask keeps, and the rest is not scaled up.": lambda x, kept, p: put(x, ~kept, p),
            "you divide by p. Kept is 1 - p.": lambda x, kept, p: put(x, kept, p) / p,
            "you scale down. Divide by 1 - p: fewer are left.": lambda x, kept, p: put(x, kept, p) * (1 - p),
            "1 + p is near 1 / (1 - p), but not it.": lambda x, kept, p: put(x, kept, p) * (1 + p),
            "you divide by the root of 1 - p. That keeps the mean square; the mean needs 1 - p.":
                lambda x, kept, p: put(x, kept, p) / math.sqrt(1 - p),
            "you divide by the share that this mask keeps. Divide by 1 - p, which is the share in the long run.":
                lambda x, kept, p: put(x, kept, p) / kept.float().mean(),
            "you divide by the share that is kept in each row. Divide by 1 - p.":
                lambda x, kept, p: put(x, kept, p) / kept.float().mean(1, keepdim=True),
            "you multiply by 2 whatever p is.": lambda x, kept, p: 2 * put(x, kept, p),
            "you take p = 0.3 always.": lambda x, kept, p: put(x, kept, p) / 0.7,
            "you divide by 1 - p twice.": lambda x, kept, p: right(x, kept, p) / (1 - p),
            "this is the mask. Multiply x by it.": lambda x, kept, p: kept / (1 - p),
            "the mask is added. Multiply by it.": lambda x, kept, p: (x + kept) / (1 - p),
            "every row is dropped by the first row of the mask.": lambda x, kept, p: right(x, kept[0], p),
        }),
        takeaway="On average each unit gives what it gave without dropout, so evaluation needs no change.",
    )


dropout = _dropout(0.0)
dropout.variant = lambda rng: _dropout(rng.choice([-1.0, -0.5, 0.5, 2.0]))


def _line(a, b, t):
    return (1 - t) * a + t * b


def _cosine(a, b):
    return (a @ b) / a.norm() / b.norm()


def _angle(a, b):
    return _cosine(a, b).clamp(-1, 1).acos()


def _turned(angle=_angle, weigh=torch.sin):
    """A spherical way with this angle."""
    return lambda a, b, t: (weigh((1 - t) * angle(a, b)) * a + weigh(t * angle(a, b)) * b) / angle(a, b).sin()


_arc = _turned()


def _ways(straight=_line, spherical=None, near=_line, tiny=1e-3, angle=_angle):
    """Both ways; `near` is gone where the angle is tiny, and elsewhere `spherical`, by default turned by the angle."""
    return lambda start, end, t: (straight(start, end, t), (
        near if angle(start, end) < tiny else spherical or _turned(angle))(start, end, t))


def _noises(label: str, n: int, angle: float | None, length: float, t: float, dtype=torch.float32, hint="") -> Case:
    """Two noises at this angle, or any, the second `length` times as long as the first."""
    def make(rng):
        start, end = (torch.randn(n, generator=rng, dtype=dtype) for _ in range(2))
        if angle is not None:
            across = end - (start @ end) / (start @ start) * start
            end = math.cos(angle) * start + math.sin(angle) * across * start.norm() / across.norm()
        return start, end * length, t

    return Case(make, f"{label}, t = {t:g}", hint=hint)


def _parallel(times: float, t: float) -> Case:
    """Whole numbers, so that the cosine is exactly 1."""
    return Case(lambda rng: (torch.tensor([3.0, 4, 0, 12]), times * torch.tensor([3.0, 4, 0, 12]), t),
                f"a noise and {times:g} times the same, t = {t:g}",
                hint="The two directions are one, and there the spherical way becomes the straight one.")


between = Exercise(
    solution=_ways(),
    cases=[_noises("two noises", 100, None, 0.8, 0.3), _noises("orthogonal noises", 100, math.pi / 2, 1, 0.25),
           _noises("two noises", 100, None, 1, 0.0), _noises("two noises", 10, None, 1, 1.0),
           _noises("an angle of 137 degrees", 8, 2.4, 1.5, 0.6), _noises("an angle of 0.08", 100, 0.08, 1, 0.5),
           _noises("an angle of 115 degrees, in float64", 3, 2.0, 1, 0.5, torch.float64),
           _noises("an angle of 0.06", 20, 0.06, 3, 0.5), _parallel(1, 0.5), _parallel(2, 0.25),
           _noises("nearly parallel noises", 100, 1e-7, 1 + 1e-6, 0.25, hint="Go straight where the angle is tiny.")],
    gives=_named("the pair (straight, spherical)", straight="start", spherical="start"), near=5e-5,
    unfit="The arccosine is taken of a cosine: divide the product by both lengths and clamp, as rounding may take it "
          "above 1. Where the angle is tiny go straight: its sine is 0.",
    mistakes=each(_ways, {
        "the straight way runs backwards: at t = 0 it is at the start.": lambda a, b, t: _line(b, a, t),
        "the start loses nothing on the straight way. It counts 1 - t.": lambda a, b, t: a + t * b,
        "on the straight way the start counts 1 - t, not t.": lambda a, b, t: t * a + t * b,
        "this is how far to go on the straight way. Add the start.": lambda a, b, t: t * (b - a),
        "the straight way does not depend on t.": (lambda a, b, t: a + b, lambda a, b, t: (a + b) / 2),
    }) | {
        "the two are swapped: the straight way comes first.": lambda a, b, t: _ways()(a, b, t)[::-1],
        "the spherical way is NaN where both noises have one direction: the sine of the angle is 0, and rounding may "
        "make the cosine larger than 1. Clamp it, and go straight where the angle is tiny.":
            (*(_ways(tiny=-1, angle=angle) for angle in (_angle, lambda a, b: _cosine(a, b).acos())),
             _ways(near=lambda a, b, t: a * torch.nan)),
        "the angle is not that of the product: its cosine is the product divided by both lengths, and then clamped.":
            (_ways(angle=lambda a, b: (a @ b).clamp(-1, 1).acos()),
             _ways(angle=lambda a, b: (a @ b).abs().clamp(-1, 1).acos())),
        "you go straight where the ways differ. Turn above an angle of 0.001.": (_ways(tiny=0.1), _ways(tiny=0.3)),
        "your angle is half of it.": _ways(spherical=_turned(lambda a, b: _angle(a, b) / 2)),
        "you take the cosine for the angle. Take its acos.": _ways(spherical=_turned(_cosine)),
    } | each(lambda way: _ways(spherical=way), {
        "both are the straight way.": _line,
        "the spherical way runs backwards: at t = 0 it is at the start.": lambda a, b, t: _arc(b, a, t),
        "the spherical way lacks the sine of the angle below.": lambda a, b, t: _arc(a, b, t) * _angle(a, b).sin(),
        "you take the straight way and give it another length. The angle should grow evenly with t.":
            (lambda a, b, t: _line(a, b, t) / _line(a, b, t).norm() * a.norm(),
             lambda a, b, t: _line(a, b, t) / _line(a, b, t).norm() * _line(a.norm(), b.norm(), t)),
        "the lengths are lost: the sines weigh start and end themselves, not their directions.":
            (lambda a, b, t: _arc(a, b, t) / a.norm(), lambda a, b, t: _arc(a / a.norm(), b / b.norm(), t)),
        "you weigh with cosines. Take sines, divided by the sine of the whole angle.":
            (_turned(weigh=torch.cos), lambda a, b, t: _turned(weigh=torch.cos)(a, b, t) * _angle(a, b).sin()),
        "this is for orthogonal noises only. In general the weights are sin((1 - t) w) / sin(w) and sin(t w) / sin(w).":
            (lambda a, b, t: (t * _angle(a, b)).cos() * a + (t * _angle(a, b)).sin() * b,
             lambda a, b, t: math.cos(t * math.pi / 2) * a + math.sin(t * math.pi / 2) * b),
        "t belongs inside the sines.": lambda a, b, t: _line(a, b, t) * _angle(a, b).sin(),
        "this keeps the length of orthogonal noises, but its angle does not grow evenly. Use sines.":
            lambda a, b, t: math.sqrt(1 - t) * a + math.sqrt(t) * b,
    }),
    takeaway="Halfway between orthogonal noises of length 10 the straight way has length 7.07, and G has hardly ever "
             "seen such a noise. The spherical way stays at 10.",
)


def _shares(keep, steps):
    return torch.tensor([(1 - keep) * keep**ago for ago in range(steps)] + [keep**steps], dtype=torch.float64)


def _row(result, arguments: dict) -> dict:
    value, steps = numbers(result, "a list of numbers").clone(), arguments["steps"]
    require(value.dim() == 1, f"return a list, one share for each state, not shape {tuple(value.shape)}.")
    require(len(value) == steps + 1, f"for {steps} steps there are {steps + 1} states, the start and one after each "
            f"step. You have {len(value)} shares." if steps else "with 0 steps there is one state, the start. You have "
            f"{len(value)} shares.")
    return {"": value}


shares = Exercise(
    solution=lambda keep, steps: _shares(keep, steps),
    cases=[lambda rng, pair=pair: pair for pair in ((0.9, 4), (0.998, 500), (0.5, 1), (0.99, 0), (0.75, 7), (0.0, 3),
                                                    (0.3, 2))],
    gives=_row, near=1e-4,
    mistakes=each(lambda change: lambda k, n: change(k, n, _shares(k, n)), {
        "they are in reverse order: the newest state comes first, the start last.": lambda k, n, s: s.flip(0),
        "the start has been multiplied by keep once too often.": lambda k, n, s: torch.cat([s[:-1], k * s[-1:]]),
        "keep and 1 - keep are swapped.": lambda k, n, s: _shares(1 - k, n),
        "these are running sums.": lambda k, n, s: s.cumsum(0),
        "they are one place too late.": lambda k, n, s: torch.cat([torch.ones(1), s[:-1]]),
        "these are percent. Return shares of 1.": lambda k, n, s: 100 * s,
        "something is rounded. Return all digits.": tuple(lambda k, n, s, d=d: s.round(decimals=d) for d in (2, 3)),
        "each has been multiplied by keep once too often: the newest counts 1 - keep.":
            (lambda k, n, s: torch.cat([k * s[:-1], s[-1:]]), lambda k, n, s: (1 - k) * k ** torch.arange(1, n + 2.0)),
    }) | each(lambda change: lambda k, n: change(k, torch.arange(n + 1).double()), {
        "keep and 1 - keep are swapped, for the start too.": lambda k, ago: k * (1 - k) ** ago,
        "the start counts as one state among others. But the average was all start once, and kept keep of it at each "
        "step.": lambda k, ago: (1 - k) * k**ago,
        "you scale them so that they sum to 1. They do by themselves: what is missing is the start's.":
            lambda k, ago: (1 - k) * k**ago / ((1 - k) * k**ago).sum(),
        "the newest counts 1, and they do not sum to 1. A state enters with 1 - keep.": lambda k, ago: k**ago,
        "a state enters with 1 - keep, and is then multiplied by keep at each step.": lambda k, ago: k ** (ago + 1),
        "all count the same. An older state counts less.": lambda k, ago: torch.full_like(ago, 1 / len(ago)),
        "a share is multiplied by keep; nothing is taken away.": lambda k, ago: (1 - k) * (1 - ago * (1 - k)),
    }),
    takeaway="With keep = 0.998 the start still counts 37 % after 500 steps, and 2 % after 2,000.",
)


def _generator(rng, layers=lambda: (nn.Linear(3, 4), nn.BatchNorm1d(4), nn.LeakyReLU(0.2), nn.Linear(4, 2), nn.Tanh())):
    """A generator with random weights and buffers."""
    network = nn.Sequential(*layers())
    for value in network.state_dict().values():
        value.copy_(torch.rand(value.shape, generator=rng) + 0.1 if value.is_floating_point() else
                    torch.randint(5, 1000, (), generator=rng))
    return network


def _deep() -> list:
    layers = [nn.ConvTranspose2d(2, 3, 2), nn.BatchNorm2d(3), nn.Conv2d(3, 1, 1), nn.BatchNorm2d(1)]
    layers[0].register_buffer("scale", torch.zeros(()))
    return layers


def _players(keep: float, *layers, frozen: bool = True, label: str = "", hint: str = "") -> Case:
    def make(rng):
        average, generator = (_generator(rng, *layers) for _ in range(2))
        for p in generator.parameters():
            p.grad = torch.randn(p.shape, generator=rng)  # of its last step
        return average.requires_grad_(not frozen), generator, keep

    return Case(make, f"{label}keep = {keep:g}", hint=hint)


def _averaged(result, arguments: dict) -> dict:
    average = arguments["average"]
    require(result is average, "return the average that was given, not another network." if isinstance(
        result, nn.Module) else f"return the average that was given, changed; not {a_kind(result)}.")
    require(not guard.shares_memory(average, arguments["generator"]), "the average shares its memory with G, so it "
            "will change whenever G does. Copy numbers, not tensors.")
    weights = dict(average.named_parameters())
    found = {"the weights": [], "the buffers, such as running estimates": [], "num_batches_tracked": []}
    for name, value in average.state_dict().items():
        counts = name.endswith("num_batches_tracked")
        require(not counts or value.dtype == torch.int64, f"num_batches_tracked is a whole number, torch.int64, and is "
                f"copied. You make it {value.dtype}.")
        found[list(found)[2 if counts else name not in weights]].append(value.detach().reshape(-1).double())
    return {name: torch.cat([torch.zeros(0), *values]) for name, values in found.items()}


def _mix(old, new, keep):
    return keep * old + (1 - keep) * new


def _average(weights=_mix, estimates=_mix, counter=lambda old, new, keep: new, others=None):
    """A step of the average that makes these of (old, new, keep); others: of buffers that are no running estimates."""
    def update(average, generator, keep):
        theirs, parameters = generator.state_dict(), dict(average.named_parameters())
        for name, old in average.state_dict().items():
            buffer = others if others and "running" not in name else estimates
            change = weights if name in parameters else buffer if old.is_floating_point() else counter
            old.copy_(change(old, theirs[name], keep))
        return average

    return update


_slips = {"did not move. state_dict() has all that has to.": lambda old, new, keep: old,
          "take keep of G. They keep that share of themselves.": lambda old, new, keep: _mix(new, old, keep),
          "became G's. They only move 1 - keep of the way.": lambda old, new, keep: new,
          "go half of the way, whatever keep is.": lambda old, new, keep: (old + new) / 2,
          "move a tenth of the way, whatever keep is.": lambda old, new, keep: 0.9 * old + 0.1 * new,
          "moved twice.": lambda old, new, keep: _mix(_mix(old, new, keep), new, keep),
          "give nothing up: keep of the old, 1 - keep of the new.": lambda old, new, keep: old + (1 - keep) * new}
update_average = Exercise(
    solution=_average(),
    cases=[_players(0.9), _players(0.75), _players(0.998, lambda: [nn.Linear(2, 3)], label="no batch norm, "),
           _players(0.6, _deep, label="convolutions, ", hint="All floats in state_dict() move, whatever their name."),
           _players(0.3, frozen=False, label="an average whose weights require gradients, "), _players(0.0)],
    gives=_averaged, free=("average.weights",), forbidden=(update_ema,),
    words={"generator.weights": "G has changed. It goes on training as it is.",
           "generator.requires_grad": "G can no longer learn: some of its weights do not require gradients any more.",
           "average.requires_grad": "the average hangs on G's graph now, or requires gradients where it did not: each "
                                    "step would make the graph longer. Work under torch.no_grad().",
           **dict.fromkeys(("average.forward", "average.parts"), "the average has other layers than before, or other "
                           "parameters, or a hook. Write into the weights that are there.")},
    mistakes={
        "nothing moved. Write into the average: lerp_, copy_.": _average(*3 * [lambda old, new, keep: old]),
        "batch norm's running estimates did not move. They are buffers, not parameters: state_dict() has both.":
            _average(_mix, lambda old, new, keep: old, lambda old, new, keep: old),
        "the weights are right. num_batches_tracked counts batches: it is a whole number, and is copied from G.":
            tuple(_average(counter=change) for change in (
                lambda old, new, keep: old, lambda old, new, keep: _mix(old, new, keep).long())),
    } | each(lambda f: (_average(f, f), _average(f), _average(f, f, others=_mix)),
             {f"the weights {words}": change for words, change in _slips.items()})
      | each(lambda f: (_average(estimates=f), _average(estimates=f, others=_mix)),
             {f"batch norm's running estimates {words}": change for words, change in _slips.items()}),
    takeaway="A network of its own, a little behind G and much calmer. Nobody trains it.",
)


@functools.cache
def _final() -> nn.Module:
    return recorded.generator("mnist_deeper", "the best", recipes.BEST.generator())


@functools.cache
def _reference() -> tuple:
    return clouds.mean_and_covariance(digits.features(mnist.images("train").at(slice(0, 5000))))


def distance(images: torch.Tensor) -> float:
    """The Frechet distance of images, (n, 784) from -1 to 1, to the first 5,000 training images."""
    return clouds.frechet_gaussians(*_reference(), *clouds.mean_and_covariance(digits.features(images)))


quiet_noise = predict(
    (1, 6), "As good as with noise of full length: it makes the very same digits. In training mode the first batch "
    "norm divides each unit by its own spread over the batch, and half the noise has half the spread.",
    {"that is the distance in evaluation mode, where batch norm divides by the spread of full-length noise.": 233,
     "that is about what straight middles have, in evaluation mode. What does batch norm divide by in training?": 45,
     "not even real images reach 0: they are a draw, too.": 0,
     "only a barely trained G is that bad. Its weights are as good as before.": 1000,
     "smaller than that: it has one digit, and not a large one. What does batch norm do to a batch half as wide?":
         (6.1, 40)},
)


def _look(generator, same, mode: bool | None = False, afterwards: bool | None = True, of=lambda generator: generator):
    """A picture of G, or of what `of` makes of it, in this mode, and then the other one; None: as it is."""
    network = of(generator)
    if mode is not None:
        network.train(mode)
    with torch.no_grad():
        picture = network(same)
    if afterwards is not None:
        network.train(afterwards)
    return picture


def _looking(look=_look, before: bool = False, seen=lambda fake: fake, start=lambda generator: generator):
    """Rounds with a picture after each, or before; seen: what D sees of a fake in G's step; start: done at first."""
    def train_and_look(generator, discriminator, g_optimizer, d_optimizer, reals, noises, same):
        pictures, first = [], start(generator)
        for real, z in zip(reals, noises, strict=True):
            if before:
                pictures.append(look(generator, same))
            fake = generator(z)
            d_loss = softplus(-discriminator(real)).mean() + softplus(discriminator(fake.detach())).mean()
            d_optimizer.zero_grad()
            d_loss.backward()
            d_optimizer.step()
            g_loss = softplus(-discriminator(seen(fake))).mean()
            g_optimizer.zero_grad()
            g_loss.backward()
            g_optimizer.step()
            if not before:
                pictures.append(look(first if first is not None else generator, same))
        return torch.stack(pictures)

    return train_and_look


def _watched(label: str, optimizer, rounds: int, batch: int = 12, hidden: int = 6, left: bool = False) -> Case:
    def make(rng):
        generator = nn.Sequential(nn.Linear(4, hidden), nn.BatchNorm1d(hidden), nn.LeakyReLU(0.2),
                                  nn.Linear(hidden, hidden), nn.BatchNorm1d(hidden), nn.ReLU(), nn.Linear(hidden, 9),
                                  nn.Tanh())
        discriminator = nn.Sequential(nn.Linear(9, 5), nn.LeakyReLU(0.2), nn.Linear(5, 1))
        for p in (*generator.parameters(), *discriminator.parameters()):
            p.data = torch.randn(p.shape, generator=rng)
            p.grad = torch.randn(p.shape, generator=rng) if left else None
        return (generator, discriminator, optimizer(generator.parameters()), optimizer(discriminator.parameters()),
                torch.rand(rounds, batch, 9, generator=rng), torch.randn(rounds, batch, 4, generator=rng),
                torch.randn(8, 4, generator=rng))

    return Case(make, label)


_sgd, _adam = functools.partial(torch.optim.SGD, lr=0.1), functools.partial(torch.optim.Adam, lr=0.01, eps=1e-2)
_frozen = _looking(functools.partial(_look, afterwards=None))
train_and_look = bug(
    _looking(functools.partial(_look, mode=None, afterwards=None)), "looking still changes G, and a picture shows "
    "something else than G in use. Compare everything in G's state_dict() before a picture and after it.",
    solution=lambda generator, discriminator, g_optimizer, d_optimizer, reals, noises, same: _looking()(
        generator, discriminator, g_optimizer, d_optimizer, reals, noises, same),
    cases=[_watched("four rounds of 12 images", _sgd, 4), _watched("one round", _sgd, 1, left=True),
           _watched("five rounds of Adam", _adam, 5, 7, 3), _watched("three rounds of 20 images, with momentum",
           functools.partial(_sgd, momentum=0.9), 3, 20, 5, True)],
    gives=tensor(lambda *given: (len(given[4]), *given[6].shape[:1], given[4].shape[2]), what="the pictures, stacked",
                 loose=True),
    near=1e-3, changes=("generator.weights", "discriminator.weights"),
    free=("generator.grad", "discriminator.grad", "g_optimizer.state", "d_optimizer.state", "generator.mode"),
    words={"discriminator.weights": "D has not moved. Is its step still there?"},
    mistakes={
        "pictures are as they should be, but after the first one G trains on in evaluation mode, where batch norm does "
        "not look at the batch. Set it back.": _frozen,
        "G trains in evaluation mode from the start. Only the pictures want it.": _looking(
            functools.partial(_look, mode=None, afterwards=None), start=lambda generator: generator.eval()),
        "looking changes nothing any more, but pictures are made in training mode, so each fake in them depends on the "
        "others. They should show G in use.": _looking(functools.partial(_look, mode=None, afterwards=None,
                                                                         of=copy.deepcopy)),
        "the pictures are of a G from before the first round. Make them anew after each.": _looking(
            start=copy.deepcopy),
        "each picture is taken before its round. It comes after it.": _looking(before=True),
        "G does not learn: its own step sees fakes that are cut off from it.": _looking(seen=torch.Tensor.detach),
    },
    takeaway="To look is a pass like any other: in training mode batch norm learns from it.",
)


# The Frechet distance of 1,000 blends over 20 draws of noise (mean, least, largest), with four equal shares and with
# (0.7, 0.2, 0.1): the mean that is given 242 (222 to 263) and 37 (28 to 47), the solution 4.2 (3.0 to 7.4) and 4.1 (2.7
# to 6.7). Two draws each of all noises added up: 37 to 57; of blends on the sphere, of a given length, or of numbers
# from one parent each: 2.9 to 6.9.
BLEND = 10.0
PORTRAITS = ((0.25, 0.25, 0.25, 0.25), (0.7, 0.2, 0.1), (0.3, 0.25, 0.2, 0.15, 0.1), (0.1, 0.6, 0.3))


def _parents(shares: tuple) -> Case:
    return Case(lambda rng: (torch.randn(len(shares), 1000, 100, generator=rng), torch.tensor(shares)),
                f"{len(shares)} noises with the shares {', '.join(f'{share:g}' for share in shares)}")


_distances = {}


def blend_distance(blended: torch.Tensor) -> float:
    """The Frechet distance of what chapter 6's G makes of these noises, (n, 100)."""
    key = hash(blended.float().numpy().tobytes())
    if key not in _distances:
        with torch.no_grad():
            _distances[key] = distance(_final()(blended.float()))
    return _distances[key]


def _portrait(blended, noises, shares) -> str:
    told, row = f"with the shares {', '.join(f'{share:g}' for share in shares.tolist())} ", shares.tolist()
    if not torch.isfinite(blended).all():
        return f"{told}some blends are NaN or infinite."
    near = [cosine_similarity(blended, one.double()).median().item() for one in noises]  # so in most rows, one by one
    lost = [i for i, share in enumerate(row) if near[i] < share / 2]
    if lost:
        cosine, share = near[lost[0]], row[lost[0]]
        says = "is taken away" if cosine < -0.05 else "plays hardly any part" if cosine < share / 4 else \
            "does not count enough"
        return f"{told}noise {lost[0] + 1}, which has {share:g}, {says} in most of your blends: their cosine with it " \
            f"is {cosine:.2g}."
    found, length = blend_distance(blended), blended.norm(dim=1).mean().item()
    if found > BLEND:
        why = f"Your blends are {length:.1f} long on average. How long is noise?" if abs(length - 10) > 0.7 else \
            "They have the right length. Are their numbers still normal, and is each for itself?"
        return f"{told}the Frechet distance of the digits is {found:.1f}, where {BLEND:g} is asked for. {why}"
    if any(a > b + 0.04 and near[i] < near[j] + 0.02 for i, a in enumerate(row) for j, b in enumerate(row)):
        return f"{told}a noise with a larger share hardly counts more than one with a smaller, or less. Use the shares."
    return ""


def _mean(noises, shares):
    return torch.einsum("k,knf->nf", shares, noises)


blend = Exercise(
    solution=lambda noises, shares: _mean(noises, shares) / shares.norm(),
    cases=list(map(_parents, PORTRAITS)),
    gives=tensor(lambda noises, shares: noises.shape[1:], what="noise, (n, 100)", loose=True), judge=_portrait,
    mistakes={"Your blends are 5.0 long": _mean, "Your blends are 20.0 long": lambda noises, shares: noises.sum(0),
              "Your blends are 14.7 long": lambda noises, shares: 2 * _mean(noises, shares),
              "hardly counts more": lambda noises, shares: noises.sum(0) / math.sqrt(len(noises)),
              "plays hardly any part": lambda noises, shares: noises[0],
              "Your blends are 7.1 long": lambda noises, shares: _mean(noises, shares) / shares.norm().sqrt()},
    takeaway=lambda blended: f"A distance of {blend_distance(blended):.1f} for the first, where the mean has more "
                             "than 200: G knows noise by its length.",
)


# Wrong verdicts after 200 steps, over 20 seeds (mean, least, largest): chapter 5's D 0.49 (0.48 to 0.51), the solution
# 0.036 (0.031 to 0.048). Chapter 6's D, 4 seeds: 0.50 (0.48 to 0.51). Dark levels stretched tenfold before a D of two
# layers, 10 seeds: 0.28 (0.26 to 0.29). One threshold for the count of nearly black pixels: 0.028.
STEPS, MISSED = 200, 0.15


def gray(images: torch.Tensor) -> torch.Tensor:
    """Images from -1 to 1 with the 256 levels that a file can hold."""
    return ((images + 1) * 127.5).round() / 127.5 - 1


def _pairs(part: str, n: int, seed: int) -> tuple:
    """n real images of the training or of the test set, and n fakes, in gray levels."""
    rng = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        return mnist.images(part)(n, rng), gray(_final()(noise.normal(n, rng, features=100)))


@functools.cache
def _exam() -> tuple:
    return _pairs("test", 2000, 8)


@functools.cache
def _lessons() -> tuple:
    return _pairs("train", 6000, 7)


def error(discriminator: nn.Module) -> float:
    """How often D is wrong about 2,000 new real images and 2,000 new fakes, in evaluation mode; guessing is 0.5."""
    try:
        with torch.no_grad():
            real, fake = (discriminator.eval()(images.clone()) for images in _exam())
    except Exception as problem:
        raise NotYet(f"your network cannot judge images of shape (2000, 784): {problem!s:.120}") from problem
    for logits in (real, fake):
        require(isinstance(logits, torch.Tensor), "images of shape (2000, 784) should become a tensor with one logit "
                f"each, not {a_kind(logits)}.")
        require(logits.numel() == 2000, "images of shape (2000, 784) should become one logit each; yours are "
                f"{tuple(logits.shape)}.")
        require(torch.isfinite(logits).all(), "some logits are NaN or infinite.")
    return ((real <= 0).double().mean() + (fake > 0).double().mean()).item() / 2


def _verdicts(discriminator: nn.Module) -> tuple[float, str]:
    wrong = error(discriminator)
    return wrong, "Most verdicts are turned round: a logit above 0 means real." * (wrong > 0.75)


class _Speck(nn.Module):
    def forward(self, images):
        return ((images > -1) & (images < -0.9)).float().mean(1, keepdim=True)


def _plain(hidden: int = 128):
    return nn.Sequential(nn.Linear(784, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, 1))


def _schooled(network=_plain, lr: float = 1e-3, steps: int = STEPS, batch: int = 64, real: float = 1.0):
    def detective(seed):
        torch.manual_seed(seed)
        discriminator = network()
        adam = torch.optim.Adam(discriminator.parameters(), lr, fused=True)
        for _ in range(steps):
            reals, fakes = (images[torch.randint(len(images), (batch,))] for images in _lessons())
            loss = softplus(-real * discriminator(reals)).mean() + softplus(real * discriminator(fakes)).mean()
            adam.zero_grad()
            loss.backward()
            adam.step()
        return discriminator

    return detective


detective = train(
    lambda seed: _schooled(lambda: nn.Sequential(_Speck(), nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 1)), 0.03)(seed),
    _verdicts, MISSED, STEPS, "share of wrong verdicts",
    "What gives this forger away lies in the darkest gray levels, and D's first layer hardly sees them.",
    {"the share of wrong verdicts is 0.5": lambda seed: _schooled(steps=1)(seed),
     "and 200 are allowed": _schooled(lambda: nn.Sequential(_Speck(), nn.Linear(1, 1)), 0.1, 201),
     "your network cannot judge": lambda seed: nn.Linear(196, 1), "one logit each": lambda seed: nn.Linear(784, 10)},
    players=1,
)
