"""Answers to the exercises of chapter 1: right ones, and wrong ones, beside the mistakes, with what is said."""

import math
import random

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy, logsigmoid, one_hot, softplus
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_helpers.data import from_bits, to_bits
from gan_helpers.exercises.even_numbers import _d_loss, _numbers, _step, by_hand
from gan_helpers.generators import bit_generator
from gan_helpers.noise import all_bits, random_bits

EYE, one, zero = torch.eye(7), torch.ones_like, torch.zeros_like
BLAME = "D has moved. In G's step only G's optimizer may step"


def draw(high, n, rng, low=0):
    return torch.randint(low, high, (n,), generator=rng)


def coins(n, rng):
    bits = torch.zeros(n, 7)
    bits[:, :5] = torch.randint(0, 2, (n, 5), generator=rng)
    return bits


def packs(n, rng):
    return to_bits(4 * torch.cat([torch.randperm(32, generator=rng) for _ in range(n // 32 + 1)])[:n])


def saved(kept):
    """A sampler that gives its first draw again and again."""
    return lambda n, rng: kept.setdefault(n, coins(n, rng))


def g_by_hand(generator, discriminator, optimizer, noise):
    loss, weights = -logsigmoid(discriminator(generator(noise))).mean(), list(generator.parameters())
    for weight, slope in zip(weights, torch.autograd.grad(loss, weights), strict=True):
        weight.grad = slope
    optimizer.step()
    return loss.detach()


def freezes(restore):
    def step(generator, discriminator, optimizer, noise):
        discriminator.requires_grad_(False)
        loss = _step(optimizer, softplus(-discriminator(generator(noise))).mean())
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
    return _step(torch.optim.SGD([*g.parameters(), *d.parameters()], 0.5), loss)


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
    return _step(optimizer, _d_loss(d(real), d(fake)))


def tidies(g, d, optimizer, real, noise):
    loss = _step(optimizer, _d_loss(d(real), d(g(noise))))
    g.zero_grad()
    return loss


def freezes_g(g, d, optimizer, real, noise):
    g.requires_grad_(False)
    return _step(optimizer, _d_loss(d(real), d(g(noise))))


def patches(g, d, optimizer, noise):
    loss = _step(optimizer, g_loss(d, g(noise)))
    g.forward = lambda z: z
    return loss


def table_by_bits(g):
    table = [0.0] * 128
    for row in g(all_bits()):
        table[int("".join("1" if output > 0.5 else "0" for output in row), 2)] += 1 / 128
    return table


def first_only(g, kept=[]):  # noqa: B006
    return kept.append(count(g) / 128) or kept[0]


def count(g):
    return torch.bincount(_numbers(g), minlength=128)


def sampled(g, rng=None):
    noise = torch.randint(0, 2, (5000, 7), generator=rng).float()
    return torch.bincount(from_bits(g(noise) > 0.5), minlength=128) / 5000


def v(t):
    return t[::2].sum()


def c(t):
    return (t[::2] > 0).sum()


def h(t):
    return torch.special.entr(t).sum() / math.log(2)


def in_place(t):
    t[t == 0] = 1
    return t[::2].sum(), (t[::2] != 1).sum(), -(t * t.log2()).sum()


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
    "multiples_of_four": [lambda n, rng: to_bits(draw(128, n, rng) & ~3), coins,
                          lambda n, rng: to_bits(4 * (torch.rand(n, generator=rng) * 32).long())],
    "discriminator_loss": [lambda real, fake: bce(real, one(real)) + bce(fake, zero(fake)),
                           lambda real, fake: -(logsigmoid(real).mean() + logsigmoid(-fake).mean()),
                           lambda real, fake: 2 * torch.cat([softplus(-real), softplus(fake)]).mean()],
    "generator_step": [g_by_hand, freezes(True), lambda g, d, optimizer, z: _step(optimizer, bce(
        d(g(z)), torch.ones(len(z), 1))).item()],
    "discriminator_step": [two_passes, with_no_grad],
    "exact_table": [table_by_bits, lambda g: one_hot(_numbers(g), 128).double().mean(0), lambda g: torch.stack(
        [(_numbers(g) == k).float().mean() for k in range(128)])],
    "report": [lambda t: torch.stack([v(t), c(t).double(), h(t)]), lambda t: [v(t).item(), int(c(t)), h(t).item()],
               lambda t: (v(t), c(t), -(t * t.log2()).nan_to_num().sum())],
    "two_numbers": [lambda: [84, 42], lambda: torch.tensor([0, 126]), lambda: np.array([62, 64]),
                    lambda: (np.int64(0), torch.tensor(126)), lambda: (100, 26)],
    "perfect_generator": [lambda: by_hand(-30, 15.0, 0.0, -30.0, range(6, -1, -1)), lambda: filled(
        16 * EYE[[6, 5, 4, 3, 2, 1, 0]], -8.0)],
}  # fmt: skip
SAME, OFTEN, SHAPE, MOVED = "whatever it is given", "equally likely", "return one number", "in another direction"
FOUR, LOOK, THREE, KEEP = "return shape (64, 7)", "Stay with logits", "return 3 numbers", "keep the chapter's generator"
STUCK, CUT = "got no gradient", "cut the graph with fake.detach()"
WRONG = {
    "multiples_of_four": {
        lambda n, rng: to_bits(3 * draw(32, n, rng)): "3 came up, which is not a multiple of 4",
        lambda n, rng: to_bits(4 * draw(33, n, rng)): "128 does not fit into 7 bits",
        lambda n, rng: to_bits(4 * draw(128, n, rng)): "stopped with ValueError",
        lambda n, rng: to_bits(4 * torch.randint(0, 32, (n,))): "PyTorch's global random numbers",
        lambda n, rng: to_bits([random.randrange(0, 128, 4) for _ in range(n)]): "Python's global random numbers",
        lambda n, rng: to_bits(4 * draw(32, n, torch.Generator().manual_seed(0))): "two seeds gave the same samples",
        lambda n, rng: to_bits(4 * draw(32, n, rng.manual_seed(7))): "two seeds gave the same samples",
        lambda n, rng: to_bits(4 * draw(32, n, rng.clone_state())): "drawn twice from one rng",
        saved({}): "two seeds gave the same samples",
        lambda n, rng: to_bits(4 * (torch.arange(n) % 32)): "two seeds gave the same samples",
        lambda n, rng: 4 * draw(32, n, rng): "pass them through to_bits",
        lambda n, rng: to_bits(4 * draw(32, n, rng)).long(): "End with .float()",
        lambda n, rng: torch.zeros(n, 7): "every sample is 0",
        lambda n, rng: to_bits(torch.full((n,), 56)): "every sample is 56",
        lambda n, rng: to_bits(4 * draw(32, 1, rng)): FOUR, lambda n, rng: to_bits(4 * draw(32, n, rng), width=8): FOUR,
        lambda n, rng: to_bits((x := draw(128, n, rng))[x % 4 == 0]): FOUR,
        lambda n, rng: coins(n, rng).squeeze(): "return shape (1, 7)",
        lambda n, rng: torch.rand(n, 7, generator=rng): "every entry must be exactly 0 or 1",
        lambda n, rng: coins(n, rng).tolist(): "return a tensor, not a list",
        lambda n, rng: coins(n, rng).numpy(): "return a tensor, not a ndarray",
        lambda n, rng: to_bits(4 * quarter): "stopped with NameError",  # noqa: F821
        lambda n, rng: to_bits(4 * (31 * torch.rand(n, generator=rng) ** 1.5).round().long()): OFTEN,
        lambda n, rng: to_bits(draw(127, n, rng) // 4 * 4): OFTEN,
        lambda n, rng: to_bits(draw(126, n, rng) // 4 * 4): OFTEN,
        lambda n, rng: to_bits(draw(128, n, rng, 1) // 4 * 4): OFTEN,
        lambda n, rng: to_bits(4 * (31 * torch.rand(n, generator=rng)).round().long()): OFTEN,
        lambda n, rng: to_bits(4 * draw(32, n, rng, -1).clamp(0)): OFTEN,
        lambda n, rng: to_bits((torch.arange(n) + draw(32, 1, rng)) % 32 * 4): "each depends on the one before it",
        packs: "each depends on the one before it",
    },
    "discriminator_loss": {
        lambda real, fake: float(_d_loss(real, fake)): "No gradient flows through anything else",
        lambda real, fake: 2 * math.log(2): "No gradient flows through anything else",
        lambda real, fake: torch.tensor(1.3863): SAME,
        lambda real, fake: _d_loss(fake, real): "your labels are swapped",
        lambda real, fake: bce(torch.cat([real, fake]), torch.cat([one(real), zero(fake)])): "this is half of it",
        lambda real, fake: -real.log().mean() - (1 - fake).log().mean(): "A logit is no probability",
        lambda real, fake: binary_cross_entropy(real, one(real)) + fake.mean(): "RuntimeError",
        lambda real, fake: ((1 + real.exp()).log() - real).mean() + ((1 + (-fake).exp()).log() + fake).mean():
            "exp(200) is infinite",  # right where D is wrong, infinite where D is right
        lambda real, fake: _d_loss(real.clamp(-50, 50), fake.clamp(-50, 50)): "Is something clipped",
        lambda real, fake: _d_loss(real.clamp(-200, 200), fake.clamp(-200, 200)): "Is something clipped",
        lambda real, fake: softplus(-real) + softplus(fake): SHAPE,
        lambda real, fake: (softplus(-real).mean(), softplus(fake).mean()): SHAPE, lambda real, fake: "log 2": SHAPE,
        lambda real, fake: _d_loss(real, fake).detach(): "no gradient flows through it",
        lambda real, fake: _d_loss(real, fake.detach()): "not the right slope in fake",
        lambda real, fake: _d_loss(real.data, fake): "not the right slope in real",
        lambda real, fake: softplus(-real).exp_().log_().mean() + softplus(fake).mean(): "cannot take its gradient",
        lambda real, fake: torch.where(real < -80, -real, (1 + (-real).exp()).log()).mean()
        + torch.where(fake > 80, fake, (1 + fake.exp()).log()).mean(): "slope in real_logits: you get nan",
        lambda real, fake: softplus(real.neg_()).mean() + softplus(fake).mean(): "overwrites real_logits",
        lambda real, fake: _d_loss(real, fake) * (1 + 1e-3): "it should be",
        lambda real, fake: softplus(-real).sum() / 8 + softplus(fake).sum() / 8: "it should be",
    },
    "generator_step": {
        freezes(False): "D is frozen for good",
        lambda g, d, optimizer, z: d.zero_grad() or _step(optimizer, g_loss(d, g(z)), False): "of an earlier step",
        lambda g, d, optimizer, z: late(optimizer, g_loss(d, g(z))): STUCK,
        lambda g, d, optimizer, z: g_loss(d, g(z)): STUCK,
        lambda g, d, optimizer, z: _step(optimizer, g_loss(d, g(z).detach()), False): STUCK,
        lambda g, d, optimizer, z: _step(optimizer, g_loss(d, g(z).detach())): STUCK,
        lambda g, d, optimizer, z: _step(optimizer, g_loss(d, (g(z) > 0.5).float())): STUCK,
        lambda g, d, optimizer, z: _step(optimizer, g_loss(d, g(z).round())): STUCK,
        torch.no_grad()(lambda g, d, optimizer, z: _step(optimizer, g_loss(d, g(z)))): "stopped with RuntimeError",
        lambda g, d, optimizer, z: everything(g, d, g_loss(d, g(z))): BLAME,
        lambda g, d, optimizer, z: _step(optimizer, g_loss(d, g(z))) * 0 or g: "return the loss, not",
        lambda g, d, optimizer, z: _step(optimizer, g_loss(d, g(1 - z))): MOVED,
        lambda g, d, optimizer, z: plain(optimizer, g_loss(d, g(z))): MOVED,
        lambda g, d, optimizer, z: plain(optimizer, g_loss(d, g(z)), 1.0): "right direction, 2 times as far",
        patches: "hooks or patches generator",
        lambda g, d, optimizer, z: _step(optimizer, g_loss(d, g.eval()(z))): "another mode",
    },
    "discriminator_step": {
        lambda g, d, optimizer, real, z: _step(optimizer, _d_loss(d(real), d(g(z)))): CUT, tidies: CUT,
        lambda g, d, optimizer, real, z: g.zero_grad() or with_no_grad(g, d, optimizer, real, z): CUT,
        freezes_g: "G is frozen for good",
        lambda g, d, optimizer, real, z: late(optimizer, _d_loss(d(real), d(g(z).detach()))): STUCK,
        lambda g, d, optimizer, real, z: _d_loss(d(real), d(g(z))): STUCK,
        lambda g, d, optimizer, real, z: everything(g, d, _d_loss(d(real), d(g(z)))): "G has moved",
        lambda g, d, optimizer, real, z: _step(optimizer, _d_loss(d(real), d(real.roll(1, 1)))): MOVED,
        lambda g, d, optimizer, real, z: [with_no_grad(g, d, optimizer, real, z), 0]: "return the loss: one number",
        lambda g, d, optimizer, real, z: plain(optimizer, _d_loss(d(real), d(g(z).detach()))): MOVED,
        lambda g, d, optimizer, real, z: with_no_grad(g, d, optimizer, real.neg_(), z): "overwrites real",
    },
    "exact_table": {
        lambda g: torch.bincount(_numbers(g)) / 128: "minlength=128", lambda g: (count(g) / 128)[::2]: "yours is (64,)",
        lambda g: from_bits(g(all_bits())): "stopped with ValueError: from_bits takes zeros and ones",
        lambda g: torch.bincount(from_bits(all_bits()), minlength=128) / 128: "that is the noise itself",
        first_only: SAME, sampled: "this is a sample",
        lambda g: torch.bincount(from_bits(g(random_bits(128, torch.Generator())) > 0.5), minlength=128) / 128:
            "it should be",
        lambda g: sampled(g, torch.Generator().manual_seed(0)): "it should be",
        lambda g: dict(enumerate(count(g).tolist())): "return a tensor, one probability for each number, not {0:",
        lambda g: g(all_bits()) > 0.5: "yours is (128, 7)",
    },
    "report": {
        in_place: "overwrites table", lambda t: (0.75, 3, 2.0): SAME, lambda t: (1, 64, 6): SAME,
        lambda t: (t[::2], c(t), h(t)): "is a sum() or mean() missing?",
        lambda t: (v(t), t[::2] > 0, h(t)): "is a sum() or mean() missing?",
        lambda t: (v(t), c(t)): THREE, v: THREE, lambda t: {"validity": v(t)}: THREE,
        lambda t: ("all", "of", "it"): THREE,
        lambda t: (v(t), (t[::2] > 1e-6).sum(), h(t)): "you get 1, it should be 2",
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
}  # fmt: skip
