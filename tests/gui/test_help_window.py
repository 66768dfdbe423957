"""The guide beside the window: opened at the page in sight, searched, followed from topic to topic."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtTest import QTest

from core.steps import Step
from gui.help_window import HelpWindow
from gui.main_window import MainWindow


def test_the_guide_opens_at_the_page_in_sight(demo_window: MainWindow, qtbot) -> None:
    demo_window.top.help.click()
    guide = demo_window.beside.help
    assert guide is not None and guide.isVisible() and not guide.isModal()
    assert guide.topic == demo_window.step.value == "studies"
    demo_window.show_step(Step.PLAN)
    demo_window.activateWindow()
    qtbot.waitUntil(demo_window.isActiveWindow)
    QTest.keyClick(demo_window, Qt.Key.Key_F1)
    assert demo_window.beside.help is guide and guide.topic == "plan"
    demo_window.show_issues()
    demo_window.beside.show_help()
    assert guide.topic == "check"


def test_topics_are_searched_and_followed(qtbot) -> None:
    guide = HelpWindow()
    qtbot.addWidget(guide)
    guide.open_topic("map")
    everything = guide.list.count()
    QTest.keyClicks(guide.search, "odds ratio")
    assert guide.topic == "glossary" and guide.list.count() < everything
    assert guide.text.textCursor().selectedText().lower() == "odds ratio"
    guide.text.anchorClicked.emit(QUrl("plan"))
    assert guide.topic == "plan" and guide.list.count() == everything and not guide.search.text()
    QTest.keyClicks(guide.search, "xyzzy")
    assert guide.nothing.isVisible() and guide.list.count() == 0
    guide.search.clear()
    assert not guide.nothing.isVisible() and guide.topic == "first-project"


def test_controls_have_names(qtbot) -> None:
    guide = HelpWindow()
    qtbot.addWidget(guide)
    assert all(part.accessibleName() for part in (guide.search, guide.list, guide.text))
