"""Small tables and mappings for the harmonizer's tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.conversion import ConversionTable, read_conversion_table
from core.harmonize import StudyData, harmonize_study
from core.mapping import DoseSource, ScoreSource, Shape, StudyMapping, TreatmentSource
from core.protocol import Protocol
from core.registry import Study
from core.sources import Cell, RawColumn, RawTable

CONVERSION_CSV = "hamd,low,high,mid,note\n0,0,0,0,filled in\n1,0,0,0,filled in\n2,0,0,0,filled in\n" + "".join(
    f"{score},{score + 4},{score + 6},{score + 5},\n" for score in range(3, 41))


def protocol(**changes: Any) -> Protocol:
    """A protocol of the ketamine form, small: two scales, two timepoints, variables of each kind."""
    data: dict[str, Any] = {
        "schema": 1, "id": "small", "title": "Small",
        "active": {"label": "Ketamine", "treatments": ["ketamine"], "dose_minimum": 0.5},
        "control": {"label": "Placebo", "treatments": ["saline", "midazolam"]},
        "treatments": [{"key": key, "label": key.title()}
                       for key in ("ketamine", "saline", "midazolam", "lanicemine")],
        "dose": {"maximum": 5},
        "scales": [{"key": "madrs", "label": "MADRS", "minimum": 0, "maximum": 60},
                   {"key": "hrsd17", "label": "HRSD-17", "minimum": 0, "maximum": 52}],
        "primary_scale": "madrs",
        "conversions": [{"source": "hrsd17", "target": "madrs", "table": "leucht.csv", "source_column": "hamd",
                         "low_column": "low", "high_column": "high", "midpoint_column": "mid"}],
        "timepoints": [
            {"key": "rapid", "label": "24 h", "target_hours": 24, "from_hours": 4, "to_hours": 72,
             "before_second_treatment": True, "time_variable": "rapid_hours"},
            {"key": "post_rapid", "label": "7 d", "target_hours": 168, "from_hours": 144, "to_hours": 336,
             "time_variable": "post_rapid_days", "time_unit_hours": 24}],
        "variables": [
            {"key": "crossover", "label": "Crossover", "kind": "binary", "level": "study",
             "registry": {"fact": "design", "equals": ["crossover"]}},
            {"key": "diagnosis", "label": "Diagnosis", "kind": "categorical", "level": "patient"},
            {"key": "mdd", "label": "MDD", "kind": "binary", "level": "patient"},
            {"key": "bipolar", "label": "Bipolar", "kind": "binary", "level": "patient"},
            {"key": "age", "label": "Age", "kind": "continuous", "level": "patient", "minimum": 18, "maximum": 90},
            {"key": "female", "label": "Sex", "kind": "binary", "level": "patient"},
            {"key": "us_site", "label": "US site", "kind": "binary", "level": "study",
             "registry": {"fact": "country", "equals": ["US"]}},
            {"key": "trd_2plus", "label": "TRD", "kind": "binary", "level": "study",
             "registry": {"fact": "trd_threshold", "at_least": 2}},
            {"key": "baseline_severity", "label": "Severity", "kind": "continuous", "level": "patient",
             "same_as": "madrs_baseline"}],
        "implications": [
            {"when": {"variable": "diagnosis", "equals": "MDD"}, "then": {"variable": "mdd", "equals": "1"}},
            {"when": {"variable": "bipolar", "equals": "1"}, "then": {"variable": "mdd", "equals": "0"},
             "override": True}],
    }
    return Protocol.model_validate(data | changes)


PROTOCOL = protocol()
STUDY = Study(study="S1", design="crossover", country="US", trd_threshold="unspecified")
TABLES: dict[str, ConversionTable] = {"leucht.csv": read_conversion_table(CONVERSION_CSV, PROTOCOL.conversions[0])}

TREATMENT = TreatmentSource(column="drug", values={"K": "ketamine", "S": "saline", "L": "lanicemine", "-": None})
DOSE = DoseSource(constant=0.5)
WIDE_SCORES = (ScoreSource(column="b", scale="madrs", hours=0), ScoreSource(column="d1", scale="madrs", hours=24),
               ScoreSource(column="d7", scale="madrs", hours=168))
HRSD_SCORES = (ScoreSource(column="hb", scale="hrsd17", hours=0), ScoreSource(column="h1", scale="hrsd17", hours=24),
               ScoreSource(column="h7", scale="hrsd17", hours=168))


def table(header: str, *rows: Sequence[Cell]) -> RawTable:
    """A table on sheet "Data" of "s1.xlsx", header in row 3, data from row 4; column names separated by blanks."""
    names = header.split()
    columns = tuple(RawColumn(name, position, tuple(row[position - 1] for row in rows))
                    for position, name in enumerate(names, start=1))
    return RawTable("s1.xlsx", "Data", 3, columns, tuple(range(4, 4 + len(rows))))


def mapping(**parts: Any) -> StudyMapping:
    """A wide file's mapping, with parts replaced."""
    standard: dict[str, Any] = {"study": "S1", "file": "s1.xlsx", "shape": Shape(patient="id"),
                                "treatments": (TREATMENT,), "doses": (DOSE,), "scores": WIDE_SCORES}
    return StudyMapping(**(standard | parts))


def harmonized(raw: RawTable, rules: StudyMapping | None = None, study: Study = STUDY, rulebook: Protocol = PROTOCOL,
               conversion: Any = "midpoint") -> StudyData:
    """A study harmonized with the small protocol."""
    return harmonize_study(raw, rules or mapping(), study, rulebook, TABLES, conversion)


def row_of(data: StudyData, patient: str) -> dict[str, Any]:
    """One patient's cells by column."""
    frame = data.patients
    return frame.loc[frame["patient"] == patient].iloc[0].to_dict()


def codes(data: StudyData) -> list[str]:
    """The issues' codes, in order."""
    return [issue.code for issue in data.issues]


def flow(data: StudyData) -> dict[str, int]:
    """Participant flow by reason or stage."""
    return {row.reason or row.stage: row.n for row in data.flow}
