"""The Map page's board by keyboard, and many decisions at once as one step."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.bulk import suggested_proposals
from core.session import Session
from gui.pages.map import MapPage
from gui.pages.map_cells import LAYOUT
from gui.pages.map_values import person
from tests.gui.pages.test_map_page import board_words, shown


@pytest.fixture
def page(qtbot, demo: Session) -> MapPage:
    return shown(qtbot, demo)


def open_bulk(page: MapPage, qtbot, study: str, variable: str, button) -> None:
    page.board.choose(study, variable)
    button.click()
    qtbot.waitUntil(lambda: not page.bulk._runner.is_busy)


def test_a_accepts_what_is_suggested(page: MapPage, demo: Session) -> None:
    page.board.choose("elm_us", "married")
    assert board_words(page, "elm_us")["married"] == "asks"
    QTest.keyClick(page.board.table, Qt.Key.Key_A)
    taken = page.session.mappings["elm_us"].variables["married"]
    assert (taken.by, taken.rule) == (person(), demo.mappings["elm_us"].variables["married"].rule)
    QTest.keyClick(page.board.table, Qt.Key.Key_A)
    assert "Nothing waits here" in page.message.text
    page.board.choose("elm_us", LAYOUT)
    QTest.keyClick(page.board.table, Qt.Key.Key_A)
    assert "Enter opens it" in page.message.text


def test_n_goes_from_question_to_question(page: MapPage) -> None:
    page.board.choose("deakin_uk", LAYOUT)
    places = []
    for _ in range(4):
        QTest.keyClick(page.board.table, Qt.Key.Key_N)
        places.append(page.board._place())
    assert places[:3] == [("serra_br", "episode_months"), ("bundara_au", LAYOUT), ("elm_us", "married")]
    assert places[3] == places[0]


def test_suggestions_are_marked_and_taken_together(page: MapPage, qtbot) -> None:
    opened = page.session.with_decision("deakin_uk", "age", None).with_decision("feder_30", "age", None)
    page.session = opened
    page.display(opened)
    steps = []
    page.decided.connect(lambda session, what: steps.append(what))
    open_bulk(page, qtbot, "deakin_uk", "age", page.board.suggest)
    lines = page.bulk.lines
    assert [(line.proposal.study, line.is_taken) for line in lines.records.records] == [
        ("deakin_uk", True), ("feder_30", True), ("serra_br", False), ("elm_us", False)]
    lines.choose(("feder_30", "age"))
    QTest.keyClick(lines, Qt.Key.Key_Space)
    assert page.bulk.take.text() == " Take 1"
    page.bulk.take.click()
    assert steps == ["1 suggestion"]
    assert page.session.mappings["deakin_uk"].variables["age"].by == person()
    assert "age" not in page.session.mappings["feder_30"].variables
    assert page.views.currentWidget() is page.board


def test_only_one_study_or_variable(page: MapPage, qtbot, demo: Session) -> None:
    open_bulk(page, qtbot, "elm_us", "female", page.board.suggest)
    counts = []
    for place in range(page.bulk.scope.count()):
        page.bulk.scope.setCurrentIndex(place)
        page.bulk.scope.activated.emit(place)
        qtbot.waitUntil(lambda: not page.bulk._runner.is_busy)
        counts.append(len(page.bulk.lines.records.records))
    assert counts == [len(suggested_proposals(demo)), 1, 0]
    assert not page.bulk.take.isEnabled()
    assert "Nothing to take" in page.bulk.nothing.text()


def test_a_rule_is_shown_in_other_studies(page: MapPage, qtbot) -> None:
    open_bulk(page, qtbot, "feder_30", "married", page.board.apply)
    (line,) = page.bulk.lines.records.records
    assert (line.proposal.study, line.is_taken, line.remark) == ("elm_us", False, 'no rule for "2"')
    QTest.keyClick(page.bulk.lines, Qt.Key.Key_Return)
    page.bulk.take.click()
    assert page.session.mappings["elm_us"].variables["married"].rule.codes["1"] == "1"
    assert board_words(page, "elm_us")["married"] == "asks"  # what 2 means is still open


def test_without_a_rule_there_is_nothing_to_apply(page: MapPage) -> None:
    page.board.choose("deakin_uk", LAYOUT)
    page.board.apply.click()
    assert page.views.currentWidget() is page.board
    assert "no rule" in page.message.text
