"""A notebook as it lies on disk, for the rules of notebook_style, chapter_style, figure_style and exercise_style."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from tools import tree


@dataclass
class Notebook:
    """A notebook as it lies on disk: `data` is its JSON, `kind` chapters, exercises or solutions."""

    path: Path
    data: dict
    root: Path = tree.ROOT

    @classmethod
    def read(cls, path: Path, root: Path = tree.ROOT) -> "Notebook":
        return cls(path, json.loads(path.read_text(encoding="utf-8")), root)

    @property
    def kind(self) -> str:
        return self.path.parent.name if self.path.parent.name in ("exercises", "solutions") else "chapters"

    def cells(self, kind: str = "") -> list[dict]:
        """Return all cells, or only those of type `kind`: code or markdown."""
        return [cell for cell in self.data["cells"] if not kind or cell["cell_type"] == kind]

    def headings(self) -> list[tuple[int, str]]:
        """Return (level, title) of every heading, code blocks left out."""
        text = "\n\n".join(source(cell) for cell in self.cells("markdown"))
        text = re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)
        return [(len(marks), title.strip()) for marks, title in re.findall(r"^(#{1,6}) +(.+)$", text, re.MULTILINE)]

    def section(self, title: str) -> str:
        """Return the Markdown under the level-2 heading that starts with `title`; empty when there is none."""
        text = "\n\n".join(source(cell) for cell in self.cells("markdown"))
        found = re.search(rf"^## +{title}.*?$(.*?)(?=^#{{1,2}} |\Z)", text, re.MULTILINE | re.DOTALL | re.IGNORECASE)
        return found[1] if found else ""


def source(cell: dict) -> str:
    """Return a cell's text; nbformat allows a string or a list of lines."""
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def tags(cell: dict) -> set[str]:
    return set(cell["metadata"].get("tags", []))


def outputs(cell: dict) -> list[dict]:
    return cell.get("outputs", [])


def label(cell: dict) -> str:
    """Name a cell so that it can be found: its id and its first line."""
    first = (source(cell).strip().splitlines() or ["(empty)"])[0]
    return f"cell {cell.get('id', '?')} ({first[:60]!r})"
