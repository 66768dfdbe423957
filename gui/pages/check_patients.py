"""The harmonized table, one row a patient, read where it is; only one study's rows if asked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from core.harmonized import EXCLUDED, SCORE_ORIGIN, HarmonizedData
from core.protocol import Protocol
from core.summaries import label_of
from core.wording import REASONS
from gui import theme
from gui.widgets.name_header import NameHeader

if TYPE_CHECKING:
    from collections.abc import Sequence

Who = Literal["all", "analyzed", "left out"]
Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
COLUMN_WIDTH, NARROW, NAME_WIDTH = 96, 64, 180
MOST_DECIMALS = 3
NAMES = {EXCLUDED: "Left out", SCORE_ORIGIN: "Scores are"}
LEADING = ("arm", EXCLUDED)
ROW_NAMES = ("study", "patient")
"""Columns that name the rows, at their left."""


class PatientsModel(QAbstractTableModel):
    """Cells of `HarmonizedData.patients`; nothing is copied but the row numbers of a filter."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.frame = pd.DataFrame()
        self.columns: list[str] = []
        self._titles: list[str] = []
        self._values: list[Any] = []
        self._names: list[Any] = []
        self._has_one_study = False
        self._decimals: dict[int, int | None] = {}
        self.rows: Sequence[int] = ()

    def show(self, data: HarmonizedData | None, protocol: Protocol, study: str = "",
             who: Who = "all") -> None:
        """Show other data, or other rows of it: one study's ("": all), the analyzed patients or those left out."""
        self.beginResetModel()
        frame = data.patients if data is not None else pd.DataFrame()
        if frame is not self.frame:
            self.frame, self._decimals = frame, {}
            leading = [name for name in LEADING if name in frame.columns]
            self.columns = [*leading, *(str(name) for name in frame.columns if name not in (*leading, *ROW_NAMES))]
            self._titles = [NAMES.get(name) or label_of(protocol, name) for name in self.columns]
            self._values = [frame[name].array for name in self.columns]
            self._names = [frame[name].array for name in ROW_NAMES if name in frame.columns]
        self._has_one_study = bool(study)
        self.rows = self._rows_of(study, who)
        self.endResetModel()

    def _rows_of(self, study: str, who: Who) -> Sequence[int]:
        if (not study and who == "all") or self.frame.empty:
            return range(len(self.frame))
        kept = self.frame["study"] == study if study else pd.Series(True, index=self.frame.index)
        if who != "all":
            kept &= (self.frame[EXCLUDED] == "") == (who == "analyzed")
        positions: list[int] = kept.to_numpy().nonzero()[0].tolist()
        return positions

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Number of patients shown."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """Number of columns."""
        return 0 if parent.isValid() else len(self.columns)

    def value(self, row: int, column: int) -> Any:
        """The value of a cell as the table holds it."""
        return self._values[column][self.rows[row]]

    def name(self, row: int) -> tuple[str, str]:
        """Study and patient of a row."""
        study, patient = (str(names[self.rows[row]]) for names in self._names)
        return study, patient

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's text: numbers of a column with the same decimals, nothing for a missing value."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._text(index.row(), index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if self._is_number(index.column()) else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole and self._is_left_out(index.row()):
            return theme.colors().color("secondary")
        return None

    def _is_left_out(self, row: int) -> bool:
        return bool(self.value(row, self.columns.index(EXCLUDED))) if EXCLUDED in self.columns else False

    def _is_number(self, column: int) -> bool:
        return bool(self.frame[self.columns[column]].dtype.kind == "f")

    def _text(self, row: int, column: int) -> str:
        value = self.value(row, column)
        if self.columns[column] == EXCLUDED:
            return REASONS.get(value, str(value)) if value else ""
        if not self._is_number(column):
            return "" if value is None or value != value else str(value)
        if math.isnan(value):
            return ""
        return f"{value:.{self._decimals_of(column)}f}".replace("-", "\N{MINUS SIGN}")

    def _decimals_of(self, column: int) -> int:
        """As many decimals as the column's numbers have, three at most."""
        if column not in self._decimals:
            known = self.frame[self.columns[column]].dropna()
            self._decimals[column] = next((places for places in range(MOST_DECIMALS)
                                           if (known.round(places) == known).all()), MOST_DECIMALS)
        return self._decimals[column] or 0

    def headerData(self, section: int, orientation: Qt.Orientation,
                   role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Columns by name."""
        if orientation is Qt.Orientation.Vertical:
            names = self.name(section)
            is_text = role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
            return "  ".join(names[self._has_one_study:]) if is_text else None
        if role == Qt.ItemDataRole.TextAlignmentRole and self._is_number(section):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextWordWrap
        if role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{self._titles[section]}\n{self.columns[section]}"
        return None


class PatientsTable(QTableView):
    """The harmonized table. `cell_chosen` carries study, patient and column of the cell under the cursor."""

    cell_chosen = Signal(str, str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.patients = PatientsModel(self)
        self.setModel(self.patients)
        self.setAccessibleName("Harmonized patients")
        self.setHorizontalHeader(NameHeader(3, self))
        self.setFont(theme.font(theme.SECONDARY))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.horizontalHeader().setDefaultSectionSize(COLUMN_WIDTH)
        names = self.verticalHeader()
        names.setDefaultSectionSize(self.fontMetrics().height() + theme.GRID)
        names.setFixedWidth(NAME_WIDTH)
        names.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        names.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        names.setHighlightSections(False)
        names.setStyleSheet("QHeaderView::section { padding: 2px 8px; }")
        self.selectionModel().currentChanged.connect(self._tell)

    def show_data(self, data: HarmonizedData | None, protocol: Protocol, study: str = "",
                  who: Who = "all") -> None:
        """Show data; the cell under the cursor stays where it can."""
        before = self.place
        self.selectionModel().blockSignals(True)
        self.patients.show(data, protocol, study, who)
        self.selectionModel().blockSignals(False)
        for column, name in enumerate(self.patients.columns):
            if len(label_of(protocol, name)) < len("Education"):
                self.setColumnWidth(column, NARROW)
        if before is None or not self.choose(*before):
            self.setCurrentIndex(self.patients.index(0, 0))

    @property
    def place(self) -> tuple[str, str, str] | None:
        """Study, patient and column of the cell under the cursor."""
        index = self.currentIndex()
        if not index.isValid() or index.row() >= len(self.patients.rows):
            return None
        return *self.patients.name(index.row()), self.patients.columns[index.column()]

    def choose(self, study: str, patient: str, column: str) -> bool:
        """Take the cursor to a cell; whether it is shown."""
        if column not in self.patients.columns:
            return False
        for row in range(len(self.patients.rows)):
            if self.patients.name(row) == (study, patient):
                index = self.patients.index(row, self.patients.columns.index(column))
                self.setCurrentIndex(index)
                self.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)
                return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy takes the chosen cells, tabs between them."""
        if not event.matches(QKeySequence.StandardKey.Copy):
            super().keyPressEvent(event)
            return
        lines: dict[int, list[str]] = {}
        for index in sorted(self.selectedIndexes(), key=lambda one: (one.row(), one.column())):
            lines.setdefault(index.row(), []).append(str(index.data()))
        QGuiApplication.clipboard().setText("\n".join("\t".join(line) for line in lines.values()))

    def _tell(self, current: QModelIndex) -> None:
        if current.isValid() and (place := self.place) is not None:
            self.cell_chosen.emit(*place)
