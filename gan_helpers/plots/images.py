"""Figures of images: a grid, a strip with one row per name, and a player of the same images while G learns."""

import base64
import io
from collections.abc import Mapping
from html import escape

import torch
from matplotlib import pyplot as plt
from PIL import Image

from gan_helpers import mnist
from gan_helpers.plots import style


def tiled(images: torch.Tensor, columns: int, scale: str = "[0, 1]", gap: int = 2) -> torch.Tensor:
    """Images in rows of `columns`: (height, width), from 0, black, to 1, white; NaN in the gaps between them."""
    pixels = mnist.to_gray(images, scale)
    rows = -(-len(pixels) // columns)
    sheet = torch.full((rows * (28 + gap) - gap, columns * (28 + gap) - gap), torch.nan)
    for i, picture in enumerate(pixels):
        top, left = (28 + gap) * (i // columns), (28 + gap) * (i % columns)
        sheet[top:top + 28, left:left + 28] = picture
    return sheet


def show(sheet: torch.Tensor, ax) -> None:
    """Draw what `tiled` returns; the gaps let the paper through."""
    ax.imshow(sheet.numpy(), cmap="gray", vmin=0, vmax=1, interpolation="none")


def grid(images: torch.Tensor, columns: int = 10, scale: str = "[0, 1]", ax=None):
    """Images (n, 784) or (n, 28, 28) in rows of `columns`; black is 0 or -1, by `scale`. Returns the axes."""
    sheet = tiled(images, columns, scale)
    if ax is None:
        height = style.WIDTH * sheet.shape[0] / sheet.shape[1]
        _, ax = plt.subplots(figsize=(style.WIDTH, height))
    show(sheet, ax)
    ax.axis("off")
    return ax


def strip(rows: Mapping[str, torch.Tensor], scale: str = "[0, 1]", ax=None):
    """A row of images for each name, such as "100,000": {name: (n, 784)}, the same n in each. Returns the axes."""
    count = len(next(iter(rows.values())))
    sheet = tiled(torch.cat(list(rows.values())), count, scale)
    if ax is None:
        _, ax = plt.subplots(figsize=(style.WIDTH, 0.86 * style.WIDTH * sheet.shape[0] / sheet.shape[1]))
    show(sheet, ax)
    ax.set(xticks=(), yticks=[30 * i + 14 for i in range(len(rows))])
    ax.set_yticklabels(rows, fontsize=9)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


PLAYER = """<div class="player" style="max-width: 100%">
<div style="overflow: hidden; aspect-ratio: {width} / {height}"><img src="data:image/png;base64,{picture}"
 alt="{alt}" style="display: block; width: 100%; max-width: none; image-rendering: pixelated;
 transform: translateY(-{last}%)"></div>
<p><button type="button" hidden>Play</button> <input type="range" min="0" max="{most}" value="{most}" hidden
 aria-label="Which {unit}"> <output>{label}</output></p>
<script>(player => {{
  const labels = {labels};
  const [image, button, slider, output] = ["img", "button", "input", "output"].map(name => player.querySelector(name));
  let timer = 0;
  const show = () => {{
    image.style.transform = `translateY(-${{100 * slider.value / labels.length}}%)`;
    output.textContent = labels[slider.value];
    slider.setAttribute("aria-valuetext", labels[slider.value]);
  }};
  const stop = () => {{ clearInterval(timer); timer = 0; button.textContent = "Play"; }};
  button.onclick = () => {{
    if (timer) return stop();
    if (+slider.value === labels.length - 1) slider.value = 0;
    button.textContent = "Pause";
    show();
    timer = setInterval(() => {{
      if (+slider.value === labels.length - 1) return stop();
      slider.value = +slider.value + 1;
      show();
    }}, {interval});
  }};
  slider.oninput = () => {{ stop(); show(); }};
  button.hidden = slider.hidden = false;
  show();
}})(document.currentScript.parentElement)</script>
</div>"""


def player(images_by_step: Mapping[int, torch.Tensor], alt: str, columns: int = 8, scale: str = "[0, 1]",
           unit: str = "iteration", interval: int = 250) -> str:
    """A player, as HTML, of the same images after several numbers of steps: {steps: (n, 784)}. It rests on the last.

    alt: what one sees, for those who do not. unit: what a step is called. interval: milliseconds per frame. All frames
    are one picture, one below the other, of which the player shows a part.
    """
    frames = [tiled(images, columns, scale) for images in images_by_step.values()]
    height, width = frames[0].shape
    sheet = torch.cat(frames)
    gray, alpha = sheet.nan_to_num(0.0), (~sheet.isnan()).float()
    file = io.BytesIO()
    Image.merge("LA", [Image.fromarray((255 * part).round().byte().numpy()) for part in (gray, alpha)]).save(
        file, "png", optimize=True)
    picture, labels = base64.b64encode(file.getvalue()).decode(), [f"{unit} {step:,}" for step in images_by_step]
    return PLAYER.format(width=width, height=height, picture=picture, alt=escape(alt), most=len(frames) - 1, unit=unit,
                         last=100 * (len(frames) - 1) / len(frames), label=labels[-1], labels=labels, interval=interval)
