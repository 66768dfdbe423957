"""Distributions: every continuous variable with its skewness, what is suggested, and what the person chose when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from core.plan_lock import PlanNote, moment
from core.steps import State
from core.wording import number
from gui.theme import GRID
from gui.widgets.choices import combo, offer
from gui.widgets.columns import Column
from gui.widgets.data_table import DataTable
from gui.widgets.figure_view import FigureView
from gui.widgets.frame import ElidedLabel, button, label, set_kind
from gui.widgets.marks import OF_STATE, Mark

if TYPE_CHECKING:
    from core.distributions import Distribution, Transform
    from core.figures.specification import FigureSpec
    from core.labels import Labels
    from core.session import Session

CHOSEN, OPEN = OF_STATE[State.DONE], Mark("circle", "not chosen yet", "secondary")
WORDS: dict[str, str] = {"none": "as measured", "log": "as its logarithm"}
SHORT: dict[str, str] = {"none": "as is", "log": "log"}
NOTHING = "Histogram and normal Q-Q plot will be here once the patients are counted."


@dataclass(frozen=True)
class Row:
    """A variable with what is known of the choice."""

    found: Distribution
    name: str
    note: PlanNote | None

    @property
    def is_moderator(self) -> bool:
        """Whether there is anything to choose."""
        return self.found.role == "moderator"


class DistributionsPanel(QWidget):
    """`chosen` carries transforms by moderator, and what the change is called."""

    chosen = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels: Labels | None = None
        self._figures: dict[str, FigureSpec] = {}
        self._found: tuple[Distribution, ...] = ()
        self.table = DataTable("Continuous variables", (
            Column("Variable", lambda row: row.name, hint=lambda row: row.name, stretch=True, least=110),
            Column("Skewness", lambda row: number(row.found.skewness), number=True,
                   order=lambda row: row.found.skewness, about="Adjusted Fisher-Pearson coefficient"),
            Column("Of logs", lambda row: number(row.found.log_skewness), number=True,
                   order=lambda row: row.found.log_skewness, about="Skewness of the logarithms"),
            Column("Suggested", lambda row: SHORT[row.found.suggestion] if row.is_moderator else "",
                   hint=lambda row: row.found.reason),
            Column("Analyzed", lambda row: SHORT[row.found.chosen], mark=_mark, hint=_told),
        ), key=lambda row: (row.found.role, row.found.name), is_dense=True)
        self.table.chosen.connect(lambda _: self._show_chosen())
        self.all = button("Take all suggestions")
        self.all.setToolTip("For every moderator about which nothing has been chosen yet")
        self.all.clicked.connect(self._take_all)
        self.words = label(kind="secondary", wrap=True)
        self.name, self.told = ElidedLabel(), label(kind="secondary", wrap=True)
        set_kind(self.name, "section")
        self.choice = combo("How the variable is analyzed", self._take)
        self.view = FigureView(NOTHING)
        self._lay_out()

    def _lay_out(self) -> None:
        from core.distributions import RULE

        self.words.setText(RULE)
        left, right = QWidget(), QWidget()
        inner = QVBoxLayout(left)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(GRID)
        inner.addWidget(self.table, 1)
        inner.addWidget(self.words)
        inner.addWidget(self.all, 0, Qt.AlignmentFlag.AlignLeft)
        self.choice.setMinimumContentsLength(14)
        line = QHBoxLayout()
        line.setSpacing(GRID)
        line.addWidget(label("is analyzed"))
        line.addWidget(self.choice)
        line.addStretch(1)
        column = QVBoxLayout(right)
        column.setContentsMargins(GRID, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.name)
        column.addLayout(line)
        column.addWidget(self.told)
        column.addWidget(self.view, 1)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(left)
        split.addWidget(right)
        for place in (0, 1):
            split.setStretchFactor(place, 1)
        split.setSizes([450, 350])
        left.setMinimumWidth(330)
        right.setMinimumWidth(320)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, GRID, 0, 0)
        outer.addWidget(split)

    # --- showing ----------------------------------------------------------------------------------------------------

    def show_found(self, session: Session, labels: Labels, found: tuple[Distribution, ...]) -> None:
        """Show the variables as the patients of the primary set have them, and what the plan says of each."""
        if found is not self._found:
            self._figures.clear()
        self._labels, self._found = labels, found
        transforms = {one.name: one.transform for one in session.plan.moderators}
        rows = []
        for one in found:
            is_outcome = one.role == "outcome"
            name = labels.outcome(one.name) if is_outcome else labels.variable(one.name)
            told = None if is_outcome else session.plan_notes.of(place_of(one.name),
                                                                 f'"{transforms.get(one.name, "none")}"')
            rows.append(Row(one, f"{name}, outcome" if is_outcome else name, told))
        self.table.show_records(rows)
        if self.table.current is None and rows:
            self.table.choose((rows[0].found.role, rows[0].found.name), tell=False)
        waiting = self._waiting()
        self.all.setEnabled(bool(waiting))
        self.all.setText("Every variable is chosen" if not waiting else "Take the suggestion" if len(waiting) == 1
                         else f"Take all {len(waiting)} suggestions")
        self.all.setAccessibleName(self.all.text())
        self._show_chosen()

    def _show_chosen(self) -> None:
        row: Row | None = self.table.current
        if row is None or self._labels is None:
            self.choice.setEnabled(False)
            self.view.show_nothing(NOTHING)
            return
        self.name.setText(row.name)
        options = [(WORDS["none"], "none")] if row.is_moderator else [("as defined", "none")]
        if row.is_moderator and (row.found.can_be_logged or row.found.chosen == "log"):
            options.append((WORDS["log"], "log"))
        offer(self.choice, options, row.found.chosen)
        self.choice.setEnabled(row.is_moderator)
        self.told.setText(" ".join(filter(None, (row.found.reason, _told(row)))))
        key = f"{row.found.role} {row.found.name}"
        if key not in self._figures:
            from core.figures import distribution_figure

            self._figures[key] = distribution_figure(row.found, self._labels)
        self.view.show_figure(self._figures[key])

    def _waiting(self) -> dict[str, Transform]:
        return {row.found.name: row.found.suggestion for row in self.table.records.records
                if row.is_moderator and row.note is None}

    # --- deciding ---------------------------------------------------------------------------------------------------

    def _take(self) -> None:
        row: Row | None = self.table.current
        if row is not None and row.is_moderator:
            value = self.choice.currentData()
            self.chosen.emit({row.found.name: value}, f"{row.name}: {WORDS[value]}")

    def _take_all(self) -> None:
        waiting = self._waiting()
        if waiting:
            self.chosen.emit(waiting, "Suggested transformations")


def place_of(moderator: str) -> str:
    """Where a moderator's transformation stands in the plan."""
    return f"moderators.{moderator}.transform"


def _mark(row: Row) -> Mark | None:
    return None if not row.is_moderator else CHOSEN if row.note is not None else OPEN


def _told(row: Row) -> str:
    if not row.is_moderator:
        return ""
    if row.note is None:
        return "Nothing has been chosen yet."
    return f"Chosen by {row.note.by}, {moment(row.note.at)}."
