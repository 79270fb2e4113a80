"""Checks of chapter 7, in the order of its exercises. Each takes the learner's function."""

import math

import numpy as np
import torch

from gan_helpers import metrics
from gan_helpers.exercises import NotYet, ask, check, require, right
from gan_helpers.exercises._compare import name, near, number, parts, unaided

READY_FRECHET = metrics.clouds.frechet_gaussians, metrics.clouds.frechet_distance


def _root(matrix: torch.Tensor) -> torch.Tensor:
    values, vectors = torch.linalg.eigh(matrix)
    return vectors * values.clamp(min=0).sqrt() @ vectors.T


@check
def frechet(answer) -> None:
    """Exercise 1: the squared Frechet distance of two normal distributions."""
    rng, what = torch.Generator().manual_seed(12), "one number"

    def some(n: int):
        mix = torch.randn(n, n, generator=rng, dtype=torch.float64)
        return torch.randn(n, generator=rng, dtype=torch.float64), mix @ mix.T / n + 0.1 * torch.eye(n).double()

    one = torch.eye(3).double()
    first, second, small, large = some(4), some(4), some(2), some(2)
    few, others = torch.randn(2, 5, 16, generator=rng, dtype=torch.float64)  # 5 samples of 16 features
    flat = few.mean(0), few.T.cov(), others.mean(0), others.T.cov()
    cases = (("two of 4 features", *first, *second), ("two of 2 features", *small, *large),
             ("one and the same", *first, *first), ("the same, shifted by 2", one[0], one, 3 * one[0], one),
             ("5 samples of 16 features each", *flat))
    for kind, m1, c1, m2, c2 in cases:
        arguments = [part.clone() for part in (m1, c1, m2, c2)]
        value = number(unaided(READY_FRECHET, answer, *arguments), what)
        t1, t2, gap = c1.trace(), c2.trace(), (m1 - m2).square().sum()
        r1, r2, here = _root(c1), _root(c2), f"for {kind} "
        shared = torch.linalg.eigvals(c1 @ c2).real.clamp(min=0).sqrt().sum()  # not how the package does it
        wanted = gap + t1 + t2 - 2 * shared

        def says(other, value=value) -> bool:
            return near(value, other, 1e-6)

        if says(wanted):
            continue
        require(not math.isnan(value), f"{here}you get NaN: the root of a number that is a little below 0? Clamp "
                "the eigenvalues.")
        require(len(m1) < 16, f"{here}it is {wanted:.6f}, yours {value:.7g}. Many eigenvalues of C1 C2 are 0 there, up "
                "to rounding.")
        s1, s2 = c1.diagonal().sqrt(), c2.diagonal().sqrt()
        name((
            (wanted.clamp(min=0).sqrt(), "you take the root at the end. The number that everybody reports is squared."),
            (gap + t1 + t2 - shared, "the 2 before the last trace is missing."),
            (gap + t1 + t2 + 2 * shared, "the last trace is added. Take it away."),
            (gap + t1 + t2, "the trace of the root is missing."),
            (gap, "this is the gap of the means. The covariances count, too."),
            (t1 + t2 - 2 * shared, "the means have no part in it."),
            (gap.sqrt() + t1 + t2 - 2 * shared, "the distance of the means is not squared."),
            ((m1 - m2).abs().sum() + t1 + t2 - 2 * shared, "the differences of the means are to be squared, then "
             "summed."),
            ((m1 - m2).square().mean() + t1 + t2 - 2 * shared, "take the sum of the squared differences of the means, "
             "not their mean."),
            (gap + t1 + t2 - 2 * (r1 @ r2).trace(), "the root of a product is not the product of the roots, unless "
             "both matrices have the same axes."),
            (gap + t1 + t2 - 2 * (s1 * s2).sum(), "only the diagonals count here, as if * multiplied matrices. How "
             "features vary together matters, too."),
            (gap + t1 + t2 - 2 * torch.linalg.eigvals(c1 * c2).real.clamp(min=0).sqrt().sum(), "* multiplies entry by "
             "entry. The product of two matrices is @."),
            (gap + t1 + t2 - 2 * (c1 @ c2).clamp(min=0).sqrt().trace(), "you take the root of each entry. The root of "
             "a matrix, multiplied by itself, gives the matrix."),
            (gap + t1 + t2 - 2 * (c1 @ c2).trace(), "the root is missing in the last trace."),
            (gap + t1 + t2 - 2 * (c1 @ c2).trace().sqrt(), "the root is taken of the trace. Take it of the matrix: the "
             "sum of the roots of its eigenvalues."),
            (gap + t1 + t2 - 2 * (torch.linalg.cholesky(c1) @ torch.linalg.cholesky(c2)).trace(), "Cholesky's triangle "
             "is not the symmetric root."),
            (gap + t1 + t2 - 2 * torch.linalg.eigvalsh(c1 @ c2).clamp(min=0).sqrt().sum(), "C1 C2 is not symmetric, "
             "and eigvalsh looks at one half of it only. Take A C2 A, with A the root of C1."),
            (gap + t1 + t2 - 2 * torch.linalg.svdvals(c1 @ c2).sqrt().sum(), "singular values of C1 C2 are not its "
             "eigenvalues. Take A C2 A, with A the root of C1."),
            (gap + (c1 - c2).square().sum(), "this compares the covariances entry by entry."),
            (gap + c1.sum() + c2.sum() - 2 * shared, "a trace is the sum of the diagonal, not of all entries."),
            (gap + t1 * t2 - 2 * shared, "the two traces are multiplied. Add them."),
            (-wanted, "the sign is turned."),
            (wanted / len(m1), "this is divided by the number of features."),
        ), says, here)
        raise NotYet(f"{here}it is {wanted:.6f}, yours {value:.7g}.")
    right("Shifted by 2 it is 4, and of one and the same it is 0, up to rounding.")


