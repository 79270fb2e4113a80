"""Answers to the exercises of chapter 8: right ones, and wrong ones, beside the mistakes, with what is said."""

import copy
import math
import statistics
from itertools import combinations

import numpy as np
import torch
from scipy import stats
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from torch.nn.functional import softplus

from gan_helpers import training
from gan_helpers.exercises.kinds import once
from gan_helpers.exercises.whats_wrong import (
    _GIVEN,
    _MODE,
    _PUT_IN,
    _geyser_gan,
    _halves,
    _two_hidden,
    geyser,
    patient,
)
from gan_helpers.gan import GAN


def on_copies(generator, discriminator, g_loss, noise):
    generator, discriminator = copy.deepcopy((generator, discriminator))
    generator.zero_grad()
    loss = g_loss(generator, discriminator, noise)
    if loss.requires_grad:
        loss.backward()
    return math.sqrt(sum(float(p.grad.square().sum()) for p in generator.parameters() if p.grad is not None))


def caught(generator, discriminator, g_loss, noise):
    weights = list(generator.parameters())
    try:
        slopes = torch.autograd.grad(g_loss(generator, discriminator, noise), weights, materialize_grads=True,
                                     allow_unused=True)
    except RuntimeError:
        return 0
    return torch.linalg.vector_norm(torch.cat([slope.ravel() for slope in slopes]))


def set_back(generator, discriminator, g_loss, noise):
    both = [*generator.parameters(), *discriminator.parameters()]
    before = [p.grad for p in both]
    for p in both:
        p.grad = None
    loss = g_loss(generator, discriminator, noise)
    if loss.requires_grad:
        loss.backward()
    slopes = [np.zeros(1) if p.grad is None else p.grad.numpy() for p in generator.parameters()]
    for p, old in zip(both, before, strict=True):
        p.grad = old
    return np.sqrt(sum((slope.astype(np.float64) ** 2).sum() for slope in slopes))


def dirty(generator, discriminator, g_loss, noise):
    generator.zero_grad()
    g_loss(generator, discriminator, noise).backward()
    return sum(p.grad.norm() ** 2 for p in generator.parameters()).sqrt()


def cleared(generator, discriminator, g_loss, noise):
    """Leaves no gradient, and none of those of before."""
    found = caught(generator, discriminator, g_loss, noise)
    generator.zero_grad()
    return found


def no_care(generator, discriminator, g_loss, noise):
    slopes = torch.autograd.grad(g_loss(generator, discriminator, noise), list(generator.parameters()))
    return torch.cat([slope.flatten() for slope in slopes]).norm()


def two_passes(generator, discriminator, g_opt, d_opt, real, noise):
    fake = generator(noise)
    g_loss = softplus(-discriminator(fake)).mean()
    g_opt.zero_grad()
    g_loss.backward()
    d_opt.zero_grad()
    logits = discriminator(torch.cat([real, fake.detach()]))
    d_loss = softplus(-logits[:len(real)]).mean() + softplus(logits[len(real):]).mean()
    d_loss.backward()
    d_opt.step()
    g_opt.step()
    return d_loss.item(), g_loss.item()


def minimal(generator, discriminator, g_opt, d_opt, real, noise):
    fake = generator(noise)
    d_loss = softplus(-discriminator(real)).mean() + softplus(discriminator(fake.detach())).mean()
    g_loss = softplus(-discriminator(fake)).mean()
    g_opt.zero_grad()
    d_opt.zero_grad()
    d_loss.backward()
    g_loss.backward(inputs=list(generator.parameters()))
    d_opt.step()
    g_opt.step()
    return d_loss.item(), g_loss.item()


def frozen(generator, discriminator, g_opt, d_opt, real, noise):
    fake = generator(noise)
    discriminator.requires_grad_(False)
    g_loss = bce(discriminator(fake), torch.ones(len(noise), 1))
    discriminator.requires_grad_(True)
    g_opt.zero_grad()
    g_loss.backward()
    judged = discriminator(fake.detach())
    d_loss = bce(discriminator(real), torch.ones(len(real), 1)) + bce(judged, torch.zeros(len(noise), 1))
    d_opt.zero_grad()
    d_loss.backward()
    d_opt.step()
    g_opt.step()
    return torch.stack([d_loss, g_loss]).detach()


