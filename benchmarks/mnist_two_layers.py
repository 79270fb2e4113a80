"""Chapter 5: what the noise does to the two-layer recipe, and its runs of 100,000 iterations.

    python -m benchmarks.mnist_two_layers                reprints the recorded tables
    python -m benchmarks.mnist_two_layers --run          trains what is not recorded, hours on two cores
    python -m benchmarks.mnist_two_layers --run long     the long runs only
"""

import dataclasses
import functools
import math

import torch

from benchmarks import digits, recorder
from gan_helpers import recipes

NAME, ROOT3 = "mnist_two_layers", math.sqrt(3)


def scaled(sampler, by: float, n: int, rng: torch.Generator) -> torch.Tensor:
    """Noise times a number."""
    return by * sampler(n, rng)


NOISES = {  # name: (noise, seeds)
    "normal": (recipes.TWO_LAYERS.noise, 10),
    "uniform": (recipes.UNIFORM, 10),
    "normal, as narrow as uniform": (functools.partial(scaled, recipes.TWO_LAYERS.noise, 1 / ROOT3), 5),
    "uniform, as wide as normal": (functools.partial(scaled, recipes.UNIFORM, ROOT3), 5),
}
SHORT = {
    name: recorder.Row(dataclasses.replace(recipes.TWO_LAYERS, noise=noise), 3000, range(seeds),
                       digits.steps_until(3000, every=1000))
    for name, (noise, seeds) in NOISES.items()
}
LONG = {
    f"long, {name}": recorder.Row(gan, recipes.TWO_LAYERS_STEPS, range(3),
                                  digits.steps_until(recipes.TWO_LAYERS_STEPS, every=2500))
    for name, gan in (("normal", recipes.TWO_LAYERS), ("uniform", recipes.TWO_LAYERS_UNIFORM))
}
ROWS = SHORT | LONG


def measure(name: str, row: recorder.Row, folder) -> dict:
    return digits.measure(name, row, folder, keep_samples=name in LONG, keep_generator=name in LONG)


if __name__ == "__main__":
    recorder.main(NAME, __doc__, ROWS, measure, functools.partial(digits.show, NAME, {"noise": SHORT, "long": LONG}))
