"""The losses against torch's own, scipy's, and the gradients that their docstrings derive by hand."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.special import expit
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_helpers.discriminators import hidden_discriminator
from gan_helpers.losses import discriminator_loss, minimax, non_saturating, r1_penalty
from gan_helpers.training import stack


def r1(discriminator, real):  # of samples that keep no trace of it
    real = real.detach().requires_grad_()
    return r1_penalty(discriminator(real), real)


LOSSES = [non_saturating, minimax, lambda logits: discriminator_loss(logits, logits.flip(0) / 2)]
batches = hnp.arrays(np.float64, st.tuples(st.integers(1, 9), st.just(1)), elements=st.floats(-30, 30))


def log_D(logits):  # the oracle: log of the probability that D states, in float64
    return -np.log1p(np.exp(-logits))


@given(batches, batches)
def test_losses_are_those_of_the_formulas(real, fake):
    r, f = torch.tensor(real), torch.tensor(fake)
    assert discriminator_loss(r, f).item() == pytest.approx(-log_D(real).mean() - log_D(-fake).mean())
    assert non_saturating(f).item() == pytest.approx(-log_D(fake).mean())
    assert minimax(f).item() == pytest.approx(log_D(-fake).mean())


@given(batches, batches)
def test_losses_are_cross_entropies(real, fake):
    real, fake = torch.tensor(real), torch.tensor(fake)
    as_real, as_fake = bce(fake, torch.ones_like(fake)), bce(fake, torch.zeros_like(fake))
    assert torch.allclose(discriminator_loss(real, fake), bce(real, torch.ones_like(real)) + as_fake)
    assert torch.allclose(non_saturating(fake), as_real)
    assert torch.allclose(minimax(fake), -as_fake)


@given(batches)
def test_gradients_are_those_of_the_docstrings(values):
    D, n = expit(values), len(values)
    logits = torch.tensor(values, requires_grad=True)

    def slope(loss):
        return torch.autograd.grad(loss, logits)[0].numpy()

    other = torch.zeros(3, 1, dtype=torch.float64)
    assert slope(non_saturating(logits)) == pytest.approx((D - 1) / n, abs=1e-8)
    assert slope(minimax(logits)) == pytest.approx(-D / n, abs=1e-8)
    assert slope(discriminator_loss(logits, other)) == pytest.approx((D - 1) / n, abs=1e-8)
    assert slope(discriminator_loss(other, logits)) == pytest.approx(D / n, abs=1e-8)


def test_the_values_at_one_half_are_those_of_the_docstrings():
    undecided = torch.zeros(5, 1)
    assert discriminator_loss(undecided, undecided).item() == pytest.approx(2 * math.log(2))
    assert non_saturating(undecided).item() == pytest.approx(math.log(2))
    assert minimax(undecided).item() == pytest.approx(-math.log(2))


@pytest.mark.parametrize("sure", [200.0, -200.0])
def test_losses_and_gradients_stay_exact_where_a_sigmoid_is_rounded(sure):
    logits = torch.full((4, 1), sure, requires_grad=True)  # float32
    cost = max(-sure, 0.0)
    assert non_saturating(logits).item() == cost
    assert minimax(logits).item() == -max(sure, 0.0)
    assert discriminator_loss(logits, -logits).item() == 2 * cost
    (slope,) = torch.autograd.grad(non_saturating(logits), logits)
    assert slope.flatten().tolist() == [-0.25 if sure < 0 else 0.0] * 4


@pytest.mark.parametrize("loss", LOSSES, ids=["non_saturating", "minimax", "discriminator_loss"])
def test_stacked_runs_are_paid_like_each_run_alone(loss):
    logits = torch.randn(5, 8, 1, generator=torch.Generator().manual_seed(0))  # (runs, batch, 1)
    alone = [loss(run) if loss is not LOSSES[2] else discriminator_loss(run, run / 2) for run in logits]
    stacked = loss(logits) if loss is not LOSSES[2] else discriminator_loss(logits, logits / 2)
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


def curved_discriminator(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 1)).double()


def test_r1_agrees_with_finite_differences():
    discriminator = curved_discriminator()
    real, h = torch.randn(6, 3, dtype=torch.float64), 1e-5
    steps = h * torch.eye(3, dtype=torch.float64)
    with torch.no_grad():
        slopes = torch.cat([(discriminator(real + e) - discriminator(real - e)) / (2 * h) for e in steps], dim=1)
    assert r1(discriminator, real).item() == pytest.approx((slopes**2).sum(1).mean().item() / 2, rel=1e-6)


def test_r1_can_be_made_small_by_the_weights_of_d_and_leaves_the_samples_alone():
    discriminator, real = curved_discriminator(), torch.randn(6, 3, dtype=torch.float64)
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
