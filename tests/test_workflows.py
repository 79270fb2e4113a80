"""GitHub's workflows: linted by actionlint, and held to least privilege."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SCRIPT = ROOT / "tools" / "actionlint.mjs"


def actionlint(*files: Path) -> subprocess.CompletedProcess:
    """Run actionlint; skip the test where node or the package is missing."""
    node = shutil.which("node")
    if not node:
        pytest.skip("actionlint needs node, which is not installed")
    done = subprocess.run([node, SCRIPT, *files], capture_output=True, text=True)
    if done.returncode == 3:
        pytest.skip(done.stderr.strip())
    return done


def privileges(text: str) -> list[str]:
    """Return what a workflow may do without needing to: the rules that actionlint does not have."""
    workflow, found = yaml.safe_load(text), []
    if workflow.get("permissions") != {"contents": "read"}:
        found.append("The workflow's own permissions must be contents: read; give a job more only where it needs it.")
    if "pull_request_target" in workflow[True]:  # YAML 1.1 reads the key `on` as true
        found.append("pull_request_target runs a stranger's code with this repository's token.")
    for name, job in workflow["jobs"].items():
        if "timeout-minutes" not in job:
            found.append(f"Job {name} has no timeout-minutes.")
        for step in job["steps"]:
            uses = step.get("uses", "")
            if uses.startswith("actions/checkout@") and step.get("with", {}).get("persist-credentials") is not False:
                found.append(f"Job {name}: checkout must not leave its token behind (persist-credentials: false).")
            if uses and not re.fullmatch(r"actions/[\w-]+@(v\d+|[0-9a-f]{40})", uses):
                found.append(f"Job {name} uses {uses}: only GitHub's own actions, at a major version or a commit.")
    return found


def mutated(path: Path, tmp_path: Path, old: str, new: str) -> Path:
    text = path.read_text(encoding="utf-8")
    assert old in text, "the mutation must find what it breaks"
    copy = tmp_path / path.name
    copy.write_text(text.replace(old, new, 1), encoding="utf-8")
    return copy


def test_there_are_workflows():
    assert {path.name for path in WORKFLOWS} == {"tests.yml", "pages.yml", "weekly.yml"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actionlint_finds_nothing(path):
    done = actionlint(path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
@pytest.mark.parametrize(
    ("old", "new", "meant"),
    [
        ("runs-on:", "run-on:", "run-on"),
        ("    timeout-minutes:", "    timeout-minute:", "timeout-minute"),
        ("on:\n", "on:\n  pushed:\n", "pushed"),
        ("permissions:\n  contents: read", "permissions:\n  contents: reed", "reed"),
    ],
)
def test_actionlint_finds_a_mistake(path, tmp_path, old, new, meant):
    done = actionlint(mutated(path, tmp_path, old, new))
    assert done.returncode == 1 and meant in done.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_least_privilege(path):
    assert privileges(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("old", "new", "meant"),
    [
        ("permissions:\n  contents: read", "permissions: write-all", "contents: read"),
        ("persist-credentials: false", "persist-credentials: true", "persist-credentials"),
        ("timeout-minutes:", "name:", "timeout"),
        ("pull_request:", "pull_request_target:", "stranger"),
        ("actions/checkout@", "someone/checkout@", "GitHub's own"),
        ("actions/checkout@v6", "actions/checkout@main", "major version"),
    ],
)
def test_too_much_privilege_is_found(tmp_path, old, new, meant):
    path = mutated(ROOT / ".github" / "workflows" / "tests.yml", tmp_path, old, new)
    assert any(meant in complaint for complaint in privileges(path.read_text(encoding="utf-8")))
