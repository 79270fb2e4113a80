"""R: the real samples.

Every sampler has the form ``sample(n, rng) -> (n, features)``, float32, drawn on the CPU from a torch.Generator.
"""

import functools
import statistics

import numpy as np
import torch

from gan_helpers import _door
from gan_helpers.images import mnist as mnist  # the digits have a module of their own


def to_bits(numbers, width: int = 7) -> torch.Tensor:
    """Write whole numbers in binary, the highest bit first (chapter 1).

    numbers: an int, or a list, array or tensor of ints, any shape (...), each from 0 to 2**width - 1.
    Returns float32 of shape (..., width), every entry 0.0 or 1.0: 56 becomes 0 1 1 1 0 0 0.
    Raises TypeError for anything but integers (bool and float too), ValueError for negative or too large numbers.
    """
    width = _door.count(width, "width", most=62)  # tensors hold no larger whole numbers
    given = numbers
    for number in np.array(numbers, dtype=object).flat if isinstance(numbers, int | list | tuple) else ():
        if isinstance(number, bool | np.bool_):
            raise TypeError(f"to_bits takes integers, got {number!r} (bool). Use 0 or 1 instead.")
        if isinstance(number, int) and number >= 2**63:  # more than a tensor holds
            raise ValueError(_too_large(number, width))
    if isinstance(numbers, np.ndarray | np.generic) and numbers.dtype.kind in "iu":
        numbers = np.array(numbers, dtype=object if numbers.dtype == np.uint64 else np.int64)  # any byte order
    try:
        numbers = torch.as_tensor(numbers.tolist() if isinstance(numbers, np.ndarray) else numbers)
    except (ValueError, TypeError, RuntimeError, OverflowError) as error:
        raise TypeError(f"to_bits takes integers below {2**width}, got {given!r}. Pass ints.") from error
    if numbers.numel() == 0:
        raise ValueError(f"to_bits needs at least one number, got {given!r}.")
    if numbers.dtype == torch.bool or numbers.is_floating_point() or numbers.is_complex():
        raise TypeError(f"to_bits takes integers, got {given!r} ({numbers.dtype}). Convert first: int(...) or .long().")
    numbers = numbers.long()
    if numbers.min() < 0:
        raise ValueError(f"to_bits takes numbers of 0 or more, got {int(numbers.min())}. There is no bit for a sign.")
    if numbers.max() >= 2**width:
        raise ValueError(_too_large(int(numbers.max()), width))
    return _spell(numbers, width)


def _spell(numbers: torch.Tensor, width: int) -> torch.Tensor:
    place = torch.arange(width - 1, -1, -1, device=numbers.device)  # 6 5 4 3 2 1 0
    return (numbers.unsqueeze(-1) >> place & 1).float()


def _too_large(number: int, width: int) -> str:
    return (
        f"{number} does not fit into {width} bits: the largest number that does is {2**width - 1}. "
        f"Pass a smaller number, or width={number.bit_length()}."
    )


def from_bits(bits) -> torch.Tensor:
    """Read binary numbers back: the inverse of `to_bits` (chapter 1).

    bits: tensor (..., width) of exact zeros and ones, any dtype. Returns int64 of shape (...).
    Raises ValueError for values between 0 and 1: round a generator's output first, ``(output > 0.5)``.
    """
    try:
        bits = torch.as_tensor(bits)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"from_bits takes zeros and ones, got {bits!r}. Pass a tensor or a list of numbers.") from error
    if bits.dim() == 0 or bits.shape[-1] == 0:
        raise ValueError(f"from_bits needs a last axis with the bits, got shape {tuple(bits.shape)}.")
    _door.count(bits.shape[-1], "width", most=62)
    wrong = bits[(bits != 0) & (bits != 1)]
    if wrong.numel():
        raise ValueError(
            f"from_bits takes zeros and ones, got {wrong.flatten()[0].item():.4g}. "
            "Is this the output of a generator? Round it first: from_bits(output > 0.5)."
        )
    place = torch.arange(bits.shape[-1] - 1, -1, -1, device=bits.device)
    return (bits.long() << place).sum(-1)


