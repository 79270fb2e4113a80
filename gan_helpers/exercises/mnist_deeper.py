"""Checks of chapter 6, in the order of its exercises. Each takes the learner's function."""

import copy
import math

import torch
from torch import nn

from gan_helpers.exercises import NotYet, ask, check, require, right
from gan_helpers.exercises._compare import name, near, number, numbers, parts, unaided
from gan_helpers.training.steps import update_ema

EPS, MOMENTUM = 1e-5, 0.1  # of nn.BatchNorm1d, unless told otherwise


@check
def to_grey(answer) -> None:
    """Exercise 1: pixels in [-1, 1] back to grey levels."""
    rng = torch.Generator().manual_seed(3)
    levels = torch.arange(1568).remainder(256)[torch.randperm(1568, generator=rng)].reshape(2, 28, 28)
    made = torch.randint(5, 250, (3, 784), generator=rng) + 0.9 * torch.rand(3, 784, generator=rng) - 0.45  # no ties
    made = made / 127.5 - 1
    for pixels, wanted, here in (
        ((levels.float() / 127.5 - 1).reshape(2, 784), levels, "all 256 levels, there and back: "),
        (made, ((made.double() + 1) * 127.5).round().reshape(3, 28, 28).long(), "for pixels between two levels: "),
    ):
        given, n = pixels.clone(), len(pixels)
        grey = ask(answer, given)
        require(isinstance(grey, torch.Tensor), f"return a tensor, not a {type(grey).__name__}.")
        require(torch.equal(given, pixels), "your function changes the images it is given. Make new ones.")
        require(grey.shape != (n, 784), f"the images are still flat. Reshape them to ({n}, 28, 28).")
        require(grey.shape == (n, 28, 28), f"{n} images need shape ({n}, 28, 28), yours is {tuple(grey.shape)}.")
        require(grey.dtype == torch.uint8, f"grey levels are uint8, yours are {grey.dtype}. Round, then "
                ".to(torch.uint8).")
        values, exact = grey.long(), (pixels.double().reshape(n, 28, 28) + 1) * 127.5

        def says(other, values=values) -> bool:
            return torch.equal(values, other.long())

        if says(wanted):
            continue
        fine, off = (pixels.reshape(n, 28, 28) + 1) * 127.5, values - wanted
        name((
            (fine, f"{(fine.long() != wanted).float().mean():.0%} of the pixels come back one level too dark: "
             ".to(uint8) cuts off, and 6.9999 becomes 6. Round first."),
            ((exact * 256 / 255).floor().clamp(max=255), "256 boxes of the same width, and here a level is a point. "
             "Take the nearest one."),
            (((fine / 127.5) * 128).round().remainder(256), "you multiply by 128: white becomes 256, and in uint8 that "
             "is 0."),
            (((fine / 127.5) * 128).remainder(256), "you multiply by 128: white becomes 256, and in uint8 that is 0."),
            (((fine / 127.5) * 128).round().clamp(max=255), "you multiply by 128. Half of 255 is 127.5."),
            (((fine / 127.5) * 127).round(), "you multiply by 127. Half of 255 is 127.5."),
            ((fine / 255).round(), "this is black and white as 0 and 1. Multiply by 255."),
            ((fine / 255).floor(), "pixels in [0, 1] became 0 when they were cut off. Multiply by 255 first."),
            (255 - wanted, "black and white are swapped."),
            (wanted.transpose(1, 2), "rows and columns of each image are swapped."),
            (wanted.flip(1), "the images stand on their heads."),
            (wanted.flip(0), "the images are in reverse order."),
            ((pixels * 127.5 + 127.5).reshape(n, 28, 28), "you cut off. Round first."),
            ((pixels.reshape(n, 28, 28) * 127.5).round().remainder(256), "add 1 before you multiply: −1 is black, "
             "level 0."),
            ((pixels.reshape(n, 28, 28) * 255).round().remainder(256), "you treat them as pixels in [0, 1]. Add 1 and "
             "halve first."),
            ((pixels.reshape(n, 28, 28) * 255).round().clamp(0, 255), "everything below 0 became black: you treat them "
             "as pixels in [0, 1]. Add 1 and halve first."),
        ), says, here)
        if off.abs().max() == 1:
            way = "too dark: something is cut off" if off.max() == 0 else "too light: something is rounded up" \
                if off.min() == 0 else "off"
            raise NotYet(f"{here}{(off != 0).float().mean():.0%} of the pixels are one level {way}. Take the nearest.")
        i = off.abs().argmax()
        raise NotYet(f"{here}{pixels.flatten()[i]:.4f} should become {wanted.flatten()[i]}, yours is "
                     f"{values.flatten()[i]}.")
    right("Every one of the 256 levels comes back. Cut off instead of rounded, a quarter of them may be lost.")


