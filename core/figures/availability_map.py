"""Which study has which moderator: a square as large as the share of its patients who have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from core.availability import present
from core.cohort import Cohort
from core.figures.canvas import Canvas
from core.figures.specification import PRINT_WIDTH, FigureSpec
from core.figures.style import FigureStyle
from core.figures.text_size import text_width, wrapped
from core.labels import Labels
from core.results import Availability
from core.tables import Table
from core.wording import THIN, count, percent

MARGIN, ROW, HEAD = 0.08, 0.165, 0.24
TIERS = {"1": "Tier 1", "2": "Tier 2", "none": "Not tested"}


@dataclass(frozen=True)
class VariableRow:
    """One moderator: share (0 to 1) of each study's patients who have it, and of all patients."""

    label: str
    tier: str
    share: float
    studies: tuple[float, ...]


@dataclass(frozen=True)
class PlacedVariable:
    """A row at height y with its label as it fits."""

    row: VariableRow
    label: str
    y: float


@dataclass(frozen=True)
class AvailabilityLayout:
    """Inches: `columns` are the studies' centers, `cell` the side of a full square."""

    width: float
    height: float
    columns: tuple[float, ...]
    names: tuple[str, ...]
    names_y: float
    cell: float
    share_x: float
    headings: tuple[tuple[str, float], ...]
    rows: tuple[PlacedVariable, ...]


def availability_map(found: Sequence[Availability], cohort: Cohort, labels: Labels) -> tuple[FigureSpec, ...]:
    """The map, unless there are no moderators."""
    rows = variable_rows(found, cohort, labels)
    if not rows:
        return ()
    title = "Availability of moderators by study"
    names = tuple(labels.study(name) for name in cohort.study_names)
    data = Table("availability_by_study", title, ("moderator", "tier", "all", *names),
                 tuple((row.label, row.tier, row.share, *row.studies) for row in rows))
    by_tier = ", ".join(f"{sum(row.tier == tier for row in rows)} {name.lower()}" for tier, name in TIERS.items())
    alt = f"{title}: {count(len(rows), 'moderator')} in {count(len(names), 'study', 'studies')}; {by_tier}."
    return (FigureSpec(key="availability", title=title, alt=alt, data=data, size=(PRINT_WIDTH, 2.0), group="patients",
                       drawing=lambda style, size: draw(lay_out(rows, names, style, *size), style)),)


def variable_rows(found: Sequence[Availability], cohort: Cohort, labels: Labels) -> tuple[VariableRow, ...]:
    """Moderators by tier, the most available first."""
    sizes = np.bincount(cohort.study, minlength=len(cohort.study_names))
    rows = []
    for record in found:
        has = present(cohort.frame[record.moderator]) if record.moderator in cohort.frame else np.zeros(cohort.n, bool)
        shares = np.bincount(cohort.study, weights=has, minlength=len(sizes)) / np.maximum(sizes, 1)
        rows.append(VariableRow(labels.variable(record.moderator), record.tier, record.share,
                                tuple(float(share) for share in shares)))
    order = list(TIERS)
    return tuple(sorted(rows, key=lambda row: (order.index(row.tier) if row.tier in order else len(order), -row.share)))


def lay_out(rows: tuple[VariableRow, ...], names: tuple[str, ...], style: FigureStyle, width: float,
            least_height: float = 0.0) -> AvailabilityLayout:
    """Labels left, a column a study, shares right; the rows fill the height asked for if there is room."""
    share_width = text_width(f"100{THIN}%", style, style.small) + 0.1
    label_width = min(max(text_width(row.label, style, style.small) for row in rows), 0.34 * width)
    left = MARGIN + label_width + 0.12
    step = min(0.3, (width - MARGIN - share_width - left) / len(names))
    shown = tuple(wrapped(name, 1.3, style, style.small, lines=1) for name in names)
    names_y = MARGIN + max(text_width(name, style, style.small) for name in shown) + 0.05
    headings: list[tuple[str, float]] = []
    placed: list[PlacedVariable] = []
    tiers = list(dict.fromkeys(row.tier for row in rows))
    spare = least_height - names_y - len(tiers) * HEAD - MARGIN
    height = min(0.24, max(ROW, spare / len(rows)))
    y = names_y + 0.03
    for tier in tiers:
        headings.append((TIERS.get(tier, tier), y + HEAD / 2))
        y += HEAD
        for row in (row for row in rows if row.tier == tier):
            label = wrapped(row.label, label_width, style, style.small, lines=1)
            placed.append(PlacedVariable(row, label, y + height / 2))
            y += height
    columns = tuple(left + (index + 0.5) * step for index in range(len(names)))
    share_x = left + step * len(names) + share_width
    return AvailabilityLayout(width, max(least_height, y + MARGIN), columns, shown, names_y, 0.82 * min(step, height),
                              share_x, tuple(headings), tuple(placed))


def draw(layout: AvailabilityLayout, style: FigureStyle) -> Figure:
    """The layout on a sheet."""
    canvas = Canvas(layout.width, layout.height, style)
    for x, name in zip(layout.columns, layout.names, strict=True):
        canvas.text(x, layout.names_y, name, align="center", size=style.small, rotation=90)
    canvas.text(layout.share_x, layout.names_y - 0.08, "All", align="right", size=style.small, bold=True)
    for text, y in layout.headings:
        canvas.text(MARGIN, y, text, size=style.small, bold=True, color=style.secondary)
    for placed in layout.rows:
        canvas.text(MARGIN, placed.y, placed.label, size=style.small)
        canvas.text(layout.share_x, placed.y, percent(placed.row.share), align="right", size=style.small)
    _draw_cells(canvas, layout)
    return canvas.figure


def _draw_cells(canvas: Canvas, layout: AvailabilityLayout) -> None:
    """The area of a square is the share; a dot where nobody has the moderator."""
    cells = [(x, placed.y, share) for placed in layout.rows
             for x, share in zip(layout.columns, placed.row.studies, strict=True)]
    empty = [(x, y) for x, y, share in cells if share <= 0]
    canvas.markers([x for x, _ in empty], [y for _, y in empty], "circle", 1.6, canvas.style.secondary)
    canvas.squares([(x, y, layout.cell * share ** 0.5) for x, y, share in cells if share > 0], canvas.style.accent)
