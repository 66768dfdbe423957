"""How much of a combined moderator holds beyond the patients it was fitted to (METHODS section 10).

Whatever is left out, folds, studies or resamples, is made of patients, never of pairs, and every step is taken again
without it: scaling, weights, the choice of the penalty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from core.models.linear_mixed import RECOMMENDED, RESPONSE, TREATMENT, fit
from core.models.moments import Array, Flags, NotFinite, Places, from_rows
from core.models.streams import stream
from core.models.study_effects import residuals
from core.moderators.effect_size import effect_size
from core.moderators.members import FEWEST_STUDIES, SetRows
from core.moderators.pairs import Folded, arm_sums, folded
from core.moderators.penalized import Fits, chosen, fit_at
from core.progress import Progress, silent

REPEATS = 10
"""Of the cross-validation."""


def fold_codes(stratum: Places, folds: int, random: np.random.Generator) -> Places:
    """A fold (n,) for each patient: the patients of each stratum (n,) in random order, dealt out one by one."""
    order = np.lexsort((random.random(len(stratum)), stratum))
    codes = np.empty(len(stratum), dtype=np.intp)
    codes[order] = np.arange(len(stratum)) % folds
    return codes


def own_folds(rows: SetRows, folds: int, seed: int) -> Places:
    """The folds (n,) by which the penalty of the set itself is chosen, in the data and in every permutation of them."""
    return fold_codes(rows.stratum, folds, stream(seed, "combined folds", rows.outcome, rows.who))


def pearson(rows: SetRows, weights: Array) -> float:
    """Pearson's correlation of D and A of M* over all pairs, in closed form; 0 for weights (p,) that are all zero."""
    whole = arm_sums(rows.x, rows.y[None], rows.is_active, np.ones((1, rows.n))).moments()
    return float(whole.correlation(weights[:, None, None])[0, 0])


def scores(x: Array, weights: Array) -> Array:
    """M* (n,) of patients x (n, p). Equal patients have equal scores to the last digit."""
    return np.asarray((x * weights).sum(axis=1))


# --- patients and studies held out ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fitted:
    """Weights (p,) of all patients, per moderator z-scored in the set, at the penalty chosen; and r among patients whom
    other weights, fitted in the same way, have not seen. `studies` (code, patients in each arm, r) in turn left out,
    `r_studies` their pool, None for fewer than three; `r_folds` the mean over repeats; `predicted` (n,) each patient's
    difference between the arms, in units of the outcome, foretold without the patient (mean over repeats), and `moved`
    (n,) the part of it that the moderators make.
    """

    weights: Array
    lambda_: float
    studies: tuple[tuple[int, int, int, float | None], ...]
    r_studies: float | None
    r_folds: float | None
    predicted: Array = field(repr=False)
    moved: Array = field(repr=False)


def fitted(rows: SetRows, alpha: float | None, folds: int, seed: int, progress: Progress = silent) -> Fitted:
    """The set's weights, leave-one-study-out and ten times ten-fold cross-validation, all fits side by side."""
    codes, outer, inner = np.unique(rows.study), *_outer_and_inner(rows, folds, seed)
    by_study = _without_each_study(rows, codes, folds, seed)
    samples = np.concatenate([own_folds(rows, folds, seed)[None], by_study, inner])
    data = folded(rows.x, rows.y[None], rows.is_active, samples, folds)
    found = chosen(data, alpha, progress)
    weights, constant = found.weights[..., 0], _constants(data, found)
    studies = _studies_held_out(rows, codes[:len(by_study)], weights[:, 1:1 + len(by_study)])
    known = [(r, active * control) for _, active, control, r in studies if r is not None]
    first = 1 + len(by_study)
    r_folds, predicted, moved = _folds_held_out(rows, outer, weights[:, first:], constant[first:])
    return Fitted(weights[:, 0], float(found.lambda_[0, 0]), studies, by_pairs(known), r_folds, predicted, moved)


