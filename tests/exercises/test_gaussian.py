"""The exercises of chapter 3 against answers of all kinds."""

import pytest

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
