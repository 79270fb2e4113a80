"""Which part of chapter 1's repair does the work? Parts taken away or put in, over 200 seeds each.

    python -m benchmarks.even_numbers          reprints the recorded table
    python -m benchmarks.even_numbers --run    trains what is not recorded (all of it takes about fifteen minutes)
"""

import dataclasses

import torch

from benchmarks import recorder
from gan_helpers import data, discriminators, generators, metrics, noise, recorded
from gan_helpers.gan import GAN

NAME, STEPS = "even_numbers", 2000
SEEDS = range(1000, 1200)  # not the seeds of the chapter, on which the recipe was chosen
REPAIRED = GAN(
    real=data.even_numbers, noise=noise.random_bits,
    generator=generators.bit_generator, discriminator=discriminators.hidden_discriminator,
    batch_size=64, lr=0.1, decay=True, betas=(0.0, 0.99), r1=0.05,
)
FIRST = {"batch_size": 16, "lr": 1e-3, "decay": False, "betas": (0.9, 0.999), "r1": 0.0}  # the first recipe's settings
CHANGES = {
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
ROWS = {name: recorder.Row(dataclasses.replace(REPAIRED, **changes), STEPS, SEEDS) for name, changes in CHANGES.items()}


def measure(name: str, row: recorder.Row, folder) -> dict:
    """What each run makes: exactly, as all noise values can be tried; and how even and how spread the outputs are."""
    with torch.no_grad():
        outputs = row.train(folder).generator(noise.all_bits())  # (runs, 128, 7)
    table, first_bits = metrics.bits.table_of(outputs), outputs[..., :6]
    return {
        "only_even": metrics.bits.validity(table) == 1,
        "coverage": metrics.bits.coverage(table),
        "entropy": recorder.rounded(metrics.bits.entropy(table), 4),
        "imbalance": recorder.rounded(first_bits.mean(1).sub(0.5).abs().mean(1), 4),
        "spread": recorder.rounded(first_bits.std(1).mean(1), 4),
    }


def show() -> None:
    runs = recorded.runs(NAME)
    head = f"{len(SEEDS)} seeds, {STEPS} steps"
    print(f"{head:30s} only even   all 64   numbers of 64, mean (least)   entropy   spread")
    runs["full"] = (runs.coverage == 64) & runs.only_even
    means = runs.groupby("row", sort=False).mean()
    for name, mean in means.iterrows():
        numbers = f"{mean.coverage:.1f} ({runs.coverage[name].min()})"
        print(f"{name:30s}{mean.only_even:10.0%}{mean.full:9.0%}{numbers:>31s}{mean.entropy:10.2f}{mean.spread:9.2f}")


if __name__ == "__main__":
    recorder.main(NAME, __doc__, ROWS, measure, show)
