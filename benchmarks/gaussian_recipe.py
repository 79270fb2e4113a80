"""The course's recipe for N(4, 1.25), on 1,000 seeds: how many end within a Wasserstein-1 distance of 0.05?

    python -m benchmarks.gaussian_recipe          reprints the recorded runs
    python -m benchmarks.gaussian_recipe --run    trains again what is not recorded (minutes), on all cores

Fixed before the run: the seeds 0 to 999, and the pass rule, distance below 0.05 for the averaged generator, computed
on 4,000 quantiles of its noise. The recording is written after every hundred seeds, so an interrupted run goes on
where it stopped; delete gan_helpers/recorded/gaussian_recipe.json to begin from nothing.

Everything is measured in standard units, (x - m) / s, with m and s from 50,000 real samples: a critic that starts
with weights around 0 is then near the data from the first step. Both 50,000 and the batches count as real samples.
"""

import argparse
import concurrent.futures
import functools
import math
import time

import torch
from scipy.stats import binomtest

from benchmarks import recording
from gan_helpers import data, discriminators, generators, losses, metrics, noise
from gan_helpers.gan import GAN
from gan_helpers.many import train_many

RECORD = recording.FOLDER / "gaussian_recipe.json"
SEEDS, CHUNK, STEPS, PASS = 1000, 100, 900, 0.05
FIRST_LOOK = 50_000  # real samples, for the units
EDGE = math.sqrt(3)  # uniform noise from -EDGE to EDGE has mean 0 and standard deviation 1
SOURCE_SAMPLES = 5000 * 20 * 500  # what the recipe of the ten-run experiment (Nag 2017) draws: rounds, D's steps, batch


@functools.cache
def units() -> tuple[float, float]:
    """Mean and standard deviation of the first look."""
    sample = data.gaussian(FIRST_LOOK, torch.Generator().manual_seed(2**32 - 1))
    return sample.mean().item(), sample.std().item()


def real(n: int, rng: torch.Generator) -> torch.Tensor:
    """Real samples in standard units."""
    mean, std = units()
    return (data.gaussian(n, rng) - mean) / std


RECIPE = GAN(
    real=real,
    noise=functools.partial(noise.uniform, low=-EDGE, high=EDGE),
    generator=functools.partial(generators.number_generator, hidden=16),
    discriminator=functools.partial(discriminators.hidden_discriminator, width=1, hidden=32),
    discriminator_loss=losses.critic_loss,
    generator_loss=losses.critic_generator_loss,
    d_steps=5, gp=10.0, batch_size=256, lr=0.01, decay=True, betas=(0.0, 0.9), ema=0.995,
)
REAL_SAMPLES = FIRST_LOOK + STEPS * RECIPE.d_steps * RECIPE.batch_size  # a run


def settings() -> dict:
    """What the recording was made with."""
    return recording.settings(RECIPE, steps=STEPS, first_look=FIRST_LOOK)


def distances(first: int) -> list[float]:
    """Train the seeds first to first + CHUNK - 1; return each run's distance, NaN where a run diverged."""
    seeds = range(first, first + CHUNK)
    run = train_many(RECIPE, STEPS, seeds, progress=False)
    middles = (torch.arange(4000) + 0.5) / 4000
    mean, std = units()
    with torch.no_grad():
        outputs = mean + std * run.average((EDGE * (2 * middles - 1)).unsqueeze(-1)).squeeze(-1)  # (runs, 4000)
    found = metrics.wasserstein_to_gaussian(outputs)
    return [math.nan if seed in run.diverged else round(w, 5) for seed, w in zip(seeds, found.tolist(), strict=True)]


def record_runs() -> None:
    """Train what is not recorded yet, on every core, and write the recording after every chunk."""
    record = recording.read(RECORD)
    if record.get("settings") != settings():
        record = {"settings": settings(), "chunks": {}, "seconds": 0.0}
    missing = [first for first in range(0, SEEDS, CHUNK) if str(first) not in record["chunks"]]
    start = time.perf_counter()
    with concurrent.futures.ProcessPoolExecutor() as pool:
        jobs = {pool.submit(distances, first): first for first in missing}
        for job in concurrent.futures.as_completed(jobs):
            record["chunks"][str(jobs[job])] = job.result()
            record["seconds"] += round(time.perf_counter() - start, 1)
            start = time.perf_counter()
            recording.write(RECORD, record | recording.provenance())
            print(f"seeds {jobs[job]} to {jobs[job] + CHUNK - 1} done", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", action="store_true", help="train again what is not recorded")
    if parser.parse_args().run:
        record_runs()
    record = recording.read(RECORD)
    found = torch.tensor([w for chunk in record["chunks"].values() for w in chunk], dtype=torch.float64)
    passed, finite = int((found < PASS).sum()), found[found.isfinite()]
    low, high = binomtest(passed, len(found)).proportion_ci(method="wilson")
    quartiles = ", ".join(f"{q:.3f}" for q in finite.quantile(torch.tensor([0.0, 0.25, 0.5, 0.75, 1.0]).double()))
    print(f"distance to N(4, 1.25): least, quartiles, largest: {quartiles}")
    print(f"runs that diverged: {len(found) - len(finite)}")
    share = SOURCE_SAMPLES / REAL_SAMPLES
    print(f"real samples a run: {REAL_SAMPLES:,}, 1/{share:.1f} of the {SOURCE_SAMPLES:,} of the ten-run experiment")
    print(f"made {record['made']} with torch {record['torch']}, {record['machine']}, in {record['seconds']:.0f} s")
    print(f"95 % interval of the rate: {low:.1%} to {high:.1%}")
    print(f"{passed} of {len(found)} seeds under {PASS}")


if __name__ == "__main__":
    main()
