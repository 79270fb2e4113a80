"""Figures of densities: p_data and p_g as curves, and below them D beside the best possible D."""

import matplotlib.pyplot as plt
from matplotlib.ticker import MaxNLocator

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
        ax.legend(loc="upper right", fontsize=8)
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
    fig.legend(handles, [line.get_label() for line in handles], ncols=4, loc="outside lower center", fontsize=8)
    return fig
