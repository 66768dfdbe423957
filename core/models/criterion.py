"""The deviance of a linear mixed model as a function of its variance ratios, from study moments alone.

Model, patients stacked by study: y = X β + Σ_j z_j b_j + e, with b_j ~ N(0, λ_j σ²) independent per study, e
~ N(0, σ²); V = σ² H, H = I + Σ_j λ_j z_j z_j'. For given λ everything needed stands in the blocks M_s = A'
H_s⁻¹ A of the augmented columns A = [1, x, ..., y]: z_j is a combination of columns of A. H⁻¹ is reached by
one rank-one update per random effect (Sherman-Morrison), so an evaluation costs O(k). The profiled deviances
are those of Bates et al. 2015 (J Stat Softw 67, equations 34 and 41).

A random slope correlated with the intercept is an independent slope of the column about another center: where
the two lines' effects are uncorrelated. So one coordinate more, the `tilt` t, z_2 = slope + t, covers it:
Cov = [[λ_1 + t² λ_2, t λ_2], [t λ_2, λ_2]] σ².

Intercepts of its own for each study are swept out by centering within studies (`Structure.stratified`).

Columns are centered at their means and divided by their SD first; `Solution` is on that scale,
`Problem.unscaled` leads back. Arrays may have leading batch axes throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from core.models.moments import Array, Flags, Places, StudyMoments

Chosen = int | Places | Flags | tuple[slice, None]
Kind = bool | Flags
"""Restricted likelihood or not, of all points or, along the one batch axis, of each."""
INTERCEPT = "(intercept)"
LOG_2PI = float(np.log(2 * np.pi))


@dataclass(frozen=True)
class Slope:
    """A random slope for `column` - `center`."""

    column: str
    center: float = 0.0


@dataclass(frozen=True)
class Structure:
    """What differs between studies: the intercept, random or (`stratified`) one of its own for each study, and
    the slope, if any, independent of the intercept or `correlated` with it.
    """

    slope: Slope | None = None
    correlated: bool = False
    stratified: bool = False

    def __post_init__(self) -> None:
        if self.correlated and (self.slope is None or self.stratified):
            raise ValueError("a correlation needs a random intercept and a random slope")


@dataclass(frozen=True)
class Problem:
    """What every evaluation of the deviance needs; P columns A, the last the response; q random effects.

    `weight` (..., k), `mean` (..., k, P) and `scatter` (..., k, P, P) are of the scaled columns; `loading`
    (..., q, P): z_j = A loading_j, the first of them the intercept if `intercept`; `origin` and `scale` (..., P)
    what was subtracted and divided by. `removed` (..., k): n times the square of the study mean of a slope that
    was centered within studies, None where intercepts are not stratified.
    """

    terms: tuple[str, ...]
    weight: Array
    mean: Array
    scatter: Array
    loading: Array
    origin: Array
    scale: Array
    intercept: bool
    correlated: bool = False
    removed: Array | None = None

    @cached_property
    def n(self) -> Array:
        """Patients, one number a problem."""
        total: Array = self.weight.sum(axis=-1)
        return total

    @property
    def k(self) -> int:
        return self.weight.shape[-1]

    @property
    def p(self) -> int:
        """Fixed coefficients, a common intercept among them."""
        return len(self.terms)

    @property
    def q(self) -> int:
        """Random effects."""
        return self.loading.shape[-2]

    @property
    def d(self) -> int:
        """Coordinates of a point: q variance ratios and, where correlated, the tilt."""
        return self.q + self.correlated

    def degrees(self, *, reml: Kind) -> Array:
        """What the residual sum of squares is divided by for σ²."""
        swept = 0 if self.removed is None else self.k
        if isinstance(reml, bool):
            return self.n - (self.p + swept) * reml
        return self.n - (self.p + swept) * reml.astype(float)

    @cached_property
    def unscaled(self) -> tuple[Array, Array]:
        """(matrix (..., p, p), shift (..., p)): coefficients in the user's units = matrix @ scaled coefficients +
        shift.
        """
        factor = self.scale[..., -1:] / self.scale[..., :-1]
        matrix = factor[..., None] * np.eye(self.p)
        shift = np.zeros(factor.shape)
        if self.removed is None:
            matrix[..., 0, 1:] = -factor[..., 1:] * self.origin[..., 1:-1]
            shift[..., 0] = self.origin[..., -1]
        return matrix, shift

    def about_zero(self) -> Problem:
        """The same model with the fixed columns not centered, so that its intercept is the user's."""
        if self.removed is not None:
            return self
        shift = self.origin / self.scale
        shift[..., -1] = 0.0
        origin, loading = self.origin.copy(), self.loading.copy()
        origin[..., :-1] = 0.0
        loading[..., 0] -= (loading * shift[..., None, :]).sum(axis=-1)
        return replace(self, mean=self.mean + shift[..., None, :], origin=origin, loading=loading)

    def loadings(self, point: Array) -> Array:
        """Loadings (..., q, P) at `point`, whose tilt turns the slope's."""
        if not self.correlated:
            return self.loading
        tilted = self.loading[..., 1, :] + point[..., 2:] * self.loading[..., 0, :]
        first = np.broadcast_to(self.loading[..., 0, :], tilted.shape)
        return np.stack([first, tilted], axis=-2)

    def beside(self) -> Problem:
        """The problems with one more axis behind their batch axes, for several points each."""
        if self.weight.ndim == 1:
            return self
        return self.take((slice(None), None))

    def take(self, places: Chosen) -> Problem:
        """The problems at these places of the only batch axis; a problem without one stands for any number."""
        if self.weight.ndim == 1:
            return self
        return replace(self, weight=self.weight[places], mean=self.mean[places], scatter=self.scatter[places],
                       loading=self.loading[places], origin=self.origin[places], scale=self.scale[places],
                       removed=None if self.removed is None else self.removed[places])


