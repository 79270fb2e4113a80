"""Figures of chapter 1: which numbers G makes, and where each noise value goes while G learns."""

import matplotlib.pyplot as plt
import torch

from gan_helpers.plots import style


def probability_grid(table: torch.Tensor, ax=None, color: str = style.FAKE):
    """The 128 numbers as a grid of 8 rows of 16; the stronger its color, the more probable the number.

    table: (128,), probabilities. Columns of odd numbers are shaded.
    """
    ax = ax or plt.subplots()[1]
    for column in range(1, 16, 2):
        ax.axvspan(column - 0.5, column + 0.5, facecolor=style.RULE, alpha=0.4, lw=0)
    for number in table.nonzero().flatten().tolist():
        (row, column), share = divmod(number, 16), table[number].item()
        ax.add_patch(plt.Rectangle((column - 0.48, row - 0.46), 0.96, 0.92, color=style.shade(color, share), lw=0))
        ax.text(column, row, number, ha="center", va="center", fontsize=9,
                color=style.PAPER if share > 0.25 else style.INK)
    ax.set(xlim=(-0.5, 15.5), ylim=(len(table) // 16 - 0.5, -0.5))
    ax.set(xlabel="number = row + column; shaded columns are odd")
    ax.set_xticks(range(0, 16, 2), range(0, 16, 2))
    ax.set_yticks(range(len(table) // 16), [f"{first}+" for first in range(0, len(table), 16)])
    ax.tick_params(length=0)
    return ax


def soft_numbers(outputs: torch.Tensor, ax=None):
    """Every noise value as a dot: its number (first six bits) and how odd it is (last bit), before rounding.

    outputs: (n, 7), between 0 and 1. Returns the scatter. Below the line the rounded number is even.
    """
    ax = ax or plt.subplots()[1]
    dots = ax.scatter(*dot_positions(outputs).T, s=14, color=style.FAKE, alpha=0.6, lw=0)
    ax.axhspan(0.5, 1.06, facecolor=style.RULE, alpha=0.4, zorder=0, lw=0)
    ax.axhline(0.5, color=style.MUTED, lw=0.8, ls="--")
    ax.set(xlim=(-3, 130), ylim=(-0.06, 1.06), xticks=range(0, 129, 32), yticks=(0, 0.5, 1))
    return dots


def dot_positions(outputs: torch.Tensor) -> torch.Tensor:
    """The dots' coordinates: all but the last output, read as a number without rounding, and the last; (n, 2)."""
    places = 2.0 ** torch.arange(outputs.shape[-1] - 1, 0, -1)
    return torch.stack([outputs[:, :-1] @ places, outputs[:, -1]], 1)


def strip(runs: dict[str, dict[int, torch.Tensor]]):
    """`soft_numbers` step by step, one column per run; runs: {title: {step: (n, 7)}}, with the same steps."""
    steps = list(next(iter(runs.values())))
    size = (style.WIDTH, 0.95 * len(steps) + 0.6)
    fig, axes = plt.subplots(len(steps), len(runs), figsize=size, sharex=True, sharey=True, squeeze=False)
    for column, (title, frames) in zip(axes.T, runs.items(), strict=True):
        column[0].set_title(title)
        for ax, step in zip(column, steps, strict=True):
            soft_numbers(frames[step], ax)
    for ax, step in zip(axes[:, -1], steps, strict=True):
        ax.text(1.02, 0.5, f"step\n{step}", transform=ax.transAxes, va="center")
    fig.supxlabel("the first six outputs read as a number, unrounded", fontsize=9.5)
    fig.supylabel("last output: even below the line", fontsize=9.5)
    return fig
