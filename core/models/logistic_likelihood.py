"""The likelihood of a logistic model with a random study intercept, by adaptive Gauss-Hermite quadrature.

logit P(event) = x'β + τ u_s, u_s ~ N(0, 1). A study contributes the integral of exp h(u), h = log likelihood
given u plus log density of u; its nodes are centered at the mode of h and scaled by its curvature there (Liu
& Pierce 1994, Biometrika 81; Pinheiro & Bates 1995). One node is Laplace's approximation; lme4 calls the
number nAGQ.

Patients who share study and covariates stand in one cell (events of trials). Every array of parameters may
have a leading batch axis B: starts of one fit, or bootstrap replicates of the events, are solved together.
Gradients are exact derivatives of the approximation, the movement of the nodes included.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logsumexp

from core.models.moments import Array, Places

CURVE_NODES = 9  # for the step's curvature, which a single node gives badly
ITERATIONS = 60


@dataclass(frozen=True)
class Cells:
    """Patients by study and covariates, C cells sorted by study: `events` and `trials` (C,), `design` (C, p)
    with a first column of ones, `place` (C,) the study of a cell among `k`.
    """

    events: Array
    trials: Array
    design: Array
    place: Array
    k: int

    @property
    def p(self) -> int:
        """Fixed coefficients, the intercept among them."""
        return self.design.shape[1]

    @cached_property
    def first(self) -> Places:
        """Where each study's cells begin (k,)."""
        return np.searchsorted(self.place, np.arange(self.k))

    def by_study(self, values: Array) -> Array:
        """Values (B, C, ...) of cells summed over each study's: (B, k, ...)."""
        total: Array = np.add.reduceat(values, self.first, axis=1)
        return total

    def by_study_and_column(self, values: Array) -> Array:
        """The same of values times each column of the design: (B, p, k, ...)."""
        design = self.design.reshape(*self.design.shape, *(1,) * (values.ndim - 2))
        return np.stack([self.by_study(values * design[:, j]) for j in range(self.p)], axis=1)


@dataclass(frozen=True)
class Integral:
    """Each study's integrand at its nodes: u (B, k, Q), its `share` of the integral, the derivatives of its logarithm
    with respect to [β, τ] (B, p + 1, k, Q), and the `information` of each cell there (B, C, Q).
    """

    at: Array
    share: Array
    by_psi: Array
    information: Array
    loglik: Array


@dataclass(frozen=True)
class Evaluation:
    """Log likelihood (B,) and its gradient (B, p + 1) for [β, τ] at `parameters` (B, p + 1), and the studies' modes
    (B, k).
    """

    loglik: Array
    gradient: Array
    mode: Array
    _data: Cells
    _events: Array
    _parameters: Array
    _width: Array
    _integral: Integral

    @cached_property
    def curvature(self) -> Array:
        """Minus the second derivative (B, p + 1, p + 1) by Louis' formula: exact but for the quadrature, good for a
        step. Few nodes give it badly, so there are at least `CURVE_NODES`.
        """
        found = self._integral
        if found.at.shape[-1] < CURVE_NODES:
            found = _integral(self._data, self._events, self._parameters, self.mode, self._width, CURVE_NODES)
        return _louis(self._data, found)

    def take(self, places: Places) -> Evaluation:
        """Some of the batch, by place."""
        whole = self._integral
        part = Integral(whole.at[places], whole.share[places], whole.by_psi[places], whole.information[places],
                        whole.loglik[places])
        return Evaluation(self.loglik[places], self.gradient[places], self.mode[places], self._data,
                          self._events[places], self._parameters[places], self._width[places], part)


def cells(event: ArrayLike, covariates: ArrayLike, study: ArrayLike) -> Cells:
    """Cells of patients: `event` (n,) 0 or 1, `covariates` (n, p - 1) without a constant, `study` (n,)
    codes.
    """
    outcome = np.asarray(event, dtype=float)
    table = np.asarray(covariates, dtype=float).reshape(len(outcome), -1)
    rows = np.column_stack([np.asarray(study, dtype=float), table])
    kinds, kind = np.unique(rows, axis=0, return_inverse=True)
    kind = np.ravel(kind)
    studies, place = np.unique(kinds[:, 0], return_inverse=True)
    events, trials = np.zeros(len(kinds)), np.zeros(len(kinds))
    np.add.at(events, kind, outcome)
    np.add.at(trials, kind, 1.0)
    return Cells(events, trials, np.column_stack([np.ones(len(kinds)), kinds[:, 1:]]), np.ravel(place), len(studies))


