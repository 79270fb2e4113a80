"""The check that the start page quotes says these words."""

import re
from pathlib import Path

import pytest
import torch

from gan_helpers.exercises import NotYet, even_numbers

PAGE = (Path(__file__).parent.parent / "book" / "start.md").read_text("utf-8")


def test_the_check_says_what_the_page_says():
    def seven_coins(n, rng):
        return torch.randint(0, 2, (n, 7), generator=rng).float()

    (quoted,) = re.findall(r"\n> (Not yet\. .*?)\n", PAGE)
    with pytest.raises(NotYet) as refusal:
        even_numbers.even_ones(seven_coins)
    assert "\n".join(refusal.value._render_traceback_()).split() == quoted.split()
