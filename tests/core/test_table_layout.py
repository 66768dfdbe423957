"""The table in a grid: header, body, footers, names, sheets; and that a person can overrule all of it."""

from __future__ import annotations

import pytest

from core.errors import Severity, UserError
from core.mapping import Reading
from core.sources import Cell, Grid, RawTable
from core.table_layout import candidate_sheets, choose_grid, find_table

HEADER = ("ID", "Arm", "Age", "MADRS")
PATIENTS = tuple((f"S{i:02}", "ket" if i % 2 else "sal", 30.0 + i, 20.0 + i) for i in range(8))


def _grid(*rows: tuple[Cell, ...], sheet: str | None = "Data", **more: object) -> Grid:
    return Grid("trial.xlsx", sheet, rows, **more)  # type: ignore[arg-type]


def _text(*rows: tuple[Cell, ...]) -> Grid:
    return Grid("trial.csv", None, rows, lines=tuple(range(1, len(rows) + 1)))


def _names(table: RawTable) -> list[str]:
    return [column.name for column in table.columns]


def _codes(table: RawTable) -> list[str]:
    return [issue.code for issue in table.issues]


def test_a_plain_table_raises_no_issue() -> None:
    table = find_table(_grid(HEADER, *PATIENTS))
    assert _names(table) == list(HEADER)
    assert (table.header_row, table.rows) == (1, tuple(range(2, 10)))
    assert table.columns_by_name["MADRS"].cells == tuple(row[3] for row in PATIENTS)
    assert not table.issues


def test_places_are_those_of_the_spreadsheet() -> None:
    table = find_table(_grid(HEADER, *PATIENTS, first_row=4, first_column=3))
    assert table.header_row == 4
    assert table.rows[0] == 5
    assert [column.position for column in table.columns] == [3, 4, 5, 6]


def test_title_rows_become_the_title() -> None:
    table = find_table(_grid(("Ketamine trial 2014",), ("Dr. A. Name", None, "confidential"), (), HEADER, *PATIENTS))
    assert table.title == "Ketamine trial 2014 / Dr. A. Name confidential"
    assert (table.header_row, len(table.rows)) == (4, 8)
    assert _codes(table) == ["title_rows"]


def test_group_names_above_become_labels_and_tell_equal_names_apart() -> None:
    groups = (None, None, "MADRS", None, "HRSD", None)
    names = ("ID", "Age", "day 0", "day 1", "day 0", "day 7")
    rows = [(f"S{i}", 30 + i, 20, 10, 15, 9) for i in range(6)]
    table = find_table(_grid(groups, names, *rows))
    assert _names(table) == ["ID", "Age", "MADRS day 0", "day 1", "HRSD day 0", "day 7"]
    assert [column.label for column in table.columns] == ["", "", "MADRS", "MADRS", "HRSD", "HRSD"]
    assert table.header_row == 2
    assert "duplicate_name" not in _codes(table)


def test_a_row_of_units_describes_and_does_not_name() -> None:
    units = ("(code)", "(drug)", "(years)", "(points)")
    table = find_table(_grid(HEADER, units, *PATIENTS))
    assert _names(table) == list(HEADER)
    assert table.columns_by_name["Age"].label == "(years)"
    assert len(table.rows) == 8


def test_a_row_of_questions_below_the_names_describes_them() -> None:
    names = ("q1", "q2", "q3")
    questions = ("How old are you?", "How many episodes?", "Weight in kg?")
    table = find_table(_grid(names, questions, *[(30 + i, 2, 70 + i) for i in range(6)]))
    assert _names(table) == list(names)
    assert table.columns[0].label == "How old are you?"


def test_line_breaks_and_blanks_in_names_are_folded() -> None:
    table = find_table(_grid(("ID", "Age\r\n(years)", "\u00a0MADRS \t total "), *[("S1", 3, 4), ("S2", 5, 6)]))
    assert _names(table) == ["ID", "Age (years)", "MADRS total"]


def test_equal_and_missing_names_are_made_unique_and_told() -> None:
    table = find_table(_grid(("ID", "Age", "Age", None, "Age (2)"), *[(f"S{i}", 1, 2, 3, 4) for i in range(5)]))
    assert _names(table) == ["ID", "Age", "Age (3)", "Column D", "Age (2)"]
    assert _codes(table) == ["duplicate_name", "unnamed_column"]
    assert table.issues[0].where.column == "Age (3)"


def test_blank_columns_go_and_named_ones_stay() -> None:
    table = find_table(_grid(("ID", None, "Age", "Empty"), ("S1", None, 30, None), ("S2", " ", 31, None)))
    assert _names(table) == ["ID", "Age", "Empty"]


@pytest.mark.parametrize("footer", [
    [("Total", None, 264.0, 188.0)], [("Mean", None, 33.5, 23.5), ("SD", None, 2.4, 2.4)],
    [(None, None, 33.5)], [(), ("Source: hospital records",)], [("* died before day 7",), (), ("checked by AB",)]])