@dataclass(frozen=True)
class Solution:
    """The generalized least squares fit at a point; every array may have leading batch axes.

    `point` (d,) the variance ratios and the tilt, `blocks` (k, P, P) = A' H_s⁻¹ A (None on a grid), `log_det` =
    log|H|, `beta` (p,), `root` (p, p) with root root' = (X' H⁻¹ X)⁻¹, `log_det_x` = log|X' H⁻¹ X|, `rss` = the
    residual sum of squares in the metric of H⁻¹. Where intercepts are stratified these are of the columns
    centered within studies, and `uncentered` is what log|H| is greater before centering.
    """

    point: Array
    blocks: Array | None
    log_det: Array
    beta: Array
    root: Array
    log_det_x: Array
    rss: Array
    uncentered: Array

    @property
    def cov(self) -> Array:
        """(X' H⁻¹ X)⁻¹ (p, p)."""
        value: Array = self.root @ self.root.swapaxes(-1, -2)
        return value

    def variance(self, term: int) -> Array:
        """One element of the diagonal of `cov`."""
        value: Array = (self.root[..., term, :] ** 2).sum(axis=-1)
        return value

    def take(self, places: Chosen) -> Solution:
        """The solutions at these places of the only batch axis."""
        blocks = None if self.blocks is None else self.blocks[places]
        return Solution(self.point[places], blocks, self.log_det[places], self.beta[places], self.root[places],
                        self.log_det_x[places], self.rss[places], self.uncentered[places])


