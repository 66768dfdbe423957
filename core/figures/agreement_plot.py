"""Bland-Altman plot: converted minus native scores of the same patients against the mean of both, a panel for each
time (Bland and Altman 1986, Lancet 327).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from core.agreement import limits_of_agreement
from core.figures.axis import Axis, axis_over
from core.figures.canvas import Canvas, Shape
from core.figures.plot_area import BELOW, LINE, MARGIN, PlotArea, draw_axes, lines_of, up_margin
from core.figures.specification import PRINT_WIDTH, FigureSpec, Spot
from core.figures.style import OKABE_ITO, FigureStyle
from core.figures.text_size import text_width, wrapped
from core.labels import Labels, in_sentence
from core.results import Conversion, Results
from core.tables import Table
from core.wording import MINUS, THIN, number

KEY = "agreement"
NARROWEST, PLOT_HEIGHT = 2.1, 1.7
"""Inches that a panel takes at least: fewer stand side by side on a narrow sheet."""
BETWEEN = 0.12
SHAPES: tuple[Shape, ...] = ("circle", "triangle", "square", "diamond")
"""Of the studies, in turn: they differ without their colors."""


@dataclass(frozen=True)
class Panel:
    """One time: the studies whose patients have both scores, with their places in the key; bias and limits of all."""

    title: str
    rows: tuple[tuple[int, Conversion], ...]
    bias: float
    low: float | None
    high: float | None

    @property
    def points(self) -> list[tuple[float, float]]:
        """Mean of both scores and their difference, of everyone."""
        return [point for _, row in self.rows for point in points_of(row)]


@dataclass(frozen=True)
class AgreementLayout:
    """Everything in inches: one area a panel, the key's places and the lines of words above and below."""

    width: float
    height: float
    areas: tuple[PlotArea, ...]
    key: tuple[tuple[float, float, str], ...]
    heads: tuple[tuple[float, str], ...]
    notes: tuple[tuple[float, str], ...]


def agreement_plot(results: Results, labels: Labels) -> tuple[FigureSpec, ...]:
    """The figure, where patients of some study have a scale's own and a converted score."""
    rows = [row for row in results.conversion if row.scores]
    studies = list(dict.fromkeys(row.study for row in rows))
    names = tuple(labels.study(study) for study in studies)
    panels = tuple(_panel(labels.outcome(time), tuple((studies.index(row.study), row) for row in rows
                                                      if row.timepoint == time))
                   for time in dict.fromkeys(row.timepoint for row in rows))
    if not panels:
        return ()
    title = "Converted and native scores of the same patients"

    def placed(style: FigureStyle, size: tuple[float, float]) -> AgreementLayout:
        return lay_out(panels, names, style, *size)

    data = Table(KEY, title, ("study", "timepoint", "native", "converted"),
                 tuple((labels.study(row.study), row.timepoint, *scores) for row in rows for scores in row.scores))
    return (FigureSpec(key=KEY, title=title, alt=_alt(title, panels, names), data=data, group="patients",
                       drawing=lambda style, size: draw(placed(style, size), panels, names, style),
                       size=(PRINT_WIDTH, 2.0), hover=lambda style, size: _spots(placed(style, size), panels, names)),)


def points_of(row: Conversion) -> list[tuple[float, float]]:
    """Mean of both scores and converted - native, of each patient."""
    return [((native + converted) / 2, converted - native) for native, converted in row.scores]


def _panel(title: str, rows: tuple[tuple[int, Conversion], ...]) -> Panel:
    differences = np.array([difference for _, row in rows for _, difference in points_of(row)])
    return Panel(title, rows, *limits_of_agreement(differences))


def _words(panel: Panel) -> str:
    limits = "" if panel.low is None else f", limits {number(panel.low, 1)} to {number(panel.high, 1)}"
    return f"bias {number(panel.bias, 1)}{limits}"


def _alt(title: str, panels: tuple[Panel, ...], names: tuple[str, ...]) -> str:
    told = "; ".join(f"{in_sentence(panel.title)}, {len(panel.points)} patients: {_words(panel)}" for panel in panels)
    return f"Bland-Altman plot. {title}, {len(names)} studies, difference in points against the mean. {told}."


