"""Stage 3, harmonized data: one row a patient, every exclusion counted, every cell traceable."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
import pandas as pd

from core.errors import Issue

Stage = Literal["in file", "excluded", "analyzed"]
Reason = Literal["other_dose", "other_drug", "later_infusion", "duplicate", "no_baseline", "no_followup", "other"]

REASONS: tuple[str, ...] = get_args(Reason)


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
class ColumnOrigins:
    """For one harmonized column of one study: per patient the source row (0: none) and the source column's name."""

    rows: np.ndarray = field(repr=False)  # int, (n,)
    columns: np.ndarray = field(repr=False)  # object, (n,)
    rule: str = ""
    by: str = ""
    at: str = ""


@dataclass(frozen=True)
class StudyData:
    """One study, harmonized. `patients` has the protocol's columns plus `excluded` (a reason, or "" in the primary set)."""

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
