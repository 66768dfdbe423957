"""One table as a file for a spreadsheet: CSV or Excel workbook, in which no text is taken for a formula."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from core.errors import UserError, Where
from core.tables import Table, Value

RISKY = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet would compute."""
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def write_table(table: Table, path: Path) -> Path:
    """Write a table as the path's ending says. Raises UserError if it cannot be written."""
    from core.export import csv_of_table
    from core.report.workbook import write_one_sheet

    ending = path.suffix.lower()
    if ending not in (".csv", ".xlsx"):
        raise UserError(f'Tables are written as CSV or Excel workbook, not "{ending or path.name}".',
                        Where(file=path.name), "End the name with .csv or .xlsx.")
    try:
        if ending == ".csv":
            path.write_bytes(csv_of_table(harmless(table)).encode("utf-8"))
        else:
            write_one_sheet(path, table)
    except OSError as fault:
        raise UserError(f"The table cannot be written: {fault.strerror}.", Where(file=path.name),
                        "Close it in other programs, or choose another folder.") from None
    return path


def harmless(table: Table) -> Table:
    """The table with an apostrophe before each text that a spreadsheet would compute; numbers stay as they are."""
    return replace(table, columns=tuple(str(_harmless(name)) for name in table.columns),
                   rows=tuple(tuple(_harmless(value) for value in row) for row in table.rows))


def _harmless(value: Value) -> Value:
    if isinstance(value, str) and value.startswith(RISKY) and not NUMBER.fullmatch(value):
        return f"'{value}"
    return value
