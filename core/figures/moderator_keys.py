"""What the figures of one moderator are called, and how its values and levels are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from core.figures.specification import file_key
from core.labels import Labels
from core.wording import number

if TYPE_CHECKING:
    from core.moderators.pictured import Pictured

Kind = Literal["patients", "benefit", "studies"]
KINDS: dict[Kind, str] = {"patients": "Patients", "benefit": "Benefit", "studies": "Within studies"}
"""What they are called in a list."""


def figure_key(kind: Kind, outcome: str, moderator: str) -> str:
    """The key of one figure; contrasts of a categorical moderator share it."""
    return file_key("moderator", kind, outcome, moderator.split(":")[0])


def side_names(shown: Pictured, labels: Labels) -> tuple[str, ...]:
    """Names of a moderator's levels; none where it is continuous."""
    return labels.sides(shown.moderator.name) if shown.moderator.kind == "binary" else shown.levels


def place_text(shown: Pictured, place: float, labels: Labels) -> str:
    """A value of the moderator with its unit, or the name of a level."""
    if shown.levels:
        return side_names(shown, labels)[round(place)]
    unit = labels.units.get(shown.moderator.name, "")
    plain = number(place, 0 if float(place).is_integer() else 1)
    return plain if unit in ("", "count") else f"{plain} {unit}"
