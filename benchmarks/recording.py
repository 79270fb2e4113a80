"""What the benchmarks share: how a result is kept in gan_helpers/recorded, and what is kept of its settings."""

import dataclasses
import datetime
import functools
import json
import os
import platform
from pathlib import Path

import torch

from gan_helpers.gan import GAN

FOLDER = Path(__file__).parent.parent / "gan_helpers" / "recorded"


def read(path: Path) -> dict:
    """Return the recording, empty if there is none yet."""
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def write(path: Path, record: dict) -> None:
    """Replace the recording in one go, so that nothing half-written is left."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(record) + "\n", "utf-8")
    part.replace(path)


def provenance() -> dict:
    """When, with which torch and on what machine."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, one thread a run"
    return {"made": datetime.date.today().isoformat(), "torch": torch.__version__, "machine": machine}


def settings(gan: GAN, **more) -> dict:
    """What a GAN sets beyond the defaults, as JSON keeps it: tells whether a recording is still of this recipe."""
    fields = {f.name: getattr(gan, f.name) for f in dataclasses.fields(gan) if getattr(gan, f.name) != f.default}
    return json.loads(json.dumps({name: _plain(value) for name, value in fields.items()} | more))


def _plain(value):
    if isinstance(value, functools.partial):
        return {"function": value.func.__name__} | value.keywords
    return getattr(value, "__name__", value)