def test_totals_and_notes_below_are_left_out_and_told(footer: list[tuple[Cell, ...]]) -> None:
    table = find_table(_grid(HEADER, *PATIENTS, *footer))
    assert len(table.rows) == 8
    assert _codes(table) == ["footer_rows"]
    assert table.issues[0].severity is Severity.WARNING


@pytest.mark.parametrize("last", [("S08",), ("S08", "ket"), ("S08", None, 41.0), ("S08", "ket", 41.0, 12.0)])
def test_a_last_patient_with_little_data_stays(last: tuple[Cell, ...]) -> None:
    table = find_table(_grid(HEADER, *PATIENTS, last))
    assert len(table.rows) == 9
    assert not table.issues


def test_a_last_row_that_begins_with_a_known_study_stays() -> None:
    rows = [("Deakin", i, 30.0, 20.0, 10.0, 8.0) for i in range(9)]
    table = find_table(_grid(("study", "patient", "age", "a", "b", "c"), *rows, ("Deakin", 99)))
    assert len(table.rows) == 10


def test_blank_rows_inside_are_dropped_and_numbers_kept() -> None:
    table = find_table(_grid(HEADER, *PATIENTS[:3], (), (" ", None), *PATIENTS[3:]))
    assert table.rows == (2, 3, 4, 7, 8, 9, 10, 11)


def test_missing_codes_in_the_first_record_are_not_a_header() -> None:
    table = find_table(_grid(HEADER, ("S99", "ket", "ND", "n/a"), *PATIENTS))
    assert len(table.rows) == 9


def test_years_can_be_names() -> None:
    table = find_table(_text(("Drug", "2000", "2001", "2002"), *[(f"d{i}", "1", "2", "3") for i in range(4)]))
    assert _names(table) == ["Drug", "2000", "2001", "2002"]


def test_without_a_header_the_columns_are_lettered_and_a_question_asked() -> None:
    table = find_table(_grid(*PATIENTS))
    assert _names(table) == ["Column A", "Column B", "Column C", "Column D"]
    assert (table.header_row, len(table.rows)) == (0, 8)
    assert [issue.severity for issue in table.issues] == [Severity.QUESTION]


def test_ragged_lines_are_named_and_nothing_is_shifted() -> None:
    table = find_table(_text(("a", "b", "c"), ("1", "2", "3"), ("1", "2"), ("1", "2", "3", "4"), ("5", "6", "7")))
    assert _names(table) == ["a", "b", "c"]
    assert {issue.code: issue.where.row for issue in table.issues} == {"rows_too_short": 3, "rows_too_long": 4}
    assert table.columns_by_name["c"].cells == ("3", None, "3", "7")


def test_a_table_of_counts_is_told_from_patients() -> None:
    table = find_table(_grid((None, None, "Active", None, "Control", None), (None, None, "yes", "no", "yes", "no"),
                             ("Sex", "Smoker", None, None, None, None),
                             ("Men", "yes", 3, 4, 5, 6), (None, "no", 5, 6, 7, 8),
                             ("Women", "yes", 3, 4, 5, 6), (None, "no", 5, 6, 7, 9)))
    assert "not_patient_rows" in _codes(table)


def test_a_person_can_name_the_header_and_the_last_row() -> None:
    grid = _grid(("note", None, None, "by AB"), ("a", "b", "c", "d"), HEADER, *PATIENTS)
    table = find_table(grid, Reading(header_row=2, header_rows=1, last_row=6))
    assert _names(table) == ["a", "b", "c", "d"]
    assert table.rows == (3, 4, 5, 6)
    both = find_table(grid, Reading(header_row=3, header_rows=2))
    assert _names(both) == list(HEADER)
    assert both.columns[0].label == "a"


def test_a_person_can_say_there_is_no_header() -> None:
    table = find_table(_grid(HEADER, *PATIENTS), Reading(header_rows=0))
    assert len(table.rows) == 9
    assert table.columns[0].cells[0] == "ID"


def test_last_row_overrules_the_search_for_notes() -> None:
    table = find_table(_grid(HEADER, *PATIENTS, ("Total", None, 264.0, 188.0)), Reading(last_row=10))
    assert len(table.rows) == 9


def test_a_header_row_that_is_not_there_is_refused() -> None:
    with pytest.raises(UserError, match="no row 40") as caught:
        find_table(_grid(HEADER, *PATIENTS), Reading(header_row=40))
    assert "from 1 to 9" in caught.value.remedy


def test_an_empty_sheet_is_refused() -> None:
    with pytest.raises(UserError, match="empty"):
        find_table(_grid())


CODEBOOK = _grid(("Variable", "Label", "Values"), *[(f"v{i}", "what it means", "0 = no") for i in range(30)],
                 sheet="Sheet9")
NOTES = _grid(("This workbook holds the data of our trial as agreed.",), ("Please ask before you use it.",),
              sheet="Read me")
