"""The exact table of a generator against brute force, and the numbers that are read from it against scipy."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from torch import nn

from gan_helpers.generators import bit_generator
from gan_helpers.metrics import bits
from gan_helpers.training import stack

NUMBERS = bits.validity, bits.coverage, bits.entropy


def generator(seed, width=7, scale=4.0):
    torch.manual_seed(seed)
    result = bit_generator(width)
    result[0].weight.data.mul_(scale)
    return result


def brute_force(network, width):
    """The table, one noise value and one bit at a time."""
    table = [0.0] * 2**width
    for noise in itertools.product((0.0, 1.0), repeat=width):
        number = 0
        for output in network(torch.tensor(noise)).tolist():
            number = 2 * number + (output > 0.5)
        table[number] += 1 / 2**width
    return table


@pytest.mark.parametrize(("seed", "width"), [(0, 7), (1, 7), (2, 7), (3, 1), (4, 3), (5, 10)])
def test_the_table_is_that_of_brute_force(seed, width):
    network = generator(seed, width)
    table = bits.probability_table(network, width)
    assert table.tolist() == brute_force(network, width)
    assert table.dtype == torch.float64
    assert not table.requires_grad


def test_a_copying_generator_has_the_uniform_table_and_one_half_rounds_down():
    assert bits.probability_table(nn.Identity()).tolist() == [1 / 128] * 128
    assert bits.table_of(torch.full((128, 7), 0.5))[0] == 1


def test_stacked_generators_have_the_table_of_each_one_alone():
    networks = [generator(seed) for seed in range(5)]
    tables = bits.probability_table(stack(networks))
    assert tables.shape == (5, 128)
    for row, network in zip(tables, networks, strict=True):
        assert torch.equal(row, bits.probability_table(network))
    for number in NUMBERS:
        assert number(tables).shape == (5,)
        assert torch.equal(number(tables), torch.stack([number(row) for row in tables]))


weights = st.integers(1, 6).flatmap(lambda w: st.lists(st.integers(0, 50), min_size=2**w, max_size=2**w)).filter(any)


@given(weights)
def test_validity_coverage_and_entropy_of_any_table(counts):
    p = np.array(counts) / sum(counts)
    table = torch.tensor(p)
    assert bits.validity(table).item() == pytest.approx(sum(p[k] for k in range(0, len(p), 2)))
    assert bits.coverage(table).item() == sum(counts[k] > 0 for k in range(0, len(p), 2))
    assert bits.entropy(table).item() == pytest.approx(stats.entropy(p, base=2), abs=1e-12)


def test_the_perfect_table():
    table = torch.zeros(128, dtype=torch.float64)
    table[::2] = 1 / 64
    assert [number(table).item() for number in NUMBERS] == [1, 64, 6]
    one = torch.eye(128)[56]
    assert [number(one).item() for number in NUMBERS] == [1, 1, 0]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(("table", "says"), [
    *[(table, r"0 or more and sum to 1\. Divide counts by their sum") for table in (
        torch.ones(128), torch.zeros(128), torch.full((128,), torch.nan), torch.tensor([1.5, -0.5]),
        torch.stack([torch.eye(4)[0], torch.ones(4)]), torch.tensor([0.5, 0.5 - 1e-3]))],
    *[(table, "a table holds probabilities, got torch") for table in (
        torch.bincount(torch.arange(4)), torch.tensor(1.0), torch.tensor([1.0]))],
])  # fmt: skip
def test_tables_are_probabilities_that_sum_to_one(table, says, number):
    with pytest.raises(ValueError, match=says):
        number(table)


@pytest.mark.parametrize(("call", "error", "says"), [
    (lambda: bits.probability_table(nn.Linear(7, 5)), ValueError, r"shape \(\.\.\., 128, 7\), got \(128, 5\).*last"),
    (lambda: bits.probability_table(nn.Linear(5, 7)), ValueError, r"cannot take noise of shape \(128, 7\)"),
    (lambda: bits.table_of(torch.rand(64, 7)), ValueError, r"got \(64, 7\)"),
    *[(lambda bad=bad: bits.table_of(torch.full((128, 7), bad)), ValueError, "not finite.*diverged")
      for bad in (torch.nan, torch.inf, -torch.inf)],
    *[(lambda width=width: bits.probability_table(bit_generator(), width), error, "width must be")
      for width, error in ((0, ValueError), (21, ValueError), (True, TypeError), (7.0, TypeError))],
])  # fmt: skip
def test_outputs_of_another_shape_or_of_a_diverged_generator_are_refused(call, error, says):
    with pytest.raises(error, match=says):
        call()


@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
def test_a_generator_whose_weights_are_not_finite_is_refused(bad):
    network = bit_generator()
    network[0].weight.data.fill_(bad)
    with pytest.raises(ValueError, match=r"not finite.*diverged"):
        bits.probability_table(network)
