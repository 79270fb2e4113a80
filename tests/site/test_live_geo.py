"""The live demos "Two players", "Distances" and "Balls": their maths in node, their pages in a browser."""

import json
import math
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.special import rel_entr
from scipy.stats import norm

from gan_helpers.metrics import clouds
from tests.site.conftest import ROOT
from tests.site.test_live_nn import text

LIVE = ROOT / "book" / "_static" / "live"
NAMES = ["players", "distances", "balls"]


# --- the maths, by node ---
def node(name: str, expression: str, data=None):
    """The value of a JavaScript expression of `Live` (what the demo's file exports) and `data`."""
    if not (path := shutil.which("node")):
        pytest.skip("no node on this machine: the demos' maths cannot be run")
    script = f"""const Live = require({json.dumps(str(LIVE / name))}), data = JSON.parse(require("fs").readFileSync(0));
        console.log(JSON.stringify({expression}));"""
    done = subprocess.run([path, "-e", script], input=json.dumps(data), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def play(steps=60, x=1.0, y=0.0, **settings) -> np.ndarray:
    """The path (steps + 1, 2) of the two players."""
    settings = {"game": "xy", "moves": "once", "eta": 0.2, "penalty": 0} | settings
    path = """Array.from({ length: data.n }).reduce(
        (path) => [...path, Live.players.step(data.settings, ...path[path.length - 1])], [data.at])"""
    return np.array(node("players.js", path, {"at": [x, y], "n": steps, "settings": settings}), dtype=float)


def outlook(x=1.0, y=0.0, **settings) -> dict:
    settings = {"game": "xy", "moves": "once", "eta": 0.2, "penalty": 0} | settings
    return node("players.js", "Live.players.outlook(data.settings, ...data.at)", {"at": [x, y], "settings": settings})


@pytest.mark.parametrize("eta", [0.05, 0.2, 1.0])
def test_at_once_every_step_leads_outwards(eta):
    radius = np.hypot(*play(eta=eta, x=0.6, y=-0.7).T)
    np.testing.assert_allclose(radius[1:] / radius[:-1], math.sqrt(1 + eta**2), rtol=1e-12)  # (4.1)


@pytest.mark.parametrize("eta", [0.05, 0.2, 1.0, 1.9])
def test_in_turn_the_path_stays_on_an_ellipse(eta):
    x, y = play(2000, moves="turn", eta=eta).T
    np.testing.assert_allclose(x**2 + y**2 + eta * x * y, 1, rtol=1e-9)
    assert np.hypot(x, y).max() <= math.sqrt(1 / (1 - eta / 2)) + 1e-9  # its long half-axis


def test_in_turn_with_steps_above_two_they_run_away():
    assert np.hypot(*play(200, moves="turn", eta=2.1).T)[-1] > 1e6


@pytest.mark.parametrize("moves", ["once", "turn"])
def test_a_penalty_on_d_lets_them_arrive(moves):
    assert np.hypot(*play(400, moves=moves, penalty=1).T)[-1] < 1e-6


@pytest.mark.parametrize("eta", [0.1, 0.5])
def test_looking_ahead_leads_inwards(eta):
    radius = np.hypot(*play(moves="ahead", eta=eta).T)
    np.testing.assert_allclose(radius[1:] / radius[:-1], math.hypot(1 - eta**2, eta), rtol=1e-12)


@pytest.mark.parametrize("game", ["xy", "dirac", "ns"])
def test_the_players_follow_their_slopes(game):
    """Against autograd: of V = xy, and of the Dirac GAN's losses, with R1 at the only real number."""
    points = np.random.default_rng(0).normal(size=(20, 2)) * 2
    slopes = node("players.js", "data.points.map(p => Live.players.slopes(data, ...p))",
                  {"points": points.tolist(), "game": game, "penalty": 0.3})
    for point, slope in zip(points, slopes, strict=True):
        x, y = (torch.tensor(value, requires_grad=True) for value in point)
        if game == "xy":
            loss_g, loss_d = x * y, -x * y + 0.3 / 2 * y**2
        else:
            zero = torch.zeros((), dtype=torch.float64, requires_grad=True)
            real, fake = y * zero, y * x
            (tilt,) = torch.autograd.grad(real, zero, create_graph=True)
            softplus = torch.nn.functional.softplus
            loss_d = softplus(-real) + softplus(fake) + 0.3 / 2 * tilt**2
            loss_g = -softplus(fake) if game == "dirac" else softplus(-fake)
        (g,) = torch.autograd.grad(loss_g, x, retain_graph=True)
        (d,) = torch.autograd.grad(loss_d, y)
        np.testing.assert_allclose(slope, [-g.item(), -d.item()], rtol=1e-12)


@pytest.mark.parametrize(("moves", "penalty"), [("once", 0), ("once", 0.3), ("turn", 0.3)])
@pytest.mark.parametrize("eta", [0.05, 0.2])
def test_the_change_each_time_round_is_that_of_the_eigenvalues(moves, penalty, eta):
    step = np.array([[1, -eta], [eta, 1 - eta * penalty]])
    if moves == "turn":
        step = np.array([[1, -eta], [0, 1]]) @ np.array([[1, 0], [eta, 1 - eta * penalty]])  # D first
    value = np.linalg.eigvals(step)[0]
    each = abs(value) ** (2 * math.pi / abs(np.angle(value)))
    assert outlook(moves=moves, penalty=penalty, eta=eta)["each"] == pytest.approx(each, rel=0.03)


@pytest.mark.parametrize("eta", [0.02, 0.2, 1.0, 1.9])
@pytest.mark.parametrize("start", [(1, 0), (-0.5, 1.5)])
def test_in_turn_the_outlook_is_to_go_round(eta, start):
    each = outlook(*start, moves="turn", eta=eta)["each"]
    assert abs(each - 1) < 0.01  # below this the text says that they go round


BELLS = {
    "far apart": ([(0, 0.35, 1)], [(4, 0.35, 1)]),
    "near": ([(0, 1, 1)], [(-0.7, 1, 1)]),
    "wider": ([(0, 1, 1)], [(1.2, 2.5, 1)]),
    "narrow": ([(0, 1, 1)], [(2, 0.2, 1)]),
    "two peaks": ([(-1.5, 0.4, 0.5), (1.5, 0.4, 0.5)], [(1.3, 0.5, 1)]),
}


def as_js(bells):
    return [dict(zip(("mean", "std", "share"), bell, strict=True)) for bell in bells]


def compare(real, fake) -> dict:
    return node("distances.js", "Live.distances.compare(...data)", [as_js(real), as_js(fake)])


def pdf(bells, x):
    return sum(share * norm.pdf(x, mean, std) for mean, std, share in bells)


def cdf(bells, x):
    return sum(share * norm.cdf(x, mean, std) for mean, std, share in bells)


GRID = np.linspace(-25, 25, 100_001)


def integral(values) -> float:
    return np.trapezoid(values, GRID)


def jensen_shannon(real, fake) -> float:
    p, g = pdf(real, GRID), pdf(fake, GRID)
    return integral(rel_entr(p, (p + g) / 2) + rel_entr(g, (p + g) / 2)) / 2


def wasserstein(real, fake) -> float:
    return integral(np.abs(cdf(fake, GRID) - cdf(real, GRID)))


@pytest.mark.parametrize("pair", BELLS.values(), ids=BELLS)
def test_distances_between_bells(pair):
    real, fake = pair
    found = compare(real, fake)
    assert found["ks"] == pytest.approx(np.abs(cdf(fake, GRID) - cdf(real, GRID)).max(), abs=2e-5)
    assert abs(cdf(fake, found["at"]) - cdf(real, found["at"])) == pytest.approx(found["ks"], abs=1e-9)
    assert found["w1"] == pytest.approx(wasserstein(real, fake), abs=1e-4)
    assert found["jsd"] == pytest.approx(jensen_shannon(real, fake), abs=1e-7)

    def moved(by):
        return [(mean + by, std, share) for mean, std, share in fake]

    h = 1e-3
    slope = (jensen_shannon(real, moved(h)) - jensen_shannon(real, moved(-h))) / (2 * h)
    assert found["jsdSlope"] == pytest.approx(slope, abs=1e-5)
    slope = (wasserstein(real, moved(h)) - wasserstein(real, moved(-h))) / (2 * h)
    assert found["w1Slope"] == pytest.approx(slope, abs=3e-3)


def test_bells_of_equal_width_have_closed_forms():
    for shift in (0.3, 1, 3):
        found = compare([(0, 1, 1)], [(shift, 1, 1)])
        assert found["w1"] == pytest.approx(shift, abs=1e-9)
        assert found["ks"] == pytest.approx(2 * norm.cdf(shift / 2) - 1, abs=1e-5)
        assert found["w1Slope"] == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("pair", BELLS.values(), ids=BELLS)
def test_perfect_d_and_best_critic(pair):
    real, fake = pair
    xs = np.linspace(-16, 16, 6401)
    best, critic = node("distances.js", "[Live.distances.optimal(...data), Live.distances.critic(...data)]",
                        [as_js(real), as_js(fake), xs.tolist()])
    p, g = pdf(real, xs), pdf(fake, xs)
    seen = p + g > 1e-200
    np.testing.assert_allclose(np.array(best)[seen], p[seen] / (p + g)[seen], rtol=1e-6, atol=1e-12)
    assert np.isfinite(np.array(best, dtype=float)).all()  # also where both densities are 0 in floating point
    assert np.abs(np.diff(critic) / np.diff(xs)).max() <= 1 + 1e-9
    reached = ((p - g) * critic).sum() * (xs[1] - xs[0])
    assert reached == pytest.approx(wasserstein(real, fake), abs=2e-4)


def prdc(real, fake, k) -> tuple[dict, dict]:
    """Of the demo, and of the package."""
    found = node("balls.js", "Live.prdc(data.real, data.fake, data.k)", {"real": real, "fake": fake, "k": k})
    ours = clouds.prdc(torch.tensor(real, dtype=torch.float64), torch.tensor(fake, dtype=torch.float64), k)
    return found, ours


@pytest.mark.parametrize("k", [1, 3, 7])
@pytest.mark.parametrize("seed", range(4))
def test_the_four_numbers_are_those_of_the_package(seed, k):
    rng = np.random.default_rng(seed)
    real = rng.normal(size=(int(rng.integers(10, 60)), 2)) * 2
    fake = rng.normal(size=(int(rng.integers(10, 60)), 2)) * rng.uniform(0.5, 3) + rng.normal(size=2)
    found, ours = prdc(real.tolist(), fake.tolist(), k)
    for name, values in ours.items():
        np.testing.assert_allclose(found[name], values.numpy(), rtol=1e-12, err_msg=name)


@pytest.mark.filterwarnings("ignore:.*exact copies")
def test_the_scenes_are_judged_as_the_package_does():
    for scene, points in node("balls.js", "Live.balls").items():
        real, fake = points["real"], points["fake"]
        assert (len(real), len(fake)) == (30, 20)
        found, ours = prdc(real, fake, 3)
        for name, values in ours.items():
            if (scene, name) != ("copies", "density"):  # a copy of the third neighbor lies on the rim: rounding decides
                np.testing.assert_allclose(found[name], values.numpy(), rtol=1e-12, err_msg=f"{scene}: {name}")


def test_a_point_on_the_rim_is_outside():
    """The rim belongs to the ball of Naeem et al. 2020 no more than to that of the package: the sign is <."""
    real = [[0, 0], [1, 0], [3, 0], [7, 0]]
    found = node("balls.js", "Live.prdc(data, [[3, 0], [50, 0]], 2)", real)
    radius = [3, 2, 3, 6]
    assert found["ofReal"] == radius
    inside = [abs(x - 3) < r for (x, _), r in zip(real, radius, strict=True)]
    assert found["density"][0] == sum(inside) / 2


# --- the pages, in a browser ---
STYLE = """--real: #0b6aa8; --fake: #c24a00; --d: #9c3a77; --g: #00785a; --a: #8a6a00; --b: #5a6472; --ink: #1f2328;
    --muted: #59616b; --rule: #d0d5da; --paper: #ffffff; --pst-color-border: #d0d5da; --pst-color-surface: #f3f4f5;
    --pst-color-background: #fff; --pst-color-primary: #0b6aa8; --pst-color-link: #0b6aa8;
    --pst-color-text-base: #1f2328; """


@pytest.fixture
def visit(browser, tmp_path):
    """A function that opens a page with one demo, from a file; no page may complain."""
    contexts, complaints = [], []

    def open_page(name: str, state: str = "", more: str = "", anchor: str = "", **options):
        path = Path(tmp_path) / f"{name}.html"
        path.write_text(
            f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>{name}</title>
            <meta name="viewport" content="width=device-width"><link rel="stylesheet" href="{LIVE.as_uri()}/live.css">
            <style>:root {{ {STYLE} }} * {{ box-sizing: border-box; }} body {{ margin: 16px; }}</style>
            <div class="live" data-demo="{name}" data-state="{state}" {more}></div>
            <script src="{LIVE.as_uri()}/live.js"></script><script src="{LIVE.as_uri()}/{name}.js"></script>
            <script>document.querySelectorAll(".live").forEach(Live.mount)</script>""", encoding="utf-8")
        contexts.append(browser.new_context(**({"viewport": {"width": 1000, "height": 900}} | options)))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.goto(path.as_uri() + anchor)
        page.wait_for_selector(".live-ready")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def says(page, words: str):
    page.wait_for_function("words => document.querySelector('.live-text').textContent.includes(words)", arg=words)


def setting(page, name: str):
    return page.evaluate("name => document.querySelector('.live').view.settings[name]", name)


def steps(page, n: int):
    page.evaluate("n => { for (let i = 0; i < n; i++) document.querySelector('.live').view.step(); }", n)


def numbers(page) -> list[float]:
    return [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?", text(page))]


def picture(page) -> list[int]:
    """How many pixels each quarter of the canvas has painted."""
    return page.evaluate("""() => {
        const canvas = document.querySelector("canvas"), [w, h] = [canvas.width >> 1, canvas.height >> 1];
        const ctx = canvas.getContext("2d");
        const painted = (x, y) => ctx.getImageData(x, y, w, h).data.filter((a, i) => a && i % 4 === 3);
        return [[0, 0], [w, 0], [0, h], [w, h]].map(([x, y]) => painted(x, y).length);
    }""")


def touch_drag(page, start, end):
    """A finger from one place of the canvas to another."""
    box = page.locator("canvas").bounding_box()
    client = page.context.new_cdp_session(page)
    for i in range(6):
        a, b = (start[j] + (end[j] - start[j]) * i / 5 for j in range(2))
        client.send("Input.dispatchTouchEvent", {"type": "touchMove" if i else "touchStart",
                                                 "touchPoints": [{"x": box["x"] + a, "y": box["y"] + b}]})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def mouse_drag(page, start, end):
    box = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + start[0], box["y"] + start[1])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0], box["y"] + end[1], steps=5)
    page.mouse.up()


PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


@pytest.mark.parametrize("name", NAMES)
def test_demo_fits_a_phone(visit, name):
    page = visit(name, **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert min(picture(page)) > 300, "a quarter of the canvas is empty"
    small = page.evaluate("""() => [...document.querySelectorAll(".live button, .live select, .live input")]
        .map(e => [e.id || e.textContent, (e.closest(".live-control") ?? e).offsetHeight]).filter(e => e[1] < 36)""")
    assert small == [], "too small for a finger"


@pytest.mark.parametrize("name", NAMES)
def test_demo_keeps_its_state_in_the_address(visit, name):
    state, expected = {
        "players": ("moves=turn&eta=0.5&x=-1", {"moves": "turn", "eta": 0.5, "x": -1, "y": 0}),
        "distances": ("shape=narrow&shift=-2", {"shape": "narrow", "shift": -2, "width": 1}),
        "balls": ("scene=copies&k=4", {"scene": "copies", "k": 4}),
    }[name]
    page = visit(name, anchor=f"#{name}?{state}")
    assert {key: setting(page, key) for key in expected} == expected
    page.locator(".live input[type=range]").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("before => !location.hash.endsWith(before)", arg=state)
    assert set(page.evaluate("location.hash").split("?")[1].split("&")) != set(state.split("&"))


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_serious_in_a_demo(visit, name):
    page = visit(name)
    page.evaluate((Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run('.live', { preload: false }).then(result => result.violations)")
    assert [rule["id"] for rule in found if rule["impact"] in ("serious", "critical")] == []


@pytest.mark.parametrize("name", ["players", "distances"])
def test_demo_does_not_move_under_reduced_motion(visit, name):
    page = visit(name, more="data-run", reduced_motion="reduce")
    page.wait_for_timeout(300)
    assert page.evaluate("document.querySelector('.live').view.steps") == 0
    page.get_by_role("button", name="Run").click()
    page.wait_for_function("document.querySelector('.live').view.steps > 3")
    page.get_by_role("button", name="Pause").click()


def test_players_do_what_the_chapter_says(visit):
    page = visit("players")
    says(page, "spiral away")
    steps(page, 60)
    page.wait_for_function("document.querySelector('.live-text').textContent.startsWith('Step 60')")
    assert numbers(page)[1] == pytest.approx((1 + 0.2**2) ** 30, abs=0.006)
    page.get_by_label("They move").select_option("turn")
    says(page, "go round and round")
    steps(page, 60)
    page.wait_for_function("document.querySelector('.live-text').textContent.startsWith('Step 60')")
    assert numbers(page)[1] == pytest.approx(1, abs=0.1)
    page.get_by_label("Penalty on D").focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    says(page, "% nearer.")
    page.keyboard.press("Home")
    says(page, "go round and round")
    page.get_by_label("Step size").focus()
    for _ in range(10):
        page.keyboard.press("PageUp")
    says(page, "run away")


def test_players_start_where_they_are_put(visit):
    page = visit("players", **PHONE)
    box = page.locator("canvas").bounding_box()
    side = box["width"] - 52

    def place(x, y):  # the plane reaches 2.2 to each side of the middle
        return 46 + side * (x + 2.2) / 4.4, 6 + side * (2.2 - y) / 4.4

    touch_drag(page, place(1, 0), place(-1.5, 1))
    assert (setting(page, "x"), setting(page, "y")) == pytest.approx((-1.5, 1), abs=0.06)
    says(page, "start 1.8")
    touch_drag(page, place(1.5, -1.5), place(0, 0))  # nothing there to hold
    assert setting(page, "x") == pytest.approx(-1.5, abs=0.06)
    page.get_by_label("Start of D").focus()
    page.keyboard.press("Home")
    says(page, "start 2.5")


@pytest.mark.parametrize("game", ["dirac", "ns"])
def test_dirac_gan_arrives_with_a_penalty(visit, game):
    page = visit("players", f"game={game}&amp;moves=turn&amp;penalty=1")
    says(page, "come in")
    page.evaluate("document.querySelector('.live').view.run(true)")
    steps(page, 300)
    says(page, "arrived")


def test_distances_far_apart_jsd_is_flat_and_the_critic_is_not(visit):
    page = visit("distances", "shift=1")
    says(page, "both say which way")
    page.get_by_label("Shift of the fake").focus()
    page.keyboard.press("End")
    says(page, "D* is a step")
    assert "ramp that says which way to go: left" in text(page) and "W1 8, slope 1." in text(page)
    page.get_by_label("Shapes").select_option("narrow")
    says(page, "slope below 0.0001")


def test_distances_lead_g_or_do_not(visit):
    page = visit("distances", "shape=narrow&amp;shift=4")
    steps(page, 200)
    assert setting(page, "shift") == pytest.approx(4, abs=1e-4)
    page.get_by_label("G goes down").select_option("w1")
    steps(page, 200)
    assert abs(setting(page, "shift")) < 0.06
    page.get_by_role("button", name="Reset").click()
    assert setting(page, "shift") == 4


@pytest.mark.parametrize("phone", [False, True])
def test_the_fake_can_be_dragged(visit, phone):
    page = visit("distances", "shift=2", **(PHONE if phone else {}))
    width = page.locator("canvas").bounding_box()["width"]
    left, main = (22, width - 26) if phone else (26, 0.6 * width)

    def place(shift):
        return left + main * (shift + 4.5) / 14, 60

    (touch_drag if phone else mouse_drag)(page, place(2), place(5))
    assert setting(page, "shift") == pytest.approx(5, abs=0.15)
    says(page, f"W1 {setting(page, 'shift'):g},")


def test_balls_show_what_each_scene_is_for(visit):
    page = visit("balls")
    assert numbers(page)[0] >= 19
    page.get_by_role("button", name="One mode dropped").click()
    says(page, "precision does not see it")
    fakes, _, recalled, _, covered, _ = numbers(page)
    assert fakes == 20 and recalled < 20 and covered < 20
    page.get_by_role("button", name="One outlier").click()
    says(page, "12 fakes lie only in the largest ball")
    assert numbers(page)[0] == 20
    page.get_by_role("button", name="Copies").click()
    says(page, "20 fakes are exact copies")
    page.get_by_role("button", name="All on one point").click()
    says(page, "the same point")
    assert numbers(page)[:3] == [20, 20, 0]
    pressed = page.locator(".live-buttons [aria-pressed=true]").all_inner_texts()
    assert pressed == ["All on one point"]


def test_the_text_follows_a_press_while_the_canvas_is_out_of_sight(visit):
    page = visit("balls", **PHONE)
    page.evaluate("document.body.style.paddingBottom = '200vh'")
    page.locator("canvas").evaluate("canvas => scrollTo(0, canvas.getBoundingClientRect().bottom + scrollY + 5)")
    page.wait_for_timeout(300)  # until the demo knows that its canvas is gone
    page.get_by_role("button", name="Copies").click()
    says(page, "20 fakes are exact copies")


def test_a_fake_moves_by_keyboard_alone(visit):
    page = visit("balls", "scene=point")
    page.locator("canvas").focus()
    page.keyboard.press("Enter")
    for _ in range(9):
        page.keyboard.press("Shift+ArrowDown")
    says(page, "19 of 20 fakes lie in a real ball")
    page.wait_for_function("end => location.hash.endsWith(end)", arg=setting(page, "fakes"))
    again = visit("balls", anchor=page.evaluate("location.hash"))
    assert text(again) == text(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "BUTTON", "Tab does not leave the canvas"


def test_a_fake_moves_under_a_finger(visit):
    page = visit("balls", **PHONE)
    side = page.locator("canvas").bounding_box()["width"] - 2
    x, y = page.evaluate("Live.balls.well.fake[3]")
    before = numbers(page)[0]
    touch_drag(page, (1 + side * x / 10, 1 + side * (10 - y) / 10), (0.95 * side, 0.95 * side))
    assert setting(page, "fakes") != ""
    assert numbers(page)[0] == before - 1
    page.get_by_role("button", name="All well").click()
    assert numbers(page)[0] == before
    assert setting(page, "fakes") == ""
