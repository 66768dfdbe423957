"""Curves and the sensitivity board's moderators on the Plan page: chosen by keyboard, told with what they add, kept,
and found again in what a run gives.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPushButton

from core.analysis import run_estimates
from core.export import csv_of_table
from core.plan import Board, Splines
from core.plan_lock import lock, unexplained
from core.pooled import pooled_from_session
from core.project import Project
from core.results import NOT_ASKED
from core.session import Session
from core.tables import result_tables
from gui.jobs import JobRunner
from gui.pages.plan import BOARD, CHANGES, PlanPage
from gui.pages.plan_choices import SPLINES
from gui.pages.results import ResultsPage
from gui.pages.results_rows import SECTIONS


@pytest.fixture
def page(qtbot, demo: Session) -> Iterator[PlanPage]:
    made = PlanPage()
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    show(made, demo, qtbot)
    yield made
    close(made)


def show(page: PlanPage | ResultsPage, session: Session, qtbot) -> None:
    page.session = session
    page.display(session)
    qtbot.waitUntil(lambda: not any(one.is_busy for one in page.findChildren(JobRunner)), timeout=20_000)


def close(page: PlanPage | ResultsPage) -> None:
    for runner in page.findChildren(JobRunner):
        runner.close()


def tick(page: PlanPage, moderator: str, qtbot) -> Session:
    """By keyboard; the session that follows."""
    assert page.board.table.choose(moderator)
    with qtbot.waitSignal(page.decided) as heard:
        QTest.keyClick(page.board.table, Qt.Key.Key_Space)
    return heard.args[0]


def choose_knots(page: PlanPage, knots: int, qtbot) -> Session:
    field = page.choices.fields[SPLINES.path]
    assert isinstance(field, QComboBox)
    with qtbot.waitSignal(page.decided) as heard:
        field.setCurrentIndex(field.findData(knots))
        field.activated.emit(field.currentIndex())
    return heard.args[0]


def box(page: PlanPage, moderator: str) -> object:
    records = page.board.table.records
    place = [row.found.moderator for row in records.records].index(moderator)
    return records.data(records.index(place, 0), Qt.ItemDataRole.CheckStateRole)


# --- the board ------------------------------------------------------------------------------------------------------


def test_the_sentences_lead_to_the_board(page: PlanPage) -> None:
    assert "with 1 moderator: Study required ≥ 2 failed" in page.choices.board.text()
    choose = next(one for one in page.choices.findChildren(QPushButton) if one.text() == "Choose its moderators")
    choose.click()
    assert page.tabs.currentIndex() == BOARD and page.tabs.tabText(BOARD) == "Sensitivity"
    assert page.board.table.hasFocus() and page.board.table.current is not None


def test_a_moderator_is_ticked_by_keyboard_and_its_cost_told(page: PlanPage, demo: Session, qtbot) -> None:
    page.tabs.setCurrentIndex(BOARD)
    assert (box(page, "trd_2plus"), box(page, "age")) == (Qt.CheckState.Checked, Qt.CheckState.Unchecked)
    costs = page._outlook.board
    main, own = costs.main, costs.moderators["age"]
    assert f"main effect ({main.rows} rows) and 1 moderator, which adds {own.rows} rows" in page.board.told.text()
    session = tick(page, "age", qtbot)
    in_order = [one.name for one in demo.plan.moderators if one.name in ("age", "trd_2plus")]
    assert list(session.plan.sensitivity.moderators) == in_order
    show(page, session, qtbot)
    assert box(page, "age") == Qt.CheckState.Checked and page.board.table.current.found.moderator == "age"
    assert f"2 moderators, which add {2 * own.rows} rows with {2 * own.fits} fits of their own" in page.board.told.text()
    assert "how it changes with 2 moderators: Age; Study required" in page.choices.board.text()
    assert any(one.text() == str(main.rows + 2 * own.rows) for one in page.costs.findChildren(type(page.choices.board)))
    assert tick(page, "age", qtbot).plan == demo.plan
    with qtbot.waitSignal(page.decided) as heard:
        page.board.none.click()
    assert heard.args[0].plan.sensitivity == Board() and heard.args[1] == "Sensitivity board: main effect only"


def test_a_box_is_ticked_by_mouse(page: PlanPage, qtbot) -> None:
    page.tabs.setCurrentIndex(BOARD)
    table = page.board.table
    assert table.choose("age")
    place = table.visualRect(table.currentIndex())
    with qtbot.waitSignal(page.decided) as heard:
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place.center().__class__(place.left() + 14, place.center().y()))
    assert "age" in heard.args[0].plan.sensitivity.moderators and heard.args[1] == "Sensitivity board: Age on"


def test_what_is_not_tested_has_no_box(page: PlanPage, demo: Session, qtbot) -> None:
    page.tabs.setCurrentIndex(BOARD)
    untested = next(one.moderator for one in page._outlook.availability if one.tier == "none")
    assert box(page, untested) is None and page.board.table.choose(untested)
    with qtbot.assertNotEmitted(page.decided):
        QTest.keyClick(page.board.table, Qt.Key.Key_Space)
        QTest.keyClick(page.board.table, Qt.Key.Key_Return)
    assert "not tested" in page.board.table.current.hint
    loaded = demo.with_plan(demo.plan.model_copy(update={"sensitivity": Board(moderators=(untested,))}))
    show(page, loaded, qtbot)
    assert box(page, untested) == Qt.CheckState.Checked and "which adds 0 rows" in page.board.told.text()
    assert tick(page, untested, qtbot).plan.sensitivity == Board()


def test_what_is_asked_is_named_once(page: PlanPage) -> None:
    lines = page.board.asked.records.records
    assert "Without each study in turn (17)" in lines and "ANCOVA" in lines
    assert len(lines) == len(set(lines)) and not any(line.startswith("Without ") and "each" not in line for line in lines)


# --- curves ---------------------------------------------------------------------------------------------------------


def test_curves_are_chosen_with_what_they_add(page: PlanPage, demo: Session, qtbot) -> None:
    curves = page._outlook.curves
    assert f"It would add up to {curves} curves" in page.choices.curves.text()
    session = choose_knots(page, 4, qtbot)
    assert session.plan == demo.plan.model_copy(update={"splines": Splines(knots=4)})
    show(page, session, qtbot)
    assert f"This adds up to {curves} curves, a line beside each: {2 * curves} fits" in page.choices.curves.text()
    assert choose_knots(page, 0, qtbot).plan == demo.plan


def test_neither_counts_the_patients_anew(page: PlanPage, demo: Session, qtbot) -> None:
    before = page._outlook
    height = page.costs.sizeHint().height()
    for knots in (3, 5, 0):
        with_board = {"splines": Splines(knots=knots), "sensitivity": Board(moderators=("age",) * (knots > 0))}
        show(page, demo.with_plan(demo.plan.model_copy(update=with_board)), qtbot)
    show(page, demo, qtbot)
    assert page._outlook is before
    assert page.costs.sizeHint().height() == height


# --- lock, file, run ------------------------------------------------------------------------------------------------


def test_both_ask_for_reasons_after_the_lock(page: PlanPage, demo: Session, qtbot) -> None:
    changed = replace(demo, plan_lock=lock(demo.plan, by="Ann", at="2026-11-26T00:52:00+00:00"))
    show(page, changed, qtbot)
    show(page, tick(page, "age", qtbot), qtbot)
    show(page, choose_knots(page, 3, qtbot), qtbot)
    told = {one.what: (one.old, one.new) for one in unexplained(page.session.plan_changes)}
    assert told["Curve of the benefit"] == ("straight line only", "3 knots")
    assert told["Moderators on the sensitivity board"]== (
        "Study required ≥ 2 failed antidepressant trials", "Age, Study required ≥ 2 failed antidepressant trials")
    page.lock.trigger()
    assert page.tabs.currentIndex() == CHANGES and "2 changes since the plan was locked have no reason" in page.message.text


def test_both_come_back_from_the_file_with_their_trail(page: PlanPage, demo: Session, qtbot, tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p.modscope", demo)
    ticked = tick(page, "age", qtbot)
    project.save(ticked, "Sensitivity board: Age on")
    show(page, ticked, qtbot)
    bent = choose_knots(page, 4, qtbot)
    project.save(bent, "Curve of the benefit")
    assert [(row["what"], row["kind"]) for row in project.audit()[-2:]] == [("Sensitivity board: Age on", "plan"),
                                                                            ("Curve of the benefit", "plan")]
    project.close()
    project, again = Project.open(tmp_path / "p.modscope")
    project.close()
    assert again.plan == bent.plan and "age" in again.plan.sensitivity.moderators and again.plan.splines.knots == 4


def test_what_is_chosen_is_found_in_the_results(page: PlanPage, demo: Session, qtbot) -> None:
    few = [one for one in demo.plan.moderators if one.name in ("age", "female")]
    small = demo.with_plan(demo.plan.model_copy(update={
        "moderators": tuple(few), "sets": (), "outcomes": demo.plan.outcomes[:1],
        "bootstrap": demo.plan.bootstrap.model_copy(update={"replicates": 0})}))
    show(page, small, qtbot)
    show(page, tick(page, "age", qtbot), qtbot)
    session = choose_knots(page, 3, qtbot)
    found = run_estimates(pooled_from_session(session), session.plan)
    tables = {one.name: list(csv.DictReader(io.StringIO(csv_of_table(one)))) for one in result_tables(found)}
    rows = [row for row in tables["sensitivity"] if row["target"] == "age"]
    assert len(rows) == page._outlook.board.moderators["age"].rows
    assert sum(row["engines_note"] == NOT_ASKED for row in rows) == page._outlook.board.moderators["age"].fits
    assert {row["moderator"] for row in tables["benefit"]} == {"age"} and not found.has_gaps
    shown = ResultsPage()
    qtbot.addWidget(shown)
    show(shown, session.with_results(found), qtbot)
    shown.sections.setCurrentRow([one.key for one in SECTIONS].index("sensitivity"))
    of_age = [row for row in shown.table.records.records if row.target == "age"]
    assert len(of_age) == len(rows) and shown.table.records.columns[0].text(of_age[0]) == "Age"
    shown.table.choose(("rapid", "age", "without " + demo.registry.studies[0].study))
    qtbot.waitUntil(lambda: shown.view.figure is not None and shown.view.figure.key == "sensitivity_rapid_age", timeout=20_000)
    assert f"Second engine: {NOT_ASKED}" in shown.details.area.accessibleDescription()
    shown.sections.setCurrentRow([one.key for one in SECTIONS].index("moderators"))
    shown.table.choose(("rapid", "age", "published"))
    said = shown.details.area.accessibleDescription()
    assert "Restricted cubic spline, 3 knots: bend F(1, " in said and "Curve, second engine" in said
    close(shown)
