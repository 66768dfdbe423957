"""The deviance of a linear mixed model as a function of its variance ratios, from study moments alone.

Model, patients stacked by study: y = X β + Σ_j z_j b_j + e, with b_j ~ N(0, λ_j σ²) independent per study, e
~ N(0, σ²); V = σ² H, H = I + Σ_j λ_j z_j z_j'. For given λ everything needed stands in the blocks M_s = A'
H_s⁻¹ A of the augmented columns A = [1, x, ..., y]: z_j is a combination of columns of A. H⁻¹ is reached by
one rank-one update per random effect (Sherman-Morrison), so an evaluation costs O(k). The profiled deviances
are those of Bates et al. 2015 (J Stat Softw 67, equations 34 and 41); derivatives as in Lindstrom & Bates
1988 (JASA 83).

Columns are centered at their means and divided by their SD first; `Solution` is on that scale,
`Problem.unscaled` leads back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.models.moments import Array, StudyMoments

LOG_2PI = float(np.log(2 * np.pi))


@dataclass(frozen=True)
class Slope:
    """An independent random slope for `column` - `center`."""

    column: str
    center: float = 0.0


@dataclass(frozen=True)
class Problem:
    """What every evaluation of the deviance needs; P = 1 + fixed columns + 1 columns A, q random effects.

    `weight` (k,), `mean` (k, P) and `scatter` (k, P, P) are of the scaled columns; `loading` (q, P): z_j = A
    loading_j, the first random effect, if any, being the intercept; `origin` and `scale` (P,) what was
    subtracted and divided by.
    """

    terms: tuple[str, ...]
    weight: Array
    mean: Array
    scatter: Array
    loading: Array
    origin: Array
    scale: Array

    @property
    def n(self) -> float:
        return float(self.weight.sum())

    @property
    def k(self) -> int:
        return len(self.weight)

    @property
    def p(self) -> int:
        """Fixed coefficients, the intercept among them."""
        return len(self.terms)

    @property
    def q(self) -> int:
        """Random effects."""
        return len(self.loading)

    def unscaled(self) -> tuple[Array, Array]:
        """(matrix (p, p), shift (p,)): coefficients in the user's units = matrix @ scaled coefficients +
        shift.
        """
        y_scale, x_scale, x_origin = self.scale[-1], self.scale[:-1], self.origin[:-1]
        matrix = np.diag(y_scale / x_scale)
        matrix[0, 1:] = -matrix.diagonal()[1:] * x_origin[1:]
        shift = np.zeros(self.p)
        shift[0] = self.origin[-1]
        return matrix, shift


@dataclass(frozen=True)
class Solution:
    """The generalized least squares fit at given variance ratios; every array may have leading batch axes.

    `blocks` (k, P, P) = A' H_s⁻¹ A, `log_det` = log|H|, `beta` (p,), `cov` (p, p) = (X' H⁻¹ X)⁻¹,
    `log_det_x` = log|X' H⁻¹ X|, `rss` = the residual sum of squares in the metric of H⁻¹.
    """

    ratios: Array
    blocks: Array
    log_det: Array
    beta: Array
    cov: Array
    log_det_x: Array
    rss: Array


def problem(moments: StudyMoments, response: str, fixed: Sequence[str], *, intercept: bool,
            slope: Slope | None) -> Problem:
    """The model `response ~ 1 + fixed` with a random study intercept and an independent random slope, as
    asked.

    A column that does not vary keeps the scale 1; the caller has refused it before.
    """
    chosen = moments.select([*fixed, response])
    spread = np.sqrt(chosen.pooled_scatter().diagonal() / chosen.n)
    scale = np.where(spread > 0, spread, 1.0)
    origin = chosen.pooled_mean()
    k, size = chosen.k, len(scale) + 1
    mean = np.ones((k, size))
    mean[:, 1:] = (chosen.mean - origin) / scale
    scatter = np.zeros((k, size, size))
    scatter[:, 1:, 1:] = chosen.scatter / np.outer(scale, scale)
    loadings = [np.eye(size)[0]] if intercept else []
    if slope is not None:
        place = chosen.index(slope.column)
        line = np.zeros(size)
        line[0], line[place + 1] = origin[place] - slope.center, scale[place]
        loadings.append(line)
    return Problem(("(intercept)", *fixed), chosen.weight, mean, scatter, np.reshape(loadings, (-1, size)),
                   np.concatenate([[0.0], origin]), np.concatenate([[1.0], scale]))


def solve(model: Problem, ratios: Array) -> Solution:
    """Generalized least squares at `ratios` (..., q), each >= 0.

    Raises numpy.linalg.LinAlgError where the fixed columns are not independent or the fit is perfect.
    """
    ratios = np.asarray(ratios, dtype=float)
    blocks, log_det = _blocks(model, ratios)
    total = blocks.sum(axis=-3)
    p = model.p
    factor = np.linalg.cholesky(total)
    diagonal = np.diagonal(factor, axis1=-2, axis2=-1)
    cov = np.linalg.inv(total[..., :p, :p])
    beta = (cov @ total[..., :p, p:])[..., 0]
    log_det_x = 2 * np.log(diagonal[..., :p]).sum(axis=-1)
    return Solution(ratios, blocks, log_det, beta, cov, log_det_x, diagonal[..., p] ** 2)


def held(at: Solution, term: int, value: float) -> Solution:
    """The solution at the same ratios with one coefficient held at a value (no batch axes).

    `log_det_x` stays that of all columns, so only the maximum likelihood deviance means something.
    """
    line = at.cov[term] / at.cov[term, term]
    distance = value - float(at.beta[term])
    return replace(at, beta=at.beta + line * distance, cov=at.cov - np.outer(line, at.cov[term]),
                   rss=at.rss + distance ** 2 / at.cov[term, term])


def _blocks(model: Problem, ratios: Array) -> tuple[Array, Array]:
    """A' H_s⁻¹ A (..., k, P, P) and log|H| (...)."""
    weight, mean = model.weight, model.mean
    outer = mean[:, :, None] * mean[:, None, :]
    batch = ratios.shape[:-1]
    if model.q == 0:
        plain = model.scatter + weight[:, None, None] * outer
        return np.broadcast_to(plain, (*batch, *plain.shape)), np.zeros(batch)
    # The intercept in closed form from means and scatter: no digits are lost however large its variance.
    starts_with_intercept = model.loading[0, 0] == 1 and not model.loading[0, 1:].any()
    first = ratios[..., :1] if starts_with_intercept else np.zeros((*batch, 1))
    growth = 1 + first * weight
    blocks = model.scatter + (weight / growth)[..., None, None] * outer
    log_det = np.log(growth).sum(axis=-1)
    for j in range(1 if starts_with_intercept else 0, model.q):
        column = blocks @ model.loading[j]
        ratio = ratios[..., j:j + 1]
        growth = 1 + ratio * (column @ model.loading[j])
        blocks = blocks - (ratio / growth)[..., None, None] * column[..., :, None] * column[..., None, :]
        log_det = log_det + np.log(growth).sum(axis=-1)
    return blocks, log_det


