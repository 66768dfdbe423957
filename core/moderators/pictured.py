"""What the figures of one moderator show: its patients, each arm's line, the benefit and each study's own estimate.

Lines and benefit are those of the published model (METHODS section 5) in units of the outcome; limits are t intervals
of the mean line, the study intercepts at their mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from core.cohort import Cohort, OutcomeValues
from core.errors import Where
from core.models.criterion import INTERCEPT
from core.models.linear_mixed import TREATMENT, Fitted, effect_of
from core.models.moments import Array, Places
from core.models.two_stage import PooledEstimate, pool, study_differences
from core.moderators.interactions import LEVEL, Rows, interaction, interactions, study_interaction
from core.moderators.values import ModeratorValues, moderator_values
from core.plan import Moderator, Plan
from core.pooled_columns import numeric_column

STEPS = 41
"""Places along a continuous moderator."""


@dataclass(frozen=True)
class Curve:
    """Estimates with limits, all (g,), at places (g,) of the moderator as measured, or of its levels."""

    at: Array = field(repr=False)
    value: Array = field(repr=False)
    low: Array = field(repr=False)
    high: Array = field(repr=False)


@dataclass(frozen=True)
class Pictured:
    """One moderator and outcome: n patients (n,) who have both, and what the model says of them.

    `place` is the moderator as measured or the place of the patient's level; `levels` are empty where it is continuous.
    """

    moderator: Moderator
    outcome: OutcomeValues = field(repr=False)
    place: Array = field(repr=False)
    value: Array = field(repr=False)
    treatment: Array = field(repr=False)
    study: Places = field(repr=False)
    study_names: tuple[str, ...]
    levels: tuple[str, ...]
    active: Curve
    control: Curve
    benefit: Curve

    @property
    def is_log(self) -> bool:
        """Whether the model is linear in the moderator's logarithm."""
        return self.moderator.transform == "log" and not self.levels

    def shown(self, fewest: int) -> np.ndarray:
        """Which patients may be drawn, boolean (n,): those of a study's arm, and of an arm's level, with at least so
        many patients.
        """
        cells = [np.ravel_multi_index((self.study, self.treatment.astype(int)), (len(self.study_names), 2))]
        if self.levels:
            cells.append((2 * self.place + self.treatment).astype(int))
        return np.logical_and.reduce([np.bincount(cell)[cell] >= fewest for cell in cells])


def pictured(cohort: Cohort, plan: Plan, outcome: str, name: str) -> Pictured | str:
    """What to show of the moderator `name` ("name:level" means all its levels), or why there is nothing to show."""
    found = _found(cohort, plan, outcome, name)
    if isinstance(found, str):
        return found
    values, analyzed = found
    rows = Rows.of(values.primary, cohort.treatment, cohort.study, analyzed.terms)
    fitted = interactions(rows, "published", plan.model.df, "t")
    if fitted.fitted is None:
        return fitted.reason
    used = values.has & np.logical_and.reduce([~np.isnan(term.values) for term in analyzed.terms])
    place, levels = _places(cohort, analyzed, used)
    at = np.arange(len(levels), dtype=float) if levels else _grid(place, analyzed.moderator.transform == "log")
    terms = np.eye(len(levels))[:, 1:] if levels else scores_at(at, place, rows.terms[0], analyzed)[:, None]

    def curve(intercept: float, treatment: float, slope: float) -> Curve:
        return curve_of(fitted.fitted, rows.names, at, terms, intercept, treatment, slope)  # type: ignore[arg-type]

    return Pictured(analyzed.moderator, values, place, rows.y, rows.treatment, rows.study, cohort.study_names, levels,
                    curve(1, 1, 1), curve(1, 0, 1), curve(0, 1, 0))


def _found(cohort: Cohort, plan: Plan, outcome: str, name: str) -> tuple[OutcomeValues, ModeratorValues] | str:
    names = (name, name.split(":")[0])
    moderator = next((one for one in plan.moderators if one.name in names), None)
    values = next((one for one in cohort.outcomes if one.outcome.name == outcome), None)
    if moderator is None or values is None:
        return "The plan does not name it."
    analyzed = moderator_values(cohort, moderator)
    return (values, analyzed) if analyzed.terms else analyzed.reason


