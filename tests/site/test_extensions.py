"""The steps of book/_ext that today's pages need little or not at all, each by itself."""

import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils import nodes
from PIL import Image

from tools.notebook_rules import REPOSITORY

ROOT = Path(__file__).parents[2]
PNG = "_static/live/stills/players.png"


@pytest.fixture
def extension(monkeypatch):
    """A function that imports one of the files in book/_ext, as Sphinx does."""
    monkeypatch.syspath_prepend(ROOT / "book" / "_ext")
    yield lambda name: importlib.import_module(name)
    for name in ("discovery", "icons", "reading"):
        sys.modules.pop(name, None)


def test_the_address_of_the_pages_is_the_one_that_the_course_names(extension):
    address = extension("discovery").pages_address(REPOSITORY)
    assert f"<{address}>" in (ROOT / "README.md").read_text("utf-8")
    assert f'"{address.rstrip("/")}"' in (ROOT / "pyproject.toml").read_text("utf-8")
    assert extension("discovery").pages_address("https://github.com/ada/ada.github.io") == "https://ada.github.io/"


@pytest.fixture
def stills(extension, tmp_path, monkeypatch):
    """A function that adds the stills to a page's body, and what it complained of."""
    reading, complaints = extension("reading"), []
    picture = tmp_path / "book" / PNG
    picture.parent.mkdir(parents=True)
    Image.new("RGB", (320, 200)).save(picture)
    monkeypatch.setattr(reading.logger, "warning", lambda *args, **_: complaints.append(args))

    def run(body: str, page: str = "notebooks/04_many_runs"):
        context = {"body": body}
        reading.add_stills(SimpleNamespace(srcdir=str(tmp_path)), page, "", context, None)
        return context["body"], complaints

    return run


def test_a_live_demo_gets_its_still(stills):
    words = "Two &amp; <em>one</em>.\n</div><p>B</p>"
    body, complaints = stills(f'<p>A</p><div class="live" data-demo="players" data-run>{words}')
    image = f'<img class="still" src="../{PNG}" width="320" height="200" alt="Two &amp; one.">'
    assert body == f'<p>A</p><div class="live" data-demo="players" data-run>{image}{words}'
    assert complaints == []


def test_a_still_of_its_own_comes_before_the_demos(stills, tmp_path):
    Image.new("RGB", (640, 100)).save(tmp_path / "book" / PNG.replace("players", "duel"))
    for name, width in (("duel", 640), ("other", 320)):
        body, _ = stills(f'<div class="live" id="{name}" data-demo="players">Words.</div>')
        assert f'width="{width}"' in body


def test_a_live_demo_without_a_still_stays_as_it_is(stills):
    box = '<div class="live" data-demo="balls">Drag them.</div>'
    assert stills(box) == (box, [])


def test_a_live_demo_without_words_stops_the_build(stills):
    _, complaints = stills('<div class="live" data-demo="players"></div>')
    assert len(complaints) == 1 and "players" in complaints[0]


def cell(*contents: nodes.Node, show: str = "Show code cell {type}") -> nodes.container:
    inside = nodes.container("", *contents, nb_element="cell_code_output")
    children = [nodes.container(nb_element="cell_code_source"), *([inside] if contents else [])]
    return nodes.container("", *children, hide_mode="input", prompt_show=show, prompt_hide="Hide code cell")


@pytest.mark.parametrize(
    ("contents", "name"),
    [([nodes.image()], "Code for this figure"), ([nodes.raw("", "<table>")], "Code for this table"), ([], "Setup code"),
     ([nodes.raw("", "<div class='player'>")], "Code for this figure"), ([nodes.Text("1")], "Code for this output")],
)
def test_folds_get_the_name_of_what_their_code_makes(extension, contents, name):
    app = SimpleNamespace(config=SimpleNamespace(nb_code_prompt_show="Show code cell {type}"))
    doctree = nodes.container("", cell(*contents), cell(*contents, show="Code for the race"))
    extension("reading").name_folds(app, doctree)
    for key in ("prompt_show", "prompt_hide"):
        assert [fold[key] for fold in doctree.children] == [name, "Code for the race"]


def test_solutions_lose_their_marks_and_nothing_else(extension):
    code = "def f(x):\n    ### BEGIN SOLUTION\n    return x  ### so\n    ### END SOLUTION\n"
    block = nodes.literal_block("", code)
    other = nodes.literal_block("", "# a ### b")
    extension("reading").hide_marks(None, nodes.container("", block, other))
    assert block.astext() == block.rawsource == "def f(x):\n    return x  ### so"
    assert other.astext() == "# a ### b"


def test_icons_are_those_that_are_named_or_drawn_by_a_style(extension):
    css = '.fa-sun:before,.fa-day:before{content:"\\f185"}.fa-moon:before{content:"\\f186"}.note{--icon:"\\f0eb"}'
    assert extension("icons").codes(css, {"fa-day"}) == {0xF185, 0xF0EB}
