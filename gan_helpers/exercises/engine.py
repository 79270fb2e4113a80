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

import ast
import contextlib
import dataclasses
import inspect
import linecache
import math
import random
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from scipy import stats
from torch import nn

from gan_helpers.exercises import STUB, NotYet, guard, require, right
from gan_helpers.exercises._compare import numbers


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

    keys: result -> (n,) whole numbers that sum each draw up. chances: the probability of each key that can come.
    outside: what to say about a key that cannot come, with {} for it. cdf: of a continuous law, for numbers (n,).
    """

    keys: Callable
    chances: Mapping[int, float]
    outside: str = "{} came up, which is not possible."
    cdf: Callable | None = None


@dataclasses.dataclass
class Exercise:
    """One exercise: what its check needs to know. Call it with a learner's answer.

    solution: a right answer. cases: functions rng -> tuple of arguments, or `Case`s. gives: reads a result,
    (result, arguments by name) -> {part: value}, and raises NotYet if it is of another kind.
    mistakes: what to say: a wrong answer, or several. near: how near a number has to come, as a share of its size.
    slopes: the arguments in which the slope of the result is compared. changes: what a call has to change, as in
    `guard`, "generator.weights" say, compared with what the solution makes of it. free: what it may change besides.
    words: what to say about a change that is neither, instead of the words in `guard`. copies: whether the result
    must not share memory with the arguments. forbidden: functions that do the answer's work. unfit: what to add if a
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
    forbidden: tuple = ()
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
        require(callable(answer), f"this should be a function, not the {type(answer).__name__} {answer!r:.60}.")
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
            parts |= {f"{which}{name}": _movement(before[name], after[name], name) for name in self.changes}
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
        """Call the learner's function; turn a stub, a missing return and whatever it raises into words."""
        name = getattr(function, "__name__", "function")
        name = "function" if name == "<lambda>" else name
        try:
            result = watched(self.forbidden, function, *arguments.values())
        except NotYet:
            raise
        except BaseException as error:  # SystemExit and KeyboardInterrupt too: a check says what happened
            if isinstance(error, NotImplementedError) and STUB in str(error):
                raise NotYet(f"Your {name} is still the stub. Write it, run its cell, then run this check again.") \
                    from error
            says = f"{type(error).__name__}: {error!s:.140}".rstrip(": ")
            raise NotYet(f"{here}your {name} stopped with {says}") from error
        require(result is not None, f"Your {name} gave back None. Does it end with a return?")
        return result

    def _slopes(self, function, case, guarded: bool) -> dict:
        arguments = self._arguments(case)
        leaves = {name: arguments[name].detach().clone().requires_grad_() for name in self.slopes}
        inputs = arguments | {name: leaf.clone() for name, leaf in leaves.items()}
        here = self._here(case, 0)
        result = self._ask(function, inputs, here) if guarded else function(*inputs.values())
        results = result if isinstance(result, tuple | list) else (result,)
        parts = {}
        for k, value in enumerate(results):
            require(isinstance(value, torch.Tensor) and value.requires_grad, f"{here}it has the right value, but no "
                    "gradient flows through it, and networks learn from the gradient. Return the tensor as torch "
                    "computed it: no .item(), .detach() or numpy.")
            weights = torch.linspace(1, 2, value.numel(), dtype=value.dtype)
            try:
                found = torch.autograd.grad((value.reshape(-1) * weights).sum(), list(leaves.values()),
                                            retain_graph=True, allow_unused=True)
            except RuntimeError as error:
                raise NotYet(f"{here}it has the right value, but PyTorch cannot take its gradient: something it needs "
                             "for that was overwritten, by an operation whose name ends in _, or a backward() was "
                             "called inside.") from error
            of = f"of number {k + 1} " * (len(results) > 1)
            for (name, leaf), slope in zip(leaves.items(), found, strict=True):
                parts[f"slope {of}in {name}"] = (torch.zeros_like(leaf) if slope is None else slope).double()
        return parts

    # What differs, and why.

    def _parts(self, function, case) -> dict | None:
        """What the solution or a mistake does, kept for the next answer; None if it cannot be done with this case."""
        key = id(function), id(case)
        if key not in self._made:
            try:
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
        return same(mine, wanted, max(self.near, 1e-3) if moves else self.near)

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
        return None

    def _fits(self, wrong, found: list) -> bool:
        count = 0
        for case, parts in zip(self.cases, found, strict=True):
            its, should = self._parts(wrong, case), self._should(case)
            if its is None or isinstance(parts, NotYet):
                continue
            read = [name for name in its if name in parts]  # slopes are taken of right values only
            off = [name for name in read if not self._same(name, parts[name], its[name])]
            if any(finite(its[name]) for name in off):
                return False
            count += not off and any(not self._same(name, its[name], should[name]) for name in read)
        return count >= 2

    def _difference(self, case, name: str, parts: dict, should: dict) -> NotYet:
        mine, wanted = parts.get(name), should[name]
        here, hint = self._here(case, 0), f" {case.hint}" if case.hint else ""
        which, _, facet = name.rpartition(": ")
        if facet in self.changes:
            return NotYet(f"{which}{': ' if which else ''}{moved(facet, mine, wanted)}{hint}")
        if "slope in" in name:
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
        require(draw(answer, 64, rng(5)) != draw(answer, 64, rng(6)), "two seeds gave the same samples. Draw from rng, "
                "do not seed it inside.")
        one = rng(5)
        require(draw(answer, 64, one) != draw(answer, 64, one), "drawn twice from one rng, the second batch was the "
                "first again. Go on drawing from the rng that is given; do not copy or seed it.")
        pairs = list(zip(keys[::2], keys[1::2], strict=True))
        both = {(a, b): p * q for a, p in law.chances.items() for b, q in law.chances.items()}
        require(chance(pairs, both) > 1e-6, "each value comes up as often as it should, but each depends on the one "
                "before it. Draw every sample for itself.")

    def _law(self, keys: list) -> str:
        """What is wrong with a large draw, in words; nothing if it may well be of the law."""
        law, n = self.law, len(keys)
        strange, counts = sorted(set(keys) - set(law.chances)), Counter(keys)
        if len(set(keys)) == 1 < len(law.chances):
            return f"every sample is {keys[0]}. Draw them at random."
        if strange:
            return law.outside.format(strange[0])
        never = [key for key in law.chances if not counts[key] and n * law.chances[key] > 30]
        if never:
            return f"{never[0]} never came up in {n} samples (missing: {len(never)} of {len(law.chances)} values). " \
                "Which values can your draw reach?"
        if chance(keys, law.chances) < 1e-6:
            share = {key: counts[key] / n / law.chances[key] for key in law.chances}
            rare, often = min(share, key=share.get), max(share, key=share.get)
            return f"{rare} came up {counts[rare]} times and {often} {counts[often]} times in {n}; expected were " \
                f"{n * law.chances[rare]:.0f} and {n * law.chances[often]:.0f}."
        return ""


