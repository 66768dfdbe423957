"""The other half of a study's rules as rows: where its table stands, its shape, treatments, doses, scores, visits.

A row is a part by its path ("shape.visit.column", "scores[2].hours") and its value. Parts that are as by default have
no row; texts with their meanings and lists stand in lines. What is read back is checked as any mapping is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from core.documents import build_document
from core.errors import Issue, Severity, UserError, Where
from core.mapping import StudyMapping
from core.report.workbook import put_text
from core.rule_text import read_codes, write_codes
from core.session import Session
from core.sources import Grid, raw_text

LAYOUT = "Layout"
"""The sheet of layouts: in which rows and columns of its file each study's patients, visits and scores stand."""
COLUMNS = (("study", 20), ("part", 34), ("value", 50), ("what it is", 44))
"""Its columns and their widths."""
PARTS = ("reading", "shape", "treatments", "doses", "scores", "structure_by", "structure_sureness", "structure_reason")
"""The fields of a mapping that are no variables."""
MARK = "mark"
"""The row by which it is known whether a person edited the others."""
MEANINGS = {
    "sheet": "the one sheet that is read", "sheets": "sheets that are put together, one a line",
    "id_columns": "sheet = its column of patients' ids", "header_row": "row with the names of the columns",
    "header_rows": "how many rows hold names", "last_row": "last row of data", "delimiter": "sign between columns",
    "encoding": "how letters are encoded", "kind": "wide, long, period_rows or period_blocks",
    "site": "column of the sites within which ids are unique", "patient": "column of the patients' ids",
    "column": "column of the file", "constant": "what all were given",
    "period": "number of the treatment period", "values": "text in the file = what it means",
    "hours": "hours after the treatment; 0 or less: before", "scale": "rating scale", "decimal": "decimal mark",
    "missing": "texts that mean missing, one a line", "factor": "unit factor", "items": "columns that are summed",
    "since": "column with the day of the treatment", "second_treatment_hours": "hours to a second treatment",
    "change_from": "column of the score before", "change_sign": "1: later minus before; -1: the other way round",
    "structure_by": "who settled the layout", "structure_sureness": "how sure it is, 0 to 1",
    "structure_reason": "what is open about it", MARK: "do not edit: it tells whether the rows were"}
_WITH_LINES = {"values", "id_columns"}
_COLUMNS = {"column", "patient", "site", "since", "time_column", "since_time", "change_from", "where_column", "items"}
_STEP = re.compile(r"([a-z_]+)(?:\[(\d+)\])?")


class Row(NamedTuple):
    """One part of a study's layout."""

    part: str
    value: str

    @property
    def digest(self) -> str:
        """A short hash of the value."""
        return hashlib.sha256(self.value.encode()).hexdigest()[:12]

    @property
    def meaning(self) -> str:
        """What the part is, in words."""
        return MEANINGS.get(self.part.rpartition(".")[2], "")


class LayoutFault(ValueError):
    """A row that cannot be read; `part` is its path, "" where the whole does not fit together."""

    def __init__(self, part: str, text: str) -> None:
        super().__init__(text)
        self.part = part


def layout_rows(mapping: StudyMapping) -> tuple[Row, ...]:
    """A mapping's layout, the mark last."""
    data = mapping.model_dump(mode="json", include=set(PARTS), exclude_defaults=True)
    rows = tuple(row for key in PARTS if key in data for row in _rows(key, data[key]))
    return (*rows, Row(MARK, mark_of(rows)))


def mark_of(rows: Iterable[Row]) -> str:
    """What the rows' mark is while nobody has edited them."""
    told = json.dumps([[row.part, plain_lines(row.value)] for row in rows if row.part != MARK], ensure_ascii=False)
    return Row("", told).digest


def read_layout(rows: Sequence[Row], mapping: StudyMapping, by: str) -> StudyMapping:
    """The mapping with the layout that the rows say; one that was edited is settled by `by`. Raises LayoutFault."""
    is_edited = next((row.value for row in rows if row.part == MARK), "") != mark_of(rows)
    data: dict[str, Any] = {}
    for row in rows:
        if row.part != MARK:
            _put(data, row)
    whole = {"study": mapping.study, "file": mapping.file, **_as_lists(data)}
    try:
        read = build_document(StudyMapping, whole, "layout")
    except UserError as fault:
        raise LayoutFault("", fault.text) from None
    changes = {name: getattr(read, name) for name in PARTS}
    if is_edited:
        changes |= {"structure_by": by, "structure_sureness": 1.0, "structure_reason": ""}
    return mapping.model_copy(update=changes)


def columns_named(rows: Iterable[Row]) -> Iterator[tuple[Row, str]]:
    """Every column of the file that a row names."""
    for row in rows:
        if row.part.rpartition(".")[2] in _COLUMNS and not row.part.startswith("reading"):
            yield from ((row, name) for name in row.value.split("\n"))


