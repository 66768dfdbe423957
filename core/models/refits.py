"""The same linear mixed model fitted to many datasets at once: resamples of patients, or many responses.

One vectorized search serves them all (a bootstrap of 2,000 replicates takes about as long as a hundred single
fits). There are no tests or limits: what a bootstrap needs is the estimates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.models.criterion import Problem, Structure, problem
from core.models.estimability import NEGLIGIBLE
from core.models.linear_mixed import PUBLISHED
from core.models.moments import Array, Flags, Places, StudyMoments
from core.models.variance_search import COARSE, lowest

ROOM = 1 << 21  # numbers a search may hold at once


@dataclass(frozen=True)
class Refits:
    """Estimates of B datasets in the user's units, NaN where there is none (`is_fitted` (B,) says which).

    `beta` (B, p) in the order of `terms`, `se` (B, p), the variances (B,), None where not in the model.
    """

    terms: tuple[str, ...]
    beta: Array
    se: Array
    sigma2: Array
    tau2: Array | None
    slope_var: Array | None
    is_fitted: Flags

    def of(self, term: str) -> Array:
        """The estimates (B,) of one coefficient."""
        return self.beta[:, self.terms.index(term)]


def refit(moments: StudyMoments, response: str, fixed: Sequence[str], structure: Structure = PUBLISHED, *,
          reml: bool = True) -> Refits:
    """The model fitted to each dataset of moments with one batch axis (`PatientRows.moments` of weights,
    `PatientRows.with_responses`).

    Slope and intercept, where both random, are independent. A dataset without an estimate (an empty arm, a
    constant column) is left out of the search and counted by the caller from `is_fitted`.
    """
    if structure.correlated:
        raise ValueError("many fits at once are of independent random effects")
    chosen = moments.select([*fixed, response])
    usable = np.flatnonzero(_is_estimable(chosen, structure))
    batch, k, size = len(chosen.weight), chosen.k, len(fixed) + 2
    chunk = max(1, ROOM // (len(COARSE) * k * size * size))
    parts = [_fitted(_part(chosen, usable[first:first + chunk]), response, fixed, structure, reml=reml)
             for first in range(0, len(usable), chunk)]
    terms = problem(_part(chosen, slice(0, 1)), response, fixed, structure).terms
    p = len(terms)
    table = np.full((batch, 2 * p + 3), np.nan)
    if parts:
        table[usable] = np.concatenate(parts)
    is_fitted = np.zeros(batch, dtype=bool)
    is_fitted[usable] = True
    several = k > 1
    return Refits(terms, table[:, :p], table[:, p:2 * p], table[:, 2 * p],
                  table[:, 2 * p + 1] if several and not structure.stratified else None,
                  table[:, 2 * p + 2] if several and structure.slope is not None else None, is_fitted)


def _part(moments: StudyMoments, places: Places | slice) -> StudyMoments:
    return replace(moments, weight=moments.weight[places], mean=moments.mean[places], scatter=moments.scatter[places])


def _is_estimable(chosen: StudyMoments, structure: Structure) -> Flags:
    """Which datasets (B,) have columns that can be told apart and an outcome they do not explain."""
    total, within = chosen.pooled_scatter, chosen.scatter.sum(axis=-3)
    if structure.stratified and chosen.k > 1:
        total = within
    spread = np.diagonal(total, axis1=-2, axis2=-1)
    size = np.sqrt(np.where(spread > 0, spread, 1.0))
    unit = size[..., :, None] * size[..., None, :]
    has_spread = (spread > 0).all(axis=-1) & (chosen.weight.sum(axis=-1) > len(chosen.columns) + 3)
    separate = np.linalg.eigvalsh((total / unit)[..., :-1, :-1])[..., 0] > NEGLIGIBLE
    # what the fixed columns leave of the outcome within studies
    cross = within[..., :-1, -1:] / unit[..., :-1, -1:]
    solved = np.linalg.pinv((within / unit)[..., :-1, :-1], hermitian=True) @ cross
    left = within[..., -1, -1] / unit[..., -1, -1] - (cross * solved).sum(axis=(-2, -1))
    value: Flags = has_spread & separate & (left > NEGLIGIBLE)
    return value


def _fitted(moments: StudyMoments, response: str, fixed: Sequence[str], structure: Structure, *,
            reml: bool) -> Array:
    """Rows [beta, se, sigma2, tau2, slope_var] of one chunk."""
    model: Problem = problem(moments, response, fixed, structure)
    at = lowest(model, reml=reml)
    matrix, shift = model.unscaled
    unit = model.scale[:, -1] ** 2
    scaled_sigma2 = at.rss / model.degrees(reml=reml)
    beta = (matrix @ at.beta[..., None])[..., 0] + shift
    cov = matrix @ at.cov @ matrix.swapaxes(-1, -2) * scaled_sigma2[:, None, None]
    sigma2 = scaled_sigma2 * unit
    ratios = np.zeros((len(beta), 2))
    ratios[:, int(not model.intercept):int(not model.intercept) + model.q] = at.point
    return np.column_stack([beta, np.sqrt(np.diagonal(cov, axis1=-2, axis2=-1)), sigma2, ratios * sigma2[:, None]])
