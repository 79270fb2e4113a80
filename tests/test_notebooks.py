"""Every notebook of the course keeps every house rule; test_notebook_rules.py shows that the rules can complain."""

import pytest

from tools import notebook_style, tree
from tools.notebook_file import Notebook

BOOKS = [Notebook.read(path) for path in tree.notebooks()]
CASES = [(book, rule) for book in BOOKS for rule in notebook_style.rules_for(book)]
NAMES = [f"{rule.__name__}-{book.kind}-{book.path.stem}" for book, rule in CASES]


def test_there_are_chapters_solutions_and_exercises():
    assert {book.kind for book in BOOKS} == {"chapters", "solutions", "exercises"}


@pytest.mark.parametrize(("book", "rule"), CASES, ids=NAMES)
def test_rule(book, rule):
    complaints = rule(book)
    assert not complaints, f"notebooks/{book.path.name} ({book.kind}):\n" + "\n".join(complaints)
