"""A small chapter and its solutions that keep all the rules, for tests that then break one."""

import copy
import json
from pathlib import Path

from tools.notebook_rules import FIRST_CELL

ALT = "A curve that falls from 1 to 0 within ten steps."
ABOUT = {"figure": {"caption": "Look at its end."}, "image": {"alt": ALT}}
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

OPENING = """# 1. A chapter

**10 minutes.** **You need:** what a number is.

**After this chapter you can**

1. add two numbers, also when they
   are large (exercise 1);
2. subtract them (exercise 2);
3. do both (exercises 1 and 2)."""
QUESTIONS = "## Quick questions\n\n" + "\n\n".join(
    f"<details><summary>What is {n} + 1?</summary>\n\n{n + 1}\n\n</details>" for n in range(4)
)


def markdown(text: str) -> dict:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def code(text: str, **metadata) -> dict:
    return {"cell_type": "code", "execution_count": None, "metadata": metadata, "outputs": [], "source": text}


def notebook(*cells: dict) -> dict:
    """Return a notebook of these cells, the canonical code cell after the first, with ids by position."""
    first = code(FIRST_CELL, tags=["remove-cell"])
    cells = [cells[0], first, *cells[1:]]
    return {
        "cells": [{"id": f"cell-{i}", **cell} for i, cell in enumerate(cells)],
        "metadata": copy.deepcopy(METADATA),
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def graded(grade_id: str, **values) -> dict:
    plain = dict.fromkeys(("grade", "locked", "solution", "task"), False)
    return {"nbgrader": {**plain, "grade_id": grade_id, "schema_version": 3, **values}}


HINTS = """<details><summary>Hint 1</summary>

Which number?

<details><summary>Hint 2</summary>

The one in the heading.

</details></details>"""


def exercise(number: int, answer: str) -> list[dict]:
    """Return heading, solution cell and check cell."""
    check = graded(f"check-{number}", grade=True, locked=True, points=1)
    return [
        markdown(f"## Exercise {number}\n\n*Write it · 5 minutes · medium*\n\nWrite `answer_{number}`.\n\n{HINTS}"),
        code(f"def answer_{number}():\n{answer}", **graded(f"answer-{number}", solution=True)),
        code(f"assert answer_{number}() == {number}", **check),
    ]


def solution(number: int) -> str:
    return f"    ### BEGIN SOLUTION\n    return {number}\n    ### END SOLUTION"


def chapter() -> dict:
    return notebook(
        markdown(OPENING),
        code("from gan_helpers import plots\n\nplots.curves([1, 0])", mystnb=copy.deepcopy(ABOUT)),
        markdown("## Exercises\n\n[Do them](exercises/01_sample.ipynb)."),
        markdown(QUESTIONS),
    )


def solutions() -> dict:
    return notebook(markdown("# Solutions\n\n**10 minutes.**"), *exercise(1, solution(1)), *exercise(2, solution(2)))


def how_to() -> dict:
    return notebook(markdown("# How to\n\nLook."), chapter()["cells"][2])


def write_course(root: Path, change: str = "", mutate=lambda data: None) -> dict[str, Path]:
    """Write a notebook of each kind under `root`, that of kind `change` after `mutate`; return their paths by kind."""
    made = {"chapters": chapter(), "solutions": solutions(), "how_to": how_to()}
    paths = {kind: root / "notebooks" / ("" if kind == "chapters" else kind) / "01_sample.ipynb" for kind in made}
    for kind, path in paths.items():
        if kind == change:
            mutate(made[kind])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(made[kind], indent=1) + "\n")
    return paths
