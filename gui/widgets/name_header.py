"""A header whose names go on in the next line, so that many columns stay narrow."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHeaderView, QStyleOptionHeader, QWidget

from gui import theme
from gui.theme import GRID

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


class NameHeader(QHeaderView):
    """Names in up to `lines` lines, at the bottom; the whole name stands in the model's tooltip."""

    def __init__(self, lines: int, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._lines = lines
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
                                 | Qt.TextFlag.TextWordWrap)
        self.setTextElideMode(Qt.TextElideMode.ElideNone)  # a header that elides does not wrap
        self.setFont(theme.font(theme.SECONDARY))  # what the style sheet draws in, for measuring
        self.setHighlightSections(False)
        self.setSectionsClickable(True)
        self.setStyleSheet("QHeaderView::section { padding: 5px 8px; }")

    def sizeHint(self) -> QSize:
        """As high as the lines need."""
        return QSize(super().sizeHint().width(), self._lines * self.fontMetrics().lineSpacing() + 2 * GRID)

    def initStyleOptionForIndex(self, option: QStyleOptionHeader, logicalIndex: int) -> None:
        """A name that needs more lines ends in an ellipsis."""
        super().initStyleOptionForIndex(option, logicalIndex)
        option.text = self.shown(option.text, self.sectionSize(logicalIndex))

    def shown(self, name: str, width: int) -> str:
        """As many words of a name as have room in a column of a width in pixels."""
        words = name.split(" ")
        for count in range(len(words), 1, -1):
            text = " ".join(words[:count]) + (ELLIPSIS if count < len(words) else "")
            if self._lines_of(text, width - 2 * GRID - 2) <= self._lines:
                return text
        return name

    def _lines_of(self, text: str, width: int) -> int:
        metrics = self.fontMetrics()
        height = metrics.boundingRect(0, 0, width, 10_000, Qt.TextFlag.TextWordWrap, text).height()
        return round(height / metrics.lineSpacing())
