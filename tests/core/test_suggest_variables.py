"""Suggested moderators: sure where name and values agree, a question where they do not, nothing for other columns."""

from __future__ import annotations

import pytest

from core.mapping import Direct, Recode
from core.sources import Cell
from tests.core.suggest_tables import KETAMINE, cycle, long_table, numbers, scored, suggest, wide

YES_NO = ("yes", "no")


def codes(found: object) -> dict[str, str | None]:
    assert isinstance(found, Recode)
    return found.codes


@pytest.mark.parametrize(
    ("name", "cells", "expected"),
    [
        ("sex", ("F", "M"), {"F": "1", "M": "0"}),
        ("Gender", ("female", "Male"), {"female": "1", "Male": "0"}),
        ("Geschlecht", ("w", "m"), {"w": "1", "m": "0"}),
        ("female", (1, 0), {"1": "1", "0": "0"}),
        ("Male", (1, 0), {"1": "0", "0": "1"}),
        ("sex (1=m, 2=f)", (1, 2), {"1": "0", "2": "1"}),
        ("Gender: 0 = female 1 = male", (0, 1), {"0": "1", "1": "0"}),
        ("SEX_MALE", ("yes", "no"), {"yes": "0", "no": "1"}),
    ],
)
def test_sex_however_it_is_written(name: str, cells: tuple[Cell, ...], expected: dict[str, str]) -> None:
    assert codes(wide({name: cycle(*cells)}).sure["female"].rule) == expected


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("sex", (1, 2)),
        ("gender", (0, 1)),
        ("sex", ("V", "M")),
        ("sex", ("F", "Xyz")),
        ("female", (1, 2)),
        ("sex partner", ("f", "m")),
    ],
)
def test_sex_that_is_not_plain_is_asked(name: str, cells: tuple[Cell, ...]) -> None:
    found = wide({name: cycle(*cells)})
    assert "female" not in found.sure
    assert found.questions_about(name) == ["variable_unsure"]


def test_value_labels_say_what_codes_mean() -> None:
    found = wide({"sex": cycle(1, 2)}, value_labels={"sex": {"1": "Male", "2": "Female"}})
    assert codes(found.sure["female"].rule) == {"1": "0", "2": "1"}


@pytest.mark.parametrize(
    ("name", "variable", "cells", "expected"),
    [
        ("any_anxiety", "any_anxiety", ("yes", "No"), ("1", "0")),
        ("PTSD dx", "ptsd", (1, 0), ("1", "0")),
        ("GAD (J/N)", "gad", ("J", "N"), ("1", "0")),
        ("social phobia", "social_anxiety", ("present", "absent"), ("1", "0")),
        ("Inpatient", "inpatient", ("TRUE", "FALSE"), ("1", "0")),
        ("outpatient", "inpatient", (1, 0), ("0", "1")),
        ("Setting", "inpatient", ("IP", "OP"), ("1", "0")),
        ("OCD (0=no, 1=yes)", "ocd", (0, 1), ("0", "1")),
        ("INPATIENT (1=yes, 2=no)", "inpatient", (1, 2), ("1", "0")),
        ("marital status", "married", ("Married", "Widowed"), ("1", "0")),
        ("smoking_status", "smoker", ("current", "former"), ("1", "0")),
        ("Employment status", "employed", ("FT", "retired"), ("1", "0")),
        ("Substance use disorder, lifetime", "sud_lifetime", ("Y", "N"), ("1", "0")),
        ("FHx EtOH", "family_history_alcohol", (1, 0), ("1", "0")),
        ("Race", "race_black", ("White", "African American"), ("0", "1")),
        ("Ethnicity", "hispanic", ("Hispanic", "Not Hispanic"), ("1", "0")),
        ("Medication free", "any_medication", ("yes", "no"), ("0", "1")),
        ("suicide attempt hx", "suicide_attempt", ("+", "neg"), ("1", "0")),
        ("Agorophobia", "agoraphobia", YES_NO, ("1", "0")),
        ("panicDisorder", "panic", YES_NO, ("1", "0")),
        ("chronicpain", "chronic_pain", YES_NO, ("1", "0")),
        ("Fumeur (oui/non)", "smoker", ("oui", "non"), ("1", "0")),
    ],
)
def test_yes_and_no(name: str, variable: str, cells: tuple[Cell, ...], expected: tuple[str, ...]) -> None:
    found = wide({name: cycle(*cells)})
    assert list(codes(found.sure[variable].rule).values()) == list(expected)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("Panic disorder", (1, 2)),
        ("Agoraphobia", ("x", None)),
        ("lifetime MDD", (0, 1)),
        ("family history of PTSD", (0, 1)),
        ("SUD", (0, 1)),
        ("suicide attempts", (0, 1, 3)),
        ("smoker", (0, 1, 2)),
        ("prior ECT", (0, 1)),
        ("no benzodiazepine", (0, 1)),
        ("race", (1, 2, 3)),
        ("PTSD at follow up", (0, 1)),
        ("benzodiazepine dose", (0, 1)),
        ("Diagnosis", (1, 2, 3)),
        ("MADRS/PTSD", (0, 1)),
    ],
)
def test_what_may_mean_something_else_is_never_sure(name: str, cells: tuple[Cell, ...]) -> None:
    assert wide({name: cycle(*cells)}).sure == {}


