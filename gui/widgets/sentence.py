"""Sentences with choices in place: words and controls in one flow that breaks like text."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLabel, QLayout, QLayoutItem, QSizePolicy, QWidget

WORD_GAP, CLOSING_GAP, LINE_GAP = 4, 2, 6
CLOSING = ".,;:)%"
"""What stands at once behind a control, without a gap that it could be torn off at."""


class FlowLayout(QLayout):
    """Items from left to right, on the next line where there is no more room, each line centered on its middle."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        """One item more."""
        self._items.append(item)

    def count(self) -> int:
        """Number of items."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """An item by its place."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Take an item out."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        """Narrower is higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Height of all lines."""
        return self._arrange(QRect(0, 0, width, 0), is_trial=True)

    def setGeometry(self, box: QRect) -> None:
        """Put the items into their places."""
        super().setGeometry(box)
        self._arrange(box, is_trial=False)

    def sizeHint(self) -> QSize:
        """As `minimumSize`: the flow takes what width there is."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """The widest item."""
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _arrange(self, box: QRect, is_trial: bool) -> int:
        y, line, right = box.y(), list[tuple[QLayoutItem, int, QSize]](), box.x()
        for place, item in enumerate(self._items):
            size = item.sizeHint()
            gap = 0 if not line else CLOSING_GAP if _closes(item) else WORD_GAP
            behind = self.itemAt(place + 1)
            needed = size.width() + (behind.sizeHint().width() + CLOSING_GAP if behind and _closes(behind) else 0)
            if line and right + gap + needed > box.right() + 1 and not _closes(item):
                y += _set_line(line, y, is_trial) + LINE_GAP
                line, right, gap = [], box.x(), 0
            line.append((item, right + gap, size))
            right += gap + size.width()
        return y + _set_line(line, y, is_trial) - box.y()


def _closes(item: QLayoutItem) -> bool:
    widget = item.widget()
    return isinstance(widget, QLabel) and widget.text()[:1] in CLOSING


def _set_line(line: list[tuple[QLayoutItem, int, QSize]], y: int, is_trial: bool) -> int:
    height = max((size.height() for _, _, size in line), default=0)
    if not is_trial:
        for item, x, size in line:
            item.setGeometry(QRect(QPoint(x, y + (height - size.height()) // 2), size))
    return height


class Sentence(QWidget):
    """Words and controls: `Sentence("Response is an improvement of at least", field, "%.")`."""

    def __init__(self, *parts: str | QWidget, kind: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        flow = FlowLayout(self)
        for part in parts:
            if isinstance(part, str):
                for word in part.split(" "):
                    flow.addWidget(_word(word, kind))
            else:
                flow.addWidget(part)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)


def _word(text: str, kind: str) -> QLabel:
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("kind", kind)
    return made
