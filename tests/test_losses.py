"""The losses against torch's own, scipy's, and the gradients that their docstrings derive by hand."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from scipy.special import expit
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_helpers import losses
from gan_helpers.discriminators import hidden_discriminator
from gan_helpers.losses import discriminator_loss, minimax, non_saturating, r1_penalty
from gan_helpers.training import stack
from tests.helpers import rng


def r1(discriminator, real):  # of samples that keep no trace of it
    real = real.detach().requires_grad_()
    return r1_penalty(discriminator(real), real)


LOSSES = {
    "non_saturating": non_saturating, "minimax": minimax, "critic_generator_loss": losses.critic_generator_loss,
    "discriminator_loss": lambda logits: discriminator_loss(logits, logits / 2),
    "smoothed": lambda logits: discriminator_loss(logits, logits / 2, real_label=0.8),
    "critic_loss": lambda logits: losses.critic_loss(logits, logits.square()),
}
batches = hnp.arrays(np.float64, st.tuples(st.integers(1, 9), st.just(1)), elements=st.floats(-30, 30))


def log_D(logits):  # the oracle: log of the probability that D states, in float64
    return -np.log1p(np.exp(-logits))


def ones(logits):
    return np.ones_like(logits)


FORMULAS = {  # the loss of (real, fake) logits, its value, and batch size times its gradients, None for 0
    "discriminator_loss": (discriminator_loss, lambda r, f: -log_D(r).mean() - log_D(-f).mean(),
                           lambda r: expit(r) - 1, expit),
    "non_saturating": (lambda r, f: non_saturating(f), lambda r, f: -log_D(f).mean(), None, lambda f: expit(f) - 1),
    "minimax": (lambda r, f: minimax(f), lambda r, f: log_D(-f).mean(), None, lambda f: -expit(f)),
    "critic_loss": (losses.critic_loss, lambda r, f: f.mean() - r.mean(), lambda r: -ones(r), ones),
    "critic_generator_loss": (lambda r, f: losses.critic_generator_loss(f), lambda r, f: -f.mean(), None,
                              lambda f: -ones(f)),
}


@pytest.mark.parametrize("name", FORMULAS)
@given(batches, batches)
def test_losses_and_gradients_are_those_of_the_docstrings(name, real, fake):
    function, value, *slopes = FORMULAS[name]
    logits = torch.tensor(real, requires_grad=True), torch.tensor(fake, requires_grad=True)
    loss = function(*logits)
    assert loss.item() == pytest.approx(value(real, fake), rel=1e-6, abs=1e-9)
    found = torch.autograd.grad(loss, logits, allow_unused=True)
    for grad, slope, batch in zip(found, slopes, (real, fake), strict=True):
        assert grad is slope is None or grad.numpy() == pytest.approx(slope(batch) / len(batch), abs=1e-8)


@pytest.mark.parametrize("sure", [200.0, -200.0])
def test_losses_and_gradients_stay_exact_where_a_sigmoid_is_rounded(sure):
    logits = torch.full((4, 1), sure, requires_grad=True)  # float32
    cost = max(-sure, 0.0)
    assert non_saturating(logits).item() == cost
    assert minimax(logits).item() == -max(sure, 0.0)
    assert discriminator_loss(logits, -logits).item() == 2 * cost
    (slope,) = torch.autograd.grad(non_saturating(logits), logits)
    assert slope.flatten().tolist() == [-0.25 if sure < 0 else 0.0] * 4


@pytest.mark.parametrize("name", LOSSES)
def test_stacked_runs_are_paid_like_each_run_alone(name):
    logits = torch.randn(5, 8, 1, generator=rng())  # (runs, batch, 1)
    stacked, alone = LOSSES[name](logits), [LOSSES[name](run) for run in logits]
    assert stacked.shape == (5,)
    assert torch.allclose(stacked, torch.stack(alone))
    assert alone[0].shape == ()


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=7))
def test_r1_of_a_linear_discriminator_is_half_its_squared_weights(weights):
    discriminator = nn.Linear(len(weights), 1).double()
    discriminator.weight.data = torch.tensor([weights], dtype=torch.float64)
    penalty = r1(discriminator, torch.rand(4, len(weights), dtype=torch.float64))
    assert penalty.item() == pytest.approx(np.square(weights).sum() / 2)
    (slope,) = torch.autograd.grad(penalty, discriminator.weight)
    assert slope.flatten().tolist() == pytest.approx(weights)


def test_r1_agrees_with_finite_differences_and_can_be_made_small_by_the_weights_of_d():
    discriminator = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 1)).double()
    real, h = torch.randn(6, 3, dtype=torch.float64), 1e-5
    with torch.no_grad():
        slopes = [(discriminator(real + e) - discriminator(real - e)) / (2 * h) for e in h * torch.eye(3).double()]
    wanted = sum(slope.square() for slope in slopes).mean().item() / 2
    assert r1(discriminator, real).item() == pytest.approx(wanted, rel=1e-6)
    assert torch.autograd.gradcheck(
        lambda w: r1(lambda x: torch.tanh(x @ w), real),
        torch.randn(3, 1, dtype=torch.float64, requires_grad=True),
    )
    r1(discriminator, real).backward()
    assert discriminator[0].weight.grad.any()
    assert real.grad is None


def test_r1_says_what_it_needs():
    with pytest.raises(ValueError, match="requires_grad_"):
        r1_penalty(torch.zeros(2, 1), torch.zeros(2, 7))


def test_r1_of_stacked_runs_is_that_of_each_run_alone():
    alone = [hidden_discriminator(3, 4) for _ in range(3)]
    real = torch.randn(3, 8, 3)
    together = r1(stack(alone), real)
    assert together.shape == (3,)
    assert torch.allclose(together, torch.stack([r1(d, x) for d, x in zip(alone, real, strict=True)]))


@given(batches, batches, st.floats(0, 1))
def test_a_smoothed_label_is_that_of_torchs_cross_entropy(real, fake, label):
    real, fake = torch.tensor(real), torch.tensor(fake)
    smooth = nn.BCEWithLogitsLoss()(real, torch.full_like(real, label))
    oracle = smooth + bce(fake, torch.zeros_like(fake))
    assert torch.allclose(discriminator_loss(real, fake, real_label=label), oracle, atol=1e-8)


def test_a_smoothed_label_is_best_met_by_its_own_probability_and_works_on_stacks():
    logits = torch.linspace(-4, 4, 8001).reshape(-1, 1, 1)  # one run for each
    cost = discriminator_loss(logits, torch.zeros(8001, 1, 1), real_label=0.9)
    assert cost.shape == (8001,)
    assert torch.sigmoid(logits[cost.argmin()]).item() == pytest.approx(0.9, abs=1e-3)
    plain = nn.BCELoss()(torch.sigmoid(logits[5000]), torch.full((1, 1), 0.9))
    assert cost[5000].item() == pytest.approx(plain.item() + math.log(2), abs=1e-5)


def test_minus_the_critic_loss_of_a_slope_of_one_is_at_most_the_distance():
    real, fake = torch.randn(500, 1, dtype=torch.float64) + 4, torch.randn(500, 1, dtype=torch.float64)
    distance = stats.wasserstein_distance(real.flatten(), fake.flatten())
    for critic in (torch.abs, torch.sin, lambda x: x, lambda x: -x):
        assert -losses.critic_loss(critic(real), critic(fake)).item() <= distance + 1e-9


@pytest.mark.parametrize("weights", [(0.5,), (1.0,), (-3.0,), (2.5,), (0.6, 0.8), (3.0, -4.0), (0.1, 0.2, -0.3)])
def test_the_gradient_penalty_of_a_line_counts_only_slopes_above_one(weights):
    line = nn.Linear(len(weights), 1)
    line.weight.data[:] = torch.tensor(weights)
    found = losses.gradient_penalty(line, torch.randn(8, len(weights)), torch.randn(8, len(weights)))
    assert found.item() == pytest.approx(max(0, np.linalg.norm(weights) - 1) ** 2, abs=1e-4)


def test_the_gradient_penalty_looks_between_real_and_fake():
    seen = []

    def critic(x):
        seen.append(x.detach())
        return x.square()

    real, fake = torch.zeros(4, 1), torch.full((4, 1), 8.0)
    penalty = losses.gradient_penalty(critic, real, fake)
    assert seen[0].flatten().tolist() == [7.0, 5.0, 3.0, 1.0]
    assert penalty.item() == pytest.approx(np.mean([(2 * x - 1) ** 2 for x in (7, 5, 3, 1)]), rel=1e-5)


def test_the_gradient_penalty_of_stacked_runs_reaches_the_weights_and_not_the_samples():
    alone = [hidden_discriminator(3, 4) for _ in range(3)]
    real, fake = 20 * torch.randn(3, 8, 3), torch.randn(3, 8, 3).requires_grad_()
    for network in alone:
        network[0].weight.data.mul_(20)
    stacked = stack(alone)
    together = losses.gradient_penalty(stacked, real, fake)
    assert together.shape == (3,) and (together > 0).all()
    parts = [losses.gradient_penalty(*case) for case in zip(alone, real, fake, strict=True)]
    assert torch.allclose(together, torch.stack(parts), rtol=1e-4)
    together.sum().backward()
    assert stacked[0].weight.grad.any() and fake.grad is None


def test_the_slope_of_a_flat_critic_is_a_number():
    line = nn.Linear(1, 1)
    line.weight.data.zero_()
    losses.gradient_penalty(line, torch.randn(4, 1), torch.randn(4, 1)).backward()
    assert line.weight.grad.isfinite().all()
