"""The exercises of chapter 8, in their order."""

import functools
import math

import numpy as np
import torch
from scipy import stats
from scipy.spatial.distance import pdist
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

from gan_helpers import data
from gan_helpers.exercises import NotYet, require
from gan_helpers.exercises.engine import Case, Exercise
from gan_helpers.exercises.kinds import SEEDS, bug, predict, take_step, train
from gan_helpers.exercises.readers import number, of_kind, one_number, parts, tensor

_sgd, _adam = functools.partial(torch.optim.SGD, lr=0.1), functools.partial(torch.optim.Adam, lr=0.01)


def _players(rng, ins: int = 3, features: int = 2, hidden: int = 5, norm: bool = False, left: float | None = None):
    """A generator and a discriminator with weights from rng; left: how large the gradients of an earlier step are."""
    generator = nn.Sequential(nn.Linear(ins, hidden), *[nn.BatchNorm1d(hidden)] * norm, nn.LeakyReLU(0.2),
                              nn.Linear(hidden, features))
    discriminator = nn.Sequential(nn.Linear(features, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, 1))
    for p in (*generator.parameters(), *discriminator.parameters()):
        p.data = torch.randn(p.shape, generator=rng)
        p.grad = None if left is None else left * torch.randn(p.shape, generator=rng)
    return generator, discriminator


# 1. Does any gradient reach G?


def _plain(generator, discriminator, noise):
    return softplus(-discriminator(generator(noise))).mean()


def _detached(generator, discriminator, noise):
    return softplus(-discriminator(generator(noise).detach())).mean()


def _without_gradients(generator, discriminator, noise):
    with torch.no_grad():
        fake = generator(noise)
    return softplus(-discriminator(fake)).mean()


def _as_a_number(generator, discriminator, noise):
    return torch.tensor(_plain(generator, discriminator, noise).item(), requires_grad=True)


def _rounded(generator, discriminator, noise):
    return _plain(nn.Sequential(generator, nn.Threshold(1e9, 1.0)), discriminator, noise)


def _no_graph(generator, discriminator, noise):
    return _plain(generator, discriminator, noise).detach()


def _last_layer(generator, discriminator, noise):
    return softplus(-discriminator(generator[-1](generator[:-1](noise).detach()))).mean()


def _loss_of(g_loss, label: str, n: int = 6, **networks) -> Case:
    def make(rng):
        generator, discriminator = _players(rng, **networks)
        return generator, discriminator, g_loss, torch.randn(n, generator[0].in_features, generator=rng)

    return Case(make, label)


def _reaching(sum_up, text: str, mistakes: dict) -> Exercise:
    def slopes(generator, discriminator, g_loss, noise):
        loss, weights = g_loss(generator, discriminator, noise), list(generator.parameters())
        if not loss.requires_grad:
            return [torch.zeros_like(p) for p in weights]
        found = torch.autograd.grad(loss, weights, allow_unused=True)
        return [torch.zeros_like(p) if slope is None else slope for p, slope in zip(weights, found, strict=True)]

    def all_slopes(generator, discriminator, g_loss, noise):
        both = nn.ModuleList([generator, discriminator])
        return slopes(both, None, lambda *_: g_loss(generator, discriminator, noise), noise)

    def old(network):
        return [torch.zeros_like(p) if p.grad is None else p.grad for p in network.parameters()]

    def added(g, d, loss, z):
        return [a + b for a, b in zip(slopes(g, d, loss, z), old(g), strict=True)]

    return Exercise(
        solution=lambda generator, discriminator, g_loss, noise: sum_up(slopes(generator, discriminator, g_loss,
                                                                               noise)),
        text=text,
        cases=[_loss_of(_plain, "a loss that is right"), _loss_of(_detached, "a loss with detached fakes"),
               _loss_of(_plain, "a loss that is right, and gradients left in .grad from a step before", left=1.0),
               _loss_of(_without_gradients, "a loss with fakes made under no_grad", left=0.5),
               _loss_of(_as_a_number, "a loss that went through .item()"), _loss_of(_rounded, "fakes that are rounded"),
               _loss_of(_no_graph, "a loss that requires no gradient at all", left=0.5),
               _loss_of(_last_layer, "a loss that reaches the last layer of G only", left=2.0),
               _loss_of(_plain, "a G with a wider layer", 1, ins=7, hidden=20, features=4)],
        gives=number("one number"),
        mistakes={
            "the gradients of D's weights are in it. Whether G learns is a matter of G's.":
                lambda g, d, loss, z: sum_up(all_slopes(g, d, loss, z)),
            "what an earlier step had left in .grad is in it. Clear it on a copy, or ask torch.autograd.grad.":
                lambda g, d, loss, z: sum_up(added(g, d, loss, z)),
            "this is what an earlier step left in .grad. The loss that you are given has no part in it.":
                lambda g, d, loss, z: sum_up(old(g)),
            "you look at the first layer's weight only. A loss may reach another layer and not this one.":
                lambda g, d, loss, z: sum_up(slopes(g, d, loss, z)[:1]),
        } | {words: lambda g, d, loss, z, wrong=wrong: wrong(slopes(g, d, loss, z)) for words, wrong in
             mistakes.items()},
        words={f"{network}.grad": f"your function leaves something else in {who}'s .grad than it found there, and the "
               "loop may build on that. Work on a copy of both networks, or use torch.autograd.grad."
               for network, who in (("generator", "G"), ("discriminator", "D"))},
        takeaway="One number, and four of the commonest slips of a loop are found: 0 is no small gradient, it is a "
                 "wire that is cut.",
    )


def _flat(slopes) -> torch.Tensor:
    return torch.cat([slope.flatten() for slope in slopes])


_TOGETHER = "you add up one length for each layer. All weights together are one vector: add up squares, then one root."
reaches_g = _reaching(
    lambda slopes: _flat(slopes).norm().item(), "",
    {_TOGETHER: lambda slopes: sum(slope.norm() for slope in slopes),
     "you look at the last layer only.": lambda slopes: _flat(slopes[-2:]).norm(),
     "this is the square of the length. Take the root.": lambda slopes: _flat(slopes).square().sum(),
     "you add up the slopes themselves. Those of opposite signs cancel.": lambda slopes: _flat(slopes).sum().abs(),
     "this is the largest slope, not the length of all of them.": lambda slopes: _flat(slopes).abs().max(),
     "this is the largest length that one layer's weights or biases have. All of them are one vector.":
         lambda slopes: max(slope.norm() for slope in slopes),
     "this is the mean size of the slopes. A length is the root of the sum of squares.":
         lambda slopes: _flat(slopes).abs().mean(),
     "you take a mean of the squares. A length is the root of their sum.":
         lambda slopes: _flat(slopes).square().mean().sqrt(),
     "you add up the sizes of the slopes. A length is the root of the sum of squares.":
         lambda slopes: _flat(slopes).abs().sum()},
)
reaches_g.variant = lambda rng: rng.choice([
    _reaching(lambda slopes: _flat(slopes).abs().max().item(), "Return the largest size of any slope that arrives at "
              "G's weights instead of the gradient's length; 0.0 if none arrives.",
              {"this is the length of the gradient. Asked for is its largest entry.":
               lambda slopes: _flat(slopes).norm()}),
    _reaching(lambda slopes: _flat(slopes).abs().mean().item(), "Return the mean size of the slopes at G's weights, "
              "signs aside, instead of the gradient's length; 0.0 if none arrives.",
              {"this is the length of the gradient. Asked for is the mean size of its entries.":
               lambda slopes: _flat(slopes).norm()}),
])


