"""Chapter 7: twenty draws of the best generator, and fresh Ds that see few or many training images.

    python -m benchmarks.measuring         reprints the recorded tables
    python -m benchmarks.measuring --run   measures what is not recorded, minutes on one core
"""

import dataclasses
import functools

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

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
        """As JSON keeps them: they tell whether a recording is still of this row."""
        return {"generator": f"{mnist_deeper.NAME}: {mnist_deeper.BEST}", "seeds": [self.seeds.start, self.seeds.stop],
                "sizes": list(self.sizes), "resamples": self.resamples}

    def measure(self) -> dict:
        """Per draw, the mean distance of its pieces of each size, and the excess over test images with its interval.

        pooled: the distance of all draws together.
        """
        real, draws, distances, intervals = metrics.digits.features(mnist.images("test").pixels), [], [], []
        for seed in self.seeds:
            rng = torch.Generator().manual_seed(seed)
            draws.append(metrics.digits.features(drawn(max(self.sizes), rng)))
            distances.append([np.mean([distance(piece) for piece in draws[-1].split(n)]) for n in self.sizes])
            rng.manual_seed(seed)
            intervals.append(statistics.bootstrap(excess, draws[-1], real, rng=rng, times=self.resamples))
        found = dict(zip(("excess", "low", "high"), np.transpose(intervals), strict=True)) | {"frechet": distances}
        found = {key: recorder.rounded(values, 4) for key, values in found.items()}
        return found | {"pooled": round(distance(torch.cat(draws)), 4)}


@dataclasses.dataclass(frozen=True)
class Detectives:
    """What is trained: from each seed a fresh D against new fakes of the generator and a few of the training images."""

    seeds: range
    images: int
    evaluate_at: tuple[int, ...] = tuple(range(0, 301, 30))

    def settings(self) -> dict:
        """As JSON keeps them: they tell whether a recording is still of this row."""
        return {"generator": f"{mnist_deeper.NAME}: {mnist_deeper.BEST}", "seeds": [self.seeds.start, self.seeds.stop],
                "images": self.images, "evaluate_at": list(self.evaluate_at)}

    def measure(self) -> dict:
        """D's mean probability of "real": for real images of its training, for other ones, for fakes (runs, steps)."""
        opinions = np.array([self.train(seed) for seed in self.seeds])
        return {key: recorder.rounded(opinions[..., i], 4) for i, key in enumerate(("seen", "new", "fakes"))}

    def train(self, seed: int) -> list[list[float]]:
        torch.manual_seed(seed)
        rng = torch.Generator().manual_seed(seed)
        known = mnist.images("train").at(torch.randperm(60_000, generator=rng)[:self.images])
        groups = known[:1000], mnist.images("test").at(torch.randperm(10_000, generator=rng)[:1000]), drawn(1000, rng)
        discriminator = nn.Sequential(nn.Linear(784, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1))
        optimizer, opinions = torch.optim.Adam(discriminator.parameters(), lr=1e-3), []
        for step in range(max(self.evaluate_at) + 1):
            if step in self.evaluate_at:
                with torch.no_grad():
                    opinions.append([discriminator(group).sigmoid().mean().item() for group in groups])
            real, fake = known[torch.randint(self.images, (64,), generator=rng)], drawn(64, rng)
            loss = F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake)).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return opinions


ROWS = {
    mnist_deeper.BEST: Draws(range(20), (250, 500, 1000, 2000, 5000, 10_000), 200),
    "D, 500 images": Detectives(range(20), 500),
    "D, 5,000 images": Detectives(range(20), 5000),
}


@torch.no_grad()
def drawn(count: int, rng: torch.Generator) -> torch.Tensor:
    """(count, 784) images of the best generator."""
    z = recipes.BEST.noise(count, rng)
    return torch.cat([generator()(part) for part in z.split(1000)])


@functools.cache
def generator() -> nn.Module:
    return recorded.generator(mnist_deeper.NAME, mnist_deeper.BEST, recipes.BEST.generator())


def distance(features: torch.Tensor) -> float:
    """The Frechet distance to all training images."""
    return clouds.frechet_gaussians(*digits.reference(), *clouds.mean_and_covariance(features))


def excess(fake: torch.Tensor, real: torch.Tensor) -> float:
    return distance(fake) - distance(real)


def measure(name: str, row: Draws | Detectives, folder) -> dict:
    return row.measure()


def show() -> None:
    print("Frechet distance of each draw to the training images; how much more than that of the test images, 95 % "
          "interval")
    name, runs, seen = mnist_deeper.BEST, recorded.runs(NAME), recorded.evaluations(NAME)
    frechet = recorded.arrays(NAME)[f"{name}/frechet"][:, -1]
    for (seed, found), value in zip(runs.loc[name].iterrows(), frechet, strict=True):
        print(f"{name}, draw {seed:2d} {value:6.2f} {found.excess:6.2f} ({found.low:.2f} to {found.high:.2f})")
    print(f"{name}, all {len(frechet)} draws together {recorded.about(NAME)[name]['pooled']:.2f}")
    print('\nmean probability of "real" at the end: for images seen in training, new ones, fakes')
    for name, ends in seen.groupby(level="step").get_group(300).groupby(level="row", sort=False):
        print(f"{name:16s}", *(f"{ends[key].mean():6.3f}" for key in ("seen", "new", "fakes")))


if __name__ == "__main__":
    recorder.main(NAME, __doc__, ROWS, measure, show)