READY_NORM = nn.functional.batch_norm, torch.batch_norm, torch.native_batch_norm, nn.BatchNorm1d.forward


@check
def batch_norm(answer) -> None:
    """Exercise 2: what nn.BatchNorm1d does in training and in evaluation."""
    rng, what = torch.Generator().manual_seed(8), "three tensors: (output, running_mean, running_var)"
    x = torch.randn(12, 4, generator=rng, dtype=torch.float64) * torch.tensor([1.0, 3.0, 0.02, 0.5]).double() + 2
    w, b, old_m, old_v = (torch.tensor(row, dtype=torch.float64) for row in (
        [1.5, 0.5, 2.0, -1.0], [0.3, -0.2, 1.0, 0.7], [0.5, -1.0, 1.9, 4.0], [0.8, 2.5, 0.01, 1.7]))
    mean, var, less = x.mean(0), x.var(0, correction=0), x.var(0)
    for training in (True, False):
        new_m = (1 - MOMENTUM) * old_m + MOMENTUM * mean if training else old_m
        new_v = (1 - MOMENTUM) * old_v + MOMENTUM * less if training else old_v
        given = [part.clone() for part in (x, w, b, old_m, old_v)]
        found = parts(unaided(READY_NORM, answer, *given, training), 3, what)
        out, got_m, got_v = (numbers(part, what) for part in found)
        mode = "training" if training else "evaluation"
        require(out.shape == x.shape, f"the output keeps the shape of x, {tuple(x.shape)}. Yours is "
                f"{tuple(out.shape)}.")
        for part, which in ((got_m, "running_mean"), (got_v, "running_var")):
            require(part.shape == (4,), f"{which} has one number for each of 4 units, shape (4,), yours "
                    f"{tuple(part.shape)}.")

        def norm(m, v, eps=EPS, weight=w, bias=b):
            return (x - m) / (v + eps).sqrt() * weight + bias

        def says(other, value=out) -> bool:
            return torch.allclose(value, other, 1e-6, 1e-7)

        wanted = norm(mean, var) if training else norm(old_m, old_v)
        used_m, used_v = (mean, var) if training else (old_m, old_v)
        if not says(wanted):
            std = used_v.sqrt()
            name((
                (norm(old_m, old_v), "uses the running estimates. In training the batch is judged by itself."),
                (norm(new_m, new_v), "uses the new running estimates. In training the batch is judged by itself."),
                (norm(mean, var), "uses the batch. In evaluation the running estimates take its place, so that an "
                 "image does not depend on its neighbours."),
                (norm(mean, less), "divides by n - 1 in the variance. In the output it is n: var(0, correction=0)."
                 if training else "uses the batch. In evaluation the running estimates take its place."),
                (norm(used_m, used_v, 0), "lacks eps. For a unit that hardly varies it counts."),
                (norm(used_m, used_v, EPS**2), "has eps squared."),
                (norm(used_m, used_v, MOMENTUM), "takes the momentum for eps."),
                (norm(used_m, used_v, 0.8), "has 0.8 for eps, the slip of this chapter."),
                (norm(used_m, used_v, 1e-3), "has Keras's eps, 0.001. PyTorch's is 0.00001."),
                ((x - used_m) / (std + EPS) * w + b, "adds eps to the standard deviation. It belongs under the root, "
                 "to the variance."),
                ((x - used_m) / (used_v + EPS) * w + b, "divides by the variance. Divide by its root."),
                ((x - used_m) * w + b, "is not divided by the standard deviation."),
                (norm(used_m, used_v, weight=1, bias=0), "lacks weight and bias."),
                (norm(used_m, used_v, bias=0), "lacks the bias."),
                (norm(used_m, used_v, weight=1), "lacks the weight."),
                (norm(used_m, used_v, weight=b, bias=w), "has weight and bias swapped."),
                ((norm(used_m, used_v, weight=1, bias=0) + b) * w, "is shifted, then scaled. Scale first."),
                (x / (used_v + EPS).sqrt() * w + b, "does not take the mean away."),
                (norm(-used_m, used_v), "adds the mean. Take it away."),
                (norm(x.mean(1, keepdim=True), x.var(1, correction=0, keepdim=True)), "is normalised along each row. "
                 "Batch norm takes each column, over the batch."),
                (norm(x.mean(), x.var(correction=0)), "is normalised by one mean and variance for all units. Each "
                 "column has its own."),
                (x, "is x itself."),
            ), says, f"in {mode} the output ")
            gap = (out - wanted).abs().nan_to_num(nan=math.inf).argmax()
            raise NotYet(f"in {mode} the output should be {wanted.flatten()[gap]:.4f} where yours is "
                         f"{out.flatten()[gap]:.5g}.")
        swapped = all(torch.allclose(got, one, 1e-6, 1e-9) for got, one in ((got_m, new_v), (got_v, new_m)))
        require(not swapped, f"in {mode} the output is right. The running estimates are swapped: the mean comes first.")
        for which, got, should, old, new, biased in (("running_mean", got_m, new_m, old_m, mean, mean),
                                                     ("running_var", got_v, new_v, old_v, less, var)):
            if torch.allclose(got, should, 1e-6, 1e-9):
                continue

            def is_it(other, got=got) -> bool:
                return torch.allclose(got, other, 1e-6, 1e-9)

            require(training, f"the output is right, but {which} moves in evaluation. It only moves in training.")
            name((
                (old, "did not move. In training it goes a tenth of the way to the batch."),
                (new, "became that of the batch. It only goes a tenth of the way."),
                (biased, "became that of the batch. It only goes a tenth of the way."),
                (MOMENTUM * old + (1 - MOMENTUM) * new, "goes nine tenths of the way. PyTorch's momentum 0.1 is the "
                 "share of the new."),
                (MOMENTUM * old + (1 - MOMENTUM) * biased, "goes nine tenths of the way, and divides by n."),
                ((1 - MOMENTUM) * old + MOMENTUM * biased, "takes the variance divided by n. In the running estimate "
                 "PyTorch divides by n - 1."),
                ((1 - MOMENTUM) * old + MOMENTUM * new.abs().sqrt(), "is moved towards the standard deviation. Keep "
                 "variances."),
                (old + MOMENTUM * new, "grows: a tenth of the new is added and nothing of the old is given up."),
                ((old + new) / 2, "goes half of the way. The momentum is 0.1."),
                *((share * old + (1 - share) * goal, "moves by a momentum of 0.8, or by Keras's. Here it is 0.1, the "
                   "share of the new.") for share in (0.2, 0.8) for goal in (new, biased)),
                ((1 - MOMENTUM) * old - MOMENTUM * new, "has a sign turned."),
                ((1 - MOMENTUM) * should + MOMENTUM * new, "moved twice."),
            ), is_it, f"in training the output is right. {which} ")
            yours = [float(f"{v:.4g}") for v in got.tolist()]
            raise NotYet(f"in training the output is right. {which} should be "
                         f"{[round(v, 4) for v in should.tolist()]}, yours is {yours}.")
    right("The same function of the batch in training, and of each image alone in evaluation. Two variances, one "
          "divided by n and one by n - 1.")


