"""Each study's sums of squares and products: all that a mixed model with study as its only grouping factor
needs.

Kept as counts, means and scatter about the mean rather than as raw cross-products, because the raw form
loses digits when a column lies far from zero. `products` gives the raw form about any origin.

Arrays may have leading batch axes: resamples of the same patients, or many responses, side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Places = NDArray[np.intp]
Flags = NDArray[np.bool_]

LARGEST = 1e140  # beyond, products of values overflow


class NotFinite(ValueError):
    """A value is infinite or too large to compute with. Its text is for the reader of a result."""


@dataclass(frozen=True)
class StudyMoments:
    """Per-study moments of some columns of patients.

    `studies` are k codes, `columns` p names; `weight` (..., k) the number of patients (the sum of weights),
    `mean` (..., k, p), `scatter` (..., k, p, p) the weighted sums of products of deviations from the study's
    own means.
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
        if tuple(columns) == self.columns:
            return self
        places = [self.index(name) for name in columns]
        return replace(self, columns=tuple(columns), mean=self.mean[..., places],
                       scatter=self.scatter[..., places, :][..., places])

    def without(self, study: int) -> StudyMoments:
        """The same columns without one study (leave-one-study-out)."""
        keep = [place for place, code in enumerate(self.studies) if code != study]
        return self._take(keep, self.weight, self.scatter)

    def reweighted(self, factors: ArrayLike) -> StudyMoments:
        """Each study counted `factors` (k,) times; a factor of 0 drops it (resampling whole studies)."""
        factor = np.asarray(factors, dtype=float)
        return self._take(list(np.flatnonzero(factor > 0)), self.weight * factor, self.scatter * factor[:, None, None])

    def products(self, origin: ArrayLike = 0.0) -> Array:
        """Raw cross-products (..., k, 1 + p, 1 + p) of the columns [1, columns - origin]."""
        mean = np.concatenate([np.ones((*self.weight.shape, 1)), self.mean - np.asarray(origin, dtype=float)], axis=-1)
        raw: Array = self.weight[..., None, None] * mean[..., :, None] * mean[..., None, :]
        raw[..., 1:, 1:] += self.scatter
        return raw

    @cached_property
    def pooled_mean(self) -> Array:
        """Means (..., p) over all patients."""
        pooled: Array = np.einsum("...s,...sp->...p", self.weight, self.mean) / self.weight.sum(axis=-1)[..., None]
        return pooled

    @cached_property
    def pooled_scatter(self) -> Array:
        """Scatter (..., p, p) about the means over all patients."""
        centered = self.mean - self.pooled_mean[..., None, :]
        total: Array = self.scatter.sum(axis=-3) + (self.weight[..., None] * centered).swapaxes(-1, -2) @ centered
        return total

    def _take(self, keep: list[int], weight: Array, scatter: Array) -> StudyMoments:
        studies = tuple(self.studies[place] for place in keep)
        return StudyMoments(studies, self.columns, weight[..., keep], self.mean[..., keep, :],
                            scatter[..., keep, :, :])


