"""The patients over one moderator: a point each, and what the published model predicts in each arm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from core.figures.axis import Axis
from core.figures.canvas import Canvas
from core.figures.moderator_keys import figure_key, place_text, side_names
from core.figures.plot_area import BELOW, LINE, MARGIN, PlotArea, draw_axes, lines_of, up_margin
from core.figures.specification import PRINT_WIDTH, FigureSpec, Spot
from core.figures.style import FigureStyle
from core.labels import Labels, in_sentence
from core.moderators.pictured import Curve, Pictured
from core.results import ModeratorEffect
from core.tables import Table, Value
from core.wording import THIN, count, estimate, number, p_phrase, p_value

FEWEST = 5
"""Patients of a study's arm, or of an arm's level, from which their points are drawn."""
FAR = 2.5
"""Interquartile ranges from the quartiles beyond which a point is an arrow at the edge."""
GOLDEN = 0.6180339887498949
"""Spreads points evenly and the same way each time."""
SIDE, JITTER = 0.19, 0.24
"""Of a level's column: how far an arm's points stand from its middle, and how wide they spread."""
BOX = 0.3
"""Inches: width of the box from a mean's lower to its upper limit."""
ARMS = (True, False)


@dataclass(frozen=True)
class ArmPoints:
    """The drawn points of one arm in inches (m,), which of the n patients they are, and whether each is beyond the
    axis (-1 below, 1 above, 0 on it).
    """

    is_active: bool
    who: np.ndarray
    x: np.ndarray
    y: np.ndarray
    beyond: np.ndarray


@dataclass(frozen=True)
class PatientsLayout:
    """Everything in inches."""

    width: float
    height: float
    area: PlotArea
    heads: tuple[tuple[float, str, bool | None], ...]
    """Lines of text above: y, words, and the arm whose sign stands before them."""
    label_y: float
    """Where it is said what is measured upward."""
    notes: tuple[tuple[float, str], ...]
    points: tuple[ArmPoints, ...]


def moderator_patients(shown: Pictured, row: ModeratorEffect | None, labels: Labels,
                       fewest: int = FEWEST) -> FigureSpec:
    """The figure of one moderator and outcome. `row` is its result in the published model; `fewest`: 0 draws all."""
    name = shown.moderator.name
    outcome = shown.outcome.outcome.name
    heads = _heads(shown, row, labels)
    hidden = int((~shown.shown(fewest)).sum())
    notes = _notes(hidden, fewest, shown)
    title = f"{labels.variable(name)} and {in_sentence(labels.outcome(outcome))}, patients by arm"
    key = figure_key("patients", outcome, name)

    def placed(style: FigureStyle, size: tuple[float, float]) -> PatientsLayout:
        return lay_out(shown, heads, notes, labels, fewest, style, *size)

    return FigureSpec(
        key=key, title=title, alt=_alt(title, shown, heads, notes, labels), data=lines_table(key, title, shown, labels),
        drawing=lambda style, size: draw(placed(style, size), shown, labels, style), size=(PRINT_WIDTH, 4.0),
        group="moderators", hover=lambda style, size: spots_of(placed(style, size), shown, labels))


# --- words ----------------------------------------------------------------------------------------------------------


def _heads(shown: Pictured, row: ModeratorEffect | None, labels: Labels) -> tuple[tuple[str, bool | None], ...]:
    found: list[tuple[str, bool | None]] = []
    for is_active in ARMS:
        n = int((shown.treatment == is_active).sum())
        name = labels.active if is_active else labels.control
        beta = p = None
        if row is not None:
            beta, p = (row.active_beta, row.active_p) if is_active else (row.control_beta, row.control_p)
        what = "" if beta is None else f", {_per(shown)} {number(beta)} SD ({p_phrase(p)})"
        found.append((f"{name}: {count(n, 'patient')}{what}", is_active))
    if row is not None and row.beta is not None:
        adjusted = row.q if row.tier == "2" else row.p_adjusted
        more = "" if adjusted is None else f", {'q' if row.tier == '2' else 'adjusted p'} {p_value(adjusted)}"
        found.append((f"Interaction β* {estimate(row.beta, row.ci_low, row.ci_high)}, {p_phrase(row.p)}{more}; "
                      f"r {estimate(row.r, row.r_low, row.r_high)}", None))
    elif row is not None and row.statistic:
        found.append((f"Interaction, all levels together: {row.statistic}, {p_phrase(row.p)}", None))
    return tuple(found)


def _per(shown: Pictured) -> str:
    return "difference between the levels" if shown.levels else "slope for one SD more"