@lru_cache(maxsize=8)
def nodes(quadrature: int) -> tuple[Array, Array]:
    """Nodes (Q,) and log weights (Q,) of an integral over u in units of the curvature: ∫f(z)dz/√(2π) ≈ Σ
    exp(w) f(z).
    """
    place, weight = np.polynomial.hermite.hermgauss(quadrature)
    return np.sqrt(2) * place, np.log(weight) + place ** 2 - np.log(np.pi) / 2


def modes(data: Cells, events: Array, fixed: Array, tau: Array, near: Array | None = None) -> Array:
    """The mode (B, k) of each study's h, by Newton's method, from `near` if given; h is concave."""
    u = np.zeros((len(fixed), data.k)) if near is None else near
    scale = tau[:, None]
    for _ in range(100):
        risk = expit(fixed + scale * u[:, data.place])
        expected = data.trials * risk
        slope = scale * data.by_study(events - expected) - u
        curve = 1 + scale ** 2 * data.by_study(expected * (1 - risk))
        step = slope / curve
        # No step beyond 3 logits: Newton's overshoots where risks are near 0 or 1.
        reach = 3 / np.maximum(np.abs(scale), 1e-3)
        u = u + np.clip(step, -reach, reach)
        if np.abs(step).max(initial=0.0) < 1e-9:  # the next would be of its square
            break
    return u


def evaluate(data: Cells, events: Array, parameters: Array, quadrature: int, near: Array | None = None) -> Evaluation:
    """Log likelihood and derivatives at `parameters` (B, p + 1) = [β, τ] for `events` (B, C) or (1, C); `near`, modes
    (B, k) of close parameters.
    """
    p = data.p
    tau, fixed = parameters[:, p], parameters[:, :p] @ data.design.T
    u = modes(data, events, fixed, tau, near)
    width, moved, stretched = _movement(data, fixed, tau, u, events)
    found = _integral(data, events, parameters, u, width, quadrature)
    by_u = (tau[:, None, None] * found.by_psi[:, 0] - found.at)[:, None]
    path = moved[..., None] + stretched[..., None] * nodes(quadrature)[0]
    gradient = (found.share[:, None] * (found.by_psi + by_u * path)).sum(axis=-1) + stretched / width[:, None]
    return Evaluation(found.loglik, gradient.sum(axis=-1), u, data, events, parameters, width, found)


def _integral(data: Cells, events: Array, parameters: Array, u: Array, width: Array, quadrature: int) -> Integral:
    """The integral at nodes about the modes `u`, `width` (B, k) apart."""
    p = data.p
    tau, fixed = parameters[:, p], parameters[:, :p] @ data.design.T
    z, log_weight = nodes(quadrature)
    at = u[..., None] + width[..., None] * z
    eta = fixed[..., None] + tau[:, None, None] * at[:, data.place]
    trials = data.trials[:, None]
    risk = expit(eta)
    expected = trials * risk
    height = data.by_study(events[..., None] * eta - trials * np.logaddexp(0, eta)) - at ** 2 / 2
    total = logsumexp(height + log_weight, axis=-1)
    share = np.exp(height + log_weight - total[..., None])
    by_beta = data.by_study_and_column(events[..., None] - expected)
    by_psi = np.concatenate([by_beta, (at * by_beta[:, 0])[:, None]], axis=1)
    return Integral(at, share, by_psi, expected * (1 - risk), (total + np.log(width)).sum(axis=-1))


def _movement(data: Cells, fixed: Array, tau: Array, u: Array, events: Array) -> tuple[Array, Array, Array]:
    """Each study's node width (B, k), and how its mode and width move with [β, τ] (B, p + 1, k)."""
    risk = expit(fixed + tau[:, None] * u[:, data.place])
    score = events - data.trials * risk
    spread = data.trials * risk * (1 - risk)
    s, v, w = (data.by_study_and_column(values) for values in (score, spread, spread * (1 - 2 * risk)))
    t, t3 = tau[:, None], tau[:, None, None]
    curve = 1 + t ** 2 * v[:, 0]
    by_u_psi = np.concatenate([-t3 * v, (s[:, 0] - t * u * v[:, 0])[:, None]], axis=1)
    moved = by_u_psi / curve[:, None]
    by_uu_psi = np.concatenate([-t3 ** 2 * w, (-2 * t * v[:, 0] - t ** 2 * u * w[:, 0])[:, None]], axis=1)
    by_uu_psi = by_uu_psi - (t ** 3 * w[:, 0])[:, None] * moved
    return curve ** -0.5, moved, 0.5 * by_uu_psi * curve[:, None] ** -1.5


