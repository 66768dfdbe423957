"""A file sent again: what changed is told, rules follow renamed columns, other studies stay as they were."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from core.errors import UserError
from core.intake import load_files, new_session
from core.mapping import Decision, Formula, Recode
from core.registry import Registry, Study
from core.resend import Resent, compare_file, new_questions, with_resent
from core.rule_columns import columns_of, layout_columns
from core.session import Session
from core.sources import SourceFile

HEADER = "Subject,Drug,MADRS baseline,MADRS 24h,MADRS day 7,Age,Sex,Weight,Height"
ROWS = [f"S{i:02d},{('ketamine 0.5 mg/kg', 'saline')[i % 2]},{28 + i % 9},{12 + 3 * i % 17},{14 + 5 * i % 19},"
        f"{30 + 7 * i % 31},{'FM'[i * i % 3 % 2]},{60 + 11 * i % 37},{155 + 13 * i % 35}" for i in range(14)]


def text(header: str = HEADER, rows: list[str] = ROWS) -> str:
    return "\n".join([header, *rows]) + "\n"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Session:
    folder = tmp_path_factory.mktemp("files")
    (folder / "one.csv").write_text(text())
    (folder / "two.csv").write_text(text().replace("S0", "T0").replace("S1", "T1"))
    session = load_files(new_session(), [folder])
    rule = Formula(expression="[Weight] / ([Height] / 100) ^ 2")
    session = session.with_decision("one", "bmi", Decision(rule=rule, by="Ada"))
    return session.with_decision("one", "female", Decision(rule=Recode(column="Sex", codes={"F": "1", "M": "0"}), by="Ada"))


def compared(session: Session, content: str, name: str = "one.csv") -> Resent:
    return compare_file(session, "one", SourceFile(name, content.encode()))


def test_the_same_table_changes_nothing(loaded: Session) -> None:
    resent = compared(loaded, text().replace("\n", "\r\n"))
    assert resent.is_same and resent.words == "nothing that is read changed"
    assert with_resent(loaded, resent).mappings == loaded.mappings


def test_rows_and_values(loaded: Session) -> None:
    rows = [*ROWS[1:13], "S99,saline,30,20,10,44,F,70,170"]
    rows[0] = rows[0].replace("saline", "Saline")
    resent = compared(loaded, text(rows=rows))
    assert (resent.rows_added, resent.rows_gone, resent.changed) == (1, 2, {"Drug": 1})
    assert not (resent.renamed or resent.added or resent.gone)


def test_columns_spelled_otherwise_are_the_same(loaded: Session) -> None:
    resent = compared(loaded, text(HEADER.replace("MADRS 24h", "madrs_24H").replace("Weight", "WEIGHT")))
    assert {one.before: (one.after, one.is_sure) for one in resent.renamed} == {
        "MADRS 24h": ("madrs_24H", True), "Weight": ("WEIGHT", True)}
    after = with_resent(loaded, resent)
    rule = after.mappings["one"].variables["bmi"].rule
    assert isinstance(rule, Formula) and rule.expression == "[WEIGHT] / ([Height] / 100) ^ 2"
    assert "madrs_24H" in layout_columns(after.mappings["one"]) and not new_questions(loaded, after, resent)
    assert after.study_data("one").patients.equals(loaded.study_data("one").patients)


def test_columns_that_hold_the_same_are_suggested_with_the_reason(loaded: Session) -> None:
    content = text(HEADER.replace("Sex", "Gender").replace("MADRS day 7", "M7").replace("Subject", "Code"))
    resent = compared(loaded, content)
    assert {one.before: one.after for one in resent.renamed} == {"Sex": "Gender", "MADRS day 7": "M7", "Subject": "Code"}
    assert not any(one.is_sure for one in resent.renamed) and "100 %" in resent.renamed[0].reason
    asked = with_resent(loaded, resent)
    decision = asked.mappings["one"].variables["female"]
    assert not decision.is_settled and columns_of(decision.rule) == ("Gender",) and "may now be" in decision.reason
    assert "M7" not in layout_columns(asked.mappings["one"])
    assert "structure_unsure" in {issue.code for issue in new_questions(loaded, asked, resent)}
    agreed = with_resent(loaded, resent, agreed={"Sex", "MADRS day 7", "Subject"})
    assert agreed.mappings["one"].variables["female"].by == "Ada" and not new_questions(loaded, agreed, resent)
    assert agreed.study_data("one").patients.equals(loaded.study_data("one").patients)


def test_columns_gone_and_added_and_texts_that_no_rule_covers(loaded: Session) -> None:
    rows = [row.rsplit(",", 1)[0] + f",{i % 2}" for i, row in enumerate(ROWS)]
    rows[3] = rows[3].replace(",M,", ",X,").replace(",F,", ",X,")
    resent = compared(loaded, text(HEADER.replace("Height", "PTSD"), rows))
    assert (resent.gone, resent.added, resent.changed) == (("Height",), ("PTSD",), {"Sex": 1})
    after = with_resent(loaded, resent)
    assert {issue.code for issue in new_questions(loaded, after, resent)} == {"column_gone", "unknown_code"}
    assert columns_of(after.mappings["one"].variables["ptsd"].rule) == ("PTSD",)


def test_under_another_name_the_old_file_leaves(loaded: Session) -> None:
    after = with_resent(loaded, compared(loaded, text(), "one_v2.csv"))
    assert set(after.sources) == {"one_v2.csv", "two.csv"} and after.mappings["one"].file == "one_v2.csv"
    with pytest.raises(UserError, match="has a file of this name"):
        compared(loaded, text(rows=ROWS[:9]), "two.csv")


def test_other_studies_stay_byte_for_byte(loaded: Session, tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text(text(HEADER.replace("Sex", "Gender").replace("Weight", "weight")))
    after = load_files(loaded, [tmp_path / "one.csv"])
    assert after.mappings["two"].canonical_json() == loaded.mappings["two"].canonical_json()
    assert after.sources["two.csv"] == loaded.sources["two.csv"] and after.protocol == loaded.protocol
    assert after.registry.by_id["two"] == loaded.registry.by_id["two"]
    assert columns_of(after.mappings["one"].variables["bmi"].rule) == ("weight", "Height")
    note = next(issue for issue in after.import_issues if issue.code == "file_resent")
    assert note.where.study == "one" and '"Sex" is now "Gender"' in note.text


def test_a_file_that_cannot_be_read_is_refused(loaded: Session) -> None:
    with pytest.raises(UserError):
        compared(loaded, "")


def test_two_studies_of_one_workbook_are_both_carried_over(tmp_path: Path) -> None:
    def book(sex: str) -> Path:
        made = openpyxl.Workbook()
        made.remove(made.active)
        for name in ("A", "B"):
            sheet = made.create_sheet(name)
            for row in (HEADER.replace("Sex", sex).split(","), *([f"{name}{row}", *row.split(",")[1:]] for row in ROWS)):
                sheet.append(row)
        made.save(tmp_path / "book.xlsx")
        return tmp_path / "book.xlsx"

    session = new_session().with_registry(Registry(studies=tuple(
        Study(study=name, file="book.xlsx", sheet=name) for name in ("A", "B"))))
    session = load_files(session, [book("Sex")])
    rule = Decision(rule=Recode(column="Sex", codes={"F": "1", "M": "0"}), by="Ada")
    for name in ("A", "B"):
        session = session.with_decision(name, "female", rule)
    after = load_files(session, [book("SEX")])
    assert [columns_of(after.mappings[name].variables["female"].rule) for name in ("A", "B")] == [("SEX",)] * 2
