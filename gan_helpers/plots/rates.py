"""Rates over many runs, as dots with their intervals: a row per recipe, a panel per target."""

from collections.abc import Mapping

import matplotlib.pyplot as plt

from gan_helpers.metrics import statistics
from gan_helpers.plots import style


def dots(targets: Mapping[str, Mapping], baseline: str | None = None, colors: Mapping[str, str] | None = None):
    """One panel per target, one row per recipe, sorted by the first target; returns the axes.

    targets: {target: {recipe: hits}}, hits True or False per run, with the same recipes for each target. A dot is the
    share of hits, its line the 95 % Wilson interval (chapter 1). baseline: a recipe whose share goes through the panel
    as a dashed line and whose name is set in bold. colors: {recipe: color}; the others are gray.
    """
    rates = {target: {name: statistics.wilson_interval(hits) for name, hits in rows.items()}
             for target, rows in targets.items()}
    first = next(iter(rates.values()))
    names = sorted(first, key=lambda name: first[name])  # the best ends up on top
    size = (style.WIDTH, 0.27 * len(names) + 0.7)
    _, axes = plt.subplots(1, len(rates), figsize=size, sharex=True, sharey=True, squeeze=False)
    for ax, (target, rows) in zip(axes[0], rates.items(), strict=True):
        for y, name in enumerate(names):
            share, low, high = (100 * value for value in rows[name])
            color = (colors or {}).get(name, style.B)
            ax.plot([low, high], [y, y], color=color, lw=2, alpha=0.6)
            ax.plot(share, y, "o", color=color, ms=5, clip_on=False)  # 0 and 100 in full
        if baseline:
            ax.axvline(100 * rows[baseline][0], color=style.MUTED, ls="--", lw=0.8, zorder=0)
        ax.set(title=target, xlim=(-3, 103), xticks=(0, 50, 100), xlabel="% of runs", ylim=(-0.6, len(names) - 0.4))
        ax.tick_params(axis="y", length=0)
        for label, side in zip(ax.get_xticklabels(), ("left", "center", "right"), strict=True):
            label.set_horizontalalignment(side)  # 100 and the next panel's 0 keep apart
    axes[0, 0].set_yticks(range(len(names)), names)
    for label, name in zip(axes[0, 0].get_yticklabels(), names, strict=True):
        label.set_fontweight("bold" if name == baseline else "normal")
    return axes[0]