def _places(cohort: Cohort, analyzed: ModeratorValues, used: np.ndarray) -> tuple[Array, tuple[str, ...]]:
    """Where each patient used stands, and the names of levels: the reference first, then those of the terms."""
    terms = np.array([term.values[used] for term in analyzed.terms])
    if analyzed.moderator.kind == "continuous":
        return numeric_column(cohort.frame, analyzed.moderator.name, Where(file="the pooled table"))[used], ()
    places = (terms * np.arange(1, len(terms) + 1)[:, None]).sum(axis=0)
    if analyzed.moderator.kind == "binary":
        return places, ("0", "1")
    return places, (analyzed.reference, *(term.name.partition(":")[2] for term in analyzed.terms))


def _grid(place: Array, is_log: bool) -> Array:
    low, high = float(place.min()), float(place.max())
    return np.geomspace(low, high, STEPS) if is_log else np.linspace(low, high, STEPS)


def scores_at(at: Array, place: Array, scores: Array, analyzed: ModeratorValues) -> Array:
    """Places along the moderator as the model knows them: z-scores are a straight line of the measured value, or of
    its logarithm.
    """
    scale = np.log if analyzed.moderator.transform == "log" else np.asarray
    slope, start = np.polyfit(scale(place), scores, 1)
    return np.asarray(start + slope * scale(at), dtype=float)


def curve_of(fitted: Fitted, names: Sequence[str], at: Array, terms: Array, intercept: float, treatment: float,
           slope: float) -> Curve:
    """Combinations of the coefficients: `intercept`, `treatment` and `slope` say which take part."""
    found = []
    for own in terms:
        line = np.zeros(fitted.model.p)
        line[fitted.place(INTERCEPT)], line[fitted.place(TREATMENT)] = intercept, treatment
        for name, value in zip(names, own, strict=True):
            line[fitted.place(name)], line[fitted.place(interaction(name))] = slope * value, treatment * value
        effect = effect_of(fitted, line, ci="t", level=LEVEL)
        found.append([np.nan] * 3 if effect is None or effect.interval is None else
                     [effect.value, effect.interval.low, effect.interval.high])
    value, low, high = np.array(found, dtype=float).T
    return Curve(at, value, low, high)


# --- studies --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StudyLine:
    """One study: its own interaction, or for a study-level moderator its own effect at its place of the moderator."""

    study: str
    n_active: int
    n_control: int
    place: float | None = None
    estimate: float | None = None
    se: float | None = None
    weight: float | None = None


def within_studies(cohort: Cohort, plan: Plan, outcome: str, name: str) -> tuple[tuple[StudyLine, ...],
                                                                                 PooledEstimate | None]:
    """Each study's own interaction (SD) of a moderator with one term, and their pool; of a study-level moderator each
    study's own effect. Nothing where there is no such thing.
    """
    found = _found(cohort, plan, outcome, name)
    if isinstance(found, str) or len(found[1].terms) != 1:
        return (), None
    values, analyzed = found
    rows = Rows.of(values.standardized, cohort.treatment, cohort.study, analyzed.terms)
    if analyzed.moderator.level == "study":
        place, _ = _places(cohort, analyzed, values.has & analyzed.has)
        return tuple(StudyLine(cohort.study_names[one.study], one.n_active, one.n_control,
                               float(place[rows.study == one.study].mean()), one.estimate, one.se)
                     for one in study_differences(rows.y, rows.treatment, rows.study)), None
    lines = [_own_line(cohort, rows, int(code)) for code in np.unique(rows.study)]
    pooled = pool([one.estimate for one in lines if one.estimate is not None],
                  [one.se for one in lines if one.se is not None])
    weights = iter(pooled.weights)
    return tuple(one if one.estimate is None else replace(one, weight=next(weights, None)) for one in lines), pooled


def _own_line(cohort: Cohort, rows: Rows, code: int) -> StudyLine:
    own = rows.study == code
    value, se = study_interaction(rows, own) or (None, None)
    active = int(rows.treatment[own].sum())
    return StudyLine(cohort.study_names[code], active, int(own.sum()) - active, None, value, se)
