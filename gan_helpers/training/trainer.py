"""The loop: `train` for one GAN, `train_many` for many at once. Both draw batches, take a step, record, and repeat.

Read downward: the two functions, then `Trainer.fit`, which is the loop itself.
"""

import contextlib
import copy
import math
import threading
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

import torch
from torch import nn
from tqdm import tqdm  # not tqdm.auto: its widgets need a script from another host

from gan_helpers import _validate, layers
from gan_helpers.gan import GAN
from gan_helpers.training import validation
from gan_helpers.training.checkpoint import Checkpoint
from gan_helpers.training.evaluation import Evaluation, copied
from gan_helpers.training.run import Best, Diverged, Run, join
from gan_helpers.training.stacking import stack
from gan_helpers.training.steps import alternating_step, keep_frozen, simultaneous_step, update_ema
from gan_helpers.training.threads import Threads

SAVED_FIELDS = ("g_loss", "d_loss", "evaluations", "diverged", "steps_done")  # of Run, kept in a checkpoint
TRAINING_LOCK = threading.RLock()  # chunks on several Python threads take turns: they share torch's global random state


def train(gan: GAN, steps: int, seed: int, *, evaluate: Callable[[Run], object] | None = None,
          evaluate_at: Iterable[int] = (), keep_best: Callable[[Run], float] | None = None, device="cpu",
          progress: bool = True, checkpoint=None) -> Run:
    """Train one GAN from one seed; the same seed gives the same weights, up to rounding (chapter 1).

    A step is one optimizer step of both players, or, if gan.d_steps is set, one round of d_steps and g_steps.
    evaluate(run) is called, without gradients and with the networks in evaluation mode, after each step named in
    `evaluate_at` (0: before the first); what it returns is kept in run.evaluations. keep_best(run) -> float is
    called at the same steps; the generator with the lowest value (its average, if there is one) is kept in run.best.
    device: where the networks live. progress: a bar, if it takes over a second. checkpoint: a file in which the state
    is kept, once a minute and at the end; if it exists, the run resumes from it, to the same weights as without the
    interruption. Raises Diverged if a loss becomes NaN or Inf, and ValueError or TypeError for bad input, before any
    step.
    """
    seed = _validate.seed(seed)
    evaluation = Evaluation(evaluate, evaluate_at, keep_best, steps)
    device, fingerprint = validation.validate(gan, steps, seed, device)
    # trainable even if the caller is in inference mode
    with TRAINING_LOCK, torch.inference_mode(False):
        run = Trainer(gan, steps, (seed,), gan.build(seed), device, evaluation, checkpoint, fingerprint).fit(progress)
    if run.best is not None:
        run.best.step, run.best.value = run.best.step.item(), run.best.value.item()
    return finished(run, steps)


