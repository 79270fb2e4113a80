"""The house rules for chapters and solutions: python -m tools.notebook_rules prints every complaint.

A rule takes a `Notebook` and yields what a maintainer should do. What ruff, nbstripout and the strict build see is not
here, and tools/exercises.py proves that a student version is what its solutions make. The block at the top of a
chapter, in one Markdown cell, reads like this:

    **60 minutes.** **You need:** chapter 1, and what a linear layer is.

    **After this chapter you can**

    1. enumerate what a generator makes of every noise value (exercise 1);
    2. ...
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import yaml
from nbformat.v4.rwbase import rejoin_lines

ROOT = Path(__file__).resolve().parent.parent
REPOSITORY = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["repository"]["url"]
FIRST_CELL = f"""\
# Colab only: fetch the course's helper package when it is missing. On your own machine this does nothing.
import importlib.util

if importlib.util.find_spec("gan_helpers") is None:
    %pip install --quiet --no-deps git+{REPOSITORY}"""
CODE_WIDTH = 96  # characters, of a cell that is shown
EXERCISE_WIDTH = 84  # as many as a page of 1280 pixels shows beside both menus
VISIBLE_LINES, VISIBLE_WIDTH = 15, 88  # of a cell that is not folded, blank lines not counted
SHORTEST_ALT = 20
KINDS = ("Write it", "Predict", "Find the bug", "Change it", "Train it", "Diagnose")
PYPLOT = {"show", "subplots", "figure", "plot", "imshow", "hist", "bar", "scatter", "stem"}
PATHS = re.compile(r"(?<![\w.:/-])/(?:home|Users|root|tmp|work|mnt|var|opt|content|drive)/\S*|\b[A-Z]:\\\w+|file://\S*")
OBJECTIVES = r"\*\*After this chapter you can\b"


class Notebook:
    """A notebook as it lies on disk: `data` is its content, `kind` is chapters, or its folder: solutions, how_to."""

    def __init__(self, path: Path):
        # not nbformat.reads, which repairs what it reads
        self.path, self.data = path, rejoin_lines(nbformat.from_dict(json.loads(path.read_text("utf-8"))))
        self.kind = path.parent.name if path.parent.name in RULES else "chapters"

    @property
    def code(self) -> list:
        return [cell for cell in self.data.cells if cell.cell_type == "code"]

    @property
    def text(self) -> str:
        """The Markdown of all cells, code blocks left out."""
        text = "\n\n".join(cell.source for cell in self.data.cells if cell.cell_type == "markdown")
        return re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)

    def section(self, title: str) -> str:
        """Return the Markdown under the level-2 heading that starts with `title`; empty when there is none."""
        found = re.search(rf"^## +{title}.*?$(.*?)(?=^#{{1,2}} |\Z)", self.text, re.M | re.S | re.I)
        return found[1] if found else ""

    def exercise_numbers(self) -> list[int]:
        return [int(number) for number in re.findall(r"^#+ +Exercise (\d+)", self.text, re.M)]


def tags(cell) -> set[str]:
    return set(cell.metadata.get("tags", []))


def label(cell) -> str:
    """Name a cell so that it can be found: its id and its first line."""
    return f"cell {cell.get('id', '?')} ({cell.source.strip().partition(chr(10))[0][:60]!r})"


# --- every notebook ---


def valid_format(book: Notebook) -> Iterator[str]:
    """nbformat 4.5, the first with cell ids, and a kernel that is there on every machine."""
    version = (book.data.nbformat, book.data.nbformat_minor)
    if version != (4, 5):
        yield f"The notebook is nbformat {version[0]}.{version[1]}. Save it as 4.5: open it in JupyterLab and save."
    ids = [cell.get("id") for cell in book.data.cells]
    if repeated := sorted({str(i) for i in ids if i is None or ids.count(i) > 1}):
        yield f"Cell ids must be there and differ; missing or repeated: {', '.join(repeated)}. Rename all but one."
    else:
        try:
            nbformat.validate(book.data)
        except nbformat.ValidationError as error:
            yield f"Not a valid notebook: {error.message}. Mend it in JupyterLab."
    kernel = book.data.metadata.get("kernelspec", {})
    if (kernel.get("name"), kernel.get("display_name")) != ("python3", "Python 3"):
        yield f"The kernel is {dict(kernel)}. Name it python3, display_name Python 3: others are missing elsewhere."


def first_cell(book: Notebook) -> Iterator[str]:
    """The first code cell is the same everywhere: it makes the notebook run on Colab."""
    if not book.code or book.code[0].source.strip() != FIRST_CELL:
        yield f"The first code cell must be exactly this:\n{FIRST_CELL}"
    elif "remove-cell" not in tags(book.code[0]):
        yield "Tag the first code cell remove-cell: on the site nobody needs it."


def stored_outputs(book: Notebook) -> Iterator[str]:
    """An output is stored where nbval compares it, and nowhere else."""
    both = {"keep_output", "nbval-check-output"}
    for cell in book.code:
        if tags(cell) & both and not (both <= tags(cell) and cell.get("outputs")):
            yield f"{label(cell)}: give it a stored output and both tags, {' and '.join(sorted(both))}, or neither."


def no_absolute_paths(book: Notebook) -> Iterator[str]:
    for cell in book.data.cells:
        if found := PATHS.search(cell.source):
            yield f"{label(cell)} names {found[0]!r}, which is there on one machine only. Write a relative path."


def code_width(book: Notebook) -> Iterator[str]:
    """Code that readers see fits the page of a laptop; what is hidden at first may be wider."""
    for cell in book.code:
        widest = max(cell.source.splitlines(), key=len, default="")
        most = EXERCISE_WIDTH if book.kind == "solutions" else CODE_WIDTH
        if len(widest) > most and not {"remove-cell", "hide-input", "hide-cell"} & tags(cell):
            yield f"{label(cell)} has a line wider than {most} characters: {widest.strip()[:40]!r}. Wrap it."


def statements(source: str) -> list[ast.stmt]:
    """Parse a cell; IPython's own lines (%pip, !ls) count as nothing."""
    try:
        return ast.parse(re.sub(r"^(\s*)[%!].*", r"\1pass", source, flags=re.M)).body
    except SyntaxError:  # an exercise may hold a gap on purpose
        return []