# 2. One backward pass for two.


def _halves(generator, discriminator, real, noise, cut: bool = True):
    fake = generator(noise)
    d_loss = softplus(-discriminator(real)).mean() + softplus(discriminator(fake.detach() if cut else fake)).mean()
    return d_loss, softplus(-discriminator(fake)).mean()


def _along(d_loss, g_loss, clear: bool = True, before=lambda d, g: (d, g)):
    """A step of both players at once: D along the first of the losses made of (D's, G's), G along the second."""
    def step(generator, discriminator, g_opt, d_opt, real, noise):
        halves = _halves(generator, discriminator, real, noise)
        for network, optimizer, loss in ((discriminator, d_opt, d_loss), (generator, g_opt, g_loss)):
            weights = list(network.parameters())
            if clear:
                optimizer.zero_grad()
            slopes = torch.autograd.grad(loss(*halves), weights, retain_graph=True, allow_unused=True)
            for p, slope in zip(weights, slopes, strict=True):
                p.grad = slope if p.grad is None else p.grad if slope is None else p.grad + slope
        d_opt.step()
        g_opt.step()
        return halves[0].item(), halves[1].item()

    return step


def both_as_found(generator, discriminator, g_opt, d_opt, real, noise):
    """Exercise 2 as it is given: the gradient of G's loss in D's weights is added to D's own."""
    d_loss, g_loss = _halves(generator, discriminator, real, noise)
    g_opt.zero_grad()
    d_opt.zero_grad()
    (d_loss + g_loss).backward()
    d_opt.step()
    g_opt.step()
    return d_loss.item(), g_loss.item()


def _in_turns(generator, discriminator, g_opt, d_opt, real, noise):
    d_opt.zero_grad()
    d_loss, _ = _halves(generator, discriminator, real, noise)
    d_loss.backward()
    d_opt.step()
    g_opt.zero_grad()
    _, g_loss = _halves(generator, discriminator, real, noise)
    g_loss.backward()
    g_opt.step()
    return d_loss.item(), g_loss.item()


def _uncut(g_loss, told=lambda d, g: (d, g)):
    """A step without the detach: G goes along what is made of the losses of both, D along its own."""
    def step(generator, discriminator, g_opt, d_opt, real, noise):
        losses = _halves(generator, discriminator, real, noise, cut=False)
        weights = list(generator.parameters()), list(discriminator.parameters())
        slopes = [torch.autograd.grad(loss, row, retain_graph=True)
                  for loss, row in zip((g_loss(*losses), losses[0]), weights, strict=True)]
        for row, found in zip(weights, slopes, strict=True):
            for p, slope in zip(row, found, strict=True):
                p.grad = slope
        d_opt.step()
        g_opt.step()
        return [loss.item() for loss in told(*losses)]

    return step


def _saturating(generator, discriminator, g_opt, d_opt, real, noise):
    with torch.no_grad():
        loss = -softplus(discriminator(generator(noise))).mean().item()
    return _uncut(lambda d, g: -d)(generator, discriminator, g_opt, d_opt, real, noise)[0], loss


def _told(change):
    """The right step, and then what is made of its losses: change(losses, arguments)."""
    return lambda *given: change(_along(lambda d, g: d, lambda d, g: g)(*given), given)


def _after(losses, given):
    generator, discriminator, _, _, real, noise = given
    return [loss.item() for loss in _halves(generator, discriminator, real, noise)]


def _g_first(generator, discriminator, g_opt, d_opt, real, noise):
    _, g_loss = _halves(generator, discriminator, real, noise)
    g_opt.zero_grad()
    g_loss.backward()
    g_opt.step()
    d_loss, _ = _halves(generator, discriminator, real, noise)
    d_opt.zero_grad()
    d_loss.backward()
    d_opt.step()
    return d_loss.item(), g_loss.item()


def _a_step(label: str, optimizer, n: int, m: int, left: float | None = None, calls: int = 1, **networks) -> Case:
    def make(rng):
        generator, discriminator = _players(rng, left=left, **networks)
        ins, features = generator[0].in_features, discriminator[0].in_features
        return (generator, discriminator, optimizer(generator.parameters()), optimizer(discriminator.parameters()),
                torch.randn(n, features, generator=rng), torch.randn(m, ins, generator=rng))

    return Case(make, label, calls)


def _two_losses(result, arguments: dict) -> dict:
    d_loss, g_loss = parts(result, 2, "two numbers, D's loss and G's")
    return {name: torch.tensor(one_number(value, f"{name} as a number"), dtype=torch.float64)
            for name, value in (("D's loss", d_loss), ("G's loss", g_loss))}


