"""The loop: what it promises about seeds, random states and failures, alone, stacked, in chunks and on workers."""

import contextlib
import dataclasses
import math
import subprocess
import sys
import time
from pathlib import Path

import joblib
import pytest
import torch
from torch import nn

from benchmarks.even_numbers import REPAIRED
from gan_helpers import data, layers, losses, noise
from gan_helpers.data import even_numbers
from gan_helpers.gan import GAN
from gan_helpers.noise import random_bits
from gan_helpers.training import Diverged, train, trainer, unstack
from tests.training.shared import ARTICLE, CRITIC, ELU, MOMENTS, breaks, many, normed, quiet, weights

# --- alone ---


def test_a_seed_decides_everything():
    first = quiet(seed=3)
    torch.manual_seed(12345)
    again, other = quiet(seed=3), quiet(seed=4)
    assert torch.equal(weights(first.generator, first.discriminator), weights(again.generator, again.discriminator))
    assert torch.equal(first.g_loss, again.g_loss)
    assert not torch.equal(weights(first.generator), weights(other.generator))


@pytest.fixture
def set_threads():
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("real", [even_numbers, breaks({0}, 2)], ids=["goes on", "breaks"])
def test_the_callers_threads_and_random_state_come_back(real, threads, set_threads):
    state, inside = torch.get_rng_state(), []
    set_threads(threads)
    with contextlib.suppress(Diverged):
        quiet(dataclasses.replace(ARTICLE, real=real), evaluate=lambda run: inside.append(torch.get_num_threads()),
              evaluate_at=(1,))
    assert (torch.get_num_threads(), inside) == (threads, [1])
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.is_grad_enabled()


def test_the_time_of_evaluations_does_not_decide_how_many_threads_train(monkeypatch):
    left_out = []

    class Watched(trainer.Threads):
        @contextlib.contextmanager
        def uncounted(self):
            left_out.append(True)
            yield
            left_out.pop()

    monkeypatch.setattr(trainer, "Threads", Watched)
    assert quiet(steps=2, evaluate=lambda run: len(left_out), evaluate_at=range(3)).evaluations == {0: 1, 1: 1, 2: 1}


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_the_callers_grad_mode_changes_nothing(mode):
    gan = dataclasses.replace(ARTICLE, ema=0.9, r1=0.1)
    for play, options in ((quiet, {}), (many, {}), (many, {"chunk_size": 2})):
        with mode():
            inside = play(gan, evaluate=lambda run: run.generator(torch.zeros(1, 7)), evaluate_at=(3,), **options)
            assert not torch.is_grad_enabled()
        outside = play(gan, **options)
        assert torch.equal(weights(inside.ema_generator), weights(outside.ema_generator))
        assert not any(p.is_inference() for p in inside.generator.parameters())


def test_samplers_are_tried_once_with_one_more_than_a_batch_and_nothing_else_is_drawn():
    for play in (quiet, many):
        asked = []
        gan = dataclasses.replace(
            ARTICLE, d_steps=3, g_steps=2,
            real=lambda n, rng, asked=asked: asked.append(("real", n)) or even_numbers(n, rng),
            noise=lambda n, rng, asked=asked: asked.append(("noise", n)) or random_bits(n, rng))
        play(gan, 1)
        runs = 1 if play is quiet else 3
        assert asked[:2] == [("real", 17), ("noise", 17)]
        assert asked[2:] == [("real", 48)] * runs + [("noise", 48)] * runs + [("noise", 32)] * runs


@pytest.mark.parametrize("progress", [True, False])
def test_nothing_is_written_to_stdout(progress, capsys):
    train(ARTICLE, 5, 0, progress=progress)
    said = capsys.readouterr()
    assert said.out == ""
    assert progress or said.err == ""


def test_after_a_divergence_networks_are_in_evaluation_mode_too():
    with pytest.raises(Diverged) as stop:
        quiet(dataclasses.replace(ARTICLE, generator=normed, real=breaks({0}, 2)))
    assert not stop.value.run.generator.training