def lay_out(panels: tuple[Panel, ...], names: tuple[str, ...], style: FigureStyle, width: float,
            least_height: float = 0.0) -> AgreementLayout:
    """The key above, panels in rows that share their axes, the reading below."""
    heads = lines_of([f"Converted {MINUS} native score, points"], width - 2 * MARGIN, style)
    y = MARGIN + LINE / 2
    placed_heads = tuple((y + LINE * i, line) for i, line in enumerate(heads))
    key, top = _key(names, style, width, y + LINE * len(heads))
    notes = lines_of([f"Solid line: mean difference. Dashed: limits of agreement, between which 95{THIN}% of "
                      "differences lie."], width - 2 * MARGIN, style)
    columns = max(1, min(len(panels), int((width - 2 * MARGIN) / NARROWEST)))
    lines = -(-len(panels) // columns)
    points = [point for panel in panels for point in panel.points]
    ends = [0.0, *(difference for _, difference in points),
            *(end for panel in panels for end in (panel.low, panel.high) if end is not None)]
    up = axis_over(ends, 0.0, 1.0)
    room = 2 * LINE + 0.08
    each = max(PLOT_HEIGHT, (least_height - top - LINE * len(notes)) / lines - room - BELOW)
    left = up_margin((up.low, up.high), each, style)
    side = (width - MARGIN) / columns
    areas = []
    for place in range(len(panels)):
        start, head = side * (place % columns), top + (room + each + BELOW) * (place // columns) + room
        across = axis_over([mean for mean, _ in points], start + left, start + side - BETWEEN)
        areas.append(PlotArea(across, Axis(up.low, up.high, head + each, head)))
    bottom = top + (room + each + BELOW) * lines
    return AgreementLayout(width, bottom + LINE * len(notes), tuple(areas), key, placed_heads,
                           tuple((bottom + LINE * i, line) for i, line in enumerate(notes)))


def _key(names: tuple[str, ...], style: FigureStyle, width: float,
         y: float) -> tuple[tuple[tuple[float, float, str], ...], float]:
    """Places of the studies' marks and names, and where the key ends."""
    places, x = [], MARGIN
    for name in names:
        needed = 0.2 + text_width(name, style, style.small) + 0.18
        if x > MARGIN and x + needed > width - MARGIN:
            x, y = MARGIN, y + LINE
        places.append((x + 0.05, y, name))
        x += needed
    return tuple(places), y + LINE


def draw(layout: AgreementLayout, panels: tuple[Panel, ...], names: tuple[str, ...], style: FigureStyle) -> Figure:
    """The layout on a sheet."""
    canvas = Canvas(layout.width, layout.height, style)
    for y, text in layout.heads:
        canvas.text(MARGIN, y, text, size=style.small)
    for place, (x, y, name) in enumerate(layout.key):
        canvas.marker(x, y, SHAPES[place % len(SHAPES)], 5, _color(place))
        canvas.text(x + 0.12, y, name, size=style.small)
    for area, panel in zip(layout.areas, panels, strict=True):
        _draw_panel(canvas, area, panel)
    for y, text in layout.notes:
        canvas.text(MARGIN, y, text, size=style.small, color=style.secondary)
    return canvas.figure


def _draw_panel(canvas: Canvas, area: PlotArea, panel: Panel) -> None:
    style, across, up = canvas.style, area.across, area.up
    title = wrapped(panel.title, across.right - across.left, style, style.small, lines=1, bold=True)
    canvas.text(across.left, up.right - 1.5 * LINE - 0.04, title, size=style.small, bold=True)
    canvas.text(across.left, up.right - LINE / 2 - 0.04, _words(panel).capitalize(), size=style.small)
    draw_axes(canvas, area, "Mean of both")
    for place, row in panel.rows:
        means, differences = zip(*points_of(row), strict=True)
        canvas.markers([across.at(mean) for mean in means], [up.at(difference) for difference in differences],
                       SHAPES[place % len(SHAPES)], 4, _color(place), alpha=0.7)
    for value, dashes in ((panel.bias, False), (panel.low, True), (panel.high, True)):
        if value is not None:
            canvas.line([across.left, across.right], [up.at(value)] * 2, color=style.text, width=1.1, dashes=dashes)


def _color(place: int) -> str:
    return OKABE_ITO[place % len(OKABE_ITO)]


def _spots(layout: AgreementLayout, panels: tuple[Panel, ...], names: tuple[str, ...]) -> tuple[Spot, ...]:
    return tuple(Spot(area.across.at(mean), area.up.at(difference),
                      f"{names[place]}\nmean {number(mean, 1)}, difference {number(difference, 1)}")
                 for area, panel in zip(layout.areas, panels, strict=True) for place, row in panel.rows
                 for mean, difference in points_of(row))
