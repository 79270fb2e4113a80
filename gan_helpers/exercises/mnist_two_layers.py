"""Checks of chapter 5, in the order of its exercises. Each takes the learner's function, the fourth a pair of them."""

import copy
import math
from itertools import combinations, pairwise

import torch
from torch import nn
from torch.nn.functional import softplus

from gan_helpers import discriminators, generators, losses, mnist
from gan_helpers.exercises import NotYet, as_tensor, ask, check, require, right
from gan_helpers.exercises._compare import name, near, number, parts, unaided


@check
def to_pixels(answer) -> None:
    """Exercise 1: uint8 images (n, 28, 28) as float32 (n, 784) in a named range."""
    rng = torch.Generator().manual_seed(7)
    full = torch.randint(0, 256, (3, 28, 28), generator=rng, dtype=torch.uint8)
    pale = torch.randint(10, 201, (2, 28, 28), generator=rng, dtype=torch.uint8)
    for batch, kind in ((full, "all grey levels"), (pale, "levels from 10 to 200 only")):
        for scale in ("[0, 1]", "[-1, 1]"):
            given, n = batch.clone(), len(batch)
            pixels = unaided((mnist.Images.at, mnist.to_gray), answer, given, scale)
            here = f"for {scale} and {kind} "
            require(isinstance(pixels, torch.Tensor), f"return a tensor, not a {type(pixels).__name__}.")
            require(torch.equal(given, batch), "your function changes the images it is given. They are needed again.")
            require(pixels.shape != batch.shape, f"shape {tuple(batch.shape)} is not flat yet. A linear layer takes "
                    f"one image a row: ({n}, 784).")
            require(pixels.shape != (784, n), "one image a column: turn it round, one image a row.")
            require(pixels.shape != (n * 784,), "all images became one long row. Keep the first axis.")
            require(pixels.shape == (n, 784), f"{n} images need shape ({n}, 784), yours is {tuple(pixels.shape)}.")
            require(pixels.dtype != torch.uint8, "these are still uint8, whole numbers from 0 to 255. Take .float() "
                    "before you calculate.")
            require(pixels.dtype == torch.float32, f"networks take float32, yours is {pixels.dtype}.")
            values, grey = pixels.detach().double(), batch.reshape(n, 784).double()

            def says(other, values=values) -> bool:
                return torch.allclose(values, other.double(), 0, 1e-6)

            expected = grey / 127.5 - 1 if scale == "[-1, 1]" else grey / 255
            if says(expected):
                continue
            name(_greys(grey, batch, expected, scale), says, here)
            i = (values - expected).abs().nan_to_num(nan=math.inf).argmax()
            raise NotYet(f"{here}the grey level {int(grey.flatten()[i])} should become {expected.flatten()[i]:.5f}, "
                         f"yours is {values.flatten()[i]:.6g}.")
    right("255 becomes 1 and 0 the lower end, whatever else is in the batch.")


