"""The pages for instructors: their commands run as written, and their links lead to demos that there are."""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from tools import exercises

ROOT = exercises.NOTEBOOKS.parent


def test_the_commands_of_the_page_work_as_written_also_after_a_kill_half_way(tmp_path):
    page = (ROOT / "book" / "grading.md").read_text("utf-8")
    variant, first, second = re.findall(r"^```\n(.+?)^```", page, flags=re.M | re.S)
    folder, to = tmp_path / "class" / "submitted", tmp_path / "class" / "submitted-graded"
    folder.mkdir(parents=True)
    for student in ("ann", "bob", "eve"):
        shutil.copy(exercises.NOTEBOOKS / "solutions" / "01_even_numbers.ipynb", folder / f"{student}.ipynb")
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore",
                   "LOKY_MAX_CPU_COUNT": "1",
                   "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}  # fmt: skip
    run = {"cwd": ROOT, "env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    killed = subprocess.Popen(["bash", "-ec", second], start_new_session=True, **run)
    deadline = time.monotonic() + 200
    while not (to / "results").exists() or not list((to / "results").glob("*.json")):
        assert time.monotonic() < deadline and killed.poll() is None
        time.sleep(0.02)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    before = {path.name: path.stat().st_mtime_ns for path in (to / "results").glob("*.json")}
    assert 1 <= len(before) < 3
    subprocess.run(["bash", "-ec", second], check=True, **run)
    after = {path.name: path.stat().st_mtime_ns for path in (to / "results").glob("*.json")}
    assert len(after) == 3 and before.items() <= after.items()
    master = json.loads((exercises.NOTEBOOKS / "solutions" / "01_even_numbers.ipynb").read_text("utf-8"))
    points = str(float(sum(cell["metadata"].get("nbgrader", {}).get("points", 0) for cell in master["cells"])))
    exported = list(csv.DictReader((to / "points.csv").open(encoding="utf-8")))
    assert {(row["student_id"], row["score"], row["max_score"]) for row in exported} == {
        (student, points, points) for student in ("ann", "bob", "eve")}  # fmt: skip
    for line, command in ((variant, '-m tools.assignment "01" "2027"'),
                          (first, '-m tools.grade "submitted" "01_even_numbers"')):  # fmt: skip
        told = subprocess.run(["make", "--dry-run", *line.split()[1:]], cwd=ROOT, capture_output=True, text=True).stdout
        assert command in told


def test_the_pages_link_to_demos_and_settings_that_there_are():
    page = (ROOT / "book" / "instructors.md").read_text("utf-8")
    links = re.findall(r'href="playground\.html#(\w+)\?*([^"]*)"', page)
    assert len(links) >= 12
    for demo, state in links:
        script = (ROOT / "book" / "_static" / "live" / f"{demo}.js").read_text("utf-8")
        settings = script[script.index("settings: {"):]
        for pair in state.replace("&amp;", "&").split("&") if state else []:
            name, value = pair.split("=")
            assert re.search(rf"\b{name}: {{", settings), pair
            assert re.fullmatch(r"[\d.]+", value) or re.search(rf"\b{value}\b: ?[\[{{\"]", script), pair
