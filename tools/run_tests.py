"""Run all the tests, or with --fast lint and unit tests only: python -m tools.run_tests

Every part runs, even when an earlier one failed; the exit status is 0 only when all passed. One pytest run holds the
unit tests, the notebooks and the tests of the site, so that its closing line counts everything.
"""

import os
import subprocess
import sys
import time

from tools import budgets
from tools.tree import ROOT

PYTEST = [sys.executable, "-m", "pytest"]
FAST = {
    "lint": [sys.executable, "-m", "tools.lint"],
    "unit tests": [*PYTEST, "-n", "2", "tests", "--ignore=tests/site"],
}
FULL = {
    "lint": FAST["lint"],
    "the site, if out of date": [sys.executable, "-m", "tools.build_site"],
    # What runs is set in pyproject.toml: tests and notebooks. Two workers, and never one notebook on both of them.
    "pytest": [*PYTEST, "-n", "2", "--dist", "loadscope"],
}


def main(arguments: list[str]) -> int:
    """Run the parts one after the other; return how many failed."""
    seconds, failed, start = {}, [], time.perf_counter()
    for part, command in (FAST if "--fast" in arguments else FULL).items():
        print(f"\n=== {part} ===", flush=True)
        before = time.perf_counter()
        # pytest has two workers, so each gets one thread; the site is built with torch's own number of them
        environment = os.environ | ({"OMP_NUM_THREADS": "1"} if "pytest" in command else {})
        if subprocess.run(command, cwd=ROOT, env=environment).returncode:
            failed.append(part)
        seconds[part] = time.perf_counter() - before
    if "--fast" not in arguments:
        seconds[budgets.TEST] = time.perf_counter() - start
        seconds = budgets.recorded() | seconds  # chapters and site: as the last build measured them
    print(budgets.table(seconds))
    print(f"\nFAILED: {', '.join(failed)}" if failed else "\nAll parts passed.", flush=True)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
