"""Arguments are refused early: with the value, what was expected, and the remedy."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from gan_helpers import _validate as validate


class Indexable:
    def __index__(self):
        return 3


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3), torch.tensor(3), Indexable()])
def test_whole_numbers_of_any_type_are_counts(value):
    assert validate.count(value, "n") == 3 and type(validate.count(value, "n")) is int
    assert validate.count(0, "n", least=0) == 0 and validate.count(9, "n", most=9) == 9


@pytest.mark.parametrize("value", [2, -1.5, np.float32(0.5), np.int64(3), 1e300])
def test_finite_numbers_of_any_type_are_numbers(value):
    validate.number(value, "lr")
    validate.number(value, "lr", least=float(value), below=float(value) + 1e290)


@pytest.mark.parametrize(("call", "error", "says"), [
    (lambda: validate.count(0, "n"), ValueError, r"^n must be at least 1, got 0\. Pass a larger number\.$"),
    (lambda: validate.count(10, "n", most=9), ValueError, r"^n must be at most 9, got 10\. Pass a smaller number\.$"),
    *[(lambda value=value: validate.count(value, "n"), TypeError, rf"^n must be a whole number, got .*\({name}\)")
      for value, name in ((True, "bool"), (np.True_, "bool"), (2.0, "float"), ("2", "str"), (None, "NoneType"),
                          (np.float64(2), "float64"))],
    *[(lambda value=value: validate.number(value, "lr"), TypeError, r"^lr must be a number, got .* \(\w+\)\.$")
      for value in (True, "0.1", None, 1j, torch.tensor(0.1), [0.1])],
    *[(lambda value=value: validate.number(value, "lr"), ValueError, rf"^lr must be finite, got {value}\.$")
      for value in (math.nan, math.inf, -math.inf)],
    (lambda: validate.number(0, "lr", above=0), ValueError, r"^lr must be above 0 and finite, got 0\."),
    (lambda: validate.number(-1, "lr", least=0), ValueError, r"^lr must be 0 or more and finite, got -1\."),
    (lambda: validate.number(1, "lr", least=0, below=1), ValueError, r"^lr must be 0 or more and below 1, got 1\."),
    (lambda: validate.number(2, "lr", below=1), ValueError, r"^lr must be below 1, got 2\."),
    (lambda: validate.one_of("c", ("a", "b"), "name"), ValueError, "^name must be one of 'a', 'b', got 'c'"),
    (lambda: validate.one_of(["a"], "ab", "name"), ValueError, r"got \['a'\]"),
    (lambda: validate.log2(100, "max_int"), ValueError, "power of two, got 100. The nearest ones are 64 and 128"),
    (lambda: validate.log2(2**63), ValueError, r"must be at most 2\*\*62"),
    (lambda: validate.log2(1), ValueError, "max_int must be at least 2, got 1"),
    (lambda: validate.seed(2**32), ValueError, f"seed must be below {2**32}, got {2**32}"),
    (lambda: validate.seed(-1), ValueError, "seed must be at least 0"),
    (lambda: validate.seed(0.5), TypeError, "seed must be a whole number"),
    (lambda: validate.rng(0), TypeError, r"rng must be a torch\.Generator, got 0\. Make one"),
    (lambda: validate.rng(torch.Generator), TypeError, "got <class"),
    (lambda: validate.device("cuda:99"), ValueError, r"no device 'cuda:99' on this machine\. Use one of: cpu"),
    (lambda: validate.device("meta"), ValueError, "no device 'meta'"),
    (lambda: validate.device("gpu"), ValueError, "no device 'gpu'"),
    (lambda: validate.result_of(nn.Linear(3, 1), torch.zeros(5, 2), "G", "noise"), ValueError,
     r"^G cannot take noise of shape \(5, 2\) and type torch\.float32: .*first layer"),
    (lambda: validate.result_of(lambda x: x @ torch.zeros(2, 2, 2, 9)[9], torch.zeros(5, 2), "G", "noise"), ValueError,
     r"^G cannot take noise of shape \(5, 2\) .*\. Look at its forward\."),
    (lambda: validate.result_of(lambda x: [x], torch.zeros(5, 2), "G", "noise"), ValueError,
     r"^G returned list, not a tensor, for noise of shape \(5, 2\) and type torch\.float32\. Return one"),
])  # fmt: skip
def test_what_is_refused_is_named_with_the_remedy(call, error, says):
    with pytest.raises(error, match=f"(?s){says}"):
        call()


@pytest.mark.parametrize(("given", "hint"), [
    ("learning_rate", "did you mean lr?"), ("batchsize", "did you mean batch_size?"),
    ("number_of_steps", "did you mean steps?"), ("zzz", "there are: lr, batch_size, steps."),
])  # fmt: skip
def test_an_unknown_setting_is_answered_with_the_one_that_was_meant(given, hint):
    names = ["lr", "batch_size", "steps"]
    validate.known_keywords(names, names, {}, "a GAN")
    with pytest.raises(TypeError) as error:
        validate.known_keywords([given], names, {"learning_rate": "lr"}, "a GAN")
    assert str(error.value) == f"a GAN has no setting {given!r}: {hint}"


@pytest.mark.parametrize(("error", "kind"), [(TypeError("no"), TypeError), (ValueError("no"), ValueError),
                                             (KeyError("no"), ValueError), (ZeroDivisionError("no"), ValueError)])
def test_what_stopped_a_function_of_the_callers_is_told(error, kind):
    told = validate.refusal(error, "real(5, rng)")
    assert type(told) is kind and str(told) == f"real(5, rng) stopped with {type(error).__name__}: {error}"


def test_what_is_fine_comes_back():
    source = torch.Generator()
    assert validate.rng(source) is source
    assert validate.device("cpu") == torch.device("cpu") and validate.seed(2**32 - 1) == 2**32 - 1
    assert [validate.log2(2**width) for width in (1, 7, 62)] == [1, 7, 62]
    assert validate.result_of(nn.Linear(3, 1), torch.zeros(5, 3), "G", "noise").shape == (5, 1)
    validate.one_of("a", ("a", "b"), "name")
