"""A study's scores as one long list: who, which scale, when, what, and in which cell of the file it stands."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.cells import read_numbers, texts_of
from core.errors import Severity
from core.findings import Findings
from core.mapping import ScoreSource, StudyMapping, TimeSource
from core.protocol import Protocol, Scale
from core.records import Records
from core.sources import raw_text
from core.values import is_missing_word, parse_column
from core.windows import beyond_doubt


@dataclass(frozen=True)
class Observations:
    """Usable scores, every array of shape (s,). `scale` and `source` index the protocol's and the mapping's."""

    patient: np.ndarray = field(repr=False)
    scale: np.ndarray = field(repr=False)
    hours: np.ndarray = field(repr=False)
    value: np.ndarray = field(repr=False)
    row: np.ndarray = field(repr=False)
    """Index of the table's row."""
    source: np.ndarray = field(repr=False)


def read_observations(mapping: StudyMapping, records: Records, treatment: np.ndarray, protocol: Protocol,
                      findings: Findings) -> Observations:
    """Every score of the first infusion that is on its scale and has a time, in the order of the mapping.

    `treatment` (n,) is the key of what each patient was given first.
    """
    scales = {scale.key: index for index, scale in enumerate(protocol.scales)}
    parts = [np.empty((6, 0))]
    for index, source in enumerate(mapping.scores):
        column = findings.column(source.column)
        later = source.period is not None and source.period != records.first_period
        if column is None or later or source.scale not in scales:
            continue
        scale = scales[source.scale]
        values = _usable(source, mapping, protocol.scales[scale], records, findings)
        hours = _hours(source, mapping, records, findings)
        first = source.treatment is None or treatment[records.patient] == source.treatment
        usable = ~np.isnan(values) & ~np.isnan(hours) & first
        usable &= ~_held_back(values, hours, records, source, protocol, findings)
        has = np.flatnonzero(usable)
        parts.append(np.stack((records.patient[has], np.full(len(has), scale), hours[has], values[has],
                               records.rows[has], np.full(len(has), index))))
    patient, scale_of, hours, value, row, source_of = np.concatenate(parts, axis=1)
    found = Observations(patient.astype(int), scale_of.astype(int), hours, value, row.astype(int),
                         source_of.astype(int))
    _tell_conflicts(found, mapping, records, protocol, findings)
    return found


def _usable(source: ScoreSource, mapping: StudyMapping, scale: Scale, records: Records,
            findings: Findings) -> np.ndarray:
    """A source's scores in the rows that count; those off their scale become NaN and an issue."""
    values = _numbers(source, mapping, scale, records, findings)
    named = findings.column(source.where_column) if source.where_column else None
    if source.where_column:
        own = [named is not None and raw_text(named.cells[row]) == source.where_text for row in records.rows.tolist()]
        values = np.where(np.array(own, dtype=bool), values, np.nan)
    off = np.flatnonzero((values < scale.minimum) | (values > scale.maximum))
    patients = records.names(off)
    findings.add_each(
        Severity.ERROR, "score_off_scale", records.rows[off].tolist(),
        lambda j: f"{scale.label} is {values[off[j]]:g}; the scale goes from {scale.minimum:g} to "
                  f"{scale.maximum:g}. The score is not used.",
        "Correct it in the file, or set it missing.", column=source.column, variable=scale.key, patients=patients)
    for at, patient in zip(off, patients, strict=True):
        findings.change(patient, scale.key, f"{values[at]:g} is off the scale and not used", int(records.rows[at]))
    values[off] = np.nan
    return values


def _numbers(source: ScoreSource, mapping: StudyMapping, scale: Scale, records: Records,
             findings: Findings) -> np.ndarray:
    """The column's numbers; the sum of its items where all are there; or baseline and change put together."""
    if source.items:
        items = [_item(name, source, scale, records, findings) for name in source.items]
        values = np.sum(items, axis=0)
        n = int((np.isnan(values) & ~np.isnan(items).all(axis=0)).sum())
        if n:
            lack = "score lacks" if n == 1 else "scores lack"
            findings.add(Severity.WARNING, "items_missing", f"{n} {scale.label} {lack} an item and cannot be summed.",
                         "Fill the items in in the file if they are known.", column=source.column, variable=scale.key)
        return values
    column = findings.table.columns_by_name[source.column]
    values = read_numbers(column, source.format, records, findings, scale.key)
    if source.change_from is None:
        return values
    before = findings.column(source.change_from)
    if before is None:
        return np.full(len(values), np.nan)
    own = next((one.format for one in mapping.scores if one.column == source.change_from), source.format)
    return parse_column(before.cells, own).values[records.rows] + source.change_sign * values


