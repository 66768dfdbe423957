"""How a project's figures look and what they call things: decisions of a person, on which no number depends.

They hold for the window, the exports and the report alike. What is left at its default follows the program.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from core.documents import Document

Color = Annotated[str, Field(pattern=r"^(#[0-9A-Fa-f]{6})?$")]
"""#RRGGBB; empty: the program's own."""
StudyOrder = Literal["given", "name", "year", "effect", "size"]
Grid = Literal["auto", "all", "none"]
SIZE = 9.0
"""Points of body text where nothing is chosen."""
PAIRS: dict[str, tuple[str, str]] = {
    "Vermilion and black": ("", ""),
    "Blue and orange": ("#0072B2", "#E69F00"),
    "Purple and green": ("#882255", "#117733"),
    "Blue and vermilion": ("#0072B2", "#D55E00"),
    "Black and gray": ("#1B1F24", "#7A7F87"),
}
"""Colors of the active and the control arm that readers who do not tell red from green tell apart (Okabe & Ito 2008;
Tol 2021). The arms' marks differ in shape as well."""


class FigureChoices(Document):
    """All that is chosen of a project's figures."""

    font: str = ""
    """Empty: the window's in the window, a font of journals in files."""
    size: float = Field(default=SIZE, ge=6, le=16)
    """Of body text, points, in a figure as wide as a page."""
    active: Color = ""
    control: Color = ""
    points: float = Field(default=1.0, ge=0.5, le=3)
    """How many times their usual size marks have."""
    lines: float = Field(default=1.0, ge=0.5, le=4)
    """How many times their usual width lines have."""
    grid: Grid = "auto"
    """Lines at the ticks: where the program draws them, in all figures with an axis, nowhere."""
    order: StudyOrder = "given"
    """Of the studies in a forest: as they stand in the project, by name, year, effect (the largest first), size."""
    arms: dict[Literal["active", "control"], str] = Field(default_factory=dict)
    """Names of the arms that a person chose; of the variables and studies by key below."""
    variables: dict[str, str] = Field(default_factory=dict)
    studies: dict[str, str] = Field(default_factory=dict)

    @property
    def is_default(self) -> bool:
        """Whether nothing is chosen."""
        return self == FigureChoices()
