"""What opens beside the pages: the guide, and the protocol for changes. Each is loaded when it is first wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from core.steps import Step
from gui.workspace import Workspace

if TYPE_CHECKING:
    from gui.help_window import HelpWindow


class Beside(QObject):
    """Knows the window, its workspace, and which step is in sight (None: the list of issues)."""

    def __init__(self, window: QWidget, workspace: Workspace, step: Callable[[], Step | None]) -> None:
        super().__init__(window)
        self._window, self._workspace, self._step = window, workspace, step
        self.help: HelpWindow | None = None

    def show_help(self) -> None:
        """The guide, at the page in sight."""
        from core.help_topics import topic_of
        from gui.help_window import HelpWindow

        self.help = self.help or HelpWindow(self._window)
        self.help.open_topic(topic_of(self._step() or Step.CHECK))

    def edit_protocol(self) -> None:
        """The project's protocol; what follows from a change is worked out with progress."""
        from core.protocol_change import with_protocol
        from core.protocol_draft import told
        from gui import dialogs
        from gui.protocol_editor import ProtocolEditor

        session = self._workspace.session
        if session is None or self._workspace.is_busy:
            return
        box = ProtocolEditor(self._window, session.protocol)
        if dialogs.run(box) and box.protocol != session.protocol:
            found = box.protocol
            self._workspace.decide_by(lambda progress: with_protocol(session, found, progress),
                                      f"Protocol: {told(session.protocol, found)}")