def _without_each_study(rows: SetRows, codes: Places, folds: int, seed: int) -> Places:
    """The folds (k, n) of the patients outside each study, -1 inside; none for fewer than three studies."""
    if len(codes) < FEWEST_STUDIES:
        return np.empty((0, rows.n), dtype=np.intp)
    inner = np.full((len(codes), rows.n), -1, dtype=np.intp)
    for place, code in enumerate(codes):
        kept = rows.study != code
        random = stream(seed, "combined study held out", rows.outcome, rows.who, rows.study_names[code])
        inner[place, kept] = fold_codes(rows.stratum[kept], folds, random)
    return inner


def held_out_folds(rows: SetRows, folds: int, seed: int, repeat: int) -> tuple[Places, np.random.Generator]:
    """The folds (n,) that a repeat of the cross-validation holds out, and what draws its further folds."""
    random = stream(seed, "combined cross-validation", rows.outcome, rows.who, repeat)
    return fold_codes(rows.stratum, folds, random), random


def _outer_and_inner(rows: SetRows, folds: int, seed: int) -> tuple[Places, Places]:
    """The folds (repeats, n) to be held out and, of the patients outside each, the folds (repeats x folds, n) by which
    the penalty is chosen, -1 inside.
    """
    outer = np.empty((REPEATS, rows.n), dtype=np.intp)
    inner = np.full((REPEATS, folds, rows.n), -1, dtype=np.intp)
    for repeat in range(REPEATS):
        outer[repeat], random = held_out_folds(rows, folds, seed, repeat)
        for fold in range(folds):
            kept = outer[repeat] != fold
            inner[repeat, fold, kept] = fold_codes(rows.stratum[kept], folds, random)
    return outer, inner.reshape(-1, rows.n)


def _constants(data: Folded, found: Fits) -> Array:
    """The constants (G,) of the predicted differences: x has the mean zero over all patients, from which the moments
    count, and the outcome's origin cancels.
    """
    whole = slice(None, None, 1 + data.folds)
    return np.asarray(data.train.mean_d[whole, 0]
                      - np.einsum("pg,pg->g", found.weights[..., 0], data.train.mean[:, whole]))


def _studies_held_out(rows: SetRows, codes: Places, weights: Array) -> tuple[tuple[int, int, int, float | None], ...]:
    found = []
    for place, code in enumerate(codes):
        own = rows.study == code
        active = int(rows.is_active[own].sum())
        control = int(own.sum()) - active
        r = _r_of(rows, own, weights[:, place]) if active and control else None
        found.append((int(code), active, control, r))
    return tuple(found)


def _folds_held_out(rows: SetRows, outer: Places, weights: Array, constant: Array) -> tuple[float | None, Array, Array]:
    """r, the mean over repeats, predicted differences (n,), and what of them the moderators make."""
    sizes, predicted, moved = list[float](), np.zeros(outer.shape), np.zeros(outer.shape)
    folds = weights.shape[1] // len(outer)
    for place, codes in enumerate(outer):
        known = []
        for fold in range(folds):
            own, group = codes == fold, place * folds + fold
            moved[place, own] = scores(rows.x[own], weights[:, group])
            predicted[place, own] = constant[group] + moved[place, own]
            if count := pairs_among(rows, own):
                known.append((_r_of(rows, own, weights[:, group]), count))
        if (size := by_pairs(known)) is not None:
            sizes.append(size)
    return float(np.mean(sizes)) if sizes else None, predicted.mean(axis=0), moved.mean(axis=0)


def _r_of(rows: SetRows, own: Flags, weights: Array) -> float:
    return r_among(rows, own, scores(rows.x[own], weights))


def r_among(rows: SetRows, own: Flags, score: Array) -> float:
    """Spearman's r of a score (m,) among some patients, boolean (n,); 0 where nothing sets them apart, as in an empty
    model.
    """
    size = effect_size(rows.y[own], score, rows.is_active[own])
    return 0.0 if np.isnan(size) else size


def pairs_among(rows: SetRows, own: Flags) -> int:
    """Pairs of an active and a control patient among some, boolean (n,)."""
    active = int(rows.is_active[own].sum())
    return active * (int(own.sum()) - active)


