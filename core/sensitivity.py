"""The sensitivity board: the main effect again under other choices, each a row of one forest (METHODS section 11).

Variants that only leave patients out keep the standardization of the main analysis, so that their rows stay on one
scale; variants that change the scores are standardized anew.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from core.cohort import Cohort, OutcomeValues, standardize
from core.conversion import ConversionTable, convert
from core.errors import Where
from core.main_effects import linear_effect
from core.plan import Plan
from core.pooled_columns import numeric_column
from core.progress import Progress, silent
from core.protocol import Protocol
from core.results import ScaleName, Sensitivity

ORIGIN_COLUMN = "score_origin"


def sensitivity(cohort: Cohort, plan: Plan, protocol: Protocol | None, tables: dict[str, ConversionTable],
                progress: Progress = silent) -> tuple[Sensitivity, ...]:
    """Every variant of the main effect that these data allow, for each outcome."""
    rows: list[Sensitivity] = []
    for index, values in enumerate(cohort.outcomes):
        progress(index / len(cohort.outcomes), f"Sensitivity: {values.outcome.name}")
        for row in _of_outcome(cohort, values, plan, protocol, tables):
            progress(index / len(cohort.outcomes), f"Sensitivity: {values.outcome.name}, {row.variant}")
            rows.append(row)
    return tuple(rows)


def _of_outcome(cohort: Cohort, values: OutcomeValues, plan: Plan, protocol: Protocol | None,
                tables: dict[str, ConversionTable]) -> Iterator[Sensitivity]:
    y = values.standardized
    yield _row(cohort, values, plan, "as analyzed", y)
    yield _row(cohort, values, plan, "random slope", y, random_slope=True)
    if values.followup is not None:
        score = np.where(values.has, values.followup, np.nan)
        yield _row(cohort, values, plan, "ANCOVA", score, baseline=values.baseline, scale="raw")
    yield from _conversions(cohort, values, plan, protocol, tables)
    crossover = _crossover(cohort)
    if crossover is not None and 0 < crossover.sum() < cohort.n:
        yield _row(cohort, values, plan, "crossover trials excluded", np.where(crossover, np.nan, y))
    with_outcome = np.unique(cohort.study[values.has])
    for code in with_outcome if len(with_outcome) > 1 else ():
        yield _row(cohort, values, plan, f"without {cohort.study_names[code]}",
                   np.where(cohort.study == code, np.nan, y))


def _conversions(cohort: Cohort, values: OutcomeValues, plan: Plan, protocol: Protocol | None,
                 tables: dict[str, ConversionTable]) -> Iterator[Sensitivity]:
    """Converted scores left out, at the low and high end of the table, and percent improvement on their own scale."""
    if protocol is None or values.baseline is None or ORIGIN_COLUMN not in cohort.frame:
        return
    converted = (cohort.frame[ORIGIN_COLUMN] == "converted").to_numpy()
    if not (converted & values.has).any():
        return
    yield _row(cohort, values, plan, "converted scores excluded", np.where(converted, np.nan, values.standardized))
    for rule in protocol.conversions:
        originals = _original_scores(cohort, values, rule.source, rule.target)
        if originals is None or rule.table not in tables:
            continue
        for choice in ("low", "high"):
            baseline, followup = (convert(scores, tables[rule.table], choice) for scores in originals)
            y = _replaced(values, converted, baseline, followup)
            yield _row(cohort, values, plan, f"converted scores, {choice}", standardize(y))
        y = _replaced(values, converted, *originals)
        label = protocol.scales_by_key[rule.source].label
        yield _row(cohort, values, plan, f"percent improvement on {label} itself", standardize(y))


def _original_scores(cohort: Cohort, values: OutcomeValues, source: str,
                     target: str) -> tuple[np.ndarray, np.ndarray] | None:
    columns = []
    for column in (values.outcome.baseline, values.outcome.followup):
        original = f"{source}{column.removeprefix(target)}" if column and column.startswith(target) else ""
        if original not in cohort.frame:
            return None
        columns.append(numeric_column(cohort.frame, original, Where(file="the pooled table")))
    return columns[0], columns[1]


def _replaced(values: OutcomeValues, converted: np.ndarray, baseline: np.ndarray, followup: np.ndarray) -> np.ndarray:
    """Percent improvement with other scores for the converted patients."""
    usable = np.where(baseline > 0, baseline, np.nan)
    return np.where(converted & values.has, 100 * (usable - followup) / usable, values.primary)


def _crossover(cohort: Cohort) -> np.ndarray | None:
    """Who is of a crossover trial, boolean (n,); None where the table does not say it as 0 or 1."""
    if "crossover" not in cohort.frame:
        return None
    numbers = pd.to_numeric(cohort.frame["crossover"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return numbers == 1


def _row(cohort: Cohort, values: OutcomeValues, plan: Plan, variant: str, y: np.ndarray, *, random_slope: bool = False,
         baseline: np.ndarray | None = None, scale: ScaleName = "standardized") -> Sensitivity:
    effect = linear_effect(cohort, y, plan, random_slope=random_slope, baseline=baseline, is_variant=True)
    found = effect.estimate
    return Sensitivity(values.outcome.name, "main", variant, found.n, found.k, found.estimate, found.se, found.ci_low,
                       found.ci_high, found.p, scale, found.reason or found.note, effect.verdict.agrees,
                       effect.verdict.text)
