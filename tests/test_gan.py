"""The five components at the door: what does not fit is refused before training starts."""

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

from gan_helpers import discriminators, generators
from gan_helpers.data import even_numbers
from gan_helpers.gan import GAN
from gan_helpers.noise import random_bits
from gan_helpers.training import train, train_many

ARTICLE = GAN(even_numbers, random_bits, generators.bit_generator, discriminators.linear_discriminator)


def play(steps=2, seed=0, device="cpu", **changes):
    """Train with some settings changed, once alone and once as two runs; both have to say the same."""
    gan = dataclasses.replace(ARTICLE, **changes)
    try:
        return train(gan, steps, seed, device=device, progress=False)
    except (ValueError, TypeError) as error:
        with pytest.raises(type(error)) as many:
            train_many(gan, steps, [seed, 5], device=device, progress=False)
        assert str(many.value) == str(error)
        raise


@pytest.mark.parametrize(("steps", "error"), [
    (0, ValueError), (-1, ValueError), (True, TypeError), (2.0, TypeError), ("2", TypeError), (None, TypeError),
])  # fmt: skip
def test_steps_and_batch_size_are_whole_numbers_from_1(steps, error):
    with pytest.raises(error, match=rf"^steps must be .*, got '?{steps}'?.*Pass a"):
        play(steps=steps)
    with pytest.raises(error, match=rf"^batch_size must be .*, got '?{steps}'?.*Pass a"):
        play(batch_size=steps)


@pytest.mark.parametrize(("seed", "error"), [(-1, ValueError), (True, TypeError), (1.0, TypeError), ("a", TypeError)])
def test_a_seed_is_a_whole_number_from_0(seed, error):
    with pytest.raises(error, match=rf"^seed must be .*, got '?{seed}'?.*Pass a"):
        play(seed=seed)


@pytest.mark.parametrize(("name", "value", "says"), [
    ("lr", 0, "lr must be above 0 and below 1e+30, got 0"), ("lr", -1e-3, "got -0.001"),
    ("lr", float("nan"), "got nan"),
    ("lr", float("inf"), "got inf"), ("r1", -0.1, "r1 must be 0 or more and finite, got -0.1"),
    ("ema", 1.0, "ema must be 0 or more and below 1, got 1.0"), ("ema", -0.5, "got -0.5"),
])  # fmt: skip
def test_rates_and_weights_stay_in_their_range(name, value, says):
    with pytest.raises(ValueError) as refusal:
        play(**{name: value})
    assert says in str(refusal.value)


@pytest.mark.parametrize("betas", [(1.0, 0.9), (0.9, 1.0), (-0.1, 0.9)])
def test_betas_are_below_one(betas):
    with pytest.raises(ValueError, match="beta"):
        play(betas=betas)


@pytest.mark.parametrize("device", ["nonsense", "cuda:99", "mps:7"])
def test_a_device_that_is_not_there_is_refused_and_those_that_are_get_named(device):
    with pytest.raises(ValueError, match=rf"no device '{device}' on this machine\. Use one of: cpu"):
        play(device=device)


@pytest.mark.parametrize(("changes", "says"), [
    ({"generator": lambda: nn.Linear(7, 5)}, r"the generator makes .*shape \(5,\).*real ones .*shape \(7,\).*outputs"),
    ({"generator": lambda: generators.bit_generator(5)}, r"the generator cannot take noise of shape \(3, 7\).*inputs"),
    ({"noise": lambda n, rng: random_bits(n, rng, 5)}, r"the generator cannot take noise of shape \(3, 5\).*inputs"),
    ({"discriminator": lambda: nn.Linear(5, 1)}, r"the discriminator cannot take real samples of shape \(16, 7\)"),
    ({"discriminator": lambda: nn.Linear(7, 2)}, r"one logit for each row.*got \(16, 2\).*without sigmoid"),
    ({"discriminator": lambda: nn.Sequential(nn.Linear(7, 1), nn.Flatten(0))}, r"one logit for each row.*got \(16,\)"),
    ({"real": lambda n, rng: even_numbers(n, rng).double()}, r"torch\.float64.*float32"),
    ({"noise": lambda n, rng: random_bits(n, rng).double()}, r"noise of shape \(3, 7\) and type torch\.float64"),
    ({"noise": lambda n, rng: random_bits(n, rng).long()}, r"type torch\.int64.*feed it float32"),
    ({"real": lambda n, rng: [[0.0] * 7] * n}, r"real\(n, rng\) must return a tensor .*gave list"),
    ({"real": lambda n, rng: np.zeros((n, 7), "float32")}, r"must return a tensor .*gave ndarray"),
    ({"real": lambda n, rng: None}, r"must return a tensor .*gave NoneType"),
    ({"noise": lambda n, rng: None}, r"noise\(n, rng\) must return a tensor .*gave NoneType"),
    ({"noise": lambda n, rng: torch.zeros(7)}, r"noise\(n, rng\) must return .*gave \(7,\)"),
    ({"real": lambda n, rng: even_numbers(5, rng)}, r"real\(n, rng\) must return .*gave \(5, 7\)"),
    ({"real": lambda n, rng: 255 * even_numbers(n, rng)}, r"real samples .*grey levels in \[0, 255\].*x / 255"),
    ({"real": lambda n, rng: 2 * even_numbers(n, rng) - 1}, r"real samples .*look like \[-1, 1\].*\(x \+ 1\) / 2"),
    ({"real": lambda n, rng: 255 * even_numbers(n, rng),
      "generator": lambda: nn.Sequential(nn.Linear(7, 7), nn.Tanh())},
     r"real samples .*should lie in \[-1, 1\].*\[0, 255\].*x / 127\.5 - 1"),
])  # fmt: skip
def test_components_that_do_not_fit_are_refused(changes, says):
    with pytest.raises(ValueError, match=says):
        play(**changes)


def test_a_refusal_leaves_the_random_state_and_the_threads_alone():
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    with pytest.raises(ValueError, match="one logit"):
        play(discriminator=lambda: nn.Linear(7, 2))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads
