"""What the figure of patients along a combined moderator shows: M* made again from its weights, and the arms' lines."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.cohort import Cohort
from core.combined_results import CombinedEffect
from core.models.linear_mixed import Fitted
from core.models.moments import Array
from core.moderators.crossing import SCORE
from core.moderators.interactions import Rows, interactions
from core.moderators.members import SetRows, set_rows
from core.moderators.pictured import STEPS, Curve, Pictured, curve_of
from core.moderators.validation import scores
from core.plan import Moderator, Plan
from core.protocol import Protocol


@dataclass(frozen=True)
class Scored:
    """A record's set again: its patients, what their M* is made of, and the published model of it.

    `raw` (n,) is M* in units of the outcome, `score` (n,) z-scored; `fitted` is over the score, the outcome as it is.
    """

    rows: SetRows
    raw: Array = field(repr=False)
    fitted: Fitted = field(repr=False)

    @property
    def score(self) -> Array:
        """z-scored M*."""
        return self.z(self.raw)

    def z(self, raw: Array) -> Array:
        """Any M* in SD of these patients'."""
        return np.asarray((raw - self.raw.mean()) / self.raw.std(ddof=1))

    def curve(self, at: Array, intercept: float, treatment: float, slope: float) -> Curve:
        """What the model says at places (g,) of z-scored M*, as `curve_of`."""
        return curve_of(self.fitted, (SCORE,), at, at[:, None], intercept, treatment, slope)


def scored(cohort: Cohort, plan: Plan, protocol: Protocol | None, one: CombinedEffect) -> Scored | str:
    """A record's set again, or why it cannot be had.

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
    return found.reason if found.fitted is None else Scored(rows, raw, found.fitted)


def combined_pictured(cohort: Cohort, plan: Plan, protocol: Protocol | None, one: CombinedEffect) -> Pictured | str:
    """Patients along z-scored M* and the published model's lines, in units of the outcome, or why there are none."""
    found = scored(cohort, plan, protocol, one)
    if isinstance(found, str):
        return found
    rows, score = found.rows, found.score
    at = np.linspace(float(score.min()), float(score.max()), STEPS)
    outcome = next(values for values in cohort.outcomes if values.outcome.name == one.outcome)
    return Pictured(Moderator(name=SCORE), outcome, score, rows.y, rows.is_active.astype(float), rows.study,
                    rows.study_names, (), found.curve(at, 1, 1, 1), found.curve(at, 1, 0, 1), found.curve(at, 0, 1, 0))


def _rows_of(cohort: Cohort, plan: Plan, protocol: Protocol | None, one: CombinedEffect) -> SetRows | None:
    """The set's patients, where they and its members are those of the record."""
    place = next((place for place, values in enumerate(cohort.outcomes) if values.outcome.name == one.outcome), None)
    if place is None:
        return None
    found = (rows for asked in plan.sets if one.set.startswith(asked.name)
             for rows in set_rows(cohort, plan, protocol, asked, place) if rows.name == one.set)
    members = [weight.moderator for weight in one.weights]
    return next((rows for rows in found if rows.n == one.n and [own.name for own in rows.members] == members), None)
