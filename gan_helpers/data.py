"""R: the real samples.

Every sampler has the form ``sample(n, rng) -> (n, features)``, float32, drawn on the CPU from a torch.Generator.
"""

import dataclasses
import functools
import math
import statistics

import numpy as np
import torch

from gan_helpers import _validate


def to_bits(numbers, width: int = 7) -> torch.Tensor:
    """Write whole numbers in binary, the highest bit first (chapter 1).

    numbers: an int, or a list, array or tensor of ints, any shape (...), each from 0 to 2**width - 1.
    Returns float32 of shape (..., width), every entry 0.0 or 1.0: 56 becomes 0 1 1 1 0 0 0.
    Raises TypeError for anything but integers (bool and float too), ValueError for negative or too large numbers.
    """
    width = _validate.count(width, "width", most=62)  # tensors hold no larger whole numbers
    if isinstance(numbers, torch.Tensor):
        values = numbers
        whole = not (values.is_floating_point() or values.is_complex() or values.dtype == torch.bool)
    else:
        values = np.array(numbers, dtype=object)
        whole = all(isinstance(n, int | np.integer) and not isinstance(n, bool) for n in values.flat)
    if not whole:
        raise TypeError(f"to_bits takes integers below {2**width}, got {numbers!r:.200}. Convert first: int(...) or "
                        ".long().")
    if 0 in values.shape:
        raise ValueError(f"to_bits needs at least one number, got {numbers!r}.")
    low, high = int(values.min()), int(values.max())
    if low < 0:
        raise ValueError(f"to_bits takes numbers of 0 or more, got {low}. There is no bit for a sign.")
    if high >= 2**width:
        raise ValueError(f"{high} does not fit into {width} bits: the largest number that does is {2**width - 1}. "
                         f"Pass a smaller number, or width={high.bit_length()}.")
    return _binary(torch.as_tensor(values if values is numbers else values.astype(np.int64)).long(), width)


