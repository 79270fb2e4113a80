"""What each remedy changes over 100 seeds: on the bell curve and on a ring of eight Gaussians.

    python -m benchmarks.remedies          reprints the recorded tables
    python -m benchmarks.remedies --run    trains what is not recorded (about half an hour on two cores)

One change at a time against a plain GAN that judges single samples: D and G move in turns, Adam 1e-3, batch 64,
non-saturating loss, 3,000 rounds. The pass rules were fixed before the run: a Wasserstein-1 distance to N(4, 1.25)
below 0.25 at the end; all eight modes of the ring at the end. Every mode must get a fifth of its fair share.
"""

import argparse
import dataclasses
import functools
import math
import statistics
import time

import joblib
import torch
from scipy.stats import binomtest

from benchmarks import recording
from gan_helpers import data, discriminators, generators, losses, metrics, noise
from gan_helpers.gan import GAN
from gan_helpers.training import train_many

RECORD = recording.FOLDER / "remedies.json"
ROUNDS, PASS = 3000, 0.25
MIDDLES = ((torch.arange(1000) + 0.5) / 1000).unsqueeze(-1)
STD = 0.1  # of each Gaussian of the ring
PLAIN = GAN(
    real=data.gaussian, noise=noise.uniform, generator=generators.number_generator,
    discriminator=functools.partial(discriminators.hidden_discriminator, width=1, hidden=32),
    d_steps=1, batch_size=64, lr=1e-3,
)
RING = dataclasses.replace(
    PLAIN, real=functools.partial(data.ring, std=STD), noise=functools.partial(noise.normal, features=2),
    generator=functools.partial(generators.number_generator, hidden=32, inputs=2, outputs=2),
    discriminator=functools.partial(discriminators.hidden_discriminator, width=2, hidden=32),
)
CRITIC = {"discriminator_loss": losses.critic_loss, "generator_loss": losses.critic_generator_loss, "d_steps": 5,
          "betas": (0.0, 0.9)}
REMEDIES = {
    "plain": {},
    "minimax loss": {"generator_loss": losses.minimax},
    "5 moves of D": {"d_steps": 5},
    "D 4 times as fast": {"d_lr": 4e-3},
    "no momentum": {"betas": (0.0, 0.9)},
    "smoothed labels 0.9": {"discriminator_loss": functools.partial(losses.discriminator_loss, real_label=0.9)},
    "average of G, 0.999": {"ema": 0.999},
    "spectral normalisation": {},  # another D, see `recipe`
    "R1, weight 1": {"r1": 1.0},
    "WGAN, weights clipped": CRITIC | {"clip": 0.1},
    "WGAN, gradient penalty": CRITIC | {"gp": 10.0},
}
SEEDS = range(100)
TARGETS = {"bell curve": PLAIN, "ring": RING}


def recipe(target: str, remedy: str) -> GAN:
    """The plain GAN of a target with one remedy."""
    base, changes = TARGETS[target], dict(REMEDIES[remedy])
    if remedy == "spectral normalisation":
        changes["discriminator"] = functools.partial(discriminators.spectral_discriminator,
                                                     **base.discriminator.keywords)
    return dataclasses.replace(base, **changes)


def judge_bell(run) -> torch.Tensor:
    """(runs, 1): the distance to N(4, 1.25)."""
    generator = run.ema_generator or run.generator
    return metrics.distances.wasserstein_to_gaussian(generator(MIDDLES).squeeze(-1).nan_to_num(1e9), 4.0, 1.25).unsqueeze(-1)


def judge_ring(run) -> torch.Tensor:
    """(runs, 2): modes covered, and the share of 2,000 samples within three standard deviations of a mode."""
    generator = run.ema_generator or run.generator
    samples = generator(noise.normal(2000, torch.Generator().manual_seed(0), features=2))
    modes, share = metrics.distances.ring_hits(samples, data.ring_centres(), 3 * STD)
    return torch.stack([modes.double(), share.double()], 1)


