"""Many runs at once: the same modules and the same step, with the weights of all runs stacked.

Run i of `train_many` is what `train` makes of seed i. Little layers cost as much to call as to compute, so two
hundred of them in one call are nearly as fast as one.
"""

import copy
from collections.abc import Callable, Iterable

import torch
from torch import nn

from gan_helpers.gan import GAN, build, check
from gan_helpers.training import Run, loop


class StackedLinear(nn.Module):
    """Many nn.Linear layers as one: x of shape (runs, batch, in), or (batch, in) for all, to (runs, batch, out)."""

    def __init__(self, layers: list[nn.Linear]):
        super().__init__()
        self.weight = nn.Parameter(torch.stack([layer.weight.detach().T for layer in layers]))  # (runs, in, out)
        self.bias = nn.Parameter(torch.stack([layer.bias.detach() for layer in layers]).unsqueeze(1))  # (runs, 1, out)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.dim() == 2:
            x = x.expand(len(self.weight), *x.shape)
        return torch.baddbmm(self.bias, x, self.weight)

    def pick(self, run: int) -> nn.Linear:
        """The layer of one run, as a plain nn.Linear."""
        layer = nn.Linear(self.weight.shape[1], self.weight.shape[2], device=self.weight.device)
        layer.weight.data.copy_(self.weight.data[run].T)
        layer.bias.data.copy_(self.bias.data[run, 0])
        return layer


def stack(modules: list[nn.Module]) -> nn.Module:
    """Turn networks of one architecture into one network with a leading axis of runs.

    Each nn.Linear becomes a StackedLinear; modules without weights stay. Raises TypeError for other weights.
    """
    return _rebuild(modules[0], lambda path: StackedLinear([m.get_submodule(path) for m in modules]), nn.Linear)


def pick(stacked: nn.Module, run: int) -> nn.Module:
    """Take the network of one run out of a stacked one, as the plain module that it was: the inverse of `stack`."""
    return _rebuild(stacked, lambda path: stacked.get_submodule(path).pick(run), StackedLinear)


def _rebuild(module: nn.Module, replacement: Callable[[str], nn.Module], kind: type) -> nn.Module:
    if type(module) is kind:
        return replacement("")
    result = copy.deepcopy(module)
    for path, layer in module.named_modules():
        if type(layer) is kind:
            parent, _, name = path.rpartition(".")
            setattr(result.get_submodule(parent), name, replacement(path))
        elif any(True for _ in layer.parameters(recurse=False)) or any(True for _ in layer.buffers(recurse=False)):
            raise TypeError(f"cannot stack {type(layer).__name__}: only nn.Linear layers may have weights or buffers.")
    return result


def train_many(gan: GAN, steps: int, seeds: Iterable[int], *, watch: Callable | None = None,
               watch_at: Iterable[int] = (), device="cpu", progress: bool = True) -> Run:
    """Train one GAN from many seeds at once; everything else as in `training.train` (chapter 1).

    Returns one Run: its networks are stacked (`pick` takes one out), its losses have shape (steps, runs). A run
    whose loss becomes NaN or Inf is listed in run.diverged and does not touch the others.
    """
    seeds = list(seeds)
    if not seeds or len(set(seeds)) != len(seeds):
        raise ValueError(f"seeds must be different numbers, at least one, got {seeds[:10]}. Use range(200), say.")
    device = check(gan, steps, seeds, device)
    players = zip(*(build(gan, seed) for seed in seeds), strict=True)
    networks = [stack(list(modules)).to(device) for modules in players]
    sources = [torch.Generator().manual_seed(seed) for seed in seeds]

    def draw():
        pairs = [(gan.real(gan.batch_size, rng), gan.noise(gan.batch_size, rng)) for rng in sources]
        return [torch.stack(batches).to(device) for batches in zip(*pairs, strict=True)]  # (runs, batch, features)

    return loop(gan, networks, draw, steps, seeds, (len(seeds),), watch, watch_at, progress)
