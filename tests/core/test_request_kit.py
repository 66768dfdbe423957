"""A kit goes out, a team fills it, it comes back: the harmonized cells are what the team meant, and nothing is asked."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from core.cli import main
from core.errors import Severity
from core.intake import load_files, session_under
from core.kit_columns import NOT_COLLECTED, is_kit_header, key_of, kit_columns
from core.mapping import Decision, Unavailable
from core.protocol import Protocol
from core.protocol_files import load_protocol
from core.request_kit import BIAS, CODEBOOK, DATA, FACTS, write_kit
from core.session import Session
from tests.kits import ANSWERS, Filled, filled_kit, without

TINY = Path(__file__).parent.parent / "data" / "protocols" / "psychotherapy.json"


@pytest.fixture(scope="module", params=["ketamine", str(TINY)], ids=["ketamine", "tiny"])
def protocol(request: pytest.FixtureRequest) -> Protocol:
    return load_protocol(request.param)


@pytest.fixture(scope="module")
def ketamine() -> Protocol:
    return load_protocol("ketamine")


@pytest.fixture(scope="module")
def tiny() -> Protocol:
    return load_protocol(TINY)


def loaded(protocol: Protocol, *paths: Path) -> Session:
    return load_files(session_under(protocol, "Kits"), paths)


def errors(session: Session) -> list[str]:
    return [str(issue) for issue in session.issues() if issue.severity in (Severity.ERROR, Severity.QUESTION)]


def assert_as_meant(session: Session, study: str, filled: Filled) -> None:
    """Every cell of a study; what another variable implies, and what is converted, is not the kit's."""
    found = session.study_data(study).patients
    implied = {rule.then.variable for rule in filled.protocol.implications}
    implied |= {f"{filled.protocol.primary_scale}_{time}" for time in ("baseline", *(
        time.key for time in filled.protocol.timepoints))} if filled.protocol.conversions else set()
    for key, meant in filled.meant.items():
        if key not in implied and not any(key == time.time_variable for time in filled.protocol.timepoints):
            values = [None if value != value else value for value in found[key].tolist()]
            assert values == [None if value != value else value for value in meant], key


def test_a_filled_kit_is_read_without_a_question(protocol: Protocol, tmp_path: Path) -> None:
    filled = filled_kit(protocol)
    filled.write(tmp_path / "sent back.xlsx")
    session = loaded(protocol, tmp_path / "sent back.xlsx")
    assert session.open_questions() == ()
    assert errors(session) == []
    assert_as_meant(session, "Smith2015", filled)


def test_the_facts_are_the_registrys(ketamine: Protocol, tmp_path: Path) -> None:
    filled_kit(ketamine).write(tmp_path / "a.xlsx")
    study = loaded(ketamine, tmp_path / "a.xlsx").registry.studies[0]
    assert (study.study, study.label, study.year, study.country, study.design) == (
        "Smith2015", "Smith 2015", 2015, "DE", "parallel")
    assert (study.control_type, study.failed_trials_required, study.n_randomized) == ("inert", 0, 24)
    assert study.risk_of_bias == {"randomization": "low", "allocation": "some", "blinding_participants": "high",
                                  "blinding_assessors": "unclear", "missing_data": "low"}


def test_the_registry_goes_before_the_kit(ketamine: Protocol, tmp_path: Path) -> None:
    filled_kit(ketamine).write(tmp_path / "a.xlsx")
    (tmp_path / "studies.csv").write_text("study,file,country,year\nown,a.xlsx,FR,\n", encoding="utf-8")
    study = loaded(ketamine, tmp_path).registry.studies[0]
    assert (study.study, study.country, study.year) == ("own", "FR", 2015)


def test_every_variable_is_sure_and_says_why(ketamine: Protocol, tmp_path: Path) -> None:
    filled = filled_kit(ketamine)
    without(filled, "bmi")
    filled.written["smoker"] = [None] * 24
    filled.write(tmp_path / "a.xlsx")
    decisions = loaded(ketamine, tmp_path / "a.xlsx").mappings["Smith2015"].variables
    assert {decision.sureness for decision in decisions.values()} == {1.0}
    assert isinstance(decisions["bmi"].rule, Unavailable)
    assert decisions["age"].reason == "the request kit's own column"
    assert decisions["smoker"].reason == "left blank in the request kit"


def test_times_are_the_patients_own(ketamine: Protocol, tmp_path: Path) -> None:
    filled = filled_kit(ketamine)
    filled.written["rapid_hours"] = [20, None, 0, 100, "later", *[24] * 19]
    for key in filled.written:
        if key.startswith("hrsd17"):
            filled.written[key] = [None] * 24
    filled.write(tmp_path / "a.xlsx")
    session = loaded(ketamine, tmp_path / "a.xlsx")
    patients = session.study_data("Smith2015").patients
    assert patients["rapid_hours"].tolist()[:2] == [20, 24]
    assert patients["madrs_rapid"].isna().tolist()[:6] == [False, False, True, True, True, False]
    assert patients["madrs_baseline"].tolist() == filled.meant["madrs_baseline"]
    told = {issue.where.row: issue.code for issue in session.issues() if issue.where.column
            and issue.where.column.endswith("[rapid_hours]")}
    assert told == {4: "time_not_after", 5: "time_outside", 6: "unreadable"}


