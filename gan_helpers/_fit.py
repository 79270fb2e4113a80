"""Components that do not fit together are refused before training: with the shapes, and the remedy."""

import torch
from torch import nn

from gan_helpers import scales


@torch.no_grad()
def components(real, noise, generator) -> None:
    """Refuse R, I and G that do not fit together; real and noise are three samples each."""
    _trainable(generator, "generator")
    for batch, name in ((real, "real"), (noise, "noise")):
        if not isinstance(batch, torch.Tensor) or batch.dim() != 2 or len(batch) != 3:
            got = tuple(batch.shape) if isinstance(batch, torch.Tensor) else type(batch).__name__
            raise ValueError(f"{name}(n, rng) must return a tensor of shape (n, features), for n = 3 it gave {got}.")
    fake = fits(generator, noise, "the generator", "noise")
    made, wanted = tuple(fake.shape[1:]), tuple(real.shape[1:])
    if fake.shape != real.shape or fake.dtype != real.dtype:
        raise ValueError(
            f"the generator makes {fake.dtype} samples of shape {made}, real ones are {real.dtype} of shape {wanted}. "
            "Give G's last layer as many outputs as a real sample has numbers, and make both float32."
        )
    scale = {nn.Tanh: "[-1, 1]", nn.Sigmoid: "[0, 1]"}.get(type([*generator.modules()][-1]))
    if scale and torch.isfinite(real).all():  # what else it is shows in the first loss
        scales.check(real, scale, f"real samples for a generator that makes {scale}")


@torch.no_grad()
def judge(view, real, discriminator) -> None:
    """Refuse a D that does not fit what it is shown of a batch of real samples."""
    _trainable(discriminator, "discriminator")
    if isinstance([*discriminator.modules()][-1], nn.Sigmoid | nn.LogSigmoid | nn.Softmax):
        raise ValueError("the discriminator ends in a sigmoid, and the losses take logits. Leave the sigmoid out.")
    shown = view(real)
    both = view(torch.stack([real, real]))  # as if for two runs
    if shown.dim() != 2 or both.shape != (2, *shown.shape):
        raise ValueError(
            f"view must work on the last two axes: it made {tuple(shown.shape)} of a batch {tuple(real.shape)}, and "
            f"{tuple(both.shape)} of two of them. Compute it over dim=-2 and dim=-1."
        )
    logits = fits(discriminator, shown, "the discriminator", "real samples")
    if logits.shape != (len(shown), 1):
        raise ValueError(
            f"the discriminator must return one logit for each row it is shown, shape ({len(shown)}, 1), got "
            f"{tuple(logits.shape)}. End it with a layer of one unit, without sigmoid."
        )


def _trainable(network, name: str) -> None:
    if not isinstance(network, nn.Module) or not any(True for _ in network.parameters()):
        raise TypeError(f"{name} must build a torch.nn.Module with weights to train, it gave {network!r:.60}.")
    if not all(p.requires_grad for p in network.parameters()):
        raise ValueError(f"some weights of the {name} do not require gradients. Remove requires_grad_(False).")


def fits(network, batch: torch.Tensor, name: str, what: str) -> torch.Tensor:
    """Return ``network(batch)``; if the network refuses it, say which shape it was given."""
    try:
        result = network(batch)
        if not isinstance(result, torch.Tensor):
            raise TypeError(f"its result is no tensor but {type(result).__name__}")
        return result
    except (RuntimeError, TypeError) as error:
        raise ValueError(
            f"{name} cannot take {what} of shape {tuple(batch.shape)} and type {batch.dtype}: {error}. "
            "Give its first layer as many inputs as the last number of the shape, and feed it float32."
        ) from error
