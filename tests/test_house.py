"""The rules of the house: tests mirror the package, imports run one way, a chapter has one stem everywhere."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = "gan_helpers"

# Who may import whom. Each line may import the names on its right; a package may import its own modules.
COMPONENTS = {"_validate", "data", "mnist", "noise", "layers", "losses", "generators", "discriminators"}
ALLOWED = {
    "_validate": set(),
    "data": {"_validate"}, "mnist": {"_validate"}, "noise": {"_validate"}, "layers": {"_validate"},
    "losses": {"_validate"},
    "generators": {"_validate", "layers"}, "discriminators": {"_validate", "layers"},
    "gan": {"_validate", "losses"},
    "recipes": {*COMPONENTS, "gan"},
    "training": {*COMPONENTS, "gan", "recipes"},
    "recorded": set(),
    "metrics": {*COMPONENTS, "gan", "recipes", "training"},
    "plots": {*COMPONENTS, "gan", "recipes", "training", "metrics"},
    "exercises": {*COMPONENTS, "gan", "recipes", "training", "metrics", "plots", "recorded"},
    "diagnosis": {*COMPONENTS, "gan", "recipes", "training", "metrics", "plots"},
}  # fmt: skip

# Tests right under tests/ that are not about a module of the package.
NOT_OF_MODULES = {
    "test_chapter_claims", "test_exercises", "test_house", "test_notebook_rules", "test_repository", "test_setup",
    "test_start", "test_stored_outputs", "test_tools", "test_troubleshooting", "test_workflows",
}  # fmt: skip


def modules() -> list[Path]:
    """All modules, as paths within the package."""
    return sorted(path.relative_to(ROOT / PACKAGE) for path in (ROOT / PACKAGE).rglob("*.py"))


def mirrored() -> dict[Path, Path]:
    """{module: its file of tests}, for the modules that have one of their own."""
    return {path: path.with_name(f"test_{path.name.removeprefix('_')}") for path in modules()
            if path.name != "__init__.py" and path.parts[0] not in ("exercises", "recorded")}


@pytest.mark.parametrize("module", mirrored(), ids=str)
def test_every_module_has_a_file_of_tests(module):
    assert (ROOT / "tests" / mirrored()[module]).is_file(), f"write tests/{mirrored()[module]}"


@pytest.mark.parametrize("folder", [".", "diagnosis", "metrics", "plots", "training"])
def test_every_file_of_tests_has_a_module(folder):
    there = {path.relative_to(ROOT / "tests") for path in (ROOT / "tests" / folder).glob("test_*.py")}
    if folder == ".":
        others = {Path(f"{name}.py") for name in NOT_OF_MODULES}
        assert others <= there, "take it out of NOT_OF_MODULES"
        there -= others
    assert there <= set(mirrored().values()), "rename it after its module, or name it in NOT_OF_MODULES"


def imported(source: str, module: str) -> set[str]:
    """What a module of the package imports of it, by first name: "layers" for gan_helpers.layers and its contents.

    module: its dotted name within the package, such as "metrics.bits", or "metrics.__init__".
    """
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = node.module or ""
            if node.level:  # from . import x, from ..x import y
                here = [PACKAGE, *module.split(".")][:-node.level]
                start = ".".join([*here, start] if start else here)
            found |= {f"{start}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call):  # importlib.import_module("gan_helpers.x"), __import__, files("gan_helpers.x")
            called = ast.unparse(node.func).split(".")[-1]
            if called in ("import_module", "__import__"):
                found |= {part.value for part in node.args if isinstance(part, ast.Constant)}
    inside = {name.split(".")[1] if "." in name else "__init__" for name in found if name.split(".")[0] == PACKAGE}
    return inside - {module.split(".")[0]}


@pytest.mark.parametrize("path", [path for path in modules() if path != Path("__init__.py")], ids=str)
def test_imports_run_one_way(path):
    module = ".".join(path.with_suffix("").parts)
    wrong = imported((ROOT / PACKAGE / path).read_text("utf-8"), module) - ALLOWED[module.split(".")[0]]
    assert not wrong, f"{path} imports {sorted(wrong)}, which stand above it or beside it"


def test_the_order_of_imports_has_no_circle():
    for name, below in ALLOWED.items():
        assert all(name not in ALLOWED[other] for other in below), name


def test_the_package_itself_imports_nothing():
    assert imported((ROOT / PACKAGE / "__init__.py").read_text("utf-8"), "__init__") == set()


@pytest.mark.parametrize(("source", "module", "found"), [
    ("import gan_helpers.gan", "data", {"gan"}), ("import gan_helpers.gan as g", "data", {"gan"}),
    ("import gan_helpers", "data", {"__init__"}), ("from gan_helpers import gan, noise as z", "data", {"gan", "noise"}),
    ("from gan_helpers.gan import GAN", "data", {"gan"}), ("from . import gan", "data", {"gan"}),
    ("from .gan import GAN", "data", {"gan"}), ("from .. import plots", "metrics.bits", {"plots"}),
    ("from ..plots.style import BLUE", "metrics.bits", {"plots"}), ("from . import clouds", "metrics.bits", set()),
    ("from ..training import train", "metrics.__init__", {"training"}), ("import torch, numpy", "data", set()),
    ("from gan_helpers.metrics import bits", "metrics.__init__", set()),
    ("def f():\n    from gan_helpers import gan", "data", {"gan"}),
    ("try:\n    import gan_helpers.gan\nexcept ImportError:\n    pass", "data", {"gan"}),
    ("importlib.import_module('gan_helpers.gan')", "data", {"gan"}), ("__import__('gan_helpers.gan')", "data", {"gan"}),
    ("import gan_helpers_of_others.gan", "data", set()),
])  # fmt: skip
def test_an_import_is_found_whatever_its_form(source, module, found):
    assert imported(source, module) == found


CHAPTERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
STEMS = {chapter.stem.split("_", 1)[1] for chapter in CHAPTERS}

# What belongs to each chapter, by its number and its stem: NN_stem.ipynb.
OF_A_CHAPTER = [
    "notebooks/solutions/{number}_{stem}.ipynb",
    "notebooks/exercises/{number}_{stem}.ipynb",
    "gan_helpers/exercises/{stem}.py",
    "tests/exercises/test_{stem}.py",
]


@pytest.mark.parametrize("pattern", OF_A_CHAPTER)
def test_a_chapter_has_one_stem_everywhere(pattern):
    stems = [dict(zip(("number", "stem"), chapter.stem.split("_", 1), strict=True)) for chapter in CHAPTERS]
    assert [names["number"] for names in stems] == [f"{i:02}" for i in range(1, len(CHAPTERS) + 1)]
    wanted = {ROOT / pattern.format(**names) for names in stems}
    assert not [path for path in wanted if not path.is_file()]
    folder = (ROOT / pattern).parent
    there = set(folder.glob((ROOT / pattern).name.format(number="*", stem="[!_]*")))
    shared = {"engine.py", "guard.py", "kinds.py", "readers.py", "telling.py", "test_readers.py", "test_engine.py",
              "test_not_copied.py"}
    there -= {folder / name for name in shared if "exercises" in pattern}  # what the checks of all chapters are made of
    assert there == wanted, "a file that no chapter has"


def test_a_recording_is_of_a_chapter_or_the_bank_and_made_by_the_benchmark_of_its_name():
    recordings = {kind: {path.stem for path in (ROOT / "gan_helpers/recorded").glob(f"*.{kind}")}
                  for kind in ("json", "npz")}
    benchmarks = {path.stem for path in (ROOT / "benchmarks").glob("*.py")}
    assert recordings["json"] == recordings["npz"] == (STEMS | {"broken", "other_scripts"}) & benchmarks
