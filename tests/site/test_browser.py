"""Every page in a real browser: quiet, self-contained, readable by everyone, on a phone, in both colour modes.

A page is visited once from a local server and once as a file; the tests below read what the two visits found.
"""

from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SERIOUS = ("serious", "critical")
OPEN_EVERYTHING = """() => {
  document.querySelectorAll("details").forEach((box) => (box.open = true));
  document.querySelectorAll(".toggle-button[aria-expanded=false]").forEach((button) => button.click());
}"""
# axe takes its time for every element, and four fifths of a chapter's are shapes inside pictures, which it cannot
# judge, and pieces of code, of which one of each kind tells the color of all.
LEAVE_ONE_OF_EACH = """() => {
  document.querySelectorAll("svg > :not(title)").forEach((shape) => shape.remove()); // its title is its name
  const seen = new Set();
  const again = [...document.querySelectorAll("pre span[class]")].filter((token) => {
    const kind = `${token.className} in ${token.closest(".cell_input, .cell_output, .highlight")?.className}`;
    return seen.has(kind) || !seen.add(kind);
  });
  again.forEach((token) => token.remove());
}"""
# In dark mode and on a phone only the rules run again whose answer can differ there.
ALL_RULES = {"resultTypes": ["violations"]}
COLOURS_ONLY = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}
PHONE_ONLY = {"runOnly": ["scrollable-region-focusable", "target-size"], "resultTypes": ["violations"]}


@cache
def text_of(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def ask(page, question: str) -> list[str]:
    """One of the questions of browser_checks.js."""
    return page.evaluate(f"{text_of('browser_checks.js')}.{question}()")


def watched_page(context, address: str, width: int, height: int):
    """A new page that keeps what went wrong while it loads, and where its requests went."""
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": height})
    page.trouble, page.elsewhere = [], []
    page.on("console", lambda line: page.trouble.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: page.trouble.append(str(error)))
    page.on("requestfailed", lambda request: page.trouble.append(f"failed: {request.url}"))
    host = "/".join(address.split("/")[:3]) + "/"  # http://127.0.0.1:port/, or file:///
    at_home = (host, "data:", "blob:")
    page.on("request", lambda request: None if request.url.startswith(at_home) else page.elsewhere.append(request.url))
    page.goto(address, wait_until="load")
    page.evaluate("() => window.MathJax?.startup?.promise?.catch(() => null)")  # its failure is on the console
    return page


def axe(page, options) -> list[str]:
    """The serious and critical findings of axe-core, one line each."""
    found = page.evaluate("options => axe.run(document, options).then(result => result.violations)", options)
    return [
        f"{rule['id']}: {node['target']} {node['html'][:100]}"
        for rule in found
        if rule["impact"] in SERIOUS
        for node in rule["nodes"]
    ]


@pytest.fixture(scope="session")
def context(browser):
    """One context: its cache keeps the theme's scripts from being read again for every page. Less motion is asked for
    because a colour that fades from one mode to the other has no contrast half-way."""
    context = browser.new_context(color_scheme="light", reduced_motion="reduce")
    context.set_default_timeout(180_000)  # nothing here is about speed, and a busy machine takes its time
    yield context
    context.close()


@pytest.fixture(scope="session")
def visit(context, server, site, page_name) -> dict:
    """What two visits to a page found, for all tests of the page: served to a desktop, and as a file on a phone."""
    found = {}
    page = watched_page(context, f"{server}/{page_name}.html", width=1280, height=800)
    page.evaluate(OPEN_EVERYTHING)
    found["untypeset"] = ask(page, "untypesetMath")
    found["restless"] = ask(page, "restlessMath")
    page.evaluate(LEAVE_ONE_OF_EACH)
    page.evaluate(text_of("vendor/axe.min.js"))
    found["light"] = axe(page, ALL_RULES)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    found["dark"] = axe(page, COLOURS_ONLY)
    found["broken pictures"] = ask(page, "brokenPictures")
    found["served"] = page.trouble, page.elsewhere
    page.close()

    page = watched_page(context, (site / f"{page_name}.html").as_uri(), width=360, height=740)
    page.evaluate(OPEN_EVERYTHING)
    found["width"] = page.evaluate("document.scrollingElement.scrollWidth")
    found["lost"] = ask(page, "lostText")
    page.evaluate(LEAVE_ONE_OF_EACH)
    page.evaluate(text_of("vendor/axe.min.js"))
    found["phone"] = axe(page, PHONE_ONLY)
    found["file"] = page.trouble, page.elsewhere
    page.close()
    return found


@pytest.mark.parametrize("origin", ["served", "file"])
def test_page_loads_quietly(visit, origin):
    """No error or warning on the console, no exception, no request that fails."""
    assert visit[origin][0] == []


@pytest.mark.parametrize("origin", ["served", "file"])
def test_page_asks_no_other_host(visit, origin):
    assert visit[origin][1] == []


def test_maths_is_typeset(visit):
    assert visit["untypeset"] == []
    assert visit["restless"] == []


def test_pictures_load(visit):
    assert visit["broken pictures"] == []


@pytest.mark.parametrize("mode", ["light", "dark", "phone"])
def test_axe_finds_nothing_serious(visit, mode):
    """Contrast, names of buttons, labels, headings, keyboard: with all answers opened."""
    assert visit[mode] == []


def test_page_fits_a_phone(visit):
    """At 360 pixels nothing scrolls the page sideways, and no text is out of reach."""
    assert visit["width"] <= 360
    assert visit["lost"] == []
