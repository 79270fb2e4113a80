"""Answers to the exercises of chapter 5: right ones, and wrong ones, beside the mistakes, with what is said."""

import copy
import math
from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from torch.nn.functional import logsigmoid, softplus

from gan_helpers import discriminators, generators, losses, mnist
from gan_helpers.exercises.kinds import once
from gan_helpers.exercises.mnist_two_layers import (
    NOISE,
    SIZE,
    _back,
    _d,
    _g,
    _half_step,
    _same,
    _shuffled,
    _trained,
    small_digits,
)

D, G, S = _half_step(_d), _half_step(_g), _shuffled(_same, _same, _same)


def there(x, scale):
    return x.float().flatten(1) / 255 if scale == "[0, 1]" else 2 * x.float().flatten(1) / 255 - 1


def after(step, act):
    """The step, and then act(generator, discriminator)."""
    return lambda g, d, *given: (step(g, d, *given), act(g, d))[0]


def whole(widths):
    return sum((a + 1) * b for a, b in pairwise(widths))


def rising(l):
    """log(1 + exp(l)) as max(l, 0) + log(1 + exp(-|l|))."""
    return (l.clamp(min=0) + (-l.abs()).exp().log1p()).mean()


def frozen_g(g, d, real, z):
    """Also clears both networks first, and goes backward twice."""
    g.zero_grad()
    d.zero_grad(set_to_none=False)
    fake = torch.func.functional_call(g, {k: p.detach() for k, p in g.named_parameters()}, z)
    halves = softplus(-d(real)).mean(), softplus(d(fake)).mean()
    return sum(half.backward() or half for half in halves)


def with_grad(g, d, z):
    loss = _g(d(g(z)))
    for p, slope in zip(g.parameters(), torch.autograd.grad(loss, list(g.parameters())), strict=True):
        p.grad = slope
    return loss.detach()


def a_permutation_matrix(g, d, order):
    shuffle, g, d = torch.eye(784)[order], copy.deepcopy(g), copy.deepcopy(d)
    with torch.no_grad():
        d[0].weight.copy_(d[0].weight @ shuffle.T)
        g[2].weight.copy_(shuffle @ g[2].weight)
        g[2].bias.copy_(shuffle @ g[2].bias)
    return [g.requires_grad_(False), d]


def in_place(g, d, order):
    d[0].weight.data[:] = d[0].weight.data[:, order]
    g[2].weight.data[:], g[2].bias.data[:] = g[2].weight.data[order], g[2].bias.data[order]
    return g, d


def hooked(g, d, order):
    g, d = _shuffled(None, _same, _same)(g, d, order)
    d.register_forward_pre_hook(lambda module, given: given[0][:, order.argsort()])
    return g, d


def layer_by_layer(std, widths, weights):
    for i, w in enumerate(weights):
        std = (std if i == 0 else std / 2**0.5) * w * widths[i] ** 0.5
    return std


