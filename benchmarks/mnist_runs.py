"""The long runs on MNIST that chapters 5 to 7 show.

    python -m benchmarks.mnist_runs                 reprints what is recorded, one table a group
    python -m benchmarks.mnist_runs --run [GROUP]   trains what is not recorded, hours on two cores
                                                    (days on a processor without instructions for bfloat16)

Groups: `noise`, what the noise does to the two-layer recipe; `ladder`, from there to the course's best GAN one change
at a time; `long`, runs of 100,000 iterations. A run that was interrupted goes on where it stopped. Finished runs lie in
_build/recordings/mnist; when all are there, they are written to gan_helpers/recorded: mnist_runs.json holds settings,
versions and metrics over time, mnist_runs.npz, for the long runs, 16 samples at each look and G's weights in half
precision.

At each look 10,000 fakes are drawn from fixed noise with batch norm in evaluation mode, and compared with all 60,000
training images: Frechet distance on the classifier's 64 features, and which digits are shown.
"""

import argparse
import dataclasses
import functools
import math
import statistics
import time
from pathlib import Path

import joblib
import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from benchmarks import recording
from gan_helpers import discriminators, generators, metrics, mnist, recipes
from gan_helpers.gan import GAN
from gan_helpers.training import Diverged, train

RECORD = recording.FOLDER / "mnist_runs.json"
WORK = recording.WORK / "mnist"
FAKES, SHOWN = 10_000, 16
FIRST_LOOKS = (0, 100, 250, 500, 1000)


def scaled(sampler, by: float, n: int, rng: torch.Generator) -> torch.Tensor:
    """Noise times a number."""
    return by * sampler(n, rng)


@dataclasses.dataclass(frozen=True)
class Row:
    """Runs of one recipe: from which seeds, how long, and when they are looked at."""

    gan: GAN
    steps: int
    seeds: range
    looks: tuple[int, ...]

    @property
    def scale(self) -> str:
        """In which range G's pixels lie."""
        return "[0, 1]" if isinstance([*self.gan.generator().modules()][-1], nn.Sigmoid) else "[-1, 1]"

    def settings(self) -> dict:
        """What decides the result."""
        networks = [str(build()).replace("\n", "") for build in (self.gan.generator, self.gan.discriminator)]
        return recording.settings(self.gan, steps=self.steps, looks=self.looks, networks=networks)


def row(gan: GAN, steps: int, seeds: int, every: int, early: int | None = None) -> Row:
    """Looks: the first ones, then every `every` steps; up to 10,000 steps every `early` ones."""
    often = range(early, min(steps, 10_000) + 1, early) if early else ()
    return Row(gan, steps, range(seeds), tuple(sorted({*FIRST_LOOKS, *often, *range(every, steps + 1, every)})))


TWO, ROOT3 = recipes.TWO_LAYERS, math.sqrt(3)
NOISES = {
    "normal": TWO.noise,
    "uniform": recipes.UNIFORM,
    "normal, as narrow as uniform": functools.partial(scaled, TWO.noise, 1 / ROOT3),
    "uniform, as wide as normal": functools.partial(scaled, recipes.UNIFORM, ROOT3),
}


def ladder() -> dict[str, GAN]:
    """From chapter 5's recipe to the course's best, one change at a time; each row has all the changes above it."""
    deep_g = functools.partial(generators.deep_generator, activation=nn.ReLU)
    deep_d = functools.partial(discriminators.deep_discriminator, activation=nn.ReLU, dropout=0.0)
    normed = functools.partial(generators.deep_generator, norm=nn.BatchNorm1d)
    steps = {
        "two layers, batches of 64": {"batch_size": 64, "noise": recipes.UNIFORM},
        "pixels in [-1, 1], tanh": {"real": mnist.digits, "generator": two_layers_tanh},
        "normal noise": {"noise": TWO.noise},
        "four layers each": {"generator": deep_g, "discriminator": deep_d},
        "LeakyReLU": {"generator": generators.deep_generator,
                      "discriminator": functools.partial(discriminators.deep_discriminator, dropout=0.0)},
        "rate 0.0002": {"lr": 2e-4},
        "dropout 0.3 in D": {"discriminator": discriminators.deep_discriminator},  # the second article's recipe
        "batch norm in G, eps 0.8": {"generator": functools.partial(
            generators.deep_generator, norm=functools.partial(nn.BatchNorm1d, eps=0.8))},
        "eps 0.00001 in its place": {"generator": normed},
        "betas (0.5, 0.999)": {"betas": (0.5, 0.999)},
        "D four times as fast": {"d_lr": 8e-4},
        "average of G, 0.99": {"ema": 0.99},
        "R1 for dropout, D's rate back": {"r1": 3.0, "d_lr": None, "discriminator": functools.partial(
            discriminators.deep_discriminator, dropout=0.0)},
        "rate 0.0005, betas (0, 0.99)": {"lr": 5e-4, "betas": (0.0, 0.99)},
        "both move at once": {"d_steps": 0},
    }
    gan, rows = dataclasses.replace(TWO, precision="bfloat16"), {}
    for name, changes in steps.items():
        gan = dataclasses.replace(gan, **changes)
        rows[name] = gan
    return rows | {"the same in float32": dataclasses.replace(gan, precision="float32")}


