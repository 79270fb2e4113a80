"""Answers to the exercises of chapter 1: right ones, and wrong ones, beside the mistakes, with what is said."""

import math
import random

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy, cross_entropy, logsigmoid, one_hot, softplus
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_helpers.data import from_bits
from gan_helpers.exercises.even_numbers import _chances, _d_loss, _numbers, _summed, by_hand
from gan_helpers.exercises.kinds import take_step
from gan_helpers.generators import bit_generator
from gan_helpers.noise import all_bits, random_bits

EYE, one, zero = torch.eye(7), torch.ones_like, torch.zeros_like
BLAME = "D has moved. In G's step only G's optimizer may step"


def coins(n, rng, count=6):
    return torch.randint(0, 2, (n, count), generator=rng).float()


def checked(n, rng, last=lambda six: six.sum(1, keepdim=True) % 2):
    six = coins(n, rng)
    return torch.cat([six, last(six)], 1)


ROWS = all_bits()[all_bits().sum(1) % 2 == 0]


def thrown_away(n, rng):
    rows = coins(4 * n + 99, rng, 7)
    return rows[rows.sum(1) % 2 == 0][:n]


def saved(kept):
    """A sampler that gives its first draw again and again."""
    return lambda n, rng: kept.setdefault(n, checked(n, rng))


def g_by_hand(generator, discriminator, optimizer, noise):
    loss, weights = -logsigmoid(discriminator(generator(noise))).mean(), list(generator.parameters())
    for weight, slope in zip(weights, torch.autograd.grad(loss, weights), strict=True):
        weight.grad = slope
    optimizer.step()
    return loss.detach()


def freezes(restore):
    def step(generator, discriminator, optimizer, noise):
        discriminator.requires_grad_(False)
        loss = take_step(optimizer, softplus(-discriminator(generator(noise))).mean())
        discriminator.requires_grad_(restore)
        return loss

    return step


def g_loss(d, fake):
    return softplus(-d(fake)).mean()


def late(optimizer, loss):
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss


def plain(optimizer, loss, rate=0.5):
    """Gradient descent by hand, whatever the optimizer is."""
    optimizer.zero_grad()
    loss.backward()
    for p in optimizer.param_groups[0]["params"]:
        p.data -= rate * p.grad
    return loss


def everything(g, d, loss):
    return take_step(torch.optim.SGD([*g.parameters(), *d.parameters()], 0.5), loss)


def two_passes(generator, discriminator, optimizer, real, noise):
    optimizer.zero_grad()
    losses = softplus(-discriminator(real)).mean(), softplus(discriminator(generator(noise).detach())).mean()
    for loss in losses:
        loss.backward()
    optimizer.step()
    return sum(losses).item()


def with_no_grad(g, d, optimizer, real, noise):
    with torch.no_grad():
        fake = g(noise)
    return take_step(optimizer, _d_loss(d(real), d(fake)))


def tidies(g, d, optimizer, real, noise):
    loss = take_step(optimizer, _d_loss(d(real), d(g(noise))))
    g.zero_grad()
    return loss


def freezes_g(g, d, optimizer, real, noise):
    g.requires_grad_(False)
    return take_step(optimizer, _d_loss(d(real), d(g(noise))))


def patches(g, d, optimizer, noise):
    loss = take_step(optimizer, g_loss(d, g(noise)))
    g.forward = lambda z: z
    return loss


def table_by_bits(g, p):
    table = [0.0] * 128
    for noise in all_bits():
        number = int("".join("1" if output > 0.5 else "0" for output in g(noise)), 2)
        table[number] += math.prod(p if bit else 1 - p for bit in noise.tolist())
    return table


def first_only(g, p, kept=[]):  # noqa: B006
    return kept.append(right_table(g, p)) or kept[0]


def right_table(g, p):
    return _summed(_numbers(g), _chances(all_bits(), p))


def sampled(g, p, rng=None):
    noise = (torch.rand(5000, 7, generator=rng) < p).float()
    return torch.bincount(from_bits(g(noise) > 0.5), minlength=128) / 5000


def overwritten(g, p):
    table = torch.zeros(128)
    table[_numbers(g)] += _chances(all_bits(), p).float()
    return table


def by_value(g, p):
    """The probabilities of the numbers that come, and of no others."""
    return torch.bincount(_numbers(g), weights=_chances(all_bits(), p))


