"""The loop for one run: against one written out here, and what it promises about seeds, averages and failures."""

import collections
import dataclasses
import math

import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_helpers import losses
from gan_helpers.data import even_numbers
from gan_helpers.discriminators import hidden_discriminator, linear_discriminator
from gan_helpers.gan import GAN
from gan_helpers.generators import bit_generator
from gan_helpers.noise import random_bits
from gan_helpers.training import Diverged, train

ARTICLE = GAN(even_numbers, random_bits, bit_generator, linear_discriminator)
RICH = dataclasses.replace(
    ARTICLE, discriminator=hidden_discriminator, batch_size=32, lr=0.02, betas=(0.0, 0.99), decay=True, r1=0.1, ema=0.9
)


def weights(*networks):
    return torch.cat([p.detach().flatten() for network in networks for p in network.parameters()])


def quiet(gan=ARTICLE, steps=20, seed=0, **options):
    return train(gan, steps, seed, progress=False, **options)


def by_hand(gan, steps, seed):
    """The same game with cross-entropies and two optimisers, as a textbook has it: the weights and the losses."""
    torch.manual_seed(seed)
    generator, discriminator = gan.generator(), gan.discriminator()
    g_optimizer = torch.optim.Adam(generator.parameters(), lr=gan.lr, betas=gan.betas)
    d_optimizer = torch.optim.Adam(discriminator.parameters(), lr=gan.lr, betas=gan.betas)
    rng = torch.Generator().manual_seed(seed)
    history = []
    for i in range(steps):
        rate = gan.lr * (steps - i) / steps if gan.decay else gan.lr
        g_optimizer.param_groups[0]["lr"] = d_optimizer.param_groups[0]["lr"] = rate
        real = gan.real(gan.batch_size, rng)
        noise = gan.noise(gan.batch_size, rng)
        ones, zeros = torch.ones(gan.batch_size, 1), torch.zeros(gan.batch_size, 1)
        g_optimizer.zero_grad()
        g_loss = bce(discriminator(generator(noise)), ones)
        g_loss.backward()
        d_optimizer.zero_grad()
        d_loss = bce(discriminator(real), ones) + bce(discriminator(generator(noise).detach()), zeros)
        x = real.clone().requires_grad_()
        slope = torch.autograd.grad(discriminator(x).sum(), x, create_graph=True)[0]
        (d_loss + gan.r1 * (slope**2).sum() / gan.batch_size / 2).backward()
        g_optimizer.step()
        d_optimizer.step()
        history.append((g_loss.item(), d_loss.item()))
    return weights(generator, discriminator), torch.tensor(history)


@pytest.mark.parametrize("gan", [ARTICLE, RICH], ids=["article", "rich"])
@pytest.mark.parametrize("seed", [0, 7])
def test_train_is_the_loop_written_by_hand(gan, seed):
    before = torch.get_rng_state()
    expected, history = by_hand(gan, 20, seed)
    torch.set_rng_state(before)
    run = quiet(gan, seed=seed)
    # the penalty is computed in another order here, and large steps magnify what rounding leaves
    assert torch.allclose(weights(run.generator, run.discriminator), expected, atol=1e-4 if gan is RICH else 1e-6)
    assert torch.allclose(torch.stack([run.g_loss, run.d_loss], 1), history, atol=1e-5)
    assert run.steps_done == 20
    assert run.seeds == (seed,)


def test_the_minimax_loss_trains_another_generator():
    minimax = quiet(dataclasses.replace(ARTICLE, generator_loss=losses.minimax))
    assert minimax.g_loss[0] < 0 < quiet().g_loss[0]
    assert not torch.equal(weights(minimax.generator), weights(quiet().generator))


def test_a_seed_decides_everything():
    first = quiet(seed=3)
    torch.manual_seed(12345)
    again, other = quiet(seed=3), quiet(seed=4)
    assert torch.equal(weights(first.generator, first.discriminator), weights(again.generator, again.discriminator))
    assert torch.equal(first.g_loss, again.g_loss)
    assert not torch.equal(weights(first.generator), weights(other.generator))


