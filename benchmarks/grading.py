"""How many submissions a minute: `make grade` beside nbgrader's own `autograde`, one after the other.

    python -m benchmarks.grading [--students 200] [--sample 12] [--jobs 2]

Two hundred made submissions of chapter 1: a third right, a third half done, a third broken (a cell deleted or copied,
metadata lost, an endless loop). nbgrader grades a sample of those that it can grade at all, in turns with ours: a third
of its sample, half of ours, a third, the other half, a third, so that other work on the machine falls on both. Its time
has the pages of feedback in it, as ours has, and ours the start of the workers. Half way through, our grading is
killed with its workers; what was graded by then must not be graded again.
The last line has both rates and their ratio.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

from tools import exercises, grade

CHAPTER = "01_even_numbers"
ROOT = exercises.NOTEBOOKS.parent
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore",
               "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def made(kind: str, rng: random.Random) -> str:
    """A submission: `right`, `half` or `broken`."""
    notebook = exercises.without_explanations(exercises.NOTEBOOKS / "solutions" / f"{CHAPTER}.ipynb")
    student = nbformat.reads(exercises.student_version(exercises.NOTEBOOKS / "solutions" / f"{CHAPTER}.ipynb"), 4)
    stubs = {cell.id: cell.source for cell in student.cells}
    answers = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    if kind != "right":
        for cell in rng.sample(answers, len(answers) // 2):
            cell.source = stubs[cell.id]
    if kind == "broken":
        cell = rng.choice(answers)
        match rng.randrange(4):
            case 0:
                notebook.cells.remove(cell)
            case 1:
                notebook.cells.insert(0, nbformat.from_dict(cell))
            case 2:
                for one in notebook.cells:
                    one.metadata.pop("nbgrader", None)
            case 3:
                cell.source = "while True: pass"
    return json.dumps(notebook)


def ours(folder: Path, to: Path, jobs: int) -> subprocess.Popen:
    command = [sys.executable, "-m", "tools.grade", str(folder), CHAPTER, "--to", str(to), "--jobs", str(jobs)]
    return subprocess.Popen([*command, "--seconds", "10"], cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL,
                            start_new_session=True)


def until(run: subprocess.Popen, to: Path, count: int) -> float:
    """Seconds until so many are graded; then the run is killed, workers and all."""
    start = time.monotonic()
    while run.poll() is None and len(list((to / "results").glob("*.json"))) < count:
        time.sleep(0.1)
    taken = time.monotonic() - start
    if run.poll() is None:
        os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    return taken


def theirs(course: Path, folder: Path, students: list[str]) -> float:
    """Seconds that nbgrader takes for some more students: one command for all of them, as it is meant."""
    for student in students:
        place = course / "submitted" / student / CHAPTER
        place.mkdir(parents=True)
        (place / f"{CHAPTER}.ipynb").write_bytes((folder / f"{student}.ipynb").read_bytes())
    start = time.monotonic()
    for command in ("autograde", "generate_feedback"):
        done = subprocess.run(["nbgrader", command, CHAPTER], cwd=course, env=ENVIRONMENT, capture_output=True,
                              text=True)
        if done.returncode:  # its time counts all the same
            print(f"nbgrader {command} failed: {done.stderr.strip().splitlines()[-1:]}")
    return time.monotonic() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--sample", type=int, default=12)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    print(f"load at the beginning: {os.getloadavg()[0]:.1f}; {os.cpu_count()} cores, {options.jobs} of them used")
    with tempfile.TemporaryDirectory() as root:
        root = Path(root)
        folder, to, course = root / "class", root / "graded", root / "nbgrader"
        folder.mkdir()
        rng = random.Random(0)
        kinds = [("right", "half", "broken")[k % 3] for k in range(options.students)]
        for k, kind in enumerate(kinds):
            (folder / f"s{k:03}.ipynb").write_text(made(kind, rng), "utf-8")
        grade.prepare(CHAPTER, to, grade.Limits())
        subprocess.run([sys.executable, "-m", "tools.exercises", "--masters", str(course / "source")], cwd=ROOT,
                       env=ENVIRONMENT, check=True)
        subprocess.run(["nbgrader", "generate_assignment", CHAPTER, "--create"], cwd=course, env=ENVIRONMENT,
                       check=True, capture_output=True)
        sample = [k for k, kind in enumerate(kinds) if kind != "broken"][: options.sample]
        spent = serial = 0.0
        for turn in range(3):
            serial += theirs(course, folder, [f"s{k:03}" for k in sample[turn::3]])
            if turn == 0:
                spent += until(ours(folder, to, options.jobs), to, options.students // 2)
                kept = {path.name: path.stat().st_mtime_ns for path in (to / "results").glob("*.json")}
            elif turn == 1:
                spent += until(ours(folder, to, options.jobs), to, options.students + 1)
                now = {path.name: path.stat().st_mtime_ns for path in (to / "results").glob("*.json")}
                again = [name for name in kept if now.get(name) != kept[name]]
                assert not again, f"graded again after the kill: {again}"
            print(f"turn {turn + 1}: {len(list((to / 'results').glob('*.json')))} graded in {spent:.0f} s; nbgrader "
                  f"{len([k for one in range(turn + 1) for k in sample[one::3]])} in {serial:.0f} s", flush=True)
        results = grade.done(to)
        assert len(results) == options.students
        right = {f"s{k:03}" for k, kind in enumerate(kinds) if kind == "right"}
        best = max(sum(points for points, _ in result["points"].values()) for result in results.values())
        assert all(sum(p for p, _ in results[s]["points"].values()) == best for s in right), "a right one lost points"
        peak = max(result["peak"] for result in results.values()) / 1e3
        processor = sorted(result["processor"] for result in results.values())[len(results) // 2]
        print(f"killed half way, nothing graded twice or lost; a session took at most {peak:.0f} MB, "
              f"and {processor:.1f} s of a core (median)")
        fast, slow = 60 * options.students / spent, 60 * len(sample) / serial
        print(f"{fast:.1f} a minute against {slow:.1f}: {fast / slow:.1f} times")


if __name__ == "__main__":
    main()
