"""Figures of densities: p_data and p_g as curves, with D beside the best possible D, or with the G that makes p_g."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator
from scipy.signal import find_peaks
from scipy.stats import norm

from gan_helpers.plots import style


def panels(grid, p_data, p_g, d, d_star, axes=None):
    """Two panels: p_data and p_g above; D, as a probability, and D* below. Returns the axes.

    All have shape (n,), on one grid.
    """
    if axes is None:
        _, axes = plt.subplots(2, 1, sharex=True, figsize=(style.WIDTH, 4.2))
    axes[0].fill_between(grid, p_data, color=style.REAL, alpha=0.2, lw=0)
    axes[0].plot(grid, p_data, color=style.REAL, lw=1, label="$p_{data}$")
    axes[0].plot(grid, p_g, color=style.FAKE, lw=2, label="$p_g$")
    axes[0].set(ylabel="density", ylim=(0, 1.9 * float(p_data.max())))
    axes[1].plot(grid, d_star, color=style.D, lw=5, alpha=0.3, label="$D^*$, the best possible")
    axes[1].plot(grid, d, color=style.D, lw=1.4, label="$D$, learned")
    axes[1].axhline(0.5, color=style.MUTED, lw=0.8, ls=":")
    axes[1].set(ylabel="says real", ylim=(-0.04, 1.04), xlabel="x", xlim=(float(grid[0]), float(grid[-1])))
    for ax in axes:
        ax.legend(loc="upper right", fontsize=9)
    return axes


def strip(grid, p_data, frames: dict[int, tuple]):
    """`panels` step by step, one column per step; frames: {step: (p_g, D, D*)}."""
    fig, axes = plt.subplots(2, len(frames), sharex=True, sharey="row", figsize=(style.WIDTH, 3.4))
    for column, (step, (p_g, d, d_star)) in zip(axes.T, frames.items(), strict=True):
        panels(grid, p_data, p_g, d, d_star, column)
        column[0].set_title(f"round {step}")
    for ax in axes.flat:
        ax.get_legend().remove()
        ax.label_outer()
        ax.set_xlabel("")
        ax.xaxis.set_major_locator(MaxNLocator(3, prune="both"))  # no label at an edge, where the next panel begins
    handles = [*axes[0, 0].get_lines()[:2], *axes[1, 0].get_lines()[:2]]
    fig.legend(handles, [line.get_label() for line in handles], ncols=4, loc="outside lower center", fontsize=9)
    return fig


def mapping(z, grid, frames: dict[str, tuple], p_data=None, slices: int = 13):
    """How G turns noise into pixels: G(z) over z, and beside it the density of where it lands (chapter 2, eq. 2.2).

    z: noise, standard normal, (m,), increasing. frames: {title: (G(z), p_g)}, shapes (m,) and (n,), a column each; p_g
    and p_data are densities on the grid (n,). The noise is cut into equally likely slices, and every second one is
    shaded on its way to x: where G is flat, slices land close together. With p_data the axis of the densities ends at
    1.5 times its maximum, and a triangle marks each peak of p_g beyond. Returns the axes, (frames, 3): G, its density,
    the noise.
    """
    fig = plt.figure(figsize=(style.WIDTH, 3.3 if len(frames) < 3 else 2.8), layout="none")
    outer = fig.add_gridspec(1, len(frames), left=0.125, right=0.995, top=0.92, bottom=0.15, wspace=0.1)
    edges, axes = norm.ppf([i / slices for i in range(slices + 1)]), []
    for i, (title, (x, p_g)) in enumerate(frames.items()):
        inner = outer[i].subgridspec(2, 2, width_ratios=(2, 1), height_ratios=(5, 1), wspace=0.04, hspace=0.04)
        curve = fig.add_subplot(inner[0, 0], sharey=axes[0][0] if axes else None)
        beside = fig.add_subplot(inner[0, 1], sharey=curve, sharex=axes[0][1] if axes else None)
        below = fig.add_subplot(inner[1, 0], sharex=curve)
        bell = norm.pdf(z)
        for low, high in zip(edges[1:-1:2], edges[2:-1:2], strict=True):
            inside = (z >= low) & (z <= high)
            below.fill_between(z[inside], bell[inside], color=style.B, alpha=0.45, lw=0)
            curve.fill_between(z[inside], float(grid[0]), x[inside], color=style.B, alpha=0.12, lw=0)
            curve.fill_betweenx(x[inside], z[inside], float(z[-1]), color=style.FAKE, alpha=0.3, lw=0)
        below.plot(z, bell, color=style.B, lw=1)
        curve.plot(z, x, color=style.G, lw=2.2)
        if p_data is not None:
            beside.fill_betweenx(grid, 0, p_data, color=style.REAL, alpha=0.25, lw=0)
        beside.plot(p_g, grid, color=style.FAKE, lw=1.6)
        curve.set(xlim=(float(z[0]), float(z[-1])), ylim=(float(grid[0]), float(grid[-1])))
        curve.set_title(title)
        below.set(ylim=(0, 0.45), yticks=(), xticks=(-2, 0, 2), xlabel="noise $z$")
        curve.tick_params(labelbottom=False, bottom=False, labelleft=i == 0)
        beside.tick_params(labelleft=False, left=False, labelbottom=False, bottom=False)
        for ax, spine in ((below, "left"), (beside, "bottom")):
            ax.spines[spine].set_visible(False)
        axes.append((curve, beside, below))
    axes[0][0].set_ylabel("$x = G(z)$")
    top = float("inf") if p_data is None else 1.5 * float(p_data.max())
    axes[0][1].set_xlim(0, None if p_data is None else top)
    for (_, beside, _), (_, p_g) in zip(axes, frames.values(), strict=True):
        for peak in find_peaks(p_g, height=top)[0]:
            beside.plot(top, grid[peak], ">", color=style.FAKE, ms=5, clip_on=False)
    return np.array(axes)
