"""A plot with two axes, in inches: where it stands on the sheet and how its axes are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.figures.axis import Axis, tick_texts
from core.figures.canvas import Canvas
from core.figures.style import FigureStyle
from core.figures.text_size import text_width, wrapped

MARGIN, LINE = 0.08, 0.17
"""Inches: around the sheet, and from one line of small text to the next."""
SNUG = 0.95
BELOW = 0.52
"""Inches that the horizontal axis takes with its label."""


@dataclass(frozen=True)
class PlotArea:
    """The horizontal axis from left to right; the vertical one from the bottom (its `left`) to the top (`right`)."""

    across: Axis
    up: Axis
    names: tuple[tuple[float, str], ...] = ()
    """Names below places of the horizontal axis, instead of ticks."""


def up_ticks(up: Axis) -> tuple[float, ...]:
    """Round values of a vertical axis, as many as there is room for."""
    return Axis(up.low, up.high, 0.0, 1.6 * (up.left - up.right), up.log).ticks()


def up_margin(up: tuple[float, float], height: float, style: FigureStyle) -> float:
    """How far from the sheet's edge a vertical axis begins: its widest tick's text."""
    texts = tick_texts(up_ticks(Axis(*up, height, 0.0)))
    return MARGIN + max((text_width(text, style, style.small) for text in texts), default=0.2) + 0.1


def draw_axes(canvas: Canvas, area: PlotArea, label: str) -> None:
    """Both axes with ticks, hairlines across, the label below; what is measured upward is written above by others."""
    style, across, up = canvas.style, area.across, area.up
    rows = up_ticks(up)
    for tick, text in zip(rows, tick_texts(rows), strict=True):
        y = up.at(tick)
        if style.grid != "none":
            canvas.line([across.left, across.right], [y, y], color=style.line, width=0.6)
        canvas.text(across.left - 0.06, y, text, align="right", size=style.small, color=style.secondary)
    bottom = up.left
    canvas.line([across.left, across.right], [bottom, bottom], color=style.secondary)
    columns = () if area.names else across.ticks()
    for tick, text in zip(columns, tick_texts(columns), strict=True):
        canvas.line([across.at(tick)] * 2, [bottom, bottom + 0.04], color=style.secondary)
        canvas.text(across.at(tick), bottom + 0.12, text, align="center", size=style.small, color=style.secondary)
    for place, name in area.names:
        room = (across.right - across.left) / len(area.names) - 0.1
        canvas.text(across.at(place), bottom + 0.13, wrapped(name, room, style, style.small, lines=1), align="center",
                    size=style.small)
    canvas.text((across.left + across.right) / 2, bottom + 0.33,
                wrapped(label, canvas.figure.get_figwidth() - 2 * MARGIN, style, style.small, lines=1), align="center",
                size=style.small)


def lines_of(texts: Sequence[str], width: float, style: FigureStyle) -> list[str]:
    """Texts broken into lines that fit. Letters are set to whole pixels: a long line needs a little more room."""
    return [line for text in texts if text
            for line in wrapped(text, SNUG * width, style, style.small, lines=3).split("\n")]