def nan_from(step):
    """The even numbers, but NaN from the given step on; the trials at the door have a random source of their own."""
    calls = collections.Counter()

    def sample(n, rng):
        calls[rng] += n > 3
        bits = even_numbers(n, rng)
        return bits if calls[rng] < step else torch.full_like(bits, math.nan)

    return sample


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("breaks", [False, True])
def test_the_callers_threads_and_random_state_come_back(breaks, threads):
    gan = dataclasses.replace(ARTICLE, real=nan_from(3)) if breaks else ARTICLE
    before, state = torch.get_num_threads(), torch.get_rng_state()
    torch.set_num_threads(threads)
    inside = []
    try:
        quiet(gan, evaluate=lambda run: inside.append(torch.get_num_threads()), evaluate_at=(1,))
    except Diverged:
        pass
    finally:
        after = torch.get_num_threads()
        torch.set_num_threads(before)
    assert (after, inside) == (threads, [1])
    assert torch.equal(torch.get_rng_state(), state)


def test_watch_is_called_at_the_named_steps_and_nowhere_else():
    seen = []
    run = quiet(steps=10, evaluate=lambda run: seen.append(run.steps_done) or torch.is_grad_enabled(), evaluate_at=(0, 3, 10))
    assert seen == [0, 3, 10]
    assert run.evaluations == {0: False, 3: False, 10: False}
    assert quiet(steps=5, evaluate=lambda run: 1, evaluate_at=()).evaluations == {}


def test_watching_changes_nothing():
    watched = quiet(evaluate=lambda run: run.generator(torch.rand(3, 7)), evaluate_at=range(21))
    assert torch.equal(weights(watched.generator), weights(quiet().generator))


def test_the_average_is_the_exponential_average_of_all_weights():
    run = quiet(RICH, 30, evaluate=lambda run: weights(run.generator), evaluate_at=range(31))
    path = torch.stack(list(run.evaluations.values())).double()  # (31, weights)
    share = torch.tensor([0.9**30] + [0.1 * 0.9 ** (30 - i) for i in range(1, 31)], dtype=torch.float64)
    assert torch.allclose(weights(run.ema_generator).double(), share @ path, atol=1e-6)
    assert not any(p.requires_grad for p in run.ema_generator.parameters())
    assert quiet().average is None


def test_averaging_does_not_change_the_game():
    plain = quiet(dataclasses.replace(RICH, ema=0.0))
    assert torch.equal(weights(plain.generator), weights(quiet(RICH).generator))


@pytest.mark.parametrize("progress", [True, False])
def test_nothing_is_written_to_stdout(progress, capsys):
    train(ARTICLE, 5, 0, progress=progress)
    said = capsys.readouterr()
    assert said.out == ""
    assert progress or said.err == ""


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_stops_training_and_keeps_what_was_there(bad):
    """After 4 good steps the samples break; what is kept is what 4 steps of the undisturbed game make."""
    good = nan_from(5)
    broken = dataclasses.replace(ARTICLE, real=lambda n, rng: good(n, rng).nan_to_num(nan=bad))
    with pytest.raises(
        Diverged, match=r"stopped at step 5 of 20, seed 3: .*discriminator loss (nan|inf).*Lower lr"
    ) as stop:
        quiet(broken, seed=3)
    run, undisturbed = stop.value.run, quiet(steps=4, seed=3)
    assert run.steps_done == 4
    assert torch.equal(run.g_loss[:4], undisturbed.g_loss)
    assert torch.equal(run.d_loss[:4], undisturbed.d_loss)
    assert run.g_loss[4:].isnan().all()
    assert run.d_loss[4:].isnan().all()
    kept = weights(run.generator, run.discriminator)
    assert torch.equal(kept, weights(undisturbed.generator, undisturbed.discriminator))


def test_a_generator_loss_of_infinity_stops_training_too():
    with pytest.raises(Diverged, match=r"step 1 of 20, seed 0: generator loss inf, discriminator loss \d"):
        quiet(dataclasses.replace(ARTICLE, generator_loss=lambda logits: logits.sum((-2, -1)) * 0 + math.inf))


def test_a_weight_that_explodes_is_noticed():
    with pytest.raises(Diverged, match="seed 0"):
        quiet(dataclasses.replace(ARTICLE, lr=1e29, generator=lambda: nn.Linear(7, 7)), steps=50)
