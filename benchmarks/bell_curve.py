"""The published recipes for N(4, 1.25) over 200 seeds, and other ways to feed D over 100 (chapters 3 and 4).

    python -m benchmarks.bell_curve          reprints the recorded runs
    python -m benchmarks.bell_curve --run    trains what is not recorded (about half an hour on two cores)

The seeds are 0 to 199, or 0 to 99. Half-finished runs are kept in _build/recordings and are gone on with.
"""

import dataclasses
import functools
import time

import joblib
import torch
from scipy.stats import ks_1samp, norm

from benchmarks import recording
from gan_helpers import discriminators, layers, metrics, recipes
from gan_helpers.training import train_many

RECORD = recording.FOLDER / "bell_curve.json"
LOOKS = 50
MIDDLES = (torch.arange(4000) + 0.5) / 4000  # of the noise, uniform from 0 to 1


def fed(features, inputs):
    """The ELU recipe with a D that sees something else of a batch."""
    return dataclasses.replace(
        recipes.ELU,
        discriminator=functools.partial(discriminators.elu_discriminator, features=features, inputs=inputs),
    )


RECIPES = {  # name: (recipe, steps, seeds)
    "tanh/sigmoid": (recipes.MOMENTS, recipes.MOMENTS_STEPS, range(200)),
    "ELU": (recipes.ELU, recipes.ELU_STEPS, range(200)),
    "ELU, raw batch": (fed(layers.whole_batch, 100), recipes.ELU_STEPS, range(100)),
    "ELU, four moments": (fed(layers.batch_moments, 4), recipes.ELU_STEPS, range(100)),
    "ELU, single samples": (fed(None, 1), recipes.ELU_STEPS, range(100)),
}


def look(run) -> torch.Tensor:
    """Mean and standard deviation of what G makes now, (runs, 2)."""
    outputs = run.generator(MIDDLES[::4].unsqueeze(-1)).squeeze(-1)
    return torch.stack([outputs.mean(1), outputs.std(1, correction=0)], 1)


def measure(name: str, gan, steps: int, seeds: range) -> dict:
    """Train one recipe from all seeds; return what is recorded of it."""
    start, at = time.perf_counter(), range(0, steps + 1, steps // LOOKS)
    with joblib.parallel_config(backend="loky"):
        run = train_many(gan, steps, seeds, evaluate=look, evaluate_at=at, chunk_size=50, progress=False,
                         checkpoint=recording.folder(name))
    seen = torch.stack([run.evaluations[step] for step in at], 1)  # (runs, looks, 2)
    with torch.no_grad():
        outputs = run.generator(MIDDLES.unsqueeze(-1)).squeeze(-1)  # (runs, 4000)
    seconds = round(time.perf_counter() - start, 1)
    print(f"{name}: done in {seconds:.0f} s", flush=True)
    shown = outputs[:, 20::40]  # 100 of them, at noise 0.005, 0.015, ...
    return {
        "settings": recording.settings(gan, steps=steps, seeds=seeds),
        "at": list(at), "means": rounded(seen[..., 0]), "stds": rounded(seen[..., 1]),
        "outputs": rounded(shown), "moments": rounded(layers.batch_moments(outputs.unsqueeze(-1)).squeeze(1)),
        "wasserstein": rounded(metrics.distances.wasserstein_to_gaussian(outputs, 4.0, 1.25), 4),
        "ks": [round(float(ks_1samp(row, norm(4, 1.25).cdf).statistic), 4) for row in outputs.numpy()],
        "diverged": run.diverged, "seconds": seconds,
    } | recording.provenance()


def rounded(values: torch.Tensor, digits: int = 3) -> list:
    return [rounded(part, digits) for part in values] if values.dim() else round(values.item(), digits)


def main() -> None:
    wanted = {name: recording.settings(gan, steps=steps, seeds=seeds) for name, (gan, steps, seeds) in RECIPES.items()}
    record = recording.updated(RECORD, __doc__, wanted, lambda name: measure(name, *RECIPES[name]))
    print(f"{'':25s}mean, std right    W1 under 0.25    under 0.1    median W1    median KS")
    for name, settings in wanted.items():
        kept = record.get(name)
        recording.current(kept, settings, name, "python -m benchmarks.bell_curve --run")
        runs, distances = len(kept["wasserstein"]), torch.tensor(kept["wasserstein"])
        right = sum(abs(mean - 4) < 0.5 and abs(std - 1.25) < 0.35 for mean, std, *_ in kept["moments"])
        near, nearer = ((distances < bound).sum().item() / runs for bound in (0.25, 0.1))
        ks = torch.tensor(kept["ks"]).median().item()
        print(f"{name:25s}{right / runs:15.0%}{near:17.0%}{nearer:13.0%}{distances.median().item():13.3f}{ks:13.3f}")


if __name__ == "__main__":
    main()
