"""The page of the package: ``{api} data`` shows gan_helpers.data by Sphinx's autodoc, under a table of its members.

The docstrings are plain prose with `names` in single backticks, which means something else in reStructuredText. Here
they become what autodoc expects, so that a docstring needs no markup of its own.
"""

import contextlib
import importlib
import inspect
import re
import textwrap

from sphinx.util.docutils import SphinxDirective

LITERAL = re.compile(r"(``.+?``|`[^`]+`|\w+\*\*\w+)")  # 2**width is one too
MARKUP = re.compile(r"([\\*|_])")


def plain(text: str) -> str:
    """Return a paragraph with names in backticks as literals, and nothing else that is markup."""
    parts = LITERAL.split(" ".join(text.split()))
    return "".join(f"``{p.strip('`')}``" if LITERAL.fullmatch(p) else MARKUP.sub(r"\\\1", p) for p in parts)


def prose(app, what, name, obj, options, lines):
    """Paragraphs stay paragraphs, a list stays one, an indented paragraph is shown as it stands."""
    text = textwrap.dedent("\n".join(lines)).strip("\n")
    with contextlib.suppress(TypeError, ValueError):  # what has no parameters
        for name in inspect.signature(obj).parameters:  # in `name: what it is`
            text = re.sub(rf"(?:(?<=[.;] )|(?<=\n)|^){name}(?=:\s)", f"`{name}`", text)
    paragraphs = re.split(r"\n\s*\n", text)
    found = []
    for paragraph in paragraphs:
        if re.match(r"[-*] ", paragraph):
            found += [f"- {plain(entry)}" for entry in re.split(r"(?:^|\n)[-*] ", paragraph) if entry]
        elif paragraph.startswith("    "):
            found += ["::", "", *paragraph.splitlines()]
        else:
            found.append(plain(paragraph))
        found.append("")
    lines[:] = found


def defaults(app, what, name, obj, options, signature, result):
    """A default that is a function goes by its name, not by its place in memory."""
    signature = re.sub(r"<(?:function|class) '?(?:\w+\.)*(\w+)'?(?: at \w+)?>", r"\1", signature or "")
    return re.sub(r"<[^<>]* object[^<>]*>", "...", signature), result


def members(module) -> list[str]:
    """Return the public functions and classes that a module defines, in their order there."""
    found = {name: value for name, value in vars(module).items() if not name.startswith("_")}
    own = {name: value for name, value in found.items() if getattr(value, "__module__", "") == module.__name__}
    return [name for name, value in own.items() if inspect.isclass(value) or callable(value)]


class Api(SphinxDirective):
    """The module's name and first words, a table of what it has, then each with its signature and docstring."""

    required_arguments = 1

    def run(self):
        name = f"gan_helpers.{self.arguments[0]}"
        module = importlib.import_module(name)
        names = members(module)
        constants = [f"``{constant}``" for constant in vars(module) if re.fullmatch(r"[A-Z][A-Z0-9_]+", constant)]
        lines = [f".. rubric:: {name}", "", f".. automodule:: {name}", ""]
        lines += [f"Constants: {', '.join(constants)}.", ""] if constants else []
        lines += [".. autosummary::", "   :nosignatures:", "", *(f"   {member}" for member in names)] if names else []
        for member in names:
            kind = "autoclass" if inspect.isclass(getattr(module, member)) else "autofunction"
            lines += ["", f".. {kind}:: {name}.{member}"]
        return self.parse_text_to_nodes("\n".join(["```{eval-rst}", *lines, "```"]))


def setup(app):
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("sphinx.ext.autosummary")
    app.add_directive("api", Api)
    app.connect("autodoc-process-docstring", prose)
    app.connect("autodoc-process-signature", defaults)
    return {"version": "1", "parallel_read_safe": True}
