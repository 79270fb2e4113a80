"""What one run costs: trained alone, as the published code writes it, and among a hundred by `train_many`.

    python -m benchmarks.speed_many_runs          two to three minutes

Both are timed here, in one process, in turns, over a share of the rounds; a whole run is that time multiplied up, since
each round costs the same. The median of five such pairs counts. The published way gets one thread, as its operations
are too small for more; the hundred runs get torch's own number. They are timed a second time as two chunks of fifty on
two worker processes (`joblib`, its workers started before the clock). The last line is the ratio for the tanh/sigmoid
recipe, the one that the ten-run experiment repeats, in one process.
"""

import statistics

import joblib
import numpy as np
import torch
from torch import nn

from benchmarks.recorder import seconds
from gan_helpers import discriminators, generators, recipes
from gan_helpers.training import train_many

RUNS, PAIRS = 100, 5


def four_moments(row):
    """(1, n) numbers to (1, 4)."""
    mean = torch.mean(row)
    differences = row - mean
    std = torch.pow(torch.mean(torch.pow(differences, 2.0)), 0.5)
    scores = differences / std
    skewness = torch.mean(torch.pow(scores, 3.0))
    kurtosis = torch.mean(torch.pow(scores, 4.0)) - 3.0
    return torch.cat([part.reshape(1) for part in (mean, std, skewness, kurtosis)]).unsqueeze(0)


def with_squares(row):
    """(1, n) numbers to (1, 2n)."""
    return torch.cat([row, torch.pow(row - torch.mean(row.detach(), 1, keepdim=True), 2.0)], 1)


def one_at_a_time(generator, discriminator, show, optimizers, batch, d_steps, g_steps, rounds):
    """Train one GAN: two passes and two backward calls for D, labels of ones and zeros, a step at a time."""
    g_optimizer, d_optimizer = optimizers
    criterion, history = nn.BCELoss(), []
    for _ in range(rounds):
        for _ in range(d_steps):
            discriminator.zero_grad()
            real = torch.Tensor(np.random.normal(4.0, 1.25, (1, batch)))
            real_error = criterion(discriminator(show(real)), torch.ones(1, 1))
            real_error.backward()
            fake = generator(torch.rand(batch, 1)).detach()
            fake_error = criterion(discriminator(show(fake.t())), torch.zeros(1, 1))
            fake_error.backward()
            d_optimizer.step()
            history.append((real_error.item(), fake_error.item()))
        for _ in range(g_steps):
            generator.zero_grad()
            fake = generator(torch.rand(batch, 1))
            error = criterion(discriminator(show(fake.t())), torch.ones(1, 1))
            error.backward()
            g_optimizer.step()


def published_moments(rounds):
    generator = generators.number_generator(hidden=5)
    discriminator = nn.Sequential(*discriminators.moments_discriminator()[1:], nn.Sigmoid())
    optimizers = [torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9) for net in (generator, discriminator)]
    one_at_a_time(generator, discriminator, four_moments, optimizers, 500, 20, 20, rounds)


def published_elu(rounds):
    generator = generators.elu_generator()
    discriminator = nn.Sequential(*discriminators.elu_discriminator()[1:], nn.Sigmoid())
    optimizers = [torch.optim.Adam(net.parameters(), lr=2e-4) for net in (generator, discriminator)]
    one_at_a_time(generator, discriminator, with_squares, optimizers, 100, 1, 1, rounds)


RECIPES = (  # name, ours, as published, rounds of a whole run, rounds timed: of ours, of theirs
    ("ELU, 20,000 rounds of 1 + 1", recipes.ELU, published_elu, recipes.ELU_STEPS, 200, 1000),
    ("tanh/sigmoid, 5,000 rounds of 20 + 20", recipes.TANH_SIGMOID, published_moments, recipes.TANH_SIGMOID_STEPS, 40,
     60),
)


def among(recipe, whole, rounds, chunk_size) -> float:
    """Seconds a whole run costs among RUNS; what is done once, before the first round, is not multiplied up."""
    settings = {"seeds": range(RUNS), "progress": False, "chunk_size": chunk_size}
    once = seconds(lambda: train_many(recipe, 1, **settings))
    rest = seconds(lambda: train_many(recipe, 1 + rounds, **settings)) - once
    return (once + rest * whole / rounds) / RUNS


def alone(published, rounds) -> float:
    """Seconds for `rounds` rounds of the published code, on one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return seconds(lambda: published(rounds))
    finally:
        torch.set_num_threads(threads)


def compare(ours, published, whole, our_rounds, their_rounds) -> tuple[list[float], list[float], list[float]]:
    """Seconds a whole run costs: as published, among RUNS, and among RUNS on two workers; PAIRS of each."""
    times = [], [], []
    with joblib.parallel_config(backend="loky", n_jobs=2):
        among(ours, whole, 1, RUNS // 2)  # start the workers
    alone(published, 2)
    for _ in range(PAIRS):
        times[0].append(alone(published, their_rounds) * whole / their_rounds)
        times[1].append(among(ours, whole, our_rounds, RUNS))
        with joblib.parallel_config(backend="loky", n_jobs=2):
            times[2].append(among(ours, whole, our_rounds, RUNS // 2))
    return times


def main() -> None:
    print(f"torch {torch.__version__}, up to {torch.get_num_threads()} threads")
    print(f"seconds a run, median of {PAIRS}, and ratio (least-largest)")
    for name, *recipe in RECIPES:
        published, one, two = compare(*recipe)
        print(f"{name}\n{'alone, as published':>34s}{statistics.median(published):9.2f}")
        for label, ours in ((f"among {RUNS}, two processes", two), (f"among {RUNS}, one process", one)):
            ratios = [a / b for a, b in zip(published, ours, strict=True)]
            ratio = statistics.median(ratios)
            print(f"{label:>34s}{statistics.median(ours):9.2f}{ratio:9.1f} ({min(ratios):.1f}-{max(ratios):.1f})",
                  flush=True)
    print(f"ratio per run: {ratio:.1f}")


if __name__ == "__main__":
    main()
