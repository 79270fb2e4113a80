"""What the digits ask of the loop: batch norm in the average of G, matrix products in bfloat16, a pass for two."""

import copy
import dataclasses
import functools

import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_helpers import discriminators, generators, recipes
from gan_helpers.training import train, train_many

SMALL = dataclasses.replace(  # the best recipe with small networks
    recipes.BEST, batch_size=8, decay=False, r1=0.0, ema=0.0,
    generator=functools.partial(generators.deep_generator, widths=(16, 16), norm=nn.BatchNorm1d),
    discriminator=functools.partial(discriminators.deep_discriminator, widths=(16,), dropout=0.0),
)
PLAIN = dataclasses.replace(SMALL, generator=functools.partial(generators.deep_generator, widths=(16, 16)))


def weights(network):
    return torch.cat([p.detach().flatten() for p in network.parameters()])


def quiet(gan, steps, seed=0, **options):
    return train(gan, steps, seed, progress=False, **options)


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
    one = run.ema_generator.eval()(torch.randn(1, 100))  # which batch norm in training mode would refuse
    assert one.shape == (1, 784) and torch.isfinite(one).all()


def by_hand(gan, rounds, d_moves):
    """Rounds of both moves with a fresh autocast around every call of a network, as PyTorch's manual has it."""
    torch.manual_seed(0)
    g, d = gan.generator(), gan.discriminator()
    rng, made = torch.Generator().manual_seed(0), []
    g_adam, d_adam = (torch.optim.Adam(net.parameters(), lr=gan.lr, betas=gan.betas) for net in (g, d))

    def call(network, x):
        with torch.autocast("cpu", torch.bfloat16):
            return network(x).float()

    def step(optimizer, network, loss):
        for p, grad in zip(network.parameters(), torch.autograd.grad(loss, list(network.parameters())), strict=True):
            p.grad = grad
        optimizer.step()

    for _ in range(rounds):
        reals, noises = gan.real(d_moves * gan.batch_size, rng), gan.noise(d_moves * gan.batch_size, rng)
        fakes = [call(g, noise).detach() for noise in noises.split(gan.batch_size)]
        for real, fake in zip(reals.split(gan.batch_size), fakes, strict=True):
            real, fake = call(d, real), call(d, fake)
            step(d_adam, d, bce(real, torch.ones_like(real)) + bce(fake, torch.zeros_like(fake)))
        logits = call(d, call(g, gan.noise(gan.batch_size, rng)))
        step(g_adam, g, bce(logits, torch.ones_like(logits)))
        made.append(weights(g))
    return torch.cat([made[-1], weights(d)])


@pytest.mark.parametrize("d_moves", [1, 3])
def test_in_bfloat16_a_run_is_the_loop_with_autocast_around_each_network(d_moves):
    """Three moves of D in a round: each must see the weights that the one before left, not a copy kept by autocast."""
    gan = dataclasses.replace(PLAIN, d_steps=d_moves, precision="bfloat16")
    run = quiet(gan, 4)
    ours = torch.cat([weights(run.generator), weights(run.discriminator)])
    assert ours.dtype == torch.float32
    assert torch.allclose(ours, by_hand(gan, 4, d_moves), rtol=0, atol=1e-4)
    full = quiet(dataclasses.replace(gan, precision="float32"), 4)
    assert not torch.equal(ours, torch.cat([weights(full.generator), weights(full.discriminator)]))


@pytest.mark.parametrize("changes", [{}, {"r1": 1.0}, {"gp": 10.0}, {"d_steps": 2, "r1": 1.0}])
def test_in_bfloat16_losses_are_those_of_float32_but_for_rounding(changes):
    one, other = (quiet(dataclasses.replace(SMALL, precision=p, **changes), 3) for p in ("bfloat16", "float32"))
    assert torch.allclose(one.d_loss, other.d_loss, rtol=0.03) and torch.allclose(one.g_loss, other.g_loss, rtol=0.03)
    assert not torch.equal(one.d_loss, other.d_loss)


def test_stacked_runs_can_be_in_bfloat16_too():
    many = train_many(dataclasses.replace(PLAIN, precision="bfloat16"), 3, range(3), progress=False)
    for seed in range(3):
        alone = quiet(dataclasses.replace(PLAIN, precision="bfloat16"), 3, seed)
        assert torch.allclose(many.d_loss[:, seed], alone.d_loss, rtol=0.02)


@pytest.mark.parametrize("precision", ["float16", "bf16", None, torch.bfloat16])
def test_other_precisions_are_refused(precision):
    with pytest.raises(ValueError, match="precision must be one of 'float32', 'bfloat16'"):
        quiet(dataclasses.replace(SMALL, precision=precision), 1)


def test_images_of_another_range_than_gs_are_refused_by_name():
    raw = dataclasses.replace(SMALL, real=lambda n, rng: 127.5 * (recipes.BEST.real(n, rng) + 1))
    with pytest.raises(ValueError, match=r"look like grey levels in \[0, 255\].*x / 127\.5 - 1"):
        quiet(raw, 1)
    with pytest.raises(ValueError, match=r"look like \[-1, 1\]"):
        quiet(dataclasses.replace(SMALL, generator=generators.two_layer_generator), 1)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_on_a_gpu_the_first_losses_are_those_of_the_cpu(precision):
    gan = dataclasses.replace(SMALL, precision=precision)
    here, there = (quiet(gan, 3, device=device) for device in ("cpu", "cuda"))
    assert torch.allclose(here.d_loss, there.d_loss, rtol=0.03) and there.generator[0].weight.device.type == "cuda"
