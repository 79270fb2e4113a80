"""What an answer must leave as it was: its arguments, and the session around it.

A snapshot is a flat dict from a name, such as "generator.weights" or "random", to what was there. Two snapshots of the
same things are equal exactly if the call between them changed nothing.
"""

import ast
import contextlib
import inspect
import linecache
import random
import sys
from collections.abc import Mapping
from types import CodeType, FunctionType

import numpy as np
import torch
from torch import nn

from gan_helpers.exercises import NotYet

HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
WORDS = {  # what a facet's change is called; {} is the argument
    "values": "your function overwrites {}: it writes into what it was given. Work on a copy, or write x = x + 1, "
              "which makes a new one, not x += 1.",
    "grad": "your function changes the gradients (.grad) of {}.",
    "requires_grad": "your function changes requires_grad of {} and leaves it so. Set it back.",
    "weights": "your function changes the weights of {}. They should stay as they are.",
    "mode": "your function leaves {} in another mode, train() or eval(), than it found it. Set it back.",
    "forward": "your function hooks or patches {}. Leave its forward as it is.",
    "parts": "your function exchanges layers or parameters of {}. Keep those that are there.",
    "settings": "your function changes the settings of {}: its rate, momentum or list of weights.",
    "state": "your function changes what {} remembers of earlier steps.",
    "shared": "what your function returns shares its memory with {}: whoever changes one changes both. Return a copy.",
    "random": "your function draws from PyTorch's global random numbers, or seeds them: all other code shares them. ",
    "numpy.random": "your function draws from NumPy's global random numbers, or seeds them: all code shares them. ",
    "python.random": "your function draws from Python's global random numbers, or seeds them: all code shares them. ",
    "grad mode": "your function turns gradients on or off, and leaves it so. Use with torch.no_grad():.",
    "default dtype": "your function changes the default dtype for everybody: torch.set_default_dtype.",
    "deterministic": "your function changes torch.use_deterministic_algorithms for everybody.",
    "threads": "your function changes the number of threads for everybody: torch.set_num_threads.",
    "global": "your function changes {}, a variable outside it. Keep what it needs inside, and return what it makes.",
}


def alike(first, second) -> bool:
    """Whether two things are the same, NaN and types included."""
    if isinstance(first, torch.Tensor):
        return (isinstance(second, torch.Tensor) and first.shape == second.shape and first.dtype == second.dtype
                and bool(((first == second) | ((first != first) & (second != second))).all()))
    if isinstance(first, np.ndarray):
        return isinstance(second, np.ndarray) and first.dtype == second.dtype and first.shape == second.shape \
            and first.tobytes() == second.tobytes()
    if type(first) is not type(second):
        return False
    if isinstance(first, tuple) and first and isinstance(first[0], int):
        return first == second  # plain numbers, such as the 625 of a random state
    if isinstance(first, dict):
        return list(first) == list(second) and all(alike(value, second[key]) for key, value in first.items())
    if isinstance(first, list | tuple):
        return len(first) == len(second) and all(map(alike, first, second))
    return bool(first == second) or first != first


def kept(value):
    """A copy of `value` that later writing does not reach; what cannot be copied stands for itself by its id."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, dict):
        return {key: kept(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [kept(part) for part in value]
    if isinstance(value, set):
        return sorted(map(repr, value))
    return value if isinstance(value, int | float | complex | str | bytes | None) else id(value)


def facets(value) -> dict:
    """What can be changed about one argument, by the name it has in WORDS."""
    if isinstance(value, nn.Module):
        weights, modules = dict(value.named_parameters()), list(value.modules())
        hooks = [len(getattr(m, name, ())) for m in modules for name in HOOKS]
        hooks += [len(p._backward_hooks or ()) + len(getattr(p, "_post_accumulate_grad_hooks", None) or ())
                  for p in weights.values()]
        own = [(type(m), "forward" in vars(m), "__call__" in vars(m)) for m in modules]
        return {"forward": (hooks, own), "parts": [[id(m) for m in modules], [(k, id(p)) for k, p in weights.items()]],
                "mode": [m.training for m in modules], "requires_grad": [p.requires_grad for p in weights.values()],
                "weights": kept(dict(value.state_dict())), "grad": [kept(p.grad) for p in weights.values()]}
    if isinstance(value, torch.optim.Optimizer):
        weights = [p for group in value.param_groups for p in group["params"]]
        settings = [{k: kept(v) for k, v in group.items() if k != "params"} for group in value.param_groups]
        patched = sorted(set(vars(value)) & {"step", "zero_grad"})
        return {"settings": (settings, [id(p) for p in weights], patched), "state": [
            kept(value.state[p]) if p in value.state else {} for p in weights]}
    if isinstance(value, torch.Tensor):
        return {"values": (kept(value), value._version), "requires_grad": value.requires_grad,
                "grad": kept(value.grad) if value.is_leaf else None}
    if isinstance(value, list | tuple) and any(isinstance(part, nn.Module) for part in value):
        each = [facets(part) for part in value]
        return {name: [one.get(name) for one in each] for name in dict.fromkeys(key for one in each for key in one)}
    if isinstance(value, torch.Generator):
        return {}  # given in order to be drawn from
    return {"values": kept(value)}


def _code(function):
    """The Python function behind a partial, a decorated one or an object that can be called; None if there is none."""
    function = inspect.unwrap(getattr(function, "func", function))
    function = function if hasattr(function, "__code__") else type(function).__dict__.get("__call__")
    function = getattr(function, "__func__", function)
    return function if isinstance(function, FunctionType) else None


def mentioned(function) -> dict:
    """The global variables that a function's code mentions, and those that its helpers of the same module do."""
    found, left, seen = {}, [_code(function)], set()
    while left:
        function = left.pop()
        if function is None or function.__code__ in seen:
            continue
        codes = [function.__code__]
        for code in codes:  # grows: functions written inside the function
            codes.extend(part for part in code.co_consts if isinstance(part, CodeType))
            seen.add(code)
        variables = function.__globals__
        names = {name for code in codes for name in code.co_names if name in variables}
        found |= {name: variables[name] for name in sorted(names)}
        left.extend(v for v in map(variables.get, names) if isinstance(v, FunctionType) and v.__globals__ is variables)
    return found


