"""Answers to the exercises of chapter 6: right ones, and wrong ones, beside the mistakes, with what is said."""

import copy

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_helpers.exercises.mnist_deeper import (
    _average,
    _image,
    _lessons,
    _line,
    _look,
    _looking,
    _lost,
    _mean,
    _mix,
    _normed,
    _schooled,
    _shares,
    _Speck,
    _var,
    _ways,
)
from gan_helpers.training.steps import update_ema


def with_numpy(x, weight, bias, running_mean, running_var, training):
    x, weight, bias, m, v = (part.numpy() for part in (x, weight, bias, running_mean, running_var))
    if not training:
        return [(x - m) / np.sqrt(v + 1e-5) * weight + bias, m, v]
    out = (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5) * weight + bias
    return [out, m + 0.1 * (x.mean(0) - m), v + 0.1 * (x.var(0, ddof=1) - v)]


def slope(x, y, variance):
    eps = 1 / ((y[1, 0] - y[0, 0]) / (x[1, 0] - x[0, 0])) ** 2 - _var(x)[0]
    return torch.stack([eps, 1 - (variance / (variance + eps)).sqrt()])


def eps(x, y):
    return (_var(x) / _var(y) - _var(x)).mean().item()


def atan(a, b, t):
    """Turns a towards b: an angle that is exact near 0, too."""
    along, other = a / a.norm(), b / b.norm()
    w = 2 * torch.atan2((along - other).norm(), (along + other).norm())
    line = torch.lerp(a, b, t)
    return line, line if w < 1e-5 else (((1 - t) * w).sin() * a + (t * w).sin() * b) / w.sin()


def averaging(keep, steps):
    """Averages a state that is 1 once and else 0."""
    counts = []
    for ago in range(steps + 1):
        counts.append(1.0 if ago == steps else 0.0)
        for step in range(1, steps + 1):
            counts[-1] = keep * counts[-1] + (1 - keep) * (step == steps - ago)
    return tuple(counts)


def loaded(average, generator, keep):
    old, new = average.state_dict(), generator.state_dict()
    average.load_state_dict({k: _mix(old[k], new[k], keep) if old[k].is_floating_point() else new[k] for k in old})
    return average


def both_lists(average, generator, keep):
    for old, new in zip(average.parameters(), generator.parameters(), strict=True):
        old.data = old.data + (1 - keep) * (new.data - old.data)
    for old, new in zip(average.buffers(), generator.buffers(), strict=True):
        old.copy_(new) if old.dtype == torch.long else old.lerp_(new, 1 - keep)
    return average


def each_weight(act, buffers=False):
    """An answer that does this with each (weight of the average, weight of G, keep)."""
    def update(average, generator, keep):
        rows = zip(*(n.state_dict().values() if buffers else n.parameters() for n in (average, generator)), strict=True)
        for old, new in rows:
            act(old, new, keep)
        return average

    return update


def then(act):
    return lambda average, generator, keep: act(_average()(average, generator, keep), generator)


def shared_memory(old, new, keep):
    old.data = new.data


def float_counter(average, generator, keep):
    _average()(average, generator, keep)[1].num_batches_tracked = torch.tensor(3.0)
    return average


