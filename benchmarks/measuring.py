"""Chapter 7: the best generator drawn twenty times, and how far each draw is from the training images.

    python -m benchmarks.measuring         reprints the recorded table
    python -m benchmarks.measuring --run   draws and measures, minutes on one core
"""

import dataclasses

import numpy as np
import torch

from benchmarks import digits, mnist_deeper, recorder
from gan_helpers import metrics, mnist, recipes, recorded
from gan_helpers.metrics import clouds, statistics

NAME = "measuring"


@dataclasses.dataclass(frozen=True)
class Draws:
    """What is drawn: from each seed, as many samples of the generator as the largest of the sizes."""

    seeds: range
    sizes: tuple[int, ...]  # each divides the largest
    resamples: int  # of each draw

    def settings(self) -> dict:
        """As JSON keeps them: they tell whether a recording is still of these draws."""
        return {"generator": f"{mnist_deeper.NAME}: {mnist_deeper.BEST}", "seeds": [self.seeds.start, self.seeds.stop],
                "sizes": list(self.sizes), "resamples": self.resamples}


ROWS = {mnist_deeper.BEST: Draws(range(20), (250, 500, 1000, 2000, 5000, 10_000), 200)}


def distance(features: torch.Tensor) -> float:
    """The Frechet distance to all training images."""
    return clouds.frechet_gaussians(*digits.reference(), *clouds.mean_and_covariance(features))


def excess(fake: torch.Tensor, real: torch.Tensor) -> float:
    return distance(fake) - distance(real)


@torch.no_grad()
def measure(name: str, row: Draws, folder) -> dict:
    """Per draw, the mean distance of its pieces of each size; the excess over test images and its interval; pooled:
    the distance of all draws together."""
    generator = recorded.generator(mnist_deeper.NAME, name, recipes.BEST.generator())
    real = metrics.digits.features(mnist.images("test").pixels)
    draws, distances, intervals = [], [], []
    for seed in row.seeds:
        z = recipes.BEST.noise(max(row.sizes), torch.Generator().manual_seed(seed))
        draws.append(metrics.digits.features(torch.cat([generator(part) for part in z.split(1000)])))
        distances.append([np.mean([distance(piece) for piece in draws[-1].split(n)]) for n in row.sizes])
        rng = torch.Generator().manual_seed(seed)
        intervals.append(statistics.bootstrap(excess, draws[-1], real, rng=rng, times=row.resamples))
    found = dict(zip(("excess", "low", "high"), np.transpose(intervals), strict=True))
    found |= {"frechet": distances, "pooled": distance(torch.cat(draws))}
    return {key: recorder.rounded(values, 4) for key, values in found.items()}


def show() -> None:
    print("Frechet distance of each draw to the training images; how much more than that of the test images, 95 % "
          "interval")
    for name, row in ROWS.items():
        frechet = recorded.arrays(NAME)[f"{name}/frechet"][:, -1]
        for (seed, found), value in zip(recorded.runs(NAME).loc[name].iterrows(), frechet, strict=True):
            print(f"{name}, draw {seed:2d} {value:6.2f} {found.excess:6.2f} ({found.low:.2f} to {found.high:.2f})")
        print(f"{name}, all {len(row.seeds)} draws together {recorded.arrays(NAME)[f'{name}/pooled']:.2f}")


if __name__ == "__main__":
    recorder.main(NAME, __doc__, ROWS, measure, show)
