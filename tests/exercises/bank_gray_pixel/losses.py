"""Exercise 5: both losses of G, from logits."""

import math

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy, logsigmoid, softplus
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from tests.exercises.bank_gray_pixel import right, wrong

NAME = "generator_losses"


def minimax(x):
    return -softplus(x).mean()


def other(x):
    return softplus(-x).mean()


@right(NAME)
def with_bce(x):
    return -bce(x, torch.zeros_like(x)), bce(x, torch.ones_like(x))


@right(NAME)
def with_logsigmoid(x):
    return [torch.mean(logsigmoid(-x)), -torch.mean(logsigmoid(x))]


@right(NAME)
def as_one_tensor(x):
    return torch.stack([minimax(x), other(x)])


@wrong(NAME, "minimax has the right value, but no gradient flows through it")
def plain_numbers(x):
    return minimax(x).item(), other(x).item()


@right(NAME)
def float32_with_a_gradient(x):
    x = x.float().requires_grad_()
    return minimax(x), other(x)


@wrong(NAME, "stopped with RuntimeError: Can't call numpy()")
def numpy_array(x):
    return np.array([-np.logaddexp(0, x.numpy()).mean(), np.logaddexp(0, -x.numpy()).mean()])


@right(NAME)
def one_column(x):
    return -torch.logaddexp(x, torch.zeros_like(x)).mean(0), softplus(-x).mean(dim=0)


@wrong(NAME, "non-saturating has the right value, but no gradient flows through it")
def one_is_detached(x):
    return minimax(x), other(x).detach()


@wrong(NAME, "minimax has the right value, but its slope in the first logit, -2, is 0.0000, not -0.0298")
def half_is_cut_off(x):
    return -softplus(x.detach()).mean() + 0 * x.sum(), other(x)


@wrong(NAME, "cannot take its gradient")
def overwrites_the_logits(x):
    return -torch.logaddexp(x, torch.zeros_like(x)).mean(0), softplus(x.neg_()).mean(dim=0)


def logs(p):
    return torch.log(1 - p).mean(), -torch.log(p).mean()


PAIR, NUMBER, NAN = "return the two losses as a pair", "each loss is one number", "A logit is no probability"
OVERFLOW, CLIPPED = "exp(200) is infinite in float32", "something is clipped"
PAIRS = {  # what the answer returns: what the check has to say
    lambda x: (other(x), minimax(x)): "the two are the wrong way round",
    lambda x: (-softplus(x).sum(), softplus(-x).sum()): "these are sums over the batch",
    lambda x: (bce(x, torch.zeros_like(x)), bce(x, torch.ones_like(x))): "minimax has the sign turned",
    lambda x: (minimax(x), -other(x)): "non-saturating has the sign turned",
    lambda x: (-minimax(x), -other(x)): "both signs are turned",
    lambda x: (other(x), other(x)): "both are -log D",
    lambda x: (minimax(x), minimax(x)): "both are log(1 - D)",
    lambda x: (minimax(x), -minimax(x)): "both look at 1 - D",
    lambda x: (-other(x), other(x)): "minimax is log(1 - D), not log D",
    lambda x: (-other(x), -minimax(x)): "D is sigmoid(logit), not sigmoid(-logit)",
    lambda x: (minimax(x) / math.log(2), other(x) / math.log(2)): "these are in bits",
    lambda x: (minimax(x.sigmoid()), other(x.sigmoid())): "the sigmoid is applied twice",
    lambda x: logs(x.sigmoid().mean()): "you average before the log",
    lambda x: (minimax(x.mean()), other(x.mean())): "you average the logits",
    lambda x: ((1 - x.sigmoid()).mean(), -x.sigmoid().mean()): "the logs are missing",
    lambda x: ((1 - x.sigmoid()).mean(), x.sigmoid().mean()): "these are 1 - D and D",
    lambda x: (-x.sigmoid().mean(), (x.sigmoid() - 1).mean()): "these are the slopes",
    lambda x: logs(x): NAN,
    lambda x: logs(x.sigmoid()): OVERFLOW,
    lambda x: (-torch.log(1 + torch.exp(x)).mean(), torch.log(1 + torch.exp(-x)).mean()): OVERFLOW,
    lambda x: ((-x - torch.log(1 + torch.exp(-x))).mean(), torch.log(1 + torch.exp(-x)).mean()): OVERFLOW,
    lambda x: logs(x.sigmoid().clamp(1e-7, 1 - 1e-7)): CLIPPED,
    lambda x: (
        -binary_cross_entropy(x.sigmoid(), torch.zeros_like(x)),
        binary_cross_entropy(x.sigmoid(), torch.ones_like(x)),
    ): CLIPPED,
    lambda x: (torch.log(1 - x.sigmoid() + 1e-8).mean(), -torch.log(x.sigmoid() + 1e-8).mean()): CLIPPED,
    lambda x: (minimax(x.clamp(-50, 50)), other(x.clamp(-50, 50))): CLIPPED,
    lambda x: (-softplus(x), softplus(-x)): NUMBER,
    lambda x: (-softplus(x).squeeze(), softplus(-x).squeeze()): NUMBER,
    lambda x: torch.cat([-softplus(x), softplus(-x)], 1).T: NUMBER,
    lambda x: minimax(x) + other(x): PAIR,
    lambda x: {"minimax": minimax(x), "non-saturating": other(x)}: PAIR,
    lambda x: (minimax(x), other(x), x.mean()): PAIR,
    lambda x: "-log 2, log 2": PAIR,
    lambda x: (-math.log(2), math.log(2)): "for logits -2, 0.5, 1, 3 they are -1.3657 and 0.7407",
    lambda x: (-(x.mean()), x.mean()): "for logits -2, 0.5, 1, 3 they are -1.3657 and 0.7407",
    lambda x: (minimax(x) / 2, other(x) / 2): "for logits -2, 0.5, 1, 3 they are -1.3657 and 0.7407",
    lambda x: (math.log(1 - x), -math.log(x)): "stopped with",
}
for pair, says in PAIRS.items():
    wrong(NAME, says)(pair)