both_step = bug(
    both_as_found,
    "as it was given: D moves, but not along its own loss alone. Which losses have a slope in D's weights, and whose "
    "slopes stand in .grad there when d_opt steps?",
    solution=lambda generator, discriminator, g_opt, d_opt, real, noise: _along(lambda d, g: d, lambda d, g: g)(
        generator, discriminator, g_opt, d_opt, real, noise),
    cases=[_a_step("batches of 16", _sgd, 16, 16), _a_step("gradients left from before", _sgd, 9, 5, 1.0),
           _a_step("batches of one", _sgd, 1, 1), _a_step("three steps of Adam", _adam, 8, 8, 0.5, 3),
           _a_step("three steps with momentum", functools.partial(_sgd, momentum=0.9), 6, 6, None, 3, hidden=8),
           _a_step("wider networks", _sgd, 7, 12, None, 2, ins=5, features=4, hidden=12)],
    gives=_two_losses, changes=("discriminator.weights", "generator.weights"),
    free=("discriminator.grad", "generator.grad", "optimizer.state", "g_opt.state", "d_opt.state"),
    words={"generator.weights": "G has not moved. Does its loss still reach it, and is its optimizer's step there?",
           "discriminator.weights": "D has not moved. Is its optimizer's step there?"},
    mistakes={
        "D is right, and then G's slope is taken from a D that has moved. This step is one of both at once: take both "
        "gradients before anybody moves.": _in_turns,
        "old gradients are added to the new ones. The two zero_grad() were right.":
            _along(lambda d, g: d, lambda d, g: g, clear=False),
        "D goes up its loss now: the sign is turned.": _along(lambda d, g: -d, lambda d, g: g),
        "D goes along G's loss now, and G along its own: they help each other.": _along(lambda d, g: g, lambda d, g: g),
        "D is right now, and G goes up D's loss instead of down its own. That is minimax: another game.":
            (_uncut(lambda d, g: -d), _saturating),
        "G is right, and then D's slope is taken at fakes of a G that has moved. This step is one of both at once: "
        "take both gradients before anybody moves.": _g_first,
        "D is right now, and G's step has D's loss in it: the fakes in D's loss are not detached.":
            _uncut(lambda d, g: d + g),
        "the step is right. The two losses are swapped: D's comes first.": _told(lambda losses, given: losses[::-1]),
        "the step is right. The losses are those after it: return what they were before.": _told(_after),
        "G's slope in D's weights is taken off D's own. It should be left out.":
            _along(lambda d, g: d - g, lambda d, g: g),
    },
    takeaway="backward() fills .grad of all that the loss depends on, and G's loss depends on D. Ask whose slope each "
             "player moves along.",
)


# 3. Content, blind, or sure?


def _pairs(high, low):
    """How often one of `high` is above one of `low`, ties counting half."""
    high, low = high.flatten().double(), low.flatten().double()
    return (high[:, None] > low).double().mean() + (high[:, None] == low).double().mean() / 2


def _logits(own: float, new: float, n: int = 200, m: int = 200, round_to: float | None = None, column: bool = True):
    """Logits of real samples and fakes that lie `own` and `new` apart."""
    def make(rng):
        rows = []
        for shift in (own, new):
            for count, by in ((n, shift), (m, 0.0)):
                row = torch.randn(count, generator=rng) + by
                if round_to:
                    row = (row / round_to).round() * round_to
                rows.append(row[:, None] if column else row)
        return tuple(rows)

    return make


def _read_verdict(result, arguments: dict) -> dict:
    own, new, word = parts(result, 3, "three things: two AUCs and a word")
    found = {name: torch.tensor(one_number(value, f"{name} as a number"), dtype=torch.float64)
             for name, value in (("the AUC of its own D", own), ("the AUC of the new D", new))}
    require(isinstance(word, str), f"the verdict is a word, not a {type(word).__name__}.")
    require(word in ("content", "blind", "sure"), f"the verdict is 'content', 'blind' or 'sure', not {word!r:.30}.")
    return found | {"the verdict": str(word)}


def _judging(sure: float, better: float) -> Exercise:
    def verdict(a, b, c, d, auc=_pairs, sure=sure, better=better, order=("sure", "blind")):
        own, new = float(auc(a, b)), float(auc(c, d))
        says = {"sure": own >= sure, "blind": new - own >= better}
        return own, new, next((word for word in order if says[word]), "content")

    def with_auc(auc):
        return lambda a, b, c, d: verdict(a, b, c, d, auc)

    def sorted_pairs(high, low):
        k = min(len(high), len(low))
        return (high.flatten()[:k] > low.flatten()[:k]).double().mean()

    def hits(high, low):
        return ((high > 0).double().mean() + (low < 0).double().mean()) / 2

    return Exercise(
        solution=lambda own_real, own_fake, new_real, new_fake: verdict(own_real, own_fake, new_real, new_fake),
        text=f"The verdict is now 'sure' if D's own AUC is {sure:g} or more; otherwise 'blind' if the new D's AUC is "
             f"higher by {better:g} or more; otherwise 'content'.",
        cases=[Case(_logits(0.1, 0.3), "a D that guesses and a new one that does too"),
               Case(_logits(0.0, 3.0), "a D that guesses, and a new one that does not"),
               Case(_logits(4.0, 4.5), "two that see everything"), Case(_logits(0.0, 0.8), "a new D that sees more"),
               Case(_logits(0.3, 2.5, 50, 120), "50 real samples and 120 fakes"),
               Case(_logits(0.3, 0.9, 60, 31, 1.0), "logits with many ties"),
               Case(lambda rng: (torch.zeros(20, 1), torch.zeros(30, 1), torch.ones(20, 1), torch.zeros(30, 1)),
                    "a D that says the same about everything"),
               Case(_logits(2.1, 2.2, 400, 400), "two that see much", hint="How sure is sure?"),
               Case(_logits(-1.5, 0.5, 30, 30), "a D that takes fakes for real"),
               Case(_logits(0.2, 2.6, 17, 23, None, False), "logits of shape (n,)"),
               Case(lambda rng: tuple(x - 5 for x in _logits(0.2, 2.5)(rng)), "logits that are all negative"),
               Case(_logits(0.7, -0.7), "a new D that sees less"),
               Case(_logits(1.0, -0.8, 150, 90), "a new D that is worse"),
               Case(_logits(2.6, 2.9, 400, 400), "two that see nearly everything", hint="How sure is sure?"),
               Case(_logits(0.0, 1.5, 400, 400), "a new D that sees a good deal more"),
               Case(lambda rng: tuple(x + 40 for x in _logits(0.4, 2.2)(rng)), "logits near 40"),
               Case(lambda rng: tuple(x + 60 for x in _logits(1.0, 1.2, 70, 40)(rng)), "logits near 60")],
        gives=_read_verdict, near=1e-6,
        mistakes={
            "ties do not count as half. A D that says the same about everything guesses, and a guess has 0.5.":
                (with_auc(lambda a, b: (a.view(-1, 1) > b.view(1, -1)).double().mean()),
                 with_auc(lambda a, b: (a.view(-1, 1) >= b.view(1, -1)).double().mean())),
            "real and fake are swapped: 1 should mean that real samples get the higher logit.":
                lambda a, b, c, d: verdict(b, a, d, c),
            "this compares the first real sample with the first fake, the second with the second, and so on. All "
            "pairs count.": with_auc(sorted_pairs),
            "this is how often a logit lies on the right side of 0. An AUC knows no 0: it compares the two.":
                with_auc(hits),
            "both AUCs are right. 'Sure' is a matter of its own D, not of the new one.":
                lambda a, b, c, d: (*verdict(a, b, c, d)[:2], "sure" if _pairs(c, d) >= sure else
                                    verdict(a, b, c, d)[2]),
            "beyond 17 float32 knows no sigmoid but 1, and beyond 37 no float does, so large logits tie. Compare the "
            "logits themselves.": with_auc(lambda a, b: _pairs(torch.sigmoid(a), torch.sigmoid(b))),
            "the AUC is folded at 0.5. A D that is wrong again and again has one below 0.5.":
                with_auc(lambda a, b: max(_pairs(a, b), 1 - _pairs(a, b))),
            "the two D's are swapped.": lambda a, b, c, d: verdict(c, d, a, b),
            "the verdict is right. The two AUCs are swapped: that of its own D comes first.":
                lambda a, b, c, d: (*verdict(a, b, c, d)[1::-1], verdict(a, b, c, d)[2]),
            "both AUCs are right. 'Blind' needs a new D that is better: a difference has a sign.":
                lambda a, b, c, d: (*verdict(a, b, c, d)[:2], "sure" if _pairs(a, b) >= sure else
                                    "blind" if abs(_pairs(c, d) - _pairs(a, b)) >= better else "content"),
        } | ({} if better < 0.3 else {
            "both AUCs are right. 'Blind' is a matter of how much better the new D is, not of the own D being near "
            "0.5.": lambda a, b, c, d: (*verdict(a, b, c, d)[:2], "sure" if _pairs(a, b) >= sure else
                                        "blind" if _pairs(a, b) < 0.6 else "content"),
        }),
        takeaway="0.5 means that nothing is left to see only if no other D sees it.",
    )


