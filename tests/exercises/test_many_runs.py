"""The exercises of chapter 4 against answers of all kinds."""

import numpy as np
import pytest
import torch
from scipy.stats import binom, binomtest, wasserstein_distance

from gan_helpers import recorded
from gan_helpers.exercises import many_runs
from tests.exercises import bank_many_runs
from tests.exercises.generic import ExercisesAsData


class TestManyRuns(ExercisesAsData):
    module, bank, notebook = many_runs, bank_many_runs, "04_many_runs.ipynb"
    odd_results = (*ExercisesAsData.odd_results, (1, 2, 3), (None, None), (1j, 0), [0.0] * 5, "STAYED", "x" * 999)


def test_the_recorded_runs_are_recorded():
    runs = recorded.evaluations("many_runs")["wasserstein"].xs("bell curve: plain", level="row")
    told = [path for paths in many_runs._PATHS.values() for path in paths[:2]]
    for seed, path in zip((5, 6, 22, 33, 0, 3, 1, 2), told, strict=True):
        assert path == list(runs.loc[seed])


def test_the_counts_in_the_solution_are_those_of_the_recording():
    looks, counts = recorded.evaluations("many_runs")["wasserstein"], {}
    for row in ("plain", "no momentum", "WGAN, gradient penalty"):
        paths = looks.xs(f"bell curve: {row}", level="row").unstack("step")
        words = [many_runs.name_path.solution(list(path)) for path in paths.to_numpy()]
        counts[row] = words.count("stayed"), words.count("came back")
    assert counts == {"plain": (14, 5), "no momentum": (6, 43), "WGAN, gradient penalty": (82, 17)}


def test_the_lower_end_is_scipys():
    for good, runs in ((8, 10), (10, 10), (0, 3), (67, 69)):
        low = binomtest(good, runs).proportion_ci(method="wilson").low
        assert many_runs._low(good, runs, 1.959963985) == pytest.approx(low, abs=1e-9)


def test_what_is_to_be_predicted_is_so():
    best = 10 - (binom.cdf(np.arange(10), 10, 0.5) ** 10).sum()
    assert best == pytest.approx(7.38, abs=0.005)


def test_the_plain_loop_misses_the_target_in_every_game_and_three_remedies_reach_it():
    remedies = many_runs._in_turn_for(pays=1.0), many_runs._in_turn_for(averaged=True), many_runs._at_once_for(True)
    for seed in range(50):
        left = []
        for play in (many_runs._in_turn_for(), *remedies):
            game = many_runs._game(torch.Generator().manual_seed(seed))
            left.append(many_runs.share_left(play(*game), *game))
        assert left[0] > 0.5 and max(left[1:]) < 0.1


def test_the_two_heaps_are_the_samples():
    rng = torch.Generator().manual_seed(0)
    far = torch.rand(200_000, generator=rng) < 1 / 3
    sample = 20 + 20 * far + 2 * torch.randn(200_000, generator=rng)
    exact = many_runs._heaps(many_runs._EVEN.flatten().numpy())
    assert wasserstein_distance(sample, exact) < 0.1
