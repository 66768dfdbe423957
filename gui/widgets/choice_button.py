"""A large button with an icon, a title, and a line on what it does."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.theme import GRID
from gui.widgets.icon import IconLabel, icon


class ChoiceButton(QPushButton):
    """`title` is what it is called; `detail` wraps below it, `note` stands at the right."""

    def __init__(self, shape: str, title: str, detail: str, note: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoDefault(True)  # Enter presses it, as the space bar does
        self.setAccessibleName(title)
        self.setAccessibleDescription(f"{detail} {note}".strip())
        picture = IconLabel(20)
        picture.show_icon(icon(shape, "accent"))
        picture.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(_words(title, "section"))
        words.addWidget(_words(detail, "secondary"))
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GRID, 12, 2 * GRID, 12)
        row.setSpacing(2 * GRID)
        row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        if note:
            row.addWidget(_words(note, "secondary"), 0, Qt.AlignmentFlag.AlignTop)

    def sizeHint(self) -> QSize:
        """As its words need."""
        layout = self.layout()
        return layout.sizeHint() if layout is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        """As its words need."""
        layout = self.layout()
        return layout.minimumSize() if layout is not None else super().minimumSizeHint()


def _words(text: str, kind: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("kind", kind)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return label
