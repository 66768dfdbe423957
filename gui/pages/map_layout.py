"""How the rows and columns of a study's file make patients, visits, treatments and scores: to read and to correct."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.errors import UserError
from core.first_patients import first_patients
from core.mapping import StudyMapping
from core.sources import RawTable
from core.suggest.whole_doses import divisor_named
from core.values import is_missing_word
from gui.pages import map_edits as edits
from gui.pages.map_cells import SHAPES_IN_WORDS
from gui.pages.map_values import UNDECIDED, hours_text, number_text
from gui.theme import GRID
from gui.widgets.choices import combo, form_of, line, offer, write
from gui.widgets.columns import Column
from gui.widgets.data_table import DataTable
from gui.widgets.edit_table import Edit, EditTable
from gui.widgets.frame import button, label
from gui.widgets.marks import ASKS, NONE, OK, Mark

if TYPE_CHECKING:
    from core.session import Session

MISSING, NOT_USED = "none (missing)", "not used"
NO_COLUMN = ("no column", None)
FIRST = "The first patients as they will be, from the first rows of the file:"
NO_FIRST = "The first patients will stand here once it is known which column holds them."
FIRST_COLUMNS = (
    Column("Patient", lambda one: one.name, hint=lambda one: one.name, widest=130, least=60),
    Column("Given", lambda one: one.given or "not known", widest=120, least=96,
           mark=lambda one: OK if one.given else ASKS),
    Column("Before", lambda one: one.baseline or "\N{EN DASH}", widest=70, least=50),
    Column("After", lambda one: one.later or "\N{EN DASH}", hint=lambda one: one.later, stretch=True, least=90),
    Column("Left out", lambda one: one.left_out, hint=lambda one: one.left_out, widest=110, is_spare=True))


@dataclass(frozen=True)
class TextRow:
    """A text of a column of treatments, visits or periods."""

    raw: str
    count: int
    value: Any
    dose: float | None = None

    @property
    def mark(self) -> Mark:
        """Whether its meaning is known."""
        return ASKS if self.value == UNDECIDED else NONE if self.value is None else OK


class LayoutPart(QWidget):
    """One part of the layout. `edited` carries the next mapping and what was changed: "Visits"."""

    edited = Signal(object, str)
    title = ""
    about = ""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mapping: StudyMapping | None = None
        self.session: Session | None = None
        self.table: RawTable | None = None
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(GRID)
        self.body.addWidget(label(self.title, "section"))
        self.body.addWidget(label(self.about, "secondary", wrap=True))

    def show_study(self, session: Session, study: str) -> None:
        """Show a study that has a mapping."""
        self.session, self.mapping = session, session.mappings[study]
        try:
            self.table = session.table(study)
        except UserError:
            self.table = None
        self.fill(self.mapping)

    def fill(self, mapping: StudyMapping) -> None:
        """Show a mapping."""
        raise NotImplementedError

    def tell(self, mapping: StudyMapping, what: str = "") -> None:
        """The person changed it."""
        if mapping != self.mapping:
            self.edited.emit(mapping, what or self.title)

    def column_options(self, first: tuple[tuple[str, object], ...] = (NO_COLUMN,)) -> tuple[tuple[str, object], ...]:
        """The file's columns to choose from."""
        return (*first, *((name, name) for name in (self.table.columns_by_name if self.table else ())))

    def texts_of(self, column: str | None) -> dict[str, int]:
        """Distinct texts of a column with their counts."""
        found = self.table.columns_by_name.get(column) if self.table and column else None
        return found.counts if found else {}


