"""A figure as a file of its own: its form, width and resolution, drawn anew at that width with letters one can read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from core.errors import UserError, Where
from core.figures.specification import FigureSpec, render
from core.figures.style import EXPORT

Kind = Literal["png", "tiff", "pdf", "svg"]
KINDS: dict[Kind, str] = {"png": "PNG picture", "tiff": "TIFF picture", "pdf": "PDF drawing", "svg": "SVG drawing"}
ENDINGS: dict[str, Kind] = {".png": "png", ".tif": "tiff", ".tiff": "tiff", ".pdf": "pdf", ".svg": "svg"}
RASTER: tuple[Kind, ...] = ("png", "tiff")
WIDTHS = ((85.0, "single column"), (89.0, "single column"), (120.0, "one and a half columns"),
          (174.0, "double column"), (183.0, "double column"))
"""Millimeters: what journals ask for."""
RESOLUTIONS = (300, 600)
NARROWEST, WIDEST = 50.0, 400.0
COARSEST, FINEST = 72, 1200
MM_PER_INCH = 25.4
FULL = 7.0
"""Inches: a figure of this width or wider has at least the height it was made for."""
_LAP = 1.5
"""Pixels of 1/100 inch by which words may touch."""


@dataclass(frozen=True)
class FileForm:
    """How a figure is written: kind, width in mm, resolution in dots an inch (of pictures made of dots)."""

    kind: Kind = "png"
    width: float = 183.0
    dpi: int = 300

    @property
    def is_raster(self) -> bool:
        """Whether it is made of dots."""
        return self.kind in RASTER


@dataclass(frozen=True)
class Measured:
    """What a figure of some form is like: mm, pixels, sizes of its letters in points, whether words get in each
    other's way.
    """

    width: float
    height: float
    pixels: tuple[int, int]
    smallest: float
    largest: float
    is_crowded: bool


def drawn_for(figure: FigureSpec, form: FileForm) -> Figure:
    """The figure at the width asked for; the height is what its rows need."""
    width = form.width / MM_PER_INCH
    return figure.draw(EXPORT, (width, figure.size[1] * min(1.0, width / FULL)))


def measured(drawn: Figure, form: FileForm) -> Measured:
    """What a drawn figure is like."""
    width, height = drawn.get_size_inches()
    sizes = [float(text.get_fontsize()) for text in _texts(drawn)] or [0.0]
    return Measured(float(width) * MM_PER_INCH, float(height) * MM_PER_INCH,
                    (round(width * form.dpi), round(height * form.dpi)), min(sizes), max(sizes), is_crowded(drawn))


def is_crowded(drawn: Figure) -> bool:
    """Whether words lie on others or leave the sheet: the figure is too narrow for them."""
    renderer = FigureCanvasAgg(drawn).get_renderer()
    boxes = np.array([text.get_window_extent(renderer).extents for text in _texts(drawn)])
    if not len(boxes):
        return False
    wide, high = drawn.get_size_inches() * drawn.dpi
    if (boxes[:, :2] < -_LAP).any() or (boxes[:, 2:] > (wide + _LAP, high + _LAP)).any():
        return True
    across, up = (np.minimum(boxes[:, None, i + 2], boxes[None, :, i + 2])
                  - np.maximum(boxes[:, None, i], boxes[None, :, i]) for i in (0, 1))
    return bool(((across > _LAP) & (up > _LAP) & ~np.eye(len(boxes), dtype=bool)).any())


def _texts(drawn: Figure) -> list[Text]:
    return [text for text in drawn.findobj(Text) if text.get_text().strip() and text.get_visible()]


def file_content(figure: FigureSpec, form: FileForm) -> bytes:
    """The file's bytes, the same each time."""
    return render(drawn_for(figure, form), form.kind, figure.key, form.dpi)


def write_figure(figure: FigureSpec, path: Path, form: FileForm) -> Path:
    """Write a figure in the kind that the path's ending says. Raises UserError if it cannot be written."""
    kind = ENDINGS.get(path.suffix.lower())
    if kind is None:
        raise UserError(f'Figures are written as PNG, TIFF, PDF or SVG, not "{path.suffix or path.name}".',
                        Where(file=path.name), "End the name with .png, .tiff, .pdf or .svg.")
    content = file_content(figure, FileForm(kind, form.width, form.dpi))
    try:
        path.write_bytes(content)
    except OSError as fault:
        raise UserError(f"The figure cannot be written: {fault.strerror}.", Where(file=path.name),
                        "Close it in other programs, or choose another folder.") from None
    return path


def millimeters(text: str) -> float | None:
    """A width that a person wrote, "120", "120 mm" or "12,5 cm"; None for what is no width or out of bounds."""
    found = re.fullmatch(r"\s*(\d+(?:[.,]\d+)?)\s*(mm|cm|in)?\s*", text)
    if not found:
        return None
    value = float(found[1].replace(",", ".")) * {"cm": 10.0, "in": MM_PER_INCH}.get(found[2] or "mm", 1.0)
    return value if NARROWEST <= value <= WIDEST else None


def dots(text: str) -> int | None:
    """A resolution that a person wrote, "300" or "300 dpi"; None for what is none or out of bounds."""
    found = re.fullmatch(r"\s*(\d+)\s*(?:dpi)?\s*", text)
    return int(found[1]) if found and COARSEST <= int(found[1]) <= FINEST else None
