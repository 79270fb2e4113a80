"""The files of the course: what git tracks or would track, and the same list in an archive without git."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What .gitignore names, for a tree without git.
BUILT = {".git", ".venv", "_build", "build", "node_modules", "__pycache__", ".ipynb_checkpoints", ".hypothesis"}


def files(root: Path = ROOT) -> list[Path]:
    """Return the paths of all files that belong to the course, sorted, without links and without what was built."""
    if (root / ".git").exists():
        command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(command, check=True, capture_output=True).stdout.decode().split("\0")
        found = [root / name for name in names if name]
    else:
        found = []
        for folder, folders, names in os.walk(root):
            folders[:] = [f for f in folders if f not in BUILT and not f.endswith((".egg-info", "_cache"))]
            found += [Path(folder, name) for name in names]
    return sorted({path for path in found if path.is_file() and not path.is_symlink()})


def text(path: Path) -> bytes | None:
    """Return the bytes of a text file, or None for a picture, a data file and the like."""
    content = path.read_bytes()
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if b"\0" in content else content


def notebooks(root: Path = ROOT) -> list[Path]:
    """Return the notebooks of the course: chapters, exercises and solutions."""
    return [p for p in files(root) if p.suffix == ".ipynb" and p.relative_to(root).parts[0] == "notebooks"]
