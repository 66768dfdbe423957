"""Studies: who takes part, what is known of each, and how many patients go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QTabWidget, QVBoxLayout, QWidget

from core.errors import Issue, Severity, UserError, Where
from core.missing import missing_of
from core.progress import Progress
from core.registry import Study
from core.steps import Step
from gui import dialogs
from gui.pages.page import Page, TourState
from gui.pages.studies_bias import BiasView
from gui.pages.studies_privacy import PrivacyView, carry_out
from gui.theme import GRID
from gui.widgets.columns import Column
from gui.widgets.data_table import DataTable
from gui.widgets.flow_strip import FlowStrip, flow_of
from gui.widgets.frame import button
from gui.widgets.marks import ASKS, FAULT, NONE, OK, Mark
from gui.widgets.study_form import StudyForm

if TYPE_CHECKING:
    from core.privacy.decisions import ColumnDecision
    from core.session import Session

STUDY_FILES = "Study files (*.xlsx *.xlsm *.xls *.ods *.csv *.tsv *.txt *.sav *.dta *.sas7bdat *.xpt);;All files (*)"
WORKBOOKS = "Workbook (*.xlsx)"
REGISTRY_FILES = "Study registry (*.xlsx *.csv)"


@dataclass(frozen=True)
class StudyRow:
    """A line of the table."""

    study: Study
    n: int | None
    scale: str
    state: Mark
    state_words: str


def _fact(value: object) -> str:
    return "?" if value is None else str(value)


def _failed_trials(study: Study) -> str:
    required = study.failed_trials_required
    return "?" if required is None else "none" if study.trd_threshold == "unspecified" else f"{required:g}"


COLUMNS = (
    Column("Study", lambda row: row.study.name, hint=lambda row: f"{row.study.name}, {row.study.study}", widest=260,
           least=150),
    Column("State", lambda row: row.state_words, mark=lambda row: row.state),
    Column("n", lambda row: "" if row.n is None else str(row.n), number=True, order=lambda row: row.n,
           about="Patients in the file"),
    Column("Country", lambda row: _fact(row.study.country), is_spare=True),
    Column("Design", lambda row: _fact(row.study.design), is_spare=True),
    Column("Control", lambda row: row.study.control or _fact(row.study.control_type), widest=200, least=76,
           is_spare=True, hint=lambda row: f"{row.study.control}, {_fact(row.study.control_type)}".removeprefix(", ")),
    Column("Failed trials", lambda row: _failed_trials(row.study), number=True, is_spare=True,
           order=lambda row: row.study.failed_trials_required, about="Failed trials required for entry"),
    Column("Scale", lambda row: row.scale, least=76, is_spare=True, hint=lambda row: row.scale,
           about="Depression scales in the file"),
    Column("File", lambda row: row.study.file or "none", hint=lambda row: row.study.file or "", least=100,
           is_spare=True),
)
"""What is spare stands in the form beside."""


def _icon_button(shape: str) -> QPushButton:
    """A narrow one, whose tooltip has the words."""
    made = button("", shape=shape)
    made.setText("")
    made.setFixedWidth(5 * GRID)
    return made


class StudiesPage(Page):
    """The table of studies and the form of the one that is chosen."""

    title: ClassVar[str] = "Studies"
    step: ClassVar[Step] = Step.STUDIES

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.add_action = QAction("Add files...", self)
        self.add_action.triggered.connect(self._ask_for_files)
        self.table = DataTable("Studies", COLUMNS, key=lambda row: row.study.study, is_dense=True)
        self.table.chosen.connect(self._show_chosen)
        self._known: frozenset[str] = frozenset()
        """Studies that were there before."""
        self.flow = FlowStrip()
        self.form = StudyForm()
        self.form.setMinimumWidth(296)
        self.form.edited.connect(self._take)
        self.form.missing.wanted.connect(self._save_missing)
        self.first = self.table
        self.privacy = PrivacyView()
        self.privacy.decided.connect(self._cut)
        self.views = QTabWidget()
        self.views.setAccessibleName("Studies, privacy of their files, risk of bias")
        self.bias = BiasView()
        self.views.addTab(self.table, "Studies")
        self.views.addTab(self.privacy, "Privacy")
        self.views.addTab(self.bias, "Risk of bias")
        self.views.currentChanged.connect(self._show_view)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(self._tools())
        column.addWidget(self.views, 1)
        column.addWidget(self.flow)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(left)
        split.addWidget(self.form)
        split.setStretchFactor(0, 1)
        split.setSizes([680, 350])
        self.body.addWidget(split, 1)

    def _tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        add, folder, registry = button("Add files..."), _icon_button("folder-open"), button("Registry...")
        for one, words in ((folder, "Add a folder with study files"), (registry, "Load a registry of the studies")):
            one.setAccessibleName(words)
            one.setToolTip(words)
        self.request = button("Request data...")
        self.request.setToolTip("A workbook to send to a study team, with a column for each variable of the protocol")
        self.request.clicked.connect(self._request_data)
        self.remove = _icon_button("trash")
        self.remove.setAccessibleName("Remove the chosen study")
        add.clicked.connect(self._ask_for_files)
        folder.clicked.connect(self._ask_for_folder)
        registry.clicked.connect(self._ask_for_registry)
        self.remove.clicked.connect(self._remove)
        self.remove.setToolTip("Take the chosen study and its file out of the project; Undo brings them back")
        for one in (add, folder, registry):
            row.addWidget(one)
        row.addStretch(1)
        row.addWidget(self.request)
        row.addWidget(self.remove)
        return row

    # --- showing ----------------------------------------------------------------------------------------------------

    def sentence(self, session: Session | None) -> str:
        """How many studies, how many usable."""
        studies = session.registry.studies if session else ()
        if session is None or not studies:
            return "Add the files the trial teams sent, and a registry of the studies if there is one."
        without = len(studies) - len(session.usable_studies)
        asked = sum(_asks(study) for study in studies)
        parts = [f"{len(studies)} studies" + (f", {without} without a readable file" if without else "")]
        parts.append(f"{asked} with facts that are not known" if asked else "every fact that analyses need is known")
        return f"Who takes part and how each study was done. {'; '.join(parts)}."

    def foot(self, session: Session | None) -> str:
        """How the sources stand."""
        waiting = self.privacy.waiting
        if session is not None and waiting:
            return f"{waiting} column{'s' if waiting > 1 else ''} to decide on under Privacy"
        return "Files can also be dropped on the window." if session is None or not session.sources else ""

    def display(self, session: Session | None) -> None:
        """Fill table, form and flow."""
        if session is None:
            return
        studies = session.registry.studies
        self.main_action = None if studies else self.add_action
        rows = [study_row(session, study) for study in studies]
        self.table.show_records(rows)
        added = [study.study for study in studies if study.study not in self._known]
        if added and (self.table.current is None or len(added) < len(studies)):
            self.table.choose(added[0], tell=False)
        elif self.table.current is None and rows:
            self.table.choose(rows[0].study.study, tell=False)
        self._known = frozenset(study.study for study in studies)
        self.privacy.show_session(session)
        self.bias.show_session(session)
        self.views.setTabText(1, f"Privacy ({self.privacy.waiting})" if self.privacy.waiting else "Privacy")
        self._show_chosen(self.table.current)

    def _show_chosen(self, row: StudyRow | None) -> None:
        if self.session is None:
            return
        known = self.session.registry.by_id.get(row.study.study) if row else None
        self.form.show_study(self.session, known)
        self.remove.setEnabled(known is not None)
        self._show_flow(known)

    def _show_flow(self, chosen: Study | None) -> None:
        session = self.session
        if session is None or not session.usable_studies:
            self.flow.show_flows((), "How many patients go on to the analyses, and why others do not, will stand here "
                                     "once there are studies with a readable file.")
        elif not session.has_harmonized_at_hand:
            self.flow.show_flows((), "Counting patients...")
        else:
            data = session.harmonized().studies
            flows = [flow_of(f"All {len(data)} studies", (line for study in data for line in study.flow))]
            flows += [flow_of(chosen.name, one.flow) for one in data if chosen and one.study == chosen.study]
            self.flow.show_flows(flows)

    def focus_place(self, where: Where) -> None:
        """Go to a study, by its id or by its file."""
        for study in self.session.registry.studies if self.session else ():
            if study.study == where.study or (where.study is None and where.file and study.file == where.file):
                self.table.choose(study.study)
        self.table.setFocus()

    def focus_issue(self, issue: Issue) -> None:
        """To the table of private columns, to published figures, or to the study."""
        from core.privacy import findings

        is_private = issue.code == findings.CODE
        self.views.setCurrentIndex(int(is_private))
        self.focus_place(issue.where)
        if is_private:
            self.privacy.choose(issue.where)
        elif issue.code.startswith("published"):
            self.form.tabs.setCurrentWidget(self.form.published)
            self.form.published.table.setFocus()

    def tour_states(self) -> Sequence[TourState]:
        """Each tab of the form."""
        return (("", lambda: self.form.tabs.setCurrentIndex(0)),
                ("file", lambda: self.form.tabs.setCurrentIndex(1)),
                ("risk-of-bias", lambda: self.form.tabs.setCurrentIndex(2)),
                ("missing", lambda: self.form.tabs.setCurrentWidget(self.form.missing_tab)),
                ("published", lambda: self.form.tabs.setCurrentWidget(self.form.published)),
                ("privacy", lambda: self.views.setCurrentIndex(1)),
                ("bias-figure", lambda: self.views.setCurrentWidget(self.bias)))

    # --- deciding ---------------------------------------------------------------------------------------------------

    def _take(self, study: Study, what: str) -> None:
        if self.session is not None:
            self.decided.emit(self.session.with_study(study), f"{what} of {study.name}")

    def _remove(self) -> None:
        row = self.table.current
        if self.session is not None and row is not None:
            self.decided.emit(self.session.without_study(row.study.study), f"Removal of {row.study.name}")

    def _show_view(self, view: int) -> None:
        """Private columns are of all studies and need the width; judgments are made beside their figure."""
        is_bias = self.views.widget(view) is self.bias
        for part, is_there in ((self.form, view == 0 or is_bias), (self.flow, view == 0), (self.remove, view == 0)):
            part.setVisible(is_there)
        if is_bias:
            self.form.show_bias()

    def _cut(self, decisions: tuple[ColumnDecision, ...], what: str) -> None:
        if self.session is not None:
            self.deciding.emit(partial(carry_out, self.session, decisions), what)

    def take_files(self, paths: Sequence[Path]) -> None:
        """Add study files and folders; a registry among them is recognized."""
        if self.session is not None and paths:
            names = paths[0].name if len(paths) == 1 else f"{len(paths)} files"
            self.deciding.emit(partial(add_files, self.session, tuple(paths)), f"Adding {names}")

    # --- asking a team ----------------------------------------------------------------------------------------------

    def _request_data(self) -> None:
        if self.session is None:
            return
        from core.request_kit import write_kit

        protocol, wish = self.session.protocol, dialogs.request_data(self, self.session.protocol)
        if wish is not None:
            self._write(lambda: write_kit(wish.path, protocol, wish.study), wish.path,
                        "Send it to the team; when it comes back filled in, add it like any study file.")

    def _save_missing(self, study: str) -> None:
        if self.session is None:
            return
        from core.missing_request import file_name, write_missing

        found, protocol = missing_of(self.session, study), self.session.protocol
        path = dialogs.choose_target(self, "What is missing", WORKBOOKS, file_name(study))
        if path is not None:
            self._write(lambda: write_missing(path, found, protocol), path, "It names places in the file, no values. "
                        "Added when it comes back, its answers about the study are taken.")

    def _write(self, write: Callable[[], None], path: Path, then: str) -> None:
        """Write a small workbook and say so, or why not."""
        try:
            write()
        except UserError as fault:
            self.message.show_fault(fault)
        else:
            self.message.say(f"Saved as {path.name}. {then}")

    def _ask_for_files(self) -> None:
        self.take_files(dialogs.choose_files(self, "Study files", STUDY_FILES))

    def _ask_for_folder(self) -> None:
        folder = dialogs.choose_folder(self, "Folder with study files")
        self.take_files([folder] if folder else [])

    def _ask_for_registry(self) -> None:
        found = dialogs.choose_files(self, "Study registry", REGISTRY_FILES, several=False)
        if found and self.session is not None:
            self.deciding.emit(partial(add_files, self.session, (), registry=found[0]), f"Registry {found[0].name}")


def add_files(session: Session, paths: Sequence[Path], progress: Progress, registry: Path | None = None) -> Session:
    """The session with files taken in; runs on a job's thread."""
    from core.intake import load_files

    return load_files(session, paths, progress, registry)


