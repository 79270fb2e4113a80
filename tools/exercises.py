"""Make the student versions of the exercises from their solutions.

    python -m tools.exercises            writes notebooks/exercises/
    python -m tools.exercises --check    writes nothing; fails if a student version is missing, stale or left over

A master in notebooks/solutions/ is an nbgrader notebook. The student version has stubs between BEGIN and END SOLUTION,
no cells tagged `solution-only`, and check cells tagged `raises-exception`, so that "Run all" goes on past them.
"""

import argparse
import sys
from pathlib import Path

import nbformat
from nbgrader.preprocessors import ClearSolutions
from traitlets.config import Config

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
STUB = 'raise NotImplementedError("write your answer here, in place of this line")'


def student_version(master: Path) -> str:
    """The text of the student notebook that belongs to a solution notebook."""
    notebook = nbformat.read(master, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if "solution-only" not in cell.metadata.get("tags", [])]
    title = notebook.cells[0].source
    if not title.startswith("# Solutions "):
        raise ValueError(f"{master.name}: its first cell should start with '# Solutions ', got {title[:30]!r}.")
    notebook.cells[0].source = title.replace("# Solutions ", "# Exercises ", 1)
    config = Config({"ClearSolutions": {"code_stub": {"python": STUB}}})
    notebook, _ = ClearSolutions(config=config).preprocess(notebook, {})
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata.tags = [*cell.metadata.get("tags", []), "raises-exception"]
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    notebook.metadata.pop("celltoolbar", None)  # nbgrader's own, of no use to a learner
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def stale(notebooks: Path = NOTEBOOKS) -> dict[Path, str | None]:
    """The student versions that are not what their masters make: path and right text (None: has no master)."""
    wanted = {notebooks / "exercises" / m.name: student_version(m) for m in (notebooks / "solutions").glob("*.ipynb")}
    there = {path: path.read_text("utf-8") for path in (notebooks / "exercises").glob("*.ipynb")}
    return {path: wanted.get(path) for path in sorted(wanted | there) if wanted.get(path) != there.get(path)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only say what is stale")
    check = parser.parse_args().check
    differing = stale()
    for path, text in differing.items():
        name = path.relative_to(NOTEBOOKS.parent)
        if check:
            print(f"{name} is {'left over: it has no master' if text is None else 'stale'}; run: make exercises")
        elif text is None:
            print(f"{name} has no master in notebooks/solutions; delete it")
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8", newline="\n")
            print(f"wrote {name}")
    return 1 if differing and (check or None in differing.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