# Readers of results: (result, arguments by name) -> {part: value}.

def tensor(like: str | Callable, dtype: torch.dtype | None = torch.float32, what: str = "a tensor",
           shapes: Mapping = {}, dtypes: Mapping = {}, values: Callable | None = None) -> Callable:
    """A tensor like an argument ("like x"), or of the shape that `like` makes of the arguments.

    dtype: None for that of the argument. shapes, dtypes: what to say about a wrong one, shape by its dimensions.
    values: tensor -> what is wrong with its entries, or nothing.
    """
    name = like.removeprefix("like ") if isinstance(like, str) else None

    def read(result, arguments: dict) -> dict:
        require(isinstance(result, torch.Tensor), f"return {what}, not a {type(result).__name__}: {result!r:.40}.")
        shape = tuple(arguments[name].shape) if name else tuple(like(**arguments))
        says = shapes.get(result.dim(), "")
        require(result.shape == shape, f"return shape {shape}; yours is {tuple(result.shape)}. {says}".rstrip())
        should = dtype or arguments[name].dtype
        require(result.dtype == should, f"return {should}; yours is {result.dtype}. {dtypes.get(result.dtype, '')}"
                .rstrip())
        wrong = values and values(result.detach())
        require(not wrong, wrong)
        return {"": result.detach().clone() if result.dtype == torch.bool else result.detach().double()}

    return read


