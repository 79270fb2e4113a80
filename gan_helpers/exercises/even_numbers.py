"""The exercises of chapter 1, in their order."""

import math
import random

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy as bce
from torch.nn.functional import softplus

from gan_helpers import discriminators, generators, losses, metrics
from gan_helpers.data import from_bits, to_bits
from gan_helpers.exercises import require
from gan_helpers.exercises.engine import Case, Exercise, Law
from gan_helpers.exercises.readers import number, numbers, parts, several, tensor
from gan_helpers.noise import all_bits


def _drawn(step: int, high: int, low: int = 0, first: int = 0):
    """A sampler of step * k + first, k from `low` to `high` - 1."""
    return lambda n, rng: to_bits(first + step * torch.randint(low, high, (n,), generator=rng))


def _sampler(step: int, first: int = 0) -> Exercise:
    """Exercise 1: a sampler (n, rng) of first, first + step, ... below 128, as 7 bits."""
    count = 128 // step
    what = f"{first} plus a multiple of {step}" if first else f"a multiple of {step}"
    return Exercise(
        solution=_drawn(step, count, first=first),
        text=f"Write the sampler for the {count} numbers below 128 that are {what}, each equally likely.",
        cases=[lambda rng, n=n: (n, torch.Generator().manual_seed(5)) for n in (64, 1, 2, 7, 1000)],
        gives=tensor(
            lambda n, rng: (n, 7), dtypes={torch.int64: "End with .float()."},
            shapes={1: "These are numbers, one a sample. G and D see bits: pass them through to_bits."},
            values=lambda bits: "" if ((bits == 0) | (bits == 1)).all() else "every entry must be exactly 0 or 1."),
        law=Law(lambda bits: from_bits(bits.float()), dict.fromkeys(range(first, 128, step), 1 / count),
                f"{{}} came up, which is not {what}."),
        mistakes={
            "you draw all the even numbers. Off by one bit?": _drawn(2, 64),
            "you draw all the numbers.": _drawn(1, 128),
            f"the zeros stand in front: you draw the numbers below {count}. They belong at the end.": _drawn(1, count),
            "0 is missing: randint starts at its lower end.": _drawn(step, count, 1, first),
            f"the largest is missing: randint leaves its upper end out. There are {count} numbers.":
                _drawn(step, count - 1, 0, first),
            f"you draw multiples of {2 * step} only.": _drawn(2 * step, count // 2, 0, first),
        },
        takeaway=f"Some bits are always the same now, and {count.bit_length() - 1} are fair coins: {count} numbers.",
    )


def _another_sampler(rng: random.Random) -> Exercise:
    step = rng.choice([4, 8, 16])
    return _sampler(step, rng.randrange(1, step))


multiples_of_four = _sampler(4)
multiples_of_four.takeaway = "Two bits are always 0 now, and five are fair coins: 32 numbers, 5 bits of entropy."
multiples_of_four.variant = _another_sampler


def _d_loss(real, fake):
    return softplus(-real).mean() + softplus(fake).mean()


def _logits(n: int, scale: float = 1.0, dtype=torch.float32):
    return lambda rng: tuple(scale * torch.randn(n, 1, generator=rng, dtype=dtype) + shift for shift in (1, -2))


def _sure(real: list[float], fake: list[float], label: str) -> Case:
    return Case(lambda rng: tuple(torch.tensor(x).float().unsqueeze(1) for x in (real, fake)), label,
                hint="Is something clipped, or rounded to 0 or 1? Stay with logits: softplus, or BCE with logits.")


_one, _zero = torch.ones_like, torch.zeros_like
discriminator_loss = Exercise(
    solution=lambda real_logits, fake_logits: _d_loss(real_logits, fake_logits),
    cases=[
        Case(_logits(8), "8 logits of each kind, drawn at random"), _logits(1),
        Case(_logits(7, 4.0), "7 logits of each kind from -10 to 10"), _logits(1, 3.0), _logits(3, 1.0, torch.float64),
        Case(lambda rng: tuple(torch.randn(2, 9, 2, generator=rng)[..., :1]), "every second number of a tensor"),
        lambda rng: (torch.zeros(2, 1), torch.zeros(2, 1)),
        _sure([200, -200], [200, -200], "logits of 200 and -200"),
        _sure([37, -51, 104], [17.5, 31, -88], "logits from -88 to 104"),
        _sure([1000], [-1000], "a D that is right, with logits of 1000 and -1000"),
        _sure([-3e4, 0], [2.0, 3e4], "a D that is wrong, with logits of 30,000"),
    ],
    gives=number("one number, the mean over the batch", is_tensor=True),
    slopes=("real_logits", "fake_logits"),
    unfit="A logit is no probability, so it has no log; and exp(200) is infinite, as is the log of a sigmoid that was "
          "rounded to 0. Stay with logits: softplus, or BCE with logits.",
    mistakes={
        "your labels are swapped: real is 1 and fake is 0.": lambda real, fake: _d_loss(-real, -fake),
        "this is half of it: the mean of the two terms. Add them up, as (1.1) does.":
            lambda real, fake: _d_loss(real, fake) / 2,
        "this is the sum over the batch. Take the mean, or the rate grows with the batch.":
            lambda real, fake: softplus(-real).sum() + softplus(fake).sum(),
        "the sign is turned: D makes this small, so it starts with a minus.": lambda real, fake: -_d_loss(real, fake),
        "the sigmoid is applied twice: BCE with logits has one inside.":
            lambda real, fake: _d_loss(real.sigmoid(), fake.sigmoid()),
        "both terms call the samples real. The label of a fake is 0.": lambda real, fake: _d_loss(real, -fake),
        "both terms call the samples fake. The label of a real sample is 1.": lambda real, fake: _d_loss(-real, fake),
        "the term for the fakes is missing.": lambda real, fake: softplus(-real).mean(),
        "the term for the real samples is missing.": lambda real, fake: softplus(fake).mean(),
        "always 2 log 2? That holds only while every logit is 0.":
            lambda real, fake: 0 * (real.sum() + fake.sum()) + 2 * math.log(2),
        "this is in bits. Use the natural logarithm.": lambda real, fake: _d_loss(real, fake) / math.log(2),
        "this is the loss of a Wasserstein critic. Equation (1.1) takes logs of probabilities.":
            lambda real, fake: fake.mean() - real.mean(),
        "exp(200) is infinite: written out, the logs fail where D is sure. Stay with logits: softplus, or BCE.":
            (lambda real, fake: -real.sigmoid().log().mean() - (1 - fake.sigmoid()).log().mean(),
             lambda real, fake: (1 + (-real).exp()).log().mean() + (1 + fake.exp()).log().mean()),
        "BCE from probabilities is cut off at 100, where the log would be infinite. Use BCE with logits.":
            lambda real, fake: bce(real.sigmoid(), _one(real)) + bce(fake.sigmoid(), _zero(fake)),
        "you add 1e-8 so that the log is never of 0. That cuts the loss off at 18. Stay with logits.":
            lambda real, fake: -(real.sigmoid() + 1e-8).log().mean() - (1 - fake.sigmoid() + 1e-8).log().mean(),
    },
    takeaway="It stays exact for logits of 200, where a probability has long been rounded to 1.",
)


def _players(optimizer, mover: int, batch: int = 32, leftovers: float | None = 1.0, deep: bool = False):
    """The arguments of a step: (G, D, optimizer of one of them, real samples if it is D's, noise)."""
    def make(rng: torch.Generator) -> tuple:
        sizes = (3, 5, 4) if deep else (7, 7, 4)
        bit_g = nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 5), nn.Tanh()) if deep \
            else generators.bit_generator()
        players = bit_g, discriminators.hidden_discriminator(hidden=sizes[2], width=sizes[1])
        for p in (p for network in players for p in network.parameters()):
            p.data = torch.randn(p.shape, generator=rng)  # a D with an opinion: mistakes move the weights visibly
            p.grad = None if leftovers is None else leftovers * torch.randn(p.shape, generator=rng)
        noise = torch.randint(0, 2, (batch, sizes[0]), generator=rng).float()
        real = torch.randint(0, 2, (batch, sizes[1]), generator=rng).float()
        return *players, optimizer(players[mover].parameters()), *([real] if mover else []), noise

    return make


