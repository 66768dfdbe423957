"""One table as a file for a spreadsheet: CSV or Excel workbook, in which no text is taken for a formula."""

from __future__ import annotations

from pathlib import Path

from core.errors import UserError, Where
from core.tables import Table


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
            path.write_bytes(csv_of_table(table).encode("utf-8"))
        else:
            write_one_sheet(path, table)
    except OSError as fault:
        raise UserError(f"The table cannot be written: {fault.strerror}.", Where(file=path.name),
                        "Close it in other programs, or choose another folder.") from None
    return path
