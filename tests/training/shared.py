"""What several tests of the training need."""

import collections
import dataclasses
import math

import torch
from torch import nn

from gan_helpers import data, losses, noise, recipes
from gan_helpers.data import even_numbers
from gan_helpers.discriminators import hidden_discriminator, linear_discriminator
from gan_helpers.gan import GAN
from gan_helpers.generators import bit_generator, number_generator
from gan_helpers.noise import random_bits
from gan_helpers.training import train, train_many

ARTICLE = GAN(even_numbers, random_bits, bit_generator, linear_discriminator)
ELU = dataclasses.replace(recipes.ELU, lr=2e-3)
MOMENTS = dataclasses.replace(recipes.TANH_SIGMOID, batch_size=30, d_steps=3, g_steps=2)
CRITIC = GAN(data.gaussian, noise.uniform, number_generator, lambda: hidden_discriminator(1, 8),
             losses.critic_generator_loss, losses.critic_loss, d_steps=3, gp=10.0, batch_size=32, lr=1e-2, ema=0.9)


def weights(*networks):
    return torch.cat([p.detach().flatten() for network in networks for p in network.parameters()])


def quiet(gan=ARTICLE, steps=20, seed=0, **options):
    return train(gan, steps, seed, progress=False, **options)


def many(gan=ARTICLE, steps=20, seeds=range(3), **options):
    return train_many(gan, steps, seeds, progress=False, **options)


def breaks(seeds, after, sampler=even_numbers, value=math.nan):
    """The sampler, but NaN for these seeds after so many batches; each run has a torch.Generator of its own."""
    calls = collections.Counter()

    def sample(n, rng):
        calls[rng] += 1
        batch = sampler(n, rng)
        return torch.full_like(batch, value) if rng.initial_seed() in seeds and calls[rng] > after else batch

    return sample


def dropping():
    return nn.Sequential(nn.Linear(7, 16), nn.Dropout(0.5), nn.Linear(16, 1))


def normed():
    return nn.Sequential(nn.Linear(7, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 7), nn.Sigmoid())
