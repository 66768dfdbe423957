"""The parts that the Results page is put together of: the list of kinds, the panes, the buttons that enlarge."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QMenu, QSplitter, QToolButton

from gui.pages.results_rows import SECTIONS
from gui.theme import GRID
from gui.widgets.icon import icon

if TYPE_CHECKING:
    from gui.pages.results import ResultsPage

FIGURE_ALONE, TABLE_AGAIN = "Give the figure the room of table and details", "Show table and details again"


def kinds_list(chosen: Callable[[], object]) -> QListWidget:
    """The kinds of results at the left."""
    made = QListWidget()
    made.setAccessibleName("Kinds of results")
    height = made.fontMetrics().height() + GRID + 4
    for section in SECTIONS:
        item = QListWidgetItem(section.title, made)
        item.setSizeHint(QSize(0, height))
    made.setFixedSize(120, height * len(SECTIONS) + 2)
    made.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    made.setCurrentRow(0)
    made.currentRowChanged.connect(lambda _: chosen())
    return made


def panes_of(page: ResultsPage) -> tuple[QSplitter, QSplitter]:
    """Table and details side by side; figure, or what stands in its place, above them."""
    below, panes = QSplitter(Qt.Orientation.Horizontal), QSplitter(Qt.Orientation.Vertical)
    below.addWidget(page.moderator.beside(page.stack))
    below.addWidget(page.details)
    below.setSizes([572, 222])
    panes.setStyleSheet("QSplitter::handle { background: transparent; margin: 0; }")
    for part in (page.view, page.moderator.form, page.combined.weights, below):
        panes.addWidget(part)
    for place, share in enumerate((3, 3, 3, 2)):
        panes.setStretchFactor(place, share)
    for one in (panes, below):
        one.setHandleWidth(GRID)
        one.setChildrenCollapsible(False)
    page.stack.setMinimumWidth(240)
    below.setMinimumHeight(130)
    return below, panes


def tools_of(page: ResultsPage) -> QHBoxLayout:
    """The row above: what is to be seen, how large, in what style, and where it is to go."""
    page.wide.setCheckable(True)
    page.wide.setToolTip(FIGURE_ALONE)
    page.wide.toggled.connect(partial(_enlarge, page))
    page.style_button.toggled.connect(page.open_style)
    menu = QMenu(page.save)
    menu.addActions([page.view.copy_action, page.view.save_action, page.view.numbers_action])
    menu.addSeparator()
    menu.addAction(page.save_table)
    page.save.setMenu(menu)
    row = QHBoxLayout()
    row.setSpacing(GRID)
    for box in (page.outcome, page.measure, page.figure, page.moderator.points):
        row.addWidget(box, 4)
    row.addStretch()
    for part in (*page.zooms, page.wide, page.style_button, page.save):
        row.addWidget(part)
    return row


def _enlarge(page: ResultsPage, is_wide: bool) -> None:
    page.below.setVisible(not is_wide)
    page.panes.refresh()
    page.wide.setText("Table" if is_wide else "Enlarge")
    page.wide.setToolTip(TABLE_AGAIN if is_wide else FIGURE_ALONE)
    page.wide.setAccessibleName(page.wide.text())


def style_button() -> QToolButton:
    """Opens the style of all figures."""
    made = QToolButton()
    made.setIcon(icon("sliders-horizontal", "secondary"))
    made.setCheckable(True)
    made.setAccessibleName("Style of all figures")
    made.setToolTip("Style: letters, colors, marks, order and names of all figures")
    return made


def zoom_button(action: QAction, shape: str) -> QToolButton:
    """A button that follows an action of the figure."""
    made = QToolButton()
    made.setIcon(icon(shape, "secondary"))
    made.setAccessibleName(action.text())
    made.setToolTip(f"{action.text()} ({action.shortcut().toString()}, or the wheel with Ctrl)")
    made.clicked.connect(action.trigger)
    made.setEnabled(action.isEnabled())
    action.enabledChanged.connect(made.setEnabled)
    return made
