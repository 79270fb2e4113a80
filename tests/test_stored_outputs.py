"""nbval really compares the stored outputs: a right one passes, a wrong one fails (notebooks/conftest.py)."""

import json
import shutil
import subprocess
import sys

from tests import sample_notebooks as sample
from tools.tree import ROOT


def test_a_wrong_stored_output_fails(tmp_path):
    for name, stored in {"right": "2\n", "wrong": "3\n"}.items():
        cell = sample.code("print(1 + 1)", tags=["keep_output", "nbval-check-output"])
        cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": [stored]}]
        data = sample.notebook(sample.markdown("# A title"), cell)
        del data["cells"][1]  # the canonical cell: it would look for our package on the network
        (tmp_path / f"{name}.ipynb").write_text(json.dumps(data))
    shutil.copy(ROOT / "notebooks" / "conftest.py", tmp_path)
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "-p", "no:cacheprovider", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert "1 failed, 1 passed" in done.stdout
    assert "wrong.ipynb" in done.stdout.split("short test summary")[1]
