"""Layers and initial weights that PyTorch does not have. Generators and discriminators are built from them.

The published GANs for the bell curve show D a whole batch of numbers as one row, so that it can compare them with
each other (chapter 3). Such a D begins with a `BatchFeatures` layer and returns one logit for the whole batch.
"""

from collections.abc import Callable

import torch
from torch import nn


class BatchFeatures(nn.Module):
    """Show D a whole batch as one row: (..., n, 1) numbers to (..., 1, features).

    features: one of `whole_batch`, `squared_differences`, `batch_moments`, or a function of your own that works on
    the last two axes.
    """

    def __init__(self, features: Callable[[torch.Tensor], torch.Tensor]):
        super().__init__()
        if not callable(features):
            raise TypeError(f"features must be a function of a batch, such as batch_moments, got {features!r:.60}.")
        self.features = features

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        return self.features(batch)

    def extra_repr(self) -> str:
        return getattr(self.features, "__name__", type(self.features).__name__)


def whole_batch(batch: torch.Tensor) -> torch.Tensor:
    """The numbers as one row, in their order: (..., n, 1) to (..., 1, n)."""
    return _column(batch, "whole_batch").mT


def squared_differences(batch: torch.Tensor) -> torch.Tensor:
    """The numbers, then their squared differences from the batch mean, as one row: (..., n, 1) to (..., 1, 2n).

    The mean is treated as a constant: no gradient flows through it, as in the published code (Nag 2017).
    """
    x = _column(batch, "squared_differences", least=2).mT
    return torch.cat([x, (x - x.detach().mean(-1, keepdim=True)).square()], -1)


def batch_moments(batch: torch.Tensor) -> torch.Tensor:
    """Mean, standard deviation, skewness and excess kurtosis as one row: (..., n, 1) to (..., 1, 4).

    With d = x - mean: std = sqrt(mean d^2), which divides by n; skewness = mean d^3 / std^3; kurtosis = mean d^4 /
    std^4 - 3. For a normal distribution the last two are 0; for n equal numbers they are NaN (0 / 0).
    Raises ValueError for fewer than 2 numbers, which have no spread.
    """
    x = _column(batch, "batch_moments", least=2)
    mean = x.mean(-2, keepdim=True)
    d = x - mean
    std = d.square().mean(-2, keepdim=True).sqrt()
    skewness = (d**3).mean(-2, keepdim=True) / std**3
    kurtosis = (d**4).mean(-2, keepdim=True) / std**4 - 3
    return torch.cat([mean, std, skewness, kurtosis], -1)


def _column(batch: torch.Tensor, name: str, least: int = 1) -> torch.Tensor:
    if not isinstance(batch, torch.Tensor) or not batch.is_floating_point():
        raise TypeError(f"{name} takes a tensor of floats, got {batch!r:.60}. Make one: torch.tensor([...]).")
    if batch.dim() < 2 or batch.shape[-1] != 1:
        raise ValueError(f"{name} takes a column of numbers, shape (..., n, 1), got {tuple(batch.shape)}. "
                         "Add the last axis with .unsqueeze(-1).")
    if batch.shape[-2] < least:
        raise ValueError(f"{name} needs at least {least} numbers, got {batch.shape[-2]}. Draw a larger batch.")
    return batch


class SpectralLinear(nn.Linear):
    """nn.Linear with its weight divided by its largest singular value, so that it stretches no vector (chapter 4).

    Miyato et al. 2018, eq. 8. They estimate that value by power iteration; here, for small layers, it is exact.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.linear(x, spectrally_normalized(self.weight), self.bias)


def spectrally_normalized(weight: torch.Tensor) -> torch.Tensor:
    """weight (..., out, in), divided by its largest singular value."""
    return weight / torch.linalg.matrix_norm(weight, ord=2, keepdim=True)


class Bfloat16(nn.Module):
    """A network whose matrix products are computed in bfloat16; its weights and results are float32 (chapter 6)."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with torch.autocast(x.device.type, torch.bfloat16):
            return self.network(x).float()


def leaky_relu() -> nn.Module:
    """LeakyReLU with a slope of 0.2 below 0, the usual choice in GANs."""
    return nn.LeakyReLU(0.2)


def he_normal(network: nn.Module) -> nn.Module:
    """Redraw the weights of each nn.Linear with n inputs from N(0, sqrt(2 / n)) and set its biases to 0.

    He et al. 2015, eq. 10. Changes the network in place and returns it.
    """
    for layer in network.modules():
        if isinstance(layer, nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    return network
