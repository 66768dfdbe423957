"""Tables of records, model and view: what each column shows is declared, nothing is copied cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from gui import theme
from gui.widgets.columns import Column, FittedTable

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
DENSE = "QTableView::item { padding: 2px 4px; } QHeaderView::section { padding: 4px 6px; }"


class RecordModel(QAbstractTableModel):
    """Records as rows. `ticked` carries a record whose box the person ticked, and whether it is to be."""

    ticked = Signal(object, bool)

    def __init__(self, columns: Sequence[Column], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.records: tuple[Any, ...] = ()

    def set_records(self, records: Sequence[Any]) -> None:
        """Show other records."""
        self.beginResetModel()
        self.records = tuple(records)
        self.endResetModel()

    def add_records(self, records: Sequence[Any]) -> None:
        """Show more records, below the others."""
        self.beginInsertRows(NOWHERE, len(self.records), len(self.records) + len(records) - 1)
        self.records = (*self.records, *records)
        self.endInsertRows()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Number of records."""
        return 0 if parent.isValid() else len(self.records)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """Number of columns."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        column, record = self.columns[index.column()], self.records[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return column.text(record)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.DecorationRole and column.mark is not None:
            mark = column.mark(record)
            return mark.icon() if mark is not None else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.hint(record) if column.hint is not None else None
        if role == Qt.ItemDataRole.CheckStateRole:
            is_checked = column.checked(record) if column.checked is not None else None
            return None if is_checked is None else Qt.CheckState.Checked if is_checked else Qt.CheckState.Unchecked
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Whether a cell has a box to tick."""
        flags = super().flags(index)
        if not index.isValid() or self.columns[index.column()].checked is None:
            return flags
        has_box = self.data(index, Qt.ItemDataRole.CheckStateRole) is not None
        return flags | Qt.ItemFlag.ItemIsUserCheckable if has_box else flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tell that a box was ticked; the records themselves stay as they are until others are shown."""
        if role != Qt.ItemDataRole.CheckStateRole or not self.flags(index) & Qt.ItemFlag.ItemIsUserCheckable:
            return False
        self.ticked.emit(self.records[index.row()], Qt.CheckState(value) is Qt.CheckState.Checked)
        return True

    def headerData(self, section: int, orientation: Qt.Orientation,
                   role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles of the columns."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.about or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; what has no value stays last either way. What is chosen moves with its row."""
        if not 0 <= column < len(self.columns):
            return
        key = self.columns[column].order or self.columns[column].text
        keys = [key(record) for record in self.records]
        rows = sorted((row for row, found in enumerate(keys) if found is not None), key=lambda row: keys[row],
                      reverse=order is Qt.SortOrder.DescendingOrder)
        rows += [row for row, found in enumerate(keys) if found is None]
        self.layoutAboutToBeChanged.emit()
        now = {row: place for place, row in enumerate(rows)}
        moved = self.persistentIndexList()
        self.records = tuple(self.records[row] for row in rows)
        self.changePersistentIndexList(moved, [self.index(now[at.row()], at.column()) for at in moved])
        self.layoutChanged.emit()


