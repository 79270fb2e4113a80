"""The loop: step after step of the moves in `steps`, for one run or for many stacked ones, with what is kept of it."""

import contextlib
import copy
import math

import torch
from torch import nn
from tqdm import tqdm  # not tqdm.auto: its widgets need a script from another host

from gan_helpers.gan import GAN
from gan_helpers.resume import State, storable
from gan_helpers.run import Diverged, Run
from gan_helpers.stacking import pick
from gan_helpers.steps import step, take_turns

KEPT = ("g_loss", "d_loss", "watched", "diverged", "steps_done")  # of a Run, in a saved state
SMALL = 2_000_000  # weights of all runs times batch size: below that, more than one thread slows a move down


class Loop:
    """What `train` and `many.train_many` share: networks, optimisers and random sources, and the game they play.

    networks: G and D, plain for one seed, or stacked with as many runs as there are seeds (stacked=True).
    """

    def __init__(self, gan, steps, seeds, networks, device, resume=None, stacked=False):
        self.gan, self.steps, self.seeds, self.device, self.stacked = gan, steps, tuple(seeds), device, stacked
        generator, discriminator = (network.to(device) for network in networks)
        average = copy.deepcopy(generator).requires_grad_(False) if gan.ema else None
        empty = torch.full((steps, len(seeds)) if stacked else (steps,), math.nan)
        self.run = Run(self.seeds, generator, discriminator, average, empty, empty.clone())
        self.rates = float(gan.lr), float(gan.lr if gan.d_lr is None else gan.d_lr)
        self.optimizers = [optimizer(gan, network, rate) for network, rate in
                           zip((generator, discriminator), self.rates, strict=True)]
        self.sources = [torch.Generator().manual_seed(seed) for seed in seeds]
        self.dice = torch.Generator().manual_seed(seeds[0]).get_state()  # for dropout and the like
        self.file = State(resume, self.settings()) if resume is not None else None
        if self.file and (state := self.file.load(device)):
            self.restore(state)

    def draw(self, sampler, times: int) -> torch.Tensor:
        """The next `times` batches as one: (times * batch, features), or (runs, times * batch, features)."""
        batches = [sampler(times * self.gan.batch_size, source) for source in self.sources]
        return (torch.stack(batches) if self.stacked else batches[0]).to(self.device)

    def play(self, watch, watch_at, progress: bool) -> Run:
        """Play the steps that are still to be played."""
        gan, run, moves = self.gan, self.run, take_turns if self.gan.d_steps else step
        with threads_for(gan.batch_size, run.generator, run.discriminator), session(self.dice) as dice:
            if run.steps_done == 0:
                self.look(watch, watch_at)
            bar = tqdm(range(run.steps_done, self.steps), desc="training", initial=run.steps_done, total=self.steps,
                       disable=not progress, delay=1.0, leave=False)
            for index in bar:
                if gan.decay:
                    for adam, rate in zip(self.optimizers, self.rates, strict=True):
                        for group in adam.param_groups:
                            group["lr"] = rate * (1 - index / self.steps)
                try:
                    g_loss, d_loss, bad = moves(gan, run.generator, run.discriminator, *self.optimizers, self.draw)
                except FloatingPointError as error:
                    raise self.stop(index, error) from error
                run.g_loss[index], run.d_loss[index], run.steps_done = g_loss, d_loss, index + 1
                for i in bad.nonzero().flatten().tolist():
                    run.diverged.setdefault(self.seeds[i], index + 1)
                if run.average is not None:
                    blend(run.average, run.generator, 1 - gan.ema)
                self.look(watch, watch_at)
                if self.file and (self.file.due() or run.steps_done == self.steps):
                    self.dice = dice.get_state()
                    self.file.save(self.state())
        return run

    def look(self, watch, watch_at) -> None:
        """Call ``watch(run)`` if the step that was just done is one of those to be watched."""
        if self.run.steps_done in watch_at:
            with torch.no_grad():
                seen = watch(self.run)
            if self.file and not storable(seen):
                raise TypeError(f"with resume, watch must return tensors, numbers, texts, or lists and dicts of them, "
                                f"which a file can keep; it returned {seen!r:.60}.")
            self.run.watched[self.run.steps_done] = seen

    def stop(self, index: int, error) -> Diverged:
        """The exception that says where every run broke down, with the run in it."""
        seeds, run = self.seeds, self.run
        named = f"seed {seeds[0]}" if len(seeds) == 1 else f"all {len(seeds)} seeds, the first one {seeds[0]}"
        stop = Diverged(f"stopped at step {index + 1} of {self.steps}, {named}: {error}. Lower lr or look at the "
                        "data; the history so far is in the .run of this error.")
        run.diverged |= {seed: index + 1 for seed in seeds if seed not in run.diverged}
        stop.run = run
        return stop

    def settings(self) -> dict:
        """What must be the same for a saved run to go on; layers and `probe` tell functions of one name apart."""
        gan, rng = self.gan, torch.Generator().manual_seed(self.seeds[0])
        networks, logits = (self.run.generator, self.run.discriminator), torch.linspace(-1, 2, 4).unsqueeze(-1)
        shown = gan.view(gan.real(gan.batch_size, rng))
        parts = [shown, gan.noise(4, rng), gan.generator_loss(logits), gan.discriminator_loss(logits, logits.square()),
                 *(weight for network in networks for weight in network.parameters())]
        layers = [str(pick(network, 0) if self.stacked else network) for network in networks]
        return gan.settings() | {"steps": self.steps, "seeds": list(self.seeds), "layers": layers,
                                 "probe": [f"{part.detach().double().abs().sum().item():.4g}" for part in parts]}

    def state(self) -> dict:
        """All that the rest of the run depends on, and what it has brought so far."""
        run = self.run
        networks = {"generator": run.generator, "discriminator": run.discriminator, "average": run.average}
        return {
            "networks": {name: network.state_dict() for name, network in networks.items() if network is not None},
            "optimizers": [one.state_dict() for one in self.optimizers],
            "sources": [source.get_state() for source in self.sources], "dice": self.dice,
            "run": {name: getattr(run, name) for name in KEPT},
        }

    def restore(self, state: dict) -> None:
        """Put back what `state` returned."""
        for name, weights in state["networks"].items():
            getattr(self.run, name).load_state_dict(weights)
        for one, kept in zip(self.optimizers, state["optimizers"], strict=True):
            one.load_state_dict(kept)
        for source, kept in zip(self.sources, state["sources"], strict=True):
            source.set_state(kept.cpu())
        self.dice = state["dice"].cpu()
        for name, value in state["run"].items():
            setattr(self.run, name, value.cpu() if name in ("g_loss", "d_loss") else value)


