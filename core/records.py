"""The rows of a study's file as patients, periods and visits: which rows count, and which only repeat others.

Of a crossover or repeated design only the rows of the first infusion count (METHODS section 1). The lowest period
number of the study is the first; a patient without a row of it has no first infusion in the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from core.clock import clock_hours
from core.errors import Severity
from core.findings import Findings
from core.mapping import Shape, StudyMapping
from core.sources import RawColumn, raw_text

WITHIN = " / "
"""Between a site and the id that a patient has there."""
UNKNOWN_PERIOD = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Records:
    """The rows that count, m of n patients. `rows` are indices into the table, ascending; all of shape (m,)."""

    patients: np.ndarray = field(repr=False)
    """Ids as text, in order of appearance, object (n,)."""
    home: np.ndarray = field(repr=False)
    """A row of the table to name for each patient, (n,)."""
    rows: np.ndarray = field(repr=False)
    patient: np.ndarray = field(repr=False)
    """Index of the row's patient."""
    hours: np.ndarray = field(repr=False)
    """When the row was measured, in hours after the treatment; NaN if the row does not say."""
    undated: np.ndarray = field(repr=False)
    """Whether it says so in words that are not understood, boolean."""
    preferred: np.ndarray = field(repr=False)
    """The rows' order of preference for what a patient has once: the last before the treatment first."""
    first_period: int | None
    later_rows: int
    duplicate_rows: int

    @property
    def is_baseline(self) -> np.ndarray:
        """Rows measured before the treatment, boolean (m,)."""
        return self.hours <= 0

    def names(self, at: np.ndarray) -> list[str]:
        """The patients' ids of the rows at positions `at`."""
        return [str(name) for name in self.patients[self.patient[at]]]

    def first_with(self, present: np.ndarray) -> np.ndarray:
        """For each patient the preferred row (0..m-1) among those where `present` (m,) is true, or -1; (n,)."""
        order = self.preferred[present[self.preferred]]
        patients, at = np.unique(self.patient[order], return_index=True)
        chosen = np.full(len(self.patients), -1)
        chosen[patients] = order[at]
        return chosen

    def tell_differing(self, values: np.ndarray, chosen: np.ndarray, present: np.ndarray, column: RawColumn,
                       variable: str, findings: Findings) -> None:
        """An issue for each row that contradicts the one chosen for its patient; `present` (m,) says which count."""
        used = chosen[self.patient]
        differs = np.flatnonzero(present & (used >= 0) & (values != values[used]))
        findings.add_each(
            Severity.WARNING, "contradiction", self.rows[differs].tolist(),
            lambda j: f'"{raw_text(column.cells[self.rows[differs[j]]])}" here contradicts '
                      f'"{raw_text(column.cells[self.rows[used[differs[j]]]])}" in row '
                      f"{findings.table.place(int(self.rows[used[differs[j]]]), column.name).row}, which is used.",
            "Correct one of them in the file.", column=column.name, variable=variable,
            patients=self.names(differs))


def read_records(mapping: StudyMapping, findings: Findings) -> Records:
    """Patients and rows of the table that `findings` is about, as the mapping's shape says."""
    shape, size = mapping.shape, len(findings.table.rows)
    ids = _patient_ids(shape, findings)
    periods = _periods(shape, ids, findings)
    hours, undated, visits = _visits(shape, ids, findings)
    kept = np.array([bool(name) for name in ids], dtype=bool)
    patient, patients = pd.factorize(np.array(ids, dtype=object)[kept])
    codes = np.full(size, -1)
    codes[kept] = patient
    home = np.zeros(len(patients), dtype=int)
    home[patient[::-1]] = np.flatnonzero(kept)[::-1]
    repeats = _repeats(shape, ids, periods, visits, kept, findings)
    first = _first_period(mapping, periods[kept])
    later = kept & ~repeats & (periods > first) & (periods != UNKNOWN_PERIOD)
    counts = kept & ~repeats & (periods == first if shape.period else True)
    rows = np.flatnonzero(counts)
    _tell_without_first(np.setdiff1d(np.arange(len(patients)), codes[rows]), patients, home, findings)
    return Records(
        patients=np.asarray(patients, dtype=object), home=home, rows=rows, patient=codes[rows], hours=hours[rows],
        undated=undated[rows],
        preferred=_preference(codes[rows], hours[rows]), first_period=None if first == UNKNOWN_PERIOD else first,
        later_rows=int(later.sum()) + _later_blocks(mapping, first, kept & ~repeats, findings),
        duplicate_rows=int(repeats.sum()))


