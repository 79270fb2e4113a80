"""What the recordings of chapters 5 and 6 share: how a run on MNIST is evaluated and what is kept of it.

After each of the named steps 10,000 fakes are drawn from fixed noise and compared with all 60,000 training images:
Frechet distance on the classifier's 64 features, and which digits are shown.
"""

import functools
import time
from collections.abc import Iterable
from pathlib import Path

import joblib
import numpy as np
import torch
from torch import nn

from benchmarks import recorder
from gan_helpers import metrics, mnist, recorded
from gan_helpers.gan import GAN
from gan_helpers.training import Diverged, Run, train

FAKES, SHOWN = 10_000, 16
FIRST = (0, 100, 250, 500, 1000)  # steps with an evaluation in every long run


def steps_until(steps: int, every: int, early: int | None = None) -> tuple[int, ...]:
    """When to evaluate: after the first steps, then every `every`, and up to 10,000 steps every `early` ones."""
    often = range(early, min(steps, 10_000) + 1, early) if early else ()
    return tuple(sorted({*FIRST, *often, *range(every, steps + 1, every)}))


@functools.cache
def reference() -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and covariance of the features of all training images."""
    return metrics.clouds.mean_and_covariance(metrics.digits.features(mnist.images("train").pixels))


@functools.cache
def scale(gan: GAN) -> str:
    """In which range G's pixels lie."""
    return "[0, 1]" if isinstance([*gan.generator().modules()][-1], nn.Sigmoid) else "[-1, 1]"


@torch.no_grad()
def fakes(generator: nn.Module, gan: GAN, count: int = FAKES) -> torch.Tensor:
    """(count, 784) images from fixed noise."""
    z = gan.noise(count, torch.Generator().manual_seed(2**32 - 1))
    return torch.cat([generator(part) for part in z.split(1000)])


def frechet_and_digits(pixels: torch.Tensor, scale: str) -> tuple[float, torch.Tensor]:
    """The Frechet distance to the training images, and how often each digit is shown, (10,)."""
    features = metrics.digits.features(pixels, scale)
    found = metrics.clouds.frechet_gaussians(*reference(), *metrics.clouds.mean_and_covariance(features))
    return found, torch.bincount(metrics.digits.class_probabilities(features).argmax(1), minlength=10)


def evaluate(run: Run, gan: GAN) -> dict:
    """What is kept of a run at one step."""
    recent = slice(max(0, run.steps_done - 100), run.steps_done)
    kept = {"d_loss": round(run.d_loss[recent].mean().item(), 4), "g_loss": round(run.g_loss[recent].mean().item(), 4)}
    for prefix, network in (("", run.generator), ("ema_", run.ema_generator)):
        if network is not None:
            pixels = fakes(network, gan)
            frechet, counts = frechet_and_digits(pixels, scale(gan))
            kept |= {f"{prefix}frechet": round(frechet, 3), f"{prefix}spread": round(pixels.std(0).mean().item(), 5),
                     f"{prefix}digits": int((counts >= FAKES // 100).sum()), f"{prefix}digit_counts": counts.tolist()}
    levels = mnist.to_gray(pixels[:SHOWN], scale(gan)).flatten(1).mul(15).round()  # 16 shades of gray
    return kept | {"samples": (levels * 17).to(torch.uint8)}


def train_seed(row: recorder.Row, seed: int, file: Path) -> tuple[Run, float]:
    """Train one run on one thread, or resume it; with the seconds that this took."""
    torch.set_num_threads(1)
    start = time.perf_counter()
    try:
        run = train(row.gan, row.steps, seed, evaluate=functools.partial(evaluate, gan=row.gan),
                    evaluate_at=row.evaluate_at, progress=False, checkpoint=file)
    except Diverged as stop:
        run = stop.run
    return run, round(time.perf_counter() - start)


def measure(name: str, row: recorder.Row, folder: Path, keep_samples: bool, keep_generator: bool) -> dict:
    """Train a run on every core. keep_samples, keep_generator: of the first seed, too."""
    reference()
    jobs = (joblib.delayed(train_seed)(row, seed, folder / f"{seed}.pt") for seed in row.seeds)
    runs, seconds = zip(*joblib.Parallel(n_jobs=-1)(jobs), strict=True)
    example = next(found for run in runs for found in run.evaluations.values())
    missing = {key: np.full(np.shape(value), np.nan) for key, value in example.items()}  # after a run has diverged
    seen = [[run.evaluations.get(step, missing) for step in row.evaluate_at] for run in runs]
    kept = {key: np.array([[at[key] for at in run] for run in seen]) for key in example if key != "samples"}
    kept["run_seconds"] = np.array(seconds)
    if keep_samples:
        kept["samples"] = np.stack([at["samples"] for at in seen[0]])
    if keep_generator:
        first = runs[0]
        weights = (first.ema_generator or first.generator).state_dict()
        kept |= {f"weights/{key}": value.half() if value.is_floating_point() else value
                 for key, value in weights.items()}
    return kept


def show(name: str, tables: dict[str, Iterable[str]]) -> None:
    """{title: rows}: where the runs ended, over their seeds; those of the averaged G, if there is one."""
    seen, facts = recorded.evaluations(name), recorded.about(name)
    for key in ("frechet", "digits"):
        seen[key] = seen.get(f"ema_{key}", seen[key]).fillna(seen[key])
    print("end of each run: Frechet distance to the training images, median over the seeds (least-largest), and how "
          "many digits\nmake up at least 1 % of the fakes")
    for title, rows in tables.items():
        print(f"\n{title:31s}seeds    steps distance                digits")
        for row in rows:
            made, steps = facts[row], facts[row]["settings"]["steps"]
            ends = seen.loc[row].xs(steps, level="step")
            interval = f"({ends.frechet.min():.1f}-{ends.frechet.max():.1f})"
            print(f"{row:30s}{len(ends):6d}{steps:9,d}{ends.frechet.median():9.1f}{interval:>16s}"
                  f"{ends.digits.median():6.0f}   {made['seconds'] / 60:.0f} min, {made['made']}, "
                  f"torch {made['torch']}, {made['machine']}")
