"""The same study as wide, long, by period in rows or in blocks: the same patients, scores and reasons."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.errors import Severity
from core.harmonize import StudyData, origin
from core.mapping import DoseSource, PeriodSource, ScoreSource, Shape, TreatmentSource, VisitSource
from core.sources import Cell, RawTable
from tests.core.harmonizing import WIDE_SCORES, codes, flow, harmonized, mapping, row_of, table

VISITS = VisitSource(column="visit",
                     values={"scr": -168, "base": 0, "4h": 4, "d1": 24, "d2": 48, "d7": 168, "fu": None})
PERIOD = PeriodSource(column="period", values={"I": 1, "II": 2})
LONG = Shape(kind="long", patient="id", visit=VISITS)
LONG_SCORES = (ScoreSource(column="madrs", scale="madrs"), ScoreSource(column="ham", scale="hrsd17"))
LONG_HEADER = "id drug visit madrs ham"


def long(*rows: tuple[Cell, ...], **parts: Any) -> StudyData:
    return harmonized(table(LONG_HEADER, *rows), mapping(**({"shape": LONG, "scores": LONG_SCORES} | parts)))


def test_long_file_baseline_and_windows() -> None:
    data = long(("1", "K", "scr", 35, None), ("1", "K", "base", None, None), ("1", "K", "4h", 20, None),
                ("1", "K", "d2", 18, None), ("1", "K", "d7", 9, None), ("1", "K", "fu", 1, None),
                ("2", "S", "base", 30, None), ("2", "S", "d1", 28, None))
    row = row_of(data, "1")
    assert (row["madrs_baseline"], row["madrs_rapid"], row["madrs_post_rapid"]) == (35, 20, 9)  # 4 h is nearer than 48
    assert row["rapid_hours"] == 4 and flow(data) == {"in file": 2, "analyzed": 2} and data.issues == ()


def test_unknown_and_empty_visits() -> None:
    data = long(("1", "K", "base", 30, None), ("1", "K", "V9", 15, None), ("1", "K", "", 15, None),
                ("1", "K", "d1", 20, None), ("2", "S", "base", 30, None), ("2", "S", "d1", 28, None))
    assert [(i.code, i.severity, i.where.row, i.where.column) for i in data.issues] == [
        ("unknown_visit", Severity.QUESTION, 5, "visit"), ("unknown_visit", Severity.WARNING, 6, "visit")]
    assert row_of(data, "1")["madrs_rapid"] == 20


def test_scores_that_an_unknown_visit_might_replace_are_held_back() -> None:
    """V9 may be the baseline, or nearer to 24 h than 4 h is; nothing comes before a score at 0, 24 or 168 h."""
    data = long(("1", "K", "scr", 35, None), ("1", "K", "V9", 30, None), ("1", "K", "4h", 20, None),
                ("1", "K", "d7", 9, None), ("2", "S", "base", 30, None), ("2", "S", "V9", 30, None),
                ("2", "S", "d1", 28, None), ("3", "S", "scr", 33, None), ("3", "S", "V9", None, None),
                ("3", "S", "4h", 28, None))
    first = row_of(data, "1")
    assert np.isnan([first["madrs_baseline"], first["madrs_rapid"]]).all() and first["madrs_post_rapid"] == 9
    assert row_of(data, "2")["madrs_rapid"] == 28
    assert (row_of(data, "3")["madrs_baseline"], row_of(data, "3")["madrs_rapid"]) == (33, 28)
    assert "held_back" in codes(data)


def test_rows_that_repeat_another_count_as_duplicates() -> None:
    data = long(("1", "K", "base", 30, None), ("1", "K", "base", 30.0, None), ("1", "K", "d1", 15, None),
                ("2", "S", "base", 30, None), ("2", "S", "d1", 15, None), ("2", "S", "d1", 15, None))
    assert flow(data) == {"in file": 2, "duplicate": 2, "analyzed": 2} and codes(data) == ["duplicate_rows"]
    assert next(row.unit for row in data.flow if row.reason == "duplicate") == "rows"


def test_two_scores_of_one_visit_contradict() -> None:
    data = long(("1", "K", "base", 30, None), ("1", "K", "d1", 15, 8), ("1", "K", "d1", 25, 8),
                ("2", "S", "base", 30, None), ("2", "S", "d1", 15, None))
    assert row_of(data, "1")["madrs_rapid"] == 15
    assert [(i.code, i.severity, i.where.row, i.where.column, i.where.patient) for i in data.issues] == [
        ("conflicting_scores", Severity.ERROR, 6, "madrs", "1")]


def test_two_rows_of_one_patient_in_a_wide_file_contradict() -> None:
    data = harmonized(table("id drug b d1 d7", ("1", "K", 30, 15, 10), ("1", "K", 31, 15, 10), ("2", "S", 30, 20, 20)))
    assert row_of(data, "1")["madrs_baseline"] == 30 and flow(data) == {"in file": 2, "duplicate": 1, "analyzed": 2}
    issue = data.issues[0]
    assert (issue.code, issue.severity, issue.where.row, issue.where.column) == (
        "conflicting_rows", Severity.ERROR, 5, "b")
    assert "row 4 is used" in issue.text


def test_rows_without_a_patient_are_told_and_blank_rows_are_not() -> None:
    data = harmonized(table("id drug b d1 d7", ("1", "K", 30, 15, 10), (None, "K", 31, 15, 10), (None,) * 5,
                            ("2", "S", 30, 20, 20)))
    assert [(i.code, i.where.row) for i in data.issues] == [("no_patient", 5)] and len(data.patients) == 2


def test_without_an_id_column_a_wide_files_rows_are_patients() -> None:
    data = harmonized(table("drug b d1 d7", ("K", 30, 15, 10), ("S", 30, 15, 10)), mapping(shape=Shape()))
    assert data.patients["patient"].tolist() == ["4", "5"] and codes(data) == ["no_patient_column"]
    data = harmonized(table(LONG_HEADER, ("1", "K", "base", 30, 1)), mapping(shape=Shape(kind="long", visit=VISITS)))
    assert len(data.patients) == 0 and codes(data)[0] == "no_patient_column"


# --- crossovers -----------------------------------------------------------------------------------

PERIOD_HEADER = "id period drug dose b d1 d7"
PERIOD_ROWS = Shape(kind="period_rows", patient="id", period=PERIOD)
DOSE = DoseSource(column="dose")


def crossover(*rows: tuple[Cell, ...]) -> StudyData:
    return harmonized(table(PERIOD_HEADER, *rows), mapping(shape=PERIOD_ROWS, doses=(DOSE,)))


def test_only_the_first_infusion_counts() -> None:
    data = crossover(("1", "II", "S", None, 29, 28, 27), ("1", "I", "K", 0.5, 30, 15, 10),
                     ("2", "I", "S", None, 33, 30, 31), ("2", "II", "K", 0.5, 87, "x", 1))
    assert [row_of(data, name)["arm"] for name in "12"] == [1, 0]
    assert [row_of(data, name)["madrs_baseline"] for name in "12"] == [30, 33]
    assert flow(data) == {"in file": 2, "later_infusion": 2, "analyzed": 2}
    assert data.issues == ()  # what stands in later periods is not read


def test_a_patient_without_the_first_period_is_not_analyzed() -> None:
    data = crossover(("1", "I", "K", 0.5, 30, 15, 10), ("2", "II", "S", None, 30, 15, 10),
                     ("3", "I", "S", None, 30, 15, 10))
    assert row_of(data, "2")["excluded"] == "other" and np.isnan(row_of(data, "2")["madrs_baseline"])
    assert [(i.code, i.where.row) for i in data.issues if i.code == "no_first_infusion"] == [("no_first_infusion", 5)]
    assert flow(data) == {"in file": 3, "later_infusion": 1, "other": 1, "analyzed": 2}


def test_an_unknown_period_is_a_question() -> None:
    data = crossover(("1", "I", "K", 0.5, 30, 15, 10), ("2", "A", "S", None, 30, 15, 10),
                     ("3", 1, "S", None, 30, 15, 10))
    assert [(i.severity, i.where.row, i.where.column) for i in data.issues if i.code == "unknown_period"] == [
        (Severity.QUESTION, 5, "period")]
    assert [row_of(data, name)["excluded"] for name in "123"] == ["", "other", ""]


def test_a_treatment_that_changes_within_a_patient_is_told() -> None:
    data = long(("1", "K", "base", 30, None), ("1", "S", "d1", 15, None), ("2", "S", "base", 30, None),
                ("2", "S", "d1", 15, None))
    assert row_of(data, "1")["arm"] == 1
    assert [(i.code, i.where.row, i.where.column) for i in data.issues] == [("contradiction", 5, "drug")]


# --- one study in four layouts --------------------------------------------------------------------

DRUGS = {"K": "ketamine", "S": "saline", "L": "lanicemine"}


def random_periods(rng: random.Random) -> list[tuple[str, list[tuple[Cell, ...]]]]:
    """Patients with one or two periods of drug, dose, baseline, day 1, day 7."""
    def period() -> tuple[Cell, ...]:
        drug = rng.choice("KKSSL")
        return (drug, rng.choice([0.5, 0.5, 0.1]) if drug == "K" else None,
                *(rng.choice([None, *range(10, 40)]) for _ in range(3)))
    return [(f"P{i:02}", [period() for _ in range(rng.choice([1, 2]))]) for i in range(12)]


def as_period_rows(patients: list[tuple[str, list[tuple[Cell, ...]]]]) -> StudyData:
    return crossover(*((name, ("I", "II")[i], *cells) for name, periods in patients for i, cells in enumerate(periods)))


def as_blocks(patients: list[tuple[str, list[tuple[Cell, ...]]]]) -> StudyData:
    header = "id drug1 dose1 b1 d1_1 d7_1 drug2 dose2 b2 d1_2 d7_2"
    rows = [(name, *periods[0], *(periods[1] if len(periods) > 1 else (None,) * 5)) for name, periods in patients]
    scores = tuple(ScoreSource(column=f"{column}{period}", scale="madrs", hours=hours, period=period)
                   for period in (1, 2) for column, hours in (("b", 0), ("d1_", 24), ("d7_", 168)))
    return harmonized(table(header, *rows), mapping(
        shape=Shape(kind="period_blocks", patient="id"), scores=scores,
        treatments=tuple(TreatmentSource(column=f"drug{p}", period=p, values=DRUGS) for p in (1, 2)),
        doses=tuple(DoseSource(column=f"dose{p}", period=p) for p in (1, 2))))


def long_rows(patients: list[tuple[str, list[tuple[Cell, ...]]]]) -> RawTable:
    rows = [(name, ("I", "II")[i], drug, dose, visit, score) for name, periods in patients
            for i, (drug, dose, *scores) in enumerate(periods)
            for visit, score in zip(("base", "d1", "d7"), scores, strict=True)]
    return table("id period drug dose visit madrs", *rows)


def as_long(patients: list[tuple[str, list[tuple[Cell, ...]]]]) -> StudyData:
    shape = Shape(kind="long", patient="id", visit=VISITS, period=PERIOD)
    return harmonized(long_rows(patients), mapping(shape=shape, scores=LONG_SCORES[:1], doses=(DOSE,)))


def as_wide(patients: list[tuple[str, list[tuple[Cell, ...]]]]) -> StudyData:
    rows = [(name, *periods[0]) for name, periods in patients]
    return harmonized(table("id drug dose b d1 d7", *rows), mapping(doses=(DOSE,)))


@pytest.mark.parametrize("seed", range(15))
def test_the_layout_of_a_file_changes_nothing(seed: int) -> None:
    patients = random_periods(random.Random(seed))
    wide, *others = (layout(patients) for layout in (as_wide, as_period_rows, as_blocks, as_long))
    later = sum(len(periods) - 1 for _, periods in patients)
    for data, rows in zip(others, (later, later, 3 * later), strict=True):
        pd.testing.assert_frame_equal(data.patients, wide.patients)
        expected = flow(wide) | ({"later_infusion": rows} if rows else {})
        assert flow(data) == expected


# --- origins --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_every_scores_cell_is_found_again(seed: int) -> None:
    rng = random.Random(seed)
    patients = random_periods(rng)
    raw, data = long_rows(patients), as_long(patients)
    for name, periods in patients:
        for column, cell, shift in (("madrs_baseline", periods[0][2], 0), ("madrs_rapid", periods[0][3], 1),
                                    ("madrs_post_rapid", periods[0][4], 2)):
            found = origin(data, "S1", name, column, {"S1": raw})
            if cell is None:
                assert found is None
                continue
            assert found is not None and found.row is not None
            record = found.row - 4
            assert (found.file, found.sheet, found.column, found.raw) == ("s1.xlsx", "Data", "madrs", str(cell))
            assert raw.columns_by_name["id"].cells[record] == name
            assert raw.columns_by_name["visit"].cells[record] == ("base", "d1", "d7")[shift]
        arm = origin(data, "S1", name, "arm", {"S1": raw})
        assert (arm is None) == np.isnan(row_of(data, name)["arm"])
        assert arm is None or (arm.raw, arm.column) == (periods[0][0], "drug")


def test_origin_of_times_ids_and_what_is_not_there() -> None:
    raw = table(LONG_HEADER, ("1", "K", "base", 30, None), ("1", "K", "d1", 15, None))
    data = harmonized(raw, mapping(shape=LONG, scores=LONG_SCORES))
    tables = {"S1": raw}
    time = origin(data, "S1", "1", "rapid_hours", tables)
    assert time is not None and (time.column, time.raw, time.row) == ("visit", "d1", 5)
    name = origin(data, "S1", "1", "patient", tables)
    assert name is not None and (name.column, name.row) == ("id", 4)
    dose = origin(data, "S1", "1", "dose_mg_kg", tables)
    assert dose is not None and (dose.row, dose.column, dose.raw) == (None, None, "0.5")
    for study, patient, column in (("S2", "1", "arm"), ("S1", "9", "arm"), ("S1", "1", "nothing"),
                                   ("S1", "1", "age"), ("S1", "1", "excluded")):
        assert origin(data, study, patient, column, tables) is None


def test_unused_scores_stay_unused() -> None:
    scores = (*WIDE_SCORES, ScoreSource(column="phq", scale="phq9", hours=0))
    data = harmonized(table("id drug b d1 d7 phq", ("1", "K", 30, 15, 10, 9), ("2", "S", 30, 15, 10, 9)),
                      mapping(scores=scores))
    assert data.issues == () and flow(data)["analyzed"] == 2
