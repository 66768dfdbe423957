"""Sheets of one workbook that belong together, and those that only look so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from core.assembly import read_table
from core.errors import Severity
from core.mapping import Reading
from core.sheet_choice import SHEETS_ALIKE
from core.sources import Grid, Place, RawTable, raw_text

IDS = [f"P{i:02d}" for i in range(1, 9)]


def workbook(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> tuple[Grid, ...]:
    return tuple(Grid("trial.xlsx", name, tuple(map(tuple, rows))) for name, rows in sheets.items())


def people(ids: Sequence[Any] = IDS, **columns: Sequence[Any]) -> list[list[Any]]:
    told = {"Arm": ["ketamine", "saline"] * 4, "Age": list(range(30, 38)), **columns}
    return [["Patient ID", *told], *(list(row) for row in zip(ids, *(cells[:len(ids)] for cells in told.values()),
                                                             strict=True))]


def ratings(ids: Sequence[Any] = IDS, score: int = 30) -> list[list[Any]]:
    return [["Patient ID", "Visit", "MADRS"], *([who, visit, score - at - i] for i, who in enumerate(ids)
                                                for at, visit in enumerate(("Baseline", "24 h", "Day 7")))]


def column(table: RawTable, name: str) -> list[str]:
    return [raw_text(cell) for cell in table.columns_by_name[name].cells]


def codes(table: RawTable) -> list[str]:
    return [issue.code for issue in table.issues]


def test_patients_and_ratings_are_put_together_by_id() -> None:
    table = read_table(workbook({"Demographics": people(), "Ratings": ratings()}))
    assert [c.name for c in table.columns] == ["Patient ID", "Visit", "Arm", "Age", "MADRS"]
    assert column(table, "Patient ID")[:4] == ["P01", "P01", "P01", "P02"] and len(table.rows) == 24
    assert column(table, "Age")[:4] == ["30", "30", "30", "31"] and column(table, "MADRS")[3] == "29"
    told = next(issue for issue in table.issues if issue.code == "sheets_joined")
    assert told.severity is Severity.WARNING and '"Demographics" and "Ratings"' in told.text


def test_every_cell_knows_its_sheet_and_row() -> None:
    table = read_table(workbook({"Demographics": people(), "Ratings": ratings()}))
    assert table.place(4, "Age") == Place("Demographics", 3)
    assert table.place(4, "MADRS") == Place("Ratings", 6) == table.place(4)


def test_patients_of_one_sheet_only_stay_and_are_told() -> None:
    table = read_table(workbook({"Demographics": people(), "Ratings": ratings([*IDS[:7], "P99"])}))
    assert {"P08", "P99"} <= set(column(table, "Patient ID"))
    assert [i.text for i in table.issues if i.code == "ids_unmatched"] == [
        '1 patient of other sheets is not on the sheet "Demographics": p99.',
        '1 patient of other sheets is not on the sheet "Ratings": p08.']


@pytest.mark.parametrize(("here", "there"), [(range(1, 9), [f"{i:03d}" for i in range(1, 9)]), (IDS, [i.lower() for i in IDS]),
                                             ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], list("12345678"))])
def test_ids_written_in_two_ways(here: Sequence[Any], there: Sequence[Any]) -> None:
    table = read_table(workbook({"Demographics": people(list(here)), "Ratings": ratings(there)}))
    assert "ids_unmatched" not in codes(table) and len(table.rows) == 24
    assert column(table, "Patient ID")[0] == raw_text(next(iter(here)))


def test_leading_zeros_that_tell_patients_apart_are_kept() -> None:
    ids = ["1", "01", "2", "02", "3", "03", "4", "04"]
    table = read_table(workbook({"Demographics": people(ids), "Ratings": ratings(ids)}))
    assert len(set(column(table, "Patient ID"))) == 8 and len(table.rows) == 24


def test_a_sheet_an_arm_is_stacked_with_its_name() -> None:
    table = read_table(workbook({"Ketamine": people(IDS[:4]), "Placebo": people(IDS[4:])}))
    assert column(table, "Sheet") == ["Ketamine"] * 4 + ["Placebo"] * 4 and column(table, "Patient ID") == IDS
    assert table.place(5, "Age") == Place("Placebo", 3)
    assert "sheets_joined" in codes(table) and SHEETS_ALIKE not in codes(table)


def test_a_sheet_a_visit_gives_its_name_to_its_columns() -> None:
    def later(score: int) -> list[list[Any]]:
        return [["Patient ID", "MADRS"], *([who, score] for who in IDS)]

    table = read_table(workbook({"Baseline": people(MADRS=[30] * 8), "24 h": later(20), "Day 7": later(15)}))
    assert {"Baseline MADRS", "24 h MADRS", "Day 7 MADRS", "Age"} <= set(table.columns_by_name)
    assert len(table.rows) == 8


def test_a_sheet_a_scale_gives_its_name_to_columns_of_times() -> None:
    scores = [["Patient ID", "Baseline", "24h"], *([who, 30, 20] for who in IDS)]
    manic = [["Patient ID", "Baseline", "24h"], *([who, 3, 2] for who in IDS)]
    table = read_table(workbook({"Patients": people(), "MADRS": scores, "YMRS": manic}))
    assert {"MADRS Baseline", "MADRS 24h", "YMRS Baseline"} <= set(table.columns_by_name)


def test_the_same_ids_under_the_same_columns_may_be_other_people() -> None:
    """Sites that each number their patients from 1: nothing may be put together."""
    table = read_table(workbook({"Berlin": people(range(1, 9)), "Mainz": people(range(1, 9), Age=list(range(50, 58)))}))
    assert SHEETS_ALIKE in codes(table) and "sheets_joined" not in codes(table)
    assert table.sheet == "Berlin" and len(table.rows) == 8


@pytest.mark.parametrize("names", [("Study 1", "Study 2"), ("Trial_A", "Trial_B"), ("Cohort I", "Cohort II")])
def test_several_studies_are_not_stacked(names: tuple[str, str]) -> None:
    table = read_table(workbook({names[0]: people(IDS[:4]), names[1]: people(IDS[4:])}))
    assert SHEETS_ALIKE in codes(table) and len(table.rows) == 4


def test_facts_that_differ_keep_sheets_apart() -> None:
    other = [["Patient ID", "Age", "Weight"], *([who, 60 + i, 80] for i, who in enumerate(IDS))]
    table = read_table(workbook({"Cohort 1": people(), "Cohort 2": other}))
    assert "sheets_joined" not in codes(table) and "Weight" not in table.columns_by_name


def test_a_contradiction_keeps_both_columns() -> None:
    """One of eight arms differs: it is not for the program to say which is right."""
    arms = ["ketamine", "saline"] * 3 + ["saline", "saline"]
    listed = [["Patient ID", "Arm"], *([who, arm] for who, arm in zip(IDS, arms, strict=True))]
    table = read_table(workbook({"Demographics": people(), "Randomization": listed}))
    assert {"Demographics Arm", "Randomization Arm"} <= set(table.columns_by_name)


def test_a_copy_and_an_old_version_are_not_stacked() -> None:
    whole = people()
    table = read_table(workbook({"Data": whole, "Data (2)": [*whole[:7], ["P99", "saline", 70]],
                                 "Old": people([f"Q{i}" for i in range(8)])}))
    assert len(table.rows) == 8 and "sheets_joined" not in codes(table)


def test_rows_that_are_neither_patients_nor_visits_are_left_and_told() -> None:
    events = [["Patient ID", "Event"], *([IDS[i % 8], "headache"] for i in range(30))]
    table = read_table(workbook({"Demographics": people(), "Ratings": ratings(), "Adverse events": events}))
    told = next(issue for issue in table.issues if issue.code == "sheets_joined")
    assert 'Not used: "Adverse events"' in told.text and "Event" not in table.columns_by_name


def test_two_sheets_of_rows_without_visits_are_not_put_together() -> None:
    """Which of them are the ratings is not said, so that the first sheet stands alone."""
    rows = {name: [["Patient ID", name], *([IDS[i % 8], i] for i in range(24))] for name in ("Score", "Reading")}
    table = read_table(workbook({"Demographics": people(), **rows}))
    assert "sheets_joined" not in codes(table) and [c.name for c in table.columns] == ["Patient ID", "Arm", "Age"]


def test_a_person_may_say_which_sheets() -> None:
    grids = workbook({"Demographics": people(), "Ratings": ratings(), "Vitals": people(SBP=[120] * 8)})
    assert len(read_table(grids, Reading(sheet="Vitals")).rows) == 8
    table = read_table(grids, Reading(sheets=("Demographics", "Vitals")))
    assert len(table.rows) == 8 and {"SBP", "Age"} <= set(table.columns_by_name)


def test_a_person_may_say_which_column_holds_the_ids() -> None:
    grids = workbook({"Demographics": people(), "Ratings": [["Kürzel", *row[1:]] if i == 0 else row
                                                            for i, row in enumerate(ratings())]})
    assert "sheets_joined" not in codes(read_table(grids))
    assert len(read_table(grids, Reading(id_columns={"Ratings": "Kürzel"})).rows) == 24
