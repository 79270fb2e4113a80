"""Chapter 4: remedies one at a time, on the bell curve and on a ring, and the course's recipe on 1,000 seeds.

    python -m benchmarks.many_runs          reprints the recorded tables
    python -m benchmarks.many_runs --run    trains what is not recorded (all of it takes an hour on two cores)

Remedies: one change at a time against a plain GAN whose D sees single samples: D and G step in turns, Adam 1e-3, batch
64, non-saturating loss, 3,000 rounds, 100 seeds. The pass rules were fixed before the runs: a Wasserstein-1 distance
to N(4, 1.25) below 0.25 at the end; all eight modes of the ring at the end, each with a fifth of its fair share.

The recipe: fixed before the run were the seeds, 0 to 999, and the pass rule: the averaged generator's distance, on
4,000 quantiles of its noise, is below 0.05. The trials are the settings tried on the way, on other seeds. Everything
is in standard units, (x - m) / s, with m and s from 50,000 real samples: a critic whose weights start around 0 is then
near the data from the first step. Both these 50,000 and the batches count as real samples.
"""

import dataclasses
import functools
import statistics

import numpy as np
import torch
from torch import nn

from benchmarks import recorder
from gan_helpers import data, discriminators, generators, losses, metrics, noise, recipes, recorded
from gan_helpers.gan import GAN
from gan_helpers.training import train_many

NAME, ROUNDS = "many_runs", 3000
SEEDS, TRIAL_SEEDS = range(1000), range(5000, 5020)  # of the recipe
BELL_BAR, RECIPE_BAR = 0.25, 0.05  # distances that pass
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
TARGETS = {"bell curve": PLAIN, "ring": RING}
CRITIC = {"discriminator_loss": losses.critic_loss, "generator_loss": losses.critic_generator_loss, "d_steps": 5,
          "betas": (0.0, 0.9)}
REMEDIES = {
    "plain": {},
    "minimax loss": {"generator_loss": losses.minimax},
    "5 steps of D": {"d_steps": 5},
    "D 4 times as fast": {"d_lr": 4e-3},
    "no momentum": {"betas": (0.0, 0.9)},
    "smoothed labels 0.9": {"discriminator_loss": functools.partial(losses.discriminator_loss, real_label=0.9)},
    "average of G, 0.999": {"ema": 0.999},
    "spectral normalization": {"discriminator": discriminators.spectral_discriminator},  # as wide as the plain D
    "R1, weight 1": {"r1": 1.0},
    "WGAN, weights clipped": CRITIC | {"clip": 0.1},
    "WGAN, gradient penalty": CRITIC | {"gp": 10.0},
}


def remedied(target: str, remedy: str) -> GAN:
    """The plain GAN of a target with one remedy."""
    plain, changes = TARGETS[target], dict(REMEDIES[remedy])
    if "discriminator" in changes:
        changes["discriminator"] = functools.partial(changes["discriminator"], **plain.discriminator.keywords)
    return dataclasses.replace(plain, **changes)


def critic(activation, hidden=32):
    """`hidden_discriminator` with another activation."""
    return nn.Sequential(nn.Linear(1, hidden), activation(), nn.Linear(hidden, hidden), activation(),
                         nn.Linear(hidden, 1))


def wide(hidden):
    return functools.partial(discriminators.hidden_discriminator, width=1, hidden=hidden)


