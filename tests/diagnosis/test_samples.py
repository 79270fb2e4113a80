import numpy as np
import pytest
import torch
from prdc import compute_prdc
from scipy.stats import mannwhitneyu, wasserstein_distance
from sklearn.neighbors import NearestNeighbors

from gan_helpers.diagnosis import samples
from tests.helpers import rng


def test_the_distance_of_numbers_is_the_wasserstein_distance_in_standard_deviations():
    real, fake = 5 * torch.randn(300, 1, generator=rng(0)) + 3, torch.randn(300, 1, generator=rng(1))
    expected = wasserstein_distance(real.flatten(), fake.flatten()) / np.std(real.numpy(), ddof=1)
    assert samples.sliced_distance(real, fake) == pytest.approx(expected, rel=1e-5)


def test_the_distance_along_directions_does_not_depend_on_the_units():
    real, fake = torch.randn(200, 3, generator=rng(0)), torch.randn(200, 3, generator=rng(1)) + 1
    assert samples.sliced_distance(1000 * real, 1000 * fake) == pytest.approx(samples.sliced_distance(real, fake),
                                                                              rel=1e-4)
    assert samples.sliced_distance(real, real.flip(0)) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("ties", [False, True])
def test_auc_is_mann_whitneys_u(ties):
    high, low = torch.randn(70, generator=rng(0)) + 0.5, torch.randn(40, generator=rng(1))
    if ties:
        high, low = high.round(), low.round()
    expected = mannwhitneyu(high.numpy(), low.numpy()).statistic / (70 * 40)
    assert samples.auc(high, low) == pytest.approx(expected)


def test_spread_compares_median_distances():
    real = torch.randn(500, 2, generator=rng(0))
    assert samples.spread(real, 0.1 * real) == pytest.approx(0.1, rel=1e-4)
    assert samples.spread(real, torch.ones(500, 2)) == 0


def test_precision_and_coverage_are_those_of_their_authors():
    real, fake = torch.randn(200, 2, generator=rng(0)), 0.3 * torch.randn(200, 2, generator=rng(1))
    found = samples.precision_and_coverage(real, fake, rng(2))
    draw, blur = rng(2), samples.JITTER * real.numpy().var(0, ddof=1).mean() ** 0.5
    clouds = [cloud + blur * torch.randn(cloud.shape, generator=draw) for cloud in (real, fake)]
    expected = compute_prdc(*(cloud.double().numpy() for cloud in clouds), nearest_k=samples.NEAREST)
    assert found == pytest.approx((expected["precision"], expected["coverage"]), abs=0.011)


def test_copying_compares_distances_to_the_nearest_training_sample():
    train, held_out, fake = (torch.randn(n, 2, generator=rng(n)) for n in (30, 50, 60))
    near = NearestNeighbors(n_neighbors=1).fit(train.numpy())
    medians = [np.quantile(near.kneighbors(cloud.numpy())[0], 0.5, method="lower") for cloud in (held_out, fake)]
    assert samples.copying(train, held_out, fake) == pytest.approx(medians[1] / medians[0], rel=1e-5)
    assert samples.copying(train, held_out, train) == 0
    assert np.isnan(samples.copying(train, train, fake))  # nothing to compare with
