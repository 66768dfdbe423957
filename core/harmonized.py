"""Stage 3's nouns: one row a patient, every exclusion counted, every cell traceable to where it came from."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
import pandas as pd

from core.errors import Issue
from core.sources import Place, RawTable, raw_text

Stage = Literal["in file", "excluded", "analyzed"]
Reason = Literal["other_dose", "other_drug", "later_infusion", "duplicate", "no_baseline", "no_followup", "other"]

REASONS: tuple[str, ...] = get_args(Reason)

EXCLUDED = "excluded"
"""Column with the reason why a patient is not in the primary set; "" for those who are."""
SCORE_ORIGIN = "score_origin"
"""Column that says whether a patient's primary scores are `native` or `converted`; "" without any."""

REGISTRY = "study registry"
"""What stands for the file of a value that the registry gave."""


@dataclass(frozen=True)
class FlowRow:
    """A line of participant flow: n patients (or rows) of a study at a stage, for a reason."""

    study: str
    stage: Stage
    n: int
    unit: Literal["patients", "rows"] = "patients"
    reason: str = ""


@dataclass(frozen=True)
class Origin:
    """Where a harmonized cell comes from."""

    file: str
    sheet: str | None
    row: int | None
    """The file's own row number; None where the whole study has one value."""
    column: str | None
    raw: str
    rule: str
    by: str
    at: str


@dataclass(frozen=True)
class Change:
    """A value that was not taken as it stands: converted, recoded to missing, off its scale."""

    study: str
    patient: str
    variable: str
    text: str
    row: int | None = None


@dataclass(frozen=True)
class CellSource:
    """One of the places the cells of a harmonized column come from, with the rule that was applied.

    `raw` is the value itself where the whole study has one (a constant, a registry fact).
    """

    column: str | None
    rule: str
    by: str = ""
    at: str = ""
    raw: str = ""
    in_registry: bool = False
    beside: tuple[str, ...] = ()
    """Other columns of the same row that the rule reads."""


@dataclass(frozen=True)
class ColumnOrigins:
    """For one harmonized column of one study: per patient the table's row (0: the whole study) and its source.

    `codes` index `sources`; -1 where the cell is empty. Both have shape (n,), in the order of the patients.
    """

    rows: np.ndarray = field(repr=False)
    codes: np.ndarray = field(repr=False)
    sources: tuple[CellSource, ...] = ()


@dataclass(frozen=True)
class StudyData:
    """One study, harmonized. `patients` has the protocol's core columns and variables, `excluded`, `score_origin`.

    Numbers are float64 with NaN, categories objects with None. `excluded` is a Reason, or "" in the primary set.
    """

    study: str
    patients: pd.DataFrame = field(repr=False)
    flow: tuple[FlowRow, ...]
    issues: tuple[Issue, ...]
    changes: tuple[Change, ...] = field(repr=False)
    origins: dict[str, ColumnOrigins] = field(repr=False)
    fingerprint: str = ""


@dataclass(frozen=True)
class HarmonizedData:
    """All studies in one table, in registry order; the primary set is where `excluded` is ""."""

    patients: pd.DataFrame = field(repr=False)
    studies: tuple[StudyData, ...]
    issues: tuple[Issue, ...]
    fingerprint: str


def origin(data: HarmonizedData | StudyData, study: str, patient: str, column: str,
           tables: Mapping[str, RawTable]) -> Origin | None:
    """Where one harmonized cell comes from; None if it is empty, derived from nothing in a file, or not there.

    `tables` are the raw tables by study id, the same that were harmonized.
    """
    parts = data.studies if isinstance(data, HarmonizedData) else (data,)
    for part in parts:
        if part.study == study and column in part.origins:
            at = np.flatnonzero(part.patients["patient"].to_numpy(dtype=object) == patient)
            return _cell_origin(part.origins[column], int(at[0]), tables[study]) if len(at) else None
    return None


def _cell_origin(origins: ColumnOrigins, index: int, table: RawTable) -> Origin | None:
    code, row = int(origins.codes[index]), int(origins.rows[index])
    if code < 0:
        return None
    source = origins.sources[code]
    if source.in_registry:
        return Origin(REGISTRY, None, None, source.column, source.raw, source.rule, source.by, source.at)
    raw, place = source.raw, Place(table.sheet, row)
    if row:
        record = bisect_left(table.rows, row)
        place = table.place(record, source.column)
        raw = _raw(source, record, table) if source.column is not None else raw
    return Origin(table.file, place.sheet, place.row or None, source.column, raw, source.rule, source.by, source.at)


def _raw(source: CellSource, record: int, table: RawTable) -> str:
    """The cell's text; where a rule reads several columns, each with its column's name."""
    names = (str(source.column), *source.beside)
    texts = [raw_text(table.columns_by_name[name].cells[record]) for name in names]
    if len(names) == 1:
        return texts[0]
    return "; ".join(f"{name}: {text or '(empty)'}" for name, text in zip(names, texts, strict=True))
