"""Run the notebooks and build the site, whatever of it is out of date: python -m tools.build_site

pytest (nbval) runs and judges the notebooks and keeps what they show in _build/outputs (notebooks/conftest.py); the
site is built from that (book/_ext/course_site.py), and printed as one PDF where Chromium is there (tools/book_pdf.py).
`jupyter-book build . -W -n --keep-going --all` alone makes the same pages: it runs the notebooks itself.

    python -m tools.build_site --outputs        prints the folder for the outputs of these sources
    python -m tools.build_site --seconds 900    prints the table of seconds; 900 is what `make test` took
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "_build"
SITE, STAMP = BUILD / "html", BUILD / "built-from.json"
RUNS_FROM = ("notebooks", "gan_helpers", "requirements.txt", "constraints.txt")  # what the notebooks' outputs depend on
SITE_FROM = (*RUNS_FROM, "_config.yml", "_toc.yml", "book")
PYTEST = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadscope"]
# Not `-m jupyter_book`, which does not exist, nor the script: its first line breaks when the checkout is moved. Always
# --all: an incremental build does not repeat the warnings of unchanged pages.
BOOK = [sys.executable, "-c", "import sys; from jupyter_book.cli.main import main; sys.exit(main())",
        "build", ".", "-W", "-n", "--keep-going", "--all"]
PDF = [sys.executable, "-m", "tools.book_pdf"]
# Seconds on two cores. An overrun is a warning, never a failure: machines differ.
BUDGETS = {"make book": 600, "make test": 1200, "notebooks/01_even_numbers": 30, "notebooks/02_gray_pixel": 40,
           "notebooks/03_gaussian": 40, "notebooks/04_many_runs": 90, "notebooks/05_mnist_two_layers": 80,
           "notebooks/06_mnist_deeper": 80, "notebooks/07_measuring": 80,
           "notebooks/08_whats_wrong": 80}


def fingerprint(names: tuple[str, ...], root: Path = ROOT) -> str:
    """Return one hash over this Python's version and the names and contents of all files under `names`."""
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted(found for name in names for found in (root / name, *(root / name).rglob("*"))):
        name = path.relative_to(root)
        if path.is_file() and not any(part == "__pycache__" or part.startswith(".") for part in name.parts):
            digest.update(f"{name.as_posix()}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def outputs() -> Path:
    """Return the folder for what the notebooks of today's sources show; another change, another folder."""
    return BUILD / "outputs" / fingerprint(RUNS_FROM)[:16]


def notebooks() -> list[str]:
    """Return the notebooks that the site shows with their outputs: all but the student versions."""
    found = [path for path in (ROOT / "notebooks").rglob("*.ipynb") if path.parent.name != "exercises"]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def built() -> str:
    """Return one hash over the names and sizes of the built site, which changes when a part of it is deleted."""
    found = sorted((path.relative_to(SITE).as_posix(), path.stat().st_size) for path in SITE.rglob("*.*"))
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()


def stamp() -> dict:
    """Return what the last build left: the hashes of its sources and of the site, and its seconds."""
    try:
        return json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):  # none yet, or its writing was cut off
        return {"sources": "", "site": "", "seconds": None}


def build() -> int:
    """Run the notebooks whose outputs are missing, then build the site; return 0 or the status of what failed."""
    start, sources, kept = time.perf_counter(), fingerprint(SITE_FROM), outputs()
    STAMP.unlink(missing_ok=True)
    old = [folder for folder in BUILD.glob("outputs/*") if folder != kept]
    for folder in (*old, SITE, BUILD / ".doctrees", BUILD / "jupyter_execute"):
        shutil.rmtree(folder, ignore_errors=True)  # a page that is gone from the toc must be gone here too
    environment = os.environ | {"COURSE_OUTPUTS": str(kept)}
    missing = [name for name in notebooks() if not (kept / name).exists()]
    if missing:  # one thread for each of the two workers
        status = subprocess.run([*PYTEST, *missing], cwd=ROOT, env=environment | {"OMP_NUM_THREADS": "1"}).returncode
        if status:
            print("\nThe site was NOT built: a notebook failed, see above.", flush=True)
            return status
    if status := subprocess.run(BOOK, cwd=ROOT, env=environment).returncode:
        print("\nThe site was NOT built: every warning and error above counts.", flush=True)
        return status
    if status := subprocess.run(PDF, cwd=ROOT, env=environment).returncode:
        print("\nThe site was NOT built: its PDF could not be printed, see above.", flush=True)
        return status
    seconds = time.perf_counter() - start
    STAMP.write_text(json.dumps({"sources": sources, "site": built(), "seconds": seconds}) + "\n", "utf-8")
    return 0


def table(seconds: dict[str, float]) -> str:
    """Return one line a part, with its budget where it has one, and a warning where it went over."""
    lines = ["", f"{'seconds':>9}  budget"]
    for part, spent in seconds.items():
        budget = BUDGETS.get(part)
        over = budget is not None and spent > budget
        lines.append(f"{spent:9.1f}  {budget or '-':>6}  {part}{'   <-- WARNING: over its budget' if over else ''}")
    return "\n".join(lines)


def seconds() -> dict[str, float]:
    """Return how long each notebook ran when its outputs were kept, and how long the last build of the site took."""
    found = {}
    for name in notebooks():
        if (outputs() / name).exists():
            notebook = json.loads((outputs() / name).read_text("utf-8"))
            found[name.removesuffix(".ipynb")] = notebook["metadata"]["run"]["seconds"]
    return found | ({"make book": stamp()["seconds"]} if stamp()["seconds"] else {})


def main(arguments: list[str]) -> int:
    """Build if needed, and say where the page is."""
    if arguments == ["--outputs"]:
        print(outputs())
        return 0
    if arguments[:1] == ["--seconds"]:
        print(table(seconds() | {"make test": float(arguments[1])}))
        return 0
    if (stamp()["sources"], stamp()["site"]) == (fingerprint(SITE_FROM), built()):
        print("The site is up to date.")
    elif status := build():
        return status
    print(table(seconds()))
    print(f"\nOpen {SITE.relative_to(ROOT).as_posix()}/index.html in a browser.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
