"""Answers to the exercises of chapter 2: right ones, and wrong ones, beside the mistakes, with what is said."""

import math
from fractions import Fraction
from statistics import NormalDist

import numpy as np
import torch
from scipy import stats
from scipy.integrate import trapezoid
from scipy.spatial.distance import jensenshannon
from scipy.special import rel_entr
from torch import atanh, softmax, tanh, where, xlogy
from torch.distributions import Normal, TransformedDistribution
from torch.distributions.transforms import TanhTransform
from torch.func import grad, vmap
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from torch.nn.functional import kl_div, logsigmoid, softplus


def back(x, w, b):
    return (atanh(x) - b) / w


def squashed(x, w, b, z=back):
    return Normal(0.0, 1.0, validate_args=False).log_prob(z(x, w, b)).exp() / (abs(w) * (1 - x**2))


def bayes(p, q):
    return where(p + q > 0, p / (p + q), 0.5)


def jsd(p, q, grid, log=xlogy, area=torch.trapezoid, share=bayes):
    return area(log(p, share(p, q)) + log(q, share(q, p)), grid) / 2 + math.log(2)


def optimal_d(p_data, p_g):
    return p_g / (p_data + p_g)


def mini(x):
    return -softplus(x).mean()


def other(x):
    return softplus(-x).mean()


def repaired(x):
    """The right values of softplus, and NaN for the slopes where exp is infinite."""
    return where(x > 80, x, (1 + x.exp()).log()).mean()


def with_kinks(x):
    return (x.clamp(min=0) + (-x.abs()).exp().log1p()).mean()


def always(results: dict) -> dict:
    """Answers that give these: what is said: the results."""
    return {(lambda result=result: result): says for says, several in results.items() for result in several}