def problem(moments: StudyMoments, response: str, fixed: Sequence[str], structure: Structure) -> Problem:
    """The model `response ~ 1 + fixed` with the structure asked for; of one study, ordinary least squares.

    A column that does not vary keeps the scale 1; the caller has refused it before.
    """
    chosen = moments.select([*fixed, response])
    spread = np.sqrt(np.diagonal(chosen.pooled_scatter, axis1=-2, axis2=-1) / chosen.weight.sum(axis=-1)[..., None])
    scale = np.where(spread > 0, spread, 1.0)
    origin = chosen.pooled_mean
    mean = (chosen.mean - origin[..., None, :]) / scale[..., None, :]
    scatter = chosen.scatter / (scale[..., None, :, None] * scale[..., None, None, :])
    if structure.stratified and chosen.k > 1:
        return _stratified(chosen, fixed, structure.slope, mean, scatter, origin, scale)
    size = len(fixed) + 2
    means, scatters = np.ones((*mean.shape[:-1], size)), np.zeros((*mean.shape[:-1], size, size))
    means[..., 1:], scatters[..., 1:, 1:] = mean, scatter
    several = chosen.k > 1
    loading = np.zeros((*origin.shape[:-1], (1 + (structure.slope is not None)) if several else 0, size))
    if several:
        loading[..., 0, 0] = 1.0
    if several and structure.slope is not None:
        place = chosen.index(structure.slope.column)
        loading[..., 1, 0] = origin[..., place] - structure.slope.center
        loading[..., 1, place + 1] = scale[..., place]
    one = np.ones((*origin.shape[:-1], 1))
    return Problem((INTERCEPT, *fixed), chosen.weight, means, scatters, loading,
                   np.concatenate([0 * one, origin], axis=-1), np.concatenate([one, scale], axis=-1),
                   intercept=several, correlated=structure.correlated and several)


def _stratified(chosen: StudyMoments, fixed: Sequence[str], slope: Slope | None, mean: Array, scatter: Array,
                origin: Array, scale: Array) -> Problem:
    """The model of columns centered within studies: what is left where each study has an intercept of its own."""
    loading = np.zeros((*origin.shape[:-1], int(slope is not None), len(fixed) + 1))
    removed = np.zeros_like(chosen.weight)
    if slope is not None:
        place = chosen.index(slope.column)
        loading[..., 0, place] = scale[..., place]
        removed = chosen.weight * (chosen.mean[..., place] - slope.center) ** 2
    return Problem(tuple(fixed), chosen.weight, np.zeros_like(mean), scatter, loading, origin, scale,
                   intercept=False, removed=removed)


def solve(model: Problem, point: Array) -> Solution:
    """Generalized least squares at `point` (..., d), the ratios each >= 0.

    Raises numpy.linalg.LinAlgError where the fixed columns are not independent or the fit is perfect.
    """
    point = np.asarray(point, dtype=float)
    blocks, log_det, uncentered = _blocks(model, point, model.q)
    return _solution(model, point, blocks, blocks.sum(axis=-3), log_det, uncentered)


def solve_along(model: Problem, point: Array, last: Array) -> Solution:
    """Solutions (..., g) at `point` with its last variance ratio replaced by each of `last` (..., g).

    The same as `solve`, but no study's block is kept: a matrix product over studies takes their place.
    """
    head, log_det, uncentered = _blocks(model, point, model.q - 1)
    loading = model.loadings(point)[..., None, model.q - 1, :, None]
    if model.q == 1 and model.intercept:
        column, size = model.mean, np.broadcast_to(model.weight, head.shape[:-2])
        share = size[..., None, :] / (1 + last[..., None] * size[..., None, :])
        total = model.scatter.sum(axis=-3)[..., None, :, :] + _weighted_squares(share, column)
    else:
        column = (head @ loading)[..., 0]
        size = (column[..., None, :] @ loading)[..., 0, 0]
        share = last[..., None] / (1 + last[..., None] * size[..., None, :])
        total = head.sum(axis=-3)[..., None, :, :] - _weighted_squares(share, column)
    growth = np.log1p(last[..., None] * size[..., None, :])
    log_det = log_det[..., None] + growth.sum(axis=-1)
    if model.removed is not None:
        raw = size + model.removed
        uncentered = (np.log1p(last[..., None] * raw[..., None, :]) - growth).sum(axis=-1)
    else:
        uncentered = np.broadcast_to(uncentered[..., None], log_det.shape)
    points = np.repeat(point[..., None, :], last.shape[-1], axis=-2)
    points[..., model.q - 1] = last
    return _solution(model, points, None, total, log_det, uncentered)


def _weighted_squares(share: Array, column: Array) -> Array:
    """Σ_s share_s column_s column_s' (..., g, P, P) for shares (..., g, k) and columns (..., k, P)."""
    squares = (column[..., :, None] * column[..., None, :]).reshape(*column.shape[:-1], -1)
    total: Array = (share @ squares).reshape(*share.shape[:-1], column.shape[-1], column.shape[-1])
    return total


