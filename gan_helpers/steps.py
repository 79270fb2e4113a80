"""The moves of the game: `step` moves both players at once; in `take_turns` D moves first, k times, and then G."""

import functools

import torch

from gan_helpers import losses
from gan_helpers.gan import GAN


def step(gan: GAN, generator, discriminator, g_optimizer, d_optimizer, draw):
    """One move of each player, both from where they stand: the loop that chapter 1 derives.

    draw(sampler, times): the next `times` batches as one, (times * batch, features), with a leading axis of runs for
    stacked networks. Returns (g_loss, d_loss, bad), each () or (runs,): the losses as they were before the move, and
    True for a run with a cost of NaN or Inf, which does not move. If that is every run: FloatingPointError.
    """
    real, fake = draw(gan.real, 1), through(gan, generator, draw(gan.noise, 1))
    shown = gan.view(fake)
    fake_logits = through(gan, discriminator, shown)  # one pass for both players; `move` keeps their gradients apart
    g_loss = gan.generator_loss(fake_logits)
    d_loss, d_cost = price(gan, discriminator, gan.view(real), shown.detach(), fake_logits)
    bad = move({"generator": (generator, g_optimizer, g_loss), "discriminator": (discriminator, d_optimizer, d_cost)})
    trim(gan, discriminator)
    return g_loss.detach(), d_loss.detach(), bad


def take_turns(gan: GAN, generator, discriminator, g_optimizer, d_optimizer, draw):
    """D moves gan.d_steps times, then G gan.g_steps times, on new batches (Goodfellow et al. 2014, algorithm 1).

    The batches of a player's moves are drawn all at once, which is faster than one by one. Arguments, results and
    errors are those of `step`; the losses are those of the last move of each, and a run is bad if any of its moves was.
    """
    bad = False
    with torch.no_grad():
        reals = [gan.view(real) for real in split(draw(gan.real, gan.d_steps), gan.d_steps)]
        fakes = [gan.view(through(gan, generator, noise)) for noise in split(draw(gan.noise, gan.d_steps), gan.d_steps)]
    for real, fake in zip(reals, fakes, strict=True):
        d_loss, d_cost = price(gan, discriminator, real, fake)
        bad = bad | move({"discriminator": (discriminator, d_optimizer, d_cost)})
        trim(gan, discriminator)
    for noise in split(draw(gan.noise, gan.g_steps), gan.g_steps):
        g_loss = gan.generator_loss(through(gan, discriminator, gan.view(through(gan, generator, noise))))
        bad = bad | move({"generator": (generator, g_optimizer, g_loss)})
    return g_loss.detach(), d_loss.detach(), bad


def through(gan: GAN, network, x: torch.Tensor) -> torch.Tensor:
    """network(x), with its matrix products in the precision that the recipe asks for."""
    if gan.precision == "float32":  # that is, as the weights are
        return network(x)
    with torch.autocast(x.device.type, torch.bfloat16):
        return network(x).float()


def split(batches: torch.Tensor, times: int) -> torch.Tensor:
    """Batches that were drawn as one, apart: (..., times * batch, features) to (times, ..., batch, features)."""
    return batches.unflatten(-2, (times, -1)).movedim(-3, 0)


def price(gan: GAN, discriminator, real, fake, fake_logits=None) -> tuple[torch.Tensor, torch.Tensor]:
    """What D pays for what it is shown, without and with its penalties; each () or (runs,).

    fake_logits: what D makes of the fakes, if that is known already.
    """
    real = real.detach().requires_grad_(gan.r1 > 0)
    if fake_logits is not None:
        real_logits = through(gan, discriminator, real)
    elif real.dim() == 2:
        real_logits, fake_logits = through(gan, discriminator, real), through(gan, discriminator, fake)
    else:  # a stacked D judges each row by itself, so one call does for both
        real_logits, fake_logits = through(gan, discriminator, torch.cat([real, fake], -2)).chunk(2, -2)
    d_loss = cost = gan.discriminator_loss(real_logits, fake_logits)
    if gan.r1:
        cost = cost + gan.r1 * losses.r1_penalty(real_logits, real)
    if gan.gp:
        cost = cost + gan.gp * losses.gradient_penalty(functools.partial(through, gan, discriminator), real, fake)
    return d_loss, cost


def trim(gan: GAN, discriminator) -> None:
    """Cut D's weights to [-clip, clip], if the recipe says so (Arjovsky et al. 2017, algorithm 1)."""
    if gan.clip:
        for weight in discriminator.parameters():
            weight.data.clamp_(-gan.clip, gan.clip)


def move(players: dict) -> torch.Tensor:
    """Let every player, name: (network, optimiser, cost), take one step down its own cost; all costs are known before.

    A run in which some cost is NaN or Inf is bad and stays where it is. Returns which are, () or (runs,). If that is
    every run: FloatingPointError, nothing moves.
    """
    bad = ~torch.isfinite(sum(cost.detach() for _, _, cost in players.values()))
    if bad.all():
        values = [f"{name} loss {cost.flatten()[0]:.4g}" for name, (_, _, cost) in players.items()]
        raise FloatingPointError(", ".join(values))
    every = {name: optimizer.param_groups[0]["params"] for name, (_, optimizer, _) in players.items()}
    weights = [p for own in every.values() for p in own] if bad.any() else []
    before = [p.detach()[bad].clone() for p in weights]
    for name, (_, _, cost) in players.items():
        for p in every[name]:
            p.grad = None
        # sum() joins independent runs and changes nothing for one; inputs= spares the other player gradients; the
        # players may share a pass through D, so it is kept until all are done
        cost.sum().backward(inputs=every[name], retain_graph=len(players) > 1)
    for p in weights:
        if p.grad is not None:
            p.grad[bad] = 0  # or the optimiser would remember NaN
    for _, optimizer, _ in players.values():
        optimizer.step()
    for p, kept in zip(weights, before, strict=True):
        p.data[bad] = kept
    return bad
