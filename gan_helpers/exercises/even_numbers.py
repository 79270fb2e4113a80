"""Checks of chapter 1, in the order of its exercises. Each takes the learner's function."""

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_helpers import data, discriminators, generators, metrics, noise
from gan_helpers.exercises import NotYet, as_tensor, ask, check, require, right
from gan_helpers.exercises._compare import parts, slopes


def _bits(answer, n: int, seed: int) -> torch.Tensor:
    """The learner's n samples (n, 7), drawn with `seed`; NotYet if they are anything but bits."""
    batch = ask(answer, n, torch.Generator().manual_seed(seed))
    require(isinstance(batch, torch.Tensor), f"return a tensor, not a {type(batch).__name__}.")
    require(batch.shape != (n,), "these are numbers, one a sample. G and D see bits: pass them through to_bits.")
    require(batch.shape == (n, 7), f"{n} samples need shape ({n}, 7), yours is {tuple(batch.shape)}.")
    require(batch.dtype == torch.float32, f"networks take float32, yours is {batch.dtype}. End with .float().")
    require(((batch == 0) | (batch == 1)).all(), "every entry must be exactly 0 or 1.")
    return batch


@check
def multiples_of_four(answer) -> None:
    """Exercise 1: a sampler (n, rng) of the multiples of four below 128, as 7 bits."""
    n = 100_000  # 3125 of each number, give or take 55: one that comes a quarter too seldom stands out
    batch = _bits(answer, n, seed=5)
    numbers = set(data.from_bits(batch).tolist())
    wrong, missing = sorted(n for n in numbers if n % 4), sorted({4 * n for n in range(32)} - numbers)
    if wrong and all(n % 2 == 0 for n in numbers):
        raise NotYet(f"{wrong[0]} came up: even, but not a multiple of 4. Off by one bit?")
    require(not wrong or max(numbers) > 31, "the two zeros stand in front. They belong at the end.")
    require(not wrong, f"{min(wrong, default=0)} came up, which is not a multiple of 4.")
    require(len(numbers) > 1, f"every sample is {min(numbers)}. Draw them at random.")
    if missing:
        raise NotYet(f"{missing[0]} never came up in {n} samples (missing: {len(missing)} of 32 numbers). "
                     "Which numbers can your draw reach?")
    counts = torch.bincount(data.from_bits(batch) // 4, minlength=32)
    rare, often = int(counts.argmin()), int(counts.argmax())
    require(counts[rare] > 2800 and counts[often] < 3450, f"{4 * rare} came up {int(counts[rare])} times and "
            f"{4 * often} {int(counts[often])} times in {n}. All 32 numbers should be equally likely.")
    same, other, again = (_bits(answer, 64, seed) for seed in (5, 6, 5))
    require(torch.equal(same, again), "the same seed gave different samples. Pass generator=rng to torch.randint.")
    require(not torch.equal(same, other), "two seeds gave the same samples. Draw from rng, do not seed it inside.")
    following = torch.bincount((data.from_bits(batch) // 4).diff() % 32, minlength=32)  # all differences alike, too
    require(following.min() > 2800 and following.max() < 3450, "all numbers come up equally often, but each depends on "
            "the one before it. Draw every sample for itself, from all 32.")
    right("Two bits are always 0 now, and five are fair coins: 32 numbers, 5 bits of entropy.")


def _loss(answer, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """The learner's loss of D as a float64 tensor of one number."""
    value = as_tensor(ask(answer, real, fake), "one number")
    require(value.numel() == 1, f"return one number, the mean over the batch; yours has shape {tuple(value.shape)}.")
    return value.reshape(())


@check
def discriminator_loss(answer) -> None:
    """Exercise 2: the loss of D from logits."""
    torch.manual_seed(1)
    real, fake = torch.randn(8, 1) + 1, torch.randn(8, 1) - 2
    ones, zeros = torch.ones(8, 1), torch.zeros(8, 1)
    expected = bce(real, ones) + bce(fake, zeros)
    value = _loss(answer, real, fake)

    def says(other) -> bool:
        return torch.allclose(value.float(), other, atol=1e-5)

    require(not says(bce(real, zeros) + bce(fake, ones)), "your labels are swapped: real is 1 and fake is 0.")
    require(not says(expected / 2), "this is half of it: the mean of the two terms. Add them up, as (1.1) does.")
    require(not says(expected * 8), "this is the sum over the batch. Take the mean, or the rate grows with the batch.")
    require(not says(-expected), "the sign is turned: D makes this small, so it starts with a minus.")
    require(not value.isnan(), "you get NaN. A logit is no probability: D = sigmoid(logit).")
    require(not says(bce(real.sigmoid(), ones) + bce(fake.sigmoid(), zeros)), "the sigmoid is applied twice: BCE with "
            "logits has one inside.")
    require(not says(bce(real, ones) + bce(fake, ones)), "both terms call the samples real. The label of a fake is 0.")
    require(not says(bce(real, ones)), "the term for the fakes is missing.")
    require(not says(bce(fake, zeros)), "the term for the real samples is missing.")
    require(not says(2 * torch.log(torch.tensor(2.0))), "always 2 log 2? That holds only while every logit is 0.")
    require(says(expected), f"for logits drawn at random you get {value.item():.6f}, it should be {expected:.6f}.")
    leaves = [logits.clone().requires_grad_() for logits in (real, fake)]
    found = slopes(ask(answer, *(leaf * 1 for leaf in leaves)), leaves, "it")
    for name, mine, wanted in (("real", found[0], (real.sigmoid() - 1) / 8), ("fake", found[1], fake.sigmoid() / 8)):
        require(torch.allclose(mine.float(), wanted, atol=1e-5), f"it has the right value, but not the right slope in "
                f"the {name} logits: yours is {mine[0].item():.4f} in the first, it should be {wanted[0].item():.4f}. "
                "Is a part of it cut off from the gradient?")
    sure = torch.tensor([[200.0], [-200.0]])
    extreme = _loss(answer, sure, sure.clone())
    require(torch.isfinite(extreme), f"at logits of 200 and -200 you get {extreme.item()}: exp(200) is infinite, "
            "and so is the log of a sigmoid that was rounded to 0. Stay with logits: softplus, or BCE with logits.")
    require(abs(extreme.item() - 200) < 0.01, f"at logits of 200 and -200 the loss is 200, yours {extreme.item():.1f}: "
            "something is clipped. Stay with logits.")
    right("It stays exact for logits of 200, where a probability has long been rounded to 1.")


def _players():
    torch.manual_seed(3)
    generator, discriminator = generators.bit_generator(), discriminators.hidden_discriminator(hidden=4)
    for p in [*generator.parameters(), *discriminator.parameters()]:
        p.data.mul_(3)  # a D with an opinion, so that every mistake moves the weights visibly
        p.grad = torch.ones_like(p)  # as if an earlier step had left something behind
    rng = torch.Generator().manual_seed(4)
    return generator, discriminator, data.even_numbers(32, rng), noise.random_bits(32, rng)


def _moved(network: nn.Module, loss: torch.Tensor, leftovers: float = 0.0) -> list[torch.Tensor]:
    """Where SGD with rate 0.5 takes the weights of `network` that made `loss`."""
    slopes = torch.autograd.grad(loss, list(network.parameters()), retain_graph=True)
    return [p.detach() - 0.5 * (slope + leftovers) for p, slope in zip(network.parameters(), slopes, strict=True)]


def _same(network: nn.Module, weights: list[torch.Tensor]) -> bool:
    return all(torch.allclose(p, w, atol=1e-6) for p, w in zip(network.parameters(), weights, strict=True))


@check
def generator_step(answer) -> None:
    """Exercise 3: one step of G, with D as an instrument."""
    generator, discriminator, _, z = _players()
    logits = discriminator(generator(z))
    loss = bce(logits, torch.ones_like(logits))
    swapped = bce(logits, torch.zeros_like(logits))
    expected, dirty = _moved(generator, loss), _moved(generator, loss, 1.0)
    stuck = [_moved(generator, 0 * loss, leftovers) for leftovers in (0.0, 1.0)]
    wrong_way, saturating = _moved(generator, swapped), _moved(generator, -swapped)
    uphill, summed = _moved(generator, -loss), _moved(generator, loss * len(z))
    d_before = [p.detach().clone() for p in discriminator.parameters()]
    optimizer = torch.optim.SGD(generator.parameters(), 0.5)
    given = as_tensor(ask(answer, generator, discriminator, optimizer, z), "the loss")
    require(_same(discriminator, d_before), "D has moved. In G's step only G's optimiser may step.")
    require(not _same(generator, dirty), "the gradients of an earlier step were still there and were added to yours. "
            "Clear G's gradients first: optimizer.zero_grad().")
    require(not any(_same(generator, weights) for weights in stuck), "G got no gradient from D. Is there a detach, or "
            "a rounding (output > 0.5), between G and the loss, is the backward() or the step() missing, or is there a "
            "zero_grad() between them? "
            "A step function is flat: D must see G's output unrounded.")
    require(not _same(generator, wrong_way), "G now helps D: it moved so that its fakes look more fake. In G's step "
            "the labels are inverted: fakes are called real.")
    require(not _same(generator, saturating), "this is the minimax loss, log(1 - D). It points the same way, but it "
            "is flat where D is sure. Use -log D.")
    require(not _same(generator, uphill), "G moved uphill: the sign is turned. -log D has to become small.")
    require(not _same(generator, summed), "this is the sum over the batch: G moved 32 times too far. Average.")
    require(_same(generator, expected), "G moved, but not along the gradient of -log D(G(z)), averaged over the batch.")
    require(all(p.requires_grad for p in discriminator.parameters()), "D is frozen for good: its next step would do "
            "nothing. Set requires_grad back, or leave it: G's optimizer does not move D.")
    require(given.numel() == 1 and torch.allclose(given.float(), loss, atol=1e-5),
            f"G moved as it should. Return the loss too: {loss.item():.4f} here, not {given}.")
    right("G moved, D did not, and old gradients did not leak in.")


@check
def discriminator_step(answer) -> None:
    """Exercise 4: one step of D that leaves G alone."""
    generator, discriminator, real, z = _players()
    on_real, on_fake = discriminator(real), discriminator(generator(z))
    ones, zeros = torch.ones_like(on_real), torch.zeros_like(on_fake)
    loss = bce(on_real, ones) + bce(on_fake, zeros)
    expected, dirty = _moved(discriminator, loss), _moved(discriminator, loss, 1.0)
    swapped = _moved(discriminator, bce(on_real, zeros) + bce(on_fake, ones))
    halves = [_moved(discriminator, bce(on_real, ones)), _moved(discriminator, bce(on_fake, zeros))]
    on_round = discriminator((generator(z) > 0.5).float())
    rounded = _moved(discriminator, bce(on_real, ones) + bce(on_round, zeros))
    uphill, half, summed = (_moved(discriminator, loss * factor) for factor in (-1, 0.5, len(z)))
    before = [p.detach().clone() for p in discriminator.parameters()]
    g_before = [p.detach().clone() for p in generator.parameters()]
    optimizer = torch.optim.SGD(discriminator.parameters(), 0.5)
    given = as_tensor(ask(answer, generator, discriminator, optimizer, real, z), "the loss")
    require(_same(generator, g_before), "G has moved. In D's step only D's optimiser may step.")
    require(not _same(discriminator, dirty), "the gradients of G's step were still in D and were added to yours. "
            "Clear D's gradients first: optimizer.zero_grad().")
    require(not _same(discriminator, before), "D did not move. Is there a backward() and a step(), and no zero_grad() "
            "between them?")
    require(not _same(discriminator, swapped), "your labels are swapped: D learned to call fakes real.")
    require(not any(_same(discriminator, part) for part in halves), "D moved on one half of its loss only: it needs "
            "real samples and fakes. Or is detach around D, not around the fakes?")
    require(not _same(discriminator, uphill), "D moved uphill: the sign is turned. Its loss starts with a minus.")
    require(not _same(discriminator, half), "D moved half as far as it should: add the two terms, do not average them.")
    require(not _same(discriminator, summed), "this is the sum over the batch: D moved 32 times too far. Average.")
    require(not _same(discriminator, rounded), "D saw rounded fakes, which are not what G is judged by. "
            "Show it G's output unrounded.")
    require(_same(discriminator, expected), "D moved, but not along the gradient of -log D(real) - log(1 - D(fake)).")
    require(all(p.requires_grad for p in generator.parameters()), "G is frozen for good: its next step would do "
            "nothing. Cut the graph with fake.detach() instead.")
    cleared = all(p.grad is None or not p.grad.any() for p in generator.parameters())
    require(not cleared, "D moved just as it should, but you cleared G's gradients. Leave them: with detach nothing "
            "reaches G.")
    untouched = all(p.grad is not None and torch.equal(p.grad, torch.ones_like(p)) for p in generator.parameters())
    require(untouched, "D moved just as it should, yet G's gradients changed: backward() went on into G. It costs "
            "time, and the next step of G would start from them. Cut the graph with fake.detach().")
    require(given.numel() == 1 and torch.allclose(given.float(), loss, atol=1e-5),
            f"D moved as it should. Return the loss too: {loss.item():.4f} here, not {given}.")
    right("D moved and nothing reached G. Cutting the graph changed what G got, not what D got.")


@check
def exact_table(answer) -> None:
    """Exercise 5: p_g by trying all 128 noise values."""
    torch.manual_seed(2)
    generator = generators.bit_generator()
    with torch.no_grad():
        generator[0].weight.mul_(4)
        outputs = generator(noise.all_bits())
    expected = [0.0] * 128
    for row in (outputs > 0.5).int().tolist():
        expected[int("".join(map(str, row)), 2)] += 1 / 128
    expected = torch.tensor(expected, dtype=torch.float64)
    table = as_tensor(ask(answer, generator), "a tensor")
    require(table.shape == (128,), f"the table has one entry a number, shape (128,), yours {tuple(table.shape)}.")
    require(not torch.allclose(table, expected * 128, atol=1e-4), "these are counts. Divide by 128.")
    require(not (table > 1).any(), "these are numbers, not probabilities. Count how often each number comes up.")
    require(abs(table.sum() - 1) < 1e-4, f"probabilities sum to 1, yours to {table.sum():.4g}.")
    reversed_bits = [int(f"{k:07b}"[::-1], 2) for k in range(128)]
    require(not torch.allclose(table, expected[reversed_bits], atol=1e-4), "your bits are read backwards: the first "
            "bit counts 64, the last one 1.")
    truncated = torch.zeros(128, dtype=torch.float64)
    truncated[0] = 1
    require(not torch.allclose(table, truncated), "every output became 0: .long() and int() cut off, 0.9 becomes 0. "
            "Round at 0.5.")
    require(table[127] < 1, "every output became 1: a sigmoid is always above 0. Round at 0.5.")
    require((table > 0).sum() > 1, "one number got everything. Feed all 128 noise values, and round output by output.")
    require(not torch.allclose(table, torch.full_like(table, 1 / 128)), "all 128 equally often: that is the noise "
            "itself. Send it through the generator.")
    again = as_tensor(ask(answer, generator), "a tensor")
    require(again.shape == table.shape and torch.allclose(again, table), "two calls gave two tables, so this is a "
            "sample. There are only 128 noise values: feed each one once.")
    require(torch.allclose(table * 128, (table * 128).round(), atol=1e-3), "these are no multiples of 1/128. Is it "
            "a sample, or are the outputs unrounded? Feed each noise value once, and round at 0.5.")
    require(torch.allclose(table, expected, atol=1e-6), f"the largest entry should be {expected.max():.4f} at number "
            f"{int(expected.argmax())}, yours is {table.max():.4f} at {int(table.argmax())}.")
    with torch.no_grad():
        generator[0].bias[6] = -100  # from here on it never makes 127
    lower = as_tensor(ask(answer, generator), "a tensor")
    require(lower.shape == (128,), f"for a generator that never makes 127 your table has shape {tuple(lower.shape)}. "
            "torch.bincount takes minlength=128.")
    require(torch.allclose(lower, metrics.bits.probability_table(generator), atol=1e-6), "right for one generator, "
            "wrong for another. Does your function use the generator that it is given?")
    right("No sampling error at all: the table is p_g.")


@check
def report(answer) -> None:
    """Exercise 6: validity, coverage and entropy of a table."""
    table = torch.zeros(128, dtype=torch.float64)
    table[[4, 10, 96]], table[[3, 7]] = torch.tensor([0.5, 0.125, 0.125], dtype=torch.float64), 0.125
    result = ask(answer, table)
    valid, cover, bits = _three(result)
    require(bits == bits, "the entropy is NaN: 0 * log 0. Leave out the numbers that never come.")
    require(abs(valid - 0.6) > 1e-6, "3 of 5 numbers are even, but they do not come equally often. Sum probabilities.")
    require(abs(valid - 0.75) < 1e-6, f"the even numbers of the test table have 0.75 of the mass, you say {valid:.4g}.")
    require(cover != 5, "coverage counts even numbers only: 3 and 7 are not what we want.")
    require(cover == 3, f"the test table holds 3 different even numbers, you say {cover:g}.")
    require(abs(bits - 2 * 0.6931471805599453) > 1e-3, "this entropy is in nats. For bits use log2.")
    require(abs(bits + 2) > 1e-6, "the entropy came out negative: there is a minus in front of the sum.")
    require(abs(bits - 1.25) > 1e-3, "this is the entropy of the even numbers alone. Count the odd ones too.")
    require(abs(bits - 2) < 1e-4, f"the entropy of the test table is 2 bits, you say {bits:.4g}.")
    uniform = torch.zeros(128, dtype=torch.float64)
    uniform[::2] = 1 / 64
    again = tuple(round(value, 4) for value in _three(ask(answer, uniform)))
    require(again == (1, 64, 6), f"for all even numbers equally often expect (1, 64, 6), you say {again}.")
    rare = torch.zeros(128, dtype=torch.float64)
    rare[0], rare[2] = 127 / 128, 1 / 128
    valid, cover, bits = _three(ask(answer, rare))
    require(cover == 2, "a number with the probability 1/128 counts too: above 0 is enough.")
    require(abs(valid - 1) + abs(bits - 0.0659) < 1e-3, "for a table with 127/128 and 1/128, both on even numbers, "
            f"expect (1, 2, 0.0659), you say {round(valid, 4), round(cover, 4), round(bits, 4)}.")
    right("64 numbers equally often are 6 bits: one for each fair coin.")


def _three(result) -> list[float]:
    words = "return three numbers: validity, coverage, entropy"
    result = result.tolist() if isinstance(result, torch.Tensor) else result
    require(isinstance(result, list | tuple) and len(result) == 3, f"{words}.")
    values = [as_tensor(value, "three numbers") for value in result]
    require(all(value.numel() == 1 for value in values), f"{words}. One of yours has the shape "
            f"{next((tuple(v.shape) for v in values if v.numel() != 1), ())}: is a sum() missing?")
    return [value.item() for value in values]


@check
def two_numbers(answer) -> None:
    """Exercise 7: two even numbers that no linear D can tell from all 64."""
    pair = parts(ask(answer), 2, "two numbers, (a, b)")
    pair = [n.item() if isinstance(n, torch.Tensor | np.ndarray | np.generic) and n.ndim == 0 else n for n in pair]
    require(all(type(n) is int and 0 <= n < 128 for n in pair), f"both must be ints from 0 to 127, got {tuple(pair)}.")
    for number in pair:
        require(number % 2 == 0, f"{number} is odd: the last bit gives it away.")
    means = data.to_bits(list(pair)).mean(0)
    for place, mean in zip((64, 32, 16, 8, 4, 2), means, strict=False):
        require(mean == 0.5, f"the bit that counts {place} is {int(mean)} in both numbers; in the data it is 1 half of "
                "the time. A linear D sees that.")
    right(f"{pair[0]} and {pair[1]}: the right mean in every bit, so a linear D cannot beat ½. Coverage: 2 of 64.")


@check
def perfect_generator(answer) -> None:
    """Exercise 8: weights, set by hand, with which the chapter's G makes all 64 even numbers equally often."""
    generator = ask(answer)
    shape = [type(layer) for layer in generator] if isinstance(generator, nn.Sequential) else None
    plain = type(generator) is nn.Sequential and shape == [nn.Linear, nn.Sigmoid]
    require(plain and generator[0].weight.shape == (7, 7),
            "keep the chapter's generator, bit_generator(): one nn.Linear(7, 7), then nn.Sigmoid().")
    require(generator[0].weight.dtype == torch.float32, "keep the weights in float32.")
    with torch.no_grad():
        outputs = generator(noise.all_bits())
    require(torch.isfinite(outputs).all(), "some output is NaN: infinity times 0. Weights of 20 are large enough.")
    gap = (outputs - 0.5).abs().min(0).values  # (7,): how far each bit stays from 0.5
    bit = int(gap.argmin())
    value = outputs[(outputs[:, bit] - 0.5).abs().argmin(), bit]
    require(gap.min() > 0.05 or bit < 6, f"output 6, the last bit, is {value:.2f} for some noise: neither 0 nor 1. It "
            "has to be 0 whatever the noise is: which weights and which bias do that?")
    require(gap.min() > 0.05, f"output {bit} (of 0 to 6) is {value:.2f} for some noise: neither 0 nor 1. A noise bit "
            "of 0 times any weight is 0: what does the bias have to do?")
    require(gap.min() > 0.4, f"output {bit} (of 0 to 6) is {value:.2f} for some noise, not close to 0 or 1. Larger "
            "weights and biases push the sigmoid to its ends.")
    table = metrics.bits.probability_table(generator)
    valid, cover = metrics.bits.validity(table).item(), metrics.bits.coverage(table).item()
    require(valid > 0, "every number is odd. Which way must the last bias point?")
    require(valid == 1, f"{valid:.0%} of the numbers are even. The last bit must be 0 whatever the noise is.")
    require(cover == 64, f"all even, but only {cover} of the 64 numbers. Let every bit copy a noise bit of its own.")
    require(table.max() < 1.5 / 64, f"all 64 come up, but not equally often: {int(table.argmax())} has "
            f"{table.max():.4f}, not 1/64. Let every output bit copy a noise bit of its own.")
    right("So 56 weights are enough for G. It was never G that was too weak.")
