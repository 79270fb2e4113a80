"""The loop: `train` for one GAN, `train_many` for many at once. Both draw batches, take a step, record, and repeat.

Read downward: what comes back (`Run`), the two functions, then `Trainer.fit`, which is the loop itself.
"""

import contextlib
import copy
import math
import threading
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import nn
from tqdm import tqdm  # not tqdm.auto: its widgets need a script from another host

from gan_helpers import _validate
from gan_helpers.gan import GAN
from gan_helpers.training import validation
from gan_helpers.training.checkpoint import Checkpoint, storable
from gan_helpers.training.stacking import stack
from gan_helpers.training.steps import Bfloat16, alternating_step, kept, simultaneous_step, update_ema
from gan_helpers.training.threads import Threads

SMALL = 2_000_000  # weights of all runs times batch size: below that, more than one thread slows a step down
ONE_CHUNK = threading.RLock()  # chunks on several Python threads take turns: they share torch's global random state


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
    g_loss: torch.Tensor  # (steps,) or (steps, runs); NaN from the step on at which a run diverged
    d_loss: torch.Tensor
    evaluations: dict[int, object] = field(default_factory=dict)  # step: what `evaluate` returned
    diverged: dict[int, int] = field(default_factory=dict)  # seed: the first step with a loss of NaN or Inf
    steps_done: int = 0
    best: Best | None = None  # if keep_best is given


class Diverged(RuntimeError):
    """Every run met a loss of NaN or Inf. `.run` holds the losses so far, and G and D as they were before that step."""

    def __init__(self, run: Run, steps: int):
        first, seeds = min(run.diverged.values()), run.seeds
        which = f"seed {seeds[0]}" if len(seeds) == 1 else f"all {len(seeds)} seeds, the first of them {seeds[0]}"
        super().__init__(f"stopped at step {max(run.diverged.values())} of {steps}, {which}: a loss was NaN or Inf, "
                         f"for the first time at step {first}. Lower lr or look at the data; the history so far is in "
                         "the .run of this error.")
        self.run, self.steps = run, steps

    def __reduce__(self):
        return Diverged, (self.run, self.steps)


def train(gan: GAN, steps: int, seed: int, *, evaluate: Callable[[Run], object] | None = None,
          evaluate_at: Iterable[int] = (), keep_best: Callable[[Run], float] | None = None, device="cpu",
          progress: bool = True, checkpoint=None) -> Run:
    """Train one GAN from one seed; the same seed gives the same weights, up to rounding (chapter 1).

    A step is one optimizer step of both players, or, if gan.d_steps is set, one round of d_steps and g_steps.
    evaluate(run) is called, without gradients and with the networks in evaluation mode, after each step named in
    `evaluate_at` (0: before the first); what it returns is kept in run.evaluations. keep_best(run) -> float is
    called at the same steps; the generator with the lowest value (its average, if there is one) is kept in run.best.
    device: where the networks live. progress: a bar once a second has passed. checkpoint: a file in which the state
    is kept, once a minute and at the end; if it exists, the run resumes from it, to the same weights as without the
    interruption. Raises Diverged if a loss becomes NaN or Inf, and ValueError or TypeError for bad input, before any
    step.
    """
    seed = _validate.seed(seed)
    evaluation = Evaluation(evaluate, evaluate_at, keep_best, steps)
    device, probe = validation.validate(gan, steps, seed, device)
    with ONE_CHUNK:
        run = Trainer(gan, steps, (seed,), gan.build(seed), device, evaluation, checkpoint, probe).fit(progress)
    if run.diverged:
        raise Diverged(run, steps)
    return evaluation.warned(run)


