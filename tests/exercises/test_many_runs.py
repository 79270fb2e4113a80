"""The exercises of chapter 4 against answers of all kinds."""

from gan_helpers import recorded
from gan_helpers.exercises import many_runs
from tests.exercises import bank_many_runs
from tests.exercises.generic import ExercisesAsData


class TestManyRuns(ExercisesAsData):
    module, bank, notebook = many_runs, bank_many_runs, "04_many_runs.ipynb"
    odd_results = (*ExercisesAsData.odd_results, (1, 2, 3), (0, 0), (None, None), (1j, 0), [0.0] * 5, "GOOD", "x" * 999)


def test_the_recorded_runs_are_recorded_and_no_run_is_nearer_than_its_mean():
    runs, cases = recorded.runs("gaussian"), many_runs._RUNS
    told = cases["good"][:1] + cases["wrong shape"][:1] + cases["elsewhere"][:2] + cases["collapsed"][:2]
    for seed, run in zip((13, 150, 5, 27, 14, 91), told, strict=True):
        assert list(run) == list(runs.loc[("tanh/sigmoid", seed), ["mean", "std", "wasserstein"]])
    for mean, _, distance in (run for kind in cases.values() for run in kind):
        assert distance >= abs(mean - 4) - 1e-3, "the Wasserstein-1 distance is at least the difference of the means"
