"""Setting up: which Pythons pass, what a failed installation leaves, and the files that have to agree."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
needs_make = pytest.mark.skipif(not shutil.which("make") or sys.platform == "win32", reason="for systems with make")


def make(root, *arguments):
    """Run make as a newcomer does, whatever the make around this test was told."""
    told = ("PYTHON", "MAKEFLAGS", "MFLAGS", "MAKELEVEL")
    environment = {name: value for name, value in os.environ.items() if name not in told}
    return subprocess.run(["make", "--silent", *arguments], cwd=root, env=environment, capture_output=True, text=True)


def pins(name):
    lines = (line.split("#")[0].strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines())
    return {re.sub(r"[-_.]+", "-", line.split("==")[0].lower()): line.split("==")[1] for line in lines if line}


@pytest.fixture
def bare(tmp_path):
    """A folder with a space in its name, where pip finds nothing to install; it needs no network to find out."""
    root = tmp_path / "a b"
    root.mkdir()
    shutil.copy(ROOT / "Makefile", root)
    (root / "requirements.txt").write_text("./missing-1-py3-none-any.whl\n")
    for name in ("constraints.txt", "pyproject.toml"):
        (root / name).touch()
    return root


@needs_make
@pytest.mark.parametrize("version", ["2, 7", "3, 10", "3, 14"])
def test_other_pythons_are_refused_with_a_remedy(bare, version):
    python = bare / "python"
    python.write_text(f'#!/bin/sh\ntest "$1" = --version && echo Python {version} ||\n'
                      f'exec "{sys.executable}" -c "import sys; sys.version_info = ({version}, 0)\n$2"\n')
    python.chmod(0o755)
    done = make(bare, f"PYTHON={python}", "lint")
    assert done.returncode and "make PYTHON=python3.12" in done.stdout and f"Python {version}" in done.stdout
    assert not (bare / ".venv").exists()


@needs_make
def test_a_missing_python_is_refused_with_a_remedy(bare):
    done = make(bare, "PYTHON=no-such-python", "lint")
    assert done.returncode and "make PYTHON=python3.12" in done.stdout


@needs_make
def test_a_failed_installation_leaves_no_stamp(bare):
    done = make(bare, f"PYTHON={sys.executable}", "lint")
    assert done.returncode and "missing-1-py3-none-any.whl" in done.stderr
    assert (bare / ".venv" / "bin" / "python").exists()
    assert not (bare / ".venv" / ".installed").exists()


@needs_make
@pytest.mark.parametrize(("stamp", "clear"), [("here", False), ("elsewhere", True)])
def test_a_venv_that_was_moved_is_cleared(bare, stamp, clear):
    """Nothing is installed here: with --dry-run make says what it would do."""
    (bare / ".venv").mkdir()
    (bare / ".venv" / ".installed").write_text(f"{bare if stamp == 'here' else stamp}\n")
    said = make(bare, "--dry-run", "lint").stdout
    assert ("-m venv --clear .venv" in said) == ("-m venv" in said) == clear


@needs_make
def test_make_help_lists_every_target():
    listed = set(re.findall(r"^  (\w+) ", make(ROOT).stdout, re.MULTILINE))
    phony = re.search(r"^\.PHONY: (.*)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)[1].split()
    assert listed == set(phony) - {"FORCE"}


def test_constraints_hold_every_requirement():
    required, constrained = pins("requirements.txt"), pins("constraints.txt")
    assert {name: constrained.get(name) for name in required} == required


def test_the_version_can_be_read_without_importing_torch():
    tree = ast.parse((ROOT / "gan_helpers" / "__init__.py").read_text(encoding="utf-8"))
    found = [n.value for n in tree.body if isinstance(n, ast.Assign) and n.targets[0].id == "__version__"]
    assert len(found) == 1 and isinstance(found[0], ast.Constant)
