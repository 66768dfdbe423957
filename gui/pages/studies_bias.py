"""The risk of bias of all studies as a figure, drawn anew as judgments change; only while it is in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.widgets.figure_view import FigureView

if TYPE_CHECKING:
    from core.session import Session

NOTHING = "Nothing is judged yet. Choose a study and answer the five criteria under Bias, beside the table."


class BiasView(QWidget):
    """Follows the session."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = FigureView(NOTHING)
        self._session: Session | None = None
        self._shown: object = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)

    def show_session(self, session: Session) -> None:
        """Judgments may be others now."""
        self._session = session
        if self.isVisible():
            self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what was judged meanwhile."""
        super().showEvent(event)
        self._show()

    def _show(self) -> None:
        from core.figures import risk_of_bias
        from core.labels import labels_for

        session = self._session
        if session is None:
            return
        judged = {study.study: study.risk_of_bias for study in session.registry.studies}
        names = {study.study: study.name for study in session.registry.studies}
        if self._shown == (judged, names):
            return
        self._shown = judged, names
        figures = risk_of_bias(judged, labels_for(session.protocol, names))
        if figures:
            self.view.show_figure(figures[0])
        else:
            self.view.show_nothing(NOTHING)
