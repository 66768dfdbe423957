"""Stage 6, results: frozen records of estimates, each with its own scale, level, counts and notes.

A number that could not be had is None, with the reason in `note`. The tables of CONTRACT section 5 are these records
in the order of their fields (`core.tables`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from core.combined_results import CombinedEffect
from core.errors import Issue
from core.harmonized import FlowRow
from core.models.estimate import Estimate, Interval, Scale
from core.plan import Plan
from core.protocol import PublishedEffect

Measure = Literal["percent_improvement", "response", "remission", "ancova", "value"]
ModelName = Literal["published", "recommended"]
ScaleName = Literal["standardized", "odds_ratio", "raw", "correlation"]


MAIN = "main"
"""The target of the sensitivity board that is no moderator."""
COMPARISON_OF_EFFECTS = "converted vs native, effect"
"""The rows of `conversion.csv` on how effects, not scores, differ: in SD."""
NOT_ASKED = "The second engine has not been asked yet."


@dataclass(frozen=True)
class MainEffect:
    """The effect of the active arm on one measure, by one model.

    `estimate` is in SD units (standardized), outcome units (raw) or an odds ratio; `se` of an odds ratio is on the log
    scale. Interval limits belong to `level`.
    """

    outcome: str
    measure: Measure
    scale: ScaleName
    model: ModelName
    n: int
    k: int
    n_active: int
    n_control: int
    estimate: float | None = None
    se: float | None = None
    df: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p: float | None = None
    tau2: float | None = None
    slope_var: float | None = None
    sigma2: float | None = None
    marginal_or: float | None = None
    risk_active: float | None = None
    risk_control: float | None = None
    ard: float | None = None
    ard_low: float | None = None
    ard_high: float | None = None
    nnt: float | None = None
    nnt_low: float | None = None
    nnt_high: float | None = None
    boundary: str = ""
    """Names of variances estimated at zero, for example `tau2`; empty if none."""
    engines_agree: bool | None = None
    """Whether the second engine found the same estimate; None: not compared, and `engines_note` says why."""
    note: str = ""
    level: float = 0.95
    method: str = ""
    """For example "REML, Satterthwaite, profile likelihood"."""
    nnt_text: str = ""
    engines_note: str = ""

    def __str__(self) -> str:
        return f"{self.outcome}, {self.measure.replace('_', ' ')}, {self.scale}, {self.model} model"

    def __post_init__(self) -> None:
        """Raises ValueError for limits that are not on the scale of the estimate."""
        if self.estimate is not None and self.ci_low is not None and self.ci_high is not None:
            scale: Scale = "odds_ratio" if self.scale == "odds_ratio" else "difference"
            Estimate(self.estimate, scale, self.se, self.df, self.p,
                     Interval(self.ci_low, self.ci_high, self.level, "profile"))


@dataclass(frozen=True)
class FurtherOutcome:
    """How many of n patients of the primary set have a further outcome; `share` has both scores. `study` may be ALL."""

    outcome: str
    study: str
    n: int
    with_baseline: int
    with_followup: int
    with_both: int
    share: float
    in_plan: bool
    """Whether the plan has it analyzed."""


@dataclass(frozen=True)
class StudyEffect:
    """One study's own effect: mean difference (active - control) with Welch's SE, and its weight in percent.

    `without`, with its Hartung-Knapp limits, is the pool that leaves this study out.
    """

    study: str
    n_active: int
    n_control: int
    estimate: float | None
    se: float | None
    weight: float | None
    note: str = ""
    without: float | None = None
    without_low: float | None = None
    without_high: float | None = None


@dataclass(frozen=True)
class TwoStage:
    """Studies' effects and their pool: REML, Hartung-Knapp interval, the Wald interval beside it; Egger's test."""

    outcome: str
    measure: Measure
    scale: ScaleName
    studies: tuple[StudyEffect, ...]
    k: int
    estimate: float | None = None
    se: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    wald_low: float | None = None
    wald_high: float | None = None
    p: float | None = None
    tau2: float | None = None
    i2: float | None = None
    q: float | None = None
    prediction_low: float | None = None
    prediction_high: float | None = None
    level: float = 0.95
    note: str = ""
    tau2_low: float | None = None
    tau2_high: float | None = None
    i2_low: float | None = None
    i2_high: float | None = None
    """Q-profile limits of the two."""
    egger_slope: float | None = None
    egger_p: float | None = None
    egger_note: str = ""
    """Egger's test, or why there is none."""


