"""The Wasserstein distance to a normal distribution against scipy, and hits of a ring that can be counted by hand."""

import numpy as np
import pytest
import torch
from scipy import stats

from gan_helpers.data import ring, ring_centres
from gan_helpers.metrics import distances
from tests.helpers import rng


@pytest.mark.parametrize("sample", [stats.norm(4, 1.25), stats.norm(6, 0.5), stats.uniform(0, 3)])
def test_wasserstein_is_scipys(sample):
    n = 2000
    middles = (np.arange(n) + 0.5) / n
    outputs = sample.ppf(middles)
    oracle = stats.wasserstein_distance(outputs, stats.norm(4, 1.25).ppf(middles))
    shuffled = torch.tensor(np.random.default_rng(0).permutation(outputs))
    assert distances.wasserstein_to_gaussian(shuffled, 4, 1.25).item() == pytest.approx(oracle, abs=1e-9)


def test_wasserstein_of_a_shift_is_the_shift_and_works_on_stacks():
    middles = torch.from_numpy(stats.norm(4, 1.25).ppf((np.arange(1000) + 0.5) / 1000)).requires_grad_()
    stacked = torch.stack([middles, middles + 0.3, middles.flip(0)])
    found = distances.wasserstein_to_gaussian(stacked, 4, 1.25)
    assert found.tolist() == pytest.approx([0, 0.3, 0], abs=1e-12)
    assert found.dtype == distances.wasserstein_to_gaussian(stacked.float(), 4, 1.25).dtype == torch.float64
    assert not found.requires_grad


@pytest.mark.parametrize("n", [20, 1000])
def test_quantiles_of_a_wider_normal_distribution_are_at_a_known_distance(n):
    """W1 of N(0, 1) and N(0, s) is |s - 1| E|z|; with n quantiles, E|z| is their mean."""
    z = stats.norm.ppf((np.arange(n) + 0.5) / n)
    found = distances.wasserstein_to_gaussian(torch.tensor(3 * z), 0, 1).item()
    assert found == pytest.approx(2 * np.abs(z).mean())
    assert found == pytest.approx(2 * np.sqrt(2 / np.pi), rel=1 / n)


def hits(samples, within=0.5, modes=4):
    found, share = distances.ring_hits(samples, ring_centres(modes), within)
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
    stacks = torch.stack([ring(400, rng(0)), torch.randn(400, 2, generator=rng(1)), ring(400, rng(2), std=1.0)])
    modes, share = distances.ring_hits(stacks, ring_centres(), 0.3)
    assert (modes.shape, modes.dtype, share.shape) == ((3,), torch.int64, (3,))
    for i, samples in enumerate(stacks):
        alone = distances.ring_hits(samples, ring_centres(), 0.3)
        assert (modes[i], share[i]) == alone
    assert modes[0] == 8
    # within three standard deviations of its centre lies 1 - exp(-9 / 2) of a round Gaussian
    assert share[0].item() == pytest.approx(1 - np.exp(-4.5), abs=0.02)


@pytest.mark.parametrize(("call", "says"), [
    (lambda: distances.ring_hits(torch.zeros(5, 3), ring_centres(), 0.3),
     r"samples must have shape \(\.\.\., n, 2\).*got \(5, 3\)"),
    (lambda: distances.ring_hits(torch.zeros(2), ring_centres(), 0.3), r"got \(2,\)"),
    (lambda: distances.ring_hits(torch.zeros(5, 2), torch.zeros(8, 3), 0.3), r"\(8, 3\)"),
    (lambda: distances.ring_hits(torch.zeros(5, 2), ring_centres(), 0), "within must be above 0 and finite, got 0"),
    (lambda: distances.wasserstein_to_gaussian(torch.zeros(5), 4, 0), "std must be above 0"),
    (lambda: distances.wasserstein_to_gaussian(torch.zeros(5), float("nan"), 1), "mean must be finite, got nan"),
    (lambda: distances.wasserstein_to_gaussian(torch.zeros(1), 4, 1), "at least 2 numbers"),
    (lambda: distances.wasserstein_to_gaussian(torch.zeros(()), 4, 1), r"got shape \(\)"),
])  # fmt: skip
def test_bad_input_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()