READY_BALLS = metrics.clouds.prdc, metrics.clouds._radius


def _balls(centres, points, k: int, of=None, most=False):
    """Which of `points` lie in a ball around some of `centres`; balls reach to the k-th neighbour in `of`."""
    own = of is None
    between = torch.cdist(centres, centres if own else of)
    radius = between.sort(1).values[:, k if own else k - 1]
    inside = torch.cdist(points, centres) < radius
    return inside.double().mean() if most else inside.any(1).double().mean()


@check
def precision_recall(answer) -> None:
    """Exercise 2: precision and recall by balls around samples."""
    rng, what = torch.Generator().manual_seed(5), "the pair (precision, recall)"
    real = torch.randn(60, 2, generator=rng, dtype=torch.float64)
    wide = 2.5 * torch.randn(45, 2, generator=rng, dtype=torch.float64) + 0.5
    half = torch.randn(50, 3, generator=rng, dtype=torch.float64)
    narrow = 0.4 * torch.randn(40, 3, generator=rng, dtype=torch.float64) + 0.7
    cases = (("a round cloud and a wider one", real, wide, 3), ("a cloud and a narrow one in it", half, narrow, 5),
             ("a round cloud and a wider one", real, wide, 1))
    for kind, r, f, k in cases:
        found = parts(unaided(READY_BALLS, answer, r.clone(), f.clone(), k), 2, what)
        both = [number(part, what) for part in found]
        wanted = _balls(r, f, k), _balls(f, r, k)
        here = f"for {kind}, k = {k}, "

        def says(pair, both=both) -> bool:
            return all(near(mine, other) for mine, other in zip(both, pair, strict=True))

        if says(wanted):
            continue
        closest = torch.cdist(r, f)
        within, reach = torch.cdist(r, r).sort(1).values[:, k], torch.cdist(f, f).sort(1).values[:, k]
        density = (closest < within.unsqueeze(1)).double().sum() / k / len(f)
        coverage = (closest.min(1).values < within).double().mean()
        name((
            (wanted[::-1], "the two are swapped: precision comes first, the share of fakes that could be real."),
            ((_balls(r, f, k + 1, of=f), _balls(f, r, k + 1, of=r)), "the balls reach to a neighbour in the other "
             "cloud. Take its own."),
            ((wanted[0], coverage), "precision is right, and the second is coverage: its balls lie around real "
             "samples. For recall they lie around fakes."),
            ((density, wanted[1]), "recall is right, and the first is density: it counts balls. For precision one is "
             "enough."),
            ((density, coverage), "these are density and coverage."),
            ((wanted[0], wanted[0]), "recall repeats precision. Swap the roles of the clouds."),
            ((_balls(r, f, k), 1 - _balls(f, r, k)), "precision is right, and recall is what it lacks to 1."),
            ((1 - wanted[0], 1 - wanted[1]), "these are the shares outside."),
            (tuple(100 * share for share in wanted), "these are percent. Return shares of 1."),
            ((wanted[0] * len(f), wanted[1] * len(r)), "these are counts. Divide by the number of samples."),
            ((wanted[0] * len(f) / len(r), wanted[1] * len(r) / len(f)), "each is divided by the size of the other "
             "cloud."),
            *(((_balls(r, f, k - 1), _balls(f, r, k - 1)), "the point itself is counted as its first neighbour, so "
               "that your balls are one neighbour too small.") for _ in range(k > 1)),
            *(((0, 0), "your balls have radius 0: each point is its own first neighbour. Do not count it.")
              for _ in range(k == 1)),
            ((_balls(r, f, k + 1), _balls(f, r, k + 1)), "your balls reach one neighbour too far."),
            ((_balls(r, f, 5), _balls(f, r, 5)), "you take k = 5 always."),
            ((_balls(r, f, 3), _balls(f, r, 3)), "you take k = 3 always."),
            ((_balls(r, f, k, of=f), _balls(f, r, k, of=r)), "the balls reach to the k-th neighbour in the other "
             "cloud. Take its own."),
            (((closest.min(0).values < within.mean()).double().mean(), (closest.min(1).values < reach.mean()).double()
              .mean()), "one radius for all. Each point has its own, wide where its cloud is thin."),
            (((closest.min(0).values < within.max()).double().mean(), (closest.min(1).values < reach.max()).double()
              .mean()), "one radius for all. Each point has its own, wide where its cloud is thin."),
            (((closest.min(0).values < reach).double().mean(), (closest.min(1).values < within).double().mean()), "you "
             "look whether a real sample lies in the fake's ball. For precision the balls lie around the real ones."),
            (((closest.min(0).values < within[closest.argmin(0)]).double().mean(), (closest.min(1).values
              < reach[closest.argmin(1)]).double().mean()), "you look at the ball of the nearest one only. A fake may "
             "lie in the ball of another."),
            ((_balls(r, f, k, most=True), _balls(f, r, k, most=True)), "you average over all balls. One ball is enough "
             "to be in."),
        ), says, here)
        for i, (share, other, which) in enumerate(zip(both, wanted, ("precision", "recall"), strict=True)):
            require(near(share, other), f"{here}{'precision is right, ' * i}{which} is {other:.4f}, yours "
                    f"{share:.5g}.")
    right("Both from the same balls: a fake in a real one's ball counts for precision, a real one in a fake's ball for "
          "recall.")