@check
def find_eps(answer) -> None:
    """Exercise 3: eps from inputs and outputs, and what it takes of a unit's spread."""
    rng, what = torch.Generator().manual_seed(4), "the pair (eps, lost)"
    x = torch.randn(30, 5, generator=rng, dtype=torch.float64) * torch.tensor([0.3, 0.5, 1.0, 2.0, 0.8]).double() + 1
    v, less = x.var(0, correction=0), x.var(0)
    for eps, variance in ((0.8, 0.4), (0.1, 1.5), (0.001, 0.01)):
        y = (x - x.mean(0)) / (v + eps).sqrt()
        found = parts(ask(answer, x.clone(), y.clone(), variance), 2, what)
        first = numbers(found[0], what)
        require(first.numel() != 5, "your eps has one number for each unit. All have the same: return one of them, or "
                "their mean.")
        mine, lost = (number(part, what) for part in found)
        y_var, here = y.var(0, correction=0), f"for eps = {eps:g} "

        def says(other, mine=mine) -> bool:
            return any(near(mine, one, 1e-6) for one in torch.as_tensor(other).flatten().tolist()) or \
                near(mine, torch.as_tensor(other).mean(), 1e-6)

        if not (near(mine, eps, 1e-6) and math.isfinite(mine)):
            name((
                (0.8, "you say 0.8. Recover it from x and y."),
                (less / y.var(0) - less, "you divide by n - 1 in the variances. Batch norm's output is made with n: "
                 "correction=0."),
                (less / y_var - less, "you divide by n - 1 in the variance of x. Batch norm divides by n."),
                (v / y.var(0) - v, "you divide by n - 1 in the variance of y. Take n in both."),
                (v / y_var, "this is var + eps. Take var away."),
                (v / y_var - 1, "you take 1 away. var / var_out is var + eps: take var away."),
                (v - v / y_var, "the sign is turned."),
                (1 / y_var - 1, "this is eps / var. Multiply by var."),
                (v.sqrt() / y_var.sqrt() - v, "the standard deviations are divided, and var is taken away. Stay with "
                 "variances."),
                (v.sqrt() / y_var.sqrt() - v.sqrt(), "this would be right if eps were added to the standard deviation. "
                 "It is added to the variance, under the root."),
                (y_var - v, "this is the difference of the variances. Solve var_out = var / (var + eps) for eps."),
                (v - y_var, "this is the difference of the variances. Solve var_out = var / (var + eps) for eps."),
                (1 - y_var, "this is the share of the variance that is lost, eps / (var + eps)."),
                (v * y_var - v, "y's variance belongs below: var / var_out - var."),
                (1e-5, "1e-5 is the eps of a layer that is told nothing else. This one was told."),
                (v.mean() / y_var.mean() - v.mean(), "you average the variances of units before you solve. Solve for "
                 "each unit."),
                (x.var(correction=0) / y.var(correction=0) - x.var(correction=0), "you take one variance of all units. "
                 "Each column has its own."),
                (x.var() / y.var() - x.var(), "you take one variance of all units. Each column has its own."),
            ), says, here)
            raise NotYet(f"{here}you find {mine:.6g}.")
        wanted, here = 1 - math.sqrt(variance / (variance + eps)), f"eps is right. Lost at variance {variance:g}: "

        def is_it(other, lost=lost) -> bool:
            return near(lost, other, 1e-6)

        if not is_it(wanted):
            name((
                (1 - wanted, "this is the share that is left."),
                (eps / (variance + eps), "this is lost of the variance. The spread is its root."),
                (variance / (variance + eps), "this is left of the variance. What is lost of the standard deviation?"),
                (math.sqrt(eps / (variance + eps)), "you take the root of what is lost. Take the root of what is left, "
                 "and see what that lacks to 1."),
                (100 * wanted, "this is in percent. Return a share of 1."),
                (1 - variance / math.sqrt(variance + eps), "the variance above is to be a standard deviation, too."),
                (1 - math.sqrt(variance) / (math.sqrt(variance) + eps), "eps is added to the variance, under the "
                 "root."),
                (1 - variance / (variance + math.sqrt(eps)), "there is no root of eps: it is a variance."),
                (1 - 1 / math.sqrt(variance + eps), "this compares the output with the input. Compare it with 1, the "
                 "width that batch norm gives at eps = 0."),
                (1 - 1 / (variance + eps), "this compares the variance of the output with that of the input. Compare "
                 "its width with 1, the width that batch norm gives at eps = 0."),
                (math.sqrt(variance) * (1 - 1 / math.sqrt(variance + eps)), "this is the input's width minus the "
                 "output's. What does the output lack to the width 1?"),
                (1 - math.sqrt(0.2 / (0.2 + eps)), "you take 0.2 whatever the variance is."),
                (1 - math.sqrt(variance / (variance + 0.8)), "you take eps = 0.8 always."),
                (1 - math.sqrt(variance**2 / (variance**2 + eps)), "the variance is squared. It is a square already."),
                (1 - (v / (v + eps)).sqrt().mean().item(), "this is for the units of x. Use the variance that is "
                 "given."),
            ), is_it, here)
            raise NotYet(f"{here}it should be {wanted:.4f}, yours is {lost:.5g}.")
    right("The second argument is eps, not the momentum. With 0.8, a unit of variance 0.2 comes out less than half as "
          "wide as it should, and one of variance 10 nearly as it should.")


