"""The Map page: what the board says, and every decision a person can take on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QLineEdit

from core.errors import Where
from core.intake import new_session
from core.mapping import Constant, Decision, Direct, NumberFormat, Recode, Unavailable
from core.person import person
from core.progress import silent
from core.registry import Registry, Study
from core.session import Session
from core.sources import SourceFile
from gui.pages.map import MapPage
from gui.pages.map_cells import ARM, LAYOUT, facts_of
from gui.pages.map_columns import READING, SCORES, TREATMENTS, VISITS

FILE = """Subject,Group,Sex,Age,MADRS_base,MADRS_24h,Q17
a1,ketamine 0.5 mg/kg,1,34,30,12,sometimes
a2,saline,2,41,31,28,never
a3,ketamine 0.5 mg/kg,2,999,28,10,daily
a4,mystery,1,52,33,30,never
"""


@pytest.fixture(scope="module")
def small() -> Session:
    """One small study: sex is coded without a key, a treatment is not known."""
    session = new_session().with_source(SourceFile("small.csv", FILE.encode()))
    study = Study(study="small", file="small.csv", label="Small", design="parallel", control_type="inert",
                  country="US", trd_threshold="unspecified")
    session = session.with_registry(Registry(studies=(study,)))
    return session.with_mapping(session.suggested("small")[0])


@pytest.fixture
def page(qtbot, small: Session) -> MapPage:
    return shown(qtbot, small)


def shown(qtbot, session: Session) -> MapPage:
    """The page as the window keeps it: each decision comes back as the next session."""
    made = MapPage()
    qtbot.addWidget(made)

    def take(next_session: Session, what: str = "") -> None:
        made.session = next_session
        made.display(next_session)

    made.decided.connect(take)
    made.deciding.connect(lambda work, what: take(work(silent), what))
    take(session)
    made.resize(1000, 600)
    made.show()
    return made


def board_words(page: MapPage, study: str) -> dict[str, str]:
    model = page.board.cells
    row = [one.study for one in model.studies].index(study)
    return {key: model.cell(row, column).text for column, key in enumerate(model.keys)}


def pick(box: QComboBox, value: object) -> None:
    """Choose as a person does."""
    box.setCurrentIndex(next(i for i in range(box.count()) if box.itemData(i) == value))
    box.activated.emit(box.currentIndex())


def decision(page: MapPage, variable: str) -> Decision:
    assert page.session is not None
    return page.session.mappings[page.columns.study].variables[variable]


def edit(table: Any, raw: str, title: str, value: object) -> None:
    """Give a row of a table another value, by its field. `raw` is the text that names the row."""
    row = next(i for i, one in enumerate(table.model_.records) if raw in (getattr(one, "raw", None),
                                                                          getattr(one, "sheet", None)))
    column = next(i for i, one in enumerate(table.model_.columns) if one.title == title)
    table.setCurrentIndex(table.model_.index(row, column))
    table.edit(table.currentIndex())
    editor = table.findChild(QComboBox) or table.viewport().findChild(QLineEdit)
    if isinstance(editor, QComboBox):
        pick(editor, value)
    else:
        editor.setText(str(value))
        QTest.keyClick(editor, Qt.Key.Key_Return)
    for _ in range(200):  # the field closes, then the decision is told
        QTest.qWait(10)
        if table.state() is not QAbstractItemView.State.EditingState:
            break
    QTest.qWait(10)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_the_board_says_how_each_study_stands(qtbot, demo: Session) -> None:
    facts_of(demo)
    page = shown(qtbot, demo)
    words = board_words(page, "grunebaum_us")
    assert words["madrs_baseline"] == "converted"
    assert words["hrsd17_baseline"] == "ok"
    assert words[ARM] == "ok"
    assert words["psychoactive_placebo"] == "ok"
    assert board_words(page, "feder_30")["hrsd17_rapid"] == "none"
    asking = {(issue.where.study, issue.where.variable) for issue in demo.open_questions() if issue.where.variable}
    assert asking
    for study, variable in asking:
        assert board_words(page, str(study))[str(variable)] == "asks"
    assert len(page.board.cells.studies) == 17
    assert page.foot(demo).startswith(f"{len(demo.open_questions())} open question")


def test_availability_and_tier_stand_below(qtbot, demo: Session) -> None:
    facts_of(demo)
    page = shown(qtbot, demo)
    keys = page.board.cells.keys
    foot = page.board.foot.model()

    def under(key: str) -> tuple[str, str, str]:
        return tuple(foot.index(row, keys.index(key)).data() for row in (0, 1, 2))

    assert under("age") == ("719", "99.9\N{NARROW NO-BREAK SPACE}%", "1")  # 719 of 720: never shown as 100 %
    assert under("bipolar")[2] == "none"
    assert under(LAYOUT) == ("", "", "")


def test_without_harmonized_data_the_board_waits_with_dots(page: MapPage) -> None:
    foot = page.board.foot.model()
    assert foot.index(0, page.board.cells.keys.index("age")).data() == "..."


def test_enter_and_click_open_the_column_view(page: MapPage) -> None:
    page.board.choose("small", "age")
    QTest.keyClick(page.board.table, Qt.Key.Key_Return)
    assert page.views.currentWidget() is page.columns
    assert page.columns.decision.heading.text() == "Age"
    QTest.keyClick(page.columns.variables, Qt.Key.Key_Escape)
    assert page.board.isVisible()
    page.open("small", "age")
    page.columns.to_board.click()
    assert page.board.isVisible()
    assert page.board.cells.keys[page.board.table.currentIndex().column()] == "age"


def test_values_stand_raw_and_parsed_side_by_side(page: MapPage) -> None:
    page.open("small", "age")
    rows = {row.raw: (row.becomes, row.count) for row in page.columns.decision.values.model_.records}
    assert rows["34"] == ("34", 1)
    assert rows["999"] == ("missing", 1)


def test_a_suggestion_is_confirmed_and_reopened(page: MapPage, qtbot) -> None:
    page.open("small", "age")
    with qtbot.waitSignal(page.decided) as heard:
        page.columns.decision.confirm.click()
    assert heard.args[1] == "Age of Small"
    assert (decision(page, "age").by, bool(decision(page, "age").at)) == (person(), True)
    page.columns.decision.reopen.click()
    assert not decision(page, "age").is_settled
    assert any(issue.where.variable == "age" for issue in page.session.open_questions())


@pytest.mark.parametrize(("rule", "words"), [
    (Constant(value="1"), "all patients: 1"), (Unavailable(reason="not asked"), "cannot be had")])
def test_an_answer_without_a_column_is_shown_when_it_is_reopened(qtbot, small: Session, rule: Any, words: str) -> None:
    page = shown(qtbot, small.with_decision("small", "inpatient", Decision(rule=rule, by="Ann")))
    editor = page.columns.decision
    page.open("small", "inpatient")
    editor.reopen.click()
    assert "inpatient" not in page.session.mappings["small"].variables
    assert words in editor.state.text() and editor.confirm.isEnabled() and not editor.reopen.isEnabled()
    assert editor.kind.currentData() == rule.kind
    page.open("small", "age")
    assert words not in editor.state.text()
    page.open("small", "inpatient")
    editor.confirm.click()
    assert decision(page, "inpatient").rule == rule and decision(page, "inpatient").by == person()


def test_an_answer_taken_back_is_forgotten_when_something_else_is_said(qtbot, small: Session) -> None:
    page = shown(qtbot, small.with_decision("small", "inpatient", Decision(rule=Constant(value="1"), by="Ann")))
    editor = page.columns.decision
    page.open("small", "inpatient")
    editor.reopen.click()
    with qtbot.assertNotEmitted(page.decided):
        pick(editor.kind, "")
    assert not editor.confirm.isEnabled() and "No column" in editor.state.text()


def test_a_value_is_recoded_in_place(page: MapPage) -> None:
    page.open("small", "female")
    pick(page.columns.decision.column, "Sex")
    pick(page.columns.decision.kind, "recode")
    edit(page.columns.decision.values, "2", "Becomes", "1")
    edit(page.columns.decision.values, "1", "Becomes", "0")
    rule = decision(page, "female").rule
    assert isinstance(rule, Recode)
    assert rule.codes == {"2": "1", "1": "0"}
    assert not [issue for issue in page.session.questions("small") if issue.where.variable == "female"]
    edit(page.columns.decision.values, "1", "Becomes", "undecided")
    assert "1" not in decision(page, "female").rule.codes
    assert [issue.code for issue in page.session.questions("small") if issue.where.variable == "female"] == [
        "unknown_code"]


def test_missing_codes_and_decimal_mark_are_changed(page: MapPage) -> None:
    page.open("small", "age")
    field = page.columns.decision.fields.missing
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "999; 52")
    QTest.keyClick(field, Qt.Key.Key_Return)
    pick(page.columns.decision.fields.decimal, ",")
    assert decision(page, "age").rule == Direct(column="Age", format=NumberFormat(decimal=",", missing=("999", "52")))


def test_one_value_for_all_and_not_to_be_had(page: MapPage) -> None:
    page.open("small", "inpatient")
    pick(page.columns.decision.kind, "constant")
    assert "inpatient" not in page.session.mappings["small"].variables  # not before the value is said
    pick(page.columns.decision.fields.code, "0")
    assert decision(page, "inpatient").rule == Constant(value="0")
    pick(page.columns.decision.kind, "unavailable")
    assert decision(page, "inpatient").rule == Unavailable()
    assert board_words(page, "small")["inpatient"] == "not had"
    pick(page.columns.decision.kind, "")
    assert "inpatient" not in page.session.mappings["small"].variables
    assert board_words(page, "small")["inpatient"] == "none"


def test_a_treatment_is_named(page: MapPage) -> None:
    assert board_words(page, "small")[ARM] == "asks"
    page.open("small", ARM)
    part = page.columns.part(TREATMENTS)
    edit(part.texts, "mystery", "Treatment", "midazolam")
    assert page.session.mappings["small"].treatments[0].values["mystery"] == "midazolam"
    assert board_words(page, "small")[ARM] == "ok"


def test_a_score_gets_another_time_and_one_is_taken_out(page: MapPage) -> None:
    page.open("small", SCORES)
    part = page.columns.part(SCORES)
    row = next(i for i, one in enumerate(part.columns.model_.records) if one.source.column == "MADRS_24h")
    part.columns.setCurrentIndex(part.columns.model_.index(row, 2))
    part.columns.edited.emit(part.columns.current, "Hours", 48.0)
    scores = {score.column: score.hours for score in page.session.mappings["small"].scores}
    assert scores == {"MADRS_base": 0.0, "MADRS_24h": 48.0}
    part._remove()
    assert [score.column for score in page.session.mappings["small"].scores] == ["MADRS_base"]
    pick(part.column, "MADRS_24h")
    part._add()
    assert page.session.mappings["small"].scores[-1].column == "MADRS_24h"


def test_the_hours_of_a_visit_are_changed_or_called_of_no_use(qtbot, demo: Session) -> None:
    page = shown(qtbot, demo)
    page.open("bundara_au", VISITS)
    part = page.columns.part(VISITS)
    edit(part.visits, "Extra visit", "Hours", "")  # nothing written is no answer
    assert "Extra visit" not in page.session.mappings["bundara_au"].shape.visit.values
    edit(part.visits, "Extra visit", "Hours", "not used")
    assert page.session.mappings["bundara_au"].shape.visit.values["Extra visit"] is None
    edit(part.visits, "Day 3", "Hours", "70,5")
    assert page.session.mappings["bundara_au"].shape.visit.values["Day 3"] == 70.5
    assert page.session.mappings["bundara_au"].structure_by == person()
    assert not [issue for issue in page.session.questions("bundara_au") if issue.code == "unknown_visit"]


def test_the_table_is_read_in_another_way_and_decisions_stay(page: MapPage, qtbot) -> None:
    page.open("small", "age")
    page.columns.decision.confirm.click()
    page.open("small", READING)
    assert page.columns.part(READING).grid.cells.rowCount() == 5
    with qtbot.waitSignal(page.deciding) as heard:
        field = page.columns.part(READING).last
        field.setFocus()
        QTest.keyClicks(field, "4")
        QTest.keyClick(field, Qt.Key.Key_Return)
    after, what = page.session, heard.args[1]
    assert what == "Reading of Small"
    assert len(after.table("small").rows) == 3
    assert after.mappings["small"].variables["age"].by == person()


def test_next_question_goes_round(qtbot, demo: Session) -> None:
    page = shown(qtbot, demo)
    questions = demo.open_questions()
    seen = []
    for _ in range(len(questions) + 1):
        page.main_action.trigger()
        seen.append((page.columns.study, page.columns.place))
    assert {study for study, _ in seen} == {issue.where.study for issue in questions}
    assert seen[0] == seen[-1]
    assert page.columns.right.currentWidget().isVisible()


def test_an_unused_column_is_given_a_use(page: MapPage) -> None:
    page.focus_place(Where(study="small", column="Q17"))
    assert page.columns.right.currentWidget() is page.columns.unused
    pick(page.columns.unused.use, "smoker")
    rule = decision(page, "smoker").rule
    assert isinstance(rule, Recode)
    assert (rule.codes["daily"], rule.codes["never"]) == ("1", "0")
    assert "sometimes" not in rule.codes  # not guessed
    assert page.columns.decision.heading.text() == "Current smoker"


def test_a_file_that_cannot_be_read_leads_to_its_reading(qtbot, small: Session) -> None:
    study = Study(study="gone", file="gone.csv")
    page = shown(qtbot, small.with_study(study))
    assert board_words(page, "gone")["age"] == ""
    page.open("gone", "age")
    assert "no file yet" in page.columns.unused.text.text()
    empty = small.with_study(study).with_source(SourceFile("gone.csv", b""))
    page.session = empty
    page.display(empty)
    assert "empty" in page.columns.part(READING).message.text


def test_an_empty_project_says_what_will_be_here(qtbot) -> None:
    page = shown(qtbot, new_session())
    assert page.views.currentWidget() is page._nothing
    assert page.main_action is None
    page.focus_place(Where(variable="age"))


def test_another_protocol_has_its_own_board(qtbot) -> None:
    protocol = Path(__file__).parents[2] / "data" / "protocols" / "psychotherapy.json"
    page = shown(qtbot, new_session(str(protocol)).with_registry(Registry(studies=(Study(study="one"),))))
    assert page.session.protocol.score_keys[0] in page.board.cells.keys
    assert page.board.cells.headerData(0, Qt.Orientation.Vertical) == "one"
    page.open("one", page.session.protocol.variables[0].key)
    assert "no file yet" in page.columns.unused.text.text()
