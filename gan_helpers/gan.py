"""The five components put together: what to train, as one object."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from gan_helpers import _door, losses


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


def build(gan: GAN, seed: int) -> tuple[nn.Module, nn.Module]:
    """G and D as ``torch.manual_seed(seed)`` makes them, G first. The global random state stays as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.random.default_generator.manual_seed(seed)
        return gan.generator(), gan.discriminator()


def check(gan: GAN, steps: int, seeds, device) -> torch.device:
    """Try the settings, and the five components on two samples, so that bad input is refused before training starts."""
    _door.count(steps, "steps")
    _door.count(gan.batch_size, "batch_size")
    for seed in seeds:
        _door.count(seed, "seed", least=0)
    _door.number(gan.lr, "lr", above=0)
    _door.number(gan.r1, "r1", least=0)
    _door.number(gan.ema, "ema", least=0, below=1)
    device = _door.device_there(device)
    rng = torch.Generator().manual_seed(seeds[0])
    _door.components(gan.real(2, rng), gan.noise(2, rng), *build(gan, seeds[0]))
    return device
