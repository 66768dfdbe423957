"""Degrees of freedom of t and F tests after a REML fit: Satterthwaite and Kenward-Roger.

For one line of coefficients both are df = 2 f² / (g' A g), f the variance of the combination, g its derivative
with respect to the variances, A their covariance: from the observed information for Satterthwaite (Giesbrecht
& Burns 1985; as lmerTest), from the expected for Kenward & Roger 1997 (Biometrics 53), who also enlarge f. For
several lines at once: Fai & Cornelius 1996 as in lmerTest, and Kenward & Roger's own F.

All sums are taken for the directions [V, H_1, ..., H_m] of the covariance matrix, where they are simple; a
quadratic form in the inverse information does not change by turning both to the variances themselves. The
unit is σ² = 1: a df has no unit. Variances at zero are left out first: there the directions end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.models.criterion import Problem, Solution
from core.models.derivatives import Pieces, pieces
from core.models.moments import Array, Flags


@dataclass(frozen=True)
class FTest:
    """F on `df1` (lines tested) and `df2`."""

    f: float
    df1: int
    df2: float


@dataclass(frozen=True)
class Information:
    """A REML fit as the tests see it: the `root` (p, p) of the covariance of β in units of σ², in whose basis lines
    and the `parts` are taken, and the `matrix` (1 + m, 1 + m) of information on [V, H_1, ..., H_m], twice its
    inverse being their covariance.
    """

    root: Array
    parts: Pieces
    matrix: Array

    def df(self, line: Array) -> float:
        """2 f² / (g' A g) of line' β; NaN where the data say nothing of a variance, as two studies and their means."""
        turned = line @ self.root
        f = float(turned @ turned)
        slope = np.concatenate([[f], turned @ self.parts.squares @ turned])
        try:
            return float(f ** 2 / (slope @ np.linalg.solve(self.matrix, slope)))
        except np.linalg.LinAlgError:
            return float("nan")

    def enlarged(self, lines: Array) -> Array:
        """The covariance (r, r) of lines @ β in units of σ², enlarged for the estimation of the variances."""
        parts, turned = self.parts, lines @ self.root
        random = (2 * np.linalg.inv(self.matrix))[1:, 1:]
        excess = parts.crossed() - np.einsum("mab,nbd->mnad", parts.squares, parts.squares)
        value: Array = turned @ (np.eye(len(self.root)) + 2 * np.einsum("mn,mnab->ab", random, excess)) @ turned.T
        return value


def satterthwaite_f(model: Problem, at: Solution, lines: Array, information: Information) -> FTest:
    """F test of lines @ β = 0, `lines` (r, p) independent: the mean of squared t along principal directions,
    its df by Fai & Cornelius 1996 as lmerTest's `contestMD`, from the `observed` information.
    """
    sigma2 = float(at.rss / model.degrees(reml=True))
    values, vectors = np.linalg.eigh(lines @ at.root @ at.root.T @ lines.T)
    turned = vectors.T @ lines
    r = len(lines)
    f = float(((turned @ at.beta) ** 2 / values).sum() / (r * sigma2))
    dfs = np.array([information.df(line) for line in turned])
    if r == 1:
        return FTest(f, 1, float(dfs[0]))
    if np.ptp(dfs) < 1e-8:
        return FTest(f, r, float(dfs.mean()))
    if (dfs <= 2).any():
        return FTest(f, r, 2.0)
    e = float((dfs / (dfs - 2)).sum())
    return FTest(f, r, 2 * e / (e - r))


def kenward_roger_f(model: Problem, at: Solution, lines: Array, information: Information) -> FTest:
    """Kenward & Roger's F test of lines @ β = 0, with their scale factor in F (as pbkrtest's FtestU times it), from
    the `expected` information.
    """
    sigma2 = float(at.rss / model.degrees(reml=True))
    r = len(lines)
    effect = lines @ at.beta
    f = float(effect @ np.linalg.solve(information.enlarged(lines), effect) / (r * sigma2))
    turned = lines @ at.root
    theta = turned.T @ np.linalg.solve(turned @ turned.T, turned)
    # tr(Θ Φ P_m Φ) over the directions, the first of which is V itself
    crossed = theta @ np.concatenate([np.eye(model.p)[None], information.parts.squares])
    random = 2 * np.linalg.inv(information.matrix)
    trace = np.einsum("maa->m", crossed)
    a1 = float(trace @ random @ trace)
    a2 = float(np.einsum("mn,mab,nba->", random, crossed, crossed))
    return _moment_matched(f, r, a1, a2)


def _moment_matched(f: float, r: int, a1: float, a2: float) -> FTest:
    """Scale factor and df from the two moments of F (Kenward & Roger 1997, section 2, with A1 and A2)."""
    b = (a1 + 6 * a2) / (2 * r)
    g = ((r + 1) * a1 - (r + 4) * a2) / ((r + 2) * a2)
    rest = 3 * r + 2 * (1 - g)
    c1, c2, c3 = g / rest, (r - g) / rest, (r + 2 - g) / rest
    mean = 1 / (1 - a2 / r)
    variance = 2 / r * (1 + c1 * b) / ((1 - c2 * b) ** 2 * (1 - c3 * b))
    rho = variance / (2 * mean ** 2)
    df2 = 4 + (r + 2) / (r * rho - 1)
    return FTest(f * df2 / (mean * (df2 - 2)), r, df2)


def observed(model: Problem, at: Solution) -> Information:
    """Information as the second derivative of the deviance at the REML optimum, for Satterthwaite."""
    parts, kept = _positive(model, at)
    nu = float(model.degrees(reml=True))
    sigma2 = float(at.rss) / nu
    matrix = -_traces(parts, nu)
    matrix[0, 0] += 2 * nu
    matrix[0, 1:] -= 2 * parts.rss() / sigma2
    matrix[1:, 0] = matrix[0, 1:]
    matrix[1:, 1:] += 2 * parts.quadratics() / sigma2
    if model.correlated and kept[2] and not kept[0]:
        # a correlation of one: along the bend of that edge the deviance rises with the missing variance
        whole = pieces(model, at)
        rise = (whole.log_det() + whole.log_det_x() + whole.rss() / sigma2)[0]
        matrix[-1, -1] += 2 * rise / at.point[1]
    return Information(at.root, parts, matrix)


def expected(model: Problem, at: Solution) -> Information:
    """Its expectation there, for Kenward & Roger."""
    parts, _ = _positive(model, at)
    return Information(at.root, parts, _traces(parts, float(model.degrees(reml=True))))


def _positive(model: Problem, at: Solution) -> tuple[Pieces, Flags]:
    """The pieces with the directions along which a variance can move, and which these are (m,)."""
    kept = at.point > 0
    if model.correlated:
        kept[2] = kept[1]
    return pieces(model, at).along(kept), kept


def _traces(parts: Pieces, nu: float) -> Array:
    """tr(P B_i P B_j) (1 + m, 1 + m) over the directions B = [V, H_1, ..., H_m]."""
    first, inner = parts.log_det() + parts.log_det_x(), parts.traces()
    traces = np.empty((1 + len(inner), 1 + len(inner)))
    traces[0, 0] = nu
    traces[0, 1:] = traces[1:, 0] = first
    traces[1:, 1:] = inner
    return traces