def _notes(hidden: int, fewest: int, shown: Pictured) -> tuple[str, ...]:
    told = [f"{'Boxes: means' if shown.levels else 'Lines'} with 95{THIN}% limits, published model."]
    if hidden:
        told.append(f"{count(hidden, 'point is', 'points are')} not drawn: groups of fewer than {fewest} patients.")
    return tuple(told)


def measure_label(shown: Pictured, labels: Labels) -> str:
    """What the outcome counts."""
    outcome = labels.outcome(shown.outcome.outcome.name)
    return outcome if shown.outcome.measure == "value" else f"Improvement from baseline (%), {outcome}"


def _alt(title: str, shown: Pictured, heads: tuple[tuple[str, bool | None], ...], notes: tuple[str, ...],
         labels: Labels) -> str:
    ends = [f"{labels.active if is_active else labels.control} from {number(curve.value[0], 1)} at "
            f"{place_text(shown, curve.at[0], labels)} to {number(curve.value[-1], 1)} at "
            f"{place_text(shown, curve.at[-1], labels)}" for is_active, curve in _curves(shown)]
    return f"{title}. {'; '.join(text for text, _ in heads)}. Predicted: {'; '.join(ends)}. {' '.join(notes)}"


def _curves(shown: Pictured) -> tuple[tuple[bool, Curve], ...]:
    return ((True, shown.active), (False, shown.control))


def lines_table(key: str, title: str, shown: Pictured, labels: Labels) -> Table:
    """The lines, not the patients: a table of figures must not give away the data."""
    rows: list[tuple[Value, ...]] = []
    for is_active, curve in _curves(shown):
        rows += [(labels.active if is_active else labels.control, place_text(shown, at, labels), float(value),
                  float(low), float(high))
                 for at, value, low, high in zip(curve.at, curve.value, curve.low, curve.high, strict=True)]
    return Table(key, title, ("arm", shown.moderator.name, "predicted", "low", "high"), tuple(rows))


# --- layout ---------------------------------------------------------------------------------------------------------


def lay_out(shown: Pictured, heads: tuple[tuple[str, bool | None], ...], notes: tuple[str, ...], labels: Labels,
            fewest: int, style: FigureStyle, width: float, least_height: float = 0.0) -> PatientsLayout:
    """Words above, the plot, its axis, notes below."""
    placed: list[tuple[float, str, bool | None]] = []
    y = MARGIN + LINE / 2
    for text, arm in heads:
        for index, line in enumerate(lines_of([text], width - 2 * MARGIN - 0.16, style)):
            placed.append((y, line, arm if not index else None))
            y += LINE
    top = y + 0.24
    below = lines_of([" ".join(notes)], width - 2 * MARGIN, style)
    height = max(least_height, top + 1.0 + BELOW + LINE * len(below))
    bottom = height - BELOW - LINE * len(below)
    low, high = _reach(shown, fewest)
    left = up_margin((low, high), bottom - top, style)
    names = tuple((float(place), name) for place, name in enumerate(side_names(shown, labels)))
    area = PlotArea(_across(shown, left, width - MARGIN - 0.1), Axis(low, high, bottom, top), names)
    return PatientsLayout(width, height, area, tuple(placed), top - 0.19,
                          tuple((bottom + BELOW - 0.04 + LINE * index, line) for index, line in enumerate(below)),
                          tuple(_points(shown, area, is_active, fewest) for is_active in ARMS))


def _across(shown: Pictured, left: float, right: float) -> Axis:
    if shown.levels:
        return Axis(-0.5, len(shown.levels) - 0.5, left, right)
    low, high = float(shown.place.min()), float(shown.place.max())
    if shown.is_log:
        return Axis(low / 1.05, high * 1.05, left, right, True)
    room = 0.03 * (high - low)
    return Axis(low - room, high + room, left, right)


def _reach(shown: Pictured, fewest: int) -> tuple[float, float]:
    """What the vertical axis holds: the lines with their limits, and points that are not far out."""
    drawn = shown.value[shown.shown(fewest)]
    ends = np.concatenate([part[np.isfinite(part)] for _, curve in _curves(shown)
                           for part in (curve.low, curve.high, curve.value)])
    if len(drawn):
        first, third = np.quantile(drawn, [0.25, 0.75])
        reach = FAR * (third - first) or 1.0
        ends = np.concatenate([ends, np.clip(drawn, first - reach, third + reach)])
    low, high = (float(ends.min()), float(ends.max())) if len(ends) else (0.0, 1.0)
    room = 0.05 * (high - low) or 0.5
    return low - room, high + room


