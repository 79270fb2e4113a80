"""nbval compares the stored outputs, and what passed is kept for the site (notebooks/conftest.py)."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import sample_notebooks as sample

CONFTEST = Path(__file__).parent.parent / "notebooks" / "conftest.py"


@pytest.mark.parametrize("workers", [["-n", "2", "--dist", "loadscope"], ["-p", "no:xdist"]], ids=["two", "none"])
def test_a_wrong_output_fails_and_only_right_ones_are_kept(tmp_path, workers):
    books, kept = tmp_path / "books", tmp_path / "kept"
    books.mkdir()
    kept.mkdir()
    (kept / "wrong.ipynb").write_text("of an earlier run, when it passed")
    for name, stored in {"right": "2\n", "wrong": "3\n"}.items():
        cell = sample.code("print(1 + 1)", tags=["keep_output", "nbval-check-output"])
        cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": [stored]}]
        data = sample.notebook(sample.markdown("# A title"), cell, sample.code("3 + 4"))
        del data["cells"][1]  # the canonical cell: it would look for our package on the network
        (books / f"{name}.ipynb").write_text(json.dumps(data))
    shutil.copy(CONFTEST, books)
    command = [sys.executable, "-m", "pytest", "--rootdir=.", "--nbval-lax", "--nbval-current-env", *workers, "."]
    done = subprocess.run(command, cwd=books, capture_output=True, text=True,
                          env=os.environ | {"COURSE_OUTPUTS": str(kept)})
    assert "1 failed, 3 passed" in done.stdout
    assert "wrong.ipynb" in done.stdout.split("short test summary")[1]
    assert [path.name for path in kept.iterdir()] == ["right.ipynb"]
    book = json.loads((kept / "right.ipynb").read_text("utf-8"))
    assert book["cells"][1]["outputs"][0]["text"] == ["2\n"]
    assert book["cells"][2]["outputs"][0]["data"]["text/plain"] == ["7"]
    assert book["metadata"]["run"]["seconds"] > 0
