"""Build the site when it is out of date: python -m tools.build_site

The same as `jupyter-book build . -W -n --keep-going --all`, but it knows when nothing is to be done and counts seconds.
Always --all: an incremental build neither repeats the warnings of unchanged pages nor sees a change in gan_helpers.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tools import budgets
from tools.tree import ROOT, files

INPUTS = ("_config.yml", "_toc.yml", "book", "notebooks", "gan_helpers", "requirements.txt", "constraints.txt")
PAGE = Path("_build", "html", "index.html")
STAMP = ROOT / "_build" / "built-from"
# Not `-m jupyter_book`, which does not exist, nor the script: its first line breaks when the checkout is moved.
BOOK = [sys.executable, "-c", "import sys; from jupyter_book.cli.main import main; sys.exit(main())"]


def fingerprint(root: Path = ROOT) -> str:
    """Return one hash over the names and contents of all that the site is made from."""
    digest = hashlib.sha256(sys.version.encode())
    for path in files(root):
        name = path.relative_to(root)
        if name.parts[0] in INPUTS:
            digest.update(f"{name.as_posix()}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def built() -> str:
    """Return one hash over the names and sizes of the built site, which changes when a part of it is deleted."""
    site = (ROOT / PAGE).parent
    files_there = [path for path in site.rglob("*") if path.is_file()]
    found = sorted((path.relative_to(site).as_posix(), path.stat().st_size) for path in files_there)
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()


def up_to_date() -> bool:
    """Tell whether the built site is the one these sources make, and whole."""
    return STAMP.exists() and STAMP.read_bytes() == f"{fingerprint()} {built()}".encode()


def build() -> int:
    """Build the site; return the exit status of jupyter-book."""
    before, start = fingerprint(), time.perf_counter()
    STAMP.unlink(missing_ok=True)
    for left_over in ("html", ".doctrees", "jupyter_execute"):  # a page that is gone from the toc must be gone here too
        shutil.rmtree(ROOT / "_build" / left_over, ignore_errors=True)
    command = [*BOOK, "build", ".", "-W", "-n", "--keep-going", "--all"]
    status = subprocess.run(command, cwd=ROOT).returncode
    if status:
        print("\nThe site was NOT built: every warning and error above counts.", flush=True)
        return status
    seconds = budgets.executions() | {budgets.SITE: time.perf_counter() - start}
    budgets.RECORD.write_text(json.dumps(seconds, indent=1) + "\n")
    STAMP.write_bytes(f"{before} {built()}".encode())
    return 0


def main() -> int:
    """Build if needed, and say where the page is."""
    if up_to_date():
        print("The site is up to date.")
    elif status := build():
        return status
    print(budgets.table(budgets.recorded()))
    print(f"\nOpen {PAGE.as_posix()} in a browser.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
