"""Checks on what was harmonized, as the IPD Integrity Tool (Hunter et al. 2024) and PRIME-IPD ask for them.

What one value shows by itself (off its scale, implausible, unreadable) is told while harmonizing; here stands what
only shows across patients, arms, studies, dates and publications. Nothing here blocks: every finding is a warning or
a note that says what was found, where, how surprising it is and what to do. A check that rests on chance raises a
false alarm in about one of a hundred clean projects (`FALSE_ALARMS`; docs/simulations.md says what was measured).

To add one: write `core/integrity/<what it looks at>.py` with a function `Material -> tuple[Issue, ...]` and list it in
`CHECKS`. Tests: `tests/core/integrity/`, one table that trips it and a clean one that does not.
"""

from __future__ import annotations

from collections.abc import Callable

from core.errors import Issue
from core.integrity.allocation_order import check_allocation_order
from core.integrity.arm_balance import check_arm_balance
from core.integrity.arm_spreads import check_arm_spreads
from core.integrity.date_order import check_date_order
from core.integrity.last_digits import check_last_digits
from core.integrity.material import FALSE_ALARMS, Material, material_of_table
from core.integrity.published_figures import check_published_figures
from core.integrity.same_patients import check_same_patients

__all__ = ["CHECKS", "FALSE_ALARMS", "Material", "check_integrity", "material_of_table"]

CHECKS: tuple[Callable[[Material], tuple[Issue, ...]], ...] = (
    check_same_patients, check_date_order, check_published_figures, check_arm_balance, check_arm_spreads,
    check_allocation_order, check_last_digits,
)


PUBLISHED_CODES = frozenset({"published_n", "published_mean", "published_sd", "published_not_comparable"})
CODES = PUBLISHED_CODES | {
    "same_patient", "same_patient_across", "dates_out_of_order", "visits_out_of_order", "baseline_imbalance",
    "baseline_imbalance_overall", "baseline_too_alike", "spread_differs", "spreads_alike", "allocation_alternates",
    "allocation_in_stretches", "last_digits"}
"""Codes of the issues that the checks raise; those of published figures are settled where these are typed in."""


def check_integrity(material: Material) -> tuple[Issue, ...]:
    """What all checks find, in their order."""
    return tuple(issue for check in CHECKS for issue in check(material))
