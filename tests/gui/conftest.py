"""What every test of the window stands on: no box is ever shown, the user's own lists are left alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog

from core.intake import demo_session
from core.session import Session
from gui import dialogs, theme
from gui.main_window import MainWindow

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The platform without a screen says what it cannot do with windows; nothing else is let pass."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support", extend=True))


class Boxes:
    """The modal boxes that would have been shown, and what the person answers to them."""

    def __init__(self) -> None:
        self.shown: list[QDialog] = []
        self.answer: Callable[[QDialog], bool] = lambda box: False
        self.files: list[Path] = []

    def run(self, box: QDialog) -> bool:
        self.shown.append(box)
        if isinstance(box, QFileDialog):
            box.selectedFiles = lambda: [str(path) for path in self.files]  # type: ignore[method-assign]
            return bool(self.files)
        return self.answer(box)


@pytest.fixture(autouse=True)
def boxes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Boxes]:
    """Records boxes; a test that did not look at a crash box fails by it."""
    found = Boxes()
    monkeypatch.setattr(dialogs, "run", found.run)
    yield found
    crashes = [box.details.toPlainText() for box in found.shown if isinstance(box, dialogs.Crash)]
    assert not crashes, crashes


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the program keeps the user's things, for this test alone."""
    folder = tmp_path / "data"
    monkeypatch.setenv("MODSCOPE_DATA", str(folder))
    return folder


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    return QApplication


@pytest.fixture(autouse=True)
def look(qapp: QApplication) -> None:
    """The light look, as the program sets it; dressing every widget anew takes its time."""
    if theme.colors() is not theme.LIGHT or not qapp.styleSheet():
        theme.set_up(qapp, "light")


@pytest.fixture(scope="session")
def demo() -> Session:
    """The demo as it is after loading, everything derived."""
    session = demo_session()
    session.harmonized()
    return session


@pytest.fixture
def demo_at_hand(demo: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening the demo does not read its files anew; the tour and the journeys do."""
    monkeypatch.setattr("core.intake.demo_session", lambda progress: demo)


@pytest.fixture(scope="session")
def analyzed(demo: Session) -> Session:
    """The demo with results, few replicates."""
    from core.analysis import run_analysis
    from core.pooled import pooled_from_session

    few = demo.plan.bootstrap.model_copy(update={"replicates": 20})
    fewer = demo.plan.combined.model_copy(update={"permutations": 19})
    planned = demo.with_plan(demo.plan.model_copy(update={"bootstrap": few, "moderators": demo.plan.moderators[:8],
                                                          "combined": fewer, "sets": demo.plan.sets[:2]}))
    return planned.with_results(run_analysis(pooled_from_session(planned), planned.plan))


@pytest.fixture
def window(qtbot) -> Iterator[MainWindow]:
    """The window without a project."""
    made = MainWindow()
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close()


@pytest.fixture
def demo_window(window: MainWindow, demo: Session, qtbot) -> MainWindow:
    """The window with the demo, without a file."""
    return holding(window, demo, qtbot)


@pytest.fixture
def analyzed_window(window: MainWindow, analyzed: Session, qtbot) -> MainWindow:
    """The window with the analyzed demo: every step is in reach."""
    return holding(window, analyzed, qtbot)


def holding(window: MainWindow, session: Session, qtbot) -> MainWindow:
    """The window with a session, once what follows from it is known."""
    from gui.workspace import Opened

    with qtbot.waitSignal(window.workspace.settled):
        window.workspace.put(Opened(session, None))
    return window