def _greys(grey, batch, expected, scale):
    """Wrong ways to scale: what they make, and what the check says."""
    n, low, high = len(grey), grey.min(), grey.max()
    square, whole = expected.reshape(n, 28, 28), grey.long()
    other = grey / 255 if scale == "[-1, 1]" else grey / 127.5 - 1
    mixed = "the pixels of different images are mixed. reshape(n, 784) keeps each image together."
    yield other, ("you make the other range. Does your function look at scale?")
    yield grey, "these are still grey levels from 0 to 255. Divide."
    yield square.transpose(1, 2).reshape(n, 784), "rows and columns of each image are swapped. Row after row, please."
    yield square.flip(1).reshape(n, 784), "the images stand on their heads."
    yield square.flip(2).reshape(n, 784), "the images are mirrored."
    yield square.flip(1, 2).reshape(n, 784), "the pixels are in reverse order."
    yield expected.reshape(784, n).T, mixed
    yield square.permute(1, 2, 0).reshape(n, 784), mixed
    yield expected.flip(0), "the images are in reverse order."
    yield -expected if scale == "[-1, 1]" else 1 - expected, "black and white are swapped."
    for by in (256, 254):
        yield grey / by, f"you divide by {by}. The largest level is 255."
        yield 2 * grey / by - 1, f"you divide by {by / 2:g}. Half of 255 is 127.5."
    for by in (128, 127):
        yield grey / by - 1, f"you divide by {by}. Half of 255 is 127.5."
        yield (grey - by) / 127.5, f"{by} is not the middle of 0 to 255. That is 127.5."
    wrap = "your numbers ran over: uint8 ends at 255 and begins again at 0. Take .float() before you calculate."
    yield (2 * whole % 256) / 255.0 - 1, wrap
    yield ((whole - 127) % 256) / 127.5, wrap
    yield ((whole - 128) % 256) / 127.5, wrap
    yield ((whole - 128) % 256) / 128.0, wrap
    yield (grey / 255).floor(), "// cuts everything below 255 to 0. Divide with /."
    yield (grey / 127.5).floor() - 1, "// cuts off. Divide with /."
    yield (grey / 255).round(), "you round to black and white. Keep the greys."
    yield grey / 255 - 1, "this range is [-1, 0]. Divide by half of 255 before you take 1 away."
    yield grey / 255 - 0.5, "this range is [-0.5, 0.5]. Stretch it by 2."
    yield grey / 127.5, "this range is [0, 2]."
    yield (grey - 1) / 127.5, "brackets are wrong: x / 127.5 - 1, not (x - 1) / 127.5."
    yield grey / high, "you divide by the largest level of the batch. Divide by 255, or each batch gets its own scale."
    yield 2 * grey / high - 1, "you divide by the largest level of the batch. Take 255 always."
    for part in ((grey - low) / (high - low), 2 * (grey - low) / (high - low) - 1):
        yield part, "you stretch between the least and the largest level of the batch. Take 0 and 255 always."
    for std in (grey.std(), grey.std(correction=0)):
        yield (grey - grey.mean()) / std, "these are standard units. Here the range is fixed: 0 and 255."


@check
def count_parameters(answer) -> None:
    """Exercise 2: the number of weights and biases of a fully connected network."""
    for widths in ((100, 392, 784), (784, 128, 1), (2, 1), (30, 20, 20, 10)):
        try:
            value, what = ask(answer, widths), "one whole number"
        except NotYet as stopped:
            raise NotYet(f"{stopped}" + f", for widths {widths}." * (len(widths) != 3)) from stopped
        require(not isinstance(value, list | tuple), "return one number: the sum over all layers.")
        value, here = number(value, what), f"for {widths} "
        weights, biases = sum(a * b for a, b in pairwise(widths)), sum(widths[1:])

        def says(other, value=value) -> bool:
            return abs(value - other) < 0.5

        wanted = weights + biases
        if value == wanted:
            continue
        typo = tuple(786 if width == 784 else width for width in widths)
        name((
            (weights, "these are the weights. Each unit has a bias, too."),
            (biases, "these are the biases. Add the weights: inputs times outputs of each layer."),
            (weights + sum(widths), "the inputs get biases too. They are given: only units that compute have one."),
            (weights + len(widths) - 1, "each layer gets one bias. Each unit of it has its own."),
            (weights + 1, "there is one bias in all. Each unit has its own."),
            (weights + sum(widths[:-1]), "a layer has a bias for each unit it leads to, not for each it comes from."),
            (weights + sum(widths[1:-1]), "the biases of the last layer are missing."),
            (weights + widths[-1], "only the last layer has biases. All layers have."),
            (weights + 2 * biases, "the biases are counted twice."),
            (2 * wanted, "everything is counted twice."),
            (sum((a + 1) * (b + 1) for a, b in pairwise(widths)), "(a + 1)(b + 1) is one too many a side. A bias is "
             "one more weight into each unit: (a + 1) b."),
            (math.prod(widths), "the widths are multiplied with each other. Layers add up."),
            (math.prod(widths) + biases, "the widths are multiplied with each other. Weights of layers add up."),
            (sum(widths), "these are the units. Count the weights between them."),
            (widths[0] * widths[1] + widths[1], "this is the first layer alone."),
            (widths[-2] * widths[-1] + widths[-1], "this is the last layer alone."),
            (sum(a * b for a, b in combinations(widths, 2)) + biases, "every layer is connected with every other. "
             "Only neighbours are."),
            (sum(a * b for a, b in pairwise(typo)) + sum(typo[1:]), "this is for 786 pixels. 28 times 28 is 784."),
        ), says, here)
        require(not says(wanted), f"{here}close, but a count is a whole number: {wanted}.")
        raise NotYet(f"{here}there are {wanted:,}, you count {value:,.6g}.")
    right("(a + 1) b for each layer: the one is the bias.")


