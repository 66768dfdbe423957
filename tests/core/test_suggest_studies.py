"""A file of several studies is no study's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Severity
from core.intake import load_files, new_session
from core.suggest.studies import study_column
from tests.core.suggest_tables import GIVEN, IDS, cycle, long_table, make_table, scored, suggest

SCORES = scored("MADRS_BL", "MADRS_24h")


@pytest.mark.parametrize("name", ["study", "Study ID", "Trial", "study_name", "StudyID"])
def test_several_studies_are_told(name: str) -> None:
    found = suggest({name: ["A"] * 6 + ["B"] * 6, "patient": IDS, "Group": GIVEN, **SCORES})
    (issue,) = found.issues
    assert (issue.severity, issue.code, issue.where.column) == (Severity.QUESTION, "several_studies", name)
    assert "several studies" in issue.text and '"A", "B"' in issue.text and "split" in issue.remedy
    assert found.mapping.scores == () and found.mapping.treatments == ()


@pytest.mark.parametrize(("name", "cells"), [
    ("study", ["A"] * 12), ("Study ID", IDS), ("study", cycle("yes", "no")), ("Site", ["A"] * 6 + ["B"] * 6),
    ("Study drug", ["ketamine"] * 6 + ["saline"] * 6)])
def test_other_columns_are_no_studies(name: str, cells: list[object]) -> None:
    assert study_column(make_table({name: cells, "Patient ID": IDS, "Group": GIVEN, **SCORES})) is None  # type: ignore[dict-item]


def test_a_long_files_study_ids_are_its_patients() -> None:
    table = long_table(("Baseline", "24 h", "Day 3", "Day 7"))
    ids = {"Study ID": table.pop("Subject")}
    assert suggest({**ids, **table}).mapping.shape.patient == "Study ID"
    assert suggest({**ids, "Patient number": [*ids["Study ID"]], **table}).mapping.scores


def test_nobody_of_such_a_file_is_analyzed(tmp_path: Path) -> None:
    rows = ["study,patient,treatment,MADRS baseline,MADRS 24h"]
    rows += [f"{'AB'[i // 6]},{i},{('ketamine 0.5 mg/kg', 'saline')[i % 2]},{30 + i},{20 + i}" for i in range(12)]
    (tmp_path / "pooled.csv").write_text("\n".join(rows), encoding="utf-8")
    session = load_files(new_session(), [tmp_path / "pooled.csv"])
    assert [issue.code for issue in session.open_questions()] == ["several_studies"]
    assert (session.harmonized().patients["excluded"] != "").all()
