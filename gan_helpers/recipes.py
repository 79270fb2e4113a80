"""Named GANs for the bell curve N(4, 1.25) and for digits: those of the articles and the course's own."""

import dataclasses
import functools
import math

import torch
from torch import nn

from gan_helpers import data, discriminators, generators, losses, mnist, noise
from gan_helpers.gan import GAN

ELU_STEPS = 20_000  # rounds of one step each
ELU = GAN(  # the version with ELUs: D sees a batch of 100 numbers and their squared differences as one row
    real=data.gaussian, noise=noise.uniform,
    generator=generators.elu_generator, discriminator=discriminators.elu_discriminator,
    d_steps=1, g_steps=1, batch_size=100, lr=2e-4,
)

TANH_SIGMOID_STEPS = 5_000  # rounds of 20 steps of D and 20 of G
TANH_SIGMOID = GAN(  # the version with tanh and sigmoid: D sees the four moments of a batch of 500
    real=data.gaussian, noise=noise.uniform,
    generator=functools.partial(generators.number_generator, hidden=5),
    discriminator=discriminators.moments_discriminator,
    d_steps=20, g_steps=20, batch_size=500, lr=1e-3, momentum=0.9,
)

UNITS_SAMPLES = 50_000  # real samples from which the course's recipe estimates its units
EDGE = math.sqrt(3)  # uniform noise from -EDGE to EDGE has mean 0 and standard deviation 1


@functools.cache
def units() -> tuple[float, float]:
    """Mean and standard deviation of UNITS_SAMPLES real samples."""
    sample = data.gaussian(UNITS_SAMPLES, torch.Generator().manual_seed(2**32 - 1))
    return sample.mean().item(), sample.std().item()


def standardized(n: int, rng: torch.Generator) -> torch.Tensor:
    """Real samples in standard units, (x - mean) / std: where a new D, whose weights are around 0, can see them."""
    mean, std = units()
    return (data.gaussian(n, rng) - mean) / std


COURSE_STEPS = 900  # rounds of 5 steps of D and one of G
COURSE = GAN(  # the course's own: a Wasserstein critic on single samples in standard units
    real=standardized, noise=functools.partial(noise.uniform, low=-EDGE, high=EDGE),
    generator=generators.number_generator,
    discriminator=functools.partial(discriminators.hidden_discriminator, width=1, hidden=32),
    discriminator_loss=losses.critic_loss, generator_loss=losses.critic_generator_loss,
    d_steps=5, gp=10.0, batch_size=256, lr=0.01, decay=True, betas=(0.0, 0.9), ema=0.995,
)

NOISE = 100  # numbers that go into each generator

TWO_LAYERS_STEPS = 100_000
TWO_LAYERS = GAN(  # 100-392-784 against 784-128-1; the article says "random noise" and no more: here it is normal
    real=functools.partial(mnist.digits, scale="[0, 1]"), noise=functools.partial(noise.normal, features=NOISE),
    generator=generators.two_layer_generator, discriminator=discriminators.two_layer_discriminator,
    d_steps=1, batch_size=128, lr=1e-3,
)
UNIFORM = functools.partial(noise.uniform, low=-1.0, high=1.0, features=NOISE)
TWO_LAYERS_UNIFORM = dataclasses.replace(TWO_LAYERS, noise=UNIFORM)

DEEPER = GAN(  # four layers each, pixels from -1 to 1, normal noise, dropout
    real=mnist.digits, noise=functools.partial(noise.normal, features=NOISE),
    generator=generators.deep_generator, discriminator=discriminators.deep_discriminator,
    d_steps=1, batch_size=64, lr=2e-4,
)

BEST_STEPS = 100_000
BEST = GAN(  # batch norm in G; R1 penalty instead of dropout; simultaneous steps, without momentum
    real=mnist.digits, noise=functools.partial(noise.normal, features=NOISE),
    generator=functools.partial(generators.deep_generator, norm=nn.BatchNorm1d),
    discriminator=functools.partial(discriminators.deep_discriminator, dropout=0.0),
    batch_size=64, lr=5e-4, decay=True, betas=(0.0, 0.99), r1=3.0, ema=0.999,
)
