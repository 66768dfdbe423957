"""The risk of bias of all studies as a figure, drawn anew as judgments change; only while it is in sight."""

from __future__ import annotations

from dataclasses import replace
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
        from core.figures import SYNTHETIC_MARK, risk_of_bias
        from gui.pages.results_figures import session_labels

        session = self._session
        if session is None:
            return
        judged = {study.study: study.risk_of_bias for study in session.registry.studies}
        labels = session_labels(session)
        wanted = judged, labels.studies, session.figure_choices
        if self._shown == wanted:
            return
        self._shown = wanted
        figures = risk_of_bias(judged, labels)
        if figures:
            mark = SYNTHETIC_MARK if session.synthetic else ""
            self.view.show_figure(replace(figures[0], mark=mark, choices=session.figure_choices))
        else:
            self.view.show_nothing(NOTHING)
