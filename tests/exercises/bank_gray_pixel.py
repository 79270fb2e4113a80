"""Answers to the exercises of chapter 2: right ones, and wrong ones, beside the mistakes, with what is said."""

import math
from fractions import Fraction
from statistics import NormalDist

import numpy as np
import torch
from scipy import stats
from scipy.integrate import trapezoid
from scipy.spatial.distance import jensenshannon
from torch import atanh, softmax, tanh, where
from torch.distributions import Normal, TransformedDistribution
from torch.distributions.transforms import TanhTransform
from torch.func import grad, vmap
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from torch.nn.functional import logsigmoid, softplus


def back(x, w, b):
    return (atanh(x) - b) / w


def squashed(x, w, b, z=back):
    return Normal(0.0, 1.0, validate_args=False).log_prob(z(x, w, b)).exp() / (abs(w) * (1 - x**2))


def bayes(p, q):
    return where(p + q > 0, p / (p + q), 0.5)


def odds(f, k=3):
    """An answer to exercise 2 from one for equal numbers."""
    return lambda p_data, p_g: f(k * p_data, p_g)


def report(of_data, of_fake, area=torch.trapezoid):
    """An answer to exercise 4 from log D and log(1 - D), as functions of the logits."""
    return lambda x, p, q, grid: area(p * of_data(x) + q * of_fake(x), grid) / 2 + math.log(2)


def low(x):
    return -softplus(-x)


def high(x):
    return -softplus(x)


def step(loss):
    """A step of D with a loss of what it returns for real pixels and for fakes."""
    def answer(d, optimizer, real, fake):
        optimizer.zero_grad()
        value = loss(d(real), d(fake))
        value.backward()
        optimizer.step()
        return value

    return answer


def likelihood(a, b):
    return -a.log().mean() - (1 - b).log().mean()


def without_the_sigmoid(d, optimizer, real, fake):
    optimizer.zero_grad()
    logits = d[:-1]
    loss = softplus(-logits(real)).mean() + softplus(logits(fake)).mean()
    loss.backward()
    optimizer.step()
    return loss.item()


def exchanged(d, optimizer, real, fake):
    d[-1] = torch.nn.Identity()
    return without_the_sigmoid(torch.nn.Sequential(*d, torch.nn.Identity()), optimizer, real, fake)


