"""The exercises of chapter 8 against answers of all kinds."""

import torch

from gan_helpers.exercises import whats_wrong
from tests.exercises import bank_whats_wrong
from tests.exercises.generic import ExercisesAsData


class TestWhatsWrong(ExercisesAsData):
    module, bank, notebook = whats_wrong, bank_whats_wrong, "08_whats_wrong.ipynb"
    odd_results = (*ExercisesAsData.odd_results, (0, 0), (None, None), (1j, 0), (0.5, 0.5, 1), (0.5, None, "sure"))


def test_no_case_of_the_second_opinion_lies_on_a_bound():
    """A rounding error of an AUC decides nothing."""
    for k, case in enumerate(whats_wrong.second_opinion.cases):
        own, new, _ = bank_whats_wrong.by_ranks(*case.make(torch.Generator().manual_seed(1000 + k)))
        assert abs(own - 0.95) > 0.005 and abs(new - own - 0.3) > 0.005
