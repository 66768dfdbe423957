"""The first patients of a study as they will be, from the first rows of its table: at once, however long it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import pandas as pd

from core.harmonized import EXCLUDED
from core.labels import Labels, labels_for
from core.mapping import StudyMapping
from core.records import id_texts
from core.session import Session
from core.sources import RawTable

ROWS, PATIENTS = 2_000, 8
"""Rows of the table that are looked at, and patients that are shown."""


@dataclass(frozen=True)
class FirstPatient:
    """A patient in words: what was given, the score before the treatment and those after it, and why left out."""

    name: str
    given: str
    baseline: str
    later: str
    left_out: str


def first_patients(session: Session, study: str) -> tuple[FirstPatient, ...]:
    """The first patients under the study's mapping as it stands. Raises UserError if the file cannot be read."""
    from core.harmonize import harmonize_study

    mapping, protocol = session.mappings[study], session.protocol
    part = _beginning(session.table(study), mapping)
    data = harmonize_study(part, mapping, session.registry.by_id[study], protocol, session.conversion_tables,
                           session.plan.conversion)
    labels = labels_for(protocol)
    times = [time.key for time in protocol.timepoints]
    return tuple(_in_words(row, protocol.primary_scale, times, labels) for row in data.patients.to_dict("records"))


def _beginning(table: RawTable, mapping: StudyMapping) -> RawTable:
    """The rows, among the table's first, of its first patients."""
    size = min(len(table.rows), ROWS)
    ids = [id_texts(table.columns_by_name[name])[:size] if name in table.columns_by_name else [""] * size
           for name in (mapping.shape.site, mapping.shape.patient) if name is not None]
    keys = list(zip(*ids, strict=True)) if mapping.shape.patient else list(range(size))
    first = set(islice(dict.fromkeys(keys), PATIENTS))
    rows = [i for i, key in enumerate(keys) if key in first]
    columns = tuple(replace(one, cells=tuple(one.cells[i] for i in rows),
                            places=tuple(one.places[i] for i in rows) if one.places else ()) for one in table.columns)
    return replace(table, columns=columns, rows=tuple(table.rows[i] for i in rows), issues=())


def _in_words(row: dict[Any, Any], scale: str, times: list[str], labels: Labels) -> FirstPatient:
    arms = {1.0: labels.active, 0.0: labels.control}
    later = [f"{labels.delays.get(time, time)}: {_score(row, scale, time)}" for time in times
             if _score(row, scale, time)]
    return FirstPatient(str(row["patient"]), arms.get(row["arm"], ""), _score(row, scale, "baseline"),
                        "; ".join(later), str(row[EXCLUDED]).replace("_", " "))


def _score(row: dict[Any, Any], scale: str, time: str) -> str:
    value = row[f"{scale}_{time}"]
    return "" if pd.isna(value) else f"{value:g}"
