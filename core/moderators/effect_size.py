"""The moderator effect size r over pairs of an active and a control patient (METHODS section 7; Kraemer 2013, Stat
Med 32).

For pair (i, j), i active, j control: D = y_i - y_j, A = (m_i + m_j)/2; r is Spearman's correlation of D and A with
average ranks. D and A depend on the values of y and m alone, so pairs stand in cells of equal values, whose order is
found once: a resample only changes how many pairs a cell holds. Nothing is sorted twice, and no pair is resampled.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from core.models.moments import Array, Places

TIE = 1e-10  # of the largest distance: closer values of D, or of A, are one value


@dataclass(frozen=True)
class Cells:
    """Pairs by the value of something both sides add to: `active` (n_T,) and `control` (n_C,) say which distinct value
    a patient has, `group` (U_T, U_C) which of `size` distinct values of the pair a cell has, in ascending order.
    """

    active: Places
    control: Places
    group: Places = field(repr=False)
    size: int

    @classmethod
    def of(cls, of_active: Array, of_control: Array) -> Cells:
        """Cells of the pairs' values of_active_i + of_control_j, (n_T,) and (n_C,)."""
        left, active = np.unique(of_active, return_inverse=True)
        right, control = np.unique(of_control, return_inverse=True)
        values = left[:, None] + right
        order = np.argsort(values, axis=None, kind="stable")
        ascending = values.ravel()[order]
        largest = float(np.abs(ascending).max(initial=0.0))
        starts = np.concatenate([[0], (np.diff(ascending) > TIE * largest).cumsum()]) if len(ascending) else ascending
        group = np.empty(len(order), dtype=np.intp)
        group[order] = starts
        size = int(group.max(initial=-1)) + 1
        return cls(np.ravel(active), np.ravel(control), group.reshape(values.shape), size)

    def ranked(self, of_active: Array, of_control: Array, total: float) -> Ranked:
        """The ranks where patients count `of_active` (n_T,) and `of_control` (n_C,) times, whole numbers whose sums
        multiply to `total` pairs.
        """
        rows = np.bincount(self.active, of_active, self.group.shape[0])
        columns = np.bincount(self.control, of_control, self.group.shape[1])
        pairs = np.bincount(self.group.ravel(), np.multiply.outer(rows, columns).ravel(), self.size)
        counted = pairs.astype(np.intp)  # whole numbers add up several times as fast
        twice = counted.cumsum()
        twice *= 2
        twice -= counted
        ranks = twice / 2
        return Ranked(ranks.take(self.group), float((pairs * ranks) @ ranks) - total ** 3 / 4)


@dataclass(frozen=True)
class Ranked:
    """Average ranks, less a half, of the pairs of one sample: `table` (U_T, U_C) by distinct values, and their sum of
    squares about the mean rank, each pair counted.
    """

    table: Array = field(repr=False)
    spread: float


@dataclass(frozen=True)
class PairOutcome:
    """The outcome's side of the pairs of some patients: what all moderators that these patients have share.

    `is_active` (n,) says who is on which side.
    """

    is_active: np.ndarray
    cells: Cells

    @classmethod
    def of(cls, y: Array, is_active: np.ndarray) -> PairOutcome:
        """From the outcome (n,) and who is active, boolean (n,)."""
        return cls(is_active, Cells.of(y[is_active], -y[~is_active]))

    def weighted(self, weight: Array) -> WeightedOutcome:
        """The sample where each patient counts `weight` (n,) times, a whole number."""
        active, control = weight[self.is_active], weight[~self.is_active]
        pairs = float(active.sum() * control.sum())
        return WeightedOutcome(self.cells, active, control, pairs, self.cells.ranked(active, control, pairs))


@dataclass(frozen=True)
class WeightedOutcome:
    """One sample: how often each patient is in it, (n_T,) and (n_C,), how many pairs that makes, and the ranks of the
    outcome's differences.
    """

    cells: Cells
    active: Array
    control: Array
    pairs: float
    ranked: Ranked

    @cached_property
    def drawn(self) -> tuple[Places, Places]:
        """Who is in the sample, of either arm."""
        return np.flatnonzero(self.active), np.flatnonzero(self.control)

    @cached_property
    def of_drawn(self) -> Array:
        """The rank of each pair of those who are in the sample."""
        return at(self.ranked, self.cells, self.drawn)


