"""The checks of chapter 1 against the bank: wrong answers get the message meant for them, right ones pass."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from gan_helpers.checks import NotYet, even_numbers
from tests.checks.bank_even_numbers import CHECKS, RIGHT, WRONG

NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"


def name(value) -> str | None:
    return None if isinstance(value, str) else getattr(value, "__name__", repr(value))


@pytest.mark.parametrize(("check", "answer", "says"), WRONG, ids=name)
def test_a_wrong_answer_gets_the_message_meant_for_it(check, answer, says, capsys):
    with pytest.raises(NotYet) as refusal:
        getattr(even_numbers, check)(answer)
    assert says in str(refusal.value)
    assert len(str(refusal.value)) < 300, "a message is a sentence or three, not a dump"
    assert "Right." not in capsys.readouterr().out


@pytest.mark.parametrize(("check", "answer"), RIGHT, ids=name)
def test_a_differently_written_right_answer_passes(check, answer, capsys):
    getattr(even_numbers, check)(answer)
    said = capsys.readouterr().out
    assert said.startswith("Right. ")
    assert max(map(len, said.splitlines())) <= 78


ODD_RESULTS = [
    0, -1, 2.5, 1j, 2**80, float("nan"), True, "text", b"", [], (), {}, {1, 2, 3}, [[1], [2, 3]], [None] * 3, object(),
    len, torch.tensor([]), torch.tensor(0), torch.full((128,), torch.nan), torch.zeros(4096, 7, dtype=torch.cfloat),
    torch.full((4096, 7), torch.nan), torch.zeros(3, 0), np.array(["a"]), nn.Sequential(), nn.Linear(7, 7),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:Casting complex values")
@pytest.mark.parametrize("result", ODD_RESULTS, ids=lambda result: type(result).__name__)
@pytest.mark.parametrize("check", CHECKS)
def test_whatever_an_answer_returns_the_check_answers_in_words(check, result):
    with pytest.raises(NotYet) as refusal:
        getattr(even_numbers, check)(lambda *arguments: result)
    assert 10 < len(str(refusal.value)) < 300


def test_the_bank_covers_every_check():
    own = [v for v in vars(even_numbers).values() if getattr(v, "__module__", "") == even_numbers.__name__]
    checks = {value.__name__ for value in own if not value.__name__.startswith("_")}
    assert checks == set(CHECKS)
    assert min(Counter(check for check, _ in RIGHT)[check] for check in CHECKS) >= 2
    assert min(Counter(check for check, _, _ in WRONG)[check] for check in CHECKS) >= 15


def test_a_refusal_is_shown_in_a_notebook_without_a_traceback():
    assert NotYet("Two bits are swapped.")._render_traceback_() == ["Not yet. Two bits are swapped."]


def answers(kind: str) -> dict:
    """What the code cells of a notebook define, and the check cells in their order."""
    notebook = json.loads((NOTEBOOKS / kind / "01_even_numbers.ipynb").read_text("utf-8"))
    names, checks = {}, []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] != "code" or "%pip" in source:
            continue
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            checks.append(source)
        else:
            exec(source, names)
    return {source: names for source in checks}


@pytest.mark.parametrize("check", answers("solutions"))
def test_the_solution_passes(check, capsys):
    exec(check, answers("solutions")[check])
    assert capsys.readouterr().out.startswith("Right. ")


@pytest.mark.parametrize("check", answers("exercises"))
def test_the_stub_is_called_a_stub(check):
    with pytest.raises(NotYet, match=r"Your \w+ is still the stub\. Write it, run its cell, then run this check again"):
        exec(check, answers("exercises")[check])


def test_both_notebooks_check_every_exercise():
    assert list(answers("exercises")) == list(answers("solutions")) == [f"check.{name}({name})" for name in CHECKS]
