from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.errors import Issue, Severity, UserError, Where
from core.resources import resource
from core.steps import State, Step, StepState
from gui import theme
from gui.widgets.flow_strip import flow_of
from gui.widgets.form import Form
from gui.widgets.icon import icon
from gui.widgets.issue_list import IssueList
from gui.widgets.marks import ASKS, DISPUTED, FAULT, LOCKED, NONE, OF_SEVERITY, OF_STATE, OK, STALE
from gui.widgets.message_line import MessageLine
from gui.widgets.rail import Rail
from gui.widgets.search_box import SearchBox

GUI = Path(__file__).resolve().parents[3] / "gui"
ISSUES = (Issue(Severity.ERROR, "a", "The file is empty.", Where(file="one.csv"), "Send it again."),
          Issue(Severity.QUESTION, "b", "What is it?", Where(file="two.csv", column="sex", study="two"), "Say so."))


def test_a_fault_is_said_with_its_place_and_remedy(qtbot) -> None:
    line = MessageLine()
    qtbot.addWidget(line)
    assert line.text == ""
    line.show_fault(UserError("It is empty.", Where(file="a.csv"), "Send it again."))
    assert line.text == "a.csv: It is empty. Send it again."
    assert line.accessibleName().startswith("error")
    line.show_issue(ISSUES[1])
    assert line.text.startswith("two.csv, column sex")
    line.clear()
    assert line.isHidden()


def test_issues_are_filtered_and_lead_somewhere(qtbot) -> None:
    listed = IssueList()
    qtbot.addWidget(listed)
    listed.show_issues(ISSUES)
    assert listed.summary == "1 error, 1 question"
    QTest.keyClicks(listed._words, "two")
    assert listed.table.records.records == (ISSUES[1],)
    listed._kind.setCurrentIndex(1)
    assert listed.table.records.records == ()
    listed._words.clear()
    assert listed.table.records.records == (ISSUES[0],)
    with qtbot.waitSignal(listed.chosen) as heard:
        listed.table.choose(ISSUES[0])
        QTest.keyClick(listed.table, Qt.Key.Key_Return)
    assert heard.args == [ISSUES[0]]
    listed.show_issues(ISSUES[1:])  # the kind chosen before is gone
    assert listed.table.records.records == (ISSUES[1],)


def test_issues_speak_of_studies_by_name(qtbot) -> None:
    listed = IssueList()
    qtbot.addWidget(listed)
    issue = Issue(Severity.WARNING, "c", "Empty.", Where(study="two", row=4, variable="age"))
    listed.show_issues([issue], {"two": "Second of Oslo", "age": "Age at entry"})
    assert listed.table.as_text().splitlines()[1].split("\t")[1:3] == ["Second of Oslo", "row 4, Age at entry"]
    for words in ("oslo", "at entry", "two"):
        listed._words.setText(words)
        assert listed.table.records.records == (issue,), words


def test_the_rail_tells_state_in_words(qtbot) -> None:
    rail = Rail({step: step.value for step in Step})
    qtbot.addWidget(rail)
    rail.show_steps(StepState(step, State.OUT_OF_DATE if step is Step.RESULTS else State.LOCKED, "3", "why")
                    for step in Step)
    assert rail.buttons[Step.RESULTS].accessibleName() == "results, out of date, 3"
    assert not rail.buttons[Step.MAP].isEnabled()
    rail.show_issues(1, OF_SEVERITY[Severity.ERROR])
    assert rail.issues_button.text() == "1 issue"
    rail.show_issues(0, None)
    assert rail.issues_button.text() == "No issues"


def test_search_finds_inside_words(qtbot) -> None:
    box = SearchBox()
    qtbot.addWidget(box)
    box.offer([("Age   age", "a"), ("Body mass index   bmi", "b")])
    with qtbot.waitSignal(box.found) as heard:
        QTest.keyClicks(box, "mass")
        QTest.keyClick(box, Qt.Key.Key_Return)
    assert heard.args == ["b"]
    with qtbot.assertNotEmitted(box.found):
        QTest.keyClicks(box, "nothing like it")
        QTest.keyClick(box, Qt.Key.Key_Return)


