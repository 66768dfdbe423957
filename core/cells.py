"""A column's cells in the rows that count, as numbers or texts; what could not be read becomes an issue."""

from __future__ import annotations

from collections import Counter

import numpy as np

from core.errors import Severity
from core.findings import Coded, Findings
from core.mapping import NumberFormat
from core.records import Records
from core.sources import RawColumn, raw_text
from core.values import parse_column


def read_numbers(column: RawColumn, form: NumberFormat, records: Records, findings: Findings,
                 variable: str) -> np.ndarray:
    """The numbers of a column in the rows that count, (m,), NaN where missing; unreadable cells become issues."""
    parsed = parse_column(column.cells, form)
    bad, missing = (np.flatnonzero(np.isin(records.rows, part)) for part in (parsed.unreadable, parsed.coded))
    findings.add_each(
        Severity.ERROR, "unreadable", records.rows[bad].tolist(),
        lambda j: f'"{raw_text(column.cells[records.rows[bad[j]]])}" is not a number and is not used.',
        "Correct it in the file, or list it as a missing code.", column=column.name, variable=variable,
        patients=records.names(bad))
    tell_missing(column, missing, records, findings, variable)
    findings.unuse(records.rows[bad], "unreadable")
    for at, patient in zip(bad, records.names(bad), strict=True):
        text = raw_text(column.cells[records.rows[at]])
        findings.change(patient, variable, f'"{text}" is not a number and is not used', int(records.rows[at]))
    return parsed.values[records.rows]


def tell_missing(column: RawColumn, missing: np.ndarray, records: Records, findings: Findings,
                 variable: str) -> None:
    """Note the missing codes of a column, at positions `missing` of the rows that count."""
    if not len(missing):
        return
    texts = [raw_text(column.cells[row]) for row in records.rows[missing]]
    findings.unuse(records.rows[missing], "coded")
    for text, at, patient in zip(texts, missing, records.names(missing), strict=True):
        findings.change(patient, variable, f'"{text}" means missing', int(records.rows[at]))
    findings.coded.append(Coded(column.name, variable, int(records.rows[missing[0]]), Counter(texts)))


def texts_of(column: RawColumn, records: Records) -> list[str]:
    """The texts of a column in the rows that count, "" where empty."""
    return [raw_text(column.cells[row]) for row in records.rows.tolist()]
