"""Exercise 3, first part: a generator that has learned its training samples by heart."""

import numpy as np
import torch

from tests.exercises.bank_measuring import right, wrong

NAME = "memoriser"


def chosen(train, n, rng):
    return train[torch.randint(len(train), (n,), generator=rng)]


def jitter(n, rng, features=6):
    return 0.01 * torch.randn(n, features, generator=rng)


def whole(train, n, rng):
    return chosen(train, n, rng) + jitter(n, rng)


@right(NAME)
def with_multinomial(train, n, rng):
    index = torch.ones(len(train)).multinomial(n, replacement=True, generator=rng)
    return torch.normal(train[index], 0.01, generator=rng)


@right(NAME)
def with_rand(train, n, rng):
    """Jitter first; the row by a uniform number; one fake after the other, in float64."""
    fakes = jitter(n, rng).double()
    for fake in fakes:
        fake += train[int(torch.rand(1, generator=rng) * len(train))]
    return fakes


@right(NAME)
def with_numpy(train, n, rng):
    dice = np.random.default_rng(int(torch.randint(2**31, (1,), generator=rng)))
    fakes = train.numpy()[dice.integers(0, len(train), n)] + dice.normal(0, 0.01, (n, train.shape[1]))
    return torch.from_numpy(fakes.astype(np.float32))


@right(NAME)
def with_gradients(train, n, rng):
    return (chosen(train, n, rng) + jitter(n, rng)).requires_grad_()


def in_place(train, n, rng):
    train += jitter(len(train), rng)
    return chosen(train, n, rng)


def first_rows(train, n, rng):
    return train.repeat(3, 1)[:n] + jitter(n, rng)


def shuffled(train, n, rng):
    order = torch.cat([torch.randperm(len(train), generator=rng) for _ in range(1 + n // len(train))])
    return train[order[:n]] + jitter(n, rng)


def favourites(train, n, rng):
    index = (len(train) * torch.rand(n, generator=rng) ** 1.5).long()
    return train[index] + jitter(n, rng)


def half_of_them(train, n, rng):
    fakes = chosen(train, n, rng)
    fakes[::2] += jitter(n, rng)[::2]
    return fakes


def own_seed(train, n, rng):
    return whole(train, n, torch.Generator().manual_seed(0))


def jittered_once(train, n, rng):
    return chosen(train + jitter(len(train), rng), n, rng)


def unseeded_jitter(train, n, rng):
    return chosen(train, n, rng) + 0.01 * torch.randn(n, train.shape[1])


def fixed_rows(train, n, rng):
    return chosen(train, n, torch.Generator().manual_seed(0)) + jitter(n, rng)


def one_row(train, n, rng):
    return train[torch.randint(len(train), (1,), generator=rng)] + jitter(n, rng)


def a_tenth(train, n, rng):
    return chosen(train[:40], n, rng) + jitter(n, rng)


ANSWERS = {
    lambda train, n, rng: chosen(train, n, rng): "training samples without any jitter",
    half_of_them: "50% of the fakes are training samples without any jitter",
    lambda train, n, rng: torch.randn(n, 6, generator=rng): "away from the nearest training sample",
    lambda train, n, rng: chosen(train, n, rng) + torch.randn(n, 6, generator=rng): "Draw training samples, then add",
    lambda train, n, rng: jitter(n, rng): "away from the nearest training sample",
    lambda train, n, rng: chosen(train, n, rng) * (1 + jitter(n, rng)): "the jitter is larger for larger numbers",
    lambda train, n, rng: chosen(train, n, rng) + 0.01 * torch.rand(n, 6, generator=rng): "Draw it around 0: randn",
    lambda train, n, rng: chosen(train, n, rng) + 0.01 * (2 * torch.rand(n, 6, generator=rng) - 1): "yours has 0.0058",
    lambda train, n, rng: chosen(train, n, rng) + 0.0346 * (torch.rand(n, 6, generator=rng) - 0.5): "never passes 0.02",
    lambda train, n, rng: chosen(train, n, rng) + 0.1 * jitter(n, rng): "yours has 0.00099",
    lambda train, n, rng: chosen(train, n, rng) + 5 * jitter(n, rng): "yours has 0.049",
    lambda train, n, rng: chosen(train, n, rng) + jitter(n, rng, 1):
        "the jitter is the same for all features of a fake",
    lambda train, n, rng: chosen(train, n, rng) + jitter(1, rng): "all fakes get the same jitter",
    lambda train, n, rng: chosen(train, n, rng) + 0.01: "jitter",
    one_row: "every fake is made from the same training sample",
    lambda train, n, rng: train[0] + jitter(n, rng): "every fake is made from the same training sample",
    a_tenth: "your fakes come from 40 training samples of 400",
    first_rows: "each training sample comes up",
    shuffled: "Draw with replacement",
    favourites: "come up far too often",
    own_seed: "two seeds gave the same fakes",
    jittered_once: "fakes of the same training sample are the same",
    fixed_rows: "two seeds drew the same training samples",
    lambda train, n, rng: whole(train, n, torch.default_generator): "the same seed gave other fakes",
    unseeded_jitter: "the same seed gave other fakes",
    in_place: "changes the training samples",
    lambda train, n, rng: whole(train, len(train), rng): "and 1000 fakes are asked for. Draw with replacement",
    lambda train, n, rng: chosen(train[:-1], n, rng) + jitter(n, rng):
        "sample {399} never came up. The end of randint",
    lambda train, n, rng: whole(train, 1000, rng)[:, :5]: "yours is (1000, 5)",
    lambda train, n, rng: whole(train, n, rng).flatten(): "yours is (6000,)",
    lambda train, n, rng: whole(train, 1000, rng): "5 fakes of 6 features need shape (5, 6), yours is (1000, 6)",
    lambda train, n, rng: whole(train, n, rng).round().long(): "the fakes must be finite floats",
    lambda train, n, rng: whole(train, n, rng) / 0: "the fakes must be finite floats",
    lambda train, n, rng: whole(train, n, rng).numpy(): "return a tensor, not a ndarray",
    lambda train, n, rng: (whole(train, n, rng), n): "return a tensor, not a tuple",
    lambda train, n, rng: list(whole(train, n, rng)): "return a tensor, not a list",
    lambda train, n, rng: train[torch.randint(n, (n,), generator=rng)]: "stopped with IndexError",
    lambda train, n: train[:n]: "stopped with TypeError",
}
for answer, says in ANSWERS.items():
    wrong(NAME, says)(answer)
