"""Pooled tables nobody has prepared: places of faults, marks, columns of one name, exports read back, order of rows."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.analysis import Pooled, run_analysis
from core.cohort import build_cohort
from core.errors import UserError
from core.export import csv_of_frame
from core.plan import Plan
from core.pooled import pooled_from_export, pooled_from_file
from core.protocol_files import load_protocol
from core.results import Results
from core.sources import SourceFile
from core.tables import Value, result_tables

PLAN = Plan.model_validate({
    "schema": 1, "outcomes": [{"name": "o", "baseline": "b", "followup": "f", "response": 30}],
    "bootstrap": {"replicates": 20}})
KETAMINE = load_protocol("ketamine")


def patients(n: int = 60) -> pd.DataFrame:
    random = np.random.default_rng(5)
    arm = np.arange(n) % 2
    baseline = random.integers(25, 45, n).astype(float)
    return pd.DataFrame({"study": [f"S{i % 3}" for i in range(n)], "patient": [f"{i:03d}" for i in range(n)], "arm": arm,
                         "b": baseline, "f": (baseline * random.uniform(0.3, 1, n) - 3 * arm).round()})


def csv_source(frame: pd.DataFrame, **writing: object) -> SourceFile:
    return SourceFile("pool.csv", frame.to_csv(index=False, **writing).encode())  # type: ignore[call-overload]


def xlsx_source(frame: pd.DataFrame, first_row: int = 0) -> SourceFile:
    buffer = io.BytesIO()
    frame.to_excel(buffer, index=False, startrow=first_row, sheet_name="Data")
    return SourceFile("pool.xlsx", buffer.getvalue())


def analyzed(frame: pd.DataFrame) -> Results:
    pooled, plan = pooled_from_file(csv_source(frame), PLAN, KETAMINE)
    return run_analysis(pooled, plan)


def test_faults_stand_at_the_row_of_the_file() -> None:
    frame = patients().astype({"b": object})
    frame.loc[7, "b"] = "high"
    pooled, plan = pooled_from_file(xlsx_source(frame, first_row=3), PLAN, KETAMINE)
    with pytest.raises(UserError, match=r'pool.xlsx, sheet Data, row 12, column b: "high"'):
        build_cohort(pooled.frame, plan, pooled.place)


def test_issues_stand_at_the_row_of_the_file() -> None:
    frame = patients()
    frame.loc[7, "b"] = 0
    pooled, plan = pooled_from_file(xlsx_source(frame, first_row=3), PLAN, KETAMINE)
    (issue,) = build_cohort(pooled.frame, plan, pooled.place).issues
    assert (issue.where.file, issue.where.sheet, issue.where.row, issue.where.column) == ("pool.xlsx", "Data", 12, "b")


def test_a_name_that_stands_twice_is_refused_where_the_plan_names_it() -> None:
    frame = patients().assign(b2=1.0, other=1.0, more=2.0)
    twice = frame.rename(columns={"b2": "b"})
    with pytest.raises(UserError, match='row 1, column b: Two columns are called "b"'):
        pooled_from_file(csv_source(twice), PLAN, KETAMINE)
    pooled, _ = pooled_from_file(csv_source(frame.rename(columns={"more": "other"})), PLAN, KETAMINE)
    assert "duplicate_name" in [issue.code for issue in pooled.issues]


def test_numbers_with_two_readings_follow_the_marks_of_the_file() -> None:
    frame = patients().assign(b=lambda table: table.b + 0.125, score=0.5)
    pooled, _ = pooled_from_file(csv_source(frame), PLAN, KETAMINE)
    assert pooled.frame["b"].tolist() == frame["b"].tolist()
    comma, _ = pooled_from_file(csv_source(frame, sep=";", decimal=","), PLAN, KETAMINE)
    assert comma.frame["b"].tolist() == frame["b"].tolist()


def test_numbers_with_two_readings_are_refused_only_where_they_matter() -> None:
    frame = patients().astype({"b": int, "f": int}).assign(weight="1.286")
    assert pooled_from_file(csv_source(frame), PLAN, KETAMINE)[0].frame["weight"].iloc[0] == "1.286"
    with pytest.raises(UserError, match=r"column weight.*two ways"):
        pooled_from_file(csv_source(frame), PLAN.model_copy(update={"moderators": Plan.model_validate(
            {"schema": 1, "moderators": [{"name": "weight"}]}).moderators}), KETAMINE)


QUIRKS = {"id": ["007", "NA"], "when": ["2020-01-02"], "code": ["1e5"], "dose": ["12 mg"], "share": ["5%"], "note": [" Total "],
          "weight": ["27.125"], "label": ["a,\"b\"\nc"], "big": ["123456789012345678901"], "name": ["Zürich", "北京"]}


def test_an_export_is_read_back_as_it_was(tmp_path: Path) -> None:
    frame = patients().assign(**{name: (values * 60)[:60] for name, values in QUIRKS.items()})
    pooled, plan = pooled_from_file(csv_source(frame), PLAN, KETAMINE)
    (tmp_path / "harmonized.csv").write_text(csv_of_frame(pooled.frame), encoding="utf-8")
    back = pooled_from_export(tmp_path, plan).frame
    assert list(back.columns) == list(pooled.frame.columns)
    for name in back.columns:
        texts = [("" if value != value or value is None else str(value)) for value in back[name]]
        assert texts == ["" if value != value or value is None else str(value) for value in pooled.frame[name]], name


def by_key(results: Results) -> dict[tuple[object, ...], dict[str, Value]]:
    keys = ("outcome", "measure", "scale", "model", "study", "stage", "reason", "variant")
    return {(table.name, *(record.get(key) for key in keys)): record
            for table in result_tables(results) for record in table.records()}


@pytest.mark.parametrize("columns", [["study", "patient", "arm", "b", "f"], ["study", "arm", "b", "f"]])
def test_the_order_of_rows_and_studies_changes_no_number(columns: list[str]) -> None:
    frame = patients()[columns]
    one, other = by_key(analyzed(frame)), by_key(analyzed(frame.sample(frac=1, random_state=2)))
    assert one.keys() == other.keys()
    for key, record in one.items():
        for name, value in record.items():
            same = pytest.approx(value, rel=1e-9, abs=1e-12) if isinstance(value, float) else value
            assert other[key][name] == same, (key, name)


def test_a_moderator_without_a_column_is_told() -> None:
    plan = Plan.model_validate({**PLAN.model_dump(by_alias=True), "moderators": [{"name": "height"}]})
    results = run_analysis(Pooled(patients(), "pool"), plan)
    assert [issue.where.variable for issue in results.issues if issue.code == "moderator_missing"] == ["height"]
    assert results.availability[0].share == 0


def test_a_study_called_pooled_is_not_taken_for_the_pool() -> None:
    frame = patients().replace({"study": {"S1": "pooled"}})
    table = next(table for table in result_tables(analyzed(frame)) if table.name == "two_stage")
    names = [record["study"] for record in table.records()]
    assert names.count("pooled") == names.count("pooled (study)") == 2


def scored(conversion: str) -> tuple[Pooled, Plan]:
    frame = patients(6).rename(columns={"b": "madrs_baseline", "f": "madrs_rapid"}).assign(
        hrsd17_baseline=[20.0] * 6, hrsd17_rapid=[10.0] * 6, score_origin=["converted", "native"] * 3)
    plan = Plan.model_validate({"schema": 1, "conversion": conversion, "outcomes": [
        {"name": "rapid", "baseline": "madrs_baseline", "followup": "madrs_rapid"}]})
    return pooled_from_file(csv_source(frame), plan, KETAMINE)


def test_the_plans_conversion_holds_for_pooled_tables() -> None:
    low, high, none = (scored(choice)[0] for choice in ("low", "high", "none"))
    converted = low.frame["score_origin"] == "converted"
    assert (low.frame["madrs_rapid"][converted] <= high.frame["madrs_rapid"][converted]).all()
    assert none.frame["madrs_baseline"][converted].isna().all()
    assert none.frame["madrs_baseline"][~converted].notna().all()
    assert "converted_anew" in [issue.code for issue in low.issues]


def test_a_conversion_that_cannot_be_applied_is_told() -> None:
    plan = PLAN.model_copy(update={"conversion": "low"})
    pooled, _ = pooled_from_file(csv_source(patients()), plan, KETAMINE)
    assert "conversion_not_applied" in [issue.code for issue in pooled.issues]


def test_a_constant_outcome_is_told_as_one_on_every_scale() -> None:
    frame = patients().assign(f=lambda table: table.b / 2)
    effects = [effect for effect in analyzed(frame).main_effects if effect.measure == "percent_improvement"]
    assert len(effects) == 4
    assert all(effect.estimate is None and "the same for every patient" in effect.note for effect in effects)
