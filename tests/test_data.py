"""R: numbers to bits and back, the samplers against their distributions, and data of one's own."""

import dataclasses
import math
import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from gan_helpers import data
from gan_helpers.data import even_numbers, from_bits, from_samples, ring, ring_centres, to_bits
from gan_helpers.metrics import densities
from tests.helpers import rng, same_for_the_same_seed

INT_TYPES = [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, np.uint8, np.int16, np.int32, np.int64]
SAMPLERS = [even_numbers, data.gray_pixels, data.ink_and_paper, data.gaussian, ring]
numbers_and_width = st.integers(1, 20).flatmap(
    lambda width: st.tuples(st.lists(st.integers(0, 2**width - 1), min_size=1, max_size=30), st.just(width))
)


@given(numbers_and_width)
def test_bits_are_what_python_says_both_ways(case):
    numbers, width = case
    bits, rows = to_bits(numbers, width), [list(map(int, format(n, f"0{width}b"))) for n in numbers]
    assert bits.dtype == torch.float32 and bits.tolist() == rows
    for read in (rows, np.array(rows), torch.tensor(rows).bool(), torch.tensor(rows).float()):
        assert from_bits(read).tolist() == numbers
    assert from_bits(bits).dtype == torch.int64


@given(st.integers(0, 127), st.sampled_from(INT_TYPES))
def test_every_integer_type_is_taken(number, kind):
    given = torch.tensor([number], dtype=kind) if isinstance(kind, torch.dtype) else np.array([number], dtype=kind)
    assert from_bits(to_bits(given)).tolist() == [number]
    assert from_bits(to_bits(number)).item() == number


@given(st.lists(st.integers(1, 4), max_size=3))
def test_shapes_gain_and_lose_one_axis(shape):
    numbers = torch.zeros(shape, dtype=torch.long)
    assert to_bits(numbers, 5).shape == to_bits(numbers.numpy(), 5).shape == (*shape, 5)
    assert from_bits(to_bits(numbers, 5)).shape == torch.Size(shape)


