"""Rows of estimates with intervals, the form behind forest plots: data (panels) -> layout (inches) -> drawing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from matplotlib.figure import Figure

from core.figures.axis import Axis, axis_over, tick_texts
from core.figures.canvas import Canvas
from core.figures.style import FigureStyle
from core.figures.text_size import text_height, text_width, wrapped
from core.tables import Table, Value

Look = Literal["square", "diamond", "circle", "dot", "bar", "heading"]
"""`bar`: an interval without a point (prediction); `heading`: a label alone."""

MARGIN, GAP = 0.08, 0.14
ROW, HEAD = 0.21, 0.24
AXIS_HEIGHT = 0.52
PLOT_LEAST, PLOT_NARROW, LABEL_LEAST = 1.7, 0.95, 0.9
"""Inches: the plot beside names that can be broken, the narrowest plot, the narrowest names."""


@dataclass(frozen=True)
class Row:
    """One line: `before` and `after` are the texts left and right of the plot; `weight` (0 to 1) sizes a square."""

    label: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    look: Look = "square"
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    weight: float = 0.5
    bold: bool = False
    rule_above: bool = False
    key: str = ""
    """What it leads to when its mark is clicked."""


@dataclass(frozen=True)
class Panel:
    """Rows on one axis. `lower`, `higher` say what each side of `reference` means."""

    rows: tuple[Row, ...]
    axis_label: str
    title: str = ""
    reference: float | None = 0.0
    lower: str = ""
    higher: str = ""
    log: bool = False
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlacedRow:
    """A row with its place: y of its middle and marker positions in inches; None where there is nothing to draw.

    `cut_low`, `cut_high`: the interval runs on beyond the axis; an arrow says so.
    """

    row: Row
    label: str
    y: float
    height: float
    x: float | None
    x_low: float | None
    x_high: float | None
    cut_low: bool = False
    cut_high: bool = False


@dataclass(frozen=True)
class PlacedPanel:
    """A panel from `top` to `bottom`, its axis line at `axis_y`."""

    panel: Panel
    axis: Axis
    top: float
    rows: tuple[PlacedRow, ...]
    axis_y: float
    bottom: float


@dataclass(frozen=True)
class IntervalLayout:
    """Everything in inches. `before`, `after` are the x of each text column (centers left, right edges right)."""

    width: float
    height: float
    label_x: float
    before: tuple[float, ...]
    after: tuple[float, ...]
    panels: tuple[PlacedPanel, ...]


def lay_out(panels: Sequence[Panel], style: FigureStyle, width: float, least_height: float = 0.0) -> IntervalLayout:
    """Columns as wide as their text, the plot between them; rows share the height, and grow it where they must."""
    before_widths, after_widths = _columns_that_fit(panels, style, width)
    sides = sum(w + GAP for w in (*before_widths, *after_widths)) + 2 * MARGIN
    widest = max((text_width(r.label, style, bold=r.bold) for p in panels for r in p.rows if r.look != "heading"),
                 default=1.0)
    plot = min(PLOT_LEAST, 0.3 * width) + 2 * GAP
    label_width = min(widest, max(LABEL_LEAST, min(0.36 * width, width - sides - plot)))
    left = MARGIN + label_width + GAP
    before: list[float] = []
    for column in before_widths:
        before.append(left + column / 2)
        left += column + GAP
    right = width - MARGIN - sum(w + GAP for w in after_widths)
    after: list[float] = []
    edge = right
    for column in after_widths:
        edge += GAP + column
        after.append(edge)
    right = max(right, left + 0.6)
    stretch = _stretch(panels, style, label_width, least_height)
    placed: list[PlacedPanel] = []
    top = MARGIN
    for panel in panels:
        placed.append(_place(panel, style, label_width, left + 0.05, right - 0.05, top, stretch))
        top = placed[-1].bottom + _label_overhang(panel, style, width) + 0.12
    height = max(least_height, top - 0.12 + MARGIN if placed else 1.0)
    return IntervalLayout(width, height, MARGIN, tuple(before), tuple(after), tuple(placed))


def draw(layout: IntervalLayout, style: FigureStyle) -> Figure:
    """The layout on a sheet."""
    canvas = Canvas(layout.width, layout.height, style)
    for panel in layout.panels:
        _draw_heads(canvas, layout, panel)
        _draw_axis(canvas, panel)
        for placed in panel.rows:
            _draw_texts(canvas, layout, placed)
            _draw_interval(canvas, placed)
    return canvas.figure


def panels_table(name: str, title: str, panels: Sequence[Panel]) -> Table:
    """The numbers behind the rows."""
    rows: list[tuple[Value, ...]] = [(panel.title or panel.axis_label, row.label, row.estimate, row.low, row.high)
                                     for panel in panels for row in panel.rows if row.look != "heading"]
    return Table(name, title, ("panel", "row", "estimate", "low", "high"), tuple(rows))


# --- layout ---------------------------------------------------------------------------------------------------------


def _columns_that_fit(panels: Sequence[Panel], style: FigureStyle, width: float) -> tuple[list[float], list[float]]:
    """Widths of the text columns; where they would leave the plot too little those left of it go first, then those
    right of the estimates.
    """
    before = _column_widths([(p.before, [r.before for r in p.rows]) for p in panels], style)
    after = _column_widths([(p.after, [r.after for r in p.rows]) for p in panels], style)
    for kept in ((before, after), ([], after), ([], after[:1])):
        if width - sum(w + GAP for part in kept for w in part) - 2 * MARGIN - LABEL_LEAST - GAP >= PLOT_NARROW:
            break
    return kept


def _column_widths(columns: Sequence[tuple[tuple[str, ...], list[tuple[str, ...]]]], style: FigureStyle) -> list[float]:
    count = max((len(cells) for heads, rows in columns for cells in (heads, *rows)), default=0)
    widths = [0.0] * count
    for heads, rows in columns:
        for position, text in enumerate(heads):
            widths[position] = max(widths[position], text_width(text, style, style.small, bold=True))
        for cells in rows:
            for position, text in enumerate(cells):
                widths[position] = max(widths[position], text_width(text, style, style.small))
    return widths


def _row_height(row: Row, style: FigureStyle, label_width: float) -> float:
    if row.look == "heading":
        return HEAD
    label = wrapped(row.label, label_width, style, lines=3, bold=row.bold)
    return max(ROW, text_height(label, style) + 0.04)


def _head_height(panel: Panel, style: FigureStyle) -> float:
    lines = max((head.count("\n") + 1 for head in (*panel.before, *panel.after)), default=0)
    height = text_height("\n" * (lines - 1), style, style.small) + 0.1 if lines else 0.0
    return height + (HEAD if panel.title else 0.0)


def _stretch(panels: Sequence[Panel], style: FigureStyle, label_width: float, least: float) -> float:
    """How much taller than needed rows may be so that they fill the height asked for, at most by half."""
    rows = sum(_row_height(row, style, label_width) for panel in panels for row in panel.rows)
    rest = sum(_head_height(panel, style) + AXIS_HEIGHT + 0.12 for panel in panels) + MARGIN
    return min(1.5, max(1.0, (least - rest) / rows)) if rows else 1.0


def _place(panel: Panel, style: FigureStyle, label_width: float, left: float, right: float, top: float,
           stretch: float) -> PlacedPanel:
    axis = axis_over(_axis_values(panel), left, right, panel.log)
    y = top + _head_height(panel, style)
    rows: list[PlacedRow] = []
    for row in panel.rows:
        height = _row_height(row, style, label_width) * stretch
        label = row.label if row.look == "heading" else wrapped(row.label, label_width, style, lines=3, bold=row.bold)
        rows.append(_place_row(row, label, axis, y + height / 2, height))
        y += height
    bottom = y + AXIS_HEIGHT - (0 if panel.lower or panel.higher else 0.16)
    return PlacedPanel(panel, axis, top, tuple(rows), y + 0.03, bottom)


def _axis_label(panel: Panel, style: FigureStyle, width: float) -> str:
    """The label below the axis, broken where the sheet is narrower than it."""
    return wrapped(panel.axis_label, 0.97 * (width - 2 * MARGIN), style, style.small)


def _label_overhang(panel: Panel, style: FigureStyle, width: float) -> float:
    """How much taller than one line the label is, inches."""
    label = _axis_label(panel, style, width)
    return text_height(label, style, style.small) * label.count("\n") / (label.count("\n") + 1)


def _place_row(row: Row, label: str, axis: Axis, y: float, height: float) -> PlacedRow:
    def at(value: float | None) -> float | None:
        return None if value is None else axis.at(value)

    return PlacedRow(row, label, y, height, at(row.estimate), at(row.low), at(row.high),
                     cut_low=row.low is not None and not axis.holds(row.low),
                     cut_high=row.high is not None and not axis.holds(row.high))


def _axis_values(panel: Panel) -> Iterator[float]:
    """What the axis must hold: all estimates, and all limits but those that run far away (of a study, three times
    nearer than of a summary)."""
    def scaled(value: float) -> float:
        return math.log(value) if panel.log else value

    def back(value: float) -> float:
        return math.exp(value) if panel.log else value

    if panel.reference is not None:
        yield panel.reference
    known = [row for row in panel.rows if row.estimate is not None]
    points = [scaled(row.estimate) for row in known if row.estimate is not None]
    yield from (back(point) for point in points)
    rows = [row for row in panel.rows if row.low is not None and row.high is not None]
    if not rows:
        return
    halves = sorted((scaled(row.high) - scaled(row.low)) / 2 for row in rows
                    if row.low is not None and row.high is not None and not (panel.log and row.low <= 0))
    reach = 2.2 * halves[len(halves) // 2] if halves else 0.0
    for row in rows:
        assert row.low is not None and row.high is not None
        far = reach if row.look == "square" else 3 * reach
        lowest, highest = (min(points) - far, max(points) + far) if points else (-math.inf, math.inf)
        if not (panel.log and row.low <= 0):
            yield back(max(scaled(row.low), lowest))
        yield back(min(scaled(row.high), highest))


# --- drawing --------------------------------------------------------------------------------------------------------


def _draw_heads(canvas: Canvas, layout: IntervalLayout, placed: PlacedPanel) -> None:
    style, panel = canvas.style, placed.panel
    heads_y = placed.top + _head_height(panel, style) / 2 + (HEAD / 2 if panel.title else 0)
    if panel.title:
        canvas.text(layout.label_x, placed.top + HEAD / 2, panel.title, bold=True)
    for x, text in zip(layout.before, panel.before, strict=False):
        canvas.text(x, heads_y, text, align="center", size=style.small, color=style.secondary, bold=True)
    for x, text in zip(layout.after, panel.after, strict=False):
        canvas.text(x, heads_y, text, align="right", size=style.small, color=style.secondary, bold=True)


def _draw_axis(canvas: Canvas, placed: PlacedPanel) -> None:
    style, axis, panel, y = canvas.style, placed.axis, placed.panel, placed.axis_y
    ticks = axis.ticks()
    first = placed.rows[0].y - placed.rows[0].height / 2 if placed.rows else y
    canvas.line([axis.left, axis.right], [y, y], color=style.secondary)
    for tick, text in zip(ticks, tick_texts(ticks), strict=True):
        x = axis.at(tick)
        if style.grid == "all":
            canvas.line([x, x], [first, y], color=style.line, width=0.6)
        canvas.line([x, x], [y, y + 0.04], color=style.secondary)
        canvas.text(x, y + 0.12, text, align="center", size=style.small, color=style.secondary)
    middle = (axis.left + axis.right) / 2
    if panel.reference is not None:
        x = axis.at(panel.reference)
        canvas.line([x, x], [first, y], color=style.secondary, width=0.9)
        _draw_sides(canvas, panel, x, y + 0.28)
    width = canvas.figure.get_figwidth()
    label = _axis_label(panel, style, width)
    label_y = y + (0.43 if panel.lower or panel.higher else 0.28) + _label_overhang(panel, style, width) / 2
    half = text_width(label, style, style.small) / 2
    middle = min(max(middle, half + MARGIN), width - half - MARGIN)
    canvas.text(middle, label_y, label, align="center", size=style.small)


def _draw_sides(canvas: Canvas, panel: Panel, x: float, y: float) -> None:
    """What the sides of the reference mean; the words may leave the axis, never the sheet."""
    style = canvas.style
    lower = f"\N{LEFTWARDS ARROW} {panel.lower}" if panel.lower else ""
    higher = f"{panel.higher} \N{RIGHTWARDS ARROW}" if panel.higher else ""
    ends = max(x - 0.06, MARGIN + text_width(lower, style, style.small)) if lower else 0.0
    begins = min(max(x + 0.06, ends + 0.1), canvas.figure.get_figwidth() - MARGIN
                 - text_width(higher, style, style.small))
    for text, place, align in ((lower, min(ends, begins - 0.1), "right"), (higher, begins, "left")):
        if text:
            canvas.text(place, y, text, align=align, size=style.small,  # type: ignore[arg-type]
                        color=style.secondary)


def _draw_texts(canvas: Canvas, layout: IntervalLayout, placed: PlacedRow) -> None:
    row, style = placed.row, canvas.style
    if row.rule_above:
        top = placed.y - placed.height / 2
        canvas.line([MARGIN, layout.width - MARGIN], [top, top], color=style.line)
    heading = row.look == "heading"
    canvas.text(layout.label_x, placed.y, placed.label, bold=row.bold or heading,
                color=style.secondary if heading else None, size=style.small if heading else None)
    for x, text in zip(layout.before, row.before, strict=False):
        canvas.text(x, placed.y, text, align="center", size=style.small)
    for x, text in zip(layout.after, row.after, strict=False):
        canvas.text(x, placed.y, text, align="right", size=style.small, bold=row.bold)


def _draw_interval(canvas: Canvas, placed: PlacedRow) -> None:
    row, style, y = placed.row, canvas.style, placed.y
    color = style.accent if row.look in ("diamond", "bar") else style.text
    if placed.x_low is not None and placed.x_high is not None:
        if row.look == "diamond" and placed.x is not None:
            half = 0.075
            canvas.polygon([(placed.x_low, y), (placed.x, y - half), (placed.x_high, y), (placed.x, y + half)], color)
        else:
            canvas.line([placed.x_low, placed.x_high], [y, y], color=color, width=2.2 if row.look == "bar" else 1.1)
        if placed.cut_low:
            canvas.marker(placed.x_low, y, "arrow_left", 6, color)
        if placed.cut_high:
            canvas.marker(placed.x_high, y, "arrow_right", 6, color)
    if placed.x is None or row.look in ("diamond", "bar", "heading"):
        return
    if row.look == "square":
        canvas.marker(placed.x, y, "square", 3 + 7 * row.weight ** 0.5, style.text)
    else:
        canvas.marker(placed.x, y, "circle", 6, color, hollow=row.look == "circle")

