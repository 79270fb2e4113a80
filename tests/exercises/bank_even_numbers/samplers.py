"""Exercise 1: the multiples of four."""

import random

import torch

from gan_helpers.data import to_bits
from tests.exercises.bank_even_numbers import right, wrong

NAME = "multiples_of_four"
ZERO, ODD_ONE = "every sample is 0", "which is not a multiple of 4"


def draw(high, n, rng):
    return torch.randint(0, high, (n,), generator=rng)


@right(NAME)
def clears_two_bits(n, rng):
    return to_bits(draw(128, n, rng) & ~3)


@right(NAME)
def tosses_five_coins(n, rng):
    bits = torch.zeros(n, 7)
    bits[:, :5] = torch.randint(0, 2, (n, 5), generator=rng)
    return bits


@right(NAME)
def from_fractions(n, rng):
    return to_bits(4 * (torch.rand(n, generator=rng) * 32).long())


@wrong(NAME, "even, but not a multiple of 4. Off by one bit?")
def even_numbers(n, rng):
    return to_bits(2 * draw(64, n, rng))


@wrong(NAME, ODD_ONE)
def all_numbers(n, rng):
    return to_bits(draw(128, n, rng))


@wrong(NAME, ODD_ONE)
def multiples_of_three(n, rng):
    return to_bits(3 * draw(32, n, rng))


@wrong(NAME, "124 never came up")
def upper_end_left_out_twice(n, rng):
    return to_bits(4 * draw(31, n, rng))


@wrong(NAME, "0 never came up")
def starts_at_four(n, rng):
    return to_bits(4 * torch.randint(1, 32, (n,), generator=rng))


@wrong(NAME, "missing: 16 of 32 numbers")
def multiples_of_eight(n, rng):
    return to_bits(8 * draw(16, n, rng))


@wrong(NAME, "128 does not fit into 7 bits")
def upper_end_included(n, rng):
    return to_bits(4 * draw(33, n, rng))


@wrong(NAME, "stopped with ValueError")
def four_times_everything(n, rng):
    return to_bits(4 * draw(128, n, rng))


@wrong(NAME, "the two zeros stand in front")
def zeros_in_front(n, rng):
    return to_bits(draw(32, n, rng))


@wrong(NAME, "the same seed gave different samples")
def forgets_rng(n, rng):
    return to_bits(4 * torch.randint(0, 32, (n,)))


@wrong(NAME, "the same seed gave different samples")
def python_random(n, rng):
    return to_bits([random.randrange(0, 128, 4) for _ in range(n)])


@wrong(NAME, "two seeds gave the same samples")
def seeds_inside(n, rng):
    return to_bits(4 * draw(32, n, torch.Generator().manual_seed(0)))


@wrong(NAME, "two seeds gave the same samples")
def seeds_rng_again(n, rng):
    return to_bits(4 * draw(32, n, rng.manual_seed(7)))


@wrong(NAME, "two seeds gave the same samples")
def counts_up(n, rng):
    return to_bits(4 * (torch.arange(n) % 32))


@wrong(NAME, "pass them through to_bits")
def numbers_not_bits(n, rng):
    return 4 * draw(32, n, rng)


@wrong(NAME, "End with .float()")
def whole_number_bits(n, rng):
    return to_bits(4 * draw(32, n, rng)).long()


@wrong(NAME, ZERO)
def only_zeros(n, rng):
    return torch.zeros(n, 7)


@wrong(NAME, "every sample is 56")
def one_number_again_and_again(n, rng):
    return to_bits(torch.full((n,), 56))


@wrong(NAME, "yours is (1, 7)")
def one_sample(n, rng):
    return to_bits(4 * draw(32, 1, rng))


@wrong(NAME, "yours is (100000, 8)")
def eight_bits(n, rng):
    return to_bits(4 * draw(32, n, rng), width=8)


@wrong(NAME, "need shape (100000, 7)")
def keeps_the_good_ones(n, rng):
    numbers = draw(128, n, rng)
    return to_bits(numbers[numbers % 4 == 0])


@wrong(NAME, "every entry must be exactly 0 or 1")
def noise_between(n, rng):
    bits = torch.rand(n, 7, generator=rng)
    bits[:, 5:] = 0
    return bits


@wrong(NAME, "All 32 numbers should be equally likely")
def product_of_two(n, rng):
    return to_bits(4 * (31 * torch.rand(n, generator=rng) ** 1.5).round().long())


@wrong(NAME, "return a tensor, not a list")
def a_list(n, rng):
    return to_bits(4 * draw(32, n, rng)).tolist()


@wrong(NAME, "return a tensor, not a ndarray")
def an_array(n, rng):
    return to_bits(4 * draw(32, n, rng)).numpy()


@wrong(NAME, "stopped with NameError")
def a_name_from_elsewhere(n, rng):
    return to_bits(4 * quarter)  # noqa: F821


# Every number comes up, but not equally often: the ends of the range are half in, or counted twice.

@wrong(NAME, "should be equally likely")
def rounds_down_from_127(n, rng):
    return to_bits(torch.randint(0, 127, (n,), generator=rng) // 4 * 4)


@wrong(NAME, "should be equally likely")
def rounds_down_from_126(n, rng):
    return to_bits(torch.randint(0, 126, (n,), generator=rng) // 4 * 4)


@wrong(NAME, "should be equally likely")
def leaves_out_zero_before_rounding_down(n, rng):
    return to_bits(torch.randint(1, 128, (n,), generator=rng) // 4 * 4)


@wrong(NAME, "should be equally likely")
def rounds_to_the_nearest(n, rng):
    return to_bits(4 * (31 * torch.rand(n, generator=rng)).round().long())


@wrong(NAME, "should be equally likely")
def clamps_at_zero(n, rng):
    return to_bits(4 * torch.randint(-1, 32, (n,), generator=rng).clamp(0))


# Every number comes up equally often, but not independently of the others.

@wrong(NAME, "each depends on the one before it")
def counts_up_from_a_random_start(n, rng):
    return to_bits((torch.arange(n) + draw(32, 1, rng)) % 32 * 4)


@wrong(NAME, "each depends on the one before it")
def deals_shuffled_packs(n, rng):
    packs = [torch.randperm(32, generator=rng) for _ in range(n // 32 + 1)]
    return to_bits(4 * torch.cat(packs)[:n])
