"""Exercise 5: the average that forgets."""

from itertools import accumulate, pairwise

import numpy as np
import torch
from scipy.signal import lfilter

from tests.exercises.bank_many_runs import right, wrong

NAME = "moving_average"


@right(NAME)
def with_accumulate(values, keep):
    return list(accumulate(values, lambda average, value: keep * average + (1 - keep) * value))


@right(NAME)
def recursive(values, keep):
    if len(values) == 1:
        return values
    before = recursive(values[:-1], keep)
    return [*before, before[-1] + (1 - keep) * (values[-1] - before[-1])]


@right(NAME)
def in_place(values, keep):
    for i in range(1, len(values)):
        values[i] = keep * values[i - 1] + (1 - keep) * values[i]
    return tuple(values)


@right(NAME)
def a_matrix(values, keep):
    n = torch.arange(len(values))
    weights = (1 - keep) * keep ** (n[:, None] - n).double()
    weights[:, 0] = keep ** n.double()
    return weights.tril() @ torch.tensor(values).double()


@right(NAME)
def a_filter(values, keep):
    return lfilter([1 - keep], [1, -keep], values, zi=[keep * values[0]])[0]


@right(NAME)
def tensors_with_gradients(values, keep):
    averages = [torch.tensor(values[0], requires_grad=True)]
    for value in values[1:]:
        averages.append(torch.lerp(averages[-1], torch.tensor(value), 1 - keep))
    return averages


@right(NAME)
def filled_from_behind(values, keep):
    return np.array(with_accumulate(values, keep)[::-1], dtype=np.float32)[::-1]


def average(values, old, new, start=None):
    """What most answers below are: `old` of the average and `new` of the value."""
    found = [values[0]] if start is None else [old * start + new * values[0]]
    for value in values[1:]:
        found.append(old * found[-1] + new * value)
    return found


def no_brackets(values, keep):
    found = [values[0]]
    for value in values[1:]:
        found.append(keep * found[-1] + 1 - keep * value)
    return found


def changes_while_it_reads(values, keep):
    for i in range(len(values)):
        values[i] = keep * values[i - 1] + (1 - keep) * values[i]
    return values


def starts_twice(values, keep):
    found = [values[0]]
    for value in values:
        found.append(keep * found[-1] + (1 - keep) * value)
    return found


def corrected(values, keep):
    return [v / (1 - keep ** (i + 1)) for i, v in enumerate(average(values, keep, 1 - keep, 0.0))]


def whole(values, keep):
    return average(values, keep, 1 - keep)


ANSWERS = {
    lambda values, keep: average(values, 1 - keep, keep): "with keep = 0.9 it is the other way round",
    lambda values, keep: average(values, keep, 1 - keep, 0.0): "it starts at the first value, not at 0",
    corrected: "corrected for that, as in Adam",
    lambda values, keep: values: "these are the values themselves",
    lambda values, keep: np.cumsum(values) / np.arange(1, len(values) + 1): "this is the plain mean of all values",
    lambda values, keep: np.cumsum(values): "these are running sums",
    lambda values, keep: [values[0], *whole(values, keep)[:-1]]: "one step late",
    lambda values, keep: [values[0], *(keep * a + (1 - keep) * b for a, b in pairwise(values))]: "the value before",
    lambda values, keep: average(values, keep, 1): "the new value counts 1 - keep, not 1",
    no_brackets: "lacks brackets round 1 - keep",
    lambda values, keep: [values[0]] * len(values): "the average never moves",
    lambda values, keep: whole(values, keep)[::-1]: "in reverse order",
    lambda values, keep: average(values, 0.9, 0.1): "you keep 0.9 whatever keep is",
    lambda values, keep: average(values, 0.99, 0.01): "you keep 0.99 whatever keep is",
    lambda values, keep: [round(v, 1) for v in whole(values, keep)]: "Close: is something rounded?",
    lambda values, keep: average([int(v) for v in values], keep, 1 - keep, 1): "yours [0.5, 0.75,",
    changes_while_it_reads: "it is [1.0, 1.1, 1.39, 0.951, 1.356], yours [4.6,",
    lambda values, keep: [sum(values) / len(values)] * len(values): "yours [1.8, 1.8,",
    lambda values, keep: np.convolve(values, [1 - keep, keep], "same"): "yours",
    lambda values, keep: torch.full((len(values),), torch.nan): "yours [nan, nan",
    lambda values, keep: whole(values, keep)[-1]: "return a list with one average for each value, not shape ()",
    lambda values, keep: [whole(values, keep)]: "not shape (1, 5)",
    lambda values, keep: whole(values, keep)[1:]: "for 5 values return as many averages, yours are 4",
    starts_twice: "for 5 values return as many averages, yours are 6",
    lambda values, keep: []: "for 5 values return as many averages, yours are 0",
    lambda values, keep: accumulate(values): "return a list of numbers, not <itertools.accumulate",
    lambda values, keep: [str(v) for v in whole(values, keep)]: "return a list of numbers, not ['1.0'",
    lambda values, keep: dict(enumerate(whole(values, keep))): "return a list of numbers, not {0: 1.0",
    lambda values, keep: [v + 0j for v in whole(values, keep)]: "Yours are complex",
    lambda values, keep: keep * values + (1 - keep) * values: "stopped with TypeError",
    lambda values: average(values, 0.99, 0.01): "stopped with TypeError",
    lambda values, keep: [keep * values[i] + (1 - keep) * values[i + 1] for i in range(len(values))]: "IndexError",
}
for answer, says in ANSWERS.items():
    wrong(NAME, says)(answer)
