"""Which columns hold the day of treatment and the day of each row, where no visit's name says when."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from core.clock import are_timed, hours_between, spread
from core.dates import date_order, read_moments
from core.mapping import ClockSource
from core.sources import raw_text
from core.suggest import words as w
from core.suggest.columns import Column
from core.suggest.times import take_period

_DAY = w.words("date day datum data fecha time datetime start started begin began at of the when zeit uhrzeit tag jour "
               "hora heure dt dttm timestamp")
_TREATING = w.words("infusion inf treatment tx dose dosing dosed injection administration treated infused infusao "
                    "infusione infusionen infusionstag behandlung perfusion administracion infuus")
_GIVEN = _TREATING | w.words("drug study medication first 1st 1")
_MEASURED = w.words("visit rating assessment rated assessed visite visita score scores session examination bewertung "
                    "evaluation interview test measurement timepoint")
_NOT_MEASURED = w.words("birth born dob consent entry entered export created modified onset screening enrollment end "
                        "stop")
MOST_HOURS = 3 * 365 * 24.0
PLAUSIBLE = 0.9
"""Share of the rows, and of the patients, for which the hours must make sense."""


def find_clock(columns: Sequence[Column], patient: Column) -> tuple[ClockSource | None, str]:
    """The columns from which hours can be counted, or why they cannot; None and "" where there are no such columns."""
    dated = [column for column in columns if column.holds_days]
    measured = [one for one in dated if not set(one.name.words) & _NOT_MEASURED and not _is_of_treatment(one)
                and _tells_rows_apart(patient, one, columns)]
    measured = [one for one in measured if set(one.name.words) & _MEASURED] or measured
    treated = [one for one in dated if _is_of_treatment(one) and one not in measured and _is_fixed(patient, one)]
    if not measured or not treated:
        return None, ""
    again = next((one for one in dated if _treatment_period(one) not in (None, 1)), None)
    if again is not None:
        return None, f'"{again.raw.name}" tells of a later treatment'
    if len(measured) > 1 or len(treated) > 1:
        several = measured if len(measured) > 1 else treated
        return None, " and ".join(f'"{one.raw.name}"' for one in several) + " may each say when a row was measured" * (
            several is measured) + " may each be the day of treatment" * (several is treated)
    return _clock(measured[0], treated[0], columns, patient)


def _tells_rows_apart(patient: Column, column: Column, columns: Sequence[Column]) -> bool:
    """Whether no two rows of a patient have the same day, or the same day and time of day."""
    beside = _times_beside(column, columns)
    clock = next((one.raw.cells for one in columns if one.raw.name == beside), (None,) * len(column.raw.cells))
    rows = list(zip(*(map(raw_text, cells) for cells in (patient.raw.cells, column.raw.cells, clock)), strict=True))
    return len(set(rows)) == len(rows)


def _is_of_treatment(column: Column) -> bool:
    """Whether the header names the day of the first treatment: "Infusion date", "Date of first dose"."""
    words = set(column.name.words)
    return _treatment_period(column) in (None, 1) and bool(words & _TREATING) and words <= _DAY | _GIVEN


def _treatment_period(column: Column) -> int | None:
    """The number of the treatment that a header names ("Infusion 2 date")."""
    return take_period(column.name.words)[0]


def _is_fixed(patient: Column, column: Column) -> bool:
    """Whether each patient has at most one day in it."""
    seen: dict[str, str] = {}
    return all(not text or seen.setdefault(raw_text(who), text) == text
               for who, text in zip(patient.raw.cells, map(raw_text, column.raw.cells), strict=True))


def _clock(measured: Column, treated: Column, columns: Sequence[Column],
           patient: Column) -> tuple[ClockSource | None, str]:
    orders = [date_order(one.raw.cells) for one in (measured, treated)]
    if None in orders and len(set(orders) - {None}) == 1 and _has_numbers(measured) and _has_numbers(treated):
        orders = [next(order for order in orders if order)] * 2  # one hand wrote both columns
    for one, order in zip((measured, treated), orders, strict=True):
        if order is None:
            return None, f'in "{one.raw.name}" the day and the month cannot be told apart'
    times = [_times_beside(one, columns) for one in (measured, treated)]
    clock = ClockSource(column=measured.raw.name, time_column=times[0], order=orders[0] or "dmy",
                        since=treated.raw.name, since_time=times[1], since_order=orders[1] or "dmy")
    return _checked(clock, {column.raw.name: column for column in columns}, patient)


def _has_numbers(column: Column) -> bool:
    return any(isinstance(cell, str) and re.match(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}", cell.strip())
               for cell in column.raw.cells)


def _times_beside(column: Column, columns: Sequence[Column]) -> str | None:
    """The column of times of day that belongs to a column of days: the same name but for day and time."""
    own = set(column.name.words) - _DAY
    for other in columns:
        is_clock = other.size > 0 and all(re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?( ?[AaPp][Mm])?", text)
                                          for text in other.texts)
        if other is not column and is_clock and set(other.name.words) - _DAY in (own, own - _MEASURED):
            return other.raw.name
    return None


def _checked(clock: ClockSource, by_name: dict[str, Column], patient: Column) -> tuple[ClockSource | None, str]:
    """The clock, if most patients have hours before and after the treatment and none is out of all measure."""
    ids = [raw_text(cell) for cell in patient.raw.cells]
    cells = {name: by_name[name].raw.cells for name in (clock.column, clock.since, clock.time_column, clock.since_time)
             if name}
    measured = read_moments(cells[clock.column], clock.order, cells.get(clock.time_column or ""))
    treated = spread(read_moments(cells[clock.since], clock.since_order, cells.get(clock.since_time or "")), ids)
    hours = hours_between(treated, measured)
    known = np.isfinite(hours)
    who = np.array(ids, dtype=object)
    before, after = (len(set(who[known & part])) for part in (hours <= 0, hours > 0))
    n = len(set(who[known])) or 1
    sensible = known.any() and (np.abs(hours[known]) <= MOST_HOURS).mean() >= PLAUSIBLE
    if not sensible or min(before, after) < PLAUSIBLE * n:
        return None, (f'the days in "{clock.column}" do not lie before and after those in "{clock.since}" for most '
                      "patients")
    plain = "by_time" if are_timed(treated, measured) else "before" if _is_before(hours, who) else "ask"
    return clock.model_copy(update={"same_day": plain}), ""


def _is_before(hours: np.ndarray, who: np.ndarray) -> bool:
    """Whether the rows of the day of treatment can only be the baseline: one each, and none before that day."""
    same = who[hours == 0]
    return len(set(same)) == len(same) and not set(same) & set(who[hours < 0])


def words_of_clock(clock: ClockSource) -> str:
    """What was counted, as a sentence."""
    how = {"by_time": ", by the clock", "before": ", in whole days; rows of the same day count as before the treatment",
           "ask": ", in whole days; rows of the same day are not used"}[clock.same_day]
    return f'When scores were taken was counted from "{clock.since}" to "{clock.column}"{how}.'
