"""Intervals and tests for what many runs or samples show: scipy's, in the form in which the chapters need them."""

from collections.abc import Callable, Sequence

import torch
from scipy import stats

from gan_helpers import _validate


def wilson_interval(hits, level: float = 0.95) -> tuple[float, float, float]:
    """The share of hits, and the ends of its Wilson interval (Wilson 1927; chapter 1).

    hits: one True or False per run, a tensor, array or list. Raises ValueError if there is none.
    """
    hits = _hits(hits)
    low, high = stats.binomtest(int(hits.sum()), len(hits)).proportion_ci(level, method="wilson")
    return hits.double().mean().item(), low, high


def percent(interval: tuple[float, float, float]) -> str:
    """A share and the ends of its interval as text: (0.345, 0.283, 0.413) becomes "34% (28–41%)"."""
    share, low, high = interval
    return f"{share:.0%} ({100 * low:.0f}–{high:.0%})"


def fisher_exact(one, other) -> float:
    """p of Fisher's exact test that both have the same rate; one, other: True or False per run (chapter 1)."""
    counts = [[int(hits.sum()), int((~hits).sum())] for hits in (_hits(one), _hits(other))]
    return float(stats.fisher_exact(counts).pvalue)


def mean_interval(values, level: float = 0.95) -> tuple[float, float, float]:
    """The mean of the values, and the ends of Student's interval for it (Student 1908; chapter 7)."""
    values = torch.as_tensor(values, dtype=torch.float64).flatten()
    if len(values) < 2:
        raise ValueError(f"an interval needs at least 2 values, got {len(values)}.")
    mean, error = values.mean().item(), values.std().item() / len(values) ** 0.5
    half = float(stats.t.ppf((1 + level) / 2, len(values) - 1)) * error
    return mean, mean - half, mean + half


def bootstrap(statistic: Callable, *samples: torch.Tensor, rng: torch.Generator, times: int = 200,
              level: float = 0.95) -> tuple[float, float, float]:
    """The statistic of the samples, and the ends of its basic bootstrap interval (Davison & Hinkley 1997, eq. 5.6).

    statistic(*samples) -> float. Each sample is drawn again with replacement, `times` times, by itself. The interval
    is 2 s - q: what a resample adds to s, the sample is taken to have added to the truth, so a bias that falls with
    the sample size, as that of the Frechet distance, is taken off. Total variation, a sum of absolute values, is less
    smooth: near 0 only a part of its bias goes, and the interval may lie above a truth of 0.
    """
    if not samples or any(len(sample) < 2 for sample in samples):
        raise ValueError("bootstrap needs samples of at least two entries each.")
    _validate.number(level, "level", above=0, below=1)
    rng, estimate, again = _validate.rng(rng), float(statistic(*samples)), []
    for _ in range(_validate.count(times, "times", least=20)):
        drawn = (sample[torch.randint(0, len(sample), (len(sample),), generator=rng)] for sample in samples)
        again.append(float(statistic(*drawn)))
    tail = (1 - level) / 2
    low, high = torch.tensor(again, dtype=torch.float64).quantile(torch.tensor([tail, 1 - tail]).double()).tolist()
    return estimate, 2 * estimate - high, 2 * estimate - low


def _hits(hits: Sequence[bool]) -> torch.Tensor:
    hits = torch.as_tensor(hits).flatten()
    if hits.numel() == 0 or not ((hits == 0) | (hits == 1)).all():
        raise ValueError(f"hits are True or False per run, at least one, got {hits.tolist()[:10]}.")
    return hits.bool()
