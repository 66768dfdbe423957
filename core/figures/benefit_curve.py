"""The benefit over one moderator: the difference between the arms with its limits, zero, and where patients are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from core.figures.axis import Axis
from core.figures.canvas import Canvas
from core.figures.moderator_keys import figure_key, place_text, side_names
from core.figures.plot_area import BELOW, LINE, MARGIN, PlotArea, draw_axes, lines_of, up_margin
from core.figures.specification import PRINT_WIDTH, FigureSpec, Spot
from core.figures.style import OKABE_ITO, FigureStyle
from core.labels import Labels, in_sentence
from core.moderators.pictured import Curve, Pictured
from core.tables import Table, Value
from core.wording import MINUS, THIN, number

RUG = 0.09
"""Inches: height of the strip that says where patients are."""


@dataclass(frozen=True)
class BenefitLine:
    """One curve and the model it comes from: "linear interaction"."""

    name: str
    curve: Curve


@dataclass(frozen=True)
class BenefitLayout:
    """Everything in inches; `rug` are the places of patients that may be shown."""

    width: float
    height: float
    area: PlotArea
    heads: tuple[tuple[float, str], ...]
    notes: tuple[tuple[float, str], ...]
    rug: tuple[float, ...]


def benefit_curve(shown: Pictured, labels: Labels, fewest: int, lines: tuple[BenefitLine, ...] = ()) -> FigureSpec:
    """The figure of one moderator and outcome. `lines`: by default the linear interaction; the first leads, with its
    limits, others are drawn beside it.
    """
    name, outcome = shown.moderator.name, shown.outcome.outcome.name
    curves = lines or (BenefitLine("Linear interaction", shown.benefit),)
    title = (f"Benefit of {in_sentence(labels.active)} by {in_sentence(labels.variable(name))}, "
             f"{labels.outcome(outcome)}")
    key = figure_key("benefit", outcome, name)

    def placed(style: FigureStyle, size: tuple[float, float]) -> BenefitLayout:
        return lay_out(shown, curves, labels, fewest, style, *size)

    return FigureSpec(
        key=key, title=title, alt=_alt(title, shown, curves, labels), data=_table(key, title, shown, curves, labels),
        drawing=lambda style, size: draw(placed(style, size), shown, curves, labels, style), size=(PRINT_WIDTH, 3.4),
        group="moderators", hover=lambda style, size: _spots(placed(style, size), shown, curves[0].curve, labels))


# --- words ----------------------------------------------------------------------------------------------------------


def _unit(shown: Pictured) -> str:
    return "units of the outcome" if shown.outcome.measure == "value" else "percentage points of improvement"


def _measured(shown: Pictured, labels: Labels) -> str:
    return (f"Difference between the arms, {in_sentence(labels.active)} {MINUS} {in_sentence(labels.control)} "
            f"({_unit(shown)}), {labels.outcome(shown.outcome.outcome.name)}")


def where_clear(shown: Pictured, curve: Curve, labels: Labels) -> str:
    """Where the limits leave out zero, in words."""
    told = []
    for words, is_so in (("favors " + in_sentence(labels.active), curve.low > 0),
                         ("favors " + in_sentence(labels.control), curve.high < 0)):
        places = np.flatnonzero(is_so)
        if not len(places):
            continue
        if len(places) == len(curve.at):
            told.append(f"{words} throughout")
        elif shown.levels:
            told.append(f"{words}: {', '.join(place_text(shown, curve.at[place], labels) for place in places)}")
        else:
            told.append(f"{words} from {place_text(shown, curve.at[places[0]], labels)} to "
                        f"{place_text(shown, curve.at[places[-1]], labels)}")
    return f"The 95{THIN}% limits leave out zero: {'; '.join(told)}." if told else \
        f"The 95{THIN}% limits hold zero throughout."


def _notes(shown: Pictured, curves: tuple[BenefitLine, ...], labels: Labels) -> str:
    rug = "" if shown.levels else " Strokes below: patients."
    return f"{where_clear(shown, curves[0].curve, labels)}{rug}"


def _alt(title: str, shown: Pictured, curves: tuple[BenefitLine, ...], labels: Labels) -> str:
    curve = curves[0].curve
    ends = " to ".join(f"{number(curve.value[end], 1)} ({number(curve.low[end], 1)}, {number(curve.high[end], 1)}) at "
                       f"{place_text(shown, curve.at[end], labels)}" for end in (0, -1))
    return f"{title}, {_unit(shown)}: {ends}. {where_clear(shown, curve, labels)}"


def _table(key: str, title: str, shown: Pictured, curves: tuple[BenefitLine, ...], labels: Labels) -> Table:
    rows: list[tuple[Value, ...]] = [
        (line.name, side_names(shown, labels)[round(at)] if shown.levels else float(at), *map(float, numbers))
        for line in curves
        for at, *numbers in zip(line.curve.at, line.curve.value, line.curve.low, line.curve.high, strict=True)]
    return Table(key, title, ("model", shown.moderator.name, "difference", "low", "high"), tuple(rows))


# --- layout ---------------------------------------------------------------------------------------------------------


def lay_out(shown: Pictured, curves: tuple[BenefitLine, ...], labels: Labels, fewest: int, style: FigureStyle,
            width: float, least_height: float = 0.0) -> BenefitLayout:
    """Words above, the plot with its rug, the axis, notes below."""
    heads = [(MARGIN + LINE * (index + 0.5), line)
             for index, line in enumerate(lines_of([_measured(shown, labels)], width - 2 * MARGIN, style))]
    top = MARGIN + LINE * (len(heads) + (len(curves) > 1)) + 0.14
    below = lines_of([_notes(shown, curves, labels)], width - 2 * MARGIN, style)
    height = max(least_height, top + 1.1 + BELOW + LINE * len(below))
    bottom = height - BELOW - LINE * len(below)
    ends = np.concatenate([[0.0], *(part[np.isfinite(part)] for line in curves for part in
                                    (line.curve.low, line.curve.high, line.curve.value))])
    room = 0.06 * float(ends.max() - ends.min()) or 1.0
    low, high = float(ends.min()) - room, float(ends.max()) + room
    left = up_margin((low, high), bottom - top, style)
    right = width - MARGIN - 0.1
    names = tuple((float(place), name) for place, name in enumerate(side_names(shown, labels)))
    at = curves[0].curve.at
    if names:
        across = Axis(-0.5, len(names) - 0.5, left, right)
    elif shown.is_log:
        across = Axis(float(at[0]) / 1.05, float(at[-1]) * 1.05, left, right, True)
    else:
        edge = 0.03 * float(at[-1] - at[0])
        across = Axis(float(at[0]) - edge, float(at[-1]) + edge, left, right)
    rug = () if names else tuple(sorted({across.at(float(place)) for place in shown.place[shown.shown(fewest)]}))
    return BenefitLayout(width, height, PlotArea(across, Axis(low, high, bottom, top), names), tuple(heads),
                         tuple((bottom + BELOW - 0.04 + LINE * index, line) for index, line in enumerate(below)), rug)


# --- drawing --------------------------------------------------------------------------------------------------------


def draw(layout: BenefitLayout, shown: Pictured, curves: tuple[BenefitLine, ...], labels: Labels,
         style: FigureStyle) -> Figure:
    """The layout on a sheet."""
    canvas, area = Canvas(layout.width, layout.height, style), layout.area
    for y, text in layout.heads:
        canvas.text(MARGIN, y, text, size=style.small)
    draw_axes(canvas, area, labels.measured(shown.moderator.name))
    zero = area.up.at(0.0)
    canvas.line([area.across.left, area.across.right], [zero, zero], color=style.text, width=1.0)
    bottom = area.up.left
    for x in layout.rug:
        canvas.line([x, x], [bottom - RUG, bottom], color=style.secondary, width=0.6)
    if len(curves) > 1:
        _draw_names(canvas, layout, curves)
    for place, line in reversed(tuple(enumerate(curves))):
        _draw_curve(canvas, area, line.curve, place, bool(shown.levels))
    for y, text in layout.notes:
        canvas.text(MARGIN, y, text, size=style.small, color=style.secondary)
    return canvas.figure


def _color(style: FigureStyle, place: int) -> str:
    return style.accent if not place else OKABE_ITO[1 + (place - 1) % (len(OKABE_ITO) - 1)]


def _draw_names(canvas: Canvas, layout: BenefitLayout, curves: tuple[BenefitLine, ...]) -> None:
    room = (layout.width - 2 * MARGIN) / len(curves)
    y = MARGIN + LINE * (len(layout.heads) + 0.5)
    for place, line in enumerate(curves):
        x = MARGIN + place * room
        canvas.line([x, x + 0.3], [y, y], color=_color(canvas.style, place), width=2.0, dashes=bool(place))
        canvas.text(x + 0.36, y, line.name, size=canvas.style.small)


def _draw_curve(canvas: Canvas, area: PlotArea, curve: Curve, place: int, has_levels: bool) -> None:
    color = _color(canvas.style, place)
    x = [area.across.at(at) for at in curve.at]
    y, low, high = ([area.up.at(value) for value in part] for part in (curve.value, curve.low, curve.high))
    if has_levels:
        for one, middle, ends in zip(x, y, zip(low, high, strict=True), strict=True):
            canvas.line([one, one], list(ends), color=color, width=2.0)
            canvas.marker(one, middle, "diamond", 8, color)
        return
    if not place:
        canvas.polygon([*zip(x, low, strict=True), *zip(x[::-1], high[::-1], strict=True)], color, alpha=0.18)
    else:
        for limit in (low, high):
            canvas.line(x, limit, color=color, width=0.7, dashes=True)
    canvas.line(x, y, color=color, width=2.0, dashes=bool(place))


def _spots(layout: BenefitLayout, shown: Pictured, curve: Curve, labels: Labels) -> tuple[Spot, ...]:
    area = layout.area
    return tuple(Spot(area.across.at(at), area.up.at(value),
                      f"{labels.variable(shown.moderator.name)}: {place_text(shown, at, labels)}\n"
                      f"Difference {number(value, 1)} ({number(low, 1)}, {number(high, 1)})")
                 for at, value, low, high in zip(curve.at, curve.value, curve.low, curve.high, strict=True))
