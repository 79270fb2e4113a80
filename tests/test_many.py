"""Many runs at once: each of them is what `train` makes of its seed, and none of them touches another."""

import collections
import dataclasses
import math

import pytest
import torch
from torch import nn

from benchmarks.even_numbers import REPAIRED
from gan_helpers.data import even_numbers
from gan_helpers.discriminators import hidden_discriminator, linear_discriminator
from gan_helpers.gan import GAN
from gan_helpers.generators import bit_generator, number_generator
from gan_helpers.noise import random_bits
from gan_helpers.training import Diverged, stack, train, train_many, unstack
from gan_helpers.training.stacking import StackedTanh
from gan_helpers.training.steps import price

ARTICLE = GAN(even_numbers, random_bits, bit_generator, linear_discriminator)


def doubled(gan):
    """The same GAN in float64. With Adam at a rate of 0.1 and no momentum, a rounding error grows tenfold every dozen
    steps, as in any chaotic system; in float64 the same sixty steps show that it is rounding and nothing else."""
    return dataclasses.replace(
        gan,
        real=lambda n, rng: gan.real(n, rng).double(),
        noise=lambda n, rng: gan.noise(n, rng).double(),
        generator=lambda: gan.generator().double(),
        discriminator=lambda: gan.discriminator().double(),
    )


RECIPES = {"article": ARTICLE, "repaired": doubled(dataclasses.replace(REPAIRED, ema=0.9))}


def weights(*networks):
    return torch.cat([p.detach().flatten() for network in networks for p in network.parameters()])


@pytest.mark.parametrize("gan", RECIPES.values(), ids=RECIPES)
def test_run_i_is_what_train_makes_of_seed_i(gan):
    seeds, steps = [5, 0, 2**31], 60
    many = train_many(gan, steps, seeds, progress=False)
    assert many.g_loss.shape == many.d_loss.shape == (steps, 3)
    assert many.seeds == tuple(seeds)
    for i, seed in enumerate(seeds):
        one = train(gan, steps, seed, progress=False)
        for name in ("generator", "discriminator", "average"):
            if getattr(one, name) is not None:
                picked = unstack(getattr(many, name), i)
                assert torch.allclose(
                    weights(picked), weights(getattr(one, name)).to(weights(picked)), rtol=0, atol=1e-5
                )
        assert torch.allclose(many.g_loss[:, i], one.g_loss, atol=1e-5)
        assert torch.allclose(many.d_loss[:, i], one.d_loss, atol=1e-5)


def test_the_first_steps_of_the_repaired_recipe_agree_in_float32_too():
    many = train_many(REPAIRED, 3, range(4), progress=False)
    for seed in range(4):
        one = train(REPAIRED, 3, seed, progress=False)
        assert torch.allclose(weights(unstack(many.generator, seed)), weights(one.generator), rtol=0, atol=1e-5)


@pytest.mark.parametrize("gan", RECIPES.values(), ids=RECIPES)
def test_the_other_seeds_and_their_order_do_not_matter(gan):
    all_seeds = train_many(gan, 20, range(6), progress=False)
    for seeds in ([4, 1], [1], (3, 2, 5, 0)):
        some = train_many(gan, 20, seeds, progress=False)
        for i, seed in enumerate(seeds):
            mine, theirs = (weights(unstack(r.generator, k)) for r, k in ((some, i), (all_seeds, seed)))
            assert torch.allclose(mine, theirs, rtol=0, atol=1e-5)


def test_the_same_seeds_give_the_same_weights_and_leave_the_callers_state():
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    first = train_many(ARTICLE, 10, range(3), progress=False)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads
    torch.manual_seed(8)
    again = train_many(ARTICLE, 10, iter(range(3)), progress=False)
    assert torch.equal(weights(first.generator, first.discriminator), weights(again.generator, again.discriminator))
    assert not torch.equal(weights(unstack(first.generator, 0)), weights(unstack(first.generator, 1)))


@pytest.mark.parametrize("runs, threads", [(20, 1), (40, 2)])
def test_with_enough_to_compute_all_of_the_callers_threads_work(runs, threads):
    before, inside = torch.get_num_threads(), []
    torch.set_num_threads(2)
    try:
        train_many(REPAIRED, 1, range(runs), evaluate=lambda run: inside.append(torch.get_num_threads()), evaluate_at=(1,),
                   progress=False)
        after = torch.get_num_threads()
    finally:
        torch.set_num_threads(before)
    assert (after, inside) == (2, [threads])


