"""What readers do on a page: play a player, open an answer, search, copy code, switch mode, use the keyboard."""

import gzip
import re
from urllib.parse import urlsplit

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
    page.wait_for_function("document.querySelector('.player input').value > 0")
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
    drawn = {name for icon in icons for name in icon[0].split()}
    assert {"fa-rocket", "fa-github", "fa-download", "fa-expand"} <= drawn
    assert not [icon for icon in icons if icon[1] in ("none", "normal") or icon[2] < 4]
    assert page.evaluate("document.fonts.check('900 16px \"Font Awesome 6 Free\"')")


@from_both
def test_search_finds_a_word(visit, pages):
    """Without a complaint: a browser forbids a page from a folder to read its neighbours, so it must not try."""
    page = visit(f"{pages[0]}.html")
    complaints = []
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.goto(page.url.replace(f"{pages[0]}.html", "search.html?q=generator"))
    page.wait_for_selector("#search-results ul.search li a")
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
    page.wait_for_function("document.activeElement.getBoundingClientRect().top >= 0")  # it slides in
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


def test_pictures_are_neither_dimmed_nor_framed_in_the_dark(visit, page_with):
    """The theme would put a pale frame around a player, which crops its picture, and gray its white."""
    page = visit(page_with("article .cell_output img"), color_scheme="dark")
    images = "[...document.querySelectorAll('article .cell_output img')].map(i => getComputedStyle(i))"
    looks = page.evaluate(f"{images}.map(s => [s.backgroundColor, s.filter, s.padding])")
    assert looks and all(look == ["rgba(0, 0, 0, 0)", "none", "0px"] for look in looks)


def test_answer_opens_with_the_keyboard(visit, page_with):
    page = visit(page_with("article details:not(.hide)"))
    answer = page.locator("article details:not(.hide)").first
    answer.locator("summary").focus()
    page.keyboard.press("Enter")
    assert answer.evaluate("box => box.open")


@from_both
def test_code_can_be_copied(visit, page_with):
    page = visit(page_with("article div.highlight"))
    block = page.locator("div.highlight:visible").first  # others are folded
    block.hover()
    block.locator("button.copybtn").click()
    page.wait_for_selector("button.copybtn.success")


FOCUS = """() => {
  const element = document.activeElement;
  if (element === document.body) return null;
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
  const inner = element.matches("summary") ? [...element.children].map((child) => getComputedStyle(child)) : [];
  const outlines = [...inner, { outlineStyle, outlineWidth }];
  const ring = outlines.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
  const shadow = /0px 0px 0px [23]px/.test(boxShadow) || /inset/.test(boxShadow);
  return { name: element.tagName, html: element.outerHTML.slice(0, 120), seen: ring || shadow };
}"""


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_stop_of_the_tab_key_is_a_control_and_is_seen(visit, page_with, mode):
    """No formula that fits its line is one; the sidebar's toggle, the rocket and the others have a ring."""
    page = visit(page_with(".cell ~ p span.math"), viewport={"width": 1366, "height": 768}, color_scheme=mode)
    page.evaluate("() => window.MathJax.startup.promise")
    page.wait_for_timeout(200)
    stops = []
    while page.keyboard.press("Tab") or (stop := page.evaluate(FOCUS)):
        stops.append(stop)
        assert len(stops) < 500
    assert len(stops) > 50 and {"A", "BUTTON"} <= {stop["name"] for stop in stops}
    assert not [stop for stop in stops if stop["name"] == "MJX-CONTAINER"]
    assert not [stop for stop in stops if not stop["seen"]]


def test_a_formula_too_wide_for_its_line_scrolls_with_the_keyboard(visit, page_with):
    page = visit(page_with("article span.math"), viewport={"width": 360, "height": 740})
    page.evaluate("() => window.MathJax.startup.promise")
    page.evaluate("""() => {
      const line = document.querySelector("article p:has(span.math mjx-container)");
      line.style.width = "4px";
      window.dispatchEvent(new Event("resize"));
    }""")
    formula = page.locator("article p span.math mjx-container").first
    assert formula.evaluate("box => box.matches('.wide') && box.tabIndex === 0 && box.scrollWidth > box.clientWidth")


def focused(page) -> str:
    return page.evaluate("document.activeElement.className")


def test_focus_stays_on_the_colour_mode_button(visit, pages):
    page = visit(f"{pages[0]}.html")
    button = page.locator(".theme-switch-button").first
    button.focus()
    page.keyboard.press("Enter")
    assert "theme-switch-button" in focused(page)


