"""The losses of a run are drawn over their steps, with the values at D = 1/2."""

import math

import matplotlib.pyplot as plt
import pytest
import torch

from gan_helpers.losses import discriminator_loss, non_saturating
from gan_helpers.plots import losses

G_LOSS, D_LOSS = torch.tensor([0.7, 0.8, 0.6, 0.9]), torch.tensor([1.4, 1.2, 1.3, -0.5])


def test_both_losses_are_drawn_from_step_1_on():
    ax = losses.curves(G_LOSS, D_LOSS)
    curves = [line for line in ax.get_lines() if len(line.get_ydata()) == 4]
    for curve, values in zip(curves, (D_LOSS, G_LOSS), strict=True):
        assert list(curve.get_xdata()) == [1, 2, 3, 4] and torch.equal(torch.as_tensor(curve.get_ydata()), values)
    assert len({curve.get_color() for curve in curves}) == 2
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step", "loss")
    assert ax.get_ylim()[0] < -0.5 and ax.get_xlim() == (0, 4)


def test_lines_and_labels_stand_at_the_losses_of_an_undecided_d():
    undecided = torch.zeros(5, 1)
    ax = losses.curves(G_LOSS, D_LOSS.abs(), unit="round")
    levels = [line.get_ydata()[0] for line in ax.get_lines() if line.get_linestyle() == "--"]
    assert levels == pytest.approx([discriminator_loss(undecided, undecided).item(), non_saturating(undecided).item()])
    assert {text.get_text(): text.get_position()[1] for text in ax.texts} == pytest.approx(
        {"D\n(2 log 2)": 2 * math.log(2), "G\n(log 2)": math.log(2)})
    assert ax.get_xlabel() == "round" and ax.get_ylim()[0] == 0


def test_losses_are_drawn_into_the_axes_they_are_given():
    _, ax = plt.subplots()
    assert losses.curves(G_LOSS.tolist(), D_LOSS.tolist(), ax) is ax and len(plt.get_fignums()) == 1
