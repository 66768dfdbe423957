"""What every page gets tested for free: it fits, its controls have names, the keyboard reaches them."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QScrollBar, QWidget

from core.steps import Step
from gui.main_window import MainWindow
from gui.pages import PAGES

SMALLEST = (1024, 700)
STEPS = [step for step, name in PAGES.items() if find_spec(name.split(":")[0])]


def focusable(root: QWidget) -> list[QWidget]:
    return [widget for widget in root.findChildren(QWidget)
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not isinstance(widget, QScrollBar)
            and widget.isVisible() and not is_inside_control(widget)]


def is_inside_control(widget: QWidget) -> bool:
    """A view inside a combo box, a line inside a spin box: the control around it bears the name."""
    parent = widget.parentWidget()
    return (parent is not None and parent.focusProxy() is widget) or type(parent).__name__ in (
        "QComboBox", "QSpinBox", "QDoubleSpinBox", "QComboBoxPrivateContainer")


def states(window: MainWindow, step: Step | None):
    if step is None:
        window.show_issues()
        yield "issues"
        return
    window.show_step(step)
    for name, put in window.page(step).tour_states():
        put()
        QApplication.processEvents()
        yield name


@pytest.mark.parametrize("step", [*STEPS, None], ids=lambda step: step.value if step else "issues")
def test_a_page(analyzed_window: MainWindow, step: Step | None) -> None:
    """In the light theme; the dark one, which the tour's test goes through, differs in colors only."""
    analyzed_window.resize(*SMALLEST)
    for name in states(analyzed_window, step):
        needed = analyzed_window.minimumSizeHint()
        assert (needed.width() <= SMALLEST[0], needed.height() <= SMALLEST[1]) == (True, True), (name, needed)
        nameless = [widget for widget in focusable(analyzed_window) if not widget.accessibleName()]
        assert not nameless, (name, nameless)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.value)
def test_tab_reaches_the_main_action(analyzed_window: MainWindow, step: Step) -> None:
    analyzed_window.show_step(step)
    assert analyzed_window.step is step
    analyzed_window.activateWindow()
    wanted = analyzed_window.foot.onward
    page = analyzed_window.page(step)
    assert page.first is None or page.first.focusPolicy() & Qt.FocusPolicy.TabFocus
    reached: list[QWidget] = []
    widget: QWidget = page
    while widget.nextInFocusChain() is not page and len(reached) < 5000:
        widget = widget.nextInFocusChain()
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            reached.append(widget)
    assert wanted in reached or not wanted.isEnabled()
    assert not isinstance(wanted, QAbstractScrollArea)
