"""The benchmarks of speed and quality end with their ratio, and compare like with like."""

import dataclasses
import re

import pandas as pd
import pytest
import torch

from benchmarks import quality_mnist, speed_many_runs, speed_mnist
from gan_helpers import mnist, recorded
from gan_helpers.training import steps, trainer


def test_the_best_matches_the_two_layers_best_within_5000_iterations(monkeypatch, capsys):
    monkeypatch.setattr(quality_mnist, "ROUNDS", 1)
    monkeypatch.setattr(quality_mnist, "STEPS", 2)
    quality_mnist.main()
    last = capsys.readouterr().out.splitlines()[-1]
    ratio = float(re.fullmatch(r"iterations ratio: ([\d.]+)", last)[1])
    least = recorded.arrays("mnist_two_layers")["long, uniform/frechet"].min()
    best = recorded.arrays("mnist_deeper")["the best/ema_frechet"]
    at = recorded.about("mnist_deeper")["the best"]["settings"]["evaluate_at"]
    slowest = max(at[(run <= least).nonzero()[0, 0]] for run in best)
    assert ratio == pytest.approx(100_000 / slowest, abs=0.1) and slowest <= 5000


def test_the_first_step_below_a_goal_is_the_first_that_is_as_good():
    assert quality_mnist.first_below(pd.Series({0: 9.0, 100: 5.0, 200: 3.0, 300: 6.0}), 5.0) == 100
    assert quality_mnist.first_below(pd.Series({0: 9.0}), 5.0) is None


def test_the_speed_of_many_runs_ends_with_the_ratio(monkeypatch, capsys):
    monkeypatch.setattr(speed_many_runs, "PAIRS", 1)
    monkeypatch.setattr(speed_many_runs, "RUNS", 4)
    monkeypatch.setattr(speed_many_runs, "RECIPES", tuple((*row[:4], 20, 5) for row in speed_many_runs.RECIPES))
    threads = torch.get_num_threads()
    speed_many_runs.main()
    assert torch.get_num_threads() == threads
    assert re.fullmatch(r"ratio per run: \d+\.\d", capsys.readouterr().out.splitlines()[-1])


def test_the_speed_on_mnist_ends_with_its_ratio(monkeypatch, capsys):
    monkeypatch.setattr(speed_mnist, "PAIRS", 1)
    monkeypatch.setattr(speed_mnist, "STEPS", 2)
    threads = torch.get_num_threads()
    speed_mnist.main()
    torch.set_num_threads(threads)
    *_, both, last = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"ratio in float32: -?[\d.]+; in bfloat16: -?[\d.]+", both)
    assert re.fullmatch(r"ratio: -?\d+\.\d\d", last)  # of two steps: a busy machine may say anything


def test_the_usual_way_shows_the_same_pixels():
    digits, pixels = speed_mnist.Digits(), mnist.images("train").pixels
    for index in (0, 7, 59_999):
        picture, _ = digits[index]
        assert picture.shape == (1, 28, 28)
        assert torch.allclose(picture[0], pixels[index].reshape(28, 28) / 127.5 - 1, atol=1e-6)


def test_the_usual_way_and_ours_play_the_same_game(monkeypatch):
    """From the same weights, images and noise, the script's loop and ours follow the same slopes."""
    usual = speed_mnist.UsualWay(torch.device("cpu"))
    torch.manual_seed(0)
    real, noise = torch.rand(64, 784) * 2 - 1, torch.randn(64, 100)
    kept = [net.state_dict() for net in (usual.g, usual.d)]
    networks = speed_mnist.Generator(), speed_mnist.discriminator(torch.nn.Identity())
    for network, state in zip(networks, kept, strict=True):
        network.load_state_dict(state)
    gan = dataclasses.replace(speed_mnist.OURS, generator=lambda: networks[0], discriminator=lambda: networks[1])
    usual.batches = iter([(real.reshape(64, 1, 28, 28), None)])
    usual_noise = noise.numpy().astype("float64")
    monkeypatch.setattr(speed_mnist.np.random, "normal", lambda *_: usual_noise)
    usual(1)
    optimizers = [trainer.make_optimizer(gan, network, gan.lr) for network in networks]
    steps.simultaneous_step(gan, *networks, *optimizers, real, noise, torch.zeros((), dtype=torch.bool))
    # compared before Adam, whose first step is the rate times a sign; the script halves D's loss
    for ours, theirs, times in zip(networks, (usual.g, usual.d), (1, 2), strict=True):
        for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
            assert torch.allclose(p.grad, times * q.grad, rtol=1e-3, atol=1e-6)
        assert max(p.grad.abs().max() for p in ours.parameters()) > 1e-4
