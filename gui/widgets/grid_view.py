"""A sheet as its spreadsheet program shows it: letters and names above, row numbers at the left, one cell marked."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from core.sources import Cell, Grid, column_letter, raw_text
from gui import theme

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
WIDEST, NARROWEST = 150, 56
SAMPLE = 40
"""Rows by which columns are measured."""


class GridModel(QAbstractTableModel):
    """The cells of a grid, read where they are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid: Grid | None = None
        self._width = 0
        self._names: tuple[Cell, ...] = ()
        self.header_rows: frozenset[int] = frozenset()
        """The file's numbers of the rows that hold the columns' names."""
        self.marked: tuple[int, int] | None = None
        """Row and column index of the marked cell."""

    def show(self, grid: Grid | None, header_rows: frozenset[int] = frozenset()) -> None:
        """Show another grid, or none."""
        self.beginResetModel()
        self.grid, self.header_rows, self.marked = grid, header_rows, None
        lowest = self.row_index(max(header_rows)) if header_rows else None
        self._names = grid.rows[lowest] if grid is not None and lowest is not None else ()
        self._width = max((len(row) for row in grid.rows), default=0) if grid else 0
        self.endResetModel()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Rows of the grid."""
        return 0 if parent.isValid() or self.grid is None else len(self.grid.rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """Columns of the widest row."""
        return 0 if parent.isValid() else self._width

    def is_header(self, row: int) -> bool:
        """Whether a row holds the columns' names."""
        return self.grid is not None and self.grid.row_number(row) in self.header_rows

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's text as it stands in the file."""
        if self.grid is None:
            return None
        row = self.grid.rows[index.row()]
        cell = row[index.column()] if index.column() < len(row) else None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return raw_text(cell)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            is_number = isinstance(cell, (int, float)) and not isinstance(cell, bool)
            side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole and (self.is_header(index.row())
                                                 or self.marked == (index.row(), index.column())):
            return theme.font(theme.SECONDARY, bold=True)
        if role == Qt.ItemDataRole.BackgroundRole and self.is_header(index.row()):
            return QColor(theme.colors().panel)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation,
                   role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Letters and the file's own row numbers."""
        if self.grid is None or role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation is Qt.Orientation.Horizontal:
            letter = column_letter(section + self.grid.first_column)
            name = raw_text(self._names[section]) if section < len(self._names) else ""
            return f"{letter}  {name}" if name else letter
        return str(self.grid.row_number(section))

    def lengths(self) -> list[int]:
        """How many letters the columns need, by their first rows."""
        found = [0] * self._width
        for row in self.grid.rows[:SAMPLE] if self.grid else ():
            for position, cell in enumerate(row):
                found[position] = max(found[position], len(raw_text(cell)))
        return found

    def row_index(self, number: int) -> int | None:
        """Index of the row with the file's number; None if it has none."""
        if self.grid is None:
            return None
        return next((i for i in range(len(self.grid.rows)) if self.grid.row_number(i) == number), None)


class _Frame(QStyledItemDelegate):
    """Draws a frame around the marked cell."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        model = index.model()
        if isinstance(model, GridModel) and model.marked == (index.row(), index.column()):
            painter.save()
            painter.setPen(QPen(theme.colors().color("accent"), 2))
            painter.drawRect(option.rect.adjusted(1, 1, -1, -1))
            painter.restore()


class GridView(QTableView):
    """Shows a grid; the marked cell or row is brought to the middle."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cells = GridModel(self)
        self.setModel(self.cells)
        self.setItemDelegate(_Frame(self))
        self.setAccessibleName(name)
        self.setFont(theme.font(theme.SECONDARY))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + theme.GRID)
        self.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
        for header in (self.verticalHeader(), self.horizontalHeader()):
            header.setHighlightSections(True)
            header.setStyleSheet("QHeaderView::section { padding: 3px 6px; }")

    def show_grid(self, grid: Grid | None, header_rows: frozenset[int] = frozenset()) -> None:
        """Show a grid with its header rows set off, unless it is in sight already."""
        if grid is self.cells.grid and header_rows == self.cells.header_rows:
            return
        self.cells.show(grid, header_rows)
        letter = self.fontMetrics().averageCharWidth()
        for position, letters in enumerate(self.cells.lengths()):
            self.setColumnWidth(position, max(NARROWEST, min(WIDEST, letters * letter + 5 * theme.GRID)))

    def mark(self, row: int | None, column: int | None) -> None:
        """Mark the cell at the file's row and column numbers (from 1) and bring it into sight; None: no cell."""
        index = None if row is None else self.cells.row_index(row)
        grid = self.cells.grid
        if index is None or column is None or grid is None:
            self.cells.marked = None
            self.clearSelection()
        else:
            self.cells.marked = (index, column - grid.first_column)
            cell = self.cells.index(*self.cells.marked)
            self.setCurrentIndex(cell)
            self.clearSelection()
            self._bring_marked()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The marked cell stays in sight."""
        super().resizeEvent(event)
        self._bring_marked()

    def _bring_marked(self) -> None:
        if self.cells.marked is not None:
            self.scrollTo(self.cells.index(*self.cells.marked), QAbstractItemView.ScrollHint.PositionAtCenter)

    def bring(self, row: int) -> None:
        """Bring the file's row into sight."""
        index = self.cells.row_index(row)
        if index is not None:
            self.scrollTo(self.cells.index(max(0, index - 2), 0), QAbstractItemView.ScrollHint.PositionAtTop)
