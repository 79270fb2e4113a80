"""What the explanations in notebooks/solutions say about many seeds: trained again, and printed.

    python -m benchmarks.solutions             all of it, about twenty minutes on two cores
    python -m benchmarks.solutions 3.10 8.9    some exercises

What a solution's notebook defines is taken from there, and so is what its check measures. Nothing is recorded: the
tests of gan_helpers/exercises hold every solution and every mistake against its bar, on the seeds of the checks.
"""

import contextlib
import dataclasses
import functools
import io
import json
import math
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from scipy import stats
from torch import nn

from benchmarks.even_numbers import FIRST, REPAIRED
from benchmarks.many_runs import PLAIN
from gan_helpers import data, discriminators, generators, losses, metrics, noise
from gan_helpers.exercises import (
    even_numbers,
    gaussian,
    gray_pixel,
    many_runs,
    measuring,
    mnist_two_layers,
    whats_wrong,
)
from gan_helpers.gan import GAN
from gan_helpers.metrics import bits
from gan_helpers.training import train_many
from gan_helpers.training.stacking import unstack

NOTEBOOKS = Path(__file__).parent.parent / "notebooks" / "solutions"


def notebook(stem: str, exercise: int) -> dict:
    """The names that a notebook has defined when the answer of this exercise stands: its imports and the exercise's
    own cells. Whatever those print is dropped."""
    names, inside = {"__name__": stem}, 0
    for cell in json.loads((NOTEBOOKS / f"{stem}.ipynb").read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if source.startswith("## Exercise "):
            inside = int(source.split()[2].rstrip(":"))
        wanted = cell["cell_type"] == "code" and inside in (0, exercise)
        if not wanted or source.startswith("check.") or "%pip" in source:
            continue
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(source, f"{stem}, exercise {inside}", "exec"), names)
    return names


def told(values: Iterable[float], bar: float = math.nan) -> str:
    """Mean, median and range of one number a seed, and how many are at most a bar, if there is one."""
    x = np.asarray(list(values), dtype=float)
    below = "" if math.isnan(bar) else f"; {(x <= bar).sum()} at most {bar}"
    return f"mean {x.mean():.3g}, median {np.median(x):.3g}, {x.min():.3g} to {x.max():.3g}, {len(x)} seeds{below}"


def parity() -> None:
    """1.9: rows with an even number of ones, by the chapter's recipe and by the repaired one."""
    real = notebook("01_even_numbers", 1)["even_ones"]
    rows = noise.all_bits()
    keeps = rows.sum(1) % 2 == 0
    plain = dataclasses.replace(REPAIRED, discriminator=discriminators.linear_discriminator, **FIRST)
    for name, recipe, steps, seeds in (("as in the chapter", plain, 500, 100), ("repaired", REPAIRED, 2000, 50)):
        gan = dataclasses.replace(recipe, real=real)
        table = bits.probability_table(train_many(gan, steps, range(seeds), progress=False).generator)
        print(f"{name}: share {told(table[:, keeps].sum(1))}")
        print(f"{name}: right rows made, of 64, {told((table[:, keeps] > 0).sum(1))}")


class Shown(nn.Module):
    """A linear D that is shown functions of the bits."""

    def __init__(self, shown, count: int):
        super().__init__()
        self.shown, self.linear = shown, nn.Linear(count, 1)

    def forward(self, x):
        return self.linear(self.shown(x))


def softness(x: torch.Tensor) -> torch.Tensor:
    """The bits, and how far each is from being one."""
    return torch.cat([x, x * (1 - x)], -1)


def pairs(x: torch.Tensor) -> torch.Tensor:
    """Those, and the products of each two bits."""
    i, j = torch.triu_indices(7, 7, 1)
    return torch.cat([softness(x), x[..., i] * x[..., j]], -1)


def small_detectives() -> None:
    """1.11: small detectives alone, and in the game with the repaired recipe's settings."""
    kinds = {"linear": functools.partial(nn.Linear, 7, 1), "the solution": lambda: Shown(softness, 14),
             "two hidden units": lambda: nn.Sequential(nn.Linear(7, 2), nn.LeakyReLU(0.2), nn.Linear(2, 1)),
             "and all pairs": lambda: Shown(pairs, 35)}
    for name, network in kinds.items():
        print(f"{name}: loss {told((even_numbers.caught(network(), seed) for seed in range(100)), bar=0.5)}")
        if name == "two hidden units":
            continue
        gan = dataclasses.replace(REPAIRED, discriminator=network)
        table = bits.probability_table(train_many(gan, 2000, range(20), progress=False).generator)
        print(f"{name}: numbers covered, of 64, {told((table[:, ::2] > 0).sum(1))}")