@pytest.mark.parametrize(("numbers", "error", "says"), [
    (-3, ValueError, r"numbers of 0 or more, got -3.*no bit for a sign"),
    ([5, -1], ValueError, r"got -1"),
    (3.0, TypeError, r"integers below 128, got 3\.0.*int\(\.\.\.\) or \.long\(\)"),
    ([1, 2.5], TypeError, r"got \[1, 2\.5\]"),
    (torch.tensor([1.0]), TypeError, r"integers below 128, got tensor\(\[1\.\]\)"),
    (torch.tensor([1 + 2j]), TypeError, r"integers below 128, got tensor"),
    (1 + 2j, TypeError, r"integers below 128, got \(1\+2j\)"),
    ("56", TypeError, r"integers.*got '56'"),
    (None, TypeError, r"integers.*got None"),
    ([[1, 2], [3]], TypeError, r"integers.*got \[\[1, 2\], \[3\]\]"),
    (True, TypeError, r"integers below 128, got True"),
    ([1, True], TypeError, r"integers below 128, got \[1, True\]\. Convert first: int\(\.\.\.\)"),
    ((False, 2), TypeError, r"integers below 128, got \(False, 2\)"),
    ([[True, 2]], TypeError, r"integers below 128, got \[\[True, 2\]\]"),
    ([3, np.True_], TypeError, r"integers.*True"),
    (np.True_, TypeError, r"integers below 128, got .*True"),
    (np.array([True]), TypeError, r"integers below 128, got array\(\[ True\]\)"),
    (torch.tensor([True]), TypeError, r"integers below 128, got tensor\(\[True\]\)"),
    ([], ValueError, r"at least one number, got \[\]"),
    (128, ValueError, r"^128 does not fit into 7 bits: the largest number that does is 127.*width=8"),
    (np.array([200], dtype=np.uint8), ValueError, r"200 does not fit.*width=8"),
    (np.array([2**63], dtype=np.uint64), ValueError, rf"{2**63} does not fit into 7 bits.*width=64"),
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


@pytest.mark.parametrize(("bits", "error", "says"), [
    *[(bits, ValueError, r"zeros and ones, got .*Round it first: from_bits\(output > 0\.5\)")
      for bits in ([0.5], [1.0, float("nan")], [2, 0], [-1.0])],
    *[(bits, ValueError, "last axis with the bits, got shape") for bits in (1, [], [[]])],
    (torch.zeros(63), ValueError, "width must be at most 62, got 63"),
    ("101", TypeError, "zeros and ones, got '101'"),
    ([[1], [0, 1]], TypeError, r"zeros and ones, got \[\[1\], \[0, 1\]\]\. Pass a tensor or a list of numbers"),
])  # fmt: skip
def test_from_bits_refuses_what_is_not_rounded_or_has_no_bits(bits, error, says):
    with pytest.raises(error, match=says):
        from_bits(bits)


@pytest.mark.parametrize("sample", SAMPLERS)
def test_a_sampler_gives_float32_and_a_seed_decides_what(sample):
    assert (sample(5, rng()).shape[0], sample(5, rng()).dtype) == (5, torch.float32)
    assert sample(5, rng()).dim() == 2
    assert same_for_the_same_seed(sample)


@pytest.mark.parametrize("sample", SAMPLERS)
@pytest.mark.parametrize(("n", "source", "error", "says"), [
    (0, rng(), ValueError, "^n must be at least 1, got 0"), (-1, rng(), ValueError, "^n must be at least 1, got -1"),
    (2.0, rng(), TypeError, r"^n must be a whole number, got 2\.0 \(float\)"), (True, rng(), TypeError, "got True"),
    *[(5, source, TypeError, r"rng must be a torch\.Generator, got .*torch\.Generator\(\)\.manual_seed\(0\)")
      for source in (None, 0, 3, np.random.default_rng(0))],
])  # fmt: skip
def test_a_sampler_takes_a_count_and_a_random_source(sample, n, source, error, says):
    with pytest.raises(error, match=says):
        sample(n, source)


def test_even_numbers_come_equally_often():
    counts = torch.bincount(from_bits(even_numbers(64_000, rng(3))), minlength=128)
    assert counts[1::2].sum() == 0
    assert stats.chisquare(counts[::2]).pvalue > 0.001


@given(st.integers(1, 18), st.integers(1, 50), st.integers(0, 2**40))
def test_even_numbers_end_in_a_zero(width, n, seed):
    bits = even_numbers(n, rng(seed), 2**width)
    assert bits.shape == (n, width)
    assert bits.dtype == torch.float32
    assert not bits[:, -1].any()
    assert torch.equal(bits, to_bits(from_bits(bits), width))


@pytest.mark.parametrize("max_int", [100, 3, 127, 129, 1000])
def test_a_maximum_is_a_power_of_two_and_both_neighbors_are_named(max_int):
    below = 2 ** int(np.log2(max_int))
    with pytest.raises(
        ValueError, match=rf"power of two, got {max_int}\. The nearest ones are {below} and {2 * below}"
    ):
        even_numbers(5, rng(), max_int)


@pytest.mark.parametrize(("call", "error", "says"), [
    (lambda: even_numbers(5, rng(), 1), ValueError, "max_int must be at least 2, got 1"),
    (lambda: even_numbers(5, rng(), -8), ValueError, "got -8"),
    (lambda: even_numbers(5, rng(), 128.0), TypeError, r"max_int must be a whole number, got 128\.0"),
    (lambda: even_numbers(5, rng(), True), TypeError, "got True"),
    (lambda: data.gaussian(5, rng(), 4, 0), ValueError, "std must be above 0 .*got 0"),
    (lambda: data.gaussian(5, rng(), 4, -1.0), ValueError, "got -1"),
    (lambda: data.gaussian(5, rng(), math.inf), ValueError, "^mean must be finite, got inf"),
    (lambda: ring(5, rng(), modes=0), ValueError, "modes must be at least 1, got 0"),
    (lambda: ring(5, rng(), modes=2.5), TypeError, r"modes must be a whole number, got 2\.5"),
    (lambda: ring(5, rng(), radius=0), ValueError, "radius must be above 0 and finite, got 0"),
    (lambda: ring(5, rng(), std=-1.0), ValueError, r"std must be above 0 and finite, got -1\.0"),
    (lambda: ring_centres(8, float("nan")), ValueError, "radius .*got nan"),
])  # fmt: skip
def test_bad_settings_of_samplers_are_refused(call, error, says):
    with pytest.raises(error, match=says):
        call()


@pytest.mark.parametrize("name", ["gray_pixels", "ink_and_paper"])
def test_pixels_have_the_density_of_the_metrics(name):
    samples, grid = getattr(data, name)(100_000, rng()), torch.linspace(-1, 1, 2001, dtype=torch.float64)
    assert samples.shape == (100_000, 1) and samples.dtype == torch.float32
    assert samples.abs().max() <= 1
    cdf = integrate.cumulative_trapezoid(getattr(densities, name)(grid), grid, initial=0)
    assert stats.kstest(samples.flatten().numpy(), lambda x: np.interp(x, grid, cdf)).pvalue > 0.01


def test_gaussian_is_normal():
    assert data.gaussian(5, rng()).shape == (5, 1)
    assert stats.kstest(data.gaussian(20_000, rng(), 4, 1.25).flatten(), "norm", (4, 1.25)).pvalue > 1e-3


def test_the_centers_of_a_ring_are_corners_of_a_regular_polygon():
    assert torch.allclose(ring_centres(4, 3.0), torch.tensor([[3.0, 0], [0, 3], [-3, 0], [0, -3]]), atol=1e-6)
    corners = 2 * np.exp(2j * np.pi * np.arange(8) / 8)
    assert ring_centres().numpy() == pytest.approx(np.stack([corners.real, corners.imag], 1), abs=1e-6)


def test_a_ring_has_its_modes_equally_often_and_each_is_a_round_gaussian():
    samples, centers = ring(20_000, rng(1), 5, 3.0, 0.2), ring_centres(5, 3.0)
    assert (samples.shape, samples.dtype) == ((20_000, 2), torch.float32)
    nearest = torch.cdist(samples, centers).argmin(1)
    assert stats.chisquare(torch.bincount(nearest, minlength=5)).pvalue > 1e-3
    offsets = samples - centers[nearest]
    for column in offsets.T:
        assert stats.kstest(column, "norm", (0, 0.2)).pvalue > 1e-3
    assert abs(np.corrcoef(offsets.T)[0, 1]) < 0.03


# data of one's own

TABLE = np.random.default_rng(0).gamma(2.0, 3.0, (500, 3)) * (1, 100, 1e-3) + (0, -40, 7)


def all_of(sampler):
    """Every sample once, as a network sees it."""
    return sampler.units.to_network(sampler.values)


@pytest.mark.parametrize("given", [
    TABLE, TABLE.astype(np.float32), TABLE.astype(">f4"), torch.tensor(TABLE), torch.tensor(TABLE).float(),
    TABLE.tolist(), pd.DataFrame(TABLE), TABLE[::-1, ::-1], np.asfortranarray(TABLE), TABLE.astype(np.longdouble),
    torch.tensor(TABLE).T.contiguous().T, torch.tensor(TABLE, requires_grad=True),
], ids=lambda given: type(given).__name__)
def test_numbers_are_standardized_feature_by_feature_and_come_back(given):
    sampler = from_samples(given)
    shown, wanted = all_of(sampler), np.asarray(given.detach() if isinstance(given, torch.Tensor) else given)
    assert len(sampler) == 500 and (shown.shape, shown.dtype) == ((500, 3), torch.float32)
    np.testing.assert_allclose(shown, stats.zscore(wanted.astype(np.float64)), atol=2e-6)
    np.testing.assert_allclose(sampler.restore(shown), wanted.astype(np.float64), rtol=2e-6, atol=1e-4)
    assert sampler.restore(shown).dtype == (torch.float64 if wanted.itemsize >= 8 else torch.float32)
    assert sampler.restore(shown.reshape(5, 100, 3)).shape == (5, 100, 3)  # stacked runs


@pytest.mark.parametrize("kind", [np.int8, np.int16, np.int32, np.int64, np.uint16, np.uint32, np.uint64, ">i4",
                                  np.float16, np.float32, np.float64, torch.int16, torch.float16, torch.bfloat16])
def test_one_number_per_sample_of_any_type(kind):
    given = torch.arange(100).to(kind) if isinstance(kind, torch.dtype) else np.arange(100).astype(kind)
    sampler = from_samples(given)
    assert sampler(7, rng()).shape == (7, 1)
    np.testing.assert_allclose(all_of(sampler).flatten(), stats.zscore(np.arange(100)), atol=1e-6)
    assert sampler.restore(all_of(sampler)).shape == (100,)
    np.testing.assert_allclose(sampler.restore(all_of(sampler)), np.arange(100), atol=1e-4)


@pytest.mark.parametrize("given", [[3, 1, 2], (3, 1, 2), range(3), pd.Series([3, 1, 2]), [[3.0], [1.0]],
                                   pd.DataFrame({"a": [1, 2], "b": [0.5, 2]}), [torch.tensor(1.0), torch.tensor(2.0)],
                                   pd.DataFrame({"a": pd.array([1, 2], dtype="Int64")})])
def test_lists_and_tables_are_taken(given):
    wanted = np.array(given, dtype=float)
    assert np.allclose(from_samples(given).values, wanted)
    assert np.allclose(all_of(from_samples(given)), stats.zscore(wanted).reshape(len(wanted), -1))


@pytest.mark.parametrize("constant", [5.0, 0.1, -1e6, 0.0])
def test_a_constant_feature_is_0_to_the_network_and_comes_back_exactly(constant):
    sampler = from_samples([[constant, i] for i in range(10)])
    assert not all_of(sampler)[:, 0].any() and all_of(sampler)[:, 1].std(correction=0).item() == pytest.approx(1)
    assert sampler.restore(all_of(sampler))[:, 0].tolist() == [constant] * 10
    assert not all_of(from_samples([constant] * 10)).any()
    assert not all_of(from_samples(torch.full((3, 2, 2), constant))).any()  # an image of one color


@pytest.mark.parametrize("given", [
    2**24 + 2 * np.arange(9) + 1, 1_700_000_000 + np.arange(9), -(2**52) + np.arange(9), torch.arange(9) + 2**40,
    1e9 + np.arange(9) / 8,
], ids=str)
def test_numbers_that_float32_would_round_keep_their_differences(given):
    sampler = from_samples(given)
    assert sampler.values.tolist() == given.tolist()
    np.testing.assert_allclose(all_of(sampler).flatten(), stats.zscore(np.arange(9)), atol=1e-6)
    assert sampler.restore(all_of(sampler)).tolist() == pytest.approx(given.tolist(), abs=1e-5)


@pytest.mark.parametrize("shape", [(6, 28, 28), (6, 784), (6, 3, 8, 8), (256,)])
@pytest.mark.parametrize("convert", [np.asarray, torch.tensor, np.ndarray.tolist, lambda x: x[::-1]])
def test_bytes_reach_from_minus_1_to_1_and_come_back_exactly(shape, convert):
    given = np.arange(math.prod(shape), dtype=np.int64).reshape(shape) % 256
    given = convert(given.astype(np.uint8)) if convert is not np.ndarray.tolist else given.astype(np.uint8)
    sampler = from_samples(given)
    shown = all_of(sampler)
    assert shown.shape == (shape[0], math.prod(shape[1:])) and (shown.min(), shown.max()) == (-1, 1)
    back = sampler.restore(shown)
    assert back.dtype == torch.uint8 and np.array_equal(back, given)
    assert sampler.restore(torch.full((1, shown.shape[1]), 3.0)).unique().tolist() == [255]  # clipped, not wrapped
    assert sampler.restore(torch.full((1, shown.shape[1]), -3.0)).unique().tolist() == [0]


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-1, 1), (-3e-5, 2e-5), (0, 255), (1e6, 1e6 + 10), (-3e38, 3e38)])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_images_of_floats_reach_from_minus_1_to_1_and_come_back(low, high, kind):
    given = np.linspace(low, high, 6 * 4 * 5).reshape(6, 4, 5).astype(kind)
    sampler = from_samples(given)
    shown = all_of(sampler)
    assert shown.shape == (6, 20) and (shown.min(), shown.max()) == (-1, 1)
    np.testing.assert_allclose(shown, np.linspace(-1, 1, 120).reshape(6, 20), atol=1e-6 if kind == np.float64 else 0.1)
    assert sampler.restore(shown).numpy().dtype == kind and sampler.restore(shown).shape == (6, 4, 5)
    np.testing.assert_allclose(sampler.restore(shown), given, atol=(float(high) - low) * 1e-7, rtol=1e-7)


