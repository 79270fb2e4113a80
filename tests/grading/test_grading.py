"""A class is graded: what is handed in broken costs no more than it must, and what cheats gets nothing for it."""

import copy
import csv
import importlib.util
import json
import re
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from tools import assignment, exercises, grade
from tools.grade_one import Limits, fit

spec = importlib.util.spec_from_file_location("cheats", Path(__file__).with_name("cheats.py"))
cheats = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cheats)

NAME = "small"
ROOT = exercises.NOTEBOOKS.parent
LOSS, TABLE, PAIR = (f"ex{k}-solution" for k in (2, 5, 7))
MARKS = re.compile(r"^ *### (BEGIN|END) SOLUTION\n", flags=re.M)


def master():
    """Three exercises of chapter 1, worth 2, 1 and 1 points."""
    notebook = exercises.without_explanations(exercises.NOTEBOOKS / "solutions" / "01_even_numbers.ipynb")
    notebook.cells = [cell for cell in notebook.cells if cell.id in ("title", "imports")
                      or re.match("ex[257]", cell.id)]
    return notebook


def answered():
    notebook = master()
    for cell in notebook.cells:
        cell.source = MARKS.sub("", cell.source)
    return json.loads(nbformat.writes(notebook))


def place(notebook, id_: str) -> int:
    return next(k for k, cell in enumerate(notebook["cells"]) if cell["id"] == id_)


def with_cell(id_: str, text: str, notebook=None):
    notebook = notebook or answered()
    notebook["cells"][place(notebook, id_)]["source"] = text
    return notebook


def without(*ids: str):
    notebook = answered()
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] not in ids]
    return notebook


def extra(text: str, before: str = "ex5-solution"):
    notebook = answered()
    notebook["cells"].insert(place(notebook, before), {"cell_type": "code", "id": "mine", "metadata": {}, "outputs": [],
                                                       "execution_count": 1, "source": text})
    return notebook


def twice(id_: str):
    notebook = answered()
    k = place(notebook, id_)
    notebook["cells"].insert(k, copy.deepcopy(notebook["cells"][k]))
    return notebook


def split():
    """As Jupyter splits a cell: both halves keep the metadata."""
    notebook = twice(LOSS)
    k = place(notebook, LOSS)
    notebook["cells"][k]["source"] = "half = 0.5"
    return notebook


def moved():
    notebook = answered()
    cells = notebook["cells"]
    cells.insert(1, cells.pop(place(notebook, PAIR)))
    cells.append(cells.pop(place(notebook, LOSS)))
    return notebook


def bare(keep_ids: bool):
    """What is left when an editor drops the metadata, and Colab the ids, too."""
    notebook = answered()
    for cell in notebook["cells"]:
        cell["metadata"] = {} if keep_ids else {"id": "x" + cell["id"], "executionInfo": {"status": "ok"}, "colab": {}}
        if not keep_ids:
            del cell["id"]
    notebook["metadata"] = {"colab": {"provenance": []}} if not keep_ids else {"vscode": {"interpreter": {"hash": "1"}}}
    notebook["nbformat_minor"] = 0 if not keep_ids else 2
    return notebook


def points_raised():
    notebook = with_cell(LOSS, cheats.WRONG.format(name="discriminator_loss"))
    check = notebook["cells"][place(notebook, "ex2-check")]
    check["source"], check["metadata"]["nbgrader"]["points"] = "pass", 100
    return notebook