def train_many(gan: GAN, steps: int, seeds: Iterable[int], *, evaluate: Callable[[Run], object] | None = None,
               evaluate_at: Iterable[int] = (), keep_best: Callable[[Run], torch.Tensor] | None = None, device="cpu",
               progress: bool = True, chunk_size: int = 200, checkpoint=None) -> Run:
    """Train one GAN from many seeds at once, with the weights of all runs stacked; the rest as in `train` (chapter 1).

    Returns one Run: its networks are stacked (`unstack` takes one out), its losses have shape (steps, runs). Run i is
    what `train` makes of its seed, up to rounding, which a recipe with large steps magnifies. A run whose loss becomes
    NaN or Inf is listed in run.diverged, with its step, takes no further optimizer step, and does not touch the others.
    keep_best(run) returns a tensor (runs,). chunk_size: how many runs are stacked at a time, which bounds the memory;
    what `evaluate` returns for several chunks is joined along the first axis if it is a tensor; anything else becomes
    a list with one entry per chunk. checkpoint: a folder with a file per chunk. Within
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
    if checkpoint is not None and Path(checkpoint).is_file():
        raise ValueError(f"checkpoint={str(checkpoint)!r} is a file. Pass a folder: each chunk of runs keeps a file "
                         "there.")
    device, fingerprint = validation.validate(gan, steps, seeds[0], device, stacked=True)
    jobs = [(gan, steps, seeds[first:first + chunk_size], device, evaluation,
             None if checkpoint is None else Path(checkpoint) / f"runs_{first}.pt", fingerprint, progress)
            for first in range(0, len(seeds), chunk_size)]
    if len(jobs) == 1:
        return finished(train_chunk(*jobs[0]), steps)
    from joblib import Parallel, delayed  # imported lazily: small runs do not need joblib

    done = Parallel(return_as="generator")(delayed(train_chunk)(*job) for job in jobs)  # a Python generator, not G
    bar = tqdm(done, desc="chunks of runs", total=len(jobs), disable=not progress, delay=1.0, leave=False)
    with torch.inference_mode(False):
        run = join(list(bar))
    return finished(run, steps)


def train_chunk(gan, steps, seeds, device, evaluation, file, fingerprint, progress) -> Run:
    """Train the runs of one chunk, stacked."""
    with TRAINING_LOCK, torch.inference_mode(False):
        # all Gs stacked into one network, then all Ds
        networks = [stack(list(players)) for players in zip(*(gan.build(seed) for seed in seeds), strict=True)]
        return Trainer(gan, steps, seeds, networks, device, evaluation, file, fingerprint, stacked=True).fit(progress)


def finished(run: Run, steps: int) -> Run:
    """Return the run. Raise Diverged if every seed diverged; warn that run.best.value must not be reported."""
    if len(run.diverged) == len(run.seeds):
        raise Diverged(run, steps)
    if run.best is not None:
        warnings.warn("run.best.value chose the step, so it is too good on average. Measure run.best.generator again, "
                      "on fresh noise and data, and report that number.", stacklevel=3)
    return run


class Trainer:
    """The state of a run and the loop that advances it.

    networks: G and D, plain for one seed, or stacked with as many runs as there are seeds (stacked=True).
    """

    def __init__(self, gan, steps, seeds, networks, device, evaluation, file, fingerprint, stacked=False):
        self.gan, self.steps, self.device, self.evaluation, self.stacked = gan, steps, device, evaluation, stacked
        generator, discriminator = (network.to(device) for network in networks)
        ema_generator = copy.deepcopy(generator).requires_grad_(False).eval() if gan.ema else None
        losses = torch.full((steps, len(seeds)) if stacked else (steps,), math.nan)
        self.run = Run(tuple(seeds), generator, discriminator, ema_generator, losses, losses.clone())
        self.lrs = float(gan.lr), float(gan.lr if gan.d_lr is None else gan.d_lr)
        self.optimizers = [make_optimizer(gan, network, lr) for network, lr in
                           zip((generator, discriminator), self.lrs, strict=True)]
        self.rngs = [torch.Generator().manual_seed(seed) for seed in seeds]
        self.frozen = torch.zeros(len(seeds) if stacked else (), dtype=torch.bool, device=device)
        # dropout draws from torch's one global state, so stacked runs share it: the first seed has to do
        self.dropout_state = torch.Generator().manual_seed(seeds[0]).get_state()
        self.checkpoint = None
        if file is not None:
            settings = {"steps": steps, "seeds": list(seeds)} | evaluation.settings()
            self.checkpoint = Checkpoint(file, gan.settings() | settings | fingerprint)
            if state := self.checkpoint.load(device):
                self.load_state(state)

    def fit(self, progress: bool) -> Run:
        """Take the remaining steps: draw batches, step, record, evaluate, save."""
        gan, run = self.gan, self.run
        networks = [layers.Bfloat16(network) if gan.precision == "bfloat16" else network
                    for network in (run.generator, run.discriminator)]
        work = gan.batch_size * sum(p.numel() for network in networks for p in network.parameters())
        with Threads(work) as threads, gradients_and_dropout(self.dropout_state) as dropout_rng:
            for optimizer in self.optimizers:  # Threads counts optimizer steps, to see whether they are slow
                optimizer.register_step_post_hook(lambda *_: threads.tick())
            if run.steps_done == 0:
                with threads.uncounted():
                    self.evaluate()
            bar = tqdm(range(run.steps_done, self.steps), desc="training", initial=run.steps_done, total=self.steps,
                       disable=not progress, delay=1.0, leave=False)
            for step in bar:
                self.set_learning_rates(step)
                if gan.d_steps == 0:  # both players at once, as in chapter 1
                    # one batch each; real first, as in chapter 1: both use the same rng
                    (real,), (noise,) = self.draw("real", 1), self.draw("noise", 1)
                    losses = simultaneous_step(gan, *networks, *self.optimizers, real, noise, self.frozen)
                else:
                    reals, d_noises = self.draw("real", gan.d_steps), self.draw("noise", gan.d_steps)
                    g_noises = self.draw("noise", gan.g_steps)
                    losses = alternating_step(gan, *networks, *self.optimizers, reals, d_noises, g_noises, self.frozen)
                self.record(step, *losses)
                if self.frozen.all():
                    self.evaluate_the_rest()
                    break
                if run.ema_generator is not None:
                    # a frozen G stands still, but its average would go on drifting toward it
                    with keep_frozen(run.ema_generator.parameters(), self.frozen):
                        update_ema(run.ema_generator, run.generator, gan.ema)
                run.steps_done = step + 1
                with threads.uncounted():
                    self.evaluate()
                    if self.checkpoint and self.checkpoint.due() and run.steps_done < self.steps:
                        self.save(dropout_rng)
            if self.checkpoint:
                self.save(dropout_rng)
        run.generator.eval()
        run.discriminator.eval()
        return run

    def draw(self, name: str, times: int) -> torch.Tensor:
        """The next batches of "real" or "noise": (times, batch, features), or (times, runs, batch, features)."""
        n = times * self.gan.batch_size
        batches = [getattr(self.gan, name)(n, rng) for rng in self.rngs]
        if wrong := [len(batch) for batch in batches if len(batch) != n]:
            raise ValueError(f"{name}(n, rng) must return n samples, for n = {n} it gave {wrong[0]}. "
                             "data.from_samples(x) draws any number, with replacement.")
        batches = (torch.stack(batches) if self.stacked else batches[0]).to(self.device)
        # (runs, times * batch, features) to (times, runs, batch, features); without runs likewise
        return batches.unflatten(-2, (times, -1)).movedim(-3, 0)

    def set_learning_rates(self, step: int) -> None:
        """If gan.decay is set, lower both learning rates linearly, to reach 0 at the end."""
        for optimizer, lr in zip(self.optimizers, self.lrs, strict=True) if self.gan.decay else ():
            for group in optimizer.param_groups:
                group["lr"] = lr * (1 - step / self.steps)

    def record(self, step: int, g_loss: torch.Tensor, d_loss: torch.Tensor) -> None:
        """Keep the losses, and the step at which a run was frozen."""
        run = self.run
        run.g_loss[step], run.d_loss[step] = (torch.where(self.frozen, math.nan, loss) for loss in (g_loss, d_loss))
        if self.frozen.any():
            for seed, frozen in zip(run.seeds, self.frozen.reshape(-1).tolist(), strict=True):
                if frozen:
                    run.diverged.setdefault(seed, step + 1)

    def evaluate(self) -> None:
        """If the step just done is one of `evaluate_at`, call the caller's functions and keep what they return."""
        if self.run.steps_done in self.evaluation.at and self.run.steps_done not in self.run.evaluations:
            self.evaluation(self.run, must_be_storable=self.checkpoint is not None)

    def evaluate_the_rest(self) -> None:
        """All runs of this chunk are frozen, so nothing changes any more: evaluate now for every later step."""
        done = self.run.steps_done
        # other chunks may go on, and join needs the same steps from all; train raises Diverged
        for step in sorted(self.evaluation.at) if self.stacked else ():
            if step > done:
                self.run.steps_done = step
                self.evaluate()
        self.run.steps_done = done

    def save(self, dropout_rng: torch.Generator) -> None:
        """Save everything that the rest of the run depends on, and its results so far."""
        run = self.run
        networks = {"generator": run.generator, "discriminator": run.discriminator, "ema_generator": run.ema_generator}
        self.checkpoint.save({
            "networks": {name: network.state_dict() for name, network in networks.items() if network is not None},
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "rngs": [rng.get_state() for rng in self.rngs], "dropout_state": dropout_rng.get_state(),
            "frozen": self.frozen,
            "run": {name: getattr(run, name) for name in SAVED_FIELDS},
            "best": run.best and {**vars(run.best), "generator": run.best.generator.state_dict()},
        })

    def load_state(self, state: dict) -> None:
        """Put back what `save` wrote."""
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
            run.best = Best(**best | {"generator": copied(run)})
            run.best.generator.load_state_dict(best["generator"])


def make_optimizer(gan: GAN, network: nn.Module, lr: float) -> torch.optim.Optimizer:
    """Adam, or gradient descent if the GAN names a momentum; fused: one call updates all weights."""
    if gan.momentum is not None:
        return torch.optim.SGD(network.parameters(), lr=lr, momentum=float(gan.momentum), fused=True)
    return torch.optim.Adam(network.parameters(), lr=lr, betas=tuple(float(beta) for beta in gan.betas), fused=True)


@contextlib.contextmanager
def gradients_and_dropout(dropout_state: torch.Tensor):
    """Gradients on, and dropout drawn from this random state; the caller's settings come back after."""
    with torch.enable_grad(), torch.random.fork_rng(devices=[]):
        torch.random.default_generator.set_state(dropout_state)
        yield torch.random.default_generator
