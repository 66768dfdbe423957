from __future__ import annotations

from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest

from gui.widgets.columns import Column
from gui.widgets.data_table import DataTable
from gui.widgets.marks import OK


@dataclass(frozen=True)
class Row:
    name: str
    n: int | None


ROWS = (Row("b", 10), Row("a", None), Row("c", 9))
COLUMNS = (Column("Name", lambda row: row.name, hint=lambda row: f"this is {row.name}", mark=lambda row: OK),
           Column("n", lambda row: "" if row.n is None else str(row.n), number=True, order=lambda row: row.n,
                  about="How many"))


@pytest.fixture
def table(qtbot) -> DataTable:
    made = DataTable("Rows", COLUMNS, key=lambda row: row.name)
    qtbot.addWidget(made)
    made.show_records(ROWS)
    made.show()
    return made


def names(table: DataTable) -> str:
    return "".join(row.name for row in table.records.records)


def test_the_model_keeps_qts_rules(table: DataTable) -> None:
    tester = QAbstractItemModelTester(table.records, QAbstractItemModelTester.FailureReportingMode.Fatal)
    table.records.sort(0)
    table.show_records(ROWS[:1])
    table.add_records(ROWS[1:])
    assert tester.model() is table.records


def test_numbers_sort_as_numbers_and_what_is_missing_stays_last(table: DataTable) -> None:
    table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert names(table) == "cba"
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert names(table) == "bca"
    table.show_records(ROWS)
    assert names(table) == "bca"


def test_the_chosen_record_moves_with_its_row(table: DataTable, qtbot) -> None:
    table.choose("c")
    with qtbot.assertNotEmitted(table.chosen):
        table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert (names(table), table.currentIndex().row(), table.current) == ("cba", 0, ROWS[2])
    assert [index.row() for index in table.selectionModel().selectedRows()] == [0]


def test_records_that_come_later_are_sorted_in_and_measured(table: DataTable, qtbot) -> None:
    table.show_records(ROWS[:2])
    table.choose("b")
    narrow = table.columnWidth(0)
    with qtbot.assertNotEmitted(table.chosen):
        table.add_records((Row("c" * 30, 9),))
    assert names(table) == "ba" + "c" * 30 and table.current == ROWS[0]
    assert table.columnWidth(0) > narrow
    table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    table.add_records((Row("d", 8),))
    assert names(table) == "d" + "c" * 30 + "ba" and table.current == ROWS[0]
    alone = DataTable("Rows", COLUMNS)
    qtbot.addWidget(alone)
    alone.add_records(table.records.records)
    assert alone.columnWidth(0) == table.columnWidth(0)


def test_the_chosen_row_stays_chosen_and_is_told_once(table: DataTable, qtbot) -> None:
    with qtbot.waitSignal(table.chosen) as heard:
        assert table.choose("c")
    assert heard.args == [ROWS[2]]
    with qtbot.assertNotEmitted(table.chosen):
        table.show_records(tuple(reversed(ROWS)))
        assert table.current == ROWS[2]
        table.choose("a", tell=False)
        assert not table.choose("nobody")
    assert table.current == ROWS[1]


def test_a_row_is_still_told_after_the_table_was_filled_anew(table: DataTable, qtbot) -> None:
    table.choose("c")
    table.show_records(ROWS)
    with qtbot.waitSignal(table.chosen) as heard:
        QTest.keyClick(table, Qt.Key.Key_Up)
    assert heard.args == [ROWS[1]]


def test_enter_opens_and_copy_copies(table: DataTable, qtbot) -> None:
    table.choose("b")
    with qtbot.waitSignal(table.opened) as heard:
        QTest.keyClick(table, Qt.Key.Key_Return)
    assert heard.args == [ROWS[0]]
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Name\tn\nb\t10"
    table.clearSelection()
    assert table.as_text() == "Name\tn\nb\t10\na\t\nc\t9"


def test_cells_say_what_columns_declare(table: DataTable) -> None:
    index = table.records.index(0, 0)
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "this is b"
    assert not index.data(Qt.ItemDataRole.DecorationRole).isNull()
    assert table.records.index(0, 1).data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight
    about = table.records.headerData(1, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert about == "How many"
