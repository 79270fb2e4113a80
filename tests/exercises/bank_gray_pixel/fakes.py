"""Exercise 3: fakes that no linear D sees."""

import numpy as np
import torch

from tests.exercises.bank_gray_pixel import right, wrong

NAME = "unseen_fakes"

RIGHTS = [
    [-0.9, 0.9], [0.0, 0.0], (-0.3, 0.3), [0, 0, 0], [-1, 1], [0.7, -0.7], [0.8, -0.9, 0.1], [1, 1, -1, -1, 0],
    [-0.8] * 3 + [0.8] * 3, [0.1, 0.2, -0.3], np.array([0.9, -0.9]), np.linspace(-0.3, 0.3, 7), torch.zeros(2),
    torch.tensor([0.7, -0.7], requires_grad=True), [torch.tensor(0.25), torch.tensor(-0.25)],
    [np.float32(0.3), np.float32(-0.3)], torch.linspace(-0.3, 0.3, 1000), torch.tensor([-1, 1]), [-1, 0.8, 0.2],
]  # fmt: skip
for pixels in RIGHTS:
    right(NAME)(lambda pixels=pixels: pixels)

MEAN, NEAR, FLAT, LIST = "their mean is ", "away from a real pixel", "return a flat list", "return a list of pixels"
FAKES = [
    ([-0.5, 0.5], f"-0.5 is only 0 {NEAR}"),
    ([-0.5, 0.5, 0.0], NEAR),
    ([-0.35, 0.35], f"-0.35 is only 0.15 {NEAR}"),
    ([0.9, -0.69], "-0.69 is only 0.19"),
    ([0.3, -0.301], "-0.301 is only 0.199"),
    ([0.6, -0.6], f"0.6 is only 0.1 {NEAR}"),
    ([0.9, 0.9], f"{MEAN}0.9,"),
    ([-0.9, 0.8], f"{MEAN}-0.05,"),
    ([0.9, -0.3, 0.1], f"{MEAN}0.233,"),
    ([-0.9, 0.9, 0.9], f"{MEAN}0.3,"),
    ([0.0, 1e-3], f"{MEAN}0.0005,"),
    ([0.2, 0.25, 0.3], MEAN),
    ([-1.5, 1.5], "-1.5 is no pixel"),
    ([0, 255], "255 is no pixel"),
    ([-1.0001, 1.0001], "-1.0001 is no pixel"),
    ([0.0], FLAT),
    (0.0, FLAT),
    (torch.tensor(0.0), FLAT),
    ([], FLAT),
    ([[-0.9], [0.9]], FLAT),
    (torch.zeros(4, 1), FLAT),
    ([(-0.9, 0.5), (0.9, 0.5)], FLAT),
    ({-0.9: 0.5, 0.9: 0.5}, LIST),
    ({-0.9, 0.9}, LIST),
    ("-0.9, 0.9", LIST),
    (["-0.9", "0.9"], LIST),
    ([float("nan"), 0.0], "every pixel must be a finite number"),
    ([float("inf"), float("-inf")], "every pixel must be a finite number"),
    (torch.linspace(-0.3, 0.3, 5000), "5000 pixels are more than needed"),
]  # fmt: skip
for pixels, says in FAKES:
    wrong(NAME, says)(lambda pixels=pixels: pixels)


@wrong(NAME, "their mean is ")
def drawn_at_random():
    return 0.6 * torch.rand(100, generator=torch.Generator().manual_seed(0)) - 0.3


@wrong(NAME, "stopped with TypeError: unseen_fakes_of_n() missing")
def unseen_fakes_of_n(n):
    return [0.0] * n
