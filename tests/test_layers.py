"""What D is shown of a batch, against scipy's moments, numpy and gradients by autograd."""

import numpy as np
import pytest
import torch
from scipy import stats

from gan_helpers import layers

VIEWS = {name: getattr(views, name) for name in ("samples", "whole", "squared_differences", "moments")}
ROWS = {"samples": (9, 1), "whole": (1, 9), "squared_differences": (1, 18), "moments": (1, 4)}


def batch(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def test_samples_is_the_batch_itself():
    shown = batch(5, 3)
    assert views.samples(shown) is shown


def test_whole_is_the_batch_as_one_row_in_its_order():
    assert layers.whole_batch(torch.tensor([[3.0], [1.0], [2.0]])).tolist() == [[3.0, 1.0, 2.0]]


def test_squared_differences_are_the_numbers_and_their_squared_distance_from_the_mean():
    assert layers.squared_differences(torch.tensor([[1.0], [2.0], [6.0]])).tolist() == [[1, 2, 6, 4, 1, 9]]


@pytest.mark.parametrize("numbers", [batch(9, 1), batch(500, 1) ** 3 + 4, batch(2, 1), 1e3 + batch(40, 1).exp()])
def test_moments_are_those_of_scipy(numbers):
    x = numbers.flatten().numpy()
    oracle = [np.mean(x), np.std(x), stats.skew(x), stats.kurtosis(x)]
    assert layers.batch_moments(numbers).flatten().tolist() == pytest.approx(oracle, rel=1e-7, abs=1e-9)


def test_the_last_two_moments_of_many_normal_numbers_are_near_0():
    mean, std, skewness, kurtosis = layers.batch_moments(4 + 1.25 * batch(200_000, 1)).flatten().tolist()
    assert (mean, std) == pytest.approx((4, 1.25), abs=0.02)
    assert (skewness, kurtosis) == pytest.approx((0, 0), abs=0.05)


@pytest.mark.parametrize("name", VIEWS)
def test_many_batches_are_shown_like_each_alone(name):
    batches = batch(3, 2, 9, 1)
    together = VIEWS[name](batches)
    assert together.shape == (3, 2, *ROWS[name])
    for i in range(3):
        for j in range(2):
            assert torch.allclose(together[i, j], VIEWS[name](batches[i, j]), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_keeps_the_type_and_leaves_the_batch_alone(name):
    numbers = batch(9, 1).float()
    before = numbers.clone()
    assert VIEWS[name](numbers).dtype == torch.float32
    assert torch.equal(numbers, before)


def test_no_gradient_of_the_squared_differences_flows_through_the_mean():
    numbers, pull = batch(5, 1).requires_grad_(), batch(10, seed=1)
    (slope,) = torch.autograd.grad(layers.squared_differences(numbers).flatten() @ pull, numbers)
    x = numbers.detach().flatten()
    assert torch.allclose(slope.flatten(), pull[:5] + pull[5:] * 2 * (x - x.mean()))


@pytest.mark.parametrize("name", ["samples", "whole", "moments"])
def test_gradients_are_those_of_finite_differences(name):
    assert torch.autograd.gradcheck(VIEWS[name], batch(6, 1).requires_grad_())


def four_moments(x):
    """The same by way of the z-scores, for autograd."""
    mean, std = x.mean(-2, keepdim=True), x.std(-2, correction=0, keepdim=True)
    z = (x - mean) / std
    return torch.cat([mean, std, (z**3).mean(-2, keepdim=True), (z**4).mean(-2, keepdim=True) - 3], -1)


@pytest.mark.parametrize("numbers", [batch(3, 9, 1), batch(2, 3, 500, 1).exp(), 1e3 + batch(2, 1), batch(40, 1)])
def test_slopes_of_the_moments_are_those_of_autograd(numbers):
    numbers.requires_grad_()
    weigh = batch(*numbers.shape[:-2], 1, 4, seed=1)
    slopes = [torch.autograd.grad((view(numbers) * weigh).sum(), numbers)[0] for view in (layers.batch_moments, four_moments)]
    assert torch.allclose(*slopes, rtol=1e-6, atol=1e-9)


def test_slopes_of_the_slopes_of_the_moments_are_those_of_finite_differences():
    assert torch.autograd.gradgradcheck(layers.batch_moments, batch(2, 6, 1).requires_grad_())


def test_equal_numbers_have_no_skewness():
    assert layers.batch_moments(torch.full((4, 1), 2.0)).isnan().tolist() == [[False, False, True, True]]


@pytest.mark.parametrize("name", ["whole", "squared_differences", "moments"])
@pytest.mark.parametrize(("bad", "error", "says"), [
    (torch.arange(6).unsqueeze(-1), TypeError, "takes a tensor of floats, got tensor.*Make one"),
    ([[1.0], [2.0]], TypeError, r"takes a tensor of floats, got \[\[1\.0\], \[2\.0\]\]"),
    (torch.zeros(5), ValueError, r"takes a column of numbers, .*got \(5,\)\. Add the last axis with \.unsqueeze\(-1\)"),
    (torch.zeros(5, 2), ValueError, r"takes a column of numbers, .*got \(5, 2\)"),
    (torch.zeros(0, 1), ValueError, r"needs at least \d numbers, got 0\. Draw a larger batch"),
])  # fmt: skip
def test_bad_batches_are_refused(name, bad, error, says):
    with pytest.raises(error, match=f"(?s)^{name} {says}"):
        VIEWS[name](bad)


@pytest.mark.parametrize("name", ["squared_differences", "moments"])
def test_one_number_has_no_spread(name):
    with pytest.raises(ValueError, match=f"^{name} needs at least 2 numbers, got 1"):
        VIEWS[name](torch.zeros(1, 1))
    assert layers.whole_batch(torch.zeros(1, 1)).shape == (1, 1)