def any_tensor(like: Callable | str, what: str = "a tensor", shapes: Callable | None = None) -> Callable:
    """Numbers of the shape of an argument or of what `like` makes of the arguments, as tensor, array or list."""
    def read(result, arguments: dict) -> dict:
        value = numbers(result, what).clone()
        shape = tuple(arguments[like.removeprefix("like ")].shape if isinstance(like, str) else like(**arguments))
        says = shapes(value) if shapes and value.shape != shape else ""
        require(value.shape == shape, f"return shape {shape}; yours is {tuple(value.shape)}. {says or ''}".rstrip())
        return {"": value}

    return read


def number(what: str = "one number", is_tensor: bool = False, name: str = "") -> Callable:
    """One number: as a tensor, or as whatever holds one. name: of the part, if there are others."""
    def read(result, arguments: dict) -> dict:
        require(not is_tensor or isinstance(result, torch.Tensor), f"return {what} as a tensor, not a "
                f"{type(result).__name__}: {result!r:.40}. No gradient flows through anything else.")
        require(not isinstance(result, bool), f"return {what}, not {result}.")
        value = numbers(result, what)
        require(value.numel() == 1, f"return {what}: one number. Yours has shape {tuple(value.shape)}.")
        return {name: value.reshape(()).clone()}

    return read


def several(*names: str) -> Callable:
    """As many numbers as there are names, in this order, as a tuple, list, array or tensor."""
    what = f"{len(names)} numbers: {', '.join(names)}"

    def read(result, arguments: dict) -> dict:
        rows = isinstance(result, tuple | list | np.ndarray | torch.Tensor) and getattr(result, "ndim", 1) > 0
        require(rows and len(result) == len(names), f"return {what}.")
        values = [numbers(part, what) for part in result]
        require(all(value.numel() == 1 for value in values), f"return {what}. One of yours has the shape "
                f"{next((tuple(v.shape) for v in values if v.numel() != 1), ())}: is a sum() or mean() missing?")
        return {name: value.reshape(()).clone() for name, value in zip(names, values, strict=True)}

    return read


def exactly(kind: type, what: str) -> Callable:
    """A value of one type, compared as it is: bool, str, a list of strings."""
    def read(result, arguments: dict) -> dict:
        require(isinstance(result, kind), f"return {what}, not a {type(result).__name__}: {result!r:.60}.")
        return {"": result}

    return read


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


# Kinds of exercises beside "write it".

def predict(low: float, high: float, why: str, mistakes: Mapping[str, float]) -> Exercise:
    """A guess before the run, right from `low` to `high`; `why` is shown after it, mistakes are guesses by words."""
    def judge(value, *_):
        near = [words for words, guess in mistakes.items() if math.isclose(value, guess, rel_tol=1e-6)]
        return "" if low <= value <= high else near[0] if near else f"{value.item():g} is too " \
            f"{'small' if value < low else 'large' if value > high else 'odd'}. Think again, or run it."

    return Exercise(lambda: (low + high) / 2, [lambda rng: ()], number("your guess"), why,
                    {words: lambda guess=guess: guess for words, guess in mistakes.items()}, judge=judge, constant=True)


