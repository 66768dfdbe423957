"""Funnel plot: each study's effect against its standard error, whether small studies tell another story.

Drawn for ten studies or more; below, its shape is chance (METHODS section 11).
"""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure

from core.figures.axis import Axis, axis_over, tick_texts
from core.figures.canvas import Canvas
from core.figures.specification import PRINT_WIDTH, FigureSpec, Size, Spot, file_key
from core.figures.style import FigureStyle
from core.figures.text_size import text_width, wrapped
from core.labels import Labels, in_sentence
from core.models.small_studies import ENOUGH
from core.models.tails import NORMAL_95
from core.results import Results, TwoStage
from core.tables import Table
from core.wording import MEASURES, decimals_of, number, p_phrase, unit

MARGIN, LINE, TICK = 0.1, 0.17, 0.05


@dataclass(frozen=True)
class Point:
    """One study: what it is called, its effect and standard error."""

    name: str
    estimate: float
    se: float


@dataclass(frozen=True)
class FunnelLayout:
    """Everything in inches: the effect runs along `axis`, the standard error down `errors`."""

    width: float
    height: float
    axis: Axis
    errors: Axis
    points: tuple[tuple[float, float], ...]
    apex: tuple[float, float]
    feet: tuple[float, float]
    axis_label: str
    note: tuple[str, ...]


def funnels(results: Results, labels: Labels) -> tuple[FigureSpec, ...]:
    """A funnel for each outcome on the scale its analysis leads with, where enough studies have an effect."""
    leading: dict[str, TwoStage] = {}
    for analysis in results.two_stage:
        leading.setdefault(analysis.outcome, analysis)
    return tuple(_spec(analysis, labels) for analysis in leading.values()
                 if analysis.estimate is not None and len(study_points(analysis, labels)) >= ENOUGH)


def study_points(analysis: TwoStage, labels: Labels) -> tuple[Point, ...]:
    """The studies that have an effect."""
    return tuple(Point(labels.study(study.study), study.estimate, study.se) for study in analysis.studies
                 if study.estimate is not None and study.se is not None)


def lay_out(analysis: TwoStage, points: tuple[Point, ...], labels: Labels, style: FigureStyle, width: float,
            height: float) -> FunnelLayout:
    """Places of the points, the lines of the funnel and the words below it."""
    assert analysis.estimate is not None
    largest = 1.08 * max(point.se for point in points)
    reach = NORMAL_95 * largest
    note = wrapped(egger_text(analysis), width - 2 * MARGIN, style, style.small, lines=3).split("\n")
    left = MARGIN + LINE + 0.08 + text_width("0.00", style, style.small) + TICK
    bottom_room = LINE * (2.4 + len(note)) + MARGIN
    height = max(height, 2.6 + bottom_room)
    axis = axis_over([point.estimate for point in points] + [analysis.estimate - reach, analysis.estimate + reach],
                     left, width - MARGIN - 0.1)
    errors = Axis(0.0, largest, MARGIN + 0.1, height - bottom_room)
    active, control = in_sentence(labels.active), in_sentence(labels.control)
    return FunnelLayout(
        width, height, axis, errors, tuple((axis.at(point.estimate), errors.at(point.se)) for point in points),
        (axis.at(analysis.estimate), errors.at(0.0)),
        (axis.at(analysis.estimate - reach), axis.at(analysis.estimate + reach)),
        f"Effect of the study ({unit(analysis.measure, analysis.scale)}), {active} {chr(0x2212)} {control}",
        tuple(note))


