"""Make the student versions of the exercises from their solutions.

    python -m tools.exercises            writes notebooks/exercises/
    python -m tools.exercises --check    writes nothing; fails if a student version is missing, stale or left over
    python -m tools.exercises --masters FOLDER    writes the masters for nbgrader, which cannot leave out cells itself:
                                                  an assignment a chapter, FOLDER/02_name/02_name.ipynb,
                                                  and nbgrader's settings beside FOLDER, unless there are some

A master in notebooks/solutions/ is an nbgrader notebook. The student version has stubs between BEGIN and END SOLUTION,
no cells tagged `solution-only`, and check cells tagged `raises-exception`, so that "Run all" goes on past them.
"""

import argparse
import sys
from pathlib import Path

import nbformat
from nbgrader.preprocessors import ClearSolutions
from traitlets.config import Config

from gan_helpers.exercises import STUB

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
MARKS = ["### BEGIN SOLUTION", "### END SOLUTION"]
CODE_STUB = f'raise NotImplementedError("{STUB}")'


def without_explanations(master: Path) -> nbformat.NotebookNode:
    """A solution notebook with its answers, less the cells that explain them: what nbgrader takes as a source."""
    notebook = nbformat.read(master, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if "solution-only" not in cell.metadata.get("tags", [])]
    return notebook


def as_source(master: Path) -> nbformat.NotebookNode:
    """A master as nbgrader hands it out well: headed as exercises, and going on past the checks under "Run all"."""
    notebook = without_explanations(master)
    notebook.cells[0].source = notebook.cells[0].source.replace("# Solutions ", "# Exercises ", 1)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata.tags = sorted({*cell.metadata.get("tags", []), "raises-exception"})
    return notebook


def student_version(master: Path) -> str:
    """The text of the student notebook that belongs to a solution notebook."""
    try:
        notebook = without_explanations(master)
        title = notebook.cells[0].source
    except (ValueError, IndexError, AttributeError) as error:
        raise SystemExit(f"{master.name} cannot be read as a notebook: {type(error).__name__}: {error}") from error
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            marks = [line.strip() for line in cell.source.splitlines() if line.strip() in MARKS]
            if not marks or marks != MARKS * (len(marks) // 2):
                raise SystemExit(f"{master.name}: cell {cell.metadata.nbgrader.grade_id} needs pairs of the lines "
                                 f"'{MARKS[0]}' and '{MARKS[1]}', it has {marks}.")
    if not title.startswith("# Solutions "):
        raise ValueError(f"{master.name}: its first cell should start with '# Solutions ', got {title[:30]!r}.")
    notebook.cells[0].source = title.replace("# Solutions ", "# Exercises ", 1)
    config = Config({"ClearSolutions": {"code_stub": {"python": CODE_STUB}}})
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
    parser.add_argument("--masters", type=Path, metavar="FOLDER", help="write nbgrader's sources there instead")
    arguments = parser.parse_args()
    if arguments.masters:
        for master in (NOTEBOOKS / "solutions").glob("*.ipynb"):
            folder = arguments.masters / master.stem
            folder.mkdir(parents=True, exist_ok=True)
            nbformat.write(as_source(master), folder / master.name)
        settings = arguments.masters / ".." / "nbgrader_config.py"  # so that a stub is answered in words
        if not settings.exists():
            stub = {"python": CODE_STUB}
            settings.write_text(f"c = get_config()\nc.ClearSolutions.code_stub = {stub!r}\n", "utf-8")
        return 0
    differing = stale()
    for path, text in differing.items():
        name = path.relative_to(NOTEBOOKS.parent).as_posix()
        if text is None:
            print(f"{name} has no master in notebooks/solutions; delete it")
        elif arguments.check:
            print(f"{name} is stale; run: make exercises")
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8", newline="\n")
            print(f"wrote {name}")
    return int((arguments.check and bool(differing)) or None in differing.values())


if __name__ == "__main__":
    sys.exit(main())
