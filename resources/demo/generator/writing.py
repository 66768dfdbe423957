"""Cells to bytes: workbooks and delimited text, the same bytes each time."""

from __future__ import annotations

import io
import re
import zipfile
from itertools import groupby

from openpyxl import Workbook
from openpyxl.styles import Border, Font, Side
from openpyxl.worksheet.worksheet import Worksheet

from resources.demo.generator.layout import Cell
from resources.demo.generator.names import Column
from resources.demo.generator.recipes import NOTICE, Recipe

STAMP = (2024, 1, 1, 0, 0, 0)
STAMP_TEXT = b"2024-01-01T00:00:00Z"


def study_file(recipe: Recipe, rows: list[list[Cell]], as_workbook: bool) -> bytes:
    """A study's file from its rows of cells."""
    return _workbook(recipe, rows) if as_workbook else _delimited(recipe, rows)


def _header_rows(recipe: Recipe) -> list[list[Cell]]:
    names: list[Cell] = [column.header for column in recipe.columns]
    if not any(column.group for column in recipe.columns):
        return [names]
    groups: list[Cell] = []
    for _, columns in groupby(recipe.columns, key=lambda column: column.group):
        run = list(columns)
        groups += [run[0].group, *[None] * (len(run) - 1)]
    return [groups, names]


def _delimited(recipe: Recipe, rows: list[list[Cell]]) -> bytes:
    titles: list[list[Cell]] = [[title] for title in recipe.title_rows]
    blank: list[list[Cell]] = [[None] * len(recipe.columns)] * recipe.blank_rows
    lines = [recipe.delimiter.join(_field(recipe, cell) for cell in row)
             for row in [*titles, *_header_rows(recipe), *rows, *blank]]
    return ("\n".join(lines) + "\n").encode(recipe.encoding)


def _field(recipe: Recipe, cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:g}".replace(".", recipe.decimal)
    text = str(cell)
    return f'"{text}"' if recipe.delimiter in text else text


def _workbook(recipe: Recipe, rows: list[list[Cell]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    if recipe.notice_sheet:
        sheet.title = "Read me"
        sheet.append([NOTICE])
        sheet.append(["Written by a program with a fixed seed; no value was observed in a patient."])
        sheet = book.create_sheet()
    sheet.title = recipe.sheet
    for title in recipe.title_rows:
        sheet.append([title or None])
    _write_header(sheet, recipe)
    for row in rows:
        sheet.append(row)
    if recipe.total_row:
        sheet.append(_total_row(recipe, rows))
    _leave_blank_rows(sheet, recipe)
    if recipe.codebook:
        _write_codebook(book.create_sheet("Codebook"), recipe)
    return workbook_bytes(book)


def _write_header(sheet: Worksheet, recipe: Recipe) -> None:
    bold = Font(bold=True)
    for header in _header_rows(recipe):
        sheet.append(header)
        for cell in sheet[sheet.max_row]:
            cell.font = bold
    first = len(recipe.title_rows) + 1
    start = 1
    for group, columns in groupby(recipe.columns, key=lambda column: column.group):
        width = len(list(columns))
        if group and width > 1:
            sheet.merge_cells(start_row=first, end_row=first, start_column=start, end_column=start + width - 1)
        start += width


def _total_row(recipe: Recipe, rows: list[list[Cell]]) -> list[Cell]:
    """What a person adds under a table: a count, and the mean of the scores."""
    total: list[Cell] = []
    for i, column in enumerate(recipe.columns):
        scores = [row[i] for row in rows if isinstance(row[i], int) and str(row[i]) != recipe.missing]
        is_score = column.of in ("madrs", "hrsd17")
        total.append(round(sum(map(float, scores)) / len(scores), 1) if is_score else None)  # type: ignore[arg-type]
    total[0], total[1] = "Total", f"n = {len(rows)}"
    return total


def _leave_blank_rows(sheet: Worksheet, recipe: Recipe) -> None:
    """Rows with borders and nothing in them, as a formatted template leaves them."""
    border = Border(bottom=Side(style="thin"))
    last = sheet.max_row
    for row in range(last + 1, last + 1 + recipe.blank_rows):
        for column in range(1, len(recipe.columns) + 1):
            sheet.cell(row, column).border = border


def _write_codebook(sheet: Worksheet, recipe: Recipe) -> None:
    sheet.append(["Variable", "Meaning", "Codes"])
    for column in recipe.columns:
        sheet.append([column.header, column.meaning or MEANINGS.get(column.of, ""), _codes_text(recipe, column)])
    if recipe.missing:
        sheet.append([f"{recipe.missing} in any column", "missing", ""])


MEANINGS = {"patient": "Identifier, made up", "treatment": "Drug given", "dose": "Dose of ketamine",
            "madrs": "MADRS total score", "hrsd17": "HRSD-17 total score", "visit": "When the rating was made",
            "period": "Treatment period, 1 = first"}


def _codes_text(recipe: Recipe, column: Column) -> str:
    if column.codes is None or not all(isinstance(raw, int) for raw in column.codes.values()):
        return ""
    named = {1: "yes", 0: "no"} if column.of != "female" else {1: "female", 0: "male"}
    return "; ".join(f"{raw} = {named[int(value or 0)]}" for value, raw in sorted(column.codes.items(), key=str))


def workbook_bytes(book: Workbook) -> bytes:
    """A workbook as bytes that depend on its content alone: every date in it is a fixed one."""
    raw, fixed = io.BytesIO(), io.BytesIO()
    book.properties.creator = "Synthetic demonstration data"
    book.save(raw)
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", STAMP_TEXT, content)
            member = zipfile.ZipInfo(name, STAMP)
            member.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(member, content)
    return fixed.getvalue()
