"""Checks of arguments. Bad input is refused early: with the value, what was expected, and the remedy."""

import difflib
import math
import numbers

import numpy as np
import torch


def count(value, name: str, least: int = 1, most: int | None = None) -> int:
    """Return `value` if it is a whole number from `least` to `most`; raise TypeError or ValueError otherwise."""
    if isinstance(value, bool | np.bool_) or not hasattr(type(value), "__index__"):
        raise TypeError(f"{name} must be a whole number, got {value!r:.60} ({type(value).__name__}). Pass an int.")
    value = int(value)
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}. Pass a larger number.")
    if most is not None and value > most:
        raise ValueError(f"{name} must be at most {most}, got {value}. Pass a smaller number.")
    return value


def number(value, name: str, least: float = -math.inf, above: float = -math.inf, below: float = math.inf) -> None:
    """Refuse a setting that is not a finite number in its range."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number, got {value!r} ({type(value).__name__}).")
    if not math.isfinite(value) or not (least <= float(value) < below and above < float(value)):
        limits = [f"{least:g} or more"] * (least > -math.inf) + [f"above {above:g}"] * (above > -math.inf)
        limits += ["finite" if below == math.inf else f"below {below:g}"]
        raise ValueError(f"{name} must be {' and '.join(limits)}, got {value}.")


def one_of(value, names, name: str) -> None:
    """Refuse a name that is not one of `names`."""
    if value not in tuple(names):
        raise ValueError(f"{name} must be one of {', '.join(map(repr, names))}, got {value!r:.60}.")


def known_keywords(given, names, synonyms: dict[str, str], what: str) -> None:
    """Refuse keywords that are not among `names`, and name the one that was probably meant."""
    for name in given:
        if name not in names:
            close = [synonyms[name]] if name in synonyms else difflib.get_close_matches(name, names, 1, 0.5)
            close = close or [setting for setting in names if setting in name.split("_")]
            hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(names)}."
            raise TypeError(f"{what} has no setting {name!r}: {hint}")


def log2(max_int, name: str = "max_int") -> int:
    """Return how many bits the numbers 0 to max_int - 1 need; `max_int` must be a power of two, 2 or more."""
    max_int = count(max_int, name, least=2)
    width = max_int.bit_length() - 1
    if width > 62:
        raise ValueError(f"{name} must be at most 2**62, got {max_int}: tensors hold no larger whole numbers.")
    if max_int != 2**width:
        raise ValueError(
            f"{name} must be a power of two, got {max_int}. The nearest ones are {2**width} and {2 ** (width + 1)}: "
            "with any other maximum, some bit patterns would stand for numbers outside the range."
        )
    return width


def seed(value) -> int:
    """Return `value` if it is a seed that torch tells apart from all others: a whole number from 0 to 2**32 - 1."""
    value = count(value, "seed", least=0)
    if value >= 2**32:
        raise ValueError(f"seed must be below {2**32}, got {value}: torch keeps 32 bits of it. Pass a smaller one.")
    return value


def rng(value) -> torch.Generator:
    """Return `value` if it is a torch.Generator on the CPU, where a seed gives the same samples on every machine."""
    if not isinstance(value, torch.Generator):
        raise TypeError(f"rng must be a torch.Generator, got {value!r}. Make one: torch.Generator().manual_seed(0).")
    if value.device.type != "cpu":
        raise ValueError(f"rng must live on the CPU, got one on {value.device}. Samples are drawn there and moved.")
    return value


def device(value) -> torch.device:
    """Return `value` as a torch.device if this machine has it."""
    try:
        found = torch.device(value)
        if found.type == "meta":
            raise RuntimeError("the meta device holds no numbers")
        torch.empty(1, device=found)
    except (RuntimeError, AssertionError, TypeError, NotImplementedError, ImportError) as error:
        there = ["cpu"]
        if torch.cuda.is_available():
            there += [f"cuda:{i}" for i in range(torch.cuda.device_count())]
        if torch.backends.mps.is_available():
            there.append("mps")
        raise ValueError(f"no device {str(value)!r} on this machine. Use one of: {', '.join(there)}.") from error
    return found


def result_of(network, batch: torch.Tensor, name: str, what: str) -> torch.Tensor:
    """Return ``network(batch)``; if the network refuses it, say which shape it was given."""
    given = f"{what} of shape {tuple(batch.shape)} and type {batch.dtype}"
    try:
        result = network(batch)
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        remedy = ("Give its first layer as many inputs as the last number of the shape, and feed it float32."
                  if "mat1" in str(error) or "dtype" in str(error) else "Look at its forward.")
        raise ValueError(f"{name} cannot take {given}: {str(error).rstrip('.')}. {remedy}") from error
    if not isinstance(result, torch.Tensor):
        raise ValueError(f"{name} returned {type(result).__name__}, not a tensor, for {given}. Return one tensor.")
    return result


def refusal(error: Exception, call: str) -> Exception:
    """The TypeError or ValueError to raise when a function of the caller's stopped with `error`."""
    kind = TypeError if isinstance(error, TypeError) else ValueError
    return kind(f"{call} stopped with {type(error).__name__}: {error}")
