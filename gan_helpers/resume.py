"""The state of a training run in a file, so that a run that was interrupted goes on as if nothing had happened."""

import functools
import time
from pathlib import Path

import torch

SAVE_EVERY = 60.0  # seconds between two savings
DERIVED = "layers", "probe"  # settings that follow from the others, which are rather named in a refusal


class State:
    """One file that holds where a run stands, and with which settings it was begun.

    path: where; settings: what must be the same for the run to go on, as plain values.
    """

    def __init__(self, path, settings: dict):
        self.path, self.settings, self.saved = Path(path), settings, time.monotonic()
        if self.path.is_dir():
            raise ValueError(f"resume={str(path)!r} is a folder. Pass the name of a file for the state.")
        self.path.parent.mkdir(parents=True, exist_ok=True)

    def load(self, device) -> dict | None:
        """Return the state that was saved last, or None if there is no file. ValueError if it is not of this run."""
        if not self.path.exists():
            return None
        try:
            kept = dict(torch.load(self.path, map_location=functools.partial(_place, device), weights_only=True))
            settings, state = kept["settings"], kept["state"]
        except Exception as error:  # whatever a damaged file makes torch raise
            raise ValueError(f"{self.path} cannot be read: it is cut short, or no saved run. Move it away to begin "
                             f"from nothing. ({type(error).__name__})") from error
        names = settings.keys() | self.settings.keys()
        for name in sorted(names, key=lambda name: (name in DERIVED, name)):
            theirs, mine = settings.get(name, "not set"), self.settings.get(name, "not set")
            if theirs != mine:
                raise ValueError(f"{self.path} holds another run: there {name} is {theirs!r:.80}, here it is "
                                 f"{mine!r:.80}. Pass another file, or move this one away.")
        return state

    def save(self, state: dict) -> None:
        """Replace the file in one go, so that no half-written one is ever left in its place."""
        part = self.path.with_name(self.path.name + ".part")
        torch.save({"settings": self.settings, "state": state}, part)
        part.replace(self.path)
        self.saved = time.monotonic()

    def due(self) -> bool:
        """Whether SAVE_EVERY seconds have passed since the last saving."""
        return time.monotonic() - self.saved >= SAVE_EVERY


def _place(device, storage, saved_on: str):
    """Where a tensor of the file goes: to `device`, unless it was on the CPU, as what `watch` returned may be."""
    return storage if saved_on == "cpu" else torch.serialization.default_restore_location(storage, str(device))


def storable(value) -> bool:
    """Whether a value comes back from a file as it was: tensors, numbers, texts, None, and lists and dicts of them."""
    if isinstance(value, list | tuple):
        return all(map(storable, value))
    if isinstance(value, dict):
        return all(storable(part) for pair in value.items() for part in pair)
    return value is None or type(value) in (bool, int, float, str, torch.Tensor)
