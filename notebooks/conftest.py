"""Let nbval compare the stored outputs.

nbval takes a cell without an execution count for one that was never run, and refuses to compare its output. nbstripout
removes the counts, since they change with every run. So a cell with a stored output gets one here, in memory only.
"""


def pytest_collection_modifyitems(items):
    """Give each notebook cell with a stored output an execution count."""
    for item in items:
        cell = getattr(item, "cell", None)  # only nbval's items have one
        if cell is not None and cell.get("outputs") and cell.get("execution_count") is None:
            cell["execution_count"] = 1