def _d(real, fake):
    return softplus(-real).mean() + softplus(fake).mean()


@check
def losses_from_logits(answer) -> None:
    """Exercise 3: (loss of D, loss of G) from logits of any size."""
    rng = torch.Generator().manual_seed(2)
    what, ready = "the pair (loss of D, loss of G)", (losses.discriminator_loss, losses.non_saturating)
    real, fake = 2 * torch.randn(16, 1, generator=rng) + 0.5, 2 * torch.randn(16, 1, generator=rng) - 1
    d, g = (number(part, what) for part in parts(unaided(ready, answer, real.clone(), fake.clone()), 2, what))
    r, f = real.double(), fake.double()
    wanted_d, wanted_g = _d(r, f), softplus(-f).mean()

    def says_d(other) -> bool:
        return near(d, other, 2e-5)

    def says_g(other) -> bool:
        return near(g, other, 2e-5)

    require(not math.isnan(d) and not math.isnan(g), "you get NaN for small logits. A logit is no probability: D = "
            "sigmoid(logit).")
    require(not (says_d(wanted_g) and says_g(wanted_d)), "the two are swapped: the loss of D comes first.")
    if not says_d(wanted_d):
        name((
            (wanted_d / 2, "is half of it. Add the two terms."),
            (wanted_d * 16, "is a sum over the batch. Take means."),
            (-wanted_d, "has its sign turned."),
            (softplus(r).mean() + softplus(-f).mean(), "has the labels swapped: real is 1, fake is 0."),
            (softplus(-r).mean() + softplus(-f).mean(), "calls both real. For fakes it is -log(1 - D)."),
            (softplus(-r).mean() - softplus(-f).mean(), "takes log D of the fakes. It is log(1 - D)."),
            (softplus(-r).mean() - softplus(f).mean(), "has the sign of its second term turned."),
            (softplus(-r).mean(), "lacks its term for the fakes."),
            (softplus(f).mean(), "lacks its term for the real samples."),
            (_d(r.sigmoid(), f.sigmoid()), "takes the sigmoid twice: BCE with logits, softplus and logsigmoid have it "
             "inside."),
            (_d(r, f) / math.log(2), "is in bits. Use the natural logarithm."),
            (_d(r, f) / math.log(10), "uses log10. Use the natural logarithm."),
        ), says_d, "for logits of usual size the loss of D ")
        raise NotYet(f"for logits of usual size the loss of D should be {wanted_d:.5f}, yours is {d:.6g}.")
    if not says_g(wanted_g):
        name((
            (-softplus(f).mean(), "is the minimax loss, log(1 - D). The chapter uses -log D."),
            (softplus(f).mean(), "helps D: it is small if the fakes look fake. It is -log D."),
            (-wanted_g, "has its sign turned."),
            (wanted_g * 16, "is a sum over the batch. Take the mean."),
            (softplus(-r).mean(), "is taken of the real samples. G is judged by its fakes."),
            (softplus(-f.sigmoid()).mean(), "takes the sigmoid twice."),
            (wanted_d, "is the loss of D again."),
            (-wanted_d, "is minus the loss of D. It is -log D of the fakes alone."),
        ), says_g, "for logits of usual size the loss of G ")
        raise NotYet(f"for logits of usual size the loss of G should be {wanted_g:.5f}, yours is {g:.6g}.")
    asked = []
    for size in (100.0, 1000.0):
        sure = [torch.tensor([[size], [-size]], requires_grad=True) for _ in range(2)]
        found, here = parts(ask(answer, *sure), 2, what), f"at logits of {size:g} and -{size:g} "
        asked.append((sure, found, here))
        for value, wanted, who in zip(found, (size, size / 2), "DG", strict=True):
            seen = number(value, what)
            require(math.isfinite(seen), f"{here}the loss of {who} is {seen}. In float32 exp(100) is infinite, and "
                    "sigmoid(100) is 1, so that log(1 - 1) is minus infinity. Stay with logits.")
            cut = size == 1000 and near(seen, wanted / 10)
            require(not cut, f"{here}the loss of {who} is {seen:g}: cut off at 100 a sample, as nn.BCELoss does.")
            require(near(seen, wanted, 1e-4), f"{here}the loss of {who} is {wanted:g}, yours {seen:.4g}. Is something "
                    "added or cut off, so that the log is not of 0?")
            require(isinstance(value, torch.Tensor) and value.requires_grad, f"right, but the loss of {who} has no "
                    "gradient: nobody could learn from it. No float(), item(), detach() or numpy on the way.")
    for sure, found, here in asked:
        try:
            of_d, of_g = (torch.autograd.grad(part.sum(), sure, retain_graph=True, allow_unused=True) for part in found)
        except RuntimeError as error:
            raise NotYet("right, but no gradient can be taken of your losses any more. Is there a backward() in your "
                         "function? Leave it to the step.") from error
        for slope, wanted, who in ((of_d[0], [0, -0.5], "D"), (of_d[1], [0.5, 0], "D"), (of_g[1], [0, -0.5], "G")):
            slope = torch.zeros(2, 1) if slope is None else slope
            require(not slope.isnan().any(), f"{here}the losses are right, and a gradient of {who}'s is NaN: "
                    "torch.where computes both sides, and 0 times infinity is NaN. Keep exp away from large numbers.")
            require(torch.allclose(slope.flatten(), torch.tensor(wanted).float(), atol=1e-4), f"{here}the losses are "
                    f"right, but the gradient of {who}'s is {slope.flatten().tolist()} and should be {wanted}. Is the "
                    "graph cut somewhere?")
    right("The log of zero never comes up, since no probability is ever written down.")


