"""A figure as dots: drawn as the window shows it, and as a file would hold it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from core.progress import Progress, silent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from core.figures.files import FileForm, Measured
    from core.figures.specification import FigureSpec, Spot

PIXELS_PER_INCH = 96.0
SIZE = 9.0
"""Of the letters, in points."""


@dataclass(frozen=True)
class Picture:
    """A figure as drawn: its pixels, the places that say more, how many times its size it is."""

    image: QImage
    spots: tuple[Spot, ...] = ()
    zoom: float = 1.0


@dataclass(frozen=True)
class Preview:
    """What a file would hold: its pixels at the size of a preview, and what it is like."""

    image: QImage
    about: Measured


def picture_of(figure: FigureSpec, scheme: str, family: str, room: QSize, ratio: float, zoom: float = 1.0,
               progress: Progress = silent) -> Picture:
    """Draw a figure as wide as `room` (pixels of the window) and at least as high, `zoom` times that size."""
    from core.figures import DARK, LIGHT

    progress(0.0, figure.title)
    style = (DARK if scheme == "dark" else LIGHT).with_font(family, SIZE)
    size = (room.width() / PIXELS_PER_INCH, room.height() / PIXELS_PER_INCH)
    drawn = figure.draw(style, size)
    progress(0.5, figure.title)
    return Picture(_dots(drawn, PIXELS_PER_INCH * ratio * zoom, ratio), figure.spots(style, size), zoom)


def preview_of(figure: FigureSpec, form: FileForm, room: int, ratio: float, progress: Progress = silent) -> Preview:
    """Draw a figure as its file would hold it, at its own size or narrower where `room` (pixels of the window) is."""
    from core.figures.files import drawn_for, measured

    progress(0.0, figure.title)
    drawn = drawn_for(figure, form)
    about = measured(drawn, form)
    progress(0.5, figure.title)
    return Preview(_dots(drawn, min(room / float(drawn.get_figwidth()), PIXELS_PER_INCH) * ratio, ratio), about)


def _dots(drawn: Figure, per_inch: float, ratio: float) -> QImage:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    drawn.set_dpi(per_inch)
    canvas = FigureCanvasAgg(drawn)
    canvas.draw()
    width, height = canvas.get_width_height(physical=True)
    image = QImage(bytes(canvas.buffer_rgba()), width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
    image.setDevicePixelRatio(ratio)
    return image
