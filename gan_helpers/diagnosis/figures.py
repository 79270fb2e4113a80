"""What a finding draws: real samples beside fakes, and the measurements against their limits."""

import math
import textwrap
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import torch

from gan_helpers.diagnosis.causes import WORDS
from gan_helpers.plots import style

PICTURE = 64  # from this many features on, square numbers of them are drawn as images


@dataclass(frozen=True)
class Evidence:
    """Some real samples and some fakes, flattened: (n, features) each."""

    real: torch.Tensor
    fake: torch.Tensor


@torch.no_grad()
def evidence(parts, count: int) -> Evidence:
    """Draw a few samples of each; the generator's modes and torch's random state stay as they are."""
    rng = torch.Generator().manual_seed(1)
    modes = [(module, module.training) for module in parts.generator.modules()]
    with torch.random.fork_rng(devices=[]):
        parts.generator.eval()
        fake = parts.generator(parts.noise(count, rng)).detach().cpu().flatten(1)
        for module, training in modes:
            module.training = training
        return Evidence(parts.real(count, rng).detach().cpu().flatten(1), fake)


def finding(title: str, shown: Evidence, measured: dict[str, float], signs):
    """Two panels: samples, and each measurement divided by its limit."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(style.WIDTH, max(2.4, 0.9 + 0.65 * len(signs))),
                                      width_ratios=(6, 5), layout="constrained")
    fig.suptitle(title, x=0.01, ha="left", fontsize=9.5)
    samples(left, shown.real.nan_to_num(0, 0, 0), shown.fake.nan_to_num(0, 0, 0))
    for row, (name, side, limit) in enumerate(signs):
        low = side == "<"  # the side that gives it away
        right.plot([0, 1], [row, row], color=style.RULE, lw=5, solid_capstyle="butt")
        right.plot([0, 0.5] if low else [0.5, 1], [row, row], color=style.FAKE, lw=5, alpha=0.45, solid_capstyle="butt")
        right.plot(0.25 if low else 0.75, row, "o", color=style.FAKE, ms=7)
        words = textwrap.fill(f"{WORDS[name]}: {measured[name]:.3g}", 34)
        right.text(0, row - 0.12, words, va="bottom", fontsize=9)
        right.text(0.5, row + 0.12, f"limit {limit:g}", ha="center", va="top", color=style.MUTED, fontsize=9)
    right.set(xlim=(0, 1), ylim=(len(signs) - 0.5, -0.7), yticks=())
    right.set_xticks((0.25, 0.75), ("below the limit", "above"))
    right.tick_params(length=0)
    right.spines[:].set_visible(False)
    return fig


def samples(ax, real: torch.Tensor, fake: torch.Tensor) -> None:
    """Draw both clouds in a way that fits their number of features."""
    features = real.shape[1]
    side = math.isqrt(features)
    if features >= PICTURE and side * side == features:
        rows = [torch.cat(list(cloud[:6].reshape(-1, side, side)), 1) for cloud in (real, fake)]
        ax.imshow(torch.cat(rows).numpy(), cmap="gray_r")
        ax.set(yticks=(side / 2, 3 * side / 2), yticklabels=("real", "fake"), xticks=())
    elif features == 1:
        edges = np.histogram_bin_edges(torch.cat([real, fake]).numpy(), 40)
        for cloud, color, name in ((real, style.REAL, "real"), (fake, style.FAKE, "fake")):
            ax.hist(cloud.flatten().numpy(), edges, color=color, alpha=0.55, label=name)
        ax.set(yticks=(), xlabel="x")
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    elif features == 2:
        for cloud, color, mark, name in ((real, style.REAL, "o", "real"), (fake, style.FAKE, "x", "fake")):
            ax.plot(*cloud.T.numpy(), mark, color=color, ms=3, alpha=0.6, label=name)
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    else:
        for cloud, color, mark, name in ((real, style.REAL, "o", "real"), (fake, style.FAKE, "x", "fake")):
            ax.errorbar(range(features), cloud.mean(0), cloud.std(0), fmt=mark, color=color, label=name, alpha=0.8)
        ax.set(xlabel="feature", ylabel="mean, std")
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
