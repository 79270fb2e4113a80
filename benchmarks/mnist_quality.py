"""How many iterations the course's best GAN needs to be as good as the two-layer recipe ever is.

    python -m benchmarks.mnist_quality     reprints it from the recorded runs, and times both, about a minute

Three runs of each are recorded to 100,000 iterations (python -m benchmarks.mnist_runs --run long). Good means a small
Frechet distance of 10,000 fakes to the training images. The goal is the least distance that any of the two-layer runs
reaches anywhere. The last line is 100,000 over the number of iterations after which the slowest run of the best GAN,
the average of its G, is there. Seconds are iterations times seconds an iteration, timed here for both in turns.
"""

import statistics
import time

import torch

from benchmarks import mnist_runs, recording
from gan_helpers import mnist
from gan_helpers.training import train

THEIRS, OURS = "two layers, uniform noise", "the best"
ROUNDS, STEPS = 5, 40


def distances(kept: dict, which: str) -> list[dict[int, float]]:
    """{iteration: Frechet distance} of each run of a recorded row."""
    return [{at: seen[which]["frechet"] for at, seen in zip(kept["looks"], run, strict=True)} for run in kept["runs"]]


def matching(ours: dict[int, float], best: float) -> int | None:
    """The first look at which `ours` is at or below `best`; None if it never is."""
    return next((at for at, distance in sorted(ours.items()) if distance <= best), None)


def seconds_an_iteration(device: str) -> tuple[float, float]:
    """Median seconds of both recipes, timed in turns; the networks are made before the clock starts."""
    found = []
    for _ in range(ROUNDS):
        pair = []
        for name in (THEIRS, OURS):
            gan, spent = mnist_runs.GROUPS["long"][name].gan, []
            for steps in (1, 1 + STEPS):
                start = time.perf_counter()
                train(gan, steps, 0, device=device, progress=False)
                spent.append(time.perf_counter() - start)
            pair.append((spent[1] - spent[0]) / STEPS)
        found.append(pair)
    return tuple(statistics.median(column) for column in zip(*found, strict=True))


def main() -> None:
    record, rows = recording.read(mnist_runs.RECORD), mnist_runs.GROUPS["long"]
    for name in (THEIRS, OURS):
        kept = record.get("long", {}).get(name)
        recording.current(kept, rows[name].settings(), name, "python -m benchmarks.mnist_runs --run long")
    theirs, ours = distances(record["long"][THEIRS], "g"), distances(record["long"][OURS], "average")
    test = mnist.images("test")
    floor = mnist_runs.measured(test.at(slice(None)), "[-1, 1]")["frechet"]
    print(f"Frechet distance of the 10,000 test images: {floor:.2f}")
    goal, there = min((distance, at) for run in theirs for at, distance in run.items())
    matches, last = [matching(run, goal) for run in ours], max(ours[0])
    if None in matches:
        raise SystemExit("not every run of the best GAN gets there")
    print("seed   two layers, least          at   at the end   the best: below the goal from   at the end   over floor")
    for seed, (a, b, match) in enumerate(zip(theirs, ours, matches, strict=True)):
        print(f"{seed:4d}{min(a.values()):20.1f}{min(a, key=a.get):12,d}{a[last]:13.1f}{match:32,d}{b[last]:13.2f}"
              f"{b[last] / floor:13.1f}")
    slowest = max(matches)
    for device in ("cpu", *(["cuda"] if torch.cuda.is_available() else [])):
        a, b = seconds_an_iteration(device)
        print(f"{device}: {1000 * a:.1f} and {1000 * b:.1f} ms an iteration; to get there: {a * there:,.0f} s and "
              f"{b * slowest:,.0f} s")
    if not torch.cuda.is_available():
        print("no GPU here: its line is left out")
    print(f"the goal is {goal:.1f}; every run of the best GAN is at or below it from iteration {slowest:,} on")
    print(f"iterations ratio: {last / slowest:.1f}")


if __name__ == "__main__":
    main()
