"""I: the noise that goes into the generator. Samplers have the form ``sample(n, rng) -> (n, features)``."""

import torch

from gan_helpers import _validate


def random_bits(n: int, rng: torch.Generator, width: int = 7) -> torch.Tensor:
    """Toss `width` fair coins, n times (chapter 1).

    Returns float32 of shape (n, width), every entry 0.0 or 1.0. Only 2**width different rows are possible.
    """
    shape = (_validate.count(n, "n"), _validate.count(width, "width"))
    return torch.randint(0, 2, shape, generator=_validate.rng(rng), dtype=torch.float32)


def uniform(n: int, rng: torch.Generator, low: float = 0.0, high: float = 1.0, features: int = 1) -> torch.Tensor:
    """Draw uniformly from [low, high) (chapter 3): float32 of shape (n, features).

    Raises ValueError if low is not below high or n < 1, TypeError if rng is not a torch.Generator.
    """
    _validate.number(low, "low")
    _validate.number(high, "high", above=low)
    shape = _validate.count(n, "n"), _validate.count(features, "features")
    return torch.empty(shape).uniform_(low, high, generator=_validate.rng(rng))


def normal(n: int, rng: torch.Generator, features: int = 1) -> torch.Tensor:
    """Draw from the standard normal distribution (chapter 2): float32 of shape (n, features)."""
    shape = _validate.count(n, "n"), _validate.count(features, "features")
    return torch.randn(shape, generator=_validate.rng(rng))


def all_bits(width: int = 7) -> torch.Tensor:
    """Every row that `random_bits` can return, once: float32 of shape (2**width, width), counting upward."""
    width = _validate.count(width, "width")
    if width > 20:
        raise ValueError(f"width must be 20 or less to list all 2**width rows, got {width}. Sample instead.")
    return torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * width).reshape(-1, width)
