"""Workbooks: xlsx, xlsm, xlsb, ods (zip containers) and the older xls.

Values come from calamine, which reads a big sheet in seconds. Error cells (#DIV/0! and the like) become empty; hidden
rows and columns are read like any other. Both are told.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from core.errors import Issue, Severity, UserError, Where
from core.progress import Progress, subrange
from core.readers.archive import DAMAGES, open_workbook_archive, read_part
from core.readers.biff import OLE_MAGIC, DamagedWorkbook, XlsRecords, scan_xls
from core.readers.sheet_details import COLUMNS_OF_A_SHEET, MAX_CELLS, SheetDetails, read_sheet_details, sheet_paths
from core.sources import Cell, Grid, SourceFile, column_letter

ZIP_MAGIC = b"PK"
BIFF_MAGICS = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x10\x00", b"\x09\x08\x08\x00")

_ROWS_A_STEP = 2_000


def is_workbook(content: bytes) -> bool:
    """Whether the bytes begin as a workbook's do (any zip or OLE container)."""
    return content.startswith((ZIP_MAGIC, OLE_MAGIC, *BIFF_MAGICS))


def read_workbook(source: SourceFile, progress: Progress) -> tuple[Grid, ...]:
    """Every worksheet of a workbook, hidden ones too.

    Raises UserError for an encrypted or damaged workbook, one that is too large to unpack, and a container that is no
    workbook.
    """
    details = _all_details(source)
    book = _open(source)
    sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    grids = []
    for i, sheet in enumerate(sheets):
        stretch = subrange(progress, i / len(sheets), (i + 1) / len(sheets))
        grids.append(_read_sheet(book, source.name, sheet.name, sheet.visible != SheetVisibleEnum.Visible,
                                 details.get(sheet.name, SheetDetails()), stretch))
    if not grids:
        raise UserError("The workbook has no worksheet.", Where(file=source.name), "Save the data on a worksheet.")
    return tuple(grids)


def _open(source: SourceFile) -> CalamineWorkbook:
    where = Where(file=source.name)
    try:
        with _panics_as_errors():
            return CalamineWorkbook.from_filelike(io.BytesIO(source.content))
    except PasswordError:
        raise _encrypted(where) from None
    except (CalamineError, *DAMAGES) as fault:
        raise _unreadable(where, fault) from None


@contextmanager
def _panics_as_errors() -> Iterator[None]:
    """Calamine panics on some damaged files, and a panic is no `Exception`: nothing above would catch it."""
    try:
        yield
    except BaseException as fault:
        if type(fault).__name__ == "PanicException":
            raise CalamineError(str(fault).splitlines()[0]) from None
        raise


def _encrypted(where: Where) -> UserError:
    return UserError("The workbook is protected by a password.", where,
                     "Open it in a spreadsheet program, remove the password and save it.")


def _scanned(content: bytes, where: Where) -> XlsRecords:
    """The records of an xls file, which must be sound before a reader of values may have it."""
    if "EncryptedPackage".encode("utf-16-le") in content:  # an xlsx in an OLE container
        raise _encrypted(where)
    try:
        records = scan_xls(content)
    except DamagedWorkbook as fault:
        raise _unreadable(where, fault) from None
    if records.encrypted:
        raise _encrypted(where)
    return records


def _unreadable(where: Where, fault: Exception) -> UserError:
    return UserError(f"The workbook cannot be read; it seems damaged or is not a workbook ({fault}).", where,
                     "Open it in a spreadsheet program and save it as xlsx.")


def _all_details(source: SourceFile) -> dict[str, SheetDetails]:
    """What calamine leaves out, by sheet name; nothing for xlsb and ods. Refuses what must not be unpacked or read."""
    where = Where(file=source.name)
    if not source.content.startswith(ZIP_MAGIC):
        errors = _scanned(source.content, where).errors
        return {name: SheetDetails(errors=tuple(cells)) for name, cells in errors.items()}
    archive = open_workbook_archive(source)
    return {sheet: read_sheet_details(read_part(archive, path, Where(file=source.name, sheet=sheet)))
            for sheet, path in sheet_paths(archive, where).items()}


