"""G: what turns noise into fakes. Each function builds a fresh network from torch's global random state."""

from torch import nn

from gan_helpers import _door


def bit_generator(width: int = 7) -> nn.Module:
    """One linear layer and a sigmoid: (n, width) noise to (n, width) numbers between 0 and 1 (chapter 1).

    For width 7 that is 7 * 7 + 7 = 56 weights. Rounding an output at 0.5 gives the bits of a number.
    """
    width = _door.count(width, "width")
    return nn.Sequential(nn.Linear(width, width), nn.Sigmoid())


def number_generator(hidden: int = 16) -> nn.Module:
    """Two hidden layers with tanh: (n, 1) noise to (n, 1) numbers of any size (chapter 3)."""
    hidden = _door.count(hidden, "hidden")
    return nn.Sequential(nn.Linear(1, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh(), nn.Linear(hidden, 1))
