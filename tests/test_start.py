"""The worked check on the start page says what the real check says."""

import contextlib
import io
import re
from pathlib import Path

import pytest
import torch

from gan_helpers.checks import NotYet, even_numbers
from gan_helpers.data import to_bits

PAGE = (Path(__file__).parent.parent / "book" / "start.md").read_text("utf-8")
WORKED = re.findall(r"```python\n(.*?)```.*?\n> (.*?)\n", PAGE, flags=re.S)


def test_the_page_works_one_check_to_the_end():
    assert [words.split()[0] for _, words in WORKED] == ["Not", "Right."]


@pytest.mark.parametrize(("code", "words"), WORKED)
def test_the_check_says_what_the_page_says(code, words):
    names = {"torch": torch, "to_bits": to_bits}
    exec(code, names)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        try:
            even_numbers.multiples_of_four(names["multiples_of_four"])
        except NotYet as refusal:
            print(f"Not yet. {refusal}")
    assert said.getvalue().strip() == words