@check
def memoriser(answer) -> None:
    """Exercise 3, first part: training samples with a tiny jitter."""
    rng = torch.Generator().manual_seed(21)
    train, test = torch.randn(2, 400, 6, generator=rng)
    test, n = test[:300], 1000

    def draw(seed: int, n: int = n) -> torch.Tensor:
        given = train.clone()
        fakes = ask(answer, given, n, torch.Generator().manual_seed(seed))
        require(isinstance(fakes, torch.Tensor), f"return a tensor, not a {type(fakes).__name__}.")
        require(torch.equal(given, train), "your function changes the training samples. Make new ones.")
        no_more = n > len(train) and fakes.shape[:1] == (len(train),)
        require(not no_more, f"there are {len(train)} training samples, and {n} fakes are asked for. Draw with "
                "replacement.")
        require(fakes.shape == (n, 6), f"{n} fakes of 6 features need shape ({n}, 6), yours is {tuple(fakes.shape)}.")
        require(fakes.is_floating_point() and torch.isfinite(fakes).all(), "the fakes must be finite floats.")
        return fakes.detach()

    fakes = draw(1)
    gaps, index = metrics.clouds.nearest(train, fakes)
    shifts = fakes.double() - train.double()[index]
    rms, distinct = shifts.square().mean().sqrt().item(), len(index.unique())
    require(rms < 0.1, f"your fakes are {gaps.mean():.2g} away from the nearest training sample on average, and a "
            "jitter of 0.01 in each feature makes 0.024. Draw training samples, then add the jitter.")
    exact = (shifts == 0).all(1).double().mean().item()
    require(exact < 0.01, f"{exact:.0%} of the fakes are training samples without any jitter. Add it to all.")
    require(distinct > 1, "every fake is made from the same training sample. Draw one for each.")
    few = f"your fakes come from {distinct} training samples of {len(train)}. Draw n of them at random."
    require(distinct > 330, few)  # of 400, a thousand draws reach 367, give or take 5
    counts = torch.bincount(index, minlength=len(train)).double()
    require(distinct < 395, "each training sample comes up, and that in random draws is no coincidence. Draw with "
            "replacement, each as likely as any other, every time.")
    require(counts.std() < 1.9, "some training samples come up far too often. Draw each with the same probability.")
    rows = shifts.std(1).median().item()
    require(rows > 0.1 * rms, "the jitter is the same for all features of a fake. Draw one for each number.")
    require((shifts.std(0) > 0.1 * rms).all(), "all fakes get the same jitter. Draw one for each number.")
    require(len(fakes.unique(dim=0)) == n, "fakes of the same training sample are the same. Draw the jitter anew for "
            "each fake.")
    sizes = train.double()[index].abs()
    require(shifts[sizes > 1.5].std() < 2 * shifts[sizes < 0.5].std(), "the jitter is larger for larger numbers. Add "
            "it, do not multiply by it.")
    require(abs(shifts.mean()) < 0.002, f"your jitter is {shifts.mean():.4f} on average. Draw it around 0: randn, not "
            "rand.")
    require(abs(rms - 0.01) < 0.001, f"the jitter should have standard deviation 0.01, yours has {rms:.2g}.")
    require((shifts.abs() > 0.0205).any(), "your jitter never passes 0.02. Draw it from a normal distribution.")
    again, other, _ = draw(1), draw(3), draw(2, 5)
    require(torch.equal(fakes, again), "the same seed gave other fakes. Pass generator=rng to both draws.")
    require(not torch.equal(fakes, other), "two seeds gave the same fakes. Draw from rng, do not seed it inside.")
    require(not torch.equal(metrics.clouds.nearest(train, other)[1], index), "two seeds drew the same training "
            "samples. Pass generator=rng to that draw, too.")
    often = metrics.clouds.nearest(train, draw(4, 8000))[1].unique()
    missed = set(range(len(train))).difference(often.tolist())
    require(not missed, f"in 8,000 draws the training sample {missed} never came up. The end of randint is not drawn "
            "itself: randint(len(train), ...).")
    shares = {key: part.mean().item() for key, part in metrics.clouds.prdc(train, fakes, k=5).items()}
    distance, chance = metrics.clouds.frechet_distance(test, fakes), metrics.clouds.frechet_distance(test, train)
    ratio = metrics.clouds.memorization_ratio(train, test, fakes)
    right(f"Precision {shares['precision']:.2f}, recall {shares['recall']:.2f}, Frechet distance to new data "
          f"{distance:.2f}, where the training data itself has {chance:.2f}. By these three it is a wonderful "
          f"generator. Its fakes are {ratio:.3f} times as far from the training data as new samples are.")


