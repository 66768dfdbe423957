"""Where one harmonized cell comes from: file, sheet, row, column, raw text, rule, who, when; the sheet around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from core.errors import UserError, Where
from core.harmonized import EXCLUDED, REGISTRY, SCORE_ORIGIN, Origin, origin
from core.mapping import Unavailable
from core.protocol import Protocol
from core.sources import RawTable, column_letter
from core.summaries import label_of
from core.table_layout import choose_grid
from gui.theme import GRID
from gui.widgets.frame import button, clear, label
from gui.widgets.grid_view import GridView

if TYPE_CHECKING:
    from core.session import Session

WHO = {"suggested": "the program", "": "the program"}


class OriginPanel(QWidget):
    """Shows one cell's origin. `place_wanted` carries the `Where` at which its rule is changed."""

    place_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._where: Where | None = None
        self.heading, self.value = label(kind="section", wrap=True), label(kind="figure")
        self.value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.coding, self.note = label(kind="secondary", wrap=True), label(kind="secondary", wrap=True)
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(2 * GRID)
        self._facts.setVerticalSpacing(2)
        self._facts.setColumnStretch(1, 1)
        self.sheet = GridView("The sheet around the cell's source")
        self.sheet.setMinimumHeight(16 * GRID)
        self.change = button("Change the rule")
        self.change.clicked.connect(lambda: self.place_wanted.emit(self._where))
        foot = QHBoxLayout()
        foot.addWidget(self.change)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        for part in (self.heading, self.value, self.coding):
            column.addWidget(part)
        column.addLayout(self._facts)
        column.addWidget(self.note)
        column.addWidget(self.sheet, 1)
        column.addStretch(0)
        column.addLayout(foot)
        self.say("Choose a cell to see where it comes from.")

    def say(self, text: str) -> None:
        """No cell, and why."""
        self._where = None
        for part in (self.heading, self.value, self.coding, self.sheet, self.change):
            part.hide()
        clear(self._facts)
        self.note.setText(text)

    def show_cell(self, session: Session, study: str, patient: str, column: str, text: str) -> None:
        """Show the origin of a cell of harmonized data that are at hand."""
        name = session.registry.by_id[study].name
        is_variable = column in session.protocol.variables_by_key
        self._where = Where(study=study, variable=column)
        self.heading.setText(f"{label_of(session.protocol, column)} of patient {patient}, {name}")
        self.value.setText(text or ("analyzed" if column == EXCLUDED else "empty"))
        self.coding.setText(coding_of(session.protocol, column))
        self.coding.setVisible(bool(text and self.coding.text()))
        clear(self._facts)
        try:
            table = session.table(study)
            found = origin(session.harmonized(), study, patient, column, {study: table})
        except UserError as fault:
            self.say(str(fault))
            return
        changes = self._changes(session, study, patient, column)
        if found is None:
            self.note.setText(" ".join([*changes, self._why_empty(session, study, column, bool(text))]))
            self.sheet.hide()
        else:
            self._show_facts(found, table)
            self.note.setText(" ".join(changes))
            self._show_sheet(session, study, found, table)
        self.heading.show()
        self.value.show()
        self.note.setVisible(bool(self.note.text()))
        self.change.setVisible(is_variable or column in session.protocol.score_keys)

    def _show_facts(self, found: Origin, table: RawTable) -> None:
        column = table.columns_by_name.get(found.column or "")
        letter = f" ({column_letter(column.position)})" if column and found.file != REGISTRY else ""
        place = ", ".join(filter(None, (found.file, f"sheet {found.sheet}" if found.sheet else "",
                                        f"row {found.row}" if found.row else "")))
        who = WHO.get(found.by, found.by) + (f", {found.at[:16].replace('T', ' ')}" if found.at else "")
        facts = (("In", place), ("Column", f"{found.column}{letter}" if found.column else ""),
                 ("Raw text", f'"{found.raw}"' if found.raw else ""), ("Rule", found.rule), ("Decided by", who))
        for row, (words, text) in enumerate((words, text) for words, text in facts if text):
            self._facts.addWidget(label(words, "secondary"), row, 0, Qt.AlignmentFlag.AlignTop)
            value = label(text, wrap=True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._facts.addWidget(value, row, 1)

    def _show_sheet(self, session: Session, study: str, found: Origin, table: RawTable) -> None:
        column = table.columns_by_name.get(found.column or "")
        self.sheet.setVisible(bool(found.row) and found.file != REGISTRY)
        if not found.row or found.file == REGISTRY:
            return
        reading = session.mappings[study].reading.model_copy(update={"sheet": found.sheet})
        self.sheet.show_grid(choose_grid(session.grids(study), reading), frozenset({table.header_row}))
        self.sheet.mark(found.row, column.position if column else None)

    def _changes(self, session: Session, study: str, patient: str, column: str) -> list[str]:
        """What was done to this patient's value, as the log has it."""
        for part in session.harmonized().studies:
            if part.study == study:
                texts = dict.fromkeys(change.text for change in part.changes
                                      if change.patient == patient and change.variable == column)
                return [f"{text[:1].upper()}{text[1:]}." for text in texts]
        return []

    def _why_empty(self, session: Session, study: str, column: str, has_value: bool) -> str:
        if column == EXCLUDED and not has_value:
            return "The patient is analyzed."
        if column in (EXCLUDED, SCORE_ORIGIN, "arm") or has_value:
            return "Follows from the patient's other cells."
        decision = session.mappings[study].variables.get(column)
        if decision is not None and isinstance(decision.rule, Unavailable):
            return f"This study cannot give it. {decision.rule.reason}".strip()
        if decision is not None and not decision.is_settled:
            return "An open question on the Map page: the column is not used until it is answered."
        if decision is None and column in session.protocol.variables_by_key:
            return "No column of this study is mapped to it."
        return "The file has no value for this patient."


def coding_of(protocol: Protocol, column: str) -> str:
    """What a column's numbers stand for: "1 = female", "years"; "" where they say it themselves."""
    if column == "arm":
        return f"1 = {protocol.active.label}, 0 = {protocol.control.label}"
    if column == protocol.dose.key:
        return protocol.dose.unit
    variable = protocol.variables_by_key.get(column)
    return (variable.coding or variable.unit) if variable else ""
