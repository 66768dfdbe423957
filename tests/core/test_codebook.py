"""Sheets that say what columns and codes mean, as teams write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.codebook import Entry, code_meanings, read_codebook, read_keys, with_codebook
from core.errors import Severity
from core.intake import load_files, new_session
from core.registry import Study
from core.session import Session
from core.sources import Cell, Grid, RawTable, SourceFile
from core.suggest import suggest_mapping
from core.table_layout import find_table
from tests.core.suggest_tables import IDS, KETAMINE, cycle, make_table, scored


def sheet(*rows: tuple[Cell, ...]) -> Grid:
    return Grid("trial.xlsx", "Codebook", rows)


@pytest.mark.parametrize(("text", "codes"), [
    ("0 = no; 1 = yes", {"0": "no", "1": "yes"}),
    ("0=No/1=Yes", {"0": "No", "1": "Yes"}),
    ("1, Male | 2, Female", {"1": "Male", "2": "Female"}),
    ("1: low, 2: high", {"1": "low", "2": "high"}),
    ("0 - No\n1 - Yes", {"0": "No", "1": "Yes"}),
    ("1 'Yes' | 0 'No'", {"1": "Yes", "0": "No"}),
    ("1=White, not Hispanic; 2=Black", {"1": "White, not Hispanic", "2": "Black"}),
    ("0 to 60", {}), ("integer", {}), ("dd-mm-yyyy", {}), ("years", {}),
])
def test_codes_in_one_text(text: str, codes: dict[str, str]) -> None:
    assert code_meanings(text) == codes


SEX = {"1": "male", "2": "female"}


@pytest.mark.parametrize("rows", [
    (("Variable", "Label", "Codes"), ("sex", "Sex at birth", "1 = male; 2 = female"), ("age", "Age", None)),
    (("CODEBOOK",), (), ("Variable name", "Description", "Value", "Value label"), ("SEX", "Sex at birth", 1, "male"),
     (None, None, 2.0, "female"), ("age", "Age", None, None)),
    (("Variable", "Description", "Code", "Meaning"), ("sex", "Sex at birth", "1", "male"),
     ("sex", "Sex at birth", "2", "female"), ("age", "Age", "", "")),
    (("Variable / Field Name", "Form Name", "Field Type", "Field Label", "Choices, Calculations, OR Slider Labels"),
     ("sex", "demo", "radio", "Sex at birth", "1, male | 2, female"), ("age", "demo", "text", "Age", None)),
])
def test_codebooks_of_several_forms(rows: tuple[tuple[Cell, ...], ...]) -> None:
    assert read_codebook(sheet(*rows)) == {"sex": Entry("Sex at birth", SEX), "age": Entry("Age")}


def test_a_name_that_means_two_columns_says_nothing() -> None:
    rows = (("Variable", "Meaning"), ("Baseline", "MADRS"), ("Baseline", "HRSD"), ("age", "Age"))
    assert set(read_codebook(sheet(*rows))) == {"age"}


@pytest.mark.parametrize("rows", [
    (("ID", "Group", "Age"), ("1", "K", 30)), (("Name", "Age", "Value"), ("1", 30, 2))[:1],
    (("Study notes",), ("Recruited in 2011",)),
])
def test_other_sheets_are_no_codebook(rows: tuple[tuple[Cell, ...], ...]) -> None:
    assert read_codebook(sheet(*rows)) == {}


def described(**codes: str) -> RawTable:
    table = make_table({"ID": IDS, "Arm": cycle("A", "B"), "q12": cycle(1, 2, 9), **scored("MADRS_BL", "MADRS_24h")})
    rows = tuple((name, None, text) for name, text in codes.items())
    return with_codebook(table, (sheet(("Variable", "Label", "Codes"), *rows, ("q12", "Married", None)),))


def test_codes_of_the_codebook_settle_what_the_data_leave_open() -> None:
    table = described(Arm="A = ketamine 0.5 mg/kg; B = saline")
    arm = table.columns_by_name["Arm"]
    assert arm.value_labels == {"A": "ketamine 0.5 mg/kg", "B": "saline"} and arm.label == ""
    assert table.columns_by_name["q12"].label == "Married"
    note = table.issues[-1]
    assert (note.severity, note.code, note.where.sheet) == (Severity.NOTE, "codebook_used", "Codebook")
    mapping, _ = suggest_mapping(table, Study(study="x"), KETAMINE)
    assert mapping.treatments[0].values == {"A": "ketamine", "B": "saline"}
    assert mapping.doses[0].values == {"A": 0.5}


def test_a_code_that_the_codebook_calls_missing_is_missing() -> None:
    table = make_table({"ID": IDS, "Arm": cycle("ketamine", "saline"), "married": cycle(1, 2, 5),
                        **scored("MADRS_BL", "MADRS_24h")})
    codes = sheet(("Variable", "Codes"), ("married", "1 = yes; 2 = no; 5 = unknown"))
    mapping, _ = suggest_mapping(with_codebook(table, (codes,)), Study(study="x"), KETAMINE)
    decision = mapping.variables["married"]
    assert decision.is_settled and decision.rule.model_dump()["codes"] == {"1": "1", "2": "0", "5": None}


def test_what_the_file_itself_says_stays() -> None:
    table = make_table({"ID": IDS, "sex": cycle(1, 2)}, labels={"sex": "Geschlecht"}, value_labels={"sex": SEX})
    codes = sheet(("Variable", "Label", "Codes"), ("sex", "Sex", "1 = female; 2 = male"))
    assert with_codebook(table, (codes,)) is table


def test_a_table_does_not_describe_itself() -> None:
    grid = sheet(("Variable", "Label"), ("Variable", "x"), ("Label", "y"))
    assert with_codebook(find_table(grid), (grid,)).issues == find_table(grid).issues


def test_a_list_of_codes_explains_parts_of_names_and_cells() -> None:
    table = make_table({"ID": IDS, "ARM": cycle("KET", "PBO"), **scored("V1_MADRS_SUM", "V2_MADRS_SUM")})
    key = sheet(("Code", "Meaning"), ("KET", "Ketamine 0.5 mg/kg"), ("PBO", "Saline placebo"),
                ("V1", "Baseline (pre-infusion)"), ("V2", "24 h"))
    told = with_codebook(table, (key,))
    mapping, issues = suggest_mapping(told, Study(study="x"), KETAMINE)
    assert {s.column: s.hours for s in mapping.scores} == {"V1_MADRS_SUM": 0, "V2_MADRS_SUM": 24}
    assert mapping.doses[0].values == {"KET": 0.5} and mapping.treatments[0].values == {"KET": "ketamine", "PBO": "saline"}
    assert [issue for issue in issues if issue.severity is Severity.QUESTION] == []


@pytest.mark.parametrize("rows", [
    (("ID", "Score"), ("S-00", 12), ("S-01", 30)), (("Code", "Meaning"), (1, "Baseline"), (2, "Day 1")),
    (("Code", "Meaning"), ("V1", "Baseline"), ("V1", "Day 1")),
    (("Visit", "When", "Who"), ("V1", "Baseline", "JB"), ("V2", "Day 1", "JB"))])
def test_what_is_no_list_of_codes_explains_nothing(rows: tuple[tuple[Cell, ...], ...]) -> None:
    assert read_keys(sheet(*rows)) == {}


DICTIONARY = """Variable / Field Name,Form Name,Field Type,Field Label,"Choices, Calculations, OR Slider Labels"
record_id,a,text,Record ID,
sex,a,radio,Sex,"1, Male | 2, Female"
race,a,checkbox,"<b>Race</b> (all that apply)","1, White | 2, Black or African American"
alloc,a,radio,Allocation,"1, Ketamine | 2, Saline"
madrs_total,a,calc,MADRS total,"sum([a], [b])"
"""
EXPORT = "record_id,sex,race___1,race___2,alloc,madrs_total\n" + "\n".join(f"{i},{i % 2 + 1},1,0,{i % 2 + 1},30"
                                                                          for i in range(9))


def loaded(folder: Path, **files: str) -> Session:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return load_files(new_session(), [folder])


def test_a_data_dictionary_in_a_file_of_its_own_is_no_study(tmp_path: Path) -> None:
    session = loaded(tmp_path, trial=EXPORT, trial_DataDictionary=DICTIONARY)
    assert [(s.study, s.codebook) for s in session.registry.studies] == [("trial", "trial_DataDictionary.csv")]
    columns = session.table("trial").columns_by_name
    assert columns["sex"].value_labels == {"1": "Male", "2": "Female"}
    assert columns["race___2"].label == "Race (all that apply) (choice=Black or African American)"
    assert "codebook_used" in {issue.code for issue in session.import_issues}


def test_a_codebook_of_another_study_is_not_taken(tmp_path: Path) -> None:
    other = EXPORT.replace("record_id,sex,race___1,race___2,alloc", "id,gender,white,black,arm")
    session = loaded(tmp_path, trial=other, dictionary=DICTIONARY)
    assert {s.codebook for s in session.registry.studies} == {None}


def test_a_changed_codebook_is_read_anew(tmp_path: Path) -> None:
    session = loaded(tmp_path, trial=EXPORT, dictionary=DICTIONARY)
    turned = session.with_source(SourceFile("dictionary.csv", DICTIONARY.replace("Male | 2, Fe", "Fe | 2, M").encode()))
    assert turned.table("trial").columns_by_name["sex"].value_labels != (
        session.table("trial").columns_by_name["sex"].value_labels)
    assert turned.data_fingerprint != session.data_fingerprint


def test_taking_a_study_out_takes_its_codebook_out(tmp_path: Path) -> None:
    session = loaded(tmp_path, trial=EXPORT, dictionary=DICTIONARY)
    assert session.without_study("trial").sources == {}


def test_lines_that_say_what_a_code_is_are_keys() -> None:
    notes = sheet(("T1 = baseline, before the infusion",), ("T2 = 24 hours after the infusion",))
    assert read_keys(notes) == {"T1": "baseline, before the infusion", "T2": "24 hours after the infusion"}