def test_a_batch_is_samples_with_replacement_all_equally_likely():
    sampler = from_samples(np.arange(10.0))
    drawn = sampler.restore(sampler(20_000, rng(1)))
    assert stats.chisquare(np.bincount(drawn.round().long(), minlength=10)).pvalue > 1e-3
    index = torch.randint(0, 10, (9,), generator=rng(3))
    assert torch.equal(sampler(9, rng(3)), all_of(sampler)[index])
    assert same_for_the_same_seed(sampler)
    with pytest.raises(ValueError, match="n must be at least 1, got 0"):
        sampler(0, rng())
    with pytest.raises(TypeError, match=r"rng must be a torch\.Generator"):
        sampler(5, 0)


@pytest.mark.parametrize("given", [np.arange(4.0), np.arange(4, dtype=np.float32), torch.arange(4.0),
                                   torch.arange(4).to(torch.uint8)])
def test_later_changes_of_the_data_do_not_reach_the_sampler(given):
    sampler = from_samples(given)
    given[:] = 0
    assert sampler.values.tolist() == [0, 1, 2, 3]


def test_a_sampler_and_its_units_travel():
    sampler = from_samples(TABLE)
    again = pickle.loads(pickle.dumps(sampler))
    assert torch.equal(again(9, rng()), sampler(9, rng())) and sampler.__name__ == "from_samples"
    units = data.Units(**vars(sampler.units))  # as a file of a generator keeps them
    assert torch.equal(units.restore(sampler(9, rng())), sampler.restore(sampler(9, rng())))
    assert [field.name for field in dataclasses.fields(units)][:4] == ["shift", "scale", "shape", "bytes"]


