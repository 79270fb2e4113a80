"""Exercise 4: into standard units and back."""

import numpy as np
import torch
from torch import nn

from tests.exercises.bank_gaussian import right, wrong

NAME = "standard_units"


@right(NAME)
def two_functions(sample):
    mean = torch.mean(sample)
    std = torch.sqrt(torch.mean((sample - mean) ** 2))

    def there(x):
        return (x - mean) / std

    def back(z):
        return std * z + mean

    return [there, back]


@right(NAME)
def with_numpy(sample):
    x = sample.numpy()
    return lambda new: (np.asarray(new) - x.mean()) / x.std(), lambda z: np.asarray(z) * x.std() + np.mean(x)


@right(NAME)
def plain_numbers(sample):
    mean, std = sample.mean().item(), sample.var(correction=0).item() ** 0.5
    return lambda x: x.sub_(mean).div_(std), lambda z: z.mul_(std).add_(mean)  # in place


@right(NAME)
def float32(sample):
    sample = sample.float()
    mean, std = sample.mean(), sample.std(correction=0)
    return lambda x: (x.float() - mean) / std, lambda z: z.float() * std + mean


@right(NAME)
def with_a_gradient(sample):
    mean, std = sample.mean(0, keepdim=True).requires_grad_(), sample.std(0, correction=0, keepdim=True)
    return lambda x: (x - mean) / (std + 1e-8), lambda z: mean + std * z


@right(NAME)
def python_lists(sample):
    numbers = sample.flatten().tolist()
    mean = sum(numbers) / len(numbers)
    std = (sum((x - mean) ** 2 for x in numbers) / len(numbers)) ** 0.5
    return lambda x: [[(v - mean) / std] for (v,) in x.tolist()], lambda z: [[v * std + mean] for (v,) in z.tolist()]


class Units(nn.Module):
    def __init__(self, sample):
        super().__init__()
        self.mean, self.std = sample.mean(), sample.std(correction=0)

    def forward(self, x):
        return (x - self.mean) / self.std

    def back(self, z):
        return z * self.std + self.mean


@right(NAME)
def a_module_and_its_method(sample):
    units = Units(sample)
    return units, units.back


@right(NAME)
def layers_with_weights_set(sample):
    there, back = nn.Linear(1, 1).double(), nn.Linear(1, 1).double()
    mean, std = sample.mean(), sample.std(correction=0)
    nn.init.constant_(there.weight, 1 / std)
    nn.init.constant_(there.bias, -mean / std)
    nn.init.constant_(back.weight, std)
    nn.init.constant_(back.bias, mean)
    return there, back


def with_these(there=None, back=None):
    """An answer with one of its functions as given here, of the numbers, the sample, its mean and its std."""

    def answer(sample):
        mean, std = sample.mean(), sample.std(correction=0)

        def forth(x):
            return there(x, sample, mean, std) if there else (x - mean) / std

        def home(z):
            return back(z, sample, mean, std) if back else mean + std * z

        return forth, home

    return answer


