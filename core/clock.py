"""When rows were measured, from days and times of day: hours between the treatment and each row."""

from __future__ import annotations

import numpy as np

from core.dates import Moments, read_moments
from core.errors import Severity
from core.findings import Findings
from core.mapping import ClockSource
from core.sources import RawColumn, raw_text

ALL_TIMED = 0.9
"""Share of the days that must bear a time of day for hours to be counted by the clock."""


def clock_hours(clock: ClockSource, ids: list[str], findings: Findings) -> np.ndarray:
    """Hours from the treatment to each row of the table, NaN where one of the two is not known or is not plain."""
    there, given = (findings.column(name) for name in (clock.column, clock.since))
    if there is None or given is None:
        return np.full(len(ids), np.nan)
    measured = _moments(there, clock.time_column, clock.order, findings)
    treated = spread(_moments(given, clock.since_time, clock.since_order, findings), ids)
    hours = hours_between(treated, measured)
    if not are_timed(treated, measured):
        same_day = hours == 0
        hours[same_day] = 0.0 if clock.same_day == "before" else np.nan
        _ask_about_same_day(clock, np.flatnonzero(same_day), findings)
    _tell_unreadable(there, measured, ids, findings)
    _tell_untreated(given, treated, ids, findings)
    return hours


def hours_between(treated: Moments, measured: Moments) -> np.ndarray:
    """Hours (n,), by the clock where days bear times, else in whole days of 24 hours."""
    known = treated.known & measured.known
    hours = np.full(len(known), np.nan)
    if are_timed(treated, measured):
        known &= treated.has_time & measured.has_time
        hours[known] = (measured.at[known] - treated.at[known]).astype(float) / 3600
    else:
        days = measured.at[known].astype("datetime64[D]") - treated.at[known].astype("datetime64[D]")
        hours[known] = days.astype(float) * 24
    return hours


def are_timed(treated: Moments, measured: Moments) -> bool:
    """Whether both columns give times of day."""
    return all(bool(one.known.any()) and float(one.has_time[one.known].mean()) >= ALL_TIMED
               for one in (treated, measured))


def spread(moments: Moments, ids: list[str]) -> Moments:
    """A patient's one moment in all of the patient's rows; none where the rows contradict each other."""
    at, has_time = moments.at.copy(), moments.has_time.copy()
    rows_of: dict[str, list[int]] = {}
    for i, name in enumerate(ids):
        rows_of.setdefault(name, []).append(i)
    for name, rows in rows_of.items():
        told = [i for i in rows if moments.known[i]] if name else []
        same = bool(told) and len({moments.at[i] for i in told}) == 1
        at[rows] = moments.at[told[0]] if same else np.datetime64("NaT")
        has_time[rows] = moments.has_time[told[0]] if same else False
    return Moments(at, has_time)


def _moments(column: RawColumn, time_column: str | None, order: str, findings: Findings) -> Moments:
    times = findings.column(time_column) if time_column else None
    return read_moments(column.cells, "mdy" if order == "mdy" else "dmy", times.cells if times else None)


def _ask_about_same_day(clock: ClockSource, rows: np.ndarray, findings: Findings) -> None:
    if len(rows) and clock.same_day != "before":
        findings.add(Severity.QUESTION, "same_day_unclear", f"{len(rows)} {'row is' if len(rows) == 1 else 'rows are'} "
                     "of the day of the treatment, before or after it; not used.",
                     "Add the times of day, or a column that names the visits, to the file.", record=int(rows[0]),
                     column=clock.column)


def _tell_unreadable(column: RawColumn, moments: Moments, ids: list[str], findings: Findings) -> None:
    bad = [i for i in np.flatnonzero(~moments.known).tolist() if raw_text(column.cells[i]) and ids[i]]
    findings.add_each(
        Severity.ERROR, "unreadable", bad, lambda j: f'"{raw_text(column.cells[bad[j]])}" is not a day; the row is not '
        "used for scores.", "Correct it in the file.", column=column.name)


def _tell_untreated(column: RawColumn, treated: Moments, ids: list[str], findings: Findings) -> None:
    first = {name: i for i, name in reversed(list(enumerate(ids))) if name}
    without = [i for i in sorted(first.values()) if not treated.known[i]]
    findings.add_each(
        Severity.WARNING, "treatment_undated", without, lambda j: f"Patient {ids[without[j]]} has no one day of "
        "treatment; when the scores were taken is not known.", "Fill it in in the file if it is known.",
        column=column.name, patients=[ids[i] for i in without])
