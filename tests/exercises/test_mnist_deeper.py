"""The exercises of chapter 6 against answers of all kinds, and their solutions against PyTorch's layers."""

import pytest
import torch
from torch import nn

from gan_helpers.exercises import mnist_deeper
from tests.exercises import bank_mnist_deeper
from tests.exercises.generic import ExercisesAsData


class TestDeeper(ExercisesAsData):
    module, bank, notebook = mnist_deeper, bank_mnist_deeper, "06_mnist_deeper.ipynb"


@pytest.mark.parametrize("training", (True, False))
def test_batch_norm_dropout_and_the_slip_are_those_of_pytorchs_layers(training):
    torch.manual_seed(1)
    layer, x = nn.BatchNorm1d(5, dtype=torch.float64), 3 * torch.randn(9, 5, dtype=torch.float64) + 1
    for part in (layer.weight.data, layer.bias.data, layer.running_mean, layer.running_var):
        part.copy_(torch.rand(5))
    before = [part.clone() for part in (layer.weight, layer.bias, layer.running_mean, layer.running_var)]
    found = mnist_deeper.batch_norm.solution(x, *before, training)
    wanted = layer.train(training)(x), layer.running_mean, layer.running_var
    for mine, theirs in zip(found, wanted, strict=True):
        assert torch.allclose(mine, theirs, rtol=1e-12, atol=1e-12)
    slip, dropped = nn.BatchNorm1d(5, 0.8, dtype=torch.float64), nn.Dropout(0.3).train(training)(x)
    assert mnist_deeper.find_eps.solution(x, slip(x).detach(), 0.2) == pytest.approx((0.8, 1 - 0.2**0.5), abs=1e-12)
    assert torch.allclose(mnist_deeper.dropout.solution(x, dropped != 0, 0.3, training), dropped)


def test_each_state_counts_in_the_average_as_the_shares_say():
    rng = torch.Generator().manual_seed(1)
    average, *states = (mnist_deeper._generator(rng).requires_grad_(False) for _ in range(6))
    rows = [network[0].weight.clone() for network in (average, *states)]
    for state in states:
        mnist_deeper.update_average.solution(average, state, 0.9)
    shares = mnist_deeper.shares.solution(0.9, 5)
    expected = sum(share * row for share, row in zip(shares, rows[::-1], strict=True))
    assert torch.allclose(average[0].weight, expected.float(), atol=1e-6)
