"""State told by shape, word and color together; every list and rail draws from here."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QIcon

from core.errors import Severity
from core.steps import State
from gui import theme
from gui.widgets.icon import icon


@dataclass(frozen=True)
class Mark:
    """A shape with its word and the role of its color."""

    shape: str
    word: str
    role: theme.Role

    def icon(self) -> QIcon:
        """The shape in its color."""
        return icon(self.shape, self.role)


OK = Mark("check", "ok", "good")
ASKS = Mark("question", "asks", "warn")
NONE = Mark("minus", "none", "secondary")
DISPUTED = Mark("triangle", "disputed", "bad")
FAULT = Mark("x-circle", "not usable", "bad")
STALE = Mark("clock-clockwise", "out of date", "warn")
LOCKED = Mark("lock-simple", "locked", "secondary")

OF_STATE = {
    State.DONE: Mark("check", "done", "good"),
    State.OPEN: Mark("circle", "open", "accent"),
    State.OUT_OF_DATE: STALE,
    State.LOCKED: LOCKED,
}

OF_SEVERITY = {
    Severity.ERROR: Mark("x-circle", "error", "bad"),
    Severity.QUESTION: Mark("question", "question", "accent"),
    Severity.WARNING: Mark("warning", "warning", "warn"),
    Severity.NOTE: Mark("info", "note", "secondary"),
}
