"""Which part of chapter 1's repair does the work? Take one part away at a time, over 200 seeds each.

    python -m benchmarks.even_numbers          reprints the recorded table
    python -m benchmarks.even_numbers --run    trains everything again (about ten minutes) and records it

A variant that is already in the recording is kept on --run if it was made with the same settings, so an interrupted
run goes on where it stopped. Delete gan_helpers/recorded/even_numbers.json to begin from nothing.
"""

import argparse
import dataclasses
import datetime
import json
import os
import platform
import time
from pathlib import Path

import torch

from gan_helpers import data, discriminators, generators, metrics, noise
from gan_helpers.gan import GAN
from gan_helpers.many import train_many

RECORD = Path(__file__).parent.parent / "gan_helpers" / "recorded" / "even_numbers.json"
SEEDS = range(1000, 1200)  # not the seeds of the chapter, on which the recipe was chosen
STEPS = 2000
ARTICLE = GAN(
    real=data.even_numbers, noise=noise.random_bits,
    generator=generators.bit_generator, discriminator=discriminators.linear_discriminator,
)
REPAIRED = GAN(
    real=data.even_numbers, noise=noise.random_bits,
    generator=generators.bit_generator, discriminator=discriminators.hidden_discriminator,
    batch_size=64, lr=0.1, decay=True, betas=(0.0, 0.99), r1=0.05,
)
VARIANTS = {
    "the repaired recipe": {},
    "linear D instead": {"discriminator": discriminators.linear_discriminator},
    "no gradient penalty": {"r1": 0.0},
    "rate stays at 0.1": {"decay": False},
    "rate of 0.001, as in the article": {"lr": 1e-3},
    "momentum 0.9": {"betas": (0.9, 0.99)},
    "batches of 16": {"batch_size": 16},
}


def measure(changes: dict) -> dict:
    """Train one variant from all seeds; return what is recorded of it."""
    start = time.perf_counter()
    gan = dataclasses.replace(REPAIRED, **changes)
    run = train_many(gan, STEPS, SEEDS)
    table = metrics.probability_table(run.generator)
    return {
        "settings": settings(changes),
        "only_even": (metrics.validity(table) == 1).int().tolist(),
        "coverage": metrics.coverage(table).tolist(),
        "entropy": [round(value, 4) for value in metrics.entropy(table).tolist()],
        "seconds": round(time.perf_counter() - start, 1),
        "made": datetime.date.today().isoformat(),
        "torch": torch.__version__,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, one thread",
    }


def settings(changes: dict) -> dict:
    """The settings of a variant as JSON keeps them, to tell whether a recording is still of this recipe."""
    gan = dataclasses.replace(REPAIRED, **changes)
    plain = {f.name: getattr(gan, f.name) for f in dataclasses.fields(gan)}
    plain = {name: getattr(value, "__name__", value) for name, value in plain.items()}
    return json.loads(json.dumps(plain | {"steps": STEPS, "seeds": [SEEDS.start, SEEDS.stop]}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", action="store_true", help="train again what is not recorded")
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    if parser.parse_args().run:
        for name, changes in VARIANTS.items():
            if record.get(name, {}).get("settings") != settings(changes):
                record[name] = measure(changes)
                part = RECORD.with_suffix(".part")  # replaced in one go, so that nothing half-written is left
                part.write_text(json.dumps({n: record[n] for n in VARIANTS if n in record}) + "\n")
                part.replace(RECORD)
    print(f"{len(SEEDS)} seeds, {STEPS} steps            only even   all 64   numbers of 64, mean (least)   entropy")
    for name, kept in record.items():
        runs, cover = len(kept["coverage"]), kept["coverage"]
        full = sum(c == 64 and e for c, e in zip(cover, kept["only_even"], strict=True))
        print(f"{name:34s}{sum(kept['only_even']) / runs:10.0%}{full / runs:9.0%}"
              f"{sum(cover) / runs:17.1f} ({min(cover)}){sum(kept['entropy']) / runs:17.2f} bits")


if __name__ == "__main__":
    main()
