"""Values computed from several columns of a row: products of numbers, completed years between two days."""

from __future__ import annotations

import numpy as np

from core.cells import read_numbers
from core.dates import DateOrder, read_moments
from core.errors import Severity
from core.findings import Findings
from core.mapping import Elapsed, Product
from core.records import Records
from core.sources import raw_text


def product(rule: Product, records: Records, findings: Findings, variable: str) -> np.ndarray:
    """The product in each row that counts, (m,), NaN where a factor is missing."""
    values = np.ones(len(records.rows))
    for factor in rule.factors:
        column = findings.column(factor.column, variable)
        if column is None:
            return np.full(len(records.rows), np.nan)
        numbers = read_numbers(column, factor.format, records, findings, variable) * factor.factor
        values = values * np.where(numbers > 0, numbers, np.nan) ** factor.power
    return values


def completed_years(rule: Elapsed, records: Records, findings: Findings, variable: str) -> np.ndarray:
    """Completed years in each row that counts, (m,), NaN where a day is missing."""
    since = _days(rule.since, rule.since_order, records, findings, variable)
    until = _days(rule.until, rule.until_order, records, findings, variable)
    years = np.full(len(records.rows), np.nan)
    for i in np.flatnonzero(~np.isnat(since) & ~np.isnat(until)):
        first, last = since[i].item(), until[i].item()
        years[i] = last.year - first.year - ((last.month, last.day) < (first.month, first.day))
    return years


def _days(name: str, order: DateOrder, records: Records, findings: Findings, variable: str) -> np.ndarray:
    """A column's days in the rows that count; of a patient's rows without one, the one day the others tell."""
    column = findings.column(name, variable)
    if column is None:
        return np.full(len(records.rows), np.datetime64("NaT"), dtype="datetime64[D]")
    days = read_moments(column.cells, order).at.astype("datetime64[D]")[records.rows]
    bad = [i for i in np.flatnonzero(np.isnat(days)) if raw_text(column.cells[records.rows[i]])]
    findings.add_each(
        Severity.ERROR, "unreadable", records.rows[bad].tolist(),
        lambda j: f'"{raw_text(column.cells[records.rows[bad[j]]])}" is not a day and is not used.',
        "Correct it in the file.", column=name, variable=variable)
    for patient in np.unique(records.patient[np.isnat(days)]):
        own = records.patient == patient
        told = np.unique(days[own & ~np.isnat(days)])
        if len(told) == 1:
            days[own] = told[0]
    return days
