"""What the benchmarks share: train the rows that are not recorded yet, and keep them in gan_helpers/recorded."""

import argparse
import dataclasses
import datetime
import json
import os
import platform
import re
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import joblib
import numpy as np
import torch

from gan_helpers import recorded
from gan_helpers.gan import GAN
from gan_helpers.training import Run, train_many

FOLDER = Path(recorded.__file__).parent
WORK = Path(__file__).parent.parent / "_build" / "recordings"  # checkpoints of rows that are not finished


@dataclasses.dataclass(frozen=True)
class Row:
    """What is trained: one GAN from many seeds, evaluated after these steps. more: other settings to be recorded."""

    gan: GAN
    steps: int
    seeds: range
    evaluate_at: Sequence[int] = ()
    more: dict = dataclasses.field(default_factory=dict)

    def settings(self) -> dict:
        """As JSON keeps them: they tell whether a recording is still of this row."""
        own = {"steps": self.steps, "seeds": [self.seeds.start, self.seeds.stop]}
        own |= {"evaluate_at": list(self.evaluate_at)} if self.evaluate_at else {}
        return self.gan.settings() | own | self.more

    def train(self, folder: Path, evaluate: Callable[[Run], torch.Tensor] | None = None) -> Run:
        """Train all seeds on all cores; resume what `folder` holds."""
        with joblib.parallel_config(backend="loky"):
            return train_many(self.gan, self.steps, self.seeds, evaluate=evaluate, evaluate_at=self.evaluate_at,
                              chunk_size=50, progress=False, checkpoint=folder)


def main(name: str, description: str, rows: dict[str, Row], measure: Callable[[str, Row, Path], dict],
         show: Callable[[], None]) -> None:
    """The command of a benchmark: with --run it records what is missing; in any case it shows what is recorded.

    measure(row's name, row, folder for checkpoints) returns {key: array or tensor}, or a value to be kept as JSON.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", nargs="*", metavar="ROW",
                        help="train the rows that are not recorded: all, or those whose names begin like this")
    begins = parser.parse_args().run
    if begins is not None:
        record(name, {row: rows[row] for row in rows if row.startswith(tuple(begins or [""]))}, measure, list(rows))
    check(name, rows)
    show()


def record(name: str, rows: dict[str, Row], measure: Callable[[str, Row, Path], dict], order: Sequence[str]) -> None:
    """Measure the rows that are not recorded with the same settings, and write after each of them."""
    facts, arrays = read(name)
    for row, wanted in rows.items():
        if facts.get(row, {}).get("settings") == wanted.settings():
            continue
        start, folder = time.perf_counter(), WORK / name / re.sub(r"\W", "_", row)
        found = measure(row, wanted, folder)
        spent = round(time.perf_counter() - start, 1)
        kept = {key: value for key, value in found.items() if not isinstance(value, np.ndarray | torch.Tensor)}
        facts[row] = {"settings": wanted.settings()} | provenance() | {"seconds": spent} | kept
        arrays = {key: value for key, value in arrays.items() if not key.startswith(f"{row}/")}
        arrays |= {f"{row}/{key}": np.asarray(value) for key, value in found.items() if key not in kept}
        write(name, {key: facts[key] for key in order if key in facts}, arrays)
        shutil.rmtree(folder, ignore_errors=True)
        print(f"{row}: done in {spent:.0f} s", flush=True)


def read(name: str) -> tuple[dict, dict]:
    """What is recorded: the facts and the arrays of the rows; both empty if there is nothing yet."""
    if not (FOLDER / f"{name}.json").exists():
        return {}, {}
    return recorded.about(name), {key: value.numpy() for key, value in recorded.arrays(name).items()}


def write(name: str, facts: dict, arrays: dict[str, np.ndarray]) -> None:
    """Replace both files, each in one go, so that nothing half-written is left; the arrays first."""
    text = json.dumps({"format": recorded.FORMAT, "rows": facts}, indent=1)
    text = re.sub(r"\[[^][{}]*\]", lambda found: json.dumps(json.loads(found[0])), text)  # a list on one line
    part = FOLDER / f"{name}.part"
    with part.open("wb") as file:
        np.savez_compressed(file, **arrays)
    part.replace(FOLDER / f"{name}.npz")
    part.write_text(text + "\n", "utf-8")
    part.replace(FOLDER / f"{name}.json")


def check(name: str, rows: dict[str, Row]) -> None:
    """Stop with a message if a row is not recorded, or was recorded with other settings than the code has now."""
    facts, command = read(name)[0], f"python -m benchmarks.{name} --run"
    for row, wanted in rows.items():
        if row not in facts:
            raise SystemExit(f"{row!r} is not recorded yet. Run: {command}")
        kept, settings = facts[row]["settings"], wanted.settings()
        for key in sorted(kept.keys() | settings.keys()):
            theirs, mine = kept.get(key, "not set"), settings.get(key, "not set")
            if theirs != mine:
                raise SystemExit(f"{row!r} was recorded with {key} = {theirs!r:.60}, the code has {mine!r:.60}. "
                                 f"Run: {command}")


def provenance() -> dict:
    """When, with which torch and on what machine."""
    threads = torch.get_num_threads()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, up to {threads} thread{'s' * (threads > 1)} a run"
    return {"made": datetime.date.today().isoformat(), "torch": str(torch.__version__), "machine": machine}


def seconds(action: Callable[[], object], device="cpu") -> float:
    """How long an action takes, what it started on a GPU included."""
    def now() -> float:
        if torch.device(device).type == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter()

    start = now()
    action()
    return now() - start


def rounded(values, digits: int) -> np.ndarray:
    """Values in double precision, with this many decimals."""
    return np.asarray(values, np.float64).round(digits)
