"""The two steps against the loop written out here as a textbook has it, with every setting; in bfloat16 too."""

import copy
import dataclasses
import functools

import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_helpers import discriminators, generators, losses, recipes
from gan_helpers.training import stack, steps
from tests.training.shared import ARTICLE, CRITIC, ELU, MOMENTS, many, quiet, weights

HIDDEN = dataclasses.replace(ARTICLE, discriminator=discriminators.hidden_discriminator, batch_size=32, lr=0.02)
SMALL = dataclasses.replace(  # the best recipe with small networks
    recipes.BEST, batch_size=8, decay=False, r1=0.0, ema=0.0,
    generator=functools.partial(generators.deep_generator, widths=(16, 16), norm=nn.BatchNorm1d),
    discriminator=functools.partial(discriminators.deep_discriminator, widths=(16,), dropout=0.0),
)
PLAIN = dataclasses.replace(SMALL, generator=functools.partial(generators.deep_generator, widths=(16, 16)))
ALTERNATING = {"d_steps": 3, "g_steps": 2}


def entropy(logits, label):
    return bce(logits, torch.full_like(logits, label))


LOSSES = {
    losses.non_saturating: lambda fake: entropy(fake, 1), losses.minimax: lambda fake: -entropy(fake, 0),
    losses.discriminator_loss: lambda real, fake: entropy(real, 1) + entropy(fake, 0),
    losses.critic_generator_loss: lambda fake: -fake.mean(),
    losses.critic_loss: lambda real, fake: fake.mean() - real.mean(),
}


def by_hand(gan, steps, seed):
    """The same game with LOSSES and two optimizers, autocast around each call: weights and losses."""
    torch.manual_seed(seed)
    g, d = gan.generator(), gan.discriminator()
    rng, history = torch.Generator().manual_seed(seed), []
    average = copy.deepcopy(g)
    optimizers = []
    for network, lr in ((g, gan.lr), (d, gan.d_lr or gan.lr)):
        optimizers.append(torch.optim.Adam(network.parameters(), lr=lr, betas=gan.betas) if gan.momentum is None else
                          torch.optim.SGD(network.parameters(), lr=lr, momentum=gan.momentum))
    g_optimizer, d_optimizer = optimizers

    def call(network, x):
        with torch.autocast("cpu", torch.bfloat16, enabled=gan.precision == "bfloat16"):
            return network(x).float()

    def g_loss_of(noise):
        return LOSSES[gan.generator_loss](call(d, call(g, noise)))

    def d_losses_of(real, noise):
        fake = call(g, noise).detach()
        loss = objective = LOSSES[gan.discriminator_loss](call(d, real), call(d, fake))
        if gan.r1:
            x = real.clone().requires_grad_()
            slope = torch.autograd.grad(call(d, x).sum(), x, create_graph=True)[0]
            objective = objective + gan.r1 * (slope**2).sum() / gan.batch_size / 2
        if gan.gp:
            share = torch.tensor([[(i + 0.5) / gan.batch_size] for i in range(gan.batch_size)])
            x = (real * share + fake * (1 - share)).requires_grad_()
            slope = torch.autograd.grad(call(d, x).sum(), x, create_graph=True)[0]
            objective = objective + gan.gp * torch.relu(slope.norm(dim=1) - 1).square().mean()
        return loss, objective

    def move(optimizer, network, loss):
        gradients = torch.autograd.grad(loss, list(network.parameters()))
        for p, gradient in zip(network.parameters(), gradients, strict=True):
            p.grad = gradient
        optimizer.step()

    def clip():
        for p in d.parameters() if gan.clip else ():
            p.data = p.data.clip(-gan.clip, gan.clip)

    for i in range(steps):
        for optimizer, lr in ((g_optimizer, gan.lr), (d_optimizer, gan.d_lr or gan.lr)):
            optimizer.param_groups[0]["lr"] = lr * (steps - i) / steps if gan.decay else lr
        if gan.d_steps == 0:
            real, noise = gan.real(gan.batch_size, rng), gan.noise(gan.batch_size, rng)
            g_loss, (d_loss, objective) = g_loss_of(noise), d_losses_of(real, noise)
            g_gradients = torch.autograd.grad(g_loss, list(g.parameters()))
            move(d_optimizer, d, objective)
            for p, gradient in zip(g.parameters(), g_gradients, strict=True):
                p.grad = gradient
            g_optimizer.step()
            clip()
        else:
            reals, noises = (sampler(gan.d_steps * gan.batch_size, rng) for sampler in (gan.real, gan.noise))
            g_noises = gan.noise(gan.g_steps * gan.batch_size, rng).split(gan.batch_size)
            for real, noise in zip(reals.split(gan.batch_size), noises.split(gan.batch_size), strict=True):
                d_loss, objective = d_losses_of(real, noise)
                move(d_optimizer, d, objective)
                clip()
            for noise in g_noises:
                g_loss = g_loss_of(noise)
                move(g_optimizer, g, g_loss)
        for old, new in zip(average.parameters(), g.parameters(), strict=True):
            old.data = gan.ema * old.data + (1 - gan.ema) * new.data
        history.append((g_loss.item(), d_loss.item()))
    return weights(g, d), weights(average), torch.tensor(history)


