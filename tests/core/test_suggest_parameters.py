"""Rows that name what was measured, and columns with a baseline beside rows of later visits."""

from __future__ import annotations

import pytest

from core.mapping import ScoreSource, Shape, VisitSource
from core.sources import Cell
from tests.core.harmonizing import codes, harmonized, mapping, row_of, table
from tests.core.suggest_tables import Suggested, suggest


def rows_of(*parameters: str, param: str = "PARAMCD", value: str = "AVAL", **more: list[Cell]) -> Suggested:
    rows = [(i, visit, name) for i in range(6) for visit in ("Baseline", "Day 1", "Day 7") for name in parameters]
    columns: dict[str, list[Cell]] = {
        "USUBJID": [f"A{i}" for i, _, _ in rows], "TRT01P": [("Ketamine 0.5 mg/kg", "Saline")[i % 2] for i, _, _ in rows],
        "AVISIT": [visit for _, visit, _ in rows], param: [name for _, _, name in rows],
        value: [10 + (7 * k) % 26 for k in range(len(rows))]}
    return suggest(columns | more)


@pytest.mark.parametrize(("param", "value"), [("PARAMCD", "AVAL"), ("Test", "Result"), ("Scale", "Total score")])
def test_the_rows_of_one_scale(param: str, value: str) -> None:
    found = rows_of("MADRSTOT", "YMRSTOT", param=param, value=value)
    assert [(s.column, s.scale, s.where_column, s.where_text) for s in found.mapping.scores] == [
        (value, "madrs", param, "MADRSTOT")]


@pytest.mark.parametrize("parameters", [("MADRS item 1", "YMRS"), ("HAMD-24", "YMRS"), ("MADRS change", "YMRS"),
                                        ("BDI", "YMRS")])
def test_other_parameters_are_not_taken(parameters: tuple[str, ...]) -> None:
    found = rows_of(*parameters)
    assert found.mapping.scores == () and "no_score_column" in found.questions


def test_two_parameters_that_may_be_the_score_are_asked() -> None:
    found = rows_of("MADRS total", "MADRS score")
    assert found.mapping.scores == () and "structure_unsure" in found.questions


def test_two_columns_of_values_are_asked() -> None:
    found = rows_of("MADRS", "YMRS", RESULT=[11 + k % 9 for k in range(36)])
    assert found.mapping.scores == ()


def test_the_same_values_twice_are_one_column() -> None:
    found = rows_of("MADRS Total Score", "MADRS Item 1", param="QSTEST", value="QSSTRESN",
                    QSORRES=[str(10 + (7 * k) % 26) for k in range(36)])
    assert [(s.column, s.where_text) for s in found.mapping.scores] == [("QSSTRESN", "MADRS Total Score")]


VISITS = VisitSource(column="visit", values={"b": 0.0, "d1": 24.0})


def test_only_rows_of_the_parameter_count() -> None:
    source = ScoreSource(column="value", scale="madrs", where_column="what", where_text="M")
    raw = table("id drug visit what value", ("1", "K", "b", "M", 30), ("1", "K", "b", "Y", 99), ("1", "K", "d1", "M", 12),
                ("1", "K", "d1", "Y", 20))
    data = harmonized(raw, mapping(shape=Shape(kind="long", patient="id", visit=VISITS), scores=(source,)))
    row = row_of(data, "1")
    assert (row["madrs_baseline"], row["madrs_rapid"]) == (30, 12)
    assert not {"score_off_scale", "conflicting_scores"} & set(codes(data))


def later(*visits: str, **more: list[Cell]) -> Suggested:
    rows = [(i, visit) for i in range(6) for visit in visits]
    columns: dict[str, list[Cell]] = {
        "Subject": [f"A{i}" for i, _ in rows], "Drug": [("Ketamine 0.5 mg/kg", "Saline")[i % 2] for i, _ in rows],
        "Visit": [visit for _, visit in rows], "MADRS": [10 + (7 * k) % 26 for k in range(len(rows))]}
    return suggest(columns | {name: [cells[i] for i, _ in rows] for name, cells in more.items()})


BASELINES: list[Cell] = [30, 31, 32, 33, 34, 35]


def test_a_column_of_baselines_beside_later_visits() -> None:
    found = later("24 h", "Day 7", **{"Baseline MADRS": BASELINES})
    assert found.scores == {"MADRS": ("madrs", None), "Baseline MADRS": ("madrs", 0)}


@pytest.mark.parametrize("columns", [{"Screening MADRS": BASELINES},
                                     {"Baseline MADRS": BASELINES, "MADRS pre-dose": BASELINES[::-1]}])
def test_baselines_that_are_not_plain_are_left(columns: dict[str, list[Cell]]) -> None:
    assert set(later("24 h", "Day 7", **columns).scores) == {"MADRS"}


def test_a_baseline_among_the_visits_goes_before_a_column() -> None:
    assert set(later("Baseline", "24 h", **{"Baseline MADRS": BASELINES}).scores) == {"MADRS"}
