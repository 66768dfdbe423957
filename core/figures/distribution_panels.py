"""How one continuous variable is distributed: histogram and normal Q-Q plot, and the same of its logarithms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from core.distributions import Distribution, normal_quantiles
from core.figures.axis import Axis, axis_over, tick_texts
from core.figures.canvas import Canvas
from core.figures.specification import PRINT_WIDTH, FigureSpec, file_key
from core.figures.style import FigureStyle
from core.figures.text_size import text_width, wrapped
from core.labels import Labels
from core.tables import Table
from core.wording import MINUS, count, number

MARGIN, TITLE, FOOT, GAP = 0.1, 0.34, 0.5, 0.28
LEAST_PANEL, MOST_PANEL = 1.0, 2.7
"""Inches high."""
NAME = 0.2
"""Inches for the name along an upward axis."""
MOST_BARS, FEWEST_BARS = 36, 5
QUARTILES = (0.25, 0.75)


@dataclass(frozen=True)
class Bars:
    """A histogram: `edges` (b + 1,), `counts` (b,)."""

    edges: np.ndarray
    counts: np.ndarray


@dataclass(frozen=True)
class PanelRow:
    """One form of the variable: `values` (n,) ascending, `expected` normal quantiles (n,), `line` through quartiles as
    intercept and slope."""

    title: str
    unit: str
    values: np.ndarray
    expected: np.ndarray
    bars: Bars
    line: tuple[float, float]


@dataclass(frozen=True)
class PlacedRow:
    """A row with its title's height and its axes in inches; vertical axes run from bottom to top."""

    row: PanelRow
    title_y: float
    values_across: Axis
    counts_up: UpwardAxis
    quantiles_across: Axis
    values_up: UpwardAxis


@dataclass(frozen=True)
class DistributionLayout:
    """Everything in inches."""

    width: float
    height: float
    rows: tuple[PlacedRow, ...]


def distribution_figure(found: Distribution, labels: Labels) -> FigureSpec:
    """The panels of one variable; of its logarithms too where it is a moderator and every value has one."""
    label = (labels.outcome if found.role == "outcome" else labels.variable)(found.name)
    title = f"Distribution of {label}"
    rows = panel_rows(found, label)
    logs = np.log(found.values) if found.can_be_logged else None
    expected = normal_quantiles(found.n)
    data = Table(file_key("distribution", found.name), title, ("value", "normal_quantile", "logarithm"),
                 tuple((float(value), float(expected[i]), None if logs is None else float(logs[i]))
                       for i, value in enumerate(found.values)))
    return FigureSpec(
        key=file_key("distribution", found.role, found.name), title=title, alt=_alt(found, label), data=data,
        size=(PRINT_WIDTH, 2.4 * len(rows)), group="patients",
        drawing=lambda style, size: draw(lay_out(rows, style, *size), style))


def panel_rows(found: Distribution, label: str) -> tuple[PanelRow, ...]:
    """The variable as measured, and its logarithms where they may be chosen."""
    rows = [_row(f"As measured, {_skewness(found.skewness)}", label, found.values)]
    if found.can_be_logged:
        rows.append(_row(f"Logarithm, {_skewness(found.log_skewness)}", f"Logarithm of {label}", np.log(found.values)))
    return tuple(rows)


def _skewness(value: float | None) -> str:
    return "no skewness" if value is None else f"skewness {number(value)}"


def _row(title: str, unit: str, values: np.ndarray) -> PanelRow:
    expected = normal_quantiles(len(values))
    low, high = np.quantile(values, QUARTILES)
    z_low, z_high = np.quantile(expected, QUARTILES)
    slope = float((high - low) / (z_high - z_low)) if z_high > z_low else 0.0
    return PanelRow(title, unit, values, expected, bars_of(values), (float(low) - slope * float(z_low), slope))


def bars_of(values: np.ndarray) -> Bars:
    """A histogram with a plain number of bars; whole numbers stand in the middles of theirs."""
    low, high = float(values[0]), float(values[-1])
    if high <= low:
        edges = np.array([low - 0.5, low + 0.5])
    elif (values == np.round(values)).all():
        wanted = len(np.histogram_bin_edges(values, "auto")) - 1
        step = max(1, int(np.ceil((high - low + 1) / min(MOST_BARS, max(FEWEST_BARS, wanted)))))
        edges = np.arange(low - 0.5, high + step, step)
    else:
        wanted = len(np.histogram_bin_edges(values, "auto")) - 1
        edges = np.linspace(low, high, min(MOST_BARS, max(FEWEST_BARS, wanted)) + 1)
    counts, _ = np.histogram(values, edges)
    return Bars(edges, counts)


def lay_out(rows: tuple[PanelRow, ...], style: FigureStyle, width: float,
            least_height: float = 0.0) -> DistributionLayout:
    """Rows below each other, the histogram left, the Q-Q plot right."""
    height = min(MOST_PANEL, max(LEAST_PANEL, (least_height - 2 * MARGIN) / len(rows) - TITLE - FOOT))
    tops = [MARGIN + TITLE + place * (TITLE + height + FOOT) for place in range(len(rows))]
    counts = [UpwardAxis(0.0, max(1.0, 1.06 * float(row.bars.counts.max())), top + height, top, is_count=True)
              for row, top in zip(rows, tops, strict=True)]
    values = [_up(axis_over(row.values, 0, 0), top, top + height) for row, top in zip(rows, tops, strict=True)]
    left_room, right_room = (max(text_width(text, style, style.small) for axis in axes
                                 for text in tick_texts(axis.ticks())) + 0.12 + NAME for axes in (counts, values))
    panel = (width - 2 * MARGIN - left_room - GAP - right_room) / 2
    left, right = MARGIN + left_room, width - MARGIN - panel
    placed = tuple(PlacedRow(row, top - TITLE / 2 - 0.03,
                             axis_over((float(row.bars.edges[0]), float(row.bars.edges[-1])), left, left + panel),
                             up, axis_over(row.expected, right, right + panel), other)
                   for row, top, up, other in zip(rows, tops, counts, values, strict=True))
    return DistributionLayout(width, max(least_height, tops[-1] + height + FOOT + MARGIN), placed)


