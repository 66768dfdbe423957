"""How wide text is and where it breaks, known before anything is drawn."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties

from core.figures.style import FigureStyle

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
LINE_HEIGHT = 1.25
"""Of the font size, from one line's baseline to the next."""
POINTS = 72.0
"""In an inch."""
_PIXELS_PER_INCH = 288.0


def text_width(text: str, style: FigureStyle, size: float | None = None, bold: bool = False) -> float:
    """Width of the widest line in inches; `size` in points, by default the style's."""
    return max(_width(line, style.families, size or style.size, bold) for line in text.split("\n"))


def text_height(text: str, style: FigureStyle, size: float | None = None) -> float:
    """Height of all lines in inches."""
    return (text.count("\n") + 1) * LINE_HEIGHT * (size or style.size) / POINTS


def wrapped(text: str, width: float, style: FigureStyle, size: float | None = None, lines: int = 2,
            bold: bool = False) -> str:
    """Text broken to fit `width` inches, in at most `lines` lines; the last is cut in its middle, for names differ at
    their ends."""
    def fits(part: str) -> bool:
        return text_width(part, style, size, bold) <= width

    done: list[str] = []
    rest = text
    while rest and not fits(rest) and len(done) < lines - 1:
        end = _break(rest, fits)
        done.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    if rest and not fits(rest):
        rest = _shortened(rest, fits)
    return "\n".join([*done, rest] if rest else done)


def _shortened(text: str, fits: Callable[[str], bool]) -> str:
    for kept in range(len(text) - 1, 0, -1):
        tail = kept * 2 // 5
        shown = f"{text[:kept - tail].rstrip()}{ELLIPSIS}{text[len(text) - tail:].lstrip()}"
        if fits(shown):
            return shown
    return ELLIPSIS


def _break(text: str, fits: Callable[[str], bool]) -> int:
    """Where the first line ends: after the last blank, underscore or hyphen that fits, else mid-word."""
    places = [i + 1 for i, letter in enumerate(text) if letter in " _-/"]
    good = [place for place in places if fits(text[:place].rstrip())]
    if good:
        return good[-1]
    return max((i for i in range(1, len(text)) if fits(text[:i])), default=1)


@lru_cache(maxsize=8192)
def _width(line: str, families: tuple[str, ...], size: float, bold: bool) -> float:
    if not line:
        return 0.0
    font = FontProperties(family=list(families), size=size, weight="bold" if bold else "normal")
    width, _, _ = _renderer().get_text_width_height_descent(line, font, False)
    return float(width) / _PIXELS_PER_INCH


@lru_cache(maxsize=1)
def _renderer() -> RendererAgg:
    return RendererAgg(4, 4, _PIXELS_PER_INCH)
