"""Every notebook keeps the house rules; and each way to break a rule draws the complaint that is meant for it."""

import pytest

from tests import sample_notebooks as sample
from tools import notebook_rules

OUTPUT = {"name": "stdout", "output_type": "stream", "text": ["1\n"]}


def replace(index, old, new):
    """Return a mutation that replaces text in a cell."""

    def mutate(data):
        cell = data["cells"][index]
        assert old in cell["source"], "the mutation must find what it breaks"
        cell["source"] = cell["source"].replace(old, new)

    return mutate


def add(*cells):
    return lambda data: data["cells"].extend({"id": f"new-{i}", **cell} for i, cell in enumerate(cells))


def put(index, *keys, value):
    """Return a mutation that sets a value deep inside a cell; index None means the notebook itself."""

    def mutate(data):
        place = data if index is None else data["cells"][index]
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = value

    return mutate


def drop(index):
    return lambda data: data["cells"].pop(index)


TAGGED = sample.code("print(1)", tags=["keep_output", "nbval-check-output"])
FIGURE_IN_FUNCTION = sample.code("def show():\n    plt.subplots()\n\n\nfor _ in range(2):\n    show()")

# (kind of notebook, rule that must complain, what breaks it). Cell 0 is the opening, cell 1 the canonical code cell.
BROKEN = [
    ("chapters", "first_cell", replace(1, "--no-deps ", "")),
    ("chapters", "first_cell", replace(1, "forgers-and-detectives", "another")),
    ("chapters", "first_cell", put(1, "metadata", value={})),
    ("chapters", "stored_outputs", add(TAGGED)),
    ("chapters", "stored_outputs", add(sample.code("print(1)", tags=["keep_output"]) | {"outputs": [OUTPUT]})),
    ("chapters", "valid_format", put(None, "nbformat_minor", value=4)),
    ("chapters", "valid_format", put(3, "id", value="cell-2")),
    ("chapters", "valid_format", lambda data: data["cells"][3].pop("id")),
    ("chapters", "valid_format", lambda data: data["cells"][2].pop("outputs")),
    ("chapters", "valid_format", put(None, "metadata", "kernelspec", value={"name": "venv", "display_name": "Mine"})),
    ("chapters", "no_absolute_paths", add(sample.code("open('/home/ada/mnist.npz')"))),
    ("chapters", "no_absolute_paths", add(sample.code(r"path = r'C:\data\mnist.npz'"))),
    ("chapters", "code_width", add(sample.code("x = " + " + ".join(["1000"] * 20)))),
    ("solutions", "code_width", add(sample.code("# " + "so wide " * 11))),
    ("chapters", "alt_texts", put(2, "metadata", value={})),
    ("chapters", "alt_texts", put(2, "metadata", "mystnb", "image", "alt", value="A figure.")),
    ("chapters", "alt_texts", add(sample.code("%matplotlib inline\nfig, ax = plt.subplots()"))),
    ("chapters", "alt_texts", add(sample.code("display(Image(data=gif))"))),
    ("chapters", "alt_texts", add(FIGURE_IN_FUNCTION)),
    ("chapters", "alt_texts", add(sample.code("from gan_helpers.plots import curves"))),
    ("chapters", "captions", put(2, "metadata", "mystnb", "figure", value={})),
    ("how_to", "captions", put(2, "metadata", "mystnb", "figure", "caption", value=" ")),
    ("how_to", "visible_code", add(sample.code("x = 1\n" * 16))),
    ("chapters", "visible_code", add(sample.code("x = " + "+" * 85))),
    ("chapters", "objectives", replace(0, "10 minutes", "Not long")),
    ("chapters", "objectives", replace(0, "**You need:** what a number is.", "")),
    ("chapters", "objectives", replace(0, "After this chapter", "Soon")),
    ("chapters", "objectives", replace(0, "2. subtract them (exercise 2);\n", "")),
    ("chapters", "objectives", replace(0, "subtract them (exercise 2)", "subtract them")),
    ("chapters", "objectives", replace(0, "(exercises 1 and 2)", "(exercises 1 and 7)")),
    ("chapters", "links_its_exercises", replace(3, "exercises/01_sample", "exercises/02_other")),
    ("chapters", "links_its_exercises", replace(3, "## Exercises", "## More")),
    ("chapters", "quick_questions", replace(4, "## Quick questions", "## Questions")),
    ("chapters", "quick_questions", replace(4, "<summary>What is 3 + 1?</summary>", "What is 3 + 1?")),
    ("chapters", "quick_questions", lambda data: data["cells"].pop(4)),
    ("solutions", "numbered", replace(5, "Exercise 2", "Exercise 3")),
    ("solutions", "solution_and_check", replace(5, "Exercise 2", "Another exercise")),
    ("solutions", "solution_and_check", drop(4)),
    ("solutions", "solution_and_check", drop(3)),
    ("solutions", "solution_and_check", lambda data: data["cells"].insert(4, {"id": "x", **sample.markdown("-")})),
    ("solutions", "solution_and_check", put(4, "metadata", "nbgrader", "locked", value=False)),
    ("solutions", "solution_and_check", put(4, "metadata", "nbgrader", "points", value=0)),
    ("solutions", "told_in_advance", replace(2, "Write it", "Guess")),
    ("solutions", "told_in_advance", replace(2, "5 minutes", "some minutes")),
    ("solutions", "told_in_advance", replace(2, "5 minutes", "15 minutes")),
    ("solutions", "told_in_advance", replace(0, "**10 minutes.**", "")),
    ("solutions", "told_in_advance", replace(2, "Hint 2", "Hint 3")),
    ("solutions", "told_in_advance", replace(2, "</details></details>", "</details>")),
    ("solutions", "told_in_advance", replace(2, "which number?\n".capitalize(), "Which number?\n\n</details>\n")),
    ("solutions", "told_in_advance", replace(2, sample.HINTS, "")),
]


