"""A sheet measured in inches from its upper left corner: what layouts are drawn on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from core.figures.style import FigureStyle

Align = Literal["left", "center", "right"]
Shape = Literal["triangle", "circle", "square", "diamond", "arrow_left", "arrow_right", "arrow_down", "arrow_up"]

_MARKERS = {"triangle": "^", "circle": "o", "square": "s", "diamond": "D", "arrow_left": "<", "arrow_right": ">",
            "arrow_down": "v", "arrow_up": "^"}


class Canvas:
    """Draws lines, shapes and text at positions in inches, y downward; sizes of markers and fonts in points."""

    def __init__(self, width: float, height: float, style: FigureStyle) -> None:
        self.style = style
        self.figure = Figure(figsize=(width, height), facecolor=style.ground)
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.axes.set_xlim(0, width)
        self.axes.set_ylim(height, 0)
        self.axes.set_autoscale_on(False)
        self._order = 0

    def _above(self) -> int:
        """What is drawn later lies above what was drawn before."""
        self._order += 1
        return self._order

    def text(self, x: float, y: float, text: str, *, align: Align = "left", size: float | None = None,
             color: str | None = None, bold: bool = False, rotation: float = 0) -> None:
        """Text whose middle is at height y; rotated text starts there and runs upward."""
        self.axes.text(x, y, text, ha=align, va="bottom" if rotation else "center_baseline" if "\n" not in text
                       else "center", fontsize=size or self.style.size, color=color or self.style.text,
                       fontweight="bold" if bold else "normal", fontfamily=list(self.style.families),
                       rotation=rotation, linespacing=1.15, parse_math=False, zorder=self._above())

    def line(self, x: Sequence[float], y: Sequence[float], *, color: str | None = None, width: float = 0.8,
             dashes: bool = False) -> None:
        """A line through the points."""
        self.axes.plot(x, y, color=color or self.style.text, lw=width * self.style.line_scale,
                       ls=(0, (4, 3)) if dashes else "-", solid_capstyle="butt", zorder=self._above())

    def marker(self, x: float, y: float, shape: Shape, size: float, color: str, hollow: bool = False) -> None:
        """One marker, `size` across."""
        self.markers([x], [y], shape, size, color, hollow=hollow)

    def markers(self, x: Sequence[float], y: Sequence[float], shape: Shape, size: float, color: str, *,
                hollow: bool = False, alpha: float = 1.0) -> None:
        """Many markers of one kind."""
        self.axes.plot(x, y, ls="none", marker=_MARKERS[shape], ms=size * self.style.point_scale, mec=color,
                       alpha=alpha, mew=0.8 if hollow else 0, mfc=self.style.ground if hollow else color,
                       zorder=self._above())

    def rectangle(self, x: float, y: float, width: float, height: float, *, fill: str | None = None,
                  edge: str | None = None) -> None:
        """A box by its upper left corner."""
        self.axes.add_patch(Rectangle((x, y), width, height, facecolor=fill or "none", edgecolor=edge or "none",
                                      lw=0.8 if edge else 0, zorder=self._above()))

    def squares(self, squares: Sequence[tuple[float, float, float]], fill: str) -> None:
        """Many squares by their middles and sides."""
        corners = [[(x + i * side / 2, y + j * side / 2) for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
                   for x, y, side in squares]
        self.axes.add_collection(PolyCollection(corners, facecolors=fill, edgecolors="none", zorder=self._above()),
                                 autolim=False)

    def polygon(self, points: Sequence[tuple[float, float]], fill: str, alpha: float = 1.0) -> None:
        """A filled shape."""
        self.axes.add_patch(Polygon(list(points), closed=True, facecolor=fill, edgecolor="none", alpha=alpha,
                                    zorder=self._above()))
