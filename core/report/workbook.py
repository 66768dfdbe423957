"""All tables as one Excel workbook: numbers as numbers, text as text, a sheet of notes first."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from core.report.fixed_archive import STAMP, with_fixed_dates
from core.results import Results
from core.tables import Table, Value

WIDEST = 48
LONGEST_TEXT = 32_767
"""Letters Excel takes in a cell."""


def write_workbook(path: Path, tables: Sequence[Table], results: Results) -> None:
    """Write the tables; the same content gives the same bytes."""
    workbook = Workbook()
    workbook.properties.created = STAMP
    workbook.properties.creator = results.provenance.program
    workbook.properties.title = "Tables"
    notes = workbook.active
    notes.title = "notes"
    _fill(notes, _notes(tables, results))
    for table in tables:
        _fill(workbook.create_sheet(table.name[:31]), table)
    buffer = io.BytesIO()
    workbook.save(buffer)
    path.write_bytes(with_fixed_dates(buffer.getvalue()))


def write_one_sheet(path: Path, table: Table) -> None:
    """Write one table; the same content gives the same bytes."""
    workbook = Workbook()
    workbook.properties.created = STAMP
    workbook.properties.title = table.title
    workbook.active.title = table.name[:31]
    _fill(workbook.active, table)
    buffer = io.BytesIO()
    workbook.save(buffer)
    path.write_bytes(with_fixed_dates(buffer.getvalue()))


def _fill(sheet: Any, table: Table) -> None:
    for column, name in enumerate(table.columns, start=1):
        cell = sheet.cell(1, column, name)
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=False)
    for row, values in enumerate(table.rows, start=2):
        for column, value in enumerate(values, start=1):
            if value is not None:
                _put(sheet.cell(row, column), value)
    sheet.freeze_panes = "A2"
    if table.rows:
        sheet.auto_filter.ref = sheet.dimensions
    for column, name in enumerate(table.columns, start=1):
        texts = [name, *(_shown(values[column - 1]) for values in table.rows[:200])]
        sheet.column_dimensions[get_column_letter(column)].width = min(WIDEST, max(map(len, texts)) + 2)


def _put(cell: Any, value: Value) -> None:
    if isinstance(value, str):
        put_text(cell, value)
    else:
        cell.value = value


def put_text(cell: Any, value: str) -> None:
    """Text is stored as text, never as a formula, and marked so where it could be taken for one."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:LONGEST_TEXT]
    cell.data_type = "s"
    if value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        cell.quotePrefix = True  # what Excel itself sets when a person types an apostrophe first


def _shown(value: Value) -> str:
    return f"{value:.6g}" if isinstance(value, float) else "" if value is None else str(value)


def _notes(tables: Sequence[Table], results: Results) -> Table:
    made = results.provenance
    rows: list[tuple[Value, ...]] = [
        ("program", made.program), ("protocol", made.protocol), ("seed", made.seed),
        ("data", "synthetic, no patient data" if made.synthetic else "supplied by the user"),
        ("empty cell", "missing, or not estimable; the column note says why"),
        ("se of an odds ratio", "on the log scale"), ("share", "0 to 1"), ("weight, i2", "percent"),
    ]
    rows += [(f"library {name}", version) for name, version in made.libraries.items()]
    rows += [(f"sheet {table.name}", table.title if table.rows else f"{table.title}: not run") for table in tables]
    rows += [(f"source {name}", digest) for name, digest in made.sources.items()]
    return Table("notes", "Notes", ("what", "value"), tuple(rows))
