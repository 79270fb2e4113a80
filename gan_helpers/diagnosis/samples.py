"""What samples tell: whether the data are in order, and how far the fakes are from them, in the data's own units.

Clouds of samples are tensors (n, features); all results are floats.
"""

import warnings

import torch

from gan_helpers import metrics

DIRECTIONS, JITTER, NEAREST = 64, 0.1, 5


def sliced_distance(real: torch.Tensor, fake: torch.Tensor) -> float:
    """The Wasserstein-1 distance along random directions, averaged, in standard deviations of the data.

    In one dimension that is the Wasserstein-1 distance of two equally large samples: the mean gap between them, both
    sorted. In more, it is averaged over DIRECTIONS directions (Bonneel et al. 2015), always the same ones.
    """
    count, features = min(len(real), len(fake)), real.shape[1]
    directions = torch.ones(1, 1)
    if features > 1:
        directions = torch.randn(features, DIRECTIONS, generator=torch.Generator().manual_seed(0))
        directions = directions / directions.norm(dim=0)
    real, fake = real[:count] @ directions, fake[:count] @ directions
    gap = (real.sort(0).values - fake.sort(0).values).abs().mean()
    return (gap / real.std(0).square().mean().sqrt().clamp(min=1e-30)).item()


def scale_of(real: torch.Tensor) -> float:
    """The standard deviation of the data: the root of the mean variance of its features."""
    return real.var(0).mean().sqrt().clamp(min=1e-30).item()


def spread(real: torch.Tensor, fake: torch.Tensor) -> float:
    """The median distance between two fakes, divided by that between two real samples: 0 if all fakes are alike."""
    apart = [(cloud - cloud.roll(1, 0)).norm(dim=1).median() for cloud in (real, fake)]
    return (apart[1] / apart[0].clamp(min=1e-30)).item()


def precision_and_coverage(real: torch.Tensor, fake: torch.Tensor, rng: torch.Generator) -> tuple[float, float]:
    """How many fakes lie among real samples, and how many real samples have a fake nearby (chapter 7).

    Both clouds are blurred by JITTER standard deviations first, so that data of few different values have neighbors.
    """
    blur = JITTER * scale_of(real)
    clouds = [cloud + blur * torch.randn(cloud.shape, generator=rng) for cloud in (real, fake)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = metrics.clouds.prdc(*clouds, k=NEAREST)
    return found["precision"].mean().item(), found["coverage"].mean().item()


def auc(high: torch.Tensor, low: torch.Tensor) -> float:
    """How often a number of `high` is above one of `low`, ties counting half: 0.5 if both are of one kind."""
    high, low = high.flatten().double(), low.flatten().double().sort().values
    below = torch.searchsorted(low, high, right=False) + torch.searchsorted(low, high, right=True)
    return (below.double().mean() / (2 * len(low))).item()


def copying(train: torch.Tensor, held_out: torch.Tensor, fake: torch.Tensor) -> float:
    """Median distance of a fake to its nearest training sample, divided by that of a held-out sample.

    NaN if half of the held-out samples stand in the training set themselves, so that there is nothing to compare with.
    """
    of_held_out, of_fake = (metrics.clouds.nearest(train, cloud)[0].median() for cloud in (held_out, fake))
    return (of_fake / of_held_out).item() if of_held_out > 1e-6 * scale_of(held_out) else float("nan")
