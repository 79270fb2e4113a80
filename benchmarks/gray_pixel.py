"""Chapter 2's one-pixel GANs over 200 seeds each: the race of two losses, one peak, and the two of ink and paper.

    python -m benchmarks.gray_pixel          reprints the recorded table
    python -m benchmarks.gray_pixel --run    trains everything again (about ten minutes) and records it

A row that is already in the recording is kept on --run if it was made with the same settings. Delete
gan_helpers/recorded/gray_pixel.json to begin from nothing.
"""

import dataclasses
import functools

import torch
from torch import nn

from benchmarks import recording
from gan_helpers import data, discriminators, generators, losses, metrics, noise
from gan_helpers.gan import GAN
from gan_helpers.training import train_many

RECORD = recording.FOLDER / "gray_pixel.json"
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


def start_far_away() -> nn.Module:
    """A straight G as wide as the data, with its mean at 3."""
    layer = nn.Linear(1, 1)
    nn.init.constant_(layer.weight, 0.35)
    nn.init.constant_(layer.bias, 3.0)
    return layer


RACE = dataclasses.replace(GRAY, generator=start_far_away, decay=False)
OPTIMISERS = {"gradient descent": {"momentum": 0.0, "lr": 0.1}, "Adam": {"lr": 0.03}}
LOSSES = {"non-saturating": losses.non_saturating, "minimax": losses.minimax}
ROWS = {  # name: recipe, density of the data, rounds after which the divergence is taken, the last at the end
    f"race, {optimiser}, {loss}": (
        dataclasses.replace(RACE, generator_loss=function, **changes), metrics.densities.gray_pixels, range(0, 201, 20)
    )
    for optimiser, changes in OPTIMISERS.items() for loss, function in LOSSES.items()
} | {
    "one peak": (GRAY, metrics.densities.gray_pixels, (0, 50, 100, 200)),
    "two peaks, straight": (PAGE, metrics.densities.ink_and_paper, (0, 50, 100, 200)),
    "two peaks, hidden layers": (BENT, metrics.densities.ink_and_paper, (0, 50, 100, 200, 400)),
    "two peaks, hidden layers, longer": (BENT, metrics.densities.ink_and_paper, (0, 50, 100, 200, 400, 1000, 2000)),
}
ORDER = {"best": 0.0, "median": 0.5, "three quarters": 0.75, "worst": 1.0}  # whose density is kept


def measure(gan: GAN, target, looks) -> dict:
    """Train one recipe from all seeds; return what is recorded of it, with some densities where there are two peaks."""

    def divergence(run):
        made = metrics.densities.generated(run.generator, GRID)
        made = made / torch.trapezoid(made, GRID).unsqueeze(-1)
        return metrics.densities.jensen_shannon(target(GRID), made, GRID)

    rounds = looks[-1]
    run = train_many(gan, rounds, SEEDS, evaluate=divergence, evaluate_at=looks)
    kept = {
        "settings": settings(gan, rounds),
        "jsd": {str(i): [round(value, 4) for value in jsd.tolist()] for i, jsd in run.evaluations.items()},
    } | recording.provenance()
    if target is not metrics.densities.ink_and_paper:
        return kept
    made, last = metrics.densities.generated(run.generator, SHOWN), run.evaluations[rounds]
    rank = last.argsort()
    which = {name: int(rank[round(share * (len(rank) - 1))]) for name, share in ORDER.items()}
    step = float(GRID[1] - GRID[0])
    return kept | {
        "right half": [round(value, 4) for value in
                       (metrics.densities.generated(run.generator, GRID)[:, GRID > 0].sum(1) * step).tolist()],
        "shown": {name: {"seed": SEEDS[i], "density": [round(value, 3) for value in made[i].tolist()]}
                  for name, i in which.items()},
    }


def settings(gan: GAN, rounds: int) -> dict:
    """What a row sets, as JSON keeps it: tells whether a recording is still of this recipe."""
    return recording.settings(gan, steps=rounds, seeds=SEEDS)


def main() -> None:
    wanted = {name: settings(gan, looks[-1]) for name, (gan, _, looks) in ROWS.items()}
    record = recording.updated(RECORD, __doc__, wanted, lambda name: measure(*ROWS[name]))
    print(f"{len(SEEDS)} seeds{'round':>40s}   JSD: least   tenth  median  nine tenths  largest")
    for name, settings_now in wanted.items():
        recording.current(record.get(name), settings_now, name, "python -m benchmarks.gray_pixel --run")
        for i, jsd in record[name]["jsd"].items():
            q = torch.tensor(jsd).quantile(torch.tensor([0, 0.1, 0.5, 0.9, 1])).tolist()
            print(f"{name:38s}{i:>11s}{q[0]:13.4f}{q[1]:8.4f}{q[2]:8.4f}{q[3]:13.4f}{q[4]:9.4f}")


if __name__ == "__main__":
    main()
