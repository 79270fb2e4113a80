"""The demos of digits: their files against the recordings, their mathematics against torch and scipy, their use."""

import io
import itertools
import json
import re
import shutil
import subprocess

import pytest
import torch
from PIL import Image, ImageChops, ImageStat
from scipy import stats

from gan_helpers import mnist
from tests.site.conftest import ROOT
from tests.site.test_live_nn import text as said
from tools import export_digits as export

LIVE = ROOT / "book" / "_static" / "live"
NAMES = list(export.RECORDINGS)
MEAN_DIFFERENCE = 0.01  # of the pixels, which lie in [0, 1]: what the rounded weights may change


@pytest.fixture(scope="module")
def files() -> dict[str, dict]:
    return {name: export.read(f"digits_{name}") for name in NAMES}


@pytest.fixture(scope="module")
def noises() -> dict[str, torch.Tensor]:
    return {name: recording.gan.noise(200, torch.Generator().manual_seed(99))
            for name, recording in export.RECORDINGS.items()}


def gray(name: str, z: torch.Tensor) -> torch.Tensor:
    """What the recorded generator makes of noise, (n, 784) in [0, 1]."""
    recording = export.RECORDINGS[name]
    return mnist.to_gray(recording.generator(z), recording.scale).flatten(1)


# --- the files ---


@pytest.mark.parametrize("name", NAMES)
def test_folding_batch_norm_changes_nothing(name, noises):
    generator = export.RECORDINGS[name].generator
    made = export.forward(export.layers_of(generator), export.slope(generator), noises[name].double())
    torch.testing.assert_close(made.float(), gray(name, noises[name]), atol=2e-5, rtol=0)


@pytest.mark.parametrize("name", NAMES)
def test_rounded_weights_make_nearly_the_same_images(name, files, noises):
    layers = [export.decode(layer) for layer in files[name]["layers"]]
    made = export.forward(layers, files[name]["slope"], noises[name].double())
    difference = (made - gray(name, noises[name])).abs().mean(1)
    assert difference.mean() < MEAN_DIFFERENCE
    assert difference.max() < 3 * MEAN_DIFFERENCE


@pytest.mark.parametrize("name", NAMES)
def test_the_weights_are_those_of_the_recording(name, files):
    generator = export.RECORDINGS[name].generator
    assert files[name]["noise"] == export.RECORDINGS[name].noise
    assert files[name]["slope"] == export.slope(generator)
    for layer, (weight, bias) in zip(files[name]["layers"], export.layers_of(generator), strict=True):
        found, found_bias = export.decode(layer)
        scale = torch.tensor(layer["scale"]).double()[:, None]
        clipped = weight.abs() > export.LEVELS * scale
        assert ((found - weight).abs() <= 0.5001 * scale)[~clipped].all(), "run python -m tools.export_digits"
        assert clipped.double().mean() < 0.01
        torch.testing.assert_close(found_bias, bias, atol=1e-6, rtol=1e-5)


def test_every_level_has_a_character_of_its_own():
    levels = torch.arange(-export.LEVELS, export.LEVELS + 1).double()[None]
    layer = export.encode(levels, torch.zeros(1).double())
    assert len(set(layer["weights"])) == levels.numel()
    assert json.loads(json.dumps(layer["weights"])) == layer["weights"] == json.dumps(layer["weights"])[1:-1]
    torch.testing.assert_close(export.decode(layer)[0], levels, atol=1e-4, rtol=0)


@pytest.mark.parametrize("name", NAMES)
def test_the_directions_change_the_pixels_most(name, files):
    found = torch.tensor(files[name]["directions"])
    torch.testing.assert_close(found @ found.T, torch.eye(export.DIRECTIONS), atol=2e-3, rtol=0)
    z, step = export.RECORDINGS[name].gan.noise(400, torch.Generator().manual_seed(5)), 0.01

    def change(direction):  # mean squared, by finite differences
        return ((gray(name, z + step * direction) - gray(name, z)) / step).square().sum(1).mean()

    sizes = torch.stack([change(direction) for direction in found])
    assert (sizes[1:] <= 1.1 * sizes[:-1]).all(), "not in the order of what they change"
    others = torch.nn.functional.normalize(torch.randn(30, 100, generator=torch.Generator().manual_seed(6)), dim=1)
    assert sizes.min() > max(change(direction) for direction in others)


