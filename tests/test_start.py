"""The check that the start page quotes says these words."""

import re
from pathlib import Path

import pytest
import torch

from gan_helpers.data import to_bits
from gan_helpers.exercises import NotYet, even_numbers

PAGE = (Path(__file__).parent.parent / "book" / "start.md").read_text("utf-8")


def test_the_check_says_what_the_page_says():
    def one_too_few(n, rng):
        return to_bits(4 * torch.randint(0, 31, (n,), generator=rng))

    (quoted,) = re.findall(r"\n> (Not yet\. .*?)\n", PAGE)
    with pytest.raises(NotYet) as refusal:
        even_numbers.multiples_of_four(one_too_few)
    assert "\n".join(refusal.value._render_traceback_()).split() == quoted.split()
