"""The checks of chapter 6 against the bank: wrong answers get the message meant for them, right ones pass."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from gan_helpers.exercises import mnist_deeper
from gan_helpers.training.steps import update_ema
from tests.exercises import bank_mnist_deeper
from tests.exercises.bank import ODD_RESULTS, ChecksAgainstTheirBank

pytestmark = pytest.mark.filterwarnings("ignore:Casting complex values")


class TestDeeper(ChecksAgainstTheirBank):
    checks, bank, notebook = mnist_deeper, bank_mnist_deeper, "06_mnist_deeper.ipynb"
    odd_results = (
        *ODD_RESULTS, (0, 0), (math.nan, 0), (math.inf, -math.inf), (None, None), ("a", "b"), ([], []), (1j, 0),
        (None, None, None), (torch.zeros(12, 4), 0, 0), (torch.zeros(12, 4), torch.zeros(4), torch.zeros(4) * math.nan),
        torch.zeros(2, 28, 28), torch.zeros(2, 28, 28).byte(), torch.full((6, 10), torch.nan), np.zeros((6, 10)),
        (torch.zeros(100), torch.zeros(100)), torch.zeros(2, 100), [0.0] * 5, [math.inf] * 5, nn.Identity(), {0: 1},
    )  # fmt: skip


def solution(name):
    return TestDeeper().answers("solutions")[0][name]


@pytest.mark.parametrize("training", (True, False))
def test_batch_norm_by_hand_is_pytorchs(training):
    torch.manual_seed(1)
    layer, x = nn.BatchNorm1d(5).double(), 3 * torch.randn(9, 5, dtype=torch.float64) + 1
    for part in (layer.weight.data, layer.bias.data, layer.running_mean, layer.running_var):
        part.copy_(torch.rand(5))
    before = [part.clone() for part in (layer.weight, layer.bias, layer.running_mean, layer.running_var)]
    found = solution("batch_norm")(x, *before, training)
    wanted = layer.train(training)(x), layer.running_mean, layer.running_var
    for mine, theirs in zip(found, wanted, strict=True):
        assert torch.allclose(mine, theirs, rtol=1e-12, atol=1e-12)


def test_the_second_argument_of_batch_norm_is_eps():
    torch.manual_seed(2)
    layer, x = nn.BatchNorm1d(6, 0.8).double(), torch.randn(40, 6, dtype=torch.float64)
    assert (layer.eps, layer.momentum) == (0.8, 0.1)
    eps, lost = solution("find_eps")(x, layer(x).detach(), 0.2)
    assert eps == pytest.approx(0.8, abs=1e-12) and lost == pytest.approx(1 - 0.2**0.5, abs=1e-12)


def test_dropout_by_hand_is_pytorchs():
    torch.manual_seed(3)
    x, layer = torch.rand(50, 50) + 1, nn.Dropout(0.3)
    out = layer(x)
    assert torch.allclose(solution("dropout")(x, out != 0, 0.3, True), out)


def test_the_average_is_the_packages_and_counts_each_state_as_the_shares_say():
    update, shares, keep = solution("update_average"), solution("shares"), 0.9
    mine, theirs = mnist_deeper._generator(1).requires_grad_(False), mnist_deeper._generator(1).requires_grad_(False)
    states = [mine.state_dict()["0.weight"].clone()]
    for seed in range(2, 7):
        generator = mnist_deeper._generator(seed)
        states.append(generator.state_dict()["0.weight"].clone())
        update(mine, generator, keep)
        update_ema(theirs, generator, keep)
    for key, part in theirs.state_dict().items():
        assert torch.allclose(mine.state_dict()[key], part, atol=1e-6), key
    expected = sum(share * state for share, state in zip(shares(keep, 5), states[::-1], strict=True))
    assert torch.allclose(mine.state_dict()["0.weight"], expected, atol=1e-6)
    assert sum(shares(0.998, 300)) == pytest.approx(1)