def _players():
    torch.manual_seed(3)
    generator = nn.Sequential(nn.Linear(5, 6), nn.ReLU(), nn.Linear(6, 9), nn.Sigmoid())
    discriminator = nn.Sequential(nn.Linear(9, 4), nn.LeakyReLU(0.2), nn.Linear(4, 1))
    seen = {"built": [], "G": [], "D": []}  # did G build a graph? whose weights did a gradient reach?
    generator.register_forward_hook(lambda module, inputs, output: seen["built"].append(output.requires_grad))
    for p in [*generator.parameters(), *discriminator.parameters()]:
        p.data.mul_(3)
        p.grad = torch.ones_like(p)  # as if an earlier step had left something behind
    noise, real = torch.randn(32, 5), torch.rand(32, 9)
    return generator, discriminator, real, noise, seen


def _watch(generator, discriminator, seen) -> None:
    for network, who in ((generator, "G"), (discriminator, "D")):
        for p in network.parameters():
            p.register_hook(lambda slope, who=who: seen[who].append(1))


def _grads(network):
    return [None if p.grad is None else p.grad.detach().clone() for p in network.parameters()]


def _same(first, second) -> bool:
    return all(a is not None and a.shape == b.shape and torch.allclose(a, b, atol=1e-6)
               for a, b in zip(first, second, strict=True))


