"""The icons that the pages show, in place of the theme's whole fonts of icons: 6 kB for a reader to load, not 270."""

import re
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
CODE = re.compile(r'"\\([0-9a-f]{4}) ?"')
NAME = re.compile(r"\bfa-[a-z0-9-]+")
WOFF2 = re.compile(r'url\([^)]*/fa-[^)]*\.woff2\) format\("woff2"\),')


def codes(css: str, names: set[str]) -> set[int]:
    """The characters of icons with these names, and of those that a style sheet itself puts somewhere."""
    found = set()
    for selector, rule in RULE.findall(css):
        mine = set(NAME.findall(selector))
        if not mine or mine & names:
            found |= {int(code, 16) for code in CODE.findall(rule)}
    return found


def keep_used_icons(app, exception):
    """Cut the fonts down to the icons that pages or scripts name. They stay TrueType, which needs no packing."""
    if exception is not None or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    sheets = [*static.glob("*.css"), *static.glob("styles/*.css")]
    scripts = [*static.glob("*.js"), *static.glob("scripts/*theme.js")]
    pages = Path(app.outdir).rglob("*.html")
    names = {name for file in (*pages, *scripts) for name in NAME.findall(file.read_text("utf-8"))}
    wanted = {code for sheet in sheets for code in codes(sheet.read_text("utf-8"), names)}
    for sheet in sheets:
        css = sheet.read_text("utf-8")
        if WOFF2.search(css):
            sheet.write_text(WOFF2.sub("", css), "utf-8")
    for file in (static / "vendor" / "fontawesome" / "webfonts").glob("fa-*.ttf"):
        file.with_suffix(".woff2").unlink(missing_ok=True)
        font = TTFont(file)
        cutter = subset.Subsetter(subset.Options(name_IDs=["*"], notdef_outline=True))
        cutter.populate(unicodes=wanted & set(font.getBestCmap()))
        cutter.subset(font)
        font.save(file)


def setup(app):
    app.connect("build-finished", keep_used_icons, priority=900)  # after the theme has written its own
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
