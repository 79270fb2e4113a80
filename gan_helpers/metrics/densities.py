"""p_data and p_g as curves on a grid: exact densities, the optimal discriminator, and how far apart two curves are.

A grid is an increasing, evenly spaced tensor (n,); a density on it is float64 and has shape (n,), or (runs, n) for
many runs. Chapter 2 derives the formulas.
"""

import torch
from scipy.special import rel_entr
from scipy.stats import norm, truncnorm

from gan_helpers import _validate

SEGMENTS = 4000  # intervals of the noise; on each of them G is approximated by a straight line


def gray_pixels(grid: torch.Tensor) -> torch.Tensor:
    """The density that `data.gray_pixels` draws from: N(0, 0.35) truncated to [-1, 1]."""
    return _truncated_normals(_increasing(grid), ((1.0, 0.0, 0.35),))


def ink_and_paper(grid: torch.Tensor) -> torch.Tensor:
    """The density that `data.ink_and_paper` draws from: 0.7 N(-0.5, 0.15) + 0.3 N(0.5, 0.15), each truncated."""
    return _truncated_normals(_increasing(grid), ((0.7, -0.5, 0.15), (0.3, 0.5, 0.15)))


def _truncated_normals(grid: torch.Tensor, components) -> torch.Tensor:
    parts = (share * truncnorm((-1 - mean) / std, (1 - mean) / std, mean, std).pdf(grid.double().numpy())
             for share, mean, std in components)
    return torch.from_numpy(sum(parts))


@torch.no_grad()
def generated(generator: torch.nn.Module, grid: torch.Tensor, distribution=norm) -> torch.Tensor:
    """p_g on a grid, by change of variables: p_g(x) = sum of p(z) / |G'(z)| over all z with G(z) = x (chapter 2).

    generator: (n, 1) noise to (n, 1) numbers, or stacked, to (runs, n, 1). distribution: that of the noise, from
    scipy.stats. Returns float64 of shape (n,) or (runs, n): the density averaged over the cell around each grid point,
    where G is approximated by straight lines on 4,000 intervals of the noise. What falls outside the grid is missing
    from the integral. Raises ValueError if G's outputs are not finite or the grid is not evenly spaced.
    """
    grid = _increasing(grid).double()
    ends = torch.linspace(*distribution.ppf([1e-7, 1 - 1e-7]), SEGMENTS + 1, dtype=torch.float64)
    below = torch.from_numpy(distribution.cdf(ends.numpy()))
    below[0], below[-1] = 0, 1  # the tails belong to the outermost intervals
    mass = below.diff()  # (intervals,)
    like = next(generator.parameters(), torch.empty(0))
    outputs = _validate.result_of(generator, ends.unsqueeze(-1).to(like), "the generator", "noise")
    outputs = outputs.squeeze(-1).cpu().double()
    if outputs.shape[-1] != SEGMENTS + 1 or not torch.isfinite(outputs).all():
        raise ValueError(f"G must turn each noise value into one finite number; from {SEGMENTS + 1} of them it made "
                         f"shape {tuple(outputs.shape)}, finite: {bool(torch.isfinite(outputs).all())}.")
    step = grid[1] - grid[0]
    edges = torch.cat([grid - step / 2, grid[-1:] + step / 2])  # (n + 1,): the cells

    far = 1e6 * (grid[-1] - grid[0])
    outputs = outputs.clamp(grid[0] - far, grid[-1] + far)  # far outside, but not so far that rounding matters
    low, high = torch.minimum(outputs[..., :-1], outputs[..., 1:]), torch.maximum(outputs[..., :-1], outputs[..., 1:])
    high = torch.maximum(high, low + step / 1000)  # where G is flat, the whole interval falls on one point
    slope = mass / (high - low)  # from low to high, the mass below x grows at this rate
    below = _ramps(low, slope, edges) - _ramps(high, slope, edges)  # at each edge
    cells = below.diff(dim=-1)
    return torch.where(cells > 1e-9, cells, 0) / step  # anything smaller is rounding error


