"""One training step: chapter 1's, and the one in which D and G take turns. Both take batches and return the losses.

Everything also works on stacked networks, for many runs at once: batches then have a leading axis of runs, and losses
have shape (runs,). `frozen`, () or (runs,), marks the runs whose loss has become NaN or Inf: they take neither that
optimizer step nor a later one; earlier steps of the round stand.
"""

import contextlib

import torch
from torch import nn

from gan_helpers import losses
from gan_helpers.gan import GAN
from gan_helpers.training.stacking import logits_of_both


def simultaneous_step(gan: GAN, generator, discriminator, g_optimizer, d_optimizer, real, noise, frozen):
    """One optimizer step for each player, both from the same weights: the step that chapter 1 derives.

    real, noise: (batch, features), or (runs, batch, features). Returns (g_loss, d_loss), () or (runs,), both as they
    were before the step; marks runs in `frozen`.
    """
    fake = generator(noise)

    # G: make D call the fakes real
    g_loss = gan.generator_loss(discriminator(fake))
    # D: call real samples real and fakes fake. Computed before G steps, unlike in chapter 1, since the next line needs
    # both losses; fake and D's weights are those from before either step, so the numbers are the same
    d_loss, d_objective = discriminator_objective(gan, discriminator, real, fake.detach())

    frozen |= ~torch.isfinite(g_loss + d_objective)  # a run with a loss of NaN or Inf: neither player steps any more
    optimizer_step(g_optimizer, g_loss, frozen)  # back through D into G, but only G moves
    optimizer_step(d_optimizer, d_objective, frozen, clip=gan.clip)  # stops at detach: only D moves
    return g_loss.detach(), d_loss.detach()  # one number per run, so no .item()


def alternating_step(gan: GAN, generator, discriminator, g_optimizer, d_optimizer, reals, d_noises, g_noises, frozen):
    """D takes an optimizer step for each batch in reals, then G one for each in g_noises (Goodfellow et al. 2014,
    algorithm 1).

    reals, d_noises: (d_steps, batch, features), or (d_steps, runs, batch, features); g_noises likewise, (g_steps, ...).
    Returns and marks as `simultaneous_step` does; the losses are those of the last step of each player.
    """
    # G stands still while D steps: make all fakes now; no_grad instead of detach
    with torch.no_grad():
        fakes = [generator(noise) for noise in d_noises]

    # D: call real samples real and fakes fake
    for real, fake in zip(reals, fakes, strict=True):
        d_loss, d_objective = discriminator_objective(gan, discriminator, real, fake)
        frozen |= ~torch.isfinite(d_objective)
        optimizer_step(d_optimizer, d_objective, frozen, clip=gan.clip)

    # G: make D call the fakes real
    for noise in g_noises:
        g_loss = gan.generator_loss(discriminator(generator(noise)))
        frozen |= ~torch.isfinite(g_loss)
        optimizer_step(g_optimizer, g_loss, frozen)
    return g_loss.detach(), d_loss.detach()


def discriminator_objective(gan: GAN, discriminator, real, fake) -> tuple[torch.Tensor, torch.Tensor]:
    """D's loss on a real and a fake batch, and what D minimizes: the loss plus its penalties; each () or (runs,)."""
    # R1 needs slopes in real; detach: leave the caller's tensor unmarked
    real = real.detach().requires_grad_(gan.r1 > 0)
    real_logits, fake_logits = logits_of_both(discriminator, real, fake)  # discriminator(real), discriminator(fake)
    d_loss = objective = gan.discriminator_loss(real_logits, fake_logits)
    if gan.r1:
        objective = objective + gan.r1 * losses.r1_penalty(real_logits, real)
    if gan.gp:
        objective = objective + gan.gp * losses.gradient_penalty(discriminator, real, fake)
    return d_loss, objective


def optimizer_step(optimizer, loss: torch.Tensor, frozen: torch.Tensor, clip: float = 0.0) -> None:
    """zero_grad, backward and step of one player, whose weights are those that the optimizer holds.

    clip: if above 0, clip the weights to [-clip, clip] after the step (Arjovsky et al. 2017, algorithm 1).
    """
    weights = optimizer.param_groups[0]["params"]
    optimizer.zero_grad()
    # sum(): each run has its own weights, so a NaN run does not touch the others' gradients. inputs=: gradients for
    # this player only; chapter 1 computes D's in G's half too, then clears them
    loss.sum().backward(inputs=weights)
    with keep_frozen(weights, frozen):  # one call moves all stacked runs; the frozen ones are put back after it
        optimizer.step()
        if clip:
            for p in weights:
                p.data.clamp_(-clip, clip)


@contextlib.contextmanager
def keep_frozen(weights, frozen: torch.Tensor):
    """After the block, give frozen runs back the weights that they had before it."""
    weights = list(weights) if frozen.any() else []
    before = [p.detach()[frozen].clone() for p in weights]
    yield
    for p, old in zip(weights, before, strict=True):
        p.data[frozen] = old


@torch.no_grad()
def update_ema(ema_generator: nn.Module, generator: nn.Module, keep: float) -> None:
    """Exponential moving average of G's weights, keep * average + (1 - keep) * G, in place.

    Batch norm's running statistics are averaged too.
    """
    for average, new in zip(ema_generator.state_dict().values(), generator.state_dict().values(), strict=True):
        if average.is_floating_point():
            average.lerp_(new, 1 - keep)
        else:
            average.copy_(new)  # batch norm's count of batches, an integer
