import html

import matplotlib.pyplot as plt
import pytest
import torch

from gan_helpers import recipes
from gan_helpers.diagnosis import causes, diagnose
from gan_helpers.training import train
from tests.diagnosis.shared import Own, same, state


@pytest.mark.parametrize(("slip", "sigmoid", "cause"), [
    ("swapped", False, "labels swapped"), ("cut", False, "gradient cut"), ("no step", False, "optimizer"),
    ("D twice", False, "optimizer"), ("nothing cleared", False, "gradients not cleared"),
    ("", True, "probability as logit"),
])  # fmt: skip
def test_slips_in_a_loop_are_named_and_nothing_is_changed(slip, sigmoid, cause):
    own = Own(slip, sigmoid=sigmoid)
    own.step()
    before = state(own)
    found = diagnose(**own.parts())
    assert found.first == cause
    assert same(state(own), before)


@pytest.mark.parametrize(("change", "cause"), [
    (lambda own: {"real": lambda n, rng: 1000 + own.real(n, rng)}, "raw units"),
    (lambda own: {"real": lambda n, rng: own.real(n, rng).masked_fill(torch.rand(n, 1, generator=rng) < 0.01,
                                                                      torch.nan)}, "nan"),
])  # fmt: skip
def test_what_is_wrong_with_data_is_named(change, cause):
    own = Own()
    assert diagnose(**own.parts(**change(own))).first == cause


def test_a_sigmoid_that_is_stuck_at_one_still_tells():
    own = Own(sigmoid=True)
    torch.nn.init.constant_(own.discriminator[2].bias, 60.0)
    assert own.discriminator(own.real(5, own.rng)).eq(1).all()
    assert diagnose(**own.parts()).first == "probability as logit"


@pytest.mark.parametrize("change", [
    lambda own: {"noise": lambda n, rng: torch.tensor([[-1.0], [0.5], [2.0]])[torch.randint(3, (n,), generator=rng)]},
    lambda own: {"held_out": lambda n, rng: 3 * own.real(n, rng)},
], ids=["three noise vectors", "held-out data that the loop never shows"])  # fmt: skip
def test_what_cannot_be_made_or_is_not_shown_is_missing(change):
    own = Own()
    keys = [[finding.key for finding in diagnose(**own.parts(**more))] for more in ({}, change(own))]
    assert "dropped modes" not in keys[0] and "dropped modes" in keys[1]


def test_a_d_that_learns_nothing_is_not_said_to_have_its_labels_swapped():
    own = Own()
    own.discriminator = torch.nn.Sequential(torch.nn.Linear(1, 1))
    own.optimizers["d"] = torch.optim.Adam(own.discriminator.parameters(), 3e-3)
    own.real = lambda n, rng: torch.randn(n, 1, generator=rng) + own.generator(own.noise(4000, rng)).mean().item()
    assert "labels swapped" not in [finding.key for finding in diagnose(**own.parts())]


def test_a_diagnosis_prints_and_draws():
    own = Own("cut")
    found = diagnose(**own.parts(losses=([0.7, 0.6], [1.4, 1.3])))
    text, page = repr(found), found._repr_html_()
    for finding in found:
        assert finding.sentence in text and html.escape(finding.sentence) in page and finding.remedy in text
        assert set(finding.measured) <= set(causes.derived(found.measured))
    figure = found[0].figure()
    assert figure.axes
    plt.close(figure)


def test_nothing_found_is_an_answer_that_says_what_was_not_tested():
    found = diagnose(**Own().parts(step=None))
    found.clear()
    assert "Nothing found" in repr(found) and "no step" in repr(found) and "held-out" in repr(found)
    assert "Nothing found" in found._repr_html_() and found.first == "healthy"


def test_a_run_of_the_package_is_diagnosed_and_left_alone():
    run = train(recipes.COURSE, 3, 0, progress=False)
    networks = run.generator, run.discriminator, run.ema_generator
    before = [t.clone() for network in networks for t in network.state_dict().values()] + [torch.get_rng_state()]
    found = diagnose(recipes.COURSE, run)
    after = [t for network in networks for t in network.state_dict().values()] + [torch.get_rng_state()]
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    assert found.measured["g_update"] > 0 and not any(network.training for network in networks)
