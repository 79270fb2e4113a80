"""The published recipes for N(4, 1.25) over 200 seeds, and other ways to feed D over 100 (chapters 3 and 4).

    python -m benchmarks.gaussian          reprints the recorded table
    python -m benchmarks.gaussian --run    trains what is not recorded (all of it takes about an hour on two cores)
"""

import dataclasses
import functools

import torch
from scipy.stats import ks_1samp, norm

from benchmarks import recorder
from gan_helpers import discriminators, layers, metrics, recipes, recorded

NAME, EVALUATIONS = "gaussian", 50
MIDDLES = ((torch.arange(4000) + 0.5) / 4000).unsqueeze(-1)  # of the noise, uniform from 0 to 1


def fed(features, inputs):
    """The ELU recipe with a D that sees something else of a batch."""
    return dataclasses.replace(
        recipes.ELU,
        discriminator=functools.partial(discriminators.elu_discriminator, features=features, inputs=inputs),
    )


ROWS = {
    name: recorder.Row(gan, steps, range(seeds), range(0, steps + 1, steps // EVALUATIONS))
    for name, gan, steps, seeds in (
        ("tanh/sigmoid", recipes.TANH_SIGMOID, recipes.TANH_SIGMOID_STEPS, 200),
        ("ELU", recipes.ELU, recipes.ELU_STEPS, 200),
        ("ELU, raw batch", fed(layers.whole_batch, 100), recipes.ELU_STEPS, 100),
        ("ELU, four moments", fed(layers.batch_moments, 4), recipes.ELU_STEPS, 100),
        ("ELU, single samples", fed(None, 1), recipes.ELU_STEPS, 100),
    )
}


def mean_and_std(run) -> torch.Tensor:
    """(runs, 2): of what G makes now."""
    outputs = run.generator(MIDDLES[::4]).squeeze(-1)
    return torch.stack([outputs.mean(1), outputs.std(1, correction=0)], 1)


def measure(name: str, row: recorder.Row, folder) -> dict:
    """Mean and standard deviation during training; moments, distances and 100 outputs at the end."""
    run = row.train(folder, mean_and_std)
    with torch.no_grad():
        outputs = run.generator(MIDDLES).squeeze(-1)  # (runs, 4000)
    during = torch.stack([run.evaluations[step] for step in row.evaluate_at], 1)  # (runs, evaluations, 2)
    moments = layers.batch_moments(outputs.unsqueeze(-1)).squeeze(1).T
    kept = dict(zip(("mean", "std", "skewness", "kurtosis"), moments, strict=True))
    kept |= {"means": during[..., 0], "stds": during[..., 1], "outputs": outputs[:, 20::40]}  # noise 0.005, 0.015, ...
    distances = {"wasserstein": metrics.distances.wasserstein_to_gaussian(outputs, 4.0, 1.25),
                 "ks": [ks_1samp(values, norm(4, 1.25).cdf).statistic for values in outputs.numpy()]}
    return ({key: recorder.rounded(values, 3) for key, values in kept.items()}
            | {key: recorder.rounded(values, 4) for key, values in distances.items()})


def show() -> None:
    print(f"{'':25s}mean, std right    W1 under 0.25    under 0.1    median W1    median KS")
    for name, runs in recorded.runs(NAME).groupby("row", sort=False):
        right = ((runs["mean"] - 4).abs() < 0.5) & ((runs["std"] - 1.25).abs() < 0.35)
        near, nearer = ((runs.wasserstein < bound).mean() for bound in (0.25, 0.1))
        median = runs.quantile(interpolation="lower")
        print(f"{name:25s}{right.mean():15.0%}{near:17.0%}{nearer:13.0%}{median.wasserstein:13.3f}{median.ks:13.3f}")


if __name__ == "__main__":
    recorder.main(NAME, __doc__, ROWS, measure, show)
