"""How continuous moderators and outcomes are distributed, and where a logarithm would help: looked at before results.

Skewness is the adjusted Fisher-Pearson coefficient G1 = sqrt(n (n - 1)) / (n - 2) * m3 / m2^(3/2), with central moments
m2, m3 of divisor n (Joanes & Gill 1998; type 2 of R's e1071). A logarithm is suggested where |G1| > 1, every value is
above 0, and the logarithm at least halves |G1|.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy.special import ndtri

from core.cohort import Cohort
from core.errors import UserError, Where
from core.plan import Moderator, Plan
from core.pooled_columns import numeric_column
from core.wording import number

SKEWED = 1.0
"""|skewness| beyond which a logarithm is looked at."""
HELPS = 0.5
"""The most that may be left of |skewness| for the logarithm to be worth it."""
FEWEST = 3
"""Values that a skewness needs."""
RULE = ("A logarithm is suggested where the skewness is beyond 1 either way, every value is above zero, and the "
        "logarithm at least halves the skewness.")

Transform = Literal["none", "log"]


@dataclass(frozen=True, eq=False)
class Distribution:
    """One continuous variable over the primary set. `values` are those there are, ascending, shape (n,)."""

    name: str
    role: Literal["moderator", "outcome"]
    values: np.ndarray = field(repr=False)
    skewness: float | None
    """None where there is no spread, or too few values."""
    log_skewness: float | None
    """Of the logarithms; None where some value is zero or less."""
    suggestion: Transform
    reason: str
    """Why this is suggested."""
    chosen: Transform = "none"
    """What the plan says."""

    @property
    def n(self) -> int:
        """Patients who have it."""
        return len(self.values)

    @property
    def not_positive(self) -> int:
        """Values of zero or less, which have no logarithm."""
        return int((self.values <= 0).sum())

    @property
    def can_be_logged(self) -> bool:
        """Whether a logarithm may be chosen: it is a moderator, and every value has one."""
        return self.role == "moderator" and self.n > 0 and not self.not_positive


def distributions(cohort: Cohort, plan: Plan) -> tuple[Distribution, ...]:
    """Continuous moderators that someone has, in the order of the plan, then the outcomes."""
    moderators = (_of_moderator(cohort, moderator) for moderator in plan.moderators if moderator.kind == "continuous")
    return (*(one for one in moderators if one is not None),
            *(_described(values.outcome.name, "outcome", values.primary, "none") for values in cohort.outcomes))


def skewness(values: np.ndarray) -> float | None:
    """G1 of values (n,) without gaps; None for fewer than three, or without spread."""
    n = len(values)
    centered = values - values.mean() if n else values
    m2 = float((centered ** 2).mean()) if n else 0.0
    if n < FEWEST or m2 <= (1e-12 * float(np.abs(values).max())) ** 2:
        return None
    return math.sqrt(n * (n - 1)) / (n - 2) * float((centered ** 3).mean()) / m2 ** 1.5


def normal_quantiles(n: int) -> np.ndarray:
    """What n ordered values of a standard normal distribution are expected near, shape (n,); plotting positions
    (i - a) / (n + 1 - 2 a) with a = 3/8 up to ten values, else 1/2 (R's `ppoints`)."""
    a = 0.375 if n <= 10 else 0.5
    return np.asarray(ndtri((np.arange(1, n + 1) - a) / (n + 1 - 2 * a)), dtype=float)


def with_transforms(plan: Plan, chosen: dict[str, Transform]) -> Plan:
    """The plan with moderators' transforms chosen, by name."""
    return plan.model_copy(update={"moderators": tuple(
        one.model_copy(update={"transform": chosen[one.name]}) if one.name in chosen else one
        for one in plan.moderators)})


def _of_moderator(cohort: Cohort, moderator: Moderator) -> Distribution | None:
    if moderator.name not in cohort.frame.columns:
        return None
    try:
        numbers = numeric_column(cohort.frame, moderator.name, Where(file="the pooled table"))
    except UserError:  # said where it is analyzed
        return None
    return None if np.isnan(numbers).all() else _described(moderator.name, "moderator", numbers, moderator.transform)


def _described(name: str, role: Literal["moderator", "outcome"], numbers: np.ndarray,
               chosen: Transform) -> Distribution:
    values = np.sort(numbers[~np.isnan(numbers)])
    plain = skewness(values)
    logged = skewness(np.log(values)) if len(values) and values[0] > 0 else None
    suggestion, reason = _suggested(role, plain, logged, values)
    return Distribution(name, role, values, plain, logged, suggestion, reason, chosen)


def _suggested(role: str, plain: float | None, logged: float | None, values: np.ndarray) -> tuple[Transform, str]:
    if role == "outcome":
        return "none", "Outcomes are analyzed as they are defined, whatever their skewness."
    if plain is None:
        return "none", "Too few values, or all the same."
    if abs(plain) <= SKEWED:
        return "none", f"Its skewness, {number(plain)}, is within 1 of a symmetric distribution's."
    without = int((values <= 0).sum())
    if without:
        have = "1 value is zero or less and has" if without == 1 else f"{without} values are zero or less and have"
        return "none", f"Skewness {number(plain)}, but {have} no logarithm."
    if logged is None or abs(logged) > HELPS * abs(plain):
        left = "" if logged is None else f": it would be {number(logged)}"
        return "none", f"Skewness {number(plain)}; a logarithm would not halve it{left}."
    return "log", f"Skewness {number(plain)}; of the logarithms {number(logged)}."
