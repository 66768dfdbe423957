"""The menus: every command of the window with its keys, enabled as it can be used."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest

from core.steps import Step
from gui import recent
from gui.dialogs import About, NewProject
from gui.main_window import MainWindow


def actions(window: MainWindow) -> dict[str, QAction]:
    found = {}
    for menu in (entry.menu() for entry in window.menuBar().actions()):
        found |= {action.text(): action for action in menu.actions() if not action.isSeparator()}  # type: ignore[attr-defined]
    return found


def test_what_needs_a_project_waits_for_one(window: MainWindow) -> None:
    found = actions(window)
    assert found["Start"].isEnabled() and found["New project..."].isEnabled()
    assert not any(found[name].isEnabled() for name in ("Map", "Report", "Protocol...", "Undo"))


def test_keys_are_of_one_command(demo_window: MainWindow) -> None:
    keys = [action.shortcut().toString(QKeySequence.SequenceFormat.PortableText) for action in actions(demo_window).values()]
    named = [key for key in keys if key]
    assert len(named) == len(set(named)) and {"Ctrl+1", "Ctrl+8", "Ctrl+Z", "F1", "Ctrl+N"} <= set(named)


def test_steps_are_reached_by_number(demo_window: MainWindow, qtbot) -> None:
    demo_window.activateWindow()
    qtbot.waitUntil(demo_window.isActiveWindow)
    QTest.keyClick(demo_window, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    assert demo_window.step is Step.PLAN
    QTest.keyClick(demo_window, Qt.Key.Key_7, Qt.KeyboardModifier.ControlModifier)
    assert demo_window.step is Step.PLAN, "there are no results yet"


def test_boxes_open_from_the_menus(window: MainWindow, boxes) -> None:
    actions(window)["New project..."].trigger()
    actions(window)["About Modscope"].trigger()
    assert [type(box) for box in boxes.shown] == [NewProject, About]


def test_recent_projects_are_listed(window: MainWindow, tmp_path: Path, qtbot) -> None:
    window.menus._recent.aboutToShow.emit()
    assert [action.text() for action in window.menus._recent.actions()] == ["None yet"]
    with qtbot.waitSignal(window.workspace.settled, timeout=60_000):
        window.workspace.create(tmp_path / "Mine.modscope", "ketamine", "Mine", [])
    assert recent.recent_projects()
    window.menus._recent.aboutToShow.emit()
    (action,) = window.menus._recent.actions()
    assert action.text() == "Mine" and action.isEnabled()
