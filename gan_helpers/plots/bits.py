"""Figures of chapter 1: which numbers G makes, and where each noise value goes while G learns."""

import matplotlib.pyplot as plt
import torch
from matplotlib.colors import ListedColormap

from gan_helpers.plots.style import BLUE, GRAY, WIDTH, animate


def probability_grid(table: torch.Tensor, ax=None):
    """The 128 numbers as a grid of 8 rows of 16; the darker a cell, the more probable its number.

    table: (128,), probabilities. Columns of odd numbers are shaded.
    """
    ax = ax or plt.subplots()[1]
    grid = table.reshape(-1, 16)
    ax.set_axisbelow(True)
    for column in range(1, 16, 2):
        ax.axvspan(column - 0.5, column + 0.5, facecolor="#fdeee6", zorder=0)
    shades = ListedColormap(plt.get_cmap("Blues")(torch.linspace(0.35, 1, 64).numpy())).with_extremes(bad=(0, 0, 0, 0))
    darkness = torch.where(grid > 0, grid, torch.nan).sqrt().numpy()
    ax.imshow(darkness, cmap=shades, vmin=0, vmax=1, aspect="auto", zorder=1)
    for row, column in (grid > 0).nonzero().tolist():
        share = grid[row, column].item()
        ax.text(column, row, 16 * row + column, ha="center", va="center", fontsize=8,
                color="white" if share > 0.15 else "black")
    ax.set_xticks(range(0, 16, 2), range(0, 16, 2))
    ax.set_yticks(range(len(grid)), [f"{16 * row}+" for row in range(len(grid))])
    ax.set(xlabel="number = row + column; shaded columns are odd")
    ax.tick_params(length=0)
    return ax


def soft_numbers(outputs: torch.Tensor, ax=None):
    """Every noise value as a dot: its number (first six bits) and how odd it is (last bit), before rounding.

    outputs: (n, 7), between 0 and 1. Returns the scatter. Below the line the rounded number is even.
    """
    ax = ax or plt.subplots()[1]
    dots = ax.scatter(*dot_positions(outputs).T, s=14, color=BLUE, alpha=0.55, lw=0)
    ax.axhspan(0.5, 1.06, facecolor="#fdeee6", zorder=0)
    ax.axhline(0.5, color=GRAY, lw=0.8, ls="--")
    ax.set(xlim=(-3, 130), ylim=(-0.06, 1.06), xticks=range(0, 129, 32), yticks=(0, 0.5, 1))
    return dots


def dot_positions(outputs: torch.Tensor) -> torch.Tensor:
    """The dots' coordinates: the number that all but the last output add up to, and the last output; (n, 2)."""
    places = 2.0 ** torch.arange(outputs.shape[-1] - 1, 0, -1)
    return torch.stack([outputs[:, :-1] @ places, outputs[:, -1]], 1)


def strip(runs: dict[str, dict[int, torch.Tensor]]):
    """`soft_numbers` step by step, one column per run; runs: {title: {step: (n, 7)}}, with the same steps."""
    steps = list(next(iter(runs.values())))
    size = (WIDTH, 0.95 * len(steps) + 0.6)
    fig, axes = plt.subplots(len(steps), len(runs), figsize=size, sharex=True, sharey=True, squeeze=False)
    for column, (title, frames) in zip(axes.T, runs.items(), strict=True):
        column[0].set_title(title)
        for ax, step in zip(column, steps, strict=True):
            soft_numbers(frames[step], ax)
    for ax, step in zip(axes[:, -1], steps, strict=True):
        ax.text(1.02, 0.5, f"step\n{step}", transform=ax.transAxes, va="center")
    fig.supxlabel("the number that the outputs add up to", fontsize=10)
    fig.supylabel("last output: even below the line", fontsize=10)
    return fig


def animation(runs: dict[str, dict[int, torch.Tensor]], interval: int = 250) -> str:
    """`soft_numbers` as an animation in HTML, one panel per run: the noise values moving into place.

    runs: {title: {step: (n, 7)}}, every run with the same steps. A frame takes about 25 kB of the page.
    """
    fig, axes = plt.subplots(len(runs), 1, figsize=(WIDTH, 1.8 * len(runs) + 0.3), sharex=True, squeeze=False)
    panels = []
    for ax, (title, frames) in zip(axes[:, 0], runs.items(), strict=True):
        panels.append((title, list(frames.items()), soft_numbers(next(iter(frames.values())), ax), ax))
        ax.set_ylabel("last output")
    axes[-1, 0].set_xlabel("the number that the outputs add up to")

    def draw(frame):
        for title, frames, dots, ax in panels:
            step, values = frames[frame]
            dots.set_offsets(dot_positions(values))
            ax.set_title(f"{title}, step {step}")

    return animate(fig, draw, len(panels[0][1]), interval, dpi=100)
