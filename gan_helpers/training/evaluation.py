"""What the caller of `train` wants to know at some steps: `evaluate` and `keep_best`."""

import copy
import math

import torch
from torch import nn

from gan_helpers.training import validation
from gan_helpers.training.checkpoint import storable
from gan_helpers.training.run import Best, Run


class Evaluation:
    """The two functions, and the steps after which they are called."""

    def __init__(self, evaluate, evaluate_at, keep_best, steps):
        self.at = validation.evaluation_steps(evaluate, evaluate_at, keep_best, steps)
        self.evaluate, self.keep_best = evaluate, keep_best

    def settings(self) -> dict:
        """What must not change when a run resumes: among other steps, another one might be the best."""
        return {"keep_best": sorted(self.at)} if self.keep_best is not None else {}

    @torch.no_grad()
    def __call__(self, run: Run, must_be_storable: bool) -> None:
        training = [m for network in (run.generator, run.discriminator) for m in network.modules() if m.training]
        for module in training:
            module.training = False
        with torch.random.fork_rng(devices=[]):  # what the caller draws must not change the dropout that follows
            if self.evaluate is not None:
                run.evaluations[run.steps_done] = self.evaluate(run)
            if self.keep_best is not None:
                self.update_best(run)
        for module in training:
            module.training = True
        if must_be_storable and not storable(result := run.evaluations.get(run.steps_done)):
            raise TypeError("with checkpoint, evaluate must return tensors, numbers, strings, or lists and dicts of "
                            f"them, which a file can keep; it returned {result!r:.60}.")

    def update_best(self, run: Run) -> None:
        """Keep the weights of every run whose value is lower than before."""
        value, shape = self.keep_best(run), run.g_loss.shape[1:]
        wanted = f"a tensor of shape ({len(run.seeds)},), one number per run" if shape else "one number"
        try:
            value = torch.as_tensor(value).detach().cpu().double()
        except (TypeError, ValueError, RuntimeError) as error:
            raise TypeError(f"keep_best(run) must return {wanted}; it returned {value!r:.60}.") from error
        if value.shape != shape:
            raise ValueError(f"keep_best(run) must return {wanted}; it returned shape {tuple(value.shape)}.")
        if run.best is None:
            run.best = Best(torch.full(shape, run.steps_done), torch.full_like(value, math.inf), copied(run))
        better = value < run.best.value  # NaN is never better
        run.best.step[better], run.best.value[better] = run.steps_done, value[better]
        pairs = zip(run.best.generator.state_dict().values(), judged(run).state_dict().values(), strict=True)
        for old, new in pairs:
            old[better] = new[better]  # state_dict's tensors are the network's own: this changes run.best.generator


def judged(run: Run) -> nn.Module:
    """The generator to judge: the average, if there is one."""
    return run.generator if run.ema_generator is None else run.ema_generator


def copied(run: Run) -> nn.Module:
    """A copy of the generator to judge, in evaluation mode and without gradients."""
    return copy.deepcopy(judged(run)).requires_grad_(False).eval()
