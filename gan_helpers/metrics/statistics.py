"""Intervals and tests for the results of many runs or samples: scipy's, in the form that the chapters need."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from scipy import stats

from gan_helpers import _validate


def wilson_interval(hits, level: float = 0.95) -> tuple[float, float, float]:
    """The share of hits, and the ends of its Wilson interval (Wilson 1927; chapter 1).

    hits: one True or False per run, a tensor, array, list or column of a DataFrame. Raises ValueError if it is empty.
    """
    hits = _hits(hits)
    _validate.number(level, "level", above=0, below=1)
    low, high = stats.binomtest(int(hits.sum()), len(hits)).proportion_ci(level, method="wilson")
    return hits.double().mean().item(), float(low), float(high)


def percent(interval: tuple[float, float, float]) -> str:
    """A share and the ends of its interval as text: (0.345, 0.283, 0.413) becomes "34% (28–41%)"."""
    share, low, high = interval
    return f"{share:.0%} ({100 * low:.0f}–{high:.0%})"


def fisher_exact(one, other) -> float:
    """The p-value of Fisher's exact test for equal rates (chapter 5); one, other: True or False per run."""
    counts = [[int(hits.sum()), int((~hits).sum())] for hits in (_hits(one), _hits(other))]
    return float(stats.fisher_exact(counts).pvalue)


def mcnemar_exact(one, other) -> float:
    """The p-value of McNemar's exact test for equal rates in pairs (McNemar 1947; chapter 4).

    one, other: True or False per seed, in the same order: pair i is what two recipes made of seed i. Only the pairs
    that differ count; if the rates are equal, each of them goes either way like a fair coin. 1 if no pair differs.
    Raises ValueError if the lengths differ.
    """
    one, other = _hits(one), _hits(other)
    if len(one) != len(other):
        raise ValueError(f"pairs need as many runs on each side, got {len(one)} and {len(other)}.")
    only_one, only_other = int((one & ~other).sum()), int((other & ~one).sum())
    return float(stats.binomtest(only_one, only_one + only_other).pvalue) if only_one + only_other else 1.0


def holm(pvalues: Sequence[float]) -> list[float]:
    """The p-values of several tests, adjusted for their number, in the same order (Holm 1979; chapter 4).

    If none of the effects is real, at least one adjusted p-value is below 0.05 in at most 5 % of all experiments.
    The k-th smallest of m is multiplied by m - k + 1; none becomes smaller than the one before it, or larger than 1.
    """
    pvalues = [float(p) for p in pvalues]
    for p in pvalues:
        if not 0 <= p <= 1:
            raise ValueError(f"a p-value lies between 0 and 1, got {p}.")
    adjusted, largest = [0.0] * len(pvalues), 0.0
    for rank, i in enumerate(sorted(range(len(pvalues)), key=lambda i: pvalues[i])):
        largest = max(largest, min(1.0, (len(pvalues) - rank) * pvalues[i]))
        adjusted[i] = largest
    return adjusted


def mean_interval(values, level: float = 0.95) -> tuple[float, float, float]:
    """The mean of the values, and the ends of Student's interval for it (Student 1908; chapter 7)."""
    values = _tensor(values).double().flatten()
    _validate.number(level, "level", above=0, below=1)
    if len(values) < 2 or not values.isfinite().all():
        raise ValueError(f"an interval needs at least 2 finite values, got {len(values)}: {values.tolist()[:10]}.")
    mean, error = values.mean().item(), values.std().item() / len(values) ** 0.5
    half = float(stats.t.ppf((1 + level) / 2, len(values) - 1)) * error
    return mean, mean - half, mean + half


def bootstrap(statistic: Callable, *samples: torch.Tensor, rng: torch.Generator, times: int = 200,
              level: float = 0.95) -> tuple[float, float, float]:
    """The statistic of the samples, and the ends of its basic bootstrap interval (Davison & Hinkley 1997, eq. 5.6).

    statistic(*samples) -> float. Each sample is resampled with replacement, `times` times, independently of the others.
    The interval is 2 s - q, with s the statistic and q the quantiles over the resamples: what resampling adds to s,
    sampling is assumed to have added to the truth. That removes a bias that shrinks with the sample size, such as the
    Frechet distance's. Total variation, a sum of absolute values, is less smooth: near 0 only part of its bias is
    removed, and the interval may lie above a true value of 0.
    """
    samples = [_tensor(sample) for sample in samples]
    if not samples or any(sample.dim() == 0 or len(sample) < 2 for sample in samples):
        raise ValueError("bootstrap needs samples of at least two entries each.")
    _validate.number(level, "level", above=0, below=1)
    rng, estimate, again = _validate.rng(rng), float(statistic(*samples)), []
    for _ in range(_validate.count(times, "times", least=20)):
        drawn = (sample[torch.randint(0, len(sample), (len(sample),), generator=rng)] for sample in samples)
        again.append(float(statistic(*drawn)))
    tail = (1 - level) / 2
    low, high = torch.tensor(again, dtype=torch.float64).quantile(torch.tensor([tail, 1 - tail]).double()).tolist()
    return estimate, 2 * estimate - high, 2 * estimate - low


def _tensor(values) -> torch.Tensor:
    return values if isinstance(values, torch.Tensor) else torch.from_numpy(np.array(values))  # contiguous


def _hits(hits: Sequence[bool]) -> torch.Tensor:
    try:
        hits = _tensor(hits).flatten()
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"hits are True or False per run, got {hits!r:.60}.") from error
    if hits.numel() == 0 or not ((hits == 0) | (hits == 1)).all():
        raise ValueError(f"hits are True or False per run, at least one, got {hits.tolist()[:10]}.")
    return hits.bool()
