"""Every moderator of the plan with every outcome, one by one (METHODS sections 5, 7, 8, 9; CONTRACT `moderators.csv`).

Two steps: the models of each moderator, side by side (`moderator_models`), whose rows can be shown at once; then what
needs them all (`with_intervals`): resamples of the effect sizes and the adjustment for many tests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from core.availability import availability
from core.cohort import Cohort
from core.main_effects import LEVEL, MODELS
from core.models.estimate import Estimate
from core.models.linear_mixed import LinearEstimate
from core.models.linear_mixed import note as words_of_fit
from core.moderators import effect_size
from core.moderators.interactions import (
    Interaction,
    Rows,
    WithinAcross,
    in_arm,
    interaction,
    interactions,
    predictors,
    two_stage_interaction,
    within_and_across,
)
from core.moderators.intervals import limits_of_sizes, used_by
from core.moderators.multiplicity import benjamini_hochberg, bonferroni, holm
from core.moderators.resampled import ResampledLimits
from core.moderators.values import ModeratorValues, Term, moderator_values
from core.plan import Plan
from core.progress import Progress, silent
from core.results import NOT_ASKED, Availability, ModelName, ModeratorEffect
from core.workers import Workers, run_each, unheard

FEW_STUDIES = 2
"""On one side of a study-level comparison: so few that one trial decides."""


@dataclass(frozen=True)
class Pair:
    """An outcome and a moderator, as places among the cohort's and the plan's."""

    outcome: int
    moderator: int
    label: str = ""

    def __str__(self) -> str:
        return self.label


def moderator_models(cohort: Cohort, plan: Plan, workers: int | Workers = 1, progress: Progress = silent,
                     finished: Callable[[tuple[ModeratorEffect, ...]], None] = unheard) -> tuple[ModeratorEffect, ...]:
    """Rows of all moderators, in the order of the plan, for each outcome; `finished` hears those of each pair when they
    are there. Still without r's limits and the adjustment for many tests.
    """
    pairs = [Pair(outcome, place, f"Interactions: {values.outcome.name}, {moderator.name}")
             for outcome, values in enumerate(cohort.outcomes) for place, moderator in enumerate(plan.moderators)]
    found = run_each(partial(_models_of, cohort, plan, availability(cohort, plan)), pairs, workers, progress,
                     finished=finished)
    return tuple(row for own in found for row in own)


def with_intervals(rows: Sequence[ModeratorEffect], cohort: Cohort, plan: Plan, workers: int | Workers = 1,
                   progress: Progress = silent) -> tuple[ModeratorEffect, ...]:
    """The same rows with the limits of r and adjusted p or q. The same for any number of workers."""
    limits = limits_of_sizes(cohort, plan, workers, progress)
    return tuple(adjusted([_with_limits(row, limits.get((row.outcome, row.moderator))) for row in rows], plan))


# --- models ---------------------------------------------------------------------------------------------------------


def _models_of(cohort: Cohort, plan: Plan, tiers: Sequence[Availability], pair: Pair,
               progress: Progress) -> tuple[ModeratorEffect, ...]:
    moderator, values, tier = plan.moderators[pair.moderator], cohort.outcomes[pair.outcome], tiers[pair.moderator]
    empty = [ModeratorEffect(values.outcome.name, moderator.name, moderator.level, moderator.kind, tier.tier, model)
             for model in MODELS]
    analyzed = moderator_values(cohort, moderator)
    if tier.tier == "none":
        return tuple(replace(row, note=_untested(tier, plan)) for row in empty)
    if not analyzed.terms:
        return tuple(replace(row, note=f"{analyzed.reason} {analyzed.note}".strip()) for row in empty)
    rows = Rows.of(values.standardized, cohort.treatment, cohort.study, analyzed.terms)
    if not len(rows.y):
        return tuple(replace(row, note="No patient has both the outcome and the moderator.") for row in empty)
    progress(0.0, pair.label)
    return tuple(_rows_of(cohort, plan, analyzed, pair, rows, empty))


def _rows_of(cohort: Cohort, plan: Plan, analyzed: ModeratorValues, pair: Pair, rows: Rows,
             empty: Sequence[ModeratorEffect]) -> list[ModeratorEffect]:
    df, values = plan.model.df, cohort.outcomes[pair.outcome]
    predictor, active, control = predictors(rows, df), in_arm(rows, 1, df), in_arm(rows, 0, df)
    is_single, is_between = len(analyzed.terms) == 1, _is_between(analyzed, rows)
    parts = within_and_across(rows, df) if is_single and not is_between else WithinAcross()
    stages = _two_stage(rows) if is_single and not is_between else {}
    spread = float(values.primary[values.has].std(ddof=1)) if values.has.sum() > 1 else float("nan")
    caution = _caution(analyzed, rows)
    sizes = [_sizes(values.primary, cohort, analyzed, term) for term in analyzed.terms]
    found: list[ModeratorEffect] = []
    for row in empty:
        fitted = interactions(rows, row.model, df, plan.model.ci)
        told = replace(row, n=len(rows.y), k=len(np.unique(rows.study)),
                       note=" ".join(filter(None, (fitted.reason, analyzed.note, _boundary_words(fitted), caution))),
                       boundary=" ".join(fitted.fitted.record.boundary) if fitted.fitted else "")
        if fitted.joint is not None:
            joint = fitted.joint
            found.append(replace(told, p=joint.p, df=joint.df2, engines_note=NOT_ASKED,
                                 statistic=f"F({joint.df1}, {joint.df2:.1f}) = {joint.f:.2f}"))
        elif not is_single:
            found.append(told)
        for place, term in enumerate(analyzed.terms):
            here = replace(told, moderator=term.name, **stages, **(sizes[place] if fitted.fitted else {}))
            here = replace(here, **_cells("predictor", predictor[place]), **_cells("active", active[place]),
                           **_cells("control", control[place]), **_cells("within", parts.within),
                           **_cells("across", parts.across), **_cells("difference", parts.difference))
            if is_between and row.model == "recommended" and fitted.effects:
                here = replace(here, **_cells("across", fitted.effects[place]))
            found.append(_with_estimate(here, fitted, place, term, spread))
    return found


def _is_between(analyzed: ModeratorValues, rows: Rows) -> bool:
    """Whether trials are compared, not patients: by its level, or because it varies in no study."""
    return analyzed.moderator.level == "study" or (rows.are_between and len(np.unique(rows.study)) > 1)


def _with_estimate(row: ModeratorEffect, fitted: Interaction, place: int, term: Term,
                   spread: float) -> ModeratorEffect:
    effect = fitted.effects[place] if fitted.effects else None
    if effect is None or fitted.fitted is None:
        return row
    own, to_raw = effect.cells(), spread / term.unit
    record = fitted.fitted.record
    return replace(row, beta=own["estimate"], se=own["se"], df=own["df"], ci_low=own["ci_low"], ci_high=own["ci_high"],
                   p=own["p"], beta_raw=effect.value * to_raw, se_raw=(own["se"] or 0.0) * to_raw,
                   r_parametric=effect_size.parametric(effect.value, fitted.slopes[place], record.sigma2, term.spread),
                   engines_note=NOT_ASKED)


def _sizes(y: np.ndarray, cohort: Cohort, analyzed: ModeratorValues, term: Term) -> dict[str, Any]:
    """r over all pairs and over pairs within studies; of a contrast among the patients of its two levels."""
    used = used_by(y, analyzed, term)
    is_active = cohort.treatment[used] == 1
    sizes = (effect_size.effect_size(y[used], term.values[used], is_active),
             effect_size.within_studies(y[used], term.values[used], is_active, cohort.study[used]))
    return {name: None if np.isnan(size) else size for name, size in zip(("r", "r_within"), sizes, strict=True)}


def _cells(name: str, effect: Estimate | None) -> dict[str, Any]:
    own = None if effect is None else effect.cells()
    return {f"{name}_beta": own and own["estimate"], f"{name}_se": own and own["se"], f"{name}_p": own and own["p"]}


def _two_stage(rows: Rows) -> dict[str, Any]:
    pooled = two_stage_interaction(rows)
    return {"two_stage_beta": pooled.estimate, "two_stage_low": pooled.ci_low, "two_stage_high": pooled.ci_high,
            "two_stage_k": pooled.k, "two_stage_tau2": pooled.tau2, "two_stage_i2": pooled.i2,
            "two_stage_prediction_low": pooled.prediction_low, "two_stage_prediction_high": pooled.prediction_high}


# --- the second engine ----------------------------------------------------------------------------------------------


def fit_again(cohort: Cohort, plan: Plan, row: ModeratorEffect) -> tuple[LinearEstimate, Rows, str] | None:
    """The estimate of a row as the models gave it, the patients it rests on, and its coefficient's name; None for a
    joint test, and where there is none.
    """
    name = row.moderator.split(":")[0]
    moderator = next((one for one in plan.moderators if one.name in (row.moderator, name)), None)
    values = next((one for one in cohort.outcomes if one.outcome.name == row.outcome), None)
    if row.beta is None or moderator is None or values is None:
        return None
    terms = moderator_values(cohort, moderator).terms
    rows = Rows.of(values.standardized, cohort.treatment, cohort.study, terms)
    fitted = interactions(rows, row.model, plan.model.df, "t")
    place = rows.names.index(row.moderator)
    if fitted.fitted is None or fitted.effects[place] is None:
        return None
    estimate = LinearEstimate(LEVEL, row.n, row.k, effect=fitted.effects[place], fit=fitted.fitted.record)
    return estimate, rows, interaction(row.moderator)


# --- words ----------------------------------------------------------------------------------------------------------


def _untested(tier: Availability, plan: Plan) -> str:
    if tier.reason and tier.n:
        return "Not tested, as the plan says."
    share, least = 100 * tier.share, 100 * plan.tiers.tier2
    return f"Not tested: {share:.1f} % of the patients have it; Tier 2 begins at {least:g} %."


def _boundary_words(fitted: Interaction) -> str:
    return words_of_fit(fitted.fitted.record) if fitted.fitted else ""


def _caution(analyzed: ModeratorValues, rows: Rows) -> str:
    """What a reader must know of how the patients stand to the studies."""
    k = len(np.unique(rows.study))
    if not _is_between(analyzed, rows):
        return ""
    told = "" if analyzed.moderator.level == "study" else "It is the same for all patients of a study. "
    told += f"Between {k} studies only: trials are compared, not patients."
    if analyzed.moderator.kind == "binary":
        sides = [len(np.unique(rows.study[rows.terms[0] == side])) for side in (0, 1)]
        if min(sides) <= FEW_STUDIES:
            told += f" One side rests on {min(sides)} {'study' if min(sides) == 1 else 'studies'}."
    return told


# --- what needs all rows --------------------------------------------------------------------------------------------


def _with_limits(row: ModeratorEffect, limits: ResampledLimits | None) -> ModeratorEffect:
    if limits is None or row.r is None:
        return row
    return replace(row, r_low=limits.low, r_high=limits.high, r_failed=limits.failed,
                   note=f"{row.note} {limits.note}".strip())


def adjusted(rows: Sequence[ModeratorEffect], plan: Plan) -> list[ModeratorEffect]:
    """Rows with adjusted p (Tier 1) or q (Tier 2) within their family; contrasts are not counted beside their test. The
    contrast of a category with two levels is its test.
    """
    names = {moderator.name for moderator in plan.moderators}
    contrasts = Counter(_whose(row) for row in rows if row.moderator not in names)
    families: dict[tuple[str, ModelName, str], list[int]] = {}
    for place, row in enumerate(rows):
        is_test = row.moderator in names or contrasts[_whose(row)] == 1
        if row.p is not None and is_test:
            timepoint = "" if plan.family == "all_timepoints" else row.outcome
            families.setdefault((timepoint, row.model, row.tier), []).append(place)
    found = list(rows)
    for (_, _, tier), places in families.items():
        p = [float(rows[place].p or 0.0) for place in places]
        adjust = benjamini_hochberg if tier == "2" else holm if plan.multiplicity == "holm" else bonferroni
        for place, value in zip(places, adjust(p), strict=True):
            changed = {"q" if tier == "2" else "p_adjusted": float(value)}
            found[place] = replace(rows[place], family=len(places), **changed)  # type: ignore[arg-type]
    return found


def _whose(row: ModeratorEffect) -> tuple[str, ModelName, str]:
    """The test that a contrast belongs to."""
    return row.outcome, row.model, row.moderator.split(":")[0]
