"""R: numbers to bits and back, the sampler of even numbers, and the ring of Gaussians."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gan_helpers.data import even_numbers, from_bits, ring, ring_centres, to_bits

INT_TYPES = [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, np.uint8, np.int16, np.int32, np.int64]
numbers_and_width = st.integers(1, 20).flatmap(
    lambda width: st.tuples(st.lists(st.integers(0, 2**width - 1), min_size=1, max_size=30), st.just(width))
)


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


@given(numbers_and_width)
def test_to_bits_says_what_python_says(case):
    numbers, width = case
    bits = to_bits(numbers, width)
    assert bits.dtype == torch.float32
    assert ["".join(str(int(bit)) for bit in row) for row in bits] == [format(n, f"0{width}b") for n in numbers]


@given(numbers_and_width)
def test_from_bits_says_what_python_says(case):
    numbers, width = case
    rows = [[int(bit) for bit in format(n, f"0{width}b")] for n in numbers]
    for bits in (rows, np.array(rows), torch.tensor(rows).bool(), torch.tensor(rows).float()):
        assert from_bits(bits).tolist() == numbers
    assert from_bits(to_bits(numbers, width)).dtype == torch.int64


@given(st.integers(0, 127), st.sampled_from(INT_TYPES))
def test_every_integer_type_is_taken(number, kind):
    given = torch.tensor([number], dtype=kind) if isinstance(kind, torch.dtype) else np.array([number], dtype=kind)
    assert from_bits(to_bits(given)).tolist() == [number]
    assert from_bits(to_bits(number)).item() == number


@given(st.lists(st.integers(1, 4), max_size=3))
def test_shapes_gain_and_lose_one_axis(shape):
    numbers = torch.zeros(shape, dtype=torch.long)
    assert to_bits(numbers, 5).shape == (*shape, 5)
    assert from_bits(to_bits(numbers, 5)).shape == torch.Size(shape)


@pytest.mark.parametrize(("numbers", "error", "says"), [
    (-3, ValueError, r"numbers of 0 or more, got -3.*no bit for a sign"),
    ([5, -1], ValueError, r"got -1"),
    (3.0, TypeError, r"integers, got 3\.0.*int\(\.\.\.\) or \.long\(\)"),
    ([1, 2.5], TypeError, r"got \[1, 2\.5\]"),
    (torch.tensor([1.0]), TypeError, r"integers, got tensor.*float32"),
    (1 + 2j, TypeError, r"integers, got \(1\+2j\)"),
    ("56", TypeError, r"integers.*got '56'"),
    (None, TypeError, r"integers.*got None"),
    ([[1, 2], [3]], TypeError, r"integers.*got \[\[1, 2\], \[3\]\]"),
    (True, TypeError, r"integers, got True"),
    ([1, True], TypeError, r"integers, got True \(bool\)\. Use 0 or 1 instead"),
    ((False, 2), TypeError, r"integers, got False"),
    ([[True, 2]], TypeError, r"integers, got True"),
    ([3, np.True_], TypeError, r"integers.*True"),
    (np.True_, TypeError, r"integers, got .*True"),
    (np.array([True]), TypeError, r"integers, got array\(\[ True\]\)"),
    (torch.tensor([True]), TypeError, r"integers, got tensor\(\[True\]\)"),
    ([], ValueError, r"at least one number, got \[\]"),
    (128, ValueError, r"128 does not fit into 7 bits: the largest number that does is 127.*width=8"),
    (np.array([200], dtype=np.uint8), ValueError, r"200 does not fit.*width=8"),
    (2**70, ValueError, rf"{2**70} does not fit into 7 bits.*width=71"),
])  # fmt: skip
def test_to_bits_refuses_and_says_how_to_mend_it(numbers, error, says):
    with pytest.raises(error, match=says):
        to_bits(numbers)


@given(st.integers(1, 20), st.integers(0, 2**30))
def test_a_number_fits_exactly_when_it_is_below_two_to_the_width(width, number):
    if number < 2**width:
        assert from_bits(to_bits(number, width)).item() == number
    else:
        with pytest.raises(ValueError, match=rf"^{number} does not fit into {width} bits.*{2**width - 1}"):
            to_bits(number, width)


@pytest.mark.parametrize(("width", "error"), [(0, ValueError), (-2, ValueError), (7.0, TypeError), (True, TypeError)])
def test_a_width_is_a_whole_number_from_1(width, error):
    with pytest.raises(error, match=rf"^width must be .*, got {width}.*Pass a"):
        to_bits(1, width)


@pytest.mark.parametrize("bits", [[0.5], [1.0, float("nan")], [2, 0], [-1.0]])
def test_from_bits_refuses_what_is_not_rounded(bits):
    with pytest.raises(ValueError, match=r"zeros and ones, got .*Round it first: from_bits\(output > 0\.5\)"):
        from_bits(bits)


@pytest.mark.parametrize("bits", [1, [], [[]]])
def test_from_bits_needs_a_last_axis(bits):
    with pytest.raises(ValueError, match="last axis with the bits, got shape"):
        from_bits(bits)


def test_even_numbers_come_equally_often():
    counts = torch.bincount(from_bits(even_numbers(64_000, rng(3))), minlength=128)
    assert counts[1::2].sum() == 0
    assert stats.chisquare(counts[::2]).pvalue > 0.001


@given(st.integers(1, 12), st.integers(1, 50), st.integers(0, 2**40))
def test_even_numbers_end_in_a_zero(width, n, seed):
    bits = even_numbers(n, rng(seed), 2**width)
    assert bits.shape == (n, width)
    assert bits.dtype == torch.float32
    assert not bits[:, -1].any()
    assert torch.equal(bits, to_bits(from_bits(bits), width))


def test_a_seed_decides_and_the_global_random_state_does_not_matter():
    before = torch.get_rng_state()
    first = even_numbers(50, rng(1))
    torch.manual_seed(99)
    assert torch.equal(first, even_numbers(50, rng(1)))
    assert not torch.equal(first, even_numbers(50, rng(2)))
    torch.set_rng_state(before)
    even_numbers(50, rng(1))
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("max_int", [100, 3, 127, 129, 1000])
def test_a_maximum_is_a_power_of_two_and_both_neighbours_are_named(max_int):
    below = 2 ** int(np.log2(max_int))
    with pytest.raises(
        ValueError, match=rf"power of two, got {max_int}\. The nearest ones are {below} and {2 * below}"
    ):
        even_numbers(5, rng(), max_int)


@pytest.mark.parametrize(("n", "max_int", "error", "says"), [
    (5, 1, ValueError, "max_int must be at least 2, got 1"), (5, -8, ValueError, "got -8"),
    (5, 128.0, TypeError, r"max_int must be a whole number, got 128\.0"), (5, True, TypeError, "got True"),
    (0, 128, ValueError, "n must be at least 1, got 0"), (-1, 128, ValueError, "n must be at least 1, got -1"),
    (2.0, 128, TypeError, r"n must be a whole number, got 2\.0 \(float\)"), (True, 128, TypeError, "got True"),
])  # fmt: skip
def test_even_numbers_refuses_bad_counts(n, max_int, error, says):
    with pytest.raises(error, match=says):
        even_numbers(n, rng(), max_int)


@pytest.mark.parametrize("source", [None, 0, np.random.default_rng(0)])
def test_a_seed_is_no_random_source(source):
    with pytest.raises(
        TypeError, match=r"rng must be a torch\.Generator, got .*torch\.Generator\(\)\.manual_seed\(0\)"
    ):
        even_numbers(5, source)


def test_the_centres_of_a_ring_are_corners_of_a_regular_polygon():
    assert torch.allclose(ring_centres(4, 3.0), torch.tensor([[3.0, 0], [0, 3], [-3, 0], [0, -3]]), atol=1e-6)
    corners = 2 * np.exp(2j * np.pi * np.arange(8) / 8)
    assert ring_centres().numpy() == pytest.approx(np.stack([corners.real, corners.imag], 1), abs=1e-6)


def test_a_ring_has_its_modes_equally_often_and_each_is_a_round_gaussian():
    samples, centres = ring(20_000, rng(1), 5, 3.0, 0.2), ring_centres(5, 3.0)
    assert (samples.shape, samples.dtype) == ((20_000, 2), torch.float32)
    nearest = torch.cdist(samples, centres).argmin(1)
    assert stats.chisquare(torch.bincount(nearest, minlength=5)).pvalue > 1e-3
    offsets = samples - centres[nearest]
    for column in offsets.T:
        assert stats.kstest(column, "norm", (0, 0.2)).pvalue > 1e-3
    assert abs(np.corrcoef(offsets.T)[0, 1]) < 0.03
    assert torch.equal(ring(9, rng(3)), ring(9, rng(3)))


@pytest.mark.parametrize(("call", "error", "says"), [
    (lambda: ring(0, rng()), ValueError, "n must be at least 1, got 0"),
    (lambda: ring(5, rng(), modes=0), ValueError, "modes must be at least 1, got 0"),
    (lambda: ring(5, rng(), modes=2.5), TypeError, r"modes must be a whole number, got 2\.5"),
    (lambda: ring(5, rng(), radius=0), ValueError, "radius must be above 0 and finite, got 0"),
    (lambda: ring(5, rng(), std=-1.0), ValueError, r"std must be above 0 and finite, got -1\.0"),
    (lambda: ring(5, 3), TypeError, r"rng must be a torch\.Generator, got 3"),
    (lambda: ring_centres(8, float("nan")), ValueError, "radius .*got nan"),
])  # fmt: skip
def test_bad_rings_are_refused(call, error, says):
    with pytest.raises(error, match=says):
        call()
