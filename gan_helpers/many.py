"""Many runs at once: the same modules and the same step, with the weights of all runs stacked.

Run i of `train_many` is what `train` makes of its seed, up to rounding, which a recipe with large steps magnifies.
Two hundred runs of chapter 1 take about ten times as long as one: little layers cost as much to call as to compute.
"""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import torch
from tqdm import tqdm

from gan_helpers import _door
from gan_helpers.gan import GAN, build, check, here
from gan_helpers.loop import Loop
from gan_helpers.run import Diverged, Run
from gan_helpers.stacking import pick, stack

__all__ = ["pick", "stack", "train_many"]

TURN = threading.RLock()  # for chunks on several threads: they share torch's global random state


def train_many(gan: GAN, steps: int, seeds: Iterable[int], *, watch: Callable[[Run], object] | None = None,
               watch_at: Iterable[int] = (), device="cpu", progress: bool = True, chunk: int = 200,
               resume=None) -> Run:
    """Train one GAN from many seeds at once; everything else as in `training.train` (chapter 1).

    Returns one Run: its networks are stacked (`pick` takes one out), its losses have shape (steps, runs). A run
    whose loss becomes NaN or Inf is listed in run.diverged, with its step, and does not touch the others.
    chunk: so many runs are stacked at a time, which bounds the memory; what `watch` returns of several chunks is
    joined along the first axis of its tensors; what is no such tensor stays a list with an entry for each chunk, None
    where all of its runs had diverged before. resume: a folder with a file for each chunk. Within
    ``with joblib.parallel_config(backend=..., n_jobs=...)`` the chunks are spread over that backend's workers.
    """
    if not hasattr(seeds, "__iter__"):
        raise TypeError(f"seeds must be a list of numbers, got {seeds!r}. Use range({seeds!r}), say.")
    seeds = [_door.seed(seed) for seed in seeds]
    if not seeds or len(set(seeds)) != len(seeds):
        raise ValueError(f"seeds must be different numbers, at least one, got {seeds[:10]}. Use range(200), say.")
    chunk = _door.count(chunk, "chunk")
    device, watch_at = check(gan, steps, seeds[0], device), _door.moments(watch, watch_at, steps)
    if resume is not None and Path(resume).is_file():
        raise ValueError(f"resume={str(resume)!r} is a file. Pass a folder: each chunk of runs keeps a file there.")
    parts = [seeds[first:first + chunk] for first in range(0, len(seeds), chunk)]
    files = [None if resume is None else Path(resume) / f"runs_{i * chunk}.pt" for i in range(len(parts))]
    jobs = [(gan, steps, part, watch, watch_at, device, progress, file)
            for part, file in zip(parts, files, strict=True)]
    if len(jobs) == 1:
        runs = [train_chunk(*jobs[0])]
    else:
        from joblib import Parallel, delayed  # here, for that a reader of few runs needs no joblib

        done = Parallel(return_as="generator")(delayed(train_chunk)(*job) for job in jobs)
        runs = list(tqdm(done, desc="chunks of runs", total=len(jobs), disable=not progress, delay=1.0, leave=False))
    run = join(runs) if len(runs) > 1 else runs[0]
    if len(run.diverged) == len(seeds) and run.steps_done < steps:
        stop = Diverged(f"stopped at step {run.steps_done + 1} of {steps}: every loss of all {len(seeds)} seeds, the "
                        f"first one {seeds[0]}, is NaN or Inf. Lower lr or look at the data; the history so far is in "
                        "the .run of this error.")
        stop.run = run
        raise stop
    return run


def train_chunk(gan, steps, seeds, watch, watch_at, device, progress, file) -> Run:
    """Train the runs of one chunk. If all of them diverge, it ends early. The threads of one process take turns."""
    with TURN:
        players = [list(modules) for modules in zip(*(build(gan, seed) for seed in seeds), strict=True)]
        networks = [stack(modules) for modules in players]
        probe(gan, players, networks)
        try:
            return Loop(gan, steps, seeds, networks, device, file, stacked=True).play(watch, watch_at, progress)
        except Diverged as stop:
            return stop.run


def join(runs: list[Run]) -> Run:
    """The runs of several chunks as one Run."""
    first = runs[0]
    for name in ("generator", "discriminator", "average"):
        if getattr(first, name) is not None:
            every = zip(*(getattr(run, name).parameters() for run in runs), strict=True)
            for parts in list(every):
                parts[0].data = torch.cat([part.data for part in parts])
    watched = {}
    for step in sorted({step for run in runs for step in run.watched}):
        seen = [run.watched.get(step) for run in runs]
        together = all(isinstance(part, torch.Tensor) and part.dim() for part in seen)
        watched[step] = torch.cat(seen) if together else seen
    return Run(
        tuple(seed for run in runs for seed in run.seeds), first.generator, first.discriminator, first.average,
        torch.cat([run.g_loss for run in runs], 1), torch.cat([run.d_loss for run in runs], 1), watched,
        {seed: step for run in runs for seed, step in run.diverged.items()}, max(run.steps_done for run in runs),
    )


@torch.no_grad()
def probe(gan: GAN, players, networks) -> None:
    """Refuse networks that, stacked, do something else than each of them alone (a layer of yours may mix samples)."""
    rng = torch.Generator()
    batches = here(gan.noise(4, rng)), gan.view(here(gan.real(gan.batch_size, rng)))
    for batch, alone, stacked in zip(batches, players, networks, strict=True):
        apart = torch.stack([network(batch) for network in alone[:2]])
        if not torch.allclose(stacked(batch)[:2], apart, rtol=1e-4, atol=1e-5):
            raise ValueError(f"stacked, {type(alone[0]).__name__} gives other results than alone. Layers of your own "
                             "must work on the last axis only, the same way for every seed. If they cannot, use train.")
