"""The demos that train GANs, each alone on a page: to the state that it claims, by keyboard, by touch, on a phone."""

import io
import re

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import stats
from torch import nn

from gan_helpers import noise
from gan_helpers.metrics import bits
from tests.site.conftest import ROOT
from tests.site.test_browser import ALL_RULES, COLOURS_ONLY, axe, text_of

LIVE = ROOT / "book" / "_static" / "live"
COLORS = {
    "light": "--real: #0b6aa8; --fake: #c24a00; --d: #9c3a77; --g: #00785a; --ink: #1f2328; --muted: #59616b; "
             "--rule: #d0d5da; --paper: #ffffff;",
    "dark": "--real: #5bb4f0; --fake: #ff9257; --d: #e79ac6; --g: #4fcfa4; --ink: #e6e8ea; --muted: #a3abb4; "
            "--rule: #454c55; --paper: #14181d;",
}
PAGE = """<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>A demo</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="{live}/live.css">
<style>:root {{ {colors} --pst-color-border: var(--rule); --pst-color-surface: var(--paper);
--pst-color-background: var(--paper); --pst-color-primary: var(--real); --pst-color-link: var(--real);
--pst-color-text-base: var(--ink); }}
body {{ margin: 0 auto; max-width: 760px; padding: 0 20px; background: var(--paper); color: var(--ink);
font-family: sans-serif; }}</style></head><body><main><h1>A demo</h1>
<div class="live" data-demo="{name}" data-state="{state}" {more}>a still picture</div></main>
{scripts}<script>document.querySelectorAll(".live").forEach(Live.mount);</script></body></html>"""
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
LONG = 180_000  # milliseconds, for a busy machine; on a quiet one a run takes some seconds


@pytest.fixture
def visit(browser, tmp_path):
    """A function that opens a page with one demo from a folder."""
    contexts = []

    def open_page(name: str, state: str = "", address: str = "", theme: str = "light", more: str = "", **options):
        scripts = "".join(f'<script src="{(LIVE / script).as_uri()}"></script>'
                          for script in ("nn.js", "densities.js", "live.js", f"{name}.js"))
        parts = dict(theme=theme, colors=COLORS[theme], live=LIVE.as_uri(), name=name, state=state, more=more,
                     scripts=scripts)
        file = tmp_path / f"{name}.html"
        file.write_text(PAGE.format(**parts), encoding="utf-8")
        contexts.append(browser.new_context(**({"viewport": DESKTOP} | options)))
        page = contexts[-1].new_page()
        page.set_default_timeout(LONG)
        page.trouble = trouble = []
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda line: trouble.append(line.text) if line.type in ("error", "warning") else None)
        page.on("request", lambda request: None if request.url.startswith("file:") else trouble.append(request.url))
        page.goto(file.as_uri() + address)
        page.wait_for_selector(".live-ready")
        return page

    yield open_page
    trouble = [line for context in contexts for page in context.pages for line in page.trouble]
    for context in contexts:
        context.close()
    assert not trouble