def test_codes_for_missing_are_missing_and_other_texts_are_asked() -> None:
    found = wide({"GAD": cycle("yes", "no", "n/a", "past"), "PTSD": cycle(0, 1, 9), "smoker": cycle(1, 0, "#NULL!")})
    assert codes(found.sure["gad"].rule) == {"yes": "1", "no": "0", "n/a": None}
    assert found.questions_about("GAD") == ["unknown_code"]
    assert codes(found.sure["ptsd"].rule) == {"0": "0", "1": "1", "9": None}
    assert codes(found.sure["smoker"].rule) == {"1": "1", "0": "0", "#NULL!": None}


def test_diagnoses() -> None:
    found = wide({"Primary diagnosis": cycle("MDD", "Bipolar II disorder", "PTSD", "GAD", "Schizophrenia")})
    assert codes(found.sure["principal_diagnosis"].rule) == {
        "MDD": "mdd",
        "Bipolar II disorder": "bipolar",
        "PTSD": "ptsd",
        "GAD": "other",
    }
    assert found.questions_about("Primary diagnosis") == ["unknown_code"]


# -- numbers


@pytest.mark.parametrize(
    ("name", "variable", "low", "high"),
    [
        ("Age", "age", 19, 64),
        ("AGE_YRS", "age", 19, 64),
        ("Alter", "age", 19, 64),
        ("Leeftijd (jaar)", "age", 19, 64),
        ("BMI (kg/m²)", "bmi", 19, 44),
        ("SBP_BL", "systolic_bp", 100, 160),
        ("Systolic BP (mmHg)", "systolic_bp", 100, 160),
        ("Number of depressive episodes", "n_episodes", 1, 12),
        ("# failed antidepressants", "failed_trials", 0, 8),
        ("AgeOnset", "age_at_onset", 9, 40),
        ("Age at first MDE", "age_at_onset", 9, 40),
        ("nMeds", "n_medications", 0, 6),
        ("EducYrs", "education_years", 8, 20),
        ("Years of education", "education_years", 8, 20),
    ],
)
def test_numbers(name: str, variable: str, low: int, high: int) -> None:
    found = wide({name: numbers(low, high)})
    assert found.column_of(variable) == name and list(found.sure) == [variable]
    rule = found.sure[variable].rule
    assert isinstance(rule, Direct) and rule.factor == 1


@pytest.mark.parametrize(
    ("name", "low", "high", "factor"),
    [
        ("Length of current episode (weeks)", 4, 200, 12 / 365.25 * 7),
        ("episode_months", 1, 90, 1.0),
        ("Current episode duration (yrs)", 1, 9, 12.0),
        ("MDE duration days", 20, 400, 12 / 365.25),
    ],
)
def test_units(name: str, low: int, high: int, factor: float) -> None:
    rule = wide({name: numbers(low, high)}).sure["episode_months"].rule
    assert isinstance(rule, Direct) and rule.factor == pytest.approx(factor, rel=1e-8)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("Episode duration", (4, 30, 60)),  # weeks or months
        ("Age of mother", (40, 55)),
        ("Age", (1, 2)),
        ("Age group", (20, 30, 40)),
        ("failed trials", (0, 1)),
        ("BMI", ("1,286", "2,345")),
        ("SBP 40 min", (120, 130)),
        ("SBP change", (1, 5)),
        ("weight_lb", (120, 200)),
        ("n failed trials", ("3", ">5", "many", "2")),
        ("SBP", (1, 5, 9)),
        ("BMI category", (1, 2, 3)),
        ("Age", (250, 300)),
    ],
)
def test_numbers_that_may_mean_something_else_are_never_sure(name: str, cells: tuple[Cell, ...]) -> None:
    assert wide({name: cycle(*cells)}).sure == {}


def test_decimal_commas_and_missing_codes() -> None:
    rule = wide({"BMI": cycle("23,4", "31,25", "999", "n.d.")}).sure["bmi"].rule
    assert isinstance(rule, Direct)
    assert rule.format.decimal == "," and set(rule.format.missing) == {"999", "n.d."}


