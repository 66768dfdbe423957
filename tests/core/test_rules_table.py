"""Rules written as a table, read back unchanged, and edited; the same in Maelstrom's columns; the command."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest

from core.cli import main
from core.errors import UserError
from core.intake import load_files, new_session
from core.maelstrom import ELEMENTS, dataschema, processing_elements
from core.mapping import (
    Constant,
    Decision,
    Direct,
    DoseSource,
    Elapsed,
    Factor,
    Formula,
    NumberFormat,
    Product,
    Recode,
    ScoreSource,
    Shape,
    TextPattern,
    TextSearch,
    TreatmentSource,
    Unavailable,
    Undecided,
    VisitSource,
)
from core.rule_text import RuleTextError, read_codes, read_search, write_codes, write_search
from core.rules_table import COLUMNS, TakenRules, take_rules, write_rules
from core.session import Session
from core.sources import SourceFile

SEARCH = TextSearch(columns=("Notes",), patterns=(TextPattern(code="1", any_of=("gad", "@anxiety_words"), none_of=("x",)),),
                    otherwise="code", code="0", negations=("no",), doubts=("@doubtful",), answers={"a = b\nc": None, "d": "1"})
RULES = {
    "age": Direct(column="Age", format=NumberFormat(decimal=",", missing=("999",)), factor=1 / 12),
    "female": Recode(column="Sex", codes={"F": "1", "M": "0", "1 = x": None}),
    "bmi": Formula(expression="[Weight] / ([Height] / 100) ^ 2", formats={"Weight": NumberFormat(missing=("-9",))}),
    "any_anxiety": SEARCH, "inpatient": Constant(value="0"), "smoker": Unavailable(reason="not asked"),
    "education_years": Elapsed(since="Born", until="Seen", until_order="mdy"), "married": Undecided(note="ask them")}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    folder = tmp_path_factory.mktemp("files")
    head = "Subject,Drug,MADRS baseline,MADRS 24h,Age,Sex,Weight,Height,Notes,Born,Seen"
    rows = [f"S{i},{('ketamine', 'saline')[i % 2]},{28 + i},{12 + i},40,F,70,170,GAD,1970-01-01,2015-01-02" for i in range(8)]
    (folder / "one.csv").write_text("\n".join([head, *rows]))
    loaded = load_files(new_session(), [folder])
    for key, rule in RULES.items():
        loaded = loaded.with_decision("one", key, Decision(rule=rule, by="Ada", at="2026-01-02T03:04:05+00:00"))
    return loaded


def edited(session: Session, changes: dict[tuple[str, str], str], sheet: str = "one") -> TakenRules:
    """The exported table with cells (variable, column) changed, taken in."""
    workbook = openpyxl.load_workbook(io.BytesIO(write_rules(session)))
    page = workbook["one"]
    places = {row[0].value: row for row in page.iter_rows(min_row=2)}
    for (key, column), text in changes.items():
        places[key][COLUMNS.index(column)].value = text
    page.title = sheet
    out = io.BytesIO()
    workbook.save(out)
    return take_rules(session, SourceFile("rules.xlsx", out.getvalue()), "Bob", "2026-02-03T00:00:00+00:00")


def test_a_table_read_back_changes_nothing(session: Session) -> None:
    taken = edited(session, {})
    assert taken.session is session and not taken.changes and not taken.issues
    assert write_rules(session) == write_rules(session)


def test_edited_cells_change_the_rules(session: Session) -> None:
    taken = edited(session, {
        ("age", "unit factor"): "0.5", ("female", "codes"): "F = 0\nM = 1", ("inpatient", "rule"): "1",
        ("bmi", "rule"): "[Weight] / [Height]", ("any_anxiety", "codes"): "1: panic\notherwise: ask",
        ("smoker", "rule kind"): "", ("married", "rule kind"): "cannot be had", ("education_years", "rule"): "months",
        ("ptsd", "rule kind"): "codes", ("ptsd", "columns"): "Notes", ("ptsd", "codes"): "GAD = 0", ("ptsd", "who"): "Eve"})
    assert not taken.issues and len(taken.changes) == 9
    found = taken.session.mappings["one"].variables
    assert found["age"].rule == RULES["age"].model_copy(update={"factor": 0.5}) and found["age"].by == "Bob"
    assert found["female"].rule == Recode(column="Sex", codes={"F": "0", "M": "1"})
    assert found["bmi"].rule == Formula(expression="[Weight] / [Height]", formats={
        "Weight": NumberFormat(missing=("-9",)), "Height": NumberFormat()})
    assert found["any_anxiety"].rule == TextSearch(
        columns=("Notes",), patterns=(TextPattern(code="1", any_of=("panic",)),))
    assert "smoker" not in found and found["married"].rule == Unavailable(reason="ask them")
    assert found["education_years"].rule == Elapsed(since="Born", until="Seen", unit="months")
    assert found["ptsd"].rule == Recode(column="Notes", codes={"GAD": "0"}) and found["ptsd"].by == "Eve"
    assert found["inpatient"].rule == Constant(value="1")


@pytest.mark.parametrize(("cell", "text", "expected"), [
    (("age", "unit factor"), "many", "not a number"), (("age", "columns"), "Aeg", 'no column "Aeg"'),
    (("age", "rule kind"), "magic", "no kind of rule"), (("female", "codes"), "F", "Line 1"),
    (("bmi", "rule"), "[Weight] /", "At character 11"), (("bmi", "rule"), "[Wieght]", 'Did you mean "Weight"?'),
    (("any_anxiety", "codes"), "1: @nowhere", "no word list"), (("education_years", "rule"), "eons", "Expected a unit"),
    (("age", "decimal mark"), ";", "no decimal mark"), (("education_years", "columns"), "Born", "names 2 columns"),
    (("inpatient", "rule"), "", "needs its value"), (("age", "variable"), "agee", 'no variable "agee"')])
def test_a_fault_names_its_place_and_nothing_is_taken(session: Session, cell: tuple[str, str], text: str,
                                                      expected: str) -> None:
    taken = edited(session, {cell: text, ("smoker", "rule"): "really not asked"})
    (issue,) = taken.issues
    row = 2 + list(session.protocol.variables_by_key).index(cell[0])
    assert expected in issue.text and (issue.where.sheet, issue.where.row, issue.where.column) == ("one", row, cell[1])
    assert taken.session is session and not taken.changes


def test_a_sheet_of_no_study_is_told(session: Session) -> None:
    assert edited(session, {}, "two").issues[0].code == "sheet_unknown"
    with pytest.raises(UserError, match="no workbook"):
        take_rules(session, SourceFile("rules.csv", b"variable,rule kind\nage,codes\n"), "Bob", "")


def test_rules_in_lines() -> None:
    assert read_search(("Notes",), write_search(SEARCH), {"anxiety_words": ("a",), "doubtful": ("b",)}) == SEARCH
    codes = {"a = b": "1", "back\\slash\nline": None, "é": "x"}
    assert read_codes(write_codes(codes)) == codes
    for text, line in (("1 gad", 1), ("1: gad\n2:", 2), ("otherwise:", 1), ("\nanswer: x", 2), ("1: a*b*c*d*e", 1)):
        with pytest.raises(RuleTextError) as fault:
            read_search(("x",), text, {})
        assert fault.value.line == line


def test_maelstroms_columns(session: Session) -> None:
    rows = {row["dataschema_variable"]: row for row in csv.DictReader(io.StringIO(processing_elements(session)))}
    assert tuple(rows["age"]) == ELEMENTS and rows["patient"]["Mlstr_harmo::rule_category"] == "id_creation"
    found = {key: (rows[key]["Mlstr_harmo::rule_category"], rows[key]["Mlstr_harmo::algorithm"]) for key in RULES}
    assert found["female"] == ("recode", 'recode("F" = 1 ; "M" = 0 ; "1 = x" = NA ; ELSE = NA)')
    assert found["bmi"] == ("operation", '(as.numeric(ifelse(`Weight` %in% c("-9"), NA, `Weight`)) / '
                                         "((`Height` / 100) ^ 2))")
    assert rows["bmi"]["input_variables"] == "Weight ; Height" and found["inpatient"] == ("paste", "0")
    assert found["smoker"] == ("impossible", "impossible") and found["married"][0] == "undetermined"
    assert found["any_anxiety"][0] == "other" and "text search" in rows["any_anxiety"]["Mlstr_harmo::comment"]
    assert found["education_years"][1].endswith("%/% lubridate::years(1)")
    book = openpyxl.load_workbook(io.BytesIO(dataschema(session.protocol)))
    assert book.sheetnames == ["Variables", "Categories"]
    assert [cell.value for cell in book["Variables"][1]][:3] == ["index", "name", "label"]
    assert ("female", "1", "female", "FALSE") in set(book["Categories"].values)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "one.csv").write_text("Subject,Drug,MADRS baseline,MADRS 24h,Age\n" + "\n".join(
        f"S{i},{('ketamine', 'saline')[i % 2]},{28 + i},{12 + i},{40 + i}" for i in range(8)))
    project, table = str(tmp_path / "p.modscope"), tmp_path / "rules.xlsx"
    assert main(["import", str(tmp_path / "one.csv"), "--project", project, "--quiet"]) == 0
    assert main(["rules", project, "--out", str(table), "--maelstrom", str(tmp_path / "m"), "--quiet"]) == 0
    assert {one.name for one in (tmp_path / "m").iterdir()} == {"DataSchema.xlsx", "data_processing_elements.csv"}
    book = openpyxl.load_workbook(table)
    cell = next(row for row in book["one"].iter_rows(min_row=2) if row[0].value == "age")[COLUMNS.index("unit factor")]
    cell.value = 2
    book.save(table)
    assert main(["rules", project, "--take", str(table)]) == 0 and "1 rule changed" in capsys.readouterr().out
    cell.value = "x"
    book.save(table)
    assert main(["rules", project, "--take", str(table)]) == 2
    assert 'sheet one, row' in capsys.readouterr().err
    assert main(["rules", project]) == 2


def carried(session: Session, fresh: Session) -> TakenRules:
    """The rules of one project taken into another."""
    return take_rules(fresh, SourceFile("rules.xlsx", write_rules(session)), "Bob", "2026-02-03T00:00:00+00:00")


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> tuple[Session, Session]:
    """A project in which layouts and rules were changed by hand, and a fresh one on the same files."""
    folder = tmp_path_factory.mktemp("long")
    head = "Title of the study,,,,\nSubject,Drug,When,Total,Age"
    rows = [f"S{i // 3},{'AB'[i // 3 % 2]},{('one', 'two', 'three')[i % 3]},{30 - 5 * (i % 3)},{40 + i // 3}" for i in range(30)]
    (folder / "long.csv").write_text("\n".join([head, *rows]))
    (folder / "wide.csv").write_text("\n".join(["ID,Arm,MADRS baseline,MADRS 24h,Sex,kg,cm", *(
        f"W{i},{('ketamine', 'saline')[i % 2]},{30 + i},{20 + i},{1 + i % 2},{150 + i},{170 + i}" for i in range(8))]))
    fresh = load_files(new_session(), [folder])
    shape = Shape(kind="long", patient="Subject", visit=VisitSource(column="When", values={"one": 0.0, "two": 24.0, "three": None}))
    mapping = fresh.mappings["long"].model_copy(update={
        "shape": shape, "scores": (ScoreSource(column="Total", scale="madrs", format=NumberFormat(missing=("99",))),),
        "treatments": (TreatmentSource(column="Drug", values={"A": "ketamine", "B": "saline"}),), "structure_by": "Ada",
        "doses": (DoseSource(constant=0.5),), "structure_reason": ""})
    session = fresh.with_mapping(mapping).with_decision("wide", "female", Decision(
        rule=Recode(column="Sex", codes={"1": "1", "2": "0"}), by="Ada", at="2026-01-02T03:04:05+00:00"))
    parts = (Factor(column="kg", factor=1 / 2.2), Factor(column="cm", factor=0.01, power=-2,
                                                         format=NumberFormat(missing=("999",))))
    session = session.with_decision("wide", "bmi", Decision(rule=Product(factors=parts), sureness=0.9, reason="by name"))
    session = session.with_decision("wide", "age", Decision(rule=Formula(expression="first_number([kg])"), sureness=0.4))
    return session, fresh


def test_layout_and_rules_in_a_fresh_project_give_the_same_table(decided: tuple[Session, Session]) -> None:
    session, fresh = decided
    taken = carried(session, fresh)
    assert taken.issues == () and "Layout of long" in taken.changes and "Layout of wide" not in taken.changes
    assert taken.session.mappings == session.mappings
    one, other = (each.harmonized().patients.to_csv() for each in (session, taken.session))
    assert one == other != fresh.harmonized().patients.to_csv()
    assert write_rules(taken.session) == write_rules(session)


def test_an_edited_layout_is_settled_by_who_takes_it_in(decided: tuple[Session, Session]) -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(write_rules(decided[0])))
    cell = next(row[2] for row in workbook["Layout"].iter_rows() if row[1].value == "shape.visit.values")
    assert cell.value == "one = 0.0\ntwo = 24.0\nthree = (missing)"
    for text, code in (("one = 0\ntwo = 168\nthree = (missing)", ""), ("one = soon", "layout_unreadable")):
        cell.value = text
        out = io.BytesIO()
        workbook.save(out)
        taken = take_rules(decided[0], SourceFile("rules.xlsx", out.getvalue()), "Bob", "2026-02-03T00:00:00+00:00")
        assert [issue.code for issue in taken.issues] == [code] * bool(code)
        visit = taken.session.mappings["long"].shape.visit
        assert visit is not None and visit.values["two"] == (24 if code else 168)
        assert taken.session.mappings["long"].structure_by == ("Ada" if code else "Bob")


def test_a_layout_with_a_column_that_is_not_there_is_refused(decided: tuple[Session, Session]) -> None:
    session, fresh = decided
    gone = session.mappings["long"].model_copy(update={"treatments": (TreatmentSource(column="Gone"),)})
    (issue,) = carried(session.with_mapping(gone), fresh).issues
    assert issue.code == "layout_unreadable" and '"Gone"' in issue.text and issue.where.row
