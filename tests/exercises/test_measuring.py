"""The exercises of chapter 7 against answers of all kinds, and their solutions against SciPy and the package."""

import math

import numpy as np
import pytest
import scipy.linalg
import torch

from gan_helpers import metrics, mnist
from gan_helpers.exercises import NotYet, measuring
from gan_helpers.exercises.kinds import once
from tests.exercises import bank_measuring
from tests.exercises.generic import ODD_RESULTS, ExercisesAsData

measuring.ring_gan.solution = once(measuring.ring_gan.solution)  # trained once a seed


class TestMeasuring(ExercisesAsData):
    module, bank, notebook = measuring, bank_measuring, "07_measuring.ipynb"
    odd_results = (*ODD_RESULTS, (math.nan, 0, True), (0, 1, True), torch.zeros(1000, 6))


def test_the_solutions_are_scipys_root_and_the_packages_metrics():
    rng = np.random.default_rng(3)
    (mean_1, mean_2), covs = rng.normal(size=(2, 5)), [np.cov(rng.normal(size=(5, 17))) for _ in range(2)]
    found = measuring.frechet.solution(*map(torch.tensor, (mean_1, covs[0], mean_2, covs[1])))
    root = scipy.linalg.sqrtm(covs[0] @ covs[1]).real
    assert float(found) == pytest.approx(((mean_1 - mean_2) ** 2).sum() + np.trace(sum(covs) - 2 * root), abs=1e-8)
    real, fake, test = (torch.tensor(rng.normal(size=(n, 4))) for n in (70, 50, 40))
    balls = metrics.clouds.prdc(real, fake, k=4)
    assert [float(share) for share in measuring.precision_recall.solution(real, fake, 4)] == pytest.approx(
        [balls["precision"].mean().item(), balls["recall"].mean().item()])
    expected = metrics.clouds.memorization_ratio(real, test, fake)
    assert float(measuring.memorization.solution(real, test, fake)) == pytest.approx(expected)
    pair, dice = (real[:, 0], fake[:, 0] + 0.4), torch.Generator().manual_seed(1)
    low, high, _ = measuring.difference_interval.solution(*pair, dice)
    gap, under, over = metrics.statistics.bootstrap(lambda a, b: (a.mean() - b.mean()).item(), *pair, rng=dice,
                                                    times=2000)
    assert (2 * gap - high, 2 * gap - low) == pytest.approx((under, over), abs=0.05)


def test_no_mix_of_nine_digits_comes_below_the_least():
    rng = torch.Generator().manual_seed(4)
    real = torch.randint(10, (500,), generator=rng)
    best = torch.cat([real[real != 3], real[real != 3][:5]])
    for fake in (best, *(torch.randint(10, (300,), generator=rng) for _ in range(20))):
        distance, least = measuring.digit_mix.solution(real, fake[fake != 3])
        assert float(distance) == pytest.approx(metrics.digits.total_variation(real, fake[fake != 3]), abs=1e-6)
        assert float(least) == pytest.approx((real == 3).double().mean().item())
        assert float(distance) >= float(least) - 1e-6


def test_the_frechet_distance_of_finite_samples_falls_as_one_over_n_and_the_line_finds_its_end():
    """Two samples of one distribution: the distance at infinitely many is 0."""
    rng, sizes = torch.Generator().manual_seed(6), [100, 200, 400, 800]
    means = [sum(metrics.clouds.frechet_distance(*torch.randn(2, n, 8, generator=rng)) for _ in range(60)) / 60
             for n in sizes]
    assert means == sorted(means, reverse=True)
    assert means[0] > 0.2 and abs(measuring.extrapolate.solution(sizes, means)) < 0.1 * means[-1]


def test_the_function_as_found_is_told_and_makes_each_fake_again_and_again():
    names, rng = TestMeasuring().answers("exercises"), torch.Generator().manual_seed(1)
    with pytest.raises(NotYet, match="only 100 are different"):
        measuring.draw_fakes(names["fakes_as_found"])
    assert len(names["fakes_as_found"](torch.nn.Linear(100, 3), 450, rng).unique(dim=0)) == 100


def test_a_hundred_photographs_have_the_distance_that_is_said():
    train = mnist.images("train").pixels
    reference = metrics.clouds.mean_and_covariance(metrics.digits.features(train[:10_000]))
    features = metrics.digits.features(train[20_000:20_100])
    drawn = features[torch.randint(100, (10_000,), generator=torch.Generator().manual_seed(2))]
    distance = metrics.clouds.frechet_gaussians(*reference, *metrics.clouds.mean_and_covariance(drawn))
    measuring.hundred_photos(distance)
    assert 12 < distance < 45


def test_plain_training_misses_most_of_the_ring_and_new_samples_miss_little():
    new = measuring.data.ring(1000, torch.Generator().manual_seed(3))
    assert measuring.missed(measuring._ring_gan(300)(1)) > 0.7
    assert 1 - metrics.clouds.prdc(measuring._ring_seen(), new, k=5)["coverage"].mean() < 0.08
