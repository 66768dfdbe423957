"""How the window looks: colors, sizes, palette and style sheet, light and dark.

The colors in force are read with `colors()` at the moment of painting; who keeps something made from them listens to
`watcher().changed`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from string import Template
from typing import Literal

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPainter, QPalette, QPixmap, QPolygonF
from PySide6.QtWidgets import QApplication, QStyleFactory

from core.resources import resource

Role = Literal["text", "secondary", "accent", "good", "warn", "bad", "ground", "on_accent"]


@dataclass(frozen=True)
class Colors:
    """One set of colors. `chosen` is behind a selected row, `hover` under the pointer.

    Words may be written in any role on ground and panel; on chosen and hover in text and secondary alone.
    """

    name: Literal["light", "dark"]
    ground: str
    panel: str
    line: str
    edge: str
    """Outline of something that can be operated."""
    text: str
    secondary: str
    accent: str
    on_accent: str
    good: str
    warn: str
    bad: str
    chosen: str
    hover: str

    def color(self, role: Role) -> QColor:
        """A color by role."""
        return QColor(getattr(self, role))


LIGHT = Colors("light", ground="#FFFFFF", panel="#F6F7F9", line="#DDE1E6", edge="#8A94A0", text="#1B1F24",
               secondary="#5B6570", accent="#2457C5", on_accent="#FFFFFF", good="#1A7F4B", warn="#9A6700",
               bad="#B3261E", chosen="#E3EBFA", hover="#EEF1F5")
DARK = Colors("dark", ground="#16181D", panel="#1E2128", line="#343A44", edge="#6B7584", text="#E6E9EE",
              secondary="#9AA4B2", accent="#7AA2F7", on_accent="#16181D", good="#57C08A", warn="#E0B050",
              bad="#F2857C", chosen="#26334F", hover="#262A33")

GRID = 8
"""Pixels; distances are multiples of it, or half of it."""
RADIUS = 6

BODY, SECONDARY, HEADING, FIGURE = 11.0, 9.5, 14.0, 20.0
"""Font sizes in points of 1/96 inch displays."""


class Watcher(QObject):
    """Tells when the colors have changed."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.colors = LIGHT


@cache
def watcher() -> Watcher:
    """The one that tells."""
    return Watcher()


def colors() -> Colors:
    """The colors in force."""
    return watcher().colors


def font(size: float = BODY, bold: bool = False) -> QFont:
    """The system's font in one of the sizes above."""
    made = QFont(QGuiApplication.font())
    made.setPointSizeF(points(size))
    made.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return made


def points(size: float) -> float:
    """A size in this system's points: macOS counts 72 to the inch where others count 96."""
    return round(size * 96 / 72 * 2) / 2 if sys.platform == "darwin" else size


def set_up(app: QApplication, scheme: Literal["light", "dark"] | None = None) -> None:
    """Give the application its look: the scheme named, else the system's, followed as it changes."""
    app.setStyle(QStyleFactory.create("Fusion"))
    app.setFont(font())
    if scheme is not None:
        apply(app, DARK if scheme == "dark" else LIGHT)
        return
    hints = app.styleHints()
    follow: Callable[[Qt.ColorScheme], None] = lambda found: apply(  # noqa: E731
        app, DARK if found is Qt.ColorScheme.Dark else LIGHT)
    hints.colorSchemeChanged.connect(follow)
    follow(hints.colorScheme())


def apply(app: QApplication, chosen: Colors) -> None:
    """Color the whole application."""
    watcher().colors = chosen
    app.setPalette(palette(chosen))
    app.setStyleSheet(style_sheet(chosen))
    watcher().changed.emit()


def program_icon() -> QIcon:
    """The two arms' marks: a triangle and a circle."""
    made = QIcon()
    for size in (16, 32, 64, 256):
        picture = QPixmap(size, size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(size / 32, size / 32)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(LIGHT.color("accent"))
        painter.drawRoundedRect(0, 0, 32, 32, RADIUS, RADIUS)
        painter.setBrush(LIGHT.color("on_accent"))
        painter.drawPolygon(QPolygonF([QPointF(11, 7), QPointF(18, 20), QPointF(4, 20)]))
        painter.drawEllipse(QPointF(22, 20), 5.5, 5.5)
        painter.end()
        made.addPixmap(picture)
    return made


def palette(c: Colors) -> QPalette:
    """Qt's palette for a set of colors."""
    roles = QPalette.ColorRole
    made = QPalette()
    for role, value in {
        roles.Window: c.ground, roles.Base: c.ground, roles.AlternateBase: c.panel, roles.Button: c.panel,
        roles.ToolTipBase: c.panel, roles.WindowText: c.text, roles.Text: c.text, roles.ButtonText: c.text,
        roles.ToolTipText: c.text, roles.PlaceholderText: c.secondary, roles.Link: c.accent,
        roles.LinkVisited: c.accent, roles.Highlight: c.chosen, roles.HighlightedText: c.text,
        roles.Accent: c.accent, roles.BrightText: c.bad, roles.Light: c.panel, roles.Midlight: c.line,
        roles.Mid: c.line, roles.Dark: c.edge, roles.Shadow: c.edge,
    }.items():
        made.setColor(role, QColor(value))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(c.edge))
    return made


def style_sheet(c: Colors) -> str:
    """What the palette cannot say. `kind` is a dynamic property: primary, quiet, secondary, heading, panel, ..."""
    caret = resource("icons", f"caret-{c.name}.svg").as_posix()
    check = resource("icons", f"check-{c.name}.svg").as_posix()
    sizes = {name: f"{points(size):g}pt" for name, size in
             {"body": BODY, "small": SECONDARY, "heading": HEADING, "figure": FIGURE}.items()}
    return _SHEET.substitute(vars(c), caret=caret, check=check, **sizes)


