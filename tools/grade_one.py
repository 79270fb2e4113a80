"""Grade one submission: fit its cells to the assignment, run them (tools/grade_session.py), let nbgrader give points.

nbgrader's own converters and preprocessors do the grading; the one that runs a notebook, Execute, is replaced by one
that fills in what the session reported. A check that was held back shows an error, for which nbgrader gives no points.
"""

import ast
import contextlib
import functools
import hashlib
import json
import logging
import marshal
import os
import re
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import nbformat
import nbgrader.api
from IPython.core.inputtransformer2 import TransformerManager
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).parent.parent
MACHINERY = re.compile(  # words of a learner's code that a person should look at
    r"sys\.modules\[|_getframe|currentframe|f_back|f_locals|tb_frame|gi_frame|settrace|setprofile|addaudithook|get_objects|"
    r"get_referrers|__globals__|__builtins__|__code__|__closure__|__subclasses__|\bbuiltins\b|\bctypes\b|\batexit\b|NotYet|"
    r"input_transformer|ast_transformers|events\.register|run_cell|meta_path|path_hooks|/proc/|gradebook|\bmock\b|importlib|"
    r"Right\.|\.solution\b|\bmarshal\b|os\.write|os\.fork|os\.kill|_exit\(|set_custom_exc|__import__|\bexec\(|\beval\(")
TALK = {"slow": "took longer than {seconds} s and was stopped", "died": "ended its kernel", "left": "was not reached"}


@dataclass
class Limits:
    """What one submission may take."""

    seconds: int = 30  # a cell
    total: int = 300  # all cells together
    memory: int = 4_000_000_000  # bytes beyond what the imports take
    output: int = 1_000_000  # characters a cell


@dataclass
class Assignment:
    """What every worker gets: the release of the assignment and nbgrader's database with nothing but it."""

    name: str
    release: str
    checks: dict[str, str]  # of the checks, with their hidden tests
    gradebook: bytes
    hidden: list[str] = field(default_factory=list)  # folders that no submission may see
    limits: Limits = field(default_factory=Limits)


# --- fitting a submission to its assignment ---
def grading(cell) -> dict:
    return cell.metadata.get("nbgrader", {})