def _up(axis: Axis, top: float, bottom: float) -> UpwardAxis:
    return UpwardAxis(axis.low, axis.high, bottom, top)


@dataclass(frozen=True)
class UpwardAxis(Axis):
    """An axis from `left`, its lower end, up to `right`, both heights in inches."""

    is_count: bool = False

    def ticks(self) -> tuple[float, ...]:
        """Round values, as many as there is room for; of a count whole ones."""
        room = abs(self.right - self.left)
        found = Axis(self.low, self.high, 0.0, 1.25 * room).ticks()
        whole = [tick for tick in found if tick == round(tick) or not self.is_count]
        return tuple(whole[::max(1, -(-len(whole) // max(2, int(room / 0.28))))])


def draw(layout: DistributionLayout, style: FigureStyle) -> Figure:
    """The layout on a sheet."""
    canvas = Canvas(layout.width, layout.height, style)
    for placed in layout.rows:
        canvas.text(MARGIN, placed.title_y, placed.row.title, bold=True)
        _draw_bars(canvas, placed)
        _draw_points(canvas, placed)
    return canvas.figure


def _draw_bars(canvas: Canvas, placed: PlacedRow) -> None:
    across, up, bars = placed.values_across, placed.counts_up, placed.row.bars
    _draw_axes(canvas, across, up, placed.row.unit, "Patients")
    floor = up.at(0)
    for low, high, n in zip(bars.edges[:-1], bars.edges[1:], bars.counts, strict=True):
        x, top = across.at(float(low)), up.at(float(n))
        if n:
            canvas.rectangle(x, top, max(0.01, across.at(float(high)) - x - 0.012), floor - top,
                             fill=canvas.style.accent)


def _draw_points(canvas: Canvas, placed: PlacedRow) -> None:
    across, up, row = placed.quantiles_across, placed.values_up, placed.row
    _draw_axes(canvas, across, up, "Expected if normal (SD)", "Observed")
    intercept, slope = row.line
    ends = [x for x in (across.low, across.high) if slope]
    if slope:  # the line ends where it leaves the panel
        crossing = sorted((level - intercept) / slope for level in (up.low, up.high))
        ends = [max(across.low, crossing[0]), min(across.high, crossing[1])]
    if ends and ends[0] < ends[1]:
        canvas.line([across.at(x) for x in ends], [up.at(intercept + slope * x) for x in ends],
                    color=canvas.style.secondary, dashes=True)
    canvas.markers([across.at(float(x)) for x in row.expected], [up.at(float(v)) for v in row.values], "circle", 3.2,
                   canvas.style.accent, alpha=0.7)


def _draw_axes(canvas: Canvas, across: Axis, up: UpwardAxis, name: str, up_name: str) -> None:
    style = canvas.style
    bottom, top = up.left, up.right
    ticks_room = max(text_width(text, style, style.small) for text in tick_texts(up.ticks()))
    lower_end = (top + bottom + text_width(up_name, style, style.small)) / 2
    canvas.text(across.left - 0.06 - ticks_room - NAME / 2, lower_end, up_name, align="center", size=style.small,
                rotation=90)
    for tick, text in zip(up.ticks(), tick_texts(up.ticks()), strict=True):
        if style.grid != "none":
            canvas.line([across.left, across.right], [up.at(tick)] * 2, color=style.line, width=0.6)
        canvas.text(across.left - 0.06, up.at(tick), text, align="right", size=style.small, color=style.secondary)
    for tick, text in _fitting_ticks(across, style):
        x = across.at(tick)
        canvas.line([x, x], [bottom, bottom + 0.04], color=style.secondary)
        canvas.text(x, bottom + 0.13, text, align="center", size=style.small, color=style.secondary)
    canvas.line([across.left, across.right], [bottom, bottom], color=style.secondary)
    canvas.line([across.left, across.left], [bottom, top], color=style.line)
    shown = wrapped(name, across.right - across.left + 0.16, style, style.small, lines=1)
    canvas.text((across.left + across.right) / 2, bottom + 0.31, shown, align="center", size=style.small)


def _fitting_ticks(across: Axis, style: FigureStyle) -> list[tuple[float, str]]:
    """Ticks with their texts, every so many where the texts would touch."""
    ticks = across.ticks()
    texts = tick_texts(ticks)
    if len(ticks) < 2:
        return list(zip(ticks, texts, strict=True))
    needed = max(text_width(text, style, style.small) for text in texts) + 0.08
    step = max(1, -(-needed // (across.at(ticks[1]) - across.at(ticks[0]))))
    return list(zip(ticks, texts, strict=True))[::int(step)]


def _alt(found: Distribution, label: str) -> str:
    low, high = (f"{value:.4g}".replace("-", MINUS) for value in (found.values[0], found.values[-1]))
    text = f"Histogram and normal Q-Q plot of {label}: {count(found.n, 'patient')}, from {low} to {high}, " \
           f"{_skewness(found.skewness)}."
    if found.can_be_logged:
        text += f" Below, its logarithms, {_skewness(found.log_skewness)}."
    return f"{text} {found.reason}"
