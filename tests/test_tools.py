"""The machinery: what the lint finds, when the site is out of date, and that a failure is never called built."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import sample_notebooks as sample
from tools import build_site

ROOT = Path(__file__).parent.parent
needs_make = pytest.mark.skipif(not shutil.which("make") or sys.platform == "win32", reason="for systems with make")


@needs_make
def test_stripping_keeps_what_is_tagged(tmp_path):
    output = {"name": "stdout", "output_type": "stream", "text": ["1\n"]}
    data = sample.chapter()
    data["metadata"] = {**data["metadata"], "vscode": {}, "colab": {}}
    data["cells"].append({"id": "kept", **sample.code("1", tags=["keep_output"]), "outputs": [output]})
    data["cells"].append({"id": "gone", **sample.code("1", vscode={}, scrolled=True), "outputs": [output]})
    data["cells"][-1]["metadata"] |= sample.graded("x", solution=True)
    path = tmp_path / "notebooks" / "book.ipynb"
    path.parent.mkdir()
    path.write_text(json.dumps(data))
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.txt", "constraints.txt", "pyproject.toml"):
        (tmp_path / name).touch()
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / ".venv" / ".installed").write_text(f"{tmp_path}\n")
    python = f'PY="{sys.executable}"'
    subprocess.run(["make", python, "strip"], cwd=tmp_path, check=True)
    after = json.loads(path.read_text())
    assert [cell["id"] for cell in after["cells"]] == [cell["id"] for cell in data["cells"]]
    assert [cell["outputs"] for cell in after["cells"][-2:]] == [[output], []]
    assert after["cells"][-1]["metadata"] == sample.graded("x", solution=True)
    assert after["cells"][2]["metadata"] == data["cells"][2]["metadata"]
    assert after["metadata"] == sample.METADATA


@pytest.mark.parametrize("module", ["tqdm.auto", "tqdm.notebook", "tqdm.autonotebook"])
def test_progress_bars_from_another_host_are_banned_in_notebooks(module):
    book = json.dumps(sample.notebook(sample.markdown("# A"), sample.code(f"from {module} import tqdm\n\ntqdm([])")))
    command = [sys.executable, "-m", "ruff", "check", "--stdin-filename", "notebooks/x.ipynb", "-"]
    done = subprocess.run(command, cwd=ROOT, input=book, capture_output=True, text=True)
    assert done.returncode == 1 and "TID251" in done.stdout


@pytest.mark.parametrize(
    ("name", "outputs", "site"),
    [("gan_helpers/a.py", True, True), ("notebooks/a.ipynb", True, True), ("book/a.md", False, True),
     ("_config.yml", False, True), ("README.md", False, False), ("tests/a.py", False, False),
     ("gan_helpers/__pycache__/a.pyc", False, False), ("notebooks/.ipynb_checkpoints/a.ipynb", False, False)],
)
def test_what_makes_outputs_and_site_out_of_date(tmp_path, name, outputs, site):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("a\n")
    before = [build_site.fingerprint(names, tmp_path) for names in (build_site.RUNS_FROM, build_site.SITE_FROM)]
    (tmp_path / name).write_text("b\n")
    after = [build_site.fingerprint(names, tmp_path) for names in (build_site.RUNS_FROM, build_site.SITE_FROM)]
    assert [a != b for a, b in zip(after, before, strict=True)] == [outputs, site]


STEPS = ["pytest", "jupyter_book", "tools.book_pdf"]


@pytest.mark.parametrize("failing", ["pytest", "jupyter_book", "tools.book_pdf", ""])
def test_what_fails_is_not_called_built(tmp_path, monkeypatch, capsys, failing):
    seen = []

    def run(command, **_):
        seen.append(next(part for part in STEPS if part in " ".join(command)))
        return subprocess.CompletedProcess(command, int(seen[-1] == failing))

    for name, path in {"BUILD": "", "SITE": "html", "STAMP": "built-from.json"}.items():
        monkeypatch.setattr(build_site, name, tmp_path / path)
    monkeypatch.setattr(build_site.subprocess, "run", run)
    monkeypatch.setattr(build_site, "ROOT", tmp_path.parent)
    monkeypatch.setattr(build_site, "notebooks", lambda: ["notebooks/a.ipynb"])
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "old.html").touch()
    assert bool(build_site.main([])) == bool(failing)
    assert ("NOT built" in capsys.readouterr().out) == bool(failing)
    assert not (tmp_path / "html" / "old.html").exists()
    assert seen == STEPS[: STEPS.index(failing or STEPS[-1]) + 1]
    before = len(seen)
    build_site.main([])
    assert (len(seen) == before) == (not failing), "what failed is tried again, what was built is not"


def test_an_overrun_is_a_warning():
    table = build_site.table({"make book": 601, "make test": 599, "unknown": 999}).splitlines()
    assert [("WARNING" in line) for line in table[2:]] == [True, False, False]
