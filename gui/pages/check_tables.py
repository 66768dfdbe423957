"""Summaries by study, availability with tiers, and participant flow, each as a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QSplitter, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from core.results import Availability
from core.summaries import ALL, Summaries, Summary, label_of
from core.wording import REASONS, column, decimals_for
from gui import theme
from gui.theme import GRID
from gui.widgets.columns import Column
from gui.widgets.data_table import DataTable, RecordModel
from gui.widgets.flow_strip import Flow, flow_of
from gui.widgets.frame import label

if TYPE_CHECKING:
    from core.session import Session

Index = QModelIndex | QPersistentModelIndex
THIN = "\N{NARROW NO-BREAK SPACE}"


@dataclass(frozen=True)
class SummaryRow:
    """One summary as it is shown: numbers of a variable with the same decimals."""

    name: str
    summary: Summary
    numbers: tuple[str, str, str, str]
    levels: str


def summary_rows(named: list[tuple[str, Summary]]) -> list[SummaryRow]:
    """Summaries of one variable under their names."""
    values = [value for _, one in named for value in (one.mean, one.sd)]
    ends = [value for _, one in named for value in (one.minimum, one.maximum)]
    is_whole = all(value is None or value == int(value) for value in ends)
    places, end_places = max(1, min(2, decimals_for(values))), 0 if is_whole else 1
    rows = []
    for name, one in named:
        numbers = (*column((one.mean, one.sd), places), *column((one.minimum, one.maximum), end_places))
        levels = ", ".join(f"{level} {count}" for level, count in one.levels.items())
        rows.append(SummaryRow(name, one, numbers, levels))  # type: ignore[arg-type]
    return rows


def _summary_columns(first: str, stretch: str) -> tuple[Column, ...]:
    def figure(title: str, i: int, value: Callable[[Summary], float | None], about: str) -> Column:
        return Column(title, lambda row: row.numbers[i], number=True, order=lambda row: value(row.summary), about=about)

    return (Column(first, lambda row: row.name, hint=lambda row: row.name, widest=300, least=150),
            Column("n", lambda row: str(row.summary.n), number=True, order=lambda row: row.summary.n,
                   about="Patients of the primary set who have it"),
            Column("Missing", lambda row: str(row.summary.missing), number=True, order=lambda row: row.summary.missing,
                   about="Patients of the primary set without it"),
            figure("Mean", 0, lambda one: one.mean, "Of a yes-or-no variable: the share of yes"),
            figure("SD", 1, lambda one: one.sd, "Standard deviation, n - 1 below"),
            figure("Min", 2, lambda one: one.minimum, "Smallest value"),
            figure("Max", 3, lambda one: one.maximum, "Largest value"),
            Column(stretch, lambda row: row.levels, hint=lambda row: row.levels, stretch=True, least=110))


class SummaryView(QWidget):
    """Every variable over all studies; below, the chosen one study by study."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session: Session | None = None
        self._found: Summaries | None = None
        self.variables = DataTable("Variables over all studies",
                                   _summary_columns("Variable, all studies", "Categories"),
                                   key=lambda row: row.summary.variable)
        self.studies = DataTable("The chosen variable by study", _summary_columns("Study", "Categories"),
                                 key=lambda row: row.summary.study)
        self.heading = label(kind="section")
        self.variables.chosen.connect(lambda row: self._show_studies(row.summary.variable))
        below = QWidget()
        inner = QVBoxLayout(below)
        inner.setContentsMargins(0, GRID, 0, 0)
        inner.setSpacing(GRID)
        inner.addWidget(self.heading)
        inner.addWidget(self.studies, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(1)
        split.setStyleSheet("QSplitter::handle { margin: 0; }")
        split.addWidget(self.variables)
        split.addWidget(below)
        split.setSizes([300, 260])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, GRID, 0, 0)
        outer.addWidget(split)

    def show_summaries(self, session: Session, found: Summaries) -> None:
        """Show what the primary set holds."""
        self._session, self._found = session, found
        rows = []
        for variable in found.variables:
            one = found.of(ALL, variable)
            if one is not None:
                rows += summary_rows([(label_of(session.protocol, variable), one)])
        self.variables.show_records(rows)
        if self.variables.current is None and rows:
            self.variables.choose(rows[0].summary.variable, tell=False)
        if self.variables.current is not None:
            self._show_studies(self.variables.current.summary.variable)

    def _show_studies(self, variable: str) -> None:
        if self._session is None or self._found is None:
            return
        named = [(self._session.registry.by_id[study].name, self._found.of(study, variable))
                 for study in self._found.studies]
        self.heading.setText(f"{label_of(self._session.protocol, variable)}, study by study")
        self.studies.show_records(summary_rows([(name, one) for name, one in named if one is not None]))


