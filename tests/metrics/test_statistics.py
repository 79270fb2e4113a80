"""Intervals and tests against scipy, and against how often they miss a known truth."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats

from gan_helpers.metrics import statistics
from tests.helpers import rng


@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
@pytest.mark.parametrize(("hits", "runs"), [(0, 5), (5, 5), (3, 7), (1, 1), (0, 1), (190, 200)])
def test_wilson_is_scipys_in_every_form_of_hits(hits, runs, level):
    given = [True] * hits + [False] * (runs - hits)
    wanted = stats.binomtest(hits, runs).proportion_ci(level, method="wilson")
    tensor = torch.tensor(given)
    for form in (given, list(map(int, given)), pd.Series(given), np.array(given), tensor, tensor.float()):
        found = statistics.wilson_interval(form, level)
        assert found == pytest.approx((hits / runs, wanted.low, wanted.high))
        assert all(type(number) is float for number in found)


@pytest.mark.parametrize(("interval", "text"), [
    ((0.345, 0.283, 0.413), "34% (28–41%)"), ((1.0, 0.9, 1.0), "100% (90–100%)"), ((0.0, 0.0, 0.049), "0% (0–5%)"),
    (statistics.wilson_interval([True, False]), "50% (9–91%)"),
])  # fmt: skip
def test_an_interval_is_written_in_percent(interval, text):
    assert statistics.percent(interval) == text


@pytest.mark.parametrize("table", [((8, 2), (1, 5)), ((0, 5), (5, 0)), ((3, 3), (3, 3)), ((1, 0), (0, 7)),
                                   ((50, 150), (20, 180))])
def test_fisher_is_scipys_and_the_order_does_not_matter(table):
    one, other = ([True] * hits + [False] * misses for hits, misses in table)
    wanted = stats.fisher_exact(table).pvalue
    assert statistics.fisher_exact(one, torch.tensor(other)) == pytest.approx(wanted)
    assert statistics.fisher_exact(other, np.array(one)[::-1]) == pytest.approx(wanted)
    assert type(statistics.fisher_exact(one, other)) is float


@pytest.mark.parametrize("pairs", [(3, 9, 4), (0, 5, 0), (2, 0, 7), (1, 6, 6), (4, 0, 0), (0, 12, 1)])
def test_mcnemar_is_the_share_of_all_ways_to_swap_the_pairs_that_are_as_unequal(pairs):
    """By brute force: if the rates are equal, each pair could as well have come the other way round."""
    same, only_one, only_other = pairs
    one = [True] * same + [True] * only_one + [False] * only_other + [False]
    other = [True] * same + [False] * only_one + [True] * only_other + [False]
    differences = np.array(one, int) - np.array(other, int)
    swaps = np.array(list(itertools.product((-1, 1), repeat=only_one + only_other)), int)
    sums = (swaps * differences[differences != 0]).sum(1)
    wanted = (abs(sums) >= abs(differences.sum())).mean()
    assert statistics.mcnemar_exact(one, torch.tensor(other)) == pytest.approx(wanted)
    assert statistics.mcnemar_exact(np.array(other)[::-1], pd.Series(one[::-1])) == pytest.approx(wanted)
    assert type(statistics.mcnemar_exact(one, other)) is float


def test_mcnemar_needs_pairs():
    with pytest.raises(ValueError, match="got 2 and 3"):
        statistics.mcnemar_exact([True, False], [True, False, True])


@pytest.mark.parametrize("pvalues", [[0.01], [0.04, 0.01, 0.03], [0.2, 0.2, 0.001, 0.9], [1.0, 0.6, 0.0], []])
def test_holm_rejects_what_a_closed_test_of_all_subsets_rejects(pvalues):
    """Holm 1979 by its definition: the largest Bonferroni p-value over all sets of hypotheses that hold this one."""
    indices = range(len(pvalues))
    sets = [chosen for size in range(1, len(pvalues) + 1) for chosen in itertools.combinations(indices, size)]
    wanted = [max(min(1, len(chosen) * min(pvalues[j] for j in chosen)) for chosen in sets if i in chosen)
              for i in indices]
    assert statistics.holm(pvalues) == pytest.approx(wanted)


@pytest.mark.parametrize("wrong", [[-0.1], [0.5, 1.1], [float("nan")]])
def test_holm_takes_probabilities(wrong):
    with pytest.raises(ValueError, match="p-value"):
        statistics.holm(wrong)


@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
@pytest.mark.parametrize("values", [[1, 2], [1.0, 2.5, -7.0], torch.randn(30, 1, generator=rng()), np.arange(5) + 1e6])
def test_the_interval_of_a_mean_is_scipys(values, level):
    x = np.asarray(values, float).flatten()
    wanted = stats.t.interval(level, len(x) - 1, x.mean(), stats.sem(x))
    assert statistics.mean_interval(values, level) == pytest.approx((x.mean(), *wanted))
    assert statistics.mean_interval([3.0] * 4, level) == (3, 3, 3)


@pytest.mark.parametrize(("interval", "draw", "experiments", "level", "least", "most"), [
    (statistics.wilson_interval, lambda seed: torch.rand(40, generator=rng(seed)) < 0.3, 1000, 0.9, 60, 140),
    (statistics.mean_interval, lambda seed: 0.3 + torch.randn(6, generator=rng(seed)), 1000, 0.9, 60, 140),
    (lambda sample, level: statistics.bootstrap(torch.mean, sample, rng=rng(7), times=200, level=level),
     lambda seed: 0.3 + torch.randn(60, generator=rng(seed)).double(), 200, 0.95, 3, 30),  # a little short, as it is
], ids=["wilson", "mean", "bootstrap"])  # fmt: skip
def test_an_interval_misses_the_truth_about_as_often_as_it_says(interval, draw, experiments, level, least, most):
    """0.3 is the truth."""
    found = [interval(draw(seed), level) for seed in range(experiments)]
    assert least <= sum(not low <= 0.3 <= high for _, low, high in found) <= most


def test_the_bootstrap_interval_is_scipys_basic_one():
    sample = torch.randn(200, generator=rng(4)).double() ** 2
    wanted = stats.bootstrap((sample.numpy(),), np.mean, method="basic", n_resamples=4000, rng=0).confidence_interval
    estimate, low, high = statistics.bootstrap(torch.mean, sample, rng=rng(), times=4000)
    assert estimate == pytest.approx(sample.mean().item())
    assert (low, high) == pytest.approx((wanted.low, wanted.high), abs=0.03)


def test_two_samples_are_resampled_apart_and_a_seed_says_which():
    def difference(a, b):
        return (a.mean() - b.mean()).item()

    two = torch.randn(400, 6, generator=rng(1)), torch.randn(300, 6, generator=rng(2))
    one = statistics.bootstrap(difference, *two, rng=rng(7))
    assert one == statistics.bootstrap(difference, *two, rng=rng(7))
    assert one != statistics.bootstrap(difference, *two, rng=rng(8))
    assert one[1] < one[0] < one[2]


def test_the_bootstrap_takes_one_rank_of_quantiles_at_each_end():
    """With 20 resamples and a level of 0.9 the ends are 2 s - q at the 5th and 95th percentiles, by numpy."""
    sample, source = torch.arange(10.0), rng(5)
    again = [sample[torch.randint(0, 10, (10,), generator=source)].mean().item() for _ in range(20)]
    estimate, low, high = statistics.bootstrap(torch.mean, sample, rng=rng(5), times=20, level=0.9)
    assert (estimate, low, high) == pytest.approx((4.5, *(9 - np.quantile(again, (0.95, 0.05)))))
    assert statistics.bootstrap(torch.mean, [*range(10), 0.0], rng=rng())[0] == pytest.approx(45 / 11)


VALUES = torch.randn(9)


@pytest.mark.parametrize(("call", "error", "words"), [
    (lambda: statistics.wilson_interval([]), ValueError, r"True or False per run, at least one, got \[\]"),
    (lambda: statistics.wilson_interval([0, 2]), ValueError, r"got \[0, 2\]"),
    (lambda: statistics.wilson_interval([math.nan]), ValueError, r"got \[nan\]"),
    (lambda: statistics.wilson_interval(["yes"]), TypeError, r"True or False per run, got \['yes'\]"),
    (lambda: statistics.wilson_interval([True], 95), ValueError, "level must be above 0 and below 1, got 95"),
    (lambda: statistics.wilson_interval([True], "95 %"), TypeError, "level must be a number, got '95 %'"),
    (lambda: statistics.fisher_exact([True], []), ValueError, "at least one"),
    (lambda: statistics.fisher_exact([0.5], [True]), ValueError, r"got \[0\.5\]"),
    (lambda: statistics.mean_interval([1.0]), ValueError, r"at least 2 finite values, got 1: \[1\.0\]"),
    (lambda: statistics.mean_interval([1.0, math.nan]), ValueError, r"finite values, got 2: \[1\.0, nan\]"),
    (lambda: statistics.mean_interval(VALUES, 1), ValueError, "level must be above 0 and below 1, got 1"),
    (lambda: statistics.bootstrap(torch.mean, VALUES[:1], rng=rng()), ValueError, "at least two"),
    (lambda: statistics.bootstrap(torch.mean, VALUES[0], rng=rng()), ValueError, "at least two"),
    (lambda: statistics.bootstrap(torch.mean, rng=rng()), ValueError, "at least two"),
    (lambda: statistics.bootstrap(torch.mean, VALUES, rng=0), TypeError, "torch.Generator"),
    (lambda: statistics.bootstrap(torch.mean, VALUES, rng=rng(), level=95), ValueError, "level must be"),
    (lambda: statistics.bootstrap(torch.mean, VALUES, rng=rng(), times=19), ValueError, "times must be at least 20"),
])  # fmt: skip
def test_bad_input_is_refused_in_words(call, error, words):
    with pytest.raises(error, match=words):
        call()
