"""From the import to the project file and what is exported: what was dropped is nowhere."""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from pathlib import Path

import openpyxl
import pytest

from core.cli import main
from core.errors import Severity, UserError
from core.intake import load_files, new_session
from core.mapping import Decision, NumberFormat, Recode
from core.privacy.carry_out import suggested_decisions
from core.privacy.decisions import ColumnDecision
from core.privacy.findings import findings_of, open_findings
from core.project import Project
from core.session import Session
from tests.core.privacy.files import FIRST, LAST, patients, write_workbook

SECRETS = (*FIRST, *(name for name in LAST), "klinik-example", "+49 171", "D10116", "7340037")


@pytest.fixture
def session(tmp_path: Path) -> Session:
    write_workbook(tmp_path / "one.xlsx")
    return load_files(new_session(), [tmp_path / "one.xlsx"])


def everything_in(path: Path) -> bytes:
    """The bytes of a project file, and of every compressed stream in it, wherever it begins."""
    raw = path.read_bytes()
    found = [raw]
    with sqlite3.connect(path) as connection:
        found += [zlib.decompress(content) for (content,) in connection.execute("SELECT content FROM source")]
    connection.close()
    for start in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", raw):
        try:
            found.append(zlib.decompressobj().decompress(raw[start.start():]))
        except zlib.error:
            continue
    found += [xml for archive in list(found) for xml in _unzipped(archive)]
    return b"\n".join(found)


def _unzipped(content: bytes) -> list[bytes]:
    import io
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [archive.read(name) for name in archive.namelist()]
    except zipfile.BadZipFile:
        return []


def test_the_search_finds_what_is_there(session: Session, tmp_path: Path) -> None:
    Project.create(tmp_path / "p.modscope", session).close()
    assert b"Katzenellenbogen" in everything_in(tmp_path / "p.modscope")


def test_what_was_dropped_before_is_nowhere_in_the_file(session: Session, tmp_path: Path) -> None:
    cut = session.with_privacy(suggested_decisions(session))
    Project.create(tmp_path / "p.modscope", cut).close()
    content = everything_in(tmp_path / "p.modscope")
    assert not [secret for secret in SECRETS if secret.encode() in content]