RIGHT = {
    "to_gray": [lambda x: ((x + 1) / 2 * 255 + 0.5).clamp(0, 255).byte().view(len(x), 28, 28),
                lambda x: torch.from_numpy(np.rint((x.numpy() + 1) * 127.5).astype(np.uint8).reshape(-1, 28, 28)),
                lambda x: _image((x.unsqueeze(-1) - (torch.arange(256) / 127.5 - 1)).abs().argmin(-1))],
    "batch_norm": [with_numpy],
    "find_eps": [slope, lambda x, y, s: [e := x.numpy().var(0).max() * (1 / y.numpy().var(0).max() - 1),
                                         1 - s**0.5 / (s + e) ** 0.5]],
    "dropout": [lambda x, kept, p, training: torch.where(kept, x / (1 - p), 0) if training else x.clone(),
                lambda x, kept, p, training: x.masked_fill(~kept, 0) * (1 / (1 - p)) if training and p else x,
                lambda x, kept, p, training: x.numpy() * (np.where(kept.numpy(), 1 / (1 - p), 0) if training else 1)],
    "between": [atan, lambda a, b, t: torch.stack(_ways()(a, b, t))],
    "shares": [averaging, lambda k, n: [*((1 - k) * k ** np.arange(n)), k**n],
               lambda k, n: torch.cat([s := (1 - k) * k ** torch.arange(n).double(), 1 - s.sum(0, keepdim=True)]),
               lambda k, n: torch.where((ago := torch.arange(n + 1.0)) < n, (1 - k) * k**ago, k**ago)],
    "update_average": [loaded, both_lists],
}  # fmt: skip
GRAPH, DIFFERS, ANOTHER, FEW = "hangs on G's graph now", "it should be", "not another network", "return three tensors"
WRONG = {
    "to_gray": {
        lambda x: _image(((x + 1) * 127.5 - 0.4).round()): DIFFERS, lambda x: _image(0 * x): DIFFERS,
        lambda x: _image((x + 1) * 127.5).float(): "yours is torch.float32. Round, then .to(torch.uint8)",
        lambda x: ((x + 1) * 127.5).round().byte(): "yours is (2, 784). Each image has",
        lambda x: _image(((x + 1) * 127.5).round())[0]: "yours is (28, 28). Each image has",
        lambda x: list(_image(x)): "not a list",
        lambda x: _image(x).unsqueeze(1): "yours is (2, 1, 28, 28)", lambda x: _image(x).numpy(): "not an ndarray",
        lambda x: _image(x.add_(1)): "overwrites pixels",
    },
    "batch_norm": {
        lambda x, w, b, m, v, on: (nn.functional.batch_norm(x, m, v, w, b, on), m, v): "the whole answer",
        lambda x, w, b, m, v, on: (torch.batch_norm(x, w, b, m, v, on, 0.1, 1e-5, False), m, v): "the whole answer",
        lambda x, w, b, m, v, on: (x, m.mul_(0.9), v): "overwrites running_mean",
        _normed(lambda x, w, b, m, v: (x - m) / (v + 1e-5).sqrt() * w + 2 * b): "units, in training: output: you get",
        _normed(lambda x, w, b, m, v: x * torch.nan): "get nan", _normed(lambda x, w, b, m, v: x.T): "yours (4, 12)",
        _normed(mean=lambda old, new: 12 * new): "running_mean: you get",
        _normed(mean=lambda old, new: old.mean()): "running_mean has the shape (4,), yours ()",
        lambda x, w, b, m, v, on: (x - m) / v: FEW, lambda x, w, b, m, v, on: (x, m): FEW,
        lambda x, w, b, m, v, on: (x, "m", "v"): f"{FEW}: (output, running_mean, running_var), not 'm'",
    },
    "find_eps": {
        lambda x, y, s: (_var(x) / _var(y) - _var(x), 0): "One of yours has the shape (5,)",
        lambda x, y, s: (0.1, _lost(s, 0.1)): "eps: you get 0.1, it should be 0.8", lambda *x: ("a", "b"): "not 'a'",
        lambda x, y, s: (round(e := (_var(x) / _var(y) - _var(x))[0].item(), 2), _lost(s, e)): "eps: you get 0, it sh",
        lambda x, y, s: ((_var(x) / _var(y) - _var(x))[0], 0.55): "lost: you get 0.55, it should be",
        lambda x, y, s: 0.8: "return 2 numbers: eps, lost", lambda x, y, s: (x.sub_(1), s): "overwrites x",
    },
    "dropout": {
        lambda x, kept, p, training: nn.functional.dropout(x, p): "The mask is given: take it",
        lambda x, kept, p, training: x[kept] / (1 - p): "return shape (6, 10); yours is (",
        lambda x, kept, p, training: x * kept / (p - 1): DIFFERS, lambda *given: "dropped": "not 'dropped'",
        lambda x, kept, p, training: (x * kept, kept): "yours is (2, 6, 10)",
        lambda x, kept, p, training: x * kept / (1 - p) if training else None: "for p = 0.3 in evaluation, shape",
        lambda x, kept, p, training: x.mul_(kept).div_(1 - p) if training else x: "overwrites x",
    },
    "between": {
        _ways(spherical=lambda a, b, t: 10 * _line(a, b, t) / _line(a, b, t).norm()): "spherical: you get",
        _ways(near=lambda a, b, t: a): "the spherical way becomes the straight one",
        _ways(tiny=-1, angle=lambda a, b: (a @ b).acos()): "divide the product by both lengths and clamp",
        lambda a, b, t: (a.mul_(1 - t).add_(t * b), b): "overwrites start", _line: "the pair (straight, spherical)",
        lambda a, b, t: (_line(a, b, t).norm(), a): "straight has the shape (100,), yours ()",
        lambda a, b, t: (a, a[:1]): "spherical has the shape (100,), yours (1,)", lambda *x: ("a", "b"): "not 'a'",
    },
    "shares": {
        lambda k, n: [(1 - k) ** a * k for a in range(n)] + [k**n]: DIFFERS, lambda k, n: [0.0] * n + [1.0]: DIFFERS,
        lambda k, n: _shares(0.9, n): "for keep = 0.998, steps = 500", lambda k, n: _shares(k, n)[:-1]: "You have 4",
        lambda k, n: [*_shares(k, n), 0]: "You have 6 shares", lambda k, n: [_shares(k, n)]: "not shape (1, 5)",
        lambda k, n: _shares(k, n) if n else _shares(k, 2): "with 0 steps there is one state",
        lambda k, n: (1 - k) * k**n: "return a list, one share for each state, not shape ()",
        lambda k, n: {0: 1 - k, 1: k}: "return a list of numbers, not {0:", lambda k, n: [k] * (n + 1): DIFFERS,
    },
    "update_average": {
        float_counter: "You make it torch.float32", update_ema: "whole answer", each_weight(shared_memory): "memory",
        each_weight(lambda old, new, keep: old.lerp_(new, 1 - keep), True): "stopped with NotImplementedError",
        _average(lambda old, new, keep: _mix(old, new, keep) if old.dim() > 1 else old): "the weights: you get",
        lambda average, generator, keep: _average()(copy.deepcopy(average), generator, keep): ANOTHER,
        then(lambda average, generator: generator): ANOTHER, then(lambda *networks: "done"): "changed; not a str",
        then(lambda average, generator: average.state_dict()): "not an OrderedDict",
        then(lambda average, generator: generator.zero_grad() or average): "the gradients (.grad) of generator",
        then(lambda average, generator: generator.requires_grad_(False) and average): "G can no longer learn",
        then(lambda average, generator: average.requires_grad_()): GRAPH,
        each_weight(lambda old, new, keep: old.mul_(keep).add_(new, alpha=1 - keep)): GRAPH,
        lambda average, generator, keep: _average()(generator, average, 1 - keep) and average: "G has changed",
        then(lambda average, generator: average.append(nn.Linear(2, 2))): "other layers than before",
    },
}  # fmt: skip


