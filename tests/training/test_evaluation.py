"""What `train` evaluates at named steps, and the best generator that it keeps."""

import dataclasses
import math
import warnings

import pytest
import torch

from gan_helpers.data import even_numbers
from gan_helpers.training import unstack
from tests.training.shared import ARTICLE, breaks, dropping, many, normed, quiet, weights


def test_evaluate_is_called_at_the_named_steps_and_nowhere_else():
    seen = []
    run = quiet(steps=10, evaluate_at=(0, 3, 10),
                evaluate=lambda run: seen.append(run.steps_done) or torch.is_grad_enabled())
    assert seen == [0, 3, 10]
    assert run.evaluations == {0: False, 3: False, 10: False}
    assert quiet(steps=5, evaluate=lambda run: 1, evaluate_at=()).evaluations == {}


def test_evaluate_sees_all_runs(capsys):
    run = many(steps=5, evaluate=lambda run: run.generator(torch.zeros(2, 7)).shape, evaluate_at=[0, 5])
    assert run.evaluations == {0: (3, 2, 7), 5: (3, 2, 7)}
    assert capsys.readouterr().out == ""


def test_evaluating_changes_nothing():
    gan = dataclasses.replace(ARTICLE, discriminator=dropping)
    evaluated = quiet(gan, evaluate=lambda run: run.generator(torch.rand(3, 7)), evaluate_at=range(21))
    assert torch.equal(weights(evaluated.generator), weights(quiet(gan).generator))


def partly_eval():
    network = normed()
    network[1].eval()  # batch norm that keeps its statistics
    return network


@pytest.mark.parametrize("generator", [normed, partly_eval])
def test_networks_are_in_evaluation_mode_for_evaluate_and_afterwards(generator):
    modes, gan = [], dataclasses.replace(ARTICLE, generator=generator, discriminator=dropping, ema=0.9)

    def evaluate(run):
        networks = run.generator, run.discriminator, run.ema_generator
        modes.append([m.training for network in networks for m in network.modules()])

    run = quiet(gan, 5, evaluate=evaluate, evaluate_at=range(6))
    evaluate(run)
    assert not any(map(any, modes))
    assert run.generator[1].num_batches_tracked == (5 if generator is normed else 0)  # in between: as they were built
    for network in (run.generator, run.ema_generator):
        x = torch.rand(9, 7)
        assert network(x[:1]).shape == (1, 7)
        assert torch.allclose(network(x)[:3], network(x[:3]))


def table(values):
    """keep_best that reads a table, {step: value}."""
    return lambda run: values[run.steps_done]


@pytest.mark.parametrize("ema", [0.0, 0.8])
@pytest.mark.parametrize(("values", "step"), [
    ({0: 5.0, 2: 3, 4: 1.5, 6: 2.0}, 4), ({0: 1.0, 2: 1.0, 4: 2.0}, 0), ({2: 1.0, 6: torch.tensor(-4.0)}, 6),
    ({0: math.nan, 2: 7.0, 4: math.nan}, 2), ({2: math.inf, 4: 9.0}, 4), ({2: 3.0, 4: -math.inf, 6: 1.0}, 4),
])  # fmt: skip
def test_keep_best_keeps_the_generator_with_the_lowest_value(values, step, ema):
    gan = dataclasses.replace(ARTICLE, ema=ema)
    with pytest.warns(UserWarning, match="chose the step, so it is too good .* fresh noise and data"):
        best = quiet(gan, 6, evaluate_at=values, keep_best=table(values)).best
    assert (best.step, best.value) == (step, values[step])
    assert type(best.step) is int and type(best.value) is float
    oracle = quiet(gan, step) if step else None
    oracle = (oracle.ema_generator if ema else oracle.generator) if step else gan.build(0)[0]
    assert torch.equal(weights(best.generator), weights(oracle))
    assert not best.generator.training and not any(p.requires_grad for p in best.generator.parameters())


def test_keep_best_of_nothing_but_nan_is_the_first_at_infinity():
    with pytest.warns(UserWarning, match="chose the step"):
        best = quiet(steps=4, evaluate_at=(1, 3), keep_best=lambda run: math.nan).best
    assert (best.step, best.value) == (1, math.inf)