def outside(function) -> dict:
    """The plain values among the global variables that a function mentions, with a copy of each."""
    plain = int | float | str | list | dict | set | torch.Tensor | np.ndarray | None
    return {f"global {name}": kept(value) for name, value in mentioned(function).items() if isinstance(value, plain)}


def around() -> dict:
    """The state that all code shares."""
    return {"random": torch.get_rng_state(), "numpy.random": kept(list(np.random.get_state())),
            "python.random": random.getstate(), "grad mode": torch.is_grad_enabled(),
            "default dtype": str(torch.get_default_dtype()), "threads": torch.get_num_threads(),
            "deterministic": torch.are_deterministic_algorithms_enabled()}


def put_back(state: dict) -> None:
    """Make what `around` saw so again."""
    torch.set_rng_state(state["random"])
    np.random.set_state(tuple(state["numpy.random"]))
    random.setstate(state["python.random"])
    torch.set_grad_enabled(state["grad mode"])
    torch.set_default_dtype(getattr(torch, state["default dtype"].removeprefix("torch.")))
    torch.use_deterministic_algorithms(state["deterministic"])
    if torch.get_num_threads() != state["threads"]:
        torch.set_num_threads(state["threads"])


@contextlib.contextmanager
def session():
    """Work in a state of known kind, float32 with gradients, and leave the learner's as it was."""
    before = around()
    try:
        with torch.inference_mode(False):
            put_back({**before, "default dtype": "torch.float32", "grad mode": True, "deterministic": False})
            yield
    finally:
        put_back(before)


def snapshot(arguments: dict, function) -> dict:
    """All that a call of `function` must leave alone: its arguments by name, the global state, its global variables."""
    own = {f"{name}.{facet}": state for name, value in arguments.items() for facet, state in facets(value).items()}
    return own | around() | outside(function)


def changed(before: dict, after: dict) -> list[str]:
    """The names of what differs between two snapshots."""
    names = dict.fromkeys([*before, *after])
    return [name for name in names if name not in before or not alike(before[name], after.get(name))]


def words(name: str, draws: bool) -> str:
    """One sentence or two about a changed thing. draws: whether the function is given a generator to draw from."""
    if "random" in name:
        return WORDS[name] + ("Draw from the generator that it is given: generator=rng." if draws else
                              "Nothing here needs random numbers.")
    if name.startswith("global "):
        return WORDS["global"].format(name.removeprefix("global "))
    argument, _, facet = name.partition(".")
    return WORDS.get(name) or WORDS[facet].format(argument)


def shares_memory(result, value) -> bool:
    """Whether a tensor, array or network among `result` lies in the memory of one in `value`."""
    def places(thing):
        if isinstance(thing, nn.Module):
            thing = list(thing.state_dict(keep_vars=True).values())
        if isinstance(thing, list | tuple):
            return set().union(*map(places, thing)) if thing else set()
        if isinstance(thing, np.ndarray):
            while isinstance(thing.base, np.ndarray):
                thing = thing.base
            return places(thing.base) if isinstance(thing.base, torch.Tensor) else {thing.ctypes.data}
        return {thing.untyped_storage().data_ptr()} if isinstance(thing, torch.Tensor) and thing.numel() else set()

    return bool(places(result) & places(value))


def watched(forbidden, function, *arguments):
    """Call the function, and refuse if it calls one of the forbidden ones, by whatever name.

    A call inside an assert statement of the learner's is none: what an assert computes is looked at and thrown away,
    so it is a test of the answer and no part of it. (An assert that binds a name, with :=, is not let off.) Nor is a
    call that a check's own helper makes, which the exercise may offer.

    forbidden: functions, or {function: what to say after its name}.
    """
    if not forbidden:
        return function(*arguments)
    called, plain = [], [inspect.unwrap(f) for f in forbidden]  # a decorator's code is shared by all it decorates

    def look(frame, event, argument) -> None:
        for f in plain:
            here = frame.f_back if event == "call" else frame
            if (getattr(f, "__code__", None) is frame.f_code if event == "call" else
                    event == "c_call" and f is argument) and not _offered(here) and not _asserts(here):
                called.append(f)

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        result = function(*arguments)
    finally:
        sys.setprofile(before)
        # an answer that stops after the call is told of its exception: that is what the learner sees
    if called:
        says = dict(zip(plain, forbidden.values(), strict=True)) if isinstance(forbidden, Mapping) else {}
        raise NotYet(f"Your {getattr(function, '__name__', 'function')} calls {called[0].__qualname__}, and "
                     + says.get(called[0], "that is the whole answer. Write out what it does."))
    return result


def _offered(frame) -> bool:
    """Whether a check's helper made the call, itself or through the package."""
    name = "gan_helpers."
    while frame is not None and name.startswith("gan_helpers.") and frame.f_code is not watched.__code__:
        name = frame.f_globals.get("__name__", "")
        if name.startswith("gan_helpers.exercises."):
            return True
        frame = frame.f_back
    return False


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
