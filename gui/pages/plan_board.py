"""Sensitivity: which moderators the sensitivity board asks about beside the main effect, and what each adds to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from core.plan import Board, Plan
from core.wording import count
from gui.pages.plan_tiers import NAMES
from gui.theme import GRID
from gui.widgets.columns import Column
from gui.widgets.data_table import DataTable
from gui.widgets.frame import button, label

if TYPE_CHECKING:
    from core.labels import Labels
    from core.results import Availability
    from core.sensitivity import BoardCost
    from gui.pages.plan_outlook import Outlook

RULE = ("The sensitivity board estimates the main effect again under other choices. Tick a moderator, and the same is "
        "asked of how the effect changes with it. Tick the few whose conclusion matters, before results are seen: each "
        "row is one more number to read. None of them counts as a test, and no other number changes.")
UNTESTED = "It is not tested, so there is nothing to ask."


@dataclass(frozen=True)
class Row:
    """A moderator of the plan; `cost` is None where it cannot be tested."""

    name: str
    found: Availability
    cost: BoardCost | None
    is_on: bool

    @property
    def box(self) -> bool | None:
        """Whether it is ticked; None where there is nothing to tick."""
        return self.is_on if self.is_on or self.cost is not None else None

    @property
    def hint(self) -> str:
        """What a tick would bring."""
        if self.cost is None:
            return f"{self.name}: {UNTESTED}"
        return f"{self.name}: {count(self.cost.rows, 'row')}, {count(self.cost.fits, 'fit')} of their own"


class BoardPanel(QWidget):
    """`edited` carries the next plan and what was changed."""

    edited = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan: Plan | None = None
        self._labels: Labels | None = None
        self.table = DataTable("Moderators on the sensitivity board", (
            Column("Moderator", lambda row: row.name, checked=lambda row: row.box, hint=lambda row: row.hint,
                   stretch=True, least=140),
            Column("Tier", lambda row: NAMES[row.found.tier], order=lambda row: list(NAMES).index(row.found.tier)),
            Column("Rows", lambda row: str(row.cost.rows) if row.cost else "", number=True,
                   order=lambda row: row.cost.rows if row.cost else None, about="Rows it adds, over all outcomes"),
            Column("Fits", lambda row: str(row.cost.fits) if row.cost else "", number=True,
                   order=lambda row: row.cost.fits if row.cost else None,
                   about="Models it fits beside the others, over all outcomes; some milliseconds each"),
        ), key=lambda row: row.found.moderator, is_dense=True)
        self.table.records.ticked.connect(self._tick)
        self.table.opened.connect(lambda row: self._tick(row, not row.is_on))
        self.told = label(wrap=True)
        self.none = button("Main effect only")
        self.none.setToolTip("Take every moderator off the board; Undo brings them back")
        self.none.clicked.connect(lambda: self._take((), "Sensitivity board: main effect only"))
        self.asked = DataTable("What is asked of each", (
            Column("Asked of each", str, hint=str, stretch=True, least=120),), sortable=False, is_dense=True)
        self._lay_out()

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(2 * GRID)
        line.addWidget(self.told, 1)
        line.addWidget(self.none, 0, Qt.AlignmentFlag.AlignTop)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self.asked)
        split.setStretchFactor(0, 1)
        split.setSizes([500, 290])
        self.table.setMinimumWidth(330)
        self.asked.setMinimumWidth(220)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(label(RULE, "secondary", wrap=True))
        column.addLayout(line)
        column.addWidget(split, 1)

    def show_plan(self, plan: Plan, labels: Labels, found: Outlook | None) -> None:
        """Show what the plan has on its board, and what was counted; None: not counted yet."""
        self._plan, self._labels = plan, labels
        chosen = plan.consistent.sensitivity.moderators
        self.none.setEnabled(bool(plan.sensitivity.moderators))
        if found is None or found.board is None:
            self.told.setText("Patients are being counted.")
            self.table.show_records(())
            self.asked.show_records(())
            return
        costs, order = found.board.moderators, list(NAMES)
        rows = [Row(labels.variable(one.moderator), one, costs.get(one.moderator), one.moderator in chosen)
                for one in sorted(found.availability, key=lambda one: (order.index(one.tier), -one.share))]
        self.table.show_records(rows)
        if self.table.current is None and rows:
            self.table.choose(rows[0].found.moderator, tell=False)
        added = [row for row in rows if row.is_on]
        total, fits = found.board_rows(plan), sum(row.cost.fits for row in added if row.cost)
        self.told.setText(
            f"On the board: the main effect ({count(found.board.main.rows, 'row')}) and "
            f"{count(len(added), 'moderator')}, which {'adds' if len(added) == 1 else 'add'} "
            f"{count(total - found.board.main.rows, 'row')} with {count(fits, 'fit')} of their own."
            if added else f"On the board: the main effect alone, {count(total, 'row')}.")
        self.asked.show_records(variants_in_words(found.board.variants, labels))

    def _tick(self, row: Row, is_on: bool) -> None:
        if self._plan is None or row.box is None or row.is_on == is_on:
            return
        chosen = {*self._plan.consistent.sensitivity.moderators, row.found.moderator}
        if not is_on:
            chosen.discard(row.found.moderator)
        self._take(tuple(one.name for one in self._plan.moderators if one.name in chosen),
                   f"Sensitivity board: {row.name} {'on' if is_on else 'off'}")

    def _take(self, chosen: tuple[str, ...], what: str) -> None:
        if self._plan is not None and chosen != self._plan.sensitivity.moderators:
            self.edited.emit(self._plan.model_copy(update={"sensitivity": Board(moderators=chosen)}), what)


def variants_in_words(variants: tuple[str, ...], labels: Labels) -> list[str]:
    """What is asked, a line each; the studies that are left out one by one are one line."""
    from core.figures.sensitivity_forest import WITHOUT, variant_name

    one_by_one = [name for name in variants if name.startswith(WITHOUT)]
    lines = [variant_name(name, labels) for name in variants if name not in one_by_one]
    if one_by_one:
        lines.append(f"Without each study in turn ({len(one_by_one)})")
    return [*lines, "Of moderators: p by other cut-offs"]