def _sgd(weights, momentum=0.0):
    return torch.optim.SGD(weights, 0.5, momentum=momentum)


def _adam(weights):
    return torch.optim.Adam(weights, 0.05)


def _turns(mover: int) -> list[Case]:
    return [Case(_players(_sgd, mover), "SGD, with gradients left from an earlier step"),
            Case(_players(_sgd, mover, 5, None), "SGD and no gradients yet"),
            Case(_players(_sgd, mover, 1, 2.0), "a batch of one"),
            Case(_players(lambda weights: _sgd(weights, 0.9), mover, 9, None), "SGD with momentum", 3),
            Case(_players(_adam, mover, 6), "Adam", 3),
            Case(_players(_sgd, mover, 17, 0.3, True), "networks of another shape", 2)]


def _step(optimizer, loss, clear=True):
    if clear:
        optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


def _only_step(optimizer, loss):
    """Without a backward pass, the optimizer follows what an earlier step left."""
    optimizer.step()
    return loss


def _g(loss):
    """The step of G with a loss of D and the fakes."""
    return lambda g, d, optimizer, noise: _step(optimizer, loss(d, g(noise)))


_GRAPH = "got no gradient. Is there a backward(), then a step(), no zero_grad() between them, and no detach, " \
    "rounding (output > 0.5) or .item() on the way?"
