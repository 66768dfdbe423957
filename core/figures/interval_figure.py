"""A figure of interval rows: what is drawn, its numbers, and what each mark says when it is pointed at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.figures.interval_rows import IntervalLayout, Panel, PlacedPanel, PlacedRow, draw, lay_out, panels_table
from core.figures.specification import PRINT_WIDTH, FigureSpec, Size, Spot
from core.figures.style import FigureStyle
from core.tables import Table


def interval_figure(key: str, title: str, alt: str, panels: Sequence[Panel], group: str,
                    data: Table | None = None) -> FigureSpec:
    """The figure of these panels, one below the other; `data` are its numbers, by default those of the rows."""
    def placed(style: FigureStyle, size: Size) -> IntervalLayout:
        return lay_out(panels, style, *size)

    return FigureSpec(
        key=key, title=title, alt=alt, data=data or panels_table(key, title, panels),
        drawing=lambda style, size: draw(placed(style, size), style), size=(PRINT_WIDTH, 2.0), group=group,
        hover=lambda style, size: tuple(spots(placed(style, size))))


def spots(layout: IntervalLayout) -> Iterator[Spot]:
    """Each row's words at its mark; of an interval without a point at its middle."""
    for panel in layout.panels:
        for one in panel.rows:
            x = one.x if one.x is not None else \
                None if one.x_low is None or one.x_high is None else (one.x_low + one.x_high) / 2
            if x is not None and one.row.look != "heading":
                yield Spot(x, one.y, _words(panel, one), one.row.key)


def _words(panel: PlacedPanel, one: PlacedRow) -> str:
    """The row's name, then every number that stands beside it, by what it is."""
    beside = (*zip(panel.panel.before, one.row.before, strict=False),
              *zip(panel.panel.after, one.row.after, strict=False))
    lines = [f"{head}: {text}".replace("\n", " ") for head, text in beside if text]
    return "\n".join([one.row.label, *lines])
