"""Seconds beside their budgets: python -m tools.budgets prints those of the last build.

The budgets hold on two cores. An overrun is a warning, never a failure: machines differ.
"""

import json
import pickle
from pathlib import Path

from tools.tree import ROOT

RECORD = ROOT / "_build" / "seconds.json"
SITE, TEST = "the site builds", "make test"
BUDGETS = {SITE: 600, TEST: 1200, "notebooks/01_even_numbers executes": 30,
           "notebooks/02_gray_pixel executes": 40, "notebooks/03_gaussian executes": 40,
           "notebooks/04_many_runs executes": 90, "notebooks/05_mnist_two_layers executes": 80,
           "notebooks/06_mnist_deeper executes": 80, "notebooks/07_measuring executes": 80}


def executions(environment: Path = ROOT / "_build" / ".doctrees" / "environment.pickle") -> dict[str, float]:
    """Return how long each notebook ran in the last build, as myst-nb recorded it in Sphinx's environment."""
    with environment.open("rb") as file:
        metadata = pickle.load(file).nb_metadata
    runs = {name: data.get("exec_data") for name, data in sorted(metadata.items())}
    return {f"{name} executes": run["runtime"] for name, run in runs.items() if run and run["runtime"] is not None}


def recorded() -> dict[str, float]:
    """Return the seconds of the last build; empty when there was none."""
    try:
        return json.loads(RECORD.read_text("utf-8"))
    except (OSError, ValueError):  # none yet, or its writing was cut off
        return {}


def table(seconds: dict[str, float]) -> str:
    """Return one line a part, with its budget where it has one, and a warning where it went over."""
    lines = ["", f"{'seconds':>9}  budget"]
    for part, spent in seconds.items():
        budget = BUDGETS.get(part)
        over = budget is not None and spent > budget
        lines.append(f"{spent:9.1f}  {budget or '-':>6}  {part}{'   <-- WARNING: over its budget' if over else ''}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(recorded()) if recorded() else "Nothing was built yet: make book")
