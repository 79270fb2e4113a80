"""Figures stand in the page in its own colors, with captions, numbers and descriptions, early and often."""

import re

import pytest

from gan_helpers.plots import style

CHAPTERS = [f"notebooks/{stem}" for stem in (
    "01_even_numbers", "02_gray_pixel", "03_gaussian", "04_many_runs", "05_mnist_two_layers", "06_mnist_deeper",
    "07_measuring", "08_whats_wrong")]
chapters = pytest.mark.parametrize("chapter", CHAPTERS)


@pytest.fixture
def page(site, parsed, chapter):
    return parsed(site / f"{chapter}.html")


@chapters
def test_every_figure_can_be_heard_and_scales(page):
    figures = page.select("svg.figure")
    assert figures
    for figure in figures:
        assert figure["role"] == "img" and len(figure["aria-label"]) >= 20
        assert "viewbox" in {name.lower() for name in figure.attrs} and not {"width", "height"} & set(figure.attrs)


@chapters
def test_figures_take_the_colors_of_the_page(page):
    """A color of the light palette left in a figure would stay as it is in the dark."""
    for figure in page.select("svg.figure"):
        left = {color.lower() for color in re.findall(r"#[0-9a-fA-F]{6}", str(figure))}
        assert not left & {light for light, _ in style.COLORS.values()}
        assert "var(--" in str(figure)


@chapters
def test_captions_are_numbered_one_after_the_other(page, chapter):
    number = int(re.search(r"/0*(\d+)_", chapter)[1])
    captions = page.select("figure figcaption .caption-text")
    found = [caption.strong.text.strip() for caption in captions if caption.strong]
    assert found == [f"Figure {number}.{i}." for i in range(1, len(found) + 1)]


SCREEN = 900  # pixels, on a laptop


@pytest.fixture(scope="module")
def places(browser, server):
    """A function that returns where a chapter's pictures begin and end, and where its exercises are mentioned."""
    context = browser.new_context(viewport={"width": 1280, "height": SCREEN})
    page = context.new_page()

    def look(chapter):
        page.goto(f"{server}/{chapter}.html", wait_until="load")
        page.evaluate("window.MathJax?.startup?.promise")
        return page.evaluate("""() => {
            const place = node => node.getBoundingClientRect();
            const pictures = [...document.querySelectorAll("article :is(svg.figure, .live, .player)")].map(place);
            const end = place(document.querySelector("article #exercises")).top + scrollY;
            return {pictures: pictures.map(box => [box.top + scrollY, box.bottom + scrollY]), end};
        }""")

    yield look
    context.close()


@chapters
def test_the_punch_line_stands_within_three_screens(places, chapter):
    first = places(chapter)["pictures"][0]
    assert first[1] < 3 * SCREEN


@chapters
def test_there_is_a_picture_on_every_second_screen(places, chapter):
    """No stretch between two pictures is longer than two screens, up to the exercises."""
    found = places(chapter)
    inside = [box for box in found["pictures"] if box[0] < found["end"]]
    ends, starts = [box[1] for box in inside], [*[box[0] for box in inside[1:]], found["end"]]
    gaps = [start - end for end, start in zip(ends, starts, strict=True)]
    assert max(gaps) <= 2 * SCREEN, [round(gap) for gap in gaps]


def test_the_front_page_moves_first_and_shows_every_chapter(parsed, site):
    article = parsed(site / "book/start.html").article
    assert article.select_one(".live[data-run]").find_all_previous("h2") == []
    cards = article.select("a.chapter")
    assert [card["href"] for card in cards] == [f"../{chapter}.html" for chapter in CHAPTERS]
    assert all(card.select_one("svg.figure") and card.strong.text for card in cards)


def test_a_figure_that_another_page_shows_is_the_chapters_own(parsed, site):
    shown = parsed(site / "book/why_a_gan.html").select_one("article figure")
    stem = shown.a["href"].removeprefix("../notebooks/")
    number, words = shown.strong.text, shown.svg["aria-label"]
    own, = (figure for figure in parsed(site / "notebooks" / stem).select("figure") if figure.svg
            and figure.svg["aria-label"] == words)
    assert own.strong.text.strip() == number
    assert len(own.svg.select("path")) == len(shown.svg.select("path")) > 0


def test_the_palette_of_the_site_is_that_of_the_figures(site, browser, server):
    css = (site / "_static" / "palette.css").read_text("utf-8")
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server}/{CHAPTERS[0]}.html")
    for mode, theme in enumerate(("light", "dark")):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        for role, colors in style.COLORS.items():
            value = f"getComputedStyle(document.documentElement).getPropertyValue('--{role}').trim()"
            assert page.evaluate(value) == colors[mode]
        line = page.locator("svg.figure [style*='var(--fake)']").first
        seen = line.evaluate("node => [getComputedStyle(node).stroke, getComputedStyle(node).fill].join()")
        red, green, blue = (int(style.COLORS["fake"][mode][i:i + 2], 16) for i in (1, 3, 5))
        assert f"rgb({red}, {green}, {blue})" in seen
    context.close()
    assert css.count("--real") == 2


def test_pale_colors_are_stronger_in_the_dark(browser, server):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server}/notebooks/03_gaussian.html")
    bell = page.locator("svg.figure [style*='fill: var(--real)'][style*='opacity']").first
    seen = []
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        seen.append(float(bell.evaluate("node => getComputedStyle(node).opacity * getComputedStyle(node).fillOpacity")))
    context.close()
    assert seen[0] == pytest.approx(0.2) and 0.3 < seen[1] < 0.5


def test_a_players_frames_are_a_file_that_loads_late(site, parsed):
    pictures = [image for chapter in CHAPTERS for image in parsed(site / f"{chapter}.html").select(".player img")]
    assert pictures
    for picture in pictures:
        assert picture["loading"] == "lazy" and int(picture["width"]) > 0 and int(picture["height"]) > 0
        assert (site / "notebooks" / picture["src"]).resolve().is_file()
