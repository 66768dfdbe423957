"""Ids that begin anew at every site: a site and an id together make a patient there.

Two patients are never taken for one: where rows of one id agree in visit and period, and the column of sites alone
tells them apart, they are of as many patients.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.mapping import ScoreSource, Shape
from core.sources import raw_text
from core.suggest import words as w
from core.suggest.columns import Column
from core.suggest.names import Vocabulary, best_match

NAMED = 0.9
MOST_SITES = 200
LEFT_ALIKE = 0.1
"""Share of the rows alike in id, visit and period that may stay alike at one site: rows entered twice."""
SHARED = 0.2
"""Share of the scores that differ from another one of the same id and visit; with more, ids are of several patients."""


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


def shared_ids(shape: Shape, scores: Sequence[ScoreSource], columns: Sequence[Column]) -> str:
    """Why several patients may bear one id, which no column named as a site tells: it has several scores at a visit."""
    by_name = {column.raw.name: column for column in columns}
    beside = [by_name[source.column] for source in (shape.visit, shape.period) if source]
    if shape.patient is None or shape.site is not None or shape.clock is not None or not beside:
        return ""
    patient = by_name[shape.patient]
    if max((_share_differing(patient, beside, shape, source, by_name) for source in scores), default=0.0) < SHARED:
        return ""
    used = {column.raw.name for column in (patient, *beside)} | {source.column for source in scores}
    alike = _alike([patient, *beside])
    apart = next((column for column in columns if column.raw.name not in used and 1 < len(column.texts) <= MOST_SITES
                  and _alike([patient, *beside, column]) <= LEFT_ALIKE * alike), None)
    told = f' ("{apart.raw.name}" tells them apart)' if apart else ""
    return f'an id in "{patient.raw.name}" has several scores at one visit{told}, as if several patients bore it'


def _share_differing(patient: Column, beside: Sequence[Column], shape: Shape, source: ScoreSource,
                     by_name: dict[str, Column]) -> float:
    """The share of a source's scores that differ from another one of the same id, visit and period."""
    score = by_name[source.column]
    there = (patient.codes >= 0) & (score.codes >= 0)
    if shape.visit is not None:
        timed = {text for text, hours in shape.visit.values.items() if hours is not None}
        there &= _holds(by_name[shape.visit.column], timed)
    if source.where_column is not None:
        there &= _holds(by_name[source.where_column], {source.where_text or ""})
    key = np.zeros(int(there.sum()), dtype=np.int64)
    for column in (patient, *beside):
        own = column.codes[there]
        key = np.unique(key * (int(own.max(initial=-1)) + 2) + own + 1, return_inverse=True)[1]
    pairs = np.unique(np.stack([key, score.codes[there]]), axis=1)
    different = np.bincount(pairs[0], minlength=int(key.max(initial=-1)) + 1)
    return float((different[key] > 1).mean()) if len(key) else 0.0


def _holds(column: Column, texts: set[str]) -> np.ndarray:
    """The rows whose text is one of the texts, (n,)."""
    codes, first = np.unique(column.codes, return_index=True)
    known = [code for code, at in zip(codes, first, strict=True) if raw_text(column.raw.cells[at]) in texts]
    return np.isin(column.codes, known)


def _alike(columns: Sequence[Column]) -> int:
    """How many rows with an id repeat another in all these columns."""
    there = columns[0].codes >= 0
    keys = np.zeros(int(there.sum()), dtype=np.int64)
    for column in columns:
        own = column.codes[there]
        keys = np.unique(keys * (int(own.max(initial=-1)) + 2) + own + 1, return_inverse=True)[1]
    return len(keys) - len(np.unique(keys))
