"""The rules for chapters: what a learner and an instructor can count on finding in each.

The block at the top of a chapter, in one Markdown cell, reads like this:

    **60 minutes.** **You need:** chapter 1, and what a linear layer is.

    **After this chapter you can**

    1. enumerate what a generator makes of every noise value (exercise 1);
    2. ...
"""

import re

from tools.notebook_file import Notebook, source

OBJECTIVES = r"\*\*After this chapter you can\b"
PREREQUISITES = r"\*\*You need\W+\w+"
MINUTES = r"\*\*\d+ minutes"


def block(book: Notebook) -> str:
    """Return the Markdown cell that holds the objectives; empty when there is none."""
    return next((source(c) for c in book.cells("markdown") if re.search(OBJECTIVES, source(c))), "")


def objectives(book: Notebook) -> list[str]:
    """Return the list items that follow, each joined into one line."""
    after = re.split(OBJECTIVES, block(book), maxsplit=1)[-1]
    after = re.split(r"^#", after, maxsplit=1, flags=re.MULTILINE)[0]
    items = re.findall(r"^ *(?:[-*]|\d+[.)]) +(.+(?:\n(?! *(?:[-*]|\d+[.)]) |\s*$).+)*)", after, re.MULTILINE)
    return [re.sub(r"\s+", " ", item) for item in items]


def time_and_prerequisites(book: Notebook) -> list[str]:
    found, text = [], block(book)
    if not re.search(MINUTES, text):
        found.append("Say beside the objectives how long the chapter takes: `**60 minutes.**`")
    if not re.search(PREREQUISITES, text):
        found.append("Say beside the objectives what a learner must know: `**You need:** what a loss is.`")
    return found


def three_to_five_objectives(book: Notebook) -> list[str]:
    """Objectives are for instructors too: each can be tested, so each names the exercise that does."""
    items, found = objectives(book), []
    if not 3 <= len(items) <= 5:
        found.append(f"List 3 to 5 objectives after `**After this chapter you can**`, not {len(items)}.")
    known = exercise_numbers(book)
    for item in items:
        named = " ".join(re.findall(r"exercises?\s+(\d[\d,\s and–-]*)", item, re.I))
        numbers = {int(number) for number in re.findall(r"\d+", named)}
        if not numbers:
            found.append(f"Tie the objective {item[:60]!r} to an exercise: end it with (exercise 1).")
        elif known and not numbers <= known:
            missing = ", ".join(map(str, sorted(numbers - known)))
            found.append(f"The objective {item[:60]!r} names exercise {missing}, which the solutions do not have.")
    return found


def exercise_numbers(book: Notebook) -> set[int]:
    """Return the numbers of the exercises in the solutions notebook of this chapter."""
    path = book.path.parent / "solutions" / book.path.name
    headings = Notebook.read(path, book.root).headings() if path.exists() else []
    return {int(match[1]) for _, title in headings if (match := re.match(r"Exercise (\d+)", title))}


def links_its_exercises(book: Notebook) -> list[str]:
    name = f"exercises/{book.path.stem}"
    if name in book.section("Exercises"):
        return []
    return [f"End with a section `## Exercises` that links to {name}.ipynb."]


def quick_questions(book: Notebook) -> list[str]:
    text = book.section("Quick questions")
    opened, closed, summaries = (text.count(mark) for mark in ("<details", "</details>", "<summary>"))
    if 4 <= opened <= 6 and opened == closed == summaries:
        return []
    return [
        "A section `## Quick questions` asks 4 to 6 questions, each "
        "`<details><summary>question</summary>answer</details>`; "
        f"found {opened} <details>, {summaries} <summary>, {closed} </details>."
    ]


RULES = (time_and_prerequisites, three_to_five_objectives, links_its_exercises, quick_questions)
