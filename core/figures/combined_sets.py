"""All sets of one outcome: r in what was held out, apparent r behind it, and what r is where nothing moderates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from core.combined_results import CombinedEffect
from core.combined_words import flexible_held_out, held_out, is_assumed, reading
from core.figures.axis import Axis, axis_over, tick_texts
from core.figures.canvas import Canvas
from core.figures.combined_keys import sets_key
from core.figures.plot_area import LINE, MARGIN, lines_of
from core.figures.specification import PRINT_WIDTH, FigureSpec, Spot
from core.figures.style import FigureStyle
from core.figures.text_size import text_width, wrapped
from core.labels import Labels
from core.tables import Table
from core.wording import THIN, count, estimate, number, p_value

GAP, ROW, HEAD, BELOW = 0.14, 0.33, 0.34, 0.44
STUDY, FOLD, DOWN = -0.085, -0.005, 0.09
"""Inches from a row's middle: studies left out, patients left out, what is apparent."""
BINS = 24
LEAST = 2.0
"""Inches of the plot, below which the numbers of patients give way to it."""
EMPTY = "no usable combination"
COLUMNS: tuple[tuple[str, Callable[[CombinedEffect], str]], ...] = (
    ("n (k)", lambda one: f"{one.n:,} ({one.k})" if one.n else ""),
    ("Held out", lambda one: "" if _is_bare(one) else number(held_out(one))),
    ("p", lambda one: "" if _is_bare(one) or one.p_permutation is None else p_value(one.p_permutation)),
    (f"Apparent (95{THIN}%{THIN}CI)", lambda one: EMPTY if one.is_empty else "not fitted" if one.lambda_ is None
     else estimate(one.r, one.r_low, one.r_high)),
)
"""Texts of a row; the first stands left of the plot, the others right of it."""


@dataclass(frozen=True)
class SetsLayout:
    """Everything in inches: rows from `top`, `step` apart; `columns` are the right edges of the texts, the first of
    which is out of sight where there is no room (`has_sizes`).
    """

    width: float
    height: float
    label_width: float
    columns: tuple[float, ...]
    axis: Axis
    top: float
    step: float
    has_sizes: bool
    legend: tuple[tuple[float, float, str, str], ...]
    notes: tuple[tuple[float, str], ...]
    rows: tuple[CombinedEffect, ...]

    def y(self, place: int) -> float:
        """The middle of a row."""
        return self.top + (place + 0.5) * self.step

    @property
    def axis_y(self) -> float:
        """The axis line."""
        return self.top + len(self.rows) * self.step + 0.03


def combined_sets(combined: Sequence[CombinedEffect], outcome: str, labels: Labels) -> FigureSpec | None:
    """The figure of one outcome; None where no set was fitted."""
    line = labels.useful_r
    rows = tuple(one for one in combined if one.outcome == outcome)
    if not any(one.lambda_ is not None for one in rows):
        return None
    title = f"Combined moderators: r held out and apparent, {labels.outcome(outcome)}"
    key = sets_key(outcome)
    columns = ("set", "n", "k", "r_leave_study_out", "r_cv", "p_permutation", "r", "r_low", "r_high", "r_pearson",
               "null_high", *(("r_flexible_leave_study_out", "r_flexible_cv") if _has_flexible(rows) else ()))

    def placed(style: FigureStyle, size: tuple[float, float]) -> SetsLayout:
        return lay_out(rows, line, style, *size)

    return FigureSpec(
        key=key, title=title, alt=_alt(title, rows, line),
        data=Table(key, title, columns, tuple(tuple(getattr(one, name) for name in columns) for one in rows)),
        drawing=lambda style, size: draw(placed(style, size), line, style), size=(PRINT_WIDTH, 2.0), group="combined",
        hover=lambda style, size: _spots(placed(style, size), labels))


def _alt(title: str, rows: Sequence[CombinedEffect], line: float) -> str:
    told = [f"set {one.set} {number(held_out(one))} against {number(one.r)}" for one in rows if not _is_bare(one)]
    reach = sum((held_out(one) or 0.0) >= line for one in rows if not _is_bare(one))
    empty = sum(one.is_empty for one in rows)
    rest = f" {count(empty, 'set')} without a usable combination." if empty else ""
    free = [f"set {one.set} {number(flexible_held_out(one))}" for one in rows if flexible_held_out(one) is not None]
    rest += f" A flexible learner, held out: {'; '.join(free)}." if free else ""
    return (f"{title}. Held-out r against apparent r: {'; '.join(told) or 'none'}.{rest} {reach or 'None'} of "
            f"{len(rows)} reach the line of {number(line, 1)} in what was held out.")