def deviance(model: Problem, at: Solution, *, reml: bool) -> Array:
    """-2 log likelihood (or restricted likelihood) of the scaled columns, profiled over β and σ²."""
    nu = model.n - model.p if reml else model.n
    value: Array = at.log_det + nu * (1 + LOG_2PI + np.log(at.rss / nu))
    return value + at.log_det_x if reml else value


def scale_of_deviance(model: Problem, *, reml: bool) -> float:
    """What to add to a deviance of scaled columns to have that of the columns in the user's units."""
    nu = model.n - model.p if reml else model.n
    columns = 2 * float(np.log(model.scale[:-1]).sum()) if reml else 0.0
    return 2 * nu * float(np.log(model.scale[-1])) + columns


@dataclass(frozen=True)
class Derivatives:
    """Pieces of the derivatives with respect to the variances of the random effects, at one solution.

    With P = H⁻¹ - H⁻¹X(X'H⁻¹X)⁻¹X'H⁻¹ and H_j = Σ_s z_j z_j': `residual` (k, q) = z' H⁻¹ r, `within` (k, q,
    q) = z_i' H⁻¹ z_j, `design` (k, q, p) = z' H⁻¹ X.
    """

    residual: Array
    within: Array
    design: Array

    def log_det(self) -> Array:
        """tr(H⁻¹ H_j) (q,)."""
        return np.einsum("sjj->j", self.within)

    def log_det_x(self, cov: Array) -> Array:
        """The derivative of log|X' H⁻¹ X| (q,)."""
        return -np.einsum("sja,ab,sjb->j", self.design, cov, self.design)

    def rss(self) -> Array:
        """The derivative of the residual sum of squares (q,)."""
        return -(self.residual ** 2).sum(axis=0)

    def traces(self, cov: Array | None) -> Array:
        """tr(P H_i P H_j) (q, q), or with H⁻¹ for P where `cov` is None (maximum likelihood)."""
        plain = (self.within ** 2).sum(axis=0)
        if cov is None:
            return plain
        crossed = np.einsum("sij,sia,ab,sjb->ij", self.within, self.design, cov, self.design)
        square = np.einsum("sia,sib->iab", self.design, self.design) @ cov
        return plain - 2 * crossed + np.einsum("iab,jba->ij", square, square)

    def quadratics(self, cov: Array) -> Array:
        """y' P H_i P H_j P y (q, q)."""
        plain = np.einsum("si,sij,sj->ij", self.residual, self.within, self.residual)
        line = np.einsum("si,sia->ia", self.residual, self.design)
        return plain - line @ cov @ line.T


def derivatives(model: Problem, at: Solution) -> Derivatives:
    """Derivative pieces at one solution (no batch axes)."""
    rows = np.einsum("jc,scd->sjd", model.loading, at.blocks)
    p = model.p
    return Derivatives(rows[..., p] - rows[..., :p] @ at.beta, rows @ model.loading.T, rows[..., :p])


def gradient(model: Problem, at: Solution, pieces: Derivatives, *, reml: bool) -> Array:
    """Derivative (q,) of `deviance` with respect to the ratios."""
    nu = model.n - model.p if reml else model.n
    value: Array = pieces.log_det() + nu * pieces.rss() / at.rss
    return value + pieces.log_det_x(at.cov) if reml else value


def hessian(model: Problem, at: Solution, pieces: Derivatives, *, reml: bool) -> Array:
    """Second derivative (q, q) of `deviance` with respect to the ratios."""
    nu = model.n - model.p if reml else model.n
    slope = pieces.rss()
    curve = 2 * pieces.quadratics(at.cov) / at.rss - np.outer(slope, slope) / at.rss ** 2
    value: Array = nu * curve - pieces.traces(at.cov if reml else None)
    return value


def scoring(model: Problem, at: Solution, pieces: Derivatives, *, reml: bool) -> Array:
    """The expected second derivative (q, q): never negative, so a step along it always goes down (Fisher
    scoring).
    """
    nu = model.n - model.p if reml else model.n
    trace = pieces.log_det() + (pieces.log_det_x(at.cov) if reml else 0.0)
    value: Array = pieces.traces(at.cov if reml else None) - np.outer(trace, trace) / nu
    return value