@dataclass(frozen=True)
class PairModerator:
    """A moderator's side of the same pairs."""

    cells: Cells

    @classmethod
    def of(cls, m: Array, is_active: np.ndarray) -> PairModerator:
        """From the moderator (n,) and who is active, boolean (n,)."""
        return cls(Cells.of(m[is_active] / 2, m[~is_active] / 2))

    def correlation(self, y: WeightedOutcome) -> float:
        """Spearman's r of the sample; NaN where either side has one value only."""
        own = self.cells.ranked(y.active, y.control, y.pairs)
        least = 1e-12 * y.pairs ** 3
        if not (own.spread > least and y.ranked.spread > least):
            return float("nan")
        product = self._of_few(y, own) if max(own.table.shape) <= FEW else self._of_many(y, own)
        return float((product - y.pairs ** 3 / 4) / np.sqrt(own.spread * y.ranked.spread))

    def _of_few(self, y: WeightedOutcome, own: Ranked) -> float:
        """Σ over pairs of both ranks' product, by a bilinear form of the outcome's ranks for each pair of values."""
        left = _together(self.cells.active, y.cells.active, y.active, own.table.shape[0], y.ranked.table.shape[0])
        right = _together(self.cells.control, y.cells.control, y.control, own.table.shape[1], y.ranked.table.shape[1])
        return float((left @ y.ranked.table @ right.T * own.table).sum())

    def _of_many(self, y: WeightedOutcome, own: Ranked) -> float:
        """The same over all pairs in the sample."""
        active, control = y.drawn
        return float(y.active[active] @ ((y.of_drawn * at(own, self.cells, y.drawn)) @ y.control[control]))


def at(ranked: Ranked, cells: Cells, who: tuple[Places, Places]) -> Array:
    """The ranks (a, c) of the pairs of some active (a,) and control (c,) patients."""
    return ranked.table.take(cells.active[who[0]][:, None] * cells.group.shape[1] + cells.control[who[1]])


def _together(first: Places, second: Places, weight: Array, rows: int, columns: int) -> Array:
    """How much weight stands at each pair of two distinct values, (rows, columns)."""
    table = np.bincount(first * columns + second, weight, rows * columns).astype(float)
    return np.reshape(table, (rows, columns))


FEW = 64
"""Distinct values of a moderator up to which bilinear forms are quicker than pairs."""


def effect_size(y: Array, m: Array, is_active: np.ndarray) -> float:
    """r of outcome and moderator (n,) over all pairs; NaN where it is not defined."""
    if not is_active.any() or is_active.all():
        return float("nan")
    return PairModerator.of(m, is_active).correlation(PairOutcome.of(y, is_active).weighted(np.ones(len(y))))


def within_studies(y: Array, m: Array, is_active: np.ndarray, study: Places) -> float:
    """The same over pairs of one study only, ranked together, not centered."""
    differences, means = [np.zeros(0)], [np.zeros(0)]
    for code in np.unique(study):
        active, control = np.flatnonzero((study == code) & is_active), np.flatnonzero((study == code) & ~is_active)
        differences.append(np.subtract.outer(y[active], y[control]).ravel())
        means.append((np.add.outer(m[active], m[control]) / 2).ravel())
    return spearman(np.concatenate(differences), np.concatenate(means))


def spearman(first: Array, second: Array) -> float:
    """Spearman's correlation of pairs (N,), average ranks, near-equal values tied; NaN where one does not vary."""
    if len(first) < 2:
        return float("nan")
    ranks = [_average_ranks(values) for values in (first, second)]
    centered = [own - own.mean() for own in ranks]
    spread = [float(own @ own) for own in centered]
    if min(spread) <= 0:
        return float("nan")
    return float(centered[0] @ centered[1] / np.sqrt(spread[0] * spread[1]))


def _average_ranks(values: Array) -> Array:
    order = np.argsort(values, kind="stable")
    ascending = values[order]
    group = np.concatenate([[0], (np.diff(ascending) > TIE * float(np.abs(ascending).max())).cumsum()])
    counts = np.bincount(group)
    ranks = np.empty(len(values))
    ranks[order] = (counts.cumsum() - counts / 2)[group]
    return ranks


def parametric(interaction: float, predictor: float, sigma2: float, spread: float) -> float:
    """Kraemer's r from a model with T = 0/1: `interaction` b3 and `predictor` b2 (at T = 0) per unit of a moderator of
    SD `spread`, `sigma2` the residual variance (METHODS section 7: T = +-1/2, m scaled by its SD).
    """
    b3 = interaction * spread
    b2 = predictor * spread + b3 / 2
    return float((b3 / 2) / np.sqrt(sigma2 + b2 ** 2 + b3 ** 2 / 4))