SLEEP = "import time\nwhile True:\n    try:\n        time.sleep(9)\n    except BaseException:\n        pass"
# name: (what is handed in, points of 4, words of its reasons)
FORMS = {
    "right": (answered, 4, ""),
    "half": (lambda: with_cell(LOSS, cheats.WRONG.format(name="discriminator_loss")), 2, ""),
    "not_json": (lambda: "<html>Sign in</html>", 0, "not a notebook"),
    "not_cells": (lambda: "[1, 2]", 0, "not a notebook"),
    "check_deleted": (lambda: without("ex2-check"), 4, "check ex2-check was missing"),
    "answer_deleted": (lambda: without(LOSS), 2, "answer ex2-solution was missing"),
    "all_deleted": (lambda: {**answered(), "cells": []}, 0, "was missing"),
    "imports_deleted": (lambda: without("imports"), 4, ""),
    "copied": (lambda: twice(LOSS), 4, "there 2 times"),
    "check_copied": (lambda: twice("ex2-check"), 4, ""),
    "split": (split, 4, "there 2 times"),
    "moved": (moved, 4, "another order"),
    "metadata_lost": (lambda: bare(True), 4, "lost nbgrader's metadata"),
    "colab": (lambda: bare(False), 4, "lost nbgrader's metadata"),
    "endless": (lambda: extra("while True: pass"), 4, "took longer than"),
    "endless_stubborn": (lambda: extra(SLEEP), 4, "took longer than"),
    "endless_answer": (lambda: with_cell(PAIR, "def two_numbers():\n    while True: pass"), 3, "took longer than"),
    "ten_gigabytes": (lambda: with_cell(PAIR, "def two_numbers():\n    return torch.zeros(2_500_000_000)"), 3, ""),
    "ten_gigabytes_outside": (lambda: extra("hoard = bytearray(10_000_000_000)"), 4, ""),
    "much_output": (lambda: extra("for k in range(100): print('x' * 1_000_000)"), 4, ""),
    "killed": (lambda: extra("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"), 4, "ended its kernel"),
    "killed_by_the_answer": (lambda: with_cell(PAIR, "def two_numbers():\n    import os; os.abort()"), 3,
                             "ended its kernel"),
    "exit": (lambda: extra("import sys; sys.exit()"), 4, ""),
    "exit_in_the_answer": (lambda: with_cell(PAIR, "def two_numbers():\n    raise SystemExit"), 3, ""),
    "files_deleted": (lambda: extra("import shutil; shutil.rmtree('.', ignore_errors=True)"), 4, ""),
    "child_left_running": (lambda: extra("import subprocess\np = subprocess.Popen(['sleep', '987'])"), 4, ""),
    "no_network": (lambda: extra("import socket\nsocket.create_connection(('127.0.0.1', 22), 1)"), 4, ""),
}
ANSWERS = {"ex2": "discriminator_loss", "ex5": "exact_table", "ex7": "two_numbers"}


def gangs() -> dict[str, dict[str, str]]:
    """{submission: {exercise: cheat}}, three to a notebook, so that the class is graded sooner."""
    passing = [name for name in cheats.CHEATS if name not in cheats.LASTING]
    made = {}
    for k, last in enumerate(cheats.LASTING):
        names = [*passing[2 * k: 2 * k + 2], last]
        made[f"gang_{k}"] = dict(zip(list(ANSWERS)[-len(names):], names, strict=True))
    assert sum(map(len, made.values())) == len(cheats.CHEATS) >= 40
    return made


