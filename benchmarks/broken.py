"""The bank of broken GANs: nineteen conditions on five data sets, each run taken apart by `gan_helpers.diagnosis`.

    python -m benchmarks.broken          reprints what is recorded
    python -m benchmarks.broken --run    trains and measures what is not recorded (all: two to three hours on one core)

A condition is one change in a GAN that works: a setting, a network, the data, or a slip in the loop. The loop is
written by hand, with a switch for each slip, since the package refuses most of them. No networks are kept: of each run
there are its losses, thinned, and all that `diagnose` measures, from which the findings follow without training again.
"""

import argparse
import dataclasses
import functools
from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.nn.functional import avg_pool2d, softplus

from benchmarks import recorder
from gan_helpers import data, losses, mnist, noise, recorded
from gan_helpers.diagnosis import loop as experiments
from gan_helpers.diagnosis.measure import measure
from gan_helpers.diagnosis.parts import of_loop
from gan_helpers.gan import as_json
from gan_helpers.layers import leaky_relu
from gan_helpers.training import stack, unstack

NAME, KEPT = "broken", 128  # values kept of each loss
HELD_OUT = "ink and paper"  # the data set that no rule was chosen on
FIRST_JUDGED = 16  # seeds from here on judge, the ones below choose
WAVE = {"bits": 3, "bell curve": 3, "ring": 3, "ink and paper": 3, "digits": 1}  # seeds of either kind in a wave
RECORDED = 5  # how many waves are recorded
WELL = "healthy", "unfinished"  # with nothing broken
MORE_FROM, MORE = 40, 6  # from this seed on, as six more waves would: that alarms are rare takes many runs


def mlp(ins, hidden, outs, activation=leaky_relu, last=None, norm=False) -> nn.Sequential:
    """Two hidden layers; last: a layer for the outputs, norm: batch norm after each hidden layer."""
    between = [[nn.BatchNorm1d(hidden)] if norm else [] for _ in range(2)]
    return nn.Sequential(
        nn.Linear(ins, hidden), *between[0], activation(), nn.Linear(hidden, hidden), *between[1], activation(),
        nn.Linear(hidden, outs), *([last()] if last else []),
    )


@functools.cache
def small_images(split: str) -> torch.Tensor:
    """MNIST at half the width and height: float32 (count, 196) in [0, 1]."""
    pixels = torch.from_numpy(mnist.read(f"x_{split}"))[:20_000]
    return avg_pool2d(pixels.float().div(255).unsqueeze(1), 2).flatten(1)


def small_digits(n: int, rng: torch.Generator, split: str = "train") -> torch.Tensor:
    """Digits of 14 by 14 pixels: float32 (n, 196) in [0, 1]."""
    images = small_images(split)
    return images[torch.randint(0, len(images), (n,), generator=rng)]


@dataclasses.dataclass(frozen=True)
class Setting:
    """One GAN and its loop, with a switch for each slip. As it stands, it works on its data set."""

    real: Callable  # what it is trained on: sampler (n, rng)
    held_out: Callable  # other samples of the same kind
    features: int
    steps: int
    last: Callable | None = None  # G's last layer
    inputs: int = 8  # numbers that go into G
    hidden: int = 32
    d_hidden: int = 32
    lr: float = 5e-3
    d_rate: float = 1.0  # D's learning rate, in G's
    g_rate: float = 1.0
    batch: int = 64
    r1: float = 0.1
    d_steps: int = 1
    g_steps: int = 1
    betas: tuple[float, float] = (0.0, 0.9)
    momentum: float | None = None  # SGD with this momentum instead of Adam
    decay: float = 0.1  # the rates fall linearly to this share
    minimax: bool = False
    linear_d: bool = False
    batch_norm: bool = False
    train_mode: bool = False  # G is handed over in training mode
    head_start: int = 0  # steps of D before the first step of G
    items: int = 0  # of the training set, 0: as many as wanted
    items_from: int = 0  # the step from which only these are shown
    copied: bool = False  # G starts as a copy machine: vector k of the noise becomes item k
    noise_std: float = 1.0
    noise_bits: int = 0  # with k, G gets one of 2**k vectors, always the same ones
    part: bool = False  # only half of the data are shown, as if sorted and not shuffled
    slip: str = ""

    def generator(self) -> nn.Module:
        return mlp(self.inputs, self.hidden, self.features, last=self.last, norm=self.batch_norm)

    def discriminator(self) -> nn.Module:
        if self.linear_d:
            return nn.Sequential(nn.Linear(self.features, 1))
        return mlp(self.features, self.d_hidden, 1, last=nn.Sigmoid if self.slip == "probability" else None)

    def vectors(self) -> torch.Tensor:
        """All that G is fed if there are only 2**noise_bits vectors."""
        return torch.randn(2**self.noise_bits, self.inputs, generator=torch.Generator().manual_seed(1))

    def noise(self, n: int, rng: torch.Generator) -> torch.Tensor:
        if self.noise_bits:
            index = torch.randint(0, 2**self.noise_bits, (n,), generator=rng)
            return self.noise_std * self.vectors()[index]
        return self.noise_std * noise.normal(n, rng, features=self.inputs)