def _patient_ids(shape: Shape, findings: Findings) -> list[str]:
    """A patient's id for each row, "" where the row has none."""
    table = findings.table
    column = findings.column(shape.patient) if shape.patient else None
    if column is None:
        if shape.kind in ("wide", "period_blocks"):
            findings.add(Severity.WARNING, "no_patient_column",
                         "No column holds the patients' ids; each row counts as one patient, named by its row.",
                         "Choose the column on the Map page.")
            return [str(row) for row in table.rows]
        findings.add(Severity.ERROR, "no_patient_column",
                     "No column holds the patients' ids, so that rows cannot be put together.",
                     "Choose the column on the Map page.")
        return [""] * len(table.rows)
    texts = id_texts(column)
    if shape.site and (site := findings.column(shape.site)) is not None:
        sites = map(raw_text, site.cells)
        texts = [f"{at}{WITHIN}{text}" if text else "" for at, text in zip(sites, texts, strict=True)]
    nameless = [i for i, text in enumerate(texts)
                if not text and any(raw_text(other.cells[i]) for other in table.columns)]
    findings.add_each(
        Severity.ERROR, "no_patient", nameless, lambda j: "The row names no patient; it is not used.",
        "Fill in the id in the file and load it again.", column=column.name)
    return texts


def id_texts(column: RawColumn) -> list[str]:
    """A column of ids as texts."""
    texts = [raw_text(cell) for cell in column.cells]
    # a column of whole numbers that another program saved as 12.0, 13.0
    if any("." in text for text in texts) and all(re.fullmatch(r"(\d+(\.0)?)?", text) for text in texts):
        return [text.removesuffix(".0") for text in texts]
    return texts


def _periods(shape: Shape, ids: list[str], findings: Findings) -> np.ndarray:
    """Period of each row, UNKNOWN_PERIOD where it is not known; one period for all where the file has none."""
    size = len(ids)
    column = findings.column(shape.period.column) if shape.period else None
    if shape.period is None or column is None:
        return np.full(size, UNKNOWN_PERIOD if shape.period else 1)
    known = shape.period.values
    numbers = {text: known.get(text, int(text) if text.isdecimal() else UNKNOWN_PERIOD)
               for text in column.counts}
    _ask_unlisted(column, [t for t, number in numbers.items() if number == UNKNOWN_PERIOD], ids, findings,
                  "unknown_period", "is not known as a period or infusion",
                  "Say which infusion it is: 1 for the first.")
    return np.array([numbers.get(raw_text(cell), UNKNOWN_PERIOD) for cell in column.cells], dtype=np.int64)


def _visits(shape: Shape, ids: list[str], findings: Findings) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Hours of each row's visit (NaN: none of interest), whether it is not understood, and the visits' texts."""
    column = findings.column(shape.visit.column) if shape.visit else None
    timed = clock_hours(shape.clock, ids, findings) if shape.clock else np.full(len(ids), np.nan)
    if shape.visit is None or column is None:
        return timed, np.isnan(timed) & (shape.clock is not None), [""] * len(ids)
    known = shape.visit.values
    if shape.clock:
        return _by_name_or_clock(known, column, timed)
    _ask_unlisted(column, [text for text in column.counts if text not in known], ids, findings,
                  "unknown_visit", "is not known as a visit",
                  "Say how many hours after the treatment it is, or that it is not a visit of interest.")
    texts = [raw_text(cell) for cell in column.cells]
    hours = {text: np.nan if value is None else float(value) for text, value in known.items()}
    undated = np.array([bool(text) and text not in known for text in texts], dtype=bool)
    return np.array([hours.get(text, np.nan) for text in texts], dtype=float), undated, texts


def _by_name_or_clock(known: Mapping[str, float | None], column: RawColumn,
                      timed: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Hours from a visit's name where that says when, else by the clock."""
    texts = [raw_text(cell) for cell in column.cells]
    named = np.array([text in known for text in texts], dtype=bool)
    hours = np.array([np.nan if (value := known.get(text)) is None else value for text in texts], dtype=float)
    return np.where(named, hours, timed), ~named & np.isnan(timed), texts


def _ask_unlisted(column: RawColumn, unlisted: list[str], ids: list[str], findings: Findings, code: str,
                  what: str, remedy: str) -> None:
    """One question for each text of a column without a meaning, and one issue a row where the cell is empty."""
    texts = [raw_text(cell) for cell in column.cells]
    for text in unlisted:
        n = column.counts[text]
        findings.add(Severity.QUESTION, code, f'"{text}" {what}; {n} {"row is" if n == 1 else "rows are"} not used.',
                     remedy, record=texts.index(text), column=column.name)
    empty = [i for i, text in enumerate(texts) if not text and ids[i]]
    findings.add_each(Severity.WARNING, code, empty, lambda j: "The cell is empty; the row is not used for scores.",
                      remedy, column=column.name)


