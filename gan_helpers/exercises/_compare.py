"""What the checks of several chapters read and compare results with."""

import contextlib
import inspect
import math
import sys

import numpy as np
import torch

from gan_helpers.exercises import NotYet, as_tensor, ask, require


def numbers(value, what: str) -> torch.Tensor:
    """`value` as a float64 tensor of real numbers; NotYet, naming `what` it should be, if it holds anything else."""
    if isinstance(value, np.ndarray):
        value = value.copy()  # torch refuses an array that was turned round
    if isinstance(value, list | tuple) and value and all(isinstance(part, torch.Tensor) for part in value):
        require(len({part.shape for part in value}) == 1, f"return {what}, not tensors of several shapes.")
        value = torch.stack([part.detach().to("cpu") for part in value])
    if isinstance(value, list | tuple) and any(isinstance(part, np.ndarray) for part in value):
        with contextlib.suppress(ValueError):
            value = np.array(value)
    if isinstance(value, int | float | list | tuple):
        with contextlib.suppress(TypeError, ValueError, RuntimeError, OverflowError):  # as_tensor has the words
            value = torch.tensor(value, dtype=torch.float64)  # torch's default for them is float32
    found = as_tensor(value, what)
    require(not torch.as_tensor(value).is_complex(), f"return {what}. Yours are complex: the root of a negative "
            "number, or a .real that is missing?")
    return found


def number(value, what: str) -> float:
    """`value` as one float; it may come as a tensor or an array of one."""
    found = numbers(value, what)
    require(found.numel() == 1, f"return {what}: one number, not shape {tuple(found.shape)}.")
    return found.item()


def parts(value, count: int, what: str) -> list:
    """The `count` parts of a tuple, a list, an array or a tensor."""
    rows = isinstance(value, tuple | list | np.ndarray | torch.Tensor) and getattr(value, "ndim", 1) > 0
    require(rows and len(value) == count, f"return {what}.")
    return list(value)


def name(mistakes, says, here: str = "") -> None:
    """NotYet with the words of the first mistake (result, words) whose result `says` finds in the answer."""
    for result, words in mistakes:
        require(not says(result), f"{here}{words}")


def near(value: float, other, tolerance: float = 1e-6) -> bool:
    """Whether two numbers agree, up to `tolerance` times their size (or times 1, if they are small)."""
    other = float(other)
    return math.isfinite(other) and abs(value - other) <= tolerance * max(1.0, abs(other))


def slopes(loss, at: list[torch.Tensor], what: str) -> list[torch.Tensor]:
    """The gradient of a learner's loss in each of `at`, float64; NotYet, naming `what` the loss is, if none flows."""
    require(isinstance(loss, torch.Tensor) and loss.requires_grad, f"{what} has the right value, but no gradient flows "
            "through it, and networks learn from the gradient. Return the tensor as torch computed it: no .item(), "
            ".detach() or numpy.")
    try:
        found = torch.autograd.grad(loss.sum(), at, retain_graph=True, allow_unused=True)
    except RuntimeError as error:
        raise NotYet(f"{what} has the right value, but PyTorch cannot take its gradient: something it needs for that "
                     "was overwritten, by an operation whose name ends in _, say.") from error
    pairs = zip(at, found, strict=True)
    return [torch.zeros_like(x).double() if slope is None else slope.double() for x, slope in pairs]


def unaided(functions, answer, *arguments):
    """Ask, and refuse an answer that calls one of the `functions` that do its work, by whatever name."""
    called = []
    plain = [inspect.unwrap(function) for function in functions]  # a decorator's code is shared by all it decorates

    def look(frame, event, what) -> None:
        called.extend(f for f in plain if (getattr(f, "__code__", None) is frame.f_code if event == "call"
                                           else event == "c_call" and f is what))

    before = sys.getprofile()
    with contextlib.ExitStack() as stack:
        stack.callback(sys.setprofile, before)
        sys.setprofile(look)
        result = ask(answer, *arguments)
    if called:
        raise NotYet(f"Your {getattr(answer, '__name__', 'function')} calls {called[0].__qualname__}, and that is the "
                     "whole answer. Write out what it does.")
    return result
