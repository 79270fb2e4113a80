"""The exercises of chapter 5 against answers of all kinds."""

import pytest
import torch
from torch import nn

from benchmarks import solutions
from gan_helpers import discriminators, generators, noise, recorded
from gan_helpers.exercises import NotYet, mnist_two_layers
from gan_helpers.exercises.kinds import once
from tests.exercises import bank_mnist_two_layers
from tests.exercises.generic import ExercisesAsData

mnist_two_layers.small_gan.solution = once(mnist_two_layers.small_gan.solution)  # trained once a seed


class TestTwoLayers(ExercisesAsData):
    module, bank, notebook = mnist_two_layers, bank_mnist_two_layers, "05_mnist_two_layers.ipynb"
    odd_results = (*ExercisesAsData.odd_results, (0, 0), (None, None), (1j, 0), torch.zeros(3, 784),
                   (nn.Identity(),) * 2, (nn.Linear(784, 784), nn.Linear(784, 1)), 1e30)


def test_the_counts_and_the_width_of_the_logits_are_those_of_fresh_networks():
    """What exercises 2 and 6 say; whatever the noise's shape, only its standard deviation counts."""
    names = TestTwoLayers().answers("solutions")
    for network, widths in ((generators.two_layer_generator(), (100, 392, 784)),
                            (discriminators.two_layer_discriminator(), (784, 128, 1))):
        assert names["count_parameters"](widths) == sum(p.numel() for p in network.parameters())
    torch.manual_seed(5)
    for draw, std in ((torch.randn, 1.0), (lambda *shape: 2 * torch.rand(*shape) - 1, 3**-0.5)):
        seen = torch.cat([generators.two_layer_generator()[:3](draw(20, 100)).detach() for _ in range(40)]).std().item()
        assert seen == pytest.approx(names["logit_std"](std, (100, 392, 784), [0.02**0.5, (2 / 392) ** 0.5]), rel=0.02)
        assert seen == pytest.approx(2**0.5 * std, rel=0.02)


def test_the_step_as_found_is_told_by_its_labels_and_keeps_d_at_log_2():
    names = TestTwoLayers().answers("exercises")
    with pytest.raises(NotYet, match="the label of another one"):
        mnist_two_layers.d_step(names["step_as_found"])
    torch.manual_seed(1)
    discriminator, real, fake = nn.Linear(2, 1), torch.randn(64, 2) + 5, torch.randn(64, 2) - 5
    optimizer = torch.optim.Adam(discriminator.parameters(), 0.1)
    losses = [[step(discriminator, optimizer, real, fake, torch.randperm(128)) for _ in range(400)]
              for step in (names["step_as_found"], mnist_two_layers.d_step.solution)]
    assert sum(losses[0][-200:]) / 200 == pytest.approx(0.6931, abs=0.02)
    assert losses[1][-1] < 0.01


def test_what_is_said_of_the_recorded_generator_is_so():
    """The share of units that are on, and what ten pixels tell: the solution's, the grid's, those of the middle."""
    generator = recorded.generator("mnist_two_layers", "long, uniform", generators.two_layer_generator())
    z = noise.uniform(5000, torch.Generator().manual_seed(1), -1, 1, features=100)
    on = (generator[:2](z) > 0).double().sum(1).mean().item()
    assert 35 < on < 45
    mnist_two_layers.units_on(on)
    shares = [mnist_two_layers.detective(tuple(pixels), 99) for pixels in (
        mnist_two_layers.ten_pixels.solution(), mnist_two_layers.GRID, range(10))]
    assert shares[0] > 0.77 and shares[1] < 0.68 and shares[2] == 0.5


def test_ten_pixels_tell_by_their_ink_and_by_how_they_go_together():
    """On 60 seeds: 0.73 with each pixel shuffled among the images of its kind, 0.64 with real gray levels."""
    pixels = tuple(mnist_two_layers.ten_pixels.solution())
    for change, share in ((solutions.apart, 0.73), (solutions.leveled, 0.64)):
        assert solutions.right_about(pixels, change, 99) == pytest.approx(share, abs=0.05)


def test_the_plain_recipe_misses_the_distance_and_a_good_one_reaches_it():
    measure = mnist_two_layers.small_distance
    assert measure(mnist_two_layers._trained()(1)) > 1.4 and measure(mnist_two_layers.small_gan.solution(11)) < 0.5