DESCENT = dataclasses.replace(ARTICLE, lr=0.5, d_lr=0.05, momentum=0.0)
EXACT = {  # small steps, which do not magnify what rounding leaves
    "article": ARTICLE, "minimax": dataclasses.replace(ARTICLE, generator_loss=losses.minimax),
    "published, ELU": ELU, "published, moments": MOMENTS, "descent": DESCENT,
    "descent, decay": dataclasses.replace(DESCENT, decay=True),
    "descent, momentum": dataclasses.replace(DESCENT, momentum=0.9),
    "descent, momentum, decay": dataclasses.replace(DESCENT, momentum=0.9, decay=True),
}
GANS = EXACT | {
    "critic": CRITIC,
    "r1, decay, ema": dataclasses.replace(HIDDEN, betas=(0.0, 0.99), decay=True, r1=0.1, ema=0.9),
    "gp, clip, d_lr": dataclasses.replace(HIDDEN, gp=10.0, clip=0.15, d_lr=0.05),
    "momentum": dataclasses.replace(HIDDEN, momentum=0.9),
    "alternating": dataclasses.replace(HIDDEN, **ALTERNATING),
    "alternating, one of G": dataclasses.replace(HIDDEN, d_steps=1),
    "alternating, everything": dataclasses.replace(HIDDEN, **ALTERNATING, r1=0.1, gp=1.0, clip=0.3, d_lr=0.01, ema=0.7,
                                                   decay=True, momentum=0.5),
    "bfloat16": dataclasses.replace(PLAIN, d_steps=1, precision="bfloat16"),
    "bfloat16, three of D": dataclasses.replace(PLAIN, d_steps=3, precision="bfloat16"),
}


@pytest.mark.parametrize("gan", GANS.values(), ids=GANS)
@pytest.mark.parametrize("seed", [0, 7])
def test_training_is_the_loop_written_by_hand(gan, seed):
    """In bfloat16 with three steps of D: each must see the weights that the one before left, not a cast of old ones."""
    state, rounds = torch.get_rng_state(), 4 if gan.precision == "bfloat16" else 20
    expected, average, history = by_hand(gan, rounds, seed)
    torch.set_rng_state(state)
    run = quiet(gan, rounds, seed)
    ours = weights(run.generator, run.discriminator)
    assert ours.dtype == torch.float32
    atol = 1e-6 if gan in EXACT.values() else 1e-5 if gan is CRITIC else 1e-4  # penalties in another order
    assert torch.allclose(ours, expected, rtol=0, atol=atol)
    assert torch.allclose(torch.stack([run.g_loss, run.d_loss], 1), history, atol=atol)
    assert run.ema_generator is None or torch.allclose(weights(run.ema_generator), average, rtol=0, atol=1e-4)
    assert run.steps_done == rounds
    assert run.seeds == (seed,)


def test_bfloat16_makes_a_difference():
    one, other = (quiet(dataclasses.replace(PLAIN, d_steps=1, precision=p), 4) for p in ("bfloat16", "float32"))
    assert not torch.equal(weights(one.generator, one.discriminator), weights(other.generator, other.discriminator))


@pytest.mark.parametrize("changes", [{}, {"r1": 1.0}, {"gp": 10.0}, {"d_steps": 2, "r1": 1.0}])
def test_in_bfloat16_losses_are_those_of_float32_but_for_rounding(changes):
    one, other = (quiet(dataclasses.replace(SMALL, precision=p, **changes), 3) for p in ("bfloat16", "float32"))
    assert torch.allclose(one.d_loss, other.d_loss, rtol=0.03) and torch.allclose(one.g_loss, other.g_loss, rtol=0.03)
    assert not torch.equal(one.d_loss, other.d_loss)


def test_stacked_runs_can_be_in_bfloat16_too():
    gan = dataclasses.replace(PLAIN, precision="bfloat16")
    runs = many(gan, 3)
    for seed in range(3):
        assert torch.allclose(runs.d_loss[:, seed], quiet(gan, 3, seed).d_loss, rtol=0.02)


