"""The harmonized score columns: each scale in its windows, the primary one native or converted (METHODS 1, 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from core.conversion import Choice, Chosen, ConversionTable, choose_origin, convert
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
    """`columns` by key: every scale at every time, and the time variables. `origin` (n,): native, converted, ""."""

    columns: dict[str, Column] = field(repr=False)
    origin: np.ndarray = field(repr=False)


@dataclass(frozen=True)
class _Scores:
    """One study's observations with those chosen for the baseline and each timepoint.

    `chosen` are indices of observations, -1 for none, shape (t + 1, scales, n); `values` their scores.
    """

    mapping: StudyMapping
    records: Records
    protocol: Protocol
    observations: Observations
    findings: Findings
    choice: Choice

    @cached_property
    def chosen(self) -> np.ndarray:
        n, scales = len(self.records.patients), len(self.protocol.scales)
        cell, hours = self.observations.scale * n + self.observations.patient, self.observations.hours
        second = self.mapping.shape.second_treatment_hours
        nearest = [choose_nearest(cell, hours, scales * n, timepoint, second) for timepoint in self.protocol.timepoints]
        return np.stack([choose_baseline(cell, hours, scales * n), *nearest]).reshape(len(self.times), scales, n)

    @cached_property
    def values(self) -> np.ndarray:
        return chosen_values(self.chosen, self.observations.value)

    @cached_property
    def times(self) -> tuple[str, ...]:
        """Names of the first axis."""
        return ("baseline", *(timepoint.key for timepoint in self.protocol.timepoints))

    @cached_property
    def primary(self) -> int:
        """Index of the primary scale."""
        return self.scale_index(self.protocol.primary_scale)

    def scale_index(self, key: str) -> int:
        return [scale.key for scale in self.protocol.scales].index(key)

    def label(self, key: str) -> str:
        return self.protocol.scales_by_key[key].label

    def origins(self, chosen: np.ndarray, t: int, suffixes: tuple[str, ...] = ("",),
                suffix_of: np.ndarray | int = 0) -> ColumnOrigins:
        """Origins of chosen observations (n,) at time t; `suffix_of` says for each which suffix its rule bears."""
        rule = window_text(self.protocol.timepoints[t - 1] if t else None)
        by = self.mapping.structure_by
        sources = tuple(CellSource(s.column, rule + suffix, by) for suffix in suffixes for s in self.mapping.scores)
        plain = np.append(self.observations.source, -1)[chosen]
        codes = np.where(plain < 0, -1, plain + len(self.mapping.scores) * np.asarray(suffix_of))
        return ColumnOrigins(self.findings.file_rows(np.append(self.observations.row, -1)[chosen]), codes, sources)


def score_columns(mapping: StudyMapping, records: Records, protocol: Protocol, observations: Observations,
                  tables: Mapping[str, ConversionTable], choice: Choice, findings: Findings) -> ScoreColumns:
    """All score columns of a study. Scales keep their originals, but the primary one where it is converted."""
    scores = _Scores(mapping, records, protocol, observations, findings, choice)
    columns = {f"{scale.key}_{time}": Column(scores.values[t, i], scores.origins(scores.chosen[t, i], t))
               for i, scale in enumerate(protocol.scales) for t, time in enumerate(scores.times)}
    routes = _routes(scores, tables)
    best = choose_origin(scores.values[:, scores.primary],
                         tuple(_convert(scores, route, tables[route.table]) for route in routes))
    used = scores.chosen[:, scores.primary].copy()
    for j, route in enumerate(routes, start=1):
        who = np.flatnonzero(best.origin == j)
        used[:, who] = scores.chosen[:, scores.scale_index(route.source)][:, who]
        _tell_converted(scores, route, tables[route.table], who, best.values)
    columns.update(_primary_columns(scores, routes, best, used))
    _tell_lost(scores, best)
    origin = np.array(["native", *["converted"] * len(routes), ""], dtype=object)[best.origin]
    return ScoreColumns(columns, origin)


def _routes(scores: _Scores, tables: Mapping[str, ConversionTable]) -> list[Conversion]:
    """Conversions to the primary scale that this study can use."""
    routes = []
    for route in scores.protocol.conversions:
        has_scores = bool((scores.chosen[:, scores.scale_index(route.source)] >= 0).any())
        if scores.choice == "none" or not has_scores or route.target != scores.protocol.primary_scale:
            continue
        if route.table in tables:
            routes.append(route)
        else:
            scores.findings.add(
                Severity.ERROR, "no_conversion_table",
                f"The conversion table {route.table} is missing; {scores.label(route.source)} is not converted.",
                "Put the table beside the protocol file.", variable=route.source)
    return routes


def _convert(scores: _Scores, route: Conversion, table: ConversionTable) -> np.ndarray:
    """Converted scores (t + 1, n); a score that the table does not have is an issue and stays unconverted."""
    source, target = scores.label(route.source), scores.label(route.target)
    index, found = scores.scale_index(route.source), scores.observations
    values = convert(scores.values[:, index], table, scores.choice)
    failed = np.isnan(values) & ~np.isnan(scores.values[:, index])
    for at in np.unique(scores.chosen[:, index][failed]):
        score = found.value[at]
        why = (f"the table from {source} to {target} goes from {table.scores.min():g} to {table.scores.max():g}"
               if score == round(score) else f"only whole scores can become {target}")
        scores.findings.add(
            Severity.WARNING, "not_convertible", f"{source} is {score:g}; {why}. It is not converted.",
            "Correct the score in the file, or load another conversion table.", record=int(found.row[at]),
            column=scores.mapping.scores[found.source[at]].column, variable=route.source,
            patient=str(scores.records.patients[found.patient[at]]))
    return values


def _tell_converted(scores: _Scores, route: Conversion, table: ConversionTable, who: np.ndarray,
                    values: np.ndarray) -> None:
    """Each converted score of patients `who` is a change; how many, and which the table fills in, are notes."""
    source, target = scores.label(route.source), scores.label(route.target)
    index, filled = scores.scale_index(route.source), []
    for t, time in enumerate(scores.times):
        fills = table.fills_in(scores.values[t, index])
        for i in who[~np.isnan(values[t, who])].tolist():
            row = int(scores.observations.row[scores.chosen[t, index, i]])
            text = f"{source} {scores.values[t, index, i]:g} became {target} {values[t, i]:g} ({scores.choice})"
            scores.findings.change(str(scores.records.patients[i]), f"{route.target}_{time}",
                                   text + "; filled in, not in the published table" * bool(fills[i]), row)
            filled += [row] * bool(fills[i])
    if len(who):
        scores.findings.add(Severity.NOTE, "converted", f"{target} of {_patients(len(who))} was converted from "
                            f"{source} ({scores.choice}).", variable=route.target)
    if filled:
        have = "score has" if len(filled) == 1 else "scores have"
        scores.findings.add(Severity.NOTE, "conversion_fill_in", f"{len(filled)} {source} {have} no row in the "
                            f"published table; the value that the program's table fills in was used.",
                            record=filled[0], variable=route.target)


def _primary_columns(scores: _Scores, routes: list[Conversion], best: Chosen, used: np.ndarray) -> dict[str, Column]:
    """The primary scale's columns, native or converted, and when the chosen scores were taken."""
    suffixes = ("", *(f"; converted from {scores.label(route.source)} ({scores.choice})" for route in routes))
    columns = {}
    for t, time in enumerate(scores.times):
        chosen = np.where(np.isnan(best.values[t]), -1, used[t])
        origins = scores.origins(chosen, t, suffixes, np.maximum(best.origin, 0))
        columns[f"{scores.protocol.primary_scale}_{time}"] = Column(best.values[t], origins)
        timepoint = scores.protocol.timepoints[t - 1] if t else None
        if timepoint is not None and timepoint.time_variable:
            hours = chosen_values(chosen, scores.observations.hours)
            columns[timepoint.time_variable] = Column(hours / timepoint.time_unit_hours, _as_times(scores, origins))
    return columns


