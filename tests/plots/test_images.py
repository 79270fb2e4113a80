"""A sheet of images holds each image in its place, and figures of images are drawn from such sheets."""

import pytest
import torch
from matplotlib import pyplot as plt

from gan_helpers import mnist
from gan_helpers.plots import images


@pytest.fixture(scope="module")
def batch():
    return mnist.images("test", "[-1, 1]").at(slice(0, 7))


@pytest.mark.parametrize("columns", [1, 3, 7])
def test_each_image_stands_in_its_place_with_white_between(batch, columns):
    sheet = images.tiled(batch, columns, "[-1, 1]")
    rows = -(-7 // columns)
    assert sheet.shape == (rows * 30 - 2, columns * 30 - 2)
    left = sheet.clone()
    for i in range(7):
        top, side = 30 * (i // columns), 30 * (i % columns)
        place = slice(top, top + 28), slice(side, side + 28)
        assert torch.allclose(sheet[place], (batch[i].reshape(28, 28) + 1) / 2, atol=1e-6)
        left[place] = 1
    assert (left == 1).all()


def test_a_strip_has_a_row_for_each_name(batch):
    ax = images.strip({"0": batch[:3], "100": batch[3:6]}, "[-1, 1]")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["0", "100"]
    assert torch.allclose(torch.tensor(ax.images[0].get_array().data), images.tiled(batch[:6], 3, "[-1, 1]"))


def test_a_grid_shows_the_sheet(batch):
    ax = images.grid(batch, 4, "[-1, 1]")
    assert torch.allclose(torch.tensor(ax.images[0].get_array().data), images.tiled(batch, 4, "[-1, 1]"))
    assert images.grid(batch, 4, "[-1, 1]", ax) is ax and len(plt.get_fignums()) == 1


def test_an_animation_has_a_picture_per_step_and_leaves_no_figure(batch):
    page = images.animation({0: batch[:4], 100: batch[1:5], 250: batch[2:6]}, 2, "[-1, 1]")
    assert page.count("data:image/png;base64") == 3
    assert plt.get_fignums() == []


def test_images_of_another_range_are_refused(batch):
    with pytest.warns(UserWarning, match=r"probably in \[0, 1\]"):
        images.grid((batch + 1) / 2, 4, "[-1, 1]")
    with pytest.raises(ValueError, match=r"should lie in \[0, 1\]"):
        images.grid(batch, 4, "[0, 1]")
