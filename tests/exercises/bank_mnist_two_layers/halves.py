"""Exercise 4: half steps that compute the gradients of one player. An answer is the pair (D's, G's)."""

import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from torch.nn.functional import softplus

from tests.exercises.bank_mnist_two_layers import right, wrong

NAME = "half_steps"


def d_loss(discriminator, real, fake):
    return softplus(-discriminator(real)).mean() + softplus(discriminator(fake)).mean()


def g_loss(generator, discriminator, noise):
    return softplus(-discriminator(generator(noise))).mean()


def of_d(generator, discriminator, real, noise):
    with torch.no_grad():
        fake = generator(noise)
    loss = d_loss(discriminator, real, fake)
    discriminator.zero_grad()
    loss.backward()
    return loss


def of_g(generator, discriminator, noise):
    loss = g_loss(generator, discriminator, noise)
    generator.zero_grad()
    loss.backward(inputs=list(generator.parameters()))
    return loss


def frozen_d(generator, discriminator, noise):
    discriminator.requires_grad_(False)
    generator.zero_grad()
    loss = g_loss(generator, discriminator, noise)
    loss.backward()
    discriminator.requires_grad_(True)
    return loss.item()


def frozen_g(generator, discriminator, real, noise):
    """Also clears both networks first."""
    generator.zero_grad()
    discriminator.zero_grad(set_to_none=False)
    generator.requires_grad_(False)
    fake = generator(noise)
    generator.requires_grad_(True)
    on_real, on_fake = discriminator(real), discriminator(fake)
    real_loss, fake_loss = bce(on_real, torch.ones_like(on_real)), bce(on_fake, torch.zeros_like(on_fake))
    real_loss.backward()
    fake_loss.backward()
    return real_loss + fake_loss


def with_grad(generator, discriminator, noise):
    loss = g_loss(generator, discriminator, noise)
    for p, slope in zip(generator.parameters(), torch.autograd.grad(loss, list(generator.parameters())), strict=True):
        p.grad = slope
    return loss.detach()


right(NAME)((frozen_g, frozen_d))
right(NAME)([of_d, with_grad])
right(NAME)((of_d, frozen_d))


def with_detach(generator, discriminator, real, noise):
    loss = d_loss(discriminator, real, generator(noise).detach())
    discriminator.zero_grad()
    loss.backward()
    return loss


def full(generator, discriminator, real, noise):
    loss = d_loss(discriminator, real, generator(noise))
    discriminator.zero_grad()
    loss.backward()
    return loss


def full_and_tidy(generator, discriminator, real, noise):
    loss = full(generator, discriminator, real, noise)
    generator.zero_grad()
    return loss


def d_variant(change, clear=True):
    """D's half step with another loss: change(on_real, on_fake)."""
    def half_step(generator, discriminator, real, noise):
        with torch.no_grad():
            fake = generator(noise)
        loss = change(discriminator(real), discriminator(fake))
        if clear:
            discriminator.zero_grad()
        loss.backward()
        return loss

    return half_step


def d_forgets_backward(generator, discriminator, real, noise):
    return d_loss(discriminator, real, generator(noise).detach())


def d_clears_last(generator, discriminator, real, noise):
    loss = of_d(generator, discriminator, real, noise)
    discriminator.zero_grad()
    return loss


def d_clears_last_to_zero(generator, discriminator, real, noise):
    loss = of_d(generator, discriminator, real, noise)
    discriminator.zero_grad(set_to_none=False)
    return loss


def d_steps(generator, discriminator, real, noise):
    loss = of_d(generator, discriminator, real, noise)
    torch.optim.SGD(discriminator.parameters(), 0.1).step()
    return loss


def d_freezes_g(generator, discriminator, real, noise):
    generator.requires_grad_(False)
    return full(generator, discriminator, real, noise)


def d_returns_another(generator, discriminator, real, noise):
    return of_d(generator, discriminator, real, noise) / 2


def d_all_in_no_grad(generator, discriminator, real, noise):
    with torch.no_grad():
        loss = d_loss(discriminator, real, generator(noise))
        loss.backward()
    return loss


