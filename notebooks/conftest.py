"""Let nbval compare the stored outputs, and keep what the notebooks show for the site.

nbval takes a cell without an execution count for one that was never run, and refuses to compare its output. nbstripout
removes the counts, since they change with every run. So a cell with a stored output gets one here, in memory only.

Where the environment variable COURSE_OUTPUTS names a folder, each notebook whose cells all passed is written there with
its outputs and its seconds. tools/build_site.py builds the site from them, so that no notebook has to run twice. The
student versions are left out: their pages show the exercises without any output.
"""

import os
from pathlib import Path

import nbformat
import pytest

FOLDER = os.environ.get("COURSE_OUTPUTS")


def pytest_collection_modifyitems(items):
    """Give each notebook cell with a stored output an execution count."""
    for item in items:
        cell = getattr(item, "cell", None)  # only nbval's items have one
        if cell is not None and cell.get("outputs") and cell.get("execution_count") is None:
            cell["execution_count"] = 1


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Put a cell's outputs into its notebook, and write the notebook once the last of its cells has passed."""
    report = yield
    if FOLDER and hasattr(item, "cell") and item.path.parent.name != "exercises":
        notebook, path = item.parent.nb, Path(FOLDER, item.path.relative_to(item.config.rootpath))
        if "run" not in notebook.metadata:
            notebook.metadata["run"] = {"passed": 0, "seconds": 0.0}
            path.unlink(missing_ok=True)  # of an earlier run, which may have passed where this one fails
        run = notebook.metadata["run"]
        run["seconds"] += call.duration
        if report.when == "call" and report.passed:
            item.cell.update(outputs=item.test_outputs, execution_count=item.cell_num + 1)
            run["passed"] += 1
            if run["passed"] == sum(cell.cell_type == "code" for cell in notebook.cells):
                path.parent.mkdir(parents=True, exist_ok=True)
                nbformat.write(nbformat.from_dict(notebook), path.with_suffix(".new"))
                path.with_suffix(".new").replace(path)
    return report
