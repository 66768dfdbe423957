"""What the second engine says of a result, as a mark."""

from __future__ import annotations

from core.results import NOT_ASKED, Benefit, MainEffect, ModeratorEffect, Sensitivity
from gui.widgets.marks import FAULT, NONE, OK, Mark


def engine_mark(effect: MainEffect | ModeratorEffect | Sensitivity | Benefit) -> Mark:
    """The mark of one estimate."""
    if effect.engines_note == NOT_ASKED:
        return Mark("hourglass", "being asked", NONE.role)
    if effect.engines_agree is None:
        return Mark(NONE.shape, "not compared", NONE.role)
    return Mark(OK.shape, "agrees", OK.role) if effect.engines_agree else Mark(FAULT.shape, "disagrees", FAULT.role)
