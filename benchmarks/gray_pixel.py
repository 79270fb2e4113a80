"""Chapter 2's one-pixel GANs over 200 seeds each: one peak, and the two peaks of ink and paper.

    python -m benchmarks.gray_pixel          reprints the recorded table
    python -m benchmarks.gray_pixel --run    trains everything again (about ten minutes) and records it

A row that is already in the recording is kept on --run if it was made with the same settings. Delete
gan_helpers/recorded/gray_pixel.json to begin from nothing.
"""

import argparse
import dataclasses
import functools

import torch
from torch import nn

from benchmarks import recording
from gan_helpers import data, densities, discriminators, generators, noise
from gan_helpers.gan import GAN
from gan_helpers.many import train_many

RECORD = recording.FOLDER / "gray_pixel.json"
COMMAND = "python -m benchmarks.gray_pixel --run"
SEEDS = range(1000, 1200)
GRID = torch.linspace(-4, 5, 901)  # where divergences are computed, as in the chapter
SHOWN = torch.linspace(-1.3, 1.3, 261)  # where a few densities are kept, to be drawn
GRAY = GAN(
    real=data.gray_pixels, noise=noise.normal, generator=functools.partial(nn.Linear, 1, 1),
    discriminator=functools.partial(discriminators.hidden_discriminator, width=1, hidden=32),
    d_steps=5, batch_size=64, lr=1e-2, betas=(0.5, 0.9), decay=True,
)
PAGE = dataclasses.replace(GRAY, real=data.ink_and_paper, batch_size=128)
BENT = dataclasses.replace(PAGE, generator=generators.number_generator, lr=2e-2)
ROWS = {  # name: recipe, density of the data, rounds
    "one peak": (GRAY, densities.gray_pixels, 200),
    "two peaks, straight": (PAGE, densities.ink_and_paper, 200),
    "two peaks, hidden layers": (BENT, densities.ink_and_paper, 400),
    "two peaks, hidden layers, longer": (BENT, densities.ink_and_paper, 2000),
}
ORDER = {"best": 0.0, "quarter": 0.25, "median": 0.5, "three quarters": 0.75, "worst": 1.0}  # whose density is kept


def looks(rounds: int) -> list[int]:
    """When the divergence is taken."""
    return [0, *(i for i in (50, 100, 200, 400, 1000) if i < rounds), rounds]


def measure(gan: GAN, target, rounds: int) -> dict:
    """Train one recipe from all seeds; return what is recorded of it."""

    def divergence(run):
        made = densities.generated(run.generator, GRID)
        made = made / torch.trapezoid(made, GRID).unsqueeze(-1)
        return densities.jensen_shannon(target(GRID), made, GRID)

    run = train_many(gan, rounds, SEEDS, watch=divergence, watch_at=looks(rounds))
    made, last = densities.generated(run.generator, SHOWN), run.watched[rounds]
    rank = last.argsort()
    which = {name: int(rank[round(share * (len(rank) - 1))]) for name, share in ORDER.items()}
    step = float(GRID[1] - GRID[0])
    return {
        "settings": settings(gan, rounds),
        "jsd": {str(i): [round(value, 5) for value in jsd.tolist()] for i, jsd in run.watched.items()},
        "right half": [round(value, 4) for value in
                       (densities.generated(run.generator, GRID)[:, GRID > 0].sum(1) * step).tolist()],
        "shown": {name: {"seed": SEEDS[i], "density": [round(value, 3) for value in made[i].tolist()]}
                  for name, i in which.items()},
    } | recording.provenance()


def settings(gan: GAN, rounds: int) -> dict:
    """What a row sets, as JSON keeps it: tells whether a recording is still of this recipe."""
    return recording.settings(gan, steps=rounds, seeds=SEEDS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", action="store_true", help="train again what is not recorded")
    record = recording.read(RECORD)
    if parser.parse_args().run:
        for name, (gan, target, rounds) in ROWS.items():
            if record.get(name, {}).get("settings") != settings(gan, rounds):
                record[name] = measure(gan, target, rounds)
                recording.write(RECORD, {n: record[n] for n in ROWS if n in record})
    print(f"{len(SEEDS)} seeds{'round':>40s}   JSD: least   tenth  median  nine tenths  largest")
    for name, (gan, _, rounds) in ROWS.items():
        recording.current(record.get(name), settings(gan, rounds), name, COMMAND)
        for i, jsd in record[name]["jsd"].items():
            q = torch.tensor(jsd).quantile(torch.tensor([0, 0.1, 0.5, 0.9, 1])).tolist()
            print(f"{name:34s}{i:>15s}{q[0]:13.4f}{q[1]:8.4f}{q[2]:8.4f}{q[3]:13.4f}{q[4]:9.4f}")


if __name__ == "__main__":
    main()
