"""Exercise 4: a bootstrap interval for the difference of two means."""

import math

import numpy as np
import torch

from gan_helpers import metrics
from tests.exercises.bank_measuring import right, wrong

NAME = "difference_interval"


def resampled(sample, rng, times=2000):
    return sample[torch.randint(len(sample), (times, len(sample)), generator=rng)].mean(1)


def ends(differences, low=0.025, high=0.975):
    return differences.quantile(torch.tensor([low, high], dtype=differences.dtype)).tolist()


def told(low, high):
    return low, high, low > 0 or high < 0


def whole(first, second, rng):
    return told(*ends(resampled(first, rng) - resampled(second, rng)))


@right(NAME)
def with_numpy(first, second, rng):
    dice, first, second = np.random.default_rng(rng.initial_seed()), first.numpy(), second.numpy()
    found = [dice.choice(first, len(first)).mean() - dice.choice(second, len(second)).mean() for _ in range(2000)]
    low, high = np.percentile(found, [2.5, 97.5])
    return low, high, low * high > 0


def basic(first, second, rng):
    """Turned round, as the chapter's intervals are."""
    gap = (first.mean() - second.mean()).item()
    low, high, _ = whole(first, second, rng)
    return told(2 * gap - high, 2 * gap - low)


@right(NAME)
def with_weights(first, second, rng):
    """How often each value is drawn, instead of the values."""
    means = []
    for sample in (first, second):
        n = len(sample)
        counts = torch.ones(3000, n).multinomial(n, replacement=True, generator=rng)
        counts = torch.zeros(3000, n).scatter_add_(1, counts, torch.ones(3000, n)).double()
        means.append(counts @ sample / n)
    low, high = torch.quantile(means[0] - means[1], torch.tensor([0.025, 0.975]).double())
    return [low, high, (low > 0) | (high < 0)]


def paired(first, second, rng):
    n = min(len(first), len(second))
    index = torch.randint(n, (2000, n), generator=rng)
    return told(*ends(first[index].mean(1) - second[index].mean(1)))


def pooled(first, second, rng):
    both = torch.cat([first, second])
    n, m = len(first), len(second)
    index = torch.randint(n + m, (2000, n + m), generator=rng)
    return told(*ends(both[index[:, :n]].mean(1) - both[index[:, n:]].mean(1)))


def shuffles(first, second, rng):
    found = [first[torch.randperm(len(first), generator=rng)].mean()
             - second[torch.randperm(len(second), generator=rng)].mean() for _ in range(200)]
    return told(*ends(torch.stack(found).round(decimals=9)))


def single_values(first, second, rng):
    a, b = (sample[torch.randint(len(sample), (4000,), generator=rng)] for sample in (first, second))
    return told(*ends(a - b))


def two_intervals(first, second, rng):
    (low, high), (under, over) = ends(resampled(first, rng)), ends(resampled(second, rng))
    return told(low - over, high - under)


def only(which):
    def answer(first, second, rng):
        if which == 0:
            return told(*ends(resampled(first, rng) - second.mean()))
        return told(*ends(first.mean() - resampled(second, rng)))

    return answer


def tails(low, high):
    return lambda first, second, rng: told(*ends(resampled(first, rng) - resampled(second, rng), low, high))


def with_tail(tail):
    return tails(tail, 1 - tail)


def normal(first, second, rng):
    gap = (first.mean() - second.mean()).item()
    se = math.hypot(first.std() / len(first) ** 0.5, second.std() / len(second) ** 0.5)
    return told(gap - 1.96 * se, gap + 1.96 * se)


def errors(count):
    """So many bootstrap standard errors to each side: 1.96 fit a normal distribution of the means, not a skew one."""
    def answer(first, second, rng):
        found = resampled(first, rng) - resampled(second, rng)
        return told((found.mean() - count * found.std()).item(), (found.mean() + count * found.std()).item())

    return answer


