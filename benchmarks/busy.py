"""How much longer training takes beside other busy programs: two recipes, alone and beside two busy loops.

    python -m benchmarks.busy          about five minutes

A: a hundred runs of the tanh/sigmoid recipe (chapters 3 and 4). B: the networks of a widely copied MNIST script, as in
benchmarks/speed_mnist.py. The loops are two processes that count; on two cores they leave the training half of them.
The two cases take turns, each started afresh; only the steps are timed, not the set-up before them.
"Alone" is only so if nothing else runs: the load of the machine at the beginning is printed. The last line has the
ratios of the medians.
"""

import contextlib
import os
import statistics
import subprocess
import sys
import time

import torch

from benchmarks.speed_mnist import OURS
from gan_helpers import recipes
from gan_helpers.training import train, train_many

TURNS, LOOPS = 5, 2
# A loop ends when its standard input closes: when this process ends, for whatever reason.
LOOP = "import os, sys, threading as t; t.Thread(target=lambda: (sys.stdin.read(), os._exit(0))).start()\nwhile 1: pass"
RECIPES = {  # name: (training, steps timed)
    "A: 100 runs, tanh/sigmoid": (
        lambda steps, **options: train_many(recipes.TANH_SIGMOID, steps, range(100), **options), 60
    ),
    "B: MNIST, batches of 64": (lambda steps, **options: train(OURS, steps, 0, **options), 200),
}


@contextlib.contextmanager
def busy_loops(count: int):
    """So many busy loops run until the block ends."""
    loops = [subprocess.Popen([sys.executable, "-c", LOOP], stdin=subprocess.PIPE) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.communicate()


def milliseconds(training, steps: int) -> float:
    """Time per step, from the first to the last."""
    run = training(steps, evaluate=lambda run: time.perf_counter(), evaluate_at=(0, steps), progress=False)
    return 1000 * (run.evaluations[steps] - run.evaluations[0]) / steps


def shown(times: list[float]) -> str:
    return f"{statistics.median(times):9.1f} ({min(times):.1f}-{max(times):.1f})"


def main() -> None:
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"torch {torch.__version__}, up to {torch.get_num_threads()} threads, {os.cpu_count()} cores{load}")
    print(f"milliseconds per step, median of {TURNS} (least-largest)")
    ratios = []
    for name, (training, steps) in RECIPES.items():
        milliseconds(training, 2)
        quiet, busy = [], []
        for _ in range(TURNS):
            quiet.append(milliseconds(training, steps))
            with busy_loops(LOOPS):
                busy.append(milliseconds(training, steps))
        ratios.append(statistics.median(busy) / statistics.median(quiet))
        print(f"{name:26s} alone{shown(quiet)}, beside {LOOPS} busy loops{shown(busy)}", flush=True)
    print("busy over quiet: " + " and ".join(f"{ratio:.1f}" for ratio in ratios))


if __name__ == "__main__":
    main()
