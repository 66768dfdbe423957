"""Check: the harmonized patients with the origin of every cell, issues, summaries, availability and flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSplitter, QTabWidget, QVBoxLayout, QWidget

from core.errors import Issue, Severity, UserError, Where, gravest_first
from core.harmonized import EXCLUDED, HarmonizedData, StudyData
from core.results import Availability
from core.steps import Step
from core.summaries import Summaries, summarize
from gui.jobs import JobRunner
from gui.pages.check_origin import OriginPanel
from gui.pages.check_patients import PatientsTable
from gui.pages.check_tables import AvailabilityView, FlowView, SummaryView
from gui.pages.page import Page, TourState
from gui.places import names_of
from gui.theme import GRID
from gui.widgets.choices import combo, offer
from gui.widgets.frame import label
from gui.widgets.issue_list import IssueList

if TYPE_CHECKING:
    from core.progress import Progress
    from core.session import Session

WHO = (("All patients", "all"), ("Analyzed", "analyzed"), ("Left out", "left out"))
NOTHING = "One row a patient, from all studies, will stand here once there is a study with a readable file."


@dataclass(frozen=True)
class Described:
    """What the tabs show beside the patients."""

    summaries: Summaries
    availability: tuple[Availability, ...]
    fault: str = ""


class CheckPage(Page):
    """Patients, and what they amount to."""

    title: ClassVar[str] = "Check"
    step: ClassVar[Step] = Step.CHECK

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = JobRunner(self)
        self._wanted: Where | None = None
        self._shown: dict[int, str] = {}
        self.studies = combo("Study", self._show_patients)
        self.studies.setMinimumContentsLength(22)
        self.who = combo("Which patients", self._show_patients)
        offer(self.who, WHO, "all")
        self.count = label(kind="secondary")
        self.patients, self.origin = PatientsTable(), OriginPanel()
        self.patients.cell_chosen.connect(self._show_origin)
        self.origin.place_wanted.connect(self._change_rule)
        self.issue_list = IssueList()
        self.issue_list.chosen.connect(self._go_to_issue)
        self.summaries, self.availability, self.flow = SummaryView(), AvailabilityView(), FlowView()
        self.first = self.patients
        self._lay_out()

    def _lay_out(self) -> None:
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("What was harmonized")
        issues = QWidget()
        inner = QVBoxLayout(issues)
        inner.setContentsMargins(0, GRID, 0, 0)
        inner.addWidget(self.issue_list)
        for words, part in (("Patients", self._patients_tab()), ("Issues", issues), ("Summaries", self.summaries),
                            ("Availability", self.availability), ("Flow", self.flow)):
            self.tabs.addTab(part, words)
        self.tabs.currentChanged.connect(self._show_tab)
        self.busy, self._nothing = QProgressBar(), label(NOTHING, "secondary", wrap=True)
        self.busy.setRange(0, 1000)
        self.busy.setTextVisible(False)
        self.busy.setAccessibleName("How far harmonizing is")
        self.busy.hide()
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        for part in (self.busy, self._nothing):
            self.body.addWidget(part)
        self.body.addWidget(self.tabs, 1)

    def _patients_tab(self) -> QWidget:
        made = QWidget()
        tools = QHBoxLayout()
        tools.setSpacing(2 * GRID)
        tools.addWidget(self.studies)
        tools.addWidget(self.who)
        tools.addStretch(1)
        tools.addWidget(self.count)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.patients)
        split.addWidget(self.origin)
        split.setStretchFactor(0, 1)
        split.setSizes([720, 310])
        self.patients.setMinimumWidth(300)
        self.origin.setMinimumWidth(290)
        column = QVBoxLayout(made)
        column.setContentsMargins(0, GRID, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(tools)
        column.addWidget(split, 1)
        return made

    # --- showing ----------------------------------------------------------------------------------------------------

    def sentence(self, session: Session | None) -> str:
        """How many patients there are, and what to look at."""
        if session is None or not session.usable_studies:
            return "See every patient as the analyses will, and where each value comes from."
        if not session.has_harmonized_at_hand:
            return "Harmonizing the studies..."
        flows = [row for part in session.harmonized().studies for row in part.flow]
        analyzed = sum(row.n for row in flows if row.stage == "analyzed")
        return (f"Every patient as the analyses will see them, and where each value comes from: {analyzed} are "
                f"analyzed, of {len(session.harmonized().patients)} in the files.")

    def foot(self, session: Session | None) -> str:
        """How many issues the values have."""
        if session is None or not session.usable_studies or not session.has_harmonized_at_hand:
            return ""
        count = len(_issues(session))
        return "1 issue in the values" if count == 1 else f"{count} issues in the values" if count else "No issues."

    def display(self, session: Session | None) -> None:
        """Fill the tab in sight; harmonize on a job if that has not been done."""
        if session is None:
            return
        is_ready = bool(session.usable_studies) and session.has_harmonized_at_hand
        self.tabs.setEnabled(is_ready)
        self.tabs.setVisible(bool(session.usable_studies))
        self._nothing.setVisible(not session.usable_studies)
        if not session.usable_studies:
            return
        if not is_ready or not session.memo.has(_key(session)):
            self._compute(session)
        if is_ready:
            names = ((session.registry.by_id[study].name, study) for study in session.usable_studies)
            before = self.studies.currentData()
            offer(self.studies, (("All studies", ""), *names), before if before in session.usable_studies else "")
            self._show_tab()

    def _compute(self, session: Session) -> None:
        job = self._runner.start(_describe, session)
        self.busy.setVisible(not session.has_harmonized_at_hand)
        job.progressed.connect(lambda fraction, _: self.busy.setValue(round(1000 * fraction)))
        job.succeeded.connect(self._has_computed)
        job.failed.connect(self.show_failure)
        job.ended.connect(self.busy.hide)

    def _has_computed(self, session: Session) -> None:
        if session is self.session:
            self.display(session)
            self.foot_changed.emit()

    def _show_tab(self) -> None:
        """Fill the tab in sight, if it does not show the newest already."""
        session, tab = self.session, self.tabs.currentIndex()
        if session is None or not session.usable_studies or not session.has_harmonized_at_hand:
            return
        if tab == 0:
            self._show_patients()
        elif tab == 1:
            self._fill_once(tab, f"{session.data_fingerprint}|{session.registry.fingerprint}|"
                                 f"{session.has_integrity_at_hand}",
                            lambda: self.issue_list.show_issues(_issues(session), names_of(session)))
        elif tab == 4:
            self._fill_once(tab, session.data_fingerprint, lambda: self.flow.show_flow(session))
        elif session.memo.has(_key(session)):
            self._show_described(session, tab, described(session))

    def _show_described(self, session: Session, tab: int, found: Described) -> None:
        if tab == 2:
            self._fill_once(tab, "|".join(_key(session)),
                            lambda: self.summaries.show_summaries(session, found.summaries))
        else:
            self._fill_once(tab, "|".join(_key(session)),
                            lambda: self.availability.show_availability(session, found.availability))
            if found.fault:
                self.availability.about.setText(found.fault)

    def _fill_once(self, tab: int, state: str, fill: object) -> None:
        if self._shown.get(tab) != state:
            self._shown[tab] = state
            fill()  # type: ignore[operator]

    def _show_patients(self) -> None:
        session = self.session
        if session is None or not session.usable_studies or not session.has_harmonized_at_hand:
            return
        data: HarmonizedData = session.harmonized()
        self.patients.show_data(data, session.protocol, self.studies.currentData() or "", self.who.currentData())
        shown = self.patients.patients.rowCount()
        self.count.setText(f"{shown} patients" if shown != 1 else "1 patient")
        if not shown:
            self.origin.say("No such patient.")

    def _show_origin(self, study: str, patient: str, column: str) -> None:
        if self.session is not None and self.session.has_harmonized_at_hand:
            text = str(self.patients.currentIndex().data() or "")
            self.origin.show_cell(self.session, study, patient, column, text)

    # --- moving -----------------------------------------------------------------------------------------------------

    def _go_to_issue(self, issue: Issue) -> None:
        from core.integrity import PUBLISHED_CODES

        if issue.severity is Severity.QUESTION or issue.code in PUBLISHED_CODES:
            self.issue_chosen.emit(issue)
        else:
            self.focus_issue(issue)

    def _change_rule(self, where: Where) -> None:
        self.issue_chosen.emit(Issue(Severity.QUESTION, "change_rule", "", where))

    def focus_place(self, where: Where) -> None:
        """Take the cursor to a patient's cell, or to the study."""
        session = self.session
        if session is None or not session.usable_studies or not session.has_harmonized_at_hand or where.study is None:
            return
        parts = [part for part in session.harmonized().studies if part.study == where.study]
        if not parts:
            return
        self.who.setCurrentIndex(0)
        self.studies.setCurrentIndex(max(0, self.studies.findData(where.study)))
        self.tabs.setCurrentIndex(0)
        self._show_patients()
        patient = where.patient if where.patient is not None else patient_in_row(parts[0], where.row)
        if patient is None:  # the study as a whole
            patient = str(parts[0].patients["patient"].iloc[0])
        self.patients.choose(where.study, patient, column_for(parts[0], where))
        self.patients.setFocus()

    def tour_states(self) -> Sequence[TourState]:
        """Every tab."""
        names = ("", "issues", "summaries", "availability", "flow")
        return tuple((name, lambda i=i: self.tabs.setCurrentIndex(i)) for i, name in enumerate(names))


