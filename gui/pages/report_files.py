"""What is written with the report: what always is, and what is asked for beside, with a mark for each."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QFrame, QVBoxLayout, QWidget

from core.extras import EXTRAS
from gui.theme import GRID
from gui.widgets.frame import label

FILES = {
    "report.docx": "the report, to edit", "report.html": "as one web page", "tables.xlsx": "all tables",
    "tables": "each table as CSV", "figures": "PNG and SVG", "results.json": "every number",
    "harmonized.csv": "a row a patient", "plan.json": "the plan", "issues.csv": "what was found",
    "reproduce.R": "the numbers in R", "reproduce.py": "and in Python", "reproduce_models.py": "which needs this",
}
"""What is always written, with a word on each."""
IN_SHORT = "Report in Word and as a web page, tables, figures, every number, the pooled data, scripts in R and Python."


class FilesCard(QFrame):
    """Says what is written always, and holds what a person asks for beside."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self.setAccessibleName("What is written")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, GRID, 12, GRID)
        column.setSpacing(2)
        always = label(IN_SHORT, "secondary", wrap=True)
        always.setToolTip("\n".join(f"{name}: {words}" for name, words in FILES.items()))
        column.addWidget(always)
        self.boxes: dict[str, QCheckBox] = {}
        for name, extra in EXTRAS.items():
            box = QCheckBox(extra.title)
            box.setToolTip(f"{extra.about} ({extra.file})")
            box.setAccessibleName(f"Write as well: {extra.title}")
            box.setAccessibleDescription(f"{extra.file}: {extra.about}")
            self.boxes[name] = box
            column.addWidget(box)

    @property
    def asked(self) -> frozenset[str]:
        """Names of the extras that are marked (`core.extras`)."""
        return frozenset(name for name, box in self.boxes.items() if box.isChecked())


def existing_outputs(folder: Path) -> tuple[str, ...]:
    """Which of the things that are or may be written are in a folder already."""
    return tuple(name for name in (*FILES, *(extra.file for extra in EXTRAS.values())) if (folder / name).exists())
