"""What a study lacks, and the workbook that asks its team: the right questions, and nothing of the data."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from core.cli import main
from core.intake import load_files, new_session
from core.mapping import Decision, Unavailable
from core.missing import missing_of
from core.missing_request import FACTS, QUESTIONS, write_missing
from core.session import Session

SMALL = """id,treatment,dose_mg_kg,MADRS baseline,MADRS 24h,MADRS day 7,age,sex,bmi,smoker
Secret-1,ketamine,0.5,31,12,14,34,F,,current
Secret-2,saline,,33,30,29,51,M,,never
Secret-3,ketamine,0.5,87,12,,29,F,31,sometimes
Secret-4,saline,,28,27,25,340,M,,never
Secret-5,wizardry,,28,27,25,34,M,,never
""" + "".join(f"S{i},{'ketamine,0.5' if i % 2 else 'saline,'},{24 + i},{20 - i // 2},{18 + i // 3},{30 + i},{'MF'[i % 2]},"
              f"{22 + i % 7},never\n" for i in range(20))


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    folder = tmp_path_factory.mktemp("missing")
    (folder / "small.csv").write_text(SMALL, encoding="utf-8")
    loaded = load_files(new_session(), [folder])
    return loaded.with_decision("small", "married", Decision(rule=Unavailable(reason="not asked"), by="A"))


def test_what_one_study_lacks(session: Session) -> None:
    found = missing_of(session, "small")
    assert found.patients == 23
    assert {issue.code for issue in found.questions} >= {"unknown_treatment"}
    assert {(issue.code, issue.where.row) for issue in found.faults} >= {("score_off_scale", 4), ("implausible", 5),
                                                                         ("no_baseline", 4)}
    assert found.cannot == (("Married or partnered", "not asked"),)
    assert "Employed" in found.never
    assert "Married or partnered" not in found.never
    assert ("Age", 22, 23) in [(one.label, one.n, one.total) for one in found.incomplete]
    assert {"country", "design", "control_type", "trd_threshold"} <= {fact.key for fact in found.facts}
    assert len(found.bias) == 5
    assert not found.is_nothing


def test_the_workbook_names_places_and_no_values(session: Session, tmp_path: Path) -> None:
    write_missing(tmp_path / "m.xlsx", missing_of(session, "small"), session.protocol)
    workbook = openpyxl.load_workbook(tmp_path / "m.xlsx")
    rows = [row[1:4] for row in workbook[QUESTIONS].iter_rows(min_row=2, values_only=True)]
    assert ('column "treatment", row 6', None, "What treatment is meant?") in rows
    assert ('column "age", row 5', "Age", "The value is outside what is plausible. Please check it.") in rows
    assert (None, "Employed", "The file does not hold it. Can you add it? If it was not collected, please say so.") in rows
    text = " ".join(str(cell) for sheet in workbook for row in sheet.iter_rows(values_only=True) for cell in row)
    assert not [word for word in ("Secret", "wizardry", "sometimes", "340") if word in text]


def test_answers_come_back_to_their_study(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "sent back.xlsx"
    write_missing(path, missing_of(session, "small"), session.protocol)
    workbook = openpyxl.load_workbook(path)
    facts = workbook[FACTS]
    keys = {facts.cell(row, 1).value: row for row in range(2, facts.max_row + 1)}
    facts.cell(keys["country"], 3, "Norway")
    workbook["Risk of bias"]["C2"] = "low"
    workbook.save(path)
    answered = load_files(session, [path])
    study = answered.registry.by_id["small"]
    assert (study.country, study.risk_of_bias) == ("NO", {"randomization": "low"})
    assert set(answered.registry.by_id) == {"small"}
    assert "answers_taken" in {issue.code for issue in answered.import_issues}
    assert path.name not in answered.sources


def test_the_command(session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "small.csv").write_text(SMALL, encoding="utf-8")
    project = tmp_path / "p.modscope"
    assert main(["import", str(tmp_path / "small.csv"), "--project", str(project), "--quiet"]) == 0
    assert main(["missing", str(project), "--out", str(tmp_path / "out")]) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["missing_small.xlsx"]
    assert "missing_small.xlsx" in capsys.readouterr().out
    assert main(["missing", str(tmp_path / "small.csv"), "--out", str(tmp_path / "out")]) == 2
