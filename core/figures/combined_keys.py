"""What the figures of combined moderators are called, and words they share."""

from __future__ import annotations

from typing import Literal

from core.figures.specification import file_key
from core.labels import Labels
from core.results import Results

Kind = Literal["weights", "patients", "fifths", "studies"]
KINDS: dict[Kind, str] = {"weights": "Weights", "patients": "Patients along M*", "fifths": "Calibration",
                          "studies": "Studies left out"}
"""What the figures of one set are called in a list."""
SETS = "All sets"


def figure_key(kind: Kind, outcome: str, name: str) -> str:
    """The key of one figure of one set."""
    return file_key("combined", kind, outcome, name)


def sets_key(outcome: str) -> str:
    """The key of the figure of all sets of an outcome."""
    return file_key("combined_sets", outcome)


def set_title(name: str, outcome: str, labels: Labels) -> str:
    """For example "Set 2f, Rapid (24 h)"."""
    return f"Set {name}, {labels.outcome(outcome)}"


PLAIN_UNIT = "units of the outcome"
"""Of an outcome analyzed as it stands; whether more of it is better is not known."""


def outcome_unit(results: Results, outcome: str) -> str:
    """What a difference in this outcome counts."""
    is_value = any(one.name == outcome and one.value is not None for one in results.plan.outcomes)
    return PLAIN_UNIT if is_value else "percentage points of improvement"