class _WholeText(QStyledItemDelegate):
    """Rows high enough for the whole text of their cells."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        hint = super().sizeHint(option, index)
        table = option.widget
        if not isinstance(table, QTableView):
            return hint
        room = table.columnWidth(index.column()) - 2 * (theme.GRID + 3)  # the style's own margins are 3
        text = str(index.data(Qt.ItemDataRole.DisplayRole))
        needed = table.fontMetrics().boundingRect(0, 0, room, 10_000, Qt.TextFlag.TextWordWrap, text)
        return QSize(hint.width(), needed.height() + theme.GRID + 4)


class DataTable(FittedTable):
    """A table a person reads, sorts, copies from and chooses a row in."""

    chosen = Signal(object)
    """The record under the keyboard's row, when it becomes another."""
    opened = Signal(object)
    """A record that was double-clicked, or on which Enter was pressed."""

    def __init__(self, name: str, columns: Sequence[Column], key: Callable[[Any], Hashable] | None = None,
                 sortable: bool = True, wrap: bool = False, is_dense: bool = False,
                 parent: QWidget | None = None) -> None:
        """`key` tells records apart, so that the chosen one stays chosen when the table is filled anew.

        With `wrap` long text goes on in the next line; for tables of some hundred rows at most. A dense table has
        smaller words, closer together.
        """
        super().__init__(columns, is_dense, parent)
        self.records = RecordModel(columns)
        self._key = key or (lambda record: record)
        self.setModel(self.records)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(wrap)
        if is_dense:
            self.setFont(theme.font(theme.SECONDARY))
            self.setStyleSheet(DENSE)
        if wrap:
            self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            self.setItemDelegate(_WholeText(self))
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + theme.GRID + 4)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        if sortable:
            self._sort_by(header)
        self.selectionModel().currentRowChanged.connect(self._tell_chosen)
        self.doubleClicked.connect(lambda index: self.opened.emit(self.records.records[index.row()]))

    def _sort_by(self, header: QHeaderView) -> None:
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicatorClearable(False)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.sortIndicatorChanged.connect(self.records.sort)
        header.sortIndicatorChanged.connect(self.fit)

    def show_records(self, records: Sequence[Any], without: Iterable[str] = ()) -> None:
        """Fill the table; the chosen record stays chosen if it is still there, and no signal is sent for it.

        `without` are titles of columns that have nothing to say of these records.
        """
        before = self.current
        self.without = frozenset(without)
        self.selectionModel().blockSignals(True)
        self.records.set_records(records)
        if self.is_sorted:
            self._sort_again()
        self.selectionModel().blockSignals(False)
        self.fit()
        if before is not None:
            self.choose(self._key(before), tell=False)

    def add_records(self, records: Sequence[Any]) -> None:
        """Show more records beside those that are shown; what is chosen stays so, and nothing is measured twice."""
        if not records:
            return
        before = len(self.records.records)
        self.records.add_records(records)
        self.fit_more(range(before, before + len(records)))
        if self.is_sorted:
            self._sort_again()

    @property
    def is_sorted(self) -> bool:
        """Whether the person sorts by a column; else rows stand as they were given."""
        header = self.horizontalHeader()
        return header.isSortIndicatorShown() and header.sortIndicatorSection() >= 0

    def _sort_again(self) -> None:
        header = self.horizontalHeader()
        self.records.sort(header.sortIndicatorSection(), header.sortIndicatorOrder())

    @property
    def current(self) -> Any | None:
        """The record of the keyboard's row."""
        row = self.currentIndex().row()
        return self.records.records[row] if 0 <= row < len(self.records.records) else None

    def choose(self, key: Hashable, tell: bool = True) -> bool:
        """Go to the record with a key; whether there is one. With `tell` off, `chosen` is not sent."""
        for row, record in enumerate(self.records.records):
            if self._key(record) == key:
                blocked = self.blockSignals(not tell)
                index = self.records.index(row, 0)
                self.setCurrentIndex(index)
                self.scrollTo(index)
                self.blockSignals(blocked)
                return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the row, space ticks its box; copy takes the chosen rows with their titles, for a spreadsheet."""
        first = self.records.index(self.currentIndex().row(), 0)
        has_box = self.records.flags(first) & Qt.ItemFlag.ItemIsUserCheckable
        if event.key() == Qt.Key.Key_Space and has_box:
            is_checked = self.records.data(first, Qt.ItemDataRole.CheckStateRole) is Qt.CheckState.Checked
            self.records.ticked.emit(self.current, not is_checked)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current is not None:
            self.opened.emit(self.current)
        elif event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.as_text())
        else:
            super().keyPressEvent(event)

    def as_text(self) -> str:
        """The chosen rows, or all if none is, with titles; tabs between cells."""
        rows = sorted({index.row() for index in self.selectedIndexes()}) or range(len(self.records.records))
        lines = [[column.title for column in self.records.columns]]
        lines += [[column.text(self.records.records[row]) for column in self.records.columns] for row in rows]
        return "\n".join("\t".join(line) for line in lines)

    def _tell_chosen(self, current: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(self.records.records[current.row()])