def train_many(gan: GAN, steps: int, seeds: Iterable[int], *, evaluate: Callable[[Run], object] | None = None,
               evaluate_at: Iterable[int] = (), keep_best: Callable[[Run], torch.Tensor] | None = None, device="cpu",
               progress: bool = True, chunk_size: int = 200, checkpoint=None) -> Run:
    """Train one GAN from many seeds at once, with the weights of all runs stacked; the rest as in `train` (chapter 1).

    Returns one Run: its networks are stacked (`unstack` takes one out), its losses have shape (steps, runs). Run i is
    what `train` makes of its seed, up to rounding, which a recipe with large steps magnifies. A run whose loss becomes
    NaN or Inf is listed in run.diverged, with its step, stays as it was before that step, and does not touch the
    others. keep_best(run) returns a tensor (runs,). chunk_size: how many runs are stacked at a time, which bounds
    the memory; what `evaluate` returns for several chunks is joined along the first axis if it is a tensor; anything
    else becomes a list with one entry per chunk. checkpoint: a folder with a file per chunk. Within
    ``with joblib.parallel_config(backend=..., n_jobs=...)`` the chunks are spread over that backend's workers.
    Raises Diverged if every run does.
    """
    if not hasattr(seeds, "__iter__"):
        raise TypeError(f"seeds must be a list of numbers, got {seeds!r}. Use range({seeds!r}), say.")
    seeds = [_validate.seed(seed) for seed in seeds]
    if not seeds or len(set(seeds)) != len(seeds):
        raise ValueError(f"seeds must be different numbers, at least one, got {seeds[:10]}. Use range(200), say.")
    chunk_size = _validate.count(chunk_size, "chunk_size")
    evaluation = Evaluation(evaluate, evaluate_at, keep_best, steps)
    device, probe = validation.validate(gan, steps, seeds[0], device, stacked=True)
    if checkpoint is not None and Path(checkpoint).is_file():
        raise ValueError(f"checkpoint={str(checkpoint)!r} is a file. Pass a folder: each chunk of runs keeps a file "
                         "there.")
    jobs = [(gan, steps, seeds[first:first + chunk_size], device, evaluation,
             None if checkpoint is None else Path(checkpoint) / f"runs_{first}.pt", probe, progress)
            for first in range(0, len(seeds), chunk_size)]
    if len(jobs) == 1:
        run = train_chunk(*jobs[0])
    else:
        from joblib import Parallel, delayed  # imported lazily: small runs do not need joblib

        done = Parallel(return_as="generator")(delayed(train_chunk)(*job) for job in jobs)
        run = join(list(tqdm(done, desc="chunks of runs", total=len(jobs), disable=not progress, delay=1.0,
                             leave=False)))
    if len(run.diverged) == len(seeds):
        raise Diverged(run, steps)
    return evaluation.warned(run)


def train_chunk(gan, steps, seeds, device, evaluation, file, probe, progress) -> Run:
    """Train the runs of one chunk, stacked."""
    with ONE_CHUNK:
        networks = [stack(list(players)) for players in zip(*(gan.build(seed) for seed in seeds), strict=True)]
        return Trainer(gan, steps, seeds, networks, device, evaluation, file, probe, stacked=True).fit(progress)


