"""The exercises of chapter 1 against answers of all kinds."""

from gan_helpers.exercises import NotYet, even_numbers
from tests.exercises import bank_even_numbers
from tests.exercises.generic import ExercisesAsData


class TestEvenNumbers(ExercisesAsData):
    module, bank, notebook = even_numbers, bank_even_numbers, "01_even_numbers.ipynb"


def test_a_refusal_is_shown_in_a_notebook_without_a_traceback():
    assert NotYet("Two bits are swapped.")._render_traceback_() == ["Not yet. Two bits are swapped."]
