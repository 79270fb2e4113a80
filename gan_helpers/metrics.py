"""How close p_g is to p_data.

For bits the answer is exact: `random_bits` takes only 2**width values, so all of them can be tried (chapter 1).
Tables have shape (2**width,) for one generator and (runs, 2**width) for a stacked one.
"""

import torch
from scipy.stats import norm
from torch import nn

from gan_helpers import _door, _fit, data, noise


@torch.no_grad()
def probability_table(generator: nn.Module, width: int = 7) -> torch.Tensor:
    """p_g, exactly: entry k is the probability that the rounded output of `generator` is the number k (chapter 1).

    Feeds each of the 2**width equally likely noise vectors once and counts. Returns float64, summing to 1.
    Raises ValueError if the outputs are not (..., 2**width, width) or not finite.
    """
    width = _door.count(width, "width")
    first = next(generator.parameters(), torch.empty(0))
    outputs = _fit.fits(generator, noise.all_bits(width).to(first.device), "the generator", "noise")
    return table_of(outputs.cpu(), width)


def table_of(outputs: torch.Tensor, width: int = 7) -> torch.Tensor:
    """The table of `probability_table` from outputs (..., 2**width, width) that are already there."""
    if outputs.shape[-2:] != (2**width, width):
        raise ValueError(
            f"expected one output of {width} bits for each of the {2**width} noise vectors, shape "
            f"(..., {2**width}, {width}), got {tuple(outputs.shape)}. Give the last layer {width} units."
        )
    if not torch.isfinite(outputs).all():
        raise ValueError("the generator's outputs are not finite (NaN or Inf). Its training diverged.")
    numbers = data.from_bits(outputs > 0.5)  # (..., 2**width)
    counts = torch.zeros(numbers.shape, dtype=torch.float64)
    return counts.scatter_add_(-1, numbers, torch.ones_like(counts)) / 2**width


def validity(table: torch.Tensor) -> torch.Tensor:
    """The probability of an even number: 1 if the generator only makes even ones. Returns shape (...)."""
    return _table(table)[..., 0::2].sum(-1)


def coverage(table: torch.Tensor) -> torch.Tensor:
    """How many of the 2**width / 2 even numbers the generator makes at all. Returns int64 of shape (...)."""
    return (_table(table)[..., 0::2] > 0).sum(-1)


def entropy(table: torch.Tensor) -> torch.Tensor:
    """-sum p log2 p, in bits: log2(64) = 6 for all even numbers below 128 equally often, 0 for a single number."""
    return torch.special.entr(_table(table)).sum(-1) / torch.log(torch.tensor(2.0, dtype=torch.float64))


def wasserstein_to_gaussian(outputs: torch.Tensor, mean: float = 4.0, std: float = 1.25) -> torch.Tensor:
    """The Wasserstein-1 distance of p_g to N(mean, std): the mean of |G's quantiles - its quantiles| (chapter 3).

    outputs: (..., n), what G makes of n evenly spaced quantiles of its noise, so that no sampling error comes in; with
    n samples instead it is the distance of that sample. Returns (...), float64. The outermost quantiles are those
    at 1 / 2n and 1 - 1 / 2n: what lies beyond them (a few thousandths of std at n = 1000) is not counted.
    """
    _door.number(std, "std", above=0)
    if outputs.dim() == 0 or outputs.shape[-1] < 2:
        raise ValueError(f"outputs need a last axis of at least 2 numbers, got shape {tuple(outputs.shape)}.")
    n = outputs.shape[-1]
    quantiles = torch.from_numpy(norm.ppf((torch.arange(n).double() + 0.5) / n, mean, std))
    return (outputs.detach().cpu().double().sort(-1).values - quantiles).abs().mean(-1)


def ring_hits(samples: torch.Tensor, centres: torch.Tensor, within: float) -> tuple[torch.Tensor, torch.Tensor]:
    """How well samples (..., n, 2) cover a ring of modes with these centres (modes, 2) (chapter 4).

    A sample hits the mode whose centre is nearest, if it is no farther than `within`. Returns the number of modes
    that get at least a fifth of their fair share of n, int64 of shape (...), and the share of samples that hit, (...).
    """
    _door.number(within, "within", above=0)
    if samples.dim() < 2 or samples.shape[-1] != 2 or centres.shape[-1] != 2:
        raise ValueError(f"samples must have shape (..., n, 2) and centres (modes, 2), got {tuple(samples.shape)} and "
                         f"{tuple(centres.shape)}.")
    distance, nearest = torch.cdist(samples, centres.to(samples)).min(-1)  # (..., n)
    hits = torch.nn.functional.one_hot(nearest, len(centres)) * (distance <= within).unsqueeze(-1)
    counts = hits.sum(-2)  # (..., modes)
    return (counts >= 0.2 * samples.shape[-2] / len(centres)).sum(-1), counts.sum(-1) / samples.shape[-2]


def _table(table: torch.Tensor) -> torch.Tensor:
    table = torch.as_tensor(table)
    if not table.is_floating_point() or table.dim() == 0 or table.shape[-1] < 2:
        raise ValueError(f"a table holds probabilities, got {table.dtype} of shape {tuple(table.shape)}.")
    if (table < 0).any() or not torch.allclose(table.sum(-1), torch.ones((), dtype=table.dtype), atol=1e-6):
        raise ValueError("the probabilities of a table must be 0 or more and sum to 1. Divide counts by their sum.")
    return table
