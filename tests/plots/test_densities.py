"""The figures of densities draw what they are given."""

import matplotlib.pyplot as plt
import pytest
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



def test_a_mapping_draws_each_generator_its_density_and_where_slices_of_noise_land():
    z = torch.linspace(-3, 3, 601)
    frames = {"steep": (0.8 * z, P_DATA), "gentle": (0.2 * z, P_DATA / 2)}
    axes = densities.mapping(z, 3 * GRID, frames, P_DATA, slices=5)
    assert axes.shape == (2, 3)
    for (curve, beside, below), (title, (x, p_g)) in zip(axes, frames.items(), strict=True):
        assert curve.get_title() == title
        assert torch.equal(torch.as_tensor(curve.get_lines()[0].get_ydata()), x)
        assert torch.equal(torch.as_tensor(beside.get_lines()[0].get_xdata()), p_g)  # sideways, on the axis of x
        assert torch.equal(torch.as_tensor(beside.get_lines()[0].get_ydata()), 3 * GRID)
        assert curve.get_ylim() == beside.get_ylim() == (-3, 3)
        # the second and fourth of five slices lie between these quantiles of the normal distribution (tables)
        shaded = [polygon.get_paths()[0].vertices[:, 0] for polygon in below.collections]
        assert [(side.min(), side.max()) for side in shaded] == [
            pytest.approx((-0.8416, -0.2533), abs=0.011), pytest.approx((0.2533, 0.8416), abs=0.011)]
    landed = [[polygon.get_paths()[0].vertices[:, 1] for polygon in curve.collections][1] for curve in axes[:, 0]]
    steep, gentle = (side.max() - side.min() for side in landed)
    assert steep == pytest.approx(4 * gentle)  # the same slice of noise, stretched by 0.8 and by 0.2
