"""Derivatives of the deviance with respect to the variances, from each study's q x q pieces (Lindstrom & Bates
1988, JASA 83).

H is linear in the entries of the covariance matrix of the random effects (over σ²): H = I + Σ_m θ_m H_m, H_m =
Σ_s Z_s E_m Z_s'. The directions E_m are e_j e_j', one for each variance ratio, and, where slope and intercept
are correlated, e_1 e_2' + e_2 e_1'. The intercept's and the tilted slope's lines serve as Z, so that the
covariance is zero at every point. Each direction is a sum of squares of lines.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from core.models.criterion import Kind, Problem, Solution
from core.models.moments import Array, Flags

BOTH = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [-1.0, -1.0, 1.0]])  # z_1, z_2, z_1 + z_2 give e_1 e_2' + e_2 e_1'
VANISHED = 1e-50  # a standard deviation over that of the residual: on the way to zero by squares


@dataclass(frozen=True)
class Pieces:
    """What the derivatives are made of, with P = H⁻¹ - H⁻¹X(X'H⁻¹X)⁻¹X'H⁻¹, for lines z_l.

    `residual` (..., k, l) = z' H⁻¹ r, `within` (..., k, l, l) = z_i' H⁻¹ z_j, `design` (..., k, l, p) = z' H⁻¹
    X R with R the root of (X'H⁻¹X)⁻¹ = R R': in a basis in which X'H⁻¹X is the identity nearly dependent columns
    cost few digits. `uncentered` like `within` before centering within studies. `mixing` (m, l): H_m = Σ_l
    mixing_ml z_l z_l'; None where each line is a direction.
    """

    residual: Array
    within: Array
    design: Array
    uncentered: Array
    mixing: Array | None = None

    def along(self, kept: Flags) -> Pieces:
        """The same for some of the directions (m,) only."""
        if kept.all():
            return self
        whole = np.eye(len(kept)) if self.mixing is None else self.mixing
        return replace(self, mixing=whole[kept])

    def log_det(self, *, reml: Kind = True) -> Array:
        """tr(H⁻¹ H_m) (..., m)."""
        return self._mixed(np.diagonal(self._within(reml).sum(axis=-3), axis1=-2, axis2=-1))

    @cached_property
    def squares(self) -> Array:
        """R' X' H⁻¹ H_m H⁻¹ X R (..., m, p, p)."""
        columns = self.design.swapaxes(-3, -2)
        value: Array = columns.swapaxes(-1, -2) @ columns
        return value if self.mixing is None else np.einsum("ml,...lab->...mab", self.mixing, value)

    def log_det_x(self) -> Array:
        """The derivative of log|X' H⁻¹ X| (..., m)."""
        return -np.trace(self.squares, axis1=-2, axis2=-1)

    def rss(self) -> Array:
        """The derivative of the residual sum of squares (..., m)."""
        return -self._mixed((self.residual ** 2).sum(axis=-2))

    def traces(self, *, reml: Kind = True) -> Array:
        """tr(P H_m P H_l) (..., m, m), or with H⁻¹ for P (maximum likelihood)."""
        plain = self._mixed_twice((self._within(reml) ** 2).sum(axis=-3))
        if not np.any(reml):
            return plain
        crossed = self._mixed_twice((self.within * (self.design @ self.design.swapaxes(-1, -2))).sum(axis=-3))
        flat = self.squares.reshape(*self.squares.shape[:-2], self.squares.shape[-1] ** 2)
        less = 2 * crossed - flat @ flat.swapaxes(-1, -2)
        return plain - (less if reml is True else np.multiply(np.asarray(reml)[..., None, None], less))

    def crossed(self) -> Array:
        """R' X' H⁻¹ H_m H⁻¹ H_l H⁻¹ X R (m, m, p, p), without batch axes."""
        value: Array = np.einsum("smn,sma,snb->mnab", self.within, self.design, self.design)
        return value if self.mixing is None else np.einsum("im,jn,mnab->ijab", self.mixing, self.mixing, value)

    def quadratics(self) -> Array:
        """y' P H_m P H_l P y (..., m, m)."""
        column = self.residual[..., None]
        fixed = (column * self.design).sum(axis=-3)
        plain = (self.within * (column * self.residual[..., None, :])).sum(axis=-3)
        return self._mixed_twice(plain - fixed @ fixed.swapaxes(-1, -2))

    def _within(self, reml: Kind) -> Array:
        """`within` of the restricted likelihood, `uncentered` of the plain one."""
        if reml is True or self.uncentered is self.within:
            return self.within
        return np.where(np.asarray(reml)[..., None, None, None], self.within, self.uncentered)

    def _mixed(self, lines: Array) -> Array:
        return lines if self.mixing is None else lines @ self.mixing.T

    def _mixed_twice(self, lines: Array) -> Array:
        return lines if self.mixing is None else self.mixing @ lines @ self.mixing.T


def pieces(model: Problem, at: Solution) -> Pieces:
    """The pieces at solutions with blocks."""
    assert at.blocks is not None
    p, loading, mixing = model.p, model.loadings(at.point), None
    if model.correlated:
        loading = np.concatenate([loading, loading.sum(axis=-2, keepdims=True)], axis=-2)
        mixing = BOTH
    loading = loading[..., None, :, :]
    rows = loading @ at.blocks
    residual = rows[..., p] - (rows[..., :p] @ at.beta[..., None, :, None])[..., 0]
    within = rows @ loading.swapaxes(-1, -2)
    design = rows[..., :p] @ at.root[..., None, :, :]
    return Pieces(residual, within, design, _uncentered(model, at, within), mixing)


def _uncentered(model: Problem, at: Solution, within: Array) -> Array:
    """z' H⁻¹ z as it is without centering within studies, of the one random effect there then is."""
    if model.removed is None or model.q == 0:
        return within
    line = model.loading[..., None, :, :]
    raw = line @ model.scatter @ line.swapaxes(-1, -2) + model.removed[..., None, None]
    value: Array = raw / (1 + at.point[..., None, :1, None] * raw)
    return value


def slopes(model: Problem, at: Solution, *, reml: Kind) -> tuple[Array, Array, Array]:
    """Gradient (..., d), Hessian (..., d, d) and expected Hessian (..., d, d) of the deviance along the steps of
    `moved`: where there is no tilt, along the coordinates of a point.
    """
    parts = pieces(model, at)
    nu, rss = model.degrees(reml=reml)[..., None], at.rss[..., None]
    by_rss = parts.rss()
    trace = parts.log_det(reml=reml)
    if np.any(reml):
        trace = trace + np.multiply(np.asarray(reml)[..., None], parts.log_det_x())
    gradient = trace + nu * by_rss / rss
    nu, rss, traces = nu[..., None], rss[..., None], parts.traces(reml=reml)
    curve = nu * (2 * parts.quadratics() / rss - _outer(by_rss) / rss ** 2) - traces
    expected = traces - _outer(trace) / nu
    return _by_factor(model, at.point, gradient, curve, expected)


def _outer(vector: Array) -> Array:
    value: Array = vector[..., :, None] * vector[..., None, :]
    return value


def _by_factor(model: Problem, point: Array, gradient: Array, curve: Array,
               expected: Array) -> tuple[Array, Array, Array]:
    """From the covariance matrix to the steps of `moved` (chain rule, with the bend of the path)."""
    if not model.correlated:
        return gradient, curve, expected
    is_edge = point[..., 0] == 0
    root = np.where(is_edge, np.sqrt(point[..., 1]), 1.0)
    turn = np.broadcast_to(np.eye(3), curve.shape).copy()
    turn[..., 1, 1], turn[..., 2, 2] = np.where(is_edge, 2.0, 1.0) * root, root
    bent = turn @ curve @ turn
    bend = np.where(is_edge[..., None], gradient, 0.0)
    bent[..., 1, 1] += 2 * bend[..., 1]
    bent[..., 2, 2] += 2 * bend[..., 0]
    bent[..., 1, 2] += bend[..., 2]
    bent[..., 2, 1] += bend[..., 2]
    return gradient * turn.diagonal(axis1=-2, axis2=-1), bent, turn @ expected @ turn


def moved(model: Problem, point: Array, step: Array) -> Array:
    """The points (S, d) a step away, or where the way leaves what can be.

    Where slope and intercept are correlated a step is of the covariance matrix, in which no valley is bent. At the
    edge, where the correlation is 1 or -1, the matrix is f f' with f = (0, √λ_2) in the tilted lines, and the step
    is of λ_1 and of the entries of f, the slope's first: along the edge the deviance is smooth in these.
    """
    if not model.correlated:
        return np.maximum(point + step, 0.0)
    return np.where(point[:, :1] == 0, _along_edge(point, step), _inside(point, step))


def _along_edge(point: Array, step: Array) -> Array:
    slope = np.sqrt(point[:, 1]) + step[:, 1]
    is_there = np.abs(slope) > VANISHED
    turn = np.where(is_there, step[:, 2] / np.where(is_there, slope, 1.0), 0.0)
    return np.column_stack([np.maximum(step[:, 0], 0.0), np.where(is_there, slope, 0.0) ** 2, point[:, 2] + turn])


def _inside(point: Array, step: Array) -> Array:
    """A step of [λ_1, λ_2, covariance], cut where the determinant, a parabola along the way, reaches zero."""
    (intercept, slope, tilt), (up, out, across) = point.T, step.T
    a, b, c = up * out - across ** 2, intercept * out + slope * up, intercept * slope
    inner = b ** 2 - 4 * a * c
    root = np.sqrt(np.maximum(inner, 0.0))
    is_cut = (inner >= 0) & (root > b) & (2 * c < root - b)  # the least positive root is 2c / (root - b)
    share = np.where(is_cut, 2 * c / np.where(is_cut, root - b, 1.0), 1.0)
    slope = np.maximum(slope + share * out, 0.0)
    is_there = slope > 0
    turn = np.where(is_there, share * across / np.where(is_there, slope, 1.0), 0.0)
    left = np.where(is_cut & is_there, 0.0, np.maximum(intercept + share * up - turn * share * across, 0.0))
    return np.column_stack([left, slope, tilt + turn])