def in_the_wrong_order(generator, discriminator, g_opt, d_opt, real, noise):
    """Two passes, and what G's has left in D stays."""
    d_loss, g_loss = _halves(generator, discriminator, real, noise)
    g_opt.zero_grad()
    d_opt.zero_grad()
    g_loss.backward()
    d_loss.backward()
    d_opt.step()
    g_opt.step()
    return d_loss.item(), g_loss.item()


def still_g(generator, discriminator, g_opt, d_opt, real, noise):
    """D is right, and G's step is gone."""
    fake = generator(noise)
    d_loss = softplus(-discriminator(real)).mean() + softplus(discriminator(fake.detach())).mean()
    d_opt.zero_grad()
    d_loss.backward()
    d_opt.step()
    return d_loss.item(), softplus(-discriminator(fake)).mean().item()


def moved_too_early(generator, discriminator, g_opt, d_opt, real, noise):
    fake = generator(noise)
    d_loss = softplus(-discriminator(real)).mean() + softplus(discriminator(fake.detach())).mean()
    g_loss = softplus(-discriminator(fake)).mean()
    d_opt.zero_grad()
    d_loss.backward()
    d_opt.step()
    g_opt.zero_grad()
    g_loss.backward()
    g_opt.step()
    return d_loss.item(), g_loss.item()


def by_ranks(own_real, own_fake, new_real, new_fake):
    def auc(high, low):
        high, low = high.ravel().numpy(), low.ravel().numpy()
        return stats.mannwhitneyu(high, low).statistic / len(high) / len(low)

    own, new = auc(own_real, own_fake), auc(new_real, new_fake)
    return own, new, "sure" if own >= 0.95 else "blind" if new - own >= 0.3 else "content"


def by_signs(own_real, own_fake, new_real, new_fake):
    own = 0.5 + torch.sign(own_real.reshape(-1, 1) - own_fake.reshape(1, -1)).mean() / 2
    new = 0.5 + torch.sign(new_real.reshape(-1, 1) - new_fake.reshape(1, -1)).mean() / 2
    if own >= 0.95:
        return [own, new, "sure"]
    return [own, new, "content" if new < own + 0.3 else "blind"]


def by_loops(own_real, own_fake, new_real, new_fake):
    aucs = []
    for real, fake in ((own_real, own_fake), (new_real, new_fake)):
        real, fake = real.flatten().tolist(), fake.flatten().tolist()
        aucs.append(sum((a > b) + 0.5 * (a == b) for a in real for b in fake) / len(real) / len(fake))
    return *aucs, ("sure" if aucs[0] > 0.95 else "blind" if aucs[1] - aucs[0] > 0.3 else "content")


def limits(sure, better):
    """The right AUCs, and a verdict with other limits."""
    def opinion(own_real, own_fake, new_real, new_fake):
        own, new, _ = by_ranks(own_real, own_fake, new_real, new_fake)
        return own, new, "sure" if own >= sure else "blind" if new - own >= better else "content"

    return opinion


def squared_shape(own_real, own_fake, new_real, new_fake):
    return (*by_ranks(own_real, own_fake, new_real, new_fake)[:2], "happy")


def spread_by_loops(real, fake):
    middle = [statistics.median(math.dist(a, b) for a, b in combinations(cloud.tolist(), 2)) for cloud in (real, fake)]
    return middle[1] / middle[0]


def spread_by_pdist(real, fake):
    return torch.pdist(fake).quantile(0.5) / torch.pdist(real).quantile(0.5)


def spread_by_broadcast(real, fake):
    def middle(cloud):
        apart = (cloud[:, None] - cloud).double().square().sum(2).sqrt()
        return np.median(apart[tuple(torch.triu_indices(len(cloud), len(cloud), 1))].numpy())

    return middle(fake) / middle(real)


def permuted(seen, new):
    seen, new = seen.flatten().numpy(), new.flatten().numpy()
    rng, n, m = np.random.default_rng(1), len(seen), len(new)
    ranks = stats.rankdata(np.concatenate([seen, new]))

    def share(order):
        return (ranks[order[:n]].sum() - n * (n + 1) / 2) / n / m

    found = share(np.arange(n + m))
    return found, np.mean([share(rng.permutation(n + m)) >= found for _ in range(2000)])


def by_rank_sum(seen, new):
    result = stats.mannwhitneyu(seen.flatten(), new.flatten(), alternative="greater")
    return torch.tensor([float(result.statistic) / seen.numel() / new.numel(), float(result.pvalue)])


