"""What the checks look at: the harmonized patients, study by study, and where each value stands in its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from core.errors import Where
from core.harmonized import EXCLUDED, SCORE_ORIGIN, HarmonizedData, StudyData, origin
from core.mapping import StudyMapping
from core.protocol import Protocol
from core.registry import Registry, Study
from core.sources import RawTable
from core.summaries import label_of

FALSE_ALARMS = 0.01
"""Chance that a check which rests on chance says something of a project in which nothing is wrong."""
FEWEST = 8
"""Patients in an arm below which nothing is said of arms."""


@dataclass(frozen=True)
class Material:
    """Harmonized data with the registry, protocol, mappings and raw tables by study id that they came from."""

    data: HarmonizedData = field(repr=False)
    protocol: Protocol = field(repr=False)
    registry: Registry = field(default_factory=Registry, repr=False)
    mappings: Mapping[str, StudyMapping] = field(default_factory=dict, repr=False)
    tables: Mapping[str, RawTable] = field(default_factory=dict, repr=False)
    file: str | None = None
    """Of a pooled table, which has no mappings; its patients are indexed by the rows of the file."""

    @cached_property
    def studies(self) -> tuple[StudyPatients, ...]:
        """Every study's patients."""
        return tuple(StudyPatients(part, self.protocol) for part in self.data.studies)

    def facts(self, study: str) -> Study:
        """What the registry says of a study."""
        return self.registry.by_id.get(study) or Study(study=study)

    def label(self, key: str) -> str:
        """What a harmonized column is called."""
        return label_of(self.protocol, key)

    def place(self, study: str, patient: str | None = None, column: str | None = None) -> Where:
        """Where a study's, patient's or cell's data stand, as far as it is known."""
        table = self.tables.get(study)
        where = Where(file=table.file if table else self.file, study=study, variable=column, patient=patient)
        if patient is None:
            return where
        if table is None:
            rows = self.data.patients.index[(self.data.patients["study"] == study)
                                            & (self.data.patients["patient"] == patient)]
            return Where(self.file, None, int(rows[0]), column, study, column, patient) if len(rows) else where
        for key in (column, "patient"):
            found = origin(self.data, study, patient, key, self.tables) if key else None
            if found is not None and found.row is not None:
                return Where(found.file, found.sheet, found.row, found.column, study, column, patient)
        return where

@dataclass(frozen=True)
class StudyPatients:
    """One study's patients as arrays, in the order of the file."""

    part: StudyData = field(repr=False)
    protocol: Protocol = field(repr=False)

    @property
    def study(self) -> str:
        """Its id."""
        return self.part.study

    @property
    def ids(self) -> np.ndarray:
        """The patients' ids, object (n,)."""
        return self.part.patients["patient"].to_numpy(dtype=object)

    @cached_property
    def arm(self) -> np.ndarray:
        """1 active, 0 control, NaN for whoever is in neither, (n,)."""
        return self.part.patients["arm"].to_numpy(dtype=float)

    @cached_property
    def is_converted(self) -> np.ndarray:
        """Whether the patient's primary scores were converted from another scale's, boolean (n,)."""
        return (self.part.patients[SCORE_ORIGIN] == "converted").to_numpy(dtype=bool)

    @cached_property
    def is_analyzed(self) -> np.ndarray:
        """Whether the patient is in the primary set, boolean (n,)."""
        return (self.part.patients[EXCLUDED] == "").to_numpy(dtype=bool)

    def values(self, key: str) -> np.ndarray:
        """A numeric column (n,); scores that were converted count as missing: they repeat others."""
        values = self.part.patients[key].to_numpy(dtype=float)
        if key.startswith(f"{self.protocol.primary_scale}_") and key in self.protocol.score_keys:
            return np.where(self.is_converted, np.nan, values)
        return values

    @cached_property
    def baseline_keys(self) -> tuple[str, ...]:
        """Numeric columns that were measured before the treatment and are no copies of others."""
        scores = [f"{scale.key}_baseline" for scale in self.protocol.scales]
        variables = [v.key for v in self.protocol.variables
                     if v.level == "patient" and v.kind != "categorical" and v.same_as is None]
        return tuple(key for key in (*scores, *variables) if key in self.part.patients)

    def is_continuous(self, key: str) -> bool:
        """Whether a column holds amounts, not yes and no."""
        known = self.protocol.variables_by_key.get(key)
        return known is None or known.kind == "continuous"


def material_of_table(frame: pd.DataFrame, protocol: Protocol, file: str | None) -> Material:
    """A pooled table whose columns bear the protocol's keys, indexed by its file's rows; columns may be missing."""
    keys = [*protocol.score_keys, *(v.key for v in protocol.variables)]
    columns: dict[str, Any] = {key: _numeric(frame[key]) for key in keys if key in frame}
    absent = {f"{scale.key}_{time}": np.nan for scale in protocol.scales
              for time in ("baseline", *(t.key for t in protocol.timepoints)) if f"{scale.key}_{time}" not in frame}
    ids = frame["patient"] if "patient" in frame else pd.Series(frame.index.astype(str), frame.index)
    patients = pd.DataFrame({"study": frame["study"].astype(object), "patient": ids.astype(object),
                             "arm": _numeric(frame["arm"]), **columns, **absent}, frame.index)
    for name in (EXCLUDED, SCORE_ORIGIN):
        patients[name] = frame[name].fillna("").astype(object) if name in frame else ""
    studies = tuple(StudyData(str(name), part, (), (), (), {}) for name, part in patients.groupby("study", sort=False))
    return Material(HarmonizedData(patients, studies, (), ""), protocol, file=file)


def _numeric(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column, errors="coerce") if column.dtype == object else column.astype(float)


def rarity(p: float) -> str:
    """How surprising a probability is, in words: "about once in 4,000 clean studies"."""
    if p < 1e-6:
        return "less than once in a million clean studies"
    size = round(1 / p)
    digits = max(len(str(size)) - 2, 0)
    return f"about once in {round(size, -digits):,} clean studies"
