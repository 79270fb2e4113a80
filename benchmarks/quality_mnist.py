"""How many iterations the course's best GAN needs to be as good as the two-layer recipe ever is.

    python -m benchmarks.quality_mnist     reprints it from the recorded runs, and times both, about a minute

Three runs of each are recorded to 100,000 iterations (benchmarks.mnist_two_layers and benchmarks.mnist_deeper). Good
means a small Frechet distance of 10,000 fakes to the training images. The goal is the least distance that any of the
two-layer runs reaches anywhere. The last line is 100,000 over the number of iterations after which the slowest run of
the best GAN, the average of its G, is there. Seconds are iterations times seconds an iteration, timed here for both in
turns.
"""

import statistics
import time

import pandas as pd
import torch

from benchmarks import digits, mnist_deeper, mnist_two_layers, recorder
from gan_helpers import mnist, recorded
from gan_helpers.training import train

THEIRS, OURS = "long, uniform", "the best"
ROUNDS, STEPS = 5, 40


def distances(name: str, row: str, column: str) -> pd.DataFrame:
    """Frechet distances of a recorded row: a line per step, a column per seed."""
    return recorded.evaluations(name)[column][row].unstack("seed")


def first_below(distance: pd.Series, goal: float) -> int | None:
    """The first step at which the distance is at or below the goal; None if it never is."""
    return min(distance.index[distance <= goal], default=None)


def seconds_per_iteration(device: str) -> tuple[float, float]:
    """Median seconds of both recipes, timed in turns; the networks are made before the clock starts."""
    pair = mnist_two_layers.ROWS[THEIRS].gan, mnist_deeper.ROWS[OURS].gan

    def seconds(gan, steps):
        start = time.perf_counter()
        train(gan, steps, 0, device=device, progress=False)
        return time.perf_counter() - start

    found = [[(-seconds(gan, 1) + seconds(gan, 1 + STEPS)) / STEPS for gan in pair] for _ in range(ROUNDS)]
    return tuple(statistics.median(column) for column in zip(*found, strict=True))


def main() -> None:
    for module, row in ((mnist_two_layers, THEIRS), (mnist_deeper, OURS)):
        recorder.check(module.NAME, {row: module.ROWS[row]})
    theirs, ours = distances("mnist_two_layers", THEIRS, "frechet"), distances("mnist_deeper", OURS, "ema_frechet")
    floor = digits.frechet_and_digits(mnist.images("test").at(slice(None)), "[-1, 1]")[0]
    print(f"Frechet distance of the 10,000 test images: {floor:.2f}")
    goal, last = theirs.min().min(), ours.index[-1]
    reached = [first_below(ours[seed], goal) for seed in ours]
    if None in reached:
        raise SystemExit("not every run of the best GAN gets there")
    print("seed   two layers, least          at   at the end   the best: below the goal from   at the end   over floor")
    for seed, step in enumerate(reached):
        a, b = theirs[seed], ours[seed]
        print(f"{seed:4d}{a.min():20.1f}{a.idxmin():12,d}{a[last]:13.1f}{step:32,d}{b[last]:13.2f}"
              f"{b[last] / floor:13.1f}")
    there, slowest = theirs.min(axis=1).idxmin(), max(reached)
    for device in ("cpu", *(["cuda"] if torch.cuda.is_available() else [])):
        a, b = seconds_per_iteration(device)
        print(f"{device}: {1000 * a:.1f} and {1000 * b:.1f} ms an iteration; to get there: {a * there:,.0f} s and "
              f"{b * slowest:,.0f} s")
    if not torch.cuda.is_available():
        print("no GPU here: its line is left out")
    print(f"the goal is {goal:.1f}; every run of the best GAN is at or below it from iteration {slowest:,} on")
    print(f"iterations ratio: {last / slowest:.1f}")


if __name__ == "__main__":
    main()
