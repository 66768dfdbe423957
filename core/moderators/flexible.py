"""Whether M* leaves something on the table: a forest, free to bend and to combine, judged by the very patients and
studies that are held out from M* (METHODS section 10).

It learns the difference between the arms from modified outcomes (Tian 2014, J Am Stat Assoc 109): with T = +-1 for
active and control, 2 T (y - m(x)), both arms weighted to count alike, has that difference as its mean wherever x is.
m, the regression of y on x, takes away what sets patients apart on either arm. Like M* it sees the set's members and
nothing of the study.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.models.moments import Array, Flags
from core.models.streams import stream
from core.moderators.members import FEWEST_STUDIES, SetRows
from core.moderators.validation import by_pairs, held_out_folds, pairs_among, r_among
from core.progress import Progress, silent

TREES = 60
REPEATS = 3
"""Of the cross-validation: the first of those that judge M*."""
LEAF = 20
"""A leaf holds at least one patient in so many, and never fewer than SMALLEST: single patients are mostly noise."""
SMALLEST = 5
SHARE = 0.5
"""Of the members, drawn anew for each split."""

Judged = tuple[float, int]
"""r among patients the forest has not seen, and their pairs."""


@dataclass(frozen=True)
class Flexible:
    """r of the flexible learner in studies held out in turn, None for fewer than three, and in folds of patients."""

    r_studies: float | None
    r_folds: float | None


def forests(rows: SetRows, folds: int) -> int:
    """How many forests it takes to judge a set: one for each study, and for each fold of each repeat."""
    return _studies(rows) + REPEATS * folds


def judged(rows: SetRows, folds: int, seed: int, which: Sequence[int], progress: Progress = silent) -> list[Judged]:
    """What is found by some of the forests, by their places; without pairs where one arm only was held out."""
    found = []
    for done, place in enumerate(which):
        progress(done / len(which), f"Flexible learner, forest {place + 1} of {forests(rows, folds)}")
        own = _held_out(rows, folds, seed, place)
        pairs = pairs_among(rows, own)
        if not pairs:
            found.append((0.0, 0))
            continue
        random = stream(seed, "combined flexible learner", rows.outcome, rows.who, place)
        benefit = _learned(rows.x[~own], rows.y[~own], rows.is_active[~own], int(random.integers(2 ** 31)))
        found.append((r_among(rows, own, benefit(rows.x[own])), pairs))
    return found


def pooled(rows: SetRows, folds: int, found: Sequence[Judged]) -> Flexible:
    """Of all forests, in their order, what M* is judged by as well: studies by their pairs; folds by their pairs, then
    the mean over repeats.
    """
    first = _studies(rows)
    repeats = [by_pairs([one for one in found[start:start + folds] if one[1]])
               for start in range(first, len(found), folds)]
    known = [r for r in repeats if r is not None]
    return Flexible(by_pairs([one for one in found[:first] if one[1]]), float(np.mean(known)) if known else None)


def _studies(rows: SetRows) -> int:
    return rows.k if rows.k >= FEWEST_STUDIES else 0


def _held_out(rows: SetRows, folds: int, seed: int, place: int) -> Flags:
    """Whom a forest must not see, boolean (n,)."""
    if place < _studies(rows):
        study: Flags = rows.study == np.unique(rows.study)[place]
        return study
    repeat, fold = divmod(place - _studies(rows), folds)
    codes, _ = held_out_folds(rows, folds, seed, repeat)
    return np.asarray(codes == fold)


def _learned(x: Array, y: Array, is_active: Flags, seed: int) -> Callable[[Array], Array]:
    """What foretells the difference between the arms (m,) of patients (m, p), from others (n, p) and (n,)."""
    if is_active.all() or not is_active.any():  # nothing to learn from: as an empty model
        return lambda new: np.zeros(len(new))
    from sklearn.ensemble import RandomForestRegressor  # takes a second, and is not needed without being asked for

    share = is_active.mean()
    weight = np.where(is_active, 0.5 / share, 0.5 / (1 - share))
    columns, root = np.column_stack([np.ones(len(x)), x]), np.sqrt(weight)
    expected = columns @ np.linalg.lstsq(columns * root[:, None], y * root, rcond=None)[0]
    forest = RandomForestRegressor(TREES, min_samples_leaf=max(SMALLEST, len(y) // LEAF), max_features=SHARE,
                                   random_state=seed)
    forest.fit(x, 2 * np.where(is_active, 1.0, -1.0) * (y - expected), sample_weight=weight)
    return lambda new: np.asarray(forest.predict(new))