def _solution(model: Problem, point: Array, blocks: Array | None, total: Array, log_det: Array,
              uncentered: Array) -> Solution:
    p = model.p
    factor = np.asarray(np.linalg.cholesky(total), dtype=np.float64)
    diagonal = np.diagonal(factor, axis1=-2, axis2=-1)
    inverse: Array = np.asarray(np.linalg.inv(factor[..., :p, :p]), dtype=np.float64)
    beta: Array = (factor[..., None, p, :p] @ inverse)[..., 0, :]
    log_det_x = 2 * np.log(diagonal[..., :p]).sum(axis=-1)
    return Solution(point, blocks, log_det, beta, inverse.swapaxes(-1, -2), log_det_x,
                    diagonal[..., p] ** 2, uncentered)


def held(at: Solution, term: int, value: Array | float) -> Solution:
    """The solution at the same point with one coefficient held at a value.

    `log_det_x` stays that of all columns, so only the maximum likelihood deviance means something.
    """
    variance, distance = at.variance(term), value - at.beta[..., term]
    along = at.root[..., term, :] / np.sqrt(variance)[..., None]
    line = (at.root @ along[..., None])[..., 0]
    return replace(at, beta=at.beta + line * (distance / np.sqrt(variance))[..., None],
                   root=at.root - line[..., :, None] * along[..., None, :], rss=at.rss + distance ** 2 / variance)


def _blocks(model: Problem, point: Array, effects: int) -> tuple[Array, Array, Array]:
    """A' H_s⁻¹ A (..., k, P, P) with the first `effects` random effects in H, log|H| (...), and what log|H| is
    greater before centering.
    """
    weight, mean = model.weight, model.mean
    outer = mean[..., :, None] * mean[..., None, :]
    batch = point.shape[:-1]
    loading = model.loadings(point)
    nothing = np.zeros(np.broadcast_shapes(batch, weight.shape[:-1]))
    # The intercept in closed form from means and scatter: no digits are lost however large its variance.
    is_first = model.intercept and effects > 0
    growth = 1 + point[..., :1] * weight if is_first else np.ones((*batch, model.k))
    blocks = model.scatter + (weight / growth)[..., None, None] * outer
    log_det, uncentered = nothing + np.log(growth).sum(axis=-1), nothing
    for j in range(int(is_first), effects):
        line = loading[..., None, j, :, None]
        column = (blocks @ line)[..., 0]
        ratio, size = point[..., j:j + 1], (column[..., None, :] @ line)[..., 0, 0]
        growth = 1 + ratio * size
        blocks = blocks - (ratio / growth)[..., None, None] * column[..., :, None] * column[..., None, :]
        log_det = log_det + np.log(growth).sum(axis=-1)
        if model.removed is not None:
            uncentered = uncentered + np.log((growth + ratio * model.removed) / growth).sum(axis=-1)
    return blocks, log_det, uncentered


def deviance(model: Problem, at: Solution, *, reml: Kind) -> Array:
    """-2 log likelihood (or restricted likelihood) of the scaled columns, profiled over β and σ²."""
    nu = _beside(model.degrees(reml=reml), at.rss)
    value: Array = at.log_det + nu * (1 + LOG_2PI + np.log(at.rss / nu))
    if isinstance(reml, bool):
        return value + (at.log_det_x if reml else at.uncentered)
    return value + np.where(reml, at.log_det_x, at.uncentered)


def scale_of_deviance(model: Problem, *, reml: bool) -> Array:
    """What to add to a deviance of scaled columns to have that of the columns in the user's units."""
    x = 0 if model.removed is not None else 1
    columns = 2 * np.log(model.scale[..., x:-1]).sum(axis=-1) if reml else 0.0
    if reml and model.removed is not None:
        columns = columns + np.log(model.weight).sum(axis=-1)
    value: Array = 2 * model.degrees(reml=reml) * np.log(model.scale[..., -1]) + columns
    return value


def _beside(per_problem: Array, values: Array) -> Array:
    """One number a problem, shaped to go with values that have more axes behind."""
    missing = values.ndim - per_problem.ndim
    return per_problem.reshape(*per_problem.shape, *(1,) * missing) if missing else per_problem
