"""Chapter 6: from the two-layer recipe to the course's best GAN, one change at a time, and 100,000 steps of the best.

    python -m benchmarks.mnist_deeper                   reprints the recorded tables
    python -m benchmarks.mnist_deeper --run             trains what is not recorded, hours on two cores
                                                        (days on a processor without instructions for bfloat16)
    python -m benchmarks.mnist_deeper --run "the best"  the long runs only
"""

import dataclasses
import functools

from torch import nn

from benchmarks import digits, recorder
from gan_helpers import discriminators, generators, mnist, recipes
from gan_helpers.gan import GAN

NAME, BEST = "mnist_deeper", "the best"


def two_layers_tanh() -> nn.Module:
    """`two_layer_generator` for pixels in [-1, 1]."""
    return nn.Sequential(*generators.two_layer_generator()[:-1], nn.Tanh())


def deep_g(**settings):
    return functools.partial(generators.deep_generator, **settings)


def deep_d(**settings):
    return functools.partial(discriminators.deep_discriminator, **settings)


CHANGES = {  # each row has all the changes above it
    "two layers, batches of 64": {"batch_size": 64, "noise": recipes.UNIFORM, "precision": "bfloat16"},
    "pixels in [-1, 1], tanh": {"real": mnist.digits, "generator": two_layers_tanh},
    "normal noise": {"noise": recipes.TWO_LAYERS.noise},
    "four layers each": {"generator": deep_g(activation=nn.ReLU),
                         "discriminator": deep_d(activation=nn.ReLU, dropout=0.0)},
    "LeakyReLU": {"generator": generators.deep_generator, "discriminator": deep_d(dropout=0.0)},
    "rate 0.0002": {"lr": 2e-4},
    "dropout 0.3 in D": {"discriminator": discriminators.deep_discriminator},  # the second article's recipe
    "batch norm in G, eps 0.8": {"generator": deep_g(norm=functools.partial(nn.BatchNorm1d, eps=0.8))},
    "eps 0.00001 instead": {"generator": deep_g(norm=nn.BatchNorm1d)},
    "betas (0.5, 0.999)": {"betas": (0.5, 0.999)},
    "D four times as fast": {"d_lr": 8e-4},
    "average of G, 0.99": {"ema": 0.99},
    "R1 for dropout, D's rate back": {"r1": 3.0, "d_lr": None, "discriminator": deep_d(dropout=0.0)},
    "rate 0.0005, betas (0, 0.99)": {"lr": 5e-4, "betas": (0.0, 0.99)},
    "simultaneous steps": {"d_steps": 0},
    "the same in float32": {"precision": "float32"},
}


def ladder() -> dict[str, GAN]:
    """From chapter 5's recipe to the course's best."""
    gan, gans = recipes.TWO_LAYERS, {}
    for name, changes in CHANGES.items():
        gans[name] = gan = dataclasses.replace(gan, **changes)
    return gans


LADDER = {name: recorder.Row(gan, 1500, range(5), (500, 1500)) for name, gan in ladder().items()}
# The first seed of each row in float32, to be looked at; its own distance is recorded with it. The last
# row has none: it is the one above it in float32, which is this picture.
PICTURES = {f"picture, {name}": recorder.Row(dataclasses.replace(gan, precision="float32"), 1500, range(1), (1500,))
            for name, gan in [*ladder().items()][:-1]}
# Batch norm's slip at the betas of the scripts that have it.
HALF = dataclasses.replace(ladder()["betas (0.5, 0.999)"], precision="float32")
SLIP = {f"slip, eps {eps:g}": recorder.Row(
            dataclasses.replace(HALF, generator=deep_g(norm=functools.partial(nn.BatchNorm1d, eps=eps))), 1500,
            range(5), (1500,)) for eps in (0.8, 1e-5)}
LONG = {BEST: recorder.Row(dataclasses.replace(recipes.BEST, precision="bfloat16"), recipes.BEST_STEPS, range(3),
                           digits.steps_until(recipes.BEST_STEPS, every=2500, early=500))}
ROWS = LADDER | PICTURES | SLIP | LONG


def measure(name: str, row: recorder.Row, folder) -> dict:
    return digits.measure(name, row, folder, name in LONG or name in PICTURES, name in LONG)


if __name__ == "__main__":
    tables = {"ladder": LADDER, "pictures": PICTURES, "slip": SLIP, "long": LONG}
    recorder.main(NAME, __doc__, ROWS, measure, functools.partial(digits.show, NAME, tables))