def half_drawn(first, second, rng):
    means = [sample[torch.randint(len(sample), (2000, len(sample) // 2), generator=rng)].mean(1)
             for sample in (first, second)]
    return told(*ends(means[0] - means[1]))


def without_sign(first, second, rng):
    return told(*ends((resampled(first, rng) - resampled(second, rng)).abs()))


def too_few(first, second, rng):
    return told(*ends(resampled(first, rng, 10) - resampled(second, rng, 10)))


def few(first, second, rng):
    return told(*ends(resampled(first, rng, 100) - resampled(second, rng, 100)))


def as_often(which):
    def answer(first, second, rng):
        n = len((first, second)[which])
        means = [sample[torch.randint(len(sample), (2000, n), generator=rng)].mean(1) for sample in (first, second)]
        return told(*ends(means[0] - means[1]))

    return answer


def of_the_first(first, second, rng):
    return told(*ends(resampled(first, rng)))


def of_the_second(first, second, rng):
    return told(*ends(resampled(second, rng)))


def half_of_each(first, second, rng):
    return whole(first[::4], second[::4], rng)


ANSWERS = {
    paired: "both samples are drawn with the same indices",
    pooled: "the interval is around 0",
    shuffles: "low and high are the same. Draw with replacement",
    single_values: "this is where single values lie",
    two_intervals: "the ends of two intervals are taken from each other",
    only(0): "only the first sample is drawn again",
    only(1): "sample is drawn again. Both are uncertain",
    with_tail(0.05): "this is about a 90 % interval",
    with_tail(0.25): "these are the quartiles",
    with_tail(0.16): "this is one standard error to each side",
    with_tail(0.005): "this is a 99 % interval",
    as_often(0): "both samples are drawn as often as the first has values",
    as_often(1): "both samples are drawn as often as the second has values",
    errors(1): "this is one standard error to each side",
    with_tail(0.35): "times as wide as it should be",
    basic: "for samples of 40 and 500 the interval is turned round",
    errors(1.96): "quantile of such differences",
    tails(0.04, 0.96): "your low end is the ",
    tails(0.025, 0.95): "your high end is the 95.",
    tails(0.05, 0.975): "your low end is the ",
    tails(0.01, 0.975): "your low end is the ",
    tails(0.025, 0.99): "your high end is the ",
    half_drawn: "or half of each sample is drawn",
    without_sign: "the means differ by ",
    half_of_each: "the interval is ",
    of_the_first: "this is the mean of the first sample",
    of_the_second: "this is the mean of the second sample",
    lambda a, b, rng: whole(b, a, rng): "you take the first from the second",
    lambda a, b, rng: (*whole(a, b, rng)[1::-1], True): "low is above high",
    lambda a, b, rng: (*whole(a, b, rng)[:2], not whole(a, b, rng)[2]): "It does if 0 lies outside",
    lambda a, b, rng: (*whole(a, b, rng)[:2], True): "and you say that it shows a difference",
    lambda a, b, rng: (*whole(a, b, rng)[:2], False): "and you say that it does not show a difference",
    lambda a, b, rng: (*whole(a, b, rng)[:2], whole(a, b, rng)[0] > 0): "for the same, second first",
    normal: "two seeds gave the same interval",
    lambda a, b, rng: whole(a, b, torch.Generator().manual_seed(1)): "two seeds gave the same interval",
    lambda a, b, rng: whole(a, b, None): "the same seed gave another interval",
    too_few: "two samples of 200",
    few: "Resample more often",
    lambda a, b, rng: (math.nan, math.nan, True): "the ends are not finite",
    lambda a, b, rng: (100, 101, True): "your interval is around 100.5",
    lambda a, b, rng: (*whole(a, b, rng)[:2], "yes"): "True or False, not 'yes'",
    lambda a, b, rng: (*whole(a, b, rng)[:2], 1): "True or False, not 1",
    lambda a, b, rng: (*whole(a, b, rng)[:2], None): "True or False, not None",
    lambda a, b, rng: whole(a, b, rng)[:2]: "return three things",
    lambda a, b, rng: (whole(a, b, rng)[:2], True): "return three things",
    lambda a, b, rng: (resampled(a, rng), resampled(b, rng), True): "one number, not shape (2000,)",
    lambda a, b, rng: ("low", "high", True): "return three things: (low, high, shows), not 'low'",
    lambda a, b, rng: told(*metrics.statistics.bootstrap(lambda a, b: (a.mean() - b.mean()).item(), a, b, rng=rng)[1:]):
        "calls bootstrap, and that is the whole answer",
    lambda a, b: (0, 1, False): "stopped with TypeError",
}
for answer, says in ANSWERS.items():
    wrong(NAME, says)(answer)
