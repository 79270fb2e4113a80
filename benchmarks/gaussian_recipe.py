"""The course's recipe for N(4, 1.25), on 1,000 seeds: how many end within a Wasserstein-1 distance of 0.05?

    python -m benchmarks.gaussian_recipe           reprints the recorded runs
    python -m benchmarks.gaussian_recipe --tried   the settings that were tried on the way, over 20 seeds each
    python -m benchmarks.gaussian_recipe --run     trains again what is not recorded, on all cores (half an hour)

Fixed before the run: the seeds 0 to 999, and the pass rule, distance below 0.05 for the averaged generator, computed
on 4,000 quantiles of its noise. An interrupted run goes on where it stopped; to begin from nothing, delete
gan_helpers/recorded/gaussian_recipe.json and _build/recordings.

Everything is measured in standard units, (x - m) / s, with m and s from 50,000 real samples: a critic that starts
with weights around 0 is then near the data from the first step. Both 50,000 and the batches count as real samples.
"""

import argparse
import dataclasses
import functools
import math
import time
from pathlib import Path

import joblib
import torch
from scipy.stats import binomtest
from torch import nn

from benchmarks import recording
from gan_helpers import data, discriminators, generators, losses, metrics, noise, recipes
from gan_helpers.training import train_many

RECORD = recording.FOLDER / "gaussian_recipe.json"
SEEDS, CHUNK, PASS = range(1000), 100, 0.05
TRIAL_SEEDS = range(5000, 5020)  # not those of the result
SOURCE_SAMPLES = recipes.MOMENTS_STEPS * recipes.MOMENTS.d_steps * recipes.MOMENTS.batch_size  # of the ten-run recipe
REAL_SAMPLES = recipes.UNITS_SAMPLES + recipes.COURSE_STEPS * recipes.COURSE.d_steps * recipes.COURSE.batch_size  # a run


def critic(activation, hidden=32):
    """`hidden_discriminator` with another activation."""
    return nn.Sequential(nn.Linear(1, hidden), activation(), nn.Linear(hidden, hidden), activation(),
                         nn.Linear(hidden, 1))


def wide(hidden):
    return functools.partial(discriminators.hidden_discriminator, width=1, hidden=hidden)


LOGITS = {"discriminator_loss": losses.discriminator_loss, "generator_loss": losses.non_saturating, "gp": 0.0,
          "r1": 1.0}
TRIED = {  # name: (what is changed in the recipe, steps)
    "the recipe": ({}, 900),
    "units as they are": ({"real": data.gaussian, "noise": noise.uniform}, 900),
    "units as they are, rate 0.02": ({"real": data.gaussian, "noise": noise.uniform, "lr": 0.02}, 900),
    "critic 16 wide": ({"discriminator": wide(16)}, 900),
    "critic 64 wide": ({"discriminator": wide(64)}, 900),
    "critic with tanh": ({"discriminator": functools.partial(critic, nn.Tanh)}, 900),
    "critic with ELU": ({"discriminator": functools.partial(critic, nn.ELU)}, 900),
    "generator 32 wide": ({"generator": functools.partial(generators.number_generator, hidden=32)}, 900),
    "batch 128": ({"batch_size": 128}, 900),
    "rate 0.02": ({"lr": 0.02}, 900),
    "constant rate": ({"decay": False}, 900),
    "no average": ({"ema": 0.0}, 900),
    "average 0.99": ({"ema": 0.99}, 900),
    "penalty 1": ({"gp": 1.0}, 900),
    "penalty 20": ({"gp": 20.0}, 900),
    "3 moves of D, 1500 rounds": ({"d_steps": 3}, 1500),
    "1 move of D, 4500 rounds": ({"d_steps": 1}, 4500),
    "non-saturating loss with R1": (LOGITS, 900),
    "momentum 0.5": ({"betas": (0.5, 0.9)}, 900),
}