def draws(node: ast.AST, drawing: set[str]) -> bool:
    """Tell whether running `node` draws, by plots, pyplot, Image, HTML or a function in `drawing`."""
    for call in (n for n in ast.walk(node) if isinstance(n, ast.Call)):
        match ast.unparse(call.func).split("."):
            case ["plots", name, *_] if name != "style":
                return True
            case ["plt", name] if name in PYPLOT:
                return True
            case [*_, name] if name in {"Image", "HTML", "SVG", "animate"} | drawing:
                return True
    return False


def alt_texts(book: Notebook) -> Iterator[str]:
    """Every cell that draws a figure has an alt text; without one the page shows the name of a file."""
    drawing = set()
    for cell in book.code:
        body = statements(cell.source)
        for node in body:
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gan_helpers.plots") and (
                    [name.name for name in node.names] != ["style"]):
                yield f"{label(cell)}: `from gan_helpers import plots`, so that a figure is seen to come from there."
            if isinstance(node, ast.FunctionDef) and draws(node, drawing):
                drawing.add(node.name)
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        running = [node for node in body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]
        if "plots.images.player(" in cell.source:
            continue  # its alt text is an argument
        if len(alt.strip()) < SHORTEST_ALT and any(draws(node, drawing) for node in running):
            yield (f"{label(cell)} draws a figure. Say in its metadata, mystnb.image.alt, in {SHORTEST_ALT} characters "
                   f"or more what there is to see; now it is {alt!r}.")


def captions(book: Notebook) -> Iterator[str]:
    """Every figure has a caption that says what to see in it; the site numbers them."""
    for cell in book.code:
        about = cell.metadata.get("mystnb", {})
        if about.get("image") and not about.get("figure", {}).get("caption", "").strip():
            yield f"{label(cell)} draws a figure without a caption. Say in mystnb.figure.caption what to see in it."


