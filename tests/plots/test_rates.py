"""A dot stands at a rate, and its line goes from one end of the Wilson interval to the other."""

import pytest
from scipy.stats import binomtest

from gan_helpers.plots import rates, style

HITS = {"worst": [False] * 9 + [True], "best": [True] * 20, "middle": [True, False] * 10}
OTHER = {"worst": [True] * 4, "best": [False] * 4, "middle": [True] * 4}


def drawn(ax) -> list[tuple[list[float], float]]:
    """(ends of the line, dot) per row, from the bottom up."""
    lines = [line for line in ax.get_lines() if len(line.get_xdata()) == 2 and line.get_linestyle() == "-"]
    dots = [line for line in ax.get_lines() if line.get_marker() == "o"]
    return [(list(line.get_xdata()), dot.get_xdata()[0]) for line, dot in zip(lines, dots, strict=True)]


def test_rows_are_sorted_by_the_first_target_and_hold_scipys_intervals():
    axes = rates.dots({"arrived": HITS, "stayed": OTHER}, baseline="middle", colors={"best": style.A})
    assert [label.get_text() for label in axes[0].get_yticklabels()] == ["worst", "middle", "best"]
    for ax, rows in zip(axes, (HITS, OTHER), strict=True):
        for (ends, dot), name in zip(drawn(ax), ("worst", "middle", "best"), strict=True):
            hits = rows[name]
            interval = binomtest(sum(hits), len(hits)).proportion_ci(method="wilson")
            assert dot == pytest.approx(100 * sum(hits) / len(hits))
            assert ends == pytest.approx([100 * interval.low, 100 * interval.high])
    assert [ax.get_title() for ax in axes] == ["arrived", "stayed"]
    weights = [label.get_fontweight() for label in axes[0].get_yticklabels()]
    assert weights == ["normal", "bold", "normal"]
    (dashed,) = [line for line in axes[0].get_lines() if line.get_linestyle() == "--"]
    assert dashed.get_xdata()[0] == pytest.approx(50)


def test_without_a_baseline_there_is_no_line():
    (ax,) = rates.dots({"arrived": HITS})
    assert not [line for line in ax.get_lines() if line.get_linestyle() == "--"]
