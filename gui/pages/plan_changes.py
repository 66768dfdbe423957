"""What was changed in the plan since it was locked, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.plan_lock import Difference, standing_sentence, unexplained
from gui.theme import GRID
from gui.widgets.columns import Column
from gui.widgets.edit_table import Edit, EditTable
from gui.widgets.frame import label
from gui.widgets.marks import ASKS, OK

if TYPE_CHECKING:
    from core.session import Session

WHY = "Why it was changed"
RULE = ("The first run locks the plan: what it says then was specified before any result was seen. Later changes are "
        "allowed. Each is listed here, needs a reason before the next run, and stands in the report as not specified "
        "beforehand.")


class ChangesPanel(QWidget):
    """`explained` carries a change and its reason."""

    explained = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.standing, self.rule = label(wrap=True), label(RULE, "secondary", wrap=True)
        self.table = EditTable("Changes since the plan was locked", (
            Column("Place", lambda row: row.what, hint=lambda row: row.what, least=150,
                   mark=lambda row: OK if row.why else ASKS),
            Column("Locked plan", lambda row: row.old, hint=lambda row: row.old, least=80, widest=280),
            Column("Plan now", lambda row: row.new, hint=lambda row: row.new, least=80, widest=280),
            Column(WHY, lambda row: row.why or "asks for a reason", hint=lambda row: row.why, stretch=True, least=180)))
        self.table.edited.connect(self._take)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.standing)
        column.addWidget(self.rule)
        column.addWidget(self.table, 1)
        column.addStretch(0)
        column.setAlignment(Qt.AlignmentFlag.AlignTop)

    def show_changes(self, session: Session) -> tuple[Difference, ...]:
        """Show them; the same are returned."""
        changes = session.plan_changes
        self.standing.setText(standing_sentence(session.plan_lock, changes))
        edit = Edit(lambda row: row.why, read=_reason, start=lambda row: row.why, hint="In a sentence")
        self.table.show_records(changes, {WHY: edit})
        self.table.setVisible(bool(changes))
        return changes

    def ask(self) -> None:
        """Take the keyboard to the first change without a reason, and open its field."""
        missing = unexplained(self.table.model_.records)
        if missing:
            row = self.table.model_.records.index(missing[0])
            index = self.table.model_.index(row, 3)
            self.table.setCurrentIndex(index)
            self.table.setFocus()
            self.table.edit(index)

    def _take(self, change: Difference, title: str, why: str) -> None:
        if title == WHY:
            self.explained.emit(change, why)


def _reason(text: str) -> str:
    if not text:
        raise ValueError
    return text
