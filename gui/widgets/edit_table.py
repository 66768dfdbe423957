"""A small table some columns of which a person edits in place: one of several, or a text that is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from gui import theme
from gui.widgets.choices import widen_list
from gui.widgets.columns import Column, FittedTable
from gui.widgets.data_table import DENSE, RecordModel
from gui.widgets.icon import icon

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Edit:
    """How the cells of a column are edited."""

    value: Callable[[Any], object]
    """What the record holds now."""
    options: tuple[tuple[str, object], ...] = ()
    """Words and what they stand for; without options a line of text is read."""
    offer: Callable[[Any], tuple[tuple[str, object], ...]] | None = None
    """Options that differ from record to record."""
    is_for: Callable[[Any], bool] = lambda record: True
    """Whether a record's cell may be edited."""
    read: Callable[[str], object] = str
    """What a line of text stands for; raises ValueError for a text that is refused."""
    start: Callable[[Any], str] | None = None
    """The text that a line begins with, where it is not the value."""
    hint: str = ""
    """What may be written."""

    @property
    def chooses(self) -> bool:
        """Whether one of several is chosen."""
        return bool(self.options) or self.offer is not None

    def options_for(self, record: Any) -> tuple[tuple[str, object], ...]:
        """Words and what they stand for, for one record."""
        return self.offer(record) if self.offer is not None else self.options


class _Model(RecordModel):
    def __init__(self, columns: Sequence[Column], parent: QWidget) -> None:
        super().__init__(columns, parent)
        self.edits: Mapping[str, Edit] = {}

    def edit_at(self, index: Index) -> Edit | None:
        edit = self.edits.get(self.columns[index.column()].title)
        return edit if edit is not None and edit.is_for(self.records[index.row()]) else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.isValid() and self.edit_at(index) else flags


