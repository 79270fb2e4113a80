"""What training returns: the runs of several chunks as one, and the error that holds a run that diverged."""

import dataclasses
import pickle

import pytest
import torch

from gan_helpers.training import Diverged
from tests.training.shared import ARTICLE, breaks, many, quiet, weights


def test_training_stops_when_the_runs_of_every_chunk_diverge():
    gan = dataclasses.replace(ARTICLE, real=breaks(set(range(5)), 3))
    says = r"stopped at step 4 of 20, all 5 seeds, the first of them 0: a loss was NaN or Inf, .*at step 4\. Lower lr"
    with pytest.raises(Diverged, match=says) as stop:
        many(gan, 20, range(5), chunk_size=2)
    run = stop.value.run
    assert (run.steps_done, run.diverged, run.g_loss.shape) == (3, dict.fromkeys(range(5), 4), (20, 5))
    assert run.seeds == tuple(range(5))


def test_the_error_can_be_pickled():
    """It may come from a worker."""
    with pytest.raises(Diverged) as stop:
        quiet(dataclasses.replace(ARTICLE, real=breaks({0}, 3)))
    again = pickle.loads(pickle.dumps(stop.value))
    assert str(again) == str(stop.value)
    assert torch.equal(weights(again.run.generator), weights(stop.value.run.generator))


def test_chunks_that_diverge_at_different_steps_are_one_run():
    gan = dataclasses.replace(ARTICLE, real=breaks({0, 1}, 3, breaks({2}, 6)))
    says = r"stopped at step 7 of 20, all 3 seeds, the first of them 0: .*, for the first time at step 4\."
    for chunk_size in (1, 2, 3):
        with pytest.raises(Diverged, match=says) as stop:
            many(gan, chunk_size=chunk_size)
        assert (stop.value.run.steps_done, stop.value.run.diverged) == (6, {0: 4, 1: 4, 2: 7})
