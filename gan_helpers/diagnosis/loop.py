"""What one step of a loop does: which weights move and how far, along which gradients, and where it leads.

The step is the caller's own function. It trains the networks that it knows, so it runs on these, and everything is put
back afterwards: weights, buffers, gradients, modes, the optimizers and the random state.
"""

import contextlib
import copy
import itertools
import math
import time

import torch
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

from gan_helpers.diagnosis import networks as nets
from gan_helpers.diagnosis.samples import auc, scale_of, sliced_distance

POISON, SECONDS = 1e8, 3.0  # a gradient no loss has; the time that one experiment takes at most


class Loop:
    """A loop's step, and the state of what it trains. Use it as a context: at the end all is as it was."""

    def __init__(self, step, generator, discriminator):
        self.step, self.networks = step, {"g": generator, "d": discriminator}
        self.weights = {player: list(network.parameters()) for player, network in self.networks.items()}
        self.optimizers = {}  # optimizer: its state when it was first seen
        self.before_step, self.after_step = [], []  # functions (optimizer) to call

    def __enter__(self):
        networks = self.networks.values()
        self.modules = [(m, m.training) for network in networks for m in network.modules()]
        self.tensors = [(t, t.detach().clone()) for network in networks
                        for t in (*network.parameters(), *network.buffers())]
        self.grads = [(p, p.requires_grad, None if p.grad is None else p.grad.clone())
                      for held in self.weights.values() for p in held]
        self.rng = torch.get_rng_state()
        self.hooks = [register_optimizer_step_pre_hook(self._before), register_optimizer_step_post_hook(self._after)]
        return self

    def __exit__(self, *_):
        for hook in self.hooks:
            hook.remove()
        self.restore()
        torch.set_rng_state(self.rng)

    def _before(self, optimizer, *_):
        if optimizer not in self.optimizers:
            self.optimizers[optimizer] = copy.deepcopy(optimizer.state_dict())
        for function in self.before_step:
            function(optimizer)

    def _after(self, optimizer, *_):
        for function in self.after_step:
            function(optimizer)

    @torch.no_grad()
    def restore(self) -> None:
        """Put everything back."""
        for tensor, kept in self.tensors:
            tensor.copy_(kept)
        for weight, wanted, grad in self.grads:
            weight.requires_grad_(wanted)
            weight.grad = None if grad is None else grad.clone()
        for module, training in self.modules:
            module.training = training
        for optimizer, state in self.optimizers.items():
            optimizer.load_state_dict(copy.deepcopy(state))  # it keeps the tensors it is given

    def run(self, steps: int, after=None) -> int:
        """Take these steps, fewer if they take too long; after(i) is called after each. Returns how many."""
        start = time.monotonic()
        for i in range(steps):
            with torch.enable_grad():
                self.step()
            if after is not None:
                after(i)
            if time.monotonic() - start > SECONDS:
                return i + 1
        return steps

    @torch.no_grad()
    def renew(self) -> None:
        """Give both networks fresh weights, and the optimizers no past."""
        for network in self.networks.values():
            for weight, new in zip(network.parameters(), nets.fresh(network).parameters(), strict=True):
                weight.copy_(new)
        for optimizer in self.optimizers:
            optimizer.state.clear()

    def player_of(self, weight) -> str | None:
        """Whose weight that is."""
        return next((player for player, held in self.weights.items() if any(weight is p for p in held)), None)

    @contextlib.contextmanager
    def watching(self, before=None, after=None):
        """Call before(optimizer) and after(optimizer) around each optimizer step in this block."""
        self.before_step, self.after_step = [before] * bool(before), [after] * bool(after)
        yield
        self.before_step, self.after_step = [], []


def held_weights(optimizer):
    """The weights that an optimizer moves."""
    return [p for group in optimizer.param_groups for p in group["params"]]


