"""The loop: `step` is one move of both players, `train` plays a whole game. Chapter 1 writes both out in full."""

import contextlib
import copy
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import torch
from torch import nn
from tqdm import tqdm  # not tqdm.auto: its widgets need a script from another host

from gan_helpers import _door, losses

SMALL = 100_000  # a model with fewer weights than this trains faster on one thread


@dataclass(frozen=True)
class GAN:
    """The five components: R, I, G, D and the settings of the loop (chapter 1).

    real, noise: samplers ``sample(n, rng) -> (n, features)``. generator, discriminator: functions without arguments
    that build a fresh network. generator_loss: one of `losses`. Both players use Adam with learning rate `lr` and
    `betas`; with decay=True the rate falls linearly to 0 over the run. r1: weight of the R1 penalty on D (0: none).
    ema: share of the average of G's weights that is kept at each step (0: no average; 0.99: about the last 100 steps).
    """

    real: Callable[[int, torch.Generator], torch.Tensor]
    noise: Callable[[int, torch.Generator], torch.Tensor]
    generator: Callable[[], nn.Module]
    discriminator: Callable[[], nn.Module]
    generator_loss: Callable[[torch.Tensor], torch.Tensor] = losses.non_saturating
    batch_size: int = 16
    lr: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    decay: bool = False
    r1: float = 0.0
    ema: float = 0.0


@dataclass
class Run:
    """What training gives back. For many runs at once the networks are stacked and losses have a column a run."""

    seeds: tuple[int, ...]
    generator: nn.Module
    discriminator: nn.Module
    average: nn.Module | None  # G with averaged weights, if GAN.ema is above 0
    g_loss: torch.Tensor  # (steps,) or (steps, runs); NaN where not reached
    d_loss: torch.Tensor
    watched: dict[int, object] = field(default_factory=dict)  # step: what `watch` returned
    diverged: dict[int, int] = field(default_factory=dict)  # seed: the first step with a loss of NaN or Inf
    steps_done: int = 0


class Diverged(RuntimeError):
    """Every loss is NaN or Inf. `.run` keeps the losses so far, and G and D as they were before that step."""

    run: Run


def step(gan: GAN, generator, discriminator, g_optimizer, d_optimizer, real, noise):
    """One move of each player, both from where they stand: the loop that chapter 1 derives.

    real: (batch, features), noise: (batch, noise features); with a leading axis of runs for stacked networks.
    Returns (g_loss, d_loss), each () or (runs,), as they were before the move. Where no run has finite losses it
    raises FloatingPointError and changes nothing.
    """
    fake = generator(noise)
    g_loss = gan.generator_loss(discriminator(fake))
    d_loss = losses.discriminator_loss(discriminator(real), discriminator(fake.detach()))
    if not (torch.isfinite(g_loss) & torch.isfinite(d_loss)).any():
        values = g_loss.flatten()[0].item(), d_loss.flatten()[0].item()
        raise FloatingPointError("generator loss {:.4g}, discriminator loss {:.4g}".format(*values))
    penalty = gan.r1 * losses.r1_penalty(discriminator, real) if gan.r1 else 0.0
    g_optimizer.zero_grad()
    # sum() joins independent runs and changes nothing for one; inputs= spares D the gradients that it would throw away
    g_loss.sum().backward(inputs=list(generator.parameters()))
    d_optimizer.zero_grad()
    (d_loss + penalty).sum().backward()
    g_optimizer.step()
    d_optimizer.step()
    return g_loss.detach(), d_loss.detach()


def train(gan: GAN, steps: int, seed: int, *, watch: Callable[[Run], object] | None = None,
          watch_at: Iterable[int] = (), device="cpu", progress: bool = True) -> Run:  # fmt: skip
    """Train one GAN from one seed; the same seed gives the same weights (chapter 1).

    watch(run) is called, without gradients, after each step named in `watch_at` (0: before the first); what it
    returns is kept in run.watched. device: where the networks live. progress: a bar once a second has passed.
    Raises Diverged if a loss becomes NaN or Inf, and ValueError or TypeError for bad input, before any step.
    """
    device = check(gan, steps, [seed], device)
    networks = [network.to(device) for network in build(gan, seed)]
    rng = torch.Generator().manual_seed(seed)

    def draw():
        return gan.real(gan.batch_size, rng).to(device), gan.noise(gan.batch_size, rng).to(device)

    return loop(gan, networks, draw, steps, (seed,), (), watch, watch_at, progress)


