"""The published recipes: their sizes, and `train` against their loops written out here with torch's optimizers."""

import dataclasses
import functools
import math

import pytest
import torch
from scipy import stats
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_helpers import data, discriminators, generators, layers, losses, noise, recipes
from gan_helpers.gan import GAN
from gan_helpers.training import train, train_many, unstack

ELU = dataclasses.replace(recipes.ELU, lr=2e-3)
MOMENTS = dataclasses.replace(recipes.TANH_SIGMOID, batch_size=30, d_steps=3, g_steps=2)
EVEN = GAN(data.even_numbers, noise.random_bits, generators.bit_generator, discriminators.linear_discriminator)


def weights(*networks):
    return torch.cat([p.detach().flatten() for network in networks for p in network.parameters()])


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
    rng = torch.Generator().manual_seed(0)
    assert stats.kstest(gan.real(20_000, rng).flatten(), "norm", (4, 1.25)).pvalue > 1e-3
    assert stats.kstest(gan.noise(20_000, rng).flatten(), "uniform").pvalue > 1e-3


def test_the_courses_recipe_has_standard_units_and_even_noise_of_spread_one():
    mean, std = recipes.units()
    assert (mean, std) == pytest.approx((4, 1.25), abs=0.02)
    assert recipes.units() is recipes.units()
    drawn, same = (torch.Generator().manual_seed(3) for _ in range(2))
    assert torch.allclose(mean + std * recipes.standardized(50, drawn), data.gaussian(50, same), atol=1e-5)
    edge = math.sqrt(3)
    assert stats.kstest(recipes.COURSE.noise(20_000, drawn).flatten(), "uniform", (-edge, 2 * edge)).pvalue > 1e-3


def row_of_moments(x):
    """Mean, standard deviation, skewness and excess kurtosis, by way of the z-scores."""
    z = (x - x.mean()) / x.std(correction=0)
    return torch.stack([x.mean(), x.std(correction=0), (z**3).mean(), (z**4).mean() - 3]).unsqueeze(0)


def row_of_squares(x):
    return torch.cat([x, (x - x.mean().item()) ** 2]).T


def by_hand(gan, steps, seed, show, optimizer):
    """Rounds of gan.d_steps steps of D and gan.g_steps of G, with cross-entropies; the weights and the last losses."""
    torch.manual_seed(seed)
    generator, discriminator = gan.generator(), gan.discriminator()
    g_optimizer, d_optimizer = optimizer(generator.parameters()), optimizer(discriminator.parameters())
    rng, n = torch.Generator().manual_seed(seed), gan.batch_size
    one, zero, after_features = torch.ones(1, 1), torch.zeros(1, 1), discriminator[1:]  # show takes their place
    history = []
    for _ in range(steps):
        reals = (4 + 1.25 * torch.randn(gan.d_steps * n, 1, generator=rng)).split(n)
        noises = torch.rand(gan.d_steps * n, 1, generator=rng).split(n)
        for real, z in zip(reals, noises, strict=True):
            d_optimizer.zero_grad()
            fake = generator(z).detach()
            d_loss = bce(after_features(show(real)), one) + bce(after_features(show(fake)), zero)
            d_loss.backward()
            d_optimizer.step()
        for z in torch.rand(gan.g_steps * n, 1, generator=rng).split(n):
            g_optimizer.zero_grad()
            g_loss = bce(after_features(show(generator(z))), one)
            g_loss.backward()
            g_optimizer.step()
        history.append((g_loss.item(), d_loss.item()))
    return weights(generator, discriminator), torch.tensor(history)


GAMES = {
    "moments": (MOMENTS, row_of_moments, functools.partial(torch.optim.SGD, lr=1e-3, momentum=0.9)),
    "elu": (ELU, row_of_squares, functools.partial(torch.optim.Adam, lr=2e-3)),
}


@pytest.fixture(params=GAMES)
def game(request):
    state = torch.get_rng_state()
    yield GAMES[request.param]
    torch.set_rng_state(state)


def test_train_is_the_published_loop_written_by_hand(game):
    gan, show, optimizer = game
    expected, history = by_hand(gan, 8, 3, show, optimizer)
    run = train(gan, 8, 3, progress=False)
    assert torch.allclose(weights(run.generator, run.discriminator), expected, rtol=0, atol=1e-5)
    assert torch.allclose(torch.stack([run.g_loss, run.d_loss], 1), history, atol=1e-5)
    assert not torch.allclose(expected, by_hand(gan, 7, 3, show, optimizer)[0], rtol=0, atol=1e-4)