_FLAT = " A step function is flat: D must see G's output unrounded."


def _two_g_steps(g, d, optimizer, noise):
    _step(optimizer, losses.non_saturating(d(g(noise))))
    return _step(optimizer, losses.non_saturating(d(g(noise))))


def _loss_after_g(g, d, optimizer, noise):
    _step(optimizer, losses.non_saturating(d(g(noise))))
    return losses.non_saturating(d(g(noise)))


generator_step = Exercise(
    solution=lambda generator, discriminator, optimizer, noise: _step(
        optimizer, losses.non_saturating(discriminator(generator(noise)))),
    cases=_turns(0),
    gives=number("the loss", name="the loss that you return"),
    changes=("generator.weights",),
    free=("generator.grad", "discriminator.grad", "optimizer.state"),
    words={"generator.weights": f"G {_GRAPH}{_FLAT}",
           "discriminator.weights": "D has moved. In G's step only G's optimizer may step.",
           "discriminator.requires_grad": "D is frozen for good: its next step would do nothing. Set requires_grad "
                                          "back, or leave it: G's optimizer does not move D."},
    mistakes={
        "the gradients of an earlier step were still there and were added to yours. Clear G's gradients first: "
        "optimizer.zero_grad().":
            lambda g, d, optimizer, noise: _step(optimizer, losses.non_saturating(d(g(noise))), clear=False),
        f"G {_GRAPH}{_FLAT}": lambda g, d, optimizer, noise: _only_step(optimizer, losses.non_saturating(d(g(noise)))),
        "G now helps D: it moved so that its fakes look more fake. In G's step the labels are inverted: fakes are "
        "called real.": _g(lambda d, fake: softplus(d(fake)).mean()),
        "this is the minimax loss, log(1 - D). It points the same way, but it is flat where D is sure. Use -log D.":
            _g(lambda d, fake: -softplus(d(fake)).mean()),
        "G moved uphill: the sign is turned. -log D has to become small.":
            _g(lambda d, fake: -softplus(-d(fake)).mean()),
        "this is the sum over the batch: G moved too far, once for each sample. Average.":
            _g(lambda d, fake: softplus(-d(fake)).sum()),
        "the sigmoid is applied twice: BCE with logits, softplus and logsigmoid have one inside.":
            _g(lambda d, fake: softplus(-d(fake).sigmoid()).mean()),
        "this is the loss of a Wasserstein GAN. Use -log D.": _g(lambda d, fake: -d(fake).mean()),
        "G made two steps. Make one.": _two_g_steps,
        "G moved as it should. The loss you return is the one after the step; return the one that it stepped on.":
            _loss_after_g,
    },
    takeaway="G moved, D did not, and old gradients did not leak in.",
    uses={"discriminator_loss": discriminator_loss},
)


def _d(loss, clear=True):
    """The step of D with a loss of D, the real samples and the detached fakes."""
    return lambda g, d, optimizer, real, noise: _step(optimizer, loss(d, real, g(noise).detach()), clear)


def _d_returns(what):
    def step(g, d, optimizer, real, noise):
        fake = g(noise).detach()
        value = what(d, real, fake)
        _step(optimizer, _d_loss(d(real), d(fake)))
        return value if value is not None else _d_loss(d(real), d(fake))

    return step


