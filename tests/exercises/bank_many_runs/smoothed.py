"""Exercise 3: D* when the label of real samples is a."""

import numpy as np
import torch
from torch import logit, sigmoid

from tests.exercises.bank_many_runs import right, wrong

NAME = "smoothed_d"


@right(NAME)
def odds(p_data, p_g, a):
    odds = a * p_data / ((1 - a) * p_data + p_g)
    return odds / (1 + odds)


@right(NAME)
def from_logits(p_data, p_g, a):
    return sigmoid(torch.log(a * p_data) - torch.log((1 - a) * p_data + p_g))


@right(NAME)
def in_place(p_data, p_g, a):
    p_g += p_data
    return p_data.mul_(a).div_(p_g)


@right(NAME)
def point_by_point(p_data, p_g, a):
    return [a * p / (p + q) for p, q in zip(p_data.tolist(), p_g.tolist(), strict=True)]


@right(NAME)
def numpy_single_precision(p_data, p_g, a):
    p, q = p_data.numpy().astype(np.float32), p_g.numpy().astype(np.float32)
    return a / (1 + q / p)


@right(NAME)
def by_bisection(p_data, p_g, a):
    """Follows the slope of the bill instead of solving it by hand."""
    low, high = torch.zeros_like(p_data), torch.ones_like(p_data)
    for _ in range(40):
        d = ((low + high) / 2).requires_grad_()
        bill = -p_data * (a * d.log() + (1 - a) * (1 - d).log()) - p_g * (1 - d).log()
        (slope,) = torch.autograd.grad(bill.sum(), d)
        low, high = torch.where(slope < 0, d, low), torch.where(slope < 0, high, d)
        low, high = low.detach(), high.detach()
    return d


@right(NAME)
def backwards_in_numpy(p_data, p_g, a):
    return np.array([a * p / (p + q) for p, q in zip(p_data.flip(0), p_g.flip(0), strict=True)])[::-1]


ANSWERS = {
    lambda p, q, a: p / (p + q): "for a = 0.9 this is D* without smoothing",
    lambda p, q, a: 0.9 * p / (p + q): "you smooth with 0.9 whatever a is",
    lambda p, q, a: (a * p + (1 - a) * q) / (p + q): "the fakes' label is smoothed too",
    lambda p, q, a: a * p / (a * p + q): "(1 - a) p_data is missing under the fraction",
    lambda p, q, a: p.mul_(a) / (p + q): "(1 - a) p_data is missing under the fraction",
    lambda p, q, a: 1 - a * p / (p + q): "this is the chance of a fake",
    lambda p, q, a: a * q / (p + q): "p_data and p_g are swapped",
    lambda p, q, a: (1 - a) * p / (p + q): "a and 1 - a are swapped",
    lambda p, q, a: p / (a * p + q): "the a belongs above the fraction",
    lambda p, q, a: p / (p + a * q): "here it weighs p_g",
    lambda p, q, a: a * p / (p + a * q): "a weighs p_g under the fraction",
    lambda p, q, a: a * p / (a * p + (1 - a) * q): "a is a label, not the share of real samples",
    lambda p, q, a: (p / (p + q)).clamp(max=a): "D* is not cut off at a, all of it is scaled",
    lambda p, q, a: p / (p + q) - (1 - a): "D* is not moved down by 1 - a",
    lambda p, q, a: p / (a * (p + q)): "D* is not divided by a",
    lambda p, q, a: a * p / q: "an odds. D is a number below 1",
    lambda p, q, a: logit(a * p / (p + q)): "this is the logit",
    lambda p, q, a: (a * p / (p + q)).round(decimals=2): "Close: is something rounded?",
    lambda p, q, a: torch.linspace(0.01, 0.99, 99, dtype=p.dtype)[
        (a * p / (p + q) - torch.linspace(0.01, 0.99, 99, dtype=p.dtype)[:, None]).abs().argmin(0)
    ]: "Close: is something rounded?",
    lambda p, q, a: a * p / p + q: "and p_g = 3.0 it is 0.0818, yours 3.9000",
    lambda p, q, a: a * p / (p + q) ** 2: "yours",
    lambda p, q, a: torch.tensor([0.18, 0.45, 0.857143, 0.081818]): "you smooth with 0.9 whatever a is",
    lambda p, q, a: torch.full_like(p, torch.nan): "yours nan",
    lambda p, q, a: (a * p / (p + q)).mean(): "for 4 points return shape (4,), yours is ()",
    lambda p, q, a: (a * p / (p + q)).unsqueeze(1): "yours is (4, 1)",
    lambda p, q, a: a * p / (p + q[:, None]): "yours is (4, 4)",
    lambda p, q, a: (a * p / (p + q), 1 - a * p / (p + q)): "return a tensor (n,), not",
    lambda p, q, a: torch.stack([a * p / (p + q), 1 - a * p / (p + q)]): "yours is (2, 4)",
    lambda p, q, a: (a * p / (p + q)).to(torch.cfloat): "Yours are complex",
    lambda p, q, a: "a p / (p + q)": "return a tensor (n,), not 'a p / (p + q)'",
    lambda p, q, a: a * p.log_softmax() / q: "stopped with",
    lambda p, q: 0.9 * p / (p + q): "stopped with TypeError",
}
for answer, says in ANSWERS.items():
    wrong(NAME, says)(answer)
