"""The wizard's steps and how they stand, apart from `core.session`: a window shows them before data load."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """The wizard's steps, in order."""

    START = "start"
    STUDIES = "studies"
    MAP = "map"
    CHECK = "check"
    PLAN = "plan"
    RUN = "run"
    RESULTS = "results"
    REPORT = "report"


class State(StrEnum):
    """How a step stands."""

    DONE = "done"
    OPEN = "open"
    OUT_OF_DATE = "out of date"
    LOCKED = "locked"


@dataclass(frozen=True)
class StepState:
    """How a step stands, in words: `count` is what the rail shows beside the name."""

    step: Step
    state: State
    count: str = ""
    text: str = ""

    @property
    def is_in_reach(self) -> bool:
        """Whether the step can be opened."""
        return self.state is not State.LOCKED