def text(page) -> str:
    """What the line under the picture says, once the picture has been drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.inner_text(".live-text").replace("−", "-")


def number(pattern: str, words: str) -> float:
    found = re.search(pattern, words)
    assert found, f"{pattern!r} is not in {words!r}"
    return float(found[1].replace(",", ""))


def run_until(page, condition: str):
    """Press Run, wait until a condition holds for `view`, and press Pause if it still runs."""
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_function(f"(() => {{ const {{ view }} = document.querySelector('.live'); return {condition}; }})()")
    if page.evaluate("document.querySelector('.live').view.running"):
        page.get_by_role("button", name="Pause").click()


def generator(page) -> nn.Module:
    """The generator that the page shows, in PyTorch."""
    sizes, names, weights = page.evaluate("""() => {
      const { G } = document.querySelector(".live").view;
      return [G.sizes, G.layers.map((layer) => layer.name), Array.from(G.weights)];
    }""")
    kinds = {"tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "identity": nn.Identity}
    net = nn.Sequential(*(layer for ins, outs, name in zip(sizes, sizes[1:], names, strict=False)
                          for layer in (nn.Linear(ins, outs), kinds[name]()))).double()
    nn.utils.vector_to_parameters(torch.tensor(weights, dtype=torch.float64), net.parameters())
    return net.requires_grad_(False)


# --- Even numbers ---


def check_counts(page) -> int:
    """Validity and coverage of the page's generator, by PyTorch; the page must say the same. Returns the coverage."""
    table = bits.table_of(generator(page)(noise.all_bits(7).double()))
    validity, coverage = bits.validity(table).item(), bits.coverage(table).item()
    words = text(page)
    if validity == 1:
        assert "Everything that G makes is even" in words
    else:
        assert number(r"(\d+) % of all that G makes is even", words) == int(100 * validity)
    assert f"{'all 64' if coverage == 64 else f'{coverage} of the 64'} even numbers" in words
    return coverage if validity == 1 else -1


def test_first_recipe_makes_a_dozen_numbers(visit):
    page = visit("even")
    check_counts(page)
    run_until(page, "!view.running")
    assert "Step 2,000 of 2,000" in text(page)
    assert 4 <= check_counts(page) <= 24


def test_repaired_recipe_makes_nearly_all_numbers(visit):
    page = visit("even")
    page.get_by_label("Recipe").select_option("repaired")
    assert page.get_by_label("D", exact=True).input_value() == "hidden"
    assert page.get_by_label("Gradient penalty").is_checked()
    run_until(page, "!view.running")
    assert check_counts(page) >= 60


def test_linear_discriminator_is_not_enough(visit):
    """Everything of the repaired recipe but D's hidden layers: valid, and far from all."""
    page = visit("even")
    page.get_by_label("Recipe").select_option("repaired")
    page.get_by_label("D", exact=True).select_option("linear")
    run_until(page, "!view.running")
    assert 16 <= check_counts(page) <= 52


# --- One pixel and the bell curve ---


def check_distances(page, data) -> tuple[float, float]:
    """Wasserstein-1 and KS of the page's generator to `data`, by scipy; the page must say the same."""
    mean, std = (4.0, 1.25)
    z = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    made = mean + std * generator(page)(torch.from_numpy(z).unsqueeze(1)).squeeze(1).numpy()
    distance = np.abs(np.sort(made) - data.ppf((np.arange(20_000) + 0.5) / 20_000)).mean()
    gap = stats.ks_1samp(made, data.cdf).statistic
    words = text(page)
    assert number(r"([\d.]+) away on average", words) == pytest.approx(distance, rel=0.06, abs=0.005)
    assert number(r"([\d.]+) \(KS\)", words) == pytest.approx(gap, abs=0.02)
    return distance, gap


def test_fakes_come_to_lie_on_the_bell_curve(visit):
    page = visit("curve")
    before, _ = check_distances(page, stats.norm(4, 1.25))
    assert before > 0.5
    run_until(page, "view.steps >= 1500")
    after, gap = check_distances(page, stats.norm(4, 1.25))
    assert after < 0.15 and gap < 0.06
    assert "the fakes lie on the data" in text(page)


@pytest.mark.parametrize("target, loss", [("gray", "nonSaturating"), ("spikes", "nonSaturating"), ("own", "minimax"),
                                          ("bell", "wasserstein"), ("own", "wasserstein")])
def test_fakes_come_near_other_data(visit, target, loss):
    page = visit("curve", f"target={target}&loss={loss}&dSteps=2")
    before = number(r"([\d.]+) away on average", text(page))
    run_until(page, "view.steps >= 1500")
    after = number(r"([\d.]+) away on average", text(page))
    assert after < before / 3


def test_a_straight_generator_cannot_make_two_peaks(visit):
    distances = []
    for g in ("line", "bent"):
        page = visit("curve", f"target=ink&g={g}&dSteps=2")
        run_until(page, "view.steps >= 1500")
        distances.append(number(r"([\d.]+) away on average", text(page)))
    assert distances[0] > 2 * distances[1]