GANGS = gangs()


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The whole class, graded once: (folder, results folder, results by student)."""
    root = tmp_path_factory.mktemp("class")
    folder, to = root / "submitted", root / "graded"
    folder.mkdir()
    nbformat.write(master(), root / f"{NAME}.ipynb")
    for name, (make, _, _) in FORMS.items():
        made = make()
        (folder / f"{name}.ipynb").write_text(made if isinstance(made, str) else json.dumps(made), "utf-8")
    for name, gang in GANGS.items():
        notebook = answered()
        for exercise, cheat in gang.items():
            text = cheats.CHEATS[cheat]
            for word, meaning in (("{folder}", folder), ("{to}", to), ("{name}", ANSWERS[exercise])):
                text = text.replace(word, str(meaning))
            with_cell(f"{exercise}-solution", text, notebook)
        (folder / f"{name}.ipynb").write_text(json.dumps(notebook), "utf-8")
    (folder / "cheat_points_raised.ipynb").write_text(json.dumps(points_raised()), "utf-8")
    renamed = folder / "Jane Doe" / "deep" / "Copy of small (3).ipynb"
    renamed.parent.mkdir(parents=True)
    renamed.write_text(json.dumps(answered()), "utf-8")
    (folder / "nothing").mkdir()
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    results = grade.grade(folder, str(root / f"{NAME}.ipynb"), to, Limits(seconds=5, total=200), jobs=2)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    return folder, to, results


def score(result) -> float:
    return sum(points for points, _ in result["points"].values())


@pytest.mark.parametrize("name", FORMS)
def test_a_broken_submission_gets_what_can_be_given_and_a_reason(course, name):
    result = course[2][name]
    _, points, words = FORMS[name]
    assert (score(result), words in " ".join(result["reasons"])) == (points, True), result["reasons"]
    assert name == "endless" or not result["look"] or name.startswith("killed"), result["look"]


@pytest.mark.parametrize(("gang", "exercise"), [(name, exercise) for name, gang in GANGS.items() for exercise in gang],
                         ids=[cheat for gang in GANGS.values() for cheat in gang.values()])  # fmt: skip
def test_a_cheat_gets_nothing_for_its_cell_and_is_seen(course, gang, exercise):
    result = course[2][gang]
    assert result["points"][f"{exercise}-check"][0] == 0, result
    k = 4 + 3 * list(ANSWERS).index(exercise)  # its answer is cell k of the notebook, its check the next
    assert re.search(rf"Cell ({k}|{k + 1})\b|{exercise}-check", " ".join(result["look"])), result["look"]


def test_raised_points_and_an_emptied_check_bring_nothing(course):
    result = course[2]["cheat_points_raised"]
    assert result["points"]["ex2-check"] == [0.0, 2.0]
    assert "ex2-check was edited" in " ".join(result["look"])


def test_renamed_and_missing_notebooks(course):
    assert score(course[2]["Jane Doe"]) == 4
    assert course[2]["nothing"]["reasons"] == ["There is no notebook in this folder."]


def test_the_tables_the_pages_and_the_gradebook_agree(course):
    _, to, results = course
    rows = list(csv.DictReader((to / "grades.csv").open(encoding="utf-8")))
    assert rows[0] == {"Student": "Points Possible", "ID": "", "SIS User ID": "", "SIS Login ID": "", "Section": "",
                       NAME: "4"}
    assert {row["Student"]: float(row[NAME]) for row in rows[1:]} == {s: score(r) for s, r in results.items()}
    with Gradebook(f"sqlite:///{to}/gradebook.db") as book:
        assert book.find_submission(NAME, "half").score == 2
    page = (to / "feedback" / "half.html").read_text("utf-8")
    assert "(Score: 2.0 / 4.0)" in page and "Not yet." in page
    assert "check ex2-check was missing" in (to / "feedback" / "check_deleted.html").read_text("utf-8")


def test_a_session_has_no_network_and_leaves_nothing_running(course):
    shown = (course[1] / "autograded" / "no_network" / NAME / f"{NAME}.ipynb").read_text("utf-8")
    assert "There is no network while grading" in shown or "unreachable" in shown
    running = [path for path in Path("/proc").glob("[0-9]*/cmdline") if b"sleep\x00987" in read(path)]
    assert running == []


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_what_is_done_is_not_done_again_but_a_new_version_is(course, monkeypatch):
    folder, to, results = course
    asked = []
    monkeypatch.setattr(grade, "graded", lambda assignment, student, *rest: asked.append(student) or {
        **results[student], "student": student, "stamp": grade.stamp(*rest[:2]), "feedback": "", "notebook": ""})
    args = (folder, str(folder.parent / f"{NAME}.ipynb"), to, Limits(seconds=5), 1)
    with monkeypatch.context() as patch:
        patch.setattr(grade.joblib, "Parallel", lambda **_: lambda calls: (f(*a, **k) for f, a, k in calls))
        grade.grade(*args)
        assert asked == []
        (folder / "right.ipynb").write_text(json.dumps(answered(), indent=3), "utf-8")
        grade.grade(*args)
    assert asked == ["right"]


@pytest.mark.parametrize(("entries", "head", "row"), [
    (["doejane_LATE_123_456_small.ipynb"], "Student", ["doejane", "123", "", "", "", "0"]),
    (["Jane Doe_77_assignsubmission_file_"], "Identifier", ["Participant 77", "Jane Doe", "0", "4", "-"]),
])  # fmt: skip
def test_names_of_canvas_and_moodle_are_understood(tmp_path, entries, head, row):
    for entry in entries:
        (tmp_path / entry).touch() if entry.endswith("ipynb") else (tmp_path / entry).mkdir()
    students = grade.submissions(tmp_path)
    results = {student: {"points": {}, "reasons": [], "look": []} for student in students}
    grade.report(results, grade.Assignment(NAME, "", {}, b""), 4, tmp_path)
    rows = list(csv.reader((tmp_path / "grades.csv").open(encoding="utf-8")))
    assert (rows[0][0], rows[-1]) == (head, row)


def test_fit_keeps_the_learners_order_and_the_checks_of_the_assignment():
    release = nbformat.writes(master())
    notebook, notes = fit(json.dumps(points_raised()).encode(), release)
    checks = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert [cell.source for cell in checks] == [cell.source for cell in master().cells if cell.id.endswith("-check")]
    assert notes == ["LOOK: the check ex2-check was edited; the assignment's own was run."]


@pytest.fixture(scope="module")
def variant(tmp_path_factory):
    """The key and the students' version of chapter 1 with numbers of its own."""
    return assignment.write("01", 2027, tmp_path_factory.mktemp("assignments"))


