"""What the bell curve needs: R, I, G, the Wasserstein losses and the distance, against outside oracles."""

import dataclasses

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from gan_helpers import data, discriminators, generators, losses, metrics, noise
from gan_helpers.gan import GAN
from gan_helpers.training import train, train_many, unstack


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


CRITIC = GAN(
    real=data.gaussian, noise=noise.uniform, generator=generators.number_generator,
    discriminator=lambda: discriminators.hidden_discriminator(1, 8), discriminator_loss=losses.critic_loss,
    generator_loss=losses.critic_generator_loss, d_steps=3, gp=10.0, batch_size=32, lr=1e-2, ema=0.9,
)


def test_gaussian_and_uniform_have_their_distributions():
    assert stats.kstest(data.gaussian(20_000, rng(), 4, 1.25).flatten(), "norm", (4, 1.25)).pvalue > 1e-3
    assert stats.kstest(noise.uniform(20_000, rng(), -2, 3).flatten(), "uniform", (-2, 5)).pvalue > 1e-3


@pytest.mark.parametrize("sample", [data.gaussian, noise.uniform])
def test_samplers_give_a_column_of_float32_and_the_same_one_for_the_same_seed(sample):
    one = sample(5, rng(3))
    assert (one.shape, one.dtype) == ((5, 1), torch.float32)
    assert torch.equal(one, sample(5, rng(3)))
    assert not torch.equal(one, sample(5, rng(4)))


@pytest.mark.parametrize(("call", "says"), [
    (lambda: data.gaussian(5, rng(), 4, 0), "std must be above 0 .*got 0"),
    (lambda: data.gaussian(5, rng(), 4, -1.0), "got -1"),
    (lambda: data.gaussian(0, rng()), "n must be at least 1, got 0"),
    (lambda: noise.uniform(5, rng(), 1, 1), "high must be above 1 .*got 1"),
    (lambda: metrics.distances.wasserstein_to_gaussian(torch.zeros(5), 4, 0), "std must be above 0"),
    (lambda: metrics.distances.wasserstein_to_gaussian(torch.zeros(1)), "at least 2 numbers"),
])
def test_bad_input_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()


@pytest.mark.parametrize("sample", [stats.norm(4, 1.25), stats.norm(6, 0.5), stats.uniform(0, 3)])
def test_wasserstein_is_scipys(sample):
    n = 2000
    middles = (np.arange(n) + 0.5) / n
    outputs = sample.ppf(middles)
    oracle = stats.wasserstein_distance(outputs, stats.norm(4, 1.25).ppf(middles))
    shuffled = torch.tensor(np.random.default_rng(0).permutation(outputs))
    assert metrics.distances.wasserstein_to_gaussian(shuffled).item() == pytest.approx(oracle, abs=1e-9)


def test_wasserstein_of_a_shift_is_the_shift_and_works_on_stacks():
    middles = torch.from_numpy(stats.norm(4, 1.25).ppf((np.arange(1000) + 0.5) / 1000))
    found = metrics.distances.wasserstein_to_gaussian(torch.stack([middles, middles + 0.3, middles.flip(0)]))
    assert found.tolist() == pytest.approx([0, 0.3, 0], abs=1e-12)


def test_critic_losses_and_their_gradients():
    real, fake = torch.randn(6, 1, requires_grad=True), torch.randn(6, 1, requires_grad=True)
    loss = losses.critic_loss(real, fake)
    assert loss.item() == pytest.approx(fake.detach().numpy().mean() - real.detach().numpy().mean(), abs=1e-6)
    slopes = torch.autograd.grad(loss, (real, fake))
    assert torch.allclose(slopes[0], torch.full((6, 1), -1 / 6))
    assert torch.allclose(slopes[1], torch.full((6, 1), 1 / 6))
    (slope,) = torch.autograd.grad(losses.critic_generator_loss(fake), fake)
    assert torch.allclose(slope, torch.full((6, 1), -1 / 6))