def test_far_data_need_standard_units(visit):
    page = visit("curve", "target=far")
    page.get_by_label("Standard units").uncheck()
    run_until(page, "view.steps >= 600")
    words = text(page)
    assert "100 % of the fakes lie outside the picture" in words
    assert number(r"around (-?[\d.]+)", words) < 200
    page.get_by_label("Standard units").check()
    run_until(page, "view.steps >= 600")
    assert number(r"([\d.]+) away on average", text(page)) < 0.4


def test_twenty_seeds_without_blocking_the_page(visit):
    page = visit("curve")
    page.evaluate("""() => {
      window.seen = 0;
      const count = () => { window.seen++; requestAnimationFrame(count); };
      count();
    }""")
    page.get_by_role("button", name="Run 20 seeds").click()
    page.get_by_role("button", name="Run 20 seeds again").wait_for()
    words = text(page)
    assert number(r"Of 20 seeds, (\d+) end under 0.15", words) >= 15
    assert "Before the first step" in words, "the seeds moved the reader's own run"
    assert page.evaluate("seen") > 100, "the page stood still"


def test_reading_of_the_best_discriminator(visit):
    """Point at the upper panel: the line says p_data and p_g there, and the fraction that is D*."""
    page = visit("curve")
    run_until(page, "view.steps >= 200")
    box = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 100)
    found = re.search(r"At x = ([-\d.]+), D\* is ([\d.]+) / \(([\d.]+) \+ ([\d.]+)\) = ([\d.]+\d)", text(page))
    assert found
    x, real, again, fake, share = map(float, found.groups())
    assert real == again == pytest.approx(stats.norm.pdf(x, 4, 1.25), abs=0.006)
    z = torch.linspace(-5, 5, 400_001, dtype=torch.float64)
    made = 4 + 1.25 * generator(page)(z.unsqueeze(1)).squeeze(1).numpy()
    density = stats.norm.pdf(z)[np.abs(made - x) < 0.1].sum() * 2.5e-5 / 0.2
    assert fake == pytest.approx(density, rel=0.15, abs=0.01)
    assert share == pytest.approx(real / (real + fake), abs=0.03)


# --- how they are used ---

DEMOS = ["even", "curve"]


def focused(page) -> str:
    return page.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).textContent || "
                         "document.activeElement.tagName")


def tab_to(page, name: str):
    for _ in range(40):
        page.keyboard.press("Tab")
        if focused(page) == name:
            return
    pytest.fail(f"the Tab key does not reach {name}")


VIEW = "document.querySelector('.live').view"


@pytest.mark.parametrize("name", DEMOS)
def test_a_run_that_starts_by_itself_is_slow_at_first_and_rests_where_it_should(visit, name):
    page = visit(name, more='data-run="25"')
    started = page.evaluate("performance.now()")
    page.wait_for_function(f"{VIEW}.steps === 25 && !{VIEW}.running")
    assert page.evaluate("performance.now()") - started > 800, "25 steps, 15 a second"
    page.wait_for_timeout(300)
    assert page.evaluate(f"{VIEW}.steps") == 25
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_function(f"{VIEW}.steps > 30")


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
@pytest.mark.parametrize("name", DEMOS)
def test_another_seed_starts_by_itself_unless_motion_is_reduced(visit, name, motion):
    page = visit(name, reduced_motion=motion)
    page.get_by_label("Seed").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate(f"[{VIEW}.settings.seed, {VIEW}.running]") == [1, motion != "reduce"]