def by_rank_sum_turned(seen, new):
    seen, new = seen.flatten().tolist(), new.flatten().tolist()
    share = sum(a > b for a in seen for b in new) + sum(a == b for a in seen for b in new) / 2
    return share / len(seen) / len(new), stats.mannwhitneyu(new, seen, alternative="less", method="asymptotic").pvalue


def two_sided(seen, new):
    return by_rank_sum(seen, new)[0], stats.mannwhitneyu(seen.flatten(), new.flatten()).pvalue


def loop(before=lambda g: None, after=lambda g: g.train(), look=None):
    """The loop of exercise 6, with what is done to G before each step and after each look."""
    def train(generator, discriminator, g_opt, d_opt, batches, noises, look_at):
        shown = []
        for i in range(len(batches)):
            before(generator)
            fake = generator(noises[i])
            logits = discriminator(batches[i]), discriminator(fake.detach())
            d_loss = softplus(-logits[0]).mean() + softplus(logits[1]).mean()
            d_opt.zero_grad()
            d_loss.backward()
            d_opt.step()
            g_opt.zero_grad()
            softplus(-discriminator(fake)).mean().backward()
            g_opt.step()
            if i % 2 == 0:
                shown.append((look or in_eval)(generator, look_at))
                after(generator)
        return shown

    return train


@torch.no_grad()
def in_eval(generator, noise):
    return generator.eval()(noise)


@torch.no_grad()
def of_a_copy(generator, noise):
    return copy.deepcopy(generator).eval()(noise)


def by_looking():
    """Tests in the answer itself, of patients that draw from the global random numbers."""
    first = patient("C").real(1000)
    return _PUT_IN | {"C": "few samples" if len(first.unique()) < 1000 else "healthy"}


def with_graph(generator, noise):
    return generator.eval()(noise).detach().numpy()


def by_the_course(seed, rounds=300):
    """With `train`, an average of G's weights, and units that are known beforehand."""
    units = torch.tensor([200.0, 70.0]), torch.tensor([75.0, 14.0])
    gan = GAN(real=lambda n, rng: (geyser(n, rng) - units[0]) / units[1],
              noise=lambda n, rng: torch.randn(n, 2, generator=rng), generator=lambda: _two_hidden(2, 32, outs=2),
              discriminator=lambda: _two_hidden(2, 64), d_steps=1, batch_size=64, lr=3e-3, betas=(0.0, 0.99), ema=0.98)
    run = training.train(gan, rounds, seed, progress=False)
    back = nn.Linear(2, 2)
    back.weight.data, back.bias.data = units[1].diag(), units[0]
    return nn.Sequential(run.ema_generator, back)


class InUnits(nn.Module):
    """A generator that turns its own fakes back; one unit of size for both columns."""

    def __init__(self):
        super().__init__()
        self.inner = _two_hidden(2, 32, outs=2)

    def forward(self, z):
        return 75 * self.inner(z) + torch.tensor([200.0, 70.0])


def inside(seed):
    torch.manual_seed(seed)
    g, d = InUnits(), _two_hidden(2, 64)
    g_opt, d_opt = (torch.optim.RMSprop(network.parameters(), 2e-3) for network in (g, d))
    for i in range(300):
        for optimizer in (g_opt, d_opt):
            optimizer.param_groups[0]["lr"] = 2e-3 * (1 - i / 300)
        real, fake = geyser(64, torch.default_generator), g(torch.randn(64, 2))
        logits, labels = d((torch.cat([real, fake.detach()]) - real.mean(0)) / 75), torch.arange(128)[:, None] < 64
        d_opt.zero_grad()
        (2 * bce(logits, labels.float())).backward()
        d_opt.step()
        g_opt.zero_grad()
        bce(d((fake - real.mean(0)) / 75), torch.ones(64, 1)).backward()
        g_opt.step()
    return g


def without_training(seed):
    """A network that makes one bell curve of the right means and standard deviations."""
    layer = nn.Linear(2, 2)
    layer.weight.data, layer.bias.data = torch.tensor([[76.0, 0.0], [11.0, 8.0]]), torch.tensor([200.0, 70.0])
    return layer