DATA = _grid(HEADER, *PATIENTS, sheet="Sheet3")


def test_the_data_are_found_behind_notes_and_codebook() -> None:
    chosen = choose_grid((NOTES, CODEBOOK, DATA))
    assert chosen.sheet == "Sheet3"
    (left,) = chosen.issues
    assert left.text == "Not read as data: Read me (describes the data), Sheet9 (describes the data)."


def test_hidden_sheets_are_left_and_can_be_chosen() -> None:
    hidden = _grid(HEADER, *PATIENTS, *PATIENTS, sheet="Old", hidden=True)
    assert choose_grid((hidden, DATA)).sheet == "Sheet3"
    assert candidate_sheets((hidden, DATA)) == ("Sheet3",)
    assert choose_grid((hidden, DATA), Reading(sheet="old")).sheet == "Old"


def test_two_sheets_of_data_are_told() -> None:
    second = _grid(HEADER, *PATIENTS, sheet="Second")
    chosen = choose_grid((DATA, second))
    assert chosen.sheet == "Sheet3"
    assert [issue.code for issue in chosen.issues] == ["several_sheets"]
    assert candidate_sheets((DATA, second)) == ("Sheet3", "Second")


def test_sheets_that_go_on_where_the_first_ends_are_an_error() -> None:
    grids = (_grid(HEADER, *PATIENTS[:4], sheet="Ketamine"), _grid(HEADER, *PATIENTS[4:], sheet="Saline"))
    issue = next(issue for issue in choose_grid(grids).issues if issue.code == "sheets_alike")
    assert issue.severity is Severity.ERROR and '"Saline"' in issue.text and '"Ketamine"' in issue.text


def test_a_copy_of_a_sheet_goes_on_nowhere() -> None:
    grids = (_grid(HEADER, *PATIENTS), _grid(HEADER, *PATIENTS[:7], sheet="Data (old)"))
    assert "sheets_alike" not in [issue.code for issue in choose_grid(grids).issues]


def test_lines_that_name_a_group_are_no_patients() -> None:
    table = find_table(_grid(HEADER, ("Ketamine 0.5 mg/kg (n=4)",), *PATIENTS[:4], ("Placebo",), *PATIENTS[4:]))
    assert table.columns_by_name["ID"].cells == tuple(row[0] for row in PATIENTS)
    issue = next(issue for issue in table.issues if issue.code == "heading_rows")
    assert "row 2" in issue.text and "row 7" in issue.text
    assert table.rows == (3, 4, 5, 6, 8, 9, 10, 11)
    assert table.columns_by_name["Heading"].cells == ("Ketamine 0.5 mg/kg",) * 4 + ("Placebo",) * 4


@pytest.mark.parametrize("rows", [
    (*PATIENTS[:4], ("Placebo",), *PATIENTS[4:]),  # what are the first?
    (("Ketamine",), *PATIENTS[:4], ("Mean", None, 31.5, 21.5), *PATIENTS[4:]),  # and those below the mean?
    (("All patients",), *PATIENTS)])
def test_headings_that_do_not_speak_for_every_row_are_no_column(rows: tuple[tuple[Cell, ...], ...]) -> None:
    table = find_table(_grid(HEADER, *rows))
    assert "heading_rows" in _codes(table) and _names(table) == list(HEADER)


def test_totals_below_each_group_do_not_matter() -> None:
    mean = ("Mean", None, 31.5, 21.5)
    table = find_table(_grid(HEADER, ("Ketamine",), *PATIENTS, mean, ("Placebo",), *PATIENTS))
    assert table.columns_by_name["Heading"].cells == ("Ketamine",) * 8 + ("Placebo",) * 8


def test_totals_among_the_data_are_no_patients() -> None:
    table = find_table(_grid(HEADER, *PATIENTS[:4], ("Mean", None, 31.5, 21.5), *PATIENTS[4:]))
    assert table.columns_by_name["ID"].cells == tuple(row[0] for row in PATIENTS)
    assert "heading_rows" in _codes(table)


def test_a_patient_with_nothing_but_an_id_stays_a_patient() -> None:
    table = find_table(_grid(HEADER, *PATIENTS[:4], ("S77",), *PATIENTS[4:]))
    assert "S77" in table.columns_by_name["ID"].counts


def test_a_small_sheet_before_the_data_is_passed_over() -> None:
    small = _grid(("Site", "n"), ("Oxford", 12), sheet="Overview")
    large = _grid(HEADER, *PATIENTS * 5, sheet="Patients")
    assert choose_grid((small, large)).sheet == "Patients"


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(UserError, match='no sheet "Daten"') as caught:
        choose_grid((NOTES, DATA), Reading(sheet="Daten"))
    assert caught.value.remedy == "Its sheets are: Read me, Sheet3."


def test_a_workbook_of_empty_sheets_is_refused() -> None:
    with pytest.raises(UserError, match="no sheet holds anything"):
        choose_grid((_grid(sheet="A"), _grid(sheet="B")))
