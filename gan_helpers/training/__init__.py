"""The training loop: `steps` holds one step, `trainer` the loop around it. Chapter 1 writes both out in full."""

from gan_helpers.training.checkpoint import load_generator, save_generator
from gan_helpers.training.run import Best, Diverged, Run
from gan_helpers.training.stacking import stack, unstack
from gan_helpers.training.trainer import train, train_many

__all__ = ["Best", "Diverged", "Run", "load_generator", "save_generator", "stack", "train", "train_many", "unstack"]