def seen(t, n):
    return (1 - (1 - t) ** n).sum()


def evens(t, n):
    return t[::2].sum() ** n


def by_terms(t, n):
    even = math.prod([sum(t[0::2].tolist())] * n)
    return even, sum(1 - math.exp(n * math.log1p(-x)) if x < 1 else 1 for x in t.tolist())


def in_place(t, n):
    t.neg_().add_(1).pow_(n)
    return (1 - t[1::2].sum()) ** n, (1 - t).sum()


def log1pexp(x):
    return torch.maximum(x, 0 * x) + (-x.abs()).exp().log1p()


def two_classes(x, label):
    return cross_entropy(torch.cat([0 * x, x], 1), torch.full((len(x),), label))


def branches(x):
    """Each branch gets only what it can stand."""
    small = x.clamp(max=0)
    return torch.where(x > 0, x + (-x.clamp(min=0)).exp().log1p(), small.exp().log1p())


def spoilt(change, labels=lambda y: y):
    """The step with what `change` makes of the logits (n, 1)."""
    def step(d, optimizer, samples, y):
        return take_step(optimizer, bce(change(d(samples)), labels(y)))

    return step


def one_by_one(d, optimizer, samples, labels):
    optimizer.zero_grad()
    losses = [softplus(-d(row)) if label else softplus(d(row)) for row, label in zip(samples, labels, strict=True)]
    loss = torch.stack(losses).mean()
    loss.backward()
    optimizer.step()
    return loss.item()


def two_kinds(d, optimizer, samples, labels):
    logits, real = d(samples), labels.bool()
    return take_step(optimizer, torch.cat([softplus(-logits[real]), softplus(logits[~real])]).mean())


def halves(d, optimizer, samples, labels):
    """The loss (1.1), which weighs both kinds alike however many there are."""
    logits, real = d(samples), labels.bool()
    return take_step(optimizer, softplus(-logits[real]).mean() + softplus(logits[~real]).mean())


