"""Weights of a combined moderator: a penalized regression of D on A over all pairs, from their moments alone (METHODS
section 10; Friedman, Hastie & Tibshirani 2010, J Stat Softw 33(1)).

For one penalty lambda and share alpha of the lasso, with A's columns scaled to SD 1 over the pairs and D in units of
its own SD, b minimizes  ½ b'Rb - g'b + l1 Σ|b| + ½ l2 Σb²,  where R are the correlations of A's columns, g those
with D, l1 = alpha lambda / SD(D) and l2 = (1 - alpha) lambda / SD(D). That is glmnet's problem in glmnet's units.

Many problems are solved side by side: S groups of patients (folds, resamples) by B outcomes (permutations).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.models.moments import Array, Flags
from core.moderators.pairs import Folded, PairMoments
from core.plan import Combined
from core.progress import Progress, silent

PENALTIES = 100
SMALLEST = 1e-4
"""Of the penalty that empties the model."""
STEP = SMALLEST ** (1 / (PENALTIES - 1))
LEAST_ALPHA = 1e-3
"""No penalty without a lasso part empties a model; a ridge's path begins, as glmnet's, where it would with this."""
EMPTIES = 1 + 1e-12
"""The first penalty is that much above the smallest that empties the model, so that rounding leaves nothing in it."""
CONSTANT = 1e-12
"""A variance of a z-scored moderator below is none."""
CLOSE, EXACT = 1e-4, 1e-13
"""Largest last change of b on the way along the path, where only the choice of the penalty depends on it (glmnet's own
default is about 3e-4), and for a fit that is kept."""
MOST_SWEEPS = 10_000
FEW = 100
"""Problems that are worked on together to the end."""


@dataclass(frozen=True)
class Fits:
    """Weights (p, S, B) of A's columns as they came, D in its own units, and the penalties `lambda_` (S, B)."""

    weights: Array = field(repr=False)
    lambda_: Array


@dataclass(frozen=True)
class _Scaled:
    """Problems in units of their own: `others` (p, p, S) is R with an empty diagonal, `target` (p, S, B) is g; weights
    are b times `unit` (p, S, B).
    """

    others: Array
    target: Array
    sd: Array
    unit: Array

    @classmethod
    def of(cls, pairs: PairMoments) -> _Scaled:
        variance = np.einsum("pps->ps", pairs.cov)
        usable = (variance > CONSTANT) & (pairs.pairs > 0)
        root = np.sqrt(np.where(usable, variance, 1.0))
        inverse = np.where(usable, 1 / root, 0.0)
        others = pairs.cov * inverse[:, None] * inverse
        others[np.arange(len(others)), np.arange(len(others))] = 0.0
        sd = np.sqrt(np.where(pairs.var_d > 0, pairs.var_d, 1.0))
        target = np.where(pairs.var_d > 0, pairs.cross * inverse[..., None] / sd, 0.0)
        return cls(others, target, sd, sd * inverse[..., None])

    def every(self, step: int) -> _Scaled:
        """Of every so many groups the first."""
        return _Scaled(self.others[..., ::step], self.target[:, ::step], self.sd[::step], self.unit[:, ::step])

    def first(self, alpha: float) -> Array:
        """The penalty (S, B) at which the path begins."""
        largest: Array = np.abs(self.target).max(axis=0, initial=0.0)
        return largest * self.sd * (EMPTIES / max(alpha, LEAST_ALPHA))

    def descended(self, start: Array, l1: Array, l2: Array, tolerance: float) -> Array:
        """b (p, S, B) by coordinate descent from `start`, for penalties (S, B)."""
        b, shrink, size = start.copy(), 1 / (1 + l2), l1.size
        for _ in range(MOST_SWEEPS):
            before = b.copy()
            for j, others in enumerate(self.others):
                z = self.target[j] - np.einsum("ps,psb->sb", others, b)
                z -= np.minimum(np.maximum(z, -l1), l1)
                np.multiply(z, shrink, out=b[j])
            before -= b
            is_open: Flags = np.any(np.abs(before, out=before) > tolerance, axis=0)
            left = np.count_nonzero(is_open)
            if not left:
                break
            if size > FEW and left < size / 2:
                rest = self._of(is_open)
                b[:, is_open] = rest.descended(b[:, is_open][..., None], l1[is_open][:, None], l2[is_open][:, None],
                                               tolerance)[..., 0]
                break
        return b

    def _of(self, which: Flags) -> _Scaled:
        """Some of the problems (S, B), as so many groups."""
        groups = np.nonzero(which)[0]
        return _Scaled(self.others[..., groups], self.target[:, which][..., None], self.sd[which][:, None],
                       self.unit[:, which][..., None])


def alpha_of(combined: Combined) -> float | None:
    """The lasso's share of the plan's penalty; None for no penalty at all."""
    return {"elastic_net": combined.l1_ratio, "ridge": 0.0, "lasso": 1.0, "none": None}[combined.penalty]


