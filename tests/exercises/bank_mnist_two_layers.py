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
from gan_helpers.exercises.mnist_two_layers import _back, _d, _g, _half_step, _same, _shuffled

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
        lambda x, s: there(x, s).numpy(): "not a ndarray", lambda x, s: there(x, s).tolist(): "not a list",
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
        _half_step(lambda f: -f.mean()): AWAY, lambda g, d, real, z: 0: "stopped with TypeError",
        after(G, lambda g, d: torch.optim.Adam(g.parameters(), 0.01).step()): MOVED,
        after(G, lambda g, d: d.requires_grad_(False)): FROZEN, lambda g, d, z: (G(g, d, z), g(z))[1]: "shape (32, 9)",
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
