"""The look of every figure and table of the course, and animations.

Figures are five inches wide, so that their text stays readable on a phone, and white, so that they stay readable in
dark mode. Curves differ in position or label too, never in color alone.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.animation import FuncAnimation
from pandas.io.formats.style import Styler

BLUE, ORANGE, GRAY = "#0b6e99", "#c2410c", "#444444"
WIDTH = 5.0  # inches


def use() -> None:
    """Set the look of every figure of the course: white, small margins, sharp on a good screen."""
    plt.rcParams.update({
        "figure.figsize": (WIDTH, 3.0), "figure.dpi": 110, "savefig.dpi": 144, "figure.facecolor": "white",
        "figure.constrained_layout.use": True, "axes.spines.top": False, "axes.spines.right": False,
        "font.size": 10, "axes.titlesize": 11, "axes.titlelocation": "left", "legend.frameon": False,
    })


def animate(fig, draw, frames: int, interval: int, dpi: int) -> str:
    """An animation of `fig` as HTML with controls; draw(frame) changes the figure, but not where its panels are."""
    draw(0)
    fig.draw_without_rendering()
    fig.set_layout_engine("none")  # finding the panels' places costs as much as drawing them
    fig.canvas.draw_idle = lambda: None  # else every frame is drawn twice, once for a window that is not there
    animation = FuncAnimation(fig, draw, frames=frames, interval=interval)
    with plt.rc_context({"savefig.dpi": dpi}):
        page = animation.to_jshtml(default_mode="once")
    plt.close(fig)  # or the notebook would show it a second time
    return page


class Table(Styler):
    """A pandas Styler that is read well by screen readers, on phones and without HTML."""

    def _repr_html_(self) -> str:
        # a word joiner after each dash: a narrow cell breaks before an interval, not in it
        return self.to_html().replace("<th ", '<th scope="col" ').replace("–", "–\u2060")

    def __repr__(self) -> str:
        return self.data.to_string(index=False)


def table(rows, columns=None) -> Table:
    """A table of results that fits a phone: rows, a DataFrame or a list of tuples with the names of their columns.

    Shown last in a cell. Numbers are formatted by what it returns: ``table(frame).format({"W1": "{:.2f}"})``.
    """
    styler = Table(pd.DataFrame(rows, columns=columns), cell_ids=False).hide(axis="index")
    styler.set_table_attributes('class="results"').format_index(escape="html", axis=1)
    return styler.format(escape="html")
