"""Records of combined moderators, the part of `results` that is theirs."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class CombinedWeight:
    """One member of a combined moderator: its weight in outcome units per SD within the set, and per unit of the
    moderator as it is measured. `selected` is the share of resamples in which it has weight; limits are percentiles.
    """

    moderator: str
    level: str
    weight: float
    weight_raw: float
    selected: float | None = None
    weight_low: float | None = None
    weight_high: float | None = None


@dataclass(frozen=True)
class HeldOutStudy:
    """The effect size r within one study that the weights have not seen; None where it has one arm only."""

    study: str
    n_active: int
    n_control: int
    r: float | None


@dataclass(frozen=True)
class Fifth:
    """Patients with a similar difference between the arms, foretold without them: that difference and the one seen
    (means, with Welch's SE), in outcome units.
    """

    fifth: int
    n_active: int
    n_control: int
    predicted: float
    observed: float | None
    se: float | None


@dataclass(frozen=True)
class CombinedEffect:
    """One set of moderators combined into M*, for one outcome; the columns of CONTRACT `combined.csv`, and more.

    What is as published (r, its limits, the betas) is fitted and judged on the same patients; `r_leave_study_out`,
    `r_cv` and `p_permutation` are not. Lines, crossing point and sides are over z-scored M*, in SD of the outcome.
    """

    outcome: str
    set: str
    n: int = 0
    k: int = 0
    penalty: str = ""
    l1_ratio: float | None = None
    lambda_: float | None = None
    r: float | None = None
    r_low: float | None = None
    r_high: float | None = None
    beta: float | None = None
    se: float | None = None
    beta_recommended: float | None = None
    se_recommended: float | None = None
    p_permutation: float | None = None
    r_cv: float | None = None
    r_leave_study_out: float | None = None
    crossing: float | None = None
    crossing_low: float | None = None
    crossing_high: float | None = None
    share_above: float | None = None
    note: str = ""
    n_active: int = 0
    n_control: int = 0
    r_pearson: float | None = None
    """The closed form that the permutations are compared with."""
    r_failed: int | None = None
    null_high: float | None = None
    """What 95 % of the permutations stay below."""
    score_low: float | None = None
    score_high: float | None = None
    """Lowest and highest M* in the data."""
    control_intercept: float | None = None
    control_slope: float | None = None
    active_intercept: float | None = None
    active_slope: float | None = None
    above_n: int | None = None
    above_effect: float | None = None
    above_low: float | None = None
    above_high: float | None = None
    below_n: int | None = None
    below_effect: float | None = None
    below_low: float | None = None
    below_high: float | None = None
    weights: tuple[CombinedWeight, ...] = ()
    studies: tuple[HeldOutStudy, ...] = ()
    fifths: tuple[Fifth, ...] = ()
    null: tuple[float, ...] = field(default=(), repr=False)
    """r_pearson of each permutation."""
    is_empty: bool = False
    """Whether the chosen penalty leaves no moderator in: "no usable combination"."""
    r_flexible_leave_study_out: float | None = None
    """As `r_leave_study_out`, of a flexible learner in the place of M*; None where the plan does not ask for it."""
    r_flexible_cv: float | None = None
    """As `r_cv`, of the same learner."""

    def __str__(self) -> str:
        return f"{self.outcome}, set {self.set}"
