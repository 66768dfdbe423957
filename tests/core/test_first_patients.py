"""The first patients of a study as they will be, whatever the length of its file."""

from __future__ import annotations

from pathlib import Path

from core.first_patients import PATIENTS, ROWS, first_patients
from core.intake import load_files, new_session
from core.mapping import Shape
from core.session import Session


def loaded(tmp_path: Path, lines: list[str]) -> Session:
    (tmp_path / "trial.csv").write_text("\n".join(lines))
    return load_files(new_session(), [tmp_path])


def long_file(tmp_path: Path, patients: int) -> Session:
    return loaded(tmp_path, ["Subject,Drug,Visit,MADRS", *(
        f"S{i},{('ketamine', 'saline')[i % 2]},{visit},{score}" for i in range(patients)
        for visit, score in (("Baseline", 30), ("24 h", 20), ("Day 7", 12)))])


def test_rows_of_a_long_file_are_put_together(tmp_path: Path) -> None:
    session = long_file(tmp_path, 12)
    found = first_patients(session, "trial")
    assert [one.name for one in found] == [f"S{i}" for i in range(PATIENTS)]
    assert (found[0].given, found[0].baseline, found[1].given, found[0].left_out) == ("Ketamine", "30", "Placebo", "")
    assert found[0].later.count(":") == 2 and ": 20" in found[0].later and ": 12" in found[0].later
    whole = session.study_data("trial").patients.iloc[:PATIENTS]
    assert [one.baseline for one in found] == [f"{value:g}" for value in whole["madrs_baseline"]]


def test_only_the_first_rows_are_looked_at(tmp_path: Path) -> None:
    session = long_file(tmp_path, ROWS)
    table = session.table("trial")
    assert len(table.rows) == 3 * ROWS and len(first_patients(session, "trial")) == PATIENTS


def test_a_corrected_shape_shows_at_once_what_it_does(tmp_path: Path) -> None:
    session = long_file(tmp_path, 12)
    mapping = session.mappings["trial"]
    changed = session.with_mapping(mapping.model_copy(update={"shape": mapping.shape.model_copy(update={"visit": None})}))
    assert {one.baseline for one in first_patients(changed, "trial")} == {""}
    nobody = session.with_mapping(mapping.model_copy(update={"shape": Shape(kind="long")}))
    assert first_patients(nobody, "trial") == ()