def _item(name: str, source: ScoreSource, scale: Scale, records: Records, findings: Findings) -> np.ndarray:
    """One item's ratings; those it cannot have become NaN and an issue."""
    column = findings.column(name)
    if column is None:
        return np.full(len(records.rows), np.nan)
    values = read_numbers(column, source.format, records, findings, scale.key)
    off = np.flatnonzero((values < 0) | (values > scale.item_maximum))
    findings.add_each(
        Severity.ERROR, "score_off_scale", records.rows[off].tolist(),
        lambda j: f"An item of {scale.label} is {values[off[j]]:g}; items go from 0 to {scale.item_maximum:g}. The "
                  "score is not used.",
        "Correct it in the file, or set it missing.", column=name, variable=scale.key, patients=records.names(off))
    values[off] = np.nan
    return values


def _held_back(values: np.ndarray, hours: np.ndarray, records: Records, source: ScoreSource, protocol: Protocol,
               findings: Findings) -> np.ndarray:
    """Scores, (m,), in whose place one of a visit that is not understood might belong."""
    undated = np.isin(records.patient, records.patient[records.undated & ~np.isnan(values)])
    held = undated & ~np.isnan(values) & ~np.isnan(hours) & ~beyond_doubt(hours, protocol.timepoints)
    rows = np.flatnonzero(held)
    if source.hours is not None or not len(rows):
        return np.zeros(len(values), dtype=bool)
    findings.add(Severity.WARNING, "held_back", f"{len(rows)} {'score is' if len(rows) == 1 else 'scores are'} held "
                 "back: a visit that is not understood may be nearer to the time wanted.",
                 "Say on the Map page when that visit was.", record=int(records.rows[rows[0]]), column=source.column,
                 variable=source.scale)
    return held


def _hours(source: ScoreSource, mapping: StudyMapping, records: Records, findings: Findings) -> np.ndarray:
    if source.time is not None:
        return _own_hours(source.time, source, records, findings)
    if source.hours is not None:
        return np.full(len(records.rows), source.hours)
    if mapping.shape.visit is None and mapping.shape.clock is None:
        findings.add(Severity.QUESTION, "score_time_unknown",
                     f'When were the scores of "{source.column}" taken? They are not used.',
                     "Say the hours after the treatment on the Map page.", column=source.column)
    return records.hours


def _own_hours(time: TimeSource, source: ScoreSource, records: Records, findings: Findings) -> np.ndarray:
    """The hours in a column of times; those of the source where a cell is empty, NaN where it cannot be used."""
    stated = np.full(len(records.rows), np.nan if source.hours is None else source.hours)
    column = findings.column(time.column)
    if column is None:
        return stated
    missing = {text for text in column.counts if is_missing_word(text)} | {"", *time.format.missing}
    empty = np.array([text in missing for text in texts_of(column, records)], dtype=bool)
    own = read_numbers(column, time.format, records, findings, source.scale) * time.factor
    off = np.flatnonzero(own <= 0)
    findings.add_each(
        Severity.ERROR, "time_not_after", records.rows[off].tolist(),
        lambda j: f"The time {own[off[j]] / time.factor:g} is not after the treatment; the score is not used.",
        "Correct it in the file, or leave it empty.", column=time.column, variable=source.scale,
        patients=records.names(off))
    return np.where(empty, stated, np.where(own > 0, own, np.nan))


def _tell_conflicts(found: Observations, mapping: StudyMapping, records: Records, protocol: Protocol,
                    findings: Findings) -> None:
    """Different scores of one patient, scale and hour: the first is used, the others are told."""
    order = np.lexsort((np.arange(len(found.value)), found.hours, found.scale, found.patient))
    keys = np.stack((found.patient, found.scale, found.hours))[:, order]
    opens = np.ones(len(order), dtype=bool)
    opens[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    first = order[np.flatnonzero(opens)[np.cumsum(opens) - 1]] if len(order) else order
    differs = found.value[order] != found.value[first]
    for at, used in zip(order[differs], first[differs], strict=True):
        scale = protocol.scales[found.scale[at]]
        patient = str(records.patients[found.patient[at]])
        row = findings.table.place(int(found.row[used]), mapping.scores[found.source[used]].column).row
        text = (f"{scale.label} at {found.hours[at]:g} h is {found.value[at]:g} here and {found.value[used]:g} in "
                f"row {row}; the other one is used.")
        findings.add(Severity.ERROR, "conflicting_scores", text, "Keep one of them in the file.",
                     record=int(found.row[at]), column=mapping.scores[found.source[at]].column,
                     variable=scale.key, patient=patient)
        findings.change(patient, scale.key, f"{found.value[at]:g} not used: it contradicts another score of the "
                        "same time", int(found.row[at]))