@pytest.mark.parametrize("path", notebook_rules.notebooks(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_course_keeps_the_rules(path):
    assert notebook_rules.complaints(path) == []


def test_there_are_notebooks_of_every_kind():
    assert {notebook_rules.Notebook(path).kind for path in notebook_rules.notebooks()} == set(notebook_rules.RULES)


@pytest.mark.parametrize("kind", notebook_rules.RULES)
def test_a_good_notebook_draws_no_complaint(tmp_path, kind):
    assert notebook_rules.complaints(sample.write_course(tmp_path)[kind]) == []


@pytest.mark.parametrize(("kind", "rule", "mutate"), BROKEN, ids=[f"{b[1]}-{i}" for i, b in enumerate(BROKEN)])
def test_a_broken_rule_is_complained_about(tmp_path, kind, rule, mutate):
    path = sample.write_course(tmp_path, kind, mutate)[kind]
    assert rule in {complaint.split(":")[0] for complaint in notebook_rules.complaints(path)}


def test_solutions_without_a_chapter_are_complained_about(tmp_path):
    paths = sample.write_course(tmp_path)
    paths["chapters"].unlink()
    assert [text.split(":")[0] for text in notebook_rules.complaints(paths["solutions"])] == ["belongs_to_a_chapter"]


def test_every_rule_was_broken_here():
    rules = {rule.__name__ for rules in notebook_rules.RULES.values() for rule in rules}
    assert rules - {rule for _, rule, _ in BROKEN} == {"belongs_to_a_chapter"}


def test_a_half_merged_notebook_is_complained_about(tmp_path):
    path = tmp_path / "book.ipynb"
    path.write_text("<<<<<<< ours\n{}\n")
    assert "cannot be read" in notebook_rules.complaints(path)[0]


@pytest.mark.parametrize("cell", [
    sample.code("plots.style.use()\n\n\ndef show():\n    plt.subplots()"),  # defining a drawing function is not drawing
    sample.markdown("```python\n## Exercises\n```"),  # and this is not a heading
    sample.code("x = 1\n" * 40, tags=["hide-input"]),  # folded
    sample.code("x = 1\n\n" * 15),  # blank lines are no code
])
def test_what_only_looks_like_a_breach_is_none(tmp_path, cell):
    path = sample.write_course(tmp_path, "chapters", add(cell))["chapters"]
    assert notebook_rules.complaints(path) == []