def test_threads_change_no_more_than_rounding():
    before, networks = torch.get_num_threads(), []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            run = train_many(REPAIRED, 3, range(40), progress=False)
            networks.append(weights(run.generator, run.discriminator))
    finally:
        torch.set_num_threads(before)
    assert torch.allclose(*networks, rtol=0, atol=1e-5)


def test_watch_sees_all_runs(capsys):
    run = train_many(ARTICLE, 5, range(3), evaluate=lambda run: run.generator(torch.zeros(2, 7)).shape, evaluate_at=[0, 5])
    assert run.evaluations == {0: (3, 2, 7), 5: (3, 2, 7)}
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("make", [bit_generator, linear_discriminator, hidden_discriminator, lambda: nn.Linear(7, 3),
                                  lambda: number_generator(5, 7), lambda: nn.Sequential(nn.Linear(7, 3), nn.Tanh())])
def test_pick_undoes_stack(make):
    networks, x = [make() for _ in range(4)], torch.rand(5, 7)
    stacked = stack(networks)
    outputs = stacked(x)
    assert torch.equal(outputs, stacked(x.expand(4, 5, 7)))
    for i, network in enumerate(networks):
        picked = unstack(stacked, i)
        assert str(picked) == str(network)
        assert all(torch.equal(a, b) for a, b in zip(picked.parameters(), network.parameters(), strict=True))
        assert torch.allclose(outputs[i], network(x), atol=1e-6)
    again = stack([unstack(stacked, i) for i in range(4)])
    assert torch.equal(weights(again), weights(stacked))


def test_stacked_tanh_is_tanh():
    x = torch.cat([torch.linspace(-12, 12, 2001), torch.tensor([0, -0.0, 1e-9, math.inf, -math.inf])])
    assert torch.allclose(StackedTanh()(x).double(), x.double().tanh(), rtol=0, atol=3e-7)
    assert torch.allclose(StackedTanh()(x.double()), x.double().tanh(), rtol=0, atol=1e-15)
    assert StackedTanh()(torch.tensor(math.nan)).isnan()


