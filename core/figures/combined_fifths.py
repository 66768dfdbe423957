"""Calibration for benefit: in fifths of patients, the difference between the arms foretold without them and the one
seen.
"""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure

from core.combined_results import CombinedEffect, Fifth
from core.figures.axis import Axis
from core.figures.canvas import Canvas
from core.figures.combined_keys import figure_key, set_title
from core.figures.plot_area import BELOW, LINE, MARGIN, PlotArea, draw_axes, lines_of, up_margin
from core.figures.specification import PRINT_WIDTH, FigureSpec, Spot
from core.figures.style import FigureStyle
from core.labels import Labels, in_sentence
from core.models.tails import NORMAL_95
from core.tables import Table
from core.wording import MINUS, THIN, estimate, number

SQUARE = 4.2
"""Inches that the plot takes in width at most: wider, its diagonal would look like no diagonal."""


@dataclass(frozen=True)
class SeenFifth:
    """A fifth with both its differences and the limits of the one seen."""

    fifth: Fifth
    seen: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class FifthsLayout:
    """Everything in inches."""

    width: float
    height: float
    area: PlotArea
    heads: tuple[tuple[float, str], ...]
    notes: tuple[tuple[float, str], ...]


def combined_fifths(one: CombinedEffect, unit: str, labels: Labels) -> FigureSpec | None:
    """The figure of one set and outcome; `unit`: what a difference counts. None where nothing is foretold."""
    fifths = tuple(_seen(fifth) for fifth in one.fifths if fifth.observed is not None)
    if not fifths:
        return None
    title = f"{set_title(one.set, one.outcome, labels)}: benefit foretold and seen"
    key = figure_key("fifths", one.outcome, one.set)
    columns = ("fifth", "n_active", "n_control", "foretold", "seen", "low", "high")
    rows = tuple((part.fifth.fifth, part.fifth.n_active, part.fifth.n_control, part.fifth.predicted, part.seen,
                  part.low, part.high) for part in fifths)

    def placed(style: FigureStyle, size: tuple[float, float]) -> FifthsLayout:
        return lay_out(fifths, unit, labels, style, *size)

    return FigureSpec(
        key=key, title=title, alt=_alt(title, fifths, unit), data=Table(key, title, columns, rows),
        drawing=lambda style, size: draw(placed(style, size), fifths, labels, style), size=(PRINT_WIDTH, 4.0),
        group="combined", hover=lambda style, size: _spots(placed(style, size), fifths, unit))


def _seen(fifth: Fifth) -> SeenFifth:
    assert fifth.observed is not None
    half = None if fifth.se is None else NORMAL_95 * fifth.se
    return SeenFifth(fifth, fifth.observed, None if half is None else fifth.observed - half,
                     None if half is None else fifth.observed + half)


def _words(part: SeenFifth) -> str:
    return (f"fifth {part.fifth.fifth}: foretold {number(part.fifth.predicted, 1)}, seen "
            f"{estimate(part.seen, part.low, part.high, 1)}")


def _alt(title: str, fifths: tuple[SeenFifth, ...], unit: str) -> str:
    return (f"{title}, {unit}, patients held out, in fifths of rising foretold benefit: "
            f"{'; '.join(_words(part) for part in fifths)}.")


def lay_out(fifths: tuple[SeenFifth, ...], unit: str, labels: Labels, style: FigureStyle, width: float,
            least_height: float = 0.0) -> FifthsLayout:
    """Words above, one range for both axes, notes below."""
    active, control = in_sentence(labels.active), in_sentence(labels.control)
    said = lines_of([f"Difference seen, {active} {MINUS} {control} ({unit})"], width - 2 * MARGIN, style)
    top = MARGIN + LINE * len(said) + 0.1
    notes = lines_of([f"Fifths of patients by what was foretold without them, 95{THIN}% limits. On the diagonal the "
                      "foretold was seen; on a level line members tell nobody apart."],
                     width - 2 * MARGIN, style)
    height = max(least_height, top + 1.7 + BELOW + LINE * len(notes))
    bottom = height - BELOW - LINE * len(notes)
    low, high = _reach(fifths)
    left = up_margin((low, high), bottom - top, style)
    side = min(width - MARGIN - 0.1 - left, max(SQUARE, 1.35 * (bottom - top)))
    start = left + (width - MARGIN - 0.1 - left - side) / 2
    area = PlotArea(Axis(low, high, start, start + side), Axis(low, high, bottom, top))
    return FifthsLayout(width, height, area, tuple((MARGIN + LINE / 2 + LINE * i, line) for i, line in enumerate(said)),
                        tuple((bottom + BELOW - 0.04 + LINE * i, line) for i, line in enumerate(notes)))


def _reach(fifths: tuple[SeenFifth, ...]) -> tuple[float, float]:
    ends = [0.0, *(part.fifth.predicted for part in fifths), *(part.seen for part in fifths),
            *(end for part in fifths for end in (part.low, part.high) if end is not None)]
    room = 0.05 * (max(ends) - min(ends)) or 1.0
    return min(ends) - room, max(ends) + room


def draw(layout: FifthsLayout, fifths: tuple[SeenFifth, ...], labels: Labels, style: FigureStyle) -> Figure:
    """The layout on a sheet."""
    canvas, area = Canvas(layout.width, layout.height, style), layout.area
    for y, text in layout.heads:
        canvas.text(MARGIN, y, text, size=style.small)
    draw_axes(canvas, area, "Difference foretold without these patients")
    across, up = area.across, area.up
    canvas.line([across.left, across.right], [up.at(0.0)] * 2, color=style.secondary, width=0.9)
    canvas.line([across.left, across.right], [up.left, up.right], color=style.secondary, dashes=True)
    for part in fifths:
        x = across.at(part.fifth.predicted)
        if part.low is not None and part.high is not None:
            canvas.line([x, x], [up.at(part.low), up.at(part.high)], color=style.accent, width=1.6)
        canvas.marker(x, up.at(part.seen), "circle", 7, style.accent)
    for y, text in layout.notes:
        canvas.text(MARGIN, y, text, size=style.small, color=style.secondary)
    return canvas.figure


def _spots(layout: FifthsLayout, fifths: tuple[SeenFifth, ...], unit: str) -> tuple[Spot, ...]:
    return tuple(Spot(layout.area.across.at(part.fifth.predicted), layout.area.up.at(part.seen),
                      f"{_words(part).capitalize()} {unit}\n"
                      f"{part.fifth.n_active} active, {part.fifth.n_control} control") for part in fifths)
