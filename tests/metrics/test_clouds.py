"""The metrics of samples against torchmetrics, prdc, scipy and scikit-learn, and against answers known by hand."""

import math
import re
import warnings

import numpy as np
import pytest
import torch
from prdc import compute_prdc
from scipy.linalg import sqrtm
from sklearn.neighbors import NearestNeighbors
from torchmetrics.image.fid import FrechetInceptionDistance

from gan_helpers import mnist
from gan_helpers.data import even_numbers
from gan_helpers.metrics import clouds, digits
from tests.helpers import rng


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
    assert clouds.frechet_distance(cloud(), other) == pytest.approx(judge.compute().item(), rel=1e-3, abs=1e-3)


def test_frechet_distance_of_the_classifiers_features_is_that_of_torchmetrics():
    class Features(torch.nn.Module):
        num_features = 64

        def forward(self, pixels):
            return digits.features(pixels)

    train, test = (mnist.images(split).pixels[:1000] for split in ("train", "test"))
    judge = FrechetInceptionDistance(Features(), normalize=True, input_img_size=(1, 28, 28)).set_dtype(torch.float64)
    judge.update(train.unsqueeze(1), real=True)
    judge.update(test.unsqueeze(1), real=False)
    ours = clouds.frechet_distance(digits.features(train), digits.features(test))
    assert ours == pytest.approx(judge.compute().item(), rel=1e-3, abs=1e-3)


def test_frechet_of_gaussians_is_the_textbook_formula_with_scipys_matrix_root():
    (m1, c1), (m2, c2) = map(clouds.mean_and_covariance, (cloud(), cloud(seed=5, shift=1.0, stretch=0.3)))
    wanted = (m1 - m2).square().sum() + np.trace((c1 + c2).numpy() - 2 * sqrtm((c1 @ c2).numpy()).real)
    assert clouds.frechet_gaussians(m1, c1, m2, c2) == pytest.approx(float(wanted), rel=1e-9)


def test_on_a_line_it_is_the_difference_of_means_and_of_stds_squared():
    one = [torch.tensor([1.0]), torch.tensor([[4.0]]), torch.tensor([-2.0]), torch.tensor([[9.0]])]
    assert clouds.frechet_gaussians(*one) == pytest.approx(3**2 + (2 - 3) ** 2)


def test_mean_and_covariance_are_numpys():
    for some in (cloud(), cloud(features=1).float()):
        mean, covariance = clouds.mean_and_covariance(some)
        np.testing.assert_allclose(mean, some.double().numpy().mean(0))
        np.testing.assert_allclose(covariance, np.atleast_2d(np.cov(some.double().numpy().T)))


def test_a_shift_adds_its_square():
    shift = torch.tensor([3.0, 0, 0, -4.0, 0, 0]).double()
    assert clouds.frechet_distance(cloud(), cloud() + shift) == pytest.approx(25)


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
@pytest.mark.parametrize("features", [1, 6, 40])
def test_a_cloud_is_at_distance_zero_from_itself_and_never_below(features, scale):
    for seed in range(5):
        some = scale * cloud(features=features, seed=seed)
        distance = clouds.frechet_distance(some, some)
        assert 0 <= distance < 1e-9 * max(1, scale**2)
        assert 0 <= clouds.frechet_distance(some, some[torch.randperm(400, generator=rng(1))]) < 1e-9 * max(1, scale**2)


def test_a_singular_covariance_is_no_obstacle():
    flat = cloud()
    flat[:, 0] = 0
    assert 0 <= clouds.frechet_distance(flat, flat) < 1e-6
    assert math.isfinite(clouds.frechet_distance(flat, cloud()))


def test_a_distance_that_is_no_number_is_not_0():
    mean, covariance = clouds.mean_and_covariance(cloud())
    assert math.isnan(clouds.frechet_gaussians(mean * math.nan, covariance, mean, covariance))


