"""Distances between samples and a known distribution: a normal distribution, or a ring of modes."""

import torch
from scipy.stats import norm

from gan_helpers import _validate


def wasserstein_to_gaussian(outputs: torch.Tensor, mean: float, std: float) -> torch.Tensor:
    """The Wasserstein-1 distance between p_g and N(mean, std): the mean of |difference of quantiles| (chapter 3).

    outputs: (..., n), what G makes of n evenly spaced quantiles of its noise, free of sampling error; with n samples
    instead, it is the distance of that sample. Returns float64 of shape (...). The outermost quantiles are those at
    1 / 2n and 1 - 1 / 2n: what lies beyond them (a few thousandths of std at n = 1000) is not counted.
    """
    _validate.number(mean, "mean")
    _validate.number(std, "std", above=0)
    if outputs.dim() == 0 or outputs.shape[-1] < 2:
        raise ValueError(f"outputs need a last axis of at least 2 numbers, got shape {tuple(outputs.shape)}.")
    n = outputs.shape[-1]
    quantiles = torch.from_numpy(norm.ppf((torch.arange(n).double() + 0.5) / n, mean, std))
    return (outputs.detach().cpu().double().sort(-1).values - quantiles).abs().mean(-1)


def ring_hits(samples: torch.Tensor, centres: torch.Tensor, within: float) -> tuple[torch.Tensor, torch.Tensor]:
    """How well samples (..., n, 2) cover modes with these centers, (modes, 2) (chapter 4).

    A sample hits the mode with the nearest center if that is no farther away than `within`. Returns the number of modes
    that get at least a fifth of their fair share, n / modes, int64 of shape (...), and the share of hits, (...).
    """
    _validate.number(within, "within", above=0)
    if samples.dim() < 2 or samples.shape[-1] != 2 or centres.shape[-1] != 2:
        raise ValueError(f"samples must have shape (..., n, 2) and centres (modes, 2), got {tuple(samples.shape)} and "
                         f"{tuple(centres.shape)}.")
    distance, nearest = torch.cdist(samples, centres.to(samples)).min(-1)  # (..., n)
    hits = torch.nn.functional.one_hot(nearest, len(centres)) * (distance <= within).unsqueeze(-1)
    counts = hits.sum(-2)  # (..., modes)
    return (counts >= 0.2 * samples.shape[-2] / len(centres)).sum(-1), counts.sum(-1) / samples.shape[-2]
