"""Exercise 4: inverted dropout with a given mask."""

import numpy as np
import torch

from tests.exercises.bank_mnist_deeper import right, wrong

NAME = "dropout"


@right(NAME)
def with_where(x, kept, p, training):
    if not training:
        return x.clone()
    return torch.where(kept, x / (1 - p), 0)


@right(NAME)
def filled(x, kept, p, training):
    return x.masked_fill(~kept, 0) * (1 / (1 - p)) if training and p else x


@right(NAME)
def with_numpy(x, kept, p, training):
    scale = np.where(kept.numpy(), 1 / (1 - p), 0) if training else 1
    return x.numpy() * scale


def trained(function):
    return lambda x, kept, p, training: function(x, kept, p) if training else x


def evaluated(function):
    return lambda x, kept, p, training: x * kept / (1 - p) if training else function(x, kept, p)


def in_place(x, kept, p, training):
    if training:
        x[~kept] = 0
        x /= 1 - p
    return x


ANSWERS = {
    lambda x, kept, p, training: x: "with p = 0.3 in training nothing is dropped",
    lambda x, kept, p, training: x * kept / (1 - p): "with p = 0.3 in evaluation you drop",
    lambda x, kept, p, training: x * kept if training else x * (1 - p): "but the rest is not scaled up",
    evaluated(lambda x, kept, p: x * (1 - p)): "you scale by 1 - p, as the first dropout did",
    evaluated(lambda x, kept, p: x / (1 - p)): "everything is scaled up",
    evaluated(lambda x, kept, p: x * kept): "in evaluation you drop, but the rest",
    trained(lambda x, kept, p: x * kept): "Divide by 1 - p",
    trained(lambda x, kept, p: x * ~kept / (1 - p)): "you drop what the mask keeps",
    trained(lambda x, kept, p: x * ~kept): "you drop what the mask keeps, and the rest is not scaled up",
    trained(lambda x, kept, p: x * kept / p): "you divide by p. Kept is 1 - p",
    trained(lambda x, kept, p: x * kept * (1 - p)): "you scale down",
    trained(lambda x, kept, p: x * kept * (1 + p)): "1 + p is near 1 / (1 - p)",
    trained(lambda x, kept, p: x * kept / (1 - p) ** 0.5): "you divide by the root of 1 - p",
    trained(lambda x, kept, p: x * kept / kept.float().mean()): "you divide by the share that this mask keeps",
    trained(lambda x, kept, p: x * kept / kept.float().mean(1, keepdim=True)): "the share that is kept in each row",
    trained(lambda x, kept, p: x * kept * 2): "you multiply by 2 whatever p is",
    trained(lambda x, kept, p: x * kept / 0.7): "with p = 0.5 in training you take p = 0.3 always",
    trained(lambda x, kept, p: x * kept / (1 - p) ** 2): "you divide by 1 - p twice",
    trained(lambda x, kept, p: kept / (1 - p)): "this is the mask. Multiply x by it",
    trained(lambda x, kept, p: (x + kept) / (1 - p)): "the mask is added",
    trained(lambda x, kept, p: x * kept[0] / (1 - p)): "every row is dropped by the first row of the mask",
    trained(lambda x, kept, p: x / (1 - p)): "everything is scaled up, and nothing is dropped",
    trained(lambda x, kept, p: torch.nn.functional.dropout(x, p)): "the zeros lie elsewhere than the mask says",
    trained(lambda x, kept, p: x * kept / (p - 1)): "should become",
    trained(lambda x, kept, p: x[kept] / (1 - p)): "the shape stays (6, 10), yours is (",
    trained(lambda x, kept, p: (x * kept / (1 - p)).sum(0)): "yours is (10,)",
    trained(lambda x, kept, p: x * torch.nan): "yours is nan",
    trained(lambda x, kept, p: "dropped"): "return a tensor like x, not 'dropped'",
    trained(lambda x, kept, p: (x * kept, kept)): "yours is (2, 6, 10)",
    in_place: "changes x or the mask",
    lambda x, kept, p, training: x * kept / 1 - p if training else x: "should become",
    lambda x, kept, p: x * kept / (1 - p): "stopped with TypeError",
    lambda x, kept, p, training: x * (1 - kept) / (1 - p): "stopped with RuntimeError",
}
for answer, says in ANSWERS.items():
    wrong(NAME, says)(answer)
