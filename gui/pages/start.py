"""Start: try the demo, begin a project, open one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from core.steps import Step
from gui import recent
from gui.pages.page import Page
from gui.theme import GRID
from gui.widgets.choice_button import ChoiceButton
from gui.widgets.frame import clear, label

if TYPE_CHECKING:
    from core.session import Session


class StartPage(Page):
    """The only page there is without a project."""

    title: ClassVar[str] = "Start"
    step: ClassVar[Step] = Step.START

    demo_wanted = Signal()
    new_wanted = Signal()
    open_wanted = Signal()
    recent_wanted = Signal(object)
    """A `Path`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.demo = ChoiceButton("flask", "Try the demo", "Seventeen synthetic studies,\nno patient data.")
        self.new = ChoiceButton("plus", "New project", "Begin with your own study files.\nOr drop them on this window.")
        self.open = ChoiceButton("folder-open", "Open", "A project file you have.\nDropping it here opens it too.")
        self.demo.clicked.connect(self.demo_wanted)
        self.new.clicked.connect(self.new_wanted)
        self.open.clicked.connect(self.open_wanted)
        left = QVBoxLayout()
        left.setSpacing(GRID)
        left.addWidget(label("Begin", "section"))
        for button in (self.demo, self.new, self.open):
            left.addWidget(button)
        left.addStretch(1)
        self._rows = QVBoxLayout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(GRID)
        self._rows.setAlignment(Qt.AlignmentFlag.AlignTop)
        inner = QWidget()
        inner.setLayout(self._rows)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inner)
        right = QVBoxLayout()
        right.setSpacing(GRID)
        right.addWidget(label("Recent projects", "section"))
        right.addWidget(scroll, 1)
        self.first = self.demo
        row = QHBoxLayout()
        row.setContentsMargins(0, GRID, 0, 0)
        row.setSpacing(4 * GRID)
        row.addLayout(left, 2)
        row.addLayout(right, 3)
        self.body.addLayout(row, 1)

    def sentence(self, session: Session | None) -> str:
        """What the program is for."""
        if session is not None:
            return f"{session.name} is open. Go on with it in the next steps, or open another."
        return ("Pool the patient data of randomized trials and see for whom a treatment works better. Files stay on "
                "this computer.")

    def display(self, session: Session | None) -> None:
        """Read the list of recent projects anew."""
        clear(self._rows)
        projects = recent.recent_projects()
        now = dt.datetime.now()
        for project in projects:
            self._rows.addWidget(self._row(project, now))
        if not projects:
            self._rows.addWidget(label("Projects you open will be listed here, with how they stand.",
                                       "secondary", wrap=True))

    def _row(self, project: recent.RecentProject, now: dt.datetime) -> ChoiceButton:
        state = project.state if project.is_there else "The file is no longer there."
        button = ChoiceButton("file", project.name, state, project.when(now))
        button.setToolTip(project.path)
        button.setEnabled(project.is_there)
        button.clicked.connect(lambda: self.recent_wanted.emit(Path(project.path)))
        return button
