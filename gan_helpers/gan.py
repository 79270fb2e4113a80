"""The five components put together: what to train, as one object."""

import functools
import json
import numbers
from collections.abc import Callable
from dataclasses import dataclass, fields

import torch
from torch import nn

from gan_helpers import _door, _fit, losses, views


@dataclass(frozen=True)
class GAN:
    """The five components: R, I, G, D and the settings of the loop (chapter 1).

    real, noise: samplers ``sample(n, rng) -> (n, features)``. generator, discriminator: functions without arguments
    that build a fresh network. generator_loss, discriminator_loss: two of `losses`. view: what D is shown of a batch,
    one of `views` (each sample alone, unless said). d_steps: 0 moves both players at once (chapter 1); k moves D k
    times, then G g_steps times. Both players use Adam with rate `lr` and `betas`, or, if momentum is a number, plain
    gradient descent with that momentum. d_lr: another rate for D. With decay=True the rates fall linearly to 0 over
    the run. r1, gp: weights of the R1 and of the gradient penalty on D (0: none). clip: D's weights are cut to
    [-clip, clip] after each of its moves (0: not). ema: share of the average of G's weights that is kept at each step
    (0: no average; 0.99: about the last 100 steps). precision: "bfloat16" computes the networks' matrix products with 8
    bits of mantissa, several times as fast where the processor has instructions for it, ten times slower and more where
    it has not; weights stay float32.
    """

    real: Callable[[int, torch.Generator], torch.Tensor]
    noise: Callable[[int, torch.Generator], torch.Tensor]
    generator: Callable[[], nn.Module]
    discriminator: Callable[[], nn.Module]
    generator_loss: Callable[[torch.Tensor], torch.Tensor] = losses.non_saturating
    discriminator_loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = losses.discriminator_loss
    view: Callable[[torch.Tensor], torch.Tensor] = views.samples
    d_steps: int = 0
    g_steps: int = 1
    batch_size: int = 16
    lr: float = 1e-3
    d_lr: float | None = None
    betas: tuple[float, float] = (0.9, 0.999)
    momentum: float | None = None
    decay: bool = False
    r1: float = 0.0
    gp: float = 0.0
    clip: float = 0.0
    ema: float = 0.0
    precision: str = "float32"

    def settings(self) -> dict:
        """What is set beyond the defaults, as JSON keeps it: functions by name, a partial with its arguments."""
        pairs = ((field.name, getattr(self, field.name), field.default) for field in fields(self))
        return json.loads(json.dumps({name: _plain(value) for name, value, default in pairs if value != default}))


def _plain(value):
    if isinstance(value, functools.partial):
        given = {"arguments": _plain(value.args)} if value.args else {}
        return {"function": _plain(value.func)} | given | {k: _plain(part) for k, part in value.keywords.items()}
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, numbers.Real):  # numpy's, say
        return int(value) if isinstance(value, numbers.Integral) else float(value)
    return getattr(value, "__name__", type(value).__name__)


def build(gan: GAN, seed: int) -> tuple[nn.Module, nn.Module]:
    """G and D as ``torch.manual_seed(seed)`` makes them, G first. The global random state stays as it was."""
    with torch.inference_mode(False), torch.random.fork_rng(devices=[]):
        torch.random.default_generator.manual_seed(seed)
        return gan.generator(), gan.discriminator()


def check(gan: GAN, steps: int, seed: int, device) -> torch.device:
    """Try the settings, and the five components on a few samples, so that bad input is refused before training."""
    if not isinstance(gan, GAN):
        raise TypeError(f"expected a GAN, got {gan!r:.60}. Make one: GAN(real=..., noise=..., generator=..., ...).")
    _door.count(steps, "steps", most=10**9)
    _door.count(gan.batch_size, "batch_size", most=10**9)
    _door.number(gan.lr, "lr", above=0, below=1e30)
    _door.count(gan.d_steps, "d_steps", least=0, most=10**6)
    if _door.count(gan.g_steps, "g_steps", most=10**6) > 1 and gan.d_steps == 0:
        raise ValueError(f"g_steps is {gan.g_steps}, but with d_steps=0 both players move at once. Set d_steps too.")
    for name in ("r1", "gp", "clip"):
        _door.number(getattr(gan, name), name, least=0)
    _door.number(gan.ema, "ema", least=0, below=1)
    _door.one_of(gan.precision, ("float32", "bfloat16"), "precision")
    if gan.d_lr is not None:
        _door.number(gan.d_lr, "d_lr", above=0, below=1e30)
    if gan.momentum is not None:
        _door.number(gan.momentum, "momentum", least=0, below=1)
    if not isinstance(gan.decay, bool):
        raise TypeError(f"decay must be True or False, got {gan.decay!r}.")
    if not isinstance(gan.betas, tuple | list) or len(gan.betas) != 2:
        raise TypeError(f"betas must be two numbers, such as (0.9, 0.999), got {gan.betas!r}.")
    for beta in gan.betas:
        _door.number(beta, "each of betas", least=0, below=1)
    for name in ("real", "noise", "generator", "discriminator", "generator_loss", "discriminator_loss",
                 "view"):
        part = getattr(gan, name)
        if isinstance(part, nn.Module) or not callable(part):
            raise TypeError(f"{name} must be a function, got {part!r:.60}. Pass it without calling it.")
    device = _door.device_there(device)
    with torch.random.fork_rng(devices=[]):  # dropout draws from the global random state
        _try(gan, seed)
    return device


def here(batch):
    """A batch on the CPU: a sampler whose data stays on a GPU may give it there."""
    return batch.cpu() if isinstance(batch, torch.Tensor) else batch


def _try(gan: GAN, seed: int) -> None:
    """Refuse components that do not fit together."""
    rng, networks = torch.Generator().manual_seed(seed), build(gan, seed)
    if any(new is old for new, old in zip(build(gan, seed), networks, strict=True)):
        raise ValueError("generator and discriminator must build a fresh network at each call: put nn.Linear(...) and "
                         "so on into the function.")
    _fit.components(here(gan.real(3, rng)), here(gan.noise(3, rng)), networks[0])
    _fit.judge(gan.view, here(gan.real(gan.batch_size, rng)), networks[1])
    logits = torch.zeros(2, 3, 1)  # as if for two runs
    for name, averaged in (("generator_loss", gan.generator_loss(logits)),
                           ("discriminator_loss", gan.discriminator_loss(logits, logits))):
        if not isinstance(averaged, torch.Tensor) or averaged.shape != (2,):
            shape = tuple(averaged.shape) if isinstance(averaged, torch.Tensor) else averaged
            raise ValueError(f"{name} must average over the last two axes, .mean((-2, -1)), so that logits of "
                             f"(runs, batch, 1) give (runs,). For two runs it gave {shape}.")
