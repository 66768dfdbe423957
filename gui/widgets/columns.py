"""Columns of tables: what each shows of a record, and how they share the room there is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from gui import theme
from gui.widgets.marks import Mark

PADDING, DENSE_PADDING = 11, 6
"""Pixels left and right of a title, as the style sheets say."""
ARROW = 2 * theme.GRID
"""Pixels that the arrow of the sorted column takes."""


@dataclass(frozen=True)
class Column:
    """One column: its title and how a record becomes text."""

    title: str
    text: Callable[[Any], str]
    number: bool = False
    """Right-aligned; the text must come with the same decimals throughout the column."""
    mark: Callable[[Any], Mark | None] | None = None
    """A shape before the text, for a state; the text should hold its word."""
    checked: Callable[[Any], bool | None] | None = None
    """A box before the text, and whether it is ticked; None: that record has no box. For the first column."""
    hint: Callable[[Any], str] | None = None
    """Tooltip of the cell."""
    order: Callable[[Any], Any] | None = None
    """What rows are sorted by; without it the text. None sorts last."""
    about: str = ""
    """Tooltip of the title."""
    stretch: bool = False
    """Whether this column takes the room that is left."""
    widest: int = 320
    """Pixels the column takes of itself at most."""
    least: int = 0
    """Pixels down to which it gives way where there is little room; 0: it does not."""
    is_spare: bool = False
    """Out of sight where there is no room for it; the page shows the same elsewhere."""


def shared_room(columns: Sequence[Column], wanted: Sequence[int], room: int) -> list[int]:
    """Pixels of each column, by what its title and texts want; 0: out of sight.

    Where there is too little room spare columns go, the last first; then those that give way do, each by the same part
    of what it can give. Where there is too much, the column that stretches has it.
    """
    widths = [min(want, column.widest) for column, want in zip(columns, wanted, strict=True)]
    gives = [max(0, width - column.least) if column.least else 0
             for column, width in zip(columns, widths, strict=True)]
    for place in reversed(range(len(columns))):
        if columns[place].is_spare and sum(widths) - sum(gives) > room:
            widths[place] = gives[place] = 0
    missing = sum(widths) - room
    if missing > 0 and any(gives):
        share = min(1.0, missing / sum(gives))
        return [width - math.ceil(give * share) for width, give in zip(widths, gives, strict=True)]
    stretching = next((place for place, column in enumerate(columns) if column.stretch), None)
    if missing < 0 and stretching is not None:
        widths[stretching] -= missing
    return widths


class FittedTable(QTableView):
    """A table whose columns share its width."""

    def __init__(self, columns: Sequence[Column], is_dense: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.without: frozenset[str] = frozenset()
        """Titles of columns that have nothing to say of the records in sight."""
        self._columns = tuple(columns)
        self._wanted: list[int] = []
        self._is_sharing = False
        self._padding = DENSE_PADDING if is_dense else PADDING
        self.horizontalHeader().setMinimumSectionSize(2 * theme.GRID)

    def fit(self) -> None:
        """Measure what the columns want, and share the room."""
        self._wanted = [0 if column.title in self.without else max(self._title(place), self.sizeHintForColumn(place))
                        for place, column in enumerate(self._columns)]
        self._share_room()

    def fit_more(self, rows: Sequence[int]) -> None:
        """Measure rows that have come since the columns were measured, and share the room: what was seen before is not
        looked at again.
        """
        if not self._wanted:
            self.fit()
            return
        model = self.model()
        self._wanted = [wanted if column.title in self.without else
                        max(wanted, *(self.sizeHintForIndex(model.index(row, place)).width() for row in rows))
                        for place, (column, wanted) in enumerate(zip(self._columns, self._wanted, strict=True))]
        self._share_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share another width."""
        super().resizeEvent(event)
        if self._wanted and event.size().width() != event.oldSize().width():
            self._share_room()

    def _title(self, place: int) -> int:
        """Pixels a title takes. Qt's own measure keeps room for an arrow at every one."""
        words = QFontMetrics(theme.font(theme.SECONDARY)).horizontalAdvance(self._columns[place].title)
        is_sorted = self.horizontalHeader().sortIndicatorSection() == place
        return words + 2 * self._padding + 2 + (ARROW if is_sorted else 0)

    def _share_room(self) -> None:
        if self._is_sharing:
            return
        self._is_sharing = True
        for _ in range(2):  # a scroll bar that comes or goes meanwhile changes the room
            room = self.viewport().width()
            self._set_widths(shared_room(self._columns, self._wanted, room))
            if self.viewport().width() == room:
                break
        self._is_sharing = False

    def _set_widths(self, widths: Sequence[int]) -> None:
        rows = self.verticalHeader()
        if self.wordWrap():  # else every column that changes measures every row anew
            rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for place, width in enumerate(widths):
            self.setColumnHidden(place, not width)
            if width:
                self.setColumnWidth(place, width)
        if self.wordWrap():
            rows.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
