"""At most a third of a chapter's exercises can be answered with lines from its page.

A solution is compared with the code of its page six words at a time, whatever the variables are called. One that has
half of its words on the page, in such runs, can be put together from there.
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
RUN, HALF = 6, 0.5
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


def share_of(page: set, solution: str) -> float:
    """The share of a solution's words that stand in runs of the page."""
    own = words(solution)
    there = {i + k for i in range(len(own)) if tuple(own[i:i + RUN]) in page for k in range(RUN)}
    return len(there) / max(len(own), 1)


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
    shares = {number: round(share_of(page, text), 2) for number, text in enumerate(solutions(chapter), 1)}
    answered = [number for number, share in shares.items() if share >= HALF]
    assert len(answered) <= len(shares) / 3, \
        f"{answered} of {len(shares)} exercises can be answered with lines of {chapter}; how much of each: {shares}"


def test_a_copied_answer_is_found_whatever_its_variables_are_called():
    page = runs(["loss = softplus(-real_logits).mean() + softplus(fake_logits).mean()\nloss.backward()"])
    assert share_of(page, "total = softplus(-a).mean() + softplus(b).mean()") == 1
    assert share_of(page, "total = torch.stack([a, b]).softmax(0)[0].log().neg().mean()") == 0
    assert share_of(page, "both = softplus(-a).mean() + softplus(b).mean()\nreturn both / 2") > HALF
