"""The engine of the exercises: what it guards, when it names a mistake, and the kinds of exercises."""

import copy
import functools
import math
import random

import pytest
import torch
from scipy import stats
from torch import nn

from gan_helpers.exercises import NotYet, guard
from gan_helpers.exercises.engine import Case, Exercise, Law
from gan_helpers.exercises.kinds import Together, bug, once, predict, train
from gan_helpers.exercises.readers import exactly, number, several, tensor
from gan_helpers.exercises.telling import first_difference, same


def some(n, scale=1.0):
    return lambda rng: (scale * torch.randn(n, generator=rng),)


def ready(x):
    return 2 * x


double = Exercise(lambda x: 2 * x, [some(3), some(1), some(0), some(5, 1e3)], tensor("like x"), "Twice.",
                  {"you square it.": lambda x: x**2, "you add two.": lambda x: x + 2}, forbidden=(ready,), copies=True)
kept, total = [], torch.zeros(3)


def says(exercise, answer) -> str:
    with pytest.raises(NotYet) as refusal:
        exercise(answer)
    return str(refusal.value)


def test_arguments_are_fresh_and_equal_each_time():
    first, second = (double._arguments(double.cases[0])["x"] for _ in range(2))
    assert torch.equal(first, second) and first is not second


def test_a_mistake_is_named_only_if_it_fits_two_cases_and_contradicts_none():
    assert says(double, lambda x: x**2) == "you square it."
    for only in (0, 3):
        message = says(double, lambda x, only=only: x**2 if len(x) == (3, 1, 0, 5)[only] else 2 * x)
        assert "you get" in message and "it should be" in message
    assert "you get" in says(double, lambda x: x**2 if len(x) < 5 else 3 * x)
    assert "you get" in says(double, lambda x: x**2 if len(x) < 5 else x)


@pytest.mark.parametrize(("answer", "words"), (
    (lambda x: x.mul_(2), "overwrites x"), (lambda x: x, "shares its memory with x"),
    (lambda x: (2 * x).numpy(), "not an ndarray"), (lambda x: (2 * x).double(), "yours is torch.float64"),
    (lambda x: 1 / 0, "for x = [-1.172, -0.39288, 0.52648]: your function"), (lambda x: ready(x), "calls ready"),
    (lambda x: kept.append(1) or 2 * x, "changes kept"), (lambda x: 2 * x + torch.rand(1) * 0, "PyTorch's global"),
    (lambda x: 2 * x + 1e-3, "it should be"), (lambda x: torch.ones(len(x)), "it should be"),
))  # fmt: skip
def test_what_else_is_refused(answer, words):
    assert words in says(double, answer)


def test_a_ready_function_may_be_called_in_an_assertion():
    def tested(x):
        assert torch.equal(2 * x, ready(x)), \
            "they differ"
        return x + x

    def smuggled(x):
        assert (y := ready(x)) is not None  # noqa: RUF018
        return y

    double(tested)
    assert "calls ready" in says(double, smuggled)


def test_a_result_must_not_change_later_and_a_call_must_not_depend_on_earlier_ones():
    buffer, seen = torch.zeros(9), []

    def reuses(x):
        return buffer[: len(x)].copy_(2 * x)

    assert "an earlier call" in says(double, reuses)
    assert "two answers" in says(double, lambda x: seen.append(1) or 2 * x + (len(seen) > 4))


def test_the_session_is_as_it_was_whatever_an_answer_does():
    before = guard.around()
    for act in (lambda: torch.set_grad_enabled(False), lambda: torch.set_default_dtype(torch.float64), random.random):
        says(double, lambda x, act=act: act() or 2 * x)
        assert not guard.changed(before, guard.around())


def test_slopes_are_compared_where_the_value_is_right():
    square = Exercise(lambda x: x.square().sum(), [some(3), some(1)], number(is_tensor=True), "Yes.", slopes=("x",))
    assert "not the right slope in x" in says(square, lambda x: (x * x.detach()).sum())
    assert "no gradient" in says(square, lambda x: x.detach().square().sum())
    assert "slope" not in says(square, lambda x: x.detach().sum())


def test_a_step_of_another_length_is_told_by_its_length():
    def make(rng, optimizer=torch.optim.SGD):
        network = nn.Linear(2, 1)
        for p in network.parameters():
            p.data = torch.randn(p.shape, generator=rng)
        return network, optimizer(network.parameters(), 0.1), torch.randn(4, 2, generator=rng)

    def step(times=1.0, power=2):
        def go(network, optimizer, x):
            optimizer.zero_grad()
            (times * network(x).abs() ** power).mean().backward()
            optimizer.step()
            return True

        return go

    descend = Exercise(step(), [Case(make, "SGD"), Case(lambda rng: make(rng, torch.optim.Adam), "Adam", 3)],
                       exactly(bool, "True"), "Down.",
                       changes=("network.weights",), free=("network.grad", "optimizer.state"))
    descend(step())
    assert "right direction, 3 times as far" in says(descend, step(3.0))
    assert "opposite direction, as far as they should" in says(descend, step(-1.0))
    assert "another direction" in says(descend, step(power=1))
    assert "did not move at all" in says(descend, lambda network, optimizer, x: True)