_SHEET = Template("""
QToolTip { background: $panel; color: $text; border: 1px solid $line; padding: 4px; }
QLabel[kind="secondary"] { color: $secondary; font-size: $small; }
QLabel[kind="heading"] { font-size: $heading; font-weight: 600; }
QLabel[kind="section"] { font-weight: 600; }
QLabel[kind="figure"] { font-size: $figure; }
QLabel[kind="tag"] { color: $secondary; font-size: $small; border: 1px solid $line; border-radius: 6px;
                     padding: 1px 7px; }
QFrame[kind="line"] { background: $line; border: none; }
QFrame[kind="panel"] { background: $panel; border: none; }
QFrame[kind="card"] { background: $panel; border: 1px solid $line; border-radius: 6px; }
QFrame[kind="mark"] { background: $panel; border: 2px solid $warn; border-radius: 6px; }
QFrame[kind="drop"] { background: $chosen; border: 2px dashed $accent; border-radius: 6px; }
QPushButton, QToolButton { background: $ground; border: 1px solid $edge; border-radius: 6px; padding: 5px 14px; }
QToolButton { padding: 4px; }
QPushButton:hover, QToolButton:hover { background: $hover; }
QPushButton:pressed, QToolButton:pressed, QToolButton:checked { background: $chosen; }
QPushButton:focus, QToolButton:focus { border: 2px solid $accent; padding: 4px 13px; }
QToolButton:focus { padding: 3px; }
QPushButton:disabled, QToolButton:disabled { color: $edge; border-color: $line; background: $ground; }
QPushButton[kind="primary"] { background: $accent; color: $on_accent; border-color: $accent; font-weight: 600; }
QPushButton[kind="primary"]:hover, QPushButton[kind="primary"]:pressed { border-color: $text; }
QPushButton[kind="primary"]:focus { border: 2px solid $text; }
QPushButton[kind="primary"]:disabled { background: $line; color: $secondary; border-color: $line; }
QPushButton[kind="quiet"], QToolButton[kind="quiet"] { border-color: transparent; background: transparent; }
QPushButton[kind="quiet"]:hover, QToolButton[kind="quiet"]:hover { background: $hover; }
QPushButton[kind="quiet"]:focus, QToolButton[kind="quiet"]:focus { border-color: $accent; }
QPushButton[kind="row"] { text-align: left; padding: 9px 12px; }
QPushButton[kind="row"]:focus { padding: 8px 11px; }
QLineEdit, QComboBox, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox {
    background: $ground; border: 1px solid $edge; border-radius: 6px; padding: 4px 8px;
    selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus {
    border: 2px solid $accent; padding: 3px 7px; }
QLineEdit:disabled, QComboBox:disabled { color: $secondary; border-color: $line; background: $panel; }
QLineEdit:read-only, QPlainTextEdit:read-only { background: $panel; border-color: $line; }
QComboBox { combobox-popup: 0; }  /* a list that scrolls, beside its field */
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url("$caret"); width: 12px; height: 12px; }
QComboBox QAbstractItemView, QListView[kind="popup"] { background: $ground; border: 1px solid $edge; outline: none; }
QAbstractItemView { border: 1px solid $line; border-radius: 6px; gridline-color: $line; outline: none;
                    background: $ground; alternate-background-color: $panel; }
QAbstractItemView:focus { border-color: $accent; }
QAbstractItemView::item { padding: 3px 8px; }
QAbstractItemView::item:selected { background: $chosen; color: $text; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section { background: $panel; color: $secondary; font-size: $small; border: none;
                       border-bottom: 1px solid $line; padding: 5px 11px; }
QTableCornerButton::section { background: $panel; border: none; border-bottom: 1px solid $line; }
QTabWidget::pane { border: none; border-top: 1px solid $line; }
QTabWidget::tab-bar { left: 0px; }
QTabBar::tab { background: transparent; color: $secondary; border: none; border-bottom: 2px solid transparent;
               padding: 6px 4px; margin-right: 16px; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabBar::tab:hover, QTabBar::tab:focus { color: $accent; }
QProgressBar { background: $line; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QSplitter::handle { background: $line; }
QSplitter::handle:horizontal { width: 1px; margin: 0 8px; }
QSplitter::handle:vertical { height: 1px; margin: 8px 0; }
QSlider::groove:horizontal { background: $line; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; height: 4px; border-radius: 2px; }
QSlider::handle:horizontal { background: $ground; border: 2px solid $edge; border-radius: 8px; width: 12px;
                             height: 12px; margin: -6px 0; }
QSlider::handle:horizontal:hover { border-color: $accent; }
QSlider::handle:horizontal:focus { border: 2px solid $accent; background: $chosen; }
QCheckBox::indicator, QAbstractItemView::indicator { width: 14px; height: 14px; border: 1px solid $edge;
    border-radius: 3px; background: $ground; }
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked { background: $accent; border-color: $accent;
    image: url("$check"); }
QCheckBox:focus { color: $accent; }
QScrollArea { border: none; background: transparent; }
QScrollArea > QWidget > QWidget[kind="page"] { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $line; border-radius: 4px; margin: 1px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $edge; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QMenuBar { background: $panel; border: 0; padding: 2px 12px 0 12px; }
QMenuBar::item { padding: 4px 8px; border-radius: 4px; }
QMenuBar::item:selected { background: $chosen; color: $text; }
QMenu { background: $ground; border: 1px solid $edge; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: $chosen; color: $text; }
QMenu::item:disabled { color: $secondary; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
""")