def visible_code(book: Notebook) -> Iterator[str]:
    """What a reader sees of a cell at first is an idea, not bookkeeping."""
    for cell in book.code:
        if {"remove-cell", "remove-input", "hide-input", "hide-cell"} & tags(cell):
            continue
        lines = [line for line in cell.source.splitlines() if line.strip()]
        widest = max(map(len, lines), default=0)
        if len(lines) > VISIBLE_LINES or widest > VISIBLE_WIDTH:
            yield (f"{label(cell)} shows {len(lines)} lines, the widest of {widest} characters; at most "
                   f" {VISIBLE_LINES} and {VISIBLE_WIDTH}. Fold what is not the idea: tag it hide-input.")


# --- chapters ---


def objectives(book: Notebook) -> Iterator[str]:
    """The block at the top: time, prerequisites, and objectives that can be tested, each by the exercise it names."""
    cells = [cell.source for cell in book.data.cells if re.search(OBJECTIVES, cell.source)]
    block = cells[0] if cells else ""
    if not re.search(r"\*\*\d+ minutes", block):
        yield "Say beside the objectives how long the chapter takes: `**60 minutes.**`"
    if not re.search(r"\*\*You need\W+\w+", block):
        yield "Say beside the objectives what a learner must know: `**You need:** what a loss is.`"
    after = re.split(OBJECTIVES, block, maxsplit=1)[-1]
    items = re.findall(r"^ *(?:[-*]|\d+[.)]) +(.+(?:\n(?! *(?:[-*]|\d+[.)]) |\s*$).+)*)", after, re.M)
    if not 3 <= len(items) <= 5:
        yield f"List 3 to 5 objectives after `**After this chapter you can**`, not {len(items)}."
    solutions = book.path.parent / "solutions" / book.path.name
    known = set(Notebook(solutions).exercise_numbers()) if solutions.exists() else set()
    for item in (re.sub(r"\s+", " ", item) for item in items):
        named = " ".join(re.findall(r"exercises?\s+(\d[\d,\s and–-]*)", item, re.I))
        numbers = set(map(int, re.findall(r"\d+", named)))
        if not numbers:
            yield f"Tie the objective {item[:60]!r} to an exercise: end it with (exercise 1)."
        elif unknown := numbers - known:
            yield f"The objective {item[:60]!r} names {sorted(unknown)}, exercises that the solutions do not have."


def links_its_exercises(book: Notebook) -> Iterator[str]:
    name = f"exercises/{book.path.stem}"
    if name not in book.section("Exercises"):
        yield f"End with a section `## Exercises` that links to {name}.ipynb."


def quick_questions(book: Notebook) -> Iterator[str]:
    text = book.section("Quick questions")
    opened, closed, summaries = (text.count(mark) for mark in ("<details", "</details>", "<summary>"))
    if not (4 <= opened <= 6 and opened == closed == summaries):
        yield ("A section `## Quick questions` asks 4 to 6 questions, each "
               "`<details><summary>question</summary>answer</details>`; "
               f"found {opened} <details>, {summaries} <summary>, {closed} </details>.")


# --- solutions, in nbgrader's cell format ---


def grading(cell) -> dict:
    return cell.metadata.get("nbgrader", {})


def is_check(cell) -> bool:
    return bool(grading(cell).get("grade")) and not grading(cell).get("solution")


def numbered(book: Notebook) -> Iterator[str]:
    """Objectives and learners refer to exercises by number."""
    numbers = book.exercise_numbers()
    if not numbers or numbers != list(range(1, len(numbers) + 1)):
        yield f"Head the exercises `## Exercise 1`, `## Exercise 2`, ... in order, each its own cell; found {numbers}."