def _two_d_steps(g, d, optimizer, real, noise):
    first = _step(optimizer, softplus(-d(real)).mean())
    return first + _step(optimizer, softplus(d(g(noise).detach())).mean())


discriminator_step = Exercise(
    solution=lambda generator, discriminator, optimizer, real, noise: _step(
        optimizer, _d_loss(discriminator(real), discriminator(generator(noise).detach()))),
    cases=_turns(1),
    gives=number("the loss", name="the loss that you return"),
    changes=("discriminator.weights",),
    free=("discriminator.grad", "optimizer.state"),
    words={"discriminator.weights": f"D {_GRAPH}",
           "generator.weights": "G has moved. In D's step only D's optimizer may step.",
           "generator.requires_grad": "G is frozen for good: its next step would do nothing. Cut the graph with "
                                      "fake.detach() instead.",
           "generator.grad": "G's gradients changed. Did backward() go on into G, or did you clear them? Its next step "
                             "would start from them. Leave them: cut the graph with fake.detach()."},
    mistakes={
        "the gradients of G's step were still in D and were added to yours. Clear D's gradients first: "
        "optimizer.zero_grad().": _d(lambda d, real, fake: _d_loss(d(real), d(fake)), clear=False),
        f"D {_GRAPH}": lambda g, d, optimizer, real, noise: _only_step(optimizer, _d_loss(d(real), d(g(noise)))),
        "your labels are swapped: D learned to call fakes real.":
            _d(lambda d, real, fake: _d_loss(-d(real), -d(fake))),
        "D moved on one half of its loss only: it needs real samples and fakes. Or is detach around D, not around the "
        "fakes?": (_d(lambda d, real, fake: softplus(-d(real)).mean()),
                   _d(lambda d, real, fake: softplus(d(fake)).mean()),
                   _d(lambda d, real, fake: softplus(-d(real)).mean() + softplus(d(fake).detach()).mean())),
        "D moved uphill: the sign is turned. Its loss starts with a minus.":
            _d(lambda d, real, fake: -_d_loss(d(real), d(fake))),
        "D moved half as far as it should: add the two terms, do not average them.":
            _d(lambda d, real, fake: _d_loss(d(real), d(fake)) / 2),
        "this is the sum over the batch: D moved too far, once for each sample. Average.":
            _d(lambda d, real, fake: softplus(-d(real)).sum() + softplus(d(fake)).sum()),
        "both terms call the samples real. The label of a fake is 0.":
            _d(lambda d, real, fake: _d_loss(d(real), -d(fake))),
        "D saw rounded fakes, which are not what G is judged by. Show it G's output unrounded.":
            (_d(lambda d, real, fake: _d_loss(d(real), d((fake > 0.5).float()))),
             _d(lambda d, real, fake: _d_loss(d(real), d(fake.round())))),
        "D made two steps, one for each half of its loss. Add the halves, and step once.": _two_d_steps,
        "D moved as it should. Return the whole loss too, both terms.":
            (_d_returns(lambda d, real, fake: softplus(d(fake)).mean()),
             _d_returns(lambda d, real, fake: softplus(-d(real)).mean())),
        "D moved as it should. The loss you return is the one after the step; return the one that it stepped on.":
            _d_returns(lambda d, real, fake: None),
    },
    takeaway="D moved and nothing reached G. Cutting the graph changed what G got, not what D got.",
    uses={"discriminator_loss": discriminator_loss},
)


def _numbers(generator):
    with torch.no_grad():
        return from_bits(generator(all_bits()) > 0.5)


def _share(values):
    return torch.bincount(values, minlength=128) / 128


def _generator(scale: float, last: float = 0.0, deep: bool = False):
    def make(rng: torch.Generator) -> tuple:
        hidden = [nn.Linear(7, 9), nn.ReLU()] if deep else []
        network = nn.Sequential(*hidden, nn.Linear(9 if deep else 7, 7), nn.Sigmoid())
        for p in network.parameters():
            p.data = scale * torch.randn(p.shape, generator=rng)
        network[-2].bias.data[6] += last
        return (network,)

    return make


