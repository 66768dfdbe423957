"""A table that is filled anew while a person writes in it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from gui.widgets.columns import Column
from gui.widgets.edit_table import Edit, EditTable


@dataclass(frozen=True)
class Visit:
    """A record of the test."""

    name: str
    hours: str


EDITS = {"Hours": Edit(lambda visit: visit.hours)}
BEFORE = (Visit("Day 1", "24"), Visit("Day 3", "72"))
AFTER = (Visit("Day 1", "24"), Visit("Day 2", "48"), Visit("Day 3", "72"))


@pytest.fixture
def table(qtbot) -> EditTable:
    """Two visits, the hours of the second being written."""
    found = EditTable("Visits", [Column("Visit", lambda visit: visit.name), Column("Hours", lambda visit: visit.hours)])
    qtbot.addWidget(found)
    found.show_records(BEFORE, EDITS)
    found.show()
    qtbot.waitExposed(found)
    found.edit(found.model_.index(1, 1))
    return found


def test_an_open_field_keeps_its_record_until_it_is_closed(table: EditTable, qtbot) -> None:
    table.show_records(AFTER, EDITS)
    assert table.model_.records == BEFORE
    field = table.findChild(QLineEdit)
    with qtbot.waitSignal(table.edited) as heard:
        QTest.keyClicks(field, "70")
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert heard.args == [BEFORE[1], "Hours", "70"]
    assert table.model_.records == AFTER


def test_a_field_left_with_nothing_changed_shows_what_came(table: EditTable, qtbot) -> None:
    table.show_records(AFTER, EDITS)
    QTest.keyClick(table.findChild(QLineEdit), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: table.model_.records == AFTER)


def test_of_what_came_only_the_last_is_shown(table: EditTable, qtbot) -> None:
    table.show_records((), EDITS)
    table.show_records(AFTER[:1], EDITS)
    QTest.keyClick(table.findChild(QLineEdit), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: table.model_.records == AFTER[:1])