def solution_and_check(book: Notebook) -> Iterator[str]:
    """Each exercise has a gap to fill and, directly after it, a check that says what is wrong."""
    cells = [cell for cell in book.data.cells if "solution-only" not in tags(cell)]  # as a learner gets them
    heading, solved = None, set()
    for cell, following in zip(cells, [*cells[1:], None], strict=True):
        if cell.cell_type == "markdown" and (found := re.search(r"^#+ +(.+)", cell.source, re.M)):
            heading = found[1] if found[1].startswith("Exercise ") else None
        if grading(cell).get("solution"):
            solved.add(heading)
            if heading is None:
                yield f"{label(cell)} stands under no heading `Exercise N`. Give it one."
            if following is None or not is_check(following):
                yield f"Put a check cell (nbgrader grade: true) directly after {label(cell)}."
        if is_check(cell) and not (grading(cell).get("locked") is True and grading(cell).get("points", 0) > 0):
            yield f"{label(cell)}: a check needs locked: true and points above 0 in its nbgrader metadata."
    for number in book.exercise_numbers():
        if not any(re.match(rf"Exercise {number}\b", title or "") for title in solved):
            yield f"Exercise {number} has no solution cell. Give its code cell nbgrader metadata with solution: true."


def told_in_advance(book: Notebook) -> Iterator[str]:
    """A learner knows what an exercise asks for before it is begun, and finds hints, each inside the one before."""
    total = 0
    for cell in book.data.cells:
        if not (cell.cell_type == "markdown" and (heading := re.match(r"## (Exercise \d+)", cell.source))):
            continue
        line = re.match(rf"## .*\n\n\*(?:{'|'.join(KINDS)}) · (\d+) minutes? · (easy|medium|hard)\*\n", cell.source)
        if line is None:
            yield f"Say under the heading of {heading[1]} what it is, as `*Find the bug · 10 minutes · medium*`: " \
                f"{', '.join(KINDS)}; easy, medium or hard."
            continue
        total += int(line[1])
        marks = "".join(a or b for a, b in re.findall(r"<summary>Hint (\d)</summary>|</details(>)", cell.source))
        hints = marks.rstrip(">")
        if marks != "123456789"[:len(hints)] + ">" * len(hints):
            yield f"{heading[1]}: number its hints from 1, each <details> in the one before, so that they open one " \
                "at a time."
        if not hints and line[2] != "easy":
            yield f"{heading[1]} is {line[2]}: give it hints, in <details><summary>Hint 1</summary>."
    said = re.search(r"\*\*(\d+) minutes", book.data.cells[0].source)
    if total and (said is None or abs(int(said[1]) - total) > 2.5):
        yield f"The exercises take {total} minutes together. Say so in the first cell, rounded to five."


def belongs_to_a_chapter(book: Notebook) -> Iterator[str]:
    if not (book.path.parent.parent / book.path.name).exists():
        yield f"There is no chapter notebooks/{book.path.name}. Name the exercises as their chapter."


EVERYWHERE = (valid_format, first_cell, stored_outputs, no_absolute_paths, code_width, alt_texts)
RULES = {
    "chapters": (*EVERYWHERE, captions, visible_code, objectives, links_its_exercises, quick_questions),
    "solutions": (*EVERYWHERE, numbered, solution_and_check, told_in_advance, belongs_to_a_chapter),
    "how_to": (*EVERYWHERE, captions, visible_code),
}


def notebooks(root: Path = ROOT) -> list[Path]:
    return sorted(path for path in (root / "notebooks").rglob("*.ipynb") if path.parent.name != "exercises")


def complaints(path: Path) -> list[str]:
    """Return what the rules say about one notebook, each complaint headed by the rule's name."""
    try:
        book = Notebook(path)
        return [f"{rule.__name__}: {text}" for rule in RULES[book.kind] for text in rule(book)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return [f"cannot be read as a notebook ({type(error).__name__}: {error}). A merge that was not finished?"]


if __name__ == "__main__":
    found = [f"{path.relative_to(ROOT).as_posix()}: {text}" for path in notebooks() for text in complaints(path)]
    print("\n".join(found))
    sys.exit(bool(found))