EVEN = functools.partial(data.even_numbers, max_int=32)
SETS = {
    "bits": Setting(EVEN, EVEN, 5, 500, nn.Sigmoid, inputs=5, hidden=64, lr=1e-2, d_rate=2.0),
    "bell curve": Setting(data.gaussian, data.gaussian, 1, 400, inputs=1, lr=3e-3, d_rate=4.0, batch=128),
    "ring": Setting(data.ring, data.ring, 2, 700, inputs=2, d_hidden=64, lr=3e-3, d_rate=2.0, batch=128),
    "ink and paper": Setting(data.ink_and_paper, data.ink_and_paper, 1, 600, inputs=1, lr=2e-3, d_rate=4.0, batch=256,
                             r1=0.003),
    "digits": Setting(small_digits, functools.partial(small_digits, split="test"), 196, 650, nn.Sigmoid, inputs=32,
                      hidden=128, d_hidden=128, lr=2.5e-3, r1=1.0),
}


class Loop:
    """The training loop, for one run or for many at once (stacked); `step` makes one step."""

    def __init__(self, setting: Setting, networks, samplers, rngs, stacked: bool):
        self.setting, self.samplers, self.rngs, self.stacked = setting, samplers, rngs, stacked
        self.generator, self.discriminator = networks
        self.done, slip = 0, setting.slip
        weights = {"g": list(self.generator.parameters()), "d": list(self.discriminator.parameters())}
        if slip == "optimizer of D twice":
            weights["g"] = weights["d"]
        if slip == "optimizer of G twice":
            weights["d"] = weights["g"]
        self.rates = {"g": setting.lr * setting.g_rate, "d": setting.lr * setting.d_rate}
        self.optimizers = {player: self.optimizer(held, self.rates[player]) for player, held in weights.items()}

    def optimizer(self, weights, lr):
        if self.setting.momentum is not None:
            return torch.optim.SGD(weights, lr, self.setting.momentum)
        return torch.optim.Adam(weights, lr, self.setting.betas, fused=True)

    def draw(self, samplers) -> torch.Tensor:
        batches = [sample(self.setting.batch, rng) for sample, rng in zip(samplers, self.rngs, strict=True)]
        return torch.stack(batches) if self.stacked else batches[0]

    def shown(self):
        """The samplers that D is shown now."""
        if self.setting.items and self.done < self.setting.items_from:
            return [self.setting.real] * len(self.rngs)
        return self.samplers

    def clear(self, player: str) -> None:
        if self.setting.slip not in ("nothing cleared", f"{player} not cleared"):
            self.optimizers[player].zero_grad()

    def step(self):
        """Each player's steps; returns (g_loss, d_loss) before them, () or (runs,)."""
        setting, slip = self.setting, self.setting.slip
        share = max(setting.decay, 1 - (1 - setting.decay) * self.done / setting.steps)
        for player, optimizer in self.optimizers.items():
            optimizer.param_groups[0]["lr"] = self.rates[player] * share
        for _ in range(setting.d_steps + setting.head_start * (self.done == 0)):
            real = self.draw(self.shown()).requires_grad_(setting.r1 > 0)
            with torch.no_grad():
                fake = self.generator(self.draw([setting.noise] * len(self.rngs)))
            self.clear("d")
            logits, fake_logits = self.discriminator(real), self.discriminator(fake)
            if slip == "labels of D":
                logits, fake_logits = -logits, -fake_logits
            d_loss = losses.discriminator_loss(logits, fake_logits)
            objective = d_loss + setting.r1 * losses.r1_penalty(logits, real) if setting.r1 else d_loss
            objective.sum().backward()
            if slip != "no optimizer of D":
                self.optimizers["d"].step()
        for _ in range(setting.g_steps):
            z = self.draw([setting.noise] * len(self.rngs))
            self.clear("g")
            with torch.set_grad_enabled(slip != "no_grad"):
                fake = self.generator(z)
            logits = self.discriminator(fake.detach() if slip == "detach" else fake)
            if slip == "label of G":
                g_loss = softplus(logits).mean((-2, -1))
            else:
                g_loss = losses.minimax(logits) if setting.minimax else losses.non_saturating(logits)
            if slip == "item":
                torch.tensor(g_loss.sum().item(), requires_grad=True).backward()
            else:
                g_loss.sum().backward()
            if slip != "no optimizer of G":
                self.optimizers["g"].step()
        self.done += 1
        return g_loss.detach(), d_loss.detach()


