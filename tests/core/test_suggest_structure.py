"""Suggested layout, treatments, doses and scores: right where the file is plain, a question where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Severity
from core.protocol_files import load_protocol
from core.registry import Study
from tests.core.suggest_tables import GIVEN, IDS, cycle, long_table, numbers, scored, suggest, wide

TINY = load_protocol(Path(__file__).parent.parent / "data" / "protocols" / "psychotherapy.json")


@pytest.mark.parametrize(
    ("name", "scale", "hours"),
    [
        ("MADRS_BL", "madrs", 0),
        ("madrs24h", "madrs", 24),
        ("MADRS D7", "madrs", 168),
        ("Wk1 MADRS", "madrs", 168),
        ("madrs_t240min", "madrs", 4),
        ("MADRSbl", "madrs", 0),
        ("MadrsBaseline", "madrs", 0),
        ("MADRS.7days", "madrs", 168),
        ("MADRS pre-infusion", "madrs", 0),
        ("MADRS total, day 7", "madrs", 168),
        ("madrs_day_3", "madrs", 72),
        ("24 h post infusion MADRS", "madrs", 24),
        ("Montgomery-Åsberg 24 h", "madrs", 24),
        ("madrs_baseline", "madrs", 0),
        ("madrs_rapid", "madrs", 24),
        ("madrs_post_rapid", "madrs", 168),
        ("MADRS_screening", "madrs", -168),
        ("MADRS V1 baseline", "madrs", 0),
        ("MADRS 60 min pre-dose", "madrs", -1),
        ("MADRS_2Wochen", "madrs", 336),
        ("HAMD17_240MIN", "hrsd17", 4),
        ("HAM-D17 day 7", "hrsd17", 168),
        ("HDRS-17 Day 7", "hrsd17", 168),
        ("Hamilton 17 24h", "hrsd17", 24),
        ("HRSD_17_BL", "hrsd17", 0),
        ("hamd_1_day", "hrsd17", 24),
        ("HAMD24h", "hrsd17", 24),
    ],
)
def test_scores_with_their_times(name: str, scale: str, hours: float) -> None:
    assert wide(scored(name)).scores == {name: (scale, pytest.approx(hours))}


@pytest.mark.parametrize(
    "name",
    [
        "MADRS item 1",
        "MADRS_24h_change",
        "delta MADRS 24h",
        "MADRS % improvement 24h",
        "MADRS response 24h",
        "madrs_remitter_d7",
        "MADRS-S BL",
        "HAMD21_BL",
        "HAMD-24 24h",
        "HDRS 28 baseline",
        "HAMA item 3 BL",
        "QIDS_24h",
        "BDI-II baseline",
        "placebo response",
        "MADRS rater 24h",
        "MADRS_24h_LOCF",
        "Date of MADRS 24h",
        "PHQ9 BL",
        "CGI-S baseline",
        "YMRS_24h",
        "BPRS 24h",
        "MADRS6_24h",
    ],
)
def test_what_is_no_total_score_is_not_taken(name: str) -> None:
    assert wide({**scored(name), **scored("MADRS_BL")}).scores == {"MADRS_BL": ("madrs", 0.0)}


@pytest.mark.parametrize(
    "name", ["MADRS_T1", "MADRS visit 3", "MADRS post", "MADRS_FU", "MADRS 24", "MADRS_ketamine_24h"]
)
def test_a_time_that_is_not_said_is_asked(name: str) -> None:
    found = wide(scored("MADRS_BL", name))
    assert found.scores == {"MADRS_BL": ("madrs", 0.0)}
    assert found.questions_about(name) == ["structure_unsure"]
    assert not found.mapping.is_structure_sure


def test_items_numbered_beside_a_total_are_no_scores() -> None:
    items = {f"MADRS_{i}": numbers(0, 6) for i in range(1, 11)}
    assert wide({**items, **scored("MADRS_BL_total", "MADRS_24h_total")}).scores == {
        "MADRS_BL_total": ("madrs", 0.0),
        "MADRS_24h_total": ("madrs", 24.0),
    }


def test_two_columns_for_one_time_are_asked_and_neither_taken() -> None:
    found = wide(scored("MADRS_BL", "MADRS_24h", "MADRS day 1"))
    assert set(found.scores) == {"MADRS_BL"}
    assert found.questions_about("MADRS_24h") and found.questions_about("MADRS day 1")


def test_the_same_column_twice_is_no_question() -> None:
    column = numbers(10, 40)
    found = wide({"MADRS_BL": numbers(20, 40), "MADRS_24h": column, "MADRS day 1": column})
    assert set(found.scores) == {"MADRS_BL", "MADRS_24h"} and found.mapping.is_structure_sure


def test_day_minus_1_is_before_and_day_1_after() -> None:
    found = wide(scored("MADRS Day -1", "MADRS Day 1", "MADRS Day 7"))
    assert [hours for _, hours in found.scores.values()] == [-24.0, 24.0, 168.0]


@pytest.mark.parametrize(
    "names", [("MADRS Day 1", "MADRS Day 2", "MADRS Day 8"), ("MADRS D-1", "MADRS D-3", "MADRS D-7")]
)
def test_days_that_may_be_counted_otherwise_are_asked(names: tuple[str, ...]) -> None:
    found = wide(scored(*names))
    assert found.scores == {} and not found.mapping.is_structure_sure


def test_a_hamd_without_its_version_is_told_and_asked_beside_another_version() -> None:
    alone = wide(scored("HAMD_BL", "HAMD_24h"))
    assert set(alone.scores) == {"HAMD_BL", "HAMD_24h"}
    assert "version_not_said" in {issue.code for issue in alone.issues if issue.severity is Severity.WARNING}
    assert wide(scored("HAMD_BL", "HAMD_24h", "HAMD21_BL")).scores == {}


def test_values_off_the_scale_are_asked() -> None:
    found = wide({"MADRS_BL": numbers(20, 40), "MADRS_24h": numbers(70, 130)})
    assert set(found.scores) == {"MADRS_BL"} and found.questions_about("MADRS_24h")


def test_missing_codes_of_scores() -> None:
    found = wide({"MADRS_BL": cycle(30, 999, 28, -99), "MADRS_24h": cycle("12", "ND", "20", ".")})
    assert [set(source.format.missing) for source in found.mapping.scores] == [{"999", "-99"}, {"ND", "."}]


def test_labels_of_statistical_files_name_scores() -> None:
    found = wide(scored("V12", "V13"), labels={"V12": "MADRS total at baseline", "V13": "MADRS total, 24 hours post"})
    assert found.scores == {"V12": ("madrs", 0.0), "V13": ("madrs", 24.0)}


def test_a_group_name_above_the_header_names_scores() -> None:
    found = wide(scored("Baseline", "Day 7"), labels={"Baseline": "HRSD-17", "Day 7": "HRSD-17"})
    assert found.scores == {"Baseline": ("hrsd17", 0.0), "Day 7": ("hrsd17", 168.0)}


def test_a_score_named_by_the_title_alone_is_asked() -> None:
    found = wide(scored("Baseline", "24 h"), title="MADRS total scores")
    assert found.scores == {} and {"structure_unsure", "no_score_column"} <= found.questions


@pytest.mark.parametrize(
    "name",
    [
        "Patient ID",
        "subjid",
        "Pt#",
        "PatientNr",
        "record_id",
        "Participant",
        "Subject No.",
        "Screening number",
        "ID",
        "CASE_NO",
        "Probanden-Nr",
    ],
)
def test_the_patients_column(name: str) -> None:
    assert suggest({name: IDS, "Group": GIVEN, **scored("MADRS_BL")}).mapping.shape.patient == name


# -- treatments and doses


@pytest.mark.parametrize(
    ("texts", "keys"),
    [
        (("ketamine 0.5 mg/kg", "saline"), ("ketamine", "saline")),
        (("KET", "MDZ"), ("ketamine", "midazolam")),
        (("Ketamine HCl (IV)", "Normal saline 0.9%"), ("ketamine", "saline")),
        (("Placebo", "KETAMINE"), ("placebo", "ketamine")),
        (("Lanicemine", "AZD6765"), ("lanicemine", "lanicemine")),
        (("S-ketamine", "NaCl"), ("esketamine", "saline")),
        (("intranasal ketamine", "saline"), ("ketamine_other_route", "saline")),
        (("Midazolam (active placebo)", "Ketamin"), ("midazolam", "ketamine")),
        (("Remifentanil", "ket"), ("remifentanil", "ketamine")),
    ],
)
def test_treatment_words(texts: tuple[str, str], keys: tuple[str, str]) -> None:
    found = suggest({"ID": IDS, "Arm": cycle(*texts), **scored("MADRS_BL")})
    assert found.mapping.treatments[0].values == dict(zip(texts, keys, strict=True))


@pytest.mark.parametrize(
    "texts",
    [(0, 1), (1, 2), ("A", "B"), ("active", "comparator"), ("low dose ketamine", "ketamine+ECT"), ("X1", "X2")],
)
def test_codes_of_treatments_are_asked(texts: tuple[object, object]) -> None:
    found = suggest({"ID": IDS, "Group": cycle(*texts), **scored("MADRS_BL")})  # type: ignore[arg-type]
    assert found.mapping.treatments[0].values == {}
    assert found.questions_about("Group") == ["unknown_treatment"]


def test_codes_of_treatments_said_by_the_file() -> None:
    codes = cycle(1, 2)
    expected = {"1": "ketamine", "2": "saline"}
    scores = scored("MADRS_BL")
    labeled = suggest({"ID": IDS, "arm": codes, **scores}, value_labels={"arm": {"1": "Ketamine", "2": "Saline"}})
    headed = suggest({"ID": IDS, "Group (1=ketamine 0.5 mg/kg, 2=saline)": codes, **scores})
    titled = suggest({"ID": IDS, "Group": codes, **scores}, title="Trial / Group: 1 = ketamine 0.5 mg/kg, 2 = saline")
    for found in (labeled, headed, titled):
        assert found.mapping.treatments[0].values == expected
    assert headed.mapping.doses[0].values == titled.mapping.doses[0].values == {"1": 0.5}


def test_codes_that_the_notes_state_of_another_column_are_not_taken() -> None:
    other = suggest({"ID": IDS, "Group": cycle("1", "2"), **scored("MADRS baseline", "MADRS 24 h")},
                    title="Age group: 1 = ketamine 0.5 mg/kg, 2 = saline")
    assert not any(value for source in other.mapping.treatments for value in source.values.values())


def test_a_scale_spelled_with_dots() -> None:
    assert wide(scored("M.A.D.R.S. baseline", "M.A.D.R.S. 24 h")).scores["M.A.D.R.S. 24 h"] == ("madrs", 24)


def test_a_column_named_ketamine_says_who_had_it() -> None:
    columns = {"ID": IDS, "ketamine": cycle(0, 1), **scored("MADRS_BL")}
    assert suggest(columns).mapping.treatments[0].values == {"0": "placebo", "1": "ketamine"}
    named = suggest(columns, Study(study="x", control="Midazolam 0.045 mg/kg"))
    assert named.mapping.treatments[0].values == {"0": "midazolam", "1": "ketamine"}


def test_guesses_and_earlier_drugs_are_no_treatment() -> None:
    found = suggest(
        {
            "ID": IDS,
            "Patient guess": cycle("ketamine", "placebo", "placebo"),
            "Previous drug": cycle("ketamine", "midazolam"),
            "Group": GIVEN,
            **scored("MADRS_BL"),
        }
    )
    assert [source.column for source in found.mapping.treatments] == ["Group"]


def test_planned_and_actual_treatments_that_differ_are_asked() -> None:
    found = suggest({"ID": IDS, "TRT01P": GIVEN, "TRT01A": ["Midazolam", *GIVEN[1:]], **scored("MADRS_BL")})
    assert found.mapping.treatments == () and {"structure_unsure", "no_treatment_column"} <= found.questions


def test_doses_in_words() -> None:
    texts = ("KET 0.1", "ketamine 0,5 mg/kg", "Ketamine 500 µg/kg", "PBO")
    found = suggest({"ID": IDS, "Tx": cycle(*texts), **scored("MADRS_BL")})
    assert found.mapping.doses[0].values == {"KET 0.1": 0.1, "ketamine 0,5 mg/kg": 0.5, "Ketamine 500 µg/kg": 0.5}


@pytest.mark.parametrize(
    ("name", "cells", "factor"),
    [
        ("Dose (mg/kg)", (0.5, None), 1.0),
        ("ketamine_mg_per_kg", (0.5, 0.1), 1.0),
        ("Dose", (0.5, 0.0), 1.0),
        ("dose_ug_kg", (500, None), None),
        ("Dose (mg)", (35, 40), None),
        ("dose_mg", (4, 5), None),
        ("Dose", (1, 2), None),
        ("Dose level", (40, 55), None),
    ],
)
def test_dose_columns(name: str, cells: tuple[float, float], factor: float | None) -> None:
    found = suggest({"ID": IDS, "Drug": cycle("KET", "SAL"), name: cycle(*cells), **scored("MADRS_BL")})
    if name == "dose_ug_kg":
        assert found.mapping.doses[0].factor == 0.001
    elif factor is None:
        assert found.mapping.doses == () and "dose_unknown" in found.questions
    else:
        assert [(d.column, d.factor) for d in found.mapping.doses] == [(name, factor)]


def test_the_one_dose_that_the_title_or_the_registry_says() -> None:
    columns = {"ID": IDS, "Drug": cycle("KET", "SAL"), **scored("MADRS_BL")}
    assert suggest(columns, title="Ketamine 0.5 mg/kg against saline").mapping.doses[0].constant == 0.5
    noted = suggest(columns, Study(study="x", notes="Ketamine 0.5 mg/kg over 40 min; midazolam 0.045 mg/kg"))
    assert noted.mapping.doses[0].constant == 0.5
    assert suggest(columns, title="Ketamine 0.1 mg/kg or ketamine 0.5 mg/kg").mapping.doses == ()


# -- layout


@pytest.mark.parametrize(
    ("visits", "hours"),
    [
        (("Baseline", "24 h", "Day 7"), (0, 24, 168)),
        (("pre", "+40 min", "+230 min", "1d", "7d"), (0, 2 / 3, 230 / 60, 24, 168)),
        (("Visit 1 (Baseline)", "Visit 2 - 24h post infusion", "Visit 3 - 1 week"), (0, 24, 168)),
        (("baseline_arm_1", "24_hours_arm_1", "day_7_arm_1"), (0, 24, 168)),
        (("Screening", "Day 0", "Day 1"), (-168, 0, 24)),
    ],
)
def test_visits(visits: tuple[str, ...], hours: tuple[float, ...]) -> None:
    found = suggest(long_table(visits))
    visit = found.mapping.shape.visit
    assert found.mapping.shape.kind == "long" and visit is not None
    assert visit.values == {text: pytest.approx(h, abs=1e-5) for text, h in zip(visits, hours, strict=True)}
    assert found.scores == {"MADRS": ("madrs", None)}


@pytest.mark.parametrize(
    ("name", "cells", "hours"),
    [
        ("hours_since_infusion", (0, 4, 24, 168), (0, 4, 24, 168)),
        ("Day", (0, 1, 3, 7), (0, 24, 72, 168)),
        ("study day", (-1, 1, 7), (-24, 24, 168)),
        ("Time (min)", (-30, 240, 1440), (-0.5, 4, 24)),
        ("week", (0, 1, 2), (0, 168, 336)),
    ],
)
def test_visits_as_numbers(name: str, cells: tuple[int, ...], hours: tuple[float, ...]) -> None:
    visit = suggest(long_table(cells, visit=name)).mapping.shape.visit
    assert visit is not None and list(visit.values.values()) == list(hours)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("Visit", (1, 2, 3)),
        ("time", (0, 4, 24)),
        ("Visit", ("V1", "V2", "V3")),
        ("study_day", (1, 2, 8)),
        ("timepoint", ("T0a", "T1", "T2")),
    ],
)
def test_visits_without_a_plain_time_are_asked(name: str, cells: tuple[object, ...]) -> None:
    found = suggest(long_table(cells, visit=name))  # type: ignore[arg-type]
    assert "unknown_visit" in found.questions_about(name)
    visit = found.mapping.shape.visit
    assert visit is not None and visit.values == {}


def test_a_visit_without_a_time_among_others_is_asked_alone() -> None:
    found = suggest(long_table(("Baseline", "24 h", "Unscheduled")))
    visit = found.mapping.shape.visit
    assert visit is not None and visit.values == {"Baseline": 0.0, "24 h": 24.0}
    assert found.mapping.is_structure_sure and found.questions == {"unknown_visit"}


def test_long_by_period() -> None:
    shape = suggest(long_table(("Baseline", "24 h"), periods=("Period 1", "Period 2"))).mapping.shape
    assert shape.kind == "long" and shape.period is not None
    assert shape.period.values == {"Period 1": 1, "Period 2": 2}


def test_a_row_a_period() -> None:
    ids = [f"P{i // 2}" for i in range(12)]
    found = suggest(
        {"ID": ids, "Infusion number": cycle("first", "second"), "Drug": GIVEN, **scored("MADRS_BL", "MADRS_24h")}
    )
    shape = found.mapping.shape
    assert (
        shape.kind == "period_rows" and shape.period is not None and shape.period.values == {"first": 1, "second": 2}
    )


def test_several_rows_a_patient_without_a_reason_are_asked() -> None:
    found = suggest({"ID": [f"P{i // 2}" for i in range(12)], "Drug": GIVEN, **scored("MADRS")})
    assert not found.mapping.is_structure_sure and "no_visit_column" in found.questions


def test_blocks_a_period() -> None:
    found = suggest(
        {
            "Code": IDS,
            "P1 drug": GIVEN,
            "P2 drug": GIVEN[::-1],
            **scored("P1_MADRS_BL", "P1_MADRS_24h", "Period 2 MADRS BL", "MADRS 24h infusion 2"),
        }
    )
    assert found.mapping.shape.kind == "period_blocks"
    assert [(s.hours, s.period) for s in found.mapping.scores] == [(0, 1), (24, 1), (0, 2), (24, 2)]
    assert [(s.column, s.period) for s in found.mapping.treatments] == [("P1 drug", 1), ("P2 drug", 2)]


def test_blocks_whose_treatment_is_a_sequence() -> None:
    sequences = cycle("Ketamine 0.5 mg/kg / Saline", "Saline / Ketamine 0.5 mg/kg")
    found = suggest({"ID": IDS, "Sequence": sequences, **scored("MADRS_BL_P1", "MADRS_24h_P1", "MADRS_BL_P2")})
    first, second = found.mapping.treatments
    assert (first.period, list(first.values.values())) == (1, ["ketamine", "saline"])
    assert (second.period, list(second.values.values())) == (2, ["saline", "ketamine"])
    assert found.mapping.doses[0].values == {"Ketamine 0.5 mg/kg / Saline": 0.5}
    assert found.questions == set()


def test_blocks_with_one_treatment_column_ask_unless_the_study_is_parallel() -> None:
    columns = {"ID": IDS, "Group": GIVEN, **scored("MADRS_BL_inf1", "MADRS_24h_inf1", "MADRS_BL_inf2")}
    assert not suggest(columns).mapping.is_structure_sure
    assert suggest(columns, Study(study="x", design="parallel")).mapping.is_structure_sure


def test_a_second_treatment_that_the_registry_notes() -> None:
    study = Study(study="x", notes="Repeated infusions, the second on day 3.")
    assert wide(scored("MADRS_BL"), study=study).mapping.shape.second_treatment_hours == 72
    assert wide(scored("MADRS_BL")).mapping.shape.second_treatment_hours is None


def test_a_file_of_something_else_asks_and_takes_nothing() -> None:
    found = suggest({"Region": cycle("North", "South"), "Sales": numbers(100, 900), "Comment": cycle("ok", "late")})
    assert found.scores == {} and found.sure == {} and found.mapping.treatments == ()
    assert {"no_treatment_column", "no_score_column"} <= found.questions


def test_an_empty_table_is_no_crash() -> None:
    found = suggest({"ID": [], "MADRS_BL": [], "Group": []})
    assert found.scores == {}


def test_another_protocol_needs_no_code() -> None:
    found = suggest(
        {
            "Participant": IDS,
            "Condition": cycle("BA", "waitlist"),
            "Sessions": numbers(0, 12),
            "sex": cycle("F", "M"),
            "Age": numbers(18, 60),
            "Delivery": cycle("group", "online"),
            "Prior psychotherapy": cycle("yes", "no"),
            **scored("Distress baseline", "Distress post-treatment", "Distress follow-up"),
        },
        protocol=TINY,
    )
    assert found.scores == {
        "Distress baseline": ("distress", 0.0),
        "Distress post-treatment": ("distress", 2016.0),
        "Distress follow-up": ("distress", 4383.0),
    }
    assert found.mapping.treatments[0].values == {"BA": "behavioral_activation", "waitlist": "waiting_list"}
    assert [source.column for source in found.mapping.doses] == ["Sessions"]
    assert set(found.sure) == {"age", "female", "previous_therapy", "format"} and found.questions == set()


def test_a_title_that_names_another_version_of_the_scale_makes_a_plain_name_ask() -> None:
    assert wide(scored("HAMD_BL", "HAMD_24h"), title="Depression rated with the HAM-D 24").scores == {}
    assert len(wide(scored("HAMD17_BL", "HAMD17_24h"), title="Depression rated with the HAM-D 24").scores) == 2


def test_treatments_that_begin_with_their_code() -> None:
    found = suggest({"ID": IDS, "rx": cycle("1_ketamine", "0_placebo"), **scored("MADRS_BL")})
    assert found.mapping.treatments[0].values == {"1_ketamine": "ketamine", "0_placebo": "placebo"}


def test_where_only_the_second_infusion_is_named_the_rest_is_the_first() -> None:
    found = wide(scored("MADRS_BL", "MADRS_24h", "MADRS_24h_infusion2"), study=Study(study="x", design="parallel"))
    assert [(s.hours, s.period) for s in found.mapping.scores] == [(0, 1), (24, 1), (24, 2)]


def test_a_period_is_told_by_its_texts_and_the_treatment_by_the_sequence() -> None:
    found = suggest(
        {
            "ID": [f"P{i // 2}" for i in range(12)],
            "Visit": cycle("Infusion 1", "Infusion 2"),
            "Order": [("KET 0.5 - PBO", "PBO - KET 0.5")[i // 2 % 2] for i in range(12)],
            **scored("MADRS_BL", "MADRS_24h"),
        }
    )
    shape = found.mapping.shape
    assert shape.kind == "period_rows" and shape.period is not None
    assert shape.period.values == {"Infusion 1": 1, "Infusion 2": 2}
    assert found.mapping.treatments[0].values == {"KET 0.5 - PBO": "ketamine", "PBO - KET 0.5": "placebo"}
    assert found.mapping.doses[0].values == {"KET 0.5 - PBO": 0.5} and found.questions == set()


def test_a_column_of_an_unknown_time_holds_back_what_it_might_replace() -> None:
    """MADRS V2 may be the baseline, or nearer to a day than 4 h; what is exactly at a target stays."""
    found = wide(scored("MADRS screening", "MADRS V2", "MADRS 4h", "MADRS 7d"))
    assert set(found.scores) == {"MADRS 7d"}
    assert set(wide(scored("MADRS screening", "MADRS 4h", "MADRS 7d")).scores) == {
        "MADRS screening", "MADRS 4h", "MADRS 7d"}
