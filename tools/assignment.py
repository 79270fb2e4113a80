"""Make an assignment whose numbers nobody else has: the variants of a chapter's exercises, for nbgrader.

    make assignment CHAPTER=01 VARIANT=2027
    python -m tools.assignment 01 2027 [--to assignments]

writes, with the numbers that follow from 2027,

    assignments/release/01_even_numbers_2027/     for the students: stubs, and checks that talk
    assignments/source/01_even_numbers_2027/      the key, with the hidden tests: checks on data drawn anew

Grade it with: make grade SUBMISSIONS=folder ASSIGNMENT=KEY, where KEY is the path of the key.
"""

import argparse
import importlib
import inspect
import random
import re
import sys
import warnings
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.exercises import NOTEBOOKS, without_explanations

LEAST = 3  # exercises that have variants
HIDDEN = """
### BEGIN HIDDEN TESTS
import dataclasses

import torch

anew = [dataclasses.replace(case, make=lambda rng, make=case.make: make(torch.Generator().manual_seed(
    rng.initial_seed() + {seed}))) for case in check_{name}.cases]
dataclasses.replace(check_{name}, cases=anew)({name})
### END HIDDEN TESTS"""


def assignment(chapter: str, variant: int) -> tuple[str, nbformat.NotebookNode]:
    """The name and the key of a chapter's assignment, for a number that decides about everything in it."""
    masters = [path for path in sorted((NOTEBOOKS / "solutions").glob("*.ipynb")) if path.stem.startswith(chapter)]
    if len(masters) != 1:
        raise SystemExit(f"There is no chapter {chapter}. Give its two digits, 01 say.")
    stem, master = masters[0].stem, without_explanations(masters[0])
    module = importlib.import_module(f"gan_helpers.exercises.{stem[3:]}")
    varied = {name: one for name, one in vars(module).items() if callable(getattr(one, "variant", None))}
    if len(varied) < LEAST:
        raise SystemExit(f"Chapter {chapter} has variants of {len(varied)} exercises; an assignment needs {LEAST}.")
    cells = {cell.id: cell for cell in master.cells}
    made = [cells["title"], cells["setup"], new_markdown_cell(
        "Each exercise has a cell for your answer and a cell that checks it and says in words what the answer did. "
        "More is tested when your notebook is graded. You can run the whole notebook at any time: checks of cells that "
        "are still empty answer \"Not yet\".", id="how")]
    made[0].source = re.sub(r"# Solutions (\d+): (.*)", rf"# Exercises \1: \2, variant {variant}", made[0].source)
    imports = [line for line in cells["imports"].source.splitlines() if "gan_helpers.exercises" not in line]
    imports = ["import random", "", *imports, f"from gan_helpers.exercises import {stem[3:]}"]
    made.append(new_code_cell("\n".join(imports), id="imports"))
    for number, (name, exercise) in enumerate(varied.items(), 1):
        other = exercise.variant(random.Random(variant))
        check = next(cell for cell in master.cells if cell.source.strip() == f"check.{name}({name})")
        parameters = ", ".join(inspect.signature(exercise.solution).parameters)
        above = master.cells[:master.cells.index(check)]
        title = next(title[1] for cell in reversed(above) if (title := re.match(r"## .*?: (.+)", cell.source)))
        key = f"{stem[3:]}.{name}.variant(random.Random({variant}))"
        answer = {"grade_id": f"ex{number}-solution", "grade": False, "solution": True, "locked": False}
        checks = {"grade_id": f"ex{number}-check", "grade": True, "solution": False, "locked": True,
                  "points": check.metadata.nbgrader.points}
        marks = {"schema_version": 3, "task": False}
        made += [
            new_markdown_cell(f"## Exercise {number}: {title}\n\n{other.text}", id=f"ex{number}"),
            new_code_cell(f"def {name}({parameters}):\n    ### BEGIN SOLUTION\n"
                          f"    return {key}.solution({parameters})\n"
                          "    ### END SOLUTION", id=answer["grade_id"], metadata={"nbgrader": answer | marks}),
            new_code_cell(f"check_{name} = {key}\ncheck_{name}({name})"
                          + HIDDEN.format(name=name, seed=7 * variant + 1), id=checks["grade_id"],
                          metadata={"tags": ["raises-exception"], "nbgrader": checks | marks}),
        ]
    return f"{stem}_{variant}", new_notebook(cells=made, metadata=master.metadata)


def write(chapter: str, variant: int, to: Path) -> tuple[Path, Path]:
    """The key and the students' version, each where nbgrader looks for it."""
    from tools.grade import prepare
    from tools.grade_one import Limits

    name, key = assignment(chapter, variant)
    source = to / "source" / name / f"{name}.ipynb"
    source.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(key, source)
    prepare(str(source), to, Limits())
    return source, to / "release" / name / f"{name}.ipynb"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chapter")
    parser.add_argument("variant", type=int)
    parser.add_argument("--to", type=Path, default=Path("assignments"))
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    source, release = write(arguments.chapter, arguments.variant, arguments.to.resolve())
    print(f"{release}   for the students\n{source}   the key, with the hidden tests")
    return 0


if __name__ == "__main__":
    sys.exit(main())