def _as_times(scores: _Scores, origins: ColumnOrigins) -> ColumnOrigins:
    """Origins of the scores as origins of their times: the visit's cell where the file has visits."""
    rows = scores.mapping.shape.visit or scores.mapping.shape.clock
    columns = [s.time.column if s.time else rows.column if rows and s.hours is None else s.column
               for s in scores.mapping.scores]
    rules = tuple(replace(source, column=columns[j % len(columns)], rule=f"time of the {source.rule}")
                  for j, source in enumerate(origins.sources))
    return replace(origins, sources=rules)


def _tell_lost(scores: _Scores, best: Chosen) -> None:
    """What keeping one origin a patient costs: pairs that are not formed, and native scores not used."""
    label, key = scores.label(scores.protocol.primary_scale), scores.protocol.primary_scale
    lost = int(best.lost.sum())
    if lost:
        pairs = "baseline-and-follow-up pair" + "s" * (lost > 1)
        scores.findings.add(
            Severity.NOTE, "mixed_origin", f"{lost} {pairs} of {_patients(int((best.lost > 0).sum()))} "
            f"{'is' if lost == 1 else 'are'} lost, because all of a patient's {label} scores have one origin, native "
            "or converted.", variable=key)
    unused = ~np.isnan(scores.values[:, scores.primary][:, best.origin > 0])
    if unused.any():
        n = int(unused.sum())
        scores.findings.add(
            Severity.NOTE, "native_unused", f"{n} native {label} score{'s' * (n > 1)} of "
            f"{_patients(int(unused.any(axis=0).sum()))} {'is' if n == 1 else 'are'} not used, because converted "
            "scores give more pairs.", variable=key)


def _patients(n: int) -> str:
    return f"{n} patient" if n == 1 else f"{n} patients"