class ShareBar(QStyledItemDelegate):
    """A share as a bar with the tiers' limits as lines; the number stands in the column beside it."""

    def __init__(self, limits: Callable[[], tuple[float, ...]], parent: QWidget) -> None:
        super().__init__(parent)
        self._limits = limits

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw bar and limits."""
        super().paint(painter, option, index)
        model = index.model()
        share = model.records[index.row()].share if isinstance(model, RecordModel) else 0.0
        room = option.rect.adjusted(12, 0, -12, 0)
        middle, colors = room.center().y(), theme.colors()
        painter.fillRect(room.left(), middle - 3, room.width(), 7, QColor(colors.line))
        painter.fillRect(room.left(), middle - 3, round(room.width() * share), 7, QColor(colors.accent))
        for limit in self._limits():
            painter.fillRect(room.left() + round(room.width() * limit), middle - 7, 1, 15, QColor(colors.secondary))


class AvailabilityView(QWidget):
    """How much of the primary set has each moderator, and the tier that follows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session: Session | None = None
        self.about = label(kind="secondary", wrap=True)
        self.table = DataTable("Availability", (
            Column("Moderator", self._label, hint=self._label, least=200),
            Column("Tier", lambda row: row.tier, hint=lambda row: row.reason, about="1, 2, or none: not tested"),
            Column("Share", lambda row: share_text(row.share), number=True, order=lambda row: row.share),
            Column("n", lambda row: str(row.n), number=True, order=lambda row: row.n),
            Column("Studies", lambda row: str(row.k), number=True, order=lambda row: row.k),
            Column("Share, and limits of the tiers", lambda row: "", order=lambda row: row.share, stretch=True),
        ), key=lambda row: row.moderator)
        self.table.setItemDelegateForColumn(5, ShareBar(self._limits, self.table))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, GRID, 0, 0)
        outer.setSpacing(GRID)
        outer.addWidget(self.about)
        outer.addWidget(self.table, 1)

    def show_availability(self, session: Session, found: tuple[Availability, ...]) -> None:
        """Show the plan's moderators."""
        self._session = session
        cuts = session.plan.tiers
        tiers = [sum(one.tier == tier for one in found) for tier in ("1", "2", "none")]
        self.about.setText(
            f"Tier 1 are moderators that at least {100 * cuts.tier1:g}{THIN}% of patients have: {tiers[0]}. Tier 2, at "
            f"least {100 * cuts.tier2:g}{THIN}%: {tiers[1]}. The other {tiers[2]} are not tested.")
        self.table.show_records(found)

    def _label(self, row: Availability) -> str:
        return label_of(self._session.protocol, row.moderator) if self._session else row.moderator

    def _limits(self) -> tuple[float, ...]:
        cuts = self._session.plan.tiers if self._session else None
        return (cuts.tier1, cuts.tier2) if cuts else ()


def share_text(share: float) -> str:
    """A share (0 to 1) in percent, never rounded up to a hundred."""
    text = "100.0" if share == 1 else f"{min(100 * share, 99.9):.1f}"
    return f"{text}{THIN}%"


@dataclass(frozen=True)
class FlowLine:
    """A study's flow, with the counts by reason and unit."""

    study: str
    flow: Flow

    def count(self, reason: str, unit: str = "patients") -> int:
        """How many were left out for a reason."""
        return sum(n for one, n, counted in self.flow.excluded if one == reason and counted == unit)


REASON_TITLES = {"other_dose": "Other dose", "other_drug": "Other drug", "duplicate": "Duplicate",
                 "no_baseline": "No baseline", "no_followup": "No follow-up", "other": "Other"}


def _reason_column(reason: str, words: str) -> Column:
    return Column(REASON_TITLES[reason], lambda row: str(row.count(reason) or ""), number=True,
                  order=lambda row: row.count(reason), about=f"Patients left out: {words}")


FLOW_COLUMNS = (
    Column("Study", lambda row: row.flow.title, hint=lambda row: row.flow.title, stretch=True, least=150),
    Column("In file", lambda row: str(row.flow.in_file), number=True, order=lambda row: row.flow.in_file,
           about="Patients in the file"),
    Column("Analyzed", lambda row: str(row.flow.analyzed), number=True, order=lambda row: row.flow.analyzed),
    *(_reason_column(reason, words) for reason, words in REASONS.items() if reason != "later_infusion"),
    Column("Rows left out", lambda row: str(row.count("later_infusion", "rows") or ""), number=True,
           order=lambda row: row.count("later_infusion", "rows"),
           about="Rows of the file that belong to a later infusion of a patient who is counted once"),
)


class FlowView(QWidget):
    """Who is in the files, who is left out and why, who is analyzed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = DataTable("Participant flow", FLOW_COLUMNS, key=lambda row: row.study, sortable=False,
                               is_dense=True)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, GRID, 0, 0)
        outer.addWidget(self.table)

    def show_flow(self, session: Session) -> None:
        """Show all studies together, then each."""
        data = session.harmonized().studies
        lines = [FlowLine(ALL, flow_of(f"All {len(data)} studies", (row for one in data for row in one.flow)))]
        lines += [FlowLine(one.study, flow_of(session.registry.by_id[one.study].name, one.flow)) for one in data]
        # without reasons that nobody was left out for
        self.table.show_records(lines, without=[one.title for one in FLOW_COLUMNS
                                                if not any(one.text(line) for line in lines)])
