"""The exercises of chapter 5 against answers of all kinds."""

import pytest
import torch
from torch import nn

from gan_helpers import discriminators, generators
from gan_helpers.exercises import mnist_two_layers
from tests.exercises import bank_mnist_two_layers
from tests.exercises.generic import ExercisesAsData


class TestTwoLayers(ExercisesAsData):
    module, bank, notebook = mnist_two_layers, bank_mnist_two_layers, "05_mnist_two_layers.ipynb"
    odd_results = (*ExercisesAsData.odd_results, (0, 0), (None, None), (1j, 0), torch.zeros(3, 784),
                   (nn.Identity(),) * 2, (nn.Linear(784, 784), nn.Linear(784, 1)), 1e30)


def test_the_counts_and_the_width_of_the_logits_are_those_of_fresh_networks():
    """What exercises 2 and 6 say; whatever the noise's shape, only its standard deviation counts."""
    names = TestTwoLayers().answers("solutions")[0]
    for network, widths in ((generators.two_layer_generator(), (100, 392, 784)),
                            (discriminators.two_layer_discriminator(), (784, 128, 1))):
        assert names["count_parameters"](widths) == sum(p.numel() for p in network.parameters())
    torch.manual_seed(5)
    for draw, std in ((torch.randn, 1.0), (lambda *shape: 2 * torch.rand(*shape) - 1, 3**-0.5)):
        seen = torch.cat([generators.two_layer_generator()[:3](draw(20, 100)).detach() for _ in range(40)]).std().item()
        assert seen == pytest.approx(names["logit_std"](std, (100, 392, 784), [0.02**0.5, (2 / 392) ** 0.5]), rel=0.02)
        assert seen == pytest.approx(2**0.5 * std, rel=0.02)
