"""How well converted scores agree with native ones, and converted studies with the others (METHODS section 3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from core.cohort import Cohort, OutcomeValues
from core.conversion import ConversionTable, convert
from core.errors import Where
from core.harmonized import SCORE_ORIGIN
from core.models.tails import t_quantile
from core.moderators.interactions import Rows, interactions
from core.moderators.values import Term
from core.plan import Plan
from core.pooled_columns import numeric_column
from core.protocol import Conversion as Route
from core.protocol import Protocol
from core.results import COMPARISON_OF_EFFECTS, Conversion

COMPARISON = "converted vs native"
COMPARISONS = (COMPARISON, COMPARISON_OF_EFFECTS)
"""Rows that compare studies, not scores of the same patients."""
POOLED = Where(file="the pooled table")
LIMITS = 1.96
"""Bland-Altman limits of agreement: bias -+ 1.96 SD of the differences (Bland and Altman 1986, Lancet 327)."""


def agreement(study: str, timepoint: str, native: np.ndarray, converted: np.ndarray) -> Conversion:
    """Agreement of converted with native scores of the same patients, both (n,); pairs with a NaN are left out.

    Differences are converted - native; `bias` is their mean, `rmse` the root of their mean square.
    """
    both = ~np.isnan(converted - native)
    difference = (converted - native)[both]
    n = len(difference)
    if not n:
        return Conversion(study, timepoint, 0, None, None, None, None, "no patient has both scores")
    rmse = float(np.sqrt((difference**2).mean()))
    bias, low, high = limits_of_agreement(difference)
    return Conversion(study, timepoint, n, bias, rmse, low, high, "limits need two patients" if n == 1 else "",
                      tuple(zip(native[both].tolist(), converted[both].tolist(), strict=True)))


def limits_of_agreement(difference: np.ndarray) -> tuple[float, float | None, float | None]:
    """The mean of differences (n,) and Bland-Altman limits around it, None for a single one."""
    bias = float(difference.mean())
    if len(difference) == 1:
        return bias, None, None
    half = LIMITS * float(difference.std(ddof=1))
    return bias, bias - half, bias + half


def compare_studies(timepoint: str, scores: np.ndarray, study: np.ndarray, converted: np.ndarray) -> Conversion:
    """Mean score of converted studies minus that of the others; `converted` (k,) by study code, the rest (n,).

    Each study's mean counts once; the limits are Welch's 95 % confidence interval over studies.
    """
    codes = [code for code in range(len(converted)) if (~np.isnan(scores[study == code])).any()]
    means = np.array([np.nanmean(scores[study == code]) for code in codes])
    is_converted = converted[codes] if codes else np.zeros(0, dtype=bool)
    one, other = means[is_converted], means[~is_converted]
    n = int((~np.isnan(scores)).sum())
    if not len(one) or not len(other):
        return Conversion(COMPARISON, timepoint, n, None, None, None, None, "studies of both kinds are needed")
    bias = float(one.mean() - other.mean())
    note = f"{len(one)} converted and {len(other)} other studies; difference of mean scores with its 95 % interval"
    if min(len(one), len(other)) < 2:
        return Conversion(COMPARISON, timepoint, n, bias, None, None, None, f"{note} (needs two studies of each kind)")
    half = _welch_half_width(one, other)
    return Conversion(COMPARISON, timepoint, n, bias, None, bias - half, bias + half, note)


def _welch_half_width(one: np.ndarray, other: np.ndarray) -> float:
    """Half of the 95 % interval of a difference of means (Welch 1947, Biometrika 34), both of two values or more."""
    parts = [float(group.var(ddof=1)) / len(group) for group in (one, other)]
    variance = sum(parts)
    if variance == 0:
        return 0.0
    df = variance**2 / sum(part**2 / (len(group) - 1) for part, group in zip(parts, (one, other), strict=True))
    return t_quantile(0.975, df) * variance**0.5


def pooled_agreement(cohort: Cohort, protocol: Protocol | None, tables: Mapping[str, ConversionTable],
                     plan: Plan) -> tuple[Conversion, ...]:
    """Rows of conversion.csv: each study where patients have both scales, then converted against other studies.

    Native scores are those of patients whose `score_origin` is native. A study counts as converted if all its
    patients are. Nothing without a protocol, with no conversion, or in a table that does not tell origins.
    """
    if protocol is None or plan.conversion == "none" or SCORE_ORIGIN not in cohort.frame:
        return ()
    rows: list[Conversion] = []
    for route in protocol.conversions:
        if route.target == protocol.primary_scale and route.table in tables:
            rows += _of_route(cohort, protocol, route, tables[route.table], plan)
    return (*rows, *_comparisons(cohort, protocol, plan))


def _times(protocol: Protocol) -> tuple[str, ...]:
    return ("baseline", *(timepoint.key for timepoint in protocol.timepoints))


def _of_route(cohort: Cohort, protocol: Protocol, route: Route, table: ConversionTable,
              plan: Plan) -> Iterator[Conversion]:
    is_native = (cohort.frame[SCORE_ORIGIN] == "native").to_numpy(dtype=bool)
    for code, study in enumerate(cohort.study_names):
        for time in _times(protocol):
            columns = (f"{route.target}_{time}", f"{route.source}_{time}")
            if not all(column in cohort.frame for column in columns):
                continue
            native, original = (numeric_column(cohort.frame, column, POOLED) for column in columns)
            both = is_native & (cohort.study == code) & ~np.isnan(native) & ~np.isnan(original)
            if both.any():
                yield agreement(study, time, native[both], convert(original[both], table, plan.conversion))


def _comparisons(cohort: Cohort, protocol: Protocol, plan: Plan) -> Iterator[Conversion]:
    origin = cohort.frame[SCORE_ORIGIN].to_numpy(dtype=object)
    converted = np.array([bool((origin[cohort.study == code] == "converted").all())
                          for code in range(len(cohort.study_names))])
    if not converted.any():
        return
    for time in _times(protocol):
        column = f"{protocol.primary_scale}_{time}"
        if column in cohort.frame:
            scores = numeric_column(cohort.frame, column, POOLED)
            yield compare_studies(time, scores, cohort.study, converted)
    for values in cohort.outcomes:
        yield compare_effects(cohort, values, converted, plan)


def compare_effects(cohort: Cohort, values: OutcomeValues, converted: np.ndarray, plan: Plan) -> Conversion:
    """How much larger the treatment effect (SD) is in converted studies, (k,) by study code: a study-level moderator in
    the published model, with the plan's interval.
    """
    is_converted = Term("converted", converted.astype(float)[cohort.study], 0.0)
    rows = Rows.of(values.standardized, cohort.treatment, cohort.study, [is_converted])
    found = interactions(rows, "published", plan.model.df, plan.model.ci)
    told = Conversion(COMPARISON_OF_EFFECTS, values.outcome.name, len(rows.y), None, None, None, None, found.reason)
    effect = found.effects[0] if found.effects else None
    if effect is None:
        return told
    own, k = effect.cells(), int(converted[np.unique(rows.study)].sum())
    note = (f"{k} converted and {len(np.unique(rows.study)) - k} other studies; difference of the effects in SD, "
            f"published model, p = {own['p']:.3g}; between studies only")
    return replace(told, bias=own["estimate"], limit_low=own["ci_low"], limit_high=own["ci_high"], note=note)
