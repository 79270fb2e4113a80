"""Grade a folder of notebooks, on all cores.

    make grade SUBMISSIONS=folder ASSIGNMENT=01_even_numbers
    python -m tools.grade folder 01_even_numbers [--to FOLDER] [--jobs 2] [--dask ADDRESS] [--seconds 30] [--memory 4]

Each entry of the folder is a student: a notebook, or a folder with one in it. ASSIGNMENT is a chapter, or the path of
any nbgrader master. Nothing in the folder is changed; everything is written to --to (else folder-graded, beside it):

    grades.csv            for Canvas and Moodle
    report.csv            a line a student: points, reasons, what a person should look at
    feedback/NAME.html    for the student
    autograded/  gradebook.db    for nbgrader formgrader, nbgrader export ...
    results/NAME.json     what is done; run the command again and only the rest is graded
"""

import argparse
import csv
import hashlib
import json
import logging
import os
import re
import shutil
import sys
import time
import warnings
from pathlib import Path

import joblib
import nbformat

from tools.exercises import CODE_STUB, NOTEBOOKS, as_source
from tools.grade_one import Assignment, Limits, grade_one, workshop

CANVAS = re.compile(r"([^_]+)_(?:LATE_)?(\d+)_(\d+)_(.+)")  # doejane_LATE_123_456_name.ipynb
MOODLE = re.compile(r"(.+)_(\d+)_assignsubmission_file_?.*")  # Jane Doe_123_assignsubmission_file_
TOO_LARGE = 200_000_000
OTHER_FILES = 20_000_000  # bytes of data beside a notebook that come along


def prepare(name: str, to: Path, limits: Limits) -> Assignment:
    """Let nbgrader make the assignment in the folder `to`: its release, and its database."""
    from nbgrader.api import Gradebook
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    path = Path(name) if name.endswith(".ipynb") else NOTEBOOKS / "solutions" / f"{name}.ipynb"
    if not path.is_file():
        chapters = ", ".join(sorted(master.stem for master in (NOTEBOOKS / "solutions").glob("*.ipynb")))
        raise SystemExit(f"There is no assignment {name}. The chapters are {chapters}; or give the path of a master.")
    name = path.stem
    source, database = to / "source" / name / f"{name}.ipynb", to / "gradebook.db"
    source.parent.mkdir(parents=True, exist_ok=True)
    master = as_source(path)
    if not source.exists() or nbformat.reads(source.read_text("utf-8"), 4) != master:
        nbformat.write(master, source)
    empty = to / f"{name}.db"
    if not empty.exists() or empty.stat().st_mtime < source.stat().st_mtime:
        half = to / "making.db"
        half.unlink(missing_ok=True)
        os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls alembic
        config = Config({"CourseDirectory": {"root": str(to), "db_url": f"sqlite:///{half}"},
                         "ClearSolutions": {"code_stub": {"python": CODE_STUB}}})
        made = NbGraderAPI(config=config).generate_assignment(name)
        if not made["success"]:
            raise SystemExit(f"nbgrader cannot make the assignment {name}:\n{made.get('log') or made.get('error')}")
        shutil.rmtree(to / "results", ignore_errors=True)  # of another version of the assignment
        shutil.copy(half, database)
        half.replace(empty)
    release = (to / "release" / name / f"{name}.ipynb").read_text("utf-8")
    with Gradebook(f"sqlite:///{empty}") as book:  # with the hidden tests, which the release lacks
        checks = {cell.name: cell.source for cell in book.find_notebook(name, name).source_cells if cell.locked}
    return Assignment(name, release, checks, empty.read_bytes(), limits=limits)


def submissions(folder: Path) -> dict[str, Path | None]:
    """{student: notebook, or None} for each entry of the folder."""
    found = {}
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith(".") or entry.name == "__MACOSX":
            continue
        canvas = CANVAS.fullmatch(entry.name) if entry.is_file() else None
        student = f"{canvas[1]} ({canvas[2]})" if canvas else entry.stem if entry.is_file() else entry.name
        found[student] = entry if entry.is_file() else notebook_in(entry)
    return found


def notebook_in(folder: Path) -> Path | None:
    """The notebook of a student's folder: the newest, if there are several."""
    notebooks = [path for path in folder.rglob("*.ipynb") if path.is_file() and ".ipynb_checkpoints" not in path.parts]
    return max(notebooks, key=lambda path: (path.stat().st_mtime, path.name), default=None)


