"""A figure before it is drawn: what it is called, says and shows, and how to draw it in any style and size."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from PIL import Image

from core.figure_choices import FigureChoices
from core.figures.style import EXPORT, FALLBACK, FigureStyle
from core.tables import Table

Size = tuple[float, float]
Drawing = Callable[[FigureStyle, Size], Figure]


@dataclass(frozen=True)
class Spot:
    """A place that says more when pointed at: inches from the upper left corner, the words, and what it leads to."""

    x: float
    y: float
    text: str
    key: str = ""


Spots = Callable[[FigureStyle, Size], tuple[Spot, ...]]


PRINT_WIDTH = 7.0
"""Inches: two columns of a journal."""
PRINT_DPI, TIFF_DPI = 200, 300
ELSEWHERE = f"Arial, 'Liberation Sans', Helvetica, '{FALLBACK}', sans-serif"
"""Fonts of equal widths on other machines, for drawings whose text stays text."""
MARK_HEIGHT, MARK_LEFT = 0.2, 0.08
"""Inches: the strip below a marked figure, and where its text begins."""


@dataclass(frozen=True, eq=False)
class FigureSpec:
    """`alt` says in words what the figure shows; `data` are its numbers.

    `drawing` takes a style and a size in inches. The width is kept; the height is the least it may be, and a figure
    with many rows grows beyond it.
    """

    key: str
    title: str
    alt: str
    data: Table
    drawing: Drawing = field(repr=False)
    size: Size = (PRINT_WIDTH, 2.0)
    group: str = ""
    """The results it belongs to: "main effects", "sensitivity", "patients"."""
    mark: str = ""
    """What must not get lost when the figure is passed on alone; written below it."""
    choices: FigureChoices = field(default_factory=FigureChoices, repr=False)
    """How the project's figures look; applied to every style it is drawn in."""
    hover: Spots | None = field(default=None, repr=False)
    """Where the drawing of a style and size says more when pointed at; never who a patient is."""
    _rendered: dict[Any, bytes] = field(default_factory=dict, repr=False)
    _drawn: dict[Any, Figure] = field(default_factory=dict, repr=False)
    """The figure that was last wanted in one format, until it is wanted in the other."""

    def draw(self, style: FigureStyle = EXPORT, size: Size | None = None) -> Figure:
        """The figure, at `size` inches (its own size by default)."""
        width, height = size or self.size
        fitted = style.chosen(self.choices).fitted(width)
        if not self.mark:
            return self.drawing(fitted, (width, height))
        return _marked(self.drawing(fitted, (width, height - MARK_HEIGHT)), self.mark, fitted)

    def spots(self, style: FigureStyle, size: Size) -> tuple[Spot, ...]:
        """Places that say more, of the figure that `draw` makes of the same style and size."""
        if self.hover is None:
            return ()
        below = MARK_HEIGHT if self.mark else 0.0
        return self.hover(style.chosen(self.choices).fitted(size[0]), (size[0], size[1] - below))

    def rendered(self, kind: str, style: FigureStyle = EXPORT, size: Size | None = None) -> bytes:
        """The figure's file content, the same bytes each time; kept, because report and export want the same."""
        key = (kind, style, size)
        if key not in self._rendered:
            figure = self._drawn.pop((style, size), None)
            if figure is None:
                figure = self.draw(style, size)
                self._drawn.clear()
                self._drawn[style, size] = figure
            self._rendered[key] = render(figure, kind, self.key, TIFF_DPI if kind == "tiff" else PRINT_DPI)
        return self._rendered[key]

    def keep(self, kind: str, content: bytes) -> None:
        """Take a file content that was rendered elsewhere, in the export's style and this size."""
        self._rendered[kind, EXPORT, None] = content

    def save(self, path: Path, style: FigureStyle = EXPORT, size: Size | None = None) -> None:
        """Write the figure as what the path's ending says: png, tiff, svg or pdf."""
        path.write_bytes(self.rendered(path.suffix.lstrip(".").lower(), style, size))


def _marked(figure: Figure, mark: str, style: FigureStyle) -> Figure:
    """The figure on a sheet a little taller, with the mark in its lower left corner."""
    width, height = figure.get_size_inches()
    taller = height + MARK_HEIGHT
    figure.set_size_inches(width, taller)
    for axes in figure.axes:
        axes.set_position((0, MARK_HEIGHT / taller, 1, height / taller))
    figure.text(MARK_LEFT / width, MARK_HEIGHT / 2 / taller, mark, va="center_baseline", color=style.secondary,
                fontsize=style.small, fontfamily=list(style.families), parse_math=False)
    return figure


def render(figure: Figure, kind: str, salt: str, dpi: int = PRINT_DPI) -> bytes:
    """A figure as png, tiff, svg or pdf without date or chance in it. Raises ValueError for another kind.

    Text in an svg stays text: it can be edited, searched and read aloud, and the file is a third as large. In a pdf it
    is text in fonts that are embedded whole (type 42).
    """
    if kind not in CHOSEN:
        raise ValueError(f"figures are written as {', '.join(CHOSEN)}, not {kind}")
    if kind == "tiff":
        return _tiff(render(figure, "png", salt, dpi), dpi)
    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": salt, "svg.fonttype": "none", "text.hinting": "none",
                                "pdf.fonttype": 42}):
        figure.savefig(buffer, format=kind, dpi=dpi, facecolor=figure.get_facecolor(), **CHOSEN[kind])
    content = buffer.getvalue()
    return content if kind != "svg" else content.replace(f"'{FALLBACK}'".encode(), ELSEWHERE.encode())


CHOSEN: dict[str, dict[str, Any]] = {
    # more compression takes twice as long for a fifteenth of the size
    "png": {"metadata": {"Software": None}, "pil_kwargs": {"compress_level": 3}},
    "tiff": {},
    "svg": {"metadata": {"Date": None, "Creator": None}},
    "pdf": {"metadata": {"CreationDate": None, "Creator": None, "Producer": None}},
}
"""How each kind is written."""


def _tiff(png: bytes, dpi: int) -> bytes:
    """A picture as journals take it: three colors without transparency, compressed without loss."""
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").save(buffer, "TIFF", compression="tiff_lzw", dpi=(dpi, dpi))
    return buffer.getvalue()


def file_key(*parts: str) -> str:
    """A key that is safe as a file name: letters, digits and underscores."""
    return "_".join(re.sub(r"\W+", "_", part.lower()).strip("_") for part in parts if part)
