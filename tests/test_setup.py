"""Setting up: which Pythons pass, what a failed installation leaves, and the files that have to agree."""

import ast
import re
import shutil
import subprocess
import sys

import pytest

from tools import make_venv, tree

ROOT = tree.ROOT
needs_make = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")


def normal(name):
    return re.sub(r"[-_.]+", "-", name.lower())


def pins(name):
    lines = (line.split("#")[0].strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines())
    return {normal(line.split("==")[0]): line.split("==")[1] for line in lines if line}


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 9), (3, 13, 1)])
def test_supported_pythons_pass(version):
    assert make_venv.refusal(version) == ""


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 10, 13), (3, 14, 0)])
def test_other_pythons_are_refused_by_number_with_a_remedy(version):
    message = make_venv.refusal(version)
    assert ".".join(map(str, version)) in message and "make PYTHON=python3.12" in message


def test_a_venv_of_another_folder_or_python_is_cleared(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stamp, other = tmp_path / "stamp", tmp_path / "python"
    assert not make_venv.must_be_cleared("missing", str(stamp))
    assert not make_venv.must_be_cleared(sys.executable, str(stamp))
    stamp.write_text(f"{tmp_path}\n")
    assert not make_venv.must_be_cleared(sys.executable, str(stamp))
    stamp.write_text("/somewhere/else\n")
    assert make_venv.must_be_cleared(sys.executable, str(stamp))
    stamp.unlink()
    monkeypatch.setattr(make_venv.subprocess, "check_output", lambda *_, **__: "(3, 11, 99)\n")
    other.touch()
    assert make_venv.must_be_cleared(str(other), str(stamp))


@needs_make
@pytest.mark.skipif(sys.platform == "win32", reason="the Makefile is for POSIX systems")
def test_a_failed_installation_leaves_no_stamp(tmp_path):
    """In a folder with a space in its name; what pip is to install is not there, which needs no network to find out."""
    root = tmp_path / "a b"
    (root / "tools").mkdir(parents=True)
    for name in ("Makefile", "tools/make_venv.py"):
        shutil.copy(ROOT / name, root / name)
    for name in ("requirements.txt", "constraints.txt", "pyproject.toml"):
        (root / name).touch()
    (root / "requirements.txt").write_text("./missing-1-py3-none-any.whl\n")
    command = ["make", f"PYTHON={sys.executable}", "lint-x"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode and "Set-up stopped" in done.stderr
    assert (root / ".venv" / "bin" / "python").exists()
    assert not (root / ".venv" / ".installed").exists()
    done = subprocess.run(["make", "PYTHON=no-such-python", "lint-x"], cwd=root, capture_output=True, text=True)
    assert done.returncode and "make PYTHON=python3.12" in done.stdout


@needs_make
def test_make_help_lists_every_target():
    done = subprocess.run(["make", "--silent"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = set(re.findall(r"^  (\w+) ", done.stdout, re.MULTILINE))
    phony = re.search(r"^\.PHONY: (.*)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)[1].split()
    assert listed == set(phony) - {"FORCE"}


def test_constraints_hold_every_requirement():
    required, constrained = pins("requirements.txt"), pins("constraints.txt")
    assert {name: constrained.get(name) for name in required} == required


def test_the_version_can_be_read_without_importing_torch():
    tree_ = ast.parse((ROOT / "gan_helpers" / "__init__.py").read_text(encoding="utf-8"))
    found = [n.value for n in tree_.body if isinstance(n, ast.Assign) and n.targets[0].id == "__version__"]
    assert len(found) == 1 and isinstance(found[0], ast.Constant)