RIGHT = {
    "to_pixels": [lambda x, scale: torch.linspace(-1 if scale == "[-1, 1]" else 0, 1, 256)[x.flatten(1).long()],
                  lambda x, scale: (x.view(-1, 784).float() - 127.5) / 127.5 if "-1" in scale else x.flatten(1) / 255,
                  lambda x, scale: torch.tensor(there(x, scale).numpy().astype(np.float64)).float()],
    "count_parameters": [lambda w: sum(p.numel() for a, b in pairwise(w) for p in nn.Linear(a, b).parameters()),
                         lambda w: (torch.tensor(w[:-1]) * torch.tensor(w[1:])).sum() + sum(w[1:])],
    "losses_from_logits": [lambda r, f: (bce(r, one := torch.ones_like(r)) + bce(f, 0 * one), bce(f, one)),
                           lambda r, f: [-logsigmoid(r).mean() - logsigmoid(-f).mean(), -logsigmoid(f).mean(0)],
                           lambda r, f: torch.stack([rising(-r) + rising(f), rising(-f)]),
                           lambda r, f: (torch.logaddexp(r * 0, -r).mean() + _g(f) + f.mean(), _g(f))],
    "half_step_d": [frozen_g], "half_step_g": [with_grad, lambda g, d, z: (
        d.requires_grad_(False), _half_step(_g, alone=False)(g, d, z).item(), d.requires_grad_(True))[1]],
    "shuffled_players": [a_permutation_matrix],
    "logit_std": [layer_by_layer, lambda s, n, w: (s**2 * 2 * (torch.tensor(w).double() ** 2 * torch.tensor(
        n[:-1]) / 2).prod()).sqrt(), lambda s, n, w: s * np.prod(np.sqrt(n[:-1]) * w) * 2 ** ((1 - len(w)) / 2)],
}  # fmt: skip
COUNT, SUM, TWO, COLUMN, ROW = "a count is a whole", "the sum over all layers", "return 2 numbers", "Column j", "D is r"
FLAT, TYPE, PAIR, SLOPE, SAME = "shape (3, 784)", "return torch.float32", "return the pair", "no gradient", "the same"
MOVED, FROZEN, OLD, AWAY = "weights have moved. Only", "frozen for good", "are as they were", "in another direction"
WRONG = {
    "to_pixels": {
        lambda x, s: there(x, s).square(): "should be", lambda x, s: there(x, s) * torch.nan: "you get nan",
        lambda x, s: there(x, s).double(): TYPE, lambda x, s: there(x, s).half(): TYPE,
        lambda x, s: x.flatten(1): "Whole numbers", lambda x, s: (x / 255).flatten(1).to(torch.uint8): "Whole numbers",
        lambda x, s: x / 255: "not flat yet", lambda x, s: (x / 255).unsqueeze(1): FLAT,
        lambda x, s: there(x, s).T: f"{FLAT}; yours is (784, 3). One image a row",
        lambda x, s: there(x, s).flatten(): "first axis", lambda x, s: there(x, s)[0]: "yours is (784,)",
        lambda x, s: there(x, s).numpy(): "not an ndarray", lambda x, s: there(x, s).tolist(): "not a list",
        lambda x, s: (there(x, s), x): "not a tuple", lambda x, s: there(x, s) + x.zero_()[0, 0, 0]: "overwrites im",
        lambda x, s: x.div_(255).flatten(1): "stopped with RuntimeError", lambda x: x.flatten(1) / 255: "TypeError",
        lambda x, s: mnist.Images(x, x, s).at(slice(None)): "calls Images.at, and that is the whole answer",
        lambda x, s: mnist.to_gray(x).flatten(1): "calls to_gray, and that is the whole answer",
    },
    "count_parameters": {
        lambda w: 348490: SAME, lambda w: 347704: SAME, lambda w: -whole(w): "you get -347704, it should be 347704",
        lambda w: (w[0] + 1) * w[1] + (w[1] + 1) * w[2]: "for widths = (2, 1): your function stopped with IndexError",
        lambda w: (w[0] + 1) * w[1] + (w[-2] + 1) * w[-1]: "for widths = (2, 1): you get 6, it should be 3",
        lambda w: whole(w) + 0.2: COUNT, lambda w: whole(w) / 1000: COUNT, lambda w: math.nan: COUNT,
        lambda w: [whole(pair) for pair in pairwise(w)]: SUM, lambda w: (whole(w), 3): SUM, torch.tensor: SUM,
        lambda w: f"{whole(w):,}": f"{SUM}, not '347,704'", lambda w: nn.Linear(w[0], w[1]): f"{SUM}, not Linear",
        lambda a, b, c: (a + 1) * b + (b + 1) * c: "stopped with TypeError",
    },
    "losses_from_logits": {
        lambda r, f: (sum(torch.where(l > 20, l, (1 + l.exp()).log()).mean() for l in (-r, f)), _g(f)): "torch.where",
        lambda r, f: (_d(r, f) + 1, _g(f)): "loss of D: you", lambda r, f: (_d(r, f), _g(f) / 2): "loss of G: you",
        lambda r, f: (_d(r, f).item(), _g(f).item()): SLOPE, lambda r, f: (_d(r, f), _g(f).detach()): SLOPE,
        lambda r, f: (_d(r, f), _g(f.detach())): SLOPE, lambda r, f: (_d(r, f.detach()), _g(f)): "not the right slope",
        lambda r, f: (x := _d(r, f), _g(f), x.requires_grad and x.backward())[:2]: "a backward() was called inside",
        lambda r, f: (r.log().mean(), f.log().mean()): "A logit has no log", lambda r, f: _d(r, f): TWO,
        lambda r, f: _d(r, f) + _g(f): TWO, lambda r, f: {"d": _d(r, f), "g": _g(f)}: TWO,
        lambda r, f: (softplus(-r) + softplus(f), softplus(-f)): "(16, 1)", lambda r, f: ("d", "g"): f"{TWO}: the loss",
        lambda r, f: (losses.discriminator_loss(r, f), _g(f)): "calls discriminator_loss, and that is the whole answer",
        lambda r, f: (_d(r, f), losses.non_saturating(f)): "calls non_saturating", _g: "TypeError",
        lambda r, f: (_g(r.neg_()) + _g(-f), _g(f)): "overwrites real_logits",
    },
    "half_step_d": {
        _half_step(lambda r, f: _d(-r, -f), clear=False): AWAY, _half_step(lambda r, f: (r - f).square().mean()): AWAY,
        after(D, lambda g, d: torch.optim.SGD(d.parameters(), 0.1).step()): MOVED, lambda g, d, z: 0: "TypeError",
        after(D, lambda g, d: g.requires_grad_(False)): FROZEN, lambda g, d, real, z: _d(d(real), d(g(z))): OLD,
        lambda *a: D(*a) / 2: "return: you get", torch.no_grad()(D): "RuntimeError", lambda *a: "done": "not 'done'",
    },
    "half_step_g": {
        lambda g, d, z: d.zero_grad() or _half_step(_g, alone=False)(g, d, z): "D's .grad has changed as well.",
        lambda g, d, z: (x := _g(d(g(z).detach())), x.backward())[0]: OLD, lambda g, d, z: _g(d(g(z))): OLD,
        _half_step(lambda f: -f.mean()): "in nearly the right direction",
        lambda g, d, real, z: 0: "stopped with TypeError",
        after(G, lambda g, d: torch.optim.Adam(g.parameters(), 0.01).step()): MOVED,
        after(G, lambda g, d: d.requires_grad_(False)): FROZEN,
        lambda g, d, z: (G(g, d, z), g(z))[1]: "shape (32, 9)",
    },
    "shuffled_players": {
        lambda g, d, order: (g, d): "shares its memory with generator", in_place: "changes the networks it is given",
        lambda g, d, order: in_place(copy.copy(g), copy.copy(d), order): "changes the networks it is given",
        lambda *given: (S(*given)[0], nn.Sequential(given[1][0], *S(*given)[1][1:])): "shares its memory with discrim",
        _shuffled(lambda order: order.flip(0), _same, _same): COLUMN, _shuffled(lambda _: torch.randperm(784)): COLUMN,
        lambda *_: (generators.two_layer_generator(), discriminators.two_layer_discriminator()): COLUMN,
        _shuffled(_same, _same, _back): ROW, _shuffled(_same, *[lambda order: order.flip(0)] * 2): ROW,
        lambda *given: S(*given)[::-1]: "are swapped", lambda g, d, order: copy.deepcopy((d, g)): "are swapped",
        lambda *given: (S(*given)[0], nn.Sequential(nn.Identity(), *S(*given)[1])): "your D has other layers",
        lambda *given: (nn.Sequential(*S(*given)[0], nn.Identity()), S(*given)[1]): "your G has other layers",
        lambda *given: (S(*given)[0], S(*given)[1][:2]): "your D has other layers", hooked: "or hooks",
        lambda g, d, order: (g.forward, d.forward): "two networks, not ['method',", lambda g, d, order: d: PAIR,
        lambda g, d, order: (g.state_dict(), d.state_dict()): "not ['OrderedDict',", lambda *given: given: PAIR,
        lambda g, d, order: {"g": g, "d": d}: PAIR, lambda g, d, order: g[2].weight[:, order]: "with IndexError",
        lambda g, d: (g, d): "stopped with TypeError",
        lambda g, d, order: d[0].weight.copy_(d[0].weight[:, order]): "stopped with RuntimeError",
    },
    "logit_std": {
        lambda s, n, w: 1.004 * layer_by_layer(s, n, w): "you get 3.6144, it should be 3.6", lambda s, n, w: 3.6: SAME,
        lambda s, n, w: layer_by_layer(s, n, w) + 0.1: "you get 3.7, it", lambda s, n, w: math.inf: SAME,
        lambda s, n, w: math.nan: SAME, lambda s, n, w: (s, 0.8): "deviation: one number. Yours has shape (2,)",
        lambda s, n, w: 1j * s: "Yours are complex", lambda s, n, w: "sqrt(2) s": "standard deviation, not 'sqrt(2) s'",
        lambda s, n, w: math.sqrt(2 / n) * s: "stopped with TypeError", lambda s, n: s: "stopped with TypeError",
        lambda s, n, w: sum(a * b for a, b in zip(n, w, strict=True)): "stopped with ValueError",
        lambda s, n, w: math.sqrt(sum(a * b**2 for a, b in zip(n, w, strict=False))) * s: "you get 9.1488",
    },
}  # fmt: skip