def twelve_pixels() -> None:
    """2.6: a D that knows its twelve pixels by heart."""
    overfitted = notebook("02_gray_pixel", 6)["overfitted"]
    both = [overfitted(seed) for seed in range(100)]
    for name, ends in zip(("the twelve", "fresh pixels"), zip(*both, strict=True), strict=True):
        print(f"D's loss on {name}: {told(end.item() for end in ends)}")


def rescued() -> None:
    """2.8: the minimax race, with other settings."""
    for settings, seeds in (({}, 100), ({"r1": 0.1}, 100), ({"r1": 1.0}, 40), ({"r1": 5.0}, 40), ({"gp": 1.0}, 100),
                            ({"g_steps": 20}, 40), ({"lr": 1.0, "d_lr": 0.1}, 40), ({"d_steps": 1}, 100),
                            ({"d_lr": 0.01}, 40)):
        jsd = gray_pixel.ends(settings, range(seeds))["jsd"]
        print(f"{settings or 'as it is'}: divergence {told(jsd, bar=gray_pixel.THERE)}")


def far_from(check, networks: Iterable[nn.Module]) -> list[float]:
    """The distance that a check of a training exercise measures."""
    return [check._distance(network)[0] for network in networks]


def bell_curve() -> None:
    """3.10: the chapter's GAN of single samples in 1,200 steps, in its units and in standard ones, and the solution."""
    names = notebook("03_gaussian", 10)
    alone = GAN(names["real"], noise.uniform, generators.number_generator,
                functools.partial(discriminators.hidden_discriminator, width=1),
                d_steps=5, batch_size=100, lr=3e-3, betas=(0.5, 0.9))
    into, back = gaussian.linear(12**0.5, -(3**0.5)), gaussian.linear(1.25, 4.0)
    units = dataclasses.replace(alone, real=lambda n, rng: torch.randn(n, 1, generator=rng),
                                noise=lambda n, rng: into(torch.rand(n, 1, generator=rng)).detach())
    for name, gan, wrap in (("single samples", alone, lambda G: G),
                            ("in standard units", units, lambda G: nn.Sequential(into, G, back))):
        run = train_many(gan, 200, range(100), progress=False)
        made = [wrap(unstack(run.generator, i)) for i in range(100)]
        print(f"{name}: distance {told(far_from(gaussian, made), bar=0.2)}")
    made = [names["trained"](seed) for seed in range(100)]
    print(f"the solution: distance {told(far_from(gaussian, made), bar=0.2)}")


def best_of_ten() -> None:
    """4.2: the best of ten remedies that do nothing, by the exact distribution."""
    for runs in (10, 100):
        k = np.arange(runs + 1)
        best = np.diff(stats.binom.cdf(k, runs, 0.5) ** 10, prepend=0)
        print(f"{runs} runs each: scatter {stats.binom.std(runs, 0.5):.2f}, the best of ten shows {k @ best:.1f}")


def two_heaps() -> None:
    """4.9: the plain GAN, in standard units, and the solution with other losses and penalties."""
    names = notebook("04_many_runs", 9)
    look = names["real"](10_000, torch.Generator().manual_seed(0))
    mean, std = look.mean().item(), look.std().item()
    into, back = gaussian.linear(12**0.5, -(3**0.5)), gaussian.linear(std, mean)
    units = {"real": lambda n, rng: (names["real"](n, rng) - mean) / std,
             "noise": lambda n, rng: into(torch.rand(n, 1, generator=rng)).detach()}
    calm = units | {"d_steps": 5, "batch_size": 64, "lr": 0.01, "decay": True, "betas": (0.0, 0.9), "ema": 0.98}
    critic = {"discriminator_loss": losses.critic_loss, "generator_loss": losses.critic_generator_loss}
    for name, changes, rounds in (
        ("plain", {}, 750), ("in standard units", units, 750),
        ("the solution's settings", calm | critic | {"gp": 10.0}, 250),
        ("the critic with clipped weights", calm | critic | {"clip": 0.1}, 250),
        ("the non-saturating loss with the solution's penalty", calm | {"gp": 10.0}, 250),
        ("the non-saturating loss with R1", calm | {"r1": 1.0}, 250),
        ("the non-saturating loss without a penalty", calm, 250),
    ):
        gan = dataclasses.replace(PLAIN, **{"real": names["real"]} | changes)
        run = train_many(gan, rounds, range(100), progress=False)
        ends = [unstack(run.ema_generator if gan.ema else run.generator, i) for i in range(100)]
        made = [nn.Sequential(into, G, back) for G in ends] if changes else ends
        print(f"{name}: distance {told(far_from(many_runs, made), bar=1.5)}")


