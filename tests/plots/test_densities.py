"""The figures of densities draw what they are given."""

import matplotlib.pyplot as plt
import torch

from gan_helpers.plots import densities

GRID = torch.linspace(-1, 1, 21)
P_DATA = 1 - GRID.abs()


def frame(k):
    """(p_g, D, D*) as no other frame has them."""
    return (1 + GRID) / (2 + k), torch.full((21,), 0.1 * k), GRID.square() / (1 + k)


FRAMES = {step: frame(k) for k, step in enumerate((0, 10, 500))}


def drawn(ax) -> list:
    """The heights of the curves in an axes, without the line at one half."""
    return [line.get_ydata() for line in ax.get_lines() if len(line.get_ydata()) == len(GRID)]


def is_drawn(axes, p_g, says, best) -> None:
    for ax, expected in ((axes[0], (P_DATA, p_g)), (axes[1], (best, says))):
        assert len(drawn(ax)) == 2
        for line, heights in zip(drawn(ax), expected, strict=True):
            assert torch.equal(torch.as_tensor(line), heights)


def test_panels_draw_both_densities_and_both_discriminators():
    top, bottom = densities.panels(GRID, P_DATA, *frame(1))
    is_drawn((top, bottom), *frame(1))
    assert [text.get_text() for text in top.get_legend().get_texts()] == ["$p_{data}$", "$p_g$"]
    assert [text.get_text() for text in bottom.get_legend().get_texts()] == ["$D^*$, the best possible", "$D$, learned"]
    assert top.get_ylim()[1] > P_DATA.max() and bottom.get_xlim() == (-1, 1)


def test_panels_draw_into_the_axes_they_are_given():
    _, axes = plt.subplots(2, 1)
    densities.panels(GRID, P_DATA, *frame(0), axes)
    is_drawn(axes, *frame(0))
    assert len(plt.get_fignums()) == 1


def test_the_strip_has_one_column_per_frame():
    figure = densities.strip(GRID, P_DATA, FRAMES)
    assert len(figure.axes) == 2 * len(FRAMES)
    top, bottom = figure.axes[:3], figure.axes[3:]
    assert [ax.get_title() for ax in top] == ["round 0", "round 10", "round 500"]
    for column, given in zip(zip(top, bottom, strict=True), FRAMES.values(), strict=True):
        is_drawn(column, *given)
    assert len(figure.legends) == 1 and len(figure.legends[0].get_texts()) == 4
    assert len({text.get_text() for text in figure.legends[0].get_texts()}) == 4