@pytest.mark.parametrize("penalty", [{}, {"r1": 0.5}, {"gp": 10.0}])
def test_a_stacked_d_has_the_losses_of_each_alone_with_the_same_gradients(penalty):
    """Also through tanh, and through the gradients of gradients that the penalties need."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        networks = [nn.Sequential(nn.Linear(7, 5), nn.Tanh(), nn.Linear(5, 1)).double() for _ in range(3)]
        real, fake = torch.rand(2, 3, 4, 7, dtype=torch.float64)
    for p in (p for network in networks for p in network.parameters()):
        p.data *= 4  # steep enough for the gradient penalty
    gan, stacked = dataclasses.replace(ARTICLE, **penalty), stack(networks)
    loss, objective = steps.discriminator_objective(gan, stacked, real, fake)
    assert (objective > loss).any() == bool(penalty)
    gradients = torch.autograd.grad(objective.sum(), [*stacked.parameters()])
    for i, network in enumerate(networks):
        own_loss, own_objective = steps.discriminator_objective(gan, network, real[i], fake[i])
        own = torch.autograd.grad(own_objective, [*network.parameters()], allow_unused=True)
        assert torch.allclose(loss[i], own_loss)
        assert torch.allclose(objective[i], own_objective)
        assert all(torch.allclose(a[i].squeeze(-1) if b.dim() == 1 else a[i], b)
                   for a, b in zip(gradients, own, strict=True))


def test_a_step_leaves_no_gradient_in_the_other_player_and_counts_none_twice():
    """Called twice with rates of 0: the gradients are those of the second batch alone."""
    torch.manual_seed(0)
    g, d = ARTICLE.generator(), ARTICLE.discriminator()
    optimizers = [torch.optim.SGD(network.parameters(), lr=0.0) for network in (g, d)]
    batches = [(ARTICLE.real(16, rng), ARTICLE.noise(16, rng)) for rng in map(torch.Generator.manual_seed,
               (torch.Generator(), torch.Generator()), (1, 2))]
    for real, noise in batches:
        steps.simultaneous_step(ARTICLE, g, d, *optimizers, real, noise, torch.tensor(False))
    real, noise = batches[1]
    g_loss = losses.non_saturating(d(g(noise)))
    d_loss = losses.discriminator_loss(d(real), d(g(noise).detach()))
    for network, loss in ((g, g_loss), (d, d_loss)):
        for p, wanted in zip(network.parameters(), torch.autograd.grad(loss, [*network.parameters()]), strict=True):
            assert torch.allclose(p.grad, wanted)


def test_the_average_is_the_exponential_average_of_all_weights():
    gan = GANS["r1, decay, ema"]
    run = quiet(gan, 30, evaluate=lambda run: weights(run.generator), evaluate_at=range(31))
    path = torch.stack(list(run.evaluations.values())).double()  # (31, weights)
    share = torch.tensor([0.9**30] + [0.1 * 0.9 ** (30 - i) for i in range(1, 31)], dtype=torch.float64)
    assert torch.allclose(weights(run.ema_generator).double(), share @ path, atol=1e-6)
    assert not any(p.requires_grad for p in run.ema_generator.parameters())
    assert quiet().ema_generator is None


def test_averaging_does_not_change_the_game():
    gan = GANS["r1, decay, ema"]
    assert torch.equal(weights(quiet(dataclasses.replace(gan, ema=0.0)).generator), weights(quiet(gan).generator))


def test_the_average_takes_batch_norms_running_statistics_with_it():
    kept = {}
    run = quiet(dataclasses.replace(SMALL, ema=0.75), 6, evaluate_at=range(7),
                evaluate=lambda run: kept.setdefault(run.steps_done, copy.deepcopy(run.generator.state_dict())))
    for name, value in run.ema_generator.state_dict().items():
        wanted = kept[0][name].double()
        for step in range(1, 7):
            wanted = 0.75 * wanted + 0.25 * kept[step][name].double()
        if value.is_floating_point():
            assert torch.allclose(value.double(), wanted, atol=1e-5), name
        else:
            assert value == kept[6][name] == 6  # num_batches_tracked
    one = run.ema_generator(torch.randn(1, 100))  # which batch norm in training mode would refuse
    assert one.shape == (1, 784) and torch.isfinite(one).all()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_on_a_gpu_the_first_losses_are_those_of_the_cpu(precision):
    gan = dataclasses.replace(SMALL, precision=precision)
    here, there = (quiet(gan, 3, device=device) for device in ("cpu", "cuda"))
    assert torch.allclose(here.d_loss, there.d_loss, rtol=0.03) and there.generator[0].weight.device.type == "cuda"