def draw(layout: FunnelLayout, style: FigureStyle) -> Figure:
    """The funnel, large studies on top."""
    canvas = Canvas(layout.width, layout.height, style)
    floor, (x, top) = layout.errors.right, layout.apex
    canvas.polygon([(x, top), (layout.feet[0], floor), (layout.feet[1], floor)], style.panel)
    canvas.line([x, x], [top, floor], color=style.secondary, dashes=True)
    for foot in layout.feet:
        canvas.line([x, foot], [top, floor], color=style.line)
    canvas.line([layout.axis.left, layout.axis.right], [floor, floor], color=style.line)
    canvas.line([layout.axis.left, layout.axis.left], [top, floor], color=style.line)
    for tick, text in zip(layout.axis.ticks(), tick_texts(layout.axis.ticks()), strict=True):
        canvas.line([layout.axis.at(tick)] * 2, [floor, floor + TICK], color=style.line)
        canvas.text(layout.axis.at(tick), floor + TICK + LINE / 2, text, align="center", size=style.small,
                    color=style.secondary)
    for tick, text in zip(layout.errors.ticks(), tick_texts(layout.errors.ticks()), strict=True):
        canvas.line([layout.axis.left - TICK, layout.axis.left], [layout.errors.at(tick)] * 2, color=style.line)
        canvas.text(layout.axis.left - TICK - 0.03, layout.errors.at(tick), text, align="right", size=style.small,
                    color=style.secondary)
    label = "Standard error"
    canvas.text(MARGIN + LINE, (top + floor + text_width(label, style, style.small)) / 2, label, align="center",
                size=style.small, color=style.secondary, rotation=90)
    canvas.text((layout.axis.left + layout.axis.right) / 2, floor + TICK + 1.6 * LINE, layout.axis_label,
                align="center", size=style.small, color=style.secondary)
    canvas.markers([point[0] for point in layout.points], [point[1] for point in layout.points], "circle", 5.5,
                   style.accent)
    for index, text in enumerate(layout.note):
        canvas.text(MARGIN, floor + TICK + LINE * (2.7 + index), text, size=style.small)
    return canvas.figure


def egger_text(analysis: TwoStage) -> str:
    """What the test found, or why there is none, in a sentence."""
    if analysis.egger_p is None or analysis.egger_slope is None:
        return analysis.egger_note or "No test of the funnel."
    way = "larger" if analysis.egger_slope > 0 else "smaller"
    if analysis.egger_p < 0.1:
        return (f"Small studies have {way} effects than large ones (Egger's test, {p_phrase(analysis.egger_p)}): "
                "publication bias is one reason among others.")
    return f"No sign that small studies tell another story (Egger's test, {p_phrase(analysis.egger_p)})."


def _spec(analysis: TwoStage, labels: Labels) -> FigureSpec:
    points = study_points(analysis, labels)
    outcome = labels.outcome(analysis.outcome)
    subject = outcome if analysis.measure == "value" else f"{MEASURES[analysis.measure]}, {in_sentence(outcome)}"
    key = file_key("funnel", analysis.outcome)
    title = f"{subject}: effects of large and small studies"
    digits = decimals_of([analysis])
    alt = (f"Funnel plot of {len(points)} studies, {in_sentence(subject)}, around the pool of "
           f"{number(analysis.estimate, digits)} {unit(analysis.measure, analysis.scale)}; standard errors from "
           f"{number(min(point.se for point in points), 2)} to {number(max(point.se for point in points), 2)}. "
           f"{egger_text(analysis)}")
    data = Table(key, title, ("study", "estimate", "se"), tuple((p.name, p.estimate, p.se) for p in points))

    def placed(style: FigureStyle, size: Size) -> FunnelLayout:
        return lay_out(analysis, points, labels, style, *size)

    return FigureSpec(key=key, title=title, alt=alt, data=data, size=(PRINT_WIDTH * 0.72, 3.6), group="main effects",
                      drawing=lambda style, size: draw(placed(style, size), style),
                      hover=lambda style, size: _spots(placed(style, size), analysis, points))


def _spots(layout: FunnelLayout, analysis: TwoStage, points: tuple[Point, ...]) -> tuple[Spot, ...]:
    digits, measured = decimals_of([analysis]), unit(analysis.measure, analysis.scale)
    return tuple(Spot(x, y, f"{point.name}\nEffect: {number(point.estimate, digits)} {measured}\nStandard error: "
                            f"{number(point.se, digits)}")
                 for (x, y), point in zip(layout.points, points, strict=True))