def test_stacked_tanh_has_the_slopes_of_finite_differences_and_their_slopes():
    x = torch.linspace(-3, 3, 13, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(StackedTanh(), x)
    assert torch.autograd.gradgradcheck(StackedTanh(), x)


@pytest.mark.parametrize("penalty", [{}, {"r1": 0.5}, {"gp": 10.0}])
def test_a_stacked_d_pays_what_each_pays_alone_with_the_same_slopes(penalty):
    """Also through tanh, and through the slopes of slopes that the penalties need."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        networks = [nn.Sequential(nn.Linear(7, 5), nn.Tanh(), nn.Linear(5, 1)).double() for _ in range(3)]
        real, fake = torch.rand(2, 3, 4, 7, dtype=torch.float64)
    for p in (p for network in networks for p in network.parameters()):
        p.data *= 4  # steep enough for the gradient penalty
    gan, stacked = dataclasses.replace(ARTICLE, **penalty), stack(networks)
    loss, cost = price(gan, stacked, real, fake)
    assert (cost > loss).any() == bool(penalty)
    slopes = torch.autograd.grad(cost.sum(), [*stacked.parameters()])
    for i, network in enumerate(networks):
        own_loss, own_cost = price(gan, network, real[i], fake[i])
        own = torch.autograd.grad(own_cost, [*network.parameters()], allow_unused=True)
        assert torch.allclose(loss[i], own_loss)
        assert torch.allclose(cost[i], own_cost)
        assert all(torch.allclose(a[i].squeeze(-1) if b.dim() == 1 else a[i], b)
                   for a, b in zip(slopes, own, strict=True))


def test_stack_and_pick_keep_the_type_of_the_weights():
    assert unstack(stack([nn.Linear(2, 1).double()]), 0).weight.dtype == torch.float64


def test_stacks_and_picks_are_copies_and_draw_nothing():
    networks = [nn.Linear(2, 1), nn.Linear(2, 1)]
    state = torch.get_rng_state()
    stacked = stack(networks)
    picked = unstack(stacked, 0)
    assert torch.equal(torch.get_rng_state(), state)
    with torch.no_grad():
        networks[0].weight.zero_()
        picked.weight.fill_(9)
    assert stacked.weight.abs().sum() > 0
    assert not (stacked.weight == 9).any()


class Shifted(nn.Module):
    """A layer with a weight of its own."""

    def __init__(self):
        super().__init__()
        self.layer, self.shift = nn.Linear(7, 7), nn.Parameter(torch.zeros(7))

    def forward(self, x):
        return self.layer(x) + self.shift


@pytest.mark.parametrize(("layer", "name"), [
    (lambda: nn.BatchNorm1d(7), "BatchNorm1d"), (lambda: nn.BatchNorm1d(7, affine=False), "BatchNorm1d"),
    (lambda: nn.LayerNorm(7), "LayerNorm"), (nn.Dropout, "Dropout"), (nn.PReLU, "PReLU"),
        (lambda: nn.Bilinear(7, 7, 1), "Bilinear"), (Shifted, "Shifted"),
])  # fmt: skip
def test_layers_that_do_not_stack_are_refused(layer, name):
    with pytest.raises(TypeError, match=f"cannot stack {name}: use nn.Linear, and activations without weights"):
        stack([nn.Sequential(nn.Linear(7, 7), layer()) for _ in range(2)])


def one_linear_layer_twice():
    layer = nn.Linear(7, 7)
    return nn.Sequential(layer, nn.Tanh(), layer, nn.Sigmoid())


def test_a_layer_used_twice_is_stacked_twice_or_refused():
    networks, x = [one_linear_layer_twice() for _ in range(3)], torch.rand(5, 7)
    try:
        outputs = stack(networks)(x)
    except TypeError:
        return
    assert torch.allclose(outputs, torch.stack([network(x) for network in networks]), atol=1e-6)


def test_layers_without_bias_are_stacked_or_refused_in_words():
    networks, x = [nn.Linear(7, 1, bias=False) for _ in range(3)], torch.rand(5, 7)
    try:
        outputs = stack(networks)(x)
    except TypeError as refusal:
        assert "bias" in str(refusal)
        return
    assert torch.allclose(outputs, torch.stack([network(x) for network in networks]), atol=1e-6)


@pytest.mark.parametrize(("seeds", "error", "says"), [
    ([], ValueError, "seeds must be different numbers, at least one"), ([1, 2, 1], ValueError, r"got \[1, 2, 1\]"),
    ([0, True], TypeError, "seed must be a whole number, got True"), ([0, -1], ValueError, "seed must be at least 0"),
    ([2.5], TypeError, r"got 2\.5"),
    ([0, 2**32], ValueError, f"seed must be .*{2**32}"),  # torch keeps 32 bits of it: this is seed 0 once more
])  # fmt: skip
def test_bad_seeds_are_refused(seeds, error, says):
    with pytest.raises(error, match=says):
        train_many(ARTICLE, 2, seeds, progress=False)


def breaks_for(bad_seeds, after):
    """The even numbers, but NaN for the given seeds after so many batches; the trials have random sources of theirs."""
    calls = collections.Counter()

    def sample(n, rng):
        calls[rng] += n > 4
        bits = even_numbers(n, rng)
        return torch.full_like(bits, math.nan) if rng.initial_seed() in bad_seeds and calls[rng] > after else bits

    return sample


@pytest.mark.parametrize("gan", [ARTICLE, REPAIRED], ids=["article", "repaired"])
def test_a_run_that_breaks_is_marked_and_touches_no_other(gan):
    whole = train_many(gan, 20, range(4), progress=False)
    run = train_many(dataclasses.replace(gan, real=breaks_for({2}, 7)), 20, range(4), progress=False)
    assert run.diverged == {2: 8}
    assert run.steps_done == 20
    assert run.d_loss[:7].isfinite().all()
    assert run.d_loss[7:, 2].isnan().all()
    for i in (0, 1, 3):
        assert torch.equal(run.g_loss[:, i], whole.g_loss[:, i])
        for mine, theirs in ((run.generator, whole.generator), (run.discriminator, whole.discriminator)):
            assert torch.equal(weights(unstack(mine, i)), weights(unstack(theirs, i)))
    assert whole.diverged == {}


def test_training_stops_when_the_last_run_breaks():
    gan = dataclasses.replace(ARTICLE, real=breaks_for({0, 1}, 3))
    with pytest.raises(Diverged, match="step 4 of 20") as stop:
        train_many(gan, 20, [0, 1], progress=False)
    whole = train_many(ARTICLE, 3, [0, 1], progress=False)
    assert stop.value.run.steps_done == 3
    assert torch.equal(weights(stop.value.run.generator), weights(whole.generator))
    assert torch.equal(stop.value.run.g_loss[:3], whole.g_loss)


@pytest.mark.parametrize(("part", "sampler", "moves"), [("real", even_numbers, 3), ("noise", random_bits, 2)])
def test_a_run_that_is_bad_in_one_move_of_d_or_g_only_is_marked_too(part, sampler, moves):
    turns = dataclasses.replace(ARTICLE, d_steps=3, g_steps=2)
    calls = []

    def bad_once(n, rng):  # NaN for seed 1, in the first move of D (or of G) in step 2
        bits = sampler(n, rng)
        if rng.initial_seed() == 1 and n == moves * turns.batch_size:  # the batches of all moves are drawn as one
            calls.append(n)
            if len(calls) == 2:
                bits[:turns.batch_size] = math.nan
        return bits

    run = train_many(dataclasses.replace(turns, **{part: bad_once}), 3, range(3), progress=False)
    assert run.diverged == {1: 2}
    whole = train_many(turns, 3, range(3), progress=False)
    for i in (0, 2):
        assert torch.equal(weights(unstack(run.generator, i)), weights(unstack(whole.generator, i)))


def test_a_penalty_that_is_not_finite_marks_its_run_too():
    def discriminator():
        network = nn.Linear(7, 1)
        if torch.initial_seed() == 1:  # a slope so steep that its square overflows, on logits that stay finite
            network.weight.data.fill_(1e30)
        return network

    run = train_many(dataclasses.replace(ARTICLE, discriminator=discriminator, r1=1.0), 2, range(3), progress=False)
    assert run.diverged == {1: 1}


@pytest.mark.parametrize("changes", [{"ema": 0.9}, {"d_steps": 2, "g_steps": 2, "momentum": 0.5}])
def test_chunks_of_runs_are_the_runs_all_at_once(changes):
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    seeds = [9, 1, 4, 0, 2]
    options = {"watch": lambda run: run.generator(torch.zeros(2, 7)), "watch_at": [0, 7, 20], "progress": False}
    gan = dataclasses.replace(ARTICLE, real=breaks_for({4}, 2), **changes)
    together, apart = (train_many(gan, 20, seeds, chunk_size=chunk, **options) for chunk in (5, 2))
    assert apart.seeds == together.seeds == tuple(seeds)
    assert apart.diverged == together.diverged == {4: 3}
    assert apart.steps_done == together.steps_done == 20
    for name in ("generator", "discriminator", "average"):
        if getattr(together, name) is not None:
            mine, theirs = getattr(apart, name), getattr(together, name)
            assert all(len(p) == 5 for p in mine.parameters())
            assert torch.allclose(weights(mine), weights(theirs), rtol=0, atol=1e-6)
    for name in ("g_loss", "d_loss"):
        mine, theirs = getattr(apart, name), getattr(together, name)
        assert mine.shape == (20, 5)
        assert torch.allclose(mine, theirs, rtol=0, atol=1e-6, equal_nan=True)
    assert list(apart.evaluations) == [0, 7, 20]
    for step, seen in together.evaluations.items():
        assert torch.allclose(apart.evaluations[step], seen, rtol=0, atol=1e-6)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads


def test_a_chunk_whose_runs_all_break_stops_no_other():
    for bad in ({0, 1}, {2, 3}, {4}):
        gan = dataclasses.replace(ARTICLE, real=breaks_for(bad, 3))
        run = train_many(gan, 9, range(5), chunk_size=2, evaluate=lambda run: len(run.seeds), evaluate_at=[0, 9], progress=False)
        assert run.diverged == dict.fromkeys(sorted(bad), 4)
        assert run.steps_done == 9
        assert run.evaluations[0] == [2, 2, 1]
        assert run.evaluations[9] == [None if i in {seed // 2 for seed in bad} else n for i, n in enumerate([2, 2, 1])]
        whole, stopped = train_many(ARTICLE, 9, range(5), progress=False), train_many(ARTICLE, 3, range(5))
        for seed in range(5):
            oracle = stopped if seed in bad else whole
            mine, theirs = weights(unstack(run.generator, seed)), weights(unstack(oracle.generator, seed))
            assert torch.allclose(mine, theirs, rtol=0, atol=1e-6)
            assert run.g_loss[:, seed].isfinite().sum() == (3 if seed in bad else 9)


def test_training_stops_when_the_runs_of_every_chunk_break():
    gan = dataclasses.replace(ARTICLE, real=breaks_for(set(range(5)), 3))
    with pytest.raises(Diverged, match=r"stopped at step 4 of 20: every loss of all 5 seeds, .*Lower lr") as stop:
        train_many(gan, 20, range(5), chunk_size=2, progress=False)
    run = stop.value.run
    assert (run.steps_done, run.diverged, run.g_loss.shape) == (3, dict.fromkeys(range(5), 4), (20, 5))
    assert run.seeds == tuple(range(5))


@pytest.mark.parametrize(("chunk", "error"), [(0, ValueError), (2.0, TypeError), (True, TypeError), (None, TypeError)])
def test_a_chunk_is_a_whole_number_from_1(chunk, error):
    with pytest.raises(error, match=f"chunk must be .*, got {chunk}.*Pass a"):
        train_many(ARTICLE, 2, range(3), chunk_size=chunk, progress=False)
