"""The look of the figures, animations with one picture per frame, and tables of results."""

import base64
import re

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from gan_helpers.plots import style

PICTURE = re.compile(r'"data:image/png;base64,([^"]+)"')


def test_figures_are_white_and_as_wide_as_a_phone_can_show():
    with plt.rc_context():
        style.use()
        figure = plt.figure()
        assert figure.get_size_inches().tolist() == [style.WIDTH, 3] and figure.get_facecolor() == (1, 1, 1, 1)
        assert figure.get_layout_engine() is not None
        assert not plt.rcParams["axes.spines.top"] and not plt.rcParams["axes.spines.right"]


@pytest.mark.parametrize("color", [style.BLUE, style.ORANGE, style.GRAY])
def test_colors_can_be_read_on_white(color):
    """A contrast of 4.5 to 1, as the Web Content Accessibility Guidelines ask for text (WCAG 2.2, 1.4.3)."""
    channels = [int(color[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) > 4.5


def test_an_animation_draws_each_frame_once_and_leaves_no_figure():
    figure, ax = plt.subplots(figsize=(2, 1), layout="constrained")
    (line,) = ax.plot([0, 1], [0, 1])
    drawn = []

    def draw(frame):
        drawn.append(frame)
        line.set_ydata([0, frame])

    page = style.animate(figure, draw, 4, 125, 50)
    pictures = [base64.b64decode(re.sub(r"\\\s*", "", text)) for text in PICTURE.findall(page)]
    assert len(pictures) == len(set(pictures)) == 4
    for picture in pictures:  # a PNG's width and height are bytes 16 to 23
        assert int.from_bytes(picture[16:20]) == 100 and int.from_bytes(picture[20:24]) == 50
    assert drawn[-4:] == [0, 1, 2, 3] and "125" in page
    assert plt.get_fignums() == []


ROWS = [("G & D", 0.25, "1–2"), ("<b>", 1.0, "3–4")]


@pytest.mark.parametrize("rows", [ROWS, pd.DataFrame(ROWS, columns=["a<b", "W1", "c"], index=[7, 9])])
def test_a_table_shows_its_rows_and_no_more(rows):
    table = style.table(rows, None if isinstance(rows, pd.DataFrame) else ["a<b", "W1", "c"])
    page = table.format({"W1": "{:.1f}"}, escape="html")._repr_html_()
    heads = re.findall(r"<th ([^>]*)>([^<]*)</th>", page)
    assert [text for _, text in heads] == ["a&lt;b", "W1", "c"], "names of columns, and no index"
    assert all('scope="col"' in attributes for attributes, _ in heads)
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", page)
    assert cells == ["G &amp; D", "0.2", "1–\u20602", "&lt;b&gt;", "1.0", "3–\u20604"]
    assert 'class="results"' in page and " id=" not in page.split("<tbody>")[1]
    assert repr(table).split() == ["a<b", "W1", "c", "G", "&", "D", "0.25", "1–2", "<b>", "1.00", "3–4"]
