"""What D is shown of a batch: (..., batch, features) to (..., rows, what D sees of a row); D gives one logit a row.

A D that judges samples one by one sees `samples`. The published versions of the bell curve's GAN show D a whole batch
of numbers as one row (chapter 3), so that it can compare numbers with each other. All work on the last two axes.
"""

import torch


def samples(batch: torch.Tensor) -> torch.Tensor:
    """Each sample by itself: the batch as it is."""
    return batch


def whole(batch: torch.Tensor) -> torch.Tensor:
    """The whole batch as one row: (..., n, 1) to (..., 1, n). The order of the samples is part of what D sees."""
    return _numbers(batch, "whole").mT


def squared_differences(batch: torch.Tensor) -> torch.Tensor:
    """The numbers, then their squared differences from the batch mean, as one row: (..., n, 1) to (..., 1, 2n).

    The mean counts as a constant: no gradient flows through it, as in the published code (Nag 2017).
    """
    numbers = _numbers(batch, "squared_differences", least=2).mT
    return torch.cat([numbers, (numbers - numbers.detach().mean(-1, keepdim=True)).square()], -1)


def moments(batch: torch.Tensor) -> torch.Tensor:
    """Mean, standard deviation, skewness and excess kurtosis as one row: (..., n, 1) to (..., 1, 4).

    With d = x - mean: std = sqrt(mean d^2), which divides by n; skewness = mean d^3 / std^3; kurtosis = mean d^4 /
    std^4 - 3. For a normal distribution the last two are 0. If all n numbers are equal, they are NaN (0 / 0).
    Raises ValueError for fewer than 2 numbers, which have no spread.
    """
    numbers = _numbers(batch, "moments", least=2)
    mean = numbers.mean(-2, keepdim=True)
    d = numbers - mean
    square = d * d
    variance = square.mean(-2, keepdim=True)
    std = variance.sqrt()
    skewness = (square * d).mean(-2, keepdim=True) / (variance * std)
    kurtosis = (square * square).mean(-2, keepdim=True) / (variance * variance) - 3
    return torch.cat([mean, std, skewness, kurtosis], -1)


def _numbers(batch: torch.Tensor, name: str, least: int = 1) -> torch.Tensor:
    if not isinstance(batch, torch.Tensor) or not batch.is_floating_point():
        raise TypeError(f"{name} takes a tensor of floats, got {batch!r:.60}. Make one: torch.tensor([...]).")
    if batch.dim() < 2 or batch.shape[-1] != 1:
        raise ValueError(f"{name} takes a column of numbers, shape (..., n, 1), got {tuple(batch.shape)}. "
                         "Add the last axis with .unsqueeze(-1).")
    if batch.shape[-2] < least:
        raise ValueError(f"{name} needs at least {least} numbers, got {batch.shape[-2]}. Draw a larger batch.")
    return batch