def plain(d, optimizer, real, fake):
    optimizer.zero_grad()
    loss = likelihood(d(real), d(fake))
    loss.backward()
    for weight in d.parameters():
        weight.data -= 0.5 * weight.grad
    return loss


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
    "optimal_d": [*map(odds, [
        lambda p, q: (p / (p + q)).nan_to_num(0.5), lambda p, q: where((p > 0) | (q > 0), 1 / (1 + q / p), 0.5).numpy(),
        lambda p, q: bayes(p, q).float().requires_grad_(), lambda p, q: (p + 1e-12) / (p + q + 2e-12),
        lambda p, q: where(p + q > 0, (p.double().log() - q.double().log()).sigmoid(), 0.5),
        lambda p, q: [a / (a + b) if a + b > 0 else 0.5 for a, b in zip(p.tolist(), q.tolist(), strict=True)]]),
        lambda p_data, p_g: bayes(0.75 * p_data, 0.25 * p_g)],
    "unseen_fakes": list(always({"": [
        [-0.9, 0.9], [0.0, 0.0], (-0.3, 0.3), [0, 0, 0], [-1, 1], [0.8, -0.9, 0.1], [1, 1, -1, -1, 0], torch.zeros(2),
        [-0.8] * 3 + [0.8] * 3, [0.1, 0.2, -0.3], np.array([0.9, -0.9]), np.linspace(-0.3, 0.3, 7), [-1, 0.8, 0.2],
        torch.tensor([0.7, -0.7], requires_grad=True), [torch.tensor(0.25), torch.tensor(-0.25)], torch.tensor([-1, 1]),
        [np.float32(0.3), np.float32(-0.3)], torch.linspace(-0.3, 0.3, 1000), [Fraction(3, 10), Fraction(-3, 10)]]})),
    "reported_divergence": [
        report(low, high), report(logsigmoid, lambda x: logsigmoid(-x)), report(lambda x: -torch.logaddexp(
            torch.zeros_like(x), -x), high, lambda f, x: ((f[1:] + f[:-1]) / 2 * x.diff()).sum()),
        lambda logits, p, q, grid: trapezoid(-p.numpy() * np.logaddexp(0, -logits.numpy()) - q.numpy() * np.logaddexp(
            0, logits.numpy()), grid.numpy()) / 2 + math.log(2),
        lambda logits, p, q, grid: report(low, high)(logits.requires_grad_(False), p, q, grid).reshape(1)],
    "generator_losses": [
        lambda x: (-bce(x, 0 * x), bce(x, 0 * x + 1)), lambda x: torch.stack([mini(x), other(x)]),
        lambda x: [torch.mean(logsigmoid(-x)), -torch.mean(logsigmoid(x))],
        lambda x: (-torch.logaddexp(x, torch.zeros_like(x)).mean(0), softplus(-x).mean(dim=0)),
        lambda x: (-with_kinks(x), with_kinks(-x))],
    "loss_on_twelve": [lambda: 0.4, 0.1, lambda: torch.tensor(0.6)],
    "mended_step": [step(likelihood), step(lambda a, b: bce(a.logit(), 0 * a + 1) + bce(b.logit(), 0 * b)),
                    without_the_sigmoid, step(lambda a, b: -(a.log().mean() + torch.log1p(-b).mean()))],
    "rescued_race": [lambda: {"gp": 1}, lambda: {"d_steps": 5.0, "r1": np.float64(0.1)}, lambda: {
        "r1": torch.tensor(0.1), "d_lr": None, "ema": 0.5}],
}  # fmt: skip
AREA, GLOBAL, MEAN, JSD = "the density is 1", "PyTorch's global random", "their mean is ", "it should be"
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
    "optimal_d": {odds(f): says for f, says in {
        lambda p, q: bayes(p, q.add_(0)): "overwrites p_g", lambda p, q: bayes(p, q).mean(): "yours is ()",
        lambda p, q: p * 0.5 / (p + q): "it should be 0.5.", lambda p, q: p / p.max(): "you get 0.25 at [0]",
        lambda p, q: p / (p * q): "you get 0.66667 at [0]", lambda p, q: bayes(p, q).round(decimals=5): "it should be",
        lambda p, q: p**2 / (p**2 + q**2): "you get 0.9 at [1], it should be 0.75",
        lambda p, q: bayes(p, q).clamp(1e-3, 1 - 1e-3): "you get 0.999", lambda p, q: bayes(p, q)[:1]: "yours is (1,)",
        lambda p, q: softmax(torch.stack([p, q]), 0)[0]: "the difference of the logs",
        lambda p, q: p / (p + q).clamp(min=1e-12): "where both are 0, say 0.5",
        lambda p, q: bayes(p, q)[p + q > 0]: "yours is (144,)", lambda p, q: p if p + q > 0 else q: "Boolean value",
        lambda p, q: bayes(p / 3, q): "as many fakes as real samples", lambda p, q: bayes(p, 3 * q): "as many fakes",
        lambda p, q: bayes(3 * p, q): "it should be",
    }.items()},
    "unseen_fakes": always({
        "-0.5 is a real pixel": [[-0.5, 0.5, 0.0]], "-0.35 is only 0.15 away": [[-0.35, 0.35]], "0.9,": [[0.9] * 2],
        "-0.301 is only 0.199": [[0.3, -0.301]], "0.6 is only 0.1 away": [[0.6, -0.6]], f"{MEAN}-0.05,": [[-0.9, 0.8]],
        "-0.69 is only 0.19": [[0.9, -0.69]], f"{MEAN}0.233,": [[0.9, -0.3, 0.1]], f"{MEAN}0.0005,": [[0.0, 1e-3]],
        MEAN: [[0.2, 0.25, 0.3], [-0.9, 0.9, 0.9], 0.6 * torch.rand(100, generator=torch.Generator()) - 0.3],
        "-1.5 is no pixel": [[-1.5, 1.5]], "-1.0001 is no pixel": [[-1.0001, 1.0001]], "finite": [[math.inf, 0]],
        "flat list": [[0.0], 0.0, torch.tensor(0.0), [], [[-0.9], [0.9]], torch.zeros(4, 1), [(-0.9, 0.5), (0.9, 0.5)]],
        "a list of pixels": [{-0.9: 0.5, 0.9: 0.5}, {-0.9, 0.9}, "-0.9, 0.9", ["-0.9", "0.9"]],
        "5000 pixels are more": [torch.linspace(-0.3, 0.3, 5000)],
    }) | {lambda: 0.6 * torch.rand(100) - 0.3: GLOBAL, lambda n: [0.0] * n: "stopped with TypeError"},
    "reported_divergence": {
        lambda x, p, q, grid: report(low, high)(x.clamp_(-9, 9), p, q, grid): "overwrites logits",
        lambda x, p, q, grid: report(low, high)(x, p.mul_(1), q, grid): "overwrites p_data",
        report(low, high, lambda f, x: (f.sum() * (x[1] - x[0])).item()): STEPS,
        report(low, high, lambda f, x: f.sum() * 0.025): JSD, report(low, high, lambda f, x: f.mean() * 6): JSD,
        lambda x, p, q, grid: jensenshannon(p, q) ** 2: "as the best D would report it",
        lambda x, p, q, grid: p * low(x) + q * high(x): "one number. Yours has shape (241,)",
        lambda x, p, q, grid: math.log(2): SAME, lambda x, p, q, grid: math.log(x): "stopped with",
        report(torch.log, lambda x: torch.log(1 - x)): "a logit is no probability",
        report(lambda x: (x.sigmoid() + 1e-3).log(), lambda x: (1 - x.sigmoid() + 1e-3).log()): JSD,
        report(lambda x: low(x.clamp(-50, 50)), lambda x: high(x.clamp(-50, 50))): "Is something clipped",
        report(lambda x: x.sigmoid().log().clamp(min=-100), lambda x: (1 - x.sigmoid()).log().clamp(min=-100)): JSD,
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
    "loss_on_twelve": {(lambda guess=guess: guess): says for guess, says in {
        1.386: "Does D see these", 1.39: "Does D see these", 0.693: "what keeps D at one", 0.69: "what keeps D at one",
        1.1: "how far can a flexible curve", 0.72: "how far can a flexible curve",
        0.01: "every pixel by heart", 2: "the twelve that it is trained on",
        2 * math.log(2): "Does D see these, or twelve", math.log(2): "what keeps D at one",
        -1: "none of these is below 0", "low": "return your", 11.8: "the twelve that it is trained on"}.items()},
    "mended_step": {
        step(lambda a, b: softplus(-a).mean() + softplus(b).mean()): "goes through a sigmoid once more",
        step(lambda a, b: -a.mean() + b.mean()): "in another direction", exchanged: "Others use this D as it is",
        step(lambda a, b: ((a - 1) ** 2).mean() + (b**2).mean()): "in nearly the right direction",
        step(lambda a, b: likelihood(a, b) / 3): "right direction, 0.33333 times", plain: "in another direction",
        step(lambda a, b: likelihood(b, a)): "your labels are swapped",
        step(lambda a, b: likelihood(a, b) * (1 + (len(a) != len(b)))): "for 9 real pixels and 4 fakes: the weights of",
        step(lambda a, b: -likelihood(1 - a, 1 - b)): "in another direction",
        lambda d, optimizer, real, fake: likelihood(d(real), d(fake)): "D got no gradient",
        step(lambda a, b: likelihood(a, b).detach().requires_grad_()): "D got no gradient",
    },
    "rescued_race": {
        lambda: {"decay": True}: "and it should be at most 0.05. In the median G ends at b = ",
        lambda: {"d_lr": 0.01}: "G has come as far as the data, to b = ",
        lambda: {"d_lr": 1.0}: "D's weights ended as NaN",
        lambda: {"learning_rate": 0.1}: "'learning_rate' is not to be changed", lambda: 0.1: "return a dict",
        lambda: {"r1": "0.1"}: "r1 = '0.1' is not a number", lambda: {"d_steps": 1.5}: "1.5 is not a whole",
        lambda: {"r1": True}: "r1 = True is not a number", lambda: {"r1": [1, 2]}: "r1 = [1, 2] is not a number",
        lambda: {"r1": math.nan}: "r1 = nan is not between", lambda: {"d_steps": 50}: "d_steps = 50 is not between 0",
        lambda: {"d_lr": None}: "and it should be at most 0.05", lambda: {"r1": 100}: "a loss was NaN or Inf",
        lambda: {"real": None}: "'real' is not to be changed", lambda: {"batch_size": 9999}: "between 1 and 256",
    },
}  # fmt: skip