def by_pairs(known: Sequence[tuple[float, int]]) -> float | None:
    """The mean of r weighted by pairs, of (r, pairs); None of none."""
    return sum(r * size for r, size in known) / sum(size for _, size in known) if known else None


# --- no moderation --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NullModel:
    """The recommended model without interactions: `fixed` (n,) its fixed part, `residual` (n,) what is left beside the
    study's own line, and the SDs of study intercepts and of treatment effects; or the reason why there is none.
    """

    fixed: Array = field(default_factory=lambda: np.zeros(0), repr=False)
    residual: Array = field(default_factory=lambda: np.zeros(0), repr=False)
    intercept_sd: float = 0.0
    slope_sd: float = 0.0
    reason: str = ""


def null_model(rows: SetRows) -> NullModel:
    """y = T + x + u_s + v_s (T - 1/2) + e, fitted to the set's patients."""
    columns = {TREATMENT: rows.is_active.astype(float),
               **{member.name: rows.x[:, j] for j, member in enumerate(rows.members)}, RESPONSE: rows.y}
    fixed = [name for name in columns if name != RESPONSE]
    try:
        found = fit(from_rows(columns, rows.study), RESPONSE, fixed, RECOMMENDED)
    except NotFinite as fault:
        return NullModel(reason=str(fault))
    if isinstance(found, str):
        return NullModel(reason=found)
    left = residuals(found, columns, rows.study)
    # residuals beside the studies' own lines are smaller than sigma, by the lines' degrees of freedom
    size = float(np.sqrt(np.mean(left.conditional ** 2)))
    scale = float(np.sqrt(found.record.sigma2)) / size if size > 0 else 1.0
    return NullModel(rows.y - left.marginal, left.conditional * scale, float(np.sqrt(found.record.tau2 or 0.0)),
                     float(np.sqrt(found.record.slope_var or 0.0)))


def without_moderation(rows: SetRows, model: NullModel, random: np.random.Generator) -> Array:
    """An outcome (n,) as the null model has it: residuals shuffled within each study, study effects drawn anew."""
    code = np.unique(rows.study, return_inverse=True)[1]
    k = int(code.max()) + 1
    by_study = np.argsort(code, kind="stable")
    shuffled = np.empty(rows.n)
    shuffled[by_study] = model.residual[np.argsort(code + random.random(rows.n), kind="stable")]
    intercept = model.intercept_sd * random.standard_normal(k)
    slope = model.slope_sd * random.standard_normal(k)
    half = rows.is_active - 0.5
    return np.asarray(model.fixed + intercept[code] + slope[code] * half + shuffled)


def null_correlations(rows: SetRows, model: NullModel, alpha: float | None, folds: int, seed: int,
                      which: Sequence[int], progress: Progress = silent) -> Array:
    """Pearson's correlation (replicates,) of D and A of M* over pairs, where there is no moderation: weights fitted and
    the penalty chosen again for each replicate.
    """
    y = np.array([without_moderation(rows, model, stream(seed, "combined null", rows.outcome, rows.who, replicate))
                  for replicate in which])
    data = folded(rows.x, y, rows.is_active, own_folds(rows, folds, seed)[None], folds)
    weights = chosen(data, alpha, progress).weights
    whole = arm_sums(rows.x, y, rows.is_active, np.ones((1, rows.n))).moments()
    return whole.correlation(weights)[0]


# --- stability ------------------------------------------------------------------------------------------------------


def refitted(rows: SetRows, alpha: float | None, lambda_: float, drawn: Array) -> Array:
    """Weights (replicates, p) of resamples `drawn` (replicates, n) at a given penalty; NaN without one of the arms."""
    pairs = arm_sums(rows.x, rows.y[None], rows.is_active, drawn).moments()
    found = fit_at(pairs, alpha, np.full((len(drawn), 1), lambda_)).weights[..., 0].T
    found[pairs.pairs == 0] = np.nan
    return found
