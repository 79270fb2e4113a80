"""How readers find the site, and find their way in it: addresses, titles, previews, a sitemap, a 404 page, search.

All addresses come from one place, ``repository.url`` in ``_config.yml``. Search is by section: this file writes the
text of every section into ``_static/sections.js``, and ``book/_static/search.js`` looks in it.
"""

import json
import re
from html import escape, unescape
from pathlib import Path
from urllib.parse import urlsplit

from docutils import nodes
from sphinx import addnodes

SHORT = "GANs step by step"
CARD, CARD_SIZE = "_static/card.png", (1200, 630)  # made by tools/card.py
CARD_ALT = "Sixteen handwritten digits: eight from MNIST's test set, eight made by a GAN of this course. Which?"
DESCRIPTION = re.compile(r'<meta content="([^"]*)" name="description"|<meta name="description" content="([^"]*)"')


ELSEWHERE = (nodes.section, addnodes.glossary, addnodes.desc, nodes.raw, nodes.math_block, nodes.Invisible, nodes.image)


def pages_address(repository: str) -> str:
    """The address at which GitHub Pages shows a repository: https://OWNER.github.io/NAME/"""
    owner, name = urlsplit(repository).path.strip("/").split("/")
    return f"https://{owner}.github.io/" + ("" if name == f"{owner}.github.io" else f"{name}/")


def set_address(app, config):
    """With an address Sphinx writes the canonical links."""
    config.html_baseurl = pages_address(config.html_theme_options["repository_url"])


def preview(config, title: str, description: str, page: str) -> str:
    """The tags from which other sites make the preview of a link to a page."""
    tags = {
        "og:type": "website", "og:site_name": config.html_title, "og:title": title, "og:description": description,
        "og:url": f"{config.html_baseurl}{page}.html", "og:image": config.html_baseurl + CARD,
        "og:image:width": CARD_SIZE[0], "og:image:height": CARD_SIZE[1], "og:image:alt": CARD_ALT,
    }
    lines = [f'<meta property="{name}" content="{escape(str(value))}" />' for name, value in tags.items()]
    return "\n".join(["", *lines, '<meta name="twitter:card" content="summary_large_image" />', ""])


def add_tags(app, pagename, templatename, context, doctree):
    """A title that says what the page and the course are about, and the tags of the preview."""
    if doctree is None:
        return
    title = unescape(re.sub("<[^>]*>", "", context["title"]))
    is_front = pagename == app.config.root_doc
    context["head_title"] = title if is_front else f"{title} – {app.config.html_title}: {SHORT}"
    found = DESCRIPTION.search(context.get("metatags", ""))
    description = unescape(found[1] or found[2]) if found else ""
    context["metatags"] = context.get("metatags", "") + preview(app.config, title, description, pagename)


def write_front_door(app, exception):
    """A real ``index.html``: the table of contents would write one without a title, a language or a link."""
    if exception is None and app.builder.format == "html":
        config, start = app.config, f"{app.config.root_doc}.html"
        title, address = app.env.titles[config.root_doc].astext(), config.html_baseurl
        Path(app.outdir, "index.html").write_text(
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f"<title>{escape(title)}</title>\n"
            f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f'<link rel="canonical" href="{address}{start}">{preview(config, title, title, config.root_doc)}'
            f'<meta http-equiv="refresh" content="0; url={start}">\n</head>\n'
            f'<body>\n<main>\n<h1>{escape(title)}</h1>\n<p><a href="{start}">Start here</a></p>\n</main>\n</body>\n'
            "</html>\n",
            encoding="utf-8",
        )


