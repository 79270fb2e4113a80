"""Metrics that compare two clouds of points: for samples of many numbers, such as images (chapter 7).

A cloud is a tensor (n, features): for images the 64 features of `metrics.digits`, for toy examples the points
themselves. `real` is the reference, `fake` what is judged; everything is computed in float64.
"""

import warnings

import torch

from gan_helpers import _validate

ROWS = 1000  # of a distance matrix, computed at a time


def frechet_distance(real: torch.Tensor, fake: torch.Tensor) -> float:
    """The squared Frechet distance of the normal distributions fitted to two clouds (Heusel et al. 2017; chapter 7).

    Raises ValueError for clouds with no more samples than features: their covariance is singular.
    """
    real, fake = _clouds(real, fake)
    for cloud, name in ((real, "real"), (fake, "fake")):
        if len(cloud) <= cloud.shape[1]:
            raise ValueError(f"{name} has {len(cloud)} samples of {cloud.shape[1]} features: a covariance needs more "
                             f"samples than features. Draw at least {cloud.shape[1] + 1}, better ten times as many.")
    return frechet_gaussians(*mean_and_covariance(real), *mean_and_covariance(fake))


def mean_and_covariance(cloud: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean (features,) and covariance (features, features) of a cloud; the covariance divides by n - 1."""
    cloud = cloud.double()
    return cloud.mean(0), torch.cov(cloud.T).reshape(cloud.shape[1], cloud.shape[1])


def frechet_gaussians(mean_1, cov_1, mean_2, cov_2) -> float:
    """|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)): the squared Frechet distance between N(m1, C1) and N(m2, C2).

    It is also their squared Wasserstein-2 distance (Dowson & Landau 1982, eq. 4). The trace of the root is computed
    from the symmetric matrix A C2 A with A = C1^(1/2): the sum of the roots of its eigenvalues.
    """
    values, vectors = torch.linalg.eigh(cov_1.double())
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    shared = torch.linalg.eigvalsh(root @ cov_2.double() @ root).clamp(min=0).sqrt().sum()
    gap = (mean_1.double() - mean_2.double()).square().sum()
    distance = gap + cov_1.double().trace() + cov_2.double().trace() - 2 * shared
    return distance.clamp(min=0).item()  # for equal clouds, rounding may go below 0


def prdc(real: torch.Tensor, fake: torch.Tensor, k: int = 5) -> dict[str, torch.Tensor]:
    """Precision, density, recall and coverage, sample by sample; their means are the four metrics (chapter 7).

    The ball of a point reaches to its k-th nearest neighbor in its own cloud. precision (fakes,): is the fake in the
    ball of a real sample? density (fakes,): in how many of them, divided by k? recall (reals,): is the real sample in
    the ball of a fake? coverage (reals,): is there a fake in its ball? Kynkaanniemi et al. 2019, eq. 1-3; Naeem et al.
    2020, eq. 3-5. Raises ValueError if k is not below the size of both clouds. Warns of points with k or more exact
    copies in their own cloud: their balls are empty, so that even a perfect generator of such data scores low.
    """
    real, fake = _clouds(real, fake)
    k = _validate.count(k, "k")
    radii = []
    for cloud, name in ((real, "real"), (fake, "fake")):
        if k >= len(cloud):
            raise ValueError(f"k is {k}, but {name} has {len(cloud)} samples, so each has {len(cloud) - 1} neighbors. "
                             "Pass a smaller k or more samples.")
        _, which, counts = torch.unique(cloud, dim=0, return_inverse=True, return_counts=True)
        copied = counts[which] > k
        radii.append(_radius(cloud, k).masked_fill(copied, 0))  # cdist may round a distance of 0 to 1e-8
        if copied.any():
            warnings.warn(f"{int(copied.sum())} of {len(cloud)} {name} samples have {k} or more exact copies, so their "
                          "balls have radius 0 and hold nothing. These metrics are made for continuous data: compare "
                          "probabilities instead, or pass a larger k.", stacklevel=2)
    real_radius, fake_radius = radii
    inside, covered, recalled = torch.zeros(len(fake)), [], []
    for rows, radius in zip(real.split(ROWS), real_radius.split(ROWS), strict=True):
        distance = torch.cdist(rows, fake)  # (rows, fakes)
        inside += (distance < radius.unsqueeze(1)).sum(0)
        covered.append(distance.min(1).values < radius)
        recalled.append((distance < fake_radius).any(1))
    return {"precision": (inside > 0).double(), "density": inside.double() / k,
            "recall": torch.cat(recalled).double(), "coverage": torch.cat(covered).double()}


def _radius(cloud: torch.Tensor, k: int) -> torch.Tensor:
    """The distance from each point to its k-th nearest neighbor, not counting itself."""
    return torch.cat([torch.cdist(rows, cloud).kthvalue(k + 1, dim=1).values for rows in cloud.split(ROWS)])


def nearest(cloud: torch.Tensor, points: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """For each of the points, the distance to the nearest one of the cloud, and its index; both (points,)."""
    cloud, points = _clouds(cloud, points)
    index = torch.cat([torch.cdist(rows, cloud).min(1).indices for rows in points.split(ROWS)])
    return (points - cloud[index]).square().sum(1).sqrt(), index  # for a copy exactly 0, which cdist may miss by 1e-8


def memorization_ratio(train: torch.Tensor, test: torch.Tensor, fake: torch.Tensor) -> float:
    """Mean distance from a fake to its nearest training sample, divided by that of a test sample (chapter 7).

    0: every fake is a copy. About 1: fakes are as far from the training set as new real samples are. Raises ValueError
    if every test sample is a copy itself, as in data with few different values.
    """
    of_test = nearest(train, test)[0].mean()
    if of_test == 0:
        raise ValueError("every test sample has an exact copy in the training set, so there is no distance to compare "
                         "with. Pass test samples that are not in the training set; for data with few different "
                         "values, compare probabilities instead.")
    return (nearest(train, fake)[0].mean() / of_test).item()


def _clouds(*clouds: torch.Tensor) -> list[torch.Tensor]:
    for cloud in clouds:
        if not isinstance(cloud, torch.Tensor) or not cloud.is_floating_point() or cloud.dim() != 2:
            tensor = isinstance(cloud, torch.Tensor)
            got = f"{cloud.dtype} of shape {tuple(cloud.shape)}" if tensor else repr(cloud)[:60]
            raise TypeError(f"a cloud is a tensor of floats (n, features), got {got}.")
        if cloud.numel() == 0:
            raise ValueError(f"a cloud is empty, shape {tuple(cloud.shape)}. Pass at least one sample.")
        if not torch.isfinite(cloud).all():
            raise ValueError("a cloud contains NaN or Inf. Has the training diverged?")
        if cloud.shape[1] != clouds[0].shape[1]:
            raise ValueError(f"clouds of {clouds[0].shape[1]} and {cloud.shape[1]} features cannot be compared.")
    return [cloud.detach().cpu().double() for cloud in clouds]
