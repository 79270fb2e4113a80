"""D: what tells fakes from real samples. Every discriminator returns a logit: above 0 it says real, below 0 fake.

The probability that D states is ``sigmoid(logit)``. The losses take logits, because they stay exact where a
probability has already been rounded to 0 or 1.
"""

from torch import nn

from gan_helpers import _door


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
