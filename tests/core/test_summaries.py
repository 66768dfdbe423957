"""Summaries of harmonized data against the textbook, over the primary set alone."""

from __future__ import annotations

import statistics

import pandas as pd
import pytest

from core.harmonized import HarmonizedData, StudyData
from core.plan import Moderator, Plan
from core.summaries import ALL, converted_studies, label_of, summarize, tier_in
from tests.core.harmonizing import PROTOCOL

AGES = {"A": [20.0, 30.0, None, 50.0, 99.0], "B": [40.0]}


def study(name: str) -> StudyData:
    ages = AGES[name]
    n = len(ages)
    frame = pd.DataFrame({
        "study": [name] * n, "patient": [str(i) for i in range(n)],
        "arm": pd.Series([float(i % 2) for i in range(n)]), "age": pd.Series(ages, dtype=float),
        "diagnosis": pd.Series(["mdd", "mdd", "ptsd", None, "mdd"][:n], dtype=object),
        "excluded": ["", "", "", "", "other_dose"][:n],
        "score_origin": ["native", "converted", "converted", "", "native"][:n]})
    return StudyData(name, frame, (), (), (), {})


@pytest.fixture
def data() -> HarmonizedData:
    parts = (study("A"), study("B"))
    return HarmonizedData(pd.concat([part.patients for part in parts], ignore_index=True), parts, (), "f")


def test_numbers_of_a_study(data: HarmonizedData) -> None:
    age = summarize(data).of("A", "age")
    assert age is not None
    assert (age.n, age.missing, age.minimum, age.maximum) == (3, 1, 20.0, 50.0)
    assert age.mean == pytest.approx(100 / 3)
    assert age.sd == pytest.approx(statistics.stdev([20, 30, 50]))
    assert age.share == 0.75


def test_all_studies_together_and_a_single_patient(data: HarmonizedData) -> None:
    found = summarize(data)
    whole, single = found.of(ALL, "age"), found.of("B", "age")
    assert whole is not None and single is not None
    assert (whole.n, whole.missing, whole.mean) == (4, 1, 35.0)
    assert (single.mean, single.sd) == (40.0, None)
    assert found.studies == ("A", "B")
    assert found.variables == ("arm", "age", "diagnosis")
    assert found.of("A", "no such") is None


def test_a_categorical_variable_has_levels_and_no_mean(data: HarmonizedData) -> None:
    diagnosis = summarize(data).of("A", "diagnosis")
    assert diagnosis is not None
    assert (diagnosis.n, diagnosis.missing, diagnosis.mean) == (3, 1, None)
    assert dict(diagnosis.levels) == {"mdd": 2, "ptsd": 1}


def test_converted_patients_are_counted_by_study(data: HarmonizedData) -> None:
    assert converted_studies(data) == {"A": 2}


def test_tiers_follow_share_and_plan() -> None:
    plan = Plan(schema=1, moderators=(Moderator(name="age"), Moderator(name="bipolar", tier="none")))
    assert [tier_in(plan, "age", share) for share in (1.0, 0.995, 0.6, 0.1)] == ["1", "1", "2", "none"]
    assert tier_in(plan, "bipolar", 1.0) == "none"
    assert tier_in(plan, "arm", 1.0) == ""


def test_columns_have_names_for_readers() -> None:
    names = [label_of(PROTOCOL, key) for key in ("madrs_baseline", "hrsd17_post_rapid", "post_rapid_days", "female",
                                                 "dose_mg_kg", "arm")]
    assert names == ["MADRS baseline", "HRSD-17 7 d", "7 d, days", "Sex", "Dose", "Arm"]
