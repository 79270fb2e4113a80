"""What training returns."""

from dataclasses import dataclass, field

import torch
from torch import nn


@dataclass
class Best:
    """The generator at the evaluation where ``keep_best(run)`` was lowest. For many runs: one step and value each.

    The value chose this step, so it is too good on average: report a measurement on fresh noise and data instead.
    """

    step: int | torch.Tensor
    value: float | torch.Tensor
    generator: nn.Module


@dataclass
class Run:
    """What training returns. For many runs at once the networks are stacked and losses have one column per run.

    All networks come back in evaluation mode.
    """

    seeds: tuple[int, ...]
    generator: nn.Module
    discriminator: nn.Module
    ema_generator: nn.Module | None  # G with averaged weights, if GAN.ema is above 0
    g_loss: torch.Tensor  # (steps,) or (steps, runs); NaN from the step at which a run diverged
    d_loss: torch.Tensor
    evaluations: dict[int, object] = field(default_factory=dict)  # step: what `evaluate` returned
    diverged: dict[int, int] = field(default_factory=dict)  # seed: the first step with a loss of NaN or Inf
    steps_done: int = 0
    best: Best | None = None  # if keep_best is given


class Diverged(RuntimeError):
    """The loss of every run became NaN or Inf. `.run`: the losses so far, and G and D after their last finite steps."""

    def __init__(self, run: Run, steps: int):
        first, seeds = min(run.diverged.values()), run.seeds
        which = f"seed {seeds[0]}" if len(seeds) == 1 else f"all {len(seeds)} seeds, the first of them {seeds[0]}"
        super().__init__(f"stopped at step {max(run.diverged.values())} of {steps}, {which}: a loss was NaN or Inf, "
                         f"for the first time at step {first}. Lower lr or look at the data; the history so far is in "
                         "the .run of this error.")
        self.run, self.steps = run, steps

    def __reduce__(self):
        return Diverged, (self.run, self.steps)


def join(runs: list[Run]) -> Run:
    """The runs of several chunks as one Run."""
    first = runs[0]
    for name in ("generator", "discriminator", "ema_generator"):
        if getattr(first, name) is not None:
            cat_weights([getattr(run, name) for run in runs])
    best = first.best
    if best is not None:
        cat_weights([run.best.generator for run in runs])
        best = Best(torch.cat([run.best.step for run in runs]), torch.cat([run.best.value for run in runs]),
                    best.generator)
    evaluations = {}
    for step in first.evaluations:
        results = [run.evaluations[step] for run in runs]
        tensors = all(isinstance(result, torch.Tensor) and result.dim() for result in results)
        evaluations[step] = torch.cat(results) if tensors else results
    return Run(
        tuple(seed for run in runs for seed in run.seeds), first.generator, first.discriminator, first.ema_generator,
        torch.cat([run.g_loss for run in runs], 1), torch.cat([run.d_loss for run in runs], 1), evaluations,
        {seed: step for run in runs for seed, step in run.diverged.items()}, max(run.steps_done for run in runs), best,
    )


def cat_weights(networks: list[nn.Module]) -> None:
    """Put the weights of all stacked networks into the first."""
    for parts in zip(*(network.parameters() for network in networks), strict=True):
        parts[0].data = torch.cat([part.data for part in parts])
