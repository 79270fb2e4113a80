"""The look of every figure and table of the course: one color per role, one width, one size of type.

The site takes its colors from here too (book/_ext/figures.py), for figures, formulas and live demos, in light and in
dark. Roles are told apart by position, dash or label as well, never by color alone.
"""

import re
import sys

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.colors import to_rgba
from pandas.io.formats.style import Styler

# role: (on light paper, on dark paper). Told apart by people who see no red or no green as well (tests/plots).
COLORS = {
    "real": ("#0a3f9c", "#6fa8ff"), "fake": ("#c04409", "#f47b45"), "d": ("#a348bf", "#e6bdf7"),
    "g": ("#137a5b", "#6de8be"), "a": ("#4f4300", "#f0c24e"), "b": ("#4f555e", "#a3a7ad"),
    "ink": ("#1f2328", "#e6e8ea"), "muted": ("#59616b", "#a3abb4"), "rule": ("#d0d5da", "#454c55"),
    "paper": ("#ffffff", "#14181d"),
}
REAL, FAKE, D, G, A, B, INK, MUTED, RULE, PAPER = (light for light, _ in COLORS.values())
WIDTH = 5.5  # inches: the full column; on a phone the full screen, where type of 9 points is 9 pixels high


def use() -> None:
    """Set the look of every figure of the course, and have notebooks show figures as SVG."""
    plt.rcParams.update({
        "figure.figsize": (WIDTH, 2.9), "figure.dpi": 110, "savefig.dpi": 160, "figure.facecolor": PAPER,
        "figure.constrained_layout.use": True, "axes.spines.top": False, "axes.spines.right": False,
        "font.size": 9.5, "axes.titlesize": 9.5, "axes.titlelocation": "left", "legend.fontsize": 9.5,
        "legend.frameon": False, "text.color": INK, "axes.labelcolor": INK, "axes.titlecolor": INK,
        "axes.edgecolor": MUTED, "xtick.color": MUTED, "ytick.color": MUTED, "xtick.labelcolor": INK,
        "ytick.labelcolor": INK, "grid.color": RULE, "lines.linewidth": 1.6, "lines.solid_capstyle": "round",
        "image.interpolation": "none", "svg.hashsalt": "course",
    })
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg", bbox_inches=None)  # None: every figure keeps its width


def shade(color: str, share: float) -> tuple[float, float, float, float]:
    """The color, more transparent the smaller the share (0 to 1): visible from 0 up, and dark only near 1."""
    return to_rgba(color, 0.15 + 0.85 * share**0.5)


class Table(Styler):
    """A pandas Styler that is read well by screen readers, on phones and without HTML."""

    def _repr_html_(self) -> str:
        # no break after a dash or ±, nor around "to": a narrow cell breaks before an interval, not in it
        html = self.to_html().replace("<th ", '<th scope="col" ').replace("–", "–\u2060").replace("± ", "±\u00a0")
        return re.sub(r"(?<=\d) to (?=[-+]?\d)", "\u00a0to\u00a0", html)

    def __repr__(self) -> str:
        return self.data.to_string(index=False)


def table(rows, columns=None) -> Table:
    """A table of results that fits a phone: rows, a DataFrame or a list of tuples with the names of their columns.

    Shown last in a cell. Numbers are formatted by what it returns: ``table(frame).format({"W1": "{:.2f}"})``.
    """
    styler = Table(pd.DataFrame(rows, columns=columns), cell_ids=False).hide(axis="index")
    styler.set_table_attributes('class="results"').format_index(escape="html", axis=1)
    return styler.format(escape="html")