READY_COPIES = metrics.clouds.memorization_ratio, metrics.clouds.nearest


@check
def memorisation(answer) -> None:
    """Exercise 3, second part: the ratio that gives a memoriser away."""
    rng = torch.Generator().manual_seed(8)
    train, test, new = (torch.randn(n, 5, generator=rng, dtype=torch.float64) for n in (80, 60, 50))
    copies = train[torch.randint(80, (70,), generator=rng)] + 0.01 * torch.randn(70, 5, generator=rng).double()
    for kind, fake in (("fakes drawn anew", 0.9 * new), ("exact copies", train[:30]), ("copies with a jitter", copies)):
        value = number(unaided(READY_COPIES, answer, train.clone(), test.clone(), fake.clone()), "one number")
        f, t = torch.cdist(fake, train), torch.cdist(test, train)
        near_f, near_t, here = f.min(1).values, t.min(1).values, f"for {kind} "
        wanted = near_f.mean() / near_t.mean()

        def says(other, value=value) -> bool:
            return near(value, other, 1e-5)

        if says(wanted) or (kind == "exact copies" and 0 <= value < 1e-3):  # torch.cdist rounds
            continue
        require(not math.isnan(value), f"{here}you get NaN: 0 divided by 0?")
        two = torch.cdist(train, train).sort(1).values[:, 1]
        name((
            (near_t.mean() / near_f.mean(), "it is upside down: the fakes' distance goes above."),
            (near_f.mean(), "this is the mean distance of the fakes. Compare it with that of the test samples."),
            (near_t.mean(), "this is the mean distance of the test samples. It goes below the fakes'."),
            (near_f.mean() - near_t.mean(), "this is a difference, and depends on the units. Divide."),
            (near_f.sum() / near_t.sum(), "you divide sums, and there are not as many fakes as test samples. Take "
             "means."),
            (near_f.median() / near_t.median(), "these are medians. Take means."),
            (near_f.min() / near_t.min(), "only the nearest of all counts. Take each fake's nearest, then the mean."),
            (near_f.square().mean() / near_t.square().mean(), "the distances are squared."),
            (near_f.square().mean().sqrt() / near_t.square().mean().sqrt(), "the distances are squared before the "
             "mean."),
            (f.mean() / t.mean(), "you average over all pairs. Take the nearest training sample of each."),
            (f.min(0).values.mean() / t.min(0).values.mean(), "you look for the nearest fake of each training sample. "
             "Turn it round."),
            (f.max(1).values.mean() / t.max(1).values.mean(), "you take the farthest. Take the nearest."),
            (f.sort(1).values[:, 1].mean() / t.sort(1).values[:, 1].mean(), "you take the second nearest. None of them "
             "is a training sample itself: take the nearest."),
            (f.min(0).values.mean() / near_t.mean(), "above you look for the nearest fake of each training sample. "
             "Turn it round."),
            (torch.cdist(fake, test).min(1).values.mean() / near_t.mean(), "the fakes are compared with the test "
             "samples. It is the training samples that G may have learned by heart."),
            (near_f.mean() / torch.cdist(test, fake).min(1).values.mean(), "below, too, it is the distance to the "
             "training samples."),
            (near_f.mean() / two.mean(), "below stands how far training samples are from each other. Take the test "
             "samples."),
            (near_f.mean() / torch.cdist(fake, test).min(1).values.mean(), "below stands how far the fakes are from "
             "test samples. Take how far test samples are from training samples."),
            (torch.cdist(fake, train, p=1).min(1).values.mean() / torch.cdist(test, train, p=1).min(1).values.mean(),
             "these are sums of absolute differences. Take the usual distance."),
            (1 - wanted, "this is 1 minus the ratio. A copy should get 0."),
            (100 * wanted, "this is in percent."),
            *(((near_f[:60] / near_t[:len(near_f)]).mean(), "you take the mean of ratios. Take the ratio of means.")
              for _ in range(len(near_f) <= 60)),
            ((near_f < near_t.mean()).double().mean(), "this is a share of fakes. Divide the mean distances."),
        ), says, here)
        raise NotYet(f"{here}it is {wanted:.5f}, yours {value:.6g}.")
    right("Near 1: as far from the training samples as anything new. Near 0: copies.")


