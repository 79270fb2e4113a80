"""The checks of chapter 2 against the bank: wrong answers get the message meant for them, right ones pass."""

import math

import numpy as np
import torch

from gan_helpers.exercises import gray_pixel
from tests.exercises import bank_gray_pixel
from tests.exercises.bank import ODD_RESULTS, ChecksAgainstTheirBank


class TestGrayPixel(ChecksAgainstTheirBank):
    checks, bank, notebook = gray_pixel, bank_gray_pixel, "02_gray_pixel.ipynb"
    odd_results = (
        *ODD_RESULTS, *(torch.full((n,), value) for n in (4001, 2401) for value in (0, 1e30, torch.inf, torch.nan)),
        torch.zeros(4001, dtype=torch.cfloat), torch.zeros(2401, 1), np.zeros(4001), np.array(0.2), math.inf, [0.9],
        ("a", "b"), (None, None), (1, [2, 3]), ([], []), (math.nan, 0), (math.inf, -math.inf), (0, 0, 7), {0: 1, 1: 2},
    )  # fmt: skip
