"""Who is analyzed: reasons, counts and outcomes on small hand-made tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cohort import build_cohort, standardize
from core.errors import UserError
from core.plan import Include, Outcome, Plan

PLAN = Plan(schema=1, outcomes=(Outcome(name="rapid", baseline="b", followup="f", remission=9),
                                Outcome(name="late", baseline="b", followup="g", remission=9)))


def table(**columns: list) -> pd.DataFrame:  # type: ignore[type-arg]
    size = len(next(iter(columns.values())))
    start = {"study": ["s"] * size, "patient": [str(i) for i in range(size)], "arm": [i % 2 for i in range(size)],
             "b": [30.0] * size, "f": [15.0] * size, "g": [np.nan] * size}
    return pd.DataFrame({**start, **columns})


def reasons(cohort) -> dict[str, int]:  # type: ignore[no-untyped-def]
    return {row.reason: row.n for row in cohort.flow if row.stage == "excluded"}


def test_each_exclusion_is_counted_with_its_reason() -> None:
    data = table(arm=[1, 0, np.nan, 1, 0, 1, 0], b=[30, 30, 30, 0, np.nan, 30, -4.0],
                 f=[15, 20, 15, 15, 15, np.nan, 15.0])
    cohort = build_cohort(data, PLAN)
    assert cohort.n == 2
    assert reasons(cohort) == {"other": 1, "no_baseline": 3, "no_followup": 1}
    assert [issue.where.row for issue in cohort.issues] == [5, 8]


def test_a_patient_with_either_follow_up_is_in_the_primary_set() -> None:
    cohort = build_cohort(table(f=[np.nan, 15.0], g=[10.0, np.nan]), PLAN)
    assert cohort.n == 2
    assert [int(values.has.sum()) for values in cohort.outcomes] == [1, 1]


def test_improvement_response_and_remission_at_their_limits() -> None:
    cohort = build_cohort(table(b=[24.0, 24.0, 18.0, 22.0], f=[12.0, 12.5, 9.0, 11.0]), PLAN)
    rapid = cohort.outcomes[0]
    assert rapid.primary == pytest.approx([50, 47.9166667, 50, 50])
    assert rapid.response is not None and rapid.response.tolist() == [1, 0, 1, 1]
    assert rapid.remission is not None and rapid.remission.tolist() == [0, 0, 1, 0]


def test_standardized_over_all_patients_with_the_outcome() -> None:
    cohort = build_cohort(table(f=[15.0, 10.0, np.nan, 20.0], g=[1.0, 1.0, 1.0, 1.0]), PLAN)
    improvement = np.array([50, 100 * 20 / 30, 100 / 3])
    expected = (improvement - improvement.mean()) / improvement.std(ddof=1)
    assert cohort.outcomes[0].standardized[[0, 1, 3]] == pytest.approx(expected)
    assert np.isnan(cohort.outcomes[0].standardized[2])
    assert np.isnan(cohort.outcomes[1].standardized).all(), "no spread, so nothing to standardize"


def test_include_rules_compare_numbers_as_numbers_and_text_as_text() -> None:
    data = table(f=[15.0] * 6, flag=[1, 1.0, 0, np.nan, 1, 1], site=["a", "b", "a", "a", "c", "a"])
    plan = PLAN.model_copy(update={"include": (Include(column="flag", equals=1),
                                               Include(**{"column": "site", "in": ("a", "b")}))})
    cohort = build_cohort(data, plan)
    assert cohort.frame["patient"].tolist() == ["0", "1", "5"]


def test_an_identical_row_counts_once() -> None:
    data = table(patient=["a", "a", "b", "b"], study=["s", "s", "s", "t"], arm=[1, 1, 0, 0])
    cohort = build_cohort(data, PLAN)
    assert cohort.n == 3 and reasons(cohort) == {"duplicate": 1}


def test_a_shared_id_with_other_values_is_told_and_nobody_is_lost() -> None:
    data = table(patient=["a", "a", "b"], f=[15.0, 10.0, 15.0])
    cohort = build_cohort(data, PLAN, "pool.csv")
    assert cohort.n == 3
    assert [(issue.code, issue.where.row) for issue in cohort.issues] == [("patient_id_shared", 3)]


def test_a_column_excluded_of_another_meaning_excludes_nobody() -> None:
    assert build_cohort(table(f=[15.0] * 4, excluded=[0, 0, 1, 0]), PLAN).n == 4


@pytest.mark.parametrize(("columns", "words"), [
    ({"arm": [1, 2]}, ["row 3", "must be 1"]),
    ({"arm": ["ketamine", "saline"]}, ["row 2", "ketamine", "must be 1"]),
    ({"f": [12, "unknown"]}, ["row 3", "unknown"]),
    ({"arm": [np.nan, np.nan]}, ["No patient"]),
])
def test_what_cannot_be_analyzed_is_told(columns: dict[str, list], words: list[str]) -> None:  # type: ignore[type-arg]
    with pytest.raises(UserError) as fault:
        build_cohort(table(**columns), PLAN, "pool.csv")
    for word in (*words, "pool.csv"):
        assert word in str(fault.value)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(UserError, match='no column "g"'):
        build_cohort(table(f=[1.0, 2.0]).drop(columns="g"), PLAN, "pool.csv")


@given(st.lists(st.tuples(st.sampled_from(["s", "t"]), st.sampled_from([0.0, 1.0, np.nan]),
                          st.sampled_from([np.nan, 0.0, 20.0, 30.0]), st.sampled_from([np.nan, 5.0, 20.0])),
                min_size=1, max_size=20))
def test_in_file_is_excluded_plus_analyzed(rows: list[tuple[str, float, float, float]]) -> None:
    study, arm, b, f = zip(*rows, strict=True)
    data = table(study=list(study), arm=list(arm), b=list(b), f=list(f))
    try:
        cohort = build_cohort(data, PLAN)
    except UserError:
        return
    for name in set(study):
        own = [row for row in cohort.flow if row.study == name]
        counts = {stage: sum(row.n for row in own if row.stage == stage) for stage in ("in file", "excluded", "analyzed")}
        assert counts["in file"] == counts["excluded"] + counts["analyzed"]
    assert cohort.n == sum(row.n for row in cohort.flow if row.stage == "analyzed")


def test_standardize_without_spread_gives_nothing() -> None:
    assert np.isnan(standardize(np.array([0.1 + 0.2, 0.3, 0.3]))).all()