@pytest.mark.parametrize(("given", "error", "says"), [
    (["a", "b"], TypeError, r"takes real numbers, got \['a', 'b'\] \(<U1\)"), ("text", TypeError, "got 'text'"),
    (["1", "2"], TypeError, "real numbers"), (None, TypeError, "got None"), ([1, None], TypeError, r"got \[1, None\]"),
    ({"a": 1}, TypeError, "got {'a': 1}"), (pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), TypeError, "real numbers"),
    (np.array(["2020-01-01", "2021-01-01"], dtype="datetime64[D]"), TypeError, "datetime64"),
    ([True, False], TypeError, r"got \[True, False\] \(bool\)"), (torch.ones(3).bool(), TypeError, r"torch\.bool"),
    (np.array([1 + 2j, 2]), TypeError, "complex128"), (torch.ones(3) * 1j, TypeError, r"torch\.complex64"),
    ([[1, 2], [3]], TypeError, r"got \[\[1, 2\], \[3\]\] .*same length"), (rng, TypeError, "real numbers"),
    ([], ValueError, r"at least 2 samples, got shape \(0,\)"), ([5.0], ValueError, r"got shape \(1,\)"),
    (5.0, ValueError, r"got shape \(\)"), (torch.ones(1, 28, 28), ValueError, r"got shape \(1, 28, 28\).*first axis"),
    (torch.zeros(3, 0), ValueError, r"without any numbers, shape \(3, 0\)"),
    ([1.0, math.nan], ValueError, r"1 of 2 values are NaN or Inf.*first is nan at index \(1,\)"),
    ([[1, 2], [math.inf, -math.inf]], ValueError, r"2 of 4 values .*first is inf at index \(1, 0\)\. Remove"),
    (torch.full((2, 3, 4), math.nan), ValueError, r"24 of 24 values .*index \(0, 0, 0\)"),
    (pd.DataFrame({"a": [1, 2], "b": [0.5, None]}), ValueError, r"nan at index \(1, 1\)"),
    ([1.0, 1e39], ValueError, r"too large for float32; the first is 1e\+39 at index \(1,\)"),
])  # fmt: skip
def test_what_is_no_data_is_refused_in_words(given, error, says):
    with pytest.raises(error, match=f"(?s){says}"):
        from_samples(given)


@pytest.mark.parametrize(("fakes", "says"), [
    (torch.zeros(5, 2), r"takes samples as a tensor \(n, 3\), got \(5, 2\)"), (torch.zeros(3), r"got \(3,\)"),
    ([[0.0] * 3], "got list. Pass what G returned"), (np.zeros((5, 3)), "got ndarray"),
])  # fmt: skip
def test_only_what_g_returned_is_restored(fakes, says):
    with pytest.raises(ValueError, match=says):
        from_samples(TABLE).restore(fakes)


def test_nan_is_no_byte_but_a_number_may_be_nan():
    with pytest.raises(ValueError, match=r"NaN, which no byte stands for"):
        from_samples(torch.arange(6).to(torch.uint8)).restore(torch.tensor([[math.nan]]))
    assert from_samples(TABLE).restore(torch.full((2, 3), math.nan)).isnan().all()
