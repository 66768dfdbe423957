"""Moderators by rule, registry, copy and implication; scores native and converted; agreement of the two."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.agreement import COMPARISON, agreement, compare_studies, pooled_agreement
from core.cohort import build_cohort
from core.errors import Severity
from core.harmonize import StudyData, harmonize_study, origin, pool_studies
from core.mapping import Constant, Decision, Direct, NumberFormat, Recode, Shape, Unavailable, VisitSource
from core.plan import protocol_plan
from core.registry import Study
from core.results import COMPARISON_OF_EFFECTS
from core.sources import Cell
from tests.core.harmonizing import (
    HRSD_SCORES,
    PROTOCOL,
    STUDY,
    TABLES,
    WIDE_SCORES,
    codes,
    flow,
    harmonized,
    mapping,
    protocol,
    row_of,
    table,
)

SEX = Recode(column="x", codes={"F": "1", "M": "0", "u": None})


def with_column(rule: Any, key: str, *cells: Cell, study: Study = STUDY, **decision: Any) -> StudyData:
    """A study with one more column x, mapped to a variable."""
    rows = [(str(i), "KS"[i % 2], 30, 15, 10, cell) for i, cell in enumerate(cells)]
    return harmonized(table("id drug b d1 d7 x", *rows),
                      mapping(variables={key: Decision(rule=rule, **decision)}), study)


def values(data: StudyData, key: str) -> list[Any]:
    return [None if value is None or value != value else value for value in data.patients[key]]


def places(data: StudyData) -> list[tuple[str, Severity, int | None, str | None, str | None]]:
    return [(i.code, i.severity, i.where.row, i.where.column, i.where.variable) for i in data.issues]


# --- rules ----------------------------------------------------------------------------------------


def test_direct_with_unit_missing_code_and_range() -> None:
    rule = Direct(column="x", format=NumberFormat(missing=("999",)), factor=2, offset=1)
    data = with_column(rule, "age", 10, 999, "x", 60, None)
    assert values(data, "age") == [21, None, None, None, None]
    assert places(data) == [("unreadable", Severity.ERROR, 6, "x", "age"),
                            ("implausible", Severity.ERROR, 7, "x", "age"),
                            ("missing_codes", Severity.NOTE, 5, "x", "age")]
    assert "Age is 121; expected is from 18 to 90" in data.issues[1].text
    assert {(c.patient, c.row) for c in data.changes} == {("1", 5), ("2", 6), ("3", 7)}


def test_recode_asks_for_texts_without_a_meaning() -> None:
    data = with_column(SEX, "female", "F", "M", "u", "??", "??", None)
    assert values(data, "female") == [1, 0, None, None, None, None]
    assert places(data) == [("unknown_code", Severity.QUESTION, 7, "x", "female"),
                            ("missing_codes", Severity.NOTE, 6, "x", "female")]
    assert "2 rows" in data.issues[0].text


def test_codes_and_constants_must_fit_the_kind() -> None:
    assert values(with_column(Recode(column="x", codes={"a": "2"}), "female", "a"), "female") == [None]
    assert "code_misfit" in codes(with_column(Constant(value="yes"), "female", "a"))
    assert values(with_column(Direct(column="x"), "female", 1, 0, 2), "female") == [1, 0, None]


def test_constant_and_categories() -> None:
    assert values(with_column(Constant(value="44"), "age", 1, 2), "age") == [44, 44]
    data = with_column(Recode(column="x", codes={"m": "MDD", "b": "bipolar"}), "diagnosis", "m", "b", None)
    assert values(data, "diagnosis") == ["MDD", "bipolar", None]
    rule = Direct(column="x", format=NumberFormat(missing=("-",)))
    assert values(with_column(rule, "diagnosis", "PTSD", "-", ""), "diagnosis") == ["PTSD", None, None]


def test_only_settled_decisions_are_used() -> None:
    assert values(with_column(Direct(column="x"), "age", 40, sureness=0.5), "age") == [None]
    assert values(with_column(Direct(column="x"), "age", 40, sureness=0.5, by="Ann"), "age") == [40]
    assert values(with_column(Unavailable(), "age", 40, by="Ann"), "age") == [None]


def test_a_variables_origin_names_cell_rule_and_person() -> None:
    raw = table("id drug b d1 d7 x", ("1", "K", 30, 15, 10, None), ("2", "S", 30, 15, 10, "21"))
    decision = Decision(rule=Direct(column="x", factor=2), by="Ann", at="2026-01-02")
    data = harmonized(raw, mapping(variables={"age": decision}))
    found = origin(data, "S1", "2", "age", {"S1": raw})
    assert found is not None
    assert (found.row, found.column, found.raw, found.rule, found.by, found.at) == (
        5, "x", "21", "as it stands, times 2", "Ann", "2026-01-02")
    assert origin(data, "S1", "1", "age", {"S1": raw}) is None


# --- long files -----------------------------------------------------------------------------------

VISITS = VisitSource(column="visit", values={"scr": -168, "base": 0, "d1": 24})


def long_with(key: str, rule: Any, *rows: tuple[str, Cell]) -> StudyData:
    full = [("1", "K", visit, 30, cell) for visit, cell in rows]
    return harmonized(table("id drug visit b x", *full), mapping(
        shape=Shape(kind="long", patient="id", visit=VISITS),
        scores=(WIDE_SCORES[0].model_copy(update={"hours": None}),), variables={key: Decision(rule=rule)}))


@pytest.mark.parametrize(("rows", "value", "row"), [
    ([("scr", 40), ("base", 41), ("d1", 50)], 41, 4),  # a contradiction before the treatment is told
    ([("scr", 40), ("base", None), ("d1", 50)], 40, None),
    ([("d1", 50), ("base", 40)], 40, None),  # what changes after it is not
    ([("d1", 50), ("base", None)], 50, None),
])
def test_a_measurement_comes_from_the_last_row_before_the_treatment(rows: list[tuple[str, Cell]], value: float,
                                                                    row: int | None) -> None:
    data = long_with("age", Direct(column="x"), *rows)
    assert values(data, "age") == [value]
    assert [i.where.row for i in data.issues if i.code == "contradiction"] == ([row] if row else [])


def test_what_should_last_is_compared_over_all_rows() -> None:
    data = long_with("female", SEX, ("base", "F"), ("d1", "M"))
    assert values(data, "female") == [1]
    issue = next(i for i in data.issues if i.code == "contradiction")
    assert issue.where.row == 5 and '"M" here contradicts "F" in row 4' in issue.text


# --- registry, copies, implications ---------------------------------------------------------------


def test_registry_facts() -> None:
    row = row_of(with_column(Unavailable(), "age", 1), "0")
    assert (row["crossover"], row["us_site"], row["trd_2plus"]) == (1, 1, 0)
    other = STUDY.model_copy(update={"design": "parallel", "country": "GB", "trd_threshold": 2.0})
    row = row_of(with_column(Unavailable(), "age", 1, study=other), "0")
    assert (row["crossover"], row["us_site"], row["trd_2plus"]) == (0, 0, 1)


def test_an_unknown_fact_stays_empty_and_is_asked_for_in_the_registry() -> None:
    data = with_column(Unavailable(), "age", 1, 2, study=Study(study="S1", country="US", design="parallel"))
    assert values(data, "trd_2plus") == [None, None]
    assert places(data) == [("registry_fact_unknown", Severity.QUESTION, None, "trd_threshold", "trd_2plus")]
    assert data.issues[0].where.study == "S1" and data.issues[0].where.file is None


def test_a_decision_goes_before_the_registry() -> None:
    data = with_column(Constant(value="0"), "us_site", 1, by="Ann")
    assert values(data, "us_site") == [0]


def test_origin_of_a_registry_fact() -> None:
    raw = table("id drug b d1 d7", ("1", "K", 30, 15, 10))
    found = origin(harmonized(raw), "S1", "1", "us_site", {"S1": raw})
    assert found is not None
    assert (found.file, found.row, found.column, found.raw) == ("study registry", None, "country", "US")


def test_implications_fill_and_override() -> None:
    rows = [("1", "K", 30, 15, 10, "MDD", None, None), ("2", "S", 30, 15, 10, "MDD", 1, 1),
            ("3", "S", 30, 15, 10, "MDD", None, 0), ("4", "S", 30, 15, 10, None, 1, None)]
    raw = table("id drug b d1 d7 dx bp mdd", *rows)
    data = harmonized(raw, mapping(variables={
        "diagnosis": Decision(rule=Direct(column="dx")), "bipolar": Decision(rule=Direct(column="bp")),
        "mdd": Decision(rule=Direct(column="mdd"))}))
    assert values(data, "mdd") == [1, 0, 0, 0]  # filled, overridden, left as it was, set
    assert [(c.patient, c.variable, c.row) for c in data.changes] == [("2", "mdd", 5)]
    assert [(i.code, i.where.row) for i in data.issues] == [("overridden", 5)]
    filled, kept = (origin(data, "S1", name, "mdd", {"S1": raw}) for name in "13")
    assert filled is not None and (filled.column, filled.raw) == ("dx", "MDD") and "implied by" in filled.rule
    assert kept is not None and kept.column == "mdd"


# --- conversion -----------------------------------------------------------------------------------

HRSD_HEADER = "id drug hb h1 h7"


def hrsd(*rows: tuple[Cell, ...], conversion: Any = "midpoint") -> StudyData:
    return harmonized(table(HRSD_HEADER, *rows), mapping(scores=HRSD_SCORES), conversion=conversion)


@pytest.mark.parametrize(("choice", "expected"), [("midpoint", [25, 15]), ("low", [24, 14]), ("high", [26, 16])])
def test_a_study_with_the_other_scale_only(choice: str, expected: list[float]) -> None:
    data = hrsd(("1", "K", 20, 10, None), ("2", "S", 20, 10, 9), conversion=choice)
    row = row_of(data, "1")
    assert [row["madrs_baseline"], row["madrs_rapid"]] == expected and np.isnan(row["madrs_post_rapid"])
    assert [row["hrsd17_baseline"], row["hrsd17_rapid"]] == [20, 10]
    assert row["score_origin"] == "converted" and row["rapid_hours"] == 24 and row["baseline_severity"] == expected[0]
    assert codes(data) == ["converted"] and len(data.changes) == 5


def test_without_conversion_there_is_no_score() -> None:
    data = hrsd(("1", "K", 20, 10, 9), ("2", "S", 20, 10, 9), conversion="none")
    assert data.patients["madrs_baseline"].isna().all()
    assert flow(data) == {"in file": 2, "no_baseline": 2, "analyzed": 0}
    assert row_of(data, "1")["hrsd17_rapid"] == 10 and row_of(data, "1")["score_origin"] == ""


@pytest.mark.parametrize(("score", "said"), [(41, "goes from 0 to 40"), (14.5, "only whole scores")])
def test_scores_that_cannot_be_converted(score: float, said: str) -> None:
    data = hrsd(("1", "K", 20, score, 10), ("2", "S", 20, 10, 10))
    row = row_of(data, "1")
    assert np.isnan(row["madrs_rapid"]) and row["hrsd17_rapid"] == score and row["madrs_post_rapid"] == 15
    issue = next(i for i in data.issues if i.code == "not_convertible")
    assert said in issue.text and (issue.where.row, issue.where.column, issue.where.patient) == (4, "h1", "1")


def test_fill_ins_are_flagged() -> None:
    data = hrsd(("1", "K", 20, 2, 1), ("2", "S", 20, 10, 10))
    assert row_of(data, "1")["madrs_rapid"] == 0
    note = next(i for i in data.issues if i.code == "conversion_fill_in")
    assert note.severity is Severity.NOTE and note.where.row == 4 and note.text.startswith("2 HRSD-17 scores")
    assert sum("filled in" in change.text for change in data.changes) == 2


BOTH = "id drug b d1 d7 hb h1 h7"


def both(*rows: tuple[Cell, ...], **changes: Any) -> StudyData:
    return harmonized(table(BOTH, *rows), mapping(scores=WIDE_SCORES + HRSD_SCORES), **changes)


def test_one_origin_a_patient_and_what_it_costs() -> None:
    data = both(("1", "K", 30, 15, 10, 20, 10, 9), ("2", "S", 30, None, None, 20, 10, 9),
                ("3", "S", 30, 15, None, None, None, 9), ("4", "K", None, 15, 10, 20, None, None))
    frame = data.patients
    assert frame["score_origin"].tolist() == ["native", "converted", "native", "native"]
    assert frame["madrs_baseline"].tolist()[:3] == [30, 25, 30] and np.isnan(frame["madrs_post_rapid"][2])
    assert frame["excluded"].tolist() == ["", "", "", "no_baseline"]
    told = {issue.code: issue.text for issue in data.issues}
    assert told["mixed_origin"].startswith("3 baseline-and-follow-up pairs of 2 patients are lost")
    assert told["native_unused"].startswith("1 native MADRS score of 1 patient is not used")


def test_origin_of_a_converted_score_is_the_original_scales_cell() -> None:
    raw = table(BOTH, ("1", "K", 30, None, None, 20, 10, 9), ("2", "S", 30, 15, 10, 20, 10, 9))
    data = harmonized(raw, mapping(scores=WIDE_SCORES + HRSD_SCORES))
    converted, native = (origin(data, "S1", name, "madrs_rapid", {"S1": raw}) for name in "12")
    assert converted is not None and (converted.column, converted.raw) == ("h1", "10")
    assert converted.rule.endswith("converted from HRSD-17 (midpoint)")
    assert native is not None and native.column == "d1" and "converted" not in native.rule


def test_a_missing_conversion_table_is_told() -> None:
    data = harmonize_study(table(HRSD_HEADER, ("1", "K", 20, 10, 9)), mapping(scores=HRSD_SCORES), STUDY, PROTOCOL, {})
    assert "no_conversion_table" in codes(data) and data.patients["madrs_baseline"].isna().all()


def test_a_protocol_with_one_generic_score() -> None:
    rules = protocol(conversions=[], scales=[{"key": "score", "label": "Score", "minimum": 0, "maximum": 100}],
                     primary_scale="score", variables=[], implications=[])
    scores = tuple(source.model_copy(update={"scale": "score"}) for source in WIDE_SCORES)
    data = harmonized(table("id drug b d1 d7", ("1", "K", 80, 15, 10), ("2", "S", 80, 60, 60)), mapping(scores=scores),
                      rulebook=rules)
    assert list(data.patients.columns) == [*rules.core_keys, "excluded", "score_origin"]
    assert data.patients["score_rapid"].tolist() == [15, 60]


# --- agreement ------------------------------------------------------------------------------------


def test_agreement_by_hand() -> None:
    row = agreement("S", "rapid", np.array([20.0, 22, np.nan, 30]), np.array([21.0, 25, 9, 30]))
    sd = np.std([1, 3, 0], ddof=1)
    assert (row.n, row.bias) == (3, pytest.approx(4 / 3)) and row.rmse == pytest.approx(np.sqrt(10 / 3))
    assert row.limit_low == pytest.approx(4 / 3 - 1.96 * sd) and row.limit_high == pytest.approx(4 / 3 + 1.96 * sd)
    assert agreement("S", "rapid", np.array([20.0]), np.array([21.0])).limit_low is None
    assert agreement("S", "rapid", np.array([np.nan]), np.array([21.0])).bias is None


def test_studies_compared_as_welch_does() -> None:
    study = np.repeat([0, 1, 2, 3, 4], 2)
    scores = np.array([20, 22, 24, np.nan, 30, 30, 28, 30, 35, 33], dtype=float)  # means 21, 24; 30, 29, 34
    row = compare_studies("baseline", scores, study, np.array([True, True, False, False, False]))
    assert row.study == COMPARISON and (row.n, row.bias, row.rmse) == (9, pytest.approx(-8.5), None)
    # R: t.test(c(21, 24), c(30, 29, 34))$conf.int
    assert (row.limit_low, row.limit_high) == (pytest.approx(-15.7648, abs=1e-4), pytest.approx(-1.2352, abs=1e-4))
    assert compare_studies("baseline", scores, study, np.array([True] * 5)).bias is None
    one = compare_studies("baseline", scores, study, np.array([True] + [False] * 4))
    assert one.bias is not None and one.limit_low is None
    flat = compare_studies("baseline", np.full(10, 20.0), study, np.array([True, True, False, False, False]))
    assert (flat.bias, flat.limit_low, flat.limit_high) == (0, 0, 0)


def test_agreement_of_a_pool() -> None:
    paired = both(*((f"{i}", "KS"[i % 2], 30 + i, 15, 10, 20, 10, None) for i in range(4)))
    other = harmonized(table(HRSD_HEADER, ("1", "K", 20, 10, 9), ("2", "S", 20, 10, 9)),
                       mapping(study="S2", scores=HRSD_SCORES), STUDY.model_copy(update={"study": "S2"}))
    pooled = pool_studies([paired, other], PROTOCOL)
    plan = protocol_plan(PROTOCOL)
    cohort = build_cohort(pooled.patients, plan)
    rows = pooled_agreement(cohort, PROTOCOL, TABLES, plan)
    assert [(row.study, row.timepoint, row.n) for row in rows] == [
        ("S1", "baseline", 4), ("S1", "rapid", 4),
        (COMPARISON, "baseline", 6), (COMPARISON, "rapid", 6), (COMPARISON, "post_rapid", 6),
        (COMPARISON_OF_EFFECTS, "rapid", 6), (COMPARISON_OF_EFFECTS, "post_rapid", 6)]
    assert rows[0].bias == pytest.approx(25 - 31.5) and rows[1].bias == 0
    assert rows[2].bias == pytest.approx(25 - 31.5) and rows[2].limit_low is None
    assert pooled_agreement(cohort, PROTOCOL, TABLES, plan.model_copy(update={"conversion": "none"})) == ()
