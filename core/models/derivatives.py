"""Derivatives of the deviance with respect to the variances, from each study's q x q pieces (Lindstrom & Bates
1988, JASA 83).

H is linear in the entries of the covariance matrix of the random effects (over σ²): H = I + Σ_m θ_m H_m, H_m =
Σ_s Z_s E_m Z_s'. The directions E_m are e_j e_j', one for each variance ratio, and, where slope and intercept
are correlated, e_1 e_2' + e_2 e_1'. The intercept's and the tilted slope's lines serve as Z, so that the
covariance is zero at every point and the tilt moves it: dθ_3 = λ_2 dt.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np

from core.models.criterion import Problem, Solution
from core.models.moments import Array


@dataclass(frozen=True)
class Pieces:
    """What the derivatives are made of, with P = H⁻¹ - H⁻¹X(X'H⁻¹X)⁻¹X'H⁻¹.

    `residual` (..., k, q) = z' H⁻¹ r, `within` (..., k, q, q) = z_i' H⁻¹ z_j, `design` (..., k, q, p) = z' H⁻¹
    X R with R the root of (X'H⁻¹X)⁻¹ = R R': in a basis in which X'H⁻¹X is the identity nearly dependent columns
    cost few digits. `uncentered` like `within` before centering within studies, `directions` (m, q, q).
    """

    residual: Array
    within: Array
    design: Array
    uncentered: Array
    directions: Array

    def log_det(self, *, reml: bool = True) -> Array:
        """tr(H⁻¹ H_m) (..., m)."""
        return self._along((self.within if reml else self.uncentered).sum(axis=-3))

    @cached_property
    def lines(self) -> Array:
        """E_m Z' H⁻¹ X R (..., k, m, q, p)."""
        value: Array = self.directions @ self.design[..., None, :, :]
        return value

    @cached_property
    def squares(self) -> Array:
        """R' X' H⁻¹ H_m H⁻¹ X R (..., m, p, p)."""
        value: Array = (self.design.swapaxes(-1, -2)[..., None, :, :] @ self.lines).sum(axis=-4)
        return value

    def log_det_x(self) -> Array:
        """The derivative of log|X' H⁻¹ X| (..., m)."""
        return -np.trace(self.squares, axis1=-2, axis2=-1)

    def rss(self) -> Array:
        """The derivative of the residual sum of squares (..., m)."""
        return -self._along(self.residual.swapaxes(-1, -2) @ self.residual)

    def traces(self, *, reml: bool = True) -> Array:
        """tr(P H_m P H_l) (..., m, m), or with H⁻¹ for P (maximum likelihood)."""
        within = (self.within if reml else self.uncentered)[..., None, :, :]
        turned = within @ self.directions
        plain = _inner(turned, turned.swapaxes(-1, -2), 3)
        if not reml:
            return plain
        square = self.squares[..., None, :, :, :]
        return plain - 2 * _inner(self.lines, within @ self.lines, 3) + _inner(square, square, 3)

    def quadratics(self) -> Array:
        """y' P H_m P H_l P y (..., m, m)."""
        lines = (self.directions @ self.residual[..., None, :, None])[..., 0]
        plain = _inner(lines @ self.within, lines, 2)
        fixed = (lines @ self.design).sum(axis=-3)
        value: Array = plain - fixed @ fixed.swapaxes(-1, -2)
        return value

    def _along(self, total: Array) -> Array:
        """tr(total E_m) (..., m) of matrices (..., q, q)."""
        value: Array = (total[..., None, :, :] * self.directions).sum(axis=(-2, -1))
        return value


def _inner(left: Array, right: Array, axes: int) -> Array:
    """Σ over studies of the inner products (..., m, m) of arrays (..., k, m, ...) with `axes` axes from m on."""
    shape = (*left.shape[:1 - axes], prod(left.shape[1 - axes:]))
    each = left.reshape(shape) @ right.reshape(shape).swapaxes(-1, -2)
    value: Array = each.sum(axis=-3)
    return value


def pieces(model: Problem, at: Solution) -> Pieces:
    """The pieces at solutions with blocks."""
    assert at.blocks is not None
    p, loading = model.p, model.loadings(at.point)[..., None, :, :]
    rows = loading @ at.blocks
    residual = rows[..., p] - (rows[..., :p] @ at.beta[..., None, :, None])[..., 0]
    within = rows @ loading.swapaxes(-1, -2)
    design = rows[..., :p] @ at.root[..., None, :, :]
    return Pieces(residual, within, design, _uncentered(model, at, within), _directions(model))


def _uncentered(model: Problem, at: Solution, within: Array) -> Array:
    """z' H⁻¹ z as it is without centering within studies, of the one random effect there then is."""
    if model.removed is None or model.q == 0:
        return within
    line = model.loading[..., None, :, :]
    raw = line @ model.scatter @ line.swapaxes(-1, -2) + model.removed[..., None, None]
    value: Array = raw / (1 + at.point[..., None, :1, None] * raw)
    return value


def _directions(model: Problem) -> Array:
    q = model.q
    directions = np.zeros((model.d, q, q))
    directions[range(q), range(q), range(q)] = 1.0
    if model.correlated:
        directions[2] = [[0.0, 1.0], [1.0, 0.0]]
    return directions


def slopes(model: Problem, at: Solution, *, reml: bool) -> tuple[Array, Array, Array]:
    """Gradient (..., d), Hessian (..., d, d) and expected Hessian (..., d, d) of the deviance in the coordinates
    of a point.
    """
    parts = pieces(model, at)
    nu, rss = model.degrees(reml=reml)[..., None], at.rss[..., None]
    by_rss = parts.rss()
    trace = parts.log_det(reml=reml) + (parts.log_det_x() if reml else 0.0)
    gradient = trace + nu * by_rss / rss
    nu, rss, traces = nu[..., None], rss[..., None], parts.traces(reml=reml)
    curve = nu * (2 * parts.quadratics() / rss - _outer(by_rss) / rss ** 2) - traces
    expected = traces - _outer(trace) / nu
    return _by_tilt(model, at.point, gradient, curve, expected)


def _outer(vector: Array) -> Array:
    value: Array = vector[..., :, None] * vector[..., None, :]
    return value


def _by_tilt(model: Problem, point: Array, gradient: Array, curve: Array,
             expected: Array) -> tuple[Array, Array, Array]:
    """From the covariance as third coordinate to the tilt (chain rule, with the bend of the path)."""
    if not model.correlated:
        return gradient, curve, expected
    ratio = point[..., 1]
    turn = np.broadcast_to(np.eye(3), curve.shape).copy()
    turn[..., 2, 2] = ratio
    bent = turn @ curve @ turn
    bent[..., 2, 2] += 2 * ratio * gradient[..., 0]
    bent[..., 1, 2] += gradient[..., 2]
    bent[..., 2, 1] += gradient[..., 2]
    return gradient * turn.diagonal(axis1=-2, axis2=-1), bent, turn @ expected @ turn
