"""Participant flow in numbers: in file, left out and why, analyzed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QSpacerItem, QWidget

from gui.theme import GRID
from gui.widgets.frame import ElidedLabel, clear, label

if TYPE_CHECKING:
    from core.harmonized import FlowRow

REASONS = {"other_dose": "other dose", "other_drug": "other drug", "later_infusion": "later infusion",
           "duplicate": "duplicate", "no_baseline": "no baseline", "no_followup": "no follow-up",
           "other": "other reasons"}


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
        """The reasons in words with their counts; patients first."""
        patients = [f"{n} {REASONS[reason]}" for reason, n, unit in self.excluded if unit == "patients"]
        rows = [f"{n} rows, {REASONS[reason]}" for reason, n, unit in self.excluded if unit != "patients"]
        return "; ".join((", ".join(patients) or "nobody", *rows))


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
    """Two lines a flow: how many come and go on, and who does not."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(2 * GRID, 12, 2 * GRID, 12)
        self._grid.setHorizontalSpacing(GRID)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(0, 1)

    def show_flows(self, flows: Sequence[Flow], nothing: str = "") -> None:
        """Show these, under their titles; or say why there is nothing to show."""
        clear(self._grid)
        if not flows:
            self._grid.addWidget(label(nothing, "secondary", wrap=True), 0, 0, 1, 3)
        for number, flow in enumerate(flows):
            row = 3 * number
            if number:
                self._grid.addItem(QSpacerItem(0, GRID), row - 1, 0)
            title = ElidedLabel()
            title.setText(flow.title)
            title.setProperty("kind", "section")
            right = Qt.AlignmentFlag.AlignRight
            self._grid.addWidget(title, row, 0)
            self._grid.addWidget(label(f"{flow.in_file} in files"), row, 1, right)
            self._grid.addWidget(label(f"\u2192  {flow.analyzed} analyzed", "section"), row, 2, right)
            self._grid.addWidget(label(f"Left out: {flow.reasons}", "secondary", wrap=True), row + 1, 0, 1, 3)
        self.setAccessibleName("Participant flow")
        self.setAccessibleDescription(". ".join(
            f"{flow.title}: {flow.in_file} in files, left out {flow.reasons}, {flow.analyzed} analyzed"
            for flow in flows))
