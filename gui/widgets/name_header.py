"""A header whose names go on in the next line, so that many columns stay narrow."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHeaderView, QWidget

from gui.theme import GRID


class NameHeader(QHeaderView):
    """Names in up to `lines` lines, at the bottom; the whole name stands in the model's tooltip."""

    def __init__(self, lines: int, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._lines = lines
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
                                 | Qt.TextFlag.TextWordWrap)
        self.setTextElideMode(Qt.TextElideMode.ElideNone)  # a header that elides does not wrap
        self.setHighlightSections(False)
        self.setSectionsClickable(True)
        self.setStyleSheet("QHeaderView::section { padding: 5px 8px; }")

    def sizeHint(self) -> QSize:
        """As high as the lines need."""
        return QSize(super().sizeHint().width(), self._lines * self.fontMetrics().lineSpacing() + 2 * GRID)
