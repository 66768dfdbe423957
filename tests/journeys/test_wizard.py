"""The whole wizard as a person walks it: from Start to written files, with the demo and with files of one's own."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog

from core.mapping import Constant, Decision
from core.plan_lock import unexplained
from core.project import Project
from core.session import Session
from core.steps import State, Step
from gui.dialogs import NewProject
from gui.main_window import MainWindow
from tests.small_studies import write_small_studies

LONG = 180_000
"""Milliseconds that a step may take on a busy machine."""


def session_of(window: MainWindow) -> Session:
    assert window.workspace.session is not None
    return window.workspace.session


def state_of(window: MainWindow, step: Step) -> State:
    return next(state.state for state in session_of(window).steps() if state.step is step)


def walk_on(window: MainWindow, step: Step, qtbot) -> None:  # type: ignore[no-untyped-def]
    """To a step by the rail, once it is in reach."""

    def is_there() -> bool:
        window.show_step(step)
        return window.step is step

    qtbot.waitUntil(is_there, timeout=LONG)


def run(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    walk_on(window, Step.RUN, qtbot)
    page = window.page(Step.RUN)
    with qtbot.waitSignal(page.computed, timeout=LONG):
        page.start()
    qtbot.waitUntil(lambda: session_of(window).results_are_current, timeout=LONG)


def with_few_replicates(window: MainWindow) -> None:
    """One outcome, eight moderators, one set: what the command line's tests run whole."""
    session = session_of(window)
    plan = session.plan.model_copy(update={"bootstrap": session.plan.bootstrap.model_copy(update={"replicates": 20}),
                                           "outcomes": session.plan.outcomes[:1],
                                           "moderators": session.plan.moderators[:8], "sets": session.plan.sets[:1]})
    window.workspace.decide(session.with_plan(plan), "Few replicates")


def test_the_demo_from_start_to_written_files(window: MainWindow, tmp_path: Path, qtbot) -> None:  # type: ignore[no-untyped-def]
    with qtbot.waitSignal(window.workspace.settled, timeout=LONG):
        window.page(Step.START).demo_wanted.emit()
    assert len(session_of(window).usable_studies) == 17 and session_of(window).synthetic
    for step in (Step.STUDIES, Step.MAP, Step.CHECK, Step.PLAN):
        walk_on(window, step, qtbot)
        assert window.page(step).sentence(session_of(window))
    assert state_of(window, Step.RESULTS) is State.LOCKED
    window.show_step(Step.RESULTS)
    assert window.step is Step.PLAN, "a locked step cannot be entered"
    with_few_replicates(window)
    run(window, qtbot)
    for step in (Step.RESULTS, Step.REPORT):
        qtbot.waitUntil(lambda step=step: state_of(window, step) is State.DONE, timeout=LONG)
        walk_on(window, step, qtbot)
    report = window.page(Step.REPORT)
    report.folder.setText(str(tmp_path / "out"))
    qtbot.waitUntil(lambda: report.main_action.isEnabled() and not report.runner.is_busy, timeout=LONG)
    report.main_action.trigger()
    qtbot.waitUntil(lambda: (tmp_path / "out" / "reproduce.R").exists() and not report.runner.is_busy, timeout=LONG)
    with (tmp_path / "out" / "tables" / "main_effects.csv").open(encoding="utf-8", newline="") as file:
        effects = list(csv.DictReader(file))
    shown = session_of(window).results
    assert shown is not None and float(effects[0]["estimate"]) == shown.main_effects[0].estimate


@pytest.fixture
def own_project(window: MainWindow, boxes, tmp_path: Path, qtbot) -> Path:  # type: ignore[no-untyped-def]
    """A new project with three study files dropped on the window."""
    files = tmp_path / "files"
    files.mkdir()
    write_small_studies(files)
    project = tmp_path / "Small pool.modscope"

    def fill_in(box: QDialog) -> bool:
        assert isinstance(box, NewProject)
        box.name.setText(project.stem)
        box.folder.setText(str(tmp_path))
        assert box.create_button.isEnabled()
        return True

    boxes.answer = fill_in
    with qtbot.waitSignal(window.workspace.settled, timeout=LONG):
        window.take_files([files])
    return project