def copied(g, d, g_adam, d_adam, reals, noises, same):
    """Looks at a copy, and writes the losses another way."""
    seen = []
    for step in range(len(reals)):
        fake, ones = g(noises[step]), torch.ones(len(noises[step]), 1)
        d.zero_grad()
        (bce(d(reals[step]), ones) + bce(d(fake.detach()), 0 * ones)).backward()
        d_adam.step()
        g.zero_grad()
        bce(d(fake), ones).backward()
        g_adam.step()
        twin = copy.deepcopy(g).eval()
        seen.append(twin(same).detach().numpy())
    return np.stack(seen)


def remembered(generator, same):
    """Puts the running estimates back after a look in evaluation mode, and the mode of each layer."""
    modes = [layer.training for layer in generator.modules()]
    with torch.inference_mode():
        picture = generator.eval()(same).clone()
    for layer, mode in zip(generator.modules(), modes, strict=True):
        layer.training = mode
    return picture


def by_formula(generator, same):
    for layer in generator:
        if isinstance(layer, nn.BatchNorm1d):
            same = (same - layer.running_mean) / (layer.running_var + layer.eps).sqrt() * layer.weight + layer.bias
        else:
            same = layer(same)
    return same.detach()


def counted_up(generator, same):
    picture = _look(generator, same)
    for name, value in generator.named_buffers():
        value.add_(name.endswith("num_batches_tracked"))
    return picture


