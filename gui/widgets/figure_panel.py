"""Where a figure is shown: with words for those who do not see it, and as large as there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.widgets.frame import label

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class FigurePanel(QWidget):
    """Shows one `matplotlib.figure.Figure` at a time; its table belongs beside it, on the page.

    The figure should be drawn in the window's colors (`gui.theme.colors`) and anew when they change.
    """

    def __init__(self, nothing: str, parent: QWidget | None = None) -> None:
        """`nothing` stands where no figure is: what will be there and how to get it."""
        super().__init__(parent)
        self._canvas: FigureCanvasQTAgg | None = None
        self._nothing = label(nothing, "secondary", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._nothing, 1)
        copy = QAction("Copy picture", self)
        copy.triggered.connect(self._copy)
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setMinimumSize(240, 160)

    def show_figure(self, figure: Figure, alt_text: str) -> None:
        """Show a figure; `alt_text` says in words what it shows."""
        self.clear()
        self._canvas = FigureCanvasQTAgg(figure)
        self._canvas.setAccessibleName("Figure")
        self._canvas.setAccessibleDescription(alt_text)
        self._canvas.setToolTip(alt_text)
        self._canvas.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._nothing.hide()
        layout = self.layout()
        if layout is not None:
            layout.addWidget(self._canvas)

    def clear(self) -> None:
        """No figure."""
        if self._canvas is not None:
            self._canvas.hide()
            self._canvas.deleteLater()
            self._canvas = None
        self._nothing.show()

    def _copy(self) -> None:
        if self._canvas is not None:
            QGuiApplication.clipboard().setPixmap(self._canvas.grab())
