"""The look of the figures, their colors, and tables of results."""

import itertools
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from colorspacious import cspace_convert, deltaE
from matplotlib.colors import to_rgb

from gan_helpers.plots import style

ROOT = Path(__file__).parents[2]


def test_figures_are_white_and_as_wide_as_a_phone_can_show():
    with plt.rc_context():
        style.use()
        figure = plt.figure()
        assert figure.get_size_inches().tolist() == [style.WIDTH, 2.9] and figure.get_facecolor() == (1, 1, 1, 1)
        assert figure.get_layout_engine() is not None
        assert not plt.rcParams["axes.spines.top"] and not plt.rcParams["axes.spines.right"]


def test_no_figure_sets_its_type_below_nine_points():
    """On a phone of 390 pixels a figure is 382 wide, so 9 points of its 5.5 inches are 9 pixels (8.7)."""
    for path in (*ROOT.glob("gan_helpers/**/*.py"), *ROOT.glob("notebooks/**/*.ipynb")):
        sizes = re.findall(r"fontsize=([\d.]+)", path.read_text(encoding="utf-8"))
        assert min(map(float, sizes), default=9) >= 9, path.name


def rgb(color: str) -> np.ndarray:
    return np.array(to_rgb(color))


def contrast(one: str, other: str) -> float:
    """As the Web Content Accessibility Guidelines define it (WCAG 2.2)."""
    linear = [np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) for c in (rgb(one), rgb(other))]
    dark, light = sorted(float(channels @ [0.2126, 0.7152, 0.0722]) for channels in linear)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("role", ["real", "fake", "d", "g", "a", "b", "ink", "muted"])
def test_every_role_can_be_read_as_text(role, mode):
    """4.5 to 1 is what WCAG asks for text (1.4.3)."""
    assert contrast(style.COLORS[role][mode], style.COLORS["paper"][mode]) >= 4.5


@pytest.mark.parametrize("sight", [None, "deuteranomaly", "protanomaly", "tritanomaly"])
@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_roles_are_told_apart_by_everyone(mode, sight):
    """A difference of 10 in CAM02-UCS is seen at a glance; 2 is seen side by side."""
    def seen(role):
        color = rgb(style.COLORS[role][mode])
        space = {"name": "sRGB1+CVD", "cvd_type": sight, "severity": 100}
        return np.clip(cspace_convert(color, space, "sRGB1"), 0, 1) if sight else color

    for one, other in itertools.combinations(("real", "fake", "d", "g", "a", "b"), 2):
        assert deltaE(seen(one), seen(other), input_space="sRGB1") > 10, (one, other)


def test_names_stand_for_the_colors_of_light_paper():
    names = [getattr(style, role.upper()) for role in style.COLORS]
    assert names == [light for light, _ in style.COLORS.values()]
    assert len({color.lower() for color in names}) == len(names), "one color, one role: the site finds it by its value"


def test_a_shade_is_seen_at_once_and_is_darker_for_a_larger_share():
    alphas = [style.shade(style.FAKE, share)[3] for share in (0, 0.01, 0.3, 1)]
    assert alphas == sorted(alphas) and alphas[0] > 0.1 and alphas[-1] == 1
    assert style.shade(style.FAKE, 0.2)[:3] == to_rgb(style.FAKE)


ROWS = [("G & D", 0.25, "1–2"), ("<b>", 1.0, "1 to 4 ± 2")]


@pytest.mark.parametrize("rows", [ROWS, pd.DataFrame(ROWS, columns=["a<b", "W1", "c"], index=[7, 9])])
def test_a_table_shows_its_rows_and_no_more(rows):
    table = style.table(rows, None if isinstance(rows, pd.DataFrame) else ["a<b", "W1", "c"])
    page = table.format({"W1": "{:.1f}"}, escape="html")._repr_html_()
    heads = re.findall(r"<th ([^>]*)>([^<]*)</th>", page)
    assert [text for _, text in heads] == ["a&lt;b", "W1", "c"], "names of columns, and no index"
    assert all('scope="col"' in attributes for attributes, _ in heads)
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", page)
    assert cells == ["G &amp; D", "0.2", "1–\u20602", "&lt;b&gt;", "1.0", "1\u00a0to\u00a04 ±\u00a02"]
    assert 'class="results"' in page and " id=" not in page.split("<tbody>")[1]
    assert repr(table).split() == ["a<b", "W1", "c", "G", "&", "D", "0.25", "1–2", "<b>", "1.00",
                                   "1", "to", "4", "±", "2"]
