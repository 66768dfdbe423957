"""What happened, where and what to do, beside its cause; never a box in the way."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from core.errors import Issue, Severity, UserError
from gui.theme import GRID
from gui.widgets.icon import IconLabel, icon
from gui.widgets.marks import OF_SEVERITY


class MessageLine(QFrame):
    """Hidden until there is something to say; the person closes it, or `clear` does."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self._shape = IconLabel(20, self)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = QToolButton(self)
        close.setIcon(icon("x", "secondary"))
        close.setProperty("kind", "quiet")
        close.setAccessibleName("Close this message")
        close.setToolTip("Close this message")
        close.clicked.connect(self.clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID + 4, GRID, GRID, GRID)
        row.setSpacing(GRID)
        row.addWidget(self._shape)
        row.addWidget(self._text, 1)
        row.addWidget(close)
        self.hide()

    @property
    def text(self) -> str:
        """What it says now; "" when hidden."""
        return self._text.text() if not self.isHidden() else ""

    def show_issue(self, issue: Issue) -> None:
        """Say an issue in full."""
        self.say(str(issue), issue.severity)

    def show_fault(self, fault: UserError) -> None:
        """Say why what was asked for could not be done."""
        self.say(str(fault), Severity.ERROR)

    def say(self, text: str, severity: Severity = Severity.NOTE) -> None:
        """Say something."""
        mark = OF_SEVERITY[severity]
        self._shape.show_icon(mark.icon())
        self._text.setText(text)
        self.setAccessibleName(f"{mark.word}: {text}")
        self.show()

    def clear(self) -> None:
        """Nothing to say any more."""
        self._text.clear()
        self.hide()
