"""Results of runs too long for a notebook, by chapter: ``recorded.runs("gaussian")``.

A recording is two files that ``python -m benchmarks.<name> --run`` writes: <name>.json says how and when each row was
made, <name>.npz holds its arrays.
"""

import json
from importlib.resources import files

import numpy as np
import pandas as pd
import torch
from torch import nn

FORMAT = 2  # of the JSON file: {"format": 2, "rows": {row: ...}}


def about(name: str) -> dict[str, dict]:
    """{row: settings, made (the date), torch, machine, seconds}; ValueError if there is no such recording."""
    folder = files(__name__)
    there = sorted(entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json"))
    if name not in there:
        raise ValueError(f"there is no recording {name!r}. There are: {', '.join(there)}.")
    try:
        kept = json.loads(folder.joinpath(f"{name}.json").read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"the recording {name!r} cannot be read: {error}. {_remedy(name)}") from error
    found = kept.get("format", "none") if isinstance(kept, dict) else "none"
    if found != FORMAT or not isinstance(kept.get("rows"), dict):
        raise ValueError(f"the recording {name!r} is of another version: its format is {found!r}, this package reads "
                         f"{FORMAT}. {_remedy(name)}")
    return kept["rows"]


def arrays(name: str) -> dict[str, torch.Tensor]:
    """All that was recorded, as {"row/key": tensor}: outputs, samples and weights too."""
    about(name)  # names those that exist
    try:
        with files(__name__).joinpath(f"{name}.npz").open("rb") as file, np.load(file) as kept:
            return {key: torch.from_numpy(kept[key]) for key in kept.files}
    except Exception as error:  # whatever a damaged file makes numpy raise
        raise ValueError(f"the arrays of {name!r} cannot be read ({type(error).__name__}). {_remedy(name)}") from error


def runs(name: str) -> pd.DataFrame:
    """What was recorded once per run: one line per (row, seed)."""
    return _frame(name, lambda settings: {"seed": range(*settings["seeds"])})


def evaluations(name: str) -> pd.DataFrame:
    """What was recorded several times per run: one line per (row, seed, step)."""
    return _frame(name, lambda settings: {"seed": range(*settings["seeds"]), "step": settings.get("evaluate_at", ())})


def _frame(name: str, axes) -> pd.DataFrame:
    """The arrays whose axes are these, as columns."""
    kept, frames = arrays(name), {}
    for row, facts in about(name).items():
        index = pd.MultiIndex.from_product((sizes := axes(facts["settings"])).values(), names=sizes)
        found = {key.removeprefix(f"{row}/"): values for key, values in kept.items() if key.startswith(f"{row}/")}
        frames[row] = pd.DataFrame({key: values.flatten().numpy() for key, values in found.items()
                                    if values.shape == index.levshape and "/" not in key}, index)
    return pd.concat({row: frame for row, frame in frames.items() if len(frame.columns)}, names=["row"])


def generator(name: str, row: str, network: nn.Module) -> nn.Module:
    """Put a recorded row's weights, kept in half precision, into a network of its architecture, ready to use."""
    kept, start = arrays(name), f"{row}/weights/"
    weights = {key.removeprefix(start): value for key, value in kept.items() if key.startswith(start)}
    if not weights:
        rows = sorted({key.split("/weights/")[0] for key in kept if "/weights/" in key})
        raise ValueError(f"there are no weights of {row!r} in {name!r}. There are: {', '.join(rows)}.")
    network.load_state_dict(weights)
    return network.eval().requires_grad_(False)


def _remedy(name: str) -> str:
    return f"Install the package again, or make it with python -m benchmarks.{name} --run."
