"""Figures on the site: captions with numbers, SVG in the page's own colors, players' pictures in files of their own.

A cell that draws a figure says in its metadata what there is to see, for those who see it and for those who do not:

    {"mystnb": {"figure": {"caption": "What to see in it."}, "image": {"alt": "What there is to see."}}}

The build warns, and so fails, where the second is missing. Matplotlib's SVG comes into the page itself, with the
colors of gan_helpers/plots/style.py replaced by CSS variables, so that figures follow the page into the dark.
"""

import base64
import hashlib
import re
from html import escape, unescape
from pathlib import Path

from docutils import nodes
from PIL import Image
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from gan_helpers.plots import style

logger = logging.getLogger(__name__)

ROLES = {light: name for name, (light, _) in style.COLORS.items()} | {"#000000": "ink"}
COLOR = re.compile(r"#[0-9a-fA-F]{6}\b")
PALE = re.compile(r"(?<=opacity: )0\.(?:[0-2]\d*|3)(?=[;\"])")  # on dark paper a pale color all but vanishes
LIFT = "1", "1.7"
SVG_IMAGE = re.compile(r'<img (?P<attributes>[^>]*?)src="[^"]*_images/(?P<file>[^"/]+\.svg)"[^>]*>')
ALT = re.compile(r'alt="([^"]*)"')
PICTURE = re.compile(r'<img src="data:image/png;base64,([^"]+)"')


def palette() -> str:
    """The roles as CSS variables, light, dark, and by the reader's system where there are no scripts."""
    def declarations(mode: int) -> str:
        variables = {name: colors[mode] for name, colors in style.COLORS.items()} | {"lift": LIFT[mode]}
        return " ".join(f"--{name}: {value};" for name, value in variables.items())

    return f':root {{ {declarations(0)} }}\nhtml[data-theme="dark"] {{ {declarations(1)} }}\n'


def write_palette(app, exception=None):
    """Write palette.css from the one place that has the colors."""
    if app.builder.format == "html":
        Path(app.outdir, "_static").mkdir(parents=True, exist_ok=True)
        Path(app.outdir, "_static", "palette.css").write_text(palette(), "utf-8")


def describe_pictures(app, doctree):
    """Warn where the picture of a cell has no description: ``mystnb.image.alt`` in its metadata."""
    for cell in doctree.findall(lambda node: isinstance(node, nodes.container) and "cell_metadata" in node):
        alt = cell["cell_metadata"].get("mystnb", {}).get("image", {}).get("alt", "")
        if not alt and list(cell.findall(nodes.image)):
            logger.warning(
                "cell %s (counted from 0) shows a picture without a description: "
                'add {"mystnb": {"image": {"alt": "what one sees"}}} to its metadata',
                cell["cell_index"], location=cell,
            )


def number_captions(app, doctree):
    """Number a chapter's figures: "Figure 3.2" is the second of chapter 3."""
    chapter = re.match(r"notebooks/0*(\d+)_", app.env.docname)
    for i, caption in enumerate(doctree.findall(nodes.caption) if chapter else (), start=1):
        if isinstance(caption.parent, nodes.figure):
            caption.insert(0, nodes.strong("", f"Figure {chapter[1]}.{i}. "))


def inlined(svg: str, alt: str, prefix: str) -> str:
    """Matplotlib's SVG as a part of the page: no fixed size, no fixed colors, ids that no other figure has."""
    svg = svg[svg.index("<svg"):]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    head, body = re.match(r"(<svg[^>]*>)(.*)", svg, re.DOTALL).groups()
    box = re.search(r'viewBox="[^"]*"', head)[0]
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)  # matplotlib writes what each text says
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', body))
    body = re.sub(r' id="([^"]+)"', lambda found: f' id="{prefix}{found[1]}"' if found[1] in used else "", body)
    body = re.sub(r'(href="#|url\(#)', rf"\g<1>{prefix}", body)
    body = COLOR.sub(lambda found: f"var(--{ROLES[found[0].lower()]})" if found[0].lower() in ROLES else found[0], body)
    body = PALE.sub(lambda found: f"calc({found[0]} * var(--lift))", body)
    body = re.sub(r"(?<=\d\.\d\d)\d{3,4}(?=[ \"\n])", "", body)  # hundredths of a point are enough
    return f'<svg class="figure" role="img" aria-label="{alt}" {box} xmlns:xlink="http://www.w3.org/1999/xlink">{body}'


