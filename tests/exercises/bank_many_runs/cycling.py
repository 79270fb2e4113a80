"""Exercise 1: one step of V = xy, both at once and in turn."""

import numpy as np
import torch

from tests.exercises.bank import nothing, stub
from tests.exercises.bank_many_runs import right, wrong

NAME = "cycling"


def at_once(x, y, eta):
    return x - eta * y, y + eta * x


def in_turn(x, y, eta):
    x -= eta * y
    y += eta * x
    return x, y


def complex_number(x, y, eta):
    z = complex(x, y) * (1 + 1j * eta)
    return z.real, z.imag


def two_half_turns(x, y, eta):
    z = complex(x, y)
    z -= eta * z.imag
    z += 1j * eta * z.real
    return [z.real, z.imag]


def matrix(x, y, eta):
    return np.array([[1, -eta], [eta, 1]]) @ np.array([x, y])


def two_matrices(x, y, eta):
    return np.array([[1, 0], [eta, 1]]) @ np.array([[1, -eta], [0, 1]]) @ np.array([[x], [y]])


def autograd(x, y, eta):
    x, y = (torch.tensor(v, requires_grad=True) for v in (x, y))
    slope_x, slope_y = torch.autograd.grad(x * y, (x, y))
    return x - eta * slope_x, y + eta * slope_y


def autograd_in_turn(x, y, eta):
    point = torch.tensor([x, y], requires_grad=True)
    for sign in (torch.tensor([-1.0, 0.0]), torch.tensor([0.0, 1.0])):
        (slope,) = torch.autograd.grad(point.prod(), point)
        point = point + eta * sign * slope
    return point


def optimizers(x, y, eta):
    x, y = (torch.tensor([v], dtype=torch.float64, requires_grad=True) for v in (x, y))
    down, up = torch.optim.SGD([x], eta), torch.optim.SGD([y], eta, maximize=True)
    (x * y).backward()
    down.step()
    up.step()
    return x, y


def turned_round(x, y, eta):
    return np.array([y + eta * x, x - eta * y])[::-1]


def with_numpy_scalars(x, y, eta):
    return in_turn(np.float32(x), np.float32(y), np.float32(eta))


for pair in ((at_once, in_turn), (complex_number, two_half_turns), (matrix, two_matrices), [autograd, autograd_in_turn],
             (optimizers, lambda x, y, eta: (x - eta * y, eta * x + (1 - eta**2) * y)),
             (turned_round, with_numpy_scalars)):  # fmt: skip
    right(NAME)(pair)


def y_first(x, y, eta):
    y = y + eta * x
    return x - eta * y, y


SIMULTANEOUS = {  # beside the right alternating
    in_turn: "y answers the x that has already moved. Both look at where they stand now",
    y_first: "x answers the y that has already moved",
    lambda x, y, eta: (x, y): "nobody moved",
    lambda x, y, eta: (x - eta * y, y): "y did not move",
    lambda x, y, eta: (x, y + eta * x): "x did not move",
    lambda x, y, eta: (x + eta * y, y - eta * x): "both signs are turned",
    lambda x, y, eta: (x + eta * y, y + eta * x): "x goes uphill",
    lambda x, y, eta: (x - eta * y, y - eta * x): "y goes downhill",
    lambda x, y, eta: (x - eta * x, y + eta * y): "the slope of xy in x is y, not x",
    lambda x, y, eta: (x - y, y + x): "the step size is missing",
    lambda x, y, eta: at_once(x, y, 0.1): "you step with 0.1 whatever eta is",
    lambda x, y, eta: at_once(*at_once(x, y, eta), eta): "these are two steps",
    lambda x, y, eta: (y + eta * x, x - eta * y): "x and y are swapped in what you return",
    lambda x, y, eta: (-eta * y, eta * x): "this is how far they move",
    lambda x, y, eta: (y, x): "these are the slopes",
    lambda x, y, eta: (x - eta**2 * y, y + eta**2 * x): "it should be (0.9500, 0.6000), yours is (0.9950, 0.5100)",
    lambda x, y, eta: x - eta * y: "return the pair (x, y) from simultaneous",
    lambda x, y, eta: (x - eta * y, y + eta * x, eta): "return the pair (x, y) from simultaneous",
    lambda x, y, eta: {"x": x - eta * y, "y": y + eta * x}: "return the pair (x, y) from simultaneous",
    lambda x, y, eta: complex(x, y) * (1 + 1j * eta): "return the pair (x, y) from simultaneous",
    lambda x, y, eta: (complex(x, y), eta): "Yours are complex",
    lambda x, y, eta: ([x, x - eta * y], [y, y + eta * x]): "two numbers",
    lambda x, y, eta: (f"{x - eta * y:.3f}", f"{y + eta * x:.3f}"): "not '0.950'",
    lambda x, y: (x - 0.1 * y, y + 0.1 * x): "stopped with TypeError",
    stub: "is still the stub",
    nothing: "gave back None",
    at_once(1.0, 0.5, 0.1): "should be a function, not the tuple",
}
for answer, says in SIMULTANEOUS.items():
    wrong(NAME, says)((answer, in_turn))


def both_turned(x, y, eta):
    x = x + eta * y
    return x, y - eta * x


def uphill(x, y, eta):
    x = x + eta * y
    return x, y + eta * x


def downhill(x, y, eta):
    x = x - eta * y
    return x, y - eta * x


def no_step_size(x, y, eta):
    x = x - y
    return x, y + x


def returns_old_x(x, y, eta):
    new = x - eta * y
    return x, y + eta * new


ALTERNATING = {  # beside the right simultaneous
    at_once: "alternating, from (1, 0.5) with eta = 0.1: y still answers the old x",
    y_first: "y moves first here. Let x begin",
    both_turned: "both signs are turned",
    uphill: "x goes uphill",
    downhill: "y goes downhill",
    no_step_size: "the step size is missing",
    lambda x, y, eta: in_turn(*in_turn(x, y, eta), eta): "these are two steps",
    lambda x, y, eta: in_turn(x, y, eta)[::-1]: "x and y are swapped in what you return",
    lambda x, y, eta: (x + eta * y, y - eta * x): "both signs are turned",
    lambda x, y, eta: (x - eta * y, y): "y did not move",
    returns_old_x: "it should be (0.9500, 0.5950), yours is (1.0000, 0.5950)",
    stub: "is still the stub",
    nothing: "gave back None",
}
for answer, says in ALTERNATING.items():
    wrong(NAME, says)((at_once, answer))

BOTH = "give the check both functions: (simultaneous, alternating)"
for answer in (stub, nothing, 42, at_once, (at_once,), (at_once, in_turn, y_first), {"simultaneous": at_once}, None):
    wrong(NAME, BOTH)(answer)
wrong(NAME, "y answers the x that has already moved")((in_turn, at_once))