def choose(right_one: str, why: str, mistakes: Mapping[str, str]) -> Exercise:
    """A choice before the run; mistakes: what to say: the choice that it is said about."""
    def judge(value, *_):
        choices = ", ".join(sorted([right_one, *mistakes.values()]))
        told = (words for words, wrong in mistakes.items() if value == wrong)
        return "" if value == right_one else next(told, f"choose one of {choices}.")

    return Exercise(lambda: right_one, [lambda rng: ()], exactly(str, "your choice, a string"), why,
                    {words: lambda wrong=wrong: wrong for words, wrong in mistakes.items()}, judge=judge, constant=True)


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
            handle = torch.optim.optimizer.register_optimizer_step_post_hook(lambda *_: taken.append(1))
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


# Comparing and telling.

def watched(forbidden, function, *arguments):
    """Call the function, and refuse if it calls one of the forbidden ones, by whatever name.

    A call inside an assert statement of the learner's is none: what an assert computes is looked at and thrown away,
    so it is a test of the answer and no part of it. (An assert that binds a name, with :=, is not let off.)
    """
    if not forbidden:
        return function(*arguments)
    called, plain = [], [inspect.unwrap(f) for f in forbidden]  # a decorator's code is shared by all it decorates

    def look(frame, event, argument) -> None:
        for f in plain:
            here = frame.f_back if event == "call" else frame
            if (getattr(f, "__code__", None) is frame.f_code if event == "call" else
                    event == "c_call" and f is argument) and not _asserts(here):
                called.append(f)

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        result = function(*arguments)
    finally:
        sys.setprofile(before)
        # an answer that stops after the call is told of its exception: that is what the learner sees
    if called:
        raise NotYet(f"Your {getattr(function, '__name__', 'function')} calls {called[0].__qualname__}, and that is "
                     "the whole answer. Write out what it does.")
    return result


def _asserts(frame) -> bool:
    """Whether the line that the frame, or one that called it, is at belongs to an assert statement."""
    while frame is not None and frame.f_code is not watched.__code__:
        lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)
        try:
            tree = ast.parse("".join(lines))
        except SyntaxError:  # a cell with a magic command
            tree = ast.Module([], [])
        for node in ast.walk(tree):
            if isinstance(node, ast.Assert) and node.lineno <= frame.f_lineno <= node.end_lineno:
                return not any(isinstance(part, ast.NamedExpr) for part in ast.walk(node))
        frame = frame.f_back
    return False


def _movement(before, after, name: str) -> torch.Tensor:
    """How far weights or gradients have moved, as one long vector; no gradient counts as 0."""
    rows = (list(part.values()) if isinstance(part, dict) else part for part in (before, after))
    try:
        pairs = [[torch.zeros(1) if x is None else x.double() for x in pair] for pair in zip(*rows, strict=True)]
        return torch.cat([(new - old).reshape(-1).double() for old, new in pairs])
    except (RuntimeError, ValueError) as error:
        raise NotYet(f"your function changes the shapes in {name}.") from error


def finite(value) -> bool:
    return not isinstance(value, torch.Tensor) or not value.is_floating_point() or bool(torch.isfinite(value).all())


def same(mine, wanted, near: float) -> bool:
    """Whether two parts agree: tensors up to `near` times the largest size in them or 1, all else exactly.

    Vectors (movements, slopes) whose entries are all small are compared with their largest entry instead of 1.
    """
    if isinstance(wanted, torch.Tensor) and isinstance(mine, torch.Tensor):
        if mine.shape != wanted.shape or mine.dtype != wanted.dtype:
            return False
        if not wanted.is_floating_point():
            return torch.equal(mine, wanted)
        sizes = wanted[torch.isfinite(wanted)].abs()
        scale = float(sizes.max()) if sizes.numel() else 1.0
        scale = min(1.0, max(scale, 1e-3)) if wanted.numel() > 1 else 1.0
        return torch.allclose(mine, wanted, near, near * scale, equal_nan=True)
    return guard.alike(mine, wanted)


