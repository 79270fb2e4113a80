"""What the benchmarks share: how a result is kept in gan_helpers/recorded, and what is kept of its settings."""

import argparse
import datetime
import json
import os
import platform
from collections.abc import Callable
from pathlib import Path

import torch

from gan_helpers import recorded
from gan_helpers.gan import GAN

FOLDER = Path(__file__).parent.parent / "gan_helpers" / "recorded"
WORK = Path(__file__).parent.parent / "_build" / "recordings"  # runs that are not finished


def read(path: Path) -> dict:
    """Return the rows of a recording, empty if there is none yet."""
    if not path.exists():
        return {}
    return recorded.unwrapped(json.loads(path.read_text("utf-8")), path.stem, "Move it away and use --run.")


def write(path: Path, record: dict) -> None:
    """Replace the recording by these rows in one go, so that nothing half-written is left."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps({"format": recorded.FORMAT, "rows": record}) + "\n", "utf-8")
    part.replace(path)


def updated(path: Path, description: str, settings: dict[str, dict], measure: Callable[[str], dict]) -> dict:
    """The rows of a recording; if the command line says --run, measure(name) trains what has not these settings yet."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", action="store_true", help="train again what is not recorded")
    record = read(path)
    if parser.parse_args().run:
        for name, wanted in settings.items():
            if record.get(name, {}).get("settings") != wanted:
                record[name] = measure(name)
                write(path, {n: record[n] for n in settings if n in record})
    return record


def current(kept: dict | None, settings: dict, name: str, command: str) -> None:
    """Stop with words if a row is not recorded, or was recorded with other settings than the code has now."""
    if kept is None:
        raise SystemExit(f"{name!r} is not recorded yet. Run: {command}")
    for key in sorted(kept["settings"].keys() | settings.keys()):
        theirs, mine = kept["settings"].get(key, "not set"), settings.get(key, "not set")
        if theirs != mine:
            raise SystemExit(f"{name!r} was recorded with {key} = {theirs!r:.60}, the code has {mine!r:.60}. "
                             f"Run: {command}")


def provenance() -> dict:
    """When, with which torch and on what machine."""
    threads = torch.get_num_threads()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, up to {threads} thread{'s' * (threads > 1)} a run"
    return {"made": datetime.date.today().isoformat(), "torch": str(torch.__version__), "machine": machine}


def settings(gan: GAN, **more) -> dict:
    """What a GAN sets beyond the defaults, as JSON keeps it: tells whether a recording is still of this recipe."""
    ends = {name: [value.start, value.stop] if isinstance(value, range) else value for name, value in more.items()}
    return json.loads(json.dumps(gan.settings() | ends))


def folder(name: str) -> Path:
    """Where the half-finished runs of a row are kept."""
    return WORK / "".join(c if c.isalnum() else "_" for c in name)