def study_row(session: Session, study: Study) -> StudyRow:
    """What the table says of a study."""
    mapping = session.mappings.get(study.study)
    scales = session.protocol.scales_by_key
    found = dict.fromkeys(score.scale for score in mapping.scores) if mapping else {}
    scale = ", ".join(scales[key].label if key in scales else key for key in found)
    return StudyRow(study, _patients(session, study.study), scale, *_state(session, study))


def _patients(session: Session, study: str) -> int | None:
    if not session.usable_studies or not session.has_harmonized_at_hand:
        return None
    flows = [one.flow for one in session.harmonized().studies if one.study == study]
    return flow_of(study, flows[0]).in_file if flows else None


def _asks(study: Study) -> bool:
    return None in (study.country, study.design, study.control_type, study.trd_threshold)


def _state(session: Session, study: Study) -> tuple[Mark, str]:
    """A study's state as a mark and words."""
    if not session.has_source(study.study):
        return NONE, "no file"
    if study.study not in session.mappings or any(
            issue.severity is Severity.ERROR and issue.where.study == study.study for issue in session.import_issues):
        return FAULT, FAULT.word
    try:
        questions = len(session.questions(study.study)) if session.has_harmonized_at_hand else 0
    except UserError:
        return FAULT, FAULT.word
    if questions:
        return ASKS, f"{questions} open"
    return (ASKS, "facts open") if _asks(study) else (OK, OK.word)
