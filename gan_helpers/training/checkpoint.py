"""Files: the checkpoint of a run, from which it resumes, and a trained generator to keep."""

import copy
import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from gan_helpers import _validate
from gan_helpers import noise as noises
from gan_helpers.data import Units
from gan_helpers.gan import as_json
from gan_helpers.training import stacking
from gan_helpers.training.validation import callable_with

SAVE_EVERY = 60.0  # seconds between two saves
DERIVED = "layers", "fingerprint"  # derived settings, reported last


class Checkpoint:
    """One file with the state of a run and the settings it was started with.

    path: where; settings: what must be the same for the run to resume, as plain values.
    """

    def __init__(self, path, settings: dict):
        self.path, self.settings, self.saved = Path(path), settings, time.monotonic()
        place(self.path)

    def load(self, device) -> dict | None:
        """Return the state that was saved last, or None if there is no file. ValueError if it is not of this run."""
        if not self.path.exists():
            return None
        try:
            kept = dict(torch.load(self.path, map_location=functools.partial(_place, device), weights_only=True))
            settings, state = kept["settings"], kept["state"]
        except Exception as error:  # whatever a damaged file makes torch raise
            raise ValueError(f"{self.path} cannot be read: it is damaged, or not a checkpoint. Move it away to begin "
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
        write(self.path, {"settings": self.settings, "state": state})
        self.saved = time.monotonic()

    def due(self) -> bool:
        """Whether SAVE_EVERY seconds have passed since the last save."""
        return time.monotonic() - self.saved >= SAVE_EVERY


def place(path: Path) -> None:
    """Make the folder for a file; refuse a path where there can be no file."""
    if path.is_dir():
        raise ValueError(f"{str(path)!r} is a folder. Pass the name of a file.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise ValueError(f"cannot create {str(path)!r}: part of its path is a file. Pass another name.") from error


def write(path: Path, content: dict) -> None:
    """Save `content` under another name, then rename it."""
    part = path.with_name(path.name + ".part")
    try:
        torch.save(content, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _place(device, storage, saved_on: str):
    """Where a tensor of the file goes: to `device`, unless it was on the CPU, as what `evaluate` returned may be."""
    return storage if saved_on == "cpu" else torch.serialization.default_restore_location(storage, str(device))


def storable(value) -> bool:
    """Whether a value comes back from a file as it was: tensors, numbers, strings, None; lists and dicts of them."""
    if isinstance(value, list | tuple):
        return all(map(storable, value))
    if isinstance(value, dict):
        return all(storable(part) for pair in value.items() for part in pair)
    return value is None or type(value) in (bool, int, float, str, torch.Tensor)


@dataclass(frozen=True)
class SavedGenerator:
    """A generator that was loaded from a file, with the noise that it wants: call it for samples.

    ``generator(n, rng)`` returns n samples, in the data's own units if the file has them.
    """

    network: nn.Module
    noise: Callable[[int, torch.Generator], torch.Tensor]
    units: Units | None

    @torch.no_grad()
    def __call__(self, n: int, rng: torch.Generator) -> torch.Tensor:
        """Draw noise and make n samples of it."""
        samples = self.network(self.noise(n, rng))
        return samples if self.units is None else self.units.restore(samples)

    def try_out(self) -> None:
        """Refuse noise and units that do not fit the network."""
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            try:
                noise = self.noise(2, torch.Generator().manual_seed(0))
            except Exception as error:
                raise _validate.refusal(error, "noise(2, rng)") from error
            samples = _validate.result_of(self.network, noise, "the generator", "noise")
            if self.units is not None:
                self.units.restore(samples)


def save_generator(path, generator: nn.Module, noise: Callable, units=None) -> None:
    """Keep a trained generator in a file: weights, the noise that it wants, and the units of its samples.

    generator: of one run, such as run.generator, run.ema_generator or run.best.generator; for stacked runs take one
    with `unstack`. noise: the GAN's sampler; one of `gan_helpers.noise`, or a functools.partial of one, is kept by
    name. units: the `data.from_samples` sampler that the GAN was trained on, if it was. The file holds no code, and is
    replaced in one go. Raises TypeError or ValueError for parts that do not fit, and writes nothing then.
    """
    if not isinstance(generator, nn.Module):
        raise TypeError(f"generator must be a network, got {generator!r:.60}. Pass run.generator, say.")
    if any(type(layer).__module__ == stacking.__name__ for layer in generator.modules()):
        raise TypeError("the generator holds many stacked runs. Take one out first: unstack(run.generator, 0).")
    units = getattr(units, "units", units)
    if not isinstance(units, Units | None):
        raise TypeError(f"units must be a sampler that data.from_samples made, got {units!r:.60}.")
    callable_with(noise, "noise", ("n", "rng"))
    network = copy.deepcopy(generator).cpu().eval()
    SavedGenerator(network, noise, units).try_out()
    place(Path(path))
    write(Path(path), {"weights": network.state_dict(), "layers": str(generator), "noise": described(noise),
                       "units": units and vars(units)})


def load_generator(path, build: Callable[[], nn.Module], noise: Callable | None = None) -> SavedGenerator:
    """The generator in a file that `save_generator` wrote, in evaluation mode, with its noise and units.

    build: the function that builds its network, as in the GAN. noise: the sampler, if it is one of your own, which the
    file knows by name only. Raises ValueError for a file of another network or none at all.
    """
    callable_with(build, "build", ())
    if noise is not None:
        callable_with(noise, "noise", ("n", "rng"))
    try:
        saved = dict(torch.load(path, map_location="cpu", weights_only=True))
        weights, layers, wanted = saved["weights"], saved["layers"], saved["noise"]
        function, keywords = getattr(noises, wanted["function"], None), wanted["keywords"]
        units = saved["units"] and Units(**saved["units"])
    except FileNotFoundError:
        raise
    except Exception as error:  # whatever a damaged file makes torch raise
        raise ValueError(f"{path} cannot be read: it is damaged, or not a generator that save_generator wrote. "
                         f"({type(error).__name__})") from error
    with torch.random.fork_rng(devices=[]):
        network = build()
    try:
        if str(network) != layers:
            raise ValueError(f"{layers!r:.200} there, {str(network)!r:.200} here")
        network.load_state_dict(weights)
    except (RuntimeError, ValueError) as error:
        raise ValueError(f"{path} holds another network than build() makes: {' '.join(str(error).split())}. Pass the "
                         "function that built the one that was saved.") from error
    if noise is None:
        if function is None or keywords is None:
            raise ValueError(f"{path} wants noise from {wanted['function']!r}, which is not one of gan_helpers.noise. "
                             "Pass it: load_generator(path, build, noise=...).")
        noise = functools.partial(function, **keywords)
    generator = SavedGenerator(network.eval().requires_grad_(False), noise, units)
    generator.try_out()
    return generator


def described(noise: Callable) -> dict:
    """A sampler as a file keeps it; keywords is None if it is not one of `gan_helpers.noise`, or a partial of one."""
    function, keywords = noise, {}
    if isinstance(noise, functools.partial):
        function, keywords = noise.func, noise.keywords
    name = getattr(function, "__name__", type(function).__name__)
    ours = getattr(noises, name, None) is function and not getattr(noise, "args", ())
    return {"function": name, "keywords": {key: as_json(value) for key, value in keywords.items()} if ours else None}
