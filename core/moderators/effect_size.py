"""The moderator effect size r over pairs of an active and a control patient (METHODS section 7; Kraemer 2013, Stat
Med 32).

For pair (i, j), i active, j control: D = y_i - y_j, A = (m_i + m_j)/2; r is Spearman's correlation of D and A with
average ranks. D and A depend on the values of y and m alone, so pairs stand in cells of equal values: ranks are counted
per cell, and a resample only changes how many pairs a cell holds. Nothing is sorted twice, and no pair is resampled.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.models.moments import Array, Places

TIE = 1e-10  # of the largest distance: closer values of D, or of A, are one value


@dataclass(frozen=True)
class CellRanks:
    """Pairs by the value of something both sides add to: `active` (n_T,) and `control` (n_C,) say which distinct value
    a patient has, `group` (U_T, U_C) which of `size` distinct values of the pair a cell has, in ascending order.
    """

    active: Places
    control: Places
    group: Places = field(repr=False)
    size: int

    def counted(self, of_active: Array, of_control: Array) -> tuple[Array, Array]:
        """(pairs, average ranks less a half) (size,) of the distinct values, where patients count `of_active` (n_T,)
        and `of_control` (n_C,) times.
        """
        rows = np.bincount(self.active, of_active, minlength=self.group.shape[0])
        columns = np.bincount(self.control, of_control, minlength=self.group.shape[1])
        pairs = np.bincount(self.group.ravel(), np.multiply.outer(rows, columns).ravel(), self.size).astype(float)
        return pairs, pairs.cumsum() - pairs / 2

    def of_pairs(self) -> Places:
        """The distinct value (n_T, n_C) of each pair."""
        return self.group[self.active[:, None], self.control]


def cells_of(of_active: Array, of_control: Array) -> CellRanks:
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
    return CellRanks(np.ravel(active), np.ravel(control), group.reshape(values.shape), size)


@dataclass(frozen=True)
class PairOutcome:
    """The outcome's side of the pairs of some patients: what all moderators that these patients have share.

    `is_active` (n,) says who is on which side.
    """

    is_active: np.ndarray
    cells: CellRanks
    of_pairs: Places = field(repr=False)

    @classmethod
    def of(cls, y: Array, is_active: np.ndarray) -> PairOutcome:
        """From the outcome (n,) and who is active, boolean (n,)."""
        cells = cells_of(y[is_active], -y[~is_active])
        return cls(is_active, cells, cells.of_pairs())

    def weighted(self, weight: Array) -> WeightedOutcome:
        """The ranks where each patient counts `weight` (n,) times."""
        active, control = weight[self.is_active], weight[~self.is_active]
        counts, ranks = self.cells.counted(active, control)
        total = float(active.sum() * control.sum())
        spread = float(counts @ ranks ** 2) - total ** 3 / 4
        return WeightedOutcome(active, control, ranks[self.of_pairs], spread)


@dataclass(frozen=True)
class WeightedOutcome:
    """Ranks (n_T, n_C) of the outcome's differences in one sample, and their sum of squares about the mean rank."""

    active: Array
    control: Array
    ranks: Array = field(repr=False)
    spread: float

    @property
    def pairs(self) -> float:
        """How many pairs there are."""
        return float(self.active.sum() * self.control.sum())


@dataclass(frozen=True)
class PairModerator:
    """A moderator's side of the same pairs. `of_pairs` is None where there are so few distinct values that sums over
    their cells do (`FEW`): the sum over pairs is then a bilinear form for each cell.
    """

    cells: CellRanks
    of_pairs: Places | None = field(repr=False)

    @classmethod
    def of(cls, m: Array, is_active: np.ndarray) -> PairModerator:
        """From the moderator (n,) and who is active, boolean (n,)."""
        cells = cells_of(m[is_active] / 2, m[~is_active] / 2)
        return cls(cells, None if max(cells.group.shape) <= FEW else cells.of_pairs())

    def correlation(self, y: WeightedOutcome) -> float:
        """Spearman's r of the sample; NaN where either side has one value only."""
        total = y.pairs
        counts, ranks = self.cells.counted(y.active, y.control)
        spread = float(counts @ ranks ** 2) - total ** 3 / 4
        least = 1e-12 * total ** 3
        if not (spread > least and y.spread > least):
            return float("nan")
        product = self._product(y, ranks) - total ** 3 / 4
        return float(product / np.sqrt(spread * y.spread))

    def _product(self, y: WeightedOutcome, ranks: Array) -> float:
        """Σ over pairs of both ranks' product."""
        if self.of_pairs is not None:
            return float(y.active @ ((y.ranks * ranks[self.of_pairs]) @ y.control))
        left = np.zeros((self.cells.group.shape[0], len(y.active)))
        left[self.cells.active, np.arange(len(y.active))] = y.active
        right = np.zeros((len(y.control), self.cells.group.shape[1]))
        right[np.arange(len(y.control)), self.cells.control] = y.control
        return float(((left @ y.ranks @ right) * ranks[self.cells.group]).sum())


FEW = 4


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
