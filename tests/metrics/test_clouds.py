"""The metrics of samples against torchmetrics, prdc, scipy and scikit-learn, and against answers known by hand."""

import math

import numpy as np
import pytest
import torch
from prdc import compute_prdc
from scipy.linalg import sqrtm
from scipy.stats import bootstrap as scipy_bootstrap
from sklearn.neighbors import NearestNeighbors
from torchmetrics.image.fid import FrechetInceptionDistance

from gan_helpers import metrics, mnist


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def cloud(n=400, features=6, seed=0, shift=0.0, stretch=1.0):
    mixing = torch.randn(features, features, generator=rng(99)).double()
    return (torch.randn(n, features, generator=rng(seed)).double() @ mixing) * stretch + shift


class Through(torch.nn.Module):
    """What torchmetrics calls a feature extractor: here the numbers pass through."""

    num_features = 6

    def forward(self, x):
        return x.flatten(1)


@pytest.mark.parametrize("other", [cloud(seed=1), cloud(300, seed=2, shift=0.5), cloud(350, seed=3, stretch=2.0)])
def test_frechet_distance_is_that_of_torchmetrics(other):
    judge = FrechetInceptionDistance(Through(), normalize=True, input_img_size=(1, 1, 6)).set_dtype(torch.float64)
    judge.update(cloud(), real=True)
    judge.update(other, real=False)
    assert metrics.clouds.frechet_distance(cloud(), other) == pytest.approx(judge.compute().item(), rel=1e-3, abs=1e-3)


def test_frechet_distance_of_the_classifiers_features_is_that_of_torchmetrics():
    class Features(torch.nn.Module):
        num_features = 64

        def forward(self, pixels):
            return metrics.digits.features(pixels)

    train, test = (mnist.images(split).pixels[:1000] for split in ("train", "test"))
    judge = FrechetInceptionDistance(Features(), normalize=True, input_img_size=(1, 28, 28)).set_dtype(torch.float64)
    judge.update(train.unsqueeze(1), real=True)
    judge.update(test.unsqueeze(1), real=False)
    ours = metrics.clouds.frechet_distance(metrics.digits.features(train), metrics.digits.features(test))
    assert ours == pytest.approx(judge.compute().item(), rel=1e-3, abs=1e-3)


def test_frechet_of_gaussians_is_the_textbook_formula_with_scipys_matrix_root():
    (m1, c1), (m2, c2) = metrics.clouds.mean_and_covariance(cloud()), metrics.clouds.mean_and_covariance(cloud(seed=5, shift=1.0, stretch=0.3))
    wanted = (m1 - m2).square().sum() + np.trace(c1 + c2 - 2 * sqrtm((c1 @ c2).numpy()).real)
    assert metrics.clouds.frechet_gaussians(m1, c1, m2, c2) == pytest.approx(float(wanted), rel=1e-9)


def test_on_a_line_it_is_the_difference_of_means_and_of_stds_squared():
    one = [torch.tensor([1.0]), torch.tensor([[4.0]]), torch.tensor([-2.0]), torch.tensor([[9.0]])]
    assert metrics.clouds.frechet_gaussians(*one) == pytest.approx(3**2 + (2 - 3) ** 2)


def test_a_cloud_is_at_distance_zero_from_itself_and_a_shift_adds_its_square():
    assert abs(metrics.clouds.frechet_distance(cloud(), cloud())) < 1e-9
    shift = torch.tensor([3.0, 0, 0, -4.0, 0, 0]).double()
    assert metrics.clouds.frechet_distance(cloud(), cloud() + shift) == pytest.approx(25)


def test_a_singular_covariance_is_no_obstacle():
    flat = cloud()
    flat[:, 0] = 0
    assert abs(metrics.clouds.frechet_distance(flat, flat)) < 1e-6
    assert math.isfinite(metrics.clouds.frechet_distance(flat, cloud()))


@pytest.mark.parametrize("k", [1, 3, 5, 17])
@pytest.mark.parametrize("other", [cloud(seed=1), cloud(250, seed=2, shift=1.0), cloud(500, seed=3, stretch=0.4)])
def test_precision_recall_density_and_coverage_are_those_of_prdc(k, other, capsys):
    wanted = compute_prdc(cloud().numpy(), other.numpy(), nearest_k=k)
    found = metrics.clouds.prdc(cloud(), other, k)
    assert len(found["precision"]) == len(found["density"]) == len(other)
    assert len(found["recall"]) == len(found["coverage"]) == 400
    for name, value in found.items():
        assert value.mean().item() == pytest.approx(wanted[name], abs=1e-3), name


def test_more_rows_than_one_block_change_nothing(monkeypatch):
    whole = metrics.clouds.prdc(cloud(), cloud(seed=1), 5)
    monkeypatch.setattr(quality, "ROWS", 37)
    for name, value in metrics.clouds.prdc(cloud(), cloud(seed=1), 5).items():
        assert torch.equal(value, whole[name])


def test_nearest_is_that_of_scikit_learn():
    distance, index = metrics.clouds.nearest(cloud(), cloud(300, seed=7))
    wanted, at = NearestNeighbors(n_neighbors=1).fit(cloud().numpy()).kneighbors(cloud(300, seed=7).numpy())
    assert np.allclose(distance.numpy(), wanted[:, 0], atol=1e-6) and np.array_equal(index.numpy(), at[:, 0])


