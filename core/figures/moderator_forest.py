"""Moderators by tier: the interaction of each with the treatment by both models, and its effect size r beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from core.figures.axis import Axis, axis_over, tick_texts
from core.figures.canvas import Canvas
from core.figures.specification import PRINT_WIDTH, FigureSpec, Spot, file_key
from core.figures.style import FigureStyle
from core.figures.text_size import text_width, wrapped
from core.labels import Labels, in_sentence
from core.moderator_words import USEFUL, moderator_sentence
from core.results import ModeratorEffect, Results
from core.tables import Table
from core.wording import THIN, count, estimate, number

TIERS = {"1": "Tier 1", "2": "Tier 2"}
LEADING = "published"
MARGIN, GAP, ROW, HEAD = 0.08, 0.12, 0.225, 0.24
BELOW, APART = 0.66, 0.045
"""Inches: the axes with their labels; how far the two models' intervals stand from the row's middle."""
LEAST = 1.05
"""Inches: the narrowest plot."""
FAR = 2.5
"""Median widths of the intervals: what reaches farther beyond the estimates ends in an arrow."""


@dataclass(frozen=True)
class ForestRow:
    """A heading (no row), or a moderator by the leading and the other model."""

    label: str
    row: ModeratorEffect | None = None
    other: ModeratorEffect | None = None


@dataclass(frozen=True)
class ForestLayout:
    """Everything in inches: right edges of the text columns, the two axes, and the middle of each row."""

    width: float
    height: float
    label_width: float
    n_x: float
    beta: Axis
    beta_x: float
    r: Axis
    r_x: float
    has_limits: bool
    """Whether there is room for r's limits in words."""
    has_r: bool
    """Whether there is room for the sizes and for r, the second plot; else they are left to the numbers."""
    top: float
    step: float
    rows: tuple[ForestRow, ...]

    def y(self, place: int) -> float:
        """The middle of a row."""
        return self.top + self.step * (place + 0.5)

    @property
    def axis_y(self) -> float:
        """Where the axes lie."""
        return self.top + self.step * len(self.rows) + 0.03


def moderator_forests(results: Results, labels: Labels) -> tuple[FigureSpec, ...]:
    """A figure for each outcome with a tested moderator."""
    tested = [row for row in results.moderators if row.beta is not None]
    outcomes = dict.fromkeys(row.outcome for row in tested if row.model == LEADING)
    return tuple(_spec(outcome, [row for row in tested if row.outcome == outcome], labels) for outcome in outcomes)


def _spec(outcome: str, own: Sequence[ModeratorEffect], labels: Labels) -> FigureSpec:
    key, title = file_key("moderators", outcome), f"Moderators, {labels.outcome(outcome)}"
    rows = _rows(own, labels)

    def placed(style: FigureStyle, size: tuple[float, float]) -> ForestLayout:
        return lay_out(rows, style, *size)

    return FigureSpec(
        key=key, title=title, alt=_alt(title, [one.row for one in rows if one.row is not None], labels),
        data=_table(key, title, rows), drawing=lambda style, size: draw(placed(style, size), labels, style),
        size=(PRINT_WIDTH, 2.0), group="moderators", hover=lambda style, size: _spots(placed(style, size), labels))


def _rows(own: Sequence[ModeratorEffect], labels: Labels) -> tuple[ForestRow, ...]:
    others = {row.moderator: row for row in own if row.model != LEADING}
    lines: list[ForestRow] = []
    for tier, words in TIERS.items():
        found = [row for row in own if row.tier == tier and row.model == LEADING]
        lines += [ForestRow(words)] * bool(found)
        lines += [ForestRow(labels.trait(row.moderator), row, others.get(row.moderator)) for row in found]
    return tuple(lines)


def _alt(title: str, rows: Sequence[ModeratorEffect], labels: Labels) -> str:
    far = [row for row in rows if (row.ci_low or 0.0) * (row.ci_high or 0.0) > 0]
    named = ", ".join(f"{labels.trait(row.moderator)} {number(row.beta)} (r {number(row.r)})" for row in far)
    rest = f" Intervals that leave out zero: {named}." if named else " Every interval holds zero."
    useful = sum(row.r is not None and abs(row.r) >= USEFUL for row in rows)
    return (f"{title}: {count(len(rows), 'interaction')} with treatment, published model, the recommended one beside "
            f"it.{rest} {useful or 'None'} of them with |r| of {number(USEFUL, 1)} or more.")