@check
def dropout(answer) -> None:
    """Exercise 4: inverted dropout with a given mask."""
    rng = torch.Generator().manual_seed(6)
    x = torch.randn(6, 10, generator=rng)
    for p, training in ((0.3, True), (0.3, False), (0.5, True), (0.0, True)):
        kept = torch.rand(6, 10, generator=rng) >= p
        given = x.clone(), kept.clone()
        value, m = numbers(ask(answer, *given, p, training), "a tensor like x"), kept.double()
        require(value.shape == x.shape, f"the shape stays {tuple(x.shape)}, yours is {tuple(value.shape)}.")
        require(torch.equal(given[0], x) and torch.equal(given[1], kept), "your function changes x or the mask. Make a "
                "new tensor.")
        full, here = x.double(), f"with p = {p:g} in {'training' if training else 'evaluation'} "

        def says(other, value=value) -> bool:
            return torch.allclose(value, other, 1e-5, 1e-6)

        wanted = full * m / (1 - p) if training else full
        if says(wanted):
            continue
        name((
            (full, "nothing is dropped."),
            (full * m / (1 - p), "you drop. In evaluation x goes through unchanged."),
            (full * (1 - p), "you scale by 1 - p, as the first dropout did. Inverted dropout scales in training, so "
             "that here nothing is left to do."),
            (full / (1 - p), "everything is scaled up, and nothing is dropped."),
            (full * m, "you drop, but the rest is not scaled up. Divide by 1 - p."),
            (full * (1 - m) / (1 - p), "you drop what the mask keeps."),
            (full * (1 - m), "you drop what the mask keeps, and the rest is not scaled up."),
            (full * (1 - m) / p if p else full, "you drop what the mask keeps."),
            (full * m / p if p else full, "you divide by p. Kept is 1 - p."),
            (full * m * (1 - p), "you scale down. Divide by 1 - p: fewer are left, so each counts more."),
            (full * m * (1 + p), "1 + p is near 1 / (1 - p), but not it."),
            (full * m / math.sqrt(1 - p), "you divide by the root of 1 - p. That keeps the mean square; the mean needs "
             "1 - p."),
            (full * m / m.mean(), "you divide by the share that this mask keeps. Divide by 1 - p, which is the share "
             "in the long run."),
            (full * m / m.mean(1, keepdim=True).clamp(min=1e-9), "you divide by the share that is kept in each row. "
             "Divide by 1 - p."),
            (full * m / 0.5, "you multiply by 2 whatever p is."),
            (full * m / 0.7, "you take p = 0.3 always."),
            (full * m / (1 - p) ** 2, "you divide by 1 - p twice."),
            (m / (1 - p), "this is the mask. Multiply x by it."),
            ((full + m) / (1 - p), "the mask is added. Multiply by it."),
            (full * m[0] / (1 - p), "every row is dropped by the first row of the mask."),
        ), says, here)
        own = training and p and torch.allclose(value, full * (value != 0) / (1 - p), 1e-5, 1e-6)
        require(not own, f"{here}the zeros lie elsewhere than the mask says. Take the mask that is given.")
        i = (value - wanted).abs().nan_to_num(nan=math.inf).argmax()
        raise NotYet(f"{here}{full.flatten()[i]:.4f}, which the mask {'keeps' if kept.flatten()[i] else 'drops'}, "
                     f"should become {wanted.flatten()[i]:.4f}, yours is {value.flatten()[i]:.5g}.")
    right("On average each unit gives what it gave without dropout, so evaluation needs no change.")


