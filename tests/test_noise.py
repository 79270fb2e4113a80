"""I: fair coins, the list of all that they can show, and uniform and normal numbers."""

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gan_helpers.data import from_bits
from gan_helpers.noise import all_bits, normal, random_bits, uniform
from tests.helpers import rng, same_for_the_same_seed


@given(st.integers(1, 40), st.integers(1, 20), st.integers(0, 2**40))
def test_random_bits_are_zeros_and_ones(n, width, seed):
    bits = random_bits(n, rng(seed), width)
    assert bits.shape == (n, width)
    assert bits.dtype == torch.float32
    assert set(bits.unique().tolist()) <= {0.0, 1.0}


def test_all_128_noise_values_come_equally_often():
    counts = torch.bincount(from_bits(random_bits(64_000, rng(2))), minlength=128)
    assert stats.chisquare(counts).pvalue > 0.001


@pytest.mark.parametrize("width", [1, 2, 7, 10])
def test_all_bits_are_those_of_itertools_in_that_order(width):
    assert all_bits(width).tolist() == [list(map(float, row)) for row in itertools.product((0, 1), repeat=width)]
    assert all_bits(width).dtype == torch.float32


@pytest.mark.parametrize("sample", [uniform, normal])
def test_numbers_come_as_float32_in_columns(sample):
    for features in (1, 3):
        noise = sample(5, rng(), features=features)
        assert (noise.shape, noise.dtype) == ((5, features), torch.float32)
    assert sample(5, rng()).shape == (5, 1)


@pytest.mark.parametrize("sample", [random_bits, uniform, normal, lambda n, rng: normal(n, rng, 2)])
def test_a_seed_decides_and_the_global_random_state_stays(sample):
    assert same_for_the_same_seed(sample)


@pytest.mark.parametrize(("sample", "wanted"), [
    (normal, ("norm",)), (uniform, ("uniform",)),
    (lambda n, rng, features: uniform(n, rng, -2, 3, features), ("uniform", (-2, 5))),
])  # fmt: skip
def test_numbers_have_their_distribution_in_every_column_independently(sample, wanted):
    noise = sample(20_000, rng(1), features=3)
    for column in noise.T:
        assert stats.kstest(column, *wanted).pvalue > 1e-3
    assert (torch.corrcoef(noise.T) - torch.eye(3)).abs().max() < 0.03


@pytest.mark.parametrize(("call", "error", "says"), [
    (lambda: all_bits(0), ValueError, "width must be at least 1, got 0"),
    (lambda: all_bits(21), ValueError, "20 or less.*got 21. Sample instead"),
    (lambda: all_bits(True), TypeError, "got True"),
    (lambda: all_bits(7.0), TypeError, r"width must be a whole number, got 7\.0"),
    (lambda: random_bits(0, rng()), ValueError, "n must be at least 1, got 0"),
    (lambda: random_bits(-5, rng()), ValueError, "got -5"),
    (lambda: random_bits(True, rng()), TypeError, "got True"),
    (lambda: random_bits(1.5, rng()), TypeError, r"got 1\.5 \(float\)"),
    (lambda: random_bits(5, rng(), 0), ValueError, "width must be at least 1, got 0"),
    (lambda: random_bits(5, rng(), True), TypeError, "got True"),
    (lambda: random_bits(5, rng(), "7"), TypeError, "got '7'"),
    (lambda: uniform(5, rng(), 1, 1), ValueError, "high must be above 1 .*got 1"),
    (lambda: uniform(5, rng(), float("nan")), ValueError, "^low must be finite, got nan"),
    (lambda: uniform(5, rng(), features=0), ValueError, "features must be at least 1, got 0"),
    (lambda: normal(0, rng()), ValueError, "n must be at least 1, got 0"),
    (lambda: normal(5, rng(), 0), ValueError, "features must be at least 1, got 0"),
    (lambda: normal(2.0, rng()), TypeError, r"n must be a whole number, got 2\.0"),
    (lambda: normal(5, rng(), True), TypeError, "features .*got True"),
])  # fmt: skip
def test_bad_counts_and_limits_are_refused(call, error, says):
    with pytest.raises(error, match=says):
        call()


@pytest.mark.parametrize("sample", [random_bits, uniform, normal])
@pytest.mark.parametrize("source", [None, 0, "cpu"])
def test_a_seed_is_no_random_source(sample, source):
    with pytest.raises(TypeError, match=rf"rng must be a torch\.Generator, got {source!r}\. Make one.*seed\(0\)"):
        sample(5, source)