def _table(key: str, title: str, rows: Sequence[ForestRow]) -> Table:
    columns = ("moderator", "tier", "n", "k", "beta", "low", "high", "recommended_beta", "recommended_low",
               "recommended_high", "r", "r_low", "r_high")
    found = []
    for one in rows:
        if one.row is not None:
            row, other = one.row, one.other
            beside = (other.beta, other.ci_low, other.ci_high) if other is not None else (None, None, None)
            found.append((one.label, row.tier, row.n, row.k, row.beta, row.ci_low, row.ci_high, *beside, row.r,
                          row.r_low, row.r_high))
    return Table(key, title, columns, tuple(found))


# --- layout ---------------------------------------------------------------------------------------------------------


def lay_out(rows: tuple[ForestRow, ...], style: FigureStyle, width: float, least_height: float = 0.0) -> ForestLayout:
    """Words as wide as they are, the rest for the two plots; where that is too little r's limits are drawn alone."""
    known = [one.row for one in rows if one.row is not None]
    small = style.small

    def widest(texts: Sequence[str]) -> float:
        return max((text_width(text, style, small) for text in texts), default=0.3)

    n_width = widest(["n (k)", *(_sizes(row) for row in known)])
    beta_width = widest([_beta_head(), *(_beta(row) for row in known)])
    r_width = {full: widest([_r_head(full), *(_r(row, full) for row in known)]) for full in (True, False)}
    wanted = max((text_width(one.label, style) for one in rows), default=1.0)
    has_limits, label_width, room = True, wanted, 0.0
    for has_limits in (True, False):
        rest = width - 2 * MARGIN - n_width - beta_width - r_width[has_limits] - 6 * GAP
        label_width = min(wanted, max(0.3 * width, rest - 3 * LEAST))
        room = rest - label_width
        if room >= 2 * LEAST:
            break
    has_r = room >= 1.5 * LEAST
    if not has_r:
        rest = width - 2 * MARGIN - beta_width - 3 * GAP
        label_width = min(wanted, max(0.3 * width, rest - 2 * LEAST))
        room = (rest - label_width) / 0.58
    n_x = MARGIN + label_width + (GAP + n_width if has_r else 0.0)
    left = n_x + GAP
    beta_right = left + 0.58 * room
    r_left = beta_right + GAP + beta_width + 2 * GAP
    r_right = width - MARGIN - r_width[has_limits] - GAP
    head = 0.42
    height = max(least_height, MARGIN + head + ROW * len(rows) + BELOW)
    step = min(1.4 * ROW, (height - MARGIN - head - BELOW) / max(1, len(rows)))
    return ForestLayout(width, height, label_width, n_x, axis_over(_ends(rows, _interval), left, beta_right),
                        beta_right + GAP + beta_width,
                        axis_over([*_ends(rows, _r_interval), -USEFUL - 0.02, USEFUL + 0.02], r_left, r_right),
                        width - MARGIN, has_limits, has_r, MARGIN + head, step, rows)


Limits = tuple[float | None, float | None, float | None]


def _interval(row: ModeratorEffect) -> Limits:
    return row.beta, row.ci_low, row.ci_high


def _r_interval(row: ModeratorEffect) -> Limits:
    return row.r, row.r_low, row.r_high


