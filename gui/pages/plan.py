"""Plan: what will be estimated, in sentences with choices in place, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from core.documents import parse_document
from core.errors import UserError, Where
from core.labels import labels_for
from core.plan import Plan, protocol_plan
from core.steps import Step
from gui import dialogs
from gui.jobs import JobRunner
from gui.pages.page import Page, TourState
from gui.pages.plan_choices import QUADRATURE, PlanChoices
from gui.pages.plan_outlook import Outlook, outlook
from gui.theme import GRID
from gui.widgets.frame import button, clear, label

if TYPE_CHECKING:
    from core.session import Session

PLAN_FILES = "Plans (*.json)"


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
        row = QHBoxLayout()
        row.setSpacing(2 * GRID)
        row.addWidget(self.area, 1)
        side = QVBoxLayout()
        side.addWidget(self.costs)
        side.addStretch(1)
        row.addLayout(side)
        self.body.addLayout(self._tools())
        self.body.addLayout(row, 1)

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
        self.first = self.load
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
        return f"{what} {'It differs from the plan of the protocol.' if is_own else 'It is the plan of the protocol.'}"

    def foot(self, session: Session | None) -> str:
        """What follows from a change."""
        if session is None or session.results is None:
            return ""
        return "The results belong to this plan." if session.results_are_current else \
            "The results belong to another plan or other data."

    def display(self, session: Session | None) -> None:
        """Fill the sentences and count what they ask for."""
        if session is None:
            return
        self.main_action = None if session.results_are_current else self.lock
        self.choices.show_plan(session.plan, labels_for(session.protocol), bool(session.protocol.conversions))
        self.restore.setEnabled(session.chosen_plan is not None)
        if session.has_harmonized_at_hand and self._counted != session.inputs_fingerprint:
            self._count(session)

    def _count(self, session: Session) -> None:
        inputs = session.inputs_fingerprint

        def show(found: Outlook) -> None:
            self._counted = inputs
            self.message.clear()
            self.costs.show_outlook(found, labels_for(session.protocol).outcomes)
            self.choices.show_tiers(dict(found.tiers))

        job = self.runner.start(outlook, session)
        job.succeeded.connect(show)
        job.failed.connect(self.show_failure)

    def _bring(self, line: QWidget) -> None:
        """What was refused comes into sight."""
        self.choices.adjustSize()
        self.area.ensureWidgetVisible(line, 0, 2 * GRID)

    def focus_place(self, where: Where) -> None:
        """The plan has no places of its own in issues; the first choice takes the keyboard."""
        self.load.setFocus()

    def tour_states(self) -> Sequence[TourState]:
        """The top, what is refused, and the end."""
        return (("", lambda: None), ("refused", self._show_refusal), ("end", self._show_end))

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

    def _lock(self) -> None:
        if self.session is not None:
            self.decided.emit(self.session.with_plan(self.session.plan), "Plan locked")
            self.go_and_do.emit(Step.RUN)

    def _restore(self) -> None:
        if self.session is not None:
            self._take(protocol_plan(self.session.protocol), "Protocol's plan")

    def _ask_for_plan(self) -> None:
        found = dialogs.choose_files(self, "Load a plan", PLAN_FILES, several=False)
        if not found:
            return
        self.message.clear()
        try:
            plan = parse_document(Plan, _read(found[0]), "plan", found[0].name)
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
        self._grid.addWidget(label("Counting patients...", "secondary"), 0, 0)

    def show_outlook(self, found: Outlook, names: Mapping[str, str]) -> None:
        """Show the counts; `names` are outcomes' labels."""
        clear(self._grid)
        self._large(f"{found.patients:,}", f"patients in {found.studies} studies")
        for outcome in found.outcomes:
            self._line(names.get(outcome.outcome, outcome.outcome), f"{outcome.n:,} in {outcome.k}")
        self._gap()
        self._large(f"{len(found.tasks)}", "main-effect analyses, and the sensitivity board")
        self._line("Replicates", f"{found.replicates:,}")
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
