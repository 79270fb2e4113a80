"""The course names its own address in one way everywhere, and the command in the README changes it everywhere."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tools.notebook_rules import REPOSITORY

ROOT = Path(__file__).parent.parent
OWNER, NAME = REPOSITORY.removeprefix("https://github.com/").split("/")
PLACEHOLDER = "your_org"  # nobody can register a name with an underscore
PLACES = ["README.md", "pyproject.toml", "CITATION.cff", "_config.yml", *ROOT.glob("notebooks/**/[0-9]*.ipynb")]


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_all_places_agree(place):
    text = (ROOT / place).read_text("utf-8")
    assert REPOSITORY in text
    found = re.findall(r"(?:github\.com|/github)/([\w.-]+)/" + re.escape(NAME) + r"\b", text)
    found += re.findall(r"https://([\w-]+)\.github\.io/", text)
    assert set(found) == {OWNER}


@pytest.mark.skipif(OWNER != PLACEHOLDER, reason="only the placeholder is a word that nothing else contains")
@pytest.mark.skipif(not all(map(shutil.which, ("git", "perl"))), reason="the command needs git and perl")
def test_the_command_in_the_readme_changes_the_address_everywhere(tmp_path):
    for place in (*PLACES, "book/start.md"):
        copy = tmp_path / (ROOT / place).relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / place, copy)
    command = re.search(r"^git grep .*\n", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)[0]
    subprocess.run(f"git init -q . && git add . && {command}", shell=True, cwd=tmp_path, check=True)
    old = re.compile(rf"{PLACEHOLDER}(/|\.github\.io/){NAME}")
    for copy in (path for path in tmp_path.rglob("*.*") if path.is_file() and ".git" not in path.parts):
        assert not old.search(copy.read_text("utf-8")), f"{copy.name} still has the placeholder"
    assert "https://ada.github.io/gan-course" in (tmp_path / "README.md").read_text("utf-8")
