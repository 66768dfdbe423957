"""Combined moderators: every set of the plan with every outcome, as published and held out (METHODS section 10;
CONTRACT `combined.csv`, `combined_weights.csv`).

Two rounds of independent pieces: the weights of each set, with patients and studies held out; then resamples and
permutations, in pieces of a fixed size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from core.cohort import Cohort
from core.combined_results import CombinedEffect, CombinedWeight, Fifth, HeldOutStudy
from core.models.moments import Array
from core.models.percentiles import percentile_limits
from core.models.streams import stream
from core.moderators.crossing import Lines, crossing, fifths, lines_over, resampled_crossings
from core.moderators.effect_size import effect_size
from core.moderators.flexible import Judged, forests, judged, pooled
from core.moderators.interactions import LEVEL
from core.moderators.members import SetRows, set_rows
from core.moderators.penalized import alpha_of
from core.moderators.resampled import drawing, limits_of, resampled
from core.moderators.set_costs import set_origin
from core.moderators.validation import (
    Fitted,
    NullModel,
    fitted,
    null_correlations,
    null_model,
    pearson,
    refitted,
    scores,
)
from core.plan import Plan
from core.progress import Progress, silent, subrange
from core.protocol import Protocol
from core.workers import Workers, run_each, shared

CHUNK = 250
"""Replicates done together: fixed, so that no number depends on how many processes there are."""
FORESTS = 10
"""Forests of the flexible learner grown together."""
ENOUGH = 0.9
NOTHING = "No usable combination: the chosen penalty leaves no moderator in."
ASSUMED = "The publication does not name the members of this set; they are assumed."

NO_LINES = Lines()


@dataclass(frozen=True)
class SetFit:
    """A set's weights, held out as well, and what follows from them at once; `score` (n,) is z-scored M*, None for an
    empty model.
    """

    rows: SetRows
    found: Fitted
    r_pearson: float
    null: NullModel
    score: Array | None = field(default=None, repr=False)
    r: float | None = None
    lines: Lines = NO_LINES


@dataclass(frozen=True)
class _Piece:
    """One piece of the second round, of one set or of sets that the same patients have."""

    kind: str
    fits: tuple[SetFit, ...]
    first: int = 0
    last: int = 0

    def __str__(self) -> str:
        one = self.fits[0].rows
        counted = f", {self.first + 1} to {self.last}" if self.last else ""
        return f"Combined moderators: {one.outcome}, set {one.name}, {self.kind}{counted}"


@dataclass(frozen=True)
class _Resamples:
    """Of one set: r (B,), weights (B, p) and crossing points (B,)."""

    r: Array
    weights: Array
    crossings: Array


def combined_effects(cohort: Cohort, plan: Plan, protocol: Protocol | None = None, workers: int | Workers = 1,
                     progress: Progress = silent) -> tuple[CombinedEffect, ...]:
    """A record for each outcome and set, in the order of the plan; one more for a set without its study-level members.

    The same for any number of workers. A set that cannot be judged is a record with its reason.
    """
    asked = [rows for outcome in range(len(cohort.outcomes)) for one in plan.sets
             for rows in set_rows(cohort, plan, protocol, one, outcome)]
    usable = [rows for rows in asked if not rows.reason]
    with shared(workers) as processes:
        fits = run_each(partial(_fit, plan), usable, processes, subrange(progress, 0.0, 0.4),
                        lambda rows: f"Combined moderators: {rows.outcome}, set {rows.name}")
        pieces = _pieces(fits, plan)
        found = run_each(partial(_piece, plan), pieces, processes, subrange(progress, 0.4, 1.0))
    marked = {one.name for one in plan.sets if set_origin(one, protocol) == "assumed"}
    by_set = {(fit.rows.outcome, fit.rows.name): fit for fit in fits}
    records = []
    for rows in asked:
        fit = by_set.get((rows.outcome, rows.name))
        record = _empty(rows, plan) if fit is None else _record(fit, plan, pieces, found)
        own = (ASSUMED,) if rows.name in marked else ()
        records.append(replace(record, note=" ".join(filter(None, (record.note, *rows.notes, *own)))))
    return tuple(records)


# --- pieces ---------------------------------------------------------------------------------------------------------


def _fit(plan: Plan, rows: SetRows, progress: Progress) -> SetFit:
    found = fitted(rows, alpha_of(plan.combined), plan.combined.folds, plan.seed, progress)
    weights = found.weights
    fit = SetFit(rows, found, pearson(rows, weights),
                 null_model(rows) if plan.combined.permutations else NullModel())
    raw = scores(rows.x, weights)
    if not weights.any() or not np.ptp(raw) > 0:
        return fit
    score = (raw - raw.mean()) / raw.std(ddof=1)
    size = effect_size(rows.y, score, rows.is_active)
    return replace(fit, score=score, r=None if np.isnan(size) else size, lines=lines_over(rows, score))


def _pieces(fits: Sequence[SetFit], plan: Plan) -> list[_Piece]:
    together: dict[tuple[str, str], list[SetFit]] = {}
    for fit in fits:
        together.setdefault((fit.rows.outcome, fit.rows.who), []).append(fit)
    pieces = [_Piece("resamples", tuple(own), first, last) for own in together.values()
              for first, last in _chunks(plan.bootstrap.replicates)]
    pieces += [_Piece("permutations", (fit,), first, last) for fit in fits if not fit.null.reason
               for first, last in _chunks(plan.combined.permutations)]
    if plan.combined.flexible:
        pieces += [_Piece("flexible learner", (fit,), first, last) for fit in fits
                   for first, last in _chunks(forests(fit.rows, plan.combined.folds), FORESTS)]
    return pieces


def _chunks(total: int, size: int = CHUNK) -> list[tuple[int, int]]:
    return [(first, min(first + size, total)) for first in range(0, total, size)]


def _piece(plan: Plan, piece: _Piece, progress: Progress) -> Array | tuple[_Resamples, ...] | list[Judged]:
    alpha, folds, which = alpha_of(plan.combined), plan.combined.folds, range(piece.first, piece.last)
    progress(0.0, str(piece))
    if piece.kind == "resamples":
        return _resamples(piece.fits, plan, alpha, which, progress)
    fit = piece.fits[0]
    if piece.kind == "flexible learner":
        return judged(fit.rows, folds, plan.seed, which, progress)
    return null_correlations(fit.rows, fit.null, alpha, folds, plan.seed, which, progress)


def _resamples(fits: tuple[SetFit, ...], plan: Plan, alpha: float | None, which: range,
               progress: Progress) -> tuple[_Resamples, ...]:
    """Of all sets that the same patients have: they share the draws, and the ranks of the outcome."""
    rows, unit = fits[0].rows, plan.bootstrap.unit

    def random(replicate: int) -> np.random.Generator:
        return stream(plan.seed, "combined", rows.outcome, rows.who, replicate)

    judged = [fit.score for fit in fits if fit.score is not None]
    sizes = resampled(rows.y, judged, rows.is_active, rows.study, unit, which, random, progress)
    draw = drawing(rows.study, rows.is_active, unit)
    drawn = np.array([draw(random(replicate)) for replicate in which])
    column = iter(sizes.T)
    nothing = np.full(len(which), np.nan)
    return tuple(
        _Resamples(nothing if fit.score is None else next(column), refitted(fit.rows, alpha, fit.found.lambda_, drawn),
                   nothing if fit.score is None else resampled_crossings(fit.rows, fit.score, drawn, fit.lines))
        for fit in fits)


# --- records --------------------------------------------------------------------------------------------------------


def _empty(rows: SetRows, plan: Plan) -> CombinedEffect:
    alpha = alpha_of(plan.combined)
    return CombinedEffect(rows.outcome, rows.name, rows.n, rows.k, plan.combined.penalty, alpha, note=rows.reason,
                          n_active=int(rows.is_active.sum()), n_control=int((~rows.is_active).sum()))


def _record(fit: SetFit, plan: Plan, pieces: Sequence[_Piece], found: Sequence[Any]) -> CombinedEffect:
    own = [(piece, found[place], next(i for i, one in enumerate(piece.fits) if one is fit))
           for place, piece in enumerate(pieces) if any(one is fit for one in piece.fits)]
    resamples = [result[place] for piece, result, place in own if piece.kind == "resamples"]
    null = [result for piece, result, _ in own if piece.kind == "permutations"]
    record = replace(_empty(fit.rows, plan), lambda_=fit.found.lambda_, r_pearson=fit.r_pearson, r=fit.r,
                     is_empty=fit.score is None, weights=_weights(fit, resamples))
    record = _with_null(_with_held_out(record, fit), fit, null)
    if grown := [one for piece, result, _ in own if piece.kind == "flexible learner" for one in result]:
        free = pooled(fit.rows, plan.combined.folds, grown)
        record = replace(record, r_flexible_leave_study_out=free.r_studies, r_flexible_cv=free.r_folds)
    if fit.score is None:
        return replace(record, note=f"{NOTHING} {record.note}".strip())
    sizes = _joined(resamples, "r")
    limits = limits_of(sizes, LEVEL)
    at = crossing(fit.rows, fit.score, fit.lines, _joined(resamples, "crossings"))
    failed = f"{limits.failed} bootstrap replicates have no r." if limits.failed else ""
    return replace(record, r_low=limits.low, r_high=limits.high, r_failed=limits.failed, **fit.lines.cells(),
                   **at.cells, note=" ".join(filter(None, (record.note, *at.notes, failed))))


def _joined(resamples: Sequence[_Resamples], of: str) -> Array:
    return np.concatenate([getattr(one, of) for one in resamples]) if resamples else np.zeros(0)


def _weights(fit: SetFit, resamples: Sequence[_Resamples]) -> tuple[CombinedWeight, ...]:
    again = np.concatenate([one.weights for one in resamples]) if resamples else np.zeros((0, len(fit.found.weights)))
    weights = []
    for place, (member, weight) in enumerate(zip(fit.rows.members, fit.found.weights, strict=True)):
        known = again[np.isfinite(again[:, place]), place]
        low, high, _ = percentile_limits(again[:, place], LEVEL, ENOUGH)
        weights.append(CombinedWeight(member.name, member.level, float(weight), float(weight) / member.unit,
                                      float((known != 0).mean()) if len(known) else None, low, high))
    return tuple(weights)


def _with_held_out(record: CombinedEffect, fit: SetFit) -> CombinedEffect:
    rows, outside = fit.rows, fit.found
    return replace(record, r_cv=outside.r_folds, r_leave_study_out=outside.r_studies,
                   studies=tuple(HeldOutStudy(rows.study_names[code], active, control, r)
                                 for code, active, control, r in outside.studies),
                   fifths=tuple(Fifth(**part) for part in fifths(rows, outside.predicted, outside.moved)))


def _with_null(record: CombinedEffect, fit: SetFit, null: Sequence[Array]) -> CombinedEffect:
    if fit.null.reason:
        return replace(record, note=f"{record.note} No permutations: {fit.null.reason}".strip())
    if not null:
        return replace(record, note=f"{record.note} No permutations in the plan, so no p.".strip())
    values = np.concatenate(null)
    p = (1 + int((values >= fit.r_pearson).sum())) / (len(values) + 1)
    return replace(record, p_permutation=p, null=tuple(float(one) for one in values),
                   null_high=float(np.quantile(values, LEVEL)))
