"""A sheet of images holds each image in its place, and figures of images are drawn from such sheets."""

import base64
import io
import re

import numpy as np
import pytest
import torch
from bs4 import BeautifulSoup
from matplotlib import pyplot as plt
from PIL import Image

from gan_helpers import mnist
from gan_helpers.plots import images


@pytest.fixture(scope="module")
def batch():
    return mnist.images("test", "[-1, 1]").at(slice(0, 7))


@pytest.mark.parametrize("columns", [1, 3, 7])
def test_each_image_stands_in_its_place_with_nothing_between(batch, columns):
    sheet = images.tiled(batch, columns, "[-1, 1]")
    rows = -(-7 // columns)
    assert sheet.shape == (rows * 30 - 2, columns * 30 - 2)
    left = sheet.clone()
    for i in range(7):
        top, side = 30 * (i // columns), 30 * (i % columns)
        place = slice(top, top + 28), slice(side, side + 28)
        assert torch.allclose(sheet[place], (batch[i].reshape(28, 28) + 1) / 2, atol=1e-6)
        left[place] = torch.nan
    assert left.isnan().all()


def drawn(ax) -> torch.Tensor:
    return torch.tensor(ax.images[0].get_array().filled(torch.nan))


def test_a_strip_has_a_row_for_each_name(batch):
    ax = images.strip({"0": batch[:3], "100": batch[3:6]}, "[-1, 1]")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["0", "100"]
    assert torch.allclose(drawn(ax), images.tiled(batch[:6], 3, "[-1, 1]"), equal_nan=True)


def test_a_grid_shows_the_sheet(batch):
    ax = images.grid(batch, 4, "[-1, 1]")
    assert torch.allclose(drawn(ax), images.tiled(batch, 4, "[-1, 1]"), equal_nan=True)
    assert images.grid(batch, 4, "[-1, 1]", ax) is ax and len(plt.get_fignums()) == 1


def test_a_player_has_all_frames_in_one_picture_and_rests_on_the_last(batch):
    frames = {0: batch[:4], 100: batch[1:5], 1250: batch[2:6]}
    page = images.player(frames, "digits & more", 2, "[-1, 1]")
    soup = BeautifulSoup(page, "html.parser")
    picture = soup.img
    assert picture["alt"] == "digits & more"
    with Image.open(io.BytesIO(base64.b64decode(picture["src"].split(",")[1]))) as opened:
        gray, alpha = (torch.from_numpy(np.array(band)) for band in opened.split())
    sheet = torch.cat([images.tiled(shown, 2, "[-1, 1]") for shown in frames.values()])
    assert torch.equal(alpha == 0, sheet.isnan()) and (alpha[~sheet.isnan()] == 255).all()
    assert (gray / 255 - sheet)[~sheet.isnan()].abs().max() <= 0.5 / 255 + 1e-6
    assert re.search(r"translateY\(-66\.6+\d*%\)", picture["style"]), "two of three frames are above the window"
    assert soup.output.text == "iteration 1,250" and soup.input["value"] == soup.input["max"] == "2"
    assert soup.button.has_attr("hidden") and soup.input.has_attr("hidden"), "no dead buttons without scripts"
    assert '"iteration 0"' in page.replace("'", '"') and plt.get_fignums() == []


def test_images_of_another_range_are_refused(batch):
    with pytest.warns(UserWarning, match=r"probably in \[0, 1\]"):
        images.grid((batch + 1) / 2, 4, "[-1, 1]")
    with pytest.raises(ValueError, match=r"should lie in \[0, 1\]"):
        images.grid(batch, 4, "[0, 1]")