FIRST, OWN = "the first function, given the sample: ", "it takes the mean or std of what comes in"
SHAPE = "shape (50, 1) stays that shape"
INTO = {  # what the first function returns: what the check has to say
    lambda x, a, m, s: x: f"{FIRST}nothing has changed",
    lambda x, a, m, s: x - m: "the spread is still that of the sample",
    lambda x, a, m, s: x / s: "the mean is not 0. Take it away before you divide",
    lambda x, a, m, s: x / s - m: "you divide first, then take the mean away",
    lambda x, a, m, s: x - m / s: "brackets are missing",
    lambda x, a, m, s: (x - m) / a.var(correction=0): "you divide by the variance. Divide by its square root",
    lambda x, a, m, s: (x - m) / a.std(): "you divide by n - 1 in the standard deviation",
    lambda x, a, m, s: (x - m) * s: "you multiply by the standard deviation. Divide",
    lambda x, a, m, s: (x + m) / s: "you add the mean. Take it away",
    lambda x, a, m, s: (m - x) / s: "the sign is turned",
    lambda x, a, m, s: (x - 400) / 1.25: "you take 400 and 1.25",
    lambda x, a, m, s: (x - 4) / 1.25: "you take 4 and 1.25",
    lambda x, a, m, s: (x - a.median()) / s: "you take the median away",
    lambda x, a, m, s: (x - a.min()) / (a.max() - a.min()): "you squeeze the sample between 0 and 1",
    lambda x, a, m, s: 2 * (x - a.min()) / (a.max() - a.min()) - 1: "between -1 and 1",
    lambda x, a, m, s: (x - m) / (a.max() - a.min()): "you divide by the width of the sample",
    lambda x, a, m, s: x / m: "you divide by the mean. Take it away",
    lambda x, a, m, s: (x - m) / m: "you divide by the mean. Divide by the standard deviation",
    lambda x, a, m, s: m + s * x: "the two functions are the wrong way round",
    lambda x, a, m, s: (x - m).tanh(): f"{FIRST}401",
    lambda x, a, m, s: ((x - m) / s).sort(0).values: "should become",
    lambda x, a, m, s: (x - m) / (a - m).abs().mean(): "should become",
    lambda x, a, m, s: (x - m) / 0: "should become",
    lambda x, a, m, s: (x - m).mean() / s: f"{SHAPE}. Yours becomes ()",
    lambda x, a, m, s: ((x - m) / s).flatten(): f"{SHAPE}. Yours becomes (50,)",
    lambda x, a, m, s: ((x - m) / s)[:3]: SHAPE,
    lambda x, a, m, s: (x - x.mean()) / x.std(correction=0): f"given new numbers: {OWN}",
    lambda x, a, m, s: (x - x.mean()) / s: OWN,
    lambda x, a, m, s: (x - m) / x.std(correction=0): OWN,
    lambda x, a, m, s: (a - m) / s: "given new numbers: shape (3, 1) stays that shape. Yours becomes (50, 1)",
    lambda x, a, m, s: ((x - m) / s).clamp(-3, 3): "given new numbers: 396.000 should become -3.",
    lambda x, a, m, s: (x - m, s): "return a tensor, not (tensor",
    lambda x, a, m, s: x.minus(m) / s: "Your first function stopped with AttributeError",
    lambda x, a, m, s: None: "Your first function gave back None",
}
for function, says in INTO.items():
    wrong(NAME, says)(with_these(there=function))

BACK = {  # what the second function returns: what the check has to say
    lambda z, a, m, s: z: "in standard units: nothing has changed",
    lambda z, a, m, s: (z - m) / s: "both functions go into standard units",
    lambda z, a, m, s: (z + m) * s: "stretch first, then shift",
    lambda z, a, m, s: (z + m) / s: "You shift, then divide",
    lambda z, a, m, s: z * s: "the mean is missing",
    lambda z, a, m, s: z + m: "stretch by the standard deviation before you shift",
    lambda z, a, m, s: z * s - m: "add the mean, do not take it away",
    lambda z, a, m, s: m - s * z: "the sign is turned",
    lambda z, a, m, s: m + z / s: "you divide by the standard deviation. Multiply",
    lambda z, a, m, s: m + s**2 * z: "you multiply by the variance",
    lambda z, a, m, s: m + a.std() * z: "you divide by n - 1 in the standard deviation",
    lambda z, a, m, s: s + m * z: "mean and standard deviation are swapped",
    lambda z, a, m, s: 400 + 1.25 * z: "you take 400 and 1.25",
    lambda z, a, m, s: z.mean() + z.std(correction=0) * z: OWN,
    lambda z, a, m, s: z * s + m + 1: "0.000 should become 400",
    lambda z, a, m, s: z * torch.nan: "Yours: nan and nan",
    lambda z, a, m, s: a: "shape (3, 1) stays that shape. Yours becomes (50, 1)",
    lambda z, a, m, s: m: "shape (3, 1) stays that shape. Yours becomes ()",
    lambda z, a, m, s: m.plus(s * z): "Your second function stopped with AttributeError",
    lambda z, a, m, s: None: "Your second function gave back None",
}
for function, says in BACK.items():
    wrong(NAME, says)(with_these(back=function))

PAIR, CALLED = "return two functions: into standard units, and back", "return the two functions themselves"
RESULTS = {  # what the answer returns: what the check has to say
    lambda a: with_these()(a)[::-1]: "the two functions are the wrong way round",
    lambda a: with_these()(a)[0]: PAIR,
    lambda a: (a - a.mean()) / a.std(): PAIR,
    lambda a: dict(zip("tb", with_these()(a), strict=True)): PAIR,
    lambda a: (*with_these()(a), a): PAIR,
    lambda a: (a.mean(), a.std(correction=0)): CALLED,
    lambda a: ((a - a.mean()) / a.std(correction=0), a): CALLED,
    lambda a: (with_these()(a)[0], a.mean()): CALLED,
    lambda a: (lambda: a, lambda z: z): "Your first function stopped with TypeError",
    lambda a: (torch.Tensor, with_these()(a)[1]): "nothing has changed",
    lambda a: ((a - a.mean()) / a.stdev(), a): "stopped with AttributeError",
}
for answer, says in RESULTS.items():
    wrong(NAME, says)(answer)
