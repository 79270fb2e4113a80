"""Figures that more than one section draws. Each takes data and an axes, draws, and returns the axes.

Figures are five inches wide, so that their text stays readable on a phone, and white, so that they stay readable
in dark mode. Colours are told apart by position or label too, never by colour alone.
"""

import html
import math

import matplotlib.pyplot as plt
import torch
from matplotlib.animation import FuncAnimation
from matplotlib.colors import ListedColormap

EVEN, ODD, LINE = "#0b6e99", "#c2410c", "#444444"  # blue for what we want, orange for what we do not
WIDTH = 5.0  # inches


def style() -> None:
    """Set the look of every figure of the course: white, small margins, sharp on a good screen."""
    plt.rcParams.update({
        "figure.figsize": (WIDTH, 3.0), "figure.dpi": 110, "savefig.dpi": 144, "figure.facecolor": "white",
        "figure.constrained_layout.use": True, "axes.spines.top": False, "axes.spines.right": False,
        "font.size": 10, "axes.titlesize": 11, "axes.titlelocation": "left", "legend.frameon": False,
    })


class Table:
    """Rows of text under a head, shown by a notebook as a table that fits a phone: Table(head, rows)."""

    def __init__(self, head: tuple[str, ...], rows: list[tuple]):
        self.lines = [tuple(map(str, line)) for line in (head, *rows)]

    def __repr__(self) -> str:
        widths = [max(map(len, column)) for column in zip(*self.lines, strict=True)]
        return "\n".join("  ".join(map(str.rjust, line, widths)) for line in self.lines)

    def _repr_html_(self) -> str:
        # a word joiner after each dash: a narrow cell breaks before an interval, not in it
        head, *rows = ([html.escape(cell).replace("–", "–\u2060") for cell in line] for line in self.lines)
        top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
        body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
        return f'<table class="results"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'


def losses(g_loss, d_loss, ax=None, unit: str = "step"):
    """Both losses of a run over its steps, with the lines where D answers one half: log 2 for G, 2 log 2 for D.

    unit: what a step is called on the axis.
    """
    ax = ax or plt.subplots()[1]
    for values, level, text, color, name in (
        (d_loss, 2 * math.log(2), "2 log 2", EVEN, "D"),
        (g_loss, math.log(2), "log 2", ODD, "G"),
    ):
        ax.plot(range(1, len(values) + 1), values, color=color, lw=1)
        ax.axhline(level, color=LINE, ls="--", lw=1)
        ax.text(1.01, level, f"{name}\n({text})", color=color, va="center", transform=ax.get_yaxis_transform())
    ax.set(xlabel=unit, ylabel="loss", xlim=(0, len(values)))
    ax.set_ylim(bottom=min(0, ax.get_ylim()[0]))
    return ax


def probability_grid(table: torch.Tensor, ax=None):
    """The 128 numbers as a grid of 8 rows of 16; the darker a cell, the more probable its number.

    table: (128,), probabilities. Even numbers stand in the white columns, odd ones in the shaded columns.
    """
    ax = ax or plt.subplots()[1]
    grid = table.reshape(-1, 16)
    ax.set_axisbelow(True)
    for column in range(1, 16, 2):
        ax.axvspan(column - 0.5, column + 0.5, facecolor="#fdeee6", zorder=0)
    shades = ListedColormap(plt.get_cmap("Blues")(torch.linspace(0.35, 1, 64).numpy())).with_extremes(bad=(0, 0, 0, 0))
    ax.imshow(torch.where(grid > 0, grid, torch.nan).sqrt(), cmap=shades, vmin=0, vmax=1, aspect="auto", zorder=1)
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
    """Every noise value as a dot: where its number lies (first six bits) and how odd it is (last bit), unrounded.

    outputs: (n, 7), between 0 and 1. Returns the scatter. Below the line the rounded number is even.
    """
    if ax is None:
        ax = plt.subplots()[1]
    dots = ax.scatter(*_spots(outputs).T, s=14, color=EVEN, alpha=0.55, lw=0)
    ax.axhspan(0.5, 1.06, facecolor="#fdeee6", zorder=0)
    ax.axhline(0.5, color=LINE, lw=0.8, ls="--")
    ax.set(xlim=(-3, 130), ylim=(-0.06, 1.06), xticks=range(0, 129, 32), yticks=(0, 0.5, 1))
    return dots


def _spots(outputs: torch.Tensor) -> torch.Tensor:
    """Where the dots stand: the number that all but the last output add up to, and the last output; (n, 2)."""
    places = 2.0 ** torch.arange(outputs.shape[-1] - 1, 0, -1)
    return torch.stack([outputs[:, :-1] @ places, outputs[:, -1]], 1)


def filmstrip(runs: dict[str, dict[int, torch.Tensor]]):
    """`soft_numbers` step by step, one column a run; runs: {title: {step: (n, 7)}}, the same steps each."""
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


def noise_player(runs: dict[str, dict[int, torch.Tensor]], interval: int = 250) -> str:
    """The noise values moving into place, as HTML with a player: one panel a run, `soft_numbers` at step after step.

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
            dots.set_offsets(_spots(values))
            ax.set_title(f"{title}, step {step}")

    return player(fig, draw, len(panels[0][1]), interval, dpi=100)


def player(fig, draw, frames: int, interval: int, dpi: int) -> str:
    """An animation of `fig` as HTML with a player; draw(frame) changes the figure, whose panels stay where they are."""
    draw(0)
    fig.draw_without_rendering()
    fig.set_layout_engine("none")  # finding the panels' places costs as much as drawing them
    fig.canvas.draw_idle = lambda: None  # else every frame is drawn twice, once for a window that is not there
    animation = FuncAnimation(fig, draw, frames=frames, interval=interval)
    with plt.rc_context({"savefig.dpi": dpi}):
        page = animation.to_jshtml(default_mode="once")
    plt.close(fig)  # the player shows it; the bare figure would stand there a second time
    return page