def defined(source: str) -> set[str]:
    """The functions and classes that a cell defines at its top level."""
    try:
        return {node.name for node in ast.parse(TransformerManager().transform_cell(source)).body
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set(re.findall(r"^(?:async )?(?:def|class) (\w+)", source, flags=re.M))


def read_cells(text: bytes) -> list[tuple[str, str, str, str]]:
    """(kind, source, id, grade_id) of each cell, whatever form the notebook came in; ValueError says what it is not."""
    try:
        raw = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ValueError("This is not a notebook: the file holds no JSON. Was it saved half, or as a page?") from error
    if isinstance(raw, dict) and "worksheets" in raw:  # nbformat 3
        raw = {"cells": [cell for sheet in raw["worksheets"] for cell in sheet.get("cells", [])]}
    cells = raw.get("cells") if isinstance(raw, dict) else None
    if not isinstance(cells, list):
        raise ValueError("This is not a notebook: its JSON has no list of cells.")
    found = []
    for cell in cells:
        if not isinstance(cell, dict):
            continue
        source = cell.get("source", cell.get("input", ""))
        source = "".join(map(str, source)) if isinstance(source, list) else str(source)
        metadata = cell.get("metadata") if isinstance(cell.get("metadata"), dict) else {}
        marks = metadata.get("nbgrader") if isinstance(metadata.get("nbgrader"), dict) else {}
        found.append((str(cell.get("cell_type")), source, str(cell.get("id") or metadata.get("id") or ""),
                      str(marks.get("grade_id") or "")))
    return found


def fit(text: bytes, release: str, hidden: dict[str, str] | None = None) -> tuple[nbformat.NotebookNode, list[str]]:
    """The submission's cells in their order, with the assignment's marks and checks, and notes of what was mended."""
    cells, notes, hidden = read_cells(text), [], hidden or {}
    source = nbformat.reads(release, as_version=4)
    keys = {grading(cell)["grade_id"]: cell for cell in source.cells if grading(cell).get("grade_id")}
    ids = {cell.id: grading(cell).get("grade_id") or cell.id for cell in source.cells}
    names = {name: key for key, cell in keys.items() if grading(cell).get("solution") and cell.cell_type == "code"
             for name in defined(cell.source)}
    texts = {cell.source.strip(): grading(cell).get("grade_id") or cell.id for cell in source.cells}
    checks = [key for key, cell in keys.items() if grading(cell).get("grade") and not grading(cell).get("solution")]

    def key_of(kind: str, text: str, id_: str, grade_id: str) -> str | None:
        if grade_id in keys:
            return grade_id
        if ids.get(id_):
            return ids[id_]
        if text.strip() in texts:
            return texts[text.strip()]
        return next((names[name] for name in defined(text) if name in names), None) if kind == "code" else None

    found = [key_of(*cell) for cell in cells]
    lost = sum(1 for key, cell in zip(found, cells, strict=True) if key in keys and cell[3] != key)
    if lost:
        notes.append(f"{lost} cells had lost nbgrader's metadata and were found by their ids, names or text.")
    last = {key: place for place, key in enumerate(found) if key}
    made = [(place, 0, cell_for(kind, text, keys.get(key) if last.get(key) == place else None))
            for place, (key, (kind, text, *_)) in enumerate(zip(found, cells, strict=True)) if key not in checks]
    previous, needs, answers_before = -1, [], []
    for cell in source.cells:  # what is missing, at the place where it belongs
        key = grading(cell).get("grade_id") or cell.id
        copies = found.count(key)
        if key in checks:
            place = max([last.get(key, -1), *(last.get(need, -1) for need in needs)])
            place = previous if place < 0 else place
            made.append((place, 2 + len(made), mark(new_code_cell(hidden.get(key, cell.source)), cell)))
            edited = [text for k, (_, text, *_) in zip(found, cells, strict=True) if k == key and
                      text.strip() != cell.source.strip()]
            if edited:
                notes.append(f"LOOK: the check {key} was edited; the assignment's own was run.")
            if copies == 0:
                notes.append(f"The check {key} was missing and was put back.")
            needs = []
        elif grading(cell).get("solution"):
            needs.append(key)
            place = last.get(key, -1)
            if copies == 0:
                place = previous
                made.append((place, 1 + len(made), mark(cell_for(cell.cell_type, cell.source), cell)))
                notes.append(f"The answer {key} was missing.")
            elif copies > 1:
                notes.append(f"The answer {key} is there {copies} times (copied or split); all were run in order.")
            answers_before.append(place)
        elif cell.cell_type == "code" and copies == 0:
            made.append((-1, len(made) - 10_000, new_code_cell(cell.source)))  # imports: first of all
            place = -1
        else:
            place = last.get(key, -1)
        previous = max(previous, place)
    answered = [last[key] for key in last if key in names.values()]
    if answered != sorted(answered) or [k for k in last if k in keys and k not in checks] != [
            k for k in keys if k in last and k not in checks]:
        notes.append("The answers stand in another order than in the assignment; they were run in theirs.")
    notebook = new_notebook(cells=[cell for *_, cell in sorted(made, key=lambda one: one[:2])],
                            metadata={"kernelspec": source.metadata.get("kernelspec", {})})
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    return notebook, notes


def cell_for(kind: str, text: str, marked_as=None):
    cell = new_code_cell(text) if kind == "code" else new_markdown_cell(text)
    return mark(cell, marked_as) if marked_as is not None and grading(marked_as) else cell


def mark(cell, source):
    if cell.cell_type != source.cell_type:
        cell = cell_for(source.cell_type, cell.source)
    cell.metadata["nbgrader"] = dict(grading(source))
    return cell


def imports_of(release: str) -> tuple[str, list[str]]:
    """The import lines of the assignment, and the names that they give to its checks."""
    source = nbformat.reads(release, as_version=4)
    lines, bound, used = [], set(), set()
    for cell in source.cells:
        if cell.cell_type != "code" or grading(cell).get("solution"):
            continue
        tree = ast.parse(TransformerManager().transform_cell(cell.source))
        if grading(cell).get("grade"):
            used |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            continue
        for node in tree.body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                lines.append(ast.unparse(node))
                bound |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
    return "\n".join(lines), sorted(bound & used)


# --- running it ---
class Sandbox:
    """A process that has imported everything once and forks for each submission; start again if it dies."""

    def __init__(self):
        self.process = None

    def start(self) -> None:
        self.close()
        self.control, theirs = socket.socketpair()
        environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0",
                                    "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"}
        environment.pop("JUPYTER_PATH", None)
        self.process = subprocess.Popen([sys.executable, "-m", "tools.grade_session", str(theirs.fileno())], cwd=ROOT,
                                        pass_fds=[theirs.fileno()], env=environment, stdin=subprocess.DEVNULL)
        theirs.close()
        self.control.settimeout(300)
        if self.control.recv(1) != b"r":
            raise RuntimeError("The session for submissions did not start; its error stands above.")

    def close(self) -> None:
        if self.process:
            self.control.close()
            self.process.kill()
            self.process.wait()
            self.process = None

    def connect(self) -> socket.socket:
        for _ in range(2):
            if self.process is None or self.process.poll() is not None:
                self.start()
            ours, theirs = socket.socketpair()
            try:
                socket.send_fds(self.control, [b"j"], [theirs.fileno()])
                return ours
            except OSError:
                ours.close()
                self.close()
            finally:
                theirs.close()
        raise RuntimeError("The session for submissions cannot be reached.")