def _points(shown: Pictured, area: PlotArea, is_active: bool, fewest: int) -> ArmPoints:
    who = np.flatnonzero((shown.treatment == is_active) & shown.shown(fewest))
    place = shown.place[who].astype(float)
    if shown.levels:
        spread = (GOLDEN * np.arange(1, len(who) + 1)) % 1.0 - 0.5
        place = place + (-SIDE if is_active else SIDE) + JITTER * spread
    beyond = np.where(shown.value[who] < area.up.low, -1, np.where(shown.value[who] > area.up.high, 1, 0))
    return ArmPoints(is_active, who, np.array([area.across.at(value) for value in place]),
                     np.array([area.up.at(value) for value in shown.value[who]]), beyond)


# --- drawing --------------------------------------------------------------------------------------------------------


def draw(layout: PatientsLayout, shown: Pictured, labels: Labels, style: FigureStyle,
         behind: Callable[[Canvas, PlotArea], None] = lambda canvas, area: None) -> Figure:
    """The layout on a sheet; `behind` draws what lies below the points."""
    canvas = Canvas(layout.width, layout.height, style)
    for y, text, arm in layout.heads:
        if arm is not None:
            canvas.marker(MARGIN + 0.06, y, "triangle" if arm else "circle", 6, style.active if arm else style.control)
        canvas.text(MARGIN + 0.16, y, text, size=style.small)
    canvas.text(MARGIN, layout.label_y, measure_label(shown, labels), size=style.small)
    draw_axes(canvas, layout.area, labels.measured(shown.moderator.name))
    behind(canvas, layout.area)
    for points in layout.points:
        _draw_points(canvas, points)
    for is_active, curve in _curves(shown):
        if shown.levels:
            _draw_means(canvas, layout.area, curve, is_active)
        else:
            _draw_line(canvas, layout.area, curve, is_active)
    for y, text in layout.notes:
        canvas.text(MARGIN, y, text, size=style.small, color=style.secondary)
    return canvas.figure


def _draw_points(canvas: Canvas, points: ArmPoints) -> None:
    color = canvas.style.active if points.is_active else canvas.style.control
    inside = points.beyond == 0
    canvas.markers(points.x[inside].tolist(), points.y[inside].tolist(), "triangle" if points.is_active else "circle",
                   3.4, color, alpha=0.45)
    for side in (-1, 1):
        own = points.beyond == side
        canvas.markers(points.x[own].tolist(), points.y[own].tolist(), "arrow_down" if side < 0 else "arrow_up", 4.5,
                       color)


def _draw_line(canvas: Canvas, area: PlotArea, curve: Curve, is_active: bool) -> None:
    color = canvas.style.active if is_active else canvas.style.control
    x = [area.across.at(at) for at in curve.at]
    band = [(one, area.up.at(value)) for one, value in zip(x, curve.low, strict=True)]
    band += [(one, area.up.at(value)) for one, value in zip(x[::-1], curve.high[::-1], strict=True)]
    if np.isfinite([value for point in band for value in point]).all():
        canvas.polygon(band, color, alpha=0.16)
    canvas.line(x, [area.up.at(value) for value in curve.value], color=color, width=2.0, dashes=not is_active)


def _draw_means(canvas: Canvas, area: PlotArea, curve: Curve, is_active: bool) -> None:
    style = canvas.style
    color = style.active if is_active else style.control
    for at, value, low, high in zip(curve.at, curve.value, curve.low, curve.high, strict=True):
        x, y = area.across.at(at + (-SIDE if is_active else SIDE)), area.up.at(value)
        if np.isfinite([low, high]).all():
            top, bottom = area.up.at(high), area.up.at(low)
            canvas.rectangle(x - BOX / 2, top, BOX, bottom - top, fill=style.ground, edge=color)
        canvas.line([x - BOX / 2, x + BOX / 2], [y, y], color=color, width=2.4)
        canvas.marker(x, y, "triangle" if is_active else "circle", 7, color)


def spots_of(layout: PatientsLayout, shown: Pictured, labels: Labels) -> tuple[Spot, ...]:
    """Study, arm and values of each point; never who the patient is."""
    found = []
    unit = "" if shown.outcome.measure == "value" else f"{THIN}%"
    for points in layout.points:
        arm = in_sentence(labels.active if points.is_active else labels.control)
        for who, x, y in zip(points.who, points.x, points.y, strict=True):
            found.append(Spot(float(x), float(y),
                              f"{labels.study(shown.study_names[shown.study[who]])}, {arm}\n"
                              f"{labels.variable(shown.moderator.name)}: "
                              f"{place_text(shown, float(shown.place[who]), labels)}\n"
                              f"{labels.outcome(shown.outcome.outcome.name)}: {number(shown.value[who], 1)}{unit}"))
    return tuple(found)
