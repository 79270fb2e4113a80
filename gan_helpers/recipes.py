"""The recipes of the bell curve N(4, 1.25): the two that were published, and the course's own (chapters 3 and 4)."""

import functools
import math

import torch

from gan_helpers import data, discriminators, generators, losses, noise, views
from gan_helpers.gan import GAN

ELU_STEPS = 20_000  # rounds of one move each
ELU = GAN(  # the version with ELUs: D sees a batch of 100 numbers and their squared differences as one row
    real=data.gaussian, noise=noise.uniform,
    generator=generators.elu_generator, discriminator=discriminators.squared_discriminator,
    view=views.squared_differences, d_steps=1, g_steps=1, batch_size=100, lr=2e-4,
)

MOMENTS_STEPS = 5_000  # rounds of 20 moves of D and 20 of G
MOMENTS = GAN(  # the version with tanh and sigmoid: D sees the four moments of a batch of 500
    real=data.gaussian, noise=noise.uniform,
    generator=functools.partial(generators.number_generator, hidden=5),
    discriminator=discriminators.moments_discriminator,
    view=views.moments, d_steps=20, g_steps=20, batch_size=500, lr=1e-3, momentum=0.9,
)

FIRST_LOOK = 50_000  # real samples from which the course's recipe takes its units
EDGE = math.sqrt(3)  # uniform noise from -EDGE to EDGE has mean 0 and standard deviation 1


@functools.cache
def units() -> tuple[float, float]:
    """Mean and standard deviation of the first look."""
    sample = data.gaussian(FIRST_LOOK, torch.Generator().manual_seed(2**32 - 1))
    return sample.mean().item(), sample.std().item()


def standardized(n: int, rng: torch.Generator) -> torch.Tensor:
    """Real samples in standard units, (x - mean) / std: where a new D, whose weights are around 0, can see them."""
    mean, std = units()
    return (data.gaussian(n, rng) - mean) / std


COURSE_STEPS = 900  # rounds of 5 moves of D and one of G
COURSE = GAN(  # the course's own: a Wasserstein critic on single samples in standard units
    real=standardized, noise=functools.partial(noise.uniform, low=-EDGE, high=EDGE),
    generator=generators.number_generator,
    discriminator=functools.partial(discriminators.hidden_discriminator, width=1, hidden=32),
    discriminator_loss=losses.critic_loss, generator_loss=losses.critic_generator_loss,
    d_steps=5, gp=10.0, batch_size=256, lr=0.01, decay=True, betas=(0.0, 0.9), ema=0.995,
)