# --- NaN and Inf, alone ---


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_stops_training_and_keeps_what_was_there(bad):
    """After 4 good steps the samples break; what is kept is what 4 steps of the undisturbed game make."""
    broken = dataclasses.replace(ARTICLE, real=breaks({3}, 4, value=bad), ema=0.9)
    says = r"stopped at step 5 of 20, seed 3: a loss was NaN or Inf, for the first time at step 5\. Lower lr"
    with pytest.raises(Diverged, match=says) as stop:
        quiet(broken, seed=3)
    run, undisturbed = stop.value.run, quiet(dataclasses.replace(ARTICLE, ema=0.9), 4, seed=3)
    assert run.steps_done == 4
    assert run.diverged == {3: 5}
    assert torch.equal(run.g_loss[:4], undisturbed.g_loss)
    assert torch.equal(run.d_loss[:4], undisturbed.d_loss)
    assert run.g_loss[4:].isnan().all()
    assert run.d_loss[4:].isnan().all()
    for name in ("generator", "discriminator", "ema_generator"):
        assert torch.equal(weights(getattr(run, name)), weights(getattr(undisturbed, name)))


def test_a_generator_loss_of_infinity_stops_training_too():
    with pytest.raises(Diverged, match=r"stopped at step 1 of 20, seed 0: a loss was NaN or Inf"):
        quiet(dataclasses.replace(ARTICLE, generator_loss=lambda logits: logits.sum((-2, -1)) * 0 + math.inf))


def test_a_weight_that_explodes_is_noticed():
    with pytest.raises(Diverged, match="seed 0"):
        quiet(dataclasses.replace(ARTICLE, lr=1e29, generator=lambda: nn.Linear(7, 7)), steps=50)


# --- stacked ---


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
OTHERS = {"published, ELU": ELU, "published, moments": MOMENTS, "critic": doubled(CRITIC)}


@pytest.mark.parametrize("gan", (RECIPES | OTHERS).values(), ids=RECIPES | OTHERS)
def test_run_i_is_what_train_makes_of_seed_i(gan):
    seeds, steps = [5, 0, 2**31], 60 if gan in RECIPES.values() else 8
    runs = many(gan, steps, seeds)
    assert runs.g_loss.shape == runs.d_loss.shape == (steps, 3)
    assert runs.seeds == tuple(seeds)
    for i, seed in enumerate(seeds):
        one = quiet(gan, steps, seed)
        for name in ("generator", "discriminator", "ema_generator"):
            if getattr(one, name) is not None:
                mine, theirs = weights(unstack(getattr(runs, name), i)), weights(getattr(one, name))
                assert torch.allclose(mine, theirs, rtol=0, atol=1e-5)
        assert torch.allclose(runs.g_loss[:, i], one.g_loss, atol=1e-5)
        assert torch.allclose(runs.d_loss[:, i], one.d_loss, atol=1e-5)


def test_the_first_steps_of_the_repaired_recipe_agree_in_float32_too():
    runs = many(REPAIRED, 3, range(4))
    for seed in range(4):
        one = quiet(REPAIRED, 3, seed)
        assert torch.allclose(weights(unstack(runs.generator, seed)), weights(one.generator), rtol=0, atol=1e-5)


@pytest.mark.parametrize("gan", RECIPES.values(), ids=RECIPES)
def test_the_other_seeds_and_their_order_do_not_matter(gan):
    all_seeds = many(gan, 20, range(6))
    for seeds in ([4, 1], [1], (3, 2, 5, 0)):
        some = many(gan, 20, seeds)
        for i, seed in enumerate(seeds):
            mine, theirs = (weights(unstack(r.generator, k)) for r, k in ((some, i), (all_seeds, seed)))
            assert torch.allclose(mine, theirs, rtol=0, atol=1e-5)


def test_the_same_seeds_give_the_same_weights_and_leave_the_callers_state():
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    first = many(steps=10)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads
    torch.manual_seed(8)
    again = many(steps=10, seeds=iter(range(3)))
    assert torch.equal(weights(first.generator, first.discriminator), weights(again.generator, again.discriminator))
    assert not torch.equal(weights(unstack(first.generator, 0)), weights(unstack(first.generator, 1)))


@pytest.mark.parametrize("runs, threads", [(20, 1), (40, 2)])
def test_with_enough_to_compute_all_of_the_callers_threads_work(runs, threads, set_threads):
    inside = []
    set_threads(2)
    many(REPAIRED, 1, range(runs), evaluate=lambda run: inside.append(torch.get_num_threads()), evaluate_at=(1,))
    assert (torch.get_num_threads(), inside) == (2, [threads])


def test_threads_change_no_more_than_rounding(set_threads):
    networks = []
    for threads in (1, 2):
        set_threads(threads)
        run = many(REPAIRED, 3, range(40))
        networks.append(weights(run.generator, run.discriminator))
    assert torch.allclose(*networks, rtol=0, atol=1e-5)


