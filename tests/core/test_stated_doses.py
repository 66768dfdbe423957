"""A study that says no dose of its active treatment at all, and everything that only seems to say none."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import Severity
from core.harmonize import harmonize_study
from core.harmonized import StudyData
from core.mapping import StudyMapping, TreatmentSource
from core.protocol import Protocol
from core.protocol_files import load_conversion_tables
from core.registry import Study
from tests.core.suggest_tables import IDS, KETAMINE, cycle, make_table, scored, suggest

SCORES = scored("MADRS_baseline", "MADRS_24h", "MADRS_day7")
ASKING = KETAMINE.model_copy(update={"active": KETAMINE.active.model_copy(update={"dose_unstated": "ask"})})


def harmonized(given: list[Any], protocol: Protocol = KETAMINE, mapping: StudyMapping | None = None,
               notes: str = "", title: str = "", **more: list[Any]) -> tuple[StudyData, set[str]]:
    columns = {"ID": IDS, "Drug": given, **more, **SCORES}
    study, table = Study(study="x", notes=notes), make_table(columns, title)
    found = suggest(columns, study, protocol, title)
    data = harmonize_study(table, mapping or found.mapping, study, protocol, load_conversion_tables(protocol, None))
    return data, found.questions


def test_a_study_that_says_only_the_drug_is_taken_with_one_warning() -> None:
    data, questions = harmonized(cycle("Ketamine", "Saline"))
    assert set(data.patients["arm"]) == {0.0, 1.0} and (data.patients["excluded"] == "").all()
    assert data.patients["dose_mg_kg"].isna().all() and "dose_unknown" not in questions
    told = [issue for issue in data.issues if issue.code.startswith("dose")]
    assert [(issue.severity, issue.code) for issue in told] == [(Severity.WARNING, "dose_unstated")]
    assert told[0].text == ("Study x states no ketamine dose; its patients are taken to have had 0.5 mg/kg or more.")


def test_a_protocol_that_asks_still_asks() -> None:
    data, questions = harmonized(cycle("Ketamine", "Saline"), ASKING)
    assert "dose_unknown" in questions and set(data.patients["excluded"]) == {"", "other"}


@pytest.mark.parametrize("more", [
    {"given": cycle("Ketamine 0.5 mg/kg", "Ketamine", "Saline")},
    {"given": cycle("KET 1", "KET 2", "Saline")},
    {"given": cycle("Ketamine", "Saline"), "Dose": cycle(1, None)},
    {"given": cycle("Ketamine", "Saline"), "Ketamine_mg": cycle(7, None)},
    {"given": cycle("Ketamine", "Saline"), "notes": "Two doses of ketamine: 0.1 mg/kg and 0.5 mg/kg."},
    {"given": cycle("Ketamine", "Saline"), "title": "Ketamine 0.1 or 0.2 mg/kg or 0.5 mg/kg"},
])
def test_any_statement_or_hint_of_a_dose_is_asked_about(more: dict[str, Any]) -> None:
    data, questions = harmonized(**more)
    assert "dose_unknown" in questions and "other" in set(data.patients["excluded"])


def test_codes_that_a_person_called_one_treatment_may_be_doses() -> None:
    source = TreatmentSource(column="Drug", values={"1": "ketamine", "2": "ketamine", "3": "saline"})
    given = cycle("1", "2", "3")
    found = suggest({"ID": IDS, "Drug": given, **SCORES}).mapping
    data, _ = harmonized(given, mapping=found.model_copy(update={"treatments": (source,)}))
    assert set(data.patients["excluded"]) == {"", "other"}


def test_times_after_the_dose_and_doses_of_the_control_are_no_statement() -> None:
    data, questions = harmonized(cycle("Ketamine", "Midazolam 0.045 mg/kg"), BP_1h_post_dose=cycle(120, 131))
    assert "dose_unknown" not in questions and (data.patients["excluded"] == "").all()
    assert set(data.patients["dose_mg_kg"].dropna()) <= {0.045}
