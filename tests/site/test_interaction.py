"""What readers do on a page: play an animation, open an answer, search, copy code, switch mode, use the keyboard."""

import pytest

DESKTOP = {"width": 1280, "height": 800}
# What could differ in a downloaded site is tried from a file as well.
from_both = pytest.mark.parametrize("home", ["served", "file"], indirect=True)


@pytest.fixture
def home(request, server, site) -> str:
    return site.as_uri() if getattr(request, "param", "served") == "file" else server


@pytest.fixture
def visit(browser, home):
    """A function that opens a page of the site as a reader would for the first time."""
    contexts = []

    def open_page(path: str, **options):
        contexts.append(browser.new_context(**({"viewport": DESKTOP} | options)))
        page = contexts[-1].new_page()
        page.goto(f"{home}/{path}", wait_until="load")
        return page

    yield open_page
    for context in contexts:
        context.close()


@from_both
def test_animation_plays_pauses_and_scrubs(visit, page_with):
    page = visit(page_with("article .animation"))
    player = page.locator(".animation").first
    slider, picture = player.get_by_role("slider", name="Frame of the animation"), player.locator("img")
    page.wait_for_function("document.querySelector('.animation img').src.startsWith('data:')")
    first = picture.get_attribute("src")
    slider.evaluate("box => { box.value = 3; box.dispatchEvent(new Event('input')); }")
    assert picture.get_attribute("src") != first, "the slider does not change the picture"

    player.get_by_role("button", name="First frame").click()
    assert slider.input_value() == "0"
    player.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("document.querySelector('.anim-slider').value > 0", timeout=5000)
    player.get_by_role("button", name="Pause").click()
    frame = slider.input_value()
    page.wait_for_timeout(500)
    assert slider.input_value() == frame, "the animation goes on after Pause"


def test_animation_waits_for_the_reader(visit, page_with):
    page = visit(page_with("article .animation"))
    page.wait_for_timeout(500)
    assert page.locator(".anim-slider").first.input_value() == "0", "the animation starts by itself"


def test_icons_are_drawn(visit, page_with):
    """Every icon comes from the theme's own font, which is loaded, and has a glyph that is wider than nothing."""
    page = visit(page_with("article .animation"))
    page.evaluate("document.fonts.ready")
    icons = page.evaluate(
        """[...document.querySelectorAll("header i, .anim-buttons i, .article-header-buttons i")]
        .filter(icon => icon.checkVisibility())
        .map(icon => [icon.className, getComputedStyle(icon, "::before").content, icon.offsetWidth])"""
    )
    assert len(icons) > 9
    assert not [icon for icon in icons if icon[1] in ("none", "normal") or icon[2] < 4]
    assert page.evaluate("document.fonts.check('900 16px \"Font Awesome 6 Free\"')")


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_gif_can_be_stopped_and_respects_reduced_motion(visit, page_with, motion):
    page = visit(page_with("picture.gif"), reduced_motion=motion)
    picture, button = page.locator("picture.gif img").first, page.locator(".gif-button").first
    moves, rests = ".gif", ".still.png"
    before, after = (rests, moves) if motion == "reduce" else (moves, rests)
    assert picture.evaluate("image => image.currentSrc").endswith(before)
    button.click()
    page.wait_for_function("end => document.querySelector('picture.gif img').currentSrc.endsWith(end)", arg=after)


def test_gif_has_a_still_without_scripts(visit, page_with):
    page = visit(page_with("picture.gif"), reduced_motion="reduce", java_script_enabled=False)
    assert page.locator("picture.gif source").first.get_attribute("srcset").endswith(".still.png")


@from_both
def test_search_finds_a_word(visit, pages):
    """Without a complaint: a browser forbids a page from a folder to read its neighbours, so it must not try."""
    page = visit(f"{pages[0]}.html")
    complaints = []
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.goto(page.url.replace(f"{pages[0]}.html", "search.html?q=generator"))
    page.wait_for_selector("#search-results ul.search li a", timeout=10_000)
    page.wait_for_function("document.querySelector('#search-results h2').textContent === 'Search Results'")
    assert complaints == []
    page.locator("#search-results li a").first.click()
    page.wait_for_load_state()
    assert "generator" in page.locator("article").inner_text().lower()


def test_search_opens_with_its_button(visit, pages):
    page = visit(f"{pages[0]}.html")
    page.locator(".search-button-field").click()
    page.locator("#pst-search-dialog input").fill("generator")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=generator*")


def test_keyboard_reaches_the_text(visit, pages):
    """The first Tab offers to skip the menus; after it, focus is at the text."""
    page = visit(f"{pages[0]}.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Skip to main content"
    page.wait_for_function("document.activeElement.getBoundingClientRect().top >= 0", timeout=3000)  # it slides in
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_colour_mode_can_be_switched_and_is_remembered(visit, pages):
    page = visit(f"{pages[0]}.html", color_scheme="light")
    seen = set()
    for _ in range(3):
        page.locator(".theme-switch-button").first.click()
        seen.add(page.evaluate("document.documentElement.dataset.mode"))
    assert seen == {"light", "dark", "auto"}
    while page.evaluate("document.documentElement.dataset.mode") != "dark":
        page.locator(".theme-switch-button").first.click()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_figures_keep_white_paper_in_dark_mode(visit, page_with):
    page = visit(page_with("article .cell_output img"), color_scheme="dark")
    images = "[...document.querySelectorAll('article .cell_output img')].map(i => getComputedStyle(i))"
    looks = page.evaluate(f"{images}.map(s => [s.backgroundColor, s.filter])")
    assert all(look == ["rgb(255, 255, 255)", "none"] for look in looks)


def test_answer_opens_with_the_keyboard(visit, page_with):
    page = visit(page_with("article details:not(.hide)"))
    answer = page.locator("article details:not(.hide)").first
    answer.locator("summary").focus()
    page.keyboard.press("Enter")
    assert answer.evaluate("box => box.open")


@from_both
def test_code_can_be_copied(visit, page_with):
    page = visit(page_with("article div.highlight"))
    button = page.locator("button.copybtn").first
    page.locator("div.highlight").first.hover()
    button.click()
    page.wait_for_selector("button.copybtn.success")