def first_difference(mine, wanted, near: float) -> tuple[str, str, str]:
    """Both values where they first differ, with digits enough to see it, and the place."""
    at = ""
    if isinstance(wanted, torch.Tensor) and isinstance(mine, torch.Tensor) and mine.shape == wanted.shape:
        if wanted.numel() > 1:
            off = [not same(a, b, near) for a, b in zip(mine.flatten(), wanted.flatten(), strict=True)]
            k = off.index(True) if True in off else int((mine - wanted).abs().argmax())
            place = [int(i) for i in np.unravel_index(k, tuple(wanted.shape))]
            at = f" at [{', '.join(map(str, place))}]"
            mine, wanted = mine.flatten()[k], wanted.flatten()[k]
        mine, wanted = mine.item(), wanted.item()
    for digits in range(5, 18):
        a, b = (f"{v:.{digits}g}" if isinstance(v, float) else f"{v!r:.80}" for v in (mine, wanted))
        if a != b:
            break
    return a, b, at


def moved(facet: str, mine: torch.Tensor, wanted: torch.Tensor) -> str:
    """How a movement differs from the right one: none, along it but of another length, or another direction."""
    who, _, what = facet.partition(".")
    what = "gradients of" if what == "grad" else "weights of" if what == "weights" else f"{what} of"
    if not finite(mine):
        return f"the {what} {who} became NaN or infinite."
    if not mine.any():
        return f"the {what} {who} did not move at all."
    if not wanted.any():
        return f"the {what} {who} moved, and here they should not."
    cosine, times = float(mine @ wanted / mine.norm() / wanted.norm()), float(mine.norm() / wanted.norm())
    if abs(cosine) > 1 - 1e-5:
        return f"the {what} {who} moved in the {'right' if cosine > 0 else 'opposite'} direction, {times:.5g} times " \
            "as far as they should."
    a, b, at = first_difference(mine, wanted, 1e-4)
    return f"the {what} {who} moved in another direction than they should (cosine {cosine:.3f}): " \
        f"number {at[5:-1]} of them by {a}, it should be {b}."


def chance(keys: list, chances: Mapping) -> float:
    """The p-value of a chi-square test of draws against their chances; keys expected fewer than 5 times are merged."""
    counts = Counter(keys)
    if set(counts) - set(chances):
        return 0.0
    groups = [[0.0, 0]]
    for expected, seen in sorted((len(keys) * p, counts[key]) for key, p in chances.items()):
        if groups[-1][0] >= 5:
            groups.append([0.0, 0])
        groups[-1][0] += expected
        groups[-1][1] += seen
    return float(stats.chisquare([seen for _, seen in groups], [e for e, _ in groups]).pvalue)


def alike_in_law(first: list, second: list) -> bool:
    """Whether two large draws may be of one law: a chi-square test of both together."""
    a, b = Counter(first), Counter(second)
    table = np.array([[a[key], b[key]] for key in sorted({*a, *b}) if a[key] + b[key] > 10]).T
    return table.size > 0 and (table.shape[1] == 1 or float(stats.chi2_contingency(table).pvalue) > 1e-4)


def shown(value) -> str:
    """A value in few words: small ones by their entries, large ones by their shape."""
    if isinstance(value, torch.Tensor | np.ndarray):
        if value.size == 0 if isinstance(value, np.ndarray) else value.numel() == 0:
            return f"no numbers, shape {tuple(value.shape)}"
        small = (value.size if isinstance(value, np.ndarray) else value.numel()) <= 4
        return shown(value.tolist()) if small else f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, list | tuple):
        inner = ", ".join(map(shown, value[:6])) + ", ..." * (len(value) > 6)
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    if isinstance(value, torch.optim.Optimizer):
        return type(value).__name__
    if isinstance(value, nn.Module):
        return "a network"
    return f"{value!r:.40}"
