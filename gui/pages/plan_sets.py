"""Sets: which moderators are combined, whose sets they are, and what each moderator more or less costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QSplitter, QVBoxLayout, QWidget

from core.errors import Severity, UserError
from core.moderators.members import WITHOUT
from core.moderators.set_costs import set_origin
from core.plan import PlanSet
from gui.jobs import JobRunner
from gui.pages.plan_outlook import has_cohort, has_set_costs, set_costs_of
from gui.theme import GRID
from gui.widgets.choices import combo, line, offer_again
from gui.widgets.columns import Column
from gui.widgets.data_table import DataTable
from gui.widgets.frame import ElidedLabel, button, label, set_kind
from gui.widgets.marks import OF_SEVERITY, Mark
from gui.widgets.message_line import MessageLine

if TYPE_CHECKING:
    from core.labels import Labels
    from core.moderators.set_costs import Cost, Left, SetCosts
    from core.session import Session

ORIGINS = {
    "published": (Mark("book-open", "published", "good"), "Members named in the publication."),
    "assumed": (Mark("question", "assumed", "warn"), "Members assumed by the protocol."),
    "changed": (Mark("pencil-simple", "changed", "accent"), "Other members than the protocol's set."),
    "own": (Mark("user", "your own", "accent"), "Not a set of the protocol."),
}
REFUSED, WARNING = Mark("lock-simple", "not for sets", "secondary"), OF_SEVERITY[Severity.WARNING]
NEW = "New set"
FINE = "Nothing to warn of."
NOTHING = "The plan has no sets. New set makes one."
WAITING = "Patients are being counted."
ON_FLEXIBLE = ("A forest, free to bend and to combine, is judged by the same patients held out: it shows whether M* "
               "leaves something aside. Sets then take about three times as long.")


@dataclass(frozen=True)
class Row:
    """A moderator in or out of the chosen set; `left` and `lost` are of the outcome that is counted for."""

    name: str
    cost: Cost
    left: Left
    lost: int

    @property
    def mark(self) -> Mark | None:
        """Whether there is something to know."""
        return REFUSED if self.cost.refused else WARNING if self.cost.warnings else None

    @property
    def words(self) -> str:
        """All there is to know."""
        return self.cost.refused or " ".join(self.cost.warnings)

    def number(self, count: int) -> str:
        """A count; nothing of what cannot be a member."""
        return "" if self.cost.refused else f"{count:,}"


class SetsPanel(QWidget):
    """`edited` carries the next plan and what was changed; `failed` what stopped the counting."""

    edited = Signal(object, str)
    failed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runner = JobRunner(self)
        self._session: Session | None = None
        self._labels: Labels | None = None
        self._costs: SetCosts | None = None
        self._wanted = ""
        self._shown: object = None
        self.sets = DataTable("Sets of moderators", (
            Column("Set", lambda one: one.name, hint=lambda one: one.name, stretch=True, least=60),
            Column("Members", lambda one: str(len(one.moderators)), number=True, order=lambda one: len(one.moderators)),
            Column("From", lambda one: self._origin(one)[0].word, mark=lambda one: self._origin(one)[0],
                   hint=lambda one: self._origin(one)[1])), key=lambda one: one.name, sortable=False, is_dense=True)
        self.sets.chosen.connect(lambda _: self._show_set())
        self.new, self.copy, self.remove = button(NEW), button("Copy"), button("Remove")
        self.new.clicked.connect(self._make)
        self.copy.clicked.connect(self._copy)
        self.remove.clicked.connect(self._remove)
        self.name = line("Name of the set", self._rename)
        self.origin, self.words, self.told = ElidedLabel(), label(wrap=True), label(kind="secondary", wrap=True)
        self.fault = MessageLine()
        self.warnings = DataTable("What to know of the set", (
            Column("To know of this set", str, stretch=True, least=100),), sortable=False, wrap=True, is_dense=True)
        self.members = self._table("Members of the set", "Member", "Without it", "Patients that it costs the set")
        self.candidates = self._table("Moderators that are not in the set", "Other moderator", "With it",
                                      "Patients that the set would lose", Column(
                                          "To know", lambda row: REFUSED.word if row.cost.refused else row.words,
                                          mark=lambda row: row.mark, hint=lambda row: row.words, least=70, widest=260))
        self.members.opened.connect(lambda _: self._take_out())
        self.candidates.opened.connect(lambda _: self._add())
        self.candidates.chosen.connect(lambda _: self._tell())
        self.outcome = combo("Outcome the patients are counted for", self._fill)
        self.outcome.setMinimumContentsLength(14)
        self.take_out, self.add = button("Take out"), button("Add")
        self.take_out.setToolTip("Take the chosen member out of the set; Enter in the table does the same")
        self.add.setToolTip("Put the chosen moderator into the set; Enter in the table does the same")
        self.take_out.clicked.connect(self._take_out)
        self.add.clicked.connect(self._add)
        self.flexible = QCheckBox("Also try a flexible learner")
        self._lay_out()

    def _table(self, name: str, first: str, title: str, about: str, *more: Column) -> DataTable:
        return DataTable(name, (
            Column(first, lambda row: row.name, hint=lambda row: row.name, stretch=True, least=110),
            Column(title, lambda row: row.number(row.left.n), number=True, order=lambda row: row.left.n,
                   about=f"Patients with the outcome and every member, {title.lower()}"),
            Column("Studies", lambda row: row.number(row.left.k), number=True, order=lambda row: row.left.k),
            Column("Costs", lambda row: row.number(row.lost), number=True, order=lambda row: row.lost, about=about),
            *more), key=lambda row: row.cost.name, is_dense=True)

    def _lay_out(self) -> None:
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self._list())
        split.addWidget(self._set())
        split.setStretchFactor(1, 1)
        split.setSizes([270, 520])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, GRID, 0, 0)
        outer.addWidget(split, 1)
        self.flexible.clicked.connect(self._take_flexible)
        self.flexible.setAccessibleName(self.flexible.text())
        self.flexible.setAccessibleDescription(ON_FLEXIBLE)
        foot = _row(self.flexible)
        foot.addWidget(label(ON_FLEXIBLE, "secondary", wrap=True), 1)
        outer.addLayout(foot)
        order = (self.name, self.members, self.outcome, self.candidates, self.take_out, self.add, self.flexible)
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)

    def _list(self) -> QWidget:
        made = QWidget()
        made.setMinimumWidth(270)
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.sets, 2)
        column.addWidget(self.warnings, 1)
        column.addLayout(_row(self.new, self.copy, self.remove))
        return made

    def _set(self) -> QWidget:
        made = QWidget()
        made.setMinimumWidth(400)
        self.name.setMaximumWidth(180)
        set_kind(self.origin, "secondary")
        head = _row(label("Set"), self.name)
        head.addWidget(self.origin, 1)
        self.of = label("Counted for", "secondary")
        self.told.setMinimumHeight(2 * self.told.fontMetrics().lineSpacing())
        self.told.setAlignment(Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(made)
        column.setContentsMargins(GRID, 0, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(head)
        column.addWidget(self.fault)
        column.addWidget(self.words)
        column.addWidget(self.members, 4)
        column.addLayout(_row(self.of, self.outcome, None, self.take_out, self.add))
        column.addWidget(self.candidates, 5)
        column.addWidget(self.told)
        for table in (self.members, self.candidates):
            table.setMinimumHeight(90)
        return made

    # --- showing ----------------------------------------------------------------------------------------------------

    def show_plan(self, session: Session, labels: Labels) -> None:
        """Show the sets of a plan; the one that was chosen stays chosen."""
        shown, self._shown = self._shown, (session.data_fingerprint, session.plan.fingerprint, has_cohort(session))
        if shown == self._shown:
            self._session = session
            return
        before = self.sets.current
        wanted = self._wanted or (before.name if before is not None else "")
        self._session, self._labels, self._wanted = session, labels, ""
        offer_again(self.outcome, [(labels.outcome(one.name), one.name) for one in session.plan.outcomes])
        for part in (self.of, self.outcome):
            part.setVisible(len(session.plan.outcomes) > 1)
        self.flexible.setChecked(session.plan.combined.flexible)
        row = max(0, self.sets.currentIndex().row())
        self.sets.show_records(session.plan.sets)
        if session.plan.sets and not self.sets.choose(wanted, tell=False):
            self.sets.choose(session.plan.sets[min(row, len(session.plan.sets) - 1)].name, tell=False)
        self._show_set()

    def _show_set(self) -> None:
        """The chosen set, counted on another thread unless the session remembers it."""
        one, session = self._chosen, self._session
        for part in (self.copy, self.remove, self.name):
            part.setEnabled(one is not None)
        self.fault.clear()
        self.runner.silence()
        self._costs = None
        self.take_out.setEnabled(False)
        self.add.setEnabled(False)
        if self.name.text() != (one.name if one is not None else ""):  # else what is selected in it stays so
            self.name.setText(one.name if one is not None else "")
        self.origin.setText(self._origin(one)[1] if one is not None else "")
        self.words.setText(WAITING if one is not None else NOTHING)
        if one is None or session is None or not has_cohort(session):
            self._fill()
        elif has_set_costs(session, one.moderators):
            self._show_costs(set_costs_of(session, one.moderators))
        else:  # the tables stay as they are for a tenth of a second
            job = self.runner.start(set_costs_of, session, one.moderators)
            job.succeeded.connect(self._show_costs)
            job.failed.connect(self.failed)

    def _show_costs(self, found: SetCosts) -> None:
        self._costs = found
        self.words.setText(" ".join(f"{self._outcome(left)}: {_patients(left)}." for left in found.left))
        self._fill()

    def _fill(self) -> None:
        """Both tables, for the outcome that is chosen."""
        costs = self._costs
        self.warnings.show_records((costs.warnings or (FINE,)) if costs else ())
        place = max(0, self.outcome.currentIndex())
        for table, found in ((self.members, costs.members if costs else ()),
                             (self.candidates, costs.candidates if costs else ())):
            rows = [Row(self._name(cost.name), cost, cost.left[place],
                        abs(costs.left[place].n - cost.left[place].n)) for cost in found] if costs else []
            at = max(0, table.currentIndex().row())
            table.show_records(rows)
            if table.current is None and rows:  # the next one takes the place of the one that went
                table.choose(table.records.records[min(at, len(rows) - 1)].cost.name, tell=False)
        self.take_out.setEnabled(self.members.current is not None)
        self._tell()

    def _tell(self) -> None:
        """What the moderator under the keyboard would cost, for every outcome."""
        row: Row | None = self.candidates.current
        self.add.setEnabled(row is not None and not row.cost.refused and self._costs is not None)
        if row is None or self._costs is None:
            self.told.clear()
            return
        parts = [row.words] if row.words else []
        if not row.cost.refused:
            parts = [f"{self._outcome(now)}: {_patients(now)}, with {row.name} {then.n:,} in {then.k}."
                     for now, then in zip(self._costs.left, row.cost.left, strict=True)] + parts
        self.told.setText(" ".join(parts))

    @property
    def _chosen(self) -> PlanSet | None:
        one: PlanSet | None = self.sets.current
        return one

    def _origin(self, one: PlanSet) -> tuple[Mark, str]:
        return ORIGINS[set_origin(one, self._session.protocol if self._session is not None else None)]

    def _name(self, moderator: str) -> str:
        return self._labels.variable(moderator) if self._labels is not None else moderator

    def _outcome(self, left: Left) -> str:
        return self._labels.outcome(left.outcome) if self._labels is not None else left.outcome

    # --- deciding ---------------------------------------------------------------------------------------------------

    def _make(self) -> None:
        if self._session is not None:
            name = self._free(NEW)
            self._put((*self._session.plan.sets, PlanSet(name=name, moderators=())), f"Set {name}", name)
            self.name.setFocus()
            self.name.selectAll()

    def _copy(self) -> None:
        one = self._chosen
        if one is not None:
            name = self._free(f"{one.name} copy")
            self._replace(one, one, one.model_copy(update={"name": name}), what=f"Set {name}", chosen=name)

    def _remove(self) -> None:
        one = self._chosen
        if one is not None:
            self._replace(one, what=f"Set {one.name} removed", chosen="")

    def _rename(self) -> None:
        one, name = self._chosen, " ".join(self.name.text().split())
        if one is None or name == one.name:
            self.fault.clear()
        elif why := self._refusal(name):
            self.fault.show_fault(UserError(f"The set keeps its name, {one.name}: {why}."))
        else:
            self._replace(one, one.model_copy(update={"name": name}), what=f"Set {one.name} is called {name}",
                          chosen=name)

    def _add(self) -> None:
        one, row = self._chosen, self.candidates.current
        if one is not None and row is not None and self.add.isEnabled():
            more = one.model_copy(update={"moderators": (*one.moderators, row.cost.name)})
            self._replace(one, more, what=f"Set {one.name}: {row.name} added", chosen=one.name)

    def _take_out(self) -> None:
        one, row = self._chosen, self.members.current
        if one is not None and row is not None and self.take_out.isEnabled():
            rest = tuple(name for name in one.moderators if name != row.cost.name)
            self._replace(one, one.model_copy(update={"moderators": rest}),
                          what=f"Set {one.name}: {row.name} taken out", chosen=one.name)

    def _replace(self, one: PlanSet, *by: PlanSet, what: str, chosen: str) -> None:
        if self._session is not None:
            sets = [new for known in self._session.plan.sets for new in (by if known.name == one.name else (known,))]
            self._put(sets, what, chosen)

    def _take_flexible(self, asked: bool) -> None:
        if self._session is not None:
            plan = self._session.plan
            self.edited.emit(plan.model_copy(update={"combined": plan.combined.model_copy(update={"flexible": asked})}),
                             "Flexible learner beside M*")

    def _put(self, sets: Sequence[PlanSet], what: str, chosen: str) -> None:
        if self._session is not None:
            self.fault.clear()
            self._wanted = chosen
            self.edited.emit(self._session.plan.model_copy(update={"sets": tuple(sets)}), what)

    def _refusal(self, name: str) -> str:
        """Why a set cannot be called that; "" if it can."""
        if not name:
            return "there is no other"
        if name.endswith(WITHOUT):
            return f'names that end in "{WITHOUT}" are for what a run makes of a set'
        return f"there is a set {name} already" if self._free(name) != name else ""

    def _free(self, name: str) -> str:
        """A name that no set has yet."""
        taken = {one.name for one in self._session.plan.sets} if self._session is not None else set()
        numbered = (f"{name} {number}" for number in range(2, len(taken) + 2))
        return name if name not in taken else next(one for one in numbered if one not in taken)


def _row(*parts: QWidget | None) -> QHBoxLayout:
    """Parts side by side; None is room that stretches."""
    made = QHBoxLayout()
    made.setSpacing(GRID)
    for part in parts:
        if part is None:
            made.addStretch(1)
        else:
            made.addWidget(part, 1 if isinstance(part, QPushButton) and None not in parts else 0)
    return made


def _patients(left: Left) -> str:
    return f"{left.n:,} {'patient' if left.n == 1 else 'patients'} in {left.k} {'study' if left.k == 1 else 'studies'}"
