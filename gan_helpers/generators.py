"""G: what turns noise into fakes. Each function builds a fresh network from torch's global random state."""

from torch import nn

from gan_helpers import _door


def bit_generator(width: int = 7) -> nn.Module:
    """One linear layer and a sigmoid: (n, width) noise to (n, width) numbers between 0 and 1 (chapter 1).

    For width 7 that is 7 * 7 + 7 = 56 weights. Rounding an output at 0.5 gives the bits of a number.
    """
    width = _door.count(width, "width")
    return nn.Sequential(nn.Linear(width, width), nn.Sigmoid())


def elu_generator(hidden: int = 50) -> nn.Module:
    """The ELU version's G: ELU, then sigmoid, then a line: (n, 1) noise to (n, 1) numbers (chapter 3)."""
    hidden = _door.count(hidden, "hidden")
    return nn.Sequential(nn.Linear(1, hidden), nn.ELU(), nn.Linear(hidden, hidden), nn.Sigmoid(), nn.Linear(hidden, 1))


def number_generator(hidden: int = 16, inputs: int = 1, outputs: int = 1) -> nn.Module:
    """Two hidden layers with tanh: (n, inputs) noise to (n, outputs) numbers of any size (chapter 3)."""
    hidden, inputs, outputs = (_door.count(value, name) for value, name in
                               ((hidden, "hidden"), (inputs, "inputs"), (outputs, "outputs")))
    return nn.Sequential(
        nn.Linear(inputs, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh(), nn.Linear(hidden, outputs)
    )