kept = once(_geyser_gan())
RIGHT = {
    "reaches_g": [on_copies, caught, set_back],
    "both_step": [two_passes, minimal, frozen],
    "second_opinion": [by_ranks, by_signs, by_loops],
    "spread": [spread_by_loops, spread_by_pdist, spread_by_broadcast],
    "by_heart": [permuted, by_rank_sum, by_rank_sum_turned],
    "looked_at": [loop(), loop(after=lambda g: None, look=of_a_copy), loop(look=with_graph)],
    "advice": [lambda: "train on", lambda: "train " + "on", lambda: ["stop", "train on"][1]],
    "calm": [lambda: {"blur": 3}, lambda: {"smooth": 0, "blur": torch.tensor(2.0), "d_steps": 1.0},
             lambda: dict(blur=1.5, smooth=0.2)],
    "both_cured": [_geyser_gan(rate=4e-3), by_the_course, inside],
    "diagnoses": [by_looking, lambda: dict(reversed(_PUT_IN.items())),
                  lambda: dict(zip("ABCDEF", _PUT_IN.values(), strict=True)),
                  lambda: {letter: str(cause) for letter, cause in _PUT_IN.items()}],
}
WRONG = {
    "reaches_g": {dirty: "leaves something else in G's .grad", cleared: "leaves something else in G's .grad",
                  no_care: "stopped with RuntimeError",
                  lambda *given: on_copies(*given) > 0: "not True or False"},
    "both_step": {still_g: "G has not moved", in_the_wrong_order: "whose slopes stand in .grad",
                  moved_too_early: "stopped with RuntimeError",
                  lambda *given: two_passes(*given)[0]: "two numbers, D's loss and G's"},
    "second_opinion": {squared_shape: "the verdict is 'content', 'blind' or 'sure'",
                       lambda *given: by_ranks(*given)[2]: "two AUCs and a word",
                       lambda *given: (*by_ranks(*given)[:2], "content"): "the verdict",
                       limits(0.9, 0.3): "the verdict", limits(0.97, 0.3): "the verdict",
                       limits(0.95, 0.25): "the verdict", limits(0.95, 0.4): "the verdict"},
    "spread": {lambda real, fake: (torch.pdist(fake) / torch.pdist(real)).median(): "it should be 0.40937",
               lambda real, fake: 1.0: "the same whatever",
               lambda real, fake: fake.pow_(2).mean(): "overwrites fake"},
    "by_heart": {two_sided: "one side",
                 lambda seen, new: (by_rank_sum(seen, new)[0], 0.5): "you get 0.5 (0.01 or more)",
                 lambda seen, new: by_rank_sum(seen, new)[0]: "the share and the p-value",
                 lambda seen, new: (by_rank_sum(seen, new)[0], 2.0): "lies between 0 and 1"},
    "looked_at": {loop(after=lambda g: None): _MODE,
                  loop(before=lambda g: g.train(), after=lambda g: None): "all is right but the end",
                  loop(look=lambda g, z: g.eval()(z)): "still hang on G's graph",
                  lambda g, *given: [in_eval(g, given[-1])] * ((len(given[-2]) + 1) // 2): "not move at all",
                  loop(look=lambda g, z: g(z).detach()): "drawn in training mode"},
    "advice": {lambda: "Train on": "choose one of", lambda: 3: "your choice, a string"},
    "calm": {lambda: {"blur": 1}: "They are worse than the healthy ones already",
             lambda: {"rate": 0.0}: "'rate' is no setting", lambda: {"blur": 30}: "blur goes from 0 to 3; yours is 30",
             lambda: {"d_steps": 1.5}: "d_steps goes from 1 to 3, in whole steps; yours is 1.5",
             lambda: {"r1": "50"}: "return r1 as a number", lambda: ("blur", 2): "return a dict of settings",
             lambda: {"smooth": 0.5}: "from 0 to 0.4; yours is 0.5", lambda: {"r1": math.nan}: "from 0 to 50",
             lambda: {"blur": 0.3}: "the fakes are too good", lambda: {"blur": -1.0}: "blur goes from 0 to 3"},
    "both_cured": {
        _geyser_gan(**_GIVEN | {"rate": 1e-3}): "the distance to the geyser is",
        without_training: "good enough, but no optimizer took a step",
        lambda seed: kept(11): "the same network: most of its weights",
        lambda seed: by_the_course(seed, 305): "and 600 are allowed",
        lambda seed: _geyser_gan(1)(seed).forward: "return the trained network, not a method",
    },
    "diagnoses": {lambda: {"A": "healthy"}: "name a cause for each of A, B, C, D, E, F",
                  lambda: list(_PUT_IN.values()): "return a dict",
                  lambda: _PUT_IN | {"B": "swapped"}: "B: 'swapped'"},
}
