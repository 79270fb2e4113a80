"""The exercises of chapter 5, in their order."""

import copy
import functools
import math
from itertools import combinations, pairwise

import torch
from torch import nn
from torch.nn.functional import avg_pool2d, softplus
from torch.nn.functional import binary_cross_entropy as bce
from torch.nn.functional import binary_cross_entropy_with_logits as bce_with_logits

from gan_helpers import discriminators, generators, losses, mnist, noise, recipes, recorded, training
from gan_helpers.exercises import NotYet, guard, require
from gan_helpers.exercises.engine import Case, Exercise
from gan_helpers.exercises.kinds import Together, bug, predict, take_step, train
from gan_helpers.exercises.readers import number, numbers, parts, several, tensor
from gan_helpers.gan import GAN
from gan_helpers.layers import he_normal
from gan_helpers.metrics import clouds


def _images(n: int, low: int, high: int, label: str, scale: str, every: int = 1) -> Case:
    def make(rng):
        return torch.randint(low, high + 1, (n, 28, 28), generator=rng, dtype=torch.uint8)[::every], scale

    return Case(make, f"{label} and scale = {scale!r}")


def _pixels(reach: float) -> Exercise:
    """Exercise 1: pixels in [0, 1] or [-reach, reach]."""
    unit, signed = "[0, 1]", f"[-{reach}, {reach}]"

    def scaled(gray, scale, by=255.0):
        return gray / by if scale == unit else reach * (2 * gray / by - 1)

    def right(x, scale, by=255.0):
        return scaled(x.float().flatten(1), scale, by)

    def after(change):
        """Of the right pixels, as images."""
        return lambda x, scale: change(right(x, scale).reshape(len(x), 28, 28)).reshape(len(x), 784)

    def grays(change):
        """Of the gray levels, for both scales."""
        return lambda x, scale: change(x.float().flatten(1))

    def two(one, other):
        """Of the gray levels: one for [0, 1], the other, with `reach`, for the other scale."""
        return lambda x, scale: (one or (lambda g: g / 255))(x.float().flatten(1)) if scale == unit else \
            reach * other(x.float().flatten(1))

    def cut(change):
        return grays(lambda g: change(g / 255)), lambda x, scale: scaled(255 * change(x / 255).flatten(1), scale)

    return Exercise(
        solution=lambda images, scale: right(images, scale),
        text=f"Make what the networks are fed, one image per row, in float32. scale is now {unit!r} or {signed!r}.",
        cases=[_images(*row, scale) for row in (
            (3, 0, 255, "3 images with all gray levels"), (2, 10, 200, "2 images with levels from 10 to 200"),
            (1, 0, 255, "one image")) for scale in (unit, signed)] + [
            _images(8, 0, 255, "every second of 8 images", signed, 2), _images(2, 90, 90, "2 images all 90", signed),
            _images(1, 0, 0, "one black image", signed), _images(1, 0, 0, "one black image", unit)],
        gives=tensor(lambda images, scale: (len(images), 784), shapes={
            1: "Keep the first axis: one image a row.", 2: "One image a row.",
            3: "It is not flat yet. A linear layer takes one image a row."},
            dtypes={torch.uint8: "Whole numbers from 0 to 255: take .float() before you calculate."}),
        near=1e-6,
        forbidden=(mnist.Images.at, mnist.to_gray),
        mistakes={
            "you do not make the range that scale names. Does your function look at it?": tuple(
                lambda x, scale, made=made: right(x, made[scale == signed])
                for made in ((signed, unit), (unit, unit), (signed, signed))),
            "these are still gray levels from 0 to 255. Divide.": grays(lambda g: g),
            "rows and columns of each image are swapped. Row after row, please.": after(lambda x: x.transpose(1, 2)),
            "the images stand on their heads.": after(lambda x: x.flip(1)),
            "the images are mirrored.": after(lambda x: x.flip(2)),
            "the pixels are in reverse order.": after(lambda x: x.flip(1, 2)),
            "the pixels of different images are mixed. reshape(n, 784) keeps each image together.":
                (after(lambda x: x.reshape(784, -1).T), after(lambda x: x.permute(1, 2, 0))),
            "the images are in reverse order.": after(lambda x: x.flip(0)),
            "black and white are swapped.": lambda x, scale: right(255 - x, scale),
            "you divide by 256. The largest level is 255.": lambda x, scale: right(x, scale, 256),
            "you divide by 254. The largest level is 255.": lambda x, scale: right(x, scale, 254),
            "you divide by half of 256 or 254. Half of 255 is 127.5.":
                (two(None, lambda g: g / 128 - 1), two(None, lambda g: g / 127 - 1)),
            "the middle of 0 to 255 is 127.5, not 127 or 128.":
                (two(None, lambda g: (g - 128) / 127.5), two(None, lambda g: (g - 127) / 127.5)),
            "your numbers ran over: uint8 ends at 255 and begins again at 0. Take .float() first.": tuple(
                two(None, lambda g, by=by: (by[0] * g - by[1]) % 256 / by[2] - by[3]) for by in
                ((2, 0, 255, 1), (2, 255, 255, 0), (1, 127, 127.5, 0), (1, 128, 127.5, 0), (1, 128, 128, 0))),
            "// cuts everything below 255 to 0. Divide with /.": cut(torch.floor),
            "// cuts off. Divide with /.": two(None, lambda g: g // 127.5 - 1),
            "you round to black and white. Keep the grays.": cut(torch.round),
            f"this range is [-{reach}, 0]. Divide by 127.5 before you take 1 away.": two(None, lambda g: g / 255 - 1),
            f"this range is [-{reach / 2:g}, {reach / 2:g}]. Stretch it by 2.":
                tuple(two(unit_too, lambda g: g / 255 - 0.5) for unit_too in (None, lambda g: g / 255 - 0.5)),
            f"this range is [0, {2 * reach}].": two(None, lambda g: g / 127.5),
            "brackets are wrong: x / 127.5 - 1, not (x - 1) / 127.5.": two(None, lambda g: (g - 1) / 127.5),
            "you divide by the largest level of the batch. Divide by 255, or each batch gets its own scale.":
                (lambda x, scale: right(x, scale, x.max()), two(None, lambda g: 2 * g / g.max() - 1)),
            "you stretch between the least and the largest level of the batch. Take 0 and 255 always.":
                lambda x, scale: scaled((x.float() - x.min()).flatten(1) / (x.float().max() - x.min()), scale, 1),
            "these are standard units. Here the range is fixed: 0 and 255.": tuple(grays(
                lambda g, n=n: (g - g.mean()) / g.std(correction=n)) for n in (0, 1)),
        },
        unfit="Is there a division by 0?",
        takeaway="255 becomes the upper end and 0 the lower one, whatever else is in the batch.",
    )


to_pixels = _pixels(1)
to_pixels.takeaway = "255 becomes 1 and 0 the lower end, whatever else is in the batch."
to_pixels.variant = lambda rng: _pixels(rng.choice([2, 3, 4, 5]))


def _whole(result, arguments: dict) -> dict:
    value = float(number("the sum over all layers")(result, arguments)[""])
    require(value.is_integer(), f"a count is a whole number, not {value:.10g}.")
    return {"": int(value)}


def _counts(pieces: int) -> Exercise:
    """Exercise 2: the weights and biases, if each hidden unit is the largest of so many linear functions."""
    def weights(w, pieces=pieces):
        return sum(a * b * pieces for a, b in pairwise(w)) - (pieces - 1) * w[-2] * w[-1]

    def biases(w):
        return pieces * sum(w[1:-1]) + w[-1]

    def right(w):
        return weights(w) + biases(w)

    return Exercise(
        solution=lambda widths: right(widths),
        text=f"Each hidden unit is now the largest of {pieces} linear functions of its inputs, each with weights and a "
             "bias of its own (maxout); the last layer is linear, as before. Count the weights and biases.",
        cases=[Case(lambda rng, w=w: (w,)) for w in ((100, 392, 784), (784, 128, 1), (2, 1), (30, 20, 20, 10),
                                                     (5, 1, 1, 7, 3), (3, 3))],
        gives=_whole, free=("random",),  # it may build the network
        mistakes=({"each hidden unit has several linear functions. Count the weights of each.":
                   lambda w: weights(w, 1) + sum(w[1:]), "the last layer is linear: one function a unit.":
                   lambda w: pieces * (weights(w, 1) + sum(w[1:]))} if pieces > 1 else {}) | {
            "these are the weights. Each unit has a bias, too.": weights,
            "these are the biases. Add the weights: inputs times outputs of each layer.": biases,
            "the inputs get biases too. They are given: only units that compute have one.": lambda w: right(w) + w[0],
            "each layer gets one bias. Each unit of it has its own.": lambda w: weights(w) + len(w) - 1,
            "there is one bias in all. Each unit has its own.": lambda w: weights(w) + 1,
            "each output of a layer has a bias, not each input.": lambda w: weights(w) + sum(w[:-1]),
            "the biases of the last layer are missing.": lambda w: right(w) - w[-1],
            "only the last layer has biases. All layers have.": lambda w: weights(w) + w[-1],
            "the biases are counted twice.": lambda w: right(w) + biases(w),
            "everything is counted twice.": lambda w: 2 * right(w),
            "(a + 1)(b + 1) is too much: (a + 1) b.": lambda w: sum((a + 1) * (b + 1) for a, b in pairwise(w)),
            "the widths are multiplied with each other. Layers add up.": lambda w: math.prod(w),
            "the widths are multiplied with each other. Weights of layers add up.": lambda w: math.prod(w) + biases(w),
            "these are the units. Count the weights between them.": sum,
            "this is the first layer alone.": lambda w: (w[0] + 1) * w[1],
            "this is the last layer alone.": lambda w: (w[-2] + 1) * w[-1],
            "only neighbor layers are connected.": lambda w: sum(a * b for a, b in combinations(w, 2)) + biases(w),
            "this is for 786 pixels. 28 times 28 is 784.": lambda w: right([786 if n == 784 else n for n in w]),
        },
        takeaway="(a + 1) b for each layer: the one is the bias." if pieces == 1 else
                 f"{pieces} (a + 1) b for each hidden layer: the one is the bias.",
    )


count_parameters = _counts(1)
count_parameters.variant = lambda rng: _counts(rng.choice([2, 3, 4, 5]))


def _d(real, fake):
    return softplus(-real).mean() + softplus(fake).mean()


def _g(fake):
    return softplus(-fake).mean()


def _logits(n: int, scale: float, dtype=torch.float32) -> Case:
    return Case(lambda rng: tuple(scale * torch.randn(n, 1, generator=rng, dtype=dtype) + at for at in (0.5, -1)),
                f"{n} logits of each kind, of size {scale:g}, {dtype}".removesuffix(", torch.float32"))


def _sure(real: list[float], fake: list[float]) -> Case:
    return Case(lambda rng: tuple(torch.tensor(x).float().unsqueeze(1) for x in (real, fake)),
                f"logits {real} and {fake}", hint="Is something added, clipped or rounded?")


def _of_probabilities(log):
    """Both losses written out, with a logarithm of your own."""
    def both(real, fake):
        real, fake = real.sigmoid(), fake.sigmoid()
        return -log(real).mean() - log(1 - fake).mean(), -log(fake).mean()

    return both


losses_from_logits = Exercise(
    solution=lambda real_logits, fake_logits: (_d(real_logits, fake_logits), _g(fake_logits)),
    cases=[_logits(16, 2), _logits(1, 1), _logits(7, 5), _logits(5, 2, torch.float64),
           Case(lambda rng: tuple(torch.randn(2, 9, 2, generator=rng)[..., :1]), "every second number of a tensor"),
           _sure([100, -100], [100, -100]), _sure([1000, -1000], [1000, -1000]), _sure([37, -51, 104], [17.5, 31, -88]),
           _sure([-3e4, 2], [-7, 3e4])],
    gives=several("the loss of D", "the loss of G"),
    slopes=("real_logits", "fake_logits"),
    forbidden=(losses.discriminator_loss, losses.non_saturating),
    mistakes={
        "the two are swapped: the loss of D comes first.": lambda r, f: (_g(f), _d(r, f)),
        **{f"the loss of D {words}": lambda r, f, wrong=wrong: (wrong(r, f), _g(f)) for words, wrong in {
            "is half of it. Add the two terms.": lambda r, f: _d(r, f) / 2,
            "is a sum over the batch. Take means.": lambda r, f: softplus(-r).sum() + softplus(f).sum(),
            "has its sign flipped.": lambda r, f: -_d(r, f),
            "has the labels swapped: real is 1, fake is 0.": lambda r, f: _d(-r, -f),
            "calls both real. For fakes it is -log(1 - D).": lambda r, f: _g(r) + _g(f),
            "takes log D of the fakes. It is log(1 - D).": lambda r, f: _g(r) - _g(f),
            "has the sign of its second term flipped.": lambda r, f: _g(r) - _g(-f),
            "lacks its term for the fakes.": lambda r, f: _g(r),
            "lacks its term for the real samples.": lambda r, f: _g(-f),
            "takes the sigmoid twice: BCE with logits has it inside.": lambda r, f: _d(r.sigmoid(), f.sigmoid()),
            "is in bits. Use the natural logarithm.": lambda r, f: _d(r, f) / math.log(2),
            "uses log10. Use the natural logarithm.": lambda r, f: _d(r, f) / math.log(10),
        }.items()},
        **{f"the loss of G {words}": lambda r, f, wrong=wrong: (_d(r, f), wrong(r, f)) for words, wrong in {
            "is the minimax loss, log(1 - D). The chapter uses -log D.": lambda r, f: -_g(-f),
            "helps D: it is small if the fakes look fake. It is -log D.": lambda r, f: _g(-f),
            "has its sign flipped.": lambda r, f: -_g(f),
            "is a sum over the batch. Take the mean.": lambda r, f: softplus(-f).sum(),
            "is taken of the real samples. G is judged by its fakes.": lambda r, f: _g(r),
            "takes the sigmoid twice.": lambda r, f: _g(f.sigmoid()),
            "is the loss of D again.": _d,
            "is minus the loss of D. It is -log D of the fakes alone.": lambda r, f: -_d(r, f),
        }.items()},
        "both losses are sums over the batch. Take means.": lambda r, f: (
            softplus(-r).sum() + softplus(f).sum(), softplus(-f).sum()),
        "written out, the logs fail where D is sure. Stay with logits.": (_of_probabilities(torch.log), lambda r, f: (
            (1 + (-r).exp()).log().mean() + (1 + f.exp()).log().mean(), (1 + (-f).exp()).log().mean())),
        "you add a small number so that the log is never of 0. That cuts the loss off, and its gradient. Stay with "
        "logits.": tuple(_of_probabilities(lambda p, e=e: (p + e).log()) for e in (1e-6, 1e-7, 1e-8, 1e-10, 1e-12)),
        "BCE from probabilities is cut off at 100 a sample. Stay with logits.":
            lambda r, f: (bce(r.sigmoid(), r**0) + bce(f.sigmoid(), 0 * f), bce(f.sigmoid(), f**0)),
        "the logits are clipped, and the losses with them. Softplus takes any size.": tuple(
            lambda r, f, at=at: (_d(r.clamp(-at, at), f.clamp(-at, at)), _g(f.clamp(-at, at))) for at in (20, 50, 100)),
    },
    unfit="A logit has no log; sigmoid(100) is 1 in float32, exp(100) infinite; torch.where computes both sides.",
    takeaway="The log of zero never comes up, since no probability is ever written down.",
)


class _Player(nn.Sequential):
    """A network that notes whether gradients are computed for it, and whether its output remembers how it was made."""

    def __init__(self, rng: torch.Generator, left: float | None, *layers):
        super().__init__(*layers)
        self.noted = []
        for p in self.parameters():
            p.data = torch.randn(p.shape, generator=rng)
            p.grad = None if left is None else left * torch.randn(p.shape, generator=rng)
            p.register_hook(lambda slope: self.noted.append("gradients that are thrown away"))
        self.left = [p.grad if p.grad is None else p.grad.clone() for p in self.parameters()]

    def forward(self, x):
        output = super().forward(x)
        self.noted += ["a graph for a backward pass that never comes"] * output.requires_grad
        return output


def _players(label: str, d_moves: bool, batch: int, left: float | None, sizes=(5, 6, 9, 4), calls: int = 1) -> Case:
    def make(rng):
        ins, hidden, pixels, width = sizes
        players = (_Player(rng, left, nn.Linear(ins, hidden), nn.ReLU(), nn.Linear(hidden, pixels), nn.Sigmoid()),
                   _Player(rng, left, nn.Linear(pixels, width), nn.LeakyReLU(0.2), nn.Linear(width, 1)))
        real, noise = torch.rand(batch, pixels, generator=rng), torch.randn(batch, ins, generator=rng)
        return (*players, real, noise) if d_moves else (*players, noise)

    return Case(make, label, calls)


_aware, _unaware = (lambda g, z: g(z)), torch.no_grad()(lambda g, z: g(z))


def _half_step(loss, fakes=None, clear=True, alone=True, after=lambda g, d: None):
    """D's half step, given real samples and noise, or G's, given noise alone: with a loss of the logits."""
    def half_step(g, d, *given):
        mover, make = (g, fakes or _aware) if len(given) == 1 else (d, fakes or _unaware)
        value = loss(*map(d, given[:-1]), d(make(g, given[-1])))
        if clear:
            mover.zero_grad()
        value.backward(inputs=list(mover.parameters()) if alone else None)
        after(g, d)
        return value

    return half_step


def _half(mover: str, other: str, solution, loss, losses, how: str) -> Exercise:
    """Exercise 4: the half step of one player, which leaves the other's gradients alone, or clears them."""
    m, o = mover[0].upper(), other[0].upper()
    d_moves = m == "D"

    def read(result, arguments: dict) -> dict:
        network = arguments[other]
        changed = any(p.grad is not None and p.grad.any() and (old is None or not torch.equal(p.grad, old))
                      for p, old in zip(network.parameters(), network.left, strict=True))
        noted = network.noted if d_moves else [what for what in network.noted if "gradients" in what]
        reaches = "gradients, and its .grad changes" if changed else max(noted, default="nothing")
        return {f"what reaches {o}": reaches} | number("the loss", name="the loss that you return")(result, arguments)

    def clears(who, none=True):
        return lambda g, d: (g if who == "G" else d).zero_grad(none)

    return Exercise(
        solution=solution,
        cases=[_players("32 samples, with gradients left from an earlier step", d_moves, 32, 1.0),
               _players("7 samples and no gradients yet", d_moves, 7, None), _players("one sample", d_moves, 1, 0.5),
               _players("networks of another shape", d_moves, 9, 2.0, (3, 4, 5, 7)),
               _players("two calls in a row", d_moves, 4, None, calls=2)],
        gives=read,
        changes=(f"{mover}.grad",), free=(f"{other}.grad",),
        words={f"{mover}.grad": f"the gradients of {m} are as they were. Is there a backward(), or is the graph cut?",
               **{f"{who}.{facet}": words for who in (mover, other) for facet, words in (
                   ("weights", "weights have moved. Only fill in the gradients; the optimizer steps later."),
                   ("requires_grad", "some weights are frozen for good. Set requires_grad back to True."))}},
        mistakes={
            f"old gradients were added to. Clear {m}'s before the backward pass.": _half_step(loss, clear=False),
            f"{m} is left without gradients. Is there a backward(), no zero_grad() after it, no cut in the graph?": (
                *(_half_step(loss, after=clears(m, none)) for none in (True, False)),
                *([] if d_moves else [_half_step(loss, _unaware, alone=False)])),
            f"{m}'s gradients are right, and {o}'s .grad has changed as well. {how}":
                _half_step(loss, _aware, alone=False),
            f"{m}'s gradients are right, but {o}'s were computed, too, and thrown away. That costs time. {how}":
                _half_step(loss, _aware, alone=False, after=clears(o)),
            **({"nothing reaches G, but G kept all it needs for a backward pass that never comes. Make the fakes under "
                "torch.no_grad().": _half_step(loss, lambda g, z: g(z).detach())} if d_moves else {}),
            **{words: _half_step(wrong) for words, wrong in losses.items()}},
        takeaway="",
    )


half_steps = Together(("half_step_d", "half_step_g"), (
    _half("discriminator", "generator", lambda generator, discriminator, real, noise: _half_step(_d)(
        generator, discriminator, real, noise), _d, {
        "the sign is flipped.": lambda r, f: -_d(r, f),
        "the labels are swapped: D would learn to call fakes real.": lambda r, f: _d(-r, -f),
        "the fakes have no part in it.": lambda r, f: _g(r),
        "the real samples have no part in it.": lambda r, f: _g(-f),
        "this is half as large as it should be. Add the two terms of the loss.": lambda r, f: _d(r, f) / 2,
        "this is a sum over the batch. Take means.": lambda r, f: softplus(-r).sum() + softplus(f).sum(),
    }, "Make the fakes under torch.no_grad()."),
    _half("generator", "discriminator", lambda generator, discriminator, noise: _half_step(_g)(
        generator, discriminator, noise), _g, {
        "the sign is flipped.": lambda f: -_g(f),
        "G would help D: fakes are called real in G's half step.": lambda f: _g(-f),
        "this is the minimax loss, log(1 - D). Use -log D.": lambda f: -_g(-f),
        "this is a sum over the batch. Take the mean.": lambda f: softplus(-f).sum(),
    }, "Ask for G's alone: backward(inputs=list(generator.parameters()))."),
), "Each gradient is computed once, for the player who is about to move.")


def _order(label: str, order) -> Case:
    def make(rng):
        players = generators.two_layer_generator(), discriminators.two_layer_discriminator()
        for p in (p for network in players for p in network.parameters()):
            p.data = 0.08 * torch.randn(p.shape, generator=rng)  # biases, too
        return *players, order(rng)

    return Case(make, label, hint="Column j of D's first weight belongs to pixel order[j], as row j of G's last does.")


def _shuffled(*changes):
    """Reorders columns of D's first weight, rows of G's last weight, G's last biases: by functions of the order."""
    def answer(generator, discriminator, order):
        g, d = copy.deepcopy(generator), copy.deepcopy(discriminator)
        for p, axis, change in zip((d[0].weight, g[2].weight, g[2].bias), (1, 0, 0), changes, strict=False):
            p.data = p.data.index_select(axis, change(order)) if change else p.data
        return g, d

    return answer


_same, _back = torch.clone, torch.argsort


def _networks(result, arguments: dict) -> dict:
    """What the two networks make of fixed images and noise."""
    what, given = "the pair (generator, discriminator), two networks", [*arguments.values()][:2]
    pair = parts(result, 2, what)
    require(all(isinstance(p, nn.Module) for p in pair), f"return {what}, not {[type(p).__name__ for p in pair]}.")
    layouts = [(guard.facets(network)["forward"], [(key, value.shape, value.dtype) for key, value in
                network.state_dict().items()]) for network in (*pair, *given)]
    require(layouts[:2] != layouts[:1:-1], "the two are swapped: the generator comes first.")
    for who, mine, old in zip("GD", layouts[:2], layouts[2:], strict=True):
        require(mine == old, f"your {who} has other layers than the one given, or hooks. Keep them, and reorder the "
                "weights in one of them: nothing need be added.")
    rng = torch.Generator().manual_seed(9)
    noise, images = torch.randn(4, 100, generator=rng), torch.rand(4, 784, generator=rng)
    with torch.no_grad():
        return {"D's logits for shuffled images": pair[1](images[:, arguments["order"]]).double(),
                "D is right. G's fakes": pair[0](noise).double()}


shuffled_players = Exercise(
    solution=lambda generator, discriminator, order: _shuffled(_same, _same, _same)(generator, discriminator, order),
    cases=[*(_order(f"{a} random order", lambda rng: torch.randperm(784, generator=rng)) for a in ("a", "another")),
           _order("the reverse order", lambda rng: torch.arange(783, -1, -1)),
           _order("an order that moves each pixel one on", lambda rng: torch.arange(784).roll(1))],
    gives=_networks, near=1e-4, free=("random",), copies=True,
    words={f"{who}.weights": "your function changes the networks it is given. Copy them first: copy.deepcopy."
           for who in ("generator", "discriminator")},
    mistakes={
        "D is as it was, so shuffled images look different to it. Reorder the columns of its first weight.":
            (_shuffled(), _shuffled(None, _same, _same)),
        "D's columns undo the shuffle, as order.argsort() does. They have to follow the pixels: order itself.":
            (_shuffled(_back, _same, _same), _shuffled(_back, _back, _back), _shuffled(_back)),
        "D is right. G is as it was: its pixels are in the old order. Reorder its last layer.": _shuffled(_same),
        "D is right. G's rows are in the order that undoes the shuffle. Pixel j of the new G is pixel order[j] of the "
        "old one.": _shuffled(_same, _back, _back),
        "D is right. In G the weights moved and the biases stayed.": _shuffled(_same, _same),
        "D is right. In G the biases moved and the weights stayed.": _shuffled(_same, None, _same),
    },
    takeaway="The same logits, the same fakes but for the order. Neither network knows which pixels are neighbors.",
)


def _widths(slope: float) -> Exercise:
    """Exercise 6: the standard deviation before the last sigmoid, behind ReLUs with this slope below 0."""
    half = (1 + slope**2) / 2
    relu = f"leaky ReLU with slope {slope}" if slope else "ReLU"
    keeps = f"keeps {half:.4g} of the mean square" if slope else "halves the mean square"

    def std(s, n, w, share=half, power=2, counts=None, relus=None):
        """The root of the variance: each layer times n w^power, each ReLU times `share`."""
        ins, relus = counts or n[:-1], len(w) - 1 if relus is None else relus
        return math.sqrt(s**2 * math.prod(a * b**power for a, b in zip(ins, w, strict=True)) * share**relus)

    def last(n, w):
        return math.sqrt(n[-2]) * w[-1]

    def before(s, n, w):
        return std(s, n[:-1], w[:-1], relus=max(0, len(w) - 2))

    def added(s, n, w):
        return s * math.prod(a * b for a, b in zip(n, w, strict=False))

    he = [tuple(math.sqrt(2 / n) for n in widths[:-1]) for widths in ((100, 392, 784), (64, 30, 20, 10))]
    return Exercise(
        solution=lambda noise_std, widths, weight_stds: std(noise_std, widths, weight_stds),
        text=f"The same question for a G with a {relu} after each layer but the last: what is the standard deviation "
             "before the sigmoid?",
        cases=[Case(lambda rng, row=row: row) for row in (
            (3.0, (50, 80, 40, 10), (0.1, 0.3, 0.2)), (1.0, (100, 392, 784), he[0]), (0.5, (64, 30, 20, 10), he[1]),
            (0.7, (10, 3), (0.3,)), (2.5, (7, 1, 12), (0.9, 1.7)), (0.2, (6, 5, 4, 9, 2), (0.5, 1.5, 0.8, 0.6)))],
        gives=number("the standard deviation"),
        mistakes=({f"these are ReLUs. A leaky one {keeps}.": lambda s, n, w: std(s, n, w, 0.5)} if slope else {}) | {
            "you give the variance. Take its root.": lambda s, n, w: std(s, n, w) ** 2,
            f"the ReLUs have no effect. Each {keeps}.": lambda s, n, w: std(s, n, w, 1),
            "there is one ReLU too many, after the last layer.": lambda s, n, w: std(s, n, w, relus=len(w)),
            "after a ReLU you take the variance. What the next layer adds up is the mean of squares.":
                lambda s, n, w: std(s, n, w, half - (1 - slope) ** 2 / 2 / math.pi),
            f"you multiply the standard deviation, not its square, for each ReLU. It {keeps}.":
                lambda s, n, w: std(s, n, w, half**2),
            "you count outputs. A sum has as many terms as inputs.": lambda s, n, w: std(s, n, w, counts=n[1:]),
            "the weights' std is not squared. Variances multiply.": lambda s, n, w: std(s, n, w, power=1),
            "the noise's std is not squared.": lambda s, n, w: std(math.sqrt(s), n, w),
            "the noise's std has no effect.": lambda s, n, w: std(1, n, w),
            "how many inputs a unit adds up has no effect.": lambda s, n, w: std(s, n, w, counts=(1,) * len(w)),
            "standard deviations are added up. Of independent terms the variances add up: n w², not n w.": tuple(
                lambda s, n, w, lost=lost: added(s, n, w) * half ** ((len(w) - 1) * lost) for lost in (0.5, 1)),
            "only one ReLU counts. There is one behind each layer but the last.":
                (lambda s, n, w: std(s, n, w, relus=1), lambda s, n, w: std(s, n, w, relus=min(1, len(w) - 1))),
            "√2 times the noise's std holds for weights of std √(2/n) only.": lambda s, n, w: math.sqrt(2) * s,
            "this is the noise's std. It changes on its way.": lambda s, n, w: s,
            "this is as if the noise went straight into the last layer.": lambda s, n, w: s * last(n, w),
            "this is what comes out of the last ReLU. One layer is missing.":
                (lambda s, n, w: std(s, n, w) / last(n, w), lambda s, n, w: before(s, n, w) * half**0.5),
            "this is before the last ReLU. A layer is missing.":
                (lambda s, n, w: std(s, n, w) / half**0.5 / last(n, w), before),
            "this is after the sigmoid, more or less. Leave the sigmoid out.": lambda s, n, w: std(s, n, w) / 4,
            "this is the length of all outputs together.": lambda s, n, w: std(s, n, w) * math.sqrt(n[-1]),
            "it is rounded. Return it as it is.": tuple(
                lambda s, n, w, digits=digits: round(std(s, n, w), digits) for digits in (1, 2, 3)),
        },
        takeaway=f"A {relu} {keeps}, and the last layer has none behind it." if slope else
                 "√2 with noise of N(0, 1), 0.82 with noise uniform from -1 to 1: the shape of the noise does not "
                 "matter, its width does.",
    )


logit_std = _widths(0)
logit_std.variant = lambda rng: _widths(rng.choice([0.1, 0.2, 0.3, 0.5]))


units_on = predict(
    (20, 80), "About forty, a tenth. A fresh G has 196 on, half of 392. A unit that is on for every noise can "
    "only draw what all digits share; one that is on for few can hold a stroke of those few. Nobody asked G for that: "
    "training made it so.",
    {"half of them is what a fresh G has: a ReLU stops half of a symmetric distribution. Training need not leave it "
     "so.": 196, "then its ReLUs would stop nothing, and G would be linear up to its sigmoid.": 392,
     "this is a share. How many units of 392?": (0.001, 0.999),
     "there are only 392 units.": (397, 1e9), "fewer than none cannot be on.": (-1e9, -0.001),
     "with a single unit on, all fakes would lie along 392 lines.": 1,
     "it is fewer. How many strokes, or pieces of strokes, does one digit need?": (80.001, 387)},
)


def _d_step(loss, clear=True, mixed=lambda labels, order: labels):
    """A step of D on one batch of real images and fakes; loss: (logits, labels), both (2n, 1) -> the loss."""
    def d_step(discriminator, optimizer, real, fake, order):
        labels = torch.cat([torch.ones(len(real), 1), torch.zeros(len(fake), 1)])
        images = torch.cat([real, fake])
        return take_step(optimizer, loss(discriminator(images[order]), mixed(labels[order], order)), clear).item()

    return d_step


def _step_of_d(label: str, optimizer, n: int, m: int, left: float | None = None, calls: int = 1) -> Case:
    def make(rng):
        discriminator = nn.Sequential(nn.Linear(9, 5), nn.LeakyReLU(0.2), nn.Linear(5, 1))
        for p in discriminator.parameters():
            p.data = torch.randn(p.shape, generator=rng)
            p.grad = None if left is None else left * torch.randn(p.shape, generator=rng)
        return (discriminator, optimizer(discriminator.parameters()), torch.rand(n, 9, generator=rng),
                torch.rand(m, 9, generator=rng), torch.randperm(n + m, generator=rng))

    return Case(make, label, calls)


def _told_late(discriminator, optimizer, real, fake, order):
    _d_step(bce_with_logits)(discriminator, optimizer, real, fake, order)
    logits = discriminator(torch.cat([real, fake]))
    return bce_with_logits(logits, (torch.arange(len(logits)) < len(real)).float().unsqueeze(1)).item()


def _two_steps(discriminator, optimizer, real, fake, order):
    total = 0.0
    for images, sign in ((real, -1), (fake, 1)):
        total += take_step(optimizer, softplus(sign * discriminator(images)).sum() / (len(real) + len(fake))).item()
    return total


_sgd, _adam = functools.partial(torch.optim.SGD, lr=0.1), functools.partial(torch.optim.Adam, lr=0.01)
d_step = bug(
    _d_step(bce_with_logits, mixed=lambda labels, order: labels.sort(0, descending=True).values),
    "many images are compared with the label of another one. Follow a single fake, and its label, through the step.",
    solution=lambda discriminator, optimizer, real, fake, order: _d_step(bce_with_logits)(
        discriminator, optimizer, real, fake, order),
    cases=[_step_of_d("16 images of each kind", _sgd, 16, 16),
           _step_of_d("20 real images and 5 fakes", _sgd, 20, 5, 1.0), _step_of_d("one image of each kind", _sgd, 1, 1),
           _step_of_d("three steps of Adam", _adam, 8, 8, 0.5, 3),
           _step_of_d("three steps with momentum", functools.partial(_sgd, momentum=0.9), 6, 9, None, 3)],
    gives=number("the loss"), changes=("discriminator.weights",),
    free=("discriminator.grad", "optimizer.state", "random"),
    words={"discriminator.weights": "D has not moved. Does optimizer.step() come after backward(), and no "
           "zero_grad() between them?"},
    mistakes={
        "the labels are not in the order of the images. Mix both alike, or neither.": _d_step(
            bce_with_logits, mixed=lambda labels, order: labels[order]),
        "real and fake are swapped now: a real image has the label 1.": _d_step(lambda l, y: bce_with_logits(l, 1 - y)),
        "this is a sum over the images. It was a mean: keep it.": _d_step(
            lambda l, y: bce_with_logits(l, y, reduction="sum")),
        "this is the mean of one kind plus the mean of the other. The step that was given takes one mean of all "
        "images: keep that.": _d_step(lambda l, y: _d(l[y > 0], l[y < 1])),
        "real images and fakes weigh the same here, however many of each there are. Take one mean of all images.":
            _d_step(lambda l, y: _d(l[y > 0], l[y < 1]) / 2),
        "the loss is taken after the step. Return the one before it.": _told_late,
        "D takes two steps, one for each kind of image. Take one, for all images.": _two_steps,
        "D steps along old gradients, too. They are cleared before the backward pass.":
            _d_step(bce_with_logits, clear=False),
        "the fakes have no part in it any more.": _d_step(lambda l, y: (y * softplus(-l)).mean()),
        "each logit is compared with all labels. Look at the shapes: both should be columns.": _d_step(
            lambda l, y: (y.T * softplus(-l) + (1 - y.T) * softplus(l)).mean()),
    },
    takeaway="Whatever is done to the order of the images must be done to their labels. No error tells you. "
             "(Leaving the order out is right as well: a mean does not mind it.)",
)


# Between the grid that is given and ten in a block at the top, above any block in the middle:
# python -m benchmarks.solutions 5.9
ENOUGH = 0.73
GRID = [28 * row + column for row in (5, 9, 13, 17, 21) for column in (10, 17)]


@functools.cache
def _players_of_chapter_5():
    row = recorded.generator("mnist_two_layers", "long, uniform", generators.two_layer_generator())
    return mnist.images("train", scale="[0, 1]"), row


def _drawn(n: int, pixels: tuple, rng: torch.Generator) -> tuple:
    """n real images and n fakes, seen through these pixels only, with their labels."""
    real, generator = _players_of_chapter_5()
    with torch.no_grad():
        fakes = generator(recipes.TWO_LAYERS_UNIFORM.noise(n, rng))
    return 2 * torch.cat([real(n, rng), fakes])[:, list(pixels)] - 1, (torch.arange(2 * n) < n).float()


@functools.cache
def detective(pixels: tuple[int, ...], seed: int) -> float:
    """How often a small D, trained on these pixels of real digits and of chapter 5's fakes, is right about new ones."""
    return right_about(lambda rng: _drawn(2000, pixels, rng), len(pixels), seed)


def right_about(drawn, count: int, seed: int) -> float:
    """The same for any samples; drawn: rng -> ((n, count) numbers, n labels, 1 for real)."""
    rng = torch.Generator().manual_seed(seed)
    weights = [torch.randn(count, 32, generator=rng) * (2 / count) ** 0.5, torch.zeros(32),
               torch.randn(32, 1, generator=rng) / 4, torch.zeros(1)]
    (x, labels), (new, answers) = drawn(rng), drawn(rng)
    adam = torch.optim.Adam([w.requires_grad_() for w in weights], lr=0.02, fused=True)

    def logits(x):
        return (torch.relu(x @ weights[0] + weights[1]) @ weights[2] + weights[3]).squeeze(1)

    for _ in range(120):
        batch = torch.randint(len(x), (256,), generator=rng)
        adam.zero_grad()
        bce_with_logits(logits(x[batch]), labels[batch]).backward()
        adam.step()
    with torch.no_grad():
        return ((logits(new) > 0) == (answers > 0)).float().mean().item()


def _caught(pixels) -> float:
    return sum(detective(tuple(pixels), seed) for seed in (11, 23, 47)) / 3


def _ten(result, arguments: dict) -> dict:
    value = numbers(result, "a list of ten pixel numbers").flatten().tolist()
    require(len(value) == 10 and len(set(value)) == 10, f"watch ten pixels, each once. You list {len(value)}, "
            f"{len(set(value))} of them different.")
    require(all(v.is_integer() and 0 <= v < 784 for v in value), "pixels have whole numbers from 0 to 783: 28 times "
            "the row plus the column.")
    return {"": [int(v) for v in value]}


def _watch(pixels, *_) -> str:
    rate, places = _caught(pixels), [divmod(p, 28) for p in pixels]
    if rate >= ENOUGH:
        return ""
    touching = sum(max(abs(a - c), abs(b - d)) == 1 for (a, b), (c, d) in combinations(places, 2))
    inked = _players_of_chapter_5()[0].pixels.flatten(1)[:5000, pixels].sum(0).count_nonzero()
    why = "Some of them never hold any ink." if inked < 10 else \
        "Hardly any two of them touch. What can be seen in two neighbors that is not in either? And where does this " \
        "forger use too much ink?" if touching < 5 else \
        "They touch. Where in the image does this forger work worst? Look at the fakes."
    return f"a detective who watches these is right about {rate:.1%} of new images, where {ENOUGH:.0%} are asked " \
        f"for and guessing has 50%. {why}"


ten_pixels = Exercise(
    solution=lambda: [28 * row + column for row in (6, 7) for column in range(12, 17)],
    cases=[lambda rng: ()], gives=_ten, judge=_watch,
    mistakes={"Some of them never hold any ink": lambda: list(range(10)), "Hardly any two of them touch": lambda: GRID,
              "Where in the image does this forger work worst": lambda: [
                  28 * row + column for row in (13, 14) for column in range(12, 17)]},
    takeaway=lambda pixels: f"Right about {_caught(pixels):.0%} of new images, from ten of 784 pixels. What gives this "
                            "forger away is too much ink at the top of its digits, and how the pixels there go "
                            "together. The detective needs both.",
)


SIZE, NOISE = 196, 16  # pixels of the small digits, and numbers of noise


@functools.cache
def small_digits() -> torch.Tensor:
    """20,000 training images at half the size: (20000, 196), pixels in [0, 1]."""
    return avg_pool2d(mnist.images("train", "[0, 1]", "1x28x28").at(slice(0, 20_000)), 2).flatten(1)


def _drawn_small(n: int, rng: torch.Generator) -> torch.Tensor:
    return small_digits()[torch.randint(len(small_digits()), (n,), generator=rng)]


def _coarse(images: torch.Tensor) -> tuple:
    return clouds.mean_and_covariance(avg_pool2d(images.reshape(-1, 1, 14, 14), 2).flatten(1))


@functools.cache
def _small_reference() -> tuple:
    return _coarse(small_digits())


def small_distance(generator: nn.Module) -> float:
    """The Frechet distance of 2,000 small fakes to the small digits, by 49 gray values of each, in evaluation mode.

    generator: (n, 16) normal noise to (n, 196) pixels in [0, 1].
    """
    z = noise.normal(2000, torch.Generator().manual_seed(5), features=NOISE)
    try:
        with torch.no_grad():
            fakes = generator.eval()(z)
    except Exception as error:
        raise NotYet(f"your network cannot make fakes of noise of shape {tuple(z.shape)}: {error!s:.120}") from error
    require(isinstance(fakes, torch.Tensor) and fakes.shape == (2000, SIZE), f"noise of shape (2000, {NOISE}) should "
            f"become fakes of shape (2000, {SIZE}); yours are {tuple(getattr(fakes, 'shape', ()))}.")
    require(torch.isfinite(fakes).all(), "some fakes are NaN or infinite.")
    low, high = fakes.min().item(), fakes.max().item()
    require(low >= -1e-4 and high <= 1.0001, f"the pixels should lie in [0, 1], and yours reach from {low:.3g} to "
            f"{high:.3g}.")
    return clouds.frechet_gaussians(*_small_reference(), *_coarse(fakes))


def _layers(ins: int, hidden: int, outs: int, *last) -> nn.Sequential:
    return he_normal(nn.Sequential(nn.Linear(ins, hidden), nn.ReLU(), nn.Linear(hidden, outs), *last))


def _trained(rounds: int = 300, generator=lambda: _layers(NOISE, 64, SIZE, nn.Sigmoid()), **changed):
    """Chapter 5's recipe at a quarter of the size, with changes: seed -> generator."""
    def small(seed):
        settings = {"d_steps": 1, "batch_size": 64, "lr": 1e-3} | changed
        gan = GAN(real=_drawn_small, noise=functools.partial(noise.normal, features=NOISE),
                  generator=generator, discriminator=lambda: _layers(SIZE, 64, 1), **settings)
        return training.train(gan, rounds, seed, progress=False).generator

    return small


# How far other settings come in 600 optimizer steps: python -m benchmarks.solutions 5.10
small_gan = train(
    lambda seed: _trained(lr=2e-3, betas=(0.0, 0.99), r1=0.5)(seed), small_distance, 1.0, 600, "distance",
    "The loop is the chapter's. What the two players remember of the past, and how steep D may be, decide how far 300 "
    "rounds lead.",
    {"the distance is": _trained(), "and 600 are allowed": _trained(302, lr=2e-3, betas=(0.0, 0.99), r1=0.5),
     "the pixels should lie in [0, 1]": _trained(2, lambda: _layers(NOISE, 64, SIZE, nn.Tanh()), lr=1e-6),
     "your network cannot make fakes": lambda seed: nn.Linear(100, SIZE)},
)
