"""A file sent again, and rules as a table, from the Map page."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from core.registry import Study
from core.rule_columns import columns_of
from core.session import Session
from core.sources import SourceFile
from gui.pages.map import MapPage
from gui.pages.map_columns import READING
from tests.gui.pages.test_map_page import edit, shown
from tests.gui.pages.test_rule_editor import FILE, small

__all__ = ["small"]


@pytest.fixture
def page(qtbot, small: Session) -> MapPage:
    other = small.with_source(SourceFile("other.csv", FILE.replace("a", "b").encode())).with_study(
        Study(study="other", file="other.csv"))
    return shown(qtbot, other.with_mapping(other.suggested("other")[0]))


def compare(page: MapPage, qtbot, boxes, path: Path, content: str):
    path.write_text(content)
    page.open("small", READING)
    part = page.columns.part(READING)
    boxes.files = [path]
    part.send.click()
    qtbot.waitUntil(lambda: not part.resent.isHidden() or bool(part.message.text))
    return part


def test_a_new_file_is_compared_in_place_and_taken_in_one_step(page: MapPage, qtbot, boxes, tmp_path: Path) -> None:
    before = page.session
    content = FILE.replace("Sex", "Gender").replace("Weight", "WEIGHT").replace(",31,28,", ",31,27,")
    part = compare(page, qtbot, boxes, tmp_path / "small_v2.csv", content.replace("MDD; GAD", "MDD; GAD ") + "a5,saline,"
                   "F,70,170,1970-05-01,2018-05-03,33,30,\n")
    rows = {(row.raw, row.what): row for row in part.resent.rows.model_.records}
    assert {("Weight", "renamed"), ("Sex", "renamed?"), ("MADRS_24h", "changed"), ("4 rows", "rows")} <= set(rows)
    assert "100 %" in rows["Sex", "renamed?"].now and "1 added, 0 gone" in rows["4 rows", "rows"].now
    with qtbot.waitSignal(page.deciding) as heard:
        part.resent.take.click()
    assert heard.args[1] == "New file of Small" and part.resent.isHidden()
    mapping = page.session.mappings["small"]
    assert mapping.file == "small_v2.csv" and columns_of(mapping.variables["female"].rule) == ("Gender",)
    assert "small.csv" not in page.session.sources and len(page.session.table("small").rows) == 5
    assert page.session.mappings["other"].canonical_json() == before.mappings["other"].canonical_json()
    assert before.sources["small.csv"].content == FILE.encode()  # the step before still has all of it


def test_a_suggested_column_can_be_refused_and_the_old_file_kept(page: MapPage, qtbot, boxes, tmp_path: Path) -> None:
    part = compare(page, qtbot, boxes, tmp_path / "small.csv", FILE.replace("Sex", "Gender"))
    edit(part.resent.rows, "Sex", "What", False)
    shown_rows = [(row.raw, row.what) for row in part.resent.rows.model_.records]
    assert ("Sex", "not the same") in shown_rows and ("Sex", "asks") in shown_rows
    with qtbot.assertNotEmitted(page.deciding):
        part.resent.keep.click()
    assert part.resent.isHidden() and not part.grid.isHidden()


def test_a_file_that_cannot_be_read_is_told_in_place(page: MapPage, qtbot, boxes, tmp_path: Path) -> None:
    part = compare(page, qtbot, boxes, tmp_path / "small.csv", "")
    assert "empty" in part.message.text and part.resent.isHidden()


def test_rules_are_written_edited_and_taken_back(page: MapPage, qtbot, boxes, tmp_path: Path) -> None:
    target = tmp_path / "rules.xlsx"
    boxes.files = [target]
    said = []
    page.rules.said.connect(lambda text, _: said.append(text))
    page.rules.save.trigger()
    qtbot.waitUntil(lambda: len(said) == 1)
    book = openpyxl.load_workbook(target)
    rows = {row[0].value: row for row in book["small"].iter_rows(min_row=2)}
    rows["smoker"][2].value, rows["smoker"][4].value = "constant", "0"
    book.save(target)
    with qtbot.waitSignal(page.decided) as heard:
        page.rules.take.trigger()
    assert heard.args[1] == "1 rule from rules.xlsx"
    assert page.session.mappings["small"].variables["smoker"].rule.value == "0" and "1 rule changed" in page.message.text
    rows["smoker"][2].value = "magic"
    book.save(target)
    page.rules.take.trigger()
    qtbot.waitUntil(lambda: "magic" in page.message.text)
    assert "sheet small, row" in page.message.text and "Nothing was changed" in page.message.text


def test_maelstroms_tables_are_written(page: MapPage, qtbot, boxes, tmp_path: Path) -> None:
    boxes.files = [tmp_path / "m"]
    page.rules.maelstrom.trigger()
    qtbot.waitUntil(lambda: "DataSchema.xlsx" in page.message.text)
    assert (tmp_path / "m" / "data_processing_elements.csv").read_text().startswith("index,dataschema_variable,")