def test_a_form_names_its_fields_and_tells_changes_once(qtbot) -> None:
    form = Form()
    qtbot.addWidget(form)
    line = form.add_line("name", "Name")
    notes = form.add_text("notes", "Notes")
    choice = form.add_choice("kind", "Kind", (("one", 1), ("two", 2)))
    form.end()
    form.show_value("name", "x", asks=True)
    form.show_value("kind", 2)
    assert [field.accessibleName() for field in (line, notes, choice)] == ["Name", "Notes", "Kind"]
    assert "open question" in line.accessibleDescription()
    heard: list[object] = []
    form.edited.connect(lambda key, value: heard.append((key, value)))
    line.setText("y")
    line.editingFinished.emit()
    line.editingFinished.emit()
    choice.activated.emit(1)
    choice.setCurrentIndex(0)
    choice.activated.emit(0)
    assert heard == [("name", "y"), ("kind", 1)]


def test_what_is_being_written_is_not_overwritten(qtbot) -> None:
    form = Form()
    qtbot.addWidget(form)
    line = form.add_line("name", "Name")
    form.show()
    form.activateWindow()
    line.setFocus()
    qtbot.waitUntil(line.hasFocus)
    QTest.keyClicks(line, "half")
    form.show_value("name", "from elsewhere")
    assert line.text() == "half"
    line.editingFinished.emit()
    form.show_value("name", "from elsewhere")
    assert line.text() == "from elsewhere"


def test_flow_of_several_studies_adds_up() -> None:
    from core.harmonized import FlowRow

    rows = [FlowRow("a", "in file", 10), FlowRow("a", "excluded", 2, "patients", "no_followup"),
            FlowRow("a", "analyzed", 8), FlowRow("b", "in file", 5),
            FlowRow("b", "excluded", 1, "patients", "no_followup"),
            FlowRow("b", "excluded", 4, "rows", "later_infusion"), FlowRow("b", "analyzed", 4)]
    flow = flow_of("both", rows)
    assert (flow.in_file, flow.analyzed) == (15, 12)
    assert flow.reasons == "3 no follow-up; 4 rows, later infusion"


def test_every_reason_has_words() -> None:
    from core.harmonized import REASONS
    from gui.widgets import flow_strip

    assert set(flow_strip.REASONS) == set(REASONS)


def test_every_state_has_its_own_shape_and_word() -> None:
    for marks in (OF_STATE.values(), OF_SEVERITY.values(), (OK, ASKS, NONE, DISPUTED, FAULT, STALE, LOCKED)):
        assert len({mark.shape for mark in marks}) == len({mark.word for mark in marks}) == len(marks)
    assert set(OF_STATE) == set(State)
    assert set(OF_SEVERITY) == set(Severity)


def shapes_named() -> set[str]:
    """Names of icons written anywhere in the window's code."""
    found = set()
    for path in GUI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("icon", "Mark", "ChoiceButton"):
                found |= {one.value for one in node.args[:1] if isinstance(one, ast.Constant)}
    return found


def test_every_icon_named_is_there() -> None:
    there = json.loads(resource("icons", "phosphor.json").read_text(encoding="utf-8"))
    assert {"check", "x", "flask"} <= shapes_named() <= set(there)
    with pytest.raises(KeyError):
        icon("no such shape")


def test_an_icon_takes_the_colors_in_force(qapp: QApplication) -> None:
    made = icon("check", "good")
    for scheme, colors in (("light", theme.LIGHT), ("dark", theme.DARK)):
        theme.set_up(qapp, scheme)
        picture = made.pixmap(64, 64).toImage()
        seen = {picture.pixelColor(x, y).name() for x in range(64) for y in range(64)
                if picture.pixelColor(x, y).alpha() == 255}
        assert QColor(colors.good).name() in seen