exact_table = Exercise(
    solution=lambda generator: _share(_numbers(generator)),
    cases=[Case(_generator(1.5), "a G with random weights"), Case(_generator(0.7), "another G with random weights"),
           Case(_generator(0.8, -9), "a G that never makes 127"),
           Case(_generator(0.8, 9), "a G that makes odd numbers only"),
           Case(_generator(1.0, deep=True), "a G with a hidden layer"),
           Case(_generator(0.0, 1.0), "a G that ignores its noise")],
    gives=tensor(lambda generator: (128,), what="a tensor, one probability for each number", loose=True,
                 shapes={1: "torch.bincount takes minlength=128."}),
    mistakes={
        "these are counts. Divide by 128.": lambda g: 128 * _share(_numbers(g)),
        "probabilities sum to 1, yours to 2. Divide by 128.": lambda g: 2 * _share(_numbers(g)),
        "// cuts every share down to 0. Divide with /.": lambda g: 128 * _share(_numbers(g)) // 128,
        "these are the numbers, not their probabilities. Count how often each number comes up.":
            lambda g: _numbers(g).float(),
        "your bits are read backwards: the first bit counts 64, the last one 1.":
            lambda g: _share(from_bits((g(all_bits()) > 0.5).flip(-1))),
        "every output became 0: .long() and int() cut off, 0.9 becomes 0. Round at 0.5.":
            lambda g: _share(from_bits(g(all_bits()).long())),
        "every output became 1: a sigmoid is always above 0. Round at 0.5.":
            lambda g: _share(from_bits(g(all_bits()) > 0)),
        "one number got everything: you average the outputs first. Round output by output.":
            lambda g: torch.bincount(from_bits(g(all_bits()).mean(0) > 0.5).reshape(1), minlength=128).double(),
        "all 128 equally often: that is the noise itself. Send it through the generator.":
            lambda g: torch.full((128,), 1 / 128),
        "you round at 0.9. Round at 0.5.": lambda g: _share(from_bits(g(all_bits()) > 0.9)),
        "the outputs are taken as probabilities of a 1. The numbers are what is left after rounding at 0.5.":
            lambda g: torch.where(all_bits().bool().unsqueeze(1), g(all_bits()), 1 - g(all_bits())).prod(-1).mean(1),
    },
    words={"random": "this is a sample, or something is seeded. Nothing is left to chance here: there are only 128 "
                     "noise values, so feed each one once."},
    takeaway="No sampling error at all: the table is p_g.",
)


def _table(**shares):
    """A case: a table with these shares (k4=0.5: number 4 has one half), in float64."""
    def make(rng, dtype=torch.float64):
        table = torch.zeros(128, dtype=dtype)
        for key, share in shares.items():
            table[int(key[1:])] = share
        return (table,)

    return make