class ShapePart(LayoutPart):
    """What a row of the file is."""

    title = "Rows and patients"
    about = "What a row of the file is, and which columns tell patients, visits and periods apart."

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind, self.patient = combo("A row is", self._take), combo("Patients", self._take)
        self.site = combo("Sites with ids of their own", self._take)
        self.visit, self.period = combo("Visits", self._take), combo("Periods", self._take)
        self.second = line("Second treatment after", self._take, "hours; empty if there was none")
        self.body.addLayout(form_of((
            ("The file has", self.kind), ("Patients", self.patient), ("Ids within", self.site), ("Visits", self.visit),
            ("Periods", self.period), ("Second treatment (h)", self.second))))
        self.doubt = label(wrap=True)
        self.confirm = button("Confirm this layout", "primary", "check")
        self.confirm.clicked.connect(self._confirm)
        self.body.addWidget(self.doubt)
        row = QHBoxLayout()
        row.addWidget(self.confirm)
        row.addStretch(1)
        self.body.addLayout(row)
        self.first = DataTable("First patients, as they will be", FIRST_COLUMNS, key=lambda one: one.name,
                               sortable=False, is_dense=True)
        self.about_first = label(FIRST, "secondary", wrap=True)
        self.body.addWidget(self.about_first)
        self.body.addWidget(self.first, 1)

    def _show_first(self, mapping: StudyMapping) -> None:
        """The first patients under the layout as it stands, from the first rows of the file."""
        try:
            found = first_patients(self.session, mapping.study) if self.session is not None else ()
        except UserError:
            found = ()
        self.first.show_records(found)
        self.first.setVisible(bool(found))
        self.about_first.setText(FIRST if found else NO_FIRST)

    def fill(self, mapping: StudyMapping) -> None:
        """Show shape and what is doubtful about it."""
        self._show_first(mapping)
        shape = mapping.shape
        offer(self.kind, ((words, kind) for kind, words in SHAPES_IN_WORDS.items()), shape.kind)
        offer(self.patient, self.column_options((("each row is a patient", None),)), shape.patient)
        offer(self.site, self.column_options((("the whole study", None),)), shape.site)
        offer(self.visit, self.column_options(), shape.visit.column if shape.visit else None)
        offer(self.period, self.column_options(), shape.period.column if shape.period else None)
        hours = shape.second_treatment_hours
        write(self.second, "" if hours is None else f"{hours:g}")
        self.doubt.setVisible(not mapping.is_structure_sure)
        self.doubt.setText(f"Please look at it: {mapping.structure_reason}.")
        self.confirm.setVisible(not mapping.is_structure_sure)

    def _take(self) -> None:
        if self.mapping is None:
            return
        shape = self.mapping.shape
        try:
            second = read_hours(self.second.text())
        except ValueError:
            write(self.second, "")
            return
        self.tell(edits.with_shape(
            self.mapping, kind=self.kind.currentData(), patient=self.patient.currentData(),
            site=self.site.currentData(),
            visit=edits.visit_source(shape.visit, self.visit.currentData()),
            period=edits.period_source(shape.period, self.period.currentData()), second_treatment_hours=second))

    def _confirm(self) -> None:
        if self.mapping is not None:
            self.tell(edits.settled(self.mapping), "Layout")


class VisitsPart(LayoutPart):
    """When the rows of a long file were measured, and which period they belong to."""

    title = "Visits and periods"
    about = "Hours after the treatment (0 or less: before it), or \"not used\". Click or press Enter to change it."

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.visits = _texts_table("Visits and their hours", "Visit", "Hours",
                                   lambda row: f"{number_text(row.value)} ({hours_text(row.value)})")
        self.periods = _texts_table("Periods", "Period", "Number", lambda row: f"{row.value}")
        self.visits.edited.connect(self._take_visit)
        self.periods.edited.connect(self._take_period)
        self.nothing = label("The file has no column of visits or periods. If it has, choose it under Rows and "
                             "patients.", "secondary", wrap=True)
        self.body.addWidget(self.nothing)
        for table in (self.visits, self.periods):
            self.body.addWidget(table, 1)
        self.body.addStretch(0)

    def fill(self, mapping: StudyMapping) -> None:
        """Show the texts of both columns."""
        visit, period = mapping.shape.visit, mapping.shape.period
        self.visits.show_records(_text_rows(self.texts_of(visit.column), visit.values) if visit else (),
                                 {"Hours": Edit(_value, read=_hours_or_none, start=_start, hint="hours, or: not used")})
        self.periods.show_records(_text_rows(self.texts_of(period.column), period.values) if period else (),
                                  {"Number": Edit(_value, read=int, start=_start)})
        self.visits.setVisible(visit is not None)
        self.periods.setVisible(period is not None)
        self.nothing.setVisible(visit is None and period is None)

    def _take_visit(self, row: TextRow, _: str, hours: float | None) -> None:
        if self.mapping is not None:
            self.tell(edits.with_visit(self.mapping, row.raw, hours), "Visits")

    def _take_period(self, row: TextRow, _: str, number: int | None) -> None:
        if self.mapping is not None:
            self.tell(edits.with_period(self.mapping, row.raw, number), "Periods")