def _ends(rows: Sequence[ForestRow], part: Callable[[ModeratorEffect], Limits]) -> list[float]:
    """What an axis must hold: every estimate, zero, and limits that do not run far away."""
    found = [part(row) for one in rows for row in (one.row, one.other) if row is not None]
    points = [value for value, _, _ in found if value is not None]
    widths = sorted(high - low for _, low, high in found if low is not None and high is not None)
    reach = FAR * widths[len(widths) // 2] if widths else 1.0
    lowest, highest = min(points, default=0.0) - reach, max(points, default=0.0) + reach
    limits = [min(max(end, lowest), highest) for _, *both in found for end in both if end is not None]
    return [0.0, *points, *limits]


def _sizes(row: ModeratorEffect) -> str:
    return f"{row.n:,} ({row.k})"


def _beta(row: ModeratorEffect) -> str:
    return estimate(row.beta, row.ci_low, row.ci_high)


def _r(row: ModeratorEffect, has_limits: bool) -> str:
    return estimate(row.r, row.r_low, row.r_high) if has_limits else number(row.r)


def _beta_head() -> str:
    return f"β* (95{THIN}%{THIN}CI)"


def _r_head(has_limits: bool) -> str:
    return f"r (95{THIN}%{THIN}CI)" if has_limits else "r"


# --- drawing --------------------------------------------------------------------------------------------------------


def draw(layout: ForestLayout, labels: Labels, style: FigureStyle) -> Figure:
    """The layout on a sheet."""
    canvas = Canvas(layout.width, layout.height, style)
    _draw_head(canvas, layout)
    _draw_axis(canvas, layout, layout.beta, "Change of the effect (SD)", labels)
    if layout.has_r:
        _draw_axis(canvas, layout, layout.r, "Effect size r", labels, (-USEFUL, USEFUL))
    for place, one in enumerate(layout.rows):
        y = layout.y(place)
        if one.row is None:
            canvas.text(MARGIN, y, one.label, bold=True, size=style.small, color=style.secondary)
            continue
        canvas.text(MARGIN, y, wrapped(one.label, layout.label_width, style, lines=1))
        canvas.text(layout.beta_x, y, _beta(one.row), align="right", size=style.small)
        if layout.has_r:
            canvas.text(layout.n_x, y, _sizes(one.row), align="right", size=style.small)
            canvas.text(layout.r_x, y, _r(one.row, layout.has_limits), align="right", size=style.small)
            _draw_interval(canvas, layout.r, y, _r_interval(one.row), style.text, is_hollow=False)
        _draw_interval(canvas, layout.beta, y - APART, _interval(one.row), style.text, is_hollow=False)
        if one.other is not None:
            _draw_interval(canvas, layout.beta, y + APART, _interval(one.other), style.secondary, is_hollow=True)
    return canvas.figure


def _draw_head(canvas: Canvas, layout: ForestLayout) -> None:
    style, y = canvas.style, layout.top - 0.1
    heads = ((layout.beta_x, _beta_head()), (layout.n_x, "n (k)"), (layout.r_x, _r_head(layout.has_limits)))
    for x, text in heads[:3 if layout.has_r else 1]:
        canvas.text(x, y, text, align="right", size=style.small, color=style.secondary, bold=True)
    x = MARGIN
    for words, is_hollow in (("published model", False), ("recommended model", True)):
        color = style.secondary if is_hollow else style.text
        canvas.line([x, x + 0.24], [MARGIN + 0.08] * 2, color=color, width=1.1)
        canvas.marker(x + 0.12, MARGIN + 0.08, "circle", 5, color, hollow=is_hollow)
        canvas.text(x + 0.3, MARGIN + 0.08, words, size=style.small)
        x += 0.3 + text_width(words, style, style.small) + 0.2


def _draw_axis(canvas: Canvas, layout: ForestLayout, axis: Axis, label: str, labels: Labels,
               lines: tuple[float, ...] = ()) -> None:
    style, y = canvas.style, layout.axis_y
    first = layout.top
    canvas.line([axis.left, axis.right], [y, y], color=style.secondary)
    for value in lines:
        canvas.line([axis.at(value)] * 2, [first, y], color=style.secondary, dashes=True)
    canvas.line([axis.at(0.0)] * 2, [first, y], color=style.secondary, width=0.9)
    ticks = (*lines, 0.0) if lines else axis.ticks()
    for tick, text in zip(ticks, tick_texts(ticks) if not lines else [number(tick, 1) for tick in ticks], strict=True):
        x = axis.at(tick)
        if style.grid == "all" and not lines:
            canvas.line([x, x], [first, y], color=style.line, width=0.6)
        canvas.line([x, x], [y, y + 0.04], color=style.secondary)
        canvas.text(x, y + 0.12, text.replace("0.0", "0") if not tick else text, align="center", size=style.small,
                    color=style.secondary)
    middle = (axis.left + axis.right) / 2
    canvas.text(middle, y + 0.29, label, align="center", size=style.small)
    if not lines:
        active, control = in_sentence(labels.active), in_sentence(labels.control)
        told = f"\N{LEFTWARDS ARROW} more on {control} \N{MIDDLE DOT} more on {active} \N{RIGHTWARDS ARROW}"
        canvas.text(middle, y + 0.45, told, align="center", size=style.small, color=style.secondary)


def _draw_interval(canvas: Canvas, axis: Axis, y: float, limits: Limits, color: str, *, is_hollow: bool) -> None:
    value, low, high = limits
    if value is None:
        return
    if low is not None and high is not None:
        canvas.line([axis.at(low), axis.at(high)], [y, y], color=color, width=0.9 if is_hollow else 1.2)
        if not axis.holds(low):
            canvas.marker(axis.left, y, "arrow_left", 5, color)
        if not axis.holds(high):
            canvas.marker(axis.right, y, "arrow_right", 5, color)
    canvas.marker(axis.at(value), y, "circle", 4.5 if is_hollow else 5.5, color, hollow=is_hollow)


def _spots(layout: ForestLayout, labels: Labels) -> tuple[Spot, ...]:
    """Each row's sentence at both its estimates; it leads to the moderator."""
    found = []
    for place, one in enumerate(layout.rows):
        if one.row is None:
            continue
        words = moderator_sentence(one.row, labels)
        for axis, value in ((layout.beta, one.row.beta), (layout.r, one.row.r))[:2 if layout.has_r else 1]:
            if value is not None:
                found.append(Spot(axis.at(value), layout.y(place), words, one.row.moderator))
    return tuple(found)
