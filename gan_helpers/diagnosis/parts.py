"""What `diagnose` is given, checked once and brought into one form."""

import copy
import functools
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from gan_helpers import _validate
from gan_helpers.gan import GAN
from gan_helpers.training import Run
from gan_helpers.training.stacking import StackedLinear
from gan_helpers.training.steps import alternating_step, simultaneous_step
from gan_helpers.training.trainer import make_optimizer
from gan_helpers.training.validation import callable_with

DECAYED = 0.1  # of a rate that falls to 0: what the last steps of such a run had, about


@dataclass
class Parts:
    """The parts of a GAN to look at. Samplers are functions (n, rng); step: makes one training step, or None."""

    generator: nn.Module
    discriminator: nn.Module
    real: Callable
    noise: Callable
    held_out: Callable | None = None
    step: Callable | None = None
    losses: tuple | None = None
    batch_size: int = 64
    trained: nn.Module | None = None  # the G that `step` trains, if `generator` is the average of its weights


def of_run(gan: GAN, run: Run, held_out=None) -> Parts:
    """The parts of a run of this package. Its step works on copies of the networks, with new optimizers."""
    if not isinstance(gan, GAN) or not isinstance(run, Run):
        raise TypeError(f"diagnose takes a GAN and its Run, got {gan!r:.40} and {run!r:.40}. For a loop of your own: "
                        "diagnose(generator=..., discriminator=..., real=..., noise=..., step=...).")
    if any(isinstance(layer, StackedLinear) for layer in run.generator.modules()):
        raise TypeError("run holds many runs. Train the one to look at by itself: train(gan, steps, seed).")
    networks = [copy.deepcopy(network).cpu().train().requires_grad_(True)
                for network in (run.generator, run.discriminator)]
    share = DECAYED if gan.decay else 1.0
    rates = [share * (gan.lr if rate is None else rate) for rate in (None, gan.d_lr)]
    optimizers = [make_optimizer(gan, network, rate) for network, rate in zip(networks, rates, strict=True)]
    rng = torch.Generator().manual_seed(2**32 - 1)
    frozen = torch.zeros((), dtype=torch.bool)

    def step():
        if gan.d_steps == 0:
            batches = gan.real(gan.batch_size, rng), gan.noise(gan.batch_size, rng)
            return simultaneous_step(gan, *networks, *optimizers, *batches, frozen)
        reals, d_noises, g_noises = ([sample(gan.batch_size, rng) for _ in range(count)] for sample, count in
                                     ((gan.real, gan.d_steps), (gan.noise, gan.d_steps), (gan.noise, gan.g_steps)))
        return alternating_step(gan, *networks, *optimizers, reals, d_noises, g_noises, frozen)

    judged = copy.deepcopy(run.generator if run.ema_generator is None else run.ema_generator).cpu()
    parts = of_loop(judged, networks[1], gan.real, gan.noise, held_out, step, (run.g_loss, run.d_loss), gan.batch_size)
    parts.trained = networks[0]
    return parts


def of_loop(generator, discriminator, real, noise, held_out=None, step=None, losses=None, batch_size=64) -> Parts:
    """The parts of a loop of one's own."""
    for network, name in ((generator, "generator"), (discriminator, "discriminator")):
        if not isinstance(network, nn.Module) or not any(True for _ in network.parameters()):
            raise TypeError(f"{name} must be a torch.nn.Module with weights, got {network!r:.60}.")
        if (device := next(network.parameters()).device).type != "cpu":
            raise ValueError(f"{name} is on {device}; diagnose works on the CPU. Move it there: {name}.cpu().")
    if noise is None or real is None:
        raise TypeError("diagnose needs samplers, real(n, rng) and noise(n, rng), or for real a tensor of samples.")
    callable_with(noise, "noise", ("n", "rng"))
    if step is not None:
        callable_with(step, "step", ())
    _validate.count(batch_size, "batch_size", least=2)
    if losses is not None:
        try:
            g_loss, d_loss = losses
            losses = tuple(torch.as_tensor(values).detach().cpu().double().flatten() for values in (g_loss, d_loss))
        except (TypeError, ValueError, RuntimeError) as error:
            raise TypeError(f"losses must be two lists of numbers, (G's, D's), got {losses!r:.60}.") from error
    return Parts(generator, discriminator, sampler(real, "real"), noise,
                 None if held_out is None else sampler(held_out, "held_out"), step, losses, batch_size)


def sampler(real, name: str) -> Callable:
    """A sampler (n, rng): as given, or of a tensor's rows."""
    if not isinstance(real, torch.Tensor):
        callable_with(real, name, ("n", "rng"))
        return real
    if real.dim() < 2 or len(real) < 2 or not real.is_floating_point():
        raise ValueError(f"{name} must hold at least 2 samples of floats, (n, features), got {real.dtype} of shape "
                         f"{tuple(real.shape)}.")
    return functools.partial(rows_of, real.detach().cpu())


def rows_of(real: torch.Tensor, n: int, rng: torch.Generator) -> torch.Tensor:
    """Rows of a tensor, drawn at random; without repetition as long as there are enough."""
    if n <= len(real):
        return real[torch.randperm(len(real), generator=rng)[:n]]
    return real[torch.randint(0, len(real), (n,), generator=rng)]
