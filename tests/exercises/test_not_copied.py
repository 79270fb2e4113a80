"""At most a third of a chapter's exercises can be answered with lines from its page.

A solution is compared with the code of its page six words at a time, whatever the variables are called. One that has
half of its words on the page, in such runs, and no more than a line's worth of its own, is put together from there.
"""

import io
import json
import keyword
import re
import textwrap
import tokenize

import pytest

from tests.exercises.generic import NOTEBOOKS

CHAPTERS = sorted(path.name for path in NOTEBOOKS.glob("[0-9]*.ipynb"))
RUN, HALF, LINE = 6, 0.5, 16  # words
SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.S)
LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def words(source: str) -> list[str]:
    """Python code as words; a variable is a variable, and only what is called or stands after a dot keeps its name."""
    source = re.sub(r"^(\s*)[%!].*", r"\1pass", source, flags=re.M)
    found = [token.string for token in tokenize.generate_tokens(io.StringIO(source).readline)
             if token.type not in LAYOUT and not token.string.startswith('"""')]
    named = [word.isidentifier() and not keyword.iskeyword(word) and before != "." and after != "("
             for before, word, after in zip(["", *found], found, [*found[1:], ""], strict=False)]
    return ["variable" if is_named else word for is_named, word in zip(named, found, strict=True)]


def runs(code: list[str]) -> set[tuple[str, ...]]:
    """All runs of six words in some cells."""
    return {tuple(cell[i:i + RUN]) for cell in map(words, code) for i in range(len(cell) - RUN + 1)}


def compared(page: set, solution: str) -> tuple[float, int]:
    """The share of a solution's words that stand in runs of the page, and how many do not."""
    own = words(solution)
    there = {i + k for i in range(len(own)) if tuple(own[i:i + RUN]) in page for k in range(RUN)}
    return round(len(there) / max(len(own), 1), 2), len(own) - len(there)


def answered(page: set, solution: str) -> bool:
    share, missing = compared(page, solution)
    return share >= HALF and missing <= LINE


def code_of(path) -> list[str]:
    """A notebook's code cells, and the Python in its text."""
    cells = [("".join(cell["source"]), cell["cell_type"]) for cell in json.loads(path.read_text("utf-8"))["cells"]]
    return [code for source, kind in cells
            for code in ([source] if kind == "code" else re.findall(r"```python\n(.*?)```", source, re.S))]


def solutions(chapter: str) -> list[str]:
    cells = map(SOLUTION.findall, code_of(NOTEBOOKS / "solutions" / chapter))
    return ["\n".join(map(textwrap.dedent, found)) for found in cells if found]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_at_most_a_third_is_answered_by_the_page(chapter):
    page = runs(code_of(NOTEBOOKS / chapter))
    found = dict(enumerate(solutions(chapter), 1))
    copied = {number: compared(page, text) for number, text in found.items() if answered(page, text)}
    assert len(copied) <= len(found) / 3, \
        f"{chapter} answers too many of its {len(found)} exercises; share on the page, words of one's own: {copied}"


def test_a_copied_answer_is_found_whatever_its_variables_are_called():
    page = runs(["loss = softplus(-real_logits).mean() + softplus(fake_logits).mean()\nloss.backward()"])
    assert compared(page, "total = softplus(-a).mean() + softplus(b).mean()") == (1, 0)
    assert answered(page, "both = softplus(-a).mean() + softplus(b).mean()\nreturn both / 2")
    assert not answered(page, "total = torch.stack([a, b]).softmax(0)[0].log().neg().mean()")
    more = "\nc = torch.stack([a, b]).softmax(0)[0]\nd = c.log().cumsum(0)"
    assert not answered(page, "both = softplus(-a).mean() + softplus(b).mean()" + more)
