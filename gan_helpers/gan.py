"""The five components put together: what to train, as one object."""

import functools
import inspect
import json
import numbers
from collections.abc import Callable
from dataclasses import dataclass, fields

import torch
from torch import nn

from gan_helpers import _validate, losses

Sampler = Callable[[int, torch.Generator], torch.Tensor]
SYNONYMS = {
    "learning_rate": "lr", "g_lr": "lr", "discriminator_lr": "d_lr", "n_critic": "d_steps", "k": "d_steps",
    "bs": "batch_size", "weight_clip": "clip", "clip_value": "clip", "gradient_penalty": "gp", "lambda_gp": "gp",
    "r1_gamma": "r1", "average": "ema", "polyak": "ema", "ema_decay": "ema", "ema_beta": "ema", "beta1": "betas",
    "beta2": "betas", "dtype": "precision", "data": "real", "z": "noise", "latent": "noise", "G": "generator",
    "D": "discriminator", "critic": "discriminator", "g_loss": "generator_loss", "d_loss": "discriminator_loss",
}


@dataclass(frozen=True)
class GAN:
    """The five components: R, I, G, D and the settings of the loop (chapter 1).

    real, noise: samplers ``sample(n, rng) -> (n, features)``. generator, discriminator: functions without arguments
    that build a fresh network. generator_loss, discriminator_loss: two of `losses`. d_steps: with 0 both players step
    simultaneously (chapter 1); with k, D takes k optimizer steps, then G takes g_steps. Both players use Adam with
    learning rate `lr` and `betas`, or, if momentum is a number, gradient descent with that momentum. d_lr: another
    learning rate for D. decay: with True the rates fall linearly to 0 over the run. r1, gp: weights of the R1 and of
    the gradient penalty on D (0: none). clip: D's weights are clipped to [-clip, clip] after each of its steps (0:
    off). ema: decay of the exponential moving average of G's weights (0: no average; 0.99: about the last 100 steps).
    precision: "bfloat16" computes the networks' matrix products with 8 bits of mantissa, several times as fast on
    processors with instructions for it, ten or more times slower on others; weights stay float32.
    Raises TypeError for a setting that does not exist, and names the one that was probably meant.
    """

    real: Sampler
    noise: Sampler
    generator: Callable[[], nn.Module]
    discriminator: Callable[[], nn.Module]
    generator_loss: Callable[[torch.Tensor], torch.Tensor] = losses.non_saturating
    discriminator_loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = losses.discriminator_loss
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

    def __new__(cls, *args, **settings):
        _validate.known_keywords(settings, [field.name for field in fields(cls)], SYNONYMS, "a GAN")
        return super().__new__(cls)

    def settings(self) -> dict:
        """What is set beyond the defaults, as JSON keeps it: functions by name, a partial with its arguments."""
        pairs = ((field.name, getattr(self, field.name), field.default) for field in fields(self))
        return json.loads(json.dumps({name: as_json(value) for name, value, default in pairs if value != default}))

    def build(self, seed: int) -> tuple[nn.Module, nn.Module]:
        """G and D as ``torch.manual_seed(seed)`` makes them, G first. The global random state stays as it was."""
        with torch.inference_mode(False), torch.random.fork_rng(devices=[]):
            torch.random.default_generator.manual_seed(seed)
            return self.generator(), self.discriminator()


# What help(GAN) and notebooks show: the settings, not the catch-all of __new__.
GAN.__signature__ = inspect.Signature(list(inspect.signature(GAN.__init__).parameters.values())[1:])


def as_json(value):
    """A setting as JSON keeps it."""
    if isinstance(value, functools.partial):
        given = {"arguments": as_json(value.args)} if value.args else {}
        return {"function": as_json(value.func)} | given | {k: as_json(part) for k, part in value.keywords.items()}
    if isinstance(value, tuple | list):
        return [as_json(part) for part in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, numbers.Real):  # numpy's, say
        return int(value) if isinstance(value, numbers.Integral) else float(value)
    return getattr(value, "__name__", type(value).__name__)