def allotted(noises, shares):
    """Each row of one of the parents, and nothing is blended."""
    parent = torch.repeat_interleave(torch.arange(len(shares)), (1000 * shares).round().long())
    return noises[parent, torch.arange(1000)]


def nested(noises, shares):
    """From the first on the sphere to the second, from there to the third, ..."""
    found, have = noises[0], shares[0]
    for one, share in zip(noises[1:], shares[1:], strict=True):
        w, t = nn.functional.cosine_similarity(found, one)[:, None].acos(), share / (have + share)
        found, have = (((1 - t) * w).sin() * found + (t * w).sin() * one) / w.sin(), have + share
    return found


def crossed(noises, shares):
    """Each number from one of the parents."""
    parent = torch.repeat_interleave(torch.arange(len(shares)), (100 * shares).round().long())
    return noises[parent, :, torch.arange(100)].T


class Statistics(nn.Module):
    def forward(self, x):
        rows = x.view(-1, 28, 28).diff(dim=1).abs().mean((1, 2))
        return 4 * torch.stack([(x > -1).float().mean(1), x.abs().mean(1), rows, (x > 0.97).float().mean(1),
                                ((x > -0.9) & (x < 0)).float().mean(1)], 1)


def searched(seed):
    """The best threshold for the count of nearly black pixels, without any optimizer."""
    real, fake = (_Speck()(images).flatten() for images in _lessons())
    at = torch.linspace(0, 0.2, 400)
    best = at[((real > at[:, None]).float().mean(1) + (fake <= at[:, None]).float().mean(1)).argmin()]
    network = nn.Sequential(_Speck(), nn.Linear(1, 1))
    network[1].weight.data, network[1].bias.data = torch.tensor([[-1.0]]), best.reshape(1)
    return network


