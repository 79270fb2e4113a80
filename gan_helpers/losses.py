"""What each player is paid. All losses take logits and return one number a run, to be made small.

Logits have shape (batch, 1) for one run and (runs, batch, 1) for many; the result has shape () or (runs,).
With l a logit and D = sigmoid(l), softplus(-l) = -log D and softplus(l) = -log(1 - D). Written this way, neither is
rounded away for a large l.
"""

import torch
from torch.nn.functional import softplus


def discriminator_loss(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    """-log D(real) - log(1 - D(fake)), averaged over the batch (Goodfellow et al. 2014, eq. 1; chapter 1).

    Gradient with respect to a real logit: D - 1; to a fake logit: D (each over the batch size).
    At D = 1/2 everywhere the loss is 2 log 2 = 1.386.
    """
    return softplus(-real_logits).mean((-2, -1)) + softplus(fake_logits).mean((-2, -1))


def non_saturating(fake_logits: torch.Tensor) -> torch.Tensor:
    """-log D(fake): the generator's loss in practice (Goodfellow et al. 2014, section 3; chapter 1).

    Gradient with respect to a logit: D - 1 (over the batch size). It is -1 where D is sure that it sees a fake,
    so the worst fakes are pushed hardest. At D = 1/2 the loss is log 2 = 0.693.
    """
    return softplus(-fake_logits).mean((-2, -1))


def minimax(fake_logits: torch.Tensor) -> torch.Tensor:
    """log(1 - D(fake)): the generator's loss in the two-player game of the theory (Goodfellow et al. 2014, eq. 1).

    Gradient with respect to a logit: -D (over the batch size). It vanishes where D is sure that it sees a fake,
    just where the generator needs it most. At D = 1/2 the loss is -log 2 = -0.693.
    """
    return -softplus(fake_logits).mean((-2, -1))


def r1_penalty(real_logits: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """E |grad_x l(x)|^2 / 2 at real samples x, l the logit (Mescheder et al. 2018, eq. 9; chapter 1).

    real: (batch, features) or (runs, batch, features), with requires_grad; real_logits: what D makes of it. Returns ()
    or (runs,). Small for a D that is flat around the data. Raises ValueError if real has no gradient to take.
    """
    if not real.requires_grad:
        raise ValueError("r1_penalty needs real.requires_grad_() before D sees the real samples.")
    (slope,) = torch.autograd.grad(real_logits.sum(), real, create_graph=True)
    return slope.square().sum(-1).mean(-1) / 2
