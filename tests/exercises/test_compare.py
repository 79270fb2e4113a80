"""What the checks of several chapters share: how results are read, and how a call of a ready function is noticed."""

import contextlib
import math
import sys

import numpy as np
import pytest
import torch

from gan_helpers import metrics
from gan_helpers.exercises import NotYet, _compare
from gan_helpers.metrics.digits import total_variation as another_name
from gan_helpers.training.steps import update_ema

DIGITS = torch.tensor([1, 2, 3])


@pytest.mark.parametrize("answer", (
    lambda: metrics.digits.total_variation(DIGITS, DIGITS),
    lambda: another_name(DIGITS, DIGITS),
    lambda: [another_name(DIGITS, part) for part in (DIGITS, DIGITS)],
    lambda: max(map(metrics.digits.total_variation, [DIGITS], [DIGITS])),
))  # fmt: skip
def test_a_call_of_the_ready_function_is_noticed_by_whatever_name(answer):
    with pytest.raises(NotYet, match="calls total_variation, and that is the whole answer"):
        _compare.unaided((metrics.digits.total_variation,), answer)


def test_a_decorator_that_the_ready_function_shares_is_no_call_of_it():
    @torch.no_grad()
    def own():
        return torch.ones(1)

    assert _compare.unaided((update_ema, torch.batch_norm), own) == 1


def test_another_function_of_the_package_is_free_to_use_and_arguments_arrive():
    assert _compare.unaided((metrics.clouds.memorization_ratio,), another_name, DIGITS, DIGITS) == 0


@pytest.mark.parametrize("answer", (lambda: 1, lambda: 1 / 0, lambda: None, 42))
def test_a_profiler_that_was_on_is_on_afterwards(answer):
    def profiler(frame, event, what):
        pass

    before = sys.getprofile()
    sys.setprofile(profiler)
    try:
        with contextlib.suppress(NotYet):
            _compare.unaided((metrics.clouds.nearest,), answer)
        assert sys.getprofile() is profiler
    finally:
        sys.setprofile(before)


PAIR = torch.tensor([0.1, 0.2], dtype=torch.float64)


@pytest.mark.parametrize("value", (
    [0.1, 0.2], (0.1, 0.2), np.array([0.1, 0.2]), np.array([0.2, 0.1])[::-1], PAIR, list(PAIR), (np.float64(0.1), 0.2),
    PAIR.clone().requires_grad_(), list(PAIR.clone().requires_grad_()),
))  # fmt: skip
def test_numbers_are_read_without_rounding(value):
    assert _compare.numbers(value, "two numbers").tolist() == [0.1, 0.2]


@pytest.mark.parametrize("value", (
    "text", None, {}, {1}, object(), [[1], [2, 3]], [None], ["a"], 1j, [1j], np.array(["a"]), torch.tensor(1j), b"",
    [torch.zeros(2), torch.zeros(3)], lambda: 1,
))  # fmt: skip
def test_what_holds_no_real_numbers_is_refused_in_words_that_say_what_it_should_be(value):
    with pytest.raises(NotYet, match="return three numbers"):
        _compare.numbers(value, "three numbers")


def test_near_is_relative_for_large_numbers_and_never_true_of_nan():
    assert _compare.near(1e9, 1e9 + 1) and _compare.near(0, 1e-7) and not _compare.near(0, 1e-5)
    assert not _compare.near(math.nan, math.nan) and not _compare.near(math.inf, math.inf)
