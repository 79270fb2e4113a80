"""D: what tells fakes from real samples. Every discriminator returns a logit: above 0 it says real, below 0 fake.

``sigmoid(logit)`` is the probability D gives to "real". The losses take logits, which stay exact where that
probability would already be rounded to 0 or 1.
"""

import itertools
from collections.abc import Callable

import torch
from torch import nn

from gan_helpers import _validate
from gan_helpers.layers import BatchFeatures, SpectralLinear, batch_moments, he_normal, leaky_relu, squared_differences


def linear_discriminator(width: int = 7) -> nn.Module:
    """Logistic regression without its sigmoid: (n, width) bits to (n, 1) logits, 8 weights for width 7 (chapter 1)."""
    return nn.Linear(_validate.count(width, "width"), 1)


def hidden_discriminator(width: int = 7, hidden: int = 32) -> nn.Module:
    """Two hidden layers, so that D can see which bits go together: (n, width) to (n, 1) logits (chapter 1)."""
    width, hidden = _validate.count(width, "width"), _validate.count(hidden, "hidden")
    return nn.Sequential(
        nn.Linear(width, hidden), leaky_relu(),
        nn.Linear(hidden, hidden), leaky_relu(),
        nn.Linear(hidden, 1),
    )


def elu_discriminator(features: Callable[[torch.Tensor], torch.Tensor] | None = squared_differences, inputs: int = 200,
                      hidden: int = 50) -> nn.Module:
    """The ELU version's D: one batch of 100 numbers, (100, 1), to one logit, (1, 1) (chapter 3).

    features: what D sees of a batch, a function from `layers`, or None for each sample alone; inputs: how many numbers
    that is, here the 100 numbers and their 100 squared differences.
    """
    inputs, hidden = _validate.count(inputs, "inputs"), _validate.count(hidden, "hidden")
    return nn.Sequential(
        *([BatchFeatures(features)] if features else []),
        nn.Linear(inputs, hidden), nn.ELU(), nn.Linear(hidden, hidden), nn.ELU(), nn.Linear(hidden, 1),
    )


def moments_discriminator(hidden: int = 10) -> nn.Module:
    """The tanh/sigmoid version's D: from the four moments of a batch, (n, 1), to one logit, (1, 1) (chapter 3)."""
    hidden = _validate.count(hidden, "hidden")
    return nn.Sequential(
        BatchFeatures(batch_moments),
        nn.Linear(4, hidden), nn.Sigmoid(), nn.Linear(hidden, hidden), nn.Sigmoid(), nn.Linear(hidden, 1),
    )


def spectral_discriminator(width: int = 1, hidden: int = 32) -> nn.Module:
    """`hidden_discriminator` with spectral normalization: no logit changes faster than its input (chapter 4)."""
    width, hidden = _validate.count(width, "width"), _validate.count(hidden, "hidden")
    return nn.Sequential(
        SpectralLinear(width, hidden), leaky_relu(),
        SpectralLinear(hidden, hidden), leaky_relu(),
        SpectralLinear(hidden, 1),
    )


def two_layer_discriminator() -> nn.Module:
    """784-128-1 with ReLU: (n, 784) pixels to (n, 1) logits, 100,609 weights (chapter 5)."""
    return he_normal(nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 1)))


def deep_discriminator(widths: tuple[int, ...] = (1024, 512, 256), activation=leaky_relu,
                       dropout: float = 0.3) -> nn.Module:
    """Hidden layers of these widths, each with dropout: (n, 784) pixels to (n, 1) logits (chapter 6)."""
    _validate.number(dropout, "dropout", least=0, below=1)
    layers = []
    for ins, outs in itertools.pairwise((784, *widths)):
        layers += [nn.Linear(ins, _validate.count(outs, "each of widths")), activation()]
        layers += [nn.Dropout(dropout)] if dropout else []
    return nn.Sequential(*layers, nn.Linear(widths[-1], 1))