def updates(loop: Loop, steps: int = 5) -> dict[str, float]:
    """What optimizers hold, with which gradients, and how far a step moves each network, relative to its weights.

    x_held: share of the player's weights that some optimizer moved; x_grad: the largest gradient that stood there when
    it did; x_update: median of |change| / |weights|; x_size: root mean square of the weights. shared: share of weights
    that two optimizers hold.
    """
    seen, grads, holders = {"g": set(), "d": set()}, {"g": 0.0, "d": 0.0}, {}

    def before(optimizer):
        for weight in held_weights(optimizer):
            player = loop.player_of(weight)
            if player is not None:
                seen[player].add(id(weight))
                holders.setdefault(id(weight), set()).add(id(optimizer))
                if weight.grad is not None:
                    grads[player] = max(grads[player], weight.grad.abs().max().item())

    moved = {"g": [], "d": []}
    last = {player: flat(held) for player, held in loop.weights.items()}

    def after(_):
        for player, held in loop.weights.items():
            now = flat(held)
            moved[player].append(((now - last[player]).norm() / last[player].norm().clamp(min=1e-30)).item())
            last[player] = now

    loop.restore()
    with loop.watching(before=before):
        loop.run(steps, after)
    found = {}
    for player, held in loop.weights.items():
        found |= {f"{player}_held": len(seen[player]) / len(held), f"{player}_grad": grads[player],
                  f"{player}_update": sorted(moved[player])[len(moved[player]) // 2]}
    loop.restore()
    for player, held in loop.weights.items():
        found[f"{player}_size"] = flat(held).square().mean().sqrt().item()
    return found | {"shared": sum(len(who) > 1 for who in holders.values()) / max(1, len(holders))}


def leftovers(loop: Loop) -> dict[str, float]:
    """Whether gradients of one step are still there in the next: x_leftover, 1 if so.

    After each optimizer step its gradients are overwritten with a huge number; at the next one they must be gone.
    """
    poisoned, found = set(), {"g": 0.0, "d": 0.0}

    def before(optimizer):
        for weight in held_weights(optimizer):
            player = loop.player_of(weight)
            # all entries alike, however gradients are clipped
            if player and id(weight) in poisoned and weight.grad is not None and weight.numel() > 1:
                spread = weight.grad.max() - weight.grad.min()
                if weight.grad.mean() > 0 and spread < 1e-3 * weight.grad.mean():
                    found[player] = 1.0

    def after(optimizer):
        for weight in held_weights(optimizer):
            if weight.grad is not None:
                weight.grad.fill_(POISON)
                poisoned.add(id(weight))

    loop.restore()
    with loop.watching(before, after):
        loop.run(2)
    loop.restore()
    return {f"{player}_leftover": value for player, value in found.items()}


def directions(loop: Loop, real: torch.Tensor, noise: torch.Tensor, batch_size: int, steps: int = 12) -> dict:
    """Which way each player goes while the other stands still, both with fresh weights.

    d_direction: how far the gap between D's outputs for real samples and for fakes grows, in their spread at first.
    d_order: `auc` of these outputs afterwards. g_direction: how far D's output for the fakes grows after that. Two
    players of one game have the same sign.
    x_pace: the largest |change| / |weights| of a step of the player that moves: the learning rate, whatever the
    weights are now.
    """
    loop.restore()
    loop.renew()
    generator, discriminator = loop.networks["g"], loop.networks["d"]
    real, noise = real[:8 * batch_size], noise[:8 * batch_size]

    def outputs():
        with torch.no_grad():
            fake = generator(noise)
            return [nets.judged(discriminator, cloud, batch_size) for cloud in (real, fake)]

    found, last = {}, {}

    def hold(player, moving):
        kept, changes = [p.detach().clone() for p in loop.weights[player]], []
        last[moving] = flat(loop.weights[moving])

        def put_back(_):
            with torch.no_grad():
                for weight, old in zip(loop.weights[player], kept, strict=True):
                    weight.copy_(old)
            now = flat(loop.weights[moving])
            changes.append(((now - last[moving]).norm() / last[moving].norm().clamp(min=1e-30)).item())
            last[moving] = now
            found[f"{moving}_pace"] = max(changes)
        return put_back

    def spread(of_real, of_fake):
        return torch.cat([of_real, of_fake]).std().clamp(min=1e-12).item()

    first = outputs()
    loop.run(steps, hold("g", "d"))
    then = outputs()
    gaps = [(of_real.mean() - of_fake.mean()).item() for of_real, of_fake in (first, then)]
    found["d_direction"], found["d_order"] = (gaps[1] - gaps[0]) / spread(*first), auc(*then)
    loop.run(steps, hold("d", "g"))
    found["g_direction"] = (outputs()[1].mean() - then[1].mean()).item() / spread(*then)
    loop.restore()
    return found


def output_gradients(loop: Loop, fresh: bool = False) -> dict[str, float]:
    """What the losses make of D's outputs: `as_logits` is how far their gradient is from that of a loss of logits.

    With an output o and label y, that gradient is proportional to sigmoid(o) - y for a loss of logits, and to
    (o - y) / (o (1 - o)) for one of probabilities. The smallest relative deviation over all batches, of each.
    g_signal: how strongly G's loss pulls at a fake, the gradient with respect to it, times the batch size.
    fresh: with new weights, for a D whose outputs have all become 0 or 1.
    """
    pairs, pulls, handles = [], [], []

    def see_outputs(module, inputs, output):
        if output.requires_grad:
            output.register_hook(lambda gradient: pairs.append((output.detach().flatten(), gradient.flatten())))

    def see_fakes(module, inputs, output):
        if output.requires_grad:
            output.register_hook(lambda gradient: pulls.append(len(output) * gradient.flatten(1).norm(dim=1).median()))

    loop.restore()
    if fresh:
        loop.renew()
    try:
        handles = [loop.networks["d"].register_forward_hook(see_outputs),
                   loop.networks["g"].register_forward_hook(see_fakes)]
        loop.run(1)
    finally:
        for handle in handles:
            handle.remove()
        loop.restore()

    def deviation(gradient, expected):
        ratio = gradient / expected
        return (ratio.std() / ratio.mean().abs().clamp(min=1e-30)).item()

    as_logits, as_probabilities = [], []
    for output, gradient in pairs:
        if len(output) > 1 and output.isfinite().all() and gradient.isfinite().all() and gradient.abs().max() > 0:
            as_logits += [deviation(gradient, output.sigmoid() - y) for y in (0, 1)]
            if 0 < output.min() <= output.max() < 1:
                as_probabilities += [deviation(gradient, 1 / (1 - output)), deviation(gradient, 1 / output)]
    return {"as_logits": min(as_logits, default=math.nan), "as_probabilities": min(as_probabilities, default=math.nan),
            "g_signal": float(torch.stack(pulls).median()) if pulls else math.nan}


def ahead(loop: Loop, generator, real: torch.Tensor, noise: torch.Tensor, steps: int = 40, looks: int = 8) -> dict:
    """Where more steps lead: the distance to the data before and after them, and how far the fakes travel.

    path: the sum of the ways of a fake between `looks` looks, root mean square over the fakes; way: from the first to
    the last; both in standard deviations of the data.
    """
    loop.restore()
    scale, features = scale_of(real), real.shape[1]

    @torch.no_grad()
    def fakes():
        modes = [(m, m.training) for m in generator.modules()]
        generator.eval()
        made = generator(noise).flatten(1)
        for module, training in modes:
            module.training = training
        return made

    seen = [fakes()]
    every = max(1, steps // looks)
    loop.run(steps, lambda i: seen.append(fakes()) if (i + 1) % every == 0 else None)
    loop.restore()
    if not all(made.isfinite().all() for made in seen):
        return {"distance_ahead": math.inf, "path": math.inf, "way": math.inf, "distance_now": math.nan}

    def far(one, other):
        return ((one - other).square().sum(1).mean() / features).sqrt().item() / scale

    spreads = [median_gap(made) for made in seen]
    distances = [sliced_distance(real, made) for made in seen]
    return {"distance_now": distances[0], "distance_ahead": distances[-1], "distance_best": min(distances),
            "spread_ahead": spreads[-1] / max(median_gap(real), 1e-30), "spread_best": max(spreads) / max(
                median_gap(real), 1e-30),
            "distance_worst": max(distances), "way": far(seen[0], seen[-1]),
            "path": sum(far(*pair) for pair in itertools.pairwise(seen)),
            "mean_path": sum((a.mean(0) - b.mean(0)).norm().item() for a, b in itertools.pairwise(seen))
            / scale / features**0.5}


def median_gap(cloud: torch.Tensor) -> float:
    """The median distance between two samples of a cloud."""
    return (cloud - cloud.roll(1, 0)).norm(dim=1).median().item()


def flat(weights) -> torch.Tensor:
    """All weights as one vector."""
    return torch.cat([p.detach().flatten() for p in weights])