def _half(answer, who: str) -> None:
    """Ask for the gradients of one player, "D" or "G", and look at both."""
    generator, discriminator, real, noise, seen = _players()
    mover, other = (discriminator, generator) if who == "D" else (generator, discriminator)
    arguments = (generator, discriminator, real, noise) if who == "D" else (generator, discriminator, noise)
    on_real, on_fake = discriminator(real), discriminator(generator(noise))

    def slopes(loss):
        return list(torch.autograd.grad(loss, list(mover.parameters()), retain_graph=True))

    loss = _d(on_real, on_fake) if who == "D" else softplus(-on_fake).mean()
    wanted = slopes(loss)
    if who == "D":
        wrong = (
            (-_d(on_real, on_fake), "the sign is turned."),
            (_d(-on_real, -on_fake), "the labels are swapped: D would learn to call fakes real."),
            (softplus(-on_real).mean(), "the fakes have no part in it."),
            (softplus(on_fake).mean(), "the real samples have no part in it."),
            (_d(on_real, on_fake) / 2, "they are half as large as they should be. Add the two terms of the loss."),
        )
    else:
        wrong = (
            (-loss, "the sign is turned."),
            (softplus(on_fake).mean(), "G would help D: fakes are called real in G's half step."),
            (-softplus(on_fake).mean(), "this is the minimax loss, log(1 - D). Use -log D."),
        )
    wrong = [(slopes(part), words) for part, words in (*wrong, (32 * loss, "they are 32 times too large: take means "
             "over the batch."))]
    before = copy.deepcopy(generator.state_dict()), copy.deepcopy(discriminator.state_dict())
    seen["built"].clear()
    _watch(generator, discriminator, seen)
    result = ask(answer, *arguments)
    given, here = as_tensor(result, "the loss"), f"the half step of {who}: "
    for network, kept in zip((generator, discriminator), before, strict=True):
        moved = any(not torch.equal(p, kept[key]) for key, p in network.state_dict().items())
        require(not moved, f"{here}weights have moved. Only fill in the gradients; the optimiser steps later.")
    frozen = not all(p.requires_grad for network in (generator, discriminator) for p in network.parameters())
    require(not frozen, f"{here}some weights are frozen for good. Set requires_grad back to True.")
    found, ones = _grads(mover), [torch.ones_like(p) for p in mover.parameters()]
    cut = " Fakes that are made under no_grad() or detached carry nothing back to G." * (who == "G")
    require(all(g is not None for g in found), f"{here}{who} is left without gradients. Is there a backward(), and no "
            f"zero_grad() after it?{cut}")
    require(not _same(found, ones), f"{here}{who} still has its old gradients. Is there a backward(), and nothing that "
            "cuts the graph on the way?")
    require(any(g.any() for g in found), f"{here}the gradients of {who} are all 0. Is the graph cut, or zero_grad() "
            "called last?")
    dirty = _same(found, [g + 1 for g in wanted])
    require(not dirty, f"{here}old gradients were added to. Clear {who}'s before the backward pass.")
    for slope, words in wrong:
        require(not _same(found, slope), f"{here}{words}")
        require(not _same(found, [g + 1 for g in slope]), f"{here}{words} And old gradients were added to.")
    require(_same(found, wanted), f"{here}{who}'s gradients are not those of " + ("-log D(real) - log(1 - D(fake))."
            if who == "D" else "-log D(G(z))."))
    opponent = "G" if who == "D" else "D"
    left = all(p.grad is None or not p.grad.any() or torch.equal(p.grad, torch.ones_like(p))
               for p in other.parameters())
    how = ("Make the fakes under torch.no_grad()." if who == "D" else "Ask for G's alone: "
           "backward(inputs=list(generator.parameters())).")
    require(left, f"{here}{who}'s gradients are right, and {opponent}'s .grad has changed as well. {how}")
    require(not seen[opponent], f"{here}{who}'s gradients are right, but {opponent}'s were computed, too, and thrown "
            f"away. That costs time. {how}")
    if who == "D":
        require(not any(seen["built"]), f"{here}right, and nothing reaches G. But G kept all it needs for "
                "a backward pass that never comes. Make the fakes under torch.no_grad().")
    require(given.numel() == 1 and near(given.item(), loss.item(), 1e-5), f"{here}the gradients are right. Return the "
            f"loss too: {loss.item():.4f} here.")


