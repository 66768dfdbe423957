"""Where in the file the table stands: sheet, rows with the names, marks; and the raw cells to see it by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.assembly import SheetUse, sheet_uses, with_sheets
from core.errors import UserError
from core.mapping import DecimalMark, Direct, Reading
from core.readers import EXTENSIONS
from core.resend import Resent
from core.sources import Grid
from core.table_layout import choose_grid
from gui import dialogs
from gui.jobs import JobRunner
from gui.pages import map_edits as edits
from gui.pages.map_resend import ResentView, compared
from gui.theme import GRID
from gui.widgets.choices import combo, form_of, line, offer, write
from gui.widgets.columns import Column
from gui.widgets.edit_table import Edit, EditTable
from gui.widgets.frame import button, label
from gui.widgets.grid_view import GridView
from gui.widgets.marks import ASKS, NONE, OK
from gui.widgets.message_line import MessageLine

if TYPE_CHECKING:
    from core.session import Session

AS_FOUND = "as recognized"
USED, KEY = "In the table", "Patients' ids in"
MOST_SHEETS = 5
"""Sheets shown at once."""
STUDY_FILES = f"Study files ({' '.join(f'*{one}' for one in sorted(EXTENSIONS))})"
DELIMITERS = ((AS_FOUND, None), ("comma", ","), ("semicolon", ";"), ("tab", "\t"), ("bar", "|"))
NAME_ROWS = ((AS_FOUND, None), ("one row", 1), ("two rows", 2), ("three rows", 3), ("no names", 0))


def _use_in_words(use: SheetUse) -> str:
    if not use.is_used:
        return "not used"
    return "used" if use.is_joined else "does not fit"


SHEET_COLUMNS = (
    Column("Sheet", lambda one: one.sheet, hint=lambda one: one.sheet, stretch=True, least=90),
    Column(USED, _use_in_words, least=100, mark=lambda one: (OK if one.is_joined else ASKS) if one.is_used else NONE),
    Column(KEY, lambda one: one.id_column or "none found", hint=lambda one: one.id_column or "", widest=200, least=120))


class ReadingPart(QWidget):
    """`deciding` carries work that reads the file in another way, and the change's name; `edited` the next mapping."""

    deciding = Signal(object, str)
    edited = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session: Session | None = None
        self._uses: tuple[SheetUse, ...] = ()
        self._study = ""
        self.sheet, self.names = combo("Sheet", self._take), combo("Rows with names", self._take)
        self.row = line("Row with the names", self._take, AS_FOUND)
        self.last = line("Last row of data", self._take, AS_FOUND)
        self.delimiter = combo("Between columns", self._take)
        self.decimal = combo("Decimal mark of all numbers", self._take_decimal)
        self.form = form_of((("Sheet", self.sheet), ("Names end in row", self.row), ("Names take", self.names),
                             ("Last row of data", self.last), ("Between columns", self.delimiter),
                             ("Decimal mark", self.decimal)))
        self.sheets = EditTable("Sheets that make the table", SHEET_COLUMNS, is_dense=True)
        self.sheets.edited.connect(self._take_sheets)
        self.found, self.message = label(kind="secondary", wrap=True), MessageLine(self)
        self.grid = GridView("The sheet as it stands in the file")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        self._runner = JobRunner(self)
        self.send = button("New version of this file...", shape="arrows-clockwise")
        self.send.clicked.connect(self._choose_file)
        self.resent = ResentView()
        self.resent.deciding.connect(self.deciding)
        self.resent.closed.connect(lambda: self._show_resent(False))
        self._found = QWidget()
        inner = QVBoxLayout(self._found)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(GRID)
        inner.addWidget(self.found)
        inner.addLayout(self.form)
        inner.addWidget(self.sheets)
        inner.addWidget(self.send, 0, Qt.AlignmentFlag.AlignLeft)
        inner.addWidget(self.grid, 1)
        column.addWidget(label("Table in the file", "section"))
        column.addWidget(self.message)
        column.addWidget(self._found, 1)
        column.addWidget(self.resent, 1)
        self._show_resent(False)

    def show_study(self, session: Session, study: str) -> None:
        """Show how a study's file is read; it may have no mapping yet."""
        if session is not self._session or study != self._study:
            self._runner.silence()
            self._show_resent(False)
        self._session, self._study = session, study
        self.send.setEnabled(study in session.mappings)
        self.message.clear()
        reading = self._reading
        try:
            grids = session.grids(study)
            chosen = choose_grid(grids, reading)
        except UserError as fault:
            self.message.show_fault(fault)
            self.grid.show_grid(None)
            return
        sheets = tuple((grid.sheet, grid.sheet) for grid in grids if grid.sheet is not None)
        offer(self.sheet, ((f"{AS_FOUND} ({chosen.sheet})" if reading.sheet is None else AS_FOUND, None), *sheets),
              reading.sheet)
        self.form.setRowVisible(self.sheet, bool(sheets))
        self.form.setRowVisible(self.delimiter, chosen.lines is not None)
        offer(self.delimiter, DELIMITERS, reading.delimiter)
        offer(self.names, NAME_ROWS, reading.header_rows)
        write(self.row, "" if reading.header_row is None else str(reading.header_row))
        write(self.last, "" if reading.last_row is None else str(reading.last_row))
        self._show_decimal(session, study)
        self._show_sheets(session, study, grids)
        self._show_table(session, study, chosen)

    def _show_resent(self, is_shown: bool) -> None:
        self.resent.setVisible(is_shown)
        self._found.setVisible(not is_shown)

    def _choose_file(self) -> None:
        found = dialogs.choose_files(self, "New version of the file", STUDY_FILES, several=False)
        if found and self._session is not None:
            self.compare(found[0])

    def compare(self, path: Path) -> None:
        """Show what another file would change for this study."""
        session = self._session
        if session is None:
            return
        job = self._runner.start(compared, session, self._study, path)
        job.failed.connect(self._tell_failure)
        job.succeeded.connect(lambda resent: self.show_compared(session, resent))

    def show_compared(self, session: Session, resent: Resent) -> None:
        """Show what a file would change, in the place of the table."""
        self.message.clear()
        self.resent.show_resent(session, resent)
        self._show_resent(True)
        self.resent.take.setFocus()

    def _tell_failure(self, fault: Exception) -> None:
        if isinstance(fault, UserError):
            self.message.show_fault(fault)
        else:
            dialogs.show_crash(self, fault)

    def _show_table(self, session: Session, study: str, grid: Grid) -> None:
        try:
            table = session.table(study)
        except UserError as fault:
            self.message.show_fault(fault)
            self.found.setText("")
            self.grid.show_grid(grid)
            return
        first, last = (table.rows[0], table.rows[-1]) if table.rows else (0, 0)
        self.found.setText(f"{table.file}: {len(table.rows)} rows of data (rows {first} to {last}), "
                           f"{len(table.columns)} columns, names in row {table.header_row}."
                           + (f" Above it: {table.title}" if table.title else ""))
        is_new = grid is not self.grid.cells.grid
        self.grid.show_grid(grid, frozenset({table.header_row}))
        if is_new:
            self.grid.bring(table.header_row)

    def _show_sheets(self, session: Session, study: str, grids: Sequence[Grid]) -> None:
        """The sheets of a workbook with several, which of them make the table, and by which ids."""
        try:
            uses = sheet_uses(grids, self._reading, session.table(study)) if len(grids) > 1 else ()
        except UserError:
            uses = ()
        self._uses = uses
        self.sheets.setVisible(len(uses) > 1)
        if len(uses) > 1:
            self.sheets.show_records(uses, {
                USED: Edit(lambda one: one.is_used, (("used", True), ("not used", False))),
                KEY: Edit(lambda one: one.id_column, offer=lambda one: tuple((name, name) for name in one.columns))})
            height = self.sheets.verticalHeader().defaultSectionSize()
            self.sheets.setFixedHeight((min(len(uses), MOST_SHEETS) + 1) * height + 6)
        left = [one.sheet for one in uses if one.is_used and not one.is_joined]
        if left:
            named = ", ".join(f'"{name}"' for name in left)
            self.message.say(f"{named}: not put to the others, as the patients' ids or their rows do not fit. Choose "
                             "another column of ids, or other sheets.")

    def _take_sheets(self, use: SheetUse, title: str, value: Any) -> None:
        if self._session is None:
            return
        change = {"is_used": bool(value)} if title == USED else {"id_column": value}
        uses = [replace(one, **change) if one is use else one for one in self._uses]
        self._read_as(with_sheets(self._reading, uses))

    def _read_as(self, reading: Reading) -> None:
        if self._session is not None and reading != self._reading:
            name = self._session.registry.by_id[self._study].name
            self.deciding.emit(partial(edits.read_anew, self._session, self._study, reading), f"Reading of {name}")

    def _show_decimal(self, session: Session, study: str) -> None:
        mapping = session.mappings.get(study)
        rules = [decision.rule for decision in mapping.variables.values()] if mapping else []
        formats = [rule.format for rule in rules if isinstance(rule, Direct)]
        formats += [score.format for score in mapping.scores] if mapping else []
        marks = {form.decimal for form in formats}
        self.form.setRowVisible(self.decimal, bool(formats))
        offer(self.decimal, ((("differs by column", None),) if len(marks) > 1 else ())
              + (("point, as in 1.5", "."), ("comma, as in 1,5", ",")), next(iter(marks)) if len(marks) == 1 else None)

    @property
    def _reading(self) -> Reading:
        assert self._session is not None
        if self._study in self._session.mappings:
            return self._session.mappings[self._study].reading
        return Reading(sheet=self._session.registry.by_id[self._study].sheet)

    def _take(self) -> None:
        if self._session is None:
            return
        try:
            rows = [int(field.text()) if field.text().strip() else None for field in (self.row, self.last)]
        except ValueError:
            self.message.say("A row is a whole number, as the spreadsheet program counts them.")
            return
        reading = self._reading.model_copy(update={
            "sheet": self.sheet.currentData(), "sheets": None if self.sheet.currentData() else self._reading.sheets,
            "header_row": rows[0], "header_rows": self.names.currentData(),
            "last_row": rows[1], "delimiter": self.delimiter.currentData()})
        self._read_as(reading)

    def _take_decimal(self) -> None:
        mark: DecimalMark | None = self.decimal.currentData()
        if mark is not None and self._session is not None:
            mapping = self._session.mappings[self._study]
            if (changed := edits.with_decimal(mapping, mark)) != mapping:
                self.edited.emit(changed, "Decimal mark")