def _binary(numbers: torch.Tensor, width: int) -> torch.Tensor:
    place = torch.arange(width - 1, -1, -1, device=numbers.device)  # 6 5 4 3 2 1 0
    return (numbers.unsqueeze(-1) >> place & 1).float()


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
    _validate.count(bits.shape[-1], "width", most=62)
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
    width = _validate.log2(max_int)
    n = _validate.count(n, "n")
    half = torch.randint(0, max_int // 2, (n,), generator=_validate.rng(rng))
    return _all_even(width)[half] if width <= 16 else _binary(2 * half, width)  # a table lookup is faster


@functools.cache
def _all_even(width: int) -> torch.Tensor:
    """All even numbers of this many bits in ascending order: (2**(width - 1), width)."""
    return _binary(torch.arange(0, 2**width, 2), width)


def gray_pixels(n: int, rng: torch.Generator) -> torch.Tensor:
    """Draw gray pixels, from -1, white, to 1, black: N(0, 0.35) truncated to [-1, 1] (chapter 2). float32 (n, 1)."""
    return _truncated_normal(0.0, 0.35, _validate.count(n, "n"), _validate.rng(rng))


def ink_and_paper(n: int, rng: torch.Generator) -> torch.Tensor:
    """Draw pixels of a printed page: 70 % paper, N(-0.5, 0.15), and 30 % ink, N(0.5, 0.15), truncated to [-1, 1].

    Returns float32 of shape (n, 1) (chapter 2).
    """
    n, rng = _validate.count(n, "n"), _validate.rng(rng)
    side = torch.where(torch.rand(n, 1, generator=rng) < 0.7, -1.0, 1.0)  # paper is the mirror image of ink
    return _truncated_normal(0.5, 0.15, n, rng).mul_(side)


def _truncated_normal(mean: float, std: float, n: int, rng: torch.Generator) -> torch.Tensor:
    """N(mean, std) truncated to [-1, 1]: its quantile function at uniform numbers between its CDF at -1 and at 1."""
    below = statistics.NormalDist(mean, std).cdf
    shares = torch.empty(n, 1).uniform_(below(-1), below(1), generator=rng)
    return torch.special.ndtri(shares).mul_(std).add_(mean).clamp_(-1, 1)


def gaussian(n: int, rng: torch.Generator, mean: float = 4.0, std: float = 1.25) -> torch.Tensor:
    """Draw from the normal distribution N(mean, std) (chapter 3): float32 of shape (n, 1).

    Raises ValueError if std is not above 0 or n < 1, TypeError if rng is not a torch.Generator.
    """
    _validate.number(mean, "mean")
    _validate.number(std, "std", above=0)
    return torch.empty(_validate.count(n, "n"), 1).normal_(mean, std, generator=_validate.rng(rng))


def ring(n: int, rng: torch.Generator, modes: int = 8, radius: float = 2.0, std: float = 0.1) -> torch.Tensor:
    """Draw from a ring of `modes` round Gaussians in the plane, all equally likely (chapter 4): float32 (n, 2).

    `ring_centres` gives their means; std is the standard deviation along each axis.
    """
    centres = ring_centres(modes, radius)
    _validate.number(std, "std", above=0)
    which = torch.randint(0, modes, (_validate.count(n, "n"),), generator=_validate.rng(rng))
    return centres[which] + std * torch.randn(n, 2, generator=rng)


def ring_centres(modes: int = 8, radius: float = 2.0) -> torch.Tensor:
    """The means of the Gaussians of `ring`, evenly spaced on the circle from (radius, 0) on: (modes, 2)."""
    _validate.number(radius, "radius", above=0)
    angles = torch.arange(_validate.count(modes, "modes")) * (2 * torch.pi / modes)
    return radius * torch.stack([angles.cos(), angles.sin()], 1)


@dataclasses.dataclass(frozen=True, eq=False)
class Units:
    """How samples look to a network, ``(x - shift) / scale``, flattened, and the way back."""

    shift: torch.Tensor  # () or one per feature, float64
    scale: torch.Tensor
    shape: tuple[int, ...]  # of one sample
    bytes: bool = False  # whole numbers from 0 to 255
    double: bool = False  # samples need more digits than float32 has

    def to_network(self, x: torch.Tensor) -> torch.Tensor:
        """Samples (n, *shape) as float32 (n, features)."""
        return ((x.double() - self.shift) / self.scale).float().reshape(len(x), -1)

    def restore(self, samples: torch.Tensor) -> torch.Tensor:
        """Samples (..., features), such as G makes, in the data's own units: (..., *shape), uint8 if the data was."""
        features = math.prod(self.shape)
        if not isinstance(samples, torch.Tensor) or samples.dim() < 2 or samples.shape[-1] != features:
            got = tuple(samples.shape) if isinstance(samples, torch.Tensor) else type(samples).__name__
            raise ValueError(f"restore takes samples as a tensor (n, {features}), got {got}. Pass what G returned.")
        samples = samples.detach().cpu().double().reshape(*samples.shape[:-1], *self.shape) * self.scale + self.shift
        if not self.bytes:
            return samples if self.double else samples.float()
        if samples.isnan().any():
            raise ValueError("restore got NaN, which no byte stands for. Has the training diverged?")
        return samples.round().clamp(0, 255).to(torch.uint8)


@dataclasses.dataclass(frozen=True, eq=False)
class Samples:
    """Data of your own as a sampler: call it for a batch, ``samples(n, rng) -> (n, features)``; see `from_samples`."""

    values: torch.Tensor  # (count, *shape), in the data's own units
    units: Units
    __name__ = "from_samples"  # how a GAN's settings name it

    def __call__(self, n: int, rng: torch.Generator) -> torch.Tensor:
        """Draw n samples with replacement, each as likely as any other: float32 of shape (n, features)."""
        index = torch.randint(0, len(self.values), (_validate.count(n, "n"),), generator=_validate.rng(rng))
        return self.units.to_network(self.values[index])

    def __len__(self) -> int:
        return len(self.values)

    def restore(self, samples: torch.Tensor) -> torch.Tensor:
        """Samples (n, features), such as G makes, in the data's own units and shape."""
        return self.units.restore(samples)


def from_samples(x) -> Samples:
    """A sampler of your own numbers or images, in units that suit a network, and the way back to your units.

    x: an array, tensor, list or DataFrame of n samples, counted along its first axis. Numbers, (n,) or (n, features):
    each feature is standardized to mean 0 and standard deviation 1; a constant one becomes 0. Images, uint8 of any
    shape (n, ...) or floats with three axes or more, such as (n, height, width): scaled to [-1, 1] (bytes from 0 to
    255, floats from their smallest to their largest value), for a generator that ends in tanh. ``sampler.restore``
    turns fakes back into your units: uint8 for uint8, float64 for float64 and integers, otherwise float32.
    Raises TypeError for what is not numeric, ValueError for fewer than 2 samples and for NaN or Inf, with its place.
    """
    values = _real_numbers(x)
    if values.dim() == 0 or len(values) < 2:
        raise ValueError(f"from_samples needs at least 2 samples, got shape {tuple(values.shape)}. The first axis "
                         "counts them.")
    if values.numel() == 0:
        raise ValueError(f"from_samples got samples without any numbers, shape {tuple(values.shape)}.")
    shape = tuple(values.shape[1:])
    if values.dtype == torch.uint8:
        middle = torch.tensor(127.5, dtype=torch.float64)
        return Samples(values, Units(middle, middle, shape, bytes=True))
    if (bad := (~values.float().isfinite()).nonzero()).numel():
        place = tuple(bad[0].tolist())
        raise ValueError(f"{len(bad)} of {values.numel()} values are NaN or Inf, or too large for float32; the first "
                         f"is {values[place].item()} at index {place}. Remove these samples, or fill in the values.")
    exact, is_images = values.double(), values.dim() > 2
    low = exact.amin(tuple(range(exact.dim())) if is_images else 0)
    above = exact - low  # small numbers, so that the mean of large ones is exact too
    if is_images:
        scale = above.max() / 2
        shift = low + scale
    else:
        shift, scale = low + above.mean(0), above.std(0, correction=0)
    scale = torch.where(scale > 0, scale, 1.0)  # of a constant feature
    return Samples(values, Units(shift, scale, shape, double=values.dtype == torch.float64))


def _real_numbers(x) -> torch.Tensor:
    """A copy of x on the CPU: uint8 stays uint8, float32 and shorter floats become float32, all else float64."""
    if isinstance(x, torch.Tensor):
        values, kind, short = x.detach().cpu().clone(), x.dtype, x.is_floating_point() and x.itemsize <= 4
        real = not (x.is_complex() or x.dtype == torch.bool)
    else:
        try:
            values = np.array(x)
        except (TypeError, ValueError, RuntimeError) as error:
            raise TypeError(f"from_samples takes numbers or images, got {x!r:.60} ({error}). Rows must have the same "
                            "length, and the first axis counts the samples.") from error
        kind, short, real = values.dtype, values.dtype.kind == "f" and values.itemsize <= 4, values.dtype.kind in "iuf"
    if not real:
        raise TypeError(f"from_samples takes real numbers, got {x!r:.60} ({kind}). Convert it to a float array first.")
    if isinstance(values, np.ndarray):
        values = torch.from_numpy(values if kind == np.uint8 else values.astype(np.float32 if short else np.float64))
    return values if values.dtype == torch.uint8 else values.float() if short else values.double()
