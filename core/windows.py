"""When a score counts: the last before the first treatment, and the nearest to each timepoint (METHODS section 1)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.protocol import Timepoint

ROUNDING = 9
"""Decimals of an hour to which distances are compared, so that 23.9 and 24.1 are equally far from 24."""


def choose_baseline(cell: np.ndarray, hours: np.ndarray, cells: int) -> np.ndarray:
    """For each cell the index of its last score at or before hour 0, or -1; shape (cells,).

    `cell` (s,) says which patient and scale a score belongs to, `hours` (s,) when it was taken. Of several at the
    same hour the first counts.
    """
    inside = np.flatnonzero(hours <= 0)
    return _first_of_each(cell, inside[np.lexsort((inside, -hours[inside], cell[inside]))], cells)


def choose_nearest(cell: np.ndarray, hours: np.ndarray, cells: int, timepoint: Timepoint,
                   second_treatment: float | None) -> np.ndarray:
    """For each cell the index of the score nearest the timepoint's target within its window, or -1; shape (cells,).

    Both ends belong to the window; at equal distance the earlier counts; where the timepoint says so, nothing after
    the second treatment does.
    """
    last = timepoint.to_hours
    if timepoint.before_second_treatment and second_treatment is not None:
        last = min(last, second_treatment)
    inside = np.flatnonzero((hours >= timepoint.from_hours) & (hours <= last))
    distance = np.round(np.abs(hours[inside] - timepoint.target_hours), ROUNDING)
    return _first_of_each(cell, inside[np.lexsort((inside, hours[inside], distance, cell[inside]))], cells)


def beyond_doubt(hours: np.ndarray, timepoints: Sequence[Timepoint]) -> np.ndarray:
    """Times at which a score counts, or does not, whatever other scores there are: exactly 0 or a target, or in no
    window; boolean, same shape."""
    exact = np.isin(hours, [0.0, *(timepoint.target_hours for timepoint in timepoints)])
    inside = np.zeros(hours.shape, dtype=bool)
    for timepoint in timepoints:
        inside |= (hours >= timepoint.from_hours) & (hours <= timepoint.to_hours)
    return exact | ((hours > 0) & ~inside)


def _first_of_each(cell: np.ndarray, ordered: np.ndarray, cells: int) -> np.ndarray:
    chosen = np.full(cells, -1)
    found, at = np.unique(cell[ordered], return_index=True)
    chosen[found] = ordered[at]
    return chosen


def window_text(timepoint: Timepoint | None) -> str:
    """The rule in words, for the origin of a cell."""
    if timepoint is None:
        return "last score before the first treatment"
    low, target, high = (_time(h) for h in (timepoint.from_hours, timepoint.target_hours, timepoint.to_hours))
    return f"score nearest {target}, from {low} to {high}"


def _time(hours: float) -> str:
    return f"{hours / 24:g} d" if hours >= 96 else f"{hours:g} h"


def chosen_values(chosen: np.ndarray, values: Sequence[float] | np.ndarray) -> np.ndarray:
    """The values at the chosen indices, NaN where nothing was chosen; same shape as `chosen`."""
    values = np.append(np.asarray(values, dtype=float), np.nan)
    return values[chosen]
