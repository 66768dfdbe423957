"""Who is analyzed and why not: arms, doses, baselines, follow-ups, participant flow, and the place of every issue."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Severity, UserError
from core.harmonize import harmonize_study, pool_studies
from core.mapping import DoseSource, NumberFormat, ScoreSource, Shape, TreatmentSource
from core.progress import Cancelled
from core.sources import Cell
from tests.core.harmonizing import (
    PROTOCOL,
    STUDY,
    TABLES,
    TREATMENT,
    WIDE_SCORES,
    codes,
    flow,
    harmonized,
    mapping,
    protocol,
    row_of,
    table,
)

WIDE = "id drug b d1 d7"


def wide(*rows: tuple[Cell, ...]) -> Any:
    return harmonized(table(WIDE, *rows))


def test_one_row_a_patient_with_exactly_the_protocols_columns() -> None:
    data = wide(("01", "K", 30, 15, 10), ("02", "S", 28, 25, None))
    assert list(data.patients.columns) == [*PROTOCOL.core_keys, *PROTOCOL.variables_by_key, "excluded", "score_origin"]
    expected = {"study": "S1", "patient": "01", "arm": 1, "dose_mg_kg": 0.5, "madrs_baseline": 30, "madrs_rapid": 15,
                "madrs_post_rapid": 10, "rapid_hours": 24, "post_rapid_days": 7, "baseline_severity": 30,
                "excluded": "", "score_origin": "native"}
    assert {key: row_of(data, "01")[key] for key in expected} == expected
    assert np.isnan(row_of(data, "02")["madrs_post_rapid"]) and np.isnan(row_of(data, "02")["post_rapid_days"])
    assert data.issues == () and flow(data) == {"in file": 2, "analyzed": 2}


def test_kinds_of_columns() -> None:
    frame = wide(("01", "K", 30, 15, 10)).patients
    texts = {"study", "patient", "diagnosis", "excluded", "score_origin"}
    assert {key for key in frame if frame[key].dtype == object} == texts
    assert {key for key in frame if frame[key].dtype == np.float64} == set(frame.columns) - texts
    assert frame["diagnosis"].tolist() == [None]


@pytest.mark.parametrize(("ids", "expected"), [
    (["007", "7"], ["007", "7"]), ([12.0, 13], ["12", "13"]), (["12.0", "13.0"], ["12", "13"]),
    (["1.0", "1.5"], ["1.0", "1.5"]), ([" A1 ", "A\u00e92"], ["A1", "A\u00e92"])])
def test_ids_stay_as_they_are_written(ids: list[Cell], expected: list[str]) -> None:
    assert wide(*((name, "K", 30, 15, 10) for name in ids)).patients["patient"].tolist() == expected


# --- exclusions, each with its reason, count and place --------------------------------------------


@pytest.mark.parametrize(("row", "reason", "code", "severity", "column"), [
    (("2", "L", 30, 15, 10), "other_drug", None, None, None),
    (("2", "X", 30, 15, 10), "other_drug", "unknown_treatment", Severity.QUESTION, "drug"),
    (("2", None, 30, 15, 10), "other", "no_treatment", Severity.WARNING, "drug"),
    (("2", "-", 30, 15, 10), "other", "no_treatment", Severity.WARNING, "drug"),
    (("2", "K", None, 15, 10), "no_baseline", "no_baseline", Severity.WARNING, "b"),
    (("2", "K", 0, 15, 10), "no_baseline", "baseline_not_positive", Severity.WARNING, "b"),
    (("2", "K", 87, 15, 10), "no_baseline", "score_off_scale", Severity.ERROR, "b"),
    (("2", "K", -3, 15, 10), "no_baseline", "score_off_scale", Severity.ERROR, "b"),
    (("2", "K", "bad", 15, 10), "no_baseline", "unreadable", Severity.ERROR, "b"),
    (("2", "K", 30, None, None), "no_followup", "no_followup", Severity.WARNING, None),
    (("2", "K", 30, 61, None), "no_followup", "score_off_scale", Severity.ERROR, "d1"),
])
def test_reason_and_place_of_an_exclusion(row: tuple[Cell, ...], reason: str, code: str | None,
                                          severity: Severity | None, column: str | None) -> None:
    data = wide(("1", "K", 30, 15, 10), row, ("3", "S", 30, 15, 10))
    assert row_of(data, "2")["excluded"] == reason
    assert flow(data) == {"in file": 3, reason: 1, "analyzed": 2}
    if code is None:
        assert data.issues == ()
        return
    issue = next(issue for issue in data.issues if issue.code == code)
    where = issue.where
    assert (where.study, where.file, where.sheet, where.row, where.column) == ("S1", "s1.xlsx", "Data", 5, column)
    assert issue.severity is severity and issue.text and issue.remedy


def test_the_arm_is_kept_where_the_scores_are_at_fault() -> None:
    data = wide(("1", "K", 0, 15, 10), ("2", "S", 30, None, None), ("3", "L", 30, 1, 1))
    assert data.patients["arm"].tolist()[:2] == [1, 0] and np.isnan(data.patients["arm"][2])


def test_a_score_off_its_scale_is_a_change_too() -> None:
    data = wide(("1", "K", 30, 87, 10), ("2", "S", 30, 15, 10))
    assert [(c.patient, c.variable, c.row) for c in data.changes] == [("1", "madrs", 4)]
    assert "MADRS is 87; the scale goes from 0 to 60" in str(data.issues[0])
    assert row_of(data, "1")["excluded"] == "" and np.isnan(row_of(data, "1")["madrs_rapid"])


def test_missing_codes_are_counted_and_none_reaches_a_score() -> None:
    form = NumberFormat(missing=("999", "ND"))
    scores = tuple(source.model_copy(update={"format": form}) for source in WIDE_SCORES)
    data = harmonized(table(WIDE, ("1", "K", 30, 999, 10), ("2", "S", 30, "ND", 9), ("3", "S", 30, "999", 9)),
                      mapping(scores=scores))
    assert data.patients["madrs_rapid"].isna().all()
    assert [(i.severity, i.where.column, i.where.row, i.text) for i in data.issues] == [
        (Severity.NOTE, "d1", 4, 'Missing codes set empty: "999" 2 times, "ND" once.')]
    assert len(data.changes) == 3


def test_missing_codes_of_several_columns_are_one_note() -> None:
    form = NumberFormat(missing=("999", "ND"))
    scores = tuple(source.model_copy(update={"format": form}) for source in WIDE_SCORES)
    data = harmonized(table(WIDE, ("1", "K", 30, 999, 10), ("2", "S", 30, "ND", 999), ("3", "S", 30, 12, 9)),
                      mapping(scores=scores))
    notes = [(i.where.column, i.text) for i in data.issues if i.code == "missing_codes"]
    assert notes == [(None, 'Missing codes set empty: "999" 2 times, "ND" once. Columns: d1 (2), d7 (1).')]
    assert len(data.changes) == 3


def test_many_like_problems_are_told_together() -> None:
    data = wide(*((str(i), "K", 30, 87, 10) for i in range(100)), ("s", "S", 30, 15, 10))
    told = [issue for issue in data.issues if issue.code == "score_off_scale"]
    assert len(told) == 26 and "75 more rows" in told[-1].text and len(data.changes) == 100


# --- doses ----------------------------------------------------------------------------------------


def dosed(cell: Cell, source: DoseSource, drug: str = "K") -> Any:
    rows = (("1", drug, cell, 30, 15, 10), ("2", "K", 0.5, 30, 15, 10), ("3", "S", None, 30, 15, 10))
    return harmonized(table("id drug dose b d1 d7", *rows), mapping(doses=(source,)))


@pytest.mark.parametrize(("cell", "factor", "reason"), [
    (0.5, 1, ""), (1.0, 1, ""), (0.1, 1, "other_dose"), (0.49, 1, "other_dose"), (None, 1, "other"), (70, 1, "other"),
    ("0.2", 1, "other_dose"), (-1, 1, "other")])
def test_doses_of_a_column(cell: Cell, factor: float, reason: str) -> None:
    data = dosed(cell, DoseSource(column="dose", factor=factor))
    assert row_of(data, "1")["excluded"] == reason
    assert ("dose_unknown" in codes(data)) == (reason == "other")
    assert [row_of(data, name)["excluded"] for name in "23"] == ["", ""]


def test_a_dose_in_other_units() -> None:
    rows = (("1", "K", 500, 30, 15, 10), ("2", "K", 100, 30, 15, 10), ("3", "S", None, 30, 15, 10))
    data = harmonized(table("id drug dose b d1 d7", *rows), mapping(doses=(DoseSource(column="dose", factor=0.001),)))
    assert data.patients["excluded"].tolist() == ["", "other_dose", ""]


def test_doses_in_words() -> None:
    treatment = TreatmentSource(column="drug", values={"K 0.5": "ketamine", "K 0.1": "ketamine", "S": "saline"})
    data = harmonized(table(WIDE, ("1", "K 0.5", 30, 15, 10), ("2", "K 0.1", 30, 15, 10), ("3", "S", 30, 15, 10)),
                      mapping(treatments=(treatment,), doses=(DoseSource(values={"K 0.5": 0.5, "K 0.1": 0.1}),)))
    assert data.patients["excluded"].tolist() == ["", "other_dose", ""]
    np.testing.assert_array_equal(data.patients["dose_mg_kg"], [0.5, 0.1, np.nan])
    words = DoseSource(column="dose", values={"high": 1.0, "low": 0.1, "?": None})
    data = dosed("low", words)
    assert row_of(data, "1")["excluded"] == "other_dose" and "unreadable" not in codes(data)
    assert row_of(dosed("?", words), "1")["excluded"] == "other"


def test_an_unknown_dose_is_a_question_and_nobody_is_analyzed_on_a_guess() -> None:
    data = harmonized(table(WIDE, ("1", "K", 30, 15, 10), ("2", "S", 30, 15, 10)), mapping(doses=()))
    assert data.patients["excluded"].tolist() == ["other", ""]
    question = next(issue for issue in data.issues if issue.code == "dose_unknown")
    assert question.severity is Severity.QUESTION and question.where.row == 4


def test_the_studys_only_dose_fills_gaps_of_the_active_arm_only() -> None:
    data = dosed(None, DoseSource(column="dose", constant=0.5))
    np.testing.assert_array_equal(data.patients["dose_mg_kg"], [0.5, 0.5, np.nan])


def test_a_protocol_without_doses_asks_for_none() -> None:
    rules = protocol(active={"label": "A", "treatments": ["ketamine"]})
    data = harmonized(table(WIDE, ("1", "K", 30, 15, 10), ("2", "S", 30, 15, 10)), mapping(doses=()), rulebook=rules)
    assert data.patients["excluded"].tolist() == ["", ""] and data.issues == ()


def test_one_drug_in_two_arms_by_dose() -> None:
    rules = protocol(active={"label": "High", "treatments": ["ketamine"], "dose_minimum": 0.5},
                     control={"label": "Low", "treatments": ["ketamine"], "dose_maximum": 0.1})
    rows = (("1", "K", 0.5, 30, 15, 10), ("2", "K", 0.1, 30, 15, 10), ("3", "K", 0.3, 30, 15, 10))
    data = harmonized(table("id drug dose b d1 d7", *rows), mapping(doses=(DoseSource(column="dose"),)),
                      rulebook=rules)
    assert data.patients["excluded"].tolist() == ["", "", "other_dose"]
    np.testing.assert_array_equal(data.patients["arm"], [1, 0, np.nan])


def test_all_got_the_same_treatment() -> None:
    for constant, reason in (("ketamine", ""), ("K", ""), ("lanicemine", "other_drug"), ("??", "other_drug")):
        source = TreatmentSource(constant=constant, values={"K": "ketamine"})
        data = harmonized(table(WIDE, ("1", "", 30, 15, 10)), mapping(treatments=(source,)))
        assert data.patients["excluded"].tolist() == [reason]
        assert ("unknown_treatment" in codes(data)) == (constant == "??")


# --- studies that cannot be used as they are ------------------------------------------------------


@pytest.mark.parametrize(("rows", "code"), [
    ([("1", "K", 30, 15, 10)], "one_arm"),
    ([("1", "K", 30, None, None), ("2", "S", 30, None, None)], "no_usable_outcome"),
    ([("1", "L", 30, 15, 10)], "no_eligible_patient"),
    ([], "no_patients"),
])
def test_a_study_that_cannot_be_compared_is_told(rows: list[tuple[Cell, ...]], code: str) -> None:
    data = wide(*rows)
    issue = next(issue for issue in data.issues if issue.code == code)
    assert issue.where.study == "S1" and issue.where.file == "s1.xlsx"
    assert flow(data)["in file"] == len(rows) == len(data.patients)


def test_columns_that_are_gone_are_named_and_the_rest_goes_on() -> None:
    data = harmonized(table("id drug b d1", ("1", "K", 30, 15), ("2", "S", 30, 15)))
    assert [(i.code, i.where.column) for i in data.issues] == [("column_missing", "d7")]
    assert flow(data)["analyzed"] == 2


def test_a_file_with_nothing_mapped() -> None:
    data = harmonized(table(WIDE, ("1", "K", 30, 15, 10)), mapping(treatments=(), scores=(), doses=()))
    assert data.patients["excluded"].tolist() == ["other"] and "no_treatment_column" in codes(data)


def test_a_score_without_a_time_is_a_question() -> None:
    scores = (*WIDE_SCORES[:2], ScoreSource(column="d7", scale="madrs"))
    data = harmonized(table(WIDE, ("1", "K", 30, 15, 10), ("2", "S", 30, 15, 10)), mapping(scores=scores))
    assert [(i.code, i.severity, i.where.column) for i in data.issues] == [
        ("score_time_unknown", Severity.QUESTION, "d7")]
    assert data.patients["madrs_post_rapid"].isna().all()


def test_a_second_treatment_ends_the_rapid_window() -> None:
    shape = Shape(patient="id", second_treatment_hours=20)
    data = harmonized(table(WIDE, ("1", "K", 30, 15, 10), ("2", "S", 30, 15, 10)), mapping(shape=shape))
    assert data.patients["madrs_rapid"].isna().all() and data.patients["madrs_post_rapid"].notna().all()


# --- flow, pooling, fingerprints ------------------------------------------------------------------

CELL = st.one_of(st.none(), st.sampled_from([0, 12, 30, 87, "x"]))
ROW = st.tuples(st.sampled_from(["1", "2", "3", "4", "5", None]), st.sampled_from(["K", "S", "L", "X", "-", None]),
                st.sampled_from([None, 0.1, 0.5]), CELL, CELL, CELL)


@settings(max_examples=150, deadline=None)
@given(st.lists(ROW, max_size=9))
def test_in_file_is_excluded_and_analyzed(rows: list[tuple[Cell, ...]]) -> None:
    data = harmonized(table("id drug dose b d1 d7", *rows), mapping(doses=(DoseSource(column="dose"),)))
    patients = {row.reason or row.stage: row.n for row in data.flow if row.unit == "patients"}
    named = {row[0] for row in rows} - {None}
    assert patients["in file"] == len(named) == len(data.patients)
    assert sum(patients.values()) == 2 * patients["in file"]
    assert {row.reason: row.n for row in data.flow if row.stage == "excluded" and row.unit == "patients"} == (
        data.patients["excluded"].value_counts().drop("", errors="ignore").to_dict())
    analyzed = data.patients[data.patients["excluded"] == ""]
    assert (analyzed["madrs_baseline"] > 0).all() and analyzed["arm"].notna().all()
    assert analyzed[["madrs_rapid", "madrs_post_rapid"]].notna().any(axis=1).all()
    left_out = sum(row.n for row in data.flow if row.unit == "rows")
    assert left_out == sum(row[0] is not None for row in rows) - len(named)


def test_pooling_keeps_kinds_order_and_issues() -> None:
    one = wide(("1", "K", 30, 15, 10), ("2", "X", 30, 15, 10))
    other = harmonized(table(WIDE, ("1", "S", 30, 15, 10)), mapping(study="S0"),
                       STUDY.model_copy(update={"study": "S0"}))
    pooled = pool_studies([one, other], PROTOCOL)
    assert pooled.patients["study"].tolist() == ["S1", "S1", "S0"]
    pd.testing.assert_series_equal(pooled.patients.dtypes, one.patients.dtypes)
    assert pooled.issues == (*one.issues, *other.issues)
    assert pooled.fingerprint != pool_studies([other, one], PROTOCOL).fingerprint
    for wrong in ([one, one], []):
        with pytest.raises(UserError):
            pool_studies(wrong, PROTOCOL)


def test_the_fingerprint_follows_everything_that_counts() -> None:
    raw = table(WIDE, ("1", "K", 30, 15, 10))
    base = harmonized(raw)
    assert harmonized(raw).fingerprint == base.fingerprint
    others = [harmonized(table(WIDE, ("1", "K", 30, 15, 11))), harmonized(raw, conversion="low"),
              harmonized(raw, mapping(doses=())), harmonized(raw, study=STUDY.model_copy(update={"country": "GB"})),
              harmonized(raw, rulebook=protocol(title="Other")),
              harmonize_study(raw, mapping(), STUDY, PROTOCOL, {}, "midpoint"),
              harmonize_study(raw, mapping(), STUDY, PROTOCOL, TABLES, "midpoint", source_hash="abc")]
    assert len({data.fingerprint for data in (base, *others)}) == len(others) + 1


def test_it_can_be_stopped() -> None:
    def stop(fraction: float, text: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        harmonize_study(table(WIDE), mapping(treatments=(TREATMENT,)), STUDY, PROTOCOL, TABLES, "midpoint", stop)