def test_run_i_of_train_many_is_the_published_loop_of_seed_i(game):
    gan, show, optimizer = game
    many = train_many(gan, 8, [3, 1, 0], progress=False)
    for i, seed in enumerate([3, 1, 0]):
        expected, history = by_hand(gan, 8, seed, show, optimizer)
        found = weights(unstack(many.generator, i), unstack(many.discriminator, i))
        assert torch.allclose(found, expected, rtol=0, atol=1e-5)
        assert torch.allclose(torch.stack([many.g_loss[:, i], many.d_loss[:, i]], 1), history, atol=1e-5)


def play(steps=20, seed=0, **changes):
    return train(dataclasses.replace(EVEN, **changes), steps, seed, progress=False)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("decay", [False, True])
def test_momentum_and_the_rate_of_d_are_those_of_two_optimizers_by_hand(momentum, decay):
    torch.manual_seed(5)
    generator, discriminator = EVEN.generator(), EVEN.discriminator()
    g_optimizer = torch.optim.SGD(generator.parameters(), lr=0.5, momentum=momentum)
    d_optimizer = torch.optim.SGD(discriminator.parameters(), lr=0.05, momentum=momentum)
    rng = torch.Generator().manual_seed(5)
    for i in range(20):
        if decay:
            g_optimizer.param_groups[0]["lr"], d_optimizer.param_groups[0]["lr"] = 0.5 - i / 40, 0.05 - i / 400
        real, fake = data.even_numbers(16, rng), generator(noise.random_bits(16, rng))
        g_slopes = torch.autograd.grad(bce(discriminator(fake), torch.ones(16, 1)), [*generator.parameters()])
        d_loss = bce(discriminator(real), torch.ones(16, 1)) + bce(discriminator(fake.detach()), torch.zeros(16, 1))
        d_slopes = torch.autograd.grad(d_loss, [*discriminator.parameters()])
        for network, slopes in ((generator, g_slopes), (discriminator, d_slopes)):
            for p, slope in zip(network.parameters(), slopes, strict=True):
                p.grad = slope
        g_optimizer.step()
        d_optimizer.step()
    run = play(seed=5, lr=0.5, d_lr=0.05, momentum=momentum, decay=decay)
    assert torch.allclose(weights(run.generator, run.discriminator), weights(generator, discriminator), atol=1e-5)


def test_the_rate_of_d_is_that_of_d_alone():
    plain, other, same = play(steps=1), play(steps=1, d_lr=0.1), play(d_lr=EVEN.lr)
    assert torch.equal(plain.generator[0].weight, other.generator[0].weight)
    assert not torch.equal(plain.discriminator.weight, other.discriminator.weight)
    assert torch.equal(weights(same.generator, same.discriminator), weights(play().generator, play().discriminator))


@pytest.mark.parametrize("turns", [{}, {"d_steps": 2}])
def test_clip_cuts_the_weights_of_d_after_each_step_and_leaves_g_alone(turns):
    most = []

    def largest_weights(run):
        most.append((weights(run.generator).abs().max().item(), weights(run.discriminator).abs().max().item()))

    gan = dataclasses.replace(EVEN, clip=0.01, lr=0.05, **turns)
    run = train(gan, 5, 0, evaluate=largest_weights, evaluate_at=range(6), progress=False)
    assert most[0][1] > 0.01  # as built
    assert all(d == pytest.approx(0.01) and g > 0.1 for g, d in most[1:])
    free = play(5, clip=1e6, lr=0.05, **turns)
    assert torch.equal(weights(free.discriminator), weights(play(5, lr=0.05, **turns).discriminator))
    assert not torch.equal(weights(free.discriminator), weights(run.discriminator))


def test_clipping_happens_between_the_steps_of_d_too():
    """With plain descent at a rate of 0 for G, two steps of D in one round are one step each in two rounds."""
    def cut(rounds, steps):
        seen = []
        gan = dataclasses.replace(
            EVEN, clip=0.05, d_lr=1.0, momentum=0.0, d_steps=steps, lr=1e-20,
            real=lambda n, rng: torch.ones(n, 7), noise=lambda n, rng: torch.zeros(n, 7),
        )
        run = train(gan, rounds, 0, evaluate=lambda run: seen.append(weights(run.discriminator)), evaluate_at=[1],
                    progress=False)
        return weights(run.discriminator)

    assert torch.allclose(cut(4, 1), cut(1, 4), atol=1e-6)


