"""Kinds of exercises beside "write it": several answers at once, predict, find the bug, train to a target."""

import contextlib
import functools
import math
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

import torch
from torch import nn
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

from gan_helpers.exercises import NotYet, guard, require, right
from gan_helpers.exercises.engine import Case, Exercise
from gan_helpers.exercises.readers import exactly, number, of_kind
from gan_helpers.exercises.telling import a_kind

SEEDS = 11, 23, 47  # on which a training is tried


def each(make: Callable, table: Mapping) -> dict:
    """Mistakes {words: wrong answers} from {words: what is exchanged in the solution}: make(it), or a tuple of them."""
    def rows(part) -> tuple:
        made = make(part)
        return made if isinstance(made, tuple) else (made,)

    return {words: sum(map(rows, part if isinstance(part, tuple) else (part,)), ()) for words, part in table.items()}


def take_step(optimizer, loss, clear=True):
    """One step of an optimizer down this loss, which is returned; clear: whether gradients of before are cleared."""
    if clear:
        optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


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

    why: shown after a right one. mistakes: what to say: the guess that it is said about. A number stands for all
    within a hundredth of it, as 1.39 is written for 2 log 2, and (low, high) for all from the one to the other.
    """
    choice = isinstance(right_ones, str)
    low, high = (right_ones,) * 2 if choice else right_ones

    def means(guess, value) -> bool:
        if isinstance(guess, tuple):
            return guess[0] <= value <= guess[1]
        return value == guess if choice else math.isclose(value, guess, rel_tol=0.0101, abs_tol=0.005)

    def judge(value, *_):
        value = value if choice else float(value)
        if not choice and not math.isfinite(value):
            return f"{value} is no guess. Return a number."
        told = [words for words, guess in mistakes.items() if means(guess, value)]
        fallback = f"choose one of {', '.join(sorted([low, *mistakes.values()]))}." if choice else \
            f"{value:g} is too {'small' if value < low else 'large'}. Think again."
        return "" if low <= value <= high else told[0] if told else fallback

    wrong = {words: tuple(lambda one=one: one for one in (guess if isinstance(guess, tuple) else (guess,)))
             for words, guess in mistakes.items()}
    return Exercise(lambda: low, [lambda rng: ()], exactly(str, "your choice, a string") if choice else
                    number("your guess"), why, wrong, judge=judge, constant=True, free=("random",))


def bug(given: Callable, unmended: str, **data) -> Exercise:
    """A broken function to mend or to write anew; `unmended` is said about it as it was given."""
    return Exercise(**{**data, "mistakes": {unmended: given, **data.get("mistakes", {})}})


_running = []  # of each training that is being counted: {the first weight of an optimizer: steps taken}


@contextlib.contextmanager
def _counting(look=lambda counts: None):
    """Count the steps of all optimizers, by the first weight that each moves; `look` at the counts after each."""
    counts = {}

    def count(optimizer, *_):
        first = optimizer.param_groups[0]["params"][0]
        counts[first] = counts.get(first, 0) + 1
        look(counts)

    handle = register_optimizer_step_post_hook(count)
    _running.append(counts)
    try:
        yield counts
    finally:
        handle.remove()
        _running.pop()


_undone = []  # not empty where steps are undone


@contextlib.contextmanager
def _undoing():
    """Undo each step of each optimizer, so that its weights stay as they were."""
    weights = {}

    def before(optimizer, *_):
        weights[optimizer] = [(p, p.detach().clone()) for group in optimizer.param_groups for p in group["params"]]

    @torch.no_grad()
    def after(optimizer, *_):
        for p, old in weights.pop(optimizer):
            p.copy_(old)

    handles = register_optimizer_step_pre_hook(before), register_optimizer_step_post_hook(after)
    _undone.append(True)
    try:
        yield
    finally:
        _undone.pop()
        for handle in handles:
            handle.remove()


def once(training: Callable) -> Callable:
    """`training` with its results kept, as by functools.cache; its steps still count in each `train` that calls it."""
    @functools.cache
    def kept(undone, *given):
        with _counting() as counts:
            return training(*given), counts

    @functools.wraps(training)
    def again(*given):
        result, counts = kept(bool(_undone), *given)
        for running in _running:
            running.update(counts)
        return result

    return again


def busy(steps: int) -> Callable:
    """A wrong training: so many steps, of something that is no GAN."""
    def training(seed):
        layer = nn.Linear(1, 1)
        optimizer = torch.optim.SGD(layer.parameters(), 0.0)
        for _ in range(steps):
            optimizer.step()
        return layer

    return training


def _weights(network: nn.Module) -> torch.Tensor:
    """All weights in a row, or what a network without any keeps instead."""
    kept = [p.detach().double().flatten() for p in [*network.parameters()] or [*network.buffers()]]
    return torch.cat(kept) if kept else torch.zeros(0)


class _Examined(nn.Module):
    """A network as a check asks it: on copies, and a second time with the rows in reverse order."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network, self.wrong = network, ""

    def _require(self, condition, words: str) -> None:
        self.wrong = self.wrong if condition else words
        require(condition, words)

    def forward(self, batch):
        given = batch.clone()
        made = self.network(given)
        if not isinstance(made, torch.Tensor):
            self._require(False, f"your network should give a tensor, not {a_kind(made)}.")
        self._require(guard.alike(given, batch), "your network writes into what it is given, by x[...] = ... or an "
                      "operation whose name ends in _. Work on a copy: x.clone().")
        turned = self.network(batch.flip(0))
        if made.is_floating_point() and made.dim() and len(made) == len(batch) and made.shape == turned.shape:
            off = (turned.flip(0) - made).abs() > 1e-3 * (1 + made.abs())  # none where both are NaN
            self._require(off.double().mean() < 0.05, "given the same rows in another order, your network answers them "
                          "differently. What it makes of a row should depend on that row, not on its place or on "
                          "random numbers.")
        return made


