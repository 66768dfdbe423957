"""Fields with their words: each has its accessible name, tells when the person changed it, and may ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QGridLayout, QLabel, QLineEdit, QPlainTextEdit, QWidget

from gui.theme import GRID
from gui.widgets.choices import Choice
from gui.widgets.icon import IconLabel
from gui.widgets.marks import ASKS

NOT_KNOWN = "not known"


class Form(QWidget):
    """Words at the left, fields at the right; a mark between them where something is not known yet.

    `edited` carries the field's key and its value when the person has changed it: text, or the data of a choice.
    """

    edited = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields: dict[str, QWidget] = {}
        self._asking: dict[str, IconLabel] = {}
        self._names: dict[str, QLabel] = {}
        self._shown: dict[str, Any] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, GRID, 0)
        self._grid.setHorizontalSpacing(GRID // 2)
        self._grid.setVerticalSpacing(GRID)
        self._grid.setColumnStretch(2, 1)

    def add_line(self, key: str, words: str, hint: str = "", completions: Sequence[str] = ()) -> QLineEdit:
        """A line of text."""
        field = QLineEdit(self)
        field.setPlaceholderText(hint)
        if completions:
            completer = QCompleter(list(completions), field)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            field.setCompleter(completer)
        field.editingFinished.connect(lambda: self._tell(key, field.text().strip()))
        self._add(key, words, field)
        return field

    def add_choice(self, key: str, words: str, options: Sequence[tuple[str, object]]) -> QComboBox:
        """One of several: words and what they stand for."""
        field = Choice(self)
        field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        field.setMinimumContentsLength(8)
        for text, value in options:
            field.addItem(text, value)
        field.activated.connect(lambda _: self._tell(key, field.currentData()))
        self._add(key, words, field)
        return field

    def add_text(self, key: str, words: str, lines: int = 3) -> QPlainTextEdit:
        """Some lines of text; taken when the keyboard leaves."""
        field = _Notes(lambda: self._tell(key, field.toPlainText().strip()), self)
        field.setFixedHeight(field.fontMetrics().lineSpacing() * lines + 2 * GRID)
        field.setTabChangesFocus(True)
        self._add(key, words, field)
        return field

    def _add(self, key: str, words: str, field: QWidget) -> None:
        row = self._grid.rowCount()
        name, asking = QLabel(words, self), IconLabel(parent=self)
        name.setBuddy(field)
        asking.setToolTip("Not known yet: an open question")
        self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
        name.setContentsMargins(0, 6, 0, 0)
        self._grid.addWidget(asking, row, 1)
        self._grid.addWidget(field, row, 2)
        field.setMinimumWidth(60)
        field.setAccessibleName(words)
        self.fields[key], self._asking[key], self._names[key] = field, asking, name

    def end(self) -> None:
        """No more fields: what room is left goes below them."""
        self._grid.setRowStretch(self._grid.rowCount(), 1)

    def show_field(self, key: str, is_there: bool) -> None:
        """Bring a field with its words into sight, or out of it."""
        for part in (self._names[key], self._asking[key], self.fields[key]):
            part.setVisible(is_there)

    def show_value(self, key: str, value: object, asks: bool = False) -> None:
        """Fill a field, unless the person is writing in it; `asks` marks it as an open question."""
        field = self.fields[key]
        if _is_being_written(field):
            return
        field.blockSignals(True)
        if isinstance(field, QComboBox):
            field.setCurrentIndex(max(0, field.findData(value)))
        elif isinstance(field, QLineEdit):
            field.setText(str(value))
            field.setCursorPosition(0)
        elif isinstance(field, QPlainTextEdit):
            field.setPlainText(str(value))
        field.blockSignals(False)
        self._shown[key] = value if isinstance(field, QComboBox) else str(value)
        self._asking[key].show_icon(ASKS.icon() if asks else None)
        field.setAccessibleDescription("not known yet: an open question" if asks else "")

    def _tell(self, key: str, value: object) -> None:
        field = self.fields[key]
        if isinstance(field, QLineEdit):
            field.setModified(False)
        elif isinstance(field, QPlainTextEdit):
            field.document().setModified(False)
        if value != self._shown.get(key):
            self._shown[key] = value
            self.edited.emit(key, value)


def _is_being_written(field: QWidget) -> bool:
    if isinstance(field, QLineEdit):
        return field.hasFocus() and field.isModified()
    return isinstance(field, QPlainTextEdit) and field.hasFocus() and field.document().isModified()


class _Notes(QPlainTextEdit):
    def __init__(self, left: Callable[[], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._left = left

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The text counts as written when the keyboard goes elsewhere."""
        super().focusOutEvent(event)
        self._left()
