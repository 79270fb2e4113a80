"""The exact table of a generator against brute force, and the numbers that are read from it against scipy."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from torch import nn

from gan_helpers import metrics
from gan_helpers.data import ring, ring_centres
from gan_helpers.generators import bit_generator
from gan_helpers.training import stack


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
    table = metrics.bits.probability_table(network, width)
    assert table.tolist() == brute_force(network, width)
    assert table.dtype == torch.float64
    assert not table.requires_grad


def test_a_copying_generator_has_the_uniform_table_and_one_half_rounds_down():
    assert metrics.bits.probability_table(nn.Identity()).tolist() == [1 / 128] * 128
    assert metrics.bits.table_of(torch.full((128, 7), 0.5))[0] == 1


def test_stacked_generators_have_the_table_of_each_one_alone():
    networks = [generator(seed) for seed in range(5)]
    tables = metrics.bits.probability_table(stack(networks))
    assert tables.shape == (5, 128)
    for row, network in zip(tables, networks, strict=True):
        assert torch.equal(row, metrics.bits.probability_table(network))
    for number in (metrics.bits.validity, metrics.bits.coverage, metrics.bits.entropy):
        assert number(tables).shape == (5,)
        assert torch.equal(number(tables), torch.stack([number(row) for row in tables]))


weights = st.integers(1, 6).flatmap(lambda w: st.lists(st.integers(0, 50), min_size=2**w, max_size=2**w)).filter(any)


@given(weights)
def test_validity_coverage_and_entropy_of_any_table(counts):
    p = np.array(counts) / sum(counts)
    table = torch.tensor(p)
    assert metrics.bits.validity(table).item() == pytest.approx(sum(p[k] for k in range(0, len(p), 2)))
    assert metrics.bits.coverage(table).item() == sum(counts[k] > 0 for k in range(0, len(p), 2))
    assert metrics.bits.entropy(table).item() == pytest.approx(stats.entropy(p, base=2), abs=1e-12)


def test_the_perfect_table():
    table = torch.zeros(128, dtype=torch.float64)
    table[::2] = 1 / 64
    assert [f(table).item() for f in (metrics.bits.validity, metrics.bits.coverage, metrics.bits.entropy)] == [1, 64, 6]
    one = torch.eye(128)[56]
    assert [f(one).item() for f in (metrics.bits.validity, metrics.bits.coverage, metrics.bits.entropy)] == [1, 1, 0]


@pytest.mark.parametrize("table", [
    torch.ones(128), torch.zeros(128), torch.full((128,), torch.nan), torch.tensor([1.5, -0.5]),
    torch.stack([torch.eye(4)[0], torch.ones(4)]),
])  # fmt: skip
@pytest.mark.parametrize("number", [metrics.bits.validity, metrics.bits.coverage, metrics.bits.entropy])
def test_tables_sum_to_one(table, number):
    with pytest.raises(ValueError, match=r"0 or more and sum to 1\. Divide counts by their sum"):
        number(table)


@pytest.mark.parametrize("table", [torch.bincount(torch.arange(4)), torch.tensor(1.0), torch.tensor([1.0])])
def test_counts_and_single_numbers_are_no_tables(table):
    with pytest.raises(ValueError, match="a table holds probabilities, got torch"):
        metrics.bits.validity(table)


def test_outputs_of_another_width_are_refused():
    with pytest.raises(ValueError, match=r"shape \(\.\.\., 128, 7\), got \(128, 5\).*last layer"):
        metrics.bits.probability_table(nn.Linear(7, 5))
    with pytest.raises(ValueError, match=r"got \(64, 7\)"):
        metrics.bits.table_of(torch.rand(64, 7))


@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
def test_outputs_of_a_diverged_generator_are_refused(bad):
    network = bit_generator()
    network[0].weight.data.fill_(bad)
    with pytest.raises(ValueError, match=r"not finite.*diverged"):
        metrics.bits.probability_table(network)


@pytest.mark.parametrize(("width", "error"), [(0, ValueError), (21, ValueError), (True, TypeError), (7.0, TypeError)])
def test_widths_that_cannot_be_listed_are_refused(width, error):
    with pytest.raises(error, match="width must be"):
        metrics.bits.probability_table(bit_generator(), width)


def hits(samples, within=0.5, modes=4):
    found, share = metrics.distances.ring_hits(samples, ring_centres(modes), within)
    return found.tolist(), share.tolist()


def test_ring_hits_of_samples_that_can_be_counted_by_hand():
    centres = ring_centres(4)
    assert hits(centres) == (4, 1.0)
    assert hits(centres[:1].expand(9, 2)) == (1, 1.0)  # all on one mode
    assert hits(torch.zeros(9, 2)) == (0, 0.0)  # none within
    assert hits(torch.full((9, 2), torch.nan)) == (0, 0.0)
    assert hits(torch.cat([centres[:2], torch.zeros(2, 2)])) == (2, 0.5)
    edge = torch.tensor([[2.5, 0.0], [2.501, 0.0]])  # a sample on the edge hits, one outside does not
    assert hits(edge) == (1, 0.5)


def test_a_mode_needs_a_fifth_of_its_fair_share():
    few = ring_centres(4)[[0] * 95 + [1] * 5]  # 100 samples: a fair share is 25, a fifth of it 5
    assert hits(few) == (2, 1.0)
    assert hits(few[:-1].repeat(100, 1)[:9900]) == (1, 1.0)


def test_ring_hits_of_stacks_are_those_of_each_alone_and_the_data_hit_every_mode():
    rng = torch.Generator().manual_seed(0)
    stacks = torch.stack([ring(400, rng), torch.randn(400, 2, generator=rng), ring(400, rng, std=1.0)])
    modes, share = metrics.distances.ring_hits(stacks, ring_centres(), 0.3)
    assert (modes.shape, modes.dtype, share.shape) == ((3,), torch.int64, (3,))
    for i, samples in enumerate(stacks):
        alone = metrics.distances.ring_hits(samples, ring_centres(), 0.3)
        assert (modes[i], share[i]) == alone
    assert modes[0] == 8
    # within three standard deviations of its centre lies 1 - exp(-9 / 2) of a round Gaussian
    assert share[0].item() == pytest.approx(1 - np.exp(-4.5), abs=0.02)


@pytest.mark.parametrize(("samples", "centres", "within", "says"), [
    (torch.zeros(5, 3), ring_centres(), 0.3, r"samples must have shape \(\.\.\., n, 2\).*got \(5, 3\)"),
    (torch.zeros(2), ring_centres(), 0.3, r"got \(2,\)"), (torch.zeros(5, 2), torch.zeros(8, 3), 0.3, r"\(8, 3\)"),
    (torch.zeros(5, 2), ring_centres(), 0, "within must be above 0 and finite, got 0"),
])  # fmt: skip
def test_ring_hits_refuses_other_shapes(samples, centres, within, says):
    with pytest.raises(ValueError, match=says):
        metrics.distances.ring_hits(samples, centres, within)