def test_an_exercise_that_leans_on_another_says_which_is_wrong():
    twice = Exercise(lambda x: 4 * x, double.cases, tensor("like x"), "Four times.", uses={"mine": double})
    names = {}
    exec("def mine(x): return x**2\ndef four(x): return 2 * mine(x)\ndef own(x): return 3 * x", names)
    assert "calls your mine, and the fault is there: you square it." in says(twice, names["four"])
    assert "your mine" not in says(twice, names["own"])


def test_samplers_of_continuous_laws():
    def normal(n, rng):
        return torch.randn(n, generator=rng)

    sampler = Exercise(normal, [lambda rng, n=n: (n, torch.Generator().manual_seed(1)) for n in (9, 1)], tensor(
        lambda n, rng: (n,)), "Normal.", {"these are uniform.": lambda n, rng: torch.rand(n, generator=rng)},
        law=Law(lambda x: x, stats.norm.cdf))
    sampler(normal)
    assert says(sampler, lambda n, rng: torch.rand(n, generator=rng)) == "these are uniform."
    assert "it should be" in says(sampler, lambda n, rng: 1.05 * torch.randn(n, generator=rng))
    assert "depends on the one" in says(sampler, lambda n, rng: torch.randn((n + 1) // 2, generator=rng)
                                        .repeat_interleave(2)[:n])


def test_the_other_kinds():
    guess = predict((40, 60), "It is 51.", {"that is all of them.": 100, "log 100.": 4.605, "a share?": (0, 1)})
    guess(50)
    assert says(guess, 100) == says(guess, 99.4) == "that is all of them." and "too small" in says(guess, 3)
    assert says(guess, 4.6) == says(guess, 4.61) == "log 100." and "too small" in says(guess, 4.5)
    assert says(guess, 0) == says(guess, 0.5) == says(guess, 1) == "a share?"
    assert says(guess, 98) == "98 is too large. Think again."
    assert says(guess, math.nan) == "nan is no guess. Return a number." and "is no guess" in says(guess, -math.inf)
    assert "return your guess" in says(guess, "many")
    choice = predict("flat", "It is flat.", {"that is the other loss.": "steep"})
    choice("flat")
    assert says(choice, "steep") == "that is the other loss." and "choose one of flat, steep" in says(choice, "x")
    broken = bug(lambda x: x, "nothing is doubled yet.", solution=lambda x: 2 * x, cases=[some(2), some(4)],
                 gives=tensor("like x"), takeaway="Mended.")
    assert says(broken, lambda x: x * 1) == "nothing is doubled yet."
    both = Together(("first", "second"), (double, double), "Both.")
    both((lambda x: 2 * x, lambda x: x + x))
    assert says(both, (lambda x: 2 * x, lambda x: x**2)) == "second: you square it."


def test_training_has_a_target_and_a_budget():
    def fit(steps, rate=0.2):
        def go(seed):
            torch.manual_seed(seed)
            network = nn.Linear(1, 1)
            optimizer = torch.optim.SGD(network.parameters(), rate)
            for _ in range(steps):
                optimizer.zero_grad()
                (network(torch.ones(1, 1)) - 3).square().mean().backward()
                optimizer.step()
            return network

        return go

    def off(network):
        return (network(torch.ones(1, 1)) - 3).abs(), "Try more steps."

    task = train(fit(20), off, 0.01, 30, "distance from 3", "There.", players=1, least=15)
    task(fit(25))
    assert "you took 31 optimizer steps, and 30 are allowed" in says(task, fit(40))
    message = says(task, fit(2))
    assert "with seed 11 the distance from 3 is" in message and message.endswith("at most 0.01. Try more steps.")
    assert "seeds 11 and 23 you return the same network" in says(task, lambda seed: fit(20)(5))
    hurried = train(fit(20), lambda network: 0.0, 0.01, 30, "distance", "There.", seconds=-1)
    assert "not done after -1 seconds and 1 optimizer steps" in says(hurried, fit(20))
    pair = train(fit(20), off, 0.01, 60, "distance from 3", "There.", least=15)
    ready = nn.Linear(1, 1)
    nn.init.constant_(ready.weight, 3.0), nn.init.constant_(ready.bias, 0.0)
    assert "no optimizer took a step" in says(pair, lambda seed: ready)
    assert "steps of each optimizer: 20. In each call both networks need" in says(pair, fit(20))
    pair(lambda seed: (fit(20)(seed + 1), fit(20)(seed))[1])


class Changed(nn.Module):
    """A linear layer, and what `change` makes of (its input, its output)."""

    def __init__(self, change=lambda x, y: y):
        super().__init__()
        self.layer, self.change = nn.Linear(1, 1), change

    def forward(self, x):
        return self.change(x, self.layer(x))


def tripled(optimizer=lambda weights: torch.optim.Adam(weights, 0.3), steps=100, change=lambda x, y: y,
            by_hand=0.0, give=lambda network, average: network):
    """Trains a layer to y = 3 x + 1; by_hand: the rate of an update by hand, beside the steps."""
    def training(seed):
        torch.manual_seed(seed)
        network, x = Changed(change), torch.linspace(-1, 1, 9)[:, None]
        average, stepper = copy.deepcopy(network), optimizer(network.layer.parameters())

        def closure():
            stepper.zero_grad()
            loss = (network.layer(x) - 3 * x - 1).square().mean()
            loss.backward()
            return loss

        for _ in range(steps):
            stepper.step(closure)
            for old, new in zip(average.parameters(), network.parameters(), strict=True):
                new.data -= by_hand * new.grad
                old.data.lerp_(new.data, 0.3)
        return give(network, average)

    return training


def lines(off=0.05):
    x = torch.linspace(-1, 1, 20)[:, None]
    return train(tripled(), lambda network: (network(x) - 3 * x - 1).abs().max(), off, 100, "error", "Yes.", players=1)


def folded(network, average):
    layer = nn.Linear(1, 1)
    layer.weight.data, layer.bias.data = 2 * network.layer.weight.data, network.layer.bias.data
    return nn.Sequential(Changed(lambda x, y: x / 2), layer)


@pytest.mark.parametrize("answer", (
    tripled(give=lambda network, average: average), tripled(give=lambda network, average: copy.deepcopy(network)),
    tripled(give=folded), tripled(lambda weights: torch.optim.LBFGS(weights), 12),
    tripled(lambda weights: torch.optim.SGD(weights, 0.1)),
    tripled(lambda weights: torch.optim.Adam(weights, 0.3, fused=True)),
))  # fmt: skip
def test_all_that_is_made_of_trained_weights_is_a_training(answer):
    lines()(answer)


def test_a_training_until_it_is_good_passes_though_without_its_steps_it_never_ends():
    def patient(seed):
        torch.manual_seed(seed)
        network = nn.Linear(1, 1)
        optimizer, x = torch.optim.SGD(network.parameters(), 0.5), torch.linspace(-1, 1, 9)[:, None]
        while (loss := (network(x) - 3 * x - 1).square().mean()) > 1e-4:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return network

    lines()(patient)


def formula(x, y):
    return 3 * x + 1 + 1e-3 * y


@pytest.mark.parametrize(("answer", "words"), (
    (tripled(change=formula), "even if each optimizer step is undone"),
    (tripled(lambda weights: torch.optim.SGD(weights, 1e-9), by_hand=0.1), "even if each optimizer step is undone"),
    (tripled(give=lambda *networks: Changed(formula)), "even if each optimizer step is undone"),
    (functools.cache(tripled()), "asked for seed 11 again, your function took no step"),
    (tripled(change=lambda x, y: (y.clone(), x.zero_())[0]), "with seed 11 your network writes into what it is given"),
    (tripled(change=lambda x, y: y + 0.02 * torch.randn(1)), "answers them differently"),
    (tripled(change=lambda x, y: y.sort(0).values), "answers them differently"),
    (tripled(change=lambda x, y: y.tolist()), "should give a tensor, not a list"),
))  # fmt: skip
def test_a_network_that_is_not_trained_or_not_a_function_of_its_input(answer, words):
    assert words in says(lines(), answer)


def test_a_training_that_is_kept_is_counted_in_each_check_once():
    calls, kept = [], once(lambda seed: calls.append(seed) or (tripled()(seed), tripled()(seed))[0])
    task = train(kept, lambda network: (network(torch.ones(9, 1)) - 4).abs().max(), 0.05, 200,
                 "error", "There.")
    for answer in (kept, lambda seed: (kept(seed), kept(seed))[0], kept):
        task(answer)
    assert calls == [11, 23, 47, 11]  # the last one without its steps


def test_differences_are_shown_with_digits_enough():
    a, b, _ = first_difference(torch.tensor(-0.351).double(), torch.tensor(-0.3510004).double(), 1e-9)
    assert a != b
    one, nan, inf = torch.tensor([1.0, torch.nan, torch.inf])
    assert same(nan, nan, 0) and not same(one, inf, 1)
    pair = Exercise(lambda n: (n, 2 * n), [lambda rng: (3,), lambda rng: (4,)], several("one", "two"), "Yes.")
    assert says(pair, lambda n: (n, n)) == "for n = 3: two: you get 3, it should be 6."