second_opinion = _judging(0.95, 0.3)
second_opinion.variant = lambda rng: _judging(rng.choice([0.85, 0.9]), rng.choice([0.1, 0.15]))


# 4. Spread in the data's own units.


def _cloud(n: int, m: int, features: int, by: float = 1.0, narrow: float = 0.5, heavy: bool = False):
    def make(rng):
        real, fake = (torch.randn(k, features, generator=rng) for k in (n, m))
        if heavy:
            fake[:2] *= 50
        return by * real, by * narrow * fake + by

    return make


def _spreading(q: float, text: str) -> Exercise:
    def distances(cloud):
        return pdist(cloud.double().numpy())

    def ratio(real, fake, of=distances, middle=lambda d: np.quantile(d, q)):
        with np.errstate(divide="ignore", invalid="ignore"):  # of a mistake that divides by the fakes'
            return float(np.float64(middle(of(fake))) / np.float64(middle(of(real))))

    def neighbors(cloud):
        return (cloud - cloud.roll(1, 0)).double().norm(dim=1).numpy()

    def with_itself(cloud):
        return torch.cdist(cloud.double(), cloud.double()).flatten().numpy()

    def from_the_mean(cloud):
        return (cloud - cloud.mean(0)).double().norm(dim=1).numpy()

    def lower(d):
        return np.quantile(d, q, method="lower")

    return Exercise(
        solution=lambda real, fake: ratio(real, fake), text=text,
        cases=[Case(_cloud(12, 12, 2), "12 real samples and 12 fakes in the plane"),
               Case(_cloud(9, 14, 3, narrow=1.2), "9 real samples and 14 fakes of three features"),
               Case(_cloud(5, 4, 1), "5 real samples and 4 fakes of one feature"),
               Case(_cloud(12, 12, 2, 100.0), "the first clouds in centimeters, times 100"),
               Case(lambda rng: (torch.randn(10, 4, generator=rng), torch.ones(8, 4)), "fakes that are all alike"),
               Case(_cloud(20, 16, 2, heavy=True), "two fakes far outside"), Case(_cloud(2, 2, 6), "two of each"),
               Case(_cloud(30, 40, 20, 1e-3), "data of twenty small features")],
        gives=number("the spread"), near=1e-3,
        mistakes={
            "this is the data's over the fakes'. Fakes that are all alike should have 0.":
                lambda real, fake: ratio(fake, real),
            "this is in the fakes' units. Divide by what real samples have.":
                lambda real, fake: np.quantile(distances(fake), q),
            "you compare each sample with its neighbor in the batch only. Take all pairs.":
                lambda real, fake: ratio(real, fake, neighbors),
            "the distance of each sample to itself is among yours. Take pairs of two different samples.":
                lambda real, fake: ratio(real, fake, with_itself),
            "these are distances from the mean. Take distances between two samples.":
                lambda real, fake: ratio(real, fake, from_the_mean),
            "this is a ratio of squared distances.": (
                lambda real, fake: ratio(real, fake) ** 2,
                lambda real, fake: ratio(real, fake, lambda c: pdist(c.double().numpy(), "sqeuclidean"))),
            "distances are straight lines: the root of the sum of squares, not the sum of sizes.":
                lambda real, fake: ratio(real, fake, lambda c: pdist(c.double().numpy(), "cityblock")),
            "these are means over the pairs. A fake or two far outside move a mean as far as they like.":
                lambda real, fake: ratio(real, fake, middle=np.mean),
            "of an even number of distances you take the lower one of the middle two, as torch.median does. Take "
            "what lies halfway between them.": lambda real, fake: ratio(real, fake, middle=lower),
            "this is a ratio of standard deviations. Take distances between two samples.": (
                lambda real, fake: (fake.double().var(0).mean() / real.double().var(0).mean()).sqrt(),
                lambda real, fake: fake.double().std() / real.double().std(),
                lambda real, fake: fake.double().std(0).mean() / real.double().std(0).mean()),
            "you subtract. Divide by what real samples have: a ratio has no unit.":
                lambda real, fake: np.median(distances(fake)) - np.median(distances(real)),
        } if q == 0.5 else {"this is the median. Asked for is another quantile.":
                            lambda real, fake: ratio(real, fake, middle=np.median),
                            "these are means over the pairs.": lambda real, fake: ratio(real, fake, middle=np.mean),
                            "this is the data's over the fakes'.": lambda real, fake: ratio(fake, real)},
        unfit="Is something divided by 0?",
        takeaway="Near 0 they are all alike, in any unit and for any number of features. It says nothing of which are "
                 "missing.",
    )


spread = _spreading(0.5, "")
spread.variant = lambda rng: (lambda q: _spreading(
    q, f"Take the {q:g} quantile of the distances, as numpy.quantile and torch.quantile do, in place of the median."))(
    rng.choice([0.1, 0.25, 0.75, 0.9]))


# 5. Learned by heart?

BY_CHANCE = 0.01


