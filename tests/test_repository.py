"""The course names its own address in one way everywhere, and one command changes it everywhere."""

import json
import re
import shutil
import subprocess
import sys

import pytest

from tools import set_repository as tool
from tools import tree

HERE = tool.present()
FIRST, SECOND = "zz-first-owner/zz-first.course", "Zz-Second/zz_second"
OWN_FILES = {"tools/set_repository.py", "tests/test_repository.py"}  # they write down addresses to talk about them


@pytest.fixture
def copy(tmp_path):
    """Return a copy of all files of the course, without git."""
    for path in tree.files():
        target = tmp_path / path.relative_to(tree.ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    return tmp_path


def contents(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in tree.files(root)}


def mentions(root, word):
    return {name for name, content in contents(root).items() if word.encode() in content} - OWN_FILES


def test_all_places_agree():
    assert tool.strays(tree.ROOT, {HERE}) == []
    assert (tree.ROOT / "README.md").exists()
    left_over = re.compile(rb"(?:github\.com|/github|/gh)/" + tool.PLACEHOLDER.split("/")[0].encode() + rb"/([\w.-]+)")
    for name, content in contents(tree.ROOT).items():
        if name not in OWN_FILES and HERE != tool.PLACEHOLDER:
            assert not left_over.search(content), f"{name} still has the placeholder, and not {HERE}"


def test_there_and_back_again(copy):
    before = contents(copy)
    tool.set_repository(FIRST, copy)
    assert tool.present(copy) == FIRST
    changed = tool.set_repository(SECOND, copy)
    assert {"_config.yml", "README.md", "pyproject.toml"} <= set(changed)
    assert any(name.endswith(".ipynb") for name in changed)
    for gone in (FIRST, tool.pages_url(FIRST), "zz-first"):
        assert mentions(copy, gone) == set()
    tool.set_repository(HERE, copy)
    after = contents(copy)
    assert [name for name in before if before[name] != after.get(name)] == []
    assert after.keys() == before.keys()


@pytest.mark.skipif(HERE != tool.PLACEHOLDER, reason="only the placeholder is a word that nothing else contains")
def test_every_mention_is_a_whole_address(copy):
    """What the tool cannot see it cannot change; so nothing may name the course but by its full address."""
    tool.set_repository(FIRST, copy)
    assert mentions(copy, tool.PLACEHOLDER) == set(), "write https://github.com/OWNER/NAME there"


def test_twice_is_once(copy):
    assert tool.set_repository(FIRST, copy)
    once = contents(copy)
    assert tool.set_repository(FIRST, copy) == []
    assert contents(copy) == once


def test_notebooks_stay_valid_and_change_in_one_place_only(copy):
    before = {path: json.loads(path.read_text(encoding="utf-8")) for path in tree.notebooks(copy)}
    tool.set_repository(FIRST, copy)
    for path, old in before.items():
        new = json.dumps(json.loads(path.read_text(encoding="utf-8")))
        assert new == json.dumps(old).replace(HERE, FIRST).replace(tool.pages_url(HERE), tool.pages_url(FIRST))


def test_bytes_around_the_address_stay():
    old, new = tool.PLACEHOLDER, "ada/gan"
    text = "\r\n\u00e9 https://github.com/%s.git, (https://github.com/%s). https://github.com/%s-two https://github.com/%s.io\t"
    expected = text % (new, new, old, old)
    assert tool.rewritten((text % (old, old, old, old)).encode(), old, new) == expected.encode()
    assert tool.rewritten(f"a/{old}/b {old}".encode(), old, new) == f"a/{old}/b {old}".encode()
    colab = "https://colab.example/github/%s/blob/main/x.ipynb git@github.com:%s.git"
    assert tool.rewritten((colab % (old, old)).encode(), old, new) == (colab % (new, new)).encode()


@pytest.mark.parametrize(
    ("address", "pages"),
    [
        ("ada/gan", "https://ada.github.io/gan"),
        ("Ada/GAN", "https://ada.github.io/GAN"),
        ("Ada/ada.github.io", "https://ada.github.io"),
    ],
)
def test_pages_url(address, pages):
    assert tool.pages_url(address) == pages


BAD = ["", "foo", "a/b/c", "/b", "a/", "-a/b", "a-/b", "a--b/c", "a_b/c", "a" * 40 + "/b", "a/b.git", "a/..", "a/b c"]
BAD += ["https://github.com/a/b", "a/b\n", "ä/b", "a/" + "b" * 101]


@pytest.mark.parametrize("address", BAD)
def test_impossible_addresses_are_refused_with_value_and_remedy(copy, address):
    before = contents(copy)
    with pytest.raises(ValueError) as error:
        tool.set_repository(address, copy)
    assert repr(address) in str(error.value) and "set_repository ada/gan-course" in str(error.value)
    assert contents(copy) == before


@pytest.mark.parametrize("address", ["a/b", "a-b/c_d.e-f", "a" * 39 + "/" + "b" * 100, tool.PLACEHOLDER])
def test_possible_addresses_pass(address):
    assert tool.checked(address) == address


def test_places_that_disagree_are_refused(copy):
    readme = copy / "README.md"
    readme.write_bytes(tool.rewritten(readme.read_bytes(), HERE, "someone/else"))
    before = contents(copy)
    with pytest.raises(ValueError, match=r"README\.md names another address"):
        tool.set_repository(FIRST, copy)
    assert contents(copy) == before


def test_an_interrupted_run_can_be_repeated(copy):
    """_config.yml is written last: as long as it has the old address, the same command finishes the work."""
    for name in ("README.md", "pyproject.toml"):
        path = copy / name
        path.write_bytes(tool.rewritten(path.read_bytes(), HERE, FIRST))
    tool.set_repository(FIRST, copy)
    assert mentions(copy, f"github.com/{HERE}") == set()


def test_a_failing_write_changes_nothing(copy, monkeypatch):
    before = contents(copy)
    monkeypatch.setattr(tool.shutil, "copymode", lambda *paths: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        tool.set_repository(FIRST, copy)
    assert contents(copy) == before


def test_the_command_speaks(copy):
    """As typed by a person: in a folder of its own, since the tool finds its files by where it lies."""
    command = [sys.executable, "-m", "tools.set_repository"]
    bad = subprocess.run([*command, "foo"], cwd=copy, capture_output=True, text=True)
    assert bad.returncode and "Nothing was changed" in bad.stderr and "'foo'" in bad.stderr
    good = subprocess.run([*command, FIRST], cwd=copy, capture_output=True, text=True)
    assert not good.returncode and "README.md" in good.stdout and tool.pages_url(FIRST) in good.stdout
    again = subprocess.run([*command, FIRST], cwd=copy, capture_output=True, text=True)
    assert not again.returncode and "Nothing to do" in again.stdout
