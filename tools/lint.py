"""What `make check` and the pre-commit hooks check before any test: python -m tools.lint [NAME ...]

This is the one place that defines the commands. Without a name all of them run, even if one fails.
There is no `ruff format`: it would undo the aligned shape comments and tables that make the code readable.
"""

import subprocess
import sys

from tools import notebook_style, tree

# nbstripout keeps the outputs of cells tagged keep_output. --keep-id, because diffs rely on stable cell ids.
# NOISE is what editors leave behind and what differs from machine to machine; tags, mystnb and nbgrader stay.
OF_NOTEBOOK = ["vscode", "colab", "toc", "language_info.version"]
OF_CELL = ["vscode", "colab", "outputId", "executionInfo", "id"]
NOISE = [f"metadata.{key}" for key in OF_NOTEBOOK] + [f"cell.metadata.{key}" for key in OF_CELL]
VENDORED = ("book/_static/mathjax/", "tests/site/vendor/")  # other people's files stay as they are
STRIP = [sys.executable, "-m", "nbstripout", "--keep-id", "--unix-newlines", "--extra-keys", " ".join(NOISE)]


def said(command: list[str]) -> list[str]:
    """Return what a command printed when it failed; nothing when it did not."""
    done = subprocess.run(command, cwd=tree.ROOT, capture_output=True, text=True)
    return (done.stdout + done.stderr).splitlines() or ["(no message)"] if done.returncode else []


def ruff() -> list[str]:
    """Lint Python files and notebooks."""
    found = said([sys.executable, "-m", "ruff", "check", "--output-format", "concise", "."])
    return [*found, "Mend these, or let `python -m ruff check --fix .` mend what it can."] if found else []


def nbstripout() -> list[str]:
    """Find outputs and editor's metadata that must not be committed."""
    names = [str(path) for path in tree.notebooks()]
    found = said([*STRIP, "--verify", *names]) if names else []  # without a name it waits for standard input
    return [*found, "Strip them: python -m tools.lint --strip"] if found else []


def notebooks() -> list[str]:
    """Apply the rules of tools.notebook_style and tools.exercise_style."""
    return notebook_style.complaints_of_tree(tree.ROOT)


def exercises() -> list[str]:
    """Find student notebooks that no longer follow from their solutions."""
    return said([sys.executable, "-m", "tools.exercises", "--check"])


def text() -> list[str]:
    """Every text file ends with one newline, has no carriage returns and no left-over conflict marks."""
    found = []
    for path in tree.files():
        content, name = tree.text(path), path.relative_to(tree.ROOT).as_posix()
        if not content or name.startswith(VENDORED):
            continue
        if not content.endswith(b"\n") or content.endswith(b"\n\n"):
            found.append(f"{name}: must end with exactly one newline.")
        if b"\r" in content:
            found.append(f"{name}: has carriage returns (Windows line ends). Save it with LF.")
        if any(line.startswith((b"<<<<<<< ", b">>>>>>> ")) for line in content.splitlines()):
            found.append(f"{name}: has conflict marks of a merge. Resolve them.")
    return found


LINTS = {lint.__name__: lint for lint in (ruff, nbstripout, notebooks, exercises, text)}


def main(names: list[str]) -> int:
    """Run the lints named, all when none is; return how many failed."""
    if names == ["--strip"]:
        paths = [str(path) for path in tree.notebooks()]
        return subprocess.run([*STRIP, *paths], cwd=tree.ROOT).returncode if paths else 0
    unknown = [name for name in names if name not in LINTS]
    if unknown:
        print(f"No lint is called {unknown[0]!r}. There are: {', '.join(LINTS)}.")
        return 2
    failed = 0
    for name in names or LINTS:
        found = LINTS[name]()
        failed += bool(found)
        print(f"lint {name:10}", "FAILED" if found else "ok", flush=True)
        for line in found:
            print("   ", line, flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