@check
def between(answer) -> None:
    """Exercise 5: the straight and the spherical way from one noise to another."""
    rng, what = torch.Generator().manual_seed(9), "the pair (straight, spherical)"
    a, b = torch.randn(2, 100, generator=rng)
    crossed = b - (a @ b) / (a @ a) * a
    crossed = crossed * a.norm() / crossed.norm()
    cases = (("two noises", a, 0.8 * b, 0.3), ("orthogonal noises of the same length", a, crossed, 0.25),
             ("two noises", a, b, 0.0), ("orthogonal noises", a, crossed, 0.5),
             ("noises at a small angle", a, math.cos(0.08) * a + math.sin(0.08) * crossed, 0.5),
             ("a noise and itself", a, a, 0.5),
             ("nearly parallel noises", a, a * (1 + 1e-6), 0.25), ("parallel noises, one twice as long", a, 2 * a, 0.5))
    for kind, start, end, t in cases:
        given = start.clone(), end.clone()
        found = parts(ask(answer, *given, t), 2, what)
        straight, curved = (numbers(part, what) for part in found)
        require(torch.equal(given[0], start) and torch.equal(given[1], end), "your function changes the noises it is "
                "given.")
        for part, which in ((straight, "straight"), (curved, "spherical")):
            require(part.shape == start.shape, f"{which}: a noise has shape {tuple(start.shape)}, yours is "
                    f"{tuple(part.shape)}.")
        p, q, here = start.double(), end.double(), f"{kind}, t = {t:g}: "
        cosine = (p @ q / p.norm() / q.norm()).clamp(-1, 1)
        angle = cosine.acos()
        line, parallel = (1 - t) * p + t * q, bool(angle < 1e-3)

        def arc(s, over=None, p=p, q=q, angle=angle):
            over = angle.sin() if over is None else over
            return ((1 - s) * angle).sin() / over * p + (s * angle).sin() / over * q

        def is_line(other, straight=straight) -> bool:
            return torch.allclose(straight, other, 1e-4, 1e-4)

        def is_arc(other, curved=curved) -> bool:
            return torch.allclose(curved, other, 1e-4, 1e-4)

        round_way = line if parallel else arc(t)
        if not parallel:
            require(not (is_line(round_way) and is_arc(line)) or is_line(line), f"{here}the two are swapped.")
        name((
            (t * p + (1 - t) * q if t != 0.5 else line + 1, "the straight way runs backwards: at t = 0 it is at the "
             "start."),
            (p + t * q, "the start loses nothing on the straight way. It counts 1 - t."),
            (t * (p + q), "on the straight way the start counts 1 - t, not t."),
            (t * (q - p), "this is how far to go on the straight way. Add the start."),
            (p + q, "the straight way does not depend on t."),
        ), lambda other: is_line(other) and not is_line(line), here)  # noqa: B023
        require(is_line(line), f"{here}the straight way is not at (1 - t) start + t end.")
        if is_arc(round_way):
            continue
        broken = not torch.isfinite(curved).all()
        require(not (broken and parallel), f"{here}the spherical way is NaN or infinite: sin of the angle is 0, or "
                "rounding makes a cosine above 1. Clamp it, and go straight where the angle is tiny.")
        require(not broken, f"{here}the spherical way is NaN. The arccosine is taken of the cosine of the angle: "
                "divide the product by both lengths.")
        require(not parallel, f"{here}the two directions are one, and there the spherical way becomes the straight "
                f"one. Yours has length {curved.norm():.4g}, it should be {line.norm():.3f}.")
        require(angle > 0.1 or not is_arc(line), f"{here}you go straight at an angle of {angle:.2f} already. Turn, "
                "unless it is below 0.001.")
        half = cosine.acos() / 2
        name((
            (line, "both are the straight way. Is the product divided by both lengths, and only then clamped?"),
            (arc(1 - t), "the spherical way runs backwards: at t = 0 it is at the start."),
            (arc(t, 1), "the spherical way is not divided by the sine of the angle."),
            (line / line.norm() * p.norm(), "you put the straight way back on the sphere. That is the right path at "
             "the wrong speed: the angle should grow evenly with t."),
            (line / line.norm() * ((1 - t) * p.norm() + t * q.norm()), "you give the straight way another length. The "
             "angle should grow evenly with t."),
            (arc(t) / p.norm(), "the lengths are lost: the sines weigh start and end themselves, not their "
             "directions."),
            (((1 - t) * angle).sin() / angle.sin() * p / p.norm() + (t * angle).sin() / angle.sin() * q / q.norm(),
             "the lengths are lost: the sines weigh start and end themselves, not their directions."),
            (((1 - t) * angle).cos() * p + (t * angle).cos() * q, "you weigh with cosines. Take sines, divided by the "
             "sine of the whole angle."),
            ((t * angle).cos() * p + (t * angle).sin() * q, "this is for orthogonal noises only. In general the "
             "weights are sin((1 - t) a) / sin(a) and sin(t a) / sin(a)."),
            ((1 - t) * angle.sin() * p + t * angle.sin() * q, "t belongs inside the sines."),
            (((1 - t) * half).sin() / half.sin() * p + (t * half).sin() / half.sin() * q, "your angle is half of it."),
            (((1 - t) * cosine).sin() / cosine.sin() * p + (t * cosine).sin() / cosine.sin() * q, "you take the cosine "
             "for the angle. Take its acos."),
            (math.sqrt(1 - t) * p + math.sqrt(t) * q, "this keeps the length of orthogonal noises, but its angle does "
             "not grow evenly. Use sines."),
        ), is_arc, here)
        raise NotYet(f"{here}the straight way is right. The spherical one has length {curved.norm():.4g}, it should be "
                     f"{round_way.norm():.4g}, and its first number {curved[0]:.5g} should be {round_way[0]:.4f}.")
    right("Halfway between orthogonal noises of length 10 the straight way has length 7.07, and G has hardly ever seen "
          "such a noise. The spherical way stays at 10.")