def _read_sheet(book: CalamineWorkbook, file: str, name: str, hidden: bool, details: SheetDetails,
                progress: Progress) -> Grid:
    where = Where(file=file, sheet=name)
    if details.span > MAX_CELLS:
        return Grid(file, name, (), hidden=hidden, issues=(Issue(
            Severity.ERROR, "sheet_too_wide", f"The sheet spans {details.span:,} cells, because a cell far below or "
            "to the right of the table is in use; it was not read.", where,
            "Delete the rows and columns beyond the table (whole rows, whole columns) and save."),))
    try:
        with _panics_as_errors():
            sheet = book.get_sheet_by_name(name)
            if sheet.width > COLUMNS_OF_A_SHEET:
                raise CalamineError("it claims more columns than a sheet can have")
            rows = _rows(sheet, progress)
    except (CalamineError, *DAMAGES) as fault:
        return Grid(file, name, (), hidden=hidden, issues=(Issue(
            Severity.ERROR, "sheet_unreadable", f"The sheet cannot be read ({fault}).", where,
            "Open the workbook in a spreadsheet program and save it anew."),))
    first_row, first_column = sheet.start or (0, 0)
    return Grid(file, name, rows, first_row + 1, first_column + 1, hidden,
                issues=_issues(details, where, hidden, first_row + len(rows)))


def _rows(sheet: CalamineSheet, progress: Progress) -> tuple[tuple[Cell, ...], ...]:
    """Cells from the first used one on, empty ones as None, blank ends of rows and blank last rows cut."""
    if sheet.start is None:
        return ()
    skip = sheet.start[0]  # iter_rows begins at the sheet's first row, but at the first used column
    total = max(sheet.height, 1)
    rows: list[tuple[Cell, ...]] = []
    for i, row in enumerate(sheet.iter_rows()):
        if i % _ROWS_A_STEP == 0:
            progress(min(i / (skip + total), 1.0), f"Reading sheet {sheet.name}")
        if i >= skip:
            rows.append(_cut([None if cell == "" else cell for cell in row]))
    return tuple(rows)


def _cut(row: list[Cell]) -> tuple[Cell, ...]:
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    return tuple(row[:max(end, 1)])


def _issues(details: SheetDetails, where: Where, hidden: bool, last_row: int) -> tuple[Issue, ...]:
    found = []
    if details.errors:
        shown = _listed([f"{cell} {value}" for cell, value in details.errors])
        found.append(Issue(Severity.WARNING, "error_cells",
                           f"{_count(len(details.errors), 'cell holds an error', 'cells hold errors')} and "
                           f"{'is' if len(details.errors) == 1 else 'are'} read as missing: {shown}.", where,
                           "Correct the formulas in the file if these values should be there."))
    hidden_rows = [row for row in details.hidden_rows if row <= last_row]
    if hidden_rows and not hidden:
        found.append(Issue(Severity.NOTE, "hidden_rows", "Hidden rows were read like the others: "
                           f"{_listed(list(map(str, hidden_rows)))}.", where,
                           "Exclude them if they were hidden to leave them out."))
    if details.hidden_columns and not hidden:
        found.append(Issue(Severity.NOTE, "hidden_columns", "Hidden columns were read like the others: "
                           f"{_listed([column_letter(c) for c in details.hidden_columns])}.", where))
    tall = [area for area in details.merged if _rows_of(area) > 1]
    if tall:
        found.append(Issue(Severity.NOTE, "merged_cells", "Cells merged over several rows hold their value in the "
                           f"first row only: {_listed(tall)}.", where,
                           "If the value is meant for each row, unmerge the cells in the file and fill it down."))
    return tuple(found)


def _rows_of(area: str) -> int:
    ends = ["".join(char for char in end if char.isdigit()) for end in area.split(":")]
    return int(ends[-1] or 1) - int(ends[0] or 1) + 1


def _count(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"


def _listed(items: list[str], most: int = 10) -> str:
    return ", ".join(items[:most]) + (f" and {len(items) - most:,} more" if len(items) > most else "")
