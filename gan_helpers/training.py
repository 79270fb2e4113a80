"""The loop: `train` plays a whole game of the moves in `steps`. Chapter 1 writes both out in full."""

import contextlib
import copy
import functools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import torch
from torch import nn
from tqdm import tqdm  # not tqdm.auto: its widgets need a script from another host

from gan_helpers import _door
from gan_helpers.gan import GAN, build, check
from gan_helpers.steps import step, take_turns

SMALL = 100_000  # a model with fewer weights than this trains faster on one thread


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
    """Every loss is NaN or Inf. `.run` keeps the losses so far, and G and D as they were before that move."""

    run: Run


def train(gan: GAN, steps: int, seed: int, *, watch: Callable[[Run], object] | None = None,
          watch_at: Iterable[int] = (), device="cpu", progress: bool = True) -> Run:
    """Train one GAN from one seed; the same seed gives the same weights (chapter 1).

    watch(run) is called, without gradients, after each step named in `watch_at` (0: before the first); what it
    returns is kept in run.watched. device: where the networks live. progress: a bar once a second has passed.
    Raises Diverged if a loss becomes NaN or Inf, and ValueError or TypeError for bad input, before any step.
    """
    seed = _door.seed(seed)
    device, watch_at = check(gan, steps, seed, device), _door.moments(watch, watch_at, steps)
    networks = [network.to(device) for network in build(gan, seed)]
    rng = torch.Generator().manual_seed(seed)

    def draw(sampler):
        return sampler(gan.batch_size, rng).to(device)

    return loop(gan, networks, draw, steps, (seed,), (), watch, watch_at, progress)


def loop(gan, networks, draw, steps, seeds, shape, watch, watch_at, progress) -> Run:
    """What `train` and `many.train_many` share: `steps` steps, on the batches that ``draw(sampler)`` returns.

    shape: () for one run, (runs,) for stacked networks.
    """
    generator, discriminator = networks
    average = copy.deepcopy(generator).requires_grad_(False) if gan.ema else None
    empty = torch.full((steps, *shape), math.nan)
    run = Run(tuple(seeds), generator, discriminator, average, empty, empty.clone())
    settings = {"lr": float(gan.lr), "betas": tuple(float(beta) for beta in gan.betas)}
    optimizers = [torch.optim.Adam(network.parameters(), **settings) for network in networks]
    with threads_for(networks, len(seeds)), session(seeds[0]):
        look(run, watch, watch_at)
        for index in tqdm(range(steps), desc="training", disable=not progress, delay=1.0, leave=False):
            if gan.decay:
                for group in optimizers[0].param_groups + optimizers[1].param_groups:
                    group["lr"] = gan.lr * (1 - index / steps)
            try:
                if gan.d_steps:
                    batches = functools.partial(draw, gan.real), functools.partial(draw, gan.noise)
                    g_loss, d_loss, bad = take_turns(gan, generator, discriminator, *optimizers, *batches)
                else:
                    batches = draw(gan.real), draw(gan.noise)
                    g_loss, d_loss, bad = step(gan, generator, discriminator, *optimizers, *batches)
            except FloatingPointError as error:
                named = f"seed {seeds[0]}" if len(seeds) == 1 else f"all {len(seeds)} seeds, the first one {seeds[0]}"
                stop = Diverged(f"stopped at step {index + 1} of {steps}, {named}: {error}. Lower lr or look at the "
                                "data; the history so far is in the .run of this error.")
                run.diverged |= {seed: index + 1 for seed in seeds if seed not in run.diverged}
                stop.run = run
                raise stop from error
            run.g_loss[index], run.d_loss[index], run.steps_done = g_loss, d_loss, index + 1
            for i in bad.nonzero().flatten().tolist():
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
def session(seed: int):
    """Gradients on, and dropout and the like drawn from `seed`; the caller's settings come back after."""
    with torch.inference_mode(False), torch.enable_grad(), torch.random.fork_rng(devices=[]):
        torch.random.default_generator.manual_seed(seed)
        yield


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
