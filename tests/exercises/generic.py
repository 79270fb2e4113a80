"""What every exercise that is data must stand: its own mistakes, answers spoilt in all ways, right ones rewritten."""

import copy
import functools
import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from gan_helpers.exercises import NotYet
from gan_helpers.exercises.engine import Exercise
from gan_helpers.exercises.kinds import Together

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


calls = 0  # a global variable, for an answer that changes it


class Called:
    def __init__(self, function):
        self.function = function

    def __call__(self, *arguments):
        return self.function(*arguments)

    def method(self, *arguments):
        return self.function(*arguments)


def decorated(function):
    @functools.wraps(function)
    def inner(*arguments):
        print("here")
        return function(*arguments)

    return inner


def on_clones(function):
    """With copies of the tensors that are given."""
    return lambda *given: function(*(x.clone() if isinstance(x, torch.Tensor) else x for x in given))


def tried_first(function):
    """Tried on copies of everything before it is done."""
    def twice(*given):
        function(*copied(given))
        return function(*given)

    return twice


def copied(given: tuple) -> tuple:
    return copy.deepcopy(given, {id(rng): rng.clone_state() for rng in given if isinstance(rng, torch.Generator)})


def tidy_with_random_numbers(function):
    def inner(*arguments):
        with torch.random.fork_rng(devices=[]):
            torch.rand(3)
        return function(*arguments)

    return inner


WRAPPED = [functools.partial, lambda f: lambda *arguments: f(*arguments), Called, lambda f: Called(f).method, decorated,
           on_clones, tried_first, tidy_with_random_numbers]  # fmt: skip


def everywhere(function):
    def count_up(*arguments):
        global calls
        calls += 1
        return function(*arguments)

    return count_up


def after(act):
    """An answer that does the right thing, and then this."""
    def spoil(function):
        def spoilt(*arguments):
            result = function(*arguments)
            act()
            return result

        return spoilt

    return spoil


SPOILT = {
    "variable": everywhere, "PyTorch's global": after(lambda: torch.manual_seed(0)),
    "NumPy's global": after(lambda: np.random.rand()), "Python's global": after(random.random),
    "turns gradients": after(lambda: torch.set_grad_enabled(False)),
    "default dtype": after(lambda: torch.set_default_dtype(torch.float64)),
    "deterministic": after(lambda: torch.use_deterministic_algorithms(True)),
}  # fmt: skip


def ways_to_spoil(value) -> dict:
    """What can be done to an argument: the facet of `guard` that it changes -> the act."""
    if isinstance(value, torch.optim.Optimizer):
        return {"settings": lambda o: o.param_groups[0].update(lr=1.0), "state": lambda o: o.state[
            o.param_groups[0]["params"][0]].update(step=torch.tensor(9.0), momentum_buffer=None)}
    if isinstance(value, nn.Module):
        return {"weights": lambda m: next(m.parameters()).data.mul_(1.5), "mode": lambda m: m.train(not m.training),
                "requires_grad": lambda m: m.requires_grad_(False), "parts": lambda m: m.append(nn.Identity()),
                "grad": lambda m: setattr(next(m.parameters()), "grad", torch.ones_like(next(m.parameters()))),
                "forward": lambda m: m.register_forward_hook(lambda module, given, result: result)}
    if isinstance(value, torch.Tensor):
        return {"values": lambda x: x.zero_()} | ({"requires_grad": lambda x: x.requires_grad_()}
                                                  if value.is_floating_point() else {})
    if isinstance(value, np.ndarray):
        return {"values": lambda x: x.fill(7)}
    if isinstance(value, list | dict):
        return {"values": lambda x: x.clear()}
    return {}


def label(value) -> str | None:
    return value[:50] if isinstance(value, str) else getattr(value, "__name__", None) or type(value).__name__