@dataclass
class Report:
    """What a submission's cells did: {number: outputs}, {number of a check: (verdict, why)}, and what was noticed."""

    outputs: dict = field(default_factory=dict)
    verdicts: dict = field(default_factory=dict)
    trouble: dict = field(default_factory=dict)  # number of a cell: a key of TALK
    flags: list = field(default_factory=list)  # (number of the cell, what it did)
    looks: list = field(default_factory=list)
    closed: list = field(default_factory=list)
    peak: int = 0  # kB
    processor: float = 0.0  # seconds


def run_cells(sandbox: Sandbox, cells: list[tuple[bool, str]], assignment: Assignment, files: dict) -> Report:
    """Run (is_check, source) after one another. A cell that ends the session is left out when the rest goes on."""
    report, skip = Report(), set()
    imports, names = imports_of(assignment.release)
    limits, ends = assignment.limits, time.monotonic() + assignment.limits.total
    while True:
        folder = Path(tempfile.mkdtemp(prefix="submission-"))
        try:
            for name, content in files.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            job = {"key": secrets.token_bytes(32), "cells": cells, "imports": imports, "names": names,
                   "folder": os.path.realpath(folder), "hidden": assignment.hidden, "memory": limits.memory,
                   "output": limits.output, "seconds": limits.seconds, "skip": skip, "done": set(report.verdicts)}
            stopped_at = follow(sandbox, job, report, ends)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if stopped_at is None:
            return report
        skip.add(stopped_at)
        if len(skip) > 3 or time.monotonic() > ends:
            for number, (is_check, _) in enumerate(cells):
                if is_check and number not in report.verdicts:
                    report.verdicts[number] = ("left", "")
            return report