UNITS = {"real": data.gaussian, "noise": noise.uniform}
TRIALS = {  # name: (what is changed in the recipe, steps)
    "the recipe": ({}, 900),
    "units as they are": (UNITS, 900),
    "units as they are, rate 0.02": (UNITS | {"lr": 0.02}, 900),
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
    "3 steps of D, 1500 rounds": ({"d_steps": 3}, 1500),
    "1 step of D, 4500 rounds": ({"d_steps": 1}, 4500),
    "non-saturating loss with R1": ({"discriminator_loss": losses.discriminator_loss, "gp": 0.0, "r1": 1.0,
                                     "generator_loss": losses.non_saturating}, 900),
    "momentum 0.5": ({"betas": (0.5, 0.9)}, 900),
}
REAL_SAMPLES = (  # a run: of the course's recipe, those for the units counted too, and of the ten-run experiment
    recipes.UNITS_SAMPLES + recipes.COURSE_STEPS * recipes.COURSE.d_steps * recipes.COURSE.batch_size,
    recipes.TANH_SIGMOID_STEPS * recipes.TANH_SIGMOID.d_steps * recipes.TANH_SIGMOID.batch_size,
)
SAMPLED = {"units_samples": recipes.UNITS_SAMPLES}
ROWS = {
    f"{target}: {remedy}": recorder.Row(remedied(target, remedy), ROUNDS, range(100), range(500, ROUNDS + 1, 500))
    for target in TARGETS for remedy in REMEDIES
} | {
    f"trial: {name}": recorder.Row(dataclasses.replace(recipes.COURSE, **changes), steps, TRIAL_SEEDS, (), SAMPLED)
    for name, (changes, steps) in TRIALS.items()
} | {
    "result": recorder.Row(recipes.COURSE, recipes.COURSE_STEPS, SEEDS, (), SAMPLED),
    "taken apart": recorder.Row(recipes.TANH_SIGMOID, 1000, range(10), range(0, 1001, 10)),
}


def distance(run, gan: GAN, n: int) -> torch.Tensor:
    """(runs,): the Wasserstein-1 distance of p_g to N(4, 1.25), from n quantiles of the noise."""
    ends = getattr(gan.noise, "keywords", {})
    low, high = ends.get("low", 0.0), ends.get("high", 1.0)
    mean, std = recipes.units() if gan.real is recipes.standardized else (0.0, 1.0)
    quantiles = (low + (high - low) * (torch.arange(n) + 0.5) / n).unsqueeze(-1)
    with torch.no_grad():
        outputs = mean + std * (run.ema_generator or run.generator)(quantiles).squeeze(-1)
    return metrics.distances.wasserstein_to_gaussian(outputs.nan_to_num(1e9), 4.0, 1.25)


def modes_and_share(run) -> torch.Tensor:
    """(runs, 2): modes covered, and the share of 2,000 samples within three standard deviations of a mode."""
    samples = (run.ema_generator or run.generator)(noise.normal(2000, torch.Generator().manual_seed(0), features=2))
    modes, share = metrics.distances.ring_hits(samples, data.ring_centres(), 3 * STD)
    return torch.stack([modes.double(), share.double()], 1)


def measure(name: str, row: recorder.Row, folder) -> dict:
    """Distances of the trials and the result at the end; how the remedies do during training, and what they cost."""
    if name == "taken apart":
        return taken_apart(row, folder)
    target = name.split(":")[0]
    if target not in TARGETS:
        return {"wasserstein": distances(row, folder)}
    evaluate = modes_and_share if target == "ring" else functools.partial(distance, gan=row.gan, n=1000)
    run = row.train(folder, evaluate)
    during = torch.stack([run.evaluations[step] for step in row.evaluate_at], 1)
    kept = {"relative_time": relative_time(row.gan, TARGETS[target])}
    if target == "bell curve":
        return kept | {"wasserstein": recorder.rounded(during, 3)}
    with torch.no_grad():
        points = (run.ema_generator or run.generator)(noise.normal(200, torch.Generator().manual_seed(1), features=2))
    return kept | {"modes": recorder.rounded(during[..., 0], 3), "share": recorder.rounded(during[..., 1], 3),
                   "points": recorder.rounded(points[:4], 2)}


def distances(row: recorder.Row, folder) -> np.ndarray:
    """Each run's distance at the end, NaN where it diverged."""
    run = row.train(folder)
    found = recorder.rounded(distance(run, row.gan, 4000), 5)
    return np.where([seed in run.diverged for seed in row.seeds], np.nan, found)


def taken_apart(row: recorder.Row, folder) -> dict:
    """Ten runs of the tanh/sigmoid recipe from close by: losses, what G makes, what D says of it, all weights."""
    run = row.train(folder, verdict)
    keys = "mean", "std", "logit", "slope"
    during = torch.stack([run.evaluations[step] for step in row.evaluate_at], 1)  # (runs, evaluations, 4)
    kept = {key: recorder.rounded(during[..., i], 5) for i, key in enumerate(keys)}
    kept |= {"g_loss": recorder.rounded(run.g_loss.T, 5), "d_loss": recorder.rounded(run.d_loss.T, 5)}
    for name, network in (("generator", run.generator), ("discriminator", run.discriminator)):
        kept |= {f"{name}/{key}": weights.numpy() for key, weights in network.state_dict().items()}
    return kept