def two_layers_tanh() -> nn.Module:
    """`two_layer_generator` for pixels in [-1, 1]."""
    return nn.Sequential(*generators.two_layer_generator()[:-1], nn.Tanh())


GROUPS = {
    "noise": {name: row(dataclasses.replace(TWO, noise=one), 3000, seeds, 1000)
              for (name, one), seeds in zip(NOISES.items(), (10, 10, 5, 5), strict=True)},
    "ladder": {name: Row(gan, 1500, range(5), (500, 1500)) for name, gan in ladder().items()},
    "long": {
        "two layers, normal noise": row(TWO, recipes.TWO_LAYERS_STEPS, 3, 2500),
        "two layers, uniform noise": row(recipes.TWO_LAYERS_UNIFORM, recipes.TWO_LAYERS_STEPS, 3, 2500),
        "the best": row(
            dataclasses.replace(recipes.BEST, precision="bfloat16"), recipes.BEST_STEPS, 3, 2500, 500),
    },
}


@functools.cache
def reference() -> tuple:
    """Mean and covariance of the features of all training images."""
    return metrics.clouds.mean_and_covariance(metrics.digits.features(mnist.images("train").pixels))


def fakes(generator: nn.Module, gan: GAN, count: int = FAKES) -> torch.Tensor:
    """(count, 784) images from fixed noise, with batch norm and dropout as in use, not as in training."""
    rng, training = torch.Generator().manual_seed(2**32 - 1), generator.training
    generator.eval()
    with torch.no_grad():
        made = torch.cat([generator(part) for part in gan.noise(count, rng).split(1000)])
    generator.train(training)
    return made


def measured(pixels: torch.Tensor, scale: str) -> dict:
    """Frechet distance to the training images, and how often each digit is shown."""
    features = metrics.digits.features(pixels, scale)
    found = metrics.clouds.frechet_gaussians(*reference(), *metrics.clouds.mean_and_covariance(features))
    digits = metrics.digits.class_probabilities(features).argmax(1)
    return {"frechet": round(found, 3), "digits": torch.bincount(digits, minlength=10).tolist()}


def look(run, gan: GAN, scale: str) -> dict:
    """What is kept of a run at one moment."""
    seen = {}
    for name, network in (("g", run.generator), ("average", run.ema_generator)):
        if network is not None:
            pixels = fakes(network, gan)
            seen[name] = measured(pixels, scale) | {"spread": round(pixels.std(0).mean().item(), 5)}
    shown = mnist.to_gray(pixels[:SHOWN], scale).flatten(1)
    seen["samples"] = shown.mul(255).round().to(torch.uint8)
    recent = slice(max(0, run.steps_done - 100), run.steps_done)
    seen["losses"] = [run.d_loss[recent].mean().item(), run.g_loss[recent].mean().item()]
    return seen


def place(group: str, name: str, seed: int) -> Path:
    """Where a finished run is kept."""
    return WORK / f"{recording.folder(f'{group} {name}').name}_{seed}.pt"


def measure(group: str, name: str, seed: int) -> None:
    """Train one run, or go on with it, and keep what is recorded of it in a file of its own."""
    one, target = GROUPS[group][name], place(group, name, seed)
    if finished(one, target):
        return
    torch.set_num_threads(1)
    start = time.perf_counter()
    watch = functools.partial(look, gan=one.gan, scale=one.scale)
    try:
        run = train(one.gan, one.steps, seed, evaluate=watch, evaluate_at=one.looks, progress=False,
                    checkpoint=target.with_suffix(".state"))
    except Diverged as stop:
        run = stop.run
    weights = (run.ema_generator or run.generator).state_dict()
    torch.save({"settings": one.settings(), "watched": run.evaluations, "diverged": run.diverged.get(seed),
                "seconds": round(time.perf_counter() - start), "weights": weights} | recording.provenance(),
               target.with_suffix(".part"))
    target.with_suffix(".part").replace(target)
    target.with_suffix(".state").unlink()


