"""Columns of all files that could tell who a patient is, in one table, with a choice for each."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.errors import Where
from core.progress import Progress
from gui.pages.map_values import person
from gui.theme import GRID
from gui.widgets.columns import Column
from gui.widgets.edit_table import Edit, EditTable
from gui.widgets.frame import button, label
from gui.widgets.marks import ASKS, OK

if TYPE_CHECKING:
    from core.privacy.decisions import ColumnDecision
    from core.privacy.findings import Finding
    from core.session import Session

ABOUT = ("Columns that could tell who a patient is. Until you decide, nothing is changed. What is dropped leaves the "
         "project for good: it keeps a copy of the file without it, and the hash of the file as it came.")
NOTHING = ("No column of these files looks like names, e-mail addresses, telephone or record numbers, dates, addresses "
           "or ages over 89. Columns that do will be listed here, with what can be done. Look at the files yourself as "
           "well: no program knows all that can give a person away.")
CHOICE, REASON = "What to do", "Reason to keep it"


def _words(finding: Finding) -> str:
    from core.privacy.decisions import DONE, WORDS

    if finding.decision is not None:
        return DONE[finding.decision.action]
    return f"{WORDS[finding.suggested]}?"


def _reason(finding: Finding) -> str:
    return finding.decision.reason if finding.decision is not None else ""


def _is_free(finding: Finding) -> bool:
    """Whether there is something left to decide: what was cut stays cut."""
    return finding.decision is None or finding.decision.action == "keep"


def _place(finding: Finding) -> str:
    sign = finding.sign
    return f"{sign.file}, sheet {sign.sheet}" if sign.sheet else sign.file


class PrivacyView(QWidget):
    """`decided` carries decisions as the person made them, and the change's name."""

    decided = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.waiting = 0
        """Columns without a decision."""
        self._findings: tuple[Finding, ...] = ()
        self._about, self._costs = label(ABOUT, "secondary", wrap=True), label("", "secondary", wrap=True)
        self.all = button("Do all that is suggested")
        self.all.clicked.connect(self._take_all)
        self.table = EditTable("Columns that could tell who a patient is", (
            Column("Column", lambda one: one.sign.column, hint=_place, widest=190, least=90,
                   mark=lambda one: OK if one.decision else ASKS),
            Column("File", lambda one: one.sign.file, hint=_place, widest=150, least=70, is_spare=True),
            Column("Looks like", lambda one: one.sign.looks, hint=lambda one: one.sign.looks, widest=190, least=90),
            Column(CHOICE, _words, hint=_words, widest=240, least=150),
            Column(REASON, _reason, hint=_reason, stretch=True, widest=190, least=110)), is_dense=True)
        self.table.edited.connect(self._take)
        self.table.chosen.connect(self._show_costs)
        self._lay_out()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(2 * GRID)
        row.addWidget(self._costs, 1)
        row.addWidget(self.all)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self._about)
        column.addWidget(self.table, 1)
        column.addLayout(row)
        column.addStretch(0)

    def show_session(self, session: Session) -> None:
        """Fill the table; what is not known yet is shown once it is."""
        from core.privacy.findings import findings_of, has_findings_at_hand

        if session.sources and not has_findings_at_hand(session):
            self._about.setText("Looking through the columns of the files...")
            return
        self._findings = findings_of(session)
        self.waiting = sum(one.decision is None for one in self._findings)
        self._about.setText(ABOUT if self._findings else NOTHING)
        self.table.setVisible(bool(self._findings))
        self._costs.setVisible(bool(self._findings))
        self.all.setVisible(bool(self._findings))
        self.all.setEnabled(any(one.decision is None and one.suggested != "keep" for one in self._findings))
        self.table.show_records(self._findings, {
            CHOICE: Edit(value=lambda one: one.decision.action if one.decision else None, offer=_offer,
                         is_for=_is_free),
            REASON: Edit(value=_reason, hint="a reason keeps the column", is_for=_is_free)})
        if self._findings and self.table.current is None:
            self.table.setCurrentIndex(self.table.model_.index(0, 3))
        self._show_costs(self.table.current)

    def choose(self, where: Where) -> None:
        """Go to a column."""
        for row, one in enumerate(self._findings):
            if (one.sign.file, one.sign.sheet, one.sign.column) == (where.file, where.sheet, where.column):
                self.table.setCurrentIndex(self.table.model_.index(row, 3))
        self.table.setFocus()

    def _show_costs(self, finding: Finding | None) -> None:
        from core.privacy.decisions import WORDS

        if finding is None:
            self._costs.setText("")
        elif not _is_free(finding):
            self._costs.setText("Done. Undo brings it back while the project is open; after that only the team's file "
                                "has it.")
        else:
            self._costs.setText("\n".join(f"{WORDS[action]}: {finding.cost(action)}" for action in finding.choices))

    def _take(self, finding: Finding, title: str, value: Any) -> None:
        if title == CHOICE and value == "keep":  # with its reason it is kept
            at = self.table.currentIndex()
            QTimer.singleShot(0, self.table, lambda: self._ask_why(at.row()))
            return
        if title == REASON:
            if value:
                self._decide([_decision(finding, "keep", value)], f"Keeping {finding.sign.column}")
        else:
            self._decide([_decision(finding, value)], f"Privacy of {finding.sign.column}")

    def _ask_why(self, row: int) -> None:
        index = self.table.model_.index(row, 4)
        self.table.setCurrentIndex(index)
        self.table.edit(index)

    def _take_all(self) -> None:
        open_ones = [one for one in self._findings if one.decision is None and one.suggested != "keep"]
        self._decide([_decision(one, one.suggested) for one in open_ones], f"Privacy of {len(open_ones)} columns")

    def _decide(self, decisions: list[ColumnDecision], what: str) -> None:
        self.decided.emit(tuple(decisions), what)


def _offer(finding: Finding) -> tuple[tuple[str, object], ...]:
    from core.privacy.decisions import WORDS

    return tuple((WORDS[action], action) for action in finding.choices)


def _decision(finding: Finding, action: Any, reason: str = "") -> ColumnDecision:
    at = dt.datetime.now().astimezone().isoformat(timespec="seconds")
    return finding.decided(action, reason, person(), at)


def carry_out(session: Session, decisions: tuple[ColumnDecision, ...], progress: Progress) -> Session:
    """The session with columns cut or kept; runs on a job's thread."""
    return session.with_privacy(decisions, progress)
