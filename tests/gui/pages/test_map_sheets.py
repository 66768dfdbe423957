"""Which sheets of a workbook make a study's table, and by which ids, chosen on the Map page."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from core.intake import load_files, new_session
from gui.pages.map import MapPage
from gui.pages.map_columns import READING
from gui.pages.map_reading import KEY, USED
from tests.gui.pages.test_map_page import edit, shown


@pytest.fixture
def page(qtbot, tmp_path: Path) -> MapPage:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    sheets = {"People": [("Subject", "Old number", "Age", "Arm"),
                         *((f"S{i}", f"N{20 - i}", 30 + i, ("ketamine", "saline")[i % 2]) for i in range(8))],
              "Ratings": [("Subject", "MADRS baseline", "MADRS 24h"), *((f"S{i}", 30 + i, 20 + i) for i in range(8))],
              "Weights": [("Code", "Weight (kg)"), *((f"N{20 - i}", 70 + i) for i in range(8))]}
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "trial.xlsx")
    page = shown(qtbot, load_files(new_session(), [tmp_path / "trial.xlsx"]))
    page.open("trial", READING)
    return page


def uses(page: MapPage) -> dict[str, tuple[bool, str | None]]:
    part = page.columns.part(READING)
    return {one.sheet: (one.is_used, one.id_column) for one in part.sheets.model_.records}


def columns(page: MapPage) -> set[str]:
    return set(page.session.table("trial").columns_by_name)


def test_sheets_and_their_ids_are_shown_and_can_be_left_out(page: MapPage) -> None:
    part = page.columns.part(READING)
    assert not part.sheets.isHidden()
    assert uses(page)["People"] == uses(page)["Ratings"] == (True, "Subject") and not uses(page)["Weights"][0]
    assert {"Age", "MADRS 24h"} <= columns(page)
    edit(part.sheets, "Ratings", USED, False)
    assert page.session.mappings["trial"].reading.sheet == "People" and "MADRS 24h" not in columns(page)
    edit(part.sheets, "Ratings", USED, True)
    assert page.session.mappings["trial"].reading.sheets == ("People", "Ratings") and "MADRS 24h" in columns(page)


def test_the_column_by_which_a_sheet_is_put_to_the_others(page: MapPage) -> None:
    part = page.columns.part(READING)
    edit(part.sheets, "Ratings", USED, False)
    edit(part.sheets, "Weights", USED, True)
    assert '"Weights"' in part.message.text  # its codes are not the subjects' ids, and that is said
    edit(part.sheets, "People", KEY, "Old number")
    assert part.message.text == "" and {"Age", "Weight (kg)"} <= columns(page)
    assert page.session.mappings["trial"].reading.id_columns["People"] == "Old number"