@torch.no_grad()
def blend(average: nn.Module, generator: nn.Module, share: float) -> None:
    """Move the average of G's weights by `share` towards G; batch norm's running statistics go with the weights."""
    for kept, new in zip(average.state_dict().values(), generator.state_dict().values(), strict=True):
        if kept.is_floating_point():
            kept.lerp_(new, share)
        else:
            kept.copy_(new)  # a counter


def optimizer(gan: GAN, network: nn.Module, rate: float) -> torch.optim.Optimizer:
    """Adam, or gradient descent with momentum if the recipe names one."""
    if gan.momentum is not None:
        return torch.optim.SGD(network.parameters(), lr=rate, momentum=float(gan.momentum), fused=True)
    return torch.optim.Adam(network.parameters(), lr=rate, betas=tuple(float(beta) for beta in gan.betas), fused=True)


@contextlib.contextmanager
def session(dice: torch.Tensor):
    """Gradients on, and dropout and the like drawn from the state `dice`; the caller's settings come back after."""
    with torch.inference_mode(False), torch.enable_grad(), torch.random.fork_rng(devices=[]):
        torch.random.default_generator.set_state(dice)
        yield torch.random.default_generator


@contextlib.contextmanager
def threads_for(batch_size: int, *networks: nn.Module):
    """One thread for small networks, which more threads only slow down; the caller's setting comes back after.

    Stacked networks have the weights of all runs. Measured on two cores, gain from the second: none below 1.5 million
    weights times batch, 1.1 to 1.2 times at 2 to 4 million, 1.4 to 1.6 at 30 million and more.
    """
    before = torch.get_num_threads()
    weights = sum(p.numel() for network in networks for p in network.parameters())
    if weights * batch_size < SMALL:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