RIGHT = {
    "generated_density": [
        lambda x, w, b: [NormalDist(b, abs(w)).pdf(math.atanh(t)) / (1 - t * t) for t in x.tolist()],
        lambda x, w, b: stats.norm.pdf(np.arctanh(x.numpy()), b, abs(w)) / (1 - x.numpy() ** 2),
        lambda x, w, b: TransformedDistribution(Normal(float(b), abs(float(w))), TanhTransform()).log_prob(x).exp(),
        lambda x, w, b: squashed(0 * x, 1, 0, lambda *_: back(x, w, b)) / vmap(grad(lambda z: tanh(w * z + b)))(
            back(x, w, b)).abs(),
        lambda x, w, b: squashed(x.float(), w, b).requires_grad_()],
    "optimal_d": [
        lambda p, q: (p / (p + q)).nan_to_num(0.5), lambda p, q: where((p > 0) | (q > 0), 1 / (1 + q / p), 0.5).numpy(),
        lambda p, q: bayes(p, q).float().requires_grad_(), lambda p, q: (p + 1e-12) / (p + q + 2e-12),
        lambda p, q: where(p + q > 0, (p.double().log() - q.double().log()).sigmoid(), 0.5),
        lambda p, q: [a / (a + b) if a + b > 0 else 0.5 for a, b in zip(p.tolist(), q.tolist(), strict=True)]],
    "unseen_fakes": list(always({"": [
        [-0.9, 0.9], [0.0, 0.0], (-0.3, 0.3), [0, 0, 0], [-1, 1], [0.8, -0.9, 0.1], [1, 1, -1, -1, 0], torch.zeros(2),
        [-0.8] * 3 + [0.8] * 3, [0.1, 0.2, -0.3], np.array([0.9, -0.9]), np.linspace(-0.3, 0.3, 7), [-1, 0.8, 0.2],
        torch.tensor([0.7, -0.7], requires_grad=True), [torch.tensor(0.25), torch.tensor(-0.25)], torch.tensor([-1, 1]),
        [np.float32(0.3), np.float32(-0.3)], torch.linspace(-0.3, 0.3, 1000), [Fraction(3, 10), Fraction(-3, 10)]]})),
    "jensen_shannon": [
        lambda p, q, x: trapezoid(sum(rel_entr(f.numpy(), (p + q).numpy() / 2) for f in (p, q)), x.numpy()) / 2,
        lambda p, q, grid: jsd(p, q, grid, share=lambda p, q: bayes(p, q).clamp(1e-12, 1 - 1e-12)),
        lambda p, q, grid: jsd(p.float().requires_grad_(), q.float(), grid.float()).reshape(1),
        lambda p, q, grid: jsd(p, q, grid, area=lambda f, x: ((f[1:] + f[:-1]) / 2 * x.diff()).sum()).item(),
        lambda p, q, grid: torch.trapezoid((xlogy(p, p) + xlogy(q, q) - xlogy(p + q, (p + q) / 2)) / 2, grid)],
    "generator_losses": [
        lambda x: (-bce(x, 0 * x), bce(x, 0 * x + 1)), lambda x: torch.stack([mini(x), other(x)]),
        lambda x: [torch.mean(logsigmoid(-x)), -torch.mean(logsigmoid(x))],
        lambda x: (-torch.logaddexp(x, torch.zeros_like(x)).mean(0), softplus(-x).mean(dim=0)),
        lambda x: (-with_kinks(x), with_kinks(-x))],
}  # fmt: skip
AREA, GLOBAL, MEAN, JSD = "the density is 1", "PyTorch's global random numbers", "their mean is ", "bell curves: you"
SAME, STEPS, NAN = "it is given", "grids of one step only", "0 * log 0 and 0 / 0 are NaN"
PAIR, MISSING, LOGITS = "return 2 numbers: minimax", "is a sum() or mean() missing?", "3.0): minimax: you get"
WRONG = {
    "generated_density": {
        lambda x, w, b: torch.histc(tanh(w * torch.randn(10_000) + b))[((x + 1) * 50).long()] / 200: GLOBAL,
        lambda x, w, b: squashed(x.mul_(1), w, b): "overwrites x", lambda x, w, b: squashed(x, w, b) * (1 + x): AREA,
        lambda x, w, b: squashed(x, w, b, lambda x, w, b: atanh((x - b) / w)): "you get nan",
        lambda x, w, b: squashed(x, w, b) * (1 - x**2).sqrt(): AREA, lambda x, w, b: 2 * squashed(x, w, b): AREA,
        lambda x, w, b: squashed(x, w, b) / 100: AREA, lambda x, w, b: squashed(x, w, 2 * b): "it should be",
        lambda x, w, b: squashed(x, w, b, lambda x, w, b: (torch.atan(x) - b) / w): AREA,
        lambda x, w, b: squashed(x.clamp(-0.99, 0.99), w, b): "values near the ends",
        lambda x, w, b: squashed(x.sort()[0], w, b): "31 in any",
        lambda x, w, b: squashed(x, w, b).unsqueeze(-1): "yours is (99, 1)",
    },
    "optimal_d": {
        lambda p, q: bayes(p, q.add_(0)): "overwrites p_g", lambda p, q: bayes(p, q).mean(): "yours is ()",
        lambda p, q: p * 0.5 / (p + q): "you get 0.125 at [0], it should be 0.25",
        lambda p, q: p / p.max(): "you get 1 at [2]", lambda p, q: p / (p * q): "you get 0.66667 at [0]",
        lambda p, q: p**2 / (p**2 + q**2): "get 0.1 at [0]", lambda p, q: bayes(p, q).round(decimals=5): "[80]",
        lambda p, q: bayes(p, q).clamp(1e-3, 1 - 1e-3): "you get 0.999", lambda p, q: bayes(p, q)[:1]: "yours is (1,)",
        lambda p, q: softmax(torch.stack([p, q]), 0)[0]: "the difference of the logs",
        lambda p, q: p / (p + q).clamp(min=1e-12): "where both are 0, say 0.5",
        lambda p, q: bayes(p, q)[p + q > 0]: "yours is (144,)", lambda p, q: p if p + q > 0 else q: "Boolean value",
    },
    "unseen_fakes": always({
        "-0.5 is only 0 away": [[-0.5, 0.5, 0.0]], "-0.35 is only 0.15 away": [[-0.35, 0.35]], "0.9,": [[0.9] * 2],
        "-0.301 is only 0.199": [[0.3, -0.301]], "0.6 is only 0.1 away": [[0.6, -0.6]], f"{MEAN}-0.05,": [[-0.9, 0.8]],
        "-0.69 is only 0.19": [[0.9, -0.69]], f"{MEAN}0.233,": [[0.9, -0.3, 0.1]], f"{MEAN}0.0005,": [[0.0, 1e-3]],
        MEAN: [[0.2, 0.25, 0.3], [-0.9, 0.9, 0.9], 0.6 * torch.rand(100, generator=torch.Generator()) - 0.3],
        "-1.5 is no pixel": [[-1.5, 1.5]], "-1.0001 is no pixel": [[-1.0001, 1.0001]], "finite": [[math.inf, 0]],
        "flat list": [[0.0], 0.0, torch.tensor(0.0), [], [[-0.9], [0.9]], torch.zeros(4, 1), [(-0.9, 0.5), (0.9, 0.5)]],
        "a list of pixels": [{-0.9: 0.5, 0.9: 0.5}, {-0.9, 0.9}, "-0.9, 0.9", ["-0.9", "0.9"]],
        "5000 pixels are more": [torch.linspace(-0.3, 0.3, 5000)],
    }) | {lambda: 0.6 * torch.rand(100) - 0.3: GLOBAL, lambda n: [0.0] * n: "stopped with TypeError"},
    "jensen_shannon": {
        lambda p, q, x: jsd(p.clamp_(0), q, x): "overwrites p_data", lambda p, q, x: jensenshannon(p, q) ** 2: STEPS,
        lambda p, q, x: jsd(p, q, x, share=optimal_d): "this one calls your optimal_d, and the fault is there",
        lambda p, q, x: jsd(p, q, x, area=lambda f, x: (f.sum() * (x[1] - x[0])).item()): STEPS,
        lambda p, q, x: jsd(p, q, x, area=lambda f, x: torch.trapezoid(x, f)): "is the grid the first argument",
        lambda p, q, x: kl_div(p.log(), q, reduction="sum") * 0.025: JSD, lambda p, q, x: jsd(p, p, x): JSD,
        lambda p, q, x: torch.trapezoid(p * (p / q).log(), x): "this is the Kullback-Leibler divergence",
        lambda p, q, x: jsd(p, q, x, area=lambda f, x: f.mean() * 5): JSD, lambda p, q, x: math.log(p): "stopped with",
        lambda p, q, x: jsd(p, q, x, area=lambda f, x: f.sum() * 0.025): "for equal densities: you get",
        lambda p, q, x: xlogy(p, bayes(p, q)) + xlogy(q, bayes(q, p)): "one number. Yours has shape (241,)",
        lambda p, q, x: math.log(2): SAME,
        lambda p, q, x: jsd(p, q, x, lambda a, d: a * d.log()): f"never meet: you get nan, it should be 0.69315. {NAN}",
        lambda p, q, x: jsd(p, q, x, share=lambda p, q: p / (p + q)): NAN,
        lambda p, q, x: jsd(p, q, x, lambda a, d: a * (d + 1e-3).log()): JSD,
        lambda p, q, x: torch.trapezoid((p - q) ** 2, x): JSD,
    },
    "generator_losses": {
        lambda x: (mini(x).item(), other(x).item()): "minimax has the right value, but no gradient flows through it",
        lambda x: (mini(x), other(x).detach()): "non-saturating has the right value, but no gradient flows through it",
        lambda x: (np.logaddexp(0, x.numpy()).mean() * -1, other(x)): "stopped with RuntimeError: Can't call numpy()",
        lambda x: (mini(x.requires_grad_()), other(x)): "changes requires_grad of fake_logits",
        lambda x: (mini(x.detach()) + 0 * x.sum(), other(x)): "not the right slope of minimax in fake_logits",
        lambda x: (mini(x), softplus(x.neg_()).mean()): "overwrites fake_logits",
        lambda x: (mini(x), softplus(-x).exp_().log_().mean()): "cannot take its gradient",
        lambda x: (-repaired(x), repaired(-x)): "you get nan at", lambda x: (math.log(1 - x), x.sum()): "stopped with",
        lambda x: (mini(x.clamp(-50, 50)), other(x.clamp(-50, 50))): "Is something clipped",
        lambda x: (mini(x.clamp(-200, 200)), other(x.clamp(-200, 200))): "Is something clipped",
        lambda x: (-softplus(x), softplus(-x)): MISSING, lambda x: (mini(x), softplus(-x).mean(1)): MISSING,
        lambda x: {0: mini(x), 1: other(x)}: PAIR, lambda x: mini(x) + other(x): PAIR,
        lambda x: (-math.log(2), math.log(2)): SAME, lambda x: (x.log().mean(), -x.log().mean()): "A logit is no prob",
        lambda x: (-x.mean(), x.mean()): LOGITS, lambda x: (mini(x) / 2, other(x) / 2): LOGITS,
    },
}  # fmt: skip
