"""The machinery: lint, budgets, when the site is out of date, the run of the tests, the server."""

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
import yaml

from tests import sample_notebooks as sample
from tools import budgets, build_site, lint, run_tests, tree

ROOT = tree.ROOT


def test_pre_commit_runs_the_same_lints_as_make_check():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    hooks = [hook for repo in config["repos"] for hook in repo["hooks"]]
    assert {repo["repo"] for repo in config["repos"]} == {"local"}
    assert [hook["id"] for hook in hooks] == list(lint.LINTS)
    assert all(hook["entry"] == f"make --silent lint-{hook['id']}" and hook["language"] == "system" for hook in hooks)


def test_stripping_keeps_what_is_tagged(tmp_path):
    output = {"name": "stdout", "output_type": "stream", "text": ["1\n"]}
    data = sample.chapter()
    data["metadata"] = {**data["metadata"], "vscode": {}, "colab": {}}
    data["cells"].append({"id": "kept", **sample.code("1", tags=["keep_output"]), "outputs": [output]})
    data["cells"].append({"id": "gone", **sample.code("1", vscode={}, scrolled=True), "outputs": [output]})
    data["cells"][-1]["metadata"] |= sample.graded("x", solution=True)
    path = tmp_path / "book.ipynb"
    path.write_text(json.dumps(data))
    assert subprocess.run([*lint.STRIP, "--verify", path], capture_output=True).returncode == 1
    subprocess.run([*lint.STRIP, path], check=True)
    after = json.loads(path.read_text())
    assert [cell["id"] for cell in after["cells"]] == [cell["id"] for cell in data["cells"]]
    assert [cell["outputs"] for cell in after["cells"][-2:]] == [[output], []]
    assert after["cells"][-1]["metadata"] == sample.graded("x", solution=True)
    assert after["cells"][2]["metadata"] == data["cells"][2]["metadata"]
    assert after["metadata"] == sample.METADATA
    assert subprocess.run([*lint.STRIP, "--verify", path], capture_output=True).returncode == 0


@pytest.mark.parametrize(
    ("content", "meant"),
    [(b"a", "newline"), (b"a\n\n", "newline"), (b"a\r\n", "carriage"), (b"<<<<<<< ours\na\n", "merge"), (b"a\n", "")],
)
def test_text_lint(tmp_path, monkeypatch, content, meant):
    (tmp_path / "page.md").write_bytes(content)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\0")
    monkeypatch.setattr(tree, "ROOT", tmp_path)
    monkeypatch.setattr(tree, "files", lambda: sorted(tmp_path.iterdir()))
    found = lint.text()
    assert len(found) == bool(meant) and all(meant in line and "page.md" in line for line in found)


def test_an_unknown_lint_is_refused(capsys):
    assert lint.main(["no-such"]) and "ruff" in capsys.readouterr().out


def test_files_are_the_same_with_and_without_git(tmp_path):
    if not (ROOT / ".git").exists():
        pytest.skip("this checkout has no git to compare with")
    names = [path.relative_to(ROOT) for path in tree.files()]
    for name in [*names, *map(tree.Path, ("_build/x", ".venv/x", "tests/__pycache__/x", "gan_helpers.egg-info/x"))]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert [path.relative_to(tmp_path) for path in tree.files(tmp_path)] == names


def test_an_overrun_is_a_warning():
    table = budgets.table({budgets.SITE: 601, budgets.TEST: 599, "unknown": 999}).splitlines()
    assert [("WARNING" in line) for line in table[2:]] == [True, False, False]


@pytest.mark.parametrize(
    ("name", "matters"),
    [("gan_helpers/a.py", True), ("book/a.md", True), ("_config.yml", True), ("README.md", False), ("tests/a.py", 0)],
)
def test_what_makes_the_site_out_of_date(tmp_path, name, matters):
    for folder in ("gan_helpers", "book", "tests"):
        (tmp_path / folder).mkdir()
    (tmp_path / "_config.yml").write_text("a\n")
    before = build_site.fingerprint(tmp_path)
    (tmp_path / name).write_text("changed\n")
    assert (build_site.fingerprint(tmp_path) != before) == matters


@pytest.mark.parametrize("failing", ["tools.lint", "tools.build_site", "pytest", ""])
@pytest.mark.parametrize("arguments", [[], ["--fast"]])
def test_all_parts_run_and_one_failure_fails_all(monkeypatch, capsys, failing, arguments):
    seen = []

    def run(command, **_):
        seen.append(command)
        return subprocess.CompletedProcess(command, failing in command)

    monkeypatch.setattr(run_tests.subprocess, "run", run)
    status = run_tests.main(arguments)
    parts = run_tests.FAST if arguments else run_tests.FULL
    assert seen == list(parts.values())
    assert bool(status) == any(failing in command for command in seen)
    assert ("FAILED" in capsys.readouterr().out) == bool(status)


def test_serve_prints_where_it_is():
    server = subprocess.Popen([sys.executable, "-m", "tools.serve", "0"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        url = re.search(r"http://localhost:\d+/", server.stdout.readline())[0]
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(url + "no-such-page")
    finally:
        server.terminate()
        server.wait()
