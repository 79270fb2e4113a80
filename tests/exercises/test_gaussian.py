"""The checks of chapter 3 against the bank: wrong answers get the message meant for them, right ones pass."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from gan_helpers.exercises import NotYet, gaussian
from tests.exercises import bank_gaussian
from tests.exercises.bank import ODD_RESULTS, ChecksAgainstTheirBank

pytestmark = pytest.mark.filterwarnings("ignore:Casting complex values")


class TestGaussian(ChecksAgainstTheirBank):
    checks, bank, notebook = gaussian, bank_gaussian, "03_gaussian.ipynb"
    odd_results = (
        *ODD_RESULTS, *(torch.full(n, v).double() for n in ((4,), (2000, 1)) for v in (0, 1e30, torch.inf, torch.nan)),
        torch.zeros(4, dtype=torch.cfloat), torch.zeros(2000), np.zeros(4), np.zeros((2, 3)), np.zeros((2, 0)),
        [1e200] * 4, ([], []), ([1e300], [1.0]), ([math.nan], [1]), ([-1e300, 1e300], [0.5, 0.5]), (0, 1), ("a", "b"),
        ({}, {}), (None, None), (len, len), (float, str), (lambda x: x, lambda x: "text"), (torch.sin, lambda: 0),
        nn.Identity(), nn.Linear(1, 1, bias=False), nn.Linear(1, 1).half(), nn.LazyLinear(1), math.inf, {0: 1, 1: 2},
    )  # fmt: skip


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("result", ODD_RESULTS, ids=lambda result: type(result).__name__)
def test_whatever_one_of_the_two_functions_returns_the_check_answers_in_words(part, result):
    solutions, _ = TestGaussian().answers("solutions")

    def answer(sample):
        functions = list(solutions["standard_units"](sample))
        functions[part] = lambda x: result
        return functions

    with pytest.raises(NotYet) as refusal:
        gaussian.standard_units(answer)
    assert 10 < len(str(refusal.value)) < 300
