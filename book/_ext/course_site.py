"""What the course's pages need beyond the theme: kept outputs, descriptions, names.

Sphinx loads this file because ``_config.yml`` names it under ``local_extensions``. Every step is one function below;
``setup`` says when each of them runs. The browser's half of the work is in ``book/_static/site.js``.
"""

import os
from html import escape
from pathlib import Path

from docutils import nodes

# What the tools write that a screen reader stumbles over, and what replaces it.
REPAIRS = [
    # a cell's own words, "Show code cell source", say more
    ('<summary aria-label="Toggle hidden content">', "<summary>"),
    # the role="list" around it allows no other
    ('role="doc-biblioentry"', 'role="listitem"'),
]
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


def setup(app):
    app.connect("config-inited", spare_kept_notebooks)
    app.connect("source-read", read_kept_notebook)
    app.connect("html-page-context", add_description)
    app.connect("html-page-context", repair_names)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