def test_g_takes_g_steps_steps_in_a_round():
    def calls(rounds):
        seen = []

        def counted(logits):
            seen.append(logits.requires_grad)
            return losses.non_saturating(logits)

        train(dataclasses.replace(EVEN, generator_loss=counted, d_steps=2, g_steps=3), rounds, 0, progress=False)
        return sum(seen)

    assert calls(5) - calls(1) == 4 * 3


def seeing(features, inputs=7):
    """What builds a D that sees these features of a batch."""
    return lambda: nn.Sequential(layers.BatchFeatures(features), nn.Linear(inputs, 1))


@pytest.mark.parametrize(("changes", "error", "says"), [
    ({"d_lr": 0}, ValueError, r"d_lr must be above 0 and below 1e\+30, got 0"),
    ({"d_lr": "1"}, TypeError, "d_lr must be a number, got '1'"),
    ({"clip": -0.1}, ValueError, r"clip must be 0 or more and finite, got -0\.1"),
    ({"clip": None}, TypeError, "clip must be a number, got None"),
    ({"momentum": 1.0}, ValueError, r"momentum must be 0 or more and below 1, got 1\.0"),
    ({"momentum": -0.5}, ValueError, r"got -0\.5"), ({"momentum": True}, TypeError, "momentum must be a number"),
    ({"gp": float("nan")}, ValueError, "gp must be .*got nan"),
    ({"g_steps": 0, "d_steps": 1}, ValueError, "g_steps must be at least 1, got 0"),
    ({"g_steps": 1.5, "d_steps": 1}, TypeError, r"g_steps must be a whole number, got 1\.5"),
    ({"g_steps": 3}, ValueError, "g_steps is 3, but with d_steps=0 both players step simultaneously. Set d_steps"),
    ({"decay": 1}, TypeError, "decay must be True or False, got 1"), ({"betas": 0.9}, TypeError, "betas must be two"),
    ({"discriminator": seeing(torch.zeros(1))}, TypeError, "features must be a function of a batch, .*got tensor"),
    ({"discriminator": seeing(layers.batch_moments, 4)}, ValueError, r"moments takes a column .*got \(16, 7\)"),
    ({"discriminator": seeing(lambda batch: batch.flatten(), 112)}, ValueError, r"one for the batch, shape \(1, 1\)"),
    ({"discriminator": seeing(lambda batch: batch[..., :3])}, ValueError, r"discriminator cannot take .* \(16, 7\)"),
])  # fmt: skip
def test_bad_settings_are_refused(changes, error, says):
    with pytest.raises(error, match=says):
        play(**changes)
    with pytest.raises(error, match=says):
        train_many(dataclasses.replace(EVEN, **changes), 2, [0, 1], progress=False)


def test_settings_name_what_is_set_beyond_the_defaults():
    assert EVEN.settings() == {"real": "even_numbers", "noise": "random_bits", "generator": "bit_generator",
                               "discriminator": "linear_discriminator"}
    assert recipes.TANH_SIGMOID.settings() == {
        "real": "gaussian", "noise": "uniform", "generator": {"function": "number_generator", "hidden": 5},
        "discriminator": "moments_discriminator", "d_steps": 20, "g_steps": 20, "batch_size": 500,
        "momentum": 0.9,
    }


@pytest.mark.parametrize(("one", "other"), [
    (functools.partial(generators.bit_generator, 7), functools.partial(generators.bit_generator, 8)),
    (functools.partial(nn.Linear, width="a"), functools.partial(nn.Linear, width="b")),
    (functools.partial(nn.Linear, kind=nn.Tanh), functools.partial(nn.Linear, kind=nn.ELU)),
    (functools.partial(nn.Linear, width=None), functools.partial(nn.Linear, width=0)),
])  # fmt: skip
def test_settings_tell_partials_with_other_arguments_apart(one, other):
    assert len({str(dataclasses.replace(EVEN, generator=make).settings()) for make in (one, other)}) == 2


def test_settings_keep_numpys_numbers_as_numbers():
    gan = dataclasses.replace(EVEN, lr=torch.tensor(0.5).numpy()[()], batch_size=torch.tensor(8).numpy()[()])
    assert (gan.settings()["lr"], gan.settings()["batch_size"]) == (0.5, 8)
