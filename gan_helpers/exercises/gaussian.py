"""Checks of chapter 3, in the order of its exercises. Each takes the learner's function."""

import math

import numpy as np
import torch
from scipy import stats
from torch import nn

from gan_helpers.exercises import NotYet, as_tensor, ask, check, require, right


def _name(mistakes, says, here: str = "") -> None:
    """NotYet with the words of the first mistake (result, words) whose result `says` finds in the answer."""
    for result, words in mistakes:
        require(not says(result), f"{here}{words}")


def _called(function, name: str):
    """A learner's function under another name: two lambdas have the same."""
    def call(x):
        return function(x)

    call.__name__ = name
    return call


@check
def moments(answer) -> None:
    """Exercise 1: mean, standard deviation, skewness and excess kurtosis."""
    rng = np.random.default_rng(5)
    for name, x in (("lopsided numbers", rng.exponential(2.0, 40)), ("a bell curve", rng.normal(4, 1.25, 50)),
                    ("two peaks", np.r_[rng.normal(-3, 0.5, 15), rng.normal(2, 0.4, 15)]),
                    ("numbers that lean to the other side", 3 - rng.exponential(2.0, 40))):
        values = as_tensor(ask(answer, torch.from_numpy(x.copy()).unsqueeze(1)), "a tensor of four numbers")
        require(values.shape == (4,), f"return four numbers, shape (4,); yours has shape {tuple(values.shape)}.")
        mine = [round(value, 3) for value in values.tolist()]
        require(torch.isfinite(values).all(), f"for {name} not all four are finite: {mine}.")
        mean, std, n = x.mean(), x.std(), len(x)
        d, skewness, kurtosis = x - mean, stats.skew(x), stats.kurtosis(x)
        third, fourth, less = (d**3).mean(), (d**4).mean(), x.std(ddof=1)
        four = (
            ("first", "the mean", mean, (
                (std, "is the standard deviation. The mean comes first."),
                (np.median(x), "is the median. Take the mean."),
                (np.sort(x)[(n - 1) // 2], "is the median. Take the mean."),
                (x.sum(), "is the sum. Take the mean."),
            )),
            ("second", "the standard deviation", std, (
                (std**2, "is the variance. Take its square root."),
                (less, f"divides by n - 1 = {n - 1}. Divide by n: std(correction=0)."),
                (less**2, "is the variance, divided by n - 1. Take the square root, and divide by n."),
                (np.sqrt((x**2).mean()), "squares x. Take the mean away first."),
                (np.sqrt((d**2).sum()), "is the root of the sum of squares. Take the root of their mean."),
                (np.abs(d).mean(), "is the mean distance from the mean. Square, take the mean, then the root."),
            )),
            ("third", "the skewness", skewness, (
                (kurtosis, "is the kurtosis. Skewness comes first."),
                (third, "is not divided by std³."),
                (third / std, "is divided by std. Divide by std³: a skewness has no unit."),
                (third / std**2, "is divided by std². Divide by std³: a skewness has no unit."),
                (third / std**6, "is divided by the variance³. Divide by std³."),
                (third / less**3, "is divided by a std with n - 1 in it. Divide by n."),
                ((x**3).mean() / std**3, "cubes x. Take the mean away first."),
                ((x**3).mean(), "cubes x. Take the mean away first, and divide by std³."),
                ((np.abs(d) ** 3).mean() / std**3, "loses the sign."),
                (-skewness, "has the wrong sign: take the mean from x, not x from the mean, and keep the sign."),
                ((d**3).sum() / std**3, "is a sum. Take the mean of the cubes."),
                (0, "is 0: does it take the mean of d before it cubes? Deviations cancel."),
                (1, "is 1: the mean square divided by the variance. Cube the deviations."),
                (stats.skew(x, bias=False), "is corrected for the size of the batch. Plain means, please."),
                (3 * (mean - np.median(x)) / std, "compares mean and median. Take the mean of cubes."),
            )),
            ("fourth", "the kurtosis minus 3", kurtosis, (
                (kurtosis + 3, "is the plain kurtosis. Take 3 away."),
                (kurtosis - 3, "takes 3 away twice."),
                (fourth, "is not divided by std⁴, and 3 is to be taken away then."),
                (fourth - 3, "is not divided by std⁴."),
                ((fourth - 3) / std**4, "takes 3 away too early. Divide by std⁴ first."),
                (fourth / std**2 - 3, "is divided by std². Divide by std⁴."),
                (fourth / std**3 - 3, "is divided by std³. Divide by std⁴."),
                (fourth / std**8 - 3, "is divided by the variance⁴. Divide by std⁴."),
                (fourth / less**4 - 3, "is divided by a std with n - 1 in it. Divide by n."),
                ((x**4).mean() / std**4 - 3, "takes x to the fourth power. Take the mean away first."),
                ((d**4).sum() / std**4 - 3, "is a sum. Take the mean."),
                (-3, "is -3: does it take the mean of d before the fourth power? Deviations cancel."),
                (skewness, "is the skewness again."),
                (stats.kurtosis(x, bias=False), "is corrected for the size of the batch. Plain means, please."),
            )),
        )
        for i, (which, what, wanted, mistakes) in enumerate(four):
            def says(other, values=values, i=i) -> bool:
                return abs(values[i].item() - other) < 1e-3

            if not says(wanted):
                _name(mistakes, says, f"for {name} the {which} ")
                raise NotYet(f"for {name} the {which} should be {what}, {wanted:.3f}; yours is {mine[i]}.")
    right("Lopsided, round or with two peaks: four numbers each. What else could a batch be that has the same four?")


@check
def perfect_generator(answer) -> None:
    """Exercise 2: G*(u) = mean + std * ndtri(u)."""
    u = ((torch.arange(2000, dtype=torch.float64) + 0.5) / 2000).unsqueeze(1)
    z, erfinv, tails = torch.special.ndtri(u), torch.erfinv, u.logit()
    for mean, std in ((4.0, 1.25), (0.0, 1.0), (-3.0, 0.2)):
        values = as_tensor(ask(answer, u.clone(), mean, std), "a tensor of shape (n, 1)")
        require(values.shape == u.shape, f"noise of shape {tuple(u.shape)} makes outputs of the same shape. Yours is "
                f"{tuple(values.shape)}.")
        here = f"for mean {mean:g} and std {std:g} "
        require(torch.isfinite(values).all(), f"{here}some outputs are not finite. Is ndtri given numbers outside "
                "0 to 1?")

        def says(other, values=values) -> bool:
            return torch.allclose(values, other, 1e-5, 1e-4)

        bell = torch.distributions.Normal(mean, std, validate_args=False)
        if says(mean + std * z):
            continue
        _name((
            (4 + 1.25 * z, "you make N(4, 1.25). Use the mean and std that the function is given."),
            (z, "you make N(0, 1). Stretch by std, then shift by mean."),
            (mean + z, "you make a bell of width 1. Stretch by std."),
            (std * z, "your bell is around 0. Shift by mean."),
            (mean + std**2 * z, "the spread is std². Multiply by std itself."),
            (mean + math.sqrt(std) * z, "the spread is the root of std. Multiply by std itself."),
            (mean + z / std, "you divide by std. Multiply: a wide bell stretches."),
            (std * (z + mean), "you shift, then stretch, and that moves the mean. Stretch first."),
            (std + mean * z, "mean and std are swapped."),
            ((z - mean) / std, "you go into standard units. Multiply by std, then add mean."),
            (mean - std * z, "the bell is right, but G falls: noise near 1 should give large numbers."),
            (mean + std * torch.special.ndtr(u), "ndtr goes from numbers to shares. You need the way back: ndtri."),
            (bell.cdf(u), "you say what share lies below u. You need the way back: ndtri."),
            (bell.log_prob(u).exp(), "you give the height of the bell at u. You need the number with the share u "
             "below it: ndtri."),
            (mean + std * erfinv(2 * u - 1), "the bell is too narrow: erfinv needs a factor √2."),
            (mean + std * math.sqrt(2) * erfinv(u), "you make half a bell. erfinv takes 2u - 1."),
            (mean + std * erfinv(u), "you make half a bell. Use ndtri, or √2 erfinv(2u - 1)."),
            (mean + std * u, "a straight line makes a box of width std, not a bell."),
            (mean + std * (u - 0.5), "a straight line makes a box of width std, not a bell."),
            (mean + std * (2 * u - 1), "a straight line makes a box, not a bell. Bend it: ndtri."),
            (mean + std * math.sqrt(12) * (u - 0.5), "mean and std are right, and it is a box. Bend it: ndtri."),
            (mean + std * tails, "logit belongs to another bell, with heavier tails."),
            (mean + std * math.sqrt(3) / math.pi * tails, "mean and std are right, but logit belongs to another bell, "
             "with heavier tails."),
        ), says, here)
        require(values.max() - values.min() > 1e-6, f"{here}every output is {values[0].item():.3g}. It has to depend "
                "on u.")
        require((values.diff(dim=0) >= 0).all(), f"{here}your G falls somewhere. More noise should give a larger "
                "number. Does it draw numbers of its own?")
        require(abs(values.mean() - mean) < 0.01, f"{here}the mean of your outputs is {values.mean():.3f}.")
        wanted = mean + std * z
        gap = (values - wanted).abs()
        k = 1800 if gap[1800] > 0.01 else gap.argmax()
        raise NotYet(f"{here}the mean is right, but for u = {u[k].item():.4g} the output should be "
                     f"{wanted[k].item():.3f}; yours is {values[k].item():.3f}.")
    right("A tenth of its outputs lie above G*(0.9), as it should be, for every bell curve.")


@check
def spikes(answer) -> None:
    """Exercise 3: at most five numbers with the four moments of N(0, 1)."""
    found = ask(answer)
    found = list(found) if isinstance(found, torch.Tensor | np.ndarray) and found.ndim else found
    require(isinstance(found, tuple | list) and len(found) == 2, "return two lists: the numbers and their "
            "probabilities.")
    x, p = (as_tensor(part, "two lists of numbers") for part in found)
    require(x.dim() == 1 and x.shape == p.shape, "return two flat lists of the same length. Yours have shape "
            f"{tuple(x.shape)} and {tuple(p.shape)}.")
    require(not any(torch.as_tensor(part).is_complex() for part in found), "some entries are complex numbers. Do you "
            "take the root of a negative number?")
    require(len(x), "the two lists are empty.")
    require(torch.isfinite(x).all() and torch.isfinite(p).all(), "every entry must be a finite number.")
    swapped = (p < 0).any() and (x >= 0).all() and abs(x.sum() - 1) < 1e-6
    require(not swapped, "the two lists are swapped: the numbers come first, then the probabilities.")
    require((p > -1e-9).all(), f"a probability is never below 0; one of yours is {p.min():.3g}.")
    x, p = x[p > 0], p[p > 0]
    count = len(x.unique())
    require(count <= 5, f"at most five different numbers, you have {count}.")
    total = p.sum()
    require(abs(total - 2) > 1e-6, "the probabilities sum to 2. Do the two of a mirrored pair share theirs? Halve it.")
    require(abs(total - 1) < 1e-6, f"the probabilities sum to {total:.4f}, not to 1.")
    mean, second, third, fourth = ((p * x**power).sum() for power in (1, 2, 3, 4))
    require(abs(mean) < 1e-4, f"the mean is {mean:.4f}, it should be 0. Mirrored pairs have it for free.")
    squares = abs(second - 3) < 1e-4 and abs((p * x.abs()).sum() - 1) < 1e-4
    require(not squares, "the mean of x² is 3. Are these the squares of your numbers? Take their roots.")
    require(abs(second - 1) < 1e-4, f"the mean of x² is {second:.4f}, it should be 1.")
    require(abs(third) < 1e-3, f"the skewness is {third:.4f}, it should be 0. Mirrored pairs have it for free.")
    require(abs(fourth - 3) < 1e-3, f"mean, spread and skewness are right. The mean of x⁴ is {fourth:.4f}, it should "
            f"be 3: the kurtosis is {fourth - 3:.4f}. Put {'more' if fourth < 3 else 'less'} far out.")
    old = torch.tensor([-math.sqrt(3), 0, math.sqrt(3)], dtype=torch.float64)
    away = (p * (x.unsqueeze(1) - old).abs().min(1).values).sum()  # a split, shifted or dusted copy is near too
    require(away > 0.01, "these are the three of equation (3.2), or a hair away from them. Find others: try two "
            "mirrored pairs, or a pair more.")
    right(f"{count} numbers with the four moments of a bell curve: on average, D is shown the same.")


@check
def standard_units(answer) -> None:
    """Exercise 4: into standard units and back."""
    x = 400 + 1.25 * torch.randn(50, 1, generator=torch.Generator().manual_seed(6), dtype=torch.float64)
    found = ask(answer, x.clone())
    require(isinstance(found, tuple | list) and len(found) == 2, "return two functions: into standard units, and back.")
    require(all(callable(part) for part in found), "return the two functions themselves, without calling them.")
    there, back = _called(found[0], "first function"), _called(found[1], "second function")
    mean, std, less = x.mean(), x.std(correction=0), x.std()
    new = torch.tensor([[396.0], [404.0], [401.0]], dtype=torch.float64)
    z = torch.tensor([[0.0], [1.0], [-2.0]], dtype=torch.float64)

    def compare(function, given, wanted, mistakes, here) -> None:
        values = as_tensor(ask(function, given.clone()), "a tensor")
        require(values.shape == given.shape, f"{here}shape {tuple(given.shape)} stays that shape. Yours becomes "
                f"{tuple(values.shape)}.")

        def says(other) -> bool:  # room for float32, where numbers near 400 are 0.00003 apart
            return torch.allclose(values, other.expand_as(values), 0, 5e-4)

        if not says(wanted):
            _name(mistakes, says, here)
            raise NotYet(f"{here}{given[0].item():.3f} should become {wanted[0].item():.3f} and {given[1].item():.3f} "
                         f"should become {wanted[1].item():.3f}. Yours: {values[0].item():.3f} and "
                         f"{values[1].item():.3f}.")

    low, wide = x.min(), x.max() - x.min()
    compare(there, x, (x - mean) / std, (
        (x, "nothing has changed."),
        (mean + std * x, "the two functions are the wrong way round."),
        (x - mean, "the spread is still that of the sample. Divide by the standard deviation."),
        (x / std, "the mean is not 0. Take it away before you divide."),
        (x / std - mean, "you divide first, then take the mean away. Turn it round."),
        (x - mean / std, "brackets are missing: (x - mean) / std."),
        ((x - mean) / std**2, "you divide by the variance. Divide by its square root."),
        ((x - mean) / less, "you divide by n - 1 in the standard deviation. Divide by n: std(correction=0)."),
        ((x - mean) * std, "you multiply by the standard deviation. Divide."),
        ((x + mean) / std, "you add the mean. Take it away."),
        ((mean - x) / std, "the sign is turned: x - mean, so that large stays large."),
        ((x - 400) / 1.25, "you take 400 and 1.25. Those are of the bell curve; take the mean and std of the sample."),
        ((x - 4) / 1.25, "you take 4 and 1.25. Take the mean and std of the sample."),
        ((x - x.median()) / std, "you take the median away. Take the mean."),
        ((x - low) / wide, "you squeeze the sample between 0 and 1. Use its mean and standard deviation."),
        (2 * (x - low) / wide - 1, "you squeeze the sample between -1 and 1. Use its mean and standard deviation."),
        ((x - mean) / wide, "you divide by the width of the sample. Divide by its standard deviation."),
        (x / mean, "you divide by the mean. Take it away, then divide by the standard deviation."),
        ((x - mean) / mean, "you divide by the mean. Divide by the standard deviation."),
    ), "the first function, given the sample: ")
    own = "it takes the mean or std of what comes in. Keep those of the first look."
    compare(there, new, (new - mean) / std, (
        ((new - new.mean()) / new.std(correction=0), own),
        ((new - new.mean()) / new.std(), own),
        ((new - new.mean()) / std, own),
        ((new - mean) / new.std(correction=0), own),
    ), "the first function, given new numbers: ")
    compare(back, z, mean + std * z, (
        (z, "nothing has changed."),
        ((z - mean) / std, "both functions go into standard units."),
        ((z + mean) * std, "stretch first, then shift."),
        ((z + mean) / std, "stretch by std, then shift by mean. You shift, then divide."),
        (std * z, "the mean is missing. Shift by it after stretching."),
        (mean + z, "stretch by the standard deviation before you shift."),
        (std * z - mean, "add the mean, do not take it away."),
        (mean - std * z, "the sign is turned: large should stay large."),
        (mean + z / std, "you divide by the standard deviation. Multiply."),
        (mean + std**2 * z, "you multiply by the variance. Multiply by its square root."),
        (mean + less * z, "you divide by n - 1 in the standard deviation. Divide by n: std(correction=0)."),
        (std + mean * z, "mean and standard deviation are swapped."),
        (400 + 1.25 * z, "you take 400 and 1.25. Take the mean and std of the sample."),
        (z.mean() + z.std(correction=0) * z, own),
        (z.mean() + z.std() * z, own),
    ), "the second function, given numbers in standard units: ")
    right("A mean of 4 or of 400: in standard units it is the same data, and the same recipe trains on it.")


@check
def normal_generator(answer) -> None:
    """Exercise 5: nn.Linear(1, 1) from N(0, 1) to N(4, 1.25)."""
    layer = ask(answer)
    require(not isinstance(layer, type), "return a layer, nn.Linear(1, 1), not the class.")
    require(isinstance(layer, nn.Linear), f"return an nn.Linear(1, 1), not {type(layer).__name__}.")
    require((layer.in_features, layer.out_features) == (1, 1), f"one input and one output: nn.Linear(1, 1), not "
            f"{layer}.")
    require(layer.bias is not None, "without a bias it cannot shift. Leave bias=True.")
    require(layer.weight.dtype == layer.bias.dtype == torch.float32, "keep weight and bias in float32, as the noise "
            f"is. Yours: {layer.weight.dtype} and {layer.bias.dtype}.")
    shapes = tuple(layer.weight.shape), tuple(layer.bias.shape)
    require(shapes[0] == (1, 1) and shapes[1] in ((1,), ()), "keep the shapes of weight and bias, (1, 1) and (1,). "
            f"Yours: {shapes[0]} and {shapes[1]}.")
    w, b = layer.weight.item(), layer.bias.item()
    here, size = f"your G is {w:.3g} z + {b:.3g}", abs(w)
    require(math.isfinite(w) and math.isfinite(b), f"{here}: not finite.")

    def says(pair) -> bool:
        return all(wanted is None or abs(value - wanted) < 1e-4 for value, wanted in zip((size, b), pair, strict=True))

    if not says((1.25, 4)):
        again = ask(answer)
        require(not isinstance(again, nn.Linear) or torch.equal(again.weight, layer.weight), f"{here}, and something "
                "else the next time: the weight is drawn at random. Set weight and bias yourself.")
        _name((
            ((4, 1.25), ": mean and standard deviation are swapped."),
            ((0.8, -3.2), ". That goes from N(4, 1.25) to N(0, 1). Turn it round."),
            ((0.8, 3.2), ". That goes from N(-4, 1.25) to N(0, 1). Turn it round, and mind the sign."),
            ((1.25**2, None), ". That is the variance, 1.5625. A length is stretched by its root."),
            ((math.sqrt(1.25), None), ". That is the root of 1.25, which is the standard deviation already."),
            ((0.8, None), ". The weight is 1 / 1.25. Stretch: a larger weight makes a wider bell."),
            ((0, None), ": the noise is lost, every output is the same."),
            ((1.25, 5), ". The mean is not stretched along: G stretches z, then adds the bias."),
            ((1.25, 3.2), ". You divide the mean by 1.25. G stretches z, then adds the bias as it is."),
            ((1.25, -4), ". The sign of the bias is turned."),
            ((1.25, 0), ": the bell is around 0. Set the bias too."),
            ((1, 4), ": the standard deviation is still 1. Set the weight."),
        ), says, here)
        require(abs(b - 4) < 1e-4, f"{here}: its outputs have mean {b:.4g}, not 4. Which of the two numbers shifts?")
        raise NotYet(f"{here}: its outputs have standard deviation {size:.4g}, not 1.25.")
    right(f"G(z) = {w:g} z + {b:g}, and nothing is left to learn.")


@check
def wasserstein(answer) -> None:
    """Exercise 6: the Wasserstein-1 distance of two samples."""
    rng = torch.Generator().manual_seed(4)
    draws = [torch.randn(200, generator=rng, dtype=torch.float64) for _ in range(2)]
    shifted = draws[0][torch.randperm(200, generator=rng)] + 3
    cases = (("two samples of one bell curve", *draws), ("a sample and the same, shifted by 3", draws[0], shifted),
             ("a narrow and a wide bell", draws[0][:120], 2.5 * draws[1][:120]))
    for name, a, b in cases:
        value = as_tensor(ask(answer, a.clone(), b.clone()), "one number")
        require(value.numel() == 1, f"return one number, not shape {tuple(value.shape)}.")
        value, expected, here = value.item(), stats.wasserstein_distance(a, b), f"for {name} "
        require(not math.isnan(value), f"{here}you get NaN.")

        def says(other, value=value) -> bool:
            return abs(value - float(other)) < 1e-5

        if says(expected):
            continue
        low, high = a.sort().values, b.sort().values
        gaps, every = low - high, (a.unsqueeze(1) - b).abs()
        _name((
            ((a - b).abs().mean(), "you pair the numbers as they come. Sort both first."),
            ((a - b).square().mean(), "you pair the numbers as they come. Sort both, and take absolute values."),
            ((a - b).square().mean().sqrt(), "you pair the numbers as they come. Sort both, and take absolute values."),
            ((low - b).abs().mean(), "only the first sample is sorted. Sort both."),
            ((a - high).abs().mean(), "only the second sample is sorted. Sort both."),
            ((a.argsort() - b.argsort()).abs().double().mean(), "you compare the positions that sort gives. Take its "
             "values."),
            ((low - high.flip(0)).abs().mean(), "you pair smallest with largest. Sort both the same way."),
            (every.mean(), "you compare every number with every other. Sort both and pair them."),
            (every.min(1).values.mean(), "you look for the nearest number, and one can be taken twice. Sort both and "
             "pair them."),
            (every.min(0).values.mean(), "you look for the nearest number, and one can be taken twice. Sort both and "
             "pair them."),
            (gaps.abs().sum(), "this is the sum. Take the mean."),
            (gaps.abs().max(), "this is the largest gap. Take the mean."),
            (gaps.abs().median(), "this is the median gap. Take the mean."),
            *((cancelled, "gaps up and down cancel. Take the absolute value of each gap, then the mean.")
              for total in (gaps.sum(), gaps.mean()) for cancelled in (total, -total)),
            (gaps.square().mean().sqrt(), "this squares the gaps: Wasserstein-2. Take their absolute values."),
            (gaps.square().mean(), "this squares the gaps. Take their absolute values."),
            (gaps.square().sum().sqrt(), "this is the length of the vector of gaps. Take the mean of absolute values."),
            (-expected, "the sign is turned. A distance is never negative."),
            (expected / 2, "this is half the distance."),
            (expected * 2, "this is twice the distance."),
            (gaps.abs().sum() / (len(a) - 1), "you divide by n - 1. There are n gaps."),
            (stats.ks_2samp(a, b).statistic, "this is the KS distance."),
            (stats.energy_distance(a, b), "this is the energy distance."),
            ((a.std() - b.std()).abs(), "this compares the standard deviations only."),
            ((a.median() - b.median()).abs(), "this compares the medians only."),
            (0, "you get 0. Is one sample compared with itself?"),
        ), says, here)
        near = bool(abs(value - expected) < 0.05 * expected)
        raise NotYet(f"{here}the distance is {expected:.5f}, yours {value:.5f}." + near * " Close: is there a grid, a "
                     "histogram or something left out? Sorting both is exact.")
    right("Shifted by 3, the distance is 3. No histogram, no bins, no taste.")
