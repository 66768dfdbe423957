"""Whether the arms differed before the treatment by more than chance allows, or by less."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy import stats

from core.errors import Issue, Severity
from core.integrity.material import FALSE_ALARMS, FEWEST, Material, StudyPatients, rarity

LEAST_VARIABLES = 5
"""Variables below which nothing is said of all together."""
WORTH_TESTING = 2.5
"""Standardized differences below it cannot be told; their exact tests would only take time."""
RAREST = 4
"""Patients who must have, and lack, a yes-or-no characteristic."""


@dataclass(frozen=True)
class _Compared:
    """One study's baseline variables: standardized differences and how the variables go together."""

    patients: StudyPatients
    keys: tuple[str, ...]
    z: np.ndarray = field(repr=False)
    p: np.ndarray = field(repr=False)
    correlation: np.ndarray = field(repr=False)


def check_arm_balance(material: Material) -> tuple[Issue, ...]:
    """Single variables out of balance, and studies whose variables, taken together, differ too much or too little.

    With many variables some differ by chance alone: a variable is told only if it would stand out among all that were
    compared in all studies (Bonferroni).
    """
    compared = [one for part in material.studies if (one := _compare(part)) is not None]
    tests = sum(len(one.keys) for one in compared)
    together = [one for one in compared if len(one.keys) >= LEAST_VARIABLES]
    return (*(issue for one in compared for issue in _single(material, one, tests)),
            *(issue for one in together for issue in _together(material, one, len(together))))


def _compare(part: StudyPatients) -> _Compared | None:
    """Differences between the arms in units of their own standard error under random allocation."""
    in_arm = ~np.isnan(part.arm)
    active = part.arm[in_arm] == 1
    if min(active.sum(), (~active).sum()) < FEWEST:
        return None
    found = [(key, values, *result) for key in part.baseline_keys
             if (result := _difference(values := part.values(key)[in_arm], active, part.is_continuous(key)))]
    if not found:
        return None
    keys, columns, z, p = zip(*found, strict=True)
    filled = [np.where(np.isnan(c), np.nanmean(c), c) for c in columns]
    correlation = np.atleast_2d(np.corrcoef(filled))
    return _Compared(part, keys, np.array(z), np.array(p), correlation)


def _difference(values: np.ndarray, active: np.ndarray, is_amount: bool) -> tuple[float, float] | None:
    """The standardized difference and its two-sided p; None where there is too little to compare."""
    has = ~np.isnan(values)
    x, g = values[has], active[has]
    n1, n0 = int(g.sum()), int((~g).sum())
    if min(n1, n0) < FEWEST or np.ptp(x) == 0:
        return None
    if not is_amount and min(x.sum(), len(x) - x.sum()) < RAREST:
        return None
    se = float(x.std(ddof=1)) * np.sqrt(1 / n1 + 1 / n0)
    z = (x[g].mean() - x[~g].mean()) / se
    if abs(z) < WORTH_TESTING:
        return float(z), 1.0
    if is_amount:
        # a rank test: one wild value is told elsewhere and is no imbalance
        p = float(stats.mannwhitneyu(x[g], x[~g], method="asymptotic").pvalue)
    else:
        p = float(stats.fisher_exact([[x[g].sum(), n1 - x[g].sum()], [x[~g].sum(), n0 - x[~g].sum()]]).pvalue)
    return float(z), p


def _single(material: Material, one: _Compared, tests: int) -> Iterator[Issue]:
    part = one.patients
    for key, p in zip(one.keys, one.p, strict=True):
        if p * tests < FALSE_ALARMS:
            means = [_mean(part, key, arm) for arm in (1, 0)]
            yield Issue(
                Severity.WARNING, "baseline_imbalance",
                f"{material.label(key)} differed between the arms before the treatment: {means[0]} in "
                f"{material.protocol.active.label}, {means[1]} in {material.protocol.control.label}. Random "
                f"allocation does this {rarity(p)}; {tests} comparisons were made in all studies.",
                material.place(part.study, None, key),
                "Check that the arms are not swapped for some patients, and ask the team how patients were allocated.")


def _mean(part: StudyPatients, key: str, arm: int) -> str:
    values = part.values(key)[part.arm == arm]
    mean = float(np.nanmean(values))
    return f"{mean:.1f} on average" if part.is_continuous(key) else f"{100 * mean:.0f} %"


def _together(material: Material, one: _Compared, studies: int) -> Iterator[Issue]:
    """All variables of one study at once: the sum of squared differences against a scaled chi-square (Box 1954)."""
    statistic = float((one.z**2).sum())
    mean, variance = len(one.z), 2 * float((one.correlation**2).sum())
    scale, df = variance / (2 * mean), 2 * mean**2 / variance
    above, below = stats.chi2.sf(statistic / scale, df), stats.chi2.cdf(statistic / scale, df)
    where = material.place(one.patients.study)
    if above * studies * 2 < FALSE_ALARMS:
        yield Issue(
            Severity.WARNING, "baseline_imbalance_overall",
            f"Taken together, the arms' {len(one.keys)} baseline characteristics differ more than random allocation "
            f"lets them: {rarity(above)}.",
            where,
            "Ask the team how patients were allocated, and look at the single characteristics on Summaries.")
    if below * studies * 2 < FALSE_ALARMS:
        yield Issue(
            Severity.WARNING, "baseline_too_alike",
            f"Taken together, the arms' {len(one.keys)} baseline characteristics are more alike than random "
            f"allocation leaves them: {rarity(below)}. Data that were made up often are.",
            where,
            "Ask whether allocation was balanced for these characteristics (minimization), and for the original "
            "records if it was not.")
