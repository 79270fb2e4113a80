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
    return Moments.apply(_numbers(batch, "moments", least=2))


class Moments(torch.autograd.Function):
    """`moments` with its slopes by hand: a third of the passes over the batch that autograd takes.

    With z = d / std, the slope of the mean along x_i is 1 / n, of std z_i / n, of the skewness s
    3 (z_i^2 - s z_i - 1) / (n std), of the kurtosis k 4 (z_i^3 - (k + 3) z_i - s) / (n std): together a cubic in z_i.
    """

    @staticmethod
    def forward(ctx, x):
        mean = x.mean(-2, keepdim=True)
        d = x - mean
        square = d * d
        variance = square.mean(-2, keepdim=True)
        std = variance.sqrt()
        skewness = (square * d).mean(-2, keepdim=True) / (variance * std)
        kurtosis = (square * square).mean(-2, keepdim=True) / (variance * variance) - 3
        shown = torch.cat([mean, std, skewness, kurtosis], -1)
        ctx.save_for_backward(x, shown)
        return shown

    @staticmethod
    def backward(ctx, slope):
        x, shown = ctx.saved_tensors
        mean, std, skewness, kurtosis = shown.split(1, -1)
        along_mean, along_std, along_skewness, along_kurtosis = (slope / x.shape[-2]).split(1, -1)
        z, square, cube = (x - mean) / std, 3 * along_skewness / std, 4 * along_kurtosis / std
        line = along_std - square * skewness - cube * (kurtosis + 3)
        return along_mean - square - cube * skewness + z * (line + z * (square + z * cube))


def _numbers(batch: torch.Tensor, name: str, least: int = 1) -> torch.Tensor:
    if not isinstance(batch, torch.Tensor) or not batch.is_floating_point():
        raise TypeError(f"{name} takes a tensor of floats, got {batch!r:.60}. Make one: torch.tensor([...]).")
    if batch.dim() < 2 or batch.shape[-1] != 1:
        raise ValueError(f"{name} takes a column of numbers, shape (..., n, 1), got {tuple(batch.shape)}. "
                         "Add the last axis with .unsqueeze(-1).")
    if batch.shape[-2] < least:
        raise ValueError(f"{name} needs at least {least} numbers, got {batch.shape[-2]}. Draw a larger batch.")
    return batch
