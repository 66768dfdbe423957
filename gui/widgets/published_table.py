"""Figures of a study's publication, typed in beside what the file gives."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.errors import Severity
from gui.theme import GRID
from gui.widgets.choices import combo, offer
from gui.widgets.columns import Column
from gui.widgets.edit_table import Edit, EditTable
from gui.widgets.frame import label
from gui.widgets.marks import DISPUTED, NONE, OK, Mark
from gui.widgets.message_line import MessageLine

if TYPE_CHECKING:
    from core.integrity.published_figures import Figure
    from core.registry import PublishedArmName, Study
    from core.session import Session

ABOUT = ("What the publication says of each arm, to find files that are not the published data. It is compared, never "
         "analyzed. A difference of over 0.1 standard deviations is told.")
NOTHING = "What the file gives will stand here once the study has a readable file."
PUBLISHED = "Paper"


def read_figure(text: str) -> float | None:
    """A number as people type it; None for an empty field. Raises ValueError for anything else."""
    if not text:
        return None
    value = float(text.replace(",", ".").replace("\N{MINUS SIGN}", "-"))
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _shown(figure: Figure, value: float | None) -> str:
    if value is None or math.isnan(value):
        return ""
    return f"{value:.0f}" if figure.what == "n" else f"{value:.1f}".replace("-", "\N{MINUS SIGN}")


def _typed(figure: Figure) -> str:
    return "" if figure.published is None else f"{figure.published:g}".replace("-", "\N{MINUS SIGN}")


def _mark(figure: Figure) -> Mark:
    return NONE if not _state(figure) else DISPUTED if figure.differs else OK


def _state(figure: Figure) -> str:
    if figure.published is None or math.isnan(figure.here):
        return ""
    return "differs" if figure.differs else "agrees"


class PublishedTable(QWidget):
    """`edited` carries the study's record as the person changed it, and what was changed."""

    edited = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session: Session | None = None
        self._study: Study | None = None
        self.about = label(ABOUT, "secondary", wrap=True)
        self.message = MessageLine(self)
        self.arm = combo("Arm", self._fill)
        self.table = EditTable("Published figures", (
            Column("Figure", lambda one: one.label, hint=lambda one: f"{one.label} {_state(one)}".strip(), widest=220,
                   least=90, stretch=True, mark=_mark),
            Column(PUBLISHED, _typed, number=True, about="As the publication gives it"),
            Column("File", lambda one: _shown(one, one.here), number=True, about="Recomputed from the study's file")),
            is_dense=True)
        self.table.edited.connect(self._take)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.about)
        column.addWidget(self.message)
        column.addWidget(self.arm)
        column.addWidget(self.table, 1)
        column.addStretch(0)

    def show_study(self, session: Session, study: Study) -> None:
        """Fill the table with a study's figures."""
        self._session, self._study = session, study
        self.message.clear()
        protocol = session.protocol
        offer(self.arm, ((protocol.active.label, "active"), (protocol.control.label, "control")),
              self.arm.currentData() or "active")
        self._fill()

    def _fill(self) -> None:
        session, study = self._session, self._study
        is_ready = bool(session and study and study.study in session.usable_studies
                        and session.has_harmonized_at_hand)
        self.about.setText(ABOUT if is_ready else NOTHING)
        self.arm.setVisible(is_ready)
        self.table.setVisible(is_ready)
        if session is None or study is None or not is_ready:
            return
        from core.integrity.published_figures import figures_of

        figures = figures_of(session.checked(), study.study, self.arm.currentData())
        self.table.show_records(figures, {PUBLISHED: Edit(value=lambda one: one.published, read=read_figure,
                                                          hint="not known")})

    def _take(self, figure: Figure, title: str, value: Any) -> None:
        from core.registry import PublishedArm, PublishedScore

        study = self._study
        arm: PublishedArmName = self.arm.currentData()
        if study is None:
            return
        before = study.published.get(arm, PublishedArm())
        if figure.what == "n":
            if value is not None and (value < 0 or value % 1):
                return self.message.say("A number of patients is whole; nothing was changed.", Severity.ERROR)
            after = before.model_copy(update={figure.key: None if value is None else int(value)})
        else:
            if figure.what == "sd" and value is not None and value < 0:
                return self.message.say("A standard deviation is not negative; nothing was changed.", Severity.ERROR)
            score = before.scores.get(figure.key, PublishedScore()).model_copy(update={figure.what: value})
            scores = {**before.scores, figure.key: score}
            kept = {key: one for key, one in scores.items() if one != PublishedScore()}
            after = before.model_copy(update={"scores": kept})
        self.edited.emit(study.with_published(arm, after), f"{figure.label}, published,")
