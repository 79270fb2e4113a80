"""The engine behind the checks: an exercise is data, and this tells a learner what an answer to it does.

    double = Exercise(
        solution=lambda x: 2 * x,
        cases=[lambda rng: (torch.randn(3, generator=rng),), lambda rng: (torch.zeros(0),)],
        gives=tensor("like x"),
        mistakes={"you square it.": lambda x: x**2},
        takeaway="Twice as much.",
    )
    double(lambda x: x + x)  # prints "Right. Twice as much."; any other answer raises NotYet

Each case is made anew for each call, with the same random numbers. What a call gives is read into parts, by name: the
result, slopes of it, and how far networks have moved. The answer's parts are compared with the solution's, case by
case; where they differ, the mistakes are run on the same cases, and one is named if it fits.
"""

import contextlib
import dataclasses
import inspect
import random
import re
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from scipy import stats
from torch import nn

from gan_helpers.exercises import STUB, NotYet, guard, require, right
from gan_helpers.exercises.telling import (
    alike_for_two_seeds,
    alike_in_law,
    buffer_off,
    chance,
    finite,
    first_difference,
    how_moved,
    movement,
    same,
    shown,
)


def ask(function, *arguments, here: str = "", forbidden: tuple | Mapping = ()):
    """Call the learner's function; turn a stub, a missing return and whatever it raises into words."""
    name = getattr(function, "__name__", "function")
    name = "function" if name == "<lambda>" else name
    try:
        result = guard.watched(forbidden, function, *arguments)
    except NotYet:
        raise
    except BaseException as error:  # SystemExit and KeyboardInterrupt too: a check says what happened
        if isinstance(error, NotImplementedError) and STUB in str(error):
            raise NotYet(f"Your {name} is still the stub. Write it, run its cell, then run this check again.") \
                from error
        says = f"{type(error).__name__}: {error!s:.140}".rstrip(": ")
        raise NotYet(f"{here}{'your' if here else 'Your'} {name} stopped with {says}") from error
    require(result is not None, f"{here}{'your' if here else 'Your'} {name} gave back None. Does it end with a return?")
    return result


@dataclasses.dataclass(frozen=True)
class Case:
    """Arguments to try an answer with.

    make: rng -> the tuple of arguments. label: what to call them in a message, if not by their values. calls: how
    often in a row, with the same arguments. hint: what to add if an answer first fails here. slopes: whether slopes
    are compared here.
    """

    make: Callable[[torch.Generator], tuple]
    label: str = ""
    calls: int = 1
    hint: str = ""
    slopes: bool = True


@dataclasses.dataclass(frozen=True)
class Law:
    """What a sampler's draws should look like, for tests that a right one fails once in a million checks.

    keys: result -> (n,) numbers that sum each draw up. chances: the probability of each that can come, or the
    distribution function of a continuous law, of arrays. outside: what to say about one that cannot come, {} for it.
    """

    keys: Callable
    chances: Mapping[int, float] | Callable
    outside: str = "{} came up, which is not possible."


