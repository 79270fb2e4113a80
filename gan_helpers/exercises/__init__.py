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


def right(message: str) -> None:
    """Say that the answer is right, and what to take from it."""
    print(textwrap.fill(f"Right. {message}", WIDTH))
