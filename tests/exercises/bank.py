"""What all chapters share: how a bank of answers is filled, and what the checks must make of it."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from gan_helpers.exercises import NotYet

NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"
ODD_RESULTS = [
    0, -1, 2.5, 1j, 2**80, float("nan"), True, "text", b"", [], (), {}, {1, 2, 3}, [[1], [2, 3]], [None] * 3, object(),
    len, torch.tensor([]), torch.tensor(0), torch.full((128,), torch.nan), torch.zeros(4096, 7, dtype=torch.cfloat),
    torch.full((4096, 7), torch.nan), torch.zeros(3, 0), np.array(["a"]), nn.Sequential(), nn.Linear(7, 7),
]  # fmt: skip
HALFWAY = [
    "text", None, 0, (1, 2, 3), (1, 2), ("a", "b", "c"), torch.zeros(2, 2), torch.tensor([]), torch.tensor(1j),
    nn.Linear(1, 1),
]  # fmt: skip


def stub(*arguments):
    """The answer cell as a learner finds it."""
    raise NotImplementedError("write your answer here, in place of this line")


def nothing(*arguments):
    """A forgotten return."""


def new_bank(checks: tuple[str, ...]):
    """RIGHT, WRONG and the decorators that fill them; in it are the three answers that are wrong for every check."""
    rights: list[tuple[str, object]] = []  # (check, answer)
    wrongs: list[tuple[str, object, str]] = []  # (check, answer, what the message must say)

    def right(check: str):
        """Put the function under this into the bank as a right answer to `check`."""
        return lambda answer: rights.append((check, answer)) or answer

    def wrong(check: str, says: str):
        """Put the function under this into the bank as a wrong answer, for which the message has to hold `says`."""
        return lambda answer: wrongs.append((check, answer, says)) or answer

    for name in checks:
        wrong(name, "is still the stub")(stub)
        wrong(name, "gave back None. Does it end with a return?")(nothing)
        wrong(name, "should be a function, not the int 42")(42)
    return rights, wrongs, right, wrong


def label(value) -> str | None:
    return None if isinstance(value, str) else getattr(value, "__name__", None) or type(value).__name__


class ChecksAgainstTheirBank:
    """The tests of one chapter; a subclass names its checks, its bank and its notebook."""

    checks = bank = notebook = None
    odd_results = ODD_RESULTS

    def pytest_generate_tests(self, metafunc):
        """pytest calls this for each test below, to ask what to try it with."""
        names = metafunc.fixturenames
        if "says" in names:
            metafunc.parametrize(("check", "answer", "says"), self.bank.WRONG, ids=label)
        elif "answer" in names:
            metafunc.parametrize(("check", "answer"), self.bank.RIGHT, ids=label)
        elif "check" in names:
            metafunc.parametrize("check", self.bank.CHECKS)
        if "result" in names:
            metafunc.parametrize("result", self.odd_results, ids=label)

    def test_a_wrong_answer_gets_the_message_meant_for_it(self, check, answer, says, capsys):
        with pytest.raises(NotYet) as refusal:
            getattr(self.checks, check)(answer)
        message = str(refusal.value)
        assert says in message, message
        assert len(message) < 300, f"a message is a sentence or three, not a dump: {message}"
        assert "Right." not in capsys.readouterr().out

    def test_a_differently_written_right_answer_passes(self, check, answer, capsys):
        getattr(self.checks, check)(answer)
        said = capsys.readouterr().out
        assert said.startswith("Right. ")
        assert max(map(len, said.splitlines())) <= 78

    @pytest.mark.filterwarnings("ignore:Casting complex values")
    def test_whatever_an_answer_returns_the_check_answers_in_words(self, check, result):
        with pytest.raises(NotYet) as refusal:
            getattr(self.checks, check)(lambda *arguments: result)
        assert 10 < len(str(refusal.value)) < 300, refusal.value

    @pytest.mark.filterwarnings("ignore:Casting complex values")
    def test_a_check_does_not_stumble_over_an_answer_that_stops_halfway(self, check):
        """Most checks ask more than once: a later result of another kind is answered in words too."""
        solution = self.answers("solutions")[0][check]
        for healthy in range(1, 7):
            for result in HALFWAY:
                calls = []

                def stopping(function, calls=calls, healthy=healthy, result=result):
                    def answer(*arguments):
                        calls.append(arguments)
                        return function(*arguments) if len(calls) <= healthy else result

                    return answer

                pair = isinstance(solution, tuple)  # an exercise that asks for two functions
                try:
                    getattr(self.checks, check)(tuple(map(stopping, solution)) if pair else stopping(solution))
                except NotYet as refusal:
                    assert 10 < len(str(refusal)) < 300, refusal
                else:
                    assert len(calls) <= healthy, f"after {healthy} right results {result!r} passed"

    def test_the_bank_covers_every_check(self):
        own = [v for v in vars(self.checks).values() if getattr(v, "__module__", "") == self.checks.__name__]
        checks = {value.__name__ for value in own if not value.__name__.startswith("_")}
        assert checks == set(self.bank.CHECKS)
        assert min(Counter(check for check, _ in self.bank.RIGHT)[check] for check in checks) >= 2
        assert min(Counter(check for check, _, _ in self.bank.WRONG)[check] for check in checks) >= 15

    def answers(self, kind: str) -> tuple[dict, list[str]]:
        """What the code cells of a notebook define, and the check cells in their order."""
        notebook = json.loads((NOTEBOOKS / kind / self.notebook).read_text("utf-8"))
        names, checks = {}, []
        for cell in notebook["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] != "code" or "%pip" in source:
                continue
            if cell["metadata"].get("nbgrader", {}).get("grade"):
                checks.append(source)
            else:
                exec(source, names)
        return names, checks

    def test_the_solution_passes(self, check, capsys):
        exec(f"check.{check}({check})", self.answers("solutions")[0])
        assert capsys.readouterr().out.startswith("Right. ")

    def test_the_stub_is_called_a_stub(self, check):
        says = r"Your \w+ is still the stub\. Write it, run its cell, then run this check again"
        with pytest.raises(NotYet, match=says):
            exec(f"check.{check}({check})", self.answers("exercises")[0])

    def test_both_notebooks_check_every_exercise(self):
        calls = [f"check.{check}({check})" for check in self.bank.CHECKS]
        assert self.answers("exercises")[1] == self.answers("solutions")[1] == calls
