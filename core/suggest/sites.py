"""Ids that begin anew at every site: a site and an id together make a patient there.

Two patients are never taken for one: where rows of one id agree in visit and period, and the column of sites alone
tells them apart, they are of as many patients.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.suggest import words as w
from core.suggest.columns import Column
from core.suggest.names import Vocabulary, best_match

NAMED = 0.9
MOST_SITES = 200
LEFT_ALIKE = 0.1
"""Share of the rows alike in id, visit and period that may stay alike at one site: rows entered twice."""


def site_of_ids(patient: Column, beside: Sequence[Column], columns: Sequence[Column],
                vocabulary: Vocabulary) -> Column | None:
    """The column of sites within which ids are unique, where across sites they are not. `beside`: visits, periods."""
    phrases = [vocabulary.split(name) for name in w.SITE_NAMES]
    alike = _alike([patient, *beside])
    if not alike:
        return None
    for column in columns:
        named = max(best_match(words, phrases, w.NEUTRAL).quality for words in column.readings[:2]) >= NAMED
        if named and column not in beside and 1 < len(column.texts) <= MOST_SITES and _alike(
                [patient, *beside, column]) <= LEFT_ALIKE * alike:
            return column
    return None


def _alike(columns: Sequence[Column]) -> int:
    """How many rows with an id repeat another in all these columns."""
    there = columns[0].codes >= 0
    keys = np.zeros(int(there.sum()), dtype=np.int64)
    for column in columns:
        own = column.codes[there]
        keys = np.unique(keys * (int(own.max(initial=-1)) + 2) + own + 1, return_inverse=True)[1]
    return len(keys) - len(np.unique(keys))