def test_words_instead_of_codes_and_wrong_values(ketamine: Protocol, tmp_path: Path) -> None:
    filled = filled_kit(ketamine)
    filled.written["female"][:6] = ["F", "male", "Yes", "no", "maybe", "n/a"]
    filled.meant["female"][:6] = [1.0, 0.0, 1.0, 0.0, np.nan, np.nan]
    filled.written["age"][:3] = ["34 years", 340, "thirty"]
    filled.meant["age"][:3] = [34.0, np.nan, np.nan]
    filled.written["treatment"][:2] = ["placebo", "ket 0.5 mg/kg"]
    filled.write(tmp_path / "a.xlsx")
    session = loaded(ketamine, tmp_path / "a.xlsx")
    assert_as_meant(session, "Smith2015", filled)
    assert session.open_questions() == ()
    places = {(i.where.sheet, i.where.row, key_of(i.where.column or "")) for i in session.issues()
              if i.severity is Severity.ERROR}
    assert places == {(DATA, 6, "female"), (DATA, 3, "age"), (DATA, 4, "age")}


def test_an_unknown_treatment_is_asked(tiny: Protocol, tmp_path: Path) -> None:
    filled = filled_kit(tiny)
    filled.written["treatment"][3] = "hypnosis"
    filled.write(tmp_path / "a.xlsx")
    session = loaded(tiny, tmp_path / "a.xlsx")
    assert [issue.code for issue in session.open_questions()] == ["unknown_treatment"]
    assert (DATA, 5) in {(issue.where.sheet, issue.where.row) for issue in session.harmonized().issues}


