"""Each study's sums of squares and products: all that a mixed model with study as its only grouping factor
needs.

Kept as counts, means and scatter about the mean rather than as raw cross-products, because the raw form
loses digits when a column lies far from zero. `products` gives the raw form about any origin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class StudyMoments:
    """Per-study moments of some columns of patients.

    `studies` are k codes, `columns` p names; `weight` (k,) the number of patients (the sum of weights),
    `mean` (k, p), `scatter` (k, p, p) the weighted sums of products of deviations from the study's own means.
    """

    studies: tuple[int, ...]
    columns: tuple[str, ...]
    weight: Array
    mean: Array
    scatter: Array

    @property
    def n(self) -> float:
        """Patients over all studies."""
        return float(self.weight.sum())

    @property
    def k(self) -> int:
        """Studies with at least one patient."""
        return len(self.studies)

    def index(self, column: str) -> int:
        """The place of a column; ValueError where there is none of that name."""
        return self.columns.index(column)

    def select(self, columns: Sequence[str]) -> StudyMoments:
        """The same studies, these columns, in this order."""
        places = [self.index(name) for name in columns]
        return StudyMoments(self.studies, tuple(columns), self.weight, self.mean[:, places],
                            self.scatter[:, places][:, :, places])

    def without(self, study: int) -> StudyMoments:
        """The same columns without one study (leave-one-study-out)."""
        keep = [place for place, code in enumerate(self.studies) if code != study]
        return self._take(keep, self.weight[keep], self.scatter[keep])

    def reweighted(self, factors: ArrayLike) -> StudyMoments:
        """Each study counted `factors` (k,) times; a factor of 0 drops it (resampling whole studies)."""
        factor = np.asarray(factors, dtype=float)
        keep = np.flatnonzero(factor > 0)
        weight, scatter = self.weight * factor, self.scatter * factor[:, None, None]
        return self._take(list(keep), weight[keep], scatter[keep])

    def products(self, origin: ArrayLike = 0.0) -> Array:
        """Raw cross-products (k, 1 + p, 1 + p) of the columns [1, columns - origin]."""
        mean = np.concatenate([np.ones((self.k, 1)), self.mean - np.asarray(origin, dtype=float)], axis=1)
        raw = self.weight[:, None, None] * mean[:, :, None] * mean[:, None, :]
        raw[:, 1:, 1:] += self.scatter
        return raw

    def pooled_mean(self) -> Array:
        """Means (p,) over all patients."""
        pooled: Array = self.weight @ self.mean / self.n
        return pooled

    def pooled_scatter(self) -> Array:
        """Scatter (p, p) about the means over all patients."""
        centered = self.mean - self.pooled_mean()
        total: Array = self.scatter.sum(axis=0) + (self.weight[:, None] * centered).T @ centered
        return total

    def _take(self, keep: list[int], weight: Array, scatter: Array) -> StudyMoments:
        studies = tuple(self.studies[place] for place in keep)
        return StudyMoments(studies, self.columns, weight, self.mean[keep], scatter)


def from_rows(columns: Mapping[str, ArrayLike], study: ArrayLike,
              weights: ArrayLike | None = None) -> StudyMoments:
    """Moments of columns of patients.

    `columns`: name to values (n,), none missing; `study` (n,) integer codes; `weights` (n,), how often each
    patient counts (default once; whole numbers equal duplication). Studies of no weight are left out.
    Raises ValueError for a missing value: leaving patients out is the analysis's decision, not ours.
    """
    codes = np.asarray(study)
    rows = np.column_stack([np.asarray(values, dtype=float) for values in columns.values()])
    weight = np.ones(len(codes)) if weights is None else np.asarray(weights, dtype=float)
    if not (np.isfinite(rows).all() and np.isfinite(weight).all()):
        raise ValueError("a moment of a missing or infinite value")
    counted = np.flatnonzero(weight > 0)
    order = counted[np.argsort(codes[counted], kind="stable")]
    labels, first, place = np.unique(codes[order], return_index=True, return_inverse=True)
    rows, weight = rows[order], weight[order]
    if not len(labels):
        p = rows.shape[1]
        return StudyMoments((), tuple(columns), np.zeros(0), np.zeros((0, p)), np.zeros((0, p, p)))
    total = np.add.reduceat(weight, first)
    mean = np.add.reduceat(weight[:, None] * rows, first) / total[:, None]
    centered = rows - mean[place]
    scatter = np.add.reduceat(weight[:, None, None] * centered[:, :, None] * centered[:, None, :], first)
    return StudyMoments(tuple(int(label) for label in labels), tuple(columns), total, mean, scatter)