@pytest.mark.parametrize("chunk_size", [1, 2, 5])
def test_keep_best_of_many_runs_is_each_runs_own(chunk_size):
    """Run s is best at step s; run 3 diverges and has NaN from then on."""
    gan = dataclasses.replace(ARTICLE, real=breaks({3}, 2), ema=0.8)

    def distance(run):
        value = torch.tensor([float(abs(run.steps_done - seed)) for seed in run.seeds])
        return torch.where(torch.tensor([seed in run.diverged for seed in run.seeds]), math.nan, value)

    with pytest.warns(UserWarning, match="chose the step"):
        best = many(gan, 6, range(5), chunk_size=chunk_size, evaluate_at=range(7), keep_best=distance).best
    assert best.step.tolist() == [0, 1, 2, 2, 4]
    assert best.value.tolist() == [0, 0, 0, 1, 0]
    for seed, step in enumerate(best.step.tolist()):
        oracle = quiet(dataclasses.replace(gan, real=even_numbers), step, seed).ema_generator if step else (
            gan.build(seed)[0])
        assert torch.allclose(weights(unstack(best.generator, seed)), weights(oracle), rtol=0, atol=1e-6)


def test_keep_best_takes_batch_norms_statistics_with_it():
    kept = {}
    gan = dataclasses.replace(ARTICLE, generator=normed)

    def value(run):
        kept[run.steps_done] = {name: part.clone() for name, part in run.generator.state_dict().items()}
        return abs(run.steps_done - 3)

    with pytest.warns(UserWarning, match="chose the step"):
        best = quiet(gan, 6, evaluate_at=range(7), keep_best=value).best
    assert all(torch.equal(part, kept[3][name]) for name, part in best.generator.state_dict().items())
    assert best.generator[1].num_batches_tracked == 3


def test_keep_best_changes_nothing_and_without_it_nothing_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plain = quiet(evaluate=lambda run: 1, evaluate_at=(3,))
    assert plain.best is None
    with pytest.warns(UserWarning, match="chose the step"):
        judged = quiet(evaluate_at=(3, 9), keep_best=lambda run: 1.0)
    assert torch.equal(weights(judged.generator), weights(plain.generator))


@pytest.mark.parametrize(("value", "error", "says"), [
    (torch.zeros(2), ValueError, r"shape \(2,\)"), (torch.zeros(1), ValueError, r"shape \(1,\)"),
    (None, TypeError, "None"), ("good", TypeError, "'good'"),
])  # fmt: skip
def test_keep_best_must_return_one_number(value, error, says):
    with pytest.raises(error, match=rf"keep_best\(run\) must return one number; it returned {says}"):
        quiet(evaluate_at=(0,), keep_best=lambda run: value)


@pytest.mark.parametrize("value", [1.0, torch.zeros(2), torch.zeros(3, 1)])
def test_keep_best_of_many_runs_must_return_a_number_for_each(value):
    with pytest.raises(ValueError, match=r"a tensor of shape \(3,\), one number per run; it returned shape"):
        many(evaluate_at=(0,), keep_best=lambda run: value)


@pytest.mark.parametrize(("options", "error", "says"), [
    ({"keep_best": lambda run: 1.0}, ValueError, r"keep_best needs steps .* evaluate_at, such as range"),
    ({"keep_best": 3, "evaluate_at": (1,)}, TypeError, r"keep_best must be a function, .*keep_best\(run\), got 3"),
    ({"keep_best": lambda: 1.0, "evaluate_at": (1,)}, TypeError, r"keep_best is called as keep_best\(run\)"),
    ({"evaluate": "x", "evaluate_at": (1,)}, TypeError, r"evaluate must be a function.*got 'x'"),
    ({"evaluate_at": (1,)}, TypeError, "evaluate_at is given, so evaluate must be"),
    ({"evaluate": print, "evaluate_at": 5}, TypeError, r"evaluate_at must be a list .*Write \(5,\) for one"),
    ({"evaluate": print, "evaluate_at": (21,)}, ValueError, "names step 21, but the run has 20"),
    ({"evaluate": print, "evaluate_at": (-1,)}, ValueError, "each of evaluate_at must be at least 0"),
    ({"evaluate": print, "evaluate_at": (1.0,)}, TypeError, "each of evaluate_at must be a whole number"),
])  # fmt: skip
def test_evaluations_that_cannot_be_are_refused(options, error, says):
    for play in (quiet, many):
        with pytest.raises(error, match=says):
            play(**options)
