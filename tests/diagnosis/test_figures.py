import matplotlib.pyplot as plt
import pytest
import torch

from gan_helpers.diagnosis import figures
from tests.diagnosis.shared import Own
from tests.helpers import rng


@pytest.mark.parametrize("features", [1, 2, 5, 196])
def test_samples_of_any_kind_are_drawn(features):
    clouds = [torch.randn(30, features, generator=rng(i)) for i in range(2)]
    fig = figures.finding("All fakes are alike.", figures.Evidence(*clouds), {"spread": 0.02},
                          (("spread", "<", 0.15),))
    left, right = fig.axes
    words = [" ".join(text.get_text().split()) for text in right.texts]
    assert left.get_children() and "distance of two fakes over that of two real ones: 0.02" in words
    dots = [line for line in right.get_lines() if line.get_marker() == "o"]
    assert dots[0].get_xdata()[0] < 0.5  # left of the limit
    plt.close(fig)


def test_evidence_leaves_modes_alone():
    own = Own()
    own.generator.train()
    shown = figures.evidence(own, 20)
    assert shown.real.shape == shown.fake.shape == (20, 1) and own.generator.training
