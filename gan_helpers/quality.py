"""How good are samples of many numbers, such as images? Each metric compares two clouds of points (chapter 7).

A cloud is a tensor (n, features): for images the 64 features of `classifier`, for toy examples the points themselves.
`real` is the reference, `fake` what is judged; everything is computed in float64.
"""

from collections.abc import Callable

import torch

from gan_helpers import _door

ROWS = 1000  # of a matrix of distances at a time


def frechet_distance(real: torch.Tensor, fake: torch.Tensor) -> float:
    """The squared Frechet distance of the normal distributions fitted to two clouds (Heusel et al. 2017; chapter 7).

    Raises ValueError for clouds with no more samples than features: their covariance says nothing.
    """
    real, fake = _clouds(real, fake)
    for cloud, name in ((real, "real"), (fake, "fake")):
        if len(cloud) <= cloud.shape[1]:
            raise ValueError(f"{name} has {len(cloud)} samples of {cloud.shape[1]} features: a covariance needs more "
                             f"samples than features. Draw at least {cloud.shape[1] + 1}, better ten times as many.")
    return frechet_gaussians(*moments(real), *moments(fake))


def moments(cloud: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean (features,) and covariance (features, features), divided by n - 1, of a cloud."""
    cloud = cloud.double()
    return cloud.mean(0), torch.cov(cloud.T).reshape(cloud.shape[1], cloud.shape[1])


def frechet_gaussians(mean_1, cov_1, mean_2, cov_2) -> float:
    """|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)): the squared Frechet distance of N(m1, C1) and N(m2, C2).

    It is their squared Wasserstein-2 distance (Dowson & Landau 1982, eq. 4). The trace of the root is the sum of the
    roots of the eigenvalues of A C2 A, with A = C1^(1/2), which is symmetric.
    """
    values, vectors = torch.linalg.eigh(cov_1.double())
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    shared = torch.linalg.eigvalsh(root @ cov_2.double() @ root).clamp(min=0).sqrt().sum()
    gap = (mean_1.double() - mean_2.double()).square().sum()
    return (gap + cov_1.double().trace() + cov_2.double().trace() - 2 * shared).item()


def neighbourhoods(real: torch.Tensor, fake: torch.Tensor, k: int = 5) -> dict[str, torch.Tensor]:
    """Precision, density, recall and coverage, sample by sample; their means are the four metrics (chapter 7).

    Around each point lies a ball that reaches to its k-th nearest neighbour in its own cloud. precision (fakes,): is
    the fake in the ball of a real one? density (fakes,): in how many, over k? recall (reals,): is the real one in the
    ball of a fake? coverage (reals,): is some fake in its ball? Kynkaanniemi et al. 2019, eq. 1-3; Naeem et al. 2020,
    eq. 3-5. Raises ValueError if k is not below the size of both clouds.
    """
    real, fake = _clouds(real, fake)
    k = _door.count(k, "k")
    for cloud, name in ((real, "real"), (fake, "fake")):
        if k >= len(cloud):
            raise ValueError(f"k is {k}, but {name} has {len(cloud)} samples, so {len(cloud) - 1} neighbours at most. "
                             "Pass a smaller k or more samples.")
    real_radius, fake_radius = (_radius(cloud, k) for cloud in (real, fake))
    inside, covered, recalled = torch.zeros(len(fake)), [], []
    for rows, radius in zip(real.split(ROWS), real_radius.split(ROWS), strict=True):
        distance = torch.cdist(rows, fake)  # (rows, fakes)
        inside += (distance < radius.unsqueeze(1)).sum(0)
        covered.append(distance.min(1).values < radius)
        recalled.append((distance < fake_radius).any(1))
    return {"precision": (inside > 0).double(), "density": inside.double() / k,
            "recall": torch.cat(recalled).double(), "coverage": torch.cat(covered).double()}


def _radius(cloud: torch.Tensor, k: int) -> torch.Tensor:
    """The distance of each point to its k-th nearest neighbour, itself not counted."""
    return torch.cat([torch.cdist(rows, cloud).kthvalue(k + 1, dim=1).values for rows in cloud.split(ROWS)])


def nearest(cloud: torch.Tensor, points: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """For each of the points, the distance to the nearest one in the cloud and its index; both (points,)."""
    cloud, points = _clouds(cloud, points)
    found = [torch.cdist(rows, cloud.to(rows)).min(1) for rows in points.split(ROWS)]
    return torch.cat([part.values for part in found]), torch.cat([part.indices for part in found])


def memorisation(train: torch.Tensor, test: torch.Tensor, fake: torch.Tensor) -> float:
    """Mean distance from a fake to its nearest training sample, over the same for test samples (chapter 7).

    0: every fake is a copy. About 1: fakes are as far from the training set as new real samples are.
    """
    return (nearest(train, fake)[0].mean() / nearest(train, test)[0].mean()).item()


def total_variation(real_digits: torch.Tensor, fake_digits: torch.Tensor) -> float:
    """Half the sum of |share among real - share among fake| over the digits: 0 the same mix, 1 nothing in common."""
    shares = [torch.bincount(digits.flatten(), minlength=10).double() / max(1, digits.numel())
              for digits in (real_digits, fake_digits)]
    if shares[0].shape != shares[1].shape or not all(abs(share.sum() - 1) < 1e-9 for share in shares):
        raise ValueError("total_variation takes two batches of digits from 0 to 9, neither of them empty.")
    return (shares[0] - shares[1]).abs().sum().item() / 2


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
    _door.number(level, "level", above=0, below=1)
    rng, estimate, again = _door.random_source(rng), float(statistic(*samples)), []
    for _ in range(_door.count(times, "times", least=20)):
        drawn = (sample[torch.randint(0, len(sample), (len(sample),), generator=rng)] for sample in samples)
        again.append(float(statistic(*drawn)))
    tail = (1 - level) / 2
    low, high = torch.tensor(again, dtype=torch.float64).quantile(torch.tensor([tail, 1 - tail]).double()).tolist()
    return estimate, 2 * estimate - high, 2 * estimate - low


def _clouds(*clouds: torch.Tensor) -> list[torch.Tensor]:
    for cloud in clouds:
        if not isinstance(cloud, torch.Tensor) or not cloud.is_floating_point() or cloud.dim() != 2:
            tensor = isinstance(cloud, torch.Tensor)
            got = f"{cloud.dtype} of shape {tuple(cloud.shape)}" if tensor else repr(cloud)[:60]
            raise TypeError(f"a cloud is a tensor of floats (n, features), got {got}.")
        if cloud.numel() == 0:
            raise ValueError(f"a cloud is empty, shape {tuple(cloud.shape)}. Pass at least one sample.")
        if not torch.isfinite(cloud).all():
            raise ValueError("a cloud has NaN or Inf in it. Has the training diverged?")
        if cloud.shape[1] != clouds[0].shape[1]:
            raise ValueError(f"clouds of {clouds[0].shape[1]} and {cloud.shape[1]} features cannot be compared.")
    return [cloud.detach().cpu().double() for cloud in clouds]