class Trainer:
    """The state of a run and the loop that advances it.

    networks: G and D, plain for one seed, or stacked with as many runs as there are seeds (stacked=True).
    """

    def __init__(self, gan, steps, seeds, networks, device, evaluation, file, probe, stacked=False):
        self.gan, self.steps, self.device, self.evaluation, self.stacked = gan, steps, device, evaluation, stacked
        generator, discriminator = (network.to(device) for network in networks)
        ema_generator = copy.deepcopy(generator).requires_grad_(False) if gan.ema else None
        losses = torch.full((steps, len(seeds)) if stacked else (steps,), math.nan)
        self.run = Run(tuple(seeds), generator, discriminator, ema_generator, losses, losses.clone())
        self.lrs = float(gan.lr), float(gan.lr if gan.d_lr is None else gan.d_lr)
        self.optimizers = [make_optimizer(gan, network, lr) for network, lr in
                           zip((generator, discriminator), self.lrs, strict=True)]
        self.rngs = [torch.Generator().manual_seed(seed) for seed in seeds]
        self.frozen = torch.zeros(len(seeds) if stacked else (), dtype=torch.bool, device=device)
        self.dropout_state = torch.Generator().manual_seed(seeds[0]).get_state()
        self.checkpoint = None
        if file is not None:
            self.checkpoint = Checkpoint(file, gan.settings() | {"steps": steps, "seeds": list(seeds)} | probe)
            if state := self.checkpoint.load(device):
                self.load_state(state)

    def fit(self, progress: bool) -> Run:
        """Take the steps that are still to be taken: draw batches, step, record, evaluate, save."""
        gan, run = self.gan, self.run
        networks = [Bfloat16(network) if gan.precision == "bfloat16" else network
                    for network in (run.generator, run.discriminator)]
        work = gan.batch_size * sum(p.numel() for network in networks for p in network.parameters())
        with Threads(work) as threads, training_mode(self.dropout_state) as random:
            hooks = [optimizer.register_step_post_hook(lambda *_: threads.tick()) for optimizer in self.optimizers]
            if run.steps_done == 0:
                self.evaluate()
            bar = tqdm(range(run.steps_done, self.steps), desc="training", initial=run.steps_done, total=self.steps,
                       disable=not progress, delay=1.0, leave=False)
            for step in bar:
                if self.frozen.all():
                    break
                self.set_learning_rates(step)
                if gan.d_steps == 0:
                    batches = self.draw(gan.real, 1)[0], self.draw(gan.noise, 1)[0]
                    losses = simultaneous_step(gan, *networks, *self.optimizers, *batches, self.frozen)
                else:
                    batches = (self.draw(gan.real, gan.d_steps), self.draw(gan.noise, gan.d_steps),
                               self.draw(gan.noise, gan.g_steps))
                    losses = alternating_step(gan, *networks, *self.optimizers, *batches, self.frozen)
                self.record(step, *losses)
                if run.ema_generator is not None:
                    with kept(run.ema_generator.parameters(), self.frozen):
                        update_ema(run.ema_generator, run.generator, gan.ema)
                self.evaluate()
                if self.checkpoint and (self.checkpoint.due() or run.steps_done == self.steps or self.frozen.all()):
                    self.dropout_state = random.get_state()
                    self.checkpoint.save(self.state())
            self.evaluate_the_rest()
            for hook in hooks:
                hook.remove()
        for network in (run.generator, run.discriminator, run.ema_generator):
            if network is not None:
                network.eval()
        return run

    def draw(self, sampler, times: int) -> torch.Tensor:
        """The next `times` batches: (times, batch, features), or (times, runs, batch, features)."""
        batches = [sampler(times * self.gan.batch_size, rng) for rng in self.rngs]
        batches = (torch.stack(batches) if self.stacked else batches[0]).to(self.device)
        return batches.unflatten(-2, (times, -1)).movedim(-3, 0)

    def set_learning_rates(self, step: int) -> None:
        if self.gan.decay:
            for optimizer, lr in zip(self.optimizers, self.lrs, strict=True):
                for group in optimizer.param_groups:
                    group["lr"] = lr * (1 - step / self.steps)

    def record(self, step: int, g_loss: torch.Tensor, d_loss: torch.Tensor) -> None:
        """Keep the losses, and the step at which a run was frozen."""
        run = self.run
        run.g_loss[step], run.d_loss[step] = (torch.where(self.frozen, math.nan, loss) for loss in (g_loss, d_loss))
        if self.frozen.any():
            for i in self.frozen.nonzero()[:, 0].tolist() if self.stacked else [0]:
                run.diverged.setdefault(run.seeds[i], step + 1)
        run.steps_done = step + (not self.frozen.all())

    def evaluate(self) -> None:
        """If the step just done is one of `evaluate_at`, call the caller's functions and keep what they return."""
        if self.run.steps_done in self.evaluation.steps and self.run.steps_done not in self.run.evaluations:
            self.evaluation(self.run, must_be_storable=self.checkpoint is not None)

    def evaluate_the_rest(self) -> None:
        """When all runs are frozen: they are, at every later step, what they are now."""
        if self.stacked and self.frozen.all():
            done = self.run.steps_done
            for step in sorted(step for step in self.evaluation.steps if step > done):
                self.run.steps_done = step
                self.evaluate()
            self.run.steps_done = done

    def state(self) -> dict:
        """All that the rest of the run depends on, and what it has brought so far."""
        run, best = self.run, self.run.best
        networks = {"generator": run.generator, "discriminator": run.discriminator, "ema_generator": run.ema_generator}
        return {
            "networks": {name: network.state_dict() for name, network in networks.items() if network is not None},
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "rngs": [rng.get_state() for rng in self.rngs], "dropout_state": self.dropout_state,
            "frozen": self.frozen, "run": {name: getattr(run, name) for name in KEPT},
            "best": best and {"step": best.step, "value": best.value, "generator": best.generator.state_dict()},
        }

    def load_state(self, state: dict) -> None:
        """Put back what `state` returned."""
        run = self.run
        for name, weights in state["networks"].items():
            getattr(run, name).load_state_dict(weights)
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        for rng, saved in zip(self.rngs, state["rngs"], strict=True):
            rng.set_state(saved.cpu())
        self.dropout_state, self.frozen = state["dropout_state"].cpu(), state["frozen"].to(self.device)
        for name, value in state["run"].items():
            setattr(run, name, value.cpu() if name in ("g_loss", "d_loss") else value)
        if best := state["best"]:
            network = copy.deepcopy(run.ema_generator or run.generator).requires_grad_(False).eval()
            network.load_state_dict(best["generator"])
            run.best = Best(best["step"], best["value"], network)


