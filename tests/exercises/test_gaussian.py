"""The exercises of chapter 3 against answers of all kinds."""

import pytest
import torch
from scipy import stats

from gan_helpers.exercises import gaussian
from tests.exercises import bank_gaussian
from tests.exercises.generic import ODD_RESULTS, ExercisesAsData


class TestGaussian(ExercisesAsData):
    module, bank, notebook = gaussian, bank_gaussian, "03_gaussian.ipynb"

    @pytest.mark.filterwarnings("ignore:Casting complex values")
    @pytest.mark.parametrize("place", [0, 1])
    def test_whatever_one_of_the_two_functions_returns_it_is_answered_in_words(self, place):
        for odd in ODD_RESULTS:
            functions = [lambda x: x, lambda z: z]
            functions[place] = lambda x, odd=odd: odd
            self.refused(gaussian.standard_units, lambda sample, functions=functions: functions)


def test_the_distance_of_samples_of_two_sizes_is_scipys():
    for case in gaussian.wasserstein.cases:
        a, b = gaussian.wasserstein._arguments(case).values()
        assert gaussian.wasserstein.solution(a, b).item() == pytest.approx(stats.wasserstein_distance(a, b), abs=1e-6)


def test_what_is_to_be_predicted_is_so():
    batches = torch.randn(50_000, 10, generator=torch.Generator().manual_seed(0))
    assert stats.kurtosis(batches, axis=1).mean() == pytest.approx(-6 / 11, abs=0.02)


def test_the_view_of_the_chapter_misses_the_target_that_a_better_one_reaches():
    for seed in range(5):
        batches = gaussian._real_and_forged(torch.Generator().manual_seed(seed))
        share = {more: gaussian.accuracy(torch.stack([gaussian._with_moments(*more)(batch) for batch in batches]))
                 for more in ((), (torch.abs,))}
        assert share[()] < 0.8 and share[torch.abs,] > 0.95
