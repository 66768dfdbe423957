"""Whether the arms follow each other in the file in a way that random allocation does not make."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import stats

from core.errors import Issue, Severity
from core.integrity.material import FALSE_ALARMS, Material, StudyPatients, rarity

PATIENTS = 14
SORTED_RUNS = 6
"""Stretches of one arm up to which the file was probably sorted by arm, or by site and arm."""


def check_allocation_order(material: Material) -> tuple[Issue, ...]:
    """Studies whose arms alternate more than blocks of two do, or stand in longer stretches than chance makes."""
    studies = [part for part in material.studies if _long_enough(part)]
    return tuple(issue for part in studies for issue in _looked_at(material, part, 2 * len(studies)))


def _long_enough(part: StudyPatients) -> bool:
    arms = part.arm[~np.isnan(part.arm)]
    return len(arms) >= PATIENTS and 0.25 <= arms.mean() <= 0.75


def _looked_at(material: Material, part: StudyPatients, tests: int) -> Iterator[Issue]:
    arms = part.arm[~np.isnan(part.arm)]
    runs = 1 + int((np.diff(arms) != 0).sum())
    where = material.place(part.study, None, "arm")
    alternating = _p_of_alternating(len(arms), runs)
    if alternating * tests < FALSE_ALARMS:
        strictly = runs == len(arms)
        what = "alternate without exception" if strictly else f"change {runs - 1} times among {len(arms)} patients"
        yield Issue(
            Severity.WARNING, "allocation_alternates",
            f"In the order of the file the arms {what}. Random allocation, even in blocks of two, does this "
            f"{rarity(alternating)}.",
            where,
            "If the file is in the order of enrollment, ask the team whether patients were allocated in turn, which is "
            "not random.")
    stretches = _p_of_stretches(arms, runs)
    if runs > SORTED_RUNS and stretches * tests < FALSE_ALARMS:
        yield Issue(
            Severity.NOTE, "allocation_in_stretches",
            f"In the order of the file the arms stand in {runs} stretches, where {len(arms)} patients in random order "
            f"make about {_expected_runs(arms):.0f}. Chance does this {rarity(stretches)}.",
            where,
            "Nothing is wrong if the file was sorted; if it is in the order of enrollment, ask the team how patients "
            "were allocated.")


def _p_of_alternating(n: int, runs: int) -> float:
    """Chance of so many changes if pairs of patients get both arms in random order: the design that alternates most."""
    blocks = n // 2
    between = runs - 1 - blocks
    return float(stats.binom.sf(between - 1, max(blocks - 1, 1), 0.5)) if between > 0 else 1.0


def _expected_runs(arms: np.ndarray) -> float:
    ones = arms.sum()
    return float(1 + 2 * ones * (len(arms) - ones) / len(arms))


def _p_of_stretches(arms: np.ndarray, runs: int) -> float:
    """Wald and Wolfowitz (1940), one-sided."""
    n, mean = len(arms), _expected_runs(arms)
    variance = (mean - 1) * (mean - 2) / (n - 1)
    return float(stats.norm.cdf((runs + 0.5 - mean) / np.sqrt(variance))) if variance > 0 else 1.0
