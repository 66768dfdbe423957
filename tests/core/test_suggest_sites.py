"""Ids that begin anew at every site: never two patients for one, and never one for two."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.intake import load_files, new_session
from core.session import Session
from core.sources import Cell
from tests.core.suggest_tables import Suggested, suggest

VISITS = (("Baseline", 30), ("24 h", 18), ("Day 7", 12))


def long(*sites: tuple[str, int, int], site: str = "Site") -> dict[str, list[Cell]]:
    """Patients by site, from one number to another, three visits each."""
    rows = [(name, number, ("ketamine", "saline")[number % 2], visit, score + number % 5)
            for name, first, last in sites for number in range(first, last + 1) for visit, score in VISITS]
    return {title: [row[i] for row in rows] for i, title in enumerate((site, "Patient", "Drug", "Visit", "MADRS"))}


def wide(*sites: tuple[str, int, int]) -> dict[str, list[Cell]]:
    rows = [(name, number, ("ketamine", "saline")[number % 2], 30 + number % 5, 20 + number % 7)
            for name, first, last in sites for number in range(first, last + 1)]
    return {title: [row[i] for row in rows] for i, title in enumerate(("Center", "ID", "Arm", "MADRS baseline", "MADRS 24h"))}


def site_of(found: Suggested) -> str | None:
    shape = found.mapping.shape
    assert (shape.site is not None) == ("ids_by_rows" in {issue.code for issue in found.issues})
    return shape.site


@pytest.mark.parametrize(("table", "site"), [
    (long(("A", 1, 8), ("B", 1, 8)), "Site"), (long(("A", 1, 8), ("B", 8, 12)), "Site"),
    (long(("A", 1, 6), ("B", 1, 6), ("C", 1, 3), site="Study centre"), "Study centre"),
    (wide(("A", 1, 8), ("B", 1, 8)), "Center"), (wide(("A", 1, 12), ("B", 1, 2)), "Center"),
    (long(("A", 1, 8), ("B", 9, 16)), None), (wide(("A", 1, 8), ("B", 9, 16)), None)])
def test_sites_count_where_ids_stand_at_several(table: dict[str, list[Cell]], site: str | None) -> None:
    found = suggest(table)
    assert site_of(found) == site and found.mapping.shape.patient in ("Patient", "ID")
    assert found.mapping.shape.kind == ("long" if "Visit" in table else "wide") and found.mapping.is_structure_sure


def test_a_patient_who_moved_stays_one() -> None:
    table = long(("A", 1, 8))
    table["Site"][2] = "B"  # day 7 was rated elsewhere
    assert site_of(suggest(table)) is None


def test_rows_entered_twice_are_not_two_sites() -> None:
    table = {name: [*cells, cells[0]] for name, cells in long(("A", 1, 8), ("B", 9, 16)).items()}
    assert site_of(suggest(table)) is None


def test_ids_that_restart_where_no_name_says_site_are_asked_about() -> None:
    table = long(("A", 1, 8), ("B", 1, 8), site="qz")
    table["MADRS"] = [12 + (5 * i) % 29 for i in range(len(table["qz"]))]
    found = suggest(table)
    assert found.mapping.shape.patient is None and '"qz" tells them apart' in found.mapping.structure_reason
    del table["qz"]
    found = suggest(table)
    assert found.mapping.shape.patient is None and "as if several patients bore it" in found.mapping.structure_reason


def test_a_few_ratings_made_twice_are_no_second_patient() -> None:
    table = long(("A", 1, 8), site="qz")
    twice = {name: [*cells, *cells[:2]] for name, cells in table.items()}
    twice["MADRS"][-2:] = [1, 2]
    assert suggest(twice).mapping.shape.patient == "Patient"


def session_of(table: dict[str, list[Cell]], tmp_path: Path) -> Session:
    path = tmp_path / "trial.csv"
    path.write_text("\n".join(",".join(map(str, row)) for row in [list(table), *zip(*table.values(), strict=True)]))
    return load_files(new_session(), [path])


def test_patients_are_named_by_site_and_id(tmp_path: Path) -> None:
    session = session_of(long(("Boston", 1, 8), ("Houston", 1, 7)), tmp_path)
    data = session.study_data("trial")
    assert len(data.patients) == 15 and {"Boston / 1", "Houston / 7"} <= set(data.patients["patient"])
    assert data.patients["madrs_post_rapid"].notna().all()
    assert not {"conflicting_scores", "contradiction"} & {issue.code for issue in data.issues}