def mixed_anew(d, optimizer, real, fake, order):
    batch = [(image, 1.0) for image in real] + [(image, 0.0) for image in fake]
    batch = [batch[i] for i in torch.randperm(len(batch))]
    loss = bce(d(torch.stack([image for image, _ in batch])).squeeze(1), torch.tensor([label for _, label in batch]))
    d.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


def without_labels(d, optimizer, real, fake, order):
    optimizer.zero_grad(set_to_none=False)
    loss = (softplus(-d(real)).sum() + softplus(d(fake)).sum()) / (len(real) + len(fake))
    loss.backward()
    optimizer.step()
    return loss.item()


class Late:
    """An optimizer whose gradients are cleared before its step."""

    def __init__(self, optimizer):
        self.zero_grad, self.inner = optimizer.zero_grad, optimizer

    def step(self):
        self.inner.zero_grad()
        self.inner.step()


def filled_in(d, optimizer, real, fake, order):
    optimizer.zero_grad()
    logits = torch.stack([d(image) for image in (*real, *fake)])
    labels = torch.zeros_like(logits)
    labels[:len(real)] = 1
    loss = (labels * softplus(-logits) + (1 - labels) * softplus(logits)).mean()
    loss.backward()
    optimizer.step()
    return [loss.item()]


def rounds(steps, lr=2e-3, betas=(0.0, 0.99), penalty=0.5, last=nn.Sigmoid):
    """A loop by hand, with R1."""
    def small(seed):
        torch.manual_seed(seed)
        g = nn.Sequential(nn.Linear(NOISE, 64), nn.ReLU(), nn.Linear(64, SIZE), last())
        d = nn.Sequential(nn.Linear(SIZE, 64), nn.ReLU(), nn.Linear(64, 1))
        optimizers = [torch.optim.Adam(network.parameters(), lr, betas, fused=True) for network in (g, d)]
        for _ in range(steps):
            real = small_digits()[torch.randint(20_000, (64,))].requires_grad_()
            logits, fake = d(real), g(torch.randn(64, NOISE))
            (slope,) = torch.autograd.grad(logits.sum(), real, create_graph=True)
            loss = _d(logits, d(fake.detach())) + penalty / 2 * slope.square().sum(1).mean()
            optimizers[1].zero_grad()
            loss.backward()
            optimizers[1].step()
            optimizers[0].zero_grad()
            _g(d(fake)).backward()
            optimizers[0].step()
        return g

    return small