def test_the_detectives_digits_are_test_images_and_new_fakes():
    real = export.tiles(LIVE / "detective_real.png")
    test, train = (mnist.images(split).pixels.flatten(1) for split in ("test", "train"))
    assert len(real) == export.SHOWN == len(real.unique(dim=0))
    rows = {split: {row.numpy().tobytes() for row in pixels} for split, pixels in (("test", test), ("train", train))}
    assert all(row.numpy().tobytes() in rows["test"] for row in real)
    assert not any(row.numpy().tobytes() in rows["train"] for row in real)
    for name, pixels in export.shown().items():
        tiles = export.tiles(LIVE / f"detective_{name}.png").int()
        assert len(tiles) == export.SHOWN
        assert (tiles - pixels.int()).abs().max() <= 1, "run python -m tools.export_digits --judge"


@pytest.mark.parametrize("name", NAMES)
def test_the_still_picture_shows_what_the_browser_makes_of_seed_1(name, files):
    layers = [export.decode(layer) for layer in files[name]["layers"]]
    made = export.forward(layers, files[name]["slope"], export.browser_noise(files[name]["noise"], 1, export.PREVIEW))
    tiles = export.tiles(LIVE / f"digits_{name}.png", export.PREVIEW // 3)
    assert (tiles - 255 * made).abs().max() <= 1


def test_the_discriminators_verdicts_are_probabilities_and_not_guesses():
    verdicts = export.read("detective_data")
    assert list(verdicts) == ["real", *NAMES]
    assert all(len(p) == export.SHOWN and 0 <= min(p) <= max(p) <= 1 for p in verdicts.values())
    for name in NAMES:
        assert stats.mannwhitneyu(verdicts["real"], verdicts[name], alternative="greater").pvalue < 1e-6


def test_a_short_training_already_tells_fakes_of_chapter_5():
    discriminator = export.judge(steps=60)
    assert not discriminator.training
    shown = export.shown()
    real, fake = (export.verdicts(discriminator, shown[kind]) for kind in ("real", "two_layers"))
    assert stats.mannwhitneyu(real, fake, alternative="greater").pvalue < 1e-6


def test_sizes():
    made = [path for path in LIVE.iterdir() if re.match(r"(digits|detective)(_\w+)?\.(js|png)$", path.name)]
    assert sum(path.stat().st_size for path in made) < 4e6
    assert max(path.stat().st_size for path in made) < 1.6e6
    assert all((LIVE / f"{name}.js").stat().st_size < 30_000 for name in ("digits", "detective"))


# --- the mathematics, in node ---

PRELUDE = """
const fs = require("fs"), vm = require("vm");
const data = {}, demos = {};
globalThis.window = globalThis;
globalThis.Live = { demo: (name, demo) => (demos[name] = demo), data: (name, value) => (data[name] = value), el() {} };
for (const name of ["nn", "digits", "detective", "digits_two_layers", "digits_deeper"])
  vm.runInThisContext(fs.readFileSync(`${process.argv[2]}/${name}.js`, "utf8"));
const { digits, detective } = demos;
const put = (value) => process.stdout.write(JSON.stringify(value));
"""


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """A function that runs a line of JavaScript, which puts a value."""
    path = shutil.which("node")
    if path is None:
        pytest.skip("no node on this machine")
    script = tmp_path_factory.mktemp("node") / "run.js"

    def run(source: str):
        script.write_text(PRELUDE + source, "utf-8")
        return json.loads(subprocess.run([path, script, LIVE], capture_output=True, text=True, check=True).stdout)

    return run


@pytest.mark.parametrize("name", NAMES)
def test_the_browsers_generator_is_the_one_of_the_file(name, node, files):
    made = node(f"""
        const net = digits.network(data.digits_{name}), z = digits.noise(net.noise, 7, 5);
        put({{ z: z.map((one) => [...one]), x: z.map((one) => [...digits.forward(net, one)]) }});
    """)
    z = torch.tensor(made["z"], dtype=torch.float64)
    torch.testing.assert_close(z, export.browser_noise(files[name]["noise"], 7, 5), atol=1e-9, rtol=0)
    layers = [export.decode(layer) for layer in files[name]["layers"]]
    expected = export.forward(layers, files[name]["slope"], z)
    torch.testing.assert_close(torch.tensor(made["x"], dtype=torch.float64), expected, atol=1e-4, rtol=0)


def test_the_ways_between_two(node):
    a, b = torch.randn(2, 100, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    b *= a.norm() / b.norm()
    ts = [0, 0.25, 0.5, 1]
    found = node(f"""
        const a = Float64Array.from({a.tolist()}), b = Float64Array.from({b.tolist()}), found = {{}};
        for (const kind of ["straight", "sphere"]) found[kind] = {ts}.map((t) => [...digits.way(kind, a, b, t)]);
        found.same = [...digits.way("sphere", a, a, 0.5)];
        put(found);
    """)
    straight, sphere = (torch.tensor(found[kind], dtype=torch.float64) for kind in ("straight", "sphere"))
    torch.testing.assert_close(straight, torch.stack([torch.lerp(a, b, t) for t in ts]))
    torch.testing.assert_close(sphere[[0, -1]], torch.stack([a, b]))
    torch.testing.assert_close(sphere.norm(dim=1), a.norm().expand(4))
    angle = torch.arccos((a @ b) / a.norm() ** 2)
    torch.testing.assert_close(torch.arccos((sphere @ a) / a.norm() ** 2), angle * torch.tensor(ts).double(),
                               atol=1e-6, rtol=0)
    assert torch.linalg.matrix_rank(torch.stack([a, b, *sphere]), rtol=1e-9) == 2  # in the plane of the two
    torch.testing.assert_close(torch.tensor(found["same"], dtype=torch.float64), a)


def test_wilsons_interval_is_scipys(node):
    cases = [(hits, n) for n in (1, 2, 7, 20, 40, 400) for hits in {0, 1, n // 3, n - 1, n}]
    found = node(f"put({[list(case) for case in cases]}.map(([hits, n]) => detective.wilson(hits, n)));")
    for (hits, n), interval in zip(cases, found, strict=True):
        expected = stats.binomtest(hits, n).proportion_ci(method="wilson")
        assert interval == pytest.approx([expected.low, expected.high], abs=1e-12)


def test_the_sign_test_is_scipys(node):
    cases = [(a, b) for a in (0, 1, 2, 5, 9, 60) for b in (0, 1, 3, 5, 40) if a + b]
    found = node(f"put({[list(case) for case in cases]}.map(([a, b]) => detective.signTest(a, b)));")
    assert found == pytest.approx([stats.binomtest(a, a + b).pvalue for a, b in cases], rel=1e-9)


def test_the_digits_come_by_chance_and_none_twice(node):
    sizes = {"real": 200, "two_layers": 200, "deeper": 200}
    drawn = node(f"""
        const rounds = [1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((seed) => {{
          const draw = detective.sequence(seed, {json.dumps(sizes)});
          return Array.from({{ length: 300 }}, draw);
        }});
        put(rounds);
    """)
    assert drawn[0] == drawn[1] != drawn[2]
    for one in drawn:
        assert len({(digit["kind"], digit["index"]) for digit in one}) == 300
    every = [digit for one in drawn[1:] for digit in one]
    kinds = [digit["kind"] for digit in every]
    counts = [kinds.count(kind) for kind in sizes]
    assert stats.chisquare(counts, [len(every) / 2, len(every) / 4, len(every) / 4]).pvalue > 0.001
    assert {digit["index"] for digit in every} == set(range(200))
    real = [kind == "real" for kind in kinds]
    assert stats.binomtest(sum(a != b for a, b in itertools.pairwise(real)), len(real) - 1).pvalue > 0.001


def judged(you: int, d: int, both: int, n: int = 20) -> list[dict]:
    """n real digits: you alone are right about so many, D alone about so many, both about so many."""
    verdicts = [(True, False)] * you + [(False, True)] * d + [(True, True)] * both
    verdicts += [(False, False)] * (n - len(verdicts))
    return [{"kind": "real", "said": said, "d": its} for said, its in verdicts]


@pytest.mark.parametrize(("case", "says"), [
    (judged(1, 6, 13), ["you may just be guessing", "you on 1, D on 6. That is not enough to say that D beats you"]),
    (judged(0, 9, 10), ["you may just be guessing", "you on 0, D on 9. That is enough to say that D beats you"]),
    (judged(8, 0, 10), ["you are not guessing", "you on 8, D on 0. That is enough to say that you beat D"]),
    (judged(2, 2, 10), ["you may just be guessing", "On 4 digits only one of you was right: you on 2, D on 2."]),
    (judged(0, 0, 20), ["you are not guessing", "about the same ones"]),
    (judged(0, 0, 2), ["the wrong way round", "about the same ones"]),
])  # fmt: skip
def test_what_the_card_says(node, case, says):
    first, second = node(f"put(detective.sentences(JSON.parse({json.dumps(json.dumps(case))})));")
    hits = sum(one["said"] for one in case)
    expected = stats.binomtest(hits, 20).proportion_ci(method="wilson")
    assert f"At 20 digits the interval runs from {100 * expected.low:.0f} to {100 * expected.high:.0f}\xa0%" in first
    assert says[0] in first and says[1] in second


def test_hits_are_counted_for_each_kind(node):
    case = [{"kind": kind, "said": said, "d": d} for kind, said, d in (
        ("real", True, True), ("real", False, True), ("two_layers", False, False), ("two_layers", True, False),
        ("deeper", False, True))]
    found = node(f"put(detective.tally({json.dumps(case)}));")
    assert found == {"all": {"n": 5, "you": 3, "d": 4}, "real": {"n": 2, "you": 1, "d": 2},
                     "two_layers": {"n": 2, "you": 1, "d": 2}, "deeper": {"n": 1, "you": 1, "d": 0}}


# --- in the browser, from a folder ---

PAGE = """<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8"><title>Demos</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="{live}/live.css">
<style>
html {{ --real: #0b6aa8; --fake: #c24a00; --d: #9c3a77; --g: #00785a; --a: #8a6a00; --b: #5a6472; --ink: #1f2328;
  --muted: #59616b; --rule: #d0d5da; --paper: #fff; --pst-color-border: #d0d5da; --pst-color-surface: #f3f4f5;
  --pst-color-background: #fff; --pst-color-primary: #0a7d91; --pst-color-link: #0a7d91; --pst-color-text-base: #111 }}
body {{ margin: 0 auto; max-width: 46rem; padding: 0 1rem; font: 16px/1.6 sans-serif; color: var(--ink) }}
</style><main><h1>Demos</h1><div class="live" data-demo="{name}" data-state="{state}"></div></main>
<script src="{live}/nn.js"></script><script src="{live}/live.js"></script><script src="{live}/{name}.js"></script>
<script>document.querySelectorAll(".live").forEach(Live.mount)</script></html>"""


@pytest.fixture
def visit(browser, tmp_path):
    """A function that opens a page with one demo; any error of a script fails the test."""
    contexts, errors = [], []

    def open_(name: str, state: str = "", hash_: str = "", width: int = 1000, live=LIVE, **settings):
        path = tmp_path / f"{name}.html"
        path.write_text(PAGE.format(live=live.as_uri(), name=name, state=state), "utf-8")
        context = browser.new_context(viewport={"width": width, "height": 900}, **settings)
        contexts.append(context)
        page = context.new_page()
        page.requested = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: page.requested.append(request.url))
        page.goto(path.as_uri() + hash_)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not errors


def wait_for(page, text: str) -> None:
    page.wait_for_function("text => document.querySelector('.live-text').textContent.includes(text)", arg=text)


def picture(page, height: int | None = None) -> Image.Image:
    """The canvas as it stands; of its top only, if a height is given."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    image = Image.open(io.BytesIO(page.locator("canvas").screenshot())).convert("L")
    return image.crop((0, 0, image.width, height)) if height else image


def difference(a: Image.Image, b: Image.Image) -> float:
    """Mean, in gray levels of 256."""
    return ImageStat.Stat(ImageChops.difference(a, b)).mean[0]


@pytest.mark.parametrize("name", NAMES)
def test_the_generator_comes_when_it_is_asked_for(visit, name):
    page = visit("digits", f"model={name}")
    page.evaluate("name => { const image = new Image(); image.src = Live.url(name); return image.decode(); }",
                  f"digits_{name}.png")
    before = picture(page, 250)
    assert not [url for url in page.requested if re.search(r"digits_\w+\.js", url)]
    assert ImageStat.Stat(before).stddev[0] > 30, "no digits on the still picture"
    page.locator("canvas").focus()
    page.keyboard.press("Home")
    wait_for(page, "as the generator")
    page.get_by_role("button", name="Reset").focus()
    assert difference(before, picture(page, 250)) < 2  # the same digits
    assert [url for url in page.requested if url.endswith(f"digits_{name}.js")]
    page.get_by_role("button", name="New digits").click()
    assert difference(before, picture(page, 250)) > 10


def test_a_generator_that_does_not_come_is_said_and_tried_again(visit, tmp_path):
    live = tmp_path / "live"
    shutil.copytree(LIVE, live, ignore=shutil.ignore_patterns("digits_*.js"))
    page = visit("digits", "model=two_layers", live=live)
    page.get_by_role("button", name="New digits").click()
    wait_for(page, "could not be loaded. Try again")
    shutil.copy(LIVE / "digits_two_layers.js", live)
    page.get_by_role("button", name="New digits").click()
    wait_for(page, "as the generator of chapter 5 made it")


def test_digits_by_keyboard_alone(visit):
    page = visit("digits", "model=two_layers")
    page.locator("canvas").focus()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    wait_for(page, "Digit 24 of 24, as")
    start = picture(page)
    page.locator("#digits-d3").focus()
    page.keyboard.press("End")
    wait_for(page, "moved by +3 along 3")
    changed = picture(page)
    assert difference(start, changed) > 1
    page.get_by_role("button", name="Reset").focus()
    page.keyboard.press("Enter")
    wait_for(page, "Digit 24 of 24, as")
    page.locator("#digits-mode").select_option("walk")
    wait_for(page, "50 % of the way from A (tile 9) to B (tile 24), straight")
    page.locator("#digits-t").focus()
    page.keyboard.press("Home")
    wait_for(page, "0 % of the way")
    page.locator("#digits-way").select_option("sphere")
    wait_for(page, "on the sphere")


def test_the_length_of_the_noise_is_said_truly(visit, files):
    page = visit("digits", "model=deeper&mode=walk&seed=3&pick=4&other=9&t=0.5")
    wait_for(page, "Here the noise is")
    a, b = export.browser_noise("normal", 3, 24)[[9, 4]]
    assert f"Here the noise is {((a + b) / 2).norm():.1f} long" in said(page)
    lengths = {"normal": stats.chi(100).ppf([0.005, 0.995])}
    low, high = re.search(r"between ([\d.]+) and (\d+\.\d)", said(page)).groups()
    assert [float(low), float(high)] == pytest.approx(lengths["normal"], abs=0.1)
    page.locator("#digits-model").select_option("two_layers")
    wait_for(page, "5.1 and 6.4")
    z = export.RECORDINGS["two_layers"].gan.noise(20_000, torch.Generator().manual_seed(0))
    between = z.norm(dim=1).quantile(torch.tensor([0.005, 0.995])).tolist()
    assert between == pytest.approx([5.1, 6.4], abs=0.1)


def test_the_state_stands_in_the_address_and_comes_back(visit):
    page = visit("digits", "model=two_layers")
    page.locator("#digits-d1").fill("2")
    page.get_by_role("button", name="Copy link").click()
    hash_ = page.evaluate("location.hash")
    assert "d1=2" in hash_ and "model" in hash_
    again = visit("digits", hash_=hash_)
    wait_for(again, "moved by +2 along 1")
    assert difference(picture(page), picture(again)) < 0.5


def test_digits_by_touch_on_a_phone(visit):
    page = visit("digits", "model=two_layers", width=360, has_touch=True, is_mobile=True)
    box = page.locator("canvas").bounding_box()
    page.touchscreen.tap(box["x"] + 20, box["y"] + 40)
    wait_for(page, "Digit 1 of 24, as")
    page.locator("#digits-mode").select_option("walk")
    page.touchscreen.tap(box["x"] + 60, box["y"] + 40)
    wait_for(page, "from A (tile 1) to B (tile 2)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def play(page, answers: str) -> None:
    for key in answers:
        page.keyboard.press(key)


def test_the_detective_from_the_first_digit_to_the_card(visit, node):
    verdicts = export.read("detective_data")
    drawn = node("""
        const draw = detective.sequence(5, { real: 200, two_layers: 200, deeper: 200 });
        put(Array.from({ length: 40 }, draw));
    """)
    page = visit("detective", "seed=5", accept_downloads=True)
    wait_for(page, "Digit 1: real, or fake?")
    page.get_by_role("button", name="Real").focus()
    kind = {"real": "real", "two_layers": "a fake of chapter 5", "deeper": "a fake of chapter 6"}
    play(page, "f")
    wait_for(page, "Digit 2")
    assert said(page).startswith("Missed" if drawn[0]["kind"] == "real" else "Right")
    assert f"was {kind[drawn[0]['kind']]};" in said(page)
    play(page, "r" + "fr" * 9)
    wait_for(page, "At 20 digits")
    hits = sum(("f" if i % 2 == 0 else "r") == ("r" if one["kind"] == "real" else "f")
               for i, one in enumerate(drawn[:20]))
    expected = stats.binomtest(hits, 20).proportion_ci(method="wilson")
    assert f"from {100 * expected.low:.0f} to {100 * expected.high:.0f}\xa0%" in said(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the card").click()
    card = Image.open(download.value.path())
    assert download.value.suggested_filename == "detective.png" and card.width == 1280
    assert len(card.convert("RGB").getcolors(100_000)) > 20  # something is drawn on it
    page.get_by_role("button", name="Copy the result").click()
    d = sum((verdicts[one["kind"]][one["index"]] > 0.5) == (one["kind"] == "real") for one in drawn[:20])
    page.wait_for_function("() => document.querySelector('textarea')?.value || "
                           "[...document.querySelectorAll('button')].some((one) => one.textContent === 'Copied')")
    text = page.evaluate("document.querySelector('textarea')?.value")
    if text:  # the clipboard is closed to pages from a folder
        assert f"I told {hits} of 20 digits right" in text and f"the discriminator {d}." in text
    page.get_by_role("button", name="Another 20").click()
    wait_for(page, "Digit 21")
    page.keyboard.press("ArrowLeft")
    wait_for(page, "Digit 22")
    play(page, "f" * 19)
    wait_for(page, "At 40 digits")


def test_the_detective_on_a_phone(visit):
    page = visit("detective", "seed=5", width=360, has_touch=True, is_mobile=True)
    wait_for(page, "Digit 1: real, or fake?")
    for i in range(20):
        page.get_by_role("button", name="Real" if i % 2 else "Fake").tap()
    wait_for(page, "At 20 digits")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_friend_gets_the_same_digits_and_others_get_others(visit):
    one, same, other = (visit("detective", hash_=hash_) for hash_ in ("#detective?seed=9", "#detective?seed=9", ""))
    for page in (one, same, other):
        wait_for(page, "Digit 1")
        page.get_by_role("button", name="Real").focus()
        play(page, "f" * 10)
    assert said(one) == said(same)
    assert difference(picture(one), picture(same)) < 0.1 < difference(picture(one), picture(other))


@pytest.mark.parametrize("name", ["digits", "detective"])
def test_axe_finds_nothing(visit, name):
    page = visit(name, "seed=5")
    page.wait_for_timeout(300)
    page.evaluate((ROOT / "tests" / "site" / "vendor" / "axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run(document).then((result) => result.violations)")
    assert not [(one["id"], one["nodes"][0]["html"]) for one in found]
