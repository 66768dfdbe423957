"""Plan: what will be estimated, in sentences with choices in place, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from core.errors import Severity, UserError, Where
from core.labels import labels_for
from core.plan import Plan, further_outcomes, protocol_plan, read_plan
from core.plan_lock import Difference, note, standing_in_brief, unexplained
from core.steps import Step
from gui import dialogs
from gui.jobs import JobRunner
from gui.pages.page import Page, TourState
from gui.pages.plan_board import BoardPanel
from gui.pages.plan_changes import ChangesPanel
from gui.pages.plan_choices import QUADRATURE, PlanChoices
from gui.pages.plan_distributions import DistributionsPanel, place_of
from gui.pages.plan_outlook import Outlook, outlook
from gui.pages.plan_sets import SetsPanel
from gui.pages.plan_tiers import TiersPanel
from gui.theme import GRID
from gui.widgets.frame import button, clear, label

if TYPE_CHECKING:
    from core.distributions import Transform
    from core.session import Session

PLAN_FILES = "Plans (*.json)"
SETS, BOARD, CHANGES = 3, 4, 5
"""Places of the tabs with the sets, the sensitivity board's moderators and the changes."""


class PlanPage(Page):
    """Each choice is taken as it is made; locking the plan leads to the run."""

    title: ClassVar[str] = "Plan"
    step: ClassVar[Step] = Step.PLAN

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lock = QAction("Lock and run", self)
        self.lock.setToolTip("Fix this plan and compute the estimates")
        self.lock.triggered.connect(self._lock)
        self.runner = JobRunner(self)
        self._counted = ""
        self._outlook: Outlook | None = None
        self._data = ""
        self._is_asking = False
        self.choices = PlanChoices()
        self.choices.edited.connect(self._take)
        # once the words have their place
        self.choices.refused.connect(lambda line: QTimer.singleShot(0, line, lambda: self._bring(line)))
        self.costs = CostCard()
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(self.choices)
        self.choices.setAutoFillBackground(False)
        self.area.viewport().setAutoFillBackground(False)
        self.tiers, self.distributions, self.changes = TiersPanel(), DistributionsPanel(), ChangesPanel()
        self.sets, self.board = SetsPanel(), BoardPanel()
        self.board.edited.connect(self._take)
        self.choices.asked_for_board.connect(self._show_board)
        self.sets.edited.connect(self._take)
        self.sets.failed.connect(self.show_failure)
        self.tiers.edited.connect(self._take)
        self.tiers.moved.connect(self._move)
        self.distributions.chosen.connect(self._transform)
        self.changes.explained.connect(self._explain)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Parts of the plan")
        for words, part in (("Plan", self._sentences()), ("Tiers", self.tiers), ("Distributions", self.distributions),
                            ("Sets", self.sets), ("Sensitivity", self.board), ("Changes", self.changes)):
            self.tabs.addTab(part, words)
        self.tabs.tabBar().setAccessibleName("Parts of the plan")
        self.first = self.tabs.tabBar()
        self.body.addWidget(self.tabs, 1)

    def _sentences(self) -> QWidget:
        made = QWidget()
        column = QVBoxLayout()
        column.setSpacing(GRID)
        column.addLayout(self._tools())
        column.addWidget(self.area, 1)
        side = QVBoxLayout()
        side.addWidget(self.costs)
        side.addStretch(1)
        row = QHBoxLayout(made)
        row.setContentsMargins(0, GRID, 0, 0)
        row.setSpacing(2 * GRID)
        row.addLayout(column, 1)
        row.addLayout(side)
        return made

    def _tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        self.load = button("Load plan...", shape="folder-open")
        self.save = button("Save plan...", shape="floppy-disk")
        self.restore = button("Protocol's plan")
        self.load.clicked.connect(self._ask_for_plan)
        self.save.clicked.connect(self._ask_where_to_save)
        self.restore.clicked.connect(self._restore)
        self.restore.setToolTip("Put every choice back to what the protocol says; Undo brings yours back")
        for one in (self.load, self.save):
            row.addWidget(one)
        row.addStretch(1)
        row.addWidget(self.restore)
        return row

    # --- showing ----------------------------------------------------------------------------------------------------

    def sentence(self, session: Session | None) -> str:
        """What the plan is for and whose it is."""
        what = "What will be estimated and how, fixed before results are seen."
        if session is None:
            return what
        is_own = session.plan.fingerprint != protocol_plan(session.protocol).fingerprint
        whose = "It differs from the plan of the protocol." if is_own else "It is the plan of the protocol."
        if session.plan_lock is None:
            return f"{what} {whose}"
        return f"{whose} {standing_in_brief(session.plan_lock, session.plan_changes)}"

    def foot(self, session: Session | None) -> str:
        """What follows from a change."""
        if session is None or session.results is None or session.is_without_data:
            return ""
        return "The results belong to this plan." if session.results_are_current else \
            "The results belong to another plan or other data."

    def display(self, session: Session | None) -> None:
        """Fill the sentences and count what they ask for."""
        if session is None:
            return
        self.main_action = None if session.results_are_current or session.is_without_data else self.lock
        if session.is_without_data:
            self.costs.say("The patients' data are not in this project, so nobody can be counted.")
        self.lock.setText("Lock and run" if session.plan_lock is None else "Run")
        self.lock.setToolTip("Fix this plan and compute the estimates" if session.plan_lock is None else
                             "Compute the estimates of the plan as it is now")
        changes = self.changes.show_changes(session)
        self.tabs.setTabText(CHANGES, f"Changes ({len(changes)})" if changes else "Changes")
        if self._is_asking and not unexplained(changes):
            self._is_asking = False
            self.message.clear()
        if self._data != session.data_fingerprint:  # what was counted is of other patients
            self._data, self._outlook = session.data_fingerprint, None
            self.tiers.show_availability((), None)
            self.distributions.show_found(session, labels_for(session.protocol), ())
        self.tiers.show_plan(session.plan, labels_for(session.protocol))
        self.sets.show_plan(session, labels_for(session.protocol))
        self._show_counted(session)
        self.choices.show_plan(session.plan, labels_for(session.protocol), bool(session.protocol.conversions),
                               further_outcomes(session.protocol))
        self.restore.setEnabled(session.chosen_plan is not None)
        if session.has_harmonized_at_hand and self._counted != session.inputs_fingerprint:
            self._count(session)

    def _count(self, session: Session) -> None:
        inputs = session.inputs_fingerprint

        def show(found: Outlook) -> None:
            self._counted = inputs
            self.message.clear()
            if found is self._outlook:  # what has changed is counted apart
                return
            self._outlook = found
            self.choices.show_counts(dict(found.tiers), found.curves)
            self.tiers.show_availability(found.availability, found.availability_map)
            self.sets.show_plan(session, labels_for(session.protocol))
            self._show_counted(session)

        job = self.runner.start(outlook, session)
        job.succeeded.connect(show)
        job.failed.connect(self.show_failure)

    def _show_counted(self, session: Session) -> None:
        """What follows from the plan and what was counted last."""
        found, labels = self._outlook, labels_for(session.protocol)
        self.board.show_plan(session.plan, labels, found)
        if found is not None:
            self.costs.show_outlook(found, session.plan, labels.outcomes)
            self.distributions.show_found(session, labels, found.distributions)

    def _bring(self, line: QWidget) -> None:
        """What was refused comes into sight."""
        self.choices.adjustSize()
        self.area.ensureWidgetVisible(line, 0, 2 * GRID)

    def focus_place(self, where: Where) -> None:
        """The plan has no places of its own in issues; the first choice takes the keyboard."""
        self.tabs.setCurrentIndex(0)
        self.load.setFocus()

    def tour_states(self) -> Sequence[TourState]:
        """The top, what is refused, and the end."""
        return (("", lambda: self.tabs.setCurrentIndex(0)), ("refused", self._show_refusal), ("end", self._show_end),
                ("tiers", self._show_tiers), ("distributions", lambda: self.tabs.setCurrentIndex(2)),
                ("sets", self._show_sets), ("sensitivity", self._show_board),
                ("changes", lambda: self.tabs.setCurrentIndex(CHANGES)))

    def _show_tiers(self) -> None:
        self.tabs.setCurrentIndex(1)
        self.tiers.cuts.fields["tier1"].setValue(60)

    def _show_sets(self) -> None:
        self.tabs.setCurrentIndex(SETS)
        self.sets.candidates.choose("bmi")

    def _show_board(self) -> None:
        self.tabs.setCurrentIndex(BOARD)
        self.board.table.setFocus()

    def _show_refusal(self) -> None:
        field = self.choices.fields[QUADRATURE.path]
        field.setText("0")  # type: ignore[attr-defined]
        field.editingFinished.emit()  # type: ignore[attr-defined]

    def _show_end(self) -> None:
        if self.session is not None:
            field = self.choices.fields[QUADRATURE.path]
            field.setText(str(self.session.plan.model.quadrature))  # type: ignore[attr-defined]
            field.editingFinished.emit()  # type: ignore[attr-defined]
        self.area.verticalScrollBar().setValue(self.area.verticalScrollBar().maximum())

    # --- deciding ---------------------------------------------------------------------------------------------------

    def _take(self, plan: Plan, what: str) -> None:
        if self.session is not None:
            self.decided.emit(self.session.with_plan(plan), what)

    def _move(self, plan: Plan, what: str, why: str) -> None:
        if self.session is not None:
            self.decided_because.emit(self.session.with_plan(plan), what, why)

    def _transform(self, chosen: dict[str, Transform], what: str) -> None:
        from core.distributions import with_transforms

        if self.session is None:
            return
        told = (note(place_of(name), value) for name, value in chosen.items())
        plan = with_transforms(self.session.plan, chosen)
        session = self.session if plan == self.session.plan else self.session.with_plan(plan)
        self.decided.emit(session.with_notes(*told), what)

    def _explain(self, change: Difference, why: str) -> None:
        if self.session is not None:
            self.decided_because.emit(self.session.with_reason((change,), why), f"Why: {change.what}", why)

    def _lock(self) -> None:
        """The run locks the plan. Where it was changed since, the reasons are asked for first."""
        if self.session is None:
            return
        missing = unexplained(self.session.plan_changes)
        if not missing:
            self.message.clear()
            self.go_and_do.emit(Step.RUN)
            return
        one = len(missing) == 1
        self.message.say(f"{len(missing)} {'change' if one else 'changes'} since the plan was locked "
                         f"{'has' if one else 'have'} no reason yet. Say why below, then run.", Severity.QUESTION)
        self._is_asking = True
        self.tabs.setCurrentIndex(CHANGES)
        self.changes.ask()

    def _restore(self) -> None:
        if self.session is not None:
            self._take(protocol_plan(self.session.protocol), "Protocol's plan")

    def _ask_for_plan(self) -> None:
        found = dialogs.choose_files(self, "Load a plan", PLAN_FILES, several=False)
        if not found:
            return
        self.message.clear()
        try:
            plan = read_plan(_read(found[0]), found[0].name)
        except UserError as fault:
            self.message.show_fault(fault)
            return
        self._take(plan, f"Plan from {found[0].name}")

    def _ask_where_to_save(self) -> None:
        target = dialogs.choose_target(self, "Save the plan", PLAN_FILES, "plan.json")
        if target is None or self.session is None:
            return
        try:
            target.write_text(self.session.plan.pretty_json(), encoding="utf-8")
        except OSError as fault:
            self.message.show_fault(UserError(f"The plan cannot be written: {fault.strerror}.",
                                              Where(file=target.name), "Choose another folder or name."))
            return
        self.message.say(f"The plan is in {target}.")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise UserError(f"The plan cannot be read: {fault.strerror}.", Where(file=path.name),
                        "Choose another file.") from None


