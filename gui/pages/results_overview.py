"""The overview of results: the answer in three sentences, and the two figures that show it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from core.overview_words import TITLES, Part, answers
from gui.pages.results_figures import GLANCES, Figures
from gui.theme import GRID
from gui.widgets.figure_view import FigureView
from gui.widgets.frame import button, label
from gui.widgets.icon import icon

if TYPE_CHECKING:
    from core.labels import Labels
    from core.results import Results

WAIT = "The figures are being prepared..."
NOTHING: dict[Part, str] = {
    "effect": "The run has no main effect to draw.",
    "benefit": "No moderator and no combination of moderators was run, so there is nothing to draw."}
LEADS: dict[Part, tuple[str, str]] = {"pooled": ("diagnostics", "Who is analyzed"), "effect": ("main", "All effects"),
                                      "benefit": ("moderators", "All moderators")}
"""The section that says more of each sentence, and what the way there is called."""
BESIDE = 860
"""Pixels from which the two figures stand side by side."""


class OverviewPane(QScrollArea):
    """`wanted` names a section that says more, and the moderator that was pointed at, if one was."""

    wanted = Signal(str, str)
    style_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Overview of the results")
        self.sentences: dict[str, QLabel] = {}
        self.views: dict[Part, FigureView] = {}
        self._titles: dict[str, QLabel] = {}
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, GRID, 0)
        column.setSpacing(GRID + 4)
        for part in TITLES:
            column.addWidget(self._sentence(part))
        self._pair = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._pair.setSpacing(2 * GRID)
        for drawn in NOTHING:
            self._pair.addWidget(self._figure(drawn), 1, Qt.AlignmentFlag.AlignTop)
        column.addLayout(self._pair)
        column.addStretch(1)
        self.setWidget(inner)

    def _sentence(self, part: Part) -> QLabel:
        words = label(wrap=True)
        words.setTextFormat(Qt.TextFormat.RichText)
        flags = Qt.TextInteractionFlag
        words.setTextInteractionFlags(flags.TextSelectableByMouse | flags.LinksAccessibleByMouse
                                      | flags.LinksAccessibleByKeyboard)
        words.setAccessibleName(TITLES[part])
        words.linkActivated.connect(lambda key: self.wanted.emit(key, ""))
        self.sentences[part] = words
        return words

    def _figure(self, part: Part) -> QWidget:
        view = FigureView(WAIT, hugs=True)
        view.picked.connect(lambda key: self.wanted.emit(LEADS[part][0], key))
        title = label("", "secondary", wrap=True)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(title, 1)
        for action, shape, words in ((view.copy_action, "copy", "Copy"), (view.save_action, "floppy-disk", "Save")):
            press = button("", "quiet")
            press.setIcon(icon(shape, "secondary"))
            press.setToolTip(f"{words} this figure")
            press.setAccessibleName(f"{words} the figure: {TITLES[part]}")
            press.clicked.connect(action.trigger)
            press.setEnabled(action.isEnabled())
            action.enabledChanged.connect(press.setEnabled)
            head.addWidget(press)
        if part == "benefit":
            style = button("Style")
            style.setToolTip("Letters, colors, marks, order and names of all figures")
            style.clicked.connect(self.style_wanted.emit)
            head.addWidget(style)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(view)
        self.views[part], self._titles[part] = view, title
        return holder

    def show_answers(self, results: Results, labels: Labels) -> None:
        """Say the three sentences."""
        from gui.pages.results_details import unbroken

        for answer in answers(results, labels):
            key, name = LEADS[answer.part]
            said = escape(unbroken(answer.text))
            self.sentences[answer.part].setText(
                f'<p style="line-height: 118%; margin: 0"><b>{answer.title}.</b> {said} '
                f'<a href="{key}">{name}</a></p>')
            self.sentences[answer.part].setAccessibleDescription(answer.text)

    def show_figures(self, figures: Figures) -> None:
        """Show the two figures, as far as there are."""
        for part, view in self.views.items():
            figure = next((one for key, one in figures.items() if key.startswith(GLANCES[part])), None)
            self._titles[part].setText(figure.title if figure is not None else "")
            if figure is None:
                view.show_nothing(NOTHING[part])
            else:
                view.show_figure(figure)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The figures stand side by side where there is room."""
        super().resizeEvent(event)
        is_wide = self.viewport().width() >= BESIDE
        self._pair.setDirection(QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom)
