"""Results: a list of kinds at the left; figure above, table below, and what stands behind the chosen row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.calculator_words import OUT_OF_DATE
from core.errors import Severity, Where
from core.steps import Step
from gui.jobs import JobRunner
from gui.pages.page import Page, TourState
from gui.pages.results_combined import CombinedShelf
from gui.pages.results_details import NOTHING_CHOSEN, NOTHING_FITS, DetailsPanel, details_of
from gui.pages.results_figures import Figures, figures_of, session_labels
from gui.pages.results_frame import kinds_list, panes_of, style_button, tools_of, zoom_button
from gui.pages.results_moderators import ModeratorLine
from gui.pages.results_overview import OverviewPane
from gui.pages.results_rows import OVERVIEW, SECTIONS, Filter, Section, figure_words, measure_words
from gui.pages.results_saving import save_shown_table
from gui.pages.results_shelf import ModeratorShelf
from gui.pages.results_stale import in_brief, out_of_date
from gui.pages.results_style import StylePanel, named_things
from gui.theme import GRID
from gui.widgets.choices import narrow_choice, offer_again
from gui.widgets.data_table import DataTable
from gui.widgets.figure_view import FigureView
from gui.widgets.frame import button

if TYPE_CHECKING:
    from core.credibility import Credibility
    from core.figure_choices import FigureChoices
    from core.labels import Labels
    from core.results import Results
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
        self._drawn_in: object = None
        self._current: Session | None = None
        self._shape: object = None
        self.sections = kinds_list(self._choose_section)
        self.outcome, self.measure, self.figure = (narrow_choice(name) for name in ("Outcome", "Measure", "Figure"))
        for box in (self.outcome, self.measure, self.figure):
            box.setMinimumContentsLength(5)
        self.outcome.activated.connect(lambda _: self._fill())
        self.measure.activated.connect(lambda _: self._fill())
        self.figure.activated.connect(lambda _: self._show_figure())
        self._make_figures()
        self._make_shelves()
        self._lay_out()

    # --- building ---------------------------------------------------------------------------------------------------

    def _make_figures(self) -> None:
        self.view = FigureView(WAIT)
        self.view.picked.connect(self.pick)
        self.wide, self.save, self.style_button = button("Enlarge"), button("Save"), style_button()
        self.zooms = (zoom_button(self.view.smaller, "minus"), zoom_button(self.view.larger, "plus"))
        self.save_table = QAction("Save this table...", self)
        self.save_table.triggered.connect(lambda: save_shown_table(self))
        self.overview = OverviewPane()
        self.overview.wanted.connect(self.go_to)
        self.overview.style_wanted.connect(lambda: self.style_button.toggle())
        self.look = StylePanel()
        self.look.changed.connect(self._restyle)
        self.look.hide()

    def _make_shelves(self) -> None:
        self.moderator = ModeratorShelf(self)
        self.moderator.changed.connect(self._fill)
        self.moderator.made.connect(self._take_parts)
        self.moderator.form.answered.connect(self._answer)
        self.combined = CombinedShelf(self)
        self.combined.made.connect(self._offer_figures)
        self.combined.refused.connect(lambda why: self.message.say(why, Severity.WARNING))
        self.details = DetailsPanel()
        self.details.action.clicked.connect(self._act)
        self.tables: dict[str, DataTable] = {}
        self.stack = QStackedWidget()
        self.first = self.sections

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        left = QVBoxLayout()
        left.setSpacing(GRID)
        left.addWidget(self.sections)
        left.addStretch(1)
        row.addLayout(left)
        right = QVBoxLayout()
        right.setSpacing(GRID)
        right.addLayout(tools_of(self))
        beside = QHBoxLayout()
        beside.setSpacing(GRID)
        self.below, self.panes = panes_of(self)
        for part in (self.overview, self.panes):
            beside.addWidget(part, 1)
        beside.addWidget(self.look)
        right.addLayout(beside, 1)
        row.addLayout(right, 1)
        self.body.addLayout(row, 1)

    def open_style(self, is_open: bool) -> None:
        for part in (self.details, self.moderator.tools.text):
            part.setVisible(not is_open)  # there is no room for both in a small window
        for pane in (self.below, self.panes):
            pane.refresh()  # else the window would grow before the panes know that they need less
        self.look.setVisible(is_open)
        if is_open and self.session is not None:
            self._show_style(self.session)

    def _show_style(self, session: Session) -> None:
        """What may be chosen, where it is in sight: the list of fonts takes its time."""
        if not self.look.isHidden():
            self.look.show_choices(session.figure_choices, named_things(session), session_labels(session))

    def _restyle(self, choices: FigureChoices, what: str) -> None:
        if self.session is not None:
            self.decided.emit(self.session.with_figure_choices(choices), what)

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
        for view in self._views:
            view.keep_back(not is_current)
        self.save.setEnabled(is_current)
        self.save.setToolTip("" if is_current else "Out of date results are not saved. Run again first.")
        self.details.action.setEnabled(is_current)
        self.details.action.setToolTip("" if is_current else OUT_OF_DATE)
        self._show_style(session)
        choices = session.figure_choices
        shape = (session.results.inputs, session.registry.fingerprint, choices.arms, choices.studies, choices.variables)
        if self._shape != shape:
            self._shape = shape
            self.moderator.tools.lead_with("recommended" if session.results.plan.model.random_slope else "published")
            self._choose_section()
        elif not self.is_overview:
            self._attend(self.table.current, session)
        self._prepare(session)

    def _prepare(self, session: Session) -> None:
        """Make the figures, unless they are there: those of current results stay good when these go out of date."""
        made_of = session.figure_choices, session.judgments  # what figures show that makes no result out of date
        if self._drawn_for is session.results and self._drawn_in == made_of:
            return
        self._drawn_in = made_of
        if session.is_without_data:
            self._figures, self._drawn_for = {}, None
            self._show_no_figure("Figures need the patients' data, which are not in this project.")
            return
        if self._drawn_for is not session.results:  # in another style the figures stay until they are drawn anew
            self._figures = {}
            self._show_no_figure(WAIT)
        self._drawn_for = session.results
        job = self.runner.start(figures_of, session)
        job.succeeded.connect(self._take_figures)
        job.failed.connect(self._fail)

    def _fail(self, fault: Exception) -> None:
        self._drawn_for = None
        self._show_no_figure("The figures could not be made.")
        self.show_failure(fault)

    def _take_figures(self, figures: Figures) -> None:
        self._figures = figures
        self._offer_figures()

    def _show_no_figure(self, why: str) -> None:
        for view in self._views:
            view.show_nothing(why)

    @property
    def _views(self) -> tuple[FigureView, ...]:
        return self.view, *self.overview.views.values()

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

    @property
    def is_overview(self) -> bool:
        """Whether the overview is in sight, which has no table."""
        return self.section.key == OVERVIEW

    def go_to(self, key: str, pointed_at: str = "") -> None:
        """Another section, and the row of what was pointed at, if anything was."""
        self.sections.setCurrentRow([section.key for section in SECTIONS].index(key))
        if pointed_at:
            self.pick(pointed_at)

    def _choose_section(self) -> None:
        session = self.session
        if session is None or session.results is None:
            return
        self.overview.setVisible(self.is_overview)
        self.panes.setVisible(not self.is_overview)
        for part in (*self.zooms, self.wide, self.style_button, self.save):
            part.setVisible(not self.is_overview)
        if self.is_overview:
            self._show_overview(session.results, session_labels(session))
        else:
            self._show_section(session, session.results, session_labels(session))

    def _show_overview(self, results: Results, labels: Labels) -> None:
        for part in (self.outcome, self.measure, self.figure, self.moderator.points, self.moderator.tools):
            part.hide()
        self.overview.show_answers(results, labels)
        assert self.session is not None
        self._attend(None, self.session)
        if self._figures:
            self.overview.show_figures(self._figures)

    def _show_section(self, session: Session, results: Results, labels: Labels) -> None:
        section = self.section
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
        if self.session is not None and self.session.results is not None and not self.is_overview:
            self._show_details(self.table.current, self.session)
            self._offer_figures()

    def _act(self) -> None:
        """What else can be done with the chosen row: only sets have something."""
        if self.session is not None:
            self.combined.try_values(self.session)

    def pick(self, name: str) -> None:
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
        if self.is_overview:
            self.overview.show_figures(self._figures)
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

    def choose_figure(self, words: str) -> None:
        """Show the figure that is called so in the list, else the foremost."""
        self.figure.setCurrentIndex(max(0, self.figure.findText(words)))
        self._show_figure()

    def _take_place(self, wanted: object) -> bool:
        """Whether something else stands in the figure's place."""
        return any([self.moderator.take_place(wanted), self.combined.take_place(wanted)])

    def focus_place(self, where: Where) -> None:
        """Results have no places of their own; the list takes the keyboard."""
        self.sections.setFocus()

    def tour_states(self) -> Sequence[TourState]:
        """What the tour looks at."""
        from gui.pages.results_tour import states

        return states(self)
