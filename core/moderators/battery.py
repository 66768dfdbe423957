"""Every moderator of the plan with every outcome, one by one (METHODS sections 5, 7, 8, 9; CONTRACT `moderators.csv`).

Three steps: the models of each moderator, side by side; resamples of its effect size, for all moderators of the same
patients together; then the adjustment for many tests, which needs all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from core.availability import availability
from core.cohort import Cohort
from core.main_effects import LEVEL, MODELS, codes_by_name, patients_key
from core.models.estimate import Estimate
from core.models.linear_mixed import LinearEstimate
from core.models.linear_mixed import note as words_of_fit
from core.models.streams import stream
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
from core.moderators.multiplicity import benjamini_hochberg, bonferroni, holm
from core.moderators.resampled import ResampledLimits, limits_of, resampled
from core.moderators.values import ModeratorValues, Term, moderator_values
from core.plan import Plan
from core.progress import Progress, silent, subrange
from core.results import NOT_ASKED, Availability, ModelName, ModeratorEffect
from core.workers import Workers, run_each

CHUNK = 100
"""Replicates a worker does at a time."""
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


def moderator_effects(cohort: Cohort, plan: Plan, workers: int | Workers = 1,
                      progress: Progress = silent) -> tuple[ModeratorEffect, ...]:
    """Rows of all moderators, in the order of the plan, for each outcome. The same for any number of workers."""
    pairs = [Pair(outcome, place, f"Moderators: {values.outcome.name}, {moderator.name}")
             for outcome, values in enumerate(cohort.outcomes) for place, moderator in enumerate(plan.moderators)]
    if not pairs:
        return ()
    tiers = availability(cohort, plan)
    found = run_each(partial(_models_of, cohort, plan, tiers), pairs, workers, subrange(progress, 0.0, 0.3))
    rows = [row for own in found for row in own]
    limits = _limits(cohort, plan, tiers, workers, subrange(progress, 0.3, 1.0))
    rows = [_with_limits(row, limits.get((row.outcome, row.moderator))) for row in rows]
    return tuple(_adjusted(rows, plan))


# --- models ---------------------------------------------------------------------------------------------------------


def _models_of(cohort: Cohort, plan: Plan, tiers: Sequence[Availability], pair: Pair,
               progress: Progress) -> list[ModeratorEffect]:
    moderator, values, tier = plan.moderators[pair.moderator], cohort.outcomes[pair.outcome], tiers[pair.moderator]
    empty = [ModeratorEffect(values.outcome.name, moderator.name, moderator.level, moderator.kind, tier.tier, model)
             for model in MODELS]
    analyzed = moderator_values(cohort, moderator)
    if tier.tier == "none":
        return [replace(row, note=_untested(tier, plan)) for row in empty]
    if not analyzed.terms:
        return [replace(row, note=f"{analyzed.reason} {analyzed.note}".strip()) for row in empty]
    rows = Rows.of(values.standardized, cohort.treatment, cohort.study, analyzed.terms)
    if not len(rows.y):
        return [replace(row, note="No patient has both the outcome and the moderator.") for row in empty]
    progress(0.0, pair.label)
    return _rows_of(cohort, plan, analyzed, pair, rows, empty)


def _rows_of(cohort: Cohort, plan: Plan, analyzed: ModeratorValues, pair: Pair, rows: Rows,
             empty: Sequence[ModeratorEffect]) -> list[ModeratorEffect]:
    df, values = plan.model.df, cohort.outcomes[pair.outcome]
    predictor, active, control = predictors(rows, df), in_arm(rows, 1, df), in_arm(rows, 0, df)
    is_single = len(analyzed.terms) == 1
    parts = within_and_across(rows, df) if is_single and analyzed.moderator.level == "patient" else WithinAcross()
    stages = _two_stage(rows) if is_single and analyzed.moderator.level == "patient" else {}
    spread = float(values.primary[values.has].std(ddof=1)) if values.has.sum() > 1 else float("nan")
    caution = _caution(analyzed, rows)
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
            here = replace(told, moderator=term.name, **stages, **_sizes(values.primary, cohort, analyzed, term))
            here = replace(here, **_cells("predictor", predictor[place]), **_cells("active", active[place]),
                           **_cells("control", control[place]), **_cells("within", parts.within),
                           **_cells("across", parts.across), **_cells("difference", parts.difference))
            found.append(_with_estimate(here, fitted, place, term, spread))
    return found


def _with_estimate(row: ModeratorEffect, fitted: Interaction, place: int, term: Term,
                   spread: float) -> ModeratorEffect:
    effect = fitted.effects[place] if fitted.effects else None
    if effect is None or fitted.fitted is None:
        return row
    own, to_raw = effect.cells(), spread / term.unit
    if row.level == "study" and row.model == "recommended":
        row = replace(row, **_cells("across", effect))
    record = fitted.fitted.record
    return replace(row, beta=own["estimate"], se=own["se"], df=own["df"], ci_low=own["ci_low"], ci_high=own["ci_high"],
                   p=own["p"], beta_raw=effect.value * to_raw, se_raw=(own["se"] or 0.0) * to_raw,
                   r_parametric=effect_size.parametric(effect.value, fitted.slopes[place], record.sigma2, term.spread),
                   engines_note=NOT_ASKED)


def _sizes(y: np.ndarray, cohort: Cohort, analyzed: ModeratorValues, term: Term) -> dict[str, Any]:
    """r over all pairs and over pairs within studies; of a contrast among the patients of its two levels."""
    used = _of_term(y, analyzed, term)
    is_active = cohort.treatment[used] == 1
    sizes = (effect_size.effect_size(y[used], term.values[used], is_active),
             effect_size.within_studies(y[used], term.values[used], is_active, cohort.study[used]))
    return {name: None if np.isnan(size) else size for name, size in zip(("r", "r_within"), sizes, strict=True)}


def _of_term(y: np.ndarray, analyzed: ModeratorValues, term: Term) -> np.ndarray:
    """Who is in the effect size of a term, boolean (n,)."""
    used = ~np.isnan(y) & ~np.isnan(term.values)
    for other in analyzed.terms:
        if other is not term:
            used &= other.values != 1
    return used


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
    if analyzed.moderator.level == "patient":
        return ""
    told = f"Between {k} studies only: trials are compared, not patients."
    if analyzed.moderator.kind == "binary":
        sides = [len(np.unique(rows.study[rows.terms[0] == side])) for side in (0, 1)]
        if min(sides) <= FEW_STUDIES:
            told += f" One side rests on {min(sides)} {'study' if min(sides) == 1 else 'studies'}."
    return told


# --- resamples ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Chunk:
    """Some replicates of the terms (outcome's place, (moderator's place, term's place)) of the same patients."""

    outcome: int
    terms: tuple[tuple[int, int], ...]
    first: int
    last: int

    def __str__(self) -> str:
        return f"Moderators: effect size r, replicates {self.first + 1} to {self.last}"


def _limits(cohort: Cohort, plan: Plan, tiers: Sequence[Availability], workers: int | Workers,
            progress: Progress) -> dict[tuple[str, str], ResampledLimits]:
    """Intervals of r by outcome and term."""
    analyzed = [moderator_values(cohort, moderator) if tier.tier != "none" else ModeratorValues(moderator)
                for moderator, tier in zip(plan.moderators, tiers, strict=True)]
    groups: dict[tuple[int, bytes], list[tuple[int, int]]] = {}
    for outcome, values in enumerate(cohort.outcomes):
        for place, one in enumerate(analyzed):
            for index, term in enumerate(one.terms):
                used = _of_term(values.primary, one, term)
                if used.any():
                    groups.setdefault((outcome, used.tobytes()), []).append((place, index))
    total = plan.bootstrap.replicates
    chunks = [_Chunk(outcome, tuple(terms), first, min(first + CHUNK, total))
              for (outcome, _), terms in groups.items() for first in range(0, total, CHUNK)]
    found = run_each(partial(_resampled_chunk, cohort, plan), chunks, workers, progress)
    parts: dict[tuple[int, int, int], list[np.ndarray]] = {}
    for chunk, sizes in zip(chunks, found, strict=True):
        for column, (place, index) in enumerate(chunk.terms):
            parts.setdefault((chunk.outcome, place, index), []).append(sizes[:, column])
    return {(cohort.outcomes[outcome].outcome.name, analyzed[place].terms[index].name):
            limits_of(np.concatenate(sizes), LEVEL) for (outcome, place, index), sizes in parts.items()}


def _resampled_chunk(cohort: Cohort, plan: Plan, chunk: _Chunk, progress: Progress) -> np.ndarray:
    values = cohort.outcomes[chunk.outcome]
    analyzed = {place: moderator_values(cohort, plan.moderators[place]) for place, _ in chunk.terms}
    terms = [analyzed[place].terms[index] for place, index in chunk.terms]
    used = np.flatnonzero(_of_term(values.primary, analyzed[chunk.terms[0][0]], terms[0]))
    used = used[canonical_order(cohort, plan, used)]
    mask = np.zeros(cohort.n, dtype=bool)
    mask[used] = True
    who = hashlib.sha256(patients_key(cohort, mask, plan).encode()).hexdigest()
    key = ("r", values.outcome.name, who)
    return resampled(values.primary[used], [term.values[used] for term in terms], cohort.treatment[used] == 1,
                     codes_by_name(cohort)[used], plan.bootstrap.unit, range(chunk.first, chunk.last),
                     lambda replicate: stream(plan.seed, *key, replicate), progress)


def canonical_order(cohort: Cohort, plan: Plan, used: np.ndarray) -> np.ndarray:
    """The order (n,) of patients by study, arm and id, so that no draw depends on the order of the table."""
    column = plan.columns.patient
    ids = (cohort.frame[column].astype(str).to_numpy(dtype=object)[used] if column in cohort.frame
           else np.full(len(used), ""))
    names = np.array(cohort.study_names, dtype=object)[cohort.study[used]]
    keys = list(zip(names, cohort.treatment[used], ids, range(len(used)), strict=True))
    return np.array(sorted(range(len(used)), key=keys.__getitem__), dtype=np.intp)


def _with_limits(row: ModeratorEffect, limits: ResampledLimits | None) -> ModeratorEffect:
    if limits is None or row.r is None:
        return row
    note = row.note
    if limits.failed:
        note = f"{note} {limits.failed} bootstrap replicates have no r.".strip()
    return replace(row, r_low=limits.low, r_high=limits.high, r_failed=limits.failed, note=note)


# --- many tests -----------------------------------------------------------------------------------------------------


def _adjusted(rows: Sequence[ModeratorEffect], plan: Plan) -> list[ModeratorEffect]:
    """Rows with adjusted p (Tier 1) or q (Tier 2) within their family; contrasts are not counted beside their test."""
    names = {moderator.name for moderator in plan.moderators}
    families: dict[tuple[str, ModelName, str], list[int]] = {}
    for place, row in enumerate(rows):
        if row.p is not None and row.moderator in names:
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
