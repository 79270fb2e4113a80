"""Results of runs too long for a notebook. Each file says which command made it, with which settings and versions."""

import json
from importlib.resources import files


def load(name: str) -> dict:
    """Return one recording, such as ``load("even_numbers")``; ValueError names those that exist."""
    folder = files(__name__)
    there = sorted(entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json"))
    if name not in there:
        raise ValueError(f"there is no recording {name!r}. There are: {', '.join(there)}.")
    try:
        return json.loads(folder.joinpath(f"{name}.json").read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"the recording {name!r} cannot be read: {error}. Install the package again, or make it with "
                         f"python -m benchmarks.{name} --run.") from error
