"""The rail: every step with its mark and count, and the way to the list of issues."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QVBoxLayout, QWidget

from core.steps import State, Step, StepState
from gui import theme
from gui.theme import GRID
from gui.widgets.marks import OF_STATE, Mark

WIDTH = 192


class RailButton(QAbstractButton):
    """A row of the rail: mark, name, count at the right."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.mark: Mark | None = None
        self.count = ""

    def tell(self, mark: Mark | None, count: str, words: str) -> None:
        """Show a mark and a count; `words` is the tooltip and what a screen reader adds."""
        self.mark, self.count = mark, count
        self.setToolTip(words)
        state = f", {mark.word}" if mark else ""
        self.setAccessibleName(f"{self.text()}{state}{f', {count}' if count else ''}")
        self.setAccessibleDescription(words)
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the rail, a comfortable row high."""
        return QSize(WIDTH - 2 * GRID, max(36, self.fontMetrics().height() + 2 * GRID))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the row."""
        colors = theme.colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self.rect().adjusted(1, 1, -1, -1)
        if self.isChecked() or (self.underMouse() and self.isEnabled()):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.QColor(colors.chosen if self.isChecked() else colors.line))
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(colors.color("accent"))
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        if self.mark is not None:
            self.mark.icon().paint(painter, QRect(box.left() + GRID, box.center().y() - 8, 18, 18))
        painter.setFont(theme.font(bold=self.isChecked()))
        painter.setPen(colors.color("text" if self.isEnabled() else "secondary"))
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(box.adjusted(GRID + 26, 0, 0, 0), left, self.text())
        painter.setFont(theme.font(theme.SECONDARY))
        painter.setPen(colors.color("secondary"))
        painter.drawText(box.adjusted(0, 0, -GRID - 2, 0), left ^ Qt.AlignmentFlag.AlignLeft
                         | Qt.AlignmentFlag.AlignRight, self.count)


class Rail(QFrame):
    """All steps in order; a click asks to go there."""

    step_chosen = Signal(object)
    issues_chosen = Signal()

    def __init__(self, titles: dict[Step, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "panel")
        self.setFixedWidth(WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(2)
        self._group = QButtonGroup(self)
        self.buttons: dict[Step, RailButton] = {}
        for step, title in titles.items():
            button = RailButton(title, self)
            button.clicked.connect(lambda _=False, step=step: self.step_chosen.emit(step))
            self._add(button, column)
            self.buttons[step] = button
        column.addStretch(1)
        self.issues_button = RailButton("Issues", self)
        self.issues_button.clicked.connect(self.issues_chosen.emit)
        self._add(self.issues_button, column)

    def _add(self, button: RailButton, column: QVBoxLayout) -> None:
        self._group.addButton(button)
        column.addWidget(button)

    def show_steps(self, states: Iterable[StepState]) -> None:
        """Every step's state, as the session has it."""
        for state in states:
            button = self.buttons[state.step]
            button.setEnabled(state.is_in_reach)
            quiet = state.step is Step.START
            button.tell(None if quiet else OF_STATE[state.state], state.count, state.text or state.state.value)
            if quiet:
                button.setAccessibleName(button.text())

    def show_issues(self, count: int, mark: Mark | None) -> None:
        """How many issues the project has; the gravest gives the mark."""
        self.issues_button.setText("1 issue" if count == 1 else f"{count} issues" if count else "No issues")
        self.issues_button.tell(mark, "", "Everything that needs a look, in one list (Ctrl+I)")

    def mark_current(self, step: Step | None) -> None:
        """Which step is in sight; None for the list of issues."""
        (self.issues_button if step is None else self.buttons[step]).setChecked(True)


def locked_steps(reason: str) -> tuple[StepState, ...]:
    """The steps while there is no project."""
    return tuple(StepState(step, State.DONE if step is Step.START else State.LOCKED,
                           text="Open a project, or begin one." if step is Step.START else reason)
                 for step in Step)