@dataclass(frozen=True)
class ModeratorEffect:
    """One moderator and outcome by one model; the columns of CONTRACT `moderators.csv`, and more after them.

    A categorical moderator has a row of its joint test (no `beta`, no `r`) and, named `name:level`, one a contrast.
    """

    outcome: str
    moderator: str
    level: str
    kind: str
    tier: str
    model: ModelName
    n: int = 0
    k: int = 0
    beta: float | None = None
    se: float | None = None
    df: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    q: float | None = None
    family: int | None = None
    """How many tests the adjustment counts."""
    beta_raw: float | None = None
    se_raw: float | None = None
    predictor_beta: float | None = None
    predictor_se: float | None = None
    predictor_p: float | None = None
    active_beta: float | None = None
    active_se: float | None = None
    active_p: float | None = None
    control_beta: float | None = None
    control_se: float | None = None
    control_p: float | None = None
    within_beta: float | None = None
    within_se: float | None = None
    within_p: float | None = None
    across_beta: float | None = None
    across_se: float | None = None
    across_p: float | None = None
    r: float | None = None
    r_low: float | None = None
    r_high: float | None = None
    r_parametric: float | None = None
    r_within: float | None = None
    r_failed: int | None = None
    boundary: str = ""
    engines_agree: bool | None = None
    note: str = ""
    difference_beta: float | None = None
    """Within minus across."""
    difference_se: float | None = None
    difference_p: float | None = None
    two_stage_beta: float | None = None
    two_stage_low: float | None = None
    two_stage_high: float | None = None
    two_stage_k: int | None = None
    two_stage_tau2: float | None = None
    two_stage_i2: float | None = None
    two_stage_prediction_low: float | None = None
    two_stage_prediction_high: float | None = None
    statistic: str = ""
    """The joint test in words, "F(2, 31.4) = 3.21"."""
    engines_note: str = ""
    scale: ScaleName = "standardized"

    def __str__(self) -> str:
        return f"{self.outcome}, {self.moderator}, {self.model} model"


@dataclass(frozen=True)
class BenefitPoint:
    """The difference between the arms, active - control, in units of the outcome at one place of a moderator as it is
    measured: by the spline and by the straight line, each with pointwise 95 % limits; the share of patients at or
    below the place.
    """

    at: float
    difference: float
    low: float
    high: float
    straight: float
    straight_low: float
    straight_high: float
    share_below: float


@dataclass(frozen=True)
class Benefit:
    """The benefit over a continuous moderator by a restricted cubic spline with `knots` (as the moderator is measured).

    `bend_*` tests that the interaction is a straight line (its nonlinear terms, F), `spline_p` that there is none.
    """

    outcome: str
    moderator: str
    model: ModelName
    n: int
    k: int
    knots: tuple[float, ...]
    points: tuple[BenefitPoint, ...] = ()
    bend_f: float | None = None
    bend_df1: int | None = None
    bend_df2: float | None = None
    bend_p: float | None = None
    spline_p: float | None = None
    note: str = ""
    engines_agree: bool | None = None
    engines_note: str = ""

    def __str__(self) -> str:
        return f"{self.outcome}, benefit over {self.moderator}, {self.model} model"


@dataclass(frozen=True)
class Availability:
    """How much of the primary set has a moderator, and the tier that follows ("1", "2", "none")."""

    moderator: str
    level: str
    kind: str
    n: int
    share: float
    k: int
    tier: str
    reason: str = ""
    """Why, where the tier is not the one the share alone would give."""


@dataclass(frozen=True)
class Conversion:
    """Agreement of converted with native scores in one study at one timepoint; see METHODS section 3."""

    study: str
    timepoint: str
    n: int
    bias: float | None
    rmse: float | None
    limit_low: float | None
    limit_high: float | None
    note: str = ""
    scores: tuple[tuple[float, float], ...] = field(default=(), repr=False)
    """Native and converted, of each patient who has both."""


@dataclass(frozen=True)
class Sensitivity:
    """One variant of an estimate: the sensitivity board's row. `target` is `main` or a moderator: its interaction.

    On the scale "correlation" the estimate is the effect size r.
    """

    outcome: str
    target: str
    variant: str
    n: int
    k: int
    estimate: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None
    p: float | None
    scale: ScaleName = "standardized"
    note: str = ""
    engines_agree: bool | None = None
    engines_note: str = ""

    def __str__(self) -> str:
        return f"{self.outcome}, {'' if self.target == MAIN else f'{self.target}, '}{self.variant}"


@dataclass(frozen=True)
class Provenance:
    """What it takes to get the same numbers again."""

    program: str
    libraries: Mapping[str, str]
    sources: Mapping[str, str]
    """File name -> SHA-256."""
    seed: int
    protocol: str
    synthetic: bool
    """Whether the data are the bundled synthetic demo."""


@dataclass(frozen=True)
class Results:
    """Everything one run produced. `inputs` is the fingerprint of data and plan it was made from."""

    plan: Plan
    inputs: str
    provenance: Provenance
    flow: tuple[FlowRow, ...]
    availability: tuple[Availability, ...]
    main_effects: tuple[MainEffect, ...]
    two_stage: tuple[TwoStage, ...]
    conversion: tuple[Conversion, ...]
    sensitivity: tuple[Sensitivity, ...]
    issues: tuple[Issue, ...] = field(default=())
    moderators: tuple[ModeratorEffect, ...] = ()
    published: tuple[PublishedEffect, ...] = ()
    """What the protocol's source publication reports, to stand beside."""
    combined: tuple[CombinedEffect, ...] = ()
    benefits: tuple[Benefit, ...] = ()
    """Splines, where the plan asks for them."""
    further_outcomes: tuple[FurtherOutcome, ...] = ()

    @property
    def is_second_engine_asked(self) -> bool:
        """Whether every linear row has the second engine's verdict."""
        return NOT_ASKED not in {one.engines_note for rows in (self.main_effects, self.sensitivity, self.moderators)
                                 for one in rows}

    @property
    def has_gaps(self) -> bool:
        """Whether some analysis has no estimate (exit status 3)."""
        estimates = [one.estimate for one in self.main_effects]
        estimates += [one.estimate for one in self.two_stage] + [one.estimate for one in self.sensitivity]
        estimates += [one.p for one in self.moderators if one.tier != "none"]
        estimates += [one.lambda_ for one in self.combined]
        return None in estimates
