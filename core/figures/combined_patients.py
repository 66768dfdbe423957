"""The patients along a combined moderator: a point each, both arms' lines, and where they cross."""

from __future__ import annotations

from dataclasses import replace

from core.combined_results import CombinedEffect
from core.figures.canvas import Canvas
from core.figures.combined_keys import figure_key, set_title
from core.figures.moderator_patients import FEWEST, draw, lay_out, lines_table, spots_of
from core.figures.plot_area import PlotArea
from core.figures.specification import PRINT_WIDTH, FigureSpec
from core.figures.style import FigureStyle
from core.labels import Labels
from core.moderators.crossing import SCORE
from core.moderators.pictured import Pictured
from core.wording import THIN, count, estimate, number, percent

OUTSIDE, BEYOND = "The lines cross outside the data", "range of the crossing point reaches beyond the data"
"""How notes of `core.moderators.crossing` say so."""


def combined_patients(shown: Pictured, one: CombinedEffect, labels: Labels, fewest: int = FEWEST) -> FigureSpec:
    """The figure of one set and outcome. Points of a study's arm with fewer than `fewest` patients are left out."""
    named = replace(labels, variables={**labels.variables, SCORE: "Combined moderator M*"},
                    units={**labels.units, SCORE: "SD"})
    heads, notes = _heads(shown, one, labels), _notes(shown, fewest)
    title = f"{set_title(one.set, one.outcome, labels)}: patients along M*, by arm"
    key = figure_key("patients", one.outcome, one.set)

    def placed(style: FigureStyle, size: tuple[float, float]):  # type: ignore[no-untyped-def]
        return lay_out(shown, heads, notes, named, fewest, style, *size)

    def crossing(canvas: Canvas, area: PlotArea) -> None:
        _draw_crossing(canvas, area, one)

    ends = ", ".join(f"{name} {number(curve.value[0], 1)} to {number(curve.value[-1], 1)}"
                     for name, curve in ((labels.active, shown.active), (labels.control, shown.control)))
    return FigureSpec(
        key=key, title=title, alt=f"{title}. Lines from the lowest to the highest M*: {ends}. "
                                  f"{'; '.join(text.rstrip('.') for text, _ in heads)}. {' '.join(notes)}",
        data=lines_table(key, title, shown, named),
        drawing=lambda style, size: draw(placed(style, size), shown, named, style, crossing), size=(PRINT_WIDTH, 4.0),
        group="combined", hover=lambda style, size: spots_of(placed(style, size), shown, named))


def _heads(shown: Pictured, one: CombinedEffect, labels: Labels) -> tuple[tuple[str, bool | None], ...]:
    arms = tuple((f"{labels.active if is_active else labels.control}: "
                  f"{count(int((shown.treatment == is_active).sum()), 'patient')}", is_active)
                 for is_active in (True, False))
    return (*arms, (f"{crossing_words(one)} {side_words(one)}".strip(), None))


def crossing_words(one: CombinedEffect) -> str:
    """Where the lines cross, with the bootstrap range."""
    if one.crossing is None:
        return f"{OUTSIDE}." if OUTSIDE in one.note else "The lines do not cross."
    ends = [number(end) if end is not None else "beyond the data" for end in (one.crossing_low, one.crossing_high)]
    reach = "" if not _has_range(one) else f" (95{THIN}% of resamples: {ends[0]} to {ends[1]})"
    return f"The lines cross at M* = {number(one.crossing)}{reach}."


def _has_range(one: CombinedEffect) -> bool:
    """Whether resamples gave the crossing point a range; an end beyond the data is None."""
    return one.crossing_low is not None or one.crossing_high is not None or BEYOND in one.note


def side_words(one: CombinedEffect) -> str:
    """The effect and the share of patients on each side of the crossing point; empty where one side has nobody."""
    if one.crossing is None or one.share_above is None:
        return ""
    sides = ((f"Above it {percent(one.share_above)} of patients", one.above_effect, one.above_low, one.above_high),
             (f"below it {percent(1 - one.share_above)}", one.below_effect, one.below_low, one.below_high))
    return "; ".join(f"{words}, effect {estimate(value, low, high)} SD" for words, value, low, high in sides) + "."


def _notes(shown: Pictured, fewest: int) -> tuple[str, ...]:
    told = [f"Lines with 95{THIN}% limits: published model. M* was fitted to these very patients, so the lines part "
            "more than they would for others."]
    hidden = int((~shown.shown(fewest)).sum())
    if hidden:
        told.append(f"{count(hidden, 'point is', 'points are')} not drawn: groups of fewer than {fewest} patients.")
    return tuple(told)


def _draw_crossing(canvas: Canvas, area: PlotArea, one: CombinedEffect) -> None:
    if one.crossing is None:
        return
    across, up, style = area.across, area.up, canvas.style
    if _has_range(one):
        left = across.left if one.crossing_low is None else across.at(one.crossing_low)
        right = across.right if one.crossing_high is None else across.at(one.crossing_high)
        canvas.polygon([(left, up.right), (right, up.right), (right, up.left), (left, up.left)], style.secondary,
                       alpha=0.14)
    canvas.line([across.at(one.crossing)] * 2, [up.right, up.left], color=style.secondary, width=1.2, dashes=True)