def read(path: Path | None, folder: Path) -> tuple[bytes, dict[str, bytes], str]:
    """A submission's notebook, the other files of its folder, and what is wrong with it, if anything."""
    try:
        if path is None:
            return b"", {}, "There is no notebook in this folder."
        if path.stat().st_size > TOO_LARGE:
            return b"", {}, f"The file has {path.stat().st_size / 1e6:.0f} MB; clear the outputs and hand it in again."
        files = {}
        if path.parent != folder:
            for other in sorted(path.parent.rglob("*")):
                data = other.is_file() and not other.is_symlink() and other.suffix != ".ipynb"
                if data and sum(map(len, files.values())) + other.stat().st_size <= OTHER_FILES:
                    files[other.relative_to(path.parent).as_posix()] = other.read_bytes()
        return path.read_bytes(), files, ""
    except OSError as error:
        return b"", {}, f"The file cannot be read: {error.strerror}."


def stamp(text: bytes, files: dict[str, bytes]) -> str:
    """Tells whether a submission is the one that was graded."""
    parts = [text, *(part for name, content in sorted(files.items()) for part in (name.encode(), content))]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def safe(student: str) -> str:
    """A name for nbgrader's folders and our files: letters, digits, - and _; different names stay different."""
    plain = re.sub(r"[^\w-]", "-", student)[:60]
    return plain if plain == student else f"{plain}-{hashlib.sha256(student.encode()).hexdigest()[:6]}"


def graded(assignment: Assignment, student: str, text: bytes, files: dict, wrong: str) -> dict:
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    empty = {"points": {}, "reasons": [wrong], "look": [], "notebook": "", "feedback": "", "peak": 0, "processor": 0.0,
             "closed": None, "seconds": 0.0}
    try:
        result = empty if wrong else empty | grade_one(assignment, safe(student), text, files)
    except Exception as error:  # one submission never stops the others
        result = empty | {"reasons": [f"The grader itself failed: {type(error).__name__}: {str(error)[:300]}"],
                          "look": ["The grader failed on this one."]}
    return result | {"student": student, "stamp": stamp(text, files)}


def keep(result: dict, to: Path) -> None:
    """Write a result; the file under results/ comes last and whole, so that a kill loses nothing."""
    name = safe(result["student"])
    for kind, text in (("feedback", result.pop("feedback")), ("notebook", result.pop("notebook"))):
        if text:
            path = to / "feedback" / f"{name}.html" if kind == "feedback" else (
                to / "autograded" / name / result["assignment"] / f"{result['assignment']}.ipynb")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    path = to / "results" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.with_suffix(".part").write_text(json.dumps(result, indent=1), "utf-8")
    path.with_suffix(".part").replace(path)


def done(to: Path) -> dict[str, dict]:
    """The results that are there, by student."""
    found = {}
    for path in (to / "results").glob("*.json"):
        result = json.loads(path.read_text("utf-8"))
        found[result["student"]] = result
    return found


