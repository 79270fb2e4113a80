"""Many runs at once: the same modules and the same step, with the weights of all runs stacked.

Run i of `train_many` is what `train` makes of its seed, up to rounding, which a recipe with large steps magnifies.
Two hundred runs of chapter 1 take about ten times as long as one: little layers cost as much to call as to compute.
"""

import copy
from collections.abc import Callable, Iterable

import torch
from torch import nn

from gan_helpers import _door
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
        like = {"device": self.weight.device, "dtype": self.weight.dtype}
        layer = nn.utils.skip_init(nn.Linear, *self.weight.shape[1:], **like)  # draws nothing from the random state
        layer.weight.data.copy_(self.weight.data[run].T)
        layer.bias.data.copy_(self.bias.data[run, 0])
        return layer


def stack(modules: list[nn.Module]) -> nn.Module:
    """Turn networks of one architecture into one network with a leading axis of runs.

    Each nn.Linear becomes a StackedLinear, activations stay. Modules of your own stay too, if they have no weights and
    work on the last axis. Raises TypeError for what cannot be stacked, ValueError if the architectures differ.
    """
    if not modules:
        raise ValueError("there is nothing to stack: pass at least one module.")
    plans = [[(name, type(m), m.extra_repr()) for name, m in module.named_modules()] for module in modules]
    for index, plan in enumerate(plans):
        if plan != plans[0]:
            raise ValueError(f"networks 0 and {index} differ: {modules[0]} and {modules[index]}. Stack equal ones.")
    places = [layer for _, layer in modules[0].named_modules(remove_duplicate=False) if not any(layer.children())]
    if len(places) > len(set(places)):
        raise TypeError("cannot stack a network that uses one layer twice: build a layer for each place.")
    for layer in modules[0].modules():
        weights = [*layer.parameters(recurse=False), *layer.buffers(recurse=False)]
        of_torch = type(layer).__module__.startswith("torch.nn.modules.")
        activation = type(layer).__module__.endswith((".activation", ".container")) or type(layer) is nn.Identity
        if type(layer) is nn.Linear and layer.bias is None:
            raise TypeError("cannot stack nn.Linear without a bias: leave bias=True.")
        if layer._forward_hooks or layer._forward_pre_hooks:
            raise TypeError(f"cannot stack {type(layer).__name__} with hooks: remove them.")
        if type(layer) is not nn.Linear and (weights or (of_torch and not activation)):
            raise TypeError(f"cannot stack {type(layer).__name__}: use nn.Linear, and activations without weights.")
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
    return result


def train_many(gan: GAN, steps: int, seeds: Iterable[int], *, watch: Callable[[Run], object] | None = None,
               watch_at: Iterable[int] = (), device="cpu", progress: bool = True) -> Run:
    """Train one GAN from many seeds at once; everything else as in `training.train` (chapter 1).

    Returns one Run: its networks are stacked (`pick` takes one out), its losses have shape (steps, runs). A run
    whose loss becomes NaN or Inf is listed in run.diverged, with its step, and does not touch the others.
    """
    if not hasattr(seeds, "__iter__"):
        raise TypeError(f"seeds must be a list of numbers, got {seeds!r}. Use range({seeds!r}), say.")
    seeds = [_door.seed(seed) for seed in seeds]
    if not seeds or len(set(seeds)) != len(seeds):
        raise ValueError(f"seeds must be different numbers, at least one, got {seeds[:10]}. Use range(200), say.")
    device, watch_at = check(gan, steps, seeds[0], device), _door.moments(watch, watch_at, steps)
    players = [list(modules) for modules in zip(*(build(gan, seed) for seed in seeds), strict=True)]
    networks = [stack(modules) for modules in players]
    probe(gan, players, networks)
    networks = [network.to(device) for network in networks]
    sources = [torch.Generator().manual_seed(seed) for seed in seeds]

    def draw(sampler):
        return torch.stack([sampler(gan.batch_size, rng) for rng in sources]).to(device)  # (runs, batch, features)

    return loop(gan, networks, draw, steps, seeds, (len(seeds),), watch, watch_at, progress)


@torch.no_grad()
def probe(gan: GAN, players, networks) -> None:
    """Refuse networks that, stacked, do something else than each of them alone (a layer of yours may mix samples)."""
    rng = torch.Generator()
    for sampler, alone, stacked in zip((gan.noise, gan.real), players, networks, strict=True):
        batch = sampler(4, rng)
        apart = torch.stack([network(batch) for network in alone[:2]])
        if not torch.allclose(stacked(batch)[:2], apart, rtol=1e-4, atol=1e-5):
            raise ValueError(f"stacked, {type(alone[0]).__name__} gives other results than alone. Layers of your own "
                             "must work on the last axis only, the same way for every seed. If they cannot, use train.")
