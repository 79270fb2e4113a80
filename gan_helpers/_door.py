"""Bad input is refused at the door: with the value, what was expected, and the remedy."""

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


def bits_of(max_int, name: str = "max_int") -> int:
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


def one_of(value, names, name: str) -> None:
    """Refuse a name that is not one of `names`."""
    if value not in tuple(names):
        raise ValueError(f"{name} must be one of {', '.join(map(repr, names))}, got {value!r:.60}.")


def seed(value) -> int:
    """Return `value` if torch can tell it from every other seed: a whole number from 0 to 2**32 - 1."""
    value = count(value, "seed", least=0)
    if value >= 2**32:
        raise ValueError(f"seed must be below {2**32}, got {value}: torch keeps 32 bits of it. Pass a smaller one.")
    return value


def moments(watch, watch_at, steps: int) -> set[int]:
    """Return the steps to watch as a set, each from 0 to `steps`."""
    if not hasattr(watch_at, "__iter__"):
        raise TypeError(f"watch_at must be a list of steps, got {watch_at!r}. Write ({watch_at!r},) for one.")
    watch_at = {count(step, "each of watch_at", least=0) for step in watch_at}
    if watch_at and max(watch_at) > steps:
        raise ValueError(f"watch_at names step {max(watch_at)}, but the run has {steps}. Name steps from 0 to {steps}.")
    if watch_at and not callable(watch):
        raise TypeError(f"watch_at is given, so watch must be a function of the run, got {watch!r:.60}.")
    return watch_at


def random_source(rng) -> torch.Generator:
    """Return `rng` if it is a torch.Generator on the CPU, so that a seed means the same on every device."""
    if not isinstance(rng, torch.Generator):
        raise TypeError(f"rng must be a torch.Generator, got {rng!r}. Make one: torch.Generator().manual_seed(0).")
    if rng.device.type != "cpu":
        raise ValueError(f"rng must live on the CPU, got one on {rng.device}. Samples are drawn there and moved.")
    return rng


def device_there(device) -> torch.device:
    """Return `device` as a torch.device if this machine has it."""
    try:
        device = torch.device(device)
        if device.type == "meta":
            raise RuntimeError("the meta device holds no numbers")
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, TypeError, NotImplementedError, ImportError) as error:
        there = ["cpu"]
        if torch.cuda.is_available():
            there += [f"cuda:{i}" for i in range(torch.cuda.device_count())]
        if torch.backends.mps.is_available():
            there.append("mps")
        raise ValueError(f"no device {str(device)!r} on this machine. Use one of: {', '.join(there)}.") from error
    return device


def number(value, name: str, least: float = -math.inf, above: float = -math.inf, below: float = math.inf) -> None:
    """Refuse a setting that is not a finite number in its range."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number, got {value!r} ({type(value).__name__}).")
    if not (least <= value < below and above < value < math.inf):
        lower = f"{least:g} or more" if above == -math.inf else f"above {above:g}"
        upper = "finite" if below == math.inf else f"below {below:g}"
        raise ValueError(f"{name} must be {lower} and {upper}, got {value}.")
