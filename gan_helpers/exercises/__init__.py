"""What the exercises are checked with, one module a chapter.

A check says in words what the answer did. A right answer prints a line; any other raises NotYet, which a notebook
shows without a traceback and which an autograder scores as a failed cell.
"""

import textwrap

STUB = "write your answer here, in place of this line"  # what an answer that is not there yet raises
WIDTH = 78  # characters in a line of what a check says


class NotYet(AssertionError):
    """The answer is not right yet; the message says what it did and where to look."""

    def _render_traceback_(self) -> list[str]:  # IPython shows this instead of a traceback
        words = str(self)
        return [textwrap.fill(f"Not yet. {words[:1].upper()}{words[1:]}", WIDTH)]


def require(condition, message: str) -> None:
    """Raise NotYet with `message` unless `condition` holds."""
    if not condition:
        raise NotYet(message)


def ask(answer, *arguments):
    """Call the learner's function; turn a stub, a missing return and an exception into words."""
    name = getattr(answer, "__name__", "function")
    require(callable(answer), f"this should be a function, not the {type(answer).__name__} {answer!r:.60}.")
    try:
        result = answer(*arguments)
    except NotImplementedError as stub:
        if STUB not in str(stub):  # torch raises these too
            raise NotYet(f"Your {name} stopped with {type(stub).__name__}: {stub}") from stub
        raise NotYet(f"Your {name} is still the stub. Write it, run its cell, then run this check again.") from stub
    except Exception as error:
        raise NotYet(f"Your {name} stopped with {type(error).__name__}: {error}") from error
    require(result is not None, f"Your {name} gave back None. Does it end with a return?")
    return result


def right(message: str) -> None:
    """Say that the answer is right, and what to take from it."""
    print(textwrap.fill(f"Right. {message}", WIDTH))
