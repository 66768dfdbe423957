"""What a page of the wizard is: the contract between the window and its pages.

The window owns session, history, saving, head and foot; a page shows the session and says what the person decided.
A page does not know its neighbors, opens no modal box (that is `gui.dialogs`) and computes no statistic.

To add a page: derive from `Page`, list it in `gui/pages/__init__.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.errors import Issue, Severity, UserError, Where
from core.steps import Step
from gui import dialogs
from gui.theme import GRID
from gui.widgets.message_line import MessageLine

if TYPE_CHECKING:
    from core.session import Session

TourState = tuple[str, Callable[[], None]]
"""A short name (`rob-tab`) and what puts the page into that state."""


class Page(QWidget):
    """A step of the wizard. `session` is always the newest; `display` is called while the page is in sight.

    Build widgets in `__init__` into `self.body`, fill them in `display`. `display` comes at once after every decision
    and again when what follows from it (harmonized data, issues) is at hand: it must take less than 100 ms, so show
    what `session.has_harmonized_at_hand` allows and leave long work to a `JobRunner` of the page's own.
    """

    title: ClassVar[str]
    step: ClassVar[Step]

    decided = Signal(object, str)
    """The next session, and the change's name for undo and audit trail: "Country of Feder 30"."""
    decided_because = Signal(object, str, str)
    """The same with the reason the person gave, for the audit trail."""
    deciding = Signal(object, str)
    """The same where it takes time: a function of `progress` that returns the next session, and the change's name.
    The window runs it, shows progress with a stop button, and takes the result as decided."""
    computed = Signal(object)
    """`core.results.Results` of a run: the window puts them into the newest session; not a matter of undo."""
    locked = Signal(object)
    """A session whose plan was locked by a run that starts: not a matter of undo."""
    go = Signal(object)
    """To another step, by what the person did here: a `Step`."""
    go_and_do = Signal(object)
    """To another step, to do its main action at once: a `Step`."""
    issue_chosen = Signal(object)
    """To the place of an `Issue`, wherever that is."""
    foot_changed = Signal()
    """What `foot` says or `main_action` offers is no longer what the window shows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session: Session | None = None
        self.main_action: QAction | None = None
        """What a person most likely does next here ("Lock and run"); a button in the foot, before Next."""
        self.first: QWidget | None = None
        """Where the keyboard goes when the page comes into sight."""
        self.message = MessageLine(self)
        """For what concerns the page as a whole; beside a control place a `MessageLine` of its own."""
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(GRID)
        outer.addWidget(self.message)
        self.body = QVBoxLayout()
        self.body.setSpacing(2 * GRID)
        outer.addLayout(self.body, 1)

    def sentence(self, session: Session | None) -> str:
        """For the page's head: what this step is for and where it stands. One sentence or two, quick to make."""
        raise NotImplementedError

    def foot(self, session: Session | None) -> str:
        """For the page's foot: what is open here; may be empty."""
        return ""

    def display(self, session: Session | None) -> None:
        """Show a session; None is no project (only the Start page sees that)."""
        raise NotImplementedError

    def issues(self, session: Session) -> tuple[Issue, ...]:
        """The issues that belong to this page."""
        return tuple(issue for issue in session.issues() if step_of(issue, session) is self.step)

    def focus_place(self, where: Where) -> None:
        """Bring a study, variable, column or row into sight and take the keyboard there."""

    def focus_issue(self, issue: Issue) -> None:
        """Bring the place of an issue into sight."""
        self.focus_place(issue.where)

    def take_files(self, paths: Sequence[Path]) -> None:
        """Files were dropped; the Studies page adds them."""

    def tour_states(self) -> Sequence[TourState]:
        """The states worth a picture, in order; the first is the page as it opens."""
        return (("", lambda: None),)

    def show_failure(self, fault: Exception) -> None:
        """For a job's `failed`: a user's fault in the message line, a bug in the crash dialog."""
        if isinstance(fault, UserError):
            self.message.show_fault(fault)
        else:
            dialogs.show_crash(self, fault)


def step_of(issue: Issue, session: Session) -> Step:
    """The step on which an issue is settled."""
    from core.integrity import CODES, PUBLISHED_CODES  # with a session they are loaded; without one they need not be
    from core.privacy import findings as privacy

    where = issue.where
    if issue.code == privacy.CODE or issue.code in PUBLISHED_CODES:
        return Step.STUDIES
    if issue.code in CODES:
        return Step.CHECK
    if issue.severity is not Severity.QUESTION and (where.row is not None or where.patient is not None):
        return Step.CHECK
    if where.column or where.variable:
        return Step.MAP
    if issue in session.import_issues:
        return Step.STUDIES
    return Step.MAP if issue.severity is Severity.QUESTION else Step.CHECK