def test_own_files_corrected_run_and_reopened(window: MainWindow, own_project: Path, qtbot) -> None:  # type: ignore[no-untyped-def]
    assert session_of(window).usable_studies == ("alpha", "beta", "gamma")
    with_few_replicates(window)
    run(window, qtbot)
    before = session_of(window).results
    changed = session_of(window).with_decision("alpha", "inpatient", Decision(rule=Constant(value="1"), by="Ann"))
    window.workspace.decide(changed, "Inpatient of Alpha")
    qtbot.waitUntil(lambda: state_of(window, Step.RESULTS) is State.OUT_OF_DATE, timeout=LONG)
    assert session_of(window).results is before, "results out of date stay in sight"
    walk_on(window, Step.REPORT, qtbot)
    assert not window.page(Step.REPORT).main_action.isEnabled(), "what is out of date is not exported"
    window.workspace.undo()
    qtbot.waitUntil(lambda: session_of(window).results_are_current, timeout=LONG)
    window.workspace.redo()
    assert not session_of(window).results_are_current
    run(window, qtbot)
    after = session_of(window)
    window.close()
    project, again = Project.open(own_project)
    assert not project.is_read_only, "the closed window has let go of the file"
    assert again.results == after.results and again.inputs_fingerprint == after.inputs_fingerprint
    whats = [row["what"] for row in project.audit()]
    assert "Inpatient of Alpha" in whats and any(what.startswith("Undo") for what in whats)
    assert project.audit_is_intact()
    project.close()


def test_a_run_is_stopped_and_run_again(window: MainWindow, own_project: Path, qtbot) -> None:  # type: ignore[no-untyped-def]
    walk_on(window, Step.RUN, qtbot)
    page = window.page(Step.RUN)
    page.start()
    qtbot.waitUntil(lambda: page.runner.is_busy, timeout=LONG)
    page.progress_card.stop.click()
    qtbot.waitUntil(lambda: not page.runner.is_busy, timeout=LONG)
    qtbot.waitUntil(lambda: window.foot.text.text().startswith("Stopped"))
    assert window.foot.main.isEnabled() and window.foot.main.property("kind") == "primary"
    assert session_of(window).results is None and state_of(window, Step.RUN) is State.OPEN
    locked = session_of(window).plan_lock
    assert locked is not None, "the first run locks the plan, also one that was stopped"
    with_few_replicates(window)
    page.start()
    plan = window.page(Step.PLAN)
    assert window.step is Step.PLAN and not page.runner.is_busy, "a changed plan asks for reasons first"
    while missing := unexplained(session_of(window).plan_changes):
        plan.changes.explained.emit(missing[0], "It took too long")
    run(window, qtbot)
    done = session_of(window)
    assert done.results_are_current and done.plan_lock == locked
    window.close()
    project, again = Project.open(own_project)
    assert again.plan_lock == locked and {change.why for change in again.plan_changes} == {"It took too long"}
    assert {row["why"] for row in project.audit() if row["kind"] == "plan_notes"} == {"It took too long"}
    project.close()


def test_a_source_sent_again_changes_its_study_alone(window: MainWindow, own_project: Path, qtbot) -> None:  # type: ignore[no-untyped-def]
    first = session_of(window)
    path = own_project.parent / "files" / "beta.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    with qtbot.waitSignal(window.workspace.settled, timeout=LONG):
        window.take_files([path])
    qtbot.waitUntil(lambda: session_of(window) is not first, timeout=LONG)
    now = session_of(window)
    assert len(now.study_data("beta").patients) == len(first.study_data("beta").patients) - 1
    assert now.study_data("alpha") is first.study_data("alpha")
