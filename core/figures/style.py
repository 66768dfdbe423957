"""How figures look: colors of a theme, fonts, sizes. Nothing here is global; a style is handed to each drawing."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from matplotlib import font_manager

from core.figure_choices import SIZE, FigureChoices, Grid

OKABE_ITO = ("#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")
"""Series beyond the two arms, in order (Okabe & Ito 2008)."""
ACTIVE = "#D55E00"
PREFERRED = ("Arial", "Liberation Sans", "Helvetica")
"""Of equal widths, and what journals ask for."""
OF_SIGNS = re.compile(r"^cm[a-z]+\d+$|^STIX(Non|Size)|Display$|Emoji|Symbol|Dingbats|Awesome|Icons|GLYPHICON|^MathJax|"
                      r"Fallback")
FALLBACK = "DejaVu Sans"
"""Comes with matplotlib; has every letter and sign."""


@dataclass(frozen=True)
class FigureStyle:
    """Colors as #RRGGBB, font families by preference, body size in points."""

    theme: Literal["light", "dark", "export"]
    ground: str
    text: str
    secondary: str
    line: str
    panel: str
    control: str
    accent: str
    active: str = ACTIVE
    families: tuple[str, ...] = ()
    """By preference; empty: the first of PREFERRED that is there."""
    size: float = SIZE
    point_scale: float = 1.0
    """How many times their usual size marks have; of lines below their width."""
    line_scale: float = 1.0
    grid: Grid = "auto"

    @property
    def small(self) -> float:
        """Size of secondary text, points."""
        return self.size - 1

    def fitted(self, width: float) -> FigureStyle:
        """The style for a figure so many inches wide: fonts found, letters smaller where there is little room."""
        families = self.families or (*(name for name in PREFERRED if name in known_families()),)[:1]
        return replace(self, size=self.size * min(1.0, max(0.88, width / 6.6)),
                       families=tuple(dict.fromkeys((*families, FALLBACK))))

    def chosen(self, choices: FigureChoices) -> FigureStyle:
        """The style as a project has it; a color that could not be seen on this ground is made to be seen."""
        font = (choices.font,) if choices.font in known_families() else self.families
        return replace(self, families=font, size=self.size * choices.size / SIZE, point_scale=choices.points,
                       line_scale=choices.lines, grid=choices.grid,
                       active=visible(choices.active or self.active, self.ground),
                       control=visible(choices.control or self.control, self.ground))

    def with_font(self, family: str, size: float | None = None) -> FigureStyle:
        """The same in the window's font, where matplotlib knows it."""
        known = (family, FALLBACK) if family in known_families() else (FALLBACK,)
        return replace(self, families=tuple(dict.fromkeys(known)), size=size or self.size)


LIGHT = FigureStyle("light", ground="#FFFFFF", text="#1B1F24", secondary="#5B6570", line="#C9CFD6", panel="#F1F3F5",
                    control="#1B1F24", accent="#0072B2")
DARK = FigureStyle("dark", ground="#16181D", text="#E6E9EE", secondary="#9AA4B2", line="#434B58", panel="#1F232B",
                   control="#E6E9EE", accent="#56B4E9")
EXPORT = replace(LIGHT, theme="export")


LEAST_CONTRAST = 2.0


def visible(color: str, ground: str) -> str:
    """A color as it is, or moved away from the ground until the two differ enough."""
    for share in (0.0, 0.2, 0.35, 0.5, 0.65, 0.8):
        moved = _mixed(color, "#FFFFFF" if _light(ground) < 0.2 else "#000000", share)
        bright, dark = sorted((_light(moved), _light(ground)), reverse=True)
        if (bright + 0.05) / (dark + 0.05) >= LEAST_CONTRAST:
            return moved
    return moved


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _light(color: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [value / 255 / 12.92 if value <= 10 else ((value / 255 + 0.055) / 1.055) ** 2.4
             for value in _channels(color)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _mixed(color: str, other: str, share: float) -> str:
    if not share:
        return color
    return "#" + "".join(f"{round(a + share * (b - a)):02X}"
                         for a, b in zip(_channels(color), _channels(other), strict=True))


@cache
def known_families() -> frozenset[str]:
    """Fonts that matplotlib can draw with."""
    return frozenset(font_manager.get_font_names())


def families_for_words() -> tuple[str, ...]:
    """Those that words can be written in, by name: none of signs or pictures alone."""
    return tuple(sorted((name for name in known_families() if not OF_SIGNS.search(name)), key=str.casefold))


def recolored(svg: str, old: FigureStyle = EXPORT, new: FigureStyle = DARK) -> str:
    """A drawing's SVG in another theme: only the colors differ between themes."""
    pairs = {getattr(old, part).lower(): getattr(new, part).lower()
             for part in ("active", "control", "ground", "text", "secondary", "line", "panel", "accent")}
    for before in pairs:
        svg = svg.replace(before, f"@{before[1:]}@")
    for before, after in pairs.items():
        svg = svg.replace(f"@{before[1:]}@", after)
    return svg
