"""What must hold on every page of the built site, read as HTML without a browser."""

import itertools
import re
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

# Pages that are not in the table of contents: the front door, which leads to the first page, and the search.
EXTRA_PAGES = {"index", "search"}
NOT_PROSE = "dt.sig, pre, code, script, style, .math"
RAW_MARKUP = [
    (r"\{[a-z:\-]+\}`", "a role that was not rendered"),
    (r"```|~~~", "a fence"),
    (r":::", "a colon fence"),
    (r"\$\$", "display maths"),
    (r"(?<![\\$])\$[^\s$][^$\n]*\$", "inline maths"),
    (r"\]\([^)\s]+\)", "a Markdown link"),
    (r"\*\*\w", "Markdown bold"),
]


@pytest.fixture
def soup(site, page_name, parsed) -> BeautifulSoup:
    return parsed(site / f"{page_name}.html")


@pytest.fixture
def article(soup) -> BeautifulSoup:
    return soup.select_one("article")


def test_site_has_the_pages_of_the_toc_and_no_others(site, pages):
    built = {p.relative_to(site).with_suffix("").as_posix() for p in site.rglob("*.html") if "_static" not in p.parts}
    assert built == set(pages) | EXTRA_PAGES


def test_front_door_leads_to_the_first_page(site, pages, parsed):
    soup = parsed(site / "index.html")
    assert soup.find("a")["href"] == f"{pages[0]}.html"
    assert f"url={pages[0]}.html" in soup.find("meta", attrs={"http-equiv": "refresh"})["content"]


def test_page_says_what_it_is(soup):
    """One h1, a title, a language, a description, a link that skips to the text."""
    assert len(soup.find_all("h1")) == 1
    assert len(soup.title.get_text(strip=True)) >= 5
    assert soup.html.get("lang") == "en"
    description = soup.find("meta", attrs={"name": "description"})
    assert description and 20 <= len(description["content"]) <= 200, "no meta description: write a first paragraph"
    skip = soup.select_one(".skip-link a")
    assert skip and soup.find(id=skip["href"].lstrip("#"))


def test_headings_skip_no_level(article):
    levels = [int(heading.name[1]) for heading in article.find_all(re.compile(r"^h[1-6]$"))]
    jumps = [(a, b) for a, b in itertools.pairwise(levels) if b > a + 1]
    assert not jumps, f"a heading of level {jumps[0][1]} follows one of level {jumps[0][0]}"


def test_ids_are_unique(soup):
    """Two elements with one id: a link or a label finds the wrong one. Two animations on a page must not collide."""
    ids = [element["id"] for element in soup.find_all(id=True)]
    assert sorted(ids) == sorted(set(ids))


def test_internal_links_and_anchors_resolve(site, page_name, soup, parsed):
    page = site / f"{page_name}.html"
    broken = []
    for link in soup.find_all("a", href=True):
        parts = urlsplit(link["href"])
        if parts.scheme or parts.netloc:
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        anchor = unquote(parts.fragment)
        if not target.is_file() or (anchor and target.suffix == ".html" and not parsed(target).find(id=anchor)):
            broken.append(link["href"])
    assert not broken


def test_pictures_of_the_text_are_described(article):
    """An alt text of 20 characters or more that is not a file's name or hash: set mystnb.image.alt in the cell."""
    for image in article.find_all("img"):
        alt = image.get("alt", "")
        assert len(alt) >= 20, f"too short: {alt!r}"
        assert not re.search(r"[0-9a-f]{16}|\.(png|svg|gif|jpe?g|webp)\b|^_?images?/", alt), f"a file's name: {alt!r}"


def test_every_other_picture_has_an_alt_attribute(soup):
    """Empty is right for decoration; missing is not."""
    assert not [str(image)[:120] for image in soup.find_all("img") if not image.has_attr("alt")]


def test_nothing_is_loaded_from_another_host(soup):
    """Links may lead away; scripts, styles, pictures, fonts and frames may not."""
    tags = ["script", "link", "img", "iframe", "source", "video", "audio", "object", "embed", "track", "input"]
    sources = [
        f"{element.name}: {element[attribute]}"
        for element in soup.find_all(tags)
        for attribute in ("src", "href", "srcset", "data", "poster")
        if element.has_attr(attribute) and re.match(r"\s*(https?:)?//", element[attribute])
    ]
    styles = " ".join(element.get_text() + element.get("style", "") for element in soup.select("style, [style]"))
    sources += re.findall(r"(?:@import|url\()\s*['\"]?(?:https?:)?//[^'\")]*", styles)
    assert not sources


def test_no_markup_is_left_in_the_text(article):
    """Raw Markdown shows where HTML was opened without a blank line after it, or a role is unknown."""
    hidden = {id(piece) for element in article.select(NOT_PROSE) for piece in element.find_all(string=True)}
    text = "".join(piece for piece in article.find_all(string=True) if id(piece) not in hidden)
    left = [f"{what}: {found[0]!r}" for pattern, what in RAW_MARKUP if (found := re.search(pattern, text))]
    assert not left


def test_no_placeholder_is_left(article):
    assert not re.findall(r"\b(?:TODO|FIXME|XXX|TBD)\b|[Ll]orem ipsum", article.get_text())


def test_no_cell_failed_or_complained(article):
    assert not article.select(".output.stderr, .output.traceback")
    outputs = " ".join(output.get_text() for output in article.select(".cell_output"))
    assert not re.search(r"Traceback \(most recent call last\)|\w+(Error|Warning): ", outputs)