def run(cells) -> dict[str, str]:
    """What each check says, by its id; "" if it is right."""
    names, said = {}, {}
    for cell in cells:
        if cell.cell_type != "code" or cell.id == "setup":
            continue
        try:
            exec(MARKS.sub("", cell.source), names)
        except Exception as error:
            said[cell.id] = str(error)
        else:
            said[cell.id] = ""
    return said


def test_a_variant_is_headed_as_exercises_and_answers_its_stubs_in_words(variant, capsys):
    release = nbformat.read(variant[1], 4)
    assert release.cells[0].source.startswith("# Exercises 1: even numbers, variant 2027")
    text = variant[1].read_text("utf-8")
    assert "SOLUTION" not in text and "HIDDEN" not in text and ".solution" not in text and "dataclasses" not in text
    checks = [cell for cell in release.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert len(checks) >= 3 and all(cell.metadata.tags == ["raises-exception"] for cell in checks)
    said = run(release.cells)
    assert all("is still the stub" in said[cell.id] for cell in checks), said
    assert not any(words for id_, words in said.items() if not id_.endswith("-check"))


@pytest.mark.parametrize("stem", [path.stem for path in sorted((exercises.NOTEBOOKS / "solutions").glob("*.ipynb"))])
def test_the_key_of_a_variant_is_right_and_public_solutions_are_not(stem, capsys):
    key = assignment.assignment(stem[:2], 2027)[1]
    assert not any(run(key.cells).values())
    public = nbformat.read(exercises.NOTEBOOKS / "solutions" / f"{stem}.ipynb", 4)
    answers = [cell for cell in public.cells if cell.id == "imports" or cell.id.endswith("-solution")]
    said = run([*answers, *[cell for cell in key.cells if cell.id == "imports" or cell.id.endswith("-check")]])
    assert all(words for id_, words in said.items() if id_.endswith("-check")), said


def test_hidden_tests_come_back_when_a_variant_is_graded(variant):
    prepared = grade.prepare(str(variant[0]), variant[0].parents[2], Limits())
    notebook, _ = fit(prepared.release.encode(), prepared.release, prepared.checks)
    checks = [cell.source for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert all("BEGIN HIDDEN TESTS" in text for text in checks) and len(checks) >= 3


@pytest.mark.parametrize(("chapter", "says"), [("42", "no chapter 42"), ("0", "no chapter 0")])
def test_an_assignment_that_there_is_not_is_said_so(chapter, says):
    with pytest.raises(SystemExit, match=says):
        assignment.assignment(chapter, 1)
