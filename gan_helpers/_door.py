"""Bad input is refused at the door: with the value, what was expected, and the remedy."""

import math

import torch


def count(value, name: str, least: int = 1) -> int:
    """Return `value` if it is a whole number of at least `least`; raise TypeError or ValueError otherwise."""
    if isinstance(value, bool) or not hasattr(type(value), "__index__"):
        raise TypeError(f"{name} must be a whole number, got {value!r} ({type(value).__name__}). Pass an int.")
    value = int(value)
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}. Pass a larger number.")
    return value


def bits_of(max_int, name: str = "max_int") -> int:
    """Return how many bits the numbers 0 to max_int - 1 need; `max_int` must be a power of two, 2 or more."""
    max_int = count(max_int, name, least=2)
    width = max_int.bit_length() - 1
    if max_int != 2**width:
        raise ValueError(
            f"{name} must be a power of two, got {max_int}. The nearest ones are {2**width} and {2 ** (width + 1)}: "
            "with any other maximum, some bit patterns would stand for numbers outside the range."
        )
    return width


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
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, TypeError, NotImplementedError) as error:
        there = ["cpu"]
        if torch.cuda.is_available():
            there += [f"cuda:{i}" for i in range(torch.cuda.device_count())]
        if torch.backends.mps.is_available():
            there.append("mps")
        raise ValueError(f"no device {str(device)!r} on this machine. Use one of: {', '.join(there)}.") from error
    return device


def number(value, name: str, least: float = -math.inf, above: float = -math.inf, below: float = math.inf) -> None:
    """Refuse a setting that is not a finite number in its range."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number, got {value!r} ({type(value).__name__}).")
    if not (least <= value < below and above < value < math.inf):
        lower = f"{least:g} or more" if above == -math.inf else f"above {above:g}"
        upper = "finite" if below == math.inf else f"below {below:g}"
        raise ValueError(f"{name} must be {lower} and {upper}, got {value}.")


@torch.no_grad()
def components(real, noise, generator, discriminator) -> None:
    """Refuse R, I, G and D that do not fit together; real and noise are two samples each."""
    for batch, name in ((real, "real"), (noise, "noise")):
        if not isinstance(batch, torch.Tensor) or batch.dim() != 2 or len(batch) != 2:
            got = tuple(batch.shape) if isinstance(batch, torch.Tensor) else type(batch).__name__
            raise ValueError(f"{name}(2, rng) must return a tensor of shape (2, features), got {got}.")
    fake = _fits(generator, noise, "the generator", "noise")
    made, wanted = tuple(fake.shape[1:]), tuple(real.shape[1:])
    if fake.shape != real.shape or fake.dtype != real.dtype:
        raise ValueError(
            f"the generator makes {fake.dtype} samples of shape {made}, real ones are {real.dtype} of shape {wanted}. "
            "Give G's last layer as many outputs as a real sample has numbers, and make both float32."
        )
    logits = _fits(discriminator, real, "the discriminator", "real samples")
    if logits.shape != (2, 1):
        raise ValueError(
            f"the discriminator must return one logit a sample, shape (2, 1) for two, got {tuple(logits.shape)}. "
            "End it with a layer of one unit, without sigmoid."
        )


def _fits(network, batch: torch.Tensor, name: str, what: str) -> torch.Tensor:
    """Return ``network(batch)``; if the network refuses it, say which shape it was given."""
    try:
        return network(batch)
    except RuntimeError as error:
        raise ValueError(
            f"{name} cannot take {what} of shape {tuple(batch.shape)} and type {batch.dtype}: {error}. "
            "Give its first layer as many inputs as the last number of the shape, and feed it float32."
        ) from error