def apart(real: torch.Tensor, fakes: torch.Tensor, rng: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Each pixel shuffled among the images of its kind, which leaves what the pixels tell one by one."""
    return tuple(x.gather(0, torch.rand(x.shape, generator=rng).argsort(0)) for x in (real, fakes))


def leveled(real: torch.Tensor, fakes: torch.Tensor, rng: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Each pixel of the fakes given its real gray levels, rank for rank, which leaves how pixels go together."""
    return real, real.sort(0).values.gather(0, fakes.argsort(0).argsort(0))


def right_about(pixels: tuple[int, ...], change, seed: int) -> float:
    """How often the detective of 5.9 is right about real images and fakes that were changed by `apart` or `leveled`."""
    def drawn(rng):
        x, labels = mnist_two_layers._drawn(2000, pixels, rng)
        return torch.cat(change(*x.chunk(2), rng)), labels

    return mnist_two_layers.right_about(drawn, len(pixels), seed)


def watched_pixels() -> None:
    """5.9: what a detective gets from ten pixels, the mean of three seeds each time as in the check."""
    def threes(detective, times):
        return (np.mean([detective(seed) for seed in range(3 * i, 3 * i + 3)]) for i in range(times))

    def rates(pixels, times):
        return threes(functools.partial(mnist_two_layers.detective, tuple(pixels)), times)

    def block(row, column):
        return [28 * r + c for r in (row, row + 1) for c in range(column, column + 5)]

    chosen = notebook("05_mnist_two_layers", 9)["ten_pixels"]()
    print(f"the grid: right {told(rates(mnist_two_layers.GRID, 20))}")
    print(f"the solution: right {told(rates(chosen, 20))}")
    print(f"one of its pixels, the best: right {max(max(rates([pixel], 1)) for pixel in chosen):.3f}")
    middle = max(max(rates(block(row, column), 1)) for row in range(12, 16) for column in range(8, 16))
    print(f"a block in the middle, the best: right {middle:.3f}")
    for name, pixels in (("the grid", mnist_two_layers.GRID), ("the solution", chosen)):
        for changed, change in (("each pixel shuffled", apart), ("real gray levels", leveled)):
            detective = functools.partial(right_about, tuple(pixels), change)
            print(f"{name}, {changed}: right {told(threes(detective, 20))}")
    x, _ = mnist_two_layers._drawn(20_000, tuple(chosen), torch.Generator().manual_seed(0))
    for name, levels in zip(("real images", "fakes"), ((x + 1) / 2).chunk(2), strict=True):
        ink, black = levels.mean(0), (levels < 1 / 255).float().mean(0)
        print(f"the solution's pixels in {name}: ink {told(ink)}; black {told(black)}")


def small_digits() -> None:
    """5.10: the small digits, with the settings that the explanation names."""
    given = {"lr": 1e-3}
    for name, settings in (("the chapter's recipe", given), ("betas (0, 0.99)", given | {"betas": (0.0, 0.99)}),
                           ("betas (0.5, 0.999)", given | {"betas": (0.5, 0.999)}),
                           ("d_lr 0.003, betas (0.5, 0.999)", given | {"d_lr": 3e-3, "betas": (0.5, 0.999)})):
        made = (mnist_two_layers._trained(**settings)(seed) for seed in range(20))
        print(f"{name}: distance {told(map(mnist_two_layers.small_distance, made), bar=1.0)}")
    solution = notebook("05_mnist_two_layers", 10)["small_gan"]
    made = (solution(seed) for seed in range(20))
    print(f"the solution: distance {told(map(mnist_two_layers.small_distance, made), bar=1.0)}")


def copies() -> None:
    """7.9: the forger with other jitters, on 100 training sets: no judge objects."""
    for jitter in (0.01, 0.035, 0.045, 0.08):
        judges = []
        for seed in range(100):
            rng = torch.Generator().manual_seed(seed)
            points = data.ring(1000, rng)
            judges.append(measuring.judged(points, measuring._jittered(jitter)(points, 1000, rng), seed))
        ratio, precision, coverage = np.array(judges).T
        passed = (ratio >= measuring.LOW) & (ratio <= measuring.HIGH)
        passed &= (precision >= measuring.PRECISION) & (coverage >= measuring.COVERAGE)
        print(f"jitter {jitter}: no judge objects {passed.sum()} of 100; copy ratio {told(ratio)}")
    rng = torch.Generator().manual_seed(0)
    seen, new = data.ring(1000, rng), data.ring(1000, rng)
    print(f"from a new sample to the nearest of 1,000: {torch.cdist(new, seen).amin(1).median():.3f} in the median")


def ring() -> None:
    """7.10: the share of the ring that is missed, and the spots reached, from the plain recipe to the solution."""
    fast = {"lr": 0.01}
    calm = fast | {"betas": (0.0, 0.99)}
    z = noise.normal(1000, torch.Generator().manual_seed(5), features=2)
    for name, trained in (
        ("the plain recipe", measuring._ring_gan()), ("a rate of 0.01", measuring._ring_gan(**fast)),
        ("no momentum, too", measuring._ring_gan(**calm)),
        ("no momentum, and R1", measuring._ring_gan(**calm, r1=0.1)),
        ("no momentum, R1 and falling rates", measuring._ring_gan(**calm, r1=0.1, decay=True)),
        ("no momentum, R1 and an average", measuring._ring_gan(**calm, r1=0.1, ema=0.98)),
        ("no momentum, R1, falling rates, an average", measuring._ring_gan(**measuring._GOOD)),
        ("the same with momentum", measuring._ring_gan(**measuring._GOOD | {"betas": (0.9, 0.999)})),
        ("the same without, at a rate of 0.001", measuring._ring_gan(**measuring._GOOD | {"lr": 1e-3})),
        ("the solution, no momentum and falling rates", notebook("07_measuring", 10)["ring_gan"]),
    ):
        made = [trained(seed) for seed in range(20)]
        print(f"{name}: missed {told(map(measuring.missed, made), bar=0.55)}")
        with torch.no_grad():
            spots, share = metrics.distances.ring_hits(torch.stack([G(z) for G in made]), data.ring_centres(), 0.3)
        print(f"{name}: spots {told(spots.tolist())}; fakes in a spot {told(share.tolist())}")
    draws = [data.ring(1000, torch.Generator().manual_seed(seed)) for seed in range(70, 91)]
    new = (1 - metrics.clouds.prdc(draws[0], other, k=5)["coverage"].mean().item() for other in draws[1:])
    print(f"new samples: missed {told(new)}")


def calm_curves() -> None:
    """8.8: D's loss over the last fifth of the rounds, and the share of fakes in a spot."""
    for settings in ({}, {"smooth": 0.4}, {"r1": 10.0}, {"d_steps": 3}, {"blur": 0.3}, {"blur": 1.0}, {"blur": 2.0}):
        games = [whats_wrong.ring_game(seed, **settings) for seed in range(20)]
        rests = [curve[-whats_wrong.ROUNDS // 5:].mean() for curve, _ in games]
        print(f"{settings or 'healthy'}: D's loss {told(rests)}")
        print(f"{settings or 'healthy'}: in a spot {told(whats_wrong.in_a_spot(fakes) for _, fakes in games)}")


def geyser() -> None:
    """8.9: none of the cures, each, lower rates, and both."""
    names, cure = notebook("08_whats_wrong", 9), whats_wrong._geyser_gan
    given = {"rate": 0.01, "beta": 0.9, "decay": False}
    for name, trained, seeds in (
        ("as given", names["ill_training"], 40), ("the units", cure(**given), 40),
        ("the memory, and a falling rate", cure(units=False), 40),
        ("the units, rate 0.003", cure(**given | {"rate": 3e-3}), 40),
        ("the units, rate 0.001", cure(**given | {"rate": 1e-3}), 40), ("the solution", names["both_cured"], 100),
    ):
        print(f"{name}: distance {told((whats_wrong.off(trained(seed))[0] for seed in range(seeds)), bar=0.3)}")


EXERCISES = {"1.9": parity, "1.11": small_detectives, "2.6": twelve_pixels, "2.8": rescued, "3.10": bell_curve,
             "4.2": best_of_ten, "4.9": two_heaps, "5.9": watched_pixels, "5.10": small_digits, "7.9": copies,
             "7.10": ring, "8.8": calm_curves, "8.9": geyser}


def main() -> None:
    torch.set_num_threads(1)  # small networks
    unknown = set(sys.argv[1:]) - set(EXERCISES)
    if unknown:
        raise SystemExit(f"no such exercise here: {', '.join(sorted(unknown))}. There are {', '.join(EXERCISES)}")
    for name in sys.argv[1:] or EXERCISES:
        print(f"\n{name}: {EXERCISES[name].__doc__.partition(':')[2].strip()}", flush=True)
        EXERCISES[name]()


if __name__ == "__main__":
    main()
