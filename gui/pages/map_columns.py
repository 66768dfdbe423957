"""One study's file, column by column: its layout and columns at the left, the decision on one of them at the right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from core.errors import Issue, UserError
from core.mapping import Constant, Decision, StudyMapping
from core.protocol import Variable
from core.rule_columns import columns_of
from core.sources import RawColumn, raw_text
from core.wording import count
from gui.pages.map_cells import ABOUT_ARMS, ARM, LAYOUT, SHAPES_IN_WORDS, BoardCell, board_row, facts_at_hand
from gui.pages.map_decision import DecisionEditor
from gui.pages.map_layout import LayoutPart, ShapePart, TreatmentsPart, VisitsPart
from gui.pages.map_reading import ReadingPart
from gui.pages.map_scores import ScoresPart
from gui.pages.map_unused import UnusedColumn
from gui.pages.map_values import uses
from gui.theme import GRID
from gui.widgets.choices import combo, offer
from gui.widgets.columns import Column
from gui.widgets.data_table import DataTable
from gui.widgets.edit_table import EditTable
from gui.widgets.frame import button
from gui.widgets.marks import ASKS, NONE, OK, Mark

if TYPE_CHECKING:
    from core.session import Session

READING, SHAPE, VISITS, TREATMENTS, SCORES = "reading", "shape", "visits", "treatments", "scores"
EDITORS: dict[str, type[LayoutPart | ReadingPart]] = {
    READING: ReadingPart, SHAPE: ShapePart, VISITS: VisitsPart, TREATMENTS: TreatmentsPart, SCORES: ScoresPart}
FIRST_VALUES = 6


@dataclass(frozen=True)
class PartRow:
    """One part of the layout in a line."""

    key: str
    title: str
    mark: Mark
    text: str


@dataclass(frozen=True)
class FileColumn:
    """A column of the file with its use and first values."""

    column: RawColumn
    use: str
    first: str


@dataclass(frozen=True)
class VariableRow:
    """A variable with how it stands in the study."""

    key: str
    label: str
    cell: BoardCell
    column: str


PART_COLUMNS = (Column("Layout", lambda row: row.title, mark=lambda row: row.mark),
                Column("In this file", lambda row: row.text, hint=lambda row: row.text, stretch=True, least=120))
FILE_COLUMNS = (
    Column("Column", lambda row: row.column.name, widest=200, least=110,
           hint=lambda row: "\n".join(filter(None, (row.column.name, row.column.label)))),
    Column("Used as", lambda row: row.use or "not used", mark=lambda row: OK if row.use else NONE, widest=180,
           least=120, hint=lambda row: row.use),
    Column("First values", lambda row: row.first, hint=lambda row: row.first, stretch=True, least=90))
VARIABLE_COLUMNS = (
    Column("Variable", lambda row: row.label, hint=lambda row: row.label, widest=300, least=130),
    Column("State", lambda row: row.cell.text, mark=lambda row: row.cell.mark, hint=lambda row: row.cell.hint,
           order=lambda row: (not row.cell.asks, row.cell.text)),
    Column("From", lambda row: row.column, hint=lambda row: row.column, stretch=True, least=90))


class ColumnView(QWidget):
    """`mapping_edited` and `decision_edited` carry what the person changed, and its name."""

    mapping_edited = Signal(object, str)
    decision_edited = Signal(str, str, object)
    """Study, variable, decision (None: open)."""
    reopened = Signal(str, str)
    """Study and variable whose decision is taken back."""
    deciding = Signal(object, str)
    back = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session: Session | None = None
        self.study, self.place = "", LAYOUT
        self.to_board = button("All studies", shape="grid-four")
        self.to_board.clicked.connect(self.back)
        self.studies = combo("Study", lambda: self.open(self.studies.currentData(), self.place))
        self.parts = DataTable("Layout of the file", PART_COLUMNS, key=lambda row: row.key, sortable=False)
        self.columns = DataTable("Columns of the file", FILE_COLUMNS, key=lambda row: row.column.name, sortable=False)
        self.variables = DataTable("Variables", VARIABLE_COLUMNS, key=lambda row: row.key)
        for table, turn in ((self.parts, self._turn_to_row), (self.variables, self._turn_to_row),
                            (self.columns, self._turn_to_column)):
            table.chosen.connect(turn)
            table.opened.connect(turn)
            table.clicked.connect(lambda index, table=table, turn=turn: turn(table.records.records[index.row()]))
        self.decision, self.unused = DecisionEditor(), UnusedColumn()
        self.unused.wanted.connect(self._use_column)
        self._parts: dict[str, LayoutPart | ReadingPart] = {}
        self.right = QStackedWidget()
        self.right.addWidget(self.decision)
        self.right.addWidget(self.unused)
        self.decision.edited.connect(self._tell_decision)
        self.decision.reopened.connect(lambda: self.reopened.emit(self.study, self.place))
        self._lay_out()

    def part(self, key: str) -> LayoutPart | ReadingPart:
        """The editor of a part of the layout, made when it is first needed."""
        if key not in self._parts:
            made = self._parts[key] = EDITORS[key]()
            made.edited.connect(self.mapping_edited)
            if isinstance(made, ReadingPart):
                made.deciding.connect(self.deciding)
            self.right.addWidget(made)
        return self._parts[key]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leads back to all studies."""
        if event.key() == Qt.Key.Key_Escape:
            self.back.emit()
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(GRID)
        top.addWidget(self.to_board)
        top.addWidget(self.studies, 1)
        self.lists = QTabWidget()
        self.lists.setAccessibleName("Variables, or columns of the file")
        self.lists.addTab(self.variables, "Variables")
        self.lists.addTab(self.columns, "Columns of the file")
        self.parts.horizontalHeader().hide()
        self.parts.setFixedHeight(5 * self.parts.verticalHeader().defaultSectionSize() + 4)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(top)
        column.addWidget(self.parts)
        column.addWidget(self.lists, 1)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(left)
        self.split.addWidget(self.right)
        self.split.setStretchFactor(0, 1)
        self.split.setStretchFactor(1, 1)
        self.split.setSizes([510, 490])
        left.setMinimumWidth(320)
        self.right.setMinimumWidth(340)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.split)

    # --- showing ----------------------------------------------------------------------------------------------------

    def show_session(self, session: Session) -> None:
        """Show the study and place in sight as they stand now."""
        self.session = session
        if self.study not in session.registry.by_id:
            self.study = session.registry.studies[0].study if session.registry.studies else ""
        offer(self.studies, ((study.name, study.study) for study in session.registry.studies), self.study)
        if not self.study:
            return
        has_mapping = self.study in session.mappings and session.has_source(self.study)
        for part in (self.variables, self.columns, self.lists):
            part.setEnabled(has_mapping)
        if not has_mapping:
            self._show_unreadable(session)
            return
        mapping = session.mappings[self.study]
        cells = board_row(session, session.registry.by_id[self.study], facts_at_hand(session))
        self.parts.show_records(self._part_rows(session, mapping, cells))
        self.variables.show_records([
            VariableRow(one.key, one.label, cells[one.key],
                        _source_of(one, mapping.variables.get(one.key), cells[one.key]))
            for one in session.protocol.variables])
        self.columns.show_records(self._file_columns(session, mapping))
        self._show_right(session)

    def _show_unreadable(self, session: Session) -> None:
        for table in (self.parts, self.variables, self.columns):
            table.show_records(())
        self.place = READING
        if session.has_source(self.study):
            self._show_part(session, READING)
        else:
            self.unused.say("This study has no file yet. Add it on the Studies page; its columns will stand here.")
            self.right.setCurrentWidget(self.unused)

    def _show_right(self, session: Session) -> None:
        self._unmark_others(session)
        variable = session.protocol.variables_by_key.get(self.place)
        if variable is not None:
            self.decision.show_variable(session, self.study, variable)
            self.right.setCurrentWidget(self.decision)
        elif self.place in EDITORS:
            self._show_part(session, self.place)
        elif self.columns.current is not None:
            self.unused.show_column(session, self.columns.current.column)
            self.right.setCurrentWidget(self.unused)

    def _show_part(self, session: Session, key: str) -> None:
        part = self.part(key)
        part.show_study(session, self.study)
        self.right.setCurrentWidget(part)

    def _unmark_others(self, session: Session) -> None:
        """Only what the right side shows looks chosen."""
        is_in_file = self.lists.currentWidget() is self.columns and self.columns.selectedIndexes()
        for table, is_shown in ((self.parts, self.place in EDITORS and not is_in_file),
                                (self.variables, self.place in session.protocol.variables_by_key),
                                (self.columns, is_in_file)):
            if not is_shown:
                table.clearSelection()

    def _part_rows(self, session: Session, mapping: StudyMapping, cells: dict[str, BoardCell]) -> list[PartRow]:
        try:
            table = session.table(self.study)
        except UserError as fault:
            return [PartRow(READING, "Table", ASKS, str(fault))]
        sheet = f"sheet {table.sheet}, " if table.sheet else ""
        shape, codes = mapping.shape, {issue.code for issue in session.questions(self.study)}
        scales = {score.scale: session.protocol.scales_by_key[score.scale].label for score in mapping.scores}
        visits = ", ".join(filter(None, (f"visits in {shape.visit.column}" if shape.visit else "",
                                         f"periods in {shape.period.column}" if shape.period else "")))
        given = ", ".join(source.column or f"all {source.constant}" for source in mapping.treatments)
        marks = {key: ASKS if codes & set(names) else OK for key, names in (
            (SHAPE, ("structure_unsure", "no_patient_column", "no_visit_column")), (TREATMENTS, ABOUT_ARMS),
            (VISITS, ("unknown_visit", "unknown_period")), (SCORES, ("no_score_column", "no_baseline_column")))}
        return [
            PartRow(READING, "Table", OK, f"{sheet}names in row {table.header_row}, {len(table.rows)} rows"),
            PartRow(SHAPE, "Rows", marks[SHAPE], f"{SHAPES_IN_WORDS[shape.kind]}; patients in {shape.patient or '?'}"),
            PartRow(TREATMENTS, "Treatment", marks[TREATMENTS], given or "no column yet"),
            PartRow(VISITS, "Visits", marks[VISITS] if visits else NONE, visits or "none: a row holds all"),
            PartRow(SCORES, "Scores", marks[SCORES],
                    f"{', '.join(scales.values()) or 'none'}, {count(len(mapping.scores), 'column')}")]

    def _file_columns(self, session: Session, mapping: StudyMapping) -> list[FileColumn]:
        try:
            columns = session.table(self.study).columns
        except UserError:
            return []
        used = uses(mapping, session.protocol)
        return [FileColumn(column, ", ".join(used.get(column.name, ())), _first_values(column)) for column in columns]

    # --- moving -----------------------------------------------------------------------------------------------------

    def open(self, study: str, place: str) -> None:
        """Turn to a study and a place of it: a variable, a score, a part of the layout."""
        self.study = study
        scores = self.session.protocol.score_keys if self.session else ()
        self.place = {LAYOUT: SHAPE, ARM: TREATMENTS}.get(place, SCORES if place in scores else place)
        if self.session is not None:
            self.show_session(self.session)
            is_variable = self.variables.choose(self.place, tell=False)
            if is_variable:
                self.lists.setCurrentWidget(self.variables)
            else:
                self.parts.choose(self.place, tell=False)

    def open_column(self, study: str, column: str) -> None:
        """Turn to a column of a study's file."""
        self.study = study
        if self.session is not None:
            self.show_session(self.session)
            self.lists.setCurrentWidget(self.columns)
            self.columns.choose(column, tell=False)
            if self.columns.current is not None:
                self._turn_to_column(self.columns.current)

    def open_issue(self, issue: Issue) -> None:
        """Turn to where a question is answered."""
        where, mapping = issue.where, self.session.mappings.get(issue.where.study or "") if self.session else None
        if where.study is None or self.session is None:
            return
        if where.variable in self.session.protocol.variables_by_key:
            self.open(where.study, str(where.variable))
        elif issue.code in ABOUT_ARMS:
            self.open(where.study, TREATMENTS)
        elif issue.code in ("unknown_visit", "unknown_period"):
            self.open(where.study, VISITS)
        elif issue.code in ("no_score_column", "no_baseline_column"):
            self.open(where.study, SCORES)
        elif issue.code in ("structure_unsure", "no_patient_column", "no_visit_column") or mapping is None:
            self.open(where.study, SHAPE)
        elif where.column:
            self.open_column(where.study, where.column)
        else:
            self.open(where.study, READING)

    def take_keyboard(self) -> None:
        """The keyboard goes to what a person does next at the place in sight."""
        shown = self.right.currentWidget()
        if isinstance(shown, DecisionEditor):
            (shown.confirm if shown.confirm.isEnabled() else shown.kind).setFocus()
            return
        table = shown.findChild(EditTable) if shown else None
        if isinstance(table, EditTable):
            table.setFocus()
            if not table.currentIndex().isValid():
                table.setCurrentIndex(table.model().index(0, 0))
        elif shown is not None:
            shown.setFocus()

    @property
    def board_key(self) -> str:
        """The board's column that stands for the place in sight."""
        scores = self.session.protocol.score_keys if self.session else ()
        return {TREATMENTS: ARM, SCORES: scores[0] if scores else LAYOUT}.get(
            self.place, LAYOUT if self.place in (READING, SHAPE, VISITS, "") else self.place)

    def _turn_to(self, place: str) -> None:
        self.place = place
        if self.session is not None:
            self._show_right(self.session)

    def _turn_to_row(self, row: PartRow | VariableRow) -> None:
        self._turn_to(row.key)

    def _turn_to_column(self, row: FileColumn) -> None:
        """What the column is used for; an unused one can be given a use."""
        if self.session is not None:
            self._turn_to(_place_of(self.session.mappings[self.study], row.column.name))

    def _use_column(self, column: str, variable: str) -> None:
        if self.session is not None:
            self.open(self.study, variable)
            self.decision.choose_column(column)

    def _tell_decision(self, decision: Decision | None) -> None:
        self.decision_edited.emit(self.study, self.place, decision)


