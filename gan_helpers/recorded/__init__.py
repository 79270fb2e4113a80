"""Results of runs too long for a notebook. Each file says which command made it, with which settings and versions."""

import json
from importlib.resources import files

import numpy as np
import torch
from torch import nn

FORMAT = 1  # of the recordings: {"format": 1, "rows": {name: ...}}

def load(name: str) -> dict:
    """Return one recording, such as ``load("even_numbers")``; ValueError names those that exist."""
    folder = files(__name__)
    there = sorted(entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json"))
    if name not in there:
        raise ValueError(f"there is no recording {name!r}. There are: {', '.join(there)}.")
    remedy = f"Install the package again, or make it with python -m benchmarks.{name} --run."
    try:
        kept = json.loads(folder.joinpath(f"{name}.json").read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"the recording {name!r} cannot be read: {error}. {remedy}") from error
    return unwrapped(kept, name, remedy)


def unwrapped(kept, name: str, remedy: str) -> dict:
    """The rows of a recording, if it has the format that this package reads."""
    found = kept.get("format", "none") if isinstance(kept, dict) else "none"
    if found != FORMAT or not isinstance(kept.get("rows"), dict):
        raise ValueError(f"the recording {name!r} is of another version: its format is {found!r}, this package reads "
                         f"{FORMAT}. {remedy}")
    return kept["rows"]


def arrays(name: str) -> dict[str, torch.Tensor]:
    """Return the samples and weights of a recording, such as ``arrays("mnist_runs")``, by name."""
    path = files(__name__).joinpath(f"{name}.npz")
    try:
        with path.open("rb") as file, np.load(file) as kept:
            return {key: torch.from_numpy(kept[key]) for key in kept.files}
    except Exception as error:  # whatever a damaged file makes numpy raise
        raise ValueError(f"the samples and weights of {name!r} cannot be read ({type(error).__name__}). Install the "
                         f"package again, or make them with python -m benchmarks.{name} --run.") from error


def generator(name: str, row: str, network: nn.Module) -> nn.Module:
    """Put a recorded row's weights, kept in half precision, into a network of its architecture, ready to use."""
    start = f"{row}/weights/"
    weights = {key.removeprefix(start): value for key, value in arrays(name).items() if key.startswith(start)}
    if not weights:
        rows = sorted({key.split("/weights/")[0] for key in arrays(name) if "/weights/" in key})
        raise ValueError(f"there are no weights of {row!r} in {name!r}. There are: {', '.join(rows)}.")
    network.load_state_dict(weights)
    return network.eval().requires_grad_(False)