def _rows(path: str, value: Any) -> Iterator[Row]:
    name = path.rpartition(".")[2]
    if name in _WITH_LINES:
        yield Row(path, write_codes({key: None if one is None else _text(one) for key, one in value.items()}))
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _rows(f"{path}.{key}", one)
    elif isinstance(value, list) and all(isinstance(one, str) for one in value):
        yield Row(path, "\n".join(value))
    elif isinstance(value, list):
        for number, one in enumerate(value, start=1):
            yield from _rows(f"{path}[{number}]", one)
    elif value is not None:
        yield Row(path, _text(value))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)


def plain_lines(text: str) -> str:
    """Lines without blanks around them: what two spellings of a cell share."""
    return "\n".join(line.strip() for line in text.replace("\r\n", "\n").split("\n")).strip()


def _put(data: dict[str, Any], row: Row) -> None:
    """Enter a value at its path; items of lists by their numbers."""
    steps = [_STEP.fullmatch(step) for step in row.part.split(".")]
    if None in steps or row.part.split(".")[0].partition("[")[0] not in PARTS:
        raise LayoutFault(row.part, f'"{row.part}" is no part of a layout.')
    here = data
    for step in steps[:-1]:
        assert step is not None
        here = here.setdefault(step[1], {})
        here = here.setdefault(int(step[2]), {}) if step[2] else here
    last = steps[-1]
    assert last is not None
    here[last[1]] = _value(row, last[1])


def _value(row: Row, name: str) -> Any:
    if name in _WITH_LINES:
        try:
            return read_codes(row.value)
        except ValueError as fault:
            raise LayoutFault(row.part, str(fault)) from None
    if name in ("sheets", "missing", "items"):
        return [line for line in row.value.split("\n") if line]
    return int(row.value) if name == "change_sign" and re.fullmatch(r"-?1", row.value) else row.value


def _as_lists(data: Any) -> Any:
    """Numbered items as lists, in order."""
    if not isinstance(data, dict):
        return data
    if data and all(isinstance(key, int) for key in data):
        return [_as_lists(data[key]) for key in sorted(data)]
    return {key: one if key in _WITH_LINES else _as_lists(one) for key, one in data.items()}


# --- the sheet --------------------------------------------------------------------------------------------------------


def write_layouts(workbook: Workbook, session: Session, studies: Sequence[str]) -> None:
    """Add the sheet with the layouts of some studies; none for no studies."""
    if not studies:
        return
    sheet = workbook.create_sheet(LAYOUT)
    lines = [tuple(name for name, _ in COLUMNS), *(
        (study, row.part, row.value, row.meaning) for study in studies for row in layout_rows(session.mappings[study]))]
    for number, cells in enumerate(lines, start=1):
        for column, text in enumerate(cells, start=1):
            put_text(sheet.cell(number, column), text)
            sheet.cell(number, column).alignment = Alignment(wrap_text=True, vertical="top")
            sheet.cell(number, column).font = Font(bold=number == 1)
    for column, (_, width) in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[sheet.cell(1, column).column_letter].width = width
    sheet.freeze_panes = "C2"


def take_layouts(session: Session, grid: Grid, by: str, changes: list[str], issues: list[Issue]) -> Session:
    """The session with the layouts that a sheet says; faults become issues, changes words."""
    told: dict[str, list[Row]] = {}
    places: dict[tuple[str, str], int] = {}
    for index, line in enumerate(grid.rows[1:], start=1):
        study, part, value = (plain_lines(raw_text(cell)) for cell in (*line, None, None, None)[:3])
        if part:
            told.setdefault(study, []).append(Row(part, value))
            places[study, part] = grid.row_number(index)
    for study, rows in told.items():
        after, faults = _taken(session, study, rows, by)
        issues += [Issue(Severity.ERROR, "layout_unreadable", fault.args[0], Where(
            grid.file, grid.sheet, places.get((study, fault.part)), "value", study),
            "Correct the cell and import the file again.") for fault in faults]
        if after is not session:
            changes.append(f"Layout of {session.registry.by_id[study].name}")
        session = after
    return session


def _taken(session: Session, study: str, rows: Sequence[Row], by: str) -> tuple[Session, list[LayoutFault]]:
    """The session with one study's layout; the same where it says nothing new, or where there are faults."""
    before = session.mappings.get(study)
    if before is None:
        return session, [LayoutFault(rows[0].part, f'No study is called "{study}".')]
    if {(row.part, row.value) for row in rows} == {(row.part, plain_lines(row.value)) for row in layout_rows(before)}:
        return session, []
    try:
        after = session.with_mapping(read_layout(rows, before, by))
        known = after.table(study).columns_by_name
    except LayoutFault as fault:
        return session, [fault]
    except UserError as fault:
        return session, [LayoutFault("", fault.text)]
    gone = [LayoutFault(row.part, f'The file has no column "{name}".') for row, name in columns_named(rows)
            if name not in known]
    return (session, gone) if gone else (after, [])
