"""The moves of the game: `step` moves both players at once; in `take_turns` D moves first, k times, and then G."""

import torch

from gan_helpers import losses
from gan_helpers.gan import GAN


def step(gan: GAN, generator, discriminator, g_optimizer, d_optimizer, real, noise):
    """One move of each player, both from where they stand: the loop that chapter 1 derives.

    real: (batch, features), noise: (batch, noise features); with a leading axis of runs for stacked networks.
    Returns (g_loss, d_loss, bad), each () or (runs,): the losses as they were before the move, and True for a run with
    a cost of NaN or Inf, which does not move. If that is every run: FloatingPointError.
    """
    fake = generator(noise)
    g_loss = gan.generator_loss(discriminator(fake))
    d_loss, d_cost = price(gan, discriminator, real, fake)
    bad = move({"generator": (generator, g_optimizer, g_loss), "discriminator": (discriminator, d_optimizer, d_cost)})
    return g_loss.detach(), d_loss.detach(), bad


def take_turns(gan: GAN, generator, discriminator, g_optimizer, d_optimizer, draw_real, draw_noise):
    """D moves gan.d_steps times on new batches, then G once on new noise (Goodfellow et al. 2014, algorithm 1).

    draw_real, draw_noise: functions without arguments that return the next batch. Returns and raises as `step`; the
    losses are those of the last move of each, and a run is bad if any of its moves was.
    """
    bad = False
    for _ in range(gan.d_steps):
        real, noise = draw_real(), draw_noise()
        with torch.no_grad():
            fake = generator(noise)
        d_loss, d_cost = price(gan, discriminator, real, fake)
        bad = bad | move({"discriminator": (discriminator, d_optimizer, d_cost)})
    g_loss = gan.generator_loss(discriminator(generator(draw_noise())))
    bad = bad | move({"generator": (generator, g_optimizer, g_loss)})
    return g_loss.detach(), d_loss.detach(), bad


def price(gan: GAN, discriminator, real, fake) -> tuple[torch.Tensor, torch.Tensor]:
    """What D pays for a batch, without and with its penalties; each () or (runs,)."""
    real, fake = real.detach().requires_grad_(gan.r1 > 0), fake.detach()
    real_logits = discriminator(real)
    d_loss = cost = gan.discriminator_loss(real_logits, discriminator(fake))
    if gan.r1:
        cost = cost + gan.r1 * losses.r1_penalty(real_logits, real)
    if gan.gp:
        cost = cost + gan.gp * losses.gradient_penalty(discriminator, real, fake)
    return d_loss, cost


def move(players: dict) -> torch.Tensor:
    """Let every player, name: (network, optimiser, cost), take one step down its own cost; all costs are known before.

    A run in which some cost is NaN or Inf is bad and stays where it is. Returns which are, () or (runs,). If that is
    every run: FloatingPointError, nothing moves.
    """
    bad = ~torch.isfinite(sum(cost.detach() for _, _, cost in players.values()))
    if bad.all():
        values = [f"{name} loss {cost.flatten()[0]:.4g}" for name, (_, _, cost) in players.items()]
        raise FloatingPointError(", ".join(values))
    weights = [p for network, _, _ in players.values() for p in network.parameters()] if bad.any() else []
    before = [p.detach()[bad].clone() for p in weights]
    for network, optimizer, cost in players.values():
        optimizer.zero_grad()
        # sum() joins independent runs and changes nothing for one; inputs= spares the other player gradients
        cost.sum().backward(inputs=list(network.parameters()))
    for p in weights:
        if p.grad is not None:
            p.grad[bad] = 0  # or the optimiser would remember NaN
    for _, optimizer, _ in players.values():
        optimizer.step()
    for p, kept in zip(weights, before, strict=True):
        p.data[bad] = kept
    return bad
