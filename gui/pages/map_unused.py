"""A column of a study's file that nothing reads, and the variable a person takes it for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.sources import RawColumn
from gui.theme import GRID
from gui.widgets.choices import combo, offer
from gui.widgets.columns import Column
from gui.widgets.data_table import DataTable
from gui.widgets.frame import label

if TYPE_CHECKING:
    from core.session import Session


class UnusedColumn(QWidget):
    """A column that nothing reads. `wanted` carries the column and the variable a person takes it for."""

    wanted = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column: RawColumn | None = None
        self.heading, self.text = label(kind="section", wrap=True), label(kind="secondary", wrap=True)
        self.use = combo("Use this column as", self._take)
        self.values = DataTable("Values of the column", (
            Column("In the file", lambda row: row[0], stretch=True),
            Column("Rows", lambda row: str(row[1]), number=True, order=lambda row: row[1])))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        for part in (self.heading, self.text, self.use):
            column.addWidget(part)
        column.addWidget(self.values, 1)
        column.addStretch(0)

    def say(self, text: str) -> None:
        """No column, and why."""
        self.heading.setText("")
        self.text.setText(text)
        self.use.hide()
        self.values.hide()

    def show_column(self, session: Session, column: RawColumn) -> None:
        """Show a column with its values."""
        self._column = column
        self.heading.setText(column.name)
        self.text.setText("Nothing is read from this column." + (f" {column.label}" if column.label else ""))
        choices = ((one.label, one.key) for one in session.protocol.variables if one.same_as is None)
        offer(self.use, (("Use this column as...", ""), *choices), "")
        self.values.show_records(tuple(column.counts.items()))
        self.use.show()
        self.values.show()

    def _take(self) -> None:
        if self._column is not None and self.use.currentData():
            self.wanted.emit(self._column.name, self.use.currentData())
