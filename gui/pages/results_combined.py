"""What the Results page has for combined moderators alone: their table, the figures and weights of the chosen set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from core.combined_results import CombinedEffect, CombinedWeight
from core.combined_words import is_assumed, leading_set, verdict
from core.figures.combined_keys import KINDS, figure_key, sets_key
from core.figures.combined_weights import weight_digits
from core.labels import Labels
from core.moderators.members import WITHOUT
from core.results import Results
from core.wording import NOTHING, THIN, decimals_for, estimate, number, p_value, percent
from gui import dialogs
from gui.jobs import JobRunner
from gui.pages.results_figures import Figures, session_labels, set_parts
from gui.pages.results_try_values import TryValues, calculator_of
from gui.widgets.columns import Column
from gui.widgets.data_table import DataTable

if TYPE_CHECKING:
    from core.moderators.calculator import Calculator
    from core.session import Session

TABLE = "table of weights"
IN_A_TABLE = "Weights, as a table"
SET_STATES = (*KINDS.items(), ("table", IN_A_TABLE))
"""What the tour looks at: a name, and what is chosen in the list of figures."""
STANDING = {"none": "not fitted", "empty": "none usable", "unproven": "untested", "no": "no help",
            "little": "too little", "useful": "may help"}
"""What a set is worth, in a column."""


def combined_columns(labels: Labels) -> tuple[Column, ...]:
    """The columns: what was held out first, what is apparent after it."""
    def standing(one: CombinedEffect) -> str:
        return STANDING[verdict(one, labels)]

    def name(one: CombinedEffect) -> str:
        return f"{one.set} (assumed)" if is_assumed(one) and WITHOUT not in one.set else one.set

    def bare(one: CombinedEffect, text: str) -> str:
        """Without an M* the r of other folds' weights would only puzzle."""
        return NOTHING if one.is_empty or one.lambda_ is None else text

    return (
        Column("Set", name, least=135, stretch=True,
               hint=lambda one: ", ".join(labels.trait(weight.moderator) for weight in one.weights)),
        Column("Reading", standing, hint=lambda one: one.note, about="Whether it helps choose treatment"),
        Column("Held-out r", lambda one: bare(one, number(one.r_leave_study_out)), number=True,
               order=lambda one: one.r_leave_study_out, about="In studies left out in turn, whom the weights have not "
                                                              "seen; 0.3 and beyond is called useful"),
        Column("p", lambda one: bare(one, p_value(one.p_permutation)), number=True,
               order=lambda one: one.p_permutation, about="By permutations in which nothing moderates"),
        Column("Cross-validated", lambda one: bare(one, number(one.r_cv)), number=True, order=lambda one: one.r_cv,
               about="r among patients left out, in folds, over again", is_spare=True),
        Column(f"Apparent (95{THIN}% CI)", lambda one: bare(one, estimate(one.r, one.r_low, one.r_high)),
               number=True, order=lambda one: one.r, is_spare=True,
               about="Fitted and judged on the same patients: no test"),
        Column("n", lambda one: f"{one.n:,}" if one.n else "", number=True, order=lambda one: one.n, about="Patients",
               is_spare=True),
        Column("k", lambda one: str(one.k) if one.k else "", number=True, order=lambda one: one.k, about="Studies",
               is_spare=True),
    )


def combined_lines(results: Results, outcome: str | None) -> list[CombinedEffect]:
    """The sets of an outcome, in the order of the plan."""
    return [one for one in results.combined if one.outcome == outcome]


def combined_keys(one: CombinedEffect | None, outcome: str | None) -> tuple[str, ...]:
    """Keys of the figures of a row, all sets first."""
    own = () if one is None else tuple(figure_key(kind, one.outcome, one.set) for kind in KINDS)
    return (sets_key(outcome or ""), *own)