def follow(sandbox: Sandbox, job: dict, report: Report, ends: float) -> int | None:
    """Listen to one session. Gives the number of the cell that ended it, or None when all were run."""
    connection, key, now, session, over, warned = sandbox.connect(), job["key"], None, None, False, False
    text = marshal.dumps({k: v for k, v in job.items()})
    connection.sendall(len(text).to_bytes(4, "big") + text)
    heard, data, deadline, stopped, gone = {}, b"", time.monotonic() + 60, False, False
    checks = {number for number, (is_check, _) in enumerate(job["cells"]) if is_check}
    with connection:
        while not gone:
            ready, _, _ = select.select([connection], [], [], min(5.0, max(0.0, deadline - time.monotonic())))
            if ready:
                part = connection.recv(1 << 20)
                if not part:
                    break
                data += part
            elif time.monotonic() > deadline:
                if session is None:
                    sandbox.close()
                    break
                slow = now if now is not None else 0
                report.trouble.setdefault(slow, "slow")
                stopped = warned or time.monotonic() > ends
                send_signal(session, signal.SIGKILL if stopped else signal.SIGINT)
                warned, deadline = True, time.monotonic() + (10 if stopped else 3)
            if len(data) >= 4 and int.from_bytes(data[:4], "big") > 250_000_000:  # none of our reports
                report.flags.append((now, "writes into the channel of the grader"))
                send_signal(session, signal.SIGKILL)
                data = b""
            while len(data) >= 4 and len(data) >= (size := int.from_bytes(data[:4], "big")) + 36:
                text, sign, data = data[36:36 + size], data[4:36], data[36 + size:]
                if not secrets.compare_digest(sign, hashlib.blake2s(text, key=key).digest()):
                    report.flags.append((now, "writes into the channel of the grader"))
                    send_signal(session, signal.SIGKILL)
                    data = b""
                    break
                stream, count, kind, what = marshal.loads(text)
                if count <= heard.get(stream, 0):
                    continue
                heard[stream] = count
                if kind == "pid":
                    session = what[0]
                elif kind == "gone":
                    gone, report.peak = True, max(report.peak, what[1])
                    report.processor += what[2]
                elif kind == "ready":
                    report.closed = list(what[0])
                elif kind == "start":
                    now, warned = what[0], False
                    slack = 5 if now in checks else 0  # a check is timed by the session
                    deadline = min(time.monotonic() + job["seconds"] + slack, ends)
                elif kind == "shown":
                    report.outputs[now] = marshal.loads(what[0])
                elif kind == "ran":
                    report.outputs[now] = marshal.loads(what[0])
                    now, deadline = None, time.monotonic() + 60
                elif kind in ("pass", "fail", "held"):
                    report.verdicts.setdefault(now, (kind, what[0] if what else ""))
                elif kind == "slow":
                    report.verdicts[now] = ("slow", "")
                elif kind == "over":
                    report.verdicts.setdefault(now, ("died", ""))
                elif kind == "flag":
                    if (now, what[0]) not in report.flags and len(report.flags) < 100:
                        report.flags.append((now, what[0]))
                elif kind == "look":
                    report.looks.append((now, what[0]))
                elif kind == "end":
                    over = True
            if len(data) > 200_000_000:
                send_signal(session, signal.SIGKILL)
                data = b""
    if over:
        return None
    now = now if now is not None else 0
    if now in checks:
        report.verdicts.setdefault(now, ("slow" if stopped else "died", ""))
    else:
        report.trouble.setdefault(now, "slow" if stopped else "died")
    return now


def send_signal(pid: int | None, number: int) -> None:
    if pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


