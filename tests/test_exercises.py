"""The student versions: fresh, honest about what is still to do, and gradable with nbgrader."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

from tools import exercises

ROOT = exercises.NOTEBOOKS.parent
NAME = "01_even_numbers.ipynb"
MARKS = re.compile(r"^ *### (BEGIN|END) SOLUTION\n", flags=re.M)


def grade_id(cell) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def checks(notebook) -> list:
    return [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]


@pytest.fixture
def copy(tmp_path) -> Path:
    """A notebooks folder of one's own."""
    for kind in ("solutions", "exercises"):
        (tmp_path / kind).mkdir()
        shutil.copy(exercises.NOTEBOOKS / kind / NAME, tmp_path / kind / NAME)
    return tmp_path


@pytest.fixture(scope="module")
def kernels_find_us():
    """Kernels that start elsewhere import gan_helpers from this checkout; nbgrader finds the alembic beside Python."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        yield


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_the_student_versions_are_fresh():
    assert exercises.stale() == {}, "run: make exercises"


def test_a_changed_master_makes_its_student_version_stale(copy):
    assert exercises.stale(copy) == {}
    change(copy / "solutions" / NAME, "Write the sampler", "Please write the sampler")
    assert list(exercises.stale(copy)) == [copy / "exercises" / NAME]


def test_a_changed_solution_alone_does_not(copy):
    change(copy / "solutions" / NAME, "return 42, 84", "return 0, 126")
    assert exercises.stale(copy) == {}


def test_missing_and_left_over_student_versions_are_found(copy):
    (copy / "exercises" / NAME).rename(copy / "exercises" / "99_gone.ipynb")
    found = exercises.stale(copy)
    assert {path.name: text is None for path, text in found.items()} == {NAME: False, "99_gone.ipynb": True}


@pytest.mark.parametrize(("fresh", "code", "says"), [(True, 0, ""), (False, 1, f"notebooks/exercises/{NAME} is stale")])
def test_the_check_command_says_it_and_writes_nothing(tmp_path, fresh, code, says):
    shutil.copytree(ROOT / "tools", tmp_path / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(exercises.NOTEBOOKS, tmp_path / "notebooks", ignore=shutil.ignore_patterns(".*"))
    student = tmp_path / "notebooks" / "exercises" / NAME
    if not fresh:
        change(student, "Exercise 3", "Exercise three")
    before = student.read_bytes()
    command = [sys.executable, "-m", "tools.exercises", "--check"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (said.returncode, says in said.stdout) == (code, True)
    assert student.read_bytes() == before


def test_the_student_version_shows_no_solution():
    text = (exercises.NOTEBOOKS / "exercises" / NAME).read_text("utf-8")
    for spoiler in ("SOLUTION", "softplus(-", "42, 84", "torch.eye", "noise == 1", "six.sum", "squeeze"):
        assert spoiler not in text


@pytest.mark.usefixtures("kernels_find_us")
def test_run_all_on_a_fresh_student_version_says_not_yet_at_every_check_and_nothing_else():
    notebook = nbformat.read(exercises.NOTEBOOKS / "exercises" / NAME, as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()  # raises if any other cell does
    assert len(checks(notebook)) == 11
    for cell in checks(notebook):
        (error,) = cell.outputs
        function = re.fullmatch(r"check\.\w+\((\w+)\)", cell.source)[1]
        words = f"Your {function} is still the stub. Write it, run its cell, then run this check again."
        assert (error.ename, error.evalue) == ("NotYet", words)
        assert " ".join(error.traceback).split() == f"Not yet. {words}".split()
    others = [cell for cell in notebook.cells if cell.cell_type == "code" and cell not in checks(notebook)]
    assert all(output.output_type == "stream" for cell in others for output in cell.outputs)


def submit(released: Path, to: Path, answers: dict) -> None:
    """Hand in the released notebook with these answers written into its cells: {grade_id: source}."""
    notebook = nbformat.read(released, as_version=4)
    for cell in notebook.cells:
        cell.source = answers.get(grade_id(cell), cell.source)
    to.parent.mkdir(parents=True)
    nbformat.write(notebook, to)


CHAPTERS = sorted(path.stem for path in (exercises.NOTEBOOKS / "solutions").glob("*.ipynb"))
SOME, SOME_BRING = ("ex1-solution", "ex2-solution", "ex4-solution"), 3  # answers, and what they bring


@pytest.fixture(scope="module")
def course(tmp_path_factory, kernels_find_us) -> tuple[NbGraderAPI, Path]:
    """nbgrader's course, and its folder, with all assignments made from what the command writes for it."""
    root = tmp_path_factory.mktemp("course")
    subprocess.run([sys.executable, "-m", "tools.exercises", "--masters", str(root / "source")], cwd=ROOT, check=True)
    config = Config({"CourseDirectory": {"root": str(root), "db_url": f"sqlite:///{root}/gradebook.db"},
                     "Exchange": {"root": str(root / "exchange")},
                     "ExecutePreprocessor": {"timeout": 120}})  # fmt: skip
    grader = NbGraderAPI(config=config)
    for chapter in CHAPTERS:
        made = grader.generate_assignment(chapter)
        assert made["success"], made.get("log")
    return grader, root


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_nbgrader_releases_every_chapter_without_its_solutions(course, chapter):
    text = (course[1] / "release" / chapter / f"{chapter}.ipynb").read_text("utf-8")
    assert "### " not in text and "raise NotImplementedError" in text
    for spoiler in ("SOLUTION", "solution-only", "Without `detach` the weights"):
        assert spoiler not in text


@pytest.mark.filterwarnings("ignore:Object of type:Warning")  # of nbgrader's own queries
@pytest.mark.parametrize("chapter", ["01_even_numbers", "03_gaussian"])  # functions, steps and a training
def test_nbgrader_gives_full_and_partial_points(course, chapter):
    grader, root = course
    notebook = root / "release" / chapter / f"{chapter}.ipynb"
    master = nbformat.read(exercises.NOTEBOOKS / "solutions" / notebook.name, as_version=4)
    answers = {grade_id(c): MARKS.sub("", c.source) for c in master.cells if grade_id(c).endswith("-solution")}
    every_point = sum(cell.metadata.nbgrader.points for cell in checks(master))
    students, points = {"full": answers}, {"full": every_point}
    if chapter == "01_even_numbers":
        some = {key: answers[key] for key in SOME}
        assert ".detach()" in some["ex4-solution"]
        some["ex4-solution"] = some["ex4-solution"].replace(".detach()", "")
        students["some"], points["some"] = some, SOME_BRING
    for student, handed_in in students.items():
        submit(notebook, root / "submitted" / student / chapter / notebook.name, handed_in)
        graded = grader.autograde(chapter, student)
        assert graded["success"], graded.get("log")

    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        scores = {student: book.find_submission(chapter, student) for student in students}
        assert {student: (s.score, s.max_score) for student, s in scores.items()} == {
            student: (brings, every_point) for student, brings in points.items()}  # fmt: skip
