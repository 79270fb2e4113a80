"""The checks of chapter 1 against the bank: wrong answers get the message meant for them, right ones pass."""

from gan_helpers.exercises import NotYet, even_numbers
from tests.exercises import bank_even_numbers
from tests.exercises.bank import ChecksAgainstTheirBank


class TestEvenNumbers(ChecksAgainstTheirBank):
    checks, bank, notebook = even_numbers, bank_even_numbers, "01_even_numbers.ipynb"


def test_a_refusal_is_shown_in_a_notebook_without_a_traceback():
    assert NotYet("Two bits are swapped.")._render_traceback_() == ["Not yet. Two bits are swapped."]