def train(solution: Callable, metric: Callable, target: float, steps: int, what: str, takeaway: str | Callable,
          mistakes: Mapping[str, Callable] | None = None, seeds: Sequence[int] = SEEDS,
          seconds: float = 60, players: int = 2, least: int = 10) -> Exercise:
    """Training (seed) -> network that brings `metric` to `target` or below, with at most `steps` steps of optimizers
    and `seconds` of computing time, for each seed.

    metric: network -> number, `what` it is, or (number, words to add where it is too large). players: how many
    networks have to be trained, each by `least` steps or more of an optimizer of its own. A solution that keeps its
    networks from one call to the next does so with `once`.

    That the steps made the network what it is, and no formula or update by hand, is seen by a further training in
    which each is undone: what comes out then must miss the target. So averages, copies and weights that are computed
    from trained ones are all allowed. It cannot be told which loss the steps went down, nor whether the second
    optimizer matters, and an answer that looks whether its steps are undone is not found out.
    """
    def too_many(seed, taken):
        return f"with seed {seed} you took {sum(taken)} optimizer steps, and {steps} are allowed."

    def measured(network):
        """The metric, and words to add."""
        with torch.no_grad():
            found = metric(network)
        reached, why = found if isinstance(found, tuple) else (found, "")
        return float(reached), why

    def counted(function):
        def run(seed):
            end = time.process_time() + seconds

            def look(counts):
                require(sum(counts.values()) <= steps, too_many(seed, counts.values()))
                require(time.process_time() < end, f"with seed {seed} your training is not done after {seconds:g} "
                        f"seconds and {sum(counts.values())} optimizer steps. Make the networks or the batches "
                        "smaller.")

            with _counting(look) as counts:
                return function(seed), list(counts.values())

        return run

    def read(result, arguments: dict) -> dict:
        network, taken = result if isinstance(result, tuple) and len(result) == 2 else (result, [])
        of_kind(network, nn.Module, "the trained network")
        return {"": (network, taken)}

    def judge(value, seed):
        network, taken = value
        if sum(taken) > steps:
            return too_many(seed, taken)
        examined = _Examined(network)
        try:
            reached, why = measured(examined)
        except NotYet:
            if not examined.wrong:
                raise
            return f"with seed {seed} {examined.wrong}"
        except Exception as error:
            return f"with seed {seed} your network cannot be measured: {type(error).__name__}: {error!s:.140}"
        if not reached <= target:
            return f"with seed {seed} the {what} is {reached:.4g}, and it should be at most {target:g}. {why}".rstrip()
        if sum(n >= least for n in taken) >= players:
            return ""
        told = f"steps of each optimizer: {', '.join(map(str, sorted(taken)))}" if taken else "no optimizer took a step"
        return f"with seed {seed} the {what} is good enough, but {told}. In each call " \
            f"{'both networks need an optimizer each' if players == 2 else 'the network needs an optimizer'} that " \
            f"takes {least} steps or more."

    class Training(Exercise):
        def _ask(self, function, arguments, here):
            return counted(lambda seed: super(Training, self)._ask(function, arguments, here))(*arguments.values())

        def _again(self, answer, found, raw):
            for (one, *_, first), (other, *_, second) in combinations(
                    ((*arguments.values(), _weights(value[""][0])) for _, arguments, value in raw), 2):
                alike = first.shape == second.shape and ((first == second) & (first != 0)).sum() > len(first) / 2
                require(not alike, f"with seeds {one} and {other} you return the same network: most of its weights are "
                        "equal. All that is random should come from the seed, from the first weights on.")
            for seed in seeds:  # by chance first weights may be good with one
                try:
                    with _undoing():
                        network, taken = counted(answer)(seed)
                    reached, _ = measured(network)
                except Exception:  # it cannot do without its steps
                    return
                if not reached <= target:
                    return
                require(taken, f"asked for seed {seed} again, your function took no step: it keeps networks from one "
                        "call to the next. Train in each call.")
            raise NotYet(f"the {what} is good enough, {reached:.4g} with seed {seed}, even if each optimizer step is "
                         "undone at once. So it is not these steps that make your network good. Let them train it.")

    cases = [Case(lambda rng, seed=seed: (seed,)) for seed in seeds]
    return Training(solution, cases, read, takeaway, mistakes or {}, judge=judge, free=("random",))
