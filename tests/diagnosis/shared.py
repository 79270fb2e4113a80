"""A small GAN of one's own, and its loop with a switch for each slip."""

import torch
from torch import nn
from torch.nn.functional import softplus

from gan_helpers import data, noise


class Own:
    """A GAN for the bell curve in standard units, written as people write it; step() makes one step."""

    def __init__(self, slip="", lr=3e-3, sigmoid=False, optimizer=torch.optim.Adam):
        torch.manual_seed(0)
        self.slip = slip
        self.generator = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
        last = [nn.Sigmoid()] if sigmoid else []
        self.discriminator = nn.Sequential(nn.Linear(1, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1), *last)
        weights = {"g": list(self.generator.parameters()), "d": list(self.discriminator.parameters())}
        if slip == "D twice":
            weights["g"] = weights["d"]
        self.optimizers = {player: optimizer(held, lr) for player, held in weights.items()}
        self.rng = torch.Generator().manual_seed(0)

    def real(self, n, rng):
        return data.gaussian(n, rng, 0.0, 1.0)

    def noise(self, n, rng):
        return noise.normal(n, rng)

    def parts(self, **changes):
        return {"generator": self.generator, "discriminator": self.discriminator, "real": self.real,
                "noise": self.noise, "step": self.step} | changes

    def step(self):
        real, fake = self.real(32, self.rng), self.generator(self.noise(32, self.rng))
        if self.slip != "nothing cleared":
            self.optimizers["d"].zero_grad()
        logits, fake_logits = self.discriminator(real), self.discriminator(fake.detach())
        sign = -1 if self.slip == "swapped" else 1
        if self.slip == "probabilities":
            d_loss = -logits.log().mean() - (1 - fake_logits).log().mean()
        else:
            d_loss = softplus(-sign * logits).mean() + softplus(sign * fake_logits).mean()
        d_loss.backward()
        self.optimizers["d"].step()
        if self.slip != "nothing cleared":
            self.optimizers["g"].zero_grad()
        logits = self.discriminator(fake.detach() if self.slip == "cut" else fake)
        g_loss = -logits.log().mean() if self.slip == "probabilities" else softplus(-logits).mean()
        g_loss.backward()
        if self.slip != "no step":
            self.optimizers["g"].step()
        return g_loss.item(), d_loss.item()


def state(own):
    """Everything that a diagnosis must leave alone, as one flat list."""
    kept = []
    for network in (own.generator, own.discriminator):
        kept += [t.detach().clone() for t in (*network.parameters(), *network.buffers())]
        kept += [None if p.grad is None else p.grad.clone() for p in network.parameters()]
        kept += [p.requires_grad for p in network.parameters()] + [m.training for m in network.modules()]
    for optimizer in own.optimizers.values():
        held = optimizer.state_dict()
        kept += [value.clone() if isinstance(value, torch.Tensor) else value
                 for moments in held["state"].values() for value in moments.values()]
        kept += [group["lr"] for group in held["param_groups"]]
    return [*kept, torch.get_rng_state()]


def same(one, other):
    """Whether two states are equal, bit for bit."""
    return len(one) == len(other) and all(
        torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b for a, b in zip(one, other, strict=True))