class ExercisesAsData:
    """The tests of one chapter. module: the exercises; bank: a module with RIGHT and WRONG, {exercise: answers} and
    {exercise: {answer: what is said}}; notebook: its file name."""

    module = bank = notebook = None
    odd_results = ODD_RESULTS

    def checks(self) -> dict[str, Exercise | Together]:
        """What the notebook calls, in its order."""
        return {name: value for name, value in vars(self.module).items() if isinstance(value, Exercise | Together)}

    def exercises(self) -> dict[str, Exercise]:
        """Each exercise by the name of its answer; several of one check one by one."""
        return {who: exercise for name, check in self.checks().items()
                for who, exercise in (zip(check.who, check.exercises, strict=True) if isinstance(check, Together) else
                                      ((name, check),))}

    def pytest_generate_tests(self, metafunc):
        names, own = metafunc.fixturenames, self.exercises()
        variants = {f"{name}:{k}": exercise.variant(random.Random(k)) for name, exercise in own.items()
                    for k in range(3) if exercise.variant}
        if "words" in names:
            one_of_each = (variants[name] for name in variants if name.endswith(":0"))
            rows = [(exercise, words, wrong) for exercise in (*own.values(), *one_of_each)
                    for words, wrongs in exercise.mistakes.items()
                    for wrong in (wrongs if isinstance(wrongs, tuple) else (wrongs,))]
            metafunc.parametrize(("exercise", "words", "wrong"), rows, ids=label)
        elif "says" in names:
            rows = [(name, answer, says) for name, told in self.bank.WRONG.items() for answer, says in told.items()]
            metafunc.parametrize(("name", "answer", "says"), rows, ids=label)
        elif "right_one" in names:
            metafunc.parametrize(("name", "right_one"), [(name, answer) for name, rows in self.bank.RIGHT.items()
                                                         for answer in rows], ids=label)
        elif "varied" in names:
            metafunc.parametrize(("name", "varied"), list(variants.items()), ids=label)
        elif "name" in names:
            metafunc.parametrize("name", own)
        if "wrap" in names:
            metafunc.parametrize("wrap", WRAPPED, ids=label)
        if "result" in names:
            metafunc.parametrize("result", self.odd_results, ids=label)

    def refused(self, exercise, answer, capsys=None) -> str:
        with pytest.raises(NotYet) as refusal:
            exercise(answer)
        message = str(refusal.value)
        assert 10 < len(message) < 340, f"a message is a sentence or three, not a dump: {message}"
        return message

    def test_a_mistake_gets_its_own_words(self, exercise, words, wrong):
        message = self.refused(exercise, wrong)
        assert words in message if exercise.judge else words == message, message

    def test_a_wrong_answer_gets_words_that_fit(self, name, answer, says):
        message = self.refused(self.exercises()[name], answer)
        assert says in message, message

    def test_a_differently_written_right_answer_passes(self, name, right_one, capsys):
        self.exercises()[name](right_one)
        assert max(map(len, capsys.readouterr().out.splitlines())) <= 78

    def test_a_right_answer_passes_however_it_is_wrapped(self, name, wrap):
        exercise = self.exercises()[name]
        exercise(wrap(exercise.solution))

    def test_a_right_answer_passes_in_any_session_and_leaves_it_alone(self, name):
        exercise, dtype = self.exercises()[name], torch.get_default_dtype()
        torch.set_default_dtype(torch.float64)
        try:
            states = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()
            with torch.no_grad():
                exercise(exercise.solution)
                assert not torch.is_grad_enabled()
            assert torch.get_default_dtype() == torch.float64
            assert torch.equal(torch.get_rng_state(), states[0])
            assert np.random.get_state()[1].tolist() == states[1] and random.getstate() == states[2]
        finally:
            torch.set_default_dtype(dtype)

    def test_a_right_answer_that_disturbs_the_session_is_refused(self, name):
        exercise = self.exercises()[name]
        for says, spoil in SPOILT.items():
            if says != "PyTorch's global" or "random" not in exercise.free:
                assert says in self.refused(exercise, spoil(exercise.solution)) or exercise.words.get("random")

    def test_a_right_answer_that_spoils_an_argument_is_refused(self, name):
        exercise = self.exercises()[name]
        arguments = exercise._arguments(exercise.cases[0])
        for place, (argument, value) in enumerate(arguments.items()):
            for facet, act in ways_to_spoil(value).items():
                def spoilt(*given, act=act, place=place):
                    result = exercise.solution(*given)
                    act(given[place])
                    return result

                if f"{argument}.{facet}" not in exercise.free:
                    assert "stopped with" not in self.refused(exercise, spoilt)

    def test_a_stub_a_missing_return_no_function_and_all_that_can_be_raised(self, name):
        exercise = self.exercises()[name]
        assert "is still the stub" in self.refused(exercise, stub)
        assert "gave back None. Does it end with a return?" in self.refused(exercise, nothing)
        if not exercise.constant:
            assert "should be a function, not the int 42" in self.refused(exercise, 42)
        for error in (ValueError("odd"), SystemExit(3), KeyboardInterrupt(), RecursionError("deep"), MemoryError()):
            def stops(*arguments, error=error):
                raise error

            assert f"stopped with {type(error).__name__}" in self.refused(exercise, stops)

    @pytest.mark.filterwarnings("ignore:Casting complex values")
    def test_whatever_an_answer_returns_it_is_answered_in_words(self, name, result):
        self.refused(self.exercises()[name], lambda *arguments: result)

    @pytest.mark.filterwarnings("ignore:Casting complex values")
    def test_an_answer_that_turns_into_another_is_answered_in_words(self, name):
        exercise = self.exercises()[name]
        for healthy in (1, 4):
            for result in HALFWAY:
                made = []

                def stopping(*arguments, made=made, healthy=healthy, result=result):
                    made.append(arguments)
                    return exercise.solution(*arguments) if len(made) <= healthy else result

                try:
                    exercise(stopping)
                except NotYet as refusal:
                    assert 10 < len(str(refusal)) < 340, refusal
                else:
                    assert len(made) <= healthy, f"after {healthy} right results {result!r} passed"

    def test_a_variant_has_a_text_and_an_answer_of_its_own(self, name, varied):
        public = self.exercises()[name.partition(":")[0]]
        assert len(varied.text) > 40 and varied.names == public.names
        varied(varied.solution)
        self.refused(varied, public.solution)
        self.refused(public, varied.solution)

    def code(self, kind: str) -> list[tuple[str, bool]]:
        """The code cells of a notebook in their order, each with whether it is a check."""
        cells = json.loads((NOTEBOOKS / kind / self.notebook).read_text("utf-8"))["cells"]
        sources = [("".join(cell["source"]), cell["metadata"]) for cell in cells if cell["cell_type"] == "code"]
        return [(source, bool(metadata.get("nbgrader", {}).get("grade"))) for source, metadata in sources
                if "%pip" not in source]

    def answers(self, kind: str) -> dict:
        """What the code cells of a notebook define."""
        names = {}
        for source, is_check in self.code(kind):
            if not is_check:
                exec(source, names)
        return names

    def test_the_notebooks_check_every_exercise_and_a_stub_is_answered(self):
        """In their order. That the solutions pass is seen where the tests run their notebook, cell by cell."""
        expected = [f"check.{name}(({', '.join(check.who)}))" if isinstance(check, Together) else
                    f"check.{name}({name})" for name, check in self.checks().items()]
        for kind in ("solutions", "exercises"):
            checks = [source for source, is_check in self.code(kind) if is_check]
            assert checks == expected
        names = self.answers("exercises")
        for check in checks:
            with pytest.raises(NotYet, match=r"is still the stub\. Write it, run its cell"):
                exec(check, names)