@pytest.mark.parametrize(("seeds", "error", "says"), [
    ([], ValueError, "seeds must be different numbers, at least one"), ([1, 2, 1], ValueError, r"got \[1, 2, 1\]"),
    ([0, True], TypeError, "seed must be a whole number, got True"), ([0, -1], ValueError, "seed must be at least 0"),
    ([2.5], TypeError, r"got 2\.5"), (3, TypeError, r"seeds must be a list of numbers, got 3\. Use range\(3\)"),
    ([0, 2**32], ValueError, f"seed must be .*{2**32}"),  # torch keeps 32 bits of it: this is seed 0 once more
])  # fmt: skip
def test_bad_seeds_are_refused(seeds, error, says):
    with pytest.raises(error, match=says):
        many(steps=2, seeds=seeds)


# --- NaN and Inf, stacked ---


@pytest.mark.parametrize("gan", [ARTICLE, REPAIRED], ids=["article", "repaired"])
def test_a_run_that_diverges_is_marked_and_touches_no_other(gan):
    whole = many(gan, 20, range(4))
    run = many(dataclasses.replace(gan, real=breaks({2}, 7)), 20, range(4))
    assert run.diverged == {2: 8}
    assert run.steps_done == 20
    assert run.d_loss[:7].isfinite().all()
    assert run.d_loss[7:, 2].isnan().all()
    for i in (0, 1, 3):
        assert torch.equal(run.g_loss[:, i], whole.g_loss[:, i])
        for mine, theirs in ((run.generator, whole.generator), (run.discriminator, whole.discriminator)):
            assert torch.equal(weights(unstack(mine, i)), weights(unstack(theirs, i)))
    assert whole.diverged == {}


def test_training_stops_when_the_last_run_diverges():
    gan = dataclasses.replace(ARTICLE, real=breaks({0, 1}, 3))
    with pytest.raises(Diverged, match="step 4 of 20") as stop:
        many(gan, seeds=[0, 1])
    whole = many(steps=3, seeds=[0, 1])
    assert stop.value.run.steps_done == 3
    assert torch.equal(weights(stop.value.run.generator), weights(whole.generator))
    assert torch.equal(stop.value.run.g_loss[:3], whole.g_loss)


NUMBERS = torch.linspace(-1, 1, 1000).unsqueeze(1).index_fill(0, torch.tensor(500), math.nan)  # one NaN among 1,000


def pick(n, rng):
    return NUMBERS[torch.randint(0, 1000, (n,), generator=rng)]


NUMBER = GAN(pick, noise.uniform, lambda: nn.Linear(1, 1), lambda: nn.Sequential(nn.Linear(1, 4), nn.ReLU(),
                                                                                 nn.Linear(4, 1)), ema=0.9)


@pytest.mark.parametrize("changes", [{}, {"d_steps": 2, "g_steps": 2, "momentum": 0.5}, {"r1": 1.0}, {"decay": True}])
@pytest.mark.parametrize("part", ["real", "noise"])
def test_one_nan_among_a_thousand_numbers_freezes_a_run_at_the_same_step_with_and_without_others(part, changes):
    """A loss that is finite again brings nothing back: neither weights nor their average move."""
    gan = dataclasses.replace(NUMBER, **{"real": noise.uniform} | {part: pick}, **changes)
    seeds, steps, alone = range(5), 20 if gan.d_steps else 60, []
    for seed in seeds:
        try:
            alone.append(quiet(gan, steps, seed))
        except Diverged as stop:
            alone.append(stop.run)
    diverged = {seed: step for run in alone for seed, step in run.diverged.items()}
    assert 2 <= len(diverged) < 5
    assert len(set(diverged.values())) > 1
    for chunk_size in (1, 2, 5):
        run = many(gan, steps, seeds, chunk_size=chunk_size, evaluate_at=range(0, steps, 9),
                   evaluate=lambda run: torch.cat([p.flatten(1) for p in run.generator.parameters()], 1).clone())
        assert run.diverged == diverged
        for i, one in enumerate(alone):
            first = diverged.get(i, steps + 1)
            assert run.g_loss[:, i].isnan().tolist() == [step + 1 >= first for step in range(steps)]
            assert run.d_loss[:, i].isnan().tolist() == [step + 1 >= first for step in range(steps)]
            for name in ("generator", "discriminator", "ema_generator"):
                mine = weights(unstack(getattr(run, name), i))
                assert torch.allclose(mine, weights(getattr(one, name)), rtol=0, atol=1e-5)
            for step, seen in run.evaluations.items():
                assert step < first or torch.equal(seen[i], weights(unstack(run.generator, i)))


