"""How results are read: each reader makes (result, arguments by name) -> {part: value}, or raises NotYet."""

import contextlib
from collections.abc import Callable, Mapping

import numpy as np
import torch

from gan_helpers.exercises import NotYet, guard, require
from gan_helpers.exercises.telling import a_kind, brief


def _as_tensor(value, what: str) -> torch.Tensor:
    """`value` as a detached float64 tensor; NotYet, naming `what` it should be, if it cannot be one."""
    try:
        return torch.as_tensor(value).detach().double()
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise NotYet(f"return {what}, not {brief(value, 60)}.") from error


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
        with contextlib.suppress(TypeError, ValueError, RuntimeError, OverflowError):  # _as_tensor has the words
            value = torch.tensor(value, dtype=torch.float64)  # torch's default for them is float32
    found = _as_tensor(value, what)
    require(not torch.as_tensor(value).is_complex(), f"return {what}. Yours are complex: the root of a negative "
            "number, or a .real that is missing?")
    return found


def _one(what: str) -> str:
    return what if "one number" in what else f"{what}: one number"


def one_number(value, what: str) -> float:
    """`value` as one float; it may come as a tensor or an array of one."""
    found = numbers(value, what)
    require(found.numel() == 1, f"return {_one(what)}, not shape {tuple(found.shape)}.")
    return found.item()


def parts(value, count: int, what: str) -> list:
    """The `count` parts of a tuple, a list, an array or a tensor."""
    rows = isinstance(value, tuple | list | np.ndarray | torch.Tensor) and getattr(value, "ndim", 1) > 0
    require(rows and len(value) == count, f"return {what}.")
    return list(value)


def of_kind(result, kind: type, what: str, why: str = "") -> None:
    """NotYet unless the result is of the kind; written so that nothing is printed into words in vain."""
    if not isinstance(result, kind):
        raise NotYet(f"return {what}, not {a_kind(result)}: {brief(result, 40)}.{why}")


def tensor(like: str | Callable, dtype: torch.dtype | None = torch.float32, what: str = "a tensor", loose: bool = False,
           shapes: Mapping | None = None, dtypes: Mapping | None = None, values: Callable | None = None) -> Callable:
    """A tensor like an argument ("like x"), or of the shape that `like` makes of the arguments.

    dtype: None for that of the argument. loose: whether any numbers of that shape will do, as array or list too.
    shapes, dtypes: what to say about a wrong one, shapes by the number of axes. values: tensor -> what is wrong with
    its entries, or nothing.
    """
    name = like.removeprefix("like ") if isinstance(like, str) else None

    def read(result, arguments: dict) -> dict:
        if not loose:
            of_kind(result, torch.Tensor, what)
        value = numbers(result, what).clone() if loose else result.detach().clone()
        shape = tuple(arguments[name].shape) if name else tuple(like(*arguments.values()))
        says = (shapes or {}).get(value.dim(), "")
        require(value.shape == shape, f"return shape {shape}; yours is {tuple(value.shape)}. {says}".rstrip())
        should, says = value.dtype if loose else dtype or arguments[name].dtype, (dtypes or {}).get(value.dtype, "")
        require(value.dtype == should, f"return {should}; yours is {value.dtype}. {says}".rstrip())
        wrong = values and values(value)
        require(not wrong, wrong)
        return {"": value if value.dtype == torch.bool else value.double()}

    return read


def number(what: str = "one number", is_tensor: bool = False, name: str = "") -> Callable:
    """One number: as a tensor, or as whatever holds one. name: of the part, if there are others."""
    def read(result, arguments: dict) -> dict:
        if is_tensor:
            of_kind(result, torch.Tensor, f"{what} as a tensor", " No gradient flows through anything else.")
        require(not isinstance(result, bool), f"return {what}, not True or False.")
        value = numbers(result, what)
        require(value.numel() == 1, f"return {_one(what)}. Yours has shape {tuple(value.shape)}.")
        return {name: value.reshape(()).clone()}

    return read


def several(*names: str) -> Callable:
    """As many numbers as there are names, in this order, as a tuple, list, array or tensor."""
    what = f"{len(names)} numbers: {', '.join(names)}"

    def read(result, arguments: dict) -> dict:
        rows = isinstance(result, tuple | list | np.ndarray | torch.Tensor) and getattr(result, "ndim", 1) > 0
        require(rows and len(result) == len(names), f"return {what}.")
        values = [numbers(part, what) for part in result]
        require(all(value.numel() == 1 for value in values), f"return {what}. One of yours has the shape "
                f"{next((tuple(v.shape) for v in values if v.numel() != 1), ())}: is a sum() or mean() missing?")
        return {name: value.reshape(()).clone() for name, value in zip(names, values, strict=True)}

    return read


def exactly(kind: type, what: str) -> Callable:
    """A value of one type, compared as it is: bool, str, a list of strings."""
    def read(result, arguments: dict) -> dict:
        of_kind(result, kind, what)
        return {"": guard.kept(result) if isinstance(result, list) else result}

    return read
