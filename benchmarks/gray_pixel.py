"""Chapter 2's one-pixel GANs over 200 seeds each: the race of two losses, one peak, and the two of ink and paper.

    python -m benchmarks.gray_pixel          reprints the recorded table
    python -m benchmarks.gray_pixel --run    trains what is not recorded (all of it takes about ten minutes)
"""

import dataclasses
import functools

import torch
from torch import nn

from benchmarks import recorder
from gan_helpers import data, discriminators, generators, losses, metrics, noise, recorded
from gan_helpers.gan import GAN

NAME, SEEDS = "gray_pixel", range(1000, 1200)
GRID = torch.linspace(-4, 5, 901)  # where divergences are computed, as in the chapter
SHOWN = torch.linspace(-1.3, 1.3, 261)  # where a few densities are kept, to be drawn
GRAY = GAN(
    real=data.gray_pixels, noise=noise.normal, generator=functools.partial(nn.Linear, 1, 1),
    discriminator=functools.partial(discriminators.hidden_discriminator, width=1, hidden=32),
    d_steps=5, batch_size=64, lr=1e-2, betas=(0.5, 0.9), decay=True,
)
PAGE = dataclasses.replace(GRAY, real=data.ink_and_paper, batch_size=128)
BENT = dataclasses.replace(PAGE, generator=generators.number_generator, lr=2e-2)
DENSITIES = {data.gray_pixels: metrics.densities.gray_pixels, data.ink_and_paper: metrics.densities.ink_and_paper}
RANKS = (0.0, 0.5, 0.75, 1.0)  # of the runs whose densities are kept, by their divergence: best, median, ..., worst


def start_far_away() -> nn.Module:
    """A straight G as wide as the data, with its mean at 3."""
    layer = nn.Linear(1, 1)
    nn.init.constant_(layer.weight, 0.35)
    nn.init.constant_(layer.bias, 3.0)
    return layer


RACE = dataclasses.replace(GRAY, generator=start_far_away, decay=False)
DESCENT, ADAM, MINIMAX = {"momentum": 0.0, "lr": 0.1}, {"lr": 0.03}, {"generator_loss": losses.minimax}
GANS = {  # name: GAN, steps after which the divergence is computed
    "race, gradient descent, non-saturating": (dataclasses.replace(RACE, **DESCENT), range(0, 201, 20)),
    "race, gradient descent, minimax": (dataclasses.replace(RACE, **DESCENT, **MINIMAX), range(0, 201, 20)),
    "race, Adam, non-saturating": (dataclasses.replace(RACE, **ADAM), range(0, 201, 20)),
    "race, Adam, minimax": (dataclasses.replace(RACE, **ADAM, **MINIMAX), range(0, 201, 20)),
    "one peak": (GRAY, (0, 50, 100, 200)),
    "two peaks, straight": (PAGE, (0, 50, 100, 200)),
    "two peaks, hidden layers": (BENT, (0, 50, 100, 200, 400)),
    "two peaks, hidden layers, longer": (BENT, (0, 50, 100, 200, 400, 1000, 2000)),
}
ROWS = {name: recorder.Row(gan, at[-1], SEEDS, at) for name, (gan, at) in GANS.items()}


def divergence(run, density) -> torch.Tensor:
    """(runs,): the Jensen-Shannon divergence of p_g, without what is off the grid, to p_data."""
    made = metrics.densities.generated(run.generator, GRID)
    made = made / torch.trapezoid(made, GRID).unsqueeze(-1)
    return metrics.densities.jensen_shannon(density(GRID), made, GRID)


def measure(name: str, row: recorder.Row, folder) -> dict:
    """Divergences; for the data with two peaks also the share of ink, and some densities."""
    run = row.train(folder, functools.partial(divergence, density=DENSITIES[row.gan.real]))
    kept = {"jsd": recorder.rounded(torch.stack([run.evaluations[step] for step in row.evaluate_at], 1), 4)}
    if row.gan.real is data.gray_pixels:
        return kept
    ink = metrics.densities.generated(run.generator, GRID)[:, GRID > 0].sum(1) * float(GRID[1] - GRID[0])
    order = run.evaluations[row.steps].argsort()
    which = order[[round(rank * (len(order) - 1)) for rank in RANKS]]
    shown = metrics.densities.generated(run.generator, SHOWN)[which]
    return kept | {"ink": recorder.rounded(ink, 4), "shown": recorder.rounded(shown, 3),
                   "shown_seeds": torch.tensor(row.seeds)[which]}


def show() -> None:
    print(f"{len(SEEDS)} seeds{'round':>40s}   JSD: least   tenth  median  nine tenths  largest")
    for (name, step), jsd in recorded.evaluations(NAME).jsd.groupby(["row", "step"], sort=False):
        q = torch.tensor(jsd.to_numpy()).float().quantile(torch.tensor([0, 0.1, 0.5, 0.9, 1])).tolist()
        print(f"{name:38s}{step:11d}{q[0]:13.4f}{q[1]:8.4f}{q[2]:8.4f}{q[3]:13.4f}{q[4]:9.4f}")


if __name__ == "__main__":
    recorder.main(NAME, __doc__, ROWS, measure, show)
