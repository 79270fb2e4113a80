"""The live demo "Break it": each slip is found by its tests, a healthy GAN is not called ill, and it can be used."""

import re

import pytest

from tests.site.conftest import ROOT
from tests.site.test_browser import ALL_RULES, axe, text_of
from tests.site.test_live_geo import node
from tests.site.test_live_nn import COLORS, PHONE, tab_to, text, visit  # noqa: F401 (visit is a fixture)

SOURCE = ROOT / "book" / "_static" / "live" / "broken.js"
OWN = {  # the tests that must be flagged, each because of what the slip does
    "none": set(), "labels": {"learns", "spread", "distance"}, "glabel": {"raises", "spread", "distance"},
    "cut": {"gradient", "gUpdate", "distance"}, "kept": {"left", "distance"}, "optimizer": {"gUpdate", "distance"},
    "sigmoid": {"range", "distance"}, "fast": {"gUpdate", "dUpdate"}, "slow": {"gUpdate", "dUpdate", "distance"},
    "strong": {"sure", "distance"}, "weak": {"learns", "spread", "distance"}, "raw": {"input", "distance"},
    "noise": {"noise", "spread", "distance"}, "nan": {"input", "distance"},
}
RUNS = """(() => {
  for (const name of ["nn", "densities"]) globalThis.Live = require(data.folder + name + ".js");
  const { TESTS, makeRun, judge } = require(data.folder + "broken.js").broken;
  return data.seeds.map((seed) => {
    const run = makeRun(data.slip, seed);
    while (run.steps < 300) run.step();
    const weights = [...run.G.weights, ...run.D.weights].join();
    const measured = Object.fromEntries(Object.entries(TESTS).map(([name, test]) => [name, test.measure(run)]));
    return { ...judge(measured, run.steps), moved: weights !== [...run.G.weights, ...run.D.weights].join() };
  });
})()"""


@pytest.fixture
def runs():
    def judged(slip: str, seeds) -> list[dict]:
        return node("nn.js", RUNS, {"slip": slip, "seeds": list(seeds), "folder": f"{SOURCE.parent}/"})

    return judged


@pytest.mark.parametrize("slip", OWN)
def test_each_slip_is_flagged_by_its_own_tests_and_named(runs, slip):
    for run in runs(slip, range(5)):
        assert OWN[slip] <= set(run["flagged"])
        assert run["cause"] == slip
        assert not run["moved"], "a test has changed the networks it looks at"


def test_a_healthy_gan_is_not_called_ill(runs):
    assert [run["flagged"] for run in runs("none", range(5, 20))] == [[]] * 15


def test_every_slip_of_the_list_is_tested():
    slips = re.search(r"const SLIPS = \{(.*?)\n  \};", SOURCE.read_text(encoding="utf-8"), re.DOTALL)[1]
    assert re.findall(r"^    (\w+): \[", slips, re.MULTILINE) == list(OWN)


def test_the_tests_know_nothing_of_the_switch():
    tests = re.search(r"const TESTS = \{(.*?)\n  \};", SOURCE.read_text(encoding="utf-8"), re.DOTALL)[1]
    assert not re.search(r"recipe|slip|SLIPS", tests)


def settled(page) -> str:
    page.wait_for_function("document.querySelector('.live').view.tested")
    return text(page)


def step(page, n: int):
    page.evaluate("n => { for (let i = 0; i < n; i++) document.querySelector('.live').view.step(); }", n)


def test_from_the_loss_curves_to_the_tests_by_keyboard(visit):  # noqa: F811
    """A guess from the curves, then one with the tests; nothing is told before."""
    page = visit("broken", address="#broken?slip=guess&seed=3", reduced_motion="reduce")
    step(page, 100)
    assert "What do the two loss curves tell you?" in text(page)
    tab_to(page, "Seed")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")  # the first answer in the list
    assert "You say: nothing. Now show the tests" in text(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    words = settled(page)
    assert "From the curves you said: nothing." in words and "Which cause explains them?" in words
    hidden = page.evaluate("Live.broken.SLIPS")
    page.get_by_label("Your answer").select_option("optimizer")
    told = re.search(r"(Right|No): (.*?)\. From the curves", settled(page))
    assert told[2] in [name for name, _ in hidden.values()]
    assert (told[1] == "Right") == (told[2] == hidden["optimizer"][0])
    assert f"The cause that fits: {told[2]}." in text(page)
    assert "Right so far: 0 of 1 from the curves" in text(page)


def test_state_from_the_address(visit):  # noqa: F811
    page = visit("broken", address="#broken?slip=weak&seed=2")
    step(page, 300)
    assert "D too weak: a straight line" in settled(page)
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_function("location.hash === '#broken?slip=weak&seed=2'")


@pytest.mark.parametrize("theme", COLORS)
def test_a_new_slip_on_a_phone(visit, theme):  # noqa: F811
    page = visit("broken", theme=theme, viewport=PHONE, has_touch=True, is_mobile=True)
    page.get_by_label("What is broken").select_option("nan")  # starts by itself
    page.wait_for_function("document.querySelector('.live').view.steps > 60")
    page.get_by_role("button", name="Pause").tap()
    assert "some of the data are NaN" in settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_nothing_moves_unasked_under_reduced_motion(visit):  # noqa: F811
    page = visit("broken", reduced_motion="reduce")
    page.get_by_label("What is broken").select_option("cut")
    settled(page)
    assert page.evaluate("document.querySelector('.live').view.steps") == 0


def test_axe(visit):  # noqa: F811
    page = visit("broken", address="#broken?slip=guess", reduced_motion="reduce")
    page.evaluate(text_of("vendor/axe.min.js"))
    assert axe(page, ALL_RULES | {"preload": False}) == []


def test_it_is_small():
    assert SOURCE.stat().st_size < 30_000
