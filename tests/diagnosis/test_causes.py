import json
import math
import re
from pathlib import Path

import pytest

from gan_helpers.diagnosis import causes

ALL = (*causes.CAUSES, causes.UNEXPLAINED)


def test_no_measurements_no_findings():
    assert causes.findings({}) == []
    assert causes.findings(dict.fromkeys(causes.USED, math.nan)) == []


@pytest.mark.parametrize("cause", ALL, ids=lambda cause: cause.key)
def test_every_sign_can_give_its_cause_away(cause):
    for sign in cause.signs:
        values = {name: limit + (1 if side == causes.ABOVE else -1) * (1e-31 + 0.01 * abs(limit) + 1e-32)
                  for name, side, limit in sign}
        assert cause.found(values) is not None
        for name, side, limit in sign:  # each bound counts
            other = values | {name: limit}
            assert not causes.holds((name, side, limit), other)


def test_all_that_is_measured_has_words():
    assert set(causes.WORDS) == {name for cause in ALL for sign in cause.signs for name, *_ in sign}


def test_causes_are_told_apart_by_their_keys_and_say_what_to_do():
    keys = [cause.key for cause in ALL]
    assert len(set(keys)) == len(keys)
    assert all(cause.remedy.endswith(".") and cause.sentence.endswith(".") for cause in ALL)


def test_every_section_is_a_heading_of_chapter_8():
    notebook = json.loads((Path(__file__).parents[2] / "notebooks" / "08_whats_wrong.ipynb").read_text("utf-8"))
    lines = "".join("".join(cell["source"]) + "\n" for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    headings = re.findall(r"^#+ (.*)", lines, re.M)
    assert {cause.section for cause in ALL} <= {heading.replace("$", "") for heading in headings}


def test_fakes_near_the_mean_of_the_data_are_no_dropped_modes():
    """Gray mush lies among the data, and covers few of them; so does half of the data, which reach as far as all do."""
    mush = {"precision": 0.9, "coverage": 0.2, "path": 0.1, "distance": 0.7, "floor": 0.1, "mean_off": 0.1}
    found = [causes.keys(mush | {"std_ratio": ratio}) for ratio in (0.3, 0.95)]
    assert found == [["unexplained"], ["dropped modes"]]


def test_the_findings_come_in_the_order_of_the_causes():
    found = causes.keys({"nan_share": 0.1, "data_size": 400.0, "g_held": 0.0})
    assert found == ["nan", "optimizer", "raw units"]