def test_age_and_age_at_onset_are_told_apart() -> None:
    found = wide(
        {"Age at onset": numbers(12, 30), "Age": numbers(30, 60), "Age at consent of proxy": numbers(30, 60)}
    )
    assert (found.column_of("age"), found.column_of("age_at_onset")) == ("Age", "Age at onset")


def test_the_baseline_beside_the_screening_and_later_readings() -> None:
    found = wide(
        {"SBP_screening": numbers(100, 140), "SBP_baseline": numbers(101, 150), "SBP_40min": numbers(110, 160)}
    )
    assert found.column_of("systolic_bp") == "SBP_baseline"


def test_two_columns_that_fit_are_asked() -> None:
    found = wide({"SBP": numbers(100, 140), "Systolic BP": numbers(101, 150)})
    assert "systolic_bp" not in found.sure and "variable_unsure" in found.questions


def test_two_columns_that_agree_are_no_question() -> None:
    found = wide(
        {"inpatient": cycle(1, 0), "outpatient": cycle(0, 1), "Age": numbers(20, 60), "age_years": numbers(20, 60)}
    )
    assert set(found.sure) == {"inpatient", "age"} and not found.questions_about("outpatient")


def test_one_race_column_answers_two_variables() -> None:
    found = wide({"Race": cycle("White", "Black", "Asian")})
    assert codes(found.sure["race_black"].rule) == {"White": "0", "Black": "1", "Asian": "0"}
    assert codes(found.sure["race_white"].rule) == {"White": "1", "Black": "0", "Asian": "0"}


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("Comments", ("depressed since age 20", "inpatient")),
        ("DOB", ("1970-01-02", "1980-03-04")),
        ("Site", ("NY", "TX")),
        ("Rater", ("A", "B")),
        ("Weight (kg)", (70, 81)),
        ("QIDS baseline", (12, 15)),
        ("Notes", ("ok", None)),
        ("QIDS_BL", (10, 20)),
        ("Heart rate", (60, 80)),
        ("Completed", (1, 0)),
    ],
)
def test_other_columns_are_left_alone(name: str, cells: tuple[Cell, ...]) -> None:
    found = wide({name: cycle(*cells), **scored("MADRS_BL")})
    assert found.mapping.variables == {} and set(found.scores) == {"MADRS_BL"}


def test_what_the_registry_or_a_score_says_needs_no_column() -> None:
    found = wide({"country": cycle("US", "UK"), "design": cycle("crossover"), **scored("MADRS_BL")})
    assert not {"us_site", "crossover", "baseline_severity"} & set(found.mapping.variables)


def test_a_reason_names_the_column_s_values() -> None:
    reason = wide({"Age": cycle(34, 999, 51, None)}).sure["age"].reason
    assert reason == "name resembles Age, values 34 to 51, 6 blanks"


def test_patient_columns_of_a_long_file() -> None:
    found = suggest(long_table(("Baseline", "24 h"), Age=40, Sex="F", Inpatient="no"))
    assert set(found.sure) == {"age", "female", "inpatient"}


def test_every_own_name_and_label_is_found() -> None:
    for variable in KETAMINE.variables:
        if variable.registry or variable.same_as or variable.kind == "categorical":
            continue
        low, high = int(variable.minimum or 0), int(variable.maximum or 0)
        middle = (low + high) // 3 + 1
        cells = numbers(max(low, 2), middle) if variable.kind == "continuous" else cycle("yes", "no")
        for name in (variable.key, variable.key.upper()):
            assert wide({name: cells}).column_of(variable.key) == name


def test_texts_that_begin_with_their_code() -> None:
    found = wide({"gender": cycle("1_female", "2_male"), "smoker": cycle("1=yes", "0=no")})
    assert codes(found.sure["female"].rule) == {"1_female": "1", "2_male": "0"}
    assert codes(found.sure["smoker"].rule) == {"1=yes": "1", "0=no": "0"}


def test_a_header_that_repeats_its_own_texts() -> None:
    found = wide({"Gender (M/F)": cycle("M", "F"), "No PTSD (yes/no)": cycle("yes", "no")})
    assert set(found.sure) == {"female"}


@pytest.mark.parametrize(
    ("name", "variable"),
    [("SUD", "sud_lifetime"), ("Anxiety", "any_anxiety"), ("ECT", "failed_ect"), ("pain", "chronic_pain")],
)
def test_a_name_that_may_mean_it_is_suggested_and_asked(name: str, variable: str) -> None:
    found = wide({name: cycle(0, 1)})
    assert found.sure == {} and codes(found.mapping.variables[variable].rule) == {"0": "0", "1": "1"}
    assert found.questions_about(name) == ["variable_unsure"]
