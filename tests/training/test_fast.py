"""The derivatives that are written by hand, against the plain formulas."""

import math

import pytest
import torch

from gan_helpers import layers
from gan_helpers.training import fast
from tests.helpers import rng


def batch(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=rng(seed))


def test_tanh_is_tanh():
    x = torch.cat([torch.linspace(-12, 12, 2001), torch.tensor([0, -0.0, 1e-9, math.inf, -math.inf])])
    assert torch.allclose(fast.tanh(x).double(), x.double().tanh(), rtol=0, atol=3e-7)
    assert torch.allclose(fast.tanh(x.double()), x.double().tanh(), rtol=0, atol=1e-15)
    assert fast.tanh(torch.tensor(math.nan)).isnan()


def test_tanh_leaves_its_input_alone():
    x = torch.linspace(-1, 1, 5)
    fast.tanh(x)
    assert torch.equal(x, torch.linspace(-1, 1, 5))


BATCHES = {"runs": batch(3, 9, 1), "two axes more": batch(2, 3, 500, 1).exp(), "far away": 1e3 + batch(2, 1),
           "one run": batch(40, 1), "skew": batch(500, 1) ** 3 + 4}


@pytest.mark.parametrize("numbers", BATCHES.values(), ids=BATCHES)
def test_batch_moments_and_their_gradients_are_those_of_the_plain_formula(numbers):
    numbers.requires_grad_()
    weigh = batch(*numbers.shape[:-2], 1, 4, seed=1)
    results = [moments(numbers) for moments in (fast.batch_moments, layers.batch_moments)]
    assert torch.allclose(*results, rtol=1e-7, atol=1e-9)
    assert torch.allclose(*(torch.autograd.grad((result * weigh).sum(), numbers)[0] for result in results),
                          rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("function", "x"), [(fast.tanh, torch.linspace(-3, 3, 13, dtype=torch.float64)),
                                             (fast.batch_moments, batch(2, 6, 1))], ids=["tanh", "batch_moments"])
def test_gradients_and_their_gradients_are_those_of_finite_differences(function, x):
    x.requires_grad_()
    assert torch.autograd.gradcheck(function, x)
    assert torch.autograd.gradgradcheck(function, x)


def test_equal_numbers_have_no_skewness():
    assert fast.batch_moments(torch.full((4, 1), 2.0)).isnan().tolist() == [[False, False, True, True]]  # 0 / 0