def even_numbers(n: int, rng: torch.Generator, max_int: int = 128) -> torch.Tensor:
    """Draw even numbers from 0 to max_int - 2, all equally likely, as bits (chapter 1).

    n: how many; rng: the torch.Generator to draw from; max_int: a power of two.
    Returns float32 of shape (n, log2(max_int)). The last bit of every row is 0: that is what *even* means.
    Raises ValueError if max_int is not a power of two or n < 1, TypeError if rng is not a torch.Generator.
    """
    width = _door.bits_of(max_int)
    n = _door.count(n, "n")
    half = torch.randint(0, max_int // 2, (n,), generator=_door.random_source(rng))
    return _evens(width)[half] if width <= 16 else _spell(2 * half, width)  # to look up takes a fraction of the time


@functools.cache
def _evens(width: int) -> torch.Tensor:
    """All even numbers of so many bits, counting upwards: (2**(width - 1), width)."""
    return _spell(torch.arange(0, 2**width, 2), width)


def gray_pixels(n: int, rng: torch.Generator) -> torch.Tensor:
    """Draw grey pixels, -1 for white to 1 for black: N(0, 0.35), cut off at -1 and 1 (chapter 2). float32, (n, 1)."""
    return _bump(0.0, 0.35, _door.count(n, "n"), _door.random_source(rng))


def ink_and_paper(n: int, rng: torch.Generator) -> torch.Tensor:
    """Draw pixels of a printed page: 7 in 10 paper, N(-0.5, 0.15), the rest ink, N(0.5, 0.15), cut off at -1 and 1.

    Returns float32 of shape (n, 1) (chapter 2).
    """
    n, rng = _door.count(n, "n"), _door.random_source(rng)
    side = torch.where(torch.rand(n, 1, generator=rng) < 0.7, -1.0, 1.0)  # paper is the mirror image of ink
    return _bump(0.5, 0.15, n, rng).mul_(side)


def _bump(mean: float, std: float, n: int, rng: torch.Generator) -> torch.Tensor:
    """N(mean, std), cut off at -1 and 1: its quantile function, from what lies below -1 to what lies below 1."""
    below = statistics.NormalDist(mean, std).cdf
    shares = torch.empty(n, 1).uniform_(below(-1), below(1), generator=rng)
    return torch.special.ndtri(shares).mul_(std).add_(mean).clamp_(-1, 1)


def gaussian(n: int, rng: torch.Generator, mean: float = 4.0, std: float = 1.25) -> torch.Tensor:
    """Draw from the normal distribution N(mean, std) (chapter 3): float32 of shape (n, 1).

    Raises ValueError if std is not above 0 or n < 1, TypeError if rng is not a torch.Generator.
    """
    _door.number(mean, "mean")
    _door.number(std, "std", above=0)
    return torch.empty(_door.count(n, "n"), 1).normal_(mean, std, generator=_door.random_source(rng))


def ring(n: int, rng: torch.Generator, modes: int = 8, radius: float = 2.0, std: float = 0.1) -> torch.Tensor:
    """Draw from a ring of `modes` round Gaussians in the plane, all equally likely (chapter 4): float32 of (n, 2).

    Their centres are those of `ring_centres`; std is the standard deviation along each axis.
    """
    centres = ring_centres(modes, radius)
    _door.number(std, "std", above=0)
    which = torch.randint(0, modes, (_door.count(n, "n"),), generator=_door.random_source(rng))
    return centres[which] + std * torch.randn(n, 2, generator=rng)


def ring_centres(modes: int = 8, radius: float = 2.0) -> torch.Tensor:
    """The centres of `ring`, evenly spaced on the circle, the first one to the right: (modes, 2)."""
    _door.number(radius, "radius", above=0)
    angles = torch.arange(_door.count(modes, "modes")) * (2 * torch.pi / modes)
    return radius * torch.stack([angles.cos(), angles.sin()], 1)
