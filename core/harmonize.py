"""Stage 3, harmonized data: a study's table under its mapping becomes one row a patient (METHODS sections 1 to 3).

Every patient of the file stays in the table, with the reason if not analyzed; every row left out is counted; every
cell keeps the place it came from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from core.arms import Allocation, allocate
from core.conversion import Choice, ConversionTable
from core.errors import Severity, UserError
from core.findings import Findings
from core.harmonized import (
    EXCLUDED,
    REASONS,
    REGISTRY,
    SCORE_ORIGIN,
    CellSource,
    Change,
    ColumnOrigins,
    FlowRow,
    HarmonizedData,
    Origin,
    Reason,
    Stage,
    StudyData,
    origin,
)
from core.mapping import StudyMapping
from core.observations import read_observations
from core.progress import Progress, silent, subrange
from core.protocol import Protocol
from core.records import Records, read_records
from core.registry import Study
from core.scores import ScoreColumns, score_columns
from core.sources import RawTable
from core.variables import Column, read_variables

__all__ = [
    "EXCLUDED", "REASONS", "REGISTRY", "SCORE_ORIGIN", "CellSource", "Change", "ColumnOrigins", "FlowRow",
    "HarmonizedData", "Origin", "Reason", "Stage", "StudyData", "harmonize_study", "origin", "pool_studies",
]


def harmonize_study(table: RawTable, mapping: StudyMapping, study: Study, protocol: Protocol,
                    conversion_tables: Mapping[str, ConversionTable], conversion: Choice = "midpoint",
                    progress: Progress = silent, source_hash: str = "") -> StudyData:
    """One study, harmonized. Conversion tables by file name; `source_hash` (SHA-256 of the file) saves hashing cells.

    Nothing in the data raises: what cannot be used is an issue with its place, and the rest goes on.
    """
    findings = Findings(study.study, table)
    progress(0.0, f"Harmonizing {study.name}")
    records = read_records(mapping, findings)
    allocation = allocate(mapping, records, study, protocol, findings)
    progress(0.3, f"Harmonizing {study.name}: scores")
    observations = read_observations(mapping, records, allocation.treatment, protocol, findings)
    scores = score_columns(mapping, records, protocol, observations, conversion_tables, conversion, findings)
    variables = read_variables(mapping, records, study, protocol, scores.columns, findings,
                               subrange(progress, 0.6, 1.0))
    reasons = _exclude(allocation, scores, mapping, records, protocol, findings)
    _check_study(allocation, reasons, protocol, findings)
    findings.tell_missing_codes()
    columns = {"arm": Column(allocation.arm, allocation.arm_origins),
               protocol.dose.key: Column(allocation.dose, allocation.dose_origins), **scores.columns, **variables}
    return StudyData(
        study=study.study,
        patients=_frame(study.study, records, columns, reasons, scores.origin, protocol),
        flow=_flow(study.study, reasons, records),
        issues=tuple(findings.issues), changes=tuple(findings.changes),
        origins={"patient": _patient_origins(mapping, records, findings),
                 **{key: column.origins for key, column in columns.items()}},
        fingerprint=_fingerprint(source_hash or _table_hash(table), mapping, study, protocol, conversion_tables,
                                 conversion))


def pool_studies(studies: Sequence[StudyData], protocol: Protocol) -> HarmonizedData:
    """All studies in one table, in the order given. Raises UserError if one stands twice or there is none."""
    names = [data.study for data in studies]
    for name in names:
        if names.count(name) > 1:
            raise UserError(f'The study "{name}" stands twice.', remedy="Give each study its own short id.")
    if not studies:
        raise UserError("There is no study to pool.", remedy="Add study files first.")
    pooled = pd.concat([data.patients for data in studies], ignore_index=True)
    keys = [protocol.keys_of(scale) for scale in protocol.further_scales]
    nobodys = [key for own in keys for key in own if pooled[list(own)].isna().all(axis=None)]
    pooled = pooled.drop(columns=nobodys)  # a further outcome that no study has is nothing to look at
    digest = hashlib.sha256("\n".join([protocol.fingerprint, *(data.fingerprint for data in studies)]).encode())
    return HarmonizedData(pooled, tuple(studies), tuple(issue for data in studies for issue in data.issues),
                          digest.hexdigest())


def _exclude(allocation: Allocation, scores: ScoreColumns, mapping: StudyMapping, records: Records,
             protocol: Protocol, findings: Findings) -> np.ndarray:
    """The reason for each patient who is not in the primary set, "" for the others; object (n,)."""
    key = f"{protocol.primary_scale}_baseline"
    baseline, label = scores.columns[key].values, protocol.scales_by_key[protocol.primary_scale].label
    eligible = allocation.reason == ""
    reasons = allocation.reason.copy()
    without = np.flatnonzero(eligible & np.isnan(baseline))
    unusable = np.flatnonzero(eligible & (baseline <= 0))
    reasons[without] = reasons[unusable] = "no_baseline"
    remedy = "Add it to the file if it is known."
    findings.add_each(
        Severity.WARNING, "no_baseline", records.home[without].tolist(),
        lambda j: f"Patient {records.patients[without[j]]} has no {label} before the treatment and is not analyzed.",
        remedy, column=_baseline_column(mapping, protocol), variable=key, patients=records.patients[without].tolist())
    _tell_not_positive(unusable, baseline, scores.columns[key].origins, label, records, findings, key)
    followups = [scores.columns[f"{protocol.primary_scale}_{time.key}"].values for time in protocol.timepoints]
    nothing = np.isnan(np.reshape(followups, (len(followups), len(baseline)))).all(axis=0)
    late = np.flatnonzero((reasons == "") & nothing)
    reasons[late] = "no_followup"
    findings.add_each(
        Severity.WARNING, "no_followup", records.home[late].tolist(),
        lambda j: f"Patient {records.patients[late[j]]} has no {label} in any time window and is not analyzed.",
        remedy, variable=protocol.primary_scale, patients=records.patients[late].tolist())
    return reasons


def _baseline_column(mapping: StudyMapping, protocol: Protocol) -> str | None:
    """Where a missing baseline would stand: of the primary scale, else of one that is converted to it."""
    for scale in (protocol.primary_scale, *(route.source for route in protocol.conversions)):
        before = [(s.hours or 0.0, s.column) for s in mapping.scores if s.scale == scale and (s.hours or 0.0) <= 0]
        if before:
            return max(before, key=lambda found: found[0])[1]
    return None


def _tell_not_positive(who: np.ndarray, baseline: np.ndarray, origins: ColumnOrigins, label: str, records: Records,
                       findings: Findings, variable: str) -> None:
    """A baseline of zero or less: percent improvement is undefined."""
    table_rows = np.searchsorted(np.asarray(findings.table.rows), origins.rows[who])
    for index, record in zip(who, table_rows, strict=True):
        patient = str(records.patients[index])
        findings.add(Severity.WARNING, "baseline_not_positive",
                     f"The baseline {label} of patient {patient} is {baseline[index]:g}; percent improvement is "
                     "undefined and the patient is not analyzed.", "Correct the score if it is wrong.",
                     record=int(record), column=origins.sources[origins.codes[index]].column, variable=variable,
                     patient=patient)


def _check_study(allocation: Allocation, reasons: np.ndarray, protocol: Protocol, findings: Findings) -> None:
    """Whether the study can be compared at all."""
    analyzed = allocation.arm[reasons == ""]
    if not len(reasons):
        findings.add(Severity.ERROR, "no_patients", "No patient was found in the file.",
                     "Check the header row and the patients' column on the Map page.")
    elif not len(analyzed):
        has_arms = bool((allocation.reason == "").any())
        code = "no_usable_outcome" if has_arms else "no_eligible_patient"
        what = "has a usable baseline and follow-up" if has_arms else "is in an eligible arm"
        findings.add(Severity.ERROR, code, f"No patient of this study {what}; the study is not analyzed.",
                     "Check the study's columns on the Map page.")
    elif len(set(analyzed)) == 1:
        there, missing = (protocol.active, protocol.control) if analyzed[0] else (protocol.control, protocol.active)
        findings.add(Severity.WARNING, "one_arm", f'All analyzed patients are in the arm "{there.label}"; there is '
                     f'none in "{missing.label}" to compare them with.', "Check the treatments on the Map page.",
                     variable="arm")


def _frame(study: str, records: Records, columns: Mapping[str, Column], reasons: np.ndarray, score_origin: np.ndarray,
           protocol: Protocol) -> pd.DataFrame:
    n = len(records.patients)
    texts = {"study": np.full(n, study, dtype=object), "patient": records.patients, EXCLUDED: reasons,
             SCORE_ORIGIN: score_origin}
    keys = [*protocol.core_keys, *protocol.variables_by_key, *protocol.further_keys, EXCLUDED, SCORE_ORIGIN]
    arrays = {key: texts[key] if key in texts else columns[key].values for key in keys}
    index = pd.RangeIndex(n)  # object columns stay objects only if told so
    return pd.DataFrame({key: pd.Series(array, index, array.dtype) for key, array in arrays.items()}, index)


def _flow(study: str, reasons: np.ndarray, records: Records) -> tuple[FlowRow, ...]:
    """In file = excluded patients + analyzed; rows left out are counted as rows."""
    rows = {"later_infusion": records.later_rows, "duplicate": records.duplicate_rows}
    flow = [FlowRow(study, "in file", len(reasons))]
    for reason in REASONS:
        n = rows.get(reason, int((reasons == reason).sum()))
        if n:
            flow.append(FlowRow(study, "excluded", n, "rows" if reason in rows else "patients", reason))
    return (*flow, FlowRow(study, "analyzed", int((reasons == "").sum())))


def _patient_origins(mapping: StudyMapping, records: Records, findings: Findings) -> ColumnOrigins:
    source = CellSource(mapping.shape.patient, "patient's id", mapping.structure_by)
    return ColumnOrigins(findings.file_rows(records.home), np.zeros(len(records.patients), dtype=int), (source,))


def _fingerprint(source: str, mapping: StudyMapping, study: Study, protocol: Protocol,
                 tables: Mapping[str, ConversionTable], conversion: str) -> str:
    used = [tables[route.table].fingerprint for route in protocol.conversions if route.table in tables]
    parts = (source, mapping.fingerprint, study.fingerprint, protocol.fingerprint, conversion, *used)
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def _table_hash(table: RawTable) -> str:
    digest = hashlib.sha256(repr((table.file, table.sheet, table.header_row, table.rows)).encode())
    for column in table.columns:
        digest.update(repr((column.name, column.cells)).encode())
    return digest.hexdigest()
