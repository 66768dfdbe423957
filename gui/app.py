"""The program with a window. What computes is loaded after the window shows."""

from __future__ import annotations

import importlib
import signal
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from core.progress import Progress
from gui import theme
from gui.jobs import JobRunner
from gui.main_window import MainWindow
from gui.pages import PAGES

LOADED_LATER = ("core.intake", "core.project")
"""What opening a project needs; the pages bring the rest."""


def main(words: Sequence[str]) -> int:
    """Open the window, on a project or on the demo; or take the tour. Exit status."""
    if words and words[0] == "tour":
        from gui.tour import main as tour

        return tour(words[1:])
    if len(words) > 1:
        sys.stderr.write(f'modscope: the window opens one project; "{words[1]}" is too much. See --help.\n')
        return 2
    app = make_application(sys.argv[:1])
    theme.set_up(app)
    window = MainWindow()
    sys.excepthook = crash_hook(window)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    window.show()
    QTimer.singleShot(0, lambda: begin(window, words))
    return app.exec()


def make_application(arguments: list[str]) -> QApplication:
    """Qt's application, bearing our name; there is one at a time."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(arguments)
    app.setApplicationName("Modscope")
    app.setApplicationDisplayName("Modscope")
    app.setDesktopFileName("modscope")
    app.setWindowIcon(theme.program_icon())
    return app


def begin(window: MainWindow, words: Sequence[str]) -> None:
    """After the first paint: load what computes, and open what was asked for."""
    JobRunner(window).start(load_the_rest)
    if words and words[0] == "--demo":
        window.open_demo()
    elif words:
        window.open_project(Path(words[0]))


def load_the_rest(progress: Progress) -> None:
    """Import what the window did not need to show."""
    pages = [name.split(":")[0] for name in PAGES.values()]
    for name in (*LOADED_LATER, *pages):
        progress(0.0, name)
        if find_spec(name) is not None:
            importlib.import_module(name)


def crash_hook(window: MainWindow) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """What is to happen when a bug reaches the top: say so, once at a time."""
    showing: list[bool] = []

    def hook(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, fault, trace)
        if not showing and isinstance(fault, Exception):
            showing.append(True)
            try:
                window.show_failure(fault)
            finally:
                showing.clear()

    return hook
