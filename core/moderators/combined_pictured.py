"""What the figure of patients along a combined moderator shows: M* made again from its weights, and the arms' lines."""

from __future__ import annotations

import numpy as np

from core.cohort import Cohort
from core.combined_results import CombinedEffect
from core.moderators.crossing import SCORE
from core.moderators.interactions import Rows, interactions
from core.moderators.members import SetRows, set_rows
from core.moderators.pictured import STEPS, Curve, Pictured, curve_of
from core.moderators.validation import scores
from core.plan import Moderator, Plan
from core.protocol import Protocol


def combined_pictured(cohort: Cohort, plan: Plan, protocol: Protocol | None, one: CombinedEffect) -> Pictured | str:
    """Patients along z-scored M* and the published model's lines, in units of the outcome, or why there are none.

    `protocol` is the one the weights were found with: it says what is never a member.
    """
    rows = _rows_of(cohort, plan, protocol, one)
    if rows is None:
        return "The patients are no longer those of the run."
    raw = scores(rows.x, np.array([weight.weight for weight in one.weights]))
    if not np.ptp(raw) > 0:
        return "M* is the same for all patients."
    score = (raw - raw.mean()) / raw.std(ddof=1)
    found = interactions(Rows(rows.y, rows.is_active.astype(float), rows.study, (SCORE,), score[None]), "published",
                         plan.model.df, "t")
    if found.fitted is None:
        return found.reason
    at = np.linspace(float(score.min()), float(score.max()), STEPS)

    def curve(intercept: float, treatment: float, slope: float) -> Curve:
        return curve_of(found.fitted, (SCORE,), at, at[:, None], intercept, treatment, slope)  # type: ignore[arg-type]

    outcome = next(values for values in cohort.outcomes if values.outcome.name == one.outcome)
    return Pictured(Moderator(name=SCORE), outcome, score, rows.y, rows.is_active.astype(float), rows.study,
                    rows.study_names, (), curve(1, 1, 1), curve(1, 0, 1), curve(0, 1, 0))


def _rows_of(cohort: Cohort, plan: Plan, protocol: Protocol | None, one: CombinedEffect) -> SetRows | None:
    """The set's patients, where they and its members are those of the record."""
    place = next((place for place, values in enumerate(cohort.outcomes) if values.outcome.name == one.outcome), None)
    if place is None:
        return None
    found = (rows for asked in plan.sets if one.set.startswith(asked.name)
             for rows in set_rows(cohort, plan, protocol, asked, place) if rows.name == one.set)
    members = [weight.moderator for weight in one.weights]
    return next((rows for rows in found if rows.n == one.n and [own.name for own in rows.members] == members), None)
