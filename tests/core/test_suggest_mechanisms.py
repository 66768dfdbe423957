"""What is understood by mechanisms that do not depend on single words, and where they must stop."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import Issue, Severity
from core.registry import Study
from core.suggest import suggest_mapping
from tests.core.suggest_tables import (
    GIVEN,
    IDS,
    KETAMINE,
    cycle,
    long_table,
    make_table,
    numbers,
    scored,
    suggest,
    wide,
)


def test_a_word_that_every_column_of_a_scale_bears_tells_nothing() -> None:
    found = wide(scored("MADRS Zorgpunt baseline", "MADRS Zorgpunt 24h", "MADRS Zorgpunt day 7"))
    assert [hours for _, hours in found.scores.values()] == [0, 24, 168]
    one = wide(scored("MADRS baseline", "MADRS Zorgpunt 24h", "MADRS day 7"))
    assert one.questions_about("MADRS Zorgpunt 24h") == ["structure_unsure"]
    selfrated = wide(scored("MADRS Selbst baseline", "MADRS Selbst 24h", "MADRS Selbst day 7"))
    assert selfrated.scores == {}


def test_bare_times_directly_behind_the_one_baseline_are_its_scale() -> None:
    columns = scored("MADRS d0", "d1", "d7")
    assert {name: hours for name, (_, hours) in wide(columns).scores.items()} == {"MADRS d0": 0, "d1": 24, "d7": 168}
    apart = {"MADRS d0": columns["MADRS d0"], "CADSS d0": numbers(0, 30), "d1": columns["d1"], "d7": columns["d7"]}
    assert set(wide(apart).scores) == {"MADRS d0"}
    came = {"MADRS d0": columns["MADRS d0"], "d1": cycle(1, 0, 1), "d7": cycle(1, 1, 0)}
    assert set(wide(came).scores) == {"MADRS d0"}


def test_the_day_of_infusion_is_no_riddle_beside_the_baseline() -> None:
    found = wide(scored("MADRS baseline (day of infusion)", "MADRS 24h", "MADRS day 7"))
    assert [hours for _, hours in found.scores.values()] == [0, 24, 168]


def test_a_bare_zero_among_timed_columns_is_the_baseline() -> None:
    assert wide(scored("madrs_0", "madrs_24h", "madrs_7d")).scores["madrs_0"] == ("madrs", 0)
    assert "madrs_0" not in wide(scored("madrs_0", "madrs_1", "madrs_2")).scores
    assert "madrs_0" not in wide(scored("madrs_0", "madrs_baseline", "madrs_24h")).scores


def test_one_letter_before_a_number() -> None:
    found = wide({**scored("MADRSBL", "MADRS24H", "MADRSD7"), "NFAILED": numbers(1, 5)})
    assert found.scores["MADRSD7"] == ("madrs", 168) and found.column_of("failed_trials") == "NFAILED"


@pytest.mark.parametrize(("text", "dose"), [
    ("KETAMINE .5 MG/KG", 0.5), ("Ketamine ,25 mg/kg", 0.25), ("ketamine 25 mg/kg", None), ("Ketamine 0.5mg/kg", 0.5)])
def test_doses_in_words(text: str, dose: float | None) -> None:
    found = suggest({"ID": IDS, "Group": cycle(text, "saline"), **scored("MADRS_BL", "MADRS_24h")})
    assert [source.values.get(text) for source in found.mapping.doses] == ([dose] if dose else [])
    assert ("dose_unknown" in found.questions) == (dose is None)


def test_legends_around_the_table() -> None:
    raw = make_table({"ID": IDS, "Arm": cycle("K", "M"), **scored("MADRS_BL", "MADRS_24h")})
    notes = "K = ketamine 0,5 mg/kg over 40 min; M = midazolam 0.045 mg/kg / Data exported 12/03/2016"
    mapping = suggest_mapping(replace(raw, notes=notes), Study(study="x"), KETAMINE)[0]
    assert mapping.treatments[0].values == {"K": "ketamine", "M": "midazolam"}
    assert mapping.doses[0].values == {"K": 0.5, "M": 0.045}


def test_several_names_of_the_control_are_one_arm() -> None:
    found = suggest({"ID": IDS, "Group": cycle("Ketamine 0.5 mg/kg", "Placebo (NaCl)"), **scored("MADRS_BL")})
    assert found.mapping.treatments[0].values["Placebo (NaCl)"] == "saline"
    both = suggest({"ID": IDS, "Group": cycle("Ketamine + midazolam", "Saline"), **scored("MADRS_BL")})
    assert "unknown_treatment" in both.questions


def test_ids_that_repeat_without_a_visit_put_nobodys_rows_together() -> None:
    found = suggest({"Batch": [1] * 6 + [2] * 6, "Subject": [*range(6), *range(6)], "Group": GIVEN,
                     **scored("MADRS_BL", "MADRS_24h")})
    assert found.mapping.shape.patient is None and "no_patient_column" in found.questions


def test_rows_without_a_known_id_do_not_become_patients() -> None:
    named = suggest({key if key != "Subject" else "Kürzel": cells for key, cells in long_table(
        ("Baseline", "24 h", "Day 7")).items()})
    assert named.mapping.shape.patient == "Kürzel"
    without = suggest({key: cells for key, cells in long_table(("Baseline", "24 h", "Day 7")).items() if key != "Subject"})
    assert without.mapping.shape.kind == "long" and "no_patient_column" in without.questions


@pytest.mark.parametrize(("name", "cells", "codes"), [
    ("Sexo", ("H", "M"), {"H": "0", "M": "1"}), ("sexe", ("H", "F"), {"H": "0", "F": "1"}),
    ("Kön", ("K", "M"), {"K": "1", "M": "0"}), ("Geslacht", ("V", "M"), {"V": "1", "M": "0"}),
    ("Sexo", ("V", "M"), {"V": "0", "M": "1"}), ("Sex", ("F", "M"), {"F": "1", "M": "0"})])
def test_codes_of_sex_are_read_together(name: str, cells: tuple[str, str], codes: dict[str, str]) -> None:
    assert wide({name: cycle(*cells)}).sure["female"].rule.model_dump()["codes"] == codes


@pytest.mark.parametrize(("text", "code"), [
    ("MDD, recurrent, severe", "mdd"), ("Bipolar II disorder, current episode depressed", "bipolar"),
    ("MDD recurrent w/o psychosis", "mdd"), ("no MDD", None), ("r/o bipolar disorder", None),
    ("MDD with PTSD", None), ("MDD vs bipolar", None)])
def test_longer_texts_that_name_one_diagnosis(text: str, code: str | None) -> None:
    decision = wide({"Diagnosis": cycle("MDD", "MDD", text)}).mapping.variables["principal_diagnosis"]
    assert decision.rule.model_dump()["codes"].get(text) == code


def test_boxes_to_check() -> None:
    boxes = {"Race (choice=Black or African American)": cycle("Checked", "Unchecked"),
             "Comorbid diagnosis (choice=Panic disorder)": cycle("Unchecked", "Checked", "Unchecked"),
             "Past medication (choice=Benzodiazepine)": cycle("Checked", "Unchecked")}
    found = wide(boxes)
    assert [found.column_of(key) for key in ("race_black", "panic", "benzodiazepine")] == [*list(boxes)[:2], None]


def test_a_number_that_means_missing_elsewhere_in_the_file() -> None:
    scores = {name: [99 if i == 3 else cell for i, cell in enumerate(cells)]
              for name, cells in scored("MADRS_BL", "MADRS_24h").items()}
    far = wide({**scores, "Age": [25 + 3 * i for i in range(11)] + [99]})
    assert far.sure["age"].rule.model_dump()["format"]["missing"] == ("99",)
    near = wide({**scores, "Diastolic BP": [70 + 3 * i for i in range(11)] + [99]})
    assert "diastolic_bp" not in near.sure and "diastolic_bp" in near.mapping.variables


def test_plus_and_minus_are_yes_and_no() -> None:
    assert wide({"OCD": cycle("+", "-")}).sure["ocd"].rule.model_dump()["codes"] == {"+": "1", "-": "0"}


def test_education_that_may_be_levels_is_asked() -> None:
    assert "education_years" not in wide({"Education": numbers(1, 6)}).sure
    assert wide({"Education (years)": numbers(8, 20)}).column_of("education_years") == "Education (years)"


def test_a_column_that_begins_like_a_scale_is_asked_about() -> None:
    found = wide(scored("MADRS_BL", "MADRS_24h", "MADRSxq7"))
    assert found.questions_about("MADRSxq7") == ["structure_unsure"] and "MADRSxq7" not in found.scores
    assert wide(scored("MADRS_BL", "MADRS_24h", "MADRSS7")).questions_about("MADRSS7") == []


def test_a_clinic_is_no_patient() -> None:
    table = long_table(("Baseline", "24 h", "Day 7"), patients=12)
    ids = table.pop("Subject")
    clinic = [f"Haus {int(str(one)[1:]) // 2}" for one in ids]
    found = suggest({"Klinik": clinic, "Ort": [f"{one}er Platz" for one in clinic], **table})
    assert found.mapping.shape.patient is None and "no_patient_column" in found.questions


@pytest.mark.parametrize("text", ["Ketamine <0.5 mg/kg", "Ketamine up to 0.5 mg/kg", "ketamine max. 0.5 mg/kg",
                                  "ketamine < 0.5", "Ketamine ≥ 0.5 mg/kg", "Ketamin bis 0,5 mg/kg"])
def test_a_limit_is_no_dose(text: str) -> None:
    found = suggest({"ID": IDS, "Group": cycle(text, "Saline"), **scored("MADRS baseline", "MADRS 24h")})
    assert found.mapping.treatments[0].values[text] == "ketamine" and "dose_unknown" in found.questions


@pytest.mark.parametrize("name", ["MADRS 24h after last infusion", "MADRS 24h post crossover", "MADRS 24 h post switch",
                                  "MADRS 24h after final dose"])
def test_a_time_after_another_event_is_asked(name: str) -> None:
    found = wide(scored("MADRS baseline", name))
    assert name not in found.scores and found.questions_about(name) == ["structure_unsure"]


@pytest.mark.parametrize("name", ["MADRS 24h after ketamine", "MADRS 24h post drug", "MADRS 24 uur na infusie",
                                  "MADRS 24h after the infusion", "MADRS 24 h nach Infusion"])
def test_a_time_after_the_treatment_is_not(name: str) -> None:
    assert wide(scored("MADRS baseline", name)).scores[name] == ("madrs", 24)


def test_nobody_counts_while_other_sheets_hold_the_other_patients() -> None:
    table = make_table({"ID": IDS, "Group": GIVEN, **scored("MADRS baseline", "MADRS 24h")})
    alike = Issue(Severity.ERROR, "sheets_alike", '"B" has the same columns.', remedy="Put them on one sheet.")
    mapping, issues = suggest_mapping(replace(table, issues=(alike,)), Study(study="x"), KETAMINE)
    assert mapping.shape.patient is None and not mapping.is_structure_sure
    asked = [issue for issue in issues if issue.severity is Severity.QUESTION]
    assert [(issue.code, issue.remedy) for issue in asked] == [("structure_unsure", "Put them on one sheet.")]


def test_an_id_is_sure_when_visits_agree_with_it() -> None:
    table = long_table(["Pre-treatment", "1 day", "1 week"], "Assessment")
    table = {"Trial number": table.pop("Subject"), **table}
    table["Age"] = [30 + 3 * (i // 3) for i in range(len(table["Drug"]))]
    found = suggest(table)
    assert found.mapping.shape.patient == "Trial number" and found.questions == set()
    assert "ids_by_rows" in {issue.code for issue in found.issues}
    twice = suggest({name: [*cells, *cells] for name, cells in table.items()})  # two patients a number and visit
    assert twice.mapping.shape.patient is None


def test_dates_as_visits_hold_back_only_the_scores() -> None:
    table = long_table(["2014-03-10", "2014-03-11", "2014-03-17"], "Seen on")
    table["Age"] = [30 + 3 * (i // 3) for i in range(len(table["Drug"]))]
    found = suggest(table)
    assert found.mapping.shape.patient == "Subject" and not found.mapping.is_structure_sure
    assert found.column_of("age") == "Age" and "no_visit_column" in found.questions
    assert [source.hours for source in found.mapping.scores] == [None]


def test_visits_are_known_by_what_they_say() -> None:
    found = suggest(long_table(["before infusion", "24 hours", "7 days"], "Zeta"))
    assert found.mapping.shape.visit is not None and found.questions == set()
    assert found.mapping.shape.visit.values == {"before infusion": 0, "24 hours": 24, "7 days": 168}
    assert suggest(long_table(["2 hours", "24 hours", "7 days"], "Zeta")).mapping.shape.visit is None


def test_hours_of_the_day_of_treatment() -> None:
    visits = ["Day 0 pre-dose", "Day 0 + 4 hrs", "Day 1", "Day 7"]
    shape = suggest(long_table(visits)).mapping.shape
    assert shape.visit is not None and list(shape.visit.values.values()) == [0, 4, 24, 168]
    shape = suggest(long_table([*visits, "Day 3 + 4 hrs"])).mapping.shape
    assert shape.visit is not None and "Day 3 + 4 hrs" not in shape.visit.values


def test_a_question_and_one_answer_with_yes_or_no() -> None:
    assert wide({"Marital status: married": cycle("Yes", "No")}).column_of("married") == "Marital status: married"
    assert wide({"Father: smoker": cycle("Yes", "No")}).column_of("smoker") is None


def test_a_baseline_in_no_known_language_is_known_by_its_place_and_values() -> None:
    scores = {"MADRS vzwolk": [30 + i % 6 for i in range(12)], "MADRS 24h": [10 + i % 9 for i in range(12)],
              "MADRS day 7": [12 + i % 9 for i in range(12)]}
    found = wide(scores)
    assert found.scores["MADRS vzwolk"] == ("madrs", 0) and "baseline_by_order" in {i.code for i in found.issues}
    for other in ({"MADRS vzwolk": scores["MADRS day 7"]}, {"MADRS vzwolk": [*scores["MADRS vzwolk"][:11], None]}):
        assert wide(scores | other).questions_about("MADRS vzwolk") == ["structure_unsure"]
    last = {name: scores[name] for name in ("MADRS 24h", "MADRS day 7", "MADRS vzwolk")}
    assert wide(last).questions_about("MADRS vzwolk") == ["structure_unsure"]
    assert wide({"MADRS phone" if n == "MADRS vzwolk" else n: c for n, c in scores.items()} | {
        "MADRS baseline": scores["MADRS vzwolk"]}).scores.get("MADRS phone") is None


def test_ids_that_repeat_across_sites_are_other_patients_and_told() -> None:
    table = {"Center": [1] * 9 + [2] * 3, "Subject": [*range(1, 10), 1, 2, 3], "Arm": GIVEN, "Age": numbers(20, 60),
             **scored("MADRS baseline", "MADRS 24h")}
    found = suggest(table)
    assert (found.mapping.shape.patient, found.mapping.shape.site) == ("Subject", "Center")
    assert any(issue.code == "ids_by_rows" and "Center" in issue.text for issue in found.issues)


@pytest.mark.parametrize("name", ["MADRS 24h post ECT", "MADRS 24h end of treatment", "MADRS 24h after saline"])
def test_a_time_after_what_not_all_had_first_is_asked(name: str) -> None:
    assert name not in wide(scored("MADRS baseline", name)).scores