for answer, says in {
    with_detach: "right, and nothing reaches G. But G kept all it needs",
    full: "D's gradients are right, and G's .grad has changed as well",
    full_and_tidy: "but G's were computed, too, and thrown away",
    d_variant(lambda r, f: -softplus(-r).mean() - softplus(f).mean()): "half step of D: the sign is turned",
    d_variant(lambda r, f: softplus(r).mean() + softplus(-f).mean()): "the labels are swapped",
    d_variant(lambda r, f: softplus(-r).mean()): "the fakes have no part in it",
    d_variant(lambda r, f: softplus(f).mean()): "the real samples have no part in it",
    d_variant(lambda r, f: (softplus(-r).mean() + softplus(f).mean()) / 2): "half as large as they should be",
    d_variant(lambda r, f: softplus(-r).sum() + softplus(f).sum()): "32 times too large",
    d_variant(lambda r, f: softplus(-r).mean() + softplus(f).mean(), clear=False): "old gradients were added to",
    d_variant(lambda r, f: softplus(r).mean() + softplus(-f).mean(), clear=False): "And old gradients were added to",
    d_variant(lambda r, f: (r - f).square().mean()): "D's gradients are not those of -log D(real) - log(1 - D(fake))",
    d_forgets_backward: "half step of D: D still has its old gradients",
    d_clears_last: "D is left without gradients",
    d_clears_last_to_zero: "the gradients of D are all 0",
    d_steps: "weights have moved. Only fill in the gradients",
    d_freezes_g: "some weights are frozen for good",
    d_returns_another: "half step of D: the gradients are right. Return the loss too: ",
    d_all_in_no_grad: "stopped with RuntimeError",
    lambda g, d, r, z: "done": "return the loss, not 'done'",
    lambda generator, discriminator, noise: 0: "stopped with TypeError",
}.items():
    wrong(NAME, says)((answer, of_g))


def g_full(generator, discriminator, noise):
    loss = g_loss(generator, discriminator, noise)
    generator.zero_grad()
    loss.backward()
    return loss


def g_full_and_tidy(generator, discriminator, noise):
    loss = g_full(generator, discriminator, noise)
    discriminator.zero_grad()
    return loss


def g_clears_both_first(generator, discriminator, noise):
    discriminator.zero_grad()
    return g_full(generator, discriminator, noise)


def g_detaches(generator, discriminator, noise):
    fake = generator(noise).detach()
    loss = softplus(-discriminator(fake)).mean()
    loss.backward()
    return loss


def g_under_no_grad(generator, discriminator, noise):
    with torch.no_grad():
        fake = generator(noise)
    generator.zero_grad()
    loss = softplus(-discriminator(fake)).mean()
    loss.backward()
    return loss


def g_dirty(generator, discriminator, noise):
    loss = g_loss(generator, discriminator, noise)
    loss.backward(inputs=list(generator.parameters()))
    return loss


def g_variant(change):
    def half_step(generator, discriminator, noise):
        loss = change(discriminator(generator(noise)))
        generator.zero_grad()
        loss.backward(inputs=list(generator.parameters()))
        return loss

    return half_step


def g_freezes_d(generator, discriminator, noise):
    discriminator.requires_grad_(False)
    return g_full(generator, discriminator, noise)


def g_steps(generator, discriminator, noise):
    loss = of_g(generator, discriminator, noise)
    torch.optim.Adam(generator.parameters(), 0.01).step()
    return loss


def g_returns_fakes(generator, discriminator, noise):
    of_g(generator, discriminator, noise)
    return generator(noise)


for answer, says in {
    g_full: "G's gradients are right, and D's .grad has changed as well. Ask for G's alone",
    g_full_and_tidy: "but D's were computed, too, and thrown away",
    g_clears_both_first: "D's .grad has changed as well",
    g_detaches: "half step of G: G still has its old gradients",
    g_under_no_grad: "G is left without gradients",
    g_dirty: "half step of G: old gradients were added to",
    g_variant(lambda l: -softplus(-l).mean()): "half step of G: the sign is turned",
    g_variant(lambda l: softplus(l).mean()): "G would help D",
    g_variant(lambda l: -softplus(l).mean()): "this is the minimax loss",
    g_variant(lambda l: softplus(-l).sum()): "32 times too large",
    g_variant(lambda l: -l.mean()): "G's gradients are not those of -log D(G(z))",
    g_freezes_d: "some weights are frozen for good",
    g_steps: "half step of G: weights have moved",
    g_returns_fakes: "half step of G: the gradients are right. Return the loss too",
    g_loss: "half step of G: G still has its old gradients",
    lambda generator, discriminator, real, noise: 0: "stopped with TypeError",
}.items():
    wrong(NAME, says)((of_d, answer))

wrong(NAME, "give the check both functions")(of_d)
wrong(NAME, "give the check both functions")((of_d, of_g, of_d))
wrong(NAME, "stopped with TypeError")((of_g, of_d))