def build(gan: GAN, seed: int) -> tuple[nn.Module, nn.Module]:
    """G and D as ``torch.manual_seed(seed)`` makes them, G first. The global random state stays as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.random.default_generator.manual_seed(seed)
        return gan.generator(), gan.discriminator()


def check(gan: GAN, steps: int, seeds, device) -> torch.device:
    """Try the five components on two samples, so that what does not fit is refused before training starts."""
    _door.count(steps, "steps")
    _door.count(gan.batch_size, "batch_size")
    for seed in seeds:
        _door.count(seed, "seed", least=0)
    for name, value, top in (("lr", gan.lr, math.inf), ("r1", gan.r1, math.inf), ("ema", gan.ema, 1.0)):
        if not 0 <= value < top or (name == "lr" and value == 0):
            raise ValueError(f"{name} must be {'above 0' if name == 'lr' else '0 or more'}"
                             f"{' and below 1' if top == 1 else ' and finite'}, got {value}.")  # fmt: skip
    device = _door.device_there(device)
    rng = torch.Generator().manual_seed(seeds[0])
    real, noise, (generator, discriminator) = gan.real(2, rng), gan.noise(2, rng), build(gan, seeds[0])
    with torch.no_grad():
        fake = _door.fits(generator, noise, "the generator", "noise")
        if fake.shape != real.shape or fake.dtype != real.dtype:
            made, wanted = tuple(fake.shape[1:]), tuple(real.shape[1:])
            raise ValueError(f"the generator makes {fake.dtype} samples of shape {made}, real ones are {real.dtype} of "
                             f"shape {wanted}. Give G's last layer as many outputs as a real sample has numbers.")  # fmt: skip
        logits = _door.fits(discriminator, real, "the discriminator", "real samples")
    if logits.shape != (2, 1):
        raise ValueError(f"the discriminator must return one logit a sample, shape (2, 1) for two samples, got "
                         f"{tuple(logits.shape)}. End it with a layer of one unit, without sigmoid.")  # fmt: skip
    return device


def loop(gan, networks, draw, steps, seeds, shape, watch, watch_at, progress) -> Run:
    """What `train` and `many.train_many` share: `steps` moves, on the batches that ``draw()`` returns.

    shape: () for one run, (runs,) for stacked networks.
    """
    generator, discriminator = networks
    average = copy.deepcopy(generator).requires_grad_(False) if gan.ema else None
    empty = torch.full((steps, *shape), math.nan)
    run = Run(tuple(seeds), generator, discriminator, average, empty, empty.clone())
    optimizers = [torch.optim.Adam(network.parameters(), lr=gan.lr, betas=gan.betas) for network in networks]
    watch_at = set(watch_at) if watch else ()
    with threads_for(networks, len(seeds)):
        look(run, watch, watch_at)
        for index in tqdm(range(steps), desc="training", disable=not progress, delay=1.0, leave=False):
            if gan.decay:
                for group in optimizers[0].param_groups + optimizers[1].param_groups:
                    group["lr"] = gan.lr * (1 - index / steps)
            try:
                g_loss, d_loss = step(gan, generator, discriminator, *optimizers, *draw())
            except FloatingPointError as error:
                stop = Diverged(f"stopped at step {index + 1} of {steps}, seed {seeds[0]}: {error}. Lower lr or look "
                                "at the data; the history so far is in the .run of this error.")  # fmt: skip
                stop.run = run
                raise stop from error
            run.g_loss[index], run.d_loss[index], run.steps_done = g_loss, d_loss, index + 1
            for i in (~torch.isfinite(g_loss + d_loss)).nonzero().flatten().tolist() if shape else ():
                run.diverged.setdefault(seeds[i], index + 1)
            if average is not None:
                for kept, new in zip(average.parameters(), generator.parameters(), strict=True):
                    kept.data.lerp_(new.data, 1 - gan.ema)
            look(run, watch, watch_at)
    return run


def look(run: Run, watch, watch_at) -> None:
    """Call ``watch(run)`` if the step that was just done is one of those to be watched."""
    if run.steps_done in watch_at:
        with torch.no_grad():
            run.watched[run.steps_done] = watch(run)


@contextlib.contextmanager
def threads_for(networks, runs: int):
    """One thread for small networks, which more threads only slow down; the caller's setting comes back after."""
    before = torch.get_num_threads()
    weights = sum(p.numel() for network in networks for p in network.parameters())
    if weights < SMALL * runs:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