def test_what_was_dropped_later_is_nowhere_in_the_file_nor_in_the_trail(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "p.modscope"
    quoting = session.with_decision("one", "inpatient", Decision(rule=Recode(
        column="Comments", codes=dict.fromkeys(session.table("one").columns_by_name["Comments"].counts, "1"))))
    project = Project.create(path, quoting)
    assert b"Zwingmann about" in everything_in(path)
    cut = quoting.with_privacy(suggested_decisions(quoting, by="Ann"))
    project.save(cut, "Privacy of one.xlsx", who="Ann")
    assert project.audit_is_intact()
    trail = project.audit()
    project.close()
    content = everything_in(path)
    assert not [secret for secret in SECRETS if secret.encode() in content]
    assert cut.privacy.key not in json.dumps(trail)
    assert any(row["kind"] == "privacy" and '"action":"drop"' in (row["new"] or "") for row in trail)
    assert trail[-1]["what"].startswith("Texts of cut columns") and "one.xlsx" in trail[-1]["why"]
    assert "inpatient" not in cut.mappings["one"].variables or "Comments" not in str(
        cut.mappings["one"].variables["inpatient"])


def test_the_rest_is_harmonized_as_before_and_comes_back(session: Session, tmp_path: Path) -> None:
    cut = session.with_privacy(suggested_decisions(session))
    before, after = session.harmonized().patients, cut.harmonized().patients
    assert [name for name in before if not before[name].equals(after[name])] == ["age"], "the age over 89"
    assert after["age"].max() == 90
    Project.create(tmp_path / "p.modscope", cut).close()
    project, again = Project.open(tmp_path / "p.modscope")
    project.close()
    assert again.harmonized().patients.equals(after)
    assert again.privacy == cut.privacy and open_findings(again) == ()
    assert again.sources["one.xlsx"].original_sha256 == session.sources["one.xlsx"].sha256
    assert again.sources["one.xlsx"].sha256 != session.sources["one.xlsx"].sha256


def test_until_a_person_has_decided_the_columns_are_issues_and_nothing_is_dropped(session: Session) -> None:
    told = [issue for issue in session.issues() if issue.code == "privacy"]
    assert len(told) == 9 and all(issue.severity is Severity.WARNING and issue.where.column for issue in told)
    assert not any(secret in str(issue) for issue in told for secret in SECRETS)
    assert session.table("one").columns_by_name["Patient name"].counts


def test_a_column_is_kept_with_a_reason_only(session: Session) -> None:
    finding = open_findings(session)[0]
    with pytest.raises(UserError, match="reason"):
        session.with_privacy([finding.decided("keep")])
    kept = session.with_privacy([finding.decided("keep", "Pseudonyms, says the team", "Ann")])
    assert kept.sources == session.sources and len(open_findings(kept)) == 8
    assert [one.decision.reason for one in findings_of(kept) if one.decision] == ["Pseudonyms, says the team"]


def test_a_file_sent_again_is_cut_before_anything_keeps_it(session: Session, tmp_path: Path) -> None:
    cut = session.with_privacy(suggested_decisions(session))
    write_workbook(tmp_path / "one.xlsx", title="Corrected")
    again = load_files(cut, [tmp_path / "one.xlsx"])
    assert not again.table("one").columns_by_name["Patient name"].counts
    assert again.table("one").title == "Corrected" and open_findings(again) == ()
    assert again.study_data("one").patients.equals(cut.study_data("one").patients)


def workbook_of_two_sheets(path: Path) -> Session:
    book = openpyxl.Workbook()
    people, ratings = book.active, book.create_sheet("Ratings")
    assert people is not None
    people.title = "Patients"
    people.append(["Subject ID", "Drug", "Age", "Sex"])
    ratings.append(["Subject ID", "MADRS baseline", "MADRS 24 h", "MADRS day 7", "Patient name"])
    for i in range(20):
        people.append([70_001 + i, ("ketamine", "saline")[i % 2], 30 + i, "FM"[i % 2]])
        ratings.append([70_001 + i, 30 + i % 7, 20 + i % 5, 24 + i % 3, f"{LAST[i % 6]}, {FIRST[i % 8]}"])
    book.save(path)
    return load_files(new_session(), [path])


def test_ids_on_several_sheets_become_codes_together(tmp_path: Path) -> None:
    session = workbook_of_two_sheets(tmp_path / "two.xlsx")
    cut = session.with_privacy([ColumnDecision(file="two.xlsx", sheet="Patients", column="Subject ID", action="hash")])
    before, after = session.harmonized().patients, cut.harmonized().patients
    assert len(after) == 20 and after["madrs_rapid"].notna().all() and not after["patient"].str.contains("7000").any()
    assert after.drop(columns="patient").equals(before.drop(columns="patient"))
    assert {one.sign.column for one in open_findings(cut)} == {"Patient name"}
    assert b"70013" not in cut.sources["two.xlsx"].content


def test_a_cut_that_would_tear_sheets_apart_is_refused(tmp_path: Path) -> None:
    session = workbook_of_two_sheets(tmp_path / "two.xlsx")
    torn = ColumnDecision(file="two.xlsx", sheet="Ratings", column="Subject ID", action="drop")
    with pytest.raises(UserError, match="put together"):
        session.with_privacy([torn])


def dated_session(tmp_path: Path) -> Session:
    """Ages from dates of birth, hours from days."""
    rows = ["id,drug,Date of birth,Infusion date,Rating date,MADRS"]
    for i in range(14):
        for day, score in ((0, 30 + i % 5), (1, 18 + i % 7), (7, 22 + i % 3)):
            rows.append(f"P{i:02d},{('ketamine', 'saline')[i % 2]},19{60 + i}-0{i % 9 + 1}-15,2019-03-{i + 2:02d},"
                        f"2019-03-{i + 2 + day:02d},{score}")
    (tmp_path / "dated.csv").write_text("\n".join(rows), encoding="utf-8")
    return load_files(new_session(), [tmp_path / "dated.csv"])


def test_dates_are_shifted_together_and_ages_and_hours_stay(tmp_path: Path) -> None:
    session = dated_session(tmp_path)
    before = session.harmonized().patients
    assert before["age"].notna().all() and before["madrs_rapid"].notna().all()
    birth = next(one for one in open_findings(session) if one.sign.kind == "birth_date")
    assert birth.variables == ("Age",) and "All dates" in birth.cost("shift")
    cut = session.with_privacy([birth.decided("shift", by="Ann")])
    assert open_findings(cut) == () and {one.by for one in cut.privacy.decisions} == {"Ann"}
    assert cut.harmonized().patients.equals(before)
    assert cut.table("dated").columns_by_name["Infusion date"].cells != (
        session.table("dated").columns_by_name["Infusion date"].cells)


def test_what_was_counted_between_a_shifted_and_a_kept_date_is_open_again(tmp_path: Path) -> None:
    session = dated_session(tmp_path)
    by_name = {one.sign.column: one for one in open_findings(session)}
    kept = session.with_privacy([by_name["Infusion date"].decided("keep", "The day of the trial is public")])
    cut = kept.with_privacy([by_name["Date of birth"].decided("shift")])
    patients_after = cut.harmonized().patients
    assert "age" not in cut.mappings["dated"].variables and patients_after["age"].isna().all()
    assert cut.mappings["dated"].shape.clock is None and patients_after["madrs_rapid"].isna().all()


def test_an_age_that_means_missing_stays_a_code(tmp_path: Path) -> None:
    for ages, expected in (((99, 99, 34), []), ((99, 93, 34), ["cap"])):
        rows = [(*row[:11], ages[i] if i < 3 else 40, *row[12:]) for i, row in enumerate(patients())]
        write_workbook(tmp_path / "one.xlsx", rows)
        session = load_files(new_session(), [tmp_path / "one.xlsx"])
        age = session.mappings["one"].variables["age"]
        coded = age.rule.model_copy(update={"format": NumberFormat(missing=("99",))})
        session = session.with_decision("one", "age", age.model_copy(update={"rule": coded}))
        found = [one for one in open_findings(session) if one.sign.kind == "old_age"]
        assert [one.suggested for one in found] == expected
        cut = session.with_privacy([one.decided("cap") for one in found])
        after = cut.harmonized().patients["age"]
        assert after.isna().sum() == ages.count(99) and after.max() == (90 if expected else 40)


def test_a_file_that_cannot_be_cut_as_before_does_not_come_in(session: Session, tmp_path: Path) -> None:
    cut = session.with_privacy(suggested_decisions(session))
    rows = [(*row[:5], "03/04/1961", *row[6:]) for row in patients()]
    write_workbook(tmp_path / "one.xlsx", rows)
    again = load_files(cut, [tmp_path / "one.xlsx"])
    assert again.sources == cut.sources
    assert [issue.where.column for issue in again.import_issues if issue.code == "file_not_cut"] == ["Date of birth"]


def test_undo_brings_a_column_back_and_redo_takes_it_out_of_the_file_again(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "p.modscope"
    cut = session.with_privacy(suggested_decisions(session))
    project = Project.create(path, session)
    for step, what in ((cut, "Privacy"), (session, "Undo: Privacy"), (cut, "Redo: Privacy")):
        project.save(step, what)
    assert project.audit_is_intact()
    project.close()
    content = everything_in(path)
    assert not [secret for secret in SECRETS if secret.encode() in content]


def test_nothing_that_is_exported_holds_what_was_dropped_nor_the_key(
        session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.analysis import run_analysis
    from core.export import export_all
    from core.plan import quick
    from core.pooled import pooled_from_session

    few = quick(session.plan)
    session = session.with_plan(few.model_copy(update={"bootstrap": few.bootstrap.model_copy(
        update={"replicates": 10})}))
    session = session.with_results(run_analysis(pooled_from_session(session), session.plan))
    cut = session.with_privacy(suggested_decisions(session))
    assert cut.results is not None and not any(issue.where.file for issue in cut.results.issues)
    monkeypatch.setattr("core.figures.figures_for", lambda *_: ())  # drawings of the same numbers take their time
    export_all(tmp_path / "out", cut.results, pooled_from_session(cut))
    found = [file.read_bytes() for file in (tmp_path / "out").rglob("*") if file.is_file()]
    content = b"\n".join([*found, *(part for one in found for part in _unzipped(one))])
    assert b"S01" in content
    assert not [secret for secret in (*SECRETS, cut.privacy.key) if secret.encode() in content]


def test_ids_become_codes_that_are_the_same_in_harmonized_data(tmp_path: Path) -> None:
    text = (tmp_path / "two.csv")
    rows = [f"{i},{7_000_001 + i % 12},{'ketamine' if i % 2 else 'saline'},{visit},{30 - k * 5}"
            for i in range(12) for k, visit in enumerate(("Baseline", "24 h"))]
    text.write_text("\n".join(["row,MRN,drug,visit,MADRS", *rows]), encoding="utf-8")
    session = load_files(new_session(), [text])
    mapping = session.mappings["two"]
    session = session.with_mapping(mapping.model_copy(update={
        "shape": mapping.shape.model_copy(update={"patient": "MRN"})}))
    [finding] = open_findings(session)
    assert finding.choices == ("hash", "keep"), "without ids the rows could not be told apart"
    before, cut = session.harmonized().patients, session.with_privacy([finding.decided("hash")])
    after = cut.harmonized().patients
    assert len(set(after["patient"])) == len(set(before["patient"])) == 12
    assert not set(after["patient"]) & {str(7_000_001 + i) for i in range(12)}  # the codes are random digits
    assert after.drop(columns="patient").equals(before.drop(columns="patient"))


def test_a_variable_read_from_a_dropped_column_is_open_again(session: Session) -> None:
    age = next(one for one in open_findings(session) if one.sign.kind == "old_age")
    assert "Age" in age.cost("drop") and "open question" in age.cost("drop")
    cut = session.with_privacy([age.decided("drop")])
    assert "Age (years)" not in cut.mappings["one"].canonical_json()
    assert not any("Age (years)" in str(issue) for issue in cut.issues() if issue.where.column == "Age (years)")


def test_the_command_does_what_is_suggested_before_anything_is_stored(tmp_path: Path, capsys: object) -> None:
    write_workbook(tmp_path / "one.xlsx")
    path = tmp_path / "p.modscope"
    assert main(["import", str(tmp_path / "one.xlsx"), "--project", str(path), "--privacy", "suggested"]) == 0
    content = everything_in(path)
    assert not [secret for secret in SECRETS if secret.encode() in content]
