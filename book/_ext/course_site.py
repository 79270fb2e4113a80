"""What the course's pages need beyond the theme: kept outputs, alt texts, a player, stills for GIFs, descriptions.

Sphinx loads this file because ``_config.yml`` names it under ``local_extensions``. Every step is one function below;
``setup`` says when each of them runs. The browser's half of the work is in ``book/_static/site.js``.
"""

import os
import re
from html import escape
from pathlib import Path

from docutils import nodes
from PIL import Image
from sphinx.util import logging

logger = logging.getLogger(__name__)

FONT_LINK = re.compile(r'<link rel="stylesheet"\s*href="https?://[^"]*font-awesome[^"]*">')
PLAYER_STYLE = re.compile(r"<style>\s*\.animation.*?</style>", re.DOTALL)
PLAYER_IMAGE = re.compile(r'<img id="_anim_img')
PLAYER_SLIDER = re.compile(r'type="range" class="anim-slider"')
# What the tools write that a screen reader stumbles over, and what replaces it.
REPAIRS = [
    # a cell's own words, "Show code cell source", say more
    ('<summary aria-label="Toggle hidden content">', "<summary>"),
    # the role="list" around it allows no other
    ('role="doc-biblioentry"', 'role="listitem"'),
]
GIF = re.compile(r'<img (?P<before>[^>]*)src="(?P<folder>[^"]*_images/)(?P<stem>[^"/]+)\.gif"(?P<after>[^>]*?)/?>')
# Where the tests left the notebooks they ran, outputs included (notebooks/conftest.py); unset when the build runs them.
KEPT = Path(os.environ.get("COURSE_OUTPUTS", "no such folder"))


def spare_kept_notebooks(app, config):
    """No notebook runs here that has already run under the tests."""
    kept = [path.relative_to(KEPT).as_posix() for path in KEPT.rglob("*.ipynb")]
    config.nb_execution_excludepatterns = [*config.nb_execution_excludepatterns, *kept]


def read_kept_notebook(app, docname, content):
    """Take the notebook with its outputs in place of the one without."""
    kept = KEPT / f"{docname}.ipynb"
    if kept.is_file():
        content[0] = kept.read_text("utf-8")


def is_player(node: nodes.Node) -> bool:
    """A raw HTML node that holds the player of matplotlib's ``Animation.to_jshtml``."""
    return isinstance(node, nodes.raw) and "anim-controls" in node.astext()


def is_picture(node: nodes.Node) -> bool:
    return isinstance(node, nodes.image) or is_player(node)


def tidy_player(html: str, alt: str) -> str:
    """The player of matplotlib without its request to another host, and with names that can be read aloud.

    Its style is dropped because the slider's fixed width overflows a phone: custom.css has ours. The buttons' icons are
    Font Awesome's, which the theme brings along. The slider and the picture have no names of their own.
    """
    html = FONT_LINK.sub("", html)
    html = PLAYER_STYLE.sub("", html)
    html = html.replace('<script language="javascript">', "<script>")
    html = PLAYER_IMAGE.sub(f'<img alt="{escape(alt)}" id="_anim_img', html)
    return PLAYER_SLIDER.sub('aria-label="Frame of the animation" type="range" class="anim-slider"', html)


def describe_pictures(app, doctree):
    """Give the pictures of a cell the alt text of its metadata, ``mystnb.image.alt``; warn where there is none.

    MyST-NB does this for still images but not for players. Without an alt text docutils would write the file's hash.
    The build turns the warning into an error, so nobody has to remember this.
    """
    for cell in doctree.findall(lambda node: isinstance(node, nodes.container) and "cell_metadata" in node):
        alt = cell["cell_metadata"].get("mystnb", {}).get("image", {}).get("alt", "")
        pictures = list(cell.findall(is_picture))
        if pictures and not alt:
            logger.warning(
                "cell %s (counted from 0) shows a picture without a description: "
                'add {"mystnb": {"image": {"alt": "what one sees"}}} to its metadata',
                cell["cell_index"],
                location=cell,
            )
        for node in pictures:
            if is_player(node):
                node.children = [nodes.Text(tidy_player(node.astext(), alt))]


def first_paragraph(doctree) -> str:
    """The first sentences of a page, outside boxes and cells, at most 160 characters."""
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section):
            text = " ".join(paragraph.astext().split())
            return text if len(text) <= 160 else text[:157].rsplit(" ", 1)[0] + " ..."
    return ""


def add_description(app, pagename, templatename, context, doctree):
    """Search engines show the page's own description (``html_meta`` in its front matter) or its first paragraph."""
    has_one = 'name="description"' in context.get("metatags", "")
    text = first_paragraph(doctree) if doctree is not None and not has_one else ""
    if text:
        context["metatags"] = context.get("metatags", "") + f'\n<meta name="description" content="{escape(text)}" />'


def repair_names(app, pagename, templatename, context, doctree):
    for wrong, right in REPAIRS:
        context["body"] = context.get("body", "").replace(wrong, right)


def add_gif_stills(app, pagename, templatename, context, doctree):
    """Show a still picture, the last frame of a GIF, to readers who ask their system for less motion.

    The same still is what the pause button shows (site.js adds the button, since it does nothing without scripts).
    """
    sources = {Path(target).stem: Path(app.srcdir, source) for source, target in app.builder.images.items()}

    def with_still(found: re.Match) -> str:
        stem, folder = found["stem"], found["folder"]
        still = Path(app.outdir, app.builder.imagedir, f"{stem}.still.png")
        still.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(sources[stem]) as gif:
            gif.seek(gif.n_frames - 1)
            gif.convert("RGB").save(still)
        return (
            f'<picture class="gif"><source media="(prefers-reduced-motion: reduce)" srcset="{folder}{still.name}">'
            f'<img {found["before"]}src="{folder}{stem}.gif"{found["after"]}></picture>'
        )

    context["body"] = GIF.sub(with_still, context.get("body", ""))


def setup(app):
    app.connect("config-inited", spare_kept_notebooks)
    app.connect("source-read", read_kept_notebook)
    app.connect("doctree-read", describe_pictures)
    app.connect("html-page-context", add_description)
    app.connect("html-page-context", repair_names)
    app.connect("html-page-context", add_gif_stills)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
