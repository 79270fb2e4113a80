"""Chunks of runs on joblib's workers, or on those of a Dask cluster, are the runs one after the other."""

import dataclasses
import subprocess
import sys
import time
from pathlib import Path

import joblib
import pytest
import torch
from dask.distributed import Client, LocalCluster
from torch import nn

from gan_helpers import data, losses, noise
from gan_helpers.gan import GAN
from gan_helpers.training import train_many

LAMBDAS = GAN(
    real=lambda n, rng: data.gaussian(n, rng, 1.0, 0.5), noise=lambda n, rng: noise.uniform(n, rng, -1, 1),
    generator=lambda: nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Linear(4, 1)),
    discriminator=lambda: nn.Sequential(nn.Linear(1, 4), nn.ELU(), nn.Linear(4, 1)),
    generator_loss=lambda logits: losses.minimax(logits), view=lambda batch: 2 * batch, d_steps=2, ema=0.9,
)


def play(path=None, seeds=(4, 0, 9, 2, 7)):
    def breaks(n, rng):  # for seed 9, from the start
        return LAMBDAS.real(n, rng) * (float("nan") if rng.initial_seed() == 9 and n > 3 else 1)

    return train_many(
        dataclasses.replace(LAMBDAS, real=breaks), 30, seeds, chunk_size=2, progress=False, checkpoint=path,
        evaluate=lambda run: run.generator(torch.zeros(2, 1)).squeeze(-1), evaluate_at=[0, 30],
    )


@pytest.fixture(scope="module")
def one_after_the_other():
    return play()


def check_same(run, other):
    assert (run.seeds, run.diverged, run.steps_done) == (other.seeds, other.diverged, other.steps_done)
    for name in ("generator", "discriminator", "average"):
        for a, b in zip(getattr(run, name).parameters(), getattr(other, name).parameters(), strict=True):
            assert torch.allclose(a, b, rtol=0, atol=1e-6)
    for a, b in ((run.g_loss, other.g_loss), (run.d_loss, other.d_loss)):
        assert torch.allclose(a, b, rtol=0, atol=1e-6, equal_nan=True)
    assert list(run.evaluations) == list(other.evaluations) == [0, 30]
    for step in (0, 30):
        assert run.evaluations[step].shape == (5, 2)
        assert torch.allclose(run.evaluations[step], other.evaluations[step], rtol=0, atol=1e-6)


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_joblibs_workers_make_the_same_runs(backend, one_after_the_other, tmp_path):
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    with joblib.parallel_config(backend=backend, n_jobs=2):
        check_same(play(tmp_path), one_after_the_other)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["runs_0.pt", "runs_2.pt", "runs_4.pt"]
    check_same(play(tmp_path), one_after_the_other)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads


def slowly():
    """A network that is not built in one go: another thread may draw from torch's random state in between."""
    first = nn.Linear(1, 4)
    time.sleep(0.01)
    return nn.Sequential(first, nn.Tanh(), nn.Linear(4, 1))


def test_threads_do_not_disturb_each_other():
    gan = dataclasses.replace(LAMBDAS, generator=slowly, discriminator=slowly)
    whole = train_many(gan, 2, range(6), progress=False)
    state = torch.get_rng_state()
    with joblib.parallel_config(backend="threading", n_jobs=3):
        run = train_many(gan, 2, range(6), chunk_size=1, progress=False)
    assert torch.equal(torch.get_rng_state(), state)
    for mine, theirs in zip(run.generator.parameters(), whole.generator.parameters(), strict=True):
        assert torch.allclose(mine, theirs, rtol=0, atol=1e-6)


def test_the_workers_of_a_dask_cluster_make_the_same_runs(one_after_the_other):
    options = {"n_workers": 2, "processes": True, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**options) as cluster, Client(cluster), joblib.parallel_config(backend="dask"):
        check_same(play(), one_after_the_other)


@pytest.mark.parametrize("backend", ["loky", "sequential"])
def test_what_a_worker_raises_reaches_the_caller(backend):
    def refuses(run):
        raise ZeroDivisionError(f"seeds {run.seeds}")

    with joblib.parallel_config(backend=backend, n_jobs=2), pytest.raises(ZeroDivisionError, match=r"seeds \("):
        train_many(LAMBDAS, 5, range(4), chunk_size=2, progress=False, evaluate=refuses, evaluate_at=[1])


def test_a_reader_of_few_runs_needs_no_joblib():
    code = (
        "import sys\n"
        "sys.modules['joblib'] = None\n"  # as if it were not installed
        "from gan_helpers import data, discriminators, generators, many, noise, recipes, training\n"
        "gan = training.GAN(data.even_numbers, noise.random_bits, generators.bit_generator,\n"
        "                   discriminators.linear_discriminator)\n"
        "many.train_many(gan, 2, range(3), progress=False)\n"
        "training.train(gan, 2, 0, progress=False)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1])