@pytest.mark.parametrize("name", ["primary-toggle", "secondary-toggle", "search-button__button"])
def test_escape_gives_the_focus_back(visit, pages, name):
    """A menu or the search that was opened with a key closes on Esc, and the keyboard is where it was."""
    page = visit(f"{pages[0]}.html", viewport={"width": 800, "height": 800})
    button = page.locator(f".article-header-buttons .{name}, .bd-header-article .{name}").first
    button.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    assert name in focused(page)


@pytest.mark.parametrize(("width", "side"), [(1280, "primary"), (800, "primary"), (800, "secondary")])
def test_toggles_say_whether_their_menu_is_open(visit, pages, width, side):
    page = visit(f"{pages[0]}.html", viewport={"width": width, "height": 800})
    menu = page.locator(f"#pst-{side}-sidebar nav a, #pst-{side}-sidebar-modal nav a").first
    button = page.locator(f".{side}-toggle").first
    for _ in range(2):
        assert button.get_attribute("aria-expanded") == str(menu.is_visible()).lower()
        button.focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(400)
    assert button.get_attribute("aria-expanded") == str(menu.is_visible()).lower()


@from_both
def test_search_leads_to_the_section(visit):
    """The words are on the screen after a click, and each result but a page's own names a section of it."""
    page = visit("search.html?q=mode+collapse")
    links = page.locator("#search-results li a")
    assert links.count() >= 3
    assert all("#" in link.get_attribute("href") for link in links.all())
    chapter = page.locator("#search-results li:has(a[href*='notebooks/0'])").first
    assert "mode collapse" in chapter.locator("mark").inner_text()
    chapter.locator("a").click()
    page.wait_for_load_state()
    page.evaluate("() => window.MathJax?.startup?.promise")
    page.wait_for_timeout(300)
    anchor = page.evaluate("location.hash.slice(1)")
    assert page.evaluate("""anchor => {
      const parts = [...document.getElementById(anchor).querySelectorAll("*")];
      const words = parts.findLast((part) => part.textContent.includes("mode collapse"));
      const { top, bottom } = words.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    }""", anchor)


@pytest.mark.parametrize("width", [1280, 1100])
def test_a_running_demo_keeps_its_canvas(visit, width):
    """Setting a canvas's size wipes it; the text below, which changes height while it runs, must not cause that."""
    page = visit("book/playground.html", viewport={"width": width, "height": 900})
    page.wait_for_function("!document.querySelector('.live:not(.live-ready)')")
    wiped = page.evaluate("""async () => {
        const found = {};
        for (const host of document.querySelectorAll(".live")) {
            const canvas = host.querySelector("canvas");
            canvas.scrollIntoView({ block: "center" });
            await new Promise((done) => setTimeout(done, 300));
            let times = 0;
            const watch = new MutationObserver((changes) => (times += changes.length));
            watch.observe(canvas, { attributes: true, attributeFilter: ["width", "height"] });
            host.view.run(true);
            for (let i = 0; i < 60; i++) await new Promise(requestAnimationFrame);
            host.view.run(false);
            await new Promise(requestAnimationFrame);
            watch.disconnect();
            if (times) found[host.dataset.demo] = times;
        }
        return found;
    }""")
    assert wiped == {}


def test_search_finds_other_forms_names_and_nothing(visit):
    page = visit("search.html?q=collapsing")
    assert "collapse" in page.locator("#search-results").inner_text()
    page = visit("search.html?q=train_many")
    assert page.locator("#search-results li a").first.get_attribute("href").startswith("book/api.html#gan_helpers.")
    page = visit("search.html?q=xylophone")
    assert page.locator("#search-results li").count() == 0
    assert "Nothing has these words" in page.locator("#search-results").inner_text()


def test_search_takes_words_as_words(visit):
    """Signs that mean something in HTML or in a pattern mean nothing here."""
    page = visit("search.html?q=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E+(.*")
    assert page.locator("#search-results img").count() == 0


def test_code_of_88_characters_fits_beside_both_menus(visit, page_with):
    page = visit(page_with("article .cell_input"), viewport={"width": 1366, "height": 768})
    fits = page.evaluate("""() => {
      const code = document.querySelector("article .cell_input pre");
      code.textContent = "m".repeat(88);
      return [document.querySelector(".bd-sidebar-secondary").checkVisibility(), code.scrollWidth <= code.clientWidth];
    }""")
    assert fits == [True, True]