@dataclasses.dataclass(frozen=True, eq=False)
class Scaled:
    """A sampler whose samples are multiplied and shifted."""

    sample: Callable
    by: float
    add: float = 0.0

    def __call__(self, n, rng):
        return self.sample(n, rng) * self.by + self.add


@dataclasses.dataclass(frozen=True, eq=False)
class Holes:
    """A sampler in which a small share of the samples have a NaN."""

    sample: Callable
    share: float

    def __call__(self, n, rng):
        batch = self.sample(n, rng)
        batch[torch.rand(n, generator=rng) < self.share, 0] = torch.nan
        return batch


@dataclasses.dataclass(frozen=True, eq=False)
class Few:
    """A training set of few samples, drawn once; the seed decides which."""

    items: torch.Tensor

    def __call__(self, n, rng):
        return self.items[torch.randint(0, len(self.items), (n,), generator=rng)]


@dataclasses.dataclass(frozen=True, eq=False)
class Part:
    """Only samples whose feature of largest variance is above its median."""

    sample: Callable

    def __call__(self, n, rng):
        batch = self.sample(3 * n + 20, rng)
        index, median = largest(self.sample)
        return batch[batch[:, index] > median][:n]


@functools.cache
def largest(sample: Callable) -> tuple[int, float]:
    """Which feature varies most, and its median."""
    batch = sample(4000, torch.Generator().manual_seed(0))
    index = int(batch.var(0).argmax())
    return index, batch[:, index].median().clamp(max=batch[:, index].max() - 1e-6).item()


def train_all(setting: Setting, seeds):
    """Train these seeds, stacked if the networks can be. Returns a Loop for each, and losses (seeds, 2, steps)."""
    pairs = []
    for seed in seeds:
        torch.manual_seed(seed)
        pairs.append((setting.generator(), setting.discriminator()))
    samplers = [setting.real] * len(seeds)
    if setting.part:
        samplers = [Part(setting.real)] * len(seeds)
    if setting.items:
        samplers = [Few(setting.real(setting.items, torch.Generator().manual_seed(10_000 + seed))) for seed in seeds]
    rngs = [torch.Generator().manual_seed(seed) for seed in seeds]
    if setting.batch_norm:
        loops = [Loop(setting, pair, [sample], [rng], False)
                 for pair, sample, rng in zip(pairs, samplers, rngs, strict=True)]
        curves = torch.stack([torch.stack([torch.stack(loop.step()) for _ in range(setting.steps)], 1)
                              for loop in loops])  # (seeds, 2, steps)
    else:
        stacked = [stack(list(players)) for players in zip(*pairs, strict=True)]
        if setting.copied:
            learn_by_heart(stacked[0], setting.vectors(), torch.stack([sample.items for sample in samplers]))
        whole = Loop(setting, stacked, samplers, rngs, True)
        curves = torch.stack([torch.stack(whole.step()) for _ in range(setting.steps)]).permute(2, 1, 0)
        loops = [one_of(whole, i) for i in range(len(seeds))]
    for loop in loops:
        loop.generator.train(setting.train_mode)
    return loops, curves


def learn_by_heart(generator, vectors, items, steps: int = 400) -> None:
    """Teach stacked generators to make item k of noise vector k, by least squares."""
    optimizer = torch.optim.Adam(generator.parameters(), 5e-3, fused=True)
    wanted = items[:, torch.arange(len(vectors)) % items.shape[1]]
    for _ in range(steps):
        optimizer.zero_grad()
        (generator(vectors.expand(len(items), -1, -1)) - wanted).square().mean((-2, -1)).sum().backward()
        optimizer.step()


