"""How figures look: colors of a theme, fonts, sizes. Nothing here is global; a style is handed to each drawing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from matplotlib import font_manager

OKABE_ITO = ("#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")
"""Series beyond the two arms, in order (Okabe & Ito 2008)."""
ACTIVE = "#D55E00"
PREFERRED = ("Arial", "Liberation Sans", "Helvetica")
"""Of equal widths, and what journals ask for."""
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
    size: float = 9.0

    @property
    def small(self) -> float:
        """Size of secondary text, points."""
        return self.size - 1

    def fitted(self, width: float) -> FigureStyle:
        """The style for a figure so many inches wide: fonts found, letters smaller where there is little room."""
        families = self.families or (*(name for name in PREFERRED if name in known_families()),)[:1]
        return replace(self, size=self.size * min(1.0, max(0.88, width / 6.6)),
                       families=tuple(dict.fromkeys((*families, FALLBACK))))

    def with_font(self, family: str, size: float | None = None) -> FigureStyle:
        """The same in the window's font, where matplotlib knows it."""
        known = (family, FALLBACK) if family in known_families() else (FALLBACK,)
        return replace(self, families=tuple(dict.fromkeys(known)), size=size or self.size)


LIGHT = FigureStyle("light", ground="#FFFFFF", text="#1B1F24", secondary="#5B6570", line="#C9CFD6", panel="#F1F3F5",
                    control="#1B1F24", accent="#0072B2")
DARK = FigureStyle("dark", ground="#16181D", text="#E6E9EE", secondary="#9AA4B2", line="#434B58", panel="#1F232B",
                   control="#E6E9EE", accent="#56B4E9")
EXPORT = replace(LIGHT, theme="export")


@cache
def known_families() -> frozenset[str]:
    """Fonts that matplotlib can draw with."""
    return frozenset(font_manager.get_font_names())


def recolored(svg: str, old: FigureStyle = EXPORT, new: FigureStyle = DARK) -> str:
    """A drawing's SVG in another theme: only the colors differ between themes."""
    pairs = {getattr(old, part).lower(): getattr(new, part).lower()
             for part in ("ground", "text", "secondary", "line", "panel", "accent")}
    for before in pairs:
        svg = svg.replace(before, f"@{before[1:]}@")
    for before, after in pairs.items():
        svg = svg.replace(f"@{before[1:]}@", after)
    return svg
