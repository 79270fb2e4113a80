"""I: fair coins, the list of all that they can show, and normal numbers."""

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gan_helpers.data import from_bits
from gan_helpers.noise import all_bits, normal, random_bits


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


@given(st.integers(1, 40), st.integers(1, 20), st.integers(0, 2**40))
def test_random_bits_are_zeros_and_ones(n, width, seed):
    bits = random_bits(n, rng(seed), width)
    assert bits.shape == (n, width)
    assert bits.dtype == torch.float32
    assert set(bits.unique().tolist()) <= {0.0, 1.0}


def test_all_128_noise_values_come_equally_often():
    counts = torch.bincount(from_bits(random_bits(64_000, rng(2))), minlength=128)
    assert stats.chisquare(counts).pvalue > 0.001


def test_a_seed_decides_and_the_global_random_state_stays():
    before = torch.get_rng_state()
    first, again, other = (random_bits(50, rng(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("width", [1, 2, 7, 10])
def test_all_bits_are_those_of_itertools_in_that_order(width):
    assert all_bits(width).tolist() == [list(map(float, row)) for row in itertools.product((0, 1), repeat=width)]
    assert all_bits(width).dtype == torch.float32


@pytest.mark.parametrize(("width", "error", "says"), [
    (0, ValueError, "width must be at least 1, got 0"), (21, ValueError, "20 or less.*got 21. Sample instead"),
    (True, TypeError, "got True"), (7.0, TypeError, r"width must be a whole number, got 7\.0"),
])  # fmt: skip
def test_all_bits_refuses_bad_widths(width, error, says):
    with pytest.raises(error, match=says):
        all_bits(width)


@pytest.mark.parametrize(("n", "width", "error", "says"), [
    (0, 7, ValueError, "n must be at least 1, got 0"), (-5, 7, ValueError, "got -5"), (True, 7, TypeError, "got True"),
    (1.5, 7, TypeError, r"got 1\.5 \(float\)"), (5, 0, ValueError, "width must be at least 1, got 0"),
    (5, True, TypeError, "got True"), (5, "7", TypeError, "got '7'"),
])  # fmt: skip
def test_random_bits_refuses_bad_counts(n, width, error, says):
    with pytest.raises(error, match=says):
        random_bits(n, rng(), width)


@pytest.mark.parametrize("source", [None, 0, "cpu"])
def test_a_seed_is_no_random_source(source):
    with pytest.raises(TypeError, match=r"rng must be a torch\.Generator.*manual_seed\(0\)"):
        random_bits(5, source)


def test_normal_noise_is_standard_normal_in_every_column():
    noise = normal(20_000, rng(1), 3)
    assert (noise.shape, noise.dtype) == ((20_000, 3), torch.float32)
    for column in noise.T:
        assert stats.kstest(column, "norm").pvalue > 1e-3
    assert (torch.corrcoef(noise.T) - torch.eye(3)).abs().max() < 0.03
    assert normal(5, rng()).shape == (5, 1)
    assert torch.equal(normal(5, rng(2), 2), normal(5, rng(2), 2))


@pytest.mark.parametrize(("n", "features", "error", "says"), [
    (0, 1, ValueError, "n must be at least 1, got 0"), (5, 0, ValueError, "features must be at least 1, got 0"),
    (2.0, 1, TypeError, r"n must be a whole number, got 2\.0"), (5, True, TypeError, "features .*got True"),
])  # fmt: skip
def test_normal_refuses_bad_counts(n, features, error, says):
    with pytest.raises(error, match=says):
        normal(n, rng(), features)


def test_normal_takes_no_seed_for_a_random_source():
    with pytest.raises(TypeError, match=r"rng must be a torch\.Generator, got 0\. Make one"):
        normal(5, 0)
