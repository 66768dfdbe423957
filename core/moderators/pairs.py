"""Moments over pairs of an active and a control patient, from sums within the arms (METHODS section 10).

For pair (i, j), i active, j control: D = y_i - y_j, A = (x_i + x_j)/2. Every active patient meets every control
patient, so the pairs' means, variances and covariances follow from those within the arms: no pair is ever written out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.models.moments import Array, Flags, Places

ROUNDING = 1e-12
"""Of the largest mean square of a group: a variance below is none."""


@dataclass(frozen=True)
class PairMoments:
    """Of S groups of patients and B outcomes: `pairs` (S,) how many; `mean` (p, S) and `cov` (p, p, S) of A; `mean_d`
    and `var_d` (S, B) of D; `cross` (p, S, B) the covariances of A and D. Divisors are the numbers of pairs; means are
    from a common origin.
    """

    pairs: Array
    mean: Array = field(repr=False)
    cov: Array = field(repr=False)
    mean_d: Array = field(repr=False)
    var_d: Array = field(repr=False)
    cross: Array = field(repr=False)

    def correlation(self, weights: Array) -> Array:
        """Pearson's r (S, B) of D with the weighted sum of A, weights (p, S, B); 0 where that sum is constant."""
        covariance = np.einsum("psb,psb->sb", weights, self.cross)
        variance = np.einsum("psb,pqs,qsb->sb", weights, self.cov, weights, optimize=True) * self.var_d
        return np.where(variance > 0, covariance / np.sqrt(np.where(variance > 0, variance, 1.0)), 0.0)


@dataclass(frozen=True)
class ArmSums:
    """Sums over the patients of S groups, the arms (control, active) first: `count` (2, S), `x` (2, p, S), `xx`
    (2, p, p, S), `y` and `yy` (2, S, B), `xy` (2, p, S, B). Groups can be added and taken away.
    """

    count: Array
    x: Array
    xx: Array
    y: Array
    yy: Array
    xy: Array

    def moments(self) -> PairMoments:
        """Moments over the pairs; where an arm is empty they mean nothing, and `pairs` is 0."""
        n = np.maximum(self.count, 1.0)
        x, y = self.x / n[:, None], self.y / n[..., None]
        cov = self.xx / n[:, None, None] - x[:, :, None] * x[:, None]
        cross = self.xy / n[:, None, :, None] - x[..., None] * y[:, None]
        square = self.yy / n[..., None]
        spread = np.where(square - y ** 2 > ROUNDING * square.max(axis=(0, 1)), square - y ** 2, 0.0)
        return PairMoments(self.count[0] * self.count[1], (x[1] + x[0]) / 2, (cov[1] + cov[0]) / 4, y[1] - y[0],
                           spread[1] + spread[0], (cross[1] - cross[0]) / 2)

    def parts(self) -> tuple[Array, ...]:
        """The sums in order."""
        return self.count, self.x, self.xx, self.y, self.yy, self.xy


def arm_sums(x: Array, y: Array, is_active: Flags, weight: Array) -> ArmSums:
    """Sums of x (n, p) and outcomes y (B, n), where each group counts the patients `weight` (S, n) times."""
    x, y = x - x.mean(axis=0), y - y.mean(axis=1, keepdims=True)
    found = [_of_arm(x[own], np.ascontiguousarray(y[:, own].T), weight[:, own]) for own in (~is_active, is_active)]
    return ArmSums(*(np.stack(both) for both in zip(*found, strict=True)))


def _of_arm(x: Array, y: Array, weight: Array) -> tuple[Array, ...]:
    p = x.shape[1]
    products = (x[:, :, None] * x[:, None, :]).reshape(len(x), p * p)
    xy = np.stack([(weight * x[:, j]) @ y for j in range(p)])
    return (weight.sum(axis=1), x.T @ weight.T, (products.T @ weight.T).reshape(p, p, -1), weight @ y, weight @ y ** 2,
            xy)


@dataclass(frozen=True)
class Folded:
    """G samples of patients, each with F folds: `train` has S = G (1 + F) groups, for each sample first all its
    patients, then those outside each fold; `test` has G F, those in it.
    """

    train: PairMoments
    test: PairMoments
    samples: int
    folds: int


def folded(x: Array, y: Array, is_active: Flags, fold: Places, folds: int) -> Folded:
    """Moments for cross-validation. `fold` (G, n) is the fold of each patient in each sample, -1 for one not in it."""
    samples = len(fold)
    weight = (fold[:, None, :] == np.arange(folds)[:, None]).astype(float)
    tests = arm_sums(x, y, is_active, weight.reshape(samples * folds, -1))
    # the axis of groups is the last but that of outcomes
    axes = (-1, -1, -1, -2, -2, -2)
    trains = [_outside(part, axis, samples, folds) for part, axis in zip(tests.parts(), axes, strict=True)]
    return Folded(ArmSums(*trains).moments(), tests.moments(), samples, folds)


def _outside(part: Array, axis: int, samples: int, folds: int) -> Array:
    """Sums over all, and over all but each fold."""
    moved = np.moveaxis(part, axis, 0)
    own = moved.reshape(samples, folds, *moved.shape[1:])
    whole = own.sum(axis=1, keepdims=True)
    both = np.concatenate([whole, whole - own], axis=1).reshape(samples * (1 + folds), *moved.shape[1:])
    return np.ascontiguousarray(np.moveaxis(both, 0, axis))
