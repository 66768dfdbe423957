"""The harmonized score columns: each scale in its windows, and the primary scale native or converted (METHODS 1, 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from core.conversion import Choice, ConversionTable, choose_origin, convert
from core.errors import Severity
from core.findings import Findings
from core.harmonized import CellSource, ColumnOrigins
from core.mapping import StudyMapping
from core.observations import Observations
from core.protocol import Conversion, Protocol
from core.records import Records
from core.variables import Column
from core.windows import choose_baseline, choose_nearest, chosen_values, window_text


@dataclass(frozen=True)
class ScoreColumns:
    """`columns` by key: every scale at every time, and the time variables. `origin` (n,): native, converted or ""."""

    columns: dict[str, Column] = field(repr=False)
    origin: np.ndarray = field(repr=False)


@dataclass(frozen=True)
class _Windowed:
    """Observations chosen for baseline and each timepoint: indices (-1: none) and values, (t + 1, scales, n)."""

    chosen: np.ndarray
    values: np.ndarray


def score_columns(mapping: StudyMapping, records: Records, protocol: Protocol, observations: Observations,
                  tables: Mapping[str, ConversionTable], choice: Choice, findings: Findings) -> ScoreColumns:
    """All score columns of a study. Every scale keeps its originals, except the primary one where it is converted."""
    windowed = _windowed(mapping, observations, protocol, len(records.patients))
    columns = _native_columns(mapping, windowed, observations, protocol, findings)
    primary = [scale.key for scale in protocol.scales].index(protocol.primary_scale)
    routes = _routes(protocol, windowed, tables, choice, findings)
    converted = tuple(_convert(route, tables[route.table], windowed, records, protocol, observations, mapping, choice,
                               findings) for route in routes)
    native = windowed.values[:, primary]
    best = choose_origin(native, converted)
    used = windowed.chosen[:, primary].copy()
    for j, route in enumerate(routes, start=1):
        source = [scale.key for scale in protocol.scales].index(route.source)
        who = best.origin == j
        used[:, who] = windowed.chosen[:, source][:, who]
        _tell_converted(route, np.flatnonzero(who), best.values, used, tables[route.table], records, protocol,
                        observations, windowed.values[:, source], choice, findings)
    _put_primary(columns, best.values, used, best.origin, routes, mapping, protocol, observations, choice, findings)
    _tell_lost(best.lost, native, best.origin, protocol, findings)
    origin = np.where(best.origin < 0, "", np.where(best.origin == 0, "native", "converted")).astype(object)
    return ScoreColumns(columns, origin)


def _windowed(mapping: StudyMapping, observations: Observations, protocol: Protocol, n: int) -> _Windowed:
    scales = len(protocol.scales)
    cell, hours = observations.scale * n + observations.patient, observations.hours
    second = mapping.shape.second_treatment_hours
    chosen = np.stack([choose_baseline(cell, hours, scales * n),
                       *(choose_nearest(cell, hours, scales * n, timepoint, second)
                         for timepoint in protocol.timepoints)]).reshape(-1, scales, n)
    return _Windowed(chosen, chosen_values(chosen, observations.value))


def _times(protocol: Protocol) -> tuple[str, ...]:
    return ("baseline", *(timepoint.key for timepoint in protocol.timepoints))


def _native_columns(mapping: StudyMapping, windowed: _Windowed, observations: Observations, protocol: Protocol,
                    findings: Findings) -> dict[str, Column]:
    columns = {}
    for i, scale in enumerate(protocol.scales):
        for t, time in enumerate(_times(protocol)):
            sources = _cell_sources(mapping, protocol, t)
            origins = _origins(windowed.chosen[t, i], observations, sources, findings)
            columns[f"{scale.key}_{time}"] = Column(windowed.values[t, i], origins)
    return columns


def _cell_sources(mapping: StudyMapping, protocol: Protocol, t: int, suffix: str = "") -> tuple[CellSource, ...]:
    """What a score's cell came from, for each score column of the mapping, at time t (0: baseline)."""
    rule = window_text(protocol.timepoints[t - 1] if t else None) + suffix
    return tuple(CellSource(source.column, rule, mapping.structure_by) for source in mapping.scores)


def _origins(chosen: np.ndarray, observations: Observations, sources: tuple[CellSource, ...],
             findings: Findings) -> ColumnOrigins:
    rows = np.append(observations.row, -1)[chosen]
    return ColumnOrigins(findings.file_rows(rows), np.append(observations.source, -1)[chosen], sources)


# --- conversion -------------------------------------------------------------------------------------------------------


def _routes(protocol: Protocol, windowed: _Windowed, tables: Mapping[str, ConversionTable], choice: Choice,
            findings: Findings) -> list[Conversion]:
    """Conversions to the primary scale that this study can use."""
    keys = [scale.key for scale in protocol.scales]
    routes = []
    for route in protocol.conversions:
        has = choice != "none" and bool((windowed.chosen[:, keys.index(route.source)] >= 0).any())
        if not has or route.target != protocol.primary_scale:
            continue
        if route.table in tables:
            routes.append(route)
        else:
            findings.add(Severity.ERROR, "no_conversion_table", f"The conversion table {route.table} is missing; "
                         f"{protocol.scales_by_key[route.source].label} is not converted.",
                         "Put the table beside the protocol file.", variable=route.source)
    return routes


