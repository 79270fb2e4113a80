"""Many networks of one architecture as one network, whose weights have a leading axis of runs; and back."""

import copy
from collections.abc import Callable

import torch
from torch import nn

from gan_helpers.layers import BatchFeatures, SpectralLinear, batch_moments, spectrally_normalized
from gan_helpers.training import fast

LINEAR = (nn.Linear, SpectralLinear)


class StackedLinear(nn.Module):
    """Many nn.Linear layers as one: x of shape (runs, batch, in), or (batch, in) for all, to (runs, batch, out)."""

    def __init__(self, layers: list[nn.Linear]):
        super().__init__()
        self.spectral = isinstance(layers[0], SpectralLinear)
        self.weight = nn.Parameter(torch.stack([layer.weight.detach() for layer in layers]))  # (runs, out, in)
        self.bias = nn.Parameter(torch.stack([layer.bias.detach() for layer in layers]).unsqueeze(-1))  # (runs, out, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.dim() == 2:
            x = x.expand(len(self.weight), *x.shape)
        weight = spectrally_normalized(self.weight) if self.spectral else self.weight
        runs, outs, ins = weight.shape
        # the long axis, the batch, lies last in memory; a column is reshaped, as a transposed one is slow to multiply
        x = x.reshape(runs, 1, -1) if ins == 1 else x.mT
        x = torch.baddbmm(self.bias, weight, x)  # (runs, out, batch)
        return x.reshape(runs, -1, 1) if outs == 1 else x.mT

    def unstack(self, run: int) -> nn.Linear:
        """The plain layer of one run."""
        like = {"device": self.weight.device, "dtype": self.weight.dtype}
        kind = SpectralLinear if self.spectral else nn.Linear
        layer = nn.utils.skip_init(kind, *self.weight.shape[:0:-1], **like)  # draws nothing from the random state
        layer.weight.data.copy_(self.weight.data[run])
        layer.bias.data.copy_(self.bias.data[run, :, 0])
        return layer


class StackedTanh(nn.Tanh):
    """nn.Tanh for many runs, by `fast.tanh`: torch's own would take up to half of the training time."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return fast.tanh(x)

    def unstack(self, run: int) -> nn.Tanh:
        """The plain layer."""
        return nn.Tanh()


class StackedFeatures(BatchFeatures):
    """BatchFeatures for many runs; the moments by their faster version."""

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        features = fast.batch_moments if self.features is batch_moments else self.features
        return features(batch).flatten(1, -2)  # (runs, batch, 1) or (runs, batches, batch, 1) to (runs, batches, ...)

    def unstack(self, run: int) -> BatchFeatures:
        """The plain layer."""
        return BatchFeatures(self.features)


REPLACED = {nn.Linear: StackedLinear, SpectralLinear: StackedLinear, nn.Tanh: lambda layers: StackedTanh(),
            BatchFeatures: lambda layers: StackedFeatures(layers[0].features)}


def stack(modules: list[nn.Module]) -> nn.Module:
    """Turn networks of one architecture into one network with a leading axis of runs.

    Each nn.Linear becomes a StackedLinear, nn.Tanh a StackedTanh; other activations stay. Modules of your own stay too,
    if they have no weights and work on the last two axes. Raises TypeError for what cannot be stacked, ValueError if
    the architectures differ.
    """
    if not modules:
        raise ValueError("there is nothing to stack: pass at least one module.")
    plans = [[(name, type(m), m.extra_repr()) for name, m in module.named_modules()] for module in modules]
    for index, plan in enumerate(plans):
        if plan != plans[0]:
            raise ValueError(f"networks 0 and {index} differ: {modules[0]} and {modules[index]}. Stack equal ones.")
    leaves = [layer for _, layer in modules[0].named_modules(remove_duplicate=False) if not any(layer.children())]
    if len(leaves) > len(set(leaves)):
        raise TypeError("cannot stack a network that uses one layer twice: build a layer for each place.")
    for layer in modules[0].modules():
        weights = [*layer.parameters(recurse=False), *layer.buffers(recurse=False)]
        of_torch = type(layer).__module__.startswith("torch.nn.modules.")
        activation = type(layer).__module__.endswith((".activation", ".container")) or type(layer) is nn.Identity
        if type(layer) in LINEAR and layer.bias is None:
            raise TypeError("cannot stack nn.Linear without a bias: leave bias=True.")
        if layer._forward_hooks or layer._forward_pre_hooks:
            raise TypeError(f"cannot stack {type(layer).__name__} with hooks: remove them.")
        if type(layer) not in LINEAR and (weights or (of_torch and not activation)):
            raise TypeError(f"cannot stack {type(layer).__name__}: use nn.Linear, and activations without weights.")

    def stacked(path: str) -> nn.Module:
        layers = [module.get_submodule(path) for module in modules]
        return REPLACED[type(layers[0])](layers)

    return _rebuild(modules[0], stacked, tuple(REPLACED))


def unstack(stacked: nn.Module, run: int) -> nn.Module:
    """Take the network of one run out of a stacked one, as the plain module that it was: the inverse of `stack`."""
    kinds = StackedLinear, StackedTanh, StackedFeatures
    return _rebuild(stacked, lambda path: stacked.get_submodule(path).unstack(run), kinds)


def logits_of_both(discriminator, real: torch.Tensor, fake: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """D's logits of a real and of a fake batch, (batch, 1) or (runs, batch, 1) each.

    A stacked D takes both in one call where it can, since small layers cost as much to call as to compute. It cannot
    for the R1 penalty, which needs the real batch alone, nor with layers of your own, which may compare samples.
    """
    layers = list(discriminator.modules())
    features = [layer for layer in layers if isinstance(layer, BatchFeatures)]
    leaves = [layer for layer in layers if not any(layer.children())]
    own = any(not type(layer).__module__.startswith(("torch.nn.", "gan_helpers.")) for layer in layers)
    # apart: plain networks, R1, layers of your own, BatchFeatures anywhere but first
    if real.dim() == 2 or real.requires_grad or own or features not in ([], leaves[:1]):
        # the fake first, unlike chapter 1: with dropout the order counts, and the recorded runs were made in this one
        fake_logits = discriminator(fake)
        return discriminator(real), fake_logits
    both = torch.stack([real, fake], 1)  # (runs, 2, batch, features)
    if not features:
        both = both.flatten(1, 2)  # D judges samples one by one
    return discriminator(both).chunk(2, 1)


def _rebuild(module: nn.Module, replacement: Callable[[str], nn.Module], kinds: tuple) -> nn.Module:
    if type(module) in kinds:
        return replacement("").train(module.training)
    result = copy.deepcopy(module)
    for path, layer in module.named_modules():
        if type(layer) in kinds:
            parent, _, name = path.rpartition(".")
            setattr(result.get_submodule(parent), name, replacement(path).train(layer.training))
    return result
