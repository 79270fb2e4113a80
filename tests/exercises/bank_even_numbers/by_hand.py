"""Exercises 7 and 8: two numbers that fool a linear D, and a perfect G with weights set by hand."""

import numpy as np
import torch
from torch import nn

from gan_helpers.generators import bit_generator
from tests.exercises.bank_even_numbers import right, wrong

PAIR, PERFECT = "two_numbers", "perfect_generator"

for a in (0, 62, 100):
    right(PAIR)(lambda a=a: (a, 126 - a))
right(PAIR)(lambda: [84, 42])
right(PAIR)(lambda: torch.tensor([0, 126]))
right(PAIR)(lambda: np.array([62, 64]))
right(PAIR)(lambda: (np.int64(0), torch.tensor(126)))

PAIRS = {
    (0, 2): "the bit that counts 64 is 0 in both",
    (42, 42): "the bit that counts 64 is 0 in both",
    (0, 124): "the bit that counts 2 is 0 in both",
    (42, 86): "the bit that counts 2 is 1 in both",
    (64, 126): "the bit that counts 64 is 1 in both",
    (43, 84): "43 is odd",
    (0, 127): "127 is odd",
    (63, 64): "63 is odd",
    (42.0, 84.0): "both must be ints",
    ("0101010", "1010100"): "both must be ints",
    (False, 126): "both must be ints",
    (-2, 128): "both must be ints from 0 to 127",
    (128, 254): "both must be ints from 0 to 127",
    (0, 42, 84): "return two numbers",
    126: "return two numbers",
    "42, 84": "return two numbers",
}
for pair, says in PAIRS.items():
    wrong(PAIR, says)(lambda pair=pair: pair)


def set_by_hand(weight, bias, last_weight=0.0, last_bias=-10.0):
    """bit_generator() with this weight matrix and bias, and its last bit by itself."""
    generator = bit_generator()
    with torch.no_grad():
        generator[0].weight.copy_(weight)
        generator[0].bias.fill_(bias)
        generator[0].weight[6], generator[0].bias[6] = last_weight, last_bias
    return generator


EYE = torch.eye(7)


@right(PERFECT)
def turned_round():
    return set_by_hand(-30 * EYE.flip(1), 15.0, 0.0, -30.0)


@right(PERFECT)
def fresh_layers():
    layer = nn.Linear(7, 7)
    layer.weight.data = 16 * EYE[[6, 5, 4, 3, 2, 1, 0]]
    layer.weight.data[6] = -1
    layer.bias.data = torch.full((7,), -8.0)
    return nn.Sequential(layer, nn.Sigmoid())


def one_bit_twice():
    weight = 20 * EYE
    weight[1] = weight[0]
    return set_by_hand(weight, -10.0)


def either_of_two_bits():
    """All 64 numbers, but the sixth bit is 1 three times in four: no output copies one noise bit."""
    weight = 20 * EYE
    weight[5, 6] = 20
    return set_by_hand(weight, -10.0)


def forgets_no_grad():
    generator = bit_generator()
    generator[0].weight.copy_(20 * EYE)
    return generator


def forgets_brackets():
    return bit_generator


KEEP, WEAK = "keep the chapter's generator", "Larger weights and biases push the sigmoid to its ends"
GENERATORS = {
    lambda: set_by_hand(20 * EYE, 0.0): "what does the bias have to do?",
    lambda: set_by_hand(0 * EYE, 0.0, 0.0, 0.0): "what does the bias have to do?",
    lambda: set_by_hand(20 * EYE, -10.0, 0.0, 0.0): "output 6, the last bit, is 0.50 for some noise",
    lambda: set_by_hand(EYE, -0.5): WEAK,
    lambda: set_by_hand(4 * EYE, -2.0): WEAK,
    lambda: set_by_hand(20 * EYE, -10.0, 20 * EYE[6]): "50% of the numbers are even",
    lambda: set_by_hand(20 * EYE, -10.0, 0.0, 10.0): "every number is odd",
    lambda: set_by_hand(20 * EYE, -10.0, 7.0): "% of the numbers are even",
    lambda: set_by_hand(0 * EYE, -10.0): "but only 1 of the 64 numbers",
    lambda: set_by_hand(20 * EYE, 10.0): "but only 1 of the 64 numbers",
    one_bit_twice: "but only 32 of the 64 numbers",
    either_of_two_bits: "all 64 come up, but not equally often",
    lambda: set_by_hand(float("inf") * torch.ones(7, 7), -10.0): "some output is NaN",
    lambda: set_by_hand(20 * EYE, -10.0).double(): "keep the weights in float32",
    lambda: set_by_hand(20 * EYE, -10.0)[0]: KEEP,
    lambda: set_by_hand(20 * EYE, -10.0)[0].weight: KEEP,
    lambda: nn.Sequential(*set_by_hand(20 * EYE, -10.0), nn.Sigmoid()): KEEP,
    lambda: nn.Sequential(nn.Linear(7, 64), nn.Sigmoid()): KEEP,
    lambda: bit_generator(6): KEEP,
    forgets_brackets: KEEP,
    forgets_no_grad: "stopped with RuntimeError: a leaf Variable",
}
for answer, says in GENERATORS.items():
    wrong(PERFECT, says)(answer)


@wrong(PERFECT, "for some noise")
def untouched():
    torch.manual_seed(0)
    return bit_generator()
