"""Bad input is refused at the door: with the value, what was expected, and the remedy."""

import math
import numbers

import numpy as np
import torch
from torch import nn


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


@torch.no_grad()
def components(real, noise, generator) -> None:
    """Refuse R, I and G that do not fit together; real and noise are three samples each."""
    _trainable(generator, "generator")
    for batch, name in ((real, "real"), (noise, "noise")):
        if not isinstance(batch, torch.Tensor) or batch.dim() != 2 or len(batch) != 3:
            got = tuple(batch.shape) if isinstance(batch, torch.Tensor) else type(batch).__name__
            raise ValueError(f"{name}(n, rng) must return a tensor of shape (n, features), for n = 3 it gave {got}.")
    fake = fits(generator, noise, "the generator", "noise")
    made, wanted = tuple(fake.shape[1:]), tuple(real.shape[1:])
    if fake.shape != real.shape or fake.dtype != real.dtype:
        raise ValueError(
            f"the generator makes {fake.dtype} samples of shape {made}, real ones are {real.dtype} of shape {wanted}. "
            "Give G's last layer as many outputs as a real sample has numbers, and make both float32."
        )
    scale = {nn.Tanh: "[-1, 1]", nn.Sigmoid: "[0, 1]"}.get(type([*generator.modules()][-1]))
    if scale and torch.isfinite(real).all():  # what else it is shows in the first loss
        pixels(real, scale, f"real samples for a generator that makes {scale}")


@torch.no_grad()
def judge(view, real, discriminator) -> None:
    """Refuse a D that does not fit what it is shown of a batch of real samples."""
    _trainable(discriminator, "discriminator")
    if isinstance([*discriminator.modules()][-1], nn.Sigmoid | nn.LogSigmoid | nn.Softmax):
        raise ValueError("the discriminator ends in a sigmoid, and the losses take logits. Leave the sigmoid out.")
    shown = view(real)
    both = view(torch.stack([real, real]))  # as if for two runs
    if shown.dim() != 2 or both.shape != (2, *shown.shape):
        raise ValueError(
            f"view must work on the last two axes: it made {tuple(shown.shape)} of a batch {tuple(real.shape)}, and "
            f"{tuple(both.shape)} of two of them. Compute it over dim=-2 and dim=-1."
        )
    logits = fits(discriminator, shown, "the discriminator", "real samples")
    if logits.shape != (len(shown), 1):
        raise ValueError(
            f"the discriminator must return one logit for each row it is shown, shape ({len(shown)}, 1), got "
            f"{tuple(logits.shape)}. End it with a layer of one unit, without sigmoid."
        )


def _trainable(network, name: str) -> None:
    if not isinstance(network, nn.Module) or not any(True for _ in network.parameters()):
        raise TypeError(f"{name} must build a torch.nn.Module with weights to train, it gave {network!r:.60}.")
    if not all(p.requires_grad for p in network.parameters()):
        raise ValueError(f"some weights of the {name} do not require gradients. Remove requires_grad_(False).")


def fits(network, batch: torch.Tensor, name: str, what: str) -> torch.Tensor:
    """Return ``network(batch)``; if the network refuses it, say which shape it was given."""
    try:
        result = network(batch)
        if not isinstance(result, torch.Tensor):
            raise TypeError(f"its result is no tensor but {type(result).__name__}")
        return result
    except (RuntimeError, TypeError) as error:
        raise ValueError(
            f"{name} cannot take {what} of shape {tuple(batch.shape)} and type {batch.dtype}: {error}. "
            "Give its first layer as many inputs as the last number of the shape, and feed it float32."
        ) from error


def pixels(images: torch.Tensor, scale: str, name: str = "images") -> None:
    """Refuse floats that are no pixels of `scale`, "[0, 1]" or "[-1, 1]", and say which scale they seem to have."""
    if not torch.isfinite(images).all():
        raise ValueError(f"{name} have NaN or Inf among their pixels. Has the training diverged?")
    low, high, least = images.min().item(), images.max().item(), -1 if scale == "[-1, 1]" else 0
    if low >= least - 1e-3 and high <= 1.001:
        return
    if low >= 0 and 1.001 < high <= 255:
        hint = f"They look like grey levels in [0, 255]. Scale them: {'x / 127.5 - 1' if least else 'x / 255'}"
    elif low >= -1.001 and high <= 1.001:
        hint = "They look like [-1, 1]. Pass scale='[-1, 1]', or scale them: (x + 1) / 2"
    else:
        hint = "Scale them, or end the generator in " + ("tanh" if least else "a sigmoid")
    raise ValueError(f"{name} should lie in {scale}, but they reach from {low:.4g} to {high:.4g}. {hint}.")
