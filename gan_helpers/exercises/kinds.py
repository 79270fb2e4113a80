"""Kinds of exercises beside "write it": several answers at once, predict, find the bug, train to a target."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import nn
from torch.optim.optimizer import register_optimizer_step_post_hook

from gan_helpers.exercises import NotYet, require, right
from gan_helpers.exercises.engine import Case, Exercise
from gan_helpers.exercises.readers import exactly, number
from gan_helpers.exercises.telling import same


def each(make: Callable, table: Mapping) -> dict:
    """Mistakes {words: wrong answers} from {words: what is exchanged in the solution}: make(it), or a tuple of them."""
    def rows(part) -> tuple:
        made = make(part)
        return made if isinstance(made, tuple) else (made,)

    return {words: sum(map(rows, part if isinstance(part, tuple) else (part,)), ()) for words, part in table.items()}


class Together:
    """One check for several answers, given as a tuple; `who` says what each is called in messages."""

    def __init__(self, who: Sequence[str], exercises: Sequence[Exercise], takeaway: str):
        self.who, self.exercises, self.takeaway = who, exercises, takeaway

    def __call__(self, answers) -> None:
        told = isinstance(answers, tuple | list) and len(answers) == len(self.who)
        require(told, f"give the check {len(self.who)} functions: ({', '.join(self.who)}).")
        for who, exercise, answer in zip(self.who, self.exercises, answers, strict=True):
            try:
                exercise.examine(answer)
            except NotYet as refusal:
                raise NotYet(f"{who}: {refusal}") from refusal
        right(self.takeaway)


def predict(right_ones: tuple[float, float] | str, why: str, mistakes: Mapping) -> Exercise:
    """A guess before the run: a number, right from the one to the other of `right_ones`, or a choice, a string.

    why: shown after a right one. mistakes: what to say: the guess that it is said about.
    """
    choice = isinstance(right_ones, str)
    low, high = (right_ones,) * 2 if choice else right_ones

    def judge(value, *_):
        told = [words for words, guess in mistakes.items() if same(value, number()(guess, {})[""] if not choice else
                                                                   guess, 1e-6)]
        fallback = f"choose one of {', '.join(sorted([low, *mistakes.values()]))}." if choice else \
            f"{float(value):g} is too {'small' if value < low else 'large'}. Think again, or run it."
        return "" if low <= value <= high else told[0] if told else fallback

    return Exercise(lambda: low, [lambda rng: ()], exactly(str, "your choice, a string") if choice else
                    number("your guess"), why, {words: lambda guess=guess: guess for words, guess in mistakes.items()},
                    judge=judge, constant=True)


def bug(given: Callable, unmended: str, **data) -> Exercise:
    """A broken function to mend or to write anew; `unmended` is said about it as it was given."""
    return Exercise(**{**data, "mistakes": {unmended: given, **data.get("mistakes", {})}})


def train(solution: Callable, metric: Callable, target: float, steps: int, what: str, takeaway: str,
          mistakes: Mapping[str, Callable] | None = None, seeds: Sequence[int] = (11, 23, 47)) -> Exercise:
    """Training (seed) -> network that brings `metric` (network -> number, `what` it is) to `target` or below, with at
    most `steps` steps of optimizers, for each seed."""
    def counted(function):
        def run(seed):
            taken = []
            handle = register_optimizer_step_post_hook(lambda *_: taken.append(1))
            try:
                return function(seed), len(taken)
            finally:
                handle.remove()

        return run

    def read(result, arguments: dict) -> dict:
        network, taken = result if isinstance(result, tuple) and len(result) == 2 else (result, 0)
        require(isinstance(network, nn.Module), f"return the trained network, not a {type(network).__name__}.")
        return {"": (network, taken)}

    def judge(value, seed):
        network, taken = value
        if taken > steps:
            return f"with seed {seed} you took {taken} optimizer steps, and {steps} are allowed."
        with torch.no_grad():
            reached = float(metric(network))
        return "" if reached <= target else f"with seed {seed} the {what} is {reached:.4g}, and it should be at most " \
            f"{target:g}."

    class Training(Exercise):
        def _ask(self, function, arguments, here):
            return counted(lambda seed: super(Training, self)._ask(function, arguments, here))(*arguments.values())

    cases = [Case(lambda rng, seed=seed: (seed,)) for seed in seeds]
    return Training(solution, cases, read, takeaway, mistakes or {}, judge=judge, free=("random",))