def weight_columns(labels: Callable[[], Labels], weights: Callable[[], Sequence[CombinedWeight]]) -> tuple[Column, ...]:
    """The columns of the table of a set's weights, which have the same decimals throughout."""
    def plain(value: float | None) -> str:
        return number(value, weight_digits(weights()))

    def raw(w: CombinedWeight) -> str:
        return number(w.weight_raw, decimals_for(weight.weight_raw for weight in weights()))

    return (
        Column("Moderator", lambda w: labels().trait(w.moderator), least=140, stretch=True, widest=420,
               hint=lambda w: labels().trait(w.moderator)),
        Column("A fact of the", lambda w: w.level),
        Column("Weight for one SD", lambda w: plain(w.weight), number=True, order=lambda w: w.weight,
               about="Change of the benefit, in units of the outcome, for one SD more within the set"),
        Column(f"95{THIN}% of resamples", lambda w: f"({plain(w.weight_low)}, {plain(w.weight_high)})"
               if w.weight_low is not None else NOTHING, number=True, order=lambda w: w.weight_low),
        Column("Kept in", lambda w: percent(w.selected), number=True, order=lambda w: w.selected,
               about="Share of resamples in which it has weight"),
        Column("Weight for one unit", raw, number=True, order=lambda w: w.weight_raw, is_spare=True,
               about="Of the moderator as measured, after a logarithm"),
    )


class CombinedShelf(QObject):
    """Follows the chosen row: while it is a set, its figures and weights are here, and nothing otherwise."""

    made = Signal()
    """The figures are there."""
    refused = Signal(str)
    """Why no values can be tried."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.runner, self.trying = JobRunner(self), JobRunner(self)
        self._page, self._labels = parent, Labels()
        self.weights = DataTable("Weights of the set", weight_columns(
            lambda: self._labels, lambda: self._one.weights if self._one else ()), key=lambda w: w.moderator,
            is_dense=True)
        self.weights.setMinimumHeight(90)
        self.weights.hide()
        self.figures: Figures = {}
        self._one: CombinedEffect | None = None
        self._made_of: object = None

    @property
    def also_offered(self) -> Sequence[tuple[str, str]]:
        """What stands in the list of figures and is none."""
        return ((IN_A_TABLE, TABLE),) if TABLE in self.figures else ()

    def attend(self, row: Any | None, session: Session) -> None:
        """Another row is chosen, or the session is another."""
        one = row if isinstance(row, CombinedEffect) else None
        key = None if one is None else (one.outcome, one.set, id(session.results), session.results_are_current,
                                         session.figure_choices.fingerprint)
        if key == self._made_of:
            return
        self._made_of, self._one, self.figures = key, one, {}
        self.runner.silence()
        self.trying.silence()
        if one is None:
            return
        self._labels = session_labels(session)
        self.weights.show_records(sorted(one.weights, key=lambda weight: -abs(weight.weight)))
        job = self.runner.start(set_parts, session, one)
        job.succeeded.connect(self._take)

    def take_place(self, wanted: object) -> bool:
        """Whether the table of weights stands in the figure's place."""
        self.weights.setVisible(wanted == TABLE)
        return wanted == TABLE

    def try_values(self, session: Session) -> None:
        """Open the box to try values in the chosen set."""
        if self._one is not None:
            job = self.trying.start(calculator_of, session, self._one)
            job.succeeded.connect(partial(self._open, self._one, session))

    def _open(self, one: CombinedEffect, session: Session, found: Calculator | str) -> None:
        if isinstance(found, str):
            self.refused.emit(found)
            return
        box = TryValues.of(self._page, session, one, found)
        QTimer.singleShot(0, self, partial(_run, box))  # the work is over before the box waits for the person

    def _take(self, figures: Figures) -> None:
        one = self._one
        weights = None if one is None else figures.get(figure_key("weights", one.outcome, one.set))
        # the table's numbers are those of the figure, and are saved as such
        self.figures = figures if weights is None else {**figures, TABLE: weights}
        self.made.emit()


def _run(box: TryValues) -> None:
    dialogs.run(box)
    box.deleteLater()


def leading(results: Results | None, outcome: str | None) -> CombinedEffect | None:
    """The set whose figures are worth a look first."""
    return None if results is None or outcome is None else leading_set(results.combined, outcome)