def store(results: dict[str, dict], assignment: Assignment, to: Path) -> None:
    """Put the points into nbgrader's database."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{to / 'gradebook.db'}") as book:
        for student, result in results.items():
            if not result["points"]:
                continue
            book.update_or_create_student(safe(student))
            book.update_or_create_submission(assignment.name, safe(student))
            for grade in book.find_submission_notebook(assignment.name, assignment.name, safe(student)).grades:
                grade.auto_score = result["points"][grade.name][0]
                grade.needs_manual_grade = grade.auto_score is None or grade.manual_score is not None
        book.db.commit()


def report(results: dict[str, dict], assignment: Assignment, best: float, to: Path) -> None:
    """grades.csv and report.csv."""
    moodle = any(MOODLE.fullmatch(student) for student in results)
    rows, lines = [], []
    for student, result in sorted(results.items()):
        score = f"{sum(points or 0 for points, _ in result['points'].values()):g}"
        if moodle:
            match = MOODLE.fullmatch(student)
            who = [f"Participant {match[2]}", match[1]] if match else ["", student]
            rows.append([*who, score, f"{best:g}", "-"])
        else:
            canvas = re.fullmatch(r"(.+) \((\d+)\)", student)
            rows.append([canvas[1], canvas[2], "", "", "", score] if canvas else [student, "", "", student, "", score])
        lines.append([student, score, f"{best:g}", " ".join(result["reasons"]), " ".join(result["look"]),
                      f"feedback/{safe(student)}.html" if result["points"] else ""])
    if moodle:
        head = [["Identifier", "Full name", "Grade", "Maximum Grade", "Last modified (grade)"]]
    else:
        head = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", assignment.name],
                ["Points Possible", "", "", "", "", f"{best:g}"]]
    write(to / "grades.csv", head + rows)
    write(to / "report.csv", [["student", "points", "of", "reasons", "a person should look at", "feedback"], *lines])


def write(path: Path, rows: list[list[str]]) -> None:
    with path.with_suffix(".part").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    path.with_suffix(".part").replace(path)


def grade(folder: Path, name: str, to: Path, limits: Limits, jobs: int = -1, dask: str = "", say=print) -> dict:
    """Grade what is not graded yet; gives all results by student."""
    assignment = prepare(name, to, limits)
    assignment.hidden = sorted({os.path.realpath(path) for path in (folder, to, workshop())})
    found, before = submissions(folder), done(to)
    todo = [(student, path) for student, path in found.items()
            if student not in before or before[student]["stamp"] != stamp(*read(path, folder)[:2])]
    say(f"{len(found)} submissions, {len(found) - len(todo)} of them graded before.")
    if dask:
        from distributed import Client

        client = Client(dask)
        say(f"Dask: {len(client.scheduler_info()['workers'])} workers at {dask}")
    start, attempts = time.monotonic(), 0
    while todo and attempts < 3:
        attempts += 1
        try:
            with joblib.parallel_config(backend="dask" if dask else "loky", n_jobs=jobs):
                parallel = joblib.Parallel(return_as="generator_unordered", pre_dispatch="2*n_jobs", batch_size=1)
                calls = (joblib.delayed(graded)(assignment, student, *read(path, folder)) for student, path in todo)
                for result in parallel(calls):
                    student = result["student"]
                    keep(result | {"assignment": assignment.name}, to)
                    score = sum(points or 0 for points, _ in result["points"].values())
                    remarks = " ".join(result["reasons"] + ["A person should look at it."] * bool(result["look"]))
                    say(f"{student}: {score:g}  {remarks}".rstrip())
                    todo = [one for one in todo if one[0] != student]
        except (OSError, RuntimeError) as error:  # a worker died: the rest goes to new ones
            say(f"A worker ended ({type(error).__name__}); going on with the rest.")
    results = {student: result for student, result in done(to).items() if student in found}
    best = sum(cell.metadata.nbgrader.points for cell in nbformat.reads(assignment.release, 4).cells
               if cell.metadata.get("nbgrader", {}).get("grade"))
    store(results, assignment, to)
    report(results, assignment, best, to)
    closed = [set(result["closed"]) for result in results.values() if result["closed"] is not None]
    for thing, words in (("network", "The network was not closed off"), ("files", "The folders were not hidden")):
        if any(thing not in one for one in closed):
            say(f"{words}: this system lends no namespaces. Python's audit hook alone refused them.")
    peak = max((result["peak"] for result in results.values()), default=0) / 1e3
    looks = sum(bool(result["look"]) for result in results.values())
    say(f"{len(results)} graded in {time.monotonic() - start:.0f} s, {looks} for a person to look at, "
        f"at most {peak:.0f} MB in a session. {to / 'grades.csv'}")
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("submissions", type=Path)
    parser.add_argument("assignment")
    parser.add_argument("--to", type=Path)
    parser.add_argument("--jobs", type=int, default=-1, help="processes (all cores)")
    parser.add_argument("--dask", default="", metavar="ADDRESS", help="of a scheduler")
    parser.add_argument("--seconds", type=int, default=Limits.seconds, help="a cell may take (%(default)s)")
    parser.add_argument("--memory", type=float, default=Limits.memory / 1e9, help="GB a session may take (%(default)s)")
    arguments = parser.parse_args()
    folder = arguments.submissions.resolve()
    if not folder.is_dir():
        parser.error(f"{folder} is not a folder")
    to = (arguments.to or folder.with_name(f"{folder.name}-graded")).resolve()
    if to == folder or folder in to.parents:
        parser.error("--to lies inside the submissions, and those are never changed; name another folder")
    limits = Limits(arguments.seconds, max(300, 10 * arguments.seconds), int(arguments.memory * 1e9))
    warnings.simplefilter("ignore")
    grade(folder, arguments.assignment, to, limits, arguments.jobs, arguments.dask)
    return 0


if __name__ == "__main__":
    sys.exit(main())