KEPT = ("g_loss", "d_loss", "evaluations", "diverged", "steps_done")  # of a Run, in a checkpoint


class Evaluation:
    """What the caller wants to know at which steps: `evaluate` and `keep_best`."""

    def __init__(self, evaluate, evaluate_at, keep_best, steps):
        self.steps = validation.evaluation_steps(evaluate, evaluate_at, keep_best, steps)
        self.evaluate, self.keep_best = evaluate, keep_best

    @torch.no_grad()
    def __call__(self, run: Run, must_be_storable: bool) -> None:
        modules = [m for network in (run.generator, run.discriminator, run.ema_generator) if network is not None
                   for m in network.modules() if m.training]
        for module in modules:
            module.training = False
        if self.evaluate is not None:
            result = self.evaluate(run)
            if must_be_storable and not storable(result):
                raise TypeError(f"with checkpoint, evaluate must return tensors, numbers, strings, or lists and dicts "
                                f"of them, which a file can keep; it returned {result!r:.60}.")
            run.evaluations[run.steps_done] = result
        if self.keep_best is not None:
            self.update_best(run)
        for module in modules:
            module.training = True

    def update_best(self, run: Run) -> None:
        """Keep the weights of every run whose value is lower than before."""
        generator, many = run.ema_generator or run.generator, run.g_loss.dim() == 2
        value = torch.as_tensor(self.keep_best(run), dtype=torch.float64).detach().cpu()
        if value.shape != ((len(run.seeds),) if many else ()):
            wanted = f"a tensor of shape ({len(run.seeds)},), one number per run" if many else "one number"
            raise ValueError(f"keep_best(run) must return {wanted}; it returned shape {tuple(value.shape)}.")
        value = torch.where(value.isnan(), math.inf, value)
        if run.best is None:
            network = copy.deepcopy(generator).requires_grad_(False).eval()
            step = torch.full((len(run.seeds),), run.steps_done) if many else run.steps_done
            run.best = Best(step, value if many else value.item(), network)
        else:
            better = value < torch.as_tensor(run.best.value)
            pairs = zip(run.best.generator.state_dict().values(), generator.state_dict().values(), strict=True)
            for old, new in pairs if better.any() else ():
                old[better if many else ...] = new[better if many else ...]
            if many:
                run.best.step[better], run.best.value[better] = run.steps_done, value[better]
            elif better:
                run.best.step, run.best.value = run.steps_done, value.item()

    def warned(self, run: Run) -> Run:
        """The run, after a warning if one of its numbers must not be reported."""
        if run.best is not None:
            warnings.warn("run.best.value chose the step, so it is too good on average. Measure run.best.generator "
                          "again, on fresh noise and data, and report that number.", stacklevel=3)
        return run


def join(runs: list[Run]) -> Run:
    """The runs of several chunks as one Run."""
    first = runs[0]
    for name in ("generator", "discriminator", "ema_generator"):
        if getattr(first, name) is not None:
            cat_weights([getattr(run, name) for run in runs])
    best = first.best
    if best is not None:
        cat_weights([run.best.generator for run in runs])
        best = Best(*(torch.cat([getattr(run.best, name) for run in runs]) for name in ("step", "value")),
                    best.generator)
    evaluations = {}
    for step in sorted(first.evaluations):
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
    for parts in zip(*(list(network.parameters()) for network in networks), strict=True):
        parts[0].data = torch.cat([part.data for part in parts])


def make_optimizer(gan: GAN, network: nn.Module, lr: float) -> torch.optim.Optimizer:
    """Adam, or gradient descent if the GAN names a momentum."""
    if gan.momentum is not None:
        return torch.optim.SGD(network.parameters(), lr=lr, momentum=float(gan.momentum), fused=True)
    return torch.optim.Adam(network.parameters(), lr=lr, betas=tuple(float(beta) for beta in gan.betas), fused=True)


@contextlib.contextmanager
def training_mode(dropout_state: torch.Tensor):
    """Gradients on, and dropout drawn from this random state; the caller's settings come back after."""
    with torch.inference_mode(False), torch.enable_grad(), torch.random.fork_rng(devices=[]):
        torch.random.default_generator.set_state(dropout_state)
        yield torch.random.default_generator


@contextlib.contextmanager
def threads_for(batch_size: int, *networks: nn.Module):
    """One thread for small networks, which more threads only slow down; the caller's setting comes back after."""
    before = torch.get_num_threads()
    weights = sum(p.numel() for network in networks for p in network.parameters())
    if weights * batch_size < SMALL:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
