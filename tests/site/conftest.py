"""Fixtures for the tests of the built site: its folder, its pages, a local server, one browser."""

import os
import shutil
import threading
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"
CHROMIUM_FLAGS = [
    "--no-sandbox",  # a container's root user has no other way
    "--disable-gpu",
    "--no-first-run",
    # the browser's own requests, which are not the pages'
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]


def toc_pages() -> list[str]:
    """The pages named in _toc.yml, in reading order, root first."""

    def names(entry):
        if isinstance(entry, list):
            return [name for one in entry for name in names(one)]
        own = [entry[key] for key in ("root", "file") if key in entry]
        return own + [name for key in ("parts", "chapters", "sections") for name in names(entry.get(key, []))]

    return names(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8")))


PAGES = toc_pages()


def pytest_generate_tests(metafunc):
    """A test with a ``page_name`` runs once for every page of the table of contents."""
    if "page_name" in metafunc.fixturenames:
        metafunc.parametrize("page_name", PAGES, scope="session")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """A worker gets a whole file; of test_browser.py, which is half of the time, a whole page."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFileOrPage(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file, _, test = nodeid.partition("::")
            pages = [page for page in PAGES if f"[{page}]" in test or f"[{page}-" in test]
            return pages[0] if pages and file.endswith("test_browser.py") else file

    return ByFileOrPage(config, log)


@pytest.fixture(scope="session")
def pages() -> list[str]:
    return PAGES


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the built site."""
    if not (SITE / "index.html").is_file():
        pytest.fail("The site is not built: _build/html/index.html is missing. Run `make book` first.")
    return SITE


@pytest.fixture(scope="session")
def parsed():
    """A function that reads an HTML file; each file is read once."""
    return cache(lambda path: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser"))


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def server(site) -> str:
    """The address of the site on this machine."""
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(site)))
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests. The environment variable CHROMIUM may name it."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if name and (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("no Chromium on this machine: install one, or name it in the environment variable CHROMIUM")
    sync_playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").sync_playwright
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def page_with(site, parsed):
    """A function that names the first page on which a CSS selector finds something."""

    def find(selector: str) -> str:
        for name in PAGES:
            if parsed(site / f"{name}.html").select_one(selector):
                return f"{name}.html"
        pytest.skip(f"no page has {selector}")

    return find