@dataclass(frozen=True)
class PatientRows:
    """Patients sorted by study, each study's columns taken about its own means: where moments come from.

    `values` (n, p) are deviations from `center` (k, p); `first` (k,) is where each study starts, `order` (n,)
    where each patient stood before sorting.
    """

    studies: tuple[int, ...]
    columns: tuple[str, ...]
    center: Array
    values: Array
    first: Places
    order: Places

    @property
    def place(self) -> Places:
        """Each patient's study, as its place (n,) among `studies`."""
        return np.repeat(np.arange(len(self.first)), np.diff(self.first, append=len(self.order)))

    def with_column(self, name: str, values: ArrayLike) -> PatientRows:
        """The same patients with one more column (n,), given in the order in which they came."""
        column = _checked({name: values})[self.order]
        center, deviation = _centered(column, self.first, self.place)
        return replace(self, columns=(*self.columns, name), center=np.hstack([self.center, center]),
                       values=np.hstack([self.values, deviation]))

    def with_responses(self, name: str, values: ArrayLike) -> StudyMoments:
        """Moments with one more column that differs: `values` (b, n), a batch of responses to the same columns.

        What the columns have among themselves is computed once for all.
        """
        rows = np.asarray(values, dtype=float)[:, self.order]
        if not np.isfinite(rows).all():
            raise ValueError("a moment of a missing or infinite value")
        center, deviation = _centered(rows.T, self.first, self.place)
        once = self._of_once()
        b, k, p = len(rows), len(self.first), len(self.columns)
        mean, scatter = np.empty((b, k, p + 1)), np.empty((b, k, p + 1, p + 1))
        mean[..., :p], mean[..., p], scatter[..., :p, :p] = once.mean, center.T, once.scatter
        for s, (low, high) in enumerate(zip(self.first, [*self.first[1:], len(self.order)], strict=True)):
            own = deviation[low:high]
            scatter[:, s, p, :p] = scatter[:, s, :p, p] = own.T @ self.values[low:high]
            scatter[:, s, p, p] = np.einsum("ib,ib->b", own, own)
        return StudyMoments(self.studies, (*self.columns, name), np.broadcast_to(once.weight, (b, k)), mean, scatter)

    def moments(self, weights: ArrayLike | None = None) -> StudyMoments:
        """Moments with each patient counted `weights` (..., n) times, in the order in which they came; default
        once.

        Batch axes of the weights are those of the moments: a bootstrap is one call. A study left without
        patients keeps its place with weight 0, and adds nothing to a fit.
        """
        if weights is None:
            return self._of_once()
        weight = np.asarray(weights, dtype=float)[..., self.order]
        batch, p = weight.shape[:-1], len(self.columns)
        flat = weight.reshape(-1, weight.shape[-1])
        total = np.add.reduceat(flat, self.first, axis=1)
        sums = np.empty((len(flat), len(self.first), p))
        products = np.empty((len(flat), len(self.first), p * p))
        for s, (low, high) in enumerate(zip(self.first, [*self.first[1:], len(self.order)], strict=True)):
            rows = self.values[low:high]
            sums[:, s] = flat[:, low:high] @ rows
            products[:, s] = flat[:, low:high] @ (rows[:, :, None] * rows[:, None, :]).reshape(len(rows), -1)
        shift = sums / np.where(total > 0, total, 1.0)[..., None]
        scatter = products.reshape(*sums.shape, p) - sums[..., None] * shift[..., None, :]
        k = len(self.first)
        return StudyMoments(self.studies, self.columns, total.reshape(*batch, k),
                            (self.center + shift).reshape(*batch, k, p), scatter.reshape(*batch, k, p, p))

    def _of_once(self) -> StudyMoments:
        p, n = len(self.columns), len(self.order)
        ends = np.append(self.first[1:], n)
        scatter = np.stack([self.values[low:high].T @ self.values[low:high] for low, high in
                            zip(self.first, ends, strict=True)]) if len(self.first) else np.zeros((0, p, p))
        return StudyMoments(self.studies, self.columns, (ends - self.first).astype(float), self.center, scatter)


def rows_by_study(columns: Mapping[str, ArrayLike], study: ArrayLike) -> PatientRows:
    """Columns of patients, name to values (n,), none missing, sorted by `study` (n,), integer codes.

    Raises ValueError for a missing value: leaving patients out is the analysis's decision, not ours; NotFinite
    for one that cannot be computed with.
    """
    table, codes = _checked(columns), np.asarray(study)
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    begins = np.ones(len(order), dtype=bool)
    begins[1:] = ordered[1:] != ordered[:-1]
    first = np.flatnonzero(begins)
    center, values = _centered(table[order], first, np.cumsum(begins) - 1)
    return PatientRows(tuple(ordered[first].tolist()), tuple(columns), center, values, first, order)


def from_rows(columns: Mapping[str, ArrayLike], study: ArrayLike,
              weights: ArrayLike | None = None) -> StudyMoments:
    """Moments of columns of patients, as `rows_by_study` takes them.

    `weights` (n,): how often each patient counts (default once; whole numbers equal duplication). Studies of no
    weight are left out.
    """
    if weights is None:
        return rows_by_study(columns, study).moments()
    weight = np.asarray(weights, dtype=float)
    if not np.isfinite(weight).all():
        raise ValueError("a missing or infinite weight")
    counted = weight > 0
    kept = {name: np.asarray(values, dtype=float)[counted] for name, values in columns.items()}
    return rows_by_study(kept, np.asarray(study)[counted]).moments(weight[counted])


def _checked(columns: Mapping[str, ArrayLike]) -> Array:
    """The columns side by side (n, p)."""
    table = np.column_stack([np.asarray(values, dtype=float) for values in columns.values()])
    largest = np.abs(table).max(axis=0, initial=0.0)
    if np.isnan(largest).any():
        raise ValueError("a moment of a missing value")
    for name, size in zip(columns, largest, strict=True):
        if size > LARGEST:
            raise NotFinite(f"{name} holds {size:.3g}, which cannot be computed with.")
    return table


def _centered(rows: Array, first: Places, place: Places) -> tuple[Array, Array]:
    """Study means (k, p) of sorted rows, and the rows' deviations from them (n, p)."""
    if not len(first):
        return np.zeros((0, rows.shape[1])), rows
    size = np.diff(first, append=len(rows))[:, None]
    mean = np.add.reduceat(rows, first) / size
    deviation = rows - mean[place]
    # once more, so that a column far from zero keeps its digits
    rest = np.add.reduceat(deviation, first) / size
    return mean + rest, deviation - rest[place]