@check
def difference_interval(answer) -> None:
    """Exercise 4: a bootstrap interval for the difference of two means."""
    rng, what = torch.Generator().manual_seed(30), "three things: (low, high, shows)"
    base = torch.randn(200, generator=rng, dtype=torch.float64)
    a, b = 5 + 2 * base, 4.2 + 2 * base + 0.3 * torch.randn(200, generator=rng).double()  # pairs that go together
    c, d = torch.randn(40, generator=rng).double().exp(), torch.randn(500, generator=rng).double()
    d = c.mean() - 0.1 + 2 * c.std() * d  # c is skew
    for kind, first, second in (("two samples of 200", a, b), ("samples of 40 and 500", c, d),
                                ("the same, second first", b, a)):
        def ask_once(seed, first=first, second=second):
            given = first.clone(), second.clone()
            rng = torch.Generator().manual_seed(seed)
            found = parts(unaided((metrics.statistics.bootstrap,), answer, *given, rng), 3, what)
            low, high = (number(part, what) for part in found[:2])
            shows = found[2].item() if getattr(found[2], "shape", None) in ((), (1,)) else found[2]
            require(isinstance(shows, bool), "the third thing says whether the interval shows a difference: True or "
                    f"False, not {found[2]!r:.40}.")
            return low, high, shows

        (low, high, shows), here = ask_once(1), f"for {kind} "
        require(math.isfinite(low) and math.isfinite(high), f"{here}the ends are not finite.")
        n, m = len(first), len(second)
        gap = (first.mean() - second.mean()).item()
        s1, s2 = first.std().item() / n**0.5, second.std().item() / m**0.5
        se, z, middle, width = math.hypot(s1, s2), 1.95996, (low + high) / 2, high - low
        require(abs(width) > 1e-9, f"{here}low and high are the same. Draw with replacement: a shuffle "
                "has always the same mean.")
        require(width > 0, f"{here}low is above high. First the low end.")

        require(not abs(middle + gap) < 0.5 * se or abs(gap) < se, f"{here}the interval is around {middle:.3g}: you "
                "take the first from the second, or lose the sign. It is the mean of the first minus that of the "
                "second.")
        require(not (abs(middle) < 0.5 * se and abs(gap) > 2 * se), f"{here}the interval is around 0. Draw each sample "
                "from itself, not from both thrown together.")
        for mean, who in ((first.mean().item(), "first"), (second.mean().item(), "second")):
            require(abs(middle - mean) > 0.5 * se or abs(mean - gap) < se, f"{here}this is the mean of the {who} "
                    "sample. Take the difference of the two means in each resample.")
        require(abs(middle - gap) < 0.5 * se, f"{here}the means differ by {gap:.3f}, and your interval is around "
                f"{middle:.4g}.")
        others = [ask_once(seed) for seed in range(2, 9)]
        lows, highs = torch.tensor([(low, high), *(one[:2] for one in others)], dtype=torch.float64).T
        require(lows.std() < 0.04 * width, f"{here}the low end depends on the seed: from {lows.min():.4g} to "
                f"{lows.max():.4g} in eight tries. Resample more often, 2,000 times.")
        if abs(width / (2 * z * se) - 1) > (0.12 if n == m else 0.25):  # the skew one is looked at end by end, below
            errors = {  # what makes intervals of other widths: the standard error, or what stands in its place
                "the ends of two intervals are taken from each other, or half of each sample is drawn. That is too "
                "wide: draw both whole, and take the difference each time.": s1 + s2,
                "this is where single values lie, not means.": math.hypot(first.std(), second.std()),
                "only the first sample is drawn again. Both are uncertain.": s1,
                "only the second sample is drawn again. Both are uncertain.": s2,
                "this is about a 90 % interval. For 95 %, 2.5 % lie beyond each end.": se * 1.645 / z,
                "this is one standard error to each side. For 95 % take the 2.5 % and the 97.5 % quantile.": se / z,
                "this is a 99 % interval. For 95 %, 2.5 % lie beyond each end.": se * 2.576 / z,
                "these are the quartiles. Take the 2.5 % and the 97.5 % quantile.": se * 0.6745 / z,
            }
            if n == m:
                errors["both samples are drawn with the same indices, as if they were pairs. Sample 7 of one model has "
                       "nothing to do with sample 7 of the other: draw both apart."] = (first - second).std() / n**0.5
            else:
                errors["both samples are drawn as often as the first has values. Draw each as often as it has values "
                       "itself."] = math.hypot(s1, second.std() / n**0.5)
                errors["both samples are drawn as often as the second has values. Draw each as often as it has values "
                       "itself."] = math.hypot(first.std() / m**0.5, s2)
            words = min(errors, key=lambda words: abs(width / (2 * z * errors[words]) - 1))
            require(abs(width / (2 * z * errors[words]) - 1) > 0.1, f"{here}{words}")
            raise NotYet(f"{here}the interval is {width / (2 * z * se):.3g} times as wide as it should be, from "
                         f"{low:.4g} to {high:.4g}.")
        outside = low > 0 or high < 0
        require(shows == outside, f"{here}the interval is {low:.4g} to {high:.4g}, and you say that it "
                f"{'shows' if shows else 'does not show'} a difference. It does if 0 lies outside.")
        require(ask_once(1) == (low, high, shows), f"{here}the same seed gave another interval. Draw from rng.")
        require(others[0][:2] != (low, high), f"{here}two seeds gave the same interval. Draw again with replacement, "
                "from the rng that is given.")
        if n != m:  # the skew samples: each end by itself
            dice, drawn = torch.Generator().manual_seed(9), []
            for _ in range(20):
                means = [part[torch.randint(len(part), (2000, len(part)), generator=dice)].mean(1)
                         for part in (first, second)]
                drawn.append(means[0] - means[1])
            drawn = torch.cat(drawn)
            ends, mine = drawn.quantile(torch.tensor([0.025, 0.975]).double()), torch.stack([lows.mean(), highs.mean()])
            off = (mine - ends).abs() > 0.12 * se  # the mean of eight tries scatters by 0.02
            turned = (mine - (2 * gap - ends.flip(0))).abs() < 0.12 * se
            require(not off.any() or not turned.all(), f"{here}the interval is turned round, 2 s - q. Here take the "
                    "quantiles as they are.")
            for end, wrong, which, share in zip(mine, off, ("low", "high"), (0.025, 0.975), strict=True):
                require(not wrong, f"{here}your {which} end is the {(drawn < end).double().mean():.1%} quantile of "
                        f"such differences. Take the {share:.1%} quantile of those that you drew.")
    right("An interval that has 0 in it does not say that two models are equally good. It says that these samples "
          "cannot tell.")


