"""Exercise 2: the loss of D, from logits."""

import math

import torch
from torch.nn.functional import binary_cross_entropy, binary_cross_entropy_with_logits, logsigmoid, softplus

from tests.exercises.bank_even_numbers import right, wrong

NAME = "discriminator_loss"
SWAPPED, HALF, SUM = "your labels are swapped", "this is half of it", "this is the sum over the batch"
OVERFLOW, CLIPPED, SHAPE = "exp(200) is infinite", "something is clipped", "return one number"


def ones(x):
    return torch.ones_like(x)


def zeros(x):
    return torch.zeros_like(x)


@right(NAME)
def bce_with_logits(real, fake):
    return binary_cross_entropy_with_logits(real, ones(real)) + binary_cross_entropy_with_logits(fake, zeros(fake))


@right(NAME)
def log_of_sigmoid(real, fake):
    return -(logsigmoid(real).mean() + logsigmoid(-fake).mean())


@right(NAME)
def twice_the_mean_of_all(real, fake):
    return 2 * torch.cat([softplus(-real), softplus(fake)]).mean()


@wrong(NAME, "no gradient flows through it")
def plain_number(real, fake):
    return float(torch.logaddexp(-real, zeros(real)).mean() + torch.logaddexp(fake, zeros(fake)).mean())


BODIES = {  # what the answer returns: what the check has to say
    lambda real, fake: softplus(real).mean() + softplus(-fake).mean(): SWAPPED,
    lambda real, fake: bce_with_logits(fake, real): SWAPPED,
    lambda real, fake: bce_with_logits(real, fake) / 2: HALF,
    lambda real, fake: binary_cross_entropy_with_logits(
        torch.cat([real, fake]), torch.cat([ones(real), zeros(fake)])
    ): HALF,
    lambda real, fake: softplus(-real).sum() + softplus(fake).sum(): SUM,
    lambda real, fake: logsigmoid(real).mean() + logsigmoid(-fake).mean(): "the sign is turned",
    lambda real, fake: softplus(-real).mean(): "the term for the fakes is missing",
    lambda real, fake: softplus(fake).mean(): "the term for the real samples is missing",
    lambda real, fake: softplus(-real).mean() + softplus(-fake).mean(): "both terms call the samples real",
    lambda real, fake: bce_with_logits(real.sigmoid(), fake.sigmoid()): "the sigmoid is applied twice",
    lambda real, fake: 2 * math.log(2): "only while every logit is 0",
    lambda real, fake: torch.tensor(1.3863): "only while every logit is 0",
    lambda real, fake: -real.log().mean() - (1 - fake).log().mean(): "A logit is no probability",
    lambda real, fake: binary_cross_entropy(real, ones(real)) + binary_cross_entropy(fake, zeros(fake)): "RuntimeError",
    lambda real, fake: -real.sigmoid().log().mean() - (1 - fake.sigmoid()).log().mean(): OVERFLOW,
    lambda real, fake: torch.log(1 + torch.exp(-real)).mean() + torch.log(1 + torch.exp(fake)).mean(): OVERFLOW,
    lambda real, fake: (
        (torch.log(1 + torch.exp(real)) - real).mean() + (torch.log(1 + torch.exp(-fake)) + fake).mean()
    ): OVERFLOW,  # right where D is wrong, infinite where D is right
    lambda real, fake: (
        binary_cross_entropy(real.sigmoid(), ones(real)) + binary_cross_entropy(fake.sigmoid(), zeros(fake))
    ): CLIPPED,
    lambda real, fake: -(real.sigmoid() + 1e-8).log().mean() - (1 - fake.sigmoid() + 1e-8).log().mean(): CLIPPED,
    lambda real, fake: softplus(-real.clamp(-50, 50)).mean() + softplus(fake.clamp(-50, 50)).mean(): CLIPPED,
    lambda real, fake: softplus(-real) + softplus(fake): SHAPE,
    lambda real, fake: (softplus(-real).mean(), softplus(fake).mean()): SHAPE,
    lambda real, fake: "log 2": SHAPE,
    lambda real, fake: fake.mean() - real.mean(): "for logits drawn at random you get",
    lambda real, fake: bce_with_logits(real, fake) / math.log(2): "for logits drawn at random you get",  # in bits
}
BODIES |= {
    lambda real, fake: (softplus(-real).mean() + softplus(fake).mean()).detach(): "no gradient flows through it",
    lambda real, fake: softplus(-real).mean() + softplus(fake.detach()).mean(): "not the right slope in the fake",
    lambda real, fake: softplus(-real.data).mean() + softplus(fake).mean(): "not the right slope in the real",
    lambda real, fake: softplus(-real).exp_().log_().mean() + softplus(fake).mean().mul_(1): "cannot take its gradient",
}
for body, says in BODIES.items():
    wrong(NAME, says)(body)
