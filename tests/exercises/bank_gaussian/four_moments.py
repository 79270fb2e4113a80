"""Exercise 1: the four moments of a batch."""

import math
import statistics

import numpy as np
import torch
from scipy import stats

from tests.exercises.bank_gaussian import right, wrong

NAME = "moments"


@right(NAME)
def with_scipy(batch):
    x = batch.numpy().ravel()
    return x.mean(), x.std(), stats.skew(x), stats.kurtosis(x)


@right(NAME)
def standard_scores(batch):
    z = (batch - batch.mean()) / batch.std(correction=0)
    return torch.tensor([batch.mean(), batch.std(correction=0), z.pow(3).mean(), z.pow(4).mean() - 3])


@right(NAME)
def python_loop(batch):
    x = [float(number) for number in batch]
    mean, std = statistics.fmean(x), statistics.pstdev(x)
    return [mean, std, *(sum((v - mean) ** k for v in x) / len(x) / std**k - 3 * (k == 4) for k in (3, 4))]


@right(NAME)
def float32_with_a_gradient(batch):
    x = batch.float().requires_grad_()
    d = x - x.mean(0)
    std = d.square().mean(0).sqrt()
    return torch.cat([x.mean(0), std, (d**3).mean(0) / std**3, (d**4).mean(0) / std**4 - 3])


@right(NAME)
def in_place(batch):
    mean = batch.mean().item()
    batch -= mean
    std = torch.std(batch, correction=0).item()
    batch /= std
    return [torch.tensor(mean), torch.tensor(std), (batch**3).mean(), (batch**4).mean() - 3]


@right(NAME)
def from_raw_moments(batch):
    m1, m2, m3, m4 = (float((batch**k).mean()) for k in (1, 2, 3, 4))
    v = m2 - m1**2
    return np.array([m1, v**0.5, (m3 - 3 * m1 * v - m1**3) / v**1.5, (m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4)
                     / v**2 - 3], dtype=np.float32)  # fmt: skip


@right(NAME)
def four_variables_of_one_number(batch):
    z = stats.zscore(batch)
    return torch.cat([batch.mean(0), batch.std(0, correction=0), torch.tensor((z**3).mean(0)), torch.tensor(
        (z**4).mean(0) - 3)])  # fmt: skip


def with_these(**other):
    """An answer that is right but for the moments given here, as functions of the batch and of its deviations."""

    def answer(x):
        d, mean, std = x - x.mean(), x.mean(), x.std(correction=0)
        four = {"mean": mean, "std": std, "skew": (d**3).mean() / std**3, "kurt": (d**4).mean() / std**4 - 3}
        four |= {name: torch.as_tensor(value(x, d, std)) for name, value in other.items()}
        return torch.stack(list(four.values()))

    return answer


def order(*positions):
    return lambda batch: with_these()(batch)[list(positions)]


