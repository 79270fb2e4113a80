"""The checks of chapter 4 against the bank: wrong answers get the message meant for them, right ones pass."""

import math

import numpy as np
import pytest
import torch

from gan_helpers import recorded
from gan_helpers.exercises import NotYet, many_runs
from tests.exercises import bank_many_runs
from tests.exercises.bank import ODD_RESULTS, ChecksAgainstTheirBank


class TestManyRuns(ChecksAgainstTheirBank):
    checks, bank, notebook = many_runs, bank_many_runs, "04_many_runs.ipynb"
    odd_results = (
        *ODD_RESULTS, (1, 2, 3), (0, 0), (math.nan, 0), (math.inf, -math.inf), (None, None), ("a", "b"), ([], []),
        (1j, 0), (1, [2, 3]), [0.0] * 5, [math.nan] * 5, [math.inf] * 4, torch.full((5,), 1e30), [[0.0]] * 5,
        {0: 1, 1: 2}, torch.zeros(4, dtype=torch.cfloat), np.array("good"), np.array(["good"]), np.array(0.2), "GOOD",
        "", "x" * 999, torch.zeros(2, requires_grad=True), np.zeros(4), np.zeros((2, 2)),
    )  # fmt: skip

    def answers(self, kind):
        """The first exercise asks for two functions: its answer is the pair of them, as in its check cell."""
        names, checks = super().answers(kind)
        names["cycling"] = names["simultaneous"], names["alternating"]
        return names, [cell.replace("(simultaneous, alternating)", "cycling") for cell in checks]

    @pytest.mark.parametrize("which", (0, 1))
    def test_whatever_one_of_the_two_functions_returns_the_check_answers_in_words(self, which, result):
        pair = [bank_many_runs.cycling.at_once, bank_many_runs.cycling.in_turn]
        pair[which] = lambda x, y, eta: result
        with pytest.raises(NotYet) as refusal:
            many_runs.cycling(pair)
        assert 10 < len(str(refusal.value)) < 300, refusal.value


def test_the_recorded_runs_are_recorded():
    runs = recorded.runs("gaussian")
    for seed, (mean, std, distance, _) in zip((13, 150, 5, 27, 14, 91), many_runs.RUNS, strict=False):
        assert [mean, std, distance] == list(runs.loc[("tanh/sigmoid", seed), ["mean", "std", "wasserstein"]])


def test_the_rules_name_the_runs_and_no_run_is_nearer_than_its_mean():
    for *run, kind in many_runs.RUNS:
        assert next(word for word, (_, fits) in many_runs.RULES.items() if fits(*run)) == kind
        assert run[2] >= abs(run[0] - 4) - 1e-3, "the Wasserstein-1 distance is at least the difference of the means"
    assert {kind for *_, kind in many_runs.RUNS} == set(many_runs.RULES)
