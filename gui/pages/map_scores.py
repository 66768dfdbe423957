"""The columns of scores of a study's file: their scale, time, period and number format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.mapping import NumberFormat, ScoreSource, StudyMapping
from core.values import parse_column
from gui.pages import map_edits as edits
from gui.pages.map_layout import LayoutPart, read_hours
from gui.pages.map_values import number_text
from gui.theme import GRID
from gui.widgets.choices import combo, offer
from gui.widgets.columns import Column
from gui.widgets.edit_table import Edit, EditTable
from gui.widgets.frame import button
from gui.widgets.marks import DISPUTED, OK, Mark


@dataclass(frozen=True)
class ScoreRow:
    """One column of scores, with what its cells give."""

    index: int
    source: ScoreSource
    scale: str
    numbers: int
    unreadable: int

    @property
    def mark(self) -> Mark:
        """Whether every cell can be read."""
        return DISPUTED if self.unreadable else OK

    @property
    def hours(self) -> str:
        """Hours after the treatment."""
        if self.source.time is not None:
            return "own times"
        return "by visit" if self.source.hours is None else number_text(self.source.hours)

    @property
    def cells(self) -> str:
        """How many numbers, and how many cells that are none."""
        return f"{self.numbers} scores" + (f", {self.unreadable} not readable" if self.unreadable else "")


def _missing_codes(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _period(text: str) -> int | None:
    return int(text) if text else None


class ScoresPart(LayoutPart):
    """Which columns are scores of what, and when they were taken."""

    title = "Scores"
    about = ("Hours after the treatment; 0 or less is a baseline, empty: the row's visit says when. "
             "Click or press Enter to change it.")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.columns = EditTable("Columns of scores", (
            Column("Column", lambda row: row.source.column, mark=lambda row: row.mark, stretch=True, widest=220,
                   least=172, hint=lambda row: row.source.column),
            Column("Scale", lambda row: row.scale, widest=130, least=104),
            Column("Hours", lambda row: row.hours, number=True),
            Column("Period", lambda row: str(row.source.period or ""), number=True),
            Column("Missing", lambda row: "; ".join(row.source.format.missing), widest=140, least=84,
                   about="Texts that mean missing"),
            Column("Decimal", lambda row: {".": "point", ",": "comma"}[row.source.format.decimal]),
            Column("Cells", lambda row: row.cells)))
        self.columns.edited.connect(self._take)
        self.column, self.scale = combo("Column to add", lambda: None), combo("Scale of it", lambda: None)
        self.column.setPlaceholderText("Pick...")
        add, remove = button("Add"), button("Remove")
        add.setAccessibleName("Add this column as a score")
        remove.setAccessibleName("Remove the chosen column of scores")
        add.clicked.connect(self._add)
        remove.clicked.connect(self._remove)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        for part in (self.column, self.scale, add, remove):
            row.addWidget(part)
        row.setStretch(0, 1)
        self.body.addWidget(self.columns, 1)
        self.body.addLayout(row)

    def fill(self, mapping: StudyMapping) -> None:
        """Show the columns of scores."""
        assert self.session is not None
        protocol = self.session.protocol
        rows = [self._row(i, source) for i, source in enumerate(mapping.scores)]
        options = tuple((scale.label, scale.key) for scale in protocol.scales)
        can_time = mapping.shape.kind != "long" or mapping.shape.visit is None
        has_periods = mapping.shape.kind == "period_blocks" or any(source.period for source in mapping.scores)
        self.columns.show_records(rows, {
            "Scale": Edit(lambda row: row.source.scale, options),
            "Missing": Edit(lambda row: row.source.format.missing, read=_missing_codes,
                                  start=lambda row: "; ".join(row.source.format.missing), hint="separated by ;"),
            "Decimal": Edit(lambda row: row.source.format.decimal, (("point", "."), ("comma", ",")))} | ({
                "Hours": Edit(lambda row: row.source.hours, read=read_hours),
                "Period": Edit(lambda row: row.source.period, read=_period)} if can_time else {}),
            without=() if has_periods else ("Period",))
        used = {source.column for source in mapping.scores}
        free = tuple(option for option in self.column_options(()) if option[1] not in used)
        offer(self.column, free, self.column.currentData() if self.column.currentData() not in used else None)
        offer(self.scale, options, self.scale.currentData() or protocol.primary_scale)

    def _row(self, index: int, source: ScoreSource) -> ScoreRow:
        assert self.session is not None
        scales = self.session.protocol.scales_by_key
        label = scales[source.scale].label if source.scale in scales else source.scale
        found = self.table.columns_by_name.get(source.column) if self.table else None
        if found is None:
            return ScoreRow(index, source, label, 0, 0)
        parsed = parse_column(found.cells, source.format)
        numbers = sum(value == value for value in parsed.values.tolist())
        return ScoreRow(index, source, label, numbers, len(parsed.unreadable))

    def _take(self, row: ScoreRow, title: str, value: Any) -> None:
        if self.mapping is None:
            return
        form: NumberFormat = row.source.format
        parts: dict[str, Any] = {"Scale": {"scale": value}, "Hours": {"hours": value, "time": None},
                 "Period": {"period": value}, "Missing": {"format": form.model_copy(update={"missing": value})},
                 "Decimal": {"format": form.model_copy(update={"decimal": value})}}[title]
        self.tell(edits.with_score(self.mapping, row.index, **parts))

    def _add(self) -> None:
        column, scale = self.column.currentData(), self.scale.currentData()
        if self.mapping is not None and column and scale:
            self.tell(edits.with_new_score(self.mapping, column, scale))

    def _remove(self) -> None:
        row = self.columns.current
        if self.mapping is not None and row is not None:
            self.tell(edits.without_score(self.mapping, row.index))