class _Editing(QStyledItemDelegate):
    """Makes the field for a cell, and draws a caret in those that have one."""

    def __init__(self, table: EditTable) -> None:
        super().__init__(table)
        self._table = table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        edit = self._table.model_.edit_at(index)
        if edit is not None:
            size, room = 12, option.rect
            shape = "caret-down" if edit.chooses else "pencil-simple"
            is_number = self._table.model_.columns[index.column()].number  # those stand at the right
            left = room.left() + 4 if is_number else room.right() - size - 6
            icon(shape, "secondary").paint(painter, left, room.center().y() - size // 2, size, size)

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Words end before the caret."""
        super().initStyleOption(option, index)
        if self._table.model_.edit_at(index) is not None and not self._table.model_.columns[index.column()].number:
            room = option.rect.width() - 28
            if room <= 0:  # it is being measured, not drawn
                return
            option.text = option.fontMetrics.elidedText(option.text, self._table.textElideMode(), room)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        hint = super().sizeHint(option, index)
        return QSize(hint.width() + (28 if self._table.model_.edit_at(index) else 0), hint.height())

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        edit = self._table.model_.edit_at(index)
        title = self._table.model_.columns[index.column()].title
        if edit is None or not edit.chooses:
            line = QLineEdit(parent)
            line.setAccessibleName(title)
            line.setPlaceholderText(edit.hint if edit else "")
            line.setStyleSheet("padding: 0 6px; border-radius: 0;")
            return line
        box = QComboBox(parent)
        box.setAccessibleName(title)
        box.setStyleSheet("padding: 0 6px; border-radius: 0;")
        for words, value in edit.options_for(self._table.model_.records[index.row()]):
            box.addItem(words, value)
        widen_list(box)

        def taken() -> None:
            self.commitData.emit(box)
            self.closeEditor.emit(box)

        box.activated.connect(taken)
        return box

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        edit, record = self._table.model_.edit_at(index), self._table.model_.records[index.row()]
        if edit is None:
            return
        value = edit.value(record)
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(next((i for i, (_, one) in enumerate(edit.options_for(record)) if one == value), -1))
            editor.showPopup()
        elif isinstance(editor, QLineEdit):
            plain = "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
            editor.setText(edit.start(record) if edit.start is not None else plain)
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        edit, record = self._table.model_.edit_at(index), self._table.model_.records[index.row()]
        if edit is None:
            return
        try:
            value = editor.currentData() if isinstance(editor, QComboBox) else edit.read(
                editor.text().strip() if isinstance(editor, QLineEdit) else "")
        except ValueError:
            written = editor.text() if isinstance(editor, QLineEdit) else ""
            if written:
                below = self._table.viewport().mapToGlobal(self._table.visualRect(index).bottomLeft())
                QToolTip.showText(below, f'"{written}" is not understood; nothing was changed.', self._table)
            return
        nothing_chosen = isinstance(editor, QComboBox) and editor.currentIndex() < 0
        if not nothing_chosen and value != edit.value(record):
            title = self._table.model_.columns[index.column()].title
            # once the field is closed, for what follows may fill the table anew
            QTimer.singleShot(0, self._table, lambda: self._table.edited.emit(record, title, value))


class EditTable(FittedTable):
    """`edited` carries the record, the column's title and the value the person gave; the table itself keeps nothing."""

    edited = Signal(object, str, object)
    chosen = Signal(object)
    """The record of the keyboard's row, when it becomes another."""

    def __init__(self, name: str, columns: Sequence[Column], is_dense: bool = False,
                 parent: QWidget | None = None) -> None:
        """A dense table has smaller words, closer together."""
        super().__init__(columns, is_dense, parent)
        self.model_ = _Model(columns, self)
        self._waiting: Callable[[], None] | None = None
        self.setModel(self.model_)
        self.setItemDelegate(_Editing(self))
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.EditKeyPressed | triggers.AnyKeyPressed)
        self.clicked.connect(self._open)
        if is_dense:
            self.setFont(theme.font(theme.SECONDARY))
            self.setStyleSheet(DENSE)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # names often differ at their ends
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + theme.GRID + 4)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.selectionModel().currentRowChanged.connect(self._tell_chosen)

    def show_records(self, records: Sequence[Any], edits: Mapping[str, Edit] | None = None,
                     without: Iterable[str] = ()) -> None:
        """Fill the table; `edits` by column title, `without` titles of columns to leave out. The cell stays.

        While a field is open its record must not be taken away: the table waits until it is closed.
        """
        if self.state() is QAbstractItemView.State.EditingState:
            self._waiting = partial(self.show_records, records, edits, without)
            return
        before = self.currentIndex()
        self.selectionModel().blockSignals(True)
        self.model_.edits = edits or {}
        self.model_.set_records(records)
        self.selectionModel().blockSignals(False)
        self.without = frozenset(without)
        self.fit()
        if before.isValid() and before.row() < len(records):
            blocked = self.blockSignals(True)
            self.setCurrentIndex(self.model_.index(before.row(), before.column()))
            self.blockSignals(blocked)

    def closeEditor(self, editor: QWidget, hint: QStyledItemDelegate.EndEditHint) -> None:
        """Then what came meanwhile is shown, unless the next field is open already."""
        super().closeEditor(editor, hint)
        if self._waiting is not None and self.state() is not QAbstractItemView.State.EditingState:
            show, self._waiting = self._waiting, None
            show()

    @property
    def current(self) -> Any | None:
        """The record of the keyboard's row."""
        row = self.currentIndex().row()
        return self.model_.records[row] if 0 <= row < len(self.model_.records) else None

    def _open(self, index: QModelIndex) -> None:
        if self.model_.edit_at(index) is not None:
            self.edit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter edits the row's first field; copy takes the row's texts."""
        if self.state() is QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)  # the field passes on the Enter that closes it
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            index = self.currentIndex()
            columns = [index.column(), *range(len(self.model_.columns))] if index.isValid() else []
            found = next((c for c in columns if self.model_.edit_at(self.model_.index(index.row(), c))), None)
            if found is not None:
                self.setCurrentIndex(self.model_.index(index.row(), found))
                self.edit(self.currentIndex())
        elif event.matches(QKeySequence.StandardKey.Copy) and self.current is not None:
            QGuiApplication.clipboard().setText("\t".join(c.text(self.current) for c in self.model_.columns))
        else:
            super().keyPressEvent(event)

    def _tell_chosen(self, current: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(self.model_.records[current.row()])