def finished(one: Row, target: Path) -> bool:
    return target.exists() and torch.load(target, weights_only=True)["settings"] == one.settings()


def record_runs(only: str | None) -> None:
    """Train what is not there yet, a run on every core; then write the recordings, if all is there."""
    WORK.mkdir(parents=True, exist_ok=True)
    todo = [(group, name, seed) for group, rows in GROUPS.items() for name, one in rows.items() for seed in one.seeds
            if not finished(one, place(group, name, seed))]
    reference()
    wanted = [job for job in todo if only in (None, job[0])]
    done = joblib.Parallel(n_jobs=-1, return_as="generator_unordered")(joblib.delayed(measure)(*job) for job in wanted)
    for _ in tqdm(done, desc="runs", total=len(wanted)):
        pass
    if len(todo) == len(wanted):
        collect()
    else:
        print(f"{len(todo) - len(wanted)} runs of other groups are still to be trained before anything is recorded")


def collect() -> None:
    """Write the recordings from the finished runs: numbers as JSON, samples and weights as one .npz file."""
    record, arrays = {}, {}
    for group, rows in GROUPS.items():
        record[group] = {}
        for name, one in rows.items():
            runs = {seed: torch.load(place(group, name, seed), weights_only=True) for seed in one.seeds}
            first = runs[one.seeds[0]]
            origin = {key: first[key] for key in ("made", "torch", "machine")}
            record[group][name] = {"settings": first["settings"], "looks": list(one.looks)} | origin | {
                "seconds": [run["seconds"] for run in runs.values()],
                "diverged": {seed: run["diverged"] for seed, run in runs.items() if run["diverged"]},
                "runs": [[numbers(run["watched"][at]) for at in one.looks if at in run["watched"]]
                         for run in runs.values()],
            }
            if group == "long":
                samples = torch.stack([first["watched"][at]["samples"] for at in one.looks])
                samples = ((samples.int() + 8) // 17 * 17).to(torch.uint8)  # 16 greys
                arrays[f"{group}/{name}/samples"] = samples.numpy()
                for key, value in first["weights"].items():
                    plain = value.half() if value.is_floating_point() else value
                    arrays[f"{group}/{name}/weights/{key}"] = plain.numpy()
    recording.write(RECORD, record)
    part = RECORD.with_suffix(".npz.part")
    with part.open("wb") as file:
        np.savez_compressed(file, **arrays)
    part.replace(RECORD.with_suffix(".npz"))


def numbers(seen: dict) -> dict:
    """What a recording keeps of a look: all but the samples; before the first step there is no loss."""
    losses = [None if math.isnan(loss) else round(loss, 4) for loss in seen["losses"]]
    return {key: value for key, value in seen.items() if key != "samples"} | {"losses": losses}


def show(name: str, kept: dict) -> None:
    """One line a row: where its runs ended, over its seeds."""
    ends = [run[-1].get("average", run[-1]["g"]) for run in kept["runs"]]
    found = sorted(end["frechet"] for end in ends)
    shown = statistics.median(sum(count >= FAKES // 100 for count in end["digits"]) for end in ends)
    print(f"{name:30s}{len(found):6d}{kept['looks'][-1]:9,d}{statistics.median(found):9.1f}"
          f"{f'({found[0]:.1f}-{found[-1]:.1f})':>16s}{shown:6.0f}   {sum(kept['seconds']) / 60:.0f} min, "
          f"{kept['made']}, torch {kept['torch']}, {kept['machine']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", nargs="?", const="", choices=["", *GROUPS], help="train what is not recorded")
    asked = parser.parse_args()
    if asked.run is not None:
        record_runs(asked.run or None)
    record = recording.read(RECORD)
    print("end of each run: Frechet distance to the training images, median over the seeds (least-largest), and how "
          "many digits\nmake up at least 1 % of the fakes")
    for group, rows in GROUPS.items():
        print(f"\n{group:31s}seeds    steps distance                digits")
        for name, one in rows.items():
            kept = record.get(group, {}).get(name)
            recording.current(kept, one.settings(), f"{group}: {name}", "python -m benchmarks.mnist_runs --run")
            show(name, kept)


if __name__ == "__main__":
    from benchmarks import mnist_runs  # the workers find the functions of a module by name, but not those of __main__

    mnist_runs.main()
