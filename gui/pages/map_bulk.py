"""Many decisions of the Map page at once: what would be done where, to be looked at and taken together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.bulk import Proposal, like_named_proposals, suggested_proposals
from core.progress import Progress
from gui.jobs import JobRunner
from gui.theme import GRID
from gui.widgets.choices import combo, offer
from gui.widgets.columns import Column
from gui.widgets.data_table import DataTable
from gui.widgets.frame import button, label
from gui.widgets.marks import NONE, OK

if TYPE_CHECKING:
    from core.session import Session

ALL, STUDY, VARIABLE, LIKE_NAMED = "all", "study", "variable", "like named"
SUGGESTIONS_ABOUT = ("What the program would suggest and is not in force. The sure ones are marked to be taken; the "
                     "others say why they ask.")
RULE_ABOUT = "The same rule on the column of that name in other studies. What needs a look is not marked."
NO_SUGGESTION = "Nothing to take: every suggestion is in force or was decided otherwise."
NO_COLUMN = ("Nothing to apply: where other studies have a column of that name, it is read so already; or this rule is "
             "not about one column.")


@dataclass(frozen=True)
class Line:
    """A proposal with names for the screen, and whether it is to be taken."""

    proposal: Proposal
    study: str
    variable: str
    is_taken: bool

    @property
    def remark(self) -> str:
        """What a person should know before."""
        by = self.proposal.replaces
        replaces = f"replaces what {by} decided" if by else ""
        return "; ".join(part for part in (self.proposal.doubt, replaces) if part)


COLUMNS = (
    Column("Take", lambda line: "take" if line.is_taken else "leave", mark=lambda line: OK if line.is_taken else NONE),
    Column("Study", lambda line: line.study, hint=lambda line: line.study, widest=200, least=90),
    Column("Variable", lambda line: line.variable, hint=lambda line: line.variable, widest=200, least=90),
    Column("Column", lambda line: line.proposal.column, hint=lambda line: line.proposal.column, widest=180, least=96),
    Column("What it does", lambda line: line.proposal.effect, hint=lambda line: line.proposal.effect, widest=400,
           least=120),
    Column("To look at", lambda line: line.remark, hint=lambda line: line.remark, stretch=True, widest=400, least=90))


class _Lines(DataTable):
    """Enter, the space bar and a click mark a line."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The space bar does what Enter does."""
        if event.key() == Qt.Key.Key_Space and self.current is not None:
            self.opened.emit(self.current)
        else:
            super().keyPressEvent(event)


