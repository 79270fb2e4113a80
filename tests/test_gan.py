"""The settings of a GAN: their names, their defaults, and what is kept of them in a file."""

import dataclasses
import functools
import inspect
import pickle

import numpy as np
import pytest
import torch
from torch import nn

from gan_helpers import data, discriminators, generators, losses, noise
from gan_helpers.gan import GAN

FIVE = dict(real=data.even_numbers, noise=noise.random_bits, generator=generators.bit_generator,
            discriminator=discriminators.linear_discriminator)
ARTICLE = GAN(**FIVE)


@pytest.mark.parametrize(("wrong", "meant"), [
    ("ema_decay", "ema"), ("learning_rate", "lr"), ("betas1", "betas"), ("beta1", "betas"), ("n_critic", "d_steps"),
    ("batchsize", "batch_size"), ("batch", "batch_size"), ("d_step", "d_steps"), ("dlr", "d_lr"), ("gp_weight", "gp"),
    ("Generator", "generator"), ("critic", "discriminator"), ("gen_loss", "generator_loss"), ("decays", "decay"),
    ("momentums", "momentum"), ("dtype", "precision"), ("r_1", "r1"), ("clipping", "clip"), ("z", "noise"),
])  # fmt: skip
def test_a_setting_that_does_not_exist_names_the_one_that_was_meant(wrong, meant):
    for make in (lambda: GAN(**FIVE, **{wrong: 1}), lambda: dataclasses.replace(ARTICLE, **{wrong: 1})):
        with pytest.raises(TypeError, match=rf"^a GAN has no setting '{wrong}': did you mean {meant}\?$"):
            make()


def test_a_setting_like_no_other_gets_the_whole_list():
    with pytest.raises(TypeError, match=r"no setting 'xyzzy': there are: real, noise, generator, .*precision"):
        GAN(**FIVE, xyzzy=1)


def test_settings_are_what_is_beyond_the_defaults_as_json_keeps_it():
    gan = GAN(functools.partial(data.gaussian, mean=4), functools.partial(noise.uniform, features=np.int64(2)),
              generators.bit_generator, lambda: None, generator_loss=losses.minimax, lr=np.float32(0.5), betas=(0, 0.9),
              batch_size=np.int64(8))
    assert gan.settings() == {
        "real": {"function": "gaussian", "mean": 4}, "noise": {"function": "uniform", "features": 2},
        "generator": "bit_generator", "discriminator": "<lambda>", "generator_loss": "minimax", "lr": 0.5,
        "betas": [0, 0.9], "batch_size": 8,
    }
    assert ARTICLE.settings() == {"real": "even_numbers", "noise": "random_bits", "generator": "bit_generator",
                                  "discriminator": "linear_discriminator"}


@pytest.mark.parametrize(("one", "other"), [
    (functools.partial(generators.bit_generator, 7), functools.partial(generators.bit_generator, 8)),
    (functools.partial(nn.Linear, width="a"), functools.partial(nn.Linear, width="b")),
    (functools.partial(nn.Linear, kind=nn.Tanh), functools.partial(nn.Linear, kind=nn.ELU)),
    (functools.partial(nn.Linear, width=None), functools.partial(nn.Linear, width=0)),
])  # fmt: skip
def test_settings_tell_partials_with_other_arguments_apart(one, other):
    settings = [dataclasses.replace(ARTICLE, generator=make).settings() for make in (one, other)]
    assert settings[0] != settings[1]


def test_build_is_what_the_seed_makes_g_first_and_leaves_the_random_state():
    state = torch.get_rng_state()
    built = ARTICLE.build(5)
    assert torch.equal(torch.get_rng_state(), state)
    with torch.random.fork_rng():
        torch.manual_seed(5)
        expected = generators.bit_generator(), discriminators.linear_discriminator()
    for network, oracle in zip(built, expected, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(network.parameters(), oracle.parameters(), strict=True))


def test_a_gan_can_be_pickled_and_not_changed():
    assert pickle.loads(pickle.dumps(ARTICLE)) == ARTICLE
    with pytest.raises(dataclasses.FrozenInstanceError):
        ARTICLE.lr = 1


def test_help_shows_the_settings():
    assert list(inspect.signature(GAN).parameters) == [field.name for field in dataclasses.fields(GAN)]
