from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest

from core.errors import Issue, Severity, UserError, Where
from core.session import Session
from core.steps import Step
from gui import dialogs, recent
from gui.main_window import MainWindow
from gui.pages.page import step_of


def drop(window: MainWindow, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(QPointF(10, 10), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                       Qt.KeyboardModifier.NoModifier)
    window.dropEvent(event)


def test_without_a_project_there_is_only_the_start(window: MainWindow) -> None:
    enabled = [step for step, button in window.rail.buttons.items() if button.isEnabled()]
    assert enabled == [Step.START]
    window.show_step(Step.MAP)
    assert window.step is Step.START
    assert not window.undo.isEnabled()
    assert not window.onward.isEnabled()


def test_the_demo_opens_on_its_studies(window: MainWindow, demo_at_hand: None, qtbot) -> None:
    with qtbot.waitSignal(window.workspace.settled, timeout=20_000):
        window.page(Step.START).demo.click()
    assert window.step is Step.STUDIES
    assert "synthetic" in window.top.tag.text()
    assert window.stack.isEnabled()
    assert not window.busy.isVisible()
    assert recent.recent_projects()[0].name == "Demo"
    assert window.windowTitle().startswith("Demo")


def test_a_recent_project_opens(window: MainWindow, demo_at_hand: None, qtbot) -> None:
    with qtbot.waitSignal(window.workspace.settled, timeout=20_000):
        window.open_demo()
    project = window.workspace.project
    window.show_step(Step.START)
    window.page(Step.START).recent_wanted.emit(project.path)
    assert window.step is Step.STUDIES
    assert window.workspace.project is project  # it is open already
    window.workspace.close()
    with qtbot.waitSignal(window.workspace.settled, timeout=20_000):
        window.page(Step.START).recent_wanted.emit(project.path)
    assert window.workspace.project.path == project.path
    assert not window.workspace.project.is_read_only


def test_a_project_opens_where_it_was_left(window: MainWindow, demo_at_hand: None, qtbot) -> None:
    with qtbot.waitSignal(window.workspace.settled, timeout=20_000):
        window.open_demo()
    path = window.workspace.project.path
    window.show_step(Step.CHECK)
    window.show_step(Step.START)
    window.show_issues()
    window.workspace.close()
    with qtbot.waitSignal(window.workspace.settled, timeout=20_000):
        window.open_project(path)
    assert window.step is Step.CHECK
    with qtbot.waitSignal(window.workspace.settled, timeout=20_000):
        window.open_demo()  # afresh
    assert window.step is Step.STUDIES


@pytest.mark.parametrize("step", [Step.STUDIES, Step.RUN])
def test_tab_goes_from_the_page_to_its_main_action(demo_window: MainWindow, step: Step, qtbot) -> None:
    window, foot = demo_window, demo_window.foot
    window.show_step(step)
    window.activateWindow()
    qtbot.waitUntil(lambda: window.page(step).first.hasFocus())
    met = []
    for _ in range(60):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        if window.focusWidget() in (window.top.protocol, window.search):  # around again
            break
        met.append(window.focusWidget())
    wanted = [part for part in (foot.back, foot.main, foot.onward) if part.isVisible() and part.isEnabled()]
    assert met[-len(wanted):] == wanted
    assert all(window.page(step).isAncestorOf(part) for part in met[:-len(wanted)])


def test_the_main_action_s_button_stays_as_the_page_changes(analyzed_window: MainWindow, analyzed: Session) -> None:
    window, foot = analyzed_window, analyzed_window.foot
    window.show_step(Step.PLAN)
    assert foot.main.isHidden()
    plan = analyzed.plan.model_copy(update={"seed": analyzed.plan.seed + 1})
    window.workspace.decide(analyzed.with_plan(plan), "Seed")
    assert (foot.main.text(), foot.main.isVisible()) == ("Lock and run", True)
    assert foot.main.property("kind") == "primary" and foot.onward.property("kind") == ""
    window.show_step(Step.RUN)
    assert foot.main.text() == "Run again"
    window.page(Step.PLAN).lock.setText("Another")
    assert foot.main.text() == "Run again", "an action that is not in sight changes nothing"


def test_the_rail_says_how_steps_stand(demo_window: MainWindow, demo: Session) -> None:
    for state in demo.steps():
        button = demo_window.rail.buttons[state.step]
        assert button.isEnabled() == state.is_in_reach
        assert button.count == state.count
    names = [button.accessibleName() for button in demo_window.rail.buttons.values()]
    assert names[1] == "Studies, done, 17"
    assert "locked" in names[-1]


def test_undo_says_what_it_takes_back(demo_window: MainWindow, demo: Session) -> None:
    study = demo.registry.studies[0]
    page = demo_window.page(Step.STUDIES)
    page.decided.emit(demo.with_study(study.model_copy(update={"year": 1999})), "Year of A")
    assert "Year of A" in demo_window.undo.toolTip()
    demo_window.undo.trigger()
    assert demo_window.workspace.session == demo
    assert "Year of A" in demo_window.redo.toolTip()
    assert not demo_window.undo.isEnabled()


def test_search_leads_to_a_study(demo_window: MainWindow, demo: Session) -> None:
    study = demo.registry.studies[4]
    demo_window.search.setFocus()
    QTest.keyClicks(demo_window.search, study.name)
    QTest.keyClick(demo_window.search, Qt.Key.Key_Return)
    page = demo_window.page(Step.STUDIES)
    assert demo_window.step is Step.STUDIES
    assert page.table.current.study.study == study.study
    assert demo_window.search.text() == ""


def test_an_issue_leads_to_its_study(demo_window: MainWindow, demo: Session) -> None:
    study = demo.registry.studies[3]
    issue = Issue(Severity.ERROR, "file_unreadable", "Broken.", Where(file=study.file))
    session = demo.without_study("none") if "none" in demo.registry.by_id else demo
    assert step_of(issue, session) is Step.CHECK  # not of the import: of the values as a whole
    demo_window.page(Step.STUDIES).focus_issue(issue)
    assert demo_window.page(Step.STUDIES).table.current.study.study == study.study


@pytest.mark.parametrize(("severity", "where", "step"), [
    (Severity.QUESTION, Where(column="sex"), Step.MAP),
    (Severity.QUESTION, Where(column="visit", row=4), Step.MAP),
    (Severity.WARNING, Where(column="madrs", row=4), Step.CHECK),
    (Severity.WARNING, Where(variable="age"), Step.MAP),
])
def test_where_an_issue_is_settled(demo: Session, severity: Severity, where: Where, step: Step) -> None:
    assert step_of(Issue(severity, "x", "x", where), demo) is step


def test_the_issue_list_and_the_way_back(demo_window: MainWindow, demo: Session) -> None:
    demo_window.show_step(Step.STUDIES)
    demo_window.rail.issues_button.click()
    assert demo_window.step is None
    assert len(demo_window.issue_list.table.records.records) == len(demo.issues())
    assert demo_window.rail.issues_button.text() == f"{len(demo.issues())} issues"
    demo_window.back.trigger()
    assert demo_window.step is Step.STUDIES


def test_a_dropped_project_is_opened(window: MainWindow, qtbot, tmp_path: Path) -> None:
    with qtbot.waitSignal(window.workspace.failed) as heard:
        drop(window, tmp_path / "gone.modscope")
    assert isinstance(heard.args[0], UserError)
    assert "no such project" in window.message.text
    assert window.step is Step.START


def test_dropped_files_begin_a_project(window: MainWindow, boxes, qtbot, tmp_path: Path) -> None:
    source = tmp_path / "one.csv"
    source.write_text("id,arm,madrs_base,madrs_24h\n1,ketamine,30,10\n2,saline,31,30\n", encoding="utf-8")
    drop(window, source)
    assert isinstance(boxes.shown[0], dialogs.NewProject)
    assert window.workspace.session is None

    def fill(box) -> bool:
        box.name.setText("Pool")
        box.folder.setText(str(tmp_path))
        return True

    boxes.answer = fill
    with qtbot.waitSignal(window.workspace.settled):
        drop(window, source)
    assert list(window.workspace.session.sources) == ["one.csv"]
    assert (tmp_path / "Pool.modscope").is_file()
    other = tmp_path / "two.csv"
    other.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    with qtbot.waitSignal(window.workspace.changed):
        drop(window, other)
    assert len(window.workspace.session.registry.studies) == 2


def test_a_bug_opens_the_crash_box(window: MainWindow, boxes) -> None:
    window.show_failure(ZeroDivisionError("secret"))
    box = boxes.shown.pop()
    assert isinstance(box, dialogs.Crash)
    assert "secret" not in box.details.toPlainText()


def test_work_can_be_stopped_from_the_busy_line(demo_window: MainWindow, qtbot) -> None:
    def work(progress):
        while True:
            progress(0.25, "Counting")

    demo_window.page(Step.STUDIES).deciding.emit(work, "never")
    assert not demo_window.stack.isEnabled()
    qtbot.waitUntil(demo_window.busy.isVisible)
    with qtbot.waitSignal(demo_window.workspace.rested):
        demo_window.busy.stop_wanted.emit()
    assert demo_window.stack.isEnabled()
    assert not demo_window.busy.isVisible()
