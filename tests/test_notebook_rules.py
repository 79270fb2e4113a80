"""Tests of the tests: a good notebook draws no complaint, and each way to break a rule draws the one meant for it."""

import pytest

from tests import sample_notebooks as sample
from tools import chapter_style, exercise_style, figure_style, notebook_style
from tools.notebook_file import Notebook, source

OUTPUT = {"name": "stdout", "output_type": "stream", "text": ["1\n"]}


def replace(index, old, new):
    """Return a mutation that replaces text in a cell."""

    def mutate(data):
        cell = data["cells"][index]
        assert old in source(cell), "the mutation must find what it breaks"
        cell["source"] = source(cell).replace(old, new)

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
    ("chapters", "first_cell", replace(1, sample.ADDRESS, "someone/else")),
    ("chapters", "first_cell", put(1, "metadata", value={})),
    ("chapters", "stray_outputs", put(2, "outputs", value=[OUTPUT])),
    ("chapters", "stray_outputs", add(sample.code("print(1)", tags=["keep_output"]) | {"outputs": [OUTPUT]})),
    ("chapters", "missing_outputs", add(TAGGED)),
    ("chapters", "execution_counts", put(2, "execution_count", value=3)),
    ("chapters", "valid_format", put(None, "nbformat_minor", value=4)),
    ("chapters", "valid_format", put(3, "id", value="cell-2")),
    ("chapters", "valid_format", lambda data: data["cells"][3].pop("id")),
    ("chapters", "valid_format", lambda data: data["cells"][2].pop("outputs")),
    ("chapters", "kernel", put(None, "metadata", "kernelspec", value={"name": "venv", "display_name": "My venv"})),
    ("chapters", "one_title", add(sample.markdown("# A second title"))),
    ("chapters", "one_title", replace(0, "# 1. A chapter", "1. A chapter")),
    ("chapters", "heading_levels", add(sample.markdown("#### Too deep"))),
    ("chapters", "no_notebook_bars", add(sample.code("from tqdm.auto import tqdm"))),
    ("chapters", "no_absolute_paths", add(sample.code("open('/home/ada/mnist.npz')"))),
    ("chapters", "no_absolute_paths", add(sample.code(r"path = r'C:\data\mnist.npz'"))),
    ("chapters", "code_width", add(sample.code("x = " + " + ".join(["1000"] * 20)))),
    ("solutions", "code_width", add(sample.code("# " + "so wide " * 12))),
    ("chapters", "alt_texts", put(2, "metadata", value={})),
    ("chapters", "alt_texts", put(2, "metadata", "mystnb", "image", "alt", value="A figure.")),
    ("chapters", "alt_texts", add(sample.code("%matplotlib inline\nfig, ax = plt.subplots()"))),
    ("chapters", "alt_texts", add(sample.code("display(Image(data=gif))"))),
    ("chapters", "alt_texts", add(FIGURE_IN_FUNCTION)),
    ("chapters", "plots_by_name", add(sample.code("from gan_helpers.plots import curves"))),
    ("chapters", "time_and_prerequisites", replace(0, "10 minutes", "Not long")),
    ("chapters", "time_and_prerequisites", replace(0, "**You need:** what a number is.", "")),
    ("chapters", "three_to_five_objectives", replace(0, "After this chapter", "Soon")),
    ("chapters", "three_to_five_objectives", replace(0, "2. subtract them (exercise 2);\n", "")),
    ("chapters", "three_to_five_objectives", replace(0, "subtract them (exercise 2)", "subtract them")),
    ("chapters", "three_to_five_objectives", replace(0, "(exercises 1 and 2)", "(exercises 1 and 7)")),
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
    ("solutions", "marked_solutions", replace(3, "### END SOLUTION", "")),
    ("solutions", "marked_solutions", replace(3, "    return 1\n", "")),
    ("solutions", "locked_checks", put(4, "metadata", "nbgrader", "locked", value=False)),
    ("solutions", "locked_checks", put(4, "metadata", "nbgrader", "points", value=0)),
    ("solutions", "own_grade_ids", put(4, "metadata", "nbgrader", "grade_id", value="answer-1")),
    ("solutions", "has_student_version", put(4, "metadata", "nbgrader", "grade_id", value="renamed")),
    ("exercises", "numbered", drop(2)),
    ("exercises", "no_answers", replace(3, "raise", "### BEGIN SOLUTION\n    raise")),
    ("exercises", "locked_checks", put(4, "metadata", "nbgrader", "locked", value=False)),
    ("exercises", "own_grade_ids", put(4, "metadata", "nbgrader", "grade_id", value="answer-1")),
    ("exercises", "solution_and_check", drop(4)),
    ("exercises", "first_cell", drop(1)),
]


@pytest.fixture
def course(tmp_path):
    return {kind: Notebook.read(path, tmp_path) for kind, path in sample.write_course(tmp_path).items()}


@pytest.mark.parametrize("kind", ["chapters", "solutions", "exercises"])
def test_a_good_notebook_draws_no_complaint(course, kind):
    assert notebook_style.complaints(course[kind]) == []


NAMES = [f"{rule}-{number}" for number, (_, rule, _) in enumerate(BROKEN)]


@pytest.mark.parametrize(("kind", "rule", "mutate"), BROKEN, ids=NAMES)
def test_a_broken_rule_is_complained_about(course, kind, rule, mutate):
    book = course[kind]
    mutate(book.data)
    assert rule in {complaint.split(":")[0] for complaint in notebook_style.complaints(book)}


@pytest.mark.parametrize("gone", ["exercises", "solutions", "chapters"])
def test_a_missing_partner_is_complained_about(course, gone):
    rule, kind = {
        "exercises": (exercise_style.has_student_version, "solutions"),
        "solutions": (exercise_style.made_from_solutions, "exercises"),
        "chapters": (exercise_style.belongs_to_a_chapter, "solutions"),
    }[gone]
    assert rule(course[kind]) == []
    course[gone].path.unlink()
    assert len(rule(course[kind])) == 1


def test_every_rule_was_broken_here():
    rules = {r.__name__ for r in (*notebook_style.EVERYWHERE, *figure_style.RULES, *chapter_style.RULES)}
    rules |= {r.__name__ for r in (*exercise_style.RULES, *exercise_style.STUDENT_RULES)}
    assert rules - {rule for _, rule, _ in BROKEN} == {"belongs_to_a_chapter", "made_from_solutions"}


def test_defining_a_drawing_function_is_not_drawing(course):
    book = course["chapters"]
    add(sample.code("plots.style.use()\n\n\ndef show():\n    plt.subplots()"))(book.data)
    assert figure_style.alt_texts(book) == []


def test_headings_in_code_blocks_are_not_headings(course):
    book = course["chapters"]
    add(sample.markdown("```python\n# a comment\n```"))(book.data)
    assert notebook_style.complaints(book) == []
