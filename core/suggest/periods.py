"""Visits whose names say the treatment period as well: "Infusion 2, day 1", `period_1_24h_arm_1`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.mapping import PeriodSource, VisitSource
from core.suggest import words as w
from core.suggest.columns import Column
from core.suggest.names import Vocabulary, Words, best_match
from core.suggest.times import Time, TimeNames, read_time, take_period

NAMED = 0.85
_AROUND = frozenset(w.EVENT | w.AFTER | w.VISIT | set(w.TIME_UNITS))
_TREATING = w.words("infusion inf period p phase treatment tx trt periode periodo dose course block leg")
"""Words of periods in which something is given; a session or a visit may be any day."""


def visits_in_periods(columns: Sequence[Column], vocabulary: Vocabulary,
                      times: TimeNames) -> tuple[PeriodSource, VisitSource] | None:
    """Period and time of each visit, where a column of visits names several periods; texts not understood are left.

    A baseline without a period comes before the first.
    """
    phrases = [vocabulary.split(name) for name in w.VISIT_NAMES]
    for column in columns:
        if max(best_match(reading, phrases, _AROUND).quality for reading in column.readings[:2]) < NAMED:
            continue
        read = {text: _read(vocabulary.split(_bare(column.meanings.get(text, text))), times) for text in column.texts}
        periods = {text: period for text, (period, _) in read.items() if period is not None}
        repeated = [one for one in set(periods.values()) if sum(p == one for p in periods.values()) > 1]
        if len(set(periods.values())) < 2 or len(repeated) < 2 or 1 not in repeated:
            continue
        before = {text: 1 for text, (period, time) in read.items()
                  if period is None and time is not None and (time.hours or 0.0) <= 0}
        hours = {text: time.hours for text, (period, time) in read.items()
                 if time is not None and text in periods.keys() | before.keys()}
        if hours:
            return (PeriodSource(column=column.raw.name, values={**periods, **before}),
                    VisitSource(column=column.raw.name, values=hours))
    return None


def _bare(text: str) -> str:
    return re.sub(r"[_ ]arm[_ ]\d+$", "", text)


def _read(words: Words, times: TimeNames) -> tuple[int | None, Time | None]:
    """The period and the time that a visit's words say, each None if it is not plain."""
    period, rest = take_period(words)
    if period is not None and not set(words) & _TREATING:
        period, rest = None, words
    time = read_time(rest, times)
    plain = time.hours is not None and not time.is_unclear and not set(time.leftover) - w.SCORE
    return period, time if plain else None
