"""What makes a page easier to read: folds that say what they hide, code without graders' marks, the way on, stills."""

import re
from html import escape, unescape
from pathlib import Path

from docutils import nodes
from PIL import Image
from sphinx.util import logging

logger = logging.getLogger(__name__)

MARK = re.compile(r"^[ \t]*### (?:BEGIN|END) (?:SOLUTION|HIDDEN TESTS|MARK SCHEME)\n?", re.MULTILINE)
LIVE = re.compile(
    r'<div class="live"(?P<attributes>[^>]*?data-demo="(?P<name>[\w-]+)"[^>]*)>(?P<caption>.*?)</div>', re.DOTALL
)


def hide_marks(app, doctree):
    """nbgrader's marks belong to the notebook; a reader of the page sees the solution without them."""
    for block in doctree.findall(nodes.literal_block):
        code = block.astext()
        if MARK.search(code):
            shown = MARK.sub("", code).rstrip("\n")
            block.rawsource = shown  # Sphinx highlights what is equal to it
            block.children = []
            block += nodes.Text(shown)


def name_folds(app, doctree):
    """A fold says what its code makes, unless the cell names it: {"mystnb": {"code_prompt_show": "Code for ..."}}."""
    for cell in doctree.findall(lambda node: isinstance(node, nodes.container) and "hide_mode" in node):
        if cell["prompt_show"] != app.config.nb_code_prompt_show:
            cell["prompt_hide"] = cell["prompt_show"]
            continue
        raw = "".join(node.astext() for node in cell.findall(nodes.raw))
        if cell.next_node(nodes.image) or (raw and "<table" not in raw):
            name = "Code for this figure"
        elif raw:
            name = "Code for this table"
        else:
            name = "Code for this output" if len(cell.children) > 1 else "Setup code"
        cell["prompt_show"] = cell["prompt_hide"] = name


def lead_on(app, pagename, templatename, context, doctree):
    """From a page of exercises the way leads on to the next chapter, and back from there; solutions stand aside."""
    def relation(name: str, side: int) -> str | None:
        while (name := app.builder.relations[name][side]) and "/solutions/" in name:
            pass
        return name

    if pagename in app.builder.relations:
        for key, side in (("prev", 1), ("next", 2)):
            name = relation(pagename, side)
            context[key] = name and {
                "link": app.builder.get_relative_uri(pagename, name),
                "title": app.builder.render_partial(app.env.titles[name])["title"],
            }


def add_stills(app, pagename, templatename, context, doctree):
    """Put the still picture of a live demo into its box: what is there without scripts, before them, and on paper.

    It is _static/live/stills/NAME.png, NAME being the box's id where there is such a picture, else its demo. The words
    in the box say what it shows.
    """
    def with_still(found: re.Match) -> str:
        name, folder = found["name"], Path(app.srcdir, "book", "_static", "live", "stills")
        candidates = [folder / f"{own}.png" for own in (*re.findall(r'\bid="([\w-]+)"', found["attributes"]), name)]
        file = next(filter(Path.is_file, candidates), None)
        alt = " ".join(unescape(re.sub("<[^>]*>", "", found["caption"])).split())
        if file is None:
            return found[0]
        if not alt:
            logger.warning("the box of the live demo %s says nothing of what its still shows", name, location=pagename)
        with Image.open(file) as picture:
            width, height = picture.size
        up = "../" * pagename.count("/")
        image = (f'<img class="still" src="{up}_static/live/stills/{file.name}" width="{width}" height="{height}" '
                 f'alt="{escape(alt)}">')
        return f'<div class="live"{found["attributes"]}>{image}{found["caption"]}</div>'

    context["body"] = LIVE.sub(with_still, context.get("body", ""))


def setup(app):
    app.connect("doctree-read", hide_marks)
    app.connect("doctree-read", name_folds)
    app.connect("html-page-context", lead_on)
    app.connect("html-page-context", add_stills)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