class Changed(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function, self.weight = function, nn.Parameter(torch.rand(1))

    def forward(self, images):
        return self.function(images)


def _busy(network):
    """Steps that hardly lead anywhere."""
    optimizer = torch.optim.SGD(network.parameters(), 1e-6)
    for _ in range(60):
        optimizer.zero_grad()
        sum(p.square().sum() for p in network.parameters()).backward()
        optimizer.step()


def _formula(seed, after):
    """A searched threshold, not trained, and steps of an optimizer."""
    network = searched(seed)
    network[1].bias.data += 1e-5 * torch.rand(1, generator=torch.Generator().manual_seed(seed))
    after(network)
    return network


RIGHT |= {
    "quiet_noise": [lambda: 1.8, lambda: torch.tensor([3.5]), 2],
    "train_and_look": [copied, _looking(remembered), _looking(by_formula), lambda *given: list(_looking()(*given))],
    "blend": [nested, crossed, lambda noises, shares: 10 * nn.functional.normalize(_mean(noises, shares)),
              lambda noises, shares: (shares / shares.norm() @ noises.flatten(1)).view(-1, 100).numpy(),
              lambda noises, shares: _mean(noises, shares).sign()],
    "detective": [_schooled(lambda: nn.Sequential(_Speck(), nn.Linear(1, 1)), 0.2),
                  _schooled(lambda: nn.Sequential(Statistics(), nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 1)), 0.03)],
}  # fmt: skip
WRONG |= {
    "quiet_noise": {lambda: 20: "smaller than that", lambda: 80: "80 is too large. Think again",
                    lambda: 0.5: "0.5 is too small", lambda: -1: "-1 is too small",
                    lambda: (2, 4): "your guess: one number", lambda: "2": "not '2'"},
    "train_and_look": {
        lambda g, d, *rest: (_looking()(g, d, *rest), 0)[1]: "return shape", lambda *given: 0: "return shape (4, 8, 9)",
        lambda g, d, a, b, reals, noises, same: torch.zeros(len(reals), 8, 9): "did not move at all",
        _looking(lambda g, same: _look(g, same)[:4]): "yours is (4, 4, 9)", lambda *given: "seen": "the pictures",
        _looking(lambda g, same: _look(g, same) / 2): "you get",
        _looking(counted_up): "of generator, all parameters moved as they should, but the buffer 1.num_batches_tr",
        lambda g, d, a, b, *rest: _looking()(g, d, torch.optim.SGD(g.parameters(), 1e-3), b, *rest):
            "the weights of generator moved",
    },
    "blend": {
        lambda noises, shares: _mean(noises, 0.8 ** torch.arange(len(shares)).float()) / (
            0.64 ** torch.arange(len(shares)).float()).sum().sqrt(): "hardly counts more than one with a smaller",
        lambda noises, shares: noises[shares.argmax()]: "plays hardly any part",
        lambda noises, shares: torch.randn(noises.shape[1:], generator=torch.Generator().manual_seed(1)):
            "noise 1, which has 0.25, plays hardly any part",
        lambda noises, shares: _mean(noises, shares.flip(0)) / shares.norm(): "plays hardly any part",
        allotted: "plays hardly any part in most of your blends", lambda noises, shares: -_mean(noises, shares):
            "is taken away in most of your blends: their cosine with it is -0.5",
        lambda noises, shares: _mean(noises, 1 - shares) / (1 - shares).norm(): "0.7, does not count enough in most",
        lambda noises, shares: _mean(noises, shares) / 0: "NaN or infinite", lambda noises, shares: "b": "not 'b'",
        lambda noises, shares: (_mean(noises, shares) / shares.norm())[:, :50].repeat(1, 2): "is each for itself",
        lambda noises, shares: _mean(noises, shares)[:2]: "return shape (1000, 100); yours is (2, 100)",
        lambda noises, shares: shares * noises: "stopped with RuntimeError",
    },
    "detective": {
        _schooled(): "the share of wrong verdicts is 0.",
        _schooled(lambda: nn.Sequential(_Speck(), nn.Linear(1, 1)), 1e-4): "the share of wrong verdicts is 0.5",
        lambda seed: (lambda images: images.mean(1)): "the trained network",
        searched: "no optimizer took a step",
        lambda seed: nn.Sequential(searched(seed)[0], nn.Linear(1, 1)).requires_grad_(False).apply(
            lambda part: isinstance(part, nn.Linear) and part.weight.data.fill_(torch.nan)): "NaN or infinite",
        _schooled(lambda: nn.Sequential(_Speck(), nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 1)), 0.03, real=-1.0):
            "turned round: a logit above 0 means real",
        lambda seed: _formula(seed, _busy): "even if each optimizer step is undone",
        lambda seed: _formula(seed, lambda network: _busy(nn.Linear(1, 1))): "even if each optimizer step is undone",
        lambda seed: Changed(lambda images: images.sub_(images)): "your network writes into what it is given",
        lambda seed: Changed(lambda images: images.numpy()): "should give a tensor, not an ndarray",
    },
}  # fmt: skip
