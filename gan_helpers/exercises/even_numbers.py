"""The exercises of chapter 1, in their order."""

import copy
import math

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy as bce
from torch.nn.functional import binary_cross_entropy_with_logits as bce_with_logits
from torch.nn.functional import cross_entropy, logsigmoid, softplus

from gan_helpers import discriminators, generators, losses, metrics
from gan_helpers.data import from_bits
from gan_helpers.exercises import require
from gan_helpers.exercises.engine import Case, Exercise, Law, ask
from gan_helpers.exercises.kinds import bug, predict, take_step
from gan_helpers.exercises.readers import number, numbers, of_kind, parts, several, tensor
from gan_helpers.noise import all_bits


def _checked(odd: int = 0, counted: int = 6, last=None):
    """A sampler of six coins and a last bit: `last` of them, or what makes the ones odd or even."""
    def draw(n, rng):
        six = torch.randint(0, 2, (n, 6), generator=rng)
        bit = last(six, rng) if last else (six[:, :counted].sum(1) + odd) % 2
        return torch.cat([six, bit.reshape(n, 1)], 1).float()

    return draw


def _even_ones(odd: int, counted: int) -> Exercise:
    """Exercise 1: a sampler (n, rng) of the 64 rows whose last bit makes the ones among some of the others even."""
    parity = ("even", "odd")[odd]
    who = "all seven bits" if counted == 6 else f"the first {counted} bits and the last"
    kept = [k for k, bits in enumerate(all_bits().long()) if (bits[:counted].sum() + bits[6]) % 2 == odd]
    return Exercise(
        solution=_checked(odd, counted),
        text=f"Write the sampler for the 64 rows of seven bits in which {who} hold an {parity} number of ones, each "
             "row equally likely.",
        cases=[lambda rng, n=n: (n, torch.Generator().manual_seed(5)) for n in (64, 1, 2, 7, 1000)],
        gives=tensor(
            lambda n, rng: (n, 7), dtypes={torch.int64: "End with .float()."},
            shapes={1: "Return the bits themselves: a row of seven for each sample."},
            values=lambda bits: "" if ((bits == 0) | (bits == 1)).all() else
            "every entry must be exactly 0 or 1. Of a sum of bits, the remainder by 2 is one: % 2."),
        law=Law(lambda bits: from_bits(bits.float()), dict.fromkeys(kept, 1 / 64),
                f"{{}} came up: in its bits, {who} hold an {('odd', 'even')[odd]} number of ones."),
        mistakes={
            "the last bit is a coin of its own, so all 128 rows come up. It has to follow from the others.":
                _checked(last=lambda six, rng: torch.randint(0, 2, (len(six), 1), generator=rng)),
            f"your last bit is the wrong way round: the number of ones comes out {('odd', 'even')[odd]}.":
                _checked(1 - odd, counted),
            "your last bit is always 0: these are the even numbers of the chapter.":
                _checked(last=lambda six, rng: 0 * six[:, 0]),
            "your last bit repeats the one before it. It has to follow from the others together.":
                _checked(last=lambda six, rng: six[:, 5]),
            "your last bit is 1 whenever any other is. Count them: it depends on whether their number is even.":
                _checked(last=lambda six, rng: six.amax(1)),
            "your last bit says what most of the others are. It depends on whether the number of ones is even.":
                _checked(last=lambda six, rng: (six.sum(1) > 3).long()),
        },
        takeaway="Every bit is a 1 in half of the rows, and still half of all rows never come. No average can tell.",
    )


even_ones = _even_ones(0, 6)
even_ones.variant = lambda rng: _even_ones(rng.choice([0, 1]), rng.choice([3, 4, 5]))


def _soft(x):
    """log(1 + e^x), as PyTorch's logaddexp computes it."""
    return torch.logaddexp(x, torch.zeros_like(x))


def _d_loss(real, fake):
    return _soft(-real).mean() + _soft(fake).mean()


def _logits(n: int, scale: float = 1.0, dtype=torch.float32):
    return lambda rng: tuple(scale * torch.randn(n, 1, generator=rng, dtype=dtype) + shift for shift in (1, -2))


