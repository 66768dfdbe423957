"""A large button with an icon, a title, and a line on what it does."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui import theme
from gui.theme import GRID
from gui.widgets.icon import icon


class ChoiceButton(QPushButton):
    """`title` is what it is called; `detail` wraps below it, `note` stands at the right."""

    def __init__(self, shape: str, title: str, detail: str, note: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.setAccessibleDescription(f"{detail} {note}".strip())
        self._shape = shape
        self._picture = QLabel()
        words = QVBoxLayout()
        words.setSpacing(2)
        self._words = [_words(title, "section"), _words(detail, "secondary")]
        for label in self._words:
            words.addWidget(label)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GRID, 12, 2 * GRID, 12)
        row.setSpacing(2 * GRID)
        row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        if note:
            row.addWidget(_words(note, "secondary"), 0, Qt.AlignmentFlag.AlignTop)
        self._draw()
        theme.watcher().changed.connect(self._draw)

    def sizeHint(self) -> QSize:
        """As its words need."""
        layout = self.layout()
        return layout.sizeHint() if layout is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        """As its words need."""
        layout = self.layout()
        return layout.minimumSize() if layout is not None else super().minimumSizeHint()

    def _draw(self) -> None:
        self._picture.setPixmap(icon(self._shape, "accent").pixmap(20, 20))


def _words(text: str, kind: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("kind", kind)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return label
