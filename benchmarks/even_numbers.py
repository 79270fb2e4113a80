"""Which part of chapter 1's repair does the work? Parts taken away or put in, over 200 seeds each.

    python -m benchmarks.even_numbers          reprints the recorded table
    python -m benchmarks.even_numbers --run    trains everything again (about fifteen minutes) and records it

A variant that is already in the recording is kept on --run if it was made with the same settings, so an interrupted
run goes on where it stopped. Delete gan_helpers/recorded/even_numbers.json to begin from nothing.
"""

import dataclasses
import time

import torch

from benchmarks import recording
from gan_helpers import data, discriminators, generators, metrics, noise
from gan_helpers.gan import GAN
from gan_helpers.training import train_many

RECORD = recording.FOLDER / "even_numbers.json"
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
FIRST = {"batch_size": 16, "lr": 1e-3, "decay": False, "betas": (0.9, 0.999), "r1": 0.0}  # the first recipe's settings
VARIANTS = {
    "repaired recipe": {},
    "linear D": {"discriminator": discriminators.linear_discriminator},
    "rate from 0.001": {"lr": 1e-3},
    "constant rate 0.1": {"decay": False},
    "no gradient penalty": {"r1": 0.0},
    "momentum 0.9": {"betas": (0.9, 0.99)},
    "long memory 0.999": {"betas": (0.0, 0.999)},
    "batches of 16": {"batch_size": 16},
    "rate from 0.01": {"lr": 1e-2},
    "rate from 0.01, no penalty": {"lr": 1e-2, "r1": 0.0},
    "first recipe, hidden D": FIRST,
    "first recipe, hidden D, rate": FIRST | {"lr": 0.1, "decay": True},
}


def measure(changes: dict) -> dict:
    """Train one variant from all seeds; return what is recorded of it."""
    start = time.perf_counter()
    gan = dataclasses.replace(REPAIRED, **changes)
    run = train_many(gan, STEPS, SEEDS)
    with torch.no_grad():
        outputs = run.generator(noise.all_bits())  # (runs, 128, 7)
    table = metrics.bits.table_of(outputs)
    return {
        "settings": settings(changes),
        "only_even": (metrics.bits.validity(table) == 1).int().tolist(),
        "coverage": metrics.bits.coverage(table).tolist(),
        "entropy": [round(value, 4) for value in metrics.bits.entropy(table).tolist()],
        "mean": [round(value, 4) for value in outputs.mean(1)[:, :6].sub(0.5).abs().mean(1).tolist()],
        "spread": [round(value, 4) for value in outputs.std(1)[:, :6].mean(1).tolist()],
        "seconds": round(time.perf_counter() - start, 1),
    } | recording.provenance()


def settings(changes: dict) -> dict:
    """What a variant sets, as JSON keeps it: tells whether a recording is still of this recipe."""
    gan = dataclasses.replace(REPAIRED, **changes)
    return recording.settings(gan, steps=STEPS, seeds=SEEDS)


def main() -> None:
    wanted = {name: settings(changes) for name, changes in VARIANTS.items()}
    record = recording.updated(RECORD, __doc__, wanted, lambda name: measure(VARIANTS[name]))
    head = f"{len(SEEDS)} seeds, {STEPS} steps"
    print(f"{head:30s} only even   all 64   numbers of 64, mean (least)   entropy   spread")
    for name, kept in record.items():
        runs, cover = len(kept["coverage"]), kept["coverage"]
        full = sum(c == 64 and e for c, e in zip(cover, kept["only_even"], strict=True))
        even, entropy, spread = (sum(kept[key]) / runs for key in ("only_even", "entropy", "spread"))
        numbers = f"{sum(cover) / runs:.1f} ({min(cover)})"
        print(f"{name:30s}{even:10.0%}{full / runs:9.0%}{numbers:>31s}{entropy:10.2f}{spread:9.2f}")


if __name__ == "__main__":
    main()
