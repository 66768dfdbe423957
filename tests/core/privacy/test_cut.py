"""A cut changes the decided columns and nothing else, in files of every kind."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pandas as pd
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserError
from core.mapping import Reading
from core.privacy.cut import CODE, code_of, cut_grids, shift_of
from core.privacy.decisions import Action, ColumnDecision
from core.readers import read_grids
from core.readers.cut_copy import write_cut_copy
from core.sources import Cell, Grid, RawTable, SourceFile, raw_text
from core.table_layout import find_table
from tests.core.privacy.files import HEADER, patients, write_workbook

KEY = "k"


def cut(grids: Any, *decided: tuple[str, Action], sheet: str | None = "Data", patient: str | None = "Subject",
        reading: Reading = Reading()) -> tuple[Grid, ...]:  # noqa: B008 - frozen
    decisions = [ColumnDecision(file="one.xlsx", sheet=sheet, column=name, action=action) for name, action in decided]
    return cut_grids(grids, decisions, KEY, lambda _: reading, lambda grid, table: patient)


def through_a_copy(grids: tuple[Grid, ...]) -> tuple[Grid, ...]:
    return read_grids(write_cut_copy("one.xlsx", grids, "hash"))


def others(table: RawTable, *but: str) -> list[object]:
    """Everything of a table but the columns named: texts, kinds and places of the cells, rows, names, issues."""
    return [table.header_row, table.rows, table.title, table.notes, [column.name for column in table.columns],
            [(c.name, c.position, c.label, c.value_labels, c.cells, [type(cell) for cell in c.cells])
             for c in table.columns if c.name not in but]]


CELLS: st.SearchStrategy[Cell] = st.one_of(
    st.none(), st.text(alphabet="ab 12-./,äß\n\"", max_size=6), st.floats(allow_nan=False, width=32), st.integers(-99, 9999),
    st.booleans(), st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)), st.datetimes(dt.datetime(1900, 1, 1)),
    st.times(), st.timedeltas())


@given(st.data())
def test_a_cut_leaves_everything_else_cell_for_cell(data: st.DataObject) -> None:
    width = data.draw(st.integers(2, 5))
    rows = data.draw(st.lists(st.lists(CELLS, min_size=0, max_size=width).map(tuple), min_size=1, max_size=12))
    grid = Grid("one.xlsx", "Data", (("Subject", "name", "a", "b", "c")[:width], *rows), first_row=3, first_column=2)
    try:
        before = find_table(grid)
    except UserError:
        return
    column = data.draw(st.sampled_from([column.name for column in before.columns]))
    action: Action = data.draw(st.sampled_from(["drop", "hash", "cap"]))
    [after] = through_a_copy(cut([grid], (column, action)))
    assert others(find_table(after), column) == others(before, column)
    index = before.columns_by_name[column].position - 2
    for old, new in zip(grid.rows, after.rows, strict=True):
        assert [(cell, type(cell)) for i, cell in enumerate(old) if i != index] == [
            (cell, type(cell)) for i, cell in enumerate(new) if i != index]


@given(st.lists(st.lists(CELLS, max_size=4).map(tuple), max_size=6))
def test_a_copy_reads_back_what_was_written(rows: list[tuple[Cell, ...]]) -> None:
    grid = Grid("one.xlsx", None, tuple(rows), lines=tuple(range(1, len(rows) + 1)), column_labels={1: "x"},
                value_labels={0: {"1": "yes"}})
    [again] = through_a_copy((grid,))
    assert again == grid
    assert [[type(cell) for cell in row] for row in again.rows] == [[type(cell) for cell in row] for row in grid.rows]


def test_totals_and_titles_stay_what_they_are_when_the_first_column_goes() -> None:
    rows: tuple[tuple[Cell, ...], ...] = (
        ("Our study", None, None), (None, None, None), ("Patient name", "id", "madrs"),
        *((f"Person {i}", i, 30 + i) for i in range(8)), ("Mean", None, 33.5), ("* as of March", None, None))
    before = find_table(Grid("one.xlsx", "Data", rows))
    [after] = through_a_copy(cut([Grid("one.xlsx", "Data", rows)], ("Patient name", "drop")))
    table = find_table(after)
    assert len(before.rows) == 8 and table.rows == before.rows and table.title == "Our study"
    assert not table.columns_by_name["Patient name"].counts
    assert "Person" not in str(after) and "March" not in str(after)


def test_a_workbook_keeps_its_sheets_places_and_kinds(tmp_path: Any) -> None:
    write_workbook(tmp_path / "one.xlsx", title="Patients of 2018")
    grids = read_grids(SourceFile("one.xlsx", (tmp_path / "one.xlsx").read_bytes()))
    again = through_a_copy(cut(grids, ("Patient name", "drop"), ("MRN", "hash")))
    before, after = find_table(grids[0]), find_table(again[0])
    assert after.header_row == 3
    assert others(after, "Patient name", "MRN") == others(before, "Patient name", "MRN")
    assert all(CODE.fullmatch(text) for text in after.columns_by_name["MRN"].counts)


@pytest.mark.parametrize("kind", ["csv", "sav", "dta"])
def test_files_of_every_kind(tmp_path: Any, kind: str) -> None:
    frame = pd.DataFrame([row[:5] + row[9:] for row in patients()],
                         columns=[name.replace(" ", "_").replace("-", "").replace("(", "").replace(")", "")
                                  for name in HEADER[:5] + HEADER[9:]])
    path = tmp_path / f"one.{kind}"
    if kind == "csv":
        frame.to_csv(path, sep=";", index=False, encoding="cp1252")
    else:
        write = pyreadstat.write_sav if kind == "sav" else pyreadstat.write_dta
        write(frame, str(path), column_labels={"Patient_name": "Who"}, variable_value_labels={"BMI": {27.0: "about"}})
    grids = read_grids(SourceFile(path.name, path.read_bytes()))
    again = through_a_copy(cut(grids, ("Patient_name", "drop"), sheet=None))
    before, after = find_table(grids[0]), find_table(again[0])
    assert others(after, "Patient_name") == others(replace(before, file=after.file), "Patient_name")
    assert not after.columns_by_name["Patient_name"].counts and "Lindwurm" not in str(again)
    assert after.columns_by_name["Patient_name"].label == before.columns_by_name["Patient_name"].label


def dates(*rows: tuple[Cell, ...]) -> Grid:
    return Grid("one.xlsx", "Data", (("Subject", "born", "seen"), *rows))


def test_shifted_dates_keep_their_distances_within_a_patient() -> None:
    grid = dates(("a", dt.date(1970, 1, 1), "2019-03-01"), ("a", dt.date(1970, 1, 1), "2019-03-08 09:30"),
                 ("b", dt.date(1980, 5, 5), "2019-03-01"), ("", dt.date(1980, 5, 5), "soon"))
    [after] = cut([grid], ("born", "shift"), ("seen", "shift"))
    a, b = shift_of("a", KEY), shift_of("b", KEY)
    assert a != b and 0 < abs(a) < 365
    assert after.rows[1][1:] == (dt.date(1970, 1, 1) + dt.timedelta(a), str(dt.date(2019, 3, 1) + dt.timedelta(a)))
    assert after.rows[2][2] == f"{dt.date(2019, 3, 8) + dt.timedelta(a)} 09:30"
    assert after.rows[3][1] == dt.date(1980, 5, 5) + dt.timedelta(b)
    assert after.rows[4] == ("", None, None), "without a patient, or no date: dropped"


def test_ids_that_become_codes_shift_as_before() -> None:
    assert shift_of(code_of("a", KEY), KEY) == shift_of("a", KEY) != shift_of("a", "another key")
    assert code_of("12.0", KEY) == code_of("12", KEY) != code_of("12", "another key")


def test_years_are_kept_and_what_is_no_date_is_dropped() -> None:
    [after] = cut([dates(("a", "31.12.1970", dt.datetime(2019, 3, 1, 9)), ("b", "unknown", None))], ("born", "year"),
                  ("seen", "year"))
    assert after.rows[1:] == (("a", "1970", 2019), ("b", None, None))


def test_dates_that_can_be_read_in_two_ways_are_not_guessed() -> None:
    with pytest.raises(UserError, match="Day and month"):
        cut([dates(("a", "03/04/2019", None))], ("born", "year"))


def test_shifting_needs_the_patients() -> None:
    with pytest.raises(UserError, match="patients' ids"):
        cut([dates(("a", "2019-01-01", None))], ("born", "shift"), patient=None)


def test_ages_are_capped() -> None:
    grid = Grid("one.xlsx", "Data", (("Subject", "age"), ("a", 95.0), ("b", "91"), ("c", 89), ("d", "n/a"), ("e", 999)))
    [after] = cut([grid], ("age", "cap"))
    assert [raw_text(row[1]) for row in after.rows[1:]] == ["90", "90", "89", "n/a", "999"]


def test_a_damaged_copy_is_told() -> None:
    source = write_cut_copy("one.xlsx", (dates(("a", None, None)),), "hash")
    with pytest.raises(UserError, match="damaged"):
        read_grids(replace(source, content=source.content[:-9]))
