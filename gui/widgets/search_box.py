"""One box that finds studies, variables and steps, and leads there."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from gui.widgets.icon import icon


class SearchBox(QLineEdit):
    """`found` carries what was given with the entry the person chose."""

    found = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText("Search studies, variables   Ctrl+K")
        self.setAccessibleName("Search studies, variables and steps")
        self.setClearButtonEnabled(True)
        self.addAction(icon("magnifying-glass", "secondary"), QLineEdit.ActionPosition.LeadingPosition)
        self._entries = QStandardItemModel(self)
        completer = QCompleter(self._entries, self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setMaxVisibleItems(12)
        completer.activated[QModelIndex].connect(self._choose)  # type: ignore[index]
        self.setCompleter(completer)
        self.returnPressed.connect(self._choose_first)

    def offer(self, entries: Iterable[tuple[str, object]]) -> None:
        """What can be found: the words shown, and what `found` is to carry."""
        self._entries.clear()
        for words, target in entries:
            item = QStandardItem(words)
            item.setData(target, Qt.ItemDataRole.UserRole)
            self._entries.appendRow(item)

    def _choose(self, index: QModelIndex) -> None:
        self.found.emit(index.data(Qt.ItemDataRole.UserRole))
        self.clear()

    def _choose_first(self) -> None:
        completer = self.completer()
        if self.text() and completer.completionCount():
            self._choose(completer.completionModel().index(0, 0))