def test_what_goes_on_to_the_right_fades_on_a_phone(visit, pages):
    """Code and tables that are wider than a phone show it until they are scrolled to their end."""
    page, seen = visit("search.html", viewport={"width": 390, "height": 844}), 0
    home = page.url.removesuffix("search.html")
    for name in pages:
        if name.startswith("notebooks/0"):
            page.goto(f"{home}{name}.html", wait_until="load")
            boxes = page.evaluate("""() =>
              [...document.querySelectorAll(".highlight pre, .output, .pst-scrollable-table-container")]
              .filter(box => box.checkVisibility() && box.scrollWidth > box.clientWidth + 1)
              .map(box => [getComputedStyle(box).maskImage !== "none", getComputedStyle(box).overflowX])""")
            assert all(fades and overflow == "auto" for fades, overflow in boxes), name
            seen += len(boxes)
    assert seen > 0
    box = page.locator(".more").first.element_handle()
    box.evaluate("box => (box.scrollLeft = box.scrollWidth)")
    page.wait_for_function("box => getComputedStyle(box).maskImage === 'none'", arg=box)


def test_paper_has_no_folds_and_no_cut_boxes(visit, page_with):
    page = visit(page_with("details.hide"))
    page.emulate_media(media="print")
    assert not [fold for fold in page.locator("details.hide").all() if fold.is_visible()]
    torn = page.evaluate("""() => [...document.querySelectorAll("article :is(.cell_input, .cell_input :is(div, pre))")]
      .map(box => getComputedStyle(box))
      .filter(style => style.borderLeftWidth !== "0px" && style.breakInside !== "avoid").length""")
    assert torn == 0


@pytest.mark.parametrize(("wanted", "kilobytes", "figures"), [("article", 500, False), (".cell", 3000, True)])
def test_a_page_is_light(visit, site, page_with, wanted, kilobytes, figures):
    """What GitHub Pages, which packs text, sends for a first visit: to the first page, and to the first chapter."""
    name, asked = page_with(wanted), set()
    page = visit("404.html")
    page.on("request", lambda request: asked.add(urlsplit(request.url).path.lstrip("/")))
    page.goto(page.url.replace("404.html", name), wait_until="networkidle")
    files = [site / path for path in asked if (site / path).is_file()]
    assert len(files) > 15
    if figures:
        sent = [file.read_bytes() for file in files]
    else:  # figures are pictures, stills of demos, and parts of the page itself
        sent = [re.sub(rb'<svg class="figure".*?</svg>', b"", file.read_bytes(), flags=re.DOTALL) for file in files
                if file.parent.name not in ("_images", "stills")]
    assert sum(len(gzip.compress(part, 6)) for part in sent) < 1000 * kilobytes


# A page does not have this demo; the test writes it into one, with a frame and a library that only say that they came.
LIVE = """<div class="live" data-demo="probe" data-state="eta=0.5">
  <img class="still" alt="A still" src="../_static/logo.svg">Words</div>"""
PROBE = ".live[data-demo=probe]"
LIBRARY = "(window.came ??= []).push(document.currentScript.src.split('/').pop());"


@pytest.fixture
def live_page(visit, server):
    """A function that opens the first page with a live demo in it; the demo itself is two lines."""
    def open_page(**options):
        page = visit("search.html", **options)
        page.route("**/book/start.html", lambda route: route.fulfill(
            body=route.fetch().text().replace("<section", LIVE + "<section", 1), content_type="text/html"))
        for name in ("nn", "densities"):
            page.route(f"**/live/{name}.js", lambda route: route.fulfill(body=LIBRARY, content_type="text/javascript"))
        page.route("**/live/probe.js", lambda route: route.fulfill(content_type="text/javascript", body=LIBRARY + """
          Live.demo("probe", {
            title: "Probe", height: () => 50, settings: { eta: { label: "Eta", value: 1, min: 0, max: 2 } },
            create: (view) => ({ draw() {}, text: () => `eta is ${view.settings.eta}` }) });"""))
        page.goto(f"{server}/book/start.html")
        return page

    return open_page


def test_live_demo_takes_the_place_of_its_picture(live_page):
    page = live_page()
    box = page.locator(PROBE)
    page.wait_for_selector(f"{PROBE} canvas")
    assert page.evaluate("came") == ["nn.js", "densities.js", "probe.js"]
    assert "eta is 0.5" in box.inner_text()
    assert not box.locator(".still").is_visible()
    page.emulate_media(media="print")
    assert box.locator(".still").is_visible() and not box.locator("canvas").is_visible()


def test_live_demo_is_a_picture_without_scripts(live_page):
    page = live_page(java_script_enabled=False)
    box = page.locator(PROBE)
    assert box.locator(".still").is_visible() and "Words" in box.inner_text()
