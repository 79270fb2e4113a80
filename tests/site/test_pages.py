"""What must hold on every page of the built site, read as HTML without a browser."""

import itertools
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pydata_sphinx_theme
import pytest
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from PIL import Image

from tools.notebook_rules import REPOSITORY

# Pages that are not in the table of contents: the front door, which leads to the first page, the search, and what
# GitHub Pages shows for an address that leads nowhere.
EXTRA_PAGES = {"index", "search", "404"}
OWNER, NAME = REPOSITORY.split("/")[-2:]
ADDRESS = f"https://{OWNER}.github.io/{NAME}/"
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


def test_title_says_what_the_page_and_the_course_are(soup, article, page_name, pages):
    title, heading = soup.title.get_text(), article.h1.find(string=True)
    assert heading in title and "GANs" in title
    assert page_name != pages[0] or title.startswith("Forgers & Detectives: ")


def test_links_to_the_page_have_a_preview(site, soup, page_name):
    """What other sites show of a link: a title, a description, a picture that is there, all at the site's address."""
    shown = {tag["property"]: tag["content"] for tag in soup.select('meta[property^="og:"]')}
    assert shown["og:url"] == soup.find("link", rel="canonical")["href"] == f"{ADDRESS}{page_name}.html"
    assert shown["og:title"] and shown["og:image:alt"] and len(shown["og:description"]) >= 20
    assert shown["og:image"].startswith(ADDRESS)
    with Image.open(site / shown["og:image"].removeprefix(ADDRESS)) as card:
        assert card.size == (int(shown["og:image:width"]), int(shown["og:image:height"])) == (1200, 630)
    assert soup.find("meta", attrs={"name": "twitter:card"})["content"] == "summary_large_image"


def test_search_engines_are_told_of_every_page(site, pages):
    places = [place.text for place in ElementTree.parse(site / "sitemap.xml").findall(".//{*}loc")]
    assert sorted(places) == sorted(f"{ADDRESS}{name}.html" for name in pages)
    assert f"Sitemap: {ADDRESS}sitemap.xml" in (site / "robots.txt").read_text("utf-8").splitlines()


def test_a_lost_reader_finds_back_from_any_depth(site, parsed):
    """GitHub Pages shows 404.html at the address that was asked for, so relative links would lead nowhere."""
    soup, path = parsed(site / "404.html"), urlsplit(ADDRESS).path
    places = [link["href"] for link in soup.find_all("a")] + [soup.form["action"]]
    assert len(places) >= 2 and all(place.startswith(path) for place in places)
    assert all((site / place.removeprefix(path)).is_file() for place in places)
    assert not soup.select("link[rel=stylesheet], script[src], img")


def test_the_way_leads_past_the_solutions(site, pages, page_name, soup):
    """On from the exercises is the next chapter; only a page of solutions itself has one beside it."""
    read = [name for name in pages if "/solutions/" not in name]
    folder, links = (site / page_name).parent, soup.select(".prev-next-area a")
    here = {link["class"][0]: folder.joinpath(link["href"]).resolve() for link in links}
    if page_name in read:
        at = read.index(page_name)
        beside = {"left-prev": at - 1, "right-next": at + 1}
        assert here == {key: (site / f"{read[i]}.html").resolve() for key, i in beside.items() if 0 <= i < len(read)}
    else:
        assert here["left-prev"].parent.name == "exercises" and here["right-next"].parent.name != "solutions"


def test_folds_say_what_they_hide(article):
    for fold in article.select("details.hide > summary"):
        words = {text.get_text(strip=True) for text in fold.find_all("p")}
        assert len(words) == 1
        said = words.pop()
        assert len(said.split()) >= 2 and not said.startswith(("Show", "Hide")), "its kind, or what one finds in it"


def test_graders_marks_are_not_shown(article):
    assert "###" not in " ".join(code.get_text() for code in article.select(".cell_input"))


def test_every_icon_is_in_the_fonts(site, soup):
    """The fonts hold what the pages show and little else (book/_ext/icons.py); the theme's own style says which."""
    theme = (Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static" / "styles"
             / "pydata-sphinx-theme.css").read_text("utf-8")
    fonts = [TTFont(file) for file in site.glob("_static/vendor/fontawesome/webfonts/*.ttf")]
    assert len(fonts) == 3 and all(len(font.getGlyphOrder()) < 100 for font in fonts)
    there = set().union(*(font.getBestCmap() for font in fonts))
    for icon in soup.select("[class*=fa-]"):
        codes = [re.search(rf'\.{name}:before[^{{}}]*{{content:"\\([0-9a-f]{{4}})"', theme) for name in icon["class"]]
        assert all(int(code[1], 16) in there for code in codes if code), icon


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
        anchor = unquote(parts.fragment).partition("?")[0]  # a demo's state may follow its name
        found = target.is_file() and (not anchor or target.suffix != ".html" or parsed(target).find(
            lambda element: anchor in (element.get("id"), element.get("data-demo"))))  # noqa: B023
        if not found:
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
        if element.get("rel") != ["canonical"]  # an address, nothing to load
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