def one_of(whole: Loop, i: int) -> Loop:
    """One run of a stacked loop, with its optimizers' state."""
    networks = [unstack(network, i) for network in (whole.generator, whole.discriminator)]
    loop = Loop(whole.setting, networks, [whole.samplers[i]], [whole.rngs[i]], False)
    loop.done = whole.done
    for player, optimizer in loop.optimizers.items():
        stacked = whole.optimizers[player]
        pairs = zip(optimizer.param_groups[0]["params"], stacked.param_groups[0]["params"], strict=True)
        for weight, all_weights in pairs:
            for key, value in stacked.state.get(all_weights, {}).items():
                if value is not None:
                    one = value[i].reshape(weight.shape) if value.dim() else value
                    optimizer.state[weight][key] = one.clone()
        optimizer.param_groups[0]["lr"] = stacked.param_groups[0]["lr"]
    return loop


FEW = {"bits": (5, 3), "bell curve": (5, 3), "ring": (12, 4), "ink and paper": (5, 3), "digits": (16, 4)}  # items, bits
RANGES = {  # G's last layer, and how the data are changed, so that the two do not fit
    "bits": (nn.Sigmoid, 2.0, -1.0), "bell curve": (nn.Tanh, 1.0, 0.0), "ring": (nn.Tanh, 1.0, 0.0),
    "ink and paper": (nn.Sigmoid, 1.0, 0.0), "digits": (nn.Sigmoid, 2.0, -1.0),
}
SCALES = {"bits": 255.0, "bell curve": 100.0, "ring": 100.0, "ink and paper": 500.0, "digits": 255.0}
ROUND = {"bits": 1, "bell curve": 2, "ring": 4, "ink and paper": 6, "digits": 2}  # rates at which the players go round
LEFT_OUT = {  # where a condition cannot show
    ("ink and paper", "D too strong"): "the first fakes lie among the data, so that no D can be sure of anything",
}