kept = once(rounds(300))


def ready(components=16):
    """A PCA decoder: what is nearest to the digits along 16 directions, without a step."""
    x = small_digits()
    mean, (_, s, v) = x.mean(0), torch.linalg.svd(x[:5000] - x.mean(0), full_matrices=False)
    layer = nn.Linear(NOISE, SIZE)
    layer.weight.data, layer.bias.data = (v[:components] * s[:components, None] / 5000**0.5).T.contiguous(), mean
    return nn.Sequential(layer, nn.Hardtanh(0.0, 1.0))


def ready_after_steps(seed):
    g = ready()
    torch.optim.SGD(g.parameters(), 0.0).step()
    return g


RIGHT |= {
    "units_on": [lambda: float(torch.randint(30, 50, ())), lambda: 50.0, lambda: torch.tensor(25), 40],
    "d_step": [mixed_anew, without_labels, filled_in],
    "ten_pixels": [lambda: [28 * 7 + column for column in range(9, 19)], lambda: torch.tensor(
        [28 * row + column for row in range(5, 10) for column in (13, 14)]), lambda: np.array(
        [182, 322, 186, 185, 184, 210, 238, 209, 181, 180])],
    "small_gan": [rounds(300), _trained(betas=(0.5, 0.999), d_lr=3e-3), _trained(betas=(0.0, 0.99), r1=1.0)],
}  # fmt: skip
TEN, OFTEN = "watch ten pixels, each once", "and 600 are allowed"
WRONG |= {
    "units_on": {lambda: 250: "it is fewer. How many strokes", lambda: 3: "3 is too small",
                 lambda: -40: "fewer than none", lambda: 500: "only 392 units", lambda: 0.25: "this is a share",
                 lambda: (10, 60): "your guess: one number", lambda: "40": "not '40'"},
    "d_step": {
        lambda d, o, real, fake, order: bce(d(torch.cat([real, fake])), torch.ones(len(real))): "stopped with ValueErr",
        lambda d, o, real, fake, order: without_labels(d, o, real, fake, order) * 2: "you get",
        lambda d, o, real, fake, order: 0.69: "D has not moved", lambda d, o, real: 0: "stopped with TypeError",
        lambda d, o, real, fake, order: o.zero_grad() or without_labels(d, Late(o), real, fake, order):
            "no zero_grad() between",
        lambda d, o, real, fake, order: without_labels(d, torch.optim.SGD(d.parameters(), 0.01), real, fake, order):
            "right direction, 0.1 times as far",
    },
    "ten_pixels": {
        lambda: [407] * 10: "You list 10, 1 of them", lambda: list(range(9)): TEN,
        lambda: [x + 0.5 for x in range(10)]: "whole numbers from 0 to 783", lambda: list(range(780, 790)): "0 to 783",
        lambda: [28 * row + 27 for row in range(10)]: "never hold any ink", lambda: ["a"] * 10: "a list of ten pixel",
        lambda: [28 * row + 14 for row in range(1, 27, 2)][:10]: "Hardly any two of them touch",
    },
    "small_gan": {
        lambda seed: ready(): "good enough, but no optimizer took a step", ready_after_steps: "1. In each call both",
        lambda seed: kept(11): "the same network: most of its weights",
        rounds(300, 1e-3, (0.9, 0.999), 0.0): "the distance is", rounds(310): OFTEN,
        rounds(1, last=nn.Tanh): "should lie in [0, 1]", rounds(30): "with seed 11 the distance is",
        lambda seed: rounds(1)(seed).state_dict(): "the trained network",
        lambda seed: nn.Linear(NOISE, 784): "should become fakes of shape (2000, 196); yours are (2000, 784)",
    },
}  # fmt: skip