class BulkView(QWidget):
    """`taken` carries the proposals the person took, and the step's name."""

    taken = Signal(object, str)
    back = Signal()
    failed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session: Session | None = None
        self._study, self._variable = "", ""
        self._runner = JobRunner(self)
        self.heading, self.about = label(kind="section", wrap=True), label(kind="secondary", wrap=True)
        self.scope = combo("Which suggestions", self._propose)
        self.scope.setMinimumContentsLength(28)
        self.lines = _Lines("What would be done", COLUMNS, sortable=False, wrap=True,
                            key=lambda line: (line.proposal.study, line.proposal.variable))
        self.lines.opened.connect(self._turn)
        self.lines.clicked.connect(lambda index: self._turn(self.lines.records.records[index.row()]))
        self.nothing = label(kind="secondary", wrap=True)
        self.count = label(kind="secondary", wrap=True)
        to_board = button("All studies", shape="grid-four")
        to_board.clicked.connect(self.back)
        self.take = button("Take", "primary", "check")
        self.take.clicked.connect(self._take)
        head, foot = QHBoxLayout(), QHBoxLayout()
        for row, parts in ((head, (to_board, self.scope)), (foot, (self.take, self.count))):
            row.setSpacing(GRID)
            for part in parts:
                row.addWidget(part)
        head.addStretch(1)
        foot.setStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(head)
        for part in (self.heading, self.about, self.nothing):
            column.addWidget(part)
        column.addWidget(self.lines, 1)
        column.addStretch(0)
        column.addLayout(foot)

    # --- showing ----------------------------------------------------------------------------------------------------

    def show_suggestions(self, session: Session, study: str, variable: str) -> None:
        """Suggestions of all studies; a study's or a variable's alone can be chosen."""
        self._session, self._study, self._variable = session, study, variable
        options = [("Every study and variable", ALL), (f"Only {session.registry.by_id[study].name}", STUDY)]
        found = session.protocol.variables_by_key.get(variable)
        options += [(f"Only {found.label}", VARIABLE)] if found else []
        offer(self.scope, options, ALL)
        self.scope.show()
        self.heading.setText("Take suggestions")
        self.about.setText(SUGGESTIONS_ABOUT)
        self._propose()

    def show_rule(self, session: Session, study: str, variable: str) -> None:
        """What one study's rule would do to others."""
        self._session, self._study, self._variable = session, study, variable
        offer(self.scope, [("", LIKE_NAMED)], LIKE_NAMED)
        self.scope.hide()
        known = session.protocol.variables_by_key[variable]
        self.heading.setText(f"{known.label}: apply the rule of {session.registry.by_id[study].name} to other studies")
        self.about.setText(RULE_ABOUT)
        self._propose()

    def _propose(self) -> None:
        self._fill(())
        self.nothing.setText("Reading the columns of the studies...")
        if self._session is not None:
            job = self._runner.start(_proposals, self._session, self.scope.currentData(), self._study, self._variable)
            job.succeeded.connect(self._show_proposals)
            job.failed.connect(self.failed)

    def _show_proposals(self, found: tuple[Proposal, ...]) -> None:
        if self._session is None:
            return
        names, variables = self._session.registry.by_id, self._session.protocol.variables_by_key
        self.nothing.setText(NO_COLUMN if self.scope.currentData() == LIKE_NAMED else NO_SUGGESTION)
        self._fill([Line(one, names[one.study].name, variables[one.variable].label, one.is_sure) for one in found])
        self.lines.setFocus()

    def _fill(self, lines: Sequence[Line]) -> None:
        told = {"To look at"} if not any(line.remark for line in lines) else set()
        self.lines.show_records(lines, told | ({"Variable"} if self.scope.currentData() == LIKE_NAMED else set()))
        self.lines.setVisible(bool(lines))
        self.nothing.setVisible(not lines)
        marked = sum(line.is_taken for line in lines)
        self.take.setText(f" Take {marked}" if marked else " Take")
        self.take.setEnabled(bool(marked))
        self.count.setText(f"{marked} of {len(lines)} marked. Click a line or press the space bar to mark it; one Undo "
                           "takes all of them back." if lines else "")
        if lines and self.lines.current is None:
            self.lines.choose((lines[0].proposal.study, lines[0].proposal.variable), tell=False)

    # --- deciding ---------------------------------------------------------------------------------------------------

    def _turn(self, line: Line) -> None:
        lines = [Line(one.proposal, one.study, one.variable, not one.is_taken) if one is line else one
                 for one in self.lines.records.records]
        self._fill(lines)

    def _take(self) -> None:
        marked = [line.proposal for line in self.lines.records.records if line.is_taken]
        what = "suggestion" if self.scope.currentData() != LIKE_NAMED else "rule"
        self.taken.emit(marked, f"{len(marked)} {what}{'' if len(marked) == 1 else 's'}")


def _proposals(session: Session, scope: str, study: str, variable: str, progress: Progress) -> tuple[Proposal, ...]:
    """Runs on a job's thread."""
    progress(0.0, "Reading columns")
    if scope == LIKE_NAMED:
        return like_named_proposals(session, study, variable)
    return suggested_proposals(session, study if scope == STUDY else None, variable if scope == VARIABLE else None)
