"""Results: a list of kinds at the left; figure above, table below, and what stands behind the chosen row."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.calculator_words import OUT_OF_DATE
from core.errors import Severity, Where
from core.steps import Step
from gui.jobs import JobRunner
from gui.pages.page import Page, TourState
from gui.pages.results_combined import SET_STATES, CombinedShelf, leading
from gui.pages.results_details import NOTHING_CHOSEN, NOTHING_FITS, DetailsPanel, details_of
from gui.pages.results_figures import Figures, figures_of, session_labels
from gui.pages.results_moderators import ModeratorLine
from gui.pages.results_rows import SECTIONS, Filter, Section, figure_words, measure_words
from gui.pages.results_saving import save_numbers, save_shown_figure, save_shown_table
from gui.pages.results_shelf import MODERATOR_STATES, ModeratorShelf
from gui.pages.results_stale import in_brief, out_of_date
from gui.theme import GRID
from gui.widgets.choices import narrow_choice, offer_again
from gui.widgets.data_table import DataTable
from gui.widgets.figure_view import FigureView
from gui.widgets.frame import button

if TYPE_CHECKING:
    from core.credibility import Credibility
    from core.session import Session

WAIT = "The figures are being prepared..."
STALE_FIGURE = "This figure shows patients, and the data have changed since the run. Run again to see it."


class ResultsPage(Page):
    """Looks at results; decides nothing."""

    title: ClassVar[str] = "Results"
    step: ClassVar[Step] = Step.RESULTS

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.again = QAction("Run again", self)
        self.again.triggered.connect(lambda: self.go_and_do.emit(Step.RUN))
        self.runner, self.saving = JobRunner(self), JobRunner(self)
        self._figures: Figures = {}
        self._drawn_for: object = None
        self._current: Session | None = None
        self._shape: object = None
        self.sections = self._make_list()
        self.outcome, self.measure, self.figure = (narrow_choice(name) for name in ("Outcome", "Measure", "Figure"))
        self.outcome.activated.connect(lambda _: self._fill())
        self.measure.activated.connect(lambda _: self._fill())
        self.figure.activated.connect(lambda _: self._show_figure())
        self.view = FigureView(WAIT)
        self.view.picked.connect(self._pick)
        self.moderator = ModeratorShelf(self)
        self.moderator.changed.connect(self._fill)
        self.moderator.made.connect(self._take_parts)
        self.moderator.form.answered.connect(self._answer)
        self.combined = CombinedShelf(self)
        self.combined.made.connect(self._offer_figures)
        self.combined.refused.connect(lambda why: self.message.say(why, Severity.WARNING))
        self.details = DetailsPanel()
        self.tables: dict[str, DataTable] = {}
        self.stack = QStackedWidget()
        self.first = self.sections
        row = QHBoxLayout()
        row.setSpacing(GRID)
        left = QVBoxLayout()
        left.setSpacing(GRID)
        left.addWidget(self.sections)
        left.addStretch(1)
        row.addLayout(left)
        right = QVBoxLayout()
        right.setSpacing(GRID)
        right.addLayout(self._tools())
        right.addWidget(self._panes(), 1)
        row.addLayout(right, 1)
        self.body.addLayout(row, 1)

    # --- building ---------------------------------------------------------------------------------------------------

    def _make_list(self) -> QListWidget:
        made = QListWidget()
        made.setAccessibleName("Kinds of results")
        height = made.fontMetrics().height() + GRID + 4
        for section in SECTIONS:
            item = QListWidgetItem(section.title, made)
            item.setSizeHint(QSize(0, height))
        made.setFixedSize(120, height * len(SECTIONS) + 2)
        made.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        made.setCurrentRow(0)
        made.currentRowChanged.connect(lambda _: self._choose_section())
        return made

    def _tools(self) -> QHBoxLayout:
        self.wide = button("Enlarge")
        self.wide.setCheckable(True)
        self.wide.setToolTip("Give the figure the room of table and details")
        self.wide.toggled.connect(self._enlarge)
        self.save = button("Save")
        menu = QMenu(self.save)
        self.save_figure = menu.addAction("Figure as PNG, SVG or PDF...", partial(save_shown_figure, self))
        self.save_numbers = menu.addAction("The figure's numbers as CSV...", partial(save_numbers, self))
        self.save_table = menu.addAction("This table as CSV...", partial(save_shown_table, self))
        menu.addSeparator()
        self.copy_picture = menu.addAction("Copy the picture", self.view.copy)
        self.save.setMenu(menu)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.outcome, 4)
        row.addWidget(self.measure, 4)
        row.addWidget(self.figure, 4)
        row.addWidget(self.moderator.points, 4)
        row.addStretch()
        row.addWidget(self.wide)
        row.addWidget(self.save)
        return row

    def _enlarge(self, is_wide: bool) -> None:
        self.below.setVisible(not is_wide)
        self.wide.setText("Show table" if is_wide else "Enlarge")
        self.wide.setAccessibleName(self.wide.text())

    def _panes(self) -> QSplitter:
        self.below = QSplitter(Qt.Orientation.Horizontal)
        self.below.addWidget(self.moderator.beside(self.stack))
        self.below.addWidget(self.details)
        self.details.action.clicked.connect(self._act)
        self.below.setSizes([572, 222])
        panes = QSplitter(Qt.Orientation.Vertical)
        panes.setHandleWidth(GRID)
        self.below.setHandleWidth(GRID)
        panes.setStyleSheet("QSplitter::handle { background: transparent; margin: 0; }")
        panes.addWidget(self.view)
        panes.addWidget(self.moderator.form)
        panes.addWidget(self.combined.weights)
        panes.addWidget(self.below)
        for place, share in enumerate((3, 3, 3, 2)):
            panes.setStretchFactor(place, share)
        for one in (panes, self.below):
            one.setChildrenCollapsible(False)
        self.stack.setMinimumWidth(240)
        self.below.setMinimumHeight(130)
        return panes

    # --- showing ----------------------------------------------------------------------------------------------------

    def sentence(self, session: Session | None) -> str:
        """What was estimated, and whether it still holds."""
        if session is None or session.results is None:
            return "Estimates and figures will be here after the run."
        return in_brief(session)

    def foot(self, session: Session | None) -> str:
        """Red results, if any."""
        if session is None or session.results is None:
            return ""
        if not session.results.is_second_engine_asked:
            return "The second engine is checking these estimates; you can go on meanwhile."
        red = sum(effect.engines_agree is False for effect in session.results.main_effects)
        return f"{red} estimates on which the two engines disagree: do not use them." if red else ""

    def display(self, session: Session | None) -> None:
        """Show the results of a session, current or not."""
        if session is None or session.results is None:
            self.view.show_nothing("Figures will be here after the run.")
            return
        is_current = session.results_are_current
        if is_current:
            self._current = session
            self.message.clear()
        else:
            before = self._current if self._current and self._current.results is session.results else None
            self.message.say(out_of_date(before, session), Severity.WARNING)
        self.main_action = None if is_current or session.is_without_data else self.again
        self.save.setEnabled(is_current)
        self.save.setToolTip("" if is_current else "Out of date results are not saved. Run again first.")
        self.details.action.setEnabled(is_current)
        self.details.action.setToolTip("" if is_current else OUT_OF_DATE)
        if self._shape != (session.results.inputs, session.registry.fingerprint):
            self._shape = (session.results.inputs, session.registry.fingerprint)
            self.moderator.tools.lead_with("recommended" if session.results.plan.model.random_slope else "published")
            self._choose_section()
        else:
            self._attend(self.table.current, session)
        self._prepare(session)

    def _prepare(self, session: Session) -> None:
        """Make the figures, unless they are there: those of current results stay good when these go out of date."""
        if self._drawn_for is session.results:
            return
        self._figures, self._drawn_for = {}, session.results
        if session.is_without_data:
            self._drawn_for = None
            self.view.show_nothing("Figures need the patients' data, which are not in this project.")
            return
        self.view.show_nothing(WAIT)
        job = self.runner.start(figures_of, session)
        job.succeeded.connect(self._take_figures)
        job.failed.connect(self._fail)

    def _fail(self, fault: Exception) -> None:
        self._drawn_for = None
        self.view.show_nothing("The figures could not be made.")
        self.show_failure(fault)

    def _take_figures(self, figures: Figures) -> None:
        self._figures = figures
        self._offer_figures()

    @property
    def section(self) -> Section:
        """The section in sight."""
        return SECTIONS[max(0, self.sections.currentRow())]

    @property
    def wanted(self) -> Filter:
        """What outcome and measure are chosen."""
        section = self.section
        return Filter(self.outcome.currentData() if section.has_outcome else None,
                      self.measure.currentData() if self.measure.isVisibleTo(self) else None, self.moderator.wanted)

    @property
    def table(self) -> DataTable:
        """The table in sight."""
        return self.tables[self.section.key]

    def _choose_section(self) -> None:
        session = self.session
        if session is None or session.results is None:
            return
        section, results, labels = self.section, session.results, session_labels(session)
        outcomes = [(labels.outcome(o.name), o.name) for o in
                    (results.plan.every_outcome if section.key in ("main", "diagnostics") else results.plan.outcomes)]
        measures = [(measure_words(*key), key) for key in section.measures(results)]
        offer_again(self.outcome, outcomes if section.needs_one else [("All outcomes", None), *outcomes])
        offer_again(self.measure, measures if section.needs_one else [("All measures", None), *measures])
        self.figure.clear()  # another section begins with its foremost figure
        self.moderator.tools.setVisible(section.key == "moderators")
        self.outcome.setVisible(section.has_outcome)
        self.measure.setVisible(bool(measures))
        old = self.tables.pop(section.key, None)
        if old is not None:
            self.stack.removeWidget(old)
            old.deleteLater()
        table = DataTable(section.title, section.columns(labels), key=section.key_of, is_dense=True)
        table.chosen.connect(lambda row: self._show_row(row))
        self.tables[section.key] = table
        self.stack.addWidget(table)
        self.setTabOrder(self.moderator.tools.text, table)  # else it would come after its details
        self.stack.setCurrentWidget(table)
        self._fill()

    def _fill(self) -> None:
        session = self.session
        if session is None or session.results is None:
            return
        rows = self.section.rows(session.results, session_labels(session), self.wanted)
        self.table.show_records(rows, without=self.section.without(self.wanted, rows))
        if rows and self.table.current is None:
            self.table.choose(self.section.key_of(self.table.records.records[0]), tell=False)
        self._show_row(self.table.current)

    def _show_row(self, row: Any | None) -> None:
        session = self.session
        if session is None or session.results is None:
            return
        self._attend(row, session)
        self._show_details(row, session)
        self._offer_figures()

    def _attend(self, row: Any | None, session: Session) -> None:
        self.moderator.attend(row, session)
        self.combined.attend(row, session)

    def _show_details(self, row: Any | None, session: Session) -> None:
        assert session.results is not None
        self.details.show_details(None if row is None else details_of(row, session.results, session_labels(session),
                                                                      self.moderator.left),
                                  NOTHING_CHOSEN if self.table.records.records else
                                  NOTHING_FITS if self.section.key == "moderators" else self.section.empty)

    def _take_parts(self) -> None:
        """What was made of the chosen moderator is there."""
        if self.session is not None and self.session.results is not None:
            self._show_details(self.table.current, self.session)
            self._offer_figures()

    def _act(self) -> None:
        """What else can be done with the chosen row: only sets have something."""
        if self.session is not None:
            self.combined.try_values(self.session)

    def _pick(self, name: str) -> None:
        """A moderator or a set was clicked in the figure: go to its row."""
        for line in self.table.records.records:
            if name == (line.row.moderator if isinstance(line, ModeratorLine) else getattr(line, "set", None)):
                self.table.choose(self.section.key_of(line))
                return

    def _answer(self, answers: Credibility, what: str) -> None:
        if self.session is not None:
            self.decided.emit(self.session.with_credibility(answers), what)

    def _offer_figures(self) -> None:
        if not self._figures:
            return
        row = self.table.current
        keys = self.section.figures(row, self.wanted)
        known = {**self._figures, **self.moderator.figures, **self.combined.figures}
        found = [known[key] for key in keys if key in known]
        before = self.figure.currentText()
        offer_again(self.figure, [*((figure_words(figure.key), figure.key) for figure in found),
                                  *self.moderator.also_offered, *self.combined.also_offered])
        self.figure.setCurrentIndex(max(0, self.figure.findText(before)))  # the same kind of figure, of another row
        self.moderator.choose_first(self.figure)
        self.figure.setVisible(self.figure.count() > 1)
        self.view.setVisible(bool(keys))
        self.wide.setVisible(bool(keys))
        for action in (self.save_figure, self.save_numbers, self.copy_picture):
            action.setEnabled(bool(found))
        if found:
            self._show_figure()
        else:
            self._take_place(None)
            is_there = row is None or self.session is None or self.session.results_are_current
            self.view.show_nothing(self.section.empty if is_there else STALE_FIGURE)

    def _show_figure(self) -> None:
        wanted = self.figure.currentData()
        figure = {**self._figures, **self.moderator.figures, **self.combined.figures}.get(wanted)
        self.view.setVisible(not self._take_place(wanted))
        if figure is not None:
            self.view.show_figure(figure)

    def _take_place(self, wanted: object) -> bool:
        """Whether something else stands in the figure's place."""
        return any([self.moderator.take_place(wanted), self.combined.take_place(wanted)])

    def focus_place(self, where: Where) -> None:
        """Results have no places of their own; the list takes the keyboard."""
        self.sections.setFocus()

    def tour_states(self) -> Sequence[TourState]:
        """Each section; what there is of a moderator and of a set; a forest alone; response."""
        def section(place: int) -> None:
            self.wide.setChecked(False)
            self.sections.setCurrentRow(place)

        states: list[TourState] = [("" if not place else SECTIONS[place].key, partial(section, place))
                                   for place in range(len(SECTIONS))]
        shelf = [(f"moderators-{name}", partial(self._show_moderator, *what)) for name, *what in MODERATOR_STATES]
        sets = [(f"combined-{name}", partial(self._show_set, words)) for name, words in SET_STATES]
        return (*states, *shelf, *sets, ("responders", self._show_response), ("figure-only", self._show_forest))

    def _show_moderator(self, kind: str, moderator: str) -> None:
        self.wide.setChecked(False)
        self.sections.setCurrentRow([section.key for section in SECTIONS].index("moderators"))
        self._pick(moderator)
        self.moderator.offer_first(kind)

    def _show_set(self, words: str) -> None:
        self.wide.setChecked(False)
        self.sections.setCurrentRow([section.key for section in SECTIONS].index("combined"))
        best = leading(self.session.results if self.session else None, self.outcome.currentData())
        if best is not None:
            self.table.choose(self.section.key_of(best))
        self.figure.setCurrentIndex(max(0, self.figure.findText(words)))
        self._show_figure()

    def _show_response(self) -> None:
        self.sections.setCurrentRow(0)
        for row in self.table.records.records:
            if row.measure == "response":
                self.sections.setCurrentRow(1)
                self.table.choose(self.section.key_of(row))
                return

    def _show_forest(self) -> None:
        self.sections.setCurrentRow(2)
        self.wide.setChecked(True)
