"""The sensitivity board: the main effect again under other choices, each a row of one forest (METHODS section 11).

Variants that only leave patients out keep the standardization of the main analysis, so that their rows stay on one
scale; variants that change the scores are standardized anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.cohort import Cohort, OutcomeValues, standardize
from core.conversion import ConversionTable, convert
from core.errors import Where
from core.main_effects import LinearQuestion, fit_linear
from core.plan import Plan
from core.pooled_columns import numeric_column
from core.progress import Progress, silent
from core.protocol import Protocol
from core.results import NOT_ASKED, ScaleName, Sensitivity

ORIGIN_COLUMN = "score_origin"


@dataclass(frozen=True)
class Variant:
    """The main effect under another choice."""

    outcome: str
    name: str
    question: LinearQuestion
    scale: ScaleName = "standardized"


def sensitivity(cohort: Cohort, plan: Plan, protocol: Protocol | None, tables: dict[str, ConversionTable],
                progress: Progress = silent) -> tuple[Sensitivity, ...]:
    """Every variant of the main effect that these data allow, for each outcome."""
    asked = list(variants(cohort, plan, protocol, tables))
    rows: list[Sensitivity] = []
    for index, variant in enumerate(asked):
        progress(index / len(asked), f"Sensitivity: {variant.outcome}, {variant.name}")
        found = fit_linear(cohort, variant.question, plan).estimate
        rows.append(Sensitivity(variant.outcome, "main", variant.name, found.n, found.k, found.estimate, found.se,
                                found.ci_low, found.ci_high, found.p, variant.scale, found.reason or found.note,
                                engines_note=NOT_ASKED))
    return tuple(rows)


def variants(cohort: Cohort, plan: Plan, protocol: Protocol | None,
             tables: dict[str, ConversionTable]) -> Iterator[Variant]:
    """What is asked, in the order of the rows."""
    for values in cohort.outcomes:
        yield from _of_outcome(cohort, values, protocol, tables)


def _of_outcome(cohort: Cohort, values: OutcomeValues, protocol: Protocol | None,
                tables: dict[str, ConversionTable]) -> Iterator[Variant]:
    y, outcome = values.standardized, values.outcome.name
    yield Variant(outcome, "as analyzed", LinearQuestion(y))
    yield Variant(outcome, "random slope", LinearQuestion(y, random_slope=True))
    if values.followup is not None:
        score = np.where(values.has, values.followup, np.nan)
        yield Variant(outcome, "ANCOVA", LinearQuestion(score, baseline=values.baseline), "raw")
    yield from _conversions(cohort, values, protocol, tables)
    crossover = _crossover(cohort)
    if crossover is not None and 0 < crossover.sum() < cohort.n:
        yield Variant(outcome, "crossover trials excluded", LinearQuestion(np.where(crossover, np.nan, y)))
    with_outcome = np.unique(cohort.study[values.has])
    for code in with_outcome if len(with_outcome) > 1 else ():
        yield Variant(outcome, f"without {cohort.study_names[code]}",
                      LinearQuestion(np.where(cohort.study == code, np.nan, y)))


def _conversions(cohort: Cohort, values: OutcomeValues, protocol: Protocol | None,
                 tables: dict[str, ConversionTable]) -> Iterator[Variant]:
    """Converted scores left out, at the low and high end of the table, and percent improvement on their own scale."""
    if protocol is None or values.baseline is None or ORIGIN_COLUMN not in cohort.frame:
        return
    converted = (cohort.frame[ORIGIN_COLUMN] == "converted").to_numpy()
    if not (converted & values.has).any():
        return
    outcome = values.outcome.name
    native = np.where(converted, np.nan, values.standardized)
    yield Variant(outcome, "converted scores excluded", LinearQuestion(native))
    for rule in protocol.conversions:
        originals = _original_scores(cohort, values, rule.source, rule.target)
        if originals is None or rule.table not in tables:
            continue
        for choice in ("low", "high"):
            baseline, followup = (convert(scores, tables[rule.table], choice) for scores in originals)
            y = _replaced(values, converted, baseline, followup)
            yield Variant(outcome, f"converted scores, {choice}", LinearQuestion(standardize(y)))
        y = _replaced(values, converted, *originals)
        label = protocol.scales_by_key[rule.source].label
        yield Variant(outcome, f"percent improvement on {label} itself", LinearQuestion(standardize(y)))


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
