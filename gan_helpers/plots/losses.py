"""The losses of a run."""

import math

import matplotlib.pyplot as plt

from gan_helpers.plots import style


def curves(g_loss, d_loss, ax=None, unit: str = "step"):
    """Both losses of a run over its steps, with dashed lines at their values for D = 1/2: log 2 for G, 2 log 2 for D.

    unit: what a step is called on the axis.
    """
    ax = ax or plt.subplots()[1]
    for values, level, text, color, name, side in (
        (d_loss, 2 * math.log(2), "2 log 2", style.D, "D", "bottom"),
        (g_loss, math.log(2), "log 2", style.G, "G", "top"),
    ):
        ax.plot(range(1, len(values) + 1), values, color=color, lw=1)
        ax.axhline(level, color=style.MUTED, ls="--", lw=1)
        ax.text(1.01, level, f"{name}\n({text})", color=color, va=side, transform=ax.get_yaxis_transform())
    ax.set(xlabel=unit, ylabel="loss", xlim=(0, len(values)))
    ax.set_ylim(bottom=min(0, ax.get_ylim()[0]))
    return ax