def _louis(data: Cells, found: Integral) -> Array:
    """Minus the second derivative of the log likelihood: E(information) - Var(score) over the posterior of
    u.
    """
    p, batch = data.p, len(found.at)
    expected = [(found.share * found.at ** power)[:, data.place] for power in range(3)]
    moments = [(found.information * weight).sum(axis=-1) for weight in expected]
    curvature = np.empty((batch, p + 1, p + 1))
    curvature[:, :p, :p] = np.einsum("bc,ci,cj->bij", moments[0], data.design, data.design)
    curvature[:, :p, p] = curvature[:, p, :p] = moments[1] @ data.design
    curvature[:, p, p] = moments[2].sum(axis=-1)
    mean = (found.share[:, None] * found.by_psi).sum(axis=-1)
    centered = found.by_psi - mean[..., None]
    weighted = (found.share[:, None] * centered).reshape(batch, p + 1, -1)
    value: Array = curvature - weighted @ centered.reshape(batch, p + 1, -1).transpose(0, 2, 1)
    return value


def maximize(data: Cells, events: Array, start: Array, quadrature: int,
             free: Array | None = None) -> tuple[Array, Array, Array]:
    """(parameters (B, p + 1), log likelihood (B,), converged (B,)) of the greatest likelihood uphill from
    `start`.

    `free` (p + 1,) says which parameters may move. τ may come out negative: only its size means anything.
    """
    movable = np.ones(data.p + 1, dtype=bool) if free is None else free
    at = start.astype(float).copy()
    events = np.broadcast_to(events, (len(at), events.shape[-1]))
    now = evaluate(data, events, at, quadrature)
    loglik, done = now.loglik.copy(), np.zeros(len(at), dtype=bool)
    live = np.arange(len(at))
    for _ in range(ITERATIONS):
        step = uphill(now.gradient, now.curvature, movable)
        done[live] = (np.abs(step) < 1e-9 * (1 + np.abs(at[live]))).all(axis=1)
        left = ~done[live]
        if not left.any():
            break
        if not left.all():
            live, step, now = live[left], step[left], now.take(np.flatnonzero(left))
        for _ in range(12):
            trial = evaluate(data, events[live], at[live] + step, quadrature, now.mode)
            worse = ~(trial.loglik >= now.loglik - 1e-11 * np.abs(now.loglik))
            if not worse.any():
                break
            step = np.where(worse[:, None], step / 2, step)
        at[live] += step
        loglik[live], now = trial.loglik, trial
    return at, loglik, done


def uphill(gradient: Array, curve: Array, free: Array) -> Array:
    """Newton steps (B, p + 1), turned uphill where the likelihood is not concave, at most 2 in any
    coordinate.
    """
    values, vectors = np.linalg.eigh(curve[:, free][:, :, free])
    size = np.maximum(np.abs(values), 1e-6 * np.abs(values).max(axis=-1, keepdims=True) + 1e-12)
    inner = (vectors.transpose(0, 2, 1) @ gradient[:, free, None])[..., 0] / size
    step = np.zeros_like(gradient)
    step[:, free] = (vectors @ inner[..., None])[..., 0]
    return limited(step)


def limited(step: Array) -> Array:
    """Steps (B, p + 1) no longer than 2 in any coordinate."""
    longest = np.abs(step).max(axis=1, keepdims=True)
    value: Array = step * np.minimum(1.0, 2.0 / np.maximum(longest, 1e-300))
    return value


def hessian(data: Cells, parameters: Array, quadrature: int) -> Array:
    """The second derivative (p + 1, p + 1) of the log likelihood at one point, by central differences of the
    gradient.
    """
    size = len(parameters)
    step = 1e-5
    points = np.concatenate([parameters + step * np.eye(size), parameters - step * np.eye(size)])
    slope = evaluate(data, data.events[None], points, quadrature).gradient
    rows = (slope[:size] - slope[size:]) / (2 * step)
    value: Array = (rows + rows.T) / 2
    return value
