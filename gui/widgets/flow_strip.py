"""Participant flow in numbers: in file, left out and why, analyzed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from gui.theme import GRID
from gui.widgets.frame import label

if TYPE_CHECKING:
    from core.harmonized import FlowRow


@dataclass(frozen=True)
class Flow:
    """What the strip says of one study or of all."""

    title: str
    in_file: int
    excluded: tuple[tuple[str, int, str], ...]
    """Reason, count, unit."""
    analyzed: int

    @property
    def reasons(self) -> str:
        """The reasons in words with their counts."""
        return ", ".join(f"{n} {reason.replace('_', ' ')}{'' if unit == 'patients' else f' ({unit})'}"
                         for reason, n, unit in self.excluded)


def flow_of(title: str, rows: Iterable[FlowRow]) -> Flow:
    """The lines of one study, or of several together."""
    in_file = analyzed = 0
    excluded: dict[tuple[str, str], int] = {}
    for row in rows:
        if row.stage == "in file":
            in_file += row.n
        elif row.stage == "analyzed":
            analyzed += row.n
        else:
            excluded[row.reason, row.unit] = excluded.get((row.reason, row.unit), 0) + row.n
    return Flow(title, in_file, tuple((reason, n, unit) for (reason, unit), n in excluded.items()), analyzed)


class FlowStrip(QFrame):
    """One line a flow: boxes from left to right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(2 * GRID, 12, 2 * GRID, 12)
        self._grid.setHorizontalSpacing(2 * GRID)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(2, 1)
        self._labels: list[QLabel] = []

    def show_flows(self, flows: Sequence[Flow], nothing: str = "") -> None:
        """Show these, under their titles; or say why there is nothing to show."""
        for old in self._labels:
            old.deleteLater()
        self._labels = []
        if not flows:
            self._put(label(nothing, "secondary", wrap=True), 0, 0, 4)
            return
        for column, words in enumerate(("Participant flow", "In files", "Left out", "Analyzed")):
            self._put(label(words, "secondary"), 0, column)
        for row, flow in enumerate(flows, start=1):
            self._put(label(flow.title, "section"), row, 0)
            self._put(label(str(flow.in_file), "section" if row == 1 else ""), row, 1)
            self._put(label(flow.reasons or "nobody", wrap=True), row, 2)
            self._put(label(str(flow.analyzed), "section" if row == 1 else ""), row, 3)
        self.setAccessibleName("Participant flow")
        self.setAccessibleDescription(". ".join(
            f"{flow.title}: {flow.in_file} in files, left out {flow.reasons or 'nobody'}, {flow.analyzed} analyzed"
            for flow in flows))

    def _put(self, made: QLabel, row: int, column: int, width: int = 1) -> None:
        if column in (1, 3):
            made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        else:
            made.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._labels.append(made)
        self._grid.addWidget(made, row, column, 1, width)