def _source_of(variable: Variable, decision: Decision | None, cell: BoardCell) -> str:
    """Where a variable comes from, in few words."""
    if decision is not None:
        rule = decision.rule
        return f"all: {rule.value}" if isinstance(rule, Constant) else ", ".join(columns_of(rule))
    if variable.registry is not None:
        return "the study's facts"
    return "" if cell.mark is NONE else "the baseline score" if variable.same_as else "another variable"


def _first_values(column: RawColumn) -> str:
    return "  \N{MIDDLE DOT}  ".join(raw_text(cell) or "(empty)" for cell in column.cells[:FIRST_VALUES])


def _place_of(mapping: StudyMapping, column: str) -> str:
    """What reads a column: a variable, a part of the layout, or "" for nothing."""
    variables = [key for key, decision in mapping.variables.items() if column in columns_of(decision.rule)]
    shape = mapping.shape
    places: dict[str, list[str | None]] = {
        SCORES: [score.column for score in mapping.scores], SHAPE: [shape.patient],
        TREATMENTS: [*(source.column for source in mapping.treatments), *(source.column for source in mapping.doses)],
        VISITS: [shape.visit.column if shape.visit else None, shape.period.column if shape.period else None]}
    return variables[0] if variables else next((place for place, names in places.items() if column in names), "")
