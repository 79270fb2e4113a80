"""What each player minimizes. All losses take logits and return one number per run.

Logits have shape (batch, 1) for one run and (runs, batch, 1) for many; the result has shape () or (runs,).
With l a logit and D = sigmoid(l), softplus(-l) = -log D and softplus(l) = -log(1 - D). Written this way, both stay
exact for large l.
"""

import torch
from torch.nn.functional import softplus


def discriminator_loss(real_logits: torch.Tensor, fake_logits: torch.Tensor, real_label: float = 1.0) -> torch.Tensor:
    """-log D(real) - log(1 - D(fake)), averaged over the batch (Goodfellow et al. 2014, eq. 1; chapter 1).

    Gradient with respect to a real logit: D - 1; to a fake logit: D (each divided by the batch size).
    At D = 1/2 everywhere the loss is 2 log 2 = 1.386. real_label a below 1 is one-sided label smoothing (Salimans et
    al. 2016, section 3.4; chapter 4): -a log D(real) - (1 - a) log(1 - D(real)) for the first term.
    """
    loss = softplus(-real_logits).mean((-2, -1)) + softplus(fake_logits).mean((-2, -1))
    if real_label != 1:
        loss = loss + (1 - real_label) * real_logits.mean((-2, -1))  # softplus(l) - softplus(-l) = l
    return loss


def non_saturating(fake_logits: torch.Tensor) -> torch.Tensor:
    """-log D(fake): the generator's loss in practice (Goodfellow et al. 2014, section 3; chapter 1).

    Gradient with respect to a logit: D - 1 (divided by the batch size). It is -1 where D is sure that it sees a fake,
    so the worst fakes are pushed hardest. At D = 1/2 the loss is log 2 = 0.693.
    """
    return softplus(-fake_logits).mean((-2, -1))


def minimax(fake_logits: torch.Tensor) -> torch.Tensor:
    """log(1 - D(fake)): the generator's loss in the two-player game of the theory (Goodfellow et al. 2014, eq. 1).

    Gradient with respect to a logit: -D (divided by the batch size). It vanishes where D is sure that it sees a
    fake, just where the generator needs it most. At D = 1/2 the loss is -log 2 = -0.693.
    """
    return -softplus(fake_logits).mean((-2, -1))


def r1_penalty(real_logits: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """E |grad_x l(x)|^2 / 2 at real samples x, l the logit (Mescheder et al. 2018, eq. 9; chapter 1).

    real: (batch, features) or (runs, batch, features), with requires_grad; real_logits: D's logits for it. Returns ()
    or (runs,). Small for a D that is flat around the data. Raises ValueError if `real` does not require gradients.
    """
    if not real.requires_grad:
        raise ValueError("r1_penalty differentiates with respect to real: call real.requires_grad_() before D sees it.")
    (slope,) = torch.autograd.grad(real_logits.sum(), real, create_graph=True)
    return slope.square().sum(-1).mean(-1) / 2


def critic_loss(real_scores: torch.Tensor, fake_scores: torch.Tensor) -> torch.Tensor:
    """mean f(fake) - mean f(real): the loss of a Wasserstein critic f (Arjovsky et al. 2017, eq. 2; chapter 4).

    Gradient with respect to a real score: -1; to a fake score: +1 (each divided by the batch size), however sure f is.
    If f has no slope above 1, minus this loss is at most the Wasserstein-1 distance between the two samples.
    """
    return fake_scores.mean((-2, -1)) - real_scores.mean((-2, -1))


def critic_generator_loss(fake_scores: torch.Tensor) -> torch.Tensor:
    """-mean f(fake): the generator's loss against a Wasserstein critic (chapter 4); gradient -1 / batch size."""
    return -fake_scores.mean((-2, -1))


def gradient_penalty(discriminator: torch.nn.Module, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """E max(0, |grad_x f(x)| - 1)^2 at points x between real and fake samples, one-sided (chapter 4).

    real, fake: (batch, features) or (runs, batch, features). Returns () or (runs,). Pair i is mixed with weight
    (i + 1/2) / batch on the real sample: pairs are random, so this covers [0, 1] evenly without extra random draws.
    Gulrajani et al. 2017, eq. 3, there two-sided; one-sided: Petzka et al. 2018, eq. 8.
    """
    batch = real.shape[-2]
    share = ((torch.arange(batch, device=real.device) + 0.5) / batch).unsqueeze(-1).to(real.dtype)
    between = (share * real + (1 - share) * fake).detach().requires_grad_()
    (slope,) = torch.autograd.grad(discriminator(between).sum(), between, create_graph=True)
    length = (slope.square().sum(-1) + 1e-12).sqrt()  # 1e-12: sqrt has no slope at 0
    return (length - 1).clamp(min=0).square().mean(-1)