@pytest.mark.parametrize(("part", "sampler", "times"), [("real", even_numbers, 3), ("noise", random_bits, 2)])
def test_a_run_that_is_bad_in_one_step_of_d_or_g_only_is_marked_too(part, sampler, times):
    turns = dataclasses.replace(ARTICLE, d_steps=3, g_steps=2)
    calls = []

    def bad_once(n, rng):  # NaN for seed 1, in the first step of D (or of G) in round 2
        bits = sampler(n, rng)
        if rng.initial_seed() == 1 and n == times * turns.batch_size:  # the batches of all steps are drawn as one
            calls.append(n)
            if len(calls) == 2:
                bits[:turns.batch_size] = math.nan
        return bits

    run = many(dataclasses.replace(turns, **{part: bad_once}), 3)
    assert run.diverged == {1: 2}
    whole = many(turns, 3)
    for i in (0, 2):
        assert torch.equal(weights(unstack(run.generator, i)), weights(unstack(whole.generator, i)))
    before = many(turns, 1)  # G has not moved since, nor D, if it was its first step
    assert torch.equal(weights(unstack(run.generator, 1)), weights(unstack(before.generator, 1)))
    assert torch.equal(weights(unstack(run.discriminator, 1)),
                       weights(unstack(before.discriminator, 1))) == (part == "real")


@pytest.mark.parametrize(("weight", "penalty"), [(1e30, {"r1": 1.0}), (1e30, {"gp": 1.0}), (math.inf, {}),
                                                 (math.nan, {})])
def test_a_penalty_or_weights_that_are_not_finite_mark_their_run_too(weight, penalty):
    def discriminator():
        network = nn.Linear(7, 1)
        if torch.initial_seed() == 1:  # 1e30: a slope so steep that its square overflows, on logits that stay finite
            network.weight.data.fill_(weight)
        return network

    gan = dataclasses.replace(ARTICLE, discriminator=discriminator, **penalty)
    run = many(gan, 2)
    assert run.diverged == {1: 1}
    assert torch.equal(unstack(run.generator, 1)[0].weight, gan.build(1)[0][0].weight)
    with pytest.raises(Diverged, match="step 1 of 2, seed 1"):
        quiet(gan, 2, seed=1)


# --- in chunks ---


def assert_same(run, other):
    """Both hold the same, up to rounding."""
    assert (run.seeds, run.diverged, run.steps_done) == (other.seeds, other.diverged, other.steps_done)
    parts = [[r.g_loss, r.d_loss, *r.evaluations.values(), *r.generator.parameters(), *r.discriminator.parameters(),
              *(r.ema_generator.parameters() if r.ema_generator else ())] for r in (run, other)]
    for a, b in zip(*parts, strict=True):
        assert a.shape == b.shape and torch.allclose(a, b, rtol=0, atol=1e-6, equal_nan=True)
    assert list(run.evaluations) == list(other.evaluations)


@pytest.mark.parametrize("changes", [{"ema": 0.9}, {"d_steps": 2, "g_steps": 2, "momentum": 0.5}])
def test_chunks_of_runs_are_the_runs_all_at_once(changes):
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    seeds = [9, 1, 4, 0, 2]
    gan = dataclasses.replace(ARTICLE, real=breaks({4}, 2), **changes)
    together, apart = (many(gan, 20, seeds, chunk_size=chunk_size, evaluate_at=[0, 7, 20],
                            evaluate=lambda run: run.generator(torch.zeros(2, 7))) for chunk_size in (5, 2))
    assert_same(apart, together)
    assert (apart.seeds, apart.diverged, apart.steps_done) == (tuple(seeds), {4: 3}, 20)
    assert apart.g_loss.shape == apart.d_loss.shape == (20, 5)
    assert list(apart.evaluations) == [0, 7, 20]
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize("bad", [{0, 1}, {2, 3}, {4}])
def test_a_chunk_whose_runs_all_diverge_stops_no_other(bad):
    """It is evaluated at the later steps all the same, so that evaluations do not depend on the chunks."""
    gan = dataclasses.replace(ARTICLE, real=breaks(bad, 3))
    run = many(gan, 9, range(5), chunk_size=2, evaluate=lambda run: len(run.seeds), evaluate_at=[0, 3, 4, 9])
    assert run.diverged == dict.fromkeys(sorted(bad), 4)
    assert run.steps_done == 9
    assert run.evaluations == {step: [2, 2, 1] for step in (0, 3, 4, 9)}
    whole, stopped = many(steps=9, seeds=range(5)), many(steps=3, seeds=range(5))
    for seed in range(5):
        oracle = stopped if seed in bad else whole
        mine, theirs = weights(unstack(run.generator, seed)), weights(unstack(oracle.generator, seed))
        assert torch.allclose(mine, theirs, rtol=0, atol=1e-6)
        assert run.g_loss[:, seed].isfinite().sum() == (3 if seed in bad else 9)


