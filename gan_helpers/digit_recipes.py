"""The recipes of the digits: two published ones, and the course's best with multilayer perceptrons (chapters 5, 6)."""

import dataclasses
import functools

from torch import nn

from gan_helpers import discriminators, generators, images, noise
from gan_helpers.gan import GAN

NOISE = 100  # numbers that go into each generator

TWO_LAYERS_STEPS = 100_000
TWO_LAYERS = GAN(  # 100-392-784 against 784-128-1; the article says "random noise" and no more: here it is normal
    real=functools.partial(images.digits, scale="[0, 1]"), noise=functools.partial(noise.normal, features=NOISE),
    generator=generators.two_layer_generator, discriminator=discriminators.two_layer_discriminator,
    d_steps=1, batch_size=128, lr=1e-3,
)
UNIFORM = functools.partial(noise.uniform, low=-1.0, high=1.0, features=NOISE)
TWO_LAYERS_UNIFORM = dataclasses.replace(TWO_LAYERS, noise=UNIFORM)

DEEPER = GAN(  # four layers each, pixels from -1 to 1, normal noise, dropout
    real=images.digits, noise=functools.partial(noise.normal, features=NOISE),
    generator=generators.deep_generator, discriminator=discriminators.deep_discriminator,
    d_steps=1, batch_size=64, lr=2e-4,
)

BEST_STEPS = 100_000
BEST = GAN(  # batch norm in G; D pays for its slope instead of dropout; both move at once, without momentum
    real=images.digits, noise=functools.partial(noise.normal, features=NOISE),
    generator=functools.partial(generators.deep_generator, norm=nn.BatchNorm1d),
    discriminator=functools.partial(discriminators.deep_discriminator, dropout=0.0),
    batch_size=64, lr=5e-4, decay=True, betas=(0.0, 0.99), r1=3.0, ema=0.999,
)
