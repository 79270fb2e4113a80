"""Exercise 3: one step of G."""

import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from torch.nn.functional import logsigmoid, softplus

from tests.exercises.bank_even_numbers import right, wrong

NAME = "generator_step"
NO_GRADIENT, DIRTY, MOVED_D = "G got no gradient from D", "gradients of an earlier step", "D has moved"


def update(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


@right(NAME)
def inverted_labels(generator, discriminator, optimizer, noise):
    optimizer.zero_grad()
    logits = discriminator(generator(noise))
    loss = bce(logits, torch.ones_like(logits))
    loss.backward()
    optimizer.step()
    return loss.item()


@right(NAME)
def gradients_set_by_hand(generator, discriminator, optimizer, noise):
    loss = -logsigmoid(discriminator(generator(noise))).mean()
    weights = list(generator.parameters())
    for weight, slope in zip(weights, torch.autograd.grad(loss, weights), strict=True):
        weight.grad = slope
    optimizer.step()
    return loss.detach()


@right(NAME)
def freezes_d_for_a_moment(generator, discriminator, optimizer, noise):
    discriminator.requires_grad_(False)
    loss = update(optimizer, softplus(-discriminator(generator(noise))).mean())
    discriminator.requires_grad_(True)
    return loss


@wrong(NAME, "D is frozen for good")
def freezes_d_and_leaves_it(generator, discriminator, optimizer, noise):
    discriminator.requires_grad_(False)
    return update(optimizer, softplus(-discriminator(generator(noise))).mean())


@wrong(NAME, DIRTY)
def forgets_zero_grad(generator, discriminator, optimizer, noise):
    loss = softplus(-discriminator(generator(noise))).mean()
    loss.backward()
    optimizer.step()
    return loss


@wrong(NAME, DIRTY)
def clears_the_wrong_network(generator, discriminator, optimizer, noise):
    discriminator.zero_grad()
    return forgets_zero_grad(generator, discriminator, optimizer, noise)


@wrong(NAME, NO_GRADIENT)
def clears_too_late(generator, discriminator, optimizer, noise):
    loss = softplus(-discriminator(generator(noise))).mean()
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss


@wrong(NAME, NO_GRADIENT)
def forgets_backward(generator, discriminator, optimizer, noise):
    optimizer.zero_grad()
    loss = softplus(-discriminator(generator(noise))).mean()
    optimizer.step()
    return loss


@wrong(NAME, NO_GRADIENT)
def forgets_step(generator, discriminator, optimizer, noise):
    optimizer.zero_grad()
    loss = softplus(-discriminator(generator(noise))).mean()
    loss.backward()
    return loss


@wrong(NAME, NO_GRADIENT)
def forgets_zero_grad_and_detaches(generator, discriminator, optimizer, noise):
    loss = softplus(-discriminator(generator(noise).detach())).mean()
    loss.backward()
    optimizer.step()
    return loss


@wrong(NAME, "stopped with RuntimeError")
def no_gradients_at_all(generator, discriminator, optimizer, noise):
    with torch.no_grad():
        return update(optimizer, softplus(-discriminator(generator(noise))).mean())


@wrong(NAME, NO_GRADIENT)
def no_gradients_for_g(generator, discriminator, optimizer, noise):
    with torch.no_grad():
        fake = generator(noise)
    return update(optimizer, softplus(-discriminator(fake)).mean())


@wrong(NAME, MOVED_D)
def d_steps_too(generator, discriminator, optimizer, noise):
    everything = torch.optim.SGD([*generator.parameters(), *discriminator.parameters()], 0.5)
    return update(everything, softplus(-discriminator(generator(noise))).mean())


@wrong(NAME, "Return the loss too")
def loss_after_the_step(generator, discriminator, optimizer, noise):
    update(optimizer, softplus(-discriminator(generator(noise))).mean())
    return softplus(-discriminator(generator(noise))).mean()


@wrong(NAME, "return the loss, not")
def returns_g(generator, discriminator, optimizer, noise):
    update(optimizer, softplus(-discriminator(generator(noise))).mean())
    return generator


@wrong(NAME, "but not along the gradient")
def own_noise(generator, discriminator, optimizer, noise):
    noise = torch.randint(0, 2, noise.shape, generator=torch.Generator().manual_seed(0)).float()
    return update(optimizer, softplus(-discriminator(generator(noise))).mean())


@wrong(NAME, "but not along the gradient")
def two_steps(generator, discriminator, optimizer, noise):
    update(optimizer, softplus(-discriminator(generator(noise))).mean())
    return update(optimizer, softplus(-discriminator(generator(noise))).mean())


LOSSES = {  # the loss, as a function of D and the fakes: what the check has to say
    lambda d, fake: softplus(d(fake)).mean(): "G now helps D",
    lambda d, fake: -softplus(d(fake)).mean(): "this is the minimax loss",
    lambda d, fake: -softplus(-d(fake)).mean(): "G moved uphill",
    lambda d, fake: softplus(-d(fake)).sum(): "this is the sum over the batch",
    lambda d, fake: softplus(-d(fake.detach())).mean(): NO_GRADIENT,
    lambda d, fake: softplus(-d((fake > 0.5).float())).mean(): NO_GRADIENT,
    lambda d, fake: softplus(-d(fake.round())).mean(): NO_GRADIENT,
    lambda d, fake: -d(fake).mean(): "but not along the gradient",  # the loss of a Wasserstein GAN
    lambda d, fake: softplus(-d(fake).sigmoid()).mean(): "but not along the gradient",
}
for loss, says in LOSSES.items():
    wrong(NAME, says)(lambda g, d, optimizer, noise, loss=loss: update(optimizer, loss(d, g(noise))))
