"""Icons from one outline set, drawn in the colors in force when they are painted.

To add one: make the font anew from Phosphor's (`pyftsubset`) with its code point, and list it in
`resources/icons/phosphor.json`.
"""

from __future__ import annotations

import json
from functools import cache

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from core.resources import resource
from gui import theme


@cache
def _family() -> str:
    number = QFontDatabase.addApplicationFont(str(resource("icons", "phosphor.ttf")))
    return QFontDatabase.applicationFontFamilies(number)[0]


@cache
def _codes() -> dict[str, str]:
    names = json.loads(resource("icons", "phosphor.json").read_text(encoding="utf-8"))
    return {name: chr(int(code, 16)) for name, code in names.items()}


class _Engine(QIconEngine):
    def __init__(self, name: str, role: theme.Role) -> None:
        super().__init__()
        self._name, self._role = name, role

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw the glyph; a disabled one in the color of outlines."""
        is_disabled = mode is QIcon.Mode.Disabled
        font = QFont(_family())
        font.setPixelSize(rect.height())
        font.setStyleStrategy(QFont.StyleStrategy.NoFontMerging)
        painter.save()
        painter.setFont(font)
        painter.setPen(theme.colors().edge if is_disabled else theme.colors().color(self._role))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, _codes()[self._name])
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """The glyph as a picture on nothing."""
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return picture

    def clone(self) -> QIconEngine:
        """A copy, as Qt asks for one."""
        return _Engine(self._name, self._role)


def icon(name: str, role: theme.Role = "text") -> QIcon:
    """An icon by its Phosphor name, in a role's color. Raises KeyError for a name the set does not have."""
    _codes()[name]
    return QIcon(_Engine(name, role))


class IconLabel(QWidget):
    """An icon among text, drawn anew in the colors in force; it may be empty."""

    def __init__(self, size: int = 18, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon: QIcon | None = None
        self.setFixedSize(size, size)

    def show_icon(self, shown: QIcon | None) -> None:
        """Show another icon, or none."""
        self._icon = shown
        self.update()

    @property
    def is_empty(self) -> bool:
        """Whether there is no icon."""
        return self._icon is None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the icon."""
        if self._icon is not None:
            self._icon.paint(QPainter(self), self.rect())