def test_the_front_page_shows_the_players_work_alone(visit):
    """No best possible D, which is pale, and no curve of G; the other pages have both."""
    def painted(page, color: tuple[int, int, int]) -> int:
        image = np.array(Image.open(io.BytesIO(page.locator("canvas").screenshot())).convert("RGB")).astype(int)
        return (abs(image - color).max(-1) < 4).sum()

    for state, some in (("plain=1", True), ("plain=2", False)):
        page = visit("curve", state, reduced_motion="reduce")
        text(page)
        assert painted(page, (0x9C, 0x3A, 0x77)) > 50, "the detective's color"
        assert (painted(page, (0x00, 0x78, 0x5A)) > 50) == some, "the forger's"


@pytest.mark.parametrize("name", DEMOS)
def test_keyboard_alone(visit, name):
    page = visit(name)
    before = text(page)
    tab_to(page, "Run")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.live').view.steps > 5")
    assert focused(page) == "Pause"
    page.keyboard.press("Space")
    assert focused(page) == "Run"
    assert text(page) != before
    steps = page.evaluate("document.querySelector('.live').view.steps")
    tab_to(page, "Step")
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('.live').view.steps") == steps + 1
    tab_to(page, "Reset")
    page.keyboard.press("Enter")
    assert text(page) == before
    tab_to(page, "Seed")
    page.keyboard.press("ArrowRight")
    assert text(page) != before, "another seed gives the same picture"
    page.wait_for_function("location.hash.includes('seed=1')")


def test_keys_read_and_draw_the_curve(visit):
    page = visit("curve", "target=own")
    page.locator("canvas").focus()
    page.keyboard.press("ArrowRight")
    assert "At x = " in text(page)
    drawn = "document.querySelector('.live').view.settings.own"
    before = page.evaluate(drawn)
    page.keyboard.press("ArrowUp")
    after = page.evaluate(drawn)
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


@pytest.mark.parametrize("name", DEMOS)
@pytest.mark.parametrize("theme", COLORS)
def test_on_a_phone(visit, name, theme):
    """Nothing hangs over, Run answers to a finger, and the page scrolls where nothing can be dragged."""
    page = visit(name, theme=theme, viewport=PHONE, has_touch=True, is_mobile=True)
    page.get_by_role("button", name="Run", exact=True).tap()
    page.wait_for_function("document.querySelector('.live').view.steps > 5")
    page.get_by_role("button", name="Pause").tap()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    edges = page.locator(".live *:visible").evaluate_all("all => all.map((one) => one.getBoundingClientRect().right)")
    assert max(edges) <= 360.5


def test_a_finger_draws_the_data(visit):
    page = visit("curve", "target=own", viewport=PHONE, has_touch=True, is_mobile=True)
    drawn = "document.querySelector('.live').view.settings.own"
    before, box = page.evaluate(drawn), page.locator("canvas").bounding_box()
    touch = page.context.new_cdp_session(page)
    for i in range(11):
        place = {"x": box["x"] + 60 + 20 * i, "y": box["y"] + 60}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove" if i else "touchStart", "touchPoints": [place]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    after = page.evaluate(drawn)
    assert sum(a != b for a, b in zip(before, after, strict=True)) > 15
    assert len(set(after[8:20])) == 1, "a level stroke is not level"
    assert page.evaluate("scrollY") == 0, "the page scrolled away under the finger"


@pytest.mark.parametrize("name, setting", [("even", "recipe=repaired&d=hidden&lr=0.1&penalty=1"),
                                           ("curve", "target=ink&g=line&dSteps=3&x=0.25")])
def test_state_in_the_address(visit, name, setting):
    page = visit(name, address=f"#{name}?{setting}")
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_function(f"location.hash === '#{name}?{setting}'")


@pytest.mark.parametrize("name", DEMOS)
def test_axe(visit, name):
    page = visit(name, reduced_motion="reduce")
    page.evaluate(text_of("vendor/axe.min.js"))
    offline = {"preload": False}  # a page from a folder may not read its style sheet
    assert axe(page, ALL_RULES | offline) == []
    page.evaluate("colors => { document.documentElement.dataset.theme = 'dark';"
                  " document.documentElement.style.cssText = colors; }", COLORS["dark"])
    assert axe(page, COLOURS_ONLY | offline) == []