def _repeats(shape: Shape, ids: list[str], periods: np.ndarray, visits: list[str], kept: np.ndarray,
             findings: Findings) -> np.ndarray:
    """Rows left out because an earlier row stands for the same patient (and period, and visit), boolean."""
    seen: dict[tuple[str, int, str], list[int]] = {}
    repeats = np.zeros(len(ids), dtype=bool)
    per_period, per_visit = shape.period is not None, shape.kind == "long"
    for i in np.flatnonzero(kept).tolist():
        key = (ids[i], int(periods[i]) if per_period else 1, visits[i] if per_visit else "")
        seen.setdefault(key, []).append(i)
    for key, rows in seen.items():
        for i in rows[1:]:
            differing = [_differing(findings, i, j) for j in rows if j < i and not repeats[j]]
            if [] in differing:
                repeats[i] = True
            elif not per_visit:
                repeats[i] = True
                _tell_conflict(findings, key[0], i, rows[0], differing[0])
    n = int(repeats.sum())
    if n:
        findings.add(Severity.NOTE, "duplicate_rows",
                     f"{n} {'row repeats' if n == 1 else 'rows repeat'} an earlier row of the same patient and "
                     f"{'is' if n == 1 else 'are'} left out.", record=int(np.flatnonzero(repeats)[0]))
    return repeats


def _differing(findings: Findings, i: int, j: int) -> list[str]:
    """Names of the columns in which two rows differ."""
    return [c.name for c in findings.table.columns if raw_text(c.cells[i]) != raw_text(c.cells[j])]


def _tell_conflict(findings: Findings, patient: str, i: int, kept: int, columns: list[str]) -> None:
    named = ", ".join(columns[:3]) + (", ..." if len(columns) > 3 else "")
    row = findings.table.place(kept, columns[0]).row
    findings.add(Severity.ERROR, "conflicting_rows",
                 f"Patient {patient} stands here again with other values ({named}); row {row} is used.",
                 "Keep one of the rows in the file, or give the patients different ids.", record=i,
                 column=columns[0], patient=patient)
    findings.change(patient, "", f"row left out: it differs from row {row} in {named}", i)


def _first_period(mapping: StudyMapping, periods: np.ndarray) -> int:
    """The study's lowest period, of rows or of blocks of columns; UNKNOWN_PERIOD if there is none."""
    sources = [s.period for s in mapping.treatments] + [s.period for s in mapping.doses]
    blocks = [period for period in (*sources, *(s.period for s in mapping.scores)) if period is not None]
    in_rows = [int(periods.min())] if mapping.shape.period and len(periods) else []
    return min((*in_rows, *blocks), default=UNKNOWN_PERIOD)


def _later_blocks(mapping: StudyMapping, first: int, kept: np.ndarray, findings: Findings) -> int:
    """Later infusions that stand beside the first as blocks of columns: one counts as a row would."""
    columns: dict[int, set[str]] = {}
    named = [(s.period, s.column) for s in mapping.treatments] + [(s.period, s.column) for s in mapping.scores]
    for period, column in named:
        if period is not None and period > first and column in findings.table.columns_by_name:
            columns.setdefault(period, set()).add(str(column))
    count = 0
    for names in columns.values():
        cells = [findings.table.columns_by_name[name].cells for name in names]
        count += sum(any(raw_text(column[i]) for column in cells) for i in np.flatnonzero(kept).tolist())
    return count


def _tell_without_first(without: np.ndarray, patients: np.ndarray, home: np.ndarray, findings: Findings) -> None:
    findings.add_each(
        Severity.WARNING, "no_first_infusion", home[without].tolist(),
        lambda j: f"Patient {patients[without[j]]} has no row of the first infusion and is not analyzed.",
        "Check the patient's periods.", patients=[str(patients[p]) for p in without])


def _preference(patient: np.ndarray, hours: np.ndarray) -> np.ndarray:
    """Rows by patient; within one: before the treatment from late to early, without a time, then after it."""
    group = np.where(hours <= 0, 0, np.where(np.isnan(hours), 1, 2))
    within = np.where(group == 0, -hours, np.where(group == 2, hours, 0.0))
    return np.lexsort((np.arange(len(patient)), within, group, patient))
