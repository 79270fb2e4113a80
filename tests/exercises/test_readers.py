"""How results are read."""

import numpy as np
import pytest
import torch

from gan_helpers.exercises import NotYet, readers

PAIR = torch.tensor([0.1, 0.2], dtype=torch.float64)


@pytest.mark.parametrize("value", (
    [0.1, 0.2], (0.1, 0.2), np.array([0.1, 0.2]), np.array([0.2, 0.1])[::-1], PAIR, list(PAIR), (np.float64(0.1), 0.2),
    PAIR.clone().requires_grad_(), list(PAIR.clone().requires_grad_()),
))  # fmt: skip
def test_numbers_are_read_without_rounding(value):
    assert readers.numbers(value, "two numbers").tolist() == [0.1, 0.2]


@pytest.mark.parametrize("value", (
    "text", None, {}, {1}, object(), [[1], [2, 3]], [None], ["a"], 1j, [1j], np.array(["a"]), torch.tensor(1j), b"",
    [torch.zeros(2), torch.zeros(3)], lambda: 1,
))  # fmt: skip
def test_what_holds_no_real_numbers_is_refused_in_words_that_say_what_it_should_be(value):
    with pytest.raises(NotYet, match="return three numbers"):
        readers.numbers(value, "three numbers")