def test_sheets_renamed_columns_moved_and_rows_above(tiny: Protocol, tmp_path: Path) -> None:
    filled, path = filled_kit(tiny), tmp_path / "a.xlsx"
    filled.write(path)
    workbook = openpyxl.load_workbook(path)
    workbook[DATA].title, workbook[FACTS].title, workbook[CODEBOOK].title = "Tabelle1", "x", "Tabelle2"
    data = workbook["Tabelle1"]
    data.move_range(f"A1:A{data.max_row}", cols=20)
    data.insert_rows(1, 2)
    data.cell(1, 3, "Sent by the team")
    data.cell(3, 30, "our own remark")
    data.cell(4, 30, "see file")
    workbook.save(path)
    session = loaded(tiny, path)
    assert_as_meant(session, "Smith2015", filled)
    assert errors(session) == []


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_the_data_sheet_alone_as_text(protocol: Protocol, tmp_path: Path, delimiter: str) -> None:
    filled = filled_kit(protocol)
    heads = {column.key: column.header for column in kit_columns(protocol)}
    if delimiter == ";":
        filled.written["age"][0], filled.meant["age"][0] = "44,5", 44.5
    with (tmp_path / "smith.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow([heads[key] for key in filled.written])
        writer.writerows(zip(*filled.written.values(), strict=True))
    session = loaded(protocol, tmp_path / "smith.csv")
    assert session.open_questions() == ()
    assert_as_meant(session, "smith", filled)


def test_kits_of_several_teams_pool(ketamine: Protocol, tmp_path: Path) -> None:
    for seed, name in enumerate(("Ames2010", "Berg2012", "Cruz2014")):
        filled_kit(ketamine, seed, prefix=name[0]).write(tmp_path / f"{name}.xlsx", {**ANSWERS, "study": name})
    session = loaded(ketamine, tmp_path)
    assert session.usable_studies == ("Ames2010", "Berg2012", "Cruz2014")
    assert len(session.harmonized().patients) == 72
    assert errors(session) == []


def test_one_id_for_two_studies_is_told(tiny: Protocol, tmp_path: Path) -> None:
    for seed, name in enumerate("ab"):
        filled_kit(tiny, seed).write(tmp_path / f"{name}.xlsx")
    session = loaded(tiny, tmp_path)
    assert session.usable_studies == ("Smith2015", "b")
    assert "kit_id_taken" in {issue.code for issue in session.import_issues}


def test_a_kit_sent_again_is_read_anew(tiny: Protocol, tmp_path: Path) -> None:
    first, second = filled_kit(tiny), filled_kit(tiny)
    without(first, "age")
    first.written["distress_follow_up"] = [None] * 24
    first.written["female"][0] = "maybe"
    first.write(tmp_path / "a.xlsx")
    session = loaded(tiny, tmp_path / "a.xlsx")
    decided = Decision(rule=Unavailable(reason="not of this study"), by="A")
    session = session.with_decision("Smith2015", "format", decided)
    second.meant["format"] = [None] * 24
    second.write(tmp_path / "a.xlsx", {**ANSWERS, "year": 1990})
    session = load_files(session, [tmp_path / "a.xlsx"])
    assert_as_meant(session, "Smith2015", second)
    assert session.mappings["Smith2015"].variables["format"] == decided
    assert session.registry.studies[0].year == 2015
    assert errors(session) == []


def test_a_dose_beside_the_treatment_counts(ketamine: Protocol, tmp_path: Path) -> None:
    filled = filled_kit(ketamine)
    filled.written["treatment"][1], filled.written["dose_mg_kg"][1] = "Ketamine 0.75 mg/kg", None
    filled.meant["dose_mg_kg"][1] = 0.75
    filled.write(tmp_path / "a.xlsx")
    assert_as_meant(loaded(ketamine, tmp_path / "a.xlsx"), "Smith2015", filled)


def test_an_empty_kit_is_told(tiny: Protocol, tmp_path: Path) -> None:
    write_kit(tmp_path / "a.xlsx", tiny, "Smith2015")
    session = loaded(tiny, tmp_path / "a.xlsx")
    assert [study.study for study in session.registry.studies] == ["Smith2015"]
    assert any(issue.code == "no_rows" for issue in session.issues())


def test_wrong_facts_are_told_with_their_place(tiny: Protocol, tmp_path: Path) -> None:
    filled_kit(tiny).write(tmp_path / "a.xlsx", {**ANSWERS, "year": "soon", "rob_allocation": "bad"})
    session = loaded(tiny, tmp_path / "a.xlsx")
    told = {issue.code: (issue.where.sheet, issue.where.row) for issue in session.import_issues}
    assert told["year_unreadable"] == (FACTS, 4)
    assert told["rob_allocation_unreadable"] == (BIAS, 3)


def test_what_the_workbook_offers(protocol: Protocol, tmp_path: Path) -> None:
    path, again = tmp_path / "kit.xlsx", tmp_path / "again.xlsx"
    write_kit(path, protocol, "Smith2015")
    write_kit(again, protocol, "Smith2015")
    assert path.read_bytes() == again.read_bytes()
    workbook = openpyxl.load_workbook(path)
    data, columns = workbook[DATA], kit_columns(protocol)
    assert [cell.value for cell in data[1]] == [column.header for column in columns]
    rules = {str(one.sqref).split(":")[0].rstrip("0123456789"): one for one in data.data_validations.dataValidation}
    for cell, column in zip(data[1], columns, strict=True):
        rule = rules.get(cell.column_letter)
        if column.codes:
            sheet, cells = rule.formula1.split("!")
            offered = [str(one[0].value) for one in workbook[sheet.strip("'")][cells.replace("$", "")]]
            assert [text for text in offered if text != NOT_COLLECTED] == [code for code, _ in column.codes]
        elif column.is_number:
            assert (rule.type, float(rule.formula1), float(rule.formula2)) == ("decimal", column.minimum, column.maximum)
    listed = [row[0].value for row in workbook[CODEBOOK].iter_rows(min_row=2)]
    assert listed == [column.key for column in columns]
    assert workbook[FACTS]["C2"].value == "Smith2015"


def test_a_kit_is_known_by_its_keys() -> None:
    assert is_kit_header(["Patient [patient]", "Given [ treatment ] ", "x [y]"])
    assert not is_kit_header(["Patient [patient]", "Dose [mg]"])
    assert not is_kit_header(["Patient [patient]", "Treatment [treatment]", "a", "b", "c", "d"])
    assert key_of("MADRS [24 h]") is None


def test_a_kit_of_another_protocol_is_told(ketamine: Protocol, tiny: Protocol, tmp_path: Path) -> None:
    filled_kit(tiny).write(tmp_path / "a.xlsx")
    session = loaded(ketamine, tmp_path / "a.xlsx")
    assert {"kit_column_unknown"} <= {issue.code for issue in session.import_issues}
    assert session.open_questions()


def test_text_variables_need_no_codes(tiny: Protocol, tmp_path: Path) -> None:
    free = tiny.variables_by_key["format"].model_copy(update={"codes": {}, "key": "school"})
    protocol = tiny.model_copy(update={"variables": (*tiny.variables, free)})
    filled = filled_kit(protocol)
    filled.written["school"] = ["north", NOT_COLLECTED, "n/a", *["south"] * 21]
    filled.meant["school"] = ["north", None, None, *["south"] * 21]
    filled.write(tmp_path / "a.xlsx")
    assert_as_meant(loaded(protocol, tmp_path / "a.xlsx"), "Smith2015", filled)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kit, project = tmp_path / "kit.xlsx", tmp_path / "p.modscope"
    assert main(["kit", "--out", str(kit), "--protocol", str(TINY), "--study", "Smith2015"]) == 0
    assert main(["kit", "--out", str(tmp_path / "kit.doc")]) == 2
    filled_kit(load_protocol(TINY)).write(kit)
    capsys.readouterr()
    assert main(["import", str(kit), "--project", str(project), "--protocol", str(TINY)]) == 0
    assert "24 patients, 0 open questions." in capsys.readouterr().out
