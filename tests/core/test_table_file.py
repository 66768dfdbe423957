"""A table for a spreadsheet: no text in it is computed."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from openpyxl import load_workbook

from core.errors import UserError
from core.table_file import write_table
from core.tables import Table

TABLE = Table("numbers", "Numbers", ("study", "=SUM(A1)"), (('=HYPERLINK("http://x")', -1.5), ("@cmd", None), ("-2.5", 3),
                                                           ("+1e3", True), ("plain", 0.1 + 0.2)))


def test_texts_are_harmless_and_numbers_whole(tmp_path: Path) -> None:
    with write_table(TABLE, tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [["study", "'=SUM(A1)"], ["'=HYPERLINK(\"http://x\")", "-1.5"], ["'@cmd", ""], ["-2.5", "3"],
                    ["+1e3", "true"], ["plain", "0.30000000000000004"]]


def test_a_workbook_holds_texts_as_texts(tmp_path: Path) -> None:
    sheet = load_workbook(write_table(TABLE, tmp_path / "a.xlsx")).active
    assert sheet is not None
    assert sheet["A2"].data_type == "s" and sheet["A2"].value == '=HYPERLINK("http://x")' and sheet["A2"].quotePrefix
    assert sheet["B2"].value == -1.5 and sheet["B6"].value == pytest.approx(0.3)
    assert (tmp_path / "a.xlsx").read_bytes() == write_table(TABLE, tmp_path / "b.xlsx").read_bytes()


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="CSV or Excel"):
        write_table(TABLE, tmp_path / "a.doc")
    with pytest.raises(UserError, match="cannot be written"):
        write_table(TABLE, tmp_path / "nowhere" / "a.xlsx")