@check
def shares(answer) -> None:
    """Exercise 6, first part: what each state counts in the average."""
    for keep, steps in ((0.9, 4), (0.998, 500), (0.5, 1), (0.99, 0)):
        value, here = numbers(ask(answer, keep, steps), "a list of numbers"), f"for keep = {keep} and {steps} steps "
        require(value.dim() == 1, f"return a list, one share for each state, not shape {tuple(value.shape)}.")
        require(len(value) == steps + 1, f"{here}there are {steps + 1} states, the start and one after each step. You "
                f"have {len(value)} shares.")
        ago = torch.arange(steps + 1).double()
        wanted = (1 - keep) * keep**ago
        wanted[-1] = keep**steps

        def says(other, value=value) -> bool:
            return torch.allclose(value, other, 1e-4, 1e-8)

        if says(wanted):
            continue
        plain, late = (1 - keep) * keep**ago, (1 - keep) * keep ** (ago + 1)
        late[-1] = keep**steps
        shifted = torch.cat([torch.ones(1).double(), wanted[:-1]])
        name((
            (wanted.flip(0), "they are in reverse order: the newest state comes first, the start last."),
            (plain, "the start counts as one state among others. But the average was all start once, and kept keep of "
             "it at each step."),
            (plain / plain.sum(), "you scale them so that they sum to 1. They do by themselves: what is missing is the "
             "start's."),
            (keep**ago, "the newest counts 1, and nothing sums to 1. A state enters with the share 1 - keep."),
            (keep ** (ago + 1), "a state enters with the share 1 - keep, and is then multiplied by keep at each step."),
            (late, "each has been multiplied by keep once too often: the newest counts 1 - keep."),
            ((1 - keep) * keep ** (ago + 1), "each has been multiplied by keep once too often."),
            (torch.full_like(wanted, 1 / (steps + 1)), "all count the same. The average forgets: a state that is older "
             "counts less."),
            (keep * (1 - keep) ** ago, "keep and 1 - keep are swapped."),
            (torch.cat([(keep * (1 - keep) ** ago)[:-1], torch.tensor([(1 - keep) ** steps]).double()]), "keep and "
             "1 - keep are swapped."),
            (wanted.cumsum(0), "these are running sums."),
            (shifted, "they are one place too late."),
            ((1 - keep) * (1 - ago * (1 - keep)), "a share is multiplied by keep at each step; nothing is taken away."),
            (100 * wanted, "these are percent. Return shares of 1."),
        ), says, here)
        close = torch.allclose(value, wanted, 0, 0.006)
        i = (value - wanted).abs().nan_to_num(nan=math.inf).argmax()
        raise NotYet(f"{here}the state {i} steps ago counts {wanted[i]:.5f}, yours {value[i]:.6g}."
                     + close * " Close: is something rounded?")
    right("With keep = 0.998 the start still counts 37 % after 500 steps, and 2 % after 2,000.")