def test_minus_the_critic_loss_of_a_slope_of_one_is_at_most_the_distance():
    real, fake = torch.randn(500, 1, dtype=torch.float64) + 4, torch.randn(500, 1, dtype=torch.float64)
    distance = stats.wasserstein_distance(real.flatten(), fake.flatten())
    for critic in (torch.abs, torch.sin, lambda x: x, lambda x: -x):
        assert -losses.critic_loss(critic(real), critic(fake)).item() <= distance + 1e-9


@pytest.mark.parametrize(("weight", "penalty"), [(0.5, 0), (1.0, 0), (-3.0, 4), (2.5, 2.25)])
def test_the_gradient_penalty_of_a_line_counts_only_slopes_above_one(weight, penalty):
    line = nn.Linear(1, 1)
    line.weight.data.fill_(weight)
    found = losses.gradient_penalty(line, torch.randn(8, 1), torch.randn(8, 1))
    assert found.item() == pytest.approx(penalty, abs=1e-4)


def test_the_gradient_penalty_looks_between_real_and_fake():
    seen = []

    def critic(x):
        seen.append(x.detach())
        return x.square()

    real, fake = torch.zeros(4, 1), torch.full((4, 1), 8.0)
    penalty = losses.gradient_penalty(critic, real, fake)
    assert seen[0].flatten().tolist() == [7.0, 5.0, 3.0, 1.0]
    assert penalty.item() == pytest.approx(np.mean([(2 * x - 1) ** 2 for x in (7, 5, 3, 1)]), rel=1e-5)


def test_taking_turns_is_the_loop_written_by_hand():
    torch.manual_seed(1)
    generator, critic = CRITIC.generator(), CRITIC.discriminator()
    moves = {net: torch.optim.Adam(net.parameters(), lr=1e-2) for net in (generator, critic)}
    source = rng(1)
    for _ in range(4):
        reals, noises = data.gaussian(3 * 32, source).split(32), noise.uniform(3 * 32, source).split(32)
        for real, z in zip(reals, noises, strict=True):
            fake = generator(z).detach()
            share = ((torch.arange(32) + 0.5) / 32).unsqueeze(1)
            middle = (share * real + (1 - share) * fake).requires_grad_()
            slope = torch.autograd.grad(critic(middle).sum(), middle, create_graph=True)[0].abs()
            cost = critic(fake).mean() - critic(real).mean() + 10 * ((slope - 1).clamp(min=0) ** 2).mean()
            moves[critic].zero_grad()
            cost.backward()
            moves[critic].step()
        moves[generator].zero_grad()
        (-critic(generator(noise.uniform(32, source))).mean()).backward()
        moves[generator].step()
    run = train(CRITIC, 4, 1, progress=False)
    for mine, theirs in zip([*generator.parameters(), *critic.parameters()],
                            [*run.generator.parameters(), *run.discriminator.parameters()], strict=True):
        assert torch.allclose(mine, theirs, atol=1e-5)


def test_many_runs_are_the_runs_alone():
    many = train_many(CRITIC, 10, [4, 9], progress=False)
    for i, seed in enumerate((4, 9)):
        alone = train(CRITIC, 10, seed, progress=False)
        for a, b in zip(unstack(many.ema_generator, i).parameters(), alone.ema_generator.parameters(), strict=True):
            assert torch.allclose(a, b, atol=1e-4)


def test_a_critic_loss_that_is_not_averaged_is_refused():
    with pytest.raises(ValueError, match=r"discriminator_loss must average over the last two axes"):
        train(dataclasses.replace(CRITIC, discriminator_loss=lambda r, f: (f - r).mean()), 1, 0)


@pytest.mark.parametrize("d_steps", [-1, 1.5, True])
def test_d_steps_is_a_whole_number(d_steps):
    with pytest.raises((ValueError, TypeError), match="d_steps"):
        train(dataclasses.replace(CRITIC, d_steps=d_steps), 1, 0)
