"""What the harmonized data hold: each variable described by study, over the primary set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from core.availability import present, tier_of
from core.harmonized import EXCLUDED, SCORE_ORIGIN, HarmonizedData
from core.labels import score_labels
from core.plan import Plan
from core.protocol import Protocol

ALL = ""
"""Stands for all studies together where a study id is expected."""
NOT_VARIABLES = ("study", "patient", EXCLUDED, SCORE_ORIGIN)


@dataclass(frozen=True)
class Summary:
    """One variable of one study (or of all: study ALL) over the primary set.

    Numbers are None for a categorical variable; of a binary one the mean is the share of 1. `sd` has n - 1 below.
    """

    study: str
    variable: str
    n: int
    missing: int
    mean: float | None = None
    sd: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    levels: Mapping[str, int] = field(default_factory=dict)
    """Of a categorical variable: how many patients each category has, most first."""

    @property
    def share(self) -> float:
        """Share of the patients who have the variable, 0 to 1; 0 without patients."""
        return self.n / (self.n + self.missing) if self.n + self.missing else 0.0


@dataclass(frozen=True)
class Summaries:
    """Every variable of every study, and of all studies together."""

    studies: tuple[str, ...]
    variables: tuple[str, ...]
    by_place: Mapping[tuple[str, str], Summary] = field(repr=False)
    """Study (or ALL) and variable -> summary."""

    def of(self, study: str, variable: str) -> Summary | None:
        """One summary; None for what is not in the data."""
        return self.by_place.get((study, variable))


def summarize(data: HarmonizedData) -> Summaries:
    """Describe every harmonized column but ids, by study and over all, in the primary set alone."""
    primary = data.patients[data.patients[EXCLUDED] == ""]
    studies = tuple(part.study for part in data.studies)
    variables = tuple(str(name) for name in primary.columns if name not in NOT_VARIABLES)
    parts = {ALL: primary, **{study: primary[primary["study"] == study] for study in studies}}
    found = {(study, variable): _summary(study, variable, part[variable])
             for study, part in parts.items() for variable in variables}
    return Summaries(studies, variables, found)


def tier_in(plan: Plan, variable: str, share: float) -> str:
    """The tier ("1", "2", "none") a moderator of the plan has at a share (0 to 1); "" for what is no moderator."""
    for moderator in plan.moderators:
        if moderator.name == variable:
            return tier_of(share, plan.tiers) if moderator.tier == "auto" else str(moderator.tier)
    return ""


def converted_studies(data: HarmonizedData) -> Mapping[str, int]:
    """Studies in which patients' primary scores are converted from another scale, with how many patients."""
    counts = {part.study: int((part.patients[SCORE_ORIGIN] == "converted").sum()) for part in data.studies}
    return {study: n for study, n in counts.items() if n}


def label_of(protocol: Protocol, column: str) -> str:
    """What to call a harmonized column: "MADRS, 24 h", "Sex", "Dose"."""
    if column in protocol.variables_by_key:
        return protocol.variables_by_key[column].label
    if column in protocol.score_keys:
        return score_labels(protocol)[column]
    for time in protocol.timepoints:
        if column == time.time_variable:
            return f"{time.label}, {'days' if time.time_unit_hours == 24 else 'hours'}"
    return protocol.dose.label if column == protocol.dose.key else column.replace("_", " ").capitalize()


def _summary(study: str, variable: str, column: pd.Series) -> Summary:
    is_text = column.dtype == object
    has = present(column) if is_text else column.notna().to_numpy()
    n, missing = int(has.sum()), int((~has).sum())
    if is_text:
        counts = column[has].value_counts()
        return Summary(study, variable, n, missing, levels={str(level): int(count) for level, count in counts.items()})
    values = column[has].to_numpy(dtype=float)
    if not n:
        return Summary(study, variable, n, missing)
    sd = float(np.std(values, ddof=1)) if n > 1 else None
    return Summary(study, variable, n, missing, float(values.mean()), sd, float(values.min()), float(values.max()))