def _sure(real: list[float], fake: list[float], label: str) -> Case:
    return Case(lambda rng: tuple(torch.tensor(x).float().unsqueeze(1) for x in (real, fake)), label,
                hint="Is something clipped, or rounded to 0 or 1? Take the larger one of 1 and exp out of the log.")


def _two_branches(a):
    return torch.where(a > 20, a, torch.log(1 + torch.exp(a)))


def _one_maximum(a, least=-math.inf):
    m = max(a.max().item(), least)
    return m + torch.log(math.exp(-m) + torch.exp(a - m))


_one, _zero = torch.ones_like, torch.zeros_like
discriminator_loss = Exercise(
    solution=lambda real_logits, fake_logits: _d_loss(real_logits, fake_logits),
    forbidden=(softplus, logsigmoid, bce_with_logits, cross_entropy),
    cases=[
        Case(_logits(8), "8 logits of each kind, drawn at random"), _logits(1),
        Case(_logits(7, 4.0), "7 logits of each kind from -10 to 10"), _logits(1, 3.0), _logits(3, 1.0, torch.float64),
        Case(lambda rng: tuple(torch.randn(2, 9, 2, generator=rng)[..., :1]), "every second number of a tensor"),
        Case(lambda rng: (torch.zeros(2, 1), torch.zeros(2, 1)), "logits of 0", slopes=False),  # right ones have a kink
        _sure([200, -200], [200, -200], "logits of 200 and -200"),
        _sure([37, -51, 104], [17.5, 31, -88], "logits from -88 to 104"),
        _sure([600], [-600], "a D that is right, with logits of 600 and -600"),
        _sure([-500, 0.5], [2.0, 500], "a D that is wrong, with logits of 500"),
    ],
    gives=number("one number, the mean over the batch", is_tensor=True),
    slopes=("real_logits", "fake_logits"),
    unfit="A logit is no probability, so it has no log; and exp(200) is infinite in float32, as is the log of a "
          "sigmoid that was rounded to 0. Take the larger of 1 and exp(logit) out of the log.",
    mistakes={
        "your labels are swapped: real is 1 and fake is 0.": lambda real, fake: _d_loss(-real, -fake),
        "this is half of it: the mean of the two terms. Add them up, as (1.1) does.":
            lambda real, fake: _d_loss(real, fake) / 2,
        "this is the sum over the batch. Take the mean, or the rate grows with the batch.":
            lambda real, fake: _soft(-real).sum() + _soft(fake).sum(),
        "the sign is turned: D makes this small, so it starts with a minus.": lambda real, fake: -_d_loss(real, fake),
        "the sigmoid is applied twice: log(1 + exp(-logit)) has one inside already.":
            lambda real, fake: _d_loss(real.sigmoid(), fake.sigmoid()),
        "both terms call the samples real. The label of a fake is 0.": lambda real, fake: _d_loss(real, -fake),
        "both terms call the samples fake. The label of a real sample is 1.": lambda real, fake: _d_loss(-real, fake),
        "the term for the fakes is missing.": lambda real, fake: _soft(-real).mean(),
        "the term for the real samples is missing.": lambda real, fake: _soft(fake).mean(),
        "always 2 log 2? That holds only while every logit is 0.":
            lambda real, fake: 0 * (real.sum() + fake.sum()) + 2 * math.log(2),
        "this is in bits. Use the natural logarithm.": lambda real, fake: _d_loss(real, fake) / math.log(2),
        "this is the loss of a Wasserstein critic. Equation (1.1) takes logs of probabilities.":
            lambda real, fake: fake.mean() - real.mean(),
        "exp(200) is infinite in float32: written out, the logs fail where D is sure. Take the larger one of 1 and "
        "exp out of the log.":
            (lambda real, fake: -real.sigmoid().log().mean() - (1 - fake.sigmoid()).log().mean(),
             lambda real, fake: (1 + (-real).exp()).log().mean() + (1 + fake.exp()).log().mean()),
        "the value is right, and the slope is NaN: torch.where computes both branches, and 0 times the infinite slope "
        "of the one not taken is NaN. Let exp have only what it can stand: exp(-abs(a)).":
            lambda real, fake: _two_branches(-real).mean() + _two_branches(fake).mean(),
        "this takes one maximum for the whole batch, and the other logits vanish beside it. Take the larger of 0 and "
        "the logit for each by itself.":
            (lambda real, fake: _one_maximum(-real).mean() + _one_maximum(fake).mean(),
             lambda real, fake: _one_maximum(-real, 0).mean() + _one_maximum(fake, 0).mean()),
        "BCE from probabilities is cut off at 100, where the log would be infinite. Start from the logits.":
            lambda real, fake: bce(real.sigmoid(), _one(real)) + bce(fake.sigmoid(), _zero(fake)),
        "you add 1e-8 so that the log is never of 0. That cuts the loss off at 18. Start from the logits.":
            lambda real, fake: -(real.sigmoid() + 1e-8).log().mean() - (1 - fake.sigmoid() + 1e-8).log().mean(),
    },
    takeaway="That is what PyTorch's cross-entropy does inside: exact at 200, where a probability has long been 1.",
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


def _only_step(optimizer, loss):
    """Without a backward pass, the optimizer follows what an earlier step left."""
    optimizer.step()
    return loss


def _g(loss):
    """The step of G with a loss of D and the fakes."""
    return lambda g, d, optimizer, noise: take_step(optimizer, loss(d, g(noise)))


_GRAPH = "got no gradient. Is there a backward(), then a step(), no zero_grad() between them, and no detach, " \
    "rounding (output > 0.5) or .item() on the way?"
_FLAT = " A step function is flat: D must see G's output unrounded."


def _two_g_steps(g, d, optimizer, noise):
    take_step(optimizer, losses.non_saturating(d(g(noise))))
    return take_step(optimizer, losses.non_saturating(d(g(noise))))


def _loss_after_g(g, d, optimizer, noise):
    take_step(optimizer, losses.non_saturating(d(g(noise))))
    return losses.non_saturating(d(g(noise)))


generator_step = Exercise(
    solution=lambda generator, discriminator, optimizer, noise: take_step(
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
            lambda g, d, optimizer, noise: take_step(optimizer, losses.non_saturating(d(g(noise))), clear=False),
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
        "a logit is no probability, so it has no log: -log D is softplus(-logit).":
            _g(lambda d, fake: -d(fake).log().mean()),
        "G moved as it should. The loss you return is the one after the step; return the one that it stepped on.":
            _loss_after_g,
    },
    takeaway="G moved, D did not, and old gradients did not leak in.",
    uses={"discriminator_loss": discriminator_loss},
)


def _d(loss, clear=True):
    """The step of D with a loss of D, the real samples and the detached fakes."""
    return lambda g, d, optimizer, real, noise: take_step(optimizer, loss(d, real, g(noise).detach()), clear)


def _d_returns(what):
    def step(g, d, optimizer, real, noise):
        fake = g(noise).detach()
        value = what(d, real, fake)
        take_step(optimizer, _d_loss(d(real), d(fake)))
        return value if value is not None else _d_loss(d(real), d(fake))

    return step


def _two_d_steps(g, d, optimizer, real, noise):
    first = take_step(optimizer, softplus(-d(real)).mean())
    return first + take_step(optimizer, softplus(d(g(noise).detach())).mean())


discriminator_step = Exercise(
    solution=lambda generator, discriminator, optimizer, real, noise: take_step(
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
        "D judged the noise. Show it what G makes of the noise.":
            lambda g, d, optimizer, real, noise: take_step(optimizer, _d_loss(d(real), d(noise))),
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


def _chances(bits, p):
    """The chance of each row of bits, if each is 1 with probability p."""
    return torch.where(bits > 0.5, p, 1 - p).double().prod(-1)


def _summed(values, weights):
    return torch.zeros(128, dtype=torch.float64).index_add(0, values, weights)


def _with_coins(read, weigh=_chances):
    """An answer to exercise 5 that reads G's outputs so, and gives the noise these chances."""
    def table(generator, p):
        with torch.no_grad():
            return _summed(read(generator(all_bits())), weigh(all_bits(), p))

    return table


def _rounded(outputs):
    return from_bits(outputs > 0.5)


def _generator(p: float, scale: float, last: float = 0.0, deep: bool = False):
    def make(rng: torch.Generator) -> tuple:
        hidden = [nn.Linear(7, 9), nn.ReLU()] if deep else []
        network = nn.Sequential(*hidden, nn.Linear(9 if deep else 7, 7), nn.Sigmoid())
        for weight in network.parameters():
            size = 1.0 if weight.dim() == 1 and not scale else scale  # no output of exactly 0.5: who rounds that?
            weight.data = size * torch.randn(weight.shape, generator=rng)
        network[-2].bias.data[6] += last
        return network, p

    return make


exact_table = Exercise(
    solution=_with_coins(_rounded),
    cases=[Case(_generator(0.3, 1.5), "a G with random weights and p = 0.3"),
           Case(_generator(0.8, 0.7), "another G with random weights and p = 0.8"),
           Case(_generator(0.55, 0.8, -9), "a G that never makes 127 and p = 0.55"),
           Case(_generator(0.9, 0.8, 9), "a G that makes odd numbers only and p = 0.9"),
           Case(_generator(0.4, 1.0, deep=True), "a G with a hidden layer and p = 0.4"),
           Case(_generator(0.5, 1.5), "a G with random weights and fair coins, p = 0.5"),
           Case(_generator(1.0, 1.5), "a G with random weights and p = 1: the noise is always 1111111"),
           Case(_generator(0.2, 0.0, 1.0), "a G that ignores its noise and p = 0.2")],
    gives=tensor(lambda generator, p: (128,), what="a tensor, one probability for each number", loose=True,
                 shapes={1: "torch.bincount takes minlength=128."}),
    mistakes={
        "every noise value counts the same in your table. These coins are loaded: weigh each value with its chance.":
            _with_coins(_rounded, lambda bits, p: _chances(bits, 0.5)),
        "p is the chance of a 1, and you give it to the 0.":
            _with_coins(_rounded, lambda bits, p: _chances(bits, 1 - p)),
        "the coins of one noise value fall independently: multiply their seven chances.":
            (_with_coins(_rounded, lambda bits, p: torch.where(bits > 0.5, p, 1 - p).double().mean(-1)),
             _with_coins(_rounded, lambda bits, p: torch.where(bits > 0.5, p, 1 - p).double().sum(-1)),
             _with_coins(_rounded, lambda bits, p: torch.where(bits > 0.5, p, 1 - p).double().mean(-1) / 64)),
        "a 0 has a chance too: 1 - p. You count the ones only.":
            _with_coins(_rounded, lambda bits, p: p ** bits.double().sum(-1)),
        "you take the chances of the bits of each number. It is the noise whose coins are loaded.":
            lambda g, p: _summed(_numbers(g), _chances((g(all_bits()) > 0.5).double(), p)),
        "your table sums to 128. The chances of the noise sum to 1 by themselves.":
            _with_coins(_rounded, lambda bits, p: 128 * _chances(bits, p)),
        "your table sums to 1/128. The chances of the noise sum to 1 by themselves.":
            _with_coins(_rounded, lambda bits, p: _chances(bits, p) / 128),
        "your bits are read backwards: the first bit counts 64, the last one 1.":
            _with_coins(lambda outputs: _rounded(outputs.flip(-1))),
        "every output became 0: .long() and int() cut off, 0.9 becomes 0. Round at 0.5.":
            _with_coins(lambda outputs: from_bits(outputs.long())),
        "every output became 1: a sigmoid is always above 0. Round at 0.5.":
            _with_coins(lambda outputs: from_bits(outputs > 0)),
        "where several noise values make one number, your table keeps the chance of one of them: table[numbers] += "
        "chances adds once at each place. torch.bincount and index_add_ add up all.":
            lambda g, p: torch.zeros(128, dtype=torch.float64).index_put((_numbers(g),), _chances(all_bits(), p)),
        "you round at 0.9. Round at 0.5.": _with_coins(lambda outputs: from_bits(outputs > 0.9)),
        "this is the noise itself. Send it through the generator.": _with_coins(lambda _: torch.arange(128)),
    },
    words={"random": "this is a sample, or something is seeded. Nothing is left to chance here: there are only 128 "
                     "noise values, so feed each one once, and weigh it."},
    takeaway="No sampling error at all: the law of the noise goes straight into p_g.",
)


def _table(n, **shares):
    """A case: a table with these shares (k4=0.5: number 4 has one half), in float64, and a number of samples."""
    def make(rng):
        table = torch.zeros(128, dtype=torch.float64)
        for key, share in shares.items():
            table[int(key[1:])] = share
        return table, n

    return make


def _shown_by(step: int) -> Exercise:
    """Exercise 6: what n samples show: the chance that all are multiples of `step`, and how many differ."""
    kind = "even" if step == 2 else f"multiples of {step}"

    def all_right(t, n):
        return t[::step].sum() ** n

    def different(t, n):
        return (1 - (1 - t) ** n).sum()

    def uniform(rng):
        table = torch.zeros(128)
        table[::step] = step / 128
        return table, 10

    def drawn(n):
        return lambda rng: (torch.rand(128, generator=rng, dtype=torch.float64).pow(3).softmax(0), n)

    return Exercise(
        solution=lambda table, n: (all_right(table, n), different(table, n)),
        text=f"From such a table compute what n samples will show: the chance that all n are {kind}, and how many "
             "different numbers there are among them on average.",
        cases=[Case(_table(10, k16=0.5, k10=0.125, k96=0.125, k3=0.125, k7=0.125), "half on 16, an eighth each on 10, "
                    "96, 3 and 7, and n = 10"),
               Case(uniform, f"all the numbers that are {kind} equally often, and n = 10"),
               Case(drawn(1), "every number, some more often, and n = 1"),
               Case(drawn(40), "every number, some more often, and n = 40"),
               Case(_table(300, k0=127 / 128, k64=1 / 128), "127/128 on 0 and 1/128 on 64, and n = 300"),
               Case(_table(5, k5=0.75, k127=0.25), "nothing but 5 and 127, and n = 5"),
               Case(_table(7, k64=1), "64 alone, and n = 7"),
               Case(_table(3, k0=0.5, k32=0.3, k1=0.2), "0, 32 and 1 with 0.5, 0.3 and 0.2, and n = 3")],
        gives=several(f"all {kind}", "different numbers"),
        mistakes={
            "the first number is the chance for one sample. All n have to be right, each for itself: multiply.":
                lambda t, n: (t[::step].sum(), different(t, n)),
            "the chances of independent samples multiply: n times the chance for one is no chance.":
                lambda t, n: (n * t[::step].sum(), different(t, n)),
            f"the first number is the chance that at least one is {kind}. All n have to be.":
                lambda t, n: (1 - (1 - t[::step].sum()) ** n, different(t, n)),
            "the first number is the chance that one or more are wrong. Take 1 minus it.":
                lambda t, n: (1 - all_right(t, n), different(t, n)),
            "the first number counts kinds of numbers. They do not come equally often: sum their chances.":
                lambda t, n: (((t[::step] > 0).sum() / (t > 0).sum()) ** n, different(t, n)),
            "the first number looks at the chance of getting one number n times. Any right ones will do.":
                lambda t, n: ((t[::step] ** n).sum(), different(t, n)),
            f"the first number asks for those that are not {kind}: where does the slice start?":
                lambda t, n: ((1 - t[::step].sum()) ** n, different(t, n)),
            f"the two numbers are the wrong way round: the chance that all are {kind} comes first.":
                lambda t, n: (different(t, n), all_right(t, n)),
            "p to the power of n is the chance that all n are that number. How likely is it that n samples miss it?":
                lambda t, n: (all_right(t, n), (1 - t**n).sum()),
            "the second number is all that can ever come. How much of it do n samples show?":
                lambda t, n: (all_right(t, n), (t > 0).sum()),
            "n samples need not all differ: the same number may come twice.": lambda t, n: (all_right(t, n), n),
            "the second number is how many of the 128 will be missing.":
                lambda t, n: (all_right(t, n), ((1 - t) ** n).sum()),
            f"the second number leaves out those that are not {kind}. Here any number counts.":
                lambda t, n: (all_right(t, n), different(t[::step], n)),
            "the second number is a count, not a share of the 128: sum, do not average.":
                lambda t, n: (all_right(t, n), different(t, n) / 128),
            "n times p is how often a number comes, and it may come twice. How likely is it that it comes at all?":
                lambda t, n: (all_right(t, n), (n * t).clamp(max=1).sum()),
            "2 to the power of the entropy says how varied the table is. How many will n samples show?":
                lambda t, n: (all_right(t, n), 2 ** (torch.special.entr(t).sum() / math.log(2))),
        },
        takeaway=f"Ten draws from {128 // step} numbers hold {128 / step * (1 - (1 - step / 128) ** 10):.1f} different "
                 "ones. A sample of right answers says nothing about what is missing; one that repeats itself does.",
    )


ten_samples = _shown_by(2)
ten_samples.variant = lambda rng: _shown_by(rng.choice([4, 8, 16]))


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
                    "is 1 in half of the numbers. A linear D sees that."
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


share_with_even_ones = predict(
    (0.44, 0.56),
    "About one half, as before training: 0.49 on average over 100 seeds. Every bit of this R is a 1 in half of "
    "its rows, and means are all that a linear D sees. It asks G for averages, and averages do not make a rule.",
    {"every real sample keeps the rule, but D never checks it: a linear D sees the mean of each bit. Which means does "
     "this R have?": (0.985, 1.0),
     "the chapter's runs had learned to be even by then, from the mean of the last bit. What is that mean here?":
         (0.565, 0.98),
     "no real sample breaks the rule. But who would teach G to break it every time?": 0.0,
     "this is in percent? A share lies between 0 and 1.": (2, 100)},
)


def broken_step(discriminator, optimizer, samples, labels):
    """Exercise 10 as it is given: the labels (n,) meet logits (n, 1), and the losses are (n, n)."""
    logits = discriminator(samples)
    losses = -labels * logsigmoid(logits) - (1 - labels) * logsigmoid(-logits)
    return take_step(optimizer, losses.mean())


def _labelled(optimizer, n: int, leftovers: float | None = 1.0, deep: bool = False):
    """The arguments of D's step on samples with labels, in any order."""
    def make(rng: torch.Generator) -> tuple:
        discriminator = discriminators.hidden_discriminator(hidden=4, width=5 if deep else 7)
        for p in discriminator.parameters():
            p.data = torch.randn(p.shape, generator=rng)
            p.grad = None if leftovers is None else leftovers * torch.randn(p.shape, generator=rng)
        samples = torch.randint(0, 2, (n, 5 if deep else 7), generator=rng).float()
        labels = (torch.rand(n, generator=rng) < 0.6).float()
        return discriminator, optimizer(discriminator.parameters()), samples, labels

    return make


def _judged(loss, clear=True):
    """The step with a loss of the logits (n,) and the labels (n,)."""
    return lambda d, optimizer, samples, labels: take_step(optimizer, loss(d(samples).squeeze(1), labels), clear)


def _by_kind(logits, labels):
    return softplus(-logits[labels == 1]).mean() + softplus(logits[labels == 0]).mean()


mended_step = bug(
    broken_step,
    "as it was given: the loss is a mean over n times n numbers. What shape have the logits, and what the labels?",
    solution=lambda discriminator, optimizer, samples, labels: take_step(
        optimizer, bce_with_logits(discriminator(samples).squeeze(1), labels)),
    cases=[Case(_labelled(_sgd, 32), "32 samples and SGD, with gradients left from an earlier step"),
           Case(_labelled(_sgd, 5, None), "5 samples and no gradients yet"), Case(_labelled(_sgd, 1), "one sample"),
           Case(_labelled(_adam, 7, None), "7 samples and Adam", 3),
           Case(_labelled(_sgd, 16, 0.3, True), "16 samples of five bits", 2)],
    gives=number("the loss", name="the loss that you return"),
    changes=("discriminator.weights",), free=("discriminator.grad", "optimizer.state"),
    words={"discriminator.weights": f"D {_GRAPH}"},
    mistakes={
        "your labels are swapped: 1 is real.": _judged(lambda logits, y: bce_with_logits(logits, 1 - y)),
        "the gradients of an earlier step were added to yours. That line was right: optimizer.zero_grad().":
            _judged(bce_with_logits, False),
        "this is the sum over the batch. Take the mean.":
            _judged(lambda logits, y: bce_with_logits(logits, y, reduction="sum")),
        "the samples with label 0 cost nothing in your loss. That half was right as it was given.":
            _judged(lambda logits, y: -(y * logsigmoid(logits)).mean()),
        "the samples with label 1 cost nothing in your loss. That half was right as it was given.":
            _judged(lambda logits, y: -((1 - y) * logsigmoid(-logits)).mean()),
        "this adds the mean over the real samples and the mean over the fakes. Here each sample counts alike: take the "
        "mean of all n.": (_judged(_by_kind), _judged(lambda logits, y: _by_kind(logits, y) / 2)),
        "the sigmoid is applied twice: logsigmoid has one inside.":
            _judged(lambda logits, y: bce_with_logits(logits.sigmoid(), y)),
        "now each sample has got the label of another.": _judged(lambda logits, y: bce_with_logits(logits, y.roll(1))),
        "this sees the average of the logits only. Each sample has a loss of its own.":
            _judged(lambda logits, y: bce_with_logits(logits.mean().expand_as(y), y)),
    },
    takeaway="Labels of shape (n,) and logits of shape (n, 1) broadcast to (n, n): every sample with every label.",
)


def _blurred(seed: int):
    """Fakes whose means are those of the even numbers, with no bit among them: six coins, both sides 0.1 to 0.5 in."""
    rng = torch.Generator().manual_seed(seed)
    near = 0.1 + 0.4 * torch.rand(32, 6, generator=rng)
    fake = torch.cat([near, 1 - near]).clamp(0, 1)  # each with its mirror image: the means are one half
    return torch.cat([fake, torch.zeros(64, 1)], 1)


EVEN = all_bits()[::2]
WEIGHTS, CAUGHT = 20, 0.5  # at most; what D's loss has to fall below


def caught(discriminator, seed: int) -> float:
    """D's loss on the data and on still fakes, after 100 steps of training D alone from fresh weights."""
    fake = _blurred(seed)
    torch.manual_seed(seed)
    for layer in discriminator.modules():
        if hasattr(layer, "reset_parameters"):
            layer.reset_parameters()
    optimizer = torch.optim.Adam(discriminator.parameters(), lr=0.1)
    for _ in range(100):
        take_step(optimizer, _d_loss(discriminator(EVEN.clone()), discriminator(fake.clone())))
    with torch.no_grad():
        return _d_loss(discriminator(EVEN.clone()), discriminator(fake.clone())).item()


def _row_by_row(network) -> bool:
    """Whether a network says the same of each row, whatever else is in the batch."""
    rows = torch.cat([EVEN[:8], _blurred(0)[:8]])
    with torch.no_grad():
        return torch.allclose(network(rows.clone()), torch.cat([network(rows[:8].clone()), network(rows[8:].clone())]),
                              atol=1e-4)


def _detective(result, arguments: dict) -> dict:
    of_kind(result, nn.Module, "a network")
    count, fixed = (sum(p.numel() for p in held()) for held in (result.parameters, result.buffers))
    fixed += sum(x.numel() for m in result.modules() for x in vars(m).values() if isinstance(x, torch.Tensor))
    require(count <= WEIGHTS, f"your network has {count} weights, and {WEIGHTS} are allowed.")
    require(count + fixed <= WEIGHTS, f"your network has {count} weights and {fixed} fixed numbers, and {WEIGHTS} in "
            "all are allowed: a layer that does not learn has weights too.")
    require(count and all(p.requires_grad for p in result.parameters()), "your network has no weights that can learn.")
    with torch.no_grad():
        rows = EVEN[:5].clone()
        logits = ask(result, rows, here="for five rows of bits: ")
    require(torch.equal(rows, EVEN[:5]), "your network writes into the rows that it is given, and these are the data. "
            "In forward write x = x - 0.5, which makes new ones, not x -= 0.5.")
    require(isinstance(logits, torch.Tensor) and logits.shape == (5, 1), "your network should make rows of 7 numbers, "
            "shape (n, 7), into logits, shape (n, 1).")
    return {"": result}


def _why(trained, loss: float, seed: int) -> str:
    """What keeps the loss of a trained detective up, as far as it can be told."""
    with torch.no_grad():
        said = trained(torch.cat([EVEN, _blurred(seed)]))
    guessing, low, high = 2 * math.log(2), said.min().item(), said.max().item()
    if 0 <= low < high - 0.5 <= 0.5:
        return " All that it says lies between 0 and 1. Does it end in a sigmoid? A logit may be any number."
    if sum(any(p.dim() > 1 for p in m.parameters(recurse=False)) for m in trained.modules()) > 1:
        return " So few hidden units find what gives the fakes away by luck only. What could you show a linear layer " \
            "instead?"
    if abs(loss - guessing) < 0.02:
        return " That is guessing: what it sees has the same mean in the fakes and in the data."
    return " That is better than guessing, so there is a difference in what it sees, but too small a one. What have " \
        "all real bits in common, zeros and ones alike?" * (loss < guessing)


def _seen(network) -> str:
    """What is wrong with a detective that is trained on fakes with the right means."""
    for seed in (11, 23, 47):
        trained = copy.deepcopy(network)
        try:
            loss = caught(trained, seed)
            apart = _row_by_row(trained.eval())
        except Exception as error:
            return f"while it was trained your network stopped with {type(error).__name__}: {error!s:.140}"
        if not loss <= CAUGHT:
            return f"after 100 steps your detective's loss is {loss:.2f}, and it should be at most {CAUGHT}." \
                f"{_why(trained, loss, seed)}"
        if not apart:
            return "what your network says of a row depends on the other rows of the batch. Let it judge each row by " \
                "itself."
    return ""


class _Seeing(nn.Module):
    """A linear D that is shown `see` of its input."""

    def __init__(self, see, width: int = 7):
        super().__init__()
        self.see, self.linear = see, nn.Linear(width, 1)

    def forward(self, x):
        return self.linear(self.see(x))


def _two_layers(hidden: int):
    return nn.Sequential(nn.Linear(7, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, 1))


# How often small networks come below CAUGHT: python -m benchmarks.solutions 1.11
small_detective = Exercise(
    solution=lambda: _Seeing(lambda x: torch.cat([x, x * (1 - x)], 1), 14),
    cases=[lambda rng: torch.manual_seed(7) and ()],  # the weights that the answer draws are the same each time
    gives=_detective, judge=_seen, free=("random",),
    mistakes={
        "loss is 1.39, and it should be at most 0.5. That is guessing": lambda: nn.Linear(7, 1),
        "your network has 1345 weights, and 20 are allowed": discriminators.hidden_discriminator,
        "So few hidden units find what gives the fakes away by luck only": lambda: _two_layers(2),
        "loss is 1.39,": lambda: _Seeing(lambda x: (x > 0.5).float()),
        "Does it end in a sigmoid?": lambda: nn.Sequential(_Seeing(lambda x: x * (1 - x)), nn.Sigmoid()),
        "but too small a one. What have all real bits in common": lambda: _Seeing(lambda x: x**2),
        "no weights that can learn": lambda: nn.Flatten(),
    },
    takeaway="What a D is shown matters more than its size: no real bit lies between 0 and 1, and now it can tell.",
)
