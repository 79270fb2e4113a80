"""The recipes of chapter 3 are as published, and the course's is in standard units."""

import math

import pytest
import torch
from scipy import stats
from torch import nn

from gan_helpers import data, layers, losses, recipes
from tests.helpers import rng


def sizes(network):
    return [(m.in_features, m.out_features) if isinstance(m, nn.Linear) else type(m).__name__ for m in network]


def test_the_elu_version_is_as_published():
    gan = recipes.ELU
    assert sizes(gan.generator()) == [(1, 50), "ELU", (50, 50), "Sigmoid", (50, 1)]
    assert sizes(gan.discriminator()) == ["BatchFeatures", (200, 50), "ELU", (50, 50), "ELU", (50, 1)]
    assert (gan.lr, gan.d_lr, gan.betas, gan.momentum) == (2e-4, None, (0.9, 0.999), None)
    assert (gan.batch_size, gan.d_steps, gan.g_steps, recipes.ELU_STEPS) == (100, 1, 1, 20_000)
    assert gan.discriminator()[0].features is layers.squared_differences


def test_the_tanh_and_sigmoid_version_is_as_published():
    gan = recipes.TANH_SIGMOID
    assert sizes(gan.generator()) == [(1, 5), "Tanh", (5, 5), "Tanh", (5, 1)]
    assert sizes(gan.discriminator()) == ["BatchFeatures", (4, 10), "Sigmoid", (10, 10), "Sigmoid", (10, 1)]
    assert (gan.lr, gan.d_lr, gan.momentum) == (1e-3, None, 0.9)
    assert (gan.batch_size, gan.d_steps, gan.g_steps, recipes.TANH_SIGMOID_STEPS) == (500, 20, 20, 5_000)
    assert gan.discriminator()[0].features is layers.batch_moments


@pytest.mark.parametrize("gan", [recipes.ELU, recipes.TANH_SIGMOID])
def test_the_published_versions_play_the_plain_game_on_n_4_125(gan):
    assert (gan.generator_loss, gan.discriminator_loss) == (losses.non_saturating, losses.discriminator_loss)
    assert (gan.r1, gan.gp, gan.clip, gan.ema, gan.decay) == (0, 0, 0, 0, False)
    assert stats.kstest(gan.real(20_000, rng()).flatten(), "norm", (4, 1.25)).pvalue > 1e-3
    assert stats.kstest(gan.noise(20_000, rng(1)).flatten(), "uniform").pvalue > 1e-3


def test_the_courses_recipe_has_standard_units_and_even_noise_of_spread_one():
    mean, std = recipes.units()
    assert (mean, std) == pytest.approx((4, 1.25), abs=0.02)
    assert recipes.units() is recipes.units()
    assert torch.allclose(mean + std * recipes.standardized(50, rng(3)), data.gaussian(50, rng(3)), atol=1e-5)
    edge = math.sqrt(3)
    assert stats.kstest(recipes.COURSE.noise(20_000, rng()).flatten(), "uniform", (-edge, 2 * edge)).pvalue > 1e-3
