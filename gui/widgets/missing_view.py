"""What one study still lacks, in words: open questions, values to look at, what is not there, facts not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.missing import Missing, missing_of
from gui.theme import GRID
from gui.widgets.frame import button, clear, label

if TYPE_CHECKING:
    from core.errors import Issue
    from core.session import Session

SHOWN = 12


class MissingView(QWidget):
    """`wanted` carries the study's id: the person wants its list as a workbook for the team."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._study = ""
        self.save = button("Save for the team...")
        self.save.setToolTip("A workbook with this study's open questions; places in the file, no values")
        self.save.clicked.connect(lambda: self.wanted.emit(self._study))
        self._lines = QVBoxLayout()
        self._lines.setSpacing(GRID // 2)
        row = QHBoxLayout()
        row.addWidget(self.save)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID, GRID, GRID)
        column.setSpacing(GRID)
        column.addLayout(row)
        column.addLayout(self._lines)
        column.addStretch(1)

    def show_study(self, session: Session, study: str | None) -> None:
        """Say what a study lacks, once its patients are counted."""
        self._study = study or ""
        clear(self._lines)
        is_ready = study is not None and (study not in session.usable_studies or session.has_harmonized_at_hand)
        self.save.setEnabled(is_ready)
        if study is None or not is_ready:
            self._lines.addWidget(label("Counting patients..." if study else "", "secondary"))
            return
        found = missing_of(session, study)
        self.save.setEnabled(not found.is_nothing)
        for head, texts in sections(found):
            self._lines.addSpacing(GRID // 2)
            self._lines.addWidget(label(head, "secondary"))
            for text in texts[:SHOWN]:
                self._lines.addWidget(label(text, wrap=True))
            if len(texts) > SHOWN:
                self._lines.addWidget(label(f"and {len(texts) - SHOWN} more", "secondary"))
        if found.is_nothing:
            self._lines.addWidget(label("Nothing: every question is answered, every fact known.", wrap=True))


def sections(found: Missing) -> list[tuple[str, list[str]]]:
    """Headings with what stands below each; those with nothing are left out."""
    lacking = [f"{one.label}: {one.n} of {one.total}, {100 * one.share:.0f}\N{NARROW NO-BREAK SPACE}%"
               for one in found.incomplete]
    parts = [
        ("Open questions", [issue.text for issue in found.questions]),
        ("Facts not known", [fact.question for fact in found.facts]),
        ("Risk of bias not judged", [item.question for item in found.bias]),
        ("Values to look at", [_placed(issue) for issue in found.faults]),
        ("Not in the file, and nobody has said why", [", ".join(found.never)] if found.never else []),
        ("Patients who have it", lacking),
        ("Cannot be had", [f"{label_}. {reason}".strip() for label_, reason in found.cannot])]
    return [(head, texts) for head, texts in parts if texts]


def _placed(issue: Issue) -> str:
    return f"Row {issue.where.row}: {issue.text}" if issue.where.row is not None else issue.text