def _notes(rows: Sequence[CombinedEffect]) -> tuple[str, ...]:
    told = [f"Shaded: apparent r where nothing moderates, by permutations; the stroke is what 95{THIN}% stay below. "
            "Apparent r must be compared with that, never with 0." if any(one.null for one in rows) else
            "Without permutations nothing tells apparent r from chance."]
    assumed = [one.set for one in rows if is_assumed(one)]
    if assumed:
        told.append(f"Members assumed, the publication does not name them: {', '.join(assumed)}.")
    return tuple(told)


def _has_flexible(rows: Sequence[CombinedEffect]) -> bool:
    return any(flexible_held_out(one) is not None for one in rows)


def _is_bare(one: CombinedEffect) -> bool:
    """Whether there is no M* to show an r of."""
    return one.is_empty or one.lambda_ is None


# --- layout ---------------------------------------------------------------------------------------------------------


def lay_out(rows: tuple[CombinedEffect, ...], line: float, style: FigureStyle, width: float,
            least_height: float = 0.0) -> SetsLayout:
    """Words as wide as they are, the rest for the plot."""
    widths = [max(text_width(text, style, style.small) for text in (head, *(words(one) for one in rows)))
              for head, words in COLUMNS]
    wanted = max(text_width(_name(one), style) for one in rows)
    room = width - 2 * MARGIN - sum(widths) - (len(widths) + 2) * GAP
    has_sizes = room - min(wanted, 0.32 * width) >= LEAST
    if not has_sizes:
        room += widths[0] + GAP
    label_width = min(wanted, max(0.5, min(0.32 * width, room - LEAST)))
    first = MARGIN + label_width + (GAP + widths[0] if has_sizes else 0.0)
    right = width - MARGIN - sum(own + GAP for own in widths[1:])
    edges, edge = [first], right
    for own in widths[1:]:
        edge += GAP + own
        edges.append(edge)
    axis = axis_over([0.0, line + 0.02, *_ends(rows)], first + GAP, max(right, first + GAP + 0.8))
    legend = _legend(style, width, _has_flexible(rows))
    top = max((y for _, y, _, _ in legend), default=0.0) + LINE / 2 + HEAD
    notes = lines_of([" ".join(_notes(rows))], width - 2 * MARGIN, style)
    fixed = top + BELOW + LINE * len(notes) + MARGIN
    height = max(least_height, fixed + ROW * len(rows))
    step = min(1.5 * ROW, (height - fixed) / len(rows))
    below = top + step * len(rows) + 0.03 + BELOW
    return SetsLayout(width, height, label_width, tuple(edges), axis, top, step, has_sizes, legend,
                      tuple((below + LINE * (place + 0.5), text) for place, text in enumerate(notes)), rows)


def _name(one: CombinedEffect) -> str:
    return f"Set {one.set}"


def _ends(rows: Sequence[CombinedEffect]) -> list[float]:
    own = [value for one in rows if not _is_bare(one)
           for value in (held_out(one), one.r_cv, one.r, one.r_low, one.r_high, one.null_high)]
    return [value for value in (*own, *(flexible_held_out(one) for one in rows)) if value is not None]


SIGNS = (("study", "held out, studies in turn"), ("cv", "held out, cross-validated"), ("apparent", "apparent"),
         ("line", "line of usefulness"))
FLEXIBLE = ("flexible", "flexible learner, held out")


def _legend(style: FigureStyle, width: float, has_flexible: bool) -> tuple[tuple[float, float, str, str], ...]:
    """Place, sign and words of each, in as many lines as they need."""
    found, x, y = [], MARGIN, MARGIN + LINE / 2
    for sign, words in (*SIGNS, FLEXIBLE) if has_flexible else SIGNS:
        needed = 0.3 + text_width(words, style, style.small)
        if x > MARGIN and x + needed > width - MARGIN:
            x, y = MARGIN, y + LINE
        found.append((x, y, sign, words))
        x += needed + 0.2
    return tuple(found)


# --- drawing --------------------------------------------------------------------------------------------------------


def draw(layout: SetsLayout, line: float, style: FigureStyle) -> Figure:
    """The layout on a sheet."""
    canvas = Canvas(layout.width, layout.height, style)
    for x, y, sign, words in layout.legend:
        _draw_sign(canvas, x + 0.11, y, sign)
        canvas.text(x + 0.28, y, words, size=style.small)
    columns = list(zip(layout.columns, COLUMNS, strict=True))[0 if layout.has_sizes else 1:]
    for x, (head, _) in columns:
        canvas.text(x, layout.top - 0.1, head, align="right", size=style.small, color=style.secondary, bold=True)
    for place, one in enumerate(layout.rows):
        _draw_null(canvas, layout.axis, layout.y(place) + 0.42 * layout.step, 0.84 * layout.step, one)
    _draw_axis(canvas, layout, line)
    for place, one in enumerate(layout.rows):
        y = layout.y(place)
        if place:
            canvas.line([MARGIN, layout.width - MARGIN], [y - layout.step / 2] * 2, color=style.line, width=0.5)
        canvas.text(MARGIN, y, wrapped(_name(one), layout.label_width, style, lines=2 if " " in one.set else 1))
        for x, (_, said) in columns:
            canvas.text(x, y, said(one), align="right", size=style.small)
        _draw_row(canvas, layout.axis, y, one)
    for y, text in layout.notes:
        canvas.text(MARGIN, y, text, size=style.small, color=style.secondary)
    return canvas.figure