def _reporter(step: int) -> Exercise:
    """Exercise 6: the mass on multiples of `step`, how many there are, and the entropy."""
    kind = "even numbers" if step == 2 else f"multiples of {step}"

    def validity(t):
        return t[::step].sum()

    def coverage(t):
        return (t[::step] > 0).sum()

    def bits(t):
        return torch.special.entr(t).sum() / math.log(2)

    def uniform(rng):
        table = torch.zeros(128)
        table[::step] = step / 128
        return (table,)

    def drawn(rng):
        return (torch.rand(128, generator=rng, dtype=torch.float64).pow(3).softmax(0),)

    last = 128 - step
    return Exercise(
        solution=lambda table: (validity(table), coverage(table), bits(table)),
        text=f"From such a table compute validity (the probability of {kind}), coverage (how many {kind} have a "
             "probability above 0) and the entropy in bits.",
        cases=[Case(_table(k16=0.5, k10=0.125, k96=0.125, k3=0.125, k7=0.125), "half on 16, an eighth each on 10, 96, "
                    "3 and 7"),
               Case(uniform, f"all {kind} equally often"), Case(drawn, "every number, some more often"),
               Case(_table(k0=127 / 128, **{f"k{last}": 1 / 128}), f"127/128 on 0 and 1/128 on {last}",
                    hint="A share of 1/128 counts too: above 0 is enough."),
               Case(_table(k5=0.75, k127=0.25), "nothing but 5 and 127"), Case(_table(k64=1), "64 alone"),
               Case(_table(k0=1 - 1e-7, k32=1e-7), "0 nearly always, 32 once in ten million")],
        gives=several("validity", "coverage", "entropy"),
        near=1e-6,
        mistakes={
            "this entropy is in nats. For bits use log2.":
                lambda t: (validity(t), coverage(t), torch.special.entr(t).sum()),
            "the entropy is NaN: 0 * log 0. Leave out the numbers that never come.":
                lambda t: (validity(t), coverage(t), -(t * t.log2()).sum()),
            "the entropy came out negative: there is a minus in front of the sum.":
                lambda t: (validity(t), coverage(t), -bits(t)),
            f"this is the entropy of the {kind} alone. Count the others too.":
                lambda t: (validity(t), coverage(t), bits(t[::step])),
            "this entropy is in decimal digits. For bits use log2.":
                lambda t: (validity(t), coverage(t), bits(t) * math.log10(2)),
            "validity sums probabilities: the numbers do not come equally often.":
                lambda t: (coverage(t) / (t > 0).sum(), coverage(t), bits(t)),
            f"this validity is the mass of all the numbers but the {kind}.":
                lambda t: (t.sum() - validity(t), coverage(t), bits(t)),
            f"this validity is the mass of all numbers. Sum the {kind} only.":
                lambda t: (t.sum(), coverage(t), bits(t)),
            "this validity is in percent. A probability goes from 0 to 1.":
                lambda t: (100 * validity(t), coverage(t), bits(t)),
            "t % 2 looks at the probabilities; whether a number is valid is a matter of its place: table[::2].":
                lambda t: (t[t % step == 0].sum(), coverage(t), bits(t)),
            f"coverage counts {kind} only: the others are not what we want.":
                lambda t: (validity(t), (t > 0).sum(), bits(t)),
            f"coverage is a count, not the share of the {128 // step} {kind}.":
                lambda t: (validity(t), coverage(t) * step / 128, bits(t)),
            "coverage counts the numbers that come up. At or above 0 they all are: take > 0.":
                lambda t: (validity(t), (t[::step] >= 0).sum(), bits(t)),
            "coverage: above 0 is enough, however rare a number is.":
                (lambda t: (validity(t), (t[::step] > 0.01).sum(), bits(t)),
                 lambda t: (validity(t), (t[::step] > 0.0079).sum(), bits(t))),
        },
        unfit="0 * log 0 is NaN: leave out the numbers that never come.",
        takeaway=f"{128 // step} numbers equally often are {7 - math.log2(step):g} bits: one for each fair coin.",
    )


report = _reporter(2)
report.variant = lambda rng: _reporter(rng.choice([4, 8, 16]))


def _whole(result, arguments: dict) -> dict:
    pair = [numbers(n, "two whole numbers") if hasattr(n, "ndim") else n for n in parts(result, 2, "two numbers, "
                                                                                       "(a, b)")]
    pair = [int(n) if isinstance(n, torch.Tensor) and n.ndim == 0 and n == n.round() else n for n in pair]
    require(all(type(n) is int and 0 <= n < 128 for n in pair), f"both must be ints from 0 to 127, got {tuple(pair)}.")
    return {"": tuple(pair)}


def _pair(kept: int) -> Exercise:
    """Exercise 7: two numbers that no linear D can tell from all those whose last bit is `kept`."""
    kind, other = ("odd", "even") if kept else ("even", "odd")

    def judge(pair: tuple) -> str:
        for n in pair:
            if n % 2 != kept:
                return f"{n} is {other}: the last bit gives it away."
        for place in (64, 32, 16, 8, 4, 2):
            if bool(pair[0] & place) == bool(pair[1] & place):
                return f"the bit that counts {place} is {int(bool(pair[0] & place))} in both numbers; in the data it " \
                    "is 1 half of the time. A linear D sees that."
        return ""

    return Exercise(
        solution=lambda: (42 + kept, 84 + kept),
        text=f"Find two {kind} numbers below 128 that leave every linear D at 2 log 2, if the data are all {kind} "
             "numbers and the forger makes these two, half of the time each.",
        cases=[lambda rng: ()], gives=_whole, judge=judge,
        mistakes={f"{43 - kept} is {other}": lambda: (43 - kept, 84 + kept),
                  "the bit that counts 64 is 0 in both": lambda: (kept, 2 + kept),
                  "the bit that counts 32 is 1 in both": lambda: (32 + kept, 126 + kept),
                  "the bit that counts 2 is 1 in both": lambda: (42 + kept, 86 + kept),
                  "the bit that counts 2 is 0 in both": lambda: (kept, 124 + kept)},
        takeaway=lambda pair: f"{pair[0]} and {pair[1]}: the right mean in every bit, so a linear D cannot beat ½. "
                              "Coverage: 2 of 64.",
    )