def test_a_memorised_cloud_is_at_distance_zero_of_the_training_set():
    train = cloud(seed=1)
    assert metrics.clouds.memorization_ratio(train, cloud(seed=2), train[:100]) < 1e-6
    assert metrics.clouds.memorization_ratio(train, cloud(seed=2), cloud(seed=3)) == pytest.approx(1, abs=0.15)
    assert metrics.clouds.memorization_ratio(train, cloud(seed=2), cloud(seed=3) + 50) > 5


def test_total_variation_by_hand():
    ones, twos = torch.ones(4, dtype=torch.long), torch.full((8,), 2)
    assert metrics.digits.total_variation(ones, twos) == 1
    assert metrics.digits.total_variation(ones, torch.cat([ones, twos[:4]])) == 0.5
    assert metrics.digits.total_variation(torch.arange(10), torch.arange(10).repeat(7)) == pytest.approx(0)


@pytest.mark.parametrize("bad", [torch.tensor([], dtype=torch.long), torch.tensor([10])])
def test_what_is_no_digit_is_refused(bad):
    with pytest.raises(ValueError, match="digits from 0 to 9"):
        metrics.digits.total_variation(bad, torch.arange(10))


def test_the_bootstrap_interval_is_scipys_basic_one():
    sample = torch.randn(200, generator=rng(4)).double() ** 2
    wanted = scipy_bootstrap((sample.numpy(),), np.mean, method="basic", n_resamples=4000, rng=0).confidence_interval
    estimate, low, high = metrics.statistics.bootstrap(torch.mean, sample, rng=rng(), times=4000)
    assert estimate == pytest.approx(sample.mean().item())
    assert (low, high) == pytest.approx((wanted.low, wanted.high), abs=0.03)


def test_the_intervals_contain_the_truth_about_as_often_as_they_say():
    """200 experiments with known means: a 95 % interval misses 3 to 30 of them (basic intervals are a little short)."""
    missed = 0
    for seed in range(200):
        sample = torch.randn(60, generator=rng(seed)).double()
        _, low, high = metrics.statistics.bootstrap(torch.mean, sample, rng=rng(seed), times=200)
        missed += not low <= 0 <= high
    assert 3 <= missed <= 30


def test_two_samples_are_resampled_apart_and_a_seed_says_which():
    difference = lambda a, b: (a.mean() - b.mean()).item()  # noqa: E731
    one = metrics.statistics.bootstrap(difference, cloud(seed=1), cloud(300, seed=2), rng=rng(7))
    assert one == metrics.statistics.bootstrap(difference, cloud(seed=1), cloud(300, seed=2), rng=rng(7))
    assert one != metrics.statistics.bootstrap(difference, cloud(seed=1), cloud(300, seed=2), rng=rng(8))
    assert one[1] < one[0] < one[2]


@pytest.mark.parametrize(("call", "error", "words"), [
    (lambda: metrics.clouds.frechet_distance(cloud(6), cloud()), ValueError, "real has 6 samples of 6 features.*at least 7"),
    (lambda: metrics.clouds.frechet_distance(cloud(), cloud(3)), ValueError, "fake has 3 samples"),
    (lambda: metrics.clouds.frechet_distance(cloud(), cloud(features=5)), ValueError, "6 and 5 features"),
    (lambda: metrics.clouds.frechet_distance(cloud(), cloud() * math.nan), ValueError, "NaN or Inf"),
    (lambda: metrics.clouds.frechet_distance(cloud(), cloud()[:0]), ValueError, "empty"),
    (lambda: metrics.clouds.frechet_distance(cloud(), cloud().long()), TypeError, "tensor of floats"),
    (lambda: metrics.clouds.frechet_distance(cloud(), [[1.0]]), TypeError, "tensor of floats"),
    (lambda: metrics.clouds.frechet_distance(cloud(), cloud()[0]), TypeError, r"shape \(6,\)"),
    (lambda: metrics.clouds.prdc(cloud(5), cloud(), 5), ValueError, "k is 5, but real has 5 samples"),
    (lambda: metrics.clouds.prdc(cloud(), cloud(3), 3), ValueError, "fake has 3 samples"),
    (lambda: metrics.clouds.prdc(cloud(), cloud(), 0), ValueError, "k must be at least 1"),
    (lambda: metrics.clouds.prdc(cloud(), cloud(), 2.5), TypeError, "whole number"),
    (lambda: metrics.statistics.bootstrap(torch.mean, cloud()[:1], rng=rng()), ValueError, "at least two"),
    (lambda: metrics.statistics.bootstrap(torch.mean, rng=rng()), ValueError, "at least two"),
    (lambda: metrics.statistics.bootstrap(torch.mean, cloud(), rng=0), TypeError, "torch.Generator"),
    (lambda: metrics.statistics.bootstrap(torch.mean, cloud(), rng=rng(), level=95), ValueError, "level must be"),
])
def test_bad_input_is_refused_in_words(call, error, words):
    with pytest.raises(error, match=words):
        call()
