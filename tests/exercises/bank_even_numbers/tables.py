"""Exercises 5 and 6: the exact table of a generator, and three numbers about a table."""

import torch
from scipy import stats

from gan_helpers.data import from_bits
from gan_helpers.noise import all_bits, random_bits
from tests.exercises.bank_even_numbers import right, wrong

TABLE, REPORT = "exact_table", "report"
THREE = "return three numbers: validity, coverage, entropy"


def numbers(generator):
    with torch.no_grad():
        return from_bits(generator(all_bits()) > 0.5)


def count(values):
    return torch.bincount(values, minlength=128)


@right(TABLE)
def one_by_one(generator):
    table = [0.0] * 128
    for noise in all_bits():
        bits = "".join("1" if output > 0.5 else "0" for output in generator(noise))
        table[int(bits, 2)] += 1 / 128
    return table


@right(TABLE)
def mean_of_one_hot(generator):
    return torch.nn.functional.one_hot(numbers(generator), 128).double().mean(0)


@right(TABLE)
def powers_of_two(generator):
    places = 2 ** torch.arange(6, -1, -1)
    values = (generator(all_bits()).round().long() * places).sum(1)
    return torch.stack([(values == k).float().mean() for k in range(128)])


def sample(generator, rng=None):
    noise = torch.randint(0, 2, (5000, 7), generator=rng).float()
    return count(from_bits(generator(noise) > 0.5)) / 5000


def coins(generator):
    """Every output taken as the probability of a 1, unrounded."""
    outputs = generator(all_bits())
    return torch.where(all_bits().bool().unsqueeze(1), outputs, 1 - outputs).prod(-1).mean(1)


TABLES = {  # what the answer returns: what the check has to say
    lambda g: count(numbers(g)): "these are counts. Divide by 128",
    lambda g: count(numbers(g)) // 128: "probabilities sum to 1, yours to 0",
    lambda g: count(numbers(g)) / 64: "probabilities sum to 1, yours to 2",
    lambda g: numbers(g): "these are numbers, not probabilities",
    lambda g: torch.bincount(numbers(g)) / 128: "minlength=128",
    lambda g: (count(numbers(g)) / 128)[::2]: "yours (64,)",
    lambda g: count(from_bits((g(all_bits()) > 0.5).flip(-1))) / 128: "your bits are read backwards",
    lambda g: count(from_bits(g(all_bits()).long())) / 128: "cut off, 0.9 becomes 0",
    lambda g: count(from_bits(g(all_bits()) > 0)) / 128: "every output became 1",
    lambda g: from_bits(g(all_bits())): "stopped with ValueError: from_bits takes zeros and ones",
    lambda g: count(from_bits(g(all_bits()).mean(0) > 0.5).reshape(1)): "one number got everything",
    lambda g: torch.full((128,), 1 / 128): "that is the noise itself",
    lambda g: count(from_bits(all_bits())) / 128: "that is the noise itself",
    lambda g, kept=[]: kept.append(count(numbers(g)) / 128) or kept[0]: "right for one generator, wrong for another",
    lambda g: sample(g): "so this is a sample",
    lambda g: count(from_bits(g(random_bits(128, torch.Generator())) > 0.5)) / 128: "the largest entry should be",
    lambda g: sample(g, torch.Generator().manual_seed(0)): "these are no multiples of 1/128",
    lambda g: coins(g): "these are no multiples of 1/128",
    lambda g: count(from_bits(g(all_bits()) > 0.9)) / 128: "the largest entry should be",
    lambda g: dict(enumerate(count(numbers(g)).tolist())): "return a tensor, not {0:",
    lambda g: g(all_bits()) > 0.5: "yours (128, 7)",
}
for body, says in TABLES.items():
    wrong(TABLE, says)(body)


def validity(table):
    return table[::2].sum()


def coverage(table):
    return (table[::2] > 0).sum()


def bits(table):
    return torch.special.entr(table).sum() / torch.log(torch.tensor(2.0))


@right(REPORT)
def number_by_number(table):
    even = [p for k, p in enumerate(table.tolist()) if k % 2 == 0]
    return sum(even), len([p for p in even if p > 0]), float(stats.entropy(table, base=2))


@right(REPORT)
def nan_to_zero(table):
    return validity(table), coverage(table), -(table * table.log2()).nan_to_num().sum()


@right(REPORT)
def one_tensor(table):
    return torch.stack([validity(table), coverage(table).double(), bits(table)])


@right(REPORT)
def a_list(table):
    return [validity(table).item(), int(coverage(table)), bits(table).item()]


REPORTS = {
    lambda t: (validity(t), coverage(t), torch.special.entr(t).sum()): "this entropy is in nats",
    lambda t: (validity(t), coverage(t), -(t * t.log2()).sum()): "the entropy is NaN",
    lambda t: (validity(t), coverage(t), -bits(t)): "the entropy came out negative",
    lambda t: (validity(t), coverage(t), bits(t[::2])): "entropy of the even numbers alone",
    lambda t: (validity(t), coverage(t), stats.entropy(t, base=10)): "is 2 bits, you say 0.602",
    lambda t: (coverage(t) / (t > 0).sum(), coverage(t), bits(t)): "they do not come equally often",
    lambda t: (t[1::2].sum(), coverage(t), bits(t)): "have 0.75 of the mass, you say 0.25",
    lambda t: (t.sum(), coverage(t), bits(t)): "have 0.75 of the mass, you say 1",
    lambda t: (100 * validity(t), coverage(t), bits(t)): "have 0.75 of the mass, you say 75",
    lambda t: (t[t % 2 == 0].sum(), coverage(t), bits(t)): "have 0.75 of the mass, you say 0",
    lambda t: (validity(t), (t > 0).sum(), bits(t)): "coverage counts even numbers only",
    lambda t: (validity(t), coverage(t) / 64, bits(t)): "holds 3 different even numbers, you say 0.046875",
    lambda t: (validity(t), (t[::2] >= 0).sum(), bits(t)): "holds 3 different even numbers, you say 64",
    lambda t: (validity(t), (t[::2] > 0.01).sum(), bits(t)): "above 0 is enough",
    lambda t: (0.75, 3, 2.0): "expect (1, 64, 6), you say (0.75, 3",
    lambda t: (1, 64, 6): "have 0.75 of the mass, you say 1",
    lambda t: (t[::2], coverage(t), bits(t)): "is a sum() missing?",
    lambda t: (validity(t), t[::2] > 0, bits(t)): "is a sum() missing?",
    lambda t: (validity(t), coverage(t)): THREE,
    lambda t: validity(t): THREE,
    lambda t: {"validity": validity(t), "coverage": coverage(t), "entropy": bits(t)}: THREE,
    lambda t: ("all", "of", "it"): "return three numbers, not 'all'",
}
for body, says in REPORTS.items():
    wrong(REPORT, says)(body)
