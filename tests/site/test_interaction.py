"""What readers do on a page: play a player, open an answer, search, copy code, switch mode, use the keyboard."""

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
def test_a_player_rests_on_its_last_frame_plays_and_pauses(visit, page_with):
    page = visit(page_with("article .player"))
    player = page.locator(".player").first
    slider, picture = player.get_by_role("slider"), player.locator("img")
    last = slider.get_attribute("max")
    page.wait_for_timeout(500)
    assert slider.input_value() == last, "it starts by itself"
    place = "image => new DOMMatrix(getComputedStyle(image).transform).f"
    assert picture.evaluate("image => image.complete || image.loading === 'lazy'")
    player.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('.player img').naturalHeight > 0")
    rest = picture.evaluate(place)
    slider.fill("0")
    assert picture.evaluate(place) == pytest.approx(0) and rest < -100, "the slider does not change the picture"
    first = player.locator("output").inner_text()
    player.get_by_role("button", name="Play").click()
    page.wait_for_function("document.querySelector('.player input').value > 0", timeout=5000)
    player.get_by_role("button", name="Pause").click()
    frame = slider.input_value()
    page.wait_for_timeout(600)
    assert slider.input_value() == frame, "it goes on after Pause"
    assert player.locator("output").inner_text() != first


def test_a_player_shows_its_last_frame_without_scripts_and_no_dead_buttons(visit, page_with):
    page = visit(page_with("article .player"), java_script_enabled=False)
    player = page.locator(".player").first
    assert "translateY(-" in player.locator("img").get_attribute("style")
    assert not player.locator("button").is_visible() and not player.locator("input").is_visible()


def test_icons_are_drawn(visit, page_with):
    """Every icon comes from the theme's own font, which is loaded, and has a glyph that is wider than nothing."""
    page = visit(page_with("article .player"))
    page.evaluate("document.fonts.ready")
    icons = page.evaluate(
        """[...document.querySelectorAll("header i, .article-header-buttons i")]
        .filter(icon => icon.checkVisibility())
        .map(icon => [icon.className, getComputedStyle(icon, "::before").content, icon.offsetWidth])"""
    )
    assert len(icons) > 9
    assert not [icon for icon in icons if icon[1] in ("none", "normal") or icon[2] < 4]
    assert page.evaluate("document.fonts.check('900 16px \"Font Awesome 6 Free\"')")


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
