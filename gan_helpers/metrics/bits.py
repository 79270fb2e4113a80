"""How close p_g is to p_data for bits, exactly: the noise has only 2**width values, so all can be tried (chapter 1).

Tables have shape (2**width,) for one generator and (runs, 2**width) for a stacked one.
"""

import torch
from torch import nn

from gan_helpers import _validate, data, noise


@torch.no_grad()
def probability_table(generator: nn.Module, width: int = 7) -> torch.Tensor:
    """p_g, exactly: entry k is the probability that the rounded output of `generator` is the number k (chapter 1).

    Feeds each of the 2**width equally likely noise vectors once and counts. Returns float64, summing to 1.
    Raises ValueError if the outputs are not (..., 2**width, width) or not finite.
    """
    width = _validate.count(width, "width")
    first = next(generator.parameters(), torch.empty(0))
    outputs = _validate.result_of(generator, noise.all_bits(width).to(first.device), "the generator", "noise")
    return table_of(outputs.cpu(), width)


def table_of(outputs: torch.Tensor, width: int = 7) -> torch.Tensor:
    """`probability_table` from outputs (..., 2**width, width) that have been computed already."""
    if outputs.shape[-2:] != (2**width, width):
        raise ValueError(
            f"expected one output of {width} bits for each of the {2**width} noise vectors, shape "
            f"(..., {2**width}, {width}), got {tuple(outputs.shape)}. Give the last layer {width} units."
        )
    if not torch.isfinite(outputs).all():
        raise ValueError("the generator's outputs are not finite (NaN or Inf). Its training has diverged.")
    numbers = data.from_bits(outputs > 0.5)  # (..., 2**width)
    counts = torch.zeros(numbers.shape, dtype=torch.float64)
    return counts.scatter_add_(-1, numbers, torch.ones_like(counts)) / 2**width


def validity(table: torch.Tensor) -> torch.Tensor:
    """The probability of an even number: 1 if the generator makes nothing else. Returns shape (...)."""
    return _probabilities(table)[..., 0::2].sum(-1)


def coverage(table: torch.Tensor) -> torch.Tensor:
    """How many of the 2**width / 2 even numbers the generator makes at all. Returns int64 of shape (...)."""
    return (_probabilities(table)[..., 0::2] > 0).sum(-1)


def entropy(table: torch.Tensor) -> torch.Tensor:
    """-sum p log2 p, in bits: log2(64) = 6 for all even numbers below 128 equally often, 0 for a single number."""
    return torch.special.entr(_probabilities(table)).sum(-1) / torch.log(torch.tensor(2.0, dtype=torch.float64))


def _probabilities(table: torch.Tensor) -> torch.Tensor:
    table = torch.as_tensor(table)
    if not table.is_floating_point() or table.dim() == 0 or table.shape[-1] < 2:
        raise ValueError(f"a table holds probabilities, got {table.dtype} of shape {tuple(table.shape)}.")
    if (table < 0).any() or not torch.allclose(table.sum(-1), torch.ones((), dtype=table.dtype), atol=1e-6):
        raise ValueError("the probabilities of a table must be 0 or more and sum to 1. Divide counts by their sum.")
    return table
