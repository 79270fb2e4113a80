"""The checks of chapter 5 against the bank: wrong answers get the message meant for them, right ones pass."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from gan_helpers import discriminators, generators
from gan_helpers.exercises import NotYet, mnist_two_layers
from tests.exercises import bank_mnist_two_layers
from tests.exercises.bank import ODD_RESULTS, ChecksAgainstTheirBank

pytestmark = pytest.mark.filterwarnings("ignore:Casting complex values")


class TestTwoLayers(ChecksAgainstTheirBank):
    checks, bank, notebook = mnist_two_layers, bank_mnist_two_layers, "05_mnist_two_layers.ipynb"
    odd_results = (
        *ODD_RESULTS, (0, 0), (math.nan, 0), (math.inf, -math.inf), (None, None), ("a", "b"), ([], []), (1j, 0),
        torch.full((3, 784), torch.nan), torch.zeros(3, 784), torch.zeros(3, 784).int(), np.zeros((3, 784)), 1e30,
        (torch.zeros(2), torch.zeros(2)), (nn.Identity(), nn.Identity()), (nn.Linear(784, 784), nn.Linear(784, 1)),
        [torch.tensor(1.0)] * 2, torch.zeros(2, requires_grad=True), [torch.zeros(2), torch.zeros(3)], {0: 1, 1: 2},
    )  # fmt: skip

    def answers(self, kind):
        """The fourth exercise asks for two functions: its answer is the pair of them, as in its check cell."""
        names, checks = super().answers(kind)
        names["half_steps"] = names["half_step_d"], names["half_step_g"]
        return names, [cell.replace("(half_step_d, half_step_g)", "half_steps") for cell in checks]

    @pytest.mark.parametrize("which", (0, 1))
    def test_whatever_one_of_the_two_functions_returns_the_check_answers_in_words(self, which, result):
        pair = [bank_mnist_two_layers.halves.of_d, bank_mnist_two_layers.halves.of_g]
        pair[which] = lambda *arguments: result
        with pytest.raises(NotYet) as refusal:
            mnist_two_layers.half_steps(pair)
        assert 10 < len(str(refusal.value)) < 300, refusal.value


def test_the_counts_are_those_of_the_chapters_networks():
    count = TestTwoLayers().answers("solutions")[0]["count_parameters"]
    for network, widths in ((generators.two_layer_generator(), (100, 392, 784)),
                            (discriminators.two_layer_discriminator(), (784, 128, 1))):
        assert count(widths) == sum(p.numel() for p in network.parameters())
    assert count((100, 392, 786)) == count((100, 392, 784)) + 2 * 393


def test_the_width_of_the_logits_is_that_of_fresh_generators():
    """What exercise 6 says, on forty networks: whatever the noise's shape, only its standard deviation counts."""
    torch.manual_seed(5)
    logit_std = TestTwoLayers().answers("solutions")[0]["logit_std"]
    for draw, std in ((torch.randn, 1.0), (lambda *shape: 2 * torch.rand(*shape) - 1, 3**-0.5)):
        seen = torch.cat([generators.two_layer_generator()[:3](draw(20, 100)).detach() for _ in range(40)]).std().item()
        widths = (100, 392, 784)
        assert seen == pytest.approx(logit_std(std, widths, [(2 / n) ** 0.5 for n in widths[:-1]]), rel=0.02)
        assert seen == pytest.approx(2**0.5 * std, rel=0.02)
