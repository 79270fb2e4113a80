"""Print the built site as one PDF with Chromium: python -m tools.book_pdf

It writes _build/html/forgers-and-detectives.pdf. All pages are put into one, in the order of the table of contents, so
that links between them stay in the book, and the PDF's outline has the chapters and their sections. Answers are open;
folded code is left out. Without Chromium there is no PDF, and no page links to one.
"""

import os
import re
import shutil
import sys
import time
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import yaml
from bs4 import BeautifulSoup
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
NAME = "forgers-and-detectives.pdf"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
PLACE = re.compile(r"<!-- the book as a PDF: (\S+) -->")  # book/_ext/templates/book-pdf.html
USELESS = "details.hide, script, .headerlink, button, input, output, img:not([src]), div.live:not(:has(img))"
STYLE = """
article.bd-article { break-before: page; padding: 0; max-width: none; }
.cover-title { margin-top: 8vh; font-size: 2.4rem; line-height: 1.25; font-weight: 650; }
.cover ul { padding: 0; list-style: none; }
.cover li { margin-block: 0; }
html { font-size: 13px; }
:is(h1, h2, h3, h4) { white-space: pre-wrap; } /* else the outline loses the space where a heading breaks */
"""
PLAYGROUND = "book/playground"
FOOTER = '<p style="width: 100%; text-align: center; font: 8px sans-serif"><span class="pageNumber"></span></p>'


def chromium() -> str | None:
    """The browser that the environment variable CHROMIUM names, or the first that is found."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


def toc() -> list[str]:
    """The pages of _toc.yml, in reading order."""
    def names(entry):
        if isinstance(entry, list):
            return [name for one in entry for name in names(one)]
        own = [entry[key] for key in ("root", "file") if key in entry]
        return own + [name for key in ("parts", "chapters", "sections") for name in names(entry.get(key, []))]

    return names(yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8")))


def article(page: str, html: BeautifulSoup, pages: list[str], address: str) -> BeautifulSoup:
    """The text of a page as a part of the book: its anchors get the page's name, and links lead within the book."""
    part = html.select_one("article.bd-article")
    for useless in part.select(USELESS):
        useless.decompose()
    for fold in part.select("details"):
        fold["open"] = ""
    mark = page.replace("/", "--")
    for element in part.find_all(True):
        for key in ("id", "aria-labelledby", "for"):
            if element.has_attr(key):
                element[key] = f"{mark}--{element[key]}"
        for key in [key for key in element.attrs if "url(#" in str(element[key])]:
            element[key] = element[key].replace("url(#", f"url(#{mark}--")
        for key in ("href", "xlink:href", "src"):
            if element.has_attr(key) and not urlsplit(element[key]).scheme:
                path, _, anchor = urljoin(f"/{page}.html", element[key]).lstrip("/").partition("#")
                target = path.removesuffix(".html")
                if target == PLAYGROUND and anchor:  # a demo in some state, which only the site can show
                    element[key] = f"{address}{path}#{anchor}"
                elif target in pages:
                    element[key] = f"#{target.replace('/', '--')}" + (f"--{anchor}" if anchor else "")
                else:
                    element[key] = path if element.name == "img" else address + path
        if element.name == "img":
            element.attrs.pop("loading", None)
    part["id"] = mark
    return part


def compose(site: Path = SITE) -> str:
    """The HTML of the whole book."""
    pages = toc()
    read = {page: BeautifulSoup((site / f"{page}.html").read_text("utf-8"), "html.parser") for page in pages}
    front = read[pages[0]]
    address = front.find("link", rel="canonical")["href"].removesuffix(f"{pages[0]}.html")
    styles = [link["href"].removeprefix("../") for link in front.select('link[rel="stylesheet"]')]
    maths = next(html for html in read.values() if html.find("script", src=re.compile("mathjax")))
    scripts = [str(script) for script in maths.find_all("script") if "mathjax" in str(script).lower()]
    scripts = [re.sub(r'src="(\.\./)+', 'src="', script) for script in scripts]
    titles = {page: html.select_one("article h1").find(string=True) for page, html in read.items()}
    listed = "".join(f'<li><a href="#{page.replace("/", "--")}">{titles[page]}</a></li>' for page in pages[1:])
    head = "".join(f'<link rel="stylesheet" href="{style}">' for style in styles)
    parts = "".join(str(article(page, html, pages, address)) for page, html in read.items())
    title = front.title.get_text(strip=True)
    return (
        f'<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>{title}</title>{head}'
        f'<style>{STYLE}</style>{"".join(scripts)}</head><body><main class="bd-main"><div class="bd-content">'
        f'<div class="bd-article-container"><div class="bd-article cover"><p class="cover-title">{title}</p>'
        f'<p><a href="{address}">{address}</a></p><ul>{listed}</ul></div>{parts}</div></div></main></body></html>'
    )


def print_book(browser: str, site: Path = SITE) -> Path:
    """Write the PDF beside the pages and return its path."""
    page_file, pdf = site / "book.print.html", site / NAME
    page_file.write_text(compose(site), "utf-8")
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=browser, args=FLAGS)
            page = chromium.new_page(viewport={"width": 800, "height": 1100})
            page.set_default_timeout(300_000)
            page.goto(page_file.as_uri(), wait_until="load")
            page.evaluate("() => window.MathJax.startup.promise")
            page.evaluate("() => Promise.all([...document.images].map(image => image.decode().catch(() => null)))")
            page.pdf(path=pdf, format="A4", outline=True, tagged=True, print_background=True,
                     display_header_footer=True, header_template="<p></p>", footer_template=FOOTER,
                     margin={"top": "16mm", "bottom": "18mm", "left": "18mm", "right": "18mm"})
            chromium.close()
    finally:
        page_file.unlink()
    return pdf


def link(pdf: Path, site: Path = SITE) -> None:
    """Turn the mark that every page's menu has into a link, with the size."""
    size = f"{pdf.stat().st_size / 1e6:.0f} MB"
    for file in site.rglob("*.html"):
        html = file.read_text("utf-8")
        linked = PLACE.sub(rf'<p class="book-pdf"><a href="\1">The whole book as a PDF</a> ({size})</p>', html)
        if linked != html:
            file.write_text(linked, "utf-8")


def main() -> int:
    """Print the book unless that is done, or cannot be."""
    pdf, pages = SITE / NAME, [file.stat().st_mtime for file in SITE.rglob("*.html")]
    if not pages:
        print("The site is not built: make book")
        return 1
    if pdf.is_file() and pdf.stat().st_mtime >= max(pages):
        print(f"{NAME} is up to date.")
        return 0
    if not (browser := chromium()):
        print("No Chromium or Chrome: the site has no PDF of the book. The environment variable CHROMIUM may name one.")
        return 0
    start = time.perf_counter()
    link(print_book(browser))
    pdf.touch()
    print(f"{pdf.name}: {pdf.stat().st_size / 1e6:.1f} MB in {time.perf_counter() - start:.0f} seconds", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