def _seen_and_new(n: int, m: int, by: float, ties: bool = False, outlier: float = 0.0, column: bool = False):
    def make(rng):
        seen, new = torch.randn(n, generator=rng) + by, torch.randn(m, generator=rng)
        if ties:
            seen, new = seen.round(), new.round()
        new[0] += outlier
        return (seen[:, None], new[:, None]) if column else (seen, new)

    return make


class _Side(str):
    """On which side of 0.01 a p-value lies; printed with the p-value itself."""

    def __new__(cls, p: float):
        side = super().__new__(cls, "below 0.01" if p < BY_CHANCE else "0.01 or more")
        side.p = p
        return side

    def __repr__(self):
        return f"{self.p:.2g} ({self!s})"


def _share_and_chance(result, arguments: dict) -> dict:
    share, p = parts(result, 2, "two numbers, the share and the p-value")
    share, p = one_number(share, "the share as a number"), one_number(p, "the p-value as a number")
    require(0 <= p <= 1, f"a p-value lies between 0 and 1; yours is {p:.4g}.")
    return {"the share": torch.tensor(share, dtype=torch.float64), "the p-value": _Side(p)}


def _p(seen, new, alternative="greater"):
    return stats.mannwhitneyu(seen.flatten().numpy(), new.flatten().numpy(), alternative=alternative).pvalue


def _of(test, share=_pairs):
    return lambda seen, new: (share(seen, new), test(seen.flatten(), new.flatten()))


by_heart = Exercise(
    solution=lambda seen, new: _of(_p)(seen, new),
    cases=[Case(_seen_and_new(40, 40, 1.2), "40 seen and 40 new samples"),
           Case(_seen_and_new(40, 40, 0.0), "40 and 40 that D takes for alike"),
           Case(_seen_and_new(16, 300, 1.0), "16 seen and 300 new ones"),
           Case(_seen_and_new(12, 12, 0.55), "12 and 12, of which D prefers the seen ones a little",
                hint="One sample is in twelve pairs, so the pairs do not tell twelve times as much."),
           Case(_seen_and_new(40, 40, -1.2), "a D that prefers the new ones",
                hint="Learning by heart raises the logits of the seen ones, so the question has one side."),
           Case(_seen_and_new(40, 30, 1.0, True), "logits with many ties"),
           Case(_seen_and_new(30, 30, 1.5, outlier=200.0), "one new sample with a huge logit",
                hint="One logit of 200 is one sample above the others, no more."),
           Case(_seen_and_new(3, 4, 9.0), "3 and 4 samples, all seen ones above all new",
                hint="Of seven samples three are on top by chance once in 35."),
           Case(_seen_and_new(25, 60, 1.3, column=True), "logits of shape (n, 1)"),
           Case(lambda rng: (torch.zeros(30), torch.zeros(20)), "a D that says the same about everything")],
    gives=_share_and_chance,
    mistakes={
        "ties should count half.": (_of(_p, lambda a, b: (a.view(-1, 1) > b.view(-1)).double().mean()),
                                    _of(_p, lambda a, b: (a.view(-1, 1) >= b.view(-1)).double().mean())),
        "the share is right. The p-value takes each pair for a trial of its own, as if tossing coins; but one sample "
        "is in many pairs, and they agree with each other.":
            _of(lambda a, b: stats.binomtest(round(float(_pairs(a, b)) * len(a) * len(b)), len(a) * len(b),
                                             alternative="greater").pvalue),
        "this is how often D prefers a *new* one.": lambda seen, new: (1 - _pairs(seen, new), _p(seen, new)),
        "seen and new are swapped throughout.": lambda seen, new: _of(_p)(new, seen),
        "the share is right. The p-value is that of means, a t-test: one huge logit decides it. Ask for ranks.":
            _of(lambda a, b: stats.ttest_ind(a, b, alternative="greater").pvalue if a.std() + b.std() > 0 else 1.0),
        "you return how sure you are, 1 - p. A small p-value is what speaks against chance.":
            _of(lambda a, b: 1 - _p(a, b)),
        "this is the share of seen samples above the mean or median of the new ones. Compare all pairs.":
                tuple(_of(_p, lambda a, b, middle=middle: (a > middle(b)).double().mean()) for middle in (torch.mean,
                                                                                                torch.median)),
    },
    takeaway="A share says how much, a p-value whether to believe it. With sixteen samples both are needed.",
)


# 6. A look in between.


def _trained(step_mode=True, look_mode=False, back=True, end="train", shown_late=False, at=0):
    """The loop of exercise 6: G's mode in a step (True: training), its mode while looked at, whether it is set back
    before a step, and its mode at the end, "" for as it is. at: the remainder of steps after which one looks."""
    def train(generator, discriminator, g_opt, d_opt, batches, noises, look):
        shown = []
        for i, (real, noise) in enumerate(zip(batches, noises, strict=True)):
            if back:
                generator.train(step_mode)
            if shown_late and (i % 2 == 0):
                generator.eval()
                shown.append(generator(look).detach())
                generator.train()
            fake = generator(noise)
            d_loss = softplus(-discriminator(real)).mean() + softplus(discriminator(fake.detach())).mean()
            d_opt.zero_grad()
            d_loss.backward()
            d_opt.step()
            g_loss = softplus(-discriminator(fake)).mean()
            g_opt.zero_grad()
            g_loss.backward()
            g_opt.step()
            if i % 2 == at and not shown_late:
                generator.train(look_mode)
                with torch.no_grad():
                    shown.append(generator(look))
        if end:
            generator.train(end == "train")
        return shown

    return train


def _run_of(label: str, optimizer, steps: int, n: int, **networks) -> Case:
    def make(rng):
        generator, discriminator = _players(rng, norm=True, **networks)
        ins, features = generator[0].in_features, discriminator[0].in_features
        with torch.no_grad():
            generator[1].running_mean += torch.randn(generator[1].num_features, generator=rng)
        return (generator, discriminator, optimizer(generator.parameters()), optimizer(discriminator.parameters()),
                torch.randn(steps, n, features, generator=rng) + 2, torch.randn(steps, n, ins, generator=rng),
                torch.randn(3, ins, generator=rng))

    return Case(make, label)


def _looks(result, arguments: dict) -> dict:
    """The looks, and the mode in which G is given back."""
    kept = result if isinstance(result, list | tuple) else [result]
    require(not any(isinstance(part, torch.Tensor) and part.requires_grad for part in kept), "the fakes of your looks "
            "still hang on G's graph. Draw them under torch.no_grad().")
    value = tensor(lambda *_: ((len(arguments["batches"]) + 1) // 2, len(arguments["look"]), arguments["batches"].shape[
        2]), what="a list of fakes", loose=True)(result, arguments)
    modes = {module.training for module in arguments["generator"].modules()}
    return value | {"G's mode at the end": "mixed" if len(modes) > 1 else "training" if True in modes else "evaluation"}


