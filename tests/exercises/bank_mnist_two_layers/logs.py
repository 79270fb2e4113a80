"""Exercise 3: both losses from logits, right at logits of 1000."""

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from torch.nn.functional import logsigmoid, softplus

from gan_helpers import losses
from tests.exercises.bank_mnist_two_layers import right, wrong

NAME = "losses_from_logits"


@right(NAME)
def with_bce(real, fake):
    ones, zeros = torch.ones_like(real), torch.zeros_like(fake)
    return bce(real, ones) + bce(fake, zeros), bce(fake, ones)


@right(NAME)
def with_logsigmoid(real, fake):
    """1 - sigmoid(l) = sigmoid(-l)."""
    return [-logsigmoid(real).mean() - logsigmoid(-fake).mean(), -logsigmoid(fake).mean(0)]


@right(NAME)
def with_logaddexp(real, fake):
    zero = torch.zeros(())
    g = torch.logaddexp(zero, -fake).mean()
    return torch.logaddexp(zero, -real).mean() + g + fake.mean(), g


@right(NAME)
def by_hand(real, fake):
    """max(l, 0) + log(1 + exp(-|l|))."""
    def rising(l):
        return l.clamp(min=0) + (-l.abs()).exp().log1p()

    return torch.stack([rising(-real).mean() + rising(fake).mean(), rising(-fake).mean()])


def d_loss(real, fake):
    return softplus(-real).mean() + softplus(fake).mean()


def g_loss(fake):
    return softplus(-fake).mean()


def naive(real, fake, small=0.0):
    real, fake = torch.sigmoid(real), torch.sigmoid(fake)
    return -(real + small).log().mean() - (1 - fake + small).log().mean(), -(fake + small).log().mean()


def with_exp(real, fake):
    return (1 + (-real).exp()).log().mean() + (1 + fake.exp()).log().mean(), (1 + (-fake).exp()).log().mean()


def clamped(real, fake):
    real, fake = real.clamp(-50, 50), fake.clamp(-50, 50)
    return d_loss(real, fake), g_loss(fake)


def bce_loss(real, fake):
    real, fake, loss = torch.sigmoid(real), torch.sigmoid(fake), nn.BCELoss()
    ones, zeros = torch.ones_like(real), torch.zeros_like(fake)
    return loss(real, ones) + loss(fake, zeros), loss(fake, ones)


def with_where(real, fake):
    def rising(l):
        return torch.where(l > 20, l, (1 + l.exp()).log())

    return rising(-real).mean() + rising(fake).mean(), rising(-fake).mean()


def steps_itself(real, fake):
    d, g = d_loss(real, fake), g_loss(fake)
    if fake.requires_grad:
        d.backward()
    return d, g


def g_without_graph(real, fake):
    return d_loss(real, fake), g_loss(fake.detach())


def d_does_not_see_fakes(real, fake):
    return d_loss(real, fake.detach()), g_loss(fake)


OUT = "so that log(1 - 1) is minus infinity"
ANSWERS = {
    naive: OUT,
    lambda r, f: naive(r.double(), f.double()): "at logits of 100 and -100 the loss of D is inf",
    lambda r, f: naive(r, f, 1e-8): "Is something added or cut off",
    lambda r, f: naive(r, f, 1e-12): "the loss of D is 100, yours 27.63",
    with_exp: OUT,
    clamped: "at logits of 100 and -100 the loss of D is 100, yours 50. Is something added or cut off",
    bce_loss: "cut off at 100 a sample, as nn.BCELoss does",
    with_where: "torch.where computes both sides",
    lambda r, f: (g_loss(f), d_loss(r, f)): "the two are swapped",
    lambda r, f: (d_loss(r, f) / 2, g_loss(f)): "the loss of D is half of it",
    lambda r, f: (softplus(-r).sum() + softplus(f).sum(), g_loss(f)): "the loss of D is a sum over the batch",
    lambda r, f: (-d_loss(r, f), g_loss(f)): "the loss of D has its sign turned",
    lambda r, f: (d_loss(-r, -f), g_loss(f)): "the loss of D has the labels swapped",
    lambda r, f: (g_loss(r) + g_loss(f), g_loss(f)): "the loss of D calls both real",
    lambda r, f: (g_loss(r) - g_loss(f), g_loss(f)): "takes log D of the fakes",
    lambda r, f: (g_loss(r) - softplus(f).mean(), g_loss(f)): "the sign of its second term turned",
    lambda r, f: (g_loss(r), g_loss(f)): "lacks its term for the fakes",
    lambda r, f: (softplus(f).mean(), g_loss(f)): "lacks its term for the real samples",
    lambda r, f: (d_loss(r.sigmoid(), f.sigmoid()), g_loss(f)): "the loss of D takes the sigmoid twice",
    lambda r, f: (d_loss(r, f) / np.log(2), g_loss(f)): "is in bits",
    lambda r, f: (d_loss(r, f) / np.log(10), g_loss(f)): "uses log10",
    lambda r, f: (d_loss(r, f) + 1, g_loss(f)): "for logits of usual size the loss of D should be",
    lambda r, f: (d_loss(r, f), -softplus(f).mean()): "the loss of G is the minimax loss",
    lambda r, f: (d_loss(r, f), softplus(f).mean()): "the loss of G helps D",
    lambda r, f: (d_loss(r, f), -g_loss(f)): "the loss of G has its sign turned",
    lambda r, f: (d_loss(r, f), softplus(-f).sum()): "the loss of G is a sum",
    lambda r, f: (d_loss(r, f), g_loss(r)): "is taken of the real samples",
    lambda r, f: (d_loss(r, f), g_loss(f.sigmoid())): "the loss of G takes the sigmoid twice",
    lambda r, f: (d_loss(r, f), d_loss(r, f)): "is the loss of D again",
    lambda r, f: (d_loss(r, f), -d_loss(r, f)): "is minus the loss of D",
    lambda r, f: (d_loss(r, f), g_loss(f) / 2): "the loss of G should be",
    lambda r, f: (d_loss(r, f).item(), g_loss(f).item()): "the loss of D has no gradient",
    lambda r, f: (d_loss(r, f), g_loss(f).detach()): "the loss of G has no gradient",
    g_without_graph: "the loss of G has no gradient",
    d_does_not_see_fakes: "the gradient of D's is [0.0, 0.0] and should be [0.5, 0]",
    steps_itself: "Is there a backward() in your function?",
    lambda r, f: (r.log().mean(), f.log().mean()): "you get NaN for small logits",
    lambda r, f: d_loss(r, f): "return the pair (loss of D, loss of G)",
    lambda r, f: d_loss(r, f) + g_loss(f): "return the pair (loss of D, loss of G)",
    lambda r, f: (softplus(-r) + softplus(f), softplus(-f)): "one number, not shape (16, 1)",
    lambda r, f: {"d": d_loss(r, f), "g": g_loss(f)}: "return the pair (loss of D, loss of G)",
    lambda r, f: ("d", "g"): "return the pair (loss of D, loss of G), not 'd'",
    lambda r, f: (losses.discriminator_loss(r, f), g_loss(f)): "calls discriminator_loss, and that is the whole answer",
    lambda r, f: (d_loss(r, f), losses.non_saturating(f)): "calls non_saturating",
    lambda logits: softplus(-logits).mean(): "stopped with TypeError",
}
for answer, says in ANSWERS.items():
    wrong(NAME, says)(answer)
