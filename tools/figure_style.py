"""The rule for figures: whoever cannot see one must be told what it shows."""

import ast
import re

from tools.notebook_file import Notebook, label, source

LEAST = 20
PYPLOT = {"show", "subplots", "figure", "plot", "imshow", "hist", "bar", "scatter", "stem"}


def statements(text: str) -> list[ast.stmt]:
    """Parse a cell; IPython's own lines (%pip, !ls) count as nothing."""
    lines = (re.sub(r"[%!].*", "pass", line) if re.match(r"\s*[%!]", line) else line for line in text.splitlines())
    try:
        return ast.parse("\n".join(lines)).body
    except SyntaxError:  # an exercise may hold a gap on purpose
        return []


def draws(node: ast.AST, drawing: set[str]) -> bool:
    """Tell whether running `node` draws, by plots, pictures, pyplot, Image, HTML or a function in `drawing`."""
    for call in (n for n in ast.walk(node) if isinstance(n, ast.Call)):
        match call.func:
            case ast.Attribute(value=ast.Name(id="plots" | "pictures"), attr=attr) if attr not in ("style", "Table"):
                return True
            case ast.Attribute(value=ast.Name(id="plt"), attr=attr) if attr in PYPLOT:
                return True
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in {"Image", "HTML", "SVG"} | drawing:
                return True
    return False


def alt_texts(book: Notebook) -> list[str]:
    """Every cell that draws a figure has an alt text; without one the page shows the name of a file."""
    drawing, found = set(), []
    for cell in book.cells("code"):
        body = statements(source(cell))
        defined = [node for node in body if isinstance(node, ast.FunctionDef)]
        drawing |= {node.name for node in defined if draws(node, drawing)}
        if not any(draws(node, drawing) for node in body if not isinstance(node, (ast.FunctionDef, ast.ClassDef))):
            continue
        alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "")
        if len(alt.strip()) < LEAST:
            found.append(
                f"{label(cell)} draws a figure. Say in its metadata, mystnb.image.alt, in {LEAST} characters or more, "
                f"what there is to see; now it is {alt!r}."
            )
    return found


def plots_by_name(book: Notebook) -> list[str]:
    """`from gan_helpers.plots import bits` would hide a figure from the rule above; `style` draws none."""
    return [
        f"{label(cell)}: write `from gan_helpers import plots` and call plots.NAME, so that figures are seen as such."
        for cell in book.cells("code")
        if re.search(r"^\s*from gan_helpers\.plots import (?!style$)", source(cell), re.MULTILINE)
    ]


RULES = (alt_texts, plots_by_name)