def write_for_machines(app, exception):
    """``sitemap.xml`` and ``robots.txt``."""
    if exception is None and app.builder.format == "html":
        address = app.config.html_baseurl
        places = "".join(f"<url><loc>{address}{name}.html</loc></url>\n" for name in sorted(app.env.found_docs))
        Path(app.outdir, "sitemap.xml").write_text(
            '<?xml version="1.0" encoding="utf-8"?>\n'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{places}</urlset>\n',
            encoding="utf-8",
        )
        Path(app.outdir, "robots.txt").write_text(f"User-agent: *\nAllow: /\nSitemap: {address}sitemap.xml\n", "utf-8")


def write_404(app, exception):
    """The page that GitHub Pages shows for an address that leads nowhere, at whatever depth.

    So its links begin with the site's path, and it has its looks in itself.
    """
    if exception is None and app.builder.format == "html":
        config = app.config
        home = urlsplit(config.html_baseurl).path
        Path(app.outdir, "404.html").write_text(
            f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f"<title>No such page – {escape(config.html_title)}</title>\n"
            f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="robots" content="noindex">\n'
            "<style>:root { color-scheme: light dark; font: 1.1rem/1.6 system-ui, sans-serif; }\n"
            "main { max-width: 34rem; margin: 15vh auto; padding: 0 1rem; }\n"
            "input, button { font: inherit; padding: 0.4rem 0.7rem; }</style>\n</head>\n<body>\n<main>\n"
            "<h1>This page is a fake</h1>\n<p>The address looks real, but nothing is there. "
            "The page may have moved, or the link may have been cut short.</p>\n"
            f'<p><a href="{home}{config.root_doc}.html">Start at the beginning</a>, or search the course:</p>\n'
            f'<form action="{home}search.html" role="search"><input type="search" name="q" aria-label="Search words" '
            'required> <button>Search</button></form>\n</main>\n</body>\n</html>\n',
            encoding="utf-8",
        )


def text_of(node: nodes.Node) -> str:
    """The words of a part of a page, less what is found by itself and what is no text."""
    if isinstance(node, nodes.Text):
        return node.astext()
    if isinstance(node, ELSEWHERE):
        return ""
    return ("" if isinstance(node, nodes.TextElement) else " ").join(map(text_of, node.children))


def entry(part: nodes.Element) -> tuple[str, list[nodes.Node]] | None:
    """The title and the contents of what a search can find: a section, a word of the glossary or of the package."""
    if isinstance(part, nodes.section):
        contents = [node for node in part.children if not isinstance(node, nodes.title)]
        return part.next_node(nodes.title).astext(), contents
    if isinstance(part, nodes.term) and part["ids"]:
        return part.astext(), part.parent.children[1:]
    if isinstance(part, addnodes.desc_signature) and part["ids"]:
        return part["fullname"], part.parent.children[1:]
    return None


def sections(doctree: nodes.document) -> list[list[str]]:
    """[anchor, title, text] for each place that a search can find, in the order of the page."""
    found = [(part, entry(part)) for part in doctree.findall(nodes.Element) if entry(part)]
    return [
        [part["ids"][0], " ".join(title.split()), " ".join(" ".join(map(text_of, contents)).split())]
        for part, (title, contents) in found
    ]


def write_sections(app, exception):
    """The text that search.js looks in: [page, title of the page, its sections], in reading order."""
    if exception is None and app.builder.format == "html":
        order = {name: i for i, name in enumerate(app.builder.relations)}
        pages = [
            [name, app.env.titles[name].astext(), sections(app.env.get_doctree(name))]
            for name in sorted(app.env.found_docs, key=lambda name: order.get(name, -1))
        ]
        text = f"SECTIONS = {json.dumps(pages, ensure_ascii=False)};\n"
        Path(app.outdir, "_static", "sections.js").write_text(text, "utf-8")


def setup(app):
    app.connect("config-inited", set_address)
    app.connect("html-page-context", add_tags, priority=600)  # after the descriptions
    app.connect("build-finished", write_front_door, priority=400)  # before the table of contents looks for one
    app.connect("build-finished", write_for_machines)
    app.connect("build-finished", write_404)
    app.connect("build-finished", write_sections)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