_MODE = "as it was given: the first look is right, and nothing after it is. In what mode does G make the fakes of " \
    "the second step?"
_gentle = functools.partial(torch.optim.SGD, lr=0.02)
looked_at = bug(
    _trained(back=False, end=""), _MODE,
    solution=lambda generator, discriminator, g_opt, d_opt, batches, noises, look: _trained()(
        generator, discriminator, g_opt, d_opt, batches, noises, look),
    cases=[_run_of("four steps", _gentle, 4, 8), _run_of("five steps of a wider G", _gentle, 5, 16, hidden=9),
           _run_of("one step", _gentle, 1, 6), _run_of("three steps with old gradients", _gentle, 3, 8, left=1.0),
           _run_of("six steps with momentum", functools.partial(_gentle, momentum=0.5), 6, 12, ins=4, features=3)],
    gives=_looks, changes=("generator.weights", "discriminator.weights"), near=1e-4,
    free=("generator.grad", "discriminator.grad", "generator.mode", "g_opt.state", "d_opt.state"),
    mistakes={
        "now the looks are drawn in training mode: the three fakes depend on each other, and G's running means learn "
        "from them.": _trained(look_mode=True),
        "now all of it runs in evaluation mode, from the first step on. Batch norm learns only in train().":
            _trained(step_mode=False),
        "G is looked at before the step. As it was given, each look comes after one.": _trained(shown_late=True),
        "all is right but the end: G is given back in evaluation mode, and it came in training mode.":
            (_trained(end=""), _trained(end="eval")),
        "G comes back in training mode, but from the first look on it trained in evaluation mode. Set it back after "
        "each look.": _trained(back=False),
        "you look after steps 2, 4, 6, .... Look after steps 1, 3, 5, ....": _trained(at=1),
    },
    takeaway="eval() is a state of the network, not of a line: what sets it sets it back.",
)


# 7. Losses that look ill. N(4, 1.25), G 1-32-32-1, D 1-64-64-1, Adam (0, 0.9), rates 1e-4 and 1e-3, batches of 128.
# 20 seeds: mean losses of steps 1 to 10, G 0.74 and D 1.05; of steps 191 to 200, 5.13 and 0.09. Distance to the data in
# standard deviations, mean (least, largest): at first 3.20 (3.02 to 3.37), after 200 steps 2.68 (2.54 to 2.98), after
# 500 1.78 (1.37 to 2.25), after 1000 0.48 (0.10 to 1.07). It fell in each of the first four fifty steps in all 20.

advice = predict(
    "train on",
    "In each of 20 such runs the fakes came nearer in every fifty of these 200 steps: 3.2 standard deviations from the "
    "data at first, then 2.7, after 500 steps 1.8, after 1,000 steps 0.5. D sees the gap before G can close it, so D's "
    "loss falls first. G's loss is D's opinion; the distance is not.",
    {"what do you know of the fakes? These are two opinions of D, and D has learned faster than G. Stop when the "
     "distance to the data no longer falls, and nobody has looked at that yet.": "stop",
     "D is sure, and that is an illness only if G has nothing to follow. The non-saturating loss is steepest where D "
     "is sure. How large is the gradient at G?": "weaker D",
     "they would begin where these began: fakes near 0, data near 4, and a D that sees it at once. What would be "
     "different?": "new networks"},
)


# 8. A curve can be calmed.

_BATCH, _RNG = 128, torch.default_generator
GAME = {"smooth": (0.0, 0.4), "blur": (0.0, 3.0), "r1": (0.0, 50.0), "d_steps": (1, 3)}  # from none to most
NEAR, HITS, WORSE, ROUNDS, LEVEL = 0.05, 0.2, 0.35, 400, 2 * math.log(2)


def ring_game(seed: int, smooth: float = 0.0, blur: float = 0.0, r1: float = 0.0, d_steps: int = 1):
    """Train a small GAN on chapter 4's ring. Returns D's loss in each of 400 rounds, and 2,000 fakes.

    smooth: D's labels are 1 - smooth for real samples and smooth for fakes. blur: the standard deviation of the noise
    that is added to all that D sees. r1: the weight of the penalty R1. d_steps: steps of D a round.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        generator, discriminator = _two_hidden(2, 32, outs=2), _two_hidden(2, 64)
        g_opt, d_opt = (torch.optim.Adam(network.parameters(), rate, betas=(0.0, 0.9), fused=True)
                        for network, rate in ((generator, 3e-3), (discriminator, 6e-3)))

        def seen(samples):
            return samples + blur * torch.randn_like(samples)

        def answers(logits, label):
            return binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))

        losses = []
        for _ in range(ROUNDS):
            for _ in range(d_steps):
                real = seen(data.ring(_BATCH, _RNG)).requires_grad_(r1 > 0)
                fake = seen(generator(torch.randn(_BATCH, 2)).detach())
                logits = discriminator(real)
                d_loss = answers(logits, 1 - smooth) + answers(discriminator(fake), smooth)
                penalty = 0.0
                if r1:
                    (slope,) = torch.autograd.grad(logits.sum(), real, create_graph=True)
                    penalty = r1 / 2 * slope.square().sum(1).mean()
                take_step(d_opt, d_loss + penalty)
            losses.append(d_loss.item())
            take_step(g_opt, answers(discriminator(seen(generator(torch.randn(_BATCH, 2)))), 1.0))
        with torch.no_grad():
            return torch.tensor(losses), generator(torch.randn(2000, 2))


def in_a_spot(fakes: torch.Tensor) -> float:
    """The share of fakes that are less than 0.4 from the center of one of the ring's eight spots."""
    return (torch.cdist(fakes, data.ring_centres()).amin(1) < 0.4).float().mean().item()