def _generator(seed: int) -> nn.Sequential:
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.LeakyReLU(0.2), nn.Linear(4, 2), nn.Tanh())
    for part in (*network.parameters(), network[1].running_mean, network[1].running_var):
        part.data.add_(torch.rand_like(part))
    network[1].num_batches_tracked.fill_(10 * seed)
    return network


@check
def update_average(answer) -> None:
    """Exercise 6, second part: one step of the average of G's weights, batch norm's estimates included."""
    average, generator = _generator(1).requires_grad_(False), _generator(2)
    for turn, keep in (("first", 0.9), ("second", 0.75)):
        old, new = (copy.deepcopy(network.state_dict()) for network in (average, generator))
        result = unaided((update_ema,), answer, average, generator, keep)
        require(result is average, f"return the average that was given, changed; not {type(result).__name__}."
                if not isinstance(result, nn.Module) else "return the average that was given, not another network.")
        here, now = f"in the {turn} step, with keep = {keep}, ", average.state_dict()
        require(all(torch.equal(part, new[key]) for key, part in generator.state_dict().items()), f"{here}G has "
                "changed. It goes on training as it is.")
        require(all(p.requires_grad for p in generator.parameters()), f"{here}G can no longer learn: some of its "
                "weights do not require gradients any more.")
        require(now.keys() == old.keys() and all(now[key].shape == old[key].shape for key in now), f"{here}the average "
                "has other layers than before.")
        shared = {part.data_ptr() for part in generator.state_dict().values()}
        require(not any(part.data_ptr() in shared for part in now.values()), f"{here}the average shares its memory "
                "with G, so it will change whenever G does. Copy numbers, not tensors.")
        hung = any(p.grad_fn is not None or p.requires_grad for p in average.parameters())
        require(not hung, f"{here}the average now hangs on G's graph: each step would make it longer. Work under "
                "torch.no_grad().")
        floats = [key for key in old if old[key].is_floating_point()]
        weights, moving = [k for k in floats if "running" not in k], [k for k in floats if "running" in k]

        def made_of(keys, share, old=old, new=new, now=now) -> bool:
            return all(torch.allclose(now[k], (1 - share) * old[k] + share * new[k], atol=1e-6) for k in keys)

        for keys, what in ((weights, "the weights"), (moving, "batch norm's running estimates")):
            if made_of(keys, 1 - keep):
                continue
            require(not made_of(keys, 0), f"{here}{what} did not move." + (" They are buffers, not parameters: "
                    "state_dict() has both." if keys is moving else ""))
            require(not made_of(keys, keep), f"{here}{what} take keep of G. They keep that share of themselves.")
            require(not made_of(keys, 1), f"{here}{what} became G's. They only move 1 - keep of the way.")
            require(not made_of(keys, 0.5), f"{here}{what} go half of the way, whatever keep is.")
            require(not made_of(keys, 0.1), f"{here}{what} move a tenth of the way whatever keep is.")
            require(not made_of(keys, 1 - keep**2), f"{here}{what} moved twice.")
            grown = all(torch.allclose(now[k], old[k] + (1 - keep) * new[k], atol=1e-6) for k in keys)
            require(not grown, f"{here}{what} give nothing up: keep of the old, 1 - keep of the new.")
            which = next(k for k in keys if not made_of([k], 1 - keep))
            raise NotYet(f"{here}{which} is not keep times what it was plus 1 - keep times G's.")
        counter = "1.num_batches_tracked"
        require(now[counter].dtype == old[counter].dtype and now[counter] == new[counter], f"{here}the weights are "
                f"right. {counter} counts batches, and is copied: it should be {new[counter]}, not {now[counter]}.")
        for p in generator.parameters():
            p.data.mul_(1.3)
        generator[1].running_mean.mul_(0.5)
        generator[1].num_batches_tracked.add_(1)
    right("A network of its own, a little behind G and much calmer. Nobody trains it.")
