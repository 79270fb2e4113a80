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
