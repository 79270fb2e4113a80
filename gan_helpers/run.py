"""What training gives back."""

from dataclasses import dataclass, field

import torch
from torch import nn


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