N_1, SHAPE = "you divide by n - 1", "return four numbers, shape (4,); yours has shape"
PLAIN = "is corrected for the size of the batch"
FOURS = {  # what the answer returns: what the check has to say
    order(1, 0, 2, 3): "the first is the standard deviation. The mean comes first",
    with_these(mean=lambda x, d, s: x.median()): "the first is the median",
    with_these(mean=lambda x, d, s: x.sum()): "the first is the sum",
    with_these(mean=lambda x, d, s: x.sum() / (len(x) - 1)): "the first should be the mean, 1.",
    with_these(std=lambda x, d, s: s**2): "the second is the variance. Take its square root",
    with_these(std=lambda x, d, s: x.std()): "the second divides by n - 1 = 39. Divide by n: std(correction=0)",
    with_these(std=lambda x, d, s: x.var()): "the second is the variance, divided by n - 1",
    with_these(std=lambda x, d, s: x.square().mean().sqrt()): "the second squares x. Take the mean away first",
    with_these(std=lambda x, d, s: d.square().sum().sqrt()): "the second is the root of the sum",
    with_these(std=lambda x, d, s: d.abs().mean()): "the second is the mean distance from the mean",
    with_these(std=lambda x, d, s: d.mean().abs().sqrt()): "the second should be the standard deviation, 1.",
    with_these(skew=lambda x, d, s: (d**3).mean()): "the third is not divided by std³",
    with_these(skew=lambda x, d, s: (d**3).mean() / s): "the third is divided by std. Divide by std³",
    with_these(skew=lambda x, d, s: (d**3).mean() / s**2): "the third is divided by std². Divide by std³",
    with_these(skew=lambda x, d, s: (d**3).mean() / s**6): "the third is divided by the variance³",
    with_these(skew=lambda x, d, s: (d**3).mean() / x.std() ** 3): "the third is divided by a std with n - 1",
    with_these(skew=lambda x, d, s: (x**3).mean() / s**3): "the third cubes x. Take the mean away first",
    with_these(skew=lambda x, d, s: (x**3).mean()): "the third cubes x. Take the mean away first, and divide",
    with_these(skew=lambda x, d, s: (d.abs() ** 3).mean() / s**3): "the third loses the sign",
    with_these(skew=lambda x, d, s: -(d**3).mean() / s**3): "the third has the wrong sign",
    with_these(skew=lambda x, d, s: ((d**3).mean() / s**3).abs()): "the third has the wrong sign",
    with_these(skew=lambda x, d, s: (d**3).sum() / s**3): "the third is a sum",
    with_these(skew=lambda x, d, s: d.mean() ** 3 / s**3): "does it take the mean of d before it cubes?",
    with_these(skew=lambda x, d, s: (d**2).mean() / s**2): "the third is 1: the mean square",
    with_these(skew=lambda x, d, s: stats.skew(x.ravel(), bias=False)): f"the third {PLAIN}",
    with_these(skew=lambda x, d, s: 3 * (x.mean() - np.median(x)) / s): "the third compares mean and median",
    with_these(skew=lambda x, d, s: (x.mean() - x.median()) / s): "the third should be the skewness",
    order(0, 1, 3, 2): "the third is the kurtosis. Skewness comes first",
    with_these(kurt=lambda x, d, s: (d**4).mean() / s**4): "the fourth is the plain kurtosis. Take 3 away",
    with_these(kurt=lambda x, d, s: stats.kurtosis(x.ravel()) - 3): "the fourth takes 3 away twice",
    with_these(kurt=lambda x, d, s: (d**4).mean()): "the fourth is not divided by std⁴, and 3",
    with_these(kurt=lambda x, d, s: (d**4).mean() - 3): "the fourth is not divided by std⁴.",
    with_these(kurt=lambda x, d, s: ((d**4).mean() - 3) / s**4): "takes 3 away too early",
    with_these(kurt=lambda x, d, s: (d**4).mean() / s**2 - 3): "the fourth is divided by std². Divide by std⁴",
    with_these(kurt=lambda x, d, s: (d**4).mean() / s**3 - 3): "the fourth is divided by std³",
    with_these(kurt=lambda x, d, s: (d**4).mean() / s**8 - 3): "the fourth is divided by the variance⁴",
    with_these(kurt=lambda x, d, s: (d**4).mean() / x.std() ** 4 - 3): "the fourth is divided by a std with n - 1",
    with_these(kurt=lambda x, d, s: (x**4).mean() / s**4 - 3): "the fourth takes x to the fourth power",
    with_these(kurt=lambda x, d, s: (d**4).sum() / s**4 - 3): "the fourth is a sum",
    with_these(kurt=lambda x, d, s: (d.mean() / s) ** 4 - 3): "does it take the mean of d before the fourth power?",
    with_these(kurt=lambda x, d, s: (d**3).mean() / s**3): "the fourth is the skewness again",
    with_these(kurt=lambda x, d, s: stats.kurtosis(x.ravel(), bias=False)): f"the fourth {PLAIN}",
    with_these(kurt=lambda x, d, s: (d**4).mean() / s**4 - 2): "the fourth should be the kurtosis minus 3",
    lambda x: torch.cat([x.mean(0), x.std(0), ((x - x.mean()) ** 3).mean(0), ((x - x.mean()) ** 4).mean(0)]): "divides",
    lambda x: torch.cat([x.mean(1), x.std(1, correction=0), x.mean(1), x.mean(1)]): f"{SHAPE} (160,)",
    lambda x: with_these()(x).unsqueeze(0): f"{SHAPE} (1, 4)",
    lambda x: with_these()(x)[:2]: f"{SHAPE} (2,)",
    lambda x: x.mean(): f"{SHAPE} ().",
    lambda x: ((x - x.mean()) / x.std(correction=0)) ** 4: f"{SHAPE} (40, 1)",
    lambda x: {"mean": x.mean(), "std": x.std()}: "return a tensor of four numbers, not {",
    lambda x: with_these(skew=lambda x, d, s: (d**1.5).mean())(x): "not all four are finite",
    lambda x: torch.stack([x.mean(), x.std(), math.sqrt(2)]): "stopped with TypeError",
}  # fmt: skip
for numbers, says in FOURS.items():
    wrong(NAME, says)(numbers)