def some_samples(run) -> torch.Tensor:
    """(runs, 200, 2): points for a picture."""
    return (run.ema_generator or run.generator)(noise.normal(200, torch.Generator().manual_seed(1), features=2))


def measure(target: str, remedy: str) -> dict:
    """Train one row from all seeds; return what is recorded of it."""
    gan, start = recipe(target, remedy), time.perf_counter()
    judge = judge_bell if target == "bell curve" else judge_ring
    at = range(500, ROUNDS + 1, 500)
    with joblib.parallel_config(backend="loky"):
        run = train_many(gan, ROUNDS, SEEDS, evaluate=judge, evaluate_at=at, chunk_size=50, progress=False,
                         checkpoint=recording.folder(f"{target} {remedy}"))
    seen = torch.stack([run.evaluations[step] for step in at], 1)  # (runs, looks, 1 or 2)
    kept = {"settings": settings(target, remedy), "at": list(at), "diverged": run.diverged,
            "seconds": round(time.perf_counter() - start, 1)} | recording.provenance()
    names = ("distance",) if target == "bell curve" else ("modes", "share")
    for column, name in enumerate(names):
        kept[name] = [[round(value, 3) for value in row] for row in seen[..., column].tolist()]
    if target == "ring":
        with torch.no_grad():
            kept["points"] = [[[round(c, 2) for c in point] for point in points]
                              for points in some_samples(run)[:4].tolist()]
    return kept


def settings(target: str, remedy: str) -> dict:
    """What a row was made with."""
    return recording.settings(recipe(target, remedy), steps=ROUNDS, seeds=SEEDS)


def costs(target: str, times: int = 5) -> dict[str, float]:
    """Time of a round of twenty runs, against the plain GAN's: median of `times` measurements in turns."""
    found = {remedy: [] for remedy in REMEDIES}
    for _ in range(times):
        for remedy, seen in found.items():
            start = time.perf_counter()
            train_many(recipe(target, remedy), 30, range(20), progress=False)
            seen.append(time.perf_counter() - start)
    plain = statistics.median(found["plain"])
    return {remedy: round(statistics.median(seen) / plain, 2) for remedy, seen in found.items()}


def passed(target: str, kept: dict) -> list[bool]:
    """Whether each run passed its rule at the end."""
    if target == "bell curve":
        return [row[-1] < PASS for row in kept["distance"]]
    return [row[-1] == 8 for row in kept["modes"]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", action="store_true", help="train what is not recorded")
    record = recording.read(RECORD)
    if parser.parse_args().run:
        for target in TARGETS:
            rows = record.setdefault(target, {})
            for remedy in REMEDIES:
                if rows.get(remedy, {}).get("settings") != settings(target, remedy):
                    rows[remedy] = measure(target, remedy)
                    recording.write(RECORD, record)
                    print(f"{target}, {remedy}: done in {rows[remedy]['seconds']:.0f} s", flush=True)
        if "costs" not in record:
            record["costs"] = {target: costs(target) for target in TARGETS}
            recording.write(RECORD, record)
    for target in TARGETS:
        rows = record.get(target, {})
        for remedy in REMEDIES:
            recording.current(rows.get(remedy), settings(target, remedy), f"{target}, {remedy}",
                              "python -m benchmarks.remedies --run")
        rule = f"distance under {PASS}" if target == "bell curve" else "all 8 modes"
        print(f"{target:26s}{rule:>20s}  95 % interval    {'median' if target == 'bell curve' else 'modes'}     time")
        for remedy, kept in rows.items():
            good = passed(target, kept)
            low, high = binomtest(sum(good), len(good)).proportion_ci(method="wilson")
            ends = sorted(row[-1] for row in kept["distance" if target == "bell curve" else "modes"])
            middle = ends[len(ends) // 2] if target == "bell curve" else math.fsum(ends) / len(ends)
            print(f"{remedy:26s}{sum(good) / len(good):20.0%}{low:9.0%} to {high:4.0%}{middle:10.2f}"
                  f"{record['costs'][target][remedy]:9.1f}")


if __name__ == "__main__":
    main()