@check
def extrapolate(answer) -> None:
    """Exercise 5: a straight line in 1/n, followed to infinitely many samples."""
    for sizes, distances in (([1000, 5000, 500, 2000], [6.1, 3.62, 9.0, 4.4]), ([250, 10_000], [33.0, 13.5]),
                             ([2000, 1000, 4000], [7.0, 9.0, 6.0]), ([500, 1000, 2000], [2.0, 0.9, 0.3])):
        value = number(ask(answer, list(sizes), list(distances)), "one number")
        n, y, here = np.array(sizes, float), np.array(distances), f"for {sizes} samples and distances {distances} "
        slope, wanted = np.polyfit(1 / n, y, 1)

        def says(other, value=value) -> bool:
            return near(value, other, 1e-5)

        if near(value, wanted, 1e-4):
            continue
        require(math.isfinite(value), f"{here}you get {value}.")
        low, high = n.argmin(), n.argmax()
        ends = (y[high] - y[low]) / (1 / n[high] - 1 / n[low])
        last, before = np.argsort(n)[-1], np.argsort(n)[-2]
        steep = (y[last] - y[before]) / (1 / n[last] - 1 / n[before])
        x = 1 / n
        name((
            (slope, "this is the slope. At 1/n = 0 the line is at its other number, the intercept."),
            *((0, "the line ends below 0 here. Return that, uncut: it says how sure the line is.")
              for _ in range(int(wanted < 0))),
            (y[high], "this is the distance at the largest n. It still has a bias."),
            (y[-1], "this is the last distance."),
            (y.mean(), "this is the mean of the distances."),
            (np.polyfit(n, y, 1)[1], "your line is in n, and this is where it meets n = 0. Take 1/n."),
            (np.polyfit(n, y, 1)[0], "this is the slope of a line in n. Take 1/n, and the intercept."),
            (np.polyfit(np.log(n), y, 1)[1], "your line is in log n. Take 1/n."),
            (np.polyfit(n**-0.5, y, 1)[1], "your line is in 1/√n. The bias falls as 1/n."),
            (np.polyfit(n**-2, y, 1)[1], "your line is in 1/n². The bias falls as 1/n."),
            (np.polyfit(y, x, 1)[1], "x and y of the fit are swapped."),
            (-np.polyfit(y, x, 1)[1] / np.polyfit(y, x, 1)[0], "x and y of the fit are swapped."),
            (wanted + slope, "this is the line at 1/n = 1. Infinitely many samples are 1/n = 0."),
            (wanted + slope / 10_000, "this is the line at n = 10,000. Infinitely many samples are 1/n = 0."),
            (wanted + slope / 50_000, "this is the line at n = 50,000. Infinitely many samples are 1/n = 0."),
            (wanted + slope / 1e6, "this is the line at a million samples. Take 1/n = 0 itself."),
            (y[high] - ends / n[high], "this is the line through the least and the largest n. Let all points count: "
             "least squares."),
            (y[last] - steep / n[last], "this is the line through the two largest n. Let all points count: least "
             "squares."),
            (np.polyfit(x[-2:], y[-2:], 1)[1], "this is the line through the last two points. Let all points count: "
             "least squares."),
            ((x * y).sum() / (x * x).sum(), "your line goes through 0. Leave its height free: that is what is asked."),
            *((np.polyfit(x, y, power)[power], "this is a curve through the points. Take a straight line.")
              for power in (2, 3) if power < len(n)),
            (np.polyfit(x, y, 1, w=n)[1], "your fit weighs the points. All count the same here."),
            (np.polyfit(x, y, 1, w=n**0.5)[1], "your fit weighs the points. All count the same here."),
            (wanted**2, "this is squared."),
            (-wanted, "the sign is turned."),
        ), says, here)
        close = near(value, wanted, 0.02)
        raise NotYet(f"{here}it is {wanted:.4f}, yours {value:.5g}." + close * " Close: is something rounded?")
    right("What is left at 1/n = 0 is a difference of the two distributions. The rest belonged to the size of the "
          "sample.")