def eyes(see, width=7, bias=True):
    class Eyes(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(width, 1, bias=bias)

        def forward(self, x):
            return self.layer(see(x))

    return Eyes


def lucky(seed, unit=nn.LeakyReLU):
    """Two hidden units, whose weights may happen to be good ones."""
    def detective():
        torch.manual_seed(seed)
        return nn.Sequential(nn.Linear(7, 2), unit(), nn.Linear(2, 1))

    return detective


class FixedLayer(nn.Module):
    """A hidden layer that does not learn; `keep` says how the module holds its weights."""

    def __init__(self, keep=nn.Module.register_buffer):
        super().__init__()
        keep(self, "hidden", 5 * torch.randn(7, 19))
        self.layer = nn.Linear(19, 1)

    def forward(self, x):
        return self.layer((x @ self.hidden).relu())


def filled(weight, bias, last_bias=-10.0):
    layer = nn.Linear(7, 7)
    layer.weight.data, layer.bias.data = weight, torch.full((7,), bias)
    layer.weight.data[6], layer.bias.data[6] = -1.0, last_bias
    return nn.Sequential(layer, nn.Sigmoid())


def or_of_two():
    generator = by_hand()
    generator[0].weight.data[5, 6] = 20
    return generator


def no_grad_forgotten():
    generator = bit_generator()
    generator[0].weight.copy_(EYE)
    return generator


RIGHT = {
    "even_ones": [checked, thrown_away, lambda n, rng: ROWS[torch.randint(0, 64, (n,), generator=rng)],
                  lambda n, rng: checked(n, rng, lambda six: (1 - (1 - 2 * six).prod(1, keepdim=True)) / 2).roll(3, 1)],
    "discriminator_loss": [lambda real, fake: (1 + (-real.double()).exp()).log().mean() + (
        1 + fake.double().exp()).log().mean(), lambda real, fake: log1pexp(-real).mean() + log1pexp(fake).mean(),
                           lambda real, fake: branches(-real).mean() + branches(fake).mean(),
                           lambda real, fake: 2 * torch.logaddexp(torch.cat([-real, fake]), zero(real[:1])).mean()],
    "generator_step": [g_by_hand, freezes(True), lambda g, d, optimizer, z: take_step(optimizer, bce(
        d(g(z)), torch.ones(len(z), 1))).item()],
    "discriminator_step": [two_passes, with_no_grad],
    "exact_table": [table_by_bits, right_table, lambda g, p: _summed(from_bits(g(all_bits()) >= 0.5), _chances(
        all_bits(), p)), lambda g, p: (one_hot(_numbers(g), 128).double() * _chances(
        all_bits(), p)[:, None]).sum(0), lambda g, p: torch.stack([
            _chances(all_bits(), p)[_numbers(g) == k].sum() for k in range(128)])],
    "ten_samples": [by_terms, lambda t, n: torch.stack([evens(t, n), seen(t, n)]), lambda t, n: [
        float((1 - t[1::2].sum()) ** n), 128 - ((1 - t) ** n).sum().item()]],
    "two_numbers": [lambda: [84, 42], lambda: torch.tensor([0, 126]), lambda: np.array([62, 64]),
                    lambda: (np.int64(0), torch.tensor(126)), lambda: (100, 26)],
    "perfect_generator": [lambda: by_hand(-30, 15.0, 0.0, -30.0, range(6, -1, -1)), lambda: filled(
        16 * EYE[[6, 5, 4, 3, 2, 1, 0]], -8.0)],
    "share_with_even_ones": [lambda: 0.5, lambda: 0.45, lambda: torch.tensor(0.55), 0.5, 1 / 2],
    "mended_step": [one_by_one, two_kinds, spoilt(lambda x: x.flatten()), spoilt(lambda x: x, lambda y: y[:, None]),
                    lambda d, optimizer, x, y: take_step(
                        optimizer, -((2 * y - 1) * d(x)[:, 0]).sigmoid().log().mean())],
    "small_detective": [eyes(lambda x: x * (1 - x)), eyes(lambda x: (x - 0.5).abs()), eyes(lambda x: (
        math.pi * x).sin(), bias=True), eyes(lambda x: torch.cat([x, x**2], 1), 14)],
}  # fmt: skip
SAME, OFTEN, SHAPE, MOVED = "whatever it is given", "equally likely", "return one number", "in another direction"
ROW, TWO, KEEP = "return shape (64, 7)", "return 2 numbers", "keep the chapter's generator"
STUCK, CUT, ODD = "got no gradient", "cut the graph with fake.detach()", "an odd number of ones"
UNREADY, GLOBAL = "Write out what it does", "PyTorch's global random numbers"
WRONG = {
    "even_ones": {
        lambda n, rng: checked(n, rng, lambda six: six.sum(1, keepdim=True)): "the remainder by 2 is one: % 2",
        lambda n, rng: checked(n, rng, lambda six: six[:, :5].sum(1, keepdim=True) % 2): ODD,
        lambda n, rng: checked(n, rng, lambda six: six.mean(1, keepdim=True).round()): "what most of the others",
        lambda n, rng: torch.cat([torch.randint(0, 2, (n, 6)), torch.zeros(n, 1)], 1): GLOBAL,
        lambda n, rng: torch.stack([ROWS[random.randrange(64)] for _ in range(n)]): "Python's global random numbers",
        lambda n, rng: checked(n, torch.Generator().manual_seed(0)): "the same: nothing is drawn from rng",
        lambda n, rng: checked(n, rng.manual_seed(7)): "the same: your function seeds rng",
        lambda n, rng: checked(n, rng.clone_state()): "drawn twice from one rng",
        saved({}): "two seeds gave the same",
        lambda n, rng: ROWS[torch.arange(n) % 64]: "the same: nothing is drawn from rng",
        lambda n, rng: from_bits(checked(n, rng)): "Return the bits themselves",
        lambda n, rng: checked(n, rng).long(): "End with .float()",
        lambda n, rng: torch.zeros(n, 7): "every sample is 0", lambda n, rng: ROWS[[9]].expand(n, 7): "every sample is",
        lambda n, rng: checked(1, rng): ROW, lambda n, rng: coins(n, rng): ROW,
        lambda n, rng: (x := coins(n, rng, 7))[x.sum(1) % 2 == 0]: ROW,
        lambda n, rng: checked(n, rng).squeeze(): "return shape (1, 7)",
        lambda n, rng: torch.rand(n, 7, generator=rng): "every entry must be exactly 0 or 1",
        lambda n, rng: checked(n, rng).tolist(): "return a tensor, not a list",
        lambda n, rng: checked(n, rng).numpy(): "return a tensor, not an ndarray",
        lambda n, rng: checked(n, rng, parity): "stopped with NameError",  # noqa: F821
        lambda n, rng: ROWS[(63 * torch.rand(n, generator=rng)).round().long()]: OFTEN,
        lambda n, rng: ROWS[torch.randint(0, 63, (n,), generator=rng)]: "126 never came up",
        lambda n, rng: ROWS[(torch.arange(n) + torch.randint(0, 64, (1,), generator=rng)) % 64]: "the one before it",
    },
    "discriminator_loss": {
        lambda real, fake: float(_d_loss(real, fake)): "No gradient flows through anything else",
        lambda real, fake: 2 * math.log(2): "No gradient flows through anything else",
        lambda real, fake: torch.tensor(1.3863): "always 2 log 2?",
        lambda real, fake: _d_loss(fake, real): "your labels are swapped",
        lambda real, fake: bce(real, one(real)) + bce(fake, zero(fake)): UNREADY,
        lambda real, fake: -logsigmoid(real).mean() - logsigmoid(-fake).mean(): UNREADY,
        lambda real, fake: nn.Softplus()(-real).mean() + nn.Softplus()(fake).mean(): UNREADY,
        lambda real, fake: nn.BCEWithLogitsLoss()(real, one(real)): UNREADY,
        lambda real, fake: -real.log().mean() - (1 - fake).log().mean(): "A logit is no probability",
        lambda real, fake: binary_cross_entropy(real, one(real)) + fake.mean(): "RuntimeError",
        lambda real, fake: ((1 + real.exp()).log() - real).mean() + ((1 + (-fake).exp()).log() + fake).mean():
            "exp(200) is infinite in float32",  # right where D is wrong, infinite where D is right
        lambda real, fake: _d_loss(real.clamp(-50, 50), fake.clamp(-50, 50)): "Is something clipped",
        lambda real, fake: _d_loss(real.clamp(-200, 200), fake.clamp(-200, 200)): "Is something clipped",
        lambda real, fake: log1pexp(-real) + log1pexp(fake): SHAPE,
        lambda real, fake: (log1pexp(-real).mean(), log1pexp(fake).mean()): SHAPE, lambda real, fake: "log 2": SHAPE,
        lambda real, fake: _d_loss(real, fake).detach(): "no gradient flows through it",
        lambda real, fake: _d_loss(real, fake.detach()): "not the right slope in fake",
        lambda real, fake: _d_loss(real.data, fake): "not the right slope in real",
        lambda real, fake: log1pexp(-real).exp_().log_().mean() + log1pexp(fake).mean(): "cannot take its gradient",
        lambda real, fake: torch.where(real < -80, -real, (1 + (-real).exp()).log()).mean()
        + torch.where(fake > 80, fake, (1 + fake.exp()).log()).mean(): "torch.where computes both branches",
        lambda real, fake: (1 + (-real).exp()).log().nan_to_num(posinf=200).mean()
        + (1 + fake.exp()).log().nan_to_num(posinf=200).mean(): "slope in real_logits: you get nan",
        lambda real, fake: -(1 / (1 + (-real).exp())).log().mean() - (1 - 1 / (1 + (-fake).exp())).log().mean():
            "exp(200) is infinite in float32",
        lambda real, fake: two_classes(real, 1) + two_classes(fake, 0): UNREADY,
        lambda real, fake: log1pexp(real.neg_()).mean() + log1pexp(fake).mean(): "overwrites real_logits",
        lambda real, fake: _d_loss(real, fake) * (1 + 1e-3): "it should be",
        lambda real, fake: log1pexp(-real).sum() / 8 + log1pexp(fake).sum() / 8: "it should be",
    },
    "generator_step": {
        freezes(False): "D is frozen for good",
        lambda g, d, optimizer, z: d.zero_grad() or take_step(optimizer, g_loss(d, g(z)), False): "of an earlier step",
        lambda g, d, optimizer, z: late(optimizer, g_loss(d, g(z))): STUCK,
        lambda g, d, optimizer, z: g_loss(d, g(z)): STUCK,
        lambda g, d, optimizer, z: take_step(optimizer, g_loss(d, g(z).detach()), False): STUCK,
        lambda g, d, optimizer, z: take_step(optimizer, g_loss(d, g(z).detach())): STUCK,
        lambda g, d, optimizer, z: take_step(optimizer, g_loss(d, (g(z) > 0.5).float())): STUCK,
        lambda g, d, optimizer, z: take_step(optimizer, g_loss(d, g(z).round())): STUCK,
        torch.no_grad()(lambda g, d, optimizer, z: take_step(optimizer, g_loss(d, g(z)))): "stopped with RuntimeError",
        lambda g, d, optimizer, z: everything(g, d, g_loss(d, g(z))): BLAME,
        lambda g, d, optimizer, z: take_step(optimizer, g_loss(d, g(z))) * 0 or g: "return the loss, not",
        lambda g, d, optimizer, z: take_step(optimizer, g_loss(d, g(1 - z))): MOVED,
        lambda g, d, optimizer, z: plain(optimizer, g_loss(d, g(z))): "in nearly the right direction",
        lambda g, d, optimizer, z: plain(optimizer, g_loss(d, g(z)), 1.0): "right direction, 2 times as far",
        patches: "hooks or patches generator",
        lambda g, d, optimizer, z: take_step(optimizer, g_loss(d, g.eval()(z))): "another mode",
    },
    "discriminator_step": {
        lambda g, d, optimizer, real, z: take_step(optimizer, _d_loss(d(real), d(g(z)))): CUT, tidies: CUT,
        lambda g, d, optimizer, real, z: g.zero_grad() or with_no_grad(g, d, optimizer, real, z): CUT,
        freezes_g: "G is frozen for good",
        lambda g, d, optimizer, real, z: late(optimizer, _d_loss(d(real), d(g(z).detach()))): STUCK,
        lambda g, d, optimizer, real, z: _d_loss(d(real), d(g(z))): STUCK,
        lambda g, d, optimizer, real, z: everything(g, d, _d_loss(d(real), d(g(z)))): "G has moved",
        lambda g, d, optimizer, real, z: take_step(optimizer, _d_loss(d(real), d(real.roll(1, 1)))): MOVED,
        lambda g, d, optimizer, real, z: [with_no_grad(g, d, optimizer, real, z), 0]: "return the loss: one number",
        lambda g, d, optimizer, real, z: plain(optimizer, _d_loss(d(real), d(g(z).detach()))): MOVED,
        lambda g, d, optimizer, real, z: with_no_grad(g, d, optimizer, real.neg_(), z): "overwrites real",
    },
    "exact_table": {
        by_value: "minlength=128", overwritten: "keeps the chance of one of them",
        lambda g, p: right_table(g, p)[::2]: "yours is (64,)",
        lambda g, p: from_bits(g(all_bits())): "stopped with ValueError: from_bits takes zeros and ones",
        first_only: SAME, sampled: "this is a sample",
        lambda g, p: sampled(g, p, torch.Generator().manual_seed(0)): "it should be",
        lambda g, p: torch.bincount(from_bits(g(random_bits(128, torch.Generator())) > 0.5), minlength=128) / 128:
            "it should be",
        lambda g, p: dict(enumerate(right_table(g, p).tolist())): "return a tensor, one probability",
        lambda g, p: g(all_bits()) > 0.5: "yours is (128, 7)", lambda g, p: right_table(g, round(p)): "it should be",
    },
    "ten_samples": {
        in_place: "overwrites table", lambda t, n: (0.75, 3.0): SAME, lambda t, n: (1, 9.3): SAME,
        lambda t, n: (t[::2] ** n, seen(t, n)): "is a sum() or mean() missing?",
        lambda t, n: (evens(t, n), 1 - (1 - t) ** n): "is a sum() or mean() missing?",
        evens: TWO, lambda t, n: {"even": evens(t, n)}: TWO, lambda t, n: ("all", "of"): TWO,
        lambda t, n: (seen(t, n), evens(t, n)): "the wrong way round",
        lambda t, n: (evens(t, 10), seen(t, 10)): "you get",
    },
    "two_numbers": {(lambda pair=pair: pair): says for pair, says in {
        (64, 126): "the bit that counts 64 is 1 in both", (42, 42): "the bit that counts 64 is 0 in both",
        (0, 127): "127 is odd", (63, 64): "63 is odd", (42.0, 84.0): "both must be ints", (False, 126): "must be ints",
        ("0101010", "1010100"): "both must be ints", (-2, 128): "ints from 0 to 127", (128, 254): "ints from 0 to 127",
        (0, 42, 84): "return two numbers", 126: "return two numbers", "42, 84": "return two numbers"}.items()},
    "perfect_generator": {
        or_of_two: "all 64 come up, but not equally often",
        no_grad_forgotten: "stopped with RuntimeError: a leaf Variable",
        lambda: by_hand(0.0, 0.0, last_bias=0.0): "what does the bias have to do?",
        lambda: by_hand(1.0, -0.5): "Larger weights", lambda: by_hand(last=7.0): "% of the numbers are even",
        lambda: by_hand(bias=10.0): "but only 1 of the 64 numbers", lambda: by_hand()[0]: KEEP,
        lambda: bit_generator: KEEP,
        lambda: by_hand()[0].weight: KEEP, lambda: nn.Sequential(*by_hand(), nn.Sigmoid()): KEEP,
        lambda: nn.Sequential(nn.Linear(7, 64), nn.Sigmoid()): KEEP, lambda: bit_generator(6): KEEP,
        bit_generator: "for some noise",
    },
    "share_with_even_ones": {(lambda guess=guess: guess): says for guess, says in {
        1.0: "a linear D sees the mean of each bit", 0.9: "What is that mean here?", 0.0: "who would teach G",
        0.99: "a linear D sees", 0.95: "What is that mean here?", 0.01: "0.01 is too small",
        math.nan: "nan is no guess",
        0.75: "What is that mean here?", 0.61: "What is that mean here?",
        0.39: "0.39 is too small", 50: "in percent?", "half": "return your"}.items()},
    "mended_step": {
        spoilt(lambda x: x): "stopped with ValueError", halves: "each sample counts alike",
        lambda d, optimizer, x, y: take_step(optimizer, -bce(d(x)[:, 0], y)):
            "opposite direction, as far as they should",
        lambda d, optimizer, x, y: bce(d(x)[:, 0], y): STUCK,
        lambda d, optimizer, x, y: take_step(optimizer, ((d(x)[:, 0].sigmoid() - y) ** 2).mean()): MOVED,
        lambda d, optimizer, x, y: take_step(optimizer, ((d(x) - y) ** 2).mean()): MOVED,
        lambda d, optimizer, x, y: take_step(optimizer, bce(d(x)[:, 0], y)) and None: "gave back None",
        lambda d, optimizer, x, y: take_step(optimizer, bce(d(x)[:, 0], y.sub_(0))): "overwrites labels",
        lambda d, optimizer, x, y: plain(optimizer, bce(d(x)[:, 0], y)): MOVED,
    },
    "small_detective": {
        eyes(lambda x: x.sub_(0.5).square()): "writes into the rows that it is given",
        eyes(lambda x: x.var(0, keepdim=True).expand_as(x)): "depends on the other rows",
        FixedLayer: "20 weights and 133 fixed numbers", lambda: FixedLayer(setattr): "20 weights and 133 fixed numbers",
        **{lucky(seed): "at most 0.5" for seed in range(4)}, lucky(0, nn.ReLU): "at most 0.5",
        lucky(0, nn.GELU): "at most 0.5",
        lambda: nn.Sequential(nn.Linear(7, 1), nn.Sigmoid()): "is 1.31, and it should be at most 0.5.",
        lambda: nn.Sequential(nn.Linear(7, 2), nn.LeakyReLU(0.2), nn.Linear(2, 1)): "What could you show a linear",
        lambda: nn.Linear(7, 2): "logits, shape (n, 1)", lambda: 3: "return a network, not an int",
        eyes(lambda x: (x - x.detach()).abs(), 7): "That is guessing", eyes(lambda x: x.log(), 7): "nan",
        eyes(lambda x: x.sqrt(), 7): "at most 0.5",
        eyes(lambda x: x[:, :5], 7): "stopped with RuntimeError", eyes(lambda x: x**2, 7): "but too small a one",
        lambda: nn.Sequential(nn.Linear(7, 3), nn.ReLU(), nn.Linear(3, 1)): "28 weights, and 20 are allowed",
        lambda: eyes(lambda x: x * (1 - x))().requires_grad_(False): "no weights that can learn",
    },
}  # fmt: skip