def distances(gan, steps: int, seeds, folder: Path) -> list[float]:
    """Train a recipe from all seeds; return each run's distance, NaN where a run diverged.

    folder: where the runs that are not finished are kept.
    """
    with joblib.parallel_config(backend="loky"):
        run = train_many(gan, steps, seeds, chunk_size=min(CHUNK, len(seeds) // 2), progress=False, checkpoint=folder)
    middles = (torch.arange(4000) + 0.5) / 4000
    mean, std = recipes.units() if gan.real is recipes.standardized else (0.0, 1.0)
    low, high = (-recipes.EDGE, recipes.EDGE) if gan.noise is recipes.COURSE.noise else (0.0, 1.0)
    generator = run.ema_generator or run.generator
    with torch.no_grad():
        outputs = mean + std * generator((low + (high - low) * middles).unsqueeze(-1)).squeeze(-1)  # (runs, 4000)
    found = metrics.distances.wasserstein_to_gaussian(outputs.nan_to_num(1e9), 4.0, 1.25)
    return [math.nan if seed in run.diverged else round(w, 5) for seed, w in zip(seeds, found.tolist(), strict=True)]


def jobs():
    """(name, recipe, steps, seeds) of every trial and of the result."""
    for name, (changes, steps) in TRIED.items():
        yield name, dataclasses.replace(recipes.COURSE, **changes), steps, TRIAL_SEEDS
    yield "result", recipes.COURSE, recipes.COURSE_STEPS, SEEDS


def record_runs() -> None:
    """Train what is not recorded yet, on every core, and write the recording after every row."""
    record = recording.read(RECORD)
    for name, gan, steps, seeds in jobs():
        settings = recording.settings(gan, steps=steps, seeds=seeds,
                                      first_look=recipes.UNITS_SAMPLES)
        if record.get(name, {}).get("settings") != settings:
            start = time.perf_counter()
            folder = recording.folder(f"recipe {name}")
            found = distances(gan, steps, seeds, folder)
            seconds = round(time.perf_counter() - start, 1)
            record[name] = {"settings": settings, "distances": found, "seconds": seconds} | recording.provenance()
            recording.write(RECORD, record)
            print(f"{name}: done in {seconds:.0f} s", flush=True)


def show(name: str, found: list[float]) -> None:
    """One line of the table of what was tried."""
    finite = torch.tensor([w for w in found if math.isfinite(w)], dtype=torch.float64)
    passed = int((finite < PASS).sum())
    low, high = binomtest(passed, len(found)).proportion_ci(method="wilson")
    quality = f"{finite.median():12.3f}{finite.max():9.3f}" if len(finite) else f"{'-':>12s}{'-':>9s}"
    print(f"{name:30s}{passed:7d} of {len(found)}   {low:5.0%} to {high:4.0%}{quality}{len(found) - len(finite):10d}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", action="store_true", help="train again what is not recorded")
    parser.add_argument("--tried", action="store_true", help="print the settings that were tried")
    asked = parser.parse_args()
    if asked.run:
        record_runs()
    record = recording.read(RECORD)
    for name, gan, steps, seeds in jobs():
        settings = recording.settings(gan, steps=steps, seeds=seeds,
                                      first_look=recipes.UNITS_SAMPLES)
        if asked.tried or name == "result":
            recording.current(record.get(name), settings, name, "python -m benchmarks.gaussian_recipe --run")
    if asked.tried:
        print(f"{'':30s}{'under ' + str(PASS):>13s}    95 % interval      median    worst  diverged")
        for name in TRIED:
            show(name, record[name]["distances"])
        return
    result = record["result"]
    found = torch.tensor(result["distances"], dtype=torch.float64)
    passed, finite = int((found < PASS).sum()), found[found.isfinite()]
    low, high = binomtest(passed, len(found)).proportion_ci(method="wilson")
    quartiles = ", ".join(f"{q:.3f}" for q in finite.quantile(torch.tensor([0.0, 0.25, 0.5, 0.75, 1.0]).double()))
    print(f"distance to N(4, 1.25): least, quartiles, largest: {quartiles}")
    print(f"runs that diverged: {len(found) - len(finite)}")
    share = SOURCE_SAMPLES / REAL_SAMPLES
    print(f"real samples a run: {REAL_SAMPLES:,}, 1/{share:.1f} of the {SOURCE_SAMPLES:,} of the ten-run experiment")
    print(f"made {result['made']} with torch {result['torch']}, {result['machine']}, in {result['seconds']:.0f} s")
    print(f"95 % interval of the rate: {low:.1%} to {high:.1%}")
    print(f"{passed} of {len(found)} seeds under {PASS}")


if __name__ == "__main__":
    main()