@check
def half_steps(answers) -> None:
    """Exercise 4: (half step of D, half step of G), which fill in the gradients of one player only."""
    require(isinstance(answers, tuple | list) and len(answers) == 2, "give the check both functions: (half_step_d, "
            "half_step_g).")
    for answer, who in zip(answers, "DG", strict=True):
        _half(answer, who)
    right("Each gradient is computed once, for the player who is about to move.")


@check
def shuffled_players(answer) -> None:
    """Exercise 5: networks that do with shuffled pixels what the given ones do with pixels in order."""
    torch.manual_seed(11)
    g, d, what = generators.two_layer_generator(), discriminators.two_layer_discriminator(), "the pair (generator, " \
        "discriminator), two networks"
    for p in [*g.parameters(), *d.parameters()]:
        p.data.add_(0.05 * torch.randn_like(p))  # biases, too
    order, z, x = torch.randperm(784), torch.randn(4, 100), torch.rand(4, 784)
    before = copy.deepcopy(g.state_dict()), copy.deepcopy(d.state_dict())
    pair = parts(ask(answer, g, d, order.clone()), 2, what)
    require(all(isinstance(network, nn.Module) for network in pair), f"return {what}, not "
            f"{[type(part).__name__ for part in pair]}.")
    layout = [[(key, value.shape) for key, value in network.state_dict().items()] for network in (*pair, g, d)]
    require(layout[:2] != layout[:1:-1], "the two are swapped: the generator comes first.")
    for who, mine, old in (("G", layout[0], layout[2]), ("D", layout[1], layout[3])):
        require(mine == old, f"your {who} has other layers than the one given. Keep them, and reorder the weights in "
                "one of them: nothing need be added.")
    untouched = all(torch.equal(p, kept[key]) for network, kept in zip((g, d), before, strict=True)
                    for key, p in network.state_dict().items())
    require(untouched, "your function changes the networks it is given. Copy them first: copy.deepcopy.")
    with torch.no_grad():
        fakes, logits, back = g(z), d(x), order.argsort()
        new_fakes, new_logits = pair[0](z), pair[1](x[:, order])

        def says_d(other) -> bool:
            return torch.allclose(new_logits, other, atol=1e-4)

        def says_g(other) -> bool:
            return torch.allclose(new_fakes, other, atol=1e-5)

        if not says_d(logits):
            name((
                (d(x[:, order]), "D is as it was, so shuffled images look different to it. Reorder the columns of its "
                 "first weight."),
                (d(x[:, order][:, order]), "D's columns are in the order that undoes the shuffle of the images, "
                 "order.argsort(). They have to follow the pixels: order itself."),
            ), says_d)
            raise NotYet(f"your D gives {new_logits[0].item():.5g} for a shuffled image, and D gave "
                         f"{logits[0].item():.4f} for the original. Column j of its first weight belongs to pixel "
                         "order[j].")
        if not says_g(fakes[:, order]):
            bare, shift = fakes.logit() - g[2].bias, g[2].bias
            name((
                (fakes, "D is right. G is as it was: its pixels are in the old order. Reorder its last layer."),
                (fakes[:, back], "D is right. G's rows are in the order that undoes the shuffle. Pixel j of the new "
                 "G is pixel order[j] of the old one."),
                ((bare[:, order] + shift).sigmoid(), "D is right. In G the weights moved and the biases stayed. Each "
                 "pixel takes its bias along."),
                ((bare + shift[order]).sigmoid(), "D is right. In G the biases moved and the weights stayed."),
            ), says_g)
            raise NotYet("D is right. G's fakes are not the old fakes with shuffled pixels, fakes[:, order]. Which "
                         "row of its last layer belongs to pixel order[j]?")
    right("The same logits, the same fakes but for the order. Neither network knows which pixels are neighbours.")


