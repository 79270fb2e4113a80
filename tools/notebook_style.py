"""The house rules for notebooks: python -m tools.notebook_style prints every complaint.

A rule takes a `Notebook` and returns complaints that tell a maintainer what to do. tests/test_notebook_rules.py proves
of each that it can complain. Those of chapters, figures and exercises are in modules of their own.
"""

import re
import sys
from itertools import pairwise
from pathlib import Path

import nbformat

from tools import chapter_style, exercise_style, figure_style, set_repository, tree
from tools.notebook_file import Notebook, label, outputs, source, tags

CODE_WIDTH = 96  # characters, as many as a laptop shows beside both menus
FIRST_CELL = """\
# Colab only: fetch the course's helper package when it is missing. On your own machine this does nothing.
import importlib.util

if importlib.util.find_spec("gan_helpers") is None:
    %pip install --quiet --no-deps git+https://github.com/{address}"""


def first_cell(book: Notebook) -> list[str]:
    """The first code cell is the same everywhere: it makes the notebook run on Colab."""
    wanted = FIRST_CELL.format(address=set_repository.present(book.root))
    cell = next(iter(book.cells("code")), None)
    if cell is None or source(cell).strip() != wanted:
        return [f"The first code cell must be exactly this:\n{wanted}"]
    return [] if "remove-cell" in tags(cell) else ["Tag the first code cell remove-cell: on the site nobody needs it."]


def stray_outputs(book: Notebook) -> list[str]:
    """Outputs are stored only where nbval compares them."""
    return [
        f"{label(c)} has a stored output. Strip it (python -m tools.lint --strip), or tag it keep_output and "
        "nbval-check-output if it is a rounded verdict line that must not change."
        for c in book.cells("code")
        if outputs(c) and not {"keep_output", "nbval-check-output"} <= tags(c)
    ]


def missing_outputs(book: Notebook) -> list[str]:
    """A cell whose output is compared must have one, or nbval compares with nothing."""
    return [
        f"{label(c)} is tagged nbval-check-output or keep_output, but stores no output. Run it and save, or untag it."
        for c in book.cells("code")
        if {"keep_output", "nbval-check-output"} & tags(c) and not outputs(c)
    ]


def execution_counts(book: Notebook) -> list[str]:
    counted = [c for c in book.cells("code") for part in (c, *outputs(c)) if part.get("execution_count") is not None]
    return [f"{label(c)} has an execution count. Strip it: python -m tools.lint --strip" for c in counted]


def valid_format(book: Notebook) -> list[str]:
    """nbformat 4.5, the first with cell ids."""
    version = (book.data.get("nbformat"), book.data.get("nbformat_minor"))
    if version != (4, 5):
        return [f"The notebook is nbformat {version[0]}.{version[1]}. Save it as 4.5: open it in JupyterLab and save."]
    ids = [cell.get("id") for cell in book.cells()]
    repeated = sorted({str(i) for i in ids if i is None or ids.count(i) > 1})
    if repeated:
        return [f"Cell ids must be there and differ; missing or repeated: {', '.join(repeated)}. Rename all but one."]
    try:
        nbformat.validate(book.data)
    except nbformat.ValidationError as error:
        return [f"Not a valid notebook: {error.message}. Mend it in JupyterLab."]
    return []


def kernel(book: Notebook) -> list[str]:
    spec = book.data["metadata"].get("kernelspec", {})
    if (spec.get("name"), spec.get("display_name")) == ("python3", "Python 3"):
        return []
    return [f"The kernel is {spec}. Write name python3 and display_name Python 3: others are missing elsewhere."]


def one_title(book: Notebook) -> list[str]:
    titles = [title for level, title in book.headings() if level == 1]
    first = book.cells()[0] if book.cells() else {"cell_type": "", "source": ""}
    if len(titles) == 1 and first["cell_type"] == "markdown" and source(first).lstrip().startswith("# "):
        return []
    return [f"One level-1 heading, at the top of the first cell, is the title in the menu. Found: {titles or 'none'}."]


def heading_levels(book: Notebook) -> list[str]:
    return [
        f"The heading {title!r} goes from level {before} to {level}. Use {before + 1}: screen readers go by levels."
        for (before, _), (level, title) in pairwise(book.headings())
        if level > before + 1
    ]


def no_notebook_bars(book: Notebook) -> list[str]:
    return [
        f"{label(c)} imports tqdm.{found[1]}. Write `from tqdm import tqdm`: the other's widgets need another host."
        for c in book.cells("code")
        if (found := re.search(r"\btqdm\.(auto|notebook|autonotebook)\b", source(c)))
    ]


def no_absolute_paths(book: Notebook) -> list[str]:
    pattern = re.compile(r"(?<![\w.:/-])/(?:home|Users|root|tmp|work|mnt|var|opt|content|drive)/\S*|\b[A-Z]:\\\w+|file://\S*")
    return [
        f"{label(c)} names {found[0]!r}, which is there on one machine only. Write the path relative to the notebook."
        for c in book.cells()
        if (found := pattern.search(source(c)))
    ]


def code_width(book: Notebook) -> list[str]:
    """Code that readers see fits the page of a laptop; what is hidden at first may be wider."""
    return [
        f"{label(c)} has a line of {len(line)} characters: {line.strip()[:40]!r}. Wrap it at {CODE_WIDTH}."
        for c in book.cells("code")
        if not {"remove-cell", "hide-input"} & tags(c)
        for line in source(c).splitlines()
        if len(line) > CODE_WIDTH
    ]


EVERYWHERE = (
    first_cell,
    stray_outputs,
    missing_outputs,
    execution_counts,
    valid_format,
    kernel,
    one_title,
    heading_levels,
    no_notebook_bars,
    no_absolute_paths,
    code_width,
)


def rules_for(book: Notebook) -> list:
    """Return the rules that hold for a notebook of this kind."""
    special = {
        "chapters": chapter_style.RULES,
        "solutions": exercise_style.RULES,
        "exercises": exercise_style.STUDENT_RULES,
    }
    return [*EVERYWHERE, *figure_style.RULES, *special[book.kind]]


def complaints(book: Notebook) -> list[str]:
    return [f"{rule.__name__}: {text}" for rule in rules_for(book) for text in rule(book)]


def complaints_of_tree(root: Path = tree.ROOT) -> list[str]:
    """Return every complaint about every notebook of the course."""
    found = []
    for path in tree.notebooks(root):
        try:
            texts = complaints(Notebook.read(path, root))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            texts = [f"cannot be read as a notebook ({type(error).__name__}: {error}). A merge that was not finished?"]
        found += [f"{path.relative_to(root).as_posix()}: {text}" for text in texts]
    return found


if __name__ == "__main__":
    found = complaints_of_tree()
    print(*found or ["No complaints."], sep="\n")
    sys.exit(bool(found))