def inline_figures(app, pagename, templatename, context, doctree):
    """Put each SVG figure into the page."""
    sources = {target: Path(app.srcdir, source) for source, target in app.builder.images.items()}
    count = 0

    def svg(found: re.Match) -> str:
        nonlocal count
        count += 1
        alt = ALT.search(found[0])
        return inlined(sources[found["file"]].read_text("utf-8"), alt[1] if alt else "", f"f{count}-")

    context["body"] = SVG_IMAGE.sub(svg, context.get("body", ""))


def chapters_figure(app, image: str, alt: str, prefix: str) -> str:
    """The SVG of a chapter's figure, from the path in its document, for another page."""
    return inlined(Path(app.srcdir, image).read_text("utf-8"), escape(alt), prefix)


class Chapters(SphinxDirective):
    """Cards for the chapters, each with the first figure of its page. A line of it: ``01_even_numbers: What for.``"""

    has_content = True

    def run(self):
        cards = []
        for line in self.content:
            stem, text = line.split(": ", 1)
            link = f"../notebooks/{stem}.html"
            cards.append(f'<a class="chapter" href="{link}"><!-- {stem} --><span>{escape(text)}</span></a>')
        return [nodes.raw("", f'<div class="chapters">{"".join(cards)}</div>', format="html")]


def fill_cards(app, pagename, templatename, context, doctree):
    """Put title and picture into the cards of the chapters."""
    def card(found: re.Match) -> str:
        document = app.env.get_doctree(f"notebooks/{found[1]}")
        title = document.next_node(nodes.title).astext().split(":")[0]
        first = next((image["uri"] for image in document.findall(nodes.image) if image["uri"].endswith(".svg")), None)
        picture = chapters_figure(app, first, title, f"c{found[1][:2]}-") if first else ""
        return f'<span class="picture" aria-hidden="true">{picture}</span><strong>{escape(title)}</strong>'

    context["body"] = re.sub(r"<!-- (\d\d_\w+) -->", card, context.get("body", ""))


class FigureOf(SphinxDirective):
    """A chapter's figure once more, on another page: ``02_gray_pixel: the first words of its caption``."""

    required_arguments, final_argument_whitespace = 1, True

    def run(self):
        return [nodes.raw("", f"<!-- figure of {escape(self.arguments[0])} -->", format="html")]


def fill_figures(app, pagename, templatename, context, doctree):
    """Put picture, number and caption where a page asks for a chapter's figure."""
    def again(found: re.Match) -> str:
        stem, words = found[1], unescape(found[2])
        for figure in app.env.get_doctree(f"notebooks/{stem}").findall(nodes.figure):
            caption, image = figure.next_node(nodes.caption), figure.next_node(nodes.image)
            number, _, text = caption.astext().partition(". ") if caption else ("", "", "")
            if text.startswith(words):
                svg = chapters_figure(app, image["uri"], image["alt"], f"o{stem[:2]}-")
                link = f'<a href="../notebooks/{stem}.html"><strong>{number}.</strong></a>'
                words = f'<p><span class="caption-text">{link} {escape(text)}</span></p>'
                return f"<figure>{svg}<figcaption>{words}</figcaption></figure>"
        logger.warning("%s: notebooks/%s has no figure whose caption begins with %r", pagename, stem, words)
        return ""

    context["body"] = re.sub(r"<!-- figure of (\d\d_\w+): (.*?) -->", again, context.get("body", ""))


def extract_players(app, pagename, templatename, context, doctree):
    """Put the frames of players into files, which load when they come near the screen."""
    def in_file(found: re.Match) -> str:
        data = base64.b64decode(found[1])
        file = Path(app.outdir, app.builder.imagedir, f"player-{hashlib.sha256(data).hexdigest()[:16]}.png")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        with Image.open(file) as picture:
            width, height = picture.size
        up = "../" * pagename.count("/")
        return (f'<img src="{up}{app.builder.imagedir}/{escape(file.name)}" loading="lazy" width="{width}" '
                f'height="{height}"')

    context["body"] = PICTURE.sub(in_file, context.get("body", ""))


def setup(app):
    app.connect("doctree-read", describe_pictures)
    app.connect("doctree-read", number_captions)
    app.connect("html-page-context", inline_figures)
    app.connect("html-page-context", extract_players)
    app.connect("html-page-context", fill_cards)
    app.connect("html-page-context", fill_figures)
    app.add_directive("chapters", Chapters)
    app.add_directive("figure-of", FigureOf)
    app.connect("build-finished", write_palette)
    app.add_css_file("palette.css", priority=400)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