@check
def logit_std(answer) -> None:
    """Exercise 6: the standard deviation of what comes before the last sigmoid."""
    he = tuple(math.sqrt(2 / n) for n in (100, 392))
    cases = ((3.0, (50, 80, 40, 10), (0.1, 0.3, 0.2)), (1.0, (100, 392, 784), he), (0.5, (100, 392, 784), he),
             (0.7, (10, 3), (0.3,)))
    for std, widths, weights in cases:
        value = number(ask(answer, std, widths, weights), "one number")
        ins, outs, hidden = widths[:-1], widths[1:], len(weights) - 1

        def chain(relu=0.5, power=2, counts=ins, start=std**2, weights=weights, hidden=hidden) -> float:
            """The variance, each layer times n w^power, each ReLU times `relu`."""
            return start * math.prod(n * w**power for n, w in zip(counts, weights, strict=True)) * relu**hidden

        def says(other, value=value) -> bool:
            return near(value, other, 1e-4)

        variance, here = chain(), f"for noise of std {std:g}, widths {widths} and weights of std " \
            f"{tuple(round(w, 3) for w in weights)} "
        if says(math.sqrt(variance)):
            continue
        require(math.isfinite(value), f"{here}you get {value}.")
        last = ins[-1] * weights[-1] ** 2
        name((
            (variance, "you give the variance. Take its root."),
            (math.sqrt(chain(1)), "the ReLUs have no effect. Each sets half of its inputs to 0, and halves the mean "
             "square."),
            (math.sqrt(chain() / 2), "there is one ReLU too many: none comes after the last layer."),
            (math.sqrt(chain(relu=(1 - 1 / math.pi) / 2)), "after a ReLU you take the variance. What the next layer "
             "adds up is the mean of squares, and that is half."),
            (math.sqrt(chain(0.25)), "each ReLU halves the standard deviation. It halves the mean of the squares."),
            (math.sqrt(chain(counts=outs)), "you count the units a layer leads to. A sum has as many terms as there "
             "are inputs."),
            (math.sqrt(chain(power=1)), "the weights' std is not squared. Variances multiply."),
            (math.sqrt(chain(start=std)), "the noise's std is not squared."),
            (math.sqrt(chain(start=1)), "the noise's std has no effect."),
            (math.sqrt(std**2 * math.prod(w**2 for w in weights) / 2**hidden), "how many inputs a unit adds up has no "
             "effect."),
            *((std * math.prod(n * w for n, w in zip(ins, weights, strict=True)) / 2 ** (hidden * lost), "standard "
               "deviations are added up. Of independent terms the variances add up: n w², not n w.")
              for lost in (0.5, 1)),
            *((math.sqrt(chain(1) / 2), "only one ReLU counts. There is one behind each layer but the last.")
              for _ in range(hidden > 1)),
            (math.sqrt(2) * std, "√2 times the noise's std holds for weights of std √(2/n) only."),
            (std, "this is the noise's std. It changes on its way."),
            (math.sqrt(std**2 * last), "this is as if the noise went straight into the last layer."),
            (math.sqrt(chain() / last), "this is what comes out of the last ReLU. One layer is missing."),
            (math.sqrt(2 * chain() / last), "this is before the last ReLU. A layer is missing."),
            (math.sqrt(chain()) / 4, "this is after the sigmoid, more or less. Leave the sigmoid out."),
            (math.sqrt(chain() * widths[-1]), "this is the length of all outputs together. Take one output."),
        ), says, here)
        close = near(value, math.sqrt(variance), 0.02)
        raise NotYet(f"{here}it is {math.sqrt(variance):.4f}, yours {value:.5g}."
                     + close * " Close: compute it instead of drawing.")
    right("√2 with noise of N(0, 1), 0.82 with noise uniform from -1 to 1: the shape of the noise does not matter, its "
          "width does.")
