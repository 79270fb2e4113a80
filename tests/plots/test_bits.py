"""The figures of chapter 1 draw the probabilities and the outputs that they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from gan_helpers.noise import all_bits
from gan_helpers.plots import bits, style

OUTPUTS = torch.rand(20, 7, generator=torch.Generator().manual_seed(0))
RUNS = {"one": {0: OUTPUTS, 10: 1 - OUTPUTS, 99: OUTPUTS.square()}, "two": dict.fromkeys((0, 10, 99), OUTPUTS / 2)}


def test_a_grid_names_every_number_that_g_makes_and_no_other():
    table = torch.zeros(128)
    table[[0, 2, 17, 127]] = torch.tensor([0.5, 0.25, 0.14, 0.11])
    ax = bits.probability_grid(table)
    assert {text.get_text(): text.get_position() for text in ax.texts} == {
        "0": (0, 0), "2": (2, 0), "17": (1, 1), "127": (15, 7)}
    colors = {text.get_text(): text.get_color() for text in ax.texts}
    assert colors == {"0": style.PAPER, "2": style.INK, "17": style.INK, "127": style.INK}, "readable on dark and light"
    small = [patch for patch in ax.patches if patch.get_height() < 1]
    cells = {patch.get_x() + 0.48 + 16 * (patch.get_y() + 0.46): patch for patch in small}
    assert sorted(cells) == pytest.approx([0, 2, 17, 127])
    depths = [patch.get_facecolor()[3] for _, patch in sorted(cells.items())]
    assert depths == sorted(depths, reverse=True) and len(set(depths)) == 4, "the more probable, the darker"
    assert [label.get_text() for label in ax.get_yticklabels()] == [f"{16 * row}+" for row in range(8)]
    shaded = sorted(patch.get_x() + 0.5 for patch in ax.patches if patch.get_height() == 1)
    assert shaded == [1, 3, 5, 7, 9, 11, 13, 15], "the columns of odd numbers"


def test_a_grid_is_drawn_into_the_axes_it_is_given():
    _, ax = plt.subplots()
    assert bits.probability_grid(torch.full((128,), 1 / 128), ax) is ax and len(ax.texts) == 128
    assert len(plt.get_fignums()) == 1


def test_a_dot_stands_at_its_number_and_its_last_output():
    numbers = torch.arange(128)
    assert torch.equal(bits.dot_positions(all_bits()), torch.stack([numbers - numbers % 2, numbers % 2], 1).float())
    assert bits.dot_positions(torch.tensor([[0.5, 0, 0.25]])).tolist() == [[2.0, 0.25]]
    dots = bits.soft_numbers(OUTPUTS)
    assert np.allclose(dots.get_offsets(), bits.dot_positions(OUTPUTS))
    ax = dots.axes
    assert ax.get_xlim()[0] < 0 and ax.get_xlim()[1] > 127 and ax.get_ylim()[0] < 0 and ax.get_ylim()[1] > 1
    assert [line.get_ydata()[0] for line in ax.get_lines()] == [0.5]
    assert bits.soft_numbers(OUTPUTS, ax).axes is ax and len(plt.get_fignums()) == 1


@pytest.mark.parametrize("names", [["one", "two"], ["two"]])
def test_a_strip_has_a_column_per_run_and_a_row_per_step(names):
    runs = {name: RUNS[name] for name in names}
    figure = bits.strip(runs)
    axes = np.array(figure.axes).reshape(3, len(names))
    assert [ax.get_title() for ax in axes[0]] == names
    assert [ax.texts[0].get_text() for ax in axes[:, -1]] == ["step\n0", "step\n10", "step\n99"]
    for column, frames in zip(axes.T, runs.values(), strict=True):
        for ax, outputs in zip(column, frames.values(), strict=True):
            assert np.allclose(ax.collections[0].get_offsets(), bits.dot_positions(outputs))
