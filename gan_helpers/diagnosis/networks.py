"""What networks tell without their loop: slopes, sleeping units, modes, and what a D can learn while G stands still."""

import copy
import math

import torch
from torch import nn
from torch.nn.functional import softplus

from gan_helpers.diagnosis.samples import auc
from gan_helpers.layers import leaky_relu

NORMS = nn.modules.batchnorm._BatchNorm
ACTIVATIONS = nn.Sigmoid, nn.Tanh, nn.ReLU, nn.ReLU6, nn.Hardtanh, nn.ELU


def judged(discriminator: nn.Module, cloud: torch.Tensor, batch_size: int) -> torch.Tensor:
    """D's outputs for a cloud (n, ...), shown in batches of one size, since a D may judge whole batches at once."""
    count = max(1, len(cloud) // batch_size)
    return torch.cat([discriminator(batch).flatten() for batch in cloud[:count * batch_size].split(batch_size)])


def fresh(network: nn.Module) -> nn.Module:
    """A copy with new weights: layers that can are reset as PyTorch does, other weights are shuffled."""
    network = copy.deepcopy(network)
    for layer in network.modules():
        if hasattr(layer, "reset_parameters"):
            layer.reset_parameters()
        else:
            for weight in layer.parameters(recurse=False):
                weight.data = weight.data.flatten()[torch.randperm(weight.numel())].reshape(weight.shape)
    return network


class Standardized(nn.Module):
    """Subtract the mean and divide by the standard deviation of the data."""

    def __init__(self, real: torch.Tensor):
        super().__init__()
        self.mean, self.std = real.mean(0), real.std(0).clamp(min=1e-3 * real.std().item() + 1e-30)

    def forward(self, x):
        return (x - self.mean) / self.std


def larger(real: torch.Tensor, width: int = 128) -> nn.Module:
    """A D that sees more than most: two hidden layers, on flattened samples in standard units."""
    real = real.flatten(1)
    return nn.Sequential(nn.Flatten(), Standardized(real), nn.Linear(real.shape[1], width), leaky_relu(),
                         nn.Linear(width, width), leaky_relu(), nn.Linear(width, 1))


def told_apart(discriminator: nn.Module, real: torch.Tensor, fake: torch.Tensor, batch_size: int, steps: int,
               rng: torch.Generator, lr: float = 3e-3) -> float:
    """How well this D learns to tell frozen fakes from real samples: `auc` of its outputs for samples not learned from.

    The discriminator is trained, with Adam, on two thirds of each cloud.
    """
    discriminator.train().requires_grad_(True)
    optimizer = torch.optim.Adam(discriminator.parameters(), lr, fused=True)
    count = 2 * min(len(real), len(fake)) // 3
    for _ in range(steps):
        batches = [cloud[torch.randint(0, count, (batch_size,), generator=rng)] for cloud in (real, fake)]
        real_logits, fake_logits = map(discriminator, batches)
        loss = softplus(-real_logits).mean() + softplus(fake_logits).mean()
        if not loss.isfinite():
            return math.nan
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        discriminator.eval()
        return auc(*(judged(discriminator, cloud[count:], batch_size) for cloud in (real, fake)))


def slope(discriminator: nn.Module, fake: torch.Tensor, scale: float, batch_size: int) -> float:
    """How much D's output changes when a fake moves by one standard deviation of the data: median of |gradient|."""
    fake = fake.detach().clone().requires_grad_()
    outputs = judged(discriminator, fake, batch_size)
    (gradient,) = torch.autograd.grad(outputs.sum(), fake)
    used = gradient[:max(1, len(fake) // batch_size) * batch_size].flatten(1)
    return (used.norm(dim=1).median() * scale).item()


@torch.no_grad()
def sleeping(network: nn.Module, inputs: torch.Tensor) -> float:
    """The share of hidden units that answer all inputs alike: saturated, or dead. NaN if there are no activations."""
    asleep, hooks = [], []
    layers = [layer for layer in network.modules() if isinstance(layer, (*ACTIVATIONS, nn.LeakyReLU))]

    def look(layer, _, output):
        output = output.flatten(1)
        if len(output) < 2:  # of a network that judges the whole batch at once
            return
        asleep.append((output.std(0) < 1e-3 * output.abs().mean(0).clamp(min=1e-3)).double().mean().item())

    try:
        hooks = [layer.register_forward_hook(look) for layer in layers]
        network(inputs)
    finally:
        for hook in hooks:
            hook.remove()
    return sum(asleep) / len(asleep) if asleep else math.nan


@torch.no_grad()
def batch_dependence(generator: nn.Module, noise: torch.Tensor, scale: float) -> float:
    """How far a fake moves if its noise comes in another batch, in standard deviations of the data; mode as given."""
    size = max(2, len(noise) // 16)
    whole, part = generator(noise)[:size], generator(noise[:size])
    return ((whole - part).square().mean().sqrt() / scale).item()


def has_batch_norm(network: nn.Module) -> bool:
    """Whether it has layers that do something else in training than in evaluation mode, with the batch."""
    return any(isinstance(layer, NORMS) for layer in network.modules())