def path(pairs: PairMoments, alpha: float) -> Array:
    """The penalties (100, S, B), from the smallest that empties the model (for a ridge: glmnet's start) down."""
    down: Array = _Scaled.of(pairs).first(alpha) * np.geomspace(1.0, SMALLEST, PENALTIES)[:, None, None]
    return down


def fit_at(pairs: PairMoments, alpha: float | None, lambda_: Array) -> Fits:
    """The fits at given penalties (S, B), to the last digit."""
    scaled = _Scaled.of(pairs)
    if alpha is None:
        return Fits(_unpenalized(scaled), np.zeros_like(scaled.sd))
    share = lambda_ / scaled.sd
    b = scaled.descended(np.zeros_like(scaled.target), alpha * share, (1 - alpha) * share, EXACT)
    return Fits(b * scaled.unit, lambda_)


def _unpenalized(scaled: _Scaled) -> Array:
    """Least squares; where moderators depend on each other the shortest of the solutions."""
    whole = scaled.others + np.eye(len(scaled.others))[..., None]
    inverse = np.linalg.pinv(whole.transpose(2, 0, 1), rcond=1e-10, hermitian=True)
    b: Array = (inverse @ scaled.target.transpose(1, 0, 2)).transpose(1, 0, 2)
    return b * scaled.unit


def chosen(data: Folded, alpha: float | None, progress: Progress = silent) -> Fits:
    """For each of G samples the fit at the penalty whose cross-validated squared error over the pairs of the patients
    held out is smallest, folds weighted by their pairs; the larger penalty where two do as well.
    """
    scaled, (samples, folds) = _Scaled.of(data.train), (data.samples, data.folds)
    shape = (samples, 1 + folds, scaled.sd.shape[-1])
    if alpha is None:
        weights = _unpenalized(scaled).reshape(-1, *shape)[:, :, 0]
        return Fits(weights, np.zeros(shape[::2]))
    loss = _HeldOutLoss.of(data, scaled)
    sd = scaled.sd.reshape(shape)
    first = scaled.first(alpha).reshape(shape)[:, 0]
    b = before = np.zeros_like(scaled.target)
    best, at = np.full(first.shape, np.inf), first
    kept = np.zeros((len(b), *first.shape))
    for step, factor in enumerate(np.geomspace(1.0, SMALLEST, PENALTIES)):
        progress(step / PENALTIES, f"Choosing the penalty, {step + 1} of {PENALTIES}")
        share = ((factor * first)[:, None] / sd).reshape(scaled.sd.shape)
        ahead = np.where(b == 0, 0.0, b + STEP * (b - before))  # the path is nearly straight
        b, before = scaled.descended(ahead, alpha * share, (1 - alpha) * share, CLOSE), b
        own = b.reshape(-1, *shape)
        error = loss(own[:, :, 1:] * sd[:, 1:])
        is_better = error < best
        best, at = np.where(is_better, error, best), np.where(is_better, factor * first, at)
        kept = np.where(is_better, own[:, :, 0], kept)
    whole = scaled.every(1 + folds)
    share = at / whole.sd
    return Fits(whole.descended(kept, alpha * share, (1 - alpha) * share, EXACT) * whole.unit, at)


@dataclass(frozen=True)
class _HeldOutLoss:
    """The squared error over pairs held out, up to what does not depend on b: Σ over folds of b'Qb - 2 h'b."""

    quadratic: Array
    linear: Array

    @classmethod
    def of(cls, data: Folded, scaled: _Scaled) -> _HeldOutLoss:
        test, p = data.test, len(data.test.mean)
        groups = (data.samples, 1 + data.folds)
        tests = (data.samples, data.folds)

        def of_folds(values: Array, leading: int) -> Array:
            return values.reshape(*values.shape[:leading], *groups, *values.shape[leading + 1:])

        inverse = of_folds(np.divide(scaled.unit, scaled.sd)[..., 0], 1)[:, :, 1:]
        shift = test.mean.reshape(p, *tests) - of_folds(data.train.mean, 1)[:, :, 1:]
        gap = test.mean_d.reshape(*tests, -1) - of_folds(data.train.mean_d, 0)[:, 1:]
        pairs = test.pairs.reshape(tests)
        weight = pairs / np.maximum(pairs.sum(axis=1, keepdims=True), 1.0)
        quadratic = (test.cov.reshape(p, p, *tests) + shift[:, None] * shift) * inverse[:, None] * inverse * weight
        cross = test.cross.reshape(p, *tests, -1) + shift[..., None] * gap
        return cls(quadratic, cross * (inverse * weight)[..., None])

    def __call__(self, b: Array) -> Array:
        """Of b (p, G, F, B) with A scaled as in training and D in its own units: (G, B)."""
        error = np.zeros((b.shape[1], b.shape[3]))
        for j, own in enumerate(b):
            slope = np.einsum("pgf,pgfb->gfb", self.quadratic[j], b) - 2 * self.linear[j]
            error += np.einsum("gfb,gfb->gb", own, slope)
        return error