@pytest.mark.parametrize(("size", "error"), [(0, ValueError), (2.0, TypeError), (True, TypeError), (None, TypeError)])
def test_chunk_size_is_a_whole_number_from_1(size, error):
    with pytest.raises(error, match=f"chunk_size must be .*, got {size}.*Pass a"):
        many(steps=2, chunk_size=size)


# --- on workers ---

LAMBDAS = GAN(
    real=lambda n, rng: data.gaussian(n, rng, 1.0, 0.5), noise=lambda n, rng: noise.uniform(n, rng, -1, 1),
    generator=lambda: nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Linear(4, 1)),
    discriminator=lambda: nn.Sequential(layers.BatchFeatures(lambda batch: 2 * batch), nn.Linear(1, 4), nn.ELU(),
                                        nn.Linear(4, 1)),
    generator_loss=lambda logits: losses.minimax(logits), d_steps=2, ema=0.9,
)


def play(path=None, seeds=(4, 0, 9, 2, 7)):
    def broken(n, rng):  # for seed 9, from the start
        return LAMBDAS.real(n, rng) * (float("nan") if rng.initial_seed() == 9 else 1)

    return many(dataclasses.replace(LAMBDAS, real=broken), 30, seeds, chunk_size=2, checkpoint=path,
                evaluate=lambda run: run.generator(torch.zeros(2, 1)).squeeze(-1), evaluate_at=[0, 30])


@pytest.fixture(scope="module")
def one_after_the_other():
    run = play()
    assert {step: seen.shape for step, seen in run.evaluations.items()} == {0: (5, 2), 30: (5, 2)}
    return run


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_joblibs_workers_make_the_same_runs(backend, one_after_the_other, tmp_path):
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    with joblib.parallel_config(backend=backend, n_jobs=2):
        assert_same(play(tmp_path), one_after_the_other)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["runs_0.pt", "runs_2.pt", "runs_4.pt"]
    assert_same(play(tmp_path), one_after_the_other)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads


def slowly():
    """A network that is not built in one go: another thread may draw from torch's random state in between."""
    first = nn.Linear(1, 4)
    time.sleep(0.01)
    return nn.Sequential(first, nn.Tanh(), nn.Linear(4, 1))


def test_threads_do_not_disturb_each_other():
    gan = dataclasses.replace(LAMBDAS, generator=slowly, discriminator=slowly)
    whole = many(gan, 2, range(6))
    state = torch.get_rng_state()
    with joblib.parallel_config(backend="threading", n_jobs=3):
        run = many(gan, 2, range(6), chunk_size=1)
    assert torch.equal(torch.get_rng_state(), state)
    for mine, theirs in zip(run.generator.parameters(), whole.generator.parameters(), strict=True):
        assert torch.allclose(mine, theirs, rtol=0, atol=1e-6)


def test_the_workers_of_a_dask_cluster_make_the_same_runs(one_after_the_other):
    from dask.distributed import Client, LocalCluster  # imported here: it takes seconds

    options = {"n_workers": 2, "processes": True, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**options) as cluster, Client(cluster), joblib.parallel_config(backend="dask"):
        assert_same(play(), one_after_the_other)


@pytest.mark.parametrize("backend", ["loky", "sequential"])
def test_what_a_worker_raises_reaches_the_caller(backend):
    def refuses(run):
        raise ZeroDivisionError(f"seeds {run.seeds}")

    with joblib.parallel_config(backend=backend, n_jobs=2), pytest.raises(ZeroDivisionError, match=r"seeds \("):
        many(LAMBDAS, 5, range(4), chunk_size=2, evaluate=refuses, evaluate_at=[1])


def test_small_runs_need_no_joblib():
    code = (
        "import sys\n"
        "sys.modules['joblib'] = None\n"  # as if it were not installed
        "from gan_helpers import data, discriminators, gan, generators, noise, recipes, training\n"
        "even = gan.GAN(data.even_numbers, noise.random_bits, generators.bit_generator,\n"
        "               discriminators.linear_discriminator)\n"
        "training.train_many(even, 2, range(3), progress=False)\n"
        "training.train(even, 2, 0, progress=False)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