# --- nbgrader's part ---
def judge(notebook, report: Report, limits: Limits, given: set[str]) -> tuple[list, list[str], list[str]]:
    """The outputs of each cell as nbgrader is to see them, reasons for the student, what a person should look at."""
    reasons, suspects = [], [f"Cell {number + 1}: {what}." for number, what in report.looks]
    owner, pending = {}, []  # which check a cell belongs to
    for number, cell in enumerate(notebook.cells):
        if grading(cell).get("grade"):
            owner.update(dict.fromkeys([*pending, number], number))
            pending = []
        elif grading(cell).get("solution"):
            pending = [number] if cell.cell_type == "code" else []
    held, ever = {}, None
    for number, what in report.flags:
        suspects.append(f"Cell {(number or 0) + 1} {what}.")
        if number in owner:
            held.setdefault(owner[number], what)
        else:
            ever = min(number or 0, ever if ever is not None else number or 0)
    outputs = []
    for number, cell in enumerate(notebook.cells):
        shown = [dict(one) for one in report.outputs.get(number, [])]
        if number in report.trouble:
            words = f"This cell {TALK[report.trouble[number]].format(seconds=limits.seconds)}."
            reasons.append(f"Cell {number + 1}: {words}")
            shown.append(error("Stopped", words))
        if grading(cell).get("grade") and not grading(cell).get("solution"):
            verdict, why = report.verdicts.get(number, ("left", ""))
            if verdict == "held" or number in held or (ever is not None and number >= ever):
                if verdict == "held":
                    suspects.append(f"{grading(cell)['grade_id']}: what ran before it {why}.")
                shown = [error("HeldBack", "No points yet: a person will look at this answer first.")]
                reasons.append(f"{grading(cell)['grade_id']}: held back for a person to look at.")
            elif verdict in TALK:
                words = f"This check {TALK[verdict].format(seconds=limits.seconds)}."
                reasons.append(f"{grading(cell)['grade_id']}: {words}")
                shown.append(error("Stopped", words))
            elif verdict == "pass":
                shown = [one for one in shown if one["output_type"] == "stream" and one["name"] == "stdout"]
            elif not any(one["output_type"] == "error" for one in shown):
                shown.append(error("NotYet", "The check did not pass."))
        outputs.append(shown)
        if cell.cell_type == "code" and cell.source.strip() not in given and (word := MACHINERY.search(cell.source)):
            suspects.append(f"Cell {number + 1} contains {word[0]!r}.")
    return outputs, reasons, list(dict.fromkeys(suspects))


def error(name: str, words: str) -> dict:
    return {"output_type": "error", "ename": name, "evalue": words, "traceback": [words]}


class Pages(HTMLExporter):
    """nbgrader's pages of feedback, with templates that are read once and not once a student."""

    environments: ClassVar[dict] = {}

    def _create_environment(self):
        key = (self.template_name, *self.template_paths)
        if key not in self.environments:
            self.environments[key] = super()._create_environment()
        return self.environments[key]


class Course:
    """nbgrader's folders and database for one worker process, and the converters on them."""

    def __init__(self, assignment: Assignment, root: Path):
        from nbconvert.preprocessors import ClearMetadataPreprocessor
        from nbgrader.converters import Autograde, GenerateFeedback
        from nbgrader.coursedir import CourseDirectory
        from nbgrader.preprocessors import (
            AssignLatePenalties,
            CheckCellMetadata,
            ClearOutput,
            DeduplicateIds,
            IgnorePattern,
            LimitOutput,
            OverwriteCells,
            OverwriteKernelspec,
            SaveAutoGrades,
        )

        # Each Gradebook makes an engine, and each engine compiles the same questions anew: half of nbgrader's time.
        nbgrader.api.create_engine = ENGINE
        self.assignment, self.root, self.filled = assignment, root, None
        (root / "gradebook.db").write_bytes(assignment.gradebook)
        self.folders = CourseDirectory(root=str(root), db_url=f"sqlite:///{root}/gradebook.db")
        self.folders.assignment_id = assignment.name
        log = logging.getLogger("nbgrader")
        log.setLevel(logging.CRITICAL)
        self.autograde = Autograde(coursedir=self.folders, log=log, force=True)
        self.autograde.sanitize_preprocessors = [ClearOutput, DeduplicateIds, OverwriteKernelspec, OverwriteCells,
                                                 CheckCellMetadata]
        self.autograde.autograde_preprocessors = [self.fill, IgnorePattern, ClearMetadataPreprocessor, LimitOutput,
                                                  SaveAutoGrades, AssignLatePenalties, CheckCellMetadata]
        self.feedback = GenerateFeedback(coursedir=self.folders, log=log, force=True, exporter_class=Pages)

    def fill(self, notebook, resources):
        """In the place of nbgrader's Execute: the outputs that the session reported."""
        for cell, outputs in zip(notebook.cells, self.filled, strict=True):
            if cell.cell_type == "code":
                cell.outputs = [nbformat.from_dict(one) for one in outputs]
        return notebook, resources

    def grade(self, student: str, notebook, outputs, remarks: list[str]) -> dict:
        """Points a check, the graded notebook, and the page of feedback."""
        from nbgrader.api import Gradebook

        name = self.assignment.name
        self.folders.student_id, self.filled = student, outputs
        submitted = self.root / "submitted" / student / name
        submitted.mkdir(parents=True, exist_ok=True)
        if remarks:
            words = "\n".join(f"- {line}" for line in remarks)
            notebook.cells.insert(0, new_markdown_cell(f"**How this was graded**\n\n{words}", id="remarks"))
            self.filled = [[], *outputs]
        nbformat.write(notebook, submitted / f"{name}.ipynb")
        self.autograde.start()
        self.feedback.start()
        with Gradebook(self.folders.db_url) as book:
            grades = book.find_submission_notebook(name, name, student).grades
            points = {grade.name: (grade.auto_score, grade.max_score) for grade in grades}
        graded = (self.root / "autograded" / student / name / f"{name}.ipynb").read_text("utf-8")
        page = (self.root / "feedback" / student / name / f"{name}.html").read_text("utf-8")
        for kind in ("submitted", "autograded", "feedback"):
            shutil.rmtree(self.root / kind / student)
        return {"points": points, "notebook": graded, "feedback": page}