def _ramps(starts: torch.Tensor, slopes: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
    """The sum of slope * max(0, point - start) over all starts (..., m), at each of the points (n,): (..., n)."""
    starts, order = starts.sort(-1)
    slopes = slopes.expand_as(starts).gather(-1, order)
    none = torch.zeros_like(starts[..., :1])
    total, moment = (torch.cat([none, part.cumsum(-1)], -1) for part in (slopes, slopes * starts))
    points = points.expand(*starts.shape[:-1], -1).contiguous()
    passed = torch.searchsorted(starts, points)  # how many starts lie to the left
    return points * total.gather(-1, passed) - moment.gather(-1, passed)


def optimal_discriminator(p_data: torch.Tensor, p_g: torch.Tensor, real_label: float = 1.0) -> torch.Tensor:
    """D*(x) = a p_data(x) / (p_data(x) + p_g(x)), a the label of real samples (Goodfellow et al. 2014, eq. 2).

    With one-sided label smoothing a is below 1 (Salimans et al. 2016, section 3.4). Where both densities are 0, D* is
    NaN: no sample ever falls there. Any shapes that match; raises ValueError for negative or infinite densities.
    """
    p_data, p_g = _density(p_data, "p_data"), _density(p_g, "p_g")
    if any(a != b and 1 not in (a, b) for a, b in zip(p_data.shape[::-1], p_g.shape[::-1], strict=False)):
        raise ValueError(f"p_data has shape {tuple(p_data.shape)}, p_g {tuple(p_g.shape)}. Use one grid, and the same "
                         "number of runs.")
    _validate.number(real_label, "real_label", above=0)
    if real_label > 1:
        raise ValueError(f"real_label must be at most 1, got {real_label}: it is a probability.")
    return real_label * p_data / (p_data + p_g)


def jensen_shannon(p_data: torch.Tensor, p_g: torch.Tensor, grid: torch.Tensor) -> torch.Tensor:
    """The Jensen-Shannon divergence of two densities on a grid, in nats: 0 if equal, log 2 if they never overlap.

    Each has shape (n,) or (runs, n); returns float64 of shape () or (runs,). Raises ValueError for a density that does
    not integrate to 1 within 2 %: its mass lies outside the grid, or between two of its points.
    """
    grid = _increasing(grid).double()
    p_data, p_g = _density(p_data, "p_data"), _density(p_g, "p_g")
    masses, step = [], grid[1] - grid[0]
    for density, name in ((p_data, "p_data"), (p_g, "p_g")):
        if density.dim() == 0 or density.shape[-1] != len(grid):
            raise ValueError(f"{name} has shape {tuple(density.shape)}, the grid {len(grid)} points. Use one grid.")
        area = density.sum(-1, keepdim=True) * step
        if (area - 1).abs().max() > 0.02:
            worst = area.flatten()[(area - 1).abs().argmax()]
            raise ValueError(f"{name} integrates to {worst:.3f} on this grid, not to 1. Make the grid wider or finer.")
        masses.append((density * step / area).numpy())
    if p_data.dim() == p_g.dim() == 2 and 1 not in (len(p_data), len(p_g)) and len(p_data) != len(p_g):
        raise ValueError(f"p_data holds {len(p_data)} runs and p_g {len(p_g)}. Pass the same number of "
                         "each, or one of p_data.")
    middle = (masses[0] + masses[1]) / 2
    return torch.as_tensor(sum(rel_entr(mass, middle).sum(-1) for mass in masses) / 2).clamp(min=0)


def _increasing(grid: torch.Tensor) -> torch.Tensor:
    grid = torch.as_tensor(grid)
    steps = grid.double().diff() if grid.dim() == 1 and len(grid) > 1 else torch.zeros(1)
    if not 0 < steps.min() <= steps.max() <= 1.01 * steps.min() or not torch.isfinite(steps).all():
        raise ValueError(f"a grid is an increasing, evenly spaced tensor (n,), got shape {tuple(grid.shape)}. Make one "
                         "with torch.linspace.")
    return grid.detach().cpu()


def _density(values, name: str) -> torch.Tensor:
    values = torch.as_tensor(values).detach().cpu().double()
    if not torch.isfinite(values).all() or (values < 0).any():
        wrong = values[~torch.isfinite(values) | (values < 0)].flatten()[0]
        raise ValueError(f"{name} must be finite and 0 or more, got {wrong:.4g}. It is a density.")
    return values
