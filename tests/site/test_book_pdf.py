"""The whole book as one PDF: it is there where there is a Chromium, with all chapters, and its links stay in it."""

import re

import pytest
from bs4 import BeautifulSoup

from tools import book_pdf


@pytest.fixture(scope="module")
def book(site) -> BeautifulSoup:
    return BeautifulSoup(book_pdf.compose(site), "html.parser")


def test_book_has_every_page_in_order(book, site, pages, parsed):
    headings = [heading.get_text() for heading in book.find_all("h1")]
    assert headings == [parsed(site / f"{name}.html").h1.get_text().rstrip("#") for name in pages]


def test_links_and_labels_of_the_book_lead_somewhere(book):
    """Pages use the same anchors; in one book each must lead to its own."""
    anchors = [element["id"] for element in book.find_all(id=True)]
    assert len(anchors) == len(set(anchors)) > 300
    inner = {link["href"][1:] for link in book.select('[href^="#"]')}
    inner |= {element["aria-labelledby"] for element in book.select("[aria-labelledby]")}
    inner |= set(re.findall(r"url\(#([^)]+)\)", str(book.main)))
    assert len(inner) > 100 and inner <= set(anchors)
    addresses = {link["href"] for link in book.select("article a[href]")}
    assert not [address for address in addresses if not re.match(r"#|https?://|mailto:", address)], "relative address"


def test_pictures_and_styles_of_the_book_are_files_of_the_site(book, site):
    files = [element.get("src") or element["href"] for element in book.select("img, link, script[src]")]
    files = [file.partition("?")[0] for file in files if not file.startswith("data:")]
    assert len(files) > 20 and not [file for file in files if not (site / file).is_file()]


def test_book_shows_answers_and_hides_what_paper_cannot_use(book):
    assert book.select("details") and not book.select("details:not([open])")
    assert not book.select("details.hide, .headerlink, button, article script")


def test_every_page_links_to_the_pdf_that_is_there(site, pages, parsed):
    pdf, links = site / book_pdf.NAME, [parsed(site / f"{name}.html").select_one(".book-pdf a") for name in pages]
    if book_pdf.chromium() is None:
        assert not pdf.exists() and links == [None] * len(pages)
        pytest.skip("no Chromium on this machine: no PDF and, as it should be, no link to it")
    assert all(links) and 1e6 < pdf.stat().st_size < 30e6


def test_pdf_has_pages_and_an_outline_of_the_chapters(site, pages, book):
    if not (site / book_pdf.NAME).is_file():
        pytest.skip("the site has no PDF")
    data = (site / book_pdf.NAME).read_bytes()
    assert len(re.findall(rb"/Type /Page\b", data)) > 2 * len(pages)
    titles = {written(title) for title in re.findall(rb"/Title (\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f]*>)", data)}
    assert {heading.get_text() for heading in book.find_all("h1")} <= titles


def written(title: bytes) -> str:
    """A string of a PDF: (text) with escapes, or <hexadecimal UTF-16>."""
    if title.startswith(b"<"):
        return bytes.fromhex(title[1:-1].decode()).decode("utf-16")
    text = re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal[1], 8)]), title[1:-1])
    text = re.sub(rb"\\(.)", rb"\1", text)
    return text.decode("utf-16") if text.startswith(b"\xfe\xff") else text.decode("latin-1")
