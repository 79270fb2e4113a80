"""The look of every figure of the course, and animations.

Figures are five inches wide, so that their text stays readable on a phone, and white, so that they stay readable in
dark mode. Curves differ in position or label too, never in color alone.
"""

import matplotlib.pyplot as plt
from matplotlib.animation import FuncAnimation

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
