"""The rules for exercises: notebooks/solutions (nbgrader's cell format) and the student versions made from them."""

import re

from tools.notebook_file import Notebook, label, source, tags

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


def grading(cell: dict) -> dict:
    """Return a cell's nbgrader metadata; empty when it has none."""
    return cell["metadata"].get("nbgrader", {})


def is_solution(cell: dict) -> bool:
    return bool(grading(cell).get("solution"))


def is_check(cell: dict) -> bool:
    return bool(grading(cell).get("grade")) and not is_solution(cell)


def shared_cells(book: Notebook) -> list[dict]:
    """Return the cells that also go into the student version."""
    return [cell for cell in book.cells() if "solution-only" not in tags(cell)]


def exercises(book: Notebook) -> dict[str, list[dict]]:
    """Return the cells under each heading `Exercise N`, its own included, as a learner gets them."""
    found, current = {}, None
    for cell in shared_cells(book):
        if cell["cell_type"] == "markdown":
            heading = re.search(r"^#+ +(?:(Exercise \d+)|.+)", source(cell), re.MULTILINE)
            current = heading[1] if heading else current
            if current and heading:
                found.setdefault(current, [])
        if current:
            found[current].append(cell)
    return found


def numbered(book: Notebook) -> list[str]:
    """Objectives and learners refer to exercises by number."""
    numbers = [int(n) for _, title in book.headings() for n in re.findall(r"^Exercise (\d+)", title)]
    if numbers and numbers == list(range(1, len(numbers) + 1)):
        return []
    return [f"Head the exercises `## Exercise 1`, `## Exercise 2`, ... in order, each its own cell; found {numbers}."]


def solution_and_check(book: Notebook) -> list[str]:
    """Each exercise has a gap to fill and, directly after it, a check that says what is wrong."""
    found, groups = [], exercises(book)
    placed = [cell for cells in groups.values() for cell in cells]
    for cell in book.cells():
        if is_solution(cell) and cell not in placed:
            found.append(f"{label(cell)} stands under no heading `Exercise N`. Give it one.")
    for name, cells in groups.items():
        solutions = [i for i, cell in enumerate(cells) if is_solution(cell)]
        if not solutions:
            found.append(f"{name} has no solution cell. Give its code cell nbgrader metadata with solution: true.")
        for i in solutions:
            if i + 1 == len(cells) or not is_check(cells[i + 1]):
                found.append(f"{name}: put a check cell (nbgrader grade: true) directly after {label(cells[i])}.")
    return found


def marked_solutions(book: Notebook) -> list[str]:
    """Without the marks the student version would hold the answer."""
    return [
        f"{label(cell)}: put the answer between lines `{BEGIN}` and `{END}`."
        for cell in book.cells("code")
        if is_solution(cell) and not re.search(rf"^\s*{BEGIN}\n.*\S.*^\s*{END}", source(cell), re.DOTALL | re.MULTILINE)
    ]


def locked_checks(book: Notebook) -> list[str]:
    """A learner must not edit a check, and an instructor needs its points."""
    return [
        f"{label(cell)}: a check needs locked: true and points above 0 in its nbgrader metadata."
        for cell in book.cells("code")
        if is_check(cell) and not (grading(cell).get("locked") is True and grading(cell).get("points", 0) > 0)
    ]


def own_grade_ids(book: Notebook) -> list[str]:
    ids = grade_ids(book)
    repeated = sorted({i for i in ids if ids.count(i) > 1})
    return [f"Two cells have the grade_id {i!r}. Rename one: nbgrader joins on it." for i in repeated]


def grade_ids(book: Notebook) -> list[str]:
    return [grading(cell)["grade_id"] for cell in shared_cells(book) if grading(cell)]


def partner(book: Notebook, folder: str) -> Notebook | None:
    """Return the notebook of the same name in `folder`, if it is there."""
    path = book.path.parent.parent / folder / book.path.name
    return Notebook.read(path, book.root) if path.exists() else None


def has_student_version(book: Notebook) -> list[str]:
    student = partner(book, "exercises")
    if student is None:
        return ["There is no student version. Write it: make exercises"]
    if grade_ids(student) != grade_ids(book):
        return ["The student version has other grade_ids. Write it anew: make exercises"]
    return []


def belongs_to_a_chapter(book: Notebook) -> list[str]:
    there = (book.path.parent.parent / book.path.name).exists()
    return [] if there else [f"There is no chapter notebooks/{book.path.name}. Name the exercises as their chapter."]


def made_from_solutions(book: Notebook) -> list[str]:
    solutions = partner(book, "solutions")
    if solutions is None:
        return [f"notebooks/solutions/{book.path.name} is missing, and this file is made from it. Write that one."]
    return []


def no_answers(book: Notebook) -> list[str]:
    return [
        f"{label(cell)} still holds a solution. Write the student version anew: make exercises"
        for cell in book.cells()
        if BEGIN in source(cell) or END in source(cell)
    ]


RULES = (
    numbered,
    solution_and_check,
    marked_solutions,
    locked_checks,
    own_grade_ids,
    has_student_version,
    belongs_to_a_chapter,
)
STUDENT_RULES = (numbered, solution_and_check, locked_checks, own_grade_ids, made_from_solutions, no_answers)
