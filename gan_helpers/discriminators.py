"""D: what tells fakes from real samples. Every discriminator returns a logit: above 0 it says real, below 0 fake.

The probability that D states is ``sigmoid(logit)``. The losses take logits, because they stay exact where a
probability has already been rounded to 0 or 1.
"""

import itertools

import torch
from torch import nn

from gan_helpers import _door
from gan_helpers.generators import he_normal, leaky


def linear_discriminator(width: int = 7) -> nn.Module:
    """Logistic regression without its sigmoid: (n, width) bits to (n, 1) logits, 8 weights for width 7 (chapter 1)."""
    return nn.Linear(_door.count(width, "width"), 1)


def hidden_discriminator(width: int = 7, hidden: int = 32) -> nn.Module:
    """Two hidden layers, so that D can see which numbers go together: (n, width) to (n, 1) logits (chapter 1)."""
    width, hidden = _door.count(width, "width"), _door.count(hidden, "hidden")
    return nn.Sequential(
        nn.Linear(width, hidden), nn.LeakyReLU(0.2),
        nn.Linear(hidden, hidden), nn.LeakyReLU(0.2),
        nn.Linear(hidden, 1),
    )


def squared_discriminator(inputs: int = 200, hidden: int = 50) -> nn.Module:
    """The ELU version's D: one row of 100 numbers and their 100 squared differences to (1, 1) logits (chapter 3)."""
    inputs, hidden = _door.count(inputs, "inputs"), _door.count(hidden, "hidden")
    return nn.Sequential(nn.Linear(inputs, hidden), nn.ELU(), nn.Linear(hidden, hidden), nn.ELU(), nn.Linear(hidden, 1))


def moments_discriminator(inputs: int = 4, hidden: int = 10) -> nn.Module:
    """The tanh/sigmoid version's D: one row of four moments to (1, 1) logits (chapter 3)."""
    inputs, hidden = _door.count(inputs, "inputs"), _door.count(hidden, "hidden")
    return nn.Sequential(
        nn.Linear(inputs, hidden), nn.Sigmoid(), nn.Linear(hidden, hidden), nn.Sigmoid(), nn.Linear(hidden, 1)
    )


class SpectralLinear(nn.Linear):
    """nn.Linear with its weight divided by its largest singular value, so that it stretches nothing (chapter 4).

    Miyato et al. 2018, eq. 8, who estimate that value by power iteration; for small layers it is computed exactly.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.linear(x, normalized(self.weight), self.bias)


def normalized(weight: torch.Tensor) -> torch.Tensor:
    """weight (..., out, in), divided by its largest singular value."""
    return weight / torch.linalg.matrix_norm(weight, ord=2, keepdim=True)


def spectral_discriminator(width: int = 1, hidden: int = 32) -> nn.Module:
    """`hidden_discriminator` with spectral normalisation: no logit changes faster than its input (chapter 4)."""
    width, hidden = _door.count(width, "width"), _door.count(hidden, "hidden")
    return nn.Sequential(
        SpectralLinear(width, hidden), nn.LeakyReLU(0.2),
        SpectralLinear(hidden, hidden), nn.LeakyReLU(0.2),
        SpectralLinear(hidden, 1),
    )


def two_layer_discriminator() -> nn.Module:
    """784-128-1 with ReLU: (n, 784) pixels to (n, 1) logits, 100,609 weights (chapter 5)."""
    return he_normal(nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 1)))


def deep_discriminator(widths: tuple[int, ...] = (1024, 512, 256), activation=leaky, dropout: float = 0.3) -> nn.Module:
    """Hidden layers of these widths, each with dropout: (n, 784) pixels to (n, 1) logits (chapter 6)."""
    _door.number(dropout, "dropout", least=0, below=1)
    layers = []
    for ins, outs in itertools.pairwise((784, *widths)):
        layers += [nn.Linear(ins, _door.count(outs, "each of widths")), activation()]
        layers += [nn.Dropout(dropout)] if dropout else []
    return nn.Sequential(*layers, nn.Linear(widths[-1], 1))
