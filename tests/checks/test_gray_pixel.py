"""The checks of chapter 2 against the bank: wrong answers get the message meant for them, right ones pass."""

import math

import numpy as np
import pytest
import torch

from gan_helpers.checks import NotYet, gray_pixel
from tests.checks import bank_gray_pixel
from tests.checks.common import ODD_RESULTS, ChecksAgainstTheirBank


class TestGrayPixel(ChecksAgainstTheirBank):
    checks, bank, notebook = gray_pixel, bank_gray_pixel, "02_gray_pixel.ipynb"
    odd_results = (
        *ODD_RESULTS, *(torch.full((n,), value) for n in (4001, 2401) for value in (0, 1e30, torch.inf, torch.nan)),
        torch.zeros(4001, dtype=torch.cfloat), torch.zeros(2401, 1), np.zeros(4001), np.array(0.2), math.inf, [0.9],
        ("a", "b"), (None, None), (1, [2, 3]), ([], []), (math.nan, 0), (math.inf, -math.inf), (0, 0, 7), {0: 1, 1: 2},
    )  # fmt: skip


@pytest.mark.parametrize("check", bank_gray_pixel.CHECKS)
def test_a_check_does_not_stumble_over_an_answer_that_stops_halfway(check):
    """Every check asks more than once: a second answer of another kind is answered in words too."""
    solutions, _ = TestGrayPixel().answers("solutions")
    for healthy in range(4):
        for result in ("text", None, (1, 2, 3), torch.zeros(2, 2)):
            calls = []

            def answer(*arguments, healthy=healthy, result=result, calls=calls):
                calls.append(arguments)
                return solutions[check](*arguments) if len(calls) <= healthy else result

            try:
                getattr(gray_pixel, check)(answer)
            except NotYet:
                continue
            assert len(calls) <= healthy, "a wrong result passed"