def _draw_sign(canvas: Canvas, x: float, y: float, sign: str) -> None:
    style = canvas.style
    if sign == "study":
        canvas.marker(x, y, "circle", 8, style.accent)
    elif sign == "cv":
        canvas.marker(x, y, "diamond", 6, style.text)
    elif sign == "flexible":
        canvas.marker(x, y, "square", 8, style.accent, hollow=True)
    elif sign == "apparent":
        canvas.line([x - 0.1, x + 0.1], [y, y], color=style.secondary, width=0.9)
        canvas.marker(x, y, "circle", 4.5, style.secondary, hollow=True)
    else:
        canvas.line([x - 0.1, x + 0.1], [y, y], color=style.secondary, dashes=True)


def _draw_null(canvas: Canvas, axis: Axis, base: float, height: float, one: CombinedEffect) -> None:
    """Where 95 % of the permutations' r lie, and how often they lie where; those of empty models pile up at 0."""
    if not one.null or one.null_high is None or _is_bare(one):
        return
    style, values = canvas.style, np.clip(one.null, axis.low, axis.high)
    left, right = axis.at(float(values.min())), axis.at(one.null_high)
    canvas.rectangle(left, base - height, right - left, height, fill=style.panel)
    counts, edges = np.histogram(values, bins=BINS)
    tops = np.minimum(counts / max(1, np.sort(counts)[-2]), 1.0)  # the second highest: one bin holds the empty models
    points = [(axis.at(edges[0]), base)]
    for low, high, own in zip(edges[:-1], edges[1:], tops, strict=True):
        points += [(axis.at(low), base - 0.8 * height * own), (axis.at(high), base - 0.8 * height * own)]
    canvas.polygon([*points, (axis.at(edges[-1]), base)], style.line, alpha=0.8)
    canvas.line([right, right], [base, base - height], color=style.secondary, width=1.0)


def _draw_axis(canvas: Canvas, layout: SetsLayout, line: float) -> None:
    style, axis, y = canvas.style, layout.axis, layout.axis_y
    canvas.line([axis.left, axis.right], [y, y], color=style.secondary)
    canvas.line([axis.at(0.0)] * 2, [layout.top, y], color=style.secondary, width=0.9)
    canvas.line([axis.at(line)] * 2, [layout.top, y], color=style.secondary, dashes=True)
    ticks = axis.ticks()
    for tick, text in zip(ticks, tick_texts(ticks), strict=True):
        if style.grid == "all":
            canvas.line([axis.at(tick)] * 2, [layout.top, y], color=style.line, width=0.6)
        canvas.line([axis.at(tick)] * 2, [y, y + 0.04], color=style.secondary)
        canvas.text(axis.at(tick), y + 0.12, text, align="center", size=style.small, color=style.secondary)
    canvas.text((axis.left + axis.right) / 2, y + 0.29, "Effect size r", align="center", size=style.small)


def _draw_row(canvas: Canvas, axis: Axis, y: float, one: CombinedEffect) -> None:
    style = canvas.style
    if (free := flexible_held_out(one)) is not None:
        canvas.marker(axis.at(free), y + STUDY, "square", 8, style.accent, hollow=True)
    if _is_bare(one):
        return
    if one.r is not None:
        if one.r_low is not None and one.r_high is not None:
            canvas.line([axis.at(one.r_low), axis.at(one.r_high)], [y + DOWN] * 2, color=style.secondary, width=0.9)
        canvas.marker(axis.at(one.r), y + DOWN, "circle", 4.5, style.secondary, hollow=True)
    if one.r_cv is not None:
        canvas.marker(axis.at(one.r_cv), y + FOLD, "diamond", 6, style.text)
    if one.r_leave_study_out is not None:
        canvas.marker(axis.at(one.r_leave_study_out), y + STUDY, "circle", 8, style.accent)


def _spots(layout: SetsLayout, labels: Labels) -> tuple[Spot, ...]:
    """Each row's reading; it leads to the set."""
    found = []
    for place, one in enumerate(layout.rows):
        words = reading(one, labels)
        values = (held_out(one), one.r_cv, one.r)
        found += [Spot(layout.axis.at(value), layout.y(place) + shift, words, one.set)
                  for value, shift in zip(values, (STUDY, FOLD, DOWN), strict=True)
                  if value is not None and not _is_bare(one)]
    return tuple(found)
