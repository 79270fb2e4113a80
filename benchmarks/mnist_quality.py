"""How many iterations the course's best GAN needs to be as good as the two-layer recipe ever is.

    python -m benchmarks.mnist_quality     reprints it from the recorded runs, and times both, about a minute

Both runs are recorded to 100,000 iterations (python -m benchmarks.mnist_runs --run long). Good means a small Frechet
distance of 10,000 fakes to the training images. The last line is 100,000 over the number of iterations after which the
best GAN, the average of its G, is at or below the least distance that the two-layer recipe reaches anywhere. Seconds
are iterations times seconds an iteration, timed here for both in turns.
"""

import statistics
import time

import torch

from benchmarks import mnist_runs, recording
from gan_helpers import images
from gan_helpers.training import train

THEIRS, OURS = "two layers, uniform noise", "the best"
ROUNDS, STEPS = 5, 40


def distances(kept: dict, which: str) -> dict[int, float]:
    """iteration: Frechet distance, of the first run of a recorded row."""
    return {at: seen[which]["frechet"] for at, seen in zip(kept["looks"], kept["runs"][0], strict=True)}


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
    test = images.mnist("test")
    floor = mnist_runs.measured(test.at(slice(None)), "[-1, 1]")["frechet"]
    best, last = min(theirs.values()), max(ours)
    print(f"Frechet distance of the 10,000 test images: {floor:.2f}")
    print(f"two layers: least {best:.1f}, at {min(theirs, key=theirs.get):,} iterations; {theirs[max(theirs)]:.1f} at "
          f"{max(theirs):,}")
    print(f"the best: {ours[last]:.2f} at {last:,} iterations, {ours[last] / floor:.1f} times that of test images")
    match = matching(ours, best)
    if match is None:
        raise SystemExit("the best GAN never gets there")
    there = min(theirs, key=theirs.get)
    for device in ("cpu", *(["cuda"] if torch.cuda.is_available() else [])):
        a, b = seconds_an_iteration(device)
        print(f"{device}: {1000 * a:.1f} and {1000 * b:.1f} ms an iteration; to get there: {a * there:,.0f} s and "
              f"{b * match:,.0f} s")
    if not torch.cuda.is_available():
        print("no GPU here: its line is left out")
    print(f"at or below {best:.1f}: from iteration {match:,} on ({ours[match]:.1f})")
    print(f"iterations ratio: {last / match:.1f}")


if __name__ == "__main__":
    main()