@check
def digit_mix(answer) -> None:
    """Exercise 6: total variation, and what it cannot go below."""
    rng, what = torch.Generator().manual_seed(17), "the pair (distance, least)"
    real = torch.multinomial(torch.arange(1.0, 11), 600, replacement=True, generator=rng)
    no_nine = torch.multinomial(torch.tensor([3.0, 1, 1, 1, 1, 1, 1, 1, 1, 0]), 400, replacement=True, generator=rng)
    no_nine[no_nine == 7] = 0
    no_nine[0] = 7  # one in 400: rare, and not missing
    one = torch.full((50,), 4)
    for kind, r, f in (("fakes that lack the 9", real, no_nine), ("fakes that are all 4", real, one),
                       ("fakes with all digits", no_nine, real), ("the same digits", real, real.flip(0))):
        given = r.clone(), f.clone()
        found = parts(unaided((metrics.digits.total_variation,), answer, *given), 2, what)
        distance, least = (number(part, what) for part in found)
        p, q = (torch.bincount(part, minlength=10).double() / len(part) for part in (r, f))
        gap, lacks, here = p - q, p[q == 0].sum(), f"for {kind} "

        def says(other, distance=distance) -> bool:
            return near(distance, other, 1e-6)

        if not says(gap.abs().sum() / 2):
            name((
                (gap.abs().sum(), "the distance is twice what it should be: take half of the sum."),
                (gap.abs().mean(), "the distance is a mean over the digits. Take half of the sum."),
                (gap.abs().mean() / 2, "the distance is half of a mean over the digits. Take half of the sum."),
                (gap.abs().max(), "this is the largest gap of one digit. All count: half of the sum."),
                (gap.sum() / 2, "the gaps cancel. Take absolute values."),
                (gap.sum(), "the gaps cancel. Take absolute values."),
                (gap.square().sum() / 2, "the gaps are squared. Take absolute values."),
                (gap.square().sum(), "the gaps are squared. Take absolute values, and half of the sum."),
                (gap.square().sum().sqrt(), "this is the length of the gaps. Take half of the sum of absolute values."),
                (1 - gap.abs().sum() / 2, "this is what both have in common. The distance is 1 minus that."),
                ((torch.bincount(r, minlength=10) - torch.bincount(f, minlength=10)).abs().sum() / 2, "you compare "
                 "counts. Divide each by its number of samples first."),
                ((torch.bincount(r, minlength=10) - torch.bincount(f, minlength=10)).abs().sum() / 2 / len(r), "you "
                 "compare counts of samples that are not the same size. Divide each by its own."),
                ((p - 0.1).abs().sum() / 2, "you compare the real digits with equal shares."),
                ((q - 0.1).abs().sum() / 2, "you compare the fakes with equal shares. Real digits do not come equally "
                 "often."),
                (50 * gap.abs().sum(), "this is in percent. Return shares of 1."),
                ((q > 0).double().mean(), "this is the share of digits that the fakes show."),
                ((r.double().mean() - f.double().mean()).abs(), "digits are names, not sizes: their mean says "
                 "nothing."),
                (lacks, "this is the least. The distance comes first."),
            ), says, here)
            raise NotYet(f"{here}the distance is {gap.abs().sum() / 2:.5f}, yours {distance:.6g}.")
        here = f"the distance is right. The least {here}"

        def is_it(other, least=least) -> bool:
            return near(least, other, 1e-6)

        if not is_it(lacks):
            name((
                (lacks / 2, "is half of it. What the missing digits lack, others have too much: both halves count."),
                (2 * lacks, "is twice of it. The sum is, and it is halved."),
                ((q == 0).double().sum() / 10, "takes a tenth for each missing digit. Real digits do not come equally "
                 "often."),
                ((q == 0).double().sum() / 20, "takes a twentieth for each missing digit. Look at their shares among "
                 "the real ones."),
                ((q == 0).double().sum(), "is the number of missing digits. What share of the real ones do they have?"),
                (gap.abs().sum() / 2, "is the distance itself. The best mix of the digits it does make comes nearer."),
                (1 - lacks, "is the share of the digits that it does make."),
                (p[q == 0].max() if (q == 0).any() else torch.tensor(0.0), "counts one missing digit. All do."),
                (p.min(), "is the share of the rarest digit. Which are missing?"),
                (0, "is 0, and it is not: a digit that never comes costs its whole share."),
                (lacks * len(r), "is a count. Return a share."),
                (100 * lacks, "is in percent. Return a share of 1."),
                (q[p == 0].sum(), "looks for digits that are missing among the real ones."),
                (p[q < 0.01].sum(), "takes a rare digit for a missing one. Missing is a share of 0."),
            ), is_it, here)
            raise NotYet(f"{here}is {lacks:.5f}, yours {least:.6g}.")
    right("A generator that never makes a 1 stays at 0.11 or above, however well the other nine are mixed.")
