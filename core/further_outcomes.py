"""Outcomes beside the primary one (anxiety, suicidal ideation): how far the primary set has them.

They never decide who is in the primary set; where the plan asks for them they get main effects, of the follow-up score
adjusted for baseline, because percent improvement is undefined where a baseline of zero is a good state.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.cohort import Cohort
from core.plan import Outcome, Plan, further_outcomes
from core.protocol import Protocol
from core.results import FurtherOutcome

ALL = "all studies"
"""The study of the row that counts them all."""


def completeness(cohort: Cohort, plan: Plan, protocol: Protocol | None) -> tuple[FurtherOutcome, ...]:
    """A record a study, then one of all, for each further outcome of the plan, and of the protocol where data have it.

    A study without the outcome has a record too: that is what a reader asks.
    """
    planned = {one.name for one in plan.further_outcomes}
    offered = [one for one in (further_outcomes(protocol) if protocol else ()) if one.name not in planned
               and {one.baseline, one.followup} & set(cohort.frame.columns)]
    return tuple(record for one in (*plan.further_outcomes, *offered)
                 for record in _of(cohort, one, one.name in planned))


def _of(cohort: Cohort, outcome: Outcome, in_plan: bool) -> list[FurtherOutcome]:
    followup = _has(cohort, outcome.value or outcome.followup)
    baseline = followup if outcome.value is not None else _has(cohort, outcome.baseline)
    whole = np.ones(cohort.n, dtype=bool)
    parts = [*((name, cohort.study == code) for code, name in enumerate(cohort.study_names)), (ALL, whole)]
    found = []
    for name, who in parts:
        n, both = int(who.sum()), int((who & baseline & followup).sum())
        found.append(FurtherOutcome(outcome.name, name, n, int((who & baseline).sum()), int((who & followup).sum()),
                                    both, both / n, in_plan))
    return found


def _has(cohort: Cohort, column: str | None) -> np.ndarray:
    """Which patients have a number, boolean (n,)."""
    if column not in cohort.frame:
        return np.zeros(cohort.n, dtype=bool)
    return pd.to_numeric(cohort.frame[column], errors="coerce").notna().to_numpy(dtype=bool)