two_numbers = _pair(0)
two_numbers.variant = lambda rng: _pair(1)


def _perfect(network, *_) -> str:
    """What is wrong with a G that should make all 64 even numbers equally often, with outputs near 0 or 1."""
    with torch.no_grad():
        outputs = network(all_bits())
    if not torch.isfinite(outputs).all():
        return "some output is NaN: infinity times 0. Weights of 20 are large enough."
    gap = (outputs - 0.5).abs().min(0).values  # (7,): how far each bit stays from 0.5
    bit = int(gap.argmin())
    value = outputs[(outputs[:, bit] - 0.5).abs().argmin(), bit]
    if gap.min() <= 0.05 and bit == 6:
        return f"output 6, the last bit, is {value:.2f} for some noise: neither 0 nor 1. It has to be 0 whatever the " \
            "noise is: which weights and which bias do that?"
    if gap.min() <= 0.05:
        return f"output {bit} (of 0 to 6) is {value:.2f} for some noise: neither 0 nor 1. A noise bit of 0 times any " \
            "weight is 0: what does the bias have to do?"
    if gap.min() <= 0.4:
        return f"output {bit} (of 0 to 6) is {value:.2f} for some noise, not close to 0 or 1. Larger weights and " \
            "biases push the sigmoid to its ends."
    table = metrics.bits.probability_table(network)
    valid, cover = metrics.bits.validity(table).item(), metrics.bits.coverage(table).item()
    if valid < 1:
        return "every number is odd. Which way must the last bias point?" if valid == 0 else \
            f"{valid:.0%} of the numbers are even. The last bit must be 0 whatever the noise is."
    if cover < 64:
        return f"all even, but only {cover} of the 64 numbers. Let every bit copy a noise bit of its own."
    return "" if table.max() < 1.5 / 64 else f"all 64 come up, but not equally often: {int(table.argmax())} has " \
        f"{table.max():.4f}, not 1/64. Let every output bit copy a noise bit of its own."


def _network(result, arguments: dict) -> dict:
    layers = [type(layer) for layer in result] if type(result) is nn.Sequential else None
    require(layers == [nn.Linear, nn.Sigmoid] and result[0].weight.shape == (7, 7) and result[0].bias is not None,
            "keep the chapter's generator, bit_generator(): one nn.Linear(7, 7), then nn.Sigmoid().")
    require(not any(m._forward_hooks or m._forward_pre_hooks or "forward" in vars(m) for m in result.modules()),
            "leave the forward of the generator as it is, without hooks: set its weights.")
    require({p.dtype for p in result.parameters()} == {torch.float32}, "keep the weights in float32.")
    return {"": result}


def by_hand(weight: float = 20.0, bias: float = -10.0, last: float = 0.0, last_bias: float = -10.0, rows=None):
    """bit_generator() with `weight` on the diagonal, `bias` everywhere, and a last row of its own."""
    generator = generators.bit_generator()
    with torch.no_grad():
        generator[0].weight.copy_(weight * torch.eye(7)[list(rows or range(7))])
        generator[0].bias.fill_(bias)
        generator[0].weight[6], generator[0].bias[6] = last, last_bias
    return generator


perfect_generator = Exercise(
    solution=lambda: by_hand(), cases=[lambda rng: ()], gives=_network, judge=_perfect, free=("random",),
    mistakes={
        "what does the bias have to do?": lambda: by_hand(bias=0.0),
        "output 6, the last bit, is 0.50 for some noise": lambda: by_hand(last_bias=0.0),
        "Larger weights and biases push the sigmoid to its ends": lambda: by_hand(4.0, -2.0),
        "50% of the numbers are even": lambda: by_hand(last=20 * torch.eye(7)[6]),
        "every number is odd": lambda: by_hand(last_bias=10.0),
        "but only 1 of the 64 numbers": lambda: by_hand(0.0),
        "but only 32 of the 64 numbers": lambda: by_hand(rows=(0, 0, 2, 3, 4, 5, 6)),
        "some output is NaN": lambda: by_hand(math.inf),
        "keep the weights in float32": lambda: by_hand().double(),
    },
    takeaway="So 56 weights are enough for G. It was never G that was too weak.",
)