def column_for(part: StudyData, where: Where) -> str:
    """The harmonized column that an issue is about: its variable's, its scale's baseline, else the reason column."""
    known = part.patients.columns
    for name in (where.variable, f"{where.variable}_baseline"):
        if name in known:
            return str(name)
    named = [key for key, origins in part.origins.items()
             if any(source.column == where.column for source in origins.sources)] if where.column else []
    return named[0] if named else EXCLUDED


def patient_in_row(part: StudyData, row: int | None) -> str | None:
    """The patient of a study some of whose values stand in a row of the file."""
    if row is None:
        return None
    for origins in part.origins.values():
        rows: list[int] = origins.rows.tolist()
        if row in rows:
            return str(part.patients["patient"].iloc[rows.index(row)])
    return None


def _issues(session: Session) -> tuple[Issue, ...]:
    """What harmonizing and, as soon as they are through, the integrity checks found in the values, gravest first."""
    checked = session.integrity_issues() if session.has_integrity_at_hand else ()
    return gravest_first((*session.harmonized().issues, *checked))


def _key(session: Session) -> tuple[str, ...]:
    return ("described", session.data_fingerprint, session.plan.fingerprint)


def described(session: Session) -> Described:
    """Summaries and availability of harmonized data; remembered by the session."""
    return session.memo.get(_key(session), lambda: _described(session))


def _described(session: Session) -> Described:
    from core.availability import availability
    from core.cohort import build_cohort

    data = session.harmonized()
    try:
        found, fault = availability(build_cohort(data.patients, session.plan), session.plan), ""
    except UserError as problem:
        found, fault = (), str(problem)
    return Described(summarize(data), found, fault)


def _describe(session: Session, progress: Progress) -> Session:
    """Harmonize and describe, and remember both; runs on a job's thread."""
    session.harmonized(progress)
    session.integrity_issues()
    described(session)
    return session
