"""The checks of chapter 7 against the bank: wrong answers get the message meant for them, right ones pass."""

import math

import numpy as np
import pytest
import scipy.linalg
import torch

from gan_helpers import metrics
from gan_helpers.exercises import measuring
from tests.exercises import bank_measuring
from tests.exercises.bank import ODD_RESULTS, ChecksAgainstTheirBank

pytestmark = pytest.mark.filterwarnings("ignore:Casting complex values")


class TestMeasuring(ChecksAgainstTheirBank):
    checks, bank, notebook = measuring, bank_measuring, "07_measuring.ipynb"
    odd_results = (
        *ODD_RESULTS, (0, 0), (math.nan, 0), (math.inf, -math.inf), (None, None), ("a", "b"), ([], []), (1j, 0),
        (0, 0, 0), (0, 0, True), (0, 1, "yes"), (math.nan, math.nan, True), (None, None, None), (math.inf, 1, False),
        torch.zeros(1000, 6), torch.zeros(1000, 6, dtype=torch.long), torch.full((1000, 6), torch.inf), 1e300, -1e300,
        np.zeros((1000, 6)), torch.zeros(2), torch.zeros(3), [0.0] * 3, {0: 1, 1: 2, 2: 3}, np.array(0.2),
    )  # fmt: skip


def solution(name):
    return TestMeasuring().answers("solutions")[0][name]


@pytest.mark.parametrize("features", (1, 3, 16))
def test_the_frechet_distance_is_that_of_scipys_root_and_of_the_package(features):
    rng = np.random.default_rng(features)
    mean_1, mean_2 = rng.normal(size=(2, features))
    cov_1, cov_2 = (np.cov(rng.normal(size=(features, 3 * features + 2))).reshape(features, features) for _ in range(2))
    given = [torch.tensor(part) for part in (mean_1, cov_1, mean_2, cov_2)]
    root = scipy.linalg.sqrtm(cov_1 @ cov_2).real
    expected = ((mean_1 - mean_2) ** 2).sum() + np.trace(cov_1 + cov_2 - 2 * root)
    assert float(solution("frechet")(*given)) == pytest.approx(expected, abs=1e-8)
    assert metrics.clouds.frechet_gaussians(*given) == pytest.approx(expected, abs=1e-6)


def test_the_other_solutions_are_the_packages_metrics():
    rng = torch.Generator().manual_seed(3)
    real, fake, test = (torch.randn(n, 4, generator=rng, dtype=torch.float64) for n in (70, 50, 40))
    found = metrics.clouds.prdc(real, fake, k=4)
    assert [float(share) for share in solution("precision_recall")(real, fake, 4)] == pytest.approx(
        [found["precision"].mean().item(), found["recall"].mean().item()])
    expected = metrics.clouds.memorization_ratio(real, test, fake)
    assert float(solution("memorisation")(real, test, fake)) == pytest.approx(expected)
    digits = torch.randint(10, (90,), generator=rng), torch.randint(9, (60,), generator=rng)
    distance, least = solution("digit_mix")(*digits)
    assert float(distance) == pytest.approx(metrics.digits.total_variation(*digits), abs=1e-6)
    assert 0 < float(least) <= float(distance)


def test_no_mix_of_nine_digits_comes_below_the_least():
    rng = torch.Generator().manual_seed(4)
    real = torch.randint(10, (500,), generator=rng)
    best = torch.cat([real[real != 3], real[real != 3][:5]])
    for fake in (best, *(torch.randint(10, (300,), generator=rng) for _ in range(20))):
        distance, least = solution("digit_mix")(real, fake[fake != 3])
        assert float(least) == pytest.approx((real == 3).double().mean().item())
        assert float(distance) >= float(least) - 1e-6


def test_the_interval_is_the_packages_turned_round():
    rng = torch.Generator().manual_seed(5)
    first, second = torch.randn(150, generator=rng).double(), torch.randn(90, generator=rng).double() + 0.4
    low, high, shows = solution("difference_interval")(first, second, rng)
    gap, under, over = metrics.statistics.bootstrap(lambda a, b: (a.mean() - b.mean()).item(), first, second, rng=rng,
                                                    times=2000)
    assert (2 * gap - high, 2 * gap - low) == pytest.approx((under, over), abs=0.03)
    assert shows == (high < 0 or low > 0)


def test_the_frechet_distance_of_finite_samples_falls_as_one_over_n_and_the_line_finds_its_end():
    """Two samples of one distribution: the distance at infinitely many is 0."""
    rng, sizes = torch.Generator().manual_seed(6), [100, 200, 400, 800]
    means = [sum(metrics.clouds.frechet_distance(*torch.randn(2, n, 8, generator=rng)) for _ in range(60)) / 60
             for n in sizes]
    assert means == sorted(means, reverse=True)
    assert means[0] > 0.2 and abs(solution("extrapolate")(sizes, means)) < 0.1 * means[-1]