def verdict(run, shift: float = 0.05) -> torch.Tensor:
    """(runs, 4): mean and standard deviation of the fakes; D's logit for them, and its slope if all are shifted."""
    quantiles = ((torch.arange(1000) + 0.5) / 1000).unsqueeze(-1)
    fakes = run.generator(quantiles)
    low, logit, high = (run.discriminator(fakes + by)[:, 0, 0] for by in (-shift, 0.0, shift))
    fakes = fakes.squeeze(-1)
    return torch.stack([fakes.mean(1), fakes.std(1, correction=0), logit, (high - low) / (2 * shift)], 1)


def relative_time(gan: GAN, plain: GAN, times: int = 5) -> float:
    """Time of a round of twenty runs against the plain GAN's: medians of measurements in turns."""
    found = {gan: [], plain: []}
    for _ in range(times):
        for one, spent in found.items():
            spent.append(recorder.seconds(lambda one=one: train_many(one, 30, range(20), progress=False)))
    return round(statistics.median(found[gan]) / statistics.median(found[plain]), 2)


def show_remedies() -> None:
    ends = recorded.evaluations(NAME).xs(ROUNDS, level="step")
    for target in TARGETS:
        rule = f"distance under {BELL_BAR}" if target == "bell curve" else "all 8 modes"
        print(f"{target:26s}{rule:>20s}  95 % interval    {'median' if target == 'bell curve' else 'modes'}     time")
        for remedy in REMEDIES:
            runs = ends.loc[f"{target}: {remedy}"]
            passed = runs.wasserstein < BELL_BAR if target == "bell curve" else runs.modes == 8
            rate, low, high = metrics.statistics.wilson_interval(passed)
            middle = runs.wasserstein.quantile(interpolation="higher") if target == "bell curve" else runs.modes.mean()
            cost = recorded.about(NAME)[f"{target}: {remedy}"]["relative_time"]
            print(f"{remedy:26s}{rate:20.0%}{low:9.0%} to {high:4.0%}{middle:10.2f}{cost:9.1f}")


def show_trials(runs) -> None:
    print(f"{'':30s}{'under ' + str(RECIPE_BAR):>13s}    95 % interval      median    worst  diverged")
    for name in TRIALS:
        found = runs.loc[f"trial: {name}"].wasserstein
        passed = found < RECIPE_BAR
        _, low, high = metrics.statistics.wilson_interval(passed)
        print(f"{name:30s}{passed.sum():7d} of {len(found)}   {low:5.0%} to {high:4.0%}"
              f"{found.quantile(interpolation='lower'):12.3f}{found.max():9.3f}{found.isna().sum():10d}")


def show_result(runs) -> None:
    found, facts = runs.loc["result"].wasserstein, recorded.about(NAME)["result"]
    passed = found < RECIPE_BAR
    _, low, high = metrics.statistics.wilson_interval(passed)
    quartiles = ", ".join(f"{q:.3f}" for q in found.quantile([0, 0.25, 0.5, 0.75, 1]))
    print(f"distance to N(4, 1.25): least, quartiles, largest: {quartiles}")
    print(f"runs that diverged: {found.isna().sum()}")
    ours, theirs = REAL_SAMPLES
    print(f"real samples a run: {ours:,}, 1/{theirs / ours:.1f} of the {theirs:,} of the ten-run experiment")
    print(f"made {facts['made']} with torch {facts['torch']}, {facts['machine']}, in {facts['seconds']:.0f} s")
    print(f"95 % interval of the rate: {low:.1%} to {high:.1%}")
    print(f"{passed.sum()} of {len(found)} seeds under {RECIPE_BAR}")


def show() -> None:
    show_remedies()
    runs = recorded.runs(NAME)
    show_trials(runs)
    show_result(runs)


if __name__ == "__main__":
    recorder.main(NAME, __doc__, ROWS, measure, show)
