"""Degrees of freedom of a t test of one coefficient after a REML fit: Satterthwaite and Kenward-Roger.

Both are df = 2 f² / (g' A g), f the variance of the coefficient, g its derivative with respect to the
variances, A their covariance: from the observed information for Satterthwaite (Giesbrecht & Burns 1985; as
lmerTest), from the expected for Kenward & Roger 1997 (Biometrics 53; for one coefficient their scale factor
is 1), who also enlarge f.

All sums are first taken for the directions [V, H_1, ..., H_q], where they are simple, then turned to the
variances [σ², τ_1², ..., τ_q²] by I = (V - Σ τ_j² H_j)/σ². The unit is σ² = 1: a df has no unit.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.models.criterion import Derivatives, Problem, Solution, derivatives, solve
from core.models.moments import Array


def without_zero_variances(model: Problem, at: Solution) -> tuple[Problem, Solution]:
    """The same fit in the model that has no random effect whose variance is zero: where df are defined."""
    positive = at.ratios > 0
    if positive.all():
        return model, at
    smaller = replace(model, loading=model.loading[positive])
    return smaller, solve(smaller, at.ratios[positive])


def satterthwaite(model: Problem, at: Solution, term: int) -> float:
    """Satterthwaite df of coefficient `term` at the REML solution; variances at zero are left out first."""
    model, at = without_zero_variances(model, at)
    pieces = derivatives(model, at)
    sigma2 = at.rss / (model.n - model.p)
    observed = -_traces(model, at, pieces)
    observed[0, 0] += 2 * (model.n - model.p)
    observed[0, 1:] -= 2 * pieces.rss() / sigma2
    observed[1:, 0] = observed[0, 1:]
    observed[1:, 1:] += 2 * pieces.quadratics(at.cov) / sigma2
    return _df(observed, at, pieces, term)


def kenward_roger(model: Problem, at: Solution, term: int) -> tuple[float, float]:
    """(df, variance) of coefficient `term` at the REML solution; the variance in units of σ², enlarged as
    they propose.
    """
    model, at = without_zero_variances(model, at)
    pieces = derivatives(model, at)
    expected = _traces(model, at, pieces)
    turn = _turn(at.ratios)
    covariance = 2 * np.linalg.inv(turn @ expected @ turn.T)
    random = (turn.T @ covariance @ turn)[1:, 1:]
    square = np.einsum("sia,sib->iab", pieces.design, pieces.design)
    crossed = np.einsum("sia,sij,sjb->ijab", pieces.design, pieces.within, pieces.design)
    excess = crossed - np.einsum("iab,bc,jcd->ijad", square, at.cov, square)
    line = at.cov[term]
    extra = 2 * np.einsum("ij,a,ijab,b->", random, line, excess, line)
    return _df(expected, at, pieces, term), float(at.cov[term, term] + extra)


def _traces(model: Problem, at: Solution, pieces: Derivatives) -> Array:
    """tr(P B_i P B_j) (1 + q, 1 + q) over the directions B = [V, H_1, ..., H_q]."""
    traces = np.empty((1 + model.q, 1 + model.q))
    traces[0, 0] = model.n - model.p
    traces[0, 1:] = traces[1:, 0] = pieces.log_det() + pieces.log_det_x(at.cov)
    traces[1:, 1:] = pieces.traces(at.cov)
    return traces


def _turn(ratios: Array) -> Array:
    """From the directions [V, H_1, ...] to those of the variances [σ², τ_1², ...]."""
    turn = np.eye(1 + len(ratios))
    turn[0, 1:] = -ratios
    return turn


def _df(information: Array, at: Solution, pieces: Derivatives, term: int) -> float:
    """2 f² / (g' A g) with A twice the inverse of `information`, given over the directions [V, H_1, ...]."""
    f = at.cov[term, term]
    slope = np.concatenate([[f], ((pieces.design @ at.cov[term]) ** 2).sum(axis=0)])
    # Both the information and the slope turn alike, so the quadratic form needs no turning.
    return float(f ** 2 / (slope @ np.linalg.solve(information, slope)))
