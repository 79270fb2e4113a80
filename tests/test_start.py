"""The worked check on the start page says what the real check says."""

import contextlib
import io
import re
from pathlib import Path

import pytest
import torch

from gan_helpers.data import to_bits
from gan_helpers.exercises import NotYet, even_numbers

PAGE = (Path(__file__).parent.parent / "book" / "start.md").read_text("utf-8")
SHOWN = re.findall(r"```python\n(.*?)```.*?\n> (Not yet.*?)\n", PAGE, flags=re.S)
RIGHT = "def multiples_of_four(n, rng):\n    return to_bits(4 * torch.randint(0, 32, (n,), generator=rng))"
SAID = re.search(r"\n> (Right\. .*?)\n", PAGE)[1]


@pytest.mark.parametrize(("code", "words"), [*SHOWN, (RIGHT, SAID)])
def test_the_check_says_what_the_page_says(code, words):
    names = {"torch": torch, "to_bits": to_bits}
    exec(code, names)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        try:
            even_numbers.multiples_of_four(names["multiples_of_four"])
        except NotYet as refusal:
            print("\n".join(refusal._render_traceback_()))
    assert said.getvalue().split() == words.split()


def test_the_page_leaves_the_last_step_to_the_reader():
    assert len(SHOWN) == 2
    assert RIGHT not in PAGE
