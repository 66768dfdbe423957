"""Long work on a page: what is being done, how far it is, how long it may take yet, and a stop."""

from __future__ import annotations

import time

from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from gui.theme import GRID
from gui.widgets.frame import ElidedLabel, button, label

SOON = 1.0
"""Seconds before a guess at the time left is worth its name."""


class ProgressCard(QFrame):
    """What is being computed, how far it is, how long it may take yet, and a stop."""

    def __init__(self, stop_hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self._text, self._left, self._bar = ElidedLabel(), label(kind="secondary"), QProgressBar()
        self._text.setProperty("kind", "section")
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("How far the work is")
        self.stop = button("Stop", shape="stop")
        self.stop.setToolTip(stop_hint)
        self._began = 0.0
        words = QHBoxLayout()
        words.addWidget(self._text, 1)
        words.addWidget(self._left)
        column = QVBoxLayout()
        column.setSpacing(GRID)
        column.addLayout(words)
        column.addWidget(self._bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GRID, 12, 12, 12)
        row.setSpacing(2 * GRID)
        row.addLayout(column, 1)
        row.addWidget(self.stop)
        self.hide()

    def begin(self) -> None:
        """Work has begun."""
        self._began = time.monotonic()
        self.stop.setEnabled(True)
        self.tell(0.0, "Beginning")
        self.show()

    def tell(self, fraction: float, text: str) -> None:
        """Where it stands."""
        self._bar.setValue(round(1000 * fraction))
        self._text.setText(text[:1].upper() + text[1:])
        self._left.setText(time_left(time.monotonic() - self._began, fraction))

    def say(self, text: str) -> None:
        """The person asked to stop."""
        self._text.setText(text)
        self._left.clear()
        self.stop.setEnabled(False)


def time_left(elapsed: float, fraction: float) -> str:
    """How long it may take yet, in words; empty while that is not known. `elapsed` in seconds."""
    if elapsed < SOON or not 0.05 < fraction < 1:
        return ""
    seconds = elapsed * (1 - fraction) / fraction
    if seconds < 10:
        return "a few seconds left"
    if seconds < 90:
        return f"about {round(seconds / 5) * 5} seconds left"
    return f"about {round(seconds / 60)} minutes left"
