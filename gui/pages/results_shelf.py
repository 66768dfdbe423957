"""What the Results page has for moderators alone: the filter above their table, figures made of the chosen one, its
credibility form.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from core.credibility import is_suggested
from gui.jobs import JobRunner
from gui.pages.results_credibility import CredibilityForm
from gui.pages.results_figures import Figures, ModeratorParts, moderator_parts, session_labels
from gui.pages.results_moderators import ModeratorFilter, ModeratorLine, ModeratorTools
from gui.theme import GRID
from gui.widgets.choices import narrow_choice, offer

if TYPE_CHECKING:
    from core.moderators.left_out import LeftOut
    from core.session import Session

FORM = "credibility form"
OF_PATIENTS = ("moderator_patients", "moderator_benefit")
"""How the keys of figures begin that draw patients."""
POINTS = (("Groups of 5 or more", 5), ("Groups of 10 or more", 10), ("All patients", 0))


MODERATOR_STATES = (("patients", "moderator_patients", "bmi"), ("levels", "moderator_patients", "female"),
                    ("benefit", "moderator_benefit", "bmi"), ("within", "moderator_studies", "female"),
                    ("between", "moderator_studies", "trd_2plus"), ("credibility", FORM, "crossover"))
"""Name, figure and moderator of the tour's pictures."""


class ModeratorShelf(QObject):
    """Follows the chosen row: while it is a moderator, what is made of it is here, and nothing otherwise."""

    changed = Signal()
    """Other rows are wanted."""
    made = Signal()
    """Figures, form and who is left out are there."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.runner = JobRunner(self)
        self.tools, self.form = ModeratorTools(), CredibilityForm()
        self.points = narrow_choice("Points of patients that are drawn")
        self.points.setMinimumContentsLength(5)
        offer(self.points, POINTS, POINTS[0][1])
        self.points.setToolTip("Whose points are drawn. Points of small groups (a study's arm, an arm's level) could "
                               "tell who a patient is.")
        self.points.activated.connect(lambda _: self._make())
        self.tools.changed.connect(self.changed)
        self._parts: ModeratorParts | None = None
        self._line: ModeratorLine | None = None
        self._session: Session | None = None
        self._made_of: object = None
        self.first_wanted = ""
        """How the key of a figure begins that is to be in sight first; "" for none."""
        for part in (self.form, self.points, self.tools):
            part.hide()

    def beside(self, table: QWidget) -> QWidget:
        """The table with the filter above it."""
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.tools)
        column.addWidget(table, 1)
        return holder

    @property
    def wanted(self) -> ModeratorFilter:
        """Which moderators are wanted."""
        return self.tools.wanted

    @property
    def figures(self) -> Figures:
        """Figures of the chosen moderator by key."""
        return self._parts.figures if self._parts is not None else {}

    @property
    def left(self) -> LeftOut | None:
        """Who is left out of the chosen moderator's analysis."""
        return self._parts.left if self._parts is not None else None

    @property
    def also_offered(self) -> Sequence[tuple[str, str]]:
        """What stands in the list of figures and is none."""
        return (("Credibility (ICEMAN)", FORM),) if self._parts is not None and self._parts.form.lines else ()

    def offer_first(self, kind: str) -> None:
        """The figure whose key begins so is to be in sight once it is there; what is there at once is told again."""
        self.first_wanted = kind
        self.made.emit()

    def choose_first(self, box: QComboBox) -> None:
        """Choose what was wanted first, if it is there by now."""
        place = next((i for i in range(box.count()) if self.first_wanted
                      and str(box.itemData(i)).startswith(self.first_wanted)), None)
        if place is not None:
            self.first_wanted = ""
            box.setCurrentIndex(place)

    def attend(self, row: Any | None, session: Session) -> None:
        """Another row is chosen, or the session is another."""
        line = row if isinstance(row, ModeratorLine) else None
        self._line, self._session = line, session
        key = None if line is None else (line.row.outcome, line.row.moderator.split(":")[0], id(session.results),
                                         session.results_are_current, session.credibility.fingerprint,
                                         session.figure_choices.fingerprint)
        if key == self._made_of:
            return
        self._made_of = key
        if line is None:
            self.runner.silence()
            self._parts = None
        else:
            self._make()

    def take_place(self, wanted: object) -> bool:
        """Show what belongs to a chosen figure; whether the form stands in the figure's place."""
        is_form = wanted == FORM
        self.form.setVisible(is_form)
        self.points.setVisible(isinstance(wanted, str) and wanted.startswith(OF_PATIENTS))
        return is_form

    def _make(self) -> None:
        if self._line is None or self._session is None:
            return
        job = self.runner.start(moderator_parts, self._session, self._line.row, self.points.currentData())
        job.succeeded.connect(self._take)

    def _take(self, parts: ModeratorParts) -> None:
        self._parts = parts
        session = self._session
        if session is not None and session.results is not None and parts.form.lines:
            place = (parts.form.outcome, parts.form.moderator)
            rows = [row for row in session.results.moderators if (row.outcome, row.moderator) == place]
            self.form.show_form(parts.form, session.credibility, session_labels(session),
                                any(is_suggested(row) for row in rows), session.results_are_current)
        self.made.emit()