@functools.cache
def _played(settings: tuple) -> tuple[list[float], list[float]]:
    """Of the check's seeds: D's loss over the last fifth of the rounds, and the share of fakes in a spot."""
    games = [ring_game(seed, **dict(settings)) for seed in SEEDS]
    return [losses[-ROUNDS // 5:].mean().item() for losses, _ in games], [in_a_spot(fakes) for _, fakes in games]


def _settings(result, arguments: dict) -> dict:
    of_kind(result, dict, 'a dict of settings, {"r1": 1.0} say')
    for name, value in result.items():
        require(name in GAME, f"{name!r:.30} is no setting. There are {', '.join(GAME)}.")
        low, high = GAME[name]
        number = one_number(value, f"{name} as a number")
        whole = isinstance(low, int)
        require(low <= number <= high and (number.is_integer() or not whole), f"{name} goes from {low:g} to {high:g}"
                f"{', in whole steps' * whole}; yours is {number:g}.")
        result = result | {name: int(number) if whole else number}
    return {"": {name: result[name] for name in GAME if name in result}}


def _too_good(settings, *_) -> str:
    rests, hits = _played(tuple(settings.items()))
    rest, most = max(rests, key=lambda rest: abs(rest - LEVEL)), max(hits)
    finished = abs(rest - LEVEL) <= NEAR
    if finished and most <= HITS:
        return ""
    told = f"over the last 80 rounds D's loss is {rest:.2f}, and 2 log 2 is {LEVEL:.2f}; {most:.0%} of the fakes lie " \
        "in a spot. "
    if not finished:
        return f"{told}The curve does not look finished."
    return f"{told}The curve looks finished, but the fakes are too good: {HITS:.0%} may lie there. " + (
        "They are worse than the healthy ones already. Go on." if most < WORSE else
        "D says less than before; does it see less?")


# Where other settings lead: python -m benchmarks.solutions 8.8
calm = Exercise(
    solution=lambda: {"blur": 2.0}, cases=[lambda rng: ()], gives=_settings, judge=_too_good,
    mistakes={
        "D says less than before; does it see less?": (lambda: {"smooth": 0.4}, lambda: {"r1": 10}),
        "The curve does not look finished": (dict, lambda: {"d_steps": 3}),
    },
    takeaway=lambda settings: f"D's loss rests at {_played(tuple(settings.items()))[0][0]:.2f}, nearer to 2 log 2 than "
                              f"the healthy one's, and {_played(tuple(settings.items()))[1][0]:.0%} of the fakes "
                              "lie in a spot, where it has about half. A curve can be calmed without curing anything.",
)


# 9. Two illnesses.

_IS_LONG, _LUMPS = 0.6, torch.tensor([[[110.0, 55.0], [12.0, 6.0]], [[260.0, 80.0], [22.0, 6.0]]])


def geyser(n: int, rng: torch.Generator) -> torch.Tensor:
    """n eruptions: how long each lasts, in seconds, and how long it takes until the next, in minutes."""
    means, stds = _LUMPS[(torch.rand(n, generator=rng) < _IS_LONG).long()].unbind(1)
    return means + stds * torch.randn(n, 2, generator=rng)


@functools.cache
def _eruptions() -> torch.Tensor:
    return geyser(2000, torch.Generator().manual_seed(71))


def off(generator: nn.Module) -> tuple[float, str]:
    """How far 2,000 fakes are from the geyser's eruptions, in standard deviations, and what they are.

    The Wasserstein-1 distance along sixteen directions, on average. generator: (n, 2) normal noise to (n, 2) seconds
    and minutes.
    """
    z = torch.randn(2000, 2, generator=torch.Generator().manual_seed(5))
    try:
        with torch.no_grad():
            fakes = generator.eval()(z)
    except Exception as error:
        raise NotYet(f"your network cannot make fakes of noise of shape {tuple(z.shape)}: {error!s:.120}") from error
    require(isinstance(fakes, torch.Tensor) and fakes.shape == z.shape, "noise of shape (2000, 2) should become fakes "
            f"of shape (2000, 2); yours are {tuple(getattr(fakes, 'shape', ()))}.")
    require(torch.isfinite(fakes).all(), "some fakes are NaN or infinite.")
    real = _eruptions()
    angles = torch.arange(16) * torch.pi / 16
    far = [((x - real.mean(0)) / real.std(0) @ torch.stack([angles.cos(), angles.sin()])).sort(0).values
           for x in (real, fakes.float())]
    (a, b), (c, d) = ([round(value, 1) + 0.0 for value in part(fakes, 0).tolist()] for part in (torch.mean, torch.std))
    return (far[0] - far[1]).abs().mean().item(), f"The fakes last {a:g} s on average (std {c:g}), with a wait of " \
        f"{b:g} min (std {d:g})."


def _geyser_gan(rounds: int = 300, rate: float = 5e-3, beta: float = 0.0, decay: bool = True, units: bool = True,
                back: bool = True):
    """Seed -> generator of the geyser; units: trained in standard units. back: with the way back."""
    def geyser_gan(seed):
        rng = torch.Generator().manual_seed(seed)
        torch.manual_seed(seed)
        generator, discriminator = _two_hidden(2, 32, outs=2), _two_hidden(2, 32)
        sample = geyser(10_000, rng)
        shift, scale = (sample.mean(0), sample.std(0)) if units else (torch.zeros(2), torch.ones(2))
        last = nn.Linear(2, 2)
        last.weight.data, last.bias.data = scale.diag(), shift
        g_opt, d_opt = (torch.optim.Adam(network.parameters(), rate, betas=(beta, 0.999))
                        for network in (generator, discriminator))
        for i in range(rounds):
            for optimizer in (g_opt, d_opt):
                optimizer.param_groups[0]["lr"] = rate * (1 - i / rounds if decay else 1)
            real, fake = (geyser(64, rng) - shift) / scale, generator(torch.randn(64, 2, generator=rng))
            take_step(d_opt, softplus(-discriminator(real)).mean() + softplus(discriminator(fake.detach())).mean())
            take_step(g_opt, softplus(-discriminator(fake)).mean())
        return nn.Sequential(generator, last) if back else generator

    return geyser_gan


_GIVEN = {"rate": 0.01, "beta": 0.9, "decay": False}
# How far each cure alone comes in 600 optimizer steps, and both: python -m benchmarks.solutions 8.9
both_cured = train(
    lambda seed: _geyser_gan()(seed), off, 0.3, 600, "distance to the geyser",
    "Two illnesses, and neither cure shows until the other is there. Measure the causes, not the end.",
    {"the distance to the geyser is": (_geyser_gan(**_GIVEN, units=False), _geyser_gan(**_GIVEN),
                                       _geyser_gan(units=False), _geyser_gan(back=False)),
     "and 600 are allowed": _geyser_gan(302), "your network cannot make fakes": lambda seed: nn.Linear(5, 2),
     "should become fakes": lambda seed: nn.Linear(2, 3)},
)


# 10. Six patients.

CAUSES = ("healthy", "D too weak", "collapse", "dropped modes", "few samples", "gradient cut", "labels swapped",
          "probability as logit", "rate too low", "raw units")
_PUT_IN = {"A": "D too weak", "B": "labels swapped", "C": "few samples", "D": "healthy", "E": "dropped modes",
           "F": "probability as logit"}
_STEPS = 400


class Patient:
    """A small GAN, trained on the bell curve of chapter 3, with all that tests need.

    generator, discriminator: networks; real, held_out, noise: samplers (n, rng), what it is trained on, more
    of the same kind, and what G is fed; step(): one more step of its loop, on these networks.
    """

    def __init__(self, letter: str, seed: int):
        self._letter, self._done = letter, 0
        self._few = data.gaussian(5, torch.Generator().manual_seed(100 + seed))
        heart = self._is("few samples")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.generator = _two_hidden(1, 32)
            self.discriminator = nn.Sequential(nn.Linear(1, 1)) if self._is("D too weak") else \
                _two_hidden(1, 128 if heart else 32, *[nn.Sigmoid()] * self._is("probability as logit"))
            self._rates = 3e-3 * (0.1 if heart else 1.0), 1.2e-2
            self._optimizers = [
                torch.optim.Adam(network.parameters(), rate, betas=(0.0, 0.9), fused=True)
                for network, rate in zip((self.generator, self.discriminator), self._rates, strict=True)]
            for _ in range(_STEPS):
                self.step()

    def _is(self, cause: str) -> bool:
        return _PUT_IN[self._letter] == cause

    def held_out(self, n: int, rng: torch.Generator = _RNG) -> torch.Tensor:
        """Real samples that were not trained on."""
        return data.gaussian(n, rng)

    def real(self, n: int, rng: torch.Generator = _RNG) -> torch.Tensor:
        """Samples of the training set."""
        if self._is("few samples") and self._done >= _STEPS // 2:
            return self._few[torch.randint(0, len(self._few), (n,), generator=rng)]
        return data.gaussian(n, rng)

    def _batch(self) -> torch.Tensor:
        batch = self.real(4 * _BATCH + 20)
        return batch[batch[:, 0] > 4][:_BATCH] if self._is("dropped modes") else batch[:_BATCH]

    def noise(self, n: int, rng: torch.Generator = _RNG) -> torch.Tensor:
        """What G is fed."""
        return torch.randn(n, 1, generator=rng)

    def step(self) -> tuple[float, float]:
        """One step of D, then one of G. Returns (G's loss, D's loss)."""
        share = 1.0 if self._is("few samples") else max(0.1, 1 - 0.9 * self._done / _STEPS)
        for optimizer, rate in zip(self._optimizers, self._rates, strict=True):
            optimizer.param_groups[0]["lr"] = rate * share
        g_opt, d_opt = self._optimizers
        real = self._batch().requires_grad_()
        logits, fakes = self.discriminator(real), self.discriminator(self.generator(self.noise(_BATCH)).detach())
        d_loss = softplus(-logits).mean() + softplus(fakes).mean()
        (slope,) = torch.autograd.grad(logits.sum(), real, create_graph=True)
        d_opt.zero_grad()
        (d_loss + (0 if self._is("few samples") else 0.05) * slope.square().sum(1).mean()).backward()
        d_opt.step()
        logits = self.discriminator(self.generator(self.noise(_BATCH)))
        g_loss = softplus(logits if self._is("labels swapped") else -logits).mean()
        g_opt.zero_grad()
        g_loss.backward()
        g_opt.step()
        self._done += 1
        return g_loss.item(), d_loss.item()


def _two_hidden(ins: int, hidden: int, *last, outs: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Linear(ins, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, hidden), nn.LeakyReLU(0.2),
                         nn.Linear(hidden, outs), *last)


def patient(letter: str, seed: int = 3) -> Patient:
    """A freshly trained GAN, one of "A" to "F": see `Patient`. One of the six is well."""
    require(letter in _PUT_IN, f"the patients are 'A' to 'F', not {letter!r:.20}.")
    return Patient(letter, seed)


_AGAINST = {
    "healthy": "the fakes of one that is well have nearly the mean and the standard deviation of held-out samples. "
               "Compare a few thousand of each.",
    "D too weak": "a D that is too weak has too few layers to see a difference. Print it, and train a new, larger one "
                  "on the same fakes.",
    "collapse": "collapsed fakes are nearly alike. Measure exercise 4's spread.",
    "dropped modes": "with a part missing, the fakes are right elsewhere, and D and the loop can do their work. Count "
                     "fakes between the deciles of held-out samples; then look at D and at the data before you blame "
                     "G.",
    "few samples": "a small training set repeats itself. Draw a thousand from real, and count how many differ.",
    "gradient cut": "a G without a gradient does not move. Make one step on a copy, and compare its weights.",
    "labels swapped": "with a label swapped the fakes run away from the data. Make 200 more steps on a copy, and watch "
                      "their mean.",
    "probability as logit": "a D that gives probabilities stays between 0 and 1. Feed it absurd inputs, times 10,000.",
    "rate too low": "a step that is too small changes G's weights by less than a ten-thousandth of their length. "
                    "Measure some on a copy.",
    "raw units": "data in raw units are hundreds, or thousandths. Look at the size of real samples.",
}


def _six(result, arguments: dict) -> dict:
    of_kind(result, dict, "a dict, {\"A\": cause, ...}")
    require(sorted(map(str, result)) == list(_PUT_IN), f"name a cause for each of {', '.join(_PUT_IN)}.")
    strange = [f"{letter}: {cause!r:.30}" for letter, cause in result.items() if cause not in CAUSES]
    require(not strange, "causes are named as in check.CAUSES, and this is not one of them: "
            f"{''.join(strange[:1])}.")
    return {"": dict(result)}


def _six_right(found, *_) -> str:
    right = [letter for letter, cause in _PUT_IN.items() if found[letter] == cause]
    wrong = next((letter for letter in _PUT_IN if letter not in right), None)
    are = "is" if len(right) == 1 else "are"
    return f"{len(right)} of 6 {are} right. A test that speaks against {found[wrong]!r} for patient {wrong}: " \
        f"{_AGAINST[found[wrong]]}" if wrong else ""


def _but(**named):
    return lambda: _PUT_IN | named


diagnoses = Exercise(
    solution=lambda: dict(_PUT_IN), cases=[lambda rng: ()], gives=_six, judge=_six_right,
    free=("random",),  # patients draw from it
    mistakes={
        "5 of 6 are right. A test that speaks against 'collapse' for patient A": _but(A="collapse"),
        "a D that is too weak has too few layers": _but(F="D too weak"),
        "with a label swapped the fakes run away": _but(F="labels swapped", E="labels swapped"),
        "a small training set repeats itself": _but(E="few samples"),
        "1 of 6 is right. A test that speaks against 'healthy' for patient A": lambda: dict.fromkeys(_PUT_IN,
                                                                                                     "healthy"),
    },
    takeaway="Six of six, with the data looked at first, then the loop, then D, and the fakes last.",
)