@pytest.mark.parametrize("k", [1, 3, 5, 17])
@pytest.mark.parametrize("other", [cloud(seed=1), cloud(250, seed=2, shift=1.0), cloud(500, seed=3, stretch=0.4)])
def test_precision_recall_density_and_coverage_are_those_of_prdc(k, other, capsys):
    wanted = compute_prdc(cloud().numpy(), other.numpy(), nearest_k=k)
    found = clouds.prdc(cloud(), other, k)
    assert len(found["precision"]) == len(found["density"]) == len(other)
    assert len(found["recall"]) == len(found["coverage"]) == 400
    for name, value in found.items():
        assert value.mean().item() == pytest.approx(wanted[name], abs=1e-3), name


def test_more_rows_than_one_block_change_nothing(monkeypatch):
    whole = clouds.prdc(cloud(), cloud(seed=1), 5)
    monkeypatch.setattr(clouds, "ROWS", 37)
    for name, value in clouds.prdc(cloud(), cloud(seed=1), 5).items():
        assert torch.equal(value, whole[name])


def test_a_point_on_the_edge_of_a_ball_is_outside():
    real, fake = torch.tensor([[0.0], [1.0], [2.0]]), torch.tensor([[3.0], [2.5], [-1.0]])
    found = clouds.prdc(real, fake, 1)  # balls of radius 1; of the fakes: 0.5, 0.5, 3.5
    assert found["precision"].tolist() == [0, 1, 0] and found["density"].tolist() == [0, 1, 0]
    assert found["recall"].tolist() == [1, 1, 1] and found["coverage"].tolist() == [0, 0, 1]


def test_points_with_copies_are_counted_in_a_warning_and_their_balls_are_empty():
    """40 points of 60 have 5 or more copies; with k = 3 so do those with 4."""
    twins = torch.cat([cloud(5).repeat(8, 1), cloud(2, seed=1).repeat(5, 1), cloud(10, seed=2)])
    twins = twins[torch.randperm(60, generator=rng())]
    with pytest.warns(UserWarning, match=r"^40 of 60 real samples have 5 or more exact copies.*radius 0 and") as seen:
        found = clouds.prdc(twins, cloud(seed=3), 5)
    assert len(seen) == 1 and seen[0].filename == __file__, "it points to the line that called"
    with pytest.warns(UserWarning, match=r"^50 of 60 fake samples have 3 or more exact copies.*compare probabilities"):
        clouds.prdc(cloud(seed=3), twins, 3)
    counts = torch.unique(twins, dim=0, return_inverse=True, return_counts=True)
    assert not found["coverage"][counts[2][counts[1]] > 5].any()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        clouds.prdc(twins, twins, 8)
        clouds.prdc(cloud(), cloud(seed=1), 5)


def test_perfect_even_numbers_score_low_and_the_warning_says_why():
    """Chapter 1's data: 1,000 draws of 64 numbers have about 15 copies each, so all balls are empty."""
    real, fake = even_numbers(1000, rng(1)), even_numbers(1000, rng(2))
    with pytest.warns(UserWarning) as seen:
        found = clouds.prdc(real, fake, 5)
    said = [re.match(r"(\d+) of 1000 (real|fake) samples have 5 or more exact copies", str(w.message)) for w in seen]
    assert [(int(m[1]), m[2]) for m in said] == [(count_copied(real, 5), "real"), (count_copied(fake, 5), "fake")]
    assert int(said[0][1]) > 990
    assert all(value.mean() < 0.05 for value in found.values())


def count_copied(cloud, k):
    rows = [tuple(row) for row in cloud.tolist()]
    return sum(rows.count(row) > k for row in rows)


