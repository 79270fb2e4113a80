"""Exercise 4: one step of D."""

import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from torch.nn.functional import softplus

from tests.exercises.bank_even_numbers import right, wrong
from tests.exercises.bank_even_numbers.steps_of_g import update

NAME = "discriminator_step"
STILL, DIRTY, MOVED_G = "D did not move", "gradients of G's step were still in D", "G has moved"
OTHER_WAY, HALF = "but not along the gradient", "D moved on one half of its loss only"


def d_loss(discriminator, real, fake):
    return softplus(-discriminator(real)).mean() + softplus(discriminator(fake)).mean()


@right(NAME)
def two_backward_passes(generator, discriminator, optimizer, real, noise):
    optimizer.zero_grad()
    on_real = discriminator(real)
    on_fake = discriminator(generator(noise).detach())
    real_loss, fake_loss = bce(on_real, torch.ones_like(on_real)), bce(on_fake, torch.zeros_like(on_fake))
    real_loss.backward()
    fake_loss.backward()
    optimizer.step()
    return (real_loss + fake_loss).item()


@right(NAME)
def no_grad_instead_of_detach(generator, discriminator, optimizer, real, noise):
    with torch.no_grad():
        fake = generator(noise)
    return update(optimizer, d_loss(discriminator, real, fake))


@right(NAME)
def clears_d_with_zeros(generator, discriminator, optimizer, real, noise):
    loss = d_loss(discriminator, real, generator(noise).data)
    optimizer.zero_grad(set_to_none=False)
    loss.backward()
    optimizer.step()
    return loss.detach()


@wrong(NAME, "Cut the graph with fake.detach()")
def forgets_detach(generator, discriminator, optimizer, real, noise):
    return update(optimizer, d_loss(discriminator, real, generator(noise)))


@wrong(NAME, "you cleared G's gradients")
def forgets_detach_and_tidies_up(generator, discriminator, optimizer, real, noise):
    loss = update(optimizer, d_loss(discriminator, real, generator(noise)))
    generator.zero_grad()
    return loss


@wrong(NAME, "you cleared G's gradients")
def clears_g_as_well(generator, discriminator, optimizer, real, noise):
    generator.zero_grad()
    return update(optimizer, d_loss(discriminator, real, generator(noise).detach()))


@wrong(NAME, "G is frozen for good")
def freezes_g(generator, discriminator, optimizer, real, noise):
    generator.requires_grad_(False)
    return update(optimizer, d_loss(discriminator, real, generator(noise)))


@wrong(NAME, DIRTY)
def forgets_zero_grad(generator, discriminator, optimizer, real, noise):
    loss = d_loss(discriminator, real, generator(noise).detach())
    loss.backward()
    optimizer.step()
    return loss


@wrong(NAME, STILL)
def clears_too_late(generator, discriminator, optimizer, real, noise):
    loss = d_loss(discriminator, real, generator(noise).detach())
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss


@wrong(NAME, STILL)
def forgets_backward(generator, discriminator, optimizer, real, noise):
    optimizer.zero_grad()
    loss = d_loss(discriminator, real, generator(noise).detach())
    optimizer.step()
    return loss


@wrong(NAME, STILL)
def forgets_step(generator, discriminator, optimizer, real, noise):
    optimizer.zero_grad()
    loss = d_loss(discriminator, real, generator(noise).detach())
    loss.backward()
    return loss


@wrong(NAME, MOVED_G)
def g_steps_too(generator, discriminator, optimizer, real, noise):
    everything = torch.optim.SGD([*generator.parameters(), *discriminator.parameters()], 0.5)
    return update(everything, d_loss(discriminator, real, generator(noise)))


@wrong(NAME, OTHER_WAY)
def two_steps(generator, discriminator, optimizer, real, noise):
    first = update(optimizer, softplus(-discriminator(real)).mean())
    return first + update(optimizer, softplus(discriminator(generator(noise).detach())).mean())


@wrong(NAME, OTHER_WAY)
def noise_is_no_fake(generator, discriminator, optimizer, real, noise):
    return update(optimizer, d_loss(discriminator, real, noise))


@wrong(NAME, "Return the loss too")
def returns_half(generator, discriminator, optimizer, real, noise):
    update(optimizer, d_loss(discriminator, real, generator(noise).detach()))
    return softplus(discriminator(generator(noise).detach())).mean()


@wrong(NAME, "Return the loss too")
def returns_both_terms(generator, discriminator, optimizer, real, noise):
    update(optimizer, d_loss(discriminator, real, generator(noise).detach()))
    return [0.7, 0.7]


LOSSES = {  # the loss, as a function of D, the real samples and the detached fakes: what the check has to say
    lambda d, real, fake: softplus(d(real)).mean() + softplus(-d(fake)).mean(): "your labels are swapped",
    lambda d, real, fake: softplus(-d(real)).mean(): HALF,
    lambda d, real, fake: softplus(d(fake)).mean(): HALF,
    lambda d, real, fake: -d_loss(d, real, fake): "D moved uphill",
    lambda d, real, fake: d_loss(d, real, fake) / 2: "D moved half as far",
    lambda d, real, fake: d_loss(d, real, fake) * len(real): "this is the sum over the batch",
    lambda d, real, fake: d_loss(d, real, (fake > 0.5).float()): "D saw rounded fakes",
    lambda d, real, fake: softplus(-d(real)).mean() + softplus(-d(fake)).mean(): OTHER_WAY,
}
for loss, says in LOSSES.items():
    wrong(NAME, says)(lambda g, d, optimizer, real, z, loss=loss: update(optimizer, loss(d, real, g(z).detach())))
