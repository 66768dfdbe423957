"""How columns share the room: who gives way, who goes, who has what is left."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from gui.widgets.choices import Choice
from gui.widgets.columns import Column, shared_room
from gui.widgets.data_table import DataTable
from gui.widgets.frame import set_kind


def text(row: tuple[str, ...]) -> str:
    return row[0]


FIRM = Column("a", text)
GIVING = Column("b", text, least=50)
SPARE = Column("c", text, is_spare=True)
TAKING = Column("d", text, stretch=True)


@pytest.mark.parametrize(("columns", "wanted", "room", "widths"), [
    ((FIRM, TAKING), (40, 30), 100, [40, 60]),
    ((FIRM, FIRM), (40, 30), 100, [40, 30]),
    ((FIRM, GIVING), (40, 80), 100, [40, 60]),
    ((FIRM, GIVING), (40, 80), 60, [40, 50]),  # it is scrolled then
    ((GIVING, GIVING), (60, 90), 125, [55, 70]),  # by the same part of what each can give
    ((FIRM, GIVING, SPARE), (40, 80, 30), 130, [40, 60, 30]),
    ((FIRM, GIVING, SPARE), (40, 80, 30), 110, [40, 70, 0]),
    ((FIRM, SPARE, SPARE), (40, 30, 30), 75, [40, 30, 0]),
    ((Column("e", text, widest=70), TAKING), (500, 20), 100, [70, 30]),
    ((FIRM, GIVING), (0, 80), 100, [0, 80]),
])
def test_the_room_is_shared(columns: tuple[Column, ...], wanted: tuple[int, ...], room: int,
                            widths: list[int]) -> None:
    assert shared_room(columns, wanted, room) == widths


def table(qtbot, width: int) -> DataTable:
    made = DataTable("Rows", (
        Column("Name", lambda row: row[0], least=60), Column("n", lambda row: row[1], number=True),
        Column("Remark", lambda row: row[2], least=80, is_spare=True)))
    qtbot.addWidget(made)
    made.show_records([("A name that is rather long", "1", "A remark that is as long"), ("b", "20", "c")] * 20)
    made.resize(width, 120)
    made.show()
    return made


@pytest.mark.parametrize("width", [140, 200, 300, 520])
def test_a_table_fits_its_window(qtbot, width: int) -> None:
    made = table(qtbot, width)
    qtbot.waitUntil(lambda: made.horizontalHeader().length() <= made.viewport().width())
    assert made.horizontalScrollBar().maximum() == 0
    assert not made.isColumnHidden(0)


def test_a_spare_column_comes_back_with_the_room(qtbot) -> None:
    made = table(qtbot, 150)
    qtbot.waitUntil(lambda: made.isColumnHidden(2))
    made.resize(600, 120)
    qtbot.waitUntil(lambda: not made.isColumnHidden(2))
    assert "Remark" in made.as_text()


def test_a_column_that_says_nothing_is_left_out(qtbot) -> None:
    made = table(qtbot, 600)
    made.show_records(made.records.records, without=("n",))
    assert made.isColumnHidden(1)
    made.show_records(made.records.records)
    assert not made.isColumnHidden(1)


def test_a_sorted_column_has_room_for_its_arrow(qtbot) -> None:
    made = table(qtbot, 600)
    before = made.columnWidth(1)
    made.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert made.columnWidth(1) > before


def test_a_choice_narrower_than_its_words_ends_in_dots(qtbot) -> None:
    def picture(words: str, width: int) -> object:
        box = Choice()
        qtbot.addWidget(box)
        box.addItem(words)
        box.setFixedSize(width, 30)
        return box.grab().toImage()

    long = "Grunebaum and Mann, United States"
    assert any(picture(long, 140) == picture(f"{long[:end]}\N{HORIZONTAL ELLIPSIS}", 140)
               for end in range(5, len(long)))


def test_an_icon_has_the_color_of_the_words_beside_it(qtbot) -> None:
    made = QPushButton("Confirm")
    qtbot.addWidget(made)

    def drawn(kind: str) -> object:
        set_kind(made, kind, "check")
        return made.icon().pixmap(16, 16).toImage()

    assert drawn("primary") != drawn("")
