"""Every command of the window with its keys, in the menus that people look for it in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from core.steps import Step
from gui import dialogs, recent
from gui.places import TITLES

if TYPE_CHECKING:
    from gui.main_window import MainWindow

Keys = QKeySequence.StandardKey
Role = QAction.MenuRole


class Menus(QObject):
    """The window's commands; pages and frame take theirs from here, so that each is named and enabled in one place."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        space = window.workspace
        self.undo, self.redo = self._new("Undo", Keys.Undo, space.undo), self._new("Redo", Keys.Redo, space.redo)
        self.back = self._new("Back", "Alt+Left", lambda: window.move_by(-1))
        self.onward = self._new("Next", "Alt+Right", lambda: window.move_by(1))
        self._steps = {step: self._new(TITLES[step], f"Ctrl+{number}", partial(window.show_step, step))
                       for number, step in enumerate(Step, 1)}
        self._protocol = self._new("Protocol...", "", window.beside.edit_protocol)
        bar = window.menuBar()
        self._recent = QMenu("Open &recent", bar)
        self._recent.aboutToShow.connect(self._list_recent)
        file = bar.addMenu("&File")
        file.addActions([self._new("New project...", Keys.New, lambda: window.new_project([])),
                         self._new("Open...", Keys.Open, window.ask_for_project)])
        file.addMenu(self._recent)
        file.addAction(self._new("Try the demo", "", window.open_demo))
        file.addSeparator()
        file.addAction(self._new("Quit", Keys.Quit, window.close, Role.QuitRole))
        edit = bar.addMenu("&Edit")
        edit.addActions([self.undo, self.redo])
        edit.addSeparator()
        edit.addAction(self._protocol)
        go = bar.addMenu("&Go")
        go.addActions(list(self._steps.values()))
        go.addSeparator()
        go.addActions([self._new("Issues", "Ctrl+I", window.show_issues), self.back, self.onward,
                       self._new("Search", "Ctrl+K", lambda: window.search.setFocus())])
        guide = bar.addMenu("&Help")
        guide.addActions([self._new("Guide", Keys.HelpContents, window.beside.show_help),
                          self._new("About Modscope", "", lambda: dialogs.run(dialogs.About(window)), Role.AboutRole)])

    def _new(self, text: str, keys: QKeySequence.StandardKey | str, do: Callable[[], object],
             role: QAction.MenuRole = Role.NoRole) -> QAction:
        action = QAction(text, self._window)
        action.setShortcut(QKeySequence(keys))
        action.setMenuRole(role)
        shown = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{text} ({shown})" if shown else text)
        action.triggered.connect(lambda: do())
        self._window.addAction(action)
        return action

    def enable(self) -> None:
        """What can be done now, and nothing else."""
        reachable = self._window.reachable
        for step, action in self._steps.items():
            action.setEnabled(step in reachable)
        self._protocol.setEnabled(self._window.workspace.session is not None)

    def _list_recent(self) -> None:
        self._recent.clear()
        for project in recent.recent_projects():
            action = self._recent.addAction(project.name)
            action.setToolTip(project.path)
            action.setEnabled(project.is_there and not self._window.workspace.is_busy)
            action.triggered.connect(lambda _=False, path=Path(project.path): self._window.open_project(path))
        if self._recent.isEmpty():
            self._recent.addAction("None yet").setEnabled(False)
