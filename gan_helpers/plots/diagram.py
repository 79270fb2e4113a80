"""The picture that all chapters share: the five components, who moves, and which way the gradient takes."""

import matplotlib.pyplot as plt
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from gan_helpers.plots import style


def components(real: str, noise: str, generator: str, discriminator: str, moves: str | None = None, ax=None):
    """R, I, G and D with a few words each, and what flows between them; returns the axes.

    The words may have two lines of 15 characters. moves: "g" or "d" draws half a step of the loop, with the player who
    moves in full color, the other one pale, and the way of the gradient as a dashed arrow back from the loss. moves:
    "nobody" is after the training: D stands aside, dashed, and real samples and fakes are compared without it.
    """
    if moves not in (None, "g", "d", "nobody"):
        raise ValueError(f'moves is "g", "d", "nobody" or None, got {moves!r}.')
    if ax is None:
        _, ax = plt.subplots(figsize=(style.WIDTH, 2.75 if moves in ("g", "d") else 2.55))
    ax.set(xlim=(0, 100), ylim=(-4 if moves in ("g", "d") else 2, 50))
    ax.axis("off")

    def box(x, y, width, color, title, words, filled, dashed=False):
        ax.add_patch(FancyBboxPatch((x, y - 7), width, 14, boxstyle="round,pad=0,rounding_size=2", lw=1.6,
                                    edgecolor=color, facecolor=color if filled else style.PAPER,
                                    ls=(0, (4, 3)) if dashed else "-"))
        ink = style.PAPER if filled else color
        ax.text(x + width / 2, y + 3.7, title, color=ink, ha="center", va="center", weight="bold")
        ax.text(x + width / 2, y - 2.3, words, color=ink if filled else style.INK, ha="center", va="center",
                fontsize=9, linespacing=1.05)

    def arrow(start, end, color=style.MUTED, dashed=False, bend=0.0):
        ax.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=11, lw=1.8 if dashed else 1.4,
                                     color=color, ls=(0, (3, 2)) if dashed else "-", shrinkA=0, shrinkB=0,
                                     connectionstyle=f"arc3,rad={bend}"))

    box(0.7, 14, 23, style.B, "I   noise z", noise, False)
    box(29, 14, 24, style.G, "G   generator", generator, moves != "d")
    box(29, 40, 24, style.REAL if moves != "g" else style.MUTED, "R   real x", real, False)
    arrow((23.7, 14), (28.6, 14))
    if moves == "nobody":
        box(72.5, 10, 27, style.MUTED, "D   discriminator", discriminator, False, dashed=True)
        arrow((53, 14), (72, 29), style.FAKE)
        arrow((53, 40), (72, 35), style.REAL)
        ax.text(60, 17.2, "fakes G(z)", color=style.FAKE, ha="left", va="center", fontsize=9)
        ax.text(73, 32, "alike?", ha="left", va="center", weight="bold")
        return ax
    box(62, 27, 27, style.D, "D   discriminator", discriminator, moves != "g")
    arrow((53, 14), (61.6, 23), style.FAKE)
    ax.text(60, 14.2, "fakes\nG(z)", color=style.FAKE, ha="left", va="center", fontsize=9, linespacing=1.0)
    if moves != "g":
        arrow((53, 40), (61.6, 31), style.REAL)
    arrow((89, 27), (94, 27))
    verdict = {None: "real or\nfake?", "g": "“real”\nwanted", "d": "right or\nwrong?"}[moves]
    ax.text(94.5, 27, verdict, ha="left", va="center", fontsize=9, linespacing=1.05)
    if moves == "g":
        arrow((96, 21), (78, 18.4), style.G, dashed=True, bend=-0.35)
        arrow((76, 18.4), (42, 6), style.G, dashed=True, bend=-0.3)
        ax.text(66, 2.5, "back through D, which stands still,\nto G, which moves", color=style.G, ha="center",
                va="top", fontsize=9, linespacing=1.05)
    if moves == "d":
        arrow((96, 21), (78, 18.4), style.D, dashed=True, bend=-0.35)
        ax.plot([56, 59], [20.9, 15.7], color=style.INK, lw=2.2)
        ax.text(66, 5.5, "to D, which moves; detach cuts\nthe way back to G", color=style.D, ha="center", va="top",
                fontsize=9, linespacing=1.05)
    return ax