ENGINE = functools.cache(nbgrader.api.create_engine)  # one for each database
STATE: dict = {}  # of a worker process: its sandbox, and its course


def workshop() -> Path:
    """Where the workers of this machine keep nbgrader's folders; hidden from the submissions."""
    folder = Path(tempfile.gettempdir()) / f"grading-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def grade_one(assignment: Assignment, student: str, text: bytes, files: dict[str, bytes]) -> dict:
    """Points, reasons and feedback of one submission; any trouble with it becomes a reason."""
    start = time.monotonic()
    if STATE.get("assignment") != assignment:
        STATE.pop("course", None)
        folder = tempfile.mkdtemp(dir=workshop())
        STATE.update(assignment=assignment, sandbox=STATE.get("sandbox") or Sandbox(),
                     course=Course(assignment, Path(folder)))
    result = {"student": student, "points": {}, "reasons": [], "look": [], "notebook": "", "feedback": "", "peak": 0,
              "closed": None, "failed": False}
    try:
        notebook, notes = fit(text, assignment.release, assignment.checks)
    except ValueError as trouble:
        return result | {"reasons": [str(trouble)], "seconds": time.monotonic() - start}
    cells = [(bool(grading(cell).get("grade")), cell.source) for cell in notebook.cells]
    numbers = [n for n, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()]
    found = run_cells(STATE["sandbox"], [cells[n] for n in numbers], assignment, files)
    back = dict(enumerate(numbers))
    found.outputs = {back[n]: v for n, v in found.outputs.items() if n in back}
    found.verdicts = {back[n]: v for n, v in found.verdicts.items() if n in back}
    found.trouble = {back[n]: v for n, v in found.trouble.items() if n in back}
    found.flags = [(back.get(n, 0), what) for n, what in found.flags]
    found.looks = [(back.get(n, 0), what) for n, what in found.looks]
    given = {cell.source.strip() for cell in nbformat.reads(assignment.release, 4).cells}
    outputs, reasons, suspects = judge(notebook, found, assignment.limits, given)
    suspects = [note.removeprefix("LOOK: ") for note in notes if note.startswith("LOOK")] + suspects
    reasons = [note.removeprefix("LOOK: ") for note in notes] + reasons
    result.update(STATE["course"].grade(student, notebook, outputs, reasons), reasons=reasons, look=suspects,
                  peak=found.peak, processor=found.processor, closed=found.closed, seconds=time.monotonic() - start)
    return result
