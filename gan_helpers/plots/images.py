"""Figures of images: a grid, a strip with one row per name, and an animation of the same images while G learns."""

from collections.abc import Mapping

import torch
from matplotlib import pyplot as plt

from gan_helpers import mnist
from gan_helpers.plots import style


def tiled(images: torch.Tensor, columns: int, scale: str = "[0, 1]", gap: int = 2) -> torch.Tensor:
    """Images in rows of `columns`, with white gaps: (height, width), from 0, black, to 1, white."""
    pixels = mnist.to_gray(images, scale)
    rows = -(-len(pixels) // columns)
    sheet = torch.ones(rows * (28 + gap) - gap, columns * (28 + gap) - gap)
    for i, picture in enumerate(pixels):
        top, left = (28 + gap) * (i // columns), (28 + gap) * (i % columns)
        sheet[top:top + 28, left:left + 28] = picture
    return sheet


def grid(images: torch.Tensor, columns: int = 10, scale: str = "[0, 1]", ax=None):
    """Images (n, 784) or (n, 28, 28) in rows of `columns`; black is 0 or -1, by `scale`. Returns the axes."""
    sheet = tiled(images, columns, scale)
    if ax is None:
        height = style.WIDTH * sheet.shape[0] / sheet.shape[1]
        _, ax = plt.subplots(figsize=(style.WIDTH, height))
    ax.imshow(sheet.numpy(), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.axis("off")
    return ax


def strip(rows: Mapping[str, torch.Tensor], scale: str = "[0, 1]", ax=None):
    """A row of images for each name, such as "100,000": {name: (n, 784)}, the same n in each. Returns the axes."""
    count = len(next(iter(rows.values())))
    sheet = tiled(torch.cat(list(rows.values())), count, scale)
    if ax is None:
        _, ax = plt.subplots(figsize=(style.WIDTH, 0.86 * style.WIDTH * sheet.shape[0] / sheet.shape[1]))
    ax.imshow(sheet.numpy(), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.set(xticks=(), yticks=[30 * i + 14 for i in range(len(rows))])
    ax.set_yticklabels(rows, fontsize=9)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def animation(images_by_step: Mapping[int, torch.Tensor], columns: int = 4, scale: str = "[0, 1]",
              interval: int = 250) -> str:
    """An animation, as HTML, of the same images after several numbers of steps: {steps: (n, 784)}."""
    sheets = {at: tiled(images, columns, scale).numpy() for at, images in images_by_step.items()}
    fig, ax = plt.subplots(figsize=(2.6, 2.8))
    picture = ax.imshow(next(iter(sheets.values())), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.axis("off")

    def draw(at):
        picture.set_data(sheets[at])
        ax.set_title(f"after {at:,} steps", fontsize=10)

    return style.animate(fig, lambda frame: draw(list(sheets)[frame]), len(sheets), interval, dpi=80)