class TreatmentsPart(LayoutPart):
    """What the patients were given, and in which dose."""

    title = "Treatment and dose"
    about = "What each text says the patient was given. Click or press Enter to change it."

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.block = combo("Block of periods", self._refill)
        self.column, self.constant = combo("Treatment's column", self._take_column), combo("Treatment",
                                                                                           self._take_constant)
        self.dose = combo("Dose's column", self._take_dose)
        self.weight = combo("Column the dose is divided by", self._take_weight)
        self.form = form_of((("Block", self.block), ("Treatment in", self.column), ("All were given", self.constant),
                             ("Dose in", self.dose), ("Divided by", self.weight)))
        self.body.addLayout(self.form)
        self.texts = EditTable("Treatments by text", (
            Column("In the file", lambda row: row.raw, hint=lambda row: row.raw, stretch=True, least=96),
            Column("Treatment", self._label, mark=lambda row: row.mark, hint=self._label, widest=220, least=110),
            Column("Dose", lambda row: "" if row.dose is None else f"{row.dose:g}", number=True),
            Column("Rows", lambda row: str(row.count), number=True)))
        self.texts.edited.connect(self._take_text)
        self.body.addWidget(self.texts, 1)

    def _label(self, row: TextRow) -> str:
        if row.value is None or row.value == UNDECIDED or self.session is None:
            return MISSING if row.value is None else "not decided"
        known = self.session.protocol.treatments_by_key.get(str(row.value))
        return known.label if known else str(row.value)

    @property
    def _index(self) -> int:
        return max(0, self.block.currentIndex())

    def _refill(self) -> None:
        if self.mapping is not None:
            self.fill(self.mapping)

    def fill(self, mapping: StudyMapping) -> None:
        """Show the treatments of a block, and their doses."""
        assert self.session is not None
        protocol, index = self.session.protocol, self._index
        offer(self.block, ((f"period {source.period}" if source.period else "all", i)
                           for i, source in enumerate(mapping.treatments)), min(index, len(mapping.treatments) - 1))
        self.form.setRowVisible(self.block, len(mapping.treatments) > 1)
        source = mapping.treatments[self._index] if mapping.treatments else None
        offer(self.column, self.column_options((("no column: all were given the same", None),)),
              source.column if source else None)
        offer(self.constant, ((one.label, one.key) for one in protocol.treatments), source.constant if source else None)
        self.form.setRowVisible(self.constant, source is None or source.column is None)
        at = edits.dose_index(mapping, source.period if source else None)
        dose = mapping.doses[at] if at is not None else None
        unit = protocol.dose.unit
        in_text = f"the treatment's text ({unit})"
        offer(self.dose, self.column_options(((in_text, None),)), dose.column if dose else None)
        not_divided = f"nothing: it stands in {unit}"
        offer(self.weight, self.column_options(((not_divided, None),)), dose.per.column if dose and dose.per else None)
        self.form.setRowVisible(self.weight, protocol.dose.per is not None and dose is not None and bool(dose.column))
        rows = [TextRow(row.raw, row.count, row.value, dose.values.get(row.raw) if dose else None)
                for row in _text_rows(self.texts_of(source.column), source.values)] if source else []
        options = (("not decided", UNDECIDED), *((one.label, one.key) for one in protocol.treatments), (MISSING, None))
        can_dose = dose is None or dose.column is None
        self.texts.show_records(rows, {"Treatment": Edit(lambda row: row.value, options)} | (
            {"Dose": Edit(lambda row: row.dose, read=read_hours)} if can_dose else {}))
        self.texts.setVisible(bool(rows))

    def _take_column(self) -> None:
        if self.mapping is not None:
            column = self.column.currentData()
            before = self.mapping.treatments[self._index] if self.mapping.treatments else None
            if before is None or before.column != column:
                self.tell(edits.with_treatment(self.mapping, self._index, column=column, values={}))

    def _take_constant(self) -> None:
        if self.mapping is not None:
            self.tell(edits.with_treatment(self.mapping, self._index, constant=self.constant.currentData()))

    def _take_dose(self) -> None:
        if self.mapping is not None:
            period = self.mapping.treatments[self._index].period if self.mapping.treatments else None
            self.tell(edits.with_dose(self.mapping, period, column=self.dose.currentData(), per=None), "Dose")

    def _take_weight(self) -> None:
        """A dose given in all, divided by the body weight; or one that is not."""
        if self.mapping is None or self.session is None or self.table is None:
            return
        period = self.mapping.treatments[self._index].period if self.mapping.treatments else None
        name = self.weight.currentData()
        per = divisor_named(name, self.table, self.session.protocol) if name else None
        self.tell(edits.with_dose(self.mapping, period, per=per), "Dose")

    def _take_text(self, row: TextRow, title: str, value: Any) -> None:
        if self.mapping is None:
            return
        if title == "Dose":
            period = self.mapping.treatments[self._index].period
            self.tell(edits.with_dose_text(self.mapping, period, row.raw, value), "Dose")
        else:
            key = None if value in (None, UNDECIDED) else str(value)
            self.tell(edits.with_treatment_text(self.mapping, self._index, row.raw, key, value != UNDECIDED))


def _texts_table(name: str, what: str, title: str, text: Callable[[TextRow], str]) -> EditTable:
    return EditTable(name, (
        Column(what, lambda row: row.raw, hint=lambda row: row.raw, stretch=True, least=96),
        Column(title, lambda row: "not decided" if row.value == UNDECIDED else
               "not used" if row.value is None else text(row), mark=lambda row: row.mark, least=110),
        Column("Rows", lambda row: str(row.count), number=True)))


def _text_rows(counts: Mapping[str, int], values: Mapping[str, Any]) -> list[TextRow]:
    """Texts of a column with their meaning; those without one first."""
    rows = [TextRow(text, count, values.get(text, None if is_missing_word(text) else UNDECIDED))
            for text, count in counts.items()]
    return sorted(rows, key=lambda row: row.mark is not ASKS)


def _value(row: TextRow) -> object:
    return row.value


def _start(row: TextRow) -> str:
    return "" if row.value == UNDECIDED else NOT_USED if row.value is None else f"{row.value:g}"


def read_hours(text: str) -> float | None:
    """A number a person wrote, with point or comma; None for nothing. Raises ValueError."""
    return float(text.strip().replace(",", ".")) if text.strip() else None


def _hours_or_none(text: str) -> float | None:
    """Hours, or None for a visit that is not used; nothing written is no answer."""
    return None if text.casefold() in (NOT_USED, "none", "-") else float(text.replace(",", "."))