@pytest.mark.parametrize("magnitude", [1.0, 1e4])
def test_copies_are_recognized_where_a_matrix_product_would_round(magnitude):
    """64 features, as those of the classifier: cdist finds about 1e-7 between a point and its copy."""
    train = magnitude * cloud(200, 64) + magnitude
    distance, index = clouds.nearest(train, train)
    assert not distance.any() and torch.equal(index, torch.arange(200))
    with pytest.warns(UserWarning, match="800 of 800 real"):
        found = clouds.prdc(train.repeat(4, 1), train, 3)
    assert not found["precision"].any() and not found["density"].any() and not found["coverage"].any()
    with pytest.raises(ValueError, match="every test sample has an exact copy in the training set"):
        clouds.memorization_ratio(train, train[:50], cloud(50, 64, seed=1))


def test_nearest_is_that_of_scikit_learn():
    distance, index = clouds.nearest(cloud(), cloud(300, seed=7))
    wanted, at = NearestNeighbors(n_neighbors=1).fit(cloud().numpy()).kneighbors(cloud(300, seed=7).numpy())
    assert np.allclose(distance.numpy(), wanted[:, 0], atol=1e-6) and np.array_equal(index.numpy(), at[:, 0])


def test_a_memorized_cloud_is_at_distance_zero_of_the_training_set():
    train, test = cloud(seed=1), cloud(seed=2)
    assert clouds.memorization_ratio(train, test, train[:100]) == 0
    assert clouds.memorization_ratio(train, test, cloud(seed=3)) == pytest.approx(1, abs=0.15)
    assert clouds.memorization_ratio(train, test, cloud(seed=3) + 50) > 5
    nearest = NearestNeighbors(n_neighbors=1).fit(train.numpy())
    far = [nearest.kneighbors(part.numpy())[0].mean() for part in (cloud(50, seed=3), test)]
    assert clouds.memorization_ratio(train, test, cloud(50, seed=3)) == pytest.approx(far[0] / far[1])


def test_data_with_few_values_have_no_memorization_ratio():
    with pytest.raises(ValueError, match=r"every test sample has an exact copy.*few different values, compare"):
        clouds.memorization_ratio(*(even_numbers(1000, rng(seed)) for seed in range(3)))


@pytest.mark.parametrize(("call", "error", "words"), [
    (lambda: clouds.frechet_distance(cloud(6), cloud()), ValueError, "real has 6 samples of 6 features.*at least 7"),
    (lambda: clouds.frechet_distance(cloud(), cloud(3)), ValueError, "fake has 3 samples"),
    (lambda: clouds.frechet_distance(cloud(), cloud(features=5)), ValueError, "6 and 5 features"),
    (lambda: clouds.frechet_distance(cloud(), cloud() * math.nan), ValueError, "NaN or Inf"),
    (lambda: clouds.frechet_distance(cloud(), cloud()[:0]), ValueError, "empty"),
    (lambda: clouds.frechet_distance(cloud(), cloud().long()), TypeError, "tensor of floats"),
    (lambda: clouds.frechet_distance(cloud(), [[1.0]]), TypeError, "tensor of floats"),
    (lambda: clouds.frechet_distance(cloud(), cloud()[0]), TypeError, r"shape \(6,\)"),
    (lambda: clouds.prdc(cloud(5), cloud(), 5), ValueError, "k is 5, but real has 5 samples"),
    (lambda: clouds.prdc(cloud(), cloud(3), 3), ValueError, "fake has 3 samples"),
    (lambda: clouds.prdc(cloud(), cloud(), 0), ValueError, "k must be at least 1"),
    (lambda: clouds.prdc(cloud(), cloud(), 2.5), TypeError, "whole number"),
    (lambda: clouds.nearest(cloud(), cloud(features=5)), ValueError, "6 and 5 features"),
    (lambda: clouds.nearest(cloud(), cloud()[:0]), ValueError, r"empty, shape \(0, 6\)"),
    (lambda: clouds.memorization_ratio(cloud(), cloud(seed=1), cloud() / 0), ValueError, "contains NaN or Inf"),
])
def test_bad_input_is_refused_in_words(call, error, words):
    with pytest.raises(error, match=words):
        call()