def conditions(name: str) -> dict[str, list[Setting]]:
    """{condition: its variants, which seeds take in turns}, for one data set.

    All train for the same number of steps, so that no loss curve gives its condition away by its length; only what is
    not finished is shorter.
    """
    base = SETS[name]
    half, (items, bits) = base.steps // 2, FEW[name]

    def changed(**changes) -> Setting:
        return dataclasses.replace(base, **changes)

    def scaled(last, by, add, **changes) -> Setting:
        return changed(last=last, real=Scaled(base.real, by, add), held_out=Scaled(base.held_out, by, add), **changes)

    def slips(*names) -> list[Setting]:
        return [changed(slip=slip) for slip in names]

    return {
        "healthy": [base],
        "unfinished": [changed(steps=max(20, base.steps // 14), decay=1.0)],
        "raw units": [scaled(None, SCALES[name], 0.0)],
        "range": [scaled(*RANGES[name])],
        "D too strong": [changed(minimax=True, r1=0.0, head_start=200, d_steps=2, g_rate=0.05)],
        "D too weak": [changed(linear_d=True)],
        "collapse": [changed(noise_std=1e-4),
                     *([changed(g_steps=6, d_rate=base.d_rate / 16, r1=0.0)] if name != "bell curve" else [])],
        "dropped modes": [changed(noise_bits=2), changed(part=True)],
        "going round": [changed(r1=0.0, betas=(0.9, 0.9), lr=ROUND[name] * base.lr, last=None, decay=1.0)],
        "rate too high": [changed(lr=50 * base.lr, decay=1.0), changed(lr=200 * base.lr, decay=1.0)],
        "rate too low": [changed(lr=1e-3 * base.lr), changed(lr=1e-4 * base.lr)],
        "labels swapped": slips("labels of D", "label of G"),
        "probability as logit": slips("probability"),
        "gradient cut": slips("detach", "no_grad", "item"),
        "optimizer": slips("optimizer of D twice", "no optimizer of G", "optimizer of G twice", "no optimizer of D"),
        "gradients not cleared": slips("nothing cleared", "g not cleared", "d not cleared"),
        "batch norm": [changed(batch_norm=True, train_mode=True)],
        "NaN in the data": [changed(real=Holes(base.real, share)) for share in (0.02, 0.004, 0.001)],
        "few samples": [  # D learns them by heart, or G returns them: too much alike to be told apart
            changed(items=items, items_from=half, r1=0.0, g_rate=0.1, d_hidden=128, decay=1.0),
            changed(items=items, noise_bits=bits, copied=True, inputs=max(8, base.inputs), g_rate=0.02)],
    }


@dataclasses.dataclass(frozen=True)
class Row:
    """One condition on one data set, for a few seeds; which variant it takes goes by turns."""

    name: str
    condition: str
    wave: int
    seeds: list[int]

    def variant(self) -> Setting:
        """The variant of the condition."""
        settings = conditions(self.name)[self.condition]
        return settings[(list(SETS).index(self.name) + self.wave) % len(settings)]

    def settings(self) -> dict:
        """What tells whether a recording is still of this row."""
        return {"data": self.name, "condition": self.condition, "seeds": self.seeds,
                "setting": described(self.variant())}


def described(setting: Setting) -> dict:
    """A setting as JSON keeps it: what differs from the defaults."""
    found = {}
    for field in dataclasses.fields(setting):
        value = getattr(setting, field.name)
        if value != field.default:
            more = [as_json(part) for part in vars(value).values()] if dataclasses.is_dataclass(value) else []
            found[field.name] = {type(value).__name__: more} if more else as_json(value)
    return found


def rows() -> dict[str, Row]:
    """All rows that are to be recorded. A wave takes new seeds, some to choose by and as many to judge by."""
    found = {}
    for wave in range(RECORDED):
        for name in SETS:
            for condition, variants in conditions(name).items():
                if (name, condition) in LEFT_OUT:
                    continue
                count = 1 if variants[0].batch_norm else WAVE[name]  # those are trained one by one
                choose = list(range(count * wave, count * (wave + 1)))
                judge = [seed + FIRST_JUDGED for seed in choose]
                found[f"{name}: {condition}: wave {wave + 1}"] = Row(
                    name, condition, wave, judge if name == HELD_OUT else choose + judge)
    for name in SETS:
        for condition in WELL:
            seeds = range(MORE_FROM, MORE_FROM + MORE * WAVE[name])
            found[f"{name}: {condition}: more"] = Row(name, condition, 0, list(seeds))
    return found


ROWS = rows()


def measured(row_name: str, row: Row, folder) -> dict:
    """Train the row's runs, and keep what is measured of each, and its losses."""
    setting, kept = row.variant(), []
    loops, curves = train_all(setting, row.seeds)
    for seed, loop, losses_of in zip(row.seeds, loops, curves, strict=True):
        real = setting.real if setting.part else loop.samplers[0]
        parts = of_loop(loop.generator, loop.discriminator, real, setting.noise, setting.held_out, loop.step,
                        tuple(losses_of), setting.batch)
        kept.append(measure(parts, seed))
    names = sorted(set().union(*kept))
    values = [[found.get(name, np.nan) for name in names] for found in kept]
    curves = nn.functional.interpolate(curves, KEPT)  # every KEPT-th; short runs have fewer steps than that
    return {"names": names, "measured": np.array(values, np.float32), "losses": curves.half()}


def bank() -> list[dict]:
    """All recorded runs: {data, condition, seed, measured: {name: value}, losses: (2, KEPT)}."""
    facts, arrays, found = recorded.about(NAME), recorded.arrays(NAME), []
    for row, fact in facts.items():
        values, losses_of = arrays[f"{row}/measured"], arrays[f"{row}/losses"]
        for i, seed in enumerate(fact["settings"]["seeds"]):
            found.append({"data": fact["settings"]["data"], "condition": fact["settings"]["condition"], "seed": seed,
                          "measured": dict(zip(fact["names"], values[i].tolist(), strict=True)),
                          "losses": losses_of[i].float().numpy()})
    return found


def show() -> None:
    runs = bank()
    print(f"{len(runs)} runs of {len({run['condition'] for run in runs})} conditions on "
          f"{len({run['data'] for run in runs})} data sets")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", nargs="*", metavar="ROW", help="record what is missing: all, or rows that begin so")
    begins = parser.parse_args().run
    if begins is not None:
        torch.set_num_threads(1)
        experiments.SECONDS = 60.0  # all steps, on a busy machine too
        torch.set_flush_denormal(True)  # where no gradient comes, moments of Adam vanish, and such numbers are slow
        wanted = {name: row for name, row in ROWS.items() if name.startswith(tuple(begins or [""]))}
        recorder.record(NAME, wanted, measured, list(ROWS))
    show()


if __name__ == "__main__":
    main()