class CostCard(QFrame):
    """Patients, studies, outcomes, analyses and tiers, in numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self.setFixedWidth(236)
        self.setAccessibleName("What the plan asks for")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(2 * GRID, 12, 2 * GRID, 12)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(0, 1)
        self._waiting = label("Counting patients...", "secondary", wrap=True)
        self._grid.addWidget(self._waiting, 0, 0)
        self._shown: object = None

    def say(self, text: str) -> None:
        """Why nothing is counted, while nothing has been."""
        if self._shown is None:
            self._waiting.setText(text)

    def show_outlook(self, found: Outlook, plan: Plan, names: Mapping[str, str]) -> None:
        """Show the counts under a plan; `names` are outcomes' labels."""
        shown = found, plan.sensitivity, plan.splines
        if shown == self._shown:
            return
        self._shown = shown
        clear(self._grid)
        for row in range(self._grid.rowCount()):  # what stood there before leaves its room otherwise
            self._grid.setRowMinimumHeight(row, 0)
        self._large(f"{found.patients:,}", f"patients in {found.studies} studies")
        for outcome in found.outcomes:
            self._line(names.get(outcome.outcome, outcome.outcome), f"{outcome.n:,} in {outcome.k}")
        self._gap()
        self._large(f"{len(found.tasks)}", "main-effect analyses")
        self._line("Replicates", f"{found.replicates:,}")
        self._line("Sensitivity rows", f"{found.board_rows(plan):,}")
        if plan.splines.knots:
            self._line("Benefit curves", f"{found.curves:,}")
        self._gap()
        self._large(f"{sum(found.tiers.values())}", "moderators the protocol names")
        for tier, words in (("1", "Tier 1"), ("2", "Tier 2"), ("none", "Not tested")):
            self._line(words, f"{found.tiers.get(tier, 0)}")
        self.setAccessibleDescription(f"{found.patients} patients in {found.studies} studies, {len(found.tasks)} "
                                      "main-effect analyses")

    def _large(self, number: str, words: str) -> None:
        self._grid.addWidget(label(number, "figure"), self._grid.rowCount(), 0, 1, 2)
        self._grid.addWidget(label(words, "secondary", wrap=True), self._grid.rowCount(), 0, 1, 2)

    def _line(self, words: str, number: str) -> None:
        row = self._grid.rowCount()
        self._grid.addWidget(label(words), row, 0)
        self._grid.addWidget(label(number), row, 1, Qt.AlignmentFlag.AlignRight)

    def _gap(self) -> None:
        row = self._grid.rowCount()
        self._grid.setRowMinimumHeight(row, 2 * GRID)
        self._grid.addWidget(label(), row, 0)
