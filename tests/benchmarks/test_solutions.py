"""What the solutions say about many seeds can be trained again: the command finds its exercises, and one of them is
brute-forced."""

import re
import sys

import numpy as np
import pytest

from benchmarks import solutions


def headings(chapter: str) -> str:
    (path,) = solutions.NOTEBOOKS.glob(f"{int(chapter):02d}_*.ipynb")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", solutions.EXERCISES)
def test_it_is_about_an_exercise_that_is_there(name):
    chapter, exercise = name.split(".")
    assert f"## Exercise {exercise}: " in headings(chapter)
    assert solutions.EXERCISES[name].__doc__.startswith(f"{name}: ")


def test_the_names_of_an_exercise_are_those_of_its_notebook():
    names = solutions.notebook("01_even_numbers", 1)
    assert names["even_ones"](5, None).shape == (5, 7) and "small_detective" not in names


def test_the_best_of_ten_that_do_nothing_is_as_brute_force_says(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["solutions", "4.2"])
    solutions.main()
    shown = [float(best) for best in re.findall(r"shows ([\d.]+)", capsys.readouterr().out)]
    rng = np.random.default_rng(0)
    brute = [rng.binomial(runs, 0.5, (200_000, 10)).max(1).mean() for runs in (10, 100)]
    assert shown == pytest.approx(brute, abs=0.1)


def test_an_exercise_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["solutions", "4.2", "9.1"])
    with pytest.raises(SystemExit, match=r"9\.1"):
        solutions.main()


def test_what_is_told_of_the_seeds():
    assert solutions.told([1, 2, 6], bar=2) == "mean 3, median 2, 1 to 6, 3 seeds; 2 at most 2"