@dataclasses.dataclass
class Exercise:
    """One exercise: what its check needs to know. Call it with a learner's answer.

    solution: a right answer. cases: functions rng -> tuple of arguments, or `Case`s. gives: reads a result,
    (result, arguments by name) -> {part: value}, and raises NotYet if it is of another kind.
    mistakes: what to say: a wrong answer, or several. near: how near a number has to come, as a share of its size.
    slopes: the arguments in which the slope of the result is compared. changes: what a call has to change, as in
    `guard`, "generator.weights" say, compared with what the solution makes of it. free: what it may change besides.
    words: what to say about a change that is neither, instead of the words in `guard`; or, of one in changes, if
    nothing moves. copies: whether the result
    must not share memory with the arguments. forbidden: functions that do the answer's work, or {function: what to say
    after its name}. unfit: what to add if a
    number is not finite. judge: (value, *arguments) -> what is wrong with a result, or nothing, where many are right.
    law: of a sampler (n, rng). uses: earlier exercises, by the name that the answer may call them by. constant:
    whether the answer is a value and no function. takeaway: what to say when it is right, or a function of the
    solution's value that says it. variant: a random.Random -> the same exercise with other numbers, and its text.
    """

    solution: Callable
    cases: Sequence
    gives: Callable
    takeaway: str | Callable
    mistakes: Mapping[str, Callable | tuple] = dataclasses.field(default_factory=dict)
    near: float = 1e-5
    slopes: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    words: Mapping[str, str] = dataclasses.field(default_factory=dict)
    copies: bool = False
    forbidden: tuple | Mapping = ()
    unfit: str = ""
    judge: Callable | None = None
    law: Law | None = None
    uses: Mapping[str, "Exercise"] = dataclasses.field(default_factory=dict)
    constant: bool = False
    variant: Callable[[random.Random], "Exercise"] | None = None
    text: str = ""

    def __post_init__(self):
        self.cases = [case if isinstance(case, Case) else Case(case) for case in self.cases]
        self.names = list(inspect.signature(self.solution).parameters)
        self._made = {}  # (function, case) -> parts, of the solution and the mistakes

    def __call__(self, answer) -> None:
        """Print that the answer is right, or raise NotYet with what it does."""
        value = self.examine(answer)
        right(self.takeaway(value) if callable(self.takeaway) else self.takeaway)

    def examine(self, answer):
        """Raise NotYet unless the answer is right; what it gave for the first case."""
        with guard.session():
            try:
                return self._check(answer)
            except NotYet as refusal:
                earlier = self._earlier(answer)
                if earlier:
                    raise NotYet(earlier) from refusal
                raise

    def _earlier(self, answer) -> str:
        """What is wrong with an earlier answer that this one calls; nothing if it calls none or it is right."""
        called = guard.mentioned(answer)
        for name, exercise in self.uses.items():
            try:
                if name in called:
                    exercise._check(called[name])
            except NotYet as refusal:
                return f"this one calls your {name}, and the fault is there: {refusal} Mend it, run its cell, then " \
                    "this check again."
        return ""

    def _check(self, answer):
        if self.constant and not callable(answer):
            value, answer = answer, lambda: value
        require(callable(answer), "this should be a function, not "
                f"{'' if answer is None else f'the {type(answer).__name__} '}{answer!r:.60}.")
        found, raw = [], []
        for case in self.cases:
            try:
                found.append(self._run(answer, case, raw))
            except NotYet as refusal:
                if not found:
                    raise
                found.append(refusal)
        self._compare(found)
        self._again(answer, found, raw)
        if self.law:
            self._draws(answer)
        return found[0].get("")

    # One call, or several in a row, of one case.

    def _arguments(self, case, seed: int = 0) -> dict:
        made = case.make(torch.Generator().manual_seed(1000 + self.cases.index(case) + seed))
        return dict(zip(self.names, made, strict=True))

    def _run(self, function, case, raw: list | None = None) -> dict:
        """The parts of what `function` does with the case. raw: collects results; then its manners are looked at."""
        parts, arguments, guarded = {}, self._arguments(case), raw is not None
        for turn in range(case.calls):
            here = self._here(case, turn)
            before = guard.snapshot(arguments, function)
            result = self._ask(function, arguments, here) if guarded else function(*arguments.values())
            after = guard.snapshot(arguments, function)
            guard.put_back(before)
            if guarded:
                self._manners(guard.changed(before, after), arguments)
            which = f"call {turn + 1}: " * (case.calls > 1)
            parts |= {f"{which}{name}": movement(before[name], after[name], name) for name in self.changes}
            value = self.gives(result, arguments)
            parts |= {f"{which}{name}".removesuffix(": "): part for name, part in value.items()}
            if guarded:
                raw.append((result, arguments, value))
                shared = [name for name in arguments if self.copies and guard.shares_memory(result, arguments[name])]
                require(not shared, guard.words(f"{shared and shared[0]}.shared", False))
                wrong = self.judge and self.judge(value.get("", value), *arguments.values())
                require(not wrong, wrong)
        agrees = not guarded or all(map(self._same, parts, parts.values(), map(self._should(case).get, parts)))
        if self.slopes and case.slopes and agrees:
            parts |= self._slopes(function, case, guarded)
        return parts

    def _manners(self, names: list[str], arguments: dict) -> None:
        draws = any(isinstance(value, torch.Generator) for value in arguments.values())
        for name in names:
            if name not in self.changes and name not in self.free:
                raise NotYet(self.words.get(name) or guard.words(name, draws))

    def _ask(self, function, arguments: dict, here: str):
        return ask(function, *arguments.values(), here=here, forbidden=self.forbidden)

    def _slopes(self, function, case, guarded: bool) -> dict:
        arguments = self._arguments(case)
        leaves = {name: arguments[name].detach().clone().requires_grad_() for name in self.slopes}
        inputs = arguments | leaves
        here = self._here(case, 0)
        result = self._ask(function, inputs, here) if guarded else function(*inputs.values())
        names = list(self.gives(result, inputs))  # several numbers may come stacked into one tensor
        stacked = len(names) > 1 and isinstance(result, torch.Tensor) and len(result) == len(names)
        results = list(result) if isinstance(result, tuple | list) or stacked else [result]
        if len(names) != len(results):
            names = [f"number {k + 1}" for k in range(len(results))]
        parts = {}
        for which, value in zip(names, results, strict=True):
            it = which if len(results) > 1 else "it"
            require(isinstance(value, torch.Tensor) and value.requires_grad, f"{here}{it} has the right value, but no "
                    "gradient flows through it, and networks learn from the gradient. Return the tensor as torch "
                    "computed it: no .item(), .detach() or numpy.")
            weights = torch.linspace(1, 2, value.numel(), dtype=value.dtype)
            try:
                found = torch.autograd.grad((value.reshape(-1) * weights).sum(), list(leaves.values()),
                                            retain_graph=True, allow_unused=True)
            except RuntimeError as error:
                raise NotYet(f"{here}{it} has the right value, but PyTorch cannot take its gradient: something it "
                             "needs was overwritten, by an operation whose name ends in _, or a backward() was called "
                             "inside.") from error
            of = f"of {which} " * (len(results) > 1)
            for (name, leaf), slope in zip(leaves.items(), found, strict=True):
                parts[f"slope {of}in {name}"] = (torch.zeros_like(leaf) if slope is None else slope).double()
        return parts

    # What differs, and why.

    def _parts(self, function, case) -> dict | None:
        """What the solution or a mistake does, kept for the next answer; None if it cannot be done with this case."""
        key = id(function), id(case)
        if key not in self._made:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # a mistake's own are nothing to the learner
                    self._made[key] = self._run(function, case)
            except Exception:
                if function is self.solution:
                    raise
                self._made[key] = None
        return self._made[key]

    def _should(self, case) -> dict:
        """The solution's parts; nothing where many answers are right."""
        return {} if self.judge or self.law else self._parts(self.solution, case)

    def _same(self, name: str, mine, wanted) -> bool:
        if wanted is None:
            return True
        moves = name.rpartition(": ")[2] in self.changes
        least = 1e-3 if moves else 1e-4 if name.startswith("slope ") else 0  # slopes are rounded more often
        return same(mine, wanted, max(self.near, least))

    def _compare(self, found: list) -> None:
        """Raise NotYet for the first case that fails, with the mistake that fits all cases, if there is one."""
        for case, parts in zip(self.cases, found, strict=True):
            if isinstance(parts, NotYet):
                raise self._cause(found) or parts
            should = self._should(case)
            for name, value in should.items():
                if not self._same(name, parts.get(name), value):
                    raise self._cause(found) or self._difference(case, name, parts, should)

    def _cause(self, found: list) -> NotYet | None:
        """The words of the first mistake that differs from the solution in two cases as the answer does."""
        for words, wrongs in self.mistakes.items():
            for wrong in wrongs if isinstance(wrongs, tuple) else (wrongs,):
                if not self.judge and not self.law and self._fits(wrong, found):
                    return NotYet(words)
        told = [parts for parts in found if isinstance(parts, dict)]
        ignores = len(told) > 2 and self.names and not self.judge and not self.law and not self.changes and all(
            same(parts.get(name), value, 0) for parts in told for name, value in told[0].items() if "slope" not in name)
        return NotYet("your function gives the same whatever it is given. Does it use its arguments?") if ignores else \
            None

    def _fits(self, wrong, found: list) -> bool:
        count = 0
        for case, parts in zip(self.cases, found, strict=True):
            its, should = self._parts(wrong, case), self._should(case)
            if its is None:
                continue
            if isinstance(parts, NotYet):  # the answer cannot be done here, and the mistake can
                return False
            read = [name for name in its if name in parts]  # slopes are taken of right values only
            off = [name for name in read if not self._same(name, parts[name], its[name])]
            if any(finite(its[name]) for name in off):
                return False
            count += not off and any(not self._same(name, its[name], should[name]) for name in read)
        return count >= 2

    def _difference(self, case, name: str, parts: dict, should: dict) -> NotYet:
        mine, wanted = parts.get(name), should[name]
        call = re.match(r"call (\d+)(: )?", name) if case.calls > 1 else None
        name = name[call.end() :] if call else name
        here, hint = self._here(case, int(call[1]) - 1 if call else 0), f" {case.hint}" if case.hint else ""
        if name in self.changes and not mine.any() and name in self.words:
            return NotYet(self.words[name])
        if name in self.changes:
            where = here if case is not self.cases[0] else ""  # the first one is plain; of another it matters
            who, _, what = name.partition(".")
            network = self._arguments(case)[who] if what == "weights" and finite(mine) and mine.any() else None
            told = buffer_off(network, mine, wanted, max(self.near, 1e-3)) if isinstance(network, nn.Module) else ""
            return NotYet(f"{where}{f'of {who}, {told}' if told else how_moved(name, mine, wanted)}{hint}")
        if name.startswith("slope "):
            here += f"it has the right value, but not the right {name}: "
            hint = hint or " Is a part of it cut off from the gradient, or is it flat there?"
        elif name:
            here += f"{name}: "
        if not finite(mine) and finite(wanted) and self.unfit:
            hint = f" {self.unfit}"
        a, b, at = first_difference(mine, wanted, self.near)
        return NotYet(f"{here}you get {a}{at}, it should be {b}.{hint}")

    def _here(self, case, turn: int) -> str:
        """The call in words: "for x = 2, n = 3: "."""
        if not self.names:
            return ""
        told = case.label or ", ".join(f"{name} = {shown(value)}" for name, value in self._arguments(case).items()
                                       if not isinstance(value, torch.Generator))
        told = told if len(told) < 130 else f"{told[:126]} ..."
        return f"for {told}{f', call {turn + 1} of {case.calls}' if case.calls > 1 else ''}: "

    def _again(self, answer, found: list, raw: list) -> None:
        """The same call gives the same, and a result that was given stays what it was."""
        generators = self.law is not None
        for case in [] if self.judge else self.cases[:1]:
            again = self._run(answer, case, [])
            for name, value in found[0].items():
                require(self._same(name, again.get(name), value), "the same seed gave different samples. Draw from the "
                        "generator that is given: generator=rng." if generators else f"{self._here(case, 0)}two calls "
                        "with the same arguments gave two answers. What does your function keep from one call to the "
                        "next, or draw at random?")
        for result, arguments, value in raw if not self.changes else ():
            now = self.gives(result, arguments)
            kept = all(same(now.get(name), part, self.near) for name, part in value.items())
            require(kept, "what an earlier call gave back has changed in a later one. Make a new result in each call.")

    def _draws(self, answer) -> None:
        """A sampler's draws: from rng alone, of the right law, each for itself."""
        many, law = 60_000, self.law

        def draw(function, n, rng):
            arguments = dict(zip(self.names, (n, rng), strict=True))
            result = self._ask(function, arguments, f"for {self.names[0]} = {n}: ")
            return law.keys(self.gives(result, arguments)[""]).tolist()

        def rng(seed):
            return torch.Generator().manual_seed(seed)

        keys = draw(answer, many, rng(5))
        wrong = self._law(keys)
        if wrong:
            for words, mistake in self.mistakes.items():
                with contextlib.suppress(NotYet):  # a mistake that cannot be read as a sample is none of a law
                    wrong = words if alike_in_law(keys, draw(mistake, many, rng(6))) else wrong
            raise NotYet(wrong)
        seeds = rng(5), rng(6)
        before = [one.get_state() for one in seeds]
        first, other = (draw(answer, 64, one) for one in seeds)
        require(first != other, alike_for_two_seeds(before, [one.get_state() for one in seeds]))
        one = rng(5)
        require(draw(answer, 64, one) != draw(answer, 64, one), "drawn twice from one rng, the second batch was the "
                "first again. Go on drawing from the rng that is given; do not copy or seed it.")
        cells, chances = keys, law.chances
        if callable(chances):
            cells = (20 * np.asarray(chances(np.array(keys)))).clip(0, 19).astype(int).tolist()
            chances = dict.fromkeys(range(20), 1 / 20)
        both = {(a, b): p * q for a, p in chances.items() for b, q in chances.items()}
        require(chance(list(zip(cells[::2], cells[1::2], strict=True)), both) > 1e-6, "each value comes up as often as "
                "it should, but each depends on the one before it. Draw every sample for itself.")

    def _law(self, keys: list) -> str:
        """What is wrong with a large draw, in words; nothing if it may well be of the law."""
        chances, n, counts = self.law.chances, len(keys), Counter(keys)
        if len(counts) == 1:
            return f"every sample is {keys[0]:g}. Draw them at random."
        if callable(chances):
            test = stats.kstest(keys, chances)
            at, share = test.statistic_location, np.mean(np.array(keys) <= test.statistic_location)
            return "" if test.pvalue > 1e-6 else f"{share:.1%} of your samples are at most {at:.4g}; it should be " \
                f"{chances(at):.1%}."
        strange = sorted(set(keys) - set(chances))
        never = [key for key in chances if not counts[key] and n * chances[key] > 30]
        if strange:
            return self.law.outside.format(strange[0])
        if never:
            return f"{never[0]} never came up in {n} samples (missing: {len(never)} of {len(chances)} values). " \
                "Which values can your draw reach?"
        share = {key: counts[key] / n / p for key, p in chances.items()}
        rare, often = min(share, key=share.get), max(share, key=share.get)
        alike = " All should be equally likely." * (len(set(chances.values())) == 1)
        return "" if chance(keys, chances) > 1e-6 else f"{rare} came up {counts[rare]} times in {n}, expected " \
            f"{n * chances[rare]:.0f}, and {often} {counts[often]} times, expected {n * chances[often]:.0f}.{alike}"