def _convert(route: Conversion, table: ConversionTable, windowed: _Windowed, records: Records, protocol: Protocol,
             observations: Observations, mapping: StudyMapping, choice: Choice, findings: Findings) -> np.ndarray:
    """Converted scores (t + 1, n); a score that the table does not have is an issue and stays unconverted."""
    source = [scale.key for scale in protocol.scales].index(route.source)
    scores, chosen = windowed.values[:, source], windowed.chosen[:, source]
    values = convert(scores, table, choice)
    scale, target = protocol.scales_by_key[route.source], protocol.scales_by_key[route.target]
    for at in np.unique(chosen[np.isnan(values) & ~np.isnan(scores)]):
        score = observations.value[at]
        why = (f"the table from {scale.label} to {target.label} ends at {table.scores.max():g}"
               if score == round(score) else f"only whole scores can become {target.label}")
        findings.add(Severity.WARNING, "not_convertible", f"{scale.label} is {score:g}; {why}. It is not converted.",
                     "Correct the score in the file, or load another conversion table.",
                     record=int(observations.row[at]), column=mapping.scores[observations.source[at]].column,
                     variable=scale.key, patient=str(records.patients[observations.patient[at]]))
    return values


def _tell_converted(route: Conversion, who: np.ndarray, values: np.ndarray, used: np.ndarray, table: ConversionTable,
                    records: Records, protocol: Protocol, observations: Observations, scores: np.ndarray,
                    choice: Choice, findings: Findings) -> None:
    """Every converted score as a change; how many patients, and which scores the table only fills in, as notes."""
    source, target = protocol.scales_by_key[route.source].label, protocol.scales_by_key[route.target].label
    filled, example = 0, None
    for t, time in enumerate(_times(protocol)):
        fills = table.fills_in(scores[t])
        for index in who[~np.isnan(values[t, who])].tolist():
            row = int(observations.row[used[t, index]])
            note = "; a fill-in of the table" if fills[index] else ""
            findings.change(str(records.patients[index]), f"{route.target}_{time}",
                            f"{source} {scores[t, index]:g} became {target} {values[t, index]:g} ({choice}){note}", row)
            if fills[index]:
                filled, example = filled + 1, row
    if len(who):
        findings.add(Severity.NOTE, "converted", f"{target} of {_patients(len(who))} was converted from {source} "
                     f"({choice}).", variable=route.target)
    if filled:
        findings.add(Severity.NOTE, "conversion_fill_in", f"{filled} {source} "
                     f"{'score stands' if filled == 1 else 'scores stand'} on rows that the published table does not "
                     "have.", "Look at the lowest scores.", record=example, variable=route.target)


def _put_primary(columns: dict[str, Column], values: np.ndarray, used: np.ndarray, origin: np.ndarray,
                 routes: list[Conversion], mapping: StudyMapping, protocol: Protocol, observations: Observations,
                 choice: Choice, findings: Findings) -> None:
    """The primary scale's columns, native or converted, and when the chosen scores were taken."""
    keys = _times(protocol)
    for t, time in enumerate(keys):
        sources = _cell_sources(mapping, protocol, t)
        for route in routes:
            label = protocol.scales_by_key[route.source].label
            sources += _cell_sources(mapping, protocol, t, f"; converted from {label} ({choice})")
        # a converted score's cell has its own rule: the block of sources of its route
        plain = _origins(np.where(np.isnan(values[t]), -1, used[t]), observations, sources, findings)
        codes = np.where(plain.codes < 0, -1, plain.codes + len(mapping.scores) * np.maximum(origin, 0))
        origins = ColumnOrigins(plain.rows, codes, sources)
        columns[f"{protocol.primary_scale}_{time}"] = Column(values[t], origins)
        timepoint = protocol.timepoints[t - 1] if t else None
        if timepoint is not None and timepoint.time_variable:
            hours = np.where(np.isnan(values[t]), np.nan, chosen_values(used[t], observations.hours))
            columns[timepoint.time_variable] = Column(hours / timepoint.time_unit_hours, origins)


def _tell_lost(lost: np.ndarray, native: np.ndarray, origin: np.ndarray, protocol: Protocol,
               findings: Findings) -> None:
    """What keeping one origin a patient costs: pairs that are not formed, and native scores not used."""
    label = protocol.scales_by_key[protocol.primary_scale].label
    if lost.any():
        findings.add(Severity.NOTE, "mixed_origin", f"{int(lost.sum())} baseline-and-follow-up pairs of "
                     f"{_patients(int((lost > 0).sum()))} are lost, because a pair of native and converted "
                     f"{label} is never formed.", variable=protocol.primary_scale)
    unused = ~np.isnan(native[:, origin > 0])
    if unused.any():
        findings.add(Severity.NOTE, "native_unused", f"{int(unused.sum())} native {label} scores of "
                     f"{_patients(int(unused.any(axis=0).sum()))} are not used, because their converted scores give "
                     "more pairs.", variable=protocol.primary_scale)


def _patients(n: int) -> str:
    return f"{n} patient" if n == 1 else f"{n} patients"
