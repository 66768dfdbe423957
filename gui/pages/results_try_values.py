"""A box to try values in a combined moderator that reaches the line: for research only, nothing typed is kept."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.calculator_words import Answer, answer, as_text, mark, options, range_words, typed_number
from core.combined_results import CombinedEffect
from core.figures.combined_keys import outcome_unit, set_title
from core.labels import Labels
from core.progress import Progress, silent
from gui.pages.results_figures import cohort_of, session_labels
from gui.theme import GRID
from gui.widgets.choices import Choice, combo
from gui.widgets.frame import button, clear, label, scrolling
from gui.widgets.icon import IconLabel, icon

if TYPE_CHECKING:
    from core.moderators.calculator import Asked, Calculator, Value
    from core.session import Session

TRY = "Try values..."
LEVELS = {"patient": "Facts of the patient", "study": "Facts of the study, the same for all its patients"}
COPY, COPIED = "Copy as text", "Copied"


def calculator_of(session: Session, one: CombinedEffect, progress: Progress = silent) -> Calculator | str:
    """The calculator of a set of current results, or why there is none."""
    from core.moderators.calculator import calculator

    assert session.results is not None
    progress(0.0, "Preparing the published model of the set")
    return calculator(cohort_of(session, progress), session.results.plan, session.protocol, one)


class TryValues(QDialog):
    """The mark, a field for each member that has weight, and the answer as one types."""

    def __init__(self, parent: QWidget | None, one: CombinedEffect, own: Calculator, unit: str, labels: Labels) -> None:
        super().__init__(parent)
        self._one, self._own, self._unit, self._labels = one, own, unit, labels
        self._values: dict[str, Value] = {}
        self._faults: dict[str, str] = {}
        self.fields: dict[str, QLineEdit | Choice] = {}
        self.setWindowTitle("Try values")
        self.mark = label(mark(one), "section", wrap=True)
        self.first, self.rest = label(kind="section", wrap=True), label(wrap=True)
        for text in (self.first, self.rest):
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._warnings = QVBoxLayout()
        self._warnings.setSpacing(GRID // 2)
        self.copy = button(COPY)
        self.copy.clicked.connect(self._copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        column.setSpacing(GRID + 4)
        column.addWidget(_marked(self.mark))
        column.addWidget(label(set_title(one.set, one.outcome, labels), "heading"))
        column.addWidget(self._form(), 1)
        column.addWidget(self._answer())
        column.addLayout(self._buttons())
        self.resize(680, min(680, max(540, 430 + 44 * len(own.asked))))
        self._say()

    @classmethod
    def of(cls, parent: QWidget, session: Session, one: CombinedEffect, own: Calculator) -> TryValues:
        """The box for a set of a session's results."""
        assert session.results is not None
        return cls(parent, one, own, outcome_unit(session.results, one.outcome), session_labels(session))

    @property
    def said(self) -> Answer:
        """The answer to what stands in the fields."""
        return answer(self._own, self._values, self._unit, self._labels, self._faults)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in a field goes to the next one; it must not close the box."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and not isinstance(self.focusWidget(), QPushButton):
            self.focusNextChild()
        else:
            super().keyPressEvent(event)

    # --- building ---------------------------------------------------------------------------------------------------

    def _form(self) -> QScrollArea:
        inner, grid = QWidget(), QGridLayout()
        grid.setContentsMargins(0, 0, GRID, 0)
        grid.setHorizontalSpacing(2 * GRID)
        grid.setVerticalSpacing(GRID)
        for level, title in LEVELS.items():
            own = [asked for asked in self._own.asked if (asked.level == "study") == (level == "study")]
            if own:
                grid.addWidget(label(title, "secondary"), grid.rowCount(), 0, 1, 3)
            for asked in own:
                self._add(asked, grid)
        if self._own.without_weight:
            names = ", ".join(self._labels.trait(name) for name in self._own.without_weight)
            told = label(f"Without weight, so not asked: {names}.", "secondary", wrap=True)
            grid.addWidget(told, grid.rowCount(), 0, 1, 3)
        grid.setColumnMinimumWidth(0, 200)
        grid.setColumnStretch(2, 1)
        grid.setRowStretch(grid.rowCount(), 1)
        inner.setLayout(grid)
        area = scrolling(inner)  # its fields take the keyboard, and it follows them
        area.setMinimumHeight(90)
        return area

    def _add(self, asked: Asked, grid: QGridLayout) -> None:
        row, words = grid.rowCount(), self._labels.measured(asked.name)
        shown = range_words(asked, self._labels)
        field: QLineEdit | Choice
        if asked.kind == "number":
            field = QLineEdit()
            field.textChanged.connect(partial(self._typed, asked.name))
        else:
            field = combo(words, partial(self._chosen, asked.name))
            for text, value in options(asked, self._labels):
                field.addItem(text, value)
            field.setPlaceholderText("choose")
            field.setCurrentIndex(-1)
        field.setFixedWidth(160)
        field.setAccessibleName(words)
        field.setAccessibleDescription(f"{shown}. {LEVELS['study']}." if asked.level == "study" else shown)
        name = label(words, wrap=True)
        name.setBuddy(field)
        for place, part in enumerate((name, field, label(shown, "secondary", wrap=True))):
            grid.addWidget(part, row, place)
        self.fields[asked.name] = field

    def _answer(self) -> QFrame:
        made = QFrame()
        made.setProperty("kind", "card")
        column = QVBoxLayout(made)
        column.setContentsMargins(12, GRID, 12, GRID)
        column.setSpacing(GRID // 2)
        column.addWidget(self.first)
        column.addLayout(self._warnings)
        column.addWidget(self.rest)
        column.addStretch(1)
        made.setMinimumHeight(170)  # what is above stays in place while the answer grows
        return made

    def _buttons(self) -> QHBoxLayout:
        again, close = button("Clear"), button("Close")
        again.clicked.connect(self._clear)
        close.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(label("Nothing typed here is kept.", "secondary"), 1)
        for part in (again, self.copy, close):
            row.addWidget(part)
        return row

    # --- answering --------------------------------------------------------------------------------------------------

    def _typed(self, name: str, text: str) -> None:
        self._values.pop(name, None)
        self._faults.pop(name, None)
        if text.strip():
            found = typed_number(text)
            if isinstance(found, str):
                self._faults[name] = found
            else:
                self._values[name] = found
        self._say()

    def _chosen(self, name: str) -> None:
        field = self.fields[name]
        assert isinstance(field, Choice)
        self._values[name] = field.currentData()
        self._say()

    def _clear(self) -> None:
        for name, field in self.fields.items():
            if isinstance(field, Choice):
                field.setCurrentIndex(-1)
                self._values.pop(name, None)
            else:
                field.clear()
        self._say()
        next(iter(self.fields.values())).setFocus()

    def _say(self) -> None:
        said = self.said
        self.first.setText(said.first)
        self.rest.setText("\n".join(said.rest))
        self.rest.setVisible(bool(said.rest))
        clear(self._warnings)
        for text in said.warnings:
            self._warnings.addWidget(_warned(text))
        self.copy.setEnabled(bool(said.rest))
        self.copy.setText(COPY)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(as_text(self._one, self._own, self._values, self.said, self._labels))
        self.copy.setText(COPIED)


def _marked(words: QWidget) -> QFrame:
    made = QFrame()
    made.setProperty("kind", "mark")
    made.setLayout(_beside_sign(words, 24, 12))
    return made


def _warned(text: str) -> QWidget:
    made = QWidget()
    made.setLayout(_beside_sign(label(text, wrap=True), 16, 0))
    return made


def _beside_sign(words: QWidget, size: int, margin: int) -> QHBoxLayout:
    sign = IconLabel(size)
    sign.show_icon(icon("warning", "warn"))
    row = QHBoxLayout()
    row.setContentsMargins(margin, margin, margin, margin)
    row.setSpacing(GRID)
    row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(words, 1)
    return row
