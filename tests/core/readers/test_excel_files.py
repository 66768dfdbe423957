"""Workbooks: what is read, what is told, and what is refused in words."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UserError
from core.progress import Cancelled
from core.readers import read_grids
from core.readers.biff import scan_xls
from core.sources import Grid, SourceFile


def _saved(book: openpyxl.Workbook, name: str = "trial.xlsx") -> SourceFile:
    buffer = io.BytesIO()
    book.save(buffer)
    return SourceFile(name, buffer.getvalue())


def _simple(rows: int = 3) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.active.title = "Data"
    book.active.append(["id", "score"])
    for i in range(rows):
        book.active.append([f"S{i}", i + 0.5])
    return book


def _codes(grid: Grid) -> set[str]:
    return {issue.code for issue in grid.issues}


def test_values_keep_their_kind() -> None:
    book = openpyxl.Workbook()
    book.active.append(["00123", 7, 0.5, True, dt.datetime(2020, 3, 4), dt.datetime(2020, 3, 4, 9, 30), None, " "])
    (grid,) = read_grids(_saved(book))
    assert grid.rows == (("00123", 7.0, 0.5, True, dt.date(2020, 3, 4), dt.datetime(2020, 3, 4, 9, 30), None, " "),)


def test_a_table_in_the_middle_of_a_sheet_keeps_its_place() -> None:
    book = openpyxl.Workbook()
    book.active["C5"] = "id"
    book.active["D6"] = 1
    (grid,) = read_grids(_saved(book))
    assert (grid.first_row, grid.first_column) == (5, 3)
    assert grid.row_number(1) == 6
    assert grid.rows == (("id",), (None, 1.0))


def test_hidden_rows_columns_and_sheets_are_read_and_told() -> None:
    book = _simple()
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["B"].hidden = True
    book.create_sheet("Key").append(["secret"])
    book["Key"].sheet_state = "hidden"
    data, key = read_grids(_saved(book))
    assert len(data.rows) == 4
    assert {"hidden_rows", "hidden_columns"} <= _codes(data)
    assert "3" in next(issue.text for issue in data.issues if issue.code == "hidden_rows")
    assert "B" in next(issue.text for issue in data.issues if issue.code == "hidden_columns")
    assert not data.hidden
    assert key.hidden


def test_error_cells_are_missing_and_named() -> None:
    book = _simple()
    book.active["B3"] = "#DIV/0!"
    book.active["B3"].data_type = "e"
    (grid,) = read_grids(_saved(book))
    assert grid.rows[2] == ("S1",)
    assert "B3 #DIV/0!" in grid.issues[0].text


def test_cells_merged_over_rows_are_told_and_merged_headings_are_not() -> None:
    book = _simple()
    book.active.merge_cells("A2:A4")
    book.active.merge_cells("A1:B1")
    (grid,) = read_grids(_saved(book))
    (told,) = [issue for issue in grid.issues if issue.code == "merged_cells"]
    assert "A2:A4" in told.text
    assert "A1:B1" not in told.text


def test_a_stray_cell_at_the_far_end_does_not_fill_the_memory() -> None:
    book = _simple()
    book.active["XFD1048576"] = "x"
    book.create_sheet("Second").append(["fine"])
    stray, second = read_grids(_saved(book))
    assert "17,179,869,184" in stray.issues[0].text
    assert stray.rows == ()
    assert second.rows == (("fine",),)


def test_a_long_sheet_is_not_mistaken_for_a_wide_one() -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Data")
    for i in range(5_000):
        sheet.append([i, "x"])
    (grid,) = read_grids(_saved(book))
    assert len(grid.rows) == 5_000
    assert not grid.issues


def test_the_bytes_decide_not_the_name() -> None:
    (workbook,) = read_grids(SourceFile("trial.csv", _saved(_simple()).content))
    assert workbook.sheet == "Data"
    (text,) = read_grids(SourceFile("trial.xlsx", b"id,score\n1,2\n"))
    assert text.rows == (("id", "score"), ("1", "2"))


@pytest.mark.parametrize(("content", "told"), [
    (b"", "empty"),
    (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "cannot be read"),
    (b"PK\x03\x04 cut off", "damaged"),
    (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "password"),
])
def test_a_file_that_is_no_workbook_is_refused_in_words(content: bytes, told: str) -> None:
    with pytest.raises(UserError) as caught:
        read_grids(SourceFile("trial.xlsx", content))
    assert told in str(caught.value)
    assert str(caught.value).startswith("trial.xlsx: ")
    assert caught.value.remedy


def _zip(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


def test_an_old_workbook_with_a_cell_beyond_its_last_column_is_refused() -> None:
    start = bytes.fromhex("0908100000060500") + bytes(12)
    sound = start + bytes.fromhex("05020800") + struct.pack("<HHHBB", 4, 1, 0, 0x07, 1)
    assert scan_xls(sound).errors == {"": [("B5", "#DIV/0!")]}
    broken = start + bytes.fromhex("03020e00") + struct.pack("<HHHd", 4, 65_000, 0, 1.0)
    with pytest.raises(UserError, match="beyond the last column"):
        read_grids(SourceFile("trial.xls", broken))


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = _zip(**{"xl__workbook.xml": b"<workbook/>", "xl__sharedStrings.xml": bytes(40_000_000)})
    with pytest.raises(UserError, match="would unpack to 40 MB"):
        read_grids(SourceFile("trial.xlsx", bomb))


def test_other_zip_archives_are_told_apart() -> None:
    with pytest.raises(UserError, match="Word document"):
        read_grids(SourceFile("trial.docx", _zip(**{"[Content_Types].xml": b"", "word__document.xml": b""})))
    with pytest.raises(UserError, match=r"zip archive \(a.csv, b.csv\)"):
        read_grids(SourceFile("trials.zip", _zip(**{"a.csv": b"1", "b.csv": b"2"})))


def test_reading_can_be_stopped() -> None:
    def stop(fraction: float, text: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        read_grids(_saved(_simple()), progress=stop)


@settings(max_examples=60, deadline=None)
@given(cut=st.floats(0.01, 0.99), flips=st.lists(st.tuples(st.floats(0, 0.999), st.integers(1, 255)), max_size=4))
def test_a_damaged_workbook_never_ends_in_a_crash(cut: float, flips: list[tuple[float, int]]) -> None:
    whole = bytearray(WORKBOOK)
    for place, change in flips:
        whole[int(place * len(whole))] ^= change
    for content in (bytes(whole), bytes(whole[:int(cut * len(whole))])):
        try:
            grids = read_grids(SourceFile("trial.xlsx", content))
        except UserError as refused:
            assert refused.where.file == "trial.xlsx"
        else:
            assert all(isinstance(grid, Grid) for grid in grids)


WORKBOOK = _saved(_simple(30)).content
