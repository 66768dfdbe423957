"""Whether values before the treatment spread alike in both arms: neither much wider in one, nor all too equal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy import stats

from core.errors import Issue, Severity
from core.integrity.material import FALSE_ALARMS, Material, StudyPatients, rarity

PATIENTS = 12
"""In each arm, below which a spread says little."""
LEAST_VARIABLES = 4
WORTH_TESTING = 2.0
"""Standardized log ratios below it cannot be told; an exact test would only take time."""


@dataclass(frozen=True)
class _Spread:
    part: StudyPatients
    keys: tuple[str, ...]
    log_ratio: np.ndarray = field(repr=False)
    """Of the standard deviations, active to control, in units of its own standard error."""
    p: np.ndarray = field(repr=False)
    correlation: np.ndarray = field(repr=False)


def check_arm_spreads(material: Material) -> tuple[Issue, ...]:
    """Amounts whose spread differs between the arms beyond chance, and studies where all spreads are too much alike."""
    found = [one for part in material.studies if (one := _spreads(part)) is not None]
    tests = sum(len(one.keys) for one in found)
    several = [one for one in found if len(one.keys) >= LEAST_VARIABLES]
    return (*(issue for one in found for issue in _too_different(material, one, tests)),
            *(issue for one in several for issue in _too_alike(material, one, len(several))))


def _spreads(part: StudyPatients) -> _Spread | None:
    keys, ratios, ps, columns = [], [], [], []
    for key in part.baseline_keys:
        if not part.is_continuous(key):
            continue
        values = part.values(key)
        x, y = (v[~np.isnan(v)] for v in (values[part.arm == 1], values[part.arm == 0]))
        if min(len(x), len(y)) < PATIENTS or min(x.std(), y.std()) == 0:
            continue
        centered = np.concatenate([x - x.mean(), y - y.mean()])
        kurtosis = max(float((centered**4).mean() / (centered**2).mean() ** 2), 1.2)
        se = np.sqrt((kurtosis - 1) / 4 * (1 / len(x) + 1 / len(y)))
        keys.append(key)
        ratios.append(float(np.log(x.std(ddof=1) / y.std(ddof=1)) / se))
        is_worth_testing = abs(ratios[-1]) >= WORTH_TESTING
        ps.append(float(stats.levene(x, y, center="median").pvalue) if is_worth_testing else 1.0)
        columns.append(np.where(np.isnan(values), np.nanmean(values), values))
    if not keys:
        return None
    return _Spread(part, tuple(keys), np.array(ratios), np.array(ps), np.atleast_2d(np.corrcoef(columns)))


def _too_different(material: Material, one: _Spread, tests: int) -> Iterator[Issue]:
    for key, p in zip(one.keys, one.p, strict=True):
        if p * tests < FALSE_ALARMS:
            values = one.part.values(key)
            active, control = (float(np.nanstd(values[one.part.arm == arm], ddof=1)) for arm in (1, 0))
            yield Issue(
                Severity.WARNING, "spread_differs",
                f"Before the treatment, {material.label(key)} spread very differently in the arms: standard deviation "
                f"{active:.1f} in {material.protocol.active.label}, {control:.1f} in "
                f"{material.protocol.control.label}. Random allocation does this {rarity(p)}.",
                material.place(one.part.study, None, key),
                "Look for values in another unit or copied values in one arm, and ask the team.")


def _too_alike(material: Material, one: _Spread, studies: int) -> Iterator[Issue]:
    """The sum of squared log ratios against a scaled chi-square; squares of normal values correlate with r squared."""
    statistic = float((one.log_ratio**2).sum())
    mean, variance = len(one.keys), 2 * float((one.correlation**4).sum())
    scale, df = variance / (2 * mean), 2 * mean**2 / variance
    p = float(stats.chi2.cdf(statistic / scale, df))
    if p * studies < FALSE_ALARMS:
        yield Issue(
            Severity.WARNING, "spreads_alike",
            f"The standard deviations of {len(one.keys)} baseline characteristics are nearly equal in both arms. "
            f"Chance makes them so {rarity(p)}; data that were copied or made up often are.",
            material.place(one.part.study),
            "Ask the team for the original records of some patients.")
